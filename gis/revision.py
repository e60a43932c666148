"""Which state of the data an answer shows: counted up by every change of any record."""

from sqlalchemy import BigInteger, cast, extract, func, select
from sqlalchemy.orm import Session

from gis.model import DataRevision

# The moment tells apart two databases that were counted up to one revision, such as the sample loaded anew.
_MOMENT = cast(extract("epoch", DataRevision.changed_at) * 1_000_000, BigInteger)
MARK = select(func.concat_ws("-", DataRevision.revision, _MOMENT).label("revision")).where(DataRevision.id == 1)
"""The statement that gives the mark of the data: its revision and the moment of that."""


def mark(session: Session) -> str:
    """Give the mark of the data as this session sees it: the same as long as no record changes.

    Parameters
    ----------
    session : Session
        A reading session's mark is that of its snapshot, and so of all that is read in it.
    """
    return session.scalar(MARK)
