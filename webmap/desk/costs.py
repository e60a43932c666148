"""Cost lines of plans: from a file for many households, by form for one, by API, by command."""

import hashlib
import json
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from secrets import token_urlsafe

import click
from flask import Blueprint, Flask, Response, flash, redirect, request, send_file, url_for
from flask.cli import with_appcontext
from flask_babel import gettext, lazy_gettext, ngettext

from gis import casefile, casework, catalogue, costs, documents, whose
from gis.access import Access
from gis.costs import CATEGORIES, NewLine, NewSheet, Problem, Sheet
from gis.errors import BadParameter, BadRows, Conflict, GisError, Unseen
from gis.exchange.sheets import column_letter, written
from gis.intake.given import TABLES, GivenFile
from gis.progress import today
from webmap import desk, entry, exact_json, parameters
from webmap.auth import access
from webmap.cli import _reporting, by_option
from webmap.desk import annex_tables, cost_sheets, fields, table_given
from webmap.desk.acts_api import json_answer
from webmap.errors import json_value, user_message
from webmap.reads import log_personal
from webmap.session import session, writing

bp = Blueprint("desk_costs", __name__)
FILE_MIB = 8
BLANK_LINES = 4
COLUMNS = {
    "case": lazy_gettext("Case"),
    "category": lazy_gettext("Group"),
    "item": lazy_gettext("Item"),
    "parcel": lazy_gettext("Parcel"),
    "land_use": lazy_gettext("Land type"),
    "unit": lazy_gettext("Unit of measure"),
    "quantity": lazy_gettext("Quantity"),
    "dimensions": lazy_gettext("Dimensions"),
    "unit_price_vnd": lazy_gettext("Unit price (đồng)"),
    "coefficient": lazy_gettext("Interpolation coefficient"),
    "support_level": lazy_gettext("Support level"),
    "amount_vnd": lazy_gettext("Amount (đồng)"),
    "legal_basis": lazy_gettext("Legal basis"),
    "not_compensated": lazy_gettext("Why it is not compensated"),
}
_MORE_COLUMNS = {
    "index": lazy_gettext("No."), "holder": lazy_gettext("Land user"), "note": lazy_gettext("Note"),
}  # fmt: skip
REASONS = {
    "above": lazy_gettext("above the headings"),
    "heading": lazy_gettext("heading"),
    "group": lazy_gettext("heading of a group"),
    "total": lazy_gettext("total"),
    "rounding": lazy_gettext("rounding of a sum"),
    "remark": lazy_gettext("no line"),
    "hidden": lazy_gettext("hidden in the file"),
    "struck": lazy_gettext("struck through"),
}
OF_LINE = tuple(name for name in COLUMNS if name != "case")
_NUMBERS = ("quantity", "unit_price_vnd", "coefficient", "support_level", "amount_vnd")


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.cli.add_command(enter_costs)


@bp.url_value_preprocessor
def let_files_in(endpoint: str, _values: dict | None) -> None:
    """A workbook of a whole plan is larger than forms are otherwise."""
    if endpoint == "desk_costs.take":
        request.max_content_length = (FILE_MIB + 1) * 1024 * 1024
        request.max_form_memory_size = FILE_MIB * 1024 * 1024


# From a file.


@bp.get("/desk/projects/<code>/cost-lines")
@access(Access.DESK)
def show(code: str):
    parameters.only()
    return _file_page(desk.entering(code))


@bp.get("/desk/projects/<code>/cost-lines/template.xlsx")
@access(Access.DESK)
def give_template(code: str):
    """Send an empty sheet to fill in: the headings that are read, and the codes of the cases."""
    parameters.only()
    project = desk.entering(code)
    response = send_file(
        cost_sheets.template(casework.codes(session(), project.id)), max_age=0, as_attachment=True,
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        download_name=f"chi-tiet-boi-thuong-{project.code}.xlsx",
    )  # fmt: skip
    response.cache_control.no_store = True
    return response


@bp.post("/desk/projects/<code>/cost-lines")
@access(Access.DESK)
def take(code: str):
    """Read a file and show what it would enter; enter it once that is confirmed."""
    project = desk.entering(code)
    form, found = request.form, None
    try:
        document = _plan(project, form.get("document", ""))
        if "confirm" in form:
            given, source = _carried(form.get("lines", "")), form.get("source")
            found = cost_sheets.of_sheets(given)
            with writing() as s:
                made = costs.enter(
                    s, project.code, given, document=document, source=source, by=desk.by(), key=desk.submission_key(),
                    confirmed=form.get("seen", ""),
                )  # fmt: skip
            result = made.result
            flash(
                ngettext("%(num)s case, %(lines)s lines, %(amount)s đồng entered.",
                         "%(num)s cases, %(lines)s lines, %(amount)s đồng entered.", len(result["cases"]),
                         lines=result["lines"], amount=annex_tables.area(Decimal(result["amount_vnd"])))
            )  # fmt: skip
            return redirect(url_for("annexes.show", code=project.code, form="f2", document=document))
        form = form.to_dict()
        book = table_given.book(form)
        found = cost_sheets.read(
            book, casework.codes(session(), project.id), form, _names(session(), project.id)
        )  # fmt: skip
        problems = _problems(found, costs.problems(session(), project.id, found.sheets, document))
        cautions = costs.cautions(session(), project.id, found.sheets, document)
        return _file_page(project, found=found, problems=problems, cautions=cautions, form=form)
    except Unseen as error:  # something was recorded since it was shown
        meanwhile = Conflict(
            "What is on record has changed since this was shown: look at it once more, then enter it.",
            parameter="lines",
        )  # fmt: skip
        return _file_page(project, meanwhile, cautions=error.problems, found=found, form=form)
    except BadRows as error:
        return _file_page(project, error, problems=error.problems, found=found)
    except GisError as error:
        return _file_page(project, error, form=form)


def _names(of, project_id: int) -> dict[str, str | None]:
    return {code: known.name for code, known in whose.cases(of, project_id).all.items()}


def _problems(found: cost_sheets.Read, more: list[Problem]) -> list[Problem]:
    """Give what stands against a file, each cell once: what its reader says comes first."""
    told = {(one.sheet, one.row, one.field) for one in found.problems}
    return found.problems + [one for one in more if (one.sheet, one.row, one.field) not in told]


def _file_page(
    project: desk.Here, error: GisError | None = None, *, found=None, problems=(), cautions=(), form=None
) -> Response:
    made, form = found.sheets if found else [], request.form if form is None else form
    lines = {(of.name, line.row) for of in made for line in of.lines}
    understood = [
        (name, [(letter, heading, str(COLUMNS.get(of, _MORE_COLUMNS.get(of, of)))) for letter, heading, of in columns])
        for name, columns in (found.understood.items() if found else ())
    ]  # fmt: skip
    refused = {(one.sheet, one.row) for one in problems} & lines
    refused |= {(of.name, line.row) for of in made if not of.case for line in of.lines}  # told once for all of them
    return desk.page(
        "desk/cost_lines.html", project, error, plans=_plans(project), form=form, read=found,
        source=form.get("source") or None, rows_of=table_given.mark(form.get("rows", "")),
        refused=len(refused) + (len(found.refused) if found else 0), taken=found.lines - len(refused) if found else 0,
        letter=column_letter, understood=understood, none=cost_sheets.NONE, said=_ungrouped(found),
        wrong=[(_place(found, one), str(COLUMNS.get(one.field, one.field)), user_message(one.error))
               for one in problems],
        totals=[(sheet, len(sheet.lines), sum(costs.amount_of(line) for line in sheet.lines)) for sheet in made],
        carried=json.dumps([_plain(sheet) for sheet in made], ensure_ascii=False)
        if made and not problems and not found.open else "",
        key=token_urlsafe(16), columns=COLUMNS, reasons=REASONS, seen=costs.seen(cautions),
        notes=[(_place(found, one), user_message(one.error)) for one in cautions]
        + ([(where, user_message(said)) for where, said in found.notes] if found else []),
    )  # fmt: skip


def _ungrouped(found) -> list[tuple[str, str, str]]:
    """Give lines in no group with the name of the group that they look like."""
    names = annex_tables.CATEGORIES
    return [(where, item, str(names[group])) for where, item, group in found.ungrouped] if found else []


def _place(found, problem: Problem) -> str:
    cell = found.cell(problem) if found else str(problem.row)
    return f"{problem.sheet}!{cell}" if problem.sheet else cell


def _plain(sheet: NewSheet) -> dict:
    lines = [{name: json_value(value) for name, value in asdict(line).items() if value is not None}
             for line in sheet.lines]  # fmt: skip
    return {"case": sheet.case, "name": sheet.name, "lines": lines}


def _carried(text: str) -> list[NewSheet]:
    """Give the sheets that the page carries from the look at them to their entry; they are checked anew."""
    try:
        given = exact_json.loads(text)
    except ValueError:
        given = None
    return _sheets(given)


def _plans(project: desk.Here) -> list:
    """Give the documents a sheet can be of: plans and decisions of the project, the newest first."""
    return [
        paper for paper in documents.listed(session(), project.id)
        if paper.kind in ("plan", "decision", "report") or "plan_approval" in paper.rests
    ]  # fmt: skip


def _plan(project: desk.Here, given: str) -> int | None:
    if not given.strip():
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise BadParameter("There is no document %(id)s.", parameter="document", id=given[:40])
    return documents.get(session(), project.id, int(given)).id


# One household.


@bp.get("/desk/projects/<code>/cost-lines/<path:case>")
@access(Access.DESK)
def one(code: str, case: str):
    """Show the lines of a case, every version, and the form to enter them anew."""
    parameters.only("document")
    return _case_page(desk.personal(code), case)


@bp.post("/desk/projects/<code>/cost-lines/<path:case>")
@access(Access.DESK)
def enter(code: str, case: str):
    """Enter the lines of a case: what the form holds is the whole sheet from now on."""
    project = desk.entering(code)
    try:
        document = _plan(project, request.form.get("document", ""))
        lines, problems = _lines_of_form()
        sheets = [NewSheet(case, tuple(lines))]
        told = {(one.row, one.field) for one in problems}
        problems += [one for one in costs.problems(session(), project.id, sheets, document)
                     if (one.row, one.field) not in told]  # fmt: skip
        if problems:
            raise BadRows("%(count)s cells cannot be taken as they are.", problems=problems, count=len(problems))
        with writing() as s:
            costs.enter(
                s, project.code, sheets, document=document, by=desk.by(), key=desk.submission_key(),
                confirmed=request.form.get("confirm", ""),
            )  # fmt: skip
    except GisError as error:
        return _case_page(project, case, error)
    flash(gettext("The cost lines are entered."))
    return redirect(url_for("desk_costs.one", code=project.code, case=case, document=document))


def _lines_of_form() -> tuple[list[NewLine], list[Problem]]:
    """Read the lines that are filled in; a row of the form with neither item nor number is left out.

    None is cut off: one more than are taken is kept, so that too many are refused (`costs.MOST_LINES`).
    """
    lines, problems = [], []
    for row, typed in enumerate(_typed(), 1):
        if not any(typed[name] for name in ("item", "quantity", "unit_price_vnd", "amount_vnd")):
            continue
        numbers: dict[str, Decimal | None] = {}
        for name in _NUMBERS:
            numbers[name] = None
            try:
                numbers[name] = _number(name, typed[name])
            except BadParameter as error:
                problems.append(Problem("", row, name, error))
        for name in ("coefficient", "support_level"):
            numbers[name] = Decimal(1) if numbers[name] is None else numbers[name]
        texts = {name: typed[name] or None for name in OF_LINE if name not in (*_NUMBERS, "category", "item")}
        lines.append(NewLine(typed["category"] or "land", typed["item"], row=row, **numbers, **texts))
    return lines, problems


def _number(name: str, text: str) -> Decimal | None:
    share = name == "support_level" and text.endswith("%")
    if name in ("unit_price_vnd", "amount_vnd"):
        value = entry.amount_vnd(name, text)
    else:
        value = entry.decimal(name, text.removesuffix("%") if share else text, 6)
    return None if value is None else Decimal(value) / (100 if share else 1)


def _typed() -> list[dict[str, str]]:
    lists = {name: request.form.getlist(name)[: costs.MOST_LINES + 1] for name in OF_LINE}
    rows = max((len(values) for values in lists.values()), default=0)
    return [{name: values[n].strip() if n < len(values) else "" for name, values in lists.items()} for n in range(rows)]


def _case_page(project: desk.Here, case: str, error: GisError | None = None) -> Response:
    found = casefile.case_file(session(), project.id, case, personal=True)
    log_personal(project.id, [case], "cost-lines")
    history = costs.history(session(), project.id, found.id)
    newest: dict[int | None, Sheet] = {}
    for sheet in history:
        newest.setdefault(sheet.document_id, sheet)
    if request.method == "POST":
        chosen, rows = request.form.get("document", ""), _typed()
    else:
        approved = [e.document_id for e in found.entries if e.kind == "plan_approval" and not e.voided]
        own = str(next(iter(newest), None) or next((n for n in approved if n), "") or "")
        chosen = request.args.get("document", own)
        sheet = newest.get(int(chosen) if chosen.isascii() and chosen.isdecimal() else None)
        rows = [_as_typed(line) for line in sheet.lines] if sheet else []
    blank = dict.fromkeys(OF_LINE, "") | {"category": rows[-1]["category"] if rows else "land"}
    wrong, cautions, seen = {}, [], ""
    if isinstance(error, Unseen):
        cautions, seen = [user_message(problem.error) for problem in error.problems], costs.seen(error.problems)
    elif isinstance(error, BadRows):
        if of_case := [problem.error for problem in error.problems if problem.field == "case"]:
            error = of_case[0]
        for problem in error.problems if isinstance(error, BadRows) else ():
            wrong.setdefault((problem.row, problem.field), user_message(problem.error))
    return desk.page(
        "desk/case_costs.html", project, error, file=found, history=history, plans=_plans(project), chosen=chosen,
        rows=rows + [blank] * BLANK_LINES, wrong=wrong, columns={name: COLUMNS[name] for name in OF_LINE},
        categories=annex_tables.CATEGORIES, known=CATEGORIES, cautions=cautions, seen=seen, key=token_urlsafe(16),
        written=annex_tables.written,
    )  # fmt: skip


def _as_typed(line) -> dict[str, str]:
    values = {name: getattr(line, name) for name in OF_LINE}
    return {
        name: "" if value is None else written(value) if isinstance(value, Decimal) else str(value)
        for name, value in values.items()
    }


# Programs.


@bp.get("/api/v1/projects/<code>/cost-sheets")
@access(Access.DESK)
def listed(code: str):
    """Give the sheets that count as JSON."""
    parameters.only()
    project = desk.personal(code)
    found = costs.sheets(session(), project.id)
    log_personal(project.id, list(dict.fromkeys(sheet.case for sheet in found)), "cost-sheets.json")
    return json_answer({
        "project": project.code,
        "sheets": [
            {"case": sheet.case, "document": sheet.document_id, "number": sheet.document, "version": sheet.version,
             "total_vnd": json_value(sheet.total_vnd),
             "lines": [{name: json_value(getattr(line, name)) for name in OF_LINE} for line in sheet.lines]}
            for sheet in found
        ],
    })  # fmt: skip


@bp.post("/api/v1/projects/<code>/cost-sheets")
@access(Access.DESK)
def enter_json(code: str):
    """Enter sheets sent as JSON: `document`, and `sheets` with `case` and `lines`.

    What is to be seen first, such as a sheet on record that is replaced, is told; `confirm` says that it was seen.
    """
    parameters.only()
    project = desk.entering(code)
    body = fields.body_of_json()
    for name in set(body) - {"document", "sheets", "key", "source", "confirm"}:
        raise BadParameter("There is no parameter “%(name)s” here.", parameter=name, name=name)
    document = body.get("document")
    if document is not None:
        document = _plan(project, str(document))
    source = body.get("source") if isinstance(body.get("source"), str) else None
    confirmed = body.get("confirm", False)
    if not isinstance(confirmed, bool):
        raise BadParameter("“%(name)s” is true or false.", parameter="confirm", name="confirm")
    given = _sheets(body.get("sheets"))
    try:
        with writing() as s:
            made = costs.enter(
                s, project.code, given, document=document, source=source, by=desk.by(), key=desk.submission_key(),
                confirmed=confirmed,
            )  # fmt: skip
    except Unseen:  # is answered whole
        raise
    except BadRows as error:
        first = error.problems[0]
        raise _of_line(first.sheet, first.row, first.field, first.error) from error
    return json_answer({"act": made.act_id, **made.result}, 200 if made.repeated else 201)


def _of_line(case: str, row: int, field: str, error: GisError) -> BadParameter:
    """Say in which line of which case something is wrong."""
    return BadParameter(
        "Case %(case)s, line %(row)s, %(field)s: %(error)s", parameter=field, case=case, row=row, field=field,
        error=user_message(error),
    )  # fmt: skip


def _sheets(given) -> list[NewSheet]:
    """Give sheets of JSON.

    Raises
    ------
    BadParameter
        For what has not their shape.
    """
    if not isinstance(given, list):
        raise BadParameter("“%(name)s” must be a list.", parameter="sheets", name="sheets")
    made = []
    for sheet in given:
        lines = sheet.get("lines") if isinstance(sheet, dict) else None
        if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
            raise BadParameter("“%(name)s” must be a list.", parameter="lines", name="lines")
        case = str(sheet.get("case") or "")
        made.append(
            NewSheet(case, tuple(_line(case, n, line) for n, line in enumerate(lines, 1)), sheet.get("name") or case)
        )
    return made


def _line(case: str, number: int, given: dict) -> NewLine:
    unknown = set(given) - {*OF_LINE, "row"}
    if unknown:
        raise BadParameter("There is no parameter “%(name)s” here.", parameter=min(unknown), name=min(unknown))
    values: dict = dict.fromkeys(OF_LINE) | {"coefficient": Decimal(1), "support_level": Decimal(1)}
    for name, value in given.items():
        if value is None:
            continue
        if name in _NUMBERS:
            try:
                values[name] = exact_json.number(value, name)
            except BadParameter as error:
                raise _of_line(case, number, name, error) from error
        elif name == "row":
            number = value if isinstance(value, int) else number
        else:
            values[name] = str(value)
    values["category"], values["item"] = values["category"] or "", values["item"] or ""
    return NewLine(row=number, **values)


@click.command("costs")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--project", required=True, help="Code of the project.")
@click.option("--document", type=int, help="Number in the database of the plan's document; without it: drawn up.")
@by_option
@click.option("--hidden", type=click.Choice(("take", "leave")), help="What to do with hidden rows.")
@click.option("--struck", type=click.Choice(("take", "leave")), help="What to do with rows that are struck through.")
@click.option("--ungrouped", type=click.Choice(cost_sheets.UNGROUPED), help="What lines in no group are.")
@click.option("--confirm", is_flag=True, help="Enter it although sheets are replaced or sums differ, as was told.")
@click.option("--dry-run", is_flag=True, help="Check and say what would be entered, and enter nothing.")
@with_appcontext
def enter_costs(
    file: Path, project: str, document: int | None, by: str, hidden: str | None, struck: str | None,
    ungrouped: str | None, confirm: bool, dry_run: bool,
):  # fmt: skip
    """Enter the cost lines of households from an XLSX file: a sheet each, or one flat sheet."""

    def work(s):
        sent = GivenFile.at(file, TABLES)
        project_id = catalogue.project_id(s, project)
        answers = {"hidden-rows": hidden or "", "struck-rows": struck or "", "ungrouped": ungrouped or ""}
        found = sent.read(
            cost_sheets.of_workbook, casework.codes(s, project_id), sent.name, answers, _names(s, project_id)
        )  # fmt: skip
        wrong = _problems(found, costs.problems(s, project_id, found.sheets, document))
        cautions = costs.cautions(s, project_id, found.sheets, document)
        found.notes[:0] = [(_place(found, one), one.error) for one in cautions]
        if wrong or found.open or dry_run:
            return found, wrong, None
        key = hashlib.sha256(f"{project} {document} {today()}".encode() + sent.content).hexdigest()
        return found, wrong, costs.enter(
            s, project, found.sheets, document=document, source=file.name, by=by, key=key, confirmed=confirm
        )  # fmt: skip

    found, wrong, made = _reporting(work)
    _print_account(found)
    for one_wrong in wrong:
        click.echo(f"{_place(found, one_wrong)}: {one_wrong.error}")
    if wrong:
        raise click.ClickException(f"{len(wrong)} cells have to be put right; nothing was entered.")
    if found.open:
        options = ", ".join(f"--{name.removesuffix('-rows')}" for name in found.open)
        raise click.ClickException(f"Say with {options} what to do with the rows named above; nothing was entered.")
    lines = sum(len(sheet.lines) for sheet in found.sheets)
    amount = sum(costs.amount_of(line) for sheet in found.sheets for line in sheet.lines)
    state = "would be entered" if made is None else "were entered before" if made.repeated else "entered"
    click.echo(f"{len(found.sheets)} cases, {lines} lines, {amount} đồng {state}.")


def _print_account(found: cost_sheets.Read) -> None:
    """Print what of the file is not taken, and what is to be looked at, to the channel of errors."""
    told = [f"{where} left out ({why}): {text}" for where, why, text in found.rows_left_out]
    told += [f"sheet {name} left out: no cost lines" for name in found.left_out]
    told += [f"sheet {name} left out: hidden" for name in found.hidden_sheets]
    told += [f"{where} is in no group ({group} by its wording): {item}" for where, item, group in found.ungrouped]
    told += [f"{where}: {said}" for where, said in found.notes]
    click.echo(f"{found.present} rows: {found.lines} lines, {len(found.rows_left_out)} left out", err=True)
    for line in told:
        click.echo(f"  {line}", err=True)
