"""`/reports`: the official figures of a unit and a period, on the screen and as files; issued ones are frozen."""

import secrets
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import click
from flask import Blueprint, Flask, Response, current_app, flash, redirect, render_template, request, url_for
from flask.cli import with_appcontext
from flask_babel import force_locale, gettext
from werkzeug.datastructures import MultiDict

from gis import catalogue, db, issued, report
from gis.access import Access
from gis.errors import BadParameter, GisError, NotAllowed
from gis.progress import VIETNAM_TIME, today
from webmap import parameters
from webmap.auth import access, may_see, reader
from webmap.errors import STATUS, user_message
from webmap.reports.content import Laid, as_json, from_json, lay_out
from webmap.session import session, writing

MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
PAPERS = ("a4", "a3")

bp = Blueprint("reports", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.cli.add_command(print_report)


@click.command("report")
@click.option("--unit", required=True, help="Slug of the unit that reports, such as tp-lang-son.")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day of the period.")
@click.option("--to", "upto", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Last day of the period.")
@click.option("--project", "projects", multiple=True, help="Code of a project; may be repeated.")
@click.option("--units-of", help="old, new or a day: which communes make the rows.")
@click.option("--known-at", type=click.DateTime(), help="Only what was recorded by this moment.")
@click.option("--format", "form", type=click.Choice(tuple(MEDIA_TYPES)), default="docx", show_default=True)
@click.option("--paper", type=click.Choice(PAPERS), default="a4", show_default=True)
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write.")
@with_appcontext
def print_report(since, upto, known_at, form, paper, language, out, **asked):
    """Write the report of a unit and a period: the figures of the page /reports, exact."""
    known_at = known_at and known_at.replace(tzinfo=VIETNAM_TIME)
    engine = db.make_engine(current_app.config["DATABASE_URL"], application="mat-bang command")
    try:
        with force_locale(language), db.reading_session(engine) as found:
            built = report.build(found, since=since.date(), upto=upto.date(), known_at=known_at, **asked)
            out.write_bytes(write(lay_out(built), form, paper=paper))
    except GisError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Written to {out}.")


ASKED = ("unit", "from", "to", "units_of", "known_at", "project")
FORMS = tuple(MEDIA_TYPES)


@bp.get("/reports")
@access(Access.AGGREGATE)
def show():
    parameters.only(*ASKED)
    built = error = None
    if request.args.get("unit"):
        try:
            built = _asked(request.args)
        except BadParameter as refused:
            error = refused
    return _page(built, error)


def _page(built: report.Report | None, error: GisError | None, asked: Mapping | None = None) -> Response:
    from webmap.reports.files import written

    day = today()
    given = request.args if asked is None else asked
    filled = {"unit": "", "from": date(day.year, 1, 1).isoformat(), "to": day.isoformat()} | given.to_dict()
    listed = [
        (entry.unit.slug, _named(entry)) for entry in catalogue.list_units(session()) if entry.unit.level != "commune"
    ]
    page = render_template(
        "reports/report.html", laid=built and lay_out(built), written=written, units=listed, asked=filled,
        files={name: given.getlist(name) for name in given if name in ASKED}, new_key=secrets.token_urlsafe,
        may_issue=built and _may_issue(built), known_at=built and built.known_at.isoformat(),
        issued=issued.listed(session()) if may_see(Access.DESK) else [], here=url_for("reports.show"),
        problem=user_message(error) if error else None, at_fault=error.parameter if error else None,
    )  # fmt: skip
    return Response(page, STATUS[type(error)] if error else 200)


def _named(entry: catalogue.UnitEntry) -> str:
    ended = entry.unit.valid_to
    return gettext("%(name)s (until %(year)s)", name=entry.unit.name, year=ended.year) if ended else entry.unit.name


def _asked(given: MultiDict) -> report.Report:
    since, upto = parameters.day("from", given), parameters.day("to", given)
    unit = parameters.text("unit", given)
    for name, value in (("unit", unit), ("from", since), ("to", upto)):
        if value is None:
            raise BadParameter("“%(name)s” must be given.", parameter=name, name=name)
    return report.build(
        session(), unit=unit, since=since, upto=upto, projects=_projects(given),
        units_of=parameters.text("units_of", given), known_at=parameters.moment("known_at", given),
    )  # fmt: skip


def _projects(given: MultiDict) -> tuple[str, ...]:
    return tuple(code for code in given.getlist("project") if code)


@bp.get("/reports/report.<any(docx,xlsx,pdf):form>")
@access(Access.AGGREGATE)
def file(form: str):
    parameters.only(*ASKED, "paper")
    paper = parameters.text("paper") or "a4"
    if paper not in PAPERS:
        raise BadParameter(
            "“%(value)s” is none of %(choices)s.", parameter="paper", value=paper, choices=", ".join(PAPERS)
        )  # fmt: skip
    asked = _asked(request.args)
    answer = Response(write(lay_out(asked), form, paper=paper), content_type=MEDIA_TYPES[form])
    name = f"bao-cao_{asked.unit.slug}_{asked.since}_{asked.upto}.{form}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def write(laid: Laid, form: str, *, paper: str = "a4") -> bytes:
    """Write a report as a file. The libraries load with the first one."""
    from webmap.reports import files

    if form == "docx":
        return files.as_docx(laid)
    return files.as_xlsx(laid) if form == "xlsx" else files.as_pdf(laid, paper=paper)


# Issued reports.


def _may_issue(built: report.Report) -> bool:
    """Tell whether this reader may issue a report: every project in it is theirs to keep records of."""
    ids = {project.id for project in catalogue.projects_by_name(session(), *(line.key for line in built.projects))}
    return bool(built.projects) and ids <= reader().record_ids


@bp.post("/reports")
@access(Access.DESK)
def issue():
    """Freeze the report that was looked at, in the language of official documents."""
    # Who keeps no records at all is refused before what was sent is looked at.
    built = _asked(request.form) if reader().record_ids else None
    if built is None or not _may_issue(built):
        raise NotAllowed("Only who keeps the records of all projects in a report may issue it.")
    with force_locale("vi"):
        laid = lay_out(built)
        files = {form: write(laid, form) for form in FORMS}
    try:
        with writing() as written:
            done = issued.issue(
                written, built, as_json(laid), files, projects=_projects(request.form),
                reason=request.form.get("reason"), by=reader().account, key=request.form.get("key", ""),
            )  # fmt: skip
    except BadParameter as refused:
        return _page(built, refused, request.form)
    flash(gettext("Issued as version %(n)s.", n=done.result["version"]))
    return redirect(url_for("reports.show_issued", number=done.result["report_id"]))


@bp.get("/reports/issued/<int:number>")
@access(Access.DESK)
def show_issued(number: int):
    """Show an issued report as it was, and with `compare` what has become of it since."""
    from webmap.reports.files import written

    parameters.only("compare")
    kept = issued.get(session(), number)
    changed = late = None
    if request.args.get("compare"):
        changed, late = _since(kept)
    versions = [
        other
        for other in issued.listed(session(), unit=kept.unit)
        if (other.from_on, other.to_on, other.projects) == (kept.from_on, kept.to_on, kept.projects)
    ]
    return render_template(
        "reports/issued.html", laid=from_json(kept.content), kept=kept, versions=versions, forms=FORMS,
        changed=changed, late=late, written=written, here=url_for("reports.show_issued", number=number),
    )  # fmt: skip


def _since(kept):
    """Give what differs today, and what was recorded later about the projects that are or were in the report."""
    today_built = report.build(session(), unit=kept.unit, since=kept.from_on, upto=kept.to_on, projects=kept.projects)
    with force_locale("vi"):
        now = as_json(lay_out(today_built))
    lying = catalogue.list_projects(session(), day=kept.to_on, within=kept.unit)
    projects = kept.projects or {line.key for line in today_built.projects} | {entry.code for entry in lying}
    late = issued.late_entries(session(), sorted(projects), kept.from_on, kept.to_on, kept.known_at)
    return issued.differences(kept.content, now), late


@bp.get("/reports/issued/<int:number>/report.<any(docx,xlsx,pdf):form>")
@access(Access.DESK)
def issued_file(number: int, form: str):
    kept = issued.file(session(), number, form)
    answer = Response(kept.body, content_type=MEDIA_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="bao-cao_{number}.{form}"'
    answer.set_etag(kept.sha256)
    return answer
