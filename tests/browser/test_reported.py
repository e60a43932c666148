"""A report is pasted, read, put right and confirmed; what it contradicts is in the register at once, and then gone."""

from datetime import date
from decimal import Decimal

import pytest

from gis import db, reported
from gis.new_figures import NewFigure
from tests import factories as make
from tests.browser.conftest import PHONE, WIDE, served
from tests.browser.test_accounts import looked_at
from tests.conftest import engine_of
from tests.people import enter, invite

REPORT = """Kết quả giải phóng mặt bằng tháng 5 năm 2024 của huyện.

Trong tháng đã bàn giao mặt bằng tổng diện tích 1,25 ha của 45 hộ gia đình ảnh hưởng bởi 03 dự án.

Chi trả tiền bồi thường, hỗ trợ cho 36 lượt hộ với số tiền 10,35 tỷ đồng.

Đã phê duyệt phương án bồi thường, hỗ trợ của dự án Chợ mới cho 12 hộ với tổng kinh phí 4.886.231.000 đồng."""


@pytest.fixture(scope="module")
def site(make_database):
    database = make_database("reported_site")
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        unit = make.unit(session, slug="h-chi-lang", name="Huyện Chi Lăng", kind="district", level="district")
        make.project(session, code="cho-moi", name="Chợ mới", reporting_unit_id=unit.id)
        invite(session, {"lan": ("officer", {"units": ["h-chi-lang"]}), "truong": ("leader", {})})
        figure = NewFigure(
            "h-chi-lang", "40/BC-UBND", "handover", "period", date(2024, 5, 31),
            {"households": 41, "area_m2": Decimal(12500)}, line="7", from_on=date(2024, 5, 1),
        )  # fmt: skip
        reported.enter(session, [figure], way="program", by="x", key="1")
    with served(database) as address:
        yield address


def press(page, button: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=button).press("Enter")


def test_a_pasted_report_shows_what_it_contradicts(visiting):
    """An officer at an office screen, with the keys alone; a leader on a phone, in the dark."""
    with (
        visiting(viewport=WIDE, drawn=False) as lan,
        visiting(viewport=PHONE, drawn=False, color_scheme="dark") as leader,
    ):
        enter(lan, "lan")
        page = lan.page
        page.goto(f"{lan.site}/figures")
        page.get_by_role("link", name="Đọc báo cáo").click()
        page.get_by_label("Báo cáo (số hiệu hoặc tên)").fill("77/BC-UBND")
        page.get_by_label("Ngày đầu kỳ báo cáo").fill("01/05/2024")
        page.get_by_label("Ngày cuối kỳ báo cáo").fill("31/05/2024")
        page.get_by_label("Hoặc dán văn bản").fill(REPORT)
        press(page, "Đọc văn bản")
        looked_at(lan, "figures-proposed")
        handover, paid, approved = page.locator(".proposals > li").all()
        assert "45 hộ gia đình" in handover.locator("mark").inner_text()
        assert "Sẽ mâu thuẫn" in handover.inner_text(), "with the figure that is there"
        assert "lượt" in paid.inner_text(), "turns of households are not households"
        assert approved.get_by_role("checkbox").is_checked()
        for looked_over in (handover, paid):
            assert not looked_over.get_by_role("checkbox").is_checked()
            looked_over.get_by_role("checkbox").press("Space")
        handover.locator("summary").press("Enter")
        handover.get_by_label("Vị trí trong báo cáo").fill("2a")
        press(page, "Nhập các số liệu đã đánh dấu")
        assert page.locator(".done").inner_text() == "Đã nhập 3 số liệu."
        rows = page.locator("table.figures tbody tr")
        assert [rows.filter(has_text=text).count() for text in ("36 lượt", "Chợ mới", "77/BC-UBND:2a")] == [1, 1, 1]

        enter(leader, "truong")
        leader.page.goto(f"{leader.site}/contradictions")
        listed = leader.page.locator(".contradictions li[id]")
        assert "40/BC-UBND:7" in listed.inner_text()
        assert "77/BC-UBND:2a" in listed.inner_text()
        leader.page.goto(f"{leader.site}/figures?source=77/BC-UBND:2a")
        leader.page.get_by_role("link", name="77/BC-UBND:2a").click()
        looked_at(leader, "figure")
        assert "45 hộ gia đình" in leader.page.locator("mark").inner_text()
        assert leader.page.get_by_role("link", name="Đính chính").count() == 0, "a leader reads"

        rows.filter(has_text="77/BC-UBND:2a").get_by_role("link").click()
        page.get_by_role("link", name="Đính chính").click()
        looked_at(lan, "figure-correct")
        page.get_by_label("Lý do đính chính").fill("báo cáo gõ nhầm, công văn 80 đính chính")
        page.get_by_label("Số hộ", exact=True).fill("41")
        press(page, "Lưu")
        assert "công văn 80" in page.locator(".history").inner_text()
        leader.page.goto(f"{leader.site}/contradictions")
        assert leader.page.locator(".contradictions li[id]").count() == 0
