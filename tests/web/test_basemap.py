"""The base map by setting: its tiles, whose it is, what the page then allows, and settings that stop the start."""

import gzip
import re

import pytest

from gis.tiles import Tile
from tests.conftest import Database, serving
from tests.tile_files import WRITERS, colour_of, png, vector_tile, write_mbtiles, write_pmtiles
from tests.web.test_map import settings_of, style_of
from webmap.basemap import ONE_TRANSPARENT_PIXEL, SOURCE
from webmap.config import SettingError, load

NOWHERE = Database("postgresql://nobody@127.0.0.1:1/nothing", "")
SERVER = "https://tiles.example.vn:8443/osm/{z}/{x}/{y}.png?key=a"
TILE = Tile(8, 203, 112)
ADDRESS = f"/basemap/{TILE.z}/{TILE.x}/{TILE.y}"


def policy_of(page) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in page.headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


def test_by_default_there_is_none(sample_client):
    page = sample_client.get("/")
    assert SOURCE not in style_of(page.text)["sources"]
    assert "basemap" not in {layer["name"] for layer in settings_of(page.text)["layers"]}
    assert policy_of(page)["img-src"] == "'self' data: blob:"
    assert sample_client.get(ADDRESS).status_code == 404


@pytest.mark.parametrize("suffix", WRITERS)
def test_images_of_a_file_are_served_and_kept(tmp_path, suffix):
    path = WRITERS[suffix](tmp_path / f"a.{suffix}")
    with serving(NOWHERE, GPMB_BASE_MAP=str(path)) as app:
        client = app.test_client()
        answer = client.get(ADDRESS)
        assert answer.data == png(colour_of(TILE))
        assert answer.content_type == "image/png"
        assert answer.headers["Cache-Control"] == "private, no-cache"
        etag = answer.headers["ETag"]
        assert client.get(ADDRESS, headers={"If-None-Match": etag}).status_code == 304
        version = re.search(r'"(.*)"', etag).group(1)
        kept = client.get(f"{ADDRESS}?v={version}")
        assert "immutable" in kept.headers["Cache-Control"]
        missing = client.get("/basemap/8/0/0")
        assert (missing.status_code, missing.content_type, missing.data) == (200, "image/png", ONE_TRANSPARENT_PIXEL)
        WRITERS[suffix](path.with_name("b")).replace(path)  # a newer file takes its place
        assert client.get(ADDRESS, headers={"If-None-Match": etag}).status_code == 200
        assert "immutable" not in client.get(f"{ADDRESS}?v={version}").headers["Cache-Control"]
        for wrong in ("/basemap/8/256/0", "/basemap/23/0/0", "/basemap/a/b/c"):
            assert client.get(wrong).status_code == 404
        assert client.get(f"{ADDRESS}?version=1").status_code == 400


@pytest.mark.parametrize("suffix", WRITERS)
def test_vector_tiles_come_compressed_to_who_takes_them_so(tmp_path, suffix):
    path = WRITERS[suffix](tmp_path / f"a.{suffix}", vector=True)
    with serving(NOWHERE, GPMB_BASE_MAP=str(path)) as app:
        client = app.test_client()
        packed = client.get(ADDRESS, headers={"Accept-Encoding": "gzip"})
        assert (packed.headers["Content-Encoding"], packed.data) == ("gzip", vector_tile())
        plain = client.get(ADDRESS)
        assert "Content-Encoding" not in plain.headers
        assert plain.data == gzip.decompress(vector_tile())
        assert {packed.content_type, plain.content_type} == {"application/vnd.mapbox-vector-tile"}
        assert client.get("/basemap/8/0/0").status_code == 204


def test_who_may_not_see_the_map_gets_no_ground_either(tmp_path):
    path = write_mbtiles(tmp_path / "a.mbtiles")
    with serving(NOWHERE, GPMB_BASE_MAP=str(path), GPMB_OPEN_ACCESS="none") as app:
        assert app.test_client().get(ADDRESS).status_code == 401


def test_a_file_lies_under_all_layers_and_says_whose_it_is(sample, tmp_path):
    path = write_pmtiles(tmp_path / "a.pmtiles", vector=True)
    with serving(sample, GPMB_BASE_MAP=str(path)) as app:
        page = app.test_client().get("/")
    style, catalogue = style_of(page.text), settings_of(page.text)["layers"]
    (entry,) = (layer for layer in catalogue if layer["name"] == "basemap")
    kinds = [(part["source"] == SOURCE, part["type"] == "symbol") for part in style["layers"]]
    assert kinds == sorted(kinds, key=lambda kind: (kind[1], not kind[0])), "not under the layers, or over texts"
    assert {part["id"] for part in style["layers"] if part["source"] == SOURCE} == set(entry["style_layers"])
    assert entry["title"] == "Bản đồ nền"
    assert 'class="attribution">Sở NN&amp;MT<' in page.text, "the file's own HTML came through"
    assert policy_of(page)["img-src"] == "'self' data: blob:"


def test_only_a_server_that_is_named_is_let_in(sample):
    whose = "© <b>Sở</b> & bạn"
    with serving(sample, GPMB_BASE_MAP=SERVER, GPMB_BASE_MAP_ATTRIBUTION=whose, GPMB_BASE_MAP_MAX_ZOOM="17") as app:
        client = app.test_client()
        page = client.get("/")
        assert client.get(ADDRESS).status_code == 404
        assert "tiles.example.vn" not in client.get("/search").headers["Content-Security-Policy"]
    assert style_of(page.text)["sources"][SOURCE] == {
        "type": "raster", "tiles": [SERVER], "tileSize": 256, "maxzoom": 17
    }  # fmt: skip
    policy = policy_of(page)
    assert policy.pop("img-src") == "'self' https://tiles.example.vn:8443 data: blob:"
    assert "example" not in str(policy)
    assert "© &lt;b&gt;Sở&lt;/b&gt; &amp; bạn" in page.text


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("/nowhere/map.mbtiles", "There is no file"),
        ("/etc/hostname", "neither a .mbtiles nor a .pmtiles"),
        ("https://tiles.example.vn/{z}/{y}.png", "lacks {x}"),
        ("https://tiles.example.vn/{z}/{x}/{y}{r}.png", "holds {r}"),
        ("ftp://tiles.example.vn/{z}/{x}/{y}.png", "does not begin with http"),
        ("https://user:word@tiles.example.vn/{z}/{x}/{y}.png", "no password"),
        ("https://tiles.example.vn;script-src/{z}/{x}/{y}.png", "does not begin with http"),
        ("https:///{z}/{x}/{y}.png", "does not begin with http"),
        ("https://tiles.example.vn/{z}/{x}/{y}.pbf", "gives vector tiles"),
    ],
)
def test_a_wrong_base_map_stops_the_start(value, told):
    with pytest.raises(SettingError, match="GPMB_BASE_MAP") as error:
        load(NOWHERE.settings | {"GPMB_BASE_MAP": value})
    assert told in str(error.value)


def test_pages_may_ask_where_their_reader_stands_and_nothing_else(sample_client):
    told = sample_client.get("/healthz").headers["Permissions-Policy"]
    allowed = {part.split("=")[0].strip() for part in told.split(", ") if not part.endswith("=()")}
    assert allowed == {"geolocation", "clipboard-write", "fullscreen"}
    assert {"camera=()", "microphone=()"} <= set(told.split(", "))
