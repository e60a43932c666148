"""Plots of resettlement sites: free, or allotted by the day shown."""

from functools import cache

from sqlalchemy import Double, Select, cast, func, select

from gis.access import Access
from gis.model import Event, Project, ResettlementPlot, ResettlementSite
from gis.tiles import day_number, not_voided
from layers.palette import OUTLINE, PLOT_ALLOTTED, PLOT_FREE
from layers.spec import ILLUSTRATIVE, Field, Layer, LegendItem, Wording, happened

ALLOTTED = happened("allotted_day")
STATES = {
    "free": Wording("Lô chưa giao", "Plot not allotted"),
    "allotted": Wording("Lô đã giao", "Plot allotted"),
}


@cache
def features() -> Select:
    """Give every plot; `id` is the plot's."""
    allotted_on = (
        select(func.min(Event.valid_on))
        .where(Event.plot_id == ResettlementPlot.id, Event.kind == "resettlement_allocation", not_voided(Event))
        .scalar_subquery()
    )
    found = select(
        ResettlementPlot.id,
        ResettlementPlot.tile_geom.label("geom"),
        ResettlementSite.code.label("site"),
        ResettlementSite.name.label("site_name"),
        ResettlementPlot.number,
        cast(ResettlementPlot.area_m2, Double).label("area_m2"),
        day_number(allotted_on).label("allotted_day"),
        ResettlementSite.illustrative,
    ).join(ResettlementSite, ResettlementSite.id == ResettlementPlot.site_id)
    return found.outerjoin(Project, Project.id == ResettlementSite.project_id).where(
        ResettlementPlot.cancelled_at.is_(None), Project.cancelled_at.is_(None)
    )


LAYER = Layer(
    name="plots",
    vi="Lô tái định cư",
    en="Resettlement plots",
    order=40,
    group="records",
    access=Access.RECORD,
    min_zoom=14,
    max_zoom=17,
    features=features,
    fields=(
        Field("site", "Định danh khu tái định cư", "Site code", "text"),
        Field("site_name", "Khu tái định cư", "Resettlement site", "text"),
        Field("number", "Số lô", "Plot number", "text"),
        Field("area_m2", "Diện tích", "Area", "number", "m²"),
        Field("allotted_day", "Ngày giao đất", "Allotted on", "day"),
        ILLUSTRATIVE,
        Field("state", "Tình trạng", "State", "text", expression=["case", ALLOTTED, "allotted", "free"], words=STATES),
    ),
    styles=(
        {
            "id": "fill",
            "type": "fill",
            "paint": {"fill-color": ["case", ALLOTTED, PLOT_ALLOTTED, PLOT_FREE], "fill-opacity": 0.8},
        },
        {
            "id": "allotted",
            "type": "fill",
            "filter": ALLOTTED,
            "paint": {"fill-pattern": "allotted"},
        },
        {
            "id": "outline",
            "type": "line",
            "paint": {"line-color": OUTLINE, "line-width": 1},
        },
        {
            "id": "number",
            "type": "symbol",
            "minzoom": 17,
            "layout": {"text-field": ["get", "number"], "text-size": 11},
            "paint": {"text-color": "#000000", "text-halo-color": "#ffffff", "text-halo-width": 1.2},
        },
    ),
    legend=(
        LegendItem(*STATES["free"], PLOT_FREE),
        LegendItem(*STATES["allotted"], PLOT_ALLOTTED, "allotted"),
    ),
)
