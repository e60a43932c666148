"""What a table of vertices states of itself, compared with what is measured: lengths, areas, degrees beside metres."""

import math
from decimal import Decimal

import numpy as np
import shapely

from gis import crs
from gis.crs import LANG_SON_ZONE, to_zone
from gis.errors import Doubt, GisError
from gis.exchange import vertices
from gis.exchange.coordinates import DEGREES
from gis.exchange.rings import Vertex
from gis.exchange.vertices import Table

EDGE_TOLERANCE_M = 0.05
EDGE_TOLERANCE_SHARE = 5e-4
"""How far a stated length may be from the measured one: it may have been measured on the ground, or in a zone of other
scale (0.9996 for 0.9999)."""
AREA_TOLERANCE_SHARE = 1e-3
DEGREE_M = 111_320
MOST_EDGES_NAMED = 12
NEAR_M = 0.05
"""Vertices nearer than this are more likely one vertex measured twice."""
MOST_NEAR_NAMED = 5
SPIKE_DEGREES = 1.0
SHORTEST_SPIKE_M = 1.0
TIMES_LONGER = 3
FAR_OUT = 5
"""A ring that is this many times as wide for one vertex alone has a digit wrong there, more likely than not."""


def compared_edges(table: Table, rings: list, measured: list[np.ndarray], notes: list) -> list[GisError]:
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
            at = _edge_named(edge, ring) if edge.ends else _edge_at(edge, rows, last, following, forward)
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


def _edge_named(edge: vertices.StatedEdge, ring: list[Vertex]) -> int | None:
    """Find the edge of a ring between the two vertices that a row names."""
    orders = [vertex.order for vertex in ring]
    ends = set(edge.ends)
    return next((i for i, order in enumerate(orders) if {order, orders[(i + 1) % len(orders)]} == ends), None)


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


def compared_areas(table: Table, whole: list[float], measured: list[np.ndarray]) -> list[GisError]:
    """Compare the areas that a table states with that of the outline, `whole`, and of each ring."""
    wrong = []
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


def compared_perimeters(table: Table, measured: list[np.ndarray]) -> list[GisError]:
    """Compare the sums of edges that a table states with the length around the outline, and around each ring."""
    around = [np.hypot(*(np.roll(points, -1, axis=0) - points).T).sum() for points in measured]
    wrong = []
    for stated in table.perimeters:
        edges = sum(map(len, measured))
        tolerance = EDGE_TOLERANCE_M * edges + EDGE_TOLERANCE_SHARE * sum(around) + _fuzz_m(table) * edges
        if all(abs(stated.length_m - length) > tolerance for length in (sum(around), *around)):
            wrong.append(
                Doubt("Row %(row)s states that all edges together are %(stated)s m; they measure %(measured)s m "
                      "(tolerance %(tolerance)s m).", row=stated.row, stated=_metres(stated.length_m),
                      measured=_metres(sum(around)), tolerance=_metres(tolerance))
            )  # fmt: skip
    return wrong


def odd_shapes(rings: list[list[Vertex]], measured: list[np.ndarray], notes: list) -> list[GisError]:
    """Doubt what no land looks like: a vertex far from all others, a spike, two rings in one; tell of near vertices."""
    found = far_out(rings, measured)
    for ring, points in zip(rings, measured, strict=True):
        found += _spikes(ring, points)
        found += _two_in_one(ring, points)
        after = np.hypot(*(np.roll(points, -1, axis=0) - points).T)
        near = [i for i in np.flatnonzero(after < NEAR_M) if len(ring) > 3]
        for i in near[:MOST_NEAR_NAMED]:
            notes.append(
                GisError("Vertices %(a)s and %(b)s (rows %(row)s and %(other)s) lie %(metres)s m apart.",
                         a=_called(ring[i]), b=_called(ring[(i + 1) % len(ring)]), row=ring[i].row,
                         other=ring[(i + 1) % len(ring)].row, metres=_metres(after[i]))
            )  # fmt: skip
    return found


def _called(vertex: Vertex) -> str | int:
    return vertex.label or vertex.row


def _spikes(ring: list[Vertex], points: np.ndarray) -> list[GisError]:
    return [
        Doubt("Row %(row)s: at vertex %(label)s the outline runs back along the way it came, a spike of %(metres)s m. "
              "Is the vertex right?", row=ring[i].row, label=_called(ring[i]), metres=_metres(length))
        for i, length in spikes_of(points)[:MOST_NEAR_NAMED]
    ]  # fmt: skip


def spikes_of(points: np.ndarray) -> list[tuple[int, float]]:
    """Give the vertices at which a ring, in metres, runs back along the way it came, and how far it does."""
    if len(points) < 4:
        return []
    back, on = np.roll(points, 1, axis=0) - points, np.roll(points, -1, axis=0) - points
    lengths = np.minimum(np.hypot(*back.T), np.hypot(*on.T))
    cosines = (back * on).sum(axis=1) / np.maximum(np.hypot(*back.T) * np.hypot(*on.T), 1e-12)
    sharp = np.flatnonzero((cosines > math.cos(math.radians(SPIKE_DEGREES))) & (lengths > SHORTEST_SPIKE_M))
    return [(int(i), float(lengths[i])) for i in sharp]


def spikes_drawn(outline: shapely.MultiPolygon) -> list[GisError]:
    """Doubt spikes of an outline, in EPSG:4756, that was drawn and has no rows."""
    plane = shapely.transform(outline, to_zone(LANG_SON_ZONE).transform, interleaved=False)
    rings = [ring for part in shapely.get_parts(plane) for ring in (part.exterior, *part.interiors)]
    found = []
    for ring in rings:
        points = shapely.get_coordinates(ring)[:-1]
        found += [
            Doubt("At X %(x)s, Y %(y)s the outline runs back along the way it came, a spike of %(metres)s m. Is the "
                  "vertex right?", x=_metres(points[i][1]), y=_metres(points[i][0]), metres=_metres(length))
            for i, length in spikes_of(points)
        ]  # fmt: skip
    return found[:MOST_NEAR_NAMED]


def _two_in_one(ring: list[Vertex], points: np.ndarray) -> list[GisError]:
    """Doubt a ring that two edges, far longer than all others, part into two: numbers went on from one to the next."""
    count = len(ring)
    lengths = np.hypot(*(np.roll(points, -1, axis=0) - points).T)
    if count < 6:
        return []
    third, *longest = np.argsort(lengths)[-3:]
    i, j = sorted(map(int, longest))
    if min(lengths[i], lengths[j]) < TIMES_LONGER * lengths[third]:
        return []
    parts = [np.roll(points, -i - 1, axis=0)[: j - i], np.roll(points, -j - 1, axis=0)[: count - (j - i)]]
    if min(map(len, parts)) < 3:
        return []
    ground = sum(shapely.Polygon(part).area for part in parts)
    if ground < shapely.Polygon(points).area / 3:
        return []
    return [
        Doubt("Edges %(a)s–%(b)s and %(c)s–%(d)s (rows %(row)s and %(other)s) are far longer than all others: are "
              "these two rings? Number each from 1.", row=ring[i].row, other=ring[j].row,
              **{key: _called(ring[at % count]) for key, at in zip("abcd", (i, i + 1, j, j + 1), strict=True)})
    ]  # fmt: skip


def far_out(rings: list[list[Vertex]], measured: list[np.ndarray]) -> list[GisError]:
    """Doubt a vertex that lies far away from all others of its ring."""
    found = []
    for ring, points in zip(rings, measured, strict=True):
        if len(ring) < 4:
            continue
        whole = np.hypot(*np.ptp(points, axis=0))
        for at in sorted({int(i) for i in (*points.argmin(axis=0), *points.argmax(axis=0))}):
            others = np.delete(points, at, axis=0)
            if whole > FAR_OUT * np.hypot(*np.ptp(others, axis=0)):
                away = np.hypot(*(others - points[at]).T).min()
                found.append(
                    Doubt("Row %(row)s: vertex %(label)s lies %(metres)s m from all others of its ring. Is a digit "
                          "wrong?", row=ring[at].row, label=ring[at].label or ring[at].row, metres=_metres(away))
                )  # fmt: skip
    return found


def compared_degrees(table: Table, rings: list[list[Vertex]], srid: int, notes: list) -> list[GisError]:
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
