"""Amounts pasted or sent: money of other countries, units that contradict, sums that are not those of rows."""

import io
from decimal import Decimal

import pytest
from openpyxl import Workbook

from gis.errors import BadParameter
from gis.exchange import sums
from gis.sizes import out_of_scale
from gis.whose import Cases, Known
from webmap import entry, exact_json
from webmap.desk import act_paste, cost_sheets

NAMES = ("Hoàng Văn Loan", "Nông Văn Thắng", "Đàm Thị Bình")
CASES = Cases({f"HS-{n}": Known(f"HS-{n}", name, None, ()) for n, name in enumerate(NAMES, 1)})
LINES = "Mã hồ sơ\tNội dung\tĐVT\tSố lượng\tĐơn giá\tThành tiền"
LAND = "HS-1\tĐất ODT\tm2\t100\t2.500\t250.000"


def pasted(text: str, name: str = "amount_vnd", *, rows: bool = False) -> act_paste.Pasted:
    return act_paste.read(text, (name,), CASES, has_rows=rows)


def table(heading: str, *amounts: str) -> str:
    return "\n".join([f"Họ và tên\t{heading}", *(f"{n}\t{a}" for n, a in zip(NAMES, amounts, strict=False))])


def lines(text: str, head: str = LINES) -> cost_sheets.Read:
    return cost_sheets.of_text(f"{head}\n{text}", ("HS-1", "HS-2"))


@pytest.mark.parametrize("heading", [
    "Số tiền (USD)", "Amount ($)", "Số tiền EUR", "Số tiền (nhân dân tệ)", "Số tiền (ngàn USD)", "Số tiền (€)",
    "Số tiền (kíp Lào)", "Số tiền (đô la Mỹ)",
])  # fmt: skip
def test_money_of_another_country_is_refused_with_the_cure(heading):
    with pytest.raises(BadParameter, match="another country"):
        pasted(table(heading, "5.000"))
    with pytest.raises(BadParameter, match="another country"):
        pasted(f"{heading}\n5.000\n6.000", rows=True)
    with pytest.raises(BadParameter, match="another country"):
        pasted(f"Đơn vị tính: {heading.removeprefix('Số tiền').removeprefix('Amount')}\t\n{table('Số tiền', '5.000')}")
    told = lines(LAND, LINES.replace("Đơn giá", heading.replace("Số tiền", "Đơn giá").replace("Amount", "Đơn giá")))
    assert any("another country" in str(one.error) for one in told.problems)
    assert pasted(table("Số tiền đất đô thị (đồng)", "5.000.000")).lines[0].values == {"amount_vnd": "5.000.000"}


def test_a_number_of_millions_that_can_be_read_in_two_ways_is_asked_about():
    for unit in ("tỷ đồng", "triệu đồng"):
        with pytest.raises(BadParameter, match="1,250"):
            pasted(table(f"Số tiền ({unit})", "1.250"))
        told = lines(LAND.replace("2.500", "1.250"), LINES.replace("Đơn giá", f"Đơn giá ({unit})"))
        assert "two ways" in str(told.problems[0].error)
    assert pasted(table("Số tiền (triệu đồng)", "1250", "1,25", "1.250,5")).lines[2].values["amount_vnd"] == (
        "1.250.500.000"
    )
    assert pasted(table("Số tiền (nghìn đồng)", "35.000")).lines[0].values["amount_vnd"] == "35.000.000"
    with pytest.raises(BadParameter, match="m² / ha"):
        pasted(f"(Đơn vị: ha)\t\n{table('Diện tích (m2)', '1,5')}", "area_m2")


@pytest.mark.parametrize(("total", "stated"), [
    ("Tổng: 12.000.000", 12), ("Tổng số: 2 hộ, 12.000.000 đồng", 12), ("Tổng cộng\t12.000.000", 12),
    ("∑\t12.000.000", 12), ("Cộng chuyển trang\t12.000.000", 12), ("T.cộng\t12.000.000", 12),
    ("Cộng: 11.000.000 đ", None), ("Mang sang\t11.000.000", None), ("Tổng số hộ: 2 hộ", None),
])  # fmt: skip
def test_a_stated_total_is_compared_however_it_is_written(total, stated):
    made = pasted(f"{table('Số tiền', '5.000.000', '6.000.000')}\n{total}")
    told = [(line, int(said) // 10**6, int(counted) // 10**6) for line, _, said, counted in made.differing]
    assert told == ([(4, stated, 11)] if stated else []) and len(made.lines) == 2
    alone = pasted(f"5.000.000\n6.000.000\n{total.replace(chr(9), ': ')}", rows=True)
    assert bool(alone.differing) == bool(stated)


def test_sums_of_groups_and_of_parts_along_a_row_are_compared():
    groups = "I. Xã A\t11.000.000\n{}\n{}\nII. Xã B\t5.000.000\n{}\nTổng cộng\t15.000.000".format(
        *(f"{name}\t{n}.000.000" for name, n in zip(NAMES, (5, 6, 4), strict=True))
    )
    assert [(one[0], int(one[2]), int(one[3])) for one in pasted(f"Họ và tên\tSố tiền\n{groups}").differing] == [
        (5, 5_000_000, 4_000_000)
    ]
    head = "STT\tHọ và tên\tSố tiền\t\t\t\n\t\tĐất\tNhà\tCây\tTổng\n"
    rows = "\n".join(f"{n}\t{name}\t10.000\t5.000\t{n}.000\t{total}.000" for n, name, total in
                     zip((1, 2, 3), NAMES, (16, 17, 81), strict=True))  # fmt: skip
    made = pasted(head + rows + "\n\tTổng cộng\t30.000\t15.000\t6.000\t51.000")
    assert [(line, heading, int(said), int(counted)) for line, heading, said, counted in made.differing] == [
        (6, "", 51_000, 114_000), (5, "Số tiền / Tổng", 81_000, 18_000)
    ]  # fmt: skip
    words = "Họ và tên\tSố tiền\tBằng chữ\n{}\t5.000.000\tNăm triệu đồng\n{}\t6.000.000\tBảy triệu đồng"
    assert [one[0] for one in pasted(words.format(*NAMES)).in_words] == [3]


def test_a_total_in_words_and_a_line_that_stands_twice_are_told():
    made = pasted(
        f"{table('Số tiền', '5.000.000', '6.000.000')}\nTổng cộng\t11.000.000\n(Bằng chữ: Mười hai triệu đồng)"
    )
    assert [(one[0], int(one[2])) for one in made.differing] == [(5, 12_000_000)]
    words = "\t(Bằng chữ: {} nghìn đồng chẵn)"
    assert "260.000" in str(lines(f"{LAND}\n{words.format('Hai trăm sáu mươi')}").notes[0][1])
    assert not lines(f"{LAND}\n\tTổng\t\t\t\t250.000\n{words.format('Hai trăm năm mươi')}").notes
    (twice,) = lines(f"{LAND}\n{LAND}").notes
    assert twice[0] == "1!3" and "row 2" in str(twice[1])


def test_a_name_beside_a_code_is_compared():
    head = LINES.replace("Nội dung", "Chủ hộ\tNội dung")
    row = LAND.replace("Đất", "{}\tĐất", 1)
    text = "\n".join(
        [head, row.format("HOANG VAN LOAN"), row.format("Bà Đàm Thị Bình").replace("100\t2.500\t2", "10\t25.000\t2")]
    )
    (note,) = cost_sheets.of_text(text, ("HS-1",), {"HS-1": "Ông Hoàng Văn Loan"}).notes
    assert note[0] == "1!3" and "Hoàng Văn Loan" in str(note[1])


def test_sums_down_a_column_are_those_of_rows_before_or_behind_them():
    down = sums.Down()
    down.state(1, 10)  # first of all, of all
    for value in (3, 4):
        down.add(value)
    down.state(4, 7)
    down.add(3)
    down.state(6, 3)
    down.state(7, 10)
    assert not down.differing()
    down.state(8, 11)
    assert [(one.row, one.stated, one.counted) for one in down.differing()] == [(8, Decimal(11), Decimal(10))]


def test_amounts_a_thousand_times_apart_are_found():
    assert out_of_scale([5_000_000, 6_000, 7_000_000, None, 8_000_000]) == [1]
    assert out_of_scale([5_000_000, 600_000, 70_000_000]) == []


def test_an_amount_of_no_line_is_refused_and_a_sum_of_a_group_is_none():
    lump = lines(f"{LAND}\n\tHỗ trợ di chuyển\t\t\t\t5.000.000\n{LAND.replace('HS-1', 'HS-2')}")
    (problem,) = lump.problems
    assert problem.row == 3 and "5.000.000" in str(problem.error) and lump.refused == {("1", 3)}
    assert lump.present == lump.lines + len(lump.refused) + len(lump.rows_left_out)
    group = f"\tBồi thường về đất\t\t\t\t{{}}\n{LAND}\n\tCây cối\t\t\t\t-\n\tTổng cộng: {{}}"
    right = lines(group.format("250.000", "250.000"))
    assert not right.problems and not right.notes
    assert len(lines(group.format("260.000", "250.000")).problems) == 1
    assert "260.000" in str(lines(group.format("250.000", "260.000")).notes[0][1])
    merged = "Mã hồ sơ\tNội dung\tKhối lượng\t\tĐơn giá\tThành tiền\n\t\tĐVT\tSố lượng\t\t"
    (note,) = lines(f"{LAND}\nTổng cộng\t\t\t100\t\t260.000", merged).notes
    assert "250.000" in str(note[1])


def test_what_the_format_of_a_cell_shows_is_part_of_its_number():
    for code, word in (
        ("[$$-409]#,##0.00", "another country"),
        ('#,##0 "USD"', "another country"),
        ("#,##0,", "thousands"),
    ):
        made, sent = Workbook(), io.BytesIO()
        made.active.append(LINES.split("\t"))
        made.active.append(["HS-1", "Đất ODT", "m2", 100, 2500, 250000])
        made.active["E2"].number_format = code
        made.save(sent)
        told = cost_sheets.of_workbook(sent.getvalue(), ("HS-1",)).problems
        assert [one.field for one in told] == ["unit_price_vnd"] and word in str(told[0].error)


@pytest.mark.parametrize("text", [
    "12.000.000 + 3.000.000", "1.200/1.500", "-5.000.000", "(5.000.000)", "24/10/2022", "0912345678", "840020512345",
    "1012345678901", "120\n300", "5,000,000", "#REF!", "5.000.000 và 3.000.000", "1.000.000.000.000.000.000",
])  # fmt: skip
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(BadParameter):
        entry.amount_vnd("amount_vnd", text)


@pytest.mark.parametrize("text", ["5.000.000đ", "5 000 000", "5.000.000 VNĐ", "5000000vnd"])
def test_an_amount_may_carry_its_unit(text):
    assert entry.amount_vnd("amount_vnd", text) == 5_000_000
    assert entry.whole("households", "05") == 5


def test_a_text_of_a_program_that_can_be_read_in_two_ways_is_refused():
    for text in ("5.000", "5,000", "1.250.000"):
        with pytest.raises(BadParameter, match="two ways"):
            exact_json.number(text, "amount_vnd")
    assert [exact_json.number(each, "x") for each in ("5000", "5.0", 5000, 5.5, "0.125", None)] == [
        5000, 5, 5000, Decimal("5.5"), Decimal("0.125"), None
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("heads", "row", "counted"),
    [
        ("BT đất\tBồi thường tài sản\tHỗ trợ\tTổng cộng (đồng)", "83.649.500\t12.000.000\t20.500.000\t126.149.500",
         116_149_500),
        ("Bồi thường về đất (đồng)\tHỗ trợ (đồng)\tTổng cộng (đồng)", "10.000.000\t5.000.000\t25.000.000", 15_000_000),
        ("Bồi thường về đất (đồng)\tHỗ trợ (đồng)\tTổng cộng (đồng)", "20.000.000\t5.000.000\t25.000.000", None),
        ("Diện tích thửa đất\tĐã chi (đồng)\tTổng số tiền (đồng)", "1.000.000\t5.000.000\t25.000.000", None),
    ],
)  # fmt: skip
def test_parts_of_a_total_are_compared_though_no_row_comes_to_its_own(heads, row, counted):
    made = pasted(f"Mã hồ sơ\t{heads}\nHS-1\t{row}")
    assert [int(told[3]) for told in made.differing] == ([counted] if counted else [])
