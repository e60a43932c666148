"""Acts upon land of no holder: a road or a canal is noticed, surveyed and handed over too."""

from decimal import Decimal

from flask import Blueprint, Flask, Response, flash, redirect, request, url_for
from flask_babel import gettext

from gis import casefile, record, recording
from gis.access import Access
from gis.errors import BadParameter, GisError, NotFound
from gis.record import LAND_KINDS, Act
from webmap import desk, entry, parameters
from webmap.auth import access
from webmap.desk import acts_api, papers, sent
from webmap.desk.cases import new_key
from webmap.session import looking, session, writing

bp = Blueprint("land_acts", __name__)
FIELDS = ("kind", "valid_on", "document", "document_kind", "issued_on", "issuer", "area_m2", "note")


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.get("/desk/projects/<code>/land/<int:number>/acts")
@access(Access.DESK)
def form(code: str, number: int):
    """Show the form of an act upon a parcel of no holder."""
    parameters.only()
    return _page(desk.recording(code), number, dict.fromkeys(FIELDS, ""))


@bp.post("/desk/projects/<code>/land/<int:number>/acts")
@access(Access.DESK)
def take(code: str, number: int):
    """Look at the act; confirmed, record it."""
    project = desk.recording(code)
    given = {name: request.form.get(name, "").strip()[:4000] for name in FIELDS}
    if "again" in request.form:
        return _page(project, number, given)
    confirmed = "confirm" in request.form
    try:
        act, area_m2 = _act(project.code, given), entry.area_m2("area_m2", given["area_m2"])
        key = desk.submission_key() if confirmed else new_key()
        with writing() if confirmed else looking() as s:
            made = record.on_land_of_no_holder(s, act, number, area_m2, by=desk.by(), key=key)
        if not confirmed:
            return _page(project, number, given, seen=made)
    except NotFound:
        raise
    except GisError as error:
        return _page(project, number, given, error)
    flash(
        gettext("This was recorded before, as act %(number)s: nothing was recorded twice.", number=made.act_id)
        if made.repeated
        else gettext("Recorded as act %(number)s.", number=made.act_id)
    )
    return redirect(url_for("acts.show", code=project.code, number=made.act_id))


def _act(project: str, given: dict[str, str]) -> Act:
    valid_on = entry.day("valid_on", given["valid_on"])
    if valid_on is None:
        raise BadParameter("Say on which day it happened.", parameter="valid_on")
    usual = recording.DOCUMENT_OF.get(given["kind"], "decision")
    paper = papers.given(given | {"document_kind": given["document_kind"] or usual})
    return Act(project, given["kind"], valid_on, paper, given["note"])


def _page(project: desk.Here, number: int, given: dict, error: GisError | None = None, seen=None) -> Response:
    found = casefile.land_file(session(), project.id, number, personal=project.may_see_personal)
    return desk.page(
        "desk/land_act.html", project, error, file=found, given=given, seen=seen, kinds=LAND_KINDS,
        key=request.form.get("key") if request.form and not error else new_key(),
    )  # fmt: skip


@bp.post("/api/v1/projects/<code>/land/<int:number>/acts")
@access(Access.DESK)
def take_sent(code: str, number: int):
    """Record an act upon a parcel of no holder that a program sends."""
    parameters.only()
    project = desk.recording(code)
    body = sent.body("kind", "valid_on", "document", "area_m2", "note", "key")
    area_m2: Decimal | None = sent.decimal(body, "area_m2")
    act = acts_api.act_of(project.code, {name: body[name] for name in body if name not in ("area_m2", "key")})
    key = acts_api.needed_key()
    with writing() as s:
        made = record.on_land_of_no_holder(s, act, number, area_m2, by=desk.by(), key=key)
    return acts_api.json_answer(acts_api.recorded(made), 200 if made.repeated else 201)
