"""One day at a glance: every project and every commune with what is handed over, what remains and where it lies."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis import catalogue
from gis.catalogue import Bounds
from gis.errors import BadParameter
from gis.indicators import DONE, INDICATORS
from gis.model import STANDING_FIGURE, ReportedFigure, SampleLoad
from gis.progress import Progress, Question, Row, ask, newest_records, progress, today
from gis.targets import Done, Verdict, gone_by, missed, targets, verdicts

ONE_DAY = timedelta(days=1)
SHOWN = ("handover", "affected", "not_handed_over", "plan_approval", "payment")


@dataclass(frozen=True)
class Figures:
    """Both measures of a handover beside what they are measured against, and the money. None: not recorded, which is
    not zero."""

    households: int | None
    affected_households: int | None
    left_households: int | None
    organisations: int | None
    affected_organisations: int | None
    area_m2: Decimal | None
    affected_m2: Decimal | None
    left_m2: Decimal | None
    approved_vnd: Decimal | None
    """Compensation, support and resettlement in the plans approved."""
    paid_vnd: Decimal | None
    """Paid to holders, gross."""
    approved_withheld: bool = False
    """Whether the money approved leaves out households, fewer than three, whose amounts the reader may not have."""
    paid_withheld: bool = False
    """The same of the money paid."""
    communities: int | None = None
    affected_communities: int | None = None

    @property
    def share(self) -> Decimal | None:
        """The part of the m² that is handed over, 0 to 1; None where there is nothing to measure against."""
        return _share(self.area_m2, self.affected_m2)

    @property
    def share_households(self) -> Decimal | None:
        """The part of the households that is handed over, 0 to 1; None where there is nothing to measure against."""
        return _share(self.households, self.affected_households)


def _share(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    return None if part is None or not whole else (Decimal(part) / whole).quantize(Decimal("0.0001"))


@dataclass(frozen=True)
class Between:
    """What was handed over between two days. None: no records, which is not zero."""

    households: int | None
    organisations: int | None
    area_m2: Decimal | None
    communities: int | None = None


@dataclass(frozen=True)
class Line:
    """A project or a commune on the day: its figures, where they come from and where it lies."""

    key: str
    """Code of a project or slug of a commune; empty for what lies in no commune known."""
    name: str
    figures: Figures
    source: str
    """``records``, ``reported`` or ``none``."""
    bounds: Bounds | None = None
    """West, south, east, north in WGS 84."""
    label_point: tuple[float, float] | None = None
    key_project: bool = False
    """Named a key project for the year of the day."""
    suspended: bool = False
    reported: tuple[ReportedFigure, ...] = ()
    """What official reports say of it by the day, where there are no records (`stand_ins`)."""
    between: Between | None = None
    """What was handed over since the earlier day; None where one day alone was asked for."""
    target: Verdict | None = None
    """The target the project goes by on the day, and what comes of it."""
    missed: Verdict | None = None
    """The last target that was due before the day and is not reached yet."""


@dataclass(frozen=True)
class Overview:
    """All lines of a day, both lists and the total from one snapshot."""

    day: date
    projects: list[Line]
    communes: list[Line]
    total: Line
    silent_communes: int
    """Communes left out of the list: they have neither figures nor an outline."""
    illustrative: bool
    extent: Bounds | None
    """What holds every outline that has figures; every outline of the lists where none has."""
    since: date | None = None
    """The earlier of two days compared: it is itself not counted any more."""
    project: str | None = None
    """The one project everything is counted for; None for all."""
    newest: date | None = None
    """The day of the newest record of what is counted; None without any."""

    @property
    def stood_in(self) -> int:
        """How many projects have no records, but figures of reports that stand in: they are in no total."""
        return sum(bool(line.reported) for line in self.projects)

    @property
    def silent_projects(self) -> int:
        """How many projects have no figures at all."""
        return sum(line.source != "records" and not line.reported for line in self.projects)

    @property
    def first(self) -> date | None:
        """The first of the days compared: the one after `since`."""
        return self.since and self.since + ONE_DAY


def opening_day(session: Session) -> date:
    """Give the day a first visitor sees: today, or with the sample the last day that any report covers."""
    if not is_sample(session):
        return today()
    covered = select(func.max(ReportedFigure.to_on)).where(ReportedFigure.derivable, STANDING_FIGURE)
    return session.scalar(covered) or today()


def is_sample(session: Session) -> bool:
    """Tell whether the records are the generated sample."""
    return session.get(SampleLoad, 1) is not None


def overview(session: Session, day: date, since: date | None = None, project: str | None = None) -> Overview:
    """Give the figures of every project and commune, cumulative to the end of a day.

    Parameters
    ----------
    session : Session
        Best a reading session, so that all of it is one snapshot.
    day : date
        Communes are those that stand on it.
    since : date, optional
        An earlier day: each line tells what was handed over after it, up to `day`, by the communes of `day`.
    project : str, optional
        Code of a project: its records alone are counted, in both lists and the total.

    Returns
    -------
    Overview
        The total equals that of `progress` for the day. Households and m² are counted as decision 0002 says.

    Raises
    ------
    BadParameter
        If `since` does not lie before `day`.
    NotFound
        For an unknown project.
    """
    if since and since >= day:
        raise BadParameter(
            "%(since)s does not lie before %(day)s: give an earlier day to compare with.",
            parameter="since", since=since.isoformat(), day=day.isoformat(),
        )  # fmt: skip
    scope = (project,) if project else ()
    by_project, by_commune = (
        progress(session, ask(by=(by,), as_of=day, kinds=SHOWN, projects=scope)) for by in ("project", "commune")
    )
    between = _between(session, since, day, scope) if since else {}
    projects = _project_lines(session, by_project, day, project, between)
    communes = _commune_lines(session, by_commune, day, between)
    told = [line for line in communes if line.bounds or line.source != "none"]
    total = Line("", "", figures(by_project.total), by_project.total.source, between=between.get("total"))
    return Overview(
        day, projects, told, total,
        silent_communes=len(communes) - len(told),
        illustrative=by_project.illustrative,
        extent=_around([*projects, *told]),
        since=since, project=project,
        newest=max(newest_records(session, project).values(), default=None),
    )  # fmt: skip


def figures(row: Row) -> Figures:
    """Pick the measures of a handover and its money out of a row of progress that was asked for `SHOWN`."""
    done, affected, left = (row.values[kind] for kind in ("handover", "affected", "not_handed_over"))
    return Figures(
        done["households"], affected["households"], left["households"],
        done["organisations"], affected["organisations"],
        done["area_m2"], affected["area_m2"], left["area_m2"],
        row.values["plan_approval"]["amount_vnd"], row.values["payment"]["amount_vnd"],
        "plan_approval" in row.withheld, "payment" in row.withheld,
        done["communities"], affected["communities"],
    )  # fmt: skip


def stand_ins(stated: Iterable[ReportedFigure], day: date) -> tuple[ReportedFigure, ...]:
    """Pick what stands in for a project's records where there are none: what reports say was done by a day.

    Parameters
    ----------
    stated : iterable of ReportedFigure
        Figures of one project. Plans, targets, what records could never give (capital) and what is narrowed in words
        are left out, and parts of a figure that is picked.
    day : date

    Returns
    -------
    tuple of ReportedFigure
        Handovers first, then what remains, then other steps; the newest of each first.
    """
    told = [f for f in stated if f.indicator in INDICATORS and f.basis in DONE and f.to_on <= day and not f.restriction]
    names = {figure.figure for figure in told}
    first = {"handover": 0, "not_handed_over": 1}
    whole = [figure for figure in told if figure.part_of not in names]
    return tuple(sorted(whole, key=lambda f: (first.get(f.indicator, 2), -f.to_on.toordinal(), f.figure)))


def _between(session: Session, since: date, day: date, scope: tuple[str, ...]) -> dict[tuple[str, str] | str, Between]:
    """Count what was handed over from the day after `since` to `day`, by project, by commune of `day`, and in all."""
    asked = {"since": since + ONE_DAY, "upto": day, "kinds": ("handover",), "projects": scope}
    found: dict[tuple[str, str] | str, Between] = {}
    for by in ("project", "commune"):
        answer = progress(session, Question(by=(by,), **asked))
        for row in answer.rows:
            found[by, _key(row)] = _handed_over(row)
        found["total"] = _handed_over(answer.total)
    return found


def _handed_over(row: Row) -> Between:
    done = row.values["handover"]
    return Between(done["households"], done["organisations"], done["area_m2"], done["communities"])


def gained(session: Session, since: date, day: date, *, project: str | None = None, unit: str | None = None) -> Between:
    """Count what was handed over from the day after one to another: of a project, in a unit, or in all.

    Raises
    ------
    BadParameter
        If `since` does not lie before `day`.
    """
    if since >= day:
        raise BadParameter(
            "%(since)s does not lie before %(day)s: give an earlier day to compare with.",
            parameter="since", since=since.isoformat(), day=day.isoformat(),
        )  # fmt: skip
    scope = (project,) if project else ()
    asked = {"since": since + ONE_DAY, "upto": day, "kinds": ("handover",), "projects": scope, "unit": unit}
    return _handed_over(progress(session, Question(**asked)).total)


def _key(row: Row) -> str:
    return row.project.code if row.project else row.commune.slug if row.commune else ""


def _project_lines(session: Session, answer: Progress, day: date, project: str | None, between: dict) -> list[Line]:
    standing = {entry.code: entry for entry in catalogue.list_projects(session, day=day, code=project)}
    recorded = {row.project.code: measured(row) for row in answer.rows if row.project and row.source == "records"}
    judged = verdicts(session, targets(session, project), recorded, day)
    lines = []
    for row in answer.rows:
        if row.project is None:
            continue
        entry = standing[row.project.code]
        lines.append(
            Line(
                entry.code, entry.name, figures(row), row.source, entry.bounds, entry.label_point,
                key_project=day.year in entry.key_years,
                suspended=bool(entry.suspensions),
                reported=stand_ins((f for f in answer.reported if f.project_id == row.project.id), day),
                between=between.get(("project", entry.code)),
                target=gone_by(judged.get(entry.code, ()), day),
                missed=missed(judged.get(entry.code, ())),
            )
        )  # fmt: skip
    return lines


def measured(row: Row) -> dict[str, Done]:
    """Give what targets are held against: of a row asked for `SHOWN`, what is handed over and the whole, by measure."""
    done, affected = row.values["handover"], row.values["affected"]
    return {measure: (done[measure], affected[measure]) for measure in ("area_m2", "households")}


def judged(session: Session, day: date) -> dict[str, list[Verdict]]:
    """Judge the targets of all projects on a day, by code (`gis.targets.verdicts`)."""
    answer = progress(session, ask(by=("project",), as_of=day, kinds=("handover", "affected")))
    recorded = {row.project.code: measured(row) for row in answer.rows if row.project and row.source == "records"}
    return verdicts(session, targets(session), recorded, day)


def _commune_lines(session: Session, answer: Progress, day: date, between: dict) -> list[Line]:
    places = {entry.unit.slug: entry for entry in catalogue.list_units(session, day=day, level="commune")}
    lines = []
    for row in answer.rows:
        if row.commune is None:
            lines.append(Line("", "", figures(row), row.source, between=between.get(("commune", ""))))
            continue
        place = places[row.commune.slug]
        lines.append(
            Line(
                row.commune.slug, row.commune.name, figures(row), row.source, place.bounds,
                label_point=place.label_point,
                between=between.get(("commune", row.commune.slug)),
            )
        )  # fmt: skip
    return lines


def _around(lines: list[Line]) -> Bounds | None:
    drawn = [line for line in lines if line.bounds]
    if not drawn:
        return None
    with_figures = [line for line in drawn if line.source == "records"] or drawn
    west, south, east, north = zip(*(line.bounds for line in with_figures), strict=True)
    return min(west), min(south), max(east), max(north)
