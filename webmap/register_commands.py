"""Commands about registers: what a project has beside its cases, and funding that is of a unit alone."""

import hashlib
import json

import click
from flask import Flask
from flask.cli import AppGroup

from gis import catalogue, registers
from gis.register_table import REGISTERS
from webmap import exact_json
from webmap.cli import _reporting, by_option
from webmap.desk import fields

register_group = AppGroup("register", help="Projects, parts, targets, funding, obstacles, petitions, sites and plots.")
named = click.argument("register", type=click.Choice(sorted(REGISTERS)))
of_project = click.option("--project", help="Code of the project; without it, funding of units, and all projects.")
values = click.argument("values")
version = click.option("--version", type=int, required=True, help="The version the change rests on.")


def init_app(app: Flask) -> None:
    app.cli.add_command(register_group)


@register_group.command("list")
@named
@of_project
@click.option("--words", help="Only entries with these words.")
@click.option("--sort", help="Name of a field, with a minus for the other way round.")
@click.option("--cancelled", is_flag=True, help="Cancelled ones too.")
def listed(register: str, project: str | None, words: str | None, sort: str | None, cancelled: bool):
    """Print a register, an entry a line, as JSON."""

    def found(session):
        of = _project(session, project)
        return registers.entries(session, register, of, words=words, sort=sort, cancelled=cancelled)

    for entry in _reporting(found):
        click.echo(json.dumps(fields.as_json(REGISTERS[register], entry), ensure_ascii=False))


@register_group.command("enter")
@named
@values
@of_project
@by_option
@click.option("--key", help="Key of this entry: sent twice with one key, it is entered once.")
def enter(register: str, values: str, project: str | None, by: str, key: str | None):
    """Enter VALUES, a JSON object: days as 2022-10-24, areas and amounts as numbers."""
    given = _json(register, values)
    key = key or hashlib.sha256(repr((register, project, sorted(given.items()))).encode()).hexdigest()
    made = _reporting(
        lambda session: registers.enter(session, register, _project(session, project), given, by=by, key=key)
    )
    if made.repeated:
        click.echo("This was entered before; to enter it once more, give another --key.")
    click.echo(f"{register} {made.id}, version {made.version}")


@register_group.command("amend")
@named
@click.argument("number", type=int)
@values
@version
@by_option
def amend(register: str, number: int, values: str, version: int, by: str):
    """Change the fields that VALUES, a JSON object, names."""
    changes = _json(register, values)
    now = _reporting(
        lambda session: registers.amend(session, register, number, changes, expected_version=version, by=by)
    )
    click.echo(f"{register} {number}, version {now}")


@register_group.command("cancel")
@named
@click.argument("number", type=int)
@click.option("--reason", required=True)
@version
@by_option
def cancel(register: str, number: int, reason: str, version: int, by: str):
    """Cancel an entry made by mistake; it stays readable."""
    key = f"cancel {register} {number}"
    done = _reporting(
        lambda session: registers.cancel(
            session, register, number, reason=reason, expected_version=version, by=by, key=key
        )
    )
    click.echo(f"{register} {number}, version {done.version}, cancelled")


def _project(session, code: str | None) -> int | None:
    return None if code is None else catalogue.project_id(session, code)


def _json(register: str, text: str) -> dict:
    try:
        given = exact_json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise click.BadParameter("give a JSON object, such as '{\"year\": 2026}'.", param_hint="VALUES")
    return fields.of_json(REGISTERS[register], given)
