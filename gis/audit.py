"""The log of changes: who changed what, when, before and after; each entry chained to the one before it.

Entries are written in the transaction of the change. The database numbers and chains them (migration 0012);
`verify` computes every hash again, here, from the bare columns.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import sha256

from sqlalchemy import BigInteger, Text, and_, cast, exists, func, insert, literal, not_, null, or_, select
from sqlalchemy.dialects.postgresql import JSONB, array
from sqlalchemy.orm import Session, aliased

from gis import catalogue
from gis.errors import BadParameter
from gis.model import AffectedParcel, Attachment, AuditEntry, Document, Event, Submission
from gis.progress import VIETNAM_TIME

FIRST = "0" * 64
"""What stands for the previous hash in the first entry."""
ENTITIES = (
    "affected_parcel", "attachment", "case", "document", "event", "funding_line", "key_designation", "obstacle",
    "petition", "project", "project_part", "project_target", "resettlement_plot", "resettlement_site", "submission",
)  # fmt: skip
"""Whose history can be asked for."""

Progress = Callable[[int, int], None]
"""Called with entries done and entries in all."""


@dataclass(frozen=True)
class Verdict:
    """What `verify` found."""

    entries: int
    """Entries that are in order, counted from the first."""
    last_hash: str
    """Of the last of them. Noted elsewhere, it shows later that nothing before it was changed or cut off."""
    broken: str | None
    """The first entry that is not in order, and why; None when all are."""


def _event_as_json():
    """Give an event's row as JSON that does not depend on the time zone of whoever asks."""
    row = func.to_jsonb(Event.__table__.table_valued(), type_=JSONB)
    moment = func.to_char(func.timezone("UTC", Event.recorded_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    return row.op("-")(literal("recorded_at", Text)).op("||")(func.jsonb_build_object("recorded_at", moment))


def log_events(session: Session, event_ids: Sequence[int], *, who: str, act: str) -> None:
    """Write an entry for each of some new events."""
    # In the database: the web role, which records, may not read the amounts that an entry repeats (migration 0018).
    session.execute(select(func.log_events(array(event_ids, type_=BigInteger), who, act)))


def log_change(
    session: Session,
    entity: str,
    entity_id: int,
    *,
    who: str,
    act: str,
    project_id: int | None = None,
    before: dict | None = None,
    after: dict | None = None,
) -> None:
    """Write one entry. `before` and `after` hold JSON values and days."""
    session.execute(
        insert(AuditEntry).inline().values(  # asks for no number back: who writes need not be able to read it
            who=who, act=act, entity=entity, entity_id=entity_id, project_id=project_id,
            before=null() if before is None else _plain(before), after=null() if after is None else _plain(after),
        )
    )  # fmt: skip


def log_changes(session: Session, changes: Sequence[dict], *, who: str, act: str) -> None:
    """Write an entry for each of many new records: `entity`, `entity_id`, `project_id` and, as JSON values, `after`."""
    if changes:
        session.execute(insert(AuditEntry).values([{"who": who, "act": act, **change} for change in changes]))


def _plain(values: dict) -> dict:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def compact(values: dict) -> str:
    """Write what an entry holds on one line, without what is not there."""
    return json.dumps({name: value for name, value in values.items() if value is not None}, ensure_ascii=False)


def history(session: Session, entity: str, entity_id: int) -> list[AuditEntry]:
    """Tell who changed what of a record, when, before and after.

    Parameters
    ----------
    session : Session
    entity : str
        One of `ENTITIES`. A document's history holds its files; an event's the correction that voids it; a case's, all
        events of the case and its parcels.
    entity_id : int

    Returns
    -------
    list of AuditEntry
        Oldest first. Empty for what was never changed since the log began, and for what does not exist.

    Raises
    ------
    BadParameter
        For an entity that has no history.
    """
    if entity not in ENTITIES:
        raise BadParameter(
            "“%(value)s” has no history: give one of %(choices)s.",
            parameter="entity", value=entity, choices=", ".join(ENTITIES),
        )  # fmt: skip
    own = and_(AuditEntry.entity == entity, AuditEntry.entity_id == entity_id)
    if entity == "event":
        corrections = select(Event.id).where(Event.voids_id == entity_id)
        own = or_(own, and_(AuditEntry.entity == "event", AuditEntry.entity_id.in_(corrections)))
    elif entity == "document":
        files = select(Attachment.id).where(Attachment.document_id == entity_id)
        own = or_(own, and_(AuditEntry.entity == "attachment", AuditEntry.entity_id.in_(files)))
    elif entity == "case":
        land = select(AffectedParcel.id).where(AffectedParcel.case_id == entity_id)
        events = select(Event.id).where(or_(Event.case_id == entity_id, Event.affected_parcel_id.in_(land)))
        own = or_(own, and_(AuditEntry.entity == "event", AuditEntry.entity_id.in_(events)))
    elif entity == "affected_parcel":
        events = select(Event.id).where(Event.affected_parcel_id == entity_id)
        own = or_(own, and_(AuditEntry.entity == "event", AuditEntry.entity_id.in_(events)))
    return list(session.scalars(select(AuditEntry).where(own).order_by(AuditEntry.id)))


def acts_of(session: Session, event_ids: Sequence[int]) -> dict[int, int]:
    """Give the number of the act that wrote each event; none for what was loaded before there was a log.

    An act's own entry follows those of its events: writers stand in line.
    """
    own, following = aliased(AuditEntry), aliased(AuditEntry)
    act = (
        select(following.entity_id)
        .where(following.id > own.id, following.entity == "submission")
        .order_by(following.id)
        .limit(1)
        .scalar_subquery()
    )
    wanted = select(own.entity_id, act).where(own.entity == "event", own.entity_id.in_(event_ids))
    return {event_id: number for event_id, number in session.execute(wanted) if number is not None}


def show(session: Session, *, project: str | None = None, since: date | None = None) -> list[AuditEntry]:
    """List the log, oldest first.

    Parameters
    ----------
    session : Session
    project : str, optional
        Code of a project: only entries about it and the documents its events rest on.
    since : date, optional
        Only entries from this day (Vietnamese time) on.

    Raises
    ------
    NotFound
        For an unknown project.
    """
    wanted = select(AuditEntry).order_by(AuditEntry.id)
    if project is not None:
        project_id = catalogue.project_id(session, project, cancelled=True)
        papers = select(Event.document_id).where(Event.project_id == project_id)
        papers = papers.union(select(Document.id).where(Document.project_id == project_id))
        of_paper = and_(AuditEntry.entity == "document", AuditEntry.entity_id.in_(papers))
        wanted = wanted.where(or_(AuditEntry.project_id == project_id, of_paper))
    if since is not None:
        wanted = wanted.where(AuditEntry.at >= datetime.combine(since, time(), VIETNAM_TIME))
    return list(session.scalars(wanted))


def verify(session: Session, *, noted: str | None = None, progress: Progress | None = None) -> Verdict:
    """Walk the chain from its first entry and compute every hash again.

    Parameters
    ----------
    session : Session
        Of one snapshot.
    noted : str, optional
        A last hash noted earlier: it must still be in the chain. It alone shows that all hashes were made anew, or
        that the end of the log and what it told of were cut off.
    progress : callable, optional

    Returns
    -------
    Verdict
        Broken where an entry was changed, taken out, put in or moved; where an event is not, or is no more, what was
        recorded; where an act has lost its entry.
    """
    e = AuditEntry
    total = session.scalar(select(func.count()).select_from(e))
    columns = (e.id, e.at, e.who, e.act, e.entity, e.entity_id, e.project_id,
               cast(e.before, Text), cast(e.after, Text), e.previous_hash, e.hash)  # fmt: skip
    rows = session.execute(select(*columns).order_by(e.id).execution_options(yield_per=2000))
    last, done, met = FIRST, 0, noted is None
    for row in rows:
        why = _fault(row, done + 1, last)
        if why:
            rows.close()
            return Verdict(done, last, f"Entry {row.id}: {why}")
        last, done, met = row.hash, done + 1, met or row.hash == noted
        if progress and (done % 2000 == 0 or done == total):
            progress(done, total)
    broken = None if met else f"The hash noted, {noted}, is no longer in the log."
    return Verdict(done, last, broken or _contradicted(session))


def _fault(row: Sequence, number: int, previous: str) -> str | None:
    """Say what is wrong with an entry that should have this number and follow that hash."""
    if row.id != number:
        return f"entry {number} should stand here: it was taken out."
    if row.previous_hash != previous:
        return "it does not follow the entry before it."
    entry_id, at, who, act, entity, entity_id, project_id, before, after, _, stated = row
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    texts = [json.dumps(v, ensure_ascii=False) for v in (entry_id, moment, who, act, entity, entity_id, project_id)]
    content = f"[{', '.join([*texts, before or 'null', after or 'null'])}]"
    if sha256(f"{previous}\n{content}".encode()).hexdigest() != stated:
        return "its content is not what was written."
    return None


def _contradicted(session: Session) -> str | None:
    """Name the first thing recorded that is not as its entry says."""
    of_event = and_(AuditEntry.entity == "event", AuditEntry.after.is_not(None))
    # Contained, not equal: a column added later is in the row and not in the entry.
    unlike = session.execute(
        select(AuditEntry.id, AuditEntry.entity_id, Event.id.label("there"))
        .outerjoin(Event, Event.id == AuditEntry.entity_id)
        .where(of_event, or_(Event.id.is_(None), not_(_event_as_json().bool_op("@>")(AuditEntry.after))))
        .order_by(AuditEntry.id)
        .limit(1)
    ).one_or_none()
    if unlike:
        fate = "was changed since" if unlike.there else "is gone"
        return f"Entry {unlike.id}: event {unlike.entity_id}, which it tells of, {fate}."
    logged = exists().where(AuditEntry.entity == "submission", AuditEntry.entity_id == Submission.id)
    lost = session.scalar(select(func.min(Submission.id)).where(~logged))
    return f"Act {lost} has no entry: the end of the log was cut off." if lost else None


def last_writer(session: Session, entity: str, entity_id: int) -> str | None:
    """Name who changed a record last, as far as the log knows."""
    newest = select(AuditEntry.who).where(AuditEntry.entity == entity, AuditEntry.entity_id == entity_id)
    return session.scalar(newest.order_by(AuditEntry.id.desc()).limit(1))
