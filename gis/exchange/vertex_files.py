"""Tables of vertices that come as files: text, or a workbook by way of the cells of `gis.exchange.sheets`.

What is hidden or struck through may be meant or not: where it holds a vertex, it is asked to be shown or taken out.
"""

from dataclasses import replace
from pathlib import PurePath

from gis import letters
from gis.errors import BadParameter, GisError, UnreadableFile
from gis.exchange import coordinates, sheets, vertices
from gis.exchange.remarks import FEWEST_OF_A_RING
from gis.exchange.sheets import Sheet

SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx")
MOST_ROWS = 25_000
_XLSX = b"PK\x03\x04"


def is_table(name: str) -> bool:
    """Tell by its name whether a file is a table."""
    return PurePath(name).suffix.lower() in SUFFIXES


def read(content: bytes, name: str) -> vertices.Table:
    """Read the table of vertices of a file; rows have the numbers they have in it.

    Raises
    ------
    UnreadableFile
        For what is no such file.
    BadParameter
        Where no sheet or several hold vertices, where a row that is hidden or struck through holds one, and as
        `gis.exchange.vertices.read`.
    """
    if not content.startswith(_XLSX):
        if PurePath(name).suffix.lower() == ".xlsx":
            raise UnreadableFile("The file “%(file)s” is not a %(title)s.", parameter="file", file=name, title="XLSX")
        return vertices.read(letters.decoded(content, name=name).text)
    book = sheets.of_file(content, name, most_rows=MOST_ROWS)
    counts = {sheet.name: _vertices_in(sheet) for sheet in book.visible}
    held = [sheet for sheet in book.visible if counts[sheet.name] >= FEWEST_OF_A_RING]
    held = held or [sheet for sheet in book.visible if counts[sheet.name]]
    hidden = [sheet.name for sheet in book.passed_over]
    if len(held) > 1:
        raise BadParameter(
            "Several sheets hold vertices: %(sheets)s. Copy the one that is meant into the field of vertices.",
            parameter="file", sheets=", ".join(sheet.name for sheet in held),
        )  # fmt: skip
    if not held:
        if any(_holds_vertices(sheet) for sheet in book.passed_over):
            raise BadParameter(
                "The vertices stand in a hidden sheet (%(sheets)s): show the sheet that is meant and send the file "
                "again.", parameter="file", sheets=", ".join(hidden),
            )  # fmt: skip
        return vertices.read("\n".join(_text(sheet) for sheet in book.visible))
    table = vertices.read(_text(held[0]))
    others = [sheet.name for sheet in book.visible if sheet is not held[0] and not counts[sheet.name]]
    few = [sheet.name for sheet in book.visible if sheet is not held[0] and counts[sheet.name]]
    notes = []
    if few:
        notes.append(
            GisError("Sheets with coordinates, but too few for a ring, were left out: %(sheets)s.",
                     sheets=", ".join(few))
        )  # fmt: skip
    if others:
        notes.append(GisError("Sheets without vertices were left out: %(sheets)s.", sheets=", ".join(others)))
    if hidden:
        notes.append(GisError("Hidden sheets were left out: %(sheets)s.", sheets=", ".join(hidden)))
    return replace(table, notes=[*notes, *table.notes])


def _text(sheet: Sheet) -> str:
    """Write a sheet as lines, each in the place of its row."""
    if sheet.numbers[-1] > MOST_ROWS:
        raise BadParameter(
            "Something stands in row %(row)s, far below the table: clear it, or copy the vertices into their field.",
            parameter="file", row=sheet.numbers[-1],
        )  # fmt: skip
    lines = [""] * sheet.numbers[-1]
    for place, (number, row) in enumerate(zip(sheet.numbers, sheet.rows, strict=True)):
        lines[number - 1] = _line(row)
        if (place in sheet.hidden_rows or place in sheet.struck_rows) and _is_vertex(lines[number - 1]):
            raise BadParameter(
                "Row %(row)s of the sheet “%(sheet)s” holds a vertex and is hidden or struck through. If it counts, "
                "show it plainly; if not, delete it. Then send the file again.",
                parameter="file", row=number, sheet=sheet.name,
            )  # fmt: skip
    for (place, column), fault in sorted(sheet.faults.items()):
        at = {"parameter": "file", "row": sheet.numbers[place], "column": sheets.column_letter(column)}
        if "error" in fault.values:
            raise BadParameter(
                "Row %(row)s, column %(column)s shows the error %(error)s: put its formula right, or write the value.",
                **at, error=fault.values["error"],
            )  # fmt: skip
        if "formula" in fault.values:
            raise BadParameter(
                "Row %(row)s, column %(column)s: the formula %(formula)s was saved without its value. Open the file in "
                "a spreadsheet, save it and send it again.", **at, formula=fault.values["formula"],
            )  # fmt: skip
    return "\n".join(lines)


def _line(row: list[str]) -> str:
    return "\t".join(" ".join(cell.split()) for cell in row)


def _holds_vertices(sheet: Sheet) -> bool:
    return _vertices_in(sheet) > 0


def _vertices_in(sheet: Sheet) -> int:
    return sum(_is_vertex(_line(row)) for row in sheet.rows)


def _is_vertex(line: str) -> bool:
    """Tell whether a row is meant as a vertex: it holds one, or is refused as one that is wrong."""
    try:
        return bool(coordinates.row(1, line, False).pairs)
    except GisError:
        return True
