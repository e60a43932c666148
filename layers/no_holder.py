"""Land of no holder among the parcels to recover, such as roads and canals: hatched, whatever its step."""

from gis.access import Access
from layers.palette import OUTLINE
from layers.parcels import FIELDS, REGISTERED
from layers.spec import Layer, LegendItem

LAYER = Layer(
    name="no_holder",
    vi="Đất không có chủ sử dụng (đường, mương…)",
    en="Land of no holder (roads, canals…)",
    order=34,
    group="records",
    access=Access.RECORD,
    min_zoom=13,
    max_zoom=17,
    source="parcels",
    shown=["all", REGISTERED, ["==", ["get", "holder"], "none"]],
    project_field="project",
    fields=FIELDS,
    styles=(
        {
            "id": "hatch",
            "type": "fill",
            "paint": {"fill-pattern": "no-holder"},
        },
        {
            "id": "outline",
            "type": "line",
            "paint": {
                "line-color": OUTLINE,
                "line-width": ["interpolate", ["linear"], ["zoom"], 13, 0.6, 17, 2],
                "line-dasharray": [3, 1.5],
            },
        },
    ),
    legend=(LegendItem("Đất không có chủ sử dụng", "Land of no holder", "#ffffff", "no-holder"),),
)
