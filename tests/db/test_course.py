"""The course of time against the progress function, day by day: on the sample, on random histories, in odd corners."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import Range

from gis import model
from gis.course import course
from gis.overview import SHOWN, figures, overview
from gis.progress import ask, progress
from tests import factories as make
from tests.histories import FIRST, days, histories, recorded

REFORM = date(2025, 7, 1)
story = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def same_on(session, found, day: date) -> None:
    """Compare every row of a day, both ways: neither may have a row the other lacks."""
    for by, tracks in (("project", found.projects), ("commune", found.communes)):
        answer = progress(session, ask(by=(by,), as_of=day, kinds=SHOWN))
        key = {
            "project": lambda row: row.project and row.project.code,
            "commune": lambda row: row.commune and row.commune.slug,
        }
        expected = {key[by](row) or "": figures(row) for row in answer.rows if row.source == "records"}
        told = {track.key: track.at(day) for track in tracks}
        assert len(told) == len(tracks)
        assert {k: f for k, f in told.items() if f is not None} == expected, f"{by} on {day}"
    total = figures(answer.total) if answer.total.source == "records" else None
    assert found.total.at(day) == total, f"total on {day}"


def month_ends(first: date, last: date) -> list[date]:
    months = [(year, month) for year in range(first.year, last.year + 1) for month in range(1, 13)]
    ends = [date(year, month, monthrange(year, month)[1]) for year, month in months]
    return [day for day in ends if first <= day <= last]


def test_the_sample_on_month_ends_ends_of_reports_and_around_the_reform(sample_session):
    found = course(sample_session)
    tested = {
        *month_ends(date(2018, 1, 1), date(2025, 1, 31)), *found.reported_until, found.first,
        found.first - timedelta(days=1), REFORM - timedelta(days=1), REFORM, date(1990, 1, 1), date(2100, 1, 1),
    }  # fmt: skip
    assert len(tested) >= 60
    for day in sorted(tested):
        same_on(sample_session, found, day)


def test_overview_says_the_same(sample_session):
    """The page's lines are what the map takes over when a movement rests: labels and points too."""
    found = course(sample_session)
    for day in (date(2022, 10, 24), REFORM):
        shown = overview(sample_session, day)
        for layer, lines in (("projects", shown.projects), ("communes", shown.communes)):
            labels = {
                label.key: (label.name, label.point)
                for label in found.labels
                if label.layer == layer and (label.since or day) <= day < (label.until or date.max)
            }
            assert labels == {line.key: (line.name, line.label_point) for line in lines if line.label_point}
        assert found.total.at(day) == shown.total.figures


@story
@given(history=histories(), asked=st.lists(days, min_size=8, max_size=8))
def test_random_histories(session, history, asked):
    with recorded(session, history):
        found = course(session)
        starts = {land.registered_on for land in history.lands} | {event.valid_on for event in history.events}
        for day in {*asked, *sorted(starts)[:12], FIRST - timedelta(days=1), REFORM - timedelta(days=1), REFORM}:
            same_on(session, found, day)


def every_change(session, found) -> None:
    tracks = (*found.projects, *found.communes, found.total)
    changes = {day for track in tracks for day in track.days}
    for day in sorted(changes | {day - timedelta(days=1) for day in changes}):
        same_on(session, found, day)


@pytest.fixture
def ground(session):
    """Two communes until a day that is not the reform's, one after it, and one beside them."""
    ends = date(2023, 3, 1)
    old = [make.unit(session, slug=f"x-{n}", level="commune", kind="commune", valid=Range(None, ends)) for n in (1, 2)]
    new = make.unit(session, slug="x-12", level="commune", kind="commune", valid=Range(ends, None))
    return session, old, new, ends


def lie(session, land, unit, since, until) -> None:
    session.execute(
        insert(model.ParcelCommune).values(parcel_id=land.parcel_id, unit_id=unit.id, valid=Range(since, until))
    )


def test_a_home_moves_with_land_registered_later_and_with_the_end_of_a_unit(ground):
    session, (one, two), new, ends = ground
    project = make.project(session)
    case = make.case(session, project, registered_on=date(2022, 1, 10))
    small = make.affected(session, project, case=case, area_m2=Decimal(10), registered_on=date(2022, 1, 5))
    large = make.affected(session, project, case=case, area_m2=Decimal("10.01"), registered_on=date(2022, 6, 1))
    for land, unit in ((small, one), (large, two)):
        lie(session, land, unit, None, ends)
    lie(session, small, new, ends, None)  # the other parcel lies in no commune known from then on
    make.event(session, project, "handover", date(2022, 2, 1), affected_parcel_id=small.id, area_m2=Decimal(10))
    make.event(session, project, "handover", date(2023, 5, 1), affected_parcel_id=large.id, area_m2=Decimal("10.01"))
    session.flush()
    found = course(session)
    every_change(session, found)
    tracks = {track.key: track for track in found.communes}
    homes = [
        (day, [key for key, track in tracks.items() if track.at(day) and track.at(day).affected_households])
        for day in (date(2022, 1, 10), date(2022, 6, 1), ends)
    ]
    assert [keys for _, keys in homes] == [["x-1"], ["x-2"], [""]]
    done = [found.total.at(day).households for day in (date(2022, 2, 1), date(2022, 6, 1), date(2023, 5, 1))]
    assert done == [1, 0, 1], "land registered later makes a finished case unfinished"


def test_events_without_land_and_handovers_without_area(ground):
    session, (one, _two), new, ends = ground
    by_events = make.project(session, code="by-events")
    by_case = make.project(session, code="by-case")
    for unit, valid in ((one, Range(None, ends)), (new, Range(ends, date(2024, 1, 1)))):
        session.add(model.ProjectCommune(project_id=by_events.id, unit_id=unit.id, valid=valid, main=True))
    case = make.case(session, by_case, registered_on=date(2022, 4, 1))
    late = make.affected(session, by_case, case=case, area_m2=Decimal(7), registered_on=date(2022, 9, 1))
    lie(session, late, one, None, ends)
    make.event(session, by_events, "plan_review", date(2022, 1, 1))
    make.event(session, by_events, "handover", date(2022, 5, 1), unit_id=one.id)
    make.event(session, by_case, "handover", date(2022, 2, 1), case_id=case.id)
    make.event(session, by_case, "handover", date(2022, 10, 1), affected_parcel_id=late.id)
    make.event(session, by_case, "handover", date(2023, 10, 1), affected_parcel_id=late.id, area_m2=Decimal(7))
    wrong = make.event(session, by_events, "handover", date(2021, 1, 1))
    make.void(session, wrong)
    session.flush()
    found = course(session)
    every_change(session, found)
    assert found.first == date(2022, 1, 1), "a voided event never was"
    assert found.total.at(date(2022, 10, 1)).area_m2 is None, "handed over, nobody wrote how much"
    assert found.total.at(date(2023, 10, 1)).area_m2 == 7


def test_without_records(session):
    make.project(session)
    found = course(session)
    assert found.projects == found.communes == found.total.days == []
    assert found.first is None
