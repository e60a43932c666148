"""Outlines of resettlement sites; their plots are a layer of their own."""

from functools import cache

from sqlalchemy import Integer, Select, cast, func, select

from gis.access import Access
from gis.model import Project, ResettlementPlot, ResettlementSite
from layers.palette import HALO, SITE
from layers.spec import ILLUSTRATIVE, Field, Layer, LegendItem


@cache
def features() -> Select:
    """Give the resettlement sites with an outline; `id` is the site's."""
    standing = (ResettlementPlot.site_id == ResettlementSite.id, ResettlementPlot.cancelled_at.is_(None))
    plots = select(cast(func.count(), Integer)).where(*standing).scalar_subquery()
    found = select(
        ResettlementSite.id,
        ResettlementSite.tile_geom.label("geom"),
        ResettlementSite.code,
        ResettlementSite.name,
        Project.code.label("project"),
        plots.label("plots"),
        ResettlementSite.illustrative,
    )
    return found.outerjoin(Project, Project.id == ResettlementSite.project_id).where(
        ResettlementSite.cancelled_at.is_(None), Project.cancelled_at.is_(None)
    )


LAYER = Layer(
    name="sites",
    vi="Khu tái định cư",
    en="Resettlement sites",
    order=42,
    group="projects",
    access=Access.AGGREGATE,
    min_zoom=11,
    max_zoom=15,
    features=features,
    fields=(
        Field("code", "Định danh khu tái định cư", "Site code", "text"),
        Field("name", "Khu tái định cư", "Resettlement site", "text"),
        Field("project", "Dự án", "Project", "text"),
        Field("plots", "Số lô", "Plots", "integer"),
        ILLUSTRATIVE,
    ),
    styles=(
        {
            "id": "fill",
            "type": "fill",
            "paint": {"fill-color": SITE, "fill-opacity": ["interpolate", ["linear"], ["zoom"], 13, 0.35, 14, 0]},
        },
        {
            "id": "outline",
            "type": "line",
            "paint": {
                "line-color": SITE,
                "line-width": ["interpolate", ["linear"], ["zoom"], 11, 1.5, 16, 3],
                "line-dasharray": [4, 1, 1, 1],
            },
        },
        {
            "id": "label",
            "type": "symbol",
            "minzoom": 14,
            "maxzoom": 18,
            "layout": {
                "text-field": ["get", "name"],
                "text-size": 12,
                "text-max-width": 9,
                "text-variable-anchor": ["center", "top", "bottom", "left", "right"],
            },
            "paint": HALO,
        },
    ),
    legend=(LegendItem("Ranh giới khu tái định cư", "Outline of a resettlement site", SITE, "dashed", line=True),),
)
