"""Who gets which money: single amounts of households, or sums of three of them (docs/decisions/0005-few-households.md).

The database decides it by who reads (migration 0018): the view `event_amount` gives single amounts as far as the reader
may have them, `AmountBatch` the sums that everybody may have. Nothing else is read for money.
"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    Text,
    and_,
    column,
    func,
    not_,
    table,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from gis.db import Base
from gis.indicators import AMOUNT, STEPS

FEW = 3
"""Of fewer households than these no money is told, nor its day, to who may not have their personal data."""
KINDS = tuple(step.key for step in STEPS if AMOUNT in step.sums)
"""The kinds of event that carry money."""
PAID_KINDS = tuple(step.key for step in STEPS if step.sums == {AMOUNT})
"""Those that are about money alone. Their days are not posted publicly, as those of plans and decisions are (Land Law
2024 art. 87(3)): they are told as their amounts are."""


class AmountBatch(Base):
    """The sum of three amounts of one kind, of three households of one project and commune. Kept up by a trigger.

    It counts whole: where the case of its first event is at home, on the latest of its days, known since the latest of
    its entries, until one of them is voided.
    """

    __tablename__ = "amount_batch"
    __table_args__ = (ForeignKeyConstraint(["project_id", "case_id"], ["case.project_id", "case.id"]),)
    id: Mapped[int] = mapped_column(BigInteger, ForeignKey("event.id"), primary_key=True, autoincrement=False)
    """That of its first event."""
    project_id: Mapped[int] = mapped_column(BigInteger, index=True)
    kind: Mapped[str] = mapped_column(Text)
    case_id: Mapped[int] = mapped_column(BigInteger)
    valid_on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    voided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    amount_vnd: Mapped[Decimal] = mapped_column(Numeric(20, 0))
    withdrawn: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    """Told to nobody any more, of no moment: beside sums of official papers it would tell of one or two households."""


class PersonalAmount(Base):
    """An event that carries an amount of a household or individual, and the batch it went into."""

    __tablename__ = "personal_amount"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "case_id"], ["case.project_id", "case.id"]),
        Index("ix_personal_amount_waiting", "project_id", "kind", postgresql_where=text("batch_id is null")),
        Index("ix_personal_amount_figures", "kind", postgresql_where=text("figures <> '{}'")),
    )
    event_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("event.id"), primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    case_id: Mapped[int] = mapped_column(BigInteger)
    homes: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """The commune that holds most of the case's area, in each generation of units."""
    batch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("amount_batch.id"), index=True)
    figures: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    """The reported figures whose sum it is a part of."""


class WithheldFigure(Base):
    """A reported figure that only who may have personal data of its project gets (migration 0029): its sum is of one or
    two households, or would leave one or two of another sum."""

    __tablename__ = "withheld_figure"
    figure_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("reported_figure.id"), primary_key=True, autoincrement=False
    )


class LoneCase(Base):
    """A household with fewer than two neighbours of its project in its communes: payments to it, counted, would tell
    their day. It is named whether it was paid or not (migration 0029)."""

    __tablename__ = "lone_case"
    case_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("case.id"), primary_key=True, autoincrement=False)
    project_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("project.id"), index=True)


EVENT_AMOUNT = table(
    "event_amount",
    column("event_id", BigInteger), column("project_id", BigInteger), column("kind", Text),
    column("amount_vnd", Numeric(18, 0)), column("withheld"), column("batch_id", BigInteger),
)  # fmt: skip
"""The amount of each event that carries one: null and `withheld` where the reader may not have it."""


def reads_money_of(project_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Give the condition that the reader may have single amounts of a project, and the days of payments."""
    return func.reads_money_of(project_id)


def day_withheld(
    kind: ColumnElement[str], holder_kind: ColumnElement[str], project_id: ColumnElement[int]
) -> ColumnElement[bool]:
    """Give the condition that the day of an event of this kind, of such a holder, is not told to the reader."""
    paid = kind.in_(PAID_KINDS)
    return and_(paid, func.coalesce(holder_kind, "").in_(("household", "individual")), not_(reads_money_of(project_id)))
