"""A page left open follows the records of others, and says so when it cannot."""

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HEARTBEAT, served
from tests.conftest import serving

PROJECT = "cai-tao-ao-hang-hu"
LABEL = f"JSON.parse(groundMap.figures).find(({{properties}}) => properties.key === '{PROJECT}').properties.text"


@pytest.fixture(scope="module")
def place(make_database):
    return make_database("following", sample=True)


@pytest.fixture(scope="module")
def site(place):
    with served(place) as address:
        yield address


def record(place, *cases: str, number: str) -> None:
    """Record a handover, as a colleague does."""
    picked = [part for case in cases for part in ("--cases", case)]
    with serving(place) as app:
        made = app.test_cli_runner().invoke(
            args=["record", f"--project={PROJECT}", "--kind=handover", "--on=2024-12-10", f"--document={number}",
                  *picked, "--imported", "--confirm=thu"]
        )  # fmt: skip
    assert made.exit_code == 0, made.output


def shown(visit) -> dict:
    """Give what each part of the page says is handed over of the project."""
    row = visit.page.locator(f"tr[data-kind=project][data-key={PROJECT}]")
    return {
        "table": row.get_attribute("data-households"),
        "label": visit.page.evaluate(LABEL),
        "panel": visit.page.inner_text("#panel [data-shown=households] b"),
        "chart": visit.page.inner_text("#tool-chart [data-measure=households] .reading b"),
    }


def test_map_table_panel_and_chart_follow_a_colleagues_record(visiting, place):
    """And the reader keeps the place: what is typed, unfolded, scrolled to and focused."""
    with visiting(f"/?lang=vi&day=2024-12-16#project={PROJECT}") as visit:
        page = visit.page
        page.click("[data-tool=chart]")
        expect(page.locator("#tool-chart [data-measure=households] .reading b")).to_have_text("0")
        expect(page.locator("#panel .measures")).to_be_visible()
        page.evaluate("document.querySelector('#filter').value = 'cải tạo'")
        page.dispatch_event("#filter", "input")
        page.locator("#panel details summary").last.click()
        page.evaluate("document.querySelector('#panel').scrollTop = 250")
        page.fill("#search-words", "ao hang")
        expect(page.locator("#search-list")).to_be_visible()
        before = shown(visit)
        assert before == {"table": "0", "label": "0 m² · 0 hộ", "panel": "0", "chart": "0"}
        visit.asked.clear()
        beats = []
        page.on("request", lambda request: HEARTBEAT in request.url and beats.append(request.url))
        record(place, "HS-0001", "HS-0002", "HS-0003", number="99/BB-BGMB")
        expect(page.locator("#keeping-up")).to_have_text(re.compile(r"Có số liệu mới \(\d\d:\d\d\)"))
        assert beats, "a question told of it"
        visit.wait(f"{LABEL} !== '0 m² · 0 hộ'", "The label")
        expect(page.locator("#tool-chart [data-measure=households] .reading b")).to_have_text("3")
        assert shown(visit) == {"table": "3", "label": "805 m² · 3 hộ", "panel": "3", "chart": "3"}
        assert any("/api/v1/search" in url for url in visit.asked), "what is found is asked for again"
        assert page.input_value("#search-words") == "ao hang"
        assert page.input_value("#filter") == "cải tạo"
        assert page.evaluate("document.activeElement.id") == "search-words"
        assert page.locator("#panel details").last.get_attribute("open") is not None, "unfolded it stays"
        assert page.evaluate("document.querySelector('#panel').scrollTop") == 250
        assert page.locator("#by-project tbody tr:not([hidden])").count() < 15
        tiles = [url for url in visit.tiles_asked() if "revision=" in url]
        assert tiles and len({url.split("?")[1] for url in tiles}) == 1, "tiles are those of the new state"


def test_a_piece_of_another_state_is_not_mixed_in(visiting, place):
    """What changed between two questions is noticed by the first piece that is of the new state."""
    with visiting("/?lang=vi&day=2024-12-16") as visit:
        page = visit.page
        mark = page.evaluate("JSON.parse(document.getElementById('page-settings').textContent).revision")
        page.route(f"**{HEARTBEAT}", lambda route: route.fulfill(body=mark))  # the question itself comes too late
        told = int(page.get_attribute(f"tr[data-key={PROJECT}]", "data-households")) + 1
        record(place, "HS-0004", number="100/BB-BGMB")
        page.click(f"a[href='#project={PROJECT}']")
        page.wait_for_timeout(300)
        assert page.locator("#panel .measures").count() == 0, "the panel waits for the rest of the page"
        page.unroute(f"**{HEARTBEAT}")
        expect(page.locator("#panel [data-shown=households] b")).to_have_text(str(told))
        assert page.get_attribute(f"tr[data-key={PROJECT}]", "data-households") == str(told)
        assert page.evaluate(LABEL).endswith(f"{told} hộ")


def test_nobody_looking_nothing_asked(visiting):
    with visiting("/?lang=vi", drawn=False) as visit:
        beats = []
        visit.page.on("request", lambda request: HEARTBEAT in request.url and beats.append(request.url))
        visit.page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => window.nobody ?? false})")
        visit.go()
        visit.page.evaluate("window.nobody = true; document.dispatchEvent(new Event('visibilitychange'))")
        visit.page.wait_for_timeout(100)
        beats.clear()
        visit.page.wait_for_timeout(4000)
        assert beats == []
        visit.page.evaluate("window.nobody = false; document.dispatchEvent(new Event('visibilitychange'))")
        visit.wait_until(lambda: beats, "The question of who looks again")


@contextmanager
def away(visit):
    visit.provoked.append("ERR_INTERNET_DISCONNECTED")
    visit.page.context.set_offline(True)
    yield
    visit.page.context.set_offline(False)


def test_without_the_server_day_and_figures_stay_together_and_it_cures_itself(visiting):
    with visiting("/?lang=vi&day=2024-12-16") as visit:
        page = visit.page
        with away(visit):
            expect(page.locator("#keeping-up")).to_contain_text("Mất kết nối với máy chủ")
            expect(page.get_by_role("button", name="Thử lại ngay")).to_be_visible()
            page.click("#day-before")
            expect(page.locator("#figures-problem")).to_contain_text("Chưa đọc được số liệu ngày 15/12/2024")
            assert page.input_value("#day") == "2024-12-16"
            assert "16/12/2024" in page.inner_text("#as-of")
            assert page.get_attribute("#slider", "aria-valuetext") == "16/12/2024"
            assert page.get_attribute("#day-figures", "data-moving") is None
        expect(page.locator("#as-of")).to_contain_text("15/12/2024")
        assert page.input_value("#day") == "2024-12-15"
        expect(page.locator("#keeping-up")).to_be_hidden()
        expect(page.locator("#figures-problem")).to_be_hidden()


def test_back_goes_back_to_the_place_too(visiting):
    """Two readers at one address see one map."""
    with visiting("/?lang=vi&day=2024-12-16") as visit:
        view = "[groundMap.leaflet.getZoom(), groundMap.leaflet.getCenter().lat.toFixed(2)].join()"
        opened = visit.page.evaluate(view)
        visit.page.click(f"a[href='#project={PROJECT}']")
        visit.wait("new URLSearchParams(location.search).get('at')", "The place in the address")
        assert visit.page.evaluate(view) != opened
        visit.page.go_back()
        visit.wait(f"{view} === '{opened}'", "The first place")
