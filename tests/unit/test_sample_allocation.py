"""The generated records, counted again in plain Python and looked over for what could not happen."""

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.sample import allocation, facts
from gis.sample.allocation import split

FIGURES = Path(facts.DATA) / "figures.csv"
EXPRESSWAY = "cao-toc-huu-nghi-chi-lang"
MEASURE = {
    "household": "households", "individual": "households", "organisation": "organisations",
    "community": "communities", "none": None,
}  # fmt: skip
COMPARED = ("documents", "projects", "households", "organisations", "communities", "area_m2", "amount_vnd", "plots")


@pytest.fixture(scope="module")
def records():
    return allocation.generate(2024)


@pytest.fixture(scope="module")
def live(records):
    """Events that are neither corrections nor voided by one."""
    voided = {event.voids for event in records.events}
    return [event for event in records.events if event.kind != "correction" and event not in voided]


def derivable():
    with FIGURES.open(encoding="utf-8") as lines:
        return [row for row in csv.DictReader(lines) if row["derivable"] == "yes"]


class Recount:
    """The rules of counting, applied to the generated objects: nothing is shared with the counting statement."""

    def __init__(self, row, records, live):
        self.upto = date.fromisoformat(row["to"])
        self.since = date.fromisoformat(row["from"]) if row["basis"] == "period" else date.min
        unit = facts.UNIT_SLUGS[row["unit"]]
        kind = None if row["holder"] in ("", "all") else row["holder"]

        def asked(about):
            return (
                about.district == unit
                and row["project"] in ("", about.project)
                and (kind is None or (about.holder if about.holder != "individual" else "household") == kind)
            )

        self.land = [c for c in [*records.cases, *records.unheld] if c.first_day <= self.upto and asked(c)]
        self.cases = [case for case in self.land if case.holder != "none"]
        asked_land = set(self.land)
        self.events = [
            e for e in live
            if e.day <= self.upto and (e.case or e.piece) and (e.case or e.piece.case) in asked_land
        ]  # fmt: skip
        self.row = row

    def handed_over(self, before: date) -> Counter:
        handed = Counter()
        for event in self.events:
            if event.kind == "handover" and event.day < before:
                handed[event.piece] += event.area_cents
        return handed

    def completed(self, before: date) -> set:
        handed = self.handed_over(before)
        return {case for case in self.cases if all(handed[piece] >= piece.area_cents for piece in case.pieces)}

    def cases_of(self, indicator: str) -> set:
        if indicator == "handover":
            return self.completed(self.upto + timedelta(days=1)) - self.completed(self.since)
        if indicator == "affected":
            return set(self.cases)
        if indicator == "not_handed_over":
            return set(self.cases) - self.completed(self.upto + timedelta(days=1))
        if indicator == "not_inventoried":
            return set(self.cases) - {event.case for event in self.events if event.kind == "inventory"}
        return {event.case for event in self.in_period(indicator) if event.case}

    def in_period(self, kind: str) -> list:
        return [event for event in self.events if event.kind == kind and event.day >= self.since]

    def value(self, cell: str):
        indicator = "affected" if cell.startswith("of_") else self.row["indicator"]
        cell = cell.removeprefix("of_")
        events = self.in_period(indicator)
        if cell == "documents":
            return len({event.document for event in events})
        if cell == "projects":
            return len({event.project for event in events})
        if cell == "area_m2":
            whole = sum(case.area_cents for case in self.land)
            if indicator == "affected":
                return whole / 100
            if indicator == "not_handed_over":
                return (whole - self.handed_over(self.upto + timedelta(days=1)).total()) / 100
            return sum(event.area_cents for event in events) / 100
        if cell in ("amount_vnd", "plots"):
            return sum(getattr(event, cell) or 0 for event in events)
        counted = self.cases_of(indicator)
        if self.row["holder"] == "all":
            return len(counted)
        return sum(MEASURE[case.holder] == cell for case in counted)


def compared_cells(row):
    contradicted = row["contradicted_cells"].split(";")
    cells = (*COMPARED, "of_households", "of_area_m2")
    return {cell: float(row[cell]) for cell in cells if row[cell] and cell not in contradicted}


def test_every_cell_of_the_reports_is_compared():
    assert len(derivable()) == 84
    assert sum(len(compared_cells(row)) for row in derivable()) == 167


@pytest.mark.parametrize("row", derivable(), ids=lambda row: row["fid"])
def test_records_add_up_to_the_figure(row, records, live):
    recount = Recount(row, records, live)
    assert {cell: recount.value(cell) for cell in compared_cells(row)} == compared_cells(row)


def test_reported_periods_hold_nothing_that_no_report_counts(live):
    """A kind of step that a report of the period does not count would be progress that nobody reported."""
    counted = defaultdict(set)
    for row in derivable():
        if row["basis"] == "period":
            counted[facts.UNIT_SLUGS[row["unit"]], row["from"], row["to"]].add(row["indicator"])
    acts = {act["kind"] for act in facts.statements()["act"]}
    for (unit, since, upto), kinds in counted.items():
        days = date.fromisoformat(since), date.fromisoformat(upto)
        seen = {e.kind for e in live if e.district == unit and days[0] <= e.day <= days[1]}
        assert seen - acts <= kinds, (unit, since)


def test_stock_lies_outside_every_reported_period(live):
    quiet = {("tp-lang-son", "2024-Q1"), ("h-chi-lang", "2020-06"), ("h-chi-lang", "2022"), ("h-chi-lang", "2024-12")}
    for event in live:
        for phase in facts.phases().values():
            if (event.district, phase.name) in quiet:
                assert not phase.first_day <= event.day <= phase.last_day, event


def test_expressway_stood_still_from_march_2019(live):
    days = [event.day for event in live if event.project == EXPRESSWAY and event.case]
    assert max(day for day in days if day.year < 2024) < date(2019, 3, 1)
    assert min(day for day in days if day.year >= 2024) > date(2024, 2, 29)
    assert sum(day < date(2019, 3, 1) for day in days) > 1000


def test_suspended_work_has_no_further_steps(live):
    assert not [e for e in live if e.project == "kdt-moi-mai-pha" and e.day > date(2022, 10, 24)]
    stopped = [
        event for event in live
        if event.case and event.case.part == "bt" and event.day > date(2024, 3, 15)
        and event.kind in ("plan_approval", "recovery_enforcement")
    ]  # fmt: skip
    assert not stopped


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("recovery_notice", "inventory"),
        ("recovery_notice", "mandatory_inventory"),
        ("mandatory_inventory", "inventory"),
        ("inventory", "plan_review"),
        ("plan_review", "plan_approval"),
        ("plan_approval", "recovery_decision"),
        ("plan_approval", "payment"),
        ("plan_approval", "resettlement_allocation"),
        ("recovery_decision", "recovery_enforcement"),
        ("recovery_enforcement", "handover"),
        ("inventory", "handover"),
        ("recovery_decision", "handover"),
    ],
)
def test_steps_of_a_case_follow_the_procedure(live, earlier, later):
    first = defaultdict(dict)
    for event in live:
        if event.case:
            known = first[event.case].get(event.kind, date.max)
            first[event.case][event.kind] = min(known, event.day)
    both = [days for days in first.values() if earlier in days and later in days]
    assert both
    assert all(days[earlier] <= days[later] for days in both)


def test_only_the_expressway_hands_over_before_a_decision(live):
    decided = {event.case for event in live if event.kind == "recovery_decision"}
    without = {e.project for e in live if e.kind == "handover" and e.case and e.case not in decided}
    assert without == {EXPRESSWAY}


def test_payments_are_what_the_plan_granted(live):
    granted = {event.case: event.amount_vnd for event in live if event.kind == "plan_approval"}
    paid = {event.case: event.amount_vnd for event in live if event.kind == "payment"}
    assert len(paid) > 1000
    assert all(granted[case] == amount for case, amount in paid.items())
    deducted = {event.case: event.amount_vnd for event in live if event.kind == "deduction"}
    assert all(0 < amount < paid[case] for case, amount in deducted.items())
    assert all(amount > 0 for amount in paid.values())


def test_some_cases_hand_over_in_parts(live):
    days, handed = defaultdict(set), Counter()
    for event in live:
        if event.kind == "handover" and event.case:
            days[event.case].add(event.day)
            handed[event.case] += event.area_cents
    completed = [case for case in days if handed[case] == case.area_cents]
    assert all(handed[case] <= case.area_cents for case in days)
    assert sum(len(days[case]) > 1 for case in completed) >= 50
    assert sum(handed[case] < case.area_cents for case in days) >= 10


def test_some_land_has_no_holder_and_some_cases_several_parcels(records):
    assert sum(len(case.pieces) for case in records.unheld) >= 50
    assert sum(len(case.pieces) > 1 for case in records.cases) >= 300


def test_a_plot_goes_to_one_holder_and_some_are_left(records, live):
    allotted = [event.plot for event in live if event.kind == "resettlement_allocation"]
    assert len(allotted) == len(set(allotted)) == 99
    assert len(records.plots) > len(allotted)
    assert all(event.area_cents == event.plot.area_cents for event in live if event.plot)
    assert all(55_00 <= plot.area_cents <= 130_00 for plot in records.plots)


def test_everything_is_recorded_on_the_day_after_but_corrections(records):
    late = [e for e in records.events if e.recorded_at.date() != e.day + timedelta(days=1)]
    corrections = [event for event in records.events if event.kind == "correction"]
    assert len(corrections) == 9
    assert len(late) == 2 * len(corrections)  # the correction and the right entry after it
    for correction in corrections:
        assert correction.voids.recorded_at < correction.recorded_at
        assert correction.voids.id < correction.id
    moments = [event.recorded_at for event in records.events]
    assert moments == sorted(moments)


def test_the_same_seed_gives_the_same_records(records):
    def outline(generated):
        events = generated.events
        return [(e.kind, e.day, e.recorded_at, e.area_cents, e.amount_vnd, e.case and e.case.id) for e in events]

    assert outline(allocation.generate(2024)) == outline(records)
    assert outline(allocation.generate(2025)) != outline(records)


@given(
    weights=st.lists(st.floats(0.1, 10), min_size=1, max_size=60),
    step=st.sampled_from([1, 10]),
    total=st.integers(20_000, 10**9),
)
def test_split_is_exact_and_leaves_nobody_out(weights, step, total):
    parts = split(total, weights, step)
    assert sum(parts) == total
    assert all(part > 0 for part in parts)


def test_split_refuses_what_cannot_be_split():
    with pytest.raises(ValueError, match="cannot be split"):
        split(5, [1] * 10)
