"""Communes, wards and townships of both generations, as choropleth of the theme a reader chooses (`layers.themes`)."""

from functools import cache

from sqlalchemy import Select, func, select

from gis.access import Access
from gis.model import AdminUnit
from gis.tiles import day_number
from layers.palette import HALO, NO_DATA, OUTLINE, OUTSIDE
from layers.spec import FIGURES, ILLUSTRATIVE, VALIDITY, Field, Layer, LegendItem, Wording, stands

# The page sets feature state `colour` by the theme chosen, to OUTSIDE where nothing lies of what is looked at, or to
# nothing where there are no figures.
COLOUR = ["feature-state", "colour"]
HAS_FIGURES = ["==", ["typeof", COLOUR], "string"]

KINDS = {
    "ward": Wording("Phường", "Ward"),
    "commune": Wording("Xã", "Rural commune"),
    "township": Wording("Thị trấn", "Township"),
}


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


LAYER = Layer(
    name="communes",
    vi="Xã, phường, thị trấn",
    en="Wards and communes",
    order=10,
    group="boundaries",
    access=Access.AGGREGATE,
    min_zoom=6,
    max_zoom=14,
    features=features,
    shown=stands(),
    fields=(
        Field("slug", "Định danh", "Slug", "text"),
        Field("code", "Mã đơn vị hành chính", "Administrative code", "text"),
        Field("name", "Tên", "Name", "text"),
        Field("kind", "Loại", "Kind", "text", words=KINDS),
        *VALIDITY,
        ILLUSTRATIVE,
    ),
    styles=(
        {
            "id": "theme",
            "type": "fill",
            "paint": {
                "fill-color": ["case", HAS_FIGURES, ["to-color", COLOUR, NO_DATA], NO_DATA],
                "fill-opacity": ["interpolate", ["linear"], ["zoom"], 12, 0.75, 14, 0.3],
            },
        },
        {
            "id": "no-data",
            "type": "fill",
            "paint": {"fill-pattern": "no-data", "fill-opacity": ["case", HAS_FIGURES, 0, 0.8]},
        },
        {
            "id": "outline",
            "type": "line",
            "paint": {"line-color": OUTLINE, "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.6, 14, 2]},
        },
        {
            "id": "selected",
            "type": "line",
            "paint": {
                "line-color": "#000000",
                "line-width": ["case", ["boolean", ["feature-state", "selected"], False], 3, 0],
            },
        },
        {
            "id": "label",
            "type": "symbol",
            "source": FIGURES,
            "maxzoom": 14.5,
            "filter": ["==", ["get", "of"], "communes"],
            "layout": {
                "text-field": ["format", ["get", "name"], {}, "\n", {}, ["get", "text"], {"font-scale": 0.88}],
                "text-size": ["interpolate", ["linear"], ["zoom"], 8, 11, 13, 14],
                "text-max-width": 16,
                "text-line-height": 1.25,
                "text-padding": 3,
                "text-variable-anchor": ["center", "top", "bottom", "left", "right"],
                "symbol-sort-key": ["get", "rank"],
            },
            "paint": HALO,
        },
    ),
    legend=(
        LegendItem("Chưa có số liệu", "No figures", NO_DATA, "no-data"),
        LegendItem("Ngoài phạm vi đang xem", "Outside what is looked at", OUTSIDE),
    ),
)
