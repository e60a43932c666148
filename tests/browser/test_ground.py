"""The tools of the ground in a real browser: coordinates read out and gone to, lengths and areas, one's own place."""

import random
import re

import numpy as np
import pytest
from playwright.sync_api import expect
from pyproj.enums import TransformDirection
from sqlalchemy import func, select

from gis import crs
from gis.model import AffectedParcel
from tests.browser.conftest import PHONE, WIDE

ZONE = crs.ZONES[crs.LANG_SON_ZONE]
PLACE = (106.7613, 21.8530)
PLACE_IN_ZONE = (2417472.26, 449293.46)  # X (north), Y (east): tests/unit/test_crs.py
BOTH_SIZES = pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
A_PIXEL = 2

COORDINATES = "#tool-coordinates"
FIELD, WRONG = "#tool-coordinates-text", "#tool-coordinates-wrong"

READ = [
    "2417472,26; 449293,46", "2417472.26, 449293.46", "2417472.26,449293.46", "2417472,26,449293,46",
    "2.417.472,26 449.293,46", "2,417,472.26 449,293.46", "2 417 472,26; 449 293,46", "2417472,26\t449293,46",
    "X = 2417472,26; Y = 449293,46", "Y: 449293,46 X: 2417472,26", "21.853000, 106.761300", "21,853; 106,7613",
    "21.853,106.7613", "21°51′10,80″N 106°45′40,68″E", "21°51'10.8\"B, 106°45'40.68\"Đ",
    "106°45'40.68\"E 21°51'10.8\"N", "N 21°51.18' E 106°45.678'", "21.853° 106.7613°",
]  # fmt: skip
REFUSED = {
    "": "empty", "abc": "two", "12": "two", "1 2 3": "two", "một; hai": "unreadable", "2417472,26,449293": "ambiguous",
    "21°61′10″N 106°45′40″E": "sixty", "21°51′10″N 21°51′10″N": "unreadable", "48.85, 2.35": "outside",
    "449293,46; 2417472,26": "swappedPlane", "106.7613, 21.853": "swappedDegrees", "2417472; 1149293": "far",
}  # fmt: skip


def to_plane(lon: float, lat: float, zone: crs.Zone = ZONE) -> tuple[float, float]:
    """X (north) and Y (east) of a place in WGS 84, by the domain."""
    degrees = crs.to_wgs84().transform(lon, lat, direction=TransformDirection.INVERSE)
    east, north = crs.to_zone(zone.srid).transform(*degrees)
    return north, east


def opened(visit, tool: str):
    visit.page.click(f"[data-tool={tool}]")
    root = visit.page.locator(f"#tool-{tool}")
    expect(root).to_be_visible()
    return root


def number(text: str) -> float:
    """Read a number written the Vietnamese way."""
    return float(re.search(r"-?[\d.]+(,\d+)?", text).group().replace(".", "").replace(",", "."))


def shown_plane(root) -> tuple[float, float]:
    return tuple(number(root.locator(f"[data-shown={name}]").inner_text()) for name in "xy")


def centre_on(visit, lon: float, lat: float, zoom: float = 18) -> None:
    visit.page.evaluate("([lon, lat, zoom]) => groundMap.leaflet.setView([lat, lon], zoom, {reset: true})",
                        [lon, lat, zoom])  # fmt: skip


def clear(visit, kept: str = "") -> None:
    """Leave one layer on the map, or none: drawing takes most of the time, and nothing is asked of it here."""
    visit.page.evaluate(
        """(kept) => {
        for (const {id, source} of groundMap.gl.getStyle().layers) {
            if (source !== kept) groundMap.gl.setLayoutProperty(id, "visibility", "none");
        }
    }""",
        kept,
    )


def test_the_browser_computes_what_the_domain_does(visit):
    """50 places and zones at random, there and back; and coordinates as people write them."""
    chance = random.Random(20250701)
    places = []
    for _ in range(50):
        zone = chance.choice(list(crs.ZONES.values()))
        lon, lat = zone.central_meridian + chance.uniform(-1.5, 1.5), chance.uniform(8.5, 23.4)
        x, y = to_plane(lon, lat, zone)
        places.append([zone.pinned_proj4, lon, lat, x, y])
    answers = visit.page.evaluate(
        """async ([script, places]) => {
            const {planeOf} = await import("/static/js/tools/vn2000.js");
            return Promise.all(places.map(async ([definition, lng, lat, x, y]) => {
                const plane = await planeOf(script, definition);
                return [plane.fromDegrees({lng, lat}), plane.toDegrees({x, y})];
            }));
        }""",
        ["/static/vendor/proj4/2.22.0/proj4.js", places],
    )
    for (_, lon, lat, x, y), (there, back) in zip(places, answers, strict=True):
        assert np.hypot(there["x"] - x, there["y"] - y) < 0.01
        assert (back["lng"], back["lat"]) == pytest.approx((lon, lat), abs=0.01 / 111_000)

    read = visit.page.evaluate(
        """async ([script, definition, box, texts]) => {
            const {planeOf, readCoordinate} = await import("/static/js/tools/vn2000.js");
            const plane = await planeOf(script, definition);
            return texts.map((text) => {
                try {
                    const {lat, lng} = readCoordinate(text, plane, box);
                    return [lng, lat];
                } catch (error) {
                    return error.code;
                }
            });
        }""",
        ["/static/vendor/proj4/2.22.0/proj4.js", ZONE.pinned_proj4, crs.VIETNAM_BOX, [*READ, *REFUSED]],
    )
    for text, found in zip(READ, read, strict=False):
        assert found == pytest.approx(PLACE, abs=1e-6), text
    assert dict(zip(REFUSED, read[len(READ) :], strict=True)) == REFUSED


@BOTH_SIZES
def test_a_coordinate_is_read_out_picked_copied_and_gone_to(visiting, viewport):
    with visiting(viewport=viewport, permissions=["clipboard-read", "clipboard-write"]) as visit:
        page, before = visit.page, list(visit.asked)
        assert not any("proj4" in url for url in before), "loads with the page"
        root = opened(visit, "coordinates")
        assert page.locator(f"{COORDINATES} select option:checked").inner_text() == "107°15′ – EPSG:9215"

        centre_on(visit, *PLACE)  # by keyboard or finger: the crosshair
        expect(root.locator("h3")).to_have_text("Tại dấu chữ thập (tâm bản đồ)")
        expect(root.locator("[data-shown=x]")).to_have_text("2.417.472,26 m")
        expect(root.locator("[data-shown=y]")).to_have_text("449.293,46 m")
        expect(root.locator("[data-shown=degrees]")).to_have_text("21.853000, 106.761300")
        expect(root.locator("[data-shown=sexagesimal]")).to_have_text("21°51′10.80″N 106°45′40.68″E")
        page.click("[data-copy=plane]")
        expect(root.locator(".done")).to_have_text("Đã sao chép: 2417472,26; 449293,46")
        assert page.evaluate("navigator.clipboard.readText()") == "2417472,26; 449293,46"

        lon, lat = PLACE[0] - 0.0004, PLACE[1] + 0.0002  # by pointer
        page.mouse.move(*visit.point_of(lon, lat))
        expect(root.locator("h3")).to_have_text("Tại con trỏ")
        assert np.hypot(*np.subtract(shown_plane(root), to_plane(lon, lat))) < A_PIXEL

        page.click("[data-do=pick]")  # a click picks, and selects nothing meanwhile
        page.mouse.click(*visit.point_of(lon, lat))
        expect(root.locator("h3")).to_have_text("Tại điểm đã chọn")
        expect(page.locator("#panel")).to_be_hidden()
        expect(page.locator(".ground-mark")).to_have_count(1)
        page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
        page.click("[data-copy=degrees]")
        by_hand = root.locator(".by-hand textarea")
        expect(by_hand).to_be_focused()
        assert by_hand.input_value() == root.locator("[data-shown=degrees]").inner_text()

        for text, told in (
            ("", "Hãy nhập tọa độ"),
            ("21.85", "gồm hai số"),
            ("48.85; 2.35", "“48.85; 2.35” không nằm"),
        ):
            page.fill(FIELD, text)
            page.keyboard.press("Enter")
            expect(page.locator(WRONG)).to_contain_text(told)
            expect(page.locator(FIELD)).to_have_attribute("aria-invalid", "true")
        view = page.evaluate("groundMap.leaflet.getCenter()")
        page.fill(FIELD, "449.293,46; 2.417.472,26")
        page.keyboard.press("Enter")
        expect(page.locator(WRONG)).to_contain_text("Có vẻ X và Y bị đảo")
        assert page.evaluate("groundMap.leaflet.getCenter()") == view, "swapped without being asked"
        page.get_by_role("button", name="Đổi chỗ và đi tới").click()
        expect(root.locator(".done")).to_contain_text("X (Bắc) = 2.417.472,26 m, Y (Đông) = 449.293,46 m")
        expect(page.locator(WRONG)).to_be_hidden()
        assert shown_plane(root) == PLACE_IN_ZONE
        middle = page.evaluate("groundMap.leaflet.getCenter()")
        assert (middle["lng"], middle["lat"]) == pytest.approx(PLACE, abs=1e-6)
        page.locator(f"{COORDINATES} select").select_option(label="105° – EPSG:5897".replace("105°", "105°00′"))
        assert shown_plane(root) == pytest.approx(to_plane(*PLACE, crs.ZONES[5897]), abs=0.02)


def large_parcel(session) -> tuple[list[tuple[float, float]], float]:
    """The corners in WGS 84 of a large parcel, and the area PostGIS gives it."""
    area = func.ST_Area(func.ST_Transform(AffectedParcel.geom, crs.LANG_SON_ZONE))
    few = func.ST_NPoints(AffectedParcel.geom) <= 5
    text, area_m2 = session.execute(
        select(func.ST_AsText(AffectedParcel.geom), area).where(few).order_by(area.desc()).limit(1)
    ).one()
    corners = [tuple(map(float, pair)) for pair in re.findall(r"(-?[\d.]+) (-?[\d.]+)", text)]
    return [crs.to_wgs84().transform(*corner) for corner in corners[:-1]], area_m2


def test_a_parcel_is_measured_by_keyboard_as_postgis_measures_it(visiting, sample_session):
    corners, area_m2 = large_parcel(sample_session)
    low = WIDE | {"height": 480}  # each centring lays the map out anew, which takes software seconds on a large one
    with visiting(viewport=low, permissions=["clipboard-read", "clipboard-write"]) as visit:
        page = visit.page
        clear(visit)
        page.locator("[data-tool=measure]").focus()
        page.keyboard.press("Enter")
        root = page.locator("#tool-measure")
        root.get_by_label("Diện tích", exact=True).check()
        page.locator("#map-box .leaflet-container").focus()
        page.keyboard.press("Enter")
        expect(root.locator(".problem")).to_have_text("Diện tích cần ít nhất ba đỉnh.")
        for corner in corners:
            centre_on(visit, *corner)
            page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
        before = page.evaluate("groundMap.leaflet.getCenter().lng")
        page.keyboard.press("Shift+ArrowRight")
        assert page.evaluate("groundMap.leaflet.getCenter().lng") > before
        page.keyboard.press("Space")
        page.keyboard.press("Backspace")
        expect(root.locator("[data-count]")).to_have_text(str(len(corners)))
        page.keyboard.press("Enter")
        expect(root.locator(".next")).to_contain_text("Đã đo xong")
        result = root.locator("[data-result=area]")
        assert number(result.locator("b").inner_text()) == pytest.approx(area_m2, rel=0.001)
        assert number(result.locator(".of").inner_text()) == pytest.approx(area_m2 / 10_000, abs=0.001)
        plane = np.array([to_plane(*corner) for corner in corners])
        perimeter = np.hypot(*(np.roll(plane, -1, axis=0) - plane).T).sum()
        assert number(root.locator("[data-result=length] b").inner_text()) == pytest.approx(perimeter, abs=0.05)
        expect(root.locator("[role=status]")).to_contain_text(f"{len(corners)} đỉnh, diện tích")
        expect(root).to_contain_text("VN-2000, múi chiếu 3°, kinh tuyến trục 107°15′")

        root.locator(".points summary").click()
        page.click("#tool-measure [data-do=copy]")
        expect(root.locator("[role=status]")).to_contain_text("Đã sao chép")
        lines = [line.split("\t") for line in page.evaluate("navigator.clipboard.readText()").splitlines()]
        assert lines[0] == ["STT", "X (Bắc)", "Y (Đông)", "Chiều dài cạnh (m)"]
        copied = [[float(cell.replace(",", ".")) for cell in line[1:3]] for line in lines[1:]]
        assert np.abs(np.array(copied) - plane).max() < 0.02

        page.locator("#map-box .leaflet-container").focus()
        page.keyboard.press("Escape")
        expect(root.locator("[data-count]")).to_have_text("0")
        expect(root).to_be_visible()


@BOTH_SIZES
def test_clicks_measure_and_select_nothing(visiting, viewport):
    with visiting(viewport=viewport) as visit:
        page = visit.page
        clear(visit, "communes")
        root = opened(visit, "measure")
        root.get_by_label("Diện tích", exact=True).check()
        centre_on(visit, *PLACE, 15)
        box = page.locator("#map-box").bounding_box()
        x, y, side = box["x"] + box["width"] / 2 - 55, box["y"] + box["height"] / 2 - 80, 100
        if viewport is WIDE:
            x -= 20  # left of the tool
        corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
        places = [
            page.evaluate(
                """([x, y]) => {
                    const box = groundMap.leaflet.getContainer().getBoundingClientRect();
                    const {lng, lat} = groundMap.leaflet.containerPointToLatLng([x - box.x, y - box.y]);
                    return [lng, lat];
                }""",
                list(corner),
            )
            for corner in corners
        ]
        plane = np.array([to_plane(*place) for place in places])
        for corner in corners[:-1]:
            page.mouse.click(*corner)
        page.mouse.dblclick(*corners[-1])
        expect(root.locator(".next")).to_contain_text("Đã đo xong")
        expect(root.locator("[data-count]")).to_have_text("4")
        ahead = np.roll(plane, -1, axis=0)
        area = abs(((plane[:, 0] - plane[0, 0]) * (ahead[:, 1] - plane[0, 1])).sum()
                   - ((ahead[:, 0] - plane[0, 0]) * (plane[:, 1] - plane[0, 1])).sum()) / 2  # fmt: skip
        assert number(root.locator("[data-result=area] b").inner_text()) == pytest.approx(
            area, rel=0.03
        )  # whole pixels
        expect(page.locator("#panel")).to_be_hidden()
        assert page.evaluate("groundMap.leaflet.getZoom()") == 15, "the double click zoomed"

        page.mouse.click(*corners[0])  # a new one, whose sides cross
        for corner in (corners[2], corners[1], corners[3]):
            page.mouse.click(*corner)
        expect(root.locator(".problem")).to_contain_text("tự cắt")
        expect(root.locator("[data-result=area] b")).to_have_text("–")
        root.get_by_role("button", name="Bỏ điểm cuối").click()
        expect(root.locator(".problem")).to_be_hidden()
        root.get_by_role("button", name="Đóng").click()
        expect(page.locator("path.measured")).to_have_count(0)
        page.mouse.click(*corners[0])  # what lies there is selected again
        expect(page.locator("#panel")).to_be_visible()


def test_my_place_is_shown_and_sent_nowhere(visiting):
    here = {"longitude": PLACE[0], "latitude": PLACE[1], "accuracy": 25}
    with visiting(viewport=PHONE, permissions=["geolocation"], geolocation=here) as visit:
        page = visit.page
        root = opened(visit, "locate")
        expect(root).to_contain_text("không gửi đến máy chủ nào")
        visit.asked.clear()
        root.get_by_role("button", name="Xem vị trí của tôi").click()
        expect(root.locator(".done")).to_have_text("Đã có vị trí, sai số khoảng 25 m.")
        expect(root.locator("[data-shown=x]")).to_have_text("2.417.472,26 m")
        expect(page.locator("path.accuracy")).to_have_count(1)
        middle = page.evaluate("groundMap.leaflet.getCenter()")
        assert (middle["lng"], middle["lat"]) == pytest.approx(PLACE, abs=1e-4)

        follow = root.get_by_role("button", name="Theo dõi liên tục")
        follow.click()
        expect(follow).to_have_attribute("aria-pressed", "true")
        page.context.set_geolocation({"longitude": 105.85, "latitude": 21.03, "accuracy": 10})  # Hà Nội
        expect(root.locator(".problem")).to_contain_text("ngoài phạm vi bản đồ khoảng")
        assert page.evaluate("groundMap.leaflet.getCenter().lng") == pytest.approx(PLACE[0], abs=1e-4)
        follow.click()
        expect(follow).to_have_attribute("aria-pressed", "false")
        root.get_by_role("button", name="Xóa dấu trên bản đồ").click()
        expect(page.locator("path.accuracy")).to_have_count(0)
        told = [url for url in visit.asked if re.search(r"106\.76|21\.85|105\.85", url)]
        assert told == []
        assert all("/tiles/" in url or "/static/" in url for url in visit.asked)


def test_a_place_that_is_not_given_is_explained(visiting):
    with visiting(permissions=[]) as visit:
        root = opened(visit, "locate")
        root.get_by_role("button", name="Xem vị trí của tôi").click()
        expect(root.locator(".problem")).to_contain_text("Quyền vị trí đã bị từ chối")
        for code, told in ((2, "chưa xác định được vị trí"), (3, "Sau 20 giây")):
            visit.page.evaluate(
                "code => { navigator.geolocation.getCurrentPosition = (_, failed) => failed({code}); }", code
            )
            root.get_by_role("button", name="Xem vị trí của tôi").click()
            expect(root.locator(".problem")).to_contain_text(told)
