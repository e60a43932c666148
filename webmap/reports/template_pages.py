"""`/reports/templates`: offices' own templates of reports: sent in, tried out, filled, withdrawn; and their fields."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext
from werkzeug.datastructures import MultiDict

from gis import catalogue, report, templates
from gis.access import Access
from gis.errors import BadParameter, BadRows, Conflict, GisError, NotAllowed
from gis.intake.given import TEMPLATES
from gis.model import ReportTemplate
from gis.progress import today
from webmap import parameters, uploads
from webmap.auth import access, reader
from webmap.errors import STATUS, user_message
from webmap.ration import costly
from webmap.reports import MEDIA_TYPES, question
from webmap.reports.content import lay_out
from webmap.reports.fields import Field, Fields, Values, plain
from webmap.session import session, writing

bp = Blueprint("report_templates", __name__, url_prefix="/reports/templates")


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.url_value_preprocessor
def let_files_in(endpoint: str, _values: dict | None) -> None:
    """Let the form with the file be larger than others. Before all else: looking for its token reads the whole form."""
    if endpoint == "report_templates.upload":
        request.max_content_length = (templates.MOST_MIB + 1) * templates.MIB


# Filling, for these pages and for whoever issues a report.


def fields_of(found) -> Fields:
    """Give every field a reader's template may name."""
    return Fields([project.code for project in catalogue.projects_by_name(found)])


def filled(found, template: ReportTemplate, built: report.Report):
    """Fill a template for a report: always in the language of official documents."""
    from webmap.reports import apart

    with force_locale("vi"):
        return apart.filled(template.body, template.kind, fields_of(found).codes, built, lay_out(built))


def keeps(unit: str | None) -> bool:
    """Tell whether this reader may send in and withdraw templates of a unit, or (None) of every unit.

    It is for who keeps records: of any project, or of one that lies in the unit.
    """
    ids = reader().record_ids
    if unit is None or not ids:
        return bool(ids)
    return any(entry.id in ids for entry in catalogue.list_projects(session(), day=today(), within=unit))


# Pages.


@bp.get("")
@access(Access.DESK)
def listing():
    parameters.only()
    return _list()


def _list(error: GisError | None = None) -> Response:
    page = render_template(
        "reports/templates.html", listed=templates.listed(session(), withdrawn=True),
        may_keep=bool(reader().record_ids), units=question.units(), named=question.units().names, given=request.form,
        key=secrets.token_urlsafe(),
        most_mib=templates.MOST_MIB, problem=user_message(error) if error else None,
        problems=error.problems if isinstance(error, BadRows) else (), at_fault=error.parameter if error else None,
        here=url_for("report_templates.listing"),
    )  # fmt: skip
    return Response(page, STATUS[type(error)] if error else 200)


@bp.post("")
@access(Access.DESK)
def upload():
    """Keep a template, if every field in it can be filled."""
    from webmap.reports import apart

    if not reader().record_ids:
        raise NotAllowed("Only who keeps records may send in templates.")
    try:
        unit = parameters.text("unit", request.form)
        if unit and unit not in question.units().names:
            raise BadParameter("There is no unit “%(unit)s”.", parameter="unit", unit=unit)
        if not keeps(unit):
            raise NotAllowed("You keep no records of this unit: choose another, or every unit.", parameter="unit")
        sent = uploads.needed(TEMPLATES)
        name, kind = templates.clean_name(request.form.get("name")), sent.read(templates.look_at)
        last = templates.latest(session(), name, kind)
        if last and not keeps(last.unit):
            raise NotAllowed("Another office has a template of this name: choose another.", parameter="name")
        apart.check(sent.content, kind, fields_of(session()).codes)
        with writing() as written:
            done = templates.keep(
                written, sent.content, name=name, unit=unit, file_name=sent.name, by=reader().account,
                key=request.form.get("key", ""),
            )  # fmt: skip
    except GisError as error:
        return _list(error)
    flash(gettext("Kept as version %(n)s.", n=done.result["version"]))
    return redirect(url_for("report_templates.show", number=done.result["template_id"]))


@bp.get("/choose")
@access(Access.DESK)
def choose():
    """Lead to the template that is chosen beside a report."""
    parameters.only(*question.NAMES, "template")
    number = parameters.text("template") or ""
    if not number.isdecimal():
        raise BadParameter("Choose a template.", parameter="template")
    kept = {name: request.args.getlist(name) for name in request.args if name in question.NAMES}
    return redirect(url_for("report_templates.show", number=int(number), **kept))


@dataclass(frozen=True)
class Shown:
    """A field on a page: its name, what it is, and what it holds now."""

    key: str
    label: str
    value: str
    missing: bool = False


@bp.get("/<int:number>")
@access(Access.DESK)
def show(number: int):
    """Show a template with its versions and, for a unit and a period, what its fields hold."""
    parameters.only(*question.NAMES)
    template = templates.get(session(), number)
    return _show(template)


def _show(template: ReportTemplate, error: GisError | None = None) -> Response:
    from webmap.reports import apart

    versions = templates.versions(session(), template.name, template.kind)
    in_use = template if versions[0].id == template.id and template.sha256 else None
    fields, shown, done = fields_of(session()), (), None
    try:
        used = apart.check(template.body, template.kind, fields.codes) if template.sha256 else ()
        if in_use and not error and request.args.get("unit"):
            built = question.build(request.args)
            done = filled(session(), template, built)
            with force_locale("vi"):
                values = Values(built, lay_out(built))
            shown = [_shown(key, fields, values) for key in used]
        else:
            shown = [_shown(key, fields) for key in used]
    except GisError as refused:
        error = refused
    page = render_template(
        "reports/template.html", template=template, versions=versions, in_use=in_use, shown=shown, filled=done,
        may_keep=keeps(template.unit) if reader().record_ids else False, units=question.units(),
        named=question.units().names, asked=question.filled_in(request.args), given=request.form,
        files={name: request.args.getlist(name) for name in request.args if name in question.NAMES},
        key=secrets.token_urlsafe(), problem=user_message(error) if error else None,
        problems=error.problems if isinstance(error, BadRows) else (), at_fault=error.parameter if error else None,
        here=url_for("report_templates.show", number=template.id),
    )  # fmt: skip
    return Response(page, STATUS[type(error)] if error else 200)


def _shown(key: str, fields: Fields, values: Values | None = None) -> Shown:
    """Tell of a field; of one of a list, how many rows the list has."""
    from webmap.reports.fill import Told

    listed = fields.in_list(key)
    if listed:
        label = f"{fields.list_titles()[listed[0]]}: {fields.lists[listed[0]][listed[1]].label}"
        if values is None:
            return Shown(key, label, "")
        with force_locale("vi"):
            told = values.rows(listed[0])
        return Shown(key, label, gettext("%(n)s rows", n=len(told)), missing=not told)
    label = fields.find(key).label
    if values is None:
        return Shown(key, label, "")
    with force_locale("vi"):
        missing = values.single(key) is None
        return Shown(key, label, Told(fields, values).text(key, aligned=True), missing)


@bp.get("/<int:number>/file")
@access(Access.DESK)
def file(number: int):
    """Give a version of a template as it was sent in."""
    parameters.only()
    template = templates.get(session(), number)
    if template.sha256 is None:
        raise Conflict("This template is withdrawn.")
    return _attached(template.body, template.kind, template.file_name)


@bp.get("/<int:number>/filled")
@access(Access.DESK)
@costly
def fill_in(number: int):
    """Give a template filled for a unit and a period."""
    parameters.only(*question.NAMES)
    template = templates.get(session(), number)
    if templates.in_use(session(), template.name, template.kind).id != template.id:
        raise Conflict("A newer version of this template is in use.")
    built = question.build(request.args)
    name = f"{template.name}_{built.unit.slug}_{built.since}_{built.upto}.{template.kind}"
    return _attached(filled(session(), template, built).body, template.kind, name)


def _attached(body: bytes, kind: str, name: str) -> Response:
    answer = Response(body, content_type=MEDIA_TYPES[kind])
    exact = quote(name, safe="")
    answer.headers["Content-Disposition"] = f"attachment; filename=\"{plain(name)}\"; filename*=UTF-8''{exact}"
    return answer


@bp.post("/<int:number>/withdraw")
@access(Access.DESK)
def withdraw(number: int):
    """Take a template out of use."""
    if not reader().record_ids:
        raise NotAllowed("Only who keeps records may withdraw templates.")
    template = templates.get(session(), number)
    if not keeps(template.unit):
        raise NotAllowed("You keep no records of the unit of this template.")
    try:
        with writing() as written:
            templates.withdraw(
                written, number, reason=request.form.get("reason"), by=reader().account, key=request.form.get("key", "")
            )
    except BadParameter as refused:
        return _show(template, refused)
    flash(gettext("Withdrawn. Issued reports that were filled with it stay as they are."))
    return redirect(url_for("report_templates.listing"))


# What fields there are.


@bp.get("/fields")
@access(Access.DESK)
def show_fields():
    """List every field with what it holds for a unit and a period; of single projects those that are searched for."""
    parameters.only(*question.NAMES, "q")
    fields, values, error, units = fields_of(session()), None, None, question.units()
    given = MultiDict(request.args)
    for name, begins in question.filled_in(given).items():
        given.setdefault(name, begins)
    if given.get("unit"):
        try:
            built = question.build(given)
            with force_locale("vi"):
                values = Values(built, lay_out(built))
        except GisError as refused:
            error = refused
    wanted = (parameters.text("q") or "").strip()
    page = render_template(
        "reports/fields.html", groups=list(_groups(fields, values, wanted)), units=units,
        asked=given.to_dict() | {"q": wanted}, with_values=values is not None,
        problem=user_message(error) if error else None, at_fault=error.parameter if error else None,
        here=url_for("report_templates.show_fields"),
    )  # fmt: skip
    return Response(page, STATUS[type(error)] if error else 200)


MOST_PROJECTS = 5
"""Of so many projects the fields are listed, where a search finds them by name or code."""


def _groups(fields: Fields, values: Values | None, wanted: str) -> Sequence[tuple[str, str, list[Shown]]]:
    """Give the fields in groups: title, what to know of them, and the fields that the words searched for stand in."""
    words = plain(wanted).split("_") if wanted else []

    def meets(key: str, label: str) -> bool:
        return all(word in f"{key} {plain(label)}" for word in words)

    def kept(keys: Sequence[str]) -> list[Shown]:
        listed = (_shown(key, fields, values) for key in keys)
        return [each for each in listed if meets(each.key, each.label)]

    steps = [key for key in fields.single if "." in key]
    yield gettext("The report"), "", kept([key for key in fields.single if "." not in key])
    yield gettext("Figures of the unit in the period"), "", kept(steps)
    for name, title in fields.list_titles().items():
        about = gettext("A row of a table for each. All fields of a row are of one list.")
        found = [key for key in fields.in_lists() if key.startswith(f"{name}.")]
        yield f"{title} ({name})", about, kept(found)
    yield from _of_projects(fields, values, words)


def _of_projects(fields: Fields, values: Values | None, words: list[str]):
    about = gettext("Search for the name or the code of a project to see its fields with its code in them.")
    named = {project.code: project.name for project in catalogue.projects_by_name(session())} if words else {}
    chosen = [
        code for code, name in named.items() if all(word in f"{code.replace('-', '_')} {plain(name)}" for word in words)
    ]
    for head, title, behind in (
        ("du_an", gettext("One project"), fields.of_project),
        ("trong_diem", gettext("One key project, on the last day"), fields.of_key_project),
    ):
        if chosen:
            shown = [
                _shown(f"{head}.{code}.{rest}", fields, values) for code in chosen[:MOST_PROJECTS] for rest in behind
            ]
        else:
            shown = [_pattern(head, rest, field) for rest, field in behind.items() if not words]
        yield title, about, shown


def _pattern(head: str, rest: str, field: Field) -> Shown:
    code = gettext("code of the project")
    return Shown(f"{head}.<{code}>.{rest}", field.label, "")


@bp.get("/starter.<any(docx,xlsx):form>")
@access(Access.DESK)
def starter(form: str):
    """Give a template to start from."""
    from webmap.reports import starters

    parameters.only()
    with force_locale("vi"):
        body = starters.as_docx() if form == "docx" else starters.as_xlsx()
    return _attached(body, form, f"mau-bao-cao.{form}")
