"""The log of changes of one project as people read it: filtered, page by page, ids with the names they stand for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from gis.model import (
    AdminUnit,
    AffectedParcel,
    AuditEntry,
    Case,
    Document,
    Event,
    Parcel,
    Project,
    ProjectPart,
    ResettlementPlot,
    ResettlementSite,
)
from gis.progress import VIETNAM_TIME

_NAMED = {
    "case_id": select(Case.id, Case.code),
    "document_id": select(Document.id, Document.number),
    "unit_id": select(AdminUnit.id, AdminUnit.name),
    "part_id": select(ProjectPart.id, ProjectPart.name),
    "affected_parcel_id": select(AffectedParcel.id, func.concat(Parcel.sheet, "/", Parcel.number)).join(Parcel),
    "parcel_id": select(Parcel.id, func.concat(Parcel.sheet, "/", Parcel.number)),
    "unit": select(AdminUnit.slug, AdminUnit.name),
    "reporting_unit": select(AdminUnit.slug, AdminUnit.name),
    "parent": select(Project.code, Project.name),
    "document": select(Document.id, Document.number),
    "plot_id": select(ResettlementPlot.id, func.concat(ResettlementSite.code, "/", ResettlementPlot.number)).join(
        ResettlementSite
    ),
}
"""What ids and keys in an entry point to: the id or key, and the name by which people know it."""
_OF_PARCELS = ("parcels", "land_of_no_holder", "legal_areas", "parcel_names", "land_uses")
"""Fields whose keys begin with the unit that numbered a parcel."""


def entries(
    session: Session,
    project_id: int,
    *,
    who: str | None = None,
    entity: str | None = None,
    since: date | None = None,
    upto: date | None = None,
    before: int | None = None,
    most: int | None = None,
) -> Sequence[AuditEntry]:
    """List changes of a project's records and of its documents, the newest first.

    Parameters
    ----------
    session : Session
        Of a reader who may have personal data of the project; to others the database shows nothing.
    project_id : int
    who : str, optional
        Part of an account's address.
    entity : str, optional
        Only changes of this kind of record.
    since, upto : date, optional
        First and last day, Vietnamese time.
    before : int, optional
        Only entries with a lower number: the next page.
    most : int, optional
        At most so many.
    """
    wanted = _of_project(project_id)
    if who:
        wanted = wanted.where(AuditEntry.who.icontains(who, autoescape=True))
    if entity:
        wanted = wanted.where(AuditEntry.entity == entity)
    if since:
        wanted = wanted.where(AuditEntry.at >= datetime.combine(since, time(), VIETNAM_TIME))
    if upto and upto < date.max:
        wanted = wanted.where(AuditEntry.at < datetime.combine(upto + timedelta(1), time(), VIETNAM_TIME))
    if before:
        wanted = wanted.where(AuditEntry.id < before)
    return session.scalars(wanted.order_by(AuditEntry.id.desc()).limit(most)).all()


def entities(session: Session, project_id: int) -> list[str]:
    """Name the kinds of record whose changes the log of a project has."""
    kinds = _of_project(project_id).with_only_columns(AuditEntry.entity).distinct()
    return sorted(session.scalars(kinds))


def names(session: Session, listed: Iterable[AuditEntry]) -> dict[tuple[str, int | str], str]:
    """Give the names that ids and keys in entries stand for, by field and id; what is gone has none."""
    asked: dict[str, set[int | str]] = defaultdict(set)
    for entry in listed:
        for field, value in _values(entry):
            if field in _OF_PARCELS and isinstance(value, dict):
                parcels = [*value, *(held for held in value.values() if field == "parcel_names")]
                asked["unit"].update(key.partition(" ")[0] for key in parcels if isinstance(key, str))
            elif field in _NAMED and type(value) is _NAMED[field].selected_columns[0].type.python_type:
                asked[field].add(value)
    found = {}
    for field, ids in asked.items():
        query = _NAMED[field]
        for number, name in session.execute(query.where(query.selected_columns[0].in_(ids))):
            found[field, number] = name
    return found


def cases_of(session: Session, listed: Iterable[AuditEntry]) -> dict[int, str]:
    """Give the code of the case of each event that entries tell of, by id of the event."""
    ids = {entry.entity_id for entry in listed if entry.entity == "event"}
    land = AffectedParcel.id == Event.affected_parcel_id
    query = select(Event.id, Case.code).outerjoin(AffectedParcel, land)
    query = query.join(Case, Case.id == func.coalesce(Event.case_id, AffectedParcel.case_id))
    return dict(session.execute(query.where(Event.id.in_(ids))).all())


def codes(session: Session, listed: Iterable[AuditEntry]) -> dict[int, str]:
    """Give the codes of the cases that entries change, by id: not every entry of a case holds it."""
    ids = {entry.entity_id for entry in listed if entry.entity == "case"}
    return dict(session.execute(select(Case.id, Case.code).where(Case.id.in_(ids))).all())


def _values(entry: AuditEntry) -> Iterator[tuple[str, object]]:
    for side in (entry.before, entry.after):
        yield from (side or {}).items()


def _of_project(project_id: int) -> Select:
    papers = select(Event.document_id).where(Event.project_id == project_id)
    papers = papers.union(select(Document.id).where(Document.project_id == project_id))
    of_paper = and_(
        AuditEntry.entity == "document", AuditEntry.project_id.is_(None), AuditEntry.entity_id.in_(papers)
    )  # fmt: skip
    return select(AuditEntry).where(or_(AuditEntry.project_id == project_id, of_paper))
