"""The check of a server against the real one: its owner will do, a login without rights will not."""

import os
from urllib.parse import urlsplit

import pytest

from script.check_database import check, check_web_login


@pytest.fixture
def addresses():
    owner, web = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_WEB_DATABASE_URL")
    if not owner or not web:
        pytest.skip("needs the test database's two logins (script/test names them)")
    return owner, web


def test_the_owner_will_do(addresses):
    assert check(addresses[0]) is None


def test_a_login_without_rights_gets_the_statements(addresses):
    owner, web = addresses
    assert check(owner) is None  # the extensions are there: only rights can be missing
    message = check(web, where="gpmb")
    login = urlsplit(web).username
    assert f"GRANT SELECT, INSERT, UPDATE, DELETE ON spatial_ref_sys TO {login};" in message
    assert f"GRANT CREATE, USAGE ON SCHEMA public TO {login};" in message
    assert "CREATE EXTENSION" not in message


def test_the_web_login_must_belong_to_the_web_role(addresses):
    _, web = addresses
    assert check_web_login(web) is None
    assert "cannot be reached" in check_web_login("postgresql://nobody:x@127.0.0.1:1/gpmb")
