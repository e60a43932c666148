"""Which state of the data an answer shows: counted up by every change of any record."""

from sqlalchemy import BigInteger, cast, extract, func, select, text
from sqlalchemy.orm import Session

from gis.model import DataRevision

# The moment tells apart two databases that were counted up to one revision, such as the sample loaded anew.
_MOMENT = cast(extract("epoch", DataRevision.changed_at) * 1_000_000, BigInteger)
MARK = select(func.concat_ws("-", DataRevision.revision, _MOMENT).label("revision")).where(DataRevision.id == 1)
"""The statement that gives the mark of the data: its revision and the moment of that."""


_OF_SEEN = (
    "project", '"case"', "affected_parcel", "affected_area", "obstacle", "project_boundary", "project_target",
    "key_designation", "resettlement_site", "resettlement_plot", "reported_figure", "admin_unit",
)  # fmt: skip
_NEWEST_OF = "(select concat(count(*), '.', max(xmin::text::bigint)) from {})"
_SEEN = text(  # events are only ever added; of the others the newest transaction tells of any change
    "select md5(concat_ws(' ', (select concat(count(*), '.', max(id)) from event), {}))".format(  # noqa: S608 (our own)
        ", ".join(map(_NEWEST_OF.format, _OF_SEEN))
    )
)


def mark(session: Session, *, limited: bool = False) -> str:
    """Give the mark of the data as this session sees it: the same as long as no record changes.

    Parameters
    ----------
    session : Session
        A reading session's mark is that of its snapshot, and so of all that is read in it.
    limited : bool
        Whether the session sees given projects alone. Its mark is then of these: that something was recorded of another
        project is nothing its reader may know.
    """
    return session.scalar(_SEEN if limited else MARK)
