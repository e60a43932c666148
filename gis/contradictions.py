"""Where official figures contradict each other, the records, or the map.

Nothing here decides who is right, and nothing is overwritten: a contradiction names both sides and how far apart they
are. What it is identified by stays the same as long as the same figures disagree, so that an explanation can be kept
with it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import combinations

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from gis import audit, catalogue, crs, dossier, dues, papers
from gis.catalogue import ReportedEntry
from gis.errors import BadParameter, NotFound
from gis.model import ContradictionNote, Parcel, Project, ReportedFigure
from gis.standing import Land
from gis.submission import Once, once
from gis.texts import clean_text

MEASURES = ("documents", "projects", "households", "organisations", "communities", "area_m2", "amount_vnd", "plots")
"""What two statements can be compared by. `count` is left out: what it counts, the sentence says, not the indicator."""
LEFT_OF = {"not_handed_over": "handover", "not_inventoried": "inventory"}
"""Which indicator says what remains of which."""
PLANS = {"work_value": "capital_plan", "disbursement": "capital_plan", "disbursement_forecast": "capital_plan"}
"""What a percentage of money is of, where the figure itself does not say."""
DRAWN_TOLERANCE = Decimal("0.01")
"""Share by which a drawn area may differ from the recorded one before it is told. Drawing and legal area come from
different surveys; differences of single per cent are the rule (docs/reconciliation.md)."""


@dataclass(frozen=True)
class Difference:
    """One measure, as each side has it."""

    measure: str
    stated: Decimal
    other: Decimal

    @property
    def size(self) -> Decimal:
        """How much more is stated than the other side gives."""
        return self.stated - self.other


@dataclass(frozen=True)
class Contradiction:
    """Two sides that cannot both be right."""

    rule: str
    """``parts``, ``remaining``, ``percent``, ``statements``, ``records``, ``drawn`` or ``money``."""
    figures: tuple[str, ...]
    """The figure that is looked at first, then those it disagrees with; of ``drawn`` the parcel's id and
    label, of ``money`` the codes of project and case."""
    cause: str
    """``arithmetic``, ``rounding``, ``scope`` or ``unexplained``, as far as the figures themselves tell."""
    differences: tuple[Difference, ...]
    unit: str | None
    project: str | None

    @property
    def key(self) -> str:
        """What this contradiction is known by from one day to the next."""
        return ":".join((self.rule, *self.figures[:2]))


def within_reports(entries: Sequence[ReportedEntry]) -> list[Contradiction]:
    """Find what official figures contradict among themselves.

    Parameters
    ----------
    entries : sequence of ReportedEntry
        All figures that are to agree, of any number of reports (`gis.catalogue.list_reported`).

    Returns
    -------
    list of Contradiction
        Each pair of figures once a rule: parts that do not sum to their total, what remains that is not total less
        done, percentages that are not the quotient, statements of one fact that differ.
    """
    rules = (_parts, _remaining, _percentages, _statements)
    return [found for rule in rules for found in rule(entries)]


def _made(rule: str, cause: str, differences: Iterable[Difference], *entries: ReportedEntry) -> Contradiction:
    first = entries[0]
    names = tuple(entry.figure.figure for entry in entries)
    return Contradiction(rule, names, cause, tuple(differences), first.unit, first.project)


def _parts(entries: Sequence[ReportedEntry]) -> Iterator[Contradiction]:
    """Parts of which each states a measure that the total states too."""
    parts = defaultdict(list)
    for entry in entries:
        if entry.part_of:
            parts[entry.part_of].append(entry)
    for total in entries:
        own = parts[total.figure.figure]
        differences = []
        for measure in MEASURES:
            stated = getattr(total.figure, measure)
            values = [getattr(part.figure, measure) for part in own]
            whole = own and not total.parts_withheld
            if whole and stated is not None and None not in values and sum(values) != stated:
                differences.append(Difference(measure, Decimal(stated), Decimal(sum(values))))
        if differences:
            yield _made("parts", _cause(differences), differences, total, *own)


def _remaining(entries: Sequence[ReportedEntry]) -> Iterator[Contradiction]:
    """What remains, where the figure of what is done says of how much."""
    done = {_subject(entry): entry for entry in entries if entry.figure.basis == "cumulative"}
    for left in entries:
        of = LEFT_OF.get(left.figure.indicator)
        reached = done.get(_subject(left, indicator=of)) if of and not left.figure.part_of else None
        if reached is None:
            continue
        differences = []
        for measure, whole in (("households", "of_households"), ("area_m2", "of_area_m2")):
            stated = getattr(left.figure, measure)
            total, so_far = getattr(reached.figure, whole), getattr(reached.figure, measure)
            if None not in (stated, total, so_far) and total - so_far != stated:
                differences.append(Difference(measure, Decimal(stated), Decimal(total - so_far)))
        if differences:
            yield _made("remaining", _cause(differences), differences, left, reached)


def _subject(entry: ReportedEntry, *, indicator: str | None = None) -> tuple:
    """What a cumulative figure is about."""
    figure = entry.figure
    return (entry.unit, entry.project, indicator or figure.indicator, figure.to_on, figure.holder, figure.restriction)


def _percentages(entries: Sequence[ReportedEntry]) -> Iterator[Contradiction]:
    """Percentages that none of the quotients they can mean gives, as exactly as they are written."""
    for entry in entries:
        stated = entry.figure.percent
        quotients = list(_quotients(entry, entries)) if stated is not None else []
        if not quotients or any(_written(share, stated) == stated for share, _ in quotients):
            continue
        share, against = min(quotients, key=lambda quotient: abs(quotient[0] - stated))
        difference = Difference("percent", stated, round(share, 2))
        yield _made("percent", "arithmetic", [difference], entry, *([against] if against else []))


def _quotients(
    entry: ReportedEntry, entries: Sequence[ReportedEntry]
) -> Iterator[tuple[Decimal, ReportedEntry | None]]:
    figure = entry.figure
    for measure, whole in (("households", "of_households"), ("area_m2", "of_area_m2")):
        part, total = getattr(figure, measure), getattr(figure, whole)
        if part is not None and total:
            yield Decimal(part) * 100 / Decimal(total), None
    for other in entries:
        left = other.figure
        if LEFT_OF.get(left.indicator) == figure.indicator and not left.part_of:
            same = _subject(other, indicator=figure.indicator) == _subject(entry)
            if same and None not in (figure.area_m2, left.area_m2) and figure.area_m2 + left.area_m2:
                yield figure.area_m2 * 100 / (figure.area_m2 + left.area_m2), other
        if (
            left.indicator == PLANS.get(figure.indicator)
            and (other.unit, other.project) == (entry.unit, entry.project)
            and left.from_on <= figure.to_on <= left.to_on
            and left.amount_vnd
            and figure.amount_vnd is not None
            and not left.part_of
            and _report(left) == _report(figure)
        ):
            yield figure.amount_vnd * 100 / left.amount_vnd, other


def _written(share: Decimal, like: Decimal) -> Decimal:
    """Round a share to as many decimals as a percentage is written with."""
    return round(share, max(-like.normalize().as_tuple().exponent, 0))


def _statements(entries: Sequence[ReportedEntry]) -> Iterator[Contradiction]:
    """Two statements of one fact. Figures of one passage stand beside each other and are about different things."""
    same = defaultdict(list)
    for entry in entries:
        figure = entry.figure
        if not figure.part_of:
            subject = (entry.unit, entry.project, figure.indicator, figure.basis, figure.from_on, figure.to_on)
            holder = None if figure.holder == "all" else figure.holder
            same[*subject, holder, figure.restriction].append(entry)
    for statements in same.values():
        for one, other in combinations(statements, 2):
            if _overlap(one.figure, other.figure):
                continue
            differences = [
                Difference(measure, Decimal(stated), Decimal(otherwise))
                for measure in MEASURES
                if None not in (stated := getattr(one.figure, measure), otherwise := getattr(other.figure, measure))
                and stated != otherwise
            ]
            if differences:
                apart = _report(one.figure) != _report(other.figure)
                yield _made(
                    "statements", "scope" if apart else _cause(differences, "unexplained"), differences, one, other
                )


def _report(figure: ReportedFigure) -> tuple[str, ...]:
    """Give what the report is known by in which a figure stands: its source says it before the line."""
    return papers.known_by(figure.source_line.partition(":")[0])


def _overlap(one: ReportedFigure, other: ReportedFigure) -> bool:
    """Tell whether two figures stand in the same lines of the same report."""

    def lines(figure: ReportedFigure) -> tuple[int, int]:
        first, _, last = figure.source_line.partition(":")[2].partition("-")
        return int(first), int(last or first)

    if _report(one) != _report(other):
        return False
    try:
        (first, last), (others_first, others_last) = lines(one), lines(other)
    except ValueError:  # a source without lines
        return one.source_line.partition(":")[2] == other.source_line.partition(":")[2]
    return first <= others_last and others_first <= last


def _cause(differences: Sequence[Difference], otherwise: str = "arithmetic") -> str:
    """Say ``rounding`` where every statement is the other one, rounded as its zeros at the end tell."""
    rounded = all(_rounds_to(d.other, d.stated) or _rounds_to(d.stated, d.other) for d in differences)
    return "rounding" if rounded else otherwise


def _rounds_to(exact: Decimal, stated: Decimal) -> bool:
    last = stated.normalize().as_tuple().exponent
    return exact != stated and round(exact, -last) == stated


def against_records(session: Session, entries: Sequence[ReportedEntry]) -> list[Contradiction]:
    """Find figures that the records of the same question do not give.

    Parameters
    ----------
    session : Session
    entries : sequence of ReportedEntry
        Only those that records can answer are looked at. Where there is no record at all, the reported figure stands
        in for it and contradicts nothing.
    """
    found = []
    for entry in entries:
        compared = dossier.compare(session, entry)
        differences = [
            Difference(cell.measure, Decimal(cell.reported), Decimal(cell.recorded))
            for cell in compared.cells
            if cell.recorded is not None and not cell.agrees
        ]
        if differences:
            found.append(_made("records", _cause(differences, "unexplained"), differences, entry))
    return found


def drawn_against_recorded(
    session: Session, *, zone: int = crs.LANG_SON_ZONE, tolerance: Decimal = DRAWN_TOLERANCE
) -> list[Contradiction]:
    """Find parcels whose drawn part to recover has another area than the one on record.

    Parameters
    ----------
    session : Session
    zone : int
        EPSG code of the VN-2000 zone that areas are measured in (m² on its plane).
    tolerance : Decimal
        Share of the recorded area that a difference may have.
    """
    drawn = func.ST_Area(func.ST_Transform(Land.geom, zone))
    query = (
        select(Land.id, Land.area_m2, drawn, Project.code, Parcel.sheet, Parcel.number)
        .join(Project, Project.id == Land.project_id)
        .join(Parcel, Parcel.id == Land.parcel_id)
        .where(
            Land.geom.is_not(None),
            func.abs(drawn - Land.area_m2) > Land.area_m2 * tolerance,
        )
        .order_by(Land.id)
    )
    return [
        Contradiction(
            "drawn", (str(parcel_id), f"{sheet}/{number}"), "unexplained",
            (Difference("area_m2", recorded, round(Decimal(measured), 2)),), None, project,
        )
        for parcel_id, recorded, measured, project, sheet, number in session.execute(query)
    ]  # fmt: skip


def paid_against_approved(session: Session) -> list[Contradiction]:
    """Find cases that are paid and advanced more than may be, or deducted from more than is paid (`gis.dues`).

    Of projects whose single amounts the reader may not have, none is found.
    """
    found = []
    for one in dues.beyond(session):
        differences = []
        if one.over_vnd:
            differences.append(Difference("settled_vnd", one.dues.settled_vnd, one.limit_vnd))
        if one.dues.undeducted_vnd:
            paid = one.dues.paid_vnd or Decimal(0)
            differences.append(Difference("deducted_vnd", one.dues.deducted_vnd, paid))
        names = (one.project, one.case)
        found.append(Contradiction("money", names, "unexplained", tuple(differences), None, one.project))
    return found


def find(session: Session) -> list[Contradiction]:
    """Find every contradiction there is now: within reports, against records, drawn against recorded, paid against
    approved.

    A figure that other figures contradict has its cause from there when the records do not give it either.
    """
    entries = catalogue.list_reported(session)
    reported = within_reports(entries)
    causes = {found.figures[0]: found.cause for found in reported}
    recorded = [
        replace(found, cause=causes.get(found.figures[0], found.cause)) for found in against_records(session, entries)
    ]
    return [*reported, *recorded, *drawn_against_recorded(session), *paid_against_approved(session)]


def of_figure(session: Session, name: str) -> list[Contradiction]:
    """Find the contradictions that one reported figure stands in; none for one that stands no more."""
    entries = catalogue.list_reported(session)
    reported = [found for found in within_reports(entries) if name in found.figures]
    return reported + against_records(session, [entry for entry in entries if entry.figure.figure == name])


# What people say of them.

STATES = ("open", "explained", "corrected")


@dataclass(frozen=True)
class Entry:
    """A contradiction in the register, with what was last said of it."""

    key: str
    contradiction: Contradiction | None
    """None when it is no longer found: a side was corrected."""
    state: str
    """One of `STATES`. What was explained is open again when the sides are no longer those it was explained for."""
    reason: str | None = None
    owner: str | None = None
    noted_by: str | None = None
    noted_at: datetime | None = None


def register(session: Session, found: Sequence[Contradiction] | None = None) -> list[Entry]:
    """List contradictions with their state: those found now, then those that were noted and are found no more.

    Parameters
    ----------
    session : Session
    found : sequence of Contradiction, optional
        What `find` gave, where that is known already.
    """
    notes = _notes(session)
    entries = []
    for contradiction in find(session) if found is None else found:
        note = notes.pop(contradiction.key, None)
        if note is None:
            entries.append(Entry(contradiction.key, contradiction, "open"))
        else:
            stands = note.sides == _sides(contradiction)
            entries.append(_entry(note, contradiction, note.state if stands and note.state == "explained" else "open"))
    return entries + [_entry(note, None, "corrected") for note in notes.values()]


def _notes(session: Session) -> dict[str, ContradictionNote]:
    latest = (
        select(ContradictionNote)
        .ext(distinct_on(ContradictionNote.contradiction))
        .order_by(ContradictionNote.contradiction, ContradictionNote.id.desc())
    )
    return {note.contradiction: note for note in session.scalars(latest)}


def _entry(note: ContradictionNote, contradiction: Contradiction | None, state: str) -> Entry:
    return Entry(note.contradiction, contradiction, state, note.reason, note.owner, note.noted_by, note.noted_at)


def _sides(contradiction: Contradiction) -> list[list[str]]:
    return [[d.measure, str(d.stated.normalize()), str(d.other.normalize())] for d in contradiction.differences]


def named(found: Sequence[Contradiction], key: str) -> Contradiction:
    """Give the contradiction of a key among those that `find` gave.

    Raises
    ------
    NotFound
    """
    for one in found:
        if one.key == key:
            return one
    raise NotFound("There is no contradiction “%(key)s”.", parameter="contradiction", key=key)


def note(
    session: Session, found: Contradiction, *, state: str, reason: str | None, owner: str | None, by: str, key: str
) -> Once:
    """Say of a contradiction who sees to it, or why it is no mistake. Earlier notes stay.

    Parameters
    ----------
    session : Session
    found : Contradiction
        As whoever writes has seen it: what is said holds for these two sides.
    state : {"open", "explained"}
        *Corrected* is not said: it shows when the sides agree.
    reason : str or None
        Needed to explain.
    owner : str or None
        Who sees to it.
    by, key : str
        As for `gis.submission.once`.

    Raises
    ------
    BadParameter
        For another state, and an explanation without a reason.
    """
    if state not in ("open", "explained"):
        raise BadParameter(
            "“%(value)s” is none of %(choices)s.", parameter="state", value=state, choices="open, explained"
        )  # fmt: skip
    said = {
        "contradiction": found.key,
        "state": state,
        "reason": clean_text(reason, "reason", 2000, needed=state == "explained"),
        "owner": clean_text(owner, "owner", 500, needed=False),
        "sides": _sides(found),
    }

    def work() -> dict:
        made = session.scalar(insert(ContradictionNote).values(**said, noted_by=by).returning(ContradictionNote.id))
        audit.log_change(session, "contradiction_note", made, who=by, act="note", after=said)
        return {"note_id": made}

    return once(session, {"note": said}, work, by=by, key=key)
