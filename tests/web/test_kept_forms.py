"""Typed work is never lost: the session's end, another tab, going back, loading anew. And nobody else gets it."""

import io
import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from openpyxl import Workbook
from sqlalchemy import text

from gis import db, kept_forms
from tests import factories as make
from tests.conftest import engine_of, serving
from tests.people import PASSWORD, Browser, invite, signed_in

DESK = "/desk/projects/duong-moi"
NEW, OBSTACLE, PASTE = f"{DESK}/acts/new", f"{DESK}/registers/obstacle/new", f"{DESK}/paste-cases"
HTML = {"Accept": "text/html"}
BROWSES = {"Sec-Fetch-Mode": "navigate"}
"""What a browser says of a page that a person goes to."""


class Ground:
    """A project with a case of one parcel, and who keeps its records."""

    def __init__(self, session):
        self.unit = make.unit(session, shape=make.square(side_m=3000))
        self.project = make.project(session, code="duong-moi", name="Đường mới", reporting_unit_id=self.unit.id)
        make.boundary(session, self.project)
        self.case = make.case(session, self.project, code="HS-001")
        land = make.affected(session, self.project, case=self.case, area_m2=Decimal(400))
        self.parcel = land.id
        make.event(session, self.project, "recovery_notice", date(2024, 1, 5), case_id=self.case.id)


@pytest.fixture(scope="module")
def place(make_database):
    return make_database("kept-forms")


@pytest.fixture(scope="module")
def app(place):
    with serving(place) as app:
        yield app


@pytest.fixture(scope="module")
def write(place):
    """Do something as the owner of the tables, committed."""

    def run(work):
        with engine_of(place.owner) as engine, db.transaction(engine) as session:
            return work(session)

    return run


@pytest.fixture(scope="module")
def ground(place, write) -> Ground:
    def work(session):
        made = Ground(session)
        hers = {"projects": [made.project.code]}
        invite(session, {"lan": ("officer", hers), "hoa": ("officer", hers)})
        return made

    return write(work)


@pytest.fixture
def lan(app, ground) -> Browser:
    return signed_in(app, "lan")


@pytest.fixture
def tired(write):
    """Let every session be over: an hour of nothing."""

    def work(session):
        session.execute(text("update account_session set seen_at = now() - interval '3 hours'"))

    return lambda: write(work)


def token(browser: Browser, page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)[1]


def post(browser: Browser, address: str, fields: dict, **options):
    return browser.client.post(address, data=fields, headers=HTML | options)


def sign_in_again(browser: Browser, led, name: str):
    """Follow the way to sign in and back, as a person does."""
    assert led.status_code == 303, led.text
    page = browser.get(led.location)
    assert "được giữ lại" in page.text, "the page to sign in says that nothing is lost"
    fields = {"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]}
    fields["next"] = unescape(re.search(r'name="next" value="([^"]*)"', page.text)[1])
    back = post(browser, "/sign-in", fields | {"email": f"{name}@gpmb.vn", "password": PASSWORD})
    assert back.status_code == 302
    return browser.get(back.location)


def count(write, table: str) -> int:
    return write(lambda session: session.scalar(text(f"select count(*) from {table}")))  # noqa: S608


OBSTACLE_TYPED = {
    "kind": "cadastre_wrong", "description": "Chưa xác định “nguồn gốc” <đất> của 3 hộ\nở thôn Pò Mỏ",
    "known_since": "24/10/2022",
    "owner": "UBND phường", "key": "k-1",
}  # fmt: skip


def test_a_register_sent_after_the_session_ended_comes_back_as_it_was_typed(lan, tired, write):
    typed = OBSTACLE_TYPED | {"csrf_token": token(lan, OBSTACLE)}
    tired()
    before = count(write, "obstacle")
    page = sign_in_again(lan, post(lan, OBSTACLE, typed), "lan")
    assert page.status_code == 200
    assert count(write, "obstacle") == before, "nothing is recorded by coming back"
    assert "Chưa ghi gì" in page.text
    assert (
        unescape(re.search(r'<textarea[^>]*name="description"[^>]*>(.*?)</textarea>', page.text, re.S)[1])
        == (OBSTACLE_TYPED["description"])
    )
    assert 'value="UBND phường"' in page.text
    assert 'value="k-1"' in page.text, "the key stays: sent again it is recorded once"
    fresh = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    assert fresh != typed["csrf_token"]
    for _ in range(2):
        assert post(lan, OBSTACLE, typed | {"csrf_token": fresh}).status_code == 302
    assert count(write, "obstacle") == before + 1


def test_an_act_comes_back_with_document_and_amounts(lan, tired, ground, write):
    typed = {
        "csrf_token": token(lan, NEW), "kind": "payment", "case": ["HS-001"], "parcel": [""], "do": "preview",
        "amount_vnd": ["321.310.000"], "valid_on": "20/11/2024", "document": "82/QĐ-UBND", "issuer": "UBND thành phố",
        "issued_on": "19/11/2024", "document_kind": "decision", "note": "đợt 1",
    }  # fmt: skip
    tired()
    events = count(write, "event")
    page = sign_in_again(lan, post(lan, NEW, typed), "lan")
    for value in ("82/QĐ-UBND", "UBND thành phố", "321.310.000", "20/11/2024"):
        assert value in page.text
    assert "Đây là những gì" in page.text
    assert count(write, "event") == events


def test_a_form_opened_before_signing_in_again_elsewhere_is_not_called_old(app, lan, write):
    """The other tab signed in anew: the token is of the session before, the typist is the same."""
    typed = OBSTACLE_TYPED | {"csrf_token": token(lan, OBSTACLE), "key": "k-2"}
    post(lan, "/sign-out", {"csrf_token": typed["csrf_token"]})
    assert lan.send("/sign-in", email="lan@gpmb.vn", password=PASSWORD).status_code == 302
    led = post(lan, OBSTACLE, typed)
    assert led.status_code == 303
    page = lan.get(led.location)
    assert "UBND phường" in page.text
    assert "Chưa ghi gì" in page.text


def test_another_account_never_gets_what_the_first_had_typed(app, lan, tired, write):
    secret = OBSTACLE_TYPED | {"csrf_token": token(lan, OBSTACLE), "owner": "chỉ Lan biết", "key": "k-3"}
    tired()
    led = post(lan, OBSTACLE, secret)
    page = sign_in_again(lan, led, "hoa")
    assert page.status_code == 404
    assert "chỉ Lan biết" not in page.text
    # the first one's page, sent again from a tab that was left open, while the other is signed in
    answer = post(lan, OBSTACLE, secret)
    assert answer.status_code == 400
    assert "chỉ Lan biết" not in answer.text
    assert "tài khoản khác" in answer.text
    token_of_hoa = token(lan, "/account")
    post(lan, "/sign-out", {"csrf_token": token_of_hoa})
    again = signed_in(app, "lan")
    key = write(
        lambda s: s.scalar(text("select id from kept_form where account like 'lan%' order by kept_at desc limit 1"))
    )
    assert "chỉ Lan biết" in again.get(f"{OBSTACLE}?kept={key}").text, "it is kept for her"
    post(again, "/sign-out", {"csrf_token": token(again, "/account")})
    assert count(write, "kept_form where account like 'lan%'") == 0, "signing out forgets it"


def test_a_preview_is_a_page_to_load_anew_and_to_go_back_to(lan, ground, write):
    typed = {
        "csrf_token": token(lan, NEW), "kind": "persuasion", "case": ["HS-001"], "parcel": [""], "do": "preview",
        "valid_on": "20/11/2024",
    }  # fmt: skip
    led = post(lan, NEW, typed, **BROWSES)
    assert led.status_code == 303
    pages = [lan.get(led.location) for _ in range(2)]
    assert all(page.status_code == 200 and "Trước khi ghi" in page.text for page in pages)
    key = re.search(r'name="key" value="([^"]+)"', pages[0].text)[1]
    assert key in pages[1].text, "loaded anew it is the same submission"
    record = {
        "csrf_token": token(lan, NEW), "kind": "persuasion", "key": key, "rows": "HS-001\t",
        "valid_on": "20/11/2024",
    }  # fmt: skip
    events = count(write, "event")
    made = [post(lan, NEW, record | {"do": "record"}) for _ in range(2)]
    assert [each.status_code for each in made] == [302, 302]
    assert made[0].location == made[1].location
    assert count(write, "event") == events + 1
    assert lan.get(led.location).status_code == 200, "and the preview is still there to go back to"


def test_a_list_sent_as_a_file_is_shown_by_get(lan, ground, write):
    book = Workbook()
    book.active.append(["Họ và tên", "CCCD", "Tờ", "Thửa", "Diện tích thu hồi"])
    book.active.append(["Hoàng Văn Nhất", "020123456781", "5", "85", 120.5])
    saved = io.BytesIO()
    book.save(saved)
    fields = {"csrf_token": token(lan, PASTE), "kind": "household", "registered_on": "01/02/2024"}
    fields["unit"] = ground.unit.slug
    led = post(lan, PASTE, fields | {"file": (io.BytesIO(saved.getvalue()), "ds.xlsx")}, **BROWSES)
    assert led.status_code == 303
    page = lan.get(led.location)
    assert page.status_code == 200
    assert "Hoàng Văn Nhất" in page.text
    assert "Hoàng Văn Nhất" in lan.get(led.location).text, "as often as it is loaded"


def test_a_correction_is_looked_at_by_get_and_nothing_is_kept_of_the_look(lan, ground, write):
    address = "/desk/projects/duong-moi/cases/HS-001/correct"
    entries = count(write, "audit_entry")
    typed = {"csrf_token": token(lan, address), "version": "1", "holder_kind": "organisation", "key": "c-1"}
    led = post(lan, address, typed, **BROWSES)
    assert led.status_code == 303
    again = post(lan, led.location, typed | {"csrf_token": token(lan, address)}, **BROWSES)
    assert again.location.count("kept=") == 1, "looked at once more, the address does not grow"
    for page in (lan.get(led.location), lan.get(again.location)):
        assert page.status_code == 200 and "Nội dung sẽ sửa" in page.text, page.text
    assert count(write, "audit_entry") == entries


def test_a_cost_file_is_looked_at_by_get(lan):
    address = "/desk/projects/duong-moi/cost-lines"
    book = Workbook()
    book.active.append(["Mã hồ sơ", "Hạng mục", "Đơn vị tính", "Số lượng", "Đơn giá", "Thành tiền"])
    book.active.append(["HS-001", "Cây vải", "cây", 2, 500000, 1000000])
    saved = io.BytesIO()
    book.save(saved)
    sent = {"csrf_token": token(lan, address), "file": (io.BytesIO(saved.getvalue()), "chi-tiet.xlsx")}
    led = post(lan, address, sent, **BROWSES)
    assert led.status_code == 303
    pages = [lan.get(led.location) for _ in range(2)]
    assert all(page.status_code == 200 and "Cây vải" in page.text for page in pages), pages[0].text


def test_a_browser_can_go_back_to_a_page_that_said_what_was_wrong(lan):
    typed = {
        "csrf_token": token(lan, OBSTACLE),
        "kind": "cadastre_wrong",
        "description": "",
        "known_since": "32/10/2022",
    }
    assert post(lan, OBSTACLE, typed).status_code in (400, 422), "a program gets the page itself"
    led = post(lan, OBSTACLE, typed, **BROWSES)
    assert led.status_code == 303
    assert "32/10/2022" in lan.get(led.location).text


def test_files_are_named_to_be_chosen_again(lan, tired, ground):
    fields = {"csrf_token": token(lan, PASTE), "kind": "household", "registered_on": "01/02/2024"}
    tired()
    page = sign_in_again(lan, post(lan, PASTE, fields | {"file": (io.BytesIO(b"x"), "danh sách.xlsx")}), "lan")
    assert "danh sách.xlsx" in page.text


def test_passwords_are_never_kept(lan, tired, write):
    typed = {"csrf_token": token(lan, "/account"), "password": "x", "new": "y"}
    tired()
    before = count(write, "kept_form")
    post(lan, "/account/password", typed)
    assert count(write, "kept_form") == before


def test_a_form_of_no_page_of_ours_is_refused_as_before(app, lan):
    assert post(lan, OBSTACLE, OBSTACLE_TYPED | {"csrf_token": "made-up"}).status_code == 400
    assert post(Browser(app), OBSTACLE, OBSTACLE_TYPED).status_code in (400, 401)


def test_old_forms_go_and_few_are_kept_of_one_account(write):
    def work(session):
        session.execute(text("delete from kept_form"))
        for number in range(kept_forms.MOST + 5):
            kept_forms.keep(session, "lan@gpmb.vn", "/desk", [("n", str(number))])
        few = session.scalar(text("select count(*) from kept_form"))
        session.execute(text("update kept_form set kept_at = now() - interval '4 days'"))
        kept_forms.keep(session, "hoa@gpmb.vn", "/desk", [("n", "1")])
        return few, session.scalar(text("select count(*) from kept_form"))

    assert write(work) == (kept_forms.MOST, 1)


def test_the_database_gives_each_account_its_own_alone(session):
    key = kept_forms.keep(session, "lan@gpmb.vn", "/desk", [("n", "1")])
    session.execute(text("set local role gpmb_web"))
    assert kept_forms.find(session, "hoa@gpmb.vn", key) is None
    assert session.scalar(text("select count(*) from kept_form")) == 0
    assert kept_forms.find(session, "lan@gpmb.vn", key).fields == (("n", "1"),)
