"""`/contradictions`: where official figures disagree, and what people said of it; also as JSON and CSV."""

import csv
import secrets
import sys
from collections import OrderedDict, defaultdict
from collections.abc import Iterable

import click
from flask import Blueprint, Flask, Response, current_app, flash, redirect, render_template, request, url_for
from flask.cli import with_appcontext
from flask_babel import gettext, lazy_gettext

from gis import catalogue, contradictions
from gis.access import Access
from gis.contradictions import STATES, Contradiction, Entry
from gis.errors import BadParameter, GisError, NotAllowed
from gis.progress import plain, revision
from webmap import parameters
from webmap.api import listing
from webmap.auth import access, may_see, reader
from webmap.cli import _reporting
from webmap.errors import STATUS, user_message
from webmap.reads import log_personal
from webmap.session import session, writing

RULES = {
    "parts": lazy_gettext("Parts do not sum to the total"),
    "remaining": lazy_gettext("What remains is not the total less what is done"),
    "percent": lazy_gettext("The percentage is not the quotient"),
    "statements": lazy_gettext("Two statements differ"),
    "records": lazy_gettext("The records give another figure"),
    "drawn": lazy_gettext("The drawn area is another one"),
    "money": lazy_gettext("More is paid or deducted than may be"),
}
CAUSES = {
    "arithmetic": lazy_gettext("arithmetic"),
    "rounding": lazy_gettext("rounding"),
    "scope": lazy_gettext("scope: two reports"),
    "unexplained": lazy_gettext("not explained"),
}
STATE_NAMES = {
    "open": lazy_gettext("open"),
    "explained": lazy_gettext("explained"),
    "corrected": lazy_gettext("corrected"),
}
MOST_KEPT = 8
COLUMNS = (
    "key", "rule", "cause", "state", "unit", "project", "figures", "differences", "reason", "owner", "noted_by",
    "noted_at",
)  # fmt: skip
"""Of the CSV."""

bp = Blueprint("contradictions", __name__)


def init_app(app: Flask) -> None:
    app.extensions["contradictions"] = OrderedDict()
    app.register_blueprint(bp)
    app.cli.add_command(print_contradictions)


@bp.get("/contradictions")
@access(Access.AGGREGATE)
def show():
    return _page()


def _page(error: GisError | None = None) -> Response:
    parameters.only("rule", "state", "unit", "project")
    entries = {entry.figure.figure: entry for entry in catalogue.list_reported(session())}
    names = {project.code: project.name for project in catalogue.projects_by_name(session())}
    problem = user_message(error) if error else None
    page = render_template(
        "contradictions.html", listed=_shown(), entries=entries, names=names, shown=request.args, rules=RULES,
        causes=CAUSES, states=STATE_NAMES, may_note=_may_note, new_key=secrets.token_urlsafe, problem=problem,
        at_fault=request.form.get("contradiction"), filled=request.form, here=url_for("contradictions.show"),
        may_read_figures=may_see(Access.DESK),
    )  # fmt: skip
    return Response(page, STATUS[type(error)] if error else 200)


@bp.post("/contradictions")
@access(Access.DESK)
def note():
    """Say of a contradiction why it is none, or who sees to it."""
    found = contradictions.named(_found(), request.form.get("contradiction", ""))
    if not _may_note(found):
        raise NotAllowed("You may not change this.")
    try:
        with writing() as written:
            contradictions.note(
                written, found, state=request.form.get("state", ""), reason=request.form.get("reason"),
                owner=request.form.get("owner"), by=reader().account, key=request.form.get("key", ""),
            )  # fmt: skip
    except BadParameter as refused:
        return _page(refused)
    flash(gettext("Noted."))
    return redirect(url_for("contradictions.show", _anchor=found.key))


def _may_note(contradiction: Contradiction | None) -> bool:
    """Tell whether this reader may say something of a contradiction: of a unit's as a whole, whoever keeps records."""
    if contradiction is None or not reader().record_ids:
        return False
    if contradiction.project is None:
        return True
    named = catalogue.projects_by_name(session(), contradiction.project)
    return any(reader().may_record(project.id) for project in named)


@bp.get("/api/v1/contradictions", defaults={"form": "json"})
@bp.get("/api/v1/contradictions.csv", endpoint="listed_csv", defaults={"form": "csv"})
@access(Access.AGGREGATE)
def listed(form: str):
    parameters.only("rule", "state", "unit", "project")
    return listing("contradictions", [_row(entry) for entry in _shown()], form, COLUMNS)


def _row(entry: Entry) -> dict:
    found = entry.contradiction
    differences = found.differences if found else ()
    return {
        "key": entry.key, "rule": entry.key.partition(":")[0], "cause": found and found.cause, "state": entry.state,
        "unit": found and found.unit, "project": found and found.project,
        "figures": list(found.figures) if found else [],
        "differences": [
            {"measure": d.measure, "stated": plain(d.stated), "other": plain(d.other)} for d in differences
        ],
        "reason": entry.reason, "owner": entry.owner, "noted_by": entry.noted_by if may_see(Access.DESK) else None,
        "noted_at": entry.noted_at and entry.noted_at.isoformat(),
    }  # fmt: skip


def _asked() -> list[Entry]:
    """Give the entries that were asked for. Single parcels show only to who may see records."""
    rule, state = (parameters.text(name) for name in ("rule", "state"))
    for name, given, choices in (("rule", rule, RULES), ("state", state, STATES)):
        if given and given not in choices:
            raise BadParameter(
                "“%(value)s” is none of %(choices)s.", parameter=name, value=given, choices=", ".join(choices)
            )  # fmt: skip
    unit, project = (parameters.text(name) for name in ("unit", "project"))
    entries = contradictions.register(session(), _found())
    return [entry for entry in _narrowed(entries, rule, state, unit, project) if _may_read(entry)]


def _narrowed(
    entries: Iterable[Entry], rule: str | None, state: str | None, unit: str | None, project: str | None
) -> list[Entry]:
    return [
        entry
        for entry in entries
        if (rule is None or entry.key.startswith(f"{rule}:"))
        and (state is None or entry.state == state)
        and (unit is None or (entry.contradiction and entry.contradiction.unit == unit))
        and (project is None or (entry.contradiction and entry.contradiction.project == project))
    ]


def _may_read(entry: Entry) -> bool:
    """Tell whether this reader may know of an entry: single parcels and cases are not for everybody."""
    rule, _, named = entry.key.partition(":")
    if rule == "money":
        of = catalogue.projects_by_name(session(), named.partition(":")[0])
        return may_see(Access.RECORD) and any(reader().may_see_personal(project.id) for project in of)
    return rule != "drawn" or may_see(Access.RECORD)


def _shown() -> list[Entry]:
    """Give the entries that were asked for, and note that the money of cases is read."""
    entries = _asked()
    read = defaultdict(list)
    for entry in entries:
        if entry.contradiction and entry.contradiction.rule == "money":
            project, case = entry.contradiction.figures
            read[project].append(case)
    for project, cases in read.items():
        log_personal(catalogue.project_id(session(), project), cases, "contradictions")
    return entries


@click.command("contradictions")
@click.option("--rule", type=click.Choice(list(RULES)), help="Only what one rule finds.")
@click.option("--state", type=click.Choice(STATES), help="Only those in one state.")
@click.option("--unit", help="Slug of a unit.")
@click.option("--project", help="Code of a project.")
@with_appcontext
def print_contradictions(**narrowed: str | None):
    """List where figures, records, maps and payments contradict each other: a line each, fields parted by tabs."""
    writer = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
    for entry in _narrowed(_reporting(contradictions.register), **narrowed):
        found = entry.contradiction
        sides = [f"{d.measure}: {plain(d.stated)} / {plain(d.other)}" for d in found.differences] if found else []
        writer.writerow([entry.key, entry.state, found and found.cause, "; ".join(sides), entry.reason, entry.owner])


def _found() -> list[Contradiction]:
    """Give what is found in these data by this reader; kept, because each figure asks the records a question."""
    kept: OrderedDict = current_app.extensions["contradictions"]
    # Who enters figures gets those entered by themselves, whatever of them is withheld from others.
    author = reader().account if reader().record_ids else None
    tag = (revision(session()).revision, reader().scope, author)
    found = kept.pop(tag, None)
    kept[tag] = contradictions.find(session()) if found is None else found
    while len(kept) > MOST_KEPT:
        kept.popitem(last=False)
    return kept[tag]
