"""A table of vertices, as it stands in decisions and spreadsheets, read into rings: pure text in, nothing measured.

What is read is told: the vertices, and every row that is none, with what it was taken for. Rings are told apart by the
numbers of the points, by a first vertex repeated and by a column that names them; a heading or page mark between two
rows is no end of a ring. Where numbers and rows contradict each other, the table is refused with the rows.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from gis.crs import VN2000, WGS84, ZONES
from gis.errors import BadParameter, GisError
from gis.exchange import coordinates
from gis.exchange.coordinates import DEGREES, METRES, Pair, Row, folded
from gis.exchange.rings import Found, Rings, Vertex, area_text, is_heading, is_page_mark

MOST_VERTICES = 20_000
NORTH_NAMES = ("x", "n", "bac", "north", "northing", "toa do x", "toa do n", "truc x")
EAST_NAMES = ("y", "e", "dong", "east", "easting", "toa do y", "toa do e", "truc y")
LABEL_NAMES = ("so hieu", "diem", "ten diem", "moc", "ten moc", "so hieu diem", "so hieu moc", "dinh", "ky hieu")
RING_NAMES = ("vong", "vung", "ring", "khu", "phan", "khu vuc", "thua", "lo", "manh", "o dat", "khu dat")
EDGE_NAMES = ("chieu dai", "canh", "khoang cach", "cu ly", "length", "distance", "s m", "d m", "kc")
_UNITS_M2 = {"m": 1, "h": 10_000, "k": 1_000_000}
_MERIDIAN = re.compile(
    r"(?:kinh tuyen(?: truc)?|k ?t ?t|central meridian)[a-z ]{0,12}(1[01]\d)(?: (?:do|d|o))?(?: (\d{1,2})\b)?"
)


@dataclass(frozen=True)
class Passed:
    """A row that is no vertex, and what it was taken for."""

    row: int
    text: str
    kind: str
    """``heading``, ``edge``, ``area``, ``page`` or ``note``."""


@dataclass(frozen=True)
class StatedEdge:
    """A length that the table states: of the edge from or to the vertex of a row, or between two rows."""

    row: int
    length_m: float
    step: float
    between: bool
    """Whether it stands on a row of its own, between the two vertices."""


@dataclass(frozen=True)
class StatedArea:
    """An area that a row states, in the readings its digits allow."""

    row: int
    text: str
    readings_m2: tuple[float, ...]
    step_m2: float


@dataclass(frozen=True)
class Table:
    """What a table of vertices holds."""

    kind: str
    """``metres`` of a zone or ``degrees``."""
    rings: list[list[Vertex]]
    """Each without its closing vertex repeated."""
    step: float
    """What the last digit of most coordinates is worth, in metres or degrees."""
    passed: list[Passed] = field(default_factory=list)
    edges: list[StatedEdge] = field(default_factory=list)
    areas: list[StatedArea] = field(default_factory=list)
    systems: tuple[int, ...] = ()
    """The systems the table itself allows by what it says: zones, or of `gis.crs.DEGREES`; empty where it is silent."""
    notes: list[GisError] = field(default_factory=list)
    doubts: list[GisError] = field(default_factory=list)
    headed_edges: bool = False
    """Whether a heading says that the lengths are lengths."""
    closings: dict[int, int] = field(default_factory=dict)
    """The row that repeats the first vertex of a ring, by the ring's place."""
    beside: dict[int, Pair] = field(default_factory=dict)
    """The vertex of a row once more, in degrees."""

    @property
    def count(self) -> int:
        """How many vertices were taken."""
        return sum(map(len, self.rings))


def read(text: str) -> Table:
    """Read a table of vertices.

    Parameters
    ----------
    text : str
        Pasted from a spreadsheet or a decision: columns by tab, semicolon, bar or blanks. Rows of number, X (north) and
        Y (east) in metres, or of latitude and longitude in degrees, in any writing `gis.exchange.coordinates` knows.
        A ring ends where its first vertex is repeated, where the numbers of the points begin again at 1, or where a
        column headed “vòng” or “khu” changes; without numbers, at an empty line. Headings, page marks, titles and empty
        lines do not end a ring whose numbers go on.

    Returns
    -------
    Table

    Raises
    ------
    BadParameter
        Where a row is meant as a vertex and is none, metres and degrees stand in one table, or numbers and rows
        contradict each other: with the rows.
    OutsideVietnam
    """
    rows, heads = _rows(text)
    kinds = Counter(pair.kind for each in rows for pair in each.pairs)
    if not kinds:
        raise BadParameter(
            "The table holds no vertices: give rows of number, X (north) and Y (east) in metres, or of latitude and "
            "longitude in degrees.",
            parameter="vertices",
        )
    if len(kinds) > 1:
        rare = min(kinds, key=kinds.__getitem__)
        odd = [each.number for each in rows if any(pair.kind == rare for pair in each.pairs)]
        raise BadParameter(
            "Metres and degrees stand in one table: look at rows %(rows)s.", parameter="vertices", rows=_few(odd)
        )
    kind = next(iter(kinds))
    found = _vertices(rows, heads)
    if len(found) > MOST_VERTICES:
        raise BadParameter("The table has more than %(most)s vertices.", parameter="vertices", most=MOST_VERTICES)
    notes: list[GisError] = []
    doubts: list[GisError] = []
    reader = Rings(rows, found, notes, doubts)
    rings = reader.rings()
    prefixes = _prefixes(rows, kind, notes)
    passed, areas = _passed(rows)
    systems = _stated_systems([each.text for each in rows if not each.pairs], kind, prefixes)
    step = Counter(pair.step for each in rows for pair in each.pairs).most_common(1)[0][0]
    if kind == DEGREES and step > 2e-5:
        notes.append(
            GisError("The degrees are written to %(metres)s m at best: more decimals would say more.",
                     metres=round(step * 111_000))
        )  # fmt: skip
    return Table(
        kind, rings, step, passed, _edges(rows, heads), areas, systems, notes, doubts, heads.edge is not None,
        reader.closings, {each.number: each.beside[0] for each in rows if each.beside and len(each.pairs) == 1},
    )  # fmt: skip


@dataclass
class _Heads:
    """What the headings of a table name, by the place of the cell."""

    turned: bool = False
    ring: int | None = None
    label: int | None = None
    edge: int | None = None


def _rows(text: str) -> tuple[list[Row], _Heads]:
    heads, rows = _Heads(), []
    for number, line in enumerate(text.splitlines(), start=1):
        each = coordinates.row(number, line, heads.turned)
        if not each.pairs and not each.blank:
            _look_at_heads(each, heads)
            _refuse_broken(each)
        rows.append(each)
    return rows, heads


def _look_at_heads(each: Row, heads: _Heads) -> None:
    words = [re.sub(r"\s*\b(m|met|do|vn 2000|wgs 84|\d+)\b", "", folded(cell)).strip() for cell in each.cells]
    north, east = (
        next((i for i, cell in enumerate(words) if cell in names), None) for names in (NORTH_NAMES, EAST_NAMES)
    )
    if north is not None and east is not None:
        heads.turned = east < north
    if not is_heading(each):
        return
    heads.ring = _place(words, RING_NAMES, heads.ring)
    heads.label = _place(words, LABEL_NAMES, heads.label)
    edge = next((i for i, word in enumerate(words) if word.startswith(EDGE_NAMES)), None)
    heads.edge = heads.edge if edge is None else edge


def _place(words: list[str], names: tuple[str, ...], known: int | None) -> int | None:
    return next((i for i, word in enumerate(words) if word in names), known)


def _refuse_broken(each: Row) -> None:
    """Refuse a row of bare numbers that could be meant as a vertex; the numbering of columns (1 2 3 4) is none."""
    bare = [value for value in each.numbers if value is not None]
    counts_columns = len(bare) > 1 and bare == [float(n) for n in range(int(bare[0]), int(bare[0]) + len(bare))]
    if not each.worded and len(bare) > 1 and not counts_columns:
        raise BadParameter(
            "Row %(row)s: “%(text)s” holds no coordinates. X (north) and Y (east) are metres such as "
            "2417500.123 and 449300.456.",
            parameter="vertices", row=each.number, text=each.text[:60],
        )  # fmt: skip


# Vertices in the order in which they are read.


def _vertices(rows: list[Row], heads: _Heads) -> list[Found]:
    """Give the vertices in order. Where two tables stand side by side, the numbers of the points tell which follows."""
    if max(len(each.pairs) for each in rows) == 1:
        return [_found(each, each.pairs[0], 0, heads) for each in rows if each.pairs]
    widest = max(rows, key=lambda each: len(each.pairs))
    starts = [pair.first for pair in widest.pairs]
    pages: list[list[Found]] = [[]]
    for each in rows:
        if each.worded and not each.pairs and pages[-1]:
            pages.append([])
        for pair in each.pairs:
            block = min(range(len(starts)), key=lambda i: abs(starts[i] - pair.first))
            pages[-1].append(_found(each, pair, block, heads))
    across = [one for page in pages for one in page]
    down = [one for page in pages for one in sorted(page, key=lambda one: one.block)]
    whole = sorted(across, key=lambda one: one.block)
    steps = [(_follows(order), order) for order in (whole, down, across)]
    most, order = max(steps, key=lambda pair: pair[0])
    if most < len(across) / 2:
        raise BadParameter(
            "Row %(row)s holds %(count)s vertices side by side, and their numbers do not tell which follows which: "
            "give one vertex a row.",
            parameter="vertices", row=widest.number, count=len(widest.pairs),
        )  # fmt: skip
    return order


def _follows(order: list[Found]) -> int:
    numbers = [one.vertex.order for one in order]
    return sum(a is not None and b is not None and b == a + 1 for a, b in pairwise(numbers))


def _found(each: Row, pair: Pair, block: int, heads: _Heads) -> Found:
    label = ""
    at = heads.label
    if at is not None and block == 0 and at < len(each.cells) and not pair.first <= at <= pair.last:
        label = each.cells[at]
    if not label:
        before = [cell for cell in reversed(each.cells[max(0, pair.first - 3) : pair.first]) if cell]
        label = next((cell for cell in before if re.search(r"\d", cell)), before[0] if before else "")
    name = each.cells[heads.ring] if heads.ring is not None and heads.ring < len(each.cells) else None
    return Found(Vertex(each.number, label, pair.north, pair.east), block, name)


def _prefixes(rows: list[Row], kind: str, notes: list[GisError]) -> set[int]:
    """Look at the numbers of zones before Y: all rows bear the same one, or none."""
    found = [(each.number, pair.prefix) for each in rows for pair in each.pairs if kind == METRES]
    numbered = [row for row, prefix in found if prefix]
    prefixes = {prefix for _, prefix in found if prefix}
    if not numbered:
        return set()
    if len(prefixes) > 1 or len(numbered) < len(found):
        odd = [row for row, prefix in found if prefix != found[0][1]]
        raise BadParameter(
            "Some rows have another number of the zone before Y, or none: look at rows %(rows)s.",
            parameter="vertices", rows=_few(odd),
        )  # fmt: skip
    notes.append(
        GisError("Before Y stands the number of the zone, %(prefix)s: it was taken off.", prefix=next(iter(prefixes)))
    )
    return prefixes


def _few(rows: Iterable[int]) -> str:
    listed = sorted(set(rows))
    return ", ".join(map(str, listed[:6])) + (" …" if len(listed) > 6 else "")


# What stands beside the vertices.


def _passed(rows: list[Row]) -> tuple[list[Passed], list[StatedArea]]:
    passed, areas = [], []
    for each in rows:
        if each.pairs or each.blank:
            continue
        area = _stated_area(each)
        if area:
            areas.append(area)
        passed.append(Passed(each.number, each.text, "area" if area else _kind_of(each)))
    return passed, areas


def _kind_of(each: Row) -> str:
    if not each.worded and sum(value is not None for value in each.numbers) == 1 and re.search(r"[.,]\d", each.text):
        return "edge"
    if is_page_mark(each):
        return "page"
    return "heading" if is_heading(each) else "note"


def _stated_area(each: Row) -> StatedArea | None:
    found = area_text(each.text.replace("\t", " "))
    if not found:
        return None
    digits, unit = re.sub(r"\s", "", found[1]).strip(".,"), _UNITS_M2[found[2][0].lower()]
    readings = {value * unit for value in _readings(digits)}
    decimals = re.search(r"[.,](\d+)$", digits)
    fine = decimals and not re.fullmatch(r"\d{1,3}([.,]\d{3})+", digits)
    step = unit * (10.0 ** -len(decimals[1]) if fine else 1.0)
    return StatedArea(each.number, found[0].strip(), tuple(sorted(readings, reverse=True)), step)


def _readings(digits: str) -> set[float]:
    """Give what a number can mean: 4.927 is four thousand, or four and a bit."""
    values = set()
    for group, point in ((".", ","), (",", ".")):
        if re.fullmatch(rf"(\d+|\d{{1,3}}(?:[{group}]\d{{3}})+)(?:[{point}]\d+)?", digits):
            values.add(float(digits.replace(group, "").replace(point, ".")))
    return values


def _edges(rows: list[Row], heads: _Heads) -> list[StatedEdge]:
    """Give the lengths of edges that are stated: in their column, behind the pair, or on rows between."""
    found, inside = [], False
    for each in rows:
        inside = inside or bool(each.pairs)
        bare = [(i, value) for i, value in enumerate(each.numbers) if value is not None]
        if len(each.pairs) == 1:
            pair = each.pairs[0]
            behind = [(i, value) for i, value in bare if i > max(pair.last, *(p.last for p in each.beside), -1)]
            at = heads.edge
            if at is not None and at < len(each.numbers) and at > pair.last:
                behind = [(i, value) for i, value in behind if i == at]
            if len(behind) == 1 and 0 < behind[0][1] < coordinates.SMALLEST_COORDINATE_M:
                i, value = behind[0]
                found.append(StatedEdge(each.number, value, _step(each.cells[i]), False))
        elif inside and not each.pairs and _kind_of(each) == "edge":
            found.append(StatedEdge(each.number, bare[0][1], _step(each.cells[bare[0][0]]), True))
    return found


def _step(written: str) -> float:
    decimals = re.search(r"[.,](\d+)\D*$", written)
    return 10.0 ** -len(decimals[1]) if decimals else 1.0


def _stated_systems(texts: list[str], kind: str, prefixes: set[int]) -> tuple[int, ...]:
    """Give the systems that the words above a table allow; empty where they say nothing."""
    said = " · ".join(map(folded, texts))
    if kind == DEGREES:
        named = {WGS84: re.search(r"wgs ?84|\bgps\b|google", said), VN2000: re.search(r"vn ?2000", said)}
        found = tuple(srid for srid, hit in named.items() if hit)
        return found if len(found) == 1 else ()
    meridian = _MERIDIAN.search(said)
    degrees = int(meridian[1]) + int(meridian[2] or 0) / 60 if meridian else None
    width = re.search(r"mui(?: chieu)?(?: do)? ?(3|6)\b", said)
    wide = bool(re.search(r"\butm\b", said)) or bool(prefixes) or bool(width and width[1] == "6")
    narrow = bool(width and width[1] == "3")
    found = set(ZONES)
    if degrees is not None:
        found = {srid for srid in found if ZONES[srid].central_meridian == degrees}
    if wide != narrow:
        found = {srid for srid in found if ZONES[srid].width == (6 if wide else 3)}
    if prefixes:
        found = {srid for srid in found if (ZONES[srid].central_meridian + 183) / 6 in prefixes}
    return tuple(sorted(found)) if degrees is not None or wide != narrow or prefixes else ()
