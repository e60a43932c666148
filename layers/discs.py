"""Projects from afar, where parcels are too small to be seen: discs of the area to recover, filled by what is done.

Both discs have one scale, area for area: the share of the disc that is filled is the share that is handed over.
"""

from math import sqrt

from gis.access import Access
from layers.palette import DISC, DISC_DONE, DISC_OUTLINE
from layers.spec import CLUSTERS, Expression, Field, Layer, LegendItem

PX_PER_M = 0.03
"""Radius of a disc in pixels for the root of its m²."""

SMALLEST_PX, SMALLEST_JOINED_PX, LARGEST_PX = 5, 9, 40
"""Radii between which discs stay: large enough to be seen, or to hold a number; not so large as to cover neighbours."""

HECTARE_M2 = 10_000

_JOINED = [">", ["get", "projects"], 1]
_SMALLEST = ["case", _JOINED, SMALLEST_JOINED_PX, SMALLEST_PX]
_OUTER = ["max", _SMALLEST, ["min", LARGEST_PX, ["*", PX_PER_M, ["sqrt", ["get", "affected_m2"]]]]]
_SHARE = ["case", [">", ["get", "affected_m2"], 0], ["/", ["get", "area_m2"], ["get", "affected_m2"]], 0]


def radius_px(affected_m2: float) -> float:
    """Give the radius of the disc of one project's area."""
    return max(SMALLEST_PX, min(LARGEST_PX, PX_PER_M * sqrt(affected_m2)))


def _inner() -> Expression:
    return ["*", _OUTER, ["sqrt", _SHARE]]


def _sample(hectares: int, vi: str, en: str, *, half: bool = False) -> LegendItem:
    size = round(2 * radius_px(hectares * HECTARE_M2), 1)
    inner = round(size * sqrt(0.5), 1) if half else 0
    return LegendItem(vi, en, DISC, size_px=size, inner_px=inner, inner_colour=DISC_DONE)


LAYER = Layer(
    name="discs",
    vi="Diện tích phải thu hồi và đã bàn giao theo dự án",
    en="Area to recover and handed over, by project",
    order=60,
    group="projects",
    access=Access.AGGREGATE,
    min_zoom=6,
    max_zoom=12,
    source=CLUSTERS,
    fields=(
        Field("name", "Dự án", "Project", "text"),
        Field("projects", "Số dự án", "Projects", "integer"),
        Field("affected_m2", "Diện tích phải thu hồi", "Area to recover", "number", "m²"),
        Field("area_m2", "Diện tích đã bàn giao", "Area handed over", "number", "m²"),
    ),
    styles=(
        {
            "id": "all",
            "type": "circle",
            "maxzoom": 13,
            "layout": {"circle-sort-key": ["-", 0, ["get", "affected_m2"]]},
            "paint": {
                "circle-radius": _OUTER,
                "circle-color": DISC,
                "circle-opacity": 0.9,
                "circle-stroke-width": 1.8,
                "circle-stroke-color": DISC_OUTLINE,
            },
        },
        {
            "id": "done",
            "type": "circle",
            "maxzoom": 13,
            "filter": [">", ["get", "area_m2"], 0],
            "paint": {"circle-radius": _inner(), "circle-color": DISC_DONE},
        },
        {
            # Unseen, as wide as the disc: names of communes keep away from it.
            "id": "room",
            "type": "symbol",
            "maxzoom": 13,
            "layout": {
                "text-field": "M",
                "text-size": ["*", 2, _OUTER],
                "text-padding": 0,
                "text-allow-overlap": True,
            },
            "paint": {"text-opacity": 0},
        },
        {
            "id": "projects",
            "type": "symbol",
            "maxzoom": 13,
            "filter": _JOINED,
            "layout": {
                "text-field": ["to-string", ["get", "projects"]],
                "text-font": ["Open Sans Bold"],
                "text-size": 12,
                "text-allow-overlap": True,
            },
            "paint": {"text-color": "#000000", "text-halo-color": "#ffffff", "text-halo-width": 2},
        },
    ),
    legend=(
        _sample(2, "Phải thu hồi dưới 3 ha", "Less than 3 ha to recover"),
        _sample(20, "Phải thu hồi 20 ha", "20 ha to recover"),
        _sample(100, "Phải thu hồi 100 ha, đã bàn giao một nửa", "100 ha to recover, half handed over", half=True),
        LegendItem("Số dự án gộp chung một hình", "Number of projects in one disc", DISC,
                   size_px=20, mark="3", mark_colour="#000000"),
    ),
)  # fmt: skip
