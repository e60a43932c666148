"""One act upon many cases: chosen, filled in, looked at, recorded, taken back."""

from flask import Blueprint, Flask, Response, flash, redirect, request, url_for
from flask_babel import gettext

from gis import casefile, record, recording, whose
from gis.access import Access
from gis.errors import AgainstRules, GisError, NotFound
from gis.progress import today
from gis.record import CASE_KINDS
from webmap import desk, kept_forms, parameters, reads
from webmap.auth import access
from webmap.desk import acts_api, landlist
from webmap.desk.sheet import Sheet, read
from webmap.errors import finding_as_json, user_message
from webmap.session import session, writing

bp = Blueprint("acts", __name__, url_prefix="/desk/projects/<code>/acts")
MOST_BYTES = 8 * 1024 * 1024
"""Of one form: a row of a case takes some hundred."""


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.register_blueprint(acts_api.bp)


@bp.url_value_preprocessor
@acts_api.bp.url_value_preprocessor
def take_large_forms(_endpoint, _values) -> None:
    """Let 2,000 rows through; before anything reads the form."""
    request.max_content_length = request.max_form_memory_size = MOST_BYTES
    request.max_form_parts = 100_000


@bp.route("/new", methods=["GET", "POST"])
@access(Access.DESK)
def new(code: str):
    """Record one act: choose what happened, fill in, look at it, record it."""
    if request.method == "GET":
        parameters.only("case", "kind", many=("case",))
        project, given = desk.here(code), request.args
    else:
        project, given = desk.recording(code), request.form
        if given.get("do") != "record" and (led := kept_forms.by_get()):
            return led
    if not project.may_record:
        return desk.page("desk/act_kinds.html", project)
    try:
        sheet = read(project.code, given, session())
    except GisError as error:
        kept = given.to_dict(flat=True)
        codes = [*given.getlist("case"), *(line.split("\t")[0] for line in given.get("rows", "").splitlines())]
        lines = "\n".join([*dict.fromkeys(codes), *given.get("paste", "").splitlines()])
        return desk.page("desk/act_kinds.html", project, error, kept=kept, lines=lines, all_kinds=CASE_KINDS)
    do = given.get("do")
    if sheet.lost and do in ("preview", "record"):  # nothing is recorded of the others without a word
        return _fill_in(project, sheet, sheet.paste_error)
    if sheet.paste_error and not sheet.kind:
        return desk.page("desk/act_kinds.html", project, sheet.paste_error, kept=given.to_dict(flat=True),
                         lines=sheet.paste, all_kinds=CASE_KINDS)  # fmt: skip
    if sheet.paste_error:
        return _fill_in(project, sheet, sheet.paste_error)
    if not sheet.kind or do == "kinds":
        return _choose(project, sheet)
    if do == "record":
        return _record(project, sheet)
    return _look(project, sheet, kept_forms.was_said()) if do == "preview" else _fill_in(project, sheet)


def _choose(project: desk.Here, sheet: Sheet) -> Response:
    """Show the kinds of act, those first that the cases could have next."""
    counts = recording.offers(session(), project.code, sheet.codes, today()) if sheet.rows else {}
    return desk.page(
        "desk/act_kinds.html", project, offers=counts, sheet=sheet, kept={}, lines="\n".join(sheet.codes),
        all_kinds=CASE_KINDS,
    )  # fmt: skip


def _fill_in(project: desk.Here, sheet: Sheet, error: GisError | None = None) -> Response:
    """Show the form of the act; rows that are gone from it are told, whatever else is."""
    if sheet.lost:
        gone = recording.rows_gone(session(), project.code, sheet.kind, sheet.lost)
        if error:
            sheet.told.append(user_message(gone))
        error = error or gone
    _note_names(project, sheet.codes)
    steps = [kind for kind in CASE_KINDS if kind != recording.NOT_APPLICABLE]
    return desk.page(
        "desk/act_form.html", project, error, sheet=sheet, steps=steps,
        offers=landlist.offers,
    )  # fmt: skip


def _look(project: desk.Here, sheet: Sheet, error: GisError | None = None) -> Response:
    """Show what would be recorded, and what the rules say to it."""
    try:
        seen = recording.preview(session(), sheet.act(), sheet.shares(), imported=sheet.imported)
    except GisError as wrong:
        return _fill_in(project, sheet, wrong)
    found = [finding_as_json(finding) for finding in seen.findings]
    _note_names(project, sheet.codes)
    return desk.page(
        "desk/act_preview.html", project, error, sheet=sheet, seen=seen, found=found,
        rows={row.case: row for row in sheet.rows},
    )  # fmt: skip


def _note_names(project: desk.Here, codes: list[str]) -> None:
    """Note in the log of reads whose names and amounts a page of an act shows."""
    if project.may_see_personal and codes:
        reads.log_personal(project.id, codes, "act")


def _record(project: desk.Here, sheet: Sheet) -> Response:
    reasons = {rule: reason for rule, reason in sheet.reasons.items() if rule in sheet.confirmed}
    try:
        act, shares = sheet.act(), sheet.shares()
        with writing() as found:
            made = recording.record_checked(
                found, act, shares, by=desk.by(), key=sheet.key, confirmed=reasons, imported=sheet.imported
            )
    except AgainstRules as error:
        return kept_forms.by_get_as(error, do="preview") or _look(project, sheet, error)
    except GisError as error:
        return _fill_in(project, sheet, error)
    flash(
        gettext("This was recorded before, as act %(number)s: nothing was recorded twice.", number=made.act_id)
        if made.repeated
        else gettext("Recorded as act %(number)s.", number=made.act_id)
    )
    return redirect(url_for("acts.show", code=project.code, number=made.act_id))


@bp.get("/<int:number>")
@access(Access.DESK)
def show(code: str, number: int):
    """Show an act as it was recorded, and what became of it."""
    parameters.only()
    return _shown(desk.here(code), number)


def _shown(project: desk.Here, number: int, error: GisError | None = None) -> Response:
    found = casefile.act_file(session(), number, project.id, personal=project.may_see_personal)
    if project.may_see_personal:
        reads.log_personal(project.id, sorted({entry.case for entry in found.entries if entry.case}), "act")
    codes = sorted({entry.case for entry in found.entries if entry.case})
    named = whose.cases(session(), project.id, codes).all if project.may_see_personal and codes else {}
    return desk.page(
        "desk/act.html", project, error, act=found, cases=len({e.case for e in found.entries if e.case}), named=named,
        key=f"undo {number}", reason=request.form.get("reason", ""),
    )  # fmt: skip


@bp.post("/<int:number>/undo")
@access(Access.DESK)
def undo(code: str, number: int):
    """Void all events of an act."""
    project = desk.recording(code)
    if recording.project_of_act(session(), number) != project.id:
        raise NotFound("There is no act %(id)s.", parameter="act", id=number)
    try:
        with writing() as found:
            made = record.undo(
                found, number, reason=request.form.get("reason", ""), by=desk.by(), key=desk.submission_key()
            )
    except GisError as error:
        return _shown(project, number, error)
    flash(gettext("Act %(number)s is undone: %(count)s events are voided.", number=number, count=len(made.event_ids)))
    return redirect(url_for("acts.show", code=project.code, number=number))
