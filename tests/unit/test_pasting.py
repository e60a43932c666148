"""Lists of land users as they are pasted: columns by their headings, rows of one holder together, nothing lost."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis import letters
from gis.errors import UnreadableFile
from gis.exchange import headings, sheets
from gis.registration import Commune
from webmap import entry
from webmap.desk import landlist, pasting

COMMUNES = [
    Commune("x-mai-pha", "xã Mai Pha", False, True),
    Commune("p-dong-kinh-2025", "phường Đông Kinh", True, True),
    Commune("p-dong-kinh", "phường Đông Kinh", False, True),
    Commune("x-chi-lang-a", "xã Chi Lăng", False, False),
    Commune("x-chi-lang-b", "xã Chi Lăng", False, False),
]


def read(text, **given):
    return pasting.read(sheets.of_text(text), COMMUNES, **({"unit": "x-mai-pha"} | given))


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("STT", "index"), ("Họ và tên chủ sử dụng đất", "full_name"), ("Hộ gia đình, cá nhân", "full_name"),
        ("Số CCCD/CMND", "identity_number"), ("Điện thoại", "phone"), ("Địa chỉ thường trú", "address"),
        ("Địa chỉ thửa đất", "place"), ("Tờ bản đồ số", "sheet"), ("Tờ BĐ", "sheet"), ("Thửa đất số", "number"),
        ("Số thửa", "number"), ("Loại đất", "land_use"), ("Mục đích sử dụng", "land_use"),
        ("Diện tích đất thu hồi (m²)", "area_m2"), ("DT thu hồi", "area_m2"),
        ("Diện tích thửa đất (m2)", "legal_area_m2"),
        ("Diện tích (m²)", "area"), ("Xã/phường", "unit"), ("Mã hồ sơ", "code"),
        ("Đối tượng", "kind"), ("Hạng mục", "part"), ("Ghi chú", None), ("", None), ("Land user", "full_name"),
        ("Map sheet", "sheet"), ("Parcel no.", "number"), ("Area m²", "area"), ("Present land type", "land_use"),
    ],
)  # fmt: skip
def test_headings_mean_what_officers_mean_by_them(heading, field):
    fits = landlist.fits(headings.plain(heading), headings.plain(heading))
    assert (fits[0].field if fits else None) == field


def test_the_list_attached_to_a_notice_is_read():
    found = read(
        "DANH SÁCH\t\t\t\t\t\t\t\n"
        "STT\tNgười sử dụng đất\tĐịa chỉ thửa đất\tDiện tích (m²)\tTờ bản đồ\tSố thửa\tLoại đất\tGhi chú\n"
        "1\t2\t3\t4\t5\t6\t7\t8\n"
        '1\t"Nông Văn A\nvợ: Lý Thị B"\tThôn 1\t1.250,5\t5\t85\tODT\t\n'
        "\t\tThôn 1\t320\t5\t86\tCLN\t\n"
        "2\tHoàng C\tThôn 2\t20.000\t5\t87\tLUC\t\n"
        "3\tHoàng D\tThôn 2\t12\t5\t88\tLUC\t\n"
        "4\tHoàng C\tThôn 3\t13\t5\t89\tLUC\t\n"
        "\tTổng\t\t22.000\t\t\t\t\n"
    )
    assert [(case.holder.full_name, len(case.parcels)) for case in found.cases] == [
        ("Nông Văn A; vợ: Lý Thị B", 2), ("Hoàng C", 1), ("Hoàng D", 1), ("Hoàng C", 1)
    ]  # fmt: skip
    assert [(problem.row, problem.field) for problem in found.problems] == [(6, "area_m2")], "20.000 is asked about"
    assert [one.row for one in found.left_out] == [1, 2, 3, 9]
    assert [note.rows for note in found.notes if note.what == "alike"] == [(8, 6)]
    assert [column.heading for column in found.heads[0][1].columns if column.field is None] == ["Ghi chú"]


def test_rows_of_one_identity_number_or_code_are_one_case_wherever_they_stand():
    found = read(
        "Họ tên,CCCD,Mã hồ sơ,Tờ,Thửa,DT thu hồi,Diện tích thửa đất\n"
        "Lê A,020099000001,,1,1,5,10\nVi B,,HS-7,1,2,5,10\nLê A,020099000001,,1,3,5,10\nVi B,,HS-7,1,4,5,10\n"
    )
    assert [[parcel.number for parcel in case.parcels] for case in found.cases] == [["1", "3"], ["2", "4"]]
    assert found.cases[0].parcels[0].legal_area_m2 == 10
    assert found.problems == [] and found.open == []


@pytest.mark.parametrize(
    ("name", "heading", "slug"),
    [
        ("Mai Pha", "Xã", "x-mai-pha"), ("P. x", "Xã", None), ("x-chi-lang-a", "Xã", "x-chi-lang-a"),
        ("Phường Đông Kinh (cũ)", "Xã", "p-dong-kinh"), ("phường Đông Kinh cũ", "Xã", "p-dong-kinh"),
        ("P.Đông Kinh cũ", "Xã", "p-dong-kinh"), ("TP Lạng Sơn - Đông Kinh (cũ)", "Xã", "p-dong-kinh"),
        ("Đông Kinh (trước 01/07/2025)", "Xã", "p-dong-kinh"), ("Đông Kinh", "Xã cũ", "p-dong-kinh"),
        ("Đông Kinh (nay là phường Kỳ Lừa)", "Xã cũ", "p-dong-kinh-2025"), ("Xã cũ: Đông Kinh", "Xã", "p-dong-kinh"),
        ("Đông Kinh", "Phường (sau sắp xếp)", "p-dong-kinh-2025"), ("Đông Kinh mới", "Xã", "p-dong-kinh-2025"),
        ("TP Lạng Sơn - Đông Kinh", "Xã", "p-dong-kinh"), ("Đông Kinh, TPLS", "Xã", "p-dong-kinh"),
        ("TP Lạng Sơn - Mai Pha", "Xã", "x-mai-pha"), ("Mai Pha, TP. Lạng Sơn", "Xã", "x-mai-pha"),
    ],
)  # fmt: skip
def test_a_commune_is_known_by_its_name_and_the_words_beside_it(name, heading, slug):
    found = read(f"Họ tên\t{heading}\tTờ\tThửa\tDT thu hồi\nLê A\t{name}\t1\t1\t1\n")
    assert found.cases[0].parcels[0].unit == (slug or "")
    assert [problem.field for problem in found.problems] == ([] if slug else ["unit"])
    assert not found.open


def test_a_name_of_today_and_of_a_former_commune_is_asked_about_once():
    """A column, the address of the land and the heading of a group mean a commune in the same way."""
    name = "commune~p-dong-kinh-2025+p-dong-kinh"
    by_column = "Họ tên\tXã\tTờ\tThửa\tDT thu hồi\nLê A\tPhường Đông Kinh\t1\t1\t1\nLê B\tĐông Kinh\t1\t2\t1\n"
    by_group = "STT\tHọ tên\tTờ\tThửa\tDT thu hồi\nI\tPhường Đông Kinh\t\t\t\n1\tLê A\t1\t1\t1\n2\tLê B\t1\t2\t1\n"
    by_place = (
        "Họ tên\tĐịa chỉ thửa đất\tTờ\tThửa\tDT thu hồi\nLê A\tkhối 1, phường Đông Kinh\t1\t1\t1\n"
        "Lê B\tkhối 2, phường Đông Kinh, tỉnh Lạng Sơn\t1\t2\t1\n"
    )
    for table in (by_column, by_group, by_place):
        (asked,) = read(table).open
        assert (asked.name, asked.choices) == (name, ("p-dong-kinh-2025", "p-dong-kinh")) and len(asked.rows) == 2
        answered = read(table, answers={name: "p-dong-kinh"})
        assert not answered.open and {case.parcels[0].unit for case in answered.cases} == {"p-dong-kinh"}
    (former,) = read("Họ tên\tXã\tTờ\tThửa\tDT thu hồi\nLê A\tChi Lăng\t1\t1\t1\n").open
    assert former.choices == ("x-chi-lang-a", "x-chi-lang-b")


def test_without_a_column_of_communes_the_end_of_the_lands_address_names_one():
    rows = "A\tthôn 1, xã Mai Pha\t1\t1\t1\nB\tthôn 2\t1\t2\t1"
    found = read(f"Họ tên\tĐịa chỉ thửa đất\tTờ\tThửa\tDT thu hồi\n{rows}", unit="p-dong-kinh")
    assert [case.parcels[0].unit for case in found.cases] == ["x-mai-pha", "p-dong-kinh"]
    below = read("STT\tHọ tên\tTờ\tThửa\tDT thu hồi\n1\tA\t1\t1\t1\nGhi chú: đất công\t\t\t\t")
    assert (len(below.cases), below.problems, [one.row for one in below.left_out]) == (1, [], [1, 3])


def test_what_is_no_list_is_refused_and_missing_columns_are_named():
    for text in ("", "a\tb\n1\t2", "x" * 100, "\n".join(["a,b"] * 7000)):
        with pytest.raises(UnreadableFile):
            read(text)
    assert [one.name for one in read("Họ tên\tTờ\nA\t1").open] == ["column-number", "column-area_m2"]
    unknown = read("Họ tên\tTờ bản đồ\tKý hiệu lô\tDT trong chỉ giới\nA\t1\t2\t30,5")
    assert [(one.name, one.choices) for one in unknown.open] == [
        ("column-number", ("2", "3")), ("column-area_m2", ("2", "3"))
    ]  # fmt: skip
    (case,) = read(
        "Họ tên\tTờ bản đồ\tKý hiệu lô\tDT trong chỉ giới\nA\t1\t2\t30,5",
        answers={"col-2": "number", "col-3": "area_m2"},
    ).cases
    assert (case.parcels[0].number, case.parcels[0].area_m2) == ("2", Decimal("30.5"))


signs = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
cells = st.text(st.one_of(signs, st.sampled_from('\t\n";,')), max_size=6).map(
    lambda text: text.strip().replace("\r", "")
)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=5))
def test_what_is_written_for_the_page_is_read_back_cell_by_cell(rows):
    rows = [["Họ tên", "Tờ", "Thửa"], *rows]
    while not any(rows[-1]):
        rows.pop()
    (read_back,) = sheets.of_text(sheets.as_text(rows)).sheets
    shown, _, _ = letters.of_table([[cell.strip() for cell in row] for row in rows if any(row)])
    assert read_back.rows == shown


@given(st.decimals(min_value=Decimal("0.01"), max_value=10**9, places=2, allow_nan=False, allow_infinity=False))
def test_a_number_in_a_cell_is_never_asked_about_and_never_another_number(value):
    assert entry.area_m2("area_m2", sheets.written(float(value))) == value
    assert entry.area_m2("area_m2", sheets.written(value)) == value
