"""What an official report of a period states of land clearance, counted by the one function that counts everything.

Nothing here writes a sentence or a file: `webmap/reports` does. Figures that records cannot give (capital,
disbursement, receptions) stand as they were reported, with their source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from gis import catalogue, units
from gis.catalogue import ProjectEntry, ReportedEntry
from gis.errors import BadParameter
from gis.indicators import INDICATORS, STEPS
from gis.model import ReportedFigure
from gis.overview import stand_ins
from gis.progress import Progress, ask, progress, revision, today
from gis.targets import Verdict, gone_by, missed, targets, verdicts
from gis.units import Unit

Values = Mapping[str, int | Decimal | None]
"""Measures of `gis.indicators.MEASURES`. None: not recorded, or not carried by the kind."""

PERIOD_KINDS = tuple(step.key for step in STEPS if step.key not in ("suspension", "resumption", "not_applicable"))
STANDING_KINDS = (
    "affected", "inventory", "not_inventoried", "plan_review", "plan_approval", "recovery_decision", "payment",
    "advance_payment", "progress_bonus", "handover_consent", "handover", "not_handed_over",
)  # fmt: skip
"""How far a key project stands: what is told of it, cumulative to the last day."""
WHOSE = (None, "household", "organisation", "community", "none")
"""For whom a key project's figures are told: all, and apart by holder."""

APART = ("household", "organisation", "community", "none")


def happened(values: Values) -> bool:
    """Tell whether anything of a kind falls into a line.

    A holder is counted where most of the land lies, an event where it happened: a line may have the one alone.
    """
    return bool(values["events"] or values["holders"])


@dataclass(frozen=True)
class Line:
    """A project or a commune with its figures of the period, by kind."""

    key: str
    name: str
    values: Mapping[str, Values]


@dataclass(frozen=True)
class KeyProject:
    """How a key project stands at the end of the period."""

    entry: ProjectEntry
    target: Verdict | None
    """The one it goes by on the last day, and what comes of it."""
    missed: Verdict | None
    """The last one that was due before and is not reached."""
    standing: Mapping[str | None, Mapping[str, Values]]
    """Cumulative figures by holder (`WHOSE`) and kind."""
    recorded: bool = True
    reported: tuple[ReportedFigure, ...] = ()
    """What stands in where there are no records (`gis.overview.stand_ins`)."""


@dataclass(frozen=True)
class Unrecorded:
    """A project without records on the last day."""

    name: str
    reported: tuple[ReportedFigure, ...]
    """What stands in (`gis.overview.stand_ins`); empty where nobody stated anything."""


@dataclass(frozen=True)
class Report:
    """All that a report states."""

    unit: Unit
    since: date
    upto: date
    known_at: datetime
    """What was recorded by this moment is in it: built again with it, it is the same."""
    revision: int
    illustrative: bool
    total: Mapping[str, Values]
    """Of the period, by kind."""
    projects: tuple[Line, ...]
    """Those with anything in the period."""
    communes: tuple[Line, ...]
    apart: Mapping[str, tuple[Line, ...]]
    """The projects once more, by kind of holder (`APART`)."""
    key_projects: tuple[KeyProject, ...]
    stated: tuple[ReportedEntry, ...]
    """Figures as reported for a day of the period, that records cannot give."""
    entries: tuple[ProjectEntry, ...]
    """All projects the report is about, as they stand on the last day."""
    chosen: tuple[str, ...]
    """Codes of the projects it was asked for; empty for all."""
    suspended: tuple[ProjectEntry, ...]
    """Projects of the unit that stand still on the last day."""
    quiet: tuple[Line, ...] = ()
    """Projects with records, but nothing in the period: their figures are zero, not missing."""
    unrecorded: tuple[Unrecorded, ...] = ()
    """Projects of the unit that have no records by the last day: they are in no figure."""
    withheld: frozenset[str] = frozenset()
    """Kinds whose amount leaves out what the reader may not have (`gis.money`)."""

    def kinds(self) -> list[str]:
        """Give the kinds of which anything happened in the period, in the order of the procedure."""
        return [kind for kind in PERIOD_KINDS if happened(self.total[kind])]

    def of_kind(self, kind: str) -> list[Line]:
        """Give the projects in which a kind happened, those with the most holders first."""
        found = [line for line in self.projects if happened(line.values[kind])]
        return sorted(found, key=lambda line: -(line.values[kind]["holders"] or 0))


def build(
    session: Session,
    *,
    unit: str,
    since: date,
    upto: date,
    projects: Sequence[str] = (),
    units_of: str | None = None,
    known_at: datetime | None = None,
) -> Report:
    """Count what a report states.

    Parameters
    ----------
    session : Session
        Best a reading session: all figures are then of one snapshot.
    unit : str
        Slug of the unit that reports.
    since, upto : date
        First and last day of the period, both in it.
    projects : sequence of str, optional
        Codes: only these.
    units_of : str, optional
        Which communes make the rows: ``old``, ``new`` or a day; those of the last day when left out.
    known_at : datetime, optional
        Only what was recorded by then.

    Raises
    ------
    NotFound
        For an unknown unit or project.
    BadParameter
        For a period that ends before it begins or lies in the future, and a unit that does not stand on its last day.
    """
    if since > today():
        raise BadParameter(
            "%(name)s: %(day)s lies in the future.", parameter="from", name="from", day=since.isoformat()
        )
    # Which communes are meant decides the figures too, where the unit itself is not there on the last day.
    asked = {"unit": unit, "projects": tuple(projects), "known_at": known_at, "units_of": units_of}
    period = {**asked, "since": since, "upto": upto, "kinds": PERIOD_KINDS}
    by_project = progress(session, ask(by=("project",), **period))
    by_commune = progress(session, ask(by=("commune",), **period))
    found = units.by_slug(session, unit)
    entries = [
        entry
        for entry in catalogue.list_projects(session, day=upto, within=unit)
        if not projects or entry.code in projects
    ]
    missing = _unrecorded(session, asked, upto)
    apart = {holder: _lines(progress(session, ask(by=("project",), holder=holder, **period))) for holder in APART}
    last = revision(session)
    return Report(
        found,
        since,
        upto,
        known_at=known_at or last.changed_at,
        revision=last.revision,
        illustrative=by_project.illustrative,
        total=by_project.total.values,
        projects=_lines(by_project),
        communes=_lines(by_commune),
        apart=apart,
        key_projects=_key_projects(session, entries, asked, upto, missing),
        stated=_stated(session, unit, since, upto, projects),
        entries=tuple(entries),
        chosen=tuple(projects),
        suspended=tuple(entry for entry in entries if entry.suspended_since),
        quiet=_lines(by_project, moved=False),
        unrecorded=tuple(missing.values()),
        withheld=by_project.total.withheld,
    )


def _lines(answer: Progress, *, moved: bool = True) -> tuple[Line, ...]:
    lines = []
    for row in answer.rows:
        if any(map(happened, row.values.values())) == moved:
            about = row.project or row.commune
            key = row.project.code if row.project else row.commune.slug if row.commune else ""
            lines.append(Line(key, about.name if about else "", row.values))
    return tuple(lines)


def _unrecorded(session: Session, asked: dict, upto: date) -> dict[str, Unrecorded]:
    answer = progress(session, ask(by=("project",), as_of=upto, kinds=("affected",), **asked))
    return {
        row.project.code: Unrecorded(
            row.project.name, stand_ins((f for f in answer.reported if f.project_id == row.project.id), upto)
        )
        for row in answer.rows
        if row.project and row.source != "records"
    }


def _key_projects(
    session: Session, entries: Sequence[ProjectEntry], asked: dict, upto: date, missing: Mapping[str, Unrecorded]
) -> tuple[KeyProject, ...]:
    keys = {entry.code: entry for entry in entries if upto.year in entry.key_years}
    if not keys:
        return ()
    asked = asked | {"projects": tuple(keys), "as_of": upto, "by": ("project",), "kinds": STANDING_KINDS}
    standing: dict[str, dict] = {code: {} for code in keys}
    for holder in WHOSE:
        for row in progress(session, ask(holder=holder, **asked)).rows:
            if row.project:
                standing[row.project.code][holder] = row.values
    done = {
        code: {m: (own["handover"][m], own["affected"][m]) for m in ("area_m2", "households")}
        for code in keys
        if code not in missing and (own := standing[code].get(None))
    }
    planned = {code: own for code, own in targets(session).items() if code in keys}
    judged = verdicts(session, planned, done, upto)
    made = []
    for code, entry in keys.items():
        own = judged.get(code, ())
        instead = missing[code].reported if code in missing else ()
        made.append(KeyProject(entry, gone_by(own, upto), missed(own), standing[code], code not in missing, instead))
    return tuple(made)


def _stated(session: Session, unit: str, since: date, upto: date, projects: Sequence[str]) -> tuple[ReportedEntry, ...]:
    """Figures for a time that ends in the period, or (plans and targets) that holds it."""

    def belongs(entry: ReportedEntry) -> bool:
        figure = entry.figure
        if projects and entry.project not in projects:
            return False
        if figure.basis in ("plan", "target"):
            return figure.from_on is not None and figure.from_on <= upto <= figure.to_on
        return since <= figure.to_on <= upto

    return tuple(
        entry
        for entry in catalogue.list_reported(session, unit=unit)
        if (not entry.figure.derivable or entry.figure.indicator not in INDICATORS) and belongs(entry)
    )
