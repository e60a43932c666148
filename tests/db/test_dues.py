"""Nobody is paid beyond what is approved, nor twice by one document: whoever records, however, and at once too."""

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from gis import costs, db, dues, model, papers, permits, record, recording
from gis.errors import AgainstRules, BadParameter, Conflict, Unconfirmed
from gis.progress import today
from gis.record import Act, NewDocument, Share
from tests import factories as make
from tests.conftest import engine_of

DAY = date(2024, 11, 20)
MILLION = 1_000_000


class Office:
    """A project of three households that have their inventory, with the plan of each approved where asked."""

    def __init__(self, session, plan: int | None = 100):
        self.session = session
        self.project = make.project(session)
        self.cases = [make.case(session, self.project) for _ in range(3)]
        self.codes = [case.code for case in self.cases]
        self.keys = iter(range(10_000))
        for case in self.cases:
            make.event(session, self.project, "inventory", DAY - timedelta(90), case_id=case.id)
            make.event(session, self.project, "plan_review", DAY - timedelta(60), case_id=case.id)
            if plan:
                paper = make.document(session, number=f"{case.code}/QĐ")
                given = {"case_id": case.id, "amount_vnd": plan * MILLION, "document_id": paper.id, "plots": 1}
                make.event(session, self.project, "plan_approval", DAY - timedelta(20), **given)

    def pay(self, millions, number, *, kind="payment", day=DAY, case=0, by="lan", issued_on=None, **more):
        paper = number and NewDocument("payment_order", number, issued_on)
        act = Act(self.project.code, kind, day, paper, replaces=more.pop("replaces", None))
        share = Share(self.codes[case], amount_vnd=round(millions * MILLION))
        return recording.record_checked(
            self.session, act, [share], by=by, key=str(next(self.keys)), confirmed=more.pop("confirmed", "có lý do"),
            **more,
        )  # fmt: skip

    def refused(self, *given, **more) -> dict[str, str]:
        """What stands against it, by rule: nothing is recorded."""
        with pytest.raises(AgainstRules) as error:
            self.pay(*given, **more)
        return {one.rule.key: one.text("vi") for one in error.value.findings if one.severity == "error"}

    def dues(self, case=0, upto=None) -> dues.Dues:
        case_id = self.cases[case].id
        return dues.of_cases(self.session, self.project.id, [case_id], upto)[case_id]


@pytest.fixture
def office(session) -> Office:
    return Office(session)


def test_paid_and_advanced_together_stay_within_the_plan(office):
    office.pay(40, "1/CT", kind="advance_payment")
    said = office.refused(60.000001, "2/CT")["paid_beyond_plan"]
    for part in (
        office.codes[0], "được duyệt 100.000.000 đồng",
        "40.000.000 đồng (40.000.000 đồng, ngày 20/11/2024, văn bản 1/CT, lần ghi số",
        "còn phải trả 60.000.000", "lần này ghi 60.000.001", "vượt 1 đồng",
    ):  # fmt: skip
        assert part in said
    office.pay(60, "2/CT")
    assert (office.dues().settled_vnd, office.dues().left_vnd) == (100 * MILLION, 0)
    office.refused(0.000001, "3/CT")


def test_of_several_cases_each_is_looked_at_and_nothing_is_recorded(office):
    act = Act(office.project.code, "payment", DAY, NewDocument("payment_order", "9/CT"))
    shares = [
        Share(code, amount_vnd=MILLION * amount) for code, amount in zip(office.codes, (1, 101, 300), strict=True)
    ]
    seen = recording.preview(office.session, act, shares)
    assert seen.refused
    found = [one for one in seen.findings if one.rule.key == "paid_beyond_plan"]
    assert [one.cases for one in found] == [(office.codes[1],), (office.codes[2],)]


def test_a_deduction_is_part_of_what_is_paid_and_never_more(office):
    assert "deducted_beyond_paid" in office.refused(5, "1/CT", kind="deduction")
    office.pay(100, "1/CT")
    office.pay(10, "1/CT", kind="deduction")
    assert office.dues().left_vnd == 0, "the payment is gross: what is deducted is in it"
    assert "deducted_beyond_paid" in office.refused(90.5, "2/CT", kind="deduction")


def test_a_bonus_is_beside_the_plan(office):
    office.pay(100, "1/CT")
    office.pay(7, "1/CT", kind="progress_bonus")
    assert office.dues().left_vnd == 0
    with pytest.raises(Unconfirmed) as asked:
        office.pay(7000, "2/CT", kind="progress_bonus", confirmed=None)
    assert "bonus_beyond_plan" in {one.rule.key for one in asked.value.findings}


def test_as_of_the_day_not_what_comes_later(office):
    """What is paid on a day rests on what is approved by that day."""
    early = office.refused(50, "1/CT", day=DAY - timedelta(30))
    assert {"paid_beyond_plan", "payment_needs_plan.2024"} <= set(early)
    office.pay(60, "1/CT", day=DAY)
    assert "paid_beyond_plan" in office.refused(50, "2/CT", day=DAY - timedelta(5)), "with what is paid later, too much"
    assert office.dues(upto=DAY - timedelta(1)).left_vnd == 100 * MILLION


def test_one_document_does_not_pay_a_case_twice_and_says_who_had_it(office):
    made = office.pay(10, "82/CT", by="lan@gpmb.vn")
    said = office.refused(10, " 82/ct", by="hoa@gpmb.vn")["paid_twice"]
    assert f"lần ghi số {made.act_id}" in said
    assert "lan@gpmb.vn ghi ngày" in said
    assert "văn bản 82/CT" in said
    assert "paid_twice" in office.refused(10, "82/CT", issued_on=DAY)
    for written in ("082/CT", "82-CT", "82\u00a0/CT", "82\u200b/CT", "Số 82/CT", "８２／ＣＴ", "82 - Ct."):
        assert "paid_twice" in office.refused(10, written), written
    for other in ("8/2CT", "82/CT-UBND", "820/CT"):
        office.pay(1, other)
    office.pay(10, "82/CT", case=1)
    office.pay(10, "82/CT", kind="advance_payment")
    record.void(office.session, made.event_ids[0], reason="nhầm", by="lan", key="v")
    office.pay(20, "82/CT")


def test_the_same_sum_of_the_same_day_is_looked_at_whatever_its_document(office):
    office.pay(10, None)
    for number, kind in ((None, "payment"), ("9/CT", "payment"), ("9/CT", "advance_payment")):
        with pytest.raises(Unconfirmed) as asked:
            office.pay(10, number, kind=kind, confirmed=None)
        assert "paid_alike" in {one.rule.key for one in asked.value.findings}
    office.pay(10, "9/CT", confirmed="hai đợt trong ngày")


def asked(office, *given, **more) -> dict[str, str]:
    """What has to be confirmed, by rule; nothing where it is recorded at once."""
    try:
        office.pay(*given, confirmed=None, **more)
    except Unconfirmed as error:
        return {one.rule.key: one.text("vi") for one in error.findings}
    return {}


def test_a_document_of_the_same_number_is_asked_about_whatever_its_day_and_kind(office):
    office.pay(10, "31/LCT", issued_on=DAY)
    said = asked(office, 20, "31/LCT", issued_on=DAY - timedelta(1))["paid_by_number"]
    assert f"văn bản 31/LCT ({DAY:%d/%m/%Y})" in said
    assert "paid_by_number" in asked(office, 20, "31/LCT", kind="advance_payment", issued_on=DAY)
    assert "paid_by_number" not in asked(office, 1, "31/LCT", kind="deduction", issued_on=DAY)
    assert "paid_by_number" not in asked(office, 20, "32/LCT", issued_on=DAY)


def test_a_document_issued_after_what_rests_on_it_is_asked_about(office):
    said = asked(office, 10, "5/CT", issued_on=DAY + timedelta(61))["issued_later"]
    assert f"sau ngày thực hiện {DAY:%d/%m/%Y}" in said
    assert "issued_later" not in asked(office, 10, "5/CT", issued_on=DAY)


def test_an_amount_in_another_unit_than_the_plan_is_asked_about(office):
    assert "paid_out_of_scale" in asked(office, 0.1, "1/CT")
    assert "plan_out_of_scale" in asked(office, 100_000, "8/QĐ", kind="plan_approval", replaces=True)
    assert "plan_out_of_scale" in asked(office, 0.1, "8/QĐ", kind="plan_approval", replaces=True)
    assert "plan_out_of_scale" not in asked(office, 150, "8/QĐ", kind="plan_approval", replaces=True)
    office.pay(149.9, "1/CT")
    assert "paid_out_of_scale" not in asked(office, 0.1, "2/CT"), "it pays what is left"


def test_a_first_plan_far_from_those_of_others_is_asked_about(session):
    office = Office(session, plan=None)
    for case in office.cases:
        make.affected(session, office.project, case=case)
    office.pay(90, "1/QĐ", kind="plan_approval")
    office.pay(120, "2/QĐ", kind="plan_approval", case=1)
    for millions in (0.1, 100_000):
        said = asked(office, millions, "3/QĐ", kind="plan_approval", case=2)["plan_unlike_others"]
        assert "các hồ sơ khác của dự án thường là 262.500 đồng/m²" in said
    assert "plan_unlike_others" not in asked(office, 5, "3/QĐ", kind="plan_approval", case=2)


def test_a_first_plan_above_any_price_of_land_is_asked_about_without_others(session):
    office = Office(session, plan=None)
    area = make.affected(session, office.project, case=office.cases[0]).area_m2
    assert "1.000.000.000 đồng/m²" in asked(office, area * 1000, "1/QĐ", kind="plan_approval")["plan_beyond_prices"]
    assert "plan_beyond_prices" not in asked(office, area * 999, "1/QĐ", kind="plan_approval")


def test_first_plans_of_one_act_are_compared_with_each_other(session):
    office = Office(session, plan=None)
    for case in office.cases:
        make.affected(session, office.project, case=case)
    act = Act(office.project.code, "plan_approval", DAY, NewDocument("decision", "1/QĐ"))
    shares = [
        Share(code, amount_vnd=amount)
        for code, amount in zip(office.codes, (90_000_000, 80_000, 7 * 10**7), strict=True)
    ]
    found = [one for one in recording.preview(session, act, shares).findings if one.rule.key == "plan_unlike_others"]
    assert [one.cases for one in found] == [(office.codes[1],)]


def test_a_plan_beside_other_cost_lines_is_asked_about(session):
    office = Office(session, plan=None)
    line = costs.NewLine("land", "Đất ở", "m²", Decimal(100), Decimal(500_000))
    sheet = costs.NewSheet(office.codes[0], (line,))
    costs.enter(session, office.project.code, [sheet], by="lan", key="lines")
    assert "cộng lại là 50.000.000 đồng" in asked(office, 5, "1/QĐ", kind="plan_approval")["plan_unlike_lines"]
    assert "plan_unlike_lines" not in asked(office, 50.1, "1/QĐ", kind="plan_approval")


def test_the_database_tells_numbers_of_documents_apart_as_the_rest_does(session):
    random.seed(7)
    pieces = [
        "0",
        "00",
        "1",
        "82",
        "đ",
        "Đ",
        "QĐ",
        "qd",
        "Số",
        "số",
        "so",
        "ưỡ",
        "Ô",
        "CT",
        "/",
        " ",
        "-",
        ".",
        "\u200b",
        "²",
        "",
    ]
    numbers = ["".join(random.choices(pieces, k=random.randrange(1, 8))) for _ in range(400)]
    numbers += ["Số 082 / QĐ-UBND", "82/qd - ubnd", "...", "so", "Số", "QÐ", "số 5"]
    told = session.scalars(
        text(
            "select spelled_paper(n) from unnest(cast(:numbers as text[])) with ordinality as given (n, i) order by i"
        ),
        {"numbers": numbers},
    ).all()
    assert [tuple(each) for each in told] == [papers.spelled(each) or (each,) for each in numbers]


def test_one_decision_does_not_add_to_a_plan_twice(office):
    office.pay(30, "2/QĐ", kind="plan_approval", replaces=False)
    assert "planned_twice" in office.refused(30, "02/QD", kind="plan_approval", replaces=False)
    office.pay(40, "2/QĐ", kind="plan_approval", replaces=True)
    assert office.dues().approved_vnd == 40 * MILLION


def test_the_same_number_of_another_day_is_another_document(office):
    office.pay(10, "1/CT", issued_on=date(2023, 1, 9))
    office.pay(10, "1/CT", issued_on=date(2024, 1, 9))
    assert office.dues().paid_vnd == 20 * MILLION


def test_a_second_plan_says_whether_it_replaces_or_adds(office):
    assert "thay thế hay bổ sung" in office.refused(30, "2/QĐ", kind="plan_approval")["plan_again"]
    office.pay(30, "2/QĐ", kind="plan_approval", replaces=False)
    assert office.dues().approved_vnd == 130 * MILLION
    office.pay(80, "3/QĐ", kind="plan_approval", replaces=True)
    assert office.dues().approved_vnd == 80 * MILLION
    assert office.dues(upto=DAY - timedelta(1)).approved_vnd == 100 * MILLION
    office.pay(80, "1/CT")
    low = office.refused(70, "4/QĐ", kind="plan_approval", replaces=True)["plan_below_paid"]
    assert "được duyệt 70.000.000 đồng, nhưng đã trả và tạm ứng 80.000.000 đồng" in low
    office.pay(5, "5/QĐ", kind="plan_approval", replaces=False)
    assert office.dues().left_vnd == 5 * MILLION


def test_the_answer_stands_with_the_events_of_cases_that_had_a_plan(office):
    made = office.pay(30, "2/QĐ", kind="plan_approval", replaces=True)
    other = Office(office.session, plan=None)
    first = other.pay(30, "2/QĐ", kind="plan_approval", replaces=True, by="hoa")
    stored = select(model.Event.replaces).where(model.Event.id.in_([*made.event_ids, *first.event_ids]))
    assert office.session.scalars(stored.order_by(model.Event.id)).all() == [True, None]


def test_old_records_are_warned_of_and_brought_in_with_a_reason(office):
    with pytest.raises(Unconfirmed) as asked:
        office.pay(150, "1/CT", imported=True, confirmed=None)
    assert "paid_beyond_plan" in {one.rule.key for one in asked.value.findings}
    assert "paid_beyond_plan" in office.refused(150, "1/CT", imported=True, day=today()), "of today nothing is old"
    made = office.pay(150, "1/CT", imported=True, confirmed="sổ cũ")
    note = office.session.scalar(select(model.Event.note).where(model.Event.id == made.event_ids[0]))
    assert "[paid_beyond_plan] sổ cũ" in note
    assert office.dues().left_vnd == -50 * MILLION
    office.refused(1, "2/CT")
    office.pay(20, "2/QĐ", kind="plan_approval", replaces=False), "what makes it better is let by"
    record.void(office.session, made.event_ids[0], reason="nhầm", by="lan", key="v")


def test_what_payments_rest_on_is_not_voided(office):
    plan = office.pay(60, "2/QĐ", kind="plan_approval", replaces=True)
    paid = office.pay(60, "1/CT")
    cut = office.pay(5, "1/CT", kind="deduction")
    better = office.pay(70, "3/QĐ", kind="plan_approval", replaces=True)
    with pytest.raises(Conflict, match="void the deduction first"):
        record.void(office.session, paid.event_ids[0], reason="nhầm", by="lan", key="v1")
    record.void(office.session, plan.event_ids[0], reason="nhầm", by="lan", key="v2")
    office.pay(55, "4/QĐ", kind="plan_approval", replaces=False, day=DAY)
    record.undo(office.session, better.act_id, reason="nhầm", by="lan", key="v3")
    with pytest.raises(Conflict, match="Void the payments first"):
        first = select(model.Event.id).where(
            model.Event.kind == "plan_approval", model.Event.case_id == office.cases[0].id
        )
        record.void(
            office.session, office.session.scalar(first.order_by(model.Event.id)), reason="x", by="lan", key="v4"
        )
    record.undo(office.session, cut.act_id, reason="nhầm", by="lan", key="v5")
    record.undo(office.session, paid.act_id, reason="nhầm", by="lan", key="v6")
    assert office.dues().settled_vnd == 0


# The database by itself, many at once, and another way to count.


@pytest.fixture(scope="module")
def crowded(make_database):
    return make_database("dues")


def plainly(session, case_id: int) -> tuple[int, int, dict[date, int]]:
    """Count a case day by day with loops of our own: approved and settled in the end, and what is too much each day."""
    rows = session.execute(
        text(
            "select e.id, e.valid_on, e.kind, e.amount_vnd, e.replaces from event e where e.case_id = :case and e.kind "
            "<> 'correction' and e.id not in (select voids_id from event where voids_id is not null)"
        ),
        {"case": case_id},
    ).all()
    approved = settled = paid = deducted = 0
    too_much = {}
    for _, day, kind, amount, replaces in sorted(rows, key=lambda row: (row.valid_on, row.id)):
        if kind == "plan_approval":
            approved = int(amount) + (0 if replaces else approved)
        elif kind == "deduction":
            deducted += int(amount)
        elif kind in ("payment", "advance_payment"):
            settled += int(amount)
            paid += int(amount) if kind == "payment" else 0
        too_much[day] = max(settled - approved, 0) + max(deducted - paid, 0)
    return approved, settled, too_much


class Clerk:
    """One of those who record at once: plans, advances, payments, deductions, and taking back, by chance."""

    def __init__(self, engine, project: str, codes: list[str], seed: str):
        self.engine, self.project, self.codes, self.seed = engine, project, codes, seed
        self.rng, self.mine, self.told, self.surprise = random.Random(seed), [], Counter(), None

    def work(self, start: Barrier) -> None:
        start.wait()
        try:
            for step in range(16):
                self.step(f"{self.seed} {step}")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must hear of it
            self.surprise = error

    def step(self, key: str) -> None:
        rng = self.rng
        kind = rng.choice(["plan_approval", "advance_payment", "payment", "payment", "payment", "deduction", "void"])
        try:
            with db.transaction(self.engine) as session:
                db.read_as(session, projects=None, personal=None, account=self.seed)
                if kind == "void":
                    if self.mine:
                        record.void(session, rng.choice(self.mine), reason="nhầm", by=self.seed, key=key)
                    return
                paper = NewDocument("payment_order", f"{rng.randint(1, 9)}/CT")
                day = DAY + timedelta(rng.randint(0, 5))
                replaces = rng.choice([True, False]) if kind == "plan_approval" else None
                act = Act(self.project, kind, day, paper, replaces=replaces)
                shares = [Share(code, amount_vnd=rng.randint(1, 60)) for code in self.codes if rng.random() < 0.7]
                made = recording.record_checked(
                    session, act, shares or [Share(self.codes[0], amount_vnd=5)], by=self.seed, key=key, confirmed="x"
                )
            self.mine += made.event_ids
            self.told["recorded"] += 1
        except AgainstRules as error:
            self.told.update({finding.rule.key for finding in error.findings})
        except Conflict as error:
            self.told[error.message[:40]] += 1


@pytest.mark.parametrize("seed", range(2))
def test_whatever_two_clerks_do_at_once_no_case_is_ever_overpaid(crowded, seed):
    with engine_of(crowded.owner) as owner, engine_of(crowded.owner, role="gpmb_web") as web:
        with db.transaction(owner) as session:
            office = Office(session)
            project_id, code, codes = office.project.id, office.project.code, office.codes[:2]
            ids = {case.code: case.id for case in office.cases[:2]}
            for case_id in ids.values():
                make.event(session, office.project, "plan_approval", DAY, case_id=case_id, amount_vnd=70, replaces=True)
        start = Barrier(2)
        clerks = [Clerk(web, code, codes, f"clerk {seed} {n}") for n in range(2)]
        threads = [Thread(target=clerk.work, args=(start,)) for clerk in clerks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for clerk in clerks:
            if clerk.surprise:
                raise clerk.surprise
        told = clerks[0].told + clerks[1].told
        assert told["recorded"] > 5, told
        assert told["paid_beyond_plan"], told
        with db.reading_session(owner) as session:
            found = dues.of_cases(session, project_id, ids.values())
            for case_id in ids.values():
                approved, settled, too_much = plainly(session, case_id)
                assert (found[case_id].approved_vnd or 0, found[case_id].settled_vnd) == (approved, settled)
                assert set(too_much.values()) == {0}, too_much


def test_two_who_press_at_once_with_one_document_the_second_hears_who_was_first(crowded):
    with engine_of(crowded.owner) as owner, engine_of(crowded.owner, role="gpmb_web") as web:
        with db.transaction(owner) as session:
            office = Office(session)
            project, code = office.project.code, office.codes[0]
        start, told = Barrier(2), {}

        def press(name: str) -> None:
            start.wait()
            try:
                with db.transaction(web) as session:
                    db.read_as(session, projects=None, personal=None, account=name)
                    act = Act(project, "payment", DAY, NewDocument("payment_order", "82/CT"))
                    share = Share(code, amount_vnd=7)
                    recording.record_checked(session, act, [share], by=name, key=name, confirmed="x")
                told[name] = None
            except AgainstRules as error:
                told[name] = [finding.text("vi") for finding in error.findings if finding.rule.key == "paid_twice"]

        threads = [Thread(target=press, args=(name,)) for name in ("lan@gpmb.vn", "hoa@gpmb.vn")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (first,) = [name for name, said in told.items() if said is None]
        ((said,),) = [said for said in told.values() if said]
        assert f"{first} ghi ngày" in said


@pytest.mark.parametrize("amount", [80 * MILLION, 200 * MILLION])
def test_the_database_refuses_by_itself(office, amount):
    """Whoever writes without asking: the second payment by one document, and what is beyond the plan."""
    paper = make.document(office.session, number="7/CT")
    event = {"project_id": office.project.id, "kind": "payment", "valid_on": DAY, "case_id": office.cases[0].id}
    given = event | {"amount_vnd": 20 * MILLION, "document_id": paper.id}
    office.session.execute(insert(model.Event).values(given))
    with pytest.raises(IntegrityError, match=r"pays case|beyond what may be"), office.session.begin_nested():
        paper_id = paper.id if amount < 100 * MILLION else None
        office.session.execute(insert(model.Event).values(given | {"amount_vnd": amount, "document_id": paper_id}))
    assert office.dues().paid_vnd == Decimal(20 * MILLION)


# What a leader lets be paid beyond a plan.


def test_a_leader_permits_up_to_an_amount_in_all(office):
    def permit(ceiling, key, **more):
        given = {"reason": "án của tòa", "by": "truong", "key": key} | more
        return permits.permit(office.session, office.project.code, office.codes[0], ceiling * MILLION, **given)

    office.pay(100, "1/CT")
    permit(120, "p1")
    assert permit(120, "p1").repeated
    assert "cho phép chi đến 120.000.000 đồng" in office.refused(21, "2/CT")["paid_beyond_plan"]
    office.pay(20, "2/CT")
    assert office.dues().left_vnd == -20 * MILLION
    with pytest.raises(Conflict, match="cannot be below it"):
        permit(110, "p2")
    with pytest.raises(BadParameter):
        permit(130, "p3", reason=" ")
    office.pay(30, "2/QĐ", kind="plan_approval", replaces=False)
    office.pay(10, "3/CT")
    permit(0, "p4")
    assert [one.ceiling_vnd for one in dues.permits(office.session, office.cases[0].id)] == [0, 120 * MILLION]
    assert "paid_beyond_plan" in office.refused(1, "4/CT")
