"""Tables as files: CSV and GeoJSON written row by row as they are sent, XLSX through a file on disk.

CSV and GeoJSON are for programs (names of fields, decimal point, days as 2022-10-24), XLSX is for people (titles, real
numbers and days in the formats of this country, the line of sums, and a sheet that says what it is).
"""

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from gis.progress import plain
from layers.rows import Column, Row, Value
from webmap.api import inert

MOST_SHEET_ROWS = 1_048_570
"""A sheet of XLSX ends at row 1,048,576; header and sums are among them."""

FORMATS = {"number": "#,##0.00", "integer": "#,##0", "day": "dd/mm/yyyy"}
WIDTHS = {"text": 24, "number": 16, "integer": 14, "day": 12, "boolean": 10}
WIDEST = 60
BOLD = Font(bold=True)
HEAD = PatternFill("solid", fgColor="FFE2F1EC")
WRAPPED = Alignment(wrap_text=True, vertical="top")
LINES = 500


def as_csv(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[str]:
    """Write CSV as the API does: comma, decimal point, UTF-8; text that begins like a formula gets an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    for n, row in enumerate(rows, 1):
        writer.writerow([inert(_plain(value)) for value in row.values])
        if n % LINES == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def as_geojson(columns: Sequence[Column], rows: Iterable[Row], about: dict) -> Iterator[str]:
    """Write a GeoJSON FeatureCollection (RFC 7946); what it is stands beside its features."""
    names = [column.name for column in columns]
    said = json.dumps({"type": "FeatureCollection", **about}, ensure_ascii=False)
    text = [f'{said[:-1]}, "features": [']
    for n, row in enumerate(rows):
        properties = json.dumps(dict(zip(names, map(_plain, row.values), strict=True)), ensure_ascii=False)
        key = json.dumps(row.key, ensure_ascii=False)
        text.append(
            f'{"," if n else ""}\n{{"type": "Feature", "id": {key}, "geometry": {row.geometry or "null"}, '
            f'"properties": {properties}}}'
        )
        if len(text) > LINES:
            yield "".join(text)
            text = []
    yield "".join(text) + "\n]}\n"


def as_xlsx(
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    language: str,
    title: str,
    found: int,
    sums: dict[str, Value],
    about: Sequence[tuple[str, str]],
    words: dict[str, str],
) -> BinaryIO:
    """Write a workbook and give it as an open file, read from its beginning.

    `words` has the texts ``about`` (title of the sheet that says what it is), ``total``, ``yes`` and ``no``.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_title(title))
    for n, column in enumerate(columns, 1):
        width = max(WIDTHS[column.kind], min(len(_header(column, language)) // 2 + 2, WIDEST))
        sheet.column_dimensions[get_column_letter(n)].width = width
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{found + 1}"

    def cell(value: Value, kind: str, font: Font | None = None) -> Cell | None:
        if value is None:
            return None
        if isinstance(value, bool):
            value, kind = words["yes" if value else "no"], "text"
        if isinstance(value, str):
            made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value)[:32767])
            made.data_type = "s"  # never a formula, whatever it begins with
        else:
            made = WriteOnlyCell(sheet, value if isinstance(value, date) else plain(value))
            made.number_format = FORMATS[kind]
        if font:
            made.font = font
        return made

    header = [cell(_header(column, language), "text", BOLD) for column in columns]
    for made in header:
        made.fill, made.alignment = HEAD, WRAPPED
    sheet.append(header)
    for row in rows:
        sheet.append([cell(value, column.kind) for value, column in zip(row.values, columns, strict=True)])
    if sums:
        line = [cell(sums.get(column.name), column.kind, BOLD) for column in columns]
        if line[0] is None:
            line[0] = cell(words["total"], "text", BOLD)
        sheet.append([])
        sheet.append(line)
    told = book.create_sheet(_sheet_title(words["about"]))
    told.column_dimensions["A"].width, told.column_dimensions["B"].width = 28, 90
    for name, value in about:
        line = [WriteOnlyCell(told, name), WriteOnlyCell(told, ILLEGAL_CHARACTERS_RE.sub("", value))]
        line[0].font, line[1].data_type, line[1].alignment = BOLD, "s", WRAPPED
        told.append(line)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    book.save(file)
    file.seek(0)
    return file


def _header(column: Column, language: str) -> str:
    title = getattr(column.title, language)
    return f"{title} ({column.unit})" if column.unit and column.unit not in title else title


def _sheet_title(title: str) -> str:
    """A sheet's name has at most 31 characters and none of these."""
    return "".join(" " if letter in "[]:*?/\\'" else letter for letter in title)[:31].strip()


def _plain(value: Value) -> str | int | float | bool | None:
    return value.isoformat() if isinstance(value, date) else plain(value)
