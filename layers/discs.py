"""Projects from afar, where parcels are too small to be seen: discs of the area to recover, filled by what is done.

Both discs have one scale, area for area: the share of the disc that is filled is the share that is handed over.
"""

from math import sqrt

from gis.access import Access
from layers.palette import DISC, DISC_DONE, DISC_OUTLINE
from layers.spec import CLUSTERS, Expression, Field, Layer, LegendItem

PX_PER_M = 0.036
"""Radius of a disc in pixels for the root of its m²."""

SMALLEST_PX, LARGEST_PX = 6, 34
"""Radii between which discs stay: not too small to be seen, not so large that they cover their neighbours."""

HECTARE_M2 = 10_000
SAMPLES_HA = (1, 10, 50)

_OUTER = ["max", SMALLEST_PX, ["min", LARGEST_PX, ["*", PX_PER_M, ["sqrt", ["get", "affected_m2"]]]]]
_SHARE = ["case", [">", ["get", "affected_m2"], 0], ["/", ["get", "area_m2"], ["get", "affected_m2"]], 0]


def radius_px(affected_m2: float) -> float:
    """Give the radius of the disc of an area."""
    return max(SMALLEST_PX, min(LARGEST_PX, PX_PER_M * sqrt(affected_m2)))


def _inner() -> Expression:
    return ["*", _OUTER, ["sqrt", _SHARE]]


def _sample(hectares: int) -> LegendItem:
    size = round(2 * radius_px(hectares * HECTARE_M2), 1)
    half = round(size * sqrt(0.5), 1)
    return LegendItem(
        f"{hectares} ha phải thu hồi, đã bàn giao một nửa", f"{hectares} ha to recover, half of it handed over",
        DISC, size_px=size, inner_px=half, inner_colour=DISC_DONE,
    )  # fmt: skip


LAYER = Layer(
    name="discs",
    vi="Diện tích thu hồi và đã bàn giao theo dự án",
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
            "id": "projects",
            "type": "symbol",
            "maxzoom": 13,
            "filter": [">", ["get", "projects"], 1],
            "layout": {"text-field": ["to-string", ["get", "projects"]], "text-size": 12, "text-allow-overlap": True},
            "paint": {"text-color": "#000000", "text-halo-color": "#ffffff", "text-halo-width": 2},
        },
    ),
    legend=(
        *(_sample(hectares) for hectares in SAMPLES_HA),
        LegendItem("Số giữa vòng tròn: số dự án gộp lại", "The number within: projects joined", DISC,
                   size_px=20, mark="3", mark_colour="#000000"),
    ),
)  # fmt: skip
