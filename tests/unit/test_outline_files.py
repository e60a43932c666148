"""Outlines out of files: which layer, in which system by its parameters, and what was left out."""

import io
import itertools
import json
import math
import sqlite3
import struct
import zipfile
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import CRS
from shapely.geometry import LineString, MultiPoint, Point, Polygon

from gis import crs, outline_files, outlines
from gis.errors import GisError, InvalidGeometry, MissingCrs, Question, UnreadableFile
from gis.exchange import formats, systems
from tests import vector_files as files

NUMBER = itertools.count()
SHARED = Path(__file__).parents[3] / "shared" / "data"
FIVE = Polygon(
    [(106.7361, 21.8561), (106.7388, 21.8566), (106.7393, 21.8540), (106.7379, 21.8526), (106.7358, 21.8533)]
)
"""In WGS 84; 118 904 m² on the plane of the zone."""
DEGREES = shapely.transform(FIVE, lambda c: np.column_stack(crs.to_wgs84().transform(*c.T, direction="INVERSE")))


def in_zone(srid):
    return shapely.transform(DEGREES, lambda c: np.column_stack(crs.to_zone(srid).transform(*c.T)))


def right(choice):
    there = shapely.geometry.shape(json.loads(json.dumps(outlines.as_geojson(choice.reading.outline))))
    return there.hausdorff_distance(FIVE) * 111_000 < 0.02


def area(reading):
    return outlines.area_m2(reading.outline, crs.LANG_SON_ZONE)


def read(path):
    return outline_files.read_file(path.read_bytes(), path.name)


def shapefile(tmp_path, shape, prj, without=()):
    """A zipped shapefile whose .prj holds what is given."""
    path = files.write_zipped_shapefile(tmp_path / f"ranh{next(NUMBER)}.zip", [({"ten": "a"}, shape)], "EPSG:9215",
                                        without=(".prj", ".cpg", *without))  # fmt: skip
    if prj is not None:
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("ranh giới/xa.prj", prj)
    return path


def plane(datum, meridian=107.25, scale=0.9999, shift="", name="unnamed", east=500000.0):
    return (
        f'PROJCS["{name}",GEOGCS["GCS",DATUM["{datum}",SPHEROID["WGS_1984",6378137.0,298.257223563]{shift}],'
        'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
        f'PARAMETER["False_Easting",{east}],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",{meridian}],'
        f'PARAMETER["Scale_Factor",{scale}],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )


SHIFT = ",TOWGS84[-191.90441429,-39.30318279,-111.45032835,{0}0.00928836,{1}0.01975479,{0}0.00427372,0.252906278]"
BY_PARAMETERS = {
    "the datum's usual name": (plane("D_Vietnam_2000"), 9215),
    "another name of it": (plane("VN-2000", name="LANG SON"), 9215),
    "unknown on the ellipsoid": (plane("D_Unknown_based_on_WGS84_ellipsoid"), 9215),
    "a name of its own": (plane("Datum_rieng"), 9215),
    "the shift written out": (plane("D_WGS_1984", shift=SHIFT.format("", "-")), 9215),
    "its rotations with the other sign": (plane("D_x", shift=SHIFT.format("-", "")), 9215),
    "another zone": (plane("Vietnam_2000", 107.5), 9216),
    "UTM 48N": (plane("VN_2000", 105.0, 0.9996, name="VN2000 UTM 48"), 3405),
    "UTM on an unknown datum": (plane("D_unknown", 105.0, 0.9996), 3405),
    "by PROJ": (CRS.from_epsg(9215).to_wkt("WKT1_ESRI"), 9215),
    "by code": ("EPSG:9215", 9215),
}


@pytest.mark.parametrize("case", BY_PARAMETERS)
def test_a_system_is_told_by_its_parameters_whatever_its_name(tmp_path, case):
    prj, srid = BY_PARAMETERS[case]
    assert [way.srid for way in systems.ways_of(prj)] == [srid]
    if case != "by code":
        found = read(shapefile(tmp_path, in_zone(srid), prj))
        assert found.reason is None and right(found.choices[0])
        assert area(found.choices[0].reading) == pytest.approx(118_904.1, abs=0.5)


@pytest.mark.parametrize(
    "prj",
    [plane("D_WGS_1984", name="VN2000_107_15"), plane("WGS_1984", shift=",TOWGS84[0,0,0,0,0,0,0]"),
     plane("D_WGS_1984", meridian=107.1), plane("D_WGS_1984", 105.0)],
    ids=["named VN2000", "no shift", "a meridian of no zone", "3° on 105°"],
)  # fmt: skip
def test_vn2000_under_the_name_of_wgs_84_is_asked_for(tmp_path, prj):
    shape = in_zone(9215)
    found = read(shapefile(tmp_path, shapely.affinity.translate(shape, 0, 0), prj))
    assert found.reason == "two_systems" and len(found.choices) == 2
    one, other = (choice.reading.outline.centroid for choice in found.choices)
    assert 190 < one.distance(other) * 104_000 < 260, "some 224 m apart"
    with pytest.raises(Question, match="several ways"):
        outline_files.outline_from_file(shapefile(tmp_path, shape, prj).read_bytes(), "ranh.zip")


def test_vn2000_on_another_ellipsoid_contradicts_itself_and_is_asked_for(tmp_path):
    prj = plane("D_VN_2000").replace('"WGS_1984",6378137.0,298.257223563', '"Krasovsky_1940",6378245.0,298.3')
    found = read(shapefile(tmp_path, in_zone(9215), prj))
    assert found.reason == "two_systems"
    assert not any(choice.sure for choice in found.choices)


def test_a_scale_of_no_zone_is_named_where_the_system_is_asked_for():
    for datum, more in (("D_WGS_1984", 1), ("D_VN_2000", 0)):
        first, zone, *other = systems.ways_of(plane(datum, 107.25, 0.9996))
        assert "k = 0,9996" in str(first.title) and zone.srid == 9215 and len(other) == more, "one of the two is a slip"


def test_points_alone_are_told_to_be_pasted_as_a_table(tmp_path):
    path = layers(tmp_path / "a.gpkg", ("coc", [Point(each) for each in in_zone(9215).exterior.coords]))
    with pytest.raises(UnreadableFile, match=r"points alone \(6\).*paste them as a table of vertices"):
        read(path)


FEET = plane("D_VN_2000").replace('UNIT["Meter",1.0]', 'UNIT["Foot_US",0.3048006096012192]')


@pytest.mark.parametrize("prj", [plane("D_VN_2000", 120.0), "EPSG:2154"])
def test_numbers_that_the_own_word_of_a_file_puts_abroad_are_offered_by_the_systems_that_fit(tmp_path, prj):
    found = read(shapefile(tmp_path, in_zone(9215), prj))
    assert found.reason == "elsewhere"
    assert right(next(choice for choice in found.choices if choice.srid == 9215))
    with pytest.raises(GisError, match=r"by .*; they would by: .*107°15′ \(3°\)"):
        formats.read(shapefile(tmp_path, in_zone(9215), prj))


@pytest.mark.parametrize("prj", [FEET, plane("D_VN_2000", 107.75), plane("D_VN_2000", 105.0, 0.9996)])
def test_numbers_are_offered_by_other_systems_where_the_own_word_of_a_file_puts_them_elsewhere(tmp_path, prj):
    [taken] = read(shapefile(tmp_path, in_zone(9215), prj)).choices
    assert not right(taken)
    assert right(next(choice for choice in outline_files.otherwise(taken) if choice.srid == 9215))


def test_a_unit_of_length_and_an_unknown_datum_are_words():
    [way] = systems.ways_of(FEET)
    assert way.title.values["unit"].message == "US survey feet"
    [first, other] = systems.ways_of(FEET.replace("D_VN_2000", "D_unknown").replace("500000.0", "1640416.6667"))
    assert "unknown datum" in str(other.title) and first.same_datum, "224 m apart: asked, not taken"
    kept = GisError.of_record(json.loads(json.dumps(GisError("%(ways)s", ways=[way.title]).as_record())))
    assert str(kept) == str(way.title)


@pytest.mark.parametrize(("code", "metres"), [(4, 0.001), (5, 0.01), (1, 0.0254), (2, 0.3048), (7, 1000), (0, 0.001)])
def test_a_drawing_in_another_unit_is_offered_in_it(code, metres):
    points = [(x / metres, y / metres) for x, y in in_zone(9215).exterior.coords[:-1]]
    found = outline_files.read_file(dxf(polyline(points), units=code), "ranh.dxf")
    mine = next(choice for choice in found.choices if choice.srid == 9215)
    assert right(mine) and mine.system.values["unit"].message == str(systems.UNITS[metres])


def test_metres_in_a_drawing_that_says_millimetres_are_metres():
    found = outline_files.read_file(dxf(polyline(in_zone(9215).exterior.coords[:-1]), units=4), "ranh.dxf")
    assert right(next(choice for choice in found.choices if choice.system == "107°15′ (3°)"))


def test_layers_that_are_frozen_or_off_are_called_so_and_arcs_are_told():
    corners = list(in_zone(9215).exterior.coords[:-1])
    away = [(x + 900, y) for x, y in corners]
    given = dxf(polyline(away, "CU"), polyline(corners, "MOI", bulge=0.3), layers={"CU": (1, 7), "TAM": (0, -7)})
    found = outline_files.read_file(given, "ranh.dxf")
    states = {choice.layer: str(choice.state) for choice in found.choices}
    assert states == {"CU": "frozen", "MOI": "None"}
    note = next(str(each) for choice in found.choices for each in choice.reading.notes if "arcs" in str(each))
    assert "“MOI” holds arcs (1)" in note and "0.0098" in note


def polyline(points, layer="RANH", bulge=None):
    places = [f"10\n{x}\n20\n{y}" + (f"\n42\n{bulge}" if bulge and not i else "") for i, (x, y) in enumerate(points)]
    return "\n".join(["0", "LWPOLYLINE", "8", layer, "90", str(len(places)), "70", "1", *places])


def dxf(*entities, units=None, layers=None):
    head = [] if units is None else ["0", "SECTION", "2", "HEADER", "9", "$INSUNITS", "70", str(units), "0", "ENDSEC"]
    listed = [
        f"0\nLAYER\n2\n{name}\n70\n{flags}\n62\n{colour}\n6\nCONTINUOUS"
        for name, (flags, colour) in (layers or {}).items()
    ]  # fmt: skip
    tables = [
        "0",
        "SECTION",
        "2",
        "TABLES",
        "0",
        "TABLE",
        "2",
        "LAYER",
        "70",
        "9",
        *listed,
        "0",
        "ENDTAB",
        "0",
        "ENDSEC",
    ]
    body = ["0", "SECTION", "2", "ENTITIES", *entities, "0", "ENDSEC", "0", "EOF"]
    return "\n".join([*head, *(tables if layers else ()), *body, ""]).encode()


def test_utm_of_wgs_84_is_taken_as_it_says_with_a_word(tmp_path):
    utm = shapely.transform(FIVE, lambda c: np.column_stack(
        __import__("pyproj").Transformer.from_crs(4326, 32648, always_xy=True).transform(*c.T)))  # fmt: skip
    found = read(files.write_gdal(tmp_path / "a.gpkg", [({"ten": "a"}, utm)], "EPSG:32648"))
    assert found.reason is None and right(found.choices[0])
    assert any("UTM 48N" in str(note) and "22" in str(note) for note in found.choices[0].reading.notes)


def test_without_a_system_every_zone_is_a_choice(tmp_path):
    found = read(shapefile(tmp_path, in_zone(9215), None))
    assert found.reason == "no_system"
    mine = next(choice for choice in found.choices if choice.srid == 9215)
    assert right(mine)
    degrees = read(shapefile(tmp_path, FIVE, None))
    assert {choice.srid for choice in degrees.choices} == {crs.WGS84, crs.VN2000}


def test_the_code_of_a_geopackage_and_its_definition_must_agree(tmp_path):
    path = files.write_gdal(tmp_path / "a.gpkg", [({"ten": "a"}, in_zone(9215))], "EPSG:32648")
    assert len(read(path).choices) == 1
    with sqlite3.connect(path) as database:
        database.execute("drop trigger if exists trigger_update_feature_count_a")
        database.execute(
            "update gpkg_spatial_ref_sys set definition = ? where srs_id = 32648", (plane("Vietnam_2000"),)
        )
    database.close()
    found = read(path)
    assert found.reason == "two_systems" and right(found.choices[0])


def layers(path, *named):
    for name, shapes in named:
        pyogrio.raw.write(
            path, np.array([shape.wkb for shape in shapes], dtype=object), [], [], layer=name, driver="GPKG",
            geometry_type="Unknown", crs="EPSG:9215", append=path.exists(),
        )  # fmt: skip
    return path


def test_several_layers_of_polygons_are_asked_for(tmp_path):
    wide = in_zone(9215).buffer(3000)
    found = read(layers(tmp_path / "a.gpkg", ("ranh_du_an", [in_zone(9215)]), ("ranh_xa", [wide])))
    assert found.reason == "layers"
    assert [(choice.layer, choice.polygons) for choice in found.choices] == [("ranh_du_an", 1), ("ranh_xa", 1)]
    assert area(found.choices[0].reading) == pytest.approx(118_904.1, abs=0.5)


def test_what_is_no_part_of_the_outline_is_counted_and_named(tmp_path):
    shape = in_zone(9215)
    others = [LineString(shape.exterior.coords[:3]), shape.centroid, MultiPoint([shape.centroid, (0, 0)]), Polygon()]
    path = layers(tmp_path / "a.gpkg", ("ranh", [shape, *others]), ("coc", [Point(1, 2)]))
    [choice] = read(path).choices
    assert [str(note) for note in choice.reading.notes] == [
        "Open lines of “ranh” were left out: features 2 (404,30 m) (how far their ends lie apart).",
        "Left out of “ranh”: 0 polygons, 1 lines, 3 points, 0 texts, 1 features without a shape.",
        "Left out of “coc”: 0 polygons, 0 lines, 1 points, 0 texts, 0 features without a shape.",
    ]


def test_closed_lines_are_an_outline_where_there_are_no_polygons(tmp_path):
    ring = " ".join(f"{lon},{lat}" for lon, lat in FIVE.exterior.coords)
    kml = (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>'
        f"<LineString><coordinates>{ring}</coordinates></LineString></Placemark></Document></kml>"
    )
    [choice] = outline_files.read_file(kml.encode(), "ranh.kml").choices
    assert choice.lines and right(choice) and "closed lines were taken" in str(choice.reading.notes[0])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("doc.kml", kml)
    for name in ("ranh.kmz", "that_ra_la_kmz.kml"):
        assert right(outline_files.read_file(packed.getvalue(), name).choices[0])
    with pytest.raises(UnreadableFile, match=r"its lines are open: features 1 \(313,48 m\)"):
        outline_files.read_file(kml.replace(ring, ring.rsplit(" ", 1)[0]).encode(), "ho.kml")


def test_heights_are_told_and_left_out(tmp_path):
    shape = shapely.force_3d(in_zone(9215), 12.5)
    path = files.write_gdal(tmp_path / "a.gpkg", [({"ten": "a"}, shape)], "EPSG:9215")
    [choice] = read(path).choices
    assert right(choice) and "Heights (Z)" in str(choice.reading.notes[0])


def geojson(coordinates, **more):
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": coordinates}}
    return json.dumps({"type": "FeatureCollection", "features": [feature], **more})


RING = [[106.73, 21.85], [106.74, 21.85], [106.74, 21.86], [106.73, 21.85]]
NO_SHAPES = {
    "not closed": (geojson([[*RING[:3], [106.73, 21.86]]]), "ring is not closed. It begins at 106.73, 21.85"),
    "NaN": (geojson([[[math.nan, 21.85], *RING[1:]]]), "NaN or Infinity"),
    "Infinity": (geojson([[[math.inf, 21.85], *RING[1:]]]), "NaN or Infinity"),
    "too few": (geojson([[*RING[:2], RING[0]]]), "fewer than four"),
    "empty ring": (geojson([[]]), "fewer than four"),
    "texts": (geojson([[["106.73", "21.85"], *RING[1:]]]), "position 1 is not made of numbers"),
    "true": (geojson([[[True, 21.85], *RING[1:]]]), "position 1 is not made of numbers"),
    "endless number": (geojson([RING]).replace("106.74, 21.85", "1" + "0" * 400 + ", 21.85"), "not made of numbers"),
    "one number": (geojson([[[106.73], *RING[1:]]]), "position 1"),
    "flat": (geojson([106.73, 21.85]), "coordinates must stand"),
    "no coordinates": (geojson(None), "coordinates must stand"),
    "too deep": ("[" * 100_000 + "]" * 100_000, "too deeply|not whole|not a GeoJSON"),
    "deep in coordinates": (geojson([]).replace("[]", "[" * 50_000 + "]" * 50_000, 1), "too deep|not whole"),
    "deep collections": (
        '{"type":"GeometryCollection","geometries":[' * 40 + "]}" * 40, "too deeply nested",
    ),
    "unknown kind": (geojson([RING]).replace('"Polygon"', '"Circle"'), "no shape that GeoJSON knows"),
    "cut": (geojson([RING])[:-9], "not whole JSON"),
}  # fmt: skip


@pytest.mark.parametrize("case", NO_SHAPES)
def test_what_is_no_shape_is_refused_with_the_reason_in_every_door(case):
    text, says = NO_SHAPES[case]
    with pytest.raises((InvalidGeometry, UnreadableFile), match=says) as caught:
        outline_files.read_file(text.encode(), "ranh.geojson")
    assert caught.value.parameter == "file"
    if case in ("NaN", "Infinity", "too deep", "deep in coordinates", "cut"):
        return  # not JSON that a program could have sent
    with pytest.raises(GisError, match=says):
        outlines.outline_from_geojson(json.loads(text))


def test_geojson_in_metres_is_asked_for_or_read_by_its_old_member():
    ring = [list(each) for each in in_zone(9215).exterior.coords]
    found = outline_files.read_file(geojson([ring]).encode(), "ranh.geojson")
    assert found.reason == "metres" and right(next(choice for choice in found.choices if choice.srid == 9215))
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::9215"}}
    assert right(outline_files.read_file(geojson([ring], crs=named).encode(), "ranh.geojson").choices[0])
    with pytest.raises(MissingCrs, match="numbers of the GeoJSON are metres"):
        outlines.outline_from_geojson(json.loads(geojson([ring])))


def test_north_before_east_is_offered_to_be_swapped():
    swapped = [[lat, lon] for lon, lat in FIVE.exterior.coords]
    found = outline_files.read_file(geojson([swapped]).encode(), "ranh.geojson")
    assert found.reason == "swapped" and right(found.choices[0])


def test_polygons_that_are_not_valid_are_named_by_feature(tmp_path):
    bowtie = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    path = layers(tmp_path / "a.gpkg", ("ranh", [in_zone(9215), bowtie]))
    with pytest.raises(
        InvalidGeometry, match=r"1 features of “ranh” are not valid: 2\. .*crosses or touches itself at 5\.0+ · 5\.0+"
    ):
        read(path)


def test_arcs_are_told(tmp_path):
    path = layers(tmp_path / "a.gpkg", ("ranh", [in_zone(9215)]))
    with sqlite3.connect(path) as database:
        database.execute("update gpkg_geometry_columns set geometry_type_name = 'CURVEPOLYGON'")
    database.close()
    assert "“ranh” holds arcs" in str(read(path).choices[0].reading.notes[0])


@pytest.mark.parametrize("name", ["a.tab", "a.mif", "a.shp", "a.gdb"])
def test_other_formats_are_told_by_name_with_what_helps(name):
    with pytest.raises(UnreadableFile, match=rf"“{name}” is .*(save|pack|copy)"):
        outline_files.read_file(b"x", name)


def test_a_zip_of_something_else_says_what_it_holds():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("ranh.dwg", b"AC1032")
    with pytest.raises(UnreadableFile, match=r"no shapefile, but ranh\.dwg"):
        outline_files.read_file(packed.getvalue(), "ranh.zip")


@pytest.mark.skipif(not (SHARED / "parcels").is_dir(), reason="../shared/data/parcels is not here")
@pytest.mark.parametrize(
    ("name", "layer"), [("trich_luc_quang_lac_to_02.dxf", "KHUNG"), ("ban_do_dia_chinh_quang_lac_to_02.dgn", "10")]
)
def test_drawings_are_parted_by_their_own_layers_and_ask_for_their_system(name, layer):
    path = SHARED / "parcels" / name
    found = read(path)
    mine = next(choice for choice in found.choices if choice.layer == layer and choice.srid == 9215)
    assert found.reason in ("layers", "no_system") and not mine.sure
    assert shapely.box(106.69, 21.79, 106.75, 21.85).contains(mine.reading.outline.centroid)


# What a file says twice, or beside what is taken.


def feature(shape, **values):
    return {"type": "Feature", "properties": values, "geometry": shapely.geometry.mapping(shape)}


def collection(*features, **more):
    return {"type": "FeatureCollection", "features": list(features), **more}


def notes_of(found):
    return " | ".join(map(str, found.choices[0].reading.notes))


def test_a_geojson_that_says_a_thing_twice_is_refused():
    one, other = (json.dumps(shapely.geometry.mapping(shape)) for shape in (FIVE, FIVE.buffer(0.01)))
    twice = f'{{"type": "Feature", "properties": {{}}, "geometry": {one}, "geometry": {other}}}'
    with pytest.raises(InvalidGeometry, match="“geometry” twice"):
        outline_files.read_file(twice.encode(), "a.geojson")


@pytest.mark.parametrize(
    ("member", "systems_of"),
    [
        ({"type": "EPSG", "properties": {"code": 4756}}, ["VN-2000"]),
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}}, ["WGS 84"]),
        ({"type": "link", "properties": {"href": "http://127.0.0.1/a.prj"}}, ["WGS 84", "VN-2000"]),
        (None, ["WGS 84", "VN-2000"]),
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_the_system_a_geojson_names_counts_wherever_it_stands(member, systems_of, inside):
    one = feature(DEGREES)
    given = collection(one) if inside else collection(one, crs=member)
    if inside:
        one["geometry"]["crs"] = member
    found = outline_files.read_file(json.dumps(given).encode(), "a.geojson")
    assert [choice.system for choice in found.choices] == systems_of
    assert found.reason == ("no_system" if len(systems_of) > 1 else None)


def test_two_systems_in_a_geojson_and_another_than_that_of_maps_at_the_map_are_refused():
    name = {"type": "name", "properties": {"name": "EPSG:4756"}}
    two = collection(feature(FIVE), crs={"type": "name", "properties": {"name": "EPSG:4326"}})
    two["features"][0]["crs"] = name
    with pytest.raises(InvalidGeometry, match="several coordinate systems"):
        outline_files.read_file(json.dumps(two).encode(), "a.geojson")
    with pytest.raises(MissingCrs, match="“EPSG:4756”"):
        outlines.outline_from_geojson(feature(DEGREES) | {"crs": name})


PARCEL = FIVE.buffer(-0.0005)


def told(found, place=0):
    return " | ".join(str(each) for each in found.choices[place].reading.notes)


def named_features(*given):
    features = [feature(shape) | {"properties": values} for shape, values in given]
    return outline_files.read_file(json.dumps(collection(*features)).encode(), "a.geojson")


def test_a_remark_of_the_only_feature_is_told_and_one_that_takes_it_back_is_asked_about():
    for said, doubted in (("bản nháp, chờ duyệt", True), ("đo ngày 5/3", False)):
        (choice, *_) = named_features((FIVE, {"ten": "Ranh bãi đỗ xe", "ghichu": said})).choices
        doubts, notes = (" | ".join(map(str, each)) for each in (choice.reading.doubts, choice.reading.notes))
        assert (said in doubts, said in notes) == (doubted, not doubted)


@pytest.mark.parametrize(
    "given",
    [
        ((FIVE, {"ten": "Ranh dự án"}), (PARCEL, {"ten": "Thửa 12"})),
        ((FIVE, {}), (PARCEL, {})),
        ((FIVE, {"loai": "ranh"}), (shapely.affinity.translate(PARCEL, 0.01), {"loai": "kho"})),
        ((FIVE, {"ten": "Dự án"}), (shapely.affinity.translate(PARCEL, 0.01), {"ten": "xã Mai Pha"})),
        ((FIVE, {"so": 1}), (shapely.affinity.translate(PARCEL, 0.01), {"so_thua": 1, "to": 2})),
    ],
)
def test_features_that_are_not_of_one_outline_are_asked_about(given):
    found = named_features(*given)
    assert found.reason == "features" and len(found.choices) == 3, "each, and all together"
    assert right(found.choices[0]) and found.choices[0].layer.startswith("a · 1")
    name = next((str(value) for value in given[1][1].values() if not str(value).isdigit()), "")
    assert f"Other features of “a” were left out: 2{f' “{name}”' if name else ''}" in told(found)
    with pytest.raises(Question, match="several ways"):
        both = collection(*(feature(shape) | {"properties": values} for shape, values in given))
        outline_files.outline_from_file(json.dumps(both).encode(), "a.geojson")


def test_parts_of_one_outline_are_taken_together_and_named_and_a_polygon_twice_does_no_harm():
    east = shapely.affinity.translate(FIVE, 0.01)
    found = named_features((FIVE, {"ten": "Đoạn 1"}), (east, {"ten": "Đoạn 2"}))
    assert found.reason is None
    assert "2 features of “a” were taken together: 1 “Đoạn 1”, 2 “Đoạn 2”" in told(found)
    found = named_features((FIVE, {}), (FIVE, {}))
    assert found.reason is None and found.choices[0].reading.doubts == ()
    drawn = outlines.reading_of_geojson(collection(feature(FIVE), feature(PARCEL)))
    assert "Feature 2 lies in feature 1, by 100 in 100" in str(drawn.doubts[0])


def test_features_of_a_shapefile_are_named_by_their_attributes(tmp_path):
    plane = in_zone(9215)
    path = files.write_zipped_shapefile(
        tmp_path / "hai.zip", [({"ten": "ranh du an"}, plane), ({"ten": "thua 5"}, plane.buffer(-20))], "EPSG:9215"
    )
    found = read(path)
    assert found.reason == "features" and "ranh du an" in found.choices[0].layer and right(found.choices[0])


def test_an_open_line_says_how_far_its_ends_lie_apart(tmp_path):
    def line(*points):
        at = " ".join(f"{lon},{lat}" for lon, lat in points)
        return f"<Placemark><LineString><coordinates>{at}</coordinates></LineString></Placemark>"

    corners = list(FIVE.exterior.coords)
    nearly = [*corners[:-1], (corners[0][0], corners[0][1] + 0.00001)]
    with pytest.raises(UnreadableFile, match=r"features 1 \(1,11 m\), 2 .*PEDIT"):
        outline_files.read_file(kml(line(*nearly), line(*corners[:3])), "ho.kml")
    found = outline_files.read_file(kml(line(*nearly), PLACE), "ranh.kml")
    assert "Open lines" in told(found) and "1 (1,11 m)" in told(found) and right(found.choices[0])


def test_an_open_line_around_more_land_than_what_was_taken_and_a_spike_are_doubted():
    around = [*list(FIVE.exterior.coords)[:-1], (106.7361, 21.85605)]
    given = collection(feature(LineString(around)), feature(PARCEL))
    [choice] = outline_files.read_file(json.dumps(given).encode(), "a.geojson").choices
    assert "Line 1 of “a” goes around more land" in str(choice.reading.doubts[0])
    corners = list(FIVE.exterior.coords)
    spiked = Polygon([*corners[:2], (106.7788, 21.8566), (106.7388, 21.85659), *corners[2:]])
    [choice] = outline_files.read_file(json.dumps(collection(feature(spiked))).encode(), "a.geojson").choices
    assert "a spike of 41" in str(choice.reading.doubts[0])
    assert "a spike of 41" in str(outlines.reading_of_geojson(feature(spiked)).doubts[0])


def test_a_polygon_without_area_and_a_kml_that_is_not_closed_are_refused():
    tiny = Polygon([(106.73, 21.85), (106.7300001, 21.85), (106.7300001, 21.8500001)])
    with pytest.raises(InvalidGeometry, match="no area"):
        outline_files.read_file(json.dumps(feature(tiny)).encode(), "a.geojson")
    with pytest.raises(InvalidGeometry, match="no area"):
        outlines.reading_of_geojson(feature(tiny))
    first = "106.7361,21.8561"
    with pytest.raises(UnreadableFile, match="is not closed: its last vertex"):
        outline_files.read_file(kml(PLACE.replace(f" {first}<", "<")), "a.kml")


def kml(*inside):
    return ('<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
            f"{''.join(inside)}</Document></kml>").encode()  # fmt: skip


PLACE = (
    "<Placemark><name>ranh</name><description><![CDATA[<GroundOverlay>]]></description><Polygon><outerBoundaryIs>"
    "<LinearRing><coordinates>"
    + " ".join(f"{lon},{lat}" for lon, lat in FIVE.exterior.coords)
    + "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
)
PICTURE = (
    "<GroundOverlay><name>ảnh</name><LatLonBox><north>21.9</north><south>21.8</south><east>106.8</east>"
    "<west>106.7</west></LatLonBox></GroundOverlay>"
)


def test_pictures_and_links_of_a_kml_are_no_outline_and_are_told():
    link = "<NetworkLink><Link><href>http://127.0.0.1/a.kml</href></Link></NetworkLink>"
    found = outline_files.read_file(kml(PICTURE, PLACE, link, PICTURE), "a.kml")
    assert right(found.choices[0])
    assert "(2) are no outline" in notes_of(found) and "links to 1 others" in notes_of(found)
    with pytest.raises(UnreadableFile, match="is empty"):
        outline_files.read_file(kml(PICTURE), "a.kml")


def test_several_kml_of_a_kmz_go_by_their_names():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("du-an.kml", kml(PLACE))
        archive.writestr("khac/bai-thai.kml", kml(PLACE))
    found = outline_files.read_file(packed.getvalue(), "a.kmz")
    assert [choice.layer for choice in found.choices] == ["du-an", "bai-thai"]


def test_what_else_a_zip_holds_is_named_and_what_it_holds_twice_is_refused(tmp_path):
    path = shapefile(tmp_path, in_zone(9215), CRS.from_epsg(9215).to_wkt("WKT1_ESRI"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("du_an.geojson", "{}")
        archive.writestr("../../ngoài.shp", "x")
        archive.writestr("ranh giới/xa.sbn", "x")
    assert "Left out of the zip: du_an.geojson, ngoài.shp." in notes_of(read(path))
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("ranh giới/xa.shp", "x")
    with pytest.raises(UnreadableFile, match=r"xa\.shp” twice"):
        read(path)


def test_features_marked_as_deleted_are_told(tmp_path):
    path = files.write_zipped_shapefile(
        tmp_path / "a.zip", [({"ten": "a"}, in_zone(9215)), ({"ten": "b"}, in_zone(9215).buffer(900))], "EPSG:9215"
    )
    with zipfile.ZipFile(path) as archive:
        parts = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    table = next(part for name, part in parts.items() if name.endswith(".dbf"))
    head, row = (int.from_bytes(table[at : at + 2], "little") for at in (8, 10))
    table[head + row] = ord("*")
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, bytes(part))
    found = read(path)
    assert right(found.choices[0])
    assert "1 features of “xa” are marked as deleted" in notes_of(found)


def geopackage(path, *changes, **given):
    """A GeoPackage of one outline, changed by SQL."""
    layers(path, ("ranh", [in_zone(9215)]))
    with sqlite3.connect(path) as database:
        for (name,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            database.execute(f'drop trigger "{name}"')
        for change in changes:
            database.execute(change, given)
    database.close()
    return read(path)


def of_kind(kind, *points, arc=False):
    """A shape of GeoPackage of one ring, or of one arc."""
    ring = (struct.pack("<BI", 1, 8) if arc else b"") + struct.pack("<I", len(points))
    body = b"".join(struct.pack(f"<{len(point)}d", *point) for point in points)
    return b"GP\0\1" + struct.pack("<i", 9215) + struct.pack("<BII", 1, kind, 1) + ring + body


def test_measures_arcs_and_tables_of_a_geopackage_are_told(tmp_path):
    shape = of_kind(2003, *((*point, 7.0) for point in in_zone(9215).exterior.coords))
    found = geopackage(tmp_path / "m.gpkg", "update ranh set geom = :shape", shape=shape)
    assert right(found.choices[0])
    assert notes_of(found) == "Measures (M) of “ranh” were left out."

    x, y = in_zone(9215).centroid.coords[0]
    circle = of_kind(10, (x - 90, y), (x, y + 90), (x + 90, y), (x, y - 90), (x - 90, y), arc=True)
    found = geopackage(tmp_path / "arc.gpkg", "update ranh set geom = :shape", shape=circle)
    assert "“ranh” holds arcs" in notes_of(found)

    tables = "create table ghi_chu (so integer)", "insert into ghi_chu values (1)", "create table trong (so integer)"
    found = geopackage(tmp_path / "t.gpkg", *tables)
    assert notes_of(found) == "Tables of the file that are no layers were left out: ghi_chu."


def test_a_geopackage_whose_shapes_name_another_system_is_asked_about(tmp_path):
    other = "update ranh set geom = cast(substr(geom, 1, 4) || :system || substr(geom, 9) as blob)"
    found = geopackage(tmp_path / "s.gpkg", other, system=struct.pack("<i", 3405))
    assert found.reason == "two_systems"


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ({"ten": "Ranh duyệt"}, {"ten": "Ranh cũ", "trang_thai": "đã hủy"}, "Ranh cũ” (đã hủy)"),
        ({"ten": "A", "status": "đang thực hiện"}, {"ten": "B", "status": "mở rộng"}, "“A” (đang thực hiện)"),
        ({"ten": "A", "gc": "theo QĐ 5"}, {"ten": "B", "gc": "hết hiệu lực"}, "“B” (hết hiệu lực)"),
    ],
)
def test_features_of_which_one_says_that_it_does_not_count_are_asked_about(first, second, shown):
    def feature(east, told):
        ring = [[east, 21.8], [east + 0.002, 21.8], [east + 0.002, 21.802], [east, 21.802], [east, 21.8]]
        return {"type": "Feature", "properties": told, "geometry": {"type": "Polygon", "coordinates": [ring]}}

    given = {"type": "FeatureCollection", "features": [feature(106.7, first), feature(106.71, second)]}
    found = outline_files.read_file(json.dumps(given).encode(), "a.geojson")
    assert found.reason == "features"
    assert any(shown in choice.layer for choice in found.choices)


def test_parts_of_one_feature_that_overlap_are_called_parts():
    whole = shapely.MultiPolygon([FIVE, shapely.affinity.translate(FIVE.buffer(-0.0003), 0.0005)])
    [choice] = outline_files.read_file(json.dumps(shapely.geometry.mapping(whole)).encode(), "a.geojson").choices
    assert "In feature 1 of “a”, part 2 lies in part 1, by" in str(choice.reading.doubts[0])


def test_an_area_that_a_feature_states_is_compared_and_words_against_it_are_doubted(tmp_path):
    for given in ({"dien_tich": 75000}, {"DT_ha": "7,5"}):
        assert "states an area of 7" in str(named_features((FIVE, given)).choices[0].reading.doubts[0])
    for given in ({"dien_tich_m2": 118904}, {"DT_ha": "11.89"}, {"so": 75000}, {"dien_tich": "chưa đo"}):
        assert named_features((FIVE, given)).choices[0].reading.doubts == ()
    path = files.write_zipped_shapefile(tmp_path / "a.zip", [({"dien_tich": 75000.0}, in_zone(9215))], "EPSG:9215")
    assert "Feature 1 states an area of 75000" in str(read(path).choices[0].reading.doubts[0])
    for words in ("Ranh cũ", "Hành lang an toàn", "đất mượn tạm"):
        assert words in str(named_features((FIVE, {"ten": words})).choices[0].reading.doubts[0])


@pytest.mark.parametrize(
    ("field", "one", "other", "asked"),
    [("ten_du_an", "Đường A", "Kè B", True), ("ma_da", "DA01", "DA02", True), ("ten", "Dự án A", "Dự án B", True),
     ("ten", "Dự án đoạn 1", "Dự án đoạn 2", False), ("ma_da", "DA01", "DA01", False)],
)  # fmt: skip
def test_features_of_two_projects_are_asked_about(field, one, other, asked):
    found = named_features((FIVE, {field: one}), (shapely.affinity.translate(FIVE, 0.01), {field: other}))
    assert found.reason == ("features" if asked else None)


def test_what_a_drawing_holds_on_paper_or_invisibly_is_no_land_without_a_word():
    corners = list(in_zone(9215).exterior.coords[:-1])
    paper = polyline([(0, 0), (420, 0), (420, 297)]).replace("8\nRANH", "8\nRANH\n67\n1")
    found = outline_files.read_file(dxf(polyline(corners), paper), "ranh.dxf")
    assert right(next(choice for choice in found.choices if choice.srid == 9215)) and "paper layout" in told(found)
    hidden = polyline([(x + 900, y) for x, y in corners]).replace("8\nRANH", "8\nRANH\n60\n1")
    found = outline_files.read_file(dxf(polyline(corners), hidden), "ranh.dxf")
    assert {str(choice.state) for choice in found.choices} == {"with invisible objects"}
