"""Every rule of law is obeyed by one case and broken by another, on both sides of the days on which it is in force."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.indicators import EVENT_KINDS, INDICATORS, STEPS
from gis.rules import (
    AGRICULTURAL,
    BY_KEY,
    ERROR,
    LAW_2024,
    OTHER,
    RECORDS,
    RESOLUTION_254,
    RULES,
    WARNING,
    Act,
    Both,
    Earlier,
    Rule,
    check,
    check_many,
    deadlines,
    land_kind,
)

ONE_DAY = timedelta(1)
SOME_DAY = date(2020, 6, 15)


def act(kind: str, day: date, **given) -> Act:
    return Act(kind, day, **{"case": "HS-1"} | given)


def ago(day: date, days: int) -> date:
    return day - timedelta(days)


def broken(history, done: Act, **given) -> list[str]:
    return [breach.rule.key for breach in check(history, done, **given)]


# For the day of the act: a history that breaks the rule, one that obeys it, and the act.
SCENES = {
    "inventory_needs_notice": lambda d: ([], [act("recovery_notice", d)], act("inventory", d)),
    "notice_change_needs_notice": lambda d: (
        [], [act("recovery_notice", ago(d, 9))], act("recovery_notice_adjustment", d)),
    "mandatory_inventory_needs_persuasion": lambda d: (
        [], [act("persuasion", ago(d, 30))], act("mandatory_inventory", d)),
    "mandatory_inventory_after_persuasion": lambda d: (
        [act("persuasion", ago(d, 10))], [act("persuasion", ago(d, 11))], act("mandatory_inventory", d)),
    "plan_needs_inventory": lambda d: ([], [act("mandatory_inventory", d)], act("plan_approval", d)),
    "meeting_after_posting.2024": lambda d: (
        [act("inventory", ago(d, 29))], [act("inventory", ago(d, 30))], act("plan_review", d)),
    "meeting_after_posting.2026": lambda d: (
        [act("inventory", ago(d, 9))], [act("inventory", ago(d, 10))], act("plan_review", d)),
    "plan_needs_meeting": lambda d: ([], [act("plan_review", ago(d, 1))], act("plan_approval", d)),
    "decision_needs_notice": lambda d: (
        [act("recovery_notice", ago(d, 200)), act("recovery_notice_cancellation", ago(d, 100))],
        [act("recovery_notice", ago(d, 200))], act("recovery_decision", d)),
    "decision_after_notice.2013": lambda d: (
        [act("recovery_notice", ago(d, 179))], [act("recovery_notice", ago(d, 180))],
        act("recovery_decision", d, land=OTHER)),
    "decision_after_notice.2024": lambda d: (
        [act("recovery_notice", ago(d, 89))], [act("recovery_notice", ago(d, 90))],
        act("recovery_decision", d, land=AGRICULTURAL)),
    "decision_after_notice.2026": lambda d: (
        [act("recovery_notice", ago(d, 119))], [act("recovery_notice", ago(d, 120))],
        act("recovery_decision", d, land=OTHER)),
    "old_notice_lapsed": lambda d: (
        [act("recovery_notice", date(2024, 7, 31))], [act("recovery_notice", date(2024, 8, 1))],
        act("recovery_decision", d)),
    "decision_on_day_of_plan": lambda d: (
        [act("plan_approval", ago(d, 1))], [act("plan_approval", d)], act("recovery_decision", d)),
    "decision_needs_plan": lambda d: ([], [act("plan_approval", d)], act("recovery_decision", d)),
    "decision_needs_plot": lambda d: (
        [act("plan_approval", ago(d, 5), plots=1)],
        [act("plan_approval", ago(d, 5), plots=1), act("resettlement_allocation", ago(d, 1))],
        act("recovery_decision", d)),
    "plot_needs_plan": lambda d: ([], [act("plan_approval", d)], act("resettlement_allocation", d)),
    "payment_needs_plan": lambda d: ([], [act("plan_approval", d)], act("payment", d)),
    "payment_needs_decision": lambda d: ([], [act("recovery_decision", d)], act("payment", d)),
    "deduction_needs_plan": lambda d: ([], [act("plan_approval", d)], act("deduction", d)),
    "handover_needs_decision": lambda d: ([], [act("recovery_decision", d)], act("handover", d)),
    "enforcement_needs_decision": lambda d: (
        [], [act("recovery_decision", ago(d, 9))], act("recovery_enforcement", d)),
    "enforcement_needs_persuasion": lambda d: (
        [act("persuasion", ago(d, 50)), act("recovery_decision", ago(d, 40))],
        [act("persuasion", ago(d, 20)), act("recovery_decision", ago(d, 40))], act("recovery_enforcement", d)),
    "enforcement_after_persuasion": lambda d: (
        [act("persuasion", ago(d, 10))], [act("persuasion", ago(d, 11))], act("recovery_enforcement", d)),
    "enforcement_needs_plot": lambda d: (
        [act("plan_approval", ago(d, 5), plots=2)],
        [act("plan_approval", ago(d, 5), plots=2), act("resettlement_allocation", d)], act("recovery_enforcement", d)),
}  # fmt: skip

# For the day on which a term begins: the history, the step that is due, and after how many days it is due.
TERMS = {
    "decision_due": lambda d: ([act("plan_approval", d)], "recovery_decision", 10),
    "decision_due_after_plot": lambda d: (
        [act("plan_approval", ago(d, 5), plots=1), act("resettlement_allocation", d)], "recovery_decision", 10),
    "payment_due": lambda d: ([act("plan_approval", d), act("recovery_decision", d)], "payment", 30),
    "handover_due": lambda d: (
        [act("recovery_enforcement", ago(d, 1)), act("handover_consent", d)], "handover", 30),
}  # fmt: skip
APART = {"notice_valid.2024", "not_applicable_needs_reason"} | {
    rule.key for rule in RULES if rule.sources[0].law is RECORDS
}
"""Rules with tests of their own."""


def of(table: dict, rule: Rule):
    return table.get(rule.key) or table.get(rule.key.partition(".")[0])


ORDER = [rule for rule in RULES if of(SCENES, rule)]
TIMED = [rule for rule in RULES if of(TERMS, rule)]


def sides(rule: Rule) -> list[tuple[date, bool]]:
    """The first and last day of a rule and the days around them, each with whether it is in force."""
    found = [(rule.since - ONE_DAY, False), (rule.since, True), (rule.since + timedelta(100), True)]
    return found + ([(rule.until - ONE_DAY, True), (rule.until, False)] if rule.until else [])


def test_every_rule_has_its_case():
    assert {rule.key for rule in (*ORDER, *TIMED)} | APART == set(BY_KEY)
    assert len(BY_KEY) == len(RULES)


@pytest.mark.parametrize("rule", ORDER, ids=lambda rule: rule.key)
def test_an_order_is_obeyed_or_broken_while_the_law_is_in_force(rule):
    for day, in_force in sides(rule):
        breaking, obeying, done = of(SCENES, rule)(day)
        assert (rule.key in broken(breaking, done)) is in_force, day
        assert rule.key not in broken(obeying, done), day


@pytest.mark.parametrize("rule", TIMED, ids=lambda rule: rule.key)
def test_a_term_runs_by_the_law_of_the_day_on_which_it_begins(rule):
    for start, in_force in sides(rule):
        history, step, days = of(TERMS, rule)(start)
        due = start + timedelta(days)
        assert rule.key not in broken(history, act(step, due)), start
        assert (rule.key in broken(history, act(step, due + ONE_DAY))) is in_force, start
        owed = [d for d in deadlines(history, due + ONE_DAY) if d.rule is rule]
        assert [(d.counted_from, d.due_on, d.overdue, d.days_late) for d in owed] == [(start, due, True, 1)] * in_force
        done = [d for d in deadlines([*history, act(step, due)], due + ONE_DAY) if d.rule is rule]
        assert [(d.done_on, d.overdue, d.days_late) for d in done] == [(due, False, 0)] * in_force


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_every_rule_cites_a_source_and_speaks_both_languages(rule):
    for language in ("vi", "en"):
        assert rule.source(language)
        assert getattr(rule, language).strip()
    assert rule.vi != rule.en
    assert rule.severity in (ERROR, WARNING)
    assert set(rule.kinds) <= set(INDICATORS)
    if rule.sources[0].law is not RECORDS:
        assert all(source.places for source in rule.sources), "article and clause"
        assert rule.since
        assert "Điều" in rule.source("vi")
        assert " art. " in rule.source("en")


# Rules of recording: the history that breaks it, one that obeys it, the act; what else is on record is handed in.
MONEY = {"case": "HS-1", "approved": 100, "settled": 80, "paid": (), "over": 10, "left": 20, "amount": 30,
         "permitted": Both("", ""), "deducted": 90, "earlier": Earlier(7, "82/CT", SOME_DAY)}  # fmt: skip
HELD = {"since": SOME_DAY, "document": "3/QĐ", "what": Both("toàn dự án", "the whole project")}


@pytest.mark.parametrize(
    ("key", "breaking", "obeying"),
    [
        ("handover_needs_payment", ([], act("handover", SOME_DAY)),
         ([act("advance_payment", SOME_DAY)], act("handover", SOME_DAY))),
        ("plot_beyond_plan", ([act("plan_approval", SOME_DAY)], act("resettlement_allocation", SOME_DAY, plots=1)),
         ([act("plan_approval", SOME_DAY, plots=1)], act("resettlement_allocation", SOME_DAY, plots=1))),
        ("plot_beyond_plan",
         ([act("plan_approval", ago(SOME_DAY, 9), plots=2), act("plan_approval", ago(SOME_DAY, 8), plots=0,
                                                                replaces=True)],
          act("resettlement_allocation", SOME_DAY, plots=1)),
         ([act("plan_approval", ago(SOME_DAY, 9), plots=1), act("plan_approval", ago(SOME_DAY, 8), plots=1,
                                                                replaces=False),
           act("resettlement_allocation", ago(SOME_DAY, 2), plots=1)],
          act("resettlement_allocation", SOME_DAY, plots=1))),
        ("plan_again", ([], act("plan_approval", SOME_DAY, found={"planned": {"planned": ()}})),
         ([], act("plan_approval", SOME_DAY, replaces=False, found={"planned": {"planned": ()}}))),
        *((key, ([], act(kind, SOME_DAY, found={key: values})), ([], act(kind, SOME_DAY)))
          for key, kind, values in (
              ("plan_below_paid", "plan_approval", MONEY), ("paid_beyond_plan", "payment", MONEY),
              ("paid_twice", "advance_payment", MONEY), ("planned_twice", "plan_approval", MONEY),
              ("bonus_beyond_plan", "progress_bonus", MONEY), ("paid_by_number", "payment", MONEY),
              ("paid_out_of_scale", "payment", MONEY), ("plan_out_of_scale", "plan_approval", MONEY),
              ("plan_unlike_others", "plan_approval", MONEY | {"each": 50, "usual": 50_000}),
              ("plan_beyond_prices", "plan_approval", MONEY | {"each": 2_000_000_000}),
              ("plan_unlike_lines", "plan_approval", MONEY | {"lines": 50_000}),
              ("issued_later", "payment", {"document": "7/CT", "issued": SOME_DAY, "day": SOME_DAY}),
              ("deducted_beyond_paid", "deduction", MONEY),
              ("within_suspension", "handover", HELD))),
    ],
)  # fmt: skip
def test_rules_of_recording_are_obeyed_or_broken_and_warn_of_old_records(key, breaking, obeying):
    (breach,) = [one for one in check(*breaking) if one.rule.key == key]
    assert "%" not in breach.text("vi") + breach.text("en")
    assert key not in broken(*obeying)
    (old,) = [one for one in check(*breaking, imported=True) if one.rule.key == key]
    assert old.severity == WARNING


def test_money_of_the_time_since_a_case_was_entered_is_no_old_record():
    """Whoever ticks "an old record" pays no more by it; what was done before the case was entered here is told."""
    found = dict.fromkeys(("paid_beyond_plan", "paid_twice", "deducted_beyond_paid", "plan_below_paid"), MONEY)
    for kind in ("payment", "advance_payment", "deduction", "plan_approval"):
        for kept_here, severity in ((True, ERROR), (False, WARNING)):
            one = act(kind, SOME_DAY, found=found, kept_here=kept_here)
            guarded = [breach for breach in check([], one, imported=True) if breach.rule.key in found]
            assert guarded, kind
            assert {breach.severity for breach in guarded} == {severity}, (kind, kept_here)


def test_messages_write_numbers_the_readers_way():
    breaking = act("payment", SOME_DAY, found={"paid_beyond_plan": MONEY | {"amount": 9_999_999}})
    said = {breach.rule.key: breach for breach in check([], breaking)}["paid_beyond_plan"]
    assert "lần này ghi 9.999.999 đồng" in said.text("vi")
    assert "this is 9,999,999 đồng" in said.text("en")


def test_messages_have_their_values_in_both_languages():
    for rule in ORDER:
        breaking, _, done = of(SCENES, rule)(rule.since)
        for breach in check(breaking, done):
            assert "%" not in breach.text("vi") + breach.text("en")
    (late,) = (
        b
        for b in check([act("plan_approval", date(2025, 3, 1))], act("payment", date(2025, 4, 2)))
        if b.rule.key == "payment_due.2024"
    )
    assert "2 ngày so với hạn 31/03/2025" in late.text("vi")
    assert "due on 31/03/2025" in late.text("en")


def test_articles_are_cited_as_readers_cite_them():
    rule = BY_KEY["decision_needs_plot.2024"]
    assert rule.source("vi").startswith("điểm c khoản 5 Điều 87, khoản 6 Điều 91 Luật Đất đai số 31/2024/QH15; ")
    assert rule.source("en").startswith("Land Law 31/2024/QH15, art. 87(5)(c), 91(6); ")
    assert BY_KEY["inventory_needs_notice.2013"].source("vi") == (
        "khoản 1 Điều 67, điểm a khoản 1, điểm b khoản 1 Điều 69 Luật Đất đai số 45/2013/QH13"
    )


# Notices of 2020, 2025 and 2026


def earliest_decision(noticed: date, land: str | None, *history: Act) -> date:
    """The first day on which a decision no longer breaks a rule on the time of notice."""
    history = [act("recovery_notice", noticed), *history]
    for days in range(400):
        found = broken(history, act("recovery_decision", noticed + timedelta(days), land=land))
        if not any(key.startswith("decision_after_notice") for key in found):
            return noticed + timedelta(days)
    raise AssertionError("never")


@pytest.mark.parametrize(
    ("noticed", "agricultural", "other"),
    [
        (date(2020, 3, 2), 90, 180),
        (date(2025, 2, 3), 90, 180),
        (date(2026, 2, 3), 60, 120),
        # noticed by the law of 2024, decided by the resolution: the shorter times, from its first day on
        (date(2025, 11, 20), 60, 120),
        (date(2025, 10, 20), 73, 120),
    ],
)
def test_each_notice_has_the_time_of_its_law(noticed, agricultural, other):
    assert earliest_decision(noticed, AGRICULTURAL) == noticed + timedelta(agricultural)
    assert earliest_decision(noticed, OTHER) == noticed + timedelta(other)
    assert earliest_decision(noticed, None) == noticed + timedelta(agricultural), "only the shorter time is sure"


def test_a_plan_approved_by_the_law_of_2024_goes_on_by_it():
    """Resolution 254/2025/QH15, art. 3(13)(a)."""
    noticed = date(2025, 11, 20)
    planned = act("plan_approval", date(2025, 12, 31))
    assert earliest_decision(noticed, AGRICULTURAL, planned) == noticed + timedelta(90)
    assert earliest_decision(noticed, AGRICULTURAL, replace(planned, valid_on=date(2026, 1, 1))) == noticed + timedelta(
        60
    )


def test_without_a_plan_a_decision_is_an_error_and_from_2026_on_a_warning():
    for day, severity in ((date(2025, 12, 31), ERROR), (date(2026, 1, 1), WARNING)):
        history = [act("recovery_notice", date(2025, 1, 6))]
        found = [
            b for b in check(history, act("recovery_decision", day)) if b.rule.key.startswith("decision_needs_plan")
        ]
        assert [b.severity for b in found] == [severity], day


@pytest.mark.parametrize("day", [date(2024, 7, 31), date(2024, 8, 1)])
def test_only_notices_of_the_law_of_2024_are_valid_for_twelve_months(day):
    noticed = act("recovery_notice", day)
    last = date(day.year + 1, day.month, day.day)
    lapses = day >= LAW_2024.since
    assert "notice_valid.2024" not in broken([noticed], act("recovery_decision", last))
    assert ("notice_valid.2024" in broken([noticed], act("recovery_decision", last + ONE_DAY))) is lapses
    again = act("recovery_notice", last)
    assert "notice_valid.2024" not in broken([noticed, again], act("recovery_decision", last + ONE_DAY))
    owed = [(d.due_on, d.overdue) for d in deadlines([noticed], last + ONE_DAY)]
    assert owed == [(last, True)] * lapses
    assert [d.overdue for d in deadlines([noticed, again], last + ONE_DAY)] == [False] * (1 + lapses)


def test_a_notice_of_a_last_of_february_lapses_on_one():
    (owed,) = deadlines([act("recovery_notice", date(2028, 2, 29))], date(2028, 3, 1))
    assert owed.due_on == date(2029, 2, 28)


def test_a_decision_of_2013s_law_is_paid_by_it_only_when_its_plan_was_approved_in_time():
    """Land Law 2024, art. 254(1) and (2)."""
    decided = act("recovery_decision", date(2024, 7, 30))
    for planned, rule in ((date(2024, 7, 30), "payment_due.2013"), (date(2024, 8, 5), "payment_due.2024")):
        owed = [
            d for d in deadlines([decided, act("plan_approval", planned)], date(2024, 12, 1)) if d.step == "payment"
        ]
        assert [(d.rule.key, d.due_on) for d in owed] == [(rule, planned + timedelta(30))]


# A whole case


WHOLE = [
    act("recovery_notice", date(2025, 1, 6)), act("inventory", date(2025, 2, 10)),
    act("plan_review", date(2025, 3, 12)),
    act("plan_approval", date(2025, 4, 20)), act("payment", date(2025, 4, 28)),
    act("recovery_decision", date(2025, 4, 29)), act("handover", date(2025, 5, 20)),
]  # fmt: skip


def test_a_case_by_the_book_breaks_nothing_and_owes_nothing():
    for n, done in enumerate(WHOLE):
        assert broken(WHOLE[:n], done) == []
    assert not any(owed.overdue or owed.days_late for owed in deadlines(WHOLE, date(2030, 1, 1)))


def test_old_records_break_the_order_with_warnings_only():
    for rule in ORDER:
        breaking, _, done = of(SCENES, rule)(rule.since)
        assert {b.severity for b in check(breaking, done, imported=True)} == {WARNING}
        assert {b.rule.key for b in check(breaking, done, imported=True)} == set(broken(breaking, done))


def test_not_applicable_stands_in_for_the_step_it_names():
    plan = act("plan_approval", date(2025, 4, 20))
    before = [act("plan_review", date(2025, 3, 12))]
    stands_in = act("not_applicable", date(2025, 4, 1), step="inventory", note="Đất do xã quản lý, không có tài sản")
    assert broken(before, plan) == ["plan_needs_inventory.2024"]
    assert broken([*before, stands_in], plan) == []
    assert broken([*before, replace(stands_in, note="  ")], plan) == ["plan_needs_inventory.2024"]
    assert broken([*before, replace(stands_in, step="handover")], plan) == ["plan_needs_inventory.2024"]
    paid = act("not_applicable", date(2025, 5, 1), step="payment", note="Tổ chức không được bồi thường")
    owed = [d for d in deadlines([plan, paid], date(2026, 1, 1)) if d.step == "payment"]
    assert [(d.done_on, d.overdue) for d in owed] == [(date(2025, 5, 1), False)]


@pytest.mark.parametrize("note", [None, "", " \n"])
@pytest.mark.parametrize("imported", [False, True])
def test_not_applicable_needs_its_step_and_a_reason_always(note, imported):
    said = act("not_applicable", SOME_DAY, step="inventory", note=note)
    (breach,) = check([], said, imported=imported)
    assert (breach.rule.key, breach.severity) == ("not_applicable_needs_reason", ERROR)
    assert broken([], replace(said, note="có lý do"), imported=imported) == []
    assert broken([], replace(said, note="có lý do", step=None)) == ["not_applicable_needs_reason"]
    assert broken([], replace(said, note="có lý do", step="tea")) == ["not_applicable_needs_reason"]


def test_a_cancelled_notice_stands_no_more_on_its_parcel():
    noticed = [act("recovery_notice", SOME_DAY, parcel=1), act("recovery_notice", SOME_DAY, parcel=2)]
    one = act("recovery_notice_cancellation", SOME_DAY + ONE_DAY, parcel=1)
    counted = act("inventory", SOME_DAY + timedelta(9))
    assert broken([*noticed, one], counted) == []
    assert broken([*noticed, one, replace(one, parcel=2)], counted) == ["inventory_needs_notice.2013"]
    assert broken([*noticed, replace(one, parcel=None)], counted) == ["inventory_needs_notice.2013"]


def test_a_decision_for_many_names_those_it_must_not_be_taken_for():
    ready = [replace(done, case="a") for done in WHOLE[:5]]
    histories = {"a": ready, "b": [replace(done, case="b") for done in WHOLE[:1]], "c": []}
    found = check_many(histories, act("recovery_decision", date(2025, 4, 29)))
    assert {case: [b.rule.key for b in breaches] for case, breaches in found.items()} == {
        "b": ["decision_needs_plan.2024"],
        "c": ["decision_needs_notice.2024", "decision_needs_plan.2024"],
    }


def test_land_is_agricultural_by_its_code():
    for code in ("LUC", "HNK", "BHK", "RSX", "CLN+NTS"):
        assert land_kind(code) == AGRICULTURAL, code
    for code in ("ONT", "ODT", "ONT+CLN", "DGT"):
        assert land_kind(code) == OTHER, code
    for code in (None, "", "T", "1L/2L"):
        assert land_kind(code) is None, code


# Properties

days = st.integers(0, 1500).map(lambda n: date(2023, 1, 1) + timedelta(n))
acts_of = st.builds(
    Act, st.sampled_from([kind for kind in EVENT_KINDS if kind != "correction"]), days, st.sampled_from("abc"),
    note=st.sampled_from([None, "lý do"]), step=st.sampled_from([None, *(step.key for step in STEPS)]),
    plots=st.sampled_from([None, None, 1]), parcel=st.sampled_from([None, 1, 2]),
    land=st.sampled_from([None, AGRICULTURAL, OTHER]),
)  # fmt: skip
histories = st.lists(acts_of, max_size=14)


@given(histories, acts_of, st.randoms(use_true_random=False))
def test_the_order_in_which_acts_stand_does_not_matter(history, done, random):
    shuffled = random.sample(history, len(history))
    assert check(history, done) == check(shuffled, done)
    assert {
        (d.case, d.rule.key, d.counted_from, d.due_on, d.done_on) for d in deadlines(history, date(2027, 1, 1))
    } == {(d.case, d.rule.key, d.counted_from, d.due_on, d.done_on) for d in deadlines(shuffled, date(2027, 1, 1))}


@given(histories, acts_of, acts_of)
def test_what_is_accepted_stays_so_when_another_case_goes_on(history, done, later):
    if later.case != done.case or later.valid_on > done.valid_on:
        assert check([*history, later], done) == check(history, done)


@given(histories, st.lists(days, min_size=2, max_size=5).map(sorted))
def test_deadlines_only_grow_with_the_day_asked(history, asked):
    """Nothing owed disappears, nothing done is undone, and nobody becomes less late."""

    def told(day):
        return {(d.case, d.rule.key, d.counted_from): d for d in deadlines(history, day)}

    for earlier, later in pairwise(map(told, asked)):
        for key, before in earlier.items():
            after = later[key]
            assert after.due_on == before.due_on
            assert after.done_on == before.done_on or (before.done_on is None and after.done_on > before.counted_from)
            assert after.days_late >= before.days_late


@given(acts_of.filter(lambda a: a.valid_on >= RESOLUTION_254.since))
def test_the_law_of_2013_says_nothing_of_acts_of_2026(done):
    assert not [key for key in broken([], done) if key.endswith(".2013")]
