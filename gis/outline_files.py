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
from gis.errors import BadParameter, Doubt, GisError, InvalidGeometry, OutsideVietnam, Question, UnreadableFile
from gis.exchange import formats, systems
from gis.exchange.systems import Way
from gis.exchange.vertices import MOST_VERTICES
from gis.outlines import Reading, why_invalid

MOST_READ = 400_000
"""Vertices of a file: more than these are no outline, and take long to put together."""
MOST_LAYERS = 20
MOST_NAMED = 5
MOST_COVERED = 0.1
"""A polygon of which another covers more than this share is no neighbour drawn carelessly."""


@dataclass(frozen=True)
class Choice:
    """One way to take an outline out of a file."""

    layer: str
    system: str
    """What its numbers are understood as."""
    srid: int | None
    reading: Reading
    polygons: int
    lines: bool
    """Whether closed lines were taken as polygons."""
    sure: bool
    """Whether its system is not in question."""


@dataclass(frozen=True)
class FileReading:
    """What a file offers as an outline; with several choices, or a `reason`, somebody has to choose."""

    choices: list[Choice]
    reason: str | None = None
    """``layers`` (several hold polygons), ``no_system`` (the file does not say it), ``metres`` (it says degrees and
    holds metres), ``two_systems`` (it says two things) or ``swapped`` (latitude before longitude); None where all is
    sure."""


@dataclass(frozen=True)
class _Sheet:
    """A layer with its shapes told apart."""

    found: formats.Found
    polygons: list[tuple[int, shapely.Geometry]]
    closed: list[tuple[int, shapely.Polygon]]
    others: dict[str, int]

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
            ways="; ".join(f"{choice.layer} ({choice.system})" for choice in found.choices),
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
            return _offered(sheets, name)
        except GisError as error:
            error.parameter = "file"
            raise


def _sheet(found: formats.Found) -> _Sheet:
    polygons, closed, others = [], [], Counter()
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
    return _Sheet(found, polygons, closed, dict(others))


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
        raise UnreadableFile(
            "The file “%(file)s” holds no polygons and no closed lines: it has %(lines)s open lines, %(points)s "
            "points, %(texts)s texts.", file=name, lines=held["lines"], points=held["points"], texts=held["texts"],
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
    found = sheet.found
    notes, doubts = [*found.notes, *_left_out(sheet, others)], []
    flat = _flat(sheet, notes, doubts)
    ways, reason = _ways(found, flat)
    choices = []
    for way in ways:
        moved = shapely.transform(flat, way.into_vn2000())
        if not np.isfinite(moved.bounds).all() or not formats.inside_vietnam(moved.bounds):
            continue
        told = [*notes, *_utm_told(found, way, moved, flat)]
        reading, sure = Reading(moved, tuple(told), tuple(doubts)), reason is None
        choices.append(
            Choice(found.name, way.title, way.srid, reading, len(sheet.shapes), not sheet.polygons, sure)
        )  # fmt: skip
    if not choices:
        raise OutsideVietnam("The coordinates of “%(layer)s” do not lie in Vietnam.", layer=found.name)
    return choices, reason


def _ways(found: formats.Found, flat: shapely.Geometry) -> tuple[list[Way], str | None]:
    """Give the ways to understand the numbers of a layer, and why there is more than one."""
    degrees = formats.are_degrees(flat.bounds)
    ways, reason = list(found.ways), "two_systems" if len(found.ways) > 1 else None
    if ways and not degrees and all(way.srid in crs.DEGREES for way in ways):
        ways, reason = [], "metres"
    if not ways:
        kinds = crs.DEGREES if degrees else ZONES
        ways, reason = [Way(crs.name_of(srid), srid) for srid in kinds], reason or "no_system"
    if any(formats.inside_vietnam(shapely.transform(flat, way.into_vn2000()).bounds) for way in ways):
        return ways, reason
    swapped = [replace(way, swapped=True, title=f"{way.title} ⇄") for way in ways]
    if any(formats.inside_vietnam(shapely.transform(flat, way.into_vn2000()).bounds) for way in swapped):
        return swapped, "swapped"
    return ways, reason


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
    if whole.area == 0:
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
    told = []
    for i, j in shapely.STRtree(shapes).query(shapes, predicate="intersects").T.tolist():
        if shapes[i].area >= shapes[j].area or i == j:
            continue
        share = shapely.intersection(shapes[i], shapes[j]).area / shapes[i].area
        if share > MOST_COVERED:
            told.append(
                Doubt(
                    "Feature %(row)s of “%(layer)s” lies in feature %(other)s, by %(percent)s in 100 of it: both were "
                    "taken as one outline. Is the larger one an outline of something else?", row=rows[i],
                    other=rows[j], layer=sheet.found.name, percent=Decimal(f"{100 * share:.0f}"),
                )
            )  # fmt: skip
            if len(told) == MOST_NAMED:
                break
    return told


def _left_out(sheet: _Sheet, others: list[_Sheet]) -> list[GisError]:
    """Tell of what stands in the file and is no part of the outline."""
    notes = []
    if not sheet.polygons:
        notes.append(
            GisError("“%(layer)s” holds no polygons: its %(count)s closed lines were taken as the outline.",
                     layer=sheet.found.name, count=len(sheet.closed))
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
