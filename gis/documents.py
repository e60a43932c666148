"""Documents of a project: what its entries rest on. Entered once, amended by version (`gis.registers.amend`).

A document belongs to the project it was entered for, and to every project with an entry that rests on it.
"""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gis import catalogue, record
from gis.errors import NotFound
from gis.model import Document, Event
from gis.money import FEW, PAID_KINDS
from gis.record import NewDocument
from gis.submission import Once, once


@dataclass(frozen=True)
class Listed:
    """A document of a project, and what rests on it there."""

    id: int
    kind: str
    number: str
    issued_on: date | None
    """None too where it would tell the day of payments to one or two households, which the reader may not have."""
    issuer: str | None
    title: str | None
    version: int
    rests: dict[str, int]
    """Number of live events by kind, as far as the reader may have it; of targets, funding lines and petitions by the
    name of their table."""
    attachments: int
    """Files attached for this project, as far as the reader may see them."""


_LISTED = text(
    """
    with rests (document_id, what, number) as (
        select e.document_id, e.kind, count(*) from event e
        left join affected_parcel a on a.id = e.affected_parcel_id
        left join "case" k on k.id = coalesce(e.case_id, a.case_id)
        left join holder h on h.id = k.holder_id
        where e.project_id = :project and e.document_id is not null and e.kind <> 'correction'
            and not exists (select from event c where c.voids_id = e.id)
        group by 1, 2
        -- payments to one or two households are not told, nor how many there are
        having not bool_or(e.kind = any(cast(:paid as text[])) and h.kind in ('household', 'individual')
                           and not reads_money_of(e.project_id))
            or count(distinct k.id) >= :few
        union all
        select document_id, 'project_target', count(*) from project_target
        where project_id = :project and document_id is not null and cancelled_at is null group by 1
        union all
        select document_id, 'funding_line', count(*) from funding_line
        where project_id = :project and document_id is not null and cancelled_at is null group by 1
        union all
        select document_id, 'petition', count(*) from petition
        where project_id = :project and document_id is not null and cancelled_at is null group by 1
    ),
    paying as (
        select document_id as id from event where project_id = :project and kind = any(cast(:paid as text[]))
    ),
    theirs as (
        select document_id as id from event where project_id = :project
        union select id from document where project_id = :project
        union select document_id from rests
    )
    select d.id, d.kind, d.number,
        case when d.id not in (select id from paying) or not paper_day_withheld(d.id) then d.issued_on end as issued_on,
        d.issuer, d.title, d.version,
        coalesce((select jsonb_object_agg(r.what, r.number) from rests r where r.document_id = d.id), '{}') as rests,
        (select count(*) from attachment a
         where a.document_id = d.id and a.project_id = :project and a.cancelled_at is null) as attachments
    from document d join theirs on theirs.id = d.id
    where cast(:document as bigint) is null or d.id = :document
    order by 4 desc nulls last, d.id desc
    """
)


def _asked(project_id: int, document_id: int | None) -> dict:
    return {"project": project_id, "document": document_id, "paid": list(PAID_KINDS), "few": FEW}


def listed(session: Session, project_id: int) -> list[Listed]:
    """List the documents of a project, the newest first."""
    return [Listed(*row) for row in session.execute(_LISTED, _asked(project_id, None))]


def get(session: Session, project_id: int, document_id: int) -> Listed:
    """Give one document of a project.

    Raises
    ------
    NotFound
        For one that is not there, and for one of other projects only.
    """
    rows = session.execute(_LISTED, _asked(project_id, min(document_id, 2**63 - 1)))
    found = next((Listed(*row) for row in rows), None)
    if found is None:
        raise NotFound("There is no document %(id)s.", parameter="document", id=document_id)
    return found


@dataclass(frozen=True)
class Resting:
    """An event that rests on a document."""

    id: int
    kind: str
    valid_on: date
    case: str | None
    """Code; None for what concerns the project, or land of no holder."""
    parcel: str | None
    """Sheet and number."""
    area_m2: Decimal | None
    voided: bool


_RESTING = text(
    """
    select e.id, e.kind, e.valid_on, c.code, p.sheet || '/' || p.number, e.area_m2,
        exists (select from event v where v.voids_id = e.id)
    from event e
    left join affected_parcel a on a.id = e.affected_parcel_id
    left join parcel p on p.id = a.parcel_id
    left join "case" c on c.id = coalesce(e.case_id, a.case_id)
    left join holder h on h.id = c.holder_id
    where e.project_id = :project and e.document_id = :document
        -- whom it pays, and when, is told as the days of payments are (gis.money)
        and not (e.kind = any(cast(:paid as text[])) and coalesce(h.kind in ('household', 'individual'), false)
                 and not reads_money_of(e.project_id))
    order by e.valid_on, e.kind, c.code, e.id
    """
)


def events(session: Session, project_id: int, document_id: int) -> list[Resting]:
    """List the events of a project that rest on a document, voided ones too, in the order of their days.

    Payments to households are left out where the reader may not have their days.
    """
    return [Resting(*row) for row in session.execute(_RESTING, _asked(project_id, document_id))]


def others(session: Session, project_id: int, document_id: int) -> set[int]:
    """Give the ids of the other projects that a document belongs to."""
    rests = session.scalars(select(Event.project_id).where(Event.document_id == document_id).distinct())
    owner = session.scalar(select(Document.project_id).where(Document.id == document_id))
    return {*rests, owner} - {project_id, None}


def enter(session: Session, project: str, paper: NewDocument, *, by: str, key: str) -> Once:
    """Enter a document of a project; its `result` has the ``document_id``, and whether it was `known` already.

    Parameters
    ----------
    session : Session
        In a transaction of isolation level READ COMMITTED, which the caller ends.
    project : str
        Code.
    paper : NewDocument
    by, key : str
        As for `gis.submission.once`.

    Raises
    ------
    NotFound
        For an unknown project.
    BadParameter
        For an unknown kind, no number, a day in the future.
    """
    paper = record.clean_document(paper)

    def work() -> dict:
        project_id = catalogue.project_id(session, project)
        last = session.scalar(select(func.max(Document.id))) or 0
        kept = record.keep_document(session, project_id, paper, by)
        return {"document_id": kept, "known": kept <= last}

    return once(session, {"document": asdict(paper), "project": project}, work, by=by, key=key)
