"""Parcels to recover, by the last step each has reached on the day shown."""

from collections.abc import Mapping
from datetime import date
from functools import cache

from sqlalchemy import ColumnElement, Double, Select, case, cast, func, literal, select

from gis import money
from gis.access import Access
from gis.indicators import INDICATORS, PARCEL_STEPS
from gis.model import Holder, Parcel, ParcelStep, Project
from gis.standing import Case, Land
from gis.tiles import day_number
from layers.palette import OUTLINE, STEP, STEP_PATTERN
from layers.spec import Expression, Field, Layer, LegendItem, Wording, happened

REGISTERED = happened("registered_day")
NOT_STARTED, HANDOVER_FULL = "not_started", "handover_full"
REACHED = (*PARCEL_STEPS, HANDOVER_FULL)
"""Field names of the days on which a parcel reached each step, first to last."""


@cache
def features() -> Select:
    """Give every parcel to recover, once per case (or land of no holder); `id` is the affected parcel's.

    The days are those of `ParcelStep`. An event counts for the parcel it names, or, naming none, for all parcels of
    its case. Voided events do not count.
    A parcel is handed over in full on the day the handed-over areas together reach its area. The day of a payment to a
    household is told to who may have its personal data: for others the parcel stays at the step before.
    """
    holder = case((Holder.kind == "individual", "household"), else_=func.coalesce(Holder.kind, "none"))
    return (
        select(
            Land.id,
            Land.tile_geom.label("geom"),
            Project.code.label("project"),
            Parcel.sheet,
            Parcel.number,
            Parcel.land_use,
            cast(Land.area_m2, Double).label("area_m2"),
            holder.label("holder"),
            day_number(Land.registered_on).label("registered_day"),
            *(day_number(_day(name)).label(f"{name}_day") for name in REACHED),
        )
        .join(Project, Project.id == Land.project_id)
        .join(Parcel, Parcel.id == Land.parcel_id)
        .outerjoin(Case, Case.id == Land.case_id)
        .outerjoin(Holder, Holder.id == Case.holder_id)
        .outerjoin(ParcelStep, ParcelStep.affected_parcel_id == Land.id)
    )


def _day(step: str) -> ColumnElement[date]:
    """Give the day of a step; of a payment to a household only where the reader may have it."""
    day = getattr(ParcelStep, f"{step}_on")
    withheld = money.day_withheld(literal(step), Holder.kind, Land.project_id)
    return case((withheld, None), else_=day) if step in money.PAID_KINDS else day


def _label(name: str) -> Wording:
    if name == NOT_STARTED:
        return Wording("Chưa thực hiện", "Not started")
    if name == HANDOVER_FULL:
        return Wording("Đã bàn giao toàn bộ", "Handed over in full")
    if name == "handover":
        return Wording("Đã bàn giao một phần", "Handed over in part")
    return Wording(INDICATORS[name].vi, INDICATORS[name].en)


def _by_step(values: Mapping[str, str]) -> Expression:
    """Give the style expression that takes the value of the last step a parcel has reached."""
    latest_first = [part for name in reversed(REACHED) for part in (happened(f"{name}_day"), values[name])]
    return ["case", *latest_first, values[NOT_STARTED]]


def _last_is(name: str) -> Expression:
    later = [["!", happened(f"{each}_day")] for each in REACHED[REACHED.index(name) + 1 :]]
    return ["all", happened(f"{name}_day"), *later]


STEPS = (NOT_STARTED, *REACHED)
HOLDERS = {
    "household": Wording("Hộ gia đình, cá nhân", "Household or individual"),
    "organisation": Wording("Tổ chức", "Organisation"),
    "community": Wording("Cộng đồng dân cư", "Community"),
    "none": Wording("Không có chủ sử dụng", "No holder"),
}
FIELDS = (
    Field("project", "Dự án", "Project", "text"),
    Field("sheet", "Tờ bản đồ", "Map sheet", "text"),
    Field("number", "Số thửa", "Parcel number", "text"),
    Field("land_use", "Loại đất", "Land use", "text"),
    Field("area_m2", "Diện tích thu hồi", "Area to recover", "number", "m²"),
    Field("holder", "Đối tượng sử dụng đất", "Kind of holder", "text", words=HOLDERS),
    Field("registered_day", "Đưa vào hồ sơ ngày", "Registered on", "day"),
    *(Field(f"{name}_day", *_label(name), "day") for name in REACHED),
    Field("step", "Bước đã thực hiện gần nhất", "Last step", "text", words={name: _label(name) for name in STEPS},
          expression=_by_step({name: name for name in STEPS})),
)  # fmt: skip
"""Also those of the layers that draw from the same tiles."""

LAYER = Layer(
    name="parcels",
    vi="Thửa đất thu hồi theo bước đã thực hiện",
    en="Parcels to recover, by last step",
    order=30,
    group="records",
    access=Access.RECORD,
    min_zoom=13,
    max_zoom=17,
    features=features,
    shown=REGISTERED,
    project_field="project",
    fields=FIELDS,
    styles=(
        {
            "id": "step",
            "type": "fill",
            "paint": {"fill-color": _by_step(STEP), "fill-opacity": 0.85},
        },
        *(
            {
                "id": pattern,
                "type": "fill",
                "filter": _last_is(name),
                "paint": {"fill-pattern": pattern},
            }
            for name, pattern in STEP_PATTERN.items()
        ),
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
    legend=tuple(LegendItem(*_label(name), STEP[name], STEP_PATTERN.get(name)) for name in STEPS),
)
