"""The timeline of a project: one line for each kind and day, with its document, as known now."""

from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from gis.model import Event, Project
from gis.timeline import timeline
from tests import factories as make

DAY = date(2024, 3, 1)


def test_one_line_for_each_kind_and_day_with_distinct_holders_and_the_sum_of_areas(session):
    project = make.project(session)
    notice = make.document(session, number="12/TB-UBND")
    cases = [make.case(session, project) for _ in range(3)]
    for case in cases:
        for shift in (0, 100):
            land = make.affected(session, project, case=case, shape=make.square(shift))
            make.event(session, project, "recovery_notice", DAY, case_id=case.id, affected_parcel_id=land.id,
                       area_m2=Decimal("10.5"), document_id=notice.id)  # fmt: skip
    road = make.affected(session, project, shape=make.square(300))
    make.event(session, project, "inventory", date(2024, 3, 2), affected_parcel_id=road.id, area_m2=Decimal(7))
    first, second = timeline(session, project.code, date(2024, 12, 31))
    assert (first.indicator.key, first.holders, first.area_m2, first.documents) == ("inventory", 0, Decimal(7), 0)
    assert (second.indicator.key, second.holders, second.area_m2) == ("recovery_notice", 3, Decimal("63.0"))
    assert second.document.number == "12/TB-UBND"
    assert timeline(session, project.code, date(2024, 2, 29)) == []
    assert timeline(session, "no-such-project", DAY) == []


def test_a_voided_entry_is_not_told_and_several_documents_are_counted(session):
    project = make.project(session)
    case = make.case(session, project)
    wrong = make.event(session, project, "persuasion", DAY, case_id=case.id)
    make.void(session, wrong)
    for number in ("1/QĐ", "2/QĐ"):
        make.event(session, project, "plan_approval", DAY, case_id=case.id,
                   document_id=make.document(session, number=number).id)  # fmt: skip
    (told,) = timeline(session, project.code, DAY)
    assert (told.indicator.key, told.holders, told.documents, told.document) == ("plan_approval", 1, 2, None)


def test_all_entries_of_the_sample_are_told_once(sample_session, statements):
    code = sample_session.scalar(
        select(Project.code)
        .join(Event, Event.project_id == Project.id)
        .group_by(Project.code)
        .order_by(func.count().desc())
    )
    with statements() as asked:
        told = timeline(sample_session, code, date(2030, 1, 1))
    assert len(asked) == 1
    expected = sample_session.scalar(
        select(func.count(func.distinct(Event.kind, Event.valid_on)))
        .join(Project, Project.id == Event.project_id)
        .where(Project.code == code, Event.kind != "correction")
        .where(~Event.id.in_(select(Event.voids_id).where(Event.voids_id.is_not(None))))
    )
    assert len(told) == expected > 20
    assert [entry.day for entry in told] == sorted((entry.day for entry in told), reverse=True)
