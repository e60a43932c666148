"""The boundary of a project: drawn, pasted or sent; what it takes of the land; put on record; its history."""

import json
from collections.abc import Sequence
from dataclasses import replace
from secrets import token_urlsafe

from flask import Blueprint, Flask, Response, flash, jsonify, redirect, request, url_for
from flask_babel import get_locale, gettext, lazy_gettext, ngettext

from gis import catalogue, ground, guard, outlines, scope, siting
from gis.access import Access
from gis.crs import LANG_SON_ZONE, VIETNAM_BOX, VN2000, WGS84, ZONES
from gis.errors import BadParameter, GisError, Question
from gis.progress import today
from layers.rows import Column, Row
from layers.spec import Wording
from webmap import desk, entry, exports, parameters
from webmap.auth import access
from webmap.desk import boundary_api, outline_given, papers
from webmap.errors import user_message
from webmap.reads import log_export
from webmap.session import session, writing

bp = Blueprint("boundary", __name__)
TAB = desk.Tab("boundary.show", lazy_gettext("Boundary"))
MIB = 1024 * 1024
MOST_FILE_MIB = 20
MOST_TABLE_MIB = 2
"""Of a pasted table: 20 000 vertices."""
SENDING = ("boundary.propose", "boundary.convert", "boundary.adopt", "boundary_api.propose", "boundary_api.adopt")
FILTERS = {
    "all": lazy_gettext("All"),
    "small": lazy_gettext("Too little remains"),
    "new": lazy_gettext("Not registered yet"),
    "changed": lazy_gettext("Other area than on record"),
    "gone": lazy_gettext("On record, now outside"),
    "no_holder": lazy_gettext("Roads, canals and the like"),
}
MOST_CHOICES = 80
STATUS_NAMES = {
    "new": lazy_gettext("not registered"),
    "same": lazy_gettext("as on record"),
    "changed": lazy_gettext("area differs"),
    "gone": lazy_gettext("now outside"),
}
PASSED_KINDS = {
    "heading": lazy_gettext("heading"),
    "edge": lazy_gettext("length of an edge, compared"),
    "area": lazy_gettext("stated area, compared"),
    "page": lazy_gettext("page mark"),
    "note": lazy_gettext("note"),
}
COLUMNS = (
    Column("parcel", Wording("Tờ/thửa", "Sheet/parcel"), "text"),
    Column("numbered_in", Wording("Xã, phường theo bản đồ địa chính", "Commune of the cadastral map"), "text"),
    Column("commune", Wording("Địa bàn hiện nay", "Where it lies today"), "text"),
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
    app.register_blueprint(boundary_api.bp)


@boundary_api.bp.url_value_preprocessor
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
    parameters.only("start", "choose")
    project = desk.here(code)
    start, choose = parameters.text("start"), parameters.text("choose")
    filled = {}
    if choose and project.may_record:
        drafts = [
            scope.draft(session(), project.id, _number("choose", each)) for each in choose.split("-")[:MOST_CHOICES]
        ]
        return _page(project, dict(drafts[0].typed), drafts=drafts)
    if start and project.may_record:
        outline = scope.outline_on_record(session(), project.id, _number("start", start))
        filled = {"vertices": outlines.vertex_table(outline, LANG_SON_ZONE)}
    return _page(project, filled)


def _page(
    project: desk.Here, filled: dict, error: GisError | None = None, drafts: Sequence[scope.Draft] = ()
) -> Response:
    question = drafts[0].question if drafts else None
    current = scope.history(session(), project.id)
    standing = ground.standing(session(), project.id, today())
    return desk.page(
        "desk/boundary/show.html", project, error, boundaries=current, filled=filled, zones=_zones(),
        zone=filled.get("zone", ""), key=token_urlsafe(16), most_mib=MOST_FILE_MIB,
        choices=outline_given.offered(project, drafts), question=question and user_message(question),
        standing=standing is not None and json.dumps(outlines.as_geojson(standing)), country=_country(),
        drawing_words=_drawing_words(),
    )  # fmt: skip


def _zones() -> list[tuple[str, list[tuple[int, str]]]]:
    """Give the systems to choose from, those of the province first."""
    mine = ZONES[LANG_SON_ZONE]
    wide = [zone for zone in ZONES.values() if zone.width == 6]
    others = sorted((z for z in ZONES.values() if z.width == 3 and z is not mine), key=lambda z: z.central_meridian)
    degrees = {WGS84: gettext("WGS 84 (GPS, Google Earth)"), VN2000: gettext("VN-2000 (B, L)")}
    return [
        (gettext("The province's"), [(mine.srid, mine.name)]),
        (gettext("6° zones"), [(zone.srid, zone.name) for zone in wide]),
        (gettext("Degrees"), list(degrees.items())),
        (gettext("Other 3° zones"), [(zone.srid, zone.name) for zone in others]),
    ]


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
        try:
            made = outline_given.kept(project, outline_given.of_form(project))
        except Question as question:
            # To a page of its own: it can be loaded anew, and the file that was sent need not be sent again.
            made = [each["proposal"] for each in outline_given.kept_choices(project, question, filled)]
            if all(made):
                return redirect(url_for("boundary.show", code=code, choose="-".join(map(str, made))))
            raise
    except GisError as error:
        return _page(project, filled, error)
    return redirect(url_for("boundary.proposal", code=code, draft_id=made))


def _number(name: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise BadParameter("“%(value)s” is not a number.", parameter=name, value=text[:40])
    return int(text)


@bp.post("/desk/projects/<code>/boundary/outline")
@access(Access.DESK)
def convert(code: str):
    """Turn what is drawn into vertices, and vertices into what can be drawn: the map and the table hold the same."""
    project = desk.recording(code)
    body = outline_given.json_body()
    zone = outline_given.system(body.get("zone"))
    drawn = None
    if body.get("geojson") is not None:
        # By way of the table: what is measured and shown is what will be sent.
        zone = zone or LANG_SON_ZONE
        drawn = guard.read(outlines.reading_of_geojson, body["geojson"], parameter="geojson")
        table = outlines.vertex_table(drawn.outline, zone)
    else:
        table = outline_given.text_of(body, "vertices")
    try:
        place, _ = outline_given.of_table(project, table, zone)
    except Question as question:
        raise outline_given.asked_of_program(project, question, keep=False) from None
    return jsonify(
        vertices=table, geojson=outlines.as_geojson(place.reading.outline), area_m2=round(place.area_m2, 2),
        zone=place.srid, system=place.title, communes=place.communes,
        **outline_given.told(replace(place.reading, doubts=(*(drawn.doubts if drawn else ()), *place.reading.doubts))),
    )  # fmt: skip


@bp.get("/desk/projects/<code>/boundary/around")
@access(Access.DESK)
def around(code: str):
    """Give the parcels of a window of the map; without one, the communes of today."""
    parameters.only("window")
    project = desk.here(code)
    window = parameters.text("window")
    if window is None:
        own = catalogue.units_of_projects(session(), {project.id}, today())
        communes = ground.communes_of_day(session(), today())
        found = [(shape, {"label": name, "own": slug in own}) for shape, name, slug in communes]
    else:
        parcels = ground.parcels_around(session(), _window(window))
        found = None if parcels is None else [(shape, {"label": label}) for shape, label in parcels]
    features = ", ".join(
        f'{{"type": "Feature", "geometry": {shape}, "properties": {json.dumps(said)}}}' for shape, said in found or ()
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
    least = boundary_api.least_remainder()
    found = ground.propose(session(), project.id, draft.outline, today(), least_remainder_m2=least)
    shown = [cut for cut in found.cuts if _wanted(cut, wanted)]
    facts = siting.look(session(), project.id, draft.outline)
    return desk.page(
        "desk/boundary/proposal.html", project, error, draft=draft, proposal=found, shown=shown, wanted=wanted,
        filters=FILTERS, counts={name: sum(_wanted(cut, name) for cut in found.cuts) for name in FILTERS},
        statuses=STATUS_NAMES, least=least, key=token_urlsafe(16), filled=request.form, chosen=_chosen(),
        first=not scope.history(session(), project.id), today=today(), country=_country(),
        facts=facts, told=outline_given.told(draft), warned=outline_given.warnings(facts, found),
        passed_kinds=PASSED_KINDS,
    )  # fmt: skip


def _wanted(cut: ground.Cut, name: str) -> bool:
    return {
        "all": True, "small": cut.remainder_small, "no_holder": cut.no_holder_likely and cut.status == "new",
    }.get(name, cut.status == name)  # fmt: skip


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
    least = boundary_api.least_remainder()
    found = ground.propose(
        session(), project.id, draft.outline, today(), least_remainder_m2=least, shapes=kind == "geojson"
    )
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
        cut.label, _numbered_in(cut), cut.commune, cut.land_use, cut.area_m2, cut.legal_area_m2, cut.inside_m2,
        cut.remainder_m2, cut.remainder_small, str(STATUS_NAMES[cut.status]), cut.recorded_m2,
    )  # fmt: skip
    return Row(str(cut.parcel_id), values, geometry=cut.shape_json)


def _numbered_in(cut: ground.Cut) -> str | None:
    """Name the unit that numbered a parcel so that a list of land users made from the file is read back rightly."""
    return f"{cut.numbered_in} (cũ)" if cut.former else cut.numbered_in


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
        paper = papers.given(form)
        if paper is None:
            raise BadParameter("“%(name)s” must be given.", parameter="document", name="document")
        day = entry.day("valid_from", form.get("valid_from"))
        if day is None:
            raise BadParameter("“%(name)s” must be given.", parameter="valid_from", name="valid_from")
        with writing() as s:
            done = scope.adopt(
                s, project.id, draft.outline, day, paper, source=draft.source, note=form.get("note"),
                no_holder=chosen["no_holder"], changed=chosen["changed"], doubts=draft.doubts,
                confirmed=form.get("confirmed"), by=desk.by(), key=desk.submission_key(),
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
