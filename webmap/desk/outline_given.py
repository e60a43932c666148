"""An outline as it comes in, by form or by JSON: read, its place found or asked for, and kept as a draft."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from flask import request
from flask_babel import gettext, ngettext

from gis import crs, ground, guard, outline_files, outlines, scope, siting
from gis.crs import ZONES
from gis.errors import BadParameter, GisError, Question
from gis.exchange import vertex_files, vertices
from gis.intake.given import OUTLINES, GivenFile
from gis.siting import Place
from webmap import desk, uploads
from webmap.errors import user_message
from webmap.session import session, writing
from webmap.words import written

MOST_TOLD = 50
"""Notes, doubts or rows that a page lists; of the others it says how many."""
Sourced = tuple[Place, str]
"""A place, and where its outline came from, in words."""


def of_form(project: desk.Here) -> Sourced:
    """Read the outline that a form carries: a file where one is given, else the table of vertices.

    Raises
    ------
    Question
        Where several places could be meant: with them.
    GisError
    """
    if file := uploads.sent(OUTLINES):
        return _of_file(project, file)
    table = request.form.get("vertices", "")
    if not table.strip():
        raise BadParameter("Draw an outline, paste its vertices, or choose a file.", parameter="vertices")
    return of_table(project, table, request.form.get("zone"))


def of_json(project: desk.Here, body: dict) -> Sourced:
    """Read the outline of a request of a program: `geojson` in WGS 84, or `vertices` and perhaps `zone`."""
    if body.get("geojson") is not None:
        reading = guard.read(outlines.reading_of_geojson, body["geojson"], parameter="geojson")
        return siting.settle_outline(session(), project.id, reading, "geojson"), gettext("drawn on the map")
    return of_table(project, text_of(body, "vertices"), body.get("zone"))


def of_table(project: desk.Here, text: str, zone: object) -> Sourced:
    """Read a table of vertices, in the system asked for or the one that fits."""
    asked = system(zone)
    return _settled(project, guard.read(vertices.read, text, parameter="vertices"), asked)


def _settled(project: desk.Here, table: vertices.Table, asked: int | None, *, file: str | None = None) -> Sourced:
    """Find the place of a table, perhaps out of a file of that name."""

    def source(place: Place) -> str:
        said = gettext("table of vertices, %(system)s", system=_system_name(place.srid))
        if place.variant:
            said = f"{said}, {user_message(place.variant)}"
        return ", ".join([gettext("file %(name)s", name=file), said])[:500] if file else said

    try:
        place = siting.settle_table(session(), project.id, table, asked)
    except Question as question:
        raise _asked(question, source) from None
    return place, source(place)


def _in_words(system: str | GisError) -> str:
    return user_message(system) if isinstance(system, GisError) else system


def _system_name(srid: int) -> str:
    if srid in ZONES:
        return f"VN-2000 {ZONES[srid].name}"
    return gettext("degrees %(datum)s", datum=crs.DEGREES[srid])


def _of_file(project: desk.Here, file: GivenFile) -> Sourced:
    def source(place: Place) -> str:
        choice = place.choice
        said = [gettext("file %(name)s", name=file.name), gettext("layer %(layer)s", layer=choice.layer)]
        if choice.lines:
            said.append(ngettext("%(num)s closed line", "%(num)s closed lines", choice.polygons))
        else:
            said.append(ngettext("%(num)s polygon", "%(num)s polygons", choice.polygons))
        if choice.state:
            said.append(user_message(choice.state))
        return ", ".join([*said, _in_words(choice.system)])[:500]

    if vertex_files.is_table(file.name):
        asked = system(request.form.get("zone"))
        return _settled(project, file.read(vertex_files.read, file.name), asked, file=file.name)
    found = file.read(outline_files.read_file, file.name)
    try:
        place = siting.settle_file(session(), project.id, found)
    except Question as question:
        raise _asked(question, source) from None
    return place, source(place)


def system(given: object) -> int | None:
    """Give the system that is asked for; None where it is left to the numbers."""
    text = str(given or "")
    if not text:
        return None
    if not text.isdecimal() or int(text[:9]) not in (*ZONES, *crs.DEGREES):
        raise BadParameter("There is no VN-2000 zone EPSG:%(srid)s.", parameter="zone", srid=text[:20])
    return int(text)


def _asked(question: Question, source: Callable[[Place], str]) -> Question:
    """Give the question with its places as what a page shows and a program gets; they are kept when asked for."""
    question.choices = tuple((place, source(place)) for place in question.choices)
    return question


def kept(project: desk.Here, sourced: Sourced) -> int:
    """Keep an outline as a draft; give its number."""
    place, source = sourced
    with writing() as s:
        return scope.keep_draft(s, project.id, place.reading, source, by=desk.by(), key=desk.submission_key())


def kept_choices(project: desk.Here, question: Question, typed: Mapping[str, str] | None = None) -> list[dict]:
    """Keep every place that could be meant as a draft, so that choosing is one step; describe them."""
    key, shown = desk.submission_key(), []
    with writing() as s:
        for n, (place, source) in enumerate(question.choices):
            made = key and scope.keep_draft(
                s, project.id, place.reading, source, by=desk.by(), key=f"{key[:180]}:{n}", question=question,
                typed=typed,
            )  # fmt: skip
            shown.append(described(place, source) | {"proposal": made or None})
    return shown


def described(place: Place, source: str) -> dict:
    """Describe a place for a page or a program."""
    return {
        "zone": place.srid, "title": source, "communes": list(place.communes), "area_m2": round(place.area_m2, 2),
        "from_record_m": None if place.known_m is None else round(place.known_m),
    }  # fmt: skip


def offered(project: desk.Here, drafts: Sequence[scope.Draft]) -> list[dict]:
    """Describe drafts among which is to be chosen."""
    shown = []
    for draft in drafts:
        place = siting.settle_outline(session(), project.id, outlines.Reading(draft.outline))
        shown.append(described(place, draft.source) | {"proposal": draft.id})
    return shown


def told(reading: outlines.Reading | scope.Draft) -> dict:
    """Give what is to be told of an outline, in the reader's language: the first of each list, and how many more."""
    rows, kinds = reading.passed[:MOST_TOLD], Counter(each.kind for each in reading.passed[MOST_TOLD:])
    return {
        "notes": _first_of(reading.notes),
        "doubts": _first_of(reading.doubts),
        "left_out": [{"row": each.row, "text": each.text, "kind": each.kind} for each in rows],
        "more_left_out": dict(kinds),
    }


def _first_of(said: Sequence[GisError]) -> list[str]:
    """Say the first messages, and of the others how many of each kind there are."""
    shown = [user_message(each) for each in said[:MOST_TOLD]]
    rest: dict[str, list[GisError]] = {}
    for each in said[MOST_TOLD:]:
        rest.setdefault(each.message, []).append(each)
    return shown + [
        ngettext("… and %(num)s more as: %(text)s", "… and %(num)s more as: %(text)s", len(alike),
                 text=user_message(alike[0]))
        for alike in rest.values()
    ]  # fmt: skip


def warnings(facts: siting.Facts, found: ground.Proposal) -> list[str]:
    """Say what is to be looked at before an outline goes on record."""
    said = []
    if not found.taken:
        said.append(gettext("The outline cuts no parcel: no parcels are drawn there, or it lies elsewhere."))
    if facts.apart:
        said.append(
            gettext("It does not touch the outline on record of the project: it lies %(metres)s m away.",
                    metres=written(Decimal(round(facts.from_record_m))))
        )  # fmt: skip
    if facts.very_different:
        said.append(
            gettext("Its area is very different from that on record: %(area)s m² instead of %(record)s m².",
                    area=written(Decimal(round(facts.area_m2))), record=written(Decimal(round(facts.record_m2))))
        )  # fmt: skip
    if facts.outside_m2 > 1 and facts.communes:
        said.append(
            gettext("%(area)s m² of it lie in no commune of the province.",
                    area=written(Decimal(round(facts.outside_m2))))
        )  # fmt: skip
    return said


def json_body() -> dict:
    """Give the object that was sent."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        raise BadParameter("The JSON is too deeply nested.") from None
    if not isinstance(body, dict):
        raise BadParameter("Send a JSON object.")
    return body


def text_of(body: dict, name: str) -> str:
    """Give a text of an object that was sent."""
    value = body.get(name)
    if not isinstance(value, str):
        raise BadParameter("“%(name)s” must be a text.", parameter=name, name=name)
    return value


def asked_of_program(project: desk.Here, question: Question, *, keep: bool) -> GisError:
    """Give a question with its choices as a program gets them."""
    question.choices = tuple(
        kept_choices(project, question) if keep else (described(*each) for each in question.choices)
    )
    return question
