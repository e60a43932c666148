"""What the rows of a table are: headings over one to three rows, the row that numbers columns, totals, units.

Columns are scored by their headings, the lowest cell first, with what stands over it; two that fit a field alike are
both given, so that whoever reads the table asks. Nothing is decided by a word that stands just anywhere: a total is a
cell that begins with the word, in a row that has nothing of its own.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from gis.errors import BadParameter, GisError
from gis.exchange.sheets import Rows, Sheet

MOST_ROWS = 3
"""That headings stand in."""
MOST_OF_A_REMARK = 2
"""Cells of a row below the headings that is a remark, not a row of the table."""
LOOKED_AT = 40
"""Rows among which they are looked for."""
LONGEST = 120
LAND_TYPE = re.compile(r"(?:đất\s+)?(?P<code>[A-ZĐ]{3}(?:\s*\+\s*[A-ZĐ]{3})*)(?:\s*\(?(?:m2|m²|ha)\)?)?", re.UNICODE)


@dataclass(frozen=True)
class Fit:
    """How well a heading fits a field."""

    field: str
    score: int


Score = Callable[[str, str], list[Fit]]
"""From the lowest cell of a heading and the whole of it, both plain, the fields it may mean."""


@dataclass
class Column:
    """A column with its heading."""

    place: int
    heading: str
    """All of it, from the top down, with `` / `` between."""
    lowest: str
    fits: list[Fit] = field(default_factory=list)
    """The best first."""
    field: str | None = None
    land_type: str | None = None
    """Code of the land type that the column is of."""


@dataclass
class Head:
    """The headings of a table."""

    top: int
    bottom: int
    """Last row of the headings, the row that numbers columns among them."""
    columns: list[Column]
    asked: dict[str, list[Column]] = field(default_factory=dict)
    """Fields for which several columns fit alike."""
    first: int = 0
    """What its columns are counted from, where tables of several sheets are asked about together."""

    def of(self, name: str) -> Column | None:
        """Give the column of a field."""
        return next((column for column in self.columns if column.field == name), None)

    @property
    def fields(self) -> dict[int, str]:
        """Give the field of each column that has one."""
        return {column.place: column.field for column in self.columns if column.field}


def plain(text: str) -> str:
    """Take off marks, case and punctuation."""
    bare = unicodedata.normalize(
        "NFKD", re.sub(r"\bđt\b", "điện thoại", text.lower()).replace("đ", "d").replace("%", " phan tram ")
    )
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def find(sheet: Sheet, score: Score, needed: Sequence[str], *, skip: frozenset[int] = frozenset()) -> Head | None:
    """Find the headings of a table: the rows with which most fields are met.

    Parameters
    ----------
    sheet : Sheet
    score : callable
    needed : sequence of str
        Fields to ask about where several columns fit them alike.
    skip : set of int
        Rows that do not count.
    """
    best: tuple[tuple, Head] | None = None
    rows = [n for n in range(min(len(sheet.rows), LOOKED_AT)) if n not in skip]
    for top in rows:
        if sum(map(bool, sheet.rows[top])) < 2:  # a title
            continue
        for bottom in range(top, min(top + MOST_ROWS, len(sheet.rows))):
            if bottom > top and not _may_be_head(sheet.rows[bottom], bottom, sheet):
                break
            head = _head(sheet, top, bottom, score, needed)
            met = len({fit.field for column in head.columns for fit in column.fits[:1]} & set(needed))
            all_met = len(head.fields) + len(head.asked)
            worth = (met, all_met, sum(column.fits[0].score for column in head.columns if column.fits), top - bottom)
            if all_met and (best is None or worth > best[0]):
                best = (worth, head)
    if best is None:
        return None
    head = _whole(sheet, best[1], score, needed)
    while head.bottom + 1 < len(sheet.rows) and (
        numbers_columns(sheet.rows[head.bottom + 1]) or _formulas_of_columns(sheet.rows[head.bottom + 1])
    ):
        head.bottom += 1
    return head


def _whole(sheet: Sheet, head: Head, score: Score, needed: Sequence[str]) -> Head:
    """Add the rows of headings above and below those found: groups of columns, and codes of land types under one."""
    top, bottom = head.top, head.bottom
    while top and bottom - top < MOST_ROWS - 1 and _stands_over(sheet, top):
        top -= 1
    while bottom + 1 < len(sheet.rows) and bottom - top < MOST_ROWS - 1 and _stands_under(sheet, bottom + 1, score):
        bottom += 1
    if (top, bottom) == (head.top, head.bottom):
        return head
    more = _head(sheet, top, bottom, score, needed)
    fewer = {column.field for column in head.columns if column.field} - {
        column.field for column in more.columns if column.field
    } - set(more.asked)  # fmt: skip
    by_type = sum(bool(column.land_type) for column in more.columns)
    return head if fewer and by_type < 2 else more


def _stands_over(sheet: Sheet, top: int) -> bool:
    row = sheet.rows[top - 1]
    if sum(map(bool, row)) < 2 or not _may_be_head(row, top - 1, sheet):
        return False
    reaches = any(first <= top - 1 <= last and right > left for first, left, last, right in sheet.merged)
    return reaches or (
        not sheet.merged and any(not one and other for one, other in zip(row, sheet.rows[top], strict=True))
    )


def _stands_under(sheet: Sheet, place: int, score: Score) -> bool:
    row = sheet.rows[place]
    said = [cell for cell in row if cell]
    if not said or not _may_be_head(row, place, sheet):
        return False
    if all(_only_units(cell.casefold()) for cell in said):
        return True
    if all(LAND_TYPE.fullmatch(cell.strip()) for cell in said) and len(said) > 1:
        return True
    if any(first < place <= last for first, _, last, _ in sheet.merged):
        return True
    if sheet.merged:
        return False
    return (len(said) > 1 and all(score(plain(cell), plain(cell)) for cell in said)) or _over_numbers(sheet, place)


def _over_numbers(sheet: Sheet, place: int) -> bool:
    """Tell a row of words over columns of numbers alone, empty where the rows begin: it goes on their headings."""
    row, below = sheet.rows[place], sheet.rows[place + 1 :]
    if row[0]:
        return False
    said = [column for column, cell in enumerate(row) if cell]
    cells = [[other[column] for other in below if other[column]] for column in said]
    return any(cells) and all(re.fullmatch(r"[-–(]?\d[\d.,\s%)]*", cell) for listed in cells for cell in listed)


def assign(head: Head, needed: Sequence[str], chosen: dict[int, str] | None = None) -> None:
    """Give each column its field: what was chosen, else the best that fits; where two fit alike, none."""
    head.asked = {}
    for column in head.columns:
        column.field = None
    chosen = chosen or {}
    for column in head.columns:
        if column.place in chosen:
            column.field = chosen[column.place] or None
    taken = {column.field for column in head.columns if column.field}
    free = [column for column in head.columns if column.place not in chosen]
    wanted = [(fit.score, fit.field, column) for column in free for fit in column.fits]
    for name in dict.fromkeys(name for _, name, _ in sorted(wanted, key=lambda one: -one[0])):
        if name in taken:
            continue
        fitting = [(score, column) for score, one, column in wanted if one == name and column.field is None]
        if not fitting:
            continue
        top = max(score for score, _ in fitting)
        alike = [column for score, column in fitting if score == top]
        if len(alike) > 1 and name in needed:
            head.asked[name] = alike
            continue
        alike[0].field = name


def _head(sheet: Sheet, top: int, bottom: int, score: Score, needed: Sequence[str]) -> Head:
    columns = []
    for place, parts in enumerate(_parts(sheet, top, bottom)):
        said = list(dict.fromkeys(part for part in parts if part))
        if not said or len(" ".join(said)) > LONGEST:
            columns.append(Column(place, " / ".join(said)[:LONGEST], said[-1][:LONGEST] if said else ""))
            continue
        column = Column(place, " / ".join(said), said[-1])
        met = LAND_TYPE.fullmatch(column.lowest.strip())
        column.land_type = re.sub(r"\s", "", met["code"]) if met and column.lowest.strip().upper() != "STT" else None
        column.fits = sorted(score(plain(column.lowest), plain(column.heading)), key=lambda fit: -fit.score)
        columns.append(column)
    head = Head(top, bottom, columns)
    assign(head, needed)
    return head


def _parts(sheet: Sheet, top: int, bottom: int) -> list[list[str]]:
    """Give of each column the texts over each other, merged cells spread over all they cover."""
    rows = [list(sheet.rows[n]) for n in range(top, bottom + 1)]
    for first, left, last, right in sheet.merged:
        if first > bottom or last < top or not (0 <= left < len(rows[0]) and first < len(sheet.rows)):
            continue
        text = sheet.rows[first][left]
        for n in range(max(first, top), min(last, bottom) + 1):
            for c in range(left, min(right, len(rows[0]) - 1) + 1):
                rows[n - top][c] = rows[n - top][c] or text
    if not sheet.merged:  # pasted: what was merged is a cell with blanks to its right, over cells that are filled
        for n, row in enumerate(rows[:-1]):
            below = rows[n + 1]
            for c in range(1, len(row)):
                if not row[c] and below[c] and row[c - 1] and below[c - 1]:
                    row[c] = row[c - 1]
    return [list(column) for column in zip(*rows, strict=True)]


def _may_be_head(row: Sequence[str], place: int, sheet: Sheet) -> bool:
    """Tell a row that may go on a heading: words or codes, no long numbers, and no number of a person."""
    said = [cell for cell in row if cell]
    if not said or numbers_columns(row):
        return False
    return not any(re.fullmatch(r"[\d.,\s]+", cell) for cell in said)


def numbers_columns(row: Sequence[str]) -> bool:
    """Tell the row that numbers the columns: 1, 2, 3 …; (1), (2) …; A, B, 1, 2 …; 8=5+6."""
    said = [cell.strip() for cell in row if cell.strip()]
    bare = [re.match(r"[(\[]?\s*(\d{1,2}|[A-Za-zĐđ])\s*[)\]]?\s*(?:=.*)?$", cell) for cell in said]
    if len(said) < 3 or not all(bare):
        return False
    numbers = [int(met[1]) for met in bare if met[1].isdecimal()]
    letters = [met[1] for met in bare if not met[1].isdecimal()]
    if not numbers:
        return letters == sorted(letters) and letters[0].upper() == "A"
    return numbers[0] <= 2 and all(after - before in (1, 2) for before, after in pairwise(numbers))


def _formulas_of_columns(row: Sequence[str]) -> bool:
    said = [cell for cell in row if cell]
    return bool(said) and all(re.fullmatch(r"[(\[]?\d{1,2}[)\]]?\s*=\s*[\d()+x*/.\s-]+", cell) for cell in said)


def begins_anew(row: Sequence[str], head: Head, score: Score) -> bool:
    """Tell a row of other headings: another table below the first, in its own columns and units."""
    said = [cell for cell in row if cell]
    if len(said) < 3 or any(re.fullmatch(r"[\d.,\s]+", cell) for cell in said) or numbers_columns(row):
        return False
    met = [fits[0].field for cell in said if len(cell) <= LONGEST and (fits := score(plain(cell), plain(cell)))]
    return len(met) * 3 > len(said) * 2 and len(set(met)) >= 3


def another_table(row: int, parameter: str) -> BadParameter:
    """Say what stands against the rows of another table, which begins at a row."""
    return BadParameter(
        "Another table with headings of its own begins at row %(row)s: send it by itself.", parameter=parameter, row=row
    )


def repeats(row: Sequence[str], head: Head, rows: Rows) -> bool:
    """Tell a row that says the headings again, as after a page break: each over its own column.

    The same words in another order are another table: what stands below would go into the wrong columns.
    """
    said = [(place, plain(cell)) for place, cell in enumerate(row) if cell]
    over = rows[head.top : head.bottom + 1]
    return (
        len(said) > 1
        and all(
            any(cell == plain(head_row[place]) for head_row in over if place < len(head_row)) for place, cell in said
        )
        and any(not cell.isdecimal() for _, cell in said)
    )


def beyond(sheet: Sheet, head: Head) -> tuple[list[Column], dict[int, GisError]]:
    """Find what stands below no heading: its columns, and, of a text, the rows that have more cells than headings.

    There a number such as 120,5 without quotation marks is two cells, and the first alone would be taken.
    """
    nameless = [
        column for column in head.columns
        if not column.heading and any(row[column.place] for row in sheet.rows[head.bottom + 1 :])
    ]  # fmt: skip
    if not sheet.delimiter:
        return nameless, {}
    usual = max((column.place + 1 for column in head.columns if column.heading), default=0)
    return nameless, {
        place: BadParameter(
            "This row has more cells than there are headings (%(usual)s): put a cell with a comma or semicolon, such "
            "as a number with decimals, in quotation marks.", parameter="row", usual=usual,
        )
        for place in range(head.bottom + 1, len(sheet.rows))
        if any(sheet.rows[place][column.place] for column in nameless)
    }  # fmt: skip


_TOTAL = re.compile(
    r"(?:[ivxIVX]+[.)]?\s+|[a-zA-Z][.)]\s+)?"
    r"(?:tổng(?! (?:công ty|cục|kho|đội|đài))(?:\s+cộng|\s+số|\s+diện tích|\s+kinh phí)?|"
    r"cộng(?! đồng| hoà| hòa)|tong cong|tong so|total|sum|"
    r"t\.\s?cộng|(?:grand |sub[- ]?)total|(?:lũy|luỹ) kế|(?:số )?(?:mang|chuyển) (?:sang|trang))\b",
    re.IGNORECASE,
)
_TOTAL_BARE = frozenset(("tong", "cong", "tong cong", "tong so"))


def begins_total(text: str) -> bool:
    """Tell a text that begins as a total does: Tổng cộng, Cộng. Công, Tống and Tổng công ty are names."""
    text = unicodedata.normalize("NFC", text.strip())
    if text.startswith(("∑", "Σ")):
        return True
    met = _TOTAL.match(text)
    if met is None:
        return text.islower() is False and text.casefold() in _TOTAL_BARE
    rest = text[met.end() :].strip(" :.-–")
    # “Tổng Văn An” is a name: words in capitals follow that are no words of totals.
    return not (met[0].strip().casefold() == "tổng" and re.match(r"(?:[A-ZÀ-ỸĐ][a-zà-ỹ]+\s*){1,4}$", rest))


_MARK = r"(?:[IVXLivxl]+|[A-ZĐa-zđ]|\d+)"
_MARKS = re.compile(rf"\(?{_MARK}(?:\s*[+.,;–-]\s*{_MARK})*[.)]*")


def total_of(row: Sequence[str]) -> str | None:
    """Give what a row of a total says: its first text that is no running number or mark (II, A+B), if it begins so."""
    said = next(
        (cell for cell in row if cell and not re.fullmatch(r"[\d.,\s=%]+", cell) and not _MARKS.fullmatch(cell)), ""
    )
    return said if begins_total(said) else None


# Units.


@dataclass(frozen=True)
class Unit:
    """A unit of areas or money; a factor of None has several meanings and is asked about."""

    name: str
    factor: Decimal | None


_SQUARE = r"(?:m\s?[2²]|mét vuông)(?!\w)"
_AREAS = (
    (r"(?<![\w/])km\s?[2²]", Unit("km²", Decimal(1_000_000))),
    (rf"(?<![\w/.,])(?:triệu|10\^6|1[., ]?000[., ]?000)\s?{_SQUARE}", Unit("triệu m²", Decimal(1_000_000))),
    (rf"(?<![\w/.,])(?:nghìn|ngàn|10\^3|1[., ]?000)\s?{_SQUARE}", Unit("nghìn m²", Decimal(1000))),
    (rf"(?<![\w/.,])100\s?{_SQUARE}", Unit("100 m²", Decimal(100))),
    (r"(?<![\w/])(?:ha|héc\s?-?ta|hecta)(?!\w)", Unit("ha", Decimal(10_000))),
    (r"(?<!\w)(?:sào|mẫu)(?!\w)", Unit("sào", None)),
    (rf"(?<![\w/]){_SQUARE}", Unit("m²", Decimal(1))),
)
_DONG = r"(?:đồng|đ|vnđ|vnd)(?!\w)"
_MONEY = (
    (rf"(?<!\w)(?:tỷ|tỉ)(?:\s?{_DONG})?(?!\w)", Unit("tỷ đồng", Decimal(10**9))),
    (
        rf"(?<!\w)(?:triệu|tr\.?)(?:\s?{_DONG})?(?!\w)(?!\s?{_SQUARE})|(?:10\^6|1[., ]?000[., ]?000)\s?{_DONG}",
        Unit("triệu đồng", Decimal(1_000_000)),
    ),
    (
        rf"(?<!\w)(?:nghìn|ngàn)(?:\s?{_DONG})?(?!\w)(?!\s?{_SQUARE})|(?<![\d.])(?:10\^3|1[.,]?000)\s?{_DONG}|"
        r"(?<!\w)(?:ngđ|nđ|k\s?đồng|kđ)(?!\w)",
        Unit("nghìn đồng", Decimal(1000)),
    ),
    (rf"(?<!\w){_DONG}|₫", Unit("đồng", Decimal(1))),
)  # fmt: skip
_FOREIGN = re.compile(
    r"(?<!\w)(?:usd|us\$|eur|euro|cny|rmb|ndt|jpy|gbp|aud|cad|sgd|hkd|twd|chf|krw|thb|lak|rub|khr|dollars?|"
    r"đô[\s-]?la(?: mỹ)?|nhân dân tệ|tệ|yên nhật|bảng anh|kíp|baht|rúp|riel|ơ-?rô)(?!\w)|[$€£¥₩฿₽₭]"
)
UNITS = {"area": {"m2": Decimal(1), "m2-1000": Decimal(1000), "ha": Decimal(10_000), "sao-360": Decimal(360),
                  "sao-500": Decimal(500)},
         "money": {"1": Decimal(1), "1000": Decimal(1000), "1000000": Decimal(1_000_000)}}  # fmt: skip
"""What is offered where a unit is asked about."""


def units_in(text: str, kind: str) -> list[Unit]:
    """Find the units of a kind (``area`` or ``money``) that a text names."""
    rest, found = unicodedata.normalize("NFC", text).casefold(), []
    for pattern, unit in _AREAS if kind == "area" else _MONEY:
        rest, times = re.subn(pattern, " ", rest)
        if times:
            found.append(unit)
    return found


def refuse_foreign(text: str, about: str = "") -> None:
    """Refuse money that is not in đồng, as a heading, a line above a table or a cell names it: *Số tiền (USD)*.

    Raises
    ------
    BadParameter
        With `about`, the whole of what stands there, where `text` is a part of it.
    """
    if met := _FOREIGN.search(unicodedata.normalize("NFC", text).casefold()):
        raise BadParameter(
            "“%(value)s” is money of another country (%(money)s): amounts are kept in đồng. Convert them, and write "
            "đồng where %(money)s stands.",
            parameter="amount_vnd", value=(about or text)[:80], money=met[0].upper() if len(met[0]) < 4 else met[0],
        )  # fmt: skip


_STATES_UNIT = re.compile(
    r"(?<!\w)(?:đơn vị(?: tính)?|đvt|unit|(?:tính|quy) (?:bằng|theo|ra|về))(?!\w)(?P<unit>.*)", re.DOTALL
)
_OF_UNITS = re.compile(
    r"(?<!\w)(?:diện tích|dt|số tiền|tiền|kinh phí|giá trị|đơn giá|giá|thành tiền|số liệu|area|amount|và)(?!\w)|\W"
)


def stated_around(rows: Rows, top: int, bottom: int, kind: str) -> list[Unit]:
    """Find the units that lines around a table state: *Đơn vị tính: nghìn đồng*, *(tính bằng ha)*, *Diện tích: ha*.

    Above the headings (`top`) every line counts, below them (`bottom`) those with nothing but a remark. A line that
    only mentions a unit, as *dự án 12,5 ha*, states none.

    Raises
    ------
    BadParameter
        Where money of another country is stated.
    """
    found: list[Unit] = []
    below = [row for row in rows[bottom + 1 :] if sum(map(bool, row)) <= MOST_OF_A_REMARK]
    for cell in (
        unicodedata.normalize("NFC", cell).casefold() for row in (*rows[:top], *below) for cell in row if cell
    ):
        met = _STATES_UNIT.search(cell)
        parts = [met["unit"]] if met else [
            part for part in (cell, *re.findall(r"\(([^()]*)\)", cell)) if _only_units(part)
        ]  # fmt: skip
        for part in parts:
            if kind == "money":
                refuse_foreign(part, cell)
            found += units_in(part, kind)
    return list(dict.fromkeys(found))


def _only_units(text: str) -> bool:
    rest = _FOREIGN.sub(" ", text)
    for pattern, _ in (*_AREAS, *_MONEY):
        rest = re.sub(pattern, " ", rest)
    return rest != text and not _OF_UNITS.sub("", rest)


_WITH_UNIT = re.compile(r"(?P<number>[\d.,\s]*\d)\s*(?P<unit>[^\d\s.,][^\d]*[²2]?)\s*")


def number_and_unit(text: str, kind: str) -> tuple[str, Unit | None]:
    """Take a cell apart: ``0,15 ha``. A unit that is none of the kind stays with the number, and so does one with more
    behind it: *60 triệu/hộ*, *60 triệu (tạm tính)*.

    Raises
    ------
    BadParameter
        For money of another country.
    """
    if kind == "money":
        refuse_foreign(text)
    met = _WITH_UNIT.fullmatch(text.strip())
    units = units_in(met["unit"], kind) if met and _only_units(met["unit"].casefold()) else []
    return (met["number"], units[0]) if len(units) == 1 else (text, None)


def meant(heading: str, around: Sequence[Unit], kind: str) -> tuple[Unit | None, list[Unit]]:
    """Tell the unit of a column: of its heading, else of the lines around; with all that were met where they differ.

    Raises
    ------
    BadParameter
        For a column of money of another country.
    """
    if kind == "money":
        refuse_foreign(heading)
    own = units_in(heading, kind)
    every = list(dict.fromkeys([*own, *around]))
    if len(own) == 1 and (not around or own[0] in around):
        return own[0], []
    if len(every) == 1:
        return every[0], []
    return None, every
