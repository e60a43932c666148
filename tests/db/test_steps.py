"""The kept days of parcels' steps against a plain-Python computation, on random histories written bit by bit."""

from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from gis import steps
from gis.indicators import PARCEL_STEPS
from gis.model import AffectedParcel, Event, ParcelStep
from layers.parcels import REACHED
from tests import factories as make
from tests.histories import Happening, History, histories

DAYS = [f"{name}_on" for name in REACHED]
story = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def plainly(history: History, land: int) -> dict[str, date]:
    """The first day of each step of one piece of land, by plain loops."""
    own = history.lands[land]
    counted = [
        e
        for e in history.events
        if not e.voided_at and (e.land == land or (e.land is None and e.case is not None and e.case == own.case))
    ]
    found = {f"{kind}_on": min((e.valid_on for e in counted if e.kind == kind), default=None) for kind in PARCEL_STEPS}
    found["handover_full_on"], handed = None, Decimal(0)
    for e in sorted((e for e in counted if e.kind == "handover"), key=lambda e: e.valid_on):
        handed += e.area
        if handed >= own.area:
            found["handover_full_on"] = e.valid_on
            break
    return found


class Diary:
    """Writes a history in an order of one's own: land just before its first event, events after it, one by one."""

    def __init__(self, session, history: History):
        self.session, self.history = session, history
        self.projects = [make.project(session) for _ in range(history.projects)]
        self.cases = [make.case(session, self.projects[case.project], holder=case.holder) for case in history.cases]
        self.lands: dict[int, AffectedParcel] = {}

    def land(self, index: int) -> AffectedParcel:
        if index not in self.lands:
            land = self.history.lands[index]
            self.lands[index] = make.affected(
                self.session,
                self.projects[land.project],
                case=None if land.case is None else self.cases[land.case],
                area_m2=land.area,
            )
        return self.lands[index]

    def row(self, e: Happening) -> dict:
        # Paid as chance will have it. Said each time: what is undone takes it back.
        self.session.execute(text("select set_config('gpmb.old_record', 'yes', true)"))
        return {
            "kind": e.kind,
            "valid_on": e.valid_on,
            "project_id": self.projects[e.project].id,
            "case_id": None if e.case is None else self.cases[e.case].id,
            "affected_parcel_id": None if e.land is None else self.land(e.land).id,
            "area_m2": e.area,
            "amount_vnd": e.amount,
        }

    def happening(self, e: Happening) -> None:
        event = Event(**self.row(e))
        self.session.add(event)
        self.session.flush()
        if e.voided_at:
            make.void(self.session, event)

    def all_at_once(self, events: list[Happening]) -> None:
        """One statement with all events, one with all corrections."""
        rows = [self.row(e) for e in events]
        if not rows:
            return
        ids = self.session.scalars(insert(Event).returning(Event.id, sort_by_parameter_order=True), rows).all()
        corrections = [
            {
                "kind": "correction",
                "note": "x",
                "valid_on": e.valid_on,
                "project_id": row["project_id"],
                "voids_id": id_,
            }
            for e, row, id_ in zip(events, rows, ids, strict=True)
            if e.voided_at
        ]
        if corrections:
            self.session.execute(insert(Event), corrections)

    def agrees(self) -> None:
        for index in range(len(self.history.lands)):
            self.land(index)
        self.session.flush()
        self.session.expire_all()
        for index, land in self.lands.items():
            kept = self.session.get_one(ParcelStep, land.id)
            assert {day: getattr(kept, day) for day in DAYS} == plainly(self.history, index)
        assert steps.differences(self.session) == []


@contextmanager
def diary(session, history: History):
    """Hold a diary for as long as the block lasts."""
    with session.begin_nested() as savepoint:
        yield Diary(session, history)
        session.expunge_all()
        savepoint.rollback()


def in_any_order(history: History) -> st.SearchStrategy[list[Callable[[Diary], object]]]:
    """What is to be written, shuffled: events (each with its correction) and land."""
    events = [lambda diary, e=e: diary.happening(e) for e in history.events]
    lands = [lambda diary, i=i: diary.land(i) for i in range(len(history.lands))]
    return st.permutations([*events, *lands])


@story
@given(history=histories(), data=st.data())
def test_kept_days_equal_the_plain_ones_whatever_the_order(session, history, data):
    with diary(session, history) as written:
        for write in data.draw(in_any_order(history)):
            write(written)
        written.agrees()


@story
@given(history=histories(), data=st.data())
def test_nor_does_it_matter_how_many_are_written_at_once(session, history, data):
    history.events = data.draw(st.permutations(history.events))
    with diary(session, history) as written:
        written.all_at_once(history.events)
        written.agrees()


@story
@given(history=histories(), data=st.data())
def test_land_that_changes_its_case_or_area_follows(session, history, data):
    with diary(session, history) as written:
        written.all_at_once(history.events)
        written.agrees()
        for index, land in enumerate(history.lands):
            land.area = data.draw(st.sampled_from([land.area, land.area / 2, land.area * 2]))
            land.area = max(land.area.quantize(Decimal("0.01")), Decimal("0.01"))
            own = [n for n, case in enumerate(history.cases) if case.project == land.project]
            land.case = data.draw(st.sampled_from([None, *own]))
            written.session.execute(
                update(AffectedParcel)
                .where(AffectedParcel.id == written.lands[index].id)
                .values(area_m2=land.area, case_id=None if land.case is None else written.cases[land.case].id)
            )
        written.agrees()


@pytest.fixture
def land(session) -> AffectedParcel:
    """A parcel inventoried on 1 February and handed over on 1 March, and one without events."""
    project = make.project(session)
    made = make.affected(session, project)
    make.affected(session, project)
    for kind, day in (("inventory", date(2024, 2, 1)), ("handover", date(2024, 3, 1))):
        make.event(session, project, kind, day, affected_parcel_id=made.id, area_m2=made.area_m2)
    return made


def test_what_was_meddled_with_is_found_and_repaired(session, land):
    assert steps.differences(session) == []
    assert steps.repair(session) == []
    session.execute(
        update(ParcelStep)
        .where(ParcelStep.affected_parcel_id == land.id)
        .values(inventory_on=date(2020, 1, 1), payment_on=date(2020, 1, 2), handover_full_on=None)
    )
    found = steps.differences(session)
    assert found == [
        steps.Difference(land.id, "inventory_on", date(2020, 1, 1), date(2024, 2, 1)),
        steps.Difference(land.id, "payment_on", date(2020, 1, 2), None),
        steps.Difference(land.id, "handover_full_on", None, date(2024, 3, 1)),
    ]
    assert str(found[1]).endswith("payment_on: 2020-01-02 is kept, its events give no day.")
    assert steps.repair(session) == found
    assert steps.differences(session) == []


def test_missing_rows_are_found_and_repaired(session, land):
    session.execute(delete(ParcelStep))
    found = steps.differences(session)
    assert [d.column for d in found].count("affected_parcel_id") == 2
    assert str(found[0]) == f"Affected parcel {land.id}: its row is missing."
    steps.repair(session)
    assert steps.differences(session) == []


def test_days_go_with_their_parcel(session):
    land = make.affected(session, make.project(session))
    session.execute(delete(AffectedParcel).where(AffectedParcel.id == land.id))
    assert session.scalars(select(ParcelStep.affected_parcel_id)).all() == []


def test_what_stays_the_same_is_not_written(session, land):
    """A step reached once more, later, leaves the row of the parcel untouched."""
    row = text("select xmin, ctid from parcel_step where affected_parcel_id = :id")
    before = session.execute(row, {"id": land.id}).one()
    project_id = land.project_id
    with session.begin_nested():
        session.add(Event(kind="inventory", valid_on=date(2024, 6, 1), project_id=project_id,
                          affected_parcel_id=land.id, area_m2=Decimal(1)))  # fmt: skip
    assert session.execute(row, {"id": land.id}).one() == before


def test_the_sample_is_kept_right(sample_session):
    assert steps.differences(sample_session) == []


def test_only_the_owner_may_derive_and_write(session):
    session.execute(text("set local role gpmb_web"))
    for function in ("derive_parcel_steps", "write_parcel_steps"):
        allowed = text("select has_function_privilege(:name, 'execute')")
        assert not session.scalar(allowed, {"name": f"{function}(bigint[])"})
