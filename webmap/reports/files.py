"""A report as a file: DOCX with true footnotes, XLSX, and PDF, each from the same content."""

import io
from datetime import datetime
from decimal import Decimal

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from flask_babel import gettext
from lxml import etree
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.child import INVALID_TITLE_REGEX

from gis.progress import VIETNAM_TIME
from webmap import printing
from webmap.i18n import area, count
from webmap.reports.columns import fitting, widths_mm
from webmap.reports.content import AREA, COUNT, MONEY, PERCENT, TEXT, Laid, Sentence, Table
from webmap.reports.maps import NO_MAPS, Maps

FONT = "Times New Roman"
"""Of official documents (Decree 30/2020/NĐ-CP, annex I)."""
A4_MM, A3_MM = (210, 297), (297, 420)
SIDES_MM = (30, 15)
"""Left and right margin (Decree 30/2020/NĐ-CP: 30-35 and 15-20 mm)."""
ACROSS_MM = A4_MM[1] - sum(SIDES_MM)
"""What a table on a sheet laid across may be wide."""
AGAIN = RGBColor(0x8A, 0x8A, 0x8A)
"""Of what a row says again as the one before it."""
FORMATS = {COUNT: "#,##0", AREA: "#,##0.00", MONEY: "#,##0", PERCENT: "0.0#", TEXT: "@"}
WIDTHS = {TEXT: 34, COUNT: 12, AREA: 16, MONEY: 20, PERCENT: 10}


def written(value, kind: str) -> str:
    """Write a value of a table the reader's way; empty where nothing is stated."""
    if value is None:
        return ""
    return str(value) if kind == TEXT else count(value) if kind == COUNT else area(value)


# DOCX.


def new_document(points: int):
    """Begin a document of Word in the type of official ones."""
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(points)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    return document


def as_docx(laid: Laid) -> bytes:
    """Write a report as DOCX: text with footnotes upright, tables across, titles of tables on every page."""
    document = new_document(13)
    set_page(document.sections[0], *A4_MM)
    number_pages(document.sections[0])
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.add_run(laid.title.upper()).bold = True
    period = document.add_paragraph(f"({laid.period})")
    period.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if laid.illustrative:
        document.add_paragraph().add_run(gettext("Illustrative sample, not official figures.")).italic = True
    notes = []
    for sentence in laid.sentences:
        _write_sentence(document, sentence, notes)
    document.add_paragraph().add_run(laid.source).italic = True
    if notes:
        add_footnotes(document, notes)
    if laid.tables:
        across = document.add_section()
        across.orientation = WD_ORIENT.LANDSCAPE
        set_page(across, *reversed(A4_MM))
        for number, table in enumerate(laid.tables, 1):
            for part in fitting(table, _as_written(table), ACROSS_MM):
                _write_table(document, number, part)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def set_page(section, width: int, height: int) -> None:
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.left_margin, section.right_margin = map(Mm, SIDES_MM)
    section.top_margin = section.bottom_margin = Mm(20)


def number_pages(section) -> None:
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)


def _write_sentence(document, sentence: Sentence, notes: list[str]) -> None:
    paragraph = document.add_paragraph(f"- {sentence.head}")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    if sentence.footnote:
        notes.append(sentence.footnote)
        run = paragraph.add_run()
        run.font.superscript = True
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), str(len(notes)))
        run._r.append(reference)
    paragraph.add_run(sentence.text)


def add_footnotes(document, notes: list[str], *, last: int = 0) -> None:
    """Put footnotes into their part of the file, numbered from the last one on: python-docx cannot write them."""
    part, root = footnotes(document)
    for number, text in enumerate(notes, last + 1):
        note = etree.SubElement(root, qn("w:footnote"), {qn("w:id"): str(number)})
        paragraph = etree.SubElement(note, qn("w:p"))
        mark = etree.SubElement(paragraph, qn("w:r"))
        raised = etree.SubElement(etree.SubElement(mark, qn("w:rPr")), qn("w:vertAlign"))
        raised.set(qn("w:val"), "superscript")
        etree.SubElement(mark, qn("w:footnoteRef"))
        run = etree.SubElement(paragraph, qn("w:r"))
        size = etree.SubElement(etree.SubElement(run, qn("w:rPr")), qn("w:sz"))
        size.set(qn("w:val"), "20")
        said = etree.SubElement(run, qn("w:t"))
        said.text = " " + ILLEGAL_CHARACTERS_RE.sub("", text)
        said.set(qn("xml:space"), "preserve")
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    if part is None:
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
        part = Part(PackURI("/word/footnotes.xml"), kind, content, document.part.package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    else:
        part._blob = content


def footnotes(document) -> tuple[Part | None, etree._Element]:
    """Give the part of a document's footnotes and what is in it; a new one where it has none."""
    for link in document.part.rels.values():
        if link.reltype == RELATIONSHIP_TYPE.FOOTNOTES:
            return link.target_part, parse_xml(link.target_part.blob)
    return None, parse_xml(
        f"<w:footnotes {nsdecls('w')}>"
        '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
        '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p>'
        "</w:footnote></w:footnotes>"
    )


def repeat_on_every_page(row) -> None:
    """Make a row of a table in Word a heading of every page it goes on to."""
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(repeated)


def _write_table(document, number: int, table: Table) -> None:
    heading = document.add_paragraph()
    heading.paragraph_format.keep_with_next = True
    heading.add_run(gettext("Table %(n)s. %(title)s", n=number, title=table.title)).bold = True
    made = document.add_table(rows=2 if table.groups else 1, cols=len(table.columns))
    made.style = "Table Grid"
    set_widths(made, [(title, kind == TEXT) for title, kind in table.columns], _as_written(table), ACROSS_MM)
    heads, first = list(made.rows), 0
    for title, span in table.groups:
        above = heads[0].cells[first].merge(heads[0].cells[first + span - 1]) if title else None
        if above:
            fill_cell(above, title, bold=True, aside=True)
        first += span
    for cell, (title, _) in zip(heads[-1].cells, table.columns, strict=True):
        fill_cell(cell, title, bold=True, aside=True)
    for head in heads:
        repeat_on_every_page(head)
    before = None
    for row in table.rows:
        cells = made.add_row().cells
        for cell, value, (_, kind) in zip(cells, row, table.columns, strict=True):
            fill_cell(cell, written(value, kind), aside=kind != TEXT)
        if row[0] == before and cells[0].paragraphs[0].runs:
            cells[0].paragraphs[0].runs[0].font.color.rgb = AGAIN
        before = row[0]
    if table.note:
        document.add_paragraph().add_run(table.note).italic = True


def _as_written(table: Table) -> list[list[str]]:
    return [[written(value, kind) for value, (_, kind) in zip(row, table.columns, strict=True)] for row in table.rows]


def set_widths(made, columns, rows, whole_mm: float) -> None:
    """Give a table in Word columns that its numbers fit into; rows that are added take them over."""
    made.autofit = False
    for column, width in zip(made.columns, widths_mm(columns, rows, whole_mm), strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


def fill_cell(cell, text: str, *, aside: bool, bold: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(ILLEGAL_CHARACTERS_RE.sub("", text))
    run.bold, run.font.size = bold, Pt(9)
    if aside:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if bold else WD_ALIGN_PARAGRAPH.RIGHT


# XLSX.


def as_xlsx(laid: Laid) -> bytes:
    """Write a report as a workbook: the text on the first sheet, each table on one of its own."""
    book = Workbook()
    text = book.active
    text.title = gettext("Text")
    text.column_dimensions["A"].width, text.column_dimensions["B"].width = 90, 90
    lines = [
        (laid.title, ""),
        (laid.period, ""),
        *((s.head + s.text, s.footnote or "") for s in laid.sentences),
        (laid.source, ""),
    ]
    for n, line in enumerate(lines, 1):
        for column, value in enumerate(line, 1):
            set_cell(text.cell(n, column), value, TEXT).alignment = Alignment(wrap_text=True, vertical="top")
    text["A1"].font = Font(bold=True)
    for table in laid.tables:
        _sheet(book, table, laid.period)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _sheet(book: Workbook, table: Table, period: str) -> None:
    sheet = book.create_sheet(_sheet_name(book, table.title))
    set_cell(sheet.cell(1, 1), f"{table.title} ({period})", TEXT).font = Font(bold=True)
    thin, first = Side(style="thin"), 1
    for title, span in table.groups:
        if title:
            above = set_cell(sheet.cell(2, first), title, TEXT)
            above.font, above.alignment = Font(bold=True), Alignment(wrap_text=True, horizontal="center")
            sheet.merge_cells(start_row=2, end_row=2, start_column=first, end_column=first + span - 1)
        first += span
    for n, (title, kind) in enumerate(table.columns, 1):
        cell = set_cell(sheet.cell(3, n), title, TEXT)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, horizontal="center")
        cell.border = Border(bottom=thin, top=thin)
        sheet.column_dimensions[get_column_letter(n)].width = WIDTHS[kind]
    for r, row in enumerate(table.rows, 4):
        for n, (value, (_, kind)) in enumerate(zip(row, table.columns, strict=True), 1):
            set_cell(sheet.cell(r, n), value, kind)
    sheet.freeze_panes = "B4"
    sheet.print_title_rows = "2:3" if table.groups else "3:3"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "&P / &N"


def _sheet_name(book: Workbook, title: str) -> str:
    """Make a name of a sheet of a table's title: what Excel takes, and of no other sheet."""
    name = INVALID_TITLE_REGEX.sub("-", title)
    if len(name) > 31:
        name = name[:30].rsplit(" ", 1)[0] + "…"
    taken = {each.casefold() for each in book.sheetnames}
    return name if name.casefold() not in taken else f"{name[:27]} {len(taken)}"


def set_cell(cell, value, kind: str):
    if value is not None:
        if kind == TEXT:
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:32767]
            cell.data_type = "s"  # never a formula, whatever it begins with
        else:
            cell.value = int(value) if kind in (COUNT, MONEY) else float(Decimal(value))
            cell.number_format = number_format(value, kind)
    return cell


def number_format(value, kind: str) -> str:
    """Give the format of a number, with as many decimals as it has: “0.##” would leave a comma behind whole numbers."""
    if kind in (COUNT, MONEY, PERCENT):
        return FORMATS[kind]
    decimals = max(-Decimal(value).normalize().as_tuple().exponent, 0)
    return f"#,##0.{'0' * decimals}" if decimals else "#,##0"


# PDF.


def as_pdf(laid: Laid, *, paper: str = "a4", maps: Maps = NO_MAPS) -> bytes:
    """Write a report as PDF, upright: pages numbered, titles of tables on every page, fonts embedded, maps last."""
    size = {"a4": A4_MM, "a3": A3_MM}[paper]
    return printing.pdf(
        "reports/paper.html", maps.sheets, laid=laid, written=written, size=size, undrawn=maps.undrawn,
        made_at=datetime.now(VIETNAM_TIME),
    )  # fmt: skip
