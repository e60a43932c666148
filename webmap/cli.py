"""The commands: database, people, sample, boundaries, sheets, progress, recording, log, rules: what the pages call."""

import csv
import getpass
import hashlib
import os
import re
import secrets
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_babel import force_locale
from flask_security import hash_password
from tqdm import tqdm

from gis import accounts, audit, boundaries, db, histories, permits, record, recording, rules, sample, schema, steps
from gis.crs import DEGREES, ZONES
from gis.errors import AgainstRules, BadParameter, GisError
from gis.exchange import sheets
from gis.indicators import INDICATORS
from gis.intake.given import TABLES, GivenFile
from gis.progress import HOLDER_KINDS, VIETNAM_TIME, Progress, ask, progress, table, today
from layers.themes import THEMES
from webmap import exact_json, printing
from webmap.config import LOCAL_SETTINGS
from webmap.i18n import area, count


def init_app(app: Flask) -> None:
    acts = (record_act, permit_payment, undo_act, audit_group)
    groups = (database, user_group, sample_group, boundaries_group, map_group, show_progress, rules_group)
    for group in (*groups, *acts):
        app.cli.add_command(group)


def _owner():
    """Give the owner's engine: commands that load or migrate are not the web role."""
    return db.make_engine(current_app.config["DATABASE_URL"], application="mat-bang command")


def _reporting(work: Callable, *, keep: bool = True):
    """Run work in one transaction; a domain error becomes a message and exit status 1, and nothing is kept.

    Without `keep` nothing is kept of what goes well either: what it would do is told.
    """
    try:
        with (db.transaction if keep else db.undone)(_owner()) as session:
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


user_group = AppGroup("user", help="Who may sign in.")
_site = click.option("--site", help="Where readers reach the site, for the link; GPMB_PUBLIC_ADDRESS when left out.")


def _link(site: str | None, make: Callable[[db.Session], str]) -> str:
    """Make a link; nothing is made where it is not known where it leads."""
    found = site or current_app.config["GPMB_PUBLIC_ADDRESS"]
    if not found:
        raise click.ClickException("Say where readers reach the site: --site https://…, or set GPMB_PUBLIC_ADDRESS.")
    return f"{found.rstrip('/')}/set-password/{_reporting(make)}"


@user_group.command("invite")
@click.argument("email")
@click.option("--name", required=True, help="Full name.")
@click.option("--role", required=True, type=click.Choice(accounts.ROLES))
@click.option("--project", "projects", multiple=True, help="Code of a project to give; may be repeated.")
@click.option("--unit", "units", multiple=True, help="Slug of a unit to give; may be repeated.")
@_site
def user_invite(email, name, role, projects, units, site):
    """Make an account and print the link, good once, with which its password is set."""

    def work(session):
        made = accounts.invite(session, email=email, full_name=name, role=role, projects=projects, units=units)
        return accounts.make_link(session, made.id)

    click.echo(_link(site, work))


@user_group.command("list")
def user_list():
    """Print every account: address, role, name, state."""
    for one in _reporting(accounts.people):
        state = "active" if one.active and one.password_hash else "invited" if one.active else "inactive"
        factor = "second factor" if one.totp_secret else "password only"
        click.echo("\t".join((one.email, one.role, one.full_name, state, factor)))


@user_group.command("link")
@click.argument("email")
@click.option("--without-second-factor", is_flag=True, help="The phone is lost: ask for the password only.")
@click.option("--reactivate", is_flag=True, help="Let a deactivated account sign in again.")
@click.option("--role", type=click.Choice(accounts.ROLES), help="Give it another role too.")
@_site
def user_link(email, without_second_factor, reactivate, role, site):
    """Print a link, good once, with which a password is set anew: also the way back in for the last administrator."""

    def work(session):
        account = accounts.named(session, email)
        accounts.change(session, account.id, active=True if reactivate else None, role=role)
        if without_second_factor:
            accounts.set_second_factor(session, account.id, None)
        return accounts.make_link(session, account.id)

    click.echo(_link(site, work))


@user_group.command("deactivate")
@click.argument("email")
def user_deactivate(email):
    """Let somebody sign in no more; they are out at once."""
    account = _reporting(lambda session: accounts.deactivate(session, accounts.named(session, email).id))
    click.echo(f"{account.email} may not sign in any more.")


SAMPLE_LOGINS = LOCAL_SETTINGS.with_name("sample-logins.txt")
SAMPLE_PEOPLE = {
    "administrator": ("Quản trị mẫu", (), ()),
    "officer": ("Cán bộ mẫu", ("cao-toc-huu-nghi-chi-lang", "nam-nguyen-dinh-chieu"), ("tp-lang-son",)),
    "leader": ("Lãnh đạo mẫu", (), ()),
    "investor": ("Chủ đầu tư mẫu", ("cao-toc-huu-nghi-chi-lang",), ()),
}


@user_group.command("sample")
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), default=SAMPLE_LOGINS, show_default=True)
def user_sample(file: Path):
    """Make one account a role for the sample, with random passwords that are kept in a file, and print them."""

    def work(session):
        if not sample.is_loaded(session):
            return []
        kept = {}
        if file.exists():
            kept = {role: password for _, password, role in map(str.split, file.read_text("utf-8").splitlines())}
        logins = []
        for role, (name, projects, units) in SAMPLE_PEOPLE.items():
            email = f"{role}@mau.example"
            account = accounts.find(session, email)
            password = kept.get(role) or secrets.token_urlsafe(12)
            if account is None:
                account = accounts.invite(
                    session, email=email, full_name=name, role=role, projects=projects, units=units
                )  # fmt: skip
            if account.password_hash is None or role not in kept:
                accounts.set_password(session, account.id, hash_password(password))
            logins.append((email, password, role))
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            os.fchmod(out.fileno(), 0o600)
            out.writelines(f"{' '.join(login)}\n" for login in logins)
        return logins

    for email, password, role in _reporting(work):
        click.echo(f"{email:28} {password}  {role}")


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


LOOK_FIRST = 3
"""Exit status: nothing was changed, and somebody has to look."""

boundaries_group = AppGroup("boundaries", help="Outlines of administrative units.")


@boundaries_group.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--layer", help="Layer of the file, when it has several.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="A day on which the file's units stood.")
@click.option("--system", type=int, help="EPSG code of the file's coordinates, where it leaves them open.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask; load unless something is to be looked at first.")
@click.option("--confirm", is_flag=True, help="Do not ask; load even though something is to be looked at.")
def boundaries_load(file: Path, layer: str | None, day, system: int | None, dry_run: bool, yes: bool, confirm: bool):
    """Put real outlines in place of the schematic ones, and derive anew where parcels lie.

    What would change is told first: overlaps, gaps, areas against published ones, units exchanged, parcels that change
    their commune. Then it is asked. Exit status 0: loaded, or a dry run with nothing to look at; 1: the file cannot be
    read; 3: nothing was changed, and something is to be looked at or was not answered.
    """
    if system is not None and system not in (*ZONES, *DEGREES):
        raise click.BadParameter(f"EPSG:{system} is no zone of VN-2000 and no degrees.", param_hint="--system")
    given = {"layer": layer, "on": day and day.date(), "system": system}
    report = _reporting(lambda session: boundaries.rehearse(session, file, **given))
    click.echo(report)
    if dry_run:
        click.echo("A dry run: nothing was changed.")
    if dry_run or not report.matched:
        raise SystemExit(LOOK_FIRST if report.doubtful else 0)
    if report.doubtful and yes and not confirm:
        click.echo("Nothing was changed: look at what is told above, and add --confirm to load it nevertheless.")
        raise SystemExit(LOOK_FIRST)
    if not (yes or confirm) and not _answered("Load it?"):
        raise SystemExit(LOOK_FIRST)
    done = _reporting(lambda session: boundaries.load(session, file, **given))
    click.echo(f"Loaded: {len(done.matched)} units.")
    if done.kept_as is not None:
        click.echo(f"The outlines replaced are kept as load {done.kept_as}: “flask boundaries undo” puts them back.")


def _answered(question: str) -> bool:
    """Ask whoever runs the command; where nobody can answer, it is no."""
    if not sys.stdin.isatty():
        click.echo("Nothing was changed: nobody is there to be asked. Add --yes.")
        return False
    if click.confirm(question):
        return True
    click.echo("Nothing was changed.")
    return False


@boundaries_group.command("undo")
@click.option("--yes", is_flag=True, help="Do not ask.")
def boundaries_undo(yes: bool):
    """Put back the outlines that the last load replaced."""
    if not yes and not _answered("Put back the outlines that the last load replaced?"):
        raise SystemExit(LOOK_FIRST)
    done = _reporting(boundaries.undo)
    if done is None:
        raise click.ClickException("No load is kept that could be undone.")
    file, found = done
    click.echo(f"{file} is undone: {len(found)} units have their former outline again.")


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


_in_language = click.option("--language", type=click.Choice(["vi", "en"]), help="GPMB_LANGUAGE when left out.")


@click.group("rules", cls=AppGroup, invoke_without_command=True)
@_in_language
@click.pass_context
@with_appcontext
def rules_group(context: click.Context, language: str | None):
    """List the rules of law: what they ask, since when, and where they stand."""
    if context.invoked_subcommand:
        return
    header, *lines = rules.table(language or current_app.config["GPMB_LANGUAGE"])
    for key, *told in lines:
        click.secho(key, bold=True)
        for name, value in zip(header[1:], told, strict=True):
            if value:
                click.echo(f"    {name}: {value}")


@rules_group.command("check")
@click.option("--project", required=True, help="Code of a project.")
@click.option("--day", callback=_day, help="The last day looked at; today when left out.")
@_in_language
@with_appcontext
def rules_check(project: str, day: date | None, language: str | None):
    """Count which rules the records of a project break, and name the cases."""
    language = language or current_app.config["GPMB_LANGUAGE"]
    found = _reporting(lambda session: histories.breaches(session, project, day or today()))
    cases: dict[str, list[str]] = {}
    for case, broken in found.items():
        for key in dict.fromkeys(breach.rule.key for breach in broken):
            cases.setdefault(key, []).append(case.code)
    for rule in rules.RULES:
        if rule.key in cases:
            click.secho(f"{rule.key}: {len(cases[rule.key])}", bold=True)
            click.echo(f"    {rule.source(language)}")
            click.echo(f"    {', '.join(cases[rule.key])}")
    if not cases:
        click.echo({"vi": "Hồ sơ không vi phạm quy tắc nào.", "en": "The records break no rule."}[language])


def _area(text: str) -> Decimal:
    """Read an area as programs write it: 5.000 in a file of theirs may have been five thousand."""
    exact_json.refuse_two_ways(text, "area_m2")
    return Decimal(text)


def _area_option(_context, option: click.Parameter, text: str | None) -> Decimal | None:
    try:
        return None if text is None else _area(text)
    except (BadParameter, InvalidOperation) as error:
        raise click.BadParameter("write it as 1234.5, without separators", param=option) from error


_COLUMNS = {"parcel": str, "area_m2": _area, "amount_vnd": int, "plots": int, "plot": str}
by_option = click.option("--by", default=getpass.getuser, help="Who records; the login of the machine when left out.")


@click.command("record")
@click.option("--project", required=True, help="Code of the project.")
@click.option("--kind", required=True, type=click.Choice(record.CASE_KINDS), help="What happened.")
@click.option("--on", "valid_on", required=True, callback=_day, help="The day it happened.")
@click.option("--cases", "named", multiple=True, help="Code of a case, or a CSV file; may be repeated.")
@click.option("--land", type=int, help="In place of cases: number of a parcel of no holder.")
@click.option("--area", "area_m2", callback=_area_option, help="Of that parcel, m²; all that remains when left out.")
@click.option("--document", "number", help="Number of the document it rests on.")
@click.option("--document-kind", type=click.Choice(record.DOCUMENT_KINDS), help="By the kind of act when left out.")
@click.option("--issued-on", callback=_day, help="Day of the document.")
@click.option("--issuer", help="Who issued the document.")
@click.option("--note")
@by_option
@click.option("--key", help="Key of this act: sent twice with one key, it is recorded once.")
@click.option("--confirm", help="Why it is recorded although rules of law warn of it.")
@click.option(
    "--imported", is_flag=True,
    help="An old record is brought in: rules warn, and refuse only money of the time since the case was entered.",
)  # fmt: skip
@click.option(
    "--replaces/--adds", default=None, help="Of the approval of a plan: whether it replaces the plan before, or adds."
)
@click.option("--dry-run", is_flag=True, help="Check and say what would be recorded, and record nothing.")
@_in_language
@with_appcontext
def record_act(
    project, kind, valid_on, named, land, area_m2, number, document_kind, issued_on, issuer, note, by, key, confirm,
    imported, replaces, dry_run, language,
):  # fmt: skip
    """Record one act upon many cases: a handover, a decision, a payment.

    A CSV file has a column “case”, and those of area_m2, parcel (sheet/number), amount_vnd, plots, plot (site/number)
    that the act needs. On land, a case without area means all that remains of it. Rules of law that stand against it
    are listed with their sources; what they only warn of is recorded with --confirm.
    """
    language = language or current_app.config["GPMB_LANGUAGE"]
    document = None
    if number:
        usual = recording.DOCUMENT_OF.get(kind, "decision")
        document = record.NewDocument(document_kind or usual, number, issued_on, issuer)
    act = record.Act(project, kind, valid_on, document, note, replaces)
    if (land is None) == (not named) or (area_m2 is not None and land is None):
        raise click.UsageError("Name cases with --cases, or one parcel of no holder with --land (and --area).")
    if land is not None:
        _record_on_land(act, land, area_m2, by, key, dry_run=dry_run)
        return
    shares = [share for name in named for share in _shares(name)]
    # The same command given twice is one act, unless a key says otherwise.
    key = key or hashlib.sha256(repr((act, shares)).encode()).hexdigest()

    if dry_run:
        seen = _reporting(lambda session: recording.preview(session, act, shares, imported=imported))
        click.echo("The rules refuse it." if seen.refused else "It can be recorded. Nothing was recorded yet.")
        _print_sums(seen.cases, len(seen.entries), seen.area_m2, seen.amount_vnd)
        _print_findings(seen.findings, language)
        return

    def work(session):
        try:
            return recording.record_checked(
                session, act, shares, by=by, key=key, confirmed=confirm, imported=imported
            )  # fmt: skip
        except AgainstRules as error:
            _print_findings(error.findings, language, err=True)
            raise

    made = _reporting(work)
    if made.repeated:
        click.echo(f"This was recorded before, as act {made.act_id}; to record it once more, give another --key.")
    else:
        click.echo(f"Recorded as act {made.act_id}.")
    _print_sums(made.cases, len(made.event_ids), made.area_m2, made.amount_vnd)


def _record_on_land(act: record.Act, land: int, area_m2: Decimal | None, by: str, key: str | None, *, dry_run: bool):
    key = key or hashlib.sha256(repr((act, land, area_m2)).encode()).hexdigest()
    made = _reporting(
        lambda session: record.on_land_of_no_holder(session, act, land, area_m2, by=by, key=key), keep=not dry_run
    )
    if dry_run:
        click.echo("It can be recorded. Nothing was recorded yet.")
    elif made.repeated:
        click.echo(f"This was recorded before, as act {made.act_id}; to record it once more, give another --key.")
    else:
        click.echo(f"Recorded as act {made.act_id}.")
    _print_sums(made.cases, len(made.event_ids), made.area_m2, None)


def _print_sums(cases: int, events: int, area_m2: Decimal | None, amount_vnd: int | None) -> None:
    click.echo(f"  cases   {count(cases)}\n  events  {count(events)}")
    if area_m2 is not None:
        click.echo(f"  m²      {area(area_m2)}")
    if amount_vnd is not None:
        click.echo(f"  VND     {count(amount_vnd)}")


def _print_findings(findings, language: str, *, err: bool = False) -> None:
    for finding in findings:
        click.secho(f"{finding.severity}: {finding.text(language)}", bold=True, err=err)
        click.echo(f"    {finding.rule.key}: {finding.rule.source(language)}", err=err)
        click.echo(f"    {', '.join(finding.cases)}", err=err)


def _shares(name: str) -> list[record.Share]:
    """Read the shares that an option names: a file's, or one case's."""
    path = Path(name)
    if not path.is_file():
        return [record.Share(name)]
    try:
        given = GivenFile.at(path, TABLES)
        found = given.read(sheets.of_file, given.name).visible
    except GisError as error:
        raise click.ClickException(f"{name}: {error}") from error
    if len(found) != 1:
        raise click.ClickException(f"{name}: there must be one sheet with the cases, there are {len(found)}.")
    (table,) = found
    heads = [heading.casefold() for heading in table.rows[0]]
    unknown = {heading for heading in heads if heading} - {"case", *_COLUMNS}
    if unknown or heads.count("case") != 1 or len({h for h in heads if h}) < len([h for h in heads if h]):
        raise click.ClickException(
            f"{name}: the columns are case (always) and {', '.join(_COLUMNS)}, each once; unknown: "
            f"{', '.join(sorted(unknown)) or 'none'}."
        )
    for (place, column), fault in table.faults.items():
        raise click.ClickException(f"{name}, line {table.numbers[place]}, column {column + 1}: {fault}")
    for place, row in enumerate(table.rows):
        if place in table.hidden_rows | table.struck_rows or any(c and not h for c, h in zip(row, heads, strict=True)):
            raise click.ClickException(
                f"{name}, line {table.numbers[place]} is hidden, struck through, or has a cell without a heading."
            )
    for one in table.converted:
        click.echo(f"{name}, line {table.numbers[one.row]}: “{one.before}” ({one.was}) is “{one.now}”.", err=True)
    rows = zip(table.numbers[1:], table.rows[1:], strict=True)
    if given.content.startswith(b"PK"):  # numbers of a workbook come with a comma
        rows = ((number, [re.sub(r"^(\d+),(\d+)$", r"\1.\2", cell) for cell in row]) for number, row in rows)
    return [_share(name, number, dict(zip(heads, row, strict=True))) for number, row in rows]


def _share(name: str, number: int, line: dict[str, str]) -> record.Share:
    given = {}
    for column, kind in _COLUMNS.items():
        value = (line.get(column) or "").strip()
        try:
            given[column] = kind(value) if value else None
        except (BadParameter, InvalidOperation, ValueError):
            raise click.ClickException(
                f"{name}, line {number}: {column} is “{value}”; write numbers as 1234.5, without separators."
            ) from None
    if not line["case"].strip():
        raise click.ClickException(f"{name}, line {number} names no case.")
    return record.Share(line["case"].strip(), **given)


@click.command("permit")
@click.option("--project", required=True, help="Code of the project.")
@click.option("--case", required=True, help="Code of the case.")
@click.option("--up-to", type=click.IntRange(min=0), required=True, help="Whole VND that may be paid in all; 0: none.")
@click.option("--reason", required=True, help="Why; kept in the log.")
@click.option("--by", required=True, help="The leader who permits it.")
@with_appcontext
def permit_payment(project: str, case: str, up_to: int, reason: str, by: str):
    """Let a case be paid beyond its plan, payments and advances together, up to an amount."""
    key = hashlib.sha256(repr((project, case, up_to, reason, today())).encode()).hexdigest()
    made = _reporting(lambda s: permits.permit(s, project, case, up_to, reason=reason, by=by, key=f"permit {key}"))
    click.echo(f"Permitted by act {made.act_id}: {case} may be paid up to {count(up_to)} VND in all.")


@click.command("undo")
@click.argument("act", type=int)
@click.option("--reason", required=True, help="Why the act is wrong.")
@by_option
@with_appcontext
def undo_act(act: int, reason: str, by: str):
    """Void all events of an act that was recorded wrongly; both stay readable."""
    made = _reporting(lambda session: record.undo(session, act, reason=reason, by=by, key=f"undo {act}"))
    click.echo(f"Voided by act {made.act_id}: {count(len(made.event_ids))} events of {count(made.cases)} cases.")


audit_group = AppGroup("audit", help="The log of changes.")


@audit_group.command("verify")
@click.option("--noted", help="A last hash noted earlier, which must still be in the log.")
def audit_verify(noted: str | None):
    """Compute the chain of the log anew; fail at the first entry that is not in order."""
    with (
        db.reading_session(_owner()) as session,
        tqdm(unit=" entries", desc="Log", file=sys.stderr) as bar,
    ):

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        found = audit.verify(session, noted=noted, progress=show)
    if found.broken:
        raise click.ClickException(f"{found.broken} ({count(found.entries)} entries before it are in order.)")
    click.echo(f"{count(found.entries)} entries are in order. Last hash, to be noted elsewhere:\n{found.last_hash}")


@audit_group.command("show")
@click.option("--project", help="Code of a project.")
@click.option("--since", callback=_day, help="First day listed.")
def audit_show(project: str | None, since: date | None):
    """List the log, oldest first: when, who, act, record, before, after."""
    writer = csv.writer(sys.stdout, delimiter="\t")
    for e in _reporting(lambda session: audit.show(session, project=project, since=since)):
        writer.writerow([e.id, e.at.isoformat(timespec="seconds"), e.who, e.act, e.entity, e.entity_id,
                         e.before and audit.compact(e.before), e.after and audit.compact(e.after)])  # fmt: skip
