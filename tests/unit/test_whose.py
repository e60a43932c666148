"""Whose case a line means: names as banks write them, and several that fit."""

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
