"""Pieces of the map page, asked for by its scripts: the tables of a day, and what stands about one feature."""

from datetime import date

from flask import Blueprint, Flask, render_template

from gis.access import Access
from gis.dossier import commune_facts, parcel_facts, project_facts
from gis.errors import NotFound
from gis.overview import opening_day, overview
from webmap import parameters
from webmap.auth import access
from webmap.session import session

bp = Blueprint("panels", __name__, url_prefix="/panels")


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
