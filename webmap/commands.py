"""Commands about programs' tokens, reads of personal data, and the duties towards the people the data is about."""

import csv
import sys
from datetime import date

import click
from flask import Flask
from flask.cli import AppGroup

from gis import accounts, reads, tokens
from webmap.cli import _day, _reporting, audit_group

token_group = AppGroup("token", help="Tokens of programs.")


def init_app(app: Flask) -> None:
    app.cli.add_command(token_group)


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
