"""Tables of vertices as they stand in decisions: which zone or datum, where a ring ends, what contradicts what."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from pyproj import CRS, Transformer

from gis import crs, outlines
from gis.errors import BadParameter, InvalidGeometry
from gis.exchange import coordinates, vertex_files, vertices

SHARED = Path(__file__).parents[3] / "shared" / "data"
FIVE = [(106.7361, 21.8561), (106.7388, 21.8566), (106.7393, 21.8540), (106.7379, 21.8526), (106.7358, 21.8533)]
"""An outline in WGS 84, of 118 904 m² on the plane of the zone."""
UTM = """Số hiệu\tX (m)\tY (m)
1\t2418019,14\t679205,23
2\t2418077,65\t679483,67
3\t2417790,36\t679538,60
4\t2417633,72\t679395,65
5\t2417708,77\t679177,72"""
SIX = """Số hiệu\tX (m)\tY (m)\tChiều dài cạnh (m)
1\t2417100,10\t446900,20\t400,00
2\t2417100,10\t447300,20\t100,00
3\t2417000,10\t447300,20\t300,00
4\t2417000,10\t447000,20\t300,00
5\t2416700,10\t447000,20\t100,00
6\t2416700,10\t446900,20\t400,00
Diện tích: 70.000 m2"""


def read(text, srid=crs.LANG_SON_ZONE):
    return outlines.outline_of_table(vertices.read(text), srid)


def area(reading):
    return outlines.area_m2(reading.outline, crs.LANG_SON_ZONE)


def in_wgs84(reading):
    return shapely.geometry.shape(json.loads(json.dumps(outlines.as_geojson(reading.outline))))


def test_numbers_of_utm_48n_are_read_in_a_zone_of_6_degrees():
    found = read(UTM, 3405)
    assert in_wgs84(found).hausdorff_distance(shapely.Polygon(FIVE)) * 111_000 < 0.01
    assert area(found) == pytest.approx(118_904.1, rel=1e-3)


# Degrees.


def sexagesimal(value, layout="{d}°{m:02d}'{s:06.3f}\""):
    whole = round(value * 3_600_000)
    return layout.format(d=whole // 3_600_000, m=whole // 60_000 % 60, s=whole % 60_000 / 1000)


def table_of(write_lat, write_lon, between="\t", numbered=True, swapped=False):
    rows = []
    for n, (lon, lat) in enumerate(FIVE, start=1):
        pair = [write_lat(lat), write_lon(lon)]
        rows.append(between.join(([str(n)] if numbered else []) + (pair[::-1] if swapped else pair)))
    return "\n".join(rows)


def both(write, **more):
    return table_of(write, write, **more)


SPELLINGS = {
    "decimals": both(lambda v: f"{v:.7f}"),
    "comma decimals": both(lambda v: f"{v:.7f}".replace(".", ",")),
    "longitude first": both(lambda v: f"{v:.7f}", swapped=True),
    "pasted from a map": both(lambda v: f"{v:.7f}", between=", ", numbered=False),
    "with the degree sign": both(lambda v: f"{v:.7f}°"),
    "with letters": table_of(lambda v: f"{v:.7f}N", lambda v: f"{v:.7f}E"),
    "headed": "Điểm\tVĩ độ\tKinh độ\n" + both(lambda v: f"{v:.7f}"),
    "headed B, L": "TT\tB\tL\n" + both(sexagesimal),
    "three decimals only": "1\t21.856\t106.736\n2\t21.857\t106.739\n3\t21.854\t106.739",
    "minutes and seconds": both(sexagesimal),
    "typographic marks": both(lambda v: sexagesimal(v, "{d}°{m:02d}′{s:06.3f}″")),
    "curly quotes, commas": both(lambda v: sexagesimal(v, "{d}° {m:02d}’ {s:06.3f}”").replace(".", ",")),
    "two single quotes": both(lambda v: sexagesimal(v, "{d}º{m}'{s}''")),
    "Vietnamese letters behind": table_of(lambda v: sexagesimal(v) + "B", lambda v: sexagesimal(v) + "Đ", between=" "),
    "words": both(lambda v: sexagesimal(v, "{d} độ {m} phút {s:.3f} giây").replace(".", ",")),
    "d m s": both(lambda v: sexagesimal(v, "{d}d{m}m{s:.3f}s"), between=" "),
    "blanks in a cell": both(lambda v: sexagesimal(v, "{d} {m:02d} {s:06.3f}").replace(".", ",")),
    "blanks everywhere": both(lambda v: sexagesimal(v, "{d} {m:02d} {s:06.3f}"), between=" "),
    "a column each": both(lambda v: sexagesimal(v, "{d}\t{m}\t{s:.3f}").replace(".", ",")),
    "colons": both(lambda v: sexagesimal(v, "{d}:{m:02d}:{s:06.3f}")),
    "minutes with decimals": both(lambda v: f"{int(v)}°{(v - int(v)) * 60:.5f}'"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_degrees_are_read_in_every_spelling(spelling):
    table = vertices.read(SPELLINGS[spelling])
    assert table.kind == "degrees"
    if "three" in spelling:
        assert any("111 m" in str(each) for each in table.doubts), "how rough they are is asked"
        return
    found = in_wgs84(read(SPELLINGS[spelling], crs.WGS84))
    assert found.hausdorff_distance(shapely.Polygon(FIVE)) * 111_000 < 0.05


def test_degrees_of_the_two_datums_lie_224_metres_apart():
    text = SPELLINGS["decimals"]
    one, other = read(text, crs.WGS84).outline, read(text, crs.VN2000).outline
    assert 200 < shapely.distance(one.centroid, other.centroid) * 105_000 < 240


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1\t21°61'22\"\t106°44'10\"\n2\t21°51'\t106°44'", "Row 1: minutes and seconds are below 60"),
        ("1\t21,8561\t106,7361\n2\t2417500\t449300\n3\t21,85\t106,74", "Metres and degrees .* rows 2"),
        ("1\t21°51'22\"\t21°51'23\"\n2\t21°51'22\"\t106°44'10\"", "Row 1: .* latitude .* longitude"),
    ],
)
def test_degrees_that_cannot_be_are_refused_with_their_row(text, says):
    with pytest.raises(BadParameter, match=says):
        vertices.read(text)


def test_metres_are_not_degrees_nor_degrees_metres():
    with pytest.raises(BadParameter, match="are degrees"):
        read(SPELLINGS["decimals"], crs.LANG_SON_ZONE)
    with pytest.raises(BadParameter, match="are metres"):
        read(UTM, crs.WGS84)


# Rings.

HEAD, FIRST, LAST = SIX.splitlines()[0], "\n".join(SIX.splitlines()[1:4]), "\n".join(SIX.splitlines()[4:7])


@pytest.mark.parametrize(
    "between",
    [HEAD, "", "Trang 2/5", "- 2 -", f"\n\n{HEAD}\n(1)\t(2)\t(3)\t(4)", "1\t2\t3\t4", "(tiếp theo)", f"\f\n{HEAD}"],
    ids=["heading", "empty", "page", "dashes", "all", "columns counted", "continued", "form feed"],
)
def test_a_ring_goes_on_over_a_page_break_where_its_numbers_do(between):
    found = read(f"{HEAD}\n{FIRST}\n{between}\n{LAST}")
    assert (len(found.outline.geoms), round(area(found))) == (1, 70_000)
    assert found.doubts == ()
    rows = len(f"{HEAD}\n{FIRST}\n{between}\n{LAST}".splitlines())
    blank = sum(not line.strip() for line in f"{HEAD}\n{FIRST}\n{between}\n{LAST}".splitlines())
    assert 6 + len(found.passed) + blank == rows, "present = taken + passed over"


RING = "1\t2417000\t449000\n2\t2417100\t449000\n3\t2417100\t449100"
THERE = "{}\t2418000\t449000\n{}\t2418100\t449000\n{}\t2418100\t449100"


@pytest.mark.parametrize(
    "text",
    [
        f"{RING}\n{THERE.format(1, 2, 3)}",
        f"{RING}\n\n{THERE.format(1, 2, 3)}",
        f"{RING}\n1\t2417000\t449000\n{THERE.format(4, 5, 6)}",
        f"Khu A\n{RING}\nKhu B\n{THERE.format(1, 2, 3)}",
        "Khu\tTT\tX\tY\nA\t" + RING.replace("\n", "\n\t") + "\nB\t" + THERE.format(4, 5, 6).replace("\n", "\n\t"),
        f"{RING}\n{HEAD}\n{THERE.format('M1', 'M2', 'M3')}",
    ],
    ids=["from 1", "from 1 after a gap", "closed", "named lines", "merged column", "named points"],
)
def test_a_new_ring_begins_where_the_table_says_so(text):
    found = read(text)
    assert (len(found.outline.geoms), round(area(found))) == (2, 10_000)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{RING}\nKhu B\n{THERE.format(4, 5, 6)}", "Row 4, “Khu B”, seems to begin a new ring, .* from 3 to 4"),
        (f"{RING}\nX\tY\n{THERE.format(2, 3, 4)}", "Row 5: after 3 comes 2"),
        (f"{RING}\n1\t2417000\t449001", "Row 4 bears the name 1 of row 1"),
        ("X\tY\n" + "\n".join(r[2:] for r in RING.splitlines()) + "\nX\tY\n2418000\t449000\n2418100\t449000",
         "Row 5, “X\tY”, stands between vertices that bear no numbers"),
        ("1\t2417000\t449000\t2417100\t449000\n2\t2417100\t449100\t2417000\t449100", "Row 1 holds 2 vertices"),
    ],
    ids=["words against numbers", "backwards", "closes elsewhere", "no numbers", "side by side"],
)  # fmt: skip
def test_numbers_and_rows_that_contradict_each_other_are_refused(text, says):
    with pytest.raises(BadParameter, match=says):
        vertices.read(text)


def test_a_number_left_out_and_a_vertex_twice_are_named():
    missing = read(f"{RING}\n5\t2417000\t449100")
    assert ["4 is missing" in str(each) for each in missing.doubts] == [True]
    twice = read(f"{RING}\n3\t2417100\t449100\n4\t2417000\t449100")
    assert any("Row 4 repeats the vertex of row 3" in str(each) for each in twice.notes) and not twice.doubts
    mixed = read("1\t2417000\t449000\n2\t2417100\t449000\n4\t2417100\t449100\n3\t2417000\t449100")
    assert len(mixed.doubts) == 2, "3 is missing, and comes after 4"


def test_two_columns_of_vertices_side_by_side_follow_their_numbers():
    left, right = FIRST.splitlines(), LAST.splitlines()
    cut = [line.rsplit("\t", 1)[0] for line in (*left, *right)]
    text = "\n".join(f"{a}\t\t{b}" for a, b in zip(cut[:3], cut[3:], strict=True))
    assert area(read(text)) == pytest.approx(70_000, abs=0.1)
    across = "\n".join(f"{a}\t\t{b}" for a, b in zip(cut[::2], cut[1::2], strict=True))
    assert area(read(across)) == pytest.approx(70_000, abs=0.1)


# What the table states of itself.


def test_lengths_and_areas_that_agree_raise_no_doubt():
    assert read(SIX).doubts == ()
    lines = SIX.splitlines()
    lengths = ["", "400,00", "100,00", "300,00", "300,00", "100,00"]
    to = "\n".join([lines[0], *(f"{line.rsplit(chr(9), 1)[0]}\t{n}" for line, n in zip(SIX.splitlines()[1:7], lengths,
                                                                                          strict=True))])  # fmt: skip
    closed = f"{to}\n1\t2417100,10\t446900,20\t400,00"
    for text in (to, closed):
        assert read(text).doubts == (), "a length may be of the edge that ends at the vertex"


def test_a_typo_shows_against_the_stated_lengths_and_area():
    found = [str(each) for each in read(SIX.replace("447300,20\t100", "447800,20\t100")).doubts]
    assert len(found) == 3
    assert "Edge 1–2 (rows 2 and 3) measures 900.00 m; row 2 states 400.00 m" in found[0]
    assert "Edge 2–3 (rows 3 and 4) measures 509.90 m; row 3 states 100.00 m" in found[1]
    assert "Row 8 states an area of 70.000 m2; the outline measures 95000.00 m²" in found[2]


@pytest.mark.parametrize(
    ("stated", "agrees"),
    [("Diện tích: 7,0 ha", True), ("S = 7 ha", True), ("Tổng diện tích 0,07 km2", True), ("DT: 70000m2", True),
     ("Diện tích: 7,7 ha", False), ("Tổng diện tích: 700 m²", False), ("diện tích 70.500,0 m2", False)],
)  # fmt: skip
def test_a_stated_area_is_compared_in_its_unit(stated, agrees):
    body = "\n".join(SIX.splitlines()[:-1])
    for text in (f"{body}\n{stated}", f"{stated}\n{body}"):
        assert bool(read(text).doubts) != agrees


def test_degrees_beside_the_metres_are_compared():
    rows = SIX.splitlines()[1:7]
    corners = []
    for line in rows:
        _, north, east, _ = line.split("\t")
        x, y = crs.into_vn2000(crs.LANG_SON_ZONE)(float(east.replace(",", ".")), float(north.replace(",", ".")))
        corners.append(crs.to_wgs84().transform(x, y))
    text = "\n".join(
        f"{line.rsplit(chr(9), 1)[0]}\t{y:.6f}\t{x:.6f}" for line, (x, y) in zip(rows, corners, strict=True)
    )
    good = read(text)
    assert good.doubts == () and any("WGS 84" in str(note) for note in good.notes)
    wrong = read(text.replace("447300,20", "447380,20", 1))
    assert ["Row 2: the degrees beside lie" in str(each) for each in wrong.doubts] == [True]


# The system that the table itself names.


@pytest.mark.parametrize(
    ("words", "systems"),
    [
        ("Hệ tọa độ VN-2000, kinh tuyến trục 107°15', múi chiếu 3°", (9215,)),
        ("VN2000, KTT 107 độ 15 phút, múi 3 độ", (9215,)),
        ("Hệ VN-2000 múi chiếu UTM, múi 6°, kinh tuyến trục 105°", (3405,)),
        ("kinh tuyến trục 105°00′", (3405, 5897)),
        ("Hệ tọa độ VN-2000", ()),
        ("", ()),
    ],
)
def test_the_words_above_a_table_name_its_zone(words, systems):
    assert vertices.read(f"{words}\n{RING}").systems == systems


@pytest.mark.parametrize(
    ("words", "systems"),
    [("Hệ tọa độ WGS-84", (4326,)), ("Tọa độ GPS", (4326,)), ("Hệ tọa độ VN-2000", (4756,)),
     ("VN-2000 và WGS 84", ()), ("", ())],
)  # fmt: skip
def test_or_its_datum(words, systems):
    assert vertices.read(f"{words}\n{SPELLINGS['decimals']}").systems == systems


def test_the_number_of_the_zone_before_y_is_told():
    for written in ("48679205,23", "48 679205,23", "48.679.205,23"):
        text = "\n".join(
            line.replace("\t679205,23", f"\t{written}").replace("\t679", "\t48679") for line in UTM.splitlines()
        )
        table = vertices.read(text)
        assert table.systems == (3405,) and any("48" in str(note) for note in table.notes)
        assert area(outlines.outline_of_table(table, 3405)) == pytest.approx(118_904.1, rel=1e-3)
    with pytest.raises(BadParameter, match=r"look at rows 3, 4, 5, 6"):
        vertices.read(UTM.replace("679205,23", "48679205,23"))


# Whatever is written is read back, by a second way of reckoning.


def projected(srid):
    """The system by its parameters alone, as EPSG and not this project defines it."""
    zone = crs.ZONES[srid]
    text = (
        f"+proj=tmerc +lat_0=0 +lon_0={zone.central_meridian} +k={0.9996 if srid in (3405, 3406) else 0.9999} "
        "+x_0=500000 +y_0=0 +ellps=WGS84 +units=m"
    )
    return Transformer.from_crs(CRS.from_proj4("+proj=longlat +ellps=WGS84"), CRS.from_proj4(text), always_xy=True)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(crs.ZONES)), st.floats(9, 23), st.floats(0.1, 1.2), st.integers(3, 15),
    st.integers(0, 10**6), st.sampled_from(["{:.3f}", "vn", "blank", "prose"]), st.booleans(),
)  # fmt: skip
def test_random_rings_of_every_zone_come_back_within_a_millimetre(srid, lat, off, corners, seed, spelling, closed):
    random = np.random.default_rng(seed)
    turns = np.sort(random.uniform(0, 2 * np.pi, corners))
    if np.max(np.diff([*turns, turns[0] + 2 * np.pi])) > 3 or np.min(np.diff(turns)) < 0.05:
        return
    way = projected(srid)
    east, north = way.transform(crs.ZONES[srid].central_meridian + off, lat)
    away = random.uniform(50, 800, corners)
    points = np.round(np.column_stack([east + away * np.cos(turns), north + away * np.sin(turns)]), 3)

    def number(value):
        grouped = f"{value:,.3f}"
        if spelling == "vn":
            return grouped.translate(str.maketrans(",.", ".,"))
        return grouped.replace(",", " ") if spelling == "blank" else f"{value:.3f}"

    rows = [*points, points[0]] if closed else list(points)
    lay = "Điểm {n}: X={x}; Y={y}" if spelling == "prose" else "{n}\t{x}\t{y}"
    text = "\n".join(lay.format(n=n % corners + 1, x=number(y), y=number(x)) for n, (x, y) in enumerate(rows))
    found = read(text, srid)
    assert found.doubts == ()
    degrees = shapely.Polygon(np.column_stack(way.transform(points[:, 0], points[:, 1], direction="INVERSE")))
    assert found.outline.hausdorff_distance(degrees) < 1e-8, "1 mm"
    again = read(outlines.vertex_table(found.outline, srid), srid)
    assert again.outline.hausdorff_distance(found.outline) < 1e-8


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet="0123456789.,;:\t \n°'\"NEBĐXY=-()mdhakv|", max_size=120))
def test_whatever_is_typed_is_read_or_refused_in_words(text):
    from gis.errors import GisError

    try:
        read(text)
    except GisError as error:
        assert error.parameter


@pytest.mark.skipif(not (SHARED / "excel").is_dir(), reason="../shared/data/excel is not here")
@pytest.mark.parametrize(
    ("name", "wanted"), [("bang_ke_toa_do_01", 123_670.77), ("bang_ke_toa_do_02_so_dang_chu", 492_730.92)]
)
def test_whole_sheets_of_offices_are_read(name, wanted):
    sheet = load_workbook(SHARED / "excel" / f"{name}.xlsx").worksheets[0]
    text = "\n".join(
        "\t".join("" if cell is None else str(cell) for cell in row) for row in sheet.iter_rows(values_only=True)
    )
    found = read(text)
    assert area(found) == pytest.approx(wanted, abs=0.05) and found.doubts == ()
    assert vertices.read(text).systems == (9215,)


def test_a_ring_needs_three_vertices():
    with pytest.raises(InvalidGeometry, match="begins in row 1 has 2 vertices"):
        read("1\t21,8561\t106,7361\n2\t21,8566\t106,7388", crs.WGS84)


# What the words of a table say is obeyed, compared or told.

FOUR = [(2418290.556, 446473.507), (2418367.054, 446773.496), (2418123.054, 446896.708), (2417991.020, 446648.208)]
"""90 062 m², with edges of 309.59, 273.34, 281.40 and 346.76 m."""


def four(before="", after="", beside=None, columns="{n}\t{x:.3f}\t{y:.3f}"):
    rows = [
        columns.format(n=n, x=x, y=y) + (f"\t{beside[n]}" if beside and n in beside else "")
        for n, (x, y) in enumerate(FOUR, 1)
    ]
    return "\n".join(filter(None, [before, *rows, after]))


def said(errors):
    return " | ".join(str(each) for each in errors)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (four("Hệ tọa độ HN-72, kinh tuyến trục 107°15'"), "another system"),
        (four("Hệ tọa độ WGS 84, múi 3 độ"), "another system"),
        (four("Kinh tuyến trục 108°05'"), "no zone of VN-2000"),
        (four("Kinh tuyến trục 107°15', múi 6 độ"), "no zone of VN-2000"),
        (four("Bản vẽ khu đất 5,0 ha tại xã Mai Pha"), "states an area of 5,0 ha"),
        (four(after="Diện tích (m²): 70.000"), "states an area of 70.000 m²"),
        (four(after="Tổng diện tích: 7,0 héc-ta"), "states an area of 7,0 héc-ta"),
        (four(after="Tổng diện tích khu đất:\t70.000"), "states an area of 70.000"),
        (four("STT\tX\tY\tDiện tích (ha)", beside={1: "7,0"}), "states an area of 7,0 ha"),
        (four(after="Cạnh\tChiều dài\n2-3\t273,3\n3-4\t181,4\n4-1\t346,8"), "Edge 3–4"),
        (four(after="Cạnh 2-3 dài 273,3m\nCạnh 3-4 dài 181,4m\nCạnh 4 - 1: 346,8 m."), "Edge 3–4"),
        (four(after="Tổng cộng: 6 mốc"), "states 6 vertices; 4 were read"),
        (four("Mốc\tX\tY\tGhi chú", beside={3: "đã hủy"}), "“đã hủy”"),
    ],
)
def test_what_a_table_says_against_its_numbers_is_a_doubt(text, words):
    doubts = read(text).doubts
    assert len(doubts) == 1
    assert words in said(doubts)


@pytest.mark.parametrize(
    "text",
    [
        four("Hệ tọa độ VN-2000 (ellipsoid WGS-84), KTT 107,25°, múi 3 độ"),
        four("Kinh tuyến trục 107.15, múi chiếu 3°"),
        four(after="Diện tích (ha): 9,006"),
        four(after="Diện tích 90.062"),
        four(after="Khu đất gồm 4 điểm góc"),
        four("STT\tX\tY\tDiện tích (m2)", beside={1: "90.062,0"}),
        four(after="Cạnh\tChiều dài\n4-1\t346,8\n1-2\t309,6"),
        four(after="Cạnh 4-1 dài 346,8m\nĐoạn từ M1-M2 dài 309,6 m"),
        four("Mốc\tX\tY\tLoại mốc", beside={1: "cọc gỗ", 3: "bờ ao"}),
    ],
)
def test_what_a_table_says_with_its_numbers_is_none(text):
    assert read(text).doubts == ()


def test_vertices_joined_in_another_order_than_their_rows_are_asked_about():
    order = dict(enumerate((1, 2, 4, 5, 3), 1))
    rows = [
        f"M{n}\t{order[n]}\t{x}\t{y}"
        for n, (x, y) in enumerate(
            ((2415650, 450040), (2415740, 450040), (2415740, 450110), (2415650, 450110), (2415640, 450080)), 1
        )
    ]
    found = read("\n".join(["Tên mốc\tThứ tự nối\tX (m)\tY (m)", *rows]))
    assert "may be out of order" in said(found.doubts)


def test_a_digit_wrong_that_throws_a_vertex_far_out_is_a_doubt():
    (doubt,) = read(four().replace("2418367", "2428367")).doubts
    assert "Row 2: vertex 2 lies" in str(doubt)
    road = "\n".join(
        f"{n}\t{2417000 + 10 * (n > 20)}\t{440000 + 500 * (n if n < 21 else 41 - n)}" for n in range(1, 41)
    )
    assert read(road).doubts == ()


def test_words_beside_vertices_are_told():
    assert "1 “cọc gỗ”; 3 “bờ ao”" in said(read(four(beside={1: "cọc gỗ", 3: "bờ ao"})).notes)


def test_a_decimal_meridian_is_the_zone_that_has_it():
    assert vertices.read(four("Kinh tuyến trục 108,5°")).systems == (9218,)


@pytest.mark.parametrize("row", ["{x:.6f} S\t{y:.6f} E", "1\t{x:.6f}N\t{y:.6f} W", "21°51'40\" T\t106°43'55\" Đ"])
def test_south_and_west_are_no_letters_of_vietnam(row):
    with pytest.raises(BadParameter, match="letter"):
        vertices.read(row.format(x=21.8613, y=106.7321))


@pytest.mark.parametrize(
    "row", ["1\tB21°51'40.5\"\tD106°43'55.2\"", "N21.86125 E106.73200", "B 21.86125 Đ 106.732", "21.86125,106.73200"]
)
def test_letters_stand_before_or_after_degrees(row):
    (pair,) = coordinates.row(1, row, False).pairs
    assert (pair.north, pair.east) == pytest.approx((21.86125, 106.732))


def test_headings_of_degrees_that_stand_the_wrong_way_round_are_told():
    rows = "\n".join(f"{n}\t{lon}\t{lat}" for n, (lon, lat) in enumerate(FIVE, 1))
    wrong, right = (vertices.read(f"STT\t{heads}\n{rows}") for heads in ("Vĩ độ\tKinh độ", "Kinh độ (L)\tVĩ độ (B)"))
    assert "wrong way round: row 2" in said(wrong.notes)
    assert "wrong way" not in said(right.notes)


@pytest.mark.parametrize(
    "text",
    [
        four("Điểm\tĐông (Y)\tBắc (X)", columns="{n}\t{y:.3f}\t{x:.3f}"),
        four("Điểm\tX (Đông)\tY (Bắc)", columns="{n}\t{y:.3f}\t{x:.3f}"),
        four(columns='"{n}","{x:.3f}","{y:.3f}"').replace(".", ","),
        four().translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789."}),
    ],
)
def test_tables_of_other_making_are_read(text):
    assert area(read(text)) == pytest.approx(90_062, abs=1)


def test_whole_numbers_between_commas_are_read_and_decimals_between_commas_are_not():
    assert vertices.read(four(columns="{n},{x:.0f},{y:.0f}")).count == 4
    with pytest.raises(BadParameter):
        vertices.read("2418290,56,446473,51\n2418367,05,446773,50\n2418123,05,446896,71")


# Tables that come as workbooks.


def workbook(change=lambda book: None, heads=("STT", "X", "Y")):
    book = Workbook()
    book.active.append(heads)
    for n, (x, y) in enumerate(FOUR, 1):
        book.active.append((n, x, y))
    change(book)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def test_a_workbook_is_read_by_its_cells_and_its_other_sheets_are_named():
    def more(book):
        book.create_sheet("Thuyết minh").append(["Ranh giới"])
        hidden = book.create_sheet("cũ")
        hidden.append([1, 2418290, 446473])
        hidden.sheet_state = "hidden"

    table = vertex_files.read(workbook(more), "ranh.xlsx")
    assert table.count == 4
    assert [each.values["sheets"] for each in table.notes] == ["Thuyết minh", "cũ"]
    assert table.rings[0][0].row == 2


def hide(book):
    book.active.row_dimensions[3].hidden = True


def strike(book):
    for cell in book.active[3]:
        cell.font = Font(strike=True)


def count_anew(book):
    book.active["B3"] = "=B2+76"


def go_far(book):
    book.active["B30000"] = 1


def repeat(book):
    book.copy_worksheet(book.active)


@pytest.mark.parametrize(
    ("change", "words"),
    [(hide, "Row 3 .*hidden"), (strike, "Row 3 .*struck"), (count_anew, "column B: the formula"), (go_far, "row 30000"),
     (repeat, "Several sheets")],
)  # fmt: skip
def test_what_nobody_can_know_of_a_workbook_is_asked_to_be_put_right(change, words):
    with pytest.raises(BadParameter, match=words):
        vertex_files.read(workbook(change), "ranh.xlsx")


# Rows that hold coordinates and are no vertices; rings and their holes; what no land looks like.


@pytest.mark.parametrize(
    "remark",
    [
        "Điểm khống chế KC-01: X=2418200.12; Y=446600.33",
        "Mốc địa chính\t2418200.12\t446600.33",
        "Ngày 12.5.2024 lập bảng 2418200 446600",
        "Tâm khu đất: X=2418200.00; Y=446600.00",
        "Người lập: Nguyễn Văn Thật, ĐT 0912345678 - 0205381234",
    ],
)
@pytest.mark.parametrize("above", [True, False])
def test_a_remark_that_holds_coordinates_is_no_vertex_and_is_named(remark, above):
    table = vertices.read(four("Điểm\tX\tY") + "\n" + remark if not above else remark + "\n" + four("Điểm\tX\tY"))
    assert [vertex.label for ring in table.rings for vertex in ring] == ["1", "2", "3", "4"]
    assert remark in [each.text for each in table.passed]
    assert table.count + len(table.passed) == 6, "present = taken + left out"
    assert table.doubts == []


@pytest.mark.parametrize(
    ("row", "taken", "words"),
    [
        ("KC-01\t2418200.12\t446600.33", 4, "was left out: is it no vertex"),
        ("Gốc: X=2418200.00 Y=446600.00", 4, "was left out: is it no vertex"),
        ("Điểm khép 1\t2418290.556\t446473.807", 4, "was left out: is it no vertex"),
        ("Mốc sắt bờ suối 5\t2418000.12\t446500.33", 5, "was taken as a vertex: is it one?"),
        ("Điểm khống chế 5\t2418000.12\t446500.33", 4, "was left out: is it no vertex"),
        ("\t2418000.12\t446500.33", 5, "bears no number"),
    ],
)
def test_a_row_that_may_be_a_vertex_is_asked_about(row, taken, words):
    table = vertices.read(four(after=row))
    assert table.count == taken and len(table.doubts) == 1 and words in str(table.doubts[0])


def test_the_text_of_a_file_is_told_from_a_table_and_old_quotes_are_minutes_and_seconds():
    for text in ("POLYGON((449250.33 2415900.12, 449450.33 2415950.12))", '{"coordinates": [[[106.7, 21.8]]]}'):
        with pytest.raises(BadParameter, match="is the text of a file"):
            vertices.read(text)
    for marks in ("´", "‛", "ʹ"):
        row = coordinates.row(1, f'21°50{marks}24,50{marks * 2 if marks != "ʹ" else "ʺ"} 106°30{marks}36,25"', False)
        assert row.pairs[0].north == pytest.approx(21 + 50 / 60 + 24.5 / 3600)


@pytest.mark.parametrize("words", ["Điểm khống chế KC-01\t2418600.00\t446950.20", "(theo biên bản ngày 12/5/2024)"])
def test_words_between_vertices_without_numbers_part_no_ring_unsaid(words):
    rows = [f"{x}\t{y}" for x, y in [*FOUR, (2417950, 446500), (2418100, 446400)]]
    with pytest.raises(BadParameter, match="it is not known whether the ring goes on"):
        vertices.read("\n".join([*rows[:3], words, *rows[3:]]))


def test_ends_of_edges_and_units_at_the_marks_are_read():
    ends = four("Từ\tĐến\tX\tY", columns="{n}\t1\t{x:.3f}\t{y:.3f}")
    assert [vertex.label for vertex in vertices.read(ends).rings[0]] == ["1", "2", "3", "4"]
    assert vertices.read(four(columns="Mốc số {n}: tọa độ X(m)={x:.3f}; Y(m)={y:.3f}")).count == 4
    with pytest.raises(BadParameter, match=r"column 2: “2418290.556N” is no number: letters \(N\)"):
        vertices.read(four(columns="{n}\t{x:.3f}N\t{y:.3f}E"))


def test_a_sheet_with_a_remark_alone_is_no_second_table():
    book = Workbook()
    book.active.append(["Điểm khống chế KC-01: X=2418200.12; Y=446600.33"])
    sheet = book.create_sheet("Ranh")
    for row in four("Điểm\tX\tY").splitlines():
        sheet.append(row.split("\t"))
    file = io.BytesIO()
    book.save(file)
    table = vertex_files.read(file.getvalue(), "ranh.xlsx")
    assert table.count == 4 and "too few for a ring, were left out: Sheet" in said(table.notes)


def test_points_to_measure_from_are_no_ring():
    control = "Điểm khống chế\n" + "\n".join(f"KC-0{n}\t242600{n}.00\t44{n}000.00" for n in (4, 5, 6))
    table = vertices.read(f"{four()}\n{control}")
    assert table.count == 4 and "points to measure from" in said(table.notes) and len(table.passed) == 4


INNER = [(2418250, 446600), (2418250, 446650), (2418200, 446650)]
"""1 250 m² inside `FOUR`."""


def inner(first=1, north=0):
    return "\n".join(f"{n}\t{x + north}\t{y}" for n, (x, y) in enumerate(INNER, first))


@pytest.mark.parametrize("words", ["Ranh trong", "Vòng trong", "Lô đất trừ", "Phần không thu hồi", "Hole"])
@pytest.mark.parametrize("first", [1, 5])
def test_a_ring_said_to_be_a_hole_is_one(words, first):
    found = read(f"{four('Ranh ngoài')}\n{words}\n{inner(first)}")
    assert area(found) == pytest.approx(area(read(four())) - 1250, abs=0.5)
    assert "is a hole of" in said(found.notes) and not found.unsaid_holes


def test_a_ring_inside_another_without_a_word_is_told_and_one_said_to_be_a_hole_lies_inside():
    found = read(f"{four()}\nVòng 2\n{inner()}")
    assert len(found.unsaid_holes) == 1
    with pytest.raises(InvalidGeometry, match="lies inside no other ring"):
        read(f"{four()}\nRanh trong\n{inner(north=5000)}")


def test_a_table_that_stands_twice_and_a_ring_closed_twice():
    with pytest.raises(BadParameter, match="the table stands twice"):
        vertices.read(four("Điểm\tX\tY") + "\n" + four("Điểm\tX\tY"))
    first = "1\t2418290.556\t446473.507"
    table = vertices.read(four(after=f"{first}\n{first}"))
    assert table.count == 4 and "repeats the vertex of row 1" in said(table.notes)


ROUND = "\n".join(
    f"{n}\t{2418000 + x}\t{446000 + y}"
    for n, x, y in [(1, -20, 60), (2, -90, 0), (3, -20, -90), (4, 60, -60), (5, 90, 10), (6, 20, 60)]
)
EAST = [(7, 20, -60), (8, 90, -10), (9, 60, 60), (10, -20, 90), (11, -90, 0), (12, -20, -60)]
"""The numbers go on from a ring to another, a kilometre away."""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (four(after="Chu vi: 1.311,09 m"), "all edges together are"),
        (four("Điểm\tCạnh\tX\tY", columns="{n}\t309.59\t{x:.3f}\t{y:.3f}"), "Edge 2–3"),
        (four(after="5\t2418050\t446200\n6\t2417993\t446648"), "a spike of"),
        (ROUND + "\n" + "\n".join(f"{n}\t{2418000 + x}\t{447000 + y}" for n, x, y in EAST), "are these two rings?"),
    ],
)
def test_a_sum_of_edges_a_spike_and_two_rings_in_one_are_doubted(text, words):
    assert words in said(read(text).doubts)


def test_a_sum_of_edges_that_agrees_and_numbers_that_count_down_are_not():
    assert read(four(after="Tổng cộng:\t1211,09")).doubts == ()
    assert read("\n".join(reversed(four().splitlines()))).doubts == ()


def test_heights_before_the_coordinates_and_vertices_1_cm_apart_are_told():
    found = read(four("Điểm\tH\tX\tY", columns="{n}\t25{n}.5\t{x:.3f}\t{y:.3f}"))
    assert "Numbers of column 2" in said(found.notes)
    assert "lie 0.01 m apart" in said(read(four(after="5\t2417991.020\t446648.198")).notes)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2\t24159OO.12\t449450.33", r"Row 2, column 2: “24159OO.12” is no number: letters \(OO\)"),
        ("24l5950.12\t449450.33", r"Row 2, column 1: “24l5950.12” is no number: letters \(l\)"),
        ("2\t2415950,12,3\t449450.33", "Row 2, column 2: “2415950,12,3” cannot be read"),
        ("2\t2415950.12\t-50549.67", "Row 2, column 3: “-50549.67” is negative.*false easting"),
        ("2\t15950.12\t449450.33", "Row 2, column 2: “15950.12” is smaller than any"),
        ("2\t2415.95012\t449.45033", "Row 2: .*kilometres"),
        ("2\t2415950.12\t449450.33\t2415960.12\t449460.33", "the same vertices in two systems"),
        ("Điểm 2: X=2415950.12; Y=449450.33; Điểm 3: X=2415800.12; Y=449550.33", None),
    ],
)
def test_a_number_that_is_none_is_named_by_its_cell(row, words):
    text = f"1\t2415900.12\t449250.33\n{row}\n3\t2415800.12\t449550.33\n4\t2415650.12\t449400.33"
    if words:
        with pytest.raises(BadParameter, match=words):
            vertices.read(text)
    else:
        with pytest.raises(BadParameter, match="several vertices in one line"):
            vertices.read(row)


@pytest.mark.parametrize(
    "heading", ["RANH GIỚI CŨ (đã được thay thế)", "Điểm khống chế", "Khu 2 (đã hủy)", "Dự kiến mở rộng"]
)
@pytest.mark.parametrize("above", [True, False])
def test_a_heading_that_says_that_a_ring_does_not_count_is_asked_about(heading, above):
    ring = [(2419854, 446845), (2420154, 446845), (2420154, 447045), (2419854, 447045)]
    counts = [f"{n}\t{x}\t{y}" for n, (x, y) in enumerate(ring, 1)]
    other = [f"{n}\t{x}\t{y + 400}" for n, (x, y) in enumerate(ring, 1)]
    said = [heading, *other, "Ranh giới mới", *counts] if above else [*counts, heading, *other]
    table = vertices.read("\n".join(said))
    assert len(table.rings) == 2
    assert [text for _, text in table.headed.values()] == [heading]


@pytest.mark.parametrize(
    ("line", "length"),
    [
        ("Chu vi: 1.100 m", 1100),
        ("Tổng chu vi\t\t\t1100", 1100),
        ("Chu vi: 956,68 m", 956.68),
        ("Tổng số điểm: 4", None),
    ],
)
def test_a_perimeter_is_compared_however_it_is_written(line, length):
    ring = "\n".join(["1\t2419854\t446845", "2\t2420154\t446845", "3\t2420154\t447045", "4\t2419854\t447045"])
    found = [each.length_m for each in vertices.read(f"{ring}\n{line}").perimeters]
    assert found == ([] if length is None else [length])


SEVERAL = {
    "old and new": ("STT\tX cũ\tY cũ\tX mới\tY mới", "{n}\t{x}\t{y}\t{x}\t{y}", 2),
    "by numbers": ("Điểm\tX1\tY1\tX2\tY2\tCạnh", "{n}\t{x}\t{y}\t{x}\t{y}\t300,00", 2),
    "two systems over two rows": ("STT\tTọa độ VN-2000\t\tTọa độ WGS84\n\tX\tY\tX\tY", "{n}\t{x}\t{y}\t{x}\t{y}", 2),
    "numbered twice": ("STT\tX cũ\tY cũ\tSTT\tX mới\tY mới", "{n}\t{x}\t{y}\t{n}\t{x}\t{y}", 2),
    "two rings beside": ("STT\tX\tY\tSTT\tX\tY", "{n}\t{x}\t{y}\t{n}\t{east}\t{y}", 0),
    "that go on beside": ("STT\tX\tY\tSTT\tX\tY", "{n}\t{x}\t{y}\t{m}\t{east}\t{y}", 0),
}


@pytest.mark.parametrize("case", SEVERAL)
def test_pairs_of_columns_that_hold_the_same_vertices_are_told_from_rings_beside(case):
    head, row, pairs = SEVERAL[case]
    square = [(2419854, 446845), (2420154, 446845), (2420154, 447045), (2419854, 447045)]
    rows = [row.format(n=n, m=n + 4, x=x, y=y, east=x + 500) for n, (x, y) in enumerate(square, start=1)]
    found = vertices.read("\n".join([head, *rows]))
    assert len(found.pairs) == pairs and all(one.count == 4 for _, one in found.pairs)


SQUARE = "1\t2419854\t446845\n2\t2420154\t446845\n3\t2420154\t447045\n4\t2419854\t447045"
EAST = SQUARE.replace("\t447045", "\t448045").replace("\t446845", "\t447845")


@pytest.mark.parametrize("heading", ["Hành lang an toàn", "Đất mượn tạm thi công", "Phần nằm ngoài ranh giới dự án",
                                     "Phần còn lại", "Bãi thải", "Dự án: kè sông"])  # fmt: skip
def test_a_ring_below_words_of_other_land_or_another_project_is_doubted(heading):
    found = vertices.read(f"Dự án: đường 1\n{SQUARE}\n{heading}\n{EAST}")
    assert len(found.rings) == 2
    assert found.headed[1][1] == heading
    assert vertices.read(f"Dự án: đường 1\n{SQUARE}\nKhu 2\n{EAST}").headed == {}


@pytest.mark.parametrize(
    ("heading", "asked"),
    [
        ("Khu B - đã đưa ra khỏi dự án theo CV số 12/UBND", True), ("Khu B - loại khỏi ranh giới dự án", True),
        ("Khu B (làm sau)", True), ("Vòng 2: của nhà máy nước", True), ("KHU 2 XÃ TRẢ LẠI", True),
        ("Khu tái định cư", True), ("Khu B: 2,00 ha, không dùng nữa", True), ("Ranh ngoài dự án", True),
        ("Khu B", False), ("Lô đất số 2 (xã Yên Bình)", False), ("Khu B, diện tích: 20.000 m2", False),
        ("Ranh giới ngoài", False), ("Lô CX-02", False), ("Khu II - phía Bắc, thôn Nà Sác", False),
        ("Điểm\tX (m)\tY (m)", False), ("Tọa độ các điểm ranh giới khu B", False), ("Trang 2/3", False),
        ("Khu số 2, thị trấn Đồng Đăng, huyện Cao Lộc", False), ("Tổng diện tích khu A: 60.000 m2", False),
    ],
)  # fmt: skip
def test_a_heading_above_a_later_ring_is_asked_unless_it_is_known_to_be_harmless(heading, asked):
    """Words that take land out are without number; those that merely name an area are few."""
    found = vertices.read(f"Khu A\n{SQUARE}\n{heading}\n{EAST}")
    assert len(found.rings) == 2
    assert found.headed == ({1: (6, heading)} if asked else {})


def test_the_name_of_a_ring_in_a_column_and_the_title_above_a_table_beside_are_asked_too():
    rows = [f"{name}\t{row}" for name, ring in (("A", SQUARE), ("B, trả lại xã", EAST)) for row in ring.splitlines()]
    assert vertices.read("\n".join(["Khu\tĐiểm\tX\tY", *rows])).headed == {1: (6, "B, trả lại xã")}
    beside = [f"{a}\t{b}" for a, b in zip(SQUARE.splitlines(), EAST.splitlines(), strict=True)]
    heads = ["Khu A\t\t\tPhần trả lại xã", "STT\tX\tY\tSTT\tX\tY"]
    assert vertices.read("\n".join([*heads, *beside])).headed == {1: (1, "Phần trả lại xã")}


def test_pairs_of_columns_side_by_side_are_named_by_the_title_above_each_and_their_letters():
    beside = [f"{row}\t\t{row}" for row in SQUARE.splitlines()]
    heads = ["Ranh khu dự án\t\t\t\tRanh khu cũ", "Điểm\tX\tY\t\tĐiểm\tX\tY"]
    titles = [title for title, _ in vertices.read("\n".join([*heads, *beside])).pairs]
    assert titles == ["Ranh khu dự án, X, Y (B–C)", "Ranh khu cũ, X, Y (F–G)"]


@pytest.mark.parametrize("cells", ["####\t####", "#REF!\t#REF!", "NaN\tNaN"])
def test_a_numbered_row_that_shows_errors_is_no_row_to_pass_over(cells):
    with pytest.raises(BadParameter, match=r"Row 5: .* shows no coordinates"):
        vertices.read(f"{SQUARE}\n5\t{cells}")


def test_lengths_named_by_their_ends_are_compared_in_whole_metres_too():
    found = vertices.read(f"{SQUARE}\n1-2\t300\n2-3\t250\n3-4\t300")
    assert [(each.ends, each.length_m) for each in found.edges] == [((1, 2), 300), ((2, 3), 250), ((3, 4), 300)]


def test_minutes_with_decimals_need_no_mark_and_coarse_degrees_are_a_doubt():
    found = vertices.read("1\tN21°52.175\tE106°44.170\n2\tN21°52.342\tE106°44.170\n3\tN21°52.342\tE106°44.337")
    assert found.rings[0][0].at == pytest.approx((106.73617, 21.86958), abs=1e-5)
    coarse = vertices.read("1\t21.86\t106.74\n2\t21.87\t106.74\n3\t21.87\t106.75")
    assert "1110 m at best" in str(coarse.doubts[0])


@pytest.mark.parametrize("angle", ["21°52'102.418\"", "21°102'12.5\"", "21°52'75\"", "21°152'10\"B"])
def test_minutes_and_seconds_above_59_are_told_with_their_row(angle):
    with pytest.raises(BadParameter, match=r"Row 2: minutes and seconds are below 60"):
        rows = ["1\t21°52'10.5\"\t106°44'10.2\"", f"2\t{angle}\t106°44'12.0\"Đ", "3\t21°53'10.5\"\t106°44'10.2\""]
        vertices.read("\n".join([*rows, "4\t21°53'12.5\"\t106°45'10.2\""]))


@pytest.mark.parametrize(
    "head",
    [
        "Cạnh\tGóc phương vị\tChiều dài",
        "Cạnh\tGóc định hướng\tĐộ dài (m)",
        "Cạnh\tPhương vị (độ)\tS (m)",
        "Cạnh\tGóc trong\tDài",
    ],
)
def test_bearings_and_lengths_are_refused_for_what_they_are(head):
    rows = "1-2\t105°30'20\"\t45,67\n2-3\t195°12'00\"\t120,10\n3-1\t300°00'10\"\t98,20"
    with pytest.raises(BadParameter, match=r"Row 1, .* bearings and lengths, .* none of the 4 rows"):
        vertices.read(f"{head}\n{rows}")
    assert vertices.read(f"Điểm\tX\tY\tGóc phương vị\n{SQUARE}").count == 4
