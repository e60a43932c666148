"""Acts under the rules of law: looked at before they are recorded, and recorded when nothing stands against them.

Every way in (pages, API, commands) records acts through here; `gis/record.py` writes, `gis/rules.py` has the law. What
a rule refuses is not recorded; what it warns of is recorded with the reason, which stays in the notes of the events.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis import audit, catalogue, costs, dues, histories, holdups, record, rules
from gis.errors import AgainstRules, Conflict, GisError, NotFound, Unconfirmed
from gis.indicators import INDICATORS
from gis.model import AffectedParcel, Case, Document, Event, Parcel, Submission
from gis.money import PAID_KINDS
from gis.progress import VIETNAM_TIME
from gis.record import ALLOTMENT, CASE_KINDS, LAND_KINDS, Act, Entry, Recorded, Share
from gis.rules import ERROR, Both, Breach, Rule
from gis.texts import clean_text

NOT_APPLICABLE = "not_applicable"
DOCUMENT_OF = {
    "recovery_notice": "notice",
    "recovery_notice_adjustment": "notice",
    "recovery_notice_cancellation": "notice",
    "inventory": "minutes",
    "plan_review": "minutes",
    "handover_consent": "minutes",
    "handover": "minutes",
    "payment": "payment_order",
    "advance_payment": "payment_order",
    "progress_bonus": "payment_order",
    "deduction": "payment_order",
    "persuasion": "report",
}
"""What kind of document an act usually rests on; where it is not named here, a decision."""
_ONCE = ("plan_approval", "resettlement_allocation", "enforcement_board")
"""Besides those on land, what is usually done once: offered to cases that have not had it."""
_AGAIN = ("recovery_notice_adjustment", "recovery_notice_cancellation", "land_use_conversion")
"""Those on land that may be done again."""
MOST_TOLD = 12
"""Rows that a refusal names."""
LONGEST_ID = 18
_CONFIRMED = re.compile(r"^\[([a-z_]+\.?\w*)\] (.*)$", re.MULTILINE)

ROUNDED = Decimal("0.01")
"""Of the sum of cost lines, that what is approved may be rounded by."""
Reasons = Mapping[str, str] | str | None
"""Why an act is recorded although rules warn of it: by key of rule, or one reason for all."""


@dataclass(frozen=True)
class Finding:
    """A rule that cases of an act break, all in the same way."""

    breach: Breach
    cases: tuple[str, ...]

    @property
    def rule(self) -> Rule:
        """The rule that is broken."""
        return self.breach.rule

    @property
    def severity(self) -> str:
        """``error`` or ``warning``, as it counts for this act."""
        return self.breach.severity

    def text(self, language: str) -> str:
        """Say what is wrong, in `vi` or `en`."""
        return self.breach.text(language)


@dataclass(frozen=True)
class Preview:
    """What an act would write, and what the rules say to it."""

    act: Act
    """As it is kept."""
    entries: tuple[Entry, ...]
    document: Document | None
    """The document it rests on, where that is there already."""
    findings: tuple[Finding, ...]

    @property
    def cases(self) -> int:
        """How many cases it concerns."""
        return len({entry.case_id for entry in self.entries})

    @property
    def area_m2(self) -> Decimal | None:
        """Of all its events; None where none carries an area."""
        return self._sum("area_m2")

    @property
    def amount_vnd(self) -> int | None:
        """As `area_m2`."""
        return self._sum("amount_vnd")

    @property
    def plots(self) -> int | None:
        """As `area_m2`."""
        return self._sum("plots")

    @property
    def refused(self) -> bool:
        """Whether a rule refuses it."""
        return any(finding.severity == ERROR for finding in self.findings)

    def _sum(self, name: str):
        found = [value for value in (getattr(entry, name) for entry in self.entries) if value is not None]
        return sum(found) if found else None


def preview(session: Session, act: Act, cases: Iterable[str | Share], *, imported: bool = False) -> Preview:
    """Look at an act before it is recorded: nothing is written.

    Parameters
    ----------
    session : Session
    act : Act
    cases : iterable of str or Share
    imported : bool
        Whether an old record is brought in: breaking the order of the law is a warning then, never an error.

    Returns
    -------
    Preview

    Raises
    ------
    BadParameter, NotFound, Conflict
        As `gis.record.record`.
    """
    kept, entries, document_id = record.lay_out(session, act, cases)
    document = session.get(Document, document_id) if document_id else None
    return Preview(kept, tuple(entries), document, tuple(findings(session, kept, entries, imported=imported)))


def record_checked(
    session: Session,
    act: Act,
    cases: Iterable[str | Share],
    *,
    by: str,
    key: str,
    confirmed: Reasons = None,
    imported: bool = False,
) -> Recorded:
    """Record an act upon cases unless a rule of law stands against it.

    Parameters
    ----------
    session, act, cases, by, key
        As for `gis.record.record`.
    confirmed : mapping of rule key to reason, or str
        Why it is recorded although rules warn of it. Kept in the notes of the events of the cases concerned.
    imported : bool
        As for `preview`.

    Raises
    ------
    AgainstRules
        Where a rule refuses it.
    Unconfirmed
        Where a rule warns of it and no reason is given.
    BadParameter, NotFound, Conflict
        As `gis.record.record`.
    """

    def check(session: Session, act: Act, entries: Sequence[Entry]) -> dict[str, str]:
        return _confirm(findings(session, act, entries, imported=imported), confirmed)

    return record.record(session, act, cases, by=by, key=key, check=check, imported=imported)


def findings(session: Session, act: Act, entries: Sequence[Entry], *, imported: bool = False) -> list[Finding]:
    """Give the rules that an act breaks, in the order of the procedure, errors first."""
    case_ids = sorted({entry.case_id for entry in entries})
    read = histories.histories_of(session, projects=[act.project], cases=case_ids)
    known = {key.code: acts for key, acts in read.items()}
    parcels = [entry.affected_parcel_id for entry in entries if entry.affected_parcel_id]
    land = dict(
        session.execute(
            select(AffectedParcel.id, Parcel.land_use)
            .join(Parcel, Parcel.id == AffectedParcel.parcel_id)
            .where(AffectedParcel.id.in_(parcels))
        ).all()
    )
    step, reason = histories.named_step(act.note) if act.kind == NOT_APPLICABLE else (None, act.note)
    beside = _beside(session, act, entries, known)
    entered = dict(session.execute(select(Case.id, Case.recorded_at).where(Case.id.in_(case_ids))).all())
    broken: dict[tuple, tuple[Breach, dict[str, None]]] = {}
    for entry in entries:
        history = known[entry.case]
        case = history[0].case if history else histories.CaseKey(act.project, entry.case)
        one = rules.Act(
            act.kind, act.valid_on, case, note=reason, step=step, area_m2=entry.area_m2, plots=entry.plots,
            parcel=entry.affected_parcel_id, land=rules.land_kind(land.get(entry.affected_parcel_id)),
            replaces=act.replaces, found=beside.get(entry.case_id, {}),
            kept_here=act.valid_on >= _day_of(entered[entry.case_id]),
        )  # fmt: skip
        for breach in rules.check(history, one, imported=imported):
            alike = (breach.rule.key, tuple(breach.values.items()))
            broken.setdefault(alike, (breach, {}))[1][entry.case] = None
        if act.kind == ALLOTMENT:  # a second plot of the act comes on top of the first
            known[entry.case] = [*history, one]
    found = [Finding(breach, tuple(cases)) for breach, cases in broken.values()]
    order = {rule.key: number for number, rule in enumerate(rules.RULES)}
    return sorted(found, key=lambda f: (f.severity != ERROR, order[f.rule.key], f.cases))


def _beside(
    session: Session, act: Act, entries: Sequence[Entry], known: Mapping[str, Sequence[rules.Act]]
) -> dict[int, dict[str, dict]]:
    """Look at what is on record beside the acts of the cases: money, documents, suspensions. By case and rule."""
    project_id = catalogue.project_id(session, act.project)
    codes = {entry.case_id: entry.case for entry in entries}
    amounts = {entry.case_id: entry.amount_vnd for entry in entries}
    found: dict[int, dict[str, dict]] = {case_id: {} for case_id in codes}
    for case_id, held in holdups.holding(session, project_id, act.kind, sorted(codes), act.valid_on).items():
        found[case_id]["within_suspension"] = {
            "since": held.valid_on, "document": held.document or "–", "what": _held_up(held)
        }  # fmt: skip
    if act.kind in dues.KINDS or act.kind in PAID_KINDS:
        for case_id, values in _money(session, project_id, act, entries).items():
            found[case_id] |= values
    if (paper := _issued_later(session, act)) is not None:
        told = {"document": paper.number, "issued": paper.issued_on, "day": act.valid_on}
        for case_id in codes:
            found[case_id]["issued_later"] = told
    if act.kind in (*dues.PAYING, rules.PLAN):
        for case_id, money in dues.of_cases(session, project_id, codes).items():
            if dues.out_of_scale(act.kind, amounts[case_id], money):
                told = {"case": codes[case_id], "amount": amounts[case_id], "approved": money.approved_vnd}
                found[case_id]["plan_out_of_scale" if act.kind == rules.PLAN else "paid_out_of_scale"] = told
    if act.kind == "progress_bonus":
        for case_id, money in dues.of_cases(session, project_id, codes).items():
            amount = amounts[case_id]
            if None not in (amount, money.approved_vnd) and amount > money.approved_vnd:
                told = {"case": codes[case_id], "amount": amount, "approved": money.approved_vnd}
                found[case_id]["bonus_beyond_plan"] = told
    if act.kind == rules.PLAN:
        for case_id, other in dues.unlike_others(session, project_id, amounts).items():
            told = {"case": codes[case_id], "amount": amounts[case_id], "each": other.each_vnd}
            if other.usual_vnd is None:
                found[case_id]["plan_beyond_prices"] = told
            else:
                found[case_id]["plan_unlike_others"] = told | {"usual": other.usual_vnd}
        for case_id, total in _lines_of(session, project_id, act, amounts).items():
            found[case_id]["plan_unlike_lines"] = {
                "case": codes[case_id], "amount": amounts[case_id], "lines": total
            }  # fmt: skip
        for case_id, code in codes.items():
            plans = [one for one in known[code] if one.kind == rules.PLAN]
            if plans:
                earlier = tuple(rules.Earlier(None, one.document, one.valid_on) for one in plans)
                found[case_id]["planned"] = {"planned": earlier}
    return found


def _lines_of(
    session: Session, project_id: int, act: Act, amounts: Mapping[int, Decimal | int | None]
) -> dict[int, Decimal]:  # fmt: skip
    """Give what the cost lines of a first plan come to where it is another amount than is approved, rounding apart:
    those of its document, else those that are being drawn up."""
    given = [case_id for case_id, amount in amounts.items() if amount]
    if act.replaces is not None or not given:
        return {}
    paper = act.document if isinstance(act.document, int) else None
    totals: dict[int, Decimal] = {}
    for sheet in costs.sheets(session, project_id, case_ids=given):
        if sheet.document_id == paper or (sheet.document_id is None and sheet.case_id not in totals):
            totals[sheet.case_id] = sheet.total_vnd
    return {
        case_id: total for case_id, total in totals.items() if abs(total - Decimal(amounts[case_id])) > total * ROUNDED
    }


def _issued_later(session: Session, act: Act) -> Document | record.NewDocument | None:
    """Give the document of an act where it was issued after the act was done."""
    paper = session.get_one(Document, act.document) if isinstance(act.document, int) else act.document
    return paper if paper is not None and paper.issued_on and paper.issued_on > act.valid_on else None


def _held_up(held: holdups.Suspension) -> Both:
    step = held.step and (INDICATORS[held.step].vi, INDICATORS[held.step].en)
    narrowed = [("hạng mục của hồ sơ", "the case's part")] if held.part_id else []
    narrowed += [("địa bàn có thửa đất", "the unit of the land")] if held.unit_id else []
    narrowed += [(f"bước “{step[0]}”", f"the step “{step[1]}”")] if step else []
    vi, en = zip(*(narrowed or [("toàn dự án", "the whole project")]), strict=True)
    return Both(", ".join(vi), ", ".join(en))


def _money(session: Session, project_id: int, act: Act, entries: Sequence[Entry]) -> dict[int, dict[str, dict]]:
    """Give what stands against an act by the money of its cases, with the values of the messages."""
    amounts = {entry.case_id: entry.amount_vnd for entry in entries}
    codes = {entry.case_id: entry.case for entry in entries}
    replaces = {entry.case_id: entry.replaces for entry in entries}
    worse = dues.worsened(
        session, project_id, kind=act.kind, valid_on=act.valid_on, amounts=amounts, replaces=replaces
    )  # fmt: skip
    paper, twice, numbered = act.document, {}, {}
    if isinstance(paper, int):
        paper = session.get_one(Document, paper)
    if paper is not None:
        twice = dues.paid_by(session, act.kind, list(codes), paper.number, paper.issued_on)
        if act.kind in PAID_KINDS:
            numbered = dues.paid_by_number(session, act.kind, list(codes), paper.number, paper.issued_on)
    again = dues.alike(session, act.valid_on, amounts) if act.kind in dues.PAYING else {}
    paid = dues.payments(session, [case_id for case_id, one in worse.items() if one.over_vnd])
    named = [one.event_id for one in (*twice.values(), *again.values(), *numbered.values())] + [
        one.event_id for of_case in paid.values() for one in of_case
    ]
    acts = audit.acts_of(session, named) if named else {}
    found: dict[int, dict[str, dict]] = {}
    for case_id, one in worse.items():
        before = one.dues.settled_vnd - (amounts[case_id] if act.kind in dues.PAYING else 0)
        earlier = tuple(_earlier(payment, acts) for payment in paid.get(case_id, ()))
        values = {
            "case": codes[case_id], "approved": one.dues.approved_vnd or Decimal(0), "settled": before,
            "paid": earlier or Both("chưa chi lần nào", "nothing was paid"), "over": one.over_vnd,
        }  # fmt: skip
        if act.kind == rules.PLAN:
            found.setdefault(case_id, {})["plan_below_paid"] = values
        elif act.kind in dues.PAYING:
            ceiling = one.ceiling_vnd or 0
            permitted = Both("", "") if ceiling <= (one.dues.approved_vnd or 0) else Both(
                f" (lãnh đạo cho phép chi đến {ceiling:,} đồng)".replace(",", "."),
                f" (a leader permits up to {ceiling:,} đồng)",
            )  # fmt: skip
            found.setdefault(case_id, {})["paid_beyond_plan"] = values | {
                "permitted": permitted, "left": max(one.limit_vnd - before, Decimal(0)), "amount": amounts[case_id],
            }  # fmt: skip
        else:
            found.setdefault(case_id, {})["deducted_beyond_paid"] = {
                "case": codes[case_id], "settled": one.dues.paid_vnd or Decimal(0), "deducted": one.dues.deducted_vnd,
            }  # fmt: skip
    rule = "planned_twice" if act.kind == rules.PLAN else "paid_twice"
    for name, earlier_ones in (("paid_alike", again), ("paid_by_number", numbered), (rule, twice)):
        for case_id, payment in earlier_ones.items():
            if name != rule and case_id in twice:
                continue  # is refused for its document
            told = replace(_earlier(payment, acts), by=payment.recorded_by, at=_day_of(payment.recorded_at))
            found.setdefault(case_id, {})[name] = {"case": codes[case_id], "earlier": told}
    return found


def _earlier(payment: dues.Payment, acts: Mapping[int, int]) -> rules.Earlier:
    paper = payment.document and " ".join(
        filter(None, (payment.document, payment.issued_on and f"({rules.written(payment.issued_on)})"))
    )
    return rules.Earlier(acts.get(payment.event_id), paper, payment.valid_on, payment.amount_vnd)


def _day_of(moment: datetime) -> date:
    return moment.astimezone(VIETNAM_TIME).date()


def _confirm(found: Sequence[Finding], reasons: Reasons) -> dict[str, str]:
    """Give the remarks to keep, by case; raise where a rule refuses, or warns and nobody says why all the same."""
    if any(finding.severity == ERROR for finding in found):
        raise AgainstRules("The rules of law refuse this act.", parameter="cases", findings=found)
    given = {finding.rule.key: reasons if isinstance(reasons, str) else (reasons or {}).get(finding.rule.key)
             for finding in found}  # fmt: skip
    given = {key: clean_text(reason, "confirm", 1000, needed=False) for key, reason in given.items()}
    if not all(given.values()):
        missing = [finding for finding in found if not given[finding.rule.key]]
        raise Unconfirmed(
            "Rules of law warn of this act: confirm each with a reason.", parameter="confirm", findings=missing
        )
    remarks: dict[str, dict[str, None]] = {}
    for finding in found:
        for case in finding.cases:
            line = f"[{finding.rule.key}] {' '.join(given[finding.rule.key].split())}"
            remarks.setdefault(case, {})[line] = None
    return {case: "\n".join(lines) for case, lines in remarks.items()}


def confirmations(note: str | None) -> tuple[str | None, list[tuple[Rule, str]]]:
    """Take a note of an event apart: what was noted, and the rules it was recorded against with the reason."""
    told = [(rules.BY_KEY[key], reason) for key, reason in _CONFIRMED.findall(note or "") if key in rules.BY_KEY]
    plain = _CONFIRMED.sub(lambda line: "" if line[1] in rules.BY_KEY else line[0], note or "").strip()
    return plain or None, told


def offers(session: Session, project: str, codes: Sequence[str], day: date) -> dict[str, int]:
    """Count, for each kind of act, the cases that could have it next.

    Parameters
    ----------
    session : Session
    project : str
        Code of the project.
    codes : sequence of str
        Cases.
    day : date

    Returns
    -------
    dict of kind to int
        Every kind of `CASE_KINDS`, in the order of the procedure. A case counts where no rule refuses the act and,
        for what is done once, where it has not been done.
    """
    wanted = record.case_ids(session, project, codes)
    known = histories.histories_of(session, projects=[project], cases=sorted(wanted.values())) if wanted else {}
    whole: Counter = Counter()
    for parcel in record.remaining(session, project, "handover", codes, day):
        whole[parcel.case] += parcel.area_m2
    # Cases that have come as far as each other are one answer.
    alike: Counter = Counter()
    example: dict[tuple, list[rules.Act]] = {}
    for key, acts in known.items():
        done: Counter = Counter()
        for act in acts:
            done[act.kind] += act.area_m2 or 0
        finished = {kind for kind, area_m2 in done.items() if kind in _ONCE or 0 < whole[key.code] <= area_m2}
        course = (frozenset((act.counts_as, act.valid_on) for act in acts), frozenset(finished - {*_AGAIN}))
        alike[course] += 1
        example[course] = acts
    found = dict.fromkeys(CASE_KINDS, 0)
    for course, cases in alike.items():
        for kind in CASE_KINDS:
            found[kind] += cases * (kind not in course[1] and _allowed(example[course], kind, day))
    return found


def _allowed(acts: Sequence[rules.Act], kind: str, day: date) -> bool:
    case = acts[0].case if acts else None
    broken = rules.check(acts, rules.Act(kind, day, case, note="-", step="inventory"))
    return not any(breach.severity == ERROR for breach in broken)


@dataclass(frozen=True)
class FormRow:
    """A row as a form holds it, whose parcel may be another than it was when the form was opened."""

    case: str
    parcel: str
    """Id of the affected parcel, as it was sent."""
    said: str
    """What was filled in."""


def rows_gone(session: Session, project: str, kind: str, rows: Sequence[FormRow]) -> GisError:
    """Say why rows of a form cannot be recorded any more: all of each parcel is taken, or it is the case's no longer.

    Parameters
    ----------
    session : Session
    project : str
    kind : str
        Of the act.
    rows : sequence of FormRow
        At least one.

    Raises
    ------
    NotFound, Conflict
        For a case that is not there or is cancelled.
    """
    ids = record.case_ids(session, project, {row.case for row in rows})
    parcels = {int(row.parcel) for row in rows if row.parcel.isdecimal() and len(row.parcel) < LONGEST_ID}
    labels = {
        (case_id, str(parcel)): label
        for case_id, parcel, label in session.execute(
            select(AffectedParcel.case_id, AffectedParcel.id, func.concat(Parcel.sheet, "/", Parcel.number))
            .join(Parcel, Parcel.id == AffectedParcel.parcel_id)
            .where(AffectedParcel.id.in_(parcels), AffectedParcel.case_id.in_(ids.values()))
        )
    }  # fmt: skip
    standing = {
        (part.case, str(part.affected_parcel_id))
        for part in record.remaining(session, project, kind, ids, date.max)
    } if kind in LAND_KINDS else set()  # fmt: skip
    foreign = [row for row in rows if (row.case, row.parcel) not in standing]
    if not foreign:
        first = rows[0]
        return record.nothing_remains(session, kind, first.case, ids[first.case], int(first.parcel))
    told = [(row.case, labels.get((ids[row.case], row.parcel), "?"), row.said) for row in foreign[:MOST_TOLD]]
    return Conflict(
        "The form held parcels that are no longer of their cases: %(rows)s. Somebody put the case right meanwhile. "
        "Nothing was recorded. Look at the parcels that the case has now, fill in what is right, and send it again.",
        parameter="cases",
        rows="; ".join(f"{case} {parcel} ({said})" for case, parcel, said in told)
        + (" …" if len(foreign) > MOST_TOLD else ""),
    )  # fmt: skip


def project_of_act(session: Session, act_id: int) -> int:
    """Give the id of the project that an act upon cases is about.

    Raises
    ------
    NotFound
        For an act that is not there, or is not upon cases.
    """
    made = session.scalar(select(Submission.result).where(Submission.id == act_id))
    first = (made or {}).get("event_ids")
    if not first:
        raise NotFound("There is no act %(id)s.", parameter="act", id=act_id)
    return project_of_event(session, first[0])


def project_of_event(session: Session, event_id: int) -> int:
    """Give the id of the project that an event is about.

    Raises
    ------
    NotFound
    """
    found = session.scalar(select(Event.project_id).where(Event.id == event_id))
    if found is None:
        raise NotFound("There is no event %(id)s.", parameter="event", id=event_id)
    return found
