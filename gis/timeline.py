"""What happened in a project, day by day, with the documents it rests on."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.indicators import CORRECTION, INDICATORS, Indicator
from gis.model import AffectedParcel, Document, Event, Project
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
        single household.
    """
    told = (
        select(
            Event.kind,
            Event.valid_on,
            func.count(func.coalesce(Event.case_id, AffectedParcel.case_id).distinct()).label("holders"),
            func.sum(Event.area_m2).label("area_m2"),
            func.count(Event.document_id.distinct()).label("documents"),
            func.min(Event.document_id).label("document_id"),
        )
        .join(Project, Project.id == Event.project_id)
        .outerjoin(AffectedParcel, AffectedParcel.id == Event.affected_parcel_id)
        .where(Project.code == project, Event.valid_on <= day, Event.kind != CORRECTION, not_voided(Event))
        .group_by(Event.kind, Event.valid_on)
        .subquery()
    )
    only_one = (told.c.documents == 1) & (Document.id == told.c.document_id)
    found = session.execute(
        select(told, Document).outerjoin(Document, only_one).order_by(told.c.valid_on.desc(), told.c.kind)
    )
    return [
        Happened(INDICATORS[row.kind], row.valid_on, row.holders, row.area_m2, row.documents, row.Document)
        for row in found
    ]
