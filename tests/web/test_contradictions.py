"""The register of contradictions as a page, JSON and CSV, and what an officer says of one."""

import csv
import io
from datetime import date

import pytest
from sqlalchemy import select

from gis import db, model
from tests import factories as make
from tests.conftest import engine_of, serving
from tests.people import invite, signed_in

LEFT = "remaining:R1.key.nhd1.left:R1.key.nhd1"


def test_the_page_shows_both_sides_and_the_difference(sample_client):
    page = sample_client.get("/contradictions?lang=vi").text
    assert "R1:385" in page
    assert "85,03" in page
    assert "88,91" in page
    assert "−12.000.000" in page or "+12.000.000" in page or "12.000.000" in page


def test_programs_get_the_same_by_rule_and_as_a_table(sample_client):
    within = [
        row
        for rule in ("parts", "remaining", "percent", "statements")
        for row in sample_client.get(f"/api/v1/contradictions?rule={rule}").json["contradictions"]
    ]
    assert len(within) == 8
    (left,) = (row for row in within if row["key"] == LEFT)
    assert left["differences"] == [{"measure": "households", "stated": 126, "other": 106}]
    assert (left["state"], left["project"]) == ("open", "kdt-nam-hoang-dong-1")
    rows = list(csv.DictReader(io.StringIO(sample_client.get("/api/v1/contradictions.csv").text)))
    assert {row["key"] for row in within} <= {row["key"] for row in rows}


@pytest.mark.parametrize("query", ["rule=none", "state=closed", "colour=red"])
def test_a_question_that_cannot_be_meant_is_refused(sample_client, query):
    assert sample_client.get(f"/api/v1/contradictions?{query}").status_code == 400


def test_without_rights_on_records_nobody_is_told_of_single_parcels(sample):
    with serving(sample, GPMB_OPEN_ACCESS="public") as app:
        answer = app.test_client().get("/api/v1/contradictions").json["contradictions"]
        assert answer
        assert not [row for row in answer if row["rule"] == "drawn"]


@pytest.fixture(scope="module")
def office(make_database):
    """The sample, with an officer of the city and one of another district's commune."""
    database = make_database("contradicting", sample=True)
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        overpaid = session.scalars(
            select(model.Event)
            .join(model.Project, model.Project.id == model.Event.project_id)
            .where(model.Project.code == "kdt-nam-hoang-dong-1", model.Event.kind == "plan_approval")
            .where(model.Event.amount_vnd.is_not(None), model.Event.case_id.is_not(None))
        ).first()
        project = session.get_one(model.Project, overpaid.project_id)
        make.event(session, project, "payment", date(2024, 12, 1), case_id=overpaid.case_id, amount_vnd=10**12)
    with serving(database, GPMB_OPEN_ACCESS="none") as app:
        with engine_of(database.owner) as engine, db.transaction(engine) as session:
            given = {"hers": "kdt-nam-hoang-dong-1", "other": "ql4b-km3-km18"}
            invite(session, {name: ("officer", {"projects": [code]}) for name, code in given.items()})
        yield app


def test_an_officer_explains_one_of_her_project(office):
    browser = signed_in(office, "hers")
    said = {"contradiction": LEFT, "state": "explained", "owner": "Tổ GPMB", "key": "k1"}
    refused = browser.send("/contradictions", **said, reason=" ")
    assert refused.status_code == 400
    assert "Tổ GPMB" in refused.text, "what was written stays"
    assert browser.send("/contradictions", **said, reason="20 hộ <b>ngoài ranh</b>").status_code == 302
    page = browser.get("/contradictions?state=explained").text
    assert "20 hộ &lt;b&gt;ngoài ranh&lt;/b&gt;" in page
    (row,) = browser.client.get("/api/v1/contradictions?state=explained").json["contradictions"]
    assert (row["key"], row["owner"], row["noted_by"]) == (LEFT, "Tổ GPMB", "hers@gpmb.vn")


def test_an_officer_of_another_project_reads_it_and_may_not_write(office):
    browser = signed_in(office, "other")
    assert f'value="{LEFT}"' not in browser.get("/contradictions").text
    said = {"contradiction": LEFT, "state": "explained", "reason": "x", "owner": "", "key": "k2"}
    assert browser.send("/contradictions", **said).status_code == 403


def test_what_is_paid_beyond_a_plan_is_told_to_who_may_have_its_money_alone(office):
    hers, other = signed_in(office, "hers"), signed_in(office, "other")
    (row,) = hers.client.get("/api/v1/contradictions?rule=money").json["contradictions"]
    project, case = row["figures"]
    page = hers.get("/contradictions?rule=money&lang=vi").text
    assert f"/desk/projects/{project}/cases/{case}" in page
    assert "Đã chi hoặc khấu trừ vượt mức được phép" in page
    assert other.client.get("/api/v1/contradictions?rule=money").json["contradictions"] == []
    report = "/reports?unit=tp-lang-son&from=2024-01-01&to=2024-12-31&project=kdt-nam-hoang-dong-1"
    assert "rule=money" in hers.get(report).text
    assert "rule=money" not in other.get(report).text
    made = office.test_cli_runner().invoke(args=["contradictions", "--rule", "money"])
    assert made.output.startswith(f"money:{project}:{case}\topen\tunexplained\tsettled_vnd: ")
