"""Tables as people paste or send them: cells copied from a spreadsheet, CSV, XLSX. What is read is accounted for.

Cells come out as texts in the Vietnamese way of writing, unmistakably: what a program knows is not asked about again.
Each keeps its place, rows keep the numbers they have in the file. What is hidden, struck through, converted from old
letters or cannot be read is told, so that a page can name it before anything is recorded.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from gis import letters
from gis.errors import BadParameter, GisError, UnreadableFile
from gis.exchange import workbook
from gis.exchange.remarks import denies
from gis.letters import Conversion
from gis.marks import is_error

MOST_ROWS, MOST_COLUMNS = 6_000, 200
_XLSX, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
Rows = list[list[str]]


@dataclass
class Sheet:
    """A sheet with its rows in which anything stands."""

    name: str
    rows: Rows = field(default_factory=list)
    """Of one length, each cell at its column."""
    numbers: list[int] = field(default_factory=list)
    """Of each row, its number in the file."""
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    """Places in `rows`, like all that follows."""
    struck_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    faults: dict[tuple[int, int], GisError] = field(default_factory=dict)
    """Cells that have no value to take: errors, formulas that were never counted, letters that cannot be told."""
    struck: set[tuple[int, int]] = field(default_factory=set)
    converted: list[Conversion] = field(default_factory=list)
    """By places in `rows`."""
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Top, left, bottom, right, by places in `rows`."""
    delimiter: str = ""
    """Of a text, the sign between its cells where a cell could hold it too: a comma, a semicolon."""

    def put(self, row: int, column: int, text: str) -> None:
        """Write into a cell what a person put right."""
        if not (0 <= row < len(self.rows) and 0 <= column < len(self.rows[row])):
            return
        self.faults.pop((row, column), None)
        self.formulas.pop((row, column), None)
        try:
            self.rows[row][column] = letters.looked_at(text).text.strip()
        except BadParameter as error:  # told at the cell, which stays to be put right
            self.rows[row][column] = text.strip()
            self.faults[row, column] = error


@dataclass
class Book:
    """All sheets of a file; a pasted table is one."""

    sheets: list[Sheet] = field(default_factory=list)
    was: str | None = None
    """The encoding of a text file that is not Unicode."""

    @property
    def visible(self) -> list[Sheet]:
        """Give the sheets that are shown and have anything in them."""
        return [sheet for sheet in self.sheets if sheet.rows and not sheet.hidden]

    @property
    def passed_over(self) -> list[Sheet]:
        """Give the hidden sheets in which anything stands."""
        return [sheet for sheet in self.sheets if sheet.rows and sheet.hidden]


def of_text(text: str) -> Book:
    """Read cells copied from a spreadsheet (tabs between them), or CSV.

    Raises
    ------
    UnreadableFile
        For more rows or columns than are taken at once, and what is no table.
    """
    return Book([_sheet_of_text(text)])


def of_file(content: bytes, name: str = "", *, most_rows: int = MOST_ROWS) -> Book:
    """Read an XLSX file, or a text file with a delimiter in any encoding.

    Parameters
    ----------
    content : bytes
    name : str
        Of the file, for errors.
    most_rows : int
        That a sheet of a workbook may hold.

    Raises
    ------
    UnreadableFile
    """
    if content.startswith(_XLSX) and _ODS not in content[:200]:
        return Book([_sheet(raw, most_rows) for raw in workbook.sheets_of(content)])
    if content.startswith(_OLE):
        raise UnreadableFile(
            "This is a workbook of Excel before 2007 (.xls), or one locked with a password. Open it, save it as .xlsx "
            "without a password and send that, or copy its cells and paste them.", parameter="file",
        )  # fmt: skip
    if _ODS in content[:200]:
        raise UnreadableFile(
            "This is a sheet of LibreOffice (.ods). Open it, save it as .xlsx and send that.", parameter="file"
        )
    if not content.strip():
        raise UnreadableFile("The file is empty.", parameter="file")
    if content.startswith((b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf")) or b"<html" in content[:1000].lower():
        raise UnreadableFile(
            "This is neither XLSX nor CSV. Save it as XLSX, or copy its cells and paste them.", parameter="file"
        )
    decoded = letters.decoded(content, name=name, by_line=False)
    return Book([_sheet_of_text(decoded.text)], decoded.was)


# Text.


def _sheet_of_text(text: str) -> Sheet:
    rows, ragged, delimiter = _split(text.removeprefix("\ufeff"))
    sheet = _filled("1", ((n, row) for n, row in enumerate(rows, 1)))
    wide = {n: len(row) for n, row in enumerate(rows, 1)}
    sheet.delimiter = delimiter if ragged else ""
    for place, number in enumerate(sheet.numbers):
        longer = wide[number] > ragged and any(rows[number - 1][ragged:])
        # A number with a comma is two cells; what ends earlier than the others has lost one, or has it elsewhere.
        shorter = delimiter == "," and 2 < wide[number] < ragged
        if ragged and (longer or shorter):
            sheet.faults[place, 0] = _of_another_width(wide[number], ragged)
    _look_at_letters(sheet)
    return sheet


_RUN = re.compile(r"(?<=\S)[ \u00a0]{2,}(?=\S)")


def refuse_blanks(book: Book, parameter: str = "rows") -> None:
    """Say of a text in which nothing but blanks stands between the cells, as copied from a PDF, why it is no table.

    Raises
    ------
    UnreadableFile
    """
    rows = [[cell for cell in row if cell] for sheet in book.visible for row in sheet.rows]
    blank = [
        row for row in rows if len(_RUN.findall(" , ".join(row))) > 1 or (len(row) == 1 and len(row[0].split()) > 4)
    ]
    if blank and len(blank) * 2 >= len(rows):
        raise UnreadableFile(
            "The cells are not parted by tabs: blanks alone stand between them, as when copied from a PDF or a "
            "letter. Open the table in Excel (or copy it from the spreadsheet it was made in), and paste from there.",
            parameter=parameter,
        )  # fmt: skip


def _of_another_width(count: int, usual: int) -> BadParameter:
    return BadParameter(
        "This row has %(count)s cells, the others %(usual)s: put a cell with a comma or semicolon in quotation marks.",
        parameter="row", count=count, usual=usual,
    )  # fmt: skip


def _split(text: str) -> tuple[Rows, int, str]:
    """Take lines apart at the sign that makes them most alike; with the usual width where cells could hold it."""
    first = text.partition("\n")[0]
    stated = first.strip().casefold().removeprefix("sep=") if first.strip().casefold().startswith("sep=") else ""
    ways = []
    for delimiter in (stated,) if len(stated) == 1 else ("\t", ";", ",", "|"):
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            try:
                rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting))
            except csv.Error:
                continue
            filled = [row for row in rows if any(cell.strip() for cell in row)]
            if not filled:
                continue
            widths = Counter(len(row) for row in filled)
            width, often = max(widths.items(), key=lambda one: (one[0] > 1, one[1], one[0]))
            alike = often / len(filled) if width > 1 else 0
            swallowed = any("\n" in cell and cell.count(delimiter) > 1 for row in filled for cell in row)
            ways.append((
                (delimiter == "\t" and width > 1, not swallowed, alike, quoting == csv.QUOTE_MINIMAL, width),
                rows, delimiter, width,
            ))  # fmt: skip
    if not ways:
        if text.strip():
            raise UnreadableFile("This is not a table that can be read: paste cells or CSV.")
        return [], 0, ""
    _, rows, delimiter, width = max(ways, key=lambda way: way[0])
    if stated and len(stated) == 1:
        rows[0] = []
    return rows, 0 if delimiter == "\t" else width, delimiter


def _filled(name: str, rows: Iterable[tuple[int, Sequence[str]]], most_rows: int = MOST_ROWS) -> Sheet:
    """Make a sheet of the rows in which anything stands."""
    sheet = Sheet(name)
    for number, row in rows:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(sheet.rows) == most_rows:
            raise UnreadableFile("More than %(most)s rows at once: send them in parts.", most=most_rows)
        sheet.rows.append(cells)
        sheet.numbers.append(number)
    width = max((n + 1 for row in sheet.rows for n, cell in enumerate(row) if cell), default=0)
    if width > MOST_COLUMNS:
        raise UnreadableFile("More than %(most)s columns: leave out those that are not needed.", most=MOST_COLUMNS)
    sheet.rows = [(row + [""] * width)[:width] for row in sheet.rows]
    return sheet


def _look_at_letters(sheet: Sheet, fonts=None) -> None:
    sheet.rows, sheet.converted, doubts = letters.of_table(sheet.rows, fonts)
    sheet.rows = [[cell.strip() for cell in row] for row in sheet.rows]
    for place, row in enumerate(sheet.rows):
        for column, cell in enumerate(row):
            if cell.startswith("#") and is_error(cell):  # typed or copied as a text
                sheet.faults.setdefault((place, column), _shows_error(cell))
    for doubt in doubts:
        sheet.faults.setdefault((doubt.row, doubt.column), doubt.error)


# XLSX.


def _sheet(raw: workbook.RawSheet, most_rows: int = MOST_ROWS) -> Sheet:
    far = [number for number in sorted(raw.cells) if any(_given(cell) for cell in raw.cells[number].values())]
    width = max((column for number in far for column in raw.cells[number]), default=0)
    hidden = raw.state != "visible"
    if hidden and (len(far) > most_rows or width > MOST_COLUMNS):
        far, width = far[:1], min(width, MOST_COLUMNS)
    if width > MOST_COLUMNS:
        raise UnreadableFile(
            "Sheet “%(sheet)s” has cells beyond column %(most)s: clear what is not needed.", sheet=raw.name,
            most=column_letter(MOST_COLUMNS - 1),
        )  # fmt: skip
    sheet = _filled(
        raw.name,
        ((n, [_text(raw.cells[n].get(c)) or _dash(raw.cells[n].get(c)) for c in range(1, width + 1)]) for n in far),
        most_rows,
    )
    sheet.hidden = hidden
    places = {number: place for place, number in enumerate(sheet.numbers)}
    sheet.hidden_columns = {column - 1 for column in raw.hidden_columns if column <= width}
    for number, place in places.items():
        cells = raw.cells[number]
        if number in raw.hidden_rows:
            sheet.hidden_rows.add(place)
        struck = {column - 1 for column, cell in cells.items() if cell.struck and _given(cell)}
        if struck and len(struck) == sum(map(_given, cells.values())):
            sheet.struck_rows.add(place)
        sheet.struck |= {(place, column) for column in struck}
        for column, cell in cells.items():
            if cell.formula:
                sheet.formulas[place, column - 1] = cell.formula
            fault = _fault(cell)
            if fault:
                sheet.faults[place, column - 1] = fault
    # Rows in which nothing stands are not kept: a merged range covers those of its rows that are.
    for top, left, bottom, right in raw.merged:
        covered = [place for number, place in places.items() if top <= number <= bottom]
        if covered and left <= max(width, 1):
            sheet.merged.append((covered[0], left - 1, covered[-1], min(right, width) - 1))
    numbers = sheet.numbers
    _look_at_letters(sheet, lambda r, c: raw.cells[numbers[r]][c + 1].font if c + 1 in raw.cells[numbers[r]] else "")
    return sheet


def _given(cell: workbook.RawCell) -> bool:
    return cell.value not in (None, "") or bool(cell.error or cell.formula)


def _dash(cell: workbook.RawCell | None) -> str:
    """Show what has no value, so that its row is a row: the error, or the formula that was never counted."""
    return "" if cell is None or not _given(cell) else cell.error or cell.formula or ""


def _text(cell: workbook.RawCell | None) -> str:
    if cell is None or cell.value is None:
        return ""
    if cell.unit == "%" and isinstance(cell.value, Decimal):
        return f"{written(cell.value * 100)}%"
    return written(cell.value) + (f" {cell.unit}" if cell.unit else "")


def _shows_error(error: str) -> BadParameter:
    return BadParameter(
        "The cell shows the error %(error)s: put its formula right, or write the value.", parameter="cell", error=error
    )


def _fault(cell: workbook.RawCell) -> GisError | None:
    if cell.error:
        return _shows_error(cell.error)
    if cell.shortened:
        return BadParameter(
            "The cell holds %(held)s, and its format shows it without thousands: take that format off, and see in "
            "which unit the column is.", parameter="cell", held=written(cell.value),
        )  # fmt: skip
    if cell.value is None and cell.formula:
        return BadParameter(
            "The formula %(formula)s was saved without its value: open the file in a spreadsheet and save it.",
            parameter="cell", formula=cell.formula[:60],
        )  # fmt: skip
    if cell.struck_part:
        return BadParameter(
            "“%(struck)s” in this cell is struck through, the rest is not: write here what counts.",
            parameter="cell", struck=cell.struck_part[:60],
        )  # fmt: skip
    if denies(cell.comment):
        return BadParameter(
            "The comment of this cell says “%(text)s”: if it counts all the same, write the cell here once more; if "
            "not, leave its row out.", parameter="cell", text=cell.comment[:120],
        )  # fmt: skip
    return None


# Writing.


def column_letter(column: int) -> str:
    """Name a column, counted from 0, as spreadsheets do."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def written(value) -> str:
    """Write the value of a cell as people here would, so that it reads back as the same value."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return str(value)
    exact = Decimal(str(round(value, 6))) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        return str(value)
    whole, _, decimals = f"{exact:f}".partition(".")
    decimals = decimals.rstrip("0")
    if len(decimals) == 3:  # 20,125 could be twenty thousand
        decimals += "0"
    return f"{whole},{decimals}" if decimals else whole


def as_text(rows: Rows) -> str:
    """Write rows as a spreadsheet puts them on the clipboard; `of_text` reads them back."""
    text = io.StringIO()
    csv.writer(text, delimiter="\t", lineterminator="\n").writerows(rows)
    return text.getvalue()


# Carrying a book from one page to the next.


def carried(book: Book) -> list[dict]:
    """Give a book as plain values, for a page to carry; `of_carried` gives it back."""
    return [
        {
            "name": sheet.name, "rows": sheet.rows, "numbers": sheet.numbers, "hidden": sheet.hidden,
            "hidden_rows": sorted(sheet.hidden_rows), "struck_rows": sorted(sheet.struck_rows),
            "hidden_columns": sorted(sheet.hidden_columns), "struck": sorted(sheet.struck), "merged": sheet.merged,
            "converted": [(one.row, one.column, one.before, one.now, one.was) for one in sheet.converted],
            "faults": [(*place, error.message, error.parameter, error.values) for place, error in sheet.faults.items()],
            "formulas": [(*place, formula) for place, formula in sheet.formulas.items()],
            "delimiter": sheet.delimiter, "was": book.was,
        }
        for sheet in book.sheets
    ]  # fmt: skip


def of_carried(given: list[dict]) -> Book:
    """Give the book that a page carried.

    Raises
    ------
    ValueError, TypeError, KeyError, AttributeError, IndexError
        For what is none.
    """
    made = Book(was=next((str(each["was"]) for each in given if each["was"]), None))
    for each in given:
        rows = [[str(cell) for cell in row] for row in each["rows"]]
        numbers = [int(number) for number in each["numbers"]]
        if len(rows) != len(numbers) or len(rows) > MOST_ROWS or len({len(row) for row in rows}) > 1:
            raise ValueError("rows")
        places = range(len(rows))
        sheet = Sheet(
            str(each["name"]), rows, numbers, bool(each["hidden"]),
            {int(n) for n in each["hidden_rows"] if n in places}, {int(n) for n in each["struck_rows"] if n in places},
            {int(n) for n in each["hidden_columns"]}, struck={(int(r), int(c)) for r, c in each["struck"]},
            merged=[(int(a), int(b), int(c), int(d)) for a, b, c, d in each["merged"] if a in places and c in places],
            converted=[Conversion(int(r), int(c), str(b), str(n), str(w)) for r, c, b, n, w in each["converted"]],
            faults={(int(r), int(c)): BadParameter(str(message), parameter=parameter, **values)
                    for r, c, message, parameter, values in each["faults"]},
            formulas={(int(r), int(c)): str(formula) for r, c, formula in each["formulas"]},
            delimiter=str(each["delimiter"])[:1],
        )  # fmt: skip
        made.sheets.append(sheet)
    return made
