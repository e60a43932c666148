"""Templates to start from: a report in Word and its tables in Excel, made of fields, for an office to change."""

import io

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from flask_babel import gettext
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName

from webmap.reports.fields import BY_STEP, COMMUNES, KEY_PROJECTS, PROJECTS, Fields
from webmap.reports.files import A4_MM, new_document, number_pages, repeat_on_every_page, set_page

TABLES = (
    (PROJECTS, ("stt", "ten", "thong_bao.ho", "thong_bao.dien_tich_m2", "ban_giao.ho", "ban_giao.dien_tich_m2")),
    (COMMUNES, ("stt", "ten", "thong_bao.ho", "thong_bao.dien_tich_m2", "ban_giao.ho", "ban_giao.dien_tich_m2")),
    (KEY_PROJECTS, ("stt", "ten", "muc_tieu", "anh_huong.dien_tich_m2", "ban_giao.dien_tich_m2",
                    "chua_ban_giao.dien_tich_m2", "vuong_mac")),
)  # fmt: skip
"""Tables of both: a list and its columns."""
WIDE = ("ten", "muc_tieu", "vuong_mac")


def _titles(name: str, columns: tuple[str, ...]) -> list[str]:
    listed = Fields().lists[name]
    return [listed[column].label for column in columns]


def as_docx() -> bytes:
    """Make the one in Word: head of a document (Decree 30/2020/NĐ-CP, annex I), text with footnotes, tables."""
    document = new_document(13)
    set_page(document.sections[0], *A4_MM)
    number_pages(document.sections[0])
    head = document.add_table(rows=1, cols=2)
    head.alignment = WD_TABLE_ALIGNMENT.CENTER
    sides = (
        ("{{don_vi}}", gettext("No.: …/BC-…")),
        (gettext("SOCIALIST REPUBLIC OF VIET NAM"), gettext("Independence – Freedom – Happiness")),
    )
    for cell, (first, second) in zip(head.rows[0].cells, sides, strict=True):
        _centred(cell.paragraphs[0], first, bold=True)
        _centred(cell.add_paragraph(), second)
    _centred(document.add_paragraph(), "")
    _centred(document.add_paragraph(), gettext("REPORT"), bold=True)
    _centred(document.add_paragraph(), gettext("Results of land clearance {{ky_bao_cao}}"), bold=True)
    document.add_paragraph(
        gettext(
            "In the period {{ban_giao.so_du_an}} projects handed over {{ban_giao.dien_tich_m2}} m² of {{ban_giao.ho}} "
            "households and individuals and {{ban_giao.to_chuc}} organisations. In particular:"
        )
    )
    document.add_paragraph("{{van_ban}}").alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    document.add_paragraph("{{nguon}}").runs[0].italic = True
    for name, columns in TABLES:
        heading = document.add_paragraph()
        heading.paragraph_format.keep_with_next = True
        heading.add_run(str(Fields.list_titles()[name])).bold = True
        table = document.add_table(rows=2, cols=len(columns))
        table.style = "Table Grid"
        for n, (column, title) in enumerate(zip(columns, _titles(name, columns), strict=True)):
            _small(table.rows[0].cells[n], title, bold=True)
            _small(table.rows[1].cells[n], f"{{{{{name}.{column}}}}}", aside=column not in WIDE)
            for row in table.rows:
                row.cells[n].width = Mm(42 if column in WIDE else 10 if column == "stt" else 24)
        repeat_on_every_page(table.rows[0])
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _centred(paragraph, text: str, *, bold: bool = False) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run(text).bold = bold


def _small(cell, text: str, *, bold: bool = False, aside: bool = False) -> None:
    run = cell.paragraphs[0].add_run(text)
    run.bold, run.font.size = bold, Pt(9)
    if bold or aside:
        cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER if bold else WD_ALIGN_PARAGRAPH.RIGHT


def as_xlsx() -> bytes:
    """Make the one in Excel: a sheet a list with sums below, and one with named cells of the unit's figures."""
    book = Workbook()
    sheet = book.active
    sheet.title = gettext("By step")
    sheet.column_dimensions["A"].width = 44
    _heading(sheet)
    columns = ("ten", "so_van_ban", "so_du_an", "ho", "to_chuc", "dien_tich_m2", "so_tien_dong")
    _table(sheet, BY_STEP, columns, sums=False)
    sheet["A8"], sheet["A9"] = gettext("Handed over, households"), gettext("Handed over, m²")
    for cell, key in (("B8", "ban_giao.ho"), ("B9", "ban_giao.dien_tich_m2")):  # named cells do the same as braces
        sheet[cell].number_format = "#,##0.00"
        book.defined_names[key] = DefinedName(key, attr_text=f"'{sheet.title}'!${cell[0]}${cell[1]}")
    for name, columns in TABLES:
        sheet = book.create_sheet(str(Fields.list_titles()[name])[:31])
        _heading(sheet)
        _table(sheet, name, columns, sums=name != KEY_PROJECTS)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _heading(sheet) -> None:
    sheet["A1"], sheet["A2"], sheet["A3"] = "{{tieu_de}}", "{{ky_bao_cao}}", "{{minh_hoa}}"
    sheet["A1"].font = Font(bold=True, size=13)
    sheet["A3"].font = Font(italic=True)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "&P / &N"


def _table(sheet, name: str, columns: tuple[str, ...], *, sums: bool) -> None:
    thin = Side(style="thin")
    for n, (column, title) in enumerate(zip(columns, _titles(name, columns), strict=True), 1):
        cell = sheet.cell(4, n, title)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, horizontal="center", vertical="center")
        value = sheet.cell(5, n, f"{{{{{name}.{column}}}}}")
        value.alignment = Alignment(wrap_text=column in WIDE, vertical="top")
        cell.border = value.border = Border(thin, thin, thin, thin)
        letter = get_column_letter(n)
        sheet.column_dimensions[letter].width = 44 if column in WIDE else 6 if column == "stt" else 16
        if sums and "." in column:
            total = sheet.cell(6, n, f"=SUM({letter}5:{letter}5)")
            total.font, total.number_format = Font(bold=True), "#,##0.00"
    if sums:
        sheet.cell(6, 2, gettext("Sum")).font = Font(bold=True)
    sheet.print_title_rows = "4:4"
