"""The first day of each step of every parcel, as kept for the map: compared with what the events give, and repaired."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import column, func, null, or_, select
from sqlalchemy.orm import Session

from gis.model import DataRevision, ParcelStep

_KEPT = ParcelStep.__table__
_ID = _KEPT.c.affected_parcel_id.name


@dataclass(frozen=True)
class Difference:
    """A day of one affected parcel that is not what its events give."""

    affected_parcel_id: int
    column: str
    """A column of `ParcelStep`: a day, or the parcel's id when its whole row is missing."""
    kept: date | None
    derived: date | None

    def __str__(self) -> str:
        where = f"Affected parcel {self.affected_parcel_id}"
        if self.column == _ID:
            return f"{where}: its row is missing."
        return f"{where}, {self.column}: {self.kept or 'no day'} is kept, its events give {self.derived or 'no day'}."


def differences(session: Session) -> list[Difference]:
    """Compare the kept days with those that all events together give.

    Parameters
    ----------
    session : Session
        Of the role that owns the tables: the web role may not derive.

    Returns
    -------
    list of Difference
        By parcel, then step; empty when all is well, and when there are no parcels.
    """
    derived = func.derive_parcel_steps(null()).table_valued(*(column(c.name, c.type) for c in _KEPT.c), name="derived")
    pairs = [(_KEPT.c[c.name], derived.c[c.name]) for c in _KEPT.c]
    found = session.execute(
        select(*(part for pair in pairs for part in pair))
        .select_from(derived.outerjoin(_KEPT, derived.c[_ID] == _KEPT.c[_ID]))
        .where(or_(*(kept.is_distinct_from(right) for kept, right in pairs)))
        .order_by(derived.c[_ID])
    )
    return [difference for row in found for difference in _of_row(row)]


def _of_row(row: Sequence) -> Iterator[Difference]:
    """Give the differences of one parcel from its columns, each kept and derived in turn."""
    affected_parcel_id = row[1]
    if row[0] is None:
        yield Difference(affected_parcel_id, _ID, None, None)
    for name, kept, derived in zip(_KEPT.c.keys()[1:], row[2::2], row[3::2], strict=True):
        if kept != derived:
            yield Difference(affected_parcel_id, name, kept, derived)


def repair(session: Session) -> list[Difference]:
    """Write the days that differ from what the events give. The caller commits.

    Parameters
    ----------
    session : Session
        Of the role that owns the tables, in a transaction of isolation level READ COMMITTED.

    Returns
    -------
    list of Difference
        What was wrong and is right now.
    """
    # Writers stand in line at this row: what they are writing must be in before the days are derived.
    session.execute(select(DataRevision.id).with_for_update())
    found = differences(session)
    if found:
        session.execute(select(func.write_parcel_steps(list({difference.affected_parcel_id for difference in found}))))
    return found
