"""Outlines as people have them: a table of vertices, a file, or what was drawn on a map.

Whatever they come from, they leave as valid polygons in EPSG:4756. Nothing is mended: what crosses itself, lies abroad
or cannot be read is refused with the row or the edges at fault. What a table states of itself, lengths and areas, is
compared with what is measured, and what was passed over is told.
"""

import math
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import shapely
from shapely.errors import ShapelyError

from gis import crs
from gis.crs import LANG_SON_ZONE, VIETNAM_BOX, ZONES, to_wgs84, to_zone
from gis.errors import BadParameter, Doubt, GisError, InvalidGeometry, OutsideVietnam, UnreadableFile
from gis.exchange import formats, vertices
from gis.exchange.coordinates import DEGREES
from gis.exchange.rings import Vertex
from gis.exchange.vertices import MOST_VERTICES, Passed, Table

EDGE_TOLERANCE_M = 0.05
EDGE_TOLERANCE_SHARE = 5e-4
"""How far a stated length may be from the measured one: it may have been measured on the ground, or in a zone of other
scale (0.9996 for 0.9999)."""
AREA_TOLERANCE_SHARE = 1e-3
DEGREE_M = 111_320
MOST_EDGES_NAMED = 12
SMALLEST_RING_M2 = 0.01


@dataclass(frozen=True)
class Reading:
    """An outline as it was read, and what is to be told of it before anything is recorded."""

    outline: shapely.MultiPolygon
    """In EPSG:4756."""
    notes: tuple[GisError, ...] = ()
    """What was left out or understood in a way that somebody should know."""
    doubts: tuple[GisError, ...] = ()
    """What contradicts what was read: to be confirmed with a reason, or mended."""
    passed: tuple[Passed, ...] = ()
    """Rows of a table that are no vertices."""


def outline_from_vertices(text: str, srid: int) -> shapely.MultiPolygon:
    """Read a table of vertices that stands in a known system.

    Parameters
    ----------
    text : str
        As `gis.exchange.vertices.read` takes it. A ring inside another is a hole.
    srid : int
        The zone of the numbers, a key of `gis.crs.ZONES`, or of degrees, a key of `gis.crs.DEGREES`.

    Returns
    -------
    shapely.MultiPolygon
        In EPSG:4756.

    Raises
    ------
    BadParameter
        For a system that is not known or does not fit the numbers, and a row that cannot be read, swapped columns
        among them.
    InvalidGeometry
        For a ring of fewer than three vertices, without area, or that crosses itself or another: with the vertices.
    OutsideVietnam
    """
    return outline_of_table(vertices.read(text), srid).outline


def outline_of_table(table: Table, srid: int) -> Reading:
    """Make the outline of a table that was read, and compare it with the lengths and areas the table states.

    Raises
    ------
    BadParameter, InvalidGeometry, OutsideVietnam
        As `outline_from_vertices`.
    """
    if srid not in ZONES and srid not in crs.DEGREES:
        raise BadParameter("There is no VN-2000 zone EPSG:%(srid)s.", parameter="zone", srid=srid)
    if (table.kind == DEGREES) != (srid in crs.DEGREES):
        if table.kind == DEGREES:
            raise BadParameter("The numbers are degrees, and a zone in metres is chosen.", parameter="zone")
        raise BadParameter("The numbers are metres, and degrees are chosen.", parameter="zone")
    kept = [(i, _enough(ring)) for i, ring in enumerate(table.rings)]
    rings = [ring for _, ring in kept]
    shapes = [_polygon(ring, table.kind) for ring in rings]
    outline = _in_vietnam(shapely.transform(_nested(rings, shapes), crs.into_vn2000(srid), interleaved=False))
    notes, doubts = list(table.notes), list(table.doubts)
    plane = srid if srid in ZONES else LANG_SON_ZONE
    measured = [_on_plane(ring, srid, plane) for ring in rings]
    doubts += _compared_edges(table, rings, measured, notes)
    doubts += _compared_areas(table, outline, measured, plane)
    doubts += _compared_degrees(table, rings, srid, notes)
    if len(rings) > 1:
        notes.append(GisError("The table holds %(count)s rings.", count=len(rings)))
    return Reading(outline, tuple(notes), tuple(doubts), tuple(table.passed))


def outline_from_geojson(given: object) -> shapely.MultiPolygon:
    """Read a GeoJSON polygon, feature or collection of them in WGS 84, as maps draw it.

    Raises
    ------
    BadParameter, InvalidGeometry, OutsideVietnam
    """
    shapes = []
    for each in _geometries(given):
        try:
            shape = shapely.geometry.shape(each)
        except (ShapelyError, KeyError, TypeError, ValueError, AttributeError, IndexError):
            raise BadParameter("The GeoJSON of the outline cannot be read.", parameter="geojson") from None
        if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
            raise InvalidGeometry("It is a %(kind)s, not a polygon.", parameter="geojson", kind=shape.geom_type)
        shapes.append(shapely.force_2d(shape))
    if not shapes:
        raise BadParameter("The GeoJSON of the outline cannot be read.", parameter="geojson")
    moved = shapely.transform(
        shapes, lambda x, y: to_wgs84().transform(x, y, direction="INVERSE"), interleaved=False
    )  # fmt: skip
    return _in_vietnam(_united(list(moved)))


def outline_from_file(content: bytes, name: str) -> shapely.MultiPolygon:
    """Read all polygons of a vector file as one outline.

    Parameters
    ----------
    content : bytes
    name : str
        Of the file: its suffix says the format (`gis.exchange.formats.FORMATS`).

    Raises
    ------
    UnreadableFile, MissingCrs, OutsideVietnam
        As `gis.exchange.formats.read`.
    InvalidGeometry
        Where a polygon crosses itself or none is there.
    """
    name = re.sub(r"[\x00-\x1f]", "", Path(name.replace("\\", "/")).name)[-100:]
    with tempfile.TemporaryDirectory(prefix="mat-bang-") as folder:
        path = Path(folder) / (name or "?")
        path.write_bytes(content)
        try:
            features = [feature for layer in formats.read(path) for feature in layer.features]
        except GisError as error:
            error.parameter = "file"
            raise
    if not features:
        raise UnreadableFile("The file “%(file)s” holds no polygons.", parameter="file", file=name)
    return _in_vietnam(_united([feature.geometry for feature in features]))


def vertex_table(outline: shapely.MultiPolygon, srid: int) -> str:
    """Write an outline as a table of vertices that `outline_from_vertices` reads: number, X (north), Y (east).

    Metres of a zone to the millimetre, degrees to nine decimals (0.1 mm). Each ring is numbered from 1, because numbers
    that go on make one ring of two.
    """
    digits = 9 if srid in crs.DEGREES else 3
    tables = []
    for polygon in shapely.get_parts(shapely.transform(outline, _from_vn2000(srid), interleaved=False)):
        for ring in (polygon.exterior, *polygon.interiors):
            rows = enumerate(list(ring.coords)[:-1], start=1)
            tables.append("\n".join(f"{n}\t{north:.{digits}f}\t{east:.{digits}f}" for n, (east, north) in rows))
    return "\n\n".join(tables)


def as_geojson(outline: shapely.Geometry) -> dict:
    """Give an outline as a GeoJSON geometry in WGS 84, for maps."""
    moved = shapely.transform(outline, to_wgs84().transform, interleaved=False)
    return shapely.geometry.mapping(shapely.set_precision(moved, 1e-9, mode="pointwise"))


def area_m2(outline: shapely.Geometry, srid: int) -> float:
    """Measure an outline on the plane of a zone."""
    return shapely.transform(outline, _to_metres(srid), interleaved=False).area


def _to_metres(srid: int):
    return to_zone(srid).transform


def _from_vn2000(srid: int):
    if srid == crs.VN2000:
        return lambda lon, lat: (lon, lat)
    return to_wgs84().transform if srid == crs.WGS84 else _to_metres(srid)


# A table of vertices.


def _enough(ring: list[Vertex]) -> list[Vertex]:
    if len(ring) < 3:
        raise InvalidGeometry(
            "The ring that begins in row %(row)s has %(count)s vertices; a ring needs three.",
            parameter="vertices", row=ring[0].row, count=len(ring),
        )  # fmt: skip
    return ring


def _on_plane(ring: list[Vertex], srid: int, plane: int) -> np.ndarray:
    """Give the vertices of a ring in metres: as they stand, or degrees on the plane of the province."""
    at = np.array([vertex.at for vertex in ring])
    if srid in ZONES:
        return at
    return np.column_stack(to_zone(plane).transform(*crs.into_vn2000(srid)(at[:, 0], at[:, 1])))


def _compared_edges(table: Table, rings: list, measured: list[np.ndarray], notes: list) -> list[GisError]:
    """Compare the lengths that a table states; a column of them tells of the edge after a vertex, or before it."""
    if not table.edges:
        return []
    ways = [_mismatches(table, rings, measured, forward) for forward in (True, False)]
    wrong, compared = min(ways, key=lambda way: (len(way[0]), -way[1]))
    if not compared:
        return []
    if not table.headed_edges and len(wrong) > compared / 2 and not any(edge.between for edge in table.edges):
        notes.append(GisError("The numbers behind the coordinates are no lengths of edges: they were not compared."))
        return []
    more = [Doubt("%(count)s more stated lengths differ.", count=len(wrong) - MOST_EDGES_NAMED)]
    return wrong[:MOST_EDGES_NAMED] + (more if len(wrong) > MOST_EDGES_NAMED else [])


def _mismatches(table, rings, measured, forward: bool) -> tuple[list[GisError], int]:
    wrong, compared = [], 0
    for place, (ring, points) in enumerate(zip(rings, measured, strict=True)):
        rows = [vertex.row for vertex in ring]
        ends = np.roll(points, -1, axis=0)
        lengths = np.hypot(*(ends - points).T)
        last = table.closings.get(place)
        following = rings[place + 1][0].row if place + 1 < len(rings) else math.inf
        for edge in table.edges:
            at = _edge_at(edge, rows, last, following, forward)
            if at is None:
                continue
            compared += 1
            tolerance = EDGE_TOLERANCE_M + EDGE_TOLERANCE_SHARE * lengths[at] + edge.step / 2 + _fuzz_m(table)
            if abs(lengths[at] - edge.length_m) > tolerance:
                a, b = ring[at], ring[(at + 1) % len(ring)]
                wrong.append(
                    Doubt(
                        "Edge %(a)s–%(b)s (rows %(row)s and %(other)s) measures %(measured)s m; row %(stated_in)s "
                        "states %(stated)s m (tolerance %(tolerance)s m).",
                        a=a.label or a.row, b=b.label or b.row, row=a.row, other=b.row, stated_in=edge.row,
                        measured=_metres(lengths[at]), stated=_metres(edge.length_m), tolerance=_metres(tolerance),
                    )
                )  # fmt: skip
    return wrong, compared


def _edge_at(
    edge: vertices.StatedEdge, rows: list[int], last: int | None, following: float, forward: bool
) -> int | None:
    """Find the edge of a ring that a stated length means, by the place of its first vertex."""
    if edge.between:
        return next((i for i in reversed(range(len(rows))) if rows[i] < edge.row < following), None)
    if edge.row == last:
        return None if forward else len(rows) - 1
    if edge.row not in rows:
        return None
    at = rows.index(edge.row)
    return at if forward else (at - 1) % len(rows)


def _fuzz_m(table: Table) -> float:
    """Tell how far rounding of the coordinates can move a length."""
    return table.step * (DEGREE_M if table.kind == DEGREES else 1) * math.sqrt(2)


def _compared_areas(table: Table, outline, measured: list[np.ndarray], plane: int) -> list[GisError]:
    wrong = []
    whole = [area_m2(outline, srid) for srid in {plane, LANG_SON_ZONE}]
    each = [shapely.Polygon(points).area for points in measured]
    around = sum(np.hypot(*(np.roll(points, -1, axis=0) - points).T).sum() for points in measured)
    for stated in table.areas:
        tolerance = stated.step_m2 / 2 + AREA_TOLERANCE_SHARE * whole[0] + _fuzz_m(table) / 2 * math.sqrt(around)
        if any(abs(one - other) <= tolerance for one in stated.readings_m2 for other in (*whole, *each)):
            continue
        wrong.append(
            Doubt(
                "Row %(row)s states an area of %(stated)s; the outline measures %(measured)s m² (tolerance "
                "%(tolerance)s m²).",
                row=stated.row, stated=stated.text, measured=_metres(whole[0]), tolerance=_metres(tolerance),
            )
        )  # fmt: skip
    return wrong


def _compared_degrees(table: Table, rings: list[list[Vertex]], srid: int, notes: list) -> list[GisError]:
    """Compare degrees that stand beside the metres: of WGS 84 or VN-2000, whichever lies nearer."""
    both = [(vertex, table.beside[vertex.row]) for ring in rings for vertex in ring if vertex.row in table.beside]
    if not both:
        return []
    lon, lat = crs.into_vn2000(srid)(*np.array([vertex.at for vertex, _ in both]).T)
    east, north = to_zone(LANG_SON_ZONE).transform(lon, lat)
    stated = np.array([(pair.east, pair.north) for _, pair in both]).T
    away = {}
    for datum in crs.DEGREES:
        x, y = to_zone(LANG_SON_ZONE).transform(*crs.into_vn2000(datum)(*stated))
        away[datum] = np.hypot(x - east, y - north)
    datum = min(away, key=lambda each: np.median(away[each]))
    tolerance = 1 + max(pair.step for _, pair in both) * DEGREE_M
    wrong = [
        Doubt("Row %(row)s: the degrees beside lie %(metres)s m from the metres.", row=vertex.row, metres=_metres(far))
        for (vertex, _), far in zip(both, away[datum], strict=True)
        if far > tolerance
    ]
    notes.append(
        GisError("Degrees (%(datum)s) stand beside the metres of %(count)s rows: they were compared, the metres taken.",
                 datum=crs.DEGREES[datum], count=len(both))
    )  # fmt: skip
    return wrong[:MOST_EDGES_NAMED]


def _metres(value: float) -> Decimal:
    return Decimal(f"{value:.2f}")


def _polygon(ring: list[Vertex], kind: str) -> shapely.Polygon:
    shape = shapely.Polygon([vertex.at for vertex in ring])
    if not shape.is_valid:
        _refuse_crossing(ring)
    if not shape.is_valid or shape.area < (SMALLEST_RING_M2 / DEGREE_M**2 if kind == DEGREES else SMALLEST_RING_M2):
        raise InvalidGeometry(
            "The ring that begins in row %(row)s encloses no area.", parameter="vertices", row=ring[0].row
        )
    return shape


def _refuse_crossing(ring: list[Vertex]) -> None:
    """Name the first two edges that meet where they should not."""
    ends = [*ring[1:], ring[0]]
    edges = shapely.linestrings([[a.at, b.at] for a, b in zip(ring, ends, strict=True)])
    first, second = shapely.STRtree(edges).query(edges, predicate="intersects")
    count = len(ring)
    for a, b in sorted(zip(first.tolist(), second.tolist(), strict=True)):
        if a >= b:
            continue
        neighbours = b - a == 1 or b - a == count - 1
        # Neighbours share their common vertex; more than that is an edge that runs back over the other.
        if not neighbours or shapely.intersection(edges[a], edges[b]).length > 0:
            raise InvalidGeometry(
                "The outline crosses itself: edge %(a)s–%(b)s (row %(row)s) meets edge %(c)s–%(d)s (row %(other)s).",
                parameter="vertices", row=ring[a].row, other=ring[b].row,
                **{key: v.label or v.row for key, v in zip("abcd", (ring[a], ends[a], ring[b], ends[b]), strict=True)},
            )  # fmt: skip


def _nested(rings: list[list[Vertex]], shapes: list[shapely.Polygon]) -> shapely.MultiPolygon:
    """Put rings together: one inside another is its hole, one inside a hole is land again."""
    whole = shapely.MultiPolygon()
    order = sorted(range(len(shapes)), key=lambda i: -shapes[i].area)
    for place, i in enumerate(order):
        for j in order[:place]:
            if shapes[i].overlaps(shapes[j]) or shapes[i].equals(shapes[j]):
                raise InvalidGeometry(
                    "The rings that begin in row %(row)s and row %(other)s overlap.",
                    parameter="vertices", row=rings[j][0].row, other=rings[i][0].row,
                )  # fmt: skip
        whole = shapely.symmetric_difference(whole, shapes[i])
    return shapely.multipolygons(shapely.get_parts(whole))


# Shapes of other making.


def _geometries(given: object) -> Iterator[object]:
    if not isinstance(given, dict):
        raise BadParameter("The GeoJSON of the outline cannot be read.", parameter="geojson")
    if given.get("type") == "FeatureCollection" and isinstance(given.get("features"), list):
        for feature in given["features"]:
            yield from _geometries(feature)
    elif given.get("type") == "Feature":
        yield given.get("geometry")
    else:
        yield given


def _united(shapes: list[shapely.Geometry]) -> shapely.MultiPolygon:
    for number, shape in enumerate(shapes, start=1):
        if not np.isfinite(shapely.get_coordinates(shape)).all():
            raise OutsideVietnam("The outline does not lie in Vietnam.")
        if not shape.is_valid:
            raise InvalidGeometry(
                "Polygon %(number)s is not valid: %(reason)s (degrees east, north). Mend it and send it again.",
                number=number, reason=shapely.is_valid_reason(shape),
            )  # fmt: skip
    whole = shapely.union_all(shapes)
    if shapely.get_num_coordinates(whole) > MOST_VERTICES:
        raise BadParameter("The outline has more than %(most)s vertices.", most=MOST_VERTICES)
    return shapely.multipolygons(shapely.get_parts(whole))


def _in_vietnam(outline: shapely.MultiPolygon) -> shapely.MultiPolygon:
    west, south, east, north = outline.bounds
    inside = VIETNAM_BOX[0] <= west and VIETNAM_BOX[1] <= south and east <= VIETNAM_BOX[2] and north <= VIETNAM_BOX[3]
    if not all(map(math.isfinite, outline.bounds)) or not inside:
        raise OutsideVietnam("The outline does not lie in Vietnam.")
    return outline
