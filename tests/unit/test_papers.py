"""The kind of a document stands in its number, and a form does not take another for it."""

import pytest

from gis.errors import BadParameter
from webmap.desk import papers


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("45/CV-UBND", "official_letter"), ("210/QĐ-UBND", "decision"), ("15/tb-ubnd", "notice"),
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
