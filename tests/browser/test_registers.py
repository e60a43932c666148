"""A new project with a target and an obstacle; two officers change the obstacle at once, and the second sees both."""

import pytest

from gis import db
from tests import factories as make
from tests.browser.conftest import PHONE, WIDE, served
from tests.browser.test_accounts import looked_at
from tests.conftest import engine_of
from tests.people import enter, invite


@pytest.fixture(scope="module")
def place(make_database):
    database = make_database("registers_site")
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        make.unit(session, slug="p-dong-kinh", name="Phường Đông Kinh")
        given = {"units": ["p-dong-kinh"]}
        invite(session, dict.fromkeys(("lan", "minh"), ("officer", given)))
    return database


@pytest.fixture(scope="module")
def site(place):
    with served(place) as address:
        yield address


def save(page, button: str = "Lưu") -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()


def test_a_new_project_and_two_officers_on_one_obstacle(visiting):
    """One of them at an office screen, by light; the other on a phone, in the dark."""
    with (
        visiting(viewport=WIDE, drawn=False) as lan,
        visiting(viewport=PHONE, drawn=False, color_scheme="dark") as minh,
    ):
        lan.provoked.append("status of 4")  # what is wrong in a form
        enter(lan, "lan", "/desk")
        page = lan.page
        page.get_by_role("link", name="Thêm dự án").click()
        looked_at(lan, "project-new")
        save(page)
        assert page.locator("#name[aria-invalid]").count() == 1
        page.get_by_label("Tên dự án").fill("Đường Bắc Sơn kéo dài")
        page.get_by_label("Đơn vị báo cáo").select_option("p-dong-kinh")
        save(page)
        assert page.url.endswith("/desk/projects/duong-bac-son-keo-dai")
        page.get_by_role("link", name="Thêm chỉ tiêu").click()
        page.get_by_label("Đến ngày").fill("31-12-2026")
        page.get_by_label("Đại lượng").select_option("area_m2")
        page.get_by_label("Giá trị").fill("20.000")
        save(page)
        assert "20,00" in page.locator("#wrong-value").inner_text(), "asked about, not guessed"
        looked_at(lan, "target-asked")
        page.get_by_label("Giá trị").fill("20.000,50")
        save(page)
        assert "20.000,5" in page.locator("table.entries").inner_text()
        page.goto(f"{lan.site}/desk/projects/duong-bac-son-keo-dai/registers/obstacle/new")
        page.get_by_label("Loại").select_option("land_price_missing")
        page.get_by_label("Nội dung", exact=True).fill("Chưa có giá đất <b>cụ thể</b>")
        page.get_by_label("Phát sinh từ ngày").fill("2026-01-05")
        save(page)
        address = page.locator("table.entries tbody a").get_attribute("href")

        enter(minh, "minh", "/desk")
        for visit in (lan, minh):
            visit.page.goto(visit.site + address)
            looked_at(visit, "obstacle")
        page.get_by_label("Cơ quan, đơn vị tháo gỡ").fill("Sở Tài chính")
        save(page)
        minh.provoked.append("status of 409")
        page = minh.page
        page.get_by_label("Cơ quan, đơn vị tháo gỡ").fill("Trung tâm Phát triển quỹ đất")
        page.get_by_label("Nội dung", exact=True).fill("Đã trình giá đất")
        save(page)
        looked_at(minh, "both-versions")
        both = page.locator("form.both").inner_text()
        assert "Sở Tài chính" in both
        assert "Trung tâm Phát triển quỹ đất" in both
        page.get_by_role("radio", name="Sở Tài chính").check()
        save(page, "Lưu lựa chọn")
        page.goto(minh.site + address)
        assert page.get_by_label("Cơ quan, đơn vị tháo gỡ").input_value() == "Sở Tài chính"
        assert page.get_by_label("Nội dung", exact=True).input_value() == "Đã trình giá đất"
        told = page.locator(".history").inner_text()
        assert "Chưa có giá đất <b>cụ thể</b>" in told
        assert all(who in told for who in ("lan@gpmb.vn", "minh@gpmb.vn"))
