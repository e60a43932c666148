"""Pieces of the map page, asked for by its scripts: the tables of a day, what stands about one feature, and the
whole course of the figures for a day in movement."""

import gzip
import json
from datetime import date
from decimal import Decimal

from flask import Blueprint, Flask, Response, current_app, render_template, request

from gis.access import Access
from gis.course import Course, Track, course
from gis.dossier import commune_facts, parcel_facts, project_facts, reported_handover
from gis.errors import NotFound
from gis.overview import opening_day, overview
from gis.progress import revision
from webmap import parameters
from webmap.auth import access
from webmap.session import session

bp = Blueprint("panels", __name__, url_prefix="/panels")

COURSE_FORMAT = 1
"""Raised whenever the course is laid out otherwise: browsers keep it under the data revision."""
EPOCH = date(1970, 1, 1).toordinal()


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


def _day() -> date:
    parameters.only("day")
    return parameters.day("day") or opening_day(session())


@bp.get("/figures")
@access(Access.AGGREGATE)
def figures():
    """Give both tables of a day; the map reads its figures from them too, so that they cannot disagree."""
    return render_template("figures.html", overview=overview(session(), _day()))


@bp.get("/project/<code>")
@access(Access.AGGREGATE)
def project(code: str):
    return render_template("panel_project.html", facts=project_facts(session(), code, _day()))


@bp.get("/commune/<slug>")
@access(Access.AGGREGATE)
def commune(slug: str):
    return render_template("panel_commune.html", facts=commune_facts(session(), slug, _day()))


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


@bp.get("/course")
@access(Access.AGGREGATE)
def course_of_time():
    """Give every change of the figures, compressed once for each revision of the data."""
    parameters.only()
    tag = f"{COURSE_FORMAT}.{revision(session()).revision}"
    if request.if_none_match.contains_weak(tag):
        return _sent(tag, b"")
    kept_tag, body = current_app.extensions.get("course", ("", b""))
    if kept_tag != tag:
        body = gzip.compress(json.dumps(_laid_out(course(session())), separators=(",", ":")).encode(), mtime=0)
        current_app.extensions["course"] = (tag, body)
    return _sent(tag, body)


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
    """Lay the course out compactly: days as numbers since 1970, m² in hundredths, every list but the first number as
    what is added to the one before."""
    return {
        "reported": [_number(day) for day in found.reported_until],
        "labels": [
            [label.layer, label.key, label.name, *label.point, _number(label.since), _number(label.until)]
            for label in found.labels
        ],
        "projects": [_track(track) for track in found.projects],
        "communes": [_track(track) for track in found.communes],
        "total": _track(found.total, "organisations", "affected_organisations"),
    }


def _number(day: date | None) -> int | None:
    return None if day is None else day.toordinal() - EPOCH


def _track(track: Track, *more: str) -> dict:
    names = ("households", "affected_households", "area_m2", "affected_m2", *more)
    return {
        "key": track.key,
        "days": _steps([_number(day) for day in track.days]),
        # where nothing is recorded (again), and where nobody wrote how many m² were handed over
        "nothing": [n for n, at in enumerate(track.figures) if at is None],
        "unmeasured": [n for n, at in enumerate(track.figures) if at is not None and at.area_m2 is None],
        **{name: _steps([_whole(at and getattr(at, name)) for at in track.figures]) for name in names},
    }


def _whole(value: int | Decimal | None) -> int:
    """Give a number of households as it is and m² in hundredths; 0 where there is none."""
    return int(value * 100) if isinstance(value, Decimal) else value or 0


def _steps(values: list[int]) -> list[int]:
    return [value - before for before, value in zip([0, *values], values, strict=False)]
