"""Registers of a project: lists, forms, what to do where somebody else was faster, history, and files to take away."""

from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from flask import Blueprint, Flask, Response, flash, redirect, request, send_file, url_for
from flask_babel import get_locale, gettext, lazy_gettext

from gis import audit, registers
from gis.access import Access
from gis.errors import BadParameter, Conflict, GisError, NotAllowed, NotFound
from gis.register_table import REGISTERS, Field, Kind, Register
from gis.registers import Entry
from layers.rows import Column, Row
from layers.spec import Wording
from webmap import desk, i18n, parameters, unit_choices, words
from webmap.auth import access
from webmap.desk import beginning, fields, registers_api
from webmap.errors import user_message
from webmap.exports import as_csv, as_xlsx
from webmap.ration import costly
from webmap.reads import log_export, log_personal
from webmap.session import session, writing

bp = Blueprint("desk_registers", __name__, url_prefix="/desk/projects/<code>/registers")
TAB = desk.Tab("desk_registers.show", lazy_gettext("Registers"))
SHOWN = ("obstacle", "petition", "site", "plot")
"""On the page of this area; the others stand on the project's own page."""
KINDS = {Kind.DAY: "day", Kind.WHOLE: "integer", Kind.MONEY: "integer"} | dict.fromkeys(
    (Kind.AREA, Kind.NUMBER, Kind.PERCENT), "number"
)
"""Kinds of columns in files, where they are not texts."""
FEW, PAGE = 10, 200
"""Entries of a register on the pages of a project, and on one page of its own list."""


@dataclass(frozen=True)
class Section:
    """A register as a page lists it."""

    register: Register
    entries: list[Entry]
    found: int
    """Of which the entries are some."""

    @property
    def columns(self) -> list[Field]:
        """The fields that any entry has, in order."""
        used = {name for one in self.entries for name, value in one.values.items() if value is not None}
        return [one for one in self.register.fields if one.name in used or not self.entries]


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_blueprint(registers_api.bp)
    app.jinja_env.globals.update(
        shown_value=fields.show, inputs_of=fields.inputs, choice_name=words.choice_name,
        word=lambda text: gettext(text) if text else "", NUMBERS=frozenset(kind for kind in KINDS if kind != Kind.DAY),
    )  # fmt: skip


@bp.get("")
@access(Access.DESK)
def show(code: str):
    """Show the registers of a project that are not about the project itself."""
    parameters.only()
    project = desk.here(code)
    return desk.page(
        "desk/registers.html", project, sections=sections(project, SHOWN),
        supply=registers.supply(session(), project.id),
    )  # fmt: skip


def sections(project: desk.Here, names: tuple[str, ...]) -> list[Section]:
    """Give registers of a project, those that this reader may have."""
    found = [REGISTERS[name] for name in names if not REGISTERS[name].personal or project.may_see_personal]
    made = []
    for register in found:
        there = entries(register, project)
        made.append(Section(register, there[:FEW], len(there)))
    if any(section.register.personal and section.entries for section in made):
        log_personal(project.id, what="registers")
    return made


def entries(register: Register, project: desk.Here, **asked) -> list[Entry]:
    """Give the entries of a register as this reader may have them."""
    return registers.entries(session(), register.name, project.id, personal=project.may_see_personal, **asked)


@bp.get("/<register>")
@access(Access.DESK)
def listed(code: str, register: str):
    """List a register: searched, narrowed, sorted."""
    project, held = _held(code, register)
    found = entries(held, project, **_asked(held, "page"))
    pages = max(1, -(-len(found) // PAGE))
    page = min(_number("page", 1), pages)
    if held.personal and found:
        log_personal(project.id, what=f"registers/{held.name}")
    section = Section(held, found[(page - 1) * PAGE : page * PAGE], len(found))
    return desk.page(
        "desk/register.html", project, section=section, choices=_choices(held), shown=request.args, page=page,
        pages=pages, sorted_by=request.args.get("sort") or held.sort,
    )  # fmt: skip


@bp.get("/<register>.<any(csv, xlsx):form>")
@access(Access.DESK)
@costly
def download(code: str, register: str, form: str):
    """Give a register as a file, as it is searched, narrowed and sorted."""
    project, held = _held(code, register)
    found = entries(held, project, **_asked(held))
    log_export(f"registers/{held.name}.{form}", project.id, len(found))
    if held.personal and found:
        log_personal(project.id, what=f"registers/{held.name}.{form}")
    columns, rows = _columns(held), [_row(held, one, form) for one in found]
    if form == "csv":
        response = Response(as_csv(columns, rows), content_type="text/csv; charset=utf-8")
    else:
        title = gettext(held.title)
        about = [(gettext("Project"), project.name), (gettext("Day"), i18n.day(date.today()))]
        names = {"about": gettext("About"), "total": gettext("Total"), "yes": gettext("yes"), "no": gettext("no")}
        book = as_xlsx(
            columns, rows, language=str(get_locale()), title=title, found=len(rows), sums={}, about=about, words=names
        )
        response = send_file(
            book, mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", max_age=0
        )
    response.headers["Content-Disposition"] = f'attachment; filename="{project.code}-{held.name}.{form}"'
    response.cache_control.no_store = True
    return response


@bp.get("/<register>/new")
@access(Access.DESK)
def blank(code: str, register: str):
    """Show an empty form; a register that belongs to another entry may be told which (`site`)."""
    _held(code, register)
    return form(desk.recording(code), _entered(register), typed=dict(request.args))


@bp.post("/<register>/new")
@access(Access.DESK)
def enter(code: str, register: str):
    """Enter something."""
    _held(code, register)
    project, held = desk.recording(code), _entered(register)
    filled = fields.read_form(held)
    error = None
    if not filled.problems:
        try:
            with writing() as done:
                registers.enter(
                    done, held.name, project.id, filled.values, by=desk.by(), key=desk.submission_key()
                )  # fmt: skip
            flash(gettext("It is recorded."))
            return redirect(_back(project, held))
        except GisError as caught:
            error = caught
    return form(project, held, typed=filled.texts, problems=filled.problems, error=error)


@bp.get("/<register>/<int:number>")
@access(Access.DESK)
def one(code: str, register: str, number: int):
    """Show an entry: its form for who may change it, its values for others, and its history."""
    project, held = _held(code, register, itself=True)
    found = _one(project, held, number)
    if held.personal:
        log_personal(project.id, what=f"registers/{held.name}")
    return _entry_page(project, held, found, fields.as_typed(held, found.values))


@bp.post("/<register>/<int:number>")
@access(Access.DESK)
def amend(code: str, register: str, number: int):
    """Change an entry; where somebody else was faster, show both versions side by side."""
    _held(code, register, itself=True)
    project, held = desk.recording(code), _entered(register)
    found = _one(project, held, number)
    filled = fields.read_form(held, changing=True)
    typed = fields.as_typed(held, found.values) | filled.texts
    if filled.problems:
        return _entry_page(project, held, found, typed, problems=filled.problems)
    try:
        if held.name == "project" and "reporting_unit" in filled.values:
            beginning.require(filled.values["reporting_unit"])
        with writing() as done:
            registers.amend(
                done, held.name, number, filled.values, expected_version=_version(), by=desk.by()
            )  # fmt: skip
    except Conflict as error:
        if error.versions:
            return _side_by_side(project, held, number, filled, error)
        return _entry_page(project, held, found, typed, error=error)
    except GisError as error:
        return _entry_page(project, held, found, typed, error=error)
    flash(gettext("It is changed."))
    return redirect(_back(project, held))


@bp.post("/<register>/<int:number>/cancel")
@access(Access.DESK)
def cancel(code: str, register: str, number: int):
    """Cancel an entry."""
    _held(code, register, itself=True)
    project, held = desk.recording(code), _entered(register)
    found = _one(project, held, number)
    try:
        with writing() as done:
            registers.cancel(
                done, held.name, number, reason=request.form.get("reason", ""), expected_version=_version(),
                by=desk.by(), key=desk.submission_key(),
            )  # fmt: skip
    except GisError as error:
        return _entry_page(project, held, found, fields.as_typed(held, found.values), error=error)
    flash(gettext("It is cancelled. It stays readable among the cancelled ones."))
    return redirect(_back(project, held))


def form(
    project: desk.Here | None,
    held: Register,
    *,
    typed: dict,
    problems: dict[str, str] | None = None,
    error: GisError | None = None,
    options: dict | None = None,
) -> Response:
    """Show the form of a new entry, with what was typed and what is wrong beside its field."""
    offered = _offered(held, project) | (options or {})
    return _status(
        desk.page(
            "desk/register_form.html", project, _whole(held, error), register=held, typed=typed, found=None,
            problems=_beside(held, problems, error), options=offered, key=request.form.get("key") or uuid4().hex,
            form_fields=fields.of_form(held, changing=False), changing=False,
        ),
        problems, error,
    )  # fmt: skip


def _offered(held: Register, project: desk.Here | None) -> dict:
    """Give what references can point to: units in groups, those of the project first."""
    found = registers.options(session(), held.name, project and project.id)
    units = [one.name for one in held.fields if one.kind == Kind.UNIT]
    offered = units and (unit_choices.of_project(project.id) if project else unit_choices.of_reader())
    return found | dict.fromkeys(units, offered)


def _entry_page(
    project: desk.Here, held: Register, found: Entry, typed: dict, *, problems=None, error: GisError | None = None
) -> Response:
    was = fields.as_typed(held, found.values)
    if request.method == "POST":  # what the form showed when it was opened, not what is there by now
        was |= {name: request.form[f"was.{name}"] for name in was if f"was.{name}" in request.form}
    version = request.form.get("version") or found.version
    page = desk.page(
        "desk/register_form.html", project, _whole(held, error), register=held, found=found, typed=typed, was=was,
        version=version, problems=_beside(held, problems, error), key=uuid4().hex, changing=True,
        options=_offered(held, project), history=_history(held, found),
        form_fields=fields.of_form(held, changing=True), reason=request.form.get("reason", ""),
    )  # fmt: skip
    return _status(page, problems, error)


def _side_by_side(
    project: desk.Here, held: Register, number: int, filled: fields.Filled, error: Conflict
) -> Response:  # fmt: skip
    with writing() as fresh:  # the page's own session may rest on a moment before the other's change
        now = registers.entry(fresh, held.name, number)
        offered = registers.options(fresh, held.name, project.id)
    names = {name: {key: label for key, label, _ in rows} for name, rows in offered.items()}
    theirs, typed = fields.as_typed(held, now.values), fields.as_typed(held, now.values)
    lines = []
    for one in fields.of_form(held, changing=True):
        shown = fields.show(held, one, now.values[one.name], now.names)
        yours, mine = shown, one.name in filled.values
        if mine:
            typed |= {name: filled.texts[name] for name in fields.inputs(one)}
            value = filled.values[one.name]
            yours = names.get(one.name, {}).get(str(value)) or fields.show(held, one, value)
        changed = any(theirs[name] != request.form.get(f"was.{name}", theirs[name]) for name in fields.inputs(one))
        lines.append(
            {"field": one, "theirs": shown, "yours": yours, "differ": mine and shown != yours, "changed": changed}
        )
    return desk.page(
        "desk/register_conflict.html", project, error, register=held, number=number, lines=lines, typed=typed,
        was=theirs, version=now.version,
    )  # fmt: skip


def _history(held: Register, found: Entry) -> list[dict]:
    """Tell who changed what, field by field, newest first."""
    told = []
    for entry in reversed(audit.history(session(), held.entity, found.id)):
        before, after = entry.before or {}, entry.after or {}
        changes = [
            {"label": gettext(one.label), "before": _told(held, one, before), "after": _told(held, one, after)}
            for one in held.fields
            if one.name in before or one.name in after
        ]
        about = {"who": entry.who, "at": entry.at, "act": entry.act, "reason": after.get("reason")}
        told.append(about | {"changes": changes})
    return told


def _told(held: Register, one: Field, values: dict) -> str:
    value = values.get(one.name)
    try:
        return fields.show(held, one, registers.from_log(one, value))
    except (KeyError, ValueError, ArithmeticError):  # written under an older table of fields
        return str(value)


def _held(code: str, name: str, *, itself: bool = False) -> tuple[desk.Here, Register]:
    """Give the project and a register of it that this reader may have; with `itself`, the project's own entry too."""
    project, held = desk.here(code), _entered(name)
    if held.name == "project" and not itself:
        raise NotFound("There is no register “%(value)s”.", parameter="register", value=name)
    if held.personal and not project.may_see_personal:
        raise NotAllowed("These entries name people: they are for readers of the project's personal data.")
    return project, held


def _entered(name: str) -> Register:
    held = registers.named(name)
    if not held.entered:
        raise NotFound("There is no register “%(value)s”.", parameter="register", value=name)
    return held


def _one(project: desk.Here, held: Register, number: int) -> Entry:
    found = registers.entry(session(), held.name, number, personal=project.may_see_personal)
    if found.project_id != project.id:  # exactly as one that is not there
        raise NotFound(
            "There is no such record: %(entity)s %(id)s.", parameter="id", entity=held.name, id=number
        )  # fmt: skip
    return found


def _version() -> int:
    text = request.form.get("version", "")
    if not text.isdecimal() or len(text) > 9:
        raise BadParameter("Say which version your changes rest on.", parameter="version")
    return int(text)


def _number(name: str, usual: int) -> int:
    text = request.args.get(name) or str(usual)
    if not (text.isascii() and text.isdecimal() and int(text[:9]) > 0):
        raise BadParameter("“%(value)s” is not a whole number above 0.", parameter=name, value=text[:40])
    return int(text[:9])


def _asked(held: Register, *more: str) -> dict:
    choices = _choices(held)
    parameters.only("q", "sort", "cancelled", *choices, *more)
    given = {name: parameters.text(name) for name in choices}
    return {
        "words": parameters.text("q"), "sort": parameters.text("sort"),
        "cancelled": request.args.get("cancelled") == "yes",
        "choices": {name: value for name, value in given.items() if value},
    }  # fmt: skip


def _choices(held: Register) -> dict[str, Field]:
    return {one.name: one for one in held.fields if one.kind == Kind.CHOICE}


def _columns(held: Register) -> list[Column]:
    made = []
    for one in held.fields:
        title = gettext(one.label)
        for axis, name in zip(("X", "Y"), fields.inputs(one), strict=False):
            label = f"{title} {axis}" if one.kind == Kind.POINT else title
            kind = "number" if one.kind == Kind.POINT else KINDS.get(one.kind, "text")
            made.append(Column(name, Wording(label, label), kind))
    cancelled = gettext("Cancelled, because")
    return [*made, Column("cancelled", Wording(cancelled, cancelled), "text")]


def _row(held: Register, entry: Entry, form: str) -> Row:
    """Give a line of a file: keys in CSV, names in XLSX."""
    values = []
    for one in held.fields:
        value = entry.values[one.name]
        if one.kind == Kind.POINT:
            values += value or (None, None)
        elif form == "csv" or one.kind in KINDS or value is None:
            values.append(value)
        else:
            values.append(fields.show(held, one, value, entry.names))
    return Row(str(entry.id), (*values, entry.cancel_reason))


def _beside(held: Register, problems: dict[str, str] | None, error: GisError | None) -> dict[str, str]:
    """Give what is wrong by field."""
    at_fault = {error.parameter: user_message(error)} if error and error.parameter in held.by_name else {}
    return at_fault | (problems or {})


def _whole(held: Register, error: GisError | None) -> GisError | None:
    """Give an error that is not about one field: those stand beside it."""
    return error if error and error.parameter not in held.by_name else None


def _status(page: Response, problems, error: GisError | None) -> Response:
    if page.status_code == 200 and (problems or error):
        page.status_code = desk.STATUS[type(error)] if error else 400
    return page


def _back(project: desk.Here, held: Register) -> str:
    if held.name == "project":
        return url_for("desk_project.show", code=project.code)
    return url_for("desk_registers.listed", code=project.code, register=held.name)
