"""Random histories of clearance, and a second, plain way to count them.

`History` is data only. `write` puts it into the database; `Counter` counts it in plain Python from the wording of
docs/decisions/0002-counting.md, sharing no code with the product, so that the two can disagree.
"""

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from sqlalchemy import insert, text
from sqlalchemy.dialects.postgresql import Range

from gis import model

REFORM = date(2025, 7, 1)
FIRST = date(2024, 1, 1)
OLD = ("x-a", "x-b", "x-c")
NEW = {"x-a": "x-ab-2025", "x-b": "x-ab-2025", "x-c": "x-c-2025"}
DISTRICT = {"x-a": "h-1", "x-b": "h-1", "x-c": "h-2"}
AREA_KINDS = ("recovery_notice", "inventory", "recovery_decision", "handover")
CASE_KINDS = ("plan_review", "payment", "plan_approval")
MONEY_KINDS = ("payment", "plan_approval")
PROJECTS = 2


@dataclass
class Land:
    case: int | None
    project: int
    commune: str
    area: Decimal
    registered_on: date
    recorded_at: datetime
    stands: bool = True


@dataclass
class Case:
    project: int
    holder: str
    registered_on: date
    recorded_at: datetime
    stands: bool = True


@dataclass
class PutRight:
    """Something entered wrongly: until it was put right, a field of a case or of land had another value."""

    of: str
    """``cases`` or ``lands``."""
    index: int
    field: str
    before: object
    at: datetime | None = None


@dataclass
class Happening:
    kind: str
    valid_on: date
    recorded_at: datetime
    project: int
    case: int | None = None
    land: int | None = None
    document: int | None = None
    area: Decimal | None = None
    amount: int | None = None
    plots: int | None = None
    voided_at: datetime | None = None


@dataclass
class History:
    cases: list[Case] = field(default_factory=list)
    lands: list[Land] = field(default_factory=list)
    events: list[Happening] = field(default_factory=list)
    put_right: list[PutRight] = field(default_factory=list)
    """In the order in which it was put right."""
    projects: int = PROJECTS

    def as_known(self, known: datetime) -> "History":
        """Give the history with what was put right later as it was before."""
        cases, lands = [replace(case) for case in self.cases], [replace(land) for land in self.lands]
        for each in reversed(self.put_right):
            if each.at > known:
                setattr((cases if each.of == "cases" else lands)[each.index], each.field, each.before)
        return replace(self, cases=cases, lands=lands)


days = st.integers(0, 730).map(lambda n: FIRST + timedelta(days=n))
cents = st.integers(1, 50_000).map(lambda n: Decimal(n) / 100)
amounts = st.integers(0, 10**12) | st.none()


@st.composite
def histories(draw) -> History:
    made = History()

    def later(day: date, than: Case | Land | None = None) -> datetime:
        """A moment of recording, never before that of what the entry belongs to: keys demand that of real ones."""
        moment = datetime(day.year, day.month, day.day, 3, tzinfo=UTC) + timedelta(days=draw(st.integers(0, 60)))
        return max(moment, than.recorded_at) if than else moment

    for _ in range(draw(st.integers(0, 5))):
        day = draw(days)
        holder = draw(st.sampled_from(["household", "individual", "organisation", "community"]))
        project = draw(st.integers(0, made.projects - 1))
        made.cases.append(Case(project, holder, day, later(day)))
        for _ in range(draw(st.integers(0, 3))):
            _land(
                draw, made, len(made.cases) - 1, project, day + timedelta(days=draw(st.sampled_from([0, 0, 90]))), later
            )
    for _ in range(draw(st.integers(0, 2))):
        _land(draw, made, None, draw(st.integers(0, made.projects - 1)), draw(days), later)
    for index, land in enumerate(made.lands):
        left = land.area
        for _ in range(draw(st.integers(0, 4))):
            kind = draw(st.sampled_from((*AREA_KINDS, "handover", "handover", *MONEY_KINDS)))
            day = land.registered_on + timedelta(days=draw(st.integers(0, 120)))
            area = None if kind in MONEY_KINDS else land.area
            if kind == "handover":
                area = left if draw(st.integers(0, 3)) else (left / 2).quantize(Decimal("0.01"))
                if area == 0:
                    continue
            happening = Happening(
                kind, day, later(day, land), land.project, land.case, index, draw(st.integers(0, 3)), area=area
            )
            if kind in MONEY_KINDS:
                happening.amount = draw(amounts)
            _maybe_void(draw, happening)
            if kind == "handover" and happening.voided_at is None:
                left -= area
            made.events.append(happening)
    for index, case in enumerate(made.cases):
        for _ in range(draw(st.integers(0, 3))):
            kind = draw(st.sampled_from(CASE_KINDS))
            day = case.registered_on + timedelta(days=draw(st.integers(0, 300)))
            happening = Happening(kind, day, later(day, case), case.project, index, None, draw(st.integers(0, 3)))
            if kind != "plan_review":
                happening.amount = draw(amounts)
            if kind == "plan_approval":
                happening.plots = draw(st.sampled_from([None, 0, 1, 2]))
            _maybe_void(draw, happening)
            made.events.append(happening)
    return made


def _land(draw, made, case, project, day, later):
    recorded_at = later(day, None if case is None else made.cases[case])
    made.lands.append(Land(case, project, draw(st.sampled_from(OLD)), draw(cents), day, recorded_at))


def _maybe_void(draw, happening):
    if draw(st.integers(0, 4)) == 0:
        happening.voided_at = happening.recorded_at + timedelta(days=draw(st.integers(1, 90)))


@dataclass(frozen=True)
class Ground:
    """What every history stands on, by id: units before and after the reform, projects, documents."""

    units: dict[str, int]
    projects: list[int]
    documents: list[int]


def ground(session) -> Ground:
    """Give the ground of the histories; made once a transaction, which must still be that of the session's first."""
    if "ground" not in session.info:
        session.info["ground"] = _make_ground(session)
    return session.info["ground"]


def _make_ground(session) -> Ground:
    span_old, span_new = Range(None, REFORM), Range(REFORM, None)
    units = {"t-x": model.AdminUnit(slug="t-x", code="99", name="T", kind="province", level="province", valid=Range())}
    session.add(units["t-x"])
    session.flush()
    for number, slug in enumerate(("h-1", "h-2")):
        units[slug] = model.AdminUnit(
            slug=slug,
            code=f"9{number}",
            name=slug,
            kind="district",
            level="district",
            valid=span_old,
            parent_id=units["t-x"].id,
        )
    session.add_all(units.values())
    session.flush()
    for number, slug in enumerate((*OLD, *sorted(set(NEW.values())))):
        old = slug in OLD
        units[slug] = model.AdminUnit(
            slug=slug,
            code=f"99{number % 3}",
            name=slug,
            kind="commune",
            level="commune",
            valid=span_old if old else span_new,
            parent_id=units[DISTRICT[slug] if old else "t-x"].id,
        )
    projects = [model.Project(code=f"p-{n}", name=f"P{n}") for n in range(PROJECTS)]
    documents = [model.Document(kind="decision", number=str(n)) for n in range(4)]
    session.add_all([*units.values(), *projects, *documents])
    session.flush()
    for old, new in NEW.items():
        session.add(
            model.AdminChange(
                old_unit_id=units[old].id, new_unit_id=units[new].id, kind="merge", effective_on=REFORM,
                legal_document="NQ", whole=True,
            )
        )  # fmt: skip
    session.flush()
    return Ground({slug: unit.id for slug, unit in units.items()}, [p.id for p in projects], [d.id for d in documents])


def write(session, history: History) -> None:
    """Insert a history on its ground."""
    stands = ground(session)
    projects, documents = stands.projects, stands.documents
    holders = [model.Holder(kind=case.holder) for case in history.cases]
    parcels = [
        model.Parcel(numbered_in_unit_id=stands.units[land.commune], sheet="1", number=str(number))
        for number, land in enumerate(history.lands)
    ]
    session.add_all([*holders, *parcels])
    session.flush()
    cases = [
        model.Case(
            project_id=projects[case.project],
            holder_id=holder.id,
            code=str(number),
            registered_on=case.registered_on,
            recorded_at=case.recorded_at,
        )
        for number, (case, holder) in enumerate(zip(history.cases, holders, strict=True))
    ]
    lying = [
        {"parcel_id": parcel.id, "unit_id": stands.units[slug], "valid": span}
        for land, parcel in zip(history.lands, parcels, strict=True)
        for slug, span in ((land.commune, Range(None, REFORM)), (NEW[land.commune], Range(REFORM, None)))
    ]
    if lying:
        session.execute(insert(model.ParcelCommune), lying)
    session.add_all(cases)
    session.flush()
    lands = [
        model.AffectedParcel(
            project_id=projects[land.project],
            case_id=None if land.case is None else cases[land.case].id,
            parcel_id=parcel.id,
            area_m2=land.area,
            registered_on=land.registered_on,
            recorded_at=land.recorded_at,
        )
        for land, parcel in zip(history.lands, parcels, strict=True)
    ]
    session.add_all(lands)
    session.flush()
    written = [
        model.Event(
            kind=e.kind,
            valid_on=e.valid_on,
            recorded_at=e.recorded_at,
            project_id=projects[e.project],
            case_id=None if e.case is None else cases[e.case].id,
            affected_parcel_id=None if e.land is None else lands[e.land].id,
            document_id=None if e.document is None else documents[e.document],
            area_m2=e.area,
            amount_vnd=e.amount,
            plots=e.plots,
        )
        for e in history.events
    ]
    session.execute(text("select set_config('gpmb.old_record', 'yes', true)"))  # paid as chance will have it
    session.add_all(written)
    session.flush()
    for event, row in zip(history.events, written, strict=True):
        if event.voided_at:
            session.add(
                model.Event(
                    kind="correction",
                    valid_on=event.valid_on,
                    recorded_at=event.voided_at,
                    note="wrong",
                    project_id=row.project_id,
                    voids_id=row.id,
                )
            )
    session.flush()


@contextmanager
def recorded(session, history):
    """Hold a history in an otherwise empty database for as long as the block lasts."""
    ground(session)
    with session.begin_nested() as savepoint:
        write(session, history)
        yield
        session.expunge_all()
        savepoint.rollback()


class Counter:
    """Counts a history as of a moment of knowledge, for one set of communes, by plain loops."""

    def __init__(self, history: History, *, since: date | None, upto: date, known: datetime | None, new_units: bool):
        self.since, self.upto, self.new_units = since, upto, new_units
        self.known = known or datetime.max.replace(tzinfo=UTC)
        self.history = history = history.as_known(self.known)
        self.lands = {
            i: land
            for i, land in enumerate(history.lands)
            if land.registered_on <= upto and land.recorded_at <= self.known and self.stands(land)
        }
        self.cases = {
            i: case
            for i, case in enumerate(history.cases)
            if case.registered_on <= upto and case.recorded_at <= self.known and case.stands
        }
        self.events = [
            e
            for e in history.events
            if e.valid_on <= upto and e.recorded_at <= self.known and not (e.voided_at and e.voided_at <= self.known)
        ]

    def stands(self, land: Land) -> bool:
        return land.stands and (land.case is None or self.history.cases[land.case].stands)

    def commune(self, land: int) -> str:
        old = self.history.lands[land].commune
        return NEW[old] if self.new_units else old

    def home(self, case: int) -> str | None:
        area: dict[str, Decimal] = {}
        for i, land in self.lands.items():
            if land.case == case:
                area[self.commune(i)] = area.get(self.commune(i), 0) + land.area
        order = sorted(set(NEW.values())) if self.new_units else OLD
        return max(area, key=lambda slug: (area[slug], -order.index(slug))) if area else None

    def in_period(self, event: Happening) -> bool:
        return self.since is None or event.valid_on >= self.since

    def handed(self, land: int, before: date | None = None) -> Decimal:
        return sum(
            (
                e.area
                for e in self.events
                if e.kind == "handover" and e.land == land and (before is None or e.valid_on < before)
            ),
            Decimal(0),
        )

    def completed(self, case: int, before: date | None = None) -> bool:
        own = [
            i for i, land in self.lands.items() if land.case == case and (before is None or land.registered_on < before)
        ]
        return bool(own) and all(self.handed(i, before) >= self.lands[i].area for i in own)

    def count(self, *, project: int | None = None, commune: str | None = None, holder: str | None = None) -> dict:
        """Give {kind: {measure: value}} of what lies in a project and a commune (None = all)."""

        def right_holder(case: int | None) -> bool:
            if holder is None:
                return True
            if case is None:
                return holder == "none"
            kind = self.history.cases[case].holder
            return holder == ("household" if kind == "individual" else kind)

        def here(place: str | None) -> bool:
            return commune is None or place == commune

        cases = {
            i
            for i, case in self.cases.items()
            if right_holder(i) and here(self.home(i)) and project in (None, case.project)
        }
        lands = {
            i
            for i, land in self.lands.items()
            if right_holder(land.case) and here(self.commune(i)) and project in (None, land.project)
        }
        result = {}
        for kind in (*AREA_KINDS, *CASE_KINDS):
            own = [e for e in self.events if e.kind == kind and self.in_period(e)]
            on_case = [e for e in own if e.case in cases]
            on_land = [e for e in own if e.land in lands]
            no_case = [e for e in on_land if e.case is None]
            if kind == "handover":
                counted = {i for i in cases if self.completed(i) and not (self.since and self.completed(i, self.since))}
            else:
                counted = {e.case for e in on_case}
            result[kind] = self._cases(counted) | {
                "documents": len({e.document for e in on_case} | {e.document for e in on_land}),
                "area_m2": sum((e.area for e in on_land), Decimal(0)) if kind in AREA_KINDS else None,
                "amount_vnd": sum(e.amount or 0 for e in on_case + no_case) if kind in MONEY_KINDS else None,
                "events": len(on_land) + sum(e.land is None for e in on_case),
            }
        inventoried = [e for e in self.events if e.kind == "inventory"]
        result["affected"] = self._cases(cases) | {"area_m2": sum((self.lands[i].area for i in lands), Decimal(0))}
        result["not_handed_over"] = self._cases({i for i in cases if not self.completed(i)}) | {
            "area_m2": sum((self.lands[i].area - self.handed(i) for i in lands), Decimal(0))
        }
        result["not_inventoried"] = self._cases(cases - {e.case for e in inventoried}) | {
            "area_m2": sum((self.lands[i].area for i in lands - {e.land for e in inventoried}), Decimal(0))
        }
        return result

    def _cases(self, ids: set[int]) -> dict:
        kinds = [self.history.cases[i].holder for i in ids]
        return {
            "households": sum(k in ("household", "individual") for k in kinds),
            "organisations": kinds.count("organisation"),
            "communities": kinds.count("community"),
            "holders": len(kinds),
        }
