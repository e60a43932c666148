"""A project's own page: its facts, parts, targets, key years and funding; and the beginning of a new one."""

from flask import Blueprint, Flask, flash, redirect, request, url_for
from flask_babel import gettext, lazy_gettext

from gis import registers
from gis.access import Access
from gis.errors import GisError
from gis.register_table import REGISTERS
from webmap import desk, parameters, unit_choices
from webmap.auth import access, reader
from webmap.desk import beginning, fields
from webmap.desk import registers as pages
from webmap.session import session, writing

bp = Blueprint("desk_project", __name__, url_prefix="/desk/projects")
TAB = desk.Tab("desk_project.show", lazy_gettext("Project"))
SHOWN = ("part", "target", "key_designation", "funding")


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.jinja_env.globals.update(may_begin_projects=lambda: bool(beginning.units()))


@bp.get("/<code>")
@access(Access.DESK)
def show(code: str):
    """Show what stands about a project."""
    parameters.only()
    project = desk.here(code)
    register = REGISTERS["project"]
    return desk.page(
        "desk/project.html", project, register=register, found=registers.entry(session(), "project", project.id),
        sections=pages.sections(project, SHOWN), may_keep=reader().may_record(project.id),
    )  # fmt: skip


@bp.get("/new")
@access(Access.DESK)
def blank():
    """Show the form of a new project."""
    parameters.only()
    beginning.require(None)
    return _form({})


@bp.post("/new")
@access(Access.DESK)
def begin():
    """Begin a project."""
    beginning.require(None)
    filled = fields.read_form(REGISTERS["project"])
    error = None
    if not filled.problems:
        try:
            beginning.require(filled.values["reporting_unit"])
            with writing() as done:
                made = registers.enter(
                    done, "project", None, filled.values, by=desk.by(), key=desk.submission_key()
                )  # fmt: skip
                code = registers.entry(done, "project", made.id).values["code"]
            flash(gettext("The project is begun. Set its outline, enter its cases and its targets next."))
            return redirect(url_for("desk_project.show", code=code))
        except GisError as caught:
            error = caught
    return _form(filled.texts, problems=filled.problems, error=error)


def _form(typed: dict, **wrong):
    inside = unit_choices.of_reader(lambda unit: not unit.ended).only(beginning.units())
    typed = {"reporting_unit": inside.usual} | typed | dict(request.args)
    return pages.form(None, REGISTERS["project"], typed=typed, options={"reporting_unit": inside}, **wrong)
