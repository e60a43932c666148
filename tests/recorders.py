"""Many officers who record at once on the same cases, and what must hold afterwards.

Each picks at random: a part of a handover, a payment, voiding one of her own entries, raising a number that all of them
raise. What she was told was accepted is kept; the figures afterwards must be the sum of that, no more and no less.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from threading import Barrier, Thread
from time import perf_counter

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import aliased

from gis import audit, db, record, registers, steps
from gis.errors import BadParameter, Conflict
from gis.model import Event, Obstacle, ParcelStep, Project
from gis.progress import ask, progress
from gis.record import Act, NewDocument, Share
from tests import factories as make

DAY = date(2024, 11, 20)
AREA_M2 = Decimal(400)


@dataclass
class Ground:
    """The project that all record on."""

    project: str
    codes: list[str]
    obstacle_id: int


def prepare(engine: Engine, *, cases: int = 40) -> Ground:
    """Make a project of so many cases, a parcel each, and an obstacle that counts."""
    with db.transaction(engine) as session:
        project = make.project(session)
        made = [make.case(session, project) for _ in range(cases)]
        for case in made:
            make.affected(session, project, case=case, area_m2=AREA_M2)
            make.event(session, project, "plan_approval", DAY, case_id=case.id, amount_vnd=10**15)
        obstacle = make.obstacle(session, project, known_since=DAY, description="0")
        return Ground(project.code, [case.code for case in made], obstacle.id)


@dataclass
class Officer:
    """One who records, in a thread of her own, with what was accepted of it."""

    engine: Engine
    ground: Ground
    number: int
    taken_ms: list[float] = field(default_factory=list)
    live: dict[int, tuple[str, Decimal]] = field(default_factory=dict)
    """Of each accepted event its measure and how much of it."""
    raised: int = 0
    told: Counter = field(default_factory=Counter)
    surprise: Exception | None = None

    def work(self, more: Callable[[int], bool], start: Barrier) -> None:
        """Record as long as `more`, asked with the number of acts done, says so."""
        rng = random.Random(self.number)
        start.wait()
        done = 0
        try:
            while more(done):
                began = perf_counter()
                act = rng.choice((self.hand_over, self.hand_over, self.pay, self.pay, self.void, self.raise_number))
                try:
                    with db.transaction(self.engine) as session:
                        accepted = act(session, rng, f"{self.number} {done}")
                    accepted()
                    self.told[act.__name__] += 1
                except (BadParameter, Conflict) as refusal:
                    self.told[type(refusal).__name__] += 1
                self.taken_ms.append((perf_counter() - began) * 1000)
                done += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must hear of it
            self.surprise = error

    @property
    def name(self) -> str:
        return f"officer {self.number}"

    def _record(self, session, kind: str, shares: list[Share], key: str):
        paper = NewDocument("minutes", f"{key}/BB")
        act = Act(self.ground.project, kind, DAY, paper)
        return record.record(session, act, shares, by=self.name, key=key)

    def hand_over(self, session, rng, key):
        parts = [Decimal(rng.randint(1, 20_000)) / 100 for _ in range(3)]
        codes = rng.sample(self.ground.codes, 3)
        made = self._record(session, "handover", [Share(c, area_m2=a) for c, a in zip(codes, parts, strict=True)], key)
        measured = [("area_m2", area) for area in parts]
        return lambda: self.live.update(zip(made.event_ids, measured, strict=True))

    def pay(self, session, rng, key):
        amounts = [rng.randint(1, 10**9) for _ in range(3)]
        codes = rng.sample(self.ground.codes, 3)
        shares = [Share(c, amount_vnd=a) for c, a in zip(codes, amounts, strict=True)]
        made = self._record(session, "payment", shares, key)
        measured = [("amount_vnd", Decimal(amount)) for amount in amounts]
        return lambda: self.live.update(zip(made.event_ids, measured, strict=True))

    def void(self, session, rng, key):
        if not self.live:
            return lambda: None
        event_id = rng.choice(sorted(self.live))
        record.void(session, event_id, reason="nhầm", by=self.name, key=key)
        return lambda: self.live.pop(event_id)

    def raise_number(self, session, _rng, _key):
        """Read a number, add one, write it: lost where two read the same one and both are let through."""
        obstacle = self.ground.obstacle_id
        seen = session.execute(
            select(Obstacle.description, Obstacle.version).where(Obstacle.id == obstacle)
        ).one()  # fmt: skip
        more = {"description": str(int(seen.description) + 1)}
        registers.amend(session, "obstacle", obstacle, more, expected_version=seen.version, by=self.name)

        def accepted():
            self.raised += 1

        return accepted


def all_at_once(
    engine: Engine, ground: Ground, officers: int, more: Callable[[int], bool], officer: type[Officer] = Officer
) -> list[Officer]:
    """Let so many officers record at once, and give them when all are done."""
    start = Barrier(officers)
    made = [officer(engine, ground, number) for number in range(officers)]
    threads = [Thread(target=one.work, args=(more, start)) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return made


def most_handed(session, ground: Ground) -> Decimal:
    """Sum what is on record as handed over of each parcel, and give the largest."""
    voided = aliased(Event)
    handed = (
        select(func.sum(Event.area_m2).label("area_m2"))
        .join(Project, Project.id == Event.project_id)
        .where(Project.code == ground.project, Event.kind == "handover")
        .where(~select(voided.id).where(voided.voids_id == Event.id).exists())
        .group_by(Event.affected_parcel_id)
        .subquery()
    )
    return session.scalar(select(func.coalesce(func.max(handed.c.area_m2), 0)))


def hold_to_account(owner: Engine, ground: Ground, officers: list[Officer]) -> None:
    """Compare what is on record with what was accepted."""
    for officer in officers:
        if officer.surprise:
            raise AssertionError(f"{officer.name}: {officer.surprise!r}") from officer.surprise
    accepted = Counter()
    for officer in officers:
        for measure, amount in officer.live.values():
            accepted[measure] += amount
    with db.reading_session(owner) as session:
        values = progress(session, ask(as_of=DAY, projects=(ground.project,))).total.values
        assert values["handover"]["area_m2"] == accepted["area_m2"]
        assert most_handed(session, ground) <= AREA_M2, "one parcel was handed over more than once"
        assert values["payment"]["amount_vnd"] == accepted["amount_vnd"]
        number = session.scalar(select(Obstacle.description).where(Obstacle.id == ground.obstacle_id))
        assert int(number) == sum(officer.raised for officer in officers)
        assert audit.verify(session).broken is None
        assert session.scalars(select(ParcelStep.affected_parcel_id)).all()
        assert steps.differences(session) == []
