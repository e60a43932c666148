"""The log of reads: who had personal data of which cases before them, and who took records away as a file.

It lies apart from the log of changes (`gis.audit`): reads are many, and must not wait for those who write. Entries are
written before the answer is given, so that nothing is read without one.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from sqlalchemy import any_, insert, literal, select
from sqlalchemy.orm import Session

from gis import catalogue
from gis.model import Case, Project, ReadEntry
from gis.progress import VIETNAM_TIME

MOST_LISTED = 500


def log(
    session: Session,
    what: str,
    *,
    who: str | None,
    token: str | None = None,
    project_id: int | None = None,
    case_codes: Iterable[str] | None = None,
    holder_ids: Iterable[int] = (),
    rows: int | None = None,
) -> None:
    """Write one entry.

    Parameters
    ----------
    session : Session
        Of a transaction that is committed before the answer is given.
    what : str
        What was read or taken, in a few words that stay the same: ``case``, ``tables/parcels.csv``.
    who : str or None
        Account; None only for files that are open to everybody.
    token : str, optional
        Name of the program's token it was read with.
    project_id : int, optional
    case_codes : iterable of str, optional
        Codes of the cases whose personal data was shown. None for a file without personal data.
    holder_ids : iterable of int
        Holders whose personal data was shown, where the caller has no codes: their cases in the project are named.
    rows : int, optional
        Number of records, where it is known before they are sent.
    """
    codes = None if case_codes is None else list(case_codes)
    if holders := list(holder_ids):
        theirs = select(Case.code).where(Case.project_id == project_id, Case.holder_id.in_(holders)).order_by(Case.code)
        codes = [*(codes or ()), *session.scalars(theirs)]
    session.execute(
        insert(ReadEntry).values(
            who=who, token=token, what=what, project_id=project_id, case_codes=codes,
            rows=len(codes) if rows is None and codes is not None else rows,
        )
    )  # fmt: skip


def entries(
    session: Session,
    *,
    project: str | None = None,
    case: str | None = None,
    who: str | None = None,
    since: date | None = None,
    upto: date | None = None,
    most: int | None = None,
) -> list[tuple[ReadEntry, str | None]]:
    """List the log, newest first, each entry with its project's code.

    Parameters
    ----------
    session : Session
    project, case : str, optional
        Codes: only entries about them.
    who : str, optional
        Part of an account's address.
    since, upto : date, optional
        First and last day, Vietnamese time.
    most : int, optional
        At most so many.

    Raises
    ------
    NotFound
        For an unknown project.
    """
    wanted = select(ReadEntry, Project.code).outerjoin(Project, Project.id == ReadEntry.project_id)
    wanted = wanted.order_by(ReadEntry.id.desc())
    if project:
        project_id = catalogue.project_id(session, project, cancelled=True)
        wanted = wanted.where(ReadEntry.project_id == project_id)
    if case:
        wanted = wanted.where(literal(case) == any_(ReadEntry.case_codes))
    if who:
        wanted = wanted.where(ReadEntry.who.icontains(who, autoescape=True))
    if since:
        wanted = wanted.where(ReadEntry.at >= datetime.combine(since, time(), VIETNAM_TIME))
    if upto and upto < date.max:
        wanted = wanted.where(ReadEntry.at < datetime.combine(upto + timedelta(1), time(), VIETNAM_TIME))
    return [tuple(row) for row in session.execute(wanted.limit(most))]
