"""The boundary of a project: drawn, pasted or sent; what it takes of the land; put on record; its history."""

import json
from datetime import date
from decimal import Decimal
from secrets import token_urlsafe

from flask import Blueprint, Flask, Response, current_app, flash, jsonify, redirect, request, url_for
from flask_babel import get_locale, gettext, lazy_gettext, ngettext

from gis import ground, outlines, scope
from gis.access import Access
from gis.crs import LANG_SON_ZONE, VIETNAM_BOX, ZONES
from gis.errors import BadParameter, GisError
from gis.progress import today
from gis.record import DOCUMENT_KINDS, NewDocument
from layers.rows import Column, Row
from layers.spec import Wording
from webmap import desk, entry, exports, parameters
from webmap.auth import access, reader
from webmap.reads import log_export
from webmap.session import session, writing
from webmap.words import document_kind_name

bp = Blueprint("boundary", __name__)
TAB = desk.Tab("boundary.show", lazy_gettext("Boundary"))
MIB = 1024 * 1024
MOST_FILE_MIB = 20
MOST_TABLE_MIB = 2
"""Of a pasted table: 20 000 vertices."""
SENDING = ("boundary.propose", "boundary.convert", "boundary.adopt", "boundary.api_propose", "boundary.api_adopt")
FILTERS = {
    "all": lazy_gettext("All"),
    "small": lazy_gettext("Too little remains"),
    "new": lazy_gettext("Not registered yet"),
    "changed": lazy_gettext("Other area than on record"),
    "gone": lazy_gettext("On record, now outside"),
    "no_holder": lazy_gettext("Roads, canals and the like"),
}
STATUS_NAMES = {
    "new": lazy_gettext("not registered"),
    "same": lazy_gettext("as on record"),
    "changed": lazy_gettext("area differs"),
    "gone": lazy_gettext("now outside"),
}
COLUMNS = (
    Column("parcel", Wording("Tờ/thửa", "Sheet/parcel"), "text"),
    Column("commune", Wording("Xã, phường", "Commune"), "text"),
    Column("land_use", Wording("Loại đất", "Land use"), "text"),
    Column("area_m2", Wording("Diện tích thửa", "Area of the parcel"), "number", "m²"),
    Column("legal_area_m2", Wording("Diện tích pháp lý", "Legal area"), "number", "m²"),
    Column("inside_m2", Wording("Diện tích thu hồi", "To recover"), "number", "m²", summed=True),
    Column("remainder_m2", Wording("Diện tích còn lại", "Remainder"), "number", "m²"),
    Column("remainder_small", Wording("Còn lại dưới mức tối thiểu", "Too little remains"), "boolean"),
    Column("status", Wording("So với hồ sơ", "Against records"), "text"),
    Column("recorded_m2", Wording("Diện tích trong hồ sơ", "On record"), "number", "m²"),
)
FILE_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.url_value_preprocessor
def let_files_in(endpoint: str, _values: dict | None) -> None:
    """Let outlines be larger than other forms. Before all else: looking for the token reads the whole form."""
    if endpoint in SENDING:
        request.max_content_length = (MOST_FILE_MIB + 1) * MIB
        request.max_form_memory_size = MOST_TABLE_MIB * MIB


@bp.get("/desk/projects/<code>/boundary")
@access(Access.DESK)
def show(code: str):
    """Show the outlines on record, and the three ways to a new one."""
    parameters.only("start")
    project = desk.here(code)
    start = parameters.text("start")
    filled = {}
    if start and project.may_record:
        outline = scope.outline_on_record(session(), project.id, _number("start", start))
        filled = {"vertices": outlines.vertex_table(outline, LANG_SON_ZONE)}
    return _page(project, filled)


def _page(project: desk.Here, filled: dict, error: GisError | None = None) -> Response:
    current = scope.history(session(), project.id)
    standing = ground.standing(session(), project.id, today())
    return desk.page(
        "desk/boundary/show.html", project, error, boundaries=current, filled=filled, zones=ZONES.values(),
        zone=int(filled.get("zone") or LANG_SON_ZONE), key=token_urlsafe(16), most_mib=MOST_FILE_MIB,
        standing=standing is not None and json.dumps(outlines.as_geojson(standing)), country=_country(),
        drawing_words=_drawing_words(),
    )  # fmt: skip


def _country() -> str:
    return " ".join(map(str, VIETNAM_BOX))


def _drawing_words() -> str:
    """Give the texts of the drawing tool, which it has not in Vietnamese."""
    return json.dumps(
        {
            "tooltips": {
                "firstVertex": gettext("Click to place the first vertex"),
                "continueLine": gettext("Click to go on"),
                "finishPoly": gettext("Click the first vertex to finish"),
            }
        }
    )


@bp.post("/desk/projects/<code>/boundary/proposals")
@access(Access.DESK)
def propose(code: str):
    """Take an outline, keep it as a draft, and show what it takes."""
    project = desk.recording(code)
    filled = {name: request.form.get(name, "") for name in ("vertices", "zone")}
    try:
        outline, source, zone = _outline_of_form()
        with writing() as s:
            made = scope.keep_draft(
                s, project.id, outline, source, srid=zone, by=desk.by(), key=desk.submission_key()
            )  # fmt: skip
    except GisError as error:
        return _page(project, filled | {"zone": filled["zone"] if filled["zone"].isdecimal() else ""}, error)
    return redirect(url_for("boundary.proposal", code=code, draft_id=made))


def _outline_of_form() -> tuple:
    """Read the outline that a form carries: a file where one is given, else the table of vertices."""
    zone = _zone(request.form.get("zone"))
    file = request.files.get("file")
    if file and file.filename:
        content = file.read()
        return outlines.outline_from_file(content, file.filename), gettext("file %(name)s", name=file.filename), zone
    table = request.form.get("vertices", "")
    if not table.strip():
        raise BadParameter("Draw an outline, paste its vertices, or choose a file.", parameter="vertices")
    source = gettext("vertices in VN-2000, zone %(zone)s", zone=ZONES[zone].meridian)
    return outlines.outline_from_vertices(table, zone), source, zone


def _zone(given: object) -> int:
    text = str(given or LANG_SON_ZONE)
    if not text.isdecimal() or int(text) not in ZONES:
        raise BadParameter("There is no VN-2000 zone EPSG:%(srid)s.", parameter="zone", srid=text[:20])
    return int(text)


def _number(name: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise BadParameter("“%(value)s” is not a number.", parameter=name, value=text[:40])
    return int(text)


@bp.post("/desk/projects/<code>/boundary/outline")
@access(Access.DESK)
def convert(code: str):
    """Turn what is drawn into vertices, and vertices into what can be drawn: the map and the table hold the same."""
    desk.recording(code)
    body = _json()
    zone = _zone(body.get("zone"))
    if body.get("geojson") is not None:
        # By way of the table: what is measured and shown is what will be sent.
        table = outlines.vertex_table(outlines.outline_from_geojson(body["geojson"]), zone)
    else:
        table = _text(body, "vertices")
    outline = outlines.outline_from_vertices(table, zone)
    return jsonify(
        vertices=table, geojson=outlines.as_geojson(outline), area_m2=round(outlines.area_m2(outline, LANG_SON_ZONE), 2)
    )


def _json() -> dict:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise BadParameter("Send a JSON object.")
    return body


def _text(body: dict, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise BadParameter("“%(name)s” must be a text.", parameter=name, name=name)
    return value


@bp.get("/desk/projects/<code>/boundary/around")
@access(Access.DESK)
def around(code: str):
    """Give the parcels of a window of the map; without one, the communes of today."""
    parameters.only("window")
    desk.here(code)
    window = parameters.text("window")
    if window is None:
        found = ground.communes_of_day(session(), today())
    else:
        found = ground.parcels_around(session(), _window(window))
    features = ", ".join(
        f'{{"type": "Feature", "geometry": {shape}, "properties": {json.dumps({"label": label})}}}'
        for shape, label in found or ()
    )
    body = f'{{"type": "FeatureCollection", "complete": {json.dumps(found is not None)}, "features": [{features}]}}'
    return Response(body, content_type="application/geo+json")


def _window(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        west = south = east = north = float("nan")
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise BadParameter(
            "“%(value)s” is not a window: give west,south,east,north in degrees.", parameter="window", value=text[:80]
        )  # fmt: skip
    return west, south, east, north


@bp.get("/desk/projects/<code>/boundary/proposals/<int:draft_id>")
@access(Access.DESK)
def proposal(code: str, draft_id: int):
    """Show what a draft takes: on the map, in a table, and the form that puts it on record."""
    parameters.only("show", "least")
    return _proposal_page(desk.here(code), draft_id)


def _proposal_page(project: desk.Here, draft_id: int, error: GisError | None = None) -> Response:
    draft = scope.draft(session(), project.id, draft_id)
    wanted = request.args.get("show") or "all"
    if wanted not in FILTERS:
        raise BadParameter(
            "“%(value)s” is none of %(choices)s.", parameter="show", value=wanted[:40], choices=", ".join(FILTERS)
        )
    least = _least()
    found = ground.propose(session(), project.id, draft.outline, today(), least_remainder_m2=least)
    shown = [cut for cut in found.cuts if _wanted(cut, wanted)]
    return desk.page(
        "desk/boundary/proposal.html", project, error, draft=draft, proposal=found, shown=shown, wanted=wanted,
        filters=FILTERS, counts={name: sum(_wanted(cut, name) for cut in found.cuts) for name in FILTERS},
        statuses=STATUS_NAMES, least=least, key=token_urlsafe(16), filled=request.form, chosen=_chosen(),
        first=not scope.history(session(), project.id), today=today(), country=_country(),
        document_kinds=[(kind, document_kind_name(kind)) for kind in DOCUMENT_KINDS],
    )  # fmt: skip


def _wanted(cut: ground.Cut, name: str) -> bool:
    return {
        "all": True, "small": cut.remainder_small, "no_holder": cut.no_holder_likely and cut.status == "new",
    }.get(name, cut.status == name)  # fmt: skip


def _least() -> Decimal:
    """Give the least remainder: as asked, or as set for the province."""
    asked = request.args.get("least")
    found = entry.decimal("least", asked) if asked else None
    return Decimal(current_app.config["GPMB_LEAST_REMAINDER_M2"]) if found is None else found


def _chosen() -> dict[str, set[int]]:
    return {
        name: {_number(name, value) for value in request.form.getlist(name)} for name in ("no_holder", "changed")
    }  # fmt: skip


@bp.get("/desk/projects/<code>/boundary/proposals/<int:draft_id>/parcels.<kind>")
@access(Access.DESK)
def download(code: str, draft_id: int, kind: str):
    """Send the proposal as CSV, GeoJSON (with the parts that are taken) or XLSX."""
    parameters.only("least", "parts")
    project = desk.here(code)
    if kind not in FILE_TYPES:
        raise BadParameter(
            "“%(value)s” is none of %(choices)s.", parameter="kind", value=kind[:20], choices=", ".join(FILE_TYPES)
        )  # fmt: skip
    draft = scope.draft(session(), project.id, draft_id)
    found = ground.propose(
        session(), project.id, draft.outline, today(), least_remainder_m2=_least(), shapes=kind == "geojson"
    )  # fmt: skip
    if parameters.text("parts"):  # for the page's own map: what is taken, and what remains
        return _parts(found, draft)
    name = f"{project.code}-{draft_id}.{kind}"
    rows = [_row(cut) for cut in found.cuts]
    log_export(f"boundary/parcels.{kind}", project.id, len(rows))
    if kind == "csv":
        body = exports.as_csv(COLUMNS, rows)
    elif kind == "geojson":
        body = exports.as_geojson(COLUMNS, rows, {"name": project.name, "area_m2": float(found.area_m2)})
    else:
        with _workbook(project, draft, found, rows) as file:
            body = file.read()
    response = Response(body, content_type=FILE_TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _row(cut: ground.Cut) -> Row:
    values = (
        cut.label, cut.commune, cut.land_use, cut.area_m2, cut.legal_area_m2, cut.inside_m2, cut.remainder_m2,
        cut.remainder_small, str(STATUS_NAMES[cut.status]), cut.recorded_m2,
    )  # fmt: skip
    return Row(str(cut.parcel_id), values, geometry=cut.shape_json)


def _workbook(project: desk.Here, draft: scope.Draft, found: ground.Proposal, rows: list[Row]):
    about = [
        (gettext("Project"), project.name),
        (gettext("Outline"), draft.source),
        (gettext("Area of the outline"), f"{found.area_m2} m²"),
        (gettext("In no parcel"), f"{found.no_parcel_m2} m²"),
    ]
    words = {"about": gettext("About"), "total": gettext("Total"), "yes": gettext("yes"), "no": gettext("no")}
    return exports.as_xlsx(
        COLUMNS, rows, language=str(get_locale()), title=gettext("Parcels inside"), found=len(rows),
        sums={"inside_m2": found.inside_m2}, about=about, words=words,
    )  # fmt: skip


def _parts(found: ground.Proposal, draft: scope.Draft) -> Response:
    parts = []
    for cut in found.cuts:
        for part, shape in (("inside", cut.shape_json), ("rest", cut.rest_json)):
            if shape:
                said = {"part": part, "parcel": cut.label, "small": cut.remainder_small, "status": cut.status,
                        "id": cut.parcel_id}  # fmt: skip
                properties = json.dumps(said, ensure_ascii=False)
                parts.append(f'{{"type": "Feature", "geometry": {shape}, "properties": {properties}}}')
    outline = json.dumps(outlines.as_geojson(draft.outline))
    parts.append(f'{{"type": "Feature", "geometry": {outline}, "properties": {{"part": "outline"}}}}')
    body = f'{{"type": "FeatureCollection", "features": [{", ".join(parts)}]}}'
    return Response(body, content_type="application/geo+json")


@bp.post("/desk/projects/<code>/boundary/proposals/<int:draft_id>")
@access(Access.DESK)
def adopt(code: str, draft_id: int):
    """Put a draft on record."""
    parameters.only("show", "least")
    project = desk.recording(code)
    draft = scope.draft(session(), project.id, draft_id)
    form = request.form
    try:
        chosen = _chosen()
        paper = NewDocument(
            form.get("document_kind", ""), form.get("document", ""), entry.day("issued_on", form.get("issued_on")),
            form.get("issuer") or None,
        )  # fmt: skip
        day = entry.day("valid_from", form.get("valid_from"))
        if day is None:
            raise BadParameter("“%(name)s” must be given.", parameter="valid_from", name="valid_from")
        with writing() as s:
            done = scope.adopt(
                s, project.id, draft.outline, day, paper, source=draft.source, note=form.get("note"),
                no_holder=chosen["no_holder"], changed=chosen["changed"], by=desk.by(), key=desk.submission_key(),
            )  # fmt: skip
    except GisError as error:
        return _proposal_page(project, draft_id, error)
    flash(_said(done))
    return redirect(url_for("boundary.show", code=code))


def _said(done: scope.Adopted) -> str:
    said = [gettext("The boundary is on record.")]
    if done.registered:
        said.append(
            ngettext("%(num)s parcel was registered as land of no holder.",
                     "%(num)s parcels were registered as land of no holder.", done.registered)
        )  # fmt: skip
    if done.changed:
        said.append(
            ngettext("The area of %(num)s parcel was changed.", "The areas of %(num)s parcels were changed.",
                     done.changed)
        )  # fmt: skip
    return " ".join(said)


# The same for programs.


@bp.get("/api/v1/projects/<code>/boundary")
@access(Access.DESK)
def api_history(code: str):
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


@bp.post("/api/v1/projects/<code>/boundary/proposal")
@access(Access.DESK)
def api_propose(code: str):
    """Keep an outline as a draft and say what it takes: `vertices` with `zone`, or `geojson` in WGS 84."""
    parameters.only("least")
    project = desk.recording(code)
    outline, source, zone = _outline_of_json(_json())
    with writing() as s:
        made = scope.keep_draft(s, project.id, outline, source, srid=zone, by=desk.by(), key=desk.submission_key())
    found = ground.propose(session(), project.id, outline, today(), least_remainder_m2=_least())
    return jsonify(
        proposal=made, area_m2=float(found.area_m2), inside_m2=float(found.inside_m2),
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


def _outline_of_json(body: dict) -> tuple:
    zone = _zone(body.get("zone"))
    if body.get("geojson") is not None:
        return outlines.outline_from_geojson(body["geojson"]), gettext("drawn on the map"), zone
    source = gettext("vertices in VN-2000, zone %(zone)s", zone=ZONES[zone].meridian)
    return outlines.outline_from_vertices(_text(body, "vertices"), zone), source, zone


@bp.post("/api/v1/projects/<code>/boundary")
@access(Access.DESK)
def api_adopt(code: str):
    """Put a proposal on record: `proposal`, `valid_from`, `document`, and the parcels chosen."""
    parameters.only()
    project = desk.recording(code)
    body = _json()
    given = body.get("document")
    if not isinstance(given, dict):
        raise BadParameter("“%(name)s” must be given.", parameter="document", name="document")
    draft = scope.draft(session(), project.id, _id("proposal", body.get("proposal")))
    paper = NewDocument(
        _text(given, "kind"), _text(given, "number"), _day("issued_on", given.get("issued_on")),
        given["issuer"] if isinstance(given.get("issuer"), str) else None,
    )  # fmt: skip
    day = _day("valid_from", body.get("valid_from"))
    if day is None:
        raise BadParameter("“%(name)s” must be given.", parameter="valid_from", name="valid_from")
    with writing() as s:
        done = scope.adopt(
            s, project.id, draft.outline, day, paper, source=draft.source,
            note=body["note"] if isinstance(body.get("note"), str) else None,
            no_holder=_ids("no_holder", body), changed=_ids("changed", body), by=desk.by(), key=desk.submission_key(),
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
