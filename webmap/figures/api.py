"""Figures for programs: JSON in and out, by the same functions as the pages."""

from flask import Blueprint, Response, json
from flask_babel import gettext

from gis import reported
from gis.access import Access
from gis.errors import BadParameter, BadRows, NotAllowed, Unseen
from gis.new_figures import VALUES, NewFigure
from gis.progress import plain
from gis.registration import Problem
from gis.reported import Kept
from webmap import desk
from webmap.auth import access
from webmap.desk import sent
from webmap.errors import user_message
from webmap.figures import cells
from webmap.session import session, writing

TEXTS = (
    "unit", "report", "line", "indicator", "basis", "period_basis", "project", "holder", "restriction", "mark",
    "part_of", "note", "quote",
)  # fmt: skip
FIELDS = (*TEXTS, "from", "to", *VALUES)
"""Of a figure as it is sent."""

bp = Blueprint("figures_api", __name__, url_prefix="/api/v1/reported-figures")


@bp.post("")
@access(Access.DESK)
def enter():
    """Enter figures, all or none; where something is to be seen first, only with `seen`."""
    places, body = cells.keeping(), sent.body("figures", "seen", "key")
    if not isinstance(body.get("figures"), list):
        raise BadParameter("Send a JSON object with a list “figures”.", parameter="figures")
    figures = [_figure(each, row) for row, each in enumerate(body["figures"], 1)]
    if refused := _refused(figures, places):
        return refused
    try:
        with writing() as s:
            done = reported.enter(
                s, figures, way="program", by=desk.by(), key=desk.submission_key(), seen=body.get("seen") is True
            )  # fmt: skip
            made = [as_json(reported.get(s, name)) for name in done.result["figures"]]
    except BadRows as error:
        return _bad_rows(error)
    return _json({"figures": made, "act": done.act_id, "repeated": done.repeated}, 200 if done.repeated else 201)


@bp.post("/<figure>/correct")
@access(Access.DESK)
def correct(figure: str):
    """Enter a figure in place of another, with a `reason`."""
    places = cells.keeping()
    kept = reported.get(session(), figure)
    _require(places, kept)
    body = sent.body("figure", "reason", "seen", "key")
    new = _figure(body.get("figure"), 1)
    if refused := _refused([new], places):
        return refused
    try:
        with writing() as s:
            done = reported.correct(
                s, figure, new, reason=sent.text(body, "reason"), by=desk.by(), key=desk.submission_key(),
                way="program", seen=body.get("seen") is True,
            )  # fmt: skip
            made = as_json(reported.get(s, done.result["figure"]))
    except BadRows as error:
        return _bad_rows(error)
    return _json(made, 200 if done.repeated else 201)


@bp.post("/<figure>/withdraw")
@access(Access.DESK)
def withdraw(figure: str):
    """Withdraw a figure, with a `reason`."""
    places = cells.keeping()
    kept = reported.get(session(), figure)
    _require(places, kept)
    body = sent.body("reason", "key")
    with writing() as s:
        reported.withdraw(s, figure, reason=sent.text(body, "reason"), by=desk.by(), key=desk.submission_key())
        return _json(as_json(reported.get(s, figure)), 200)


def _require(places: cells.Places, kept: Kept) -> None:
    if not places.may_enter(kept.unit, kept.project):
        raise NotAllowed("This record is not yours to change.")


def _refused(figures: list[NewFigure], places: cells.Places) -> Response | None:
    found = [(row, places.refusal(figure)) for row, figure in enumerate(figures, 1)]
    known = {*places.units} if any(refused for _, refused in found) else set()
    problems = [
        Problem(row, *refused)
        for (row, refused), figure in zip(found, figures, strict=True)
        # what is not there is told as such, when the figure is looked at
        if refused and figure.unit in known and (figure.project is None or figure.project in places.projects)
    ]
    if not problems:
        problems = [Problem(row, *refused) for row, refused in found if refused]
    if not problems:
        return None
    return _bad_rows(BadRows("Nothing was entered.", problems=problems), 403)


def _figure(given, row: int) -> NewFigure:
    if not isinstance(given, dict):
        raise BadParameter("Figure %(row)s must be a JSON object.", parameter="figures", row=row)
    for name in given:
        if name not in FIELDS:
            raise BadParameter("There is no parameter “%(name)s” here.", parameter=name, name=name)
    values = {name: value for name in VALUES if (value := sent.decimal(given, name)) is not None}
    texts = {name: sent.text(given, name) for name in TEXTS}
    for name in cells.NEEDED[:-1]:
        texts[name] = texts[name] or ""
    return NewFigure(values=values, from_on=sent.day(given, "from"), to_on=sent.day(given, "to"), **texts)


def _bad_rows(error: BadRows, status: int = 422) -> Response:
    told = [{"row": each.row, "field": each.field, "detail": user_message(each.error)} for each in error.problems]
    said = {"type": "about:blank", "status": status, "title": user_message(error), "detail": user_message(error),
            "code": error.code, "problems": told}  # fmt: skip
    if isinstance(error, Unseen):
        said["detail"] = gettext("Look at what is told of each row; to enter it all the same, send “seen”: true.")
    return Response(json.dumps(said, ensure_ascii=False), status, content_type="application/problem+json")


def _json(content: dict, status: int) -> Response:
    response = Response(json.dumps(content, ensure_ascii=False), status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def as_json(kept: Kept) -> dict:
    """Give a figure with how it came in and what became of it."""
    figure, entry = kept.figure, kept.entry
    made = {
        "figure": figure.figure, "source": figure.source_line, "unit": kept.unit, "project": kept.project,
        "indicator": figure.indicator, "basis": figure.basis, "from": figure.from_on and figure.from_on.isoformat(),
        "to": figure.to_on.isoformat(), "period_basis": figure.period_basis, "holder": figure.holder,
        "restriction": figure.restriction,
    }  # fmt: skip
    made |= {name: plain(getattr(figure, name)) for name in VALUES}
    return made | {
        "part_of": figure.part_of, "derivable": figure.derivable, "note": figure.note, "state": kept.state,
        "way": kept.way, "quote": kept.quote, "entered_by": entry and entry.entered_by,
        "entered_at": entry and entry.entered_at.isoformat(), "corrects": kept.corrects,
        "replaced_by": kept.replaced_by, "reason": kept.closure and kept.closure.reason,
    }  # fmt: skip
