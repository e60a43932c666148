"""What is pasted into the form of an act: values for rows in their order, or lines that name their case.

A table may have headings, its columns in any order; a line finds its case by code, identity number, sheet/parcel or
name (`gis/whose.py`). All that is there is taken, refused by name, or left out and told.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from statistics import median

from gis import holder_names, inwords, papers
from gis.errors import BadParameter, GisError, Written
from gis.exchange import headings, sheets, sums
from gis.exchange.headings import Fit
from gis.exchange.remarks import denies
from gis.exchange.sheets import Sheet as Table
from gis.money import PAID_KINDS
from gis.parcel_numbers import refuse_day
from gis.whose import Cases, without_marks
from webmap import entry
from webmap.errors import user_message

KEYS = ("code", "identity", "name", "sheet", "number", "parcel")
VALUES = ("area_m2", "amount_vnd", "plots", "plot")
KINDS = {"area_m2": "area", "amount_vnd": "money"}
"""Of values that have units and sums."""
_HEADINGS = (
    ("code", r"ma (?:ho so|hs|so)|ho so so|case|code"),
    ("identity", r"cccd|cmnd|can cuoc|so dinh danh|so can cuoc|identity"),
    ("name", r"ho (?:va |)ten|ten (?:chu|nguoi|ho)|chu (?:su dung|ho)|nguoi (?:co dat|nhan)|ho gia dinh|name|holder"),
    ("parcel", r"to thua|thua to|sheet parcel|parcel"),
    ("sheet", r"to(?: (?:ban do|bd|so))*|so to|sheet"),
    ("number", r"(?:so )?thua(?: dat)?(?: so)?|number"),
    ("area_m2", r"dien tich|dt|m2"),
    (
        "amount_vnd",
        r"so tien|thanh tien|kinh phi|tien|boi thuong|ho tro|chi tra|da tra|phai tra|duoc nhan|tam ung|khau tru|"
        r"phuong an|da chi|da nhan|con lai|con phai|amount",
    ),
    ("plots", r"so (?:lo|suat)|suat|plots"),
    ("plot", r"lo (?:dat|tdc|so)|lo|plot"),
)  # fmt: skip
_WHOLE_SUM = re.compile(
    r"(?:tong )?(?:so tien|thanh tien)|tong (?:tien|cong|kinh phi|so)|(?:duoc|thuc) (?:nhan|linh)|amount|(?:tong|cong)$"
)
"""A column of amounts that is the sum of others, or the only one: *Tổng tiền*, *Thành tiền*."""
_ORDER = re.compile(r"stt|tt|so tt|so thu tu|no")
_IDENTITY = re.compile(r"\d{9}|\d{12}")
_PARCEL = re.compile(r"\d{1,6}\s*/\s*\d{1,6}[a-z]?")


MOST_TOLD = 12
"""Lines without a case that are named at once."""


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
    has_values: bool = False
    """Whether a column of values stands in the table."""
    without_value: list[tuple[str, str]] = field(default_factory=list)
    """Of lines that name a parcel, and no value for it: code of the case, and the parcel."""
    left_out: list[tuple[int, str]] = field(default_factory=list)
    """Lines that are neither values nor cases, with their numbers: headings, groups, totals."""
    differing: list[tuple[int, str, Decimal, Decimal]] = field(default_factory=list)
    """Sums that were stated and are not those of their rows or parts: line, heading of the column where it is one of
    parts beside it, what is stated, what it comes to."""
    in_words: list[tuple[int, str, Decimal]] = field(default_factory=list)
    """Amounts in words that are not those in figures: line, the words, the figures."""
    units: dict[str, str] = field(default_factory=dict)
    """In which areas and amounts were given, where not in m² and đồng."""
    columns_left_out: list[str] = field(default_factory=list)
    beside: list[tuple[int, str, str]] = field(default_factory=list)
    """What stands in those columns in lines that are taken: line, heading, text."""
    converted: list = field(default_factory=list)
    """Cells that were in old letters."""
    choices: list[tuple[int, str]] = field(default_factory=list)
    """Columns among which one is to be chosen."""
    unit_open: bool = False
    """Nothing says in which unit the amounts are, and they are small for đồng."""


_GROUP = re.compile(r"(?:[IVX]{1,5}|[A-HĐ])[.)]\s+\D")
SMALL = 1_000_000
"""Amounts in đồng below which most of them look like nghìn đồng."""


def read(
    text: str, names: Sequence[str], cases: Cases, *, has_rows: bool, column: str = "", made: Pasted | None = None
) -> Pasted:
    """Take apart what was pasted.

    Parameters
    ----------
    text : str
    names : sequence of str
        Values that a row of the act carries.
    cases : Cases
    has_rows : bool
        Whether the form has rows already that values can be for.
    column : str
        Place of the column of values, where several fitted and one was chosen.
    made : Pasted, optional
        Where to put it; after a refusal it has the columns to choose among.

    Raises
    ------
    BadParameter, NotFound
        For a line that means no case, or several; for columns that cannot be told apart.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    made = made or Pasted()
    if not any(line.strip() for line in lines):
        return made
    if has_rows and not any(_names_a_case(line, cases) for line in lines):
        _in_order(made, [line.strip() for line in lines], names)
        return _with_units(made, made.in_order if names and names[0] == "amount_vnd" else [])
    table = sheets.of_text(text).sheets[0]
    for (place, _), fault in sorted(table.faults.items(), key=lambda one: one[0]):
        raise _at(table.numbers[place], fault)
    made.converted = table.converted
    try:
        _table(made, table, names, cases, column)
    except GisError:
        if not made.lines:
            sheets.refuse_blanks(sheets.Book([table]), "paste")
        raise
    return _with_units(made, [line.values.get("amount_vnd") for line in made.lines])


_DENIES = re.compile(
    r"\b(?:(?:không|chưa|ko)(?: \w+)? "
    r"(?:nhận|ký|kí|bàn giao|đến|đồng ý|thống nhất|chi|trả|thu hồi|lĩnh|kiểm đếm|chấp nhận)"
    r"|vắng(?: mặt)?|từ chối|rút|hoàn lại|tạm dừng|hủy|huỷ|trả lại)\b"
)
_DENIES_BARE = re.compile(without_marks(_DENIES.pattern))
_CONFIRMS = {
    "handover": "bàn giao|giải phóng|làm xong", "handover_consent": "bàn giao",
    **dict.fromkeys(PAID_KINDS, "chi|được chi|chi trả|bồi thường"),
}  # fmt: skip
"""What was done already where the act is of that kind: beside a row of such an act that confirms it."""
_OFFICIALS = re.compile(
    r"\b(?:can bo|nhan vien|ke toan|thu quy|giam sat|chuyen vien|"
    r"nguoi (?:kiem (?:dem|ke|tra|soat)|lap|ghi|thuc hien|do(?: dac)?|phu trach|chi(?: tra)?|tong hop|nhap))\b"
)
"""Headings of columns that name who did the work, and say nothing of the row."""
_OTHER_DAYS = re.compile(r"\b(?:sinh|cap|het han|dang ky|hop dong|ho so)\b")
_NUMBER_OF_PAPER = re.compile(
    r"\b(?:chung tu|phieu chi|lenh chi|uy nhiem chi|so (?:qd|quyet dinh|van ban|thong bao))\b"
)


def refuse_contradictions(made: Pasted, days: Sequence[date], document: str, kind: str | None = None) -> None:
    """Refuse a line that says of itself another day or document than the act, or that it was not done.

    Parameters
    ----------
    made : Pasted
    days : sequence of date
        Of the act and of its document, as far as they are given.
    document : str
        Number of its document, where given.
    kind : str, optional
        Of the act.

    Raises
    ------
    BadParameter
    """
    for line, heading, said in made.beside:
        plain, values = headings.plain(heading), {"line": line, "heading": heading, "said": said[:80]}
        if re.search(r"\bngay\b", plain) and not _OTHER_DAYS.search(plain):
            own = _day_said(said)
            if days and own and own not in days:
                raise BadParameter(
                    "Line %(line)s: “%(heading)s” says %(said)s, and the act is of %(day)s. Record it by itself with "
                    "its own day, or put the day right.", parameter="paste", day=days[0], **values,
                )  # fmt: skip
        elif _NUMBER_OF_PAPER.search(plain):
            if document and papers.spelled(said) != papers.spelled(document):
                raise BadParameter(
                    "Line %(line)s: “%(heading)s” says %(said)s, and the act rests on %(document)s. Record it by "
                    "itself with its own document, or put the number right.",
                    parameter="paste", document=Written(document[:80]), **values,
                )  # fmt: skip
        elif _says_not_done(plain, said, kind):
            raise BadParameter(
                "Line %(line)s: “%(heading)s” says “%(said)s”. If so, take the line out of what is pasted; if it is no "
                "longer so, take that remark out.", parameter="paste", **values,
            )  # fmt: skip


def _says_not_done(heading: str, said: str, kind: str | None) -> bool:
    """Tell whether a cell says that its row does not count, or that what the act records was not done.

    A text with Vietnamese marks is compared with its marks: *Huy* is a name, *hủy* takes the row back. Only of a text
    without any are the words taken that stand without them.
    """
    low = unicodedata.normalize("NFC", " ".join(said.split())).lower()
    done = rf"\W*đã (?:ký )?(?:nhận|{_CONFIRMS.get(kind, 'nhận')})(?: (?:đủ|xong|hết|tiền|đất|mặt bằng|bồi thường))*\W*"
    if re.fullmatch(done, low):
        return False
    marked = not low.isascii()
    against = _DENIES.search(low) or (None if marked else _DENIES_BARE.search(low))
    begins = against is not None and against.start() == 0
    if holder_names.is_capitalised_name(said) and not begins:
        return False
    if _OFFICIALS.search(heading) and said.strip()[:1].isupper() and not (begins and marked):
        return False
    return bool(against or denies(said))


def _day_said(said: str) -> date | None:
    """Read the day that a column says, a year of two digits as one of this century; None where it says none."""
    try:
        return entry.day("paste", re.sub(r"^(\d{1,2}[/.-]\d{1,2}[/.-])(\d{2})$", r"\g<1>20\2", said.strip()))
    except GisError:
        return None


def _with_units(made: Pasted, amounts: Sequence[str | None]) -> Pasted:
    """Tell whether nothing says the unit of small amounts, and keep the units that are worth a word."""
    made.unit_open = "amount_vnd" not in made.units and _small(amounts)
    made.units = {name: unit for name, unit in made.units.items() if unit not in ("m²", "đồng")}
    return made


def _names_a_case(line: str, cases: Cases) -> bool:
    """Tell a line that is more than a value: of several cells, or with a case in it."""
    if re.search(r"\S[\t;|]|[\t;|]\S", line):
        return True
    return any(cases.holds(kind, cell) for cell in (line, *line.split(",")) if cell.strip()
               for kind in ("code", "identity", "parcel", "name"))  # fmt: skip


def _small(values: Sequence[str | None]) -> bool:
    amounts = []
    for value in values:
        try:
            amounts.append(entry.whole("amount_vnd", value) or 0)
        except GisError:
            continue
    return bool(amounts := [amount for amount in amounts if amount]) and median(amounts) < SMALL


def _at(line: int, error: GisError) -> BadParameter:
    return BadParameter("Line %(line)s: %(said)s", parameter="paste", line=line, said=user_message(error))


_VALUE = re.compile(r"[-–\d].*")


def _in_order(made: Pasted, values: list[str], names: Sequence[str]) -> None:
    """A single column of values: each belongs to the row in its place, a blank to one that stays empty."""
    first = 1
    while values and not values[-1]:
        values.pop()
    name = names[0] if names else ""
    unit = Decimal(1)
    if name != "plot":
        heads = [n for n, value in enumerate(values) if value and not _VALUE.match(value)]
        begins = next((n for n, value in enumerate(values) if _VALUE.match(value)), len(values))
        heads = [n for n in heads if n < begins and not headings.begins_total(values[n])]
        if heads:
            said = [values[n] for n in heads]
            made.left_out += [(n + 1, values[n]) for n in heads]
            unit = _unit(made, name, said[-1], [[cell] for cell in said])
            first, values = heads[-1] + 2, values[heads[-1] + 1 :]
    stated = []
    while values and values[-1] and headings.begins_total(values[-1]):
        stated.append((first + len(values) - 1, values.pop()))
    made.left_out += stated
    made.in_order = [_scaled(made, name, value, unit, first + n) if name else value for n, value in enumerate(values)]
    down = sums.Down()
    for value in made.in_order:
        down.add(_read(name, value))
    for number, said in reversed(stated):
        _state(down, number, name, [said], None, unit)
    _tell(made, down)


def _state(
    down: sums.Down, number: int, name: str, row: Sequence[str], column: int | None, unit: Decimal, *,
    of_group: bool = False,
) -> None:  # fmt: skip
    """Take the sum that a line states; one that states nothing that can be read is left."""
    if name not in KINDS:
        return
    text = sums.stated_in(row, column, KINDS[name])
    try:
        value = _read(name, _scaled(Pasted(), name, text or "", unit, number))
    except GisError:
        value = None
    if value is not None:
        down.state(number, value, of_group=of_group)


def _tell(made: Pasted, down: sums.Down) -> None:
    made.differing += [(one.row, "", one.stated, one.counted) for one in down.differing()]


def _read(name: str, text: str) -> Decimal | None:
    """Read a value; None where it is empty or cannot be read, which is told at its row."""
    try:
        value = (entry.area_m2 if name == "area_m2" else entry.whole)(name, text) if name in KINDS else None
    except GisError:
        return None
    return None if value is None else Decimal(value)


def _table(made: Pasted, table: Table, names: Sequence[str], cases: Cases, chosen: str) -> None:
    needed = tuple(name for name in VALUES if name in names)
    head = headings.find(table, _score(names), needed) or _single(table, names)
    units = dict.fromkeys(needed, Decimal(1))
    if head is not None and _is_head(table, head, cases):
        if chosen.isdecimal() and needed and int(chosen) < len(head.columns):
            headings.assign(head, needed, {int(chosen): needed[0]})
            head.asked.pop(needed[0], None)
        if head.asked:
            fitting = next(iter(head.asked.values()))
            made.choices = [(column.place, column.heading) for column in fitting]
            raise BadParameter(
                "Several columns fit: %(columns)s. Choose one below what is pasted.",
                parameter="paste", columns=" / ".join(column.heading for column in fitting),
            )  # fmt: skip
        fields, first = head.fields, head.bottom + 1
        for name in needed:
            if name in ("area_m2", "amount_vnd") and (of := head.of(name)):
                units[name] = _unit(made, name, of.heading, table.rows, head.top, head.bottom)
        for place in range(first):
            made.left_out.append((table.numbers[place], " ".join(filter(None, table.rows[place]))))
        made.columns_left_out = [
            column.heading or sheets.column_letter(column.place) for column in head.columns
            if not column.field and not _ORDER.fullmatch(headings.plain(column.lowest))
            and any(row[column.place] for row in table.rows[first:])
        ]  # fmt: skip
        for place, error in headings.beyond(table, head)[1].items():
            raise _at(table.numbers[place], error)
    else:
        fields, first = _guessed(table, names, cases), 0
    unmeant: list[GisError] = []
    made.has_values = bool(set(fields.values()) & set(needed))
    measured = next((column for column, name in fields.items() if needed and name == needed[0] and name in KINDS), None)
    down, taken = sums.Down(), []
    for place in range(first, len(table.rows)):
        row, number = table.rows[place], table.numbers[place]
        given = {name: row[column] for column, name in fields.items()}
        said = " ".join(filter(None, row))
        keyed = {name: given.get(name) for name in KEYS if given.get(name)}
        if headings.numbers_columns(row) and not keyed.get("code"):
            made.left_out.append((number, said))
            continue
        meant = any(
            keyed.get(kind) and cases.holds(kind, keyed[kind]) for kind in ("code", "identity", "parcel", "name")
        )
        if not meant and any(headings.begins_total(cell) for cell in row if cell):  # else it is a note: Tổng hợp 2 đợt
            made.left_out.append((number, said))
            if needed:
                _state(down, number, needed[0], row, measured, units[needed[0]])
            continue
        if needed and not meant and (words := sums.in_words(row)) is not None:  # below the total
            made.left_out.append((number, said))
            down.state(number, words)
            continue
        values = {
            name: _scaled(made, name, given[name], units[name], number) for name in needed if given.get(name)
        }  # fmt: skip
        name = keyed.get("name", "")
        if _GROUP.match(name) and not cases.holds("name", name) and set(keyed) == {"name"}:
            made.left_out.append((number, said))
            down.group()
            if measured is not None:
                _state(down, number, needed[0], [row[measured]], 0, units[needed[0]], of_group=True)
            continue
        known_by = [kind for kind in ("code", "identity", "name") if keyed.get(kind)]
        parcel = keyed.get("parcel") or (
            f"{keyed['sheet']}/{keyed['number']}" if keyed.get("sheet") and keyed.get("number") else None
        )
        listed = parcel is not None and not made.has_values and re.search(r"\d", parcel)  # parcels alone, no values
        if not keyed or not (values or listed or any(cases.holds(kind, keyed[kind]) for kind in known_by)):
            made.left_out.append((number, said))  # a group of the list, or a parcel without a value
            if parcel and cases.holds("parcel", parcel):
                made.without_value += [(code, parcel) for code in cases.codes("parcel", parcel)]
            else:
                down.group()
            continue
        if not known_by and not parcel:
            raise BadParameter(
                "Line %(line)s, “%(said)s”: a parcel is named by sheet and number.",
                parameter="paste", line=number, said=said[:80],
            )  # fmt: skip
        try:
            for one in ("parcel", "sheet", "number"):
                refuse_day(keyed.get(one) or "", one)
        except GisError as error:
            unmeant.append(_at(number, error))
            continue
        try:
            known = cases.meant(
                number, code=keyed.get("code"), identity=keyed.get("identity"), name=keyed.get("name"), parcel=parcel
            )
        except GisError as error:
            unmeant.append(error)
            continue
        made.lines.append(Line(number, known.code, values, parcel))
        if head is not None and first:
            made.beside += [
                (number, column.heading, row[column.place]) for column in head.columns
                if column.heading in made.columns_left_out and row[column.place]
            ]  # fmt: skip
        if measured is not None:
            down.add(_read(needed[0], values.get(needed[0], "")))
            taken.append(place)
    _tell(made, down)
    if measured is not None and head is not None:
        _compare_parts(made, table, head, needed[0], taken)
        _compare_words(made, table, head, dict(zip(taken, down.values, strict=True)))
    if len(unmeant) == 1:
        raise unmeant[0]
    if unmeant:
        told = "; ".join(user_message(error).rstrip(".") for error in unmeant[:MOST_TOLD])
        raise BadParameter(
            "%(count)s lines cannot be told to a case: %(told)s.", parameter="paste", count=len(unmeant),
            told=told + (" …" if len(unmeant) > MOST_TOLD else ""),
        )  # fmt: skip
    if not made.lines and made.without_value:
        raise BadParameter(
            "No line of what was pasted has a value: %(parcels)s. The columns read are %(columns)s; name the column of "
            "the values so that it is read, such as “Diện tích (m²)” or “Số tiền (đồng)”.",
            parameter="paste", parcels=", ".join(parcel for _, parcel in made.without_value[:MOST_TOLD]),
            columns=", ".join(column.heading for column in head.columns if column.field) if head else "–",
        )  # fmt: skip
    if not made.lines:
        raise BadParameter("No line of what was pasted names a case: paste it with its headings.", parameter="paste")


def _single(table: Table, names: Sequence[str]) -> headings.Head | None:
    """Give the heading of a table of one column: *Tờ/thửa* over parcels, *Mã hồ sơ* over codes."""
    if len(table.rows[0]) != 1:
        return None
    place = next((n for n, row in enumerate(table.rows) if row[0]), 0)
    fits = _score(names)(plain := headings.plain(table.rows[place][0]), plain)
    if not fits or fits[0].field not in ("code", "identity", "name", "parcel"):
        return None
    column = headings.Column(0, table.rows[place][0], table.rows[place][0], fits, fits[0].field)
    return headings.Head(place, place, [column])


_WHOLE = re.compile(r"(?:toan bo|tat ca|ca thua|het|het thua)(?: (?:thua(?: dat)?|dien tich))?")


def is_whole(text: str) -> bool:
    """Tell words in the place of an area that mean all of the parcel that remains: *toàn bộ*."""
    return bool(_WHOLE.fullmatch(headings.plain(text)))


def _is_head(table: Table, head: headings.Head, cases: Cases) -> bool:
    """Tell headings from a line of the list that happens to begin as one."""
    said = [cell for row in table.rows[head.top : head.bottom + 1] for cell in row if cell]
    named = any(cases.holds(kind, cell) for cell in said for kind in ("code", "identity", "parcel"))
    return bool(set(head.fields.values()) & set(KEYS)) and not named


def _number(name: str, text: str) -> Decimal | None:
    """Read an amount as it stands, in whatever unit its column is."""
    return entry.decimal(name, text, 6) if "," in text else _read(name, text)


def _compare_parts(made: Pasted, table: Table, head: headings.Head, name: str, places: Sequence[int]) -> None:
    """Tell rows in which the columns beside a sum come to something else: *Đất + Nhà + Cây = Tổng*."""
    whole = head.of(name)
    if whole is None or not places:
        return
    rows = [table.rows[place] for place in places]

    def read(text: str) -> Decimal | None:
        try:
            bare, _ = headings.number_and_unit(text, KINDS[name])
            return entry.decimal(name, bare, 6) if name == "area_m2" else _number(name, bare)
        except GisError:
            return None

    parts = sums.parts_of(whole, head.columns, rows, read)
    for place, row in zip(places, rows, strict=True):
        counted = [value for part in parts if (value := read(row[part.place])) is not None]
        stated = read(row[whole.place])
        if counted and stated is not None and sum(counted) != stated:
            made.differing.append((table.numbers[place], whole.heading, stated, Decimal(sum(counted))))


def _compare_words(made: Pasted, table: Table, head: headings.Head, amounts: Mapping[int, Decimal]) -> None:
    """Tell rows whose amount in words is another than that in figures."""
    for column in head.columns:
        if column.field or "bang chu" not in headings.plain(column.heading):
            continue
        for place, amount in amounts.items():
            words = table.rows[place][column.place]
            if words and inwords.number_of(words) != amount:
                made.in_words.append((table.numbers[place], words, amount))


def _score(names: Sequence[str]):
    def score(lowest: str, whole: str) -> list[Fit]:
        if _ORDER.fullmatch(lowest) or "bang chu" in whole:
            return []
        fits = []
        for name, pattern in _HEADINGS:
            if name in VALUES and name not in names:
                continue
            if name == "amount_vnd":  # the sum wins over its parts; parts alone are asked about
                if _WHOLE_SUM.match(lowest):
                    fits.append(Fit(name, 5))
                elif re.search(rf"\b(?:{pattern})\b", whole):
                    fits.append(Fit(name, 2))
            elif re.fullmatch(pattern, lowest):
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


def _unit(made: Pasted, name: str, heading: str, rows: sheets.Rows, top: int = -1, bottom: int = -1) -> Decimal:
    """Tell what a column of areas or amounts is to be multiplied by: of its heading, else of the lines around it.

    The headings stand from row `top` to row `bottom`, without these in the last row.
    """
    kind = "area" if name == "area_m2" else "money"
    top, bottom = top % len(rows), bottom % len(rows)
    unit, several = headings.meant(heading, headings.stated_around(rows, top, bottom, kind), kind)
    if several or (unit and unit.factor is None):
        raise BadParameter(
            "“%(heading)s” is in several units, or in one that is not the same everywhere: %(units)s. Write m² or ha, "
            "đồng or nghìn đồng, in the heading of the column.",
            parameter="paste", heading=heading, units=" / ".join(one.name for one in several or (unit,)),
        )  # fmt: skip
    if unit:
        made.units[name] = unit.name
    return unit.factor if unit else Decimal(1)


def _scaled(made: Pasted, name: str, text: str, unit: Decimal, line: int) -> str:
    """Write an area in m² and an amount in đồng, where the column or the cell says another unit.

    Raises
    ------
    BadParameter
        For a value of another unit that can be read in two ways, or comes to a part of a đồng.
    """
    if name not in ("area_m2", "amount_vnd") or not text.strip() or (name == "area_m2" and is_whole(text)):
        return text
    try:
        bare, own = headings.number_and_unit(text, KINDS[name])
    except GisError as error:
        raise _at(line, error) from None
    if own and own.factor is not None:
        unit = own.factor
        if own.name not in made.units.get(name, ""):
            made.units[name] = ", ".join(filter(None, (made.units.get(name), own.name)))
    if unit == 1:
        return text
    try:
        if name == "amount_vnd":
            return entry.shown(Decimal(entry.amount_in(name, bare, unit) or 0))
        scaled = entry.decimal(name, bare, 6) * unit
    except GisError as error:
        raise _at(line, error) from None
    if scaled != scaled.quantize(Decimal("0.01")):
        raise BadParameter(
            "Line %(line)s: “%(said)s” comes to less than a đồng or 0,01 m²: round it.",
            parameter="paste", line=line, said=text,
        )  # fmt: skip
    return entry.shown(scaled)
