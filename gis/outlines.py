"""Outlines as people have them: a table of vertices in VN-2000, a file, or what was drawn on a map.

Whatever they come from, they leave as valid polygons in EPSG:4756. Nothing is mended: what crosses itself, lies abroad
or cannot be read is refused with the row or the edges at fault.
"""

import math
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from shapely.errors import GEOSException

from gis.crs import VIETNAM_BOX, ZONES, to_wgs84, to_zone
from gis.errors import BadParameter, GisError, InvalidGeometry, OutsideVietnam, UnreadableFile
from gis.exchange import formats

MOST_VERTICES = 20_000
SMALLEST_COORDINATE_M = 100_000
"""In Vietnam no coordinate of a 3° zone is smaller. So what is smaller is a number of a point or the length of an edge,
and “449.300” can only be 449 300."""
NORTH_M = (600_000, 2_700_000)
EAST_M = (100_000, 900_000)

NORTH_NAMES = ("x", "x m", "bac", "north", "northing", "toa do x", "toa do x m")
EAST_NAMES = ("y", "y m", "dong", "east", "easting", "toa do y", "toa do y m")
RING_NAMES = ("vong", "vung", "ring", "khu", "phan")


@dataclass(frozen=True)
class Vertex:
    """A vertex as a table has it: its row from 1, its name there, and its place in metres of a zone."""

    row: int
    label: str
    north_m: float
    east_m: float

    @property
    def at(self) -> tuple[float, float]:
        """East and north, as geometry has them."""
        return self.east_m, self.north_m


def outline_from_vertices(text: str, srid: int) -> shapely.MultiPolygon:
    """Read a table of vertices in VN-2000: rows of number, X (north), Y (east) and perhaps the length of the edge.

    Parameters
    ----------
    text : str
        Pasted from a spreadsheet or a decision: columns by tab, semicolon, bar or blanks; decimals by comma or point,
        thousands grouped or not. Headings and rows that hold a length alone are passed over. A ring ends where its
        first vertex is repeated, at an empty or worded line, or where a column headed “vòng” changes. A ring inside
        another is a hole.
    srid : int
        The 3° zone of the numbers, a key of `gis.crs.ZONES`.

    Returns
    -------
    shapely.MultiPolygon
        In EPSG:4756.

    Raises
    ------
    BadParameter
        For a zone that is not known and a row that cannot be read, swapped columns among them.
    InvalidGeometry
        For a ring of fewer than three vertices, without area, or that crosses itself or another: with the vertices.
    OutsideVietnam
    """
    if srid not in ZONES:
        raise BadParameter("There is no VN-2000 zone EPSG:%(srid)s.", parameter="zone", srid=srid)
    rings = [_cleaned(ring) for ring in _rings(text)]
    if not rings:
        raise BadParameter(
            "The table holds no vertices: give rows of number, X (north) and Y (east).", parameter="vertices"
        )
    shapes = [_polygon(ring) for ring in rings]
    return _in_vietnam(shapely.transform(_nested(rings, shapes), _to_degrees(srid), interleaved=False))


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
        except (GEOSException, KeyError, TypeError, ValueError, AttributeError, IndexError):
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


def vertices(outline: shapely.MultiPolygon, srid: int) -> Iterator[list[Vertex]]:
    """Give the rings of an outline as vertices of a zone, to the millimetre; the first of a ring is not repeated."""
    number = 0
    for polygon in shapely.get_parts(shapely.transform(outline, _to_metres(srid), interleaved=False)):
        for ring in (polygon.exterior, *polygon.interiors):
            found = []
            for east, north in list(ring.coords)[:-1]:
                number += 1
                found.append(Vertex(number, str(number), round(north, 3), round(east, 3)))
            yield found


def vertex_table(outline: shapely.MultiPolygon, srid: int) -> str:
    """Write an outline as a table of vertices that `outline_from_vertices` reads: number, X (north), Y (east)."""
    return "\n\n".join(
        "\n".join(f"{v.label}\t{v.north_m:.3f}\t{v.east_m:.3f}" for v in ring) for ring in vertices(outline, srid)
    )


def as_geojson(outline: shapely.Geometry) -> dict:
    """Give an outline as a GeoJSON geometry in WGS 84, for maps."""
    moved = shapely.transform(outline, to_wgs84().transform, interleaved=False)
    return shapely.geometry.mapping(shapely.set_precision(moved, 1e-9, mode="pointwise"))


def area_m2(outline: shapely.Geometry, srid: int) -> float:
    """Measure an outline on the plane of a zone."""
    return shapely.transform(outline, _to_metres(srid), interleaved=False).area


def as_in_zone(outline: shapely.MultiPolygon, read_in: int, meant: int) -> shapely.MultiPolygon:
    """Give the outline that the same numbers would be in another zone."""
    metres = shapely.transform(outline, _to_metres(read_in), interleaved=False)
    return shapely.transform(metres, _to_degrees(meant), interleaved=False)


def _to_metres(srid: int):
    return to_zone(srid).transform


def _to_degrees(srid: int):
    return lambda east, north: to_zone(srid).transform(east, north, direction="INVERSE")


# A table of vertices.


def _rings(text: str) -> Iterator[list[Vertex]]:
    """Give the rings of a table, each without its closing vertex repeated."""
    ring: list[Vertex] = []
    seen = 0
    turned, ring_column, ring_name = False, None, None
    for row, line in enumerate(text.splitlines(), start=1):
        cells = _cells(line)
        numbers = [_number(cell) for cell in cells]
        places = [i for i, value in enumerate(numbers) if value is not None and value >= SMALLEST_COORDINATE_M]
        worded = any(any(letter.isalpha() for letter in cell) for cell in cells)
        if not places:
            folded = [_folded(cell) for cell in cells]
            north, east, named = (_column(folded, names) for names in (NORTH_NAMES, EAST_NAMES, RING_NAMES))
            if north is not None and east is not None:
                turned, ring_column = east < north, named
            if ring and not worded and sum(value is not None for value in numbers) > 1:
                raise BadParameter(
                    "Row %(row)s: “%(text)s” holds no coordinates. X (north) and Y (east) are metres such as "
                    "2417500.123 and 449300.456.",
                    parameter="vertices", row=row, text=line.strip()[:60],
                )  # fmt: skip
            if ring and (worded or not cells):
                yield ring
                ring = []
            continue
        name = cells[ring_column] if ring_column is not None and ring_column < len(cells) else None
        if ring and name != ring_name:
            yield ring
            ring = []
        ring_name = name
        vertex = _vertex(row, line, cells, numbers, places, turned)
        seen += 1
        if seen > MOST_VERTICES:
            raise BadParameter("The table has more than %(most)s vertices.", parameter="vertices", most=MOST_VERTICES)
        if len(ring) > 1 and vertex.at == ring[0].at:
            yield ring
            ring = []
        else:
            ring.append(vertex)
    if ring:
        yield ring


def _cells(line: str) -> list[str]:
    for mark in ("\t", ";", "|"):
        if mark in line:
            return [cell.strip() for cell in line.strip(" \r").split(mark)] if line.strip(" \t;|") else []
    cells = [cell.strip(",") for cell in line.split()]
    if len(cells) == 1 and cells[0].count(",") > 1 and "." in cells[0]:
        return cells[0].split(",")
    return [cell for cell in cells if cell]


def _number(cell: str) -> float | None:
    """Read a number; where a single mark could be either, the reading that can be a coordinate is taken."""
    plain = re.sub(r"^[xynem]\s*[=:]\s*|\s*m$|[\s\u00a0\u202f]", "", cell, flags=re.IGNORECASE)
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


def _vertex(row: int, line: str, cells: list[str], numbers: list, places: list[int], turned: bool) -> Vertex:
    if len(places) != 2:
        raise BadParameter(
            "Row %(row)s: “%(text)s” must hold two coordinates, X (north) and Y (east); it holds %(count)s.",
            parameter="vertices", row=row, text=line.strip()[:60], count=len(places),
        )  # fmt: skip
    north, east = (numbers[i] for i in (reversed(places) if turned else places))
    if _within(north, EAST_M) and _within(east, NORTH_M) and north < east:
        raise BadParameter(
            "Row %(row)s: X is %(x)s and Y is %(y)s. In Vietnam X (north) is the larger: the columns are swapped.",
            parameter="vertices", row=row, x=f"{north:.3f}", y=f"{east:.3f}",
        )  # fmt: skip
    if not (_within(north, NORTH_M) and _within(east, EAST_M)):
        raise OutsideVietnam(
            "Row %(row)s: X %(x)s and Y %(y)s lie outside Vietnam. X (north) and Y (east) are metres of a 3° zone, "
            "without the number of the zone before them.",
            parameter="vertices", row=row, x=f"{north:.3f}", y=f"{east:.3f}",
        )  # fmt: skip
    label = cells[places[0] - 1] if places[0] > 0 else ""
    return Vertex(row, label or str(row), north, east)


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _column(folded: list[str], names: Iterable[str]) -> int | None:
    return next((i for i, cell in enumerate(folded) if cell in names), None)


def _folded(cell: str) -> str:
    letters = unicodedata.normalize("NFD", cell.lower().replace("đ", "d"))
    return " ".join(re.findall(r"[a-z]+", "".join(c for c in letters if not unicodedata.combining(c))))


def _cleaned(ring: list[Vertex]) -> list[Vertex]:
    """Leave out vertices that repeat the one before; refuse a ring that has too few."""
    kept = [vertex for i, vertex in enumerate(ring) if i == 0 or vertex.at != ring[i - 1].at]
    if len(kept) > 1 and kept[0].at == kept[-1].at:
        kept.pop()
    if len(kept) < 3:
        raise InvalidGeometry(
            "The ring that begins in row %(row)s has %(count)s vertices; a ring needs three.",
            parameter="vertices", row=ring[0].row, count=len(kept),
        )  # fmt: skip
    return kept


def _polygon(ring: list[Vertex]) -> shapely.Polygon:
    shape = shapely.Polygon([vertex.at for vertex in ring])
    if not shape.is_valid:
        _refuse_crossing(ring)
    if not shape.is_valid or shape.area < 0.01:
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
                parameter="vertices", a=ring[a].label, b=ends[a].label, row=ring[a].row, c=ring[b].label,
                d=ends[b].label, other=ring[b].row,
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
