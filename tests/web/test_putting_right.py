"""At the desk and for programs: what was entered wrong is cancelled, reinstated, corrected, and by whom."""

import re
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from gis import db, model, record, registration
from gis.record import Act, Share
from gis.registration import NewCase, NewHolder, NewParcel
from tests import factories as make
from tests.conftest import engine_of, serving
from tests.people import invite, signed_in

AT = "/desk/projects/duong-moi"
API = "/api/v1/projects/duong-moi"
SINCE = date(2024, 1, 1)


@pytest.fixture(scope="module")
def place(make_database):
    return make_database("putting_right")


@pytest.fixture(scope="module")
def app(place):
    with serving(place, GPMB_OPEN_ACCESS="office") as app:
        with engine_of(place.owner) as engine, db.transaction(engine) as session:
            unit = make.unit(session, slug="x-thu", name="xã Thử", shape=make.square(side_m=2000))
            make.unit(session, slug="x-khac", name="xã Khác", shape=make.square(3000, 0, 900))
            project = make.project(session, code="duong-moi", name="Đường mới", reporting_unit_id=unit.id)
            make.project(session, code="nham", name="Dự án lập nhầm", reporting_unit_id=unit.id)
            session.add(model.ProjectPart(project_id=project.id, code="bt", name="Hợp phần BT"))
            session.add(model.ProjectCommune(project_id=project.id, unit_id=unit.id, valid=make.ALWAYS, main=True))
            cases = [
                NewCase(NewHolder("household", f"Lý Văn {name}"),
                        (NewParcel("x-thu", "5", str(80 + n), Decimal(100), "ODT", Decimal(400)),), f"HS-{n}")
                for n, name in enumerate(("Nhất", "Nhị", "Tam", "Tứ", "Ngũ", "Lục"), 1)
            ]  # fmt: skip
            cases.append(NewCase(None, (NewParcel("x-thu", "227", "109", Decimal(30)),)))
            registration.register_cases(session, "duong-moi", cases, registered_on=SINCE, by="lan", key="1")
            record.record(session, Act("duong-moi", "handover", date(2024, 5, 1)), [Share("HS-2", area_m2=Decimal(60))],
                          by="lan", key="2")  # fmt: skip
            hers = {"projects": ["duong-moi", "nham"]}
            invite(session, {"lan": ("officer", hers), "khac": ("officer", {"projects": []}),
                                    "truong": ("leader", {})})  # fmt: skip
        yield app


@pytest.fixture
def as_(app):
    return lambda name: signed_in(app, name)


def send(browser, path, **fields):
    """Send a form as it stands: with its key, its version and what is filled in."""
    page = browser.get(path).text
    hidden = dict(re.findall(r'name="(key|version)" value="([^"]+)"', page))
    return browser.send(path, **hidden | fields)


def codes(browser, **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return [case["code"] for case in browser.get(f"{API}/cases?{query}").get_json()["cases"]]


def post(browser, path, key, body):
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(f"{AT}/cases/HS-1/correct").text)[1]
    return browser.client.post(path, json=body, headers={"Idempotency-Key": key, "X-CSRFToken": token})


def test_a_case_is_cancelled_from_its_page_and_reinstated(as_):
    lan = as_("lan")
    page = lan.get(f"{AT}/cases/HS-1").text
    assert f"{AT}/cases/HS-1/cancel" in page and f"{AT}/cases/HS-1/correct" in page
    nothing = send(lan, f"{AT}/cases/HS-1/cancel", reason=" ")
    assert nothing.status_code == 400
    done = send(lan, f"{AT}/cases/HS-1/cancel", reason="lập nhầm")
    assert (done.status_code, done.location) == (302, f"{AT}/cases/HS-1")
    assert "HS-1" not in codes(lan)
    assert codes(lan, cancelled="yes") == ["HS-1"]
    assert "lập nhầm" in lan.get(f"{AT}/cases/HS-1").text
    assert lan.get(f"{API}/cases/HS-1").get_json()["cancelled"]["reason"] == "lập nhầm"
    assert send(lan, f"{AT}/cases/HS-1/cancel", reason="đúng ra có").status_code == 302
    assert "HS-1" in codes(lan)


def test_acts_upon_it_are_named_with_links_and_go_with_it_when_asked(as_):
    lan = as_("lan")
    page = lan.get(f"{AT}/cases/HS-2/cancel").text
    assert re.search(rf'href="{AT}/cases/HS-2#event-\d+"', page)
    assert send(lan, f"{AT}/cases/HS-2/cancel", reason="nhầm").status_code == 409
    assert send(lan, f"{AT}/cases/HS-2/cancel", reason="nhầm", with_acts="1").status_code == 302
    assert "HS-2" not in codes(lan)


def line(browser, path):
    """The one parcel's row of the form as it stands."""
    page = browser.get(path).text
    found = {}
    for name in ("land", "sheet", "number", "land_use", "legal_area_m2", "area_m2"):
        found[name] = re.findall(rf'name="{name}"[^>]*value="([^"]*)"', page)[0]
    return found | {"unit": re.search(r'<option value="([^"]+)" selected>xã', page)[1]}


def test_what_would_change_is_shown_before_it_is_put_right(as_):
    lan, path = as_("lan"), f"{AT}/cases/HS-3/correct"
    row = line(lan, path)
    form = row | {"area_m2": "70,5", "unit": "x-khac", "holder_kind": "organisation", "part": "bt"}
    looked = send(lan, path, **form)
    assert looked.status_code == 200
    for told in ("100", "70,5", "xã Khác", "tổ chức", "bt"):
        assert told in looked.text
    assert lan.get(f"{API}/cases?q=HS-3").get_json()["cases"][0]["area_m2"] == 100, "only looked at"
    done = lan.send(path, **dict(re.findall(r'name="(key|version)" value="([^"]+)"', looked.text)), **form,
                    reason="gõ nhầm", confirm="1")  # fmt: skip
    assert done.status_code == 302
    now = lan.get(f"{API}/cases?q=HS-3").get_json()["cases"][0]
    assert (now["area_m2"], now["commune"], now["holder_kind"], now["part"]) == (70.5, "xã Khác", "organisation", "bt")
    assert "gõ nhầm" in lan.get(f"{AT}/cases/HS-3").text
    assert lan.get(f"{AT}/log").status_code == 200
    gone = send(lan, path, **row | {"land": "987654"})
    assert gone.status_code == 409 and f"{row['sheet']}/{row['number']}" in gone.text, "no parcel that was forgotten"
    twice = send(lan, path, **form | {"area_m2": "9.999"})
    assert twice.status_code == 400 and "9999" in twice.text.replace(".", "")


def test_land_of_no_holder_has_its_row_its_page_and_its_part(as_):
    lan = as_("lan")
    found = lan.get(f"{API}/cases?q=227/109").get_json()
    assert [(row["code"], row["holder_kind"]) for row in found["cases"]] == [("227/109", "none")]
    assert (found["found"], found["no_holder"]) == (1, 1)
    assert codes(lan, holder="none") == ["227/109"]
    land = found["cases"][0]["land"]
    assert f"{AT}/land/{land}" in lan.get(f"{AT}/cases?q=227/109").text
    assert "1 thửa không có chủ" in lan.get(f"{AT}/cases").text
    page = lan.get(f"{AT}/land/{land}")
    assert page.status_code == 200 and "227/109" in page.text
    path = f"{AT}/land/{land}/correct"
    form = line(lan, path) | {"part": "bt"}
    assert send(lan, path, **form, reason="x", confirm="1").status_code == 302
    assert lan.get(f"{API}/cases?q=227/109").get_json()["cases"][0]["part"] == "bt"
    assert lan.get(f"{API}/land/{land}").get_json()["part"] == "Hợp phần BT"
    assert send(lan, f"{AT}/land/{land}/cancel", reason="x").status_code == 302
    assert codes(lan, holder="none") == []
    assert send(lan, f"{AT}/land/{land}/cancel", reason="x").status_code == 302
    assert lan.get(f"{AT}/cases.csv").status_code == 404
    assert "227/109" in lan.get(f"{API}/cases.csv").text


def test_an_act_upon_land_of_no_holder_is_looked_at_recorded_and_undone(as_):
    lan = as_("lan")
    land = next(row for row in lan.get(f"{API}/cases?limit=500").get_json()["cases"] if row["code"] == "227/109")[
        "land"
    ]
    page = f"{AT}/land/{land}/acts"
    assert f'href="{page}"' in lan.get(f"{AT}/land/{land}").text

    def handed():
        return lan.get("/api/v1/progress?project=duong-moi&as_of=2024-06-01").get_json()["total"]["values"]["handover"]

    before = handed()["area_m2"]
    typed = {"kind": "handover", "valid_on": "20/05/2024", "document": "9/BB", "area_m2": "10,5", "note": ""}
    seen = send(lan, page, **typed)
    assert "10,5" in seen.text
    assert handed()["area_m2"] == before, "looking writes nothing"
    assert 'value="10,5"' in send(lan, page, **typed, again="1").text
    done = send(lan, page, **typed, confirm="1", key="land-1")
    assert done.status_code == 302, done.text
    assert handed()["area_m2"] == (before or 0) + 10.5
    assert "227/109" in lan.get(done.location).text
    for path in ("log", "log.csv"):
        assert lan.get(f"{AT}/{path}").status_code == 200, path
    assert "10,5" in lan.get(f"{AT}/land/{land}").text
    wrong = ({"area_m2": "9999"}, {"valid_on": "01/01/2023"}, {"kind": "payment"}, {"kind": ""}, {"valid_on": ""})
    for each in wrong:
        assert send(lan, page, **typed | each).status_code == 400, each
    body = {"kind": "inventory", "valid_on": "2024-05-02", "document": {"number": "8/BB"}}
    assert post(lan, f"{API}/land/{land}/acts", "land-2", body).status_code == 201
    assert post(lan, f"{API}/land/{land}/acts", "land-3", body).status_code == 400, "nothing remains"
    assert send(lan, f"{done.location}/undo", reason="nhầm", key="land-4").status_code == 302
    assert handed()["area_m2"] == before


def test_a_list_says_cases_and_land_apart(as_):
    rows = (
        "Họ và tên\tTờ\tThửa\tDiện tích thu hồi\tLoại đối tượng\tXã\n"
        "Hộ Mới\t8\t1\t10\thộ\txã Thử\n\t8\t2\t5\tkhông có chủ\txã Thử\n"
    )
    page = send(as_("lan"), f"{AT}/paste-cases", rows=rows, kind="household", unit="x-thu", registered_on="01/01/2024")
    assert "1 hồ sơ và 1 thửa không có chủ" in page.text, page.text


def test_programs_cancel_reinstate_and_correct(as_):
    lan = as_("lan")
    version = lan.get(f"{API}/cases/HS-4").get_json()["version"]
    body = {"reason": "nhầm", "version": version}
    made = post(lan, f"{API}/cases/HS-4/cancel", "a", body)
    assert (made.status_code, made.get_json()["voided"]) == (201, 0)
    assert post(lan, f"{API}/cases/HS-4/cancel", "a", body).status_code == 200
    assert post(lan, f"{API}/cases/HS-4/cancel", "b", body).status_code == 409
    back = post(lan, f"{API}/cases/HS-4/reinstate", "c", {"reason": "có", "version": made.get_json()["version"]})
    assert back.status_code == 201
    land = lan.get(f"{API}/cases/HS-4").get_json()["parcels"][0]["affected_parcel"]
    right = {"reason": "nhầm", "version": back.get_json()["version"], "holder_kind": "community",
             "parcels": [{"affected_parcel": land, "area_m2": 12.5, "legal_area_m2": 500},
                         {"unit": "x-thu", "sheet": "9", "number": "9", "area_m2": "3"}]}  # fmt: skip
    done = post(lan, f"{API}/cases/HS-4/correct", "d", right)
    assert done.status_code == 201, done.text
    assert {change["field"] for change in done.get_json()["changes"]} == {
        "holder_kind", "area_m2", "legal_area_m2", "added"
    }  # fmt: skip
    for wrong in ({}, {"reason": "x"}, {**right, "x": 1}, {**right, "parcels": [1]}, {**right, "parcels": [{"y": 1}]}):
        assert post(lan, f"{API}/cases/HS-4/correct", "e", wrong).status_code == 400, wrong
    none = post(lan, f"{API}/cases/HS-4/correct", "g", right | {
        "version": lan.get(f"{API}/cases/HS-4").get_json()["version"],
        "parcels": [{"affected_parcel": land, "unit": "x-khong-co"}]})  # fmt: skip
    assert [(each["row"], each["field"]) for each in none.get_json()["problems"]] == [(1, "unit")]
    assert post(lan, f"{API}/cases/HS-9/cancel", "f", body).status_code == 404


def test_the_commands_do_the_same(app, as_):
    run = app.test_cli_runner().invoke
    lan = as_("lan")

    def version():
        return str(lan.get(f"{API}/cases/HS-6").get_json()["version"])

    told = ["duong-moi", "HS-6", "--reason", "nhầm", "--by", "lan@gpmb.vn"]
    gone = run(args=["case", "cancel", *told, "--version", version()])
    assert gone.exit_code == 0, gone.output
    assert "HS-6" not in codes(lan)
    assert run(args=["case", "reinstate", *told, "--version", version()]).exit_code == 0
    land = lan.get(f"{API}/cases/HS-6").get_json()["parcels"][0]["affected_parcel"]
    wanted = f'{{"parcels": [{{"affected_parcel": {land}, "area_m2": 12.5}}]}}'
    done = run(args=["case", "correct", *told[:2], wanted, *told[2:], "--version", version()])
    assert "100.00 -> 12.5" in done.output, done.output
    assert run(args=["case", "correct", *told[:2], "[]", *told[2:], "--version", version()]).exit_code
    wrong = ["--reason", "nhầm", "--by", "lan@gpmb.vn", "--version", "1"]
    assert "cases" in run(args=["project", "cancel", "duong-moi", *wrong]).output
    assert run(args=["project", "cancel", "nham", *wrong]).exit_code == 0
    assert "nham" not in {one["code"] for one in lan.get("/api/v1/projects").get_json()["projects"]}
    assert run(args=["project", "reinstate", "nham", *wrong[:-1], "2"]).exit_code == 0
    assert "nham" in {one["code"] for one in lan.get("/api/v1/projects").get_json()["projects"]}


def test_a_project_lapses_and_comes_back(as_, place):
    lan = as_("lan")
    assert send(lan, f"{AT}/cancel", reason="x").status_code in (400, 409), "cases stand in it"
    path = "/desk/projects/nham/cancel"
    assert send(lan, path, reason="lập nhầm").status_code == 302
    assert "Dự án lập nhầm" not in lan.get("/desk").text
    assert "lập nhầm" in lan.get("/desk/projects/nham").text
    for gone in ("/?project=nham", "/panels/project/nham?day=2024-12-01", "/panels/course?project=nham",
                 "/api/v1/progress?project=nham", "/api/v1/overdue?project=nham"):  # fmt: skip
        assert lan.get(gone).status_code == 404, gone
    assert "nham" not in {row["project"]["code"] for row in lan.get("/api/v1/progress?by=project").get_json()["rows"]}
    assert lan.get("/desk/projects/nham/new-case").status_code == 403
    assert send(lan, path, reason="có thật").status_code == 302
    assert "Dự án lập nhầm" in lan.get("/desk").text


def test_nobody_else_may(as_, place):
    for name in ("khac", "truong"):
        for page in ("cases/HS-5/cancel", "cases/HS-5/correct", "cancel", "land/1/cancel", "land/1/correct"):
            assert as_(name).get(f"{AT}/{page}").status_code == 403, (name, page)
    with engine_of(place.owner) as engine, db.reading_session(engine) as session:
        assert session.scalar(select(model.Case.cancelled_at).where(model.Case.code == "HS-5")) is None
