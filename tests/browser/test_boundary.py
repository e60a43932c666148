"""An officer draws the outline of a project, sees what it takes, puts it on record, and finds it on the map."""

import re
from datetime import date
from decimal import Decimal

import pytest

from gis import db, model
from tests import factories as make
from tests.browser.conftest import PHONE, WIDE, served
from tests.browser.test_accounts import looked_at
from tests.conftest import engine_of
from tests.people import enter, invite


@pytest.fixture(scope="module")
def site(make_database):
    database = make_database("boundary_site")
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        place = make.unit(session, slug="p-mau", name="Phường Mẫu", shape=make.square(-400, -400, 1200))
        project = make.project(session, code="khu-dan-cu", name="Khu dân cư mới")
        case = make.case(session, project)
        for n in range(12):
            land = make.affected(
                session, project, case=case, shape=make.square(20 + 25 * (n % 4), 20 + 25 * (n // 4)),
                area_m2=Decimal("400.00"), registered_on=date(2024, 1, 1),
            )  # fmt: skip
            session.add(model.ParcelCommune(parcel_id=land.parcel_id, unit_id=place.id, valid=make.ALWAYS))
        make.event(session, project, "recovery_notice", date(2024, 2, 1), affected_parcel_id=land.id, area_m2=400)
        invite(session, {"lan": ("officer", {"projects": ["khu-dan-cu"]})})
    with served(database) as address:
        yield address


@pytest.mark.parametrize("size", [WIDE], ids=["wide"])
def test_an_outline_is_drawn_looked_at_and_put_on_record(visit, size):
    page = visit.page
    enter(visit, "lan")
    page.goto(f"{visit.site}/desk/projects/khu-dan-cu/boundary")
    visit.wait("window.boundaryMap && boundaryMap.getZoom() > 12", "The map")
    page.evaluate("boundaryMap.setZoom(17, {animate: false})")
    looked_at(visit, "boundary")

    page.get_by_role("button", name="Vẽ", exact=True).click()
    box = page.locator("#boundary-map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for right, down in ((-150, -120), (150, -120), (150, 120), (-150, 120), (-150, -120)):
        page.mouse.move(x + right, y + down)
        page.mouse.click(x + right, y + down)
    visit.wait("document.querySelector('#vertices').value.split('\\n').length === 4", "The table of what is drawn")
    drawn = page.locator("#vertices").input_value()

    # The table is the same outline: by keyboard it is made anew around the parcels, one of them cut.
    corners = ((0, 0), (0, 110), (100, 110), (100, 0))
    table = "\n".join(f"{n} {make.NORTH + n_m} {make.EAST + e_m}" for n, (e_m, n_m) in enumerate(corners, 1))
    page.locator("#vertices").fill(table)
    visit.wait("/11[.]000/.test(document.querySelector('#outline-said').textContent)", "The area of the table")
    assert page.locator("#vertices").input_value() == table != drawn, "what is typed is not written over"
    page.locator("#vertices").fill(table.replace("\n3 ", "\n3 0"))
    visit.provoked.append("status of 4")
    page.locator("#vertices").fill("1 449300 2417500")
    visit.wait("document.querySelector('#outline-said').classList.contains('wrong')", "What is wrong")
    assert "Dòng 1" in page.locator("#outline-said").inner_text()
    page.locator("#vertices").fill(table)
    visit.wait("/11[.]000/.test(document.querySelector('#outline-said').textContent)", "The area of the table")
    page.get_by_role("button", name="Xem phần đất lấy vào").click()

    page.wait_for_url(re.compile(r"/boundary/proposals/\d+$"))
    visit.wait("window.boundaryMap && boundaryMap.getZoom() > 15", "The map of the proposal")
    assert "3.900 m²" in page.locator(".sums").first.inner_text(), "nine parcels whole, a fourth of three"
    looked_at(visit, "proposal")
    page.set_viewport_size(PHONE)
    looked_at(visit, "proposal")
    page.set_viewport_size(size)
    page.get_by_label("Hiệu lực từ ngày").fill("1/6/2024")
    page.get_by_label("Số", exact=True).fill("12/QĐ-UBND")
    page.get_by_role("button", name="Ghi nhận", exact=True).click()
    page.wait_for_url(re.compile(r"/boundary$"))
    assert "12/QĐ-UBND" in page.locator("main").inner_text()

    visit.go("/?day=2024-06-02&project=khu-dan-cu")
    found = page.evaluate(
        "groundMap.gl.querySourceFeatures('projects', {sourceLayer: 'projects'}).map(f => f.properties.code)"
    )
    assert "khu-dan-cu" in found
    assert visit.complaints == []
