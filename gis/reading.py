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
from gis.cautions import Cautions
from gis.cues import ACTS, CUMULATIVE, PERIOD, TARGET, YTD
from gis.mentions import Mentions
from gis.naming import Names
from gis.sentences import CITED, PARTS, Sentences
from gis.spotted import Spotted
from gis.statements import CITED_DAY, PERHAPS_OF, SEVERAL_PROJECTS, Context, Doubt, Statement, check
from gis.surroundings import Surroundings
from gis.vietnamese import MONEY, PERCENT, PROJECTS, Paragraph, Source, days, span

__all__ = ["Doubt", "KnownProject", "Proposal", "read", "read_source"]


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
    return read_source(Source(text), projects=projects, unit=unit, from_on=from_on, to_on=to_on)


def read_source(
    source: Source,
    *,
    projects: Sequence[KnownProject],
    unit: str | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
) -> list[Proposal]:
    """Propose the figures of a text that is prepared already, as `read`."""
    known = [(project.code, project.name) for project in projects]
    return _Reader(source, known, unit, from_on, to_on).proposals()


_DATED = re.compile(r"\b(?:den|bao cao)\b[^.;]{0,30}$")
_ON = r"(?:ngay )?\d{1,2}[/.-]\d{1,2}[/.-]\d{4}"
_BETWEEN = re.compile(rf"\btu {_ON},? den (?:het )?{_ON}")
_OF_ALL = re.compile(r"\b(?:toan (?:tinh|huyen|xa|phuong|thanh pho|thi xa)|tren dia ban)\b")
_CLEARED = re.compile(rf"{words.AIMED.pattern}|mat bang|{words.CLEARANCE}")
_LONGEST_SENTENCE = 3000
"""Letters; what goes on longer has lost its full stops."""
_LONGEST_LIST = 40
"""Paragraphs on each side that tell how a list of projects is meant."""
_ABBREVIATION = re.compile(r"(?:\bTP|\bTX|\bTT|\b[A-ZĐ]|\bsố|\bđ/c)$")


class _Reader:
    """One reading of one text."""

    def __init__(
        self, source: Source, known: Sequence[tuple[str, str]], unit: str | None,
        from_on: date | None, to_on: date | None,
    ):  # fmt: skip
        self.source = source
        self.plain, self.fold = source.plain, source.fold
        self.named = Mentions(source, Names(known, unit))
        spotted = Spotted(source, known, unit)
        self.cautions = Cautions(source, self.named, spotted.quiet)
        self.surroundings = Surroundings(self.named, spotted)
        self.running, self.cited = False, False
        self.from_on, self.to_on = (from_on, to_on) if to_on else self._period_of_text()
        self.sentences = Sentences(self.named, self.from_on, self.to_on, unit=unit, running=self.running)
        named = {one[0]: one for one in reversed(self.named.mentions(0, len(self.fold)))}
        listed = any(self.named.groups(one.start, one.end, note=bool(one.note)) for one in source.paragraphs)
        many = re.search(r"(?<![/.-])(?<!\bnam )\b(?!0?1 )\d+ (?:du an|cong trinh)\b", self.fold)
        self.only = next(iter(named.values()))[2:] if len(named) == 1 and not (listed or many) else None
        """Where the project stands that the text names alone."""
        self.notes = {one.note: one for one in reversed(source.paragraphs) if one.note}
        self.whole_vnd: int | None = None

    def proposals(self) -> list[Proposal]:
        """Read paragraph after paragraph, then hang the lists of notes on what they are notes of."""
        found: list[Statement] = []
        for paragraph, context in self._contexts():
            if paragraph.note and self.named.is_list(paragraph):
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
        of_project = statement.indicator not in words.OF_UNIT and PROJECTS not in statement.values
        if self.only and of_project and not statement.project_words and self.only[0] < statement.start:
            self._suppose(statement)
        of_capital = statement.basis == YTD or statement.indicator == "disbursement_forecast"
        check(statement, self.whole_vnd if of_capital else None)
        self.cautions.mark(statement)
        self.surroundings.mark(statement, within=parent is not None)
        if self.cited and statement.to_on is None:
            statement.doubt(CITED_DAY)
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

    def _suppose(self, statement: Statement) -> None:
        """Take the one project of the text for one that a sentence does not name, and say so."""
        name = self.plain[slice(*self.only)].strip()
        statement.doubt(PERHAPS_OF, words=name)
        if not _OF_ALL.search(self.fold, statement.start, statement.end):
            statement.project, statement.project_words = self.named.names.find(name).code, name

    def _period_of_text(self) -> tuple[date | None, date | None]:
        """Look for the report's period in its head: a day up to which it counts, or months."""
        told = (
            one.start
            for one in self.source.paragraphs
            if self.named.quantities(one.start, one.end) and next(words.cues(self.fold, one.start, one.end), None)
        )
        head = next(told, len(self.fold))
        between = _BETWEEN.search(self.fold, 0, head)
        if between and len(ends := [day for _, day in days(self.fold, *between.span())]) == 2:
            return ends[0], ends[1]
        dated = [(place, day) for place, day in days(self.fold) if _DATED.search(self.fold, max(0, place - 60), place)]
        own = [one for one in dated if not CITED.search(self.fold, max(0, one[0] - 120), one[0])]
        self.cited, dated = bool(dated) and not own, own
        last = next((day for place, day in dated if place < head), None)
        months = span(self.fold, 0, head, last.year if last else None)
        if not months and not last:
            last = dated[0][1] if dated else None
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
            if first and not self.named.quantities(paragraph.start, paragraph.end) and paragraph.bullet != "letter":
                aimed = bool(words.AHEAD_SECTION.search(folded)) and not re.search(r"\bket qua\b", folded)
                section = Context(
                    aimed=aimed, period=span(self.fold, paragraph.start, paragraph.end, self.sentences.year())
                )
            named = self.named.heading(paragraph)
            table = "|" in folded
            if named:
                above = replace(
                    section, project=named.project, project_words=named.words, sure=named.sure,
                    bullet=paragraph.bullet, state=self._is_state(index),
                )  # fmt: skip
            elif paragraph.bullet == above.bullet or paragraph.bullet in ("roman", "hash", None):
                above = section
            context = above
            if table:
                goes_on = self.plain[paragraph.start : paragraph.end].lstrip(" |-")[:1].islower()
                row = row if goes_on else self._row(paragraph, above)
                context = row
            elif words.AIMED_HEAD.match(folded):
                context = replace(context, aimed=True)
            yield paragraph, context

    def _row(self, paragraph: Paragraph, above: Context) -> Context:
        """Say what the first cell of a row of a table says for the others."""
        end = self.plain.find("|", paragraph.start + 2, paragraph.end)
        aimed = bool(words.AIMED.search(self.fold, paragraph.start, end if end > 0 else paragraph.end))
        named = self.named.row(paragraph)
        if named is None:
            return replace(above, project=None, project_words=None, aimed=aimed)
        return replace(above, project=named.project, project_words=named.words, sure=named.sure, aimed=aimed)

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
            while 0 <= at < len(paragraphs) and abs(at - index) < _LONGEST_LIST:
                other = paragraphs[at]
                if other.bullet == mine.bullet:
                    if not self.named.heading(other) or (step == 1 and group[-1].bullet != mine.bullet):
                        break
                elif step == -1 or other.bullet in ("roman", "hash", None):
                    break
                group.append(other)
                at += step
        text = " ".join(self.fold[one.start : one.end] for one in group)
        if re.search(r"\d ?(?:ho)?/\d[\d.,]* ?(?:ho|ha|m2)\b|\bchua \w|" + words.TO_DATE.pattern, text):
            return True
        return not words.IN_PERIOD.search(text) and bool(self.fold[mine.start : mine.end].rstrip()[-1:] != ":")

    def _paragraph(self, paragraph: Paragraph, context: Context) -> list[Statement]:
        found: list[Statement] = []
        start = paragraph.start
        head = self.named.heading(paragraph)
        if head and context.project_words == head.words:
            start = head.end
        listed = self.named.groups(start, paragraph.end)
        running = False  # whether the stretch before, up to a semicolon, counts from the beginning on
        for low, high in self._sentences(start, paragraph.end, listed):
            if words.OTHER_TIME.search(self.fold[low:high]):
                continue
            if found and self._continues(found, low, high, context):
                continue
            if found and self._tells_parts(found[-1], low, high):
                self.sentences.add_parts(found[-1], low, high)
                continue
            last = found[-1] if found and self.fold[low - 1] == ";" else None
            running = running or (last is not None and bool(words.TO_DATE.search(self.fold, last.start, low)))
            running = running and last and last.basis == CUMULATIVE and ACTS[last.indicator].basis == PERIOD
            found += self.sentences.read(low, high, replace(context, state=True) if running else context)
        for group in listed:
            host = next((one for one in reversed(found) if one.end <= group[0][2]), None)
            if host:
                self.sentences.add_items(host, group)
        return found

    def _continues(self, found: list[Statement], low: int, high: int, context: Context) -> bool:
        """Take a stretch after a semicolon that goes on with the statement before it: a share, further projects."""
        last, said = found[-1], self.fold[low:high]
        cue = next(words.cues(self.fold, low, high), None)
        numbers = self.named.quantities(low, high)
        rate = [one.kind for one in numbers] == [PERCENT] and words.RATE_ALONE.search(said)
        if cue is None and rate and PERCENT not in last.values:
            self.sentences.cells.fill_percent(last, numbers[0])
            last.end = high
            return True
        if (
            cue is None
            and numbers
            and words.MONEY_ALONE.search(said)
            and not {q.kind for q in numbers} & last.values.keys()
        ):
            self.sentences.cells.fill(last, numbers, None)
            last.end = high
            return True
        if last.basis != TARGET or self.fold[low - 1] != ";":
            return False
        if cue is None and not numbers and last.project_words and not _CLEARED.search(said):
            start = low + re.match(r"[\s“\"]*(?:du an |va )?\s*", said).end()
            for code, sure, begin, stop in self.named.names_in(start, self.named.name_end(start, high))[:1]:
                other = replace(last, start=begin, end=stop, values=dict(last.values), doubts=[], project=code)
                other.project_words = self.plain[begin:stop].strip(' “”"')
                self.sentences.doubt_name(other, sure)
                found.append(other)
            return True
        if numbers and "phan dau" not in said and not re.search(r"\bda\b", said):
            more = self.sentences.targets(low, high, replace(context, aimed=True))
            for one in more:
                if one.project_words is None:
                    one.project, one.project_words, one.doubts = last.project, last.project_words, list(last.doubts)
                if not days(self.fold, low, high):
                    one.from_on, one.to_on = last.from_on, last.to_on
            found += more
            return bool(more)
        return False

    def _tells_parts(self, whole: Statement, low: int, high: int) -> bool:
        """Tell whether a sentence says what the figure before it is made up of."""
        if not PARTS.match(self.fold[low:high].lstrip(" ,;-(*")):
            return False
        mine = (None, whole.indicator, *words.PART_INDICATORS)
        return all(cue.indicator in mine for cue in words.cues(self.fold, low, high))

    def _sentences(self, start: int, end: int, listed: list) -> Iterator[tuple[int, int]]:
        """Split a stretch into sentences; lists of projects in it are left out."""
        shut = {group[0][2]: group[-1][3] for group in listed}
        low, depth, last_close, skip = start, 0, self.plain.rfind(")", start, end), start
        for place in range(start, end):
            if place in shut:
                if low < place:
                    yield low, place
                low = skip = shut[place]
            if place < skip:
                continue
            letter = self.plain[place]
            if letter == "(" and place < last_close:
                depth += 1
            elif letter == ")":
                depth = max(0, depth - 1)
            elif letter == " " and place - low > _LONGEST_SENTENCE:
                yield low, place
                low, depth = place, 0
            after = self.plain[place + 1 : place + 3]
            ends = not after.strip() or after[0].isspace() or after[0] in '”"*'
            stop = letter in ";|" or (letter in ".!?" and ends)
            if letter == "." and stop:
                stop = not _ABBREVIATION.search(self.plain, low, place)
            if stop and not depth:
                if low < place:
                    yield low, place
                low = place + 1
        if low < end:
            yield low, end

    def _hang_notes(self, found: Sequence[Statement]) -> None:
        """Give lists in footnotes to the statement in whose words the footnote's mark hangs."""
        for place, mark in self.source.marks:
            note = self.notes.get(mark)
            host = next((one for one in found if one.start <= place <= one.end), None)
            if note is None or host is None:
                continue
            groups = self.named.groups(note.start, note.end, note=True)
            if groups:
                self.sentences.add_items(host, groups[0])
            elif host.indicator == "stopped_by_clearance" and PROJECTS not in host.values:
                host.values[PROJECTS] = (
                    len(re.findall(r"(?:^|[;.]\s*)\((\d+)\)", self.plain[note.start : note.end])) or 1
                )
                host.doubt(SEVERAL_PROJECTS, count=host.values[PROJECTS])
