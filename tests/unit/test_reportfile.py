"""The text of reports as offices send them: files made here, opened as a stranger's."""

import io
import unicodedata
import zipfile

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pypdf import PdfReader, PdfWriter
from weasyprint import HTML

from gis import reportfile
from gis.errors import UnreadableFile
from gis.reading import KnownProject, read
from gis.reportfile import text_of

SENTENCE = "Bàn giao mặt bằng tổng diện tích 72.284,3 m² của 41 hộ gia đình ảnh hưởng bởi 02 dự án"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
PROJECTS = [KnownProject("ben-bac", "Khu đô thị mới Bến Bắc"), KnownProject("ly-thai-to", "Đường Lý Thái Tổ")]
NOTE = "Khu đô thị mới Bến Bắc (30 hộ); Đường Lý Thái Tổ (11 hộ)."


def with_footnote() -> bytes:
    """Make a DOCX with a true footnote, a table with merged cells, and m² written with a raised 2."""
    document = docx.Document()
    document.add_paragraph("BÁO CÁO tháng 12/2024")
    paragraph = document.add_paragraph(SENTENCE)
    paragraph._p.append(parse_xml(f'<w:r {W}><w:footnoteReference w:id="7"/></w:r>'))
    paragraph.add_run(".")
    raised = document.add_paragraph("Thu hồi 53,1m")
    raised.add_run("2").font.superscript = True
    table = document.add_table(rows=2, cols=3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Dự án"
    table.cell(0, 2).text = "Số hộ"
    for cell, text in zip(table.rows[1].cells, ("1", "Đường Lý Thái Tổ", "11 hộ"), strict=True):
        cell.text = text
    notes = (
        f'<w:footnotes {W}><w:footnote w:id="0" w:type="separator"><w:p/></w:footnote><w:footnote w:id="7"><w:p><w:r>'
        f"<w:footnoteRef/></w:r><w:r><w:t>{NOTE}</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, notes.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def pdf(body: str) -> bytes:
    return HTML(string=f"<html lang=vi><style>@page{{size:A5}}body{{font:12pt Roboto}}</style>{body}").write_pdf()


def told(text: str) -> list[tuple]:
    return [
        (one.project, dict(one.values), one.part_of)
        for one in read(text, projects=PROJECTS)
        if one.indicator == "handover"
    ]


WHOLE = {"households": 41, "projects": 2}


def test_docx_gives_footnotes_where_they_hang_and_cells_of_a_row_together():
    text = text_of(with_footnote(), "bao-cao.docx")
    assert f"{SENTENCE}<sup>1</sup>." in text
    assert text.endswith(f"<sup>1</sup> {NOTE}")
    assert "53,1m<sup>2</sup>" in text
    assert "Dự án | Số hộ" in text, "a merged cell stands once"
    assert "1 | Đường Lý Thái Tổ | 11 hộ" in text
    whole, *parts = told(text)
    assert whole[1].items() >= WHOLE.items()
    assert parts == [("ben-bac", {"households": 30}, 0), ("ly-thai-to", {"households": 11}, 0)]


def test_pdf_gives_raised_digits_as_marks_and_no_page_numbers():
    body = f"<p>{SENTENCE}<sup>13</sup>.</p><p style='font-size:9pt'><sup>13</sup> {NOTE}</p><p>- 4 -</p>"
    text = text_of(pdf(body), "bao-cao.pdf")
    assert "dự án<sup>13</sup>." in text.replace("\n", " ")
    assert "- 4 -" not in text
    assert [one[1]["households"] for one in told(text)] == [41, 30, 11]


def test_marks_that_lost_their_raising_are_told_from_numbers():
    assert [one[1]["households"] for one in told(f"{SENTENCE}13.\n13 {NOTE}")] == [41, 30, 11]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-sig", "windows-1258"])
def test_plain_text_in_any_encoding_of_windows(encoding):
    if encoding == "windows-1258":  # it has tones as letters of their own, and no ²
        content = "".join(_tone_apart(letter) for letter in SENTENCE.replace("²", "2")).encode(encoding)
    elif encoding == "utf-16-be-sig":
        content = b"\xfe\xff" + SENTENCE.encode("utf-16-be")
    else:
        content = SENTENCE.encode(encoding)
    text = text_of(content, "bao-cao.txt")
    assert told(text)[0][1]["households"] == 41
    assert "ảnh hưởng bởi" in text


def _tone_apart(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    tones = [mark for mark in parts[1:] if mark in "\u0300\u0301\u0303\u0309\u0323"]
    return unicodedata.normalize("NFC", parts[0] + "".join(m for m in parts[1:] if m not in tones)) + "".join(tones)


def locked_pdf() -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("<p>Mật</p>"))))
    writer.encrypt("secret", algorithm="AES-256")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"0" * 101 * 1024 * 1024)
    return file.getvalue()


def no_docx() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("xl/workbook.xml", "<x/>")
    return file.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b" \n", "empty"),
        (b"x" * (1024 * 1024 + 1), "larger than 1 MiB"),
        (with_footnote()[:3000], "broken or cut short"),
        (no_docx(), "packed like a DOCX but is none"),
        (bomb(), "unpacks to too much"),
        (OLE, "Word before 2007"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (locked_pdf(), "password"),
        (pdf("<p>Một</p>")[:900], "broken or cut short"),
        (pdf("<svg viewBox='0 0 9 9'><path d='M0 0h9v9z'/></svg>"), "scanned"),
        (b"\x89PNG\r\n\x1a\n" + bytes(30), "no report that can be read"),
        (b"{\\rtf1 x}", "no report that can be read"),
        ("Uû ban nh©n d©n thµnh phè ®· bµn giao mÆt b»ng cho chñ ®Çu t­ víi tæng diÖn tÝch".encode(), "old fonts"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_what_to_do(content, says):
    with pytest.raises(UnreadableFile, match=says) as refused:
        text_of(content, "tệp.pdf", most_mib=1)
    assert refused.value.parameter == "file"


def test_what_is_struck_through_or_hidden_is_not_said():
    made = docx.Document()
    line = made.add_paragraph("đã bàn giao mặt bằng ")
    line.add_run("12").font.strike = True
    line.add_run("15")
    line.add_run(" hoặc 30").font.hidden = True
    shown = line.add_run(" ha")
    shown.font.strike = False
    gone = made.add_paragraph("còn lại ")._p
    gone.append(parse_xml(f'<w:del {nsdecls("w")} w:id="1"><w:r><w:delText>7 hộ</w:delText></w:r></w:del>'))
    gone.append(parse_xml(f'<w:moveFrom {nsdecls("w")} w:id="2"><w:r><w:t>9 hộ</w:t></w:r></w:moveFrom>'))
    made.sections[0].header.paragraphs[0].text = "Dự thảo 3"
    file = io.BytesIO()
    made.save(file)
    found = reportfile.read(file.getvalue(), "bao-cao.docx")
    assert "đã bàn giao mặt bằng 15 ha" in found.text and "hộ" not in found.text
    assert [(each.kind, each.text) for each in found.left_out] == [
        ("struck", "12"), ("hidden", "hoặc 30"), ("deleted", "7 hộ9 hộ"), ("margin", "Dự thảo 3"),
    ]  # fmt: skip


def test_what_a_style_strikes_through_or_hides_is_not_said():
    made = docx.Document()
    gone = made.styles.add_style("Gạch", WD_STYLE_TYPE.CHARACTER)
    gone.font.strike = True
    inherited = made.styles.add_style("Gạch đậm", WD_STYLE_TYPE.CHARACTER)
    inherited.base_style = gone
    old = made.styles.add_style("Bản cũ", WD_STYLE_TYPE.PARAGRAPH)
    old.font.hidden = True
    struck = made.styles.add_style("Dòng bỏ", WD_STYLE_TYPE.PARAGRAPH)
    struck.font.strike = True
    line = made.add_paragraph("đã bàn giao mặt bằng ")
    line.add_run("12", style=inherited)
    line.add_run("15 ha")
    made.add_paragraph("còn lại 30 hộ", style=old)
    back = made.add_paragraph("", style=struck)
    back.add_run("9 hộ")
    back.add_run("kept by both", style=gone)  # two that strike through: neither does
    back.add_run(" kept by itself").font.strike = False
    file = io.BytesIO()
    made.save(file)
    found = reportfile.read(file.getvalue(), "bao-cao.docx")
    assert found.text.split("\n\n") == ["đã bàn giao mặt bằng 15 ha", "kept by both kept by itself"]
    told = [(each.kind, each.text) for each in found.left_out]
    assert told == [("struck", "12"), ("hidden", "còn lại 30 hộ"), ("struck", "9 hộ")]
