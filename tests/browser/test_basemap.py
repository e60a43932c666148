"""The base map in a real browser: whose pixels lie under the layers, and which hosts are asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from math import asinh, floor, pi, radians, tan
from threading import Thread

import pytest
from werkzeug.serving import make_server

from gis.tiles import Tile
from tests.browser.conftest import PHONE, WIDE, Visit
from tests.conftest import serving
from tests.tile_files import colour_of, png, tiles, write_mbtiles, write_pmtiles
from webmap.basemap import LAND_COLOUR, WATER_COLOUR

PLACE = (106.62, 21.95)  # within the province
# Served from this process, not by gunicorn: three settings, three starts. Flask-Compress leaves closing the files
# it streams to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@contextmanager
def running(server) -> Iterator[str]:
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def looking(chromium, sample, viewport=WIDE, **settings: str) -> Iterator[Visit]:
    """The page under settings, with every layer of ours switched off, so that the ground alone is seen."""
    with (
        serving(sample, **settings) as app,
        running(make_server("127.0.0.1", 0, app, threaded=True)) as site,
        visiting(chromium, site, viewport) as visit,
    ):
        yield visit


@contextmanager
def visiting(chromium, site: str, viewport) -> Iterator[Visit]:
    context = chromium.new_context(viewport=viewport, reduced_motion="reduce")
    visit = Visit(context.new_page(), site).go()
    visit.page.evaluate("""([lon, lat]) => {
        groundMap.leaflet.setView([lat, lon], 9, {animate: false});
        for (const {id, source} of groundMap.gl.getStyle().layers) {
            if (source !== "basemap-tiles") groundMap.gl.setLayoutProperty(id, "visibility", "none");
        }
    }""", PLACE)  # fmt: skip
    visit.wait_drawn()
    yield visit
    context.close()


def tile_at(lon: float, lat: float, z: int) -> Tile:
    return Tile(z, floor((lon + 180) / 360 * 2**z), floor((1 - asinh(tan(radians(lat))) / pi) / 2 * 2**z))


def pixel(visit, lon: float, lat: float) -> tuple[int, ...]:
    x, y = visit.point_of(lon, lat)
    (colour,) = visit.colours(clip={"x": x, "y": y, "width": 1, "height": 1})
    return colour


def assert_tile_is_drawn_at_its_place(visit):
    """Leaflet's zoom 9 shows images of zoom 9 - 1 twice as large where 8 is the file's closest."""
    wanted = colour_of(tile_at(*PLACE, 8))
    assert pixel(visit, *PLACE) == pytest.approx(wanted, abs=2)


@contextmanager
def another_server(folder) -> Iterator[str]:
    """A server of images on another origin, which lets other sites show them."""

    class Images(SimpleHTTPRequestHandler):
        def end_headers(self):
            self.send_header("Access-Control-Allow-Origin", "*")
            super().end_headers()

        def log_message(self, *_):
            pass

    for tile in tiles():
        path = folder / f"{tile.z}/{tile.x}/{tile.y}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(colour_of(tile)))
    with running(ThreadingHTTPServer(("127.0.0.1", 0), partial(Images, directory=folder))) as address:
        yield address


def test_images_of_a_local_file_lie_under_the_layers(chromium, sample, tmp_path):
    path = write_mbtiles(tmp_path / "a.mbtiles")
    with looking(chromium, sample, GPMB_BASE_MAP=str(path)) as visit:
        assert_tile_is_drawn_at_its_place(visit)
        assert visit.page.locator(".attribution").inner_text() == "Sở NN&MT"
        assert visit.complaints == []
        visit.page.evaluate("groundMap.leaflet.setView([21.95, 100], 9, {animate: false})")  # beyond what the file has
        visit.wait_drawn()
        assert visit.complaints == []
        assert not visit.page.locator("#map-problem").is_visible()
        assert all(url.startswith((visit.site, "blob:", "data:")) for url in visit.asked)


def test_vector_tiles_are_drawn_in_quiet_colours_and_are_no_features(chromium, sample, tmp_path):
    path = write_pmtiles(tmp_path / "a.pmtiles", vector=True)
    with looking(chromium, sample, PHONE, GPMB_BASE_MAP=str(path)) as visit:
        visit.page.locator("#legend").evaluate("legend => legend.open = false")
        colours = visit.colours()
        for colour in (WATER_COLOUR, LAND_COLOUR):
            assert colours[tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))] > 10_000
        x, y = visit.point_of(*PLACE)
        visit.page.mouse.click(x, y)
        assert not visit.page.locator("#panel").is_visible()
        assert visit.complaints == []


def test_a_named_server_and_no_other_is_asked(chromium, sample, tmp_path):
    with another_server(tmp_path) as images:
        settings = {"GPMB_BASE_MAP": images + "/{z}/{x}/{y}.png", "GPMB_BASE_MAP_MAX_ZOOM": "8"}
        with looking(chromium, sample, **settings) as visit:
            assert_tile_is_drawn_at_its_place(visit)
            assert {url.split("/")[2] for url in visit.asked if url.startswith("http")} == {
                visit.site[7:],
                images[7:],
            }
            assert visit.complaints == []
