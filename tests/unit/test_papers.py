"""The kind of a document stands in its number, and a form does not take another for it."""

import pytest

from gis import papers as numbers
from gis.errors import BadParameter
from webmap.desk import papers


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("210/QD-UBND", "decision"), ("45/CV-UBND", "official_letter"),
        ("210/QĐ-UBND", "decision"), ("15/tb-ubnd", "notice"),
        ("28/BB-KĐ", "minutes"), ("05/UNC", "payment_order"), ("12/BC-TTPTQĐ", "report"), ("82/CT", None),
        ("7", None), ("3/TB-BC", None), ("TBA 220/2024", None),
    ],
)  # fmt: skip
def test_the_number_tells_the_kind_where_it_can(number, kind):
    assert papers.kind_by_number(number) == kind


def test_a_letter_is_not_taken_for_a_decision(app_words):
    form = {"document": "45/CV-UBND", "document_kind": "decision", "issued_on": "01/04/2026"}
    with pytest.raises(BadParameter) as told:
        papers.given(form)
    assert told.value.parameter == "document_kind"
    assert papers.given(form | {"document_kind": "official_letter"}).kind == "official_letter"
    assert papers.given(form | {"document": " "}) is None


@pytest.fixture
def app_words():
    from flask import Flask
    from flask_babel import Babel

    app = Flask(__name__)
    Babel(app)
    with app.app_context(), app.test_request_context():
        yield


@pytest.mark.parametrize("number", [
    "82/CT; 83/CT", "82/CT, 83/CT", "82, 83/CT", "82/CT và 83/CT", "số 82/CT ngày 24/10/2022", "82/CT 24.10.2022",
    "12/QĐ-UBND + 13/QĐ-UBND", "12 và 13/QĐ-UBND",
])  # fmt: skip
def test_several_documents_and_days_are_no_number(number):
    with pytest.raises(BadParameter):
        numbers.clean_number(number)


@pytest.mark.parametrize("number", [
    "82/CT", "0055/2021/CT-MẪU", "12/2023/QĐ-UBND", "82–CT", "không ghi số", "145/BC-BQLDA&PTQĐ", "12/QĐ-UBND-1",
])  # fmt: skip
def test_a_number_stays_as_it_is_written(number):
    assert numbers.clean_number(number) == number
