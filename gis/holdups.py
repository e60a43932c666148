"""What is held up: suspensions of a project, of a part, of a step, of what lies in a unit, as they stand on a day."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Suspension:
    """A suspension that stands: what it holds up. None: all."""

    id: int
    valid_on: date
    part_id: int | None
    unit_id: int | None
    step: str | None
    document: str | None = None
    """Number of the document it rests on."""


_STANDING = text(
    """
    with live as (
        select e.id, e.kind, e.valid_on, e.part_id, e.unit_id, e.suspended_step, e.document_id from event e
        where e.project_id = :project and e.kind in ('suspension', 'resumption')
            and (cast(:day as date) is null or e.valid_on <= :day)
            and not exists (select from event c where c.voids_id = e.id)
    )
    select s.id, s.valid_on, s.part_id, s.unit_id, s.suspended_step, d.number from live s
    left join document d on d.id = s.document_id
    where s.kind = 'suspension' and not exists (
        select from live r where r.kind = 'resumption' and r.valid_on >= s.valid_on
            and (r.part_id is null or r.part_id = s.part_id)
            and (r.unit_id is null or r.unit_id = s.unit_id)
            and (r.suspended_step is null or r.suspended_step = s.suspended_step))
    order by s.valid_on, s.id
    """
)


def standing(session: Session, project_id: int, day: date | None = None) -> list[Suspension]:
    """Give the suspensions that no resumption has ended: by the end of a day, or whenever they began."""
    return [Suspension(*row) for row in session.execute(_STANDING, {"project": project_id, "day": day})]


_HELD = text(
    """
    with recursive above (case_id, parcel_id, unit_id) as (
        select a.case_id, a.id, u.unit_id from affected_parcel a
        join parcel_commune u on u.parcel_id = a.parcel_id and u.valid @> cast(:day as date)
        where a.case_id = any (cast(:cases as bigint[]))
        union
        select above.case_id, above.parcel_id, u.parent_id from above
        join admin_unit u on u.id = above.unit_id where u.parent_id is not null
    )
    select c.id as case_id, c.part_id,
        coalesce(array_agg(distinct above.unit_id) filter (where above.unit_id is not null), '{}') as units
    from "case" c left join above on above.case_id = c.id
    where c.id = any (cast(:cases as bigint[]))
    group by 1, 2
    """
)


def holding(session: Session, project_id: int, kind: str, cases: list[int], day: date) -> dict[int, Suspension]:
    """Give, of cases whose step of this kind is held up on a day, the suspension that does: the first that began.

    What lies in a unit is held up with the parcels that lie there on the day, in units above it too.
    """
    found = [one for one in standing(session, project_id, day) if one.step in (None, kind)]
    if not found or not cases:
        return {}
    held = {}
    for row in session.execute(_HELD, {"cases": cases, "day": day}):
        for one in found:
            if one.part_id in (None, row.part_id) and (one.unit_id is None or one.unit_id in row.units):
                held.setdefault(row.case_id, one)
    return held
