"""A served sample and a Chromium that looks at it. Whatever a test does, no page may ask another host or complain."""

import base64
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from script.settings import ROOT
from tests.conftest import serving

WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}
HEARTBEAT = "/panels/revision"
"""Asked every few seconds by an open page, and told by its own story (test_following.py) alone."""
SECONDS_TO_DRAW = 60
"""A page is waited for so long: that is no measure of it, only of how busy a machine may be."""
expect.set_options(timeout=SECONDS_TO_DRAW * 1000)
COLOURED = """!!window.groundMap && !!(groundMap.day || !document.getElementById("figures-problem").hidden)"""
"""Tiles alone are not the map: it is coloured by figures, which come by themselves or say that they do not."""
SOFTWARE_WEBGL = ["--disable-gpu", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
QUIET = ["--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]  # fmt: skip


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("GPMB_TEST_CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("No Chromium here: run script/test, which installs it, or set GPMB_TEST_CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*SOFTWARE_WEBGL, *QUIET])
        yield browser
        browser.close()


@contextmanager
def served_by_gunicorn(database, **more: str) -> Iterator[str]:
    """Give the address of a database, served by gunicorn as for readers, on a free port."""
    settings = {k: v for k, v in os.environ.items() if not k.startswith("GPMB_")} | database.settings | more
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--threads=8", "--no-control-socket", "--log-level=error",
             f"--bind=fd://{listening.fileno()}", "app:app"],
            env=settings, pass_fds=[listening.fileno()], cwd=ROOT,
        )  # fmt: skip
    yield address
    server.terminate()
    server.wait(timeout=30)


class Quiet(WSGIRequestHandler):
    """Requests are no news, and the next is sent on the same connection."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code="-", size="-") -> None:
        pass


@contextmanager
def served(database, **more: str) -> Iterator[str]:
    """Give the address of a database, served by threads of this process: one of its own takes ten seconds to start."""
    with serving(database, **more) as app:
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        serving_thread = threading.Thread(target=server.serve_forever, daemon=True)
        serving_thread.start()
        yield f"http://127.0.0.1:{server.port}"
        server.shutdown()
        serving_thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def site(sample) -> Iterator[str]:
    """The address of the sample."""
    with served(sample) as address:
        yield address


class Visit:
    """A page of the site, what it asked for and what it complained of."""

    def __init__(self, page: Page, site: str):
        self.page, self.site = page, site
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.provoked: list[str] = []
        """Words of what a test brings about itself: the browser notes it sooner or later, and may note it again."""
        page.on("request", lambda request: HEARTBEAT in request.url or self.asked.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)

    def _note(self, message) -> None:
        known = ["GL Driver Message", *self.provoked]
        if message.type in ("error", "warning") and not any(words in message.text for words in known):
            self.complaints.append(message.text)

    def cut_off(self, addresses: str) -> None:
        """Let what is asked of these addresses fail, as where the connection is lost."""
        self.provoked.append("ERR_FAILED")
        self.page.route(addresses, lambda route: route.abort())

    def go(self, path: str = "/") -> "Visit":
        self.page.goto(self.site + path)
        self.wait(COLOURED, "The figures of the map")
        self.wait_drawn()
        return self

    def wait(self, expression: str, what: str) -> None:
        """Wait until an expression holds (asked from outside: the page's policy forbids strings run as code)."""
        for _ in range(SECONDS_TO_DRAW * 20):
            if self.page.evaluate(expression):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{what} did not come in {SECONDS_TO_DRAW} s")

    def wait_drawn(self) -> None:
        self.wait("!!window.groundMap && groundMap.gl.loaded() && groundMap.gl.areTilesLoaded()", "The map")
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def rest(self, what: str, reading: Callable[[], object], *, unchanged_ms: int = 600):
        """Wait until something reads the same for a while, and give it: nothing tells that the movement ended."""
        ended, before = 0, reading()
        for _ in range(SECONDS_TO_DRAW * 10):
            self.page.wait_for_timeout(100)
            now = reading()
            ended = ended + 100 if now == before else 0
            if ended >= unchanged_ms:
                return now
            before = now
        raise AssertionError(f"{what} did not come to rest in {SECONDS_TO_DRAW} s")

    def wait_until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something of the test's own holds, while the page goes on."""
        for _ in range(SECONDS_TO_DRAW * 20):
            if holds():
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{what} did not come in {SECONDS_TO_DRAW} s")

    def show_day(self, day: str) -> None:
        self.page.fill("#day", day)
        self.wait(f"document.querySelector('#day-figures').dataset.day === '{day}'", f"The figures of {day}")
        self.wait_drawn()

    def point_of(self, lon: float, lat: float) -> tuple[float, float]:
        """Give the place on screen of a place on the ground."""
        x, y = self.page.evaluate(
            """([lon, lat]) => {
                const point = groundMap.leaflet.latLngToContainerPoint([lat, lon]);
                const box = groundMap.leaflet.getContainer().getBoundingClientRect();
                return [point.x + box.x, point.y + box.y];
            }""",
            [lon, lat],
        )
        return x, y

    def tiles_asked(self) -> list[str]:
        return [url for url in self.asked if "/tiles/" in url]

    def api(self, path: str) -> dict:
        return self.page.request.get(f"{self.site}/api/v1/{path}").json()

    def colours(self, clip: dict | None = None) -> dict[tuple[int, int, int], int]:
        """Count the pixels of each colour on the map, or in a box of the page, as it stands on the screen."""
        shot = self.page.screenshot(clip=clip) if clip else self.page.locator("section.map").screenshot()
        png = base64.b64encode(shot).decode()
        drawing = self.page.context.new_page()
        counted = drawing.evaluate(_COUNT_PIXELS, png)
        drawing.close()
        return {(n >> 16, n >> 8 & 255, n & 255): count for n, count in counted}


_COUNT_PIXELS = """async (png) => {
    const blob = new Blob([Uint8Array.from(atob(png), c => c.charCodeAt(0))]);
    const image = await createImageBitmap(blob);
    const pen = new OffscreenCanvas(image.width, image.height).getContext("2d");
    pen.drawImage(image, 0, 0);
    const counted = new Map();
    const {data} = pen.getImageData(0, 0, image.width, image.height);
    for (let i = 0; i < data.length; i += 4) {
        const colour = data[i] << 16 | data[i + 1] << 8 | data[i + 2];
        counted.set(colour, (counted.get(colour) ?? 0) + 1);
    }
    return [...counted];
}"""


@pytest.fixture
def visiting(chromium, site):
    """Open pages with `visiting(...)`; at the end none may have complained or asked another host."""
    visits = []

    @contextmanager
    def opened(path: str = "/", *, viewport=WIDE, drawn: bool = True, **options) -> Iterator[Visit]:
        context = chromium.new_context(viewport=viewport, reduced_motion="reduce", **options)
        context.set_default_timeout(SECONDS_TO_DRAW * 1000)
        visit = Visit(context.new_page(), site)
        visits.append(visit)
        if drawn:
            visit.go(path)
        yield visit
        context.close()

    yield opened
    for visit in visits:
        outside = [url for url in visit.asked if not url.startswith((site, "blob:", "data:"))]
        assert outside == [], "asked of another host"
        assert visit.complaints == []


@pytest.fixture
def visit(visiting) -> Iterator[Visit]:
    """The page as a newcomer finds it."""
    with visiting() as visit:
        yield visit
