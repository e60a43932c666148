"""The whole course of time at once: on which days the figures of each project and commune change, and to what."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from importlib.resources import files
from itertools import groupby

from sqlalchemy import exists, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from gis import catalogue, units
from gis.crs import VN2000_PINNED, WGS84
from gis.errors import NotFound
from gis.model import STANDING_FIGURE, Project, ProjectBoundary, ProjectCommune, ReportedFigure
from gis.overview import Between, Figures
from gis.progress import newest_records, today
from gis.standing import Project as StandingProject
from gis.targets import Done, Target, Verdict, targets, within

_STATEMENT = text((files("gis") / "course.sql").read_text("utf-8"))


@dataclass
class Track:
    """The figures of one project or commune through time."""

    key: str
    """Code of a project or slug of a commune; empty for what lies in no commune known, and for the total."""
    days: list[date] = field(default_factory=list)
    """The days on which anything changes, first to last."""
    figures: list[Figures | None] = field(default_factory=list)
    """What holds from each of these days on; None where there are no records (again)."""
    before: "Track | None" = None
    """What lay within a commune before it stood, up to the day from which it does: to compare with earlier days."""

    def at(self, day: date) -> Figures | None:
        """Give the figures cumulative to the end of a day; None where there are no records by then."""
        before = bisect_right(self.days, day)
        return self.figures[before - 1] if before else None

    def between(self, since: date, day: date) -> Between | None:
        """Give what was handed over after a day up to another, as the difference of both.

        m² are those of `gis.overview.overview`. Households too, but for one that was handed over and got more land
        since: it counts against the others here.
        """
        now = self.at(day)
        if now is None:
            return None
        then = self.at(since) or (self.before and self.before.at(since))
        if then is None:
            return Between(now.households, now.organisations, now.area_m2, now.communities)
        area_m2 = None if now.area_m2 is None else now.area_m2 - (then.area_m2 or 0)
        organisations, communities = now.organisations - then.organisations, now.communities - then.communities
        return Between(now.households - then.households, organisations, area_m2, communities)


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
class Stated:
    """What a report says was handed over of a project by a day."""

    upto: date
    households: int | None
    of_households: int | None
    area_m2: Decimal | None
    of_area_m2: Decimal | None
    source: str


@dataclass(frozen=True)
class Course:
    """All tracks, from one snapshot, with the names the map writes, the periods reports cover, and the targets."""

    projects: list[Track]
    communes: list[Track]
    total: Track
    labels: list[Label]
    reported_until: list[date]
    targets: dict[str, list[Target]]
    """By code of the project, the first due first."""
    stated: dict[str, list[Stated]] = field(default_factory=dict)
    """By code of the project, what reports say is handed over of it, the first day first: it stands in on days on
    which there are no records."""
    inside: dict[tuple[str, int], Track] = field(default_factory=dict)
    """By code of a project and id of a unit that a target was set for and the land goes beyond: what lies within."""

    scope: frozenset[str] | None = None
    """Slugs of the communes in which something lies of what is looked at; None where all projects are."""

    newest: dict[str, date] = field(default_factory=dict)
    """By code of the project, the day of its newest record: what is known ends there, whatever day it is."""

    def lies_outside(self, commune: str) -> bool:
        """Tell whether nothing of what is looked at lies in a commune: then no figures are missing there."""
        return self.scope is not None and commune not in self.scope

    def verdicts(self, code: str, day: date) -> list[Verdict]:
        """Judge the targets of a project on a day, as `gis.targets.verdicts` does."""
        whole = next((track for track in self.projects if track.key == code), None)
        judged = []
        for target in self.targets.get(code, ()):
            track = self.inside.get((code, target.unit_id)) if target.unit_id else whole
            judged.append(target.judged(_measured(track.at(day) if track else None), day))
        return judged

    @property
    def first(self) -> date | None:
        """The first day of the records; None without any."""
        return self.total.days[0] if self.total.days else None


def _measured(now: Figures | None) -> dict[str, Done] | None:
    if now is None:
        return None
    return {"area_m2": (now.area_m2, now.affected_m2), "households": (now.households, now.affected_households)}


def course(session: Session, project: str | None = None, *, narrowed: bool = False) -> Course:
    """Give every change of the figures of a handover and its money, as the records are known now.

    Parameters
    ----------
    session : Session
        Best a reading session, so that all of it is one snapshot.
    project : str, optional
        Code of a project: its records alone are counted, in every track.
    narrowed : bool
        Whether the session reads some projects only, as an investor does: what lies outside them is told apart from
        what has no figures, as with one project.

    Returns
    -------
    Course
        On every day, each track holds what `gis.overview.overview` gives for its row on that day (decision 0002).
        Communes of all generations are among the tracks; one that does not stand on a day has no figures on it.

    Raises
    ------
    NotFound
        For an unknown project.
    """
    codes = dict(session.execute(select(StandingProject.id, StandingProject.code)).all())
    counted = next((number for number, code in codes.items() if code == project), None)
    if project is not None and counted is None:
        raise NotFound("There is no project “%(code)s”.", parameter="project", code=project)
    tracks = _tracks(session.execute(_STATEMENT, {"project": counted, "rows_on": None}))
    units = catalogue.list_units(session, level="commune")
    recorded = tracks["total", None].days
    begins = {entry.unit.valid_from for entry in units if entry.unit.valid_from}
    for day in (day for day in begins if recorded and recorded[0] < day):
        earlier = _tracks(session.execute(_STATEMENT, {"project": counted, "rows_on": day}))
        for entry in units:
            line = "commune", entry.unit.id
            if entry.unit.valid_from == day and line in earlier and line in tracks:
                tracks[line].before = _until(earlier[line], day)
    slugs = {entry.unit.id: entry.unit.slug for entry in units} | {None: ""}
    planned = targets(session, project)
    return Course(
        _named(tracks, "project", codes), _named(tracks, "commune", slugs), tracks["total", None],
        [*_commune_labels(units), *_project_labels(session, counted)],
        _reported_until(session), planned, _stated(session, counted),
        _inside(session, planned, {code: number for number, code in codes.items()}),
        _scope(session, counted, tracks, slugs) if project or narrowed else None,
        newest_records(session, project),
    )  # fmt: skip


def _scope(session: Session, project_id: int | None, tracks: dict, slugs: dict) -> frozenset[str]:
    """Give the communes with records, and those that the outline of a project touches."""
    touched = select(ProjectCommune.unit_id).where(project_id is None or ProjectCommune.project_id == project_id)
    recorded = {number for of, number in tracks if of == "commune"}
    return frozenset(slugs[number] for number in recorded.union(session.scalars(touched)) if number in slugs)


def _inside(session: Session, planned: dict[str, list[Target]], ids: dict[str, int]) -> dict[tuple[str, int], Track]:
    """Follow what of a project lies in a unit beyond which its land goes; of an ended one, on its communes for good."""
    beyond = sorted({(code, t.unit_id) for code, own in planned.items() for t in own if t.unit_id})
    communes = within(session, [unit for _, unit in beyond]) if beyond else {}
    found = {}
    for code, unit in beyond:
        day = units.standing_day(session, unit, today())
        changes = session.execute(_STATEMENT, {"project": ids[code], "rows_on": None if day == today() else day})
        found[code, unit] = _without_repeats(
            _tracks(row for row in changes if row.unit_id in communes[unit])["total", None]
        )
    return found


def _tracks(changes) -> dict[tuple[str, int | None], Track]:
    """Add up what changes from day to day: for each project, each commune and in all."""
    sums: dict[tuple[str, int | None], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    tracks: dict[tuple[str, int | None], Track] = defaultdict(lambda: Track(""))
    for day, rows in groupby(changes, key=lambda row: row.day):
        changed = set()
        for row in rows:
            for line in (("project", row.project_id), ("commune", row.unit_id), ("total", None)):
                sums[line][row.measure] += row.value
                changed.add(line)
        for line in changed:
            tracks[line].days.append(day)
            tracks[line].figures.append(_figures(sums[line]))
    return tracks


def _until(track: Track, day: date) -> Track | None:
    """Cut a track off before a day; None where nothing is left."""
    kept = bisect_left(track.days, day)
    return _without_repeats(Track("", [*track.days[:kept], day], [*track.figures[:kept], None])) if kept else None


def _figures(sums: dict[str, Decimal]) -> Figures | None:
    if not sums["records"]:
        return None

    def count(measure: str) -> int:
        return int(sums[measure])

    def total(measure: str, entries: str, entries_with_it: str) -> Decimal | None:
        """A sum that none of its entries states is not known."""
        return None if sums[entries] and not sums[entries_with_it] else sums[measure]

    return Figures(
        count("households"), count("affected_households"), count("affected_households") - count("households"),
        count("organisations"), count("affected_organisations"),
        total("area_m2", "handovers", "measured"), sums["affected_m2"], sums["affected_m2"] - sums["area_m2"],
        total("approved_vnd", "approvals", "approvals_with_sum"), total("paid_vnd", "payments", "payments_with_sum"),
        sums["approvals_withheld"] > 0, sums["payments_withheld"] > 0,
        count("communities"), count("affected_communities"),
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
    return Track(track.key, [track.days[n] for n in kept], [track.figures[n] for n in kept], track.before)


def _commune_labels(units: list[catalogue.UnitEntry]) -> list[Label]:
    return [
        Label("communes", e.unit.slug, e.unit.name, e.label_point, e.unit.valid_from, e.unit.valid_to)
        for e in units if e.label_point
    ]  # fmt: skip


def _project_labels(session: Session, project_id: int | None) -> list[Label]:
    outline = func.ST_Transform(func.ST_SetSRID(ProjectBoundary.geom, VN2000_PINNED), WGS84)
    point = func.ST_PointOnSurface(outline)
    found = session.execute(
        select(StandingProject.code, StandingProject.name, ProjectBoundary.valid, func.ST_X(point), func.ST_Y(point))
        .join_from(ProjectBoundary, StandingProject, StandingProject.id == ProjectBoundary.project_id)
        .where(project_id is None or StandingProject.id == project_id)
        .order_by(StandingProject.name, StandingProject.code)
    )
    return [
        Label("projects", code, name, (round(x, 6), round(y, 6)), valid.lower, valid.upper)
        for code, name, valid, x, y in found
    ]


def _stated(session: Session, project_id: int | None) -> dict[str, list[Stated]]:
    """Give the cumulative handovers of whole projects as reports state them: those of a period are no standing."""
    f, whole = ReportedFigure, aliased(ReportedFigure)
    found = session.execute(
        select(Project.code, f.to_on, f.households, f.of_households, f.area_m2, f.of_area_m2, f.source_line)
        .join(Project, Project.id == f.project_id)
        .where(
            f.indicator == "handover", f.basis == "cumulative", f.restriction.is_(None), STANDING_FIGURE,
            or_(f.holder.is_(None), f.holder.in_(("all", "household"))),
            ~exists(whole.id).where(whole.figure == f.part_of, whole.project_id == f.project_id),
            project_id is None or Project.id == project_id,
        )
        .order_by(Project.code, f.to_on, f.id)
    )  # fmt: skip
    stated: dict[str, list[Stated]] = {}
    for code, *values in found:
        stated.setdefault(code, []).append(Stated(*values))
    return stated


def _reported_until(session: Session) -> list[date]:
    ends = select(ReportedFigure.to_on).where(ReportedFigure.derivable, STANDING_FIGURE).distinct()
    return list(session.scalars(ends.order_by(ReportedFigure.to_on)))
