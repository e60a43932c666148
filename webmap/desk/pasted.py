"""What a list of land users says, and what of it does not: cases, questions, rows that are not taken, all by row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from gis.exchange.headings import Head
from gis.exchange.sheets import Sheet
from gis.marks import is_ditto
from gis.registration import NewCase, Problem

SHEET = 100_000
"""Rows of the second sheet that is taken are counted from here, so that each row has one number."""


@dataclass(frozen=True)
class Asked:
    """Something that the list leaves open, for a person to answer before anything is recorded."""

    name: str
    rows: tuple[int, ...] = ()
    choices: tuple[str, ...] = ()
    answer: str = ""
    about: str = ""


@dataclass(frozen=True)
class LeftOut:
    """A row that is not taken."""

    row: int
    reason: str
    text: str


@dataclass(frozen=True)
class Note:
    """Something to look at that does not stand in the way."""

    what: str
    rows: tuple[int, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Pasted:
    """What a list says, and what of it does not."""

    heads: list[tuple[Sheet, Head]] = field(default_factory=list)
    cases: list[NewCase] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    questions: list[Asked] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    lines: dict[int, tuple[Sheet, int]] = field(default_factory=dict)
    """Of each row that is a parcel or a holder, where it stands: the sheet, and the place in it."""
    present: int = 0
    """Rows in which anything stands, of the sheets that are read."""
    by_type: dict[int, list[tuple[str, Decimal]]] = field(default_factory=dict)
    """Areas of a row by land type."""

    legal: dict[int, Decimal] = field(default_factory=dict)
    """Legal areas of the list, by row, that take the place of those on record."""
    held_back: list[NewCase] = field(default_factory=list)
    """Cases that are left out because something stands against them."""
    doubts: list[Problem] = field(default_factory=list)
    """What of the list is on record already: asked about as one question, told row by row."""

    @property
    def parcels(self) -> int:
        return sum(len(case.parcels) for case in self.cases)

    @property
    def area_m2(self):
        return sum(parcel.area_m2 or 0 for case in self.cases for parcel in case.parcels)

    @property
    def open(self) -> list[Asked]:
        """The questions that are not answered."""
        return [each for each in self.questions if not each.answer]

    def rows_of(self, case: NewCase) -> set[int]:
        """Give the rows a case stands in."""
        return {case.row, *(parcel.row for parcel in case.parcels)}

    def name(self, row: int) -> str:
        """Name a row as the file does: by its number, with its sheet where several are read."""
        return f"{self.heads[row // SHEET][0].name}!{row % SHEET}" if len(self.heads) > 1 else str(row % SHEET)

    def above(self, row: int, column: int) -> str:
        """Give the nearest text above a cell that is no mark for the one above it."""
        sheet, at = self.lines.get(row) or (self.heads[row // SHEET][0], 0)
        first = self.heads[row // SHEET][1].bottom
        return next(
            (text for n in range(at - 1, first, -1) if (text := sheet.rows[n][column]) and not is_ditto(text)), ""
        )

    def cell(self, row: int, name: str) -> int | None:
        """Give the column in which a field of a row stands."""
        head = self.heads[row // SHEET][1]
        column = head.of(name)
        if column is None and name in ("sheet", "number"):
            column = head.of("parcel")
        if column is None and name == "area_m2":
            column = head.of("area_by_type")
        return column.place if column else None
