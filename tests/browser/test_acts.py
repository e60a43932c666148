"""An officer picks three cases, records a decision by one document, confirms a warning, and takes it back."""

import re
from datetime import date

import pytest

from gis import db, recording
from gis.record import Act
from tests import factories as make
from tests.browser.conftest import PHONE, WIDE, served
from tests.browser.test_accounts import looked_at
from tests.conftest import engine_of
from tests.people import enter, invite

REGISTERED = date(2015, 1, 1)


@pytest.fixture(scope="module")
def place(make_database):
    """A project of three households of which two were told in time of the recovery, and the officer who has it."""
    database = make_database("acts_site")
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        project = make.project(session, code="duong-moi", name="Đường mới")
        make.boundary(session, project)
        for number in (1, 2, 3):
            case = make.case(session, project, code=f"HS-{number}", registered_on=REGISTERED)
            make.affected(session, project, case=case, shape=make.square(30 * number), registered_on=REGISTERED)
        for kind, day, codes in (
            ("recovery_notice", date(2026, 1, 5), ["HS-1", "HS-2"]),
            ("recovery_notice", date(2026, 5, 4), ["HS-3"]),
            ("inventory", date(2026, 5, 5), ["HS-1", "HS-2", "HS-3"]),
        ):
            recording.record_checked(session, Act("duong-moi", kind, day), codes, by="thử", key=f"{kind}{day}")
        invite(session, {"lan": ("officer", {"projects": ["duong-moi"]})})
    return database


@pytest.fixture(scope="module")
def site(place):
    with served(place) as address:
        yield address


def decided(visit) -> tuple:
    total = visit.api("progress?project=duong-moi")["total"]["values"]
    return total["recovery_decision"]["households"], total["recovery_decision"]["area_m2"]


def seen(visit, name: str) -> None:
    """Nothing wrong by axe on a wide screen, nothing wider than a phone's."""
    looked_at(visit, name)
    visit.page.set_viewport_size(PHONE)
    wider = visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{name} is {wider} px too wide for a phone"
    visit.page.set_viewport_size(WIDE)


def test_a_decision_for_three_households_and_its_undoing(visiting):
    with visiting(drawn=False) as visit:
        page = enter(visit, "lan", "/desk/projects/duong-moi/acts/new")
        page.get_by_label("Hồ sơ", exact=True).fill("HS-1\nHS-2\nHS-3")
        page.get_by_role("button", name="Xem bước tiếp theo").click()
        page.get_by_role("button", name="Quyết định thu hồi đất").click()
        page.get_by_label("Ngày thực hiện").fill("15/06/2026")
        page.get_by_label("Số", exact=True).fill("77/QĐ-UBND")
        areas = page.locator('input[name="area_m2"]')
        areas.first.focus()
        page.evaluate(
            """() => {
                const data = new DataTransfer();
                data.setData("text", "400\\n150,5\\n200");
                document.activeElement.dispatchEvent(
                    new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
            }"""
        )
        assert [areas.nth(n).input_value() for n in range(3)] == ["400", "150,5", "200"]
        assert page.locator("#sums").inner_text() == "3 hồ sơ · 750,5 m²"
        page.keyboard.press("Enter")
        assert areas.nth(1).evaluate("field => field === document.activeElement")
        page.keyboard.press("ArrowDown")
        page.keyboard.type("400")
        assert page.locator("#sums").inner_text() == "3 hồ sơ · 950,5 m²"
        seen(visit, "act-form")
        page.get_by_role("button", name="Xem trước khi ghi").click()
        warned = page.locator(".finding", has_text="Chưa đủ 120 ngày")
        assert "HS-3" in warned.inner_text()
        assert "HS-1" not in warned.inner_text()
        assert "khoản 9, điểm b khoản 13 Điều 3 Nghị quyết số 254/2025/QH15" in warned.inner_text()
        for finding in page.locator(".finding").all():
            finding.get_by_label("Vẫn ghi").check()
            finding.get_by_label("Lý do").fill("người có đất đồng ý")
        seen(visit, "act-preview")
        page.get_by_role("button", name="Ghi", exact=True).click()
        page.wait_for_url(re.compile(r"/acts/\d+$"))
        assert decided(visit) == (3, 950.5)
        page.get_by_role("link", name="HS-3").click()
        assert "77/QĐ-UBND" in page.locator("main").inner_text()
        seen(visit, "case")
        page.go_back()
        page.get_by_label("Vì sao ghi sai").fill("nhầm số quyết định")
        page.get_by_role("button", name="Hủy lần ghi này").click()
        page.get_by_text("Đã hủy lần ghi số").wait_for()
        assert decided(visit)[0] == 0
