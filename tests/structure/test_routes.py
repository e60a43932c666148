"""Every address says what it shows, and one that does not is refused."""

import pytest

from gis.access import OPENED, Access
from tests.conftest import Database, serving
from webmap.auth import declared

NOWHERE = Database("postgresql://nobody@127.0.0.1:1/nothing", "")


@pytest.fixture
def app():
    """An application without a database: what is tested here is decided before one is asked."""
    with serving(NOWHERE) as app:
        yield app


def test_every_route_declares_what_it_shows(app):
    rules = list(app.url_map.iter_rules())
    assert len(rules) > 5
    silent = [str(rule) for rule in rules if not isinstance(declared(app, rule.endpoint), Access)]
    assert silent == []


def test_a_view_that_declares_nothing_is_refused(app):
    app.add_url_rule("/silent", view_func=lambda: "seen", endpoint="silent")
    assert app.test_client().get("/silent").status_code == 403


def test_nothing_of_the_data_is_open_when_closed(app):
    """What `GPMB_OPENED=none` leaves open: signs of life, scripts and styles, language, and the pages of accounts,
    which ask for themselves who is signed in (tests/web/test_accounts.py)."""
    open_rules = {rule.endpoint for rule in app.url_map.iter_rules() if declared(app, rule.endpoint) == Access.STATUS}
    open_rules = {endpoint for endpoint in open_rules if not endpoint.startswith("accounts.")}
    assert open_rules == {"static", "health.healthz", "i18n.choose"}


def test_every_kind_of_access_can_be_had():
    assert set().union(*OPENED.values()) == set(Access)
