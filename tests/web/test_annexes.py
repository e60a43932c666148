"""Lists attached to documents, as officers get them: on the page, as files read again, and entered from files."""

import io
import json
import re
import subprocess
from decimal import Decimal
from html import unescape

import pytest
from docx import Document
from openpyxl import load_workbook

from gis import costs, db, reads, registration
from gis.access import ROLES
from gis.exchange import sheets
from tests import factories as make
from tests import people
from tests.conftest import engine_of, serving
from tests.db.test_annexes import DAY, Village
from webmap.desk import pasting

PAGE = "/desk/projects/duong-moi/annexes"
NAME = "Lê Thị Mẫu"


@pytest.fixture(scope="module")
def place(make_database):
    return make_database("annexes")


@pytest.fixture(scope="module")
def office(place):
    with serving(place, GPMB_OPEN_ACCESS="none") as app:
        with engine_of(place.owner) as engine, db.transaction(engine) as session:
            village = Village(session)
            plot = make.plot(session, number="L7")
            village.act("resettlement_allocation", DAY, village.decision, case=village.first, plot_id=plot.id, plots=1)
            other = make.project(session, code="du-an-khac", name="Dự án khác")
            given = {role: {"projects": ["duong-moi", "du-an-khac"]} if role == "officer" else {} for role in ROLES}
            people.invite(session, {role: (role, more) for role, more in given.items()})
            people.invite(session, {"hoa": ("officer", {"projects": [other.code]})})
            app.plan, app.commune = village.plan.id, village.commune.slug
        yield app


@pytest.fixture(scope="module")
def officer(office):
    return people.signed_in(office, "officer")


def book(answer):
    assert answer.status_code == 200, answer.text[:500]
    return load_workbook(io.BytesIO(answer.data))


class Counted:
    """A workbook whose formulas are counted as a spreadsheet would: those that lists are made of, and no others."""

    def __init__(self, made):
        self.made = made

    def value(self, sheet, place: str):
        value = self.made[sheet][place].value
        return self.formula(sheet, value[1:]) if isinstance(value, str) and value.startswith("=") else value

    def formula(self, sheet, text: str) -> Decimal:
        if met := re.fullmatch(r"SUM\(([A-Z]+)(\d+):\1(\d+)\)", text):
            places = [f"{met[1]}{n}" for n in range(int(met[2]), int(met[3]) + 1)]
            return sum((Decimal(str(self.value(sheet, each) or 0)) for each in places), Decimal(0))
        if met := re.fullmatch(r"ROUND\((.+),(0|-3)\)", text):
            unit = Decimal(10) ** -int(met[2])
            return (self.formula(sheet, met[1]) / unit).quantize(Decimal(1), "ROUND_HALF_UP") * unit
        if "*" in text:
            product = Decimal(1)
            for place in text.split("*"):
                product *= Decimal(str(self.value(sheet, place)))
            return product
        total = Decimal(0)
        for term in text.split("+"):
            met = re.fullmatch(r"(?:'([^']+)'!)?([A-Z]+\d+)", term)
            assert met, term
            total += Decimal(str(self.value(met[1] or sheet, met[2]) or 0))
        return total


def test_the_summary_refers_to_each_households_sheet_and_comes_to_the_same(officer, office):
    made = book(officer.get(f"{PAGE}/list.xlsx?form=f2&document={office.plan}&day={DAY}"))
    assert made.sheetnames == ["F2", "HS-1", "HS-2", "Kiểm tra"]
    sheet, counted = made["F2"], Counted(made)
    rows = {row[1].value: row for row in sheet.iter_rows()}
    heads = [cell.value for cell in rows["Người sử dụng đất"]]
    last, total = heads.index("Tổng cộng (làm tròn đến 1.000 đồng)"), rows["Tổng"]
    first = rows["Nguyễn Văn Mẫu\nTrần Thị Mẫu"]
    assert first[last].data_type == "f"
    land = heads.index("Đất")
    assert first[land].value.startswith("='HS-1'!")
    assert counted.value("F2", first[land].coordinate) == 64_800_000
    assert counted.value("F2", first[last].coordinate) == 72_527_000
    assert counted.value("F2", total[last].coordinate) == 102_527_000
    assert heads[4:8] == ["CLN", "LUC", "ODT", "Không đủ điều kiện bồi thường"]
    assert [first[n].value for n in range(4, 8)] == [80, None, 60, 10.5]
    said = [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert "Bằng chữ: Một trăm linh hai triệu năm trăm hai mươi bảy nghìn đồng." in said
    assert sheet.print_title_rows
    assert {f"{span}" for span in sheet.merged_cells.ranges}, "grouped headings"
    assert made["Kiểm tra"]["A2"].value == "Không phát hiện sai lệch."


def test_a_households_file_says_what_is_not_paid_and_reads_back_as_the_same_lines(officer, office, place):
    answer = officer.get(f"{PAGE}/list.xlsx?form=f3&day={DAY}")
    made = book(answer)
    texts = [cell.value for row in made["HS-1"].iter_rows() for cell in row if isinstance(cell.value, str)]
    assert "Không bồi thường: lấn chiếm" in texts
    assert "2*5" in texts
    with engine_of(place.owner) as engine, db.transaction(engine) as session:
        before = {
            sheet.case: sheet for sheet in costs.sheets(session, costs.catalogue.project_id(session, "duong-moi"))
        }
    page = officer.client.post(
        "/desk/projects/duong-moi/cost-lines", headers={"Accept": "text/html"},
        data={"csrf_token": token(officer), "document": office.plan, "file": (io.BytesIO(answer.data), "f3.xlsx")},
    )  # fmt: skip
    assert page.status_code == 200, page.text
    assert "102.526.665" in page.text
    carried = json.loads(re.search(r'name="lines" value="([^"]*)"', page.text)[1].replace("&#34;", '"'))
    assert {sheet["case"]: len(sheet["lines"]) for sheet in carried} == {"HS-1": 6, "HS-2": 2}
    again = [(line["item"], line["category"], line.get("parcel")) for sheet in carried for line in sheet["lines"]]
    kept = [(line.item, line.category, None) for sheet in before.values() for line in sheet.lines]
    assert [one[:2] for one in again] == [one[:2] for one in kept]


def token(browser) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/account").text)[1]


def test_land_users_on_paper_with_two_lines_of_heading_numbers_and_sums(officer, tmp_path):
    answer = officer.get(f"{PAGE}/list.docx?form=f1&day={DAY}")
    document = Document(io.BytesIO(answer.data))
    (table,) = document.tables
    heads, numbers, *rows, last = [[cell.text for cell in row.cells] for row in table.rows]
    assert heads[1:7] == ["Người sử dụng đất", "Địa chỉ thửa đất", "Diện tích (m²)", "Tờ bản đồ", "Số thửa",
                          "Loại đất hiện trạng"]  # fmt: skip
    assert numbers == [str(n) for n in range(1, 9)]
    assert rows[0][1:7] == ["Nguyễn Văn Mẫu\nTrần Thị Mẫu", "Xã Thử", "100", "5", "85", "ODT"]
    assert (last[1], last[3]) == ("Tổng", "350,5")
    assert 'w:tblHeader w:val="true"' in table._tbl.xml
    assert document.sections[0].page_width > document.sections[0].page_height
    path = tmp_path / "f1.pdf"
    path.write_bytes(officer.get(f"{PAGE}/list.pdf?form=f4&day={DAY}&paper=a3").data)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    assert "DIỆN TÍCH ĐẤT THU HỒI THEO LOẠI ĐẤT" in text
    assert re.search(r"Tổng\s+350,5\s+90,5\s+200\s+60", text), text
    info = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Page size:\s+1190\.\d+ x 841\.\d+", info), info


@pytest.mark.parametrize("form", ["f3", "handover", "plots", "payments"])
def test_every_list_comes_as_every_file(officer, form):
    for kind in ("docx", "xlsx"):
        answer = officer.get(f"{PAGE}/list.{kind}?form={form}")
        assert answer.status_code == 200, answer.text[:300]
        assert answer.headers["Cache-Control"] == "no-store"
        assert f"{form}_duong-moi" in answer.headers["Content-Disposition"]
    page = officer.get(f"{PAGE}?form={form}")
    assert page.status_code == 200
    assert "không phát hiện sai lệch" in page.text


def test_the_page_leads_to_the_case_that_is_at_fault(officer, place):
    with engine_of(place.owner) as engine, db.transaction(engine) as session:
        project = costs.catalogue.project_id(session, "duong-moi")
        case = make.case(session, session.get_one(make.model.Project, project), code="HS-7", registered_on=DAY)
        session.add(make.model.HolderIdentity(holder_id=case.holder_id, full_name="=1+1"))
    page = officer.get(f"{PAGE}?form=f1&case=HS-7").text
    assert "/desk/projects/duong-moi/cases/HS-7" not in page, "a case without a parcel is in no list of parcels"
    make_event(place, "HS-7")
    page = officer.get(f"{PAGE}?form=payments").text
    assert "/desk/projects/duong-moi/cases/HS-7" in page
    assert "Chưa gắn văn bản cho bước “Chi trả bồi thường, hỗ trợ”" in page
    cells = [cell for sheet in book(officer.get(f"{PAGE}/list.xlsx?form=payments")) for row in sheet.iter_rows()
             for cell in row]  # fmt: skip
    assert [cell.data_type for cell in cells if cell.value == "=1+1"] == ["s"]
    answer = officer.client.get("/api/v1/projects/duong-moi/annexes?form=payments").json
    assert ("uncited", "HS-7") in {(found["check"], found["case"]) for found in answer["findings"]}
    assert answer["lists"][0]["totals"]["deducted_vnd"] == 2_526_665


def make_event(place, code):
    with engine_of(place.owner) as engine, db.transaction(engine) as session:
        case = session.query(make.model.Case).filter_by(code=code).one()
        project = session.get_one(make.model.Project, case.project_id)
        make.event(session, project, "payment", DAY, case_id=case.id, amount_vnd=5)


@pytest.mark.parametrize("who", ["hoa", "investor", "administrator"])
def test_whoever_may_not_have_personal_data_gets_no_list(office, who):
    browser = people.signed_in(office, who)
    for path in (PAGE, f"{PAGE}/list.xlsx", "/api/v1/projects/duong-moi/annexes",
                 "/desk/projects/duong-moi/cost-lines/HS-2", "/api/v1/projects/duong-moi/cost-sheets"):  # fmt: skip
        answer = browser.get(path)
        assert answer.status_code in (403, 404), f"{path}: {answer.status_code}"
        assert NAME not in answer.text
    assert people.signed_in(office, "leader").get(PAGE).status_code == 200


def test_who_took_a_list_is_logged_with_whom_it_names(officer, place):
    officer.get(f"{PAGE}/list.xlsx?form=f4")
    with engine_of(place.owner) as engine, db.transaction(engine) as session:
        named = [(e.who, e.what, e.case_codes) for e, _ in reads.entries(session, most=2)]
    assert ("officer@gpmb.vn", "annexes/f4.xlsx", ["HS-1", "HS-2"]) in named


@pytest.mark.parametrize(
    ("query", "status"),
    [("form=f9", 400), ("document=abc", 404), ("document=999999999", 404), ("case=HS-0", 404), ("day=hôm nay", 400),
     ("paper=a4", 400), ("form=f2&document=1&document=2", 400)],
)  # fmt: skip
def test_what_is_asked_wrongly_is_said(officer, query, status):
    assert officer.get(f"{PAGE}?{query}").status_code == status
    assert officer.get(f"{PAGE}/list.pdf?{query.replace('paper=a4', 'paper=a5')}").status_code == status


def test_a_list_of_land_users_registers_again_elsewhere(officer, office, place):
    """F1 out of one project, in at another: the same holders, parcels, areas and land types."""
    answer = officer.get(f"{PAGE}/list.xlsx?form=f1&day={DAY}")
    page = officer.client.post(
        "/desk/projects/du-an-khac/paste-cases", headers={"Accept": "text/html"},
        data={"csrf_token": token(officer), "kind": "household", "registered_on": "02/01/2026", "key": "1",
              "file": (io.BytesIO(answer.data), "f1.xlsx"), "confirm": "1"},
    )  # fmt: skip
    assert page.status_code == 200 and 'name="same"' in page.text, "two rows of one name with numbers of their own"
    assert 'name="broken-names"' in page.text, "a couple, each on a line of the cell"
    carried = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    form = {name: unescape(value) for name, value in carried} | {
        "rows": unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.S)[1])
    }
    page = officer.client.post(
        "/desk/projects/du-an-khac/paste-cases", headers={"Accept": "text/html"},
        data=form | {"kind": "household", "registered_on": "02/01/2026", "same": "one", "confirm": "1",
                     "broken-names": "several"},
    )  # fmt: skip
    assert page.status_code == 302, page.text
    again = officer.client.get("/api/v1/projects/du-an-khac/annexes?form=f1").json["lists"][0]["rows"]
    before = officer.client.get(f"/api/v1/projects/duong-moi/annexes?form=f1&day={DAY}").json["lists"][0]["rows"]
    assert len(again) == 3
    assert [{**row, "case": None} for row in again] == [{**row, "case": None} for row in before]
    with engine_of(place.owner) as engine, db.transaction(engine) as session:
        project = registration.catalogue.project_id(session, "du-an-khac")
        communes = registration.communes(session, project, DAY)
    read = pasting.read(sheets.of_file(answer.data), communes)
    assert {parcel.unit for case in read.cases for parcel in case.parcels} == {office.commune}


# -- entering


def test_lines_are_entered_by_form_with_what_was_typed_kept_when_something_is_wrong(officer, office):
    path = "/desk/projects/duong-moi/cost-lines/HS-2"
    given = {"category": ["land", "crops"], "item": ["Đất lúa", "Bưởi"], "quantity": ["200", "2,5"],
             "unit_price_vnd": ["75.000", "333"], "support_level": ["", "60 %"], "amount_vnd": ["", "501"],
             "parcel": ["5/90", ""], "land_use": ["LUC", ""]}  # fmt: skip
    sent = {"csrf_token": token(officer), "key": "f1", "document": office.plan} | given
    answer = officer.client.post(path, data=sent, headers={"Accept": "text/html"})
    assert answer.status_code == 422
    assert "Ghi 501; số lượng × đơn giá × hệ số × mức hỗ trợ bằng 500." in answer.text
    assert 'value="2,5"' in answer.text
    sent["amount_vnd"] = ["", "500"]
    answer = officer.client.post(path, data=sent, headers={"Accept": "text/html"})
    assert answer.status_code == 409
    assert "Hồ sơ HS-2: phiên bản 1 đã ghi sẽ được thay: 2 → 2 dòng, 30.000.000 → 15.000.500 đồng." in answer.text
    assert "Hồ sơ HS-2: các dòng cộng được 15.000.500 đồng, phương án phê duyệt 30.000.000 đồng." in answer.text
    assert "phiên bản 2" not in answer.text
    assert officer.client.post(path, data=sent | {"confirm": "1"}).status_code == 409, "what was shown is what counts"
    seen = re.search(r'name="confirm" value="(\w+)"', answer.text)[1]
    assert officer.client.post(path, data=sent | {"confirm": seen}).status_code == 302
    shown = officer.get(path).text
    assert "phiên bản 2" in shown
    assert "15.000.500" in shown
    page = officer.get(f"{PAGE}?form=f2").text
    assert "Các dòng chi tiết cộng được 15.000.500 đồng, phương án phê duyệt 30.000.000 đồng." in page


def test_lines_come_by_api_once_or_are_refused_whole(officer, office):
    address = "/api/v1/projects/duong-moi/cost-sheets"
    line = {"category": "structures", "item": "Cổng", "unit": "cái", "quantity": "1.5", "unit_price_vnd": 1000}
    body = {"key": "api-1", "sheets": [{"case": "HS-7", "lines": [line]}]}
    headers = {"X-CSRFToken": token(officer)}
    made = officer.client.post(address, json=body, headers=headers)
    assert (made.status_code, made.json["amount_vnd"]) == (201, "1500")
    assert officer.client.post(address, json=body, headers=headers).status_code == 200
    emptied = {"key": "api-2", "sheets": [{"case": "HS-7", "lines": []}]}
    asked = officer.client.post(address, json=emptied, headers=headers)
    assert asked.status_code == 409
    assert "(1 dòng, 1.500 đồng) sẽ bị xóa hết dòng" in asked.json["problems"][0]["detail"]
    for wrong in ({"sheets": 1}, {"sheets": [{"case": "HS-7", "lines": [line | {"amount_vnd": 7}]}]},
                  {"sheets": [{"case": "HS-7", "lines": [line | {"colour": "x"}]}]}, {"sheets": [{"lines": 5}]},
                  {"document": "x", "sheets": []}, {"sheets": [{"case": "HS-7", "lines": [line | {"quantity": "x"}]}]},
                  {"other": 1}):  # fmt: skip
        answer = officer.client.post(address, json={"key": "w"} | wrong, headers=headers)
        assert answer.status_code == 400, (wrong, answer.text)
    listed = officer.client.get(address).json["sheets"]
    assert [sheet["total_vnd"] for sheet in listed if sheet["case"] == "HS-7"] == [1500]


def test_what_was_recorded_since_a_file_was_shown_is_shown_before_it_is_replaced(officer, office):
    path = "/desk/projects/duong-moi/cost-lines"
    text = "Mã hồ sơ\tNội dung\tSố lượng\tĐơn giá\nhs-2\tĐất ở\t1\t1000\n"
    html = {"Accept": "text/html"}
    form = {"csrf_token": token(officer), "rows": text}
    page = officer.client.post(path, data=form, headers=html).text

    def confirmed(page: str) -> dict:
        carried = re.findall(r'<input type="hidden" name="(lines|seen|key|document|source)" value="([^"]*)"', page)
        return {"csrf_token": form["csrf_token"], "confirm": "1"} | {name: unescape(value) for name, value in carried}

    line = {"category": "structures", "item": "Cổng", "unit": "cái", "quantity": 1, "unit_price_vnd": 77000}
    body = {"key": "meanwhile", "confirm": True, "sheets": [{"case": "HS-2", "lines": [line]}]}
    headers = {"X-CSRFToken": form["csrf_token"]}
    made = officer.client.post("/api/v1/projects/duong-moi/cost-sheets", json=body, headers=headers)
    assert made.status_code == 201, made.text
    answer = officer.client.post(path, data=confirmed(page), headers=html)
    assert answer.status_code == 409
    assert "đã thay đổi kể từ khi hiển thị" in answer.text
    assert "đã ghi sẽ được thay: 1 → 1 dòng, 77.000 → 1.000 đồng" in answer.text
    assert officer.client.post(path, data=confirmed(answer.text), headers=html).status_code == 302
    wrong = {"key": "w", "sheets": [{"case": "HS-2", "lines": [line | {"category": "zz", "amount_vnd": 5}]}]}
    told = officer.client.post("/api/v1/projects/duong-moi/cost-sheets", json=wrong, headers=headers).json["detail"]
    assert told.startswith("Hồ sơ HS-2, dòng 1, category: “zz” không phải"), told
    for name, value in (("quantity", "2150,0"), ("unit_price_vnd", "1.000")):  # no numbers of JSON
        wrong = {"key": "w", "sheets": [{"case": "HS-2", "lines": [line, line | {name: value}]}]}
        told = officer.client.post("/api/v1/projects/duong-moi/cost-sheets", json=wrong, headers=headers).json["detail"]
        assert told.startswith(f"Hồ sơ HS-2, dòng 2, {name}: “{name}”"), told


def test_a_file_with_a_wrong_cell_is_told_and_enters_nothing(officer, office):
    text = "Mã hồ sơ\tNội dung\tSố lượng\tĐơn giá\nHS-9\tNhà\t1\t1000\nHS-1\tSân\tx\t5\n"
    form = {"csrf_token": token(officer), "rows": text}
    answer = officer.client.post("/desk/projects/duong-moi/cost-lines", data=form, headers={"Accept": "text/html"})
    assert "1!A2" in answer.text
    assert "1!C3" in answer.text
    assert 'name="confirm"' not in answer.text
    empty = officer.client.post("/desk/projects/duong-moi/cost-lines", data={"csrf_token": token(officer)})
    assert empty.status_code == 400


def test_the_commands_write_check_and_enter(office, tmp_path):
    run = office.test_cli_runner().invoke
    out = tmp_path / "f1.xlsx"
    asked = ["annex", "--project", "duong-moi", "--form", "f1", "--day", DAY.isoformat()]
    done = run(args=[*asked, "--out", str(out), "--check"])
    assert (done.exit_code, out.exists()) == (0, True), done.output
    done = run(args=["annex", "--project", "duong-moi", "--form", "payments", "--check"])
    assert done.exit_code == 1
    assert "HS-7" in done.output
    assert run(args=["annex", "--project", "khong-co", "--form", "f1", "--check"]).exit_code == 1
    assert run(args=asked).exit_code == 2
    lines = tmp_path / "lines.xlsx"
    done = run(args=["annex", "--project", "duong-moi", "--form", "f3", "--case", "HS-1", "--out", str(lines)])
    assert done.exit_code == 0, done.output
    done = run(args=["costs", str(lines), "--project", "duong-moi", "--by", "lan", "--dry-run"])
    assert "1 cases, 6 lines, 72526665 đồng would be entered." in done.output, done.output
