"""Finding: one search for projects, units, parcels and documents, as API for the box of the map page and as a page."""

from datetime import date, timedelta

from flask import Blueprint, Flask, render_template, request, url_for
from flask_babel import gettext

from gis.access import Access
from gis.overview import opening_day
from gis.progress import today
from gis.search import MOST, Hit, Results, search
from webmap import parameters
from webmap.auth import access, may_see
from webmap.i18n import day
from webmap.session import session
from webmap.words import document_kind_name, unit_kind_name

MOST_ON_A_PAGE = 200
PANELS = {"unit": "commune", "project": "project", "parcel": "parcel", "document": "project"}
"""Which panel shows a hit: a document is read with the project it concerns."""

bp = Blueprint("search", __name__)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.get("/api/v1/search")
@access(Access.AGGREGATE)
def find():
    found = _search(parameters.day("on") or today(), MOST)
    return {"found": found.found, "shown": found.shown, "hits": [_hit(hit) for hit in found.hits]}


@bp.get("/search")
@access(Access.AGGREGATE)
def show():
    """Show what is found as a page of links, for readers whose browser runs no scripts."""
    shown_day = parameters.day("on") or opening_day(session())
    words = request.args.get("q", "").strip()
    found = _search(shown_day, MOST_ON_A_PAGE) if words else None
    return render_template(
        "search.html",
        words=words,
        shown_day=shown_day,
        found=found,
        hits=[_hit(hit) for hit in found.hits] if found else [],
        here=request.full_path,
    )


def _search(on: date, most: int) -> Results:
    parameters.only("q", "on")
    return search(session(), request.args.get("q", ""), day=on, records=may_see(Access.RECORD), most=most)


def _hit(hit: Hit) -> dict:
    key = hit.project if hit.kind == "document" else hit.key
    panel = key and {"kind": PANELS[hit.kind], "key": key}
    return {
        "kind": hit.kind,
        "key": hit.key,
        "name": hit.name,
        "label": _label(hit),
        "details": _details(hit),
        "project": hit.project,
        "day": hit.day.isoformat(),
        "bounds": hit.bounds,
        "panel": panel,
        "address": panel and url_for("map.show", day=hit.day.isoformat(), _anchor=f"{panel['kind']}={key}"),
    }


def _label(hit: Hit) -> str:
    """Say in a word or two what kind of thing it is."""
    if hit.kind == "unit":
        return unit_kind_name(hit.unit_kind)
    if hit.kind == "document":
        return document_kind_name(hit.document_kind)
    return gettext("parcel") if hit.kind == "parcel" else gettext("project")


def _details(hit: Hit) -> list[str]:
    """Say what tells it from others of the same name, and for a parcel or document where it belongs."""
    said = []
    if hit.kind == "parcel":
        sheet, _, number = hit.name.rpartition("/")
        said.append(gettext("map sheet %(sheet)s, parcel %(number)s", sheet=sheet, number=number))
        said.append(gettext("numbered in %(unit)s", unit=hit.within))
    elif hit.within:
        said.append(hit.within)
    if hit.valid_from:
        said.append(gettext("from %(day)s", day=day(hit.valid_from)))
    if hit.valid_to:
        said.append(gettext("until %(day)s", day=day(hit.valid_to - timedelta(days=1))))
    if hit.kind == "document":
        said += [part for part in (hit.issued_on and day(hit.issued_on), hit.issuer) if part]
    if hit.kind in ("parcel", "document"):
        said.append(hit.project_name or gettext("concerns no project on record"))
    return said
