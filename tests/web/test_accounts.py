"""Who may sign in, how it is kept safe, and who may administer it: as stories of people and of those who try."""

import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pyotp
import pytest
from flask_security import hash_password
from sqlalchemy import select, text, update

from gis import accounts, db, model
from gis.errors import BadParameter
from tests import factories as make
from tests import people
from tests.conftest import engine_of, serving
from tests.people import PASSWORD, Browser
from webmap import accounts as pages

ANOTHER = "bốn con trâu qua cầu"
_number = count(1)


@pytest.fixture(scope="module")
def place(make_database):
    """A database of its own: what is done here is committed."""
    return make_database("accounts")


@pytest.fixture(scope="module")
def app(place):
    with serving(place) as app:
        yield app


@pytest.fixture(scope="module")
def hashed():
    return people.hashed()


@pytest.fixture
def write(app):
    """Do work in the database, as its owner, in one transaction."""
    with engine_of(app.config["DATABASE_URL"]) as engine:

        def done(work):
            with db.transaction(engine) as session:
                return work(session)

        yield done


@pytest.fixture
def person(write, hashed):
    """Make somebody who has a password."""

    def made(role="officer", **given):
        def work(session):
            name = f"người-{next(_number)}"
            account = accounts.invite(session, email=f"{name}@gpmb.vn", full_name=f"Người {name}", role=role, **given)
            accounts.set_password(session, account.id, hashed)
            return accounts.get(session, account.id)

        return write(work)

    return made


@pytest.fixture(autouse=True)
def nobody_failed_before(write):
    write(lambda session: session.execute(text("delete from sign_in_attempt")))


@pytest.fixture
def browser(app):
    return Browser(app)


@pytest.fixture
def signed_in(app, person):
    def opened(role="officer"):
        browser = Browser(app)
        assert browser.sign_in(person(role)).status_code == 302
        return browser

    return opened


def test_signing_in_and_out(browser, person):
    account = person()
    assert not browser.is_in
    answer = browser.sign_in(account, next="/panels/figures?day=2022-10-24")
    assert (answer.status_code, answer.location) == (302, "/panels/figures?day=2022-10-24")
    page = browser.get("/account")
    assert account.full_name in page.text
    assert "no-store" in page.headers["Cache-Control"]
    assert browser.send("/sign-out", page="/account").status_code == 302
    assert not browser.is_in


def test_addresses_are_the_same_however_they_are_written(browser, person):
    account = person()
    assert browser.send("/sign-in", email=f" {account.email.upper()} ", password=PASSWORD).status_code == 302


def test_a_letter_is_the_same_however_the_keyboard_composed_it(browser, person):
    assert browser.sign_in(person(), unicodedata.normalize("NFD", PASSWORD)).status_code == 302


def test_a_cookie_kept_aside_is_worth_nothing_after_signing_out(app, browser, person):
    browser.sign_in(person())
    kept = browser.client.get_cookie("session").value
    browser.send("/sign-out", page="/account")
    thief = Browser(app)
    thief.client.set_cookie("session", kept)
    assert not thief.is_in


def told(answer) -> str:
    """What the page says, without what differs by what was typed."""
    return re.sub(r'value="[^"]*"', "", answer.text)


def test_a_wrong_password_and_an_unknown_address_look_and_cost_the_same(app, browser, person, monkeypatch):
    compared = []
    really = pages.verify_password
    monkeypatch.setattr(pages, "verify_password", lambda *words: compared.append(1) or really(*words))
    account, closed = person(), person()
    with app.app_context():
        assert pages.NOBODYS_HASH.split("$")[:4] == hash_password("x").split("$")[:4], "as much work"
    invited = accounts.Account(**vars(account) | {"email": "chưa-mời@gpmb.vn"})
    wrong = Browser(app).sign_in(account, "not the password")
    unknown = Browser(app).sign_in(invited)
    with engine_of(app.config["DATABASE_URL"]) as engine, db.transaction(engine) as session:
        accounts.deactivate(session, closed.id)
    deactivated = Browser(app).sign_in(closed)
    assert [answer.status_code for answer in (wrong, unknown, deactivated)] == [401, 401, 401]
    assert told(wrong) == told(unknown) == told(deactivated)
    assert compared == [1, 1, 1]


def test_who_tries_too_often_waits_and_then_may_again(app, browser, person, write):
    account = person()
    for _ in range(accounts.MOST_FAILURES_OF_ACCOUNT):
        assert browser.sign_in(account, "wrong").status_code == 401
    refused = Browser(app, "10.0.0.9").sign_in(account)  # from elsewhere, and with the right password
    assert refused.status_code == 429
    assert "15" in refused.text
    assert int(refused.headers["Retry-After"]) == 900
    assert browser.sign_in(person()).status_code == 302, "others are not held up"
    later = update(model.SignInAttempt).values(attempted_at=model.SignInAttempt.attempted_at - timedelta(minutes=15))
    write(lambda session: session.execute(later))
    assert Browser(app).sign_in(account).status_code == 302
    left = write(lambda session: session.scalars(select(model.SignInAttempt.account_key)).all())
    assert accounts._key(account.email) not in left, "who signed in starts from none"


def test_an_address_that_tries_many_accounts_waits_too(app, write):
    def fail(session):
        for n in range(accounts.MOST_FAILURES_FROM_ADDRESS):
            accounts.admit(session, f"{n}@gpmb.vn", "10.0.0.1")

    write(fail)
    assert Browser(app, "10.0.0.1").send("/sign-in", email="x@gpmb.vn", password="x").status_code == 429
    assert Browser(app, "10.0.0.2").send("/sign-in", email="x@gpmb.vn", password="x").status_code == 401


def test_attempts_at_the_same_time_all_count(app):
    """Many workers ask at once before any of them knows that a password was wrong."""

    def attempt(_):
        try:
            with db.transaction(app.extensions["engine"]) as session:
                accounts.admit(session, "busy@gpmb.vn", "10.0.0.3")
        except accounts.TooManyAttempts:
            return 0
        return 1

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(attempt, range(24))) == accounts.MOST_FAILURES_OF_ACCOUNT


def test_unknown_addresses_are_held_up_like_known_ones(browser):
    asked = [browser.send("/sign-in", email="nobody@gpmb.vn", password="x").status_code for _ in range(9)]
    assert asked == [401] * 8 + [429]


def test_a_form_without_its_token_is_refused(app, person):
    account = person()
    bare = app.test_client()
    answer = bare.post("/sign-in", data={"email": account.email, "password": PASSWORD})
    assert answer.status_code == 400
    assert answer.json["code"] == "csrf"
    inside = Browser(app)
    inside.sign_in(account)
    for path in (
        "/account",
        "/account/password",
        "/account/second-factor",
        "/account/sign-out-everywhere",
        "/sign-out",
    ):
        assert inside.client.post(path, data={}).status_code == 400, path
    assert inside.is_in


def test_a_session_prepared_by_somebody_else_is_left_behind(app, browser, person):
    browser.get("/sign-in")
    before = browser.client.get_cookie("session").value
    with browser.client.session_transaction() as session:
        session["planted"] = "x"
        token = session["csrf_token"]
    browser.sign_in(person())
    with browser.client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != token
    attacker = Browser(app)
    attacker.client.set_cookie("session", before)
    assert not attacker.is_in


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", ""])
def test_signing_in_leads_nowhere_else(browser, person, back):
    assert browser.sign_in(person(), next=back).location == "/"


def test_cookies_are_out_of_reach(browser, person):
    cookie = browser.sign_in(person()).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_behind_https_cookies_travel_by_it_alone(place, person):
    account = person()
    with serving(place, GPMB_HTTPS="yes") as app:
        client, site = app.test_client(), "https://localhost"
        page = client.get("/sign-in", base_url=site)
        cookie = page.headers["Set-Cookie"]
        token = re.search(r'csrf_token" value="([^"]+)"', page.text)[1]
        fields = {"csrf_token": token, "email": account.email, "password": PASSWORD}
        from_here = client.post("/sign-in", data=fields, base_url=site, headers={"Referer": f"{site}/sign-in"})
        elsewhere = client.post("/sign-in", data=fields, base_url=site, headers={"Referer": "https://evil.example/"})
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie
    assert from_here.status_code == 302
    assert elsewhere.status_code == 400


def test_behind_a_proxy_each_reader_counts_for_himself(place, write):
    with serving(place, GPMB_BEHIND_PROXY="yes") as app:
        client = app.test_client()
        token = re.search(r'csrf_token" value="([^"]+)"', client.get("/sign-in").text)[1]
        fields = {"csrf_token": token, "email": "x@gpmb.vn", "password": "x"}
        client.post("/sign-in", data=fields, headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.5"})
    assert write(lambda session: session.scalars(select(model.SignInAttempt.address)).all()) == ["203.0.113.5"]


@pytest.mark.parametrize(("column", "ago"), [("seen_at", timedelta(minutes=61)), ("started_at", timedelta(hours=13))])
def test_sessions_end_when_idle_and_in_any_case(browser, person, write, column, ago):
    account = person()
    browser.sign_in(account)
    kept = model.AccountSession
    write(
        lambda session: session.execute(
            update(kept).where(kept.account_id == account.id).values({column: getattr(kept, column) - ago})
        )
    )
    assert not browser.is_in


def test_a_session_in_use_lives_on(browser, person, write):
    account = person()
    browser.sign_in(account)
    kept = model.AccountSession
    older = update(kept).where(kept.account_id == account.id).values(seen_at=kept.seen_at - timedelta(minutes=59))
    for _ in range(2):
        write(lambda session: session.execute(older))
        assert browser.is_in


def test_signing_out_everywhere(app, person):
    account, one, other = person(), Browser(app), Browser(app)
    one.sign_in(account)
    other.sign_in(account)
    one.send("/account/sign-out-everywhere", page="/account")
    assert not one.is_in
    assert not other.is_in


def test_changing_the_password_signs_others_out(app, person):
    account, one, other = person(), Browser(app), Browser(app)
    one.sign_in(account)
    other.sign_in(account)
    wrong = one.send("/account/password", page="/account", current="x", password=ANOTHER, again=ANOTHER)
    assert wrong.status_code == 401
    changed = one.send("/account/password", page="/account", current=PASSWORD, password=ANOTHER, again=ANOTHER)
    assert changed.status_code == 302
    assert one.is_in
    assert not other.is_in
    assert other.sign_in(account).status_code == 401
    assert other.sign_in(account, ANOTHER).status_code == 302


def test_name_and_language(browser, person, write):
    account = person()
    browser.sign_in(account)
    browser.send("/account", full_name="  Nông Thị   Bích ", language="en")
    assert "Your account" in browser.get("/account").text
    assert write(lambda session: accounts.get(session, account.id)).full_name == "Nông Thị Bích"
    assert browser.send("/account", full_name=" ", language="en").status_code == 400
    assert browser.send("/account", full_name="X", language="xx").status_code == 400


@pytest.mark.parametrize(
    "password",
    ["short", "123456789012", "passwordpassword", "qwertyuiop123", "matkhau123456", "langson2024vn", "aaaaaaaaaaaaaaaa",
     "bich.nong.2024", "x" * 201],
)  # fmt: skip
def test_easy_passwords_are_refused(password):
    with pytest.raises(BadParameter):
        accounts.check_password(password, ("bich.nong@gpmb.vn", "Nông Bích"))


@pytest.mark.parametrize(
    "password", [PASSWORD, ANOTHER, "correcthorsebatterystaple", "tmcnplhtvdkq", "ba bữa cơm nguội"]
)
def test_others_need_no_digits_or_signs(password):
    assert accounts.check_password(password, ("bich.nong@gpmb.vn",)) == password


# -- one-time links -----------------------------------------------------------------------------------


@pytest.fixture
def invited(write):
    def work(session):
        account = accounts.invite(session, email=f"mới-{next(_number)}@gpmb.vn", full_name="Người mới", role="leader")
        return account, accounts.make_link(session, account.id)

    return lambda: write(work)


def test_a_link_sets_the_password_once(app, browser, invited):
    account, token = invited()
    path = f"/set-password/{token}"
    page = browser.get(path)
    assert account.email in page.text
    assert page.headers["Referrer-Policy"] == "same-origin", "the secret in the address is told to nobody"
    assert browser.get(path).status_code == 200, "looking does not use it up"
    assert browser.send(path, password=PASSWORD, again="different words here").status_code == 400
    assert browser.send(path, password="123456789012", again="123456789012").status_code == 400
    set_now = browser.send(path, password=PASSWORD, again=PASSWORD)
    assert set_now.location == "/sign-in", "not signed in by a link"
    assert browser.get(path).status_code == 404
    token_of_page = re.search(r'csrf_token" value="([^"]+)"', browser.get("/sign-in").text)[1]
    again = browser.client.post(path, data={"csrf_token": token_of_page, "password": ANOTHER, "again": ANOTHER})
    assert again.status_code == 404
    assert browser.sign_in(account).status_code == 302


def test_a_link_runs_out_and_a_newer_one_ends_it(browser, invited, write):
    account, token = invited()
    newer = write(lambda session: accounts.make_link(session, account.id))
    assert browser.get(f"/set-password/{token}").status_code == 404
    assert browser.get(f"/set-password/{newer}").status_code == 200
    write(lambda session: session.execute(update(model.AccountLink).values(expires_at=text("now()"))))
    assert browser.get(f"/set-password/{newer}").status_code == 404
    assert browser.get("/set-password/nonsense").status_code == 404


def test_secrets_are_kept_as_hashes_only(app, browser, invited, write, person):
    _account, token = invited()
    browser.sign_in(person())
    with browser.client.session_transaction() as session:
        secret = session["signed_in"]
    everything = write(
        lambda session: str(
            [session.execute(text(f"select * from {table}")).all() for table in ("account_link", "account_session")]  # noqa: S608
        )
    )
    assert token not in everything
    assert secret not in everything


# -- the second factor --------------------------------------------------------------------------------


@pytest.fixture
def with_app(app, person, write):
    """Somebody with a second factor: the account, and the app that makes its codes."""

    def made():
        account = person()
        codes = app.extensions["security"]._totp_factory
        with app.app_context():
            secret = codes.generate_totp_secret()
            write(lambda session: accounts.set_second_factor(session, account.id, secret))
            return account, pyotp.TOTP(codes.get_totp_b32_key(secret))

    return made


def test_the_code_is_asked_for_and_taken_once(app, browser, with_app):
    account, phone = with_app()
    assert browser.sign_in(account, next="/search").location == "/sign-in/code"
    assert not browser.is_in, "a password alone opens nothing"
    code = phone.now()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert browser.send("/sign-in/code", code=wrong).status_code == 401
    assert browser.send("/sign-in/code", code="letters").status_code == 401
    answer = browser.send("/sign-in/code", code=f"{code[:3]} {code[3:]}")
    assert (answer.status_code, answer.location) == (302, "/search")
    assert browser.is_in
    other = Browser(app)
    other.sign_in(account)
    assert other.send("/sign-in/code", code=code).status_code == 401, "seen over the shoulder, used again"
    assert not other.is_in


def test_a_role_that_needs_a_second_factor_sets_it_up_before_anything_opens(place, browser, person):
    officer, leader = person("officer"), person("leader")
    browser.sign_in(officer)
    assert browser.is_in, "as long as it is not needed"
    with serving(place, GPMB_SECOND_FACTOR_ROLES="officer, administrator") as strict:
        early = Browser(strict)
        early.client.set_cookie("session", browser.client.get_cookie("session").value)
        assert "/sign-in" in early.get("/account").location, "the password comes first"
        free = Browser(strict)
        free.sign_in(leader)
        assert free.is_in
        held = Browser(strict)
        assert held.sign_in(officer, next="/account").status_code == 302
        for path in ("/", "/account", "/api/v1/progress", "/desk"):
            assert held.get(path).status_code in (302, 403), path
        assert held.client.get("/api/v1/progress").status_code == 403
        assert held.get("/healthz").status_code == 200
        setting_up = "/account/second-factor/confirm"
        assert held.get("/account").location == setting_up
        letters = re.search(r"<code>([A-Z2-7-]+)</code>", held.get(setting_up).text)[1].replace("-", "")
        assert held.send(setting_up, code="000000").status_code == 400
        assert held.send(setting_up, code=pyotp.TOTP(letters).now()).status_code == 302
        assert held.is_in


def test_a_role_that_is_none_stops_the_start(place):
    with (
        pytest.raises(SystemExit, match="GPMB_SECOND_FACTOR_ROLES: boss: none of"),
        serving(place, GPMB_SECOND_FACTOR_ROLES="boss"),
    ):
        pass


def test_codes_cannot_be_tried_out(browser, with_app):
    account, phone = with_app()
    wrong = f"{(int(phone.now()) + 1) % 10**6:06}"
    answers = []
    for _ in range(accounts.MOST_FAILURES_OF_ACCOUNT):
        browser.sign_in(account)  # the right password between does not start the count anew
        answers.append(browser.send("/sign-in/code", code=wrong).status_code)
    assert set(answers) == {401}
    assert browser.send("/sign-in/code", code=phone.now()).status_code == 429
    assert browser.sign_in(account).status_code == 429


def test_the_code_must_come_soon_after_the_password(browser, with_app):
    account, _phone = with_app()
    browser.sign_in(account)
    with browser.client.session_transaction() as session:
        session["asked_code"] = session["asked_code"] | {"until": 0}
    assert browser.get("/sign-in/code").location == "/sign-in"


def test_setting_it_up_and_switching_it_off(app, browser, person, write):
    account = person()
    browser.sign_in(account)
    assert browser.send("/account/second-factor", page="/account", current="wrong").status_code == 401
    assert browser.send("/account/second-factor", page="/account", current=PASSWORD).status_code == 302
    page = browser.get("/account/second-factor/confirm")
    assert 'src="data:image/svg+xml;base64,' in page.text
    phone = pyotp.TOTP(re.search(r"<code>([A-Z2-7-]+)</code>", page.text)[1].replace("-", ""))
    confirm = "/account/second-factor/confirm"
    assert browser.send(confirm, code="000 00").status_code == 400
    assert write(lambda session: accounts.get(session, account.id)).totp_secret is None, "not before a code was right"
    assert browser.send(confirm, code=phone.now()).status_code == 302
    kept = write(lambda session: accounts.get(session, account.id)).totp_secret
    assert phone.secret not in kept, "kept encrypted"
    assert browser.send("/account/second-factor/remove", page="/account", current=PASSWORD).status_code == 302
    assert write(lambda session: accounts.get(session, account.id)).totp_secret is None


# -- administrators -----------------------------------------------------------------------------------


ADMINISTRATORS_OWN = ("/people", "/people/invite", "/people/1")


@pytest.mark.parametrize("role", ["officer", "leader"])
def test_others_do_not_administer(signed_in, role):
    browser = signed_in(role)
    for path in ADMINISTRATORS_OWN:
        assert browser.get(path).status_code == 403, path
    for path in ("/people/invite", "/people/1", "/people/1/link", "/people/1/second-factor/remove"):
        assert browser.send(path, page="/account").status_code == 403, path


def test_nor_does_a_stranger(browser):
    for path in ADMINISTRATORS_OWN:
        assert browser.get(path).location.startswith("/sign-in?next="), path
    for path in ("/people/invite", "/people/1", "/people/1/link", "/people/1/second-factor/remove"):
        assert browser.send(path, page="/sign-in").status_code == 401, path


def test_every_page_of_accounts_asks_who_is_there(app):
    """A page added to the accounts must refuse strangers, or stand in this list."""
    open_to_all = {"sign_in", "second_factor", "sign_out", "set_password", "office_sign_in", "office_signed_in"}
    browser = Browser(app)
    for rule in app.url_map.iter_rules():
        name = rule.endpoint.removeprefix("accounts.")
        if name == rule.endpoint or name in open_to_all:
            continue
        path = rule.rule.replace("<int:number>", "1")
        answer = browser.get(path) if "GET" in rule.methods else browser.send(path, page="/sign-in")
        refused = answer.status_code == 401 or (answer.location or "").startswith("/sign-in?next=")
        assert refused, rule


def test_an_administrator_invites_and_changes(app, signed_in, write):
    def things(session):
        return make.project(session).code, make.unit(session, level="commune").slug

    project, unit = write(things)
    browser = signed_in("administrator")
    fields = {"full_name": "Nông Thị Bích", "role": "officer", "language": "vi"}
    assert browser.send("/people/invite", email="no address", **fields).status_code == 400
    answer = browser.send("/people/invite", email="Bich@gpmb.vn", project=project, unit=unit, **fields)
    link = re.search(r'value="(http://localhost/set-password/[^"]+)"', answer.text)[1]
    again = browser.send("/people/invite", email="bich@GPMB.vn", **fields)
    assert again.status_code == 400
    assert "Nông Thị Bích" in again.text, "what was written stays"
    account = write(lambda session: accounts.find(session, "bich@gpmb.vn"))
    assert (len(account.project_ids), len(account.unit_ids)) == (1, 1)
    theirs = Browser(app)
    theirs.send(link.removeprefix("http://localhost"), password=PASSWORD, again=PASSWORD)
    theirs.sign_in(account)
    assert theirs.is_in
    changed = browser.send(f"/people/{account.id}", full_name="Nông Bích", role="leader", active="yes", unit=unit)
    assert changed.status_code == 302
    account = write(lambda session: accounts.get(session, account.id))
    assert (account.role, account.full_name, account.project_ids) == ("leader", "Nông Bích", frozenset())
    assert theirs.is_in
    browser.send(f"/people/{account.id}", full_name="Nông Bích", role="leader")  # “may sign in” not ticked
    assert not theirs.is_in, "out at once"
    refused = browser.send(f"/people/{account.id}/link", page="/people/invite")
    assert refused.status_code == 403
    assert browser.get("/people/99999999").status_code == 404
    assert browser.get("/people/99999999999999999999").status_code == 404


def test_a_lost_phone_and_a_lost_password(app, signed_in, with_app):
    account, _phone = with_app()
    browser = signed_in("administrator")
    page = f"/people/{account.id}"
    browser.send(f"{page}/second-factor/remove", page=page)
    assert Browser(app).sign_in(account).location == "/"
    link = re.search(r"/set-password/[\w-]+", browser.send(f"{page}/link", page=page).text)[0]
    assert Browser(app).send(link, password=ANOTHER, again=ANOTHER).status_code == 302
    assert Browser(app).sign_in(account, ANOTHER).status_code == 302


def test_the_list_is_filtered_and_sorted(signed_in, person):
    browser = signed_in("administrator")
    officer, leader = person("officer"), person("leader")
    listed = browser.get("/people?role=leader").text
    assert leader.email in listed
    assert officer.email not in listed
    assert officer.email in browser.get(f"/people?q={officer.email[:8].upper()}&active=yes&sort=last_sign_in").text
    assert officer.email not in browser.get("/people?q=%25").text, "a sign is a sign"
    for bad in ("role=king", "sort=password_hash", "active=maybe", "page=2"):
        assert browser.get(f"/people?{bad}").status_code == 400, bad


def test_the_last_administrator_stays(make_database, hashed):
    with engine_of(make_database("last_administrator").owner) as engine, db.transaction(engine) as session:
        one = accounts.invite(session, email="a@gpmb.vn", full_name="A", role="administrator")
        for attempt in ({"active": False}, {"role": "leader"}):
            with pytest.raises(accounts.NotAllowed):
                accounts.change(session, one.id, **attempt)
        other = accounts.invite(session, email="b@gpmb.vn", full_name="B", role="administrator")
        accounts.deactivate(session, one.id)
        with pytest.raises(accounts.NotAllowed):
            accounts.deactivate(session, other.id)


# -- what who is not signed in meets ------------------------------------------------------------------


def test_a_closed_map_asks_to_sign_in(place):
    with serving(place, GPMB_OPEN_ACCESS="none") as app:
        client = app.test_client()
        page = client.get("/?day=2022-10-24", headers={"Accept": "text/html,*/*;q=0.8"})
        assert (page.status_code, page.location) == (302, "/sign-in?next=/?day%3D2022-10-24")
        for path in ("/api/v1/progress", "/tiles/communes/9/408/224.mvt", "/panels/figures"):
            answer = client.get(path, headers={"Accept": "*/*"})
            assert answer.status_code == 401, path
        assert client.get("/api/v1/progress").json["code"] == "not_signed_in"
        assert client.get("/sign-in", headers={"Accept": "text/html"}).status_code == 200


def test_the_header_offers_what_there_is(browser, signed_in):
    assert 'href="/sign-in"' in browser.get("/search").text
    page = signed_in("administrator").get("/search").text
    assert 'href="/people"' in page
    assert 'action="/sign-out"' in page
    assert 'href="/people"' not in signed_in("leader").get("/search").text
