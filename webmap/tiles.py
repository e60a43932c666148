"""`/tiles/<layer>/<z>/<x>/<y>.mvt`: compressed once, kept under the data revision, revalidated by it."""

import gzip
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from flask import Blueprint, Flask, Response, current_app, request

import layers
from gis import tiles
from gis.access import Access
from gis.errors import NotFound
from gis.tiles import Tile
from layers.spec import Layer
from webmap.auth import access, opened, reader
from webmap.session import session

bp = Blueprint("tiles", __name__)
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
GZIP_LEVEL = 6
OVERHEAD_BYTES = 500  # of one entry, beside its body
_EMPTY = gzip.compress(b"", mtime=0)


@dataclass(frozen=True)
class Kept:
    """A finished tile: the revision it shows, and its compressed bytes."""

    revision: str
    body: bytes


class TileCache:
    """Finished tiles of this process, the longest unused dropped first. Each address keeps its newest revision."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.bytes = 0
        self._kept: OrderedDict[tuple, Kept] = OrderedDict()
        self._lock = Lock()  # workers may run threads

    def get(self, key: tuple) -> Kept | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: tuple, kept: Kept) -> None:
        with self._lock:
            self._drop(key)
            self._kept[key] = kept
            self.bytes += len(kept.body) + OVERHEAD_BYTES
            while self.bytes > self.max_bytes:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: tuple) -> None:
        if key in self._kept:
            self.bytes -= len(self._kept.pop(key).body) + OVERHEAD_BYTES


def init_app(app: Flask) -> None:
    app.extensions["tile_cache"] = TileCache(app.config["GPMB_TILE_CACHE_MIB"] * 1024 * 1024)
    app.register_blueprint(bp)


@bp.get("/tiles/<layer>/<z>/<x>/<y>.mvt")
@access(Access.AGGREGATE)
def show(layer: str, z: str, x: str, y: str):
    """Serve a tile. A layer this reader may not see answers like one that does not exist."""
    found = layers.find(layer, opened())
    if found.features is None:
        raise NotFound("The map layer “%(name)s” has no tiles of its own.", parameter="layer", name=found.name)
    tile = Tile.parse(z, x, y)
    if not found.drawn_at(tile.z):
        return _answer(found, Kept("empty", _EMPTY))
    return _answer(found, _finished(found, tile))


def _finished(layer: Layer, tile: Tile) -> Kept:
    """Give the tile; without its body when the caller's copy is still good."""
    cache: TileCache = current_app.extensions["tile_cache"]
    key = (reader().scope, layer.name, tile.z, tile.x, tile.y)
    kept = cache.get(key)
    theirs = _their_revisions(layer)
    known = {*theirs, kept.revision} if kept else theirs
    made = tiles.render(session(), layer.features(), layer.name, tile, known)
    if made.mvt is None:
        return kept if kept and kept.revision == made.revision else Kept(made.revision, b"")
    fresh = Kept(made.revision, gzip.compress(made.mvt, GZIP_LEVEL, mtime=0))
    cache.put(key, fresh)
    return fresh


def _their_revisions(layer: Layer) -> set[str]:
    """Give the revisions of the copies the caller has of this tile, as made by this version of the layer."""
    prefix = _version(layer) + "."
    given = request.if_none_match.as_set(include_weak=True)
    return {tag.removeprefix(prefix) for tag in given if tag.startswith(prefix)}


def _version(layer: Layer) -> str:
    """Give a mark of how the tiles are made and of whose rows they hold: somebody else's copy is no copy."""
    return tiles.version(layer.features(), layer.name) + reader().scope


def _answer(layer: Layer, kept: Kept) -> Response:
    compressed = request.accept_encodings.quality("gzip") > 0
    response = Response(kept.body if compressed else gzip.decompress(kept.body or _EMPTY), content_type=MEDIA_TYPE)
    if compressed:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.cache_control.private = True
    response.cache_control.no_cache = True
    # Weak: the same tile goes out compressed or not.
    response.set_etag(f"{_version(layer)}.{kept.revision}", weak=True)
    return response.make_conditional(request)
