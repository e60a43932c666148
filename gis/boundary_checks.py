"""What a change of the outlines of administrative units does, found before it is kept.

Everything a load changes hangs on these outlines: in which commune a parcel lies, and so every sum. So what the new
outlines contradict is told: each other, the areas that were published, the places where units were expected, and the
resolution that says which commune became which.
"""

import math
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from gis.crs import LANG_SON_ZONE, ZONES
from gis.units import GENERATIONS

OVERLAP_TOLERANCE_M2 = 1_000
"""Less comes from lines that were thinned or written with few decimals."""
GAP_TOLERANCE_M2 = 10_000
AREA_TOLERANCE = 0.05
"""Published areas were measured on other maps: within this share they agree."""
MOST_NAMED = 12
FEWEST_AWAY = 3
"""Units that make it no chance that all lie away by the same way."""


@dataclass(frozen=True)
class Checked:
    """What was found."""

    findings: list[str] = field(default_factory=list)
    """What should not be: to be looked at before anything is kept."""
    changes: list[str] = field(default_factory=list)
    """Each unit before and after."""
    remarks: list[str] = field(default_factory=list)
    """What follows, and is no fault."""


def remember(session: Session) -> None:
    """Keep outlines and places of parcels as they are, for the comparison, until the transaction ends."""
    session.execute(text("drop table if exists pg_temp.outline_before, pg_temp.place_before"))
    session.execute(
        text(
            "create temp table outline_before on commit drop as select id as unit_id, geom, outline_source, "
            "illustrative from admin_unit"
        )
    )
    session.execute(
        text("create temp table place_before on commit drop as select parcel_id, unit_id, valid from parcel_commune")
    )


def keep_former(session: Session, file: str) -> int | None:
    """Keep the outlines that were replaced, to put them back; give the number of the load, None where none was."""
    kept = session.execute(
        text(
            """
            insert into former_outline (load, unit_id, geom, outline_source, illustrative, file)
            select (select coalesce(max(load), 0) + 1 from former_outline), b.unit_id, b.geom, b.outline_source,
                   b.illustrative, :file
            from outline_before b join admin_unit u on u.id = b.unit_id
            where b.geom is distinct from u.geom or b.outline_source is distinct from u.outline_source
                  or b.illustrative <> u.illustrative
            returning load
            """
        ),
        {"file": file},
    ).scalars()
    return next(iter(kept.all()), None)


def check(session: Session, loaded: list[int], day: date) -> Checked:
    """Compare the outlines at hand with those that were remembered.

    Parameters
    ----------
    session : Session
        After `remember` and the load.
    loaded : list of int
        The units that got an outline of the file.
    day : date
        The day on which they stood.
    """
    given = {"loaded": loaded, "day": day, "zone": LANG_SON_ZONE}
    found = Checked()
    _overlaps(session, given, found)
    _gaps(session, given, found)
    rows = session.execute(_AREAS, given).all()
    _areas(rows, found)
    _places(rows, found)
    _parcels(session, given, found)
    return found


_OVERLAPS = text(
    """
    with standing as materialized (
        select id, name, level, illustrative, geom, st_transform(geom, :zone) as plane from admin_unit
        where geom is not null and valid @> cast(:day as date)
    )
    select a.name, b.name as other, a.illustrative or b.illustrative as drawn,
           st_area(st_intersection(a.plane, b.plane)) as m2
    from standing a join standing b on a.id < b.id and a.level = b.level and st_intersects(a.geom, b.geom)
    where a.id = any(:loaded) or b.id = any(:loaded)
    order by m2 desc
    """
)


def _overlaps(session: Session, given: dict, found: Checked) -> None:
    wide = [row for row in session.execute(_OVERLAPS, given) if row.m2 > OVERLAP_TOLERANCE_M2]
    real = [row for row in wide if not row.drawn]
    found.findings.extend(f"{row.name} and {row.other} overlap by {row.m2:,.0f} m²." for row in real[:MOST_NAMED])
    if len(real) > MOST_NAMED:
        found.findings.append(f"{len(real) - MOST_NAMED} more pairs overlap.")
    drawn = [row for row in wide if row.drawn]
    if drawn:
        found.remarks.append(
            f"{len(drawn)} pairs overlap where one of the two is still drawn for illustration, the widest: "
            + "; ".join(f"{row.name} and {row.other} by {row.m2:,.0f} m²" for row in drawn[:3])
            + "."
        )


_GAPS = text(
    """
    with whole as (
        select p.id, p.name, st_transform(p.geom, :zone) as plane, st_union(st_transform(c.geom, :zone)) as children
        from admin_unit p join admin_unit c on c.parent_id = p.id and c.valid @> cast(:day as date)
        where p.geom is not null and not p.illustrative
              and p.id in (select parent_id from admin_unit where id = any(:loaded))
        group by p.id having bool_and(c.geom is not null) and not bool_or(c.illustrative)
    )
    select name, st_area(st_difference(plane, children)) as gap, st_area(st_difference(children, plane)) as beyond
    from whole order by 2 desc
    """
)


def _gaps(session: Session, given: dict, found: Checked) -> None:
    for row in session.execute(_GAPS, given):
        if row.gap > GAP_TOLERANCE_M2:
            found.findings.append(f"{row.name}: its communes leave {row.gap:,.0f} m² of it without a commune.")
        if row.beyond > GAP_TOLERANCE_M2:
            found.findings.append(f"{row.name}: its communes reach {row.beyond:,.0f} m² beyond it.")


_AREAS = text(
    """
    select u.id, u.name, u.level, u.published_area_km2 as published, st_area(st_transform(u.geom, :zone)) / 1e6 as km2,
           st_area(st_transform(b.geom, :zone)) / 1e6 as before_km2, b.illustrative as was_drawn,
           st_x(st_centroid(st_transform(u.geom, :zone))) as east,
           st_y(st_centroid(st_transform(u.geom, :zone))) as north,
           st_x(st_centroid(st_transform(b.geom, :zone))) as east_before,
           st_y(st_centroid(st_transform(b.geom, :zone))) as north_before,
           st_intersects(u.geom, st_centroid(b.geom)) as there
    from admin_unit u join outline_before b on b.unit_id = u.id
    where u.id = any(:loaded) order by u.level, u.name
    """
)


def _said(value: float) -> str:
    """Write a number with two decimals, or with two digits that say something where it is small."""
    decimals = 1 - math.floor(math.log10(abs(value))) if value else 2
    return f"{value:,.{max(2, decimals)}f}"


def _areas(rows: list, found: Checked) -> None:
    for row in rows:
        if row.published and abs(row.km2 / float(row.published) - 1) > AREA_TOLERANCE:
            found.findings.append(
                f"{row.name} measures {_said(row.km2)} km², published are {_said(row.published)} km²: "
                f"{_said(row.km2 / float(row.published))} times as much."
            )
        elif not row.published and row.before_km2 and abs(row.km2 / row.before_km2 - 1) > AREA_TOLERANCE:
            what = "the drawing" if row.was_drawn else "the outline"
            found.findings.append(
                f"{row.name} measures {_said(row.km2)} km², {what} it replaces {_said(row.before_km2)} km²: "
                f"{_said(row.km2 / row.before_km2)} times as much."
            )
        before = f"{_said(row.before_km2)} km²" if row.before_km2 else "no outline"
        moved = np.hypot(row.east - row.east_before, row.north - row.north_before) if row.before_km2 else 0
        found.changes.append(
            f"{row.name}: {before} → {_said(row.km2)} km²"
            + (f", its middle moves {moved:,.0f} m" if moved >= 1 else "")
        )


def _places(rows: list, found: Checked) -> None:
    """Look for units that lie where another is expected: two that were exchanged, or one that lies elsewhere."""
    known = [row for row in rows if row.before_km2]
    exchanged = set()
    _all_away(known, found)
    for level in {row.level for row in known}:
        mine = [row for row in known if row.level == level]
        now = np.array([(row.east, row.north) for row in mine])
        expected = np.array([(row.east_before, row.north_before) for row in mine])
        nearest = np.argmin(np.hypot(*(now[:, None] - expected[None]).transpose(2, 0, 1)), axis=1)
        for i, j in enumerate(nearest):
            if i < j and nearest[j] == i:
                exchanged |= {mine[i].id, mine[j].id}
                found.findings.append(
                    f"{mine[i].name} and {mine[j].name} seem to be exchanged: each lies where the other is expected."
                )
    for row in known:
        away = np.hypot(row.east - row.east_before, row.north - row.north_before)
        if not row.there and row.id not in exchanged and away > 1000 * row.before_km2**0.5:
            found.findings.append(f"{row.name} lies {away / 1000:,.1f} km from where it is expected.")


def _all_away(known: list, found: Checked) -> None:
    """Tell of units that all lie away from their place by the same way: the file stands in another system."""
    ways = np.array([(row.east - row.east_before, row.north - row.north_before) for row in known])
    if len(ways) < FEWEST_AWAY:
        return
    way = np.median(ways, axis=0)
    far, spread = np.hypot(*way), np.median(np.hypot(*(ways - way).T))
    if far > 5_000 and spread < far / 5:
        found.findings.append(
            f"All units lie some {far / 1000:,.1f} km from where they are expected, by the same way "
            f"({way[0] / 1000:+,.1f} km east, {way[1] / 1000:+,.1f} km north): does the file stand in another system "
            f"than it says? Then give it: --system {LANG_SON_ZONE} is VN-2000 {ZONES[LANG_SON_ZONE].name}."
        )


_PARCELS = text(
    """
    with before as (select parcel_id, unit_id from place_before where valid @> cast(:day as date)),
         after as (select parcel_id, unit_id from parcel_commune where valid @> cast(:day as date))
    select count(*) filter (where b.unit_id <> a.unit_id) as changed,
           count(*) filter (where b.unit_id is not null and a.unit_id is null) as lost,
           (select count(*) from parcel p where p.geom is not null
            and not exists (select from after where after.parcel_id = p.id)) as nowhere
    from before b full join after a using (parcel_id)
    """
)
_AGAINST_CHANGES = text(
    """
    select was.name, now.name as other, count(*) as parcels,
           count(*) filter (where b.unit_id is distinct from n.unit_id or c.unit_id is distinct from o.unit_id)
               as changed
    from parcel_commune o join parcel_commune n using (parcel_id)
    join admin_unit was on was.id = o.unit_id join admin_unit now on now.id = n.unit_id
    left join place_before b on b.parcel_id = n.parcel_id and b.valid @> cast(:new as date)
    left join place_before c on c.parcel_id = o.parcel_id and c.valid @> cast(:old as date)
    where o.valid @> cast(:old as date) and n.valid @> cast(:new as date) and o.unit_id <> n.unit_id
          and not exists (select from admin_change where old_unit_id = o.unit_id and new_unit_id = n.unit_id)
    group by 1, 2 order by 3 desc
    """
)


def _parcels(session: Session, given: dict, found: Checked) -> None:
    row = session.execute(_PARCELS, given).one()
    if row.changed:
        found.remarks.append(f"{row.changed:,} parcels change their commune.")
    against = session.execute(_AGAINST_CHANGES, GENERATIONS).all()
    changed = [each for each in against if each.changed]
    if changed:
        found.findings.append(
            f"{sum(each.changed for each in changed):,} parcels come to a commune that is no successor of their old "
            "one (resolution on the merger): "
            + "; ".join(f"{each.name} → {each.other} {each.changed:,}" for each in changed[:MOST_NAMED])
            + "."
        )
    elif against:
        found.remarks.append(
            f"{sum(each.parcels for each in against):,} parcels lie, as before, in a commune that is no successor of "
            "their old one."
        )
    if row.lost:
        found.findings.append(f"{row.lost:,} parcels that had a commune have none any more.")
    if row.nowhere:
        found.remarks.append(f"{row.nowhere:,} parcels lie in no commune on that day.")
