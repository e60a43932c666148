"""What is recorded of cases, as the rules of law look at it: acts, steps overdue, and breaches in the records."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import BigInteger, and_, case, column, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from gis import money
from gis.errors import NotFound
from gis.indicators import CORRECTION
from gis.model import AffectedParcel, Case, Document, Event, Holder, Parcel, Project
from gis.rules import Act, Breach, Rule, check, deadlines, land_kind
from gis.standing import Project as StandingProject

_NAMED = re.compile(r"\s*([a-z_]+):\s*(.*)", re.DOTALL)


@dataclass(frozen=True, order=True)
class CaseKey:
    """A case by the codes its readers know it by."""

    project: str
    code: str


@dataclass(frozen=True)
class Overdue:
    """A step that a case should have taken by now."""

    case: CaseKey
    rule: Rule
    counted_from: date
    due_on: date
    days_late: int
    withheld: bool = False
    """To be counted, not told: it says whether or when a household was paid, and the reader may not know."""

    @property
    def step(self) -> str:
        """The kind of event that is due."""
        return self.rule.term.step


@dataclass(frozen=True)
class OverdueStep:
    """One step that cases of a project should have taken, counted. Of fewer than three cases no day is told.

    That one or two households wait for money is not told at all where the reader may not know it: the day on which
    none waits any more would be that of a payment.
    """

    step: str
    cases: int
    oldest: Overdue | None


def not_applicable_note(step: str, reason: str) -> str:
    """Write the note of an event *not applicable*: the step it stands in for, and why."""
    return f"{step}: {reason.strip()}"


def named_step(note: str | None) -> tuple[str | None, str | None]:
    """Read such a note: the step it names and why; no step where it names none."""
    named = _NAMED.match(note or "")
    return named.groups() if named else (None, note)


def histories_of(
    session: Session,
    *,
    projects: Sequence[str] = (),
    cases: Sequence[int] = (),
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> dict[CaseKey, list[Act]]:
    """Read the acts of cases, in one statement.

    Parameters
    ----------
    session : Session
    projects : sequence of str
        Codes; empty for all.
    cases : sequence of int
        Ids of cases; empty for all.
    as_of : date, optional
        Only acts of this day and before.
    known_at : datetime, optional
        Only what was recorded by this moment; corrections too, so that what was voided later still stands.

    Returns
    -------
    dict of CaseKey to list of Act
        By project and case, acts by day; a case without an act has an empty list. Money is not read. Land of no holder
        is left out.
    """
    correction = aliased(Event)
    voided = correction.voids_id == Event.id
    if known_at:
        voided = and_(voided, correction.recorded_at <= known_at)
    live = (
        select(
            func.coalesce(Event.case_id, AffectedParcel.case_id).label("case_id"), Event.id, Event.kind, Event.valid_on,
            Event.area_m2, Event.plots, Event.replaces, Event.affected_parcel_id, Document.number, Parcel.land_use,
            # Notes may speak of people: only the reason why a step does not apply is read.
            case((Event.kind == "not_applicable", Event.note)).label("note"),
        )
        .outerjoin(AffectedParcel, AffectedParcel.id == Event.affected_parcel_id)
        .outerjoin(Parcel, Parcel.id == AffectedParcel.parcel_id)
        .outerjoin(Document, Document.id == Event.document_id)
        .where(Event.kind != CORRECTION, ~exists(correction.id).where(voided))
    )  # fmt: skip
    counts = select(func.cases_known(known_at).table_valued(column("id", BigInteger)).c.id)
    wanted = (
        select(Project.code.label("project"), Case.code)
        .join(Project, Project.id == Case.project_id)
        .where(Case.id.in_(counts))
    )
    # Said of the events too, for their indexes: through the coalesced id alone every event would be looked at.
    if projects:
        wanted = wanted.where(Project.code.in_(projects))
        live = live.where(Event.project_id.in_(select(Project.id).where(Project.code.in_(projects))))
    if cases:
        wanted = wanted.where(Case.id.in_(cases))
        live = live.where(or_(Event.case_id.in_(cases), AffectedParcel.case_id.in_(cases)))
    if as_of:
        live = live.where(Event.valid_on <= as_of)
    if known_at:
        live = live.where(Event.recorded_at <= known_at)
    lived = live.subquery()
    query = (
        wanted.add_columns(*(column for column in lived.c if column.name not in ("id", "case_id")))
        .outerjoin(lived, lived.c.case_id == Case.id)
        .order_by(Project.code, Case.code, lived.c.valid_on, lived.c.id)
    )
    found: dict[CaseKey, list[Act]] = {}
    for row in session.execute(query):
        key = CaseKey(row.project, row.code)
        acts = found.setdefault(key, [])
        if row.kind is None:
            continue
        step, reason = named_step(row.note)
        acts.append(
            Act(
                row.kind, row.valid_on, key, document=row.number, note=reason, step=step, area_m2=row.area_m2,
                plots=row.plots, parcel=row.affected_parcel_id, land=land_kind(row.land_use), replaces=row.replaces,
            )
        )  # fmt: skip
    return found


def overdue(session: Session, project: str | None, day: date, known_at: datetime | None = None) -> list[Overdue]:
    """List the steps that cases should have taken by the end of a day, and have not.

    Parameters
    ----------
    session : Session
    project : str or None
        Code of a project; None for all.
    day : date
    known_at : datetime, optional
        Only what was recorded by this moment.

    Returns
    -------
    list of Overdue
        One for each case and step, by the rule that was due first; the latest steps first. Those that tell
        whether or when a household was paid are marked where the reader may not have its personal data.

    Raises
    ------
    NotFound
        If there is no such project.
    """
    _must_exist(session, project)
    histories = histories_of(session, projects=[project] if project else (), as_of=day, known_at=known_at)
    found: dict[tuple[CaseKey, str], Overdue] = {}
    told = set(session.scalars(select(Project.code).where(money.reads_money_of(Project.id))))
    persons = set() if len(told) == session.scalar(select(func.count(Project.id))) else _persons(session, project)
    for key, acts in histories.items():
        for owed in deadlines(acts, day):
            about_money = {owed.rule.term.step, owed.rule.term.counted_from} & set(money.PAID_KINDS)
            withheld = bool(about_money) and key.project not in told and key in persons
            if owed.overdue:
                late = Overdue(key, owed.rule, owed.counted_from, owed.due_on, owed.days_late, withheld)
                found.setdefault((key, owed.step), late)
    return sorted(found.values(), key=lambda late: (-late.days_late, late.case, late.step))


def _persons(session: Session, project: str | None) -> set[CaseKey]:
    """Give the cases of households and individuals."""
    found = (
        select(Project.code.label("project"), Case.code)
        .join(Project, Project.id == Case.project_id)
        .join(Holder, Holder.id == Case.holder_id)
        .where(Holder.kind.in_(("household", "individual")))
    )
    return {CaseKey(*row) for row in session.execute(found.where(Project.code == project) if project else found)}


def overdue_steps(found: Sequence[Overdue]) -> list[OverdueStep]:
    """Count overdue steps of cases, for readers who may see aggregates only.

    Parameters
    ----------
    found : sequence of Overdue
        As `overdue` gives them: the latest first.

    Returns
    -------
    list of OverdueStep
        The step that most cases owe first; empty when nothing is overdue.
    """
    by_step: dict[str, list[Overdue]] = {}
    for late in found:
        by_step.setdefault(late.step, []).append(late)
    counted = [
        OverdueStep(
            step, len(cases), cases[0] if len(cases) >= money.FEW and not any(c.withheld for c in cases) else None
        )
        for step, cases in by_step.items()
        if len(cases) >= money.FEW or not any(late.withheld for late in cases)
    ]
    return sorted(counted, key=lambda of_step: (-of_step.cases, of_step.step))


def breaches(session: Session, project: str | None, day: date) -> dict[CaseKey, list[Breach]]:
    """Check what is recorded of cases by a day, as old records are checked: with warnings.

    Parameters
    ----------
    session : Session
    project : str or None
        Code of a project; None for all.
    day : date

    Returns
    -------
    dict of CaseKey to list of Breach
        Only cases that break a rule. Acts of one day count as done in the order of the law.

    Raises
    ------
    NotFound
        If there is no such project.
    """
    _must_exist(session, project)
    found = {}
    for key, acts in histories_of(session, projects=[project] if project else (), as_of=day).items():
        broken = [
            breach
            for n, act in enumerate(acts)
            for breach in check([*acts[:n], *acts[n + 1 :]], act, imported=True)
        ]  # fmt: skip
        if broken:
            found[key] = broken
    return found


def _must_exist(session: Session, project: str | None) -> None:
    if project and session.scalar(select(StandingProject.id).where(StandingProject.code == project)) is None:
        raise NotFound("There is no project “%(code)s”.", parameter="project", code=project)
