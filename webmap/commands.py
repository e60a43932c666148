"""Commands about programs' tokens, reads of personal data, and the duties towards the people the data is about."""

import csv
import json
import os
import sys
from datetime import date
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from gis import accounts, db, person, reads, tokens
from gis.progress import today
from webmap.cli import _day, _reporting, audit_group, by_option

token_group = AppGroup("token", help="Tokens of programs.")


def init_app(app: Flask) -> None:
    app.cli.add_command(token_group)
    app.cli.add_command(person_group)


@token_group.command("create")
@click.option("--user", required=True, help="E-mail address of the account it asks as.")
@click.option("--scope", type=click.Choice(tokens.SCOPES), default="read", show_default=True)
@click.option("--days", type=click.IntRange(1, tokens.MOST_DAYS), default=tokens.USUAL_DAYS, show_default=True)
@click.option("--name", default="flask token create", show_default=True, help="What it is for.")
def token_create(user: str, scope: str, days: int, name: str):
    """Make a token and print it: it can be read this one time."""
    click.echo(
        _reporting(lambda s: tokens.make(s, accounts.named(s, user), name=name, scope=scope, days=days))
    )  # fmt: skip


@token_group.command("list")
@click.option("--user", help="E-mail address of an account; all when left out.")
def token_list(user: str | None):
    """Print the tokens: number, account, scope, state, last day, last use, name. Never a secret."""
    found = _reporting(lambda s: tokens.listed(s, account_id=accounts.named(s, user).id if user else None))
    for token in found:
        used = token.used_at.date().isoformat() if token.used_at else "never used"
        fields = (str(token.id), token.email, token.scope, token.state, token.expires_at.date().isoformat(), used)
        click.echo("\t".join((*fields, token.name)))


@token_group.command("revoke")
@click.argument("number", type=int)
def token_revoke(number: int):
    """End a token at once, by the number that “flask token list” shows."""
    _reporting(lambda session: tokens.revoke(session, number))
    click.echo("The token is revoked.")


@audit_group.command("reads")
@click.option("--project", help="Code of a project.")
@click.option("--case", help="Code of a case.")
@click.option("--user", help="Part of an account's address.")
@click.option("--since", callback=_day, help="First day listed.")
@click.option("--until", callback=_day, help="Last day listed.")
def audit_reads(project: str | None, case: str | None, user: str | None, since: date | None, until: date | None):
    """List who read personal data and who took files, newest first: when, who, token, what, project, cases, records."""
    writer = csv.writer(sys.stdout, delimiter="\t")
    found = _reporting(
        lambda session: reads.entries(session, project=project, case=case, who=user, since=since, upto=until)
    )
    for entry, code in found:
        writer.writerow([entry.at.isoformat(timespec="seconds"), entry.who, entry.token, entry.what, code,
                         " ".join(entry.case_codes or ()), entry.rows])  # fmt: skip


person_group = AppGroup("person", help="Duties towards the people the records are about.")
_case = click.option(
    "--case", "named", required=True, callback=lambda _c, _p, value: _codes(value), help="PROJECT/CODE"
)


def _codes(_context, _parameter, value: str) -> tuple[str, str]:
    project, slash, case = value.partition("/")
    if not (project and slash and case):
        raise click.BadParameter("Write it as PROJECT/CODE, such as cao-toc/HS-12.")
    return project, case


_case = click.option("--case", "named", required=True, callback=_codes, help="PROJECT/CODE of a case of theirs.")


def _years() -> int | None:
    years = current_app.config["GPMB_RETENTION_YEARS"]
    return int(years) if years else None


@person_group.command("export")
@_case
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The JSON to write.")
@by_option
@with_appcontext
def person_export(named: tuple[str, str], out: Path, by: str):
    """Write all that is kept about the holder of a case, in every project, to be given to them. It is logged."""

    def work(session):
        db.read_as(session, projects=None, personal=None)
        case = person.find(session, *named)
        found = person.gather(session, case)
        person.log_given(session, case, who=by, what="person.json")
        return found

    text = json.dumps(_reporting(work), ensure_ascii=False, indent=2)
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
    click.echo(f"Written to {out}, readable by its owner only. Give it to the person by a way nobody else reads.")


@person_group.command("due")
@click.option("--project", help="Code of a project.")
@with_appcontext
def person_due(project: str | None):
    """List the people whose data is kept no longer than decided: since when, last event, cases."""
    years = _years()
    if years is None:
        raise click.ClickException("GPMB_RETENTION_YEARS is not set: how long data is kept is not decided here.")
    for one in _reporting(lambda session: person.due(session, years, today(), project=project)):
        click.echo("\t".join((one.since.isoformat(), one.last_event_on.isoformat(), " ".join(one.cases))))


@person_group.command("erase")
@_case
@click.option("--reason", required=True, help="Why; stays in the log.")
@click.option("--order", help="Number of the document that orders it before the time is over.")
@by_option
@with_appcontext
def person_erase(named: tuple[str, str], reason: str, order: str | None, by: str):
    """Erase who the holder of a case is, in every project. What was counted stays. It cannot be undone."""
    years = _years()
    made = _reporting(
        lambda session: person.erase(session, *named, reason=reason, by=by, years=years, order=order)
    )  # fmt: skip
    click.echo(
        f"Erased, as act {made.once.act_id}: name, identity number, phone and address of {' '.join(made.cases)}."
    )
    click.echo(
        f"Look through what may still name the person: {made.petitions} petitions, {made.attachments} files of "
        "documents, notes of events, and copies kept as back-ups."
    )
