"""Outlines of projects, dated: a change of scope is a new outline, and so is the time a project stands still."""

from functools import cache

from sqlalchemy import ColumnElement, Select, Text, case, cast, distinct, func, literal_column, null, or_, select, true
from sqlalchemy.dialects.postgresql import DATEMULTIRANGE, DATERANGE
from sqlalchemy.orm import aliased

from gis.access import Access
from gis.model import Event, KeyDesignation, ProjectBoundary
from gis.standing import Project
from gis.tiles import day_number, not_voided
from layers.palette import HALO, KEY_PROJECT, PROJECT
from layers.spec import DAY, FIGURES, ILLUSTRATIVE, VALIDITY, Field, Layer, LegendItem, Wording, stands, written_day

SUSPENDED = ["has", "suspended_day"]
SUSPENDED_WHOLE = ["==", ["get", "suspended_scope"], "project"]
SCOPES = {
    "project": Wording("Toàn bộ dự án", "The whole project"),
    "part": Wording("Một phần dự án", "A part of the project"),
    "step": Wording("Một số bước thực hiện", "Some of the steps"),
}
"""What a suspension holds up, the widest first."""

_SAID = ["match", ["get", "suspended_scope"], "part", Wording("Tạm dừng một phần", "Suspended in part"),
         "step", Wording("Tạm dừng một số bước", "Some steps suspended"), Wording("Tạm dừng", "Suspended")]  # fmt: skip


@cache
def features() -> Select:
    """Give the outlines of all projects; `code` is the project's.

    An outline is there once for each time in which nothing changes: what is suspended of it, if anything. `id` is the
    outline's each time. Where suspensions overlap, the widest counts. Voided events do not count.
    """
    year = cast(KeyDesignation.year, Text)
    years = (
        select(func.string_agg(distinct(year), ";").aggregate_order_by(year))
        .where(KeyDesignation.project_id == Project.id, KeyDesignation.cancelled_at.is_(None))
        .scalar_subquery()
    )
    suspended = _suspended()
    times = _times(suspended)
    stood = (times.c.days * ProjectBoundary.valid).label("stood")
    return (
        select(
            ProjectBoundary.id,
            ProjectBoundary.tile_geom.label("geom"),
            Project.code,
            Project.name,
            years.label("key_years"),
            case((times.c.scope.is_not(None), day_number(func.lower(times.c.days)))).label("suspended_day"),
            times.c.scope.label("suspended_scope"),
            day_number(func.lower(stood)).label("from_day"),
            day_number(func.upper(stood)).label("to_day"),
            ProjectBoundary.illustrative,
        )
        .join(Project, Project.id == ProjectBoundary.project_id)
        .join(suspended, true())
        .join(times, times.c.days.op("&&")(ProjectBoundary.valid))
    )


def _suspended():
    """Give the times in which a project is suspended: a set of days for each of `SCOPES`."""
    stop = aliased(Event)
    of_a_part = or_(stop.part_id.is_not(None), stop.unit_id.is_not(None))
    scope = case((of_a_part, "part"), (stop.suspended_step.is_not(None), "step"), else_="project")
    stops = (
        select(func.daterange(stop.valid_on, _resumed_on(stop), type_=DATERANGE).label("days"), scope.label("scope"))
        .where(stop.kind == "suspension", stop.project_id == Project.id, not_voided(stop))
        .correlate(Project)
        .subquery("stops")
    )
    merged = func.range_agg(stops.c.days, type_=DATEMULTIRANGE)
    return select(
        *(func.coalesce(merged.filter(stops.c.scope == name), _days("{}")).label(name) for name in SCOPES)
    ).lateral("suspended")


def _times(suspended):
    """Give the times of a project from ever until ever: `days`, and the `scope` of what is suspended in them."""
    left, pieces = _days("{(,)}"), []
    for name in SCOPES:
        pieces.append((left * suspended.c[name], literal_column(f"'{name}'", Text)))
        left = left - suspended.c[name]
    pieces.append((left, null()))
    each = [select(func.unnest(days).label("days"), cast(scope, Text).label("scope")) for days, scope in pieces]
    first, *others = (piece.correlate(suspended) for piece in each)
    return first.union_all(*others).lateral("times")


def _days(written: str) -> ColumnElement:
    return literal_column(f"'{written}'::datemultirange", DATEMULTIRANGE)


def _resumed_on(stop: type[Event]):
    """Give the day on which what a suspension holds up went on: by itself, or with all of the project."""
    go = aliased(Event)
    return (
        select(func.min(go.valid_on))
        .where(
            go.kind == "resumption", go.project_id == stop.project_id, go.valid_on >= stop.valid_on, not_voided(go),
            or_(go.part_id.is_(None), go.part_id == stop.part_id),
            or_(go.unit_id.is_(None), go.unit_id == stop.unit_id),
            or_(go.suspended_step.is_(None), go.suspended_step == stop.suspended_step),
        )
        .scalar_subquery()
    )  # fmt: skip


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
        Field("suspended_scope", "Phạm vi tạm dừng", "What is suspended", "text", words=SCOPES),
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
            "paint": {
                "line-color": ["case", KEY, KEY_PROJECT, PROJECT],
                "line-width": ["case", KEY, 3, 2],
                "line-dasharray": [2, 2],
            },
        },
        {
            "id": "standing-still",
            "type": "fill",
            "minzoom": 11,
            "maxzoom": 13,
            "filter": SUSPENDED_WHOLE,
            "paint": {"fill-pattern": "suspended"},
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
            # Where parcels would hide the pattern. From tiles: a long project says it more than once.
            "id": "suspended-since",
            "type": "symbol",
            "minzoom": 13,
            "filter": SUSPENDED,
            "layout": {
                "text-field": ["concat", _SAID, Wording(" từ ", " since "), written_day("suspended_day")],
                "text-font": ["Open Sans Bold"],
                "text-size": 11,
                "text-max-width": 20,
                "text-variable-anchor": ["top", "bottom", "center"],
                "text-radial-offset": 2.4,
            },
            "paint": {**HALO, "text-color": PROJECT},
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
        LegendItem("Tạm dừng toàn bộ dự án", "The whole project suspended", "#f5e3ea", "suspended"),
    ),
)
