"""The lists people choose from: units with their label points, projects with their standing, reported figures."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, func, select, text
from sqlalchemy.orm import Session, aliased

from gis import units
from gis.crs import VN2000_PINNED, WGS84
from gis.errors import BadParameter, Conflict, NotFound
from gis.model import STANDING_FIGURE, AdminUnit, FigureClosure, Project, ProjectCommune, ReportedFigure

Bounds = tuple[float, float, float, float]
"""West, south, east and north in WGS 84."""


@dataclass(frozen=True)
class UnitEntry:
    """A unit for lists and labels."""

    unit: units.Unit
    parent: str | None
    legal_document: str | None
    published_area_km2: Decimal | None
    outline: str
    """``illustrative``, ``loaded`` or ``none``."""
    label_point: tuple[float, float] | None
    """Longitude and latitude in WGS 84, inside the outline."""
    bounds: Bounds | None
    """West, south, east, north of the outline, WGS 84."""


def list_units(
    session: Session, *, day: date | None = None, level: str | None = None, within: str | None = None
) -> list[UnitEntry]:
    """List units by name.

    Parameters
    ----------
    session : Session
    day : date, optional
        Only units that stand on this day; None lists every unit there ever was.
    level : {"province", "district", "commune"}, optional
    within : str, optional
        Slug of a unit: only itself and what lies below it.

    Raises
    ------
    BadParameter
        For an unknown level.
    NotFound
        For an unknown unit.
    """
    if level not in (None, "province", "district", "commune"):
        raise BadParameter(
            "“%(value)s” is not a level: give one of %(choices)s.",
            parameter="level", value=level, choices="province, district, commune",
        )  # fmt: skip
    parent = aliased(AdminUnit)
    box = box_of(AdminUnit.geom)
    point = func.ST_Transform(func.ST_SetSRID(func.ST_PointOnSurface(AdminUnit.geom), VN2000_PINNED), WGS84)
    query = (
        select(AdminUnit, parent.slug, func.ST_X(point), func.ST_Y(point), *box)
        .join_from(AdminUnit, parent, AdminUnit.parent_id == parent.id, isouter=True)
        .order_by(AdminUnit.name, AdminUnit.slug)
    )
    if day:
        query = query.where(AdminUnit.valid.contains(day))
    if level:
        query = query.where(AdminUnit.level == level)
    if within:
        query = query.where(AdminUnit.id.in_(_subtree(units.by_slug(session, within).id)))
    return [
        UnitEntry(
            units.as_unit(row), parent_slug, row.legal_document, row.published_area_km2,
            "none" if x is None else "illustrative" if row.illustrative else "loaded",
            None if x is None else (round(x, 6), round(y, 6)),
            rounded(box),
        )
        for row, parent_slug, x, y, *box in session.execute(query)
    ]  # fmt: skip


def box_of(geom: ColumnElement) -> tuple[ColumnElement[float], ...]:
    """Give west, south, east and north in WGS 84 of a stored geometry."""
    outline = func.ST_Transform(func.ST_SetSRID(geom, VN2000_PINNED), WGS84)
    return func.ST_XMin(outline), func.ST_YMin(outline), func.ST_XMax(outline), func.ST_YMax(outline)


def rounded(box: Sequence[float | None]) -> Bounds | None:
    """Round the sides of a box to 6 decimals (0.1 m); None where there is no geometry."""
    west, *_ = box
    return None if west is None else tuple(round(side, 6) for side in box)


def _subtree(unit_id: int) -> Select:
    tree = select(AdminUnit.id).where(AdminUnit.id == unit_id).cte(recursive=True)
    return select(tree.union(select(AdminUnit.id).where(AdminUnit.parent_id == tree.c.id)).c.id)


def units_of_projects(session: Session, project_ids: Collection[int], day: date) -> frozenset[str]:
    """Give the slugs of the communes that projects lie in on a day, and of the units they report to."""
    if not project_ids:
        return frozenset()
    lies = select(ProjectCommune.unit_id).where(
        ProjectCommune.project_id.in_(project_ids), ProjectCommune.valid.contains(day)
    )
    reports = select(Project.reporting_unit_id).where(Project.id.in_(project_ids))
    found = select(AdminUnit.slug).where(AdminUnit.id.in_(lies) | AdminUnit.id.in_(reports))
    return frozenset(session.scalars(found.where(AdminUnit.valid.contains(day), AdminUnit.level != "province")))


@dataclass(frozen=True)
class ProjectName:
    """A project by what it is called."""

    id: int
    code: str
    name: str
    version: int = 1
    cancelled: str | None = None
    """Why it was cancelled; None for one that stands."""


def projects_by_name(session: Session, *codes: str) -> list[ProjectName]:
    """List the projects of some codes, cancelled or not, or (without any) all that stand for the reader, by name."""
    query = select(Project.id, Project.code, Project.name, Project.version, Project.cancel_reason).order_by(
        Project.name, Project.code
    )
    query = query.where(Project.code.in_(codes)) if codes else query.where(Project.cancelled_at.is_(None))
    return [ProjectName(*row) for row in session.execute(query)]


def project_id(session: Session, code: str, *, cancelled: bool = False) -> int:
    """Give the id of a project that stands, or (where its history is asked for) of a cancelled one too.

    Raises
    ------
    NotFound
        For one that is not there, or does not exist for the reader.
    Conflict
        For a cancelled one.
    """
    found = session.execute(
        select(Project.id, Project.cancelled_at, Project.cancel_reason).where(Project.code == code)
    ).one_or_none()
    if found is None:
        raise NotFound("There is no project “%(code)s”.", parameter="project", code=code)
    if found.cancelled_at and not cancelled:
        raise Conflict(
            "The project “%(code)s” is cancelled: %(reason)s", parameter="project", code=code,
            reason=found.cancel_reason,
        )  # fmt: skip
    return found.id


@dataclass(frozen=True)
class ProjectEntry:
    """A project as it stands on a day."""

    id: int
    code: str
    name: str
    managing_level: str | None
    reporting_unit: str | None
    parent: str | None
    communes: list[str]
    """Slugs of the communes it lies in on the day, the main one first."""
    commune_basis: str | None
    key_years: list[int]
    suspended_since: date | None
    """Since when the whole project stands still; None when it does not."""
    suspensions: list[dict]
    """Suspensions in force: ``since``, ``part``, ``step``, ``unit`` (names of the part and the unit), ``note``."""
    obstacles: list[dict]
    """Obstacles open on the day: ``kind``, ``description``, ``direction`` (which way it is to be settled), ``since``,
    ``owner``, ``part``, ``source``."""
    targets: list[dict]
    illustrative: bool
    bounds: Bounds | None
    """West, south, east, north of its outline on the day, WGS 84."""
    label_point: tuple[float, float] | None
    """Longitude and latitude in WGS 84, inside the outline."""


_PROJECTS = text(
    """
    with live as (
        select e.id, e.project_id, e.part_id, e.unit_id, e.kind, e.valid_on, e.suspended_step, e.note
        from event e where e.kind in ('suspension', 'resumption') and e.valid_on <= :day
        and not exists (select from event c where c.voids_id = e.id)
    )
    select p.id, p.code, p.name, p.managing_level, u.slug as reporting_unit, parent.code as parent, p.commune_basis,
        array(select unit.slug from project_commune c join admin_unit unit on unit.id = c.unit_id
              where c.project_id = p.id and c.valid @> cast(:day as date) order by c.main desc, unit.slug) as communes,
        array(select distinct year from key_designation k
              where k.project_id = p.id and k.cancelled_at is null order by year) as key_years,
        coalesce((select json_agg(json_build_object('since', s.valid_on, 'part', part.name, 'step', s.suspended_step,
                                                    'unit', held.name, 'note', s.note) order by s.valid_on)
            from live s left join project_part part on part.id = s.part_id
            left join admin_unit held on held.id = s.unit_id
            where s.kind = 'suspension' and s.project_id = p.id and not exists (
                select from live r where r.kind = 'resumption' and r.project_id = p.id and r.valid_on >= s.valid_on
                and (r.part_id is null or r.part_id = s.part_id)
                and (r.unit_id is null or r.unit_id = s.unit_id)
                and (r.suspended_step is null or r.suspended_step = s.suspended_step))), '[]') as suspensions,
        coalesce((select json_agg(json_build_object('kind', o.kind,
                -- what is written of one household's case is not for readers of figures
                'description', case when o.case_id is null then o.description end,
                'direction', case when o.case_id is null then o.direction end,
                'since', o.known_since, 'owner', o.owner, 'part', part.name, 'source', o.source)
                order by o.known_since)
            from obstacle o left join project_part part on part.id = o.part_id
            where o.project_id = p.id and o.cancelled_at is null and o.known_since <= :day
            and (o.resolved_on is null or o.resolved_on > :day)), '[]') as obstacles,
        coalesce((select json_agg(json_build_object('measure', t.measure, 'value', t.value, 'of', t.of_value,
                'percent', t.percent, 'due_on', t.due_on, 'part', part.name, 'unit', unit.slug, 'source', t.source)
                order by t.due_on)
            from project_target t left join project_part part on part.id = t.part_id
            left join admin_unit unit on unit.id = t.unit_id
            where t.project_id = p.id and t.cancelled_at is null), '[]') as targets,
        coalesce(b.illustrative, false) as illustrative,
        st_xmin(box.b) as west, st_ymin(box.b) as south, st_xmax(box.b) as east, st_ymax(box.b) as north,
        st_x(st_pointonsurface(box.b)) as label_x, st_y(st_pointonsurface(box.b)) as label_y
    from standing_project p
    left join admin_unit u on u.id = p.reporting_unit_id
    left join project parent on parent.id = p.parent_id
    left join project_boundary b on b.project_id = p.id and b.valid @> cast(:day as date)
    left join lateral (select st_transform(st_setsrid(b.geom, :pinned), :wgs84) as b) box on true
    where (cast(:units as bigint[]) is null or exists (
        select from project_commune c where c.project_id = p.id and c.unit_id = any(:units)))
      and (cast(:code as text) is null or p.code = :code)
    order by p.name, p.code
    """
)


def list_projects(
    session: Session, *, day: date, within: str | None = None, code: str | None = None
) -> list[ProjectEntry]:
    """List projects as they stand on a day, by name, in one statement.

    Parameters
    ----------
    session : Session
    day : date
    within : str, optional
        Slug of a unit: only projects that lie in it.
    code : str, optional
        Only this project; the list is empty when there is none.
    """
    unit_ids = None
    if within:
        unit_ids = list(session.scalars(_subtree(units.by_slug(session, within).id)))
    found = session.execute(
        _PROJECTS,
        {"day": day, "units": unit_ids, "code": code, "pinned": VN2000_PINNED, "wgs84": WGS84},
    )
    return [
        ProjectEntry(
            row.id, row.code, row.name, row.managing_level, row.reporting_unit, row.parent, row.communes,
            row.commune_basis, row.key_years,
            next((date.fromisoformat(s["since"]) for s in row.suspensions
                  if not (s["part"] or s["step"] or s["unit"])), None),
            row.suspensions, row.obstacles, row.targets, row.illustrative,
            rounded((row.west, row.south, row.east, row.north)),
            None if row.west is None else (round(row.label_x, 6), round(row.label_y, 6)),
        )
        for row in found
    ]  # fmt: skip


@dataclass(frozen=True)
class ReportedEntry:
    """A figure of an official report, with what it is about."""

    figure: ReportedFigure
    unit: str
    project: str | None
    part_of: str | None = None
    """The figure that it is a part of, as it stands now: what corrected the one it named, where that was corrected."""
    parts_withheld: bool = False
    """Whether it has parts that the reader does not get: those seen need not come to the total."""


def list_reported(
    session: Session, *, unit: str | None = None, project: str | None = None, indicator: str | None = None
) -> list[ReportedEntry]:
    """List the figures of official reports as they state them, in the order of the reports.

    Figures that were corrected or withdrawn are left out; `gis.reported` has them.

    Parameters
    ----------
    session : Session
    unit, project, indicator : str, optional
        Only figures of this unit's report, of this project, of this indicator.
    """
    query = (
        select(ReportedFigure, AdminUnit.slug, Project.code)
        .join(AdminUnit, AdminUnit.id == ReportedFigure.unit_id)
        .join(Project, Project.id == ReportedFigure.project_id, isouter=True)
        .where(STANDING_FIGURE)
        .order_by(ReportedFigure.id)
    )
    if unit:
        query = query.where(AdminUnit.slug == units.by_slug(session, unit).slug)
    if project:
        query = query.where(Project.code == project)
    if indicator:
        query = query.where(ReportedFigure.indicator == indicator)
    corrected = _corrected(session)
    lacking = {_newest(name, corrected) for name in session.scalars(select(func.totals_with_withheld_parts()))}
    return [
        ReportedEntry(*row, _newest(row[0].part_of, corrected), row[0].figure in lacking)
        for row in session.execute(query)
    ]


def _corrected(session: Session) -> dict[str, str]:
    """Give the figures that were corrected, each with the one that corrects it."""
    newer = aliased(ReportedFigure)
    query = (
        select(ReportedFigure.figure, newer.figure)
        .join(FigureClosure, FigureClosure.figure_id == ReportedFigure.id)
        .join(newer, newer.id == FigureClosure.replaced_by_id)
    )
    return dict(session.execute(query).all())


def _newest(name: str | None, corrected: dict[str, str]) -> str | None:
    while name in corrected:
        name = corrected[name]
    return name
