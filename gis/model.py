"""The tables: columns and relations only.

What the database enforces beyond columns (envelope checks, date ranges that may not overlap, append-only
events, tile copies, the data revision) is written in the migrations, where it can be read as SQL. Legal terms:
docs/glossary.md. Areas are m² to 0.01, money whole VND, both numeric.
"""

from datetime import date, datetime
from decimal import Decimal

from geoalchemy2 import WKBElement
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
    and_,
    exists,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, Range
from sqlalchemy.orm import Mapped, aliased, mapped_column

from gis.db import Base, tile_geometry, vn2000_geometry

AREA_M2 = Numeric(14, 2)
AMOUNT_VND = Numeric(18, 0)


def _id() -> Mapped[int]:
    return mapped_column(BigInteger, Identity(), primary_key=True)


def _to(target: str, *, nullable: bool = False, index: bool = True) -> Mapped[int]:
    return mapped_column(BigInteger, ForeignKey(target), nullable=nullable, index=index)


def _recorded_at() -> Mapped[datetime]:
    return mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp(), nullable=False)


def _version() -> Mapped[int]:
    """Give the column that says how often a row was written; a trigger raises it with every update."""
    return mapped_column(Integer, server_default=text("1"), nullable=False)


class Cancellable:
    """A row that is never deleted: cancelled, it stays with the reason, and readers leave it out."""

    version: Mapped[int] = _version()
    cancelled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    cancelled_by: Mapped[str | None] = mapped_column(Text)
    cancel_reason: Mapped[str | None] = mapped_column(Text)


def _once(name: str, *columns: str, **more) -> Index:
    """Say that columns together are unique among the rows that stand."""
    return Index(name, *columns, unique=True, postgresql_where=text("cancelled_at is null"), **more)


class AdminUnit(Base):
    """A province, district (until 30/06/2025), ward, commune or township, as it stood in `valid`.

    Codes were used again for other places on 01/07/2025: nothing joins on a code without a date.
    """

    __tablename__ = "admin_unit"
    __table_args__ = (Index("ix_admin_unit_search", text("search_words(name)"), postgresql_using="gin"),)
    id: Mapped[int] = _id()
    slug: Mapped[str] = mapped_column(Text, unique=True)
    code: Mapped[str] = mapped_column(Text, index=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[int | None] = _to("admin_unit.id", nullable=True)
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
    legal_document: Mapped[str | None] = mapped_column(Text)
    published_area_km2: Mapped[Decimal | None] = mapped_column(Numeric(10, 4))
    area_source: Mapped[str | None] = mapped_column(Text)
    geom: Mapped[WKBElement | None] = mapped_column(vn2000_geometry("MULTIPOLYGON"))
    tile_geom: Mapped[WKBElement | None] = mapped_column(tile_geometry("MULTIPOLYGON"))
    outline_source: Mapped[str | None] = mapped_column(Text)
    illustrative: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class FormerOutline(Base):
    """The outline of a unit that a load replaced, kept to put it back; None where the unit had none."""

    __tablename__ = "former_outline"
    __table_args__ = (UniqueConstraint("load", "unit_id"),)
    id: Mapped[int] = _id()
    load: Mapped[int] = mapped_column(BigInteger)
    unit_id: Mapped[int] = _to("admin_unit.id")
    geom: Mapped[WKBElement | None] = mapped_column(vn2000_geometry("MULTIPOLYGON"))
    outline_source: Mapped[str | None] = mapped_column(Text)
    illustrative: Mapped[bool] = mapped_column(Boolean)
    file: Mapped[str] = mapped_column(Text)
    replaced_at: Mapped[datetime] = _recorded_at()


class AdminChange(Base):
    """Which unit became which: merge, split or rename, with the legal document."""

    __tablename__ = "admin_change"
    __table_args__ = (UniqueConstraint("old_unit_id", "new_unit_id"),)
    id: Mapped[int] = _id()
    old_unit_id: Mapped[int] = _to("admin_unit.id", index=False)
    new_unit_id: Mapped[int] = _to("admin_unit.id")
    kind: Mapped[str] = mapped_column(Text)
    effective_on: Mapped[date] = mapped_column(Date)
    legal_document: Mapped[str] = mapped_column(Text)
    whole: Mapped[bool] = mapped_column(Boolean)


DOCUMENT_KINDS = ("decision", "notice", "minutes", "payment_order", "plan", "report", "official_letter")


class Document(Base):
    """A notice, decision, minutes, payment order or plan: what an entry rests on."""

    __tablename__ = "document"
    __table_args__ = (Index("ix_document_search", text("search_words(number)"), postgresql_using="gin"),)
    id: Mapped[int] = _id()
    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text, index=True)
    issued_on: Mapped[date | None] = mapped_column(Date)
    issuer: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    project_id: Mapped[int | None] = _to("project.id", nullable=True)
    recorded_at: Mapped[datetime] = _recorded_at()
    version: Mapped[int] = _version()


class Attachment(Cancellable, Base):
    """A file of a document, attached for a project, and kept by its hash (`gis/attachments.py`)."""

    __tablename__ = "attachment"
    __table_args__ = (
        _once("uq_attachment_project_id_document_id_sha256", "project_id", "document_id", "sha256"),
    )  # fmt: skip
    id: Mapped[int] = _id()
    document_id: Mapped[int] = _to("document.id")
    project_id: Mapped[int] = _to("project.id", index=False)
    sha256: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[datetime] = _recorded_at()
    recorded_by: Mapped[str] = mapped_column(Text)


class Project(Cancellable, Base):
    """A project that needs land. `code` is its slug, the name it has in addresses and files."""

    __tablename__ = "project"
    __table_args__ = (
        Index("ix_project_search", text("search_words(name)"), text("search_words(code)"), postgresql_using="gin"),
    )
    id: Mapped[int] = _id()
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    investor: Mapped[str | None] = mapped_column(Text)
    managing_level: Mapped[str | None] = mapped_column(Text)
    reporting_unit_id: Mapped[int | None] = _to("admin_unit.id", nullable=True)
    parent_id: Mapped[int | None] = _to("project.id", nullable=True)
    commune_basis: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = _recorded_at()


class ProjectPart(Cancellable, Base):
    """A part of a project with a life of its own: the BT and the PPP part, an item."""

    __tablename__ = "project_part"
    __table_args__ = (
        _once("uq_project_part_project_id_code", "project_id", "code"),
        UniqueConstraint("project_id", "id"),
    )
    id: Mapped[int] = _id()
    project_id: Mapped[int] = _to("project.id", index=False)
    code: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)


class ProjectBoundary(Base):
    """The outline of a project as it was in `valid`: a change of scope is a new, dated outline."""

    __tablename__ = "project_boundary"
    id: Mapped[int] = _id()
    project_id: Mapped[int] = _to("project.id")
    valid: Mapped[Range[date]] = mapped_column(DATERANGE)
    geom: Mapped[WKBElement] = mapped_column(vn2000_geometry("MULTIPOLYGON"))
    tile_geom: Mapped[WKBElement | None] = mapped_column(tile_geometry("MULTIPOLYGON"))
    source: Mapped[str | None] = mapped_column(Text)
    illustrative: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    document_id: Mapped[int | None] = _to("document.id", nullable=True)
    recorded_by: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = _recorded_at()


class BoundaryDraft(Base):
    """An outline that was drawn, pasted or sent and is looked at: nothing counts it."""

    __tablename__ = "boundary_draft"
    id: Mapped[int] = _id()
    project_id: Mapped[int] = _to("project.id")
    geom: Mapped[WKBElement] = mapped_column(vn2000_geometry("MULTIPOLYGON"))
    source: Mapped[str] = mapped_column(Text)
    reading: Mapped[dict] = mapped_column(JSONB, server_default=text("'{}'"))
    """What is to be told of how it was read: notes, doubts, rows passed over."""
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = _recorded_at()


class ProjectCommune(Base):
    """The communes a project lies in, by outline; `main` holds its largest part at any one date."""

    __tablename__ = "project_commune"
    project_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("project.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("admin_unit.id"), primary_key=True, index=True)
    valid: Mapped[Range[date]] = mapped_column(DATERANGE, primary_key=True)
    main: Mapped[bool] = mapped_column(Boolean)


class KeyDesignation(Cancellable, Base):
    """A project named a key project (*trọng điểm*) for a year."""

    __tablename__ = "key_designation"
    __table_args__ = (_once("uq_key_designation_project_id_year_body", "project_id", "year", "body"),)
    id: Mapped[int] = _id()
    project_id: Mapped[int] = _to("project.id", index=False)
    year: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[str] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Text)


class ProjectTarget(Cancellable, Base):
    """What is to be reached by a day: a value of a measure or a percent of it, in a unit."""

    __tablename__ = "project_target"
    __table_args__ = (ForeignKeyConstraint(["project_id", "part_id"], ["project_part.project_id", "project_part.id"]),)
    id: Mapped[int] = _id()
    project_id: Mapped[int] = _to("project.id")
    part_id: Mapped[int | None] = mapped_column(BigInteger)
    unit_id: Mapped[int | None] = _to("admin_unit.id", nullable=True)
    measure: Mapped[str] = mapped_column(Text)
    value: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    of_value: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    percent: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    due_on: Mapped[date] = mapped_column(Date)
    document_id: Mapped[int | None] = _to("document.id", nullable=True)
    source: Mapped[str | None] = mapped_column(Text)


class Parcel(Base):
    """A parcel of land, numbered (sheet, number) inside the unit that numbered it."""

    __tablename__ = "parcel"
    __table_args__ = (
        Index("ix_parcel_numbered_in_unit_id_sheet_number", "numbered_in_unit_id", "sheet", "number"),
        Index("ix_parcel_search", text("folded(sheet)"), text("folded(number)")),
    )
    id: Mapped[int] = _id()
    numbered_in_unit_id: Mapped[int] = _to("admin_unit.id", index=False)
    sheet: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    land_use: Mapped[str | None] = mapped_column(Text)
    legal_area_m2: Mapped[Decimal | None] = mapped_column(AREA_M2)
    geom: Mapped[WKBElement | None] = mapped_column(vn2000_geometry("MULTIPOLYGON"))
    tile_geom: Mapped[WKBElement | None] = mapped_column(tile_geometry("MULTIPOLYGON"))


class ParcelCommune(Base):
    """The one commune a parcel belongs to in `valid`: by largest part, unless an officer chose otherwise."""

    __tablename__ = "parcel_commune"
    parcel_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("parcel.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("admin_unit.id"), primary_key=True, index=True)
    valid: Mapped[Range[date]] = mapped_column(DATERANGE, primary_key=True)
    chosen_by_officer: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class Holder(Base):
    """A household, individual, organisation or community; who it is stands in `HolderIdentity`."""

    __tablename__ = "holder"
    id: Mapped[int] = _id()
    kind: Mapped[str] = mapped_column(Text)


class HolderIdentity(Base):
    """Personal data of a holder, apart from everything that is counted or drawn (Law 91/2025/QH15)."""

    __tablename__ = "holder_identity"
    holder_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("holder.id"), primary_key=True)
    full_name: Mapped[str] = mapped_column(Text)
    identity_number: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    erased_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = _version()


class Case(Cancellable, Base):
    """One holder in one project (*hồ sơ*): the unit that every count counts, unless cancelled (`gis.standing`)."""

    __tablename__ = "case"
    __table_args__ = (
        _once("uq_case_project_id_holder_id", "project_id", "holder_id"),
        UniqueConstraint("project_id", "id"),
        UniqueConstraint("project_id", "code"),
        ForeignKeyConstraint(["project_id", "part_id"], ["project_part.project_id", "project_part.id"]),
    )
    id: Mapped[int] = _id()
    project_id: Mapped[int] = _to("project.id", index=False)
    holder_id: Mapped[int] = _to("holder.id")
    part_id: Mapped[int | None] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(Text)
    registered_on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = _recorded_at()


class CaseBefore(Base):
    """How a case counted until it was put right (migration 0030): kept up by triggers."""

    __tablename__ = "case_before"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "case_id"], ["case.project_id", "case.id"]),
        Index("ix_case_before_case_id", "case_id", "until"),
    )
    id: Mapped[int] = _id()
    project_id: Mapped[int] = mapped_column(BigInteger)
    case_id: Mapped[int] = mapped_column(BigInteger)
    until: Mapped[datetime] = _recorded_at()
    stood: Mapped[bool] = mapped_column(Boolean)
    holder_kind: Mapped[str] = mapped_column(Text)


class AffectedParcel(Cancellable, Base):
    """The part of a parcel that a project recovers, for a case or (no case) as land of no holder.

    It counts unless it is cancelled, alone or with its case (`gis.standing`).
    """

    __tablename__ = "affected_parcel"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "case_id"], ["case.project_id", "case.id"]),
        ForeignKeyConstraint(["project_id", "part_id"], ["project_part.project_id", "project_part.id"]),
        UniqueConstraint("project_id", "id"),
        _once(
            "uq_affected_parcel_project_id_parcel_id_case_id", "project_id", "parcel_id", "case_id",
            postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip
    id: Mapped[int] = _id()
    project_id: Mapped[int] = _to("project.id", index=False)
    case_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    parcel_id: Mapped[int] = _to("parcel.id")
    part_id: Mapped[int | None] = mapped_column(BigInteger)
    """Of land of no holder; that of other land is its case's."""
    area_m2: Mapped[Decimal] = mapped_column(AREA_M2)
    geom: Mapped[WKBElement | None] = mapped_column(vn2000_geometry("MULTIPOLYGON"))
    tile_geom: Mapped[WKBElement | None] = mapped_column(tile_geometry("MULTIPOLYGON"))
    registered_on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = _recorded_at()


class AffectedParcelBefore(Base):
    """Which parcel it was, and whether it stood, until it was put right (migration 0030): kept up by triggers."""

    __tablename__ = "affected_parcel_before"
    __table_args__ = (
        ForeignKeyConstraint(
            ["project_id", "affected_parcel_id"], ["affected_parcel.project_id", "affected_parcel.id"]
        ),
        Index("ix_affected_parcel_before_affected_parcel_id", "affected_parcel_id", "until"),
    )
    id: Mapped[int] = _id()
    project_id: Mapped[int] = mapped_column(BigInteger)
    affected_parcel_id: Mapped[int] = mapped_column(BigInteger)
    until: Mapped[datetime] = _recorded_at()
    stood: Mapped[bool] = mapped_column(Boolean)
    parcel_id: Mapped[int] = _to("parcel.id")


class AffectedArea(Base):
    """A change of how much of a parcel is recovered: `area_m2` from `valid_on` on, `before_m2` before it.

    `AffectedParcel.area_m2` is the newest; a trigger keeps it so (migration 0015).
    """

    __tablename__ = "affected_area"
    __table_args__ = (
        ForeignKeyConstraint(
            ["project_id", "affected_parcel_id"], ["affected_parcel.project_id", "affected_parcel.id"]
        ),
    )
    id: Mapped[int] = _id()
    project_id: Mapped[int] = mapped_column(BigInteger)
    affected_parcel_id: Mapped[int] = mapped_column(BigInteger, index=True)
    valid_on: Mapped[date] = mapped_column(Date)
    before_m2: Mapped[Decimal] = mapped_column(AREA_M2)
    area_m2: Mapped[Decimal] = mapped_column(AREA_M2)
    geom: Mapped[WKBElement | None] = mapped_column(vn2000_geometry("MULTIPOLYGON"))
    document_id: Mapped[int | None] = _to("document.id", nullable=True)
    reason: Mapped[str | None] = mapped_column(Text)
    """Why the area on record from `valid_on` on was wrong; None for a change of scope."""
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = _recorded_at()


class ParcelStep(Base):
    """The first day of each step of an affected parcel: a summary of events, kept up by triggers.

    Function ``derive_parcel_steps`` of the database says which events count; `gis.steps` compares the two.
    """

    __tablename__ = "parcel_step"
    affected_parcel_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("affected_parcel.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    recovery_notice_on: Mapped[date | None] = mapped_column(Date)
    inventory_on: Mapped[date | None] = mapped_column(Date)
    plan_approval_on: Mapped[date | None] = mapped_column(Date)
    recovery_decision_on: Mapped[date | None] = mapped_column(Date)
    payment_on: Mapped[date | None] = mapped_column(Date)
    handover_on: Mapped[date | None] = mapped_column(Date)
    handover_full_on: Mapped[date | None] = mapped_column(Date)


class ResettlementSite(Cancellable, Base):
    """A resettlement site (*khu tái định cư*)."""

    __tablename__ = "resettlement_site"
    id: Mapped[int] = _id()
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    project_id: Mapped[int | None] = _to("project.id", nullable=True)
    geom: Mapped[WKBElement | None] = mapped_column(vn2000_geometry("MULTIPOLYGON"))
    tile_geom: Mapped[WKBElement | None] = mapped_column(tile_geometry("MULTIPOLYGON"))
    illustrative: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))


class ResettlementPlot(Cancellable, Base):
    """A plot of a resettlement site; allotted by event, to one holder."""

    __tablename__ = "resettlement_plot"
    __table_args__ = (_once("uq_resettlement_plot_site_id_number", "site_id", "number"),)
    id: Mapped[int] = _id()
    site_id: Mapped[int] = _to("resettlement_site.id", index=False)
    number: Mapped[str] = mapped_column(Text)
    area_m2: Mapped[Decimal] = mapped_column(AREA_M2)
    geom: Mapped[WKBElement | None] = mapped_column(vn2000_geometry("MULTIPOLYGON"))
    tile_geom: Mapped[WKBElement | None] = mapped_column(tile_geometry("MULTIPOLYGON"))


class Event(Base):
    """Something that happened (`valid_on`) and became known (`recorded_at`). Append-only.

    A wrong entry is voided by an event of kind ``correction`` that names it; a legal act (a notice adjusted or
    cancelled) is an event of its own. `part_id` and `suspended_step` narrow a suspension or resumption.
    """

    __tablename__ = "event"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "case_id"], ["case.project_id", "case.id"]),
        ForeignKeyConstraint(["project_id", "part_id"], ["project_part.project_id", "project_part.id"]),
        ForeignKeyConstraint(
            ["project_id", "affected_parcel_id"], ["affected_parcel.project_id", "affected_parcel.id"]
        ),
        Index("ix_event_kind_valid_on", "kind", "valid_on"),
        Index("ix_event_project_id_kind", "project_id", "kind"),
    )
    id: Mapped[int] = _id()
    kind: Mapped[str] = mapped_column(Text)
    valid_on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = _recorded_at()
    recorded_by: Mapped[str] = mapped_column(Text, server_default=text("CURRENT_USER"))
    project_id: Mapped[int] = _to("project.id", index=False)
    part_id: Mapped[int | None] = mapped_column(BigInteger)
    case_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    affected_parcel_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    document_id: Mapped[int | None] = _to("document.id", nullable=True)
    unit_id: Mapped[int | None] = _to("admin_unit.id", nullable=True)
    area_m2: Mapped[Decimal | None] = mapped_column(AREA_M2)
    # The web role may not read it: `gis.money.EVENT_AMOUNT` gives what the reader may have.
    amount_vnd: Mapped[Decimal | None] = mapped_column(AMOUNT_VND, deferred=True)
    plots: Mapped[int | None] = mapped_column(Integer)
    replaces: Mapped[bool | None] = mapped_column(Boolean)
    """Of a plan approved where another was before it: whether it replaces what was approved, or adds to it."""
    plot_id: Mapped[int | None] = _to("resettlement_plot.id", nullable=True)
    suspended_step: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    voids_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("event.id"), unique=True)


class Obstacle(Cancellable, Base):
    """What stands in the way of a project, since when, and who has to remove it."""

    __tablename__ = "obstacle"
    __table_args__ = (ForeignKeyConstraint(["project_id", "part_id"], ["project_part.project_id", "project_part.id"]),)
    id: Mapped[int] = _id()
    project_id: Mapped[int] = _to("project.id")
    part_id: Mapped[int | None] = mapped_column(BigInteger)
    case_id: Mapped[int | None] = _to("case.id", nullable=True)
    unit_id: Mapped[int | None] = _to("admin_unit.id", nullable=True)
    kind: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    known_since: Mapped[date] = mapped_column(Date)
    resolved_on: Mapped[date | None] = mapped_column(Date)
    owner: Mapped[str | None] = mapped_column(Text)
    direction: Mapped[str | None] = mapped_column(Text)
    """Which way it is to be settled (hướng giải quyết)."""
    source: Mapped[str | None] = mapped_column(Text)
    geom: Mapped[WKBElement | None] = mapped_column(vn2000_geometry("POINT"))
    tile_geom: Mapped[WKBElement | None] = mapped_column(tile_geometry("POINT"))


class FundingLine(Cancellable, Base):
    """Capital of a project or a unit in a year: plan, clearance funding by milestone, disbursement."""

    __tablename__ = "funding_line"
    id: Mapped[int] = _id()
    project_id: Mapped[int | None] = _to("project.id", nullable=True)
    unit_id: Mapped[int | None] = _to("admin_unit.id", nullable=True)
    year: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(Text)
    milestone_on: Mapped[date | None] = mapped_column(Date)
    amount_vnd: Mapped[Decimal] = mapped_column(AMOUNT_VND)
    document_id: Mapped[int | None] = _to("document.id", nullable=True)
    source: Mapped[str | None] = mapped_column(Text)


class Petition(Cancellable, Base):
    """A petition, a dialogue or a citizen's reception, and the reply."""

    __tablename__ = "petition"
    id: Mapped[int] = _id()
    project_id: Mapped[int | None] = _to("project.id", nullable=True)
    case_id: Mapped[int | None] = _to("case.id", nullable=True)
    unit_id: Mapped[int | None] = _to("admin_unit.id", nullable=True)
    kind: Mapped[str] = mapped_column(Text)
    received_on: Mapped[date] = mapped_column(Date)
    subject: Mapped[str] = mapped_column(Text)
    replied_on: Mapped[date | None] = mapped_column(Date)
    reply: Mapped[str | None] = mapped_column(Text)
    document_id: Mapped[int | None] = _to("document.id", nullable=True)


class CostSheet(Base):
    """What a plan pays one case for: entered whole. Append-only; the newest version for a plan counts.

    Without a document it is of a plan that is being drawn up. A version without lines withdraws the sheet.
    """

    __tablename__ = "cost_sheet"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "case_id"], ["case.project_id", "case.id"]),
        UniqueConstraint("project_id", "id"),
        UniqueConstraint("case_id", "document_id", "version", postgresql_nulls_not_distinct=True),
    )
    id: Mapped[int] = _id()
    project_id: Mapped[int] = mapped_column(BigInteger, index=True)
    case_id: Mapped[int] = mapped_column(BigInteger)
    document_id: Mapped[int | None] = _to("document.id", nullable=True)
    version: Mapped[int] = mapped_column(Integer)
    source: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = _recorded_at()
    recorded_by: Mapped[str] = mapped_column(Text)


class CostLine(Base):
    """A line of a cost sheet: quantity × price × coefficient × level, rounded half up to the đồng (migration 0023).

    What is not compensated stays, with the reason and no amount.
    """

    __tablename__ = "cost_line"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "sheet_id"], ["cost_sheet.project_id", "cost_sheet.id"]),
        ForeignKeyConstraint(
            ["project_id", "affected_parcel_id"], ["affected_parcel.project_id", "affected_parcel.id"]
        ),
        UniqueConstraint("sheet_id", "position"),
    )
    id: Mapped[int] = _id()
    project_id: Mapped[int] = mapped_column(BigInteger)
    sheet_id: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int] = mapped_column(Integer)
    category: Mapped[str] = mapped_column(Text)
    item: Mapped[str] = mapped_column(Text)
    affected_parcel_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    land_use: Mapped[str | None] = mapped_column(Text)
    unit: Mapped[str | None] = mapped_column(Text)
    quantity: Mapped[Decimal | None] = mapped_column(Numeric(18, 6))
    dimensions: Mapped[str | None] = mapped_column(Text)
    """How the quantity came about, as in ``10*5``."""
    unit_price_vnd: Mapped[Decimal | None] = mapped_column(AMOUNT_VND)
    coefficient: Mapped[Decimal] = mapped_column(Numeric(9, 6), server_default=text("1"))
    """Of interpolation between listed prices."""
    support_level: Mapped[Decimal] = mapped_column(Numeric(9, 6), server_default=text("1"))
    """By when it was built or planted; 1 is all of it."""
    amount_vnd: Mapped[Decimal] = mapped_column(AMOUNT_VND)
    legal_basis: Mapped[str | None] = mapped_column(Text)
    not_compensated: Mapped[str | None] = mapped_column(Text)


class ReportedFigure(Base):
    """A figure as an official report states it: kept beside what the records give, never overwritten by it."""

    __tablename__ = "reported_figure"
    id: Mapped[int] = _id()
    figure: Mapped[str] = mapped_column(Text, unique=True)
    source_line: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[int] = _to("admin_unit.id")
    project_id: Mapped[int | None] = _to("project.id", nullable=True)
    indicator: Mapped[str] = mapped_column(Text, index=True)
    basis: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date | None] = mapped_column(Date)
    to_on: Mapped[date] = mapped_column(Date)
    period_basis: Mapped[str | None] = mapped_column(Text)
    holder: Mapped[str | None] = mapped_column(Text)
    documents: Mapped[int | None] = mapped_column(Integer)
    projects: Mapped[int | None] = mapped_column(Integer)
    households: Mapped[int | None] = mapped_column(Integer)
    organisations: Mapped[int | None] = mapped_column(Integer)
    communities: Mapped[int | None] = mapped_column(Integer)
    of_households: Mapped[int | None] = mapped_column(Integer)
    area_m2: Mapped[Decimal | None] = mapped_column(AREA_M2)
    of_area_m2: Mapped[Decimal | None] = mapped_column(AREA_M2)
    amount_vnd: Mapped[Decimal | None] = mapped_column(AMOUNT_VND)
    plots: Mapped[int | None] = mapped_column(Integer)
    count: Mapped[int | None] = mapped_column(Integer)
    percent: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    part_of: Mapped[str | None] = mapped_column(Text)
    derivable: Mapped[bool] = mapped_column(Boolean)
    contradicted_cells: Mapped[list[str]] = mapped_column(ARRAY(Text))
    note: Mapped[str | None] = mapped_column(Text)
    restriction: Mapped[str | None] = mapped_column(Text)
    """What it is of alone, where that is less than the indicator says: a part that records do not tell apart."""


class KeptText(Base):
    """The text of a document as figures were read from it, so that a quote can be looked up. Append-only."""

    __tablename__ = "kept_text"
    id: Mapped[int] = _id()
    sha256: Mapped[str] = mapped_column(Text, index=True)
    """Of the file; of the text itself where it was pasted."""
    file_name: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    kept_by: Mapped[str] = mapped_column(Text)
    kept_at: Mapped[datetime] = _recorded_at()


class FigureEntry(Base):
    """How a reported figure came in. Append-only; what came with the sample has none."""

    __tablename__ = "figure_entry"
    figure_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("reported_figure.id"), primary_key=True)
    way: Mapped[str] = mapped_column(Text)
    quote: Mapped[str | None] = mapped_column(Text)
    text_id: Mapped[int | None] = _to("kept_text.id", nullable=True)
    quote_start: Mapped[int | None] = mapped_column(Integer)
    """Where the quote stands in the kept text."""
    proposed: Mapped[dict | None] = mapped_column(JSONB)
    """What was proposed otherwise, cell by cell, and changed by whoever confirmed it."""
    entered_by: Mapped[str] = mapped_column(Text)
    entered_at: Mapped[datetime] = _recorded_at()


class FigureClosure(Base):
    """That a reported figure stands no more: another one corrects it, or it was withdrawn. Append-only."""

    __tablename__ = "figure_closure"
    figure_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("reported_figure.id"), primary_key=True)
    replaced_by_id: Mapped[int | None] = _to("reported_figure.id", nullable=True)
    reason: Mapped[str] = mapped_column(Text)
    closed_by: Mapped[str] = mapped_column(Text)
    closed_at: Mapped[datetime] = _recorded_at()


_of = aliased(Project)
STANDING_FIGURE = and_(
    ~exists(FigureClosure.figure_id).where(FigureClosure.figure_id == ReportedFigure.id),
    ~exists(_of.id).where(_of.id == ReportedFigure.project_id, _of.cancelled_at.is_not(None)),
)
"""The condition under which a reported figure counts: neither corrected nor withdrawn, and of no cancelled project."""


class ContradictionNote(Base):
    """What was said of a contradiction of figures: why it is none, or who sees to it. Append-only; the last one counts.

    `sides` are the values it was said of: when they change, the contradiction is open again.
    """

    __tablename__ = "contradiction_note"
    id: Mapped[int] = _id()
    contradiction: Mapped[str] = mapped_column(Text, index=True)
    state: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    owner: Mapped[str | None] = mapped_column(Text)
    sides: Mapped[list] = mapped_column(JSONB)
    noted_by: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[datetime] = _recorded_at()


class IssuedReport(Base):
    """A report as it was issued: content, what it rests on, hash. Append-only; a correction is a new version."""

    __tablename__ = "issued_report"
    __table_args__ = (UniqueConstraint("unit", "from_on", "to_on", "projects", "version"),)
    id: Mapped[int] = _id()
    unit: Mapped[str] = mapped_column(Text)
    unit_name: Mapped[str] = mapped_column(Text)
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date] = mapped_column(Date)
    projects: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """The choice it was asked for; empty for all."""
    project_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """The projects it states figures of: only who may have personal data of all of them may read it."""
    version: Mapped[int] = mapped_column(Integer)
    known_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revision: Mapped[int] = mapped_column(BigInteger)
    template: Mapped[str] = mapped_column(Text)
    content: Mapped[dict] = mapped_column(JSONB)
    sha256: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    issued_by: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = _recorded_at()


class IssuedFile(Base):
    """A file of an issued report, byte for byte. Append-only."""

    __tablename__ = "issued_file"
    __table_args__ = (UniqueConstraint("report_id", "form"),)
    id: Mapped[int] = _id()
    report_id: Mapped[int] = _to("issued_report.id", index=False)
    form: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class ReportTemplate(Base):
    """An office's own template of a report: each upload a version. Append-only; one without a file is a withdrawal."""

    __tablename__ = "report_template"
    __table_args__ = (UniqueConstraint("name", "kind", "version"),)
    id: Mapped[int] = _id()
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str | None] = mapped_column(Text)
    """Slug of the unit whose it is; None for one that is for every unit."""
    file_name: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[str | None] = mapped_column(Text)
    body: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    reason: Mapped[str | None] = mapped_column(Text)
    recorded_at: Mapped[datetime] = _recorded_at()
    recorded_by: Mapped[str] = mapped_column(Text)


class DataRevision(Base):
    """One row: the number and moment of the last change of any record. It is what ETags are made of.

    Its row lock also puts writing transactions in a line, so that `recorded_at` follows commit order.
    """

    __tablename__ = "data_revision"
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SampleLoad(Base):
    """One row while the illustrative sample is loaded: its seed and fingerprint, for the notice on every page."""

    __tablename__ = "sample_load"
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    seed: Mapped[int] = mapped_column(Integer)
    fingerprint: Mapped[str] = mapped_column(Text)
    loaded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Submission(Base):
    """One act as it was sent in: the same key of the same account records once. Append-only."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("account", "key"),)
    id: Mapped[int] = _id()
    account: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    request_hash: Mapped[str] = mapped_column(Text)
    result: Mapped[dict] = mapped_column(JSONB)
    at: Mapped[datetime] = _recorded_at()


class AuditEntry(Base):
    """Who changed what, when, before and after. Append-only; number, moment and hashes are set by the database.

    `hash` covers the whole entry and the hash of the one before it. Nothing refers to other tables: the log
    outlives what it tells of.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_entity_entity_id", "entity", "entity_id"),)
    id: Mapped[int] = mapped_column(BigInteger, FetchedValue(), primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    who: Mapped[str] = mapped_column(Text)
    act: Mapped[str] = mapped_column(Text)
    entity: Mapped[str] = mapped_column(Text)
    entity_id: Mapped[int] = mapped_column(BigInteger)
    project_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    before: Mapped[dict | None] = mapped_column(JSONB)
    after: Mapped[dict | None] = mapped_column(JSONB)
    previous_hash: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)


class Account(Base):
    """Somebody who may sign in. Never deleted: the name stands under what was done. `gis/accounts.py` has the rules."""

    __tablename__ = "account"
    __table_args__ = (Index("uq_account_email", text("lower(email)"), unique=True),)
    id: Mapped[int] = _id()
    email: Mapped[str] = mapped_column(Text)
    full_name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    language: Mapped[str | None] = mapped_column(Text)
    password_hash: Mapped[str | None] = mapped_column(Text)
    fs_uniquifier: Mapped[str] = mapped_column(Text, unique=True)
    totp_secret: Mapped[str | None] = mapped_column(Text)
    totp_counter: Mapped[int | None] = mapped_column(BigInteger)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class AccountGrant(Base):
    """A project, or all that lies in a unit, given to an account."""

    __tablename__ = "account_grant"
    __table_args__ = (UniqueConstraint("account_id", "project_id"), UniqueConstraint("account_id", "unit_id"))
    id: Mapped[int] = _id()
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id", ondelete="CASCADE"))
    project_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("project.id", ondelete="CASCADE"), index=True)
    unit_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("admin_unit.id", ondelete="CASCADE"), index=True)
    granted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class AccountLink(Base):
    """A one-time link to set a password with; only the hash of its secret is kept."""

    __tablename__ = "account_link"
    id: Mapped[int] = _id()
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class AccountSession(Base):
    """A browser in which an account is signed in; only the hash of its secret is kept."""

    __tablename__ = "account_session"
    token_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SignInAttempt(Base):
    """An attempt to sign in that is not known to have succeeded, for throttling. Kept for a day."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_account_key", "account_key", "attempted_at"),
        Index("ix_sign_in_attempt_address", "address", "attempted_at"),
    )
    id: Mapped[int] = _id()
    account_key: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    attempted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class ApiToken(Base):
    """A secret with which programs ask as an account; only its hash is kept."""

    __tablename__ = "api_token"
    id: Mapped[int] = _id()
    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class ReadEntry(Base):
    """Who read personal data, or took records as a file, and when. Append-only; refers to nothing, so that it stays."""

    __tablename__ = "read_entry"
    id: Mapped[int] = _id()
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp(), index=True)
    who: Mapped[str | None] = mapped_column(Text)
    token: Mapped[str | None] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text)
    project_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    case_codes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    rows: Mapped[int | None] = mapped_column(BigInteger)


class KeptForm(Base):
    """A form that was sent and not recorded, as `gis.kept_forms` keeps it for who typed it."""

    __tablename__ = "kept_form"
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    account: Mapped[str] = mapped_column(Text, index=True)
    address: Mapped[str] = mapped_column(Text)
    fields: Mapped[list] = mapped_column(JSONB)
    files: Mapped[list] = mapped_column(JSONB)
    why: Mapped[str] = mapped_column(Text)
    said: Mapped[dict | None] = mapped_column(JSONB(none_as_null=True))
    kept_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.clock_timestamp(), index=True
    )
