"""Registers at the desk and for programs: entered, changed by two at once, cancelled, taken away; by whom."""

import csv
import html
import io
import re

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from gis import accounts, audit, db, model
from tests import factories as make
from tests.conftest import engine_of, serving
from tests.people import PASSWORD, Browser, invite, signed_in

FORMULA = '=HYPERLINK("http://x","<script>alert(1)</script>")'


@pytest.fixture(scope="module")
def place(make_database):
    database = make_database("registers")
    with serving(database, GPMB_OPEN_ACCESS="none") as app:
        with engine_of(database.owner) as engine, db.transaction(engine) as session:
            city = make.unit(session, slug="tp", name="Thành phố", kind="city", level="district")
            make.unit(session, slug="p-trong", name="Phường trong", parent_id=city.id)
            make.unit(session, slug="p-ngoai", name="Phường ngoài")
            mine = make.project(session, code="cua-toi", name="Dự án của tôi", reporting_unit_id=city.id)
            make.project(session, code="cua-nguoi", name="Dự án của người")
            make.case(session, mine, code="HS-1")
            people = {
                "lan": ("officer", {"units": ["tp"]}), "minh": ("officer", {"units": ["tp"]}),
                "hoa": ("officer", {"projects": ["cua-toi"]}), "lead": ("leader", {}),
                "invest": ("investor", {"projects": ["cua-toi"]}), "admin": ("administrator", {}),
            }  # fmt: skip
            invite(session, people)
        yield app


@pytest.fixture(scope="module")
def people(place):
    """Everybody, signed in."""
    return {name: signed_in(place, name) for name in ("lan", "minh", "hoa", "lead", "invest", "admin")}


@pytest.fixture
def stored(place):
    """Read from the database, as its owner."""

    def read(query):
        with engine_of(place.config["DATABASE_URL"]) as engine, db.reading_session(engine) as session:
            return session.scalars(query).all()

    return read


DESK = "/desk/projects/cua-toi/registers"
OBSTACLE = {"kind": "land_price_missing", "description": "Chưa có giá đất", "known_since": "2024-01-05"}


def fields(page) -> dict:
    """What the inputs of a page hold, as a browser would send it."""
    sent = {}
    for tag in re.findall(r"<input [^>]+>", page.text):
        name, value = re.search(r' name="([^"]+)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and ("radio" not in tag or " checked" in tag):
            sent[name[1]] = html.unescape(value[1]) if value else ""
    for name, body in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', page.text, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        sent[name] = chosen[1] if chosen else ""
    for name, body in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', page.text, re.S):
        sent[name] = html.unescape(body)
    return sent


def post(browser, path, sent):
    return browser.client.post(path, data=sent, headers={"Accept": "text/html"})


def entered(browser, register="obstacle", **given) -> str:
    """Enter something and give its page's address."""
    answer = browser.send(f"{DESK}/{register}/new", key=f"k{len(given)}{given}", **given)
    assert answer.status_code == 302, answer.text
    shown = browser.get(answer.location).text
    return re.findall(rf'href="({DESK}/{register}/\d+)"', shown)[-1]


def test_the_desks_home_asks_as_much_of_ten_projects_as_of_one(people, place, statements):
    lan = people["lan"]
    lan.get("/desk")
    place.extensions["counts"].clear()  # what was counted then
    with statements() as few:
        assert lan.get("/desk").status_code == 200
    with engine_of(place.config["DATABASE_URL"]) as engine, db.transaction(engine) as session:
        unit = session.scalar(select(model.AdminUnit).where(model.AdminUnit.slug == "p-trong"))
        for n in range(9):
            project = make.project(session, code=f"mot-trong-chin-{n}", reporting_unit_id=unit.id)
            make.case(session, project, code="HS-1")
    with statements() as many:
        assert "mot-trong-chin-8" in lan.get("/desk").text
    assert len(many) <= len(few) <= 30, (len(few), len(many))


def test_an_officer_begins_a_project_in_her_unit_and_keeps_it(people):
    lan = people["lan"]
    assert "/desk/projects/new" in lan.get("/desk").text
    blank = lan.get("/desk/projects/new").text
    assert "p-trong" in blank
    assert "p-ngoai" not in blank
    refused = lan.send("/desk/projects/new", name="Đường mới", reporting_unit="p-ngoai")
    assert refused.status_code == 403
    assert "Đường mới" in refused.text
    missing = lan.send("/desk/projects/new", name="", reporting_unit="p-trong", investor="Sở Xây dựng")
    assert missing.status_code == 400
    assert 'aria-invalid="true"' in missing.text
    assert "Sở Xây dựng" in missing.text
    begun = lan.send("/desk/projects/new", name="Đường mới Bắc Sơn", reporting_unit="p-trong", key="bắt đầu")
    assert begun.location == "/desk/projects/duong-moi-bac-son"
    assert lan.get(begun.location).status_code == 200
    assert (
        lan.send("/desk/projects/duong-moi-bac-son/registers/part/new", code="bt", name="BT", key="bt").status_code
        == 302
    )
    for other in ("hoa", "lead"):
        assert "/desk/projects/new" not in people[other].get("/desk").text
        assert people[other].get("/desk/projects/new").status_code == 403
        assert people[other].send(
            "/desk/projects/duong-moi-bac-son/registers/part/new", page="/account", code="ppp", name="PPP"
        ).status_code == 403  # fmt: skip


def test_two_change_one_obstacle_and_the_second_sees_both_versions(people, stored):
    lan, minh = people["lan"], people["minh"]
    address = entered(lan, **OBSTACLE, owner="UBND phường")
    of_lan, of_minh = fields(lan.get(address)), fields(minh.get(address))
    assert post(lan, address, of_lan | {"owner": "Sở Tài chính", "resolved_on": "2024-03-01"}).status_code == 302
    both = post(minh, address, of_minh | {"owner": "Trung tâm PTQĐ", "description": "Chưa có giá đất cụ thể"})
    assert both.status_code == 409
    for shown in ("Sở Tài chính", "Trung tâm PTQĐ", "01/03/2024", "lan@gpmb.vn"):
        assert shown in both.text
    chosen = fields(both)
    assert {name for name in chosen if name.startswith("take.")} == {"take.owner", "take.description"}
    assert post(minh, address, chosen | {"take.owner": "theirs"}).status_code == 302
    now = fields(minh.get(address))
    assert (now["owner"], now["description"], now["resolved_on"], now["version"]) == (
        "Sở Tài chính", "Chưa có giá đất cụ thể", "01/03/2024", "3"
    )  # fmt: skip
    page = html.unescape(minh.get(address).text)
    assert page.index("minh@gpmb.vn") < page.index("lan@gpmb.vn"), "the history, newest first"
    assert "UBND phường" in page


def test_a_form_reads_numbers_as_they_are_written_here(people, stored):
    lan = people["lan"]
    given = {"measure": "area_m2", "value": "6.257,67", "percent": "12,5", "due_on": "2026-12-31"}
    address = entered(lan, "target", **given)
    shown = fields(lan.get(address))
    assert (shown["value"], shown["percent"]) == ("6257,67", "12,50")
    asked = lan.send(f"{DESK}/target/new", **given | {"value": "20.000"})
    assert asked.status_code == 400
    assert "20,00" in asked.text
    assert 'value="20.000"' in asked.text, "what was typed stays"
    assert 'aria-describedby="help-value wrong-value"' in asked.text
    entered(lan, "funding", year="2026", kind="capital_plan", amount_vnd="20.000.000")
    assert stored(select(model.FundingLine.amount_vnd)) == [20_000_000]
    place = {"place_x": "2.417.500,25", "place_y": "449.300,5"}
    found = fields(lan.get(entered(lan, **OBSTACLE, **place)))
    assert (found["place_x"], found["place_y"]) == ("2417500,25", "449300,50")
    swapped = lan.send(f"{DESK}/obstacle/new", **OBSTACLE, place_x="449300", place_y="2417500", key="ngược")
    assert swapped.status_code == 422
    assert 'id="wrong-place"' in swapped.text
    unsaid = post(lan, address, shown | {"version": "1 or 1=1", "source": "x"})
    assert unsaid.status_code == 400


def test_a_cancelled_entry_leaves_the_list_and_keeps_its_page(people):
    lan = people["lan"]
    address = entered(lan, "key_designation", year="1997", body="UBND tỉnh")
    no_reason = lan.send(f"{address}/cancel", page=address, version="1", key="c1", reason=" ")
    assert no_reason.status_code == 400
    assert lan.send(f"{address}/cancel", page=address, version="1", key="c2", reason="nhầm năm").status_code == 302
    listed = f"{DESK}/key_designation"
    assert "1997" not in lan.get(listed).text
    assert "nhầm năm" in lan.get(f"{listed}?cancelled=yes").text
    kept = lan.get(address).text
    assert "nhầm năm" in kept
    assert "<textarea" not in kept
    assert 'class="main"' not in kept


def test_a_list_is_searched_sorted_and_taken_as_files(people):
    lan = people["lan"]
    entered(lan, **OBSTACLE | {"description": FORMULA, "kind": "dossier_missing"}, owner="@sum(1)")
    page = lan.get(f"{DESK}/obstacle?kind=dossier_missing&sort=-known_since&q=hyperlink").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    for wrong in ("?sort=geom", "?nothing=1", "?kind=x", "?kind=a&kind=b"):
        assert lan.get(f"{DESK}/obstacle{wrong}").status_code == 400, wrong
    rows = list(csv.DictReader(io.StringIO(lan.get(f"{DESK}/obstacle.csv?kind=dossier_missing").text)))
    assert [(row["description"], row["owner"]) for row in rows] == [("'" + FORMULA, "'@sum(1)")]
    with lan.get(f"{DESK}/obstacle.xlsx?kind=dossier_missing") as answer:
        book = load_workbook(io.BytesIO(answer.data))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert FORMULA in [cell.value for cell in cells]
    assert "f" not in {cell.data_type for cell in cells}


def test_petitions_and_what_is_said_of_one_household_are_for_readers_of_personal_data(people, place):
    lan, lead = people["lan"], people["lead"]
    subject = {"kind": "petition", "received_on": "2024-02-01", "subject": "Bà Nguyễn Thị Hoa hỏi giá"}
    address = entered(lan, "petition", **subject)
    of_case = entered(lan, **OBSTACLE | {"description": "Ông Lục Văn Tài chưa đồng ý"}, case="HS-1")
    number = address.rpartition("/")[2]
    assert "Nguyễn Thị Hoa" in lead.get(address).text
    assert "Lục Văn Tài" in lead.get(f"{DESK}/obstacle").text
    stranger = Browser(place)
    with engine_of(place.config["DATABASE_URL"]) as engine, db.transaction(engine) as session:
        account = accounts.invite(session, email="la@gpmb.vn", full_name="Lạ", role="officer")
        accounts.give(session, account.id, projects=["cua-nguoi"], units=[])
        hashed = accounts.get(session, accounts.named(session, "lan@gpmb.vn").id).password_hash
        accounts.set_password(session, account.id, hashed)
    assert stranger.send("/sign-in", email="la@gpmb.vn", password=PASSWORD).status_code == 302
    for path in (f"{DESK}", f"{DESK}/obstacle", f"{DESK}/obstacle?q=luc", f"{DESK}/obstacle.csv", of_case,
                 "/api/v1/projects/cua-toi/registers/obstacle"):  # fmt: skip
        answer = stranger.get(path)
        assert answer.status_code == 200, path
        for name in ("Lục Văn Tài", "Nguyễn Thị Hoa"):
            assert name not in html.unescape(answer.get_data(as_text=True)), path
    assert stranger.get(f"{DESK}/petition").status_code == 403
    missing = stranger.client.get("/api/v1/registers/petition/999999").get_json()
    foreign = stranger.client.get(f"/api/v1/registers/petition/{number}").get_json()
    assert {**foreign, "title": "", "detail": ""} == {**missing, "title": "", "detail": ""}
    assert foreign["detail"].replace(number, "999999") == missing["detail"]


def test_an_entry_is_found_in_its_own_project_only(people):
    number = entered(people["lan"], **OBSTACLE).rpartition("/")[2]
    assert people["lead"].get(f"/desk/projects/cua-nguoi/registers/obstacle/{number}").status_code == 404
    for path in ("obstacle/999999", "secrets", "document", "project", "secrets/new"):
        assert people["lan"].get(f"{DESK}/{path}").status_code == 404, path
    for name in ("invest", "admin"):
        assert people[name].get(f"{DESK}/obstacle/{number}").status_code == 403
    assert people["lead"].send(f"{DESK}/obstacle/{number}", page="/account", version="1", owner="x").status_code == 403
    assert people["lead"].send(f"{DESK}/obstacle/new", page="/account", **OBSTACLE).status_code == 403


class Program:
    """A program that speaks JSON with the cookie of somebody who is signed in."""

    def __init__(self, browser):
        self.client = browser.client
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/account").text)[1]
        self.headers = {"X-CSRFToken": token, "Accept": "application/json"}

    def send(self, method, path, body=None, **headers):
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=self.headers | headers)


def test_programs_enter_read_change_and_cancel(people):
    lan = Program(people["lan"])
    path = "/projects/cua-toi/registers/obstacle"
    body = OBSTACLE | {"place": [2417500.25, "449300.5"], "unit": "p-trong"}
    made = lan.send("POST", path, body, **{"Idempotency-Key": "một"})
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    entry = made.get_json()
    assert (entry["place"], entry["unit"], entry["known_since"]) == ([2417500.25, 449300.5], "p-trong", "2024-01-05")
    again = lan.send("POST", path, body, **{"Idempotency-Key": "một"})
    assert (again.status_code, again.get_json()["id"]) == (200, entry["id"])
    one = f"/registers/obstacle/{entry['id']}"
    changed = lan.send("PATCH", one, {"owner": "Sở Tài chính"}, **{"If-Match": '"1"'})
    assert (changed.status_code, changed.get_json()["version"]) == (200, 2)
    late = lan.send("PATCH", one, {"owner": "UBND phường", "version": 1})
    assert late.status_code == 409
    assert late.get_json()["versions"]["owner"] == {"stored": "Sở Tài chính", "yours": "UBND phường"}
    assert late.get_json()["versions"]["known_since"] == {"stored": "2024-01-05", "yours": "2024-01-05"}
    gone = lan.send("POST", f"{one}/cancel", {"reason": "nhầm", "version": 2, "key": "hai"})
    assert gone.get_json()["cancelled"]["reason"] == "nhầm"
    listed = {e["id"] for e in lan.send("GET", path).get_json()["obstacle"]}
    assert entry["id"] not in listed
    assert entry["id"] in {e["id"] for e in lan.send("GET", f"{path}?cancelled=yes").get_json()["obstacle"]}


@pytest.mark.parametrize(
    ("body", "at_fault"),
    [
        ({"known_since": "05/01/2024"}, "known_since"), ({"known_since": None}, "known_since"),
        ({"place": [1, 2]}, "place"), ({"place": "here"}, "place"), ({"place": [1, 2, 3]}, "place"),
        ({"owner": {"a": 1}}, "owner"), ({"version_of": 1}, "version_of"), ({"kind": ["x"]}, "kind"),
        ({"id": 5}, "id"), ({"unit": 5}, "unit"), ({"description": "x\x00"}, "description"), ({"key": ""}, "key"),
    ],
)  # fmt: skip
def test_programs_are_told_which_field_does_not_fit(people, body, at_fault):
    answer = Program(people["lan"]).send(
        "POST", "/projects/cua-toi/registers/obstacle", OBSTACLE | {"key": "ba"} | body
    )
    assert answer.status_code in (400, 422), answer.get_json()
    assert answer.get_json()["parameter"] == at_fault


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"percent": NaN, "measure": "area_m2"}', '"x"'])
def test_what_is_no_json_object_is_refused(people, text):
    program = Program(people["lan"])
    answer = program.client.post(
        "/api/v1/projects/cua-toi/registers/target", data=text, content_type="application/json",
        headers=program.headers,
    )  # fmt: skip
    assert answer.status_code == 400


def test_programs_begin_projects_and_change_what_is_theirs(people):
    lan, lead = Program(people["lan"]), Program(people["lead"])
    made = lan.send("POST", "/projects", {"name": "Cầu mới", "reporting_unit": "tp", "key": "cầu"})
    assert (made.status_code, made.get_json()["code"]) == (201, "cau-moi")
    one = f"/registers/project/{made.get_json()['id']}"
    assert lan.send("PATCH", one, {"note": "x", "version": 1}).status_code == 200
    assert lan.send("PATCH", one, {"reporting_unit": "p-ngoai", "version": 2}).status_code == 403
    assert lead.send("PATCH", one, {"note": "y", "version": 2}).status_code == 403
    assert lead.send("GET", one).get_json()["note"] == "x"
    assert lead.send("POST", "/projects", {"name": "Cầu", "reporting_unit": "tp", "key": "1"}).status_code == 403


def test_every_page_of_the_project_shows_what_was_entered(people):
    lan = people["lan"]
    entered(lan, "part", code="pl", name="Phần tuyến chính")
    entered(lan, "site", code="tdc-trang", name="Khu tái định cư Tràng")
    entered(lan, "plot", site="tdc-trang", number="L07", area_m2="100")
    project, others = lan.get("/desk/projects/cua-toi").text, lan.get(DESK).text
    assert "Phần tuyến chính" in project
    assert "Khu tái định cư Tràng" in others
    assert "L07" in others


def test_a_long_register_is_shown_page_by_page(people, place, stored):
    lan = people["lan"]
    entered(lan, "site", code="tdc-lon", name="Khu lớn")
    (site,) = stored(select(model.ResettlementSite.id).where(model.ResettlementSite.code == "tdc-lon"))
    with engine_of(place.config["DATABASE_URL"]) as engine, db.transaction(engine) as session:
        session.add_all(model.ResettlementPlot(site_id=site, number=f"Z{n:03}", area_m2=80) for n in range(230))
    found = len(stored(select(model.ResettlementPlot.id)))
    first, second = lan.get(f"{DESK}/plot?sort=number").text, lan.get(f"{DESK}/plot?sort=number&page=2").text
    assert "Z000" in first
    assert "Z229" not in first
    assert "Z229" in second
    assert "sort=number&amp;page=2" in first
    assert lan.get(DESK).text.count("/registers/plot/") <= 10 + 1  # and the way to a new one
    assert str(found) in lan.get(DESK).text
    assert len(list(csv.DictReader(io.StringIO(lan.get(f"{DESK}/plot.csv").text)))) == found
    for wrong in ("0", "x", "-1", "²"):
        assert lan.get(f"{DESK}/plot?page={wrong}").status_code == 400


def test_reading_petitions_and_taking_files_is_logged(people, stored):
    lan = people["lan"]
    entered(lan, "petition", kind="dialogue", received_on="2024-05-01", subject="Đối thoại với các hộ")
    lan.get(f"{DESK}/petition")
    lan.get(f"{DESK}/petition.csv")
    lan.get(f"{DESK}/obstacle.csv")
    told = stored(select(model.ReadEntry.what).where(model.ReadEntry.who == "lan@gpmb.vn"))
    assert {"registers/petition", "registers/petition.csv", "registers/obstacle.csv"} <= set(told)


def test_commands_keep_registers_and_funding_of_units(place):
    runner = place.test_cli_runner()

    def run(*words):
        return runner.invoke(args=["register", *words])

    line = '{"year": 2026, "kind": "disbursement", "amount_vnd": 20000000, "unit": "tp"}'
    made = run("enter", "funding", line, "--by", "lan")
    assert made.exit_code == 0, made.output
    again = run("enter", "funding", line, "--by", "lan")
    assert "entered before" in again.output
    number = again.output.split()[-3].rstrip(",")
    assert run("amend", "funding", number, '{"amount_vnd": 30000000}', "--version", "1", "--by", "lan").exit_code == 0
    assert '"amount_vnd": 30000000' in run("list", "funding").output
    late = run("amend", "funding", number, '{"amount_vnd": 40000000}', "--version", "1", "--by", "minh")
    assert late.exit_code == 1
    assert "meanwhile (lan)" in late.output
    assert run("cancel", "funding", number, "--reason", "nhầm", "--version", "2", "--by", "lan").exit_code == 0
    assert run("list", "funding").output == ""
    assert "nhầm" in run("list", "funding", "--cancelled").output
    assert run("enter", "target", "[]", "--project", "cua-toi").exit_code == 2
    assert run("list", "target", "--project", "no-such").exit_code == 1


def test_a_day_of_entries_leaves_a_sound_log(place):
    with engine_of(place.config["DATABASE_URL"]) as engine, db.reading_session(engine) as session:
        assert audit.verify(session).broken is None
