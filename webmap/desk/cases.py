"""The case table, the officer's workplace: found, sorted, selected, taken as files; new cases singly or from a list."""

from datetime import date
from decimal import Decimal
from itertools import zip_longest
from secrets import token_urlsafe

from flask import Blueprint, Flask, Response, flash, json, redirect, request, send_file, url_for
from flask_babel import get_locale, gettext, lazy_gettext, ngettext
from werkzeug.datastructures import MultiDict

from gis import casefile, casework, holders, on_record, registration, whose
from gis.access import Access
from gis.casework import Narrowed
from gis.errors import BadParameter, BadRows, GisError
from gis.overview import is_sample
from gis.progress import plain, today
from gis.record import CASE_KINDS
from gis.registration import NewCase, NewHolder, NewParcel
from layers.obstacles import KINDS as OBSTACLES
from webmap import desk, entry, parameters
from webmap.auth import access
from webmap.desk import columns, sent
from webmap.errors import user_message
from webmap.exports import as_csv, as_xlsx
from webmap.i18n import day as written
from webmap.ration import costly
from webmap.reads import log_export, log_personal
from webmap.session import looking, session, writing
from webmap.tables import TYPES

bp = Blueprint("cases", __name__)
TAB = desk.Tab("cases.show", lazy_gettext("Cases"))
ASKED = ("q", "reached", "without", "unit", "holder", "obstacle", "overdue", "part", "owed", "cancelled", "sort")
PARCEL_FIELDS = ("unit", "sheet", "number", "land_use", "legal_area_m2", "area_m2")
HOLDER_FIELDS = ("full_name", "identity_number", "phone", "address")
MOST_PARCELS_OF_FORM = 50


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


# The table.


@bp.get("/desk/projects/<code>/cases")
@access(Access.DESK)
def show(code: str):
    """Show the table: without script as pages of a hundred cases, with it all of them to scroll through."""
    parameters.only(*ASKED, "page")
    project = desk.here(code)
    page = _whole("page", 1, 100_000)
    found = _listing(project, offset=(page - 1) * casework.SHORTEST)
    communes = [each for each in registration.communes(session(), project.id, today()) if each.of_project]
    return desk.page(
        "desk/cases.html", project, found=found, number=page, pages=-(-found.found // casework.SHORTEST),
        shown=columns.of(project.may_see_personal), cells=[_shown(row, project) for row in found.rows],
        asked=MultiDict((name, request.args.get(name, "")) for name in ASKED), communes=communes, steps=CASE_KINDS,
        counted=cases_and_land(found.found - found.no_holder, found.no_holder), obstacles=OBSTACLES,
        holder_kinds=registration.HOLDER_KINDS, day=today(),
        query={name: request.args[name] for name in ASKED if request.args.get(name)},
    )  # fmt: skip


@bp.get("/api/v1/projects/<code>/cases")
@access(Access.DESK)
def listed(code: str):
    """Give a window of the cases found; with `briefs=yes` the code and areas of all of them too."""
    parameters.only(*ASKED, "offset", "limit", "briefs")
    project = desk.here(code)
    briefs = request.args.get("briefs") == "yes"
    found = _listing(
        project,
        offset=_whole("offset", 0, 10**7),
        limit=_whole("limit", casework.SHORTEST, casework.MOST),
        briefs=briefs,
    )
    told = {
        "project": project.code,
        "found": found.found,
        "no_holder": found.no_holder,
        "sums": {name: plain(getattr(found, name)) for name in ("area_m2", "handed_over_m2", "left_m2")},
        "cases": [_json(row, project) for row in found.rows],
    }
    if briefs:
        told["briefs"] = [[each.code, plain(each.area_m2), plain(each.handed_over_m2)] for each in found.briefs]
    response = Response(json.dumps(told, ensure_ascii=False), content_type="application/json")
    response.cache_control.no_store = True
    return response


@bp.get("/api/v1/projects/<code>/cases.csv", defaults={"form": "csv"})
@bp.get("/api/v1/projects/<code>/cases.xlsx", defaults={"form": "xlsx"})
@access(Access.DESK)
@costly
def export(code: str, form: str):
    """Give every case found as a file, with the columns of the table; personal ones for who may have them."""
    parameters.only(*ASKED)
    project = desk.here(code)
    found = _listing(project, limit=None, what=f"cases.{form}")
    log_export(f"cases.{form}", project.id, found.found)
    shown = columns.of(project.may_see_personal)
    language = str(get_locale())
    rows = [columns.row(shown, row, language, table_words=form == "xlsx") for row in found.rows]
    if form == "csv":
        response = Response("".join(as_csv(shown, rows)), content_type=TYPES[form])
    else:
        words = {"about": gettext("About"), "total": gettext("Total"), "yes": gettext("yes"), "no": gettext("no")}
        sums = {each.name: getattr(found, each.name) for each in shown if each.summed}
        about = [
            (gettext("Project"), project.name),
            (gettext("Cases"), str(found.found - found.no_holder)),
            (gettext("Parcels of no holder"), str(found.no_holder) if found.no_holder else ""),
            (gettext("Narrowed to"), "; ".join(f"{name}: {value}" for name, value in request.args.items() if value)),
            (gettext("Source"), gettext("records")),
            (gettext("Remark"), gettext("illustrative records") if is_sample(session()) else ""),
            (gettext("Written on"), written(today())),
        ]
        made = as_xlsx(
            shown, rows, language=language, title=gettext("Cases"), found=found.found, sums=sums,
            about=[(name, value) for name, value in about if value], words=words,
        )  # fmt: skip
        response = send_file(made, mimetype=TYPES[form])
    response.headers["Content-Disposition"] = (
        f'attachment; filename="cases-{project.code}-{today().isoformat()}.{form}"'
    )
    response.cache_control.no_store = True
    return response


def _listing(project: desk.Here, what: str = "cases", **window) -> casework.Listing:
    """Ask for cases as the address says; who had whose names before them is noted first."""
    get = request.args.get
    sort = get("sort", "").strip() or "code"
    narrowed = Narrowed(
        (get("q") or "").strip(), get("reached") or None, get("without") or None, get("unit") or None,
        get("holder") or None, get("obstacle") or None, get("overdue") or None, get("part") or None,
        owed=get("owed") or None, cancelled=get("cancelled") == "yes",
    )  # fmt: skip
    found = casework.listing(
        session(), project.id, project.code, day=today(), narrowed=narrowed, sort=sort.removeprefix("-"),
        descending=sort.startswith("-"), amounts=project.may_see_personal, **window,
    )  # fmt: skip
    if project.may_see_personal and found.rows:
        log_personal(project.id, [row.code for row in found.rows if row.land_id is None], what)
    return found


def _json(row: casework.Row, project: desk.Here) -> dict:
    """Give a case to programs; what may not be read is left out, so that it cannot be taken for nothing."""
    told = {
        "code": row.code, "holder_kind": row.holder_kind, "unit": row.unit, "commune": row.commune,
        "parcels": row.parcels, "land_use": row.land_use, "area_m2": plain(row.area_m2),
        "handed_over_m2": plain(row.handed_over_m2), "left_m2": plain(row.left_m2), "step": row.step,
        "step_on": row.step_on and row.step_on.isoformat(),
        "days": {kind: day and day.isoformat() for kind, day in row.days.items()},
        "overdue": row.overdue, "days_late": row.days_late, "obstacles": list(row.obstacles),
        "plots_granted": row.plots_granted, "plots_allotted": row.plots_allotted, "part": row.part,
        "registered_on": row.registered_on.isoformat(), "version": row.version, "land": row.land_id,
    }  # fmt: skip
    if row.cancelled_at:
        told |= {"cancelled_at": row.cancelled_at.isoformat(), "cancel_reason": row.cancel_reason}
    if project.may_see_personal:
        told |= {"holder": row.holder} | {name: plain(getattr(row, name)) for name in casework.MONEY}
    return told


def _shown(row: casework.Row, project: desk.Here) -> tuple[casework.Row, list[str]]:
    return row, columns.texts(columns.of(project.may_see_personal), row, str(get_locale()))


def _whole(name: str, otherwise: int, most: int) -> int:
    given = request.args.get(name, "").strip()
    if not given:
        return otherwise
    value = int(given) if given.isascii() and given.isdecimal() and len(given) < 12 else -1
    least = 0 if name == "offset" else 1
    if not least <= value <= most:
        raise BadParameter(
            "“%(value)s” cannot be used here: give a whole number from %(least)s to %(most)s.",
            parameter=name, value=given, least=least, most=most,
        )  # fmt: skip
    return value


# One new case.


@bp.get("/desk/projects/<code>/new-case")
@access(Access.DESK)
def new(code: str):
    parameters.only()
    return _new_page(desk.entering(code), MultiDict({"kind": "household", "registered_on": written(today())}))


@bp.post("/desk/projects/<code>/new-case")
@access(Access.DESK)
def add(code: str):
    project = desk.entering(code)
    form = request.form
    if "more" in form:  # another parcel: nothing is sent yet
        return _new_page(project, form, more=1)
    try:
        case = _case_of_form(form)
        with writing() as s:
            made = registration.register_cases(
                s, project.code, [case], registered_on=_registered_on(form), by=desk.by(), key=desk.submission_key()
            )
    except GisError as error:
        return _new_page(project, form, error)
    what = made.codes[0] if made.codes else cases_and_land(0, made.parcels)
    flash(gettext("Registered: %(case)s, %(area)s m².", case=what, area=columns.number(made.area_m2)))
    return redirect(url_for("cases.show", code=project.code, q=made.codes[0] if made.codes else None))


def _new_page(project: desk.Here, form, error: GisError | None = None, more: int = 0) -> Response:
    parcels = _parcel_lines(form)
    problems = error.problems if isinstance(error, BadRows) else ()
    if len(problems) == 1:
        problems[0].error.parameter = _cell(problems[0].field, problems[0].row)
    parcels = (parcels or [dict.fromkeys(PARCEL_FIELDS, "")]) + [dict.fromkeys(PARCEL_FIELDS, "")] * more
    if isinstance(error, BadRows) and len(problems) == 1:
        error = problems[0].error
    return desk.page(
        "desk/case_new.html", project, error, form=form, parcels=parcels,
        kinds=registration.HOLDER_KINDS, parts=casefile.parts(session(), project.id),
        wrong=[(each.row, column_name(each.field), user_message(each.error)) for each in problems],
        key=form.get("key") or new_key(),
    )  # fmt: skip


def _parcel_lines(form) -> list[dict[str, str]]:
    """Give the lines of the form in which anything is written."""
    lists = [form.getlist(name)[:MOST_PARCELS_OF_FORM] for name in PARCEL_FIELDS]
    lines = [dict(zip(PARCEL_FIELDS, line, strict=True)) for line in zip_longest(*lists, fillvalue="")]
    return [line for line in lines if any(line[name].strip() for name in PARCEL_FIELDS if name != "unit")]


def _case_of_form(form) -> NewCase:
    parcels = tuple(_parcel_of(n, line) for n, line in enumerate(_parcel_lines(form), 1))
    kind = form.get("kind", "")
    holder = None if kind == "none" else NewHolder(kind, *(form.get(name, "") for name in HOLDER_FIELDS))
    return NewCase(holder, parcels, form.get("code") or None, form.get("part") or None, sure=form.get("sure") == "1")


def _parcel_of(n: int, line: dict[str, str]) -> NewParcel:
    try:
        if not line["unit"]:
            raise BadParameter("Choose the commune whose cadastral map numbers the parcel.", parameter="unit")
        return NewParcel(
            line["unit"], line["sheet"], line["number"], entry.area_m2("area_m2", line["area_m2"]),
            line["land_use"], entry.area_m2("legal_area_m2", line["legal_area_m2"]), n,
        )  # fmt: skip
    except BadParameter as error:
        error.parameter = _cell(error.parameter, n)
        raise


def _cell(name: str, n: int) -> str:
    """Name a field of the form: those of parcels stand once in each line."""
    return f"{name}-{n}" if name in PARCEL_FIELDS else name


def _registered_on(form):
    return entry.day("registered_on", form.get("registered_on")) or today()


def new_key() -> str:
    """Make the key of one submission: a form sent twice is recorded once."""
    return token_urlsafe(16)


def column_name(name: str) -> str:
    """Name a column of the list of land users."""
    return str(COLUMNS.get(name, name))


COLUMNS = {
    "full_name": lazy_gettext("Full name"),
    "family_name": lazy_gettext("Family and middle name"),
    "spouse": lazy_gettext("Name of the wife or husband"),
    "identity_number": lazy_gettext("Identity number"),
    "phone": lazy_gettext("Phone"),
    "address": lazy_gettext("Address"),
    "kind": lazy_gettext("Kind of holder"),
    "code": lazy_gettext("Code of the case"),
    "part": lazy_gettext("Part of the project"),
    "unit": lazy_gettext("Commune"),
    "sheet": lazy_gettext("Map sheet"),
    "number": lazy_gettext("Parcel number"),
    "land_use": lazy_gettext("Land use"),
    "legal_area_m2": lazy_gettext("Legal area (m²)"),
    "area_m2": lazy_gettext("Area to recover (m²)"),
    "parcels": lazy_gettext("Parcels"),
    "index": lazy_gettext("No."),
    "place": lazy_gettext("Address of the land"),
    "parcel": lazy_gettext("Sheet and parcel in one cell"),
    "area_by_type": lazy_gettext("Area to recover of one land type"),
    "row": lazy_gettext("Row"),
}


def cases_and_land(cases: int, unheld: int) -> str:
    """Say how many cases there are and, apart, how many parcels of no holder."""
    told = ngettext("%(num)s case", "%(num)s cases", cases)
    if not unheld:
        return told
    land = ngettext("%(num)s parcel of no holder", "%(num)s parcels of no holder", unheld)
    return land if not cases else gettext("%(cases)s and %(land)s", cases=told, land=land)


# Putting right who a holder is.


@bp.get("/desk/projects/<code>/cases/<case>/holder")
@access(Access.DESK)
def holder(code: str, case: str):
    parameters.only()
    project = desk.entering(code)
    return _holder_page(project, holders.identity(session(), project.id, case))


@bp.post("/desk/projects/<code>/cases/<case>/holder")
@access(Access.DESK)
def amend_holder(code: str, case: str):
    """Show what would change; once that is confirmed, put it right."""
    project = desk.entering(code)
    stored = holders.identity(session(), project.id, case)
    form, confirmed = request.form, desk.confirmed()
    try:
        with writing() if confirmed else looking() as s:
            holders.amend_holder(
                s, project.code, case, {name: form.get(name) for name in HOLDER_FIELDS},
                expected_version=_version(form, "version"), by=desk.by(), key=desk.submission_key(),
                sure=form.get("sure") == "1",
            )  # fmt: skip
            holders.amend_case(
                s, project.code, case, code=form.get("code", ""), part=form.get("part") or None,
                expected_version=_version(form, "case_version"), by=desk.by(), key=desk.submission_key() + "/case",
            )  # fmt: skip
    except GisError as error:
        return _holder_page(project, stored, form, error)
    if not confirmed:
        return _holder_page(project, stored, form)
    flash(gettext("Put right."))
    return redirect(url_for("case.show", code=project.code, case=(form.get("code") or case).strip()))


def _holder_page(project: desk.Here, stored: holders.Identity, form=None, error: GisError | None = None) -> Response:
    log_personal(project.id, [stored.code], "holder")
    versions = getattr(error, "versions", None) or {}
    filled = form or {name: getattr(stored, name) or "" for name in (*HOLDER_FIELDS, "code", "part")}
    # After a conflict what is sent again rests on what is on record now, which stands beside it.
    kept = form if form and not versions else None
    return desk.page(
        "desk/case_holder.html", project, error, stored=stored, form=filled,
        changes=_changed(stored, form) if form and not error else None,
        of_one_name=_others_of_the_name(project, stored, form["full_name"]) if form and not error else [],
        versions=[(column_name(name), theirs, mine) for name, (theirs, mine) in versions.items() if theirs != mine],
        version=kept["version"] if kept else stored.version,
        case_version=kept["case_version"] if kept else stored.case_version,
        key=new_key() if error or not form else form.get("key"),
    )  # fmt: skip


def _changed(stored: holders.Identity, form) -> list[tuple[str, str, str]]:
    """Give what would change: the name of the field, what is on record, what is given."""
    pairs = [(name, getattr(stored, name) or "", " ".join(form.get(name, "").split()))
             for name in (*HOLDER_FIELDS, "code", "part")]  # fmt: skip
    return [(str(column_name(name)), now, given) for name, now, given in pairs if now != given]


def _others_of_the_name(project: desk.Here, stored: holders.Identity, name: str) -> list[str]:
    """Name the other cases of the project whose holder has this name."""
    named = on_record.named_in(session(), project.id)
    codes = {code for person in whose.people(name) for code in named.get(person, ())} - {stored.code}
    return [one.told for one in whose.cases(session(), project.id, sorted(codes)).all.values()] if codes else []


def _version(form, name: str) -> int:
    given = form.get(name, "")
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        raise BadParameter("The page is too old: open it again.", parameter=name)
    return int(given)


# Programs.


@bp.post("/api/v1/projects/<code>/cases")
@access(Access.DESK)
def register(code: str):
    """Register cases that a program sends, all or none."""
    project = desk.entering(code)
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("cases"), list):
        raise BadParameter("Send a JSON object with a list “cases”.", parameter="cases")
    sent.only_known(body, ("cases", "registered_on", "key"))
    cases = [_case_of_json(each, n) for n, each in enumerate(body["cases"], 1)]
    day = _json_day(body.get("registered_on"))
    with writing() as s:
        made = registration.register_cases(
            s, project.code, cases, registered_on=day, by=desk.by(), key=desk.submission_key()
        )
    answer = {
        "codes": list(made.codes), "parcels": made.parcels, "area_m2": plain(made.area_m2), "act": made.act_id,
        "repeated": made.repeated,
    }  # fmt: skip
    return Response(
        json.dumps(answer, ensure_ascii=False), 200 if made.repeated else 201, content_type="application/json"
    )


def _case_of_json(given, n: int) -> NewCase:
    try:
        sent.only_known(given, ("holder", "parcels", "code", "part", "sure"))
        holder = given.get("holder")
        for each, known in (
            (holder or {}, ("kind", *HOLDER_FIELDS)),
            *((one, PARCEL_FIELDS) for one in given["parcels"]),
        ):
            sent.only_known(each, known)
        if holder:
            texts = {name: _text(holder.get(name), name) for name in HOLDER_FIELDS}
            holder = NewHolder(_text(holder.get("kind"), "kind") or "", texts.pop("full_name") or "", **texts)
        return NewCase(
            holder or None,
            tuple(
                NewParcel(
                    _text(parcel.get("unit"), "unit") or "", _text(parcel.get("sheet"), "sheet") or "",
                    _text(parcel.get("number"), "number") or "", _decimal(parcel.get("area_m2"), "area_m2"),
                    _text(parcel.get("land_use"), "land_use"), _decimal(parcel.get("legal_area_m2"), "legal_area_m2"),
                    n,
                )
                for parcel in given["parcels"]
            ),
            _text(given.get("code"), "code"), _text(given.get("part"), "part"), n, given.get("sure") is True,
        )  # fmt: skip
    except (AttributeError, KeyError, TypeError):
        raise BadParameter(
            "Case %(n)s: give “holder” (kind, full_name …) and “parcels” (unit, sheet, number, area_m2 …).",
            parameter="cases", n=n,
        ) from None  # fmt: skip


def _text(value, name: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise BadParameter("“%(name)s” must be a text.", parameter=name, name=name)
    return value


def _decimal(value, name: str) -> Decimal | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise BadParameter("“%(name)s” must be a number.", parameter=name, name=name)
    return None if value is None else Decimal(str(value))


def _json_day(value):
    if value is None:
        return today()
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadParameter(
            "“%(value)s” is not a day: write it as 2022-10-24.", parameter="registered_on", value=str(value)[:40]
        ) from None
