"""The database away, slow or full; links, known browsers, and places: what a bad day must not break."""

import logging
import re

import pytest
from sqlalchemy import text

from gis import accounts, db
from tests import people
from tests.conftest import engine_of, serving
from tests.people import PASSWORD

GONE = "postgresql://nobody:x@127.0.0.1:1/gone"


@pytest.fixture(scope="module")
def place(make_database):
    return make_database("outages")


@pytest.fixture
def away(place, monkeypatch):
    """The site while its database does not answer."""
    with serving(place) as app:
        gone = db.make_engine(GONE)
        monkeypatch.setitem(app.extensions, "engine", gone)
        yield app.test_client()
        gone.dispose()


@pytest.mark.parametrize("path", ["/", "/healthz", "/reports", "/api/v1/progress", "/search?q=a"])
def test_a_database_that_is_away_is_503_with_a_time_to_come_again(away, path):
    answer = away.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cơ sở dữ liệu hiện không trả lời" in answer.text


def test_programs_are_told_in_their_shape(away):
    answer = away.get("/api/v1/progress", headers={"Accept-Language": "en"})
    assert answer.content_type == "application/problem+json"
    assert (answer.json["status"], answer.json["code"]) == (503, "unavailable")


def test_what_was_typed_is_not_called_wrong_while_the_database_is_away(place, monkeypatch):
    with serving(place) as app:
        client = app.test_client()
        token = re.search(r'csrf_token" value="([^"]+)"', client.get("/sign-in").text)[1]
        gone = db.make_engine(GONE)
        monkeypatch.setitem(app.extensions, "engine", gone)
        answer = client.post("/sign-in", data={"csrf_token": token, "email": "a@gpmb.vn", "password": "x"})
        gone.dispose()
    assert answer.status_code == 503


def test_the_log_says_it_once_and_without_a_trace(away, caplog, monkeypatch):
    from webmap import errors

    monkeypatch.setattr(errors, "_outage", errors._Outage())
    with caplog.at_level(logging.ERROR):
        for _ in range(20):
            away.get("/api/v1/progress")
    lines = [record for record in caplog.records if record.name == "webmap.errors"]
    assert len(lines) == 1
    assert lines[0].exc_info is None
    assert "\n" not in lines[0].getMessage()


def test_a_question_given_up_is_not_our_error(sample):
    with serving(sample) as app:
        slow = db.make_engine(app.config["DATABASE_URL"], role=db.WEB_ROLE)

        with slow.connect() as connection:
            connection.execute(text("set statement_timeout = 20"))
            with pytest.raises(db.UNAVAILABLE) as given_up:
                connection.execute(text("select pg_sleep(2)"))
        slow.dispose()
    assert "took longer" in str(db.unavailable(given_up.value))
    assert db.unavailable(ValueError()) is None


@pytest.fixture
def officer(place):
    with engine_of(place.owner) as engine, db.transaction(engine) as session:
        session.execute(text("delete from sign_in_attempt"))
        email = "can-bo-khoa@gpmb.vn"
        if accounts.find(session, email) is None:
            made = accounts.invite(session, email=email, full_name="Cán bộ", role="officer")
            accounts.set_password(session, made.id, people.hashed())
    return email


def sign_in(client, email, password, **more):
    token = re.search(r'csrf_token" value="([^"]+)"', client.get("/sign-in", **more).text)[1]
    return client.post("/sign-in", data={"csrf_token": token, "email": email, "password": password}, **more)


def is_let_in(client, email, password) -> bool:
    return sign_in(client, email, password).status_code == 302


def sign_out(client):
    page = client.get("/account")
    token = re.search(r'csrf_token" value="([^"]+)"', page.text)[1]
    client.post("/sign-out", data={"csrf_token": token})


def test_who_guesses_locks_himself_out_and_not_the_officer(place, officer):
    with serving(place) as app:
        own, guesser, new = app.test_client(), app.test_client(), app.test_client()
        assert is_let_in(own, officer, PASSWORD)
        sign_out(own)
        for number in range(accounts.MOST_FAILURES_FROM_ADDRESS + 4):
            sign_in(guesser, officer if number % 2 else f"x{number}@gpmb.vn", "wrong")
        assert not is_let_in(guesser, officer, PASSWORD)  # not even the right password is heard
        assert not is_let_in(new, officer, PASSWORD)
        assert is_let_in(own, officer, PASSWORD)


def test_a_known_browser_may_not_guess_on_either(place, officer):
    with serving(place) as app:
        own = app.test_client()
        assert is_let_in(own, officer, PASSWORD)
        sign_out(own)
        for _ in range(accounts.MOST_FAILURES_OF_ACCOUNT):
            assert not is_let_in(own, officer, "wrong")
        assert not is_let_in(own, officer, PASSWORD)


def test_a_made_up_mark_of_a_browser_is_none(place, officer):
    with serving(place) as app:
        client = app.test_client()
        client.set_cookie("known", "e30.forged")
        for _ in range(accounts.MOST_FAILURES_OF_ACCOUNT):
            sign_in(client, officer, "wrong")
        assert not is_let_in(client, officer, PASSWORD)


@pytest.fixture
def administrator(place):
    with engine_of(place.owner) as engine, db.transaction(engine) as session:
        session.execute(text("delete from sign_in_attempt"))
        email = "quan-tri-lien-ket@gpmb.vn"
        if accounts.find(session, email) is None:
            made = accounts.invite(session, email=email, full_name="Quản trị", role="administrator")
            accounts.set_password(session, made.id, people.hashed())
        return email, accounts.named(session, email).id


def new_link(place, administrator, host, **settings):
    email, number = administrator
    with serving(place, **settings) as app:
        client, there = app.test_client(), {"base_url": f"http://{host}", "headers": {"Accept": "text/html"}}
        sign_in(client, email, PASSWORD, **there)
        token = re.search(r'csrf_token" value="([^"]+)"', client.get("/account", **there).text)[1]
        return client.post(f"/people/{number}/link", data={"csrf_token": token}, **there)


def test_links_are_made_of_the_set_address_and_never_of_the_host_asked_for(place, administrator):
    answer = new_link(place, administrator, "evil.example", GPMB_PUBLIC_ADDRESS="https://gpmb.langson.example")
    assert "https://gpmb.langson.example/set-password/" in answer.text
    assert "evil.example" not in answer.text


def test_without_a_set_address_a_strange_host_gets_no_link(place, administrator):
    answer = new_link(place, administrator, "evil.example")
    assert answer.status_code == 503
    assert "GPMB_PUBLIC_ADDRESS" in answer.text
    assert "set-password/" not in answer.text
    assert "http://localhost/set-password/" in new_link(place, administrator, "localhost").text


def test_a_command_makes_no_link_to_nowhere(place):
    with serving(place) as app:
        tried = app.test_cli_runner().invoke(
            args=["user", "invite", "nowhere@gpmb.vn", "--name", "Không", "--role", "leader"]
        )
    assert tried.exit_code == 1
    assert "GPMB_PUBLIC_ADDRESS" in tried.output
    with engine_of(place.owner) as engine, db.transaction(engine) as session:
        assert accounts.find(session, "nowhere@gpmb.vn") is None


def test_browsers_are_told_to_come_by_https_alone_where_the_site_does(place):
    with serving(place, GPMB_HTTPS="yes") as app:
        assert "max-age" in app.test_client().get("/sign-in").headers["Strict-Transport-Security"]
    with serving(place) as app:
        assert "Strict-Transport-Security" not in app.test_client().get("/sign-in").headers


def test_a_reader_who_takes_every_place_is_told_when_to_come_again(sample):
    with serving(sample) as app:
        ration = app.extensions["rations"][True]
        ration.seconds, ration.waits = 0.01, 1
        ration.take("127.0.0.1", True)
        refused = app.test_client().get("/print/map.pdf?day=2022-10-24", headers={"Accept": "text/html"})
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) >= 5
        assert app.test_client().get("/api/v1/units").status_code == 200
        ration.give_back("127.0.0.1", True)
        assert not ration._taken
