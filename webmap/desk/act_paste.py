"""What is pasted into the form of an act: values for rows in their order, or lines that name their case.

A table may have headings, its columns in any order; a line finds its case by code, identity number, sheet/parcel or
name (`gis/whose.py`). All that is there is taken, refused by name, or left out and told.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from gis.errors import BadParameter, GisError
from gis.exchange import headings
from gis.exchange.headings import Fit
from gis.exchange.sheets import Sheet as Table
from gis.whose import Cases
from webmap import entry

KEYS = ("code", "identity", "name", "sheet", "number", "parcel")
VALUES = ("area_m2", "amount_vnd", "plots", "plot")
_HEADINGS = (
    ("code", r"ma (?:ho so|hs|so)|ho so so|case|code"),
    ("identity", r"cccd|cmnd|can cuoc|so dinh danh|so can cuoc|identity"),
    ("name", r"ho (?:va |)ten|ten (?:chu|nguoi|ho)|chu (?:su dung|ho)|nguoi (?:co dat|nhan)|ho gia dinh|name|holder"),
    ("parcel", r"to thua|thua to|sheet parcel|parcel"),
    ("sheet", r"to (?:ban do|bd|so)|so to|sheet"),
    ("number", r"(?:so )?thua(?: dat)?(?: so)?|number"),
    ("area_m2", r"dien tich|m2"),
    ("amount_vnd", r"so tien|thanh tien|kinh phi|tien|boi thuong|chi tra|duoc nhan|tam ung|khau tru|phuong an|amount"),
    ("plots", r"so (?:lo|suat)|suat|plots"),
    ("plot", r"lo (?:dat|tdc|so)|lo|plot"),
)  # fmt: skip
_ORDER = re.compile(r"stt|tt|so tt|so thu tu|no")
_IDENTITY = re.compile(r"\d{9}|\d{12}")
_PARCEL = re.compile(r"\d{1,6}\s*/\s*\d{1,6}[a-z]?")


@dataclass(frozen=True)
class Line:
    """A line that names its case."""

    number: int
    """As it was pasted, from 1."""
    code: str
    values: dict[str, str]
    parcel: str | None = None


@dataclass
class Pasted:
    """What was pasted, taken apart."""

    in_order: list[str] | None = None
    """Values for the rows of the form in their order, blanks kept; None where lines name their cases."""
    lines: list[Line] = field(default_factory=list)
    left_out: list[tuple[int, str]] = field(default_factory=list)
    """Lines that are neither values nor cases, with their numbers: headings, groups, totals."""
    totals: list[tuple[int, str, Decimal]] = field(default_factory=list)
    """Totals that were stated: line, column, value."""
    unit: str | None = None
    """In which amounts were given, where not in đồng."""


def read(text: str, names: Sequence[str], cases: Cases, *, has_rows: bool) -> Pasted:
    """Take apart what was pasted.

    Parameters
    ----------
    text : str
    names : sequence of str
        Values that a row of the act carries.
    cases : Cases
    has_rows : bool
        Whether the form has rows already that values can be for.

    Raises
    ------
    BadParameter, NotFound
        For a line that means no case, or several; for columns that cannot be told apart.
    """
    raw = [[cell.strip() for cell in re.split(r"[\t;]", line)] for line in text.replace("\r\n", "\n").split("\n")]
    if raw and not any(raw[-1]):  # what a spreadsheet puts at the end is no line
        raw.pop()
    filled = [(number, row) for number, row in enumerate(raw, 1) if any(row)]
    if not filled:
        return Pasted()
    width = max(len(row) for _, row in filled)
    if has_rows and width == 1 and not any(cases.holds("code", row[0]) for _, row in filled):
        return _in_order(raw, names)
    rows = [row + [""] * (width - len(row)) for _, row in filled]
    return _table(Table("1", rows, [number for number, _ in filled]), names, cases)


def _in_order(raw: Sequence[Sequence[str]], names: Sequence[str]) -> Pasted:
    """A single column of values: each belongs to the row in its place, a blank to one that stays empty."""
    made, values = Pasted(), [row[0] for row in raw]
    unit = Decimal(1)
    if values and values[0] and not re.search(r"\d", values[0].split("(")[0]) and "plot" not in names:
        made.left_out.append((1, values[0]))
        unit = _unit(made, values[0], [])
        values = values[1:]
    while values and values[-1] and headings.begins_total(values[-1]):
        made.left_out.append((len(values), values.pop()))
    made.in_order = [_scaled(names[0], value, unit) if names else value for value in values]
    return made


def _table(table: Table, names: Sequence[str], cases: Cases) -> Pasted:
    made = Pasted()
    needed = tuple(name for name in VALUES if name in names)
    head = headings.find(table, _score(names), needed)
    if head is not None and _is_head(table, head, cases):
        if head.asked:
            name, columns = next(iter(head.asked.items()))
            raise BadParameter(
                "Several columns fit: %(columns)s. Leave one of them out of what is pasted.",
                parameter="paste", columns=" / ".join(column.heading for column in columns), name=name,
            )  # fmt: skip
        fields, first = head.fields, head.bottom + 1
        above = headings.stated_above(table.rows, head.top, "money")
        money = head.of("amount_vnd")
        unit = _unit(made, money.heading if money else "", above)
        for place in range(first):
            made.left_out.append((table.numbers[place], " ".join(filter(None, table.rows[place]))))
    else:
        fields, first, unit = _guessed(table, names, cases), 0, Decimal(1)
    for place in range(first, len(table.rows)):
        row, number = table.rows[place], table.numbers[place]
        given = {name: row[column] for column, name in fields.items()}
        said = " ".join(filter(None, row))
        keyed = {name: given.get(name) for name in KEYS if given.get(name)}
        if headings.numbers_columns(row) and not keyed.get("code"):
            made.left_out.append((number, said))
            continue
        if any(headings.begins_total(cell) for cell in row if cell):
            made.left_out.append((number, said))
            for name in needed:
                try:
                    value = (
                        entry.whole(name, given.get(name))
                        if name != "area_m2"
                        else entry.area_m2(name, given.get(name))
                    )
                except GisError:
                    value = None
                if value is not None:
                    made.totals.append((number, name, Decimal(value) * (unit if name == "amount_vnd" else 1)))
            continue
        values = {name: _scaled(name, given[name], unit) for name in needed if given.get(name)}
        known_by = [kind for kind in ("code", "identity", "name") if keyed.get(kind)]
        if not keyed or (not values and not any(cases.holds(kind, keyed[kind]) for kind in known_by)):
            made.left_out.append((number, said))  # a group of the list
            continue
        parcel = keyed.get("parcel") or (
            f"{keyed['sheet']}/{keyed['number']}" if keyed.get("sheet") and keyed.get("number") else None
        )
        known = cases.meant(
            number, code=keyed.get("code"), identity=keyed.get("identity"), name=keyed.get("name"), parcel=parcel
        )
        made.lines.append(Line(number, known.code, values, parcel))
    return made


def _is_head(table: Table, head: headings.Head, cases: Cases) -> bool:
    """Tell headings from a line of the list that happens to begin as one."""
    said = [cell for row in table.rows[head.top : head.bottom + 1] for cell in row if cell]
    named = any(cases.holds(kind, cell) for cell in said for kind in ("code", "identity", "parcel"))
    return bool(set(head.fields.values()) & set(KEYS)) and not named


def _total(name: str, given: dict[str, str], unit: Decimal) -> Decimal | None:
    """Read what a total states; None where it states nothing that can be read."""
    reader = entry.area_m2 if name == "area_m2" else entry.whole
    try:
        value = None if name == "plot" else reader(name, given.get(name))
    except GisError:
        return None
    return None if value is None else Decimal(value) * (unit if name == "amount_vnd" else 1)


def _score(names: Sequence[str]):
    def score(lowest: str, whole: str) -> list[Fit]:
        if _ORDER.fullmatch(lowest):
            return []
        fits = []
        for name, pattern in _HEADINGS:
            if name in VALUES and name not in names:
                continue
            if re.fullmatch(pattern, lowest):
                fits.append(Fit(name, 4))
            elif re.match(rf"(?:{pattern})\b", lowest):
                fits.append(Fit(name, 3))
            elif re.search(rf"\b(?:{pattern})\b", whole):
                fits.append(Fit(name, 1))
        return fits

    return score


def _guessed(table: Table, names: Sequence[str], cases: Cases) -> dict[int, str]:
    """Tell the columns of a table without headings by what stands in them."""
    fields: dict[int, str] = {}
    numbers = []
    for column in range(len(table.rows[0])):
        cells = [row[column] for row in table.rows if row[column]]
        if not cells:
            continue
        kind = next((kind for kind in ("code", "identity", "parcel", "name")
                     if sum(cases.holds(kind, cell) for cell in cells) * 2 > len(cells)), None)  # fmt: skip
        if kind is None and column == 0 and len(table.rows[0]) > 1:
            kind = (
                "identity" if all(_IDENTITY.fullmatch(cell) for cell in cells)
                else "parcel" if all(_PARCEL.fullmatch(cell) for cell in cells)
                else "name" if not any(re.search(r"\d", cell) for cell in cells)
                else None if cells == [str(n) for n in range(1, len(cells) + 1)] else "code"
            )  # fmt: skip
        if kind and kind not in fields.values():
            fields[column] = kind
        elif not kind and not (column == 0 and cells == [str(n) for n in range(1, len(cells) + 1)]):
            numbers.append(column)
    if not fields:
        fields[0] = "code"
        numbers = [column for column in numbers if column]
    if len(numbers) > len(names):
        raise BadParameter(
            "“%(said)s”: %(count)s columns of values were pasted and %(needed)s are needed: paste them with their "
            "headings.",
            parameter="paste", said=" ".join(table.rows[0])[:60], count=len(numbers), needed=len(names),
        )  # fmt: skip
    return fields | dict(zip(numbers, names, strict=False))


def _unit(made: Pasted, heading: str, above: Sequence[headings.Unit]) -> Decimal:
    unit, several = headings.meant(heading, above, "money")
    if several:
        raise BadParameter(
            "Amounts are in several units: %(units)s. Say in the heading of their column in which.",
            parameter="paste", units=" / ".join(one.name for one in several),
        )  # fmt: skip
    if unit is None or unit.factor in (None, 1):
        return Decimal(1)
    made.unit = unit.name
    return unit.factor


def _scaled(name: str, text: str, unit: Decimal) -> str:
    """Write an amount in đồng, where it was given in another unit."""
    if name != "amount_vnd" or unit == 1 or not text.strip():
        return text
    try:
        value = entry.decimal(name, text, 6) if "," in text else Decimal(entry.whole(name, text) or 0)
    except GisError:
        return text
    scaled = value * unit
    return f"{scaled:,.0f}".replace(",", ".") if scaled == scaled.to_integral_value() else text
