"""Files of tiles: what they say about themselves, their tiles, and what is none."""

import sqlite3

import pytest
from pmtiles.tile import Compression

from gis import tilefile
from gis.errors import UnreadableFile
from gis.tiles import Tile
from tests.tile_files import ATTRIBUTION, BOUNDS, WRITERS, ZOOMS, colour_of, png, tiles, vector_tile, write_pmtiles


@pytest.mark.parametrize("vector", [False, True], ids=["images", "vector"])
@pytest.mark.parametrize("suffix", WRITERS)
def test_every_tile_comes_back_at_its_place(tmp_path, suffix, vector):
    found = tilefile.read(WRITERS[suffix](tmp_path / f"nền số 1.{suffix}", vector=vector))
    assert found.format == ("pbf" if vector else "png")
    assert (found.min_zoom, found.max_zoom) == ZOOMS
    assert found.bounds == pytest.approx(BOUNDS)
    assert found.attribution == ATTRIBUTION
    assert [layer["id"] for layer in found.vector_layers] == (["water", "landuse", "transport"] if vector else [])
    for tile in tiles():
        assert found.tile(tile) == (vector_tile() if vector else png(colour_of(tile)))
    assert found.tile(Tile(8, 0, 0)) is None
    assert found.tile(Tile(12, 3200, 1800)) is None


def test_the_version_changes_with_the_file(tmp_path):
    path = write_pmtiles(tmp_path / "a.pmtiles")
    before = tilefile.read(path).version
    assert tilefile.read(path).version == before
    write_pmtiles(path, vector=True)
    assert tilefile.read(path).version != before


def test_mbtiles_that_say_little_are_looked_at(tmp_path):
    path = tmp_path / "bare.mbtiles"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE metadata (name text, value text)")
        database.execute("CREATE TABLE tiles (zoom_level int, tile_column int, tile_row int, tile_data blob)")
        database.execute("INSERT INTO tiles VALUES (5, 25, 17, ?)", (png((1, 2, 3)),))
        database.execute("INSERT INTO tiles VALUES (9, 407, 286, ?)", (png((1, 2, 3)),))
    database.close()
    found = tilefile.read(path)
    assert (found.format, found.min_zoom, found.max_zoom, found.bounds) == ("png", 5, 9, None)


@pytest.mark.parametrize("name", ["a.mbtiles", "a.pmtiles"])
@pytest.mark.parametrize("body", [b"", b"none of it", b"SQLite format 3\0 and no more", b"PMTiles\x02" + bytes(200)])
def test_what_is_no_file_of_tiles_is_refused(tmp_path, name, body):
    path = tmp_path / name
    path.write_bytes(body)
    with pytest.raises(UnreadableFile, match="not a file of tiles"):
        tilefile.read(path)


@pytest.mark.parametrize("name", ["map.zip", "map", "MAP.TIF"])
def test_other_kinds_of_file_are_named(tmp_path, name):
    with pytest.raises(UnreadableFile, match=r"neither a \.mbtiles nor a \.pmtiles"):
        tilefile.read(tmp_path / name)


def test_vector_tiles_that_cannot_be_drawn_are_refused(tmp_path):
    with pytest.raises(UnreadableFile, match="otherwise than by gzip"):
        tilefile.read(write_pmtiles(tmp_path / "a.pmtiles", vector=True, compression=Compression.ZSTD))
    with pytest.raises(UnreadableFile, match="does not name their layers"):
        tilefile.read(write_pmtiles(tmp_path / "b.pmtiles", vector=True, named=False))
