"""Outlines as officers have them: tables of vertices as they stand in decisions and spreadsheets, files, drawings."""

import json

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import outline_files, outlines
from gis.crs import LANG_SON_ZONE
from gis.errors import BadParameter, GisError, InvalidGeometry, OutsideVietnam, UnreadableFile
from gis.exchange import vertices
from tests import factories as make

SQUARE = [(2_417_500.123, 449_300.456), (2_417_600.123, 449_300.456), (2_417_600.123, 449_400.456),
          (2_417_500.123, 449_400.456)]  # fmt: skip


def read(text, zone=LANG_SON_ZONE):
    return outlines.outline_from_vertices(text, zone)


def area(outline):
    return round(outlines.area_m2(outline, LANG_SON_ZONE), 1)


PLAIN = "\n".join(f"{n}\t{x:.3f}\t{y:.3f}" for n, (x, y) in enumerate(SQUARE, 1))
LAYOUTS = {
    "from a spreadsheet": PLAIN,
    "without numbers": "\n".join(f"{x:.3f}\t{y:.3f}" for x, y in SQUARE),
    "with blanks": PLAIN.replace("\t", "   "),
    "with semicolons": PLAIN.replace("\t", ";"),
    "with commas between": PLAIN.replace("\t", ","),
    "with commas and blanks between": PLAIN.replace("\t", ", "),
    "with comma decimals": PLAIN.replace(".", ","),
    "grouped the Vietnamese way": "\n".join(
        f"{n}\t{f'{x:,.3f}'.translate(str.maketrans(',.', '.,'))}\t{f'{y:,.3f}'.translate(str.maketrans(',.', '.,'))}"
        for n, (x, y) in enumerate(SQUARE, 1)
    ),
    "grouped the English way": "\n".join(f"{n};{x:,.3f};{y:,.3f}" for n, (x, y) in enumerate(SQUARE, 1)),
    "grouped by blanks": "\n".join(f"{n}\t{x:,.3f}\t{y:,.3f}".replace(",", " ") for n, (x, y) in enumerate(SQUARE, 1)),
    "the first row repeated": f"{PLAIN}\n{PLAIN.splitlines()[0]}",
    "of a decision, with headings and lengths on rows between": (
        "BẢNG KÊ TỌA ĐỘ RANH GIỚI\nSố hiệu điểm\tTọa độ VN-2000\t\tCạnh (m)\n\tX (m)\tY (m)\t\n(1)\t(2)\t(3)\t(4)\n"
        + "\n\t\t\t100,00\n".join(PLAIN.splitlines())
    ),
    "lengths behind": "\n".join(f"{line}\t100.00" for line in PLAIN.splitlines()),
    "named vertices": PLAIN.replace("1\t", "M1\t", 1),
    "Y before X, as headed": "STT\tY (m)\tX (m)\n" + "\n".join(f"{n}\t{y}\t{x}" for n, (x, y) in enumerate(SQUARE, 1)),
    "with marks and Windows line ends": "\r\n".join(f"X={x} Y={y}" for x, y in SQUARE),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_table_is_read_as_officers_have_it(layout):
    found = read(LAYOUTS[layout])
    assert found.equals_exact(read(PLAIN), 1e-9, normalize=True)
    assert area(found) == 10_000


def test_grouped_metres_without_decimals_can_only_be_metres():
    found = read("1;2.417.500;449.300\n2;2.417.600;449.300\n3;2.417.600;449.400")
    assert area(found) == 5_000


def test_several_rings_and_a_ring_within_a_ring():
    def ring(east, north, side):
        corners = [(0, 0), (side, 0), (side, side), (0, side)]
        return "\n".join(f"{2_417_000 + north + y}.0 {449_000 + east + x}.0" for x, y in corners)

    apart, hole = ring(500, 0, 50), ring(20, 20, 10)
    found = read("\n\n".join([ring(0, 0, 100), apart, hole]))
    assert area(found) == 10_000 + 2_500 - 100
    assert len(found.geoms) == 2
    closed = "\n".join(f"{each}\n{each.splitlines()[0]}" for each in (ring(0, 0, 100), apart, hole))
    assert read(closed).equals(found), "a ring ends where its first vertex is repeated"
    headed = "Vòng\tX\tY\n" + "\n".join(
        f"{name}\t" + "\t".join(line.split())
        for name, each in zip("123", (ring(0, 0, 100), apart, hole), strict=True)
        for line in each.splitlines()
    )
    assert read(headed).equals(found)
    with pytest.raises(InvalidGeometry, match="begin in row 1 and row 6 overlap"):
        read(f"{ring(0, 0, 100)}\n\n{ring(50, 50, 100)}")


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("", BadParameter, "no vertices"),
        ("Số hiệu\tX\tY", BadParameter, "no vertices"),
        ("1 449300 2417500\n2 449300 2417600\n3 449400 2417600", BadParameter, "Row 1: .*columns are swapped"),
        ("1 2417500 449300\n2 449300 2417600\n3 2417600 449400", BadParameter, "Row 2: .*columns are swapped"),
        ("1 2417500 449300\n2 2417600\n3 2417600 449400", BadParameter, "Row 2: “2 2417600” must hold two coordinates"),
        ("1 2417500 449300\n2 24176 449\n3 2417600 449400", BadParameter, "Row 2: .*holds no coordinates"),
        ("1 2417500 18449300\n2 2417600 18449300", OutsideVietnam, "Row 1: .*without the number of the zone"),
        ("1 2417500 449300\n2 2417600 449300", InvalidGeometry, "begins in row 1 has 2 vertices"),
        (f"{PLAIN}\n\n1 2417500 449300\n2 2417600 449300", InvalidGeometry, "begins in row 6 has 2 vertices"),
        ("1 2417500 449300\n2 2417600 449400\n3 2417600 449300\n4 2417500 449400", InvalidGeometry,
         r"edge 1–2 \(row 1\) meets edge 3–4 \(row 3\)"),
        ("1 2417500 449300\n2 2417600 449300\n3 2417550 449300\n4 2417550 449200", InvalidGeometry,
         r"edge 1–2 \(row 1\) meets edge 2–3 \(row 2\)"),
        ("1 2417500 449300\n2 2417600 449300\n3 2417700 449300", InvalidGeometry, "row 1"),
        ("1 24176 449\n2 2417500 449300\n3 2417600 449300\n4 2417600 449400", BadParameter, "Row 1: .*no coordinates"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_row(text, kind, says):
    with pytest.raises(kind, match=says):
        read(text)


def test_an_unknown_zone_is_refused():
    with pytest.raises(BadParameter, match="EPSG:3857"):
        read(PLAIN, 3857)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-400, 400), st.floats(-400, 400)), min_size=3, max_size=12, unique=True))
def test_a_table_written_is_read_as_the_same_outline(points):
    hull = shapely.MultiPoint(points).convex_hull
    if hull.geom_type != "Polygon" or hull.area < 1:
        return
    moved = shapely.affinity.translate(hull, make.EAST, make.NORTH)
    outline = shapely.MultiPolygon([make.in_degrees(moved)])
    table = outlines.vertex_table(outline, LANG_SON_ZONE)
    assert len(table.splitlines()) == len(hull.exterior.coords) - 1, "a row for each vertex and no more"
    again = read(table)
    assert abs(outlines.area_m2(again, LANG_SON_ZONE) - hull.area) < hull.length * 0.001 + 0.01
    drawn = outlines.outline_from_geojson(outlines.as_geojson(again))
    there = shapely.MultiPolygon([make.in_degrees(moved)])
    assert drawn.hausdorff_distance(there) < 5e-8, "5 mm"


def test_a_hole_is_headed_as_one_in_the_table():
    ground = shapely.box(0, 0, 100, 80).difference(shapely.box(20, 20, 40, 40))
    moved = shapely.affinity.translate(ground, make.EAST, make.NORTH)
    written = outlines.vertex_table(shapely.MultiPolygon([make.in_degrees(moved)]), LANG_SON_ZONE)
    assert [line for line in written.splitlines() if not line[:1].isdigit()] == ["", "Ranh trong"]
    assert outlines.area_m2(read(written), LANG_SON_ZONE) == pytest.approx(7600, abs=1)


def test_a_drawing_comes_in_from_wgs_84():
    outline = read(PLAIN)
    shape = json.loads(json.dumps(outlines.as_geojson(outline)))
    feature = {"type": "Feature", "properties": {}, "geometry": shape}
    for given_as in (shape, feature, {"type": "FeatureCollection", "features": [feature]}):
        found = outlines.outline_from_geojson(given_as)
        assert area(found) == 10_000
        assert found.equals_exact(outline, 1e-8)


@pytest.mark.parametrize(
    "given_as",
    [None, [], "x", {}, {"type": "Polygon"}, {"type": "Polygon", "coordinates": [[1, 2]]},
     {"type": "Point", "coordinates": [106, 21]}, {"type": "FeatureCollection", "features": []},
     {"type": "Feature", "geometry": None}, {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
     {"type": "Polygon", "coordinates": [[[106, 21], [107, 22], [107, 21], [106, 22], [106, 21]]]}],
)  # fmt: skip
def test_what_is_no_drawing_is_refused(given_as):
    with pytest.raises(GisError):
        outlines.outline_from_geojson(given_as)


def test_files_are_read_and_named():
    shape = outlines.as_geojson(read(PLAIN))
    collection = json.dumps(
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": shape}]}
    ).encode()
    assert area(outline_files.outline_from_file(collection, "ranh giới.geojson")) == 10_000
    ring = " ".join(f"{lon},{lat}" for lon, lat in shape["coordinates"][0][0])
    kml = (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><Polygon>'
        f"<outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
        "</Placemark></kml>"
    )
    assert area(outline_files.outline_from_file(kml.encode(), "ranh.KML")) == 10_000
    with pytest.raises(UnreadableFile, match=r"“ranh\.kml” is broken"):
        outline_files.outline_from_file(b"PK\3\4", "ranh.kml")
    with pytest.raises(UnreadableFile, match=r"ending in “\.dwg” cannot be read"):
        outline_files.outline_from_file(b"AC1032", "ranh.dwg")


def test_a_ring_whose_heading_says_more_than_a_name_is_asked_with_its_heading_and_area():
    ring = [(2419854, 446845), (2420154, 446845), (2420154, 447045), (2419854, 447045)]
    rows = [[f"{n}\t{x}\t{y + off}" for n, (x, y) in enumerate(ring, 1)] for off in (0, 1000)]
    heading = "Khu B - đã đưa ra khỏi dự án theo CV số 12/UBND"
    reading = outlines.outline_of_table(vertices.read("\n".join([*rows[0], heading, *rows[1]])), LANG_SON_ZONE)
    (asked,) = reading.doubts
    assert (asked.values["row"], asked.values["text"], asked.values["area"]) == (5, heading, 60000)
