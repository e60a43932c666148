"""One file of ready-made map tiles: MBTiles (an SQLite database) or PMTiles, images or vector tiles.

The file is opened for each tile anew: it may be replaced while the application runs, and nothing has to be carried
over a fork of the server. SQLite and the memory map make that cheap.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import Compression, MagicNumberNotFound, SpecVersionUnsupported, TileType

from gis.errors import UnreadableFile
from gis.tiles import Tile

SUFFIXES = (".mbtiles", ".pmtiles")
VECTOR = "pbf"
_IMAGES = {TileType.PNG: "png", TileType.JPEG: "jpeg", TileType.WEBP: "webp", TileType.AVIF: "avif"}
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class TileFile:
    """What a file of tiles says about itself."""

    path: Path
    format: str
    """``png``, ``jpeg``, ``webp``, ``avif`` (images), or ``pbf`` (Mapbox vector tiles)."""
    min_zoom: int
    max_zoom: int
    bounds: tuple[float, float, float, float] | None
    """West, south, east, north in degrees WGS 84, where the file tells."""
    attribution: str
    """As the file has it, which may be HTML; never to be shown unescaped."""
    vector_layers: tuple[dict[str, Any], ...] = ()
    """Of vector tiles: ``id`` and ``fields`` of each layer, as the TileJSON specification has them."""

    @property
    def version(self) -> str:
        """Give a text that changes when the file does."""
        found = self.path.stat()
        return f"{found.st_mtime_ns:x}-{found.st_size:x}"

    def tile(self, tile: Tile) -> bytes | None:
        """Give the bytes of a tile as they are stored (vector tiles perhaps compressed by gzip).

        Returns
        -------
        bytes or None
            None where the file has no tile.
        """
        if self.path.suffix.lower() == ".pmtiles":
            with _pmtiles(self.path) as reader:
                return reader.get(tile.z, tile.x, tile.y) or None
        with _mbtiles(self.path) as database:
            row = 2**tile.z - 1 - tile.y  # MBTiles count rows from the south
            found = database.execute(
                "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
                (tile.z, tile.x, row),
            ).fetchone()
        return bytes(found[0]) if found and found[0] else None


def is_compressed(body: bytes) -> bool:
    """Tell whether the bytes of a tile are compressed by gzip."""
    return body.startswith(_GZIP)


def read(path: Path) -> TileFile:
    """Read what a file of tiles says about itself, and check that it is one.

    Parameters
    ----------
    path : Path
        Of a ``.mbtiles`` or ``.pmtiles`` file.

    Raises
    ------
    UnreadableFile
        If there is no such file, it is not what its name says, holds no tile, or vector tiles whose layers it does
        not name.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UnreadableFile("“%(path)s” is neither a .mbtiles nor a .pmtiles file.", path=str(path))
    if not path.is_file():
        raise UnreadableFile("There is no file “%(path)s”.", path=str(path))
    try:
        found = _read_pmtiles(path) if path.suffix.lower() == ".pmtiles" else _read_mbtiles(path)
    except OSError as error:
        raise UnreadableFile("“%(path)s” cannot be read: %(why)s.", path=str(path), why=error.strerror) from error
    except (MagicNumberNotFound, SpecVersionUnsupported, sqlite3.Error, ValueError, KeyError, IndexError) as error:
        raise UnreadableFile(
            "“%(path)s” is not a file of tiles in the format its name says (%(format)s).",
            path=str(path), format="PMTiles 3" if path.suffix.lower() == ".pmtiles" else "MBTiles",
        ) from error  # fmt: skip
    if found.format == VECTOR and not found.vector_layers:
        raise UnreadableFile("“%(path)s” holds vector tiles and does not name their layers.", path=str(path))
    return found


@contextmanager
def _mbtiles(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1", uri=True)) as database:
        yield database


def _read_mbtiles(path: Path) -> TileFile:
    with _mbtiles(path) as database:
        told = dict(database.execute("SELECT name, value FROM metadata"))
        first = database.execute("SELECT tile_data FROM tiles LIMIT 1").fetchone()
        zooms = [told.get("minzoom"), told.get("maxzoom")]
        if not all(zooms):
            zooms = database.execute("SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
    if not first:
        raise ValueError("no tile")
    bounds = tuple(float(part) for part in told["bounds"].split(",")) if told.get("bounds") else None
    return TileFile(
        path, _format_of(bytes(first[0])), int(zooms[0]), int(zooms[1]), _sensible(bounds), told.get("attribution", ""),
        _named(json.loads(told.get("json") or "{}")),
    )  # fmt: skip


def _format_of(body: bytes) -> str:
    """Tell the format from a tile itself: what the metadata say is often wrong or missing."""
    if body.startswith(b"\x89PNG"):
        return "png"
    if body.startswith(b"\xff\xd8"):
        return "jpeg"
    if body.startswith(b"RIFF"):
        return "webp"
    return VECTOR


@contextmanager
def _pmtiles(path: Path) -> Iterator[Reader]:
    with path.open("rb") as file:
        yield Reader(MmapSource(file))


def _read_pmtiles(path: Path) -> TileFile:
    with _pmtiles(path) as reader:
        header, told = reader.header(), reader.metadata()
    kind = _IMAGES.get(header["tile_type"], VECTOR)
    if kind == VECTOR and header["tile_type"] != TileType.MVT:
        raise ValueError("unknown kind of tile")
    if header["tile_compression"] not in (Compression.NONE, Compression.GZIP):
        raise UnreadableFile("“%(path)s” holds tiles that are compressed otherwise than by gzip.", path=str(path))
    corners = tuple(header[f"{edge}_e7"] / 1e7 for edge in ("min_lon", "min_lat", "max_lon", "max_lat"))
    return TileFile(
        path, kind, header["min_zoom"], header["max_zoom"], _sensible(corners), told.get("attribution") or "",
        _named(told),
    )  # fmt: skip


def _sensible(bounds: tuple[float, ...] | None) -> tuple[float, float, float, float] | None:
    """Leave out bounds that are none: writers that do not know them put zeros."""
    if bounds is None or len(bounds) != 4:
        return None
    west, south, east, north = bounds
    return (west, south, east, north) if west < east and south < north else None


def _named(told: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return tuple(layer for layer in told.get("vector_layers") or () if layer.get("id"))
