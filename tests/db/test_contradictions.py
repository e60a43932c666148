"""Where the five reports contradict each other, and what becomes of a contradiction that somebody explains."""

from datetime import date
from decimal import Decimal

import pytest

from gis import catalogue, contradictions, dues, permits
from gis.errors import BadParameter, Conflict, NotFound
from gis.model import ReportedFigure
from tests import factories as make

EIGHT = {
    "statements:R1.mandinv:R1.mandinv12",
    "statements:R1.plan8:R1.plan12",
    "remaining:R1.key.nhd1.left:R1.key.nhd1",
    "percent:R1.key.ext:R1.key.ext.left",
    "percent:R2.capital.forecast:R2.capital",
    "statements:R2.capital:R3.capital",
    "statements:R4.plan:R4.plan56",
    "parts:R5.capital:R5.capital.1",
}
"""Worked out by hand over the five reports; every other identity in them holds."""


def test_the_reports_contradict_themselves_in_eight_places_and_nowhere_else(sample_session):
    found = contradictions.within_reports(catalogue.list_reported(sample_session))
    assert {one.key for one in found} == EIGHT


def test_a_contradiction_names_both_sides_and_how_far_apart_they_are(sample_session):
    found = {c.key: c for c in contradictions.within_reports(catalogue.list_reported(sample_session))}
    left = found["remaining:R1.key.nhd1.left:R1.key.nhd1"]
    assert [(d.measure, d.stated, d.other, d.size) for d in left.differences] == [("households", 126, 106, 20)]
    (share,) = found["percent:R2.capital.forecast:R2.capital"].differences
    assert (share.stated, share.other) == (Decimal("85.03"), Decimal("88.91"))
    (plans,) = found["statements:R4.plan:R4.plan56"].differences
    assert plans.size == 12_000_000
    assert found["statements:R2.capital:R3.capital"].cause == "scope", "two reports of one year, nine months apart"
    assert found["statements:R1.plan8:R1.plan12"].cause == "unexplained", "both stand in one report"


def test_records_disagree_with_those_figures_alone_that_other_figures_contradict(sample_session):
    entries = catalogue.list_reported(sample_session)
    against = contradictions.against_records(sample_session, entries)
    assert {one.figures[0] for one in against} == {
        "R1.mandinv",
        "R1.plan8",
        "R1.key.nhd1.left",
        "R1.key.ext",
        "R4.plan",
    }


def test_a_parcel_drawn_too_large_is_found(session):
    project = make.project(session)
    make.affected(session, project, shape=make.square(side_m=20), area_m2=Decimal("399.99"))
    wrong = make.affected(session, project, shape=make.square(side_m=20, east_m=60), area_m2=Decimal(300))
    (found,) = contradictions.drawn_against_recorded(session)
    assert found.figures[0] == str(wrong.id)
    assert found.differences[0].stated == 300
    assert found.differences[0].other == pytest.approx(Decimal(400), abs=Decimal("0.1"))


def test_more_paid_or_deducted_than_may_be_is_found_unless_a_leader_lets_it(session):
    project = make.project(session)
    paid, deducted, right, unplanned = (make.case(session, project) for _ in range(4))
    for case in (paid, deducted, right):
        make.event(session, project, "plan_approval", date(2024, 1, 1), case_id=case.id, amount_vnd=100)
    for case, kind, amount in (
        (paid, "payment", 90), (paid, "advance_payment", 30), (paid, "deduction", 20),
        (deducted, "payment", 10), (deducted, "deduction", 11), (right, "payment", 100), (right, "deduction", 100),
        (unplanned, "advance_payment", 5),
    ):  # fmt: skip
        make.event(session, project, kind, date(2024, 2, 1), case_id=case.id, amount_vnd=amount)
    found = {one.figures[1]: one for one in contradictions.paid_against_approved(session)}
    told = {code: [(d.measure, d.stated, d.other) for d in one.differences] for code, one in found.items()}
    assert told == {paid.code: [("settled_vnd", 120, 100)], deducted.code: [("deducted_vnd", 11, 10)]}
    assert found[paid.code].key == f"money:{project.code}:{paid.code}"
    assert [one.case for one in dues.beyond(session, [project.code], date(2024, 1, 31))] == []
    permits.permit(session, project.code, paid.code, 120, reason="Quyết định", by="lanh-dao", key="k")
    assert [one.figures[1] for one in contradictions.paid_against_approved(session)] == [deducted.code]


@pytest.fixture
def two_statements(session):
    """One month's handover, stated twice."""
    unit = make.unit(session, slug="h-thu", level="district")
    for name, line, households in (("T.1", "T:3", 40), ("T.2", "T:9", 41)):
        session.add(
            ReportedFigure(
                figure=name, source_line=line, unit_id=unit.id, indicator="handover", basis="period",
                from_on=date(2024, 1, 1), to_on=date(2024, 1, 31), households=households, derivable=False,
                contradicted_cells=[],
            )
        )  # fmt: skip
    session.flush()
    return session


KEY = "statements:T.1:T.2"


def said(session, key: str = "1", **more):
    found = contradictions.named(contradictions.find(session), KEY)
    words = {"state": "explained", "reason": "một hộ chuyển sang tháng sau", "owner": "Tổ tổng hợp", "by": "a@gpmb.vn"}
    return contradictions.note(session, found, key=key, **words | more)


def states(session) -> dict:
    return {entry.key: (entry.state, entry.reason) for entry in contradictions.register(session)}


def test_an_explanation_holds_for_the_figures_it_was_given_for(two_statements):
    session = two_statements
    assert states(session) == {KEY: ("open", None)}
    said(session)
    assert states(session)[KEY] == ("explained", "một hộ chuyển sang tháng sau")
    one = session.query(ReportedFigure).filter_by(figure="T.2").one()
    one.households = 45
    session.flush()
    assert states(session)[KEY][0] == "open", "the sides are others now"
    one.households = 40
    session.flush()
    assert states(session)[KEY] == ("corrected", "một hộ chuyển sang tháng sau"), "what was said stays readable"


def test_a_note_sent_twice_is_taken_once(two_statements):
    assert not said(two_statements).repeated
    assert said(two_statements).repeated
    with pytest.raises(Conflict):
        said(two_statements, reason="khác")


def test_what_is_not_there_or_has_no_reason_cannot_be_explained(two_statements):
    with pytest.raises(BadParameter, match="reason"):
        said(two_statements, reason=" ")
    with pytest.raises(BadParameter, match="corrected"):
        said(two_statements, state="corrected")
    with pytest.raises(NotFound):
        contradictions.named(contradictions.find(two_statements), "parts:X:Y")
