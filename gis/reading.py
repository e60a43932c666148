"""Reads the figures that a report's sentences state, and proposes them with the words they were read from.

A proposal is never a figure yet: a person confirms it. What cannot be read surely carries a doubt that says why. The
grammar stands in `gis.cues` (what was done) and `gis.vietnamese` (how much, when); here they become statements.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from gis import cues as words
from gis.cues import ACTS, CUMULATIVE, PERIOD, PLAN, TARGET, YTD, Cue
from gis.naming import Names
from gis.statements import (
    NO_PERIOD,
    NOT_OF_ACT,
    OTHER_NUMBER,
    PERCENT_OF_OTHER,
    QUALIFIED,
    SEVERAL_PROJECTS,
    SHARED,
    SUM_NOT_STATED,
    TURNS_NOT_HOUSEHOLDS,
    TWO_READINGS,
    UNKNOWN_PROJECT,
    UNSURE_PROJECT,
    Context,
    Doubt,
    Statement,
    check,
)  # fmt: skip
from gis.vietnamese import (
    AREA,
    DOCUMENTS,
    HOLDERS,
    HOUSEHOLDS,
    MONEY,
    PERCENT,
    PLOTS,
    PROJECTS,
    TURNS,
    Paragraph,
    Quantity,
    Source,
    days,
    quantities,
    span,
)


@dataclass(frozen=True)
class KnownProject:
    """A project that the words of a text may name."""

    code: str
    name: str


@dataclass(frozen=True)
class Proposal:
    """A figure a text states, as it was understood. Cells are named as those of `model.ReportedFigure`."""

    indicator: str
    basis: str | None
    """``period``, ``cumulative``, ``ytd``, ``target`` or ``plan``."""
    from_on: date | None
    to_on: date | None
    period_basis: str | None
    """``assumed`` where the text states not both days; else ``stated``; None where the basis needs no first day."""
    project: str | None
    """Code, when the words name exactly one known project."""
    project_words: str | None
    """The words of the text that name it."""
    holder: str | None
    """``all`` where households count organisations too, ``household``, ``organisation``, ``community``, ``none``."""
    values: Mapping[str, int | Decimal]
    """Of documents, projects, households, organisations, communities, of_households, area_m2, of_area_m2, amount_vnd,
    plots, count, percent. A project count may be counted from the names, and 100 % read from “finish”."""
    part_of: int | None
    """Index in the list of the proposal it is a part of: with its siblings it adds up to that one."""
    quote: str
    """The words it was read from, exactly as in the text."""
    start: int
    end: int
    line: str | None
    """Id of the source line where the text has such (``R1:133``), else the number of the paragraph, from 1."""
    doubts: tuple[Doubt, ...] = ()
    """Empty only when sure."""


def read(
    text: str,
    *,
    projects: Sequence[KnownProject],
    unit: str | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
) -> list[Proposal]:
    """Propose the figures that a text states.

    Parameters
    ----------
    text : str
        Of a report or a part of it, as `gis.reportfile.text_of` gives it: paragraphs by line, footnote marks as
        ``<sup>13</sup>``, ¹³ or ``[^13]`` where they hang and at the beginning of their notes, cells of tables with
        ``|`` between.
    projects : sequence of KnownProject
        Those that may be named.
    unit : str, optional
        Name of the unit whose report it is: its words tell no project from another.
    from_on, to_on : date, optional
        Period of the report, both days in. Without them it is looked for in the text's head. A text may state another
        one for a figure.

    Returns
    -------
    list of Proposal
        In the order of the text; the parts of a figure after it. Empty for a text that states none.
    """
    names = Names([(project.code, project.name) for project in projects], unit)
    return _Reader(Source(text), names, from_on, to_on).proposals()


_MENTION = re.compile(
    r"(?<!\w)(?:cac |mot so )?(?:du an|cong trinh|hang muc)(?: cong trinh)?(?: du an)?\b\s*:?\s*[“\"(]?\s*"
)
_NAME_ENDS = re.compile(
    r"[;|]|[.:](?=\s|$)|”(?=\s*(?:tren|,))|,? (?:voi|tong|dien tich|so tien|tong so|doi voi|trinh|tu ngay|gia tri|dat \d|de thuc hien|va \d)\b|,? (?=\d[\d.,]* ?(?:ho|m2|ha|ty|trieu)\b)"
)
_NO_NAME = re.compile(r"(?:tren|trong|do|cua|theo|nay|da|duoc|bi|co|thuoc|su dung|dau tu cong|bt|va|de|ve|chuyen tiep|khoi cong|hoan thanh|\d)\b|[,.;)]")  # fmt: skip
_OF_PROJECT = re.compile(r"(?:anh huong(?: boi)?|thuoc|thuc hien|tai|trong|doi voi|cua)\s*(?:cac )?$")
_HEAD = re.compile(r"\s*[“\"]?(?P<name>[^:|;]{6,200}?)\s*:(?!\d)")
_HEAD_WORDS = re.compile(r"(?:(?:tieu )?du an|cong trinh|hang muc|da(?= [^a-z]))\s*:?\s*")
_ITEM = re.compile(r"\((?=\s*\d[\d.,/]*\s*(?:ho|to chuc|ha|m2)\b)(?P<inside>[^()]*)\)")
_PARTS = re.compile(r"\b(?:trong do|bao gom|gom)\b\s*:?(?: bao gom| co)?")
_FINISH = re.compile(r"(?<!co ban )\bhoan thanh(?! co ban)(?: cong tac)? (?:boi thuong|bt|gpmb|giai phong mat bang)")
_UNHELD = re.compile(r"khong (?:duoc )?boi thuong|giao thong|thuy loi|ubnd\b|dat cong\b")
_BULLET_TEXT = re.compile(r"\s*[*_]{0,3}(?:[-+•–●]\s|\d{1,2}[.)]\s|[IVX]+\.\s|[a-zđ][.)]\s|#+\s)?\s*(?:[“\"])?")


class _Reader:
    """One reading of one text."""

    def __init__(self, source: Source, names: Names, from_on: date | None, to_on: date | None):
        self.source, self.names = source, names
        self.plain, self.fold = source.plain, source.fold
        self.comma_style = bool(re.search(r"\d,\d{1,2}(?!\d)", self.plain))
        self.given = bool(to_on)
        self.running = False
        self.from_on, self.to_on = (from_on, to_on) if to_on else self._period_of_text()
        self.notes = {one.note: one for one in reversed(source.paragraphs) if one.note}
        self.whole_vnd: int | None = None

    def proposals(self) -> list[Proposal]:
        """Read paragraph after paragraph, then hang the lists of notes on what they are notes of."""
        found: list[Statement] = []
        for paragraph, context in self._contexts():
            if paragraph.note and self._is_list(paragraph):
                continue
            found += self._paragraph(paragraph, context)
        self._hang_notes(found)
        proposals: list[Proposal] = []
        seen = set()
        for statement in found:
            self._propose(statement, None, proposals, seen)
        return proposals

    def _propose(self, statement: Statement, parent: int | None, into: list[Proposal], seen: set) -> None:
        if statement.indicator == "capital_plan":
            self.whole_vnd = statement.values.get(MONEY)
        of_capital = statement.basis == YTD or statement.indicator == "disbursement_forecast"
        check(statement, self.whole_vnd if of_capital else None)
        quote, start, end = self.source.quote(statement.start, statement.end)
        key = (
            statement.indicator, statement.project, statement.project_words, statement.basis, statement.to_on,
            statement.holder, frozenset(statement.values.items()), self.source.line(statement.start), parent,
        )  # fmt: skip
        if parent is None and key in seen:
            return
        seen.add(key)
        into.append(
            Proposal(
                statement.indicator, statement.basis, statement.from_on, statement.to_on, statement.period_basis,
                statement.project, statement.project_words, statement.holder, statement.values, parent,
                quote, start, end, self.source.line(statement.start), tuple(statement.doubts),
            )
        )  # fmt: skip
        index = len(into) - 1
        adds_up = len(statement.parts) > 1 or any(part.indicator != statement.indicator for part in statement.parts)
        for part in statement.parts:
            self._propose(part, index if adds_up else None, into, seen)
        for other in statement.beside:
            self._propose(other, None, into, seen)

    # What holds for a paragraph.

    def _period_of_text(self) -> tuple[date | None, date | None]:
        """Look for the report's period in its head: a day up to which it counts, or months."""
        head = next((cue.start for cue in words.cues(self.fold, 0, len(self.fold)) if cue.indicator), len(self.fold))
        head = max(head, min(len(self.fold), 400))
        last = next((day for place, day in days(self.fold, 0, head) if re.search(r"(?:den|bao cao)[^.;]{0,30}$", self.fold[:place])), None)  # fmt: skip
        months = span(self.fold, 0, head, last.year if last else None)
        if months and last and months[0] <= last <= months[1]:
            return months[0], last
        self.running = not months and last is not None
        return months or (None, last)

    def _contexts(self) -> Iterator[tuple[Paragraph, Context]]:
        """Give each paragraph what its headings and its row of a table say."""
        section, above, row = Context(), Context(), Context()
        paragraphs = self.source.paragraphs
        for index, paragraph in enumerate(paragraphs):
            folded = self.fold[paragraph.start : paragraph.end]
            if paragraph.note:
                yield paragraph, Context(aimed=False)
                continue
            first = paragraph.bullet in ("roman", "hash", "number", "letter") and len(folded) < 200
            if first and not self._quantities(paragraph.start, paragraph.end) and paragraph.bullet != "letter":
                aimed = bool(words.AHEAD_SECTION.search(folded)) and not re.search(r"\bket qua\b", folded)
                section = Context(aimed=aimed, period=span(self.fold, paragraph.start, paragraph.end, self._year()))
            named = self._heading(paragraph)
            table = "|" in folded
            if named:
                above = replace(section, **named, bullet=paragraph.bullet, state=self._is_state(index))
            elif paragraph.bullet == above.bullet or paragraph.bullet in ("roman", "hash", None):
                above = section
            context = above
            if table:
                goes_on = self.plain[paragraph.start : paragraph.end].lstrip(" |-")[:1].islower()
                row = row if goes_on else replace(above, **self._row(paragraph))
                context = row
            yield paragraph, context

    def _year(self) -> int | None:
        return self.to_on.year if self.to_on else None

    def _heading(self, paragraph: Paragraph) -> dict | None:
        """Read the project that a paragraph begins with, before a colon."""
        head = _HEAD.match(self.plain, paragraph.start, paragraph.end)
        start = paragraph.start + len(_BULLET_TEXT.match(self.plain[paragraph.start : paragraph.end])[0])
        if head is None or head.end("name") <= start or next(words.cues(self.fold, start, head.end("name")), None):
            return None
        said = _HEAD_WORDS.match(self.fold, start, head.end("name")) or re.match(r"DA\s+", self.plain[start:])
        if said:
            start += said.end() - (start if said.re is _HEAD_WORDS else 0)
        name = self.plain[start : head.end("name")]
        match = self.names.find(name)
        if match.code is None and not (said and name[:1].isalnum()):
            return None
        return {"project": match.code, "project_words": name.strip(), "sure": match.sure}

    def _row(self, paragraph: Paragraph) -> dict:
        """Read what the first cell of a row says for the others."""
        end = self.plain.find("|", paragraph.start + 2, paragraph.end)
        end = paragraph.end if end < 0 else end
        mention = self._mentions(paragraph.start, end)
        aimed = bool(words.AIMED.search(self.fold, paragraph.start, end))
        if len(mention) == 1:
            ((code, sure, start, stop),) = mention
            return {"project": code, "project_words": self.plain[start:stop].strip(), "sure": sure, "aimed": aimed}
        return {"project": None, "project_words": None, "aimed": aimed}

    def _is_state(self, index: int) -> bool:
        """Tell whether what stands under a project's heading counts from its beginning on.

        It does where the heading's paragraphs, or those of its neighbours in the same list, state a share, what is
        left or a running total; unless the period is named.
        """
        paragraphs = self.source.paragraphs
        mine = paragraphs[index]
        group = [mine]
        for step in (1, -1):
            at = index + step
            while 0 <= at < len(paragraphs):
                other = paragraphs[at]
                if other.bullet == mine.bullet:
                    if not self._heading(other) or (step == 1 and group[-1].bullet != mine.bullet):
                        break
                elif step == -1 or other.bullet in ("roman", "hash", None):
                    break
                group.append(other)
                at += step
        text = " ".join(self.fold[one.start : one.end] for one in group)
        if re.search(r"\d ?(?:ho)?/\d[\d.,]* ?(?:ho|ha|m2)\b|\bchua \w|" + words.TO_DATE.pattern, text):
            return True
        return not words.IN_PERIOD.search(text) and bool(self.fold[mine.start : mine.end].rstrip()[-1:] != ":")

    # Sentences.

    def _paragraph(self, paragraph: Paragraph, context: Context) -> list[Statement]:
        found: list[Statement] = []
        start = paragraph.start
        head = _HEAD.match(self.plain, start, paragraph.end)
        if head and context.project_words and context.project_words == self._heading_words(paragraph):
            start = head.end()
        listed = self._list(start, paragraph.end)
        for low, high in self._sentences(start, paragraph.end, listed):
            if words.OTHER_TIME.search(self.fold[low:high]):
                continue
            if found and self._continues(found, low, high, context):
                continue
            continued = _PARTS.match(self.fold[low:high].lstrip(" ,;-(*"))
            if continued and found and not next((c for c in self._main_cues(low, high, []) if c.indicator not in (None, found[-1].indicator, *words.PART_INDICATORS)), None):  # fmt: skip
                self._add_parts(found[-1], low, high)
                continue
            found += self._sentence(low, high, context)
        for group in listed:
            host = next((one for one in reversed(found) if one.end <= group[0][2]), None)
            if host:
                self._add_items(host, group)
        return found

    def _continues(self, found: list[Statement], low: int, high: int, context: Context) -> bool:
        """Take a stretch after a semicolon that goes on with the statement before it: a share, further projects."""
        last, said = found[-1], self.fold[low:high]
        cue = next(words.cues(self.fold, low, high), None)
        numbers = self._quantities(low, high)
        if (
            cue is None
            and words.RATE_ALONE.search(said)
            and [q.kind for q in numbers] == [PERCENT]
            and PERCENT not in last.values
        ):
            self._fill_percent(last, numbers[0])
            last.end = high
            return True
        if last.basis != TARGET or self.fold[low - 1] != ";":
            return False
        if cue is None and not numbers and last.project_words and not words.AIMED.search(said):
            start = low + re.match(r"[\s“\"]*(?:du an |va )?\s*", said).end()
            end = next(
                (m.start() for m in _NAME_ENDS.finditer(self.fold, start, high) if not self._opened(start, m.start())),
                high,
            )
            for code, sure, begin, stop in self._names_in(start, end)[:1]:
                other = replace(last, start=begin, end=stop, values=dict(last.values), doubts=[], project=code, project_words=self.plain[begin:stop].strip(" “”\""))  # fmt: skip
                self._doubt_name(other, sure)
                found.append(other)
            return True
        if numbers and not words.AIMED.search(said) and not re.search(r"\bda\b", said):
            more = self._targets(low, high, replace(context, aimed=True))
            for one in more:
                if one.project_words is None:
                    one.project, one.project_words, one.doubts = last.project, last.project_words, list(last.doubts)
                if not days(self.fold, low, high):
                    one.from_on, one.to_on = last.from_on, last.to_on
            found += more
            return bool(more)
        return False

    def _heading_words(self, paragraph: Paragraph) -> str | None:
        named = self._heading(paragraph)
        return named["project_words"] if named else None

    def _sentences(self, start: int, end: int, listed: list) -> Iterator[tuple[int, int]]:
        """Split a stretch into sentences; lists of projects in it are left out."""
        shut = [(group[0][2], group[-1][3]) for group in listed]
        low, depth = start, 0
        for place in range(start, end):
            if any(a <= place < b for a, b in shut):
                if low < place:
                    yield low, place
                low = next(b for a, b in shut if a <= place < b)
                continue
            letter = self.plain[place]
            if letter in "()":
                closes = letter == "(" and ")" in self.plain[place:end]
                depth = max(0, depth + (1 if closes else -1 if letter == ")" else 0))
            after = self.plain[place + 1 : place + 3]
            stop = (
                letter in ";|" or (letter in ".!?" and (not after.strip() or after[:1].isspace() or after[:1] in '”"*'))
            )
            if letter == "." and stop:
                stop = not re.search(r"(?:\bTP|\bTX|\bTT|\b[A-ZĐ]|\bsố|\bđ/c)$", self.plain[low:place])
            if stop and not depth:
                if low < place:
                    yield low, place
                low = place + 1
        if low < end:
            yield low, end

    def _quantities(self, start: int, end: int) -> list[Quantity]:
        return quantities(self.fold, start, end, comma_style=self.comma_style)

    def _main_cues(self, low: int, high: int, inner: Sequence[tuple[int, int]]) -> list[Cue]:
        return [cue for cue in words.cues(self.fold, low, high) if not any(a <= cue.start < b for a, b in inner)]

    def _inner(self, low: int, high: int) -> list[tuple[int, int]]:
        """Find parentheses with numbers, and what follows "of which": they tell more of what stands before them."""
        found = []
        for match in re.finditer(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", self.fold[low:high]):
            if re.search(r"\d", match[0]) and self._quantities(low + match.start(), low + match.end()):
                found.append((low + match.start(), low + match.end()))
        parts = next((one for one in _PARTS.finditer(self.fold, low, high) if not any(a <= one.start() < b for a, b in found)), None)  # fmt: skip
        if parts and self._quantities(parts.start(), high):
            found = [one for one in found if one[1] <= parts.start()] + [(parts.start(), high)]
        return found

    def _sentence(self, low: int, high: int, context: Context) -> list[Statement]:
        inner = self._inner(low, high)
        cues = self._main_cues(low, high, inner)
        if not any(cue.indicator for cue in cues) and inner:
            inner, cues = [], self._main_cues(low, high, [])
        aimed = self._is_aimed(low, high, context)
        if aimed and re.search(rf"ban giao|mat bang|{words.CLEARANCE}", self.fold[low:high]):
            return self._targets(low, high, context)
        if not cues:
            return []
        clauses = self._clauses(low, high, cues, inner)
        statements = []
        for cue, start, end in clauses:
            statement = self._statement(cue, start, end, inner, context) if cue.indicator else None
            statements.append(statement)
        statements = self._shared(clauses, statements, low, high)
        kept = []
        for statement in statements:
            if statement is None or not self._says_enough(statement):
                continue
            if aimed and statement.basis not in (PLAN, YTD) and statement.indicator != "citizen_reception":
                continue  # what is to be done is no figure of what was done
            self._time(statement, low, high, context)
            kept.append(statement)
        return kept

    def _clauses(self, low: int, high: int, cues: list[Cue], inner: list) -> list[tuple[Cue, int, int]]:
        """Give each cue its stretch: up to the last comma or "and" before the next cue's own number."""
        joined: list[Cue] = []
        for cue in cues:  # "đã nhận bàn giao mặt bằng … và đã bàn giao mặt bằng cho chủ đầu tư" is one act
            last = joined[-1] if joined else None
            same = last and last.indicator == cue.indicator and not self._collide(low, high, last, cue, cues, inner)
            if not same:
                joined.append(cue)
        edges = [low]
        for last, cue in zip(joined, joined[1:], strict=False):
            cut = [m for m in re.finditer(r",(?=\s)|\s(?=va\s)|\s(?=nhung\s)|\s(?=dong thoi\s)|:(?=\s)|\s(?=-\s)", self.fold[last.end : cue.start])]  # fmt: skip
            shut = [*inner, *((q.start, q.end) for q in self._quantities(last.end, cue.start))]
            cut = [last.end + m.start() for m in cut if not any(a <= last.end + m.start() < b for a, b in shut)]
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
            kinds.append({q.kind for q in self._quantities(start, stop) if not any(a <= q.start < b for a, b in inner)})
        return bool(kinds[0] & kinds[1])

    def _compared(self, quantity: Quantity, low: int, high: int) -> bool:
        """Tell whether a number is of another period, or a difference to one."""
        before = re.split(r"[,;(](?=\s|\w)(?!\d)", self.fold[low : quantity.start])[-1]
        return bool(words.COMPARED_BEFORE.search(before) or words.COMPARED_AFTER.match(self.fold, quantity.end, high))

    def _statement(self, cue: Cue, start: int, end: int, inner: list, context: Context) -> Statement:
        statement = Statement(cue.indicator, start, end, basis=ACTS[cue.indicator].basis)
        core = [q for q in self._quantities(start, end) if not any(a <= q.start < b for a, b in inner)]
        if cue.indicator == "citizen_reception":  # of all receptions, those that follow the word
            core = [q for q in core if q.start >= cue.end][:1]
        core = self._pairs(statement, core)
        self._fill(statement, core, cue)
        self._name(statement, start, end, context)
        for low, high in inner:
            if start <= low < end:
                self._add_inner(statement, low, min(high, end), cue)
        if re.search(r"\bnhung chua\b", self.fold[cue.end : end + 12]):
            statement.doubt(QUALIFIED)
        return statement

    def _pairs(self, statement: Statement, core: list[Quantity]) -> list[Quantity]:
        """Take apart ``84 hộ với diện tích 6.257,67 m² và 01 tổ chức, diện tích 348,4 m²``: each holder's own area."""
        shape = [q for q in core if q.kind in (*HOLDERS, AREA)]
        kinds = [q.kind for q in shape]
        if not (len(kinds) == 4 and kinds[1] == kinds[3] == AREA and kinds[0] != kinds[2] and AREA not in (kinds[0], kinds[2])):  # fmt: skip
            return core
        one_act = any(q.kind in (DOCUMENTS, PROJECTS) for q in core)
        for holder, area in (shape[:2], shape[2:]):
            kind = holder.kind[:-1] if holder.kind != "communities" else "community"
            part = Statement(
                statement.indicator, holder.start, area.end, {holder.kind: holder.value, AREA: area.value}, kind
            )
            (statement.parts if one_act else statement.beside).append(part)
        if one_act:
            statement.values[AREA] = shape[1].value + shape[3].value
            statement.doubt(SUM_NOT_STATED)
            return [q for q in core if q.kind != AREA]
        first = statement.beside.pop(0)
        statement.holder = first.holder
        return [q for q in core if q not in shape[2:]]

    def _fill(self, statement: Statement, core: Sequence[Quantity], cue: Cue | None) -> None:
        """Put numbers into cells; a second one of a kind is doubted, one that cannot belong here is left out."""
        act, values = ACTS[statement.indicator], statement.values
        for index, one in enumerate(core):
            if self._compared(one, statement.start, statement.end):
                continue
            kind = HOUSEHOLDS if one.kind == "all" else one.kind
            if kind == PERCENT:
                self._fill_percent(statement, one)
                continue
            if kind == "turns_of_households":
                statement.doubt(TURNS_NOT_HOUSEHOLDS)
                kind, act = TURNS, replace(act, cells=act.cells | {TURNS})
            if kind == DOCUMENTS and (cue is None or one.start > cue.end or DOCUMENTS not in act.cells):
                continue
            if self._entitled(statement, core, index):
                continue
            if kind not in act.cells:
                if kind in (MONEY, AREA) and self._near(cue, one):
                    statement.doubt(NOT_OF_ACT, other=self.source.quote(one.start, one.end)[0])
                continue
            if kind in values:
                if values[kind] != one.value and kind not in (PROJECTS, DOCUMENTS):
                    statement.doubt(OTHER_NUMBER, other=self.source.quote(one.start, one.end)[0])
                continue
            values[kind] = one.value
            if one.kind == "all":
                statement.holder = "all"
            if one.of is not None and kind in (HOUSEHOLDS, AREA):
                values[f"of_{kind}"] = one.of
            if one.unsure:
                statement.doubt(TWO_READINGS, number=one.unsure)

    def _near(self, cue: Cue | None, one: Quantity) -> bool:
        return cue is not None and one.start - cue.end < 120

    def _fill_percent(self, statement: Statement, one: Quantity) -> None:
        after = self.fold[one.end : one.end + 40]
        if PERCENT in statement.values or words.COMPARED_AFTER.match(after):
            return
        if re.match(r"\s*(?:gia tri )?khoi luong", after):
            statement.doubt(PERCENT_OF_OTHER)
            return
        statement.values[PERCENT] = one.value

    def _entitled(self, statement: Statement, core: Sequence[Quantity], index: int) -> bool:
        """Read ``140 ô tái định cư/134 hộ`` of a plan: the households that the plots are for."""
        if statement.indicator != "plan_approval" or not index or core[index].kind != HOUSEHOLDS:
            return False
        plots, holders = core[index - 1], core[index]
        if plots.kind != PLOTS or not re.fullmatch(r"[^\d,;]{0,6}/\s*", self.fold[plots.end : holders.start]):
            return False
        values = {PLOTS: plots.value, HOUSEHOLDS: holders.value}
        statement.beside.append(Statement("resettlement_entitlement", plots.start, holders.end, values))
        return True

    # What stands in parentheses and after "of which".

    def _add_inner(self, statement: Statement, low: int, high: int, cue: Cue) -> None:
        said = self.fold[low:high]
        if _PARTS.search(said[:40]):
            self._add_parts(statement, low, high)
            return
        found = [q for q in self._quantities(low, high) if not self._compared(q, low, high)]
        if words.WHOLE_ASIDE.search(said) or re.search(r"ke hoach(?: nam)?\s*$", self.fold[statement.start : low]):  # fmt: skip
            return
        new = [
            q
            for q in found
            if q.kind not in statement.values and not (q.kind == "all" and HOUSEHOLDS in statement.values)
        ]
        if len({q.kind for q in new}) == len(new) and len(new) == len(found):
            self._fill(statement, new, cue)

    def _add_parts(self, statement: Statement, low: int, high: int) -> None:
        """Read the parts of a figure: each comma's stretch with its number."""
        if statement.indicator in ("capital_plan", "project_status", "stopped_by_clearance"):
            return  # by funds and levels: not a matter of clearance
        start = low
        edges = [m.start() for m in re.finditer(r"[,;](?=\s)|\sva\s", self.fold[low:high])]
        for edge in [*(low + edge for edge in edges), high]:
            found = self._quantities(start, edge)
            if not found:
                continue
            cue = next(words.cues(self.fold, start, edge), None)
            indicator = cue.indicator if cue and cue.indicator else statement.indicator
            part = Statement(indicator, start, edge, basis=statement.basis)
            self._fill(part, found, None)
            if not part.values:
                continue
            last = statement.parts[-1] if statement.parts else None
            if last and last.end >= start - 2 and not set(part.values) & set(last.values) and len(found) == 1 and part.indicator == last.indicator:  # fmt: skip
                last.values.update(part.values)
                last.end = edge
            else:
                self._hold(part)
                same = indicator == statement.indicator or indicator in words.PART_INDICATORS
                (statement.parts if same else statement.beside).append(part)
            start = edge + 1
        for part in (*statement.parts, *statement.beside):
            self._inherit(part, statement)

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

    # Projects.

    def _name(self, statement: Statement, start: int, end: int, context: Context) -> None:
        """Say which project it is of: the one that its words name, else the one of the heading."""
        named = self._mentions(start, end)
        if len(named) == 1:
            ((code, sure, low, high),) = named
            statement.project, statement.project_words = code, self.plain[low:high].strip(' “”"')
            self._doubt_name(statement, sure)
            if PROJECTS in ACTS[statement.indicator].cells and ACTS[statement.indicator].basis == PERIOD:
                statement.values.setdefault(PROJECTS, 1)
        elif named:
            if PROJECTS not in statement.values and PROJECTS in ACTS[statement.indicator].cells:
                statement.values[PROJECTS] = len(named)
                if not all(sure for _, sure, _, _ in named):
                    statement.doubt(SEVERAL_PROJECTS, count=len(named))
        elif context.project_words and PROJECTS not in statement.values:
            statement.project, statement.project_words = context.project, context.project_words.strip()
            self._doubt_name(statement, context.sure)

    @staticmethod
    def _doubt_name(statement: Statement, sure: bool) -> None:
        if statement.project is None:
            statement.doubt(UNKNOWN_PROJECT, words=statement.project_words)
        elif not sure:
            statement.doubt(UNSURE_PROJECT, words=statement.project_words)

    def _mentions(self, low: int, high: int) -> list[tuple[str | None, bool, int, int]]:
        """Find the projects that are named after "project" or "works": code, sure, place."""
        found: list[tuple[str | None, bool, int, int]] = []
        for match in _MENTION.finditer(self.fold, low, high):
            if (found and match.start() < found[-1][3]) or re.search(r"\d\s*$", self.fold[low : match.start()]):
                continue
            if _NO_NAME.match(self.fold, match.end(), high) or match.end() >= high:
                continue
            ends = next((m.start() for m in _NAME_ENDS.finditer(self.fold, match.end(), high) if not self._opened(match.end(), m.start())), high)  # fmt: skip
            found += self._names_in(match.end(), ends)
        return found

    def _opened(self, low: int, place: int) -> bool:
        said = self.plain[low:place]
        return said.count("(") > said.count(")")

    def _names_in(self, low: int, high: int) -> list[tuple[str | None, bool, int, int]]:
        """Take a stretch apart into names: commas and "and" stand between names and within them."""
        found = []
        while low < high:
            cuts = [low + m.start() for m in re.finditer(r"[,;](?=\s)|\sva\s|\s-\s|\(|”", self.fold[low:high])][:8] + [
                high
            ]
            tried = [(self.names.find(self.plain[low:cut]), cut) for cut in cuts if cut > low]
            if not tried:
                break
            match, cut = max(tried, key=lambda one: (one[0].sure, one[0].code is not None, one[0].score, one[1]))
            if match.code is None:
                cut = next((one for _, one in tried if self.plain[one : one + 1] in ",;"), high)
                if not self.plain[low:cut].strip(' “"')[:1].isupper():
                    break
            found.append((match.code, match.sure, low, cut))
            rest = re.match(r"\s*\([^)]*\)", self.plain[cut:high])
            cut += rest.end() if rest else 0
            gap = re.match(r"[\s,;”]*(?:và\s+)?", self.plain[cut:high])
            low = cut + gap.end()
            if not gap[0].strip(" ”") or not self.plain[low : low + 1].isupper():
                break
        return found

    # Lists of projects.

    def _list(
        self, start: int, end: int, *, note: bool = False
    ) -> list[list[tuple[str, Sequence[Quantity], int, int]]]:
        """Find ``Project A (44 hộ); Project B (36 hộ)``: groups of name, numbers and place."""
        groups: list[list[tuple[str, Sequence[Quantity], int, int]]] = []
        last = start
        for match in _ITEM.finditer(self.fold, start, end):
            low = last
            said = self.fold[low : match.start()]
            colon = [m.end() for m in re.finditer(r":(?=\s)", said)]
            goes_on = bool(groups) and groups[-1][-1][3] == last and not re.search(r"\.\s", said)
            if not goes_on:
                if not colon and not (note and low == start):
                    continue
                low += colon[-1] if colon else 0
            low += re.match(r"[\s;,.+-]*(?:va )?(?:\(\d+\)\s*)?(?:du an:? )?", self.fold[low : match.start()]).end()
            if next(words.cues(self.fold, low, match.start()), None) or match.start() - low < 4:
                continue
            item = (
                self.plain[low : match.start()].strip(" :"),
                self._quantities(*match.span("inside")),
                low,
                match.end(),
            )
            if goes_on:
                groups[-1].append(item)
            else:
                groups.append([item])
            last = match.end()
        return [group for group in groups if len(group) > 1 or note]

    def _is_list(self, note: Paragraph) -> bool:
        groups = self._list(note.start, note.end, note=True)
        return bool(groups) and groups[0][0][2] - note.start < 20 and note.end - groups[-1][-1][3] < 20

    def _add_items(self, host: Statement, group: Sequence[tuple[str, Sequence[Quantity], int, int]]) -> None:
        for name, found, low, high in group:
            part = Statement(host.indicator, low, high, basis=host.basis)
            self._fill(part, found, None)
            match = self.names.find(name)
            part.project, part.project_words = match.code, name
            self._doubt_name(part, match.sure)
            host.parts.append(part)
            self._inherit(part, host)

    def _hang_notes(self, found: Sequence[Statement]) -> None:
        """Give lists in footnotes to the statement in whose words the footnote's mark hangs."""
        for place, mark in self.source.marks:
            note = self.notes.get(mark)
            host = next((one for one in found if one.start <= place <= one.end), None)
            if note is None or host is None:
                continue
            groups = self._list(note.start, note.end, note=True)
            if groups:
                self._add_items(host, groups[0])
            elif host.indicator == "stopped_by_clearance" and PROJECTS not in host.values:
                host.values[PROJECTS] = (
                    len(re.findall(r"(?:^|[;.]\s*)\((\d+)\)", self.plain[note.start : note.end])) or 1
                )
                host.doubt(SEVERAL_PROJECTS, count=host.values[PROJECTS])

    # Acts that share numbers.

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
                mine.holder, mine.project, mine.project_words = (
                    following.holder,
                    following.project,
                    following.project_words,
                )
                mine.end = following.end
                mine.doubt(SHARED)
        last = statements[-1]
        if (
            last is not None
            and PROJECTS in last.values
            and not any(q.kind == PROJECTS for q in self._quantities(*clauses[-1][1:]))
        ):
            named = self._mentions(*clauses[-1][1:])
            for one in statements[:-1]:
                if one is not None and named and one.project is None and PROJECTS not in one.values and PROJECTS in ACTS[one.indicator].cells and DOCUMENTS in one.values:  # fmt: skip
                    one.values[PROJECTS], one.project, one.project_words = (
                        last.values[PROJECTS],
                        last.project,
                        last.project_words,
                    )
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

    # Time.

    def _time(self, statement: Statement, low: int, high: int, context: Context) -> None:
        """Say of which day or period it is; parts have that of their whole."""
        said = self.fold[low:high]
        stated_day = next((day for place, day in reversed(days(self.fold, low, high)) if re.search(r"\bden\b[^,;.]{0,25}$", self.fold[low:place])), None)  # fmt: skip
        stated = span(self.fold, low, high, self._year())
        if statement.basis == PERIOD:
            in_period = words.IN_PERIOD.search(said)
            running = words.TO_DATE.search(said) or context.state or self.running
            if running and not in_period:
                statement.basis = CUMULATIVE
        to_on = stated_day or self.to_on
        if statement.basis == CUMULATIVE:
            statement.to_on = to_on
        elif statement.basis in (PLAN, TARGET):
            year = stated[0].year if stated else to_on.year if to_on else None
            statement.from_on, statement.to_on = (date(year, 1, 1), date(year, 12, 31)) if year else (None, None)
        elif statement.basis == YTD:
            statement.to_on = to_on
            statement.from_on = date(to_on.year, 1, 1) if to_on else None
            statement.period_basis = "stated" if stated_day else "assumed"
        else:
            self._period(statement, stated, stated_day)
        if statement.to_on is None:
            statement.doubt(NO_PERIOD)
        for other in (*statement.parts, *statement.beside):
            self._inherit(other, statement)

    def _period(self, statement: Statement, stated: tuple[date, date] | None, stated_day: date | None) -> None:
        """Take the report's period, unless the sentence states another one."""
        statement.from_on, statement.to_on, statement.period_basis = self.from_on, self.to_on, "assumed"
        whole_year = stated and stated[1].month - stated[0].month == 11
        if stated and not whole_year:
            same = self.from_on == stated[0] and self.to_on and self.to_on <= stated[1]
            if not same:
                statement.from_on, statement.to_on = stated
        if stated_day and (self.to_on is None or stated_day < self.to_on):
            statement.to_on = stated_day

    # What is to be done.

    def _is_aimed(self, low: int, high: int, context: Context) -> bool:
        said = self.fold[low:high]
        if words.AIMED.search(said):
            return True
        return (
            context.aimed
            and not re.search(r"\bda\b|\bluy ke\b", said)
            and not re.search(r"ke hoach von|giai ngan|luot", said)
        )

    def _targets(self, low: int, high: int, context: Context) -> list[Statement]:
        """Read how much is to be handed over: a share, an area, households; all of it where it is to be finished."""
        found: list[Statement] = []
        numbers = [q for q in self._quantities(low, high) if q.kind in (PERCENT, AREA, HOUSEHOLDS)]
        edges = [low, *(m.start() for m in re.finditer(r"\btrong do\b|,(?=\s*\w+ \w+ \d)", self.fold[low:high])), high]
        edges = sorted({low, high, *(low + e for e in edges[1:-1])})
        for start, end in zip(edges, edges[1:], strict=False):
            mine = [q for q in numbers if start <= q.start < end]
            if not mine:
                continue
            last = found[-1] if found else None
            statement = Statement("target_handover", start, end, basis=TARGET)
            self._fill(statement, mine, None)
            if last and not set(last.values) & set(statement.values) and "trong do" not in self.fold[start:end]:
                last.values.update(statement.values)
                last.end = end
            else:
                found.append(statement)
        if not found and _FINISH.search(self.fold, low, high) and "co ban" not in self.fold[low:high]:
            found.append(Statement("target_handover", low, high, {PERCENT: 100}, basis=TARGET))
        named = self._mentions(low, high)
        done: list[Statement] = []
        for statement in found:
            for code, sure, start, end in named or [(None, True, low, low)]:
                one = replace(
                    statement, values=dict(statement.values), doubts=list(statement.doubts), parts=[], beside=[]
                )
                if named:
                    one.project, one.project_words = code, self.plain[start:end].strip(' “”"')
                    self._doubt_name(one, sure)
                elif context.project_words:
                    one.project, one.project_words = context.project, context.project_words
                    self._doubt_name(one, context.sure)
                elif set(one.values) == {PERCENT}:
                    continue
                self._target_time(one, statement.start, statement.end if len(found) > 1 else high, context)
                done.append(one)
        return done

    def _target_time(self, statement: Statement, low: int, high: int, context: Context) -> None:
        last = next((day for place, day in days(self.fold, low, high) if re.search(r"(?:truoc|den|xong)[^,;.]{0,20}$", self.fold[low:place])), None)  # fmt: skip
        stated = span(self.fold, low, high, self._year())
        year = last.year if last else stated[0].year if stated else self._year()
        if context.period and not last:
            statement.from_on, statement.to_on = context.period
        elif year:
            statement.from_on, statement.to_on = date(year, 1, 1), last or date(year, 12, 31)
        else:
            statement.doubt(NO_PERIOD)
