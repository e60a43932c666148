"""Signing in with an office's own provider, tried against one that runs on this machine."""

import base64
import hashlib
import warnings
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.deprecate import AuthlibDeprecationWarning

from gis import accounts
from tests.conftest import serving
from tests.people import Browser
from tests.web.test_accounts import hashed, person, place, write  # noqa: F401

# ruff: noqa: F811 - fixtures of another module are named as they are there

with warnings.catch_warnings(action="ignore", category=AuthlibDeprecationWarning):  # what the provider still uses
    import oidc_provider_mock

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def provider():
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(scope="module")
def app(place, provider):
    with serving(
        place, GPMB_OPEN_ACCESS="none", GPMB_OIDC_ISSUER=provider, GPMB_OIDC_CLIENT_ID="mat-bang",
        GPMB_OIDC_CLIENT_SECRET="for-tests-only", GPMB_SECOND_FACTOR_ROLES="leader",
    ) as app:  # fmt: skip
        yield app


def at_the_provider(app, provider: str, email: str | None, **claims):
    """Go to the provider and sign in there; give the browser, and the address that it sends one back to."""
    browser = Browser(app)
    away = browser.get("/sign-in/office?next=/account").location
    assert away.startswith(provider)
    claims = ({"email": email, "email_verified": True} if email else {}) | claims
    answer = requests.put(f"{provider}/users/{email or 'no-one'}", json=claims, timeout=10)
    assert answer.status_code == 204, answer.text
    back = requests.post(away, data={"sub": email or "no-one"}, allow_redirects=False, timeout=10)
    return browser, away, back.headers["Location"]


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def test_who_has_an_account_comes_in(app, provider, person, monkeypatch):
    account = person("leader")
    sent = []
    send = requests.Session.send
    monkeypatch.setattr(
        requests.Session, "send", lambda self, asked, **given: sent.append(asked) or send(self, asked, **given)
    )
    browser, away, back = at_the_provider(app, provider, account.email.upper())
    asked = parse_qs(urlsplit(away).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["state"]
    assert asked["nonce"]
    answer = browser.get(path_of(back))
    assert (answer.status_code, answer.location) == (302, "/account")
    assert browser.is_in, "the second factor is the provider's matter"
    given = next(parse_qs(one.body) for one in sent if one.body and "code_verifier" in str(one.body))
    made = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"][0].encode()).digest()).rstrip(b"=")
    assert made.decode() == asked["code_challenge"][0]
    again = Browser(app)
    assert again.get(path_of(back)).status_code == 401, "in another browser the answer is worth nothing"
    assert not again.is_in


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email_verified": "true"}, {"email_verified": None}])
def test_an_address_that_is_not_verified_is_no_proof(app, provider, person, claims):
    browser, _, back = at_the_provider(app, provider, person().email, **claims)
    answer = browser.get(path_of(back))
    assert answer.status_code == 401
    assert "problem" in answer.text
    assert not browser.is_in


def test_nobody_is_registered_and_a_closed_account_stays_closed(app, provider, person, write):
    closed = person()
    write(lambda session: accounts.deactivate(session, closed.id))
    for email in ("la@khac.vn", closed.email, None):
        browser, _, back = at_the_provider(app, provider, email)
        assert browser.get(path_of(back)).status_code == 401, email
        assert not browser.is_in
    assert write(lambda session: accounts.find(session, "la@khac.vn")) is None


def test_answers_nobody_asked_for(app, provider, person):
    for query in ("", "?code=x&state=y", "?error=access_denied&error_description=%3Cscript%3E", "?state=%00"):
        answer = Browser(app).get(f"/sign-in/office/back{query}")
        assert answer.status_code == 401, query
        assert "<script>" not in answer.text


def test_off_there_is_nothing_of_it_and_half_settings_stop_the_start(place):
    with serving(place) as app:
        assert Browser(app).get("/sign-in/office").status_code == 404
        assert Browser(app).get("/sign-in/office/back").status_code == 404
        assert "/sign-in/office" not in Browser(app).get("/sign-in").text
    for wrong in ({"GPMB_OIDC_ISSUER": "https://id.example.vn"}, {"GPMB_OIDC_ISSUER": "http://id.example.vn"}):
        with pytest.raises(SystemExit, match="GPMB_OIDC"), serving(place, **wrong):
            pass


def test_a_provider_that_does_not_answer(place):
    with serving(
        place, GPMB_OIDC_ISSUER="http://127.0.0.1:1", GPMB_OIDC_CLIENT_ID="x", GPMB_OIDC_CLIENT_SECRET="x"
    ) as app:  # fmt: skip
        assert "/sign-in/office" in Browser(app).get("/sign-in").text
        assert Browser(app).get("/sign-in/office").status_code == 401
