"""Spread the cohorts over cases, days, documents and events, so that the records add up to the reported figures.

Pure Python without a database: the same seed gives the same records, and every cohort draws from a generator of
its own, so that a change of one row leaves all others as they were. Steps of a case follow the procedure because
the steps that a cohort takes in one phase share that phase's working days out between them, in order.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from gis.indicators import AREA_NEEDS_PARCEL
from gis.sample import facts
from gis.sample.facts import PROCEDURE, Cohort, Phase
from gis.sample.records import Case, Document, Event, Piece, Plot, Records

VIETNAM_TIME = ZoneInfo("Asia/Ho_Chi_Minh")

ONE_DOCUMENT_A_CASE = {
    "recovery_notice", "recovery_notice_adjustment", "recovery_notice_cancellation", "mandatory_inventory",
    "plan_approval", "recovery_decision", "recovery_enforcement", "resettlement_allocation",
}  # fmt: skip
"""Other steps have one minute or payment order for all cases of the same day."""

AREA_STEPS = set(AREA_NEEDS_PARCEL) - {"handover", "handover_consent", "plan_approval"}
"""Steps whose events state the area of each piece of land they are about."""

DEDUCTED_PHASE = "2020-06"
"""The one report that tells what part of the payments went to the budget."""

SHARED_ORGANISATIONS = 12
"""Organisations hold land in several projects; so many different ones there are."""


def generate(seed: int) -> Records:
    """Generate all cases and what happened to them.

    Parameters
    ----------
    seed : int
        The same seed gives the same records.

    Returns
    -------
    Records
        With ids from 1 on: cases by project, events in the order in which they were recorded.
    """
    cases, events = [], []
    for cohort in facts.cohorts():
        made = _Cases(cohort, Random(f"{seed} cohort {cohort.number}"))
        cases += made.cases
        events += made.events
    _pay(events, Random(f"{seed} money"))
    plots = _allot(events, Random(f"{seed} plots"))
    events += _acts(cases)
    _record(events, Random(f"{seed} clock"))
    events += _mistakes(events, Random(f"{seed} mistakes"))
    return _number(cases, events, plots, Random(f"{seed} holders"))


def split(total: int, weights: Sequence[float], step: int = 1) -> list[int]:
    """Split a whole number in proportion to weights, in multiples of `step`; the largest part takes the rest.

    Raises
    ------
    ValueError
        If the total is too small for every part to get at least one step.
    """
    whole = sum(weights)
    parts = [max(step, round(total * weight / whole / step) * step) for weight in weights]
    largest = max(range(len(parts)), key=parts.__getitem__)
    parts[largest] += total - sum(parts)
    if parts[largest] <= 0:
        raise ValueError(f"{total} cannot be split into {len(weights)} parts of at least {step}")
    return parts


def working_days(phase: Phase) -> list[date]:
    """Give the days from Monday to Friday of a phase."""
    span = (phase.last_day - phase.first_day).days + 1
    days = (phase.first_day + timedelta(days=n) for n in range(span))
    return [day for day in days if day.weekday() < 5]


class _Cases:
    """The cases of one cohort and their events."""

    def __init__(self, cohort: Cohort, rng: Random):
        self.cohort, self.rng = cohort, rng
        self.events: list[Event] = []
        self.cases = [self._case(area) for area in self._areas(cohort.area_cents, cohort.cases)]
        self.slots = self._slots()
        for step in PROCEDURE:
            first = 0
            for phase, count in cohort.steps.get(step, ()):
                self._take(step, phase, self.cases[first : first + count])
                first += count

    def _areas(self, total: int, count: int) -> list[int]:
        return split(total, [self.rng.lognormvariate(0, 0.5) for _ in range(count)], step=10)

    def _case(self, area_cents: int) -> Case:
        cohort, rng = self.cohort, self.rng
        holder = "individual" if cohort.holder == "household" and rng.random() < 0.08 else cohort.holder
        case = Case(cohort.project, cohort.district, cohort.part, holder)
        parcels = 1
        if holder != "none" and area_cents > 150_00 and rng.random() < 0.22:
            parcels = rng.choice((2, 2, 2, 3))
        case.pieces = [Piece(case, area) for area in self._areas(area_cents, parcels)]
        return case

    def _slots(self) -> dict[tuple[str, str], list[date]]:
        """Share every phase's days out between the steps taken in it, in the order of the procedure."""
        taken = defaultdict(list)
        for step in PROCEDURE:
            for phase, _ in self.cohort.steps.get(step, ()):
                taken[phase].append(step)
        slots = {}
        for phase, steps in taken.items():
            days = working_days(facts.phases()[phase])
            for i, step in enumerate(steps):
                slots[step, phase] = days[len(days) * i // len(steps) : len(days) * (i + 1) // len(steps)]
        return slots

    def _take(self, step: str, phase: str, cases: list[Case]) -> None:
        batches = self._batches(cases, self.cohort.documents.get(step))
        slot = self.slots[step, phase]
        days = sorted(self.rng.choice(slot) for _ in batches)
        if step == "handover":
            self._hand_over(batches, days)
            return
        parts = self._parts() if step == "part_handover" else {}
        granted = self._granted() if step == "plan_approval" else {}
        for batch, day in zip(batches, days, strict=True):
            common = None
            for case in batch:
                case.seen(day)
                if step == "registered":
                    continue
                if common is None or (step in ONE_DOCUMENT_A_CASE and step not in self.cohort.documents):
                    common = self._document("handover" if step == "part_handover" else step, day)
                if step == "part_handover":
                    self._hand_over_part(case, parts[case], common)
                elif step in AREA_STEPS:
                    for piece in case.pieces:
                        self._event(step, common, case, piece, area_cents=piece.area_cents)
                else:
                    self._event(step, common, case, plots=granted.get(case))
                if step == "payment" and phase == DEDUCTED_PHASE:
                    self._event("deduction", common, case)

    def _batches(self, cases: list[Case], documents: int | None) -> list[list[Case]]:
        """Group the cases that are dealt with on one day; with a given number of documents, one group each."""
        if documents:
            sizes = split(len(cases), [1] * documents)
        else:
            sizes = []
            while sum(sizes) < len(cases):
                sizes.append(min(self.rng.randint(3, 9), len(cases) - sum(sizes)))
        ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
        return [cases[end - size : end] for size, end in zip(sizes, ends, strict=True)]

    def _granted(self) -> dict[Case, int]:
        """Say how many resettlement plots the plan grants to which case."""
        cohort = self.cohort
        extra = cohort.plots - cohort.granted
        return {case: 1 + (i < extra) for i, case in enumerate(self.cases[: cohort.granted])}

    def _parts(self) -> dict[Case, int]:
        areas = [case.area_cents for case in self.cases]
        return dict(zip(self.cases, split(self.cohort.part_cents, areas, step=10), strict=True))

    def _hand_over_part(self, case: Case, part_cents: int, document: Document) -> None:
        for piece in case.pieces:
            handed = min(part_cents, piece.area_cents)
            if handed:
                piece.handed_cents = handed
                self._event("handover", document, case, piece, area_cents=handed)
            part_cents -= handed

    def _hand_over(self, batches: list[list[Case]], days: list[date]) -> None:
        """Hand over what is left; some cases give a second parcel only on the last day."""
        minutes = [self._document("handover", day) for day in days]
        for batch, document in zip(batches, minutes, strict=True):
            for case in batch:
                case.seen(document.day)
                late = self.rng.random() < 0.35
                for i, piece in enumerate(case.pieces):
                    left = piece.area_cents - piece.handed_cents
                    if left:
                        on = minutes[-1] if late and i else document
                        self._event("handover", on, case, piece, area_cents=left)
                        piece.handed_cents = piece.area_cents

    def _document(self, step: str, day: date) -> Document:
        return Document(step, day, self.cohort.project, self.cohort.district)

    def _event(self, kind: str, document: Document, case: Case, piece: Piece | None = None, **said) -> None:
        held = case if case.holder != "none" else None
        self.events.append(Event(kind, document.day, case.project, case.district, held, piece, document, **said))


def _pay(events: list[Event], rng: Random) -> None:
    """Give every plan, payment, advance, bonus and deduction its amount; reported sums are hit to the đồng."""
    paid = [event for event in events if event.kind in ("plan_approval", "payment")]
    for target in facts.money():
        matching = [event for event in events if _lies_in(event, target)]
        if target.step == "deduction":
            weights = [event.case.compensation_vnd * rng.uniform(0.7, 1.3) for event in matching]
        else:
            weights = [_price(event.case, rng) for event in matching]
        for event, amount in zip(matching, split(target.amount_vnd, weights), strict=True):
            event.amount_vnd = amount
            if event in paid:
                event.case.compensation_vnd = amount
        # The deduction is measured by the payment it is part of: `facts.money` lists the payments first.
    for event in paid:
        if event.case.compensation_vnd is None:
            event.case.compensation_vnd = round(_price(event.case, rng) * 2_500, -3)
        event.amount_vnd = event.case.compensation_vnd


def _lies_in(event: Event, target: facts.Money) -> bool:
    return (
        event.kind == target.step
        and event.district == target.unit
        and target.project in ("", event.project)
        and target.since <= event.day <= target.upto
    )


def _price(case: Case, rng: Random) -> int:
    """Weigh a case's compensation: small plots are mostly homesteads and dearer by the m²."""
    return round(1000 * (case.area_cents / 100) ** 0.7 * rng.lognormvariate(0, 0.35))


def _allot(events: list[Event], rng: Random) -> list[Plot]:
    """Make the plots of every site and allot them: areas add up to the reported ones, some plots stay free."""
    by_site = defaultdict(list)
    for event in events:
        if event.kind == "resettlement_allocation":
            by_site[_site_of(event.project)].append(event)
    areas = _allotted_areas(events, rng)
    plots = []
    for row in facts.table("sites"):
        mine = [Plot(row["code"], areas[event]) for event in by_site[row["code"]]]
        for event, plot in zip(by_site[row["code"]], mine, strict=True):
            event.plot, event.area_cents, event.plots = plot, plot.area_cents, 1
        mine += [Plot(row["code"], rng.randrange(700, 1100) * 10) for _ in range(int(row["plots"]) - len(mine))]
        rng.shuffle(mine)
        for number, plot in enumerate(mine, 1):
            plot.number = str(number)
        plots += mine
    return plots


def _allotted_areas(events: list[Event], rng: Random) -> dict[Event, int]:
    """Give each allotment its area: 7.588 m² in 2022, 80 m² in 12/2024, of ordinary size where none is stated."""
    areas = {}
    of_year = defaultdict(list)
    for event in events:
        if event.kind == "resettlement_allocation":
            of_year[event.day.year].append(event)
            areas[event] = rng.randrange(750, 1100) * 10
    for year, figure in ((2022, "R1.resettle"), (2024, "R2.resettle")):
        weights = [rng.uniform(0.8, 1.25) for _ in of_year[year]]
        parts = split(facts.reported_area_cents(figure), weights, step=10)
        areas.update(zip(of_year[year], parts, strict=True))
    return areas


def _site_of(project: str) -> str:
    return next(row["code"] for row in facts.table("sites") if project in row["serves"].split())


def _acts(cases: Iterable[Case]) -> list[Event]:
    """Give the suspensions, resumptions and the like that the reports state."""
    events = []
    for act in facts.statements()["act"]:
        said = {"source": act["source"], "note": act["note"]}
        if act.get("every_case"):
            mine = [case for case in cases if case.project == act["project"]]
            events += [Event(act["kind"], act["valid_on"], case.project, case.district, case, **said) for case in mine]
        else:
            events.append(
                Event(
                    act["kind"], act["valid_on"], act["project"],
                    part=act.get("part", ""), suspended_step=act.get("step", ""), **said,
                )
            )  # fmt: skip
    return events


def _record(events: list[Event], rng: Random) -> None:
    """Record everything on the day after, in working hours; what is in one document at the same moment."""
    moments = {}
    for event in events:
        key = event.document or event
        if key not in moments:
            moments[key] = _office_hour(event.day + timedelta(days=1), rng)
        event.recorded_at = moments[key]
        if event.document:
            event.document.recorded_at = event.recorded_at


def _office_hour(day: date, rng: Random) -> datetime:
    return datetime.combine(day, time(rng.randint(8, 16), rng.randint(0, 59)), VIETNAM_TIME)


def _mistakes(events: list[Event], rng: Random) -> list[Event]:
    """Let some entries be wrong at first by a slip of the decimal point, and be corrected some days later."""
    extra = []
    for kind, measure, first_day, last_day, count in (
        ("handover", "area_cents", date(2021, 1, 1), date(2021, 12, 1), 3),
        ("handover", "area_cents", date(2022, 2, 1), date(2022, 9, 1), 3),
        ("payment", "amount_vnd", date(2021, 1, 1), date(2021, 12, 1), 3),
    ):
        possible = [
            event for event in events
            if event.kind == kind and first_day <= event.day <= last_day and event.case and len(event.case.pieces) == 1
        ]  # fmt: skip
        for right in rng.sample(possible, count):
            wrong = Event(
                kind, right.day, right.project, right.district, right.case, right.piece, right.document,
                recorded_at=right.recorded_at, **{measure: getattr(right, measure) // 10},
            )  # fmt: skip
            found_on = right.day + timedelta(days=rng.randint(6, 20))
            right.recorded_at = _office_hour(found_on, rng)
            correction = Event(
                "correction", found_on, right.project, right.district, right.case, voids=wrong,
                note="Nhập sai dấu thập phân; đã nhập lại", recorded_at=right.recorded_at - timedelta(minutes=1),
            )  # fmt: skip
            extra += [wrong, correction]
    return extra


ABBREVIATIONS = {"recovery_notice": "TB", "recovery_notice_adjustment": "TB", "recovery_notice_cancellation": "TB"}
ABBREVIATIONS |= dict.fromkeys(ONE_DOCUMENT_A_CASE - set(ABBREVIATIONS), "QĐ")
ABBREVIATIONS |= dict.fromkeys(("payment", "advance_payment", "progress_bonus"), "CT")


def _number(cases: list[Case], events: list[Event], plots: list[Plot], rng: Random) -> Records:
    """Give everything its id and numbers, documents in the order of their days."""
    held = [case for case in cases if case.holder != "none"]
    holders = _holders(held, rng)
    in_project = Counter()
    for number, case in enumerate(held, 1):
        in_project[case.project] += 1
        case.id, case.code = number, f"HS-{in_project[case.project]:04d}"
    pieces = [piece for case in cases for piece in case.pieces]
    documents = sorted(dict.fromkeys(event.document for event in events if event.document), key=lambda d: d.day)
    in_year = Counter()
    for document in documents:
        abbreviation = ABBREVIATIONS.get(document.step, "BB")
        in_year[abbreviation, document.day.year] += 1
        number = in_year[abbreviation, document.day.year]
        document.number = f"{number:04d}/{document.day.year}/{abbreviation}-MẪU"
    events = sorted(events, key=lambda event: event.recorded_at)
    for numbered in (pieces, documents, plots, events):
        for number, item in enumerate(numbered, 1):
            item.id = number
    unheld = [case for case in cases if case.holder == "none"]
    return Records(held, unheld, holders, pieces, documents, plots, events)


def _holders(cases: list[Case], rng: Random) -> list[str]:
    """Give every case its holder; returns the kinds of the holders by id. Organisations come back elsewhere."""
    kinds: list[str] = []
    organisations: list[int] = []
    in_project = defaultdict(set)
    for case in cases:
        known = [holder for holder in organisations if holder not in in_project[case.project]]
        if case.holder == "organisation" and len(organisations) >= SHARED_ORGANISATIONS and known:
            case.holder_id = rng.choice(known)
        else:
            kinds.append(case.holder)
            case.holder_id = len(kinds)
        if case.holder == "organisation":
            organisations += [case.holder_id] if case.holder_id not in organisations else []
            in_project[case.project].add(case.holder_id)
    return kinds
