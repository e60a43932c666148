"""The time bar: a day moves map, labels, headline and tables together, by hand and playing; geometry is not fetched."""

import re

import pytest
from playwright.sync_api import expect

from layers.palette import SHARE_CLASSES
from tests.browser.conftest import HEARTBEAT, PHONE, WIDE
from tests.browser.test_map import OPENING_DAY, class_of, drawn_colour, pixels_near, shares, written

COLOURS_DRAWN = """() => Object.fromEntries(groundMap.rows.communes.map(({key}) => [key,
    groundMap.gl.getFeatureState({source: "communes", sourceLayer: "communes", id: key}).colour ?? null]))"""
PLAYING = "document.getElementById('play').classList.contains('playing')"


@pytest.fixture
def moving(visiting, request):
    """A page whose reader minds no motion, with its course of time there."""
    with visiting(drawn=False) as visit:
        visit.page.emulate_media(reduced_motion="no-preference")
        visit.language = getattr(request, "param", "vi")
        visit.go(f"/?lang={visit.language}")
        visit.wait("!document.getElementById('slider').disabled", "The course of time")
        visit.asked.clear()
        yield visit


def slide_to(visit, day: str) -> None:
    """Drag the slider there and hold it."""
    visit.page.evaluate(
        """day => {
            const slider = document.getElementById("slider");
            slider.value = Date.parse(day) / 86400000;
            slider.dispatchEvent(new Event("input", {bubbles: true}));
        }""",
        day,
    )


def rest(visit, day: str) -> None:
    visit.wait(f"document.querySelector('#day-figures').dataset.day === '{day}'", f"The tables of {day}")
    visit.wait_drawn()


def headline(visit) -> list[str]:
    told = visit.page.eval_on_selector_all(
        "#as-of, #day-figures > .measures dd:not([hidden])", "parts => parts.map(part => part.textContent)"
    )
    return [re.sub(r"\s+", " ", text).strip() for text in told]


def labels(visit) -> dict[str, str]:
    return {
        label["properties"]["name"]: label["properties"]["text"]
        for label in visit.page.evaluate("groundMap.gl.getSource('figures').getData()").get("features", [])
        if label["properties"]["of"] == "communes"
    }


@pytest.mark.parametrize(
    ("moving", "days"),
    [("vi", ["2018-03-01", "2021-03-17", "2025-06-30", "2025-07-01"]), ("en", ["2022-10-24"])],
    indirect=["moving"],
)
def test_what_a_moving_day_shows_is_what_stands_when_it_rests(moving, days):
    for day in days:
        moves_and_rests(moving, day)
        slide_to(moving, OPENING_DAY)
        rest(moving, OPENING_DAY)
        moving.asked.clear()


def moves_and_rests(moving, day: str) -> None:
    page = moving.page
    page.evaluate("() => { window.realTimeout = setTimeout; window.setTimeout = () => 0; }")  # it never comes to rest
    slide_to(moving, day)
    page.evaluate("() => { window.setTimeout = realTimeout; }")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.get_attribute("#day-figures", "data-day") == OPENING_DAY, "the tables wait"
    assert moving.asked == []
    passing = headline(moving), page.evaluate(COLOURS_DRAWN), labels(moving)
    slide_to(moving, OPENING_DAY)
    rest(moving, OPENING_DAY)
    slide_to(moving, day)
    rest(moving, day)
    resting = headline(moving), page.evaluate(COLOURS_DRAWN), labels(moving)
    assert passing[0] == resting[0]
    assert {k: v for k, v in passing[1].items() if v is not None} == {
        k: v for k, v in resting[1].items() if v is not None
    }
    assert passing[2] == resting[2]
    total = moving.api(f"progress?as_of={day}")["total"]["values"]
    done, whole = (written(total[kind]["area_m2"], moving.language) for kind in ("handover", "affected"))
    assert f"{done} / {whole}" in resting[0]
    expected = shares(moving.api(f"progress?by=commune&as_of={day}"))
    drawn = {key: colour for key, colour in resting[1].items() if colour is not None}
    assert drawn.keys() <= expected.keys()
    assert drawn == {key: class_of(expected[key]) for key in drawn}
    assert f"day={day}" in page.url
    assert moving.tiles_asked() == []


def stop_past(visit, day: str) -> None:
    """Let the page itself press the button once a day is passed: on a busy machine an order from outside comes late."""
    visit.page.evaluate(
        """day => {
            const watch = () => {
                if (document.getElementById("day").value <= day) requestAnimationFrame(watch);
                else document.getElementById("play").click();
            };
            watch();
        }""",
        day,
    )


def test_playing_moves_day_map_and_figures_and_asks_nothing(moving):
    page = moving.page
    slide_to(moving, "2020-01-01")
    rest(moving, "2020-01-01")
    before, pale = headline(moving), drawn_colour(SHARE_CLASSES[0][1])
    colours = moving.colours()
    page.select_option("#speed", "30")
    moving.asked.clear()
    page.click("#play")
    expect(page.locator("#play")).to_have_attribute("aria-label", re.compile("Tạm dừng|Pause"))
    moving.wait("document.getElementById('day').value > '2020-01-10'", "Some days")
    assert page.evaluate(PLAYING)
    assert moving.asked == [], "playing asked the server"
    page.select_option("#speed", "365")
    stop_past(moving, "2022-10-24")
    moving.wait(f"!({PLAYING})", "A pause after October 2022")
    day = page.input_value("#day")
    assert "2022-10-24" < day < OPENING_DAY
    rest(moving, day)
    assert page.input_value("#day") == day, "paused, and the day went on"
    assert headline(moving)[0].endswith("/".join(reversed(day.split("-"))))
    assert headline(moving)[1:] != before[1:]
    after = moving.colours()
    assert pixels_near(after, pale) != pixels_near(colours, pale)
    expected = {class_of(share) for share in shares(moving.api(f"progress?by=commune&as_of={day}")).values()}
    for _, colour in SHARE_CLASSES:
        assert pixels_near(after, drawn_colour(colour)) < 400 or colour in expected
    assert moving.tiles_asked() == []


def test_playing_ends_at_the_last_record_or_begins_again(moving):
    page = moving.page
    slide_to(moving, "2024-12-15")
    page.click("#play")
    moving.wait(f"document.getElementById('day').value === '{OPENING_DAY}'", "The last record")
    moving.wait(f"!({PLAYING})", "The end")
    rest(moving, OPENING_DAY)
    page.check("#loop")
    page.select_option("#speed", "365")
    slide_to(moving, "2024-12-15")
    page.click("#play")
    moving.wait("document.getElementById('day').value < '2024-01-01'", "The beginning again")
    assert page.evaluate(PLAYING)
    page.click("#play")


def test_keyboard(moving):
    page = moving.page
    page.focus("#slider")
    slider = page.locator("#slider")
    expect(slider).to_have_attribute("aria-valuetext", "16/12/2024")
    assert slider.get_attribute("aria-label")
    for key, shown in (
        ("ArrowLeft", "15/12/2024"), ("ArrowUp", "16/12/2024"), ("PageDown", "31/12/2023"), ("PageUp", "31/12/2024"),
        ("Home", "01/03/2018"),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuetext", shown)
    page.select_option("#step", "month")
    page.focus("#slider")
    for key, shown in (("ArrowRight", "31/03/2018"), ("ArrowRight", "30/04/2018"), ("ArrowLeft", "31/03/2018")):
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuetext", shown)
    page.select_option("#step", "report")
    page.focus("#slider")
    for key, shown in (
        ("ArrowRight", "30/06/2020"), ("ArrowRight", "24/10/2022"), ("ArrowRight", "31/03/2024"),
        ("ArrowRight", "16/12/2024"), ("ArrowRight", "16/12/2024"), ("ArrowLeft", "31/03/2024"),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuetext", shown)
    page.select_option("#step", "day")
    page.focus("#slider")
    page.keyboard.press("Space")
    moving.wait(PLAYING, "Playing")
    page.keyboard.press("Space")
    moving.wait(f"!({PLAYING})", "A pause")
    rest(moving, page.input_value("#day"))


def test_steps_follow_the_choice(moving):
    page = moving.page
    page.select_option("#step", "report")
    page.click("#day-before")
    expect(page.locator("#slider")).to_have_attribute("aria-valuetext", "31/03/2024")
    page.select_option("#step", "month")
    page.click("#day-after")
    rest(moving, "2024-04-30")
    assert page.locator("#ticks .reported").count() == 4
    assert page.locator("#ticks .reform").get_attribute("title").endswith("01/07/2025")


def test_a_hidden_tab_and_a_hand_on_the_bar_stop_playing(moving):
    page = moving.page
    slide_to(moving, "2019-06-01")
    page.click("#play")
    moving.wait("document.getElementById('day').value > '2019-06-05'", "Some days")
    slide_to(moving, "2021-01-01")
    assert not page.evaluate(PLAYING)
    page.click("#play")
    assert page.evaluate(PLAYING)
    page.evaluate("""() => {
        Object.defineProperty(document, "hidden", {value: true, configurable: true});
        document.dispatchEvent(new Event("visibilitychange"));
    }""")
    assert not page.evaluate(PLAYING)


def test_who_asked_for_less_motion_sees_ends_of_months(visiting):
    with visiting() as visit:
        page = visit.page
        visit.wait("!document.getElementById('slider').disabled", "The course of time")
        assert not page.evaluate(PLAYING), "it starts by itself"
        assert "tháng" in page.inner_text("#speed")
        slide_to(visit, "2021-01-01")
        rest(visit, "2021-01-01")
        page.select_option("#speed", "4")
        page.evaluate("""() => {
            window.passed = [];
            new MutationObserver(() => passed.push(document.getElementById("day").value))
                .observe(document.getElementById("slider"), {attributeFilter: ["aria-valuetext"]});
        }""")
        page.click("#play")
        visit.wait("passed.length >= 4", "Four months")
        page.click("#play")
        passed = list(dict.fromkeys(page.evaluate("passed")))
        assert passed[:3] == ["2021-01-31", "2021-02-28", "2021-03-31"]
        assert len({day[:7] for day in passed}) == len(passed)


def test_without_the_course_the_day_still_moves(visiting):
    with visiting(drawn=False) as visit:
        visit.cut_off("**/panels/course")
        visit.cut_off(f"**{HEARTBEAT}")  # once answered it would ask for the course again, and tell of it again
        visit.go()
        expect(visit.page.locator("#figures-problem")).to_be_visible()
        visit.page.click("#day-before")
        rest(visit, "2024-12-15")
        expect(visit.page.locator("#figures-problem")).to_be_hidden()
        assert visit.page.is_disabled("#slider")


@pytest.mark.parametrize("moving", ["vi", "en"], indirect=True)
def test_the_bar_fits(moving):
    page = moving.page
    for viewport in (WIDE, PHONE):
        page.set_viewport_size(viewport)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        for control in ("#day", "#step", "#slider", "#play", "#speed", "#loop", "#day-before", "#day-after"):
            box = page.locator(control).bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= viewport["width"], control
        assert page.locator("#time").bounding_box()["height"] < (60 if viewport == WIDE else 170)
