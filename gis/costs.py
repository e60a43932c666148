"""What a plan pays each household for, line by line: entered whole, checked by machine, summed for annexes.

A sheet is of one case and one plan, or of a plan still being drawn up. It is never changed: entered again, it is a new
version, and the newest counts. An amount is quantity × price × coefficient × level, rounded half up to the đồng; the
database holds the same rule (migration 0023). Sheets show to whoever may have personal data of the project.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from gis import audit, catalogue, record, whose
from gis.errors import BadParameter, BadRows, GisError, Unseen, Written
from gis.land_use import clean_land_use
from gis.model import AffectedParcel, Case, CostLine, CostSheet, Document, Event, Parcel
from gis.money import EVENT_AMOUNT
from gis.parcel_numbers import refuse_day
from gis.standing import Case as StandingCase
from gis.standing import Land
from gis.submission import Once, once
from gis.texts import as_sent, clean_text

COMPENSATION = ("land", "structures", "crops")
SUPPORT = ("support_job", "support_structures", "support_crops", "support_other")
CATEGORIES = (*COMPENSATION, *SUPPORT)
"""The groups of lines: A compensation (land; assets and structures; trees and crops), B support (training and change of
job; assets and structures; trees and crops; other)."""
MOST_LINES = 2_000
"""Taken in one go."""
LARGEST = Decimal(10) ** 12
LONGEST = {"item": 500, "unit": 40, "dimensions": 300, "legal_basis": 500, "not_compensated": 500}
MOST_COEFFICIENT = 10
"""Of interpolation: 150 is a typing error or per cent."""
PLACES = {"quantity": 6, "unit_price_vnd": 0, "coefficient": 6, "support_level": 6, "amount_vnd": 0}


@dataclass(frozen=True)
class NewLine:
    """A line as it is entered."""

    category: str
    """One of `CATEGORIES`."""
    item: str
    unit: str | None = None
    quantity: Decimal | None = None
    unit_price_vnd: Decimal | None = None
    coefficient: Decimal = Decimal(1)
    """Of interpolation between listed prices."""
    support_level: Decimal = Decimal(1)
    """By when it was built or planted; 1 is all of it."""
    amount_vnd: Decimal | None = None
    """As it was stated, to be checked; None: counted."""
    legal_basis: str | None = None
    not_compensated: str | None = None
    """Why nothing is paid for it."""
    dimensions: str | None = None
    """How the quantity came about, as in ``10*5``."""
    parcel: str | None = None
    """Of land: sheet and number as in ``5/85``."""
    land_use: str | None = None
    """Of land: a code such as ODT."""
    row: int = 1
    """Where it stands in what was sent, for messages."""


@dataclass(frozen=True)
class NewSheet:
    """The lines of a case."""

    case: str
    """Code."""
    lines: tuple[NewLine, ...]
    name: str = ""
    """Of the sheet it was read from, for messages."""
    row: int = 1


@dataclass(frozen=True)
class Problem:
    """What stands against one cell of what was sent."""

    sheet: str
    row: int
    field: str
    error: GisError


@dataclass(frozen=True)
class Line:
    """A line on record."""

    position: int
    category: str
    item: str
    unit: str | None
    quantity: Decimal | None
    dimensions: str | None
    unit_price_vnd: Decimal | None
    coefficient: Decimal
    support_level: Decimal
    amount_vnd: Decimal
    legal_basis: str | None
    not_compensated: str | None
    land_use: str | None
    affected_parcel_id: int | None
    parcel: str | None
    """``sheet/number``."""


@dataclass(frozen=True)
class Sheet:
    """A version of a case's sheet for a plan."""

    id: int
    case_id: int
    case: str
    document_id: int | None
    document: str | None
    """Number of the plan's document; None while it is drawn up."""
    version: int
    source: str | None
    recorded_at: datetime
    recorded_by: str
    lines: tuple[Line, ...] = field(default=())

    @property
    def total_vnd(self) -> Decimal:
        """All of it, to the đồng."""
        return sum((line.amount_vnd for line in self.lines), Decimal(0))

    def of(self, *categories: str) -> Decimal:
        """Sum some groups."""
        return sum((line.amount_vnd for line in self.lines if line.category in categories), Decimal(0))


def amount_of(line: NewLine | Line) -> Decimal:
    """Count what a line comes to, half up to the đồng; 0 for what is not compensated.

    >>> amount_of(NewLine("crops", "Bưởi", "cây", Decimal("2.5"), Decimal(333), support_level=Decimal("0.6")))
    Decimal('500')
    """
    if line.not_compensated or line.quantity is None or line.unit_price_vnd is None:
        return Decimal(0)
    exact = line.quantity * line.unit_price_vnd * line.coefficient * line.support_level
    return exact.quantize(Decimal(1), ROUND_HALF_UP)


def enter(
    session: Session,
    project: str,
    sheets: Sequence[NewSheet],
    *,
    document: int | None = None,
    source: str | None = None,
    by: str,
    key: str,
    confirmed: bool | str = False,
) -> Once:
    """Enter sheets of cases for a plan, all or none; one that says what is on record already is left.

    Parameters
    ----------
    session : Session
        In a transaction of isolation level READ COMMITTED, which the caller ends, of a reader who may have personal
        data of the project.
    project : str
        Code.
    sheets : sequence of NewSheet
        One a case. A sheet without lines withdraws what was entered.
    document : int, optional
        Id of the plan's document; None while it is drawn up.
    source : str, optional
        Name of the file they come from.
    by, key : str
        As for `gis.submission.once`.
    confirmed : bool or str
        Whether somebody has seen the `cautions` and wants it entered all the same; or the `seen` of those that were
        shown, which others that came up meanwhile do not fit.

    Returns
    -------
    Once
        Its `result` has ``cases`` (codes of those written), ``lines`` and ``amount_vnd``.

    Raises
    ------
    BadRows
        Where anything stands against any line: its `problems` hold all of it.
    Unseen
        Where there are cautions that are not confirmed: its `problems` are those.
    BadParameter
        For no sheet, and too many lines at once.
    NotFound
        For an unknown project or document.
    """
    source = clean_text(source, "source", 200, needed=False)
    if not sheets:
        raise BadParameter("Name at least one case.", parameter="cases")
    if sum(len(sheet.lines) for sheet in sheets) > MOST_LINES:
        raise BadParameter("More than %(most)s lines at once: send them in parts.", parameter="lines", most=MOST_LINES)

    def work() -> dict:
        project_id = catalogue.project_id(session, project)
        paper = None if document is None else record.keep_document(session, project_id, document, by)
        checked, found = _examined(session, project_id, sheets, paper)
        if found:
            raise BadRows(
                "%(count)s cells cannot be taken as they are.", problems=found,
                count=len({(problem.sheet, problem.row, problem.field) for problem in found}),
            )  # fmt: skip
        told = () if confirmed is True else cautions(session, project_id, sheets, paper)
        if told and confirmed != seen(told):
            raise Unseen(
                "%(count)s things are to be seen and confirmed before it is entered.", problems=told, count=len(told)
            )
        return _write(session, project_id, paper, checked, source, by)

    request = {"costs": project, "document": document, "sheets": [asdict(sheet) for sheet in sheets]}
    return once(session, request, work, by=by, key=key)


def problems(
    session: Session, project_id: int, sheets: Sequence[NewSheet], document: int | None = None
) -> list[Problem]:  # fmt: skip
    """Say what stands against entering sheets, without writing anything; empty when all could be entered."""
    return _examined(session, project_id, sheets, document)[1]


def cautions(
    session: Session, project_id: int, sheets: Sequence[NewSheet], document: int | None = None
) -> list[Problem]:  # fmt: skip
    """Say what is to be seen before sheets are entered: what they replace, and where they differ from the record.

    Sums that are not those of the approval, and land beyond the area to recover. Of sheets with `problems` nothing is
    said.
    """
    checked, wrong = _examined(session, project_id, sheets, document)
    if wrong:
        return []
    ids = [case_id for case_id, _, _ in checked]
    before = {sheet.case_id: sheet for sheet in _newest(session, project_id, ids, document)}
    approved = {
        each.case_id: each.amount_vnd for each in _approvals(session, project_id, ids) if each.document_id == document
    }  # fmt: skip
    areas = dict(
        session.execute(
            select(Land.case_id, func.sum(Land.area_m2)).where(Land.case_id.in_(ids)).group_by(Land.case_id)
        ).all()
    )
    found = []
    for sheet, (case_id, code, lines) in zip(sheets, checked, strict=True):
        taken = [line for line, _ in lines]
        total = sum((line.amount_vnd for line in taken), Decimal(0))
        found += [
            Problem(sheet.name, sheet.row, "case", error)
            for error in (
                _replacing(code, before.get(case_id), lines, total),
                _unlike_approved(code, approved.get(case_id), total) if taken else None,
                _beyond_land(code, areas.get(case_id), taken),
            )
            if error
        ]
    return found


def seen(told: Sequence[Problem]) -> str:
    """Give the mark of cautions as they were shown: another as soon as what is on record makes them others."""
    said = sorted(f"{one.sheet} {one.field} {one.error}" for one in told)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32] if said else ""


def _replacing(code: str, before: Sheet | None, lines, total: Decimal) -> GisError | None:
    if before is None or not before.lines or _same(before, lines):
        return None
    values = {"case": code, "version": str(before.version), "before": _grouped(before.total_vnd),
              "lines_before": len(before.lines)}  # fmt: skip
    if not lines:
        return BadParameter(
            "Case %(case)s: version %(version)s (%(lines_before)s lines, %(before)s đồng) is emptied: the case has no "
            "cost lines of this plan then.", parameter="case", **values,
        )  # fmt: skip
    old, new = ({(each.category, each.item): each for each in some} for some in (before.lines, [x for x, _ in lines]))
    gone = [key[1] for key in old if key not in new]
    come = [key[1] for key in new if key not in old]
    changed = [key[1] for key in new if key in old and old[key].amount_vnd != new[key].amount_vnd]
    return BadParameter(
        "Case %(case)s: version %(version)s is on record and is replaced: %(lines_before)s → %(lines)s lines, "
        "%(before)s → %(after)s đồng. New: %(come)s. Gone: %(gone)s. Other amounts: %(changed)s.",
        parameter="case", lines=len(lines), after=_grouped(total), come=_few(come), gone=_few(gone),
        changed=_few(changed), **values,
    )  # fmt: skip


def _few(items: Sequence[str]) -> str:
    return Written("; ".join(item[:60] for item in items[:5]) + (" …" if len(items) > 5 else "") or "–")


def _unlike_approved(code: str, approved: Decimal | None, total: Decimal) -> GisError | None:
    if approved is None or approved == total:
        return None
    return BadParameter(
        "Case %(case)s: the lines come to %(total)s đồng, and the plan approves %(approved)s đồng.", parameter="case",
        case=code, total=_grouped(total), approved=_grouped(approved),
    )  # fmt: skip


def _beyond_land(code: str, area: Decimal | None, lines: Sequence[NewLine]) -> GisError | None:
    """Compare land with the area to recover: only where it is given in m²."""
    measured = sum(
        (line.quantity for line in lines if line.category == "land" and line.quantity
         and (line.unit or "m²").strip().casefold() in ("m²", "m2")), Decimal(0),
    )  # fmt: skip
    if area is None or measured <= area:
        return None
    return BadParameter(
        "Case %(case)s: its land lines come to %(measured)s m², and %(area)s m² are to be recovered from it.",
        parameter="case", case=code, measured=measured.normalize() + 0, area=area,
    )  # fmt: skip


def _approvals(session: Session, project_id: int, case_ids: Sequence[int] | None = None):
    """Give the approvals that stand, the newest last."""
    correction = aliased(Event)
    wanted = (
        select(
            Event.case_id, Event.document_id, Document.number, Document.issued_on, EVENT_AMOUNT.c.amount_vnd
        )
        .outerjoin(EVENT_AMOUNT, EVENT_AMOUNT.c.event_id == Event.id)
        .join(Document, Document.id == Event.document_id)
        .where(
            Event.project_id == project_id, Event.kind == "plan_approval", Event.case_id.is_not(None),
            ~select(correction.id).where(correction.voids_id == Event.id).exists(),
        )
        .order_by(Event.valid_on, Event.id)
    )  # fmt: skip
    if case_ids is not None:
        wanted = wanted.where(Event.case_id.in_(case_ids))
    return session.execute(wanted).all()


def _of_other_plans(
    session: Session, project_id: int, document: int | None, case_ids: Sequence[int]
) -> dict[int, list[str]]:  # fmt: skip
    """Give the cases that a plan does not approve, with the numbers of the plans that do.

    A plan that approves no case yet may be of any: its approval is not recorded.
    """
    if document is None:
        return {}
    every = _approvals(session, project_id)
    own = {each.case_id for each in every if each.document_id == document}
    return {
        case_id: list(dict.fromkeys(each.number for each in every if each.case_id == case_id))
        for case_id in case_ids if own and case_id not in own
    }  # fmt: skip


def _not_of_plan(code: str, number: str, others: Sequence[str]) -> GisError:
    if others:
        return BadParameter(
            "%(number)s approves the plan of other cases, not of %(case)s: that is approved by %(others)s. Choose the "
            "plan of this case.",
            parameter="case", number=Written(number), case=code, others=Written(", ".join(others)),
        )  # fmt: skip
    return BadParameter(
        "%(number)s approves the plan of other cases, not of %(case)s, and no plan of this case is approved: record "
        "its approval first, or enter the lines as being drawn up.",
        parameter="case", number=Written(number), case=code,
    )  # fmt: skip


# What a line says, by itself and against the case.


def _examined(session: Session, project_id: int, sheets: Sequence[NewSheet], document: int | None):
    found: list[Problem] = []
    meant = whose.codes_meant(session, project_id, {s.case for s in sheets})
    sheets = [replace(sheet, case=meant.get(sheet.case, sheet.case)) for sheet in sheets]
    ids = dict(
        session.execute(
            select(StandingCase.code, StandingCase.id).where(
                StandingCase.project_id == project_id, StandingCase.code.in_(set(meant.values()))
            )
        ).all()
    )
    land = _land(session, ids.values())
    elsewhere = _of_other_plans(session, project_id, document, list(ids.values()))
    number = session.scalar(select(Document.number).where(Document.id == document)) if elsewhere else ""
    seen: dict[str, NewSheet] = {}
    checked = []
    for sheet in sheets:
        case_id = ids.get(sheet.case)
        if case_id is None:
            error = BadParameter("This project has no case %(cases)s.", parameter="case", cases=sheet.case[:80] or "–")
            found.append(Problem(sheet.name, sheet.row, "case", error))
        elif seen.setdefault(sheet.case, sheet) is not sheet:
            error = BadParameter("Case %(case)s has two sheets here.", parameter="case", case=sheet.case)
            found.append(Problem(sheet.name, sheet.row, "case", error))
        elif sheet.lines and case_id in elsewhere:
            error = _not_of_plan(sheet.case, number, elsewhere[case_id])
            found.append(Problem(sheet.name, sheet.row, "case", error))
        lines = [_clean(sheet, line, land.get(case_id, {}), found) for line in sheet.lines]
        checked.append((case_id, sheet.case, lines))
    return checked, found


def _land(session: Session, case_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Give the affected parcels of cases by ``sheet/number``."""
    land: dict[int, dict[str, int]] = {}
    rows = session.execute(
        select(Land.case_id, Land.id, func.concat(Parcel.sheet, "/", Parcel.number))
        .join(Parcel, Parcel.id == Land.parcel_id)
        .where(Land.case_id.in_(list(case_ids)))
    )
    for case_id, parcel_id, label in rows:
        land.setdefault(case_id, {})[label.casefold()] = parcel_id
    return land


def _clean(sheet: NewSheet, line: NewLine, land: Mapping[str, int], found: list[Problem]) -> tuple[NewLine, int | None]:
    """Give a line tidied, with its amount, and its parcel; what stands against it goes to `found`."""

    def against(error: GisError) -> None:
        found.append(Problem(sheet.name, line.row, error.parameter, error))

    texts = {}
    for name, most in LONGEST.items():
        texts[name] = None
        try:
            texts[name] = clean_text(getattr(line, name), name, most, needed=name == "item")
        except BadParameter as error:
            against(error)
    try:
        texts["land_use"] = clean_land_use(line.land_use)
    except BadParameter as error:
        against(error)
    try:
        refuse_day(line.parcel or "", "parcel")
    except BadParameter as error:
        against(error)
        texts["parcel"] = None
    clean = replace(line, **texts)
    if clean.category not in CATEGORIES:
        against(BadParameter(
            "“%(value)s” is not a group of costs: give one of %(choices)s.",
            parameter="category", value=clean.category[:40], choices=", ".join(CATEGORIES)))  # fmt: skip
    if _TAKEN_OFF.search(clean.item or ""):  # as a line it would be added
        against(BadParameter(
            "“%(value)s” is taken off what is paid, and a line adds to it: record it as the act of a deduction to the "
            "budget, and leave it out here.", parameter="item", value=clean.item[:80]))  # fmt: skip
    if _PAID.search(clean.item or ""):
        against(BadParameter(
            "“%(value)s” is what was paid, not what is paid for: record it as the act of a payment or an advance, and "
            "leave it out here.", parameter="item", value=clean.item[:80]))  # fmt: skip
    if ROUNDING.search(clean.item or ""):  # as a line it would be paid once more
        against(BadParameter(
            "“%(value)s” rounds a sum, and a line adds to it: leave it out here. What is approved is what the act of "
            "the plan says.", parameter="item", value=clean.item[:80]))  # fmt: skip
    parcel = land.get(_label(clean.parcel)) if clean.parcel else None
    if clean.parcel and parcel is None:
        against(BadParameter("The case has no parcel %(parcel)s.", parameter="parcel", parcel=clean.parcel[:40]))
    wrong = _wrong_numbers(clean)
    if wrong:
        for error in wrong:
            against(error)
        return clean, parcel
    counted = amount_of(clean)
    if clean.amount_vnd not in (None, counted):
        against(_miscounted(clean, counted))
    return replace(clean, amount_vnd=counted), parcel


_TAKEN_OFF = re.compile(
    r"^[\W\d]*(?:khấu\s+trừ|giảm\s+trừ|trừ)\b.*\b(?:nghĩa vụ|tiền|thuế|nợ|ngân sách)\b", re.IGNORECASE
)


_PAID = re.compile(
    r"^[\W\d]*(?:(?:đã|số|tiền|số tiền)\s+)*(?:tạm\s+ứng|đã\s+(?:chi|trả|nhận|ứng)|còn\s+(?:lại\s+)?phải)\b",
    re.IGNORECASE,
)
ROUNDING = re.compile(
    r"^[\W\d]*(?:(?:tổng|tổng cộng|cộng|số tiền|số|tiền|giá trị)[\s(]+)*(?:được\s+)?làm\s+tròn\b", re.IGNORECASE
)
"""How an item begins that is the rounding of a sum: *Làm tròn*, *Số tiền làm tròn*."""


def _wrong_numbers(line: NewLine) -> list[GisError]:
    wrong: list[GisError] = []
    for name, places in PLACES.items():
        value = getattr(line, name)
        if value is not None and not _fits(value, places):
            wrong.append(BadParameter(
                "“%(value)s” cannot be used here: a number from 0 on, with at most %(places)s decimals.",
                parameter=name, value=_plain(value), places=places))  # fmt: skip
        elif value is not None and name == "support_level" and value > 1:
            wrong.append(BadParameter(
                "“%(value)s” is not a level: it is a share of 1. Write 80 %% or 0,8 for eighty in a hundred.",
                parameter=name, value=_plain(value)))  # fmt: skip
        elif value is not None and name == "coefficient" and value > MOST_COEFFICIENT:
            wrong.append(BadParameter(
                "“%(value)s” is not a coefficient: it multiplies the price, by %(most)s at most: 1,5 for half as much "
                "again.", parameter=name, value=_plain(value), most=MOST_COEFFICIENT))  # fmt: skip
    if not line.not_compensated:
        wrong += [
            BadParameter("It is missing: give it, or say why nothing is paid for this line.", parameter=name)
            for name in ("quantity", "unit_price_vnd")
            if getattr(line, name) is None
        ]
        wrong += [
            BadParameter("It is 0, so that nothing is paid: say why in the line, or put it right.", parameter=name)
            for name in ("quantity", "unit_price_vnd", "coefficient", "support_level")
            if getattr(line, name) == 0
        ]
    return wrong


def _miscounted(line: NewLine, counted: Decimal) -> GisError:
    if line.not_compensated:
        return BadParameter("Nothing is paid for this line, and it has an amount.", parameter="amount_vnd")
    return BadParameter(
        "It says %(stated)s; quantity × price × coefficient × level comes to %(counted)s.",
        parameter="amount_vnd", stated=_grouped(line.amount_vnd), counted=_grouped(counted),
    )  # fmt: skip


def _grouped(amount: Decimal) -> str:
    return Written(f"{amount:,.0f}".replace(",", "."))


def _plain(value) -> str:
    """Write a number the way it is typed here, without zeros that say nothing: 0,8."""
    if not isinstance(value, Decimal) or not value.is_finite():
        return as_sent(value)
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")[:40]


def _label(parcel: str) -> str:
    return re.sub(r"\s", "", parcel).casefold()


def _fits(value, places: int) -> bool:
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value < LARGEST:
        return False
    return value == value.quantize(Decimal(1).scaleb(-places))


# Writing.

_OF_LINE = (
    "category", "item", "land_use", "unit", "quantity", "dimensions", "unit_price_vnd", "coefficient", "support_level",
    "amount_vnd", "legal_basis", "not_compensated",
)  # fmt: skip


def _write(session: Session, project_id: int, document_id: int | None, checked, source: str | None, by: str) -> dict:
    last = {sheet.case_id: sheet for sheet in _newest(session, project_id, [row[0] for row in checked], document_id)}
    written, amount, count = [], Decimal(0), 0
    for case_id, code, lines in checked:
        rows = _rows(lines)
        before = last.get(case_id)
        if before and _same(before, lines):
            continue
        version = before.version + 1 if before else 1
        sheet_id = session.scalar(
            insert(CostSheet)
            .values(
                project_id=project_id, case_id=case_id, document_id=document_id, version=version, source=source,
                recorded_by=by,
            )
            .returning(CostSheet.id)
        )  # fmt: skip
        if rows:
            whose = {"project_id": project_id, "sheet_id": sheet_id}
            session.execute(insert(CostLine), [row | whose for row in rows])
        total = sum((row["amount_vnd"] for row in rows), Decimal(0))
        audit.log_change(
            session, "case", case_id, who=by, act="costs", project_id=project_id,
            before={"cost_lines": len(before.lines), "amount_vnd": int(before.total_vnd)} if before else None,
            after={"cost_lines": len(rows), "amount_vnd": int(total), "document_id": document_id, "version": version},
        )  # fmt: skip
        written.append(code)
        amount, count = amount + total, count + len(rows)
    return {"cases": written, "lines": count, "amount_vnd": str(amount), "document_id": document_id}


def _rows(lines) -> list[dict]:
    return [
        {name: getattr(line, name) for name in _OF_LINE} | {"affected_parcel_id": parcel, "position": n}
        for n, (line, parcel) in enumerate(lines, 1)
    ]


def _same(before: Sheet, lines) -> bool:
    return [_comparable(asdict(line)) for line in before.lines] == [_comparable(row) for row in _rows(lines)]


def _comparable(row: Mapping) -> tuple:
    return tuple(row[name] for name in (*_OF_LINE, "affected_parcel_id", "position"))


# Reading.


def sheets(session: Session, project_id: int, *, case_ids: Sequence[int] | None = None) -> list[Sheet]:
    """Give the sheets of a project that count: the newest version of each case and plan, those withdrawn left out.

    Parameters
    ----------
    session : Session
        Of a reader who may have personal data of the project; to others there are none.
    project_id : int
    case_ids : sequence of int, optional
        Only of these cases.
    """
    return [sheet for sheet in _read(session, project_id, case_ids) if sheet.lines]


def history(session: Session, project_id: int, case_id: int) -> list[Sheet]:
    """Give every version of a case's sheets, the newest first."""
    return _read(session, project_id, [case_id], newest=False)


def _newest(session: Session, project_id: int, case_ids: Sequence[int], document_id: int | None) -> list[Sheet]:
    return [each for each in _read(session, project_id, case_ids) if each.document_id == document_id]


def _read(session: Session, project_id: int, case_ids: Sequence[int] | None, *, newest: bool = True) -> list[Sheet]:
    wanted = (
        select(CostSheet, Case.code, Document.number)
        .join(Case, Case.id == CostSheet.case_id)
        .outerjoin(Document, Document.id == CostSheet.document_id)
        .where(CostSheet.project_id == project_id)
        .order_by(Case.code, CostSheet.document_id, CostSheet.version.desc())
    )
    if newest:
        wanted = wanted.where(CostSheet.case_id.in_(select(StandingCase.id)))
        wanted = wanted.ext(distinct_on(Case.code, CostSheet.document_id))
    if case_ids is not None:
        wanted = wanted.where(CostSheet.case_id.in_(case_ids))
    found = session.execute(wanted).all()
    lines: dict[int, list[Line]] = {}
    of_sheets = [row.CostSheet.id for row in found]
    rows = session.execute(
        select(CostLine, Parcel.sheet, Parcel.number)
        .outerjoin(AffectedParcel, AffectedParcel.id == CostLine.affected_parcel_id)
        .outerjoin(Parcel, Parcel.id == AffectedParcel.parcel_id)
        .where(CostLine.project_id == project_id, CostLine.sheet_id.in_(of_sheets))
        .order_by(CostLine.sheet_id, CostLine.position)
    )
    for line, on_sheet, number in rows:
        lines.setdefault(line.sheet_id, []).append(
            Line(
                line.position, line.category, line.item, line.unit, line.quantity, line.dimensions, line.unit_price_vnd,
                line.coefficient, line.support_level, line.amount_vnd, line.legal_basis, line.not_compensated,
                line.land_use, line.affected_parcel_id, f"{on_sheet}/{number}" if line.affected_parcel_id else None,
            )
        )  # fmt: skip
    return [
        Sheet(
            sheet.id, sheet.case_id, code, sheet.document_id, number, sheet.version, sheet.source, sheet.recorded_at,
            sheet.recorded_by, tuple(lines.get(sheet.id, ())),
        )
        for sheet, code, number in found
    ]  # fmt: skip
