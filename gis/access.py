"""Who may see and change what: the one policy that routes, layers, exports and pages ask.

The setting `GPMB_OPEN_ACCESS` says how much whoever reaches the address may see; who signs in may see what the role
opens, and never less, but an investor sees his projects alone. The database holds the same fences: `gis.db.read_as`
tells it who reads, and its policies (migration 0013) hide what is not theirs even where a filter was forgotten.
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256


class Access(StrEnum):
    """What a route or a layer shows, from the least to the most delicate."""

    STATUS = "status"
    """That the service lives, its scripts and styles: always open."""
    AGGREGATE = "aggregate"
    """Figures of projects and communes, and their outlines."""
    RECORD = "record"
    """Single parcels and plots with the dates of their steps; never who holds them."""
    DESK = "desk"
    """The desk: cases, documents, entries and their history, as officers keep them. Names and single amounts of
    households only where the reader may have personal data of the project."""


OPEN_ACCESS = {
    "none": frozenset({Access.STATUS}),
    "public": frozenset({Access.STATUS, Access.AGGREGATE}),
    "office": frozenset({Access.STATUS, Access.AGGREGATE, Access.RECORD}),
}
"""What each value of `GPMB_OPEN_ACCESS` opens to whoever reaches the address."""
OPENED = OPEN_ACCESS | {"desk": frozenset(Access)}
"""What is opened to a reader, by name: by the setting, or by a role."""


@dataclass(frozen=True)
class Role:
    """What a role opens."""

    opened: str
    """A key of `OPENED`."""
    only_given: bool = False
    """Whether only the projects given to the account exist for its reader."""
    personal: str = "none"
    """Of which projects personal data may be read: none, given, all."""
    records: bool = False
    """Whether records of the projects given may be changed, and projects begun in the units given."""
    permits: bool = False
    """Whether a case may be permitted to be paid beyond its plan: who records payments does not permit them."""

    @property
    def uses_given(self) -> bool:
        """Whether it matters which projects are given to the account."""
        return self.only_given or self.records or self.personal == "given"


ROLES = {
    "administrator": Role("office"),
    "officer": Role("desk", personal="given", records=True),
    "leader": Role("desk", personal="all", permits=True),
    "investor": Role("office", only_given=True),
}
"""The roles people have. An administrator sees to people and settings, not to records."""


@dataclass(frozen=True)
class Reader:
    """Whoever asks: what is open to them, of which projects, and what they may change."""

    opened: str
    account: str | None = None
    """E-mail address of who is signed in."""
    role: str | None = None
    project_ids: frozenset[int] | None = None
    """The projects that exist for this reader; None for all."""
    personal_ids: frozenset[int] | None = frozenset()
    """The projects whose personal data may be read; None for all."""
    record_ids: frozenset[int] = frozenset()
    """The projects whose records may be changed."""
    permits: bool = False
    """Whether payments beyond a plan may be permitted."""
    token: str | None = None
    """Name of the token that a program asks with on behalf of the account."""

    def may_see(self, wanted: Access) -> bool:
        """Tell whether this reader may have something."""
        return allows(self.opened, wanted)

    def may_record(self, project_id: int) -> bool:
        """Tell whether this reader may change records of a project."""
        return project_id in self.record_ids

    def may_see_personal(self, project_id: int) -> bool:
        """Tell whether this reader may have personal data of a project."""
        return self.personal_ids is None or project_id in self.personal_ids

    def may_permit(self, project_id: int) -> bool:
        """Tell whether this reader may let cases of a project be paid beyond their plans."""
        return self.permits and self.may_see_personal(project_id)

    @property
    def scope(self) -> str:
        """Whose rows and whose personal data this reader has, as a short mark for what is kept between requests; empty
        for every project and no personal data."""
        parts = (("projects", self.project_ids, None), ("personal", self.personal_ids, frozenset()))
        said = [f"{name} {'all' if ids is None else sorted(ids)}" for name, ids, usual in parts if ids != usual]
        return sha256(" ".join(said).encode()).hexdigest()[:12] if said else ""


def reader(
    setting: str, account: str | None = None, role: str | None = None, given: frozenset[int] = frozenset()
) -> Reader:
    """Say what is open to an account, or (without one) to whoever reaches the address.

    Parameters
    ----------
    setting : str
        Value of `GPMB_OPEN_ACCESS`.
    account, role : str, optional
        E-mail address and role of who is signed in. An unknown role opens nothing of its own.
    given : frozenset of int
        Ids of the projects given to the account, by themselves or by a unit (`gis.accounts.given_projects`).
    """
    theirs = ROLES.get(role, Role("none")) if role else Role("none")
    return Reader(
        opened_to(setting, role), account, role,
        project_ids=given if theirs.only_given else None,
        personal_ids={"none": frozenset(), "given": given, "all": None}[theirs.personal],
        record_ids=given if theirs.records else frozenset(),
        permits=theirs.permits,
    )  # fmt: skip


def opened_to(setting: str, role: str | None) -> str:
    """Give what is open to a reader of a role, or (None) to one who has not signed in: the wider of the two."""
    theirs = ROLES[role].opened if role in ROLES else "none"
    return max(setting, theirs, key=lambda opened: len(OPENED[opened]))


def allows(opened: str, wanted: Access) -> bool:
    """Tell whether a reader to whom `opened` is open may have `wanted`."""
    return wanted in OPENED[opened]
