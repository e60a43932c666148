"""The chart of what was handed over through time, with what reports state held against the records."""

import csv
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE

AGREEING, CONTRADICTED, SILENT = "nam-nguyen-dinh-chieu", "kdt-nam-hoang-dong-1", "khu-lien-hop-the-thao"
CONTRADICTION = "126 hộ · hồ sơ: 106 · nhiều hơn hồ sơ 20"
AT_OF_NOW = "document.querySelector('#tool-chart .now').style.translate"

STATED = """<div data-name="Dự án"><table><tbody><tr data-measure="households" data-indicator="handover"
    data-basis="period" data-from="2023-01-01" data-to="2023-06-30" data-reported="12" data-source="R9:1"
    data-told="12 hộ"><td>hộ</td></tr></tbody></table></div>"""


def open_chart(visit, path: str = "/") -> None:
    visit.page.route("**/tiles/**", lambda route: route.fulfill(status=204))  # the chart does not wait for the map
    visit.page.goto(visit.site + path)
    visit.wait("!document.getElementById('slider').disabled", "The course of time")
    visit.page.click("[data-tool=chart]")
    settle(visit)


def settle(visit) -> None:
    visit.wait("!!document.querySelector('#tool-chart:not([aria-busy]) .reported > div')", "The chart")


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def screen(request):
    return request.param


def ways(page) -> list[str]:
    return page.eval_on_selector_all("#tool-chart tr[data-measure]", "rows => rows.map(row => row.dataset.way)")


def reading(page, measure: str) -> str:
    text = page.locator(f"#tool-chart [data-measure={measure}] .reading").text_content()
    return re.sub(r"\s+", " ", text).strip()


def test_a_report_that_agrees_and_one_that_contradicts(visiting, screen):
    with visiting(drawn=False, viewport=screen) as visit:
        page = visit.page
        open_chart(visit, f"/?day=2022-10-24&project={AGREEING}")
        expect(page.locator("#tool-chart h2")).to_contain_text("Nguyễn Đình Chiểu")
        assert ways(page) == ["agrees"]
        assert reading(page, "households") == f"{headline(page, 'households')} 24/10/2022"
        assert reading(page, "area_m2") == f"{headline(page, 'area')} 24/10/2022"
        assert "khớp hồ sơ" in page.locator("#tool-chart .point").get_attribute("aria-label")
        page.evaluate("key => { location.hash = `project=${key}`; }", CONTRADICTED)
        visit.wait("!!document.querySelector('#tool-chart [data-way=differs]')", "The other project")
        assert ways(page).count("differs") == 1
        assert ways(page).count("apart") == 2, "land of households alone, and of no holder, are no measure of the line"
        assert CONTRADICTION in page.locator("tr[data-way=differs]").get_attribute("data-told")
        assert CONTRADICTION in page.locator(".point").first.get_attribute("aria-label")
        told = page.text_content("#tool-chart-summary")
        assert "5 số khớp hồ sơ, 1 số khác hồ sơ, 2 số không so" in told
        assert "303 trên tổng 400 ngày 24/10/2023" in told
        line = page.locator("#tool-chart [data-line]")
        expect(line).to_have_text(
            "Từ hồ sơ, thay đổi gần nhất ngày 24/10/2023 · Không có bản ghi sau 24/10/2023 · hồ sơ minh họa · "
            "báo cáo: R1:385"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= screen["width"]


def headline(page, name: str) -> str:
    text = page.locator(f"#day-figures [data-shown={name}]").text_content()
    return re.sub(r"\s+", " ", text).strip()


def test_the_day_moves_over_the_chart_and_is_chosen_in_it(visiting, screen):
    with visiting(drawn=False, viewport=screen) as visit:
        page = visit.page
        open_chart(visit, "/?day=2022-10-24")
        before, rested = page.evaluate(AT_OF_NOW), reading(page, "households")
        page.mouse.move(0, 0)
        visit.asked.clear()
        page.evaluate(
            """days => {
                const slider = document.getElementById("slider");
                for (const day of days) {
                    slider.value = Date.parse(day) / 86400000;
                    slider.dispatchEvent(new Event("input", {bubbles: true}));
                }
            }""",
            ["2021-06-01", "2020-09-01", "2020-06-01"],
        )
        assert page.evaluate(AT_OF_NOW) != before
        assert reading(page, "households") != rested
        assert reading(page, "households").endswith("01/06/2020")
        visit.wait("document.querySelector('#day-figures').dataset.day === '2020-06-01'", "The day it rests on")
        asked = [url for url in visit.asked if "/panels/" in url]
        assert len(asked) == 1 and "day=2020-06-01" in asked[0], "days passed over are not asked for"
        over = page.locator("#tool-chart .u-over").first
        over.scroll_into_view_if_needed()
        box = over.bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 40)
        page.mouse.down()
        pressed = page.input_value("#day")
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 40, steps=3)
        dragged = page.input_value("#day")
        page.mouse.up()
        assert "2020-06-01" < pressed < dragged
        visit.wait(f"document.querySelector('#day-figures').dataset.day === '{dragged}'", "The figures of that day")
        assert not [url for url in visit.asked if "reported" in url or "course" in url]


def test_two_days_compared_stand_in_the_chart(visiting):
    with visiting(drawn=False) as visit:
        open_chart(visit, "/?day=2022-10-24&since=2021-01-01")
        since = visit.page.locator("#tool-chart .since").first
        now = visit.page.locator("#tool-chart .now").first
        expect(since).to_be_visible()
        band, line = since.bounding_box(), now.bounding_box()
        assert abs(band["x"] + band["width"] - line["x"]) < 3, "from the one day to the other"


def test_by_keyboard(visiting):
    with visiting(drawn=False) as visit:
        page = visit.page
        open_chart(visit, f"/#project={CONTRADICTED}")
        page.focus("[data-do=csv]")
        page.keyboard.press("Tab")
        tip = page.locator("#tool-chart .tip").first
        expect(tip).to_contain_text(CONTRADICTION)
        page.keyboard.press("Escape")
        expect(tip).to_be_hidden()
        expect(page.locator("#tool-chart")).to_be_visible()
        page.keyboard.press("Enter")
        assert page.input_value("#day") == "2022-10-24", "the day the report speaks of"
        page.keyboard.press("Escape")
        expect(page.locator("#tool-chart")).to_be_hidden()


def test_a_commune_of_the_reform_reaches_back_on_its_ground(visiting):
    with visiting(drawn=False) as visit:
        open_chart(visit, "/?day=2025-07-01#commune=p-dong-kinh-2025")
        expect(visit.page.locator("#tool-chart [data-line]")).to_contain_text(
            "trước 01/07/2025: tính trên cùng địa bàn"
        )
        assert reading(visit.page, "households") == "433 / 939 01/07/2025"
        over = visit.page.locator("#tool-chart .u-over").first
        over.hover(position={"x": over.bounding_box()["width"] * 0.6, "y": 60})
        assert re.fullmatch(r"\d+ / – \d\d/\d\d/2023", reading(visit.page, "households")), "the day under the pointer"


def test_a_project_without_records_says_so(visiting):
    with visiting(f"/#project={SILENT}", drawn=False) as visit:
        open_chart(visit, f"/#project={SILENT}")
        expect(visit.page.locator("#tool-chart [data-line]")).to_have_text("Hồ sơ chưa có số liệu")
        expect(visit.page.locator("#tool-chart .reported")).to_contain_text("Không có báo cáo nào")
        expect(visit.page.locator("#tool-chart .plot").first).to_be_hidden()


def test_reports_alone_are_drawn_where_records_are_silent(visiting):
    with visiting(drawn=False) as visit:
        visit.page.route("**/panels/reported**", lambda route: route.fulfill(content_type="text/html", body=STATED))
        open_chart(visit, f"/#project={SILENT}")
        assert ways(visit.page) == ["apart"]
        assert visit.page.locator("#tool-chart .point").count() == 1
        expect(visit.page.locator("#tool-chart [data-line]")).to_have_text("Hồ sơ chưa có số liệu · báo cáo: R9:1")


def test_picture_and_data_are_saved(visiting, tmp_path):
    with visiting(drawn=False) as visit:
        page = visit.page
        open_chart(visit, f"/?day=2022-10-24#project={CONTRADICTED}")
        with page.expect_download() as saved:
            page.click("[data-do=png]")
        saved.value.save_as(tmp_path / "chart.png")
        assert saved.value.suggested_filename == f"ban-giao-{CONTRADICTED}-2022-10-24.png"
        png = (tmp_path / "chart.png").read_bytes()
        assert png.startswith(b"\x89PNG")
        assert int.from_bytes(png[16:20]) == 1600
        with page.expect_download() as saved:
            page.click("[data-do=csv]")
        saved.value.save_as(tmp_path / "chart.csv")
        text = (tmp_path / "chart.csv").read_bytes()
        assert text.startswith(b"\xef\xbb\xbf"), "spreadsheets need the mark to read Vietnamese"
        rows = list(csv.reader(text.decode("utf-8-sig").splitlines()))
        recorded = [row for row in rows if row[0] == "hồ sơ"]
        assert recorded[-1][2:7] == ["2023-10-24", "303", "400", "343389.9", "511000"]
        assert any(row[0] == "R1:385" and CONTRADICTION in row[7] for row in rows)
