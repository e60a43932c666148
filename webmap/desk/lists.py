"""New cases from a list of land users, pasted or from a file: looked at, asked about, put right, registered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import Blueprint, Flask, Response, flash, redirect, request, url_for
from flask_babel import gettext, lazy_gettext

from gis import correcting, record, registration, submission
from gis.access import Access
from gis.errors import GisError
from gis.exchange import sheets
from gis.exchange.sheets import Book
from gis.progress import today
from gis.registration import Problem
from webmap import desk, entry, parameters
from webmap.auth import access, reader
from webmap.desk import columns, landlist, pasting, table_given
from webmap.desk.cases import cases_and_land, column_name, new_key
from webmap.desk.listrows import COMMUNE
from webmap.desk.pasted import SHEET, Asked, Pasted
from webmap.desk.table_given import mark
from webmap.errors import user_message
from webmap.i18n import day as written
from webmap.session import session, writing

bp = Blueprint("lists", __name__)
MOST_MIB = 12
_SHOWN = 300
_FIX = re.compile(r"fix-(\d{1,3})-(\d{1,7})-(\d{1,3})")
_ANSWERS = (
    "sheet", "hidden-rows", "struck-rows", "denied-rows", "hidden-columns", "unit-area", "same", "nameless",
    "numbers", "legal", "odd", "no-persons", "land", "broken-names", "name-places", "more-names", "on-record",
    "odd-names", "two-names",
)  # fmt: skip
_BEGIN = ("col-", COMMUNE)
CHOICES = {
    ("hidden-rows", "take"): lazy_gettext("take them"),
    ("hidden-rows", "leave"): lazy_gettext("leave them out"),
    ("struck-rows", "take"): lazy_gettext("take them"),
    ("struck-rows", "leave"): lazy_gettext("leave them out"),
    ("denied-rows", "take"): lazy_gettext("they count all the same: take them"),
    ("denied-rows", "leave"): lazy_gettext("leave them out"),
    ("hidden-columns", "take"): lazy_gettext("take them"),
    ("hidden-columns", "leave"): lazy_gettext("leave them out"),
    ("unit-area", "m2"): "m²",
    ("unit-area", "m2-1000"): "1.000 m²",
    ("unit-area", "ha"): "ha = 10.000 m²",
    ("unit-area", "sao-360"): lazy_gettext("sào of the north = 360 m²"),
    ("unit-area", "sao-500"): lazy_gettext("sào of the centre = 500 m²"),
    ("same", "one"): lazy_gettext("one holder with several parcels"),
    ("same", "each"): lazy_gettext("different people of one name"),
    ("nameless", "above"): lazy_gettext("parcels of the holder above"),
    ("nameless", "missing"): lazy_gettext("holders whose names are missing"),
    ("no-persons", "names"): lazy_gettext("organisations and communities, as their names say"),
    ("no-persons", "chosen"): lazy_gettext("of the kind chosen below, like the others"),
    ("land", "none"): lazy_gettext("land of no holder: it is counted apart and makes no case"),
    ("land", "organisation"): lazy_gettext("an organisation keeps it; the text is its name"),
    ("land", "community"): lazy_gettext("a community keeps it; the text is its name"),
    ("land", "chosen"): lazy_gettext("names of people, of the kind said or chosen below"),
    ("more-names", "join"): lazy_gettext("people who hold it together with the one above"),
    ("more-names", "leave"): lazy_gettext("remarks: leave them out"),
    ("name-places", "cut"): lazy_gettext(
        "the name ends there; what follows is the address, where the list gives no other"
    ),
    ("name-places", "keep"): lazy_gettext("all of it is the name"),
    ("broken-names", "one"): lazy_gettext("one name each, which a narrow column broke"),
    ("broken-names", "several"): lazy_gettext("several people who hold it together, one a line"),
    ("two-names", "one"): lazy_gettext("one person each, with a long name"),
    ("two-names", "several"): lazy_gettext("two people who hold it together"),
    ("odd-names", "names"): lazy_gettext("they are names as they stand"),
    ("odd", "one"): lazy_gettext("each is one number, as it stands"),
    ("legal", "record"): lazy_gettext("keep the areas on record; the list's are not taken"),
    ("legal", "list"): lazy_gettext("take the list's; those on record are put right, with this list as the reason"),
    ("on-record", "register"): lazy_gettext("they are right as they stand: register them too"),
    ("on-record", "leave"): lazy_gettext("leave these holders out"),
    ("numbers", "thousands"): lazy_gettext("points and commas group thousands: 1.367 is 1367"),
    ("numbers", "decimals"): lazy_gettext("they begin decimals: 1.367 is 1,367"),
    ("sheet", "*"): lazy_gettext("all of them together"),
}
REASONS = {
    "title": lazy_gettext("above the headings"),
    "heading": lazy_gettext("heading"),
    "total": lazy_gettext("total"),
    "group": lazy_gettext("heading of a group"),
    "remark": lazy_gettext("no parcel and no holder"),
    "hidden": lazy_gettext("hidden in the file"),
    "struck": lazy_gettext("struck through"),
    "denied": lazy_gettext("a remark beside it says that it does not count"),
    "error": lazy_gettext("has to be put right"),
}


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.url_value_preprocessor
def let_lists_in(_endpoint: str, _values: dict | None) -> None:
    """A list of a large project is larger than other forms. Before all else: the token is looked for in the form."""
    request.max_content_length = request.max_form_memory_size = MOST_MIB * 1024 * 1024


@bp.get("/desk/projects/<code>/paste-cases")
@access(Access.DESK)
def paste(code: str):
    parameters.only()
    return _page(desk.entering(code), {"kind": "household", "registered_on": written(today())})


@bp.post("/desk/projects/<code>/paste-cases")
@access(Access.DESK)
def take(code: str):
    """Read a list and show what it would register; register it once that is confirmed and nothing is open."""
    project = desk.entering(code)
    form = request.form.to_dict()
    try:
        registered_on = submission.clean_past(
            entry.day("registered_on", form.get("registered_on")) or today(), "registered_on"
        )
        book = _book(form)
        pasted, problems = _read(project, book, form, registered_on)
        if form.get("put-all"):
            _put_all(form, book, pasted, problems)
            pasted, problems = _read(project, book, form, registered_on)
        problems, held_back = _without_bad(project, pasted, problems, form)
        if "confirm" not in form or problems or pasted.open or not pasted.cases:
            return _page(project, form, book=book, pasted=pasted, problems=problems, held_back=held_back)
        with writing() as s:
            made = registration.register_cases(
                s, project.code, pasted.cases, registered_on=registered_on, by=desk.by(), key=desk.submission_key()
            )
            if pasted.legal and not made.repeated:
                _put_right_legal(s, project, pasted, made.codes)
    except GisError as error:
        return _page(project, form, error)
    flash(gettext("Registered: %(what)s, %(area)s m².", what=_counted(pasted),
                  area=columns.number(made.area_m2)))  # fmt: skip
    return redirect(url_for("cases.show", code=project.code))


def _put_right_legal(s, project: desk.Here, pasted: Pasted, codes: Sequence[str]) -> None:
    """Put right the legal areas on record that the list gives otherwise, with the registration that took them."""
    ids = record.case_ids(s, project.code, codes)
    for case, code in zip((case for case in pasted.cases if case.holder), codes, strict=True):
        wanted = {
            landlist.place_of(parcel): pasted.legal[parcel.row]
            for parcel in case.parcels if parcel.row in pasted.legal
        }  # fmt: skip
        parcels = [
            correcting.ParcelAs(standing.id, legal_area_m2=wanted[key], row=n)
            for n, standing in enumerate(correcting.parcels_of(s, project.id, ids[code]), 1)
            if (key := landlist.place_of(standing)) in wanted
        ]
        if parcels:
            correcting.correct_case(
                s, project.code, code, correcting.Wanted(parcels=tuple(parcels)),
                reason=gettext("By the list of land users that was registered."), expected_version=1,
                may_record=reader().may_record, by=desk.by(), key=f"{desk.submission_key()}:{code}"[:100],
            )  # fmt: skip


def _counted(pasted: Pasted) -> str:
    """Say how many cases a list makes and, apart, how many parcels of no holder."""
    held = [case for case in pasted.cases if case.holder]
    unheld = sum(len(case.parcels) for case in pasted.cases if case.holder is None)
    return cases_and_land(len(held), unheld)


# What was sent.


def _book(form: dict[str, str]) -> Book:
    """Give the table that was sent: a file, what was pasted, or a file that an earlier page carries on."""
    book = table_given.book(form)
    if form.get("answers_of") and form["answers_of"] != mark(form["rows"]):
        _forget(form)
    if "=" in form.get("put", ""):
        name, _, value = form["put"].partition("=")
        form[name] = value
    _put(book, form)
    return book


def _forget(form: dict[str, str]) -> None:
    """Drop what was answered about another list."""
    for name in list(form):
        if _FIX.fullmatch(name) or name.startswith((*_BEGIN, "pick-")) or name in (*_ANSWERS, "good", "put", "put-all"):
            del form[name]


def _put(book: Book, form: Mapping[str, str]) -> None:
    """Write what was put right on the page into the cells."""
    for name, value in form.items():
        met = _FIX.fullmatch(name)
        if met:
            n, number, column = (int(part) for part in met.groups())
            if n < len(book.sheets) and number in book.sheets[n].numbers:
                book.sheets[n].put(book.sheets[n].numbers.index(number), column, value)


def _put_all(form: dict[str, str], book: Book, pasted: Pasted, problems) -> None:
    """Take the only reading there is of every cell of a column."""
    for problem in problems:
        place = pasted.cell(problem.row, problem.field)
        if problem.field == form["put-all"] and place is not None and problem.row in pasted.lines:
            sheet, at = pasted.lines[problem.row]
            offered = landlist.offers(problem.field, sheet.rows[at][place], pasted.above(problem.row, place))
            if len(offered) == 1:
                form[_fix(book, pasted, problem.row, place)] = offered[0]
    _put(book, form)


def _fix(book: Book, pasted: Pasted, row: int, column: int) -> str:
    """Name the field of the page for a cell."""
    sheet = pasted.heads[row // SHEET][0]
    return f"fix-{next(n for n, one in enumerate(book.sheets) if one is sheet)}-{row % SHEET}-{column}"


def _read(project: desk.Here, book: Book, form: dict[str, str], day) -> tuple[Pasted, list[Problem]]:
    """Read the list, and put what cannot be read together with what stands against the rest, one for each cell."""
    for name, place in list(form.items()):  # “which of these columns is the area?”
        if name.startswith("pick-") and place.isdecimal():
            form[f"col-{place}"] = name.removeprefix("pick-").partition("~")[0]
    answers = {name: value for name, value in form.items() if value and (name in _ANSWERS or name.startswith(_BEGIN))}
    pasted = pasting.read(
        book, registration.communes(session(), project.id, day), kind=form.get("kind", "household"),
        unit=form.get("unit", ""), answers=answers,
    )  # fmt: skip
    answers |= {name: form[name] for name in ("confirm", "key") if form.get(name)}
    return pasted, _against(project, pasted, pasted.problems, answers)


def _against(project: desk.Here, pasted: Pasted, own: list[Problem], answers: Mapping[str, str]) -> list[Problem]:
    found: dict[tuple[int, str], Problem] = {}
    stated = registration.problems(session(), project.id, [case for case in pasted.cases if case.parcels])
    differing = {one.row for one in stated if one.field == "legal_area_m2" and "on record" in one.error.message}
    pasted.questions = [one for one in pasted.questions if one.name != "legal"]
    if differing or answers.get("legal"):
        held = {parcel.row for case in pasted.cases if case.holder for parcel in case.parcels}
        choices = ("record", "list") if differing <= held else ("record",)
        answer = answers.get("legal", "") if answers.get("legal") in choices else ""
        pasted.questions.append(Asked("legal", tuple(sorted(differing)), choices, answer))
        if answer:
            pasted.legal = {
                parcel.row: parcel.legal_area_m2
                for case in pasted.cases for parcel in case.parcels if answer == "list" and parcel.row in differing
            }  # fmt: skip
            pasted.cases = [
                replace(case, parcels=tuple(replace(parcel, legal_area_m2=None) if parcel.row in differing else parcel
                                            for parcel in case.parcels))
                for case in pasted.cases
            ]  # fmt: skip
            stated = registration.problems(session(), project.id, [case for case in pasted.cases if case.parcels])
    _ask_what_is_on_record(project, pasted, answers)
    without = {p.row for case in pasted.cases for p in case.parcels if not p.unit}
    for problem in (*own, *stated):
        asked = problem.field == "unit" and problem.row in without and problem not in own
        if asked or (problem.field == "legal_area_m2" and problem.row in differing):
            continue
        if "row" in problem.error.values and isinstance(problem.error.values["row"], int):
            problem.error.values["row"] = pasted.name(problem.error.values["row"])
        found.setdefault((problem.row, problem.field), problem)
    return [found[key] for key in sorted(found)]


def _ask_what_is_on_record(project: desk.Here, pasted: Pasted, answers: Mapping[str, str]) -> None:
    """Ask about holders and parcels that are on record already, or that two holders of the list have; where somebody
    says so, these holders are left out."""
    sent_before = "confirm" in answers and submission.was_sent(session(), by=desk.by(), key=answers.get("key", ""))
    cases = [case for case in pasted.cases if case.parcels]
    doubts = [] if sent_before else registration.doubts(session(), project.id, cases)
    for doubt in doubts:
        if isinstance(row := doubt.error.values.get("row"), int):
            doubt.error.values["row"] = pasted.name(row)
    kept = {(one.row, one.field, str(one.error)): one for one in (*pasted.doubts, *doubts)}
    pasted.doubts = sorted(kept.values(), key=lambda one: one.row)
    pasted.questions = [one for one in pasted.questions if one.name != "on-record"]
    if not pasted.doubts:
        return
    choices = ("register", "leave")
    answer = answers.get("on-record", "") if answers.get("on-record") in choices else ""
    rows = tuple(dict.fromkeys(one.row for one in pasted.doubts))
    pasted.questions.append(Asked("on-record", rows, choices, answer))
    if answer == "leave":
        pasted.held_back += [case for case in pasted.cases if pasted.rows_of(case) & set(rows)]
        pasted.cases = [case for case in pasted.cases if not pasted.rows_of(case) & set(rows)]


def _without_bad(project, pasted: Pasted, problems: list[Problem], form) -> tuple[list[Problem], list[Problem]]:
    """Leave out the cases that something stands against, where whoever registers said so."""
    held_back: list[Problem] = []
    while problems and form.get("good"):
        bad = {problem.row for problem in problems}
        kept = [case for case in pasted.cases if not pasted.rows_of(case) & bad]
        if len(kept) == len(pasted.cases):
            break
        held_back += problems
        pasted.held_back += [case for case in pasted.cases if pasted.rows_of(case) & bad]
        pasted.cases = kept
        rows = {row for case in kept for row in pasted.rows_of(case)}
        own = [problem for problem in pasted.problems if problem.row in rows]
        problems = _against(project, pasted, own, form)
    return problems, held_back


# The page.


def _page(
    project: desk.Here, form, error: GisError | None = None, *, book=None, pasted=None, problems=(), held_back=()
) -> Response:  # fmt: skip
    try:
        day = entry.day("registered_on", form.get("registered_on")) or today()
    except GisError:
        day = today()
    communes = registration.communes(session(), project.id, day)
    shown = _wrong(book, pasted, [*problems, *held_back]) if pasted else []
    visible = {cell["name"] for row in shown for cell in row["cells"] if cell["wrong"]}
    kept = {
        name: value for name, value in form.items()
        if _FIX.fullmatch(name) and name not in visible and value.strip()
    }  # fmt: skip
    response = desk.page(
        "desk/cases_paste.html", project, error, counted=pasted and _counted(pasted), form=form, pasted=pasted,
        column_name=column_name, shown=shown,
        kept=kept, wrong=list(problems), held_back=list(held_back), reasons=REASONS, choices=CHOICES,
        doubts=[(pasted.name(one.row), column_name(one.field), user_message(one.error)) for one in pasted.doubts]
        if pasted else [],
        taken=landlist.TAKEN, names={each.slug: each for each in communes},
        kinds=registration.HOLDER_KINDS, key=form.get("key") or new_key(),
        told=_account(pasted, [*problems, *held_back]),
        rows_of=mark(form.get("rows", "")),
        zeros=any(row["zeros"] for row in shown), letter=sheets.column_letter, column_at=_columns_by_number(pasted),
    )  # fmt: skip
    if problems:
        response.status_code = 422
    return response


def _columns_by_number(pasted: Pasted | None) -> dict[str, str]:
    """Give the letter and heading of each column of the tables that are read, by its number on the page."""
    if pasted is None:
        return {}
    several = len(pasted.heads) > 1
    return {
        str(head.first + column.place): (f"{sheet.name}!" if several else "")
        + f"{sheets.column_letter(column.place)}: {column.heading or '–'}"
        for sheet, head in pasted.heads for column in head.columns
    }  # fmt: skip


def _account(pasted: Pasted | None, problems) -> dict[str, int]:
    """Count rows: present = taken + refused + left out."""
    if pasted is None:
        return {}
    refused = {problem.row for problem in pasted.problems} | {problem.row for problem in problems}
    refused |= {row for case in pasted.held_back for row in pasted.rows_of(case)}
    refused &= set(pasted.lines)
    return {
        "present": pasted.present, "taken": len(pasted.lines) - len(refused), "refused": len(refused),
        "left_out": len(pasted.left_out),
    }  # fmt: skip


def _wrong(book: Book, pasted: Pasted, problems) -> list[dict]:
    """Give the rows in which something has to be put right, whole, with the cells at fault as fields."""
    by_row: dict[int, dict[int | None, tuple[str, GisError]]] = {}
    for problem in problems:
        by_row.setdefault(problem.row, {})[pasted.cell(problem.row, problem.field)] = (problem.field, problem.error)
    made = []
    for row in sorted(by_row)[:_SHOWN]:
        sheet, head = pasted.heads[row // SHEET]
        at = sheet.numbers.index(row % SHEET)
        cells = []
        for column in head.columns:
            met = by_row[row].get(column.place)
            if not column.field and not met:
                continue
            text = sheet.rows[at][column.place]
            cells.append({
                "name": _fix(book, pasted, row, column.place), "heading": column.heading, "text": text,
                "wrong": user_message(met[1]) if met else "",
                "offers": landlist.offers(met[0], text, pasted.above(row, column.place)) if met else [],
            })  # fmt: skip
        others = [f"{column_name(name)}: {user_message(error)}" for place, (name, error) in by_row[row].items()
                  if place is None]  # fmt: skip
        zeros = any(
            name == "identity_number" and place is not None and landlist.offers(name, sheet.rows[at][place])
            for place, (name, _) in by_row[row].items()
        )
        made.append({"row": pasted.name(row), "cells": cells, "others": others, "zeros": zeros})
    return made
