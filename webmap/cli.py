"""The commands: database, sample, boundaries, sheets of the map, progress. They call the functions of the pages."""

import csv
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_babel import force_locale
from tqdm import tqdm

from gis import boundaries, db, sample, schema, steps
from gis.errors import GisError
from gis.indicators import INDICATORS
from gis.progress import HOLDER_KINDS, VIETNAM_TIME, Progress, ask, progress, table
from layers.themes import THEMES
from webmap import printing
from webmap.i18n import area, count


def init_app(app: Flask) -> None:
    for group in (database, sample_group, boundaries_group, map_group, show_progress):
        app.cli.add_command(group)


def _owner():
    """Give the owner's engine: commands that load or migrate are not the web role."""
    return db.make_engine(current_app.config["DATABASE_URL"], application="mat-bang command")


def _reporting(work: Callable):
    """Run work in one transaction; a domain error becomes a message and exit status 1, and nothing is kept."""
    try:
        with db.transaction(_owner()) as session:
            return work(session)
    except GisError as error:
        raise click.ClickException(str(error)) from error


database = AppGroup("db", help="The database's schema, and what is kept in it.")


@database.command("upgrade")
def db_upgrade():
    """Bring the schema to its newest version."""
    with _owner().connect() as connection:
        schema.upgrade(connection)
    click.echo("The schema is up to date.")


@database.command("check")
def db_check():
    """Fail when models and migrations disagree."""
    with _owner().connect() as connection:
        schema.check(connection)


@database.command("verify")
@click.option("--repair", is_flag=True, help="Write anew what differs.")
def db_verify(repair: bool):
    """Compare what is kept for the map with what the events give; fail when they differ."""
    found = _reporting(steps.repair if repair else steps.differences)
    for difference in found:
        click.echo(difference)
    if found and not repair:
        raise click.ClickException("The days kept differ from the events: repair them with “flask db verify --repair”.")
    click.echo("Repaired." if found else "The days kept are those of the events.")


sample_group = AppGroup("sample", help="The illustrative sample: Lạng Sơn 2018-2024.")


@sample_group.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing when the database already holds records.")
@click.option("--replace", is_flag=True, help="Take out a sample that is there, and load it again.")
def sample_load(if_empty: bool, replace: bool):
    """Build projects, cases, parcels and events that reproduce the figures of five public reports."""

    def work(session):
        if if_empty and not sample.is_empty(session):
            return None
        with tqdm(total=100, unit="%", desc="Sample", file=sys.stderr, bar_format="{desc:32} {bar} {n:3.0f} %") as bar:

            def show(done: float, label: str) -> None:
                bar.set_description_str(label)
                bar.update(round(done * 100) - bar.n)

            return sample.load(session, replace=replace, progress=show)

    report = _reporting(work)
    click.echo(report if report else "The database holds records already: nothing loaded.")


boundaries_group = AppGroup("boundaries", help="Outlines of administrative units.")


@boundaries_group.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--layer", help="Layer of the file, when it has several.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="A day on which the file's units stood.")
def boundaries_load(file: Path, layer: str | None, day):
    """Put real outlines in place of the schematic ones, and derive anew where parcels lie."""
    click.echo(_reporting(lambda session: boundaries.load(session, file, layer=layer, on=day and day.date())))


def _day(_context, _parameter, value: str | None) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"“{value}” is not a day: write it as 2022-10-24.") from None


map_group = AppGroup("map", help="The map on paper.")


@map_group.command("print")
@click.option("--day", callback=_day, help="The day shown; as the map opens when left out.")
@click.option("--since", callback=_day, help="An earlier day to compare with.")
@click.option("--project", help="Code of the one project shown.")
@click.option("--layers", help="Names of layers with commas; those of the map as it opens when left out.")
@click.option("--indicator", type=click.Choice(list(THEMES)), help="What the communes are coloured by.")
@click.option("--bounds", help="west,south,east,north in degrees WGS 84.")
@click.option("--paper", type=click.Choice(list(printing.PAPERS)), default="a4", show_default=True)
@click.option("--orientation", type=click.Choice(printing.ORIENTATIONS), default="landscape", show_default=True)
@click.option("--title")
@click.option(
    "--scale", type=click.IntRange(*printing.SCALES), help="1:5000 as 5000; as large as it goes when left out."
)
@click.option("--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The PDF to write.")
@with_appcontext
def map_print(layers, bounds, paper, language, out, **asked):
    """Write a sheet of the map as PDF: what the map shows to whoever may see parcels."""

    def work(session):
        names = layers and [name for name in layers.split(",") if name]
        wanted = printing.want(
            session, "office", layer_names=names, bounds=printing.bounds_of(bounds or ""), size=paper, **asked
        )
        return printing.render(printing.compose(session, wanted, "office"))

    with force_locale(language):
        out.write_bytes(_reporting(work))
    click.echo(f"Written to {out}.")


@click.command("progress")
@click.option("--by", help="project, commune, or both with a comma.", default="")
@click.option("--unit", help="Slug of a unit, such as tp-lang-son.")
@click.option("--project", "projects", multiple=True, help="Code of a project; may be repeated.")
@click.option("--holder", type=click.Choice(HOLDER_KINDS))
@click.option("--from", "since", callback=_day, help="First day of the period.")
@click.option("--to", "upto", callback=_day, help="Last day of the period.")
@click.option("--as-of", callback=_day, help="Cumulative to the end of this day.")
@click.option("--known-at", type=click.DateTime(), help="Only what was recorded by this moment.")
@click.option("--units-of", help="old, new or a day: which communes make the rows.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(list(INDICATORS)), help="Only these steps.")
@click.option("--csv", "as_csv", is_flag=True, help="Every measure, as CSV.")
@with_appcontext
def show_progress(by, kinds, as_csv, known_at, **asked):
    """Print the progress table: the same figures as the map and the API."""
    known_at = known_at and known_at.replace(tzinfo=VIETNAM_TIME)
    answer = _reporting(
        lambda session: progress(
            session,
            ask(by=tuple(p for p in by.split(",") if p), known_at=known_at, kinds=kinds or tuple(INDICATORS), **asked),
        )
    )
    if as_csv:
        csv.writer(sys.stdout).writerows(table(answer))
    else:
        _print_table(answer)


def _named(answer: Progress):
    for row in answer.rows:
        yield " · ".join(part.name for part in (row.project, row.commune) if part) or "?", row
    yield "TOTAL", answer.total


def _print_table(answer: Progress) -> None:
    for name, row in _named(answer):
        click.secho(f"{name}  [{row.source}]", bold=True)
        for kind, values in row.values.items():
            if any(values.values()):
                stated = [
                    f"{measure} {area(v) if measure == 'area_m2' else count(v)}" for measure, v in values.items() if v
                ]
                click.echo(f"    {INDICATORS[kind].vi:32} {', '.join(stated)}")
