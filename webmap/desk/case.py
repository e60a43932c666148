"""The page of one case: who holds it, its land, what was recorded of it, what it owes, and its history."""

from uuid import uuid4

from flask import Blueprint, Flask, Response, flash, redirect, request, url_for
from flask_babel import gettext

from gis import casefile, permits, record, recording
from gis.access import Access
from gis.casefile import CaseFile
from gis.errors import BadParameter, GisError, NotFound
from gis.indicators import PARCEL_STEPS
from gis.progress import plain
from webmap import desk, entry, parameters, reads
from webmap.auth import access
from webmap.desk.acts_api import json_answer
from webmap.desk.log import told
from webmap.i18n import count
from webmap.session import session, writing
from webmap.words import document_kind_name

bp = Blueprint("case", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.jinja_env.globals.update(confirmations=recording.confirmations, document_name=document_kind_name)


@bp.get("/desk/projects/<code>/cases/<path:case>")
@access(Access.DESK)
def show(code: str, case: str):
    parameters.only()
    return _shown(desk.here(code), case)


@bp.get("/desk/projects/<code>/land/<int:number>")
@access(Access.DESK)
def show_land(code: str, number: int):
    """Show a parcel of no holder: it makes no case, and has a page like one."""
    parameters.only()
    project = desk.here(code)
    found = casefile.land_file(session(), project.id, number, personal=project.may_see_personal)
    return _page(project, found)


@bp.post("/desk/projects/<code>/cases/<path:case>/void")
@access(Access.DESK)
def void(code: str, case: str):
    """Void one event of the case."""
    project, event = desk.recording(code), request.form.get("event", "")
    try:
        found = casefile.case_file(session(), project.id, case, personal=project.may_see_personal)
        if event not in {str(entry.id) for entry in found.entries}:
            raise NotFound("There is no event %(id)s.", parameter="event", id=event[:40])
        with writing() as written:
            record.void(
                written, int(event), reason=request.form.get("reason", ""), by=desk.by(), key=desk.submission_key()
            )
    except NotFound:
        raise
    except GisError as error:
        return _shown(project, case, error)
    flash(gettext("Event %(number)s is voided.", number=event))
    return redirect(url_for("case.show", code=project.code, case=case, _anchor=f"event-{event}"))


@bp.post("/desk/projects/<code>/cases/<path:case>/permit")
@access(Access.DESK)
def permit(code: str, case: str):
    """Let the case be paid beyond its plan, up to an amount in all."""
    project, form = desk.permitting(code), request.form
    try:
        ceiling = entry.amount_vnd("ceiling_vnd", form.get("ceiling_vnd"))
        if ceiling is None:
            raise BadParameter("“%(name)s” must be given.", parameter="ceiling_vnd", name=gettext("Amount"))
        with writing() as written:
            permits.permit(
                written, project.code, case, ceiling, reason=form.get("permit_reason", ""), by=desk.by(),
                key=desk.submission_key(),
            )  # fmt: skip
    except NotFound:
        raise
    except GisError as error:
        return _shown(project, case, error)
    flash(gettext("Permitted: the case may be paid up to %(amount)s đồng in all.", amount=count(ceiling)))
    return redirect(url_for("case.show", code=project.code, case=case, _anchor="money"))


def _shown(project: desk.Here, case: str, error: GisError | None = None) -> Response:
    return _page(project, _read(project, case), error)


def _page(project: desk.Here, found: CaseFile, error: GisError | None = None) -> Response:
    return desk.page(
        "desk/case.html", project, error, file=found, steps=PARCEL_STEPS,
        history=told(session(), found.history, project.code),
        tried=request.form if request.method == "POST" else {}, key=uuid4().hex,
    )  # fmt: skip


def _read(project: desk.Here, case: str) -> CaseFile:
    """Read a case; who is given personal data of it is noted first."""
    found = casefile.case_file(session(), project.id, case, personal=project.may_see_personal)
    if project.may_see_personal:
        reads.log_personal(project.id, [case])
    return found


@bp.get("/api/v1/projects/<code>/cases/<path:case>")
@access(Access.DESK)
def show_json(code: str, case: str):
    """Give a case as JSON."""
    parameters.only()
    project = desk.here(code)
    return _as_json(project, _read(project, case))


@bp.get("/api/v1/projects/<code>/land/<int:number>")
@access(Access.DESK)
def show_land_json(code: str, number: int):
    """Give a parcel of no holder as JSON, as a case is."""
    parameters.only()
    project = desk.here(code)
    return _as_json(project, casefile.land_file(session(), project.id, number, personal=project.may_see_personal))


def _as_json(project: desk.Here, found: CaseFile) -> Response:
    who, gone = None, found.cancelled
    if found.identity:
        who = {name: getattr(found.identity, name) for name in ("full_name", "identity_number", "phone", "address")}
    return json_answer({
        "project": project.code, "case": None if found.land_id else found.code, "land": found.land_id,
        "registered_on": found.registered_on.isoformat(), "version": found.version,
        "cancelled": gone and {"at": gone.at.isoformat(), "by": gone.by, "reason": gone.reason},
        "holder": {"kind": found.holder_kind, "identity": who},
        "part": found.part,
        "money": found.money and {
            "approved_vnd": plain(found.money.approved_vnd), "paid_vnd": plain(found.money.paid_vnd),
            "advanced_vnd": plain(found.money.advanced_vnd), "deducted_vnd": plain(found.money.deducted_vnd),
            "left_vnd": plain(found.money.left_vnd),
            "permitted_vnd": plain(found.permits[0].ceiling_vnd) if found.permits else None,
        },
        "parcels": [
            {"affected_parcel": land.id, "label": land.label, "numbered_in": land.numbered_in, "commune": land.commune,
             "land_use": land.land_use, "area_m2": plain(land.area_m2), "legal_area_m2": plain(land.legal_area_m2),
             "steps": {step: day and day.isoformat() for step, day in land.steps.items()}}
            for land in found.land
        ],
        "events": [
            {"event": e.id, "kind": e.kind, "valid_on": e.valid_on and e.valid_on.isoformat(), "parcel": e.parcel,
             "plot": e.plot, "area_m2": plain(e.area_m2), "amount_vnd": plain(e.amount_vnd), "plots": e.plots,
             "note": e.note, "recorded_at": e.recorded_at.isoformat(), "recorded_by": e.recorded_by,
             "document": e.document_id and {"id": e.document_id, "kind": e.document_kind, "number": e.document_number,
                                            "issued_on": e.issued_on and e.issued_on.isoformat()},
             "voided": e.voided and {"at": e.voided.at.isoformat(), "by": e.voided.by, "reason": e.voided.reason}}
            for e in found.entries
        ],
        "deadlines": [
            {"rule": owed.rule.key, "step": owed.step, "due_on": owed.due_on.isoformat(),
             "done_on": owed.done_on and owed.done_on.isoformat(), "days_late": owed.days_late,
             "overdue": owed.overdue}
            for owed in found.deadlines
        ],
        "obstacles": [
            {"id": o.id, "kind": o.kind,
             "description": o.description if project.may_see_personal else None,
             "direction": o.direction if project.may_see_personal else None,
             "known_since": o.known_since.isoformat(), "owner": o.owner,
             "resolved_on": o.resolved_on and o.resolved_on.isoformat()}
            for o in found.obstacles
        ],
    })  # fmt: skip
