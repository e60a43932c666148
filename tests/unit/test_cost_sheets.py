"""Cost lines as offices keep them, read: a sheet for each household, a flat sheet, formulas, groups, faults by cell."""

import io
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import Babel
from openpyxl import Workbook
from openpyxl.styles import Font

from gis import costs
from gis.costs import NewLine, NewSheet, amount_of
from gis.errors import UnreadableFile
from gis.exchange import headings, sheets
from webmap.desk import cost_sheets
from webmap.words import worded

CODES = ("HS-0001", "HS-0002")
HEADS = ("TT", "Nội dung", "ĐVT", "Khối lượng", "Đơn giá", "Hệ số nội suy", "Mức hỗ trợ", "Thành tiền", "Căn cứ",
         "Ghi chú")  # fmt: skip


def book(**given) -> bytes:
    made = Workbook()
    made.remove(made.active)
    for name, rows in given.items():
        sheet = made.create_sheet(name.replace("_", "-"))
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def test_a_households_sheet_with_groups_dimensions_and_what_is_not_paid():
    rows = (
        ("BẢNG TÍNH BỒI THƯỜNG, HỖ TRỢ",),
        ("Mã hồ sơ: HS-0002, ông Nguyễn Văn Mẫu",),
        HEADS,
        tuple(range(1, 11)),
        ("A", "BỒI THƯỜNG"),
        ("I", "Về đất"),
        (1, "Đất ONT, thửa đất số 85, tờ bản đồ số 5", "m²", "=10*5", 1_500_000, 1.2, 1, 90_000_000, "Điều 95"),
        (2, "Đất CLN, thửa 86, tờ 5", "m²", 20, None, None, None, None, None, "Không bồi thường: lấn chiếm"),
        ("II", "Tài sản, vật kiến trúc trên đất"),
        (1, "Nhà cấp 4", "m2", "=(5*3.5)-2.5", 3_000_000, None, "80%", "=ROUND(D9*E9,0)"),
        ("III", "Cây cối, hoa màu"),
        (1, "Bưởi", "cây", "2,5", "333", None, 0.6),
        ("B", "HỖ TRỢ"),
        ("I", "Hỗ trợ đào tạo, chuyển đổi nghề"),
        (1, "Hỗ trợ chuyển đổi nghề", "m²", 50, 75_000, None, 3),
        ("II", "Hỗ trợ khác"),
        (1, "Di chuyển", "hộ", 1, "5.000.000"),
        (None, "TỔNG CỘNG", None, None, None, None, None, 142_250_500),
    )
    found = cost_sheets.of_workbook(book(Ho_1=rows, Bia=[("Tờ bìa",)]), CODES)
    assert found.problems == []
    assert found.left_out == ["Bia"]
    (sheet,) = found.sheets
    assert sheet.case == "HS-0002"
    assert [(line.category, line.item, line.row) for line in sheet.lines] == [
        ("land", "Đất ONT, thửa đất số 85, tờ bản đồ số 5", 7),
        ("land", "Đất CLN, thửa 86, tờ 5", 8),
        ("structures", "Nhà cấp 4", 10),
        ("crops", "Bưởi", 12),
        ("support_job", "Hỗ trợ chuyển đổi nghề", 15),
        ("support_other", "Di chuyển", 17),
    ]
    land, unpaid, house, tree, job, moving = sheet.lines
    assert (land.quantity, land.dimensions, land.parcel, land.land_use) == (50, "10*5", "5/85", "ONT")
    assert (unpaid.not_compensated, unpaid.land_use, amount_of(unpaid)) == ("lấn chiếm", "CLN", 0)
    assert (house.quantity, house.dimensions, house.support_level) == (15, "(5*3.5)-2.5", Decimal("0.8"))
    assert house.amount_vnd is None, "a formula that was never counted is counted here"
    assert amount_of(tree) == 500, "499.5 is rounded up"
    assert [amount_of(line) for line in (land, house, job, moving)] == [90_000_000, 36_000_000, 11_250_000, 5_000_000]


def test_one_flat_sheet_for_many_households():
    text = (
        "Mã hồ sơ\tNhóm\tNội dung\tĐVT\tSố lượng\tĐơn giá\tThành tiền\n"
        "HS-0001\tĐất\tĐất ở\tm²\t10,5\t2.000.000\t21.000.000\n"
        "hs-0002\tCây trồng\tNhãn\tcây\t3\t450.000\t\n"
        "HS-0001\tHỗ trợ khác\tThuê nhà\ttháng\t6\t2.000.000\t12.000.000\n"
    )
    found = cost_sheets.of_text(text, CODES)
    assert {sheet.case: [line.category for line in sheet.lines] for sheet in found.sheets} == {
        "HS-0001": ["land", "support_other"], "HS-0002": ["crops"],
    }  # fmt: skip
    assert found.problems == []


def test_what_cannot_be_read_is_named_by_sheet_row_and_cell():
    rows = (
        HEADS,
        (1, "Nhà", "m²", "=C1*2", 1000),
        (2, "Sân", "m²", 5, "1.000,5"),
        (None, "Cộng", None, None, None, None, None, 99),
    )
    found = cost_sheets.of_workbook(book(HS_0001=rows, Khac=[HEADS, (1, "Rào", "m", 2, 100)]), CODES)
    assert {(problem.sheet, found.cell(problem)) for problem in found.problems} == {
        ("HS-0001", "D2"), ("HS-0001", "E3"), ("Khac", "2"),
    }  # fmt: skip


def test_a_level_below_a_heading_in_per_cent_needs_no_sign():
    table = "Mã hồ sơ\tNội dung\tSố lượng\tĐơn giá\tMức hỗ trợ (%)\nHS-0001\tHỗ trợ nhà\t1\t1.000.000\t{level}\n"
    for written, level in (("80", "0.8"), ("80 %", "0.8"), ("100", "1"), ("", "1")):
        ((line,),) = (sheet.lines for sheet in cost_sheets.of_text(table.format(level=written), CODES).sheets)
        assert line.support_level == Decimal(level), written
    (problem,) = cost_sheets.of_text(table.format(level="0,8"), CODES).problems
    assert "80 % or 0,8 %" in str(problem.error)


def test_a_line_below_a_merged_code_is_told_what_is_missing():
    table = "Mã hồ sơ\tNội dung\tSố lượng\tĐơn giá\nHS-0001\tNhà\t1\t1.000.000\n\tSân\t1\t2.000.000\n"
    (problem,) = cost_sheets.of_text(table, CODES).problems
    assert (problem.row, problem.field) == (3, "case")
    assert "The cell of the case is empty" in str(problem.error)


def test_support_of_livelihood_is_no_training():
    table = "Mã hồ sơ\tNhóm\tNội dung\tSố lượng\tĐơn giá\nHS-0001\t{group}\tX\t1\t1.000.000\n"
    for group, category in (("Hỗ trợ ổn định đời sống", "support_other"), ("Hỗ trợ đào tạo nghề", "support_job")):
        ((line,),) = (sheet.lines for sheet in cost_sheets.of_text(table.format(group=group), CODES).sheets)
        assert line.category == category


def test_cells_that_are_struck_through_in_a_row_that_is_not_are_told():
    made = Workbook()
    made.active.title = "HS-0001"
    made.active.append(HEADS)
    made.active.append((1, "Nhà", "m²", 2, 1000))
    made.active["E2"].font = Font(strike=True)
    file = io.BytesIO()
    made.save(file)
    found = cost_sheets.of_workbook(file.getvalue(), CODES)
    assert [(where, "struck through" in str(said)) for where, said in found.notes] == [("HS-0001!E2", True)]


def test_a_total_that_is_not_that_of_its_lines_is_told():
    rows = (HEADS, (1, "Nhà", "m²", 2, 1000, None, None, 2000), (None, "Tổng cộng", *(None,) * 5, 3000))
    found = cost_sheets.of_workbook(book(HS_0001=rows), CODES)
    assert found.problems == [], "what was typed twice and differs is looked at, and can be entered"
    ((where, said),) = [note for note in found.notes if "total" in note[1].message]
    assert (where, str(said)) == ("HS-0001!3", "The total is 3.000, the lines come to 2.000.")


@pytest.mark.parametrize("formula", ["=1/0", "=__import__('os')", "=2**9**9**9", "=" + "(" * 200, "=SUM(A1:A2)"])
def test_a_formula_is_arithmetic_or_nothing(formula):
    assert cost_sheets._counted(formula) is None


def test_a_file_without_cost_lines_is_refused():
    with pytest.raises(UnreadableFile, match="No row with headings"):
        cost_sheets.of_workbook(book(A=[("một", "hai")]), CODES)
    with pytest.raises(UnreadableFile, match="cannot be read"):
        cost_sheets.of_workbook(b"PK\x03\x04 nothing", CODES)


FLAT = "Mã hồ sơ\tNội dung\tĐVT\tSố lượng\tĐơn giá{unit}\tThành tiền{unit}\n"


def amounts(text: str) -> list[tuple[str, Decimal]]:
    found = cost_sheets.of_text(text, CODES)
    assert found.problems == []
    return [(line.category, amount_of(line)) for sheet in found.sheets for line in sheet.lines]


@pytest.mark.parametrize(
    ("above", "unit", "price", "amount", "right"),
    [
        ("", " (1.000 đồng)", "3.500", "35.000", 35_000_000), ("", " (nghìn đồng)", "3,5", "35", 35_000),
        ("Đơn vị tính: 1.000 đ\n", "", "3.500", "35.000", 35_000_000),
        ("", " (triệu đồng)", "1,25", "12,5", 12_500_000),
        ("ĐVT: đồng\n", "", "3.500", "35.000", 35_000), ("", "", "3.500 đồng", "35 nghìn đồng", 35_000),
        ("Đơn vị: ngàn đồng\n", " (ngàn đồng)", "120", "1.200", 1_200_000),
    ],
)  # fmt: skip
def test_units_of_money_are_part_of_the_numbers(above, unit, price, amount, right):
    text = above + FLAT.format(unit=unit) + f"HS-0001\tNhà\tm2\t10\t{price}\t{amount}\n"
    assert amounts(text) == [("land", right)]


def test_two_units_that_differ_are_asked_about():
    text = "Đơn vị tính: đồng\n" + FLAT.format(unit=" (1.000 đồng)") + "HS-0001\tNhà\tm2\t10\t3.500\t35.000\n"
    assert {problem.field for problem in cost_sheets.of_text(text, CODES).problems} == {"unit_price_vnd", "amount_vnd"}


@pytest.mark.parametrize(
    ("group", "category"),
    [
        ("II. Nhà, công trình", "structures"), ("2. Công trình phụ trợ", "structures"),
        ("C. Cây trồng, vật nuôi", "crops"),
        ("I. Về đất", "land"), ("Tài sản gắn liền với đất", "structures"), ("B. Hỗ trợ đào tạo nghề", "support_job"),
        ("Hỗ trợ về cây cối, hoa màu", "support_crops"), ("III. Bồi thường cây cối", "crops"),
    ],
)  # fmt: skip
def test_a_group_is_no_total_whatever_words_stand_in_it(group, category):
    text = FLAT.format(unit="") + f"\t{group}\nHS-0001\tGì đó\tm2\t2\t1.000\t2.000\n\tCộng\t\t\t\t2.000\n"
    assert amounts(text) == [(category, 2000)]


@pytest.mark.parametrize("quantity", ["1,234", "1.234"])
def test_a_quantity_that_fits_two_readings_is_the_one_that_its_amount_comes_of(quantity):
    assert amounts(FLAT.format(unit="") + f"HS-0001\tMóng\tm3\t{quantity}\t100.000\t123.400\n") == [("land", 123_400)]
    assert amounts(FLAT.format(unit="") + f"HS-0001\tMóng\tm3\t{quantity}\t1.000\t1.234.000\n") == [("land", 1_234_000)]
    (problem,) = cost_sheets.of_text(FLAT.format(unit="") + f"HS-0001\tM\tm3\t{quantity}\t1.000\t\n", CODES).problems
    way = problem.error.values["decimals"]
    assert amounts(FLAT.format(unit="") + f"HS-0001\tMóng\tm3\t{way}\t100.000\t\n") == [("land", 123_400)]


def test_rows_and_columns_that_are_not_taken_are_named():
    text = "BẢNG KÊ\n" + FLAT.format(unit="") + "\tI. Đất\nHS-0001\tĐất\tm2\t1\t1\t1\n\tTổng\t\t\t\t1\n"
    found = cost_sheets.of_text(text, CODES)
    assert [(where, why) for where, why, _ in found.rows_left_out] == [
        ("1!1", "above"), ("1!2", "heading"), ("1!3", "group"), ("1!5", "total")
    ]  # fmt: skip
    assert found.present == found.lines + len(found.rows_left_out)


def test_lines_in_no_group_that_are_no_land_are_asked_about():
    text = FLAT.format(unit="") + "HS-0001\tĐất ONT\tm2\t1\t1.000\t1.000\nHS-0001\tNhà cấp 4\tm2\t2\t1.000\t2.000\n"
    text += "HS-0001\tCây nhãn\tcây\t3\t1.000\t3.000\n"
    found = cost_sheets.of_text(text, CODES)
    assert found.open == ["ungrouped"]
    assert [(item, group) for _, item, group in found.ungrouped] == [("Nhà cấp 4", "structures"), ("Cây nhãn", "crops")]
    said = cost_sheets.read(sheets.of_text(text), CODES, {"ungrouped": "wording"})
    assert not said.open
    assert [line.category for line in said.sheets[0].lines] == ["land", "structures", "crops"]


def test_a_note_of_the_unit_above_the_table_counts():
    assert amounts(
        "BẢNG CHI TIẾT (tính bằng nghìn đồng)\n" + FLAT.format(unit="") + "HS-0001\tĐất\tm2\t10\t5\t50\n"
    ) == [("land", 50_000)]


def test_two_columns_of_quantities_are_asked_about():
    text = "Mã hồ sơ\tNội dung\tĐVT\tSố lượng kiểm đếm\tSố lượng bồi thường\tĐơn giá\nHS-0001\tĐất\tm2\t10\t8\t1.000\n"
    found = cost_sheets.of_text(text, CODES)
    assert [place for place, _ in found.asked_columns["quantity"]] == [3, 4]
    assert "quantity" in {problem.field for problem in found.problems}
    chosen = cost_sheets.read(sheets.of_text(text), CODES, {"pick-quantity": "4"})
    assert (chosen.problems, chosen.sheets[0].lines[0].quantity) == ([], 8)


def test_hidden_and_struck_rows_are_asked_about_and_hidden_sheets_named():
    made = Workbook()
    sheet, other = made.active, made.create_sheet("HS-0002")
    for row in (HEADS, ("1", "Đất", "m²", 1, 1000), ("2", "Đất", "m²", 2, 1000), ("3", "Đất", "m²", 4, 1000)):
        sheet.append(row)
        other.append(row)
    sheet.title, other.sheet_state = "HS-0001", "hidden"
    sheet.row_dimensions[3].hidden = True
    for cell in sheet[4]:
        cell.font = Font(strike=True)
    file = io.BytesIO()
    made.save(file)
    found = cost_sheets.of_workbook(file.getvalue(), CODES)
    assert found.open == ["hidden-rows", "struck-rows"] and {problem.row for problem in found.problems} == {3, 4}
    assert (found.hidden_sheets, found.left_out) == (["HS-0002"], [])
    said = cost_sheets.of_workbook(file.getvalue(), CODES, answers={"hidden-rows": "take", "struck-rows": "leave"})
    assert (said.problems, [line.quantity for line in said.sheets[0].lines]) == ([], [1, 2])
    assert said.present == said.lines + len(said.rows_left_out)


def test_a_price_that_a_csv_cuts_in_two_is_refused():
    found = cost_sheets.of_text(
        "Mã hồ sơ,Nội dung,ĐVT,Số lượng,Đơn giá\nHS-0001,Đất,m2,10,5,5\nHS-0001,Đất,m2,1,6,7\n", CODES
    )
    assert {problem.row for problem in found.problems} == {2, 3}


def test_a_total_after_a_mark_is_compared():
    text = FLAT.format(unit="") + "\tI. Về đất\nHS-0001\tĐất\tm2\t1\t1.000\t1.000\nA+B\tTổng cộng\t\t\t\t9.000\n"
    assert ["total" in str(said) for _, said in cost_sheets.of_text(text, CODES).notes] == [True]


def test_an_amount_below_a_million_is_told_as_it_is_written():
    text = FLAT.format(unit="") + "\tI. Về đất\nHS-0001\tĐất\tm2\t1\t350.000\t350.000\nHS-0001\tCộng\t\t\t\t100.500\n"
    (note,) = [said for _, said in cost_sheets.of_text(text, CODES).notes]
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        assert worded(note.values) == {"stated": "100.500", "counted": "350.000"}


IN_ORDER = "Mã hồ sơ\tNội dung\tĐVT\tSố lượng\tĐơn giá\tThành tiền"


def test_a_lump_sum_of_a_household_is_refused_and_not_left_out():
    lump = "HS-0001\tHỗ trợ ổn định đời sống\t\t\t\t5.000.000"
    found = cost_sheets.of_text(f"{IN_ORDER}\nHS-0001\tĐất ODT\tm2\t100\t2.500\t250.000\n{lump}", CODES)
    (problem,) = found.problems
    assert problem.row == 3 and "Hỗ trợ ổn định đời sống" in str(problem.error)


def test_headings_again_in_another_order_begin_another_table():
    again = "Mã hồ sơ\tNội dung\tĐVT\tĐơn giá\tSố lượng\tThành tiền"
    line = "HS-0001\tĐất ODT\tm2\t100\t2.500\t250.000"
    other = "HS-0002\tĐất ODT\tm2\t2.500\t100\t250.000"
    assert not cost_sheets.of_text(f"{IN_ORDER}\n{line}\n{IN_ORDER}\n{line}", CODES).problems, "a page break"
    found = cost_sheets.of_text(f"{IN_ORDER}\n{line}\n{again}\n{other}", CODES)
    assert {problem.row for problem in found.problems} == {3, 4}
    assert [sheet.case for sheet in found.sheets] == ["HS-0001"]


PASTED = "Mã hồ sơ\tHọ tên\tNội dung\tĐVT\tKhối lượng\tĐơn giá\tThành tiền\n"


@pytest.mark.parametrize("under", ["\t\t\t\t(m2)\t(đồng)\t(đồng)\t\n", "\t\t\t\ttheo kiểm đếm\t\tĐất\tTài sản\n"])
def test_a_second_row_of_headings_pasted_without_its_merged_cells_is_no_line(under):
    found = cost_sheets.of_text(f"{PASTED}{under}HS-0001\tA\tĐất ở\tm2\t10\t100.000\t1.000.000\t\n", CODES)
    assert found.problems == []
    assert [line.item for line in found.sheets[0].lines] == ["Đất ở"]
    assert [why for _, why, _ in found.rows_left_out] == ["heading", "heading"]


@pytest.mark.parametrize(
    "rounding",
    ["\t\tLàm tròn\t\t\t\t1.296.000", "\t\tTổng cộng (làm tròn)\t\t\t\t1.296.000", "\t\t5. Số làm tròn\t\t\t\t288"],
)  # fmt: skip
def test_the_rounding_of_a_sum_is_left_out_and_told_beside_the_lines(rounding):
    found = cost_sheets.of_text(f"{PASTED}HS-0001\tA\tĐất ở\tm2\t10,5\t123.456\t1.296.288\n{rounding}\n", CODES)
    assert found.problems == []
    assert found.lines == 1
    assert found.rows_left_out[-1][1] == "rounding"
    assert any("1.296.288" in str(said) for _, said in found.notes)


def test_a_row_that_names_people_alone_is_left_out_and_told():
    text = f"{PASTED}HS-0001\tA\tĐất ở\tm2\t10\t100.000\t1.000.000\n\tLý Văn C\nHS-0002\tMã E\t\t\t\t\t\n"
    found = cost_sheets.of_text(text, CODES)
    assert (found.present, found.lines, [why for _, why, _ in found.rows_left_out]) == (
        4, 1, ["heading", "remark", "remark"],
    )  # fmt: skip
    assert "Lý Văn C" in str(found.notes[0][1])


@pytest.mark.parametrize(
    ("item", "number", "said"),
    [
        ("Giảm trừ tiền sử dụng đất", 1, "taken off"), ("Tạm ứng đợt 1", 1, "what was paid"),
        ("Đã chi trả lần 1", 1, "what was paid"), ("Số tiền làm tròn", 1, "rounds a sum"), ("Đất ở", 0, "It is 0"),
    ],
)  # fmt: skip
def test_what_is_no_cost_is_refused_as_a_line(item, number, said):
    against = []
    line = NewLine("land", item, quantity=Decimal(1), unit_price_vnd=Decimal(5000), support_level=Decimal(number))
    costs._clean(NewSheet("HS-0001", (line,)), line, {}, against)
    assert [said in str(one.error) for one in against] == [True]


@pytest.mark.parametrize("remark", ["bỏ, không tính dòng này", "chờ xác minh", "tính trùng với dòng 2"])
def test_a_remark_by_which_a_line_does_not_count_is_told(remark):
    heads = "Mã hồ sơ\tNội dung\tKhối lượng\tĐơn giá\tGhi chú\tTình trạng\n"
    for cells in (f"{remark}\t", f"\t{remark}"):
        found = cost_sheets.of_text(f"{heads}HS-0001\tĐất ở\t10\t100.000\t{cells}\n", CODES)
        assert found.lines == 1
        assert [remark in str(said) for _, said in found.notes if "taken, and" in str(said)] == [True]


def test_a_rent_is_no_building():
    text = "Mã hồ sơ\tNhóm\tNội dung\tKhối lượng\tĐơn giá\nHS-0001\tHỗ trợ thuê nhà\tThuê nhà\t6\t2.000.000\n"
    assert [line.category for line in cost_sheets.of_text(text, CODES).sheets[0].lines] == ["support_other"]


def flat(heads: str, *rows: str, **answers):
    return cost_sheets.read(sheets.of_text("\n".join((heads, *rows)).replace("|", "\t")), CODES, answers)


def test_wear_and_quality_are_no_support_level_and_count_where_the_amount_proves_it():
    heads = "Mã hồ sơ|Nhóm|Nội dung|ĐVT|Số lượng|Đơn giá|Tỷ lệ hao mòn (%)|Thành tiền"
    found = flat(heads, "HS-0001|Tài sản|Nhà cấp 4|m2|36|1.000.000|30|25.200.000")
    (line,) = found.sheets[0].lines
    assert (line.coefficient, line.support_level, found.problems) == (Decimal("0.7"), 1, [])
    assert any("lessens what is paid" in str(said) for _, said in found.notes)
    found = flat(heads, "HS-0001|Tài sản|Nhà cấp 4|m2|36|1.000.000|30|36.000.000")
    assert found.sheets[0].lines[0].coefficient == 1
    assert any("is not taken" in str(said) for _, said in found.notes)


@pytest.mark.parametrize(
    ("heading", "picked", "coefficient"),
    [("Tỷ lệ hao mòn (%)", "6", "0.7"), ("Tỷ lệ chất lượng còn lại (%)", "6", "0.3"), ("Tỷ lệ hao mòn (%)", "-", "1")],
)
def test_a_rate_without_an_amount_is_asked_about(heading, picked, coefficient):
    heads = f"Mã hồ sơ|Nhóm|Nội dung|ĐVT|Số lượng|Đơn giá|{heading}"
    row = "HS-0001|Tài sản|Nhà cấp 4|m2|36|1.000.000|30"
    found = flat(heads, row)
    assert [one.field for one in found.problems] == ["coefficient"]
    assert found.asked_columns == {"coefficient": [(6, heading)]}
    found = flat(heads, row, **{"pick-coefficient": picked})
    assert (found.problems, found.sheets[0].lines[0].coefficient) == ([], Decimal(coefficient))


@pytest.mark.parametrize(
    "heading",
    ["Số căn cước", "Thừa kế", "Diện tích không bồi thường", "Giá trị còn lại", "Đánh giá", "Số tiền đã tạm ứng",
     "Đơn vị thi công", "Nhóm đất", "Diện tích pháp lý", "Tỷ lệ chiếm đất", "Hệ số sử dụng đất"],
)  # fmt: skip
def test_a_word_in_a_heading_does_not_make_it_the_field(heading):
    assert cost_sheets._fits(headings.plain(heading), headings.plain(heading)) == []


def test_the_look_says_which_column_became_what():
    found = flat("Mã hồ sơ|Nội dung|Số lượng|Đơn giá|Tỷ lệ hỗ trợ (%)", "HS-0001|Đất ONT|5|1000000|80")
    assert found.understood["1"][-1] == ("E", "Tỷ lệ hỗ trợ (%)", "support_level")


def test_the_rounding_of_the_whole_is_told_beside_the_sum_of_all_lines():
    found = flat(
        "Mã hồ sơ|Nội dung|ĐVT|Số lượng|Đơn giá|Thành tiền", "HS-0001|Đất ONT|m2|10|1.000.300|10.003.000",
        "|Cộng||||10.003.000", "HS-0001|Đất CLN|m2|5|1.000.100|5.000.500", "|Cộng||||5.000.500",
        "|Tổng cộng||||15.003.500", "|Làm tròn||||15.004.000",
    )  # fmt: skip
    (note,) = [str(said) for _, said in found.notes if "is no cost line" in str(said)]
    assert "come to 15.003.500." in note
