"""Small files of tiles for tests: every tile one colour, by which it is known again, or one lake with a name."""

import gzip
import json
import sqlite3
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import mapbox_vector_tile
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from gis.tiles import Tile

ZOOMS = (7, 8)
BOUNDS = (105.5, 21.0, 107.9, 23.0)
ATTRIBUTION = '<a href="https://example.vn">Sở NN&amp;MT</a>'
LAKE = {
    "name": "water",
    "features": [
        {"geometry": "POLYGON((0 0, 2048 0, 2048 4096, 0 4096, 0 0))", "properties": {"name": "Hồ"}},
        {"geometry": "POINT(2048 2048)", "properties": {"name": "Hồ"}},
    ],
}
LAND = {
    "name": "landuse",
    "features": [{"geometry": "POLYGON((0 0, 4096 0, 4096 4096, 0 4096, 0 0))", "properties": {}}],
}
TRACK = {"name": "transport", "features": [{"geometry": "LINESTRING(0 2048, 4096 2048)", "properties": {}}]}
VECTOR_LAYERS = [
    {"id": "water", "fields": {"name": "String"}},
    {"id": "landuse", "fields": {}},
    {"id": "transport", "fields": {}},
]


def colour_of(tile: Tile) -> tuple[int, int, int]:
    """The colour of a tile: another one beside, above and a zoom further."""
    return (60 + 90 * (tile.x % 2), 60 + 90 * (tile.y % 2), 60 + 40 * (tile.z % 4))


def png(colour: tuple[int, int, int], side: int = 256) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes(colour) * side) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def vector_tile() -> bytes:
    return gzip.compress(mapbox_vector_tile.encode([LAKE, LAND, TRACK]), mtime=0)


def tiles() -> Iterator[Tile]:
    """The tiles of the province and around it."""
    for z, columns, rows in ((7, range(100, 104), range(54, 58)), (8, range(200, 208), range(108, 116))):
        for x in columns:
            for y in rows:
                yield Tile(z, x, y)


def write_mbtiles(path: Path, *, vector: bool = False) -> Path:
    told = {"name": "thử", "format": "pbf" if vector else "png", "attribution": ATTRIBUTION}
    told |= {"bounds": ",".join(map(str, BOUNDS))} | dict(zip(("minzoom", "maxzoom"), map(str, ZOOMS), strict=True))
    if vector:
        told["json"] = json.dumps({"vector_layers": VECTOR_LAYERS})
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE metadata (name text, value text)")
        database.execute("CREATE TABLE tiles (zoom_level int, tile_column int, tile_row int, tile_data blob)")
        database.executemany("INSERT INTO metadata VALUES (?, ?)", told.items())
        database.executemany(
            "INSERT INTO tiles VALUES (?, ?, ?, ?)",
            [(t.z, t.x, 2**t.z - 1 - t.y, vector_tile() if vector else png(colour_of(t))) for t in tiles()],
        )
    database.close()
    return path


def write_pmtiles(path: Path, *, vector: bool = False, compression=None, named: bool = True) -> Path:
    west, south, east, north = (round(edge * 1e7) for edge in BOUNDS)
    with path.open("wb") as file:
        writer = Writer(file)
        for tile in sorted(tiles(), key=lambda t: zxy_to_tileid(t.z, t.x, t.y)):
            writer.write_tile(zxy_to_tileid(tile.z, tile.x, tile.y), vector_tile() if vector else png(colour_of(tile)))
        header = {
            "tile_type": TileType.MVT if vector else TileType.PNG,
            "tile_compression": compression or (Compression.GZIP if vector else Compression.NONE),
            "min_zoom": ZOOMS[0], "max_zoom": ZOOMS[1],
            "min_lon_e7": west, "min_lat_e7": south, "max_lon_e7": east, "max_lat_e7": north,
            "center_zoom": ZOOMS[0], "center_lon_e7": west, "center_lat_e7": south,
        }  # fmt: skip
        writer.finalize(
            header, {"attribution": ATTRIBUTION} | ({"vector_layers": VECTOR_LAYERS} if vector and named else {})
        )
    return path


WRITERS = {"mbtiles": write_mbtiles, "pmtiles": write_pmtiles}
