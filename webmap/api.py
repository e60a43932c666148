"""The API, version 1: the questions of docs/api.md, as JSON or CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date

from flask import Blueprint, Flask, Response, current_app, json, request
from flask_babel import get_locale

from gis import catalogue, histories, overview
from gis.access import Access
from gis.model import ReportedFigure
from gis.progress import Progress, Row, plain, progress, table, today
from gis.targets import Verdict
from webmap import parameters
from webmap.auth import access
from webmap.reads import log_export
from webmap.session import session

bp = Blueprint("api", __name__, url_prefix="/api/v1")
CSV = "text/csv"


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.get("/progress")
@access(Access.AGGREGATE)
def show_progress():
    if request.accept_mimetypes.best_match(["application/json", CSV]) == CSV:
        return progress_csv()
    return _json(_progress(progress(session(), parameters.question())))


@bp.get("/progress.csv")
@access(Access.AGGREGATE)
def progress_csv():
    header, *lines = table(progress(session(), parameters.question()))
    return csv_answer(header, lines, "progress.csv")


@bp.get("/units", defaults={"form": "json"})
@bp.get("/units.csv", endpoint="units_csv", defaults={"form": "csv"})
@access(Access.AGGREGATE)
def show_units(form: str):
    parameters.only("on", "level", "unit")
    found = catalogue.list_units(
        session(), day=parameters.day("on"), level=request.args.get("level") or None,
        within=request.args.get("unit") or None,
    )  # fmt: skip
    return listing("units", [_unit(entry) for entry in found], form)


@bp.get("/projects", defaults={"form": "json"})
@bp.get("/projects.csv", endpoint="projects_csv", defaults={"form": "csv"})
@access(Access.AGGREGATE)
def show_projects(form: str):
    parameters.only("on", "unit")
    day = parameters.day("on") or today()
    found = catalogue.list_projects(session(), day=day, within=request.args.get("unit") or None)
    judged = overview.judged(session(), day) if any(entry.targets for entry in found) else {}
    told = [_project(entry) | {"verdicts": [_verdict(v) for v in judged.get(entry.code, ())]} for entry in found]
    return listing("projects", told, form)


@bp.get("/reported-figures", defaults={"form": "json"})
@bp.get("/reported-figures.csv", endpoint="reported_figures_csv", defaults={"form": "csv"})
@access(Access.AGGREGATE)
def show_reported_figures(form: str):
    parameters.only("unit", "project", "indicator")
    found = catalogue.list_reported(
        session(), unit=request.args.get("unit") or None, project=request.args.get("project") or None,
        indicator=request.args.get("indicator") or None,
    )  # fmt: skip
    return listing("figures", [_figure(entry) for entry in found], form)


@bp.get("/overdue", defaults={"form": "json"})
@bp.get("/overdue.csv", endpoint="overdue_csv", defaults={"form": "csv"})
@access(Access.RECORD)
def show_overdue(form: str):
    parameters.only("project", "day", "known_at")
    day = parameters.day("day") or today()
    found = histories.overdue(session(), parameters.text("project"), day, parameters.moment("known_at"))
    if _as_csv(form):
        log_export("overdue.csv", rows=len(found))
    told = [_overdue(late) for late in found if not late.withheld]
    return listing("overdue", told, form, OVERDUE)


def _progress(answer: Progress) -> dict:
    asked = answer.question
    return {
        "as_of": _iso(asked.as_of),
        "from": _iso(asked.since),
        "to": _iso(asked.upto),
        "known_at": answer.known_at.isoformat(),
        "units_of": answer.units_day.isoformat(),
        "rows": [_row(row, asked.by) for row in answer.rows],
        "total": _told(answer.total),
        "sources": [{"kind": "records", "known_at": answer.known_at.isoformat(), "illustrative": answer.illustrative}]
        + [{"kind": "reported", "figure": f.figure, "source": f.source_line} for f in answer.reported],
    }


def _row(row: Row, by: tuple[str, ...]) -> dict:
    made = {}
    if "project" in by:
        made["project"] = row.project and {"code": row.project.code, "name": row.project.name}
    if "commune" in by:
        unit = row.commune
        made["commune"] = unit and {"slug": unit.slug, "code": unit.code, "name": unit.name}
    return {**made, **_told(row)}


def _told(row: Row) -> dict:
    return {"values": _values(row), "coverage": _coverage(row), "withheld": row.withheld_measures}


def _values(row: Row) -> dict:
    return {
        kind: {measure: plain(value) for measure, value in measures.items()} for kind, measures in row.values.items()
    }


def _coverage(row: Row) -> dict:
    share = round(row.parcels_with_geometry / row.parcels, 4) if row.parcels else None
    return {"parcels_with_geometry": share, "source": row.source}


def _unit(entry: catalogue.UnitEntry) -> dict:
    unit = entry.unit
    return {
        "slug": unit.slug, "code": unit.code, "name": unit.name, "kind": unit.kind, "level": unit.level,
        "parent": entry.parent, "valid_from": _iso(unit.valid_from), "valid_to": _iso(unit.valid_to),
        "legal_document": entry.legal_document, "published_area_km2": plain(entry.published_area_km2),
        "outline": entry.outline, "label_point": entry.label_point,
    }  # fmt: skip


def _verdict(verdict: Verdict) -> dict:
    target = verdict.target
    return {
        "due_on": target.due_on.isoformat(), "measure": target.measure, "percent": plain(target.percent),
        "value": plain(target.value), "part": target.part, "within": target.unit, "outcome": verdict.outcome,
        "done": plain(verdict.done), "whole": plain(verdict.whole), "why": verdict.why,
    }  # fmt: skip


def _project(entry: catalogue.ProjectEntry) -> dict:
    made = asdict(entry)
    del made["id"]
    return {**made, "suspended_since": _iso(entry.suspended_since)}


def _figure(entry: catalogue.ReportedEntry) -> dict:
    columns = [c.key for c in ReportedFigure.__table__.columns if c.key not in ("id", "unit_id", "project_id")]
    made = {name: getattr(entry.figure, name) for name in columns}
    made = {name: plain(value) for name, value in made.items()}
    for name in ("from_on", "to_on"):
        made[name.removesuffix("_on")] = _iso(made.pop(name))
    return {**made, "unit": entry.unit, "project": entry.project, "part_of": entry.part_of}


OVERDUE = ("project", "case", "step", "rule", "counted_from", "due_on", "days_late", "source")


def _overdue(late: histories.Overdue) -> dict:
    values = (
        late.case.project, late.case.code, late.step, late.rule.key, _iso(late.counted_from), _iso(late.due_on),
        late.days_late, late.rule.source(str(get_locale())),
    )  # fmt: skip
    return dict(zip(OVERDUE, values, strict=True))


def _as_csv(form: str) -> bool:
    return form == "csv" or request.accept_mimetypes.best_match(["application/json", CSV]) == CSV


def listing(name: str, rows: list[dict], form: str, columns: Sequence[str] = ()) -> Response:
    if _as_csv(form):
        columns = columns or (list(rows[0]) if rows else [])
        return csv_answer(columns, ([_cell(row[c]) for c in columns] for row in rows), f"{name}.csv")
    return _json({name: rows})


def _json(content: dict) -> Response:
    return current_app.json.response(content)


def csv_answer(header: list[str], rows: Iterable[list], filename: str) -> Response:
    """Answer with a table as CSV; text that begins like a formula gets an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    answer = Response(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


def inert(cell):
    """Keep a spreadsheet from running text as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _cell(value):
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict, tuple)) else value


def _iso(value: date | None) -> str | None:
    return value and value.isoformat()
