"""What Vietnamese reports write numbers, quantities and days with: read from a text that may be scanned or pasted.

`Source` keeps every letter's place in the original, so that what was read can be quoted exactly. Patterns look at its
folded form, without diacritics: scanners lose those first (*Phân đấu* for *Phấn đấu*, *Hợp* for *Họp*).
"""

import re
import unicodedata
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_PIECE = re.compile(
    r"(?P<square>(?<=m)\s?<sup>\s*[23]\s*</sup>|(?<=m)[²³])|<sup>\s*(?P<tag>\d{1,3})\s*</sup>|\[\^(?P<caret>\d{1,3})\]:?"
    r"|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹]+)|(?P<markup>\*+|__+|</?\w{1,6}>|[\u200b\u00ad\ufeff])|(?P<letter>.[\u0300-\u036f]*)",
    re.DOTALL,
)
_LINE_ID = re.compile(r"\s*(?:\*\*)?(?P<id>[A-Z]{1,4}\d{0,3}:\d+)(?:\*\*)?\s+")
_BULLET = re.compile(
    r"\s*[*_]{0,3}(?:(?P<sign>[-+•–●*])\s|(?P<number>\d{1,2})[.)]\s(?=\D)|(?P<roman>[IVX]+)\.\s|"
    r"(?P<letter>[a-zđ])[).]\s|(?P<hash>#+)\s)"
)
_LONG_LINE = 50
"""Letters of a line that may have been broken because the page ended, not the thought."""


def fold(words: str) -> str:
    """Give words in small letters without diacritics, letter for letter."""
    return "".join(unicodedata.normalize("NFD", letter)[0] for letter in words.lower().replace("đ", "d"))


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, its lines joined."""

    start: int
    end: int
    note: str | None
    """Number of the footnote that it is."""
    bullet: str | None
    """What it is listed with: ``-``, ``1``, ``I``, ``a``, ``#``."""


@dataclass
class Source:
    """A text as patterns see it. `plain` and `fold` have the same length; markup and marks of footnotes are out."""

    text: str
    plain: str = ""
    fold: str = ""
    at: list[int] = field(default_factory=list)
    """Where each letter of `plain` begins in `text`; one more for the end."""
    marks: list[tuple[int, str]] = field(default_factory=list)
    """Where marks of footnotes hang in `plain`, with their numbers."""
    paragraphs: list[Paragraph] = field(default_factory=list)
    lines: list[tuple[int, str]] = field(default_factory=list)
    """Where each source line begins, with its id."""

    def __post_init__(self):
        self._hung = _hanging_digits(self.text)
        letters: list[str] = []
        ends = {"": True}
        number, blank, opened = 0, True, None
        for line_start, line in _lines(self.text):
            if not line.strip():
                blank = True
                continue
            named = _LINE_ID.match(line)
            body = named.end() if named else len(line) - len(line.lstrip())
            bullet = _BULLET.match(line, body)
            kind = next((k for k, found in bullet.groupdict().items() if found), None) if bullet else None
            pieces, note, marks = self._pieces(line, line_start, body)
            if not pieces:
                continue
            shown = "".join(letter for letter, _ in pieces).strip()
            if (
                opened
                and opened[2] != "hash"
                and kind is None
                and note is None
                and _goes_on(ends["last"], shown, blank)
            ):
                letters.append(" ")
                self.at.append(line_start)
            else:
                if opened is not None:
                    self.paragraphs.append(Paragraph(opened[0], len(letters), opened[1], opened[2]))
                    letters.append("\n")
                    self.at.append(line_start)
                number += 1
                opened = (len(letters), note, bullet["sign"] if kind == "sign" else kind)
            self.lines.append((len(letters), named["id"] if named else str(number)))
            self.marks += [(len(letters) + place, mark) for place, mark in marks]
            letters += [letter for letter, _ in pieces]
            self.at += [place for _, place in pieces]
            ends["last"], blank = shown, False
        if opened is not None:
            self.paragraphs.append(Paragraph(opened[0], len(letters), opened[1], opened[2]))
        self.at.append(len(self.text))
        self.plain = "".join(letters)
        self.fold = fold(self.plain)

    def _pieces(self, line: str, line_start: int, body: int) -> tuple[list[tuple[str, int]], str | None, list]:
        """Take a line apart: letters with their places, the footnote it is, marks that hang in it."""
        pieces, note, marks = [], None, []
        for piece in _PIECE.finditer(line, body):
            place = line_start + piece.start()
            mark = piece["tag"] or piece["caret"] or (piece["raised"] or "").translate(_SUPERSCRIPTS)
            if place in self._hung:
                mark = self._hung[place]
            if piece["square"]:
                pieces.append(("2" if "2" in piece[0] or "²" in piece[0] else "3", place))
            elif mark is None:
                pass
            elif mark:
                if any(not letter.isspace() for letter, _ in pieces):
                    marks.append((len(pieces), mark))
                else:
                    note = mark
            elif piece["letter"]:
                letter = unicodedata.normalize("NFC", piece[0])
                pieces += [(" " if one.isspace() else one, place) for one in letter]
        while pieces and pieces[0][0] == " " and not any(place == 0 for place, _ in marks):
            pieces.pop(0)
            marks = [(place - 1, mark) for place, mark in marks]
        return pieces, note, marks

    def quote(self, start: int, end: int) -> tuple[str, int, int]:
        """Give what stands between two places of `plain` as the text has it, with its places there."""
        while start < end and self.plain[start].isspace():
            start += 1
        while end > start and self.plain[end - 1].isspace():
            end -= 1
        first, last = self.at[start], self.at[end] if end == len(self.plain) else self.at[end - 1] + 1
        while end < len(self.plain) and last < len(self.text) and unicodedata.combining(self.text[last]):
            last += 1
        if self.plain[end - 1] == "2" and self.text[last - 1 : last] in ("<", " "):  # the 2 of m<sup>2</sup>
            last = self.text.index(">", self.text.index("/", last)) + 1
        return self.text[first:last].rstrip(), first, first + len(self.text[first:last].rstrip())

    def line(self, place: int) -> str | None:
        """Tell the id of the source line in which a place of `plain` lies."""
        found = bisect_right(self.lines, place, key=lambda line: line[0])
        return self.lines[found - 1][1] if found else None


def _lines(text: str) -> Iterator[tuple[int, str]]:
    place = 0
    for line in text.splitlines(keepends=True):
        yield place, line.rstrip("\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
        place += len(line)


def _goes_on(before: str, line: str, blank: bool) -> bool:
    """Tell whether a line continues the paragraph before it: pages break sentences anywhere."""
    if "|" in line:  # a row of a table
        return False
    ended, first = before[-1:] in ".;:!?…|", line.lstrip("“\"'(")[:1]
    if first.islower():
        return not ended or not blank
    return not ended and not blank and (len(before) >= _LONG_LINE or first.isdigit() or line[0] == "(")


def _hanging_digits(text: str) -> dict[int, str | None]:
    """Find marks of footnotes that lost their raising, as in ``dự án13``: where a line begins with that number.

    Gives the place of the first digit with the number, of further digits with None.
    """
    noted = set(re.findall(r"^[^\S\n]*(?:<sup>)?(\d{1,2})(?:</sup>)?\s?(?=[^\W\d])", text, re.MULTILINE))
    hung: dict[int, str | None] = {}
    for found in re.finditer(r"(?<=[^\W\d_]{2})(?<!km)(?<!m)(\d{1,2})(?![\w.,/]*\d|\w)", text):
        if found[1] in noted:
            hung.update(dict.fromkeys(range(found.start(), found.end())))
            hung[found.start()] = found[1]
    if hung:
        for found in re.finditer(r"^[^\S\n]*(\d{1,2})(?=\s?[^\W\d])", text, re.MULTILINE):
            if found[1] in hung.values():
                hung.update(dict.fromkeys(range(found.start(1), found.end(1))))
                hung[found.start(1)] = found[1]
    return hung


NUMBER = (
    r"(?:\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?|\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:\.\d{3})+|"
    r"\d{1,3}(?: \d{3})+(?:,\d+)?|\d+[.,]\d+|\d+)"
)
"""A number in any of the styles that reports mix."""


def number(written: str) -> tuple[Decimal, bool]:
    """Read a number as Vietnamese write it, and tell whether it could be meant otherwise.

    A point groups thousands, a comma begins decimals: ``1.352,0``, ``28,04``, ``09``. English style is taken where
    nothing else is possible (``0.1``, ``1,352,000``).

    Examples
    --------
    >>> number("1.352,0"), number("0.1"), number("27.725"), number("1,352")
    ((Decimal('1352.0'), False), (Decimal('0.1'), False), (Decimal('27725'), True), (Decimal('1.352'), True))
    """
    spaced = " " in written
    bare = written.replace(" ", "")
    if "," in bare and "." in bare:
        english = bare.rindex(".") > bare.rindex(",")
        bare = bare.replace(",", "") if english else bare.replace(".", "").replace(",", ".")
        return _one_point(bare), spaced
    if re.fullmatch(r"\d{1,3}(,\d{3}){2,}", bare):
        return Decimal(bare.replace(",", "")), spaced
    if "," in bare:
        return _one_point(bare.replace(",", ".")), spaced or bool(re.fullmatch(r"[1-9]\d{0,2},\d{3}", bare))
    if re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+", bare):
        return Decimal(bare.replace(".", "")), spaced or bare.count(".") == 1
    return _one_point(bare), spaced or bare.count(".") > 1


def _one_point(bare: str) -> Decimal:
    """Give a number of which one point at most can begin decimals: several group, however unevenly."""
    return Decimal(bare.replace(".", "") if bare.count(".") > 1 else bare)


AREA, MONEY, PERCENT, TURNS = "area_m2", "amount_vnd", "percent", "count"
HOUSEHOLDS, ORGANISATIONS, COMMUNITIES = "households", "organisations", "communities"
PROJECTS, DOCUMENTS, PLOTS = "projects", "documents", "plots"
HOLDERS = (HOUSEHOLDS, ORGANISATIONS, COMMUNITIES)

_OF_DONG = r"(?! ?(?:usd|us\$|\$|€|eur|euro|do ?la|cny|ndt|nhan dan te|te|yen|bang anh|won|kip|baht)(?!\w))"
"""Not of money of another country: *1,2 triệu USD* is no number of đồng."""
_HOUSEHOLD = r"(?:ho (?:gia dinh|dan)|ho(?! so\b(?! tien| luong)| khau\b)|gia dinh)\b"
_KINDS = (
    (AREA, r"m ?2\b|ha\b|hec-?ta\b|km2\b"),
    (
        MONEY,
        rf"(?:ty|ti)(?: dong| vnd)?\b{_OF_DONG}|trieu(?: dong| vnd)?\b{_OF_DONG}|trd\b|tr(?: ?dong)?\b{_OF_DONG}|"
        r"(?:nghin|ngan) dong\b|"
        r"dong\b(?! chi)|vnd\b|d\b|₫",
    ),
    (PERCENT, r"%"),
    ("turns_of_households", r"luot ho\b"),
    ("cases", r"truong hop\b"),
    (TURNS, r"luot\b"),
    (
        "all",
        rf"{_HOUSEHOLD}(?:,? ca nhan)?(?: va|,) (?:to chuc|doanh nghiep)\b|to chuc(?: va|,) {_HOUSEHOLD}|"
        r"(?:ho|chu) su dung dat\b",
    ),
    (HOUSEHOLDS, rf"{_HOUSEHOLD}(?:(?: va|,) ca nhan)?|ca nhan\b"),
    (ORGANISATIONS, r"(?:to chuc|doanh nghiep|co quan)\b"),
    (COMMUNITIES, r"cong dong(?: dan cu)?\b"),
    (PLOTS, r"(?:o|lo|suat|nen)(?: dat)?(?: o)?(?: tai dinh(?: cu)?| tdc)\b|(?:o|lo|suat|nen) dat\b|(?:lo|suat)\b"),
    (PROJECTS, r"(?:danh muc )?(?:cong trinh(?: va|,) du an|du an(?: va|,) cong trinh|du an|cong trinh)\b"),
    (DOCUMENTS, r"(?:quyet dinh|qd|thong bao|tb|phuong an)\b"),
)
_UNIT = "|".join(f"(?P<k{index}>{pattern})" for index, (_, pattern) in enumerate(_KINDS))
_QUANTITY = re.compile(rf"(?<![\d.,\w])(?P<number>{NUMBER})\s*(?:{_UNIT})")
_BARE_MONEY = re.compile(
    r"(?:so tien|kinh phi|gia tri|tong tien)[^\d;.]{0,40}?(?P<number>\d{1,3}(?:\.\d{3}){2,})(?![\d.]*\d)"
    rf"(?!\s*(?:{_UNIT}))"
)
_FACTORS = (("km2", 10**6), ("m", 1), ("h", 10**4))
_MONEY = (("ty", 10**9), ("ti", 10**9), ("tr", 10**6), ("ngh", 1000), ("ngan", 1000))
_YEAR = r"(?:199\d|20\d\d|2100)(?!\d|[.,]\d)"
YEARS = re.compile(
    rf"\bnam\s+{_YEAR}|\b(?:thang|t)\s?\d{{1,2}}\s*(?:[/.,-]\s*|\s)(?:nam\s+)?{_YEAR}|"
    rf"\b(?:quy\s?|q)(?:[1-4]|i{{1,3}}|iv)\s*(?:[/.,-]\s*|\s)(?:nam\s+)?{_YEAR}|"
    rf"(?<!\d)(?:[1-9]|0[1-9]|1[0-2])/{_YEAR}|(?<!\d)\d{{1,2}}[./-]\d{{1,2}}[./-]{_YEAR}|"
    rf"\b{_YEAR}\s*[-–]\s*{_YEAR}"
)
"""Years, as they stand behind a month, a quarter, "năm" or a slash: no number of anything."""
_NO_NUMBER = re.compile(
    rf"{YEARS.pattern}|"
    r"\bnam \d{4}\b|\bthang \d{1,2}\b|(?<!\d)\d{1,9}/\d{1,9}/\d{1,9}|\bdieu \d+|"
    r"\b\d{1,9}/(?:19|20)\d\d(?!\d|\s*ho\b)(?:/[\w-]+)?|\bkm ?\d+"
)


@dataclass(frozen=True)
class Quantity:
    """A number with its unit, in m², VND or pieces."""

    kind: str
    value: int | Decimal
    start: int
    end: int
    of: int | Decimal | None = None
    """The denominator: 400 in ``294/400 hộ``."""
    unsure: str | None = None
    """As written, where it can be read in two ways."""
    unit_start: int = 0


def quantities(folded: str, start: int, end: int, *, comma_style: bool = False) -> list[Quantity]:
    """Find the quantities between two places of a folded text, in order.

    Parameters
    ----------
    folded : str
    start, end : int
    comma_style : bool
        Whether the text has decimals after commas elsewhere: then 27.725 m² can only be thousands.
    """
    shut = {place for found in _NO_NUMBER.finditer(folded, start, end) for place in range(*found.span())}
    found = []
    for match in _QUANTITY.finditer(folded, start, end):
        if match.start("number") in shut:
            continue
        index = next(i for i in range(len(_KINDS)) if match[f"k{i}"])
        found.append(_quantity(_KINDS[index][0], match["number"], match[f"k{index}"], match, comma_style, f"k{index}"))
    for match in _BARE_MONEY.finditer(folded, start, end):
        value, _ = number(match["number"])
        found.append(Quantity(MONEY, int(value), match.start("number"), match.end("number"), None, None, match.end()))
    found.sort(key=lambda quantity: quantity.start)
    return _paired(folded, _summed(found, folded), start, comma_style)


def _quantity(kind: str, written: str, unit: str, match: re.Match, comma_style: bool, group: str) -> Quantity:
    value, unsure = number(written)
    if kind == AREA:
        unsure = unsure and (not comma_style or unit[0] != "m" or "," in written)
        value *= next(factor for begin, factor in _FACTORS if unit.startswith(begin))
    elif kind == MONEY:
        factor = next((factor for begin, factor in _MONEY if unit.startswith(begin)), 1)
        unsure = unsure and (factor == 10**9 or " " in written or ("," in written and factor == 1))
        value *= factor
        value = int(value) if value == int(value) else value
    elif kind != PERCENT:
        unsure = value != int(value) or bool(re.search(r"[ ,]", written))
        value = int(value)
    return Quantity(
        kind, value, match.start("number"), match.end(), None, written if unsure else None, match.start(group)
    )  # fmt: skip


def _summed(found: list[Quantity], folded: str) -> list[Quantity]:
    """Join ``41 tỷ 250 triệu đồng``."""
    joined: list[Quantity] = []
    for one in found:
        last = joined[-1] if joined else None
        if (
            last
            and last.kind == one.kind == MONEY
            and last.value > one.value
            and not folded[last.end : one.start].strip()
        ):
            joined[-1] = Quantity(MONEY, last.value + one.value, last.start, one.end, None, None, last.unit_start)
        else:
            joined.append(one)
    return joined


def _paired(folded: str, found: list[Quantity], start: int, comma_style: bool) -> list[Quantity]:
    """Join ``294/400 hộ`` and ``3.089 triệu đồng/9.480 triệu đồng`` to a value and its denominator."""
    paired: list[Quantity] = []
    for one in found:
        last = paired[-1] if paired else None
        between = folded[last.end : one.start] if last else ""
        if last and last.kind == one.kind and between.strip() == "/" and last.of is None:
            paired[-1] = Quantity(
                one.kind, last.value, last.start, one.end, one.value, last.unsure or one.unsure, last.unit_start
            )
            continue
        per = re.compile(rf"(?<![\d.,/\w])(?P<number>{NUMBER})\s*(?:/|(?:ho )?trong (?:tong )?so)\s*$").search(
            folded, max(start, one.start - 40), one.start
        )
        if per and not (last and per.start() < last.end):
            unit = folded[one.unit_start : one.end]
            whole = re.compile(rf"(?P<number>{NUMBER})\s*(?P<unit>{re.escape(unit)})").match(f"{per['number']} {unit}")
            value = _quantity(one.kind, per["number"], unit, whole, comma_style, "unit") if whole else None
            if value:
                unsure = value.unsure or one.unsure
                one = Quantity(one.kind, value.value, per.start(), one.end, one.value, unsure, one.unit_start)
        paired.append(one)
    return paired


_DAY = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?!\d)|ngay (\d{1,2}) thang (\d{1,2}) nam (\d{4})")
_SPANS = (
    (re.compile(r"(\d{1,2}) thang (dau|cuoi) nam(?: (\d{4}))?"), "months"),
    (re.compile(r"quy (iv|i{1,3}|[1-4])\b(?:\s*[/,]?\s*(?:nam\s+)?(\d{4})(?!\d))?"), "quarter"),
    (re.compile(r"(?<!\d)thang (\d{1,2})(?:\s*[/-]\s*|\s+nam\s+)(\d{4})"), "month"),
    (re.compile(r"nam (\d{4})"), "year"),
    (re.compile(r"(?<!\d)thang (\d{1,2})(?![\d/])"), "bare month"),
)


_COMPARING = re.compile(r"\b(?:so voi|so cung ky|cung ky)\b[^,;.]{0,30}$")


def days(folded: str, start: int = 0, end: int | None = None) -> list[tuple[int, date]]:
    """Find days with their places."""
    found = []
    for match in _DAY.finditer(folded, start, len(folded) if end is None else end):
        day, month, year = (int(part) for part in match.groups() if part)
        if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1] and 1900 < year < 2200:
            found.append((match.start(), date(year, month, day)))
    return found


def span(folded: str, start: int, end: int, year: int | None = None) -> tuple[date, date] | None:
    """Find the first period of months between two places: tháng 6/2020, quý I/2024, 10 tháng đầu năm 2022.

    Periods that a figure is only compared with are passed over.

    Parameters
    ----------
    folded : str
    start, end : int
    year : int, optional
        For a period that states none.
    """
    for pattern, kind in _SPANS:
        found = pattern.finditer(folded, start, end)
        match = next(
            (one for one in found if not _COMPARING.search(folded, max(start, one.start() - 40), one.start())), None
        )
        if match is None:
            continue
        if kind == "months":
            count, year = int(match[1]), int(match[3] or year or 0)
            first, last = (1, count) if match[2] == "dau" else (13 - count, 12)
        elif kind == "quarter":
            quarter = {"i": 1, "ii": 2, "iii": 3, "iv": 4}.get(match[1]) or int(match[1])
            year = int(match[2] or year or 0)
            first, last = 3 * quarter - 2, 3 * quarter
        elif kind == "year":
            first, last, year = 1, 12, int(match[1])
        else:
            first = last = int(match[1])
            year = int(match[2]) if kind == "month" else year
        if year and 1900 < year < 2200 and 1 <= first <= last <= 12:
            return date(year, first, 1), date(year, last, monthrange(year, last)[1])
    return None
