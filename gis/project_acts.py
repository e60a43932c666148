"""Acts upon a project as a whole: what holds it up and lets it go on, approvals that concern all its land, boards.

They are events without a case or a parcel. A suspension holds up the whole project, a part of it, one step or what lies
in one unit; a resumption ends the suspensions within what it names. Changes of scope are recorded with their outline.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Date, cast, insert, select, text
from sqlalchemy.orm import Session

from gis import audit, catalogue, people_named, record
from gis.errors import BadParameter, Conflict, NotFound
from gis.holdups import standing
from gis.model import AdminUnit, Event, ProjectCommune, ProjectPart
from gis.record import NewDocument, Recorded
from gis.submission import clean_past, once
from gis.texts import clean_text

SUSPENSION, RESUMPTION, CONVERSION = "suspension", "resumption", "land_use_conversion"
KINDS = (SUSPENSION, RESUMPTION, "specific_land_price", CONVERSION, "persuasion", "enforcement_board")
"""What can be recorded upon a project. The last three can also be recorded upon cases (`gis/record.py`)."""
WITHOUT_DOCUMENT = ("persuasion",)
"""A meeting may leave no paper behind; the others rest on one."""
SUSPENDABLE = (
    "recovery_notice", "inventory", "mandatory_inventory", "plan_review", "plan_approval", "recovery_decision",
    "recovery_enforcement", "payment", "resettlement_allocation", "handover",
)  # fmt: skip
"""Steps that can be held up by themselves."""


@dataclass(frozen=True)
class ProjectAct:
    """What happened to a project, on which day, by which document."""

    project: str
    """Code of the project."""
    kind: str
    """One of `KINDS`."""
    valid_on: date
    document: NewDocument | int | None = None
    part: str | None = None
    """Code of the part it is about; None for all."""
    step: str | None = None
    """The one step that is held up or goes on, of `SUSPENDABLE`; None for all."""
    unit: str | None = None
    """Slug of the unit it is about, which must stand on the day; None for all."""
    area_m2: Decimal | None = None
    """Of land whose conversion is approved; needs the unit, by which it is counted."""
    note: str | None = None


@dataclass(frozen=True)
class Happened:
    """An event of a project as a whole, as it is known now."""

    id: int
    kind: str
    valid_on: date
    part: str | None
    step: str | None
    unit: str | None
    area_m2: Decimal | None
    note: str | None
    document_id: int | None
    document_kind: str | None
    document: str | None
    recorded_at: datetime
    recorded_by: str
    voided_at: datetime | None
    voided_by: str | None
    void_reason: str | None


def record_act(session: Session, act: ProjectAct, *, by: str, key: str) -> Recorded:
    """Record an act upon a project.

    Parameters
    ----------
    session : Session
        In a transaction of isolation level READ COMMITTED, which the caller ends.
    act : ProjectAct
    by, key : str
        As for `gis.submission.once`.

    Raises
    ------
    BadParameter
        For a kind that is not recorded upon projects, a day in the future, what does not go with the kind, and a
        missing document.
    NotFound
        For a project, part, unit or document that is not there, or not of this project.
    Conflict
        For a suspension of what is suspended already, and a resumption of what is not.
    """
    act = _clean(act)

    def work() -> dict:
        project_id = catalogue.project_id(session, act.project)
        people_named.refuse(session, project_id, act.note, "note")
        part_id, unit_id = _part(session, project_id, act.part), _unit(session, act.unit, act.valid_on)
        if act.kind == SUSPENSION:
            _refuse_second(session, project_id, act, part_id, unit_id)
        if act.kind == RESUMPTION:
            _require_suspended(session, project_id, act, part_id, unit_id)
        document_id = act.document and record.keep_document(session, project_id, act.document, by)
        values = {
            "kind": act.kind, "valid_on": act.valid_on, "recorded_by": by, "project_id": project_id,
            "part_id": part_id, "unit_id": unit_id, "suspended_step": act.step, "area_m2": act.area_m2,
            "document_id": document_id, "note": act.note,
        }  # fmt: skip
        event_id = session.scalar(insert(Event).values(**values).returning(Event.id))
        audit.log_events(session, [event_id], who=by, act="record")
        return {"event_ids": [event_id], "document_id": document_id}

    done = once(session, {"project_act": asdict(act)}, work, by=by, key=key)
    made = done.result
    return Recorded(done.act_id, tuple(made["event_ids"]), made["document_id"], 0, act.area_m2, None, done.repeated)


def void(session: Session, project_id: int, event_id: int, *, reason: str, by: str, key: str) -> Recorded:
    """Void an act upon a project that was recorded wrongly, as `gis.record.void`.

    Raises
    ------
    NotFound
        For an event that is not there, of another project, or of a case.
    BadParameter
        Without a reason, and for a change of scope, which stands and falls with its outline.
    Conflict
        Where it is voided already.
    """
    wanted = Event.id == min(event_id, 2**63 - 1), Event.project_id == project_id
    wanted += Event.case_id.is_(None), Event.affected_parcel_id.is_(None)
    kind = session.scalar(select(Event.kind).where(*wanted))
    if kind is None:
        raise NotFound("There is no event %(id)s.", parameter="event", id=event_id)
    if kind == "scope_change":
        raise BadParameter("A change of scope is taken back with its outline.", parameter="event")
    return record.void(session, event_id, reason=reason, by=by, key=key)


_TIMELINE = text(
    """
    select e.id, e.kind, e.valid_on, part.name, e.suspended_step, u.name, e.area_m2, e.note,
        d.id, d.kind, d.number, e.recorded_at, e.recorded_by, c.recorded_at, c.recorded_by, c.note
    from event e
    left join project_part part on part.id = e.part_id
    left join admin_unit u on u.id = e.unit_id
    left join document d on d.id = e.document_id
    left join event c on c.voids_id = e.id
    where e.project_id = :project and e.case_id is null and e.affected_parcel_id is null and e.kind <> 'correction'
        and (cast(:kind as text) is null or e.kind = :kind)
    order by e.valid_on desc, e.id desc
    """
)


def timeline(session: Session, project_id: int, kind: str | None = None) -> list[Happened]:
    """List what happened to a project as a whole, the newest first, voided events too.

    Parameters
    ----------
    session : Session
    project_id : int
    kind : str, optional
        Only events of this kind.
    """
    return [Happened(*row) for row in session.execute(_TIMELINE, {"project": project_id, "kind": kind})]


def parts(session: Session, project_id: int) -> Sequence[ProjectPart]:
    """List the parts of a project."""
    theirs = ProjectPart.project_id == project_id, ProjectPart.cancelled_at.is_(None)
    return session.scalars(select(ProjectPart).where(*theirs).order_by(ProjectPart.code)).all()


def places(session: Session, project_id: int) -> Sequence[AdminUnit]:
    """List the units a project lies in at any time, with those above communes below the province, by name."""
    communes = select(ProjectCommune.unit_id).where(ProjectCommune.project_id == project_id)
    above = select(AdminUnit.parent_id).where(AdminUnit.id.in_(communes))
    wanted = AdminUnit.id.in_(communes.union(above)), AdminUnit.level != "province"
    return session.scalars(select(AdminUnit).where(*wanted).order_by(AdminUnit.name, AdminUnit.valid)).all()


def _clean(act: ProjectAct) -> ProjectAct:
    """Check what an act consists of, before the database is asked."""
    if act.kind not in KINDS:
        raise BadParameter(
            "“%(kind)s” is not recorded upon projects: give one of %(choices)s.",
            parameter="kind", kind=act.kind, choices=", ".join(KINDS),
        )  # fmt: skip
    if act.document is None and act.kind not in WITHOUT_DOCUMENT:
        raise BadParameter("Name the document it rests on.", parameter="document")
    if act.step is not None and act.kind not in (SUSPENSION, RESUMPTION):
        raise BadParameter("A step is named only with a suspension or a resumption.", parameter="step")
    if act.step is not None and act.step not in SUSPENDABLE:
        raise BadParameter(
            "“%(step)s” cannot be suspended by itself: give one of %(choices)s.",
            parameter="step", step=act.step, choices=", ".join(SUSPENDABLE),
        )  # fmt: skip
    if act.area_m2 is not None:
        if act.kind != CONVERSION:
            raise BadParameter("m² are named only with a land-use conversion.", parameter="area_m2")
        if not act.unit:
            raise BadParameter("Name the commune in which the m² lie: they are counted there.", parameter="unit")
    return replace(
        act,
        valid_on=clean_past(act.valid_on, "valid_on"),
        document=record.clean_document(act.document) if isinstance(act.document, NewDocument) else act.document,
        area_m2=_area(act.area_m2),
        note=clean_text(act.note, "note", 2000, needed=False),
    )


def _area(value: Decimal | None) -> Decimal | None:
    if value is None:
        return None
    if not (value.is_finite() and 0 < value < 10**12 and value == value.quantize(Decimal("0.01"))):
        raise BadParameter("The area must be above 0, in m² with at most two decimals.", parameter="area_m2")
    return value.quantize(Decimal("0.01"))


def _part(session: Session, project_id: int, code: str | None) -> int | None:
    if not code:
        return None
    found = next((part.id for part in parts(session, project_id) if part.code == code), None)
    if found is None:
        raise NotFound("This project has no part %(part)s.", parameter="part", part=code)
    return found


def _unit(session: Session, slug: str | None, day: date) -> int | None:
    if not slug:
        return None
    stands = AdminUnit.valid.op("@>", is_comparison=True)(cast(day, Date))
    found = session.execute(select(AdminUnit.id, AdminUnit.name, stands).where(AdminUnit.slug == slug)).one_or_none()
    if found is None:
        raise NotFound("There is no unit “%(slug)s”.", parameter="unit", slug=slug)
    unit_id, name, stood = found
    if not stood:
        raise BadParameter(
            "%(unit)s did not stand on %(day)s: name the unit of that day.",
            parameter="unit", unit=name, day=day.isoformat(),
        )  # fmt: skip
    return unit_id


def _refuse_second(session, project_id: int, act: ProjectAct, part_id: int | None, unit_id: int | None) -> None:
    """Refuse to suspend what is suspended, or what goes on again on the day itself."""
    for other in standing(session, project_id):
        if (other.part_id, other.unit_id, other.step) == (part_id, unit_id, act.step):
            raise Conflict(
                "This is suspended already, since %(day)s.", parameter="kind", day=other.valid_on.isoformat()
            )
    scope = {"part": part_id, "unit": unit_id, "step": act.step}
    if session.scalar(_RESUMED, {"project": project_id, "day": act.valid_on, **scope}):
        raise Conflict(
            "It went on again on %(day)s itself: suspend it from the day after.",
            parameter="valid_on", day=act.valid_on.isoformat(),
        )  # fmt: skip


_RESUMED = text(
    """
    select true from event r
    where r.kind = 'resumption' and r.project_id = :project and r.valid_on = :day
        and not exists (select from event c where c.voids_id = r.id)
        and (r.part_id is null or r.part_id = :part)
        and (r.unit_id is null or r.unit_id = :unit)
        and (r.suspended_step is null or r.suspended_step = :step)
    limit 1
    """
)


def _require_suspended(session, project_id: int, act: ProjectAct, part_id: int | None, unit_id: int | None) -> None:
    """Refuse a resumption that would end nothing."""
    there = standing(session, project_id)
    for other in there:
        named = (part_id, other.part_id), (unit_id, other.unit_id), (act.step, other.step)
        if other.valid_on <= act.valid_on and all(asked in (None, held) for asked, held in named):
            return
    if not there:
        raise Conflict("Nothing of this project is suspended.", parameter="kind")
    raise Conflict(
        "Nothing that is suspended would go on by this on %(day)s: name what is suspended, or the whole project.",
        parameter="kind", day=act.valid_on.isoformat(),
    )  # fmt: skip
