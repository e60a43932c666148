"""Recording: one act upon many cases, and the correction of mistakes.

Every function here first waits for its turn (writers stand in line at one row lock), checks, and then writes all or
nothing, with the log of it (`gis.audit`), in the caller's transaction, which must be of isolation level READ
COMMITTED. Nothing is deleted: a mistake is voided by a correction.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, case, func, insert, or_, select, true
from sqlalchemy.orm import Session, aliased

from gis import audit, catalogue, dues, holdups, papers, people_named, plots, whose
from gis.errors import BadParameter, Conflict, NotFound
from gis.indicators import AMOUNT, AREA_NEEDS_PARCEL, CORRECTION, INDICATORS, PLOTS, STEPS
from gis.model import (
    DOCUMENT_KINDS,
    AffectedParcel,
    Case,
    Document,
    Event,
    FundingLine,
    Parcel,
    Petition,
    ProjectTarget,
    Submission,
)
from gis.plots import ALLOTMENT
from gis.progress import VIETNAM_TIME, today
from gis.rules import PLAN, Both, Earlier
from gis.standing import Land
from gis.submission import clean_past, once
from gis.texts import as_sent, clean_text

MOST_AMOUNT_VND = 10**15
"""Of one case: the state's budget of a year has 16 digits."""
_OF_PROJECTS = ("suspension", "resumption", "specific_land_price", "scope_change")
CASE_KINDS = tuple(step.key for step in STEPS if step.key not in _OF_PROJECTS)
"""The kinds of event that can be recorded upon cases; the others are about a project as a whole."""
LAND_KINDS = tuple(kind for kind in AREA_NEEDS_PARCEL if AMOUNT not in INDICATORS[kind].sums)
"""Those recorded parcel by parcel, with m²."""
_REPEATED = ("recovery_notice_adjustment", "recovery_notice_cancellation", "land_use_conversion")
"""Those that may be recorded for the same m² more than once."""


@dataclass(frozen=True)
class NewDocument:
    """A document that an act rests on, by what stands on it.

    The same (kind, number, day, issuer) among those the project's events rest on already is that document.
    """

    kind: str
    number: str
    issued_on: date | None = None
    issuer: str | None = None
    title: str | None = None


@dataclass(frozen=True)
class Act:
    """What happened, on which day, by which document: the same for all cases of it."""

    project: str
    """Code of the project."""
    kind: str
    """One of `CASE_KINDS`."""
    valid_on: date
    document: NewDocument | int | None = None
    """A new one, or the id of one that is there."""
    note: str | None = None
    replaces: bool | None = None
    """Of the approval of a plan: whether it replaces what was approved of a case before, or adds to it."""


@dataclass(frozen=True)
class Share:
    """What of an act falls to one case.

    For a kind of `LAND_KINDS` a share without area means all of what remains: of the parcel named, else of every
    parcel that the case has on the day.
    """

    case: str
    """Code of the case."""
    parcel: int | str | None = None
    """Id of an affected parcel, or sheet and number as in ``5/85``."""
    area_m2: Decimal | None = None
    amount_vnd: int | None = None
    plots: int | None = None
    """Plots that a plan approves."""
    plot: int | str | None = None
    """The plot allotted: its id, or site and number as in ``tdc-1/L05``."""


@dataclass(frozen=True)
class Entry:
    """One event that is about to be written."""

    case_id: int | None
    """None of land of no holder."""
    case: str
    affected_parcel_id: int | None = None
    area_m2: Decimal | None = None
    amount_vnd: int | None = None
    plots: int | None = None
    plot_id: int | None = None
    replaces: bool | None = None
    label: str | None = None
    """The parcel or plot as people know it: ``5/85``, ``tdc-1/L05``."""


@dataclass(frozen=True)
class Recorded:
    """What was written."""

    act_id: int
    """Number of the act, by which `undo` takes it back."""
    event_ids: tuple[int, ...]
    document_id: int | None
    cases: int
    area_m2: Decimal | None
    """Of all its events; None where none carries an area."""
    amount_vnd: int | None
    repeated: bool = False
    """True where the same act had been sent before with the same key: nothing was written this time."""


@dataclass(frozen=True)
class Remaining:
    """What of a parcel a kind of act has not taken yet."""

    case_id: int
    case: str
    affected_parcel_id: int
    label: str
    """Sheet and number, as in ``5/85``."""
    area_m2: Decimal
    """Of the parcel, all that is to be recovered."""
    left_m2: Decimal


Check = Callable[[Session, Act, Sequence[Entry]], Mapping[str, str] | None]
"""Further rules: raises what stands against an act, and may give remarks by code of case, which are kept in the notes
of their events. Called after the checks of this module, before anything is written."""


def record(
    session: Session,
    act: Act,
    cases: Iterable[str | Share],
    *,
    by: str,
    key: str,
    check: Check | None = None,
    imported: bool = False,
) -> Recorded:
    """Record one act upon cases of one project: one document, an event for each case or each of its parcels.

    Parameters
    ----------
    session : Session
        In a transaction of isolation level READ COMMITTED, which the caller ends.
    act : Act
    cases : iterable of str or Share
        Codes of cases, or shares where they carry areas, amounts or plots.
    by : str
        Account of whoever records.
    key : str
        Of this submission: sent again with the same key, the same act is not recorded again.
    check : callable, optional
    imported : bool
        Whether an old record is brought in: the database does not refuse it for its money then.

    Returns
    -------
    Recorded

    Raises
    ------
    BadParameter
        For a kind that is not recorded upon cases, a day in the future, an area above what remains, an amount that is
        not whole and positive, a case named twice.
    NotFound
        For a project, case, parcel, plot or document that is not there, or not of this project.
    Conflict
        For a plot that is taken, and a key used for another act.
    """
    act, shares = _clean(act, cases)

    def work() -> Recorded:
        project_id = catalogue.project_id(session, act.project)
        entries = _entries(session, act, project_id, shares)
        document_id = _known_document(session, project_id, act.document)
        remarks = check(session, act, entries) if check else None
        if document_id is None and isinstance(act.document, NewDocument):
            document_id = _new_document(session, project_id, act.document, by)
        with _old_records(session, imported):
            return _write(session, act, project_id, document_id, entries, by, remarks or {})

    return _once(session, by, key, {"record": asdict(act), "cases": [asdict(share) for share in shares]}, work)


@contextmanager
def _old_records(session: Session, imported: bool) -> Iterator[None]:
    """Let what is written within by where it is an old record that is brought in (migration 0028)."""
    setting = func.current_setting("gpmb.old_record", True)
    before = session.scalar(select(setting)) if imported else None
    if imported:
        session.execute(select(func.set_config("gpmb.old_record", "yes", True)))
    yield
    if imported:
        session.execute(select(func.set_config("gpmb.old_record", before or "no", True)))


def lay_out(session: Session, act: Act, cases: Iterable[str | Share]) -> tuple[Act, list[Entry], int | None]:
    """Check an act as `record` does, and give what it would write, without writing.

    Returns
    -------
    (Act, list of Entry, int or None)
        The act as it is kept; its events; the id of its document where that is there already.

    Raises
    ------
    BadParameter, NotFound, Conflict
        As `record`.
    """
    act, shares = _clean(act, cases)
    project_id = catalogue.project_id(session, act.project)
    entries = _entries(session, act, project_id, shares)
    return act, entries, _known_document(session, project_id, act.document)


def case_ids(session: Session, project: str, cases: Iterable[str]) -> dict[str, int]:
    """Give the ids of cases by their codes, as they are on record (`gis.whose.codes_meant`).

    Raises
    ------
    NotFound
        For a project or case that is not there.
    """
    found, _ = _cases(session, catalogue.project_id(session, project), set(cases))
    return {row.code: row.id for row in found}


def remaining(session: Session, project: str, kind: str, cases: Iterable[str], day: date) -> list[Remaining]:
    """Give the parcels of cases on a day, and what of each a kind of `LAND_KINDS` has not taken yet.

    Raises
    ------
    NotFound
        For a project or case that is not there.
    """
    by_case = _land(session, kind, case_ids(session, project, cases).values(), day)
    return [parcel for parcels in by_case.values() for parcel in parcels.values()]


def on_land_of_no_holder(
    session: Session, act: Act, land_id: int, area_m2: Decimal | None = None, *, by: str, key: str
) -> Recorded:  # fmt: skip
    """Record an act upon a parcel of no holder: a road is surveyed and handed over too. No rule of law looks at it.

    Parameters
    ----------
    session, act, by, key
        As for `record`; the kind is one of `LAND_KINDS`.
    land_id : int
        The affected parcel.
    area_m2 : Decimal, optional
        All that remains of it when left out.

    Raises
    ------
    BadParameter
        As for `record`; and without a note where the project is suspended as a whole.
    NotFound
        For land that is not there, is a case's or of another project.
    Conflict
        For cancelled land, and a key used for another act.
    """
    act = _clean_act(act)
    if act.kind not in LAND_KINDS:
        raise BadParameter(
            "“%(kind)s” is not recorded upon land: give one of %(choices)s.",
            parameter="kind", kind=act.kind, choices=", ".join(LAND_KINDS),
        )  # fmt: skip
    area_m2 = _clean_share(act.kind, Share("–", area_m2=area_m2)).area_m2

    def work() -> Recorded:
        project_id = catalogue.project_id(session, act.project)
        entry = _on_ownerless(session, act, project_id, land_id, area_m2)
        whole = [one for one in holdups.standing(session, project_id, act.valid_on) if not (one.part_id or one.unit_id)]
        held = next((one for one in whole if one.step in (None, act.kind)), None)
        if held and not act.note:
            raise BadParameter(
                "The project is suspended since %(since)s (document %(document)s): say in the note why it is recorded "
                "all the same.",
                parameter="note", since=held.valid_on, document=held.document or "–",
            )  # fmt: skip
        paper = None if act.document is None else keep_document(session, project_id, act.document, by)
        return _write(session, act, project_id, paper, [entry], by, {})

    asked = {"record_on_land": asdict(act), "land": land_id, "area_m2": None if area_m2 is None else str(area_m2)}
    return _once(session, by, key, asked, work)


def _on_ownerless(
    session: Session, act: Act, project_id: int, land_id: int, area_m2: Decimal | None
) -> Entry:  # fmt: skip
    land = session.execute(
        select(AffectedParcel.area_m2, AffectedParcel.registered_on, AffectedParcel.cancelled_at,
               func.concat(Parcel.sheet, "/", Parcel.number).label("label"))
        .join(Parcel, Parcel.id == AffectedParcel.parcel_id)
        .where(AffectedParcel.id == land_id, AffectedParcel.project_id == project_id, AffectedParcel.case_id.is_(None))
    ).one_or_none()  # fmt: skip
    if land is None:
        raise NotFound("This project has no such land of no holder.", parameter="land")
    if land.cancelled_at:
        raise Conflict("Cancelled, so nothing is recorded upon it: %(cases)s.", parameter="land", cases=land.label)
    if land.registered_on > act.valid_on:
        raise BadParameter(
            "Case %(case)s is registered since %(since)s: nothing is recorded upon it for a day before.",
            parameter="valid_on", case=land.label, since=land.registered_on.isoformat(),
        )  # fmt: skip
    left = land.area_m2 - _done(session, act.kind, [land_id]).get(land_id, 0)
    if left <= 0:
        raise BadParameter(
            "Case %(case)s: nothing remains for “%(kind)s”.", parameter="area_m2", case=land.label,
            kind=step_name(act.kind),
        )  # fmt: skip
    if area_m2 is not None and area_m2 > left:
        raise BadParameter(
            "Case %(case)s, parcel %(parcel)s: %(area)s m² is more than the %(left)s m² that remain for “%(kind)s”.",
            parameter="area_m2", case="–", parcel=land.label, area=area_m2, left=left, kind=step_name(act.kind),
        )  # fmt: skip
    return Entry(None, land.label, land_id, left if area_m2 is None else area_m2, label=land.label)


def void(session: Session, event_id: int, *, reason: str, by: str, key: str) -> Recorded:
    """Void one event that was recorded wrongly, by a correction that names it. Both stay readable.

    Parameters
    ----------
    session : Session
    event_id : int
    reason : str
        Why it is wrong.
    by, key : str
        As for `record`.

    Raises
    ------
    NotFound
        For an event that is not there.
    BadParameter
        Without a reason, and for a correction.
    Conflict
        Where it is voided already.
    """
    reason = clean_text(reason, "reason", 2000)

    def work() -> Recorded:
        return _correct(session, [event_id], reason, by, "void")

    return _once(session, by, key, {"void": event_id, "reason": reason}, work)


def undo(session: Session, act_id: int, *, reason: str, by: str, key: str) -> Recorded:
    """Void all events of an act that are not voided yet.

    Parameters
    ----------
    session : Session
    act_id : int
        `Recorded.act_id` of what `record` gave.
    reason, by, key : str
        As for `void`.

    Raises
    ------
    NotFound
        For an act that is not there.
    BadParameter
        Without a reason, and for an act that consists of corrections.
    Conflict
        Where all its events are voided already.
    """
    reason = clean_text(reason, "reason", 2000)

    def work() -> Recorded:
        made = session.scalar(select(Submission.result).where(Submission.id == act_id))
        if not (made and made.get("event_ids")):  # what people send in besides is numbered alike
            raise NotFound("There is no act %(id)s.", parameter="act", id=act_id)
        voided = set(session.scalars(select(Event.voids_id).where(Event.voids_id.in_(made["event_ids"]))))
        live = [event_id for event_id in made["event_ids"] if event_id not in voided]
        if not live:
            raise Conflict("All events of act %(id)s are voided already.", parameter="act", id=act_id)
        return _correct(session, live, reason, by, "undo")

    return _once(session, by, key, {"undo": act_id, "reason": reason}, work)


def void_all(session: Session, event_ids: Sequence[int], reason: str, by: str) -> tuple[int, ...]:
    """Void events within an act of another kind (`gis.cancelling`), which has its turn and its key already.

    Returns
    -------
    tuple of int
        The corrections.

    Raises
    ------
    NotFound, BadParameter, Conflict
        As `void`.
    """
    return _correct(session, list(event_ids), reason, by, "void").event_ids


def _once(session: Session, by: str, key: str, request: dict, work: Callable[[], Recorded]) -> Recorded:
    """Do the work unless the same request was done before; write what was done under its key."""

    def done() -> dict:
        made = asdict(work())
        del made["act_id"], made["repeated"]
        return made | {"area_m2": None if made["area_m2"] is None else str(made["area_m2"])}

    found = once(session, request, done, by=by, key=key)
    area = found.result["area_m2"]
    kept = found.result | {"area_m2": area and Decimal(area), "event_ids": tuple(found.result["event_ids"])}
    return Recorded(**kept, act_id=found.act_id, repeated=found.repeated)


def _write(session, act: Act, project_id: int, document_id: int | None, entries, by: str, remarks) -> Recorded:
    same = {
        "kind": act.kind,
        "valid_on": act.valid_on,
        "recorded_by": by,
        "project_id": project_id,
        "document_id": document_id,
    }
    rows = [
        {name: value for name, value in asdict(e).items() if name not in ("case", "label")}
        | same
        | {"note": "\n".join(filter(None, (act.note, remarks.get(e.case)))) or None}
        for e in entries
    ]
    ids = _insert_events(session, rows, by, "record")
    areas = [e.area_m2 for e in entries if e.area_m2 is not None]
    amounts = [e.amount_vnd for e in entries if e.amount_vnd is not None]
    return Recorded(
        0, ids, document_id, len({e.case_id for e in entries} - {None}), sum(areas) if areas else None,
        sum(amounts) if amounts else None,
    )  # fmt: skip


def _insert_events(session, rows: list[dict], by: str, name: str) -> tuple[int, ...]:
    ids = tuple(session.scalars(insert(Event).returning(Event.id, sort_by_parameter_order=True), rows))
    audit.log_events(session, ids, who=by, act=name)
    return ids


def _correct(session, event_ids: list[int], reason: str, by: str, name: str) -> Recorded:
    correction = aliased(Event)
    found = session.execute(
        select(Event.id, Event.kind, Event.project_id, Event.case_id, correction.recorded_at, correction.recorded_by)
        .outerjoin(correction, correction.voids_id == Event.id)
        .where(Event.id.in_(event_ids))
        .order_by(Event.id)
    ).all()
    if len(found) < len(event_ids):
        missing = set(event_ids) - {row.id for row in found}
        raise NotFound("There is no event %(id)s.", parameter="event", id=min(missing))
    for row in found:
        if row.kind == CORRECTION:
            raise BadParameter("A correction cannot be voided: record the right event anew.", parameter="event")
        if row.recorded_at:
            raise Conflict(
                "Event %(id)s was voided already, on %(day)s by %(by)s.",
                parameter="event", id=row.id, day=row.recorded_at.astimezone(VIETNAM_TIME).date().isoformat(),
                by=row.recorded_by,
            )  # fmt: skip
    _keep_money_right(session, found)
    rows = [
        {"kind": CORRECTION, "valid_on": today(), "recorded_by": by, "project_id": row.project_id,
         "case_id": row.case_id, "note": reason, "voids_id": row.id}
        for row in found
    ]  # fmt: skip
    ids = _insert_events(session, rows, by, name)
    return Recorded(0, ids, None, len({row.case_id for row in found} - {None}), None, None)


def _keep_money_right(session: Session, voided: Sequence) -> None:
    """Refuse to void what payments rest on: the plan of a case that is paid, a payment with something deducted."""
    of_project: dict[int, list[int]] = {}
    for row in voided:
        of_project.setdefault(row.project_id, []).append(row.id)
    for project_id, event_ids in of_project.items():
        for case_id, worse in dues.worsened_by_voiding(session, project_id, event_ids).items():
            code = session.scalar(select(Case.code).where(Case.id == case_id))
            if worse.over_vnd:
                raise Conflict(
                    "Case %(case)s: without this entry %(settled)s đồng are paid and %(approved)s đồng approved. Void "
                    "the payments first; or record the right plan as replacing this one, and then void this one.",
                    parameter="event", case=code, settled=worse.dues.settled_vnd, approved=worse.limit_vnd,
                )  # fmt: skip
            raise Conflict(
                "Case %(case)s: without this entry more is deducted (%(deducted)s đồng) than paid (%(paid)s đồng): "
                "void the deduction first.",
                parameter="event", case=code, deducted=worse.dues.deducted_vnd,
                paid=worse.dues.paid_vnd or Decimal(0),
            )  # fmt: skip


# What an act consists of, before the database is asked.


def _clean(act: Act, cases: Iterable[str | Share]) -> tuple[Act, list[Share]]:
    act, shares = _clean_act(act), [_clean_share(act.kind, share, act.replaces) for share in cases]
    if not shares:
        raise BadParameter("Name at least one case.", parameter="cases")
    return act, shares


def _clean_act(act: Act) -> Act:
    if act.kind not in CASE_KINDS:
        raise BadParameter(
            "“%(kind)s” is not recorded upon cases: give one of %(choices)s.",
            parameter="kind", kind=act.kind, choices=", ".join(CASE_KINDS),
        )  # fmt: skip
    if act.replaces is not None and act.kind != PLAN:
        raise BadParameter("Only the approval of a plan replaces another or adds to it.", parameter="replaces")
    note = clean_text(act.note, "note", 2000, needed=act.kind == "not_applicable")
    paper = clean_document(act.document) if isinstance(act.document, NewDocument) else act.document
    return replace(act, valid_on=clean_past(act.valid_on, "valid_on"), document=paper, note=note)


def clean_document(paper: NewDocument) -> NewDocument:
    """Check what is written on a new document.

    Raises
    ------
    BadParameter
        For an unknown kind, no number, a day in the future, and texts that are too long.
    """
    if paper.kind not in DOCUMENT_KINDS:
        raise BadParameter(
            "“%(kind)s” is not a kind of document: give one of %(choices)s.",
            parameter="document_kind", kind=paper.kind, choices=", ".join(DOCUMENT_KINDS),
        )  # fmt: skip
    return NewDocument(
        paper.kind,
        papers.clean_number(paper.number),
        paper.issued_on and clean_past(paper.issued_on, "issued_on"),
        clean_text(paper.issuer, "issuer", 500, needed=False),
        _title(paper.title),
    )


def _title(text: str | None) -> str | None:
    people_named.refuse_numbers(text, "title")
    return clean_text(text, "title", 2000, needed=False)


def _clean_share(kind: str, share: str | Share, replaces: bool | None = None) -> Share:
    """Check what one case's share carries against the kind of the act."""
    share = share if isinstance(share, Share) else Share(share)
    sums = INDICATORS[kind].sums
    carried = {
        "parcel": kind in LAND_KINDS,
        "area_m2": kind in LAND_KINDS,
        "amount_vnd": AMOUNT in sums,
        "plots": PLOTS in sums and kind != ALLOTMENT,
        "plot": kind == ALLOTMENT,
    }
    for name, allowed in carried.items():
        if getattr(share, name) is not None and not allowed:
            raise BadParameter(
                "Case %(case)s: “%(kind)s” carries no %(name)s.",
                parameter=name, case=share.case, kind=step_name(kind), name=name,
            )  # fmt: skip
    if share.amount_vnd is None and kind == PLAN and replaces:
        raise BadParameter(
            "Case %(case)s: a plan that replaces another must state its amount.",
            parameter="amount_vnd", case=share.case,
        )  # fmt: skip
    if share.plots == 0:  # a plan grants none
        share = replace(share, plots=None)
    needed = AMOUNT if sums == {AMOUNT} else "plot" if kind == ALLOTMENT else None
    if needed and getattr(share, needed) is None:
        raise BadParameter(
            "Case %(case)s: “%(name)s” must be given.", parameter=needed, case=share.case, name=needed
        )  # fmt: skip
    return replace(
        share,
        area_m2=_number(share, "area_m2", Decimal("0.01"), 10**12),
        amount_vnd=_whole(share, "amount_vnd", MOST_AMOUNT_VND),
        plots=_whole(share, "plots", 10**6),
    )


def _whole(share: Share, name: str, below: int) -> int | None:
    found = _number(share, name, Decimal(1), below)
    return found if found is None else int(found)


def _number(share: Share, name: str, step: Decimal, below: int) -> Decimal | None:
    value = getattr(share, name)
    if value is None:
        return None
    try:
        value = Decimal(value)
    except (ArithmeticError, TypeError, ValueError):
        value = Decimal("nan")
    if not (value.is_finite() and 0 < value < below and value == value.quantize(step)):
        given = getattr(share, name)
        values = {
            "case": share.case, "name": name, "below": Decimal(below),
            "value": value.normalize() + 0 if value.is_finite() else as_sent(given),
        }  # fmt: skip
        if step == 1:
            raise BadParameter(
                "Case %(case)s: %(name)s is %(value)s; it must be a whole number above 0 and below %(below)s.",
                parameter=name, **values,
            )  # fmt: skip
        raise BadParameter(
            "Case %(case)s: %(name)s is %(value)s; it must be above 0 and below %(below)s, with at most two decimals.",
            parameter=name, **values,
        )  # fmt: skip
    return value.quantize(step)


# What an act consists of, against what is on record.


def _cases(session: Session, project_id: int, codes: set[str]) -> tuple[Sequence, dict[str, str]]:
    """Give the cases that codes mean, and the code on record of each typed one."""
    meant = whose.codes_meant(session, project_id, codes)
    found = session.execute(
        select(Case.code, Case.id, Case.registered_on, Case.cancelled_at)
        .where(Case.project_id == project_id, Case.code.in_(set(meant.values())))
        .order_by(Case.code)
    ).all()
    cancelled = [row.code for row in found if row.cancelled_at]
    if cancelled:
        raise Conflict(
            "Cancelled, so nothing is recorded upon it: %(cases)s.", parameter="cases", cases=", ".join(cancelled)
        )
    missing = sorted(codes - set(meant))
    if missing:
        raise NotFound("This project has no case %(cases)s.", parameter="cases", cases=", ".join(missing))
    return found, meant


def _entries(session: Session, act: Act, project_id: int, shares: Sequence[Share]) -> list[Entry]:
    """Turn shares into the events to be written."""
    kind = act.kind
    found, meant = _cases(session, project_id, {share.case for share in shares})
    shares = [replace(share, case=meant[share.case]) for share in shares]
    cases = {row.code: row.id for row in found}
    for row in found:
        if row.registered_on > act.valid_on:
            raise BadParameter(
                "Case %(case)s is registered since %(since)s: nothing is recorded upon it for a day before.",
                parameter="valid_on", case=row.code, since=row.registered_on.isoformat(),
            )  # fmt: skip
    named = Counter((s.case, s.parcel if kind in LAND_KINDS else s.plot) for s in shares)
    twice = sorted({code for (code, _), times in named.items() if times > 1})
    if twice:
        raise BadParameter("Named twice: %(cases)s.", parameter="cases", cases=", ".join(twice))
    if kind in LAND_KINDS:
        return _on_land(session, act, shares, cases)
    if kind == ALLOTMENT:
        return _allotted(session, project_id, shares, cases)
    planned = _planned(session, cases.values()) if act.replaces is not None else frozenset()
    return [
        Entry(cases[s.case], s.case, amount_vnd=s.amount_vnd, plots=s.plots,
              replaces=act.replaces if cases[s.case] in planned else None)
        for s in shares
    ]  # fmt: skip


def _planned(session: Session, case_ids: Iterable[int]) -> frozenset[int]:
    """Give the cases that have a plan approved: of the others there is nothing to replace or to add to."""
    correction = aliased(Event)
    return frozenset(session.scalars(
        select(Event.case_id).where(
            Event.case_id.in_(list(case_ids)), Event.kind == PLAN,
            ~select(correction.id).where(correction.voids_id == Event.id).exists(),
        )
    ))  # fmt: skip


def _on_land(session: Session, act: Act, shares: Sequence[Share], cases: Mapping[str, int]) -> list[Entry]:
    """Lay each share on the parcels its case has on the day, no more than what remains of each."""
    kind = act.kind
    land = _land(session, kind, cases.values(), act.valid_on)
    remains = {i: parcel.left_m2 for parcels in land.values() for i, parcel in parcels.items()}
    entries = []
    for share in shares:
        own = land[cases[share.case]].values()
        if share.parcel is not None:
            own = [parcel for parcel in own if share.parcel in (parcel.affected_parcel_id, parcel.label)]
            if len(own) != 1:
                raise NotFound(
                    "Case %(case)s has no single parcel %(parcel)s.",
                    parameter="parcel", case=share.case, parcel=share.parcel,
                )  # fmt: skip
        if share.area_m2 is not None and len(own) > 1:
            raise BadParameter(
                "Case %(case)s has %(count)s parcels: say on which of them %(area)s m² lie.",
                parameter="parcel", case=share.case, count=len(own), area=share.area_m2,
            )  # fmt: skip
        left = [parcel for parcel in own if remains[parcel.affected_parcel_id] > 0]
        if not left:
            raise nothing_remains(session, kind, share.case, cases[share.case])
        for parcel in left:
            area = remains[parcel.affected_parcel_id] if share.area_m2 is None else share.area_m2
            if area > remains[parcel.affected_parcel_id]:
                raise BadParameter(
                    "Case %(case)s, parcel %(parcel)s: %(area)s m² is more than the %(left)s m² that remain for "
                    "“%(kind)s”.",
                    parameter="area_m2", case=share.case, parcel=parcel.label, area=area,
                    left=remains[parcel.affected_parcel_id], kind=step_name(kind),
                )  # fmt: skip
            remains[parcel.affected_parcel_id] -= area
            entries.append(
                Entry(parcel.case_id, share.case, parcel.affected_parcel_id, area, label=parcel.label)
            )  # fmt: skip
    return entries


def nothing_remains(
    session: Session, kind: str, case: str, case_id: int, parcel: int | None = None
) -> BadParameter:  # fmt: skip
    """Say that a kind of act has taken all of a case or parcel already: when, who recorded it, in which act."""
    correction = aliased(Event)
    last = session.execute(
        select(Event.id, Event.valid_on, Event.recorded_by, Event.recorded_at, Document.number)
        .join(AffectedParcel, AffectedParcel.id == Event.affected_parcel_id)
        .outerjoin(Document, Document.id == Event.document_id)
        .where(
            AffectedParcel.case_id == case_id, Event.kind == kind,
            AffectedParcel.id == parcel if parcel else true(),
            ~select(correction.id).where(correction.voids_id == Event.id).exists(),
        )
        .order_by(Event.id.desc())
        .limit(1)
    ).one_or_none()  # fmt: skip
    if last is None:
        return BadParameter(
            "Case %(case)s: nothing remains for “%(kind)s”.", parameter="cases", case=case, kind=step_name(kind)
        )
    earlier = Earlier(
        audit.acts_of(session, [last.id]).get(last.id), last.number, last.valid_on, by=last.recorded_by,
        at=last.recorded_at.astimezone(VIETNAM_TIME).date(),
    )  # fmt: skip
    return BadParameter(
        "Case %(case)s: nothing remains for “%(kind)s”, it is on record already: %(earlier)s.",
        parameter="cases", case=case, kind=step_name(kind), earlier=earlier,
    )  # fmt: skip


def step_name(kind: str) -> Both:
    """Give what a kind of event is called, for a message in either language."""
    return Both(INDICATORS[kind].vi, INDICATORS[kind].en)


def _land(session: Session, kind: str, case_ids: Iterable[int], day: date) -> dict[int, dict[int, Remaining]]:
    """Give the parcels of cases by a day, by case and parcel, with what this kind has not taken of them."""
    land: dict[int, dict[int, Remaining]] = {case_id: {} for case_id in case_ids}
    parcels = session.execute(
        select(Land.id, Land.case_id, Land.area_m2, Case.code,
               func.concat(Parcel.sheet, "/", Parcel.number).label("label"))
        .join(Parcel, Parcel.id == Land.parcel_id)
        .join(Case, Case.id == Land.case_id)
        .where(Land.case_id.in_(land), Land.registered_on <= day)
        .order_by(Land.id)
    ).all()  # fmt: skip
    done = _done(session, kind, [parcel.id for parcel in parcels])
    for p in parcels:
        left = p.area_m2 - done.get(p.id, 0)
        land[p.case_id][p.id] = Remaining(p.case_id, p.code, p.id, p.label, p.area_m2, left)
    return land


def _done(session: Session, kind: str, parcel_ids: Sequence[int]) -> dict[int, Decimal]:
    """Sum the m² of each parcel that live events of this kind have taken; a cancelled notice gives them back."""
    if kind in _REPEATED:
        return {}
    gives_back = "recovery_notice_cancellation" if kind == "recovery_notice" else None
    correction = aliased(Event)
    area = func.sum(case((Event.kind == kind, Event.area_m2), else_=-Event.area_m2))
    return dict(
        session.execute(
            select(Event.affected_parcel_id, area)
            .where(
                Event.affected_parcel_id.in_(parcel_ids),
                Event.kind.in_({kind, gives_back} - {None}),
                Event.area_m2.is_not(None),
                ~select(correction.id).where(correction.voids_id == Event.id).exists(),
            )
            .group_by(Event.affected_parcel_id)
        ).all()
    )


def _allotted(
    session: Session, project_id: int, shares: Sequence[Share], cases: Mapping[str, int]
) -> list[Entry]:  # fmt: skip
    """Give each share its plot; one that is taken is refused with the document that took it."""
    entries, given = [], set()
    for share in shares:
        plot = plots.named(session, project_id, share.plot, share.case)
        if plot.id in given:
            raise BadParameter("Plot %(plot)s is named twice.", parameter="plot", plot=plot.label)
        given.add(plot.id)
        entries.append(Entry(cases[share.case], share.case, area_m2=plot.area_m2, plots=1, plot_id=plot.id,
                             label=plot.label))  # fmt: skip
    return entries


def of_project(project_id: int) -> ColumnElement[bool]:
    """Say that a document is of a project: entered for it, or what something of it rests on."""
    resting = (Event, ProjectTarget, FundingLine, Petition)
    rests = [select(m.id).where(m.project_id == project_id, m.document_id == Document.id).exists() for m in resting]
    return or_(Document.project_id == project_id, *rests)


def _known_document(session: Session, project_id: int, paper: NewDocument | int | None) -> int | None:
    """Give the id of a document that is there already; None for a new one, and where there is none."""
    if not isinstance(paper, NewDocument):
        theirs = Document.id == paper, of_project(project_id)
        if paper is not None and not session.scalar(select(Document.id).where(*theirs)):
            raise NotFound("There is no document %(id)s.", parameter="document", id=paper)
        return paper
    numbered = select(Document.id, Document.number, Document.issued_on, Document.issuer).where(
        Document.kind == paper.kind,
        func.spelled_paper(Document.number) == list(papers.known_by(paper.number)),
        of_project(project_id),
    )
    if paper.issuer is None:  # its number, perhaps its day: the one document that bears it, whoever issued it
        dated = numbered.where(Document.issued_on == paper.issued_on) if paper.issued_on else numbered
        found = session.execute(dated).all()
        if len({row.issued_on for row in found}) > 1:
            raise BadParameter(
                "The project has several documents of number %(number)s: say of which day it is.",
                parameter="issued_on", number=paper.number,
            )  # fmt: skip
    else:
        dated = numbered.where(Document.issued_on.is_not_distinct_from(paper.issued_on))
        found = [row for row in session.execute(dated) if not papers.issuers_differ(row.issuer, paper.issuer)]
    nearest = sorted(found, key=lambda row: (row.number != paper.number, row.issuer != paper.issuer, row.id))
    if nearest and paper.issuer and nearest[0].issuer is None:  # what was typed is not dropped unsaid
        raise BadParameter(
            "The project has a document of number %(number)s already, without an issuer. If it is this one, leave the "
            "issuer empty here; if it is another, write its issuer into that one first, on its page.",
            parameter="issuer", number=paper.number,
        )  # fmt: skip
    return nearest[0].id if nearest else None


def _new_document(session: Session, project_id: int, paper: NewDocument, by: str) -> int:
    people_named.refuse(session, project_id, paper.title, "title")
    made = session.scalar(insert(Document).values(project_id=project_id, **asdict(paper)).returning(Document.id))
    audit.log_change(session, "document", made, who=by, act="record", project_id=project_id, after=asdict(paper))
    return made


def keep_document(session: Session, project_id: int, paper: NewDocument | int, by: str) -> int:
    """Give the id of a document that something of a project rests on: of one that is there, else of a new one.

    Raises
    ------
    BadParameter
        As for the document of an act.
    NotFound
        For the id of a document that is not there.
    """
    known = _known_document(session, project_id, paper)
    return _new_document(session, project_id, paper, by) if known is None else known
