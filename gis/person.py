"""Duties towards one person: to give them what is kept about them, and to erase who they are when the time is over.

Law 91/2025/QH15 on personal data protection, Decree 356/2025/NĐ-CP; docs/personal-data.md says what each duty means
here. Erasing takes out who a person is, never what was counted: the case, its m² and its money stay for the accounts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from gis import audit, reads
from gis.errors import Conflict, NotAllowed, NotFound
from gis.model import (
    AdminUnit,
    AffectedParcel,
    Attachment,
    Case,
    CostLine,
    CostSheet,
    Document,
    Event,
    Holder,
    HolderIdentity,
    Obstacle,
    Parcel,
    Petition,
    Project,
    ResettlementPlot,
    ResettlementSite,
)
from gis.money import EVENT_AMOUNT
from gis.progress import plain, today
from gis.submission import Once, once
from gis.texts import clean_text

ERASED = "(đã xóa dữ liệu cá nhân)"
"""Stands for the name of who was erased."""
PEOPLE = ("household", "individual")
"""Kinds of holders whose data is personal; those of an organisation or a community are not."""


@dataclass(frozen=True)
class Due:
    """A person whose data may be erased."""

    holder_id: int
    cases: list[str]
    """Their cases, as project/code."""
    last_event_on: date
    """Of all their projects."""
    since: date
    """The first day on which it may be erased."""


@dataclass(frozen=True)
class Erasure:
    """What erasing did, and what it left."""

    once: Once
    cases: list[str]
    petitions: int
    """Petitions of the person's cases, whose text may still name them."""
    attachments: int
    """Files of documents of their cases, which may still name them."""


def find(session: Session, project: str, case: str) -> Case:
    """Give a case by the codes of its project and itself.

    Raises
    ------
    NotFound
        The same for what is not there and what the reader may not know of.
    """
    found = session.scalar(
        select(Case).join(Project, Project.id == Case.project_id).where(Project.code == project, Case.code == case)
    )
    if found is None:
        raise NotFound("There is no case “%(case)s” in this project.", parameter="case", case=case)
    return found


def projects_of(session: Session, case: Case) -> frozenset[int]:
    """Give the ids of the projects in which the holder of a case has a case."""
    return frozenset(session.scalars(select(Case.project_id).where(Case.holder_id == case.holder_id)))


def gather(session: Session, case: Case) -> dict:
    """Collect all that is kept about the holder of a case, in every project, as JSON values.

    Parameters
    ----------
    session : Session
        Of a reader who may have personal data of all projects in which the holder has a case.
    case : Case

    Returns
    -------
    dict
        ``identity`` (None where it was never entered), and lists ``cases``, ``parcels``, ``events``, ``documents``,
        ``petitions``, ``obstacles``, ``costs``. Areas are m², money is VND.
    """
    theirs = session.execute(
        select(Case, Project.code, Project.name)
        .join(Project, Project.id == Case.project_id)
        .where(Case.holder_id == case.holder_id)
        .order_by(Case.id)
    ).all()
    ids = [row.Case.id for row in theirs]
    named = {row.Case.id: f"{row.code}/{row.Case.code}" for row in theirs}
    holder = session.get_one(Holder, case.holder_id)
    identity = session.get(HolderIdentity, case.holder_id)
    events = session.execute(_events_of(ids)).all()
    land = _land(session, ids)
    of_land = {row["id"]: row["case_id"] for row in land}
    of_event = {event.id: event.case_id or of_land.get(event.affected_parcel_id) for event in events}
    of_event |= {event.id: of_event[event.voids_id] for event in events if event.voids_id in of_event}
    documents = session.scalars(
        select(Document).where(Document.id.in_({e.document_id for e in events if e.document_id})).order_by(Document.id)
    ).all()
    numbers = {document.id: document.number for document in documents}
    return {
        "written_on": today().isoformat(),
        "identity": identity and {
            "kind": holder.kind, "full_name": identity.full_name, "identity_number": identity.identity_number,
            "phone": identity.phone, "address": identity.address,
            "erased_at": identity.erased_at and identity.erased_at.isoformat(),
        },
        "cases": [
            {"case": named[row.Case.id], "project": row.name, "registered_on": row.Case.registered_on.isoformat(),
             "cancelled_at": row.Case.cancelled_at and row.Case.cancelled_at.isoformat(),
             "cancel_reason": row.Case.cancel_reason}
            for row in theirs
        ],
        "parcels": [
            {"case": named[row["case_id"]]} | {k: v for k, v in row.items() if k not in ("id", "case_id")}
            for row in land
        ],
        "events": [
            {
                "id": event.id, "case": named[of_event[event.id]], "kind": event.kind,
                "valid_on": event.valid_on.isoformat(),
                "recorded_at": event.recorded_at.isoformat(timespec="seconds"), "recorded_by": event.recorded_by,
                "document": numbers.get(event.document_id), "area_m2": plain(event.area_m2),
                "amount_vnd": plain(event.amount_vnd), "plot": _plot(session, event.plot_id), "note": event.note,
                "voids": event.voids_id,
            }
            for event in events
        ],
        "documents": [
            {"kind": d.kind, "number": d.number, "issued_on": d.issued_on and d.issued_on.isoformat(),
             "issuer": d.issuer, "title": d.title}
            for d in documents
        ],
        "petitions": [
            {"case": named[p.case_id], "kind": p.kind, "received_on": p.received_on.isoformat(), "subject": p.subject,
             "replied_on": p.replied_on and p.replied_on.isoformat(), "reply": p.reply}
            for p in session.scalars(select(Petition).where(Petition.case_id.in_(ids)).order_by(Petition.id))
        ],
        "obstacles": [
            {"case": named[o.case_id], "kind": o.kind, "description": o.description, "owner": o.owner,
             "direction": o.direction,
             "known_since": o.known_since.isoformat(), "resolved_on": o.resolved_on and o.resolved_on.isoformat()}
            for o in session.scalars(select(Obstacle).where(Obstacle.case_id.in_(ids)).order_by(Obstacle.id))
        ],
        "costs": [
            {"case": named[row.case_id], "document": row.plan, "version": row.version, "category": line.category,
             "item": line.item, "land_use": line.land_use, "unit_of_measure": line.unit,
             "quantity": plain(line.quantity), "dimensions": line.dimensions,
             "unit_price_vnd": plain(line.unit_price_vnd), "coefficient": plain(line.coefficient),
             "support_level": plain(line.support_level), "amount_vnd": plain(line.amount_vnd),
             "legal_basis": line.legal_basis, "not_compensated": line.not_compensated}
            for row in session.execute(_costs_of(ids)) for line in (row.CostLine,)
        ],
    }  # fmt: skip


def log_given(session: Session, case: Case, *, who: str, what: str, token: str | None = None) -> None:
    """Write into the log of reads that what `gather` gives is handed out: an entry for each project."""
    for project_id in sorted(projects_of(session, case)):
        reads.log(session, what, who=who, token=token, project_id=project_id, holder_ids=[case.holder_id])


def _land(session: Session, case_ids: Sequence[int]) -> list[dict]:
    numbered_in = aliased(AdminUnit)
    rows = session.execute(
        select(AffectedParcel.id, AffectedParcel.case_id, numbered_in.name.label("unit"), Parcel.sheet, Parcel.number,
               Parcel.land_use, Parcel.legal_area_m2, AffectedParcel.area_m2)
        .join(Parcel, Parcel.id == AffectedParcel.parcel_id)
        .join(numbered_in, numbered_in.id == Parcel.numbered_in_unit_id)
        .where(AffectedParcel.case_id.in_(case_ids))
        .order_by(AffectedParcel.id)
    )  # fmt: skip
    return [{name: plain(value) for name, value in row._mapping.items()} for row in rows]


def _events_of(case_ids: Sequence[int]):
    """Select the events of cases, of their land, and the corrections of these."""
    land = select(AffectedParcel.id).where(AffectedParcel.case_id.in_(case_ids))
    theirs = or_(Event.case_id.in_(case_ids), Event.affected_parcel_id.in_(land))
    corrections = Event.voids_id.in_(select(Event.id).where(theirs))
    columns = [column for column in Event.__table__.columns if column.key != "amount_vnd"]
    return (
        select(*columns, EVENT_AMOUNT.c.amount_vnd)
        .outerjoin(EVENT_AMOUNT, EVENT_AMOUNT.c.event_id == Event.id)
        .where(or_(theirs, corrections))
        .order_by(Event.id)
    )


def _costs_of(case_ids: Sequence[int]):
    """Select the cost lines of cases, every version of every plan."""
    return (
        select(CostLine, CostSheet.case_id, CostSheet.version, Document.number.label("plan"))
        .join(CostSheet, CostSheet.id == CostLine.sheet_id)
        .outerjoin(Document, Document.id == CostSheet.document_id)
        .where(CostSheet.case_id.in_(case_ids))
        .order_by(CostLine.sheet_id, CostLine.position)
    )


def _plot(session: Session, plot_id: int | None) -> str | None:
    if plot_id is None:
        return None
    plot = session.get_one(ResettlementPlot, plot_id)
    return f"{session.get_one(ResettlementSite, plot.site_id).code}/{plot.number}"


def due(session: Session, years: int, day: date, *, project: str | None = None) -> list[Due]:
    """List the people whose data may be erased: for so many years nothing has happened in any of their projects.

    Parameters
    ----------
    session : Session
    years : int
        How long data is kept after the last event of a project.
    day : date
    project : str, optional
        Code: only who has a case in this project.
    """
    voided = select(Event.voids_id).where(Event.voids_id.is_not(None))
    last = (
        select(Event.project_id, func.max(Event.valid_on).label("day"))
        .where(Event.id.not_in(voided), Event.kind != "correction")
        .group_by(Event.project_id)
        .subquery()
    )
    codes = func.array_agg(func.concat(Project.code, "/", Case.code))
    here = func.bool_or(Project.code == project) if project else None
    rows = session.execute(
        select(Case.holder_id, codes, func.max(func.greatest(last.c.day, Case.registered_on)).label("day"))
        .join(Project, Project.id == Case.project_id)
        .join(Holder, and_(Holder.id == Case.holder_id, Holder.kind.in_(PEOPLE)))
        .join(HolderIdentity, and_(HolderIdentity.holder_id == Holder.id, HolderIdentity.erased_at.is_(None)))
        .outerjoin(last, last.c.project_id == Case.project_id)
        .group_by(Case.holder_id)
        .having(*([here] if here is not None else []))
        .order_by(Case.holder_id)
    )
    found = [Due(holder_id, sorted(cases), last_on, _years_after(last_on, years)) for holder_id, cases, last_on in rows]
    return [one for one in found if one.since <= day]


def _years_after(day: date, years: int) -> date:
    """Give the same day so many years later; the 29th of February becomes the 1st of March."""
    year = min(day.year + years, date.max.year)
    return date(year, 3, 1) if (day.month, day.day) == (2, 29) and year % 4 else day.replace(year=year)


def erase(
    session: Session,
    project: str,
    case: str,
    *,
    reason: str,
    by: str,
    years: int | None,
    order: str | None = None,
    day: date | None = None,
) -> Erasure:
    """Erase who the holder of a case is: name, identity number, phone, address, in every project.

    Parameters
    ----------
    session : Session
        Of the owner: whoever serves requests cannot erase.
    project, case : str
        Codes.
    reason : str
    by : str
        Account of whoever erases.
    years : int or None
        How long data is kept after the last event of a project; None where the office has not decided it.
    order : str, optional
        Number of the document that orders it before that.
    day : date, optional
        Today when left out.

    Raises
    ------
    NotFound
    NotAllowed
        Before the time is over, without an order.
    Conflict
        When nothing is left to erase.
    """
    found, reason = find(session, project, case), clean_text(reason, "reason", 500)
    order = clean_text(order, "order", 200, needed=False)
    request = {"erase": f"{project}/{case}", "reason": reason, "order": order}

    def work() -> dict:
        identity = session.get(HolderIdentity, found.holder_id, with_for_update=True)
        if identity is None or identity.erased_at:
            raise Conflict("Nothing is kept about who holds the case “%(case)s”.", case=case)
        if order is None:
            _refuse_early(session, found, years, day or today())
        session.execute(
            update(HolderIdentity)
            .where(HolderIdentity.holder_id == found.holder_id)
            .values(full_name=ERASED, identity_number=None, phone=None, address=None, erased_at=func.now())
        )
        rows = session.execute(
            select(Case.id, Case.project_id, func.concat(Project.code, "/", Case.code).label("code"))
            .join(Project, Project.id == Case.project_id)
            .where(Case.holder_id == found.holder_id)
            .order_by(Case.id)
        ).all()
        for row in rows:
            # What was erased is not written down: the log cannot forget.
            audit.log_change(
                session, "case", row.id, who=by, act="erase", project_id=row.project_id,
                after={"erased": "identity", "reason": reason, "order": order},
            )  # fmt: skip
        return {"cases": [row.code for row in rows]}

    made = once(session, request, work, by=by, key=f"erase {project}/{case} {found.holder_id}")
    cases = made.result["cases"]
    ids = select(Case.id).where(Case.holder_id == found.holder_id)
    papers = select(Event.document_id).where(
        or_(
            Event.case_id.in_(ids),
            Event.affected_parcel_id.in_(select(AffectedParcel.id).where(AffectedParcel.case_id.in_(ids))),
        )
    )
    return Erasure(
        made,
        cases,
        session.scalar(select(func.count()).where(Petition.case_id.in_(ids))),
        session.scalar(select(func.count()).where(Attachment.document_id.in_(papers))),
    )


def _refuse_early(session: Session, case: Case, years: int | None, day: date) -> None:
    if years is None:
        raise NotAllowed(
            "How long personal data is kept is not decided here: set GPMB_RETENTION_YEARS, or name the document that "
            "orders to erase."
        )
    holder_id = case.holder_id
    if any(one.holder_id == holder_id for one in due(session, years, day)):
        return
    raise NotAllowed(
        "The data is kept for %(years)s years after the last event of the project, which are not over. Only a document "
        "that orders it lets it be erased before.",
        years=years,
    )
