"""What people write on forms: the Vietnamese way, and asked about where it could mean two things."""

from datetime import date
from decimal import Decimal

import pytest

from gis.errors import BadParameter
from webmap import entry


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("6.257,67", "6257.67"), ("6257,67", "6257.67"), ("6257.67", "6257.67"), ("0,5", "0.50"), ("0", "0.00"),
        ("1.234.567", "1234567.00"), ("1.234.567,8 m²", "1234567.80"), (" 6 257,67 ", "6257.67"), ("412", "412.00"),
        ("0,05 ha", "500.00"), ("1,25 ha", "12500.00"), ("0,5 km²", "500000.00"),
        ("0.5", "0.50"), ("12.5", "12.50"), ("6.257,00", "6257.00"), ("6257", "6257.00"),
    ],
)  # fmt: skip
def test_an_area_is_read_as_it_is_written_here(written, meant):
    assert str(entry.area_m2("area_m2", written)) == meant


def test_a_share_is_no_number_of_anything_else():
    assert entry.percent("percent", "70%") == entry.percent("percent", "70") == 70
    for read in (entry.area_m2, entry.decimal, entry.whole, entry.amount_vnd):
        with pytest.raises(BadParameter):
            read("value", "70%")


@pytest.mark.parametrize(("written", "one", "other"), [("20.000", "20000", "20,00"), ("6,257", "6257", "6,26")])
def test_an_area_with_two_readings_is_asked_about(written, one, other):
    with pytest.raises(BadParameter, match="two ways") as refusal:
        entry.area_m2("area_m2", written)
    assert refusal.value.parameter == "area_m2"
    assert {one, other} <= set(refusal.value.values.values())


@pytest.mark.parametrize(
    "written",
    ["6,257.67", "1,2,3", "12.34.56", "1.2345", "1,234567", "-5", "5e3", "năm", "1.23,4", ",5", "5,", "٣", "1" * 19],
)
def test_what_is_no_area_is_refused(written):
    with pytest.raises(BadParameter) as refusal:
        entry.area_m2("area_m2", written)
    assert refusal.value.parameter == "area_m2"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("20.000", 20_000),
        ("1.500.000 đ", 1_500_000),
        ("1500000", 1_500_000),
        ("20 000 VND", 20_000),
        ("0", 0),
        ("60 triệu", 60_000_000),
        ("1.5 tỷ", 1_500_000_000),
        ("1,25 triệu đồng", 1_250_000),
        ("12.500 nghìn", 12_500_000),
    ],
)
def test_money_is_whole(written, meant):
    assert entry.amount_vnd("amount_vnd", written) == meant


@pytest.mark.parametrize("written", ["1,5", "20.00", "1,500", "1.50.000", "0.500", "-20.000", "1.250 tỷ",
                                     "0,12345678 tr", "0912345678", "0500000", "12 USD"])  # fmt: skip
def test_what_is_no_whole_number_is_refused(written):
    with pytest.raises(BadParameter) as refusal:
        entry.amount_vnd("amount_vnd", written)
    assert refusal.value.parameter == "amount_vnd"


@pytest.mark.parametrize(
    ("read", "written", "offered"),
    [
        (entry.whole, "6,000,000", "6.000.000"), (entry.amount_vnd, "1.234.567,00", "1.234.567"),
        (entry.whole, "1,234,567.00", "1.234.567"), (entry.area_m2, "1,234.56", "1.234,56"),
        (entry.area_m2, "6,000,000", "6.000.000"),
    ],
)  # fmt: skip
def test_marks_the_other_way_round_are_told_with_what_may_be_meant(read, written, offered):
    with pytest.raises(BadParameter, match="part thousands") as refusal:
        read("value", written)
    assert refusal.value.values["meant"] == offered


def test_a_number_with_another_meaning_is_told_so():
    with pytest.raises(BadParameter, match="telephones"):
        entry.amount_vnd("amount_vnd", "0912 345 678")
    with pytest.raises(BadParameter, match="below zero"):
        entry.area_m2("area_m2", "(5.000.000)")
    with pytest.raises(BadParameter, match="not the same everywhere"):
        entry.area_m2("area_m2", "2 sào")
    with pytest.raises(BadParameter, match="two ways"):
        entry.area_m2("area_m2", "1.250 ha")


def test_what_is_refused_is_quoted_as_it_was_typed():
    with pytest.raises(BadParameter, match="khoảng 80 m2"):
        entry.area_m2("area_m2", " khoảng  80 m2")
    with pytest.raises(BadParameter, match="ba mươi đồng"):
        entry.amount_vnd("amount_vnd", "ba mươi đồng")


@pytest.mark.parametrize("written", ["24/10/2022", "24-10-2022", "24.10.2022", "2022-10-24", " 24/10/2022 "])
def test_a_day_is_read_day_first(written):
    assert entry.day("due_on", written) == date(2022, 10, 24)


@pytest.mark.parametrize("written", ["10/24/2022", "24/10/22", "30/02/2024", "2022-1-2", "hôm nay", "00/01/2024"])
def test_what_is_no_day_is_refused(written):
    with pytest.raises(BadParameter, match="24/10/2022") as refusal:
        entry.day("due_on", written)
    assert refusal.value.parameter == "due_on"


@pytest.mark.parametrize("reader", [entry.day, entry.area_m2, entry.amount_vnd, entry.whole])
@pytest.mark.parametrize("nothing", ["", "  ", None])
def test_an_empty_field_is_nothing(reader, nothing):
    assert reader("field", nothing) is None


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("450.330", "450330.00"), ("450330", "450330.00"), ("450330,125", "450330.12"), ("450 330.5", "450330.50"),
        ("2.418.755,12", "2418755.12"), ("2,418,755.12", "2418755.12"), ("2418755.123", "2418755.12"),
    ],
)  # fmt: skip
def test_a_place_is_read_as_a_table_of_vertices_is(text, metres):
    """No coordinate has three digits before its decimals: 450.330 can be one thing only."""
    assert entry.coordinate("place", text) == Decimal(metres)


@pytest.mark.parametrize("text", ["24.10.22", "24/10/22", "4-3-24"])
def test_a_year_of_two_digits_is_asked_about(text):
    with pytest.raises(BadParameter, match="four digits"):
        entry.day("day", text)


@pytest.mark.parametrize("text", ["24/10/2022", "24-10-2022", "24.10.2022", "2022-10-24", " 24/10/2022 "])
def test_a_day_is_shown_one_way_however_it_was_typed(text):
    assert entry.as_typed(text) == "24/10/2022"


def test_what_is_no_day_stays_as_it_was_typed():
    assert entry.as_typed("31/02/2022") == "31/02/2022"
    assert entry.as_typed(None) == ""
