"""Lists attached to notices, plans and decisions: a page with what the checks found, files, JSON, a command."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import click
from flask import Blueprint, Flask, Response, request
from flask.cli import with_appcontext
from flask_babel import force_locale, lazy_gettext

from gis import annex_checks, annexes
from gis.access import Access
from gis.annex_checks import Finding
from gis.annexes import FORMS, Annex, Records
from gis.errors import BadParameter, NotFound
from gis.progress import today
from webmap import desk, parameters
from webmap.auth import access
from webmap.cli import _reporting
from webmap.desk import annex_tables
from webmap.desk.acts_api import json_answer
from webmap.errors import json_value
from webmap.ration import costly
from webmap.reads import log_export, log_personal
from webmap.reports import MEDIA_TYPES, PAPERS
from webmap.session import session

TAB = desk.Tab("annexes.show", lazy_gettext("Lists"))
ASKED = ("form", "document", "day", "case")
SHOWN = 500
"""So many rows stand on the page; files hold all."""

bp = Blueprint("annexes", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.cli.add_command(print_annex)


@bp.get("/desk/projects/<code>/annexes")
@access(Access.DESK)
def show(code: str):
    """Show a list with what the checks found, and where it comes as a file."""
    parameters.only(*ASKED)
    project, found, made = _asked(code, "annexes")
    lists = [annex_tables.lay_out(annex) for annex in made]
    form = _form()
    findings = _of(annex_checks.findings(found, form, document=_document()), _cases())
    return desk.page(
        "desk/annexes.html", project, found=found, lists=lists, form=form, forms=annex_tables.SHORT,
        papers=annexes.documents(found, form), named=annex_tables.named, most=SHOWN, written=annex_tables.written,
        checks=[(key, annex_tables.check_name(key), [f for f in findings if f.check == key])
                for key in annex_tables.checked(form)],
        told=lambda finding: annex_tables.told(finding, found.papers),
        asked={name: request.args.get(name, "") for name in ASKED} | {"day": found.upto.isoformat()},
        query={name: request.args[name] for name in ASKED if request.args.get(name)} | {"form": form},
        kinds=tuple(MEDIA_TYPES), sheets=sum(1 for annex in made if annex.case),
    )  # fmt: skip


@bp.get("/desk/projects/<code>/annexes/list.<any(docx,xlsx,pdf):kind>")
@access(Access.DESK)
@costly
def file(code: str, kind: str):
    """Give a list as a file. Who takes it, and whom it names, is noted first."""
    parameters.only(*ASKED, "paper")
    paper = parameters.text("paper") or "a4"
    if paper not in PAPERS:
        raise BadParameter(
            "“%(value)s” is none of %(choices)s.", parameter="paper", value=paper, choices=", ".join(PAPERS)
        )  # fmt: skip
    form = _form()
    project, found, made = _asked(code, f"annexes/{form}.{kind}")
    log_export(f"annexes/{form}.{kind}", project.id, sum(len(annex.rows) for annex in made))
    content = write(found, made, kind, document=_document(), cases=_cases(), paper=paper)
    answer = Response(content, content_type=MEDIA_TYPES[kind])
    name = f"{form}_{project.code}_{found.upto.isoformat()}.{kind}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.cache_control.no_store = True
    return answer


@bp.get("/api/v1/projects/<code>/annexes")
@access(Access.DESK)
def listed(code: str):
    """Give a list and what the checks found as JSON."""
    parameters.only(*ASKED)
    project, found, made = _asked(code, "annexes.json")
    findings = _of(annex_checks.findings(found, _form(), document=_document()), _cases())
    return json_answer({
        "project": project.code, "form": _form(), "day": found.upto.isoformat(),
        "lists": [
            {"case": annex.case and annex.case.code, "document": annex.document and annex.document.number,
             "columns": list(annex.columns), "totals": _plain(annex.totals),
             "rows": [{"case": row.case, "heading": row.heading, **_plain(row.cells)} for row in annex.rows]}
            for annex in made
        ],
        "findings": [
            {"check": one.check, "case": one.case, "document": one.document,
             "text": annex_tables.told(one, found.papers)}
            for one in findings
        ],
    })  # fmt: skip


def _of(findings: Sequence[Finding], cases: Sequence[str]) -> list[Finding]:
    """Leave out what is about other cases than those asked for."""
    return [finding for finding in findings if not cases or finding.case is None or finding.case in cases]


def _plain(cells) -> dict:
    return {name: json_value(value) for name, value in cells.items()}


def _asked(code: str, what: str) -> tuple[desk.Here, Records, list[Annex]]:
    """Make what the address asks for; whose names are given is noted first."""
    project = desk.personal(code)
    upto = parameters.day("day") or today()
    found = annexes.records(session(), project.code, upto)
    made = annexes.build(found, _form(), document=_document(), cases=_cases())
    log_personal(project.id, list(dict.fromkeys(case for annex in made for case in annex.cases)), what)
    return project, found, made


def _form() -> str:
    return parameters.text("form") or "f1"


def _cases() -> tuple[str, ...]:
    case = parameters.text("case")
    return (case,) if case else ()


def _document() -> int | None:
    given = parameters.text("document")
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise NotFound("There is no document %(id)s.", parameter="document", id=given[:40])
    return int(given)


def write(
    found: Records, made: Sequence[Annex], kind: str, *, document: int | None = None, cases: Sequence[str] = (),
    paper: str = "a4",
) -> bytes:  # fmt: skip
    """Write lists as a file. The libraries load with the first one."""
    from webmap.desk import annex_files

    lists = [annex_tables.lay_out(annex) for annex in made]
    if kind != "xlsx":
        return (annex_files.as_docx if kind == "docx" else annex_files.as_pdf)(lists, paper=paper)
    form = made[0].form if made else "f3"
    sheets = annexes.build(found, "f3", document=document, cases=cases) if form == "f2" else []
    findings = [
        (annex_tables.check_name(one.check), one.case, annex_tables.told(one, found.papers))
        for one in _of(annex_checks.findings(found, form, document=document), cases)
    ]
    return annex_files.as_xlsx(lists, sheets=[annex_tables.lay_out(s) for s in sheets], findings=findings, paper=paper)


def _day(_context, _option, given: datetime | None) -> date:
    return given.date() if given else today()


@click.command("annex")
@click.option("--project", required=True, help="Code of the project.")
@click.option("--form", type=click.Choice(FORMS), required=True, help="Which list.")
@click.option("--document", type=int, help="Number in the database of the document it is made for.")
@click.option("--case", "cases", multiple=True, help="Code of a case; may be repeated.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), callback=_day, help="Records up to this day; today.")
@click.option("--format", "kind", type=click.Choice(tuple(MEDIA_TYPES)), default="xlsx", show_default=True)
@click.option("--paper", type=click.Choice(PAPERS), default="a4", show_default=True)
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--check", is_flag=True, help="Say what the checks find, and fail when it is anything.")
@with_appcontext
def print_annex(project, form, document, cases, day, kind, paper, language, out, check):
    """Write a list that is attached to a notice, a plan or a decision, or look it through."""
    if not (out or check):
        raise click.UsageError("give --out, --check or both.")

    def work(found_session):
        found = annexes.records(found_session, project, day)
        made = annexes.build(found, form, document=document, cases=cases)
        if out:
            out.write_bytes(write(found, made, kind, document=document, cases=cases, paper=paper))
        findings = _of(annex_checks.findings(found, form, document=document), cases) if check else []
        return [
            f"{annex_tables.check_name(one.check)}\t{one.case or ''}\t{annex_tables.told(one, found.papers)}"
            for one in findings
        ]

    with force_locale(language):
        said = _reporting(work)
    if out:
        click.echo(f"Written to {out}.")
    for line in said:
        click.echo(line)
    if said:
        raise click.ClickException(f"{len(said)} findings.")
