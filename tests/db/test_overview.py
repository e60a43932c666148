"""The overview of a day: two dates compared, one project alone, and projects against their targets."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import Range

from gis import model
from gis.errors import BadParameter, NotFound
from gis.overview import overview
from gis.progress import ask, progress
from gis.targets import current, targets
from layers import themes
from tests import factories as make

DAY = date(2024, 6, 1)
ONE_DAY = timedelta(days=1)


def test_between_counts_from_the_day_after_the_earlier_one_to_the_later_one(session):
    project = make.project(session, code="p")
    for n in range(4):
        case = make.case(session, project)
        land = make.affected(session, project, case=case)
        day = DAY + n * ONE_DAY
        make.event(session, project, "handover", day, affected_parcel_id=land.id, area_m2=Decimal(400))
    found = overview(session, DAY + 2 * ONE_DAY, DAY)
    assert (found.first, found.total.between.households, found.total.between.area_m2) == (DAY + ONE_DAY, 2, 800)
    assert found.total.figures.households == 3
    assert overview(session, DAY).total.between is None


@pytest.mark.parametrize("since", [DAY, DAY + ONE_DAY])
def test_the_earlier_day_lies_before_the_later_one(session, since):
    with pytest.raises(BadParameter) as refused:
        overview(session, DAY, since)
    assert refused.value.parameter == "since"


def test_one_project_alone_is_what_the_progress_function_says_of_it(sample_session):
    code, day, since = "cong-vien-bo-song-ky-cung", date(2022, 10, 24), date(2021, 12, 31)
    found = overview(sample_session, day, since, code)
    expected = progress(sample_session, ask(as_of=day, projects=(code,))).total.values
    assert [line.key for line in found.projects] == [code]
    assert found.total.figures == found.projects[0].figures
    assert found.total.figures.area_m2 == expected["handover"]["area_m2"]
    assert found.total.figures.paid_vnd == expected["payment"]["amount_vnd"]
    period = progress(sample_session, ask(since=since + ONE_DAY, upto=day, projects=(code,))).total.values["handover"]
    assert found.total.between.area_m2 == period["area_m2"] > 0
    for lines in (found.projects, found.communes):
        assert sum(line.between.households for line in lines if line.source == "records") == period["households"] > 0
    with pytest.raises(NotFound):
        overview(sample_session, day, project="no-such-project")


def test_the_classes_of_a_day_take_in_every_commune_with_figures(sample_session):
    from gis.course import course

    found = course(sample_session)
    lower = themes.breaks(found)
    for day, generation in ((date(2022, 10, 24), "old"), (date(2025, 7, 1), "new")):
        shown = overview(sample_session, day)
        recorded = {line.key for line in shown.communes if line.source == "records" and line.key}
        for key in themes.THEMES:
            values = themes.values(found, key, day)
            assert values.keys() <= recorded
            assert all(0 <= themes.class_of(value, lower[key][generation]) < 5 for value in values.values())
        assert themes.values(found, "left_area", day) == {
            line.key: line.figures.left_m2 for line in shown.communes if line.key in recorded
        }


@pytest.fixture
def staged(session):
    """A project of 800 m², half of it handed over, with targets of 50, 75 and 100 percent a year apart."""
    project = make.project(session, code="staged")
    for n in range(2):
        land = make.affected(session, project, case=make.case(session, project))
        if n == 0:
            make.event(session, project, "handover", DAY, affected_parcel_id=land.id, area_m2=Decimal(400))
    for year, percent in ((2024, 50), (2025, 75), (2026, 100)):
        target(session, project, due_on=date(year, 12, 31), percent=percent)
    session.flush()
    return project


def target(session, project, **given):
    values = {"measure": "area_m2", "due_on": date(2024, 12, 31), "percent": 100} | given
    session.add(model.ProjectTarget(project_id=project.id, **values))
    session.flush()


def line_on(session, day, code="staged"):
    return next(line for line in overview(session, day).projects if line.key == code)


@pytest.mark.parametrize(
    ("day", "shown", "reached", "missed"),
    [
        (DAY - ONE_DAY, 50, False, None),
        (DAY, 50, True, None),
        (date(2024, 12, 31), 50, True, None),
        (date(2025, 1, 1), 75, False, None),
        (date(2025, 12, 31), 75, False, None),
        (date(2026, 1, 1), 100, False, 75),
        (date(2027, 1, 1), 100, False, 100),
    ],
)
def test_a_project_goes_by_its_next_target_and_is_behind_those_it_missed(session, staged, day, shown, reached, missed):
    line = line_on(session, day)
    assert (line.target.percent, line.reached) == (shown, reached)
    assert (line.missed and line.missed.percent) == missed


def test_a_value_and_households_are_targets_too(session, staged):
    target(session, staged, due_on=date(2023, 1, 1), percent=Decimal("51.7"), value=400, of_value=773)
    assert line_on(session, DAY).missed is None, "400 m² are reached, whatever percent of another whole they are"
    target(session, staged, due_on=date(2023, 6, 1), measure="households", value=2, percent=None)
    missed = line_on(session, DAY).missed
    assert (missed.measure, missed.value) == ("households", 2)


def test_a_target_of_a_part_or_of_a_unit_the_land_goes_beyond_is_told_but_not_compared(session, staged):
    part = model.ProjectPart(project_id=staged.id, code="1", name="Gói thầu 1")
    session.add(part)
    session.flush()
    target(session, staged, due_on=date(2023, 1, 1), part_id=part.id)
    district = make.unit(session, slug="h-x", level="district", kind="district")
    target(session, staged, due_on=date(2023, 6, 1), unit_id=district.id)
    line = line_on(session, date(2023, 3, 1))
    assert [t.of_project for t in targets(session)["staged"]][:2] == [False, False]
    assert (line.target.percent, line.reached, line.missed) == (100, None, None)
    commune = make.unit(session, slug="x-x", parent_id=district.id)
    for land in session.query(model.AffectedParcel).filter_by(project_id=staged.id):
        valid = Range(None, date(2025, 7, 1))
        session.execute(insert(model.ParcelCommune).values(parcel_id=land.parcel_id, unit_id=commune.id, valid=valid))
    assert [t.of_project for t in targets(session)["staged"]][:2] == [False, True], "all its land lies in the unit now"


def test_without_targets_or_records_nothing_is_told(session):
    silent = make.project(session, code="silent")
    assert line_on(session, DAY, "silent").target is None
    assert current([], DAY) is None
    target(session, silent)
    line = line_on(session, date(2025, 6, 1), "silent")
    assert (line.target.percent, line.reached, line.missed) == (100, None, None)
