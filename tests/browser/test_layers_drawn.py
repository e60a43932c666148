"""What single layers draw, near and far, on one day and between two, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE

CITY = "21.8530,106.7610"
DAY, EARLIER = "2024-12-16", "2022-10-24"


def drawn(visit, *parts: str) -> int:
    """How many features some parts of the style show on the screen."""
    return visit.page.evaluate("parts => groundMap.gl.queryRenderedFeatures({layers: parts}).length", list(parts))


def go_to(visit, zoom: float, place: str = CITY) -> None:
    lat, lng = map(float, place.split(","))
    visit.page.evaluate(
        "([lat, lng, zoom]) => groundMap.leaflet.setView([lat, lng], zoom, {animate: false})", [lat, lng, zoom]
    )
    visit.page.wait_for_timeout(100)
    visit.wait_drawn()


@pytest.mark.parametrize("window", [WIDE, PHONE], ids=["wide", "phone"])
def test_discs_from_afar_give_way_to_parcels_and_obstacles_near_by(visiting, window):
    with visiting(f"/?day={DAY}&lang=vi&at={CITY},11", viewport=window) as visit:
        found = "groundMap.gl.queryRenderedFeatures({layers: ['discs-all']}).map(({properties}) => properties)"
        visit.wait(f"{found}.some(({{projects}}) => projects > 1)", "A disc of joined projects")
        sums = visit.page.evaluate(f"{found}.map((each) => [each.projects, each.area_m2, each.affected_m2])")
        assert all(0 <= done <= affected for _, done, affected in sums)
        assert drawn(visit, "obstacles-mark") > 0
        assert drawn(visit, "obstacles-age", "parcels-step") == 0, "from afar marks are small, parcels are not drawn"
        if window is PHONE:
            return
        go_to(visit, 15.5)
        assert drawn(visit, "discs-all", "discs-projects") == 0
        for part in ("parcels-step", "parcels-handed-over", "obstacles-mark", "obstacles-age", "obstacles-label"):
            assert drawn(visit, part) > 0, part


def test_what_is_left_is_switched_on_and_two_days_show_what_lies_between(visiting):
    with visiting(f"/?day={DAY}&lang=vi&at={CITY},15.5") as visit:
        assert drawn(visit, "handed_between-fill") == 0
        box = visit.page.locator('fieldset[data-layer="remaining"] input[type=checkbox]')
        expect(box).not_to_be_checked()
        visit.asked.clear()
        box.check()
        visit.wait("groundMap.gl.queryRenderedFeatures({layers: ['remaining-fill']}).length > 0", "What is left")
        assert visit.tiles_asked() == [], "it is drawn from the parcels' tiles"
        visit.go(f"/?day={DAY}&since={EARLIER}&lang=vi&at={CITY},15.5")
        assert 0 < drawn(visit, "handed_between-fill") < drawn(visit, "parcels-step")
        assert drawn(visit, "handed_between-full") > 0


def test_a_suspension_that_is_over_still_shows_on_its_days(visiting):
    dashed = """groundMap.gl.queryRenderedFeatures({layers: ["projects-suspended"]})
        .some(({properties}) => properties.code === "cao-toc-huu-nghi-chi-lang")"""
    with visiting("/?day=2023-06-30&lang=vi#project=cao-toc-huu-nghi-chi-lang") as visit:
        visit.wait(dashed, "The dashed outline")
        visit.show_day(DAY)
        visit.wait(f"!{dashed}", "The motorway going on since 29/02/2024")
