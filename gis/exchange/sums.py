"""Sums that a table states, compared with what stands in it: totals and groups down a column, parts along a row.

What a sum is of is found by its place: it is right where it is that of the rows since any sum or group before it, or of
those up to any behind it. Whoever reads the table tells what differs before anything is recorded.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, combinations

from gis import inwords
from gis.exchange.headings import Column, plain, units_in


@dataclass(frozen=True)
class Differing:
    """A sum that is not that of its rows."""

    row: int
    stated: Decimal
    counted: Decimal
    """Of the rows that it should be of, as its place says."""
    rows: int
    """How many there are of them."""
    of_group: bool


class Down:
    """A column of numbers as it is read down, with the sums that it states."""

    def __init__(self) -> None:
        self.values: list[Decimal] = []
        """Of the rows, in their order."""
        self._bounds = {0}
        self._stated: list[tuple[int, int, Decimal, bool]] = []

    def add(self, value: Decimal | int | None) -> None:
        """Take a row; one whose value cannot be read counts as none."""
        self.values.append(Decimal(value or 0))

    def group(self) -> None:
        """Say that other rows begin here."""
        self._bounds.add(len(self.values))

    def state(self, row: int, value: Decimal | int, *, of_group: bool = False) -> None:
        """Take a sum that stands in a row: of a group, of those that follow it."""
        self._stated.append((row, len(self.values), Decimal(value), of_group))
        self.group()

    def so_far(self) -> Decimal:
        """Give the sum of the rows since others began, or of all where none stands between."""
        begun = max((bound for bound in self._bounds if bound < len(self.values)), default=0)
        return sum(self.values[begun:], Decimal(0))

    def differing(self, *, rounded_to: int = 1) -> list[Differing]:
        """Give the sums that are of no rows before or behind them, rounded or not."""
        until = [Decimal(0), *accumulate(self.values)]
        bounds = sorted(self._bounds | {len(self.values)})
        found = []
        for row, place, stated, of_group in self._stated:
            before = [] if of_group else [(bound, place) for bound in bounds if bound < place]
            behind = [(place, bound) for bound in bounds if bound > place]
            sums = [until[high] - until[low] for low, high in before + behind]
            right = stated == 0 if of_group else not self.values
            if not right and not any(
                stated in (one, (one / rounded_to).quantize(Decimal(1)) * rounded_to) for one in sums
            ):
                last = not behind and before[:1]
                low, high = (last or before[-1:] or behind[:1] or [(place, place)])[0]
                found.append(Differing(row, stated, until[high] - until[low], high - low, of_group))
        return found


_NUMBER = re.compile(r"(?<![\w.,/])\d[\d.,]*(?:[^\S\n]\d{3})*(?![\d/])")
_FOLLOWED = re.compile(r"\s*(?P<word>[^\W\d]+[²2]?)?")


_IN_WORDS = re.compile(r"(?:viết )?bằng chữ\s*:?\s*(?P<words>[^()]*)", re.IGNORECASE)


def in_words(row: Sequence[str]) -> int | None:
    """Give the amount that a row states in words: *(Bằng chữ: Hai trăm nghìn đồng)*, as it stands below a total."""
    met = _IN_WORDS.search(unicodedata.normalize("NFC", " ".join(filter(None, row))))
    return inwords.number_of(met["words"]) if met and met["words"].strip() else None


def stated_in(row: Sequence[str], column: int | None, kind: str) -> str | None:
    """Give the number that the row of a total states: of its column, else the one that stands in its words.

    *Tổng cộng: 1.250.000 đồng*; of *4 hộ, 1.250.000 đồng* the one with a unit of the kind (``area``, ``money``).
    """
    if column is not None and row[column].strip() and re.match(r"[-–(]?\s*\d", row[column].strip()):
        return row[column]
    met = []
    for cell in row:
        for number in _NUMBER.finditer(cell):
            said = _FOLLOWED.match(cell, number.end())
            own = units_in(said["word"], kind) if said["word"] else []
            met.append((f"{number[0]} {said['word']}" if own else number[0].strip(), bool(own), bool(said["word"])))
    with_unit = [text for text, own, _ in met if own]
    if with_unit:
        return with_unit[0] if len(with_unit) == 1 else None
    bare = [text for text, _, word in met if not word]
    return bare[0].rstrip(".,") if len(met) == len(bare) == 1 else None


_PARTS = re.compile(r"\b(?:boi thuong|ho tro|thuong|tai san|vat kien truc|cay|nha|dat|hoa mau|di chuyen|tai dinh cu)\b")
_NO_PARTS = re.compile(r"\b(?:thua|con lai|to|so|ty le|don gia|da chi|da nhan|khau tru|tru)\b")
"""Words of headings of parts of a total, and of what is none."""


def parts_of(
    whole: Column, columns: Sequence[Column], rows: Sequence[Sequence[str]], read: Callable[[str], Decimal | None]
) -> list[Column]:
    """Find the columns beside each other that make up a column: under one heading with it, or as most rows say.

    Parameters
    ----------
    whole : Column
    columns : sequence of Column
        Of the whole table.
    rows : sequence of rows
        Below the headings, without totals.
    read : callable
        Gives the number of a cell of these columns; None for what is none.
    """
    numbers = {
        one.place: [read(row[one.place]) for row in rows]
        for one in columns if one.place == whole.place or (not one.field and one.heading)
    }  # fmt: skip
    stated = numbers.pop(whole.place)
    places = [place for place, cells in numbers.items() if sum(cell is not None for cell in cells) * 2 > len(rows)]
    over = plain(whole.heading.rpartition(" / ")[0])
    by_place = {one.place: one for one in columns}
    together = [p for p in places if over and plain(by_place[p].heading.rpartition(" / ")[0]) == over]
    if len(together) > 1:
        return [by_place[place] for place in together]
    best: tuple[int, list[int]] = (0, [])
    for first, last in combinations(range(len(places)), 2):
        block = places[first : last + 1]
        right = sum(
            total is not None and sum((numbers[place][n] or Decimal(0) for place in block), Decimal(0)) == total
            for n, total in enumerate(stated)
        )
        best = max(best, (right, block), key=lambda one: one[0])
    if best[0] and best[0] * 2 >= len(rows):
        return [by_place[place] for place in best[1]]
    return [by_place[place] for place in _named_parts(whole, by_place, places)]


def _named_parts(whole: Column, by_place: Mapping[int, Column], places: Sequence[int]) -> list[int]:
    """Give the columns right before one that calls itself a total and that are called parts of money or land: where no
    row comes to its sum, that is what has to be told."""
    if not re.match(r"(?:tong|cong)\b", plain(whole.heading.rpartition(" / ")[2])):
        return []
    beside: list[int] = []
    for place in sorted((place for place in places if place < whole.place), reverse=True):
        said = plain(by_place[place].heading)
        if place != whole.place - 1 - len(beside) or not _PARTS.search(said) or _NO_PARTS.search(said):
            break
        beside.insert(0, place)
    return beside if len(beside) > 1 else []
