"""Parcels as they are written: found or made by who numbered them, laid in communes, and how much is recovered."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from gis.errors import BadParameter
from gis.model import AdminUnit, Parcel
from gis.standing import Land


class Affected(NamedTuple):
    """How much of a parcel is recovered, of a case or of no holder."""

    case_id: int | None
    parcel_id: int
    area_m2: Decimal
    part_id: int | None = None
    """Part of the project that land of no holder belongs to."""


_COMMUNES = text(
    """
    insert into parcel_commune (parcel_id, unit_id, valid, chosen_by_officer)
    select p.id, u.id, u.valid, true from parcel p join admin_unit u on u.id = p.numbered_in_unit_id
    where p.id = any(:ids)
    union all
    select p.id, next.id, next.valid, true
    from parcel p join admin_unit u on u.id = p.numbered_in_unit_id
    join admin_change c on c.old_unit_id = u.id and c.whole
    join admin_unit next on next.id = c.new_unit_id and not next.valid && u.valid
    where p.id = any(:ids)
    """
)
# The recovered part is drawn as what of the parcel lies inside the project's outline, where both are known.
_DRAWN = """
    case when b.geom is null then p.geom when not st_isempty(inside.geom) then inside.geom end
"""
_OUTLINE = """
    left join project_boundary b on b.project_id = :project and b.valid @> cast(:day as date)
    cross join lateral (
        select st_multi(st_collectionextract(st_intersection(p.geom, b.geom), 3)) as geom
    ) inside
"""
_AFFECTED = text(
    f"""
    insert into affected_parcel (project_id, case_id, parcel_id, part_id, area_m2, geom, registered_on)
    select :project, w.case_id, w.parcel_id, w.part_id, w.area_m2, {_DRAWN}, :day
    from unnest(cast(:cases as bigint[]), cast(:parcels as bigint[]), cast(:areas as numeric[]),
                cast(:parts as bigint[]))
         with ordinality as w (case_id, parcel_id, area_m2, part_id, n)
    join parcel p on p.id = w.parcel_id
    {_OUTLINE}
    order by w.n
    returning id
    """  # noqa: S608 - pieces of SQL that stand above
)
_DRAW_ANEW = text(
    f"""
    update affected_parcel a set parcel_id = :parcel, geom = drawn.geom
    from (select {_DRAWN} as geom from parcel p {_OUTLINE} where p.id = :parcel) drawn
    where a.id = :land
    """  # noqa: S608
)


def lay_in_communes(session: Session, parcel_ids: Sequence[int]) -> None:
    """Lay parcels without an outline in the commune that numbered them, and in what that became as a whole."""
    session.execute(_COMMUNES, {"ids": list(parcel_ids)})


def affect(session: Session, project_id: int, day: date, rows: Sequence[Affected]) -> list[int]:
    """Register parts of parcels as affected from a day on, drawn where they can be; give their ids."""
    cases, of_parcels, areas, parts = (list(column) for column in zip(*rows, strict=True))
    given = {"project": project_id, "day": day, "cases": cases, "parcels": of_parcels, "areas": areas, "parts": parts}
    return list(session.scalars(_AFFECTED, given))


def point_to(session: Session, project_id: int, day: date, land_id: int, parcel_id: int) -> None:
    """Say that an affected part is one of another parcel, and draw it anew."""
    session.execute(_DRAW_ANEW, {"project": project_id, "day": day, "land": land_id, "parcel": parcel_id})


def taken_m2(session: Session, project_id: int, parcel_id: int) -> Decimal:
    """Sum what a project recovers of a parcel."""
    wanted = select(func.coalesce(func.sum(Land.area_m2), 0))
    return session.scalar(wanted.where(Land.project_id == project_id, Land.parcel_id == parcel_id))


def find_or_make(session: Session, unit: str, sheet: str, number: str) -> int:
    """Give the id of the parcel that a commune numbered so, made where there is none.

    Raises
    ------
    BadParameter
        For an unknown commune, and where several parcels have this number.
    """
    unit_id = session.scalar(select(AdminUnit.id).where(AdminUnit.slug == unit, AdminUnit.level == "commune"))
    if unit_id is None:
        raise BadParameter("There is no commune “%(value)s”.", parameter="unit", value=unit)
    found = session.scalars(
        select(Parcel.id).where(
            Parcel.numbered_in_unit_id == unit_id,
            func.folded(Parcel.sheet) == func.folded(sheet),
            func.folded(Parcel.number) == func.folded(number),
        )
    ).all()
    if len(found) > 1:
        raise BadParameter(
            "There are %(count)s parcels %(parcel)s on record: they must be told apart first.",
            parameter="number", count=len(found), parcel=f"{sheet}/{number}",
        )  # fmt: skip
    if found:
        return found[0]
    made = inserted(session, Parcel, [{"numbered_in_unit_id": unit_id, "sheet": sheet, "number": number}])
    lay_in_communes(session, made)
    return made[0]


def inserted(session: Session, table, rows: list[dict]) -> list[int]:
    """Insert rows and give their ids in order."""
    if not rows:
        return []
    return list(session.scalars(insert(table).returning(table.id, sort_by_parameter_order=True), rows))
