"""Coordinates as people write them: one row of a table of vertices into its cells, its pairs and their kind.

Metres of a zone with a comma or a point, grouped or not, marked X= and Y=, with the number of the zone before them;
degrees with decimals or with minutes and seconds, in every mark that is in use, in one cell or in three. What is north
and what is east is told by the numbers themselves: in Vietnam no latitude can be a longitude, and no X a Y.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from gis.errors import BadParameter, OutsideVietnam, Written

METRES, DEGREES = "metres", "degrees"
SMALLEST_COORDINATE_M = 100_000
"""In Vietnam no coordinate of a zone is smaller. So what is smaller is a number of a point or the length of an edge,
and “449.300” can only be 449 300."""
NORTH_M = (600_000, 2_700_000)
EAST_M = (100_000, 900_000)
LATITUDES = (6, 24)
LONGITUDES = (102, 118)
PREFIXES = (48, 49)
"""Numbers of the UTM zones of Vietnam, which some tables write before Y: 48449300."""
PREFIX_STEP_M = 1_000_000

_NARROW = {0xFF01 + i: 0x21 + i for i in range(0x5E)}
"""Letters, digits and signs of the width of Chinese ones, as some programs and telephones write them."""
_SPACES = re.compile(r"[\u00a0\u2007\u2009\u202f]")
_MARKED = re.compile(r"(?<![^\W\d_])([XYNEBL])\s*(?:\(\s*m\s*\))?\s*[=:]\s*(?=[-+]?\d)", re.IGNORECASE)
_GROUPED_BY_BLANKS = re.compile(r"(?<![\d.,])(\d) (\d{3}) (\d{3}(?:[.,]\d+)?)\s+(\d{3}) (\d{3}(?:[.,]\d+)?)(?![\d.,])")
_ANGLE = re.compile(
    r"""(?:(?<![^\W_])(?P<lead>[NSEWBĐDT])[ ]?)?(?<![\d.,])(?P<d>\d{1,3}(?:[.,]\d+)?)[ ]*
    (?:°|º|˚|⁰|ᵒ|độ|deg|[do](?=[ ]*\d))[ ]*
    (?:(?P<fine>\d{1,2}[.,]\d{2,})(?![\d.,]|[ ]*['’′‘´`‛ʹˊ°º])|
    (?P<m>\d{1,2}(?:[.,]\d+)?|\d{3}(?=['’′]))[ ]*(?:'|’|′|‘|´|`|‛|ʹ|ˊ|phút|min|m(?![^\W\d_]))[ ]*
    (?:(?P<s>\d{1,2}(?:[.,]\d+)?|
    \d{3}(?:[.,]\d+)?(?=[ ]*(?:["”″“‟ʺ]|''|’’|′′|giây)))
    (?![\d.,°º]|[ ]*[°º])[ ]*(?:"|”|″|“|‟|ʺ|''|’’|′′|´´|``|‛‛|giây|sec|s(?![^\W\d_]))?)?)?
    (?(lead)|(?:[ ]*(?P<trail>[NSEWBĐDT])(?![^\W_]))?)""",
    re.IGNORECASE | re.VERBOSE,
)
_LETTERED = re.compile(
    r"(?:(?<![^\W_])(?P<lead>[NSEWBĐ]) ?)?(?<![\d.,])(?P<d>\d{1,3}[.,]\d{3,})(?![\d.,])"
    r"(?(lead)| ?(?P<trail>[NSEWBĐ])(?![^\W_]))",
    re.IGNORECASE,
)
"""Degrees with decimals and a letter, without any other mark."""
_NORTH, _EAST = frozenset("NB"), frozenset("EĐD")
_QUOTED = re.compile(r'"([^"]*)"[,;]?')
_PARTS_IN_ONE_CELL = re.compile(r"\D{0,2}(\d{1,3})[\s:.-]+(\d{1,2})[\s:.-]+(\d{1,2}(?:[.,]\d+)?)\s*\D{0,4}")
_HEMISPHERE = re.compile(r"[NSEWBĐ]\.?|bắc|đông|north|east", re.IGNORECASE)
_BARE = re.compile(r"[\d\s.,;|]*")
"""Nothing but numbers in columns: most rows of long tables."""
_BROKEN = re.compile(r"\d[\d.,]{5,}[^\W\d_]{1,2}|[-−]?[\dOoQDIl|SsBZz][\dOoQDIl|SsBZzEe.,'’*+-]{5,}")
_FEWEST_DIGITS = 4
_DAY = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{4}")
_SMALLEST_MEANT_M = 1_000
"""What is smaller may be the length of an edge or a height."""
_SIX_DIGITS = re.compile(r"(?<![\d.,])\d{6}")
_LETTER = "\ue000"
"""Stands, with its number, for an angle that was read; of no alphabet."""


@dataclass(frozen=True)
class Pair:
    """Two coordinates of a row: metres north and east, or degrees of latitude and longitude."""

    kind: str
    north: float
    east: float
    first: int
    """Cells from `first` to `last` hold it."""
    last: int
    step: float
    """What the last digit written is worth, in the pair's unit."""
    prefix: int | None = None
    """The number of the zone that stood before the east."""
    north_first: bool = True


@dataclass(frozen=True)
class Row:
    """A row of a table."""

    number: int
    text: str
    cells: tuple[str, ...]
    numbers: tuple[float | None, ...]
    pairs: tuple[Pair, ...]
    beside: tuple[Pair, ...] = ()
    """Pairs of degrees beside pairs of metres: the same vertices once more."""

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return not any(self.cells)

    @property
    def worded(self) -> bool:
        """Whether words stand in it."""
        return any(any(letter.isalpha() for letter in cell) for cell in self.cells)


def folded(text: str) -> str:
    """Give the words and numbers of a text without case and accents, to find words by."""
    letters = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join(re.findall(r"[a-z]+|\d+", "".join(c for c in letters if not unicodedata.combining(c))))


def row(number: int, line: str, turned: bool) -> Row:
    """Read a row.

    Parameters
    ----------
    number : int
        Of the row, from 1.
    line : str
    turned : bool
        Whether the headings say that Y stands before X.

    Raises
    ------
    BadParameter, OutsideVietnam
        For a row that is meant as a vertex and cannot be one: with the row and what it says.
    """
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", line).translate(_NARROW)).rstrip("\r\n")
    angles: list[tuple[float, float]] = []
    against: list[str] = []
    several = False
    if not _BARE.fullmatch(text):
        marks = [mark.upper() for mark in _MARKED.findall(text)]
        several = sum(mark in "XN" for mark in marks) > 1 and sum(mark in "YE" for mark in marks) > 1
        if any(mark in "XN" for mark in marks) and any(mark in "YE" for mark in marks):
            turned = next(mark for mark in marks if mark in "XNYE") in "YE"
        text = _MARKED.sub("\t", text)
        text = _ANGLE.sub(lambda found: _kept(found, angles, number, against), text)
        if not _SIX_DIGITS.search(text):
            text = _LETTERED.sub(lambda found: _kept(found, angles, number, against), text)
    cells = _cells(text)
    values = [_value(cell, angles, number) for cell in cells]
    if several:
        _refuse_several(number, line, cells, values)
    metres = _metres(number, line, cells, values, turned)
    if against and not metres:
        raise BadParameter(
            "Row %(row)s: “%(text)s” does not fit its letter. In Vietnam a latitude lies north (N, B), a longitude "
            "east (E, Đ).", parameter="vertices", row=number, text=against[0],
        )  # fmt: skip
    others = sum(kind != METRES and bool(cell) for (kind, _, _), cell in zip(values, cells, strict=True))
    degrees = _in_parts(cells, number) if others == len(list(filter(None, cells))) else ()
    degrees = degrees or (_degrees(values, cells) if others > 1 or not metres else ())
    plain = tuple(value for _, value, _ in values)
    shown = tuple(_shown(cell, angles) for cell in cells)
    if metres:
        return Row(number, line.strip(), shown, plain, metres, degrees)
    _refuse_half(number, line, shown, values, bool(degrees))
    return Row(number, line.strip(), shown, plain, degrees)


def _kept(found: re.Match, angles: list[tuple[float, float]], number: int, against: list[str]) -> str:
    parts = found.groupdict()
    written = (parts["d"], parts.get("m") or parts.get("fine"), parts.get("s"))
    value = _sexagesimal(*written, number)
    if not (_within(value, LATITUDES) or _within(value, LONGITUDES)):
        return found[0]
    letter = (parts["lead"] or parts["trail"] or "").upper()
    if letter and letter not in (_NORTH if _within(value, LATITUDES) else _EAST):
        against.append(found[0].strip())
    angles.append((value, _step_of(written)))
    return f" {_LETTER}{len(angles) - 1} "


def _shown(cell: str, angles: list) -> str:
    return re.sub(rf"{_LETTER}(\d+)", lambda found: f"{angles[int(found[1])][0]:.7f}°", cell)


def _sexagesimal(degrees: str, minutes: str | None, seconds: str | None, number: int) -> float:
    d, m, s = (float((part or "0").replace(",", ".")) for part in (degrees, minutes, seconds))
    if m >= 60 or s >= 60:
        raise BadParameter(
            "Row %(row)s: minutes and seconds are below 60; it has %(minutes)s′ and %(seconds)s″.",
            parameter="vertices", row=number, minutes=minutes or "0", seconds=seconds or "0",
        )  # fmt: skip
    return d + m / 60 + s / 3600


def _step_of(parts: tuple[str | None, ...]) -> float:
    """Tell what the last digit of degrees, minutes, seconds is worth, in degrees."""
    given = [part for part in parts if part]
    return _step(given[-1]) / 60 ** (len(given) - 1)


def _step(written: str) -> float:
    decimals = re.search(r"[.,](\d+)\D*$", written)
    return 10.0 ** -len(decimals[1]) if decimals else 1.0


def _cells(line: str) -> list[str]:
    for mark in ("\t", ";", "|"):
        if mark in line:
            return [cell.strip() for cell in line.split(mark)] if line.strip(" \t;|") else []
    line = _GROUPED_BY_BLANKS.sub(r"\1\2\3 \4\5", line)
    if line.count('"') > 1:
        line = _QUOTED.sub(lambda found: f"{found[1].replace(' ', '')} ", line)
    cells = [cell.strip(",") for cell in line.split()]
    return [part for cell in cells if cell for part in _parted_by_commas(cell)]


def _parted_by_commas(cell: str) -> list[str]:
    """Part a cell at its commas, where they cannot be those of decimals: points are, or whole numbers stand between."""
    parts = cell.split(",")
    if len(parts) == 1 or not any(parts):
        return [cell]
    if "." in cell and len(parts) > 2:
        return parts
    whole = [i for i, part in enumerate(parts) if re.fullmatch(r"\d{6,8}", part)]
    if len(parts) > 1 and "." not in cell and len(whole) == 2 and whole[1] == whole[0] + 1:
        return parts
    if len(parts) == 2 and all(re.fullmatch(r"\d+\.\d+", part) for part in parts):
        one, other = map(float, parts)
        metres = min(one, other) >= SMALLEST_COORDINATE_M
        if metres or (max(one, other) <= LONGITUDES[1] and min(one, other) >= LATITUDES[0]):
            return parts
    return [cell]


def _value(cell: str, angles: list, number: int) -> tuple[str | None, float | None, float]:
    """Read a cell: as an angle, as metres, or as a number of no known kind; with what its last digit is worth."""
    angle = re.fullmatch(rf"[(\s]*{_LETTER}(\d+)[\s),.;]*", cell)
    if angle:
        value, step = angles[int(angle[1])]
        return DEGREES, value, step
    parts = _PARTS_IN_ONE_CELL.fullmatch(cell)
    if parts and (_within(int(parts[1]), LATITUDES) or _within(int(parts[1]), LONGITUDES)):
        return DEGREES, _sexagesimal(*parts.groups(), number), _step(parts[3]) / 3600
    value = number_in(cell)
    if value is None:
        return None, None, 1.0
    if value >= SMALLEST_COORDINATE_M:
        return METRES, value, min(_step(cell), 1.0) if value != int(value) else 1.0
    return None, value, _step(cell)


def number_in(cell: str) -> float | None:
    """Read a number; where a single mark could be either, the reading that can be a coordinate is taken."""
    plain = re.sub(r"^[\s(]+|[\s),;.]+$|\s*m\s*[),;.]*$|\s+", "", cell, flags=re.IGNORECASE)
    if not re.fullmatch(r"\d+([.,]\d+)*", plain):
        return None
    marks = re.findall(r"[.,]", plain)
    grouped = re.fullmatch(r"\d{1,3}([.,]\d{3})+", plain) and len(set(marks)) == 1
    if len(marks) > 1 and len(set(marks)) == 1:
        return float(re.sub(r"[.,]", "", plain)) if grouped else None
    if len(marks) > 1:
        whole, _, decimals = plain.rpartition(marks[-1])
        if marks[-1] in whole or not re.fullmatch(r"\d{1,3}([.,]\d{3})+", whole):
            return None
        return float(re.sub(r"[.,]", "", whole) + "." + decimals)
    value = float(plain.replace(",", "."))
    if grouped and value < SMALLEST_COORDINATE_M <= value * 1000:
        return float(re.sub(r"[.,]", "", plain))
    return value


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _metres(number: int, line: str, cells: list[str], values: list, turned: bool) -> tuple[Pair, ...]:
    """Find the pairs of metres of a row; a number of the zone that stands in a cell of its own is taken to its east."""
    places = [i for i, (kind, value, _) in enumerate(values) if kind == METRES and not _is_degrees(cells, i, values)]
    prefixes: dict[int, int] = {}
    for i in places:
        if i and cells[i - 1] in map(str, PREFIXES) and i - 1 not in places and i - 2 in places:
            prefixes[i] = int(cells[i - 1])
    if len(places) < 2 or len(places) % 2:
        return ()
    pairs = []
    for a, b in zip(places[::2], places[1::2], strict=True):
        north_at, east_at = (b, a) if turned else (a, b)
        pairs.append(_pair(number, line, values, north_at, east_at, prefixes))
    return tuple(pairs)


def _is_degrees(cells: list[str], i: int, values: list) -> bool:
    """Tell whether 106.736, which could be 106 736 m, is a longitude: a latitude stands beside it."""
    if not re.fullmatch(r"1[01]\d[.,]\d{3}", cells[i]):
        return False
    beside = [values[j][1] for j in (i - 1, i + 1) if 0 <= j < len(values)]
    return any(value is not None and _within(value, LATITUDES) for value in beside)


def _pair(number: int, line: str, values: list, north_at: int, east_at: int, prefixes: dict[int, int]) -> Pair:
    north, east = values[north_at][1], values[east_at][1]
    prefix = prefixes.get(east_at)
    if prefix is None and int(east // PREFIX_STEP_M) in PREFIXES:
        prefix, east = int(east // PREFIX_STEP_M), round(east % PREFIX_STEP_M, 6)
    said = {"row": number, "x": Decimal(f"{north:.3f}"), "y": Decimal(f"{east:.3f}"), "parameter": "vertices"}
    if _within(north, EAST_M) and _within(east, NORTH_M) and north < east:
        raise BadParameter(
            "Row %(row)s: X is %(x)s and Y is %(y)s. In Vietnam X (north) is the larger: the columns are swapped.",
            **said,
        )
    if not (_within(north, NORTH_M) and _within(east, EAST_M)):
        raise OutsideVietnam(
            "Row %(row)s: X %(x)s and Y %(y)s lie outside Vietnam. X (north) and Y (east) are metres of a zone, "
            "without the number of the zone before them.",
            **said,
        )
    step = max(values[north_at][2], values[east_at][2])
    return Pair(METRES, north, east, min(north_at, east_at), max(north_at, east_at), step, prefix)


def _degrees(values: list, cells: list[str]) -> tuple[Pair, ...]:
    """Find neighbouring cells of latitude and longitude, in whatever order."""
    found, i = [], 0
    while i < len(values) - 1:
        one, other = (_degree(values[j], cells[j]) for j in (i, i + 1))
        if one is None or other is None or _within(one, LATITUDES) == _within(other, LATITUDES):
            i += 1
            continue
        north, east = (one, other) if _within(one, LATITUDES) else (other, one)
        step = max(_degree_step(values[j], cells[j]) for j in (i, i + 1))
        found.append(Pair(DEGREES, north, east, i, i + 1, step, north_first=north == one))
        i += 2
    return tuple(found)


def _degree(value: tuple, cell: str) -> float | None:
    """Give a cell as degrees, if it may be a latitude or longitude of Vietnam written with decimals or marks."""
    kind, number, _ = value
    if kind == METRES or number is None:
        bare = re.sub(_HEMISPHERE, "", cell).strip(" °º,;()")
        if not re.fullmatch(r"\d{1,3}[.,]\d+", bare):
            return None
        number = float(bare.replace(",", "."))
    elif kind is None and not re.search(r"\d[.,]\d", cell):
        return None
    return number if _within(number, LATITUDES) or _within(number, LONGITUDES) else None


def _degree_step(value: tuple, cell: str) -> float:
    return value[2] if value[0] == DEGREES else _step(cell)


def _in_parts(cells: list[str], number: int) -> tuple[Pair, ...]:
    """Find degrees, minutes and seconds in cells of their own: six in a row, or four where minutes have decimals."""
    kept = [(i, cell.strip("°º'’′\"”″,")) for i, cell in enumerate(cells) if not _HEMISPHERE.fullmatch(cell)]
    plain = [(i, cell) for i, cell in kept if cell]
    for size in (3, 2):
        for start in range(len(plain) - 2 * size + 1):
            group = plain[start : start + 2 * size]
            one, other = ([cell for _, cell in group[k : k + size]] for k in (0, size))
            if not (_are_parts(one) and _are_parts(other)):
                continue
            angles = [
                _sexagesimal(*one, *[None] * (3 - size), number),
                _sexagesimal(*other, *[None] * (3 - size), number),
            ]
            if _within(angles[0], LATITUDES) == _within(angles[1], LATITUDES):
                continue
            north, east = angles if _within(angles[0], LATITUDES) else angles[::-1]
            step = max(_step_of(tuple(one)), _step_of(tuple(other)))
            first = north == angles[0]
            return (Pair(DEGREES, north, east, group[0][0], group[-1][0], step, north_first=first),)
    return ()


def _are_parts(cells: list[str]) -> bool:
    whole, last = cells[:-1], cells[-1]
    if not all(re.fullmatch(r"\d{1,3}", cell) for cell in whole) or not re.fullmatch(r"\d{1,2}([.,]\d+)?", last):
        return False
    if len(cells) == 2 and not re.search(r"[.,]", last):
        return False
    return (_within(int(whole[0]), LATITUDES) or _within(int(whole[0]), LONGITUDES)) and all(
        len(cell) <= 2 for cell in whole[1:]
    )


def _refuse_several(number: int, line: str, cells: list[str], values: list) -> None:
    """Refuse a line of prose in which several vertices stand, unless each number stands by itself."""
    if sum(kind == METRES for kind, _, _ in values) % 2 or any(
        len(re.findall(r"\d{6}", cell)) and kind != METRES for cell, (kind, _, _) in zip(cells, values, strict=True)
    ):
        raise BadParameter(
            "Row %(row)s, “%(text)s”, holds several vertices in one line: give each a row of its own.",
            parameter="vertices", row=number, text=line.strip()[:60],
        )  # fmt: skip


def _refuse_broken_number(number: int, cells: tuple[str, ...], values: list) -> None:
    """Name the cell of a vertex that is meant as a coordinate and is none, and what is wrong with it."""
    for place, (cell, (kind, value, _)) in enumerate(zip(cells, values, strict=True)):
        said = {"parameter": "vertices", "row": number, "column": place + 1, "cell": Written(cell[:40])}
        if kind is not None or (place == 0 and len(cells) > 2):
            continue
        if is_broken(cell):
            letters = "".join(re.findall(r"[^\W\d_]", cell))
            if cell.startswith(("-", "−")):
                raise BadParameter(
                    "Row %(row)s, column %(column)s: “%(cell)s” is negative, and no coordinate in Vietnam is. Is the "
                    "false easting of 500 000 m missing?", **said,
                )  # fmt: skip
            if letters:
                raise BadParameter(
                    "Row %(row)s, column %(column)s: “%(cell)s” is no number: letters (%(letters)s) stand in it where "
                    "digits must. Write the digits.", **said, letters=letters,
                )  # fmt: skip
            raise BadParameter(
                "Row %(row)s, column %(column)s: “%(cell)s” cannot be read as a number. Write it such as 2417500.123.",
                **said,
            )
        if value is not None and value >= _SMALLEST_MEANT_M:
            raise BadParameter(
                "Row %(row)s, column %(column)s: “%(cell)s” is smaller than any coordinate in Vietnam (100 000 m). Are "
                "digits missing in front, or the false easting of 500 000 m?", **said,
            )  # fmt: skip


def is_broken(cell: str) -> bool:
    """Tell whether a cell is a number that letters or signs spoil: “24159OO.12”, “2415950,12,3”; no day or phone."""
    plain = cell.strip()
    meant = _BROKEN.fullmatch(plain) and sum(letter.isdigit() for letter in plain) >= _FEWEST_DIGITS
    return bool(meant) and number_in(plain) is None and not _DAY.fullmatch(plain)


def _refuse_half(number: int, line: str, cells: tuple[str, ...], values: list, has_degrees: bool) -> None:
    """Refuse a row that is numbered like a vertex and holds coordinates, but not two."""
    places = sum(kind == METRES for kind, _, _ in values)
    begins = next((cell for cell in cells if cell), "")
    broken = [cell for cell in cells if is_broken(cell)]
    worded = any(letter.isalpha() for cell in cells if cell not in broken for letter in cell)
    numbered = bool(re.fullmatch(r"[^\W\d_]{0,3}[-.\s]?\d+'?", begins)) or not worded
    if numbered and not has_degrees and (places or len(broken) > 1):
        _refuse_broken_number(number, cells, values)
    if places and numbered and not has_degrees:
        raise BadParameter(
            "Row %(row)s: “%(text)s” must hold two coordinates, X (north) and Y (east); it holds %(count)s.",
            parameter="vertices", row=number, text=line.strip()[:60], count=places,
        )  # fmt: skip
    angles = sum(kind == DEGREES for kind, _, _ in values)
    wordy = any(re.search(r"[^\W\d_]{3}", cell) for cell in cells)
    if angles and numbered and not (wordy or has_degrees) and sum(map(bool, cells)) > 1:
        raise BadParameter(
            "Row %(row)s: “%(text)s” must hold a latitude (6–24°) and a longitude (102–118°).",
            parameter="vertices", row=number, text=line.strip()[:60],
        )  # fmt: skip
