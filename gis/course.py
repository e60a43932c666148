"""The whole course of time at once: on which days the figures of each project and commune change, and to what."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from importlib.resources import files

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gis import catalogue
from gis.crs import VN2000_PINNED, WGS84
from gis.model import Project, ProjectBoundary, ReportedFigure
from gis.overview import Figures

_STATEMENT = text((files("gis") / "course.sql").read_text("utf-8"))
_COUNTS = ("households", "affected_households", "organisations", "affected_organisations")
_AREAS = ("area_m2", "affected_m2")
_EVIDENCE = ("handovers", "measured", "records")


@dataclass
class Track:
    """The figures of one project or commune through time."""

    key: str
    """Code of a project or slug of a commune; empty for what lies in no commune known, and for the total."""
    days: list[date] = field(default_factory=list)
    """The days on which anything changes, first to last."""
    figures: list[Figures | None] = field(default_factory=list)
    """What holds from each of these days on; None where there are no records (again)."""

    def at(self, day: date) -> Figures | None:
        """Give the figures cumulative to the end of a day; None where there are no records by then."""
        before = bisect_right(self.days, day)
        return self.figures[before - 1] if before else None


@dataclass(frozen=True)
class Label:
    """A name on the map and where it stands (longitude, latitude in WGS 84), from one day until before another."""

    layer: str
    """``communes`` or ``projects``."""
    key: str
    name: str
    point: tuple[float, float]
    since: date | None
    until: date | None


@dataclass(frozen=True)
class Course:
    """All tracks, from one snapshot, with the names the map writes and the ends of the periods reports cover."""

    projects: list[Track]
    communes: list[Track]
    total: Track
    labels: list[Label]
    reported_until: list[date]

    @property
    def first(self) -> date | None:
        """The first day of the records; None without any."""
        return self.total.days[0] if self.total.days else None


def course(session: Session) -> Course:
    """Give every change of the figures of a handover, as the records are known now.

    Parameters
    ----------
    session : Session
        Best a reading session, so that all of it is one snapshot.

    Returns
    -------
    Course
        On every day, each track holds what `gis.overview.overview` gives for its row on that day (decision 0002).
        Communes of all generations are among the tracks; one that does not stand on a day has no figures on it.
    """
    sums: dict[tuple[str, int | None], dict] = {}
    tracks: dict[tuple[str, int | None], Track] = defaultdict(lambda: Track(""))
    for row in session.execute(_STATEMENT):
        for line in (("project", row.project_id), ("commune", row.unit_id), ("total", None)):
            _add(sums.setdefault(line, dict.fromkeys((*_COUNTS, *_AREAS, *_EVIDENCE), 0)), row)
            track = tracks[line]
            if not track.days or track.days[-1] != row.day:
                track.days.append(row.day)
                track.figures.append(None)
            track.figures[-1] = _figures(sums[line])
    units = catalogue.list_units(session, level="commune")
    codes = dict(session.execute(select(Project.id, Project.code)).all())
    slugs = {entry.unit.id: entry.unit.slug for entry in units} | {None: ""}
    return Course(
        _named(tracks, "project", codes), _named(tracks, "commune", slugs), tracks["total", None],
        [*_commune_labels(units), *_project_labels(session)], _reported_until(session),
    )  # fmt: skip


def _add(sums: dict, row) -> None:
    for name in sums:
        sums[name] += getattr(row, name)


def _figures(sums: dict) -> Figures | None:
    if not sums["records"]:
        return None
    unknown = sums["handovers"] and not sums["measured"]
    area_m2 = None if unknown else Decimal(sums["area_m2"])
    return Figures(
        sums["households"], sums["affected_households"], sums["affected_households"] - sums["households"],
        sums["organisations"], sums["affected_organisations"],
        area_m2, Decimal(sums["affected_m2"]), Decimal(sums["affected_m2"] - sums["area_m2"]),
    )  # fmt: skip


def _named(tracks: dict, kind: str, keys: dict[int | None, str]) -> list[Track]:
    named = []
    for (of, number), track in tracks.items():
        if of == kind:
            track.key = keys[number]
            named.append(_without_repeats(track))
    return sorted(named, key=lambda track: track.key)


def _without_repeats(track: Track) -> Track:
    """Leave out days on which what one fact ends another begins."""
    kept = [n for n, now in enumerate(track.figures) if now != (track.figures[n - 1] if n else None)]
    return Track(track.key, [track.days[n] for n in kept], [track.figures[n] for n in kept])


def _commune_labels(units: list[catalogue.UnitEntry]) -> list[Label]:
    return [
        Label("communes", e.unit.slug, e.unit.name, e.label_point, e.unit.valid_from, e.unit.valid_to)
        for e in units if e.label_point
    ]  # fmt: skip


def _project_labels(session: Session) -> list[Label]:
    outline = func.ST_Transform(func.ST_SetSRID(ProjectBoundary.geom, VN2000_PINNED), WGS84)
    point = func.ST_PointOnSurface(outline)
    found = session.execute(
        select(Project.code, Project.name, ProjectBoundary.valid, func.ST_X(point), func.ST_Y(point))
        .join_from(ProjectBoundary, Project)
        .order_by(Project.name, Project.code)
    )
    return [
        Label("projects", code, name, (round(x, 6), round(y, 6)), valid.lower, valid.upper)
        for code, name, valid, x, y in found
    ]


def _reported_until(session: Session) -> list[date]:
    ends = select(ReportedFigure.to_on).where(ReportedFigure.derivable).distinct().order_by(ReportedFigure.to_on)
    return list(session.scalars(ends))
