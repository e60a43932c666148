"""Accounts: who may sign in, in which role, to what; one-time links, sessions, and how often one may try.

Nothing here knows HTTP or how a password is hashed: hashes come in and go out. Secrets that are handed out (of links
and of sessions) are kept as hashes only. Every moment is the database's, so that several web servers agree.
"""

import hashlib
import math
import re
import secrets
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ARRAY, BigInteger, Select, case, delete, func, insert, or_, select, type_coerce, union, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session, aliased
from zxcvbn import zxcvbn

from gis import model, unit_choices
from gis.collation import vietnamese_order
from gis.errors import BadParameter, NotAllowed, NotFound, TooManyAttempts

ROLES = ("administrator", "officer", "leader", "investor")
LANGUAGES = ("vi", "en")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
HARD_ENOUGH = 3
"""Of zxcvbn's 0 to 4: more than 10⁸ guesses for who knows the lists of common passwords and the person."""
OWN_LETTERS = 4
"""So many letters must be left of a password when names, common words, numbers and signs are taken out."""
COMMON_HERE = (
    "matkhau", "matbang", "giaiphongmatbang", "langson", "vietnam", "hanoi", "saigon", "anhyeuem", "emyeuanh",
    "xinchao", "khongbiet", "quydat", "taikhoan", "nguyen", "tran",
)  # fmt: skip
"""What zxcvbn's English lists do not know to be easy here."""

LINK_LIFE = timedelta(days=3)
WINDOW = timedelta(minutes=15)
MOST_FAILURES_OF_ACCOUNT, MOST_FAILURES_FROM_ADDRESS = 8, 60
"""In any `WINDOW`. An office shares one address, so that it may fail more often."""
ATTEMPTS_KEPT = timedelta(days=1)
SEEN_EVERY = timedelta(minutes=1)
"""How exactly a session's last use is known: a page asks many times, and none of them should wait for a write."""
SORTS = ("name", "email", "role", "last_sign_in")

_EMAIL = re.compile(r"[^\s@,;<>()\"]+@[^\s@,;<>()\"]+\.[^\s@,;<>()\".]+")


@dataclass(frozen=True)
class Account:
    """Somebody who may sign in, and what was given to them."""

    id: int
    email: str
    full_name: str
    role: str
    active: bool
    language: str | None
    password_hash: str | None
    fs_uniquifier: str
    totp_secret: str | None
    totp_counter: int | None
    last_sign_in_at: datetime | None
    created_at: datetime
    project_ids: frozenset[int]
    unit_ids: frozenset[int]


@dataclass(frozen=True)
class Grantable:
    """A project that can be given."""

    id: int
    key: str
    """Its code."""
    name: str


# -- finding ------------------------------------------------------------------------------------------


@cache
def _accounts() -> Select:
    def granted(column):
        given = select(column).where(model.AccountGrant.account_id == model.Account.id, column.is_not(None))
        return type_coerce(func.array(given.correlate(model.Account).scalar_subquery()), ARRAY(BigInteger))

    columns = [getattr(model.Account, name) for name in Account.__dataclass_fields__ if not name.endswith("_ids")]
    return select(
        *columns,
        granted(model.AccountGrant.project_id).label("project_ids"),
        granted(model.AccountGrant.unit_id).label("unit_ids"),
    )


def _one(session: Session, statement: Select) -> Account | None:
    row = session.execute(statement).mappings().one_or_none()
    return row and _account(row)


def _account(row) -> Account:
    values = {name: row[name] for name in Account.__dataclass_fields__}
    return Account(**values | {name: frozenset(values[name]) for name in ("project_ids", "unit_ids")})


def get(session: Session, account_id: int) -> Account:
    """Give an account by its number.

    Raises
    ------
    NotFound
    """
    found = _one(session, _accounts().where(model.Account.id == account_id))
    if found is None:
        raise NotFound("There is no such account.")
    return found


def find(session: Session, email: str) -> Account | None:
    """Give the account of an e-mail address, however its letters are written."""
    return _one(session, _accounts().where(func.lower(model.Account.email) == func.lower(clean_email(email))))


def named(session: Session, email: str) -> Account:
    """Give the account of an e-mail address.

    Raises
    ------
    NotFound
        Naming the address.
    """
    found = find(session, email)
    if found is None:
        raise NotFound("There is no account of “%(email)s”.", email=email)
    return found


def people(
    session: Session, *, words: str = "", role: str | None = None, active: bool | None = None, sort: str = "name"
) -> list[Account]:
    """List accounts.

    Parameters
    ----------
    session : Session
    words : str
        Part of a name or an address.
    role : str, optional
        Only those of a role.
    active : bool, optional
        Only those that may sign in, or may not any more.
    sort : str
        One of `SORTS`; who never signed in comes last.
    """
    account = model.Account
    statement = _accounts()
    if words.strip():
        part = words.strip()
        statement = statement.where(
            or_(account.full_name.icontains(part, autoescape=True), account.email.icontains(part, autoescape=True))
        )
    if role:
        statement = statement.where(account.role == _known("role", role, ROLES))
    if active is not None:
        statement = statement.where(account.active == active)
    order = {
        "name": account.full_name,
        "email": func.lower(account.email),
        "role": case({name: number for number, name in enumerate(ROLES)}, value=account.role),
        "last_sign_in": account.last_sign_in_at.desc().nulls_last(),
    }[_known("sort", sort, SORTS)]
    return [
        _account(row) for row in session.execute(statement.order_by(order, account.full_name, account.id)).mappings()
    ]


def grantable_projects(session: Session, given: Collection[int] = ()) -> list[Grantable]:
    """List the projects that can be given to somebody: those that stand, and any of some that are given already.

    In the order of a Vietnamese dictionary.
    """
    project = model.Project
    rows = session.execute(
        select(project.id, project.code, project.name).where(project.cancelled_at.is_(None) | project.id.in_(given))
    )
    return sorted((Grantable(*row) for row in rows), key=lambda thing: vietnamese_order(thing.name))


# -- changing -----------------------------------------------------------------------------------------


def _known(parameter: str, value: str, choices: Sequence[str]) -> str:
    if value not in choices:
        raise BadParameter(
            "“%(value)s” is none of %(choices)s.", parameter=parameter, value=value, choices=", ".join(choices)
        )
    return value


def clean_email(email: str) -> str:
    """Write an address one way; letters keep their case."""
    return unicodedata.normalize("NFC", email).strip()


def _name(full_name: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", full_name).split())
    if not name or len(name) > 200 or not name.isprintable():
        raise BadParameter("Write the full name, in at most 200 characters.", parameter="full_name")
    return name


def invite(
    session: Session,
    *,
    email: str,
    full_name: str,
    role: str,
    projects: Iterable[str] = (),
    units: Iterable[str] = (),
    language: str | None = None,
) -> Account:
    """Make an account. Nobody can sign in to it until its password is set by a link (`make_link`).

    Parameters
    ----------
    session : Session
    email, full_name, role : str
    projects, units : iterable of str
        Codes and slugs of what is given to it.
    language : str, optional

    Raises
    ------
    BadParameter
        Naming the field at fault; an address that has an account is refused too.
    """
    email = clean_email(email)
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise BadParameter("“%(value)s” is not an e-mail address.", parameter="email", value=email)
    if language:
        _known("language", language, LANGUAGES)
    account_id = session.scalar(
        postgresql.insert(model.Account)
        .values(
            email=email,
            full_name=_name(full_name),
            role=_known("role", role, ROLES),
            language=language or None,
            fs_uniquifier=secrets.token_hex(16),
        )
        .on_conflict_do_nothing()
        .returning(model.Account.id)
    )
    if account_id is None:
        raise BadParameter("“%(value)s” has an account already.", parameter="email", value=email)
    give(session, account_id, projects=projects, units=units)
    return get(session, account_id)


def give(session: Session, account_id: int, *, projects: Iterable[str], units: Iterable[str]) -> None:
    """Give an account exactly these projects and units; what else it had is taken back.

    Raises
    ------
    BadParameter
        For a code or slug that there is not.
    """
    for parameter, column, key, keys in (
        ("project", model.AccountGrant.project_id, model.Project.code, set(projects)),
        ("unit", model.AccountGrant.unit_id, model.AdminUnit.slug, set(units)),
    ):
        found = dict(session.execute(select(key, key.class_.id).where(key.in_(keys))).all())
        for unknown in sorted(keys - set(found)):
            raise BadParameter("There is no “%(value)s” to give.", parameter=parameter, value=unknown)
        mine = model.AccountGrant.account_id == account_id
        had = set(session.scalars(select(column).where(mine, column.is_not(None))))
        session.execute(delete(model.AccountGrant).where(mine, column.in_(had - set(found.values()))))
        for thing in set(found.values()) - had:
            session.execute(insert(model.AccountGrant).values({"account_id": account_id, column.key: thing}))


def given_projects(session: Session, account: Account) -> frozenset[int]:
    """Give the ids of the projects given to an account: by themselves, or because they lie in a unit given to it.

    A unit stands for all that lies in it, and for the units these became (`gis.unit_choices.held`). A project lies in
    a unit where it reports to it, or where its outline touches it on any date. On 01/07/2025 units were merged and
    split: of a project that has no communes on record for the time of a unit given, those count that became the unit
    or that it became.
    """
    if not account.unit_ids:
        return account.project_ids
    unit, lies, change = model.AdminUnit, model.ProjectCommune, model.AdminChange
    mine = unit_choices.held(session, account.unit_ids)
    reporting = select(model.Project.id).where(model.Project.reporting_unit_id.in_(mine))
    lying = select(lies.project_id).where(lies.unit_id.in_(mine))
    changed = union(
        select(change.old_unit_id.label("mine"), change.new_unit_id.label("other")).where(change.old_unit_id.in_(mine)),
        select(change.new_unit_id, change.old_unit_id).where(change.new_unit_id.in_(mine)),
    ).subquery()
    then = aliased(lies)
    in_its_time = select(then).where(then.project_id == lies.project_id, then.valid.overlaps(unit.valid))
    through = (
        select(lies.project_id)
        .join(changed, changed.c.other == lies.unit_id)
        .join(unit, unit.id == changed.c.mine)
        .where(~in_its_time.exists())
    )
    return account.project_ids | frozenset(session.scalars(reporting.union(lying, through)))


def units_within(session: Session, account: Account) -> frozenset[str]:
    """Give the slugs of the units given to an account, of all units in them, and of what these became: there it may
    begin projects."""
    if not account.unit_ids:
        return frozenset()
    ids = unit_choices.held(session, account.unit_ids)
    return frozenset(session.scalars(select(model.AdminUnit.slug).where(model.AdminUnit.id.in_(ids))))


def grants_by_name(session: Session) -> list[tuple[int, str | None, str | None]]:
    """Give every grant as account, code of the project or None, slug of the unit or None."""
    grant = model.AccountGrant
    rows = session.execute(
        select(grant.account_id, model.Project.code, model.AdminUnit.slug)
        .outerjoin(model.Project, model.Project.id == grant.project_id)
        .outerjoin(model.AdminUnit, model.AdminUnit.id == grant.unit_id)
        .order_by(grant.id)
    )
    return [tuple(row) for row in rows]


def restore_grants(session: Session, grants: Iterable[tuple[int, str | None, str | None]]) -> None:
    """Give again what `grants_by_name` gave, as far as it still exists: projects and units were made anew."""
    ids = {
        column: dict(session.execute(select(key, key.class_.id)).all())
        for column, key in (("project_id", model.Project.code), ("unit_id", model.AdminUnit.slug))
    }
    for account_id, code, slug in grants:
        values = {"project_id": ids["project_id"].get(code), "unit_id": ids["unit_id"].get(slug)}
        if any(values.values()):
            session.execute(insert(model.AccountGrant).values(account_id=account_id, **values))


def change(
    session: Session,
    account_id: int,
    *,
    full_name: str | None = None,
    role: str | None = None,
    active: bool | None = None,
    language: str | None = None,
) -> Account:
    """Change what is given; what is None stays. Who may not sign in any more is out at once, everywhere.

    Raises
    ------
    NotAllowed
        If nobody would be left to administer the accounts.
    BadParameter
        Naming the field at fault.
    """
    # One after another: of two administrators who each take the other's role away at once, one must stay.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("administrators"))))
    before = get(session, account_id)
    values = {}
    if full_name is not None:
        values["full_name"] = _name(full_name)
    if role is not None:
        values["role"] = _known("role", role, ROLES)
    if active is not None:
        values["active"] = active
    if language is not None:
        values["language"] = _known("language", language, LANGUAGES)
    stays = values.get("active", before.active) and values.get("role", before.role) == "administrator"
    if before.active and before.role == "administrator" and not stays:
        others = select(func.count()).where(
            model.Account.role == "administrator", model.Account.active, model.Account.id != account_id
        )
        if not session.scalar(others):
            raise NotAllowed("This is the last administrator: name another one first.")
    if values:
        session.execute(update(model.Account).where(model.Account.id == account_id).values(values))
    if values.get("active") is False:
        sign_out_everywhere(session, account_id)
        _spend_links(session, account_id)
    return get(session, account_id)


def deactivate(session: Session, account_id: int) -> Account:
    """Let somebody sign in no more; they are out at once."""
    return change(session, account_id, active=False)


# -- passwords and links ------------------------------------------------------------------------------


def check_password(password: str, personal: Iterable[str] = ()) -> str:
    """Give a new password in the one way its letters are written, if it is hard enough to guess.

    Parameters
    ----------
    password : str
        Any characters: length and rarity count, not of which kinds they are.
    personal : iterable of str
        What is known of the person: name, address.

    Raises
    ------
    BadParameter
    """
    password = same_letters(password)
    if len(password) < SHORTEST_PASSWORD:
        raise BadParameter(
            "The password has %(length)s characters; it needs %(least)s. A few words one after another are easy to "
            "remember.", parameter="password", length=len(password), least=SHORTEST_PASSWORD,
        )  # fmt: skip
    if len(password) > LONGEST_PASSWORD:
        raise BadParameter(
            "The password is longer than %(most)s characters.", parameter="password", most=LONGEST_PASSWORD
        )
    known = [part for text in personal for part in re.split(r"[\W_]+", text.lower()) if len(part) > 2]
    rest = password.lower()
    for word in (*known, *COMMON_HERE):
        rest = rest.replace(word, "")
    bare = len(rest) < len(password) and len(re.sub(r"[\W\d_]", "", rest)) < OWN_LETTERS
    # zxcvbn takes 72 characters; a repeated beginning is as easy as itself, and what follows only makes it harder.
    if bare or zxcvbn(password[:72], user_inputs=[*known, *COMMON_HERE])["score"] < HARD_ENOUGH:
        raise BadParameter(
            "This password is too easy to guess: it is common, follows a pattern, or is made of your name. Take a few "
            "words that have nothing to do with each other.", parameter="password",
        )  # fmt: skip
    return password


def same_letters(password: str) -> str:
    """Write a password one way: keyboards compose Vietnamese letters differently."""
    return unicodedata.normalize("NFKC", password)


def hash_secret(token: str) -> str:
    """Hash a secret of 256 random bits: there is nothing to guess, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _spend_links(session: Session, account_id: int) -> None:
    unused = (model.AccountLink.account_id == account_id, model.AccountLink.used_at.is_(None))
    session.execute(update(model.AccountLink).where(*unused).values(used_at=func.now()))


def make_link(session: Session, account_id: int) -> str:
    """Make the secret of a link with which one password can be set, once, within `LINK_LIFE`. Earlier links end.

    Raises
    ------
    NotAllowed
        If the account may not sign in.
    """
    if not get(session, account_id).active:
        raise NotAllowed("This account may not sign in: let it sign in again first.")
    _spend_links(session, account_id)
    token = secrets.token_urlsafe(32)
    session.execute(
        insert(model.AccountLink).values(
            account_id=account_id, token_hash=hash_secret(token), expires_at=func.now() + LINK_LIFE
        )
    )
    return token


def of_link(session: Session, token: str) -> Account:
    """Give the account whose password a link sets.

    Raises
    ------
    NotFound
        If it was used, has run out, or never was.
    """
    link = model.AccountLink
    valid = (link.token_hash == hash_secret(token), link.used_at.is_(None), link.expires_at > func.now())
    found = _one(
        session, _accounts().join(link, link.account_id == model.Account.id).where(*valid, model.Account.active)
    )
    if found is None:
        raise NotFound("This link has been used or has run out. Ask an administrator for a new one.")
    return found


def redeem(session: Session, token: str, password_hash: str) -> Account:
    """Set the password of a link's account and use the link up.

    Raises
    ------
    NotFound
        As `of_link`; also for the second of two who use it at once.
    """
    account = of_link(session, token)
    link = model.AccountLink
    used = session.execute(
        update(link).where(link.token_hash == hash_secret(token), link.used_at.is_(None)).values(used_at=func.now())
    )
    if not used.rowcount:
        raise NotFound("This link has been used or has run out. Ask an administrator for a new one.")
    set_password(session, account.id, password_hash)
    forgive(session, account.email)
    return account


def set_password(session: Session, account_id: int, password_hash: str) -> None:
    """Set a password; every browser signed in with the old one is out."""
    session.execute(update(model.Account).where(model.Account.id == account_id).values(password_hash=password_hash))
    sign_out_everywhere(session, account_id)


# -- the second factor --------------------------------------------------------------------------------


def set_second_factor(session: Session, account_id: int, totp_secret: str | None) -> None:
    """Ask this account for a code of its app from now on, or (None) for the password only."""
    session.execute(update(model.Account).where(model.Account.id == account_id).values(totp_secret=totp_secret))


def use_code(session: Session, account_id: int, counter: int) -> bool:
    """Note that the code of a half minute was used; tell False if it, or a later one, was used before."""
    account = model.Account
    used = session.execute(
        update(account)
        .where(account.id == account_id, func.coalesce(account.totp_counter, -1) < counter)
        .values(totp_counter=counter)
    )
    return used.rowcount == 1


# -- sessions -----------------------------------------------------------------------------------------


def sign_in(session: Session, account_id: int, *, longest: timedelta) -> str:
    """Open a session; its secret is what the browser keeps.

    Parameters
    ----------
    session : Session
    account_id : int
    longest : timedelta
        How long a session may last at all: those that have are cleared away.
    """
    kept = model.AccountSession
    token = secrets.token_urlsafe(32)
    session.execute(delete(kept).where(kept.started_at < func.now() - longest))
    session.execute(
        insert(kept).values(
            token_hash=hash_secret(token), account_id=account_id, started_at=func.now(), seen_at=func.now()
        )
    )
    session.execute(update(model.Account).where(model.Account.id == account_id).values(last_sign_in_at=func.now()))
    return token


def of_session(session: Session, token: str, *, idle: timedelta, longest: timedelta) -> Account | None:
    """Give who is signed in with a session's secret; None when it ended, was not used for `idle`, or the account is
    closed."""
    kept = model.AccountSession
    live = (
        kept.token_hash == hash_secret(token),
        kept.seen_at > func.now() - idle,
        kept.started_at > func.now() - longest,
    )
    row = (
        session.execute(
            _accounts()
            .add_columns((kept.seen_at < func.now() - SEEN_EVERY).label("stale"))
            .join(kept, kept.account_id == model.Account.id)
            .where(*live, model.Account.active)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    if row["stale"]:
        session.execute(update(kept).where(kept.token_hash == hash_secret(token)).values(seen_at=func.now()))
    return _account(row)


def sign_out(session: Session, token: str) -> None:
    """End one session."""
    session.execute(delete(model.AccountSession).where(model.AccountSession.token_hash == hash_secret(token)))


def sign_out_everywhere(session: Session, account_id: int) -> None:
    """End every session of an account."""
    session.execute(delete(model.AccountSession).where(model.AccountSession.account_id == account_id))
    session.execute(
        update(model.Account).where(model.Account.id == account_id).values(fs_uniquifier=secrets.token_hex(16))
    )


# -- how often one may try ----------------------------------------------------------------------------


def _key(email: str) -> str:
    """Hash what was written as address: people write their password there by mistake."""
    return hash_secret(clean_email(email).lower())


def admit(session: Session, email: str, address: str, device: str | None = None) -> int:
    """Count an attempt to sign in before it is judged, so that attempts at the same time in many workers all count.

    Parameters
    ----------
    session : Session
        Its transaction must be committed before the password is looked at.
    email : str
        As written, whether it has an account or not.
    address : str
        Where it came from.
    device : str, optional
        The secret of a browser from which this address has signed in before. Its attempts count for itself alone, so
        that whoever tries passwords from elsewhere, or from the same office, cannot keep its owner out.

    Returns
    -------
    int
        The attempt's number, for `withdraw`.

    Raises
    ------
    TooManyAttempts
        Saying in how many minutes to try again. A refused attempt does not make it longer.
    """
    attempt = model.SignInAttempt
    key = _key(email)
    if device:
        key, address = hash_secret(f"{key} {device}"), ""
    for number, name in ((1, key), (2, address)) if not device else ((1, key),):
        session.execute(select(func.pg_advisory_xact_lock(number, func.hashtext(name))))
    session.execute(delete(attempt).where(attempt.attempted_at < func.now() - ATTEMPTS_KEPT))
    for column, value, most in (
        (attempt.account_key, key, MOST_FAILURES_OF_ACCOUNT),
        *([] if device else [(attempt.address, address, MOST_FAILURES_FROM_ADDRESS)]),
    ):
        wait = session.scalar(
            select(attempt.attempted_at + WINDOW - func.now())
            .where(column == value, attempt.attempted_at > func.now() - WINDOW)
            .order_by(attempt.attempted_at.desc())
            .offset(most - 1)
            .limit(1)
        )
        if wait is not None:
            raise TooManyAttempts(
                "There were too many attempts to sign in. Try again in %(minutes)s minutes.",
                minutes=max(1, math.ceil(wait / timedelta(minutes=1))),
            )
    return session.scalar(
        insert(attempt)
        .values(account_key=key, address=address, attempted_at=func.clock_timestamp())
        .returning(attempt.id)
    )


def withdraw(session: Session, attempt_id: int) -> None:
    """Take back one attempt: what was tried was right, though more is asked for."""
    session.execute(delete(model.SignInAttempt).where(model.SignInAttempt.id == attempt_id))


def forgive(session: Session, email: str, device: str | None = None) -> None:
    """Forget the failed attempts of an address whose owner is now known to be who signs in, and of its browser."""
    keys = [_key(email), *([hash_secret(f"{_key(email)} {device}")] if device else [])]
    session.execute(delete(model.SignInAttempt).where(model.SignInAttempt.account_key.in_(keys)))
