"""Staged targets of projects: what was to be handed over by which day, and whether it is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from gis import units
from gis.progress import ask, progress

Done = tuple[Decimal | int | None, Decimal | int | None]
"""Of one measure: what is handed over, and the whole it is measured against. None: not known."""
Outcome = Literal["reached", "behind", "open", "unjudged"]
"""What comes of a target by a day; ``open`` is not reached and not due yet."""
Why = Literal["part", "records", "measure", "whole", "unit"]
"""Why a target cannot be judged: it is of one part of the project; there are no records; the measure is not written in
them; it is a percent of a whole that is not known; no land of the project is known to lie in the target's unit."""

KINDS, MEASURES = ("handover", "affected"), ("area_m2", "households")


@dataclass(frozen=True)
class Target:
    """What a project is to reach by a day: a value of a measure, a percent of it, or both."""

    measure: str
    """``area_m2`` or ``households``."""
    percent: Decimal | None
    """Of the measure's whole, 0 to 100."""
    value: Decimal | None
    """In m² or households; it goes before the percent, which is then that of the value in `of_value`."""
    of_value: Decimal | None
    due_on: date
    part: str | None
    """Name of the part of the project it is about; None for the whole."""
    of_project: bool
    """Whether it is about the project's figures as they are: about no part, and none of the land lies outside the unit
    it was set for."""
    unit_id: int | None = None
    unit: str | None = None
    """The unit it was set for and its name, where the project also lies elsewhere: what lies within counts."""
    source: str | None = None

    def reached(self, done: Decimal | int | None, whole: Decimal | int | None) -> bool | None:
        """Tell whether what is done reaches it, of what it is about; None where nobody can tell."""
        if self.part is not None or done is None:
            return None
        if self.value is not None:
            return done >= self.value
        return done * 100 >= self.percent * whole if whole and self.percent is not None else None

    def judged(self, done: Mapping[str, Done] | None, day: date) -> "Verdict":
        """Judge it on a day, by what is done of what it is about, by measure; None without any records."""
        part, whole = (done or {}).get(self.measure, (None, None))
        reached = self.reached(part, whole)
        if reached is not None:
            return Verdict(self, "reached" if reached else "behind" if self.due_on < day else "open", part, whole)
        if self.part is not None:
            why = "part"
        elif done is None:
            why = "unit" if self.unit else "records"
        else:
            why = "measure" if part is None else "whole"
        return Verdict(self, "unjudged", part, whole, why)


@dataclass(frozen=True)
class Verdict:
    """What comes of a target by a day."""

    target: Target
    outcome: Outcome
    done: Decimal | int | None = None
    whole: Decimal | int | None = None
    why: Why | None = None
    """Of what is ``unjudged``."""

    @property
    def reached(self) -> bool | None:
        """Whether it is reached; None where that cannot be told."""
        return None if self.outcome == "unjudged" else self.outcome == "reached"


# Communes of a later generation do not lie below a district that ended: one that does, at any time, is enough.
_TARGETS = text(
    """
    select p.code, t.measure, t.percent, t.value, t.of_value, t.due_on, part.name as part,
           t.part_id is null and not beyond.it as of_project,
           case when t.part_id is null and beyond.it then unit.id end as unit_id,
           case when t.part_id is null and beyond.it then unit.name end as unit, t.source
    from project_target t
    join standing_project p on p.id = t.project_id
    left join project_part part on part.id = t.part_id
    left join admin_unit unit on unit.id = t.unit_id
    cross join lateral (
        select t.unit_id is not null and exists (
            select from standing_land a where a.project_id = p.id and not exists (
                select from parcel_commune c
                join admin_unit u on u.id = c.unit_id
                left join admin_unit above on above.id = u.parent_id
                where c.parcel_id = a.parcel_id and t.unit_id in (u.id, u.parent_id, above.parent_id))
        ) as it
    ) beyond
    where t.cancelled_at is null and (cast(:code as text) is null or p.code = :code)
    order by p.code, t.due_on, t.id
    """
)

_WITHIN = text(
    """
    select u.id, c.id as commune_id
    from admin_unit u
    join admin_unit c on c.level = 'commune' and c.valid && u.valid
    left join admin_unit above on above.id = c.parent_id
    where u.id = any(:units) and u.id in (c.id, c.parent_id, above.parent_id)
    """
)


def targets(session: Session, project: str | None = None) -> dict[str, list[Target]]:
    """Give the targets of every project that has any, or of one, the first due first.

    Parameters
    ----------
    session : Session
    project : str, optional
        Code of a project.
    """
    found: dict[str, list[Target]] = {}
    for code, *values in session.execute(_TARGETS, {"code": project}):
        found.setdefault(code, []).append(Target(*values))
    return found


def verdicts(
    session: Session, planned: Mapping[str, Sequence[Target]], done: Mapping[str, Mapping[str, Done]], day: date
) -> dict[str, list[Verdict]]:
    """Judge targets on a day: every one has a verdict, or says why it cannot be judged.

    Parameters
    ----------
    session : Session
    planned : mapping
        As `targets` gives them.
    done : mapping
        By code and measure, what is handed over of the project and its whole; projects without records are left out.
    day : date

    Returns
    -------
    dict
        By code, in the order given. A target of a unit beyond which the project's land goes is judged by the land and
        the cases within the unit, as `gis.progress` counts them; for that there are at most two questions more for each
        generation of units, however many projects.
    """
    beyond = {(code, t.unit_id) for code, own in planned.items() if code in done for t in own if t.unit_id}
    inside = _inside(session, beyond, day) if beyond else {}
    return {
        code: [
            target.judged((inside.get((code, target.unit_id)) if target.unit_id else done.get(code)), day)
            for target in own
        ]
        for code, own in planned.items()
    }


def _inside(session: Session, beyond: set[tuple[str, int]], day: date) -> dict[tuple[str, int], dict[str, Done]]:
    """Count what is handed over of projects within units: by communes of a day on which the unit stands."""
    stands = {unit: units.standing_day(session, unit, day) for _, unit in sorted(beyond)}
    communes = within(session, stands)
    found: dict[tuple[str, int], dict[str, Done]] = {}
    for rows_day in sorted(set(stands.values())):
        pairs = [(code, unit) for code, unit in beyond if stands[unit] == rows_day]
        codes = tuple(sorted({code for code, _ in pairs}))
        asked = {"projects": codes, "as_of": day, "units_of": rows_day.isoformat(), "kinds": KINDS}
        rows = progress(session, ask(by=("project", "commune"), **asked)).rows
        for code, unit in pairs:
            own = [
                row.values for row in rows
                if row.source == "records" and row.project.code == code and row.commune
                and row.commune.id in communes[unit]
            ]  # fmt: skip
            if own:
                found[code, unit] = {m: tuple(_added(own, kind, m) for kind in KINDS) for m in MEASURES}
    return found


def _added(rows: list, kind: str, measure: str) -> Decimal | int | None:
    known = [row[kind][measure] for row in rows if row[kind][measure] is not None]
    return sum(known) if known else None


def within(session: Session, unit_ids: Sequence[int] | Mapping[int, object]) -> dict[int, set[int]]:
    """Give the communes in each of several units, at any time at which both stand, in one statement."""
    found: dict[int, set[int]] = defaultdict(set)
    for unit, commune in session.execute(_WITHIN, {"units": list(unit_ids)}):
        found[unit].add(commune)
    return found


def current(of_project: Sequence[Target], day: date) -> Target | None:
    """Give the target to go by on a day: the next one due, the day itself included; the last when all are past."""
    due = [target for target in of_project if target.due_on >= day]
    return due[0] if due else of_project[-1] if of_project else None


def gone_by(judged: Sequence[Verdict], day: date) -> Verdict | None:
    """Give the verdict on the target to go by on a day (`current`)."""
    target = current([verdict.target for verdict in judged], day)
    return next((verdict for verdict in judged if verdict.target is target), None)


def missed(judged: Sequence[Verdict]) -> Verdict | None:
    """Give the verdict on the last target that was due and is not reached; None where none is known to be missed."""
    late = [verdict for verdict in judged if verdict.outcome == "behind"]
    return late[-1] if late else None
