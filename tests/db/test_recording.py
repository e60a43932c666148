"""Acts under the rules of law: refused, confirmed with a reason, or brought in as old records; each kind once."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from gis import histories, recording, rules
from gis.errors import AgainstRules, BadParameter, Conflict, NotFound, Unconfirmed
from gis.model import AuditEntry, Event
from gis.record import CASE_KINDS, Act, NewDocument, Share
from tests import factories as make

LONG_AGO = date(2015, 1, 1)


class Office:
    """A project with three households of 400 m² each."""

    def __init__(self, session):
        self.session = session
        self.project = make.project(session)
        self.cases = [make.case(session, self.project, registered_on=LONG_AGO) for _ in range(3)]
        for case in self.cases:
            make.affected(session, self.project, case=case, registered_on=LONG_AGO)
        self.codes = [case.code for case in self.cases]
        self.keys = iter(f"key {n}" for n in range(1000))

    def act(self, kind, day, **more) -> Act:
        return Act(self.project.code, kind, day, **more)

    def record(self, kind, day, *, cases=None, key=None, confirmed=None, imported=False, **more):
        return recording.record_checked(
            self.session, self.act(kind, day, **more), cases or self.codes, by="lan", key=key or next(self.keys),
            confirmed=confirmed, imported=imported,
        )  # fmt: skip

    def found(self, kind, day, *, cases=None, imported=False, **more) -> list[tuple[str, str]]:
        seen = recording.preview(self.session, self.act(kind, day, **more), cases or self.codes, imported=imported)
        return [(finding.rule.key, finding.severity) for finding in seen.findings]

    def events(self) -> int:
        return self.session.scalar(select(func.count()).select_from(Event).where(Event.project_id == self.project.id))

    def notes(self, made) -> list[str | None]:
        return self.session.scalars(select(Event.note).where(Event.id.in_(made.event_ids)).order_by(Event.id)).all()


@pytest.fixture
def office(session) -> Office:
    return Office(session)


def test_what_the_law_refuses_is_refused_with_the_rule_the_cases_and_the_source(office):
    with pytest.raises(AgainstRules) as refused:
        office.record("recovery_enforcement", date(2025, 3, 3))
    assert not isinstance(refused.value, Unconfirmed)
    finding = refused.value.findings[0]
    assert finding.rule.key == "enforcement_needs_decision.2024"
    assert finding.cases == tuple(office.codes)
    assert finding.rule.source("vi").startswith("điểm a khoản 2 Điều 89 Luật Đất đai số 31/2024/QH15")
    assert finding.text("vi") == "Cưỡng chế thu hồi đất khi chưa có quyết định thu hồi đất."
    assert office.events() == 0


def test_notices_of_2020_2025_and_2026_each_have_their_own_order(office):
    old, middle, new = ([code] for code in office.codes)
    office.record("recovery_notice", date(2020, 1, 6), cases=old)
    office.record("recovery_notice", date(2025, 1, 6), cases=middle)
    office.record("recovery_notice", date(2026, 1, 5), cases=new)
    assert office.found("recovery_decision", date(2020, 2, 3), cases=old) == [
        ("decision_after_notice.2013", "warning"),
        ("decision_on_day_of_plan.2013", "warning"),
    ]
    assert office.found("recovery_decision", date(2025, 2, 3), cases=middle) == [
        ("decision_needs_plan.2024", "error"),
        ("decision_after_notice.2024", "warning"),
    ]
    assert office.found("recovery_decision", date(2026, 2, 2), cases=new) == [
        ("decision_after_notice.2026", "warning"),
        ("decision_needs_plan.2026", "warning"),
    ]
    for cases, notice, days in (
        (old, date(2020, 1, 6), 180),
        (middle, date(2025, 1, 6), 180),
        (new, date(2026, 1, 5), 120),
    ):
        early = {key for key, _ in office.found("recovery_decision", notice + timedelta(days - 1), cases=cases)}
        in_time = {key for key, _ in office.found("recovery_decision", notice + timedelta(days), cases=cases)}
        assert {key.partition(".")[0] for key in early - in_time} == {"decision_after_notice"}
    assert ("old_notice_lapsed.2026", "error") in office.found("recovery_decision", date(2026, 1, 5), cases=old)


def test_agricultural_land_has_half_the_days_of_notice(office):
    field = make.case(office.session, office.project, registered_on=LONG_AGO)
    land = make.affected(office.session, office.project, case=field, registered_on=LONG_AGO)
    office.session.get_one(make.model.Parcel, land.parcel_id).land_use = "LUC"
    both = [office.codes[0], field.code]
    office.record("recovery_notice", date(2026, 1, 5), cases=both)
    seen = recording.preview(office.session, office.act("recovery_decision", date(2026, 3, 10)), both)
    late = next(finding for finding in seen.findings if finding.rule.key == "decision_after_notice.2026")
    assert late.cases == (office.codes[0],), "60 days for the field are over, 120 for the house are not"


def test_a_warning_is_confirmed_with_a_reason_that_stays_with_the_events_concerned(office):
    for case in office.cases:
        make.event(office.session, office.project, "advance_payment", date(2024, 5, 6), case_id=case.id, amount_vnd=1)
    office.record("recovery_decision", date(2024, 5, 6), cases=office.codes[:2], imported=True, confirmed="hồ sơ cũ")
    day = date(2024, 11, 20)
    with pytest.raises(Unconfirmed) as asked:
        office.record("handover", day, key="a")
    assert [finding.cases for finding in asked.value.findings] == [(office.codes[2],)]
    with pytest.raises(Unconfirmed):
        office.record("handover", day, key="a", confirmed={"handover_needs_decision.2013": "luật cũ"})
    with pytest.raises(Unconfirmed):
        office.record("handover", day, key="a", confirmed=" ")
    made = office.record("handover", day, key="a", note="cả ba hộ",
                         confirmed={"handover_needs_decision.2024": "tự nguyện\nbàn giao"})  # fmt: skip
    told = "cả ba hộ\n[handover_needs_decision.2024] tự nguyện bàn giao"
    assert office.notes(made) == ["cả ba hộ", "cả ba hộ", told]
    logged = office.session.scalars(
        select(AuditEntry.after).where(AuditEntry.entity == "event", AuditEntry.entity_id == made.event_ids[2])
    ).one()
    assert logged["note"] == told
    plain, confirmed = recording.confirmations(told)
    assert plain == "cả ba hộ"
    assert [(rule.key, why) for rule, why in confirmed] == [("handover_needs_decision.2024", "tự nguyện bàn giao")]
    again = office.record("handover", day, key="a", note="cả ba hộ", confirmed="tự nguyện")
    assert again.repeated
    assert again.act_id == made.act_id


def test_old_records_break_the_order_with_a_warning_never_an_error(office):
    day = date(2016, 5, 6)
    assert ("payment_needs_plan.2013", "error") in office.found("payment", day, cases=paid(office))
    assert {severity for _, severity in office.found("payment", day, cases=paid(office), imported=True)} == {"warning"}
    with pytest.raises(Unconfirmed):
        office.record("payment", day, cases=paid(office), imported=True)
    made = office.record("payment", day, cases=paid(office), imported=True, confirmed="hồ sơ năm 2016, đã chi trả")
    assert all("[payment_needs_plan.2013] hồ sơ năm 2016" in note for note in office.notes(made))
    with pytest.raises(AgainstRules):
        office.record("not_applicable", day, note="không rõ", imported=True, confirmed="x")


def paid(office, *amounts) -> list[Share]:
    return [Share(code, amount_vnd=amount) for code, amount in zip(office.codes, amounts or (5, 6, 7), strict=True)]


def test_not_applicable_names_its_step_and_the_reason_and_stands_in_for_it(office):
    day = date(2025, 3, 3)
    assert ("plan_approval", "x") not in office.found("plan_approval", day)
    assert ("plan_needs_inventory.2024", "error") in office.found("plan_approval", day)
    office.record("not_applicable", day, note=histories.not_applicable_note("inventory", "đất công, không có tài sản"))
    assert office.found("plan_approval", day) == [("plan_needs_meeting.2024", "warning")]


def test_every_kind_can_be_recorded_upon_a_case_in_the_order_of_the_law(office):
    """From the notice to the handover with what each kind carries; nothing is left out."""
    plot = make.plot(office.session, number="L1")
    site = office.session.get_one(make.model.ResettlementSite, plot.site_id)
    code, day, done = office.codes[0], date(2025, 1, 6), []
    carried = {
        "plan_approval": {"amount_vnd": 900_000_000, "plots": 1},
        "payment": {"amount_vnd": 400_000_000},
        "advance_payment": {"amount_vnd": 100_000_000},
        "progress_bonus": {"amount_vnd": 5_000_000},
        "deduction": {"amount_vnd": 1_000_000},
        "resettlement_allocation": {"plot": f"{site.code}/L1"},
    }
    notes = {"not_applicable": histories.not_applicable_note("progress_bonus", "không thuộc diện thưởng")}
    course = (
        "recovery_notice", "recovery_notice_adjustment", "persuasion", "inventory", "mandatory_inventory",
        "plan_review",
        "plan_approval", "resettlement_allocation", "recovery_decision", "land_use_conversion", "advance_payment",
        "payment", "deduction", "progress_bonus", "not_applicable", "persuasion", "enforcement_board",
        "recovery_enforcement", "handover_consent", "handover", "recovery_notice_cancellation",
    )  # fmt: skip
    assert set(course) == set(CASE_KINDS)
    for kind in course:
        day += timedelta(40 if kind in ("plan_review", "mandatory_inventory", "recovery_enforcement") else 1)
        made = office.record(
            kind, day, cases=[Share(code, **carried.get(kind, {}))], note=notes.get(kind), confirmed="có lý do"
        )
        done.append(made)
    first = office.session.get_one(Event, done[course.index("plan_approval")].event_ids[0])
    assert (first.amount_vnd, first.plots) == (900_000_000, 1)
    assert office.session.get_one(Event, done[course.index("handover")].event_ids[0]).area_m2 == Decimal(400)
    with pytest.raises(Conflict, match="L1 is already allotted"):
        office.record("resettlement_allocation", day, cases=[Share(office.codes[1], plot=f"{site.code}/L1")],
                      imported=True, confirmed="x")  # fmt: skip


def test_what_an_act_would_write_is_seen_before_and_nothing_is_written(office):
    before = office.events()
    paper = NewDocument("minutes", "12/BB-BGMB", date(2025, 3, 3))
    seen = recording.preview(office.session, office.act("handover", date(2025, 3, 3), document=paper), office.codes)
    assert (seen.cases, len(seen.entries), seen.area_m2, seen.document) == (3, 3, Decimal(1200), None)
    assert not seen.refused
    assert office.events() == before
    office.record("handover", date(2025, 3, 3), document=paper, cases=office.codes[:1], confirmed="tự nguyện")
    again = office.act("handover", date(2025, 3, 4), document=NewDocument("minutes", "12/BB-BGMB"))
    seen = recording.preview(office.session, again, office.codes[1:])
    assert seen.document.issued_on == date(2025, 3, 3), "its number alone is enough for a document that is there"


def test_of_two_documents_of_one_number_the_day_is_asked(office):
    for day in (date(2025, 3, 3), date(2025, 3, 4)):
        paper = NewDocument("report", "1/BC", day)
        office.record("persuasion", date(2025, 3, 5), document=paper)
    with pytest.raises(BadParameter, match="several documents of number 1/BC: say of which day"):
        office.record("persuasion", date(2025, 3, 5), document=NewDocument("report", "1/BC"))


def test_what_cases_could_have_next_comes_with_how_many_of_them(office):
    offered = recording.offers(office.session, office.project.code, office.codes, date(2026, 3, 3))
    assert list(offered) == list(CASE_KINDS)
    assert (offered["recovery_notice"], offered["inventory"], offered["payment"]) == (3, 0, 0)
    office.record("recovery_notice", date(2026, 1, 5), cases=office.codes[:2])
    offered = recording.offers(office.session, office.project.code, office.codes, date(2026, 3, 3))
    assert (offered["recovery_notice"], offered["inventory"]) == (1, 2)
    with pytest.raises(NotFound, match="no case HS-nowhere"):
        recording.offers(office.session, office.project.code, ["HS-nowhere"], date(2026, 3, 3))


def test_acts_and_events_know_their_project(office):
    made = office.record("recovery_notice", date(2026, 1, 5))
    assert recording.project_of_act(office.session, made.act_id) == office.project.id
    assert recording.project_of_event(office.session, made.event_ids[0]) == office.project.id
    for ask in (recording.project_of_act, recording.project_of_event):
        with pytest.raises(NotFound):
            ask(office.session, 10**9)


def test_every_rule_that_is_broken_is_named_with_its_key_in_notes_and_read_back():
    for rule in rules.RULES:
        assert recording.confirmations(f"ghi chú\n[{rule.key}] lý do") == ("ghi chú", [(rule, "lý do")])
    assert recording.confirmations("[khác] không phải quy tắc") == ("[khác] không phải quy tắc", [])
