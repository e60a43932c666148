"""Registers for programs: JSON in and out, by the same functions as the pages."""

from flask import Blueprint, current_app, request

from gis import registers
from gis.access import Access
from gis.errors import BadParameter, NotAllowed, NotFound
from gis.register_table import Kind, Register
from gis.registers import Entry
from webmap import desk, parameters
from webmap.auth import access, reader
from webmap.desk import beginning, fields
from webmap.reads import log_personal
from webmap.session import session, writing

bp = Blueprint("registers_api", __name__, url_prefix="/api/v1")


@bp.post("/projects")
@access(Access.DESK)
def begin():
    """Begin a project."""
    register = registers.named("project")
    values = fields.read_json(register)
    beginning.require(values.get("reporting_unit"))
    with writing() as done:
        made = registers.enter(done, "project", None, values, by=desk.by(), key=desk.submission_key())
        return _answer(register, registers.entry(done, "project", made.id), 200 if made.repeated else 201)


@bp.get("/projects/<code>/registers/<register>")
@access(Access.DESK)
def listed(code: str, register: str):
    """List a register: `q`, `sort`, `cancelled=yes`, and a parameter for each field of kind choice."""
    project, held = desk.here(code), _of_project(register)
    _require_personal(held, project.may_see_personal)
    choices = [one.name for one in held.fields if one.kind == Kind.CHOICE]
    parameters.only("q", "sort", "cancelled", *choices)
    given = {name: parameters.text(name) for name in choices}
    found = registers.entries(
        session(), held.name, project.id, words=parameters.text("q"), sort=parameters.text("sort"),
        cancelled=parameters.text("cancelled") == "yes", personal=project.may_see_personal,
        choices={name: value for name, value in given.items() if value},
    )  # fmt: skip
    _log(held, project.id, bool(found))
    return current_app.json.response({held.name: [fields.as_json(held, one) for one in found]})


@bp.post("/projects/<code>/registers/<register>")
@access(Access.DESK)
def enter(code: str, register: str):
    """Enter something."""
    desk.here(code)
    project, held = desk.recording(code), _of_project(register)
    _require_personal(held, project.may_see_personal)
    values = fields.read_json(held)
    with writing() as done:
        made = registers.enter(done, held.name, project.id, values, by=desk.by(), key=desk.submission_key())
        return _answer(held, registers.entry(done, held.name, made.id), 200 if made.repeated else 201)


@bp.get("/registers/<register>/<int:number>")
@access(Access.DESK)
def one(register: str, number: int):
    """Give one entry; its version is its ETag too."""
    parameters.only()
    held, found = _found(register, number)
    _log(held, found.project_id, True)
    return _answer(held, found)


@bp.patch("/registers/<register>/<int:number>")
@access(Access.DESK)
def amend(register: str, number: int):
    """Change fields of an entry: `If-Match` or `version` says which version the changes rest on."""
    held, found = _found(register, number)
    _require_recording(found)
    changes = fields.read_json(held)
    if held.name == "project" and "reporting_unit" in changes:
        beginning.require(changes["reporting_unit"])
    with writing() as done:
        registers.amend(done, held.name, number, changes, expected_version=_version(), by=desk.by())
        return _answer(held, registers.entry(done, held.name, number))


@bp.post("/registers/<register>/<int:number>/cancel")
@access(Access.DESK)
def cancel(register: str, number: int):
    """Cancel an entry, with a `reason`."""
    held, found = _found(register, number)
    _require_recording(found)
    reason = fields.body_of_json().get("reason")
    if not isinstance(reason, str | None):
        raise BadParameter("“%(name)s” must be a text.", parameter="reason", name="reason")
    with writing() as done:
        registers.cancel(
            done, held.name, number, reason=reason, expected_version=_version(), by=desk.by(),
            key=desk.submission_key(),
        )  # fmt: skip
        return _answer(held, registers.entry(done, held.name, number))


def _of_project(name: str) -> Register:
    held = registers.named(name)
    if not held.entered or held.name == "project":
        raise NotFound("There is no register “%(value)s”.", parameter="register", value=name)
    return held


def _found(name: str, number: int) -> tuple[Register, Entry]:
    """Give an entry of a project that this reader may have; else it is as one that is not there."""
    held = registers.named(name)
    found = registers.entry(session(), name, number, personal=True)
    if not held.entered or found.project_id is None:
        raise NotFound("There is no such record: %(entity)s %(id)s.", parameter="id", entity=name, id=number)
    if reader().may_see_personal(found.project_id):
        return held, found
    return held, registers.entry(session(), name, number, personal=False)


def _require_personal(held: Register, may_see: bool) -> None:
    if held.personal and not may_see:
        raise NotAllowed("These entries name people: they are for readers of the project's personal data.")


def _require_recording(found: Entry) -> None:
    if not reader().may_record(found.project_id):
        raise NotAllowed("This record is not yours to change.")


def _version() -> int:
    given = request.headers.get("If-Match", "").strip('W/"') or fields.body_of_json().get("version")
    if isinstance(given, str) and given.isdecimal() and len(given) < 10:
        given = int(given)
    if not isinstance(given, int) or isinstance(given, bool):
        raise BadParameter("Say which version your changes rest on.", parameter="version")
    return given


def _log(held: Register, project_id: int, any_shown: bool) -> None:
    if held.personal and any_shown:
        log_personal(project_id, what=f"registers/{held.name}")


def _answer(held: Register, found: Entry, status: int = 200):
    response = current_app.json.response(fields.as_json(held, found))
    response.status_code = status
    response.headers["ETag"] = f'"{found.version}"'
    response.headers["Cache-Control"] = "no-store"
    return response
