"""Outlines of projects, dated: a change of scope is a new outline."""

from functools import cache

from sqlalchemy import Select, Text, case, cast, distinct, func, select, true
from sqlalchemy.orm import aliased

from gis.access import Access
from gis.model import Event, KeyDesignation, Project, ProjectBoundary
from gis.tiles import day_number, not_voided
from layers.palette import HALO, KEY_PROJECT, PROJECT
from layers.spec import DAY, FIGURES, ILLUSTRATIVE, VALIDITY, Field, Layer, LegendItem, happened, stands

SUSPENDED = ["all", happened("suspended_day"), ["!", happened("resumed_day")]]


@cache
def features() -> Select:
    """Give the outlines of all projects; `id` is the outline's, `code` the project's."""
    year = cast(KeyDesignation.year, Text)
    years = (
        select(func.string_agg(distinct(year), ";").aggregate_order_by(year))
        .where(KeyDesignation.project_id == Project.id)
        .scalar_subquery()
    )
    suspension = _last_suspension()
    return (
        select(
            ProjectBoundary.id,
            ProjectBoundary.tile_geom.label("geom"),
            Project.code,
            Project.name,
            years.label("key_years"),
            day_number(suspension.c.suspended_on).label("suspended_day"),
            day_number(suspension.c.resumed_on).label("resumed_day"),
            suspension.c.scope.label("suspended_scope"),
            day_number(func.lower(ProjectBoundary.valid)).label("from_day"),
            day_number(func.upper(ProjectBoundary.valid)).label("to_day"),
            ProjectBoundary.illustrative,
        )
        .join(Project, Project.id == ProjectBoundary.project_id)
        .outerjoin(suspension, true())
    )


def _last_suspension():
    """Give the latest suspension of a project and the day the same scope resumed, if it did."""
    stop, go = aliased(Event), aliased(Event)
    resumed_on = (
        select(func.min(go.valid_on))
        .where(
            go.kind == "resumption", go.project_id == stop.project_id, go.valid_on >= stop.valid_on, not_voided(go),
            go.part_id.is_not_distinct_from(stop.part_id),
            go.suspended_step.is_not_distinct_from(stop.suspended_step),
        )
        .scalar_subquery()
    )  # fmt: skip
    scope = case((stop.part_id.is_not(None), "part"), (stop.suspended_step.is_not(None), "step"), else_="project")
    return (
        select(stop.valid_on.label("suspended_on"), resumed_on.label("resumed_on"), scope.label("scope"))
        .where(stop.kind == "suspension", stop.project_id == Project.id, not_voided(stop))
        .order_by(stop.valid_on.desc(), stop.id.desc())
        .limit(1)
        .lateral("suspension")
    )


# The year of the day shown is a key year of the project.
KEY = ["in", ["to-string", ["floor", ["/", DAY, 10000]]], ["coalesce", ["get", "key_years"], ""]]

SMALL = {"font-scale": 0.88}
WITH_FIGURES = ["format", ["get", "name"], {}, "\n", {}, ["get", "text"], SMALL, "\n", {}, ["get", "target"], SMALL]

LAYER = Layer(
    name="projects",
    vi="Dự án",
    en="Projects",
    order=20,
    group="projects",
    access=Access.AGGREGATE,
    min_zoom=8,
    max_zoom=16,
    features=features,
    shown=stands(),
    project_field="code",
    fields=(
        Field("code", "Định danh dự án", "Project code", "text"),
        Field("name", "Tên dự án", "Project", "text"),
        Field("key_years", "Trọng điểm các năm", "Key project in the years", "text"),
        Field("suspended_day", "Tạm dừng từ ngày", "Suspended on", "day"),
        Field("resumed_day", "Tiếp tục từ ngày", "Resumed on", "day"),
        Field("suspended_scope", "Phạm vi tạm dừng", "What is suspended", "text"),
        *VALIDITY,
        ILLUSTRATIVE,
    ),
    styles=(
        {
            "id": "fill",
            "type": "fill",
            "paint": {"fill-color": PROJECT, "fill-opacity": ["interpolate", ["linear"], ["zoom"], 12, 0.25, 15, 0.04]},
        },
        {
            "id": "outline",
            "type": "line",
            "filter": ["!", SUSPENDED],
            "paint": {"line-color": ["case", KEY, KEY_PROJECT, PROJECT], "line-width": ["case", KEY, 3, 1.5]},
        },
        {
            "id": "suspended",
            "type": "line",
            "filter": SUSPENDED,
            "paint": {"line-color": PROJECT, "line-width": 2.5, "line-dasharray": [2, 2]},
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
            "id": "label",
            "type": "symbol",
            "source": FIGURES,
            "minzoom": 12,
            "maxzoom": 16.5,
            "filter": ["==", ["get", "of"], "projects"],
            "layout": {
                "text-field": ["step", ["zoom"], ["get", "name"], 14, WITH_FIGURES],
                "text-size": 12,
                "text-max-width": 14,
                "text-variable-anchor": ["center", "top", "bottom"],
                "symbol-sort-key": ["get", "rank"],
            },
            "paint": {**HALO, "text-color": KEY_PROJECT},
        },
    ),
    legend=(
        LegendItem("Dự án", "Project", PROJECT, line=True),
        LegendItem("Dự án trọng điểm trong năm", "Key project in the year", KEY_PROJECT, "thick", line=True),
        LegendItem("Đang tạm dừng", "Suspended", PROJECT, "dashed", line=True),
    ),
)
