"""What happened in a project, day by day, with the documents it rests on."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from gis import money
from gis.indicators import CORRECTION, INDICATORS, Indicator
from gis.model import AffectedParcel, Case, Document, Event, Holder, Project
from gis.tiles import not_voided


@dataclass(frozen=True)
class Happened:
    """Everything of one kind on one day."""

    indicator: Indicator
    day: date
    holders: int
    """Distinct cases; 0 where it concerned land of no holder or the project as a whole."""
    area_m2: Decimal | None
    documents: int
    document: Document | None
    """The one it rests on; None where there are several, or none."""


def timeline(session: Session, project: str, day: date) -> list[Happened]:
    """Give what happened in a project by a day, the latest first, as known now.

    Parameters
    ----------
    session : Session
    project : str
        Code of the project; an unknown one has an empty timeline.
    day : date
        The last day told of.

    Returns
    -------
    list of Happened
        One for each kind and day. Without entries that a correction voids, and without money: a day may concern a
        single household. What was paid to households whose personal data the reader may not have is told by threes, on
        the latest day of the three (`gis.money`).
    """
    withheld = money.day_withheld(Event.kind, Holder.kind, Event.project_id)
    valid_on = case((withheld, money.AmountBatch.valid_on), else_=Event.valid_on)
    told = (
        select(
            Event.kind,
            valid_on.label("valid_on"),
            func.count(func.coalesce(Event.case_id, AffectedParcel.case_id).distinct()).label("holders"),
            func.sum(Event.area_m2).label("area_m2"),
            func.count(Event.document_id.distinct()).label("documents"),
            func.min(Event.document_id).label("document_id"),
        )
        .join(Project, Project.id == Event.project_id)
        .outerjoin(AffectedParcel, AffectedParcel.id == Event.affected_parcel_id)
        .outerjoin(Case, Case.id == func.coalesce(Event.case_id, AffectedParcel.case_id))
        .outerjoin(Holder, Holder.id == Case.holder_id)
        .outerjoin(money.PersonalAmount, money.PersonalAmount.event_id == Event.id)
        .outerjoin(
            money.AmountBatch,
            and_(money.AmountBatch.id == money.PersonalAmount.batch_id, money.AmountBatch.voided_at.is_(None)),
        )
        .where(Project.code == project, valid_on <= day, Event.kind != CORRECTION, not_voided(Event))
        .group_by(Event.kind, valid_on)
        .subquery()
    )
    # Of a day on which only households were paid the document is told where its own day is.
    only_one = (told.c.documents == 1) & (Document.id == told.c.document_id)
    only_one &= ~(told.c.kind.in_(money.PAID_KINDS) & func.paper_day_withheld(Document.id))
    found = session.execute(
        select(told, Document).outerjoin(Document, only_one).order_by(told.c.valid_on.desc(), told.c.kind)
    )
    return [
        Happened(INDICATORS[row.kind], row.valid_on, row.holders, row.area_m2, row.documents, row.Document)
        for row in found
    ]
