"""WCAG 2.2 AA by axe on every state of the page: nothing serious, nothing critical. One line below adds a state."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import PHONE, WIDE

# Without "preload" axe leaves imported styles alone, which the page's policy would not let it copy.
RULES = {
    "preload": False,
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
}
PROJECT, COMMUNE = "/#project=kdt-nam-hoang-dong-1", "/?day=2025-07-01#commune=p-dong-kinh-2025"


@dataclass(frozen=True)
class State:
    """A state of the page: where it stands, on what screen, what a reader did to come to it, and what is new in it."""

    name: str
    path: str = "/"
    do: Callable = lambda visit: None
    new: str = "html"
    screen: dict | None = None
    scheme: str = "light"
    webgl: bool = True


def panel(visit):
    visit.wait("!!document.querySelector('#panel h2')", "The panel")


def search(visit):
    visit.page.fill("#search-words", "chi lang")
    visit.wait("document.querySelectorAll('[role=option]').length > 1", "What the search found")


def play(visit):
    visit.page.emulate_media(reduced_motion="no-preference")
    visit.wait("!document.getElementById('play').disabled", "The course of time")
    visit.page.click("#play")


def legend(visit):
    visit.page.click("#legend > summary")


def tool(name: str) -> Callable:
    def opened(visit):
        visit.page.click(f"[data-tool={name}]")
        visit.wait(
            f"document.querySelector('#tool-{name}:not([hidden], [aria-busy])')?.offsetHeight > 0", f"The tool {name}"
        )

    return opened


def parcel(visit):
    found = next(hit for hit in visit.api("search?q=10/20&on=2024-12-16")["hits"] if hit["kind"] == "parcel")
    visit.page.evaluate("id => { location.hash = `parcel=${id}`; }", found["panel"]["key"])
    panel(visit)


STATES = (
    State("opening"),
    State("opening, dark", scheme="dark"),
    State("opening, English, phone", "/?lang=en", screen=PHONE),
    State("project panel", PROJECT, panel, "#panel"),
    State("project panel, phone, dark", PROJECT, panel, "#panel", screen=PHONE, scheme="dark"),
    State("commune panel", COMMUNE, panel, "#panel"),
    State("parcel panel, dark", "/", parcel, "#panel", scheme="dark"),
    State("search open", "/", search, "header"),
    State("search open, phone, dark", "/", search, "header", screen=PHONE, scheme="dark"),
    State("playing", "/", play, "#time"),
    State("two days compared", "/?day=2022-10-24&since=2021-01-01"),
    State("legend closed", "/", legend, "section.map"),
    State("legend open, phone", "/", legend, "section.map", screen=PHONE),
    State("no WebGL", "/", new="section.map", webgl=False),
    State("chart", PROJECT, tool("chart"), "#tool-chart"),
    State("chart, phone, dark", PROJECT, tool("chart"), "#tool-chart", screen=PHONE, scheme="dark"),
    State("table, dark", "/", tool("table"), "#tool-table", scheme="dark"),
    State("table, phone", "/", tool("table"), "#tool-table", screen=PHONE),
    State("coordinates", "/", tool("coordinates"), "#tool-coordinates"),
    State("coordinates, phone, dark", "/", tool("coordinates"), "#tool-coordinates", screen=PHONE, scheme="dark"),
    State("measure, dark", "/", tool("measure"), "#tool-measure", scheme="dark"),
    State("locate, phone", "/", tool("locate"), "#tool-locate", screen=PHONE),
    State("print", "/", tool("print"), "#tool-print"),
    State("print, phone, dark", "/", tool("print"), "#tool-print", screen=PHONE, scheme="dark"),
)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_axe_finds_nothing_serious(visiting, state):
    options = {"viewport": state.screen or WIDE, "color_scheme": state.scheme}
    with visiting(drawn=False, **options) as visit:
        if not state.webgl:
            visit.page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
        visit.page.route("**/tiles/**", lambda route: route.fulfill(status=204))  # axe reads no picture
        visit.page.goto(visit.site + state.path)
        visit.wait("document.readyState === 'complete'", "The page")
        state.do(visit)
        found = Axe().run(visit.page, state.new, RULES).response["violations"]
        if not state.webgl:
            visit.complaints.clear()  # the map says that it cannot be drawn
    grave = [rule for rule in found if rule["impact"] in ("serious", "critical")]
    assert not grave, "\n".join(f"{rule['id']} ({rule['help']}): {places(rule)}" for rule in grave)


def places(rule: dict) -> str:
    """Name the elements at fault with what axe measured there."""
    return "; ".join(
        f"{node['target']} {' '.join(m['message'] for m in node['any'][:1])}" for node in rule["nodes"][:8]
    )
