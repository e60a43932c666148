"""JSON from outside: what nothing downstream could keep is refused where it comes in."""

from decimal import Decimal

import pytest

from gis.errors import BadParameter
from webmap import exact_json


def test_numbers_keep_every_digit():
    assert exact_json.loads('{"a": 1234.50, "b": 7}') == {"a": Decimal("1234.50"), "b": 7}
    assert exact_json.loads("[1.5]", decimals=False) == [1.5]
    assert isinstance(exact_json.loads("[1.5]", decimals=False)[0], float)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "NaN", "[Infinity]", "-Infinity", "[1e999999999]", "[1e-999999999]", "[" + "1." + "3" * 60 + "]",
        '"\\ud800"', '{"\\udfff": 1}', '[["a\\u0000b"]]', "[" * 100_000, '{"a":' * 100_000, b"\xff", "1" * 5000,
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_no_json(text):
    with pytest.raises((ValueError, BadParameter)):
        exact_json.loads(text)


def test_letters_beyond_the_first_plane_are_letters():
    assert exact_json.loads('"\\ud83c\\udfe0 nhà"') == "🏠 nhà"


@pytest.mark.parametrize("text", ["NaN", "inf", "1e50", "1e-50", "9" * 41, "", "x", "1_0x"])
def test_a_number_of_a_program_is_finite_and_short(text):
    with pytest.raises(ValueError):
        exact_json.decimal(text)
    assert exact_json.decimal("-12.50") == Decimal("-12.50")


@pytest.mark.parametrize(
    "text", ['{"cases": [{"area_m2": 1e400}]}', '{"cases": {"area_m2": "\\ud800"}}', '{"area_m2": ["a\\u0000"]}']
)
def test_the_field_at_fault_is_named(text):
    with pytest.raises(BadParameter) as refused:
        exact_json.loads(text)
    assert refused.value.parameter == "area_m2"


@pytest.mark.parametrize("text", ['{"amount_vnd": 5, "amount_vnd": 6}', '[{"a": {"b": 1, "c": 2, "b": 1}}]'])
def test_a_name_that_stands_twice_is_refused(text):
    with pytest.raises(BadParameter, match="is given twice"):
        exact_json.loads(text)
