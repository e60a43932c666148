"""What a case is owed: approved, paid, advanced, deducted and left to pay; and what an act would make wrong of it.

One definition, which the database holds (migration 0028) and everything that shows or guards money asks:

- *approved* is what the last plan that replaced those before it approves, and what was added since;
- *paid* and *advanced* are gross: a deduction for the budget is part of what is paid, never taken off it again;
- *left to pay* is approved less paid less advanced. A progress bonus is no part of the plan and of neither.

A reader has it as far as single amounts may be read (`gis/money.py`): what may not is None, as what is missing is.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from statistics import median

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Numeric,
    Subquery,
    Text,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from gis import papers
from gis.db import Base
from gis.model import Case, Document, Event
from gis.money import EVENT_AMOUNT
from gis.standing import Land

PAYING = ("payment", "advance_payment")
"""The kinds of event that pay what a plan approves."""
KINDS = ("plan_approval", *PAYING, "deduction")
"""All that the state of a case's money is made of."""


class PaymentPermit(Base):
    """Up to how much of a case may be paid in all, whatever its plan approves: the newest counts. Append-only."""

    __tablename__ = "payment_permit"
    __table_args__ = (ForeignKeyConstraint(["project_id", "case_id"], ["case.project_id", "case.id"]),)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    project_id: Mapped[int] = mapped_column(BigInteger)
    case_id: Mapped[int] = mapped_column(BigInteger, index=True)
    ceiling_vnd: Mapped[Decimal] = mapped_column(Numeric(18, 0))
    reason: Mapped[str] = mapped_column(Text)
    given_by: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


@dataclass(frozen=True)
class Dues:
    """The money of a case as it stands on a day. None: nothing is recorded, or the reader may not have it."""

    plans: int = 0
    """Approvals that carry an amount."""
    approved_vnd: Decimal | None = None
    paid_vnd: Decimal | None = None
    """Gross."""
    advanced_vnd: Decimal | None = None
    deducted_vnd: Decimal | None = None
    """Of what is paid."""

    @property
    def settled_vnd(self) -> Decimal:
        """Paid and advanced."""
        return (self.paid_vnd or Decimal(0)) + (self.advanced_vnd or Decimal(0))

    @property
    def left_vnd(self) -> Decimal | None:
        """Left to pay; below zero where more was paid than is approved, None where nothing is approved."""
        return None if self.approved_vnd is None else self.approved_vnd - self.settled_vnd

    @property
    def undeducted_vnd(self) -> Decimal:
        """Deducted beyond what is paid, of which it is a part."""
        return max((self.deducted_vnd or Decimal(0)) - (self.paid_vnd or Decimal(0)), Decimal(0))

    def limit_vnd(self, ceiling_vnd: Decimal | None) -> Decimal:
        """What may be paid in all: what is approved, or more where a leader lets it be paid."""
        return max(self.approved_vnd or Decimal(0), ceiling_vnd or Decimal(0))


@dataclass(frozen=True)
class Payment:
    """Money that was paid to a case, and stands."""

    event_id: int
    case_id: int
    kind: str
    valid_on: date
    amount_vnd: Decimal | None
    document: str | None
    issued_on: date | None
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True)
class Worsened:
    """What an act would make wrong of a case's money, on the first day on which it does."""

    case_id: int
    day: date
    dues: Dues
    """With the act."""
    ceiling_vnd: Decimal | None
    """Up to which a leader lets be paid."""
    over_vnd: Decimal
    """Paid and advanced beyond what may be."""
    undeducted_vnd: Decimal
    """Deducted beyond what is paid."""

    @property
    def limit_vnd(self) -> Decimal:
        """What may be paid in all."""
        return self.dues.limit_vnd(self.ceiling_vnd)


@dataclass(frozen=True)
class Beyond:
    """A case that stands paid beyond what may be, or deducted from beyond what is paid."""

    project: str
    case: str
    """Codes."""
    dues: Dues
    limit_vnd: Decimal
    """What may be paid in all."""

    @property
    def over_vnd(self) -> Decimal:
        """Paid and advanced beyond what may be: 0 where nothing is approved on record, which is missing, not none."""
        planned = self.dues.approved_vnd is not None
        return max(self.dues.settled_vnd - self.limit_vnd, Decimal(0)) if planned else Decimal(0)


def of_cases(
    session: Session, project_id: int, case_ids: Iterable[int], upto: date | None = None
) -> dict[int, Dues]:  # fmt: skip
    """Give the money of cases of a project as it stands at the end of a day; of all days when left out.

    Returns
    -------
    dict of int to Dues
        By case; every case asked for.
    """
    wanted = list(case_ids)
    rows = session.execute(select(_newest(project_id, cast(wanted, ARRAY(BigInteger)), upto))) if wanted else ()
    found = {row.case_id: Dues(row.plans, *row[2:]) for row in rows}
    return {case_id: found.get(case_id, Dues()) for case_id in wanted}


_STANDING = text(
    """
    select distinct on (m.case_id) p.code as project, c.code as "case", m.case_id, m.plans, m.approved_vnd, m.paid_vnd,
           m.advanced_vnd, m.deducted_vnd
    from standing_project p
    cross join lateral case_money(
        p.id, array(select s.id from standing_case s where s.project_id = p.id), cast(:upto as date)) m
    join standing_case c on c.id = m.case_id
    where reads_money_of(p.id) and (:every or p.code = any (cast(:projects as text[])))
    order by m.case_id, m.day desc
    """
)


def beyond(
    session: Session, projects: Sequence[str] | None = None, upto: date | None = None
) -> list[Beyond]:  # fmt: skip
    """List the cases that stand paid beyond what may be paid, or deducted from beyond what is paid.

    Nobody records it so any more; records brought in from before may hold it.

    Parameters
    ----------
    session : Session
        Of projects whose single amounts its reader may not have, nothing is told.
    projects : sequence of str, optional
        Codes; every project when left out.
    upto : date, optional
        As it stands at the end of this day; of all days when left out.

    Returns
    -------
    list of Beyond
        By project and case.
    """
    asked = {"every": projects is None, "projects": list(projects or ()), "upto": "infinity" if upto is None else upto}
    found = [(row, Dues(*row[3:])) for row in session.execute(_STANDING, asked)]
    wrong = [(row, money) for row, money in found if money.undeducted_vnd or (money.left_vnd or 0) < 0]
    permitted = _ceilings(session, [row.case_id for row, _ in wrong])
    told = [
        Beyond(row.project, row.case, money, money.limit_vnd(permitted.get(row.case_id))) for row, money in wrong
    ]  # fmt: skip
    told = [one for one in told if one.over_vnd or one.dues.undeducted_vnd]
    return sorted(told, key=lambda one: (one.project, one.case))


def _ceilings(session: Session, case_ids: list[int]) -> dict[int, Decimal]:
    if not case_ids:  # whoever may have no amounts may not ask for permits either
        return {}
    newest = (
        select(PaymentPermit.case_id, PaymentPermit.ceiling_vnd)
        .where(PaymentPermit.case_id.in_(case_ids))
        .ext(distinct_on(PaymentPermit.case_id))
        .order_by(PaymentPermit.case_id, PaymentPermit.id.desc())
    )
    return {row.case_id: row.ceiling_vnd for row in session.execute(newest)}


def of_project(project_id: int, upto: date | None = None) -> Subquery:
    """Give the money of all cases of a project, to be joined to: `case_id`, and `approved_vnd`, `paid_vnd`,
    `advanced_vnd`, `deducted_vnd`, `left_vnd`."""
    cases = select(func.array_agg(Case.id)).where(Case.project_id == project_id).scalar_subquery()
    found = _newest(project_id, cases, upto)
    c = found.c
    settled = func.coalesce(c.paid_vnd, 0) + func.coalesce(c.advanced_vnd, 0)
    left = (c.approved_vnd - settled).label("left_vnd")
    return select(c.case_id, c.approved_vnd, c.paid_vnd, c.advanced_vnd, c.deducted_vnd, left).subquery("money")


def _newest(project_id: int, cases, upto: date | None) -> Subquery:
    names = ("approved_vnd", "paid_vnd", "advanced_vnd", "deducted_vnd")
    until = cast("infinity" if upto is None else upto.isoformat(), Date)
    states = func.case_money(project_id, cases, until).table_valued(
        "case_id", "day", "plans", *names, name="states"
    )  # fmt: skip
    c = states.c
    return (
        select(c.case_id, c.plans, *(c[name] for name in names))
        .ext(distinct_on(c.case_id))
        .order_by(c.case_id, c.day.desc())
        .subquery("dues")
    )


_WORSENED = text(
    """
    select case_id, day, plans, approved_vnd, paid_vnd, advanced_vnd, deducted_vnd, ceiling_vnd, over_vnd,
           undeducted_vnd
    from money_worsened(:project, cast(:cases as bigint[]), cast('{}' as bigint[]), cast(:more as jsonb))
    """
)


def worsened(
    session: Session,
    project_id: int,
    *,
    kind: str,
    valid_on: date,
    amounts: Mapping[int, Decimal | None],
    replaces: Mapping[int, bool | None] | None = None,
) -> dict[int, Worsened]:
    """Tell which cases an act would leave paid beyond what may be paid, more than they are: nothing is written.

    Parameters
    ----------
    session : Session
    project_id : int
    kind : str
        Kind of the act; one of `KINDS`, or nothing is looked at.
    valid_on : date
    amounts : mapping of case id to amount
    replaces : mapping of case id to bool, optional
        Whether an approval replaces those before it.
    """
    if kind not in KINDS:
        return {}
    more = [
        {"case_id": case_id, "valid_on": valid_on.isoformat(), "kind": kind, "amount_vnd": str(amount),
         "replaces": (replaces or {}).get(case_id)}
        for case_id, amount in amounts.items() if amount is not None
    ]  # fmt: skip
    return _compared(session, project_id, sorted(amounts), more)


def worsened_by_voiding(session: Session, project_id: int, event_ids: Sequence[int]) -> dict[int, Worsened]:
    """Tell which cases the voiding of entries would leave paid beyond what may be paid: nothing is written."""
    wanted = select(Event.id, Event.case_id).where(
        Event.id.in_(event_ids), Event.kind.in_(KINDS), Event.case_id.is_not(None)
    )
    found = session.execute(wanted).all()
    return _compared(session, project_id, sorted({row.case_id for row in found}), [{"voids_id": r.id} for r in found])


def _compared(session: Session, project_id: int, cases: list[int], more: list[dict]) -> dict[int, Worsened]:
    if not more:
        return {}
    rows = session.execute(_WORSENED, {"project": project_id, "cases": cases, "more": json.dumps(more)})
    return {
        row.case_id: Worsened(
            row.case_id, row.day,
            Dues(row.plans or 0, row.approved_vnd, row.paid_vnd, row.advanced_vnd, row.deducted_vnd),
            row.ceiling_vnd, row.over_vnd, row.undeducted_vnd,
        )
        for row in rows
    }  # fmt: skip


def payments(session: Session, case_ids: Iterable[int], kinds: Sequence[str] = PAYING) -> dict[int, list[Payment]]:
    """List what was paid to cases and stands, by case and day."""
    correction = aliased(Event)
    wanted = list(case_ids)
    rows = session.execute(
        select(
            Event.id, Event.case_id, Event.kind, Event.valid_on, EVENT_AMOUNT.c.amount_vnd, Document.number,
            Document.issued_on, Event.recorded_by, Event.recorded_at,
        )
        .outerjoin(EVENT_AMOUNT, EVENT_AMOUNT.c.event_id == Event.id)
        .outerjoin(Document, Document.id == Event.document_id)
        .where(
            Event.case_id.in_(wanted), Event.kind.in_(kinds),
            ~select(correction.id).where(correction.voids_id == Event.id).exists(),
        )
        .order_by(Event.valid_on, Event.id)
    ) if wanted else ()  # fmt: skip
    found: dict[int, list[Payment]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append(Payment(*row))
    return found


def paid_by(
    session: Session, kind: str, case_ids: Iterable[int], number: str, issued_on: date | None
) -> dict[int, Payment]:
    """Give what a document paid to cases, or approved of them, by a kind of act already: the first such entry of each
    case that stands. A document is known by its number, however that is written (`gis.papers`)."""
    found = {}
    for case_id, listed in payments(session, case_ids, (kind,)).items():
        same = [one for one in listed if one.document and papers.same(number, issued_on, one.document, one.issued_on)]
        if same:
            found[case_id] = min(same, key=lambda one: one.event_id)
    return found


def paid_by_number(
    session: Session, kind: str, case_ids: Iterable[int], number: str, issued_on: date | None
) -> dict[int, Payment]:  # fmt: skip
    """Give what a document of the same number paid to cases that is of another day, or paid by another kind of act: it
    may be the same money. What `paid_by` gives is not among it."""
    found = {}
    for case_id, listed in payments(session, case_ids, PAYING if kind in PAYING else (kind,)).items():
        for one in listed:
            exact = one.document and one.kind == kind and papers.same(number, issued_on, one.document, one.issued_on)
            if one.document and not exact and papers.same(number, None, one.document, None):
                found.setdefault(case_id, one)
    return found


def out_of_scale(kind: str, amount: Decimal | int | None, dues: Dues) -> bool:
    """Tell an amount that is likely in another unit: a plan a hundred times what is approved or a hundredth of it; a
    payment of less than a five-hundredth of that, unless it pays what is left."""
    approved = dues.approved_vnd
    if not amount or not approved:
        return False
    if kind in PAYING:
        return amount * 500 <= approved and amount != dues.left_vnd
    return kind == "plan_approval" and far(amount, approved)


FAR = 100
"""Times that two amounts are apart of which one is likely in another unit."""


FEWEST_OTHERS = 2
"""Plans of other cases that say what is usual."""
MOST_EACH_VND = 1_000_000_000
"""Per m² to recover: the dearest streets of the country stand at some 700 million in the tables of prices of 2026."""


@dataclass(frozen=True)
class Unlike:
    """A first plan that is far from those of other cases of the project, by itself and by m², or from any price."""

    each_vnd: Decimal
    """Per m² to recover, whole đồng."""
    usual_vnd: Decimal | None
    """Per m²: the median of the others; None where it is above any price of land, whatever others have."""


def unlike_others(
    session: Session, project_id: int, amounts: Mapping[int, Decimal | int | None]
) -> dict[int, Unlike]:  # fmt: skip
    """Give the first plans of cases that are a hundred times those of others, or a hundredth: approved ones of the
    project, and those approved together with it.

    Fewer than two others say nothing, but no land costs `MOST_EACH_VND`. A small house and a large forest are far apart
    by m², not by what is paid; only what is far by both counts.
    """
    money = of_project(project_id)
    rows = session.execute(
        select(Land.case_id, func.sum(Land.area_m2), func.max(money.c.approved_vnd))
        .outerjoin(money, money.c.case_id == Land.case_id)
        .where(Land.project_id == project_id, Land.case_id.is_not(None))
        .group_by(Land.case_id)
    ).all()
    areas = {case_id: area for case_id, area, _ in rows if area}
    first = {case_id for case_id, _, approved in rows if not approved and amounts.get(case_id)}
    known = {case_id: Decimal(approved) for case_id, _, approved in rows if approved and case_id in areas}
    known |= {case_id: Decimal(amounts[case_id]) for case_id in first if case_id in areas}
    found = {}
    for case_id in first & areas.keys():
        each = known[case_id] / areas[case_id]
        if each >= MOST_EACH_VND:
            found[case_id] = Unlike(each.quantize(Decimal(1)), None)
            continue
        others = {other: amount for other, amount in known.items() if other != case_id}
        if len(others) < FEWEST_OTHERS:
            continue
        usual = median(others.values())
        usual_each = median(amount / areas[other] for other, amount in others.items())
        if far(known[case_id], usual) and far(each, usual_each) and (each > usual_each) == (known[case_id] > usual):
            found[case_id] = Unlike(each.quantize(Decimal(1)), usual_each.quantize(Decimal(1)))
    return found


def far(one: Decimal | int, other: Decimal | int) -> bool:
    """Tell amounts of which one is at least a hundred times the other."""
    low, high = sorted((Decimal(one), Decimal(other)))
    return low * FAR <= high


def alike(
    session: Session, valid_on: date, amounts: Mapping[int, Decimal | int | None]
) -> dict[int, Payment]:  # fmt: skip
    """Give what was paid or advanced to cases on a day already, each the same amount: it may be the same money."""
    return {
        case_id: found
        for case_id, listed in payments(session, amounts).items()
        for found in listed
        if found.valid_on == valid_on and found.amount_vnd is not None and found.amount_vnd == amounts[case_id]
    }


def permits(session: Session, case_id: int) -> list[PaymentPermit]:
    """List what leaders let be paid of a case, the newest first: it alone counts."""
    wanted = select(PaymentPermit).where(PaymentPermit.case_id == case_id)
    return list(session.scalars(wanted.order_by(PaymentPermit.id.desc())))
