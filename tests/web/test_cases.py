"""The case table and the registering of cases: from forms, lists and programs, and who sees what of it."""

import csv
import io
import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from gis import audit, db, model
from gis.progress import ask, progress
from tests import factories as make
from tests.conftest import engine_of, serving
from tests.people import invite, signed_in

TABLE = "/desk/projects/duong-moi/cases"
API = "/api/v1/projects/duong-moi/cases"
NEW, PASTE = "/desk/projects/duong-moi/new-case", "/desk/projects/duong-moi/paste-cases"
SINCE = date(2024, 1, 1)
LIST = """DANH SÁCH NGƯỜI SỬ DỤNG ĐẤT\t\t\t\t\t\t
STT\tHọ và tên\tSố CCCD\tTờ bản đồ\tSố thửa\tLoại đất\tDiện tích thu hồi (m²)\tGhi chú
1\t2\t3\t4\t5\t6\t7\t8
1\t"Nông Văn Sáu
Lý Thị Bảy"\t020099000001\t5\t85\tODT\t1.250,50\tđất ở
\t\t\t5\t86\tCLN\t320\t
2\tHoàng Văn Tám\t\t5\t87\tLUC\t412,25\t
\tTổng cộng\t\t\t\t\t1.982,75\t
"""


@pytest.fixture(scope="module")
def place(make_database):
    return make_database("cases")


@pytest.fixture(scope="module")
def app(place):
    with serving(place, GPMB_OPEN_ACCESS="office") as app:
        yield app


@pytest.fixture(scope="module")
def write(place):
    with engine_of(place.owner) as engine:

        def done(work):
            with db.transaction(engine) as session:
                return work(session)

        yield done


@pytest.fixture(scope="module")
def ground(place, write):
    """A project of the officer Lan with 130 cases, another that is not hers, a leader and an investor."""

    def work(session):
        unit = make.unit(session, slug="x-thu", name="xã Thử", shape=make.square(side_m=2000))
        project = make.project(session, code="duong-moi", name="Đường mới", reporting_unit_id=unit.id)
        other = make.project(session, code="cau-moi")
        session.add(model.ProjectPart(project_id=project.id, code="BT", name="Bồi thường"))
        session.add(model.ProjectCommune(project_id=project.id, unit_id=unit.id, valid=make.ALWAYS, main=True))
        for n in range(1, 131):
            case = make.case(session, project, code=f"HS-{n:03}", registered_on=SINCE)
            land = make.affected(session, project, case=case, registered_on=SINCE, geom=None)
            session.add(model.HolderIdentity(holder_id=case.holder_id, full_name=f"Hộ Số {n:03}"))
            if n <= 40:
                make.event(session, project, "handover", date(2024, 5, 1), affected_parcel_id=land.id,
                           area_m2=land.area_m2)  # fmt: skip
            if n == 7:
                make.event(session, project, "plan_approval", date(2024, 3, 1), case_id=case.id, amount_vnd=987_654_321)
        secret = make.case(session, other, code="HS-X")
        session.add(
            model.HolderIdentity(holder_id=secret.holder_id, full_name="Người Lạ", identity_number="020000000009")
        )
        hers, others = {"projects": ["duong-moi"]}, {"projects": ["cau-moi"]}
        people = {"lan": ("officer", hers), "khac": ("officer", others), "truong": ("leader", {}),
                  "dau-tu": ("investor", hers)}  # fmt: skip
        invite(session, people)
        return project.id

    return write(work)


@pytest.fixture
def as_(app, ground):
    return lambda name: signed_in(app, name)


def send(browser, path, **fields):
    """Send a form as it stands on its page, with the key of the submission."""
    page = browser.get(path).text
    key = re.search(r'name="key" value="([^"]+)"', page)
    return browser.send(path, **({"key": key[1]} if key else {}) | fields)


def cases_of(write, code):
    def work(session):
        return session.scalars(
            select(model.AffectedParcel.area_m2)
            .join(model.Case, model.Case.id == model.AffectedParcel.case_id)
            .where(model.Case.code == code)
            .order_by(model.AffectedParcel.id)
        ).all()

    return write(work)


def test_without_script_the_table_is_pages_of_boxes_to_tick_and_one_form(as_):
    page = as_("lan").get(TABLE).text
    assert page.count('name="case"') == 100
    assert "HS-101" not in page
    assert 'action="/desk/projects/duong-moi/acts/new"' in page
    assert "HS-130" in as_("lan").get(f"{TABLE}?page=2").text
    found = as_("lan").get(f"{TABLE}?q=HS-007&without=handover").text
    assert found.count('name="case"') == 0
    assert as_("lan").get(f"{TABLE}?q=HS-007").text.count('name="case"') == 1
    assert as_("lan").get(f"{TABLE}?reached=handover&sort=-area_m2").text.count('name="case"') == 40


def test_names_and_amounts_show_to_who_may_have_them_and_each_such_read_is_logged(as_, write):
    def logged():
        return write(lambda s: s.scalar(select(func.count()).select_from(model.ReadEntry)))

    before = logged()
    mine = as_("lan").get(f"{API}?q=HS-007").get_json()["cases"][0]
    assert (mine["holder"], mine["plan_vnd"]) == ("Hộ Số 007", 987654321)
    assert logged() == before + 1
    for name in ("lan", "truong"):
        assert "987654321" in as_(name).get(f"{API}.csv").text
    told = logged()
    for path in (TABLE, API, f"{API}.csv?q=HS-007", f"{API}?sort=holder", f"{API}?sort=plan_vnd"):
        answer = as_("khac").get(path)
        assert answer.status_code == 200, path
        assert "Hộ Số" not in answer.text and not re.search(r"987\D{0,6}654", answer.text), path
    assert logged() == told + 1, "the file alone"
    assert as_("khac").get(f"{API}?q=so+007").get_json()["found"] == 0, "a name that may not be read finds nothing"
    assert as_("dau-tu").get(API).status_code == 403
    assert as_("lan").get("/api/v1/projects/khong-co/cases").status_code == 404


def test_what_is_asked_wrongly_is_named(as_):
    lan = as_("lan")
    for asked, parameter in (("sort=x", "sort"), ("reached=x", "reached"), ("limit=0", "limit"), ("limit=501", "limit"),
                             ("offset=-1", "offset"), ("qq=1", "qq")):  # fmt: skip
        answer = lan.get(f"{API}?{asked}")
        assert (answer.status_code, answer.get_json()["parameter"]) == (400, parameter), asked


def test_files_hold_what_is_shown_and_no_formula(as_):
    lan = as_("lan")
    rows = list(csv.DictReader(io.StringIO(lan.get(f"{API}.csv?reached=handover").text)))
    assert len(rows) == 40
    assert {row["handover"] for row in rows} == {"2024-05-01"}
    with lan.get(f"{API}.xlsx?lang=en") as answer:
        book = load_workbook(io.BytesIO(answer.data))
    sheet = book.worksheets[0]
    assert sheet.max_row >= 131
    assert [cell.value for cell in sheet[1]][:2] == ["Case", "Holder"]


def test_an_officer_registers_one_case_and_the_figures_follow(as_, write):
    lan = as_("lan")
    before = write(lambda s: progress(s, ask(projects=("duong-moi",))).total.values["affected"]["area_m2"])
    fields = {"kind": "individual", "full_name": "Vi Văn Chín", "identity_number": "020 099 123 456", "sheet": "12",
              "number": "34", "unit": "x-thu", "land_use": "odt", "legal_area_m2": "1.000,5", "area_m2": "250,25",
              "registered_on": "01/02/2024", "part": "BT"}  # fmt: skip
    asked = send(lan, NEW, **fields | {"area_m2": "20.000"})
    assert asked.status_code == 400
    assert "20000" in asked.text and 'value="Vi Văn Chín"' in asked.text
    too_much = send(lan, NEW, **fields | {"area_m2": "1.000,51"})
    assert too_much.status_code == 400
    assert "1.000,51" in too_much.text
    short = send(lan, NEW, **fields | {"identity_number": "20099123456"})
    assert short.status_code == 400
    assert "11" in short.text
    done = send(lan, NEW, **fields)
    assert (done.status_code, done.location) == (302, f"{TABLE}?q=HS-131")
    assert cases_of(write, "HS-131") == [Decimal("250.25")]
    after = write(lambda s: progress(s, ask(projects=("duong-moi",))).total.values["affected"]["area_m2"])
    assert after - before == Decimal("250.25")
    row = lan.get(f"{API}?q=HS-131").get_json()["cases"][0]
    assert (row["holder"], row["commune"], row["part"], row["parcels"]) == ("Vi Văn Chín", "xã Thử", "BT", "12/34")


def test_the_log_says_that_identity_was_entered_never_what(as_, write):
    fields = {
        "kind": "household",
        "full_name": "Tên Rất Riêng",
        "identity_number": "020099777777",
        "phone": "0912345678",
        "address": "Thôn Kín",
        "unit": "x-thu",
        "sheet": "90",
        "number": "1",
        "area_m2": "10",
        "code": "RIENG",
    }
    send(as_("lan"), NEW, **fields, registered_on="01/02/2024")  # fmt: skip

    def log(session):
        return " ".join(f"{e.before} {e.after}" for e in session.scalars(select(model.AuditEntry)))

    said = write(log)
    assert "RIENG" in said and "entered" in said
    for secret in ("Riêng", "777777", "0912345678", "Kín"):
        assert secret not in said
    assert write(audit.verify).broken is None


def test_a_list_is_read_shown_and_registered_only_when_confirmed(as_, write):
    lan = as_("lan")
    two_lines = {"rows": LIST, "kind": "household", "unit": "x-thu", "registered_on": "01/02/2024"}
    shown = send(lan, PASTE, **two_lines)
    assert 'id="broken-names"' in shown.text, "two lines may be two people"
    shown = send(lan, PASTE, **two_lines, **{"broken-names": "several"})
    assert shown.status_code == 200
    text = unescape(shown.text)
    assert "Nông Văn Sáu; Lý Thị Bảy" in text and "1.250,5 + 320" in text
    assert "<s>Ghi chú</s>" in text, "what is not taken is said"
    assert lan.get(f"{API}?q=sau").get_json()["found"] == 0, "nothing was written"
    key = re.search(r'name="key" value="([^"]+)"', shown.text)[1]
    sent = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", text, re.S)[1]
    fields = {"rows": sent, "kind": "household", "unit": "x-thu", "registered_on": "01/02/2024", "confirm": "1"} | {
        "broken-names": "several"
    }
    done = lan.send(PASTE, **fields, key=key)
    assert done.status_code == 302
    again = lan.send(PASTE, **fields, key=key)
    assert again.status_code in (302, 422)
    rows = lan.get(f"{API}?q=sau").get_json()["cases"]
    assert [(row["parcels"], row["area_m2"]) for row in rows] == [("5/85, 5/86", 1570.5)]
    once_more = "Họ tên\tTờ\tThửa\tDiện tích thu hồi\nÔng HOÀNG VĂN TÁM\t5\t087\t412,25\nNguyễn Thị Mới\t5\t89\t40"
    fields = {"rows": once_more, "kind": "household", "unit": "x-thu", "registered_on": "01/02/2024", "confirm": "1"}
    asked = send(lan, PASTE, **fields)
    assert 'id="on-record"' in asked.text and "HS-13" in asked.text.split('id="on-record-rows"')[1], "told and asked"
    assert send(lan, PASTE, **fields, **{"on-record": "leave"}).status_code == 302
    assert [lan.get(f"{API}?q={name}").get_json()["found"] for name in ("hoàng văn tám", "nguyễn thị mới")] == [1, 1]


def test_a_legal_area_that_differs_is_kept_or_put_right_as_somebody_says(as_, write):
    def record(session):
        unit = session.scalar(select(model.AdminUnit).where(model.AdminUnit.slug == "x-thu"))
        session.add(model.Parcel(numbered_in_unit_id=unit.id, sheet="77", number="1", legal_area_m2=300))

    def legal(session):
        return session.scalar(select(model.Parcel.legal_area_m2).where(model.Parcel.sheet == "77"))

    write(record)
    lan = as_("lan")
    rows = "Họ tên\tTờ\tThửa\tDiện tích pháp lý\tDiện tích thu hồi\nLô Thị Bảy\t077\t01\t350\t120"
    fields = {"rows": rows, "kind": "household", "unit": "x-thu", "registered_on": "01/02/2024", "confirm": "1"}
    asked = send(lan, PASTE, **fields)
    assert 'value="list"' in asked.text and write(legal) == 300, "asked, nothing is written"
    assert lan.send(PASTE, **fields, legal="list", key="l1").status_code == 302
    assert write(legal) == 350
    told = write(lambda s: s.scalars(select(model.AuditEntry).where(model.AuditEntry.act == "correct")).all()[-1].after)
    assert "danh sách" in told["reason"] and list(told["legal_areas"].values()) == ["350.00"]


def test_what_stands_against_a_list_is_named_by_row_and_column_and_nothing_is_written(as_, write):
    lan = as_("lan")
    wrong = (
        "Họ tên\tCCCD\tXã\tTờ\tThửa\tDiện tích thu hồi\tLoại chủ\n"
        "A\t1234567890\tThử\t1\t1\t20.000\thộ gia đình\n"
        "B\t\tĐâu Đó\t1\t2\tmười\t\n"
        "C\t\tThử\t\t3\t\tngười ngoài\n"
        "D\t020000000001\tThử\t1\t4\t5\t\n"
    )  # fmt: skip
    before = write(lambda s: s.scalar(select(func.count()).select_from(model.Case)))
    page = send(lan, PASTE, rows=wrong, registered_on="01/02/2024", confirm="1")
    assert page.status_code == 422
    wrongs = page.text.split('class="wrong"')[1].split("</section>")[0]
    found = re.findall(r"<tr><td>(\d+)</td><td>([^<]+)</td>", wrongs)
    assert [row for row, _ in found] == ["2", "2", "3", "3", "4", "4", "4"]
    assert write(lambda s: s.scalar(select(func.count()).select_from(model.Case))) == before
    assert "mười" in page.text, "the list is still there to put right"
    for rows, part in (("", "rows"), ("a\tb\nc\td", "")):
        assert send(lan, PASTE, rows=rows).status_code in (400, 422), part
    asked = send(lan, PASTE, rows="Họ tên\tTờ\tKý hiệu\tDT trong chỉ giới\nA\t1\t2\t30", confirm="1")
    assert 'name="pick-number"' in asked.text and 'name="pick-area_m2"' in asked.text, "which column is which is asked"


def test_a_workbook_is_read_as_its_cells_are(as_):
    book = Workbook()
    book.active.append(["Họ tên", "CCCD", "Tờ", "Thửa", "Diện tích thu hồi (m2)"])
    book.active.append(["Lô Thị Mười", "020099555555", 7, 15.0, 20.5])
    book.active.append(["Lô Thị Mười", None, 7, 16, 1234])
    file = io.BytesIO()
    book.save(file)
    lan = as_("lan")
    token = re.search(r'name="csrf_token" value="([^"]+)"', lan.get(PASTE).text)[1]

    def upload(content, name):
        data = {"csrf_token": token, "unit": "x-thu", "kind": "household", "file": (io.BytesIO(content), name)}
        return lan.client.post(PASTE, data=data, headers={"Accept": "text/html"}, environ_base=lan.address)

    page = upload(file.getvalue(), "ds.xlsx")
    assert page.status_code == 200
    assert "7/15, 7/16" in page.text and "20,5 + 1.234" in page.text
    for broken in (b"PK\x03\x04nothing", b"\xff\xfe\x00", b"\x80\x81", b""):
        assert upload(broken, "x.xlsx").status_code in (400, 422)


def test_a_program_registers_all_or_none_once(as_, write):
    lan = as_("lan")
    token = re.search(r'name="csrf_token" value="([^"]+)"', lan.get(PASTE).text)[1]

    def post(body, key):
        return lan.client.post(
            API, json=body, headers={"X-CSRFToken": token, "Idempotency-Key": key}, environ_base=lan.address
        )

    good = {"holder": {"kind": "household", "full_name": "Máy Gửi"}, "code": "MAY-1",
            "parcels": [{"unit": "x-thu", "sheet": "50", "number": "1", "area_m2": 12.5}]}  # fmt: skip
    land = {"holder": None, "parcels": [{"unit": "x-thu", "sheet": "50", "number": "duong", "area_m2": 99}]}
    assert post({"cases": [land]}, "a").status_code == 422, "no number, unless somebody says that it is one"
    land["sure"] = True
    body = {"registered_on": "2024-02-01", "cases": [good, land]}
    refused = post({**body, "cases": [good, good]}, "a")
    assert refused.status_code == 422
    assert {(each["row"], each["field"]) for each in refused.get_json()["problems"]} == {
        (2, "code"), (2, "full_name"), (2, "number")
    }  # fmt: skip
    first, second = post(body, "b"), post(body, "b")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.get_json()["codes"] == ["MAY-1"] and second.get_json()["repeated"]
    assert post({"cases": [land]}, "b").status_code == 409
    for wrong in ([], {"cases": "x"}, {"cases": [1]}, {"cases": [{"parcels": [{"area_m2": "5"}]}]}, {"cases": []}):
        assert post(wrong, "c").status_code == 400, wrong
    assert post(body, "").status_code == 400, "without a key"
    for mistyped in ({**good, "sate": 1}, {**good, "holder": {**good["holder"], "tel": "0912345678"}},
                     {**good, "parcels": [{**good["parcels"][0], "area": 5}]}):  # fmt: skip
        assert post({"cases": [mistyped]}, "d").status_code == 400, "a name that would be ignored"


def test_who_may_not_record_the_project_registers_nothing(as_):
    for name in ("khac", "truong", "dau-tu"):
        assert as_(name).get(NEW).status_code == 403
        assert as_(name).get(PASTE).status_code == 403
        assert as_(name).get(f"{TABLE}/HS-001/holder").status_code == 403
    assert as_("lan").get("/desk/projects/cau-moi/new-case").status_code == 403


def test_two_officers_put_a_name_right_and_the_second_sees_both(as_, write):
    path = f"{TABLE}/HS-003/holder"
    first, second = as_("lan"), as_("lan")
    form = {"identity_number": "", "phone": "", "address": "", "code": "HS-003", "part": ""}
    page = first.get(path).text
    assert re.findall(r"<form method=.post.>.*?</form>", page, re.DOTALL)[0].count("<button") == 1, "one to look with"
    version = {name: re.search(rf'name="{name}" value="(\d+)"', page)[1] for name in ("version", "case_version")}
    looked = send(first, path, **form, **version, full_name="Tên Đúng")
    assert looked.status_code == 200 and 'name="confirm"' in looked.text, "shown before it is written"
    assert "Tên Đúng" not in first.get(path).text
    form["confirm"] = "1"
    shown = re.search(r'name="shown" value="(\w+)"', looked.text)[1]
    typed_since = send(first, path, **form, **version, full_name="Tên Sai", shown=shown)
    assert typed_since.status_code == 200 and "Tên Sai" in typed_since.text, "what was not shown is not written"
    assert "Tên Sai" not in first.get(path).text
    assert send(first, path, **form, **version, full_name="Tên Đúng", shown=shown).status_code == 302
    clash = send(second, path, **form, **version, full_name="Tên Khác")
    assert clash.status_code == 409
    assert "Tên Đúng" in clash.text and "Tên Khác" in clash.text
    now = {name: re.search(rf'name="{name}" value="(\d+)"', clash.text)[1] for name in ("version", "case_version")}
    assert send(second, path, **form, **now, full_name="Tên Khác").status_code == 302
    moved = send(second, path, **form | {"code": "HS-004"}, **{**now, "version": "3"}, full_name="Tên Khác")
    assert moved.status_code == 409, "a code that is taken"
    assert send(first, f"{TABLE}/HS-999/holder", full_name="x").status_code == 404


def test_the_form_of_a_case_asks_what_looks_odd_and_takes_it_as_it_stands(as_):
    fields = {"kind": "household", "full_name": "Chùa Thử", "unit": "x-thu", "sheet": "91", "number": "3-4",
              "land_use": "TON", "area_m2": "10", "code": "LA-1", "registered_on": "01/02/2024"}  # fmt: skip
    lan = as_("lan")
    asked = send(lan, NEW, **fields)
    assert 'name="sure"' in asked.text and "3-4" in unescape(asked.text)
    assert send(lan, NEW, **fields, sure="1").status_code in (200, 302)
    rows = lan.get(f"{API}?q=LA-1").get_json()["cases"]
    assert [(row["code"], row["parcels"]) for row in rows] == [("LA-1", "91/3-4")]
