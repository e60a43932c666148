"""What reads as a parcel, and what does not."""

import pytest

from gis.search import parcel_asked


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("5/85", ("5", "85", "")),
        (" 5 / 85 ", ("5", "85", "")),
        ("05/085a", ("05", "085a", "")),
        ("DC5/12", ("DC5", "12", "")),
        ("5/85 Hoàng Đồng", ("5", "85", "Hoàng Đồng")),
        ("5/85, xã Hoàng Đồng", ("5", "85", "xã Hoàng Đồng")),
        ("tờ 5/thửa 85", ("5", "85", "")),
        ("Tờ 5 thửa 85", ("5", "85", "")),
        ("to 5 thua 85 hoang dong", ("5", "85", "hoang dong")),
        ("tờ bản đồ số 5, thửa đất số 85, Hoàng Đồng", ("5", "85", "Hoàng Đồng")),
        ("to ban do so 5 thua dat so 85", ("5", "85", "")),
        ("thửa 85 tờ 5", ("5", "85", "")),
        ("THỬA 85, TỜ 5 Mai Pha", ("5", "85", "Mai Pha")),
        ("0211/2024", ("0211", "2024", "")),
        ("0211/2024/QĐ-UBND", None),
        ("412/QĐ-UBND", None),
        ("Mai Pha", None),
        ("85", None),
        ("/85", None),
        ("5/", None),
        ("tờ 5", None),
    ],
)
def test_a_parcel_is_read_in_the_ways_people_write_it(words, read):
    assert parcel_asked(words) == read
