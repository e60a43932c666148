"""Printing from the map: what comes onto the paper is framed, what the page shows is what the sheet is asked for."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from gis.crs import LANG_SON_ZONE, ZONES
from layers.paper import Frame
from tests.browser.conftest import PHONE, WIDE
from webmap.printing import Layout


def opened(visit):
    visit.page.click("[data-tool=print]")
    tool = visit.page.locator("#tool-print")
    expect(tool.locator("[data-said=at]")).to_contain_text("1:")
    return tool


def framed(visit) -> dict:
    frame = "[...document.querySelectorAll('.sheet-frame')].at(-1).getBoundingClientRect().toJSON()"
    at = "[groundMap.leaflet.getCenter(), groundMap.leaflet.getZoom()]"
    return visit.rest("The frame", lambda: visit.page.evaluate(f"[{frame}, {at}]"))[0]


def ground(visit) -> tuple[float, ...]:
    """West, south, east, north of the frame on the ground."""
    return tuple(visit.page.evaluate(
        """() => {
            const box = groundMap.leaflet.getContainer().getBoundingClientRect();
            const frame = [...document.querySelectorAll('.sheet-frame')].at(-1).getBoundingClientRect();
            const [low, high] = [[frame.left, frame.bottom], [frame.right, frame.top]].map(
                ([x, y]) => groundMap.leaflet.containerPointToLatLng([x - box.left, y - box.top]));
            return [low.lng, low.lat, high.lng, high.lat];
        }"""
    ))  # fmt: skip


def asked_for(visit) -> dict[str, str]:
    url = next(url for url in reversed(visit.asked) if "/print/map.pdf" in url)
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_sheet_is_framed_made_and_refused(visiting, viewport):
    with visiting("/?day=2022-10-24", viewport=viewport) as visit:
        page = visit.page
        tool = opened(visit)
        lying = framed(visit)
        size = page.viewport_size
        assert 0 <= lying["left"] < lying["right"] <= size["width"]
        assert lying["width"] > lying["height"]
        tool.locator("[name=orientation]").select_option("portrait")
        upright = framed(visit)
        width, height = Layout.of("a4", "portrait").frame
        assert upright["width"] / upright["height"] == pytest.approx(width / height, rel=0.03)

        tool.locator("[name=scale]").select_option("100000")
        tool.locator("[name=title]").fill("Tiến độ <quý IV>")
        framed(visit)
        on_screen = ground(visit)
        name = "mat-bang_t-lang-son_2022-10-24.pdf"
        if viewport is PHONE:  # the other one asks the server
            visit.provoked.append("status of 400")
        page.route("**/print/map.pdf*", lambda route: route.fulfill(
                status=200, body="%PDF-1.7", headers={"Content-Type": "application/pdf",
                "Content-Disposition": f'inline; filename="{name}"'}))  # fmt: skip
        with page.expect_download(timeout=60_000) as download:
            tool.locator("[type=submit]").press("Enter")
        assert download.value.suggested_filename == name
        assert download.value.path().read_bytes().startswith(b"%PDF-")
        expect(tool.locator("[role=status]")).to_have_text(f"Tờ in đã xong: {name}")

        asked = asked_for(visit)
        shown = page.evaluate("[...groundMap.visible].join()").split(",")
        assert set(asked.pop("layers").split(",")) == set(shown)
        bounds = tuple(float(side) for side in asked.pop("bounds").split(","))
        assert asked == {
            "day": "2022-10-24", "indicator": "share_area", "paper": "a4", "orientation": "portrait", "scale": "100000",
            "title": "Tiến độ <quý IV>", "lang": "vi",
        }  # fmt: skip
        # What the page frames is what the server lays on the paper.
        frame = Frame.around(bounds, ZONES[LANG_SON_ZONE], width, height, 100_000)
        west, north = frame.on_paper(on_screen[0], on_screen[3])
        east, south = frame.on_paper(on_screen[2], on_screen[1])
        assert (west, north, east, south) == pytest.approx((0, 0, width, height), abs=0.02 * width)

        visit.provoked.append("status of 400")
        page.route("**/print/map.pdf*", lambda route: route.fulfill(
            status=400, content_type="application/problem+json",
            body=json.dumps({"detail": "Tờ in này sẽ có hơn 40.000 thửa đất", "parameter": "layers"})))  # fmt: skip
        tool.locator("[type=submit]").click()
        expect(tool.locator(".problem")).to_have_text("Tờ in này sẽ có hơn 40.000 thửa đất")
        expect(tool.locator("[type=submit]")).to_be_enabled()

        tool.locator("button.close").click()
        expect(page.locator(".sheet-frame")).to_have_count(0)
