"""The case table with 2,000 cases: scrolled, worked by keyboard, 37 of them selected for one act."""

import os
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import text

from gis import db
from tests import factories as make
from tests.browser.conftest import PHONE, Visit, served
from tests.browser.test_accessibility import RULES
from tests.conftest import engine_of
from tests.people import enter, invite

TABLE = "/desk/projects/duong-dai/cases"
SHOTS = os.environ.get("GPMB_TEST_SHOTS")
MADE = """
    with holders as (
        insert into holder (kind) select 'household' from generate_series(1, 2000) returning id
    ),
    cases as (
        insert into "case" (project_id, holder_id, code, registered_on)
        select :project, id, 'HS-' || lpad((row_number() over ())::text, 4, '0'), '2024-01-01' from holders
        returning id, holder_id, code
    ),
    named as (
        insert into holder_identity (holder_id, full_name) select holder_id, 'Hộ thứ ' || right(code, 4) from cases
    ),
    parcels as (
        insert into parcel (numbered_in_unit_id, sheet, number) select :unit, '5', code from cases returning id, number
    ),
    land as (
        insert into affected_parcel (project_id, case_id, parcel_id, area_m2, registered_on)
        select :project, cases.id, parcels.id, 100, '2024-01-01' from cases join parcels on parcels.number = cases.code
        returning case_id
    )
    insert into event (kind, valid_on, project_id, case_id, recorded_by)
    select 'plan_review', '2024-03-01', :project, case_id, 'x' from land
"""


@pytest.fixture(scope="module")
def site(make_database):
    place = make_database("cases_site")
    with engine_of(place.owner) as engine, db.transaction(engine) as session:
        unit = make.unit(session, slug="x-thu", name="xã Thử")
        project = make.project(session, code="duong-dai", name="Đường dài")
        invite(session, {"lan": ("officer", {"projects": ["duong-dai"]})})
        session.execute(text(MADE), {"project": project.id, "unit": unit.id})
    with served(place) as address:
        yield address


@pytest.fixture(scope="module")
def signed_in(chromium, site) -> dict:
    """What a browser keeps of an officer who signed in."""
    context = chromium.new_context()
    enter(Visit(context.new_page(), site), "lan")
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def table(visiting, signed_in):
    """Open the table, its first rows drawn."""

    @contextmanager
    def opened(**options):
        with visiting(drawn=False, storage_state=signed_in, **options) as visit:
            visit.page.goto(visit.site + TABLE)
            visit.wait("document.querySelectorAll('.cases.live tbody tr[data-n]').length > 5", "The rows")
            yield visit

    return opened


def looked_at(visit, name):
    found = Axe().run(visit.page, options=RULES).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], name
    wider = visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{name} is {wider} px too wide"
    if SHOTS:
        visit.page.screenshot(path=f"{SHOTS}/{name}.png")


ACTIVE = "document.getElementById(document.querySelector('.cases table').getAttribute('aria-activedescendant'))"


def test_an_officer_selects_37_of_2000_by_keyboard_and_opens_the_act(table):
    with table() as visit:
        page = visit.page
        looked_at(visit, "cases-wide")
        page.locator(".cases table").focus()
        assert page.evaluate("document.querySelectorAll('.cases tr').length") < 100, "only rows in sight are drawn"

        page.keyboard.press("Control+End")
        visit.wait(f"{ACTIVE}?.closest('tr').textContent.includes('Hộ thứ 2000')", "The last case")
        page.keyboard.press("Control+Home")
        visit.wait(f"{ACTIVE}?.closest('tr').textContent.includes('Hộ thứ 0001')", "The first case")

        page.keyboard.press("Space")
        for _ in range(36):
            page.keyboard.press("Shift+ArrowDown")
        said = page.locator("#cases-selected")
        assert "37" in said.text_content() and "3.700" in said.text_content()
        assert page.evaluate(f"{ACTIVE}.textContent") == "HS-0037"

        page.keyboard.press("Control+c")
        visit.wait("document.getElementById('cases-selected').textContent.includes('37 dòng')", "What was copied")
        page.get_by_role("button", name="Ghi nhận").first.click()
        page.wait_for_url("**/acts/new*")
        assert page.content().count("HS-0037") >= 1 and "HS-0038" not in page.content()


def test_cases_are_found_sorted_and_selected_by_codes_from_a_spreadsheet(table):
    with table() as visit:
        page = visit.page
        page.fill("#q", "HS-19")
        visit.wait("document.getElementById('cases-found').textContent.startsWith('100')", "What was found")
        page.locator("th[data-name=holder] a").click()
        page.locator("th[data-name=holder] a").click()
        visit.wait("document.querySelector('.cases tr[data-n=\"0\"]').textContent.includes('HS-1999')", "The order")
        page.locator(".cases table").focus()
        page.evaluate("""() => {
            const data = new DataTransfer();
            data.setData("text/plain", "HS-0005\\tx\\r\\nHS-1950\\r\\nHS-9999\\r\\n");
            document.querySelector(".cases table").dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
        }""")  # noqa: E501
        visit.wait("!document.getElementById('case-problem').hidden", "The unknown code")
        assert "HS-9999" in page.locator("#case-problem").text_content()
        assert page.locator("#cases-selected").text_content().startswith("Đã chọn 2 hồ sơ theo mã")
        page.keyboard.press("Control+a")
        assert "101" in page.locator("#cases-selected").text_content()
        page.keyboard.press("Escape")
        assert page.locator("#cases-act").is_disabled()


def test_2000_cases_scroll_and_only_those_in_sight_are_rows(table):
    with table() as visit:
        page = visit.page
        most = page.evaluate("""async () => {
            const box = document.getElementById("cases");
            let most = 0;
            for (let n = 0; n < 30; n++) {
                box.scrollTop += n % 10 ? 100 : 3000;
                await new Promise(requestAnimationFrame);
                most = Math.max(most, document.querySelectorAll(".cases tr").length);
            }
            return most;
        }""")
        assert most < 100, "rows laid out while it scrolls: all 2,000 would make each frame a pause"
        page.evaluate("document.getElementById('cases').scrollTop = 1e6")
        visit.wait("document.querySelector('.cases tr[data-n=\"1999\"]')?.textContent.includes('Hộ')", "The last rows")
        assert page.evaluate("document.querySelectorAll('.cases tr').length") < 100


def test_on_a_telephone_the_codes_stay_in_sight(table):
    with table(viewport=PHONE, color_scheme="dark") as visit:
        page = visit.page
        page.evaluate("document.getElementById('cases').scrollLeft = 900")
        page.wait_for_timeout(100)
        left = page.evaluate("document.querySelector('.cases tbody th').getBoundingClientRect().left")
        assert left < 40
        looked_at(visit, "cases-phone")
        page.locator(".cases tbody input").nth(2).click()
        assert page.locator("#cases-selected").text_content().startswith("Đã chọn 1")
