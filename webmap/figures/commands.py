"""`flask figures`: read a document, load a sheet, list what there is: by the functions of the pages."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from gis import catalogue, db, new_figures, reading, reported, units
from gis.errors import GisError, Unseen
from gis.exchange import sheets
from gis.intake.given import REPORTS, TABLES, GivenFile
from gis.progress import plain
from gis.registration import Problem
from webmap.cli import _day, _reporting, by_option
from webmap.errors import user_message
from webmap.figures import api, cells, documents, sheet
from webmap.figures.cells import Places

figures_group = AppGroup("figures", help="Reported figures: read from documents, loaded from sheets, listed.")
"""What official papers state; `flask progress` prints what records give."""


@figures_group.command("read")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--unit", required=True, help="Slug of the unit that reports.")
@click.option("--from", "since", callback=_day, help="First day of the report's period, as 2022-10-24.")
@click.option("--to", "upto", callback=_day, help="Last day of the report's period.")
def read(file: Path, unit: str, since: date | None, upto: date | None):
    """Print the figures that FILE (DOCX, PDF with text, text) states, one a line as JSON. Nothing is entered.

    The numbers of the text that were not understood go to stderr.
    """

    def work(session):
        report = documents.report_of(GivenFile.at(file, REPORTS))
        text = report.text
        projects = [reading.KnownProject(each.code, each.name) for each in catalogue.projects_by_name(session)]
        name = units.by_slug(session, unit).name
        found, counted = documents.stated_in(text, projects=projects, unit=name, from_on=since, to_on=upto)
        return report, found, counted

    report, proposals, counted = _reporting(work)
    click.echo(
        f"{counted.total} numbers: {counted.read} in the proposals, {counted.marks} days and numbers of papers, "
        f"{len(counted.left)} not understood{':' if counted.left else ''}", err=True,
    )  # fmt: skip
    text = report.text
    if report.left_out:
        click.echo(f"{len(report.left_out)} passages were left out:", err=True)
    for each in report.left_out:
        click.echo(f"  {each.kind}: “{each.text}”", err=True)
    for start, end in counted.left:
        click.echo(f"  …{text[max(0, start - 40) : end + 40]}…".replace("\n", " "), err=True)
    for proposal in proposals:
        told = {
            "line": proposal.line, "indicator": proposal.indicator, "basis": proposal.basis,
            "from": proposal.from_on and proposal.from_on.isoformat(),
            "to": proposal.to_on and proposal.to_on.isoformat(), "project": proposal.project,
            "holder": proposal.holder, **{name: plain(value) for name, value in proposal.values.items()},
            "part_of": proposal.part_of, "quote": proposal.quote,
            "doubts": [doubt.message % doubt.params if doubt.params else doubt.message for doubt in proposal.doubts],
        }  # fmt: skip
        click.echo(json.dumps(told, ensure_ascii=False))


@figures_group.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@by_option
@click.option("--key", help="Key of this submission: sent twice with one key, it is entered once.")
@click.option("--dry-run", is_flag=True, help="Say what would be entered, and enter nothing.")
@click.option("--seen", is_flag=True, help="Enter it although something is told of its rows that is to be seen first.")
def load(file: Path, by: str, key: str | None, dry_run: bool, seen: bool):
    """Enter the figures of FILE, a filled sheet (XLSX or CSV), all or none.

    What of its rows is left out, and totals that differ, go to stderr. What is there already, cannot be right or
    contradicts other figures or the records is told by row; then nothing is entered without --seen.
    """

    def work(session):
        nonlocal key
        sent = GivenFile.at(file, TABLES)
        key = key or hashlib.sha256(sent.content).hexdigest()
        filled = sheet.read(sent.read(sheets.of_file, sent.name), Places(session))
        for problem in new_figures.problems(session, filled.figures):
            filled.rows[problem.row - 1].problems.setdefault(problem.field, problem.error)
        left = [(where, why) for where, why in filled.left_out if where]
        click.echo(f"{filled.present} rows: {filled.taken} taken, "
                   f"{filled.refused} refused, {len(left)} left out", err=True)  # fmt: skip
        for where, said in (*filled.left_out, *filled.notes):
            click.echo(f"  {f'row {where}: ' if where else ''}{said}", err=True)
        if filled.wrong:
            raise click.ClickException("\n".join(
                ["Nothing was entered.", *(f"row {row}, {name}: {wrong}" for row, name, wrong in filled.wrong)]
            ))  # fmt: skip
        if dry_run:
            for line in _told(filled, reported.to_see(session, filled.figures)):
                click.echo(f"  {line}", err=True)
            return None
        try:
            return reported.enter(session, filled.figures, way="xlsx", by=by, key=key, seen=seen)
        except Unseen as asked:
            raise click.ClickException("\n".join(
                ["Nothing was entered yet; to enter it all the same, give --seen.", *_told(filled, asked.problems)]
            )) from asked  # fmt: skip

    with current_app.test_request_context():  # texts of errors are written in a reader's language
        done = _reporting(work)
    if done is None:
        click.echo("It can be entered. Nothing was entered yet.")
        return
    if done.repeated:
        click.echo("This was entered before; to enter it once more, give another --key.")
    click.echo("\n".join(done.result["figures"]))


def _told(filled: sheet.Sheet, to_see: Iterable[Problem]) -> list[str]:
    return [
        f"row {filled.numbers[each.row - 1]}, {cells.label(each.field)}: {user_message(each.error)}" for each in to_see
    ]


@figures_group.command("list")
@click.option("--unit", help="Slug of a unit.")
@click.option("--project", help="Code of a project.")
@click.option("--indicator", help="Key of an indicator, such as handover.")
@click.option("--state", type=click.Choice((*reported.STATES, "all")), default="current", show_default=True)
def listed(unit: str | None, project: str | None, indicator: str | None, state: str):
    """Print reported figures, one a line, as JSON."""
    engine = db.make_engine(current_app.config["DATABASE_URL"], application="mat-bang command")
    try:
        with db.reading_session(engine) as session:
            found = reported.listed(
                session, unit=unit, project=project, indicator=indicator, state=None if state == "all" else state
            )
            for kept in found:
                click.echo(json.dumps(api.as_json(kept), ensure_ascii=False))
    except GisError as error:
        raise click.ClickException(str(error)) from error
    finally:
        engine.dispose()
