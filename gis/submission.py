"""Entries as they are sent in: each recorded once, in its turn.

Whatever writes records goes through `once`: writers stand in line, a repeated submission gives its first result, and
what is written is written whole or not at all.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from gis import audit
from gis.errors import BadParameter, Conflict
from gis.model import Submission
from gis.progress import today
from gis.texts import bare


@dataclass(frozen=True)
class Once:
    """What became of a submission."""

    act_id: int
    """Number of the act in the log."""
    result: dict
    repeated: bool
    """True where the same had been sent before with the same key: nothing was written this time."""


def once(session: Session, request: dict, work: Callable[[], dict], *, by: str, key: str) -> Once:
    """Wait for the turn to write, and do the work unless the same request was done before.

    Parameters
    ----------
    session : Session
        In a transaction of isolation level READ COMMITTED, which the caller ends.
    request : dict
        All that was sent; its first name says what kind of act it is.
    work : callable
        Checks, writes with its log (`gis.audit`), and gives what was done as JSON values.
    by : str
        Account of whoever sends.
    key : str
        Of this submission: the same request with the same key is done once.

    Raises
    ------
    Conflict
        For a key used for another act.
    """
    by, key = _clean_key(by, "by"), _clean_key(key, "key")
    digest = sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()
    # Of the account's own submissions the policy of the table (migration 0013) shows all.
    session.execute(select(func.set_config("gpmb.account", by, True), func.take_turn()))
    earlier = session.execute(
        select(Submission.id, Submission.request_hash, Submission.result).where(
            Submission.account == by, Submission.key == key
        )
    ).one_or_none()
    if earlier:
        if earlier.request_hash != digest:
            raise Conflict("The key “%(key)s” was used for another act already.", parameter="key", key=key)
        return Once(earlier.id, earlier.result, repeated=True)
    with session.begin_nested():  # whoever catches an error and goes on must find nothing half-written
        result = work()
        act_id = session.scalar(
            insert(Submission).values(account=by, key=key, request_hash=digest, result=result).returning(Submission.id)
        )
        audit.log_change(
            session, "submission", act_id, who=by, act=next(iter(request)), after=result | {"request_hash": digest}
        )
    return Once(act_id, result, repeated=False)


def was_sent(session: Session, *, by: str, key: str) -> bool:
    """Tell whether an account sent something with a key: what stands on record may be that itself."""
    session.execute(select(func.set_config("gpmb.account", by, True)))
    return bool(session.scalar(select(Submission.id).where(Submission.account == by, Submission.key == key)))


def _clean_key(value: str | None, name: str) -> str:
    if not (text := bare(value, name, 200)):
        raise BadParameter("“%(name)s” must be given.", parameter=name, name=name)
    return text


FIRST_YEAR = 1990
"""Nothing that is recorded here happened before it."""


def clean_past(day: date, name: str) -> date:
    """Give a day that is not in the future, nor so long ago that its year is a slip.

    Raises
    ------
    BadParameter
    """
    if day > today():
        raise BadParameter(
            "%(name)s: %(day)s lies in the future.", parameter=name, name=name, day=day.isoformat()
        )  # fmt: skip
    if day.year < FIRST_YEAR:
        raise BadParameter(
            "%(name)s: %(day)s lies before %(year)s: is the year right?", parameter=name, name=name,
            day=day.isoformat(), year=FIRST_YEAR,
        )  # fmt: skip
    return day
