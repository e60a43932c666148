"""The desk: where officers keep records. One module an area, each with its blueprint and its tab of a project.

What areas share stands here: the project of a page and who may change it, the frame, and the key of a submission.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import import_module

from flask import Blueprint, Flask, Response, render_template, request

from gis import catalogue, workload
from gis.access import Access
from gis.errors import BadParameter, GisError, NotAllowed, NotFound
from gis.progress import today
from layers.rollups import folded
from webmap import kept_forms, parameters
from webmap.auth import access, reader
from webmap.errors import STATUS, user_message
from webmap.i18n import here_again
from webmap.session import session

AREAS = (
    "cases",
    "lists",
    "project",
    "boundary",
    "registers",
    "course",
    "documents",
    "annexes",
    "costs",
    "log",
    "person",
    "case",
    "acts",
    "putting_right",
    "land_acts",
)
"""Modules of this package. Each has `init_app(app)`, and `TAB` where projects have a page of it."""

bp = Blueprint("desk", __name__, url_prefix="/desk")


@dataclass(frozen=True)
class Tab:
    """A page that every project has at the desk: its endpoint takes `code`."""

    endpoint: str
    title: str
    """Lazily translated."""


@dataclass(frozen=True)
class Here:
    """The project a page is about, and whether its reader may change records of it."""

    id: int
    code: str
    name: str
    may_record: bool
    """Never in a cancelled project."""
    may_see_personal: bool
    may_permit: bool = False
    """Whether cases may be permitted to be paid beyond their plans."""
    version: int = 1
    cancelled: str | None = None
    """Why it was cancelled; None for one that stands."""


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.jinja_env.globals.update(map_day=map_day, shown_mark=shown_mark)
    for area in _areas():
        area.init_app(app)


@cache
def _areas() -> tuple:
    return tuple(import_module(f"{__name__}.{name}") for name in AREAS)


@bp.get("")
@access(Access.DESK)
def show():
    """Show what is due in the projects the reader keeps, and how far each project stands."""
    parameters.only("q", "sort")
    asked = {name: parameters.text(name) or "" for name in ("q", "sort")}
    sort = asked["sort"] or "name"
    if sort.removeprefix("-") not in workload.SORTS:
        raise BadParameter(
            "Cannot sort by “%(name)s”: give one of %(choices)s.", parameter="sort", name=sort,
            choices=", ".join(workload.SORTS),
        )  # fmt: skip
    who, day = reader(), today()
    every = catalogue.projects_by_name(session())
    kept = {project.code for project in every if who.may_record(project.id)}
    seen = {project.code for project in every if who.may_see_personal(project.id)}
    owed = workload.due(session(), kept, day, money_too=seen)
    words = folded(asked["q"]).split()
    names = [
        (project.code, project.name)
        for project in every
        if all(word in folded(f"{project.name} {project.code}") for word in words)
    ]
    found = workload.ordered(
        workload.standings(session(), names, owed, day, kept=kept), sort.removeprefix("-"), falling=sort[0] == "-"
    )
    return page(
        "desk/projects.html", mine=[one for one in found if one.code in kept], tabs=tabs(), asked=asked, day=day,
        others=[one for one in found if one.code not in kept], owed=owed, names={p.code: p.name for p in every},
        sort=sort,
    )  # fmt: skip


def map_day(act=None) -> str:
    """Give the day on which the map shows what a page of the desk tells: that of an act, else today.

    The map's own day without one is the last of the records it opens on: what was entered later would not be there.
    """
    happened = getattr(act, "valid_on", None)
    return (happened if happened and happened <= today() else today()).isoformat()


def tabs() -> list[Tab]:
    """Give the pages of a project, in order."""
    return [area.TAB for area in _areas() if hasattr(area, "TAB")]


def here(code: str) -> Here:
    """Give the project of this page.

    Raises
    ------
    NotFound
        For one that is not there, and for one that does not exist for this reader.
    """
    found = next(iter(catalogue.projects_by_name(session(), code)), None)
    if found is None:
        raise NotFound("There is no project “%(code)s”.", parameter="project", code=code)
    who = reader()
    return Here(
        found.id, found.code, found.name, who.may_record(found.id) and not found.cancelled,
        who.may_see_personal(found.id), who.may_permit(found.id) and not found.cancelled, found.version,
        found.cancelled,
    )  # fmt: skip


def personal(code: str) -> Here:
    """Give the project, to who may have personal data of it.

    Raises
    ------
    NotFound
        As `here`.
    NotAllowed
    """
    return _with_names(here(code))


def entering(code: str) -> Here:
    """Give the project whose cases this request changes, with the names in them.

    Raises
    ------
    NotFound, NotAllowed
        As `recording` and `personal`.
    """
    return _with_names(recording(code))


def _with_names(project: Here) -> Here:
    if not project.may_see_personal:
        raise NotAllowed("Personal data of this project is not yours to see.")
    return project


def recording(code: str) -> Here:
    """Give the project whose records this request changes.

    Raises
    ------
    NotFound
        As `here`.
    NotAllowed
        When this reader may see it, but not change its records.
    """
    project = here(code)
    if not project.may_record:
        raise NotAllowed("The project “%(name)s” is not yours to change.", parameter="project", name=project.name)
    return project


def permitting(code: str) -> Here:
    """Give the project, to who may let its cases be paid beyond their plans.

    Raises
    ------
    NotFound
        As `here`.
    NotAllowed
    """
    project = here(code)
    if not project.may_permit:
        raise NotAllowed("Payments beyond a plan are permitted by a leader.", parameter="project")
    return project


def keeping(code: str) -> Here:
    """Give the project, cancelled or not, to who keeps it: to cancel it, or to take that back.

    Raises
    ------
    NotFound, NotAllowed
        As `recording`.
    """
    project = here(code)
    if not reader().may_record(project.id):
        raise NotAllowed("The project “%(name)s” is not yours to change.", parameter="project", name=project.name)
    return project


def by() -> str:
    """Give the account that this request writes as."""
    return reader().account


def submission_key() -> str:
    """Give the key of this submission: header `Idempotency-Key`, or field `key` of a form or of JSON."""
    body = request.get_json(silent=True) if request.is_json else request.form
    given = body.get("key") if isinstance(body, dict) or hasattr(body, "getlist") else None
    return request.headers.get("Idempotency-Key") or given or ""


_NOT_SHOWN = frozenset({"csrf_token", "key", "version", "case_version", "confirm", "shown", "reason", "sure"})


def shown_mark() -> str:
    """Give a mark of what this request's form says, for the page that shows what would come of it."""
    said = sorted((name, request.form.getlist(name)) for name in request.form if name not in _NOT_SHOWN)
    return sha256(repr(said).encode()).hexdigest()[:16]


def confirmed() -> bool:
    """Tell whether a form confirms what was shown: what was typed anew since then is looked at first."""
    return "confirm" in request.form and request.form.get("shown", shown_mark()) == shown_mark()


def page(template: str, project: Here | None = None, error: GisError | None = None, **shown) -> Response:
    """Show a page of the desk; with an error, beside what was filled in, and with the error's status."""
    kept_forms.told(error)
    made = render_template(
        template, project=project, problem=user_message(error) if error else None,
        at_fault=error.parameter if error else None, here=here_again(), desk_tabs=tabs() if project else [], **shown,
    )  # fmt: skip
    response = Response(made, STATUS[type(error)] if error else 200)
    response.headers["Cache-Control"] = "no-store"
    return response
