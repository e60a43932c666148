"""The table under the map in a real browser: sorted, narrowed, scrolled to its end, and in step with the map."""

import csv
import io

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE

TOOL = "#tool-table"
ROWS = f"{TOOL} tbody tr[aria-rowindex]:not(.waiting)"
GRID, BOX = f"{TOOL} table", f"{TOOL} .rows"
DAY = "2024-12-16"
PARCELS = 3777


def open_table(visit, name: str | None = None) -> None:
    visit.page.click("[data-tool=table]")
    expect(visit.page.locator(ROWS).first).to_be_visible()
    if name:
        with asked_of(visit, name):
            visit.page.select_option(f"{TOOL} [data-do=table]", name)
    settled(visit)


def asked_of(visit, name: str, part: str = ""):
    return visit.page.expect_response(lambda r: f"/api/v1/tables/{name}?" in r.url and part in r.url)


def settled(visit) -> None:
    expect(visit.page.locator(BOX)).to_have_attribute("aria-busy", "false")
    expect(visit.page.locator(f"{TOOL} tr.waiting")).to_have_count(0)


def column(visit, n: int) -> list[str]:
    return visit.page.locator(f"{ROWS} > :nth-child({n + 1})").all_text_contents()


def heading(visit, name: str):
    return visit.page.locator(f'{TOOL} thead th[data-name="{name}"]')


def number(written: str) -> float:
    return float(written.replace(".", "").replace(",", "."))


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def shown(visiting, request):
    with visiting(f"/?day={DAY}", viewport=request.param) as visit:
        open_table(visit)
        yield visit


def test_rows_are_sorted_found_narrowed_and_downloaded_as_shown(shown):
    page = shown.page
    expect(page.locator(f"{TOOL} .told")).to_contain_text("3.777 dòng · 3.777 dòng có ranh giới trên bản đồ")
    expect(page.locator(f"{TOOL} .told")).to_contain_text("đến 16/12/2024 · nguồn: hồ sơ (hồ sơ minh họa)")
    expect(page.locator(GRID)).to_have_attribute("aria-rowcount", str(PARCELS + 2))
    expect(page.locator(f"{TOOL} tfoot")).to_contain_text("2.238.799,5")

    with asked_of(shown, "parcels", "sort=-area_m2"):
        heading(shown, "area_m2").get_by_role("button").click()
    expect(heading(shown, "area_m2")).to_have_attribute("aria-sort", "descending")
    settled(shown)
    areas = [number(text) for text in column(shown, 4)]
    assert areas[0] > 1000
    assert areas == sorted(areas, reverse=True)

    with asked_of(shown, "parcels", "q=ky+cung"):
        page.fill(f"{TOOL} [data-do=words]", "ky cung")
    expect(page.locator(f"{TOOL} .told")).to_contain_text("181 dòng")
    page.click(f"{TOOL} [data-do=choose]")
    with asked_of(shown, "parcels", "filter.handover_day=-"):
        page.locator(f'{TOOL} .column[data-name="handover_day"] .given').select_option("-")
    with asked_of(shown, "parcels", "columns=sheet"):
        for name in ("project_name", "holder", "registered_day"):
            page.locator(f'{TOOL} .column[data-name="{name}"]').get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(page.locator(f"{TOOL} [data-do=choose]")).to_have_text("Cột và bộ lọc (1)")
    settled(shown)
    expect(heading(shown, "project_name")).to_have_count(0)
    expect(page.locator(f"{TOOL} .told")).not_to_contain_text("181 dòng")

    with page.expect_download() as file:
        page.click(f"{TOOL} [data-file=csv]")
    lines = list(csv.DictReader(io.StringIO(file.value.path().read_text("utf-8"))))
    found = int(page.locator(GRID).get_attribute("aria-rowcount")) - 2
    assert len(lines) == found > 0
    assert [line["number"] for line in lines][: len(column(shown, 1))] == column(shown, 1)
    assert {line["handover_day"] for line in lines} == {""}
    assert "project_name" not in lines[0]

    page.reload()
    shown.wait_drawn()
    open_table(shown)
    expect(heading(shown, "project_name")).to_have_count(0)  # columns are remembered, filters are not
    expect(page.locator(f"{TOOL} .told")).to_contain_text("3.777 dòng")


def test_the_last_row_is_one_key_away_and_leads_to_its_parcel_and_back(shown):
    """By keyboard alone."""
    page = shown.page
    page.focus(GRID)
    page.keyboard.press("End")
    last = page.locator(f'{TOOL} tr[aria-rowindex="{PARCELS + 1}"]:not(.waiting)')
    expect(last).to_be_in_viewport()
    settled(shown)
    assert page.locator(f"{TOOL} tbody tr[aria-rowindex]").count() < 60, "only what is in sight is drawn"
    assert page.locator(GRID).get_attribute("aria-activedescendant") == f"tool-table-{PARCELS - 1}-0"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    row = page.locator(f'{TOOL} tr[aria-rowindex="{PARCELS}"]')
    expect(row.locator(".active")).to_have_text(row.locator("td").first.text_content())
    sheet, parcel = row.locator("td").nth(0).text_content(), row.locator("td").nth(1).text_content()
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_have_text(f"Thửa {parcel}, tờ bản đồ {sheet}")
    expect(row).to_have_attribute("aria-selected", "true")
    shown.wait_drawn()
    assert page.evaluate("groundMap.leaflet.getZoom()") >= 17
    assert page.evaluate("scrollX") == 0
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(row).not_to_have_attribute("aria-selected", "true")
    expect(page.locator(GRID)).to_be_focused()


def test_what_is_chosen_on_the_map_comes_into_sight_in_the_table(shown):
    page = shown.page
    page.evaluate("location.hash = 'parcel=3000'")
    page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    marked = page.locator(f"{TOOL} tr[aria-selected=true]")
    expect(marked).to_have_count(1)
    place = shown.api(f"tables/parcels?day={DAY}&find=3000&limit=1")["position"]
    expect(marked).to_have_attribute("aria-rowindex", str(place + 2))
    inside = page.evaluate(
        """([row, box]) => {
            const [a, b] = [row, box].map((found) => document.querySelector(found).getBoundingClientRect());
            return a.top >= b.top && a.bottom <= b.bottom;
        }""",
        [f"{TOOL} tr[aria-selected=true]", BOX],
    )
    assert inside


def test_the_table_follows_map_day_and_compared_days(visiting):
    with visiting(f"/?day={DAY}") as visit:
        page = visit.page
        open_table(visit, "projects")
        expect(page.locator(f"{TOOL} .told")).to_contain_text("54 dòng")
        with asked_of(visit, "projects", "bounds="):
            page.check(f"{TOOL} [data-do=within]")
        settled(visit)
        with asked_of(visit, "projects", "bounds="):
            page.evaluate("groundMap.leaflet.setView([21.85, 106.76], 16, {animate: false})")
        settled(visit)
        assert 0 < len(column(visit, 0)) < 20
        with asked_of(visit, "projects", "bounds="):
            page.evaluate("groundMap.leaflet.setView([20.0, 105.0], 16, {animate: false})")
        expect(page.locator(f"{TOOL} .nothing [data-why=none]")).to_be_visible()
        page.locator(f"{TOOL} .nothing [data-do=clear]").click()
        expect(page.locator(f"{TOOL} .told")).to_contain_text("54 dòng")

        page.select_option(f"{TOOL} [data-do=table]", "by-project")
        expect(page.locator(f"{TOOL} tfoot")).to_contain_text("1.018.943,1")
        visit.show_day("2022-10-24")
        expect(page.locator(f"{TOOL} .told")).to_contain_text("đến 24/10/2022")
        total = visit.api("progress?as_of=2022-10-24")["total"]["values"]["handover"]["area_m2"]
        shown_total = f"{total:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".").rstrip("0").rstrip(",")
        expect(page.locator(f"{TOOL} tfoot")).to_contain_text(shown_total)

        page.select_option(f"{TOOL} [data-do=table]", "handed_between")
        expect(page.locator(f"{TOOL} .nothing [data-why=compare]")).to_be_visible()
        page.click("#compare summary")
        page.fill("#since", "2022-01-01")
        page.dispatch_event("#since", "change")
        expect(page.locator(f"{TOOL} .told")).to_contain_text("so với 01/01/2022")
        expect(page.locator(ROWS).first).to_be_visible()
        assert page.locator(f"{TOOL} .fresh").count() > 0


def test_a_row_without_a_panel_is_framed_on_the_map(visiting):
    with visiting(f"/?day={DAY}") as visit:
        open_table(visit, "plots")
        visit.page.locator(ROWS).nth(1).locator("td").first.click()
        expect(visit.page.locator(".leaflet-overlay-pane path")).to_have_count(1)
        visit.wait_drawn()
        visit.page.click("#tool-table > .close")
        expect(visit.page.locator(".leaflet-overlay-pane path")).to_have_count(0)


def test_what_the_server_refuses_is_told(visiting):
    with visiting(f"/?day={DAY}") as visit:
        open_table(visit)
        visit.cut_off("**/api/v1/tables/parcels?*")
        visit.page.fill(f"{TOOL} [data-do=words]", "x")
        expect(visit.page.locator(f"{TOOL} .problem")).to_contain_text("Không kết nối được")
