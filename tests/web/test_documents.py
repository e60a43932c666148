"""Documents with their files, acts upon a project, and its log, at the desk and for programs: by whom, for whom."""

import csv
import io
import re
from datetime import date
from html import unescape

import pytest
from sqlalchemy import select

from gis import db, model
from tests import factories as make
from tests.conftest import engine_of, serving
from tests.db.test_attachments import PDF, pdf, picture, zip_bomb
from tests.people import invite, signed_in

PAGE = "/desk/projects/cua-toi/documents"
API = "/api/v1/projects/cua-toi/documents"
COURSE = "/desk/projects/cua-toi/course"
LOG = "/desk/projects/cua-toi/log"
NASTY = '15/QĐ-UBND <script>alert(1)</script>"'
FORMULA = '=HYPERLINK("http://x")'
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def place(make_database, folder):
    database = make_database("documents")
    with serving(database, GPMB_OPEN_ACCESS="office", GPMB_FILES=str(folder)) as app:
        with engine_of(database.owner) as engine, db.transaction(engine) as session:
            make.unit(session, slug="p-trong", name="Phường trong", shape=make.square(side_m=900))
            mine = make.project(session, code="cua-toi", name="Dự án của tôi")
            make.project(session, code="cua-nguoi", name="Dự án của người")
            make.boundary(session, mine)
            case = make.case(session, mine, code="HS-1")
            land = make.affected(session, mine, case=case)
            paper = make.document(session, number="7/TB", kind="notice", issued_on=date(2024, 2, 1), issuer="UBND",
                                  title="Thông báo cho hộ ông Nguyễn Văn A")  # fmt: skip
            make.event(session, mine, "recovery_notice", date(2024, 2, 1), document_id=paper.id,
                       affected_parcel_id=land.id, area_m2=land.area_m2)  # fmt: skip
            mine, other = {"projects": ["cua-toi"]}, {"projects": ["cua-nguoi"]}
            people = {
                "lan": ("officer", mine), "minh": ("officer", mine), "hoa": ("officer", other), "lead": ("leader", {}),
                "invest": ("investor", mine), "admin": ("administrator", {}),
            }  # fmt: skip
            invite(session, people)
        yield app


@pytest.fixture(scope="module")
def people(place):
    return {name: signed_in(place, name) for name in ("lan", "minh", "hoa", "lead", "invest", "admin")}


@pytest.fixture
def stored(place):
    def read(query):
        with engine_of(place.config["DATABASE_URL"]) as engine, db.reading_session(engine) as session:
            return session.scalars(query).all()

    return read


_keys = iter(f"key-{n}" for n in range(10_000))


def entered(lan, number="15/QĐ-UBND", **more) -> str:
    """Enter a document and give the address of its page."""
    given = {"document_kind": "decision", "issued_on": "24/10/2024", "issuer": "UBND tỉnh", "title": "Phê duyệt"} | more
    answer = lan.send(PAGE, number=number, key=next(_keys), **given)
    assert answer.status_code == 302, problem(answer)
    return answer.headers["Location"]


def send_file(browser, page, content=PDF, name="scan.pdf", key=None):
    """Send the form; its bytes are put together here, for the test client would leave a large one's file open."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)[1]
    parts = [f'name="{field}"\r\n\r\n{value}'.encode() for field, value in
             (("csrf_token", token), ("key", key or next(_keys)))]  # fmt: skip
    parts.append(f'name="file"; filename="{name}"\r\nContent-Type: application/pdf\r\n\r\n'.encode() + content)
    body = b"".join(b"--limit\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts)
    return browser.client.post(
        f"{page}/attachments", data=body + b"--limit--\r\n", content_type="multipart/form-data; boundary=limit",
        headers={"Accept": "text/html"},
    )  # fmt: skip


def problem(answer) -> str:
    found = re.search(r'id="problem">([^<]*)', answer.text)
    return unescape(found[1]) if found else ""


def file_addresses(browser, page) -> list[str]:
    return re.findall(r'href="(/desk/attachments/\d+)"', browser.get(page).text)


def test_an_officer_enters_a_document_attaches_a_scan_and_a_leader_gets_it(people, folder):
    lan = people["lan"]
    page = entered(lan, NASTY)
    answer = send_file(lan, page, name="../../Quyết định\u202e 15.PDF")
    assert answer.status_code == 302
    address = file_addresses(people["lead"], page)[0]
    got = people["lead"].get(address)
    assert (got.status_code, got.data) == (200, PDF)
    assert got.headers["Content-Type"] == "application/pdf"
    assert got.headers["Content-Disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh%2015.pdf" in got.headers["Content-Disposition"]
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Cache-Control"] == "no-store"
    assert all(folder in path.parents and re.fullmatch("[0-9a-f]{64}", path.name)
               for path in folder.rglob("*") if path.is_file())  # fmt: skip
    text = people["lead"].get(page).text
    assert "<script>alert" not in text
    assert "scan" not in text
    assert people["lead"].get(address.replace("/desk/", "/api/v1/")).data == PDF


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><script>alert(1)</script>%PDF-1.7", "don.pdf"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "anh.png"),
        (b"GIF89a/*\0*/=1;alert(1)", "anh.gif"),
        (zip_bomb(), "bang.xlsx"),
        (b"", "rong.pdf"),
    ],
    ids=["html", "svg", "gif", "workbook", "empty"],
)
def test_what_is_no_scan_is_refused_with_what_to_do(people, folder, content, name):
    page = entered(people["lan"], f"no scan {name}")
    before = len(list(folder.rglob("*")))
    answer = send_file(people["lan"], page, content, name)
    assert answer.status_code == 422
    assert problem(answer)
    assert len(list(folder.rglob("*"))) == before
    assert send_file(people["lan"], page, b"", "").status_code == 400


def test_a_picture_that_is_a_script_too_is_only_ever_a_download(people):
    page = entered(people["lan"], "polyglot")
    answer = send_file(people["lan"], page, picture("PNG", more=b"<script>alert(1)</script>"), "x.html")
    assert answer.status_code == 302
    got = people["lan"].get(file_addresses(people["lan"], page)[0])
    assert got.headers["Content-Type"] == "image/png"
    assert "x.html.png" in got.headers["Content-Disposition"]
    assert "sandbox" in got.headers["Content-Security-Policy"]


def test_a_file_may_be_as_large_as_the_setting_says_and_no_byte_more(place, people):
    page = entered(people["lan"], "large")
    full = pdf(20 * MIB)
    assert len(full) == 20 * MIB
    assert send_file(people["lan"], page, full).status_code == 302
    answer = send_file(people["lan"], page, full + b"\n")
    assert answer.status_code == 422
    assert "20 MiB" in problem(answer)
    assert send_file(people["lan"], page, full + b"\n" * 2 * MIB).status_code == 413
    other = people["lan"].send(PAGE, number="x" * 2 * MIB, key="k")
    assert other.status_code == 413, "for all else a megabyte is enough"


def test_who_may_not_have_a_file_is_told_what_who_asks_for_none_is_told(people):
    page = entered(people["lan"], "for few")
    send_file(people["lan"], page)
    address = file_addresses(people["lan"], page)[0]
    missing = "/desk/attachments/999999999999"
    hoa = people["hoa"]
    there, nowhere = hoa.get(address), hoa.get(missing)
    assert there.status_code == nowhere.status_code == 404
    number = address.rpartition("/")[2]
    assert there.text.replace(f" {number}.", "") == nowhere.text.replace(" 999999999999.", "")
    for name in ("invest", "admin"):
        assert people[name].get(address).status_code == people[name].get(missing).status_code == 403
    assert "scan.pdf" not in hoa.get(page).text, "she sees the document and not its files"
    assert hoa.client.get(f"{API}/{page.rpartition('/')[2]}/attachments").json == {"attachments": []}
    other = page.replace("cua-toi", "cua-nguoi")
    assert hoa.get(other).status_code == hoa.get("/desk/projects/cua-nguoi/documents/99999999999999999999").status_code
    assert send_file(hoa, page).status_code == 403
    assert people["lead"].send(PAGE, page="/account", number="1", document_kind="plan", key="k").status_code == 403


def test_subjects_name_people_and_are_not_for_every_reader(people):
    assert "Nguyễn Văn A" in people["lead"].get(PAGE).text
    for path in (PAGE, f"{PAGE}.csv", API):
        text = people["hoa"].get(path).text
        assert "7/TB" in text, path
        assert "Nguyễn Văn A" not in text, path


def test_the_second_of_two_officers_sees_both_versions(people, stored):
    page = entered(people["lan"], "hai người")
    changed = {"number": "hai người", "issued_on": "24/10/2024", "issuer": "UBND thành phố", "title": "Phê duyệt"}
    assert people["lan"].send(page, version="1", **changed).status_code == 302
    answer = people["minh"].send(page, version="1", **changed | {"issuer": "UBND <b>phường</b>"})
    assert answer.status_code == 409
    text = unescape(answer.text)
    assert "<td>UBND thành phố</td><td>UBND <b>phường</b></td>" in re.sub(r"\s*\n\s*", "", text)
    assert "<b>phường" not in answer.text
    again = re.search(r'name="version" value="(\d+)"', answer.text)[1]
    assert people["minh"].send(page, version=again, **changed | {"issuer": "UBND phường"}).status_code == 302
    assert stored(select(model.Document.issuer).where(model.Document.number == "hai người")) == ["UBND phường"]
    assert people["lan"].send(page, version="9", **changed | {"issued_on": "31/02/2024"}).status_code == 400
    log = people["lan"].get(f"{LOG}?entity=document").text
    assert "<del>UBND thành phố</del>" in log
    assert "minh@gpmb.vn" in log


def test_a_document_of_two_projects_is_changed_by_who_keeps_both(place, people, stored):
    page = entered(people["lan"], "chung")
    number = int(page.rpartition("/")[2])
    with engine_of(place.config["DATABASE_URL"]) as engine, db.transaction(engine) as session:
        other = session.scalars(select(model.Project).where(model.Project.code == "cua-nguoi")).one()
        make.event(session, other, "specific_land_price", date(2024, 3, 1), document_id=number)
    assert people["lan"].send(page, version="1", number="khác").status_code == 403
    assert stored(select(model.Document.number).where(model.Document.id == number)) == ["chung"]


def test_what_is_listed_is_what_is_asked_for(people):
    entered(people["lan"], "1/KH", document_kind="plan", issued_on="", issuer=FORMULA)
    listed = people["lead"].get(f"{PAGE}.csv?kind=plan&sort=number").text
    rows = list(csv.DictReader(io.StringIO(listed)))
    assert [row["number"] for row in rows] == ["1/KH"]
    assert rows[0]["issuer"] == f"'{FORMULA}"
    assert "1/KH" in people["lead"].get(f"{PAGE}?q=1/kh").text
    assert "7/TB" not in people["lead"].get(f"{PAGE}?q=1/kh").text
    everything = people["lead"].client.get(API).json["documents"]
    assert next(one["rests"] for one in everything if one["number"] == "7/TB") == {"recovery_notice": 1}
    for query in ("sort=id", "page=0", "page=x", "q=a&q=b", "nothing=1"):
        assert people["lead"].get(f"{PAGE}?{query}").status_code == 400, query


@pytest.mark.parametrize("number", [" 0220/2024/qđ–mẫu ", "số 220/2024/QD-MAU", "220 / 2024 / QĐ - MẪU"])
def test_a_document_spelled_otherwise_is_the_one_on_record(people, number):
    first = entered(people["lan"], "0220/2024/QĐ-MẪU")
    assert entered(people["lan"], number, issuer="UBND  Tỉnh") == first
    assert entered(people["lan"], number, issuer="") == first
    assert "có trong hồ sơ từ trước" in people["lan"].get(first).text
    other = {"day": {"issued_on": "25/10/2024"}, "issuer": {"issuer": "UBND xã"}}
    assert first not in [entered(people["lan"], number, **each) for each in other.values()]


def test_a_form_filled_in_wrongly_keeps_what_was_filled_in(people):
    answer = people["lan"].send(PAGE, number="99/QĐ", document_kind="decision", issued_on="31/02/2024", key="w")
    assert answer.status_code == 400
    assert 'value="99/QĐ"' in unescape(answer.text)
    assert 'value="31/02/2024"' in answer.text
    answer = people["lan"].send(COURSE, kind="suspension", valid_on="01/03/2024", note="giữ lại", key="w")
    assert answer.status_code == 400
    assert 'value="giữ lại"' in unescape(answer.text)


def test_an_officer_withdraws_a_wrong_scan(people):
    page = entered(people["lan"], "nhầm")
    send_file(people["lan"], page)
    address = file_addresses(people["lan"], page)[0]
    number = address.rpartition("/")[2]
    withdraw = f"/desk/projects/cua-toi/attachments/{number}/withdraw"
    assert people["lan"].send(withdraw, page=page, reason="", key="w").status_code == 400
    assert people["lan"].send(withdraw, page=page, reason="của hộ khác", key="w").status_code == 302
    assert people["lan"].get(address).status_code == 404
    assert "của hộ khác" in people["lead"].get(page).text


def test_a_file_changed_on_the_disk_is_not_given(place, people, folder):
    page = entered(people["lan"], "hỏng")
    content = picture("PNG", 31)
    send_file(people["lan"], page, content, "a.png")
    next(path for path in folder.rglob("*") if path.is_file() and path.read_bytes() == content).write_bytes(b"x")
    assert people["lan"].get(file_addresses(people["lan"], page)[0]).status_code == 503
    run = place.test_cli_runner().invoke(args=["files", "verify"])
    assert run.exit_code == 1
    assert "was changed" in run.output
    send_file(people["lan"], page, content, "a.png")
    run = place.test_cli_runner().invoke(args=["files", "verify"])
    assert run.exit_code == 0, run.output


def test_a_suspension_shows_on_the_panel_and_in_the_table_until_it_is_voided(people):
    lan = people["lan"]
    given = {"kind": "suspension", "valid_on": "01/03/2024", "document_kind": "official_letter", "document": "5/UBND"}
    note = "Chờ <img src=x onerror=alert(1)>"
    assert lan.send(COURSE, key="s1", note=note, **given).status_code == 302
    panel = people["admin"].get("/panels/project/cua-toi?day=2024-04-01").text
    assert "Tạm dừng từ 01/03/2024" in panel
    assert "<img src=x" not in panel + lan.get(COURSE).text
    assert people["hoa"].client.get("/api/v1/projects?day=2024-04-01").json
    second = lan.send(COURSE, key="s2", **given)
    assert second.status_code == 409
    number = re.search(r"/course/(\d+)/void", lan.get(COURSE).text)[1]
    void = f"{COURSE}/{number}/void"
    assert people["hoa"].send(void, page="/account", reason="x", key="v").status_code == 403
    assert lan.send(void, page=COURSE, reason="nhầm dự án", key="v").status_code == 302
    assert "Tạm dừng từ" not in people["admin"].get("/panels/project/cua-toi?day=2024-04-01").text
    assert "nhầm dự án" in people["hoa"].get(COURSE).text, "both stay readable"


def test_a_program_records_and_voids_acts_upon_a_project(people):
    lan, address = people["lan"], "/api/v1/projects/cua-toi/project-acts"
    token = re.search(r'name="csrf_token" value="([^"]+)"', lan.get(COURSE).text)[1]

    def post(path, key, body):
        return lan.client.post(path, json=body, headers={"X-CSRFToken": token, "Idempotency-Key": key})

    body = {"kind": "land_use_conversion", "valid_on": "2024-05-01", "number": "8/QĐ-TTg", "unit": "p-trong",
            "area_m2": "12345.5"}  # fmt: skip
    made = post(address, "api 1", body)
    assert made.status_code == 201, made.text
    assert post(address, "api 1", body).json["repeated"]
    listed = lan.client.get(f"{address}?kind=land_use_conversion").json["project_acts"]
    assert [(one["area_m2"], one["unit"]) for one in listed] == [("12345.50", "Phường trong")]
    done = post(f"{address}/{made.json['event']}/void", "api 2", {"reason": "nhầm"})
    assert done.status_code == 201
    for wrong in ({}, {"kind": "suspension"}, {"kind": 1}, {"x": 1}, [], {**body, "area_m2": True},
                  {**body, "valid_on": "1/5/2024"}, {**body, "kind": "handover"}):  # fmt: skip
        assert post(address, "api 3", wrong).status_code == 400, wrong
    assert post(address, "", body).status_code == 400


def test_the_log_tells_in_words_to_who_may_have_personal_data(people):
    page = entered(people["lan"], "trong nhật ký")
    send_file(people["lan"], page)
    text = people["lead"].get(LOG).text
    assert "lan@gpmb.vn" in text
    assert "trong nhật ký" in text
    assert page in text, "an entry leads to its record"
    assert "<script>alert" not in text
    rows = list(csv.DictReader(io.StringIO(people["lead"].get(f"{LOG}.csv").text)))
    assert {"lan@gpmb.vn"} <= {row["who"] for row in rows}
    assert "trong nhật ký" in {row["after"] for row in rows}
    one = people["lead"].get(f"{LOG}?who=minh&since=2020-01-01&upto=2100-01-01").text
    assert "minh@gpmb.vn" in one
    assert "lan@gpmb.vn" not in one
    assert "<tbody>" in people["lead"].get(f"{LOG}?before=2").text
    assert "lan@gpmb.vn" not in people["hoa"].get(LOG).text
    assert people["hoa"].get(f"{LOG}.csv").status_code == 404
    for query in ("before=0", "before=x", "since=32/1/2024", "x=1"):
        assert people["lead"].get(f"{LOG}?{query}").status_code == 400, query
