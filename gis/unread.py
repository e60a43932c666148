"""Which numbers of a report's text went into a proposal, and which did not: what the reader did not understand is said.

Days, numbers of documents and of paragraphs, and marks of footnotes state no quantity and are counted apart.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from gis import reading
from gis.reading import Proposal
from gis.vietnamese import NUMBER, Source, days, number, quantities

_NUMERAL = re.compile(rf"(?<![\d.,]){NUMBER}(?![.,]?\d)")
_OF_PAPER = re.compile(
    r"(?<![\w/])\d[\w.-]{0,20}/(?=[\w&./-]{0,30}[a-z])[\w&./-]++|"
    r"\b(?:so|dieu|khoan|muc|phu luc|bieu|to ban do)[:.]? ?\d+|"
    r"\b(?:quoc lo|ql|tl|duong tinh|dt|km|thua|to|khoi|thon|to dan pho|khu|lo|doan|giai doan|goi|trang|dot|lan|tuan|"
    r"ngay|thang|nam|quy|nhiem ky|khoa) ?\d+(?:\s*[-–/]\s*\d+)*"
)
_COUNTED = re.compile(r"\d[\d.,]*\s*(?:lo|khu|goi|dot|lan)\b")


@dataclass(frozen=True)
class Unread:
    """The numbers of a text.

    Attributes
    ----------
    read : int
        Stand in a proposal.
    marks : int
        Days, numbers of papers, paragraphs and footnotes.
    left : tuple of (int, int)
        Where the others stand in the text: those that were not understood.
    """

    read: int
    marks: int
    left: tuple[tuple[int, int], ...]

    @property
    def total(self) -> int:
        """All numbers of the text: read + marks + left."""
        return self.read + self.marks + len(self.left)


def read(text: str, **about) -> tuple[list[Proposal], Unread]:
    """Read the figures of a text and account for its numbers: `gis.reading.read`, then `numbers`."""
    source = Source(text)
    found = reading.read_source(source, **about)
    return found, numbers(source, found)


def numbers(source: Source, proposals: Sequence[Proposal]) -> Unread:
    """Account for every number of a text.

    Parameters
    ----------
    source : Source
        The text, prepared.
    proposals : sequence of Proposal
        What `gis.reading.read_source` gave for it.

    Returns
    -------
    Unread
        Empty for a text without digits.
    """
    marks = _marks(source)
    values = [(one.start, one.end, _values(one)) for one in proposals]
    amounts = {(each.start, each.end): {each.value, each.of} for each in quantities(source.fold, 0, len(source.fold))}
    covering = sorted(amounts)
    read, known, left = 0, len(source.marks), []
    at = 0
    for found in _NUMERAL.finditer(source.fold):
        while at < len(covering) and covering[at][1] <= found.start():
            at += 1
        within = covering[at] if at < len(covering) and covering[at][0] <= found.start() else None
        begins, ends = source.at[found.start()], source.at[found.end() - 1] + 1
        stated = amounts[within] if within else {number(found[0])[0]}
        if any(start <= begins < end and stated & of for start, end, of in values):
            read += 1
        elif not within and found.start() in marks:
            known += 1
        else:
            left.append((begins, ends))
    return Unread(read, known, tuple(left))


def _values(one: Proposal) -> set:
    return {Decimal(value) if not isinstance(value, int) else value for value in one.values.values()}


def _marks(source: Source) -> set[int]:
    """Give the places of numbers that state no quantity."""
    found = {place for paper in _OF_PAPER.finditer(source.fold) for place in range(*paper.span())}
    found -= {place for counted in _COUNTED.finditer(source.fold) for place in range(*counted.span())}
    for place, _ in days(source.fold):
        stop = re.compile(r"[\d/.-]+|ngay \d+ thang \d+ nam \d+").match(source.fold, place)
        found |= set(range(place, stop.end() if stop else place))
    for one in source.paragraphs:
        begins = re.compile(r"\W*\d{1,2}(?:\.\d{1,2})*[.)]?\s").match(source.fold, one.start, one.end)
        if begins and one.bullet in ("number", None) and re.search(r"[.)]", begins[0]):
            found |= set(range(*begins.span()))
    return found
