"""The kind of a document stands in its number, and a form does not take another for it."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import new_figures
from gis import papers as numbers
from gis.errors import BadParameter
from gis.new_figures import NewFigure
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


@pytest.mark.parametrize("other", ["15/bc-ubnd", " 015 / BC–UBND", "Số 15/BC.UBND"])
def test_figures_of_a_report_spelled_otherwise_are_of_one_report(other):
    figures = [
        NewFigure("tinh", report, "plan_land", "now", date(2024, 3, 31), {"area_m2": area}, "3")
        for report, area in (("15/BC-UBND", 10), (other, 10), (other, 11), ("16/BC-UBND", 10))
    ]
    assert new_figures.repeated(figures) == {1: 0}
    assert new_figures.rivals(figures) == {2: 0}


@settings(deadline=None)
@given(st.lists(st.sampled_from(["12", "0220", "2024", "QĐ", "UBND", "mẫu", "ct"]), min_size=1, max_size=5), st.data())
def test_a_number_is_the_same_however_its_parts_are_set_apart_and_capitalised(parts, data):
    def written():
        marks = st.sampled_from(["/", "-", " / ", "–", " ", "."])
        forms = [
            st.sampled_from([part, part.upper(), part.lower(), *(["0" + part] * part.isdigit())]) for part in parts
        ]
        return "".join(data.draw(form) + data.draw(marks) for form in forms)

    assert numbers.same(written(), None, written(), None)
