"""Who may see what: the one policy that routes, layers and exports ask.

Until people can sign in, everybody who reaches the address is the same reader, and the setting
`GPMB_OPEN_ACCESS` says how much that reader may see. Personal data of holders is beyond every reader: the web
role may not even read its table.
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


def allows(opened: str, wanted: Access) -> bool:
    """Tell whether a reader under setting `opened` may have `wanted`."""
    return wanted in OPEN_ACCESS[opened]
