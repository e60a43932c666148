"""Commands about what was entered wrong: cases cancelled, reinstated, corrected; projects cancelled, reinstated."""

import json
from datetime import date
from decimal import Decimal, InvalidOperation

import click
from flask import Flask
from flask.cli import AppGroup

from gis import cancelling, correcting
from gis.correcting import ParcelAs, Wanted
from gis.errors import BadParameter
from webmap import exact_json
from webmap.cli import _reporting, by_option

case_group = AppGroup("case", help="Cases that were entered wrong: cancel, reinstate, correct.")
project_group = AppGroup("project", help="Projects that were entered by mistake: cancel, reinstate.")
project = click.argument("project")
case = click.argument("case")
reason = click.option("--reason", required=True, help="Why what is on record is wrong.")
version = click.option("--version", type=int, required=True, help="The version of the case it rests on.")
project_version = click.option("--version", type=int, required=True, help="The version of the project it rests on.")
key = click.option("--key", help="Key of this act: sent twice with one key, it is done once.")


def init_app(app: Flask) -> None:
    app.cli.add_command(case_group)
    app.cli.add_command(project_group)


@project_group.command("cancel")
@project
@reason
@project_version
@by_option
@key
def cancel_project(project: str, reason: str, version: int, by: str, key: str | None):
    """Cancel PROJECT, in which no case, land or act stands."""
    done = _reporting(
        lambda session: cancelling.cancel_project(
            session, project, reason=reason, expected_version=version, by=by,
            key=key or f"cancel project {project} {version}",
        )
    )  # fmt: skip
    click.echo(f"Project {project} is cancelled; version {done.version}.")


@project_group.command("reinstate")
@project
@reason
@project_version
@by_option
@key
def reinstate_project(project: str, reason: str, version: int, by: str, key: str | None):
    """Take the cancelling of PROJECT back."""
    done = _reporting(
        lambda session: cancelling.reinstate_project(
            session, project, reason=reason, expected_version=version, by=by,
            key=key or f"reinstate project {project} {version}",
        )
    )  # fmt: skip
    click.echo(f"Project {project} stands again; version {done.version}.")


@case_group.command("cancel")
@project
@case
@reason
@version
@click.option("--with-acts", is_flag=True, help="Void and cancel what stands upon it too.")
@by_option
@key
def cancel(project: str, case: str, reason: str, version: int, with_acts: bool, by: str, key: str | None):
    """Cancel CASE of PROJECT, which was entered by mistake."""
    done = _reporting(
        lambda session: cancelling.cancel_case(
            session, project, case, reason=reason, expected_version=version, with_acts=with_acts, by=by,
            key=key or f"cancel {project}/{case} {version}",
        )
    )  # fmt: skip
    click.echo(f"Case {case} is cancelled, {done.voided} events voided; version {done.version}.")


@case_group.command("reinstate")
@project
@case
@reason
@version
@by_option
@key
def reinstate(project: str, case: str, reason: str, version: int, by: str, key: str | None):
    """Take the cancelling of CASE back."""
    done = _reporting(
        lambda session: cancelling.reinstate_case(
            session, project, case, reason=reason, expected_version=version, by=by,
            key=key or f"reinstate {project}/{case} {version}",
        )
    )  # fmt: skip
    click.echo(f"Case {case} counts again; version {done.version}.")


@case_group.command("correct")
@project
@case
@click.argument("wanted")
@reason
@version
@by_option
@key
def correct(project: str, case: str, wanted: str, reason: str, version: int, by: str, key: str | None):
    """Put right what WANTED, a JSON object, names: holder_kind, part, parcels (as docs/desk.md has them)."""
    given = _wanted(wanted)
    done = _reporting(
        lambda session: correcting.correct_case(
            session, project, case, given, reason=reason, expected_version=version, may_record=lambda _: True, by=by,
            key=key or f"correct {project}/{case} {version}",
        )
    )  # fmt: skip
    for change in done.changes:
        click.echo(f"{change.field} {change.where}: {change.before or '-'} -> {change.after or '-'}")


def _wanted(text: str) -> Wanted:
    try:
        given = json.loads(text, parse_float=Decimal)
        parcels = tuple(_parcel(each, n) for n, each in enumerate(given.pop("parcels", ()), 1))
        return Wanted(parcels=parcels, **given)
    except (ValueError, TypeError, AttributeError, InvalidOperation) as error:
        raise click.ClickException(f"Give a JSON object of holder_kind, part and parcels: {error}") from None
    except BadParameter as error:
        raise click.ClickException(str(error)) from None


def _parcel(given: dict, row: int) -> ParcelAs:
    given = dict(given)
    since = given.pop("area_from", None)
    areas = {name: exact_json.number(given.pop(name), name) for name in ("area_m2", "legal_area_m2") if name in given}
    since = date.fromisoformat(since) if since else None
    return ParcelAs(given.pop("affected_parcel", None), area_from=since, row=row, **areas, **given)
