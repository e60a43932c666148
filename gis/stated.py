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
