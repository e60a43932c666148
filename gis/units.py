"""Administrative units by date, and which commune a parcel or project lies in."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gis import crs
from gis.errors import BadParameter, NotFound, OutsideVietnam
from gis.model import AdminUnit

REFORM = date(2025, 7, 1)
"""District level ended and communes were merged: Resolution 1672/NQ-UBTVQH15, in force from this day."""

GENERATIONS = {"old": REFORM - timedelta(days=1), "new": REFORM}
"""A day that stands for each generation of units."""


@dataclass(frozen=True)
class Unit:
    """A unit as lists and rows need it."""

    id: int
    slug: str
    code: str
    name: str
    kind: str
    level: str
    valid_from: date | None
    valid_to: date | None
    """The first day on which it no longer stands; None while it does."""

    def stands_on(self, day: date) -> bool:
        """Tell whether the unit stands on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)


def as_unit(row: AdminUnit) -> Unit:
    """Give the plain description of a unit."""
    return Unit(row.id, row.slug, row.code, row.name, row.kind, row.level, row.valid.lower, row.valid.upper)


def by_slug(session: Session, slug: str) -> Unit:
    """Find a unit.

    Parameters
    ----------
    session : Session
    slug : str
        Such as ``tp-lang-son`` or ``p-dong-kinh-2025``.

    Returns
    -------
    Unit

    Raises
    ------
    NotFound
        If there is none; codes and names are not accepted, because they do not name one place.
    """
    row = session.scalar(select(AdminUnit).where(AdminUnit.slug == slug))
    if row is None:
        raise NotFound("There is no administrative unit “%(slug)s”.", parameter="unit", slug=slug)
    return as_unit(row)


def standing_day(session: Session, unit_id: int, day: date) -> date:
    """Give a day on which a unit stands: the day itself, or the nearest one.

    Parameters
    ----------
    session : Session
    unit_id : int
        An identity map holds the row: it is asked for once.
    day : date
    """
    unit = as_unit(session.get_one(AdminUnit, unit_id))
    if unit.stands_on(day):
        return day
    return unit.valid_to - timedelta(days=1) if unit.valid_to and unit.valid_to <= day else unit.valid_from


def units_day(session: Session, asked: str | None, day: date) -> date:
    """Give the day whose communes make the rows.

    Parameters
    ----------
    session : Session
    asked : str or None
        ``old``, ``new``, an ISO date, or None for the day of the question itself.
    day : date
        The day of the question.

    Raises
    ------
    BadParameter
        If `asked` is none of these.
    """
    if asked is None:
        return day
    if asked in GENERATIONS:
        return GENERATIONS[asked]
    try:
        return date.fromisoformat(asked)
    except ValueError:
        raise BadParameter(
            "“%(value)s” is not a generation of units: give old, new or a date such as 2025-07-01.",
            parameter="units_of", value=asked,
        ) from None  # fmt: skip


def scope_day(unit: Unit, day: date, rows_day: date) -> date:
    """Give the day whose communes decide what lies in a unit: the day asked, or the day of the rows.

    A unit that stands on neither is refused rather than answered with nothing: districts ended on 30/06/2025.
    """
    for candidate in (day, rows_day):
        if unit.stands_on(candidate):
            return candidate
    generation = "old" if unit.valid_to is not None and unit.valid_to <= day else "new"
    raise BadParameter(
        "%(name)s does not stand on %(day)s. Ask for a day on which it does, or for the communes of that time "
        "(units_of=%(generation)s).",
        parameter="unit", name=unit.name, day=day, generation=generation,
    )  # fmt: skip


# The largest overlap is what counts: the centroid rule misses one in ten of the parcels that a line really cuts.
# Outlines are cut into pieces of at most 64 vertices first (nine times faster, same answer to the checksum).
# A parcel that lies in one piece alone needs no intersection. Overlaps are compared, so degrees suffice.
_PIECES = """
    create temp table outline_piece on commit drop as
    select id as unit_id, valid, st_subdivide(geom, 64) as geom from admin_unit
    where level = 'commune' and geom is not null
"""

# Units begin and end on different days: the best commune is chosen for each span between two such days, then
# spans with the same commune are joined again. The other communes a shape touches are kept as not the main one.
_PLACES = """
    create temp table place on commit drop as
    with day as (
        select lower(valid) as day from outline_piece union select upper(valid) from outline_piece
    ), span as (
        select daterange(day, lead(day) over (order by day nulls first)) as span
        from (select null::date as day union select day from day where day is not null) every_day
    ), overlap as (
        select s.id, o.unit_id, o.valid,
               sum(case when st_covers(o.geom, s.geom) then st_area(s.geom)
                        else st_area(st_intersection(o.geom, s.geom)) end) as overlap
        from shape_to_place s join outline_piece o on st_intersects(o.geom, s.geom)
        group by 1, 2, 3
    ), best as (
        select distinct on (id, span) id, span, unit_id
        from overlap join span on span && valid
        where overlap > 0
        order by id, span, overlap desc, unit_id
    ), main as (
        select id, unit_id, unnest(range_agg(span)) as valid from best group by 1, 2
    )
    select id, unit_id, valid, true as main from main
    union all
    select id, unit_id, valid, false from overlap o
    where overlap > 0 and not exists (select from main where main.id = o.id and main.unit_id = o.unit_id)
"""

_PARCELS = """
    insert into parcel_commune (parcel_id, unit_id, valid)
    select id, unit_id, valid from place
    where main and not exists (select from parcel_commune kept where kept.parcel_id = place.id
                               and kept.chosen_by_officer and kept.valid && place.valid)
"""


def derive_communes(session: Session) -> int:
    """Derive anew which commune every parcel and project lies in, at every date, from the outlines at hand.

    A parcel belongs to the commune that holds its largest part (decision 0002); what an officer chose is kept.
    Parcels outside every outline get no commune and are counted under "not determined".

    Parameters
    ----------
    session : Session

    Returns
    -------
    int
        Number of parcel-commune rows derived.
    """
    session.execute(text(_PIECES))
    session.execute(text("create index on outline_piece using gist (geom)"))
    session.execute(text("analyze outline_piece"))
    session.execute(text("create temp view shape_to_place as select id, geom from parcel where geom is not null"))
    session.execute(text(_PLACES))
    session.execute(text("delete from parcel_commune where not chosen_by_officer"))
    derived = session.execute(text(_PARCELS)).rowcount
    session.execute(text("drop view shape_to_place"))
    session.execute(text("drop table place, outline_piece"))
    session.execute(text("select write_project_communes(null)"))
    return derived


def unite_successors(session: Session) -> int:
    """Give every new unit without an outline of its own the union of the old units that became it.

    Only units all of whose predecessors came whole and have outlines are united: half a commune would be a guess.
    Outlines drawn for illustration make an illustrative union.

    Returns
    -------
    int
        Number of units that got an outline.
    """
    return session.execute(
        text(
            """
            update admin_unit target set geom = united.geom, outline_source = united.source,
                   illustrative = united.illustrative
            from (
                select c.new_unit_id, st_multi(st_unaryunion(st_collect(o.geom))) as geom,
                       'union of predecessors: ' || string_agg(distinct o.outline_source, '; ') as source,
                       bool_or(o.illustrative) as illustrative
                from admin_change c join admin_unit o on o.id = c.old_unit_id
                group by 1 having bool_and(c.whole) and bool_and(o.geom is not null)
            ) united
            where united.new_unit_id = target.id
              and (target.geom is null or target.outline_source like 'union of predecessors%')
            """
        )
    ).rowcount


NEAR_PROVINCE_DEGREES = 0.01
"""About a kilometre: what stands on the border of the province may lie beyond it."""
_IN_PROVINCE = text(
    """
    select not exists (select from admin_unit where geom is not null) or exists (
        select from admin_unit
        where geom is not null and st_dwithin(geom, st_setsrid(st_point(:lon, :lat), :vn2000), :near)
    )
    """
)


def point_of(session: Session, north_m: float, east_m: float, parameter: str) -> tuple[float, float]:
    """Give the degrees of VN-2000 (longitude, latitude) of a place in metres of the province's zone.

    Raises
    ------
    OutsideVietnam
        Where it does not lie in the province: with the wide zones in which the same numbers do.
    """

    def there(srid: int) -> tuple[float, float] | None:
        lon, lat = crs.to_zone(srid).transform(east_m, north_m, direction="INVERSE")
        given = {"lon": lon, "lat": lat, "vn2000": crs.VN2000, "near": NEAR_PROVINCE_DEGREES}
        west, south, east, north = crs.VIETNAM_BOX
        inside = west <= lon <= east and south <= lat <= north
        return (lon, lat) if inside and session.scalar(_IN_PROVINCE, given) else None

    own = crs.ZONES[crs.LANG_SON_ZONE]
    place = there(own.srid)
    if place:
        return place
    others = [zone.name for srid, zone in crs.ZONES.items() if zone.width == 6 and there(srid)]
    if others:
        raise OutsideVietnam(
            "In %(zone)s this place does not lie in the province; the same numbers do in %(others)s. Give X and Y in "
            "metres of %(zone)s.", parameter=parameter, zone=own.name, others=", ".join(others),
        )  # fmt: skip
    raise OutsideVietnam(
        "This place does not lie in the province: X is the way north (seven digits before the comma), Y the way east "
        "(six digits), in metres of %(zone)s.", parameter=parameter, zone=own.name,
    )  # fmt: skip
