"""The map page: Folium makes the Leaflet map, MapLibre draws the vector tiles of `layers` inside it."""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import folium
from flask import Blueprint, Flask, make_response, render_template, request, url_for
from flask_babel import get_locale
from folium.elements import MacroElement
from folium.template import Template

import layers
from gis.access import Access
from gis.overview import Bounds, opening_day, overview
from gis.progress import today
from gis.units import REFORM
from layers import themes
from layers.palette import LINES, OUTSIDE, PATTERNS
from layers.spec import in_language
from layers.verdicts import SHORT
from webmap import basemap, freshness, parameters
from webmap.auth import access, opened
from webmap.health import page_policy
from webmap.panels import TOOLS
from webmap.session import session

bp = Blueprint("map", __name__)

LEAFLET, MAPLIBRE, BRIDGE = "vendor/leaflet/1.9.4/", "vendor/maplibre-gl/5.24.1/", "vendor/maplibre-gl-leaflet/0.1.4/"
SCRIPTS = (
    ("leaflet", f"{LEAFLET}leaflet.js"),
    ("maplibre-gl", f"{MAPLIBRE}maplibre-gl-csp.js"),
    ("maplibre-gl-leaflet", f"{BRIDGE}leaflet-maplibre-gl.js"),
)
STYLES = (("leaflet", f"{LEAFLET}leaflet.css"),)
MODULES = sorted(path.name for path in (Path(__file__).parent / "static/js").glob("*.js"))
"""Our own scripts of the page, asked for at once: one import finds the next only when it has been read."""
WORKER = f"{MAPLIBRE}maplibre-gl-csp-worker.js"
KEYS = {"communes": "slug", "projects": "code"}
"""Which field names a feature in tables and addresses; of other layers it is the feature's id."""
ONE_DAY = timedelta(days=1)
VIETNAM: Bounds = (102.1, 8.3, 109.5, 23.4)


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.get("/")
@access(Access.AGGREGATE)
def show():
    """Show map and tables of a day or two, of all projects or one; the rest of the address is the page's own."""
    found = overview(
        session(), parameters.day("day") or opening_day(session()), parameters.day("since"), parameters.text("project")
    )
    made = compose(found.extent or VIETNAM, _number(found.day))
    nonce = secrets.token_urlsafe(16)
    response = make_response(
        render_template(
            "map.html",
            overview=found,
            map=made,
            nonce=nonce,
            patterns={name: given | {"lines": LINES[given["kind"]]} for name, given in PATTERNS.items()},
            themes=themes.describe(str(get_locale())),
            tools=TOOLS,
            modules=MODULES,
            scripted=[{name: said for name, said in layer.items() if name != "legend"} for layer in made.catalogue],
            day_before=max(found.day, date.min + ONE_DAY) - ONE_DAY,
            day_after=min(found.day, date.max - ONE_DAY) + ONE_DAY,
            today=today(),
            reform=REFORM,
            outside=OUTSIDE,
            outcomes=in_language(SHORT, str(get_locale())),
            revision=freshness.current(),
            here=request.full_path.rstrip("?"),
        )
    )
    response.headers["Content-Security-Policy"] = page_policy(nonce, basemap.current().origin)
    return response


def _number(day: date) -> int:
    return int(day.strftime("%Y%m%d"))


class LocalMap(folium.Map):
    """A Folium map whose scripts and styles all come from this site, without the libraries it does not use.

    The lists are the instance's own: `add_js_link` would change those of every map in the process.
    """

    def __init__(self, bounds: Bounds, **options):
        west, south, east, north = bounds
        super().__init__(
            location=((south + north) / 2, (west + east) / 2), tiles=None, attribution_control=False, **options
        )
        self.default_js = [(name, url_for("static", filename=path)) for name, path in SCRIPTS]
        self.default_css = [(name, url_for("static", filename=path)) for name, path in STYLES]


class VectorTiles(MacroElement):
    """All vector layers as one MapLibre map inside the Leaflet map, handed to our own script.

    The script is a module: it imports ours, which must listen before MapLibre asks for the first pattern.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            import { start } from {{ this.starter|tojson }};
            maplibregl.setWorkerUrl({{ this.worker|tojson }});
            {{ this._parent.get_name() }}.fitBounds({{ this.corners|tojson }}, { animate: false });
            var {{ this.get_name() }} = null;
            try {
                {{ this.get_name() }} = L.maplibreGL({{ this.options|tojson }}).addTo({{ this._parent.get_name() }});
            } catch (error) {
                console.warn(error);
            }
            start({{ this._parent.get_name() }}, {{ this.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, style: dict, bounds: Bounds):
        super().__init__()
        self._name = "VectorTiles"
        self.starter = url_for("static", filename="js/main.js")
        self.worker = url_for("static", filename=WORKER)
        west, south, east, north = bounds
        self.corners = [[south, west], [north, east]]
        self.options = {"style": style, "fadeDuration": 0, "refreshExpiredTiles": False, "renderWorldCopies": False}


@dataclass(frozen=True)
class ComposedMap:
    """The parts of a Folium map for a page of our own: what to load, its element, its script, and its layers."""

    scripts: list[tuple[str, str]]
    styles: list[tuple[str, str]]
    html: str
    script: str
    catalogue: list[dict]
    attribution: str
    """Whose base map it is; plain text."""


def compose(bounds: Bounds, day: int) -> ComposedMap:
    """Make the map of all layers this reader may see, opening on bounds and on a day (a number yyyymmdd)."""
    shown = layers.visible_to(opened())
    drawn = layers.style(str(get_locale()), shown)
    for name, field in KEYS.items():
        drawn["sources"][name]["promoteId"] = field
    under = basemap.style_parts()
    style = {
        "version": 8,
        "transition": {"duration": 0},  # a day that moves shows its colours at once; without a GPU fading costs seconds
        "state": {"day": {"default": day}, "since": {"default": 0}, "project": {"default": ""}},
        "sources": under.sources | drawn["sources"],
        # texts above all areas
        "layers": sorted(under.layers + drawn["layers"], key=lambda part: part["type"] == "symbol"),
    }
    made = LocalMap(bounds, zoom_snap=0.25, zoom_control=False, minZoom=7, maxZoom=20)
    made.add_child(VectorTiles(style, bounds))
    figure = made.get_root()
    figure.render()
    return ComposedMap(
        made.default_js, made.default_css, figure.html.render(), figure.script.render(),
        under.catalogue + drawn["catalogue"], under.attribution,
    )  # fmt: skip
