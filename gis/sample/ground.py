"""Draw the land: parcels tile their project's ground exactly, at exactly the areas on record.

A ground is a rectangle in the metres of the province's zone (EPSG:9215), cut into rectangles by areas, again and
again across the longer side. Then it is bent and turned. The bend shifts every point along y by a piecewise linear
function of x, which keeps straight lines straight between two knots and every area what it was; with a vertex
at every knot and wherever a neighbour has a corner, neighbours share their edges number by number.
"""

import bisect
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from random import Random

import numpy as np
import shapely

from gis.crs import LANG_SON_ZONE, VN2000, to_zone
from gis.sample import facts
from gis.sample.facts import Ground
from gis.sample.records import Piece, Plot

BAND_M = 12
"""Width of a road or canal that is drawn as a band between the blocks of a ground."""
KNOTS = 24
"""Pieces of the bent axis of a ground."""
DEGREES = 9
"""Decimals of a degree that are kept: 0.1 mm."""

Corner = tuple[float, float]
Size = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle of a ground before it is bent and turned; metres."""

    west: float
    south: float
    east: float
    north: float


@dataclass
class Drawing:
    """All shapes of the sample, MultiPolygons in EPSG:4756.

    A parcel may reach beyond its recovered part; `legal_cents` is its whole area, hundredths of a m².
    """

    recovered: dict[Piece, shapely.Geometry]
    parcels: dict[Piece, shapely.Geometry]
    legal_cents: dict[Piece, int]
    plots: dict[Plot, shapely.Geometry]
    outlines: dict[str, shapely.Geometry]
    """Outlines by project or site code; for projects without records a plain block."""
    first_outlines: dict[str, shapely.Geometry]
    """Outlines before a change of scope added land, of projects that had one."""


def draw(pieces: Iterable[Piece], plots: Iterable[Plot], seed: int) -> Drawing:
    """Draw every piece of land, every plot and every project.

    Parameters
    ----------
    pieces, plots
        With their areas; those of a project are spread over its grounds by the grounds' shares.
    seed : int
        The same seed gives the same drawing.

    Returns
    -------
    Drawing
    """
    drawing = Drawing({}, {}, {}, {}, {}, {})
    on_ground = defaultdict(list)
    for piece in pieces:
        on_ground[piece.case.project, piece.case.district].append(piece)
    for plot in plots:
        on_ground[plot.site, "tp-lang-son"].append(plot)
    grounds = defaultdict(list)
    for ground in facts.grounds():
        grounds[ground.code, ground.district].append(ground)
    parts = defaultdict(list)
    for place, here in grounds.items():
        shares = _share_out(on_ground[place], here)
        for number, (ground, items) in enumerate(zip(here, shares, strict=True)):
            rng = Random(f"{seed} ground {place} {number}")
            parts[ground.code] += _draw_ground(ground, items, drawing, rng)
    for code, shapes in parts.items():
        drawing.outlines[code] = _multi(shapely.union_all(shapes))
    for code in facts.widenings():
        first = [s for item, s in drawing.recovered.items() if item.case.project == code and not is_added(item)]
        drawing.first_outlines[code] = _multi(shapely.union_all(first))
    return drawing


def _share_out(items: list, grounds: list[Ground]) -> list[list]:
    """Spread the land of a project over its grounds by their shares, in order."""
    whole = sum(item.area_cents for item in items)
    ends = np.cumsum([ground.share for ground in grounds]) / sum(ground.share for ground in grounds) * whole
    shares = [[] for _ in grounds]
    reached = 0
    for item in items:
        shares[int(np.searchsorted(ends, reached + item.area_cents / 2))].append(item)
        reached += item.area_cents
    return shares


def _draw_ground(ground: Ground, items: list, drawing: Drawing, rng: Random) -> list[shapely.Geometry]:
    """Draw one ground into the drawing; returns the shapes that make up its outline."""
    size, boxes = _strip(ground, items, rng) if ground.strip_width_m else _block(ground, items, rng)
    if not items:
        return [_place([Box(0, 0, *size)], ground, size)[0]]
    parcels = {item: _beyond(item, box, size, rng) for item, box in boxes.items()}
    shapes = _place([*boxes.values(), *parcels.values()], ground, size)
    inside = dict(zip(boxes, shapes[: len(boxes)], strict=True))
    for item, shape in inside.items():
        if isinstance(item, Plot):
            drawing.plots[item] = _multi(shape)
        else:
            drawing.recovered[item] = _multi(shape)
    for item, shape in zip(parcels, shapes[len(boxes) :], strict=True):
        if isinstance(item, Piece):
            box = parcels[item]
            drawing.parcels[item] = _multi(shape)
            beyond = (box.north - boxes[item].north) * (box.east - box.west)
            drawing.legal_cents[item] = item.area_cents + round(beyond * 100)
    return list(inside.values())


def _arrange(items: list, rng: Random) -> list:
    """Put land of like size together, so that no parcel becomes a sliver between larger ones."""
    by_size = sorted(items, key=lambda item: item.area_cents * rng.lognormvariate(0, 0.3))
    groups = [by_size[i : i + 12] for i in range(0, len(by_size), 12)]
    rng.shuffle(groups)
    return [item for group in groups for item in group]


def tile(box: Box, items: list) -> dict[object, Box]:
    """Cut a rectangle into rectangles in proportion to the items' areas, across the longer side each time."""
    if not items:
        return {}
    if len(items) == 1:
        return {items[0]: box}
    reached = np.cumsum([item.area_cents for item in items])
    cut = int(np.argmin(np.abs(reached[:-1] - reached[-1] / 2))) + 1
    share = reached[cut - 1] / reached[-1]
    if box.east - box.west >= box.north - box.south:
        middle = box.west + (box.east - box.west) * float(share)
        halves = Box(box.west, box.south, middle, box.north), Box(middle, box.south, box.east, box.north)
    else:
        middle = box.south + (box.north - box.south) * float(share)
        halves = Box(box.west, box.south, box.east, middle), Box(box.west, middle, box.east, box.north)
    return tile(halves[0], items[:cut]) | tile(halves[1], items[cut:])


def _area_m2(items: list) -> float:
    return sum(item.area_cents for item in items) / 100


def _strip(ground: Ground, items: list, rng: Random) -> tuple[Size, dict[object, Box]]:
    """Lay a strip of the ground's width; land that a widening added lies along one side of it."""
    later = [item for item in items if is_added(item)]
    first = [item for item in items if item not in later]
    width = ground.strip_width_m
    length = (_area_m2(first) or ground.area_m2) / width
    wide = width + _area_m2(later) / length
    boxes = tile(Box(0, 0, length, width), _arrange(first, rng))
    return (length, wide), boxes | tile(Box(0, width, length, wide), _arrange(later, rng))


def is_added(item) -> bool:
    """Tell whether a piece of land came to its project by a change of scope."""
    return isinstance(item, Piece) and item.case.first_day > facts.widenings().get(item.case.project, date.max)


def _block(ground: Ground, items: list, rng: Random) -> tuple[Size, dict[object, Box]]:
    """Lay blocks of parcels above each other with the land of no holder, roads and canals, between them."""
    held = [item for item in items if isinstance(item, Plot) or item.case.holder != "none"]
    bands = [item for item in items if item not in held]
    area_m2 = _area_m2(items) or ground.area_m2
    width = math.sqrt(area_m2 * ground.length_to_width)
    between = min(len(bands), math.ceil(_area_m2(bands) / (width * BAND_M)))
    layers = []
    for i in range(between + 1):
        layers.append(_arrange(held[i :: between + 1], rng))
        layers.append(bands[i::between] if i < between else [])
    boxes, south = {}, 0.0
    for layer in layers:
        north = south + _area_m2(layer) / width
        boxes |= tile(Box(0, south, width, north), layer)
        south = north
    return (width, area_m2 / width), boxes


def _beyond(item, box: Box, size: Size, rng: Random) -> Box:
    """Let some parcels on the far edge reach beyond the ground: the project takes only a part of them."""
    on_edge = math.isclose(box.north, size[1], rel_tol=1e-9)
    if isinstance(item, Plot) or item.case.holder == "none" or not on_edge or rng.random() > 0.45:
        return box
    return Box(box.west, box.south, box.east, box.north + rng.uniform(0.2, 0.8) * min(box.north - box.south, 18))


def _place(boxes: list[Box], ground: Ground, size: Size) -> np.ndarray:
    """Bend and turn rectangles into polygons in VN-2000 degrees."""
    length, width = size
    knots = np.linspace(0, length, KNOTS + 1)
    bends = ground.bend_m * np.sin(2 * np.pi * knots / length)
    rings = _rings(boxes, knots)
    xy = np.array([corner for ring in rings for corner in ring])
    x, y = xy[:, 0] - length / 2, xy[:, 1] + np.interp(xy[:, 0], knots, bends) - width / 2
    sin, cos = math.sin(math.radians(ground.bearing_deg)), math.cos(math.radians(ground.bearing_deg))
    zone = to_zone(LANG_SON_ZONE)
    east, north = zone.transform(ground.lon, ground.lat)
    lon, lat = zone.transform(east + x * sin - y * cos, north + x * cos + y * sin, direction="INVERSE")
    degrees = np.round(np.column_stack([lon, lat]), DEGREES)
    of_ring = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    return shapely.polygons(shapely.linearrings(degrees, indices=of_ring))


def _rings(boxes: list[Box], knots: np.ndarray) -> list[list[Corner]]:
    """Give each rectangle's ring with a vertex at every knot and at every corner of another on its sides."""
    on_x, on_y = defaultdict(set), defaultdict(set)
    for box in boxes:
        for x in (box.west, box.east):
            for y in (box.south, box.north):
                on_x[x].add(y)
                on_y[y].add(x)
    columns = {x: sorted(ys) for x, ys in on_x.items()}
    rows = {y: sorted(xs) for y, xs in on_y.items()}
    rings = []
    for box in boxes:
        bends = [float(knot) for knot in knots if box.west < knot < box.east]
        south = sorted({*_between(rows[box.south], box.west, box.east), *bends})
        north = sorted({*_between(rows[box.north], box.west, box.east), *bends}, reverse=True)
        east = _between(columns[box.east], box.south, box.north)
        west = _between(columns[box.west], box.south, box.north)[::-1]
        ring = [(box.west, box.south), *((x, box.south) for x in south), (box.east, box.south)]
        ring += [*((box.east, y) for y in east), (box.east, box.north)]
        ring += [*((x, box.north) for x in north), (box.west, box.north)]
        ring += [*((box.west, y) for y in west), (box.west, box.south)]
        rings.append(ring)
    return rings


def _between(values: list[float], low: float, high: float) -> list[float]:
    return values[bisect.bisect_right(values, low) : bisect.bisect_left(values, high)]


def _multi(shape: shapely.Geometry) -> shapely.Geometry:
    polygons = shapely.get_parts(shape)
    return shapely.set_srid(shapely.multipolygons(polygons), VN2000)
