"""What a role opens: every route, asked by everybody, in every format. A new route is in the matrix at once."""

from datetime import date

import pytest
from flask_security import hash_password

from gis import accounts, db
from gis.access import OPEN_ACCESS, ROLES, Access, allows, opened_to
from tests import factories as make
from tests.conftest import engine_of, serving
from tests.web.test_accounts import PASSWORD, Browser
from webmap.auth import declared

FORMATS = ("text/html", "application/json", "text/csv")
PLACES = {
    "layer": "parcels", "z": "14", "x": "13045", "y": "7182", "code": "du-an", "slug": "x-thu", "number": "1",
    "name": "chart", "filename": "css/site.css", "token": "none",
}  # fmt: skip


@pytest.fixture(scope="module")
def office(make_database):
    """An office with one small project and one account of each role; nothing is open to who has not signed in."""
    database = make_database("roles")
    with serving(database, GPMB_OPEN_ACCESS="none") as app:
        with app.app_context():
            hashed = hash_password(accounts.same_letters(PASSWORD))
        with engine_of(database.owner) as engine, db.transaction(engine) as session:
            make.unit(session, slug="x-thu", shape=make.square(side_m=900))
            project = make.project(session, code="du-an")
            make.boundary(session, project)
            land = make.affected(session, project, case=make.case(session, project))
            make.event(session, project, "handover", date(2024, 2, 1), affected_parcel_id=land.id, area_m2=land.area_m2)
            for role in ROLES:
                made = accounts.invite(session, email=f"{role}@gpmb.vn", full_name=role, role=role)
                accounts.set_password(session, made.id, hashed)
        yield app


def readers(app) -> dict:
    """Everybody: who has not signed in, and one of each role."""
    found = {None: app.test_client()}
    for role in ROLES:
        browser = Browser(app)
        answer = browser.send("/sign-in", email=f"{role}@gpmb.vn", password=PASSWORD)
        assert answer.status_code == 302, role
        found[role] = browser.client
    return found


def test_every_route_answers_each_reader_as_the_policy_says(office):
    asked = 0
    everybody = readers(office)
    for rule in office.url_map.iter_rules():
        wanted = declared(office, rule.endpoint)
        guarded = wanted not in (None, Access.STATUS)
        if "GET" not in rule.methods or not guarded:
            continue
        with office.test_request_context():
            path = rule.build({name: PLACES[name] for name in rule.arguments - set(rule.defaults or {})})[1]
        for role, client in everybody.items():
            for accepted in FORMATS:
                answer = client.get(path, headers={"Accept": accepted})
                answer.close()
                refused = answer.status_code in (401, 403) or "/sign-in" in answer.headers.get("Location", "")
                assert refused == (not allows(opened_to("none", role), wanted)), f"{role} {path} {accepted}"
                asked += 1
    assert asked > 200


def test_who_signs_out_is_nobody_again(office):
    browser = Browser(office)
    browser.send("/sign-in", email="officer@gpmb.vn", password=PASSWORD)
    tile = "/tiles/parcels/17/104360/57456.mvt"
    assert browser.client.get(tile).status_code == 200
    assert browser.send("/sign-out", page="/account").status_code == 302
    assert browser.client.get(tile).status_code == 401
    assert "/sign-in" in browser.get("/").headers["Location"]


@pytest.mark.parametrize("setting", OPEN_ACCESS)
def test_a_role_never_narrows_what_is_open_to_everybody(setting):
    for role in (None, *ROLES):
        assert OPEN_ACCESS[opened_to(setting, role)] >= OPEN_ACCESS[setting]
    assert opened_to(setting, "a role that is not known") == setting


def test_the_policy_knows_every_role_an_account_can_have():
    assert set(ROLES) == set(accounts.ROLES)
