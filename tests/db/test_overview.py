"""The overview of a day: two dates compared, one project alone, and projects against their targets."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, update
from sqlalchemy.dialects.postgresql import Range

from gis import model
from gis.course import course
from gis.dossier import project_facts
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
    assert (line.target.target.percent, line.target.reached) == (shown, reached)
    assert (line.missed and line.missed.target.percent) == missed


def test_a_value_and_households_are_targets_too(session, staged):
    target(session, staged, due_on=date(2023, 1, 1), percent=Decimal("51.7"), value=400, of_value=773)
    assert line_on(session, DAY).missed is None, "400 m² are reached, whatever percent of another whole they are"
    target(session, staged, due_on=date(2023, 6, 1), measure="households", value=2, percent=None)
    missed = line_on(session, DAY).missed.target
    assert (missed.measure, missed.value) == ("households", 2)


def outcomes(session, day, code="staged") -> list[tuple]:
    """What comes of each target of a project: on the panel, and by the course of time that the map draws."""
    told = [(v.outcome, v.why, v.done, v.whole) for v in project_facts(session, code, day).targets]
    drawn = [(v.outcome, v.why, v.done, v.whole) for v in course(session).verdicts(code, day)]
    assert drawn == told
    return told


def move(session, land, unit) -> None:
    """Let a parcel lie in another commune."""
    own = model.ParcelCommune.parcel_id == land.parcel_id
    session.execute(update(model.ParcelCommune).where(own).values(unit_id=unit.id))
    session.expire_all()


def test_a_target_of_a_part_cannot_be_judged_and_says_why(session, staged):
    part = model.ProjectPart(project_id=staged.id, code="1", name="Gói thầu 1")
    session.add(part)
    session.flush()
    target(session, staged, due_on=date(2023, 1, 1), part_id=part.id)
    assert outcomes(session, date(2024, 6, 1))[0] == ("unjudged", "part", 400, 800)
    line = line_on(session, date(2022, 6, 1))
    assert (line.target.outcome, line.target.reached, line.missed) == ("unjudged", None, None)


def test_a_target_of_a_unit_the_land_goes_beyond_is_judged_within_the_unit(session, staged):
    """Of 800 m² half lies in the district, and it is that half that is handed over, or the other one."""
    district = make.unit(session, slug="h-x", level="district", kind="district")
    inside = make.unit(session, slug="x-trong", parent_id=district.id)
    outside = make.unit(session, slug="x-ngoai", parent_id=make.unit(session, slug="h-y", level="district").id)
    first, second = session.query(model.AffectedParcel).filter_by(project_id=staged.id).order_by("id")
    target(session, staged, due_on=date(2023, 6, 1), unit_id=district.id)
    assert outcomes(session, DAY)[0] == ("unjudged", "unit", None, None), "no land is known to lie in it"
    for land, unit in ((first, inside), (second, outside)):
        session.execute(
            insert(model.ParcelCommune).values(parcel_id=land.parcel_id, unit_id=unit.id, valid=Range(None, None))
        )
    (aimed, *_) = targets(session)["staged"]
    assert (aimed.of_project, aimed.unit) == (False, district.name)
    assert outcomes(session, DAY)[0] == ("reached", None, 400, 400), "all that lies in the district is handed over"
    assert outcomes(session, DAY - ONE_DAY)[0] == ("behind", None, 0, 400), "due, and nothing done"
    move(session, first, outside)
    move(session, second, inside)
    assert outcomes(session, DAY)[0] == ("behind", None, 0, 400)
    line = line_on(session, DAY)
    assert (line.missed.target.due_on, line.missed.done, line.missed.whole) == (date(2023, 6, 1), 0, 400)
    move(session, first, inside)
    assert targets(session)["staged"][0].of_project, "all its land lies in the unit now"


def test_the_expressway_of_the_sample_is_behind(sample_session):
    """Its targets were set for the city and it goes beyond: what lies within counts, after the city ended too."""
    code = "cao-toc-huu-nghi-chi-lang"
    for day in (date(2022, 10, 24), date(2024, 12, 16), date(2025, 6, 30), date(2025, 7, 1), date(2026, 11, 30)):
        told = outcomes(sample_session, day, code)
        assert all(outcome != "unjudged" and done is not None for outcome, _, done, _ in told)
    line = line_on(sample_session, date(2024, 12, 16), code)
    assert line.missed.target.percent == 70
    assert line.target.target.unit == "thành phố Lạng Sơn"


def test_no_target_of_the_sample_is_passed_over(sample_session):
    day = date(2024, 12, 16)
    shown = overview(sample_session, day)
    aimed = [line for line in shown.projects if line.key in targets(sample_session)]
    assert aimed
    found = course(sample_session)
    for line in aimed:
        assert line.target.outcome != "unjudged" or line.target.why
        assert [v.outcome for v in found.verdicts(line.key, day)] == [
            v.outcome for v in project_facts(sample_session, line.key, day).targets
        ]


def test_without_targets_or_records_nothing_is_told(session):
    silent = make.project(session, code="silent")
    assert line_on(session, DAY, "silent").target is None
    assert current([], DAY) is None
    target(session, silent)
    line = line_on(session, date(2025, 6, 1), "silent")
    told = line.target
    assert (told.target.percent, told.outcome, told.why, line.missed) == (100, "unjudged", "records", None)
