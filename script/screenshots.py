"""Make the gallery of docs/ from a served sample: python -m script.screenshots [ADDRESS] [NAME…]

Every state of the page once, in Vietnamese, English, light, dark, wide and on a phone, on fixed days of the sample, so
that a picture changes only when the page does. Named pictures alone are made when names are given.
"""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from script.settings import ROOT

PICTURES = ROOT / "docs/screenshots"
GALLERY = ROOT / "docs/gallery.md"
LOGINS = ROOT / "var/sample-logins.txt"
SOFTWARE_WEBGL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
DRAWN = (
    "!document.querySelector('section.map')"
    " || (!!window.groundMap && groundMap.gl.loaded() && groundMap.gl.areTilesLoaded())"
)
SECONDS_TO_DRAW = 30
QUALITY = 82
"""Of WebP: texts stay crisp, and a picture weighs a fifth of what it does as PNG."""

LATEST, EARLIER = "/?day=2024-12-16&lang=vi", "/?day=2022-10-24&lang=vi"
COMPARED = f"{LATEST}&since=2022-10-24"
PROJECT = "/desk/projects/nam-nguyen-dinh-chieu"
CITY = "at=21.8530,106.7610"
Act = Callable[[Page], None]
PARK = "#project=cong-vien-bo-song-ky-cung"


@dataclass(frozen=True)
class Picture:
    """One picture: its file, what it shows, the address, what is done before it is taken, and the window."""

    name: str
    caption: str
    path: str
    act: Act | None = None
    width: int = 1440
    height: int = 900
    scheme: str = "light"
    role: str | None = None
    """Who is signed in, of the sample's people; such pictures stand on the pages of docs/roles, not in the gallery."""


def phone(name: str, caption: str, path: str, act: Act | None = None, scheme: str = "light") -> Picture:
    """Give a picture as on a phone."""
    return Picture(name, caption, path, act, 360, 740, scheme)


def desk(role: str, what: str, path: str, width: int = 1440, height: int = 900) -> Picture:
    """Give a picture of the pages of a role, in docs/roles."""
    return Picture(f"role-{role}-{what}", "", path, width=width, height=height, role=role)


def tool(name: str, then: Act | None = None) -> Act:
    """Open a tool, and do something with it."""

    def act(page: Page) -> None:
        page.click(f"[data-tool={name}]")
        page.wait_for_selector(f"#tool-{name}:not([hidden])")
        page.wait_for_load_state("networkidle")
        page.evaluate(f"document.getElementById('tool-{name}').scrollIntoView({{block: 'nearest'}})")
        if then:
            then(page)

    return act


def click(*selectors: str) -> Act:
    """Click on one thing after another."""

    def act(page: Page) -> None:
        for selector in selectors:
            page.click(selector)

    return act


def points(*places: tuple[float, float]) -> Act:
    """Click on places of the map, as parts of its width and height, and finish with Enter."""

    def act(page: Page) -> None:
        page.check("#tool-measure [value=area]")
        box = page.locator("#map-box").bounding_box()
        for right, down in places:
            page.mouse.click(box["x"] + box["width"] * right, box["y"] + box["height"] * down)
            page.wait_for_timeout(400)
        page.keyboard.press("Enter")

    return act


def search(words: str) -> Act:
    """Search for something and leave the list open."""

    def act(page: Page) -> None:
        page.fill("#search-words", words)
        page.wait_for_selector("#search-list [role=option]")

    return act


WANTED = (
    Picture("map-vi", "The map as it opens: communes by share of m² handed over, projects as discs.", LATEST),
    Picture("map-en", "The same in English.", "/?day=2024-12-16&lang=en"),
    Picture("map-dark-vi", "Dark, as the system asks for it.", LATEST, scheme="dark"),
    Picture("theme-left-vi", "Communes by what is left to hand over.", f"{LATEST}&theme=left_area&{CITY},12.5"),
    Picture("theme-paid-en", "Communes by money paid.", f"/?day=2024-12-16&lang=en&theme=paid_vnd&{CITY},12.5"),
    Picture("project-vi", "A project: figures, target, what remains by step, what reports state.", f"{EARLIER}{PARK}"),
    Picture("project-alone-vi", "One project alone.", f"{EARLIER}&project=cong-vien-bo-song-ky-cung{PARK}"),
    Picture("parcels-vi", "Parcels by last step, obstacles, resettlement plots.", f"{EARLIER}&{CITY},16"),
    Picture(
        "remaining-vi",
        "What is left to hand over, as a layer of its own.",
        f"{EARLIER}&layers=communes,projects,remaining,no_holder&{CITY},16",
    ),
    Picture("compared-vi", "Two days compared: what was handed over between them.", COMPARED),
    Picture("compared-parcels-vi", "Two days compared, close up.", f"{COMPARED}&{CITY},16"),
    Picture("communes-2025-vi", "After the reform of 01/07/2025.", "/?day=2025-07-01&lang=vi#commune=p-dong-kinh-2025"),
    Picture("search-vi", "A name that several places bear.", LATEST, search("chi lang")),
    Picture("table-vi", "The table of a layer under the map.", f"{EARLIER}&{CITY},15.5", tool("table")),
    Picture(
        "chart-vi",
        "What was handed over through time, with reported figures as points.",
        f"{EARLIER}{PARK}",
        tool("chart"),
    ),
    Picture(
        "chart-en",
        "The chart of all projects, in English, dark.",
        "/?day=2024-12-16&lang=en",
        tool("chart"),
        scheme="dark",
    ),
    Picture("coordinates-vi", "Coordinates in VN-2000 and WGS 84.", f"{EARLIER}&{CITY},16", tool("coordinates")),
    Picture(
        "measure-vi",
        "An area measured on the plane of VN-2000.",
        f"{EARLIER}&{CITY},16",
        tool("measure", points((0.5, 0.4), (0.65, 0.45), (0.62, 0.6), (0.48, 0.58))),
    ),
    Picture("locate-vi", "One's own place.", f"{EARLIER}&{CITY},15", tool("locate")),
    Picture("print-vi", "A sheet to be printed: its frame on the map.", f"{EARLIER}&{CITY},15", tool("print")),
    phone("phone-vi", "On a phone, dark.", LATEST, scheme="dark"),
    phone("phone-legend-vi", "On a phone: the legend.", LATEST, click("#legend summary")),
    phone("phone-project-vi", "On a phone: a project.", f"{EARLIER}{PARK}"),
    phone("phone-table-vi", "On a phone: the table of a layer.", f"{EARLIER}&{CITY},15.5", tool("table")),
    phone("phone-chart-vi", "On a phone: the chart.", f"{EARLIER}{PARK}", tool("chart")),
    phone("phone-compared-vi", "On a phone: two days compared.", COMPARED),
    phone("phone-coordinates-vi", "On a phone: coordinates.", f"{EARLIER}&{CITY},16", tool("coordinates")),
    desk("officer", "cases", f"{PROJECT}/cases"),
    desk("officer", "act", f"{PROJECT}/acts/new?case=HS-0100&case=HS-0101&kind=handover"),
    desk("officer", "boundary", f"{PROJECT}/boundary"),
    desk("officer", "registers", f"{PROJECT}/registers"),
    desk("officer", "phone", f"{PROJECT}/cases", 360, 740),
    desk("leader", "case", f"{PROJECT}/cases/HS-0001"),
    desk("leader", "log", f"{PROJECT}/log"),
    desk("leader", "report", "/reports?unit=tp-lang-son&from=2022-01-01&to=2022-10-24"),
    desk("leader", "contradictions", "/contradictions"),
    desk("investor", "map", LATEST),
    desk("investor", "project", f"{LATEST}#project=cao-toc-huu-nghi-chi-lang"),
    desk("administrator", "people", "/people"),
    desk("administrator", "invite", "/people/invite"),
    desk("administrator", "reads", "/people/reads"),
)


SHEET, SHEET_CAPTION = "sheet-vi", "A printed sheet (PDF, A4), to scale, with the VN-2000 grid."
SHEET_ADDRESS = (
    "/print/map.pdf?day=2022-10-24&bounds=106.752,21.847,106.770,21.859&paper=a4&orientation=landscape&lang=vi"
)


def wait_drawn(page: Page) -> None:
    """Wait until tiles, figures and panel stand still."""
    page.wait_for_load_state("networkidle")
    for _ in range(SECONDS_TO_DRAW * 10):
        if page.evaluate(DRAWN):
            page.wait_for_timeout(700)
            return
        page.wait_for_timeout(100)
    sys.exit(f"The map at {page.url} was not drawn in {SECONDS_TO_DRAW} s.")


def take(browser: Browser, address: str, picture: Picture) -> None:
    """Take one picture."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme=picture.scheme, reduced_motion="reduce",
        geolocation={"latitude": 21.853, "longitude": 106.761, "accuracy": 60}, permissions=["geolocation"],
    )  # fmt: skip
    page = context.new_page()
    if picture.role:
        sign_in(page, address, picture.role)
    page.goto(address + picture.path)
    wait_drawn(page)
    if picture.act:
        picture.act(page)
        wait_drawn(page)
    image = Image.open(io.BytesIO(page.screenshot()))
    image.convert("RGB").save(PICTURES / f"{picture.name}.webp", quality=QUALITY, method=6)
    context.close()


def sign_in(page: Page, address: str, role: str) -> None:
    """Sign in as one of the sample's people."""
    logins = {
        role: (email, password) for email, password, role in map(str.split, LOGINS.read_text("utf-8").splitlines())
    }
    page.goto(f"{address}/sign-in?lang=vi")
    for name, value in zip(("email", "password"), logins[role], strict=True):
        page.fill(f"[name={name}]", value)
    page.click("main button.main")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def take_sheet(address: str) -> None:
    """Take the picture of a printed sheet."""
    with urlopen(address + SHEET_ADDRESS) as sheet:
        rendered = subprocess.run(
            ["pdftoppm", "-png", "-r", "100", "-"], input=sheet.read(), capture_output=True, check=True
        )
    Image.open(io.BytesIO(rendered.stdout)).convert("RGB").save(PICTURES / f"{SHEET}.webp", quality=QUALITY, method=6)


def write_gallery() -> None:
    """Write the page that shows all pictures."""
    captions = [(picture.name, picture.caption) for picture in WANTED if not picture.role] + [(SHEET, SHEET_CAPTION)]
    shown = "\n\n".join(f"### {caption}\n![{caption}](screenshots/{name}.webp)" for name, caption in captions)
    GALLERY.write_text(
        "# Gallery\n\nEvery state of the map page, made by `python -m script.screenshots` from the sample; records and "
        f"outlines are illustrative.\n\n{shown}\n",
        "utf-8",
    )


def main() -> None:
    """Take every picture, or those named."""
    address, *names = sys.argv[1:] or ["http://127.0.0.1:8000"]
    PICTURES.mkdir(parents=True, exist_ok=True)
    write_gallery()
    with sync_playwright() as playwright:
        chromium = os.environ.get("GPMB_TEST_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", *SOFTWARE_WEBGL])
        for picture in WANTED:
            if not names or picture.name in names:
                take(browser, address, picture)
                print(PICTURES / f"{picture.name}.webp")
        browser.close()
    if not names or SHEET in names:
        take_sheet(address)


if __name__ == "__main__":
    main()
