"""`/figures`: reported figures as they come in by form, sheet and document; listed, corrected, withdrawn."""

from secrets import token_urlsafe

from flask import Blueprint, Flask, Response, current_app, flash, redirect, request, send_file, url_for
from flask_babel import get_locale, gettext, lazy_gettext

from gis import catalogue, contradictions, reported
from gis.access import Access
from gis.errors import BadParameter, BadRows, GisError, NotAllowed, Unseen
from gis.new_figures import VALUES
from gis.progress import today
from gis.reported import STATES, WAYS, Kept
from layers.rows import Column, Row
from layers.spec import Wording
from webmap import desk, i18n, parameters
from webmap.auth import access, reader
from webmap.contradictions import RULES
from webmap.errors import user_message
from webmap.exports import as_csv, as_xlsx
from webmap.figures import api, cells, commands, documents, sheet
from webmap.figures.cells import Places
from webmap.ration import costly
from webmap.session import session, writing
from webmap.words import step_name

WAY_NAMES = {
    "form": lazy_gettext("form"),
    "xlsx": lazy_gettext("sheet, as a file or pasted"),
    "document": lazy_gettext("read from a document"),
    "program": lazy_gettext("program"),
    "sample": lazy_gettext("sample"),
}
STATE_NAMES = {
    "current": lazy_gettext("current"),
    "corrected": lazy_gettext("corrected"),
    "withdrawn": lazy_gettext("taken back"),
}
ASKED = ("unit", "project", "indicator", "source", "from", "to", "way", "state", "sort")
SORTS = {
    "source": lambda kept: kept.figure.source_line,
    "indicator": lambda kept: step_name(kept.figure.indicator),
    "about": lambda kept: (kept.unit_name, kept.project_name or ""),
    "period": lambda kept: kept.figure.to_on,
    "entered": lambda kept: (kept.entry is not None, kept.entry.entered_at if kept.entry else kept.figure.id),
    "state": lambda kept: STATES.index(kept.state),
}
PAGE = 100
TYPES = {"area_m2": "number", "of_area_m2": "number", "percent": "number"} | dict.fromkeys(
    (name for name in VALUES if name not in ("area_m2", "of_area_m2", "percent")), "integer"
)

bp = Blueprint("figures", __name__)


def init_app(app: Flask) -> None:
    for part in (bp, sheet.bp, documents.bp, api.bp):
        app.register_blueprint(part)
    app.cli.add_command(commands.figures_group)
    app.jinja_env.globals.update(
        way_name=lambda way: str(WAY_NAMES[way]), figure_state_name=lambda state: str(STATE_NAMES[state]),
        cell_label=cells.label, cell_choice=cells.choice_name,
    )  # fmt: skip


# What there is.


@bp.get("/figures")
@access(Access.DESK)
def show():
    parameters.only(*ASKED, "page")
    found = _asked()
    pages = max(1, -(-len(found) // PAGE))
    page = min(_number("page", 1), pages)
    query = {name: request.args[name] for name in ASKED if request.args.get(name)}
    return desk.page(
        "figures/list.html", listed=found[(page - 1) * PAGE : page * PAGE], found=len(found), page_number=page,
        pages=pages, query=query, shown=request.args, indicators=_indicators(), ways=WAY_NAMES, states=STATE_NAMES,
        units=cells.units(), projects=catalogue.projects_by_name(session()), may_enter=_may_enter_any(),
    )  # fmt: skip


@bp.get("/figures/figures.<any(csv, xlsx, json):form>")
@access(Access.DESK)
@costly
def download(form: str):
    """Give the figures that are asked for as a file."""
    parameters.only(*ASKED)
    found = _asked()
    if form == "json":
        return current_app.json.response({"figures": [api.as_json(kept) for kept in found]})
    columns = [Column(name, Wording(str(title), str(title)), kind) for name, title, kind in _columns()]
    rows = [Row(kept.figure.figure, _line(kept, form)) for kept in found]
    if form == "csv":
        response = Response(as_csv(columns, rows), content_type="text/csv; charset=utf-8")
    else:
        names = {"about": gettext("About"), "total": gettext("Total"), "yes": gettext("yes"), "no": gettext("no")}
        book = as_xlsx(
            columns, rows, language=str(get_locale()), title=gettext("Reported figures"), found=len(rows), sums={},
            about=[(gettext("Day"), i18n.day(today()))], words=names,
        )  # fmt: skip
        response = send_file(
            book, mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", max_age=0
        )
    response.headers["Content-Disposition"] = f'attachment; filename="figures.{form}"'
    response.cache_control.no_store = True
    return response


@bp.get("/figures/<figure>")
@access(Access.DESK)
def one(figure: str):
    parameters.only()
    return _one_page(reported.get(session(), figure))


def _one_page(kept: Kept, error: GisError | None = None) -> Response:
    figure, places = kept.figure, Places.here()
    return desk.page(
        "figures/one.html", None, error, kept=kept, around=reported.surroundings(session(), kept),
        history=reported.history(session(), kept), rules=RULES, key=request.form.get("key") or token_urlsafe(),
        contradicting=contradictions.of_figure(session(), figure.figure),
        may_change=kept.state == "current" and places.may_enter(kept.unit, kept.project),
        reason=request.form.get("reason", ""), values=VALUES,
    )  # fmt: skip


def _columns() -> list[tuple[str, object, str]]:
    about = ("unit", "project", "indicator", "basis", "from_on", "to_on", "holder")
    kinds = {"from_on": "day", "to_on": "day"}
    return [
        ("figure", gettext("Figure"), "text"), ("source", gettext("Source"), "text"),
        *((name, cells.label(name), kinds.get(name, "text")) for name in about),
        *((name, cells.label(name), TYPES[name]) for name in VALUES),
        *((name, cells.label(name), "text") for name in ("part_of", "restriction", "note", "quote")),
        ("way", gettext("Came in by"), "text"), ("state", gettext("State"), "text"),
        ("reason", gettext("Reason"), "text"), ("replaced_by", gettext("Corrected by"), "text"),
    ]  # fmt: skip


def _line(kept: Kept, form: str) -> tuple:
    """Give a line of a file: keys in CSV, names in XLSX."""
    told = api.as_json(kept) | {"from_on": kept.figure.from_on, "to_on": kept.figure.to_on}
    told |= {name: getattr(kept.figure, name) for name in VALUES}
    if form == "xlsx":
        told |= {"unit": kept.unit_name, "project": kept.project_name, "way": str(WAY_NAMES[kept.way]),
                 "state": str(STATE_NAMES[kept.state])}  # fmt: skip
        told |= {name: cells.choice_name(name, told[name]) for name in ("indicator", "basis", "holder")
                 if told[name] in cells.CHOICES[name]}  # fmt: skip
    return tuple(told[name] for name, _, _ in _columns())


def _asked() -> list[Kept]:
    for name, choices in (("way", (*WAYS, "sample")), ("state", (*STATES, "all"))):
        value = parameters.text(name)
        if value and value not in choices:
            raise BadParameter(
                "“%(value)s” is none of %(choices)s.", parameter=name, value=value, choices=", ".join(choices)
            )  # fmt: skip
    sort = parameters.text("sort") or ""
    if sort.removeprefix("-") not in ("", *SORTS):
        raise BadParameter(
            "“%(value)s” is none of %(choices)s.", parameter="sort", value=sort, choices=", ".join(SORTS)
        )
    state = parameters.text("state") or "current"
    found = reported.listed(
        session(), unit=parameters.text("unit"), project=parameters.text("project"),
        indicator=parameters.text("indicator"), source=parameters.text("source"), way=parameters.text("way"),
        state=None if state == "all" else state, since=parameters.day("from"), upto=parameters.day("to"),
    )  # fmt: skip
    return sorted(found, key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-")) if sort else found


def _number(name: str, usual: int) -> int:
    text = request.args.get(name) or str(usual)
    if not (text.isascii() and text.isdecimal() and int(text[:9]) > 0):
        raise BadParameter("“%(value)s” is not a whole number above 0.", parameter=name, value=text[:40])
    return int(text[:9])


def _indicators() -> list[tuple[str, str]]:
    return [(key, step_name(key)) for key in cells.CHOICES["indicator"]]


# Entered by form, corrected, withdrawn.


def _may_enter_any() -> bool:
    return bool(reader().record_ids) or Places.here().any_hers()


@bp.get("/figures/new")
@access(Access.DESK)
def blank():
    """Show an empty form, or with `corrects` the form that corrects a figure."""
    parameters.only("corrects")
    places, name = cells.keeping(), parameters.text("corrects")
    typed = {"basis": "period", "unit": places.usual}
    if name:
        kept = reported.get(session(), name)
        _require(places, kept)
        typed = cells.as_typed(reported.as_new(session(), kept))
    return _form_page(places, typed, corrects=name)


@bp.post("/figures/new")
@access(Access.DESK)
def enter():
    """Enter a figure, or (with `corrects`) one in place of another."""
    places, name = cells.keeping(), parameters.text("corrects", request.form)
    if name:
        _require(places, reported.get(session(), name))
    row = cells.read(request.form, places)
    error, to_see = None, ()
    cells.check_all([row], places)
    if not row.problems:
        try:
            with writing() as s:
                sent = {"by": desk.by(), "key": desk.submission_key(), "seen": "seen" in request.form}
                if name:
                    done = reported.correct(s, name, row.figure, reason=request.form.get("reason", ""), **sent)
                    made = done.result["figure"]
                else:
                    (made,) = reported.enter(
                        s, [row.figure], way="form", **sent
                    ).result["figures"]  # fmt: skip
        except Unseen as asked:
            to_see = asked.problems
        except BadRows as refused:
            cells.check([row], refused.problems, places)
        except GisError as refused:
            error = refused
        else:
            flash(gettext("It is recorded."))
            return redirect(url_for("figures.one", figure=made))
    return _form_page(places, row.typed, row.problems, error, corrects=name, to_see=to_see)


@bp.post("/figures/<figure>/withdraw")
@access(Access.DESK)
def withdraw(figure: str):
    places = cells.keeping()
    kept = reported.get(session(), figure)
    _require(places, kept)
    try:
        with writing() as s:
            reported.withdraw(
                s, figure, reason=request.form.get("reason", ""), by=desk.by(), key=desk.submission_key()
            )  # fmt: skip
    except GisError as error:
        return _one_page(kept, error)
    flash(gettext("It is withdrawn. It stays readable, and counts no more."))
    return redirect(url_for("figures.one", figure=figure))


def _require(places: Places, kept: Kept) -> None:
    if not places.may_enter(kept.unit, kept.project):
        raise NotAllowed("This record is not yours to change.")


def _form_page(
    places: Places, typed, problems=None, error: GisError | None = None, corrects=None, to_see=()
) -> Response:
    response = desk.page(
        "figures/form.html", None, error, typed=typed, corrects=corrects, choices=cells.choices(places),
        problems={name: user_message(problem) for name, problem in (problems or {}).items()}, values=VALUES,
        key=request.form.get("key") or token_urlsafe(), needed=cells.NEEDED,
        to_see=[(cells.label(each.field), user_message(each.error)) for each in to_see],
        reason=request.form.get("reason", ""),
    )  # fmt: skip
    if problems or to_see:
        response.status_code = 422
    return response
