"""Putting right what was entered wrong: a case, land of no holder or a project cancelled, reinstated, corrected.

Every page shows first what would become of it: what stands upon the case, or old beside new; nothing is written before
that is confirmed.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from decimal import Decimal

from flask import Blueprint, Flask, Response, flash, redirect, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from gis import cancelling, casefile, correcting, registration
from gis.access import Access
from gis.cancelling import Cancelled
from gis.correcting import Corrected, ParcelAs, Wanted
from gis.errors import BadParameter, BadRows, Conflict, GisError, NotFound
from gis.progress import today
from webmap import desk, entry, parameters
from webmap.auth import access, reader
from webmap.desk import sent
from webmap.desk.acts_api import json_answer
from webmap.desk.cases import column_name, new_key
from webmap.errors import user_message
from webmap.i18n import area
from webmap.reads import log_personal
from webmap.session import looking, session, writing
from webmap.words import HOLDERS

bp = Blueprint("putting_right", __name__)
ROW = ("land", "unit", "sheet", "number", "land_use", "legal_area_m2", "area_m2")
_PARCEL = (
    "affected_parcel",
    "unit",
    "sheet",
    "number",
    "land_use",
    "legal_area_m2",
    "area_m2",
    "area_from",
    "remove",
    "sure",
)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


# Cancelling and reinstating.


@bp.get("/desk/projects/<code>/cases/<case>/cancel")
@access(Access.DESK)
def cancel_case_page(code: str, case: str):
    parameters.only()
    return _case_page(desk.entering(code), case)


@bp.post("/desk/projects/<code>/cases/<case>/cancel")
@access(Access.DESK)
def cancel_case(code: str, case: str):
    """Cancel a case, or take that back, as its page offers."""
    project = desk.entering(code)
    found = _case(project, case)
    work = cancelling.reinstate_case if found.cancelled else cancelling.cancel_case
    with_acts = {} if found.cancelled else {"with_acts": "with_acts" in request.form}
    done = _tried(lambda s: work(s, project.code, found.code, **_of_form(), **with_acts))
    if isinstance(done, GisError):
        return _case_page(project, case, done)
    flash(gettext("Case %(code)s counts again.", code=found.code) if found.cancelled
          else gettext("Case %(code)s is cancelled.", code=found.code))  # fmt: skip
    return redirect(url_for("case.show", code=project.code, case=found.code))


def _case(project: desk.Here, case: str) -> casefile.CaseFile:
    log_personal(project.id, [case], "case")
    return casefile.case_file(session(), project.id, case, personal=True)


def _case_page(project: desk.Here, case: str, error: GisError | None = None) -> Response:
    found = _case(project, case)
    return _cancel_page(
        project, error, what=gettext("case %(code)s", code=found.code), cancelled=found.cancelled,
        version=found.version, upon=cancelling.upon_case(session(), found.id),
        back=url_for("case.show", code=project.code, case=found.code),
        case=found.code, may_clear=True,
    )  # fmt: skip


@bp.get("/desk/projects/<code>/land/<int:number>/cancel")
@access(Access.DESK)
def cancel_land_page(code: str, number: int):
    parameters.only()
    return _land_page(desk.entering(code), number)


@bp.post("/desk/projects/<code>/land/<int:number>/cancel")
@access(Access.DESK)
def cancel_land(code: str, number: int):
    project = desk.entering(code)
    found = casefile.land_file(session(), project.id, number, personal=True)
    work = cancelling.reinstate_land if found.cancelled else cancelling.cancel_land
    with_acts = {} if found.cancelled else {"with_acts": "with_acts" in request.form}
    done = _tried(lambda s: work(s, project.code, number, **_of_form(), **with_acts))
    if isinstance(done, GisError):
        return _land_page(project, number, done)
    flash(gettext("Parcel %(code)s counts again.", code=found.code) if found.cancelled
          else gettext("Parcel %(code)s is cancelled.", code=found.code))  # fmt: skip
    return redirect(url_for("case.show_land", code=project.code, number=number))


def _land_page(project: desk.Here, number: int, error: GisError | None = None) -> Response:
    found = casefile.land_file(session(), project.id, number, personal=True)
    return _cancel_page(
        project, error, what=gettext("parcel %(code)s, land of no holder", code=found.code), cancelled=found.cancelled,
        version=found.version, upon=cancelling.upon_land(session(), number), case=None, may_clear=True,
        back=url_for("case.show_land", code=project.code, number=number),
    )  # fmt: skip


@bp.get("/desk/projects/<code>/cancel")
@access(Access.DESK)
def cancel_project_page(code: str):
    parameters.only()
    return _project_page(desk.keeping(code))


@bp.post("/desk/projects/<code>/cancel")
@access(Access.DESK)
def cancel_project(code: str):
    """Cancel a project, or take that back."""
    project = desk.keeping(code)
    work = cancelling.reinstate_project if project.cancelled else cancelling.cancel_project
    done = _tried(lambda s: work(s, project.code, **_of_form()))
    if isinstance(done, GisError):
        return _project_page(project, done)
    flash(gettext("The project stands in all lists again.") if project.cancelled
          else gettext("The project is cancelled: it stands in no list and on no map any more."))  # fmt: skip
    return redirect(url_for("desk_project.show", code=project.code))


def _project_page(project: desk.Here, error: GisError | None = None) -> Response:
    return _cancel_page(
        project, error, what=gettext("project %(name)s", name=project.name), cancelled=project.cancelled,
        version=project.version, upon=cancelling.upon_project(session(), project.id), case=None, may_clear=False,
        back=url_for("desk_project.show", code=project.code),
    )  # fmt: skip


def _cancel_page(project: desk.Here, error: GisError | None, **shown) -> Response:
    form = request.form
    return desk.page(
        "desk/cancel.html", project, error, form=form, key=form.get("key") if form and not error else new_key(), **shown
    )


def _of_form() -> dict:
    given = request.form.get("version", "")
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        raise BadParameter("The page is too old: open it again.", parameter="version")
    return {
        "reason": request.form.get("reason", ""), "expected_version": int(given), "by": desk.by(),
        "key": desk.submission_key(),
    }  # fmt: skip


def _tried(work: Callable) -> object:
    """Do something that writes; give the error in its place where it fails."""
    try:
        with writing() as s:
            return work(s)
    except NotFound:
        raise
    except GisError as error:
        return error


# Correcting.


@bp.get("/desk/projects/<code>/cases/<case>/correct")
@access(Access.DESK)
def correct_case_page(code: str, case: str):
    parameters.only()
    project = desk.entering(code)
    return _correct_page(project, _case(project, case), MultiDict())


@bp.post("/desk/projects/<code>/cases/<case>/correct")
@access(Access.DESK)
def correct_case(code: str, case: str):
    """Look at what would change; confirmed, put it right."""
    project = desk.entering(code)
    found = _case(project, case)
    return _correct(
        project, found,
        lambda s, wanted, given: correcting.correct_case(s, project.code, found.code, wanted, **given),
        url_for("case.show", code=project.code, case=found.code),
    )  # fmt: skip


@bp.get("/desk/projects/<code>/land/<int:number>/correct")
@access(Access.DESK)
def correct_land_page(code: str, number: int):
    parameters.only()
    project = desk.entering(code)
    return _correct_page(project, casefile.land_file(session(), project.id, number, personal=True), MultiDict())


@bp.post("/desk/projects/<code>/land/<int:number>/correct")
@access(Access.DESK)
def correct_land(code: str, number: int):
    project = desk.entering(code)
    found = casefile.land_file(session(), project.id, number, personal=True)
    return _correct(
        project, found, lambda s, wanted, given: correcting.correct_land(s, project.code, number, wanted, **given),
        url_for("case.show_land", code=project.code, number=number),
    )  # fmt: skip


def _correct(project: desk.Here, found, work: Callable, back: str) -> Response:
    form = request.form
    try:
        wanted = _wanted(form, _standing(project, found))
        given = _of_form() | {"may_record": reader().may_record}
        if not desk.confirmed():
            given |= {"key": new_key(), "reason": given["reason"] or "preview"}
            with looking() as s:
                changes = work(s, wanted, given).changes
            return _correct_page(project, found, form, changes=changes)
        with writing() as s:
            done = work(s, wanted, given)
    except NotFound:
        raise
    except GisError as error:
        return _correct_page(project, found, form, error)
    flash(gettext("Put right.") if done.changes else gettext("Nothing was different."))
    return redirect(back)


def _standing(project: desk.Here, found) -> list[correcting.Standing]:
    if found.land_id is not None:
        return correcting.parcels_of(session(), project.id, None, found.land_id)
    return correcting.parcels_of(session(), project.id, found.id)


def _correct_page(
    project: desk.Here, found, form, error: GisError | None = None, changes: tuple | None = None
) -> Response:
    problems = error.problems if isinstance(error, BadRows) else ()
    standing = _standing(project, found)
    rows = _lines(form) if form else [_line(each) for each in standing]
    if found.land_id is None and not form:
        rows.append(dict.fromkeys((*ROW, "remove"), ""))
    if isinstance(error, BadRows) and len(problems) == 1:
        error = problems[0].error
    return desk.page(
        "desk/correct.html", project, error, file=found, rows=rows, form=form, changes=changes,
        standing={str(each.id): each for each in standing}, kinds=registration.HOLDER_KINDS,
        parts=casefile.parts(session(), project.id),
        wrong=[(each.row, column_name(each.field), user_message(each.error)) for each in problems],
        key=form.get("key") if form and not error else new_key(), version=form.get("version") or found.version,
        change_name=_change_name, change_value=_change_value, named_parcel=lambda where: _named_parcel(project, where),
    )  # fmt: skip


_CHANGES = {
    "parcel": lazy_gettext("Commune, sheet, number"),
    "added": lazy_gettext("Parcel added: area to recover"),
    "removed": lazy_gettext("Parcel taken out: area to recover"),
    "holder_kind": lazy_gettext("Kind of holder"),
    "part": lazy_gettext("Part of the project"),
}


def _change_name(field: str) -> str:
    return str(_CHANGES.get(field) or column_name(field))


def _change_value(field: str, value: str | None) -> str:
    if value is None:
        return "–"
    if field == "holder_kind":
        return str(HOLDERS[value])
    if field in ("added", "removed", "area_m2", "legal_area_m2"):
        return area(Decimal(value))
    return value


def _named_parcel(project: desk.Here, where: str) -> str:
    """Give a parcel as people name it: sheet and number, and who numbered it."""
    unit, _, label = where.partition(" ")
    names = {each.slug: each.name for each in registration.communes(session(), project.id, today())}
    return f"{label} ({names.get(unit, unit)})" if label else ""


def _line(each: correcting.Standing) -> dict[str, str]:
    return {
        "land": str(each.id), "unit": each.unit, "sheet": each.sheet, "number": each.number,
        "land_use": each.land_use or "", "legal_area_m2": _typed(each.legal_area_m2),
        "area_m2": _typed(each.area_m2), "remove": "",
    }  # fmt: skip


def _typed(value: Decimal | None) -> str:
    """Write an area as people type it, so that it can only be read in one way."""
    return "" if value is None else f"{value.normalize():f}".replace(".", ",")


def _lines(form) -> list[dict[str, str]]:
    columns = [form.getlist(name) for name in ROW]
    removed = set(form.getlist("remove"))
    return [
        dict(zip(ROW, row, strict=True)) | {"remove": "1" if row[0] and row[0] in removed else ""}
        for row in zip(*columns, strict=False)
    ]


def _wanted(form, standing) -> Wanted:
    """Read the form: only what differs from what stands is to be put right."""
    there = {str(each.id): _line(each) for each in standing}
    parcels = []
    for n, row in enumerate(_lines(form), 1):
        before = there.get(row["land"])
        if row["land"] and before is None:  # never taken for a parcel that was forgotten
            raise Conflict(
                "Row %(row)s (%(parcel)s) is no parcel of this case any more: somebody put it right meanwhile. Nothing "
                "was put right here. Open the page again and look at the parcels it has now.",
                parameter="land", row=n, parcel=f"{row['sheet']}/{row['number']}",
            )  # fmt: skip
        if row["remove"]:
            parcels.append(ParcelAs(int(row["land"]), remove=True, row=n))
        elif before is None and not any(row[name].strip() for name in ROW[2:]):
            continue
        else:
            differing = {name: row[name].strip() for name in ROW[1:] if not before or row[name] != before[name]}
            if differing:
                areas = {
                    name: _area_of(differing.pop(name), name, n) for name in ("legal_area_m2", "area_m2")
                    if differing.get(name)
                }  # fmt: skip
                texts = {name: value for name, value in differing.items() if value}
                parcels.append(ParcelAs(int(row["land"]) if before else None, row=n, sure=form.get("sure") == "1",
                                        **texts, **areas))  # fmt: skip
    return Wanted(form.get("holder_kind") or None, form.get("part"), tuple(parcels))


def _area_of(text: str, name: str, row: int) -> Decimal:
    try:
        return entry.area_m2(name, text)
    except GisError as error:
        raise BadRows("Nothing was put right: %(count)s parcels do not fit.", count=1, problems=[
            registration.Problem(row, name, error)
        ]) from None  # fmt: skip


# For programs.


@bp.post("/api/v1/projects/<code>/cases/<case>/<any(cancel, reinstate, correct):act>")
@access(Access.DESK)
def case_api(code: str, case: str, act: str):
    """Cancel, reinstate or correct a case."""
    parameters.only()
    return _put_right(act, {
        "cancel": cancelling.cancel_case, "reinstate": cancelling.reinstate_case, "correct": correcting.correct_case,
    }, desk.entering(code).code, case)  # fmt: skip


@bp.post("/api/v1/projects/<code>/land/<int:number>/<any(cancel, reinstate, correct):act>")
@access(Access.DESK)
def land_api(code: str, number: int, act: str):
    """Cancel, reinstate or correct land of no holder."""
    parameters.only()
    return _put_right(act, {
        "cancel": cancelling.cancel_land, "reinstate": cancelling.reinstate_land, "correct": correcting.correct_land,
    }, desk.entering(code).code, number)  # fmt: skip


@bp.post("/api/v1/projects/<code>/<any(cancel, reinstate):act>")
@access(Access.DESK)
def project_api(code: str, act: str):
    """Cancel or reinstate a project."""
    parameters.only()
    ways = {"cancel": cancelling.cancel_project, "reinstate": cancelling.reinstate_project}
    return _put_right(act, ways, desk.keeping(code).code, with_acts=False)


def _put_right(act: str, ways: Mapping[str, Callable], *which: object, with_acts: bool = True) -> Response:
    """Do what is asked with what was sent, to what the rest of the address names."""
    if act == "correct":
        wanted, given = _sent_correction()
        asked, answered = (*which, wanted), _corrected
    else:
        asked, given, answered = which, _sent(act, with_acts=with_acts), _cancelled
    with writing() as s:
        done = ways[act](s, *asked, **given)
    return answered(done)


def _sent(act: str, *, with_acts: bool = True) -> dict:
    clearing = ("with_acts",) if act == "cancel" and with_acts else ()
    body = sent.body("reason", "version", "key", *clearing)
    given = _who(body)
    if clearing:
        given["with_acts"] = _flag(body, "with_acts")
    return given


def _who(body: Mapping) -> dict:
    version = body.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise BadParameter("Say which version your changes rest on.", parameter="version")
    return {
        "reason": sent.text(body, "reason"), "expected_version": version, "by": desk.by(), "key": desk.submission_key()
    }  # fmt: skip


def _flag(body: Mapping, name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise BadParameter("“%(name)s” is true or false.", parameter=name, name=name)
    return value


def _sent_correction() -> tuple[Wanted, dict]:
    body = sent.body("holder_kind", "part", "parcels", "reason", "version", "key")
    parcels = body.get("parcels", [])
    if not isinstance(parcels, list) or not all(isinstance(each, dict) for each in parcels):
        raise BadParameter("“%(name)s” must be a list.", parameter="parcels", name="parcels")
    part = sent.text(body, "part")
    wanted = Wanted(
        sent.text(body, "holder_kind"), "" if "part" in body and part is None else part,
        tuple(_sent_parcel(each, n) for n, each in enumerate(parcels, 1)),
    )  # fmt: skip
    return wanted, _who(body) | {"may_record": reader().may_record}


def _sent_parcel(given: Mapping, n: int) -> ParcelAs:
    for name in given:
        if name not in _PARCEL:
            raise BadParameter("There is no parameter “%(name)s” here.", parameter=name, name=name)
    number = given.get("affected_parcel")
    if number is not None and (not isinstance(number, int) or isinstance(number, bool)):
        raise BadParameter("“%(name)s” must be a number.", parameter="affected_parcel", name="affected_parcel")
    texts = {name: sent.text(given, name) for name in ("unit", "sheet", "number", "land_use")}
    areas = {name: sent.decimal(given, name) for name in ("legal_area_m2", "area_m2")}
    return ParcelAs(
        number, **texts, **areas, area_from=sent.day(given, "area_from"), remove=_flag(given, "remove"), row=n,
        sure=_flag(given, "sure"),
    )  # fmt: skip


def _cancelled(done: Cancelled) -> Response:
    told = {"act": done.act_id, "version": done.version, "voided": done.voided, "repeated": done.repeated}
    return json_answer(told, 200 if done.repeated else 201)


def _corrected(done: Corrected) -> Response:
    told = {"act": done.act_id, "repeated": done.repeated, "changes": [asdict(each) for each in done.changes]}
    return json_answer(told, 200 if done.repeated else 201)
