"""What the rules of law look at, as it is read: live acts of cases, what they owe, what the sample's records break."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gis import histories
from gis.errors import NotFound
from gis.histories import CaseKey, breaches, histories_of, not_applicable_note, overdue, overdue_steps
from gis.model import Case
from gis.rules import AGRICULTURAL, OTHER, WARNING
from tests import factories as make

LAST = date(2024, 12, 16)
"""The last day of the sample."""
DAY = date(2025, 3, 3)
ONE_DAY = timedelta(1)


@pytest.fixture
def project(session):
    return make.project(session)


@pytest.fixture
def case(session, project):
    """A case that was entered before anything of these stories was recorded."""
    return make.case(session, project, recorded_at=datetime(2025, 1, 2, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")))


def read(session, project, **given):
    """The kinds and days of the acts of the only case of a project."""
    found = histories_of(session, projects=[project.code], **given)
    return [(act.kind, act.valid_on) for acts in found.values() for act in acts]


def test_the_whole_sample_is_read_in_few_statements(sample_session, statements):
    with statements() as found:
        owed = overdue(sample_session, None, LAST)
    assert len([statement for statement in found if statement.lstrip().startswith("SELECT")]) == 3, "and whose payments"
    assert {late.step for late in owed} == {"payment"}
    with statements() as found:
        of_one = overdue(sample_session, "kdt-moi-mai-pha", LAST)
    assert len([statement for statement in found if statement.lstrip().startswith("SELECT")]) == 4, "the project first"
    assert of_one == [late for late in owed if late.case.project == "kdt-moi-mai-pha"]
    assert [late.days_late for late in owed] == sorted((late.days_late for late in owed), reverse=True)


def test_what_the_records_of_the_sample_break(sample_session):
    """Generated to reproduce figures, not procedure: they keep the order; days of decisions and payments are spread."""
    found = breaches(sample_session, None, LAST)
    broken = {}
    for case, of_case in found.items():
        assert {breach.severity for breach in of_case} == {WARNING}
        for breach in of_case:
            broken.setdefault(breach.rule.key, set()).add(case)
    every = sample_session.query(Case).count()
    timing = {"decision_on_day_of_plan.2013", "payment_due.2013", "decision_due.2024"}
    out_of_order = set().union(*(cases for key, cases in broken.items() if key not in timing))
    assert len(out_of_order) < 0.05 * every, {key: len(cases) for key, cases in broken.items()}
    assert set(broken) - timing == {
        "mandatory_inventory_needs_persuasion.2013", "enforcement_needs_persuasion.2013",
        "enforcement_needs_persuasion.2024", "handover_needs_decision.2024", "handover_needs_payment",
    }  # fmt: skip


def test_acts_of_a_case_are_its_own_and_those_of_its_parcels(session, project, case):
    land = make.affected(session, project, case=case)
    nobodys = make.affected(session, project)
    notice = make.document(session, kind="notice", number="12/TB-UBND")
    make.event(session, project, "recovery_notice", DAY, affected_parcel_id=land.id, document_id=notice.id)
    make.event(session, project, "inventory", DAY + ONE_DAY, case_id=case.id, note="bà A vắng mặt")
    make.event(session, project, "inventory", DAY, affected_parcel_id=nobodys.id)
    make.event(session, project, "specific_land_price", DAY)
    ((key, acts),) = histories_of(session, projects=[project.code]).items()
    assert key == CaseKey(project.code, case.code)
    assert [(act.kind, act.case, act.document, act.land) for act in acts] == [
        ("recovery_notice", key, "12/TB-UBND", OTHER),
        ("inventory", key, None, None),
    ]
    assert acts[1].note is None, "notes may speak of people"
    assert read(session, project, as_of=DAY) == [("recovery_notice", DAY)]
    assert histories_of(session, cases=[case.id]) == {key: acts}
    new = make.case(session, project)
    assert histories_of(session, cases=[new.id]) == {CaseKey(project.code, new.code): []}, "it can break rules too"
    assert set(histories_of(session, projects=[project.code])) == {key, CaseKey(project.code, new.code)}


def test_land_is_told_by_its_code(session, project, case):
    land = make.affected(session, project, case=case)
    session.get(make.model.Parcel, land.parcel_id).land_use = "LUC"
    make.event(session, project, "recovery_notice", DAY, affected_parcel_id=land.id)
    ((act,),) = histories_of(session, projects=[project.code]).values()
    assert act.land == AGRICULTURAL


def test_a_wrong_entry_counts_until_it_was_known_to_be_wrong(session, project, case):
    def at(day):
        return datetime(2025, 5, day, 12, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))

    wrong = make.event(session, project, "plan_approval", DAY, case_id=case.id, recorded_at=at(5))
    make.void(session, wrong, recorded_at=at(9))
    assert read(session, project) == []
    assert read(session, project, known_at=at(4)) == []
    assert read(session, project, known_at=at(8)) == [("plan_approval", DAY)]
    assert read(session, project, known_at=at(9)) == []
    asked = (project.code, DAY + timedelta(60))
    assert overdue(session, *asked) == []
    assert {late.step for late in overdue(session, *asked, known_at=at(8))} == {"payment", "recovery_decision"}


def test_a_step_is_overdue_the_day_after_it_was_due(session, project, case):
    make.event(session, project, "plan_approval", DAY, case_id=case.id)
    assert overdue(session, project.code, DAY + timedelta(10)) == []
    (late,) = overdue(session, project.code, DAY + timedelta(11))
    assert (late.step, late.rule.key, late.counted_from, late.due_on, late.days_late) == (
        "recovery_decision", "decision_due.2024", DAY, DAY + timedelta(10), 1,
    )  # fmt: skip
    make.event(session, project, "recovery_decision", DAY + timedelta(20), case_id=case.id)
    assert overdue(session, project.code, DAY + timedelta(20)) == []
    assert [late.step for late in overdue(session, project.code, DAY + timedelta(31))] == ["payment"]


def test_a_step_that_does_not_apply_is_not_overdue(session, project, case):
    make.event(session, project, "plan_approval", DAY, case_id=case.id)
    for step in ("recovery_decision", "payment"):
        note = not_applicable_note(step, " Tự nguyện hiến đất ")
        make.event(session, project, "not_applicable", DAY, case_id=case.id, note=note)
    assert overdue(session, project.code, DAY + timedelta(100)) == []
    assert [act.note for acts in histories_of(session).values() for act in acts] == [None, *["Tự nguyện hiến đất"] * 2]
    wrong = make.event(session, project, "not_applicable", DAY, case_id=case.id, note="không có bước này")
    assert wrong.id
    keys = [b.rule.key for of_case in breaches(session, project.code, DAY).values() for b in of_case]
    assert keys.count("not_applicable_needs_reason") == 1, "it names no step"


def test_of_few_cases_no_day_is_told(session, project):
    for n in range(3):
        case = make.case(session, project)
        make.event(session, project, "plan_approval", DAY - n * ONE_DAY, case_id=case.id)
        if n:
            make.event(session, project, "recovery_decision", DAY, case_id=case.id)
    counted = overdue_steps(overdue(session, project.code, DAY + timedelta(60)))
    assert [(of_step.step, of_step.cases) for of_step in counted] == [("payment", 3), ("recovery_decision", 1)]
    assert counted[0].oldest.due_on == DAY + timedelta(28)
    assert counted[1].oldest is None
    assert overdue_steps([]) == []


@pytest.mark.parametrize("ask", [histories.overdue, histories.breaches])
def test_an_unknown_project_is_not_found(session, ask):
    with pytest.raises(NotFound):
        ask(session, "nowhere", DAY)
