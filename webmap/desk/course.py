"""The course of a project as a whole: suspensions, approvals, boards, changes of scope, by day; and entering them."""

from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from secrets import token_urlsafe

from flask import Blueprint, Flask, Response, flash, redirect, request, url_for
from flask_babel import gettext, lazy_gettext

from gis import project_acts
from gis.access import Access
from gis.errors import BadParameter, Conflict, GisError
from gis.project_acts import KINDS, SUSPENDABLE, Happened, ProjectAct
from gis.record import NewDocument
from webmap import desk, entry, parameters
from webmap.auth import access
from webmap.desk import papers, sent
from webmap.i18n import day
from webmap.session import session, writing
from webmap.words import step_name

bp = Blueprint("course", __name__)
TAB = desk.Tab("course.show", lazy_gettext("Course"))
LISTED = (*KINDS, "scope_change")
FIELDS = (
    "kind", "valid_on", "document", "document_kind", "number", "issued_on", "issuer", "part", "step", "unit", "area_m2",
    "note", "key",
)  # fmt: skip


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.get("/desk/projects/<code>/course")
@access(Access.DESK)
def show(code: str):
    parameters.only("kind")
    return _show(desk.here(code), {})


@bp.post("/desk/projects/<code>/course")
@access(Access.DESK)
def record(code: str):
    project = desk.recording(code)
    given = request.form
    try:
        act = ProjectAct(
            code, given.get("kind", ""), _needed(entry.day("valid_on", given.get("valid_on"))), papers.given(given),
            given.get("part") or None, given.get("step") or None, given.get("unit") or None,
            entry.area_m2("area_m2", given.get("area_m2")), given.get("note"),
        )  # fmt: skip
        with writing() as s:
            made = project_acts.record_act(s, act, by=desk.by(), key=desk.submission_key())
    except GisError as error:
        return _show(project, given, error)
    flash(gettext("This was recorded before.") if made.repeated else gettext("Recorded."))
    return redirect(url_for("course.show", code=code))


@bp.post("/desk/projects/<code>/course/<int:number>/void")
@access(Access.DESK)
def void(code: str, number: int):
    project = desk.recording(code)
    try:
        with writing() as s:
            project_acts.void(
                s, project.id, number, reason=request.form.get("reason", ""), by=desk.by(), key=desk.submission_key()
            )
    except (BadParameter, Conflict) as error:
        return _show(project, {}, error)
    flash(gettext("Voided. The entry stays readable, with the reason."))
    return redirect(url_for("course.show", code=code))


@bp.get("/api/v1/projects/<code>/project-acts")
@access(Access.DESK)
def api_listing(code: str):
    parameters.only("kind")
    project = desk.here(code)
    found = project_acts.timeline(session(), project.id, parameters.text("kind"))
    return {"project_acts": [_json(one) for one in found]}


@bp.post("/api/v1/projects/<code>/project-acts")
@access(Access.DESK)
def api_record(code: str):
    desk.recording(code)
    given = sent.body(*FIELDS)
    texts = {name: sent.text(given, name) for name in ("kind", "part", "step", "unit", "note")}
    document = given.get("document")
    if document is not None and (isinstance(document, bool) or not isinstance(document, int)):
        raise BadParameter("“%(name)s” must be a whole number above 0.", parameter="document", name="document")
    if sent.text(given, "number"):
        document = NewDocument(
            sent.text(given, "document_kind") or "decision", given["number"], sent.day(given, "issued_on"),
            sent.text(given, "issuer"),
        )  # fmt: skip
    act = ProjectAct(
        code, texts["kind"] or "", _needed(sent.day(given, "valid_on")), document, texts["part"] or None,
        texts["step"] or None, texts["unit"] or None, sent.decimal(given, "area_m2"), texts["note"],
    )  # fmt: skip
    with writing() as s:
        made = project_acts.record_act(s, act, by=desk.by(), key=desk.submission_key())
    return {
        "event": made.event_ids[0], "document": made.document_id, "act": made.act_id, "repeated": made.repeated
    }, 201  # fmt: skip


@bp.post("/api/v1/projects/<code>/project-acts/<int:number>/void")
@access(Access.DESK)
def api_void(code: str, number: int):
    project = desk.recording(code)
    reason = sent.text(sent.body("reason", "key"), "reason")
    with writing() as s:
        made = project_acts.void(s, project.id, number, reason=reason or "", by=desk.by(), key=desk.submission_key())
    return {"correction": made.event_ids[0], "act": made.act_id, "repeated": made.repeated}, 201


def _needed(value):
    if value is None:
        raise BadParameter("“%(name)s” must be given.", parameter="valid_on", name="valid_on")
    return value


def _show(project: desk.Here, given: dict, error: GisError | None = None) -> Response:
    s = session()
    kind = request.args.get("kind") or None
    return desk.page(
        "desk/course.html", project, error, given=given, key=token_urlsafe(12), kind=kind,
        happened=project_acts.timeline(s, project.id, kind), listed={key: step_name(key) for key in LISTED},
        kinds={key: step_name(key) for key in KINDS}, steps={key: step_name(key) for key in SUSPENDABLE},
        standing={one.id for one in project_acts.standing(s, project.id)},
        parts=[(one.code, one.name) for one in project_acts.parts(s, project.id)],
        places=[(one.slug, _place(one)) for one in project_acts.places(s, project.id)],
    )  # fmt: skip


def _place(unit) -> str:
    """Name a unit, with its last day where it ended: names were used again."""
    ended = unit.valid.upper
    return f"{unit.name} ({gettext('until %(day)s', day=day(ended - timedelta(1)))})" if ended else unit.name


def _json(one: Happened) -> dict:
    made = asdict(one)
    for name, value in made.items():
        if hasattr(value, "isoformat"):
            made[name] = value.isoformat()
        elif isinstance(value, Decimal):
            made[name] = str(value)
    return made
