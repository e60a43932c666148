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
    State("legend closed", "/", legend, "section.map"),
    State("search open", "/", search, "header"),
    State("coordinates", "/", tool("coordinates"), "#tool-coordinates"),
    State("print", "/", tool("print"), "#tool-print"),
    State("chart", "/#project=kdt-nam-hoang-dong-1", tool("chart"), "#tool-chart"),
    State("project panel", "/#project=kdt-nam-hoang-dong-1", panel, "#panel"),
    State("commune panel", "/#commune=x-mai-pha", panel, "#panel"),
    State("playing", "/", play, "#time"),  # the last on its page: it goes on
    State("two days compared", "/?day=2022-10-24&since=2021-01-01"),
    State("opening, dark", scheme="dark"),
    State("table, dark", "/", tool("table"), "#tool-table", scheme="dark"),
    State("measure, dark", "/", tool("measure"), "#tool-measure", scheme="dark"),
    State("parcel panel, dark", "/", parcel, "#panel", scheme="dark"),
    State("opening, English, phone", "/?lang=en", screen=PHONE),
    State("legend open, English, phone", "/?lang=en", legend, "section.map", screen=PHONE),
    State("table, English, phone", "/?lang=en", tool("table"), "#tool-table", screen=PHONE),
    State("locate, English, phone", "/?lang=en", tool("locate"), "#tool-locate", screen=PHONE),
    State("search open, phone, dark", "/", search, "header", screen=PHONE, scheme="dark"),
    State("coordinates, phone, dark", "/", tool("coordinates"), "#tool-coordinates", screen=PHONE, scheme="dark"),
    State("print, phone, dark", "/", tool("print"), "#tool-print", screen=PHONE, scheme="dark"),
    State("chart, phone, dark", "/", tool("chart"), "#tool-chart", screen=PHONE, scheme="dark"),
    State("project panel, phone, dark", "/#project=kdt-nam-hoang-dong-1", panel, "#panel", screen=PHONE, scheme="dark"),
    State("no WebGL", "/", new="section.map", webgl=False),
)


def pages() -> list[list[State]]:
    """Put together what can be looked at on one page, one state after another."""
    found: dict[tuple, list[State]] = {}
    for state in STATES:
        page = (state.path.split("#")[0], state.screen == PHONE, state.scheme, state.webgl)
        found.setdefault(page, []).append(state)
    return list(found.values())


@pytest.mark.parametrize("states", pages(), ids=lambda states: states[0].name)
def test_axe_finds_nothing_serious(visiting, states):
    first, found = states[0], []
    with visiting(drawn=False, viewport=first.screen or WIDE, color_scheme=first.scheme) as visit:
        if not first.webgl:
            visit.provoked += ["WebGL", "webgl"]
            visit.page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
        visit.page.route("**/tiles/**", lambda route: route.fulfill(status=204))  # axe reads no picture
        visit.page.goto(visit.site + first.path)
        visit.wait("!document.getElementById('play').disabled", "The course of time")
        for state in states:
            visit.page.evaluate("hash => { location.hash = hash; }", state.path.partition("#")[2])
            state.do(visit)
            rules = Axe().run(visit.page, state.new, RULES).response["violations"]
            found += [f"{state.name}: {fault(r)}" for r in rules if r["impact"] in ("serious", "critical")]
            visit.page.keyboard.press("Escape")
    assert not found, "\n".join(found)


def fault(rule: dict) -> str:
    """Name a rule and the elements that break it, with what axe measured there."""
    places = [f"{node['target']} {' '.join(m['message'] for m in node['any'][:1])}" for node in rule["nodes"][:8]]
    return f"{rule['id']} ({rule['help']}): " + "; ".join(places)
