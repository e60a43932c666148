"""Acts under the rules of law: looked at before they are recorded, and recorded when nothing stands against them.

Every way in (pages, API, commands) records acts through here; `gis/record.py` writes, `gis/rules.py` has the law. What
a rule refuses is not recorded; what it warns of is recorded with the reason, which stays in the notes of the events.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from gis import histories, record, rules
from gis.errors import AgainstRules, NotFound, Unconfirmed
from gis.model import AffectedParcel, Document, Event, Parcel, Submission
from gis.record import CASE_KINDS, Act, Entry, Recorded, Share
from gis.rules import ERROR, Breach, Rule
from gis.submission import clean_text

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
_CONFIRMED = re.compile(r"^\[([a-z_]+\.?\w*)\] (.*)$", re.MULTILINE)

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

    return record.record(session, act, cases, by=by, key=key, check=check)


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
    broken: dict[tuple, tuple[Breach, dict[str, None]]] = {}
    for entry in entries:
        history = known[entry.case]
        case = history[0].case if history else histories.CaseKey(act.project, entry.case)
        one = rules.Act(
            act.kind, act.valid_on, case, note=reason, step=step, area_m2=entry.area_m2, plots=entry.plots,
            parcel=entry.affected_parcel_id, land=rules.land_kind(land.get(entry.affected_parcel_id)),
        )  # fmt: skip
        for breach in rules.check(history, one, imported=imported):
            alike = (breach.rule.key, tuple(breach.values.items()))
            broken.setdefault(alike, (breach, {}))[1][entry.case] = None
    found = [Finding(breach, tuple(cases)) for breach, cases in broken.values()]
    order = {rule.key: number for number, rule in enumerate(rules.RULES)}
    return sorted(found, key=lambda f: (f.severity != ERROR, order[f.rule.key], f.cases))


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
