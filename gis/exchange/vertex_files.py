"""Tables of vertices that come as files: text or a workbook, made the text that `gis.exchange.vertices` reads."""

import io
from pathlib import PurePath
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from gis import letters
from gis.errors import BadParameter, GisError, UnreadableFile
from gis.exchange import vertices

SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx")
MOST_ROWS = 25_000
MOST_COLUMNS = 60


def is_table(name: str) -> bool:
    """Tell by its name whether a file is a table."""
    return PurePath(name).suffix.lower() in SUFFIXES


def text_of(content: bytes, name: str) -> str:
    """Give the table of vertices of a file as text.

    Raises
    ------
    UnreadableFile
        For what is no such file.
    BadParameter
        Where several sheets of a workbook hold vertices: with their names.
    """
    if PurePath(name).suffix.lower() != ".xlsx":
        return letters.decoded(content, name=name).text
    try:
        book = load_workbook(io.BytesIO(content), data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise UnreadableFile("The file “%(file)s” is not a %(title)s.", parameter="file", file=name,
                             title="XLSX") from error  # fmt: skip
    texts = {sheet.title: _sheet(sheet) for sheet in book.worksheets}
    held = {title: text for title, text in texts.items() if _holds_vertices(text)}
    if len(held) > 1:
        raise BadParameter(
            "Several sheets hold vertices: %(sheets)s. Copy the one that is meant into the field of vertices.",
            parameter="file", sheets=", ".join(held),
        )  # fmt: skip
    return next(iter(held.values()), "\n".join(texts.values()))


def _sheet(sheet) -> str:
    rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
    return "\n".join("\t".join("" if cell is None else " ".join(str(cell).split()) for cell in row) for row in rows)


def _holds_vertices(text: str) -> bool:
    try:
        vertices.read(text)
    except GisError as error:
        return "holds no vertices" not in error.message
    return True
