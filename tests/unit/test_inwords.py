"""Amounts in words, as documents write them out, and read again in whichever way they are said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.inwords import amount_in_words, in_words, number_of


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (14, "mười bốn"),
        (15, "mười lăm"),
        (21, "hai mươi mốt"),
        (24, "hai mươi tư"),
        (55, "năm mươi lăm"),
        (40, "bốn mươi"),
        (101, "một trăm linh một"),
        (105, "một trăm linh năm"),
        (115, "một trăm mười lăm"),
        (1_005, "một nghìn không trăm linh năm"),
        (1_010, "một nghìn không trăm mười"),
        (105_000, "một trăm linh năm nghìn"),
        (1_000_015, "một triệu không trăm mười lăm"),
        (1_005_000, "một triệu không trăm linh năm nghìn"),
        (3_040_205_000, "ba tỷ không trăm bốn mươi triệu hai trăm linh năm nghìn"),
        (2 * 10**12, "hai nghìn tỷ"),
        (10**15, "một triệu tỷ"),
        (678_700_000, "sáu trăm bảy mươi tám triệu bảy trăm nghìn"),
    ],
)
def test_numbers_are_said_as_documents_say_them(number, words):
    assert in_words(number) == words


def test_an_amount_begins_large_and_ends_with_its_unit():
    assert amount_in_words(21_000) == "Hai mươi mốt nghìn đồng"


@given(st.integers(0, 10**18 - 1))
def test_what_is_written_reads_back(number):
    assert number_of(in_words(number)) == number


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("Hai tỉ, ba trăm lẻ năm triệu đồng chẵn.", 2_305_000_000),
        ("một triệu lẻ mười lăm ngàn đồng", 1_015_000),
        ("bẩy mươi nhăm nghìn", 75_000),
        ("hai mươi bốn", 24),
        ("đồng", None),
        ("ba con trâu", None),
        ("hai ba", None),
        ("", None),
    ],
)
def test_other_ways_of_saying_it_are_understood_and_nonsense_is_not(words, number):
    assert number_of(words) == number


@pytest.mark.parametrize("number", [-1, 10**18])
def test_beyond_its_range_it_refuses(number):
    with pytest.raises(ValueError, match=str(number)):
        in_words(number)
