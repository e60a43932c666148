"""`/reports`: the official figures of a unit and a period, on the screen and as files; issued ones are frozen."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from flask import Blueprint, Flask, Response, current_app, flash, redirect, render_template, request, url_for
from flask.cli import with_appcontext
from flask_babel import force_locale, gettext
from werkzeug.datastructures import MultiDict

from gis import catalogue, db, dues, issued, report, templates
from gis.access import Access
from gis.errors import BadParameter, BadRows, GisError, NotAllowed
from gis.model import IssuedReport, ReportTemplate
from gis.progress import VIETNAM_TIME
from webmap import parameters
from webmap.auth import access, may_see, opened, reader
from webmap.errors import STATUS, user_message
from webmap.ration import costly
from webmap.reads import log_export
from webmap.reports import choices, question
from webmap.reports.content import Laid, as_data, as_json, from_json, lay_out
from webmap.reports.maps import MAPS, NO_MAPS, Maps, draw_maps
from webmap.session import session, writing

MEDIA_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
PAPERS = ("a4", "a3")

bp = Blueprint("reports", __name__)


def init_app(app: Flask) -> None:
    from webmap.reports import template_pages  # it stands on this one

    app.register_blueprint(bp)
    template_pages.init_app(app)
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
@click.option(
    "--map", "maps", type=click.Choice(MAPS), multiple=True,
    help="Map pages at the end of the PDF: communes, one of the unit; projects, one of each key or chosen project.",
)  # fmt: skip
@click.option("--template", "own", help="Name of a template of an office's own, to be filled: DOCX or XLSX.")
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write.")
@with_appcontext
def print_report(since, upto, known_at, form, paper, maps, own, language, out, **asked):
    """Write the report of a unit and a period: the figures of the page /reports, exact."""
    known_at = known_at and known_at.replace(tzinfo=VIETNAM_TIME)
    engine = db.make_engine(current_app.config["DATABASE_URL"], application="mat-bang command")
    try:
        with force_locale(language), db.reading_session(engine) as found:
            built = report.build(found, since=since.date(), upto=upto.date(), known_at=known_at, **asked)
            if own is not None:
                out.write_bytes(_filled(found, templates.in_use(found, own, form), built))
            else:
                drawn = draw_maps(found, built, maps, "office", paper=paper) if form == "pdf" else NO_MAPS
                out.write_bytes(write(lay_out(built), form, paper=paper, maps=drawn))
    except GisError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Written to {out}.")


def _filled(found, template: ReportTemplate, built: report.Report) -> bytes:
    from webmap.reports.template_pages import filled

    done = filled(found, template, built)
    if done.missing:
        click.echo(f"Nothing is on record for: {', '.join(done.missing)}.", err=True)
    return done.body


ASKED = (*question.NAMES, "map", "paper")
LOOKED_AT = ("q", "period", "of_unit", "of_year")
"""What only the page takes: words to find projects by, a quick period, and what issued reports are listed."""
MANY = ("project", "map")
FORMS = tuple(MEDIA_TYPES)


@bp.get("/reports")
@access(Access.AGGREGATE)
def show():
    parameters.only(*ASKED, *LOOKED_AT, many=MANY)
    built = error = None
    if request.args.get("unit"):
        if (dated := choices.in_the_address(request.args)) is not None:
            return redirect(url_for("reports.show", **dated.to_dict(flat=False)))
        try:
            built = question.build(request.args)
        except BadParameter as refused:
            error = refused
    return _page(built, error)


def _page(built: report.Report | None, error: GisError | None, asked: Mapping | None = None) -> Response:
    from webmap.reports.files import written

    given = request.args if asked is None else asked
    page = render_template(
        "reports/report.html", laid=built and lay_out(built), written=written, units=question.units(),
        asked=question.filled_in(given), offered=choices.offered(given), periods=choices.PERIODS,
        maps=choices.MAP_NAMES, generations=choices.GENERATION_NAMES, papers=PAPERS,
        files={name: kept for name in given if name in ASKED and (kept := [*filter(None, given.getlist(name))])},
        new_key=secrets.token_urlsafe,
        may_use_templates=may_see(Access.DESK), may_issue=built and _may_issue(built),
        templates=templates.listed(session(), unit=built.unit.slug) if built and may_see(Access.DESK) else [],
        ticked=given.getlist("template"), known_at=built and built.known_at.isoformat(),
        issued=choices.issued_reports(given) if may_see(Access.DESK) else None, here=url_for("reports.show"),
        beyond=built and _beyond(built),
        problem=user_message(error) if error else None, at_fault=error.parameter if error else None,
        cures=choices.cures(given, error),
    )  # fmt: skip
    return Response(page, STATUS[type(error)] if error else 200)


def _beyond(built: report.Report) -> dict[str, int]:
    """Count the cases, by project, of which more is paid or deducted than may be: looked at before it is issued."""
    if not may_see(Access.RECORD):
        return {}
    return Counter(one.project for one in dues.beyond(session(), [line.key for line in built.projects], built.upto))


@bp.get("/reports/report.<any(docx,xlsx,pdf):form>")
@access(Access.AGGREGATE)
@costly
def file(form: str):
    parameters.only(*ASKED, many=MANY)
    asked, paper = question.build(request.args), _paper(request.args)
    maps = _maps(request.args, asked) if form == "pdf" else NO_MAPS
    if maps.sheets:
        log_export("reports/report.pdf")
    answer = Response(write(lay_out(asked), form, paper=paper, maps=maps), content_type=MEDIA_TYPES[form])
    name = f"bao-cao_{asked.unit.slug}_{asked.since}_{asked.upto}.{form}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.get("/api/v1/reports")
@bp.get("/reports/report.json", endpoint="file_json")
@access(Access.AGGREGATE)
@costly
def data():
    """Give all that a report states, for programs: numbers as numbers, with what it rests on."""
    parameters.only(*ASKED, many=MANY)
    built = question.build(request.args)
    told = {
        "unit": built.unit.slug, "from": built.since.isoformat(), "to": built.upto.isoformat(),
        "projects": sorted(question.projects(request.args)), "known_at": built.known_at.isoformat(),
        "revision": built.revision, "template": issued.TEMPLATE, **as_data(lay_out(built)),
    }  # fmt: skip
    return current_app.json.response(told)


def _paper(given: MultiDict) -> str:
    return _choice("paper", parameters.text("paper", given) or PAPERS[0], PAPERS)


def _choice(name: str, value: str, choices: Sequence[str]) -> str:
    if value not in choices:
        raise BadParameter(
            "“%(value)s” is none of %(choices)s.", parameter=name, value=value, choices=", ".join(choices)
        )  # fmt: skip
    return value


def _maps(given: MultiDict, built: report.Report) -> Maps:
    wanted = [_choice("map", value, MAPS) for value in given.getlist("map") if value]
    narrowed = reader().project_ids is not None
    return draw_maps(session(), built, wanted, opened(), narrowed=narrowed, paper=_paper(given))


def write(laid: Laid, form: str, *, paper: str = "a4", maps: Maps = NO_MAPS) -> bytes:
    """Write a report as a file. The libraries load with the first one."""
    from webmap.reports import files

    if form == "docx":
        return files.as_docx(laid)
    return files.as_xlsx(laid) if form == "xlsx" else files.as_pdf(laid, paper=paper, maps=maps)


# Issued reports.


def _may_issue(built: report.Report) -> bool:
    """Tell whether this reader may issue a report: every project in it is theirs to keep records of."""
    ids = {project.id for project in catalogue.projects_by_name(session(), *(line.key for line in built.projects))}
    return bool(built.projects) and ids <= reader().record_ids


@bp.post("/reports")
@access(Access.DESK)
@costly
def issue():
    """Freeze the report that was looked at, in the language of official documents."""
    # Who keeps no records at all is refused before what was sent is looked at.
    built = question.build(request.form) if reader().record_ids else None
    if built is None or not _may_issue(built):
        raise NotAllowed("Only who keeps the records of all projects in a report may issue it.")
    with force_locale("vi"):
        laid = lay_out(built)
    try:
        with force_locale("vi"):
            maps, paper = _maps(request.form, built), _paper(request.form)
            files = {form: write(laid, form, paper=paper, maps=maps) for form in FORMS}
        own = _own(request.form, built)
        with writing() as written:
            done = issued.issue(
                written, built, as_json(laid), files | {f"template.{kind}": body for kind, (_, body) in own.items()},
                projects=question.projects(request.form), templates=[told for told, _ in own.values()],
                reason=request.form.get("reason"), by=reader().account, key=request.form.get("key", ""),
            )  # fmt: skip
    except (BadParameter, BadRows) as refused:
        return _page(built, refused, request.form)
    flash(gettext("Issued as version %(n)s.", n=done.result["version"]))
    return redirect(url_for("reports.show_issued", number=done.result["report_id"]))


def _own(given: MultiDict, built: report.Report) -> dict[str, tuple[str, bytes]]:
    """Fill the offices' own templates that are chosen: by kind the template's name with its version, and the file."""
    from webmap.reports.template_pages import filled

    made = {}
    for number in given.getlist("template"):
        if not number.isdecimal():
            raise BadParameter("Choose a template.", parameter="template")
        chosen = templates.get(session(), int(number))
        template = templates.in_use(session(), chosen.name, chosen.kind)
        if template.kind in made:
            raise BadParameter("Choose one template of each kind at most.", parameter="template")
        told = f"{template.name} ({template.kind}), {template.version}"
        made[template.kind] = told, filled(session(), template, built).body
    return made


def _exact(kept: IssuedReport) -> IssuedReport:
    """Let an issued report out: it states single sums to the đồng, as who issued it has them."""
    if not all(map(reader().may_see_personal, kept.project_ids)):
        raise NotAllowed(
            "This report states money to the đồng: it is for who may have personal data of all its projects. "
            "The report of the same period as you may see it is under “Reports”."
        )
    return kept


@bp.get("/reports/issued/<int:number>")
@access(Access.DESK)
def show_issued(number: int):
    """Show an issued report as it was, and with `compare` what has become of it since."""
    from webmap.reports.files import written

    parameters.only("compare")
    kept = _exact(issued.get(session(), number))
    versions = [
        other
        for other in issued.listed(session(), unit=kept.unit)
        if (other.from_on, other.to_on, other.projects) == (kept.from_on, kept.to_on, kept.projects)
    ]
    earlier, later = _compared(kept, versions, request.args.get("compare"))
    changed = issued.differences(earlier.content, later.content) if later else None
    return render_template(
        "reports/issued.html", laid=from_json(kept.content), kept=kept, versions=versions,
        forms=issued.forms(session(), number), earlier=earlier, later=later, changed=changed,
        late=_recorded_between(earlier, later) if later else None, written=written,
        here=url_for("reports.show_issued", number=number),
    )  # fmt: skip


@dataclass(frozen=True)
class _Today:
    """What the report of an issued one's unit and period states now."""

    content: Mapping
    projects: frozenset[str]
    known_at: None = None
    version: None = None


def _compared(kept: IssuedReport, versions: Sequence[IssuedReport], wanted: str | None):
    """Give the two sides that are compared, the earlier first: this version with today, or with another one."""
    if not wanted:
        return kept, None
    if wanted == "now":
        period = {"unit": kept.unit, "since": kept.from_on, "upto": kept.to_on, "projects": kept.projects}
        built = report.build(session(), **period)
        with force_locale("vi"):
            return kept, _Today(as_json(lay_out(built)), frozenset(line.key for line in built.projects))
    for other in versions:
        if str(other.version) == wanted and other.id != kept.id:
            return sorted((kept, other), key=lambda version: version.version)
    choices = ", ".join(["now", *(str(other.version) for other in reversed(versions) if other.id != kept.id)])
    raise BadParameter("“%(value)s” is none of %(choices)s.", parameter="compare", value=wanted, choices=choices)


def _recorded_between(earlier: IssuedReport, later: IssuedReport | _Today):
    """List what was recorded about the period between two reports, of projects that are or were in them."""
    lying = {entry.code for entry in catalogue.list_projects(session(), day=earlier.to_on, within=earlier.unit)}
    projects = earlier.projects or lying | (later.projects if later.version is None else set())
    period = (earlier.from_on, earlier.to_on)
    return issued.late_entries(session(), sorted(projects), *period, earlier.known_at, later.known_at)


@bp.get("/reports/issued/<int:number>/<any(report,template):made>.<any(docx,xlsx,pdf):form>")
@access(Access.DESK)
def issued_file(number: int, made: str, form: str):
    _exact(issued.get(session(), number))
    kept = issued.file(session(), number, form if made == "report" else f"{made}.{form}")
    answer = Response(kept.body, content_type=MEDIA_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="bao-cao_{number}.{form}"'
    answer.set_etag(kept.sha256)
    return answer
