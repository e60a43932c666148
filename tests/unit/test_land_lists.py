"""Lists as officers send them: units, names that look like totals, areas in columns, sheets, what is asked."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font

from gis.errors import BadParameter, UnreadableFile
from gis.exchange import sheets
from gis.holder_names import clean_name
from gis.land_use import clean_land_use
from gis.parcel_numbers import refuse_several_names
from gis.registration import Commune, NewParcel, clean_identity_number, clean_parcel, clean_phone
from gis.sizes import Size, doubted
from gis.texts import clean_text
from webmap.desk import communes_named, landlist, pasting
from webmap.desk.lists import CHOICES

COMMUNES = [Commune("x-mai-pha", "xã Mai Pha", False, True), Commune("x-quang-lac", "xã Quảng Lạc", False, True)]
HEAD = "STT\tHọ và tên\tTờ\tThửa\tDiện tích thu hồi (m2)\n"


def read(table, **answers):
    book = sheets.of_text(table) if isinstance(table, str) else sheets.of_file(table)
    found = pasting.read(book, COMMUNES, unit="x-mai-pha", answers={k.replace("_", "-"): v for k, v in answers.items()})
    refused = {problem.row for problem in found.problems} & set(found.lines)
    assert found.present == len(found.lines) - len(refused) + len(refused) + len(found.left_out)
    return found


def told(found) -> list:
    return [
        (case.holder.full_name, [(p.sheet, p.number, p.area_m2) for p in case.parcels]) for case in found.cases
    ]  # fmt: skip


def workbook(*tables, change=None) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for n, rows in enumerate(tables, 1):
        sheet = book.create_sheet(f"Thôn {n}")
        for row in rows:
            sheet.append(row)
    if change:
        change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    "name",
    ["Nguyễn Văn Công", "Tống Văn An", "Công Thị Hoa", "Tổng Văn Bình", "Tổng công ty Điện lực",
     "Cộng đồng dân cư thôn 1",
     "Công ty TNHH Cộng Hưởng", "Hộ ông Tổng", "Total Việt Nam"],
)  # fmt: skip
def test_a_name_is_no_total(name):
    found = read(
        f"{HEAD}1\tLý Văn An\t71\t1\t100\n2\t{name}\t\t\t\n\t\t71\t2\t200\n\t\t71\t3\t300\n\tTổng cộng\t\t\t600\n"
    )
    assert [(who, len(parcels)) for who, parcels in told(found)] == [("Lý Văn An", 1), (name, 2)]
    assert [one.reason for one in found.left_out] == ["heading", "total"]
    assert [note.what for note in found.notes] == []


@pytest.mark.parametrize(
    "total",
    [
        "Tổng",
        "TỔNG CỘNG",
        "Cộng:",
        "Tổng số: 2 hộ",
        "Cộng trang 1",
        "Total",
        "II. Tổng cộng",
        "Lũy kế",
        "Mang sang trang 2",
    ],
)
def test_a_total_is_left_out_and_checked(total):
    found = read(f"{HEAD}1\tA\t71\t1\t100\n2\tB\t71\t2\t200\n\t{total}\t\t\t999\n")
    assert found.area_m2 == 300
    assert [(one.row, one.reason) for one in found.left_out] == [(1, "heading"), (4, "total")]
    assert [(note.what, note.rows) for note in found.notes] == [("total", (4,))]


@pytest.mark.parametrize(
    ("above", "heading", "cell", "right"),
    [
        ("", "Diện tích thu hồi (ha)", "0,15", 1500), ("Đơn vị tính: ha\n", "Diện tích thu hồi", "0,0825", 825),
        ("", "DT thu hồi", "0,15 ha", 1500), ("", "Diện tích đất thu hồi (m²)", "1.250,5", Decimal("1250.5")),
        ("(Diện tích: ha)\n", "Diện tích thu hồi", "0,15", 1500),
        ("DANH SÁCH THU HỒI (tính bằng ha)\n", "Diện tích thu hồi", "0,15", 1500),
        ("Dự án khu dân cư 12,5 ha\n", "Diện tích thu hồi", "150", 150),
        ("", "Diện tích thu hồi (nghìn m2)", "1,5", 1500), ("", "Diện tích thu hồi (100 m2)", "1,5", 150),
        ("ĐVT: m2\n", "Diện tích thu hồi", "12", 12), ("", "Diện tích thu hồi (ha)", "120 m2", 120),
    ],
)  # fmt: skip
def test_units_are_part_of_the_numbers(above, heading, cell, right):
    (case,) = read(f"{above}Họ và tên\tTờ\tThửa\t{heading}\nA\t1\t2\t{cell}\n").cases
    assert case.parcels[0].area_m2 == right


def test_a_unit_with_several_meanings_is_asked():
    text = "Họ và tên\tTờ\tThửa\tDiện tích thu hồi (sào)\nVi A\t1\t2\t2\n"
    assert [one.name for one in read(text).open] == ["unit-area"]
    assert read(text, unit_area="sao-360").area_m2 == 720


@pytest.mark.parametrize(
    "headings",
    [
        "QĐ thu hồi\tDiện tích thu hồi (m2)", "Số QĐ thu hồi\tDT đất thu hồi", "Ngày thu hồi\tThu hồi (m2)",
        "Diện tích còn lại sau thu hồi\tDiện tích thu hồi", "Lý do thu hồi\tDiện tích giải phóng mặt bằng",
    ],
)  # fmt: skip
def test_the_area_is_the_column_of_an_area_wherever_it_stands(headings):
    for turned in (False, True):
        heads, values = (headings.split("\t"), ["125", "120"])
        if turned:
            heads, values = heads[::-1], values[::-1]
        found = read("Họ và tên\tTờ\tThửa\t" + "\t".join(heads) + "\nA\t71\t1\t" + "\t".join(values) + "\n")
        assert found.area_m2 == 120


def test_two_columns_that_fit_alike_are_asked_about_and_the_choice_counts():
    text = "Họ và tên\tTờ\tThửa\tDiện tích thu hồi đợt 1\tDiện tích thu hồi đợt 2\nVi A\t71\t1\t10\t20\n"
    found = read(text)
    assert [(one.name, one.choices) for one in found.open] == [("column-area_m2", ("3", "4"))]
    assert read(text, **{"col-4": "area_m2"}).area_m2 == 20 and read(text, **{"col-4": "area_m2"}).open == []


def test_headings_over_two_rows_merged_or_pasted():
    top = ("STT", "Họ và tên", "Thông tin thửa đất", None, None, None, "Ghi chú")
    low = (None, None, "Tờ BĐ", "Thửa số", "Loại đất", "DT thu hồi (m2)", None)
    data = (1, "A", 71, 1, "LUC", 120.5, None)

    def merge(book):
        for area in ("A1:A2", "B1:B2", "C1:F1", "G1:G2"):
            book.active.merge_cells(area)

    for table in (workbook([top, low, data], change=merge), sheets.as_text([[str(c or "") for c in row] for row in
                  (top, low, ("1", "A", "71", "1", "LUC", "120,5", ""))])):  # fmt: skip
        found = read(table)
        assert told(found) == [("A", [("71", "1", Decimal("120.5"))])]
        assert found.cases[0].parcels[0].land_use == "LUC"


def test_areas_in_columns_by_land_type_are_summed_and_shown():
    text = (
        "TT\tHọ và tên\tTờ\tThửa\tTổng diện tích thu hồi\tDiện tích thu hồi (m2)\t\t\n\t\t\t\t\tONT\tLUC\tCLN\n"
        "1\tA\t71\t1\t390\t100\t250\t40\n2\tB\t71\t2\t999\t30\t300\t\n"
    )
    found = read(text)
    assert [(p.area_m2, p.land_use) for case in found.cases for p in case.parcels] == [
        (390, "ONT+LUC+CLN"), (330, "ONT+LUC")
    ]  # fmt: skip
    assert [(note.what, note.rows) for note in found.notes] == [("types_differ", (4,))]


def test_two_people_of_one_name_are_two_or_asked_about():
    head = "STT\tHọ và tên\tĐịa chỉ\tTờ\tThửa\tDiện tích thu hồi\n"
    two = read(f"{head}1\tVi Hoa\tKhối 1\t71\t1\t100\n2\tVi Hoa\tKhối 7\t71\t2\t200\n")
    assert len(two.cases) == 2 and two.open == []
    for text in (
        f"{head}1\tVi Hoa\t\t71\t1\t100\n2\tVi Hoa\t\t71\t2\t200\n",
        f"{head}\tVi Hoa\t\t71\t1\t100\n\tVi Hoa\t\t71\t2\t200\n",
    ):
        assert [(one.name, one.rows) for one in read(text).open] == [("same", (3,))]
        assert (len(read(text, same="one").cases), len(read(text, same="each").cases)) == (1, 2)
    merged = read(f"{head}1\tVi Hoa\tKhối 1\t71\t1\t100\n\t\t\t71\t2\t200\n")
    assert len(merged.cases) == 1 and merged.open == []


@pytest.mark.parametrize("number", ["1, 2, 3", "12+13", "5; 6", "7 và 8", "1\n2", "từ 3 đến 9", "4–7"])
def test_several_parcels_in_a_cell_are_refused(number):
    found = read(f'Họ và tên\tTờ\tThửa\tDiện tích thu hồi\nA\t71\t"{number}"\t100\nB\t71\t15/2\t10\n')
    assert {(problem.row, problem.field) for problem in found.problems} == {(2, "number")}
    assert found.cases[1].parcels[0].number == "15/2"


@pytest.mark.parametrize(
    ("heading", "cell"), [("Tờ/thửa", "71/15"), ("Thửa/tờ", "15/71"), ("Tờ, thửa", "tờ 71, thửa 15")]
)
def test_sheet_and_parcel_in_one_cell(heading, cell):
    (case,) = read(f"Họ và tên\t{heading}\tDiện tích thu hồi\nA\t{cell}\t100\n").cases
    assert (case.parcels[0].sheet, case.parcels[0].number) == ("71", "15")


LIST = [
    ("Họ và tên", "Tờ", "Thửa", "Diện tích thu hồi"),
    ("Vi A", 71, 1, 100),
    ("Vi B", 71, 2, 50.5),
    ("Vi C", 71, 3, 70.25),
]


def test_several_sheets_are_asked_about_and_hidden_ones_named():
    other = [LIST[0], ("Vi D", 72, 1, 400)]

    def hide(book):
        book.create_sheet("foxz", 0)["A1"] = "x"
        book["foxz"].sheet_state = "veryHidden"
        book["Thôn 1"]["F60000"] = "ghi chú lẻ"

    found = read(workbook(LIST, other, change=hide))
    assert [(one.name, one.choices) for one in found.open] == [("sheet", ("*", "Thôn 1", "Thôn 2"))]
    assert [note.values["sheet"] for note in found.notes if note.what == "sheet_hidden"] == ["foxz"]
    assert [read(workbook(LIST, other), sheet=choice).area_m2 for choice in ("*", "Thôn 1", "Thôn 2")] == [
        Decimal("620.75"), Decimal("220.75"), 400
    ]  # fmt: skip
    assert "Thôn 2!2" in {found.name(row) for row in found.lines}
    assert [found.name(one.row) for one in found.left_out if one.reason == "remark"] == ["Thôn 1!60000"]


def test_hidden_and_struck_rows_are_asked_about():
    def mark(book):
        sheet = book["Thôn 1"]
        sheet.row_dimensions[3].hidden = True
        for cell in sheet[4]:
            cell.font = Font(strike=True)

    table = workbook(LIST, change=mark)
    assert [(one.name, one.rows) for one in read(table).open] == [("hidden-rows", (3,)), ("struck-rows", (4,))]
    assert read(table, hidden_rows="leave", struck_rows="leave").area_m2 == 100
    assert read(table, hidden_rows="take", struck_rows="leave").area_m2 == Decimal("150.5")


def test_the_end_of_an_address_on_a_row_of_its_own_is_no_group():
    head = "STT\tHọ và tên\tĐịa chỉ\tTờ\tThửa\tDiện tích thu hồi (m2)\n"
    found = read(
        f"{head}1\tMạc Văn A\tthôn Nà Chuông,\t15\t11\t455,5\n\t\tXã Quảng Lạc\t\t\t\n2\tMạc Thị B\t\t15\t12\t120\n"
    )
    assert {case.parcels[0].unit for case in found.cases} == {"x-mai-pha"}
    assert [one.reason for one in found.left_out] == ["heading", "remark"]


def test_a_struck_part_of_a_cell_and_a_comment_that_takes_it_back_are_told_at_the_cell():
    def mark(book):
        sheet = book["Thôn 1"]
        sheet["A3"] = CellRichText(TextBlock(InlineFont(strike=True), "Mông "), "Vi Văn Tám")
        sheet["D4"].comment = Comment("Hộ này đã rút, không thu hồi nữa", "x")

    told = {(one.row, one.field): str(one.error) for one in read(workbook(LIST, change=mark)).problems}
    assert "“Mông” in this cell is struck through" in told[3, "full_name"]
    assert "“Hộ này đã rút, không thu hồi nữa”" in told[4, "area_m2"]


def test_cells_without_a_value_are_refused():
    rows = [*LIST, ("D", 71, 4, "=A1*2"), ("E", "#REF!", 5, 10)]

    def break_it(book):
        book["Thôn 1"]["B6"].data_type = "e"

    assert {(problem.row, problem.field) for problem in read(workbook(rows, change=break_it)).problems} >= {
        (5, "area_m2"), (6, "sheet")
    }  # fmt: skip


def test_groups_name_communes_and_spouses_go_on_with_the_holder():
    found = read(
        f"{HEAD}I\tXã Quảng Lạc\t\t\t300\n1\tÔng Nông Văn A\t5\t1\t100\n\tvợ: Lý Thị B\t\t\t\n2\tC\t5\t2\t200\n"
        "II\tXã Mai Pha\t\t\t50\n3\tD\t5\t3\t50\nNgười lập biểu\t\t\t\t\n"
    )
    assert [(case.holder.full_name, case.parcels[0].unit) for case in found.cases] == [
        ("Ông Nông Văn A; vợ: Lý Thị B", "x-quang-lac"), ("C", "x-quang-lac"), ("D", "x-mai-pha")
    ]  # fmt: skip
    assert [one.reason for one in found.left_out] == ["heading", "group", "group", "remark"]
    assert [note.what for note in found.notes] == ["spouse"]


@pytest.mark.parametrize(
    ("field", "text", "offered"),
    [
        ("identity_number", "20099000001", ["020099000001"]), ("identity_number", "80123456", ["080123456"]),
        ("area_m2", "1.367", ["1367", "1,37"]), ("area_m2", "12,3456", ["12,35"]), ("area_m2", "mười", []),
    ],
)  # fmt: skip
def test_what_may_have_been_meant_is_offered(field, text, offered):
    assert landlist.offers(field, text) == offered


def test_areas_with_two_readings_are_settled_for_the_whole_list():
    text = f"{HEAD}1\tA\t71\t1\t1.367\n"
    assert [problem.field for problem in read(text).problems] == ["area_m2"]
    assert read(text, numbers="thousands").area_m2 == 1367


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_sign_that_makes_rows_alike(delimiter):
    rows = [
        f'Vi Văn {n}{delimiter}"Thôn A, xã B; tỉnh D"{delimiter}71{delimiter}{n}{delimiter}120' for n in range(1, 6)
    ]
    found = read("\n".join([delimiter.join(("Họ và tên", "Địa chỉ", "Tờ", "Thửa", "Diện tích thu hồi")), *rows]))
    assert (len(found.cases), found.area_m2) == (5, 600)


def test_a_row_cut_apart_by_a_comma_in_a_cell_is_refused():
    head = "Họ và tên,Địa chỉ,Tờ,Thửa,Diện tích thu hồi\n"
    found = read(head + "A,Thôn 1,71,1,100\nB,Thôn 2,71,2,100\nC,Thôn 3, xã D,71,3,100\n")
    assert {problem.row for problem in found.problems} == {4}


cells = st.sampled_from(
    ["", "", "A", "Tổng", "1", "71", "15/2", "1.250,5", "I", "Cộng đồng", "xã Mai Pha", "vợ: B", "x, y"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(cells, min_size=5, max_size=5), max_size=12))
def test_whatever_stands_in_a_list_is_taken_refused_or_left_out(rows):
    found = read(HEAD + "\n".join("\t".join(row) for row in [["1", "Z", "9", "9", "9"], *rows]))
    assert found.present == len(found.lines) + len(found.left_out)
    assert not set(found.lines) & {one.row for one in found.left_out}
    counted = {row for case in found.cases for row in found.rows_of(case)}
    assert counted <= set(found.lines) and {p.row for c in found.cases for p in c.parcels} <= set(found.lines)


def test_a_heading_of_the_cadastral_map_is_no_address():
    def merge(book):
        for cells in ("A1:A3", "B1:B3", "C1:G1", "C2:D2", "E2:E3", "F2:G2"):
            book.worksheets[0].merge_cells(cells)

    found = read(workbook(
        [["STT", "Họ và tên", "Thông tin thửa đất"],
         [None, None, "Bản đồ địa chính", None, "Loại đất", "Diện tích (m2)"],
         [None, None, "Tờ", "Thửa", None, "Thửa đất", "Thu hồi"], [1, "Lê A", 1, 31, "ONT", 500, 120.5]], change=merge,
    ))  # fmt: skip
    assert told(found) == [("Lê A", [("1", "31", Decimal("120.50"))])]
    assert found.cases[0].parcels[0].legal_area_m2 == 500


def test_what_nobody_sees_is_no_part_of_a_name_or_number():
    head = HEAD.replace("Thửa", "Th\u200bửa")
    found = read(f"{head}1\tLê\xa0Văn\u200b A\t71\t\u200b1\t1\xa0000\n")
    assert told(found) == [("Lê Văn A", [("71", "1", 1000)])]


@pytest.mark.parametrize("cell", ["79 80", "104 105 106", "88...90", "102_103", "7 đến 9"])
def test_several_parcels_are_never_one_number(cell):
    found = read(f"{HEAD}1\tLê A\t71\t{cell}\t100\n")
    assert [problem.field for problem in found.problems] == ["number"]


@pytest.mark.parametrize(("cell", "number"), [
    ("thửa 96", "96"), ("'12", "12"), ("97; ", "97"), ("15/2", "15/2"), ("15 / 2", "15/2"), ("1.0", "1"),
    ("12a", "12a"), ("số 5", "5"),
])  # fmt: skip
def test_words_and_signs_around_a_number_are_none_of_it(cell, number):
    found = read(f"{HEAD}1\tLê A\t71\t{cell}\t100\n")
    assert told(found) == [("Lê A", [("71", number, 100)])] and not found.open


@pytest.mark.parametrize("cell", ["75-78", "81.82", "85 (một phần)", "góc vườn"])
def test_a_number_that_may_be_several_is_asked_about(cell):
    table = f"{HEAD}1\tLê A\t71\t{cell}\t100\n"
    assert [asked.name for asked in read(table).open] == ["odd"]
    assert not read(table, odd="one").open


def test_a_number_with_a_comma_that_a_text_takes_for_two_cells_is_refused():
    found = read("STT,Họ và tên,Tờ,Thửa,Diện tích thu hồi (m2)\n1,Lê A,1,21,120,5\n2,Lê B,1,22,50,25\n")
    assert [(problem.row, problem.field) for problem in found.problems] == [(2, "row"), (3, "row")]
    found = read("STT,Họ và tên,Tờ,Thửa,Diện tích thu hồi (m2),Ghi chú\n"
                 "1,Lê A,1,21,120,\n2,Lê B,1,22,50,\n3,Lê C,1,23,70\n")  # fmt: skip
    assert [(problem.row, problem.field) for problem in found.problems] == [(4, "row")]


def test_a_column_without_a_heading_is_named():
    found = read(f"{HEAD.rstrip()}\t\n1\tLê A\t71\t1\t100\tđang tranh chấp\n")
    assert [(note.what, note.values["column"]) for note in found.notes] == [("no_heading", "F")]


def test_another_name_under_the_same_identity_number_is_never_dropped():
    head = HEAD.replace("Tờ", "CCCD\tTờ")
    found = read(f"{head}1\tLê A\t082001001001\t3\t1\t100\n2\tLê B\t\t3\t2\t100\n"
                 "3\tLê Văn Á\t082001001001\t3\t3\t100\n")  # fmt: skip
    assert [(problem.row, problem.field) for problem in found.problems] == [(4, "identity_number")]


def test_what_a_list_contradicts_itself_in_is_told():
    found = read(f"{HEAD}1\tCông ty Than\t71\t1\t100\n2\tLê B\t071\t01\t100\n")
    assert {(note.what, note.rows) for note in found.notes} == {("shared_parcel", (2, 3))}


def test_a_company_is_no_household_unless_somebody_says_so():
    lines = (f"{HEAD.replace('Tờ', 'CCCD/MST' + chr(9) + 'Tờ')}1\tCông ty TNHH Xứ Lạng\t4900221133\t71\t1\t100\n"
             "2\tCộng đồng dân cư thôn Rọ Phải\t\t71\t2\t100\n3\tLê B\t\t71\t3\t100\n")  # fmt: skip
    found = read(lines)
    assert [(one.name, one.rows, one.answer) for one in found.questions if one.name == "no-persons"] == [
        ("no-persons", (2, 3), "")
    ]  # fmt: skip
    assert [case.holder.kind for case in found.cases] == ["organisation", "community", "household"]
    found = read(lines, no_persons="chosen")
    assert {case.holder.kind for case in found.cases} == {"household"}


def test_letters_that_are_lost_are_why_no_headings_are_found():
    with pytest.raises(BadParameter, match="not Unicode"):
        read("STT\tH? v? t?n\tT?\tTh?a\tDi?n t?ch thu h?i\n1\tNguy?n Th? A\t1\t2\t3\n")


def test_letters_that_were_put_right_wrongly_are_told_at_their_cell():
    sheet = sheets.of_text(f"{HEAD}1\tLê A\t71\t1\t100\n").sheets[0]
    sheet.put(1, 1, "Nguy?n Th? A")
    assert sheet.rows[1][1] == "Nguy?n Th? A" and (1, 1) in sheet.faults
    sheet.put(1, 1, "Nguyễn Thị A")
    assert sheet.rows[1][1] == "Nguyễn Thị A" and not sheet.faults


def test_a_unit_in_a_row_of_its_own_under_the_heading_counts():
    found = read("STT\tHọ và tên\tTờ\tThửa\tDiện tích thu hồi\n\t\t\t\t(ha)\n1\tLê A\t71\t1\t0,01\n")
    assert told(found) == [("Lê A", [("71", "1", 100)])]


def test_another_table_below_the_first_is_not_read_by_its_headings():
    found = read(
        f"{HEAD}1\tLê A\t71\t1\t100\nSTT\tTên tổ chức\tTờ bản đồ\tSố thửa\tDiện tích thu hồi (ha)\n1\tX\t71\t2\t0,5\n"
    )
    assert [(problem.row, problem.field) for problem in found.problems] == [(3, "row"), (4, "row")]
    assert told(found) == [("Lê A", [("71", "1", 100)])]


def test_a_number_that_a_spreadsheet_wrote_with_a_decimal_is_the_number():
    head = HEAD.replace("Tờ", "CCCD\tTờ")
    found = read(f"{head}1\tLê A\t82001000003.0\t71\t1\t100\n")
    assert found.cases[0].holder.identity_number == "82001000003"


def test_sheets_of_other_columns_are_read_together_each_by_its_own():
    first = (
        ("Họ và tên", "Tờ", "Thửa", "Diện tích thu hồi đất ở", "Diện tích thu hồi đất vườn"),
        ("Lê A", 1, 1, 10, 20),
    )
    second = (("Tờ", "Thửa", "Diện tích thu hồi (ha)", "Chủ sử dụng"), (2, 1, 0.5, "Lê B"))
    table = workbook(first, second)
    asked = {one.name: one.choices for one in read(table, sheet="*").open}
    assert asked == {"column-area_m2": ("3", "4")}
    found = read(table, sheet="*", col_4="area_m2")
    assert not found.open
    assert told(found) == [("Lê A", [("1", "1", 20)]), ("Lê B", [("2", "1", 5000)])]
    moved = read(table, sheet="*", col_4="area_m2", col_1002="-")
    assert {problem.field for problem in moved.problems} == {"area_m2"} or len(moved.heads) == 1


def test_a_name_on_two_lines_is_one_or_asked_about():
    table = f'{HEAD}1\t"Nguyễn Văn\nThật"\t71\t1\t1\n2\t"Nông Văn A\nvợ: Lý Thị B"\t71\t2\t1\n'
    found = read(table)
    assert [name for name, _ in told(found)] == ["Nguyễn Văn Thật", "Nông Văn A; vợ: Lý Thị B"] and not found.open
    table = f'{HEAD}1\t"Nguyễn Văn A\nTrần Thị B"\t71\t1\t1\n'
    assert [one.name for one in read(table).open] == ["broken-names"]
    assert told(read(table, broken_names="several"))[0][0] == "Nguyễn Văn A; Trần Thị B"
    assert told(read(table, broken_names="one"))[0][0] == "Nguyễn Văn A Trần Thị B"


@pytest.mark.parametrize("mark", ["nt", "-nt-", "như trên", "''", "〃", "như hộ trên"])
def test_a_mark_for_as_above_is_refused_in_every_column_with_what_stands_there(mark):
    head = "STT\tHọ và tên\tCCCD\tĐịa chỉ\tMã hồ sơ\tTờ\tThửa\tLoại đất\tDiện tích thu hồi (m2)\n"
    marks = "\t".join(["2", *[mark] * 8])
    found = read(f"{head}1\tLê A\t082001001001\tKhối 1\tHS-1\t71\t1\tODT\t10\n{marks}\n")
    fields = {"full_name", "identity_number", "address", "code", "sheet", "number", "land_use", "area_m2"}
    assert {problem.field for problem in found.problems if problem.row == 3} == fields
    assert found.cases[-1].holder.full_name == "–"
    assert landlist.offers("full_name", mark, found.above(3, 1)) == ["Lê A"]


@pytest.mark.parametrize(
    ("name", "question"),
    [
        *((name, "land") for name in (
            "Đất giao thông", "Đường đi", "Mương thuỷ lợi", "Nghĩa địa", "Chưa xác định chủ sử dụng", "Đất công ích",
            "Đất do UBND xã quản lý", "Suối", "Không rõ chủ")),
        *((name, "no-persons") for name in ("Giáo xứ Mỹ Sơn", "Chùa Tam Thanh", "Nhà văn hoá thôn", "UBND xã Mai Pha")),
        *((name, None) for name in ("Đường Văn An", "Hồ Thị Suối", "Hộ ông Lê Công Ích", "Bàn Thị Thôn")),
    ],
)  # fmt: skip
def test_land_and_what_is_no_person_never_becomes_a_household(name, question):
    table = f"{HEAD}1\t{name}\t71\t1\t1\n\t\t71\t2\t1\n2\tLê A\t71\t3\t1\n"
    found = read(table)
    assert [one.name for one in found.open] == ([question] if question else [])
    kinds = [case.holder and case.holder.kind for case in found.cases]
    assert kinds == [kinds[0], "household"] and (kinds[0] == "household") is (question is None)
    if question == "land":
        assert found.cases[0].holder is None and len(found.cases[0].parcels) == 2
        assert read(table, land="community").cases[0].holder.kind == "community"


def test_two_lists_side_by_side_are_refused():
    with pytest.raises(UnreadableFile, match="column A, the other in column G"):
        read("STT\tHọ tên\tTờ\tThửa\tDT thu hồi\t\tSTT\tHọ tên\tTờ\tThửa\tDT thu hồi\n"
             "1\tLê A\t1\t1\t5\t\t2\tLê B\t1\t2\t6\n")  # fmt: skip


def test_two_areas_that_fit_alike_are_asked_about():
    head = HEAD.replace("Diện tích thu hồi (m2)", "Diện tích GCN\tDiện tích đo đạc")
    found = read(f"{head}1\tLê A\t1\t1\t5\t6\n")
    assert [(one.name, one.choices) for one in found.open] == [("column-area_m2", ("4", "5"))]
    chosen = read(f"{head}1\tLê A\t1\t1\t5\t6\n", col_5="area_m2")
    assert (chosen.area_m2, chosen.cases[0].parcels[0].legal_area_m2, chosen.open) == (6, 5, [])
    head = f"{HEAD.strip()}\tDiện tích GCN\tDiện tích đo đạc\n"
    assert [one.name for one in read(f"{head}1\tLê A\t1\t1\t5\t6\t7\n").open] == ["column-legal_area_m2"]


def test_a_letter_among_digits_is_told_with_the_zero_that_may_be_meant():
    found = read(f"{HEAD}1\tLê A\t71\t1O5\t1\n")
    assert [(problem.field, problem.error.values["digits"]) for problem in found.problems] == [("number", "105")]
    assert landlist.offers("identity_number", "O12345678901") == ["012345678901"]
    with pytest.raises(BadParameter, match="letter O"):
        clean_identity_number("O12345678901", "household")


@pytest.mark.parametrize("number", ["3, 4", "3; 4", "3-4", "3+4", "3 4", "1O5"])
def test_what_a_form_or_a_program_sends_as_one_parcel_is_one(number):
    parcel = NewParcel("x-mai-pha", "71", number, Decimal(1))
    with pytest.raises(BadParameter) as refusal:
        clean_parcel(parcel)
    assert refusal.value.parameter == "number"
    assert clean_parcel(replace(parcel, number="75-78"), sure=True).number == "75-78"


@pytest.mark.parametrize(
    ("code", "nearest"), [("OTD", "ODT"), ("XYZ", None), ("ODT+XLN", "CLN"), ("LUCK", "LUC"), ("nt", None)]
)
def test_a_code_of_land_use_that_no_circular_has_is_refused_with_those_like_it(code, nearest):
    with pytest.raises(BadParameter) as refusal:
        clean_land_use(code)
    assert nearest is None or nearest in refusal.value.values["nearest"].split(", ")


def test_codes_of_land_use_of_today_and_before_are_known():
    for code in (
        "ONT",
        "ODT",
        "CLN",
        "LUC",
        "LUK",
        "LUN",
        "HNK",
        "BHK",
        "NHK",
        "RSX",
        "RPH",
        "RDD",
        "NTS",
        "LMU",
        "NKH",
        "TSC",
    ):
        assert clean_land_use(code.lower()) == code
    assert clean_land_use("ont + CLN") == "ONT+CLN" and clean_land_use(" - ") is None


@pytest.mark.parametrize(
    "name",
    [
        "Nhà văn hóa khối 5",
        "Sân bóng khối 5",
        "Ban CHQS thành phố",
        "Chợ Đông Kinh",
        "Hồ Phai Loạn",
        "Nguyễn Văn 3",
        "Hoa",
        "Đang tranh chấp giữa ông A và bà B",
        "HỘ ÔNG VI VĂN A (ĐÃ CHẾT)",
        "Vi Văn A 😀",
        "Đất giao thông",
        "Chùa Thành",
        "Chưa xác định",
        "Lê A 0912345678",
        "Lê A\nTrần Thị B",
    ],
)
def test_a_name_that_is_no_persons_is_refused_at_the_form_and_the_api(name):
    with pytest.raises(BadParameter):
        clean_name(name, "household")
    assert clean_name("Lê Văn\nA", "household") == "Lê Văn A"
    assert clean_name("Chùa Thành", "organisation") == clean_name("Chùa  Thành", "household", sure=True)


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "####", "#DIV/0!"])
def test_what_a_spreadsheet_shows_in_place_of_a_value_is_none(error):
    found = read(f"{HEAD}1\t{error}\t71\t1\t1\n")
    assert {(problem.row, problem.field) for problem in found.problems} == {(2, "full_name")}
    with pytest.raises(BadParameter, match="in place of a value"):
        clean_text(error, "address", 500)


def test_the_commune_of_a_group_counts_however_its_row_is_written():
    """Without a mark, with a number, over villages; a commune that is not known is told at every parcel under it."""
    rows = (
        "\tXã Quảng Lạc\t\t\t\n1\tLê A\t71\t1\t1\nXã Mai Pha\t\t\t\t3\n2\tLê B\t71\t2\t1\n\tKhối 5\t\t\t\n"
        "3\tLê C\t71\t3\t2\n"
    )
    units = [case.parcels[0].unit for case in read(HEAD + rows).cases]
    assert units == ["x-quang-lac", "x-mai-pha", "x-mai-pha"]
    nested = "I\tXã Quảng Lạc\t\t\t\na\tThôn 1\t\t\t\n1\tLê A\t71\t1\t1\nII\tCác tổ chức\t\t\t\n2\tLê B\t71\t2\t1\n"
    assert [case.parcels[0].unit for case in read(HEAD + nested).cases] == ["x-quang-lac", "x-mai-pha"]
    unknown = read(f"{HEAD}\tXã Không Có\t\t\t\n1\tLê A\t71\t1\t1\n")
    assert [(problem.row, problem.field) for problem in unknown.problems] == [(3, "unit")]


def test_a_name_that_goes_on_with_an_address_is_asked_about():
    table = f"{HEAD}1\tNguyễn Văn A - thôn Co Măn, xã Mai Pha\t71\t1\t1\n"
    assert [one.name for one in read(table).open] == ["name-places"]
    holder = read(table, name_places="cut").cases[0].holder
    assert (holder.full_name, holder.address) == ("Nguyễn Văn A", "thôn Co Măn, xã Mai Pha")
    with pytest.raises(BadParameter, match="goes on with an address"):
        clean_name("Nguyễn Văn A, khối 4, phường Đông Kinh", "household")


@pytest.mark.parametrize(
    ("text", "number"),
    [("'020085000002", "020085000002"), ("CCCD: 020085000007", "020085000007"), ("020.085.000.008", "020085000008")],
)
def test_what_stands_around_an_identity_number_is_none_of_it(text, number):
    assert clean_identity_number(text, "household") == number


@pytest.mark.parametrize("text", ["chưa có", "x", "020085000004; 020085000005", "2.0085E+10", "20085000001"])
def test_what_is_no_identity_number_is_refused(text):
    with pytest.raises(BadParameter):
        clean_identity_number(text, "household")


@pytest.mark.parametrize("text", ["999999999999", "999999999998", "000000000", "111111111", "097099000001"])
def test_a_number_that_no_card_bears_is_refused(text):
    with pytest.raises(BadParameter, match="no identity number"):
        clean_identity_number(text, "household")


@pytest.mark.parametrize("name", ["Hộ ông Mã Văn Tư", "MÃ VĂN TƯ", "Mã Văn Tư (đã mất)"])
def test_one_person_in_other_words_is_asked_about_or_told(name):
    below = read(f"{HEAD}1\tMã Văn Tư\t33\t1\t1\n2\t{name}\t33\t2\t1\n")
    assert ("same", (3,)) in [(one.name, one.rows) for one in below.open]
    apart = read(f"{HEAD}1\tMã Văn Tư\t33\t1\t1\n2\tVi Thị B\t33\t2\t1\n3\t{name}\t33\t3\t1\n")
    assert [note.rows for note in apart.notes if note.what == "alike"] == [(4, 2)]


def test_an_organisation_has_a_number_or_none():
    assert clean_identity_number("4900221133-001", "organisation") == "4900221133-001"
    with pytest.raises(BadParameter, match="leave it empty"):
        clean_identity_number("chưa có", "organisation")


@pytest.mark.parametrize("text", ["0912 345 678", "0912.345.678/0987654321", "+84 912 345 678", "1900 6868"])
def test_telephone_numbers_are_taken(text):
    assert clean_phone(text) == text


@pytest.mark.parametrize("text", ["912345678", "không", "O912345678", "9.12E+08"])
def test_what_is_no_telephone_number_is_refused(text):
    with pytest.raises(BadParameter, match="not a telephone number"):
        clean_phone(text)
    assert landlist.offers("phone", "912345678") == ["0912345678"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [("Đất ở", ["ODT", "ONT"]), ("ONT, CLN", ["ONT+CLN"]), ("Đất trồng lúa", ["LUC", "LUK"]), ("OTD", ["ODT"])],
)
def test_codes_are_offered_for_words(text, codes):
    assert landlist.offers("land_use", text) == codes


@pytest.mark.parametrize("number", ["0", "?", "-5", "chưa cấp số"])
def test_what_stands_for_no_number_is_asked_about(number):
    assert [one.name for one in read(f"{HEAD}1\tLê A\t71\t{number}\t1\n").open] == ["odd"]


@pytest.mark.parametrize(
    "heading", ["Tỷ lệ thu hồi (%)", "Thu hồi (%)", "Đợt thu hồi", "Số thửa thu hồi", "Vị trí thu hồi"]
)
def test_a_heading_about_recovery_is_no_area(heading):
    found = read(f"{HEAD.replace('Diện tích thu hồi (m2)', heading)}1\tLê A\t71\t1\t50\n")
    assert [(one.name, one.choices[-1]) for one in found.open] == [("column-area_m2", "4")] and not found.cases


TEMPORARY = (
    "Diện tích thu hồi tạm thời (mượn đất thi công) (m2)", "Diện tích đất mượn thi công", "DT thu hồi tạm",
    "Thu hồi tạm (m2)", "Diện tích trưng dụng (m2)",
)  # fmt: skip


@pytest.mark.parametrize("heading", TEMPORARY)
def test_land_for_a_time_only_is_not_recovered(heading):
    rows = "1\tLê A\t71\t1\t50\t20\n"
    alone = read(f"STT\tHọ và tên\tTờ\tThửa\t{heading}\tGhi chú\n{rows}")
    assert [one.name for one in alone.open] == ["column-area_m2"] and "4" in alone.open[0].choices
    assert told(read(f"STT\tHọ và tên\tTờ\tThửa\t{heading}\tGhi chú\n{rows}", col_4="area_m2"))[0][1][0][2] == 50
    both = read(f"STT\tHọ và tên\tTờ\tThửa\tDiện tích thu hồi khu trung tâm (m2)\t{heading}\n{rows}")
    assert told(both) == [("Lê A", [("71", "1", Decimal(50))])] and not both.open
    assert [note.values["columns"] for note in both.notes if note.what == "columns_left"] == [f"F “{heading}” (20)"]


@pytest.mark.parametrize("line", ["Ghi chú: diện tích tính bằng ha", "ĐVT: ha", "Ghi chú:\tĐơn vị tính diện tích: ha"])
def test_a_unit_below_the_table_counts_as_one_above_it(line):
    rows = "1\tLê A\t71\t1\t0,01\n2\tLê B\t71\t2\t0,02\n"
    found = read(f"{HEAD}{rows}{line}\n")
    assert [one.name for one in found.open] == ["unit-area"] == [one.name for one in read(f"{line}\n{HEAD}{rows}").open]
    assert told(read(f"{HEAD}{rows}{line}\n", unit_area="ha"))[0][1][0][2] == 100
    bare = read(f"{HEAD.replace(' (m2)', '')}{rows}{line}\n")
    assert told(bare)[1][1][0][2] == 200 and "unit" in [note.what for note in bare.notes]


def test_a_name_in_several_columns_is_put_together():
    (case,) = read("STT\tHọ đệm\tTên\tTờ\tThửa\tDT thu hồi\n1\tLê Văn\tA\t5\t1\t10\n").cases
    assert case.holder.full_name == "Lê Văn A"
    table = "STT\tHọ tên chồng\tHọ tên vợ\tTờ\tThửa\tThu hồi\n1\tLê Văn A\tTrần Thị B\t5\t1\t10\n"
    assert read(table).cases[0].holder.full_name == "Lê Văn A; vợ, chồng: Trần Thị B"


def test_a_name_alone_below_a_holder_is_asked_about_and_who_signs_is_no_holder():
    table = f"{HEAD}1\tLê Văn A\t5\t1\t10\n\tTrần Văn B\t\t\t\n2\tLê C\t5\t2\t10\n\tTổng cộng\t\t\t20\n"
    signed = f"{table}\tNGƯỜI LẬP\t\tCHỦ TỊCH\t\n\tNguyễn Văn X\t\tTrần Văn Y\t\n"
    found = read(signed)
    assert [(one.name, one.rows) for one in found.open] == [("more-names", (3,))]
    assert [one.reason for one in found.left_out] == ["heading", "remark", "total", "remark", "remark"]
    assert read(signed, more_names="join").cases[0].holder.full_name == "Lê Văn A; Trần Văn B"


def test_a_village_with_its_commune_is_a_group_and_other_communes_named_in_the_file_are_told():
    group = f"{HEAD}Thôn Rọ Phải - xã Quảng Lạc\t\t\t\t\n1\tLê A\t71\t1\t1\n"
    assert read(group).cases[0].parcels[0].unit == "x-quang-lac"
    above = f"DANH SÁCH (địa bàn xã Quảng Lạc)\t\t\t\t\n{HEAD}1\tLê A\t71\t1\t1\n"
    assert [note.what for note in read(above).notes] == ["other_commune"]


@pytest.mark.parametrize("name", ["123", "Ông", "Hộ ông", "<b>Lê</b>", "Nguyê~n Văn A", "Lê Văn A (?)", "Lê @ B"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(BadParameter):
        clean_name(name, "household")


def test_every_choice_that_a_list_asks_for_has_words():
    """What the page would show as a key is no answer that anybody understands."""
    asked = set()
    for table in (
        f"{HEAD}1\tNguyễn Văn A, khối 1\t71\t3-4\t1\n\tTrần Văn B\t\t\t\n2\tChùa Thành\t71\t1\t1\n3\tSuối\t71\t2\t1\n"
        "4\t\t71\t5\t1\n",
        f'{HEAD}1\t"Lê Văn A\nTrần Văn B"\t71\t1\t1\n1\tHoa\t71\t1\t1\n2\tHoa\t71\t2\t1\n',
    ):
        asked |= {(one.name, choice) for one in read(table).questions for choice in one.choices}
    assert {"name-places", "more-names", "no-persons", "land", "odd", "broken-names", "odd-names"} <= {
        n for n, _ in asked
    }
    assert not asked - set(CHOICES)


def test_marks_around_a_name_are_none_of_it_and_a_telephone_is_no_area():
    table = "Họ và tên\tĐT\tTờ\tThửa\tDT thu hồi\n1. Lê B;\t0912345678\t5\t1\t10\n- Lê C\t0912345679\t5\t2\t10\n"
    found = read(table)
    assert [(case.holder.full_name, case.holder.phone) for case in found.cases] == [
        ("Lê B", "0912345678"), ("Lê C", "0912345679")
    ]  # fmt: skip
    assert found.cases[0].parcels[0].legal_area_m2 is None
    titled = read(f"{HEAD}1\tÔng: Lê Văn A\t5\t1\t10\n\tBà: Trần Thị B\t\t\t\n")
    assert [one.name for one in titled.open] == ["more-names"]


DENIALS = (
    "không thu hồi nữa", "Đã rút khỏi danh sách", "HỦY", "trùng với STT 2", "chưa được phê duyệt", "tạm dừng", "bỏ",
    "Nằm ngoài ranh giới", "đề nghị rà soát lại", "nhầm chủ", "đã thu hồi đợt 1",
)  # fmt: skip


@pytest.mark.parametrize("remark", DENIALS)
@pytest.mark.parametrize("heading", ["Ghi chú", "Tình trạng hồ sơ", ""])
def test_a_remark_that_denies_its_row_is_shown_and_asked_about(remark, heading):
    table = f"{HEAD.strip()}\t{heading}\n1\tLê An\t71\t1\t10\t{remark}\n2\tLê Bình\t71\t2\t20\tđất ở\n"
    (asked,) = read(table).open
    assert (asked.name, asked.rows, remark in asked.about) == ("denied-rows", (2,), True)
    assert len(read(table, denied_rows="take").cases) == 2
    left = read(table, denied_rows="leave")
    assert told(left) == [("Lê Bình", [("71", "2", 20)])] and left.left_out[-1].reason == "denied"


@pytest.mark.parametrize(
    "remark", ["đất ở", "-", "Không", "chợ Giếng Vuông", "x", "nhà cấp 4", "không đủ điều kiện bồi thường"]
)
def test_other_remarks_are_named_and_no_more(remark):
    found = read(f"{HEAD.strip()}\tGhi chú\n1\tLê An\t71\t1\t10\t{remark}\n")
    assert not found.open and len(found.cases) == 1
    assert [note.values["columns"] for note in found.notes] == [f"F “Ghi chú” ({remark})"]


def test_parcels_below_a_row_that_is_left_out_stay_those_of_its_holder():
    table = (
        f"{HEAD.strip()}\tGhi chú\n1\tLê An\t71\t1\t10\n2\tLê Bình\t71\t2\t20\thủy\n\t\t71\t3\t30\n\t\t71\t4\t40\n"
        "3\tLê Cường\t71\t5\t50\n"
    )
    assert told(read(table, denied_rows="leave")) == [
        ("Lê An", [("71", "1", 10)]), ("Lê Bình", [("71", "3", 30), ("71", "4", 40)]), ("Lê Cường", [("71", "5", 50)])
    ]  # fmt: skip


TWO_PEOPLE = (
    ("Nguyễn Văn Mẫu Trần Thị Mẫu", "Nguyễn Văn Mẫu; Trần Thị Mẫu"),
    ("Ông Lê A Bà Hoàng Thị B", "Ông Lê A; Bà Hoàng Thị B"), ("Lê An Trần Bình", "Lê An; Trần Bình"),
    ("Hộ ông Lý Văn Đàm bà Vy Thị Tý", "Hộ ông Lý Văn Đàm; bà Vy Thị Tý"),
)  # fmt: skip
ONE_PERSON = (
    "Trần Lê Thị Hoàng", "Nguyễn Thị Hoàng Anh", "Lê Hoàng Phương Anh", "Vi Thị Ngọc Mai Anh", "Nguyễn Trần Khánh Vy",
    "Hộ ông Lý Văn Đàm", "Lê Thị Bà", "Công Tằng Tôn Nữ Thị Hoa", "Lê Văn An; Trần Thị Bình",
    "Lê Văn An và Trần Thị Bình",
)  # fmt: skip


@pytest.mark.parametrize(("name", "several"), TWO_PEOPLE)
def test_two_people_without_a_sign_between_are_asked_about(name, several):
    table = f"{HEAD}1\t{name}\t71\t1\t10\n"
    assert [one.name for one in read(table).open] == ["two-names"]
    assert told(read(table, two_names="several"))[0][0] == several
    assert told(read(table, two_names="one"))[0][0] == name
    with pytest.raises(BadParameter, match="may be two people"):
        clean_name(name, "household")
    assert clean_name(name, "household", sure=True) == name


@pytest.mark.parametrize("name", ONE_PERSON)
def test_long_names_of_one_person_are_not_asked_about(name):
    assert not read(f"{HEAD}1\t{name}\t71\t1\t10\n").open
    assert clean_name(name, "household") == name


@pytest.mark.parametrize("line", ["DANH SÁCH CÁC HỘ KHÔNG THU HỒI", "II\tCác hộ đã rút khỏi dự án"])
def test_a_heading_that_denies_the_rows_below_it_is_asked_about(line):
    below = "2\tLê Bình\t71\t2\t20\n\t\t71\t3\t20\nIII\tCác hộ khác\n3\tLê Cường\t71\t4\t5\n"
    table = f"{HEAD}1\tLê An\t71\t1\t10\n{line}\n{below}"
    (asked,) = read(table).open
    assert (asked.name, asked.rows) == ("denied-rows", (4, 5))
    assert [name for name, _ in told(read(table, denied_rows="leave"))] == ["Lê An", "Lê Cường"]
    draft = f"DỰ THẢO, chưa được phê duyệt\n{HEAD}1\tLê An\t71\t1\t10\n"
    assert [one.rows for one in read(draft).open] == [(3,)]


def test_land_for_ever_before_and_after_is_told_apart_and_a_total_may_count_parcels():
    head = "Tên chủ hộ\tTBĐ\tThửa\tDT trước thu hồi\tDT chiếm dụng vĩnh viễn (m2)\tDT sau khi thu hồi\n"
    found = read(f"{head}Lê An\t71\t1\t300\t100\t200\n")
    assert told(found) == [("Lê An", [("71", "1", 100)])] and found.cases[0].parcels[0].legal_area_m2 == 300
    both = read("Họ tên\tThửa đất\tDT (m²)\nLê An\tTờ 201, thửa 1\t20\nLê Bình\t201-2\t30\n")
    assert [parcels for _, parcels in told(both)] == [[("201", "1", 20)], [("201", "2", 30)]]
    summed = read(f"{HEAD}1\tLê An\t71\t1\t10\nTổng\t1 hộ\t\t1 thửa\t500\n")
    assert len(summed.cases) == 1 and not summed.problems and [note.what for note in summed.notes] == ["total"]


def test_what_is_no_number_in_an_open_unit_is_not_offered_rounded():
    found = read(f"ĐVT: ha\n{HEAD}1\tLê An\t71\t1\t0,0150\n")
    assert not found.problems and [one.name for one in found.open] == ["unit-area"]
    assert told(read(f"ĐVT: ha\n{HEAD}1\tLê An\t71\t1\t0,0150\n", unit_area="ha"))[0][1][0][2] == 150


def test_areas_out_of_scale_are_doubted():
    def rows(*areas, person=True):
        return [row for row, _ in doubted([Size(n, "1/1", Decimal(area), person) for n, area in enumerate(areas)])]

    assert rows(150_000_000, 99) == [0] == rows(600_000)
    assert rows(600_000, person=False) == rows(120, 80.5, 300) == []
    assert rows(120, 80, "0.15", 300) == [2]


@pytest.mark.parametrize("cell", ["15/02/2026", "2026-02-15", "15-Feb", "15-Thg2", "15-Th2", "15/02/26"])
def test_a_day_made_of_sheet_and_parcel_is_refused_in_the_joined_cell_too(cell):
    found = read(f"STT\tHọ và tên\tTờ/thửa\tLoại đất\tDT thu hồi (m2)\n1\tLý Văn An\t{cell}\tLUC\t120\n")
    assert [(one.field, "is a day" in str(one.error), "15/2" in str(one.error)) for one in found.problems] == [
        ("number", True, True)
    ]


def test_a_day_cell_of_a_workbook_is_refused_in_the_joined_column():
    heads = ("STT", "Họ và tên", "Tờ/thửa", "Loại đất", "DT thu hồi (m2)")
    found = read(workbook([heads, (1, "Lý Văn An", date(2026, 5, 12), "LUC", 120)]))
    assert [str(one.error) for one in found.problems] == [
        "“12/05/2026” is a day: the spreadsheet made it of a number such as 12/5. Write the number as text."
    ]


@pytest.mark.parametrize("text", ["LK01-LK10", "LK11, LK12, LK13", "01-10", "ô 1 đến ô 5", "LK1-01-LK1-10", "10 lô"])
def test_several_plots_in_one_field_are_refused(text):
    with pytest.raises(BadParameter, match="is more than one"):
        refuse_several_names(text, "number")


@pytest.mark.parametrize("text", ["LK1-05", "LK-01", "1.10", "Lô 12, khu A", "Lô 1 ô 05", "B-12", "LK 05"])
def test_the_number_of_one_plot_is_one(text):
    refuse_several_names(text, "number")


def test_cells_parted_by_blanks_alone_are_named_as_such():
    with pytest.raises(UnreadableFile, match="not parted by tabs"):
        read("STT   Họ và tên     Tờ   Thửa   Diện tích (m2)\n1     Lý Văn An     71   5      120,5\n")


def test_a_parcel_of_two_land_types_is_one_row_with_both_codes():
    found = read("STT\tHọ và tên\tTờ\tThửa\tLoại đất\tDT thu hồi (m2)\n1\tLý Văn An\t52\t1\tODT+CLN\t200\n")
    assert [(p.land_use, p.area_m2) for p in found.cases[0].parcels] == [("ODT+CLN", Decimal(200))]
    assert found.problems == []


def test_every_commune_that_a_cell_names_can_be_chosen():
    communes = [Commune("dong-kinh", "phường Đông Kinh", False, True),
                Commune("dk-moi", "phường Đông Kinh", True, True),
                Commune("vinh-trai", "phường Vĩnh Trại", True, False)]  # fmt: skip
    found = communes_named.meant("Đông Kinh (trước là Vĩnh Trại)", communes)
    assert {one.slug for one in found} == {"dong-kinh", "dk-moi", "vinh-trai"}
