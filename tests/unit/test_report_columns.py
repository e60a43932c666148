"""Tables in Word: no number is broken, and what is wider than the sheet goes on in another table."""

import random

import pytest
from flask import Flask
from flask_babel import Babel

from gis.report import Line
from webmap.reports.columns import LETTER_MM, fitting, widths_mm
from webmap.reports.content import AREA, COUNT, TEXT, Table, _named
from webmap.reports.files import number_format


def test_numbers_and_words_are_never_broken():
    chance = random.Random(3)
    for _ in range(100):
        columns = [(chance.choice(["Dự án", "Diện tích (m²)", "Hộ"]), n == 0) for n in range(chance.randint(1, 6))]
        rows = [
            [chance.choice(["Đường Bà Triệu", "1.234.567,89", "7", ""]) for _ in columns]
            for _ in range(chance.randint(0, 4))
        ]
        for width, (n, (title, breaks)) in zip(widths_mm(columns, rows, 252), enumerate(columns), strict=True):
            texts = [title, *(row[n] for row in rows if breaks)]
            longest = max((len(word) for text in texts for word in text.split()), default=0)
            numbers = [] if breaks else [len(row[n]) for row in rows]
            assert width >= LETTER_MM * max(longest, *numbers, 0)


def test_the_sheet_is_filled_and_not_overrun_where_there_is_room():
    widths = widths_mm([("Dự án", True), ("Hộ", False)], [["Mở rộng đường Bà Triệu", "1.234"]], 252)
    assert abs(sum(widths) - 252) < 0.01
    assert widths[0] > widths[1]


def test_a_table_wider_than_the_sheet_goes_on_under_the_same_first_columns():
    groups = [("", 2), *((f"Bước {n}", 3) for n in range(8))]
    columns = (("Dự án trọng điểm", TEXT), ("Của ai", TEXT), *((title, kind) for _ in range(8)
               for title, kind in (("Chủ", COUNT), ("m²", AREA), ("đồng", AREA))))  # fmt: skip
    table = Table("t", "Bảng", columns, ((("Hồ Phai Loạn", "tất cả", *range(24))),), "Ghi chú", tuple(groups))
    rows = [["Hồ Phai Loạn", "tất cả", *["154.780.000.000"] * 24]]
    parts = fitting(table, rows, 252)
    assert len(parts) > 1
    assert [title for part in parts for title, _ in part.groups[1:]] == [f"Bước {n}" for n in range(8)]
    assert [value for part in parts for value in part.rows[0][2:]] == list(range(24))
    for part in parts:
        assert part.rows[0][:2] == ("Hồ Phai Loạn", "tất cả")
        assert sum(span for _, span in part.groups) == len(part.columns)
        written = [["Hồ Phai Loạn", "tất cả", *["154.780.000.000"] * (len(part.columns) - 2)]]
        assert sum(widths_mm([(title, kind == TEXT) for title, kind in part.columns], written, 0)) <= 252
    assert [part.note for part in parts] == [None] * (len(parts) - 1) + ["Ghi chú"]


def test_a_table_that_fits_is_left_alone():
    table = Table("t", "Bảng", (("Dự án", TEXT), ("Hộ", COUNT)), (("A", 1),))
    assert fitting(table, [["A", "1"]], 252) == [table]


@pytest.mark.parametrize(
    ("value", "kind", "form"),
    [
        ("34000", "area", "#,##0"),
        ("10718.10", "area", "#,##0.0"),
        ("313065.75", "area", "#,##0.00"),
        (7, "count", "#,##0"),
    ],
)
def test_a_cell_of_a_workbook_has_as_many_decimals_as_its_number(value, kind, form):
    assert number_format(value, {"area": AREA, "count": COUNT}[kind]) == form


def test_a_project_is_named_in_a_footnote_with_what_there_is_of_it():
    none = {"households": 0, "organisations": 0, "communities": 0, "area_m2": None}
    lines = [Line("a", "Đường A", {"scope_change": none}), Line("b", "Kè B", {"scope_change": none | {"area_m2": 7}})]
    app = Flask("footnotes")
    Babel(app)
    with app.app_context():
        assert _named("scope_change", lines) == "Đường A; Kè B (7 m²)."
