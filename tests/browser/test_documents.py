"""An officer enters a decision with its scan, suspends the project by it, takes that back: on a phone in the dark."""

import pytest

from gis import db
from tests import factories as make
from tests.browser.conftest import PHONE, served
from tests.browser.test_accounts import looked_at
from tests.conftest import engine_of
from tests.db.test_attachments import PDF
from tests.people import enter, invite


@pytest.fixture(scope="module")
def place(make_database):

    database = make_database("documents_site")
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        project = make.project(session, code="du-an", name="Khu tái định cư Nam Nguyễn Đình Chiểu")
        make.boundary(session, project)
        invite(session, {"lan": ("officer", {"projects": ["du-an"]})})
    return database


@pytest.fixture(scope="module")
def site(place, tmp_path_factory):
    with served(place, GPMB_FILES=str(tmp_path_factory.mktemp("files"))) as address:
        yield address


def test_a_decision_its_scan_and_what_rests_on_it(visiting):
    number = "15/QĐ-UBND"
    with visiting(viewport=PHONE, drawn=False, color_scheme="dark") as visit:
        page = visit.page
        enter(visit, "lan")
        page.goto(f"{visit.site}/desk/projects/du-an/documents")
        page.get_by_label("Số", exact=True).fill(number)
        page.get_by_label("Ngày ban hành").fill("01/03/2024")
        looked_at(visit, "documents")
        page.get_by_role("button", name="Nhập", exact=True).click()
        page.get_by_role("heading", name=number).wait_for()
        page.get_by_label("Đính kèm tệp").set_input_files(
            {"name": "Quyết định.pdf", "mimeType": "text/html", "buffer": PDF}
        )
        page.get_by_role("button", name="Đính kèm", exact=True).click()
        with page.expect_download() as kept:
            page.get_by_role("link", name="Quyết định.pdf").first.click()
        assert kept.value.path().read_bytes() == PDF
        looked_at(visit, "document")

        page.get_by_role("link", name="Diễn biến").click()
        page.get_by_label("Ngày", exact=True).fill("05/03/2024")
        assert number in [each.get_attribute("value") for each in page.locator("#papers option").all()]
        page.get_by_label("Số", exact=True).fill(number)
        page.get_by_role("button", name="Ghi", exact=True).press("Enter")
        page.get_by_text("đang hiệu lực").wait_for()
        looked_at(visit, "course")
        entry = page.locator(".course li", has_text="đang hiệu lực")
        entry.locator("summary").press("Enter")
        entry.locator("input[name=reason]").fill("Nhầm dự án")
        entry.locator("button").click()
        page.get_by_text("Nhầm dự án").first.wait_for()
        assert page.get_by_text("đang hiệu lực").count() == 0

        page.get_by_role("link", name="Nhật ký").click()
        page.get_by_text("Nhầm dự án").first.wait_for()
        looked_at(visit, "log")
