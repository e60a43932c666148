"""Tokens: secrets with which programs ask as an account. Kept as hashes, for so many days, until they are revoked."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import Session

from gis import accounts
from gis.accounts import Account, hash_secret
from gis.errors import BadParameter, NotAllowed, NotFound
from gis.model import Account as AccountRow
from gis.model import ApiToken

PREFIX = "mb_"
"""Shows what a secret is to whoever finds it in a file, and to programs that look for such."""
SCOPES = ("read", "record")
MOST_DAYS, USUAL_DAYS = 365, 90
MOST_OF_ACCOUNT = 20
LONGEST_NAME = 80
USED_EVERY = timedelta(hours=1)
"""How exactly the last use is known: no question of a program should wait for a write."""


@dataclass(frozen=True)
class Token:
    """What is known of a token; its secret is not."""

    id: int
    email: str
    name: str
    scope: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    """To within `USED_EVERY`."""
    state: str
    """live, expired or revoked."""


def make(session: Session, account: Account, *, name: str, scope: str, days: int = USUAL_DAYS) -> str:
    """Make a token and give its secret, which nobody can read again.

    Parameters
    ----------
    session : Session
    account : Account
        As whom it asks: what the account may not, its tokens may not either.
    name : str
        What it is for.
    scope : {"read", "record"}
        A token that reads changes no records, whatever the account may.
    days : int
        After so many it ends.

    Raises
    ------
    BadParameter
    NotAllowed
        For an account that may not sign in, and for one that has `MOST_OF_ACCOUNT` already.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadParameter(
            "Say in 1 to %(most)s letters what the token is for.", parameter="name", most=LONGEST_NAME
        )  # fmt: skip
    if scope not in SCOPES:
        raise BadParameter(
            "“%(value)s” is none of %(choices)s.", parameter="scope", value=scope, choices=", ".join(SCOPES)
        )
    if not 1 <= days <= MOST_DAYS:
        raise BadParameter("A token lives from 1 to %(most)s days.", parameter="days", most=MOST_DAYS)
    if not account.active:
        raise NotAllowed("This account may not sign in: let it sign in again first.")
    live = [token for token in listed(session, account_id=account.id) if token.state == "live"]
    if len(live) >= MOST_OF_ACCOUNT:
        raise NotAllowed("This account has %(most)s tokens. Revoke one first.", most=MOST_OF_ACCOUNT)
    secret = PREFIX + secrets.token_urlsafe(32)
    session.execute(
        insert(ApiToken).values(
            account_id=account.id, token_hash=hash_secret(secret), name=name, scope=scope,
            expires_at=func.now() + timedelta(days=days),
        )
    )  # fmt: skip
    return secret


def listed(session: Session, *, account_id: int | None = None) -> list[Token]:
    """List the tokens of an account, or of all, newest first."""
    gone = ApiToken.expires_at <= func.now()
    wanted = select(ApiToken, AccountRow.email, AccountRow.active, gone.label("gone"))
    wanted = wanted.join(AccountRow, AccountRow.id == ApiToken.account_id).order_by(ApiToken.id.desc())
    if account_id is not None:
        wanted = wanted.where(ApiToken.account_id == account_id)
    return [
        Token(
            row.id, email, row.name, row.scope, row.created_at, row.expires_at, row.used_at,
            "revoked" if row.revoked_at or not active else "expired" if gone else "live",
        )
        for row, email, active, gone in session.execute(wanted)
    ]  # fmt: skip


def revoke(session: Session, token_id: int, *, account_id: int | None = None) -> None:
    """End a token at once.

    Parameters
    ----------
    session : Session
    token_id : int
    account_id : int, optional
        Whose it must be.

    Raises
    ------
    NotFound
    """
    its = [ApiToken.id == token_id, *([ApiToken.account_id == account_id] if account_id is not None else [])]
    if 0 < token_id < 2**63 and session.scalar(select(ApiToken.id).where(*its)):
        unrevoked = update(ApiToken).where(*its, ApiToken.revoked_at.is_(None))
        session.execute(unrevoked.values(revoked_at=func.now()))
    else:
        raise NotFound("There is no such token.")


def of_secret(session: Session, secret: str) -> tuple[Account, Token] | None:
    """Give as whom a token asks; None when it has run out, was revoked, never was, or the account is closed."""
    row = session.execute(
        select(ApiToken, or_(ApiToken.used_at.is_(None), ApiToken.used_at < func.now() - USED_EVERY).label("stale"))
        .join(AccountRow, AccountRow.id == ApiToken.account_id)
        .where(
            ApiToken.token_hash == hash_secret(secret), ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > func.now(), AccountRow.active,
        )
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    kept, stale = row
    if stale:
        session.execute(update(ApiToken).where(ApiToken.id == kept.id).values(used_at=func.now()))
    account = accounts.get(session, kept.account_id)
    return account, Token(
        kept.id, account.email, kept.name, kept.scope, kept.created_at, kept.expires_at, kept.used_at, "live"
    )
