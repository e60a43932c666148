"""A form in a browser: a draft after leaving it, no connection, going back, signing out; days and long lists."""

import pytest
from playwright.sync_api import expect

from gis import db
from tests import factories as make
from tests.browser.conftest import WIDE, served
from tests.conftest import engine_of
from tests.people import enter, invite

NO_DRAFT = "!Object.keys(sessionStorage).some((key) => key.startsWith('draft:'))"
OBSTACLE = "/desk/projects/duong-moi/registers/obstacle/new"


@pytest.fixture(scope="module")
def place(make_database):
    database = make_database("forms_site")
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        unit = make.unit(session, slug="p-dong-kinh", name="Phường Đông Kinh")
        for number in range(14):
            make.unit(session, slug=f"x-{number}", name=f"xã Hòa Bình {number}")
        make.project(session, code="duong-moi", name="Đường mới", reporting_unit_id=unit.id)
        invite(session, {"lan": ("officer", {"units": ["p-dong-kinh"]})})
    return database


@pytest.fixture(scope="module")
def site(place):
    with served(place) as address:
        yield address


def test_what_was_typed_outlives_leaving_the_page_the_connection_and_an_error(visiting):
    with visiting(viewport=WIDE, drawn=False) as lan:
        page = enter(lan, "lan", OBSTACLE)
        page.fill("#description", "Vướng “nguồn gốc” <đất>")
        page.fill("#known_since", "24-10-2022")
        page.keyboard.press("Tab")
        expect(page.locator("#known_since")).to_have_value("24/10/2022")
        lan.wait("Object.keys(sessionStorage).some((key) => key.startsWith('draft:'))", "The draft")
        page.goto(f"{lan.site}/desk")
        page.goto(f"{lan.site}{OBSTACLE}")
        page.get_by_role("button", name="Khôi phục bản nháp").click()
        expect(page.locator("#description")).to_have_value("Vướng “nguồn gốc” <đất>")
        page.context.set_offline(True)
        page.get_by_role("button", name="Lưu", exact=True).click()
        expect(page.locator(".telling")).to_contain_text("chưa gửi gì")
        page.context.set_offline(False)
        page.get_by_role("button", name="Lưu", exact=True).click()  # the kind is not chosen: an error, by GET
        page.wait_for_url("**kept=**")
        page.reload()
        expect(page.locator("#description")).to_have_value("Vướng “nguồn gốc” <đất>")
        page.select_option("#kind", index=1)
        page.get_by_role("button", name="Lưu", exact=True).click()
        expect(page.locator(".done")).to_be_visible()
        lan.wait(NO_DRAFT, "The draft gone with the recording")
        page.go_back()
        expect(page.locator("#description")).to_have_value("Vướng “nguồn gốc” <đất>")
        page.goto(f"{lan.site}{OBSTACLE}")
        page.fill("#description", "bí mật")
        lan.wait("Object.keys(sessionStorage).some((key) => key.startsWith('draft:'))", "The draft")
        page.locator("details.me summary").click()
        page.locator("#sign-out button").click()
        page.wait_for_url("**/sign-in**")
        lan.wait(NO_DRAFT, "The draft gone with signing out")
        told = [said for said in lan.complaints if "ERR_INTERNET_DISCONNECTED" in said or "400 (BAD REQUEST)" in said]
        assert told == lan.complaints, "of the connection and of the error alone"
        lan.complaints.clear()


def test_a_day_is_chosen_and_a_unit_found_by_keyboard(visiting):
    with visiting(viewport=WIDE, drawn=False) as lan:
        page = enter(lan, "lan", "/reports")
        page.fill("#from", "30/01/2024")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        for key in ("PageDown", "ArrowRight", "Enter"):
            page.keyboard.press(key)
        expect(page.locator("#from")).to_have_value("01/03/2024")
        page.locator(".find-option").fill("hoa binh 7")
        expect(page.locator("#unit")).to_have_value("x-7")
        assert not page.locator("input[type=date]").count()
