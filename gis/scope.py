"""Boundaries of projects on record: dated outlines, their drafts, and what a change of scope does to the figures.

A change of scope is a new outline from a day on, with its document. What it does to the denominators is dated too: land
of no holder that comes in is registered on that day, and an affected parcel of which more or less is recovered keeps
its area of every day in `AffectedArea`, so that figures of days before stay what they were.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

import shapely
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gis import audit, people_named, record, siting
from gis.crs import LANG_SON_ZONE, VN2000
from gis.errors import BadParameter, Conflict, Doubt, GisError, NotFound, Unconfirmed
from gis.exchange.vertices import Passed
from gis.ground import Cut, cents, propose
from gis.model import AffectedArea, AffectedParcel, BoundaryDraft, Document, Event, ProjectBoundary
from gis.outlines import Reading, area_m2
from gis.submission import clean_past, once
from gis.texts import clean_text


@dataclass(frozen=True)
class Boundary:
    """An outline on record."""

    id: int
    valid_from: date | None
    valid_to: date | None
    """The last day on which it stands; None while it does."""
    area_m2: Decimal
    source: str | None
    document: str | None
    document_id: int | None
    illustrative: bool
    recorded_by: str | None
    recorded_at: datetime


@dataclass(frozen=True)
class Adopted:
    """What was written with an outline."""

    act_id: int
    boundary_id: int
    former_id: int | None
    event_id: int | None
    """Of the change of scope; None for a first outline."""
    registered: int
    """Parcels registered as land of no holder."""
    changed: int
    """Affected parcels of which more or less is recovered."""
    repeated: bool = False


def outline_on_record(session: Session, project_id: int, boundary_id: int) -> shapely.MultiPolygon:
    """Give one outline of a project's history, in EPSG:4756.

    Raises
    ------
    NotFound
    """
    found = session.scalar(
        select(func.ST_AsBinary(ProjectBoundary.geom)).where(
            ProjectBoundary.project_id == project_id, ProjectBoundary.id == boundary_id
        )
    )
    if not found:
        raise NotFound("There is no outline %(id)s of this project.", parameter="boundary", id=boundary_id)
    return shapely.from_wkb(bytes(found))


def history(session: Session, project_id: int) -> list[Boundary]:
    """List the outlines of a project, the newest first."""
    plane = func.ST_Area(func.ST_Transform(ProjectBoundary.geom, LANG_SON_ZONE))
    rows = session.execute(
        select(
            ProjectBoundary.id, ProjectBoundary.valid, plane.label("area"), ProjectBoundary.source,
            Document.number, Document.id.label("document_id"), ProjectBoundary.illustrative,
            ProjectBoundary.recorded_by, ProjectBoundary.recorded_at,
        )
        .outerjoin(Document, Document.id == ProjectBoundary.document_id)
        .where(ProjectBoundary.project_id == project_id)
        .order_by(ProjectBoundary.valid.desc())
    )  # fmt: skip
    return [
        Boundary(
            row.id, row.valid.lower, row.valid.upper and row.valid.upper - timedelta(days=1), cents(row.area),
            row.source, row.number, row.document_id, row.illustrative, row.recorded_by, row.recorded_at,
        )
        for row in rows
    ]  # fmt: skip


# Drafts: outlines that are looked at before they are put on record.


def keep_draft(
    session: Session,
    project_id: int,
    read: Reading | shapely.MultiPolygon,
    source: str,
    *,
    by: str,
    key: str,
    question: GisError | None = None,
    typed: Mapping[str, str] | None = None,
) -> int:
    """Keep an outline to look at what it takes, with what is to be told of how it was read; give its number.

    One of several that may be meant is kept with the `question` and with what was `typed`, for whoever chooses.

    Raises
    ------
    OutsideVietnam
        Where it touches no unit of the province (`gis.siting.settle_outline`).
    """
    source = clean_text(source, "source", 500)
    reading = read if isinstance(read, Reading) else Reading(read)
    outline = reading.outline
    siting.settle_outline(session, project_id, reading)

    def work() -> dict:
        made = session.scalar(
            insert(BoundaryDraft)
            .values(
                project_id=project_id, geom=func.ST_GeomFromWKB(outline.wkb, VN2000), source=source,
                reading=_kept(reading) | _asked(question, typed), made_by=clean_text(by, "by", 200),
            )
            .returning(BoundaryDraft.id)
        )  # fmt: skip
        return {"draft_id": made, "project_id": project_id}

    request = {"draft_boundary": project_id, "outline": outline.wkb_hex, "source": source}
    return once(session, request, work, by=by, key=key).result["draft_id"]


@dataclass(frozen=True)
class Draft:
    """An outline that is looked at."""

    id: int
    outline: shapely.MultiPolygon
    source: str
    made_by: str
    made_at: datetime
    notes: tuple[GisError, ...] = ()
    doubts: tuple[GisError, ...] = ()
    passed: tuple[Passed, ...] = ()
    """As `gis.outlines.Reading` has them."""
    question: GisError | None = None
    """Of one among several that may be meant."""
    typed: Mapping[str, str] = field(default_factory=dict)
    """What the form held that the question was asked of."""


def _asked(question: GisError | None, typed: Mapping[str, str] | None) -> dict:
    return {"question": question.as_record(), "typed": dict(typed or {})} if question else {}


def _kept(reading: Reading) -> dict:
    return {
        "notes": [each.as_record() for each in reading.notes],
        "doubts": [each.as_record() for each in reading.doubts],
        "passed": [[each.row, each.text[:200], each.kind] for each in reading.passed],
    }


def draft(session: Session, project_id: int, draft_id: int) -> Draft:
    """Give a draft of a project.

    Raises
    ------
    NotFound
    """
    row = session.execute(
        select(
            func.ST_AsBinary(BoundaryDraft.geom).label("wkb"), BoundaryDraft.source, BoundaryDraft.made_by,
            BoundaryDraft.made_at, BoundaryDraft.reading,
        ).where(BoundaryDraft.id == draft_id, BoundaryDraft.project_id == project_id)
    ).one_or_none()  # fmt: skip
    if row is None:
        raise NotFound("There is no proposal %(id)s of this project.", parameter="proposal", id=draft_id)
    kept = row.reading
    return Draft(
        draft_id, shapely.from_wkb(bytes(row.wkb)), row.source, row.made_by, row.made_at,
        tuple(GisError.of_record(each) for each in kept.get("notes", ())),
        tuple(Doubt.of_record(each) for each in kept.get("doubts", ())),
        tuple(Passed(*each) for each in kept.get("passed", ())),
        GisError.of_record(kept["question"]) if kept.get("question") else None, kept.get("typed", {}),
    )  # fmt: skip


def adopt(
    session: Session,
    project_id: int,
    outline: shapely.MultiPolygon,
    valid_from: date,
    document: record.NewDocument | int,
    *,
    source: str,
    note: str | None = None,
    no_holder: Iterable[int] = (),
    changed: Iterable[int] = (),
    doubts: Sequence[GisError] = (),
    confirmed: str | None = None,
    by: str,
    key: str,
) -> Adopted:
    """Put an outline on record from a day on, with what it changes of the land to recover.

    The outline that stood ends the day before. A second outline is a change of scope: an event of the project says so,
    with the document and the note. One from the same day as the newest corrects that one: the log keeps the wrong one.
    Holders' parcels are registered with their cases, not here.

    Parameters
    ----------
    session : Session
        In a transaction of isolation level READ COMMITTED, which the caller ends.
    project_id : int
    outline : shapely.MultiPolygon
        In EPSG:4756.
    valid_from : date
    document : NewDocument or int
        What the outline rests on.
    source : str
        Where the outline came from: drawn, a table, the name of a file.
    note : str, optional
        What changed of the scope; of a correction, why the outline on record is wrong.
    no_holder : iterable of int
        Parcels inside to register as land of no holder from that day on.
    changed : iterable of int
        Parcels on record to take the area inside from that day on.
    doubts : sequence of GisError
        What contradicts the outline (`Draft.doubts`).
    confirmed : str, optional
        Why the outline is right nevertheless: needed where there are doubts, and kept in the log with them.
    by, key : str
        Who, and of which submission.

    Raises
    ------
    BadParameter
        For a day in the future or before the start of the outline on record, a correction without a note, and parcels
        that the outline does not take, or not so.
    Conflict
        For an area below what is handed over.
    Unconfirmed
        For doubts without a reason.
    """
    confirmed = clean_text(confirmed, "confirmed", 1000, needed=False)
    if doubts and not confirmed:
        raise Unconfirmed(
            "What was read contradicts itself: mend it and send it again, or say why it is right nevertheless.",
            parameter="confirmed",
        )
    source, note = clean_text(source, "source", 500), clean_text(note, "note", 2000, needed=False)
    no_holder, changed = sorted(set(no_holder)), sorted(set(changed))
    valid_from = clean_past(valid_from, "valid_from")
    paper = record.clean_document(document) if isinstance(document, record.NewDocument) else document

    def work() -> dict:
        for name, said in (("source", source), ("note", note)):
            people_named.refuse(session, project_id, said, name)
        former = _newest(session, project_id)
        corrected = former is not None and former.valid.lower == valid_from
        if former and not corrected:
            _end(session, former, valid_from)
        document_id = record.keep_document(session, project_id, paper, by)
        values = {
            "source": source, "document_id": document_id, "geom": func.ST_GeomFromWKB(outline.wkb, VN2000),
            "recorded_by": by,
        }  # fmt: skip
        if corrected:
            before, boundary_id, event_id = _corrected(session, former.id, values, note), former.id, None
        else:
            before = former and {"boundary_id": former.id, "valid_from": former.valid.lower}
            boundary_id = session.scalar(
                insert(ProjectBoundary)
                .values(project_id=project_id, valid=Range(valid_from, None), **values)
                .returning(ProjectBoundary.id)
            )
            event_id = _tell(session, project_id, valid_from, document_id, note, by) if former else None
        land = _land(session, project_id, outline, valid_from, no_holder, changed)
        for cut in land[0]:
            _register(session, project_id, cut, valid_from, by)
        for cut in land[1]:
            _change(session, project_id, cut, valid_from, document_id, by)
        session.execute(text("select write_project_communes(array[cast(:id as bigint)])"), {"id": project_id})
        after = {
            "valid_from": valid_from, "area_m2": str(cents(area_m2(outline, LANG_SON_ZONE))), "source": source,
            "document_id": document_id, "note": note,
        }  # fmt: skip
        if doubts:
            after |= {"doubts": [str(each) for each in doubts], "confirmed": confirmed}
        audit.log_change(
            session, "boundary", boundary_id, who=by, act="adopt_boundary", project_id=project_id,
            before=before, after=after,
        )  # fmt: skip
        return {
            "boundary_id": boundary_id, "former_id": former and former.id, "event_id": event_id,
            "registered": len(land[0]), "changed": len(land[1]), "document_id": document_id, "project_id": project_id,
        }  # fmt: skip

    request = {
        "adopt_boundary": project_id, "outline": outline.wkb_hex, "valid_from": valid_from, "document": paper,
        "source": source, "note": note, "no_holder": no_holder, "changed": changed, "confirmed": confirmed,
    }  # fmt: skip
    done = once(session, request, work, by=by, key=key)
    kept = {name: done.result[name] for name in ("boundary_id", "former_id", "event_id", "registered", "changed")}
    return Adopted(done.act_id, **kept, repeated=done.repeated)


def _newest(session: Session, project_id: int):
    return session.execute(
        select(ProjectBoundary.id, ProjectBoundary.valid)
        .where(ProjectBoundary.project_id == project_id)
        .order_by(ProjectBoundary.valid.desc())
        .limit(1)
    ).one_or_none()


def _end(session: Session, former, valid_from: date) -> None:
    """End the outline that stands, the day before."""
    begun = former.valid.lower
    if begun is not None and valid_from < begun:
        raise BadParameter(
            "The outline on record stands from %(day)s on: a new one begins after that day.",
            parameter="valid_from", day=begun.isoformat(),
        )  # fmt: skip
    if former.valid.upper is None or former.valid.upper > valid_from:
        session.execute(
            update(ProjectBoundary)
            .where(ProjectBoundary.id == former.id)
            .values(valid=Range(begun, valid_from))
            .execution_options(synchronize_session=False)
        )


def _corrected(session: Session, boundary_id: int, values: dict, note: str | None) -> dict:
    """Put a right outline in place of a wrong one from the same day on; give the wrong one, for the log."""
    if not note:
        raise BadParameter(
            "An outline from the same day on is on record: to correct it, say in the note why it is wrong.",
            parameter="note",
        )
    wrong = session.execute(
        select(
            ProjectBoundary.source,
            ProjectBoundary.document_id,
            func.ST_AsGeoJSON(ProjectBoundary.geom, 9).label("shape"),
        ).where(ProjectBoundary.id == boundary_id)
    ).one()
    session.execute(
        update(ProjectBoundary)
        .where(ProjectBoundary.id == boundary_id)
        .values(illustrative=False, **values)
        .execution_options(synchronize_session=False)
    )
    return {
        "boundary_id": boundary_id, "source": wrong.source, "document_id": wrong.document_id, "outline": wrong.shape
    }  # fmt: skip


def _tell(session, project_id: int, valid_on: date, document_id: int, note: str | None, by: str) -> int:
    event_id = session.scalar(
        insert(Event)
        .values(
            kind="scope_change", valid_on=valid_on, recorded_by=by, project_id=project_id, document_id=document_id,
            note=note,
        )
        .returning(Event.id)
    )  # fmt: skip
    audit.log_events(session, [event_id], who=by, act="adopt_boundary")
    return event_id


def _land(
    session, project_id: int, outline, day: date, no_holder: Collection[int], changed: Collection[int]
) -> tuple[list[Cut], list[Cut]]:
    """Give the cuts that were chosen, both kinds, checked against what the outline takes now."""
    if not no_holder and not changed:
        return [], []
    taken = {
        cut.parcel_id: cut
        for cut in propose(session, project_id, outline, day, least_remainder_m2=Decimal(0)).cuts
    }  # fmt: skip
    for parcel_id in no_holder:
        if parcel_id not in taken or taken[parcel_id].status != "new":
            raise BadParameter(
                "Parcel %(parcel)s cannot be registered: the outline does not take it, or it is on record already.",
                parameter="no_holder", parcel=taken[parcel_id].label if parcel_id in taken else parcel_id,
            )  # fmt: skip
    for parcel_id in changed:
        if parcel_id not in taken or taken[parcel_id].status not in ("changed", "same"):
            raise BadParameter(
                "The area of parcel %(parcel)s cannot be changed: it is not on record, or the outline does not take "
                "it.",
                parameter="changed", parcel=taken[parcel_id].label if parcel_id in taken else parcel_id,
            )  # fmt: skip
        if taken[parcel_id].affected_id is None:
            raise BadParameter(
                "Parcel %(parcel)s is shared by %(count)s cases: change the area of each with its case.",
                parameter="changed", parcel=taken[parcel_id].label, count=taken[parcel_id].cases,
            )  # fmt: skip
    return [taken[i] for i in no_holder], [taken[i] for i in changed]


def _register(session, project_id: int, cut: Cut, day: date, by: str) -> None:
    values = {"parcel_id": cut.parcel_id, "area_m2": cut.inside_m2, "registered_on": day}
    made = session.scalar(
        insert(AffectedParcel)
        .values(project_id=project_id, geom=func.ST_GeomFromWKB(cut.inside.wkb, VN2000), **values)
        .returning(AffectedParcel.id)
    )
    audit.log_change(
        session, "affected_parcel", made, who=by, act="adopt_boundary", project_id=project_id,
        after=values | {"area_m2": str(cut.inside_m2), "case_id": None},
    )  # fmt: skip


def _change(session, project_id: int, cut: Cut, day: date, document_id: int, by: str) -> None:
    handed = session.scalar(
        text(
            "select coalesce(sum(area_m2), 0) from event where affected_parcel_id = :id and kind = 'handover' "
            "and not exists (select from event correction where correction.voids_id = event.id)"
        ),
        {"id": cut.affected_id},
    )
    if cut.inside_m2 < handed:
        raise Conflict(
            "Parcel %(parcel)s: %(handed)s m² are handed over, more than the %(area)s m² that the outline takes.",
            parameter="changed", parcel=cut.label, handed=str(handed), area=str(cut.inside_m2),
        )  # fmt: skip
    begun = session.scalar(
        select(func.greatest(AffectedParcel.registered_on, func.max(AffectedArea.valid_on)))
        .outerjoin(AffectedArea, AffectedArea.affected_parcel_id == AffectedParcel.id)
        .where(AffectedParcel.id == cut.affected_id)
        .group_by(AffectedParcel.id)
    )
    if day < begun:
        raise BadParameter(
            "Parcel %(parcel)s: its area is on record from %(begun)s on; a change begins on that day or later.",
            parameter="valid_from", parcel=cut.label, begun=begun.isoformat(),
        )  # fmt: skip
    made = session.scalar(
        insert(AffectedArea)
        .values(
            project_id=project_id, affected_parcel_id=cut.affected_id, valid_on=day, area_m2=cut.inside_m2,
            geom=func.ST_GeomFromWKB(cut.inside.wkb, VN2000), document_id=document_id, recorded_by=by,
        )
        .returning(AffectedArea.id)
    )  # fmt: skip
    audit.log_change(
        session, "affected_parcel", cut.affected_id, who=by, act="adopt_boundary", project_id=project_id,
        before={"area_m2": str(cut.recorded_m2)},
        after={"area_m2": str(cut.inside_m2), "valid_on": day, "affected_area_id": made},
    )  # fmt: skip
