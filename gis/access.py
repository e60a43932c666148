"""Who may see what: the one policy that routes, layers and exports ask.

The setting `GPMB_OPEN_ACCESS` says how much whoever reaches the address may see; who signs in may see what the role
opens, and never less. Personal data of holders is beyond every reader: the web role may not even read its table.
"""

from enum import StrEnum


class Access(StrEnum):
    """What a route or a layer shows, from the least to the most delicate."""

    STATUS = "status"
    """That the service lives, its scripts and styles: always open."""
    AGGREGATE = "aggregate"
    """Figures of projects and communes, and their outlines."""
    RECORD = "record"
    """Single parcels and plots with the dates of their steps; never who holds them."""


OPEN_ACCESS = {
    "none": frozenset({Access.STATUS}),
    "public": frozenset({Access.STATUS, Access.AGGREGATE}),
    "office": frozenset({Access.STATUS, Access.AGGREGATE, Access.RECORD}),
}
"""What each value of `GPMB_OPEN_ACCESS` opens to whoever reaches the address."""


ROLES = {"administrator": "office", "officer": "office", "leader": "office"}
"""The roles people have, and what each opens: a key of `OPEN_ACCESS`."""


def opened_to(setting: str, role: str | None) -> str:
    """Give what is open to a reader of a role, or (None) to one who has not signed in: the wider of the two."""
    theirs = ROLES.get(role, "none") if role else "none"
    return max(setting, theirs, key=lambda opened: len(OPEN_ACCESS[opened]))


def allows(opened: str, wanted: Access) -> bool:
    """Tell whether a reader under setting `opened` may have `wanted`."""
    return wanted in OPEN_ACCESS[opened]
