"""One project from nothing to its last handover, by one officer in the browser; what a leader and an investor see.

Three households, one resettlement plot, one enforcement, one correction; map and figures follow at once.
"""

import re

import pytest

from gis import db, model
from tests import factories as make
from tests.browser.conftest import served_by_gunicorn
from tests.conftest import engine_of
from tests.people import enter, invite

CODE = "duong-noi-khu-mau"
DESK = f"/desk/projects/{CODE}"
LIST = "\n".join(
    "\t".join(row)
    for row in (
        ("STT", "Họ và tên", "Số CCCD", "Tờ bản đồ", "Số thửa", "Loại đất", "Diện tích", "Diện tích thu hồi (m²)"),
        ("1", "Nông Thị Một", "020099000001", "7", "1", "CLN", "400", "400"),
        ("2", "Lý Văn Hai", "020099000002", "7", "2", "CLN", "400", "400"),
        ("3", "Hoàng Thị Ba", "020099000003", "7", "3", "CLN", "400", "400"),
    )
)
CASES = ("HS-001", "HS-002", "HS-003")


@pytest.fixture(scope="module")
def site(make_database):
    """A ward with three surveyed parcels, its officer, a leader, and the investor of another project."""
    database = make_database("story")
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        ward = make.unit(session, slug="p-mau", name="Phường Mẫu", kind="ward", shape=make.square(-400, -400, 1200))
        for n in range(3):
            shape = make.stored(make.square(20 + 30 * n, 20))
            parcel = model.Parcel(
                numbered_in_unit_id=ward.id, sheet="7", number=str(n + 1), land_use="CLN", legal_area_m2=400, geom=shape
            )  # fmt: skip
            session.add(parcel)
            session.flush()
            session.add(model.ParcelCommune(parcel_id=parcel.id, unit_id=ward.id, valid=make.ALWAYS))
        make.boundary(session, make.project(session, code="khac", name="Dự án khác"), shape=make.square(500, 500))
        people = {
            "canbo": ("officer", {"units": ["p-mau"]}),
            "lanhdao": ("leader", {}),
            "dautu": ("investor", {"projects": ["khac"]}),
        }
        invite(session, people)
    with served_by_gunicorn(database, GPMB_OPEN_ACCESS="none") as address:
        yield address


def press(page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def act(page, site: str, kind: str, day: str, paper: str, lines: str, plots: dict | None = None) -> None:
    """Record an act upon cases; each warning of the rules is confirmed with a reason."""
    page.goto(f"{site}{DESK}/acts/new")
    page.locator("#paste").fill(lines)
    page.locator(f'button[name="kind"][value="{kind}"]').click()
    page.wait_for_load_state()
    page.locator("#valid_on").fill(day)
    page.locator("#document").fill(paper)
    for mark, meant in (("/BB", "minutes"), ("/TB", "notice"), ("/QĐ", "decision")):
        if mark in paper:
            page.locator("#document_kind").select_option(meant)
    for name, value in (plots or {}).items():
        page.locator(f'input[name="{name}"]').first.fill(value)
    press(page, "Xem trước khi ghi")
    for finding in page.locator(".finding:has(input[name=confirm])").all():
        finding.locator("input[name=confirm]").check()
        finding.locator("input[name^=reason]").fill("đã được người có đất đồng ý")
    press(page, "Ghi")
    assert re.search(r"/acts/\d+$", page.url), page.locator("main").inner_text()


def figures(visit, **more) -> dict:
    asked = "&".join(f"{name}={value}" for name, value in {"project": CODE, "as_of": "2025-12-31", **more}.items())
    return visit.api(f"progress?{asked}")["total"]["values"]


def test_a_project_from_nothing_to_its_last_handover(visiting):
    with visiting(drawn=False) as officer:
        page, site = enter(officer, "canbo"), officer.site
        # the project, and its outline from a table of vertices
        page.goto(f"{site}/desk/projects/new")
        page.get_by_label("Tên dự án").fill("Đường nội khu Mẫu")
        page.get_by_label("Đơn vị báo cáo").select_option("p-mau")
        press(page, "Lưu")
        assert page.url.endswith(DESK)
        page.goto(f"{site}{DESK}/boundary")
        corners = ((0, 0), (0, 60), (130, 60), (130, 0))
        page.locator("#vertices").fill(
            "\n".join(f"{n} {make.NORTH + north} {make.EAST + east}" for n, (east, north) in enumerate(corners, 1))
        )
        press(page, "Xem phần đất lấy vào")
        assert "1.200 m²" in page.locator(".sums").first.inner_text(), "three parcels of 400 m²"
        page.locator("#valid_from").fill("1/1/2025")
        page.locator("#document").fill("1/QĐ-UBND")
        press(page, "Ghi nhận")
        # its cases, pasted as the list of land users stands in the spreadsheet
        page.goto(f"{site}{DESK}/paste-cases")
        page.locator("#rows").fill(LIST)
        page.locator("#registered_on").fill("2/1/2025")
        page.locator("#unit").select_option("p-mau")
        press(page, "Đọc danh sách")
        page.locator('button[name="confirm"]').click()
        page.wait_for_url("**/cases*")
        codes = page.request.get(f"{site}/api/v1/projects/{CODE}/cases").json()["cases"]
        first, second, third = (one["case"] if "case" in one else one["code"] for one in codes)
        everybody = "\n".join((first, second, third))
        # a resettlement site with one plot
        page.goto(f"{site}{DESK}/registers/site/new")
        page.locator("#code").fill("tdc-mau")
        page.locator("#name").fill("Khu tái định cư Mẫu")
        press(page, "Lưu")
        page.goto(f"{site}{DESK}/registers/plot/new")
        page.locator("#site").select_option(index=1)
        page.locator("#number").fill("L01")
        page.locator("#area_m2").fill("100")
        press(page, "Lưu")
        # the procedure
        act(page, site, "recovery_notice", "6/1/2025", "2/TB-UBND", everybody)
        act(page, site, "inventory", "20/2/2025", "3/BB", everybody)
        amounts = f"{first}\t500.000.000\n{second}\t300.000.000\n{third}\t400.000.000"
        act(page, site, "plan_approval", "5/6/2025", "4/QĐ-UBND", amounts, {"plots": "1"})
        act(page, site, "recovery_decision", "5/6/2025", "5/QĐ-UBND", everybody)
        act(page, site, "payment", "20/6/2025", "6/LCT", amounts)
        act(page, site, "resettlement_allocation", "25/6/2025", "7/QĐ-UBND", first, {"plot": "tdc-mau/L01"})
        act(page, site, "handover", "1/7/2025", "8/BB", f"{first}\n{second}")
        act(page, site, "persuasion", "10/7/2025", "9/BB", third)
        act(page, site, "recovery_enforcement", "1/9/2025", "10/QĐ-UBND", third)
        act(page, site, "handover", "1/10/2025", "11/BB", third)
        done = figures(officer)
        assert (done["handover"]["households"], done["handover"]["area_m2"]) == (3, 1200)
        assert done["recovery_enforcement"]["households"] == done["resettlement_allocation"]["plots"] == 1
        assert done["payment"]["amount_vnd"] == 1_200_000_000

        # a correction: the second household's handover was entered by mistake, and is entered anew
        page.goto(f"{site}{DESK}/cases/{second}")
        row = page.locator("tr[id^=event-]", has_text="Bàn giao mặt bằng")
        row.locator("summary").click()
        row.locator("input[name=reason]").fill("nhầm ngày bàn giao")
        with page.expect_navigation():
            row.locator("form button").click()
        assert figures(officer)["handover"]["households"] == 2
        act(page, site, "handover", "3/7/2025", "12/BB", second)
        assert figures(officer)["handover"]["households"] == 3
        page.goto(f"{site}{DESK}/cases/{second}")
        assert "nhầm ngày bàn giao" in page.locator("tr.voided").inner_text(), "both entries stay readable"

        # the map follows at once
        officer.go(f"/?day=2025-10-02&project={CODE}")
        drawn = page.evaluate(
            "groundMap.gl.querySourceFeatures('parcels', {sourceLayer: 'parcels'})"
            ".map(parcel => parcel.properties.handover_full_day)"
        )
        assert sorted(set(drawn)) == [20250701, 20250703, 20251001]
        assert "1.200" in page.request.get(f"{site}/panels/project/{CODE}?day=2025-10-02").text()

    with visiting(drawn=False) as leader:
        page = enter(leader, "lanhdao")
        page.goto(f"{leader.site}{DESK}/cases/{second}")
        assert "Lý Văn Hai" in page.locator("main").inner_text()
        assert page.get_by_role("link", name="Ghi nhận việc").count() == 0
        assert figures(leader)["handover"]["households"] == 3

    with visiting(drawn=False) as investor:
        page = enter(investor, "dautu")
        missing = page.request.get(f"{investor.site}/panels/project/khong-co", headers={"Accept": "application/json"})
        foreign = page.request.get(f"{investor.site}/panels/project/{CODE}", headers={"Accept": "application/json"})
        assert (foreign.status, foreign.text().replace(CODE, "khong-co")) == (404, missing.text())
        assert investor.api("search?q=Mẫu nội khu")["hits"] == []
        assert [one["code"] for one in investor.api("projects")["projects"]] == ["khac"]
        assert page.request.get(f"{investor.site}{DESK}").status in (403, 404)
