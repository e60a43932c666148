"""What a sentence of a report says was done: acts, each with the numbers around it, its parts, its day."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise, takewhile

from gis import cues as words
from gis.cells import Cells
from gis.cues import ACTS, CUMULATIVE, PERIOD, PLAN, TARGET, YTD, Cue
from gis.mentions import Item, Mentions
from gis.statements import (
    AFTER_REPORT,
    BEFORE_REPORT,
    NO_PERIOD,
    OF_PART_OF_UNIT,
    QUALIFIED,
    RAISED,
    SEVERAL_PROJECTS,
    SHARE_OF_WHOLE,
    SHARED,
    UNKNOWN_PROJECT,
    UNSURE_PROJECT,
    Context,
    Statement,
)  # fmt: skip
from gis.vietnamese import (
    AREA,
    DOCUMENTS,
    HOLDERS,
    HOUSEHOLDS,
    PERCENT,
    PROJECTS,
    days,
    fold,
    span,
)  # fmt: skip

_MOST_CUES = 16
"""Acts of one sentence: what names more has lost its full stops, and is read a stretch at a time."""
PARTS = re.compile(r"\b(?:trong do|trong so (?:nay|do)|bao gom|gom)\b\s*:?(?: bao gom| co)?")
_CUT = re.compile(r",(?=\s)|\s(?=va\s)|\s(?=nhung\s)|\s(?=dong thoi\s)|:(?=\s)|\s(?=-\s)")
_UNTIL = re.compile(r"\bden\b[^,;.]{0,25}$")
_SINCE = re.compile(r"\b(?:tu|ke tu|tinh tu)(?: het)?(?: ngay)?\s*$")
_NOT_ON = re.compile(r"\b(?:den|tu|truoc|sau|qua|het|han|so voi|cung ky)\b[^,;.\d]{0,25}$")
_SHORT_DAY = re.compile(r"\b(?:ngay|hom|sang|chieu|toi) (?:ngay )?(\d{1,2})(?:/| thang )(\d{1,2})(?![/\d])")
"""A day of the report's year, which is not written: only where no word makes it a last day."""
CITED = re.compile(
    r"(?:\b(?:cong van|van ban|to trinh|quyet dinh|nghi quyet|thong bao|ke hoach|chi thi|giay moi|phieu chuyen|don|thu|"
    r"cong dien|thong tri|bao cao so)\b|\bso:? ?\d+)[^;\n]{0,90}$"
)
"""Before the day of a paper that is cited: “theo Công văn số 12/UBND ngày …” is no day of the report."""
_BEFORE = re.compile(r"(?:truoc|den|xong)[^,;.]{0,20}$")
_FINISH = re.compile(
    r"(?<!co ban )\bhoan thanh(?! co ban)(?: cong tac| dut diem| toan bo| viec)* "
    r"(?:boi thuong|bt|gpmb|giai phong mat bang)|\bban giao toan bo"
)
_PLACE = re.compile(
    r"[\s,;.+-]*(?:(?:ở|tại|trên địa bàn|kinh nghiệm (?:của|từ|tại)|"
    r"(?:tại )?(?:các )?dự án [^,;:.]{0,60}? (?:của|ở|tại)) )?"
    r"(?:UBND )?(?P<kind>tỉnh|nước|huyện|xã|phường|thị trấn|thị xã|thành phố) (?P<rest>[^,;:.]*)",
    re.IGNORECASE,
)
"""A unit that a sentence begins with."""
_UNHELD = re.compile(r"khong (?:duoc )?boi thuong|giao thong|thuy loi|ubnd\b|dat cong\b")


def _lies_in(place: int, stretches: Sequence[tuple[int, int]]) -> bool:
    return any(low <= place < high for low, high in stretches)


class Sentences:
    """Reads the sentences of one text.

    Parameters
    ----------
    named : Mentions
        The projects in it.
    from_on, to_on : date, optional
        Period of the report.
    unit : str, optional
        Name of the unit whose report it is.
    running : bool
        Whether its figures count from the projects' beginning on, unless they say otherwise.
    """

    def __init__(self, named: Mentions, from_on: date | None, to_on: date | None, *, unit: str | None, running: bool):
        self.named, self.source = named, named.source
        self.plain, self.fold = named.plain, named.fold
        self.from_on, self.to_on, self.running = from_on, to_on, running
        self.cells, self.unit = Cells(self.source), fold(unit or "")

    def main_cues(self, low: int, high: int, inner: Sequence[tuple[int, int]]) -> list[Cue]:
        """Find the cues of a sentence that stand in none of some stretches."""
        return [cue for cue in words.cues(self.fold, low, high) if not _lies_in(cue.start, inner)]

    def _inner(self, low: int, high: int) -> list[tuple[int, int]]:
        """Find parentheses with numbers, and what follows "of which": they tell more of what stands before them."""
        found = []
        for match in re.finditer(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", self.fold[low:high]):
            if re.search(r"\d", match[0]) and self.named.quantities(low + match.start(), low + match.end()):
                found.append((low + match.start(), low + match.end()))
        outside = (one for one in PARTS.finditer(self.fold, low, high) if not _lies_in(one.start(), found))
        parts = next(outside, None)
        if parts and self.named.quantities(parts.start(), high):
            found = [*(one for one in found if one[1] <= parts.start()), (parts.start(), high)]
        return found

    def read(self, low: int, high: int, context: Context) -> list[Statement]:
        """Read the statements of a sentence."""
        inner = self._inner(low, high)
        cues = self.main_cues(low, high, inner)
        if len(cues) > _MOST_CUES:
            edges = [low, *(cue.start for cue in cues[_MOST_CUES::_MOST_CUES]), high]
            return [found for start, end in pairwise(edges) for found in self.read(start, end, context)]
        if not any(cue.indicator for cue in cues) and inner:
            inner, cues = [], self.main_cues(low, high, [])
        aimed = self._is_aimed(low, high, context)
        if aimed and re.search(rf"ban giao|mat bang|{words.CLEARANCE}", self.fold[low:high]):
            return self.targets(low, high, context)
        if not cues:
            return []
        clauses = self._clauses(low, high, cues, inner)
        statements = []
        for cue, start, end in clauses:
            statement = self._statement(cue, start, end, inner, context) if cue.indicator else None
            statements.append(statement)
        statements = self._shared(clauses, statements, low, high)
        self._raise(statements)
        kept = []
        for statement in statements:
            if statement is None or not self._says_enough(statement):
                continue
            if aimed and statement.basis not in (PLAN, YTD) and statement.indicator != "citizen_reception":
                continue  # what is to be done is no figure of what was done
            self._time(statement, low, high, self._contrasted(statement, statements, context))
            kept.append(statement)
        return kept

    def _raise(self, statements: Sequence[Statement | None]) -> None:
        """Give the total that an act raised ("…, nâng tổng số … lên 66 hộ") the project of that act."""
        for before, one in pairwise(statements):
            same = before and one and one.indicator == before.indicator and not one.project_words
            if same and words.RAISED.search(self.fold, one.start, one.end):
                one.project, one.project_words = before.project, before.project_words
                one.doubts += [each for each in before.doubts if each.message in (UNSURE_PROJECT, UNKNOWN_PROJECT)]

    def _contrasted(self, statement: Statement, others: Sequence[Statement | None], context: Context) -> Context:
        """See whether the same act is told again for the period: ``đã giao 75 lô, trong tuần giao 05 lô``."""
        later = [one for one in others if one and one.indicator == statement.indicator and one.start > statement.start]
        again = any(words.IN_PERIOD.search(self.fold, one.start, one.end) for one in later)
        return replace(context, state=True) if again else context

    def _clauses(self, low: int, high: int, cues: list[Cue], inner: list) -> list[tuple[Cue, int, int]]:
        """Give each cue its stretch: up to the last comma or "and" before the next cue's own number."""
        joined: list[Cue] = []
        for cue in cues:  # "đã nhận bàn giao mặt bằng … và đã bàn giao mặt bằng cho chủ đầu tư" is one act
            last = joined[-1] if joined else None
            same = last and last.indicator == cue.indicator and not self._collide(low, high, last, cue, cues, inner)
            if same:
                joined[-1] = replace(last, end=cue.end)
            else:
                joined.append(cue)
        edges = [low]
        for last, cue in pairwise(joined):
            cut = _CUT.finditer(self.fold[last.end : cue.start])
            shut = [*inner, *((q.start, q.end) for q in self.named.quantities(last.end, cue.start))]
            cut = [last.end + m.start() for m in cut if not _lies_in(last.end + m.start(), shut)]
            edges.append(cut[-1] if cut else max(last.end, min(cue.start, self._number_before(last.end, cue.start))))
        edges.append(high)
        return [(cue, edges[i], edges[i + 1]) for i, cue in enumerate(joined)]

    def _number_before(self, low: int, place: int) -> int:
        """Give where a document's number right before a cue begins."""
        found = re.search(r"\d[\d.]*\s*$", self.fold[low:place])
        return low + found.start() if found else place

    def _collide(self, low: int, high: int, last: Cue, cue: Cue, cues: list[Cue], inner: list) -> bool:
        """Tell whether two cues of one indicator state the same kind of number twice."""
        others = [one for one in cues if one.start > cue.start and one.indicator != cue.indicator]
        end = others[0].start if others else high
        kinds = []
        for start, stop in ((low if last is cues[0] else last.start, cue.start), (cue.start, end)):
            kinds.append({q.kind for q in self.named.quantities(start, stop) if not _lies_in(q.start, inner)})
        return bool(kinds[0] & kinds[1])

    def _statement(self, cue: Cue, start: int, end: int, inner: list, context: Context) -> Statement:
        statement = Statement(cue.indicator, start, end, basis=ACTS[cue.indicator].basis)
        core = [q for q in self.named.quantities(start, end) if not _lies_in(q.start, inner)]
        if cue.indicator == "citizen_reception":  # of all receptions, those that follow the word
            core = [q for q in core if q.start >= cue.end][:1]
        core = self.cells.pairs(statement, core)
        self.cells.fill(statement, core, cue)
        self._name(statement, start, end, context, inner)
        for low, high in inner:
            if start <= low < end:
                self._add_inner(statement, low, min(high, end), cue)
        place = _PLACE.match(self.plain, start, cue.start)
        if place:
            name = " ".join(takewhile(lambda word: word[0].isupper(), place["rest"].split()))
            own = name if place["kind"].lower() == "tỉnh" else f"{place['kind']} {name}"
            if name and fold(own) not in self.unit:
                statement.doubt(OF_PART_OF_UNIT, words=f"{place['kind']} {name}")
        if re.search(r"\bnhung chua\b", self.fold[cue.end : end + 12]):
            statement.doubt(QUALIFIED)
        return statement

    def _add_inner(self, statement: Statement, low: int, high: int, cue: Cue) -> None:
        said = self.fold[low:high]
        if PARTS.search(said[:40]):
            self.add_parts(statement, low, high)
            return
        found = [q for q in self.named.quantities(low, high) if not self.cells.compared(q, low, high)]
        if words.WHOLE_ASIDE.search(said) or re.search(r"ke hoach(?: nam)?\s*$", self.fold[statement.start : low]):
            return
        new = [
            q
            for q in found
            if q.kind not in statement.values and not (q.kind == "all" and HOUSEHOLDS in statement.values)
        ]
        if len({q.kind for q in new}) == len(new) and len(new) == len(found):
            self.cells.fill(statement, new, cue)

    def add_parts(self, statement: Statement, low: int, high: int) -> None:
        """Read the parts of a figure: each comma's stretch with its number."""
        if statement.indicator in ("capital_plan", "project_status", "stopped_by_clearance"):
            return  # by funds and levels: not a matter of clearance
        start = low
        edges = [m.start() for m in re.finditer(r"[,;](?=\s)|\sva\s", self.fold[low:high])]
        for edge in [*(low + edge for edge in edges), high]:
            found = self.named.quantities(start, edge)
            if not found:
                continue
            cue = next(words.cues(self.fold, start, edge), None)
            if cue and cue.indicator is None:  # such as those of them who have not
                start = edge + 1
                continue
            indicator = cue.indicator if cue else statement.indicator
            part = Statement(indicator, start, edge, basis=statement.basis)
            self.cells.fill(part, found, None)
            self._name(part, start, edge, Context(), [])
            if not part.values:
                continue
            last = statement.parts[-1] if statement.parts else None
            if last and self._completes(part, last, len(found)):
                last.values.update(part.values)
                last.end = edge
            else:
                self._hold(part)
                same = indicator == statement.indicator or indicator in words.PART_INDICATORS
                (statement.parts if same else statement.beside).append(part)
            start = edge + 1
        for part in (*statement.parts, *statement.beside):
            self._inherit(part, statement)

    @staticmethod
    def _completes(part: Statement, last: Statement, numbers: int) -> bool:
        """Tell whether a stretch only adds another number to the part before it: ``04 hộ, diện tích 934 m²``."""
        near = last.end >= part.start - 2 and part.indicator == last.indicator
        return near and numbers == 1 and not set(part.values) & set(last.values)

    def _hold(self, part: Statement) -> None:
        """Tell whose land a part is."""
        if set(part.values) != {AREA}:
            return
        said = self.fold[part.start : part.end]
        if _UNHELD.search(said):
            part.holder = "none"
        elif re.search(r"\bho (?:gia dinh|dan)\b|\bcac ho\b", said):
            part.holder = "household"
        elif re.search(r"\bto chuc\b", said):
            part.holder = "organisation"

    @staticmethod
    def _inherit(part: Statement, whole: Statement) -> None:
        if part.project is None and part.project_words is None:
            part.project, part.project_words = whole.project, whole.project_words
            part.doubts += [one for one in whole.doubts if one.message in (UNSURE_PROJECT, UNKNOWN_PROJECT)]
        if part.holder is None and HOUSEHOLDS in part.values and part.indicator == whole.indicator:
            part.holder = whole.holder
        part.basis, part.from_on, part.to_on, part.period_basis = (
            whole.basis, whole.from_on, whole.to_on, whole.period_basis,
        )  # fmt: skip
        part.doubts += [one for one in whole.doubts if one.message == NO_PERIOD and one not in part.doubts]

    def _name(self, statement: Statement, start: int, end: int, context: Context, inner: list) -> None:
        """Say which project it is of: the one that its words name, else the one of the heading.

        What "of which" tells of a project is of that part alone.
        """
        of_parts = [one for one in inner if PARTS.search(self.fold, *one)]
        named = [one for one in self.named.mentions(start, end) if not _lies_in(one[2], of_parts)]
        subject = None if named else self.named.subject(start, end)
        if subject:
            statement.project, statement.project_words = subject[0], self.plain[slice(*subject[2:])]
        elif len(named) == 1:
            ((code, sure, low, high),) = named
            statement.project, statement.project_words = code, self.plain[low:high].strip(' “”"')
            self.doubt_name(statement, sure)
            if PROJECTS in ACTS[statement.indicator].cells and ACTS[statement.indicator].basis == PERIOD:
                statement.values.setdefault(PROJECTS, 1)
        elif named:
            if PROJECTS not in statement.values and PROJECTS in ACTS[statement.indicator].cells:
                statement.values[PROJECTS] = len(named)
                statement.doubt(SEVERAL_PROJECTS, count=len(named))
        elif context.project_words and PROJECTS not in statement.values:
            statement.project, statement.project_words = context.project, context.project_words.strip()
            self.doubt_name(statement, context.sure)

    @staticmethod
    def doubt_name(statement: Statement, sure: bool) -> None:
        """Mark a project that was not recognised, or not surely."""
        if statement.project is None:
            statement.doubt(UNKNOWN_PROJECT, words=statement.project_words)
        elif not sure:
            statement.doubt(UNSURE_PROJECT, words=statement.project_words)

    def _shared(self, clauses: list, statements: list[Statement | None], low: int, high: int) -> list[Statement | None]:
        """Let acts joined by "and" have the numbers, and acts in a row the projects, that are stated once."""
        for index in range(len(statements) - 2, -1, -1):
            mine, following = statements[index], statements[index + 1]
            if mine is None or following is None:
                continue
            joined = re.match(r"\s*va\b", self.fold[clauses[index + 1][1] : high])
            if not mine.values and joined:
                allowed = ACTS[mine.indicator].cells & {*HOLDERS, PROJECTS}
                mine.values.update({kind: value for kind, value in following.values.items() if kind in allowed})
                mine.holder = following.holder
                mine.project, mine.project_words = following.project, following.project_words
                mine.end = following.end
                mine.doubt(SHARED)
        last = statements[-1]
        if last is not None and PROJECTS in last.values and self.named.mentions(*clauses[-1][1:]):
            for one in statements[:-1]:
                if one is not None and DOCUMENTS in one.values and PROJECTS not in one.values:
                    one.values[PROJECTS] = last.values[PROJECTS]
                    one.project, one.project_words = last.project, last.project_words
                    one.doubt(SHARED)
        return statements

    @staticmethod
    def _says_enough(statement: Statement) -> bool:
        needs = ACTS[statement.indicator].needs
        stated = set(statement.values) - {PERCENT}
        if statement.indicator == "stopped_by_clearance":
            return True
        if needs:
            return bool(stated & needs)
        return bool(stated - {PROJECTS}) if statement.indicator != "target_handover" else bool(statement.values)

    def _time(self, statement: Statement, low: int, high: int, context: Context) -> None:
        """Say of which day or period it is; parts have that of their whole."""
        said = self.fold[low:high]
        until = [day for place, day in days(self.fold, low, high) if _UNTIL.search(self.fold, low, place)]
        stated_day = until[-1] if until else None
        stated = span(self.fold, statement.start, statement.end, self.year()) or span(self.fold, low, high, self.year())
        if statement.basis == PERIOD:
            in_period = words.IN_PERIOD.search(self.fold, low, statement.end)
            to_date = words.TO_DATE.search(said)
            if to_date and in_period and to_date.start() < in_period.start() - low:  # "lũy kế 210 hộ, trong tuần 9 hộ"
                in_period = None
            raised = words.RAISED.search(self.fold, statement.start, statement.end)
            if raised and not words.IN_PERIOD.search(self.fold, statement.start, raised.start()):
                in_period = None
            running = to_date or context.state or self.running
            if words.SINCE_JANUARY.search(said):
                statement.basis = YTD
            elif running and not in_period:
                statement.basis = CUMULATIVE
            elif not in_period and statement.values.keys() & {"of_households", "of_area_m2"}:
                statement.doubt(SHARE_OF_WHOLE)
        own = self._own_days(statement, low) if ACTS[statement.indicator].basis == PERIOD else None
        to_on = stated_day or self.to_on
        if own:
            statement.basis, (statement.from_on, statement.to_on) = PERIOD, own
            statement.period_basis = "stated"
            if self.from_on and statement.from_on < self.from_on:
                statement.doubt(BEFORE_REPORT, first=f"{statement.from_on:%d/%m/%Y}")
        elif statement.basis == CUMULATIVE:
            statement.to_on = to_on
        elif statement.basis in (PLAN, TARGET):
            year = stated[0].year if stated else to_on.year if to_on else None
            statement.from_on, statement.to_on = (date(year, 1, 1), date(year, 12, 31)) if year else (None, None)
        elif statement.basis == YTD:
            statement.to_on = to_on
            statement.from_on = date(to_on.year, 1, 1) if to_on else None
            statement.period_basis = "stated" if stated_day else "assumed"
            if stated and to_on and stated[1].year < to_on.year and not stated_day:  # of a year before
                statement.from_on, statement.to_on = stated
            elif raised := words.RAISED.search(self.fold, statement.start, statement.end):
                statement.doubt(RAISED, words=self.plain[slice(*raised.span())])
            elif stated and not stated_day and self._months_alone(statement, stated):
                statement.basis, statement.period_basis = PERIOD, "stated"
                statement.from_on, statement.to_on = stated
        else:
            self._period(statement, stated, stated_day)
        if statement.to_on is None:
            statement.doubt(NO_PERIOD)
        elif self.to_on and statement.basis == PERIOD and (statement.from_on or statement.to_on) > self.to_on:
            statement.doubt(AFTER_REPORT)
        for other in (*statement.parts, *statement.beside):
            self._inherit(other, statement)

    def _months_alone(self, statement: Statement, stated: tuple[date, date]) -> bool:
        """Tell whether the months that a statement names are those in which it was done, not those up to which."""
        said = self.fold[statement.start : statement.end]
        return (
            stated[0].month > 1
            and bool(re.search(r"\btrong (?:thang|quy)\b", said))
            and PERCENT not in statement.values
        )

    def _own_days(self, statement: Statement, low: int) -> tuple[date, date] | None:
        """Give the day on which alone something was done, or the days from and to which, where its words tell them.

        The day of a paper that is cited is none, nor one before which or up to which alone it counts.
        """
        clause = max(low, statement.start)
        told = days(self.fold, clause, statement.end) or days(self.fold, low, clause)
        found = [(place, day) for place, day in told if not CITED.search(self.fold, max(low, place - 120), place)]
        for place, first in found:
            if not _SINCE.search(self.fold, low, place):
                continue
            last = next((day for at, day in found if at > place and _UNTIL.search(self.fold, place, at)), None)
            return (first, last) if last and first <= last else None
        on = [day for place, day in found if not _NOT_ON.search(self.fold, low, place)]
        short = None if found or not self.year() else _SHORT_DAY.search(self.fold, low, statement.end)
        before = self.fold[max(low, short.start() - 120) : short.start()] if short else ""
        if short and not (_NOT_ON.search(before) or CITED.search(before)):
            on = [day for _, day in days(f"{short[1]}/{short[2]}/{self.year()}")]
        return (on[0], on[0]) if len(set(on)) == 1 else None

    def _period(self, statement: Statement, stated: tuple[date, date] | None, stated_day: date | None) -> None:
        """Take the report's period, unless the sentence states another one."""
        statement.from_on, statement.to_on, statement.period_basis = self.from_on, self.to_on, "assumed"
        whole_year = stated and stated[1].month - stated[0].month == 11
        if stated and not whole_year:
            same = self.from_on == stated[0] and self.to_on and self.to_on <= stated[1]
            if not same:
                statement.from_on, statement.to_on = stated
                if self.to_on and stated[0] <= self.to_on < stated[1]:  # the month is not over
                    statement.to_on = self.to_on
        if stated_day and (self.to_on is None or stated_day < self.to_on):
            statement.to_on = stated_day

    def _is_aimed(self, low: int, high: int, context: Context) -> bool:
        said = self.fold[low:high]
        if words.AIMED.search(said):
            return True
        if words.REMAINS.search(said):  # a heading never outweighs the sentence: what remains is no target
            return False
        return (
            context.aimed
            and not re.search(r"\bda\b|\bluy ke\b", said)
            and not re.search(r"ke hoach von|giai ngan|luot", said)
        )

    def targets(self, low: int, high: int, context: Context) -> list[Statement]:
        """Read how much is to be handed over: a share, an area, households; all of it where it is to be finished."""
        found: list[Statement] = []
        numbers = [q for q in self.named.quantities(low, high) if q.kind in (PERCENT, AREA, HOUSEHOLDS)]
        edges = [low, *(m.start() for m in re.finditer(r"\btrong do\b|,(?=\s*\w+ \w+ \d)", self.fold[low:high])), high]
        edges = sorted({low, high, *(low + e for e in edges[1:-1])})
        for start, end in pairwise(edges):
            mine = [q for q in numbers if start <= q.start < end]
            if not mine:
                continue
            last = found[-1] if found else None
            statement = Statement("target_handover", start, end, basis=TARGET)
            self.cells.fill(statement, mine, None)
            if last and not set(last.values) & set(statement.values) and "trong do" not in self.fold[start:end]:
                last.values.update(statement.values)
                last.end = end
            else:
                found.append(statement)
        if not found and _FINISH.search(self.fold, low, high) and "co ban" not in self.fold[low:high]:
            found.append(Statement("target_handover", low, high, {PERCENT: 100}, basis=TARGET))
        named = self.named.mentions(low, high)
        done: list[Statement] = []
        for statement in found:
            for code, sure, start, end in named or [(None, True, low, low)]:
                one = replace(
                    statement, values=dict(statement.values), doubts=list(statement.doubts), parts=[], beside=[]
                )
                if named:
                    one.project, one.project_words = code, self.plain[start:end].strip(' “”"')
                    self.doubt_name(one, sure)
                elif context.project_words:
                    one.project, one.project_words = context.project, context.project_words
                    self.doubt_name(one, context.sure)
                elif set(one.values) == {PERCENT}:
                    continue
                self._target_time(one, statement.start, statement.end if len(found) > 1 else high, context)
                done.append(one)
        return done

    def _target_time(self, statement: Statement, low: int, high: int, context: Context) -> None:
        last = next((day for place, day in days(self.fold, low, high) if _BEFORE.search(self.fold, low, place)), None)
        stated = span(self.fold, low, high, context.period[0].year if context.period else self.year())
        year = last.year if last else stated[0].year if stated else self.year()
        if context.period and not last and not stated:
            statement.from_on, statement.to_on = context.period
        elif year:
            end = stated[1] if stated and stated[1].year == year else date(year, 12, 31)
            since = stated[0] if stated and not last and stated[0].year == year else date(year, 1, 1)
            statement.from_on, statement.to_on = since, last or end
        else:
            statement.doubt(NO_PERIOD)

    def add_items(self, host: Statement, group: Sequence[Item]) -> None:
        """Hang a list of projects on the figure that they make up."""
        for name, found, low, high in group:
            part = Statement(host.indicator, low, high, basis=host.basis)
            self.cells.fill(part, found, None)
            match = self.named.names.find(name)
            part.project, part.project_words = match.code, name
            self.doubt_name(part, match.sure)
            host.parts.append(part)
            self._inherit(part, host)

    def year(self) -> int | None:
        """Give the year of the report."""
        return self.to_on.year if self.to_on else None
