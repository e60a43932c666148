"""Who may begin a project: an officer, in the units given to her. It lies there by its reporting unit, and is hers."""

from gis import accounts
from gis.access import ROLES
from gis.errors import NotAllowed
from webmap.auth import reader
from webmap.session import session


def units() -> frozenset[str]:
    """Give the slugs of the units in which this reader may begin projects."""
    who = reader()
    role = ROLES.get(who.role)
    if not (role and role.records) or (who.token and not who.record_ids):
        return frozenset()
    account = accounts.find(session(), who.account)
    return accounts.units_within(session(), account) if account else frozenset()


def require(slug: str | None) -> None:
    """Refuse a project that would not be this reader's.

    Raises
    ------
    NotAllowed
    """
    hers = units()
    if not hers:
        raise NotAllowed(
            "Projects are begun by officers to whom a unit is given: ask an administrator for the unit, or to begin "
            "the project.",
            parameter="reporting_unit",
        )  # fmt: skip
    if slug is not None and slug not in hers:
        raise NotAllowed(
            "The reporting unit must lie in a unit given to you: the project would not be yours to keep.",
            parameter="reporting_unit",
        )  # fmt: skip
