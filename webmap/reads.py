"""The log of reads, from a request: whatever shows personal data or sends records as a file calls it first.

Each entry has a transaction of its own, committed before the answer goes out: a read that cannot be logged is not
answered.
"""

from collections.abc import Iterable

from flask import current_app

from gis import db, reads
from webmap.auth import reader


def log_personal(
    project_id: int, cases: Iterable[str] = (), what: str = "case", *, holder_ids: Iterable[int] = ()
) -> None:
    """Note that this reader is given personal data of cases.

    Parameters
    ----------
    project_id : int
    cases : iterable of str
        Codes of the cases.
    what : str
        Which page or answer shows it: a few words that stay the same.
    holder_ids : iterable of int
        Holders, where the caller has no codes.
    """
    _log(what, project_id, cases, holder_ids, None)


def log_export(what: str, project_id: int | None = None, rows: int | None = None) -> None:
    """Note that this reader takes records as a file.

    Parameters
    ----------
    what : str
        Which file, such as ``tables/parcels.csv``.
    project_id : int, optional
        The one project it holds.
    rows : int, optional
        How many records, where it is known before they are sent.
    """
    _log(what, project_id, None, (), rows)


def _log(what, project_id, case_codes, holder_ids, rows) -> None:
    who = reader()
    with db.transaction(current_app.extensions["engine"]) as writing:
        reads.log(
            writing, what, who=who.account, token=who.token, project_id=project_id, case_codes=case_codes,
            holder_ids=holder_ids, rows=rows,
        )  # fmt: skip
