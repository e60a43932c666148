"""Staged targets of projects: what was to be handed over by which day, and whether it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session


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
    """Whether it can be compared with the project's figures: it is about no part, and none of the land lies outside
    the unit it was set for."""

    def reached(self, done: Decimal | int | None, whole: Decimal | int | None) -> bool | None:
        """Tell whether what is done of the project's whole reaches it; None where nobody can tell."""
        if not self.of_project or done is None:
            return None
        if self.value is not None:
            return done >= self.value
        return done * 100 >= self.percent * whole if whole and self.percent is not None else None


# Communes of a later generation do not lie below a district that ended: one that does, at any time, is enough.
_TARGETS = text(
    """
    select p.code, t.measure, t.percent, t.value, t.of_value, t.due_on, part.name as part,
           t.part_id is null and (t.unit_id is null or not exists (
               select from standing_land a where a.project_id = p.id and not exists (
                   select from parcel_commune c
                   join admin_unit u on u.id = c.unit_id
                   left join admin_unit above on above.id = u.parent_id
                   where c.parcel_id = a.parcel_id and t.unit_id in (u.id, u.parent_id, above.parent_id))
           )) as of_project
    from project_target t
    join standing_project p on p.id = t.project_id
    left join project_part part on part.id = t.part_id
    where t.cancelled_at is null and (cast(:code as text) is null or p.code = :code)
    order by p.code, t.due_on, t.id
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


def current(of_project: Sequence[Target], day: date) -> Target | None:
    """Give the target to go by on a day: the next one due, the day itself included; the last when all are past."""
    due = [target for target in of_project if target.due_on >= day]
    return due[0] if due else of_project[-1] if of_project else None
