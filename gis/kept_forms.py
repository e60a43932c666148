"""Forms that were sent and not recorded: kept for who typed them, to be shown again as they were typed.

What was typed may name people, so the database gives each account its own alone (migration 0026), signing out
forgets them, and after `KEPT_FOR` they are gone whoever typed them.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from gis import db, model

KEPT_FOR = timedelta(days=3)
"""Who comes back after a weekend still finds what was typed."""
MOST = 40
"""So many forms are kept of an account; an older one gives way."""


@dataclass(frozen=True)
class KeptForm:
    """A form as it was sent."""

    id: str
    address: str
    """Where it was sent to: path and query of this site."""
    fields: tuple[tuple[str, str], ...]
    """Names and values in their order, without the token of the page."""
    files: tuple[str, ...]
    """Names of files that were chosen: their content is not kept."""
    why: str
    """``shown``: it only asked to be shown something; ``expired``, ``stale``: its session had ended."""
    said: dict | None
    """What was wrong with it, where it is shown for that."""
    kept_at: datetime


def keep(
    session: Session,
    account: str,
    address: str,
    fields: Sequence[tuple[str, str]],
    *,
    files: Sequence[str] = (),
    why: str = "shown",
    said: dict | None = None,
) -> str:
    """Keep a form for an account, and give the key by which it is found.

    Parameters
    ----------
    session : Session
        In a transaction that the caller ends.
    account : str
        E-mail address of whoever typed it, as the account has it.
    address : str
        Path and query it was sent to.
    fields : sequence of (name, value)
    files : sequence of str
        Names of files that were chosen.
    why : str
        As `KeptForm.why`.
    said : dict, optional
        What was wrong, as JSON values.
    """
    db.read_as(session, projects=None, personal=frozenset(), account=account)
    kept, key = model.KeptForm, secrets.token_urlsafe(16)
    session.execute(select(func.forget_old_forms(KEPT_FOR)))
    values = {"address": address, "fields": [list(pair) for pair in fields], "files": list(files)}
    session.execute(insert(kept).values(id=key, account=account, why=why, said=said, **values))
    newest = select(kept.id).where(kept.account == account).order_by(kept.kept_at.desc()).limit(MOST)
    session.execute(delete(kept).where(kept.account == account, kept.id.not_in(newest)))
    return key


def find(session: Session, account: str, key: str) -> KeptForm | None:
    """Give a form that an account typed; None for one that is gone, and for another's."""
    db.read_as(session, projects=None, personal=frozenset(), account=account)
    kept = model.KeptForm
    row = session.scalar(select(kept).where(kept.id == key, kept.account == account))
    if row is None:
        return None
    fields = tuple((name, value) for name, value in row.fields)
    return KeptForm(row.id, row.address, fields, tuple(row.files), row.why, row.said, row.kept_at)


def forget(session: Session, account: str) -> None:
    """Forget all that an account typed: it signs out."""
    db.read_as(session, projects=None, personal=frozenset(), account=account)
    session.execute(delete(model.KeptForm).where(model.KeptForm.account == account))
