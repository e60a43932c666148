"""Entries as they are sent in: each recorded once, in its turn, and checked for what cannot be read.

Whatever writes records goes through `once`: writers stand in line, a repeated submission gives its first result, and
what is written is written whole or not at all.
"""

import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from gis import audit, letters
from gis.errors import BadParameter, Conflict
from gis.marks import is_nothing, refuse_marks
from gis.model import Submission
from gis.progress import today


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


ONE_LINE = 500
"""Letters up to which a text is a line: a name, an address, a number. Longer ones are reasons and notes."""


def clean_text(value: str | None, name: str, most: int, *, needed: bool = True) -> str | None:
    """Give a text as it is kept, whatever door it came through; None for an empty one that is not needed.

    It is in Unicode (NFC), without what nobody sees and without blanks around it; a line (`ONE_LINE`) has one blank
    between its words, and a dash that stands for nothing is nothing.

    Raises
    ------
    BadParameter
        For an empty text that is needed, one longer than `most` letters, control characters, old letters, and a mark
        for *as above* in place of a value.
    """
    text = _bare(value, name, most)
    if most <= ONE_LINE:
        text = " ".join(letters.typed(text, name).split())
        refuse_marks(text, name)
        text = "" if is_nothing(text) else text
    else:
        text = letters.typed(text, name)
    if needed and not text:
        raise BadParameter("“%(name)s” must be given.", parameter=name, name=name)
    return text or None


def _bare(value: str | None, name: str, most: int) -> str:
    """Give a text in NFC without blanks around it, short enough and without control characters."""
    value = unicodedata.normalize("NFC", (value or "").replace("\r\n", "\n").replace("\r", "\n").strip())
    if len(value) > most:
        raise BadParameter("“%(name)s” is longer than %(most)s letters.", parameter=name, name=name, most=most)
    if any((ord(letter) < 32 and letter not in "\n\t") or "\x7f" <= letter < "\xa0" for letter in value):
        raise BadParameter("“%(name)s” holds control characters.", parameter=name, name=name)
    return value


def _clean_key(value: str | None, name: str) -> str:
    if not (text := _bare(value, name, 200)):
        raise BadParameter("“%(name)s” must be given.", parameter=name, name=name)
    return text


def clean_past(day: date, name: str) -> date:
    """Give a day that is not in the future.

    Raises
    ------
    BadParameter
    """
    if day > today():
        raise BadParameter(
            "%(name)s: %(day)s lies in the future.", parameter=name, name=name, day=day.isoformat()
        )  # fmt: skip
    return day
