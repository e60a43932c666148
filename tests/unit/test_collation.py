"""Names stand in the order of Vietnamese dictionaries."""

from gis.collation import vietnamese_order


def test_letters_then_tones():
    names = ["Công viên", "Đường", "Cải tạo", "Dự án", "Cầu", "Cà Mau", "Ca", "Ăn", "An", "Âu"]
    assert sorted(names, key=vietnamese_order) == [
        "An", "Ăn", "Âu", "Ca", "Cà Mau", "Cải tạo", "Cầu", "Công viên", "Dự án", "Đường"
    ]  # fmt: skip


def test_letters_composed_or_not_are_the_same():
    assert sorted(["Cải", "Cài"], key=vietnamese_order) == ["Cài", "Cải"]
