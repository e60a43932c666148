"""The lists that are attached to notices, plans and decisions, out of the records: rows with sums, no words.

F1 land users (recovery notice), F2 costs by household and F3 cost lines of a household (plan), F4 recovered area by
land type (recovery decision), and the lists of handovers, resettlement plots and payments. Each of one project, up to a
day or of one document. They name people: whoever asks must be one who may have personal data of the project.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gis import catalogue, costs, dues
from gis.costs import CATEGORIES, COMPENSATION, SUPPORT, Sheet
from gis.dues import Dues
from gis.errors import BadParameter, NotFound
from gis.model import Document

FORMS = ("f1", "f2", "f3", "f4", "handover", "plots", "payments")
NOTICES = ("recovery_notice", "recovery_notice_adjustment")
PAYMENTS = ("payment", "advance_payment", "progress_bonus", "deduction")
KINDS = {
    "f1": NOTICES, "f2": ("plan_approval",), "f3": ("plan_approval",), "f4": ("recovery_decision",),
    "handover": ("handover",), "plots": ("resettlement_allocation",), "payments": PAYMENTS,
}  # fmt: skip
"""The events that a list is made of."""
LAND = "land:"
"""Before the code of a land type in the name of a column; nothing after it: no code is on record."""
NOT_ELIGIBLE = "not_eligible_m2"
ROUND_TO_VND = Decimal(1000)


@dataclass(frozen=True)
class Paper:
    """A document that a list is attached to or cites."""

    id: int
    kind: str
    number: str
    issued_on: date | None
    issuer: str | None
    title: str | None


@dataclass(frozen=True)
class Person:
    """A case with whoever holds it."""

    id: int
    code: str
    kind: str
    name: str | None
    address: str | None
    identity_number: str | None
    erased: bool


@dataclass(frozen=True)
class Ground:
    """A parcel with how much of it is recovered on the day."""

    id: int
    case_id: int | None
    parcel_id: int
    place: str | None
    """Commune it lies in on the day."""
    sheet: str
    number: str
    land_use: str | None
    area_m2: Decimal
    legal_area_m2: Decimal | None


@dataclass(frozen=True)
class Happened:
    """An event that stands."""

    id: int
    kind: str
    valid_on: date
    case_id: int | None
    land_id: int | None
    document_id: int | None
    area_m2: Decimal | None
    amount_vnd: Decimal | None
    plots: int | None
    site: str | None
    plot: str | None
    plot_area_m2: Decimal | None


@dataclass(frozen=True)
class Records:
    """What lists of a project are made of, as it stood on a day."""

    project: catalogue.ProjectName
    upto: date
    people: Mapping[int, Person]
    land: Mapping[int, Ground]
    events: tuple[Happened, ...]
    papers: Mapping[int, Paper]
    sheets: tuple[Sheet, ...]
    money: Mapping[int, Dues] = field(default_factory=dict)
    """By case, as of the day (`gis/dues.py`)."""

    def land_of(self, case_id: int | None) -> list[Ground]:
        """Give the parcels of a case, by sheet and number; None: land of no holder."""
        return self._by_case[0].get(case_id, [])

    def of(self, *kinds: str, document: int | None = None) -> list[Happened]:
        """Give the events of some kinds, of one document where it is named."""
        return [
            event for event in self.events
            if event.kind in kinds and (document is None or event.document_id == document)
        ]  # fmt: skip

    def sheets_of(self, case_id: int, document: int | None = None) -> list[Sheet]:
        """Give the cost sheets that count for a case: those of its plans; one being drawn up where a plan has none.

        With a document, those of this plan alone.
        """
        _, sheets, plans = self._by_case
        mine = sheets.get(case_id, [])
        drawn_up = [sheet for sheet in mine if sheet.document_id is None]
        if document is not None:
            return [sheet for sheet in mine if sheet.document_id == document] or drawn_up
        entered = [sheet for sheet in mine if sheet.document_id is not None]
        wanting = plans.get(case_id, {None}) - {sheet.document_id for sheet in entered}
        return [*entered, *drawn_up] if wanting else entered

    @cached_property
    def _by_case(self) -> tuple[dict, dict, dict]:
        """Land, sheets and documents of plans by case: asked once for each of thousands of cases."""
        land, sheets, plans = {}, {}, {}
        for ground in self.land.values():
            land.setdefault(ground.case_id, []).append(ground)
        for sheet in self.sheets:
            sheets.setdefault(sheet.case_id, []).append(sheet)
        for event in self.of("plan_approval"):
            plans.setdefault(event.case_id, set()).add(event.document_id)
        return land, sheets, plans


@dataclass(frozen=True)
class Row:
    """A row of a list: the case it is about, and its cells by column."""

    cells: Mapping[str, object]
    case: str | None = None
    """Code."""
    heading: str | None = None
    """Of a row that begins a group of lines: A, B, or the group."""


@dataclass(frozen=True)
class Annex:
    """A list of one project."""

    form: str
    project: catalogue.ProjectName
    upto: date
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    totals: Mapping[str, Decimal]
    """Sums by column; empty where nothing is summed."""
    document: Paper | None = None
    cited: tuple[Paper, ...] = ()
    """The documents that the rows rest on."""
    case: Person | None = None
    """Of a household's own sheet."""
    unheld: tuple[int, Decimal] = field(default=(0, Decimal(0)))
    """Parcels of no holder and their m², which a list of land users does not name."""

    @property
    def cases(self) -> list[str]:
        """Codes of the cases it names, each once."""
        named = [row.case for row in self.rows if row.case] + ([self.case.code] if self.case else [])
        return list(dict.fromkeys(named))


_PEOPLE = text(
    """
    select c.id, c.code, h.kind, i.full_name, i.address, i.identity_number, i.erased_at is not null as erased
    from standing_case c
    join holder h on h.id = c.holder_id
    left join holder_identity i on i.holder_id = c.holder_id
    where c.project_id = :project and c.registered_on <= :day
    order by c.code
    """
)
_LAND = text(
    """
    with area_then as (
        select affected_parcel_id as id,
               coalesce((array_agg(area_m2 order by valid_on desc, id desc) filter (where valid_on <= :day))[1],
                        (array_agg(before_m2 order by id))[1]) as area_m2
        from affected_area where project_id = :project group by 1
    )
    select a.id, a.case_id, p.id as parcel_id, coalesce(u.name, n.name)
               || case when u.id <> n.id and not upper_inf(n.valid) then ' (' || n.name || ' cũ)' else '' end as place,
           p.sheet, p.number, p.land_use,
           coalesce(t.area_m2, a.area_m2) as area_m2, p.legal_area_m2
    from standing_land a
    join parcel p on p.id = a.parcel_id
    join admin_unit n on n.id = p.numbered_in_unit_id
    left join parcel_commune c on c.parcel_id = p.id and c.valid @> cast(:day as date)
    left join admin_unit u on u.id = c.unit_id
    left join area_then t on t.id = a.id
    where a.project_id = :project and a.registered_on <= :day
    order by lpad(p.sheet, 20, '0'), lpad(p.number, 20, '0'), a.id
    """
)
_EVENTS = text(
    """
    select e.id, e.kind, e.valid_on, coalesce(e.case_id, a.case_id) as case_id, e.affected_parcel_id, e.document_id,
           e.area_m2, m.amount_vnd, e.plots, s.name as site, r.number as plot, r.area_m2 as plot_area_m2
    from event e
    left join affected_parcel a on a.id = e.affected_parcel_id
    left join event_amount m on m.event_id = e.id
    left join resettlement_plot r on r.id = e.plot_id
    left join resettlement_site s on s.id = r.site_id
    where e.project_id = :project and e.valid_on <= :day and e.kind = any (:kinds)
      and not exists (select from event correction where correction.voids_id = e.id)
    order by e.valid_on, e.id
    """
)


def records(session: Session, project: str, upto: date) -> Records:
    """Read what lists of a project are made of, in seven statements.

    Parameters
    ----------
    session : Session
        Of a reader who may have personal data of the project.
    project : str
        Code.
    upto : date
        The day whose records count.

    Raises
    ------
    NotFound
        For an unknown project.
    """
    found = next(iter(catalogue.projects_by_name(session, project)), None)
    if found is None:
        raise NotFound("There is no project “%(code)s”.", parameter="project", code=project)
    asked = {"project": found.id, "day": upto}
    kinds = sorted({kind for kinds in KINDS.values() for kind in kinds})
    events = tuple(Happened(*row) for row in session.execute(_EVENTS, asked | {"kinds": kinds}))
    sheets = tuple(costs.sheets(session, found.id))
    papers = {event.document_id for event in events} | {sheet.document_id for sheet in sheets}
    people = {row.id: Person(*row) for row in session.execute(_PEOPLE, asked)}
    return Records(
        found, upto,
        people,
        {row.id: Ground(*row) for row in session.execute(_LAND, asked)},
        events,
        {
            paper.id: Paper(paper.id, paper.kind, paper.number, paper.issued_on, paper.issuer, paper.title)
            for paper in session.scalars(select(Document).where(Document.id.in_(papers - {None})))
        },
        sheets,
        dues.of_cases(session, found.id, people, upto),
    )  # fmt: skip


def build(found: Records, form: str, *, document: int | None = None, cases: Sequence[str] = ()) -> list[Annex]:
    """Make a list: one, but of F3 one for each household.

    Parameters
    ----------
    found : Records
    form : str
        One of `FORMS`.
    document : int, optional
        Id: only what rests on this document.
    cases : sequence of str
        Codes: only these cases; empty for all.

    Raises
    ------
    BadParameter
        For an unknown form.
    NotFound
        For a document on which no entry of this kind rests, and an unknown case.
    """
    if form not in FORMS:
        raise BadParameter(
            "“%(value)s” is none of %(choices)s.", parameter="form", value=form, choices=", ".join(FORMS)
        )  # fmt: skip
    if document is not None and document not in {paper.id for paper in documents(found, form)}:
        raise NotFound("There is no document %(id)s.", parameter="document", id=document)
    missing = set(cases) - {person.code for person in found.people.values()}
    if missing:
        raise NotFound("This project has no case %(cases)s.", parameter="cases", cases=min(missing)[:80])
    wanted = {person.id for person in found.people.values() if not cases or person.code in cases}
    if form == "f3":
        return [
            _sheet(found, sheet)
            for case_id in found.people if case_id in wanted
            for sheet in found.sheets_of(case_id, document)
            if document is None or case_id in {event.case_id for event in found.of("plan_approval", document=document)}
        ]  # fmt: skip
    return [_BUILD[form](found, document, wanted)]


def documents(found: Records, form: str) -> list[Paper]:
    """List the documents that a list of this form can be made for, the newest first."""
    ids = dict.fromkeys(event.document_id for event in found.of(*KINDS[form]) if event.document_id)
    return sorted((found.papers[n] for n in ids), key=lambda p: (p.issued_on or date.min, p.id), reverse=True)


def land_types(found: Records, ground: Ground, area_m2: Decimal | None = None) -> dict[str, Decimal]:
    """Split the area of a parcel by land type: as the land lines of the cost sheets say where they come to the area.

    Else all of it is of the type on record; '' where none is.
    """
    area = ground.area_m2 if area_m2 is None else area_m2
    if ground.case_id is not None:
        for sheet in found.sheets_of(ground.case_id):
            lines = [line for line in sheet.lines if line.category == "land" and line.affected_parcel_id == ground.id]
            if lines and all(line.land_use for line in lines) and sum(line.quantity or 0 for line in lines) == area:
                return _summed((line.land_use, line.quantity) for line in lines)
    return {ground.land_use or "": area}


def _summed(pairs: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for key, value in pairs:
        sums[key] = sums.get(key, Decimal(0)) + value
    return sums


def rounded(amount_vnd: Decimal) -> Decimal:
    """Round to 1,000 đồng, half up."""
    return (amount_vnd / ROUND_TO_VND).quantize(Decimal(1), ROUND_HALF_UP) * ROUND_TO_VND


def _made(
    found: Records, form: str, columns: Sequence[str], rows: Sequence[Row], summed: Iterable[str], document, used
) -> Annex:
    carried = {name: [row.cells[name] for row in rows if row.cells.get(name) is not None] for name in summed}
    totals = {name: sum(values, Decimal(0)) for name, values in carried.items() if values}  # missing is not zero
    unheld = [ground.area_m2 for ground in found.land_of(None)] if form == "f1" and document is None else []
    return Annex(
        form, found.project, found.upto, tuple(columns), tuple(rows), totals,
        found.papers.get(document), _cited(found, used), unheld=(len(unheld), sum(unheld, Decimal(0))),
    )  # fmt: skip


def _cited(found: Records, events: Iterable[Happened]) -> tuple[Paper, ...]:
    ids = dict.fromkeys(event.document_id for event in events if event.document_id)
    return tuple(sorted((found.papers[n] for n in ids), key=lambda p: (p.issued_on or date.min, p.id)))


def _by_land(found: Records, events: Iterable[Happened], wanted: set[int]) -> list[tuple[Ground, list[Happened]]]:
    """Put events of parcels together, in the order of cases and parcels."""
    of_land: dict[int, list[Happened]] = {}
    for event in events:
        if event.land_id in found.land:
            of_land.setdefault(event.land_id, []).append(event)
    order = {case_id: n for n, case_id in enumerate(found.people)}
    grounds = [ground for ground in found.land.values() if ground.id in of_land and ground.case_id in wanted]
    return [(ground, of_land[ground.id]) for ground in sorted(grounds, key=lambda ground: order[ground.case_id])]


def _who(person: Person) -> dict:
    return {"name": person.name, "address": person.address}


def _f1(found: Records, document: int | None, wanted: set[int]) -> Annex:
    """Land users: a row for each parcel. Without a document, every parcel on record: it goes before the notice."""
    events = found.of(*NOTICES, document=document)
    if document is None:
        grounds = [
            (ground, ground.area_m2)
            for case_id in found.people if case_id in wanted for ground in found.land_of(case_id)
        ]  # fmt: skip
    else:
        grounds = [(ground, acts[-1].area_m2) for ground, acts in _by_land(found, events, wanted)]
    rows = [
        Row(
            {"no": n, "name": person.name, "place": ground.place, "area_m2": area, "sheet": ground.sheet,
             "number": ground.number, "land_use": ground.land_use, "note": None},
            person.code,
        )
        for n, (ground, area) in enumerate(grounds, 1) for person in (found.people[ground.case_id],)
    ]  # fmt: skip
    columns = ("no", "name", "place", "area_m2", "sheet", "number", "land_use", "note")
    return _made(found, "f1", columns, rows, ("area_m2",), document, events)


def _f2(found: Records, document: int | None, wanted: set[int]) -> Annex:
    """Costs by household: those with a plan approved, and without a document those whose lines are being drawn up.

    What is left to pay is of the case as a whole, whatever document the list is made for.
    """
    approvals = found.of("plan_approval", document=document)
    approved = {event.case_id for event in approvals}
    listed = [
        person for person in found.people.values()
        if person.id in wanted and (person.id in approved or (document is None and found.sheets_of(person.id)))
    ]  # fmt: skip
    rows, types = [], set()
    for n, person in enumerate(listed, 1):
        mine = [event for event in approvals if event.case_id == person.id]
        cells = {"no": n, "name": person.name, "place": _places(found, person.id)}
        land = case_land(found, person.id, mine, document)
        types |= set(land) - {NOT_ELIGIBLE}
        cells["area_m2"] = sum(land.values(), Decimal(0))
        cells |= {name if name == NOT_ELIGIBLE else f"{LAND}{name}": area for name, area in land.items()}
        cells |= _costs(found.sheets_of(person.id, document))
        if "total_vnd" not in cells:
            amounts = [event.amount_vnd for event in mine if event.amount_vnd is not None]
            cells["total_vnd"] = rounded(sum(amounts)) if amounts else None
        cells["owed_vnd"] = found.money.get(person.id, Dues()).left_vnd
        rows.append(Row(cells, person.code))
    areas = [f"{LAND}{code}" for code in sorted(types, key=lambda code: (not code, code))]
    money = ("compensation_vnd", *(f"{name}_vnd" for name in COMPENSATION), "support_vnd",
             *(f"{name}_vnd" for name in SUPPORT), "total_vnd", "owed_vnd")  # fmt: skip
    summed = ("area_m2", *areas, NOT_ELIGIBLE, *money)
    return _made(found, "f2", ("no", "name", "place", *summed), rows, summed, document, approvals)


def case_land(
    found: Records, case_id: int, approvals: Sequence[Happened], document: int | None = None
) -> dict[str, Decimal]:
    """Give the m² of a case's plan by land type, what is not eligible apart (`NOT_ELIGIBLE`).

    Of the land lines where there are any, else of its parcels: those named by the approval, else all.
    """
    lines = [
        line for sheet in found.sheets_of(case_id, document) for line in sheet.lines
        if line.category == "land" and line.quantity is not None
    ]  # fmt: skip
    if lines:
        return _summed((NOT_ELIGIBLE if line.not_compensated else line.land_use or "", line.quantity) for line in lines)
    named = {event.land_id: event.area_m2 for event in approvals if event.land_id in found.land}
    grounds = [ground for ground in found.land_of(case_id) if not named or ground.id in named]
    return _summed((ground.land_use or "", named.get(ground.id) or ground.area_m2) for ground in grounds)


def _places(found: Records, case_id: int) -> str:
    return "; ".join(dict.fromkeys(ground.place for ground in found.land_of(case_id) if ground.place))


def _costs(sheets: Sequence[Sheet]) -> dict[str, Decimal]:
    """Give what sheets come to by group; nothing where there is none."""
    if not sheets:
        return {}
    sums = {f"{name}_vnd": sum((sheet.of(name) for sheet in sheets), Decimal(0)) for name in CATEGORIES}
    for whole, parts in (("compensation_vnd", COMPENSATION), ("support_vnd", SUPPORT)):
        sums[whole] = sum((sums[f"{name}_vnd"] for name in parts), Decimal(0))
    return sums | {"total_vnd": rounded(sums["compensation_vnd"] + sums["support_vnd"])}


SHEET_COLUMNS = ("no", "item", "unit", "quantity", "unit_price_vnd", "coefficient", "support_level", "amount_vnd",
                 "legal_basis", "note")  # fmt: skip


def _sheet(found: Records, sheet: Sheet) -> Annex:
    """Lines of a household in the order of the groups; what is not compensated stays, with the reason as its note."""
    rows = []
    for group, categories in (("compensation", COMPENSATION), ("support", SUPPORT)):
        if not any(line.category in categories for line in sheet.lines):
            continue
        rows.append(Row({"amount_vnd": sheet.of(*categories)}, heading=group))
        for category in categories:
            lines = [line for line in sheet.lines if line.category == category]
            if lines:
                rows.append(Row({"amount_vnd": sheet.of(category)}, heading=category))
            rows += [
                Row({
                    "no": n, "item": line.item, "unit": line.unit, "quantity": line.quantity,
                    "unit_price_vnd": line.unit_price_vnd, "coefficient": line.coefficient,
                    "support_level": line.support_level, "amount_vnd": line.amount_vnd,
                    "legal_basis": line.legal_basis, "note": line.dimensions, "not_compensated": line.not_compensated,
                })
                for n, line in enumerate(lines, 1)
            ]  # fmt: skip
    paper = found.papers.get(sheet.document_id)
    person = found.people[sheet.case_id]
    return Annex("f3", found.project, found.upto, SHEET_COLUMNS, tuple(rows), {"amount_vnd": sheet.total_vnd}, paper,
                 (paper,) if paper else (), person)  # fmt: skip


def _f4(found: Records, document: int | None, wanted: set[int]) -> Annex:
    """Recovered area: a row for each parcel, its area by land type."""
    events = found.of("recovery_decision", document=document)
    rows, types = [], set()
    for n, (ground, acts) in enumerate(_by_land(found, events, wanted), 1):
        area = sum((act.area_m2 or Decimal(0) for act in acts), Decimal(0)) or ground.area_m2
        split = land_types(found, ground, area)
        types |= set(split)
        person = found.people[ground.case_id]
        cells = {"no": n, **_who(person), "number": ground.number, "sheet": ground.sheet, "area_m2": area}
        cells |= {f"{LAND}{code}": part for code, part in split.items()}
        rows.append(Row(cells | {"note": _numbers(found, acts)}, person.code))
    areas = [f"{LAND}{code}" for code in sorted(types, key=lambda code: (not code, code))]
    columns = ("no", "name", "address", "number", "sheet", "area_m2", *areas, "note")
    return _made(found, "f4", columns, rows, ("area_m2", *areas), document, events)


def _numbers(found: Records, events: Iterable[Happened]) -> str | None:
    return "; ".join(dict.fromkeys(found.papers[e.document_id].number for e in events if e.document_id)) or None


def _handover(found: Records, document: int | None, wanted: set[int]) -> Annex:
    """What was handed over, parcel by parcel, and what of each remains."""
    events = found.of("handover", document=document)
    whole = _summed((event.land_id, event.area_m2 or Decimal(0)) for event in found.of("handover"))
    rows = []
    for n, (ground, acts) in enumerate(_by_land(found, events, wanted), 1):
        person = found.people[ground.case_id]
        rows.append(
            Row({"no": n, **_who(person), "sheet": ground.sheet, "number": ground.number, "land_use": ground.land_use,
                 "area_m2": ground.area_m2,
                 "handed_m2": sum((act.area_m2 or Decimal(0) for act in acts), Decimal(0)),
                 "left_m2": max(ground.area_m2 - whole[ground.id], Decimal(0)), "day": acts[-1].valid_on,
                 "paper": _numbers(found, acts)}, person.code)
        )  # fmt: skip
    columns = (
        "no",
        "name",
        "address",
        "sheet",
        "number",
        "land_use",
        "area_m2",
        "handed_m2",
        "left_m2",
        "day",
        "paper",
    )
    return _made(found, "handover", columns, rows, ("area_m2", "handed_m2", "left_m2"), document, events)


def _plots(found: Records, document: int | None, wanted: set[int]) -> Annex:
    events = [event for event in found.of("resettlement_allocation", document=document) if event.case_id in wanted]
    rows = [
        Row({"no": n, **_who(person), "site": event.site, "plot": event.plot,
             "area_m2": event.plot_area_m2 if event.plot else event.area_m2, "day": event.valid_on,
             "paper": _numbers(found, [event])}, person.code)
        for n, event in enumerate(events, 1) for person in (found.people[event.case_id],)
    ]  # fmt: skip
    columns = ("no", "name", "address", "site", "plot", "area_m2", "day", "paper")
    return _made(found, "plots", columns, rows, ("area_m2",), document, events)


def _payments(found: Records, document: int | None, wanted: set[int]) -> Annex:
    """What was paid, entry by entry; what was deducted for the budget stands in a column of its own. What is left to
    pay of a case stands at its last entry, so that the column can be summed."""
    events = [event for event in found.of(*PAYMENTS, document=document) if event.case_id in wanted]
    last = {event.case_id: event.id for event in events}
    rows = []
    for n, event in enumerate(events, 1):
        person = found.people[event.case_id]
        deducted = event.kind == "deduction"
        rows.append(
            Row({"no": n, **_who(person), "step": event.kind, "day": event.valid_on, "paper": _numbers(found, [event]),
                 "amount_vnd": None if deducted else event.amount_vnd,
                 "deducted_vnd": event.amount_vnd if deducted else None,
                 "owed_vnd": found.money.get(person.id, Dues()).left_vnd if last[person.id] == event.id else None},
                person.code)
        )  # fmt: skip
    columns = ("no", "name", "address", "step", "day", "paper", "amount_vnd", "deducted_vnd", "owed_vnd")
    return _made(found, "payments", columns, rows, columns[-3:], document, events)


_BUILD = {"f1": _f1, "f2": _f2, "f4": _f4, "handover": _handover, "plots": _plots, "payments": _payments}
