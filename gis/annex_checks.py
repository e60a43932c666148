"""What is checked by hand today before lists are signed, checked by machine: each finding with the case it is about.

Wording stands here in both languages, as that of indicators does: findings go into files and out of commands too.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from gis import annexes, dues, papers
from gis.annexes import Paper, Person, Records
from gis.inwords import amount_in_words, number_of

REFORM = date(2025, 7, 1)
"""From this day on there are no districts and cities below a province (Resolution 203/2025/QH15; Law 72/2025/QH15)."""
_CENTRAL = r"(hà nội|hồ chí minh|hải phòng|đà nẵng|cần thơ|huế)"
_ABOLISHED = re.compile(
    rf"\b(ubnd|ủy ban nhân dân|uỷ ban nhân dân)\s+((huyện|h\.|quận|thị xã|tx\.)"
    rf"|(thành phố|tp)\b(?!\.?\s*{_CENTRAL}))",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"(?P<figures>\d{1,3}(?:\.\d{3})+|\d+)\s*(?:đồng|đ|vnđ)\b[^()\d]{0,60}"
    r"\(\s*(?:viết\s+)?(?:bằng\s+chữ\s*:?)?\s*(?P<words>[^()\d]*?đồng[^()\d]*?)\)",
    re.IGNORECASE,
)
_AREA = re.compile(
    r"diện tích[^\d.;()]{0,60}?(?P<area>\d{1,3}(?:\.\d{3})*(?:,\d+)?|\d+(?:,\d+)?)\s*m(?:2|²)", re.IGNORECASE
)
_PERSONS = ("household", "individual")


@dataclass(frozen=True)
class Check:
    """One thing that is looked at: what it is called, and how a finding is said. Names are of `Finding.values`."""

    key: str
    vi: str
    en: str
    says_vi: str
    says_en: str


@dataclass(frozen=True)
class Finding:
    """What does not fit."""

    check: str
    """Key of one of `CHECKS`."""
    case: str | None = None
    """Code of the case it is about."""
    document: int | None = None
    """Id of the document it is about."""
    values: Mapping[str, object] = field(default_factory=dict)
    """Names ending in ``_m2`` and ``_vnd`` are numbers."""


CHECKS = {
    check.key: check
    for check in (
        Check("old_issuer", "Cơ quan ban hành đã bị bãi bỏ từ 01/7/2025", "Issuing body abolished on 01/07/2025",
              "Văn bản %(number)s ngày %(day)s còn ghi “%(words)s”.",
              "Document %(number)s of %(day)s still says “%(words)s”."),
        Check("uncited", "Dòng không viện dẫn văn bản", "Rows that cite no document",
              "Chưa gắn văn bản cho bước “%(step_vi)s” ngày %(day)s.",
              "No document is cited for “%(step_en)s” of %(day)s."),
        Check("undated", "Văn bản thiếu ngày ban hành", "Documents without their day",
              "Văn bản %(number)s chưa có ngày ban hành.", "Document %(number)s has no day of issue."),
        Check("words", "Số tiền bằng số và bằng chữ", "Amount in figures and in words",
              "Văn bản %(number)s: %(stated_vnd)s đồng, phần bằng chữ “%(words)s”; đúng là “%(right)s”.",
              "Document %(number)s: %(stated_vnd)s đồng, in words “%(words)s”; it should be “%(right)s”."),
        Check("title_area", "Diện tích trong trích yếu và tổng của danh sách", "Area in the title and the list's sum",
              "Trích yếu văn bản %(number)s ghi %(stated_m2)s m², danh sách cộng được %(counted_m2)s m².",
              "The title of document %(number)s says %(stated_m2)s m², the list comes to %(counted_m2)s m²."),
        Check("plan_amount", "Tổng dự toán chi tiết và số tiền phê duyệt", "Sum of the lines and the amount approved",
              "Các dòng chi tiết cộng được %(counted_vnd)s đồng, phương án phê duyệt %(stated_vnd)s đồng.",
              "The lines come to %(counted_vnd)s đồng, the plan approves %(stated_vnd)s đồng."),
        Check("no_lines", "Phương án đã duyệt chưa có bảng chi tiết", "Plans approved without cost lines",
              "Phương án %(number)s đã phê duyệt, chưa nhập các dòng chi tiết.",
              "Plan %(number)s is approved; its cost lines are not entered."),
        Check("line_land", "Diện tích đất trong bảng chi tiết và diện tích thu hồi", "Land in the lines and on record",
              "Các dòng về đất cộng được %(counted_m2)s m², diện tích thu hồi %(stated_m2)s m².",
              "The land lines come to %(counted_m2)s m², %(stated_m2)s m² are to be recovered."),
        Check("same_line", "Dòng chi tiết trùng nhau", "Cost lines that stand twice",
              "Dòng %(first)s và dòng %(again)s giống hệt nhau: “%(item)s”.",
              "Lines %(first)s and %(again)s are the same: “%(item)s”."),
        Check("decided_area", "Diện tích quyết định thu hồi và diện tích hồ sơ", "Area decided and area on record",
              "Thửa %(parcel)s: quyết định thu hồi %(counted_m2)s m², hồ sơ ghi %(stated_m2)s m².",
              "Parcel %(parcel)s: %(counted_m2)s m² decided, %(stated_m2)s m² on record."),
        Check("no_plan", "Quyết định thu hồi chưa có phương án được duyệt", "Recovery decided without a plan approved",
              "Quyết định thu hồi ngày %(day)s, không có phương án phê duyệt trước hoặc cùng ngày.",
              "Recovery was decided on %(day)s, and no plan was approved by that day."),
        Check("overpaid", "Đã trả vượt phương án được duyệt", "Paid beyond the plan approved",
              "Đã trả và tạm ứng %(counted_vnd)s đồng, được duyệt %(stated_vnd)s đồng.",
              "%(counted_vnd)s đồng are paid and advanced, %(stated_vnd)s đồng approved."),
        Check("overdeducted", "Khấu trừ vượt số đã chi trả", "Deducted beyond what is paid",
              "Đã khấu trừ %(counted_vnd)s đồng, chi trả mới ghi %(stated_vnd)s đồng.",
              "%(counted_vnd)s đồng are deducted, %(stated_vnd)s đồng paid."),
        Check("paid_twice", "Một văn bản chi hai lần cho một hồ sơ", "One document that pays a case twice",
              "Văn bản %(number)s chi cho hồ sơ %(times)s lần (%(step_vi)s), tổng %(counted_vnd)s đồng.",
              "Document %(number)s pays the case %(times)s times (%(step_en)s), %(counted_vnd)s đồng together."),
        Check("paid_unplanned", "Chi trả khi chưa có phương án", "Paid without a plan",
              "Đã trả và tạm ứng %(counted_vnd)s đồng từ ngày %(day)s, chưa có phương án nào được duyệt.",
              "%(counted_vnd)s đồng are paid and advanced since %(day)s, and no plan is approved."),
        Check("same_parcel", "Thửa đất có trong hai hồ sơ", "Parcels that stand in two cases",
              "Thửa %(parcel)s (%(place)s) cũng có trong hồ sơ %(other)s; tổng %(counted_m2)s m² vượt diện tích thửa "
              "%(stated_m2)s m².",
              "Parcel %(parcel)s (%(place)s) stands in case %(other)s too; together %(counted_m2)s m² exceed its "
              "%(stated_m2)s m²."),
        Check("same_person", "Một người có hai hồ sơ", "One person with two cases",
              "Cùng số định danh với hồ sơ %(other)s.", "The same identity number as case %(other)s."),
        Check("missing", "Thiếu thông tin", "Fields that are missing",
              "Thiếu: %(fields_vi)s.", "Missing: %(fields_en)s."),
    )
}  # fmt: skip
"""Every check, in the order in which findings are told."""
OF_FORM = {
    "f1": ("old_issuer", "undated", "title_area", "same_parcel", "same_person", "missing"),
    "f2": ("old_issuer", "uncited", "undated", "words", "title_area", "plan_amount", "no_lines", "line_land",
           "same_line", "overpaid", "overdeducted", "same_person", "missing"),
    "f3": ("old_issuer", "undated", "words", "plan_amount", "line_land", "same_line"),
    "f4": ("old_issuer", "uncited", "undated", "title_area", "decided_area", "no_plan", "same_parcel", "missing"),
    "handover": ("old_issuer", "uncited", "undated", "missing"),
    "plots": ("old_issuer", "uncited", "undated", "missing"),
    "payments": ("old_issuer", "uncited", "undated", "words", "overpaid", "overdeducted", "paid_twice",
                 "paid_unplanned"),
}  # fmt: skip
"""What is looked at for a list."""


def findings(found: Records, form: str, *, document: int | None = None) -> list[Finding]:
    """Look a list through.

    Parameters
    ----------
    found : Records
    form : str
        One of `gis.annexes.FORMS`.
    document : int, optional
        Id of the document the list is made for.

    Returns
    -------
    list of Finding
        In the order of `OF_FORM`, then of cases; empty when nothing is wrong.
    """
    events = found.of(*annexes.KINDS[form], document=document)
    made = annexes.build(found, form, document=document)
    wanted = set(found.people)
    if document is not None:
        wanted &= {event.case_id for event in events}
    looked = Looked(found, form, document, events, made, wanted)
    return [finding for key in OF_FORM[form] for finding in _CHECKS[key](looked)]


@dataclass(frozen=True)
class Looked:
    """What a check looks at."""

    found: Records
    form: str
    document: int | None
    events: list
    annexes: list
    wanted: set[int]

    @property
    def papers(self) -> list[Paper]:
        """The documents that the list cites."""
        return list(dict.fromkeys(paper for annex in self.annexes for paper in annex.cited))

    @property
    def people(self) -> list[Person]:
        """Whoever the list names."""
        named = {code for annex in self.annexes for code in annex.cases}
        return [person for person in self.found.people.values() if person.code in named]

    def code(self, case_id: int | None) -> str | None:
        """Give the code of a case."""
        return self.found.people[case_id].code if case_id in self.found.people else None


def _old_issuer(looked: Looked) -> Iterator[Finding]:
    for paper in looked.papers:
        if paper.issued_on and paper.issued_on >= REFORM:
            for text in (paper.issuer, paper.title):
                if met := _ABOLISHED.search(text or ""):
                    values = {"number": paper.number, "day": paper.issued_on, "words": text[met.start() :][:60]}
                    yield Finding("old_issuer", document=paper.id, values=values)
                    break


def _uncited(looked: Looked) -> Iterator[Finding]:
    for event in looked.events:
        if event.document_id is None and event.case_id in looked.wanted:
            yield Finding("uncited", looked.code(event.case_id), values={"step": event.kind, "day": event.valid_on})


def _undated(looked: Looked) -> Iterator[Finding]:
    for paper in looked.papers:
        if paper.issued_on is None:
            yield Finding("undated", document=paper.id, values={"number": paper.number})


def _words(looked: Looked) -> Iterator[Finding]:
    for paper in looked.papers:
        for stated, words in amounts_with_words(paper.title or ""):
            if number_of(words) != stated:
                values = {"number": paper.number, "stated_vnd": Decimal(stated), "words": words[:200],
                          "right": amount_in_words(stated)}  # fmt: skip
                yield Finding("words", document=paper.id, values=values)


def amounts_with_words(text: str) -> list[tuple[int, str]]:
    """Find amounts that a text gives in figures and then, in brackets, in words."""
    return [
        (int(met["figures"].replace(".", "")), met["words"].strip()) for met in _AMOUNT.finditer(text)
        if len(met["figures"].replace(".", "")) <= 18
    ]  # fmt: skip


def area_in(text: str) -> Decimal | None:
    """Find the one area that a title states, in m²; None where there is none, or more than one."""
    met = {m["area"] for m in _AREA.finditer(text)}
    if len(met) != 1:
        return None
    return Decimal(met.pop().replace(".", "").replace(",", "."))


def _title_area(looked: Looked) -> Iterator[Finding]:
    for paper in looked.papers:
        stated = area_in(paper.title or "")
        if stated is None:
            continue
        (made,) = annexes.build(looked.found, looked.form, document=paper.id)
        counted = made.totals.get("area_m2", Decimal(0))
        if counted != stated:
            values = {"number": paper.number, "stated_m2": stated, "counted_m2": counted}
            yield Finding("title_area", document=paper.id, values=values)


def _approved(looked: Looked) -> dict[tuple[int, int | None], list]:
    """Give the approvals of the list's cases by case and plan."""
    approvals: dict[tuple[int, int | None], list] = {}
    for event in looked.found.of("plan_approval", document=looked.document):
        if event.case_id in looked.wanted:
            approvals.setdefault((event.case_id, event.document_id), []).append(event)
    return approvals


def _plan_amount(looked: Looked) -> Iterator[Finding]:
    """Approved is the sum of the lines, or that sum rounded to 1,000 đồng."""
    for (case_id, paper), events in _approved(looked).items():
        sheets = looked.found.sheets_of(case_id, paper) if paper else looked.found.sheets_of(case_id)
        amounts = [event.amount_vnd for event in events if event.amount_vnd is not None]
        if sheets and amounts:
            counted, stated = sum(sheet.total_vnd for sheet in sheets), sum(amounts)
            if stated not in (counted, annexes.rounded(counted)):
                values = {"counted_vnd": counted, "stated_vnd": stated}
                yield Finding("plan_amount", looked.code(case_id), paper, values)


def _no_lines(looked: Looked) -> Iterator[Finding]:
    for (case_id, paper), _ in _approved(looked).items():
        sheets = looked.found.sheets_of(case_id, paper) if paper else looked.found.sheets_of(case_id)
        if not sheets:
            number = looked.found.papers[paper].number if paper else "–"
            yield Finding("no_lines", looked.code(case_id), paper, {"number": number})


def _line_land(looked: Looked) -> Iterator[Finding]:
    for person in looked.people:
        lines = [
            line for sheet in looked.found.sheets_of(person.id, looked.document) for line in sheet.lines
            if line.category == "land" and line.quantity is not None
        ]  # fmt: skip
        counted = sum((line.quantity for line in lines), Decimal(0))
        stated = sum((ground.area_m2 for ground in looked.found.land_of(person.id)), Decimal(0))
        if lines and counted != stated:
            yield Finding("line_land", person.code, values={"counted_m2": counted, "stated_m2": stated})


def _same_line(looked: Looked) -> Iterator[Finding]:
    for person in looked.people:
        for sheet in looked.found.sheets_of(person.id, looked.document):
            first: dict[tuple, int] = {}
            for line in sheet.lines:
                same = (line.category, line.item.casefold(), line.unit, line.quantity, line.unit_price_vnd, line.parcel)
                if first.setdefault(same, line.position) != line.position:
                    values = {"first": first[same], "again": line.position, "item": line.item[:80]}
                    yield Finding("same_line", person.code, sheet.document_id, values)


def _decided_area(looked: Looked) -> Iterator[Finding]:
    """All that was decided of a parcel is what is on record to be recovered."""
    decided: dict[int, Decimal] = {}
    for event in looked.found.of("recovery_decision"):
        if event.land_id is not None and event.area_m2 is not None:
            decided[event.land_id] = decided.get(event.land_id, Decimal(0)) + event.area_m2
    named = {event.land_id for event in looked.events}
    for ground in looked.found.land.values():
        if ground.id in named and decided.get(ground.id, ground.area_m2) != ground.area_m2:
            values = {"parcel": f"{ground.sheet}/{ground.number}", "counted_m2": decided[ground.id],
                      "stated_m2": ground.area_m2}  # fmt: skip
            yield Finding("decided_area", looked.code(ground.case_id), values=values)


def _no_plan(looked: Looked) -> Iterator[Finding]:
    """Recovery is decided within ten days of the approval (Land Law 2024 art. 87): never before it."""
    first: dict[int | None, date] = {}
    for event in looked.found.of("plan_approval"):
        first.setdefault(event.case_id, event.valid_on)
    told = set()
    for event in looked.events:
        late = first.get(event.case_id, date.max) > event.valid_on
        if late and event.case_id in looked.wanted and event.case_id not in told:
            told.add(event.case_id)
            yield Finding("no_plan", looked.code(event.case_id), event.document_id, {"day": event.valid_on})


def _overpaid(looked: Looked) -> Iterator[Finding]:
    """More is paid and advanced by the day than is approved."""
    for person in looked.people:
        money = looked.found.money.get(person.id)
        if money and money.left_vnd is not None and money.left_vnd < 0:
            values = {"counted_vnd": money.settled_vnd, "stated_vnd": money.approved_vnd}
            yield Finding("overpaid", person.code, values=values)


def _overdeducted(looked: Looked) -> Iterator[Finding]:
    """More is deducted by the day than is paid, of which it is a part."""
    for person in looked.people:
        money = looked.found.money.get(person.id)
        if money and money.undeducted_vnd:
            values = {"counted_vnd": money.deducted_vnd, "stated_vnd": money.paid_vnd or Decimal(0)}
            yield Finding("overdeducted", person.code, values=values)


def _paid_twice(looked: Looked) -> Iterator[Finding]:
    """One document pays a case once, by each kind."""
    paid: dict[tuple, list] = {}
    for event in looked.found.of(*annexes.PAYMENTS, document=looked.document):
        if event.document_id is not None and event.case_id in looked.wanted:
            paper = looked.found.papers[event.document_id]
            of_paper = (papers.known_by(paper.number), paper.issued_on)
            paid.setdefault((event.case_id, event.kind, of_paper), []).append(event)
    for (case_id, kind, _), events in paid.items():
        amounts, paper = [event.amount_vnd or Decimal(0) for event in events], events[0].document_id
        if len(amounts) > 1:
            values = {"number": looked.found.papers[paper].number, "times": len(amounts), "step": kind,
                      "counted_vnd": sum(amounts)}  # fmt: skip
            yield Finding("paid_twice", looked.code(case_id), paper, values)


def _paid_unplanned(looked: Looked) -> Iterator[Finding]:
    """Paid or advanced, and no plan is approved by the day."""
    first = {}
    for event in looked.found.of(*dues.PAYING):
        first.setdefault(event.case_id, event.valid_on)
    for person in looked.people:
        money = looked.found.money.get(person.id)
        if money and money.settled_vnd and money.approved_vnd is None and person.id in first:
            values = {"counted_vnd": money.settled_vnd, "day": first[person.id]}
            yield Finding("paid_unplanned", person.code, values=values)


def _same_parcel(looked: Looked) -> Iterator[Finding]:
    """A parcel in two cases is right only as far as its own area reaches; without that area, any is told."""
    by_parcel: dict[int, list] = {}
    for ground in looked.found.land.values():
        if ground.case_id is not None:
            by_parcel.setdefault(ground.parcel_id, []).append(ground)
    for grounds in by_parcel.values():
        counted = sum(ground.area_m2 for ground in grounds)
        legal = grounds[0].legal_area_m2
        if len({ground.case_id for ground in grounds}) > 1 and (legal is None or counted > legal):
            for ground in grounds[1:]:
                if {ground.case_id, grounds[0].case_id} & looked.wanted:
                    values = {
                        "parcel": f"{ground.sheet}/{ground.number}",
                        "place": ground.place or "–",
                        "other": looked.code(grounds[0].case_id),
                        "counted_m2": counted,
                        "stated_m2": legal,
                    }
                    yield Finding("same_parcel", looked.code(ground.case_id), values=values)  # fmt: skip


def _same_person(looked: Looked) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for person in looked.people:
        if person.identity_number:
            other = first.setdefault(person.identity_number, person.code)
            if other != person.code:
                yield Finding("same_person", person.code, values={"other": other})


FIELDS = {
    "name": ("họ tên", "name"), "address": ("địa chỉ", "address"),
    "identity_number": ("số định danh", "identity number"),
    "land_use": ("loại đất", "land type"), "place": ("xã, phường nơi có đất", "commune of the land"),
    "parcel": ("thửa đất", "parcel"), "plot": ("lô tái định cư", "resettlement plot"),
}  # fmt: skip


def _missing(looked: Looked) -> Iterator[Finding]:
    """Tell what a list should say of a case and the records do not, once for each case."""
    land = looked.form in ("f1", "f2", "f4", "handover")
    unplotted = {event.case_id for event in looked.events if looked.form == "plots" and event.plot is None}
    for person in looked.people:
        grounds = looked.found.land_of(person.id) if land else []
        lacks = []
        if not person.name and not person.erased:
            lacks.append("name")
        if looked.form != "f2" and person.kind in _PERSONS and not person.address and not person.erased:
            lacks.append("address")
        if looked.form == "plots" and person.kind in _PERSONS and not person.identity_number and not person.erased:
            lacks.append("identity_number")
        if land and not grounds:
            lacks.append("parcel")
        if any(not ground.land_use for ground in grounds):
            lacks.append("land_use")
        if any(not ground.place for ground in grounds):
            lacks.append("place")
        if person.id in unplotted:
            lacks.append("plot")
        if lacks:
            yield Finding("missing", person.code, values={"fields": tuple(lacks)})


_CHECKS: Mapping[str, Callable[[Looked], Iterable[Finding]]] = {
    "old_issuer": _old_issuer, "uncited": _uncited, "undated": _undated, "words": _words, "title_area": _title_area,
    "plan_amount": _plan_amount, "no_lines": _no_lines, "line_land": _line_land, "same_line": _same_line,
    "decided_area": _decided_area, "no_plan": _no_plan, "overpaid": _overpaid,
    "overdeducted": _overdeducted, "paid_twice": _paid_twice,
    "paid_unplanned": _paid_unplanned, "same_parcel": _same_parcel, "same_person": _same_person,
    "missing": _missing,
}  # fmt: skip
