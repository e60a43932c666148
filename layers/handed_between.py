"""What was handed over between two dates compared. With one date alone it draws nothing.

Tiles know the first and the completing day of a parcel's handing over; a further part handed over between these two
does not stand out.
"""

from gis.access import Access
from layers.palette import BETWEEN_OUTLINE, HANDED_BETWEEN, HANDED_BETWEEN_PART
from layers.parcels import FIELDS, REGISTERED
from layers.spec import Layer, LegendItem, between

IN_FULL = between("handover_full_day")

LAYER = Layer(
    name="handed_between",
    vi="Bàn giao giữa hai ngày so sánh",
    en="Handed over between the two days",
    order=36,
    group="records",
    access=Access.RECORD,
    min_zoom=13,
    max_zoom=17,
    source="parcels",
    shown=["all", REGISTERED, ["any", IN_FULL, between("handover_day")]],
    project_field="project",
    compares=True,
    fields=FIELDS,
    styles=(
        {
            "id": "fill",
            "type": "fill",
            "paint": {"fill-color": ["case", IN_FULL, HANDED_BETWEEN, HANDED_BETWEEN_PART]},
        },
        {
            "id": "full",
            "type": "fill",
            "filter": IN_FULL,
            "paint": {"fill-pattern": "handed-between"},
        },
        {
            "id": "part",
            "type": "fill",
            "filter": ["!", IN_FULL],
            "paint": {"fill-pattern": "handed-between-part"},
        },
        {
            "id": "outline",
            "type": "line",
            "paint": {
                "line-color": BETWEEN_OUTLINE,
                "line-width": ["interpolate", ["linear"], ["zoom"], 13, 1, 17, 3],
            },
        },
    ),
    legend=(
        LegendItem("Bàn giao xong toàn bộ thửa", "Whole parcel handed over", HANDED_BETWEEN, "handed-between"),
        LegendItem("Bàn giao một phần thửa", "Part of a parcel handed over", HANDED_BETWEEN_PART,
                   "handed-between-part"),
    ),
)  # fmt: skip
