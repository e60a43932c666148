"""Years, names and periods around a figure: none is ticked beside what it is not of."""

from datetime import date

import pytest

from gis.reading import KnownProject, read
from gis.statements import OTHER_PERIOD, OTHER_PROJECT, RAISED, UNDER_NAME

KNOWN = [
    KnownProject("lao-ly", "Kè suối Lao Ly, thành phố Lạng Sơn"),
    KnownProject("phu-loc-1", "Khu đô thị Phú Lộc I"),
    KnownProject("tram-y-te", "Trạm y tế phường Tam Thanh"),
    KnownProject("van-hoa", "Nhà văn hóa khối 4, phường Đông Kinh"),
]
QUARTER = (date(2024, 1, 1), date(2024, 3, 31))


def said(text):
    return read(text, projects=KNOWN, unit="Thành phố Lạng Sơn", from_on=QUARTER[0], to_on=QUARTER[1])


@pytest.mark.parametrize(
    "when", ["Quý I/2024", "Quý 1 năm 2024", "Năm 2024", "Giai đoạn 2021-2025", "Đến 3/2024", "T3/2024"]
)
def test_a_year_before_the_word_project_counts_nothing(when):
    (one,) = said(f"{when} dự án Kè suối Lao Ly bàn giao mặt bằng 12 hộ.")
    assert (one.project, one.values["households"], one.values.get("projects", 1)) == ("lao-ly", 12, 1)


def test_what_a_month_added_is_of_the_month_and_the_total_it_raised_is_not():
    month, total = said("Trong tháng 3/2024 dự án Kè suối Lao Ly giải ngân thêm 0,5 tỷ đồng, "
                        "nâng tổng số đã giải ngân lên 6,2 tỷ đồng.")  # fmt: skip
    assert (month.project, month.basis, month.from_on, month.to_on) == (
        "lao-ly", "period", date(2024, 3, 1), date(2024, 3, 31),
    )  # fmt: skip
    assert total.project == "lao-ly" and RAISED in [each.message for each in total.doubts]


@pytest.mark.parametrize("verb", ["nâng", "đưa"])
def test_the_total_that_households_reached_counts_from_the_beginning(verb):
    new, total = said(f"Dự án Kè suối Lao Ly: trong tháng 3/2024 có thêm 7 hộ bàn giao mặt bằng, "
                      f"{verb} tổng số hộ đã bàn giao lên 66/99 hộ, đạt 66,7%.")  # fmt: skip
    assert (new.basis, new.from_on, new.values["households"]) == ("period", date(2024, 3, 1), 7)
    assert (total.basis, total.values["households"], total.values["of_households"]) == ("cumulative", 66, 99)


def test_a_numbered_title_names_its_project_without_the_word():
    text = """II. KẾT QUẢ
1. Khu đô thị Phú Lộc I
- Số hộ đã nhận tiền: 14 hộ.
- Số hộ đã bàn giao: 11 hộ.
2. Kè suối Lao Ly, thành phố Lạng Sơn
- Số hộ đã nhận tiền: như trên.
3. Các dự án còn lại
- Số hộ đã bàn giao: 8 hộ."""
    assert [(one.project, one.values["households"]) for one in said(text)] == [
        ("phu-loc-1", 14), ("phu-loc-1", 11), (None, 8),
    ]  # fmt: skip
    assert said(text)[2].doubts


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Kè suối Lao Ly trong tuần; chi trả tiền bồi thường cho 7 hộ.", OTHER_PROJECT),
        ("Chi trả tiền bồi thường cho 7 hộ thuộc suối Lao Ly.", OTHER_PROJECT),
        ("I. KẾT QUẢ\n1.1. Khu đô thị Phú Lộc I\n- Chi trả tiền bồi thường cho 7 hộ.", UNDER_NAME),
        ("I. KẾT QUẢ\n2. Các dự án còn lại\n- Chi trả tiền bồi thường cho 7 hộ.", UNDER_NAME),
        ("Năm 2023 dự án Kè suối Lao Ly đã bàn giao mặt bằng 40 hộ.", OTHER_PERIOD),
        ("Trong 6 tháng, dự án Kè suối Lao Ly bàn giao mặt bằng 40 hộ.", OTHER_PERIOD),
        ("Lũy kế đến hết tháng 2/2024 dự án Kè suối Lao Ly đã bàn giao mặt bằng 50 hộ.", OTHER_PERIOD),
        ("Dự án Kè suối Lao Ly. Đã chi trả tiền bồi thường cho 6 hộ.", OTHER_PROJECT),
        ("Lũy kế quý II/2023 đã chi trả tiền bồi thường cho 7 hộ.", OTHER_PERIOD),
    ],
)
def test_what_is_named_beside_or_above_takes_the_tick(text, why):
    found = said(text + "\nDự án Trạm y tế phường Tam Thanh; dự án Nhà văn hóa khối 4, phường Đông Kinh.")
    assert found and all(one.doubts for one in found)
    assert any(why == each.message for one in found for each in one.doubts)


def test_the_words_of_a_projects_name_are_of_no_other_field():
    (one,) = said("Dự án Nhà văn hóa khối 4, phường Đông Kinh đã chi trả tiền bồi thường cho 12 hộ.")
    assert (one.project, one.doubts) == ("van-hoa", ())
