"""All that stands about one project, commune or parcel on a day. No personal data, no money of single holders."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Text, and_, exists, literal, or_, select
from sqlalchemy.orm import Session, aliased

from gis import catalogue, money, overview, units
from gis.catalogue import ProjectEntry
from gis.errors import BadParameter, NotFound
from gis.indicators import AMOUNT, AREA, CORRECTION, INDICATORS, PARCEL_STEPS, Indicator
from gis.model import (
    AdminChange,
    AdminUnit,
    AffectedParcel,
    Document,
    Event,
    Holder,
    Parcel,
    ParcelCommune,
    Project,
    ReportedFigure,
)
from gis.overview import Bounds, Figures, Line, figures, is_sample, measured, stand_ins
from gis.progress import Row, ask, newest_records, progress
from gis.standing import Case, Land
from gis.targets import Verdict, targets, verdicts
from gis.units import Unit

SHOWN = tuple(dict.fromkeys((*overview.SHOWN, *PARCEL_STEPS)))
COMPARED = ("documents", "households", "organisations", "communities", "area_m2", "amount_vnd", "plots")
PERIODS = ("period", "cumulative")


@dataclass(frozen=True)
class Step:
    """How far one step has come: holders, and m² where the step has an area."""

    indicator: Indicator
    holders: int | None
    left: int | None
    """Holders affected that the step has not reached yet."""
    area_m2: Decimal | None


@dataclass(frozen=True)
class Cell:
    """One measure of a reported figure beside what the records give for the same question."""

    measure: str
    reported: int | Decimal
    recorded: int | Decimal | None
    contradicted: bool
    """The reports contradict each other here, so that the records can agree with one of them only."""
    withheld: bool = False
    """The records are not told in full: households, fewer than three, whose money the reader may not have, are out."""

    @property
    def agrees(self) -> bool:
        """Tell whether both are the same number; a percentage is as exact as the report wrote it."""
        if self.measure != "percent" or self.recorded is None:
            return self.recorded == self.reported
        decimals = max(-self.reported.normalize().as_tuple().exponent, 0)
        return round(self.recorded, decimals) == self.reported


@dataclass(frozen=True)
class Comparison:
    """A reported figure, and its cells where records can answer the same question (else none of them)."""

    figure: ReportedFigure
    indicator: Indicator | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ReportedHandover:
    """What reports state of the handing over in one project, in one unit, or in all."""

    name: str
    """Of the unit, the project, or both; empty for all."""
    compared: tuple[Comparison, ...]
    illustrative: bool


@dataclass(frozen=True)
class ProjectFacts:
    """What stands about a project on a day."""

    entry: ProjectEntry
    investor: str | None
    day: date
    figures: Figures
    source: str
    steps: tuple[Step, ...]
    communes: tuple[Line, ...]
    outside: tuple[str, ...]
    """Names of communes it lies in besides those with figures."""
    compared: tuple[Comparison, ...]
    illustrative: bool
    reported: tuple[ReportedFigure, ...] = ()
    """What official reports say of it by the day, where there are no records (`gis.overview.stand_ins`)."""
    targets: tuple[Verdict, ...] = ()
    """Every target with what comes of it by the day, the first due first."""
    newest: date | None = None
    """The day of its newest record."""


@dataclass(frozen=True)
class CommuneFacts:
    """What stands about a commune on a day."""

    unit: Unit
    parent: str | None
    legal_document: str | None
    outline: str
    """``illustrative``, ``loaded`` or ``none``."""
    day: date
    figures: Figures
    source: str
    steps: tuple[Step, ...]
    projects: tuple[Line, ...]
    bounds: Bounds | None
    became: tuple[str, ...]
    came_from: tuple[str, ...]
    illustrative: bool
    newest: date | None = None
    """The day of the newest record of land in it."""


@dataclass(frozen=True)
class Happening:
    """One event of a parcel, with the document it rests on."""

    indicator: Indicator
    day: date
    area_m2: Decimal | None
    document: Document | None


@dataclass(frozen=True)
class ParcelFacts:
    """What stands about a parcel to recover on a day."""

    parcel: Parcel
    area_m2: Decimal
    """To recover."""
    handed_over_m2: Decimal
    left_m2: Decimal
    registered_on: date
    holder_kind: str | None
    """None for land of no holder."""
    project: Project
    commune: str | None
    numbered_in: str
    day: date
    events: tuple[Happening, ...]
    withheld: bool
    """Whether what was paid, and when, is not told: it is a single household's, and the reader may not have it."""
    bounds: Bounds | None
    illustrative: bool


def project_facts(session: Session, code: str, day: date) -> ProjectFacts:
    """Gather what stands about a project on a day.

    Parameters
    ----------
    session : Session
    code : str
        The project's code.
    day : date
        Figures are cumulative to its end; each reported figure keeps its own period.

    Raises
    ------
    NotFound
        If there is no such project.
    """
    answer = progress(session, ask(by=("commune",), projects=(code,), as_of=day, kinds=SHOWN))
    (entry,) = catalogue.list_projects(session, day=day, code=code)
    named = {
        unit.slug: unit.name for unit in session.scalars(select(AdminUnit).where(AdminUnit.slug.in_(entry.communes)))
    }
    lines = tuple(_commune_line(row) for row in answer.rows if row.source == "records")
    told = {line.key for line in lines}
    reported = catalogue.list_reported(session, project=code)
    recorded = answer.total.source == "records"
    instead = () if recorded else stand_ins((entry.figure for entry in reported), day)
    done = {code: measured(answer.total)} if recorded else {}
    return ProjectFacts(
        entry, session.scalar(select(Project.investor).where(Project.code == code)), day,
        figures(answer.total),
        "reported" if instead else answer.total.source,
        _steps(answer.total), lines,
        tuple(named[slug] for slug in entry.communes if slug not in told),
        tuple(compare(session, found) for found in reported), answer.illustrative, instead,
        tuple(verdicts(session, targets(session, code), done, day).get(code, ())),
        newest_records(session, code).get(code),
    )  # fmt: skip


def reported_handover(session: Session, *, project: str | None = None, unit: str | None = None) -> ReportedHandover:
    """Gather the reported figures of handing over, and of the whole there is to hand over, beside the records.

    Parameters
    ----------
    session : Session
    project : str, optional
        Code of a project.
    unit : str, optional
        Slug of a unit, of any generation: only what its reports state, of the project or of the unit as a whole. With
        neither project nor unit, what reports state of any whole unit.

    Returns
    -------
    ReportedHandover
        Figures of a handover and of what remains, and those of other steps that say out of how many
        (``of_households``, ``of_area_m2``), each by its own dates and holders, in the order of the reports.

    Raises
    ------
    NotFound
        If there is no such project or unit.
    """
    names = []
    if unit:
        names.append(units.by_slug(session, unit).name)
    if project:
        standing = Project.code == project, Project.cancelled_at.is_(None)
        names.append(session.scalar(select(Project.name).where(*standing)))
        if names[-1] is None:
            raise NotFound("There is no project “%(code)s”.", parameter="project", code=project)
    told = catalogue.list_reported(session, unit=unit, project=project)
    return ReportedHandover(
        " · ".join(names),
        tuple(compare(session, entry) for entry in told if entry.project == project and _of_handover(entry.figure)),
        is_sample(session),
    )


def _of_handover(figure: ReportedFigure) -> bool:
    if figure.basis not in PERIODS:
        return False
    own = figure.indicator in ("handover", "not_handed_over")
    return own or figure.of_households is not None or figure.of_area_m2 is not None


def commune_facts(session: Session, slug: str, day: date) -> CommuneFacts:
    """Gather what stands about a commune on a day.

    Parameters
    ----------
    session : Session
    slug : str
    day : date

    Raises
    ------
    NotFound
        If there is no such unit.
    BadParameter
        If it does not stand on the day.
    """
    answer = progress(session, ask(by=("project",), unit=slug, as_of=day, kinds=SHOWN))
    entry = next(e for e in catalogue.list_units(session, within=slug) if e.unit.slug == slug)
    parent = session.scalar(select(AdminUnit.name).where(AdminUnit.slug == entry.parent)) if entry.parent else None
    lines = tuple(
        Line(
            row.project.code, row.project.name, figures(row), row.source,
            reported=stand_ins((f for f in answer.reported if f.project_id == row.project.id), day),
        )
        for row in answer.rows if row.project
    )  # fmt: skip
    return CommuneFacts(
        entry.unit, parent, entry.legal_document, entry.outline, day,
        figures(answer.total), answer.total.source, _steps(answer.total), lines, entry.bounds,
        became=_changed(session, AdminChange.old_unit_id == entry.unit.id, AdminChange.new_unit_id),
        came_from=_changed(session, AdminChange.new_unit_id == entry.unit.id, AdminChange.old_unit_id),
        illustrative=answer.illustrative,
        newest=max(newest_records(session, unit_id=entry.unit.id).values(), default=None),
    )  # fmt: skip


def parcel_facts(session: Session, affected_parcel_id: int, day: date) -> ParcelFacts:
    """Gather what stands about a parcel to recover on a day: its land and its events, not who holds it.

    Parameters
    ----------
    session : Session
    affected_parcel_id : int
        The id that tiles of the layer ``parcels`` carry.
    day : date
        Events after it are left out, and so are those that a correction voided.

    Raises
    ------
    NotFound
        If there is no such parcel to recover, or it was not registered yet.
    """
    numbering = aliased(AdminUnit)
    found = session.execute(
        select(
            Land,
            Parcel,
            Project,
            Holder.kind,
            AdminUnit.name,
            numbering.name.label("numbered_in"),
            *catalogue.box_of(Land.geom),
        )
        .join(Parcel, Parcel.id == Land.parcel_id)
        .join(Project, Project.id == Land.project_id)
        .join(numbering, numbering.id == Parcel.numbered_in_unit_id)
        .outerjoin(Case, Case.id == Land.case_id)
        .outerjoin(Holder, Holder.id == Case.holder_id)
        .outerjoin(ParcelCommune, and_(ParcelCommune.parcel_id == Parcel.id, ParcelCommune.valid.contains(day)))
        .outerjoin(AdminUnit, AdminUnit.id == ParcelCommune.unit_id)
        .where(Land.id == affected_parcel_id, Land.registered_on <= day)
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such parcel on this day.")
    land, parcel, project, kind, commune, numbered_in, *box = found
    withheld = session.scalar(select(money.day_withheld(literal("payment"), literal(kind, Text), literal(project.id))))
    events = tuple(e for e in _events(session, land, day) if not (withheld and e.indicator.key in money.PAID_KINDS))
    handed = sum((e.area_m2 or Decimal(0) for e in events if e.indicator.key == "handover"), Decimal(0))
    return ParcelFacts(
        parcel, land.area_m2, handed, land.area_m2 - handed, land.registered_on, kind, project, commune, numbered_in,
        day, events, withheld, catalogue.rounded(box), is_sample(session),
    )  # fmt: skip


def _commune_line(row: Row) -> Line:
    unit = row.commune
    return Line(unit.slug if unit else "", unit.name if unit else "", figures(row), row.source)


def _steps(total: Row) -> tuple[Step, ...]:
    affected = total.values["affected"]["holders"]
    steps = []
    for key in PARCEL_STEPS:
        done = total.values[key]
        left = None if affected is None or done["holders"] is None else max(affected - done["holders"], 0)
        if key in total.uncounted:
            left = None
        if key == "handover":
            left = total.values["not_handed_over"]["holders"]
        steps.append(Step(INDICATORS[key], done["holders"], left, done["area_m2"]))
    return tuple(steps)


def compare(session: Session, found: catalogue.ReportedEntry) -> Comparison:
    """Put a reported figure beside what the records give for the same question; without cells where they cannot."""
    figure = found.figure
    indicator = INDICATORS.get(figure.indicator)
    if indicator is None or not figure.derivable or figure.basis not in PERIODS:
        return Comparison(figure, indicator, ())
    dates = {"as_of": figure.to_on} if figure.basis == "cumulative" else {"since": figure.from_on, "upto": figure.to_on}
    holder = None if figure.holder == "all" else figure.holder
    kinds = (figure.indicator, "affected")
    asked = {"unit": found.unit, "projects": (found.project,) if found.project else (), "holder": holder}
    try:
        total = progress(session, ask(kinds=kinds, **asked, **dates)).total
    except BadParameter:  # the unit did not stand on that day: nothing can be asked of it
        return Comparison(figure, indicator, ())
    return Comparison(figure, indicator, tuple(_cells(figure, total)))


def _cells(figure: ReportedFigure, total: Row):
    for measure in COMPARED:
        stated = getattr(figure, measure)
        if stated is None:
            continue
        asked = "holders" if measure == "households" and figure.holder == "all" else measure
        recorded = total.values[figure.indicator][asked]
        left_out = total.withheld if measure == AMOUNT else total.uncounted
        withheld = measure in (AMOUNT, "documents", "households") and figure.indicator in left_out
        yield Cell(measure, stated, None if withheld else recorded, measure in figure.contradicted_cells, withheld)
    for column, measure in (("of_households", "households"), ("of_area_m2", "area_m2")):
        stated = getattr(figure, column)
        if stated is not None:
            recorded = total.values["affected"][measure]
            yield Cell(column, stated, recorded, column in figure.contradicted_cells)
    if figure.percent is not None and figure.basis == "cumulative" and AREA in INDICATORS[figure.indicator].sums:
        done, affected = total.values[figure.indicator]["area_m2"], total.values["affected"]["area_m2"]
        share = None if done is None or not affected else done * 100 / affected
        yield Cell("percent", figure.percent, share, "percent" in figure.contradicted_cells)


def _changed(session: Session, which, other) -> tuple[str, ...]:
    query = select(AdminUnit.name).join(AdminChange, other == AdminUnit.id).where(which).order_by(AdminUnit.name)
    return tuple(session.scalars(query))


def _events(session: Session, land: AffectedParcel, day: date) -> tuple[Happening, ...]:
    correction = aliased(Event)
    query = (
        select(Event, Document)
        .outerjoin(Document, Document.id == Event.document_id)
        .where(
            or_(
                Event.affected_parcel_id == land.id,
                and_(Event.affected_parcel_id.is_(None), Event.case_id == land.case_id, Event.case_id.is_not(None)),
            ),
            Event.kind != CORRECTION,
            Event.valid_on <= day,
            ~exists(correction.id).where(correction.voids_id == Event.id),
        )
        .order_by(Event.valid_on, Event.id)
    )
    return tuple(
        Happening(INDICATORS[event.kind], event.valid_on, event.area_m2, document)
        for event, document in session.execute(query)
    )
