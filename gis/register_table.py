"""What the registers hold: their fields, and the checks of their entries. `gis.registers` reads and writes them.

A new register is a new row of `REGISTERS`; pages, files and the API pick it up.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ColumnElement, Date, Integer, cast, exists, func, null, select, tuple_
from sqlalchemy.orm import Session, aliased

from gis.errors import BadParameter, NotFound
from gis.model import (
    DOCUMENT_KINDS,
    AdminUnit,
    Base,
    Case,
    Document,
    Event,
    FundingLine,
    KeyDesignation,
    Obstacle,
    Petition,
    Project,
    ProjectPart,
    ProjectTarget,
    ResettlementPlot,
    ResettlementSite,
)
from gis.parcel_numbers import refuse_day, refuse_several_names
from gis.progress import today
from gis.standing import Land

Value = str | int | Decimal | date | tuple[Decimal, Decimal] | None
Values = Mapping[str, Value]


class Kind(StrEnum):
    """What a field holds. References hold the key by which people name what they point to."""

    TEXT = "text"
    DAY = "day"
    WHOLE = "whole"
    AREA = "area"
    NUMBER = "number"
    """With two decimals."""
    MONEY = "money"
    PERCENT = "percent"
    CHOICE = "choice"
    POINT = "point"
    """X (North) and Y (East) in metres, VN-2000, zone of the province."""
    UNIT = "unit"
    DOCUMENT = "document"
    PART = "part"
    CASE = "case"
    PROJECT = "project"
    SITE = "site"


@dataclass(frozen=True)
class Field:
    """A field of a register."""

    name: str
    kind: Kind
    label: str
    """English; its translation is looked up by it."""
    needed: bool = False
    most: int = 500
    """Letters of a text."""
    least: int = 0
    """Smallest number."""
    below: int = 10**12
    choices: tuple[str, ...] = ()
    help: str = ""
    fixed: bool = False
    """Filled in once, never changed."""
    past: bool = False
    """A day that cannot lie in the future."""
    computed: Callable[[], ColumnElement] | None = None
    """Read from the records, not entered."""

    @property
    def column(self) -> str:
        """Name of the column that holds it."""
        return "geom" if self.kind == Kind.POINT else f"{self.name}_id" if self.kind in REFERENCES else self.name


@dataclass(frozen=True)
class Draft:
    """An entry as it is to be, for the checks of its register."""

    values: Values
    project_id: int | None
    entry_id: int | None = None


@dataclass(frozen=True)
class Register:
    """A kind of record and the rules of its entries."""

    name: str
    model: type[Base]
    title: str
    new: str
    """What entering one is called."""
    fields: tuple[Field, ...]
    sort: str
    """Field it is sorted by unless told otherwise; a minus before it turns the order round."""
    check: Callable[[Session, Draft], None] | None = None
    unique: tuple[str, ...] = ()
    """Fields that together no second entry of the project may have."""
    in_use: Callable[[int], ColumnElement[bool]] | None = None
    """Whether something rests on an entry, which then cannot be cancelled."""
    of_project: bool = True
    personal: bool = False
    """Whether entries name people: for readers of personal data of the project only."""
    told_of_case: tuple[str, ...] = ()
    """Fields that may tell of a household where the entry is about its case."""
    entered: bool = True
    """Whether entries are made here."""

    @property
    def entity(self) -> str:
        """The name its entries have in the log."""
        return self.model.__tablename__

    @property
    def by_name(self) -> dict[str, Field]:
        """The fields by name."""
        return {field.name: field for field in self.fields}

    @property
    def cancellable(self) -> bool:
        """Whether an entry can be cancelled here; a project is by `gis.cancelling`."""
        return hasattr(self.model, "cancelled_at") and self.model is not Project

    @property
    def project_column(self) -> ColumnElement:
        """The project an entry is of."""
        if self.model is Project:
            return Project.id
        if self.model is ResettlementPlot:
            of_site = select(ResettlementSite.project_id).where(ResettlementSite.id == ResettlementPlot.site_id)
            return of_site.scalar_subquery()
        return self.model.project_id if self.of_project else cast(null(), Integer)


@dataclass(frozen=True)
class Reference:
    """What a field of a kind points to: the column of its key, and of its name."""

    model: type[Base]
    key: str
    name: str
    of_project: bool = False


REFERENCES = {
    Kind.UNIT: Reference(AdminUnit, "slug", "name"),
    Kind.DOCUMENT: Reference(Document, "id", "number"),
    Kind.PART: Reference(ProjectPart, "code", "name", of_project=True),
    Kind.CASE: Reference(Case, "code", "code", of_project=True),
    Kind.PROJECT: Reference(Project, "code", "name"),
    Kind.SITE: Reference(ResettlementSite, "code", "name", of_project=True),
}


def _(text: str) -> str:
    """Mark a text that is translated where it is shown."""
    return text


# -- what the registers hold --------------------------------------------------------------------------

MEASURES = ("area_m2", "households", "amount_vnd")
FUNDING = ("capital_plan", "clearance_funding", "work_value", "disbursement")
PETITIONS = ("petition", "dialogue", "reception")
LEVELS = ("province", "city", "district", "commune")
OBSTACLES = (
    "slow_clearance", "stopped_by_clearance", "behind_plan", "procedure_disputed", "land_use_conversion_missing",
    "land_price_missing", "land_price_outdated", "scope_widened", "resettlement_unfinished", "cadastre_wrong",
    "dossier_missing",
)  # fmt: skip
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
RESERVED = frozenset({"new"})
"""Codes that pages of the desk have as their address."""

_UNIT = Field("unit", Kind.UNIT, _("Unit"))
_DOCUMENT = Field("document", Kind.DOCUMENT, _("Document"))
_PART = Field("part", Kind.PART, _("Part of the project"))
_CASE = Field(
    "case", Kind.CASE, _("Case"), help=_("Its code. What is written of one household's case is not shown on the map.")
)  # fmt: skip
FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Of what is entered here: another is a slip of the pen."""
_YEAR = Field("year", Kind.WHOLE, _("Year"), needed=True, least=FIRST_YEAR, below=LAST_YEAR + 1)


def no_year(text: str) -> BadParameter:
    """Say that what was given is not one year: 2026-2027."""
    return BadParameter(
        "“%(value)s” is not one year: write it with four digits, as 2026, and give each year an entry of its own.",
        parameter="year", value=text[:40],
    )  # fmt: skip


def _age_days() -> ColumnElement[int]:
    return func.coalesce(Obstacle.resolved_on, cast(today(), Date)) - Obstacle.known_since


def _allotted_on() -> ColumnElement[date]:
    allotted = select(func.min(Event.valid_on)).where(Event.plot_id == ResettlementPlot.id, live_allotment())
    return allotted.scalar_subquery()


def live_allotment() -> ColumnElement[bool]:
    """Say that an event allots a plot and is not voided."""
    return (Event.kind == "resettlement_allocation") & live()


def live() -> ColumnElement[bool]:
    """Say that an event is not voided."""
    correction = aliased(Event)
    return ~select(correction.id).where(correction.voids_id == Event.id).exists()


def not_replaced() -> ColumnElement[bool]:
    """Say that a plan approved is not replaced by a later one of its case (`gis.rules.Acts.plots_granted`)."""
    later, correction = aliased(Event), aliased(Event)
    return ~(
        select(later.id)
        .where(
            later.case_id == Event.case_id, later.replaces,
            tuple_(later.valid_on, later.id) > tuple_(Event.valid_on, Event.id),
            ~select(correction.id).where(correction.voids_id == later.id).exists(),
        )
        .exists()
    )  # fmt: skip


def _check_project(session: Session, draft: Draft) -> None:
    above = draft.values["parent"]
    while above is not None:  # a project cannot lie below itself
        parent = aliased(Project)
        query = select(Project.id, parent.code).outerjoin(parent, parent.id == Project.parent_id)
        row = session.execute(query.where(Project.code == above)).one()
        if row.id == draft.entry_id:
            raise BadParameter("A project cannot be a part of itself.", parameter="parent")
        above = row.code
    _check_slug(session, draft)
    _check_reports(session, draft)
    if draft.entry_id is None:
        _check_name(session, draft)


def _check_reports(session: Session, draft: Draft) -> None:
    """Refuse that a project comes to report to a unit that is no more; one that has reported there stays as it is."""
    unit = session.execute(
        select(AdminUnit.id, AdminUnit.name, (func.upper(AdminUnit.valid) - 1).label("last")).where(
            AdminUnit.slug == draft.values["reporting_unit"], func.upper(AdminUnit.valid) <= today()
        )
    ).first()
    if unit is None:
        return
    kept = draft.entry_id and session.scalar(select(Project.reporting_unit_id).where(Project.id == draft.entry_id))
    if kept != unit.id:
        raise BadParameter(
            "%(unit)s is no unit any more, its last day was %(last)s: choose the unit of today to which the project "
            "reports.",
            parameter="reporting_unit", unit=unit.name, last=unit.last,
        )  # fmt: skip


def _check_designation(_session: Session, draft: Draft) -> None:
    if draft.values["year"] > (most := today().year + 1):
        raise BadParameter(
            "Key projects are named for this year or the next: %(year)s lies after %(most)s. See the year.",
            parameter="year", year=str(draft.values["year"]), most=str(most),
        )  # fmt: skip


def _check_name(session: Session, draft: Draft) -> None:
    """Refuse a second project of one name and reporting unit: it is one begun twice, and its figures would be split."""
    same = (
        select(Project.code)
        .join(AdminUnit, AdminUnit.id == Project.reporting_unit_id)
        .where(
            func.lower(Project.name) == func.lower(draft.values["name"]), Project.cancelled_at.is_(None),
            AdminUnit.slug == draft.values["reporting_unit"],
        )
    )  # fmt: skip
    if other := session.scalar(same.limit(1)):
        raise BadParameter(
            "A project of this name is there already (code %(code)s): go on with that one, or give this one a name of "
            "its own, such as its section or year.",
            parameter="name", code=other,
        )  # fmt: skip


def _check_slug(_session: Session, draft: Draft) -> None:
    code = draft.values["code"]
    if not SLUG.fullmatch(code) or code in RESERVED:
        raise BadParameter(
            "“%(value)s” is not a code: write small letters without accents and digits, with hyphens between.",
            parameter="code", value=code,
        )  # fmt: skip


def _check_target(_session: Session, draft: Draft) -> None:
    due_on = draft.values["due_on"]
    if not FIRST_YEAR <= due_on.year <= LAST_YEAR:
        raise BadParameter(
            "%(day)s: see the year, it must lie between %(first)s and %(last)s.",
            parameter="due_on", day=due_on, first=str(FIRST_YEAR), last=str(LAST_YEAR),
        )  # fmt: skip
    if (draft.values["percent"] or 0) > 100:
        raise BadParameter("More than 100 %% of a whole cannot be reached.", parameter="percent")
    value, whole, percent = (draft.values[name] for name in ("value", "of_value", "percent"))
    if value is None and percent is None:
        raise BadParameter("Give what is to be reached: a value, a percent, or both.", parameter="value")
    if whole is not None and value is not None and value > whole:
        raise BadParameter("The target is more than the whole it is of.", parameter="value")
    if None not in (value, whole, percent) and whole and abs(value / whole * 100 - percent) >= 1:
        raise BadParameter(
            "%(value)s of %(whole)s is %(share)s %%, not %(percent)s %%: put one of the three right, or leave one out.",
            parameter="percent", value=Decimal(value), whole=Decimal(whole), percent=Decimal(percent),
            share=(Decimal(value) / Decimal(whole) * 100).quantize(Decimal("0.1")),
        )  # fmt: skip
    if draft.values["measure"] == "households":
        for name in ("value", "of_value"):
            given = draft.values[name]
            if given is not None and given != int(given):
                raise BadParameter("Households are counted in whole numbers.", parameter=name)


def _check_obstacle(_session: Session, draft: Draft) -> None:
    since, resolved = draft.values["known_since"], draft.values["resolved_on"]
    if resolved and resolved < since:
        raise BadParameter(
            "An obstacle known since %(since)s cannot have been resolved on %(day)s.",
            parameter="resolved_on", since=since.isoformat(), day=resolved.isoformat(),
        )  # fmt: skip


def _check_petition(_session: Session, draft: Draft) -> None:
    received, replied = draft.values["received_on"], draft.values["replied_on"]
    if replied and replied < received:
        raise BadParameter(
            "What was received on %(received)s cannot have been replied to on %(day)s.",
            parameter="replied_on", received=received.isoformat(), day=replied.isoformat(),
        )  # fmt: skip
    if draft.values["reply"] and not replied:
        raise BadParameter("Say on which day the reply was given.", parameter="replied_on")


DONE = ("work_value", "disbursement")
"""Kinds of funding that tell what was done."""
SMALLEST_FUNDING = 1_000_000
"""An amount below it was written in nghìn or triệu đồng."""
TOO_MUCH_OF_PLAN = 100
"""So many times what is planned for a year is never paid out: a unit is wrong."""


def _check_funding(session: Session, draft: Draft) -> None:
    if draft.project_id is None and draft.values["unit"] is None:
        raise BadParameter("Funding that is of no project must be of a unit.", parameter="unit")
    amount, unit = draft.values["amount_vnd"], draft.values["unit"]
    year, milestone = draft.values["year"], draft.values["milestone_on"]
    if milestone and milestone.year not in (year, year + 1):  # a year's money is settled until 31 January after it
        raise BadParameter(
            "The milestone %(day)s does not lie in the year %(year)s: see which is right.",
            parameter="milestone_on", day=milestone, year=str(year),
        )  # fmt: skip
    if draft.values["kind"] in DONE and year > today().year:
        raise BadParameter(
            "%(year)s has not come: nothing can have been paid out or built in it.", parameter="year", year=str(year)
        )  # fmt: skip
    if 0 < amount < SMALLEST_FUNDING:
        raise BadParameter(
            "%(amount)s đồng is too little for a line of funding: write it in đồng, not in nghìn or triệu.",
            parameter="amount_vnd", amount=Decimal(amount),
        )  # fmt: skip
    unit_id = select(AdminUnit.id).where(AdminUnit.slug == unit).scalar_subquery()
    others = [
        FundingLine.project_id.is_not_distinct_from(draft.project_id), FundingLine.cancelled_at.is_(None),
        FundingLine.year == draft.values["year"],
        FundingLine.unit_id.is_(None) if unit is None else FundingLine.unit_id == unit_id,
    ]  # fmt: skip
    if draft.entry_id:
        others.append(FundingLine.id != draft.entry_id)
    same = [
        FundingLine.document_id.is_not_distinct_from(draft.values["document"]),
        *(getattr(FundingLine, name).is_not_distinct_from(draft.values[name])
          for name in ("kind", "milestone_on", "amount_vnd")),
    ]  # fmt: skip
    if session.scalar(select(FundingLine.id).where(*others, *same).limit(1)):
        raise BadParameter(
            "The same line of funding is on record: year, kind, milestone, amount, unit and document are equal, and it "
            "would be counted twice. If it is another one, give its document.",
            parameter="amount_vnd",
        )  # fmt: skip
    planned = session.scalar(
        select(func.sum(FundingLine.amount_vnd)).where(*others, FundingLine.kind == "capital_plan")
    )
    if draft.values["kind"] == "disbursement" and planned and amount > planned * TOO_MUCH_OF_PLAN:
        raise BadParameter(
            "%(amount)s đồng is more than %(times)s times the plan of capital of the year (%(planned)s đồng): is it "
            "written in đồng?",
            parameter="amount_vnd", amount=Decimal(amount), times=TOO_MUCH_OF_PLAN, planned=Decimal(planned),
        )  # fmt: skip


def _check_plot(_session: Session, draft: Draft) -> None:
    refuse_day(draft.values["number"], "number")
    refuse_several_names(draft.values["number"], "number")


def _part_in_use(entry_id: int) -> ColumnElement[bool]:
    return (
        exists().where(ProjectTarget.part_id == entry_id, ProjectTarget.cancelled_at.is_(None))
        | exists().where(Obstacle.part_id == entry_id, Obstacle.cancelled_at.is_(None))
        | select(Case.id).where(Case.part_id == entry_id, Case.cancelled_at.is_(None)).exists()
        | select(Land.id).where(Land.part_id == entry_id).exists()
        | select(Event.id).where(Event.part_id == entry_id, live()).exists()
    )


REGISTERS = {
    register.name: register
    for register in (
        Register(
            "project", Project, _("Projects"), _("New project"), sort="name", check=_check_project, unique=("code",),
            fields=(
                Field("name", Kind.TEXT, _("Name of the project"), needed=True),
                Field("code", Kind.TEXT, _("Code"), most=80, fixed=True,
                      help=_("The project's name in addresses and files. Left empty, it is made from the name.")),
                Field("investor", Kind.TEXT, _("Investor")),
                Field("managing_level", Kind.CHOICE, _("Managing level"), choices=LEVELS),
                Field("reporting_unit", Kind.UNIT, _("Reporting unit"), needed=True,
                      help=_("Whose reports it stands in. Who keeps records of this unit keeps those of the project.")),
                Field("parent", Kind.PROJECT, _("Belongs to the project")),
                Field("note", Kind.TEXT, _("Note"), most=2000),
            ),
        ),
        Register(
            "part", ProjectPart, _("Parts of the project"), _("New part"), sort="code", check=_check_slug,
            unique=("code",), in_use=_part_in_use,
            fields=(
                Field("code", Kind.TEXT, _("Code"), most=40, fixed=True,
                      help=_("Small letters without accents, such as bt or ppp. Left empty, it is made from the "
                             "name.")),
                Field("name", Kind.TEXT, _("Name of the part"), needed=True),
            ),
        ),
        Register(
            "target", ProjectTarget, _("Targets"), _("New target"), sort="due_on", check=_check_target,
            fields=(
                Field("due_on", Kind.DAY, _("To be reached by"), needed=True),
                Field("measure", Kind.CHOICE, _("What is measured"), needed=True, choices=MEASURES),
                Field("value", Kind.NUMBER, _("Value"), help=_("In m², households or đồng, as the measure says.")),
                Field("of_value", Kind.NUMBER, _("Of a whole of")),
                Field("percent", Kind.PERCENT, _("Percent"), below=101),
                _PART, _UNIT, _DOCUMENT,
            ),
        ),
        Register(
            "key_designation", KeyDesignation, _("Key project"), _("New designation as a key project"), sort="-year",
            check=_check_designation, unique=("year", "body"),
            fields=(
                _YEAR,
                Field("body", Kind.TEXT, _("Named by"), needed=True),
                Field("source", Kind.TEXT, _("By what document"), most=1000),
            ),
        ),
        Register(
            "funding", FundingLine, _("Funding"), _("New line of funding"), sort="-year", check=_check_funding,
            fields=(
                _YEAR,
                Field("kind", Kind.CHOICE, _("Kind"), needed=True, choices=FUNDING),
                Field("milestone_on", Kind.DAY, _("Milestone"), help=_("The day up to which the amount is counted.")),
                Field("amount_vnd", Kind.MONEY, _("Amount (đồng)"), needed=True, below=10**18),
                _UNIT, _DOCUMENT,
            ),
        ),
        Register(
            "obstacle", Obstacle, _("Obstacles"), _("New obstacle"), sort="known_since", check=_check_obstacle,
            told_of_case=("description", "owner", "direction"),
            fields=(
                Field("kind", Kind.CHOICE, _("Kind"), needed=True, choices=OBSTACLES),
                Field("description", Kind.TEXT, _("Description"), needed=True, most=2000),
                Field("known_since", Kind.DAY, _("Known since"), needed=True, past=True),
                Field("age_days", Kind.WHOLE, _("Age in days"), computed=_age_days),
                Field("resolved_on", Kind.DAY, _("Resolved on"), past=True),
                Field("owner", Kind.TEXT, _("To be removed by")),
                Field("direction", Kind.TEXT, _("How it is to be settled"), most=2000),
                Field("place", Kind.POINT, _("Place")),
                _PART, _UNIT, _CASE,
            ),
        ),
        Register(
            "petition", Petition, _("Petitions, dialogues, receptions"), _("New petition, dialogue or reception"),
            sort="-received_on", check=_check_petition, personal=True,
            fields=(
                Field("kind", Kind.CHOICE, _("Kind"), needed=True, choices=PETITIONS),
                Field("received_on", Kind.DAY, _("Received on"), needed=True, past=True),
                Field("subject", Kind.TEXT, _("Subject"), needed=True, most=2000),
                Field("replied_on", Kind.DAY, _("Replied on"), past=True),
                Field("reply", Kind.TEXT, _("Reply"), most=4000),
                replace(_CASE, help=_("Its code.")), _UNIT, _DOCUMENT,
            ),
        ),
        Register(
            "site", ResettlementSite, _("Resettlement sites"), _("New resettlement site"), sort="name",
            check=_check_slug, unique=("code",),
            in_use=lambda entry_id: exists().where(
                ResettlementPlot.site_id == entry_id, ResettlementPlot.cancelled_at.is_(None)
            ),
            fields=(
                Field("code", Kind.TEXT, _("Code"), most=80, fixed=True,
                      help=_("Small letters without accents, such as tdc-mai-pha. Left empty, it is made from the "
                             "name.")),
                Field("name", Kind.TEXT, _("Name of the site"), needed=True),
            ),
        ),
        Register(
            "plot", ResettlementPlot, _("Resettlement plots"), _("New resettlement plot"), sort="number",
            check=_check_plot,
            unique=("site", "number"),
            in_use=lambda entry_id: select(Event.id).where(Event.plot_id == entry_id, live_allotment()).exists(),
            fields=(
                Field("site", Kind.SITE, _("Resettlement site"), needed=True, fixed=True),
                Field("number", Kind.TEXT, _("Number"), needed=True, most=40),
                Field("area_m2", Kind.AREA, _("Area (m²)"), needed=True, least=1),
                Field("allotted_on", Kind.DAY, _("Allotted on"), computed=_allotted_on),
            ),
        ),
        Register(
            "document", Document, _("Documents"), _("New document"), sort="-issued_on", of_project=False, entered=False,
            fields=(
                Field("kind", Kind.CHOICE, _("Kind"), needed=True, choices=DOCUMENT_KINDS),
                Field("number", Kind.TEXT, _("Number"), needed=True, most=200),
                Field("issued_on", Kind.DAY, _("Issued on"), past=True),
                Field("issuer", Kind.TEXT, _("Issuer")),
                Field("title", Kind.TEXT, _("Title"), most=2000),
            ),
        ),
    )
}  # fmt: skip


def named(name: str) -> Register:
    """Give a register by its name.

    Raises
    ------
    NotFound
    """
    if name not in REGISTERS:
        raise NotFound("There is no register “%(value)s”.", parameter="register", value=name)
    return REGISTERS[name]
