"""Cancelling what was entered by mistake: a case with its land, land of no holder, a project; and taking that back.

What is cancelled stays readable with its reason and counts nowhere any more (`gis.standing`); asked as known before, it
is still there. Nothing is cancelled while something stands upon it: that is named, or goes in the same act where
whoever cancels says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from gis import audit, catalogue, record, whose
from gis.errors import Conflict, NotFound
from gis.indicators import CORRECTION
from gis.model import (
    AffectedParcel,
    Case,
    Document,
    Event,
    Obstacle,
    Parcel,
    Petition,
    Project,
    ProjectPart,
    ResettlementPlot,
    ResettlementSite,
)
from gis.parcels import taken_m2
from gis.standing import Case as StandingCase
from gis.standing import Land
from gis.standing import Project as StandingProject
from gis.submission import once
from gis.texts import clean_text


@dataclass(frozen=True)
class Resting:
    """An event that stands upon a case, land or project."""

    id: int
    kind: str
    valid_on: date
    document: str | None


@dataclass(frozen=True)
class Upon:
    """What stands upon something, so that it cannot simply be cancelled."""

    events: tuple[Resting, ...] = ()
    obstacles: tuple[int, ...] = ()
    """Numbers of register entries."""
    petitions: tuple[int, ...] = ()
    """Those that the reader may see."""
    cases: tuple[str, ...] = ()
    """Codes, of a project."""
    parcels: tuple[str, ...] = ()
    """Land of no holder, of a project."""
    projects: tuple[str, ...] = ()
    """Codes of projects below a project."""

    def __bool__(self) -> bool:
        return self.many > 0

    @property
    def many(self) -> int:
        """How many stand upon it in all."""
        return sum(len(getattr(self, each.name)) for each in fields(self))


@dataclass(frozen=True)
class Cancelled:
    """What was cancelled or reinstated."""

    act_id: int
    version: int
    voided: int
    """Events voided with it."""
    repeated: bool


def upon_case(session: Session, case_id: int) -> Upon:
    """Tell what stands upon a case and its land."""
    land = select(AffectedParcel.id).where(AffectedParcel.case_id == case_id)
    return Upon(
        _events(session, or_(Event.case_id == case_id, Event.affected_parcel_id.in_(land))),
        *(
            tuple(session.scalars(
                select(register.id)
                .where(register.case_id == case_id, register.cancelled_at.is_(None)).order_by(register.id)
            ))
            for register in (Obstacle, Petition)
        ),
    )  # fmt: skip


def upon_land(session: Session, land_id: int) -> Upon:
    """Tell what stands upon one affected parcel."""
    return Upon(_events(session, Event.affected_parcel_id == land_id))


def upon_project(session: Session, project_id: int) -> Upon:
    """Tell what stands in a project: cases, land of no holder, acts of its own, and others' upon plots of its sites."""
    label = func.concat(Parcel.sheet, "/", Parcel.number)
    codes = select(StandingCase.code).where(StandingCase.project_id == project_id).order_by(StandingCase.code)
    land = select(label).join(Land, Land.parcel_id == Parcel.id)
    sites = select(ResettlementSite.id).where(ResettlementSite.project_id == project_id)
    plots = select(ResettlementPlot.id).where(ResettlementPlot.site_id.in_(sites))
    return Upon(
        _events(session, or_(Event.project_id == project_id, Event.plot_id.in_(plots))),
        cases=tuple(session.scalars(codes)),
        parcels=tuple(session.scalars(land.where(Land.project_id == project_id, Land.case_id.is_(None)))),
        projects=tuple(session.scalars(
            select(StandingProject.code).where(StandingProject.parent_id == project_id).order_by(StandingProject.code)
        )),
    )  # fmt: skip


def _events(session: Session, which) -> tuple[Resting, ...]:
    correction = aliased(Event)
    found = session.execute(
        select(Event.id, Event.kind, Event.valid_on, Document.number)
        .outerjoin(Document, Document.id == Event.document_id)
        .where(which, Event.kind != CORRECTION, ~exists(correction.id).where(correction.voids_id == Event.id))
        .order_by(Event.valid_on, Event.id)
    )
    return tuple(Resting(*row) for row in found)


def cancel_case(
    session: Session, project: str, case: str, *, reason: str, expected_version: int, with_acts: bool = False,
    by: str, key: str,
) -> Cancelled:  # fmt: skip
    """Cancel a case that was entered by mistake, with its land.

    Its code is not given again; its holder and parcels are free to be registered anew.

    Parameters
    ----------
    session : Session
        In a transaction of isolation level READ COMMITTED, which the caller ends, of a reader who may have personal
        data of the project: petitions name people.
    project, case : str
        Codes.
    reason : str
        Why it is wrong.
    expected_version : int
        The version it was looked at in.
    with_acts : bool
        Whether what stands upon it goes too: events are voided and obstacles and petitions cancelled, with the reason.
    by, key : str
        As for `gis.submission.once`.

    Raises
    ------
    NotFound
    BadParameter
        Without a reason.
    Conflict
        Where something stands upon it, somebody was faster, or it is cancelled already.
    """
    reason = clean_text(reason, "reason", 2000)

    def work() -> dict:
        stored = _case(session, project, case)
        _require(stored, expected_version, stands=True)
        voided = _clear(session, upon_case(session, stored.id), with_acts, stored.project_id, reason, by)
        return _mark(session, Case, "case", stored, reason, by, cancel=True) | {"voided": voided}

    return _done(session, {"cancel_case": f"{project}/{case}", "reason": reason, "acts": with_acts}, work, by, key)


def reinstate_case(
    session: Session, project: str, case: str, *, reason: str, expected_version: int, by: str, key: str
) -> Cancelled:
    """Take the cancelling of a case back: it counts again, with the land that went with it. Acts voided stay voided.

    Raises
    ------
    NotFound, BadParameter
        As for `cancel_case`.
    Conflict
        Where it stands, its holder or its land was registered anew meanwhile, or somebody was faster.
    """
    reason = clean_text(reason, "reason", 2000)

    def work() -> dict:
        stored = _case(session, project, case)
        _require(stored, expected_version, stands=False)
        again = session.scalar(
            select(StandingCase.code).where(
                StandingCase.project_id == stored.project_id, StandingCase.holder_id == stored.holder_id
            )
        )
        if again:
            raise Conflict("The holder of case %(case)s has case %(other)s now.", case=case, other=again)
        if stored.part_id and session.get_one(ProjectPart, stored.part_id).cancelled_at:
            raise Conflict("The part of the project that the case belonged to is cancelled.", parameter="part")
        back = AffectedParcel.case_id == stored.id, AffectedParcel.cancelled_at == stored.cancelled_at
        _require_room(session, stored.project_id, back)
        return _mark(session, Case, "case", stored, reason, by, cancel=False) | {"voided": 0}

    return _done(session, {"reinstate_case": f"{project}/{case}", "reason": reason}, work, by, key)


def cancel_land(
    session: Session, project: str, land_id: int, *, reason: str, expected_version: int, with_acts: bool = False,
    by: str, key: str,
) -> Cancelled:  # fmt: skip
    """Cancel land of no holder that was entered by mistake. Parameters and errors as for `cancel_case`."""
    reason = clean_text(reason, "reason", 2000)

    def work() -> dict:
        stored = _land(session, project, land_id)
        _require(stored, expected_version, stands=True)
        voided = _clear(session, upon_land(session, land_id), with_acts, stored.project_id, reason, by)
        return _mark(session, AffectedParcel, "affected_parcel", stored, reason, by, cancel=True) | {"voided": voided}

    return _done(session, {"cancel_land": land_id, "reason": reason, "acts": with_acts}, work, by, key)


def reinstate_land(
    session: Session, project: str, land_id: int, *, reason: str, expected_version: int, by: str, key: str
) -> Cancelled:
    """Take the cancelling of land of no holder back. Errors as for `reinstate_case`."""
    reason = clean_text(reason, "reason", 2000)

    def work() -> dict:
        stored = _land(session, project, land_id)
        _require(stored, expected_version, stands=False)
        _require_room(session, stored.project_id, (AffectedParcel.id == land_id,))
        return _mark(session, AffectedParcel, "affected_parcel", stored, reason, by, cancel=False) | {"voided": 0}

    return _done(session, {"reinstate_land": land_id, "reason": reason}, work, by, key)


def cancel_project(
    session: Session, project: str, *, reason: str, expected_version: int, by: str, key: str
) -> Cancelled:
    """Cancel a project that was entered by mistake: it leaves every list and the map, and so do its obstacles, targets,
    sites and reported figures. Its code is not given again.

    Raises
    ------
    NotFound
    BadParameter
        Without a reason.
    Conflict
        Where cases, land or acts stand in it, somebody was faster, or it is cancelled already.
    """
    reason = clean_text(reason, "reason", 2000)

    def work() -> dict:
        stored = _project(session, project)
        _require(stored, expected_version, stands=True)
        _clear(session, upon_project(session, stored.id), False, stored.id, reason, by)
        return _mark(session, Project, "project", stored, reason, by, cancel=True) | {"voided": 0}

    return _done(session, {"cancel_project": project, "reason": reason}, work, by, key)


def reinstate_project(
    session: Session, project: str, *, reason: str, expected_version: int, by: str, key: str
) -> Cancelled:
    """Take the cancelling of a project back. Errors as for `reinstate_case`."""
    reason = clean_text(reason, "reason", 2000)

    def work() -> dict:
        stored = _project(session, project)
        _require(stored, expected_version, stands=False)
        return _mark(session, Project, "project", stored, reason, by, cancel=False) | {"voided": 0}

    return _done(session, {"reinstate_project": project, "reason": reason}, work, by, key)


def _done(session: Session, request: dict, work: Callable[[], dict], by: str, key: str) -> Cancelled:
    done = once(session, request, work, by=by, key=key)
    return Cancelled(done.act_id, done.result["version"], done.result["voided"], done.repeated)


def _project(session: Session, code: str):
    stored = session.execute(
        select(Project.id, Project.id.label("project_id"), Project.code, Project.version, Project.cancelled_at,
               Project.cancelled_by, Project.cancel_reason).where(Project.code == code)
    ).one_or_none()  # fmt: skip
    if stored is None:
        raise NotFound("There is no project “%(code)s”.", parameter="project", code=code)
    return stored


def _case(session: Session, project: str, code: str):
    project_id = catalogue.project_id(session, project)
    stored = session.execute(
        select(Case.id, Case.project_id, Case.code, Case.holder_id, Case.part_id, Case.version, Case.cancelled_at,
               Case.cancelled_by, Case.cancel_reason)
        .where(Case.project_id == project_id, Case.code == whose.code_meant(session, project_id, code))
    ).one_or_none()  # fmt: skip
    if stored is None:
        raise NotFound("This project has no case %(cases)s.", parameter="cases", cases=code)
    return stored


def _land(session: Session, project: str, land_id: int):
    a = AffectedParcel
    stored = session.execute(
        select(a.id, a.project_id, func.concat(Parcel.sheet, "/", Parcel.number).label("code"), a.version,
               a.cancelled_at, a.cancelled_by, a.cancel_reason)
        .join(Parcel, Parcel.id == a.parcel_id)
        .where(a.project_id == catalogue.project_id(session, project), a.id == land_id, a.case_id.is_(None))
    ).one_or_none()  # fmt: skip
    if stored is None:
        raise NotFound("This project has no such land of no holder.", parameter="land")
    return stored


def _require(stored, expected: int, *, stands: bool) -> None:
    if stands and stored.cancelled_at:
        raise Conflict(
            "%(code)s is cancelled already, by %(by)s: %(reason)s", code=stored.code, by=stored.cancelled_by,
            reason=stored.cancel_reason,
        )  # fmt: skip
    if not stands and not stored.cancelled_at:
        raise Conflict("%(code)s is not cancelled.", code=stored.code)
    if stored.version != expected:
        raise Conflict(
            "Somebody changed this record meanwhile: you looked at version %(yours)s, it is now version %(now)s.",
            parameter="version", yours=expected, now=stored.version,
        )  # fmt: skip


def _clear(session: Session, upon: Upon, with_acts: bool, project_id: int, reason: str, by: str) -> int:
    """Void and cancel what stands upon something, where that is wanted; else refuse, and name it."""
    if not upon:
        return 0
    if not with_acts:
        raise Conflict(
            "Still standing upon it: %(events)s entries of acts (%(first)s), %(cases)s cases, %(land)s parcels of no "
            "holder, %(projects)s projects below it, %(others)s obstacles and petitions. Cancel or void these first, "
            "or, of a case, say that they go with it.",
            parameter="with_acts", events=len(upon.events), first=", ".join(f"{e.id}" for e in upon.events[:5]) or "–",
            cases=len(upon.cases), land=len(upon.parcels), projects=len(upon.projects),
            others=len(upon.obstacles) + len(upon.petitions),
        )  # fmt: skip
    if upon.events:
        record.void_all(session, [event.id for event in upon.events], reason, by)
    for register, name, ids in ((Obstacle, "obstacle", upon.obstacles), (Petition, "petition", upon.petitions)):
        for entry_id in ids:
            version = session.scalar(
                update(register).where(register.id == entry_id).values(marks(reason, by)).returning(register.version)
                .execution_options(synchronize_session=False)
            )  # fmt: skip
            audit.log_change(
                session, name, entry_id, who=by, act="cancel", project_id=project_id,
                before={"version": version - 1}, after={"reason": reason, "version": version},
            )  # fmt: skip
    return len(upon.events)


def marks(reason: str, by: str) -> dict:
    """Give the values that cancel a row."""
    return {"cancelled_at": func.clock_timestamp(), "cancelled_by": by, "cancel_reason": reason}


def _mark(session: Session, model, entity: str, stored, reason: str, by: str, *, cancel: bool) -> dict:
    values = marks(reason, by) if cancel else dict.fromkeys(("cancelled_at", "cancelled_by", "cancel_reason"))
    version = session.scalar(
        update(model).where(model.id == stored.id).values(values).returning(model.version)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    audit.log_change(
        session, entity, stored.id, who=by, act="cancel" if cancel else "reinstate", project_id=stored.project_id,
        before={"code": stored.code, "cancel_reason": stored.cancel_reason, "version": stored.version},
        after={"code": stored.code, "reason": reason, "version": version},
    )  # fmt: skip
    return {"version": version}


def _require_room(session: Session, project_id: int, which) -> None:
    """Refuse land that comes back where it was registered anew, so that more than the parcel would be recovered."""
    coming = session.execute(
        select(AffectedParcel.parcel_id, AffectedParcel.case_id, func.sum(AffectedParcel.area_m2).label("area_m2"),
               Parcel.legal_area_m2, func.concat(Parcel.sheet, "/", Parcel.number).label("label"))
        .join(Parcel, Parcel.id == AffectedParcel.parcel_id)
        .where(*which)
        .group_by(AffectedParcel.parcel_id, AffectedParcel.case_id, Parcel.id)
    )  # fmt: skip
    for row in coming:
        taken = taken_m2(session, project_id, row.parcel_id)
        twice = row.case_id is None and session.scalar(
            select(Land.id).where(
                Land.project_id == project_id, Land.parcel_id == row.parcel_id, Land.case_id.is_(None)
            )
        )  # fmt: skip
        if twice or (row.legal_area_m2 and taken + row.area_m2 > row.legal_area_m2):
            raise Conflict(
                "Parcel %(parcel)s was registered anew meanwhile: %(taken)s m² of it are on record.",
                parameter="parcels", parcel=row.label, taken=str(taken),
            )  # fmt: skip
