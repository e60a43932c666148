"""Whose case a line means: names as banks write them, and several that fit."""

from datetime import date

import pytest

from gis.errors import BadParameter, NotFound
from gis.whose import Cases, Known
from webmap.desk import act_paste

CASES = Cases({
    code: Known(code, name, None, parcels)
    for code, name, parcels in (
        ("HS-1", "Hoàng Văn Loan", ("301/10",)), ("HS-2", "Nông Văn Thắng", ("301/27",)),
        ("HS-3", "Nông Văn Thăng", ("303/80",)), ("HS-4", "Đàm Thị Bình", ("301/25",)),
    )
})  # fmt: skip


def test_a_bank_writes_no_marks():
    assert CASES.meant(1, name="HOANG VAN LOAN").code == "HS-1"
    assert CASES.meant(1, name="Dam Thi Binh").code == "HS-4"
    assert CASES.meant(1, name="Nông Văn Thắng").code == "HS-2", "marks that are there count"
    with pytest.raises(BadParameter, match=r"HS-2.*HS-3"):
        CASES.meant(1, name="NONG VAN THANG")
    assert CASES.meant(1, name="NONG VAN THANG", parcel="303/80").code == "HS-3"
    with pytest.raises(NotFound):
        CASES.meant(1, name="Đam Thị Bình")


def test_all_lines_without_a_case_are_named_at_once():
    text = "Họ tên\tSố tiền (đồng)\nHoàng Văn Loan\t5.000.000\nLê A\t5.000.000\nNONG VAN THANG\t5.000.000"
    with pytest.raises(BadParameter, match="2 lines") as told:
        act_paste.read(text, ["amount_vnd"], CASES, has_rows=False)
    assert "Lê A" in str(told.value) and "HS-3" in str(told.value)


def pasted(heads: str, *rows: str) -> act_paste.Pasted:
    return act_paste.read(
        "\n".join((f"Mã hồ sơ\tSố tiền (đồng)\t{heads}", *rows)), ["amount_vnd"], CASES, has_rows=False
    )


def test_a_remark_that_begins_as_a_total_takes_nobody_off_the_list():
    made = pasted("Ghi chú", "HS-1\t5.000.000\tTổng hợp 2 đợt", "HS-2\t6.000.000\tCộng cả thưởng", "Cộng\t11.000.000\t")
    assert [line.code for line in made.lines] == ["HS-1", "HS-2"]
    assert [number for number, _ in made.left_out] == [1, 4]
    assert made.differing == []
    assert made.beside == [(2, "Ghi chú", "Tổng hợp 2 đợt"), (3, "Ghi chú", "Cộng cả thưởng")]


@pytest.mark.parametrize(
    ("heading", "said", "stands"),
    [
        ("Ngày chi", "02/05/2024", False), ("Ngày chi", "20/03/2024", True), ("Ngày sinh", "02/05/1960", True),
        ("Số chứng từ", "45/LCT", False), ("Số chứng từ", "044/LCT", True), ("Ký nhận", "vắng, chưa nhận", False),
        ("Ngày ký nhận", "21/3/24", False), ("Ngày chi", "20/3/24", True), ("Ghi chú", "chờ xác minh", False),
        ("Ghi chú", "chủ hộ chưa thống nhất", False),
        ("Ghi chú", "không thu hồi nữa, đã rút khỏi danh sách", False), ("Ghi chú", "đã ký nhận đủ", True),
        ("Ký nhận", "đã ký", True), ("Ghi chú", "nhà sửa chữa năm 2020", True),
    ],
)  # fmt: skip
def test_a_line_that_contradicts_the_act_is_not_taken(heading, said, stands):
    made = pasted(heading, f"HS-1\t5.000.000\t{said}")
    assert made.beside == [(2, heading, said)]
    if stands:
        act_paste.refuse_contradictions(made, [date(2024, 3, 20)], "44/LCT")
        return
    with pytest.raises(BadParameter, match="Line 2"):
        act_paste.refuse_contradictions(made, [date(2024, 3, 20)], "44/LCT")


@pytest.mark.parametrize(
    ("heading", "said", "kind", "stands"),
    [
        ("Nguoi kiem dem", "Nguyễn Huy", "inventory", True), ("Cán bộ chi", "Nguyễn Huy", "payment", True),
        ("Cán bộ chi", "Huy", "payment", True), ("Ghi chú", "Nguyen Huy", "payment", True),
        ("Ghi chú", "Lý A Chờ", "payment", True), ("Ghi chú", "anh Huy đã ký", "payment", True),
        ("Ghi chú", "đã hủy", "payment", False), ("Ghi chú", "Đã Hủy", "payment", False),
        ("Ghi chú", "da huy", "payment", False), ("Ghi chú", "Vang mat", "payment", False),
        ("Ghi chú", "Chưa Nhận", "payment", False), ("Cán bộ chi", "chưa chi", "payment", False),
        ("Tình trạng", "đã nhận", "handover", True), ("Tình trạng", "đã bàn giao", "handover", True),
        ("Tình trạng", "Đã chi đủ", "payment", True), ("Tình trạng", "đã chi đợt 1", "payment", False),
        ("Tình trạng", "đã bàn giao", "recovery_notice", False), ("Tình trạng", "chưa nhận", "handover", False),
    ],
)  # fmt: skip
def test_a_name_takes_no_row_back_and_what_is_done_confirms_its_act(heading, said, kind, stands):
    made = pasted(heading, f"HS-1\t5.000.000\t{said}")
    if stands:
        act_paste.refuse_contradictions(made, [], "", kind)
        return
    with pytest.raises(BadParameter, match="Line 2"):
        act_paste.refuse_contradictions(made, [], "", kind)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Tờ/thửa\tDT bàn giao\tTình trạng\n301/10\ttoàn bộ\tđã nhận", [("HS-1", "301/10", "toàn bộ")]),
        ("Tờ/thửa\n301/10", [("HS-1", "301/10", None)]),
        ("Tờ\tThửa\tTình trạng\n301\t27\tđã nhận", [("HS-2", "301/27", None)]),
        ("Mã hồ sơ\nHS-3", [("HS-3", None, None)]),
    ],
)
def test_parcels_are_read_with_whatever_stands_beside_them(text, lines):
    made = act_paste.read(text, ["area_m2"], CASES, has_rows=False)
    assert [(line.code, line.parcel, line.values.get("area_m2")) for line in made.lines] == lines


def test_where_no_line_has_a_value_the_column_is_asked_for():
    with pytest.raises(BadParameter, match="No line of what was pasted has a value: 301/10"):
        act_paste.read("Tờ/thửa\tDT bàn giao\tTình trạng\n301/10\t\tđã nhận", ["area_m2"], CASES, has_rows=False)


def test_what_is_left_or_was_paid_before_is_no_amount_of_a_payment_unasked():
    with pytest.raises(BadParameter, match="Several columns fit"):
        act_paste.read(
            "Mã hồ sơ\tPhương án duyệt\tĐã chi\tCòn lại\nHS-1\t80.000.000\t50.000.000\t30.000.000", ["amount_vnd"],
            CASES, has_rows=False,
        )  # fmt: skip
