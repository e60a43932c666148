"""Vector files: what is read, and that broken or unclear ones are refused with the reason."""

import json
import zipfile
from pathlib import Path

import pytest
import shapely
from shapely.geometry import GeometryCollection, LineString, Point, Polygon

from gis.errors import MissingCrs, OutsideVietnam, UnreadableFile
from gis.exchange.formats import FORMATS, read
from tests import vector_files as files
from tests.vector_files import square

BROKEN = Path(__file__).parents[3] / "shared" / "data" / "broken"
TWO = [
    ({"ma_xa": "06463", "ten_xa": "Thị trấn Đồng Mỏ"}, square(0)),
    ({"ma_xa": "06466", "ten_xa": "Chi Lăng"}, square(1)),
]


@pytest.mark.parametrize("suffix", files.SUFFIXES)
def test_every_format_gives_the_same_degrees_and_attributes(tmp_path, suffix):
    (layer,) = read(files.write(tmp_path, suffix, TWO))
    assert [feature.values["ten_xa"] for feature in layer.features] == ["Thị trấn Đồng Mỏ", "Chi Lăng"]
    for feature, (_, drawn) in zip(layer.features, TWO, strict=True):
        assert shapely.hausdorff_distance(shapely.get_parts(feature.geometry)[0], drawn) < 2e-8
    assert layer.skipped == []


@pytest.mark.parametrize("srid", [4756, 3405, 9215, 5897])
def test_systems_of_vn2000_need_no_datum_shift(tmp_path, srid):
    shape = square(0) if srid == 4756 else files.in_zone(square(0), srid)
    (layer,) = read(files.write_gdal(tmp_path / "a.gpkg", [({"ma": "1"}, shape)], f"EPSG:{srid}"))
    assert shapely.hausdorff_distance(shapely.get_parts(layer.features[0].geometry)[0], square(0)) < 1e-9


def test_z_is_dropped(tmp_path):
    shape = shapely.force_3d(square(0), 12.5)
    (layer,) = read(files.write_gdal(tmp_path / "a.gpkg", [({"ma": "1"}, shape)], "EPSG:4756"))
    assert not layer.features[0].geometry.has_z


def test_polygons_are_taken_and_the_rest_is_listed(tmp_path):
    shapes = [Point(106.7, 21.8), square(0), LineString([(106.7, 21.8), (106.8, 21.8)]), None,
              GeometryCollection([square(1), Point(106.7, 21.8)]), Polygon()]  # fmt: skip
    path = files.write_geojson(tmp_path / "a.geojson", [({"ma": str(i)}, shape) for i, shape in enumerate(shapes)])
    (layer,) = read(path)
    assert [feature.row for feature in layer.features] == [2, 5]
    assert [skipped.row for skipped in layer.skipped] == [1, 3, 4, 5, 6]
    assert "Point" in str(layer.skipped[0].problem)


def test_all_layers_are_read_or_the_one_asked_for(tmp_path):
    path = files.write_gdal(tmp_path / "a.gpkg", TWO, "EPSG:4756", layer="xa")
    files.write_gdal(path, TWO[:1], "EPSG:4756", layer="huyen")
    assert [layer.name for layer in read(path)] == ["xa", "huyen"]
    assert [layer.name for layer in read(path, "huyen")] == ["huyen"]
    with pytest.raises(UnreadableFile, match="it has xa, huyen"):
        read(path, "tinh")


def test_a_shapefile_must_say_its_system_and_encoding(tmp_path):
    features = [(values, files.in_zone(shape)) for values, shape in TWO]
    with pytest.raises(MissingCrs, match="does not say its coordinate system"):
        read(files.write_zipped_shapefile(tmp_path / "a.zip", features, "EPSG:9215", without=(".prj",)))
    told = read(files.write_zipped_shapefile(tmp_path / "d.zip", features, "EPSG:9215", without=(".prj",)), system=9215)
    assert shapely.hausdorff_distance(told[0].features[0].geometry, square(0)) < 1e-9


def test_parts_of_a_shapefile_that_say_nothing_new_are_not_needed(tmp_path):
    features = [(values, files.in_zone(shape)) for values, shape in TWO]
    (layer,) = read(files.write_zipped_shapefile(tmp_path / "b.zip", features, "EPSG:9215", without=(".cpg",)))
    assert [each.values["ten_xa"] for each in layer.features] == ["Thị trấn Đồng Mỏ", "Chi Lăng"], "by their letters"
    (layer,) = read(files.write_zipped_shapefile(tmp_path / "c.zip", features, "EPSG:9215", without=(".shx",)))
    assert len(layer.features) == 2 and "made anew" in str(layer.notes[0])
    (layer,) = read(files.write_zipped_shapefile(tmp_path / "e.zip", features, "EPSG:9215", without=(".dbf",)))
    assert [each.values for each in layer.features] == [{}, {}]


def test_texts_declared_in_the_wrong_encoding_are_read_by_their_letters(tmp_path):
    path = files.write_zipped_shapefile(tmp_path / "a.zip", TWO, "EPSG:4756", without=(".cpg",))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("ranh giới/xa.cpg", "ISO-8859-1")
    (layer,) = read(path)
    assert [each.values["ten_xa"] for each in layer.features] == ["Thị trấn Đồng Mỏ", "Chi Lăng"]


def test_letters_of_old_fonts_are_converted_and_told(tmp_path):
    old = [({"ten_xa": "Thị trấn Đồng Mỏ"}, square(0)), ({"ten_xa": "Xã Chi Lăng"}, square(1))]
    path = files.write_zipped_shapefile(tmp_path / "a.zip", old, "EPSG:4756", without=(".cpg",))
    parts = {}
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    mistaken = "Thị trấn Đồng Mỏ".encode()
    tcvn3 = b"Th\xde tr\xcan \xa7\xe5ng M\xe1"
    name = next(each for each in parts if each.endswith(".dbf"))
    assert mistaken in parts[name]
    parts[name] = parts[name].replace(mistaken, tcvn3.ljust(len(mistaken)))
    with zipfile.ZipFile(path, "w") as archive:
        for each, content in parts.items():
            archive.writestr(each, content)
    (layer,) = read(path)
    assert layer.features[0].values["ten_xa"].strip() == "Thị trấn Đồng Mỏ"
    assert "TCVN3" in str(layer.notes[0])


def test_a_gpkg_without_system_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="crs"):
        path = files.write_gdal(tmp_path / "a.gpkg", TWO, None)
    with pytest.raises((MissingCrs, OutsideVietnam)):
        read(path)


def test_metres_in_geojson_without_system_are_refused(tmp_path):
    with pytest.raises(MissingCrs, match="metres"):
        read(files.write_geojson(tmp_path / "a.geojson", [({"ma": "1"}, files.in_zone(square(0)))]))


def test_metres_in_geojson_that_names_its_system_are_read(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::9215"}}
    path = files.write_geojson(tmp_path / "a.geojson", [({"ma": "1"}, files.in_zone(square(0)))], crs=crs)
    assert shapely.hausdorff_distance(read(path)[0].features[0].geometry, square(0)) < 1e-9


def test_swapped_axes_are_seen(tmp_path):
    swapped = shapely.transform(square(0), lambda c: c[:, ::-1])
    with pytest.raises(
        OutsideVietnam,
        match=r"north \(latitude\) stands before east .*swap the axes.*would lie in it by: WGS 84; VN-2000\.",
    ):
        read(files.write_geojson(tmp_path / "a.geojson", [({"ma": "1"}, swapped)]))


def test_other_countries_are_refused(tmp_path):
    paris = shapely.transform(square(0), lambda c: c - [104, -27])
    with pytest.raises(OutsideVietnam):
        read(files.write_geojson(tmp_path / "a.geojson", [({"ma": "1"}, paris)]))


def test_entries_that_climb_out_of_a_zip_are_left(tmp_path):
    path = files.write_zipped_shapefile(tmp_path / "a.zip", TWO, "EPSG:4756")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../climbed.shp", b"x")
        archive.writestr(str(tmp_path / "absolute.shp"), b"x")
    (layer,) = read(path)
    assert len(layer.features) == 2
    assert not list(tmp_path.parent.glob("climbed*")) + list(tmp_path.glob("absolute*"))


@pytest.mark.parametrize("share", [0.3, 0.9])
@pytest.mark.parametrize("suffix", files.SUFFIXES)
def test_a_file_cut_short_is_refused(tmp_path, suffix, share):
    path = files.write(tmp_path, suffix, TWO)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UnreadableFile):
        read(path)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("content", [b"", b"hello", b"<OGRVRTDataSource/>"])
def test_content_of_another_kind_is_refused(tmp_path, suffix, content):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile):
        read(path)


@pytest.mark.parametrize(
    "content", ["[1]", '{"type": "Topology"}', "{", '{"type": "FeatureCollection", "features": []}']
)
def test_json_that_holds_no_features_is_refused(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(UnreadableFile):
        read(tmp_path / "a.json")


def test_unknown_suffixes_and_missing_files_are_refused(tmp_path):
    with pytest.raises(UnreadableFile, match=r"\.gpkg"):
        read(tmp_path / "a.xyz")
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        read(tmp_path / "a.gpkg")


def test_zips_that_unpack_to_too_much_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("gis.exchange.archives.MAX_UNPACKED_BYTES", 100)
    with pytest.raises(UnreadableFile, match="too much"):
        read(files.write_zipped_shapefile(tmp_path / "a.zip", TWO, "EPSG:4756"))


@pytest.mark.skipif(not BROKEN.is_dir(), reason="../shared/data/broken is not here")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("thieu_prj_vn2000.zip", MissingCrs),
        ("sai_cpg_utf8_ghi_latin1.zip", 30),
        ("lop_rong.gpkg", UnreadableFile),
        ("lop_rong.geojson", UnreadableFile),
        ("dao_truc_vi_do_truoc.geojson", OutsideVietnam),
        ("geojson_toa_do_met_khong_crs.geojson", MissingCrs),
        ("zip_bi_cat_cut.zip", UnreadableFile),
        ("hon_hop_kieu_hinh.geojson", 2),
        ("toa_do_3D_PolygonZ.zip", 2),
        ("zip_slip.zip", 30),
        ("tu_cat.geojson", 6),
    ],
)
def test_broken_files_from_the_field(name, expected):
    if isinstance(expected, int):
        assert sum(len(layer.features) for layer in read(BROKEN / name)) == expected
    else:
        with pytest.raises(expected):
            read(BROKEN / name)


def test_the_sample_outlines_are_read_as_they_are():
    path = Path(__file__).parents[2] / "gis" / "sample" / "outlines" / "communes.geojson"
    (layer,) = read(path)
    drawn = {f["properties"]["slug"]: f["geometry"] for f in json.loads(path.read_text())["features"]}
    assert {feature.values["slug"] for feature in layer.features} == drawn.keys()
    assert layer.features[0].geometry.equals_exact(
        shapely.geometry.shape(drawn[layer.features[0].values["slug"]]), 1e-12
    )
