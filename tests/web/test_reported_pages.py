"""Reported figures come in by form, sheet, document and program; each is confirmed by who keeps the records."""

import csv
import io
import re
from datetime import date
from hashlib import sha256
from html import unescape

import pytest
from docx import Document
from openpyxl import Workbook, load_workbook

from gis import db, reported
from gis.new_figures import NewFigure
from tests import factories as make
from tests.conftest import engine_of, serving
from tests.people import PASSWORD, Browser, invite
from webmap.figures import cells
from webmap.figures import sheet as figure_sheet

PEOPLE = {
    "lan": ("officer", {"units": ["h-chi-lang"]}),
    "minh": ("officer", {"projects": ["cho-moi"]}),
    "truong": ("leader", {}),
    "admin": ("administrator", {}),
    "dautu": ("investor", {"projects": ["cho-moi"]}),
}
REPORT = """Kết quả công tác tháng 5.

Trong tháng đã bàn giao mặt bằng tổng diện tích 72.284,3m² của 41 hộ gia đình ảnh hưởng bởi 04 dự án.

Ngoài ra, bàn giao mặt bằng tổng diện tích 1.500m² của 3 hộ gia đình <b>ảnh hưởng</b>."""
MAY = {"from_on": "01/05/2024", "to_on": "31/05/2024"}


class Place:
    """A unit with a project, and who keeps their records."""

    def __init__(self, app, database):
        self.app, self.database, self.browsers, self.sent = app, database, {}, 0

    def as_(self, name: str) -> Browser:
        if name not in self.browsers:
            self.browsers[name] = Browser(self.app)
            self.browsers[name].send("/sign-in", email=f"{name}@gpmb.vn", password=PASSWORD)
        return self.browsers[name]

    def send(self, name: str, path: str, **fields):
        """Send a form with a key of its own."""
        self.sent += 1
        return self.as_(name).send(path, page="/account", **{"key": f"k{self.sent}"} | fields)

    def do(self, work):
        with engine_of(self.database.owner) as engine, db.transaction(engine) as session:
            return work(session)

    def enter(self, **given) -> str:
        """Enter a figure beside the pages."""
        values = {
            "unit": "h-chi-lang", "report": "1/BC-UBND", "line": "7", "indicator": "handover", "basis": "period",
            "from_on": date(2024, 5, 1), "to_on": date(2024, 5, 31), "values": {"households": 41},
        }  # fmt: skip
        self.sent += 1
        figure, key = NewFigure(**values | given), f"s{self.sent}"
        done = self.do(lambda s: reported.enter(s, [figure], way="program", by="x", key=key).result)
        return done["figures"][0]

    def figures(self, **asked) -> list[reported.Kept]:
        def found(session):
            session.expire_on_commit = False
            return reported.listed(session, **asked)

        return self.do(found)


@pytest.fixture(scope="module")
def place(make_database):
    database = make_database("reported")
    with serving(database, GPMB_OPEN_ACCESS="none") as app:
        with engine_of(database.owner) as engine, db.transaction(engine) as session:
            unit = make.unit(session, slug="h-chi-lang", name="Huyện Chi Lăng", kind="district", level="district")
            for code in ("cho-moi", "duong-moi"):
                make.project(session, code=code, name=code.replace("-", " ").capitalize(), reporting_unit_id=unit.id)
            invite(session, PEOPLE)
        yield Place(app, database)


def form(**given) -> dict:
    return {"report": "5/BC-UBND", "line": "12", "unit": "h-chi-lang", "indicator": "handover", "basis": "period",
            **MAY, "households": "41", "area_m2": "72.284,3", **given}  # fmt: skip


def test_a_figure_is_entered_by_form_corrected_and_withdrawn(place):
    wrong = place.send("lan", "/figures/new", **form(area_m2="72.284", households="-4", note="<b>ghi chú</b>"))
    assert wrong.status_code == 422
    assert "&lt;b&gt;ghi chú&lt;/b&gt;" in wrong.text, "what was written stays"
    assert wrong.text.count('aria-invalid="true"') == 2
    assert "72284" in wrong.text, "a number that can be read in two ways is asked about"
    entered = place.send("lan", "/figures/new", **form(quote="<i>41 hộ</i>", of_households="400"))
    assert entered.status_code == 302
    page = place.as_("lan").get(entered.location).text
    assert "41 / 400" in page
    assert "&lt;i&gt;41 hộ&lt;/i&gt;" in page
    name = entered.location.rpartition("/")[2]

    asked = place.send("lan", "/figures/new", **form(report="6/BC-UBND", households="44"))
    assert asked.status_code == 422
    assert f"{name} (5/BC-UBND:12)" in asked.text, "what it would contradict is told before it is recorded"
    assert place.figures(source="6/BC-UBND") == []
    other = place.send("lan", "/figures/new", **form(report="6/BC-UBND", households="44"), seen="1")
    wrong_one = other.location.rpartition("/")[2]
    assert f"statements:{name}:{wrong_one}" in place.as_("lan").get("/contradictions").text
    assert "/contradictions#statements" in place.as_("lan").get(other.location).text
    page = place.as_("lan").get(f"/figures/new?corrects={wrong_one}").text
    assert 'value="44"' in page
    without = place.send("lan", "/figures/new", **form(report="6/BC-UBND", corrects=wrong_one))
    assert without.status_code == 400
    corrected = place.send("lan", "/figures/new", **form(report="6/BC-UBND", corrects=wrong_one, reason="gõ nhầm"))
    assert corrected.status_code == 302
    assert f"statements:{name}" not in place.as_("lan").get("/contradictions").text
    old = place.as_("lan").get(other.location).text
    assert "gõ nhầm" in old
    assert corrected.location in old
    assert place.as_("lan").get("/figures?state=corrected").text.count("6/BC-UBND") == 1

    path = f"{corrected.location}/withdraw"
    assert place.send("lan", path, reason=" ").status_code == 400
    assert place.send("lan", path, reason="không phải của huyện").status_code == 302
    assert place.send("lan", path, reason="lần nữa").status_code == 409
    assert "6/BC-UBND" not in place.as_("lan").get("/figures").text


def test_who_keeps_no_records_of_it_enters_nothing(place):
    name = place.enter()
    for person in ("truong", "admin", "dautu"):
        for path in ("/figures/new", "/figures/sheet", "/figures/read", f"/figures/{name}/withdraw"):
            assert place.send(person, path, **form()).status_code == 403, (person, path)
    assert place.as_("dautu").get("/figures").status_code == 403
    assert place.as_("truong").get(f"/figures/{name}").status_code == 200, "a leader reads"
    assert place.as_("truong").get("/figures").text.count("/figures/new") == 0
    unit_wide = place.send("minh", "/figures/new", **form())
    assert unit_wide.status_code == 422, "a figure of a whole unit is for who keeps the unit"
    assert place.send("minh", "/figures/new", **form(project="duong-moi")).status_code == 422
    assert place.send("minh", f"/figures/{name}/withdraw", reason="x").status_code == 403
    mine = place.send("minh", "/figures/new", **form(project="cho-moi"))
    assert mine.status_code == 302
    assert place.send("minh", "/figures/new", **form(corrects=name, reason="x")).status_code == 403


def figure_table(*rows: str, above: str = "", area: str = "Diện tích (m²)") -> str:
    head = f"Báo cáo (số hiệu hoặc tên)\tDự án\tĐơn vị báo cáo\tChỉ tiêu\tCách tính\tĐến ngày\tSố hộ\t{area}"
    return "\n".join([*filter(None, (above, head)), *(f"77/BC\tcho-moi\th-chi-lang\t{row}" for row in rows)])


def test_a_figure_that_is_there_or_cannot_be_right_is_seen_before_it_is_recorded(place):
    typed = form(report="61/BC-UBND", households="12", of_households="5", percent="250", area_m2="")
    asked = place.send("lan", "/figures/new", **typed)
    assert asked.status_code == 422
    assert "12 of 5" in asked.text or "12 trên tổng số 5" in asked.text
    assert place.figures(source="61/BC") == []
    first = place.send("lan", "/figures/new", **typed, seen="1")
    assert first.status_code == 302
    again = place.send("lan", "/figures/new", **typed)
    assert again.status_code == 422
    assert first.location.rpartition("/")[2] in again.text, "the figure that is there is named"
    assert len(place.figures(source="61/BC")) == 1


def test_what_is_wrong_with_one_number_is_told_once_and_half_letters_are_refused(place):
    typed = form(report="62/BC-UBND", households="", area_m2="1.234", of_area_m2="5000")
    page = place.send("lan", "/figures/new", **typed)
    assert page.status_code == 422
    assert page.text.count('class="wrong"') == 1, "the area alone: a value was given"
    person = place.as_("lan")
    csrf = place.send("lan", "/figures/new", **form(report="62/BC-UBND %ED%B2%80 x"))
    assert csrf.status_code == 422
    assert person.get("/figures?source=62/BC").text.count("62/BC-UBND") == 0


def test_a_figure_that_the_records_do_not_give_is_told_before_it_is_recorded(place):
    typed = form(report="63/BC-UBND", project="cho-moi", basis="cumulative", from_on="", area_m2="")
    shown = place.send("lan", "/figures/new", **typed)
    assert shown.status_code == 302, "where nothing is on record the figure stands in for it"


def test_the_name_of_a_unit_without_its_kind_offers_the_units_of_the_name(place):
    head, row = figure_table("handover\tperiod\t31/05/2024\t5\t").splitlines()
    page = place.send("lan", "/figures/sheet", rows=f"{head}\n{row.replace('h-chi-lang', 'chi lăng')}")
    assert page.status_code == 422
    assert "“Huyện Chi Lăng (h-chi-lang)”" in page.text
    page = place.send("lan", "/figures/sheet", rows=f"{head}\n{row.replace('cho-moi', 'đường mới')}")
    assert page.status_code == 422 or "duong-moi" in page.text
    page = place.send("lan", "/figures/sheet", rows=f"{head}\n{row.replace('period', 'hàng tháng')}")
    assert "hàng tháng" in page.text
    assert "cumulative" not in page.text, "choices are told in words"


@pytest.mark.parametrize("name", ["Tam Thanh", "phường Tam Thanh", "p. tam thanh", "Thanh Long Xã", "Xã Thanh"])
def test_the_kind_of_a_unit_stands_before_its_name_alone(name):
    assert cells._without_kind(name) in ("tam thanh", "thanh long xa", "thanh")


def test_rows_that_rival_each_other_and_notes_that_deny_are_shown(place):
    placed = f"{TYPED_HEAD}\tGhi chú"
    rows = [placed, f"{TYPED_ROW.format(41)}\t", f"{TYPED_ROW.format(44)}\tsố liệu sai, đã đính chính"]
    page = place.send("lan", "/figures/sheet", rows="\n".join(rows))
    assert page.status_code == 200
    assert "số liệu sai, đã đính chính" in page.text
    assert page.text.count('class="notice"') >= 2


TYPED_HEAD = "Báo cáo (số hiệu hoặc tên)\tĐơn vị báo cáo\tChỉ tiêu\tCách tính\tTừ ngày\tĐến ngày\tSố hộ"
TYPED_ROW = "71/BC-UBND\th-chi-lang\thandover\tperiod\t01/05/2024\t31/05/2024\t{}"


def test_a_row_that_stands_twice_in_a_sheet_is_refused_with_the_row_it_repeats(place):
    twice = place.send(
        "lan", "/figures/sheet", rows="\n".join([TYPED_HEAD, TYPED_ROW.format(41), TYPED_ROW.format(41)])
    )
    assert twice.status_code == 422
    assert "Dòng 2" in twice.text
    placed = f"{TYPED_HEAD}\tVị trí trong báo cáo (dòng, đoạn, trang)"
    elsewhere = place.send(
        "lan", "/figures/sheet", rows="\n".join([placed, f"{TYPED_ROW.format(41)}\t7", f"{TYPED_ROW.format(41)}\t9"])
    )
    assert elsewhere.status_code == 200
    assert "ở chỗ khác" in elsewhere.text


def test_two_columns_of_one_heading_that_differ_are_refused(place):
    asked = place.send("lan", "/figures/sheet", rows="\n".join([f"{TYPED_HEAD}\tSố hộ", f"{TYPED_ROW.format(5)}\t6"]))
    assert "G" in asked.text
    assert "khác nhau" in asked.text
    assert 'name="confirm"' not in asked.text


def filled_sheet(place, *rows: dict) -> io.BytesIO:
    """Fill the template that the page gives, as a person would."""
    with place.as_("lan").get("/figures/sheet/template.xlsx") as answer:
        book = load_workbook(io.BytesIO(answer.data))
    sheet = book.worksheets[0]
    columns = {str(cell.value).partition(" / ")[2]: cell.column for cell in sheet[1]}
    for number, row in enumerate(rows, 2):
        for title, value in row.items():
            sheet.cell(number, columns[title], value)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


@pytest.mark.parametrize(
    ("above", "area", "right"),
    [("Đơn vị tính: ha, triệu đồng", "Diện tích", "15.000"), ("", "Diện tích (nghìn m2)", "1.500"),
     ("", "Diện tích (ha)", "15.000"), ("Dự án 12 ha", "Diện tích", "1,5")],
)  # fmt: skip
def test_a_sheet_of_figures_obeys_its_units(place, above, area, right):
    table = figure_table("handover\tcumulative\t30/06/2024\t3\t1,5", above=above, area=area)
    seen = place.send("lan", "/figures/sheet", rows=table)
    assert f"Diện tích (m²) {right}<" in seen.text.replace(";", "<")
    unclear = place.send("lan", "/figures/sheet", rows=table.replace(area, "Diện tích (sào)"))
    assert unclear.status_code == 422 and "sào" in unclear.text


def test_totals_of_a_sheet_of_figures_are_left_out_and_names_of_cells_are_words(place):
    table = figure_table("handover\tcumulative\t30/06/2024\t3\t1") + "\nTổng cộng\t\t\t\t\t\t3\t1\n78/BC\t\t\t\t\t\t3"
    seen = place.send("lan", "/figures/sheet", rows=table)
    assert "Đã đọc" not in seen.text and "dòng tổng" in seen.text
    assert "Phải nhập “Chỉ tiêu”" in seen.text and "“indicator”" not in seen.text
    assert "4 dòng có dữ liệu = 1 lấy + 1 phải sửa + 2 bỏ ra" in seen.text


@pytest.mark.parametrize("group", ["I. Các dự án trọng điểm", "II\tCác dự án khác", "A) Vốn tỉnh"])
def test_the_heading_of_a_group_in_a_sheet_of_figures_is_left_out_by_name(place, group):
    head, row = figure_table("handover\tcumulative\t30/06/2024\t3\t1").splitlines()
    seen = place.send("lan", "/figures/sheet", rows="\n".join([head, group, row]))
    assert "tên nhóm" in seen.text and "1 lấy + 0 phải sửa + 2 bỏ ra" in seen.text


def test_headings_again_are_left_out_others_are_another_table_and_a_wrong_total_is_told(place):
    head, row = figure_table("handover\tcumulative\t30/06/2024\t3\t1").splitlines()
    seen = place.send("lan", "/figures/sheet", rows="\n".join([head, row, head, "Tổng cộng\t\t\t\t\t\t5\t1"]))
    assert "dòng tổng ghi 5, các dòng cộng được 3" in seen.text and "1 lấy + 0 phải sửa + 3 bỏ ra" in seen.text
    turned = ["\t".join(reversed(line.split("\t"))) for line in (head, row)]
    other = place.send("lan", "/figures/sheet", rows="\n".join([head, row, *turned]))
    assert other.status_code == 422 and "1 lấy + 2 phải sửa + 1 bỏ ra" in other.text
    assert other.text.count("là một bảng khác") == 2
    dollars = place.send("lan", "/figures/sheet", rows="\n".join([f"{head}\tSố tiền (USD)", f"{row}\t5000"]))
    assert dollars.status_code == 400 and "tiền nước ngoài" in dollars.text


def test_a_book_is_the_same_when_it_is_confirmed(place):
    """Sheets with other orders of columns, and hidden rows, are carried from the look to the confirmation."""
    book = Workbook()
    first, second = book.active, book.create_sheet("B")
    head = ["Báo cáo (số hiệu hoặc tên)", "Đơn vị báo cáo", "Dự án", "Chỉ tiêu", "Cách tính", "Đến ngày"]
    row = ["78/BC-UBND", "h-chi-lang", "cho-moi", "handover", "cumulative"]
    for sheet, more, day, values in (
        (first, ["Số hộ", "Tổ chức"], "30/06/2024", [3, 1]), (first, None, "30/05/2024", [9, 9]),
        (second, ["Tổ chức", "Số hộ"], "30/04/2024", [7, 2]),
    ):  # fmt: skip
        if more:
            sheet.append(head + more)
        sheet.append([*row, day, *values])
    first.row_dimensions[3].hidden = True
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    seen = place.send("lan", "/figures/sheet", file=(file, "t.xlsx"))
    assert seen.status_code == 422 and "ẩn trong tệp" in seen.text
    again = {name: unescape(value) for name, value in re.findall(r'name="(table|rows_of)" value="([^"]*)"', seen.text)}
    again["rows"] = unescape(re.search(r'<textarea id="rows".*?>\n(.*?)</textarea>', seen.text, re.DOTALL)[1])
    still = place.send("lan", "/figures/sheet", **again)
    assert still.status_code == 422, "reading once more does not show a hidden row"
    done = place.send("lan", "/figures/sheet", **again, **{"hidden-rows": "leave"}, confirm="1")
    assert done.status_code == 302
    found = [kept.figure for kept in place.figures(source="78/BC-UBND")]
    assert sorted((one.households, one.organisations) for one in found) == [(2, 7), (3, 1)]


def test_what_the_writer_of_a_file_took_back_is_named_beside_what_is_read(place):
    made = Document()
    line = made.add_paragraph("Đã bàn giao mặt bằng ")
    line.add_run("8 hộ").font.strike = True
    line.add_run("5 hộ, diện tích 1.200 m2.")
    file = io.BytesIO()
    made.save(file)
    told = place.send("lan", "/figures/read", report="80/BC", unit="h-chi-lang", **MAY,
                      file=(io.BytesIO(file.getvalue()), "bao-cao.docx"))  # fmt: skip
    assert "chữ gạch ngang: “8 hộ”" in told.text and fields_of(told.text)["households-1"] == "5"
    again = place.send("lan", "/figures/read", **fields_of(told.text) | {"take": [], "confirm": "1"})
    assert again.status_code == 400 and "chữ gạch ngang: “8 hộ”" in again.text, "until something is entered"


def test_old_letters_that_are_pasted_as_a_report_are_read(place):
    told = place.send("lan", "/figures/read", report="79/BC", unit="h-chi-lang", **MAY,
                      pasted="§· bµn giao mÆt b»ng 5 hé, diÖn tÝch 1.200 m2.")  # fmt: skip
    assert "TCVN3" in told.text
    assert re.search("bàn giao mặt bằng.*5 hộ", told.text)


ROW = {
    "Report (number or title)": "9/BC-UBND", "Unit that reports": "Huyện Chi Lăng", "Stated as": "trong kỳ",
    "Indicator": "Bàn giao mặt bằng (handover)", "First day": date(2024, 6, 1), "Last day": "30/06/2024",
}  # fmt: skip
LINE, PART = "Place in the report (line, paragraph, page)", "Part of (No. or figure)"


def test_no_two_columns_are_called_alike(place):
    """In either language: a sheet is read by its headings."""
    with place.as_("lan").get("/figures/sheet/template.xlsx") as answer:
        book = load_workbook(io.BytesIO(answer.data))
    headings = [str(cell.value).casefold().split(" / ") for cell in book.worksheets[0][1]]
    for names in zip(*headings, strict=True):
        assert len(set(names)) == len(names)


def test_the_template_is_filled_in_looked_at_and_entered(place):
    with place.as_("lan").get("/figures/sheet/template.xlsx") as answer:
        book = load_workbook(io.BytesIO(answer.data))
    offered = [rule.formula1 for rule in book.worksheets[0].data_validations.dataValidation]
    assert len(offered) == 6
    assert book.worksheets[1].sheet_state == "hidden"
    assert "Cho moi (cho-moi)" in [cell.value for column in book.worksheets[1].columns for cell in column]

    total = ROW | {"No.": 1, "Households": 10, "Area (m²)": 1250.5, LINE: "3-5"}
    faulty = filled_sheet(place, total, ROW | {"No.": 2, PART: 7, "Project": "Chợ trời", "Households": "x"})
    answer = place.send("lan", "/figures/sheet", file=(faulty, "t.xlsx"))
    assert answer.status_code == 422
    wrong = re.search(r'<section class="wrong".*?</section>', answer.text, re.DOTALL)[0]
    assert wrong.count("<td>3</td>") == 3, "row of the sheet: project, households, part of"
    assert place.figures(source="9/BC-UBND") == []

    good = filled_sheet(place, total, ROW | {"No.": 2, PART: 1, "Project": "Cho moi (cho-moi)", "Households": 4})
    looked = place.send("lan", "/figures/sheet", file=(good, "t.xlsx"))
    assert looked.status_code == 200
    assert place.figures(source="9/BC-UBND") == [], "nothing before it is confirmed"
    rows = re.search(r'<textarea id="rows".*?>\n(.*?)</textarea>', looked.text, re.DOTALL)[1]
    done = place.send("lan", "/figures/sheet", rows=rows.replace("&#34;", '"'), confirm="1", key="sheet")
    assert done.status_code == 302
    assert (
        place.send("lan", "/figures/sheet", rows=rows.replace("&#34;", '"'), confirm="1", key="sheet").status_code
        == 302
    )
    total, part = place.figures(source="9/BC-UBND")
    assert (part.figure.part_of, part.project, part.figure.households) == (total.figure.figure, "cho-moi", 4)
    assert (total.way, total.figure.source_line, str(total.figure.area_m2)) == ("xlsx", "9/BC-UBND:3-5", "1250.50")
    assert total.figure.from_on == date(2024, 6, 1)
    again = place.send("lan", "/figures/sheet", rows=rows)
    assert total.figure.figure in again.text, "what is there already is said"


def fields_of(page: str) -> dict:
    """Give the fields of the form of proposals as a browser would send them."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    found.pop("csrf_token")
    found |= dict(re.findall(r'<input id="([\w-]+)"[^>]*? value="([^"]*)"', page))
    for name, options in re.findall(r'<select id="([\w-]+)".*?>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found | {"take": re.findall(r'name="take" value="(\d+)" checked', page)}


def test_a_pasted_report_is_read_changed_confirmed_and_quoted(place):
    about = {"report": "21/BC-UBND", "unit": "h-chi-lang", "from_on": "01/07/2024", "to_on": "31/07/2024"}
    page = place.send("lan", "/figures/read", pasted=REPORT, **about)
    assert page.status_code == 200
    assert re.search(r"<mark>[^<]*72\.284,3m²[^<]*</mark>", page.text)
    assert "&lt;b&gt;ảnh hưởng" in page.text
    fields = fields_of(page.text)
    assert fields["area_m2-1"] == "72284,3"
    nothing = place.send("lan", "/figures/read", **fields | {"take": [], "confirm": "1"})
    assert nothing.status_code == 400
    assert place.figures(source="21/BC-UBND") == []

    broken = place.send("lan", "/figures/read", **fields | {"take": ["1", "2"], "households-2": "ba", "confirm": "1"})
    assert broken.status_code == 422
    assert 'value="ba"' in broken.text
    tampered = fields["read"][:40] + ("a" if fields["read"][40] != "a" else "b") + fields["read"][41:]
    assert place.send("lan", "/figures/read", **fields | {"read": tampered, "confirm": "1"}).status_code == 400
    done = place.send("lan", "/figures/read", **fields | {"take": ["1", "2"], "households-2": "4", "confirm": "1"})
    assert done.status_code == 302
    first, second = place.figures(source="21/BC-UBND")
    assert (first.figure.households, second.figure.households, first.way) == (41, 4, "document")
    assert (first.entry.proposed, second.entry.proposed) == (None, {"households": "3"})
    shown = place.as_("truong").get(f"/figures/{second.figure.figure}").text
    assert re.search(r"<mark>[^<]*1\.500m²[^<]*</mark>", shown)
    assert "Kết quả công tác tháng 5" in shown, "its surroundings"

    again = place.send("lan", "/figures/read", pasted=REPORT, **about)
    assert f"/figures/{first.figure.figure}" in again.text
    assert "1" not in fields_of(again.text)["take"], "what is there already is not ticked"
    other = place.send("lan", "/figures/read", pasted=REPORT.replace("41", "45"), **about | {"report": "22/BC-UBND"})
    assert "21/BC-UBND" in other.text or f"{first.figure.figure}" in other.text, "conflicts with what is there are said"


def test_a_file_is_read_and_kept_with_its_hash(place):
    document = Document()
    for line in REPORT.split("\n\n"):
        document.add_paragraph(line)
    file = io.BytesIO()
    document.save(file)
    file.seek(0)
    about = {"report": "23/BC-UBND", "unit": "h-chi-lang", "from_on": "01/08/2024", "to_on": "31/08/2024"}
    page = place.send("lan", "/figures/read", file=(io.BytesIO(file.getvalue()), "Báo cáo <5>.docx"), **about)
    assert page.status_code == 200
    done = place.send("lan", "/figures/read", **fields_of(page.text) | {"take": ["1"], "confirm": "1"})
    assert done.status_code == 302
    (kept,) = place.figures(source="23/BC-UBND")
    shown = place.as_("truong").get(f"/figures/{kept.figure.figure}").text
    assert sha256(file.getvalue()).hexdigest() in shown
    assert "Báo cáo &lt;5&gt;.docx" in shown
    no_report = place.send("lan", "/figures/read", file=(io.BytesIO(b"%PDF-1.7 cut short"), "x.pdf"), **about)
    assert no_report.status_code == 422
    assert 'value="23/BC-UBND"' in no_report.text, "what was said of it stays"


def test_headings_are_known_without_what_stands_in_their_brackets(place):
    said = ["Báo cáo", "Đơn vị", "Chỉ tiêu", "Vị trí trong báo cáo", "Số hộ", "Diện tích (ha)", "Ghi chú khác"]
    with place.app.test_request_context():
        named = figure_sheet._columns_named(said)
    assert named == {0: "report", 1: "unit", 2: "indicator", 3: "line", 4: "households", 5: "area_m2"}


def test_a_cell_at_fault_is_named_as_people_know_it_and_a_line_broken_in_word_is_one(place):
    asked = form(report="63/BC-UBND", quote="một\x07hai")
    assert "“Trích nguyên văn báo cáo” chứa ký tự điều khiển" in unescape(
        place.send("lan", "/figures/new", **asked, seen="1").text)  # fmt: skip
    broken = place.send("lan", "/figures/new", **asked | {"quote": "một\x0bhai"}, seen="1")
    assert broken.status_code == 302, broken.text


def test_programs_enter_correct_and_withdraw(place):
    browser = place.as_("lan").client
    token = re.search(r'name="csrf_token" value="([^"]+)"', place.as_("lan").get("/account").text)[1]

    def post(path, key, **body):
        return browser.post(f"/api/v1/reported-figures{path}", json=body,
                            headers={"X-CSRFToken": token, "Idempotency-Key": key})  # fmt: skip

    figure = {"unit": "h-chi-lang", "report": "31/BC-UBND", "line": "2", "indicator": "capital_plan", "basis": "plan",
              "from": "2024-01-01", "to": "2024-12-31", "amount_vnd": 135188000000, "projects": 133}  # fmt: skip
    made = post("", "p1", figures=[figure])
    assert made.status_code == 201, made.text
    assert post("", "p1", figures=[figure]).status_code == 200
    again = post("", "p1b", figures=[figure])
    assert (again.status_code, again.json["code"]) == (422, "unconfirmed"), "it is there already"
    assert made.json["figures"][0]["figure"] in again.json["problems"][0]["detail"]
    assert "seen" in again.json["detail"]
    (entered,) = made.json["figures"]
    assert (entered["amount_vnd"], entered["derivable"], entered["way"]) == (135188000000, False, "program")
    wrong = post("", "p2", figures=[figure | {"amount_vnd": -1, "project": "chua-co"}])
    assert wrong.status_code in (403, 422)
    assert {(each["row"], each["field"]) for each in wrong.json["problems"]} >= {(1, "project")}
    assert post("", "p3", figures=[figure | {"colour": "red"}]).status_code == 400
    for value in ("NaN", "1E+1000000", "-Infinity", "0.5"):
        assert post("", "p4", figures=[figure | {"amount_vnd": value}]).status_code in (400, 422), value
    path = f"/{entered['figure']}"
    newer = post(f"{path}/correct", "p4", figure=figure | {"projects": 134}, reason="đếm lại")
    assert (newer.status_code, newer.json["corrects"]) == (201, entered["figure"])
    assert post(f"{path}/withdraw", "p5", reason="x").status_code == 409
    gone = post(f"/{newer.json['figure']}/withdraw", "p6", reason="trùng")
    assert (gone.json["state"], gone.json["reason"]) == ("withdrawn", "trùng")
    listed = browser.get("/api/v1/reported-figures?indicator=capital_plan").json["figures"]
    assert listed == [], "only what stands is told"


def test_the_list_is_narrowed_sorted_and_taken_as_files(place):
    name = place.enter(report="41/BC-UBND", values={"count": 13}, indicator="citizen_reception", note="=1+1")
    asked = "source=41/BC&indicator=citizen_reception&way=program&from=2024-05-01&to=2024-06-01&sort=-period"
    assert "13 lượt" in place.as_("truong").get(f"/figures?{asked}&lang=vi").text
    (row,) = csv.DictReader(io.StringIO(place.as_("truong").get(f"/figures/figures.csv?{asked}").text))
    assert (row["figure"], row["count"], row["note"]) == (name, "13", "'=1+1")
    (told,) = place.as_("truong").get(f"/figures/figures.json?{asked}").json["figures"]
    assert told["entered_by"] == "x"
    with place.as_("truong").get(f"/figures/figures.xlsx?{asked}") as answer:
        book = load_workbook(io.BytesIO(answer.data))
    assert "41/BC-UBND:7" in [cell.value for cell in book.worksheets[0][2]]
    for bad in ("way=air", "state=old", "sort=colour", "colour=red", "page=0", "from=may"):
        assert place.as_("truong").get(f"/figures?{bad}").status_code == 400, bad
    for name in ("F0", "%00", "x%2Fy"):
        assert place.as_("truong").get(f"/figures/{name}").status_code == 404


def test_commands_read_load_and_list(place, tmp_path):
    run = place.app.test_cli_runner().invoke
    text = tmp_path / "bao-cao.txt"
    text.write_text(REPORT, "utf-8")
    read = run(
        args=["figures", "read", str(text), "--unit", "h-chi-lang", "--from", "2024-05-01", "--to", "2024-05-31"]
    )
    assert read.exit_code == 0, read.output
    assert '"households": 41' in read.output
    book = Workbook()
    book.active.append(["report", "unit", "indicator", "basis", "from_on", "to_on", "households"])
    book.active.append(["51/BC-UBND", "h-chi-lang", "handover", "period", "01/11/2019", "30/11/2019", 6])
    book.save(tmp_path / "t.xlsx")
    done = run(args=["figures", "load", str(tmp_path / "t.xlsx"), "--by", "lan@gpmb.vn"])
    assert done.exit_code == 0, done.output
    assert "before" in run(args=["figures", "load", str(tmp_path / "t.xlsx"), "--by", "lan@gpmb.vn"]).output
    again = run(args=["figures", "load", str(tmp_path / "t.xlsx"), "--by", "lan@gpmb.vn", "--key", "other"])
    assert again.exit_code == 1
    assert "--seen" in again.output
    book.active.append(["51/BC-UBND", "h-khac", "handover", "period", "01/11/2019", "30/11/2019", 6])
    book.save(tmp_path / "t.xlsx")
    wrong = run(args=["figures", "load", str(tmp_path / "t.xlsx"), "--by", "lan@gpmb.vn"])
    assert wrong.exit_code == 1
    assert "row 3" in wrong.output
    listed = run(args=["figures", "list", "--unit", "h-chi-lang", "--indicator", "handover"])
    assert listed.output.count("51/BC-UBND") == 1
