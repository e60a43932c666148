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
from gis.errors import NotFound
from gis.overview import SHOWN, Between, figures, overview
from gis.progress import ask, progress
from tests import factories as make
from tests.histories import FIRST, days, histories, recorded

REFORM = date(2025, 7, 1)
ONE_DAY = timedelta(days=1)
story = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
short_story = settings(story, max_examples=12)


def same_on(session, found, day: date, *projects: str) -> None:
    """Compare every row of a day, both ways: neither may have a row the other lacks."""
    for by, tracks in (("project", found.projects), ("commune", found.communes)):
        answer = progress(session, ask(by=(by,), as_of=day, kinds=SHOWN, projects=projects))
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


def quarter_ends(first: date, last: date) -> list[date]:
    months = [(year, month) for year in range(first.year, last.year + 1) for month in (3, 6, 9, 12)]
    ends = [date(year, month, monthrange(year, month)[1]) for year, month in months]
    return [day for day in ends if first <= day <= last]


def test_the_sample_on_quarter_ends_ends_of_reports_and_around_the_reform(sample_session):
    found = course(sample_session)
    tested = {
        *quarter_ends(date(2018, 1, 1), date(2025, 1, 31)), *found.reported_until, found.first,
        found.first - timedelta(days=1), REFORM - timedelta(days=1), REFORM, date(1990, 1, 1), date(2100, 1, 1),
    }  # fmt: skip
    assert len(tested) >= 34
    for day in sorted(tested):
        same_on(sample_session, found, day)


def test_one_project_of_the_sample(sample_session):
    code = "cong-vien-bo-song-ky-cung"
    found = course(sample_session, code)
    assert [track.key for track in found.projects] == [code]
    assert {label.key for label in found.labels if label.layer == "projects"} == {code}
    assert list(found.targets) == [code]
    for day in (date(2018, 12, 31), date(2022, 10, 24), REFORM - timedelta(days=1), REFORM):
        same_on(sample_session, found, day, code)


def test_a_project_without_records_and_one_that_does_not_exist(sample_session):
    silent = course(sample_session, "khu-lien-hop-the-thao")
    assert silent.projects == silent.communes == silent.total.days == []
    assert silent.targets["khu-lien-hop-the-thao"][0].value == 150_000
    with pytest.raises(NotFound) as refused:
        course(sample_session, "no-such-project")
    assert refused.value.parameter == "project"


def test_overview_says_the_same_between_two_days(sample_session):
    """Across the reform too: a commune is compared with what lay within it before it stood."""
    found = course(sample_session)
    totals = []
    for since, day in (
        (date(2022, 10, 24), REFORM - ONE_DAY), (date(2022, 10, 24), REFORM), (REFORM - ONE_DAY, REFORM),
    ):  # fmt: skip
        shown = overview(sample_session, day, since)
        for tracks, lines in ((found.projects, shown.projects), (found.communes, shown.communes)):
            between = {track.key: track.between(since, day) for track in tracks}
            told = {line.key: line.between for line in lines if line.source == "records"}
            assert {key: change for key, change in between.items() if change} == told
            for measure in ("households", "organisations", "area_m2"):
                parts = sum(getattr(change, measure) for change in told.values())
                assert parts == getattr(shown.total.between, measure)
        assert found.total.between(since, day) == shown.total.between
        totals.append(shown.total.between)
    assert totals[0] == totals[1] != totals[2] == Between(0, 0, 0, 0)


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


@short_story
@given(history=histories(), asked=st.lists(days, min_size=4, max_size=4))
def test_one_project_alone_in_random_histories(session, history, asked):
    with recorded(session, history):
        found = course(session, "p-0")
        starts = {event.valid_on for event in history.events if event.project == 0}
        for day in {*asked, *sorted(starts)[:6], REFORM - timedelta(days=1), REFORM}:
            same_on(session, found, day, "p-0")


@short_story
@given(history=histories(), asked=st.tuples(days, days), reformed=st.booleans())
def test_between_two_days_of_random_histories(session, history, asked, reformed):
    since, day = min(asked), max(asked) + ONE_DAY
    if reformed:
        since, day = min(since, REFORM - ONE_DAY), max(day, REFORM)
    with recorded(session, history):
        found = course(session)
        shown = overview(session, day, since)
        for tracks, lines in ((found.projects, shown.projects), (found.communes, shown.communes)):
            between = {track.key: track.between(since, day) for track in tracks}
            told = {line.key: line.between.area_m2 for line in lines if line.source == "records"}
            assert {key: change.area_m2 for key, change in between.items() if change} == told


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


def test_money_lies_with_the_case_and_is_counted_on_the_land_it_names(ground):
    session, (one, two), new, ends = ground
    project = make.project(session)
    case = make.case(session, project, registered_on=date(2022, 1, 10))
    home = make.affected(session, project, case=case, area_m2=Decimal(100), registered_on=date(2022, 1, 10))
    away = make.affected(session, project, case=case, area_m2=Decimal(10), registered_on=date(2022, 3, 1))
    nobodys = make.affected(session, project, area_m2=Decimal(5), registered_on=date(2022, 1, 10))
    for land, unit in ((home, one), (away, two), (nobodys, two)):
        lie(session, land, unit, None, ends)
        lie(session, land, new, ends, None)
    make.event(session, project, "plan_approval", date(2022, 4, 1), case_id=case.id)
    make.event(session, project, "plan_approval", date(2022, 5, 1), case_id=case.id, amount_vnd=7)
    make.event(session, project, "payment", date(2022, 2, 1), affected_parcel_id=away.id, amount_vnd=3)
    make.event(session, project, "payment", date(2022, 6, 1), affected_parcel_id=nobodys.id, amount_vnd=2)
    make.event(session, project, "payment", date(2022, 7, 1), unit_id=two.id, amount_vnd=1)
    make.void(session, make.event(session, project, "payment", date(2022, 2, 1), case_id=case.id, amount_vnd=10**9))
    session.flush()
    found = course(session)
    every_change(session, found)
    at = {track.key: track.at for track in found.communes}
    day = date(2022, 4, 1)
    assert (at["x-1"](day).approved_vnd, at["x-1"](day).paid_vnd) == (None, 3), "approved, nobody wrote how much"
    assert at["x-2"](day).paid_vnd is None, "a payment whose sum stands with the case elsewhere"
    last = date(2022, 12, 31)
    assert (at["x-1"](last).approved_vnd, at["x-2"](last).approved_vnd, at["x-2"](last).paid_vnd) == (7, 0, 3)
    assert [at[key](ends).paid_vnd for key in ("x-12", "")] == [5, 1], "the unit stated has ended, its land has not"


def test_what_was_handed_over_counts_in_the_commune_of_the_later_day(ground):
    session, (one, two), new, ends = ground
    project = make.project(session)
    for unit, month in ((one, 4), (two, 6)):
        case = make.case(session, project, registered_on=date(2022, 1, 10))
        land = make.affected(session, project, case=case, area_m2=Decimal(10), registered_on=date(2022, 1, 10))
        lie(session, land, unit, None, ends)
        lie(session, land, new, ends, None)
        make.event(session, project, "handover", date(2022, month, 1), affected_parcel_id=land.id, area_m2=Decimal(10))
    session.flush()
    (track,) = (track for track in course(session).communes if track.key == "x-12")
    assert track.between(date(2022, 4, 30), ends) == Between(1, 0, Decimal(10), 0)
    assert track.between(date(2021, 1, 1), ends) == Between(2, 0, Decimal(20), 0), "before there were any records"
    assert track.between(ends, ends + ONE_DAY) == Between(0, 0, Decimal(0), 0)
    assert track.between(date(2022, 4, 30), ends - ONE_DAY) is None, "it did not stand yet"


def test_without_records(session):
    make.project(session)
    found = course(session)
    assert found.projects == found.communes == found.total.days == []
    assert found.first is None
