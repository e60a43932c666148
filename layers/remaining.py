"""What is left to hand over on the day shown: parcels not handed over at all, and those of which a part is."""

from gis.access import Access
from layers.palette import OUTLINE, REMAINING, REMAINING_PART
from layers.parcels import FIELDS, REGISTERED
from layers.spec import Layer, LegendItem, happened

IN_PART = happened("handover_day")

LAYER = Layer(
    name="remaining",
    vi="Mặt bằng còn phải bàn giao",
    en="Land left to hand over",
    order=32,
    group="records",
    access=Access.RECORD,
    min_zoom=13,
    max_zoom=17,
    source="parcels",
    shown=["all", REGISTERED, ["!", happened("handover_full_day")]],
    project_field="project",
    opening=False,
    fields=FIELDS,
    styles=(
        {
            "id": "fill",
            "type": "fill",
            "paint": {"fill-color": ["case", IN_PART, REMAINING_PART, REMAINING], "fill-opacity": 0.9},
        },
        {
            "id": "none",
            "type": "fill",
            "filter": ["!", IN_PART],
            "paint": {"fill-pattern": "remaining"},
        },
        {
            "id": "part",
            "type": "fill",
            "filter": IN_PART,
            "paint": {"fill-pattern": "remaining-part"},
        },
        {
            "id": "outline",
            "type": "line",
            "paint": {"line-color": OUTLINE, "line-width": ["interpolate", ["linear"], ["zoom"], 13, 0.2, 17, 1.2]},
        },
    ),
    legend=(
        LegendItem("Chưa bàn giao", "Not handed over", REMAINING, "remaining"),
        LegendItem("Còn lại sau khi bàn giao một phần", "Handed over in part, the rest left", REMAINING_PART,
                   "remaining-part"),
    ),
)  # fmt: skip
