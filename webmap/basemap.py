"""The base map under all layers, as an office sets it: none, a file of tiles on this server, or a server it names."""

import gzip
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from gis import tilefile
from gis.access import Access
from gis.errors import NotFound, UnreadableFile
from gis.tilefile import TileFile
from gis.tiles import DEEPEST_ZOOM, Tile
from webmap import parameters
from webmap.auth import access

bp = Blueprint("basemap", __name__)

SOURCE = "basemap-tiles"
PLACES = {"{z}", "{x}", "{y}"}
ONE_TRANSPARENT_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000b49444154789c6360000200000500017a5eab3f0000000049454e44ae426082"
)
"""Sent where a file of images has none: an empty answer is an error to a browser that waits for an image."""

WATER = re.compile(r"water|ocean|sea|lake|river|stream|hydro|thuy|(^|_)(song|suoi|ho|bien)($|_)", re.IGNORECASE)
CROWDED = re.compile(r"poi|house|address|ref", re.IGNORECASE)
NAMES = ("name:vi", "ten", "name")
LAND_COLOUR, WATER_COLOUR = "#e4e6e1", "#c4dbe8"
LINE_COLOUR, WATER_LINE_COLOUR = "#b3b8b0", "#a3c6da"


@dataclass(frozen=True)
class BaseMap:
    """What is set: a file or the address of a server; neither is no base map."""

    file: TileFile | None = None
    address: str = ""
    max_zoom: int = 0
    attribution: str = ""

    @property
    def origin(self) -> str:
        """Give the one other origin that the map page must be allowed to show images of, or nothing."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}" if self.address else ""


@dataclass(frozen=True)
class StyleParts:
    """What the base map adds to the map: pieces of a MapLibre style, an entry of the catalogue, and whose it is."""

    sources: dict[str, Any] = field(default_factory=dict)
    layers: list[dict[str, Any]] = field(default_factory=list)
    catalogue: list[dict[str, Any]] = field(default_factory=list)
    attribution: str = ""


def init_app(app: Flask) -> None:
    app.extensions["basemap"] = made_of(
        app.config["GPMB_BASE_MAP"], app.config["GPMB_BASE_MAP_MAX_ZOOM"], app.config["GPMB_BASE_MAP_ATTRIBUTION"]
    )
    app.register_blueprint(bp)


def current() -> BaseMap:
    """Give the base map of this application."""
    return current_app.extensions["basemap"]


def made_of(value: str, max_zoom: int, attribution: str) -> BaseMap:
    """Make the base map that the settings name.

    Raises
    ------
    UnreadableFile
        If the file is not there or not one of tiles.
    """
    if not value:
        return BaseMap()
    if "://" in value:
        return BaseMap(address=value, max_zoom=min(max_zoom, DEEPEST_ZOOM), attribution=attribution)
    found = tilefile.read(Path(value))
    return BaseMap(file=found, attribution=attribution or Markup(found.attribution).striptags())


def fault(value: str) -> str | None:
    """Tell what is wrong with a value of `GPMB_BASE_MAP`, in English, as all messages of the start are."""
    if not value:
        return None
    if "://" in value:
        return _fault_of_address(value)
    try:
        tilefile.read(Path(value))
    except UnreadableFile as error:
        return str(error)
    return None


def _fault_of_address(value: str) -> str | None:
    places = set(re.findall(r"\{.*?\}", value))
    parts = urlsplit(value)
    if missing := sorted(PLACES - places):
        return f"“{value}” lacks {', '.join(missing)}: write an address such as https://host/{{z}}/{{x}}/{{y}}.png"
    if unknown := sorted(places - PLACES):
        return f"“{value}” holds {', '.join(unknown)}, and only {{z}}, {{x}} and {{y}} can be filled in"
    # The host goes into the Content-Security-Policy, the whole address to every reader.
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[A-Za-z0-9.-]+(:\d{1,5})?", parts.netloc):
        return f"“{value}” does not begin with http:// or https:// and the name of a host (no user, no password)"
    if parts.path.endswith((".pbf", ".mvt")):
        return f"“{value}” gives vector tiles: of a server, images are shown; of vector tiles, a .pmtiles or .mbtiles"
    return None


def style_parts() -> StyleParts:
    """Give what the map page adds to its style, all of it under the layers; nothing where no base map is set."""
    base = current()
    if not base.file and not base.address:
        return StyleParts()
    vector = base.file and base.file.format == tilefile.VECTOR
    source = _source(base)
    layers = _vector_layers(base.file) if vector else [{"id": "basemap", "type": "raster", "source": SOURCE}]
    entry = {
        "name": "basemap",
        "title": gettext("Base map"),
        "group": "base",
        "min_zoom": 0,
        "source": SOURCE,
        "opening": True,
        "compares": False,
        "until_zoom": None,
        "style_layers": [layer["id"] for layer in layers],
        "fields": [],
        "legend": [],
    }
    return StyleParts({SOURCE: source}, layers, [entry], base.attribution)


def _source(base: BaseMap) -> dict[str, Any]:
    if not base.file:
        return {"type": "raster", "tiles": [base.address], "tileSize": 256, "maxzoom": base.max_zoom}
    path = url_for("basemap.tile", z="z", x="x", y="y", v=base.file.version).replace("z/x/y", "{z}/{x}/{y}")
    source = {"tiles": [path], "minzoom": base.file.min_zoom, "maxzoom": base.file.max_zoom}
    if base.file.bounds:
        source["bounds"] = base.file.bounds
    if base.file.format == tilefile.VECTOR:
        return source | {"type": "vector"}
    return source | {"type": "raster", "tileSize": 256}


def _vector_layers(file: TileFile) -> list[dict[str, Any]]:
    """Draw whatever a file holds in pale, neutral colours: land, then water, then lines, then names of places.

    Nothing is known of the file but the names of its layers and fields, and what is on the map must stay legible
    above it.
    """
    land, water, lines, names = [], [], [], []
    for number, layer in enumerate(file.vector_layers):
        wet = bool(WATER.search(layer["id"]))
        common = {"source": SOURCE, "source-layer": layer["id"]}
        (water if wet else land).append(
            common
            | {
                "id": f"basemap-{number}-area",
                "type": "fill",
                "filter": ["==", ["geometry-type"], "Polygon"],
                "paint": {"fill-color": WATER_COLOUR if wet else LAND_COLOUR},
            }
        )
        lines.append(
            common
            | {
                "id": f"basemap-{number}-line",
                "type": "line",
                "filter": ["==", ["geometry-type"], "LineString"],
                "layout": {"line-cap": "round", "line-join": "round"},
                "paint": {
                    "line-color": WATER_LINE_COLOUR if wet else LINE_COLOUR,
                    "line-width": ["interpolate", ["exponential", 1.4], ["zoom"], 8, 0.5, 18, 4],
                },
            }
        )
        named = [name for name in NAMES if name in (layer.get("fields") or {})]
        if named and not CROWDED.search(layer["id"]):
            names.append(
                common
                | {
                    "id": f"basemap-{number}-name",
                    "type": "symbol",
                    "filter": ["==", ["geometry-type"], "Point"],
                    "layout": {"text-field": ["coalesce", *(["get", name] for name in named), ""], "text-size": 11},
                    "paint": {"text-color": "#5c645e", "text-halo-color": "#ffffff", "text-halo-width": 1.2},
                }
            )
    return [*land, *water, *lines, *names]


@bp.get("/basemap/<z>/<x>/<y>")
@access(Access.AGGREGATE)
def tile(z: str, x: str, y: str):
    """Serve a tile of the file. It holds no record, but who may not see the map needs no ground under it either."""
    parameters.only("v")
    wanted = Tile.parse(z, x, y)
    file = current().file
    if not file:
        raise NotFound("There is no such page.")
    version = file.version
    if request.if_none_match.contains_weak(version):
        return _kept(Response(), version)
    return _kept(_sent(file, file.tile(wanted)), version)


def _sent(file: TileFile, body: bytes | None) -> Response:
    if file.format != tilefile.VECTOR:
        kind = file.format if body else "png"
        return Response(body or ONE_TRANSPARENT_PIXEL, content_type=f"image/{kind}")
    if not body:
        return Response(status=204)
    compressed = tilefile.is_compressed(body)
    taken = request.accept_encodings.quality("gzip") > 0
    response = Response(
        gzip.decompress(body) if compressed and not taken else body, content_type="application/vnd.mapbox-vector-tile"
    )
    if compressed and taken:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def _kept(response: Response, version: str) -> Response:
    """Let browsers keep the tile: its address on the map page names the version of the file."""
    response.cache_control.private = True
    if request.args.get("v") == version:
        response.cache_control.max_age = 31_536_000
        response.cache_control.immutable = True
    else:
        response.cache_control.no_cache = True
    response.set_etag(version, weak=True)
    return response.make_conditional(request)
