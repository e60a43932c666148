"""Outlines as people have them: a table of vertices, a file, or what was drawn on a map.

Whatever they come from, they leave as valid polygons in EPSG:4756. Nothing is mended: what crosses itself, lies abroad
or cannot be read is refused with the row or the edges at fault. What a table states of itself, lengths and areas, is
compared with what is measured, and what was passed over is told.
"""

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import shapely

from gis import crs
from gis.crs import LANG_SON_ZONE, VIETNAM_BOX, ZONES, to_wgs84, to_zone
from gis.errors import BadParameter, Doubt, GisError, InvalidGeometry, MissingCrs, OutsideVietnam
from gis.exchange import formats, geojson, systems, vertices
from gis.exchange.coordinates import DEGREES
from gis.exchange.rings import INNER_RING, Vertex
from gis.exchange.vertices import MOST_VERTICES, Passed, Table
from gis.stated import (
    DEGREE_M,
    compared_areas,
    compared_degrees,
    compared_edges,
    compared_perimeters,
    odd_shapes,
    spikes_drawn,
)

SMALLEST_RING_M2 = 0.01
MOST_COVERED = 0.1
"""A polygon of which another covers more than this share is no neighbour drawn carelessly."""
MOST_NAMED = 5


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
    unsaid_holes: tuple[GisError, ...] = ()
    """Rings inside others of which the table does not say that they are holes; they were taken as holes."""


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


def outline_of_table(table: Table, srid: int, *, filled: bool = False) -> Reading:
    """Make the outline of a table that was read, and compare it with the lengths and areas the table states.

    Parameters
    ----------
    table : Table
    srid : int
        As `outline_from_vertices`.
    filled : bool
        Whether rings inside others are land of the outline, unless the table says that they are holes.

    Raises
    ------
    BadParameter, InvalidGeometry, OutsideVietnam
        As `outline_from_vertices`.
    """
    if srid not in ZONES and srid not in crs.DEGREES:
        raise BadParameter("There is no VN-2000 zone EPSG:%(srid)s.", parameter="zone", srid=srid)
    if table.pairs:
        raise BadParameter("Each row holds its vertex several times (%(pairs)s): send the columns of one pair.",
                           parameter="vertices", pairs=[title for title, _ in table.pairs])  # fmt: skip
    if (table.kind == DEGREES) != (srid in crs.DEGREES):
        if table.kind == DEGREES:
            raise BadParameter("The numbers are degrees, and a zone in metres is chosen.", parameter="zone")
        raise BadParameter("The numbers are metres, and degrees are chosen.", parameter="zone")
    kept = [(i, _enough(ring)) for i, ring in enumerate(table.rings)]
    rings = [ring for _, ring in kept]
    shapes = [_polygon(ring, table.kind) for ring in rings]
    whole, holes = _nested(rings, shapes, table.inner, filled)
    outline = _in_vietnam(shapely.transform(whole, crs.into_vn2000(srid), interleaved=False))
    notes, doubts = list(table.notes), list(table.doubts)
    plane = srid if srid in ZONES else LANG_SON_ZONE
    measured = [_on_plane(ring, srid, plane) for ring in rings]
    doubts += compared_edges(table, rings, measured, notes)
    doubts += compared_areas(table, [area_m2(outline, each) for each in {plane, LANG_SON_ZONE}], measured)
    doubts += compared_degrees(table, rings, srid, notes)
    doubts += compared_perimeters(table, measured)
    doubts += odd_shapes(rings, measured, notes)
    doubts += _headings_asked(table, kept, measured)
    if len(rings) > 1:
        notes.append(GisError("The table holds %(count)s rings.", count=len(rings)))
    told = [_hole_told(table, rings, measured, place) for place in holes]
    notes += told
    unsaid = () if filled else tuple(each for place, each in zip(holes, told, strict=True) if place not in table.inner)
    return Reading(outline, tuple(notes), tuple(doubts), tuple(table.passed), unsaid)


def _headings_asked(table: Table, kept: list, measured: list[np.ndarray]) -> list[GisError]:
    """Ask of rings whose headings say more than the name of an area whether they are land of the outline."""
    return [
        Doubt("Row %(row)s, “%(text)s”, stands above a ring of %(area)s m² that was taken nevertheless: does it count?",
              row=table.headed[place][0], text=table.headed[place][1][:80],
              area=Decimal(f"{shapely.Polygon(at).area:.2f}"))
        for (place, _), at in zip(kept, measured, strict=True)
        if place in table.headed and place not in table.inner
    ]  # fmt: skip


def _hole_told(table: Table, rings: list[list[Vertex]], measured: list[np.ndarray], place: int) -> GisError:
    said = {"row": rings[place][0].row, "area": Decimal(f"{shapely.Polygon(measured[place]).area:.2f}")}
    if place in table.inner:
        return GisError("The ring that begins in row %(row)s is a hole of %(area)s m², as “%(text)s” says: it was "
                        "taken out.", text=table.inner[place], **said)  # fmt: skip
    return GisError("The ring that begins in row %(row)s, of %(area)s m², lies inside another and was taken out as a "
                    "hole.", **said)  # fmt: skip


def covered(shapes: list[shapely.Geometry]) -> list[tuple[int, int, float]]:
    """Give the polygons that lie in another for the most part, by their places, with the share that does.

    One that is there twice does no harm, and is not given.
    """
    found = []
    for i, j in shapely.STRtree(shapes).query(shapes, predicate="intersects").T.tolist():
        if i == j or shapes[i].area >= shapes[j].area:
            continue
        share = shapely.intersection(shapes[i], shapes[j]).area / shapes[i].area
        if share > MOST_COVERED:
            found.append((i, j, share))
    return sorted(found)


def outline_from_geojson(given: object) -> shapely.MultiPolygon:
    """Give the outline of `reading_of_geojson` alone."""
    return reading_of_geojson(given).outline


def reading_of_geojson(given: object) -> Reading:
    """Read a GeoJSON polygon, feature or collection of them in WGS 84, as maps draw it.

    Features of which one lies in another are a doubt: a project and a parcel of it are no one outline.

    Raises
    ------
    BadParameter, InvalidGeometry, MissingCrs, OutsideVietnam, UnreadableFile
        With what is wrong: a ring that is not closed, NaN, metres, shapes that are no polygons.
    """
    found = geojson.of_object(given)
    if found.crs is not None and [way.srid for way in systems.ways_of(found.crs)] != [crs.WGS84]:
        raise MissingCrs(
            "The GeoJSON says its system is “%(system)s”: here it must be in degrees of WGS 84, without “crs”. Send a "
            "file, or a table of vertices with their zone.", parameter="geojson", system=found.crs[:80],
        )  # fmt: skip
    shapes = []
    for each in found.features:
        if each.shape is None or each.shape.is_empty or each.shape.geom_type not in formats.POLYGONS:
            kind = each.shape.geom_type if each.shape is not None else "null"
            raise InvalidGeometry("It is a %(kind)s, not a polygon.", parameter="geojson", kind=kind)
        shapes.append(each.shape)
    if not shapes:
        raise BadParameter("The GeoJSON of the outline cannot be read.", parameter="geojson")
    if not systems.are_degrees(shapely.total_bounds(shapes)):
        raise MissingCrs(
            "The numbers of the GeoJSON are metres: it must be in degrees of WGS 84. Send metres as a table of "
            "vertices, with their zone.",
            parameter="geojson",
        )
    moved = shapely.transform(
        shapes, lambda x, y: to_wgs84().transform(x, y, direction="INVERSE"), interleaved=False
    )  # fmt: skip
    outline = _in_vietnam(_united(list(moved)))
    doubts = [
        Doubt("Feature %(row)s lies in feature %(other)s, by %(percent)s in 100 of it: both were taken as one outline. "
              "Is one of them an outline of something else?", row=found.features[i].row, other=found.features[j].row,
              percent=Decimal(f"{100 * share:.0f}"))
        for i, j, share in covered(shapes)[:MOST_NAMED]
    ]  # fmt: skip
    return Reading(outline, doubts=(*doubts, *spikes_drawn(outline)))


def vertex_table(outline: shapely.MultiPolygon, srid: int) -> str:
    """Write an outline as a table of vertices that `outline_from_vertices` reads: number, X (north), Y (east).

    Metres of a zone to the millimetre, degrees to nine decimals (0.1 mm). Each ring is numbered from 1, because numbers
    that go on make one ring of two; a hole is headed as one.
    """
    digits = 9 if srid in crs.DEGREES else 3
    tables = []
    for polygon in shapely.get_parts(shapely.transform(outline, _from_vn2000(srid), interleaved=False)):
        for place, ring in enumerate((polygon.exterior, *polygon.interiors)):
            rows = enumerate(list(ring.coords)[:-1], start=1)
            lines = [f"{n}\t{north:.{digits}f}\t{east:.{digits}f}" for n, (east, north) in rows]
            tables.append("\n".join([INNER_RING, *lines] if place else lines))
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


def _nested(
    rings: list[list[Vertex]], shapes: list[shapely.Polygon], inner: dict[int, str], filled: bool
) -> tuple[shapely.MultiPolygon, list[int]]:
    """Put rings together: one inside another is its hole, one inside a hole is land again; give the holes too."""
    whole, holes = shapely.MultiPolygon(), []
    order = sorted(range(len(shapes)), key=lambda i: -shapes[i].area)
    for place, i in enumerate(order):
        for j in order[:place]:
            if shapes[i].overlaps(shapes[j]) or shapes[i].equals(shapes[j]):
                raise InvalidGeometry(
                    "The rings that begin in row %(row)s and row %(other)s overlap. Are they two versions, or outlines "
                    "of two things? Send one of them.",
                    parameter="vertices", row=rings[j][0].row, other=rings[i][0].row,
                )  # fmt: skip
        inside = whole.contains(shapes[i].representative_point())
        if i in inner and not inside:
            raise InvalidGeometry(
                "The ring that begins in row %(row)s is said to be a hole (“%(text)s”), but it lies inside no other "
                "ring. Look at its coordinates, or take it out.",
                parameter="vertices", row=rings[i][0].row, text=inner[i],
            )  # fmt: skip
        if inside and not (filled and i not in inner):
            holes.append(i)
            whole = whole.difference(shapes[i])
        else:
            whole = whole.union(shapes[i])
    return shapely.multipolygons(shapely.get_parts(whole)), sorted(holes)


# Shapes of other making.


def _united(shapes: list[shapely.Geometry]) -> shapely.MultiPolygon:
    for number, shape in enumerate(shapes, start=1):
        if not np.isfinite(shapely.get_coordinates(shape)).all():
            raise OutsideVietnam("The outline does not lie in Vietnam.")
        if not shape.is_valid:
            raise InvalidGeometry(
                "Polygon %(number)s is not valid: %(reason)s (degrees east, north). Mend it and send it again.",
                number=number, reason=why_invalid(shape),
            )  # fmt: skip
    whole = shapely.union_all(shapes)
    if shapely.get_num_coordinates(whole) > MOST_VERTICES:
        raise BadParameter("The outline has more than %(most)s vertices.", most=MOST_VERTICES)
    return shapely.multipolygons(shapely.get_parts(whole))


_INVALID = {
    "Self-intersection": GisError("it crosses or touches itself at %(x)s · %(y)s", x="", y=""),
    "Ring Self-intersection": GisError("it crosses or touches itself at %(x)s · %(y)s", x="", y=""),
    "Hole lies outside shell": GisError("a hole lies outside of it at %(x)s · %(y)s", x="", y=""),
    "Holes are nested": GisError("a hole lies in another at %(x)s · %(y)s", x="", y=""),
    "Nested shells": GisError("a part of it lies in another at %(x)s · %(y)s", x="", y=""),
    "Interior is disconnected": GisError("its inside falls apart at %(x)s · %(y)s", x="", y=""),
    "Too few points in geometry component": GisError("a ring has too few vertices at %(x)s · %(y)s", x="", y=""),
}


def why_invalid(shape: shapely.Geometry) -> GisError:
    """Say why a shape is not valid, and where, in its own numbers."""
    reason, _, at = shapely.is_valid_reason(shape).partition("[")
    try:
        x, y = (Decimal(f"{float(part):.{7 if abs(float(part)) <= 180 else 2}f}") for part in at.strip("]").split())
        return GisError(_INVALID[reason.strip()].message, x=x, y=y)
    except (KeyError, ValueError):
        return GisError("its shape is broken")


def _in_vietnam(outline: shapely.MultiPolygon) -> shapely.MultiPolygon:
    west, south, east, north = outline.bounds
    inside = VIETNAM_BOX[0] <= west and VIETNAM_BOX[1] <= south and east <= VIETNAM_BOX[2] and north <= VIETNAM_BOX[3]
    if not all(map(math.isfinite, outline.bounds)) or not inside:
        raise OutsideVietnam("The outline does not lie in Vietnam.")
    if area_m2(outline, LANG_SON_ZONE) < SMALLEST_RING_M2:
        raise InvalidGeometry("The outline encloses no area.")
    return outline
