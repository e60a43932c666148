"""A report is issued, frozen, and laid beside today's answer when an entry comes late."""

import hashlib
import itertools
import re
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gis import db, model, record
from gis.record import Act, NewDocument, Share
from tests import factories as make
from tests.conftest import engine_of, serving
from tests.people import Browser, invite, signed_in

COLUMNS = {
    "issued_report": ("version", "content", "sha256", "known_at", "issued_at", "issued_by", "revision", "from_on"),
    "issued_file": ("body", "sha256", "form", "report_id"),
}
ATTEMPTS = (
    "update {table} set {column} = {column}",
    "update {table} set {column} = null where id = 1",
    "update {table} as t set {column} = o.{column} from {table} as o",
    "delete from {table} where {column} is not null",
    "insert into {table} (id, {column}) select id, {column} from {table}",
    "insert into {table} select * from {table} on conflict (id) do update set {column} = excluded.{column}",
    "alter table {table} drop column {column}",
    "alter table {table} rename column {column} to x",
    "alter table {table} alter column {column} set default null",
    "truncate {table}",
    "drop table {table} cascade",
    "alter table {table} disable trigger all",
    "drop trigger append_only on {table}",
    "comment on table {table} is null",
    "alter table {table} owner to current_user",
    "lock table {table} in access exclusive mode",
)
FORMS = ("docx", "xlsx", "pdf")
PERIOD = {"unit": "h-thu", "from": "2024-01-01", "to": "2024-03-31"}


@pytest.fixture
def office(make_database):
    """A district with one project of three cases, of which one has handed over; its officer, and another's."""
    database = make_database("issuing")
    with serving(database, GPMB_OPEN_ACCESS="none") as app, engine_of(database.owner) as engine:
        with db.transaction(engine) as session:
            district = make.unit(session, slug="h-thu", level="district", kind="district", name="huyện Thử")
            commune = make.unit(session, slug="x-thu", parent_id=district.id, shape=make.square(side_m=900))
            project = make.project(session, code="du-an", name="Dự án thử")
            make.boundary(session, project)
            session.add(model.ProjectCommune(project_id=project.id, unit_id=commune.id, valid=make.ALWAYS, main=True))
            for _ in range(3):
                land = make.affected(session, project, case=make.case(session, project), area_m2=Decimal(400))
                session.add(model.ParcelCommune(parcel_id=land.parcel_id, unit_id=commune.id, valid=make.ALWAYS))
            make.project(session, code="khac")
            given = {"hers": "du-an", "other": "khac"}
            invite(session, {name: ("officer", {"projects": [code]}) for name, code in given.items()})
        app.owner = engine
        hand_over(engine, 0)
        yield app


def hand_over(engine, which: int) -> None:
    with db.transaction(engine) as session:
        code = sorted(session.scalars(text('select code from "case"')))[which]
        act = Act("du-an", "handover", date(2024, 2, 1 + which), NewDocument("minutes", f"{which}/BB"))
        record.record(session, act, [Share(code)], by="hers@gpmb.vn", key=f"handover {which}")


def look(browser: Browser) -> str:
    """Give the moment of knowledge of the report on the page."""
    page = browser.client.get("/reports", query_string=PERIOD).text
    return re.search(r'name="known_at" value="([^"]+)"', page)[1]


def article(browser: Browser, place: str) -> str:
    return browser.get(place).text.partition("<article>")[2]


def issue(browser: Browser, key: str, known_at: str = "", **more):
    return browser.send("/reports", page="/account", **PERIOD, key=key, known_at=known_at, **more)


def test_a_report_is_issued_frozen_and_corrected_by_a_version(office):
    browser = signed_in(office, "hers")
    seen = look(browser)
    first = issue(browser, "k1", seen)
    assert first.status_code == 302, first.text
    again = issue(browser, "k1", seen)
    assert again.headers["Location"] == first.headers["Location"], "sent twice, issued once"
    page = browser.get(first.headers["Location"]).text
    hashed = re.search(r"<code>([0-9a-f]{64})</code>", page)[1]
    files = {form: browser.client.get(f"{first.headers['Location']}/report.{form}").data for form in FORMS}

    assert "đã được phát hành" in issue(browser, "k2").text, "a second version says why"
    assert "không có gì để đính chính" in issue(browser, "k3", reason="x").text

    hand_over(office.owner, 1)
    page = browser.get(first.headers["Location"] + "?compare=now").text
    assert hashed in page
    assert re.search(r"<td>Diện tích \(m²\)</td><td class=\"number\">400</td><td class=\"number\">800</td>", page)
    assert "02/02/2024" in page, "the late entry is named"
    for form, body in files.items():
        now = browser.client.get(f"{first.headers['Location']}/report.{form}").data
        assert hashlib.sha256(now).digest() == hashlib.sha256(body).digest(), form

    second = issue(browser, "k4", reason="Bổ sung biên bản 1/BB")
    assert second.status_code == 302, second.text
    assert "Bổ sung biên bản 1/BB" in browser.get(second.headers["Location"]).text
    beside = browser.get(second.headers["Location"] + "?compare=1").text
    assert re.search(r"Phiên bản 1</th><th scope=\"col\" class=\"number\">Phiên bản 2</th>", beside)
    assert re.search(r"<td class=\"number\">400</td><td class=\"number\">800</td>", beside)
    assert "02/02/2024" in beside, "the entry between the two is named"
    hand_over(office.owner, 2)
    assert "03/02/2024" not in browser.get(second.headers["Location"] + "?compare=1").text
    assert "03/02/2024" in browser.get(second.headers["Location"] + "?compare=now").text
    assert browser.get(second.headers["Location"] + "?compare=7").status_code == 400
    assert hashed in browser.get(first.headers["Location"]).text, "the first version stays"


def test_who_does_not_keep_the_records_cannot_issue(office):
    browser = signed_in(office, "other")
    assert issue(browser, "k1").status_code == 403


def test_an_issued_report_survives_two_hundred_attempts_at_change(office):
    browser = signed_in(office, "hers")
    place = issue(browser, "k1").headers["Location"]
    before = [browser.client.get(f"{place}/report.{form}").data for form in FORMS]
    shown = article(browser, place)
    refused = 0
    for method, path in itertools.product(
        ("post", "put", "patch", "delete"), (place, f"{place}/report.docx", f"{place}/report.pdf", "/reports/issued/1")
    ):
        assert getattr(browser.client, method)(path).status_code in (400, 404, 405)
        refused += 1
    tries = [
        sentence.format(table=table, column=column)
        for table, names in COLUMNS.items()
        for column in names
        for sentence in ATTEMPTS
    ]
    with office.extensions["engine"].connect() as connection:
        for statement in tries[:184]:
            with pytest.raises(DBAPIError):
                connection.execute(text(statement))
            connection.rollback()
            refused += 1
    for statement in ("update issued_report set version = 9", "delete from issued_file", "truncate issued_file"):
        with office.owner.connect() as owner, pytest.raises(DBAPIError, match="append-only"):
            owner.execute(text(statement))
    assert refused == 200
    assert [browser.client.get(f"{place}/report.{form}").data for form in FORMS] == before
    assert article(browser, place) == shown
