"""One day at a glance: every project and every commune with what is handed over, what remains and where it lies."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis import catalogue
from gis.model import ReportedFigure, SampleLoad
from gis.progress import Progress, Row, ask, progress, today

Bounds = tuple[float, float, float, float]
SHOWN = ("handover", "affected", "not_handed_over")


@dataclass(frozen=True)
class Figures:
    """Both measures of a handover beside what they are measured against. None: no records, which is not zero."""

    households: int | None
    affected_households: int | None
    left_households: int | None
    organisations: int | None
    affected_organisations: int | None
    area_m2: Decimal | None
    affected_m2: Decimal | None
    left_m2: Decimal | None

    @property
    def share(self) -> Decimal | None:
        """The part of the m² that is handed over, 0 to 1; None where there is nothing to measure against."""
        if self.area_m2 is None or not self.affected_m2:
            return None
        return (self.area_m2 / self.affected_m2).quantize(Decimal("0.0001"))


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
    """What official reports say of its handover by the day, newest first, where there are no records."""


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


def opening_day(session: Session) -> date:
    """Give the day a first visitor sees: today, or with the sample the last day that any report covers."""
    if not is_sample(session):
        return today()
    covered = select(func.max(ReportedFigure.to_on)).where(ReportedFigure.derivable)
    return session.scalar(covered) or today()


def is_sample(session: Session) -> bool:
    """Tell whether the records are the generated sample."""
    return session.get(SampleLoad, 1) is not None


def overview(session: Session, day: date) -> Overview:
    """Give the figures of every project and commune, cumulative to the end of a day.

    Parameters
    ----------
    session : Session
        Best a reading session, so that all of it is one snapshot.
    day : date
        Communes are those that stand on it.

    Returns
    -------
    Overview
        The total equals that of `progress` for the day. Households and m² are counted as decision 0002 says.
    """
    by_project = progress(session, ask(by=("project",), as_of=day, kinds=SHOWN))
    by_commune = progress(session, ask(by=("commune",), as_of=day, kinds=SHOWN))
    projects = _project_lines(session, by_project, day)
    communes = _commune_lines(session, by_commune, day)
    told = [line for line in communes if line.bounds or line.source != "none"]
    return Overview(
        day, projects, told, Line("", "", figures(by_project.total), by_project.total.source),
        silent_communes=len(communes) - len(told),
        illustrative=by_project.illustrative,
        extent=_around([*projects, *told]),
    )  # fmt: skip


def figures(row: Row) -> Figures:
    """Pick the measures of a handover out of a row of progress."""
    done, affected, left = (row.values[key] for key in SHOWN)
    return Figures(
        done["households"], affected["households"], left["households"],
        done["organisations"], affected["organisations"],
        done["area_m2"], affected["area_m2"], left["area_m2"],
    )  # fmt: skip


def _project_lines(session: Session, answer: Progress, day: date) -> list[Line]:
    standing = {entry.code: entry for entry in catalogue.list_projects(session, day=day)}
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
                reported=_handover_reported(answer, row, day),
            )
        )  # fmt: skip
    return lines


def _handover_reported(answer: Progress, row: Row, day: date) -> tuple[ReportedFigure, ...]:
    told = [
        f for f in answer.reported
        if f.project_id == row.project.id and f.indicator == "handover" and f.to_on <= day and f.basis != "plan"
    ]  # fmt: skip
    return tuple(sorted(told, key=lambda f: f.to_on, reverse=True))


def _commune_lines(session: Session, answer: Progress, day: date) -> list[Line]:
    places = {entry.unit.slug: entry for entry in catalogue.list_units(session, day=day, level="commune")}
    lines = []
    for row in answer.rows:
        if row.commune is None:
            lines.append(Line("", "", figures(row), row.source))
            continue
        place = places[row.commune.slug]
        lines.append(
            Line(
                row.commune.slug, row.commune.name, figures(row), row.source, place.bounds,
                label_point=place.label_point,
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
