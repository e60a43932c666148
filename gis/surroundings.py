"""What stands beside and above a figure and is not in it: other projects, headings that name something, other months.

None of it decides what a figure is of; each only takes its tick away.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from gis import cues as words
from gis.mentions import Mentions
from gis.spotted import Spot, Spotted
from gis.statements import OTHER_PERIOD, OTHER_PROJECT, UNDER_NAME, Statement
from gis.vietnamese import PROJECTS, Paragraph, span

_LONGEST_TITLE = 160
_NAMES = re.compile(
    r"\b(?:(?:cac )?du an|cong trinh|hang muc|tieu khu|khu (?:do thi|dan cu|tai dinh cu|cong nghiep)|tuyen duong|"
    r"kdt|kdc|ccn|kcn|goi thau)\b(?! (?:dau tu|tren dia ban|trong diem))"
)
"""Words of a title that name something of which figures may be."""
_MONTHS = re.compile(
    r"(?<!\d )\b(?:thang \d{1,2}|quy (?:[1-4]|i{1,3}|iv)|\d{1,2} thang (?:dau|cuoi) nam)\b"
    r"(?:\s*(?:[/,-]\s*|nam )?\d{4})?|\b(?:trong|sau|qua) \d{1,2} thang\b(?! (?:dau|cuoi))|\bnam \d{4}\b"
)
_OF_ANOTHER = re.compile(
    r"\b(?:so voi|cung ky|ke hoach|danh muc|nghi quyet|quyet dinh|dau|cuoi|ngay \d+|"
    r"den|het|truoc|tu|von|chi tieu)\b[^,;.]{0,30}$"
)
_UP_TO = re.compile(r"\b(?:den|het)(?: (?:het|cuoi))?\s+$")
_LEVELS = {"roman": 0, "hash": 0, "number": 1, "letter": 2}
_ENDS = re.compile(r"[.!?](?=\s|$)|\n")


@dataclass(frozen=True)
class _Title:
    """A title that names something: which known projects, if any, and its words."""

    level: int
    codes: frozenset[str]
    words: str
    row: bool
    """Whether it stands in a table, for the rows below it."""


class Surroundings:
    """Marks the statements of one text.

    Parameters
    ----------
    named : Mentions
    spotted : Spotted
        The known projects in the same text, wherever they stand.
    """

    def __init__(self, named: Mentions, spotted: Spotted):
        self.named, self.spotted, self.source = named, spotted, named.source
        self.fold, self.plain = named.fold, named.plain
        self._starts = [one.start for one in self.source.paragraphs]
        self._ends = [found.start() for found in _ENDS.finditer(self.fold)]
        self._above = list(self._titles())

    def _titles(self) -> Iterator[tuple[_Title, ...]]:
        """Tell of each paragraph under which titles that name something it stands."""
        held: list[_Title] = []
        for one in self.source.paragraphs:
            level = 4 if one.note else _LEVELS.get(one.bullet, 3)
            title = None if one.note else self._title(one, level)
            if "|" not in self.fold[one.start : one.end]:
                held = [each for each in held if not each.row]
            if level < 3:
                held = [each for each in held if each.level < level]
            elif title:
                held = [each for each in held if each.level < 3]
            yield () if one.note else tuple(held)
            if title:
                held.append(title)

    def _title(self, one: Paragraph, level: int) -> _Title | None:
        if one.end - one.start > _LONGEST_TITLE or self.named.quantities(one.start, one.end):
            return None
        spots = self.spotted.between(one.start, one.end)
        said = self.plain[one.start : one.end]
        row = "|" in said
        if row and len(spots) < 2 and sum(bool(cell.strip()) for cell in said.split("|")) > 1:
            return None  # it speaks of itself alone: no head of columns, no title of rows
        label = one.bullet == "sign" and not self.fold[one.start : one.end].rstrip().endswith(":")
        if not spots and (label or not _NAMES.search(self.fold, one.start, one.end)):
            return None
        told = next(words.cues(self.fold, one.start, one.end), None) or re.search(
            r"\bda\b", self.fold[one.start : one.end]
        )
        if told and not spots:
            return None
        codes = frozenset(code for spot in spots for code in spot.codes)
        return _Title(level, codes, said.strip(" :#*|-"), row)

    def mark(self, statement: Statement, *, within: bool) -> None:
        """Doubt a figure beside or below words that name another project, something unknown or other months.

        Parameters
        ----------
        statement : Statement
        within : bool
            Whether it is a part of another figure, or told beside one.
        """
        at = max(bisect_right(self._starts, statement.start) - 1, 0)
        low, high = self._sentence(statement)
        beside = self.spotted.between(low, high)
        own = any(statement.project in spot.codes for spot in beside)
        for spot in beside:
            if statement.project in spot.codes:
                continue
            site = re.search(r"\b(?:tai|o)\s+$", self.fold[max(low, spot.start - 8) : spot.start])
            if site and statement.indicator == "resettlement_allocation":
                continue  # where the plots lie, not whose land was taken
            mine = statement.start <= spot.start < statement.end
            if not self._told_apart(statement, spot, own=own, mine=mine, within=within):
                statement.doubt(OTHER_PROJECT, words=self.plain[spot.start : spot.end])
        if statement.project is None and PROJECTS not in statement.values:
            before = bisect_right(self._ends, low - 1) - 1
            first = max(self._ends[before] if before >= 0 else 0, self._starts[at])
            named = first < low and not self.named.quantities(first, low)  # "Dự án X. Đã chi trả …"
            for spot in self.spotted.between(first, low)[-1:] if named else ():
                statement.doubt(OTHER_PROJECT, words=self.plain[spot.start : spot.end])
        for title in self._above[at]:
            if statement.project is None or (title.codes and statement.project not in title.codes):
                statement.doubt(UNDER_NAME, words=title.words)
        if not within:
            self._doubt_months(statement, low, high)

    @staticmethod
    def _told_apart(statement: Statement, spot: Spot, *, own: bool, mine: bool, within: bool) -> bool:
        """Tell whether another project beside a figure has figures of its own, or is one of those that are counted."""
        of_parts = any(part.start <= spot.start < part.end and part.project in spot.codes for part in statement.parts)
        several = statement.project is None and statement.values.get(PROJECTS, 0) > 1
        return of_parts or several or (not mine and (own or within))

    def _doubt_months(self, statement: Statement, low: int, high: int) -> None:
        """Doubt a figure of whose words the months are not those that were taken."""
        if statement.basis in (words.PLAN, words.TARGET) or statement.to_on is None:
            return
        high = statement.end
        for found in _MONTHS.finditer(self.fold, low, high):
            months = span(self.fold, found.start(), found.end(), statement.to_on.year)
            before = max(low, found.start() - 40)
            if _OF_ANOTHER.search(self.fold, before, found.start()):
                last = _UP_TO.search(self.fold, before, found.start()) and statement.basis == words.CUMULATIVE
                if last and months and not months[0] <= statement.to_on <= months[1]:
                    statement.doubt(OTHER_PERIOD, words=self.plain[slice(*found.span())])
                continue
            if found[0].startswith("nam ") and months and months[0].year == statement.to_on.year:
                continue
            if statement.basis == words.CUMULATIVE and found.start() < statement.start:
                continue
            since = statement.from_on or (months[0] if months and statement.basis == words.CUMULATIVE else None)
            if months is None or since != months[0] or not months[0] <= statement.to_on <= months[1]:
                statement.doubt(OTHER_PERIOD, words=self.plain[slice(*found.span())])

    def _sentence(self, statement: Statement) -> tuple[int, int]:
        before = bisect_right(self._ends, statement.start)
        low = self._ends[before - 1] if before else 0
        after = bisect_right(self._ends, max(statement.start, statement.end - 1))
        return low, self._ends[after] if after < len(self._ends) else len(self.fold)
