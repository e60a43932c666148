"""Pieces of the map page, asked for by its scripts: the tables of a day, what stands about one feature, and the
whole course of the figures for a day in movement."""

import gzip
import json
from datetime import date

from flask import Blueprint, Flask, Response, current_app, render_template, request

from gis import crs
from gis.access import Access
from gis.course import Course, Stated, Track, course
from gis.dossier import commune_facts, parcel_facts, project_facts, reported_handover
from gis.errors import NotFound
from gis.histories import overdue, overdue_steps
from gis.overview import gained, opening_day, overview
from gis.progress import plain
from gis.targets import Target
from gis.timeline import timeline
from layers import themes
from webmap import freshness, parameters
from webmap.auth import access, reader
from webmap.session import session

bp = Blueprint("panels", __name__, url_prefix="/panels")

COURSE_FORMAT = 5
"""Raised whenever the course is laid out otherwise: browsers keep it under the data revision."""
EPOCH = date(1970, 1, 1).toordinal()
HUNDREDTHS = 100
MOST_SCOPES = 16
"""So many answers of the course are kept: of all projects and of single ones, of each kind of reader of late."""


def init_app(app: Flask) -> None:
    app.extensions["courses"] = freshness.Kept(MOST_SCOPES)
    app.register_blueprint(bp)


def _day(*more: str) -> date:
    parameters.only("day", *more)
    return parameters.day("day") or opening_day(session())


@bp.get("/figures")
@access(Access.AGGREGATE)
def figures():
    """Give both tables of a day; the map reads its figures from them too, so that they cannot disagree."""
    found = overview(session(), _day("since", "project"), parameters.day("since"), parameters.text("project"))
    return render_template("figures.html", overview=found)


@bp.get("/project/<code>")
@access(Access.AGGREGATE)
def project(code: str):
    day, since = _day("since"), parameters.day("since")
    return render_template(
        "panel_project.html",
        facts=project_facts(session(), code, day),
        since=since,
        between=since and gained(session(), since, day, project=code),
        overdue=overdue_steps(overdue(session(), code, day)),
        timeline=timeline(session(), code, day),
    )


@bp.get("/commune/<slug>")
@access(Access.AGGREGATE)
def commune(slug: str):
    day, since = _day("since"), parameters.day("since")
    facts = commune_facts(session(), slug, day)
    between = since and gained(session(), since, day, unit=slug) if facts.unit.stands_on(day) else None
    return render_template("panel_commune.html", facts=facts, since=since, between=between)


@bp.get("/parcel/<number>")
@access(Access.RECORD)
def parcel(number: str):
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise NotFound("There is no such page.")
    return render_template("panel_parcel.html", facts=parcel_facts(session(), int(number), _day()))


@bp.get("/reported")
@access(Access.AGGREGATE)
def reported():
    """Give what reports state of the handing over in a project, a unit or all, beside the records, for the chart."""
    parameters.only("project", "unit")
    facts = reported_handover(
        session(), project=request.args.get("project") or None, unit=request.args.get("unit") or None
    )
    return render_template("reported.html", facts=facts)


TOOLS = ("table", "chart", "coordinates", "measure", "locate", "print")
"""The tools of the map page, in the order of their buttons: a template each, a script and a style of the same name."""


@bp.get("/tools/<name>")
@access(Access.AGGREGATE)
def tool(name: str):
    """Give the words and controls of a tool, when it is first opened."""
    parameters.only()
    if name not in TOOLS:
        raise NotFound("There is no such page.")
    return render_template(f"tools/{name}.html", crs=crs, zone=crs.ZONES[crs.LANG_SON_ZONE])


@bp.get("/course")
@access(Access.AGGREGATE)
def course_of_time():
    """Give every change of the figures, of all projects or one, compressed once for each revision of the data and each
    kind of reader."""
    parameters.only("project")
    project = parameters.text("project")
    tag = f"{COURSE_FORMAT}.{freshness.current()}"
    if request.if_none_match.contains_weak(tag):
        return _sent(tag, b"")
    kept: freshness.Kept = current_app.extensions["courses"]
    body = kept.given((tag, project), lambda: _counted(project))
    return _sent(tag, body)


def _counted(project: str | None) -> bytes:
    laid_out = _laid_out(course(session(), project, narrowed=reader().project_ids is not None))
    return gzip.compress(json.dumps(laid_out, separators=(",", ":")).encode(), mtime=0)


def _sent(tag: str, body: bytes) -> Response:
    compressed = request.accept_encodings.quality("gzip") > 0
    response = Response(body if compressed or not body else gzip.decompress(body), content_type="application/json")
    if compressed:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.set_etag(tag, weak=True)
    return response.make_conditional(request)


def _laid_out(found: Course) -> dict:
    """Lay the course out compactly: days as numbers since 1970, m² in hundredths, VND whole, every list of a track as
    what each number adds to the one before, the first to 0."""
    return {
        "reported": [_number(day) for day in found.reported_until],
        "labels": [
            [label.layer, label.key, label.name, *label.point, _number(label.since), _number(label.until)]
            for label in found.labels
        ],
        "projects": [_track(track) for track in found.projects],
        "communes": [_track(track) for track in found.communes],
        "total": _track(found.total),
        "targets": {code: [_target(target) for target in planned] for code, planned in found.targets.items()},
        "inside": {f"{code} {unit}": _track(track) for (code, unit), track in found.inside.items()},
        "newest": {code: _number(day) for code, day in found.newest.items()},
        "scope": None if found.scope is None else sorted(found.scope),
        "stated": {code: [_stated(each) for each in told] for code, told in found.stated.items()},
        "breaks": {
            key: {generation: [plain(begins) for begins in lower] for generation, lower in by_generation.items()}
            for key, by_generation in themes.breaks(found).items()
        },
    }


def _number(day: date | None) -> int | None:
    return None if day is None else day.toordinal() - EPOCH


def _target(target: Target) -> list:
    value = plain(target.percent), plain(target.value)
    return [_number(target.due_on), target.measure, *value, target.part is not None, target.unit_id]


def _stated(told: Stated) -> list:
    whole = plain(told.area_m2), plain(told.of_area_m2), told.households, told.of_households
    return [_number(told.upto), *whole, told.source]


OTHERS = ("organisations", "affected_organisations", "communities", "affected_communities")


def _track(track: Track) -> dict:
    counts = ("households", "affected_households", *_of_others(track))
    sums = {"area_m2": HUNDREDTHS, "affected_m2": HUNDREDTHS, "approved_vnd": 1, "paid_vnd": 1}
    unknown = {"unmeasured": "area_m2", "unapproved": "approved_vnd", "unpaid": "paid_vnd"}
    # where money of fewer than three households is left out
    least = {
        money: [n for n, at in enumerate(track.figures) if at and getattr(at, withheld)]
        for money, withheld in (("approved_vnd", "approved_withheld"), ("paid_vnd", "paid_withheld"))
    }
    sent = {"key": track.key, "least": least} | _values(track, dict.fromkeys(counts, 1) | sums, unknown)
    if track.before:
        counts = ("households", *(name for name in _of_others(track.before) if not name.startswith("affected")))
        measures = dict.fromkeys(counts, 1) | {"area_m2": HUNDREDTHS}
        sent["before"] = _values(track.before, measures, {"unmeasured": "area_m2"})
    return sent


def _of_others(track: Track) -> list[str]:
    """Give what is counted beside households where there ever is any: most tracks know none."""
    return [name for name in OTHERS if any(getattr(at, name, None) for at in track.figures)]


def _values(track: Track, units: dict[str, int], unknown: dict[str, str]) -> dict:
    """Lay out the days of a track, each value in parts of its unit, and the indices at which there is none."""
    return {
        "days": _steps([_number(day) for day in track.days]),
        # where nothing is recorded (again), and where nobody wrote how much was handed over, approved or paid
        "nothing": [n for n, at in enumerate(track.figures) if at is None],
        **{
            where: [n for n, at in enumerate(track.figures) if at and getattr(at, name) is None]
            for where, name in unknown.items()
        },
        **{
            name: _steps([int((getattr(at, name, None) or 0) * unit) for at in track.figures])
            for name, unit in units.items()
        },
    }


def _steps(values: list[int]) -> list[int]:
    return [value - before for before, value in zip([0, *values], values, strict=False)]
