"""Lists of land users as officers have them, read as cases: columns by their headings, in either language.

One row is one parcel. What is in the list is taken, refused or left out, and all of it is named; what could be meant in
two ways is asked, once for the list or cell by cell, and nothing is guessed.
"""

from collections.abc import Mapping, Sequence

from gis.errors import UnreadableFile
from gis.exchange import headings
from gis.exchange.headings import Head
from gis.exchange.sheets import Book, Sheet, column_letter, refuse_blanks
from gis.registration import Commune
from webmap.desk import landlist
from webmap.desk.listrows import COMMUNE, OfSheet
from webmap.desk.pasted import Asked, Note, Pasted

TABLE = 1_000
"""Columns of the second table are counted from here, so that each has one number on the page."""


def read(
    book: Book,
    communes: Sequence[Commune],
    *,
    kind: str = "household",
    unit: str = "",
    answers: Mapping[str, str] | None = None,
) -> Pasted:
    """Read a list as cases.

    Parameters
    ----------
    book : Book
    communes : sequence of Commune
        Those that names may mean, the likeliest first.
    kind : str
        The kind of holder where no column says it.
    unit : str
        Slug of the commune where no column says it; without it the question is asked.
    answers : mapping of str to str, optional
        To the questions that an earlier reading asked, and the fields of columns (``col-3``).

    Raises
    ------
    UnreadableFile
        When no row has headings.
    """
    return _Reading(book, communes, kind, unit, answers or {}).read()


class _Reading:
    def __init__(self, book: Book, communes, kind: str, unit: str, answers: Mapping[str, str]):
        self.book, self.communes, self.kind, self.unit, self.answers = book, communes, kind, unit, answers
        self.made = Pasted()
        self.named: dict[str, int] = {}
        self.facts: dict[int, dict[str, str]] = {}
        """Of each case, by its place, what tells its holder from another of the name."""

    def ask(self, name: str, choices: Sequence[str], rows: Sequence[int] = (), about: str = "") -> str:
        """Ask, and give the answer if it is one of the choices."""
        given = self.answers.get(name, "")
        answer = given if given in choices else ""
        self.made.questions.append(Asked(name, tuple(rows), tuple(choices), answer, about))
        return answer

    def read(self) -> Pasted:
        found = [
            (sheet, head)
            for sheet in self.book.visible
            if (head := headings.find(sheet, landlist.fits, (*landlist.NEEDED, "area")))
            and len(head.fields) + len(head.asked) > 1
        ]
        if not found:
            self._letters_first()
            refuse_blanks(self.book)
            raise UnreadableFile(
                "No row with headings was found. The first row names the columns, such as %(example)s.",
                example="Họ tên, Tờ, Thửa, Diện tích thu hồi",
            )  # fmt: skip
        chosen = {
            int(name.removeprefix("col-")): "" if value == "-" else value
            for name, value in self.answers.items()
            if name.startswith("col-") and name[4:].isdecimal() and (value == "-" or value in landlist.TAKEN)
        }
        for n, (sheet, head) in enumerate(found):
            head.first = n * TABLE
            own = {place - head.first: name for place, name in chosen.items() if place // TABLE == n}
            landlist.settle(head, own)
            landlist.takes_sheet_too(head, sheet.rows)
            if two := landlist.beside(head, own):
                raise UnreadableFile(
                    "Two lists stand side by side: one begins in column %(first)s, the other in column %(second)s. Put "
                    "the second below the first, under the same headings, or send each by itself.",
                    parameter="rows", first=column_letter(two[0].place), second=column_letter(two[1].place),
                )  # fmt: skip
        whole = [one for one in found if not landlist.missing(one[1])]
        if not whole:
            self._letters_first()
            return self._ask_for_columns(*min(found, key=lambda one: len(landlist.missing(one[1]))))
        taken = self._sheets(whole)
        for sheet in self.book.visible:
            if sheet not in [one for one, _ in taken]:
                self.made.notes.append(Note("sheet_left", values={"sheet": sheet.name, "rows": len(sheet.rows)}))
        for sheet in self.book.passed_over:
            self.made.notes.append(Note("sheet_hidden", values={"sheet": sheet.name, "rows": len(sheet.rows)}))
        self.made.heads = taken
        for n, (sheet, head) in enumerate(taken):
            OfSheet(self, n, sheet, head).read()
        self._shared_parcels()
        by_name = {row for one in self.made.questions if one.name.startswith(COMMUNE) for row in one.rows}
        open_rows = [p.row for case in self.made.cases for p in case.parcels if not p.unit and p.row not in by_name]
        if open_rows and not self.unit:
            self.made.questions.append(Asked("unit", tuple(open_rows)))
        return self.made

    def _ask_for_columns(self, sheet: Sheet, head: Head) -> Pasted:
        """Ask which column is which of the fields that no heading means; no row is read before that is said."""
        missing = landlist.missing(head)
        filled = [column for column in head.columns if any(row[column.place] for row in sheet.rows[head.bottom + 1 :])]
        free = [column for column in filled if column.field not in (*landlist.NEEDED, "parcel", "index")] or filled
        places, of = tuple(str(head.first + column.place) for column in free), f"~{head.first}" if head.first else ""
        self.made.heads = [(sheet, head)]
        self.made.questions = [Asked(f"column-{name}{of}", (), places, about=f"{name}{of}") for name in missing]
        return self.made

    def _letters_first(self) -> None:
        """Where headings are not found, letters that cannot be told are why."""
        for sheet in self.book.visible:
            for (place, _), error in sorted(sheet.faults.items(), key=lambda one: one[0]):
                if error.parameter == "letters" and place < headings.LOOKED_AT:
                    raise error

    def _shared_parcels(self) -> None:
        """Tell of parcels that several holders have: one may be a slip."""
        rows: dict[tuple, list[int]] = {}
        for case in self.made.cases:
            for parcel in case.parcels:
                unit, *numbers = landlist.place_of(parcel)
                if all(numbers):
                    rows.setdefault((unit, *numbers), []).append(parcel.row)
        for (_, sheet, number), met in rows.items():
            if len(met) > 1:
                self.made.notes.append(Note("shared_parcel", tuple(met), {"parcel": f"{sheet}/{number}"}))

    def _sheets(self, whole: list[tuple[Sheet, Head]]) -> list[tuple[Sheet, Head]]:
        """Choose the sheet where several hold such a list: that one, or all, each read by its own headings."""
        if len(whole) == 1:
            return whole
        alike = len({tuple((c.place, c.field) for c in head.columns if c.field) for _, head in whole}) == 1
        names = [sheet.name for sheet, _ in whole]
        answer = self.ask("sheet", ("*", *names), about="; ".join(
            f"{sheet.name}: {len(sheet.rows) - head.bottom - 1}" for sheet, head in whole
        ))  # fmt: skip
        if answer == "*" or (not answer and alike):
            return whole
        return [next((one for one in whole if one[0].name == answer), whole[0])]
