"""The map page in Chromium: how long until it is drawn, what a moved day costs, how many frames a second while playing.

    .venv/bin/python -m benchmarks.page [ADDRESS]

Without a graphics card WebGL runs in software: frames while playing are shown beside those of the same map redrawn
unchanged, which is the ceiling there.
"""

import os
import shutil
import sys
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

ROUNDS = 5
SOFTWARE_WEBGL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
WINDOWS = {"1440 x 900": (1440, 900), "360 x 740": (360, 740)}
PLACES = {"province": "", "city": "&at=21.8530,106.7610,13", "parcels": "&at=21.8530,106.7610,16"}
DRAWN = "!!window.groundMap?.colours.size && groundMap.gl.loaded() && groundMap.gl.areTilesLoaded()"
PLAYED = """() => new Promise(done => {
    let frames = 0; const count = () => frames += 1; groundMap.gl.on("render", count);
    document.getElementById("speed").value = "90"; document.getElementById("play").click();
    const end = () => { document.getElementById("play").click(); groundMap.gl.off("render", count); done(frames / 5); };
    setTimeout(end, 5000);
})"""
REDRAWN = """() => new Promise(done => {
    let frames = 0; const count = () => { frames += 1; groundMap.gl.triggerRepaint(); };
    groundMap.gl.on("render", count);
    groundMap.gl.triggerRepaint();
    setTimeout(() => { groundMap.gl.off("render", count); done(frames / 3); }, 3000);
})"""
MOVED = """(day) => {
    const input = document.getElementById("day"); input.value = day;
    const began = performance.now(); input.dispatchEvent(new Event("input", {bubbles: true}));
    return performance.now() - began;
}"""


def opened(browser: Browser, address: str, size: tuple[int, int], **options) -> Page:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, **options)
    page.goto(address, wait_until="commit")
    wait(page, DRAWN)
    return page


def wait(page: Page, expression: str) -> None:
    """Wait until an expression holds; asked from outside, because the page's policy forbids strings run as code."""
    for _ in range(3000):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(10)
    sys.exit(f"{expression} did not come.")


def first_drawn(browser: Browser, address: str, size: tuple[int, int]) -> float:
    """Give milliseconds from navigation until tiles and colours stand on the screen, nothing in the browser's cache."""
    page = opened(browser, address, size)
    found = page.evaluate("performance.now()")
    page.close()
    return found


def moved_day(browser: Browser, address: str, size: tuple[int, int]) -> tuple[float, float]:
    """Give milliseconds of script for a day moved to, and until the tables of a day stand."""
    page = opened(browser, address, size)
    scripts = [page.evaluate(MOVED, f"2022-{month:02}-15") for month in range(1, 13)]
    began = page.evaluate("performance.now()")
    page.evaluate(MOVED, "2021-06-01")
    wait(page, "document.getElementById('day-figures').dataset.day === '2021-06-01'")
    tables = page.evaluate("performance.now()") - began
    page.close()
    return median(scripts), tables


def main() -> None:
    address = (sys.argv[1:] or ["http://127.0.0.1:8000"])[0] + "/?day=2022-10-24"
    chromium = os.environ.get("GPMB_TEST_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", *SOFTWARE_WEBGL])
        for window, size in WINDOWS.items():
            drawn = median(first_drawn(browser, address, size) for _ in range(ROUNDS))
            moves = [moved_day(browser, address, size) for _ in range(ROUNDS)]
            script, tables = (median(column) for column in zip(*moves, strict=True))
            print(f"{window}: drawn after {drawn:.0f} ms")
            print(f"  a moved day: {script:.1f} ms of script, tables after {tables:.0f} ms")
            for place, at in PLACES.items():
                page = opened(browser, address + at, size)
                ceiling, playing = page.evaluate(REDRAWN), page.evaluate(PLAYED)
                print(f"  {place}: {playing:.1f} frames a second while playing, {ceiling:.1f} redrawn unchanged")
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
