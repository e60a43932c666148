"""Parcels to recover, by the last step each has reached on the day shown."""

from functools import cache

from sqlalchemy import Double, Select, case, cast, func, select

from gis.access import Access
from gis.indicators import INDICATORS, PARCEL_STEPS
from gis.model import AffectedParcel, Case, Holder, Parcel, ParcelStep, Project
from gis.tiles import day_number
from layers.palette import OUTLINE, STEP
from layers.spec import Expression, Field, Layer, LegendItem, happened

REGISTERED = happened("registered_day")
HANDOVER_FULL = "handover_full"
REACHED = (*PARCEL_STEPS, HANDOVER_FULL)
"""Field names of the days on which a parcel reached each step, first to last."""


@cache
def features() -> Select:
    """Give every parcel to recover, once per case (or land of no holder); `id` is the affected parcel's.

    The days are those of `ParcelStep`. An event counts for the parcel it names, or, naming none, for all parcels of
    its case. Voided events do not count. A parcel is handed over in full on the day the handed-over areas together
    reach its area.
    """
    holder = case((Holder.kind == "individual", "household"), else_=func.coalesce(Holder.kind, "none"))
    return (
        select(
            AffectedParcel.id,
            AffectedParcel.tile_geom.label("geom"),
            Project.code.label("project"),
            Parcel.sheet,
            Parcel.number,
            Parcel.land_use,
            cast(AffectedParcel.area_m2, Double).label("area_m2"),
            holder.label("holder"),
            day_number(AffectedParcel.registered_on).label("registered_day"),
            *(day_number(getattr(ParcelStep, f"{name}_on")).label(f"{name}_day") for name in REACHED),
        )
        .join(Project, Project.id == AffectedParcel.project_id)
        .join(Parcel, Parcel.id == AffectedParcel.parcel_id)
        .outerjoin(Case, Case.id == AffectedParcel.case_id)
        .outerjoin(Holder, Holder.id == Case.holder_id)
        .outerjoin(ParcelStep, ParcelStep.affected_parcel_id == AffectedParcel.id)
    )


def _colour() -> Expression:
    latest_first = [part for name in reversed(REACHED) for part in (happened(f"{name}_day"), STEP[name])]
    return ["case", *latest_first, STEP["not_started"]]


def _label(name: str) -> tuple[str, str]:
    if name == HANDOVER_FULL:
        return "Đã bàn giao toàn bộ", "Handed over in full"
    if name == "handover":
        return "Đã bàn giao một phần", "Handed over in part"
    return INDICATORS[name].vi, INDICATORS[name].en


def _step_item(name: str) -> LegendItem:
    patterns = {HANDOVER_FULL: "handed-over", "handover": "handed-over-part"}
    return LegendItem(*_label(name), STEP[name], patterns.get(name))


LAYER = Layer(
    name="parcels",
    vi="Thửa đất thu hồi theo bước đã làm",
    en="Parcels to recover, by last step",
    order=30,
    group="records",
    access=Access.RECORD,
    min_zoom=13,
    max_zoom=17,
    features=features,
    shown=REGISTERED,
    project_field="project",
    fields=(
        Field("project", "Dự án", "Project", "text"),
        Field("sheet", "Tờ bản đồ", "Map sheet", "text"),
        Field("number", "Số thửa", "Parcel number", "text"),
        Field("land_use", "Loại đất", "Land use", "text"),
        Field("area_m2", "Diện tích thu hồi", "Area to recover", "number", "m²"),
        Field("holder", "Đối tượng sử dụng đất", "Kind of holder", "text"),
        Field("registered_day", "Đưa vào hồ sơ ngày", "Registered on", "day"),
        *(Field(f"{name}_day", *_label(name), "day") for name in REACHED),
    ),
    styles=(
        {
            "id": "step",
            "type": "fill",
            "paint": {"fill-color": _colour(), "fill-opacity": 0.85},
        },
        {
            "id": "no-holder",
            "type": "fill",
            "filter": ["==", ["get", "holder"], "none"],
            "paint": {"fill-pattern": "no-holder"},
        },
        {
            "id": "handed-over-part",
            "type": "fill",
            "filter": ["all", happened("handover_day"), ["!", happened("handover_full_day")]],
            "paint": {"fill-pattern": "handed-over-part"},
        },
        {
            "id": "handed-over",
            "type": "fill",
            "filter": happened("handover_full_day"),
            "paint": {"fill-pattern": "handed-over"},
        },
        {
            "id": "outline",
            "type": "line",
            "paint": {"line-color": OUTLINE, "line-width": ["interpolate", ["linear"], ["zoom"], 13, 0.2, 17, 1.2]},
        },
        {
            "id": "selected",
            "type": "line",
            "paint": {
                "line-color": "#000000",
                "line-width": ["case", ["boolean", ["feature-state", "selected"], False], 4, 0],
            },
        },
        {
            "id": "number",
            "type": "symbol",
            "minzoom": 17,
            "layout": {"text-field": ["concat", ["get", "sheet"], "/", ["get", "number"]], "text-size": 11},
            "paint": {"text-color": "#000000", "text-halo-color": "#ffffff", "text-halo-width": 1.2},
        },
    ),
    legend=(
        LegendItem("Chưa thực hiện", "Not started", STEP["not_started"]),
        *(_step_item(name) for name in REACHED),
        LegendItem("Đất không có chủ sử dụng (đường, mương…)", "Land of no holder (roads, canals…)",
                   STEP["not_started"], "no-holder"),
    ),
)  # fmt: skip
