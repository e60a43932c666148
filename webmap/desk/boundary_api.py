"""The boundary of a project for programs: JSON in and out, by the same functions as the page."""

from datetime import date
from decimal import Decimal

from flask import Blueprint, current_app, jsonify, request

from gis import ground, scope, siting
from gis.access import Access
from gis.errors import BadParameter, Question
from gis.progress import today
from gis.record import NewDocument
from webmap import desk, entry, parameters
from webmap.auth import access, reader
from webmap.desk import outline_given
from webmap.session import session, writing

bp = Blueprint("boundary_api", __name__, url_prefix="/api/v1")


def least_remainder() -> Decimal:
    """Give the least remainder: as asked, or as set for the province."""
    asked = request.args.get("least")
    found = entry.decimal("least", asked) if asked else None
    return Decimal(current_app.config["GPMB_LEAST_REMAINDER_M2"]) if found is None else found


@bp.get("/projects/<code>/boundary")
@access(Access.DESK)
def history(code: str):
    """List the outlines of a project, the newest first."""
    parameters.only()
    project = desk.here(code)
    who = reader()
    return jsonify(
        boundaries=[
            {
                "id": each.id, "valid_from": _iso(each.valid_from), "valid_to": _iso(each.valid_to),
                "area_m2": float(each.area_m2), "source": each.source, "document": each.document,
                "illustrative": each.illustrative, "recorded_by": each.recorded_by if who.account else None,
            }
            for each in scope.history(session(), project.id)
        ]
    )  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day and day.isoformat()


@bp.post("/projects/<code>/boundary/proposal")
@access(Access.DESK)
def propose(code: str):
    """Keep an outline as a draft and say what it takes: `vertices` with `zone`, or `geojson` in WGS 84."""
    parameters.only("least")
    project = desk.recording(code)
    try:
        place, source = outline_given.of_json(project, outline_given.json_body())
    except Question as question:
        raise outline_given.asked_of_program(project, question, keep=True) from None
    made = outline_given.kept(project, (place, source))
    outline = place.reading.outline
    facts = siting.look(session(), project.id, outline)
    found = ground.propose(session(), project.id, outline, today(), least_remainder_m2=least_remainder())
    return jsonify(
        proposal=made, source=source, zone=place.srid, **outline_given.told(place.reading),
        warnings=outline_given.warnings(facts, found),
        polygons=facts.polygons, communes=[name for name, _ in facts.communes], outside_m2=facts.outside_m2,
        from_record_m=facts.from_record_m, area_m2=float(found.area_m2), inside_m2=float(found.inside_m2),
        no_parcel_m2=float(found.no_parcel_m2), slivers=found.slivers, sliver_m2=float(found.sliver_m2),
        undrawn=found.undrawn, least_remainder_m2=float(found.least_remainder_m2),
        parcels=[
            {
                "parcel_id": cut.parcel_id, "parcel": cut.label, "commune": cut.commune, "land_use": cut.land_use,
                "area_m2": float(cut.area_m2), "inside_m2": float(cut.inside_m2),
                "remainder_m2": float(cut.remainder_m2), "remainder_small": cut.remainder_small,
                "status": cut.status, "recorded_m2": None if cut.recorded_m2 is None else float(cut.recorded_m2),
            }
            for cut in found.cuts
        ],
    )  # fmt: skip


@bp.post("/projects/<code>/boundary")
@access(Access.DESK)
def adopt(code: str):
    """Put a proposal on record: `proposal`, `valid_from`, `document`, and the parcels chosen."""
    parameters.only()
    project = desk.recording(code)
    body = outline_given.json_body()
    given = body.get("document")
    if not isinstance(given, dict):
        raise BadParameter("“%(name)s” must be given.", parameter="document", name="document")
    draft = scope.draft(session(), project.id, _id("proposal", body.get("proposal")))
    paper = NewDocument(
        outline_given.text_of(given, "kind"), outline_given.text_of(given, "number"),
        _day("issued_on", given.get("issued_on")),
        given["issuer"] if isinstance(given.get("issuer"), str) else None,
    )  # fmt: skip
    day = _day("valid_from", body.get("valid_from"))
    if day is None:
        raise BadParameter("“%(name)s” must be given.", parameter="valid_from", name="valid_from")
    with writing() as s:
        done = scope.adopt(
            s, project.id, draft.outline, day, paper, source=draft.source,
            note=body["note"] if isinstance(body.get("note"), str) else None,
            no_holder=_ids("no_holder", body), changed=_ids("changed", body), doubts=draft.doubts,
            confirmed=body["confirm"] if isinstance(body.get("confirm"), str) else None,
            by=desk.by(), key=desk.submission_key(),
        )  # fmt: skip
    return jsonify(
        act=done.act_id, boundary=done.boundary_id, former=done.former_id, event=done.event_id,
        registered=done.registered, changed=done.changed, repeated=done.repeated,
    ), 200 if done.repeated else 201  # fmt: skip


def _day(name: str, value: object) -> date | None:
    return entry.day(name, value if isinstance(value, str) else None)


def _id(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**63:
        raise BadParameter("“%(name)s” must be a number.", parameter=name, name=name)
    return value


def _ids(name: str, body: dict) -> list[int]:
    given = body.get(name, [])
    if not isinstance(given, list):
        raise BadParameter("“%(name)s” must be a list of numbers.", parameter=name, name=name)
    return [_id(name, value) for value in given]
