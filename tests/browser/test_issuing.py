"""An officer builds the report of half a month, issues it, an entry comes late, and the second version says why."""

import io
import re
from datetime import date

import pytest
from docx import Document
from sqlalchemy import text

from gis import db, record
from gis.record import Act, NewDocument, Share
from tests.browser.conftest import PHONE, WIDE, served
from tests.browser.test_accounts import looked_at
from tests.conftest import engine_of
from tests.people import enter, invite

UNIT, SINCE, UPTO = "tp-lang-son", "2024-12-01", "2024-12-16"
LATE = text(
    """
    select p.code, c.code from "case" c join project p on p.id = c.project_id
    where c.registered_on < date '2024-12-01' and p.code = 'kdt-moi-mai-pha' and not exists (
        select from event e where e.case_id = c.id and e.kind = 'handover')
    order by c.id limit 1
    """
)


@pytest.fixture(scope="module")
def place(make_database):
    """The sample, and the officer who keeps the records of the city."""
    database = make_database("issuing_site", sample=True)
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        invite(session, {"lan": ("officer", {"units": ["tp-lang-son"]})})
    return database


@pytest.fixture(scope="module")
def site(place):
    with served(place, GPMB_OPEN_ACCESS="none") as address:
        yield address


def record_late(database) -> str:
    """Record, after the report, that a household had handed over in the period; gives its case."""
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        project, case = session.execute(LATE).one()
        act = Act(project, "handover", date(2024, 12, 10), NewDocument("minutes", "99/BB-MUON"))
        record.record(session, act, [Share(case)], by="lan@gpmb.vn", key="late")
    return case


def press(page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def text_of_docx(page, link) -> str:
    answer = page.request.get(f"{page.url.split('/reports')[0]}{link.get_attribute('href')}")
    return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(answer.body())).paragraphs)


def handed_over(text: str) -> int:
    """Give the households that a report's text states as having handed over."""
    return int(re.search(r"Bàn giao mặt bằng\d*: .*?(\d+) hộ gia đình, cá nhân", text)[1])


def issue(page, reason: str = "") -> None:
    page.locator("details.issue > summary").click()
    page.locator("#reason").fill(reason)
    press(page, "Phát hành")


def test_a_report_is_built_issued_and_corrected(visiting, place):
    with visiting(drawn=False, viewport=WIDE) as visit:
        page = enter(visit, "lan", "/reports")
        page.set_default_timeout(120_000)  # issuing writes three files, which a busy machine does not do in 30 s
        page.locator("#unit").select_option(UNIT)
        page.locator("#from").fill(SINCE)
        page.locator("#to").fill(UPTO)
        page.keyboard.press("Enter")
        page.wait_for_url("**/reports?*")
        built = page.locator("article").inner_text()
        assert "72.284,3\u00a0m²" in built and "04 dự án" in built
        looked_at(visit, "report")
        asked = page.url
        issue(page)
        assert "phiên bản 1" in page.locator("h1").inner_text()
        first, frozen = page.url, page.locator("article").inner_text()
        proof = page.locator("dl.facts code").inner_text()
        assert "72.284,3" in text_of_docx(page, page.get_by_role("link", name="DOCX"))

        case = record_late(place)
        page.get_by_role("link", name="Thay đổi từ khi phát hành").click()
        changes = page.locator("main section").inner_text()
        assert case in changes and "lan@gpmb.vn" in changes and "Bàn giao mặt bằng" in changes
        assert page.locator("article").inner_text() == frozen, "what was issued stands as it was"
        looked_at(visit, "issued")

        page.goto(asked)
        issue(page, "Hồ sơ bàn giao nhập muộn")
        assert "phiên bản 2" in page.locator("h1").inner_text()
        assert "Hồ sơ bàn giao nhập muộn" in page.locator("dl.facts").inner_text()
        assert handed_over(page.locator("article").inner_text()) == handed_over(frozen) + 1
        page.goto(first)
        assert page.locator("dl.facts code").inner_text() == proof
        assert page.locator("article").inner_text() == frozen


def test_a_contradiction_is_explained_on_a_phone(visiting):
    with visiting(drawn=False, viewport=PHONE) as visit:
        page, site = enter(visit, "lan", "/contradictions?rule=remaining"), visit.site
        one = page.locator("main ol > li").first
        assert "126" in one.inner_text() and "106" in one.inner_text()
        one.locator("details.note > summary").click()
        one.locator("select").select_option("explained")
        one.locator("textarea").fill("20 hộ được đưa ra ngoài ranh giới")
        with page.expect_navigation():
            one.locator("button.main").click()
        page.goto(f"{site}/contradictions?state=explained")
        assert "20 hộ được đưa ra ngoài ranh giới" in page.locator("main ol").inner_text()
        looked_at(visit, "contradictions")
