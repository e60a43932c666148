"""Outlines out of vector files: which layer, in which system, and what was left out of it.

What a file says of itself is taken by its parameters (`gis.exchange.systems`). What it leaves open comes out as
choices; nothing is mended, and what is no part of the outline is counted and named.
"""

import re
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import shapely

from gis import crs
from gis.crs import LANG_SON_ZONE, ZONES, to_zone
from gis.errors import BadParameter, Doubt, GisError, InvalidGeometry, Question, UnreadableFile
from gis.exchange import formats, systems
from gis.exchange.coordinates import folded
from gis.exchange.remarks import denies, says_other_land
from gis.exchange.systems import Way
from gis.exchange.vertices import MOST_VERTICES
from gis.outlines import MOST_NAMED, SMALLEST_RING_M2, Reading, covered, why_invalid
from gis.stated import DEGREE_M, spikes_drawn

MOST_READ = 400_000
"""Vertices of a file: more than these are no outline, and take long to put together."""
MOST_LAYERS = 20
MOST_OFFERED = 8
"""Features of a layer that are offered one by one, the largest; with them, all together."""
MOST_COMPARED = 2_000
_NAMES = ("tenduan", "tenranh", "ten", "name", "loai", "loairanh", "kind", "type", "doituong", "ghichu", "mota",
          "description", "nhan", "label", "sothua", "shthua", "thua")  # fmt: skip
_KINDS = ("loai", "loairanh", "kind", "type", "doituong", "class", "phanloai")
_STATES = ("trangthai", "tinhtrang", "tinhtranghieuluc", "hieuluc", "status", "state", "phienban", "version")
_REMARKS = re.compile(r"(?:ghichu|note|remark|comment|mota|nhanxet|ykien)|" + "|".join(_STATES))
_PROJECTS = ("tenduan", "duan", "maduan", "mada", "tenda", "congtrinh", "tencongtrinh", "project")
_AREAS = ("dientich", "dientichm", "dientichha", "dt", "dtm", "dtha", "area", "aream", "areaha", "dientichthuhoi")
"""Names of attributes, without digits: dien_tich_m2 is dientichm."""
_AREA_TOLERANCE = 0.01
_SPOKEN_KINDS = {
    "project": re.compile(r"\bdu an\b|\bproject\b|\bcong trinh\b"),
    "parcel": re.compile(r"\bthua\b|\bparcel\b|\blo dat\b"),
    "unit": re.compile(r"\b(?:xa|phuong|huyen|tinh|thi tran|thanh pho|commune)\b"),
    "zone": re.compile(r"\bhanh lang\b|\bquy hoach\b|\bgiai doan\b|\bphase\b"),
}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """One way to take an outline out of a file."""

    layer: str
    system: str | GisError
    """What its numbers are understood as."""
    srid: int | None
    reading: Reading
    polygons: int
    lines: bool
    """Whether closed lines were taken as polygons."""
    sure: bool
    """Whether its system is not in question."""
    numbers: shapely.MultiPolygon
    """The outline as the file has it."""
    unit_m: float | None = None
    """What one of the numbers is in metres, where the file says it."""
    state: GisError | None = None
    """What the file says of the layer that speaks against its being meant."""


@dataclass(frozen=True)
class FileReading:
    """What a file offers as an outline; with several choices, or a `reason`, somebody has to choose."""

    choices: list[Choice]
    reason: str | None = None
    """``layers`` (several hold polygons), ``features`` (those of a layer are not of one outline), ``no_system`` (the
    file does not say it), ``metres`` (it says degrees and holds metres), ``two_systems`` (it says two things),
    ``elsewhere`` (what it says puts it abroad) or ``swapped`` (latitude before longitude); None where all is sure."""


@dataclass(frozen=True)
class _Sheet:
    """A layer with its shapes told apart."""

    found: formats.Found
    polygons: list[tuple[int, shapely.Geometry]]
    closed: list[tuple[int, shapely.Polygon]]
    others: dict[str, int]
    open: list[tuple[int, shapely.LineString]]

    @property
    def shapes(self) -> list[tuple[int, shapely.Geometry]]:
        return self.polygons or self.closed


def outline_from_file(content: bytes, name: str) -> shapely.MultiPolygon:
    """Read the outline of a vector file that leaves no choice.

    Parameters
    ----------
    content : bytes
    name : str
        Of the file: its suffix says the format (`gis.exchange.formats.FORMATS`).

    Raises
    ------
    Question
        Where several layers hold polygons, or the system of its numbers is not sure: with the choices.
    UnreadableFile, InvalidGeometry, OutsideVietnam
        As `read_file`.
    """
    found = read_file(content, name)
    if found.reason:
        raise Question(
            "The file can be understood in several ways: %(ways)s.", parameter="file", choices=found.choices,
            ways=[GisError("%(layer)s · %(system)s", layer=each.layer, system=each.system) for each in found.choices],
        )  # fmt: skip
    return found.choices[0].reading.outline


def read_file(content: bytes, name: str) -> FileReading:
    """Read a vector file as an outline: polygons, or where there are none, lines that are closed.

    Returns
    -------
    FileReading

    Raises
    ------
    UnreadableFile
        Where it cannot be read, or holds neither polygons nor closed lines.
    InvalidGeometry
        Where polygons cross themselves: with the features.
    OutsideVietnam, BadParameter
    """
    name = re.sub(r"[\x00-\x1f]", "", Path(name.replace("\\", "/")).name)[-100:]
    with tempfile.TemporaryDirectory(prefix="mat-bang-") as folder:
        path = Path(folder) / (name or "?")
        path.write_bytes(content)
        try:
            sheets = [_sheet(found) for found in formats.contents(path, texts=False)]
            if not all(any(sheet.found.values) for sheet in sheets if sheet.shapes):
                sheets = _with_names(sheets, path)
            return _offered(sheets, name)
        except GisError as error:
            error.parameter = "file"
            raise


def _with_names(sheets: list[_Sheet], path: Path) -> list[_Sheet]:
    """Read the attributes too, where they can be: they tell features apart and state areas; an outline needs none."""
    try:
        named = formats.contents(path)
    except GisError:
        return sheets
    return [
        replace(sheet, found=replace(sheet.found, values=each.values, fields=each.fields))
        for sheet, each in zip(sheets, named, strict=True)
    ]


def _sheet(found: formats.Found) -> _Sheet:
    polygons, closed, unclosed, others = [], [], [], Counter()
    for row, shape in enumerate(found.shapes, start=1):
        parts = [] if shape is None or shape.is_empty else _parts(shape)
        if not parts:
            others["nothing"] += 1
        for part in parts:
            if part.geom_type == "Polygon":
                polygons.append((row, part))
            elif part.geom_type == "Point":
                others["texts" if found.values[row - 1].get("Text") else "points"] += 1
            elif part.is_closed and len(part.coords) > 3:
                closed.append((row, shapely.Polygon(part)))
            else:
                others["lines"] += 1
                unclosed.append((row, part))
    return _Sheet(found, polygons, closed, dict(others), unclosed)


def _gaps(sheets: list[_Sheet]) -> str:
    """Name open lines that could be outlines, with how far their ends lie apart: those that are nearest to closed."""
    gaps = []
    for sheet in sheets:
        for row, line in sheet.open:
            if len(line.coords) > 2:
                metres = DEGREE_M if systems.are_degrees(line.bounds) else 1
                gaps.append((metres * shapely.Point(line.coords[0]).distance(shapely.Point(line.coords[-1])), row))
    said = [f"{row} ({gap:.2f} m)".replace(".", ",") for gap, row in sorted(gaps)[:MOST_NAMED]]
    return ", ".join(said) + (" …" if len(gaps) > MOST_NAMED else "")


def _parts(shape: shapely.Geometry) -> list[shapely.Geometry]:
    if shape.geom_type == "LinearRing":
        return [shapely.LineString(shape)]
    if not hasattr(shape, "geoms"):
        return [shape]
    return [part for each in shape.geoms for part in _parts(each)]


def _offered(sheets: list[_Sheet], name: str) -> FileReading:
    main = [sheet for sheet in sheets if sheet.polygons] or [sheet for sheet in sheets if sheet.closed]
    if not main:
        if not any(sheet.found.shapes for sheet in sheets):
            raise UnreadableFile("The file “%(file)s” is empty: it has no features.", file=name)
        held = Counter()
        for sheet in sheets:
            held.update(sheet.others)
        if gaps := _gaps(sheets):
            raise UnreadableFile(
                "The file “%(file)s” holds no polygons, and its lines are open: features %(lines)s (how far their ends "
                "lie apart). Close the line where it was drawn (AutoCAD: PEDIT, Close; pieces of one ring: PEDIT, "
                "Join; Google Earth: a polygon instead of a path) and send the file again.", file=name, lines=gaps,
            )  # fmt: skip
        if held["points"] and not held["lines"]:
            raise UnreadableFile(
                "The file “%(file)s” holds points alone (%(points)s), and the order in which they go around is not "
                "known. Open its table, copy the number, X and Y of each point, ordered by number, and paste them as "
                "a table of vertices; or draw the polygon through them and send that.", file=name,
                points=held["points"],
            )  # fmt: skip
        raise UnreadableFile(
            "The file “%(file)s” holds no polygons and no closed lines: it has %(lines)s open lines, %(points)s "
            "points, %(texts)s texts. Lines that are pieces of one ring are joined where they "
            "were drawn (AutoCAD: PEDIT, Join).", file=name, lines=held["lines"], points=held["points"],
            texts=held["texts"],
        )  # fmt: skip
    if len(main) > MOST_LAYERS:
        raise BadParameter("The file has more than %(most)s layers of polygons: save the outline's layer by itself.",
                           most=MOST_LAYERS)  # fmt: skip
    choices, reasons, problems = [], [], []
    for sheet in main:
        try:
            made, reason = _choices(sheet, [each for each in sheets if each is not sheet])
        except GisError as error:
            problems.append(error)
            continue
        choices += made
        reasons.append(reason)
    if not choices:
        raise problems[0]
    return FileReading(choices, "layers" if len(main) > 1 else reasons[0])


def _choices(sheet: _Sheet, others: list[_Sheet]) -> tuple[list[Choice], str | None]:
    """Give the ways to take the outline of a layer: as a whole, or, where its features are of several things, each."""
    found = sheet.found
    parts, named = _by_feature(sheet), []
    if len(parts) > 1 and not _are_of_one_outline(sheet, parts):
        largest = sorted(parts, key=lambda row: -parts[row])[:MOST_OFFERED]
        ways = [(_label(found, row), [row]) for row in sorted(largest)] + [(None, list(parts))]
    else:
        ways = [(None, list(parts))]
        if len(parts) > 1 and sheet.polygons:
            named = [
                GisError("%(count)s features of “%(layer)s” were taken together: %(names)s.", count=len(parts),
                         layer=found.name, names=_listed(found, list(parts)))
            ]  # fmt: skip
    choices, reason, problem = [], None, None
    for label, rows in ways:
        left = [row for row in parts if row not in rows]
        told = [*named]
        if left:
            told.append(GisError("Other features of “%(layer)s” were left out: %(names)s.", layer=found.name,
                                 names=_listed(found, left)))  # fmt: skip
        only = replace(
            sheet, polygons=[each for each in sheet.polygons if each[0] in rows],
            closed=[each for each in sheet.closed if sheet.polygons or each[0] in rows],
        )  # fmt: skip
        try:
            made, reason = _of_rows(only, others, label, told)
            choices += made
        except GisError as error:
            problem = problem or error
    if not choices:
        raise problem
    return choices, "features" if reason is None and len(ways) > 1 else reason


def _by_feature(sheet: _Sheet) -> dict[int, float]:
    """Give the features of a layer that hold polygons, with what they measure in its own numbers."""
    parts: dict[int, float] = {}
    for row, shape in sheet.shapes:
        parts[row] = parts.get(row, 0.0) + shape.area
    return parts


def _are_of_one_outline(sheet: _Sheet, parts: dict[int, float]) -> bool:
    """Tell whether features can be parts of one outline.

    None lies in another, they are not of different kinds or states, and no more says that it is cancelled or replaced
    than all.
    """
    if len(parts) > MOST_COMPARED:
        return True
    found = sheet.found
    spoken, stated, fields, states, against, projects = (set() for _ in range(6))
    for row in parts:
        values = {_key(name): str(value) for name, value in found.values[row - 1].items() if _filled(value)}
        fields.add(frozenset(found.values[row - 1]))
        stated.add(next((values[name] for name in _KINDS if name in values), None))
        states.add(next((folded(values[name]) for name in _STATES if name in values), None))
        against.add(any(says_other_land(value) for value in values.values()))
        words = folded(" ".join(values.values()))
        projects.add(tuple(folded(values[name]) for name in _PROJECTS if name in values) or _project_in(words))
        spoken.add(next((kind for kind, said in _SPOKEN_KINDS.items() if said.search(words)), None))
    if any(len(told) > 1 for told in (spoken, stated, fields, states, against, projects)):
        return False
    if not all(shape.is_valid for _, shape in sheet.shapes):
        return True  # refused with the features further on
    return not covered([shape for _, shape in sheet.shapes])


def _project_in(words: str) -> str | None:
    """Give the name of a project that words say: “du an a”."""
    met = re.match(r"(?:du an|cong trinh) (?!doan|phan|khu|giai|dot|goi|km|ranh|so|nhom|thanh)(\w+(?: \w+)?)", words)
    return met[0] if met else None


def _spoken_against(sheet: _Sheet) -> list[GisError]:
    """Doubt features that are taken and say that they do not count, or are of other land; their layer may say it."""
    said = []
    if says_other_land(sheet.found.name.replace("_", " ")):
        said.append(f"“{sheet.found.name}”")
    for row in dict.fromkeys(row for row, _ in sheet.shapes):
        values = {_key(name): str(value) for name, value in sheet.found.values[row - 1].items() if _filled(value)}
        if any(_says_against(name, value) for name, value in values.items()):
            said.append(_label(sheet.found, row))
    if not said:
        return []
    names = ", ".join(said[:MOST_NAMED]) + (" …" if len(said) > MOST_NAMED else "")
    return [Doubt("What was taken says itself that it does not count, or is of other land: %(names)s. Does it count?",
                  names=names)]  # fmt: skip


def _says_against(name: str, value: str) -> bool:
    """Tell whether an attribute of a feature says that it does not count; a remark may say it in more words."""
    return says_other_land(value) or bool(_REMARKS.match(name) and denies(value))


def _remarks_told(sheet: _Sheet) -> list[GisError]:
    """Show what features say in remarks, which are not taken."""
    said = []
    for row in dict.fromkeys(row for row, _ in sheet.shapes):
        for name, value in sheet.found.values[row - 1].items():
            if _filled(value) and _REMARKS.match(_key(name)) and not _says_against(_key(name), str(value)):
                said.append(f"{row} “{str(value).strip()[:60]}”")
    if not said:
        return []
    words = "; ".join(said[:MOST_NAMED]) + (" …" if len(said) > MOST_NAMED else "")
    return [GisError("Remarks of features were not taken: %(words)s.", words=words)]


def _areas_compared(sheet: _Sheet, way: Way) -> list[GisError]:
    """Compare the areas that attributes of features state with what was measured."""
    of_row: dict[int, list[shapely.Geometry]] = {}
    for row, shape in sheet.shapes:
        of_row.setdefault(row, []).append(shape)
    wrong = []
    for row, shapes in of_row.items() if len(of_row) <= MOST_COMPARED else ():
        values = {_key(name): value for name, value in sheet.found.values[row - 1].items() if _filled(value)}
        stated = next(((name, _measure(values[name])) for name in _AREAS if _measure(values.get(name))), None)
        if stated is None:
            continue
        name, value = stated
        there = shapely.transform(shapely.union_all(shapes), way.into_vn2000())
        measured = shapely.transform(there, to_zone(LANG_SON_ZONE).transform, interleaved=False).area
        readings = [value * 10_000] if name.endswith("ha") else [value, value * 10_000]
        if all(abs(each - measured) > max(1, _AREA_TOLERANCE * measured) for each in readings):
            wrong.append(
                Doubt("Feature %(feature)s states an area of %(stated)s; it measures %(measured)s m².",
                      feature=_label(sheet.found, row), stated=Decimal(f"{value:.10g}"),
                      measured=Decimal(f"{measured:.1f}"))
            )  # fmt: skip
    more = [Doubt("%(count)s more features state another area.", count=len(wrong) - MOST_NAMED)]
    return wrong[:MOST_NAMED] + (more if len(wrong) > MOST_NAMED else [])


def _measure(value: object) -> float | None:
    """Give a number that an attribute holds, plainly written; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip().replace(",", ".")
    return float(text) if re.fullmatch(r"\d+(?:\.\d+)?", text) and float(text) > 0 else None


def _key(name: str) -> str:
    return re.sub(r"[^a-z]", "", folded(name))


def _filled(value: object) -> bool:
    return value is not None and value == value and str(value).strip() not in ("", "None")


def _label(found: formats.Found, row: int) -> str:
    """Name a feature by its number and what it calls itself."""
    values = {_key(name): str(value).strip() for name, value in found.values[row - 1].items() if _filled(value)}
    said = [values[name] for name in _NAMES if name in values] or [
        value for value in values.values() if any(letter.isalpha() for letter in value)
    ]
    state = next((values[name] for name in _STATES if name in values), None)
    state = state or next(
        (value for name, value in values.items() if _says_against(name, value) and value not in said[:1]), None
    )
    return (f"{row} “{said[0][:40]}”" if said else str(row)) + (f" ({state[:40]})" if state and said != [state] else "")


def _listed(found: formats.Found, rows: list[int]) -> str:
    return ", ".join(_label(found, row) for row in rows[:MOST_NAMED]) + (" …" if len(rows) > MOST_NAMED else "")


def _of_rows(
    sheet: _Sheet, others: list[_Sheet], label: str | None, told_of_it: list[GisError]
) -> tuple[list[Choice], str | None]:
    found = sheet.found
    notes, doubts = [*found.notes, *_left_out(sheet, others), *told_of_it, *_remarks_told(sheet)], []
    flat = _flat(sheet, notes, doubts)
    doubts += [*_larger_lines((sheet, *others), flat), *_spoken_against(sheet)]
    ways, reason = _ways(found, flat)
    choices = [
        _choice(found, sheet, label, way, flat, (notes, doubts), sure=reason is None) for way in ways
    ]  # fmt: skip
    return choices, reason


def _choice(
    found: formats.Found, sheet: _Sheet, label: str | None, way: Way, flat: shapely.MultiPolygon,
    told: tuple[list[GisError], list[GisError]], *, sure: bool,
) -> Choice:  # fmt: skip
    moved = shapely.transform(flat, way.into_vn2000())
    doubts = (*told[1], *spikes_drawn(moved), *_areas_compared(sheet, way))
    reading = Reading(moved, (*told[0], *_utm_told(found, way, moved, flat)), doubts)
    name = found.name if label is None else f"{found.name} · {label}"
    return Choice(
        name, way.title, way.srid, reading, len(sheet.shapes), not sheet.polygons, sure, flat, found.unit_m,
        found.state,
    )  # fmt: skip


def _ways(found: formats.Found, flat: shapely.Geometry) -> tuple[list[Way], str | None]:
    """Give the ways to understand the numbers of a layer by which they lie in the country, and why they are in doubt.

    Raises
    ------
    OutsideVietnam
        Where there are none.
    """
    ways = [way for way in found.ways if way.lies(flat)]
    if ways:
        return ways, "two_systems" if len(found.ways) > 1 else None
    ways = systems.fitting(flat, found.unit_m)
    if not ways:
        raise formats.lies_nowhere(found.name, found.ways[0] if found.ways else _UNSAID, flat)
    degrees = systems.are_degrees(flat.bounds)
    if ways[0].swapped:
        return ways, "swapped"
    if found.ways and not degrees and all(way.srid in crs.DEGREES for way in found.ways):
        return ways, "metres"
    return ways, "elsewhere" if found.ways else "no_system"


_UNSAID = Way(GisError("a system that the file does not say"))


def otherwise(choice: Choice) -> list[Choice]:
    """Give the other ways to understand what was taken, whatever the file says of its system."""
    return [
        replace(
            choice, system=way.title, srid=way.srid, sure=False,
            reading=replace(choice.reading, outline=shapely.transform(choice.numbers, way.into_vn2000())),
        )
        for way in systems.fitting(choice.numbers, choice.unit_m)
    ]  # fmt: skip


def _flat(sheet: _Sheet, notes: list[GisError], doubts: list[GisError]) -> shapely.MultiPolygon:
    """Put the polygons of a layer together, in its own numbers."""
    shapes = [shape for _, shape in sheet.shapes]
    if shapely.get_num_coordinates(shapes).sum() > MOST_READ:
        raise BadParameter("The outline has more than %(most)s vertices.", most=MOST_VERTICES)
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        raise InvalidGeometry("A coordinate of “%(layer)s” is no number.", layer=sheet.found.name)
    wrong = [(row, shape) for row, shape in sheet.shapes if not shape.is_valid]
    if wrong:
        rows = ", ".join(str(row) for row, _ in wrong[:MOST_NAMED]) + (" …" if len(wrong) > MOST_NAMED else "")
        raise InvalidGeometry(
            "%(count)s features of “%(layer)s” are not valid: %(rows)s. The first of them: %(reason)s. Mend them and "
            "send the file again.", count=len(wrong), layer=sheet.found.name, rows=rows,
            reason=why_invalid(wrong[0][1]),
        )  # fmt: skip
    whole = shapely.union_all(shapes)
    if shapely.get_num_coordinates(whole) > MOST_VERTICES:
        raise BadParameter("The outline has more than %(most)s vertices.", most=MOST_VERTICES)
    if whole.area < (SMALLEST_RING_M2 / DEGREE_M**2 if systems.are_degrees(whole.bounds) else SMALLEST_RING_M2):
        raise InvalidGeometry("The outline encloses no area.")
    twice = sum(shape.area for shape in shapes) - whole.area
    if twice > 1e-6 * whole.area:
        notes.append(
            GisError("Polygons of “%(layer)s” overlap, by %(percent)s in 100 of the outline: it is counted once.",
                     layer=sheet.found.name, percent=Decimal(f"{100 * twice / whole.area:.2f}"))
        )  # fmt: skip
        doubts += _of_one_another(sheet)
    return shapely.multipolygons([part for part in shapely.get_parts(whole) if part.geom_type == "Polygon"])


def _of_one_another(sheet: _Sheet) -> list[GisError]:
    """Tell of polygons that lie in another for the most part: a project and its commune, a version and its former one.

    One that is there twice does no harm.
    """
    rows, shapes = [row for row, _ in sheet.shapes], [shape for _, shape in sheet.shapes]
    return [_of_parts(sheet, rows, i, j, share) if rows[i] == rows[j] else Doubt(
        "Feature %(row)s of “%(layer)s” lies in feature %(other)s, by %(percent)s in 100 of it: both were taken "
        "as one outline. Is the larger one an outline of something else?", row=rows[i], other=rows[j],
        layer=sheet.found.name, percent=Decimal(f"{100 * share:.0f}"),
    ) for i, j, share in covered(shapes)[:MOST_NAMED]]  # fmt: skip


def _of_parts(sheet: _Sheet, rows: list[int], i: int, j: int, share: float) -> Doubt:
    """Tell of parts of one feature of which one lies in another."""
    part, other = (sum(row == rows[i] for row in rows[: place + 1]) for place in (i, j))
    return Doubt(
        "In feature %(row)s of “%(layer)s”, part %(part)s lies in part %(other)s, by %(percent)s in 100 of it: both "
        "were taken as one outline. Is one of them a hole, or a former version?", row=rows[i],
        layer=sheet.found.name, part=part, other=other, percent=Decimal(f"{100 * share:.0f}"),
    )  # fmt: skip


def _larger_lines(sheets: tuple[_Sheet, ...], flat: shapely.MultiPolygon) -> list[GisError]:
    """Doubt what was taken where a line that is not closed goes around more land."""
    return [
        Doubt("Line %(row)s of “%(layer)s” goes around more land than what was taken, but it is open and was left out: "
              "is it the outline? Then close it and send the file again.", row=row, layer=sheet.found.name)
        for sheet in sheets
        for row, line in sheet.open
        if len(line.coords) > 2 and line.convex_hull.area > flat.area
    ][:MOST_NAMED]  # fmt: skip


def _left_out(sheet: _Sheet, others: list[_Sheet]) -> list[GisError]:
    """Tell of what stands in the file and is no part of the outline."""
    notes = []
    if not sheet.polygons:
        notes.append(
            GisError("“%(layer)s” holds no polygons: its %(count)s closed lines were taken as the outline.",
                     layer=sheet.found.name, count=len(sheet.closed))
        )  # fmt: skip
    if gaps := _gaps([sheet]):
        notes.append(
            GisError("Open lines of “%(layer)s” were left out: features %(lines)s (how far their ends lie apart).",
                     layer=sheet.found.name, lines=gaps)
        )  # fmt: skip
    for each in (sheet, *others):
        lines = each.others.get("lines", 0) + (len(each.closed) if each is not sheet or sheet.polygons else 0)
        polygons = len(each.polygons) if each is not sheet else 0
        points, texts, nothing = (each.others.get(kind, 0) for kind in ("points", "texts", "nothing"))
        if polygons or lines or points or texts or nothing:
            notes.append(
                GisError("Left out of “%(layer)s”: %(polygons)s polygons, %(lines)s lines, %(points)s points, "
                         "%(texts)s texts, %(nothing)s features without a shape.", layer=each.found.name,
                         polygons=polygons, lines=lines, points=points, texts=texts, nothing=nothing)
            )  # fmt: skip
    return notes


def _utm_told(found: formats.Found, way: Way, moved: shapely.Geometry, flat: shapely.Geometry) -> list[GisError]:
    """Tell of a UTM zone of WGS 84, which VN-2000 has too: what is meant cannot be seen by the numbers."""
    srid = systems.utm_of_wgs84((way,))
    if srid is None:
        return []
    other = shapely.transform(flat, Way("", srid).into_vn2000())
    away = shapely.distance(*(shapely.transform(each, to_zone(LANG_SON_ZONE).transform, interleaved=False).centroid
                              for each in (moved, other)))  # fmt: skip
    return [
        GisError("“%(layer)s” says %(system)s. If its numbers are of VN-2000 %(zone)s, the outline lies %(metres)s m "
                 "off.", layer=found.name, system=way.title, zone=ZONES[srid].name, metres=Decimal(round(away)))
    ]  # fmt: skip
