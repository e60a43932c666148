"""A list as a file: DOCX and PDF across; XLSX with sums as formulas and a sheet of what the checks found.

Text of records is written as text, whatever it begins with; the only formulas are those made here.
"""

import io
import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt
from flask_babel import gettext
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from gis.progress import VIETNAM_TIME
from webmap import printing
from webmap.desk.annex_tables import NUMBER, Listed, written
from webmap.reports.content import AREA, COUNT, MONEY, TEXT
from webmap.reports.files import (
    A3_MM,
    A4_MM,
    FORMATS,
    SIDES_MM,
    fill_cell,
    new_document,
    number_format,
    number_pages,
    repeat_on_every_page,
    set_cell,
    set_page,
    set_widths,
)

SIZES = {"a4": A4_MM, "a3": A3_MM}
WIDTHS = {TEXT: 22, COUNT: 6, AREA: 12, MONEY: 16, NUMBER: 10}
MOST_SHEETS = 250
"""Households with a sheet of their own in one workbook; of more, their cells are values."""
_NOT_IN_NAMES = re.compile(r"[^\w .()-]")
_THIN = Border(*(Side(style="thin"),) * 4)

Findings = Sequence[tuple[str, str | None, str]]
"""What the checks found: name of the check, code of the case, sentence."""


# DOCX.


def as_docx(lists: Sequence[Listed], *, paper: str = "a4") -> bytes:
    """Write lists across, each from a new page, headings on every page, pages numbered."""
    document = new_document(12)
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    set_page(section, *reversed(SIZES[paper]))
    number_pages(section)
    for n, listed in enumerate(lists):
        if n:
            document.add_page_break()
        _write_list(document, listed, SIZES[paper][1] - sum(SIDES_MM))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _write_list(document, listed: Listed, whole_mm: float) -> None:
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.add_run(_clean(listed.title).upper()).bold = True
    for line in listed.about:
        paragraph = document.add_paragraph(_clean(line))
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_after = Pt(2)
    made = document.add_table(rows=0, cols=len(listed.columns))
    made.style = "Table Grid"
    set_widths(
        made, [(str(column.title), column.kind == TEXT) for column in listed.columns],
        [
            [written(value, column.kind) for value, column in zip(values, listed.columns, strict=True)]
            for values in (*(line.values for line in listed.lines), *([listed.totals] if listed.totals else []))
        ],
        whole_mm,
    )  # fmt: skip
    _write_heads(made, listed)
    for line in listed.lines:
        _write_row(made, listed, line.values, bold=bool(line.heading))
    if listed.totals:
        _write_row(made, listed, listed.totals, bold=True)
    for text in (*((listed.words,) if listed.words else ()), *listed.notes):
        document.add_paragraph().add_run(_clean(text)).italic = True


def _write_heads(made, listed: Listed) -> None:
    heads = []
    if listed.groups:
        cells, at = made.add_row().cells, 0
        heads.append(made.rows[-1])
        for title, span in listed.groups:
            cell = cells[at].merge(cells[at + span - 1]) if span > 1 else cells[at]
            fill_cell(cell, title, bold=True, aside=True)
            at += span
    for texts in ([c.title for c in listed.columns], [str(n) for n in range(1, len(listed.columns) + 1)]):
        row = made.add_row()
        heads.append(row)
        for cell, text in zip(row.cells, texts, strict=True):
            fill_cell(cell, text, bold=True, aside=True)
    for row in heads:
        repeat_on_every_page(row)


def _write_row(made, listed: Listed, values, *, bold: bool) -> None:
    for cell, value, column in zip(made.add_row().cells, values, listed.columns, strict=True):
        fill_cell(cell, written(value, column.kind), aside=column.kind != TEXT)
        cell.paragraphs[0].runs[0].bold = bold


def _clean(text: str) -> str:
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)


# XLSX.


class _Book:
    """A workbook: remembers what sheets are called, and where the sums of each household stand."""

    def __init__(self):
        self.book = Workbook()
        self.book.remove(self.book.active)
        self.taken: set[str] = set()
        self.sums: dict[str, list[dict[str, str]]] = {}
        """By case, for each of its sheets: the cell of each group's sum."""

    def sheet(self, wanted: str):
        """Make a sheet; a name has at most 31 letters, is there once, and holds letters and digits."""
        base = _NOT_IN_NAMES.sub("-", wanted).strip()[:26] or "-"
        name, n = base, 2
        while name.casefold() in self.taken:
            name, n = f"{base} ({n})", n + 1
        self.taken.add(name.casefold())
        return self.book.create_sheet(name)

    def bytes(self) -> bytes:
        """Give the file; programs count its formulas when they open it."""
        self.book.calculation.fullCalcOnLoad = True
        file = io.BytesIO()
        self.book.save(file)
        return file.getvalue()


def as_xlsx(
    lists: Sequence[Listed], *, sheets: Sequence[Listed] = (), findings: Findings = (), paper: str = "a4"
) -> bytes:
    """Write lists as a workbook.

    Parameters
    ----------
    lists : sequence of Listed
    sheets : sequence of Listed
        Sheets of households (F3), which a summary of costs (F2) refers to by formula.
    findings : sequence
        What the checks found, for a sheet of its own.
    paper : {"a4", "a3"}
    """
    made = _Book()
    front = {id(listed): made.sheet(_sheet_name(listed)) for listed in lists}
    if len(sheets) <= MOST_SHEETS:
        for listed in sheets:
            _household(made, made.sheet(_sheet_name(listed)), listed, paper)
    for listed in lists:
        if listed.annex.form == "f3":
            _household(made, front[id(listed)], listed, paper)
        else:
            _list(made, front[id(listed)], listed, paper)
    _checks(made, findings)
    return made.bytes()


def _sheet_name(listed: Listed) -> str:
    return listed.annex.case.code if listed.annex.case else listed.annex.form.upper()


def _begin(sheet, listed: Listed, paper: str) -> int:
    """Write titles and headings; gives the first row below them."""
    set_cell(sheet.cell(1, 1), listed.title, TEXT).font = Font(bold=True, size=13)
    for n, line in enumerate(listed.about, 2):
        set_cell(sheet.cell(n, 1), line, TEXT)
    at = len(listed.about) + 3
    first = at
    if listed.groups:
        column = 1
        for title, span in listed.groups:
            _head(sheet.cell(at, column), title)
            if span > 1:
                sheet.merge_cells(start_row=at, end_row=at, start_column=column, end_column=column + span - 1)
            column += span
        at += 1
    for n, column in enumerate(listed.columns, 1):
        _head(sheet.cell(at, n), column.title)
        cell = _head(sheet.cell(at + 1, n), "")
        cell.value = n
        sheet.column_dimensions[get_column_letter(n)].width = WIDTHS[column.kind]
    sheet.freeze_panes = sheet.cell(at + 2, 3)
    sheet.print_title_rows = f"{first}:{at + 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A3 if paper == "a3" else sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "&P / &N"
    return at + 2


def _head(cell, text: str):
    set_cell(cell, text, TEXT)
    cell.font, cell.border = Font(bold=True), _THIN
    cell.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")
    return cell


def _write(cell, value, kind: str, *, bold: bool = False) -> None:
    if kind == NUMBER and value is not None:
        cell.value, cell.number_format = float(Decimal(value)), number_format(value, kind)
    else:
        set_cell(cell, value, kind)
    cell.border, cell.font = _THIN, Font(bold=bold)
    cell.alignment = Alignment(wrap_text=kind == TEXT, vertical="top")


def _formula(cell, formula: str, kind: str, *, bold: bool = False) -> None:
    cell.value, cell.number_format = formula, FORMATS[kind]
    cell.border, cell.font = _THIN, Font(bold=bold)


def _letters(listed: Listed) -> dict[str, str]:
    return {column.name: get_column_letter(n) for n, column in enumerate(listed.columns, 1)}


def _list(made: _Book, sheet, listed: Listed, paper: str) -> None:
    first = row = _begin(sheet, listed, paper)
    letters = _letters(listed)
    for line in listed.lines:
        of_sheets = made.sums.get(line.case, []) if listed.annex.form == "f2" else []
        for n, (column, value) in enumerate(zip(listed.columns, line.values, strict=True), 1):
            cell = sheet.cell(row, n)
            formula = _summary(column.name, row, letters, of_sheets) if of_sheets else None
            if formula:
                _formula(cell, formula, column.kind)
            else:
                _write(cell, value, column.kind)
        row += 1
    if listed.totals:
        for n, (column, value) in enumerate(zip(listed.columns, listed.totals, strict=True), 1):
            cell, letter = sheet.cell(row, n), get_column_letter(n)
            if column.kind in (AREA, MONEY) and value is not None:
                _formula(cell, f"=SUM({letter}{first}:{letter}{row - 1})", column.kind, bold=True)
            else:
                _write(cell, value, column.kind, bold=True)
        row += 1
    _below(sheet, row, listed)


def _below(sheet, row: int, listed: Listed) -> None:
    for text in (*((listed.words,) if listed.words else ()), *listed.notes):
        row += 1
        set_cell(sheet.cell(row, 1), text, TEXT).font = Font(italic=True)


def _summary(name: str, row: int, letters: dict[str, str], of_sheets: list[dict[str, str]]) -> str | None:
    """Give the formula of a cell of F2: what refers to the household's sheets, and sums of the row."""

    def sums(*columns: str) -> str:
        return "+".join(f"{letters[column]}{row}" for column in columns)

    if name == "compensation_vnd":
        return f"={sums('land_vnd', 'structures_vnd', 'crops_vnd')}"
    if name == "support_vnd":
        return f"={sums('support_job_vnd', 'support_structures_vnd', 'support_crops_vnd', 'support_other_vnd')}"
    if name == "total_vnd":
        return f"=ROUND({sums('compensation_vnd', 'support_vnd')},-3)"
    found = [cells[name] for cells in of_sheets if name in cells]
    return f"={'+'.join(found)}" if found else None


def _household(made: _Book, sheet, listed: Listed, paper: str) -> None:
    """Write a household's lines: each amount from its factors, each group's sum from its lines."""
    row = _begin(sheet, listed, paper)
    letters = _letters(listed)
    amounts, cells, sums = letters["amount_vnd"], {}, {}
    lines = list(zip(range(row, row + len(listed.lines)), listed.lines, strict=True))
    for at, line in lines:
        if line.heading:
            cells[line.heading] = f"{amounts}{at}"
    for place, (at, line) in enumerate(lines):
        paid = bool(line.values[listed.annex.columns.index("amount_vnd")])
        for n, (column, value) in enumerate(zip(listed.columns, line.values, strict=True), 1):
            cell = sheet.cell(at, n)
            if column.name == "amount_vnd" and line.heading:
                _formula(cell, _sum_below(lines[place + 1 :], line.heading, amounts), MONEY, bold=True)
            elif column.name == "amount_vnd" and paid:
                factors = "*".join(
                    f"{letters[f]}{at}" for f in ("quantity", "unit_price_vnd", "coefficient", "support_level")
                )
                _formula(cell, f"=ROUND({factors},0)", MONEY)
            else:
                _write(cell, value, column.kind, bold=bool(line.heading))
        row = at + 1
    for name, cell in cells.items():
        sums[f"{name}_vnd"] = f"'{sheet.title}'!{cell}"
    made.sums.setdefault(listed.annex.case.code, []).append(
        {name: cell for name, cell in sums.items() if name not in ("compensation_vnd", "support_vnd")}
    )
    if listed.totals:
        heads = [cells[name] for name in ("compensation", "support") if name in cells]
        for n, (column, value) in enumerate(zip(listed.columns, listed.totals, strict=True), 1):
            if column.name == "amount_vnd":
                _formula(sheet.cell(row, n), f"={'+'.join(heads)}", MONEY, bold=True)
            else:
                _write(sheet.cell(row, n), value, column.kind, bold=True)
        row += 1
    _below(sheet, row, listed)


def _sum_below(lines, heading: str, amounts: str) -> str:
    """Sum what stands below a heading: the groups below A or B, the lines below a group."""
    if heading in ("compensation", "support"):
        found = []
        for at, line in lines:
            if line.heading in ("compensation", "support"):
                break
            if line.heading:
                found.append(f"{amounts}{at}")
        return f"={'+'.join(found)}"
    last = lines[0][0]
    for at, line in lines:
        if line.heading:
            break
        last = at
    return f"=SUM({amounts}{lines[0][0]}:{amounts}{last})"


def _checks(made: _Book, findings: Findings) -> None:
    sheet = made.sheet(gettext("Checks"))
    for n, (title, width) in enumerate(((gettext("Check"), 40), (gettext("Case"), 16), (gettext("Found"), 90)), 1):
        _head(sheet.cell(1, n), title)
        sheet.column_dimensions[get_column_letter(n)].width = width
    for row, finding in enumerate(findings, 2):
        for n, value in enumerate(finding, 1):
            _write(sheet.cell(row, n), value, TEXT)
    if not findings:
        set_cell(sheet.cell(2, 1), gettext("Nothing was found."), TEXT)


# PDF.


def as_pdf(lists: Sequence[Listed], *, paper: str = "a4") -> bytes:
    """Write lists as PDF across: pages numbered, headings on every page, fonts embedded."""
    return printing.pdf(
        "desk/annex_paper.html", lists=lists, written=written, size=SIZES[paper], made_at=datetime.now(VIETNAM_TIME)
    )
