"""Acts and cases for programs: JSON in and out, by the same functions as the pages."""

from datetime import date

from flask import Blueprint, Response, current_app, request

from gis import histories, record, recording
from gis.access import Access
from gis.errors import BadParameter, NotAllowed, NotFound
from gis.progress import plain
from gis.record import Act, NewDocument, Recorded, Share
from webmap import desk, exact_json, parameters
from webmap.auth import access, reader
from webmap.errors import finding_as_json
from webmap.session import session, writing

bp = Blueprint("acts_api", __name__, url_prefix="/api/v1")
_ACT = ("kind", "valid_on", "document", "note", "step", "cases", "confirm", "imported", "replaces", "dry_run", "key")
_DOCUMENT = ("kind", "number", "issued_on", "issuer", "title")
_SHARE = ("case", "parcel", "area_m2", "amount_vnd", "plots", "plot")


@bp.post("/projects/<code>/acts")
@access(Access.DESK)
def record_act(code: str):
    """Record one act upon cases; with `preview=1` or `dry_run` say what would be recorded."""
    parameters.only("preview")
    project = desk.recording(code)
    body = _object(request.get_json(silent=True), _ACT)
    act = act_of(project.code, body)
    cases = body.get("cases")
    if not isinstance(cases, list):
        raise BadParameter("“%(name)s” must be a list.", parameter="cases", name="cases")
    shares = [_share(given) for given in cases]
    confirmed, imported = body.get("confirm"), _flag(body, "imported")
    if not (confirmed is None or isinstance(confirmed, str) or _texts(confirmed)):
        raise BadParameter("“confirm” is a reason, or an object of reasons by rule.", parameter="confirm")
    if parameters.text("preview") or _flag(body, "dry_run"):
        return json_answer(_previewed(recording.preview(session(), act, shares, imported=imported)))
    key = needed_key()
    with writing() as found:
        made = recording.record_checked(
            found, act, shares, by=desk.by(), key=key, confirmed=confirmed, imported=imported
        )  # fmt: skip
    return json_answer(recorded(made), 200 if made.repeated else 201)


@bp.post("/acts/<int:number>/undo")
@access(Access.DESK)
def undo_act(number: int):
    """Void all events of an act."""
    parameters.only()
    _mine(recording.project_of_act(session(), number), "There is no act %(id)s.", number)
    body = _object(request.get_json(silent=True), ("reason", "key"))
    key = needed_key()
    with writing() as found:
        made = record.undo(found, number, reason=_text(body, "reason"), by=desk.by(), key=key)
    return json_answer(recorded(made), 200 if made.repeated else 201)


@bp.post("/events/<int:number>/void")
@access(Access.DESK)
def void_event(number: int):
    """Void one event."""
    parameters.only()
    _mine(recording.project_of_event(session(), number), "There is no event %(id)s.", number)
    body = _object(request.get_json(silent=True), ("reason", "key"))
    key = needed_key()
    with writing() as found:
        made = record.void(found, number, reason=_text(body, "reason"), by=desk.by(), key=key)
    return json_answer(recorded(made), 200 if made.repeated else 201)


def _mine(project_id: int, missing: str, number: int) -> None:
    """Let only who may change the project on; to who does not have the project the entry is not there."""
    who = reader()
    if who.project_ids is not None and project_id not in who.project_ids:
        raise NotFound(missing, id=number)
    if not who.may_record(project_id):
        raise NotAllowed("These records are not yours to change.")


def needed_key() -> str:
    """Give the key of this submission, which every program has to send."""
    key = desk.submission_key()
    if not key:
        raise BadParameter(
            "Send a header Idempotency-Key: the same request with the same key is recorded once.",
            parameter="Idempotency-Key",
        )  # fmt: skip
    return key


def json_answer(content: dict, status: int = 200) -> Response:
    """Answer with records: nobody keeps them on the way."""
    response = current_app.json.response(content)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def _object(given: object, known: tuple[str, ...], name: str = "body") -> dict:
    if not isinstance(given, dict):
        raise BadParameter("“%(name)s” must be a JSON object.", parameter=name, name=name)
    for field in given:
        if field not in known:
            raise BadParameter(
                "There is no field “%(name)s” here: give some of %(choices)s.",
                parameter=field, name=field, choices=", ".join(known),
            )  # fmt: skip
    return given


def _text(given: dict, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str | None):
        raise BadParameter("“%(name)s” must be a text.", parameter=name, name=name)
    return value or ""


def _texts(given: object) -> bool:
    return isinstance(given, dict) and all(isinstance(value, str) for value in given.values())


def _flag(given: dict, name: str) -> bool:
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise BadParameter("“%(name)s” is true or false.", parameter=name, name=name)
    return value


def _day(given: dict, name: str) -> date | None:
    value = _text(given, name)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise BadParameter(
            "“%(value)s” is not a day: write it as 2022-10-24.", parameter=name, value=value[:40]
        ) from None  # fmt: skip


def act_of(project: str, body: dict) -> Act:
    """Read the act that a program sends, beside its cases."""
    valid_on, note, paper = _day(body, "valid_on"), _text(body, "note"), body.get("document")
    if valid_on is None:
        raise BadParameter("Say on which day it happened.", parameter="valid_on")
    kind = _text(body, "kind")
    if kind == recording.NOT_APPLICABLE and _text(body, "step") and note.strip():
        note = histories.not_applicable_note(_text(body, "step"), note)
    if paper is not None and not (isinstance(paper, int) and not isinstance(paper, bool)):
        paper = _object(paper, _DOCUMENT, "document")
        usual = recording.DOCUMENT_OF.get(kind, "decision")
        paper = NewDocument(
            _text(paper, "kind") or usual, _text(paper, "number"), _day(paper, "issued_on"), _text(paper, "issuer"),
            _text(paper, "title"),
        )  # fmt: skip
    replaces = body.get("replaces")
    if not isinstance(replaces, bool | None):
        raise BadParameter("“%(name)s” is true or false.", parameter="replaces", name="replaces")
    return Act(project, kind, valid_on, paper, note, replaces)


def _share(given: object) -> Share:
    if isinstance(given, str):
        return Share(given)
    values = dict(_object(given, _SHARE, "cases"))
    case = _text(values, "case")
    for name in ("parcel", "plot"):
        if not isinstance(values.get(name), str | int | None) or isinstance(values.get(name), bool):
            raise BadParameter("“%(name)s” must be a text.", parameter=name, name=name)
    for name in ("area_m2", "amount_vnd", "plots"):
        values[name] = exact_json.number(values.get(name), name)
    return Share(**values | {"case": case})


def recorded(made: Recorded) -> dict:
    """Tell a program what was written."""
    return {
        "act": made.act_id, "events": list(made.event_ids), "document": made.document_id, "cases": made.cases,
        "area_m2": plain(made.area_m2), "amount_vnd": plain(made.amount_vnd), "repeated": made.repeated,
    }  # fmt: skip


def _previewed(seen: recording.Preview) -> dict:
    entries = [
        {"case": entry.case, "affected_parcel": entry.affected_parcel_id, "label": entry.label,
         "area_m2": plain(entry.area_m2), "amount_vnd": plain(entry.amount_vnd), "plots": entry.plots}
        for entry in seen.entries
    ]  # fmt: skip
    return {
        "recorded": False, "document": seen.document and seen.document.id, "cases": seen.cases,
        "area_m2": plain(seen.area_m2), "amount_vnd": plain(seen.amount_vnd), "plots": seen.plots,
        "refused": seen.refused, "breaches": [finding_as_json(finding) for finding in seen.findings],
        "entries": entries,
    }  # fmt: skip
