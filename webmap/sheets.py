"""Tables as people paste or send them: cells copied from a spreadsheet, CSV, XLSX. Each gives rows of texts.

Cells that hold numbers come out in the Vietnamese way of writing, unmistakably: what a program knows is not asked about
again.
"""

import csv
import io
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

from openpyxl import load_workbook

from gis.errors import UnreadableFile
from gis.intake.given import GivenFile

MOST_ROWS, MOST_COLUMNS = 6_000, 60
MOST_UNPACKED = 100 * 1024 * 1024
_XLSX = b"PK\x03\x04"
Rows = list[list[str]]


def of_text(text: str) -> Rows:
    """Read cells copied from a spreadsheet (tabs between them), or CSV with commas or semicolons.

    Raises
    ------
    UnreadableFile
        For more rows or columns than are taken at once, and what is no table.
    """
    start = "\n".join(text.splitlines()[:20])
    delimiter = max("\t;,", key=lambda sign: (start.count(sign) * (1000 if sign == "\t" else 1), sign == ","))
    try:
        return _fitting(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise UnreadableFile("This is not a table that can be read: paste cells or CSV.") from None


def of_file(file: GivenFile) -> Rows:
    """Read an XLSX file (its first sheet with anything in it) or a CSV file in UTF-8.

    Raises
    ------
    UnreadableFile
    """
    return file.read(of_bytes)


def of_bytes(given: bytes) -> Rows:
    """Read what `of_file` reads: in a child process."""
    if given.startswith(_XLSX):
        return _of_workbook(given)
    for encoding in ("utf-16",) if given[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return of_text(given.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("This is neither XLSX nor CSV in UTF-8. Save it as XLSX, or copy its cells and paste them.")


def _of_workbook(given: bytes) -> Rows:
    try:
        with zipfile.ZipFile(io.BytesIO(given)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise UnreadableFile("This workbook is larger than is taken: copy its cells and paste them.")
        book = load_workbook(io.BytesIO(given), read_only=True, data_only=True)
        for sheet in book.worksheets:
            rows = _fitting([written(value) for value in row] for row in sheet.iter_rows(values_only=True))
            if rows:
                return rows
    except UnreadableFile:
        raise
    except Exception as error:
        raise UnreadableFile("This workbook cannot be read. Save it as XLSX again.") from error
    return []


def _fitting(rows: Iterable[list[str]]) -> Rows:
    """Take the rows as far as anything stands in them."""
    found = [[cell.strip() for cell in row] for row in islice(rows, MOST_ROWS + 1)]
    if len(found) > MOST_ROWS:
        raise UnreadableFile("More than %(most)s rows at once: send them in parts.", most=MOST_ROWS)
    while found and not any(found[-1]):
        found.pop()
    width = max((n + 1 for row in found for n, cell in enumerate(row) if cell), default=0)
    if width > MOST_COLUMNS:
        raise UnreadableFile("More than %(most)s columns: leave out those that are not needed.", most=MOST_COLUMNS)
    return [(row + [""] * width)[:width] for row in found]


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
