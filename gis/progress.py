"""How far clearance has come: one question, one statement, one answer for map, tables, reports and API."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib.resources import files
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, and_, case, column, func, select, text
from sqlalchemy.orm import Session

from gis import units
from gis.errors import BadParameter, NotFound
from gis.indicators import AMOUNT, DONE, HOLDERS, INDICATORS, MEASURES, SUMS
from gis.model import STANDING_FIGURE, AdminUnit, DataRevision, Project, ReportedFigure, SampleLoad
from gis.money import PAID_KINDS

VIETNAM_TIME = ZoneInfo("Asia/Ho_Chi_Minh")
COUNTED = ("documents", "projects", "households", "events")
"""Of payments, what leaves households out whose day it would tell."""
HOLDER_KINDS = ("household", "organisation", "community", "none")
KEPT = "kept counts"
"""Where the `info` of a session may hold a function of what is asked and of how to count it: what was counted before on
the same records for the same reader is then given again (`webmap.freshness`)."""
_STATEMENT = text((files("gis") / "progress.sql").read_text("utf-8"))


@dataclass(frozen=True)
class Question:
    """What is asked, checked. Make it with `ask`."""

    by: tuple[str, ...] = ()
    unit: str | None = None
    projects: tuple[str, ...] = ()
    holder: str | None = None
    since: date | None = None
    upto: date | None = None
    as_of: date | None = None
    known_at: datetime | None = None
    units_of: str | None = None
    kinds: tuple[str, ...] = tuple(INDICATORS)
    """Keys of the indicators wanted: the fewer, the faster."""


@dataclass
class Row:
    """One row: its project and commune (None where the row does not ask for them), and every kind x measure."""

    project: Project | None
    commune: units.Unit | None
    values: dict[str, dict[str, int | Decimal | None]]
    parcels: int = 0
    parcels_with_geometry: int = 0
    source: str = "none"
    """``records``, ``reported`` (official figures stand in) or ``none``."""
    withheld: frozenset[str] = frozenset()
    """Kinds whose sum of money leaves out households, fewer than three, whose amounts the reader may not have."""
    uncounted: frozenset[str] = frozenset()
    """Kinds of payment that leave out households which, being one or two of their commune, would tell their day:
    whether they were paid or not."""

    @property
    def withheld_measures(self) -> tuple[str, ...]:
        """Names of the measures that leave households out, as ``payment.amount_vnd``."""
        sums = [f"{kind}.{AMOUNT}" for kind in self.values if kind in self.withheld]
        counts = [f"{kind}.{measure}" for kind in self.values if kind in self.uncounted
                  for measure in COUNTED]  # fmt: skip
        return (*sums, *counts)


@dataclass
class Progress:
    """The answer: rows in the order of their names, and the total from the same snapshot."""

    question: Question
    known_at: datetime
    """The moment of the newest entry the answer can contain: asked again with it, the answer is the same."""
    units_day: date
    rows: list[Row]
    total: Row
    illustrative: bool
    """True while the records are the generated sample."""
    reported: list[ReportedFigure] = field(default_factory=list)
    """Reported figures of the projects in the answer that have no records."""


def today() -> date:
    """Give today's day in Vietnam."""
    return datetime.now(VIETNAM_TIME).date()


def end_of_day(day: date) -> datetime:
    """Give the last moment of a Vietnamese day."""
    return datetime.combine(day + timedelta(days=1), time(), VIETNAM_TIME) - timedelta(microseconds=1)


def ask(**given) -> Question:
    """Check the parts of a question against each other and fill in the defaults.

    Parameters
    ----------
    **given
        Fields of `Question`. Without any date it is asked as of today.

    Raises
    ------
    BadParameter
        For ``as_of`` together with a period, a period that ends before it begins, an unknown holder or row kind.
    """
    question = Question(**given)
    if question.as_of and (question.since or question.upto):
        raise BadParameter("Give either as_of or a period (from, to), not both.", parameter="as_of")
    if question.since and question.upto and question.since > question.upto:
        raise BadParameter(
            "The period ends (%(to)s) before it begins (%(since)s).",
            parameter="to", to=question.upto.isoformat(), since=question.since.isoformat(),
        )  # fmt: skip
    for value in question.by:
        if value not in ("project", "commune"):
            raise BadParameter(
                "“%(value)s” is not something to count by: give project, commune, or both with a comma.",
                parameter="by", value=value,
            )  # fmt: skip
    if question.holder is not None and question.holder not in HOLDER_KINDS:
        raise BadParameter(
            "“%(value)s” is not a kind of holder: give one of %(choices)s.",
            parameter="holder", value=question.holder, choices=", ".join(HOLDER_KINDS),
        )  # fmt: skip
    if not (question.as_of or question.since or question.upto):
        question = Question(**{**given, "as_of": today()})
    return question


def progress(session: Session, question: Question) -> Progress:
    """Answer a question.

    Parameters
    ----------
    session : Session
        Read in one statement for all figures, so that parts and total come from one snapshot; names of units and
        projects are looked up beside it.
    question : Question
        Made by `ask`.

    Returns
    -------
    Progress
        With every measure of every kind wanted in every row. A measure is None where there are no records, or
        where the kind does not carry it; 0 where there are records and none of this. m² to 0.01, VND whole, both
        Decimal.

    Raises
    ------
    NotFound
        For an unknown unit or project.
    BadParameter
        For a unit that does not stand on the day asked.
    """
    day = question.as_of or question.upto or today()
    rows_day = units.units_day(session, question.units_of, day)
    unit = units.by_slug(session, question.unit) if question.unit else None
    projects = _projects(session, question.projects, question.known_at)
    last = revision(session)
    asked = {
        "since": question.since,
        "upto": day,
        "known": question.known_at,
        "unit": unit.id if unit else None,
        "scope_on": units.scope_day(unit, day, rows_day) if unit else rows_day,
        "rows_on": rows_day,
        "projects": [project.id for project in projects] if projects else None,
        "holder": question.holder,
        "kinds": list(question.kinds),
        "by_project": "project" in question.by,
        "by_commune": "commune" in question.by,
    }
    kept = session.info.get(KEPT, lambda _asked, count: count())
    found = kept(asked, lambda: session.execute(_STATEMENT, asked).all())
    return _answer(session, question, last, rows_day, found)


def _projects(session: Session, codes: tuple[str, ...], known_at: datetime | None) -> list[Project]:
    stood = select(func.projects_known(known_at).table_valued(column("id", BigInteger)).c.id)
    found = (
        session.scalars(select(Project).where(Project.code.in_(codes), Project.id.in_(stood))).all() if codes else []
    )
    for code in codes:
        if code not in {project.code for project in found}:
            raise NotFound("There is no project “%(code)s”.", parameter="project", code=code)
    return list(found)


def _answer(session, question, last, rows_day, found) -> Progress:
    grouped: dict[tuple, dict] = {}
    total: dict[str, object] = {}
    for row in found:
        if row.is_total:
            total[row.kind] = row
        else:
            grouped.setdefault((row.project_row, row.commune_row), {})[row.kind] = row
    named_projects = {p.id: p for p in session.scalars(select(Project).where(Project.id.in_({k[0] for k in grouped})))}
    named_units = {
        u.id: units.as_unit(u)
        for u in session.scalars(select(AdminUnit).where(AdminUnit.id.in_({k[1] for k in grouped})))
    }
    reported = _reported_ids(session, named_projects, question.as_of or question.upto or today())
    rows = []
    if question.by:
        for (project_id, unit_id), kinds in grouped.items():
            if project_id is None and unit_id is None and not _has_records(kinds):
                continue
            row = _row(question, named_projects.get(project_id), named_units.get(unit_id), kinds)
            if row.source == "none" and project_id in reported:
                row.source = "reported"
            rows.append(row)
    if set(question.by) == {"project", "commune"}:
        with_records = {row.project for row in rows if row.source == "records"}
        rows = [row for row in rows if row.source == "records" or row.project not in with_records]
    rows.sort(key=lambda row: (row.project.name if row.project else "~", row.commune.name if row.commune else "~"))
    without = {row.project.id for row in rows if row.project and row.source == "reported"}
    return Progress(
        question, question.known_at or last.changed_at, rows_day, rows, _row(question, None, None, total),
        illustrative=session.get(SampleLoad, 1) is not None,
        reported=list(session.scalars(
            select(ReportedFigure)
            .where(ReportedFigure.project_id.in_(without), STANDING_FIGURE)
            .order_by(ReportedFigure.figure)
        )) if without else [],
    )  # fmt: skip


def _reported_ids(session, projects, day: date) -> set[int]:
    """Give the projects of which a report states something by a day: what was done by then, or is planned from then."""
    if not projects:
        return set()
    known_by = case(
        (ReportedFigure.basis.in_(DONE), ReportedFigure.to_on),
        else_=func.coalesce(ReportedFigure.from_on, ReportedFigure.to_on),
    )
    about = and_(ReportedFigure.project_id.in_(projects), known_by <= day, STANDING_FIGURE)
    return set(session.scalars(select(ReportedFigure.project_id).where(about).distinct()))


def _has_records(kinds: dict) -> bool:
    return bool({"_records", "affected"} & kinds.keys())


def _row(question: Question, project: Project | None, commune: units.Unit | None, kinds: dict) -> Row:
    recorded = _has_records(kinds)
    values = {
        key: {measure: _value(INDICATORS[key], measure, kinds.get(key), recorded) for measure in MEASURES}
        for key in question.kinds
    }
    uncounted = frozenset(key for key in question.kinds if f"_uncounted:{key}" in kinds)
    for key in uncounted:  # nothing but what is not told: that is not nothing
        values[key] |= {measure: None for measure in (*COUNTED, "holders") if not values[key][measure]}
    affected = kinds.get("affected")
    return Row(
        project, commune, values,
        parcels=(affected and affected.parcels) or 0,
        parcels_with_geometry=(affected and affected.drawn) or 0,
        source="records" if recorded else "none",
        withheld=frozenset(key for key in question.kinds if key in kinds and kinds[key].withheld),
        uncounted=uncounted,
    )  # fmt: skip


def _value(indicator, measure: str, found, recorded: bool) -> int | Decimal | None:
    if not recorded or (indicator.derived and measure in ("documents", "events")):
        return None
    if measure in SUMS and measure not in indicator.sums:
        return None
    if found is None:
        return 0
    if measure == "holders":
        return sum(getattr(found, kind) for kind in HOLDERS)
    value = getattr(found, measure)
    if value is None:  # a sum over nothing that carries it: unknown where there are events, else none
        return None if found.events or found.withheld else 0
    return value


def revision(session: Session) -> DataRevision:
    """Give the number and moment of the last change of any record."""
    return session.get_one(DataRevision, 1)


def table(answer: Progress) -> list[list]:
    """Lay an answer out as the table that CSV shows: a header, a line a row, and the total last.

    Parameters
    ----------
    answer : Progress

    Returns
    -------
    list of list
        Codes of projects and slugs of communes first, then ``<kind>.<measure>``, None where nothing is recorded; last
        the names of the sums that leave out households, fewer than three, whose money the reader may not have, and
        the source: ``records``, ``reported`` (only official reports say anything) or ``none``.
    """
    cells = [(kind, measure) for kind in answer.question.kinds for measure in MEASURES]
    named = [(r.project.code if r.project else "", r.commune.slug if r.commune else "", r) for r in answer.rows]
    return [
        ["project", "commune", *(f"{kind}.{measure}" for kind, measure in cells), "withheld", "source"],
        *(
            [
                project,
                commune,
                *(plain(row.values[kind][measure]) for kind, measure in cells),
                " ".join(row.withheld_measures),
                row.source,
            ]
            for project, commune, row in (*named, ("total", "", answer.total))
        ),
    ]


def plain(value: Decimal | int | None) -> int | float | None:
    """Give a number as JSON and CSV write it: whole when it is whole, else with its decimals.

    An area has at most 12 digits before the point and two behind it, which a double holds exactly as written.
    """
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


_NEWEST = text(
    """
    with told as materialized (select id, code, reads_money_of(id) as all_of_it from standing_project),
    here as materialized (
        select a.id, a.case_id from standing_land a join parcel_commune c on c.parcel_id = a.parcel_id
        where c.unit_id = :unit
    )
    select told.code, max(found.day) as day
    from (
        select e.project_id, e.valid_on as day, e.kind = any(:paid) as paid
        from event e
        where e.kind <> 'correction' and not exists (select from event correction where correction.voids_id = e.id)
          and (cast(:unit as bigint) is null or e.affected_parcel_id in (select id from here)
               or (e.affected_parcel_id is null and e.case_id in (select case_id from here)))
        union all
        -- of payments whose days may not be told, the days on which their sums count (gis/money.py)
        select b.project_id, b.valid_on, false from amount_batch b
        where b.voided_at is null and not b.withdrawn and cast(:unit as bigint) is null
    ) found
    join told on told.id = found.project_id
    where (not found.paid or told.all_of_it) and (cast(:project as text) is null or told.code = :project)
    group by told.code
    """
)


def newest_records(session: Session, project: str | None = None, *, unit_id: int | None = None) -> dict[str, date]:
    """Give the day of the newest record of each project that has any, or of one, by code.

    Parameters
    ----------
    session : Session
        What its reader may not see is not among them, nor are days of payments that it may not have.
    project : str, optional
        Code of a project.
    unit_id : int, optional
        Of a commune: only records of land in it.
    """
    asked = {"project": project, "unit": unit_id, "paid": list(PAID_KINDS)}
    return dict(session.execute(_NEWEST, asked).all())
