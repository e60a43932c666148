"""Awkward shapes, once: what a surveyor's file may hold. Each says whether a column of outlines takes it."""

from dataclasses import dataclass

from shapely import MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from tests.factories import EAST, NORTH, in_degrees, square


@dataclass(frozen=True)
class Exhibit:
    """A shape as it would reach a multipolygon column, in VN-2000 degrees unless its name says otherwise."""

    name: str
    shape: BaseGeometry
    accepted: bool = True
    drawn: bool = True
    """Whether something of it shows in a tile of zoom 16."""


def _many(*parts: Polygon) -> MultiPolygon:
    return MultiPolygon(list(parts))


def _ring(*corners: tuple[float, float]) -> Polygon:
    """A polygon from metres beside the middle of the city."""
    return in_degrees(Polygon([(EAST + east, NORTH + north) for east, north in corners]))


_HOLE = in_degrees(
    Polygon(
        box(EAST, NORTH, EAST + 60, NORTH + 60).exterior.coords,
        [box(EAST + 20, NORTH + 20, EAST + 40, NORTH + 40).exterior.coords],
    )
)

EXHIBITS = (
    Exhibit("square", _many(square())),
    Exhibit("two parts", _many(square(), square(100))),
    Exhibit("a hole", _many(_HOLE)),
    Exhibit("a part inside the hole of another", _many(_HOLE, square(25, 25, 10))),
    Exhibit("touching at one corner", _many(square(), square(20, 20))),
    Exhibit("a doubled vertex", _many(_ring((0, 0), (30, 0), (30, 0), (30, 30), (0, 30)))),
    Exhibit("clockwise", _many(_ring((0, 0), (0, 30), (30, 30), (30, 0)))),
    Exhibit("a spike", _many(_ring((0, 0), (30, 0), (30, 30), (30, 90), (30, 30), (0, 30)))),
    Exhibit("bow-tie", _many(_ring((0, 0), (30, 30), (30, 0), (0, 30)))),
    Exhibit("overlapping parts", _many(square(), square(10))),
    Exhibit("sliver", _many(_ring((0, 0), (100, 0), (100, 0.01))), drawn=False),
    Exhibit("smaller than a tile's grid", _many(square(side_m=0.01)), drawn=False),
    Exhibit("larger than the tile", _many(square(-20_000, -20_000, 40_000))),
    Exhibit("empty", MultiPolygon(), accepted=False),
    Exhibit("metres in place of degrees", _many(box(EAST, NORTH, EAST + 20, NORTH + 20)), accepted=False),
    Exhibit("latitude before longitude", _many(box(21.85, 106.76, 21.86, 106.77)), accepted=False),
    Exhibit("beyond Vietnam", _many(box(2.0, 48.0, 2.1, 48.1)), accepted=False),
    Exhibit("a point", Point(106.76, 21.85), accepted=False),
    Exhibit(
        "with heights", _many(Polygon([(106.76, 21.85, 5), (106.77, 21.85, 5), (106.77, 21.86, 5)])), accepted=False
    ),
)
