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

from gis.errors import BadParameter, Doubt, GisError
from gis.exchange import coordinates
from gis.exchange.coordinates import DEGREES, METRES, Pair, Row, folded
from gis.exchange.remarks import is_wordy, name_of, says_against, without_remarks
from gis.exchange.rings import Found, Rings, Vertex, any_area, area_text, is_heading, is_page_mark
from gis.exchange.vertex_heads import Heads, order_told, stated_systems
from gis.exchange.vertex_pairs import parted

MOST_VERTICES = 20_000
_UNITS_M2 = {"m": 1, "h": 10_000, "k": 1_000_000}
_COUNTED = re.compile(r"\b(?:tong|cong|gom|co)(?: [a-z]+){0,4}?[ :]+(\d{1,5}) (?:diem|moc|dinh|vertices|points)\b")
_EDGE_SAID = re.compile(
    r"\W*(?:cạnh|đoạn|canh|doan)\s*\D{0,4}(?P<one>\d{1,5})\s*[-–→÷]\s*\D{0,4}(?P<other>\d{1,5})"
    r"[^\d]{0,20}?(?P<length>\d[\d., ]*)\s*(?:m|mét)?\W*", re.IGNORECASE,
)  # fmt: skip
"""A line that states the length of an edge in words: “Cạnh 1-2 dài 90,00m”."""
_EDGE_NAMED = re.compile(r"\D{0,4}(\d{1,5})\s*[-–→÷]\s*\D{0,4}(\d{1,5})")
_OF_A_FILE = re.compile(r"<kml|<coordinates|\"coordinates\"|\[\s*\[|polygon\s*\(|linestring\s*\(", re.IGNORECASE)
_BEARINGS = re.compile(r"\bphuong vi\b|\bgoc dinh huong\b|\bgoc (?:bang|ngoat|trong)\b|\bazimuth\b|\bbearings?\b")
_AXES = re.compile(r"\bx\b.*\by\b|\by\b.*\bx\b|(?<!phuong )\bvi do\b|\bkinh do\b|\blatitude\b")
_SIX = re.compile(r"\d{6}|\d[., ]\d{3}[., ]\d{3}")
_PERIMETER = re.compile(r"\bchu vi\b|\bperimeter\b|^tong(?: cong| chieu dai| do dai| cac| canh)*\b")
_PERIMETER_NAMED = re.compile(r"\bchu vi\b|\bperimeter\b")
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_MOST_TOLD = 6
_COARSE_DEGREES = 1e-4
"""Degrees written no finer than this (11 m) are no boundary of land."""
_NO_VALUE = re.compile(r"#+|#[a-z/0!?]+|nan|n/a|null|inf|-?infinity", re.IGNORECASE)


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
    ends: tuple[int, int] | None = None
    """The numbers of the two vertices, where the row names them: “1-2”."""


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
    inner: dict[int, str] = field(default_factory=dict)
    """What says that a ring is a hole, by the ring's place."""
    headed: dict[int, tuple[int, str]] = field(default_factory=dict)
    """The row and the words above a ring that is to be asked of, by the ring's place: they say more than its name."""
    perimeters: list[StatedEdge] = field(default_factory=list)
    """Lengths of all edges together, as rows state them."""
    closings: dict[int, int] = field(default_factory=dict)
    """The row that repeats the first vertex of a ring, by the ring's place."""
    beside: dict[int, Pair] = field(default_factory=dict)
    """The vertex of a row once more, in degrees."""
    pairs: tuple[tuple[str, "Table"], ...] = ()
    """Where each row holds its vertex several times, the table of each pair of columns, by what heads it; then nothing
    else is read."""

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
    _refuse_bearings(text)
    rows, heads, broken = _rows(text)
    notes: list[GisError] = []
    doubts: list[GisError] = []
    rows = without_remarks(rows, heads.ring, lambda each: _found(each, each.pairs[0], 0, heads).vertex.order, notes,
                           doubts)  # fmt: skip
    _refuse_unless_remarks(broken, rows, heads)
    if several := parted(text.splitlines(), rows):
        return Table(METRES, [], 1.0, pairs=tuple((title, read(one)) for title, one in several))
    kinds = Counter(pair.kind for each in rows for pair in each.pairs)
    if not kinds:
        if _OF_A_FILE.search(text):
            raise BadParameter(
                "This is the text of a file (GeoJSON, KML, WKT) and no table: save it as .geojson or .kml and send the "
                "file.", parameter="vertices",
            )  # fmt: skip
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
    reader = Rings(rows, found, notes, doubts)
    rings = reader.rings()
    prefixes = _prefixes(rows, kind, notes)
    passed, areas = _passed(rows)
    areas += _areas_beside(rows, heads)
    notes += order_told(heads, rows)
    systems, against = stated_systems([each for each in rows if not each.pairs and not each.blank], kind, prefixes)
    doubts += against + _counted(rows, rings)
    _tell_beside(rows, found, notes, doubts)
    step = Counter(pair.step for each in rows for pair in each.pairs).most_common(1)[0][0]
    if kind == DEGREES and step > 2e-5:
        (doubts if step > _COARSE_DEGREES else notes).append(
            GisError("The degrees are written to %(metres)s m at best: more decimals would say more.",
                     metres=round(step * 111_000))
        )  # fmt: skip
    edges = _edges(rows, heads)
    _tell_numbers_beside(rows, heads, edges, notes)
    return Table(
        kind, rings, step, passed, edges, areas, systems, notes, doubts, heads.edge is not None, reader.inner,
        reader.headed, _perimeters(rows), reader.closings,
        {each.number: each.beside[0] for each in rows if each.beside and len(each.pairs) == 1},
    )  # fmt: skip


def _refuse_bearings(text: str) -> None:
    """Refuse a traverse, bearings and lengths without coordinates, for what it is."""
    if _SIX.search(text):
        return  # such a number is a coordinate
    lines = [(number, line, folded(line)) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    headed = next(((number, line) for number, line, said in lines if _BEARINGS.search(said)), None)
    if headed and not any(_AXES.search(said) for _, _, said in lines):
        number, line = headed
        raise BadParameter(
            "Row %(row)s, “%(text)s”, heads bearings and lengths, not coordinates: none of the %(count)s rows was "
            "taken. Bearings do not say where the outline lies: give X (north) and Y (east) of each vertex.",
            parameter="vertices", row=number, text=line.strip().replace("\t", " ")[:60], count=len(lines),
        )  # fmt: skip


def _rows(text: str) -> tuple[list[Row], Heads, dict[int, GisError]]:
    """Read the rows, what the headings say, and why rows that have words cannot be vertices."""
    heads, rows, broken = Heads(), [], {}
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            each = coordinates.row(number, line, heads.turned)
        except GisError as error:
            if not is_wordy(" ".join(re.findall("[a-z]{2,}", folded(line)))):  # N, E, B, Đ are marks of angles
                raise
            broken[number] = error
            cells = tuple(cell.strip() for cell in line.split("\t"))
            each = Row(number, line.strip(), cells, (None,) * len(cells), ())
        if not each.pairs and not each.blank:
            heads.look_at(each, is_heading(each))
            _refuse_without_value(each)
            _refuse_broken(each)
        rows.append(each)
    return rows, heads, broken


def _refuse_unless_remarks(broken: dict[int, GisError], rows: list[Row], heads: Heads) -> None:
    """Refuse a row of words whose numbers cannot be a vertex, unless the vertices of the table stand without words."""
    held = [each for each in rows if each.pairs]
    worded = sum(is_wordy(name_of(each, heads.ring)) for each in held)
    if broken and 2 * worded >= len(held):
        raise next(iter(broken.values()))


def _refuse_without_value(each: Row) -> None:
    """Refuse a row that is numbered like a vertex and shows an error where its coordinates must stand."""
    if sum(bool(_NO_VALUE.fullmatch(cell)) for cell in each.cells) > 1 and re.search(r"^\W*\w{0,3}\d", each.text):
        raise BadParameter(
            "Row %(row)s: “%(text)s” shows no coordinates where they must stand. Write them, or take the row out.",
            parameter="vertices", row=each.number, text=each.text.replace("\t", " ")[:60],
        )  # fmt: skip


def _refuse_broken(each: Row) -> None:
    """Refuse a row of bare numbers that could be meant as a vertex; the numbering of columns (1 2 3 4) is none."""
    bare = [value for value in each.numbers if value is not None]
    counts_columns = len(bare) > 1 and bare == [float(n) for n in range(int(bare[0]), int(bare[0]) + len(bare))]
    if not each.worded and len(bare) > 1 and not counts_columns:
        if any(_within_km(a, coordinates.NORTH_M) and _within_km(b, coordinates.EAST_M) for a, b in pairwise(bare)):
            raise BadParameter(
                "Row %(row)s: “%(text)s” seems to be in kilometres. Write metres, such as 2417500.123 and 449300.456.",
                parameter="vertices", row=each.number, text=each.text[:60],
            )  # fmt: skip
        raise BadParameter(
            "Row %(row)s: “%(text)s” holds no coordinates. X (north) and Y (east) are metres such as "
            "2417500.123 and 449300.456.",
            parameter="vertices", row=each.number, text=each.text[:60],
        )  # fmt: skip


def _within_km(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value * 1000 <= bounds[1]


# Vertices in the order in which they are read.


def _vertices(rows: list[Row], heads: Heads) -> list[Found]:
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
    numbered = sum(one.vertex.order is not None for one in across if one.block == 0)
    bare = next((one for one in across if one.block and one.vertex.order is None), None)
    if bare is not None and 2 * numbered > len({one.vertex.row for one in across}):
        raise BadParameter(
            "Row %(row)s holds several vertices side by side, and not all bear a number: give one vertex a row. "
            "If they are the same vertices in two systems, take one of the two out.",
            parameter="vertices", row=bare.vertex.row,
        )  # fmt: skip
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


def _found(each: Row, pair: Pair, block: int, heads: Heads) -> Found:
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


def _areas_beside(rows: list[Row], heads: Heads) -> list[StatedArea]:
    """Give the areas that stand in a column of their own, beside vertices."""
    if heads.area is None:
        return []
    said = [(each, each.cells[heads.area]) for each in rows if each.pairs and heads.area < len(each.cells)]
    found = []
    for each, cell in said:
        if heads.area > each.pairs[-1].last and re.fullmatch(r"\d[\d.,\s]*", cell):
            found.append(_area_of(each.number, f"{cell} {heads.area_unit}", cell, heads.area_unit))
    return found


def _counted(rows: list[Row], rings: list[list[Vertex]]) -> list[GisError]:
    """Compare a number of vertices that a row states with those read: of all, or of a ring, closed or not."""
    counts = {len(ring) + closing for ring in rings for closing in (0, 1)}
    whole = sum(map(len, rings))
    counts |= {whole, whole + len(rings)}
    wrong = []
    for each in rows:
        met = None if each.pairs else _COUNTED.search(folded(each.text))
        if met and int(met[1]) not in counts:
            wrong.append(Doubt("Row %(row)s, “%(text)s”, states %(stated)s vertices; %(count)s were read.",
                               row=each.number, text=each.text[:60], stated=int(met[1]), count=whole))  # fmt: skip
    return wrong


def _tell_beside(rows: list[Row], found: list[Found], notes: list, doubts: list) -> None:
    """Tell of words that stand beside a vertex: they say nothing of its place, or that it does not count."""
    named: dict[int, set[str]] = {}
    for one in found:
        named.setdefault(one.vertex.row, set()).update((one.vertex.label, one.ring_name or ""))
    words: dict[str, list[int]] = {}
    for each in rows:
        if not each.pairs:
            continue
        last = max(pair.last for pair in (*each.pairs, *each.beside))
        for place, cell in enumerate(each.cells):
            wordy = re.search(r"[^\W\d_]{2}", cell) and cell not in named[each.number]
            if wordy and (place > last or says_against(cell)):
                words.setdefault(cell, []).append(each.number)
    dropped = {cell: at for cell, at in words.items() if says_against(cell)}
    for cell, at in list(dropped.items())[:_MOST_TOLD]:
        doubts.append(
            Doubt("Rows %(rows)s: beside the vertex stands “%(text)s”. It was taken nevertheless: does it count?",
                  rows=_few(at), text=cell[:60])
        )  # fmt: skip
    others = {cell: at for cell, at in words.items() if cell not in dropped}
    if others:
        said = "; ".join(f"{_few(at)} “{cell[:40]}”" for cell, at in list(others.items())[:_MOST_TOLD])
        notes.append(
            GisError("Words beside vertices were left out (rows): %(words)s.",
                     words=said + (" …" if len(others) > _MOST_TOLD else ""))
        )  # fmt: skip


def _kind_of(each: Row) -> str:
    if _edge_said(each):
        return "edge"
    named = any(_EDGE_NAMED.fullmatch(cell) for cell in each.cells)
    bare = sum(value is not None for value in each.numbers) == 1
    if bare and not each.worded and (named or re.search(r"[.,]\d", each.text)):
        return "edge"
    if is_page_mark(each):
        return "page"
    return "heading" if is_heading(each) else "note"


def _edge_said(each: Row) -> re.Match | None:
    return None if each.pairs else _EDGE_SAID.fullmatch(each.text.replace("\t", " ").strip())


def _stated_area(each: Row) -> StatedArea | None:
    found = area_text(each.text.replace("\t", " ")) or any_area(each.text)
    if not found:
        return None
    said = f"{found['digits'].strip()} {found['unit']}".strip()
    return _area_of(each.number, said, found["digits"], found["unit"])


def _area_of(row: int, said: str, digits: str, unit: str | None) -> StatedArea:
    """Make a stated area of its digits; without a unit they may be m² or hectares."""
    digits = re.sub(r"\s", "", digits).strip(".,")
    units = [_UNITS_M2[unit[0].lower()]] if unit else [1, 10_000]
    readings = {value * each for value in _readings(digits) for each in units}
    decimals = re.search(r"[.,](\d+)$", digits)
    fine = decimals and not re.fullmatch(r"\d{1,3}([.,]\d{3})+", digits)
    step = units[0] * (10.0 ** -len(decimals[1]) if fine else 1.0)
    return StatedArea(row, said, tuple(sorted(readings, reverse=True)), step)


def _readings(digits: str) -> set[float]:
    """Give what a number can mean: 4.927 is four thousand, or four and a bit."""
    values = set()
    for group, point in ((".", ","), (",", ".")):
        if re.fullmatch(rf"(\d+|\d{{1,3}}(?:[{group}]\d{{3}})+)(?:[{point}]\d+)?", digits):
            values.add(float(digits.replace(group, "").replace(point, ".")))
    return values


def _edges(rows: list[Row], heads: Heads) -> list[StatedEdge]:
    """Give the lengths of edges that are stated: in their column, behind the pair, or on rows between."""
    found, inside = [], False
    for each in rows:
        inside = inside or bool(each.pairs)
        bare = [(i, value) for i, value in enumerate(each.numbers) if value is not None]
        if len(each.pairs) == 1:
            pair = each.pairs[0]
            behind = [
                (i, value) for i, value in bare
                if i > max(pair.last, *(p.last for p in each.beside), -1) and i != heads.area
            ]  # fmt: skip
            at = heads.edge
            if at is not None and at < len(each.numbers) and not pair.first <= at <= pair.last:
                behind = [(i, value) for i, value in bare if i == at]
            if len(behind) == 1 and 0 < behind[0][1] < coordinates.SMALLEST_COORDINATE_M:
                i, value = behind[0]
                found.append(StatedEdge(each.number, value, _step(each.cells[i]), False))
        elif inside and not each.pairs and (said := _edge_said(each)):
            value, *others = sorted(_readings(said["length"].replace(" ", "").rstrip(".,")))
            if not others:
                ends = int(said["one"]), int(said["other"])
                found.append(StatedEdge(each.number, value, _step(said["length"].strip()), True, ends))
        elif inside and not each.pairs and _kind_of(each) == "edge":
            named = next((_EDGE_NAMED.fullmatch(cell) for cell in each.cells if _EDGE_NAMED.fullmatch(cell)), None)
            ends = (int(named[1]), int(named[2])) if named else None
            found.append(StatedEdge(each.number, bare[0][1], _step(each.cells[bare[0][0]]), True, ends))
    return found


def _perimeters(rows: list[Row]) -> list[StatedEdge]:
    """Give the sums of edges that rows below the vertices state: “Chu vi: 956,68 m”, “Tổng” under the lengths."""
    found, inside = [], False
    for each in rows:
        inside = inside or bool(each.pairs)
        if not inside or each.pairs or area_text(each.text) or not _PERIMETER.search(folded(each.text)):
            continue
        plainly = _PERIMETER_NAMED.search(folded(each.text))  # "Tổng số điểm 4" is no length, "Chu vi 1100" is
        written = re.findall(rf"(?<![\d.,])\d[\d.,]*{'' if plainly else '[.,]'}\d+(?![\d.,])", each.text)
        if len(written) == 1 and (length := coordinates.number_in(written[0])):
            grouped = bool(_GROUPED.fullmatch(written[0]))  # 1.100 m around: no outline measures 1,1 m
            length = max(_readings(written[0])) if grouped else length
            found.append(StatedEdge(each.number, length, 1.0 if grouped else _step(written[0]), True))
    return found


def _tell_numbers_beside(rows: list[Row], heads: Heads, edges: list[StatedEdge], notes: list) -> None:
    """Tell of columns of numbers that say nothing of the outline: heights, coordinates of a camera."""
    used = {edge.row for edge in edges}
    told: dict[int, list[int]] = {}
    for each in rows:
        taken = {i for pair in (*each.pairs, *each.beside) for i in range(pair.first, pair.last + 1)}
        for i, value in enumerate(each.numbers if each.pairs else ()):
            decimal = value is not None and re.search(r"\d[.,]\d", each.cells[i])
            behind = i > max(taken) and each.number in used
            if decimal and i not in taken and i not in (heads.edge, heads.area, heads.label) and not behind:
                told.setdefault(i, []).append(each.number)
    for i, at in list(told.items())[:_MOST_TOLD]:
        notes.append(GisError("Numbers of column %(column)s beside the vertices were left out (rows %(rows)s).",
                              column=i + 1, rows=_few(at)))  # fmt: skip


def _step(written: str) -> float:
    decimals = re.search(r"[.,](\d+)\D*$", written)
    return 10.0 ** -len(decimals[1]) if decimals else 1.0
