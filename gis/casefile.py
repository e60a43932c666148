"""All that is on record of one case, and of one act upon cases: as officers read it, voided entries among it.

Who holds a case, single amounts, days of payments and what people noted are given only where the reader may have
personal data of the project; the database holds the same fence (migrations 0013 and 0018).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from gis import audit, dues, histories, rules, whose
from gis.dues import Dues, PaymentPermit
from gis.errors import NotFound
from gis.indicators import CORRECTION, PARCEL_STEPS
from gis.model import (
    AdminUnit,
    AffectedParcel,
    AuditEntry,
    Case,
    Document,
    Event,
    Holder,
    HolderIdentity,
    Obstacle,
    Parcel,
    ParcelCommune,
    ParcelStep,
    Project,
    ProjectPart,
    ResettlementPlot,
    ResettlementSite,
    Submission,
)
from gis.money import EVENT_AMOUNT, PAID_KINDS, day_withheld
from gis.progress import today
from gis.rules import Deadline


@dataclass(frozen=True)
class Land:
    """A parcel to recover, and the first day of each step it has taken."""

    id: int
    label: str
    """Sheet and number, as in ``5/85``."""
    numbered_in: str
    commune: str | None
    land_use: str | None
    area_m2: Decimal
    legal_area_m2: Decimal | None
    registered_on: date
    steps: Mapping[str, date | None]
    """By step of `PARCEL_STEPS`."""


@dataclass(frozen=True)
class Voided:
    """How a wrong entry was taken back."""

    at: datetime
    by: str
    reason: str | None


@dataclass(frozen=True)
class Entry:
    """One event as it was recorded."""

    id: int
    kind: str
    valid_on: date
    recorded_at: datetime
    recorded_by: str
    case: str | None
    parcel: str | None
    plot: str | None
    area_m2: Decimal | None
    amount_vnd: Decimal | None
    plots: int | None
    note: str | None
    document_id: int | None
    document_kind: str | None
    document_number: str | None
    issued_on: date | None
    voided: Voided | None


@dataclass(frozen=True)
class Cancelled:
    """When, by whom and why something was cancelled."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class CaseFile:
    """A case with all that is on record of it; or a parcel of no holder, which makes no case."""

    id: int
    """Of the case; of land of no holder that of the affected parcel."""
    code: str
    """Of land of no holder its ``sheet/number``."""
    registered_on: date
    part: str | None
    """Name of the part of the project."""
    part_code: str | None
    holder_kind: str | None
    """None for land of no holder."""
    identity: HolderIdentity | None
    """None where the reader may not have it, and where there is none."""
    land: tuple[Land, ...]
    entries: tuple[Entry, ...]
    """By day; corrections are not among them: what they void carries them. Payments to households are left out where
    the reader may not have their days: whether there are any is not told either."""
    deadlines: tuple[Deadline, ...]
    obstacles: tuple[Obstacle, ...]
    history: tuple[AuditEntry, ...]
    version: int
    cancelled: Cancelled | None = None
    land_id: int | None = None
    """Of land of no holder."""
    money: Dues | None = None
    """As of today; None where the reader may not have it."""
    permits: tuple[PaymentPermit, ...] = ()
    """What leaders let be paid beyond the plan, the newest first: it alone counts."""

    @property
    def area_m2(self) -> Decimal:
        """All that is to be recovered."""
        return sum((parcel.area_m2 for parcel in self.land), Decimal(0))

    @property
    def handed_over_m2(self) -> Decimal:
        """What was handed over so far."""
        handed = [entry for entry in self.entries if entry.kind == "handover" and not entry.voided]
        return sum((entry.area_m2 or Decimal(0) for entry in handed), Decimal(0))


@dataclass(frozen=True)
class ActFile:
    """An act upon cases as it was recorded, and what became of it."""

    id: int
    project_id: int
    at: datetime
    by: str
    kind: str
    entries: tuple[Entry, ...]

    @property
    def standing(self) -> tuple[Entry, ...]:
        """Its events that nobody voided."""
        return tuple(entry for entry in self.entries if not entry.voided)

    def has(self, name: str) -> bool:
        """Tell whether any of its events carries something."""
        return any(getattr(entry, name) is not None for entry in self.entries)

    def total(self, name: str) -> Decimal | int | None:
        """Sum `area_m2`, `amount_vnd` or `plots` of what stands; None where nothing carries it."""
        found = [value for value in (getattr(entry, name) for entry in self.standing) if value is not None]
        return sum(found) if found else None


def case_file(session: Session, project_id: int, code: str, *, personal: bool) -> CaseFile:
    """Gather what is on record of a case.

    Parameters
    ----------
    session : Session
    project_id : int
    code : str
    personal : bool
        Whether the reader may have personal data of the project.

    Raises
    ------
    NotFound
        For a case that is not there, or of another project.
    """
    found = session.execute(
        select(
            Case.id,
            Case.registered_on,
            Case.holder_id,
            Holder.kind,
            ProjectPart.name,
            ProjectPart.code.label("part"),
            Project.code.label("project"),
            Case.version,
            Case.cancelled_at,
            Case.cancelled_by,
            Case.cancel_reason,
        )
        .join(Holder, Holder.id == Case.holder_id)
        .join(Project, Project.id == Case.project_id)
        .outerjoin(ProjectPart, ProjectPart.id == Case.part_id)
        .where(Case.project_id == project_id, Case.code == whose.code_meant(session, project_id, code))
    ).one_or_none()
    if found is None:
        raise NotFound("This project has no case %(cases)s.", parameter="cases", cases=code)
    acts = histories.histories_of(session, projects=[found.project], cases=[found.id])
    entries = _entries(session, or_(Event.case_id == found.id, AffectedParcel.case_id == found.id), personal)
    told = audit.history(session, "case", found.id)
    return CaseFile(
        found.id, code, found.registered_on, found.name, found.part, found.kind,
        session.get(HolderIdentity, found.holder_id) if personal else None,
        _land(
            session, AffectedParcel.case_id == found.id, personal, AffectedParcel.cancelled_at, found.cancelled_at
        ), entries,
        tuple(
            owed for known in acts.values() for owed in rules.deadlines(known, today())
            if personal or not {owed.rule.term.step, owed.rule.term.counted_from}.intersection(PAID_KINDS)
        ),
        tuple(session.scalars(
            select(Obstacle)
            .where(Obstacle.case_id == found.id, Obstacle.cancelled_at.is_(None)).order_by(Obstacle.known_since)
        )),
        tuple(
            entry for entry in told
            if personal or ((entry.after or {}).get("kind") not in PAID_KINDS and entry.act != "permit")
        ),
        found.version, _cancelled(found), None,
        dues.of_cases(session, project_id, [found.id], today())[found.id] if personal else None,
        tuple(dues.permits(session, found.id)) if personal else (),
    )  # fmt: skip


def land_file(session: Session, project_id: int, land_id: int, *, personal: bool) -> CaseFile:
    """Gather what is on record of a parcel of no holder: it makes no case, and has its part and its acts.

    Raises
    ------
    NotFound
        For one that is not there, is a case's, or of another project.
    """
    found = session.execute(
        select(
            AffectedParcel.id, AffectedParcel.registered_on, _label(), ProjectPart.name,
            ProjectPart.code.label("part"), AffectedParcel.version, AffectedParcel.cancelled_at,
            AffectedParcel.cancelled_by, AffectedParcel.cancel_reason,
        )
        .join(Parcel, Parcel.id == AffectedParcel.parcel_id)
        .outerjoin(ProjectPart, ProjectPart.id == AffectedParcel.part_id)
        .where(
            AffectedParcel.project_id == project_id, AffectedParcel.id == land_id, AffectedParcel.case_id.is_(None)
        )
    ).one_or_none()  # fmt: skip
    if found is None:
        raise NotFound("This project has no such land of no holder.", parameter="land")
    return CaseFile(
        found.id, found.label, found.registered_on, found.name, found.part, None, None,
        _land(session, AffectedParcel.id == land_id, True),
        _entries(session, Event.affected_parcel_id == land_id, personal),
        (), (), tuple(audit.history(session, "affected_parcel", land_id)), found.version, _cancelled(found), land_id,
    )  # fmt: skip


def parts(session: Session, project_id: int) -> list[tuple[str, str]]:
    """List the parts of a project that stand: code and name."""
    query = select(ProjectPart.code, ProjectPart.name).where(
        ProjectPart.project_id == project_id, ProjectPart.cancelled_at.is_(None)
    )
    return [(row.code, row.name) for row in session.execute(query.order_by(ProjectPart.code))]


def _cancelled(row) -> Cancelled | None:
    return Cancelled(row.cancelled_at, row.cancelled_by, row.cancel_reason) if row.cancelled_at else None


def act_file(session: Session, act_id: int, project_id: int, *, personal: bool) -> ActFile:
    """Gather what is on record of an act upon cases.

    Raises
    ------
    NotFound
        For an act that is not there, not upon cases, of another project, or one of whose entries the reader may have
        none: of payments not even when they were recorded is told.
    """
    made = session.get(Submission, act_id)
    ids = (made.result.get("event_ids") or []) if made else []
    entries = _entries(session, Event.id.in_(ids), personal) if ids else ()
    of_project = ids and session.scalar(select(Event.project_id).where(Event.id == ids[0])) == project_id
    if not (entries and of_project):
        raise NotFound("There is no act %(id)s.", parameter="act", id=act_id)
    return ActFile(act_id, project_id, made.at, made.account, entries[0].kind, entries)


def _land(session: Session, which: ColumnElement[bool], personal: bool, *gone_with) -> tuple[Land, ...]:
    """Give parcels; of a case those that stand with it, or went with it: not those removed from it before."""
    numbering, day = aliased(AdminUnit), today()
    found = session.execute(
        select(
            AffectedParcel.id, AffectedParcel.area_m2, AffectedParcel.registered_on, _label(), Parcel.land_use,
            Parcel.legal_area_m2, numbering.name.label("numbered_in"), AdminUnit.name.label("commune"),
            *(getattr(ParcelStep, f"{step}_on") for step in PARCEL_STEPS),
        )
        .join(Parcel, Parcel.id == AffectedParcel.parcel_id)
        .join(numbering, numbering.id == Parcel.numbered_in_unit_id)
        .outerjoin(ParcelCommune, (ParcelCommune.parcel_id == Parcel.id) & ParcelCommune.valid.contains(day))
        .outerjoin(AdminUnit, AdminUnit.id == ParcelCommune.unit_id)
        .outerjoin(ParcelStep, ParcelStep.affected_parcel_id == AffectedParcel.id)
        .where(which, *([gone_with[0].is_not_distinct_from(gone_with[1])] if gone_with else []))
        .order_by(AffectedParcel.id)
    )  # fmt: skip
    return tuple(
        Land(
            row.id, row.label, row.numbered_in, row.commune, row.land_use, row.area_m2, row.legal_area_m2,
            row.registered_on,
            {step: getattr(row, f"{step}_on") if personal or step not in PAID_KINDS else None for step in PARCEL_STEPS},
        )
        for row in found
    )  # fmt: skip


def _label() -> ColumnElement[str]:
    return func.concat(Parcel.sheet, "/", Parcel.number).label("label")


def _entries(session: Session, which: ColumnElement[bool], personal: bool) -> tuple[Entry, ...]:
    correction, of_land = aliased(Event), aliased(Case)
    found = session.execute(
        select(
            Event.id, Event.kind, Event.valid_on, Event.recorded_at, Event.recorded_by, Event.area_m2, Event.plots,
            Event.note, Event.document_id, Document.kind.label("document_kind"), Document.number, Document.issued_on,
            func.coalesce(Case.code, of_land.code).label("case"), _label(), AffectedParcel.id.label("land_id"),
            func.concat(ResettlementSite.code, "/", ResettlementPlot.number).label("plot"), Event.plot_id,
            EVENT_AMOUNT.c.amount_vnd, correction.id.label("voided_id"), correction.recorded_at.label("voided_at"),
            correction.recorded_by.label("voided_by"), correction.note.label("reason"),
        )
        .outerjoin(AffectedParcel, AffectedParcel.id == Event.affected_parcel_id)
        .outerjoin(Parcel, Parcel.id == AffectedParcel.parcel_id)
        .outerjoin(Case, Case.id == Event.case_id)
        .outerjoin(of_land, of_land.id == AffectedParcel.case_id)
        .outerjoin(Document, Document.id == Event.document_id)
        .outerjoin(ResettlementPlot, ResettlementPlot.id == Event.plot_id)
        .outerjoin(ResettlementSite, ResettlementSite.id == ResettlementPlot.site_id)
        .outerjoin(EVENT_AMOUNT, EVENT_AMOUNT.c.event_id == Event.id)
        .outerjoin(correction, correction.voids_id == Event.id)
        .outerjoin(Holder, Holder.id == func.coalesce(Case.holder_id, of_land.holder_id))
        .where(which, Event.kind != CORRECTION, not_(day_withheld(Event.kind, Holder.kind, Event.project_id)))
        .order_by(Event.valid_on, Event.id)
    )  # fmt: skip
    return tuple(
        Entry(
            row.id, row.kind, row.valid_on, row.recorded_at, row.recorded_by,
            row.case, row.label if row.land_id else None, row.plot if row.plot_id else None,
            row.area_m2, row.amount_vnd if personal else None, row.plots, row.note if personal else None,
            row.document_id, row.document_kind, row.number, row.issued_on,
            Voided(row.voided_at, row.voided_by, row.reason if personal else None) if row.voided_id else None,
        )
        for row in found
    )  # fmt: skip
