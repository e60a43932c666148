"""What an office has before it: how far each project stands, and the steps that are due or overdue."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from gis.collation import vietnamese_order
from gis.histories import histories_of
from gis.money import PAID_KINDS
from gis.progress import ask, progress
from gis.rules import deadlines

SOON = timedelta(days=7)
SORTS = ("name", "overdue", "left", "share", "next_due")


@dataclass(frozen=True)
class Standing:
    """A project as it stands. Figures are None where nothing is recorded of it."""

    code: str
    name: str
    households: int | None = None
    of_households: int | None = None
    area_m2: Decimal | None = None
    of_area_m2: Decimal | None = None
    overdue: int | None = None
    """Cases with a step that is overdue; None where the reader keeps no records of it."""
    next_due: date | None = None
    """The next day on which a step is due, from today on."""

    @property
    def left_m2(self) -> Decimal | None:
        """What is still to be handed over."""
        return None if self.area_m2 is None or self.of_area_m2 is None else self.of_area_m2 - self.area_m2

    @property
    def share(self) -> Decimal | None:
        """Handed over, of all that is to be recovered."""
        return self.area_m2 / self.of_area_m2 if self.area_m2 is not None and self.of_area_m2 else None


@dataclass(frozen=True)
class Due:
    """A step of a project that the law sets a time for, and the cases that have not taken it."""

    project: str
    step: str
    overdue: tuple[str, ...]
    """Codes of cases, the longest overdue first."""
    soon: tuple[str, ...]
    """Codes of those that are due within `SOON`."""
    first_on: date
    """The earliest day on which it is or was due."""


def due(session: Session, projects: Collection[str], day: date, *, money_too: Collection[str]) -> list[Due]:
    """List the steps that are overdue or due within a week, in one statement for all projects.

    Parameters
    ----------
    session : Session
    projects : collection of str
        Codes.
    day : date
        Today.
    money_too : collection of str
        Projects of which the reader may know whether a single household was paid; of the others terms of payment
        are left out.
    """
    late, soon, first = defaultdict(list), defaultdict(list), {}
    for key, acts in (histories_of(session, projects=list(projects), as_of=day) if projects else {}).items():
        for one in deadlines(acts, day):
            if one.done_on is not None or one.due_on > day + SOON:
                continue
            if key.project not in money_too and {one.step, one.rule.term.counted_from} & set(PAID_KINDS):
                continue
            which = key.project, one.step
            (soon if one.due_on >= day else late)[which].append((one.due_on, key.code))
            first[which] = min(first.get(which, one.due_on), one.due_on)
    made = [
        Due(project, step, _codes(late[project, step]), _codes(soon[project, step]), on)
        for (project, step), on in first.items()
    ]
    return sorted(made, key=lambda one: (-len(one.overdue), one.first_on, one.project, one.step))


def _codes(found: Sequence[tuple[date, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for _, code in sorted(found)))


def standings(
    session: Session, names: Sequence[tuple[str, str]], owed: Sequence[Due], day: date, *, kept: Collection[str]
) -> list[Standing]:
    """Tell how far projects stand, by the one function that counts everything.

    Parameters
    ----------
    session : Session
    names : sequence of (code, name)
    owed : sequence of Due
        Of the projects in `kept`.
    day : date
    kept : collection of str
        Codes of the projects whose deadlines were asked for.
    """
    rows = progress(session, ask(by=("project",), as_of=day, kinds=("affected", "handover"))).rows if names else []
    values = {row.project.code: row.values for row in rows if row.project}
    late, nearest = defaultdict(set), {}
    for one in owed:
        late[one.project] |= set(one.overdue)
        if one.soon:
            nearest[one.project] = min(nearest.get(one.project, one.first_on), max(one.first_on, day))
    made = []
    for code, name in names:
        done, whole = ((values.get(code) or {}).get(kind) or {} for kind in ("handover", "affected"))
        made.append(
            Standing(
                code, name, done.get("households"), whole.get("households"), done.get("area_m2"),
                whole.get("area_m2"), len(late[code]) if code in kept else None, nearest.get(code),
            )
        )  # fmt: skip
    return sorted(made, key=lambda one: vietnamese_order(one.name))


def ordered(found: Sequence[Standing], sort: str, *, falling: bool) -> list[Standing]:
    """Sort standings by one of `SORTS`; what has no value comes last, and equal ones stay by name."""
    value = {
        "name": lambda one: vietnamese_order(one.name), "overdue": lambda one: one.overdue or None,
        "left": lambda one: one.left_m2, "share": lambda one: one.share, "next_due": lambda one: one.next_due,
    }[sort]  # fmt: skip
    known = sorted((one for one in found if value(one) is not None), key=value, reverse=falling)
    return known + [one for one in found if value(one) is None]
