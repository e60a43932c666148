"""Communes, wards and townships of both generations, as choropleth of the share of m² handed over."""

from functools import cache

from sqlalchemy import Select, func, select

from gis.access import Access
from gis.model import AdminUnit
from gis.tiles import day_number
from layers.palette import NO_DATA, OUTLINE, SHARE_CLASSES
from layers.spec import ILLUSTRATIVE, VALIDITY, Field, Layer, LegendItem, stands

# The page sets feature state `share` (0 to 1, or nothing where there are no figures) from the progress API.
SHARE = ["feature-state", "share"]
HAS_SHARE = ["==", ["typeof", SHARE], "number"]


@cache
def features() -> Select:
    """Give the communes with an outline; `id` is the unit's."""
    return select(
        AdminUnit.id,
        AdminUnit.tile_geom.label("geom"),
        AdminUnit.slug,
        AdminUnit.code,
        AdminUnit.name,
        AdminUnit.kind,
        day_number(func.lower(AdminUnit.valid)).label("from_day"),
        day_number(func.upper(AdminUnit.valid)).label("to_day"),
        AdminUnit.illustrative,
    ).where(AdminUnit.level == "commune")


def _share_colour() -> list:
    (_, first), *others = SHARE_CLASSES
    steps = [value for begins, colour in others for value in (begins, colour)]
    return ["case", HAS_SHARE, ["step", ["number", SHARE, 0], first, *steps], NO_DATA]


def _legend() -> tuple[LegendItem, ...]:
    ends = [begins for begins, _ in SHARE_CLASSES[1:]] + [1.0]
    classes = [
        LegendItem(text, text, colour)
        for (begins, colour), end in zip(SHARE_CLASSES, ends, strict=True)
        for text in (f"{begins * 100:.0f} – {end * 100:.0f} %",)
    ]
    return (*classes, LegendItem("Chưa có số liệu", "No figures", NO_DATA, "no-data"))


LAYER = Layer(
    name="communes",
    vi="Xã, phường, thị trấn: tỷ lệ m² đã bàn giao",
    en="Communes: share of m² handed over",
    order=10,
    group="boundaries",
    access=Access.AGGREGATE,
    min_zoom=6,
    max_zoom=14,
    features=features,
    fields=(
        Field("slug", "Định danh", "Slug", "text"),
        Field("code", "Mã đơn vị hành chính", "Administrative code", "text"),
        Field("name", "Tên", "Name", "text"),
        Field("kind", "Loại", "Kind", "text"),
        *VALIDITY,
        ILLUSTRATIVE,
    ),
    styles=(
        {
            "id": "share",
            "type": "fill",
            "filter": stands(),
            "paint": {
                "fill-color": _share_colour(),
                "fill-opacity": ["interpolate", ["linear"], ["zoom"], 12, 0.75, 14, 0.3],
            },
        },
        {
            "id": "no-data",
            "type": "fill",
            "filter": stands(),
            "paint": {"fill-pattern": "no-data", "fill-opacity": ["case", HAS_SHARE, 0, 0.8]},
        },
        {
            "id": "outline",
            "type": "line",
            "filter": stands(),
            "paint": {"line-color": OUTLINE, "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.6, 14, 2]},
        },
        {
            "id": "selected",
            "type": "line",
            "filter": stands(),
            "paint": {
                "line-color": "#000000",
                "line-width": ["case", ["boolean", ["feature-state", "selected"], False], 3, 0],
            },
        },
    ),
    legend=_legend(),
)
