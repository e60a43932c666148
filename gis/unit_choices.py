"""Units as people choose them: their own and their project's first, then those of today, then those that ended."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Date, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from gis.collation import vietnamese_order
from gis.model import AdminChange, AdminUnit, Project, ProjectCommune

_LEVELS = ("province", "district", "commune")


@dataclass(frozen=True)
class UnitChoice:
    """A unit in a list to choose from."""

    id: int
    slug: str
    name: str
    level: str
    ended: date | None
    """Its last day; None while it stands."""
    begins: date | None
    """The first day of one that is not there yet."""
    district: str | None
    """Name of the unit above it, where that is not a province: it tells communes of one name apart."""
    own: bool
    """Whether it is the reader's, or a unit that the project lies in or reports to."""


def choices(
    session: Session, day: date, *, own: Collection[str] = (), project_id: int | None = None
) -> list[UnitChoice]:
    """List the units there are and were, in the order in which they are looked for.

    Parameters
    ----------
    session : Session
    day : date
        What stands on it comes before what has ended.
    own : collection of str
        Slugs that come first.
    project_id : int, optional
        Units that this project reports to, lies in at any time, or lies in by what is above them, come first too.
    """
    above, unit = aliased(AdminUnit), AdminUnit
    mine = unit.slug.in_(list(own))
    if project_id is not None:
        lies = select(ProjectCommune.unit_id).where(ProjectCommune.project_id == project_id)
        reports = select(Project.reporting_unit_id).where(Project.id == project_id)
        over = select(unit.parent_id).where(unit.id.in_(lies), unit.level == "commune")
        mine = or_(mine, unit.id.in_(lies), unit.id.in_(reports), unit.id.in_(over))
    rows = session.execute(
        select(
            unit.id, unit.slug, unit.name, unit.level, func.lower(unit.valid), func.upper(unit.valid),
            above.name, above.level, mine,
        ).join(above, above.id == unit.parent_id, isouter=True)
    )  # fmt: skip
    made = [
        UnitChoice(
            id, slug, name, level, upper - timedelta(days=1) if upper and upper <= day else None,
            lower if lower and lower > day else None, over_name if over_level == "district" else None, bool(is_mine),
        )
        for id, slug, name, level, lower, upper, over_name, over_level, is_mine in rows
    ]  # fmt: skip
    return sorted(made, key=_order)


def _order(choice: UnitChoice) -> tuple:
    kind, _, bare = choice.name.partition(" ")
    named = bare if kind.islower() and bare else choice.name
    if named[:4].casefold() == "phố ":  # thành phố
        named = named[4:]
    gone = choice.ended is not None or choice.begins is not None
    return not choice.own, gone, _LEVELS.index(choice.level), vietnamese_order(named), choice.slug


@dataclass(frozen=True)
class Succession:
    """What became of a unit that was given and has ended."""

    name: str
    ended: date
    passed: tuple[str, ...]
    """Names of units of today that come with it."""
    undecided: tuple[str, ...]
    """Names of units of today that got only a part of something in it: they do not come by that."""


def held(session: Session, unit_ids: Iterable[int], day: date | None = None) -> frozenset[int]:
    """Give the ids of units given, of all that lies in them, and of the units that these became by a day (or today).

    A unit comes with every one that went into it whole: its office took over theirs. Where only a part of one went
    there, it does not come by that, and an administrator has to give it (`successions`).
    """
    unit, change = AdminUnit, AdminChange
    ids = frozenset(unit_ids)
    by = day or cast(func.timezone("Asia/Ho_Chi_Minh", func.now()), Date)
    while ids:
        within = select(unit.id).where(unit.id.in_(ids)).cte(recursive=True)
        within = within.union(select(unit.id).join(within, unit.parent_id == within.c.id))
        inside = select(within.c.id)
        became = select(change.new_unit_id).where(
            change.effective_on <= by, change.whole, change.old_unit_id.in_(inside)
        )
        found = frozenset(session.scalars(inside.union(became)))
        if found == ids:
            break
        ids = found
    return ids


def successions(session: Session, unit_ids: Iterable[int], day: date) -> list[Succession]:
    """Say of units that were given and have ended which units of today come with them, and which have to be given."""
    ids = list(unit_ids)
    mine = held(session, ids, day)
    old, new, change = aliased(AdminUnit), aliased(AdminUnit), AdminChange
    made = []
    ended = session.scalars(select(AdminUnit).where(AdminUnit.id.in_(ids), func.upper(AdminUnit.valid) <= day)).all()
    for given in ended:
        within = select(AdminUnit.id).where(AdminUnit.id == given.id).cte(recursive=True)
        within = within.union(select(AdminUnit.id).join(within, AdminUnit.parent_id == within.c.id))
        rows: Sequence = session.execute(
            select(new.id, new.name)
            .select_from(change)
            .join(old, old.id == change.old_unit_id)
            .join(new, new.id == change.new_unit_id)
            .where(old.id.in_(select(within.c.id)), change.effective_on <= day)
            .distinct()
        ).all()
        names = sorted(rows, key=lambda row: vietnamese_order(row.name))
        made.append(
            Succession(
                given.name, given.valid.upper - timedelta(days=1), tuple(row.name for row in names if row.id in mine),
                tuple(row.name for row in names if row.id not in mine),
            )
        )  # fmt: skip
    return sorted(made, key=lambda one: vietnamese_order(one.name))
