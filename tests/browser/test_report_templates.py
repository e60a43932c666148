"""An officer sends in the office's own template on a phone, reads what is wrong, mends it, and fills it at a desk."""

import io
from datetime import date
from decimal import Decimal

import pytest
from docx import Document

from gis import db, model
from tests import factories as make
from tests.browser.conftest import PHONE, WIDE, served
from tests.browser.test_accounts import looked_at
from tests.conftest import engine_of
from tests.people import enter, invite


@pytest.fixture(scope="module")
def place(make_database):
    database = make_database("templates_site")
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        district = make.unit(session, slug="h-thu", level="district", kind="district", name="huyện Thử")
        commune = make.unit(session, slug="x-thu", parent_id=district.id, shape=make.square(side_m=900))
        project = make.project(session, code="du-an", name="Dự án thử")
        session.add(model.ProjectCommune(project_id=project.id, unit_id=commune.id, valid=make.ALWAYS, main=True))
        land = make.affected(session, project, case=make.case(session, project), area_m2=Decimal("412.5"))
        session.add(model.ParcelCommune(parcel_id=land.parcel_id, unit_id=commune.id, valid=make.ALWAYS))
        make.event(session, project, "handover", date(2024, 2, 1), affected_parcel_id=land.id,
                   area_m2=Decimal("412.5"))  # fmt: skip
        invite(session, {"lan": ("officer", {"projects": ["du-an"]})})
    return database


@pytest.fixture(scope="module")
def site(place):
    with served(place, GPMB_OPEN_ACCESS="none") as address:
        yield address


def written(*texts: str) -> dict:
    """Give a DOCX of paragraphs as a file to be chosen."""
    document, file = Document(), io.BytesIO()
    for text in texts:
        document.add_paragraph(text)
    document.save(file)
    return {"name": "mau.docx", "mimeType": "application/octet-stream", "buffer": file.getvalue()}


def press(page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def test_a_template_is_sent_in_mended_and_filled(visiting):
    with visiting(viewport=PHONE, drawn=False, color_scheme="dark") as phone:
        enter(phone, "lan", "/reports/templates")
        page = phone.page
        page.get_by_label("Tên mẫu").fill("Báo cáo tháng")
        page.get_by_label("Tệp (DOCX").set_input_files(written("Bàn giao {{ban_giao.dien_tich}} m²", "{{don_vi"))
        press(page, "Kiểm tra và lưu")
        said = page.get_by_role("alert").inner_text()
        assert "ban_giao.dien_tich đoạn 1" in said
        assert "“ban_giao.dien_tich_m2”" in said
        assert "{{don_vi đoạn 2" in said
        looked_at(phone, "template-wrong")
        assert page.get_by_label("Tên mẫu").input_value() == "Báo cáo tháng"
        assert len(phone.complaints) == 1, "of the answer 422 alone"
        phone.complaints.clear()
        mended = written("Bàn giao {{ban_giao.dien_tich_m2}} m²", "Chi trả {{chi_tra.so_tien_dong}} đồng")
        page.get_by_label("Tệp (DOCX").set_input_files(mended)
        press(page, "Kiểm tra và lưu")
        assert "Báo cáo tháng (DOCX), phiên bản 1" in page.get_by_role("heading", level=1).inner_text()
        looked_at(phone, "template")
    with visiting(viewport=WIDE, drawn=False) as desk:
        enter(desk, "lan", "/account")
        page = desk.page
        page.goto(f"{desk.site}/reports?unit=h-thu&from=2024-01-01&to=2024-03-31")
        page.get_by_label("Mẫu của cơ quan", exact=True).select_option("Báo cáo tháng (DOCX)")
        press(page, "Điền vào")
        looked_at(desk, "template-filled")
        with page.expect_download() as download:
            page.get_by_role("link", name="DOCX đã điền").click()
        document = Document(download.value.path())
        assert [paragraph.text for paragraph in document.paragraphs] == ["Bàn giao 412,5 m²", "Chi trả 0 đồng"]
        page.get_by_role("link", name="Mẫu báo cáo của cơ quan").click()
        page.get_by_role("link", name="Danh sách trường").click()
        page.get_by_label("Tìm kiếm").fill("bàn giao diện tích")
        press(page, "Xem")
        assert "{{ban_giao.dien_tich_m2}}" in page.locator("table.fields").first.inner_text()
        looked_at(desk, "template-fields")
