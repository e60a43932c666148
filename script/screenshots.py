"""Make the pictures of README and docs from a served map: python -m script.screenshots [ADDRESS]

They are taken of the sample on fixed days, so that a picture changes only when the page does.
"""

import os
import shutil
import sys
from dataclasses import dataclass

from playwright.sync_api import Page, sync_playwright

from script.settings import ROOT

PICTURES = ROOT / "docs/screenshots"
SOFTWARE_WEBGL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
DRAWN = "!!window.groundMap && groundMap.gl.loaded() && groundMap.gl.areTilesLoaded()"
SECONDS_TO_DRAW = 30


@dataclass(frozen=True)
class Picture:
    """One picture: its file, the page it shows, and how wide and high the window is."""

    name: str
    path: str
    width: int = 1280
    height: int = 800
    scheme: str = "light"


WANTED = (
    Picture("map-vi", "/?day=2024-12-16&lang=vi"),
    Picture("map-en", "/?day=2024-12-16&lang=en"),
    Picture("project-vi", "/?day=2022-10-24&lang=vi#project=cong-vien-bo-song-ky-cung"),
    Picture("communes-2025-vi", "/?day=2025-07-01&lang=vi#commune=p-dong-kinh-2025"),
    Picture("phone-vi", "/?day=2024-12-16&lang=vi", 360, 740, "dark"),
)


def wait_drawn(page: Page) -> None:
    """Wait until tiles, figures and panel stand still."""
    page.wait_for_load_state("networkidle")
    for _ in range(SECONDS_TO_DRAW * 10):
        if page.evaluate(DRAWN):
            page.wait_for_timeout(600)
            return
        page.wait_for_timeout(100)
    sys.exit(f"The map at {page.url} was not drawn in {SECONDS_TO_DRAW} s.")


def main() -> None:
    """Take every picture."""
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = os.environ.get("GPMB_TEST_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", *SOFTWARE_WEBGL])
        for picture in WANTED:
            page = browser.new_page(
                viewport={"width": picture.width, "height": picture.height},
                color_scheme=picture.scheme, reduced_motion="reduce",
            )  # fmt: skip
            page.goto(address + picture.path)
            wait_drawn(page)
            page.screenshot(path=PICTURES / f"{picture.name}.png")
            page.close()
            print(PICTURES / f"{picture.name}.png")
        browser.close()


if __name__ == "__main__":
    main()
