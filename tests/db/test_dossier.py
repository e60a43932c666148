"""What stands about one project, commune or parcel, and the overview of a day, on the sample and on small cases."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from gis import catalogue, dossier
from gis.errors import BadParameter, NotFound
from gis.model import Project
from gis.overview import opening_day, overview
from gis.progress import ask, newest_records, progress, today
from tests import factories as make

DAY = date(2024, 6, 1)


def test_opens_today_without_the_sample_and_on_the_last_reported_day_with_it(session, sample_session):
    assert opening_day(session) == today()
    assert opening_day(sample_session) == date(2024, 12, 16)


@pytest.mark.parametrize("day", [date(2022, 10, 24), date(2024, 12, 16), date(2025, 7, 1)])
def test_lines_of_both_lists_sum_to_the_total(sample_session, day):
    found = overview(sample_session, day)
    expected = progress(sample_session, ask(as_of=day)).total.values
    assert found.total.figures.area_m2 == expected["handover"]["area_m2"]
    for lines in (found.projects, found.communes):
        for measure in ("households", "affected_households", "left_households", "area_m2", "affected_m2", "left_m2"):
            parts = [getattr(line.figures, measure) for line in lines if line.source == "records"]
            assert sum(parts) == getattr(found.total.figures, measure), measure


def test_nothing_recorded_is_not_zero(session):
    make.project(session, code="silent")
    found = overview(session, DAY)
    (line,) = (line for line in found.projects if line.key == "silent")
    assert (line.source, line.figures.area_m2, line.figures.households, line.figures.share) == (
        "none",
        None,
        None,
        None,
    )


def test_records_agree_with_every_figure_of_a_project_they_can_reproduce(sample_session):
    cells = 0
    for code in sample_session.scalars(select(Project.code)).all():
        for item in dossier.project_facts(sample_session, code, date(2024, 12, 16)).compared:
            for cell in item.cells:
                assert cell.agrees or cell.contradicted, (item.figure.figure, cell)
                cells += 1
    assert cells > 50


def test_steps_left_and_done_make_the_affected(sample_session):
    facts = dossier.project_facts(sample_session, "nam-nguyen-dinh-chieu", date(2022, 10, 24))
    figures = facts.figures
    holders = figures.affected_households + figures.affected_organisations
    assert [step.holders + step.left for step in facts.steps] == [holders] * len(facts.steps)


def test_a_commune_that_does_not_stand_is_refused(sample_session):
    with pytest.raises(BadParameter):
        dossier.commune_facts(sample_session, "x-mai-pha", date(2025, 7, 1))


def test_a_commune_knows_what_became_of_it(sample_session):
    assert dossier.commune_facts(sample_session, "x-mai-pha", date(2022, 10, 24)).became == ("phường Đông Kinh",)
    new = dossier.commune_facts(sample_session, "p-dong-kinh-2025", date(2025, 7, 1))
    assert "xã Mai Pha" in new.came_from


def test_a_parcel_tells_its_own_events_and_those_of_its_case(session):
    project = make.project(session)
    case = make.case(session, project)
    land = make.affected(session, project, case=case)
    other = make.affected(session, project, case=case, shape=make.square(50))
    make.event(session, project, "inventory", DAY, affected_parcel_id=land.id, case_id=case.id, area_m2=Decimal(400))
    make.event(session, project, "payment", DAY + timedelta(1), case_id=case.id, amount_vnd=10**9)
    make.event(session, project, "inventory", DAY, affected_parcel_id=other.id, case_id=case.id, area_m2=Decimal(400))
    wrong = make.event(session, project, "recovery_decision", DAY, affected_parcel_id=land.id, case_id=case.id)
    make.void(session, wrong)
    make.event(session, project, "handover", DAY + timedelta(9), affected_parcel_id=land.id, area_m2=Decimal("150.5"))

    def told(day):
        return [event.indicator.key for event in dossier.parcel_facts(session, land.id, day).events]

    assert told(DAY) == ["inventory"]
    assert told(DAY + timedelta(1)) == ["inventory", "payment"]
    facts = dossier.parcel_facts(session, land.id, DAY + timedelta(9))
    assert (facts.handed_over_m2, facts.left_m2) == (Decimal("150.50"), Decimal("249.50"))
    assert facts.holder_kind == "household"


def test_land_of_no_holder_tells_only_its_own_events(session):
    project = make.project(session)
    land = make.affected(session, project)
    make.event(session, project, "specific_land_price", DAY)
    facts = dossier.parcel_facts(session, land.id, DAY)
    assert (facts.holder_kind, facts.events) == (None, ())


def test_a_parcel_not_registered_yet_is_not_there(session):
    land = make.affected(session, make.project(session), registered_on=DAY)
    with pytest.raises(NotFound):
        dossier.parcel_facts(session, land.id, DAY - timedelta(1))
    with pytest.raises(NotFound):
        dossier.parcel_facts(session, 0, DAY)


def test_reported_handover_of_a_project_a_unit_and_all(sample_session):
    found = dossier.reported_handover(sample_session, project="kdt-nam-hoang-dong-1")
    assert found.name == "Khu đô thị Nam Hoàng Đồng I"
    cells = {(item.figure.figure, cell.measure): cell for item in found.compared for cell in item.cells}
    assert cells["R1.key.nhd1", "households"].agrees
    assert cells["R1.key.nhd1", "of_area_m2"].agrees
    differing = [cell for cell in cells.values() if not cell.agrees]
    assert [(c.measure, c.reported, c.recorded, c.contradicted) for c in differing] == [("households", 126, 106, True)]
    whole = dossier.reported_handover(sample_session)
    assert [item.figure.figure for item in whole.compared] == ["R1.handover", "R2.handover", "R4.handover"]
    assert whole.name == ""
    assert dossier.reported_handover(sample_session, unit="tp-lang-son").compared == whole.compared
    assert dossier.reported_handover(sample_session, unit="x-mai-pha").compared == ()
    for asked in ({"project": "nowhere"}, {"unit": "nowhere"}):
        with pytest.raises(NotFound):
            dossier.reported_handover(sample_session, **asked)


def test_a_percentage_is_compared_as_exactly_as_it_was_written(sample_session):
    found = dossier.reported_handover(sample_session, project="mo-rong-nam-hoang-dong-1")
    (share,) = (cell for item in found.compared for cell in item.cells if cell.measure == "percent")
    assert not share.agrees, "91 % where 22.94 of 25.64 ha are 89.5 %"
    for reported, agrees in (("89.47", True), ("89.5", True), ("89", True), ("89.48", False), ("90.00", False)):
        assert dossier.Cell("percent", Decimal(reported), share.recorded, False).agrees is agrees, reported
    assert dossier.Cell("percent", Decimal("90.00"), Decimal("89.6"), False).agrees
    assert not dossier.Cell("percent", Decimal("90.00"), None, False).agrees


def test_what_is_written_of_one_households_case_is_not_told(session):
    project = make.project(session)
    case = make.case(session, project)
    make.obstacle(session, project, known_since=date(2024, 1, 1), description="Chưa có giá đất",
                  direction="Xây dựng giá đất")  # fmt: skip
    make.obstacle(session, project, known_since=date(2024, 1, 2), case_id=case.id, description="Hộ ông A khiếu nại",
                  direction="Đối thoại với hộ ông A")  # fmt: skip
    (entry,) = catalogue.list_projects(session, day=date(2024, 6, 1), code=project.code)
    assert [obstacle["description"] for obstacle in entry.obstacles] == ["Chưa có giá đất", None]
    assert [obstacle["direction"] for obstacle in entry.obstacles] == ["Xây dựng giá đất", None]


def test_a_commune_names_the_newest_record_of_its_land_as_far_as_its_day_may_be_told(sample_session):
    day = date(2024, 12, 16)
    told = [dossier.commune_facts(sample_session, slug, day).newest for slug in ("p-dong-kinh", "p-tam-thanh")]
    assert None not in told
    assert max(told) <= max(newest_records(sample_session).values())


def test_the_day_of_a_payment_is_the_newest_record_only_for_who_may_have_it(session):
    project = make.project(session, code="duong")
    case = make.case(session, project)
    make.event(session, project, "inventory", date(2024, 1, 5), case_id=case.id)
    make.event(session, project, "payment", date(2024, 3, 5), case_id=case.id, amount_vnd=5)
    assert newest_records(session, "duong") == {"duong": date(2024, 3, 5)}
    session.execute(text("set local role gpmb_web"))
    assert newest_records(session, "duong") == {"duong": date(2024, 1, 5)}
    session.execute(text("reset role"))
