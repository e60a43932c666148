"""The law of clearance: what must come before what, and by when. One row of `RULES` is one rule of law.

A rule looks at an act, such as a recovery decision of a day, and at the acts of the same case on that day or before it.
It applies to what is done on the days on which its law is in force, so that notices of 2020, 2025 and 2026 are each
followed by their own order. The texts read for it: Land Law 45/2013/QH13, Land Law 31/2024/QH15 (as consolidated in
44/VBHN-VPQH of 16/03/2026), Decree 88/2024/NĐ-CP and Resolution 254/2025/QH15. Nothing here knows a database:
`gis/histories.py` reads the acts.

What the records cannot show is not asked: see docs/rules.md.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from gis.indicators import INDICATORS

ERROR, WARNING = "error", "warning"
"""An error is refused. A warning is confirmed with a reason: the law knows an exception, or states only a time."""

AGRICULTURAL, OTHER = "agricultural", "other"
AGRICULTURAL_CODES = frozenset(
    ("LUC", "LUK", "LUN", "HNK", "BHK", "NHK", "CLN", "RDD", "RPH", "RSX", "NTS", "CNT", "LMU", "NKH")
)
"""Codes of agricultural land (Circular 08/2024/TT-BTNMT and those it replaced)."""

DECISION, PLAN, NOTICE = "recovery_decision", "plan_approval", "recovery_notice"
PAYMENT, ADVANCE, ALLOTMENT = "payment", "advance_payment", "resettlement_allocation"


@dataclass(frozen=True)
class Act:
    """Something done in a case on a day: an event, as the law looks at it.

    `step` is what an act *not applicable* names; with a reason in `note` it stands in for that step. `land` is the kind
    of land it concerns (`AGRICULTURAL`, `OTHER`), None where not known. `plots` are resettlement plots granted.
    """

    kind: str
    valid_on: date
    case: Any = None
    document: str | None = None
    note: str | None = None
    step: str | None = None
    area_m2: Decimal | None = None
    amount_vnd: Decimal | None = None
    plots: int | None = None
    parcel: int | None = None
    land: str | None = None
    replaces: bool | None = None
    """Of a plan approved after another: whether it replaces what was approved, or adds to it; None: not said."""
    found: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What else is on record against it, by rule: money, documents, suspensions (`gis/recording.py` looks)."""
    kept_here: bool = False
    """Whether it happened since its case was entered: its money was guarded then, and it is no old record."""

    @property
    def counts_as(self) -> str:
        """The step it takes: its kind, or the step that it says does not apply."""
        return self.step if self.kind == "not_applicable" and self.step and _said(self.note) else self.kind


@dataclass(frozen=True)
class Law:
    """A text of law and the days on which it is in force: `until` is the first day on which it no longer is."""

    key: str
    vi: str
    en: str
    since: date | None = None
    until: date | None = None


LAW_2013 = Law("2013", "Luật Đất đai số 45/2013/QH13", "Land Law 45/2013/QH13", date(2014, 7, 1), date(2024, 8, 1))
LAW_2024 = Law("2024", "Luật Đất đai số 31/2024/QH15", "Land Law 31/2024/QH15", date(2024, 8, 1))
DECREE_88 = Law("88", "Nghị định số 88/2024/NĐ-CP", "Decree 88/2024/NĐ-CP", date(2024, 8, 1))
RESOLUTION_254 = Law("2026", "Nghị quyết số 254/2025/QH15", "Resolution 254/2025/QH15", date(2026, 1, 1))
RECORDS = Law("records", "Quy ước ghi hồ sơ của hệ thống", "Rules of recording of this system")


@dataclass(frozen=True)
class Source:
    """Where a rule stands: a law and its places, each as ``87(5)(c)``: article, clause, point."""

    law: Law
    places: tuple[str, ...] = ()

    def text(self, language: str) -> str:
        """Cite it the way its readers do: ``điểm c khoản 5 Điều 87 …``, ``… art. 87(5)(c)``."""
        name = getattr(self.law, language)
        if not self.places:
            return name
        if language == "en":
            return f"{name}, art. {', '.join(self.places)}"
        return f"{', '.join(_vietnamese(places) for _, places in groupby(self.places, _article))} {name}"


def _article(place: str) -> str:
    return place.partition("(")[0]


def _vietnamese(places: Iterable[str]) -> str:
    """Cite places of one article: ``điểm a khoản 1, khoản 2 Điều 69``."""
    article, cited = "", []
    for place in places:
        article, *within = re.findall(r"[^()]+", place)
        named = [f"{what} {number}" for what, number in zip(("khoản", "điểm"), within, strict=False)]
        cited.append(" ".join(reversed(named)))
    return f"{', '.join(cited)} Điều {article}".strip()


class Acts:
    """The acts of one case by a day, by the step they take."""

    def __init__(self, acts: Iterable[Act]):
        self._by_step: dict[str, list[Act]] = defaultdict(list)
        for act in sorted(acts, key=lambda act: act.valid_on):
            self._by_step[act.counts_as].append(act)

    def of(self, *steps: str) -> list[Act]:
        """Give the acts of some steps, the earliest first."""
        found = [act for step in steps for act in self._by_step.get(step, ())]
        return sorted(found, key=lambda act: act.valid_on)

    def days(self, *steps: str) -> list[date]:
        """Give the days of some steps, each once, the earliest first."""
        return sorted({act.valid_on for act in self.of(*steps)})

    def notices(self) -> list[date]:
        """Give the days of the recovery notices that no later act cancelled, the earliest first."""

        def cancels(act: Act, notice: Act) -> bool:
            alike = act.parcel is None or notice.parcel is None or act.parcel == notice.parcel
            return alike and act.valid_on >= notice.valid_on

        cancelled = self.of("recovery_notice_cancellation")
        return sorted({n.valid_on for n in self.of(NOTICE) if not any(cancels(act, n) for act in cancelled)})

    def plots_granted(self) -> int:
        """Count the resettlement plots that the plans standing grant: of the last that replaced others, and since."""
        granted = 0
        for act in self.of(PLAN):
            granted = (0 if act.replaces else granted) + (act.plots or 0)
        return granted

    def plots_allotted(self) -> int:
        """Count the resettlement plots that were allotted."""
        return sum(act.plots or 1 for act in self.of(ALLOTMENT) if act.kind == ALLOTMENT)

    def grants_plots(self) -> bool:
        """Tell whether the plan approved first grants resettlement plots."""
        approved = self.of(PLAN)
        return any(act.plots for act in approved if act.valid_on == approved[0].valid_on)


Values = dict[str, Any]
Check = Callable[[Acts, Act], Values | None]
"""Gives None when the rule is obeyed, else the values of its message."""


@dataclass(frozen=True)
class Term:
    """A time within which a step is due: so many calendar days or months from an act of kind `counted_from`."""

    step: str
    counted_from: str
    starts: Callable[[Acts], list[date]]
    days: int = 0
    months: int = 0
    also_done_by: tuple[str, ...] = ()

    def due_on(self, start: date) -> date:
        """Give the last day of the term: the first day counted is the one after the start."""
        if self.months:
            return _months_later(start, self.months)
        return start + timedelta(self.days)

    def done_on(self, acts: Acts, start: date) -> date | None:
        """Give the day on which the step was taken; a step taken before the term began is done too."""
        ended = [*acts.days(self.step), *(day for day in acts.days(*self.also_done_by) if day > start)]
        return min(ended, default=None)


@dataclass(frozen=True)
class Rule:
    """One rule of law: what it asks of acts of some kinds, since when, and what to say when it is broken."""

    key: str
    sources: tuple[Source, ...]
    kinds: tuple[str, ...]
    severity: str
    vi: str
    en: str
    check: Check
    since: date | None
    until: date | None
    term: Term | None = None
    law_day: Callable[[Acts, Act], date] = lambda acts, act: act.valid_on
    """The day whose law governs an act, where a transitional rule says that it is not the act's own."""
    of_old_records: bool = False
    """Whether it refuses old records that are brought in too: others warn of them."""
    of_guard: bool = False
    """Whether it guards money: old is then only what happened before the case was entered here, whatever is said."""

    def in_force(self, day: date) -> bool:
        """Tell whether it applies to what happens on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)

    def source(self, language: str) -> str:
        """Cite all it rests on."""
        return "; ".join(source.text(language) for source in self.sources)


@dataclass(frozen=True)
class Breach:
    """An act that breaks a rule."""

    rule: Rule
    act: Act
    severity: str
    values: Values

    def text(self, language: str) -> str:
        """Say what is wrong, in `vi` or `en`."""
        return getattr(self.rule, language) % {name: _said_in(value, language) for name, value in self.values.items()}


@dataclass(frozen=True)
class Earlier:
    """An entry that is on record already, as a message names it."""

    act: int | None
    """Number of its act; None for what was loaded before there were acts."""
    document: str | None
    valid_on: date
    amount_vnd: Decimal | None = None
    by: str | None = None
    at: date | None = None
    """Who recorded it, and on which day."""

    def text(self, language: str) -> str:
        """Name it in `vi` or `en`."""
        vi = language == "vi"
        parts = [
            self.amount_vnd is not None and f"{_said_in(self.amount_vnd, language)} đồng",
            f"{'ngày' if vi else 'on'} {written(self.valid_on)}",
            self.document and f"{'văn bản' if vi else 'document'} {self.document}",
            self.act and f"{'lần ghi số' if vi else 'act'} {self.act}",
            self.by and f"{self.by} {'ghi ngày' if vi else 'recorded it on'} {written(self.at)}",
        ]
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        return self.text("en")


@dataclass(frozen=True)
class Both:
    """Words of a message in both languages."""

    vi: str
    en: str

    def text(self, language: str) -> str:
        """Give them in `vi` or `en`."""
        return getattr(self, language)

    def __str__(self) -> str:
        return self.en


def _said_in(value: Any, language: str) -> str:
    """Write a value of a message: numbers as readers of the language group them, entries by what they name."""
    if isinstance(value, tuple):
        return "; ".join(_said_in(one, language) for one in value)
    if isinstance(value, Earlier | Both):
        return value.text(language)
    if isinstance(value, date):
        return written(value)
    if isinstance(value, int | Decimal):
        grouped = f"{value:,}"
        return grouped.translate(str.maketrans(",.", ".,")) if language == "vi" else grouped
    return str(value)


@dataclass(frozen=True)
class Deadline:
    """A step that a case owes, or has taken, as of a day."""

    case: Any
    rule: Rule
    counted_from: date
    due_on: date
    done_on: date | None
    days_late: int
    """Of the step taken, or until the day asked while it is not; 0 when in time."""

    @property
    def step(self) -> str:
        """The kind of event that is due."""
        return self.rule.term.step

    @property
    def overdue(self) -> bool:
        """Whether it was not done by the day asked, and should have been."""
        return self.done_on is None and self.days_late > 0


def _said(text: str | None) -> bool:
    return bool(text and text.strip())


def _months_later(day: date, months: int) -> date:
    """Give the same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    next_month = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(day.day - 1), next_month - timedelta(1))


def written(day: date) -> str:
    """Write a day as readers here do, such as 24/10/2022."""
    return day.strftime("%d/%m/%Y")


def land_kind(code: str | None) -> str | None:
    """Tell agricultural from other land by a land-use code such as ``LUC`` or ``ONT+CLN``; None where it has none."""
    codes = re.findall(r"[A-ZĐ]{3}", code or "")
    return None if not codes else AGRICULTURAL if AGRICULTURAL_CODES.issuperset(codes) else OTHER


# Checks. Each gives the check of a rule; `acts` are those of the case on the act's day or before it, without the act.


def _needs(*steps: str) -> Check:
    return lambda acts, act: None if acts.of(*steps) else {}


def _needs_notice(acts: Acts, act: Act) -> Values | None:
    return None if acts.notices() else {}


def _needs_reason(acts: Acts, act: Act) -> Values | None:
    return None if _said(act.note) and act.step in INDICATORS else {}


def _needs_plot(acts: Acts, act: Act) -> Values | None:
    return {} if acts.grants_plots() and not acts.of("resettlement_allocation") else None


def _on_record(key: str) -> Check:
    """What looking at the records beside the case's own acts has found."""
    return lambda acts, act: act.found.get(key)


def _needs_payment(acts: Acts, act: Act) -> Values | None:
    return None if acts.of(PAYMENT, ADVANCE) else {}


def _plan_again(acts: Acts, act: Act) -> Values | None:
    """Whether it replaces or adds must be said where a plan was approved before."""
    if act.replaces is not None or not act.found.get("planned"):
        return None
    return act.found["planned"]


def _added_twice(acts: Acts, act: Act) -> Values | None:
    """One decision may replace what it approved by mistake, but not add to it."""
    return None if act.replaces else act.found.get("planned_twice")


def _beyond_plots(acts: Acts, act: Act) -> Values | None:
    granted, allotted = acts.plots_granted(), acts.plots_allotted()
    if allotted + (act.plots or 1) <= granted:
        return None
    return {"granted": granted, "allotted": allotted}


def _persuaded_since(step: str) -> Check:
    def check(acts: Acts, act: Act) -> Values | None:
        begun = acts.days(step)
        return None if any(not begun or day >= begun[0] for day in acts.days("persuasion")) else {}

    return check


def _days_after_persuasion(days: int) -> Check:
    """More than so many days must have gone by since persuasion ended; that there was any is another rule's matter."""

    def check(acts: Acts, act: Act) -> Values | None:
        persuaded = acts.days("persuasion")
        earliest = persuaded and persuaded[-1] + timedelta(days + 1)
        return {"days": days, "earliest": written(earliest)} if persuaded and act.valid_on < earliest else None

    return check


def _posted(days: int) -> Check:
    """Between the first inventory, from which the plan is drawn up, and the meeting lies the posting of the plan."""

    def check(acts: Acts, act: Act) -> Values | None:
        counted = acts.days("inventory")
        earliest = counted and counted[0] + timedelta(days)
        return {"days": days, "earliest": written(earliest)} if counted and act.valid_on < earliest else None

    return check


def _noticed(agricultural: int, other: int) -> Check:
    """The first standing notice comes so many days before. Where the land is not known, only the shorter is sure."""

    def check(acts: Acts, act: Act) -> Values | None:
        noticed = acts.notices()
        days = other if act.land == OTHER else agricultural
        earliest = noticed and noticed[0] + timedelta(days)
        return {"days": days, "earliest": written(earliest)} if noticed and act.valid_on < earliest else None

    return check


def _same_day(acts: Acts, act: Act) -> Values | None:
    if act.kind == PLAN:
        decided = acts.days(DECISION)
        return {"other": written(decided[0])} if decided and act.valid_on not in decided else None
    approved = acts.days(PLAN)
    return None if act.valid_on in approved else {"other": written(approved[-1]) if approved else "–"}


def _notice_not_lapsed(acts: Acts, act: Act) -> Values | None:
    noticed = acts.notices()
    return {} if noticed and noticed[-1] < LAW_2024.since else None


def _notice_valid(acts: Acts, act: Act) -> Values | None:
    noticed = acts.notices()
    lapses = noticed and _months_later(noticed[-1], 12)
    if not noticed or noticed[-1] < LAW_2024.since or act.valid_on <= lapses:
        return None
    return {"lapsed": written(lapses)}


def _in_time(term: Term, law_in_force: Callable[[date], bool]) -> Check:
    """The first act that takes a step due must not be late."""

    def check(acts: Acts, act: Act) -> Values | None:
        for start in term.starts(acts):
            due = term.due_on(start)
            if law_in_force(start) and term.done_on(acts, start) is None and act.valid_on > due:
                return {"due": written(due), "late": (act.valid_on - due).days}
        return None

    return check


def _law_of_plan(acts: Acts, act: Act) -> date:
    """A plan approved under the Land Law before 01/01/2026 goes on to its decision by that law (254/2025, 3(13)(a))."""
    approved = acts.days(PLAN)
    kept = act.valid_on >= RESOLUTION_254.since and approved and LAW_2024.since <= approved[0] < RESOLUTION_254.since
    return approved[0] if kept else act.valid_on


# Starts of terms.


def _first(step: str) -> Callable[[Acts], list[date]]:
    return lambda acts: acts.days(step)[:1]


def _decision_with_plan_of_2013(acts: Acts) -> list[date]:
    """A decision whose plan was not approved by 01/08/2024 is paid for by the Land Law 2024 (its art. 254(1))."""
    planned = any(day < LAW_2024.since for day in acts.days(PLAN))
    return acts.days(DECISION)[:1] if planned else []


def _plan_without_plots(acts: Acts) -> list[date]:
    return [] if acts.grants_plots() else acts.days(PLAN)[:1]


def _plot_allotted(acts: Acts) -> list[date]:
    return acts.days("resettlement_allocation")[:1] if acts.grants_plots() else []


def _consent_after_enforcement(acts: Acts) -> list[date]:
    enforced = acts.days("recovery_enforcement")
    return [day for day in acts.days("handover_consent") if enforced and day >= enforced[0]][:1]


def _rule(key, law, places, kinds, severity, check, vi, en, *, more=(), until=None, term=None, **given) -> Rule:
    until = until or law.until
    name = key if law is RECORDS else f"{key}.{law.key}"
    sources = (Source(law, tuple(places.split())), *(Source(other, tuple(at.split())) for other, at in more))
    made = Rule(name, sources, tuple(kinds.split()), severity, vi, en, check, law.since, until, term, **given)
    # A term is in force by the day on which it begins, whenever the step it asks for is taken.
    if term and check is None:
        return replace(made, check=_in_time(term, made.in_force), law_day=lambda acts, act: made.since)
    return made


def _both(key, places_2013, places_2024, *rest, more=(), **given) -> tuple[Rule, Rule]:
    """Make the two rows of what both land laws ask alike."""
    return (
        _rule(key, LAW_2013, places_2013, *rest, **given),
        _rule(key, LAW_2024, places_2024, *rest, more=more, **given),
    )


RULES = (
    *_both(
        "inventory_needs_notice", "67(1) 69(1)(a) 69(1)(b)", "87(2)(a) 87(2)(c)",
        "inventory mandatory_inventory", ERROR, _needs_notice,
        "Chưa có thông báo thu hồi đất còn giá trị trước khi đo đạc, kiểm đếm.",
        "No recovery notice stands before the survey and inventory.",
    ),
    *_both(
        "notice_change_needs_notice", "67(1)", "85(1)",
        "recovery_notice_adjustment recovery_notice_cancellation", ERROR, _needs_notice,
        "Không có thông báo thu hồi đất nào để điều chỉnh hoặc hủy bỏ.",
        "There is no recovery notice to adjust or cancel.",
    ),
    *_both(
        "mandatory_inventory_needs_persuasion", "69(1)(d)", "87(2)(đ)",
        "mandatory_inventory", ERROR, _needs("persuasion"),
        "Chưa vận động, thuyết phục người có đất trước khi kiểm đếm bắt buộc.",
        "The holder was not persuaded before the mandatory inventory.",
    ),
    *_both(
        "mandatory_inventory_after_persuasion", "69(1)(d)", "87(2)(đ)",
        "mandatory_inventory", ERROR, _days_after_persuasion(10),
        "Chưa quá %(days)s ngày kể từ khi vận động, thuyết phục; kiểm đếm bắt buộc sớm nhất vào ngày %(earliest)s.",
        "%(days)s days have not run out since the persuasion; mandatory inventory on %(earliest)s at the earliest.",
    ),
    *_both(
        "plan_needs_inventory", "69(1)(c)", "87(2)(c)",
        "plan_approval", ERROR, _needs("inventory", "mandatory_inventory"),
        "Phê duyệt phương án khi chưa đo đạc, kiểm đếm.",
        "The plan is approved without survey and inventory.", more=[(DECREE_88, "3(3)(b)")],
    ),
    _rule(
        "meeting_after_posting", LAW_2024, "87(3)(a)", "plan_review", WARNING, _posted(30),
        "Phương án phải niêm yết %(days)s ngày trước khi họp lấy ý kiến; sau kiểm đếm, sớm nhất vào ngày %(earliest)s.",
        "The plan is posted for %(days)s days before the meeting; after the inventory, %(earliest)s at the earliest.",
        until=RESOLUTION_254.since,
    ),
    _rule(
        "meeting_after_posting", RESOLUTION_254, "3(9)(b)", "plan_review", WARNING, _posted(10),
        "Phương án phải niêm yết %(days)s ngày trước khi họp lấy ý kiến; sau kiểm đếm, sớm nhất vào ngày %(earliest)s.",
        "The plan is posted for %(days)s days before the meeting; after the inventory, %(earliest)s at the earliest.",
    ),
    *_both(
        "plan_needs_meeting", "69(2)(a)", "87(3)(a)", "plan_approval", WARNING, _needs("plan_review"),
        "Chưa ghi nhận cuộc họp lấy ý kiến về phương án.",
        "No meeting on the plan is recorded.",
    ),
    *_both(
        "decision_needs_notice", "67(1)", "85(1)", "recovery_decision", ERROR, _needs_notice,
        "Quyết định thu hồi đất khi không có thông báo thu hồi đất còn giá trị.",
        "The recovery decision is taken while no recovery notice stands.",
    ),
    _rule(
        "decision_after_notice", LAW_2013, "67(1) 67(2)", "recovery_decision", WARNING, _noticed(90, 180),
        "Chưa đủ %(days)s ngày kể từ thông báo thu hồi đất (sớm nhất %(earliest)s), trừ khi người có đất đồng ý.",
        "%(days)s days from the recovery notice are not over (%(earliest)s at the earliest), unless the holder agrees.",
    ),
    _rule(
        "decision_after_notice", LAW_2024, "85(1) 85(2)", "recovery_decision", WARNING, _noticed(90, 180),
        "Chưa đủ %(days)s ngày kể từ thông báo thu hồi đất (sớm nhất %(earliest)s), trừ khi người có đất đồng ý.",
        "%(days)s days from the recovery notice are not over (%(earliest)s at the earliest), unless the holder agrees.",
        more=[(RESOLUTION_254, "3(13)(a)")], until=RESOLUTION_254.since, law_day=_law_of_plan,
    ),
    _rule(
        "decision_after_notice", RESOLUTION_254, "3(9)(a) 3(13)(b)", "recovery_decision", WARNING, _noticed(60, 120),
        "Chưa đủ %(days)s ngày kể từ thông báo thu hồi đất (sớm nhất %(earliest)s), trừ khi người có đất đồng ý.",
        "%(days)s days from the recovery notice are not over (%(earliest)s at the earliest), unless the holder agrees.",
        more=[(LAW_2024, "85(2)")], law_day=_law_of_plan,
    ),
    _rule(
        "notice_valid", LAW_2024, "85(5)", "recovery_decision", WARNING, _notice_valid,
        "Thông báo thu hồi đất đã hết hiệu lực ngày %(lapsed)s (12 tháng).",
        "The recovery notice lapsed on %(lapsed)s (12 months).",
        term=Term(
            DECISION, NOTICE, lambda acts: acts.days(NOTICE), months=12,
            also_done_by=(NOTICE, "recovery_notice_cancellation"),
        ),
    ),
    _rule(
        "old_notice_lapsed", RESOLUTION_254, "3(13)(c)", "recovery_decision", ERROR, _notice_not_lapsed,
        "Thông báo thu hồi đất ban hành trước 01/08/2024 đã hết hiệu lực từ 01/01/2026; phải ban hành thông báo mới.",
        "Recovery notices of before 01/08/2024 lapsed on 01/01/2026; a new notice is needed.",
    ),
    _rule(
        "decision_on_day_of_plan", LAW_2013, "69(3)(a)", "recovery_decision plan_approval", WARNING, _same_day,
        "Quyết định thu hồi đất và phê duyệt phương án phải trong cùng một ngày (ngày kia: %(other)s).",
        "Recovery decision and approval of the plan belong on one day (the other: %(other)s).",
    ),
    _rule(
        "decision_needs_plan", LAW_2024, "87(5)(a) 91(6)", "recovery_decision", ERROR, _needs(PLAN),
        "Phương án bồi thường, hỗ trợ, tái định cư phải được phê duyệt trước khi quyết định thu hồi đất.",
        "The compensation plan must be approved before the recovery decision.", until=RESOLUTION_254.since,
    ),
    _rule(
        "decision_needs_plan", RESOLUTION_254, "3(3)(a)", "recovery_decision", WARNING, _needs(PLAN),
        "Phương án chưa được phê duyệt: chỉ được thu hồi đất trước trong các trường hợp ngoại lệ của luật.",
        "The plan is not approved: land is recovered before it in the exceptions of the law only.",
    ),
    _rule(
        "decision_needs_plot", LAW_2024, "87(5)(c) 91(6)", "recovery_decision", WARNING, _needs_plot,
        "Phương án có giao đất tái định cư nhưng chưa giao: chỉ thu hồi đất khi thuộc trường hợp khác của luật.",
        "The plan grants a resettlement plot that is not allotted: recover land in the other cases of the law only.",
        more=[(RESOLUTION_254, "3(3)(b)")],
    ),
    _rule(
        "decision_due", LAW_2024, "87(5)(a)", "recovery_decision", WARNING, None,
        "Quyết định thu hồi đất chậm %(late)s ngày so với hạn %(due)s (10 ngày từ khi phê duyệt phương án).",
        "The recovery decision is %(late)s days late: it was due on %(due)s, 10 days from the approval of the plan.",
        term=Term(DECISION, PLAN, _plan_without_plots, days=10),
    ),
    _rule(
        "decision_due_after_plot", LAW_2024, "87(5)(c)", "recovery_decision", WARNING, None,
        "Quyết định thu hồi đất chậm %(late)s ngày so với hạn %(due)s (10 ngày từ khi giao đất tái định cư).",
        "The recovery decision is %(late)s days late: it was due on %(due)s, 10 days from the allotment of the plot.",
        term=Term(DECISION, "resettlement_allocation", _plot_allotted, days=10),
    ),
    *_both(
        "plot_needs_plan", "69(3)(c)", "87(4)(c)", "resettlement_allocation", ERROR, _needs(PLAN),
        "Giao đất tái định cư khi phương án chưa được phê duyệt.",
        "A resettlement plot is allotted before the plan is approved.",
    ),
    *_both(
        "payment_needs_plan", "69(3)(c)", "87(4)(c) 94(3)(a)", "payment", ERROR, _needs(PLAN),
        "Chi trả bồi thường, hỗ trợ khi phương án chưa được phê duyệt.",
        "Compensation is paid before the plan is approved.",
    ),
    _rule(
        "payment_needs_decision", LAW_2013, "69(3)(a) 93(1)", "payment", WARNING, _needs(DECISION),
        "Chi trả bồi thường, hỗ trợ khi chưa có quyết định thu hồi đất.",
        "Compensation is paid before the recovery decision.",
    ),
    _rule(
        "payment_due", LAW_2013, "93(1) 93(2)", "payment", WARNING, None,
        "Chi trả chậm %(late)s ngày so với hạn %(due)s (30 ngày từ quyết định thu hồi đất); phải trả thêm tiền chậm.",
        "Paid %(late)s days late: due on %(due)s, 30 days from the recovery decision; late-payment money is owed.",
        more=[(LAW_2024, "254(1) 254(2)")], term=Term("payment", DECISION, _decision_with_plan_of_2013, days=30),
    ),
    _rule(
        "payment_due", LAW_2024, "94(3)(a) 94(3)(b)", "payment", WARNING, None,
        "Chi trả chậm %(late)s ngày so với hạn %(due)s (30 ngày từ khi phê duyệt phương án); phải trả thêm tiền chậm.",
        "Paid %(late)s days late: due on %(due)s, 30 days from the approval of the plan; late-payment money is owed.",
        term=Term("payment", PLAN, _first(PLAN), days=30),
    ),
    *_both(
        "deduction_needs_plan", "93(4)", "94(6)", "deduction", ERROR, _needs(PLAN),
        "Khấu trừ nghĩa vụ tài chính khi phương án chưa được phê duyệt.",
        "Money owed to the budget is deducted before the plan is approved.",
    ),
    *_both(
        "handover_needs_decision", "67(4)", "85(4) 87(5)(g)", "handover", WARNING, _needs(DECISION),
        "Bàn giao mặt bằng khi chưa có quyết định thu hồi đất (trừ khi tự nguyện).",
        "Land is handed over before the recovery decision (unless freely).",
    ),
    *_both(
        "enforcement_needs_decision", "71(2)(a)", "89(2)(a)", "recovery_enforcement", ERROR, _needs(DECISION),
        "Cưỡng chế thu hồi đất khi chưa có quyết định thu hồi đất.",
        "Recovery is enforced without a recovery decision.",
    ),
    *_both(
        "enforcement_needs_persuasion", "69(3)(d) 71(2)(a)", "87(7)(a) 89(2)(a)",
        "recovery_enforcement", ERROR, _persuaded_since(DECISION),
        "Chưa vận động, thuyết phục bàn giao đất sau quyết định thu hồi đất.",
        "The holder was not persuaded to hand over after the recovery decision.",
    ),
    _rule(
        "enforcement_after_persuasion", LAW_2024, "87(7)(b)", "recovery_enforcement", ERROR, _days_after_persuasion(10),
        "Chưa quá %(days)s ngày kể từ khi vận động, thuyết phục; cưỡng chế sớm nhất vào ngày %(earliest)s.",
        "%(days)s days have not run out since the persuasion; enforcement on %(earliest)s at the earliest.",
    ),
    _rule(
        "enforcement_needs_plot", LAW_2013, "71(5)(a)", "recovery_enforcement", ERROR, _needs_plot,
        "Phải thực hiện phương án tái định cư trước khi cưỡng chế: chưa giao đất tái định cư.",
        "Resettlement is carried out before enforcement: the plot is not allotted.",
    ),
    *_both(
        "handover_due", "71(4)(b)", "89(4)(b)", "handover", WARNING, None,
        "Bàn giao chậm %(late)s ngày so với hạn %(due)s (30 ngày từ biên bản chấp hành sau quyết định cưỡng chế).",
        "Handed over %(late)s days late: due on %(due)s, 30 days from the minutes of compliance with the enforcement.",
        term=Term("handover", "handover_consent", _consent_after_enforcement, days=30),
    ),
    _rule(
        "not_applicable_needs_reason", RECORDS, "", "not_applicable", ERROR, _needs_reason,
        "“Không áp dụng” phải nêu bước và lý do.",
        "“Not applicable” must name the step and the reason.", of_old_records=True,
    ),
    _rule(
        "plan_again", RECORDS, "", "plan_approval", ERROR, _plan_again,
        "Hồ sơ đã có phương án được duyệt (%(planned)s): hãy chọn phương án này thay thế hay bổ sung.",
        "A plan is approved already (%(planned)s): say whether this one replaces it or adds to it.", of_guard=True,
    ),
    _rule(
        "plan_below_paid", RECORDS, "", "plan_approval", ERROR, _on_record("plan_below_paid"),
        "%(case)s: theo phương án này được duyệt %(approved)s đồng, nhưng đã trả và tạm ứng %(settled)s đồng "
        "(%(paid)s), vượt %(over)s đồng. Hủy lần chi ghi sai, hoặc đề nghị lãnh đạo cho phép chi vượt tại trang hồ sơ.",
        "%(case)s: by this plan %(approved)s đồng are approved, and %(settled)s đồng are paid and advanced already "
        "(%(paid)s), %(over)s đồng too much. Void the wrong payment, or ask a leader to permit it on the case's page.",
        of_guard=True,
    ),
    _rule(
        "paid_beyond_plan", RECORDS, "", "payment advance_payment", ERROR, _on_record("paid_beyond_plan"),
        "%(case)s: được duyệt %(approved)s đồng%(permitted)s, đã trả và tạm ứng %(settled)s đồng (%(paid)s), còn phải "
        "trả %(left)s đồng; lần này ghi %(amount)s đồng, vượt %(over)s đồng. Ghi phương án bổ sung trước, hoặc đề nghị "
        "lãnh đạo cho phép chi vượt tại trang hồ sơ.",
        "%(case)s: %(approved)s đồng are approved%(permitted)s, %(settled)s đồng are paid and advanced (%(paid)s), "
        "%(left)s đồng are left to pay; this is %(amount)s đồng, %(over)s đồng too much. Record the supplementary plan "
        "first, or ask a leader to permit it on the case's page.",
        more=[(LAW_2013, "93(1)"), (LAW_2024, "94(3)(a)")], of_guard=True,
    ),
    _rule(
        "planned_twice", RECORDS, "", "plan_approval", ERROR, _added_twice,
        "%(case)s: quyết định này đã phê duyệt phương án của hồ sơ (%(earlier)s). Một quyết định không bổ sung hai lần "
        "cho một hồ sơ: nếu số tiền ghi sai, hãy chọn phương án này thay thế.",
        "%(case)s: this decision approved the case's plan already (%(earlier)s). One decision does not add to a case "
        "twice: if the amount was wrong, say that this plan replaces it.", of_guard=True,
    ),
    _rule(
        "paid_twice", RECORDS, "", "payment advance_payment progress_bonus deduction", ERROR, _on_record("paid_twice"),
        "%(case)s: văn bản này đã được ghi chi cho hồ sơ (%(earlier)s). Một văn bản không chi hai lần cho một hồ sơ.",
        "%(case)s: this document is on record for the case already (%(earlier)s). One document does not pay a case "
        "twice.", of_guard=True,
    ),
    _rule(
        "paid_alike", RECORDS, "", "payment advance_payment", WARNING, _on_record("paid_alike"),
        "%(case)s: đúng số tiền này, đúng ngày này đã ghi chi cho hồ sơ (%(earlier)s). Xem có phải ghi trùng không.",
        "%(case)s: this amount is on record for the case and this day already (%(earlier)s). See whether it is the "
        "same.",
    ),
    _rule(
        "paid_by_number", RECORDS, "", "payment advance_payment progress_bonus deduction", WARNING,
        _on_record("paid_by_number"),
        "%(case)s: văn bản cùng số đã được ghi chi cho hồ sơ (%(earlier)s), khác ngày văn bản hoặc khác loại chi. Xem "
        "có phải cùng một lần chi không.",
        "%(case)s: a document of this number has paid the case already (%(earlier)s), of another day or by another "
        "kind of payment. See whether it is the same money.",
    ),
    _rule(
        "paid_out_of_scale", RECORDS, "", "payment advance_payment", WARNING, _on_record("paid_out_of_scale"),
        "%(case)s: ghi %(amount)s đồng, chưa bằng một phần năm trăm số được duyệt (%(approved)s đồng). Xem có nhầm "
        "nghìn đồng, triệu đồng với đồng không.",
        "%(case)s: %(amount)s đồng is less than a five-hundredth of what is approved (%(approved)s đồng). See whether "
        "thousands or millions of đồng are meant.",
    ),
    _rule(
        "plan_out_of_scale", RECORDS, "", "plan_approval", WARNING, _on_record("plan_out_of_scale"),
        "%(case)s: phương án này %(amount)s đồng, phương án đã duyệt %(approved)s đồng: chênh nhau trên một trăm lần. "
        "Xem có nhầm đơn vị tiền không.",
        "%(case)s: this plan is of %(amount)s đồng, and %(approved)s đồng are approved: more than a hundred times "
        "apart. See whether the unit is right.",
    ),
    _rule(
        "plan_unlike_others", RECORDS, "", "plan_approval", WARNING, _on_record("plan_unlike_others"),
        "%(case)s: phương án này %(amount)s đồng, tức %(each)s đồng/m²; các hồ sơ khác của dự án thường là %(usual)s "
        "đồng/m²: chênh nhau trên một trăm lần. Xem có nhầm đơn vị tiền không.",
        "%(case)s: this plan is of %(amount)s đồng, %(each)s đồng/m²; other cases of the project have %(usual)s "
        "đồng/m² as a rule: more than a hundred times apart. See whether the unit is right.",
    ),
    _rule(
        "plan_beyond_prices", RECORDS, "", "plan_approval", WARNING, _on_record("plan_beyond_prices"),
        "%(case)s: phương án này %(amount)s đồng, tức %(each)s đồng/m²: không nơi nào có giá đất như vậy. Xem có nhầm "
        "đơn vị tiền hoặc diện tích không.",
        "%(case)s: this plan is of %(amount)s đồng, %(each)s đồng/m²: no land has such a price. See whether the unit "
        "of the money or the area is right.",
    ),
    _rule(
        "plan_unlike_lines", RECORDS, "", "plan_approval", WARNING, _on_record("plan_unlike_lines"),
        "%(case)s: phương án này %(amount)s đồng, chi tiết bồi thường đã nhập cộng lại là %(lines)s đồng. Xem số nào "
        "đúng.",
        "%(case)s: this plan is of %(amount)s đồng, and the cost lines that are entered come to %(lines)s đồng. See "
        "which is right.",
    ),
    _rule(
        "issued_later", RECORDS, "",
        "recovery_notice plan_approval recovery_decision payment advance_payment progress_bonus deduction", WARNING,
        _on_record("issued_later"),
        "Văn bản %(document)s ban hành ngày %(issued)s, sau ngày thực hiện %(day)s. Xem lại hai ngày này.",
        "Document %(document)s was issued on %(issued)s, after the act of %(day)s. See which day is right.",
    ),
    _rule(
        "bonus_beyond_plan", RECORDS, "", "progress_bonus", WARNING, _on_record("bonus_beyond_plan"),
        "%(case)s: thưởng tiến độ %(amount)s đồng, lớn hơn cả số tiền được duyệt (%(approved)s đồng). Xem có ghi nhầm "
        "không.",
        "%(case)s: a bonus of %(amount)s đồng is more than all that is approved (%(approved)s đồng). See whether it is "
        "right.",
    ),
    _rule(
        "deducted_beyond_paid", RECORDS, "", "deduction", ERROR, _on_record("deducted_beyond_paid"),
        "%(case)s: đã trả %(settled)s đồng (kể cả phần khấu trừ), tổng khấu trừ sẽ là %(deducted)s đồng. Ghi số "
        "chi trả trước khi trừ, rồi ghi khấu trừ.",
        "%(case)s: %(settled)s đồng are paid (what is deducted included), deducted would be %(deducted)s đồng. Record "
        "the payment before deduction, then what is deducted of it.", of_guard=True,
    ),
    _rule(
        "plot_beyond_plan", RECORDS, "", "resettlement_allocation", WARNING, _beyond_plots,
        "Phương án duyệt %(granted)s lô tái định cư, đã giao %(allotted)s lô: lô này vượt số được duyệt.",
        "The plan grants %(granted)s resettlement plots, %(allotted)s are allotted: this one is beyond them.",
    ),
    _rule(
        "within_suspension", RECORDS, "",
        "recovery_notice inventory mandatory_inventory plan_review plan_approval recovery_decision "
        "recovery_enforcement payment advance_payment progress_bonus resettlement_allocation handover_consent handover",
        WARNING, _on_record("within_suspension"),
        "Đang tạm dừng từ ngày %(since)s (văn bản %(document)s): %(what)s.",
        "Suspended since %(since)s (document %(document)s): %(what)s.",
    ),
    _rule(
        "handover_needs_payment", RECORDS, "", "handover", WARNING, _needs_payment,
        "Bàn giao mặt bằng khi chưa ghi nhận lần chi trả hay tạm ứng nào.",
        "Land is handed over before any payment or advance is recorded.",
    ),
)  # fmt: skip
"""Every rule, in the order of the procedure."""

BY_KEY = {rule.key: rule for rule in RULES}


def table(language: str) -> list[list[str]]:
    """Lay the rules out as a table in `vi` or `en`: a header and a line a rule.

    docs/rules.md, `flask rules` and whoever else lists the rules take it from here.
    """
    named = {
        "en": ("rule", "in force", "looks at", "breach", "message", "deadline", "source"),
        "vi": ("quy tắc", "hiệu lực", "xét", "vi phạm", "nội dung", "thời hạn", "căn cứ"),
    }[language]
    return [[*named], *(_line(rule, language) for rule in RULES)]


_SEVERITIES = {"vi": {ERROR: "lỗi", WARNING: "cảnh báo"}, "en": {ERROR: "error", WARNING: "warning"}}
_FORCE = {
    "vi": {"both": "%(since)s – trước %(until)s", "since": "từ %(since)s", "always": "luôn"},
    "en": {"both": "%(since)s – before %(until)s", "since": "from %(since)s", "always": "always"},
}


def _line(rule: Rule, language: str) -> list[str]:
    span = "always" if rule.since is None else "since" if rule.until is None else "both"
    days = {"since": rule.since and written(rule.since), "until": rule.until and written(rule.until)}
    return [
        rule.key,
        _FORCE[language][span] % days,
        ", ".join(getattr(INDICATORS[kind], language) for kind in rule.kinds),
        _SEVERITIES[language][rule.severity],
        re.sub(r"%\((\w+)\)s", r"‹\1›", getattr(rule, language)),
        _term_text(rule.term, language) if rule.term else "",
        rule.source(language),
    ]


def _term_text(term: Term, language: str) -> str:
    step, start = (getattr(INDICATORS[kind], language) for kind in (term.step, term.counted_from))
    if language == "vi":
        return f"{step}: {term.months or term.days} {'tháng' if term.months else 'ngày'} kể từ {start}"
    return f"{step}: {term.months or term.days} {'months' if term.months else 'days'} from {start}"


def check(history: Sequence[Act], act: Act, *, imported: bool = False) -> list[Breach]:
    """Give the rules that an act breaks.

    Parameters
    ----------
    history : sequence of Act
        What is recorded, in any order. Acts of other cases and acts after the day of `act` do not matter; `act` itself
        is not among them.
    act : Act
        The act about to be recorded.
    imported : bool
        Whether an old record is brought in: what breaks the law was done then, and is only warned of. Money of the time
        since the case was entered is guarded all the same (`Act.kept_here`).

    Returns
    -------
    list of Breach
        In the order of `RULES`; empty when all is well, and for kinds and days that no rule knows.
    """
    acts = Acts(other for other in history if other.case == act.case and other.valid_on <= act.valid_on)
    found = []
    for rule in RULES:
        if act.kind not in rule.kinds or not rule.in_force(rule.law_day(acts, act)):
            continue
        values = rule.check(acts, act)
        if values is not None:
            lenient = imported and not rule.of_old_records and not (rule.of_guard and act.kept_here)
            found.append(Breach(rule, act, WARNING if lenient else rule.severity, values))
    return found


def check_many(histories: Mapping[Any, Sequence[Act]], act: Act, *, imported: bool = False) -> dict[Any, list[Breach]]:
    """Check one act done in many cases at once, such as a decision for 37 households.

    Parameters
    ----------
    histories : mapping of case to its acts
    act : Act
        Its `case` is not looked at.
    imported : bool
        See `check`.

    Returns
    -------
    dict of case to list of Breach
        Only cases that break a rule.
    """
    checked = {case: check(acts, replace(act, case=case), imported=imported) for case, acts in histories.items()}
    return {case: breaches for case, breaches in checked.items() if breaches}


def deadlines(history: Sequence[Act], as_of: date) -> list[Deadline]:
    """Give every step that the law sets a time for, as it stands at the end of a day.

    Parameters
    ----------
    history : sequence of Act
        Of one case or of many, in any order.
    as_of : date
        Acts after it are not looked at.

    Returns
    -------
    list of Deadline
        By case (in the order of `history`), then day due. Days are calendar days, counted from the day of the act
        (records do not say when a decision took effect or was received).
    """
    by_case: dict[Any, list[Act]] = defaultdict(list)
    for act in history:
        if act.valid_on <= as_of:
            by_case[act.case].append(act)
    return [deadline for case, acts in by_case.items() for deadline in _of_case(case, Acts(acts), as_of)]


def _of_case(case: Any, acts: Acts, as_of: date) -> list[Deadline]:
    found = []
    for rule in RULES:
        for start in rule.term.starts(acts) if rule.term else ():
            if rule.in_force(start):
                due, done = rule.term.due_on(start), rule.term.done_on(acts, start)
                found.append(Deadline(case, rule, start, due, done, max(((done or as_of) - due).days, 0)))
    return sorted(found, key=lambda deadline: (deadline.due_on, deadline.rule.key))
