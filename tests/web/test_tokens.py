"""Programs that ask with a token: as whom, for how long, and what a token never opens."""
# ruff: noqa: F811 - fixtures of another module are named as they are there

import re

import pytest
from sqlalchemy import select, text, update

from gis import accounts, model, tokens
from gis.errors import BadParameter, NotAllowed, NotFound
from tests import factories as make
from tests.people import PASSWORD, Browser
from tests.web.test_accounts import app, hashed, nobody_failed_before, person, place, write  # noqa: F401

PROGRESS = "/api/v1/progress"


@pytest.fixture(scope="module", autouse=True)
def closed(app):
    """Nothing is open to who does not say who asks."""
    app.config["GPMB_OPEN_ACCESS"] = "none"


@pytest.fixture
def token(write):
    def made(account, scope="read", **given):
        return write(lambda session: tokens.make(session, account, name="báo cáo tuần", scope=scope, **given))

    return made


@pytest.fixture
def ask(app):
    """Ask as a program does: without cookies, with the token in a header."""

    def asked(secret, path=PROGRESS, method="get", client=None, **options):
        headers = {"Authorization": f"Bearer {secret}"} | options.pop("headers", {})
        return getattr(client or app.test_client(), method)(path, headers=headers, **options)

    return asked


def test_a_token_opens_what_its_account_may_see(ask, app, person, token):
    secret = token(person("leader"))
    assert re.fullmatch(r"mb_[\w-]{43}", secret)
    for path in (PROGRESS, "/api/v1/tables/parcels.csv", "/tiles/parcels/17/104360/57456.mvt", "/desk"):
        assert ask(secret, path).status_code in (200, 204), path
        assert app.test_client().get(path).status_code == 401, path
    answer = ask(secret)
    assert "Set-Cookie" not in answer.headers


def test_an_investor_s_token_sees_the_investor_s_projects_alone(ask, person, token, write):
    def work(session):
        return make.project(session, code="cua-toi").code, make.project(session, code="cua-nguoi").code

    mine, others = write(work)
    secret = token(person("investor", projects=[mine]))
    assert ask(secret, f"{PROGRESS}?project={mine}").status_code == 200
    missing = ask(secret, f"{PROGRESS}?project=khong-co")
    foreign = ask(secret, f"{PROGRESS}?project={others}")
    assert missing.status_code == foreign.status_code == 404
    assert missing.json["detail"].replace("khong-co", others) == foreign.json["detail"]
    assert ask(secret, "/desk").status_code == 403, "signed in, but not for this"


def test_reading_changes_nothing_even_where_the_account_may(app, person, token, write):
    from webmap.auth import reader

    project = write(lambda session: make.project(session))
    officer = person("officer", projects=[project.code])
    for scope, may in (("read", False), ("record", True)):
        with app.test_request_context(headers={"Authorization": f"Bearer {token(officer, scope)}"}):
            assert reader().may_record(project.id) is may
            assert reader().may_see_personal(project.id)
            assert (reader().account, reader().token) == (officer.email, "báo cáo tuần")


@pytest.mark.parametrize("how", ["wrong", "expired", "revoked", "closed", "empty"])
def test_a_token_that_does_not_count_gets_401_and_says_how(ask, app, person, token, write, how):
    account = person("leader")
    secret = token(account)
    assert ask(secret).status_code == 200
    if how == "expired":
        write(lambda s: s.execute(update(model.ApiToken).values(expires_at=text("now() - interval '1 second'"))))
    elif how == "revoked":
        write(lambda s: tokens.revoke(s, tokens.listed(s, account_id=account.id)[0].id))
    elif how == "closed":
        write(lambda s: accounts.deactivate(s, account.id))
    asked = {"wrong": secret[:-2] + "xx", "empty": ""}.get(how, secret)
    browser = Browser(app)
    browser.sign_in(person("leader"))
    for client in (app.test_client(), browser.client):  # a cookie beside it does not help
        answer = ask(asked, client=client, headers={"Accept": "text/html"})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="mat-bang", error="invalid_token"'
    page = ask(asked, "/", headers={"Accept": "text/html"})
    assert page.status_code == 401
    assert "<h1" in page.text


def test_what_is_tried_too_often_waits_and_people_do_not_wait_with_it(ask, app, person):
    for _ in range(accounts.MOST_FAILURES_OF_ACCOUNT):
        assert ask("mb_quên").status_code == 401
    assert ask("mb_quên").status_code == 429
    for n in range(accounts.MOST_FAILURES_FROM_ADDRESS - accounts.MOST_FAILURES_OF_ACCOUNT):
        assert ask(f"mb_thử-{n}").status_code == 401
    assert ask("mb_thử nữa").status_code == 429
    assert Browser(app).sign_in(person()).status_code == 302


def test_a_token_opens_no_page_of_accounts(ask, person, token):
    secret = token(person("administrator"))
    for path in ("/account", "/people", "/sign-in", "/people/invite"):
        assert ask(secret, path).status_code == 403, path
    assert ask(secret, "/people/invite", "post", data={"email": "a@b.vn"}).status_code == 403


def test_forms_of_browsers_still_need_their_token_and_programs_none(ask, app, person, token):
    account = person("officer")
    browser = Browser(app)
    browser.sign_in(account)
    assert browser.client.post("/account", data={"full_name": "x"}).status_code == 400
    answer = ask(token(account), "/api/v1/progress", "post")
    assert answer.status_code == 405, "past the check of forms"
    forged = browser.client.post("/sign-out", headers={"Authorization": "Basic eDp5"})
    assert forged.status_code == 400, "only a token frees from it"


def test_made_shown_once_and_revoked_on_the_page_of_the_account(ask, app, person, write):
    account = person("leader")
    browser = Browser(app)
    browser.sign_in(account)
    wrong = browser.send(
        "/account/tokens", page="/account", current="nope", name="báo cáo", scope="read", days="30"
    )  # fmt: skip
    assert wrong.status_code == 401
    assert 'value="báo cáo"' in wrong.text
    page = browser.send(
        "/account/tokens", page="/account", current=PASSWORD, name="báo cáo", scope="read", days="30"
    )  # fmt: skip
    secret = re.search(r'value="(mb_[\w-]{43})"', page.text)[1]
    assert "no-store" in page.headers["Cache-Control"]
    assert ask(secret).status_code == 200
    own = browser.get("/account").text
    assert "báo cáo" in own
    assert secret not in own
    (kept,) = write(lambda s: s.scalars(select(model.ApiToken).where(model.ApiToken.account_id == account.id)).all())
    assert kept.token_hash != secret
    assert kept.used_at is not None
    thief = Browser(app)
    thief.sign_in(person("leader"))
    assert thief.send(f"/account/tokens/{kept.id}/revoke", page="/account").status_code == 404
    assert ask(secret).status_code == 200
    assert browser.send(f"/account/tokens/{kept.id}/revoke", page="/account").status_code == 302
    assert ask(secret).status_code == 401


def test_by_command(app, ask, person):
    account = person("leader")
    runner = app.test_cli_runner()
    made = runner.invoke(args=["token", "create", "--user", account.email, "--scope", "read", "--days", "2"])
    secret = made.output.strip()
    assert ask(secret).status_code == 200
    listed = runner.invoke(args=["token", "list", "--user", account.email]).output
    assert secret not in listed
    number, *_ = listed.split("\t")
    assert "live" in listed
    assert runner.invoke(args=["token", "revoke", number]).exit_code == 0
    assert ask(secret).status_code == 401
    assert "There is no account" in runner.invoke(args=["token", "create", "--user", "a@b.vn"]).output


def test_what_makes_no_token(person, token, write):
    account = person()
    for wrong in ({"days": 0}, {"days": 366}, {"scope": "all"}):
        with pytest.raises(BadParameter):
            token(account, **wrong)
    with pytest.raises(BadParameter):
        write(lambda session: tokens.make(session, account, name=" ", scope="read"))
    closed = write(lambda session: accounts.deactivate(session, account.id))
    with pytest.raises(NotAllowed):
        token(closed)
    with pytest.raises(NotFound):
        write(lambda session: tokens.revoke(session, 2**70))


def test_no_more_than_one_keeps_an_eye_on(person, token):
    account = person()
    for _ in range(tokens.MOST_OF_ACCOUNT):
        token(account)
    with pytest.raises(NotAllowed):
        token(account)


def test_secrets_stand_in_no_log(app, ask, person, token, caplog):
    caplog.set_level("DEBUG")
    secret = token(person("leader"))
    ask(secret)
    ask(secret + "x")
    assert secret not in caplog.text
