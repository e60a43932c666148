"""Real outlines put in place: matched by code, name and date; everything open is reported, nothing guessed."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import shapely
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import Range

from gis import boundary_checks
from gis.boundaries import BoundaryReport, UnitName, Unmatched, load, rehearse, undo
from gis.errors import BadParameter, GisError, MissingCrs
from gis.model import AdminChange, AdminUnit, FormerOutline, Parcel, ParcelCommune
from gis.units import REFORM, derive_communes
from tests import vector_files as files
from tests.vector_files import square

DATA = Path(__file__).parents[2] / "gis" / "sample" / "data"
REAL = Path(__file__).parents[3] / "shared" / "data" / "boundaries_before2025" / "langson_ranh_gioi_truoc_2025-07.gpkg"
OLD_DAY = date(2025, 6, 30)

OLD, NEW = Range(None, REFORM), Range(REFORM, None)
UNITS = [
    ("t-thu", "90", "tỉnh Thử", "province", "province", None, Range(None, None)),
    ("h-mot", "901", "huyện Một", "district", "district", "t-thu", OLD),
    ("h-hai", "902", "huyện Hai", "district", "district", "t-thu", OLD),
    ("p-an-hoa", "90001", "phường An Hòa", "ward", "commune", "h-mot", OLD),
    ("x-binh-son-h-mot", "90002", "xã Bình Sơn", "commune", "commune", "h-mot", OLD),
    ("x-binh-son-h-hai", "90003", "xã Bình Sơn", "commune", "commune", "h-hai", OLD),
    ("x-cam-ly", "90004", "xã Cẩm Lý", "commune", "commune", "h-hai", OLD),
    ("x-an-hoa-2025", "90002", "xã An Hòa", "commune", "commune", "t-thu", NEW),
    ("x-cam-ly-2025", "90004", "xã Cẩm Lý", "commune", "commune", "t-thu", NEW),
]
CHANGES = [("p-an-hoa", "x-an-hoa-2025"), ("x-binh-son-h-mot", "x-an-hoa-2025"),
           ("x-binh-son-h-hai", "x-cam-ly-2025"), ("x-cam-ly", "x-cam-ly-2025")]  # fmt: skip
FOUR = [
    ({"MA_XA": "90001", "TEN_XA": "Phường An Hoà", "TEN_HUYEN": "Huyện Một"}, square(0)),
    ({"MA_XA": "90002", "TEN_XA": "Xã  Bình Sơn", "TEN_HUYEN": "Huyện Một"}, square(1)),
    ({"MA_XA": "90003", "TEN_XA": "Xã Bình Sơn", "TEN_HUYEN": "Huyện Hai"}, square(2)),
    ({"MA_XA": "90004", "TEN_XA": "Xã Cẩm Lý", "TEN_HUYEN": "Huyện Hai"}, square(3)),
]


def wkb(shape):
    return func.ST_Multi(func.ST_GeomFromWKB(shape.wkb, 4756))


def add_units(session, rows, changes):
    ids = {}
    for slug, code, name, kind, level, parent, valid in rows:
        unit = AdminUnit(
            slug=slug, code=code, name=name, kind=kind, level=level, parent_id=ids.get(parent), valid=valid
        )
        session.add(unit)
        session.flush()
        ids[slug] = unit.id
    for old, new, whole in changes:
        session.add(AdminChange(old_unit_id=ids[old], new_unit_id=ids[new], kind="merge" if whole else "split",
                                effective_on=REFORM, legal_document="Nghị quyết thử", whole=whole))  # fmt: skip
    session.flush()
    return ids


@pytest.fixture
def ids(session):
    """A small province, its two first communes drawn for illustration."""
    ids = add_units(session, UNITS, [(old, new, True) for old, new in CHANGES])
    for slug, drawn in (("p-an-hoa", square(-1)), ("x-binh-son-h-mot", square(0))):
        unit = session.get(AdminUnit, ids[slug])
        unit.geom, unit.illustrative, unit.outline_source = wkb(drawn), True, "drawn"
    session.flush()
    return ids


def outline(session, slug):
    data, illustrative, source = session.execute(
        select(func.ST_AsBinary(AdminUnit.geom), AdminUnit.illustrative, AdminUnit.outline_source).where(
            AdminUnit.slug == slug
        )
    ).one()
    return data and shapely.from_wkb(bytes(data)), illustrative, source


def reasons(report):
    return {each.row: str(each.problem) for each in report.unmatched}


def slugs(units):
    return {unit.slug for unit in units}


@pytest.mark.parametrize("suffix", files.SUFFIXES)
def test_every_format_replaces_drawings_and_unites_new_units(session, ids, tmp_path, suffix):
    report = load(session, files.write(tmp_path, suffix, FOUR))
    assert slugs(report.matched) == {"p-an-hoa", "x-binh-son-h-mot", "x-binh-son-h-hai", "x-cam-ly"}
    assert (report.day, report.unmatched, report.united) == (OLD_DAY, [], 2)
    assert not report.without_outline + report.still_drawn + report.repaired
    for slug, real in (("p-an-hoa", square(0)), ("x-an-hoa-2025", square(0).union(square(1)))):
        geom, illustrative, source = outline(session, slug)
        assert geom.symmetric_difference(real).area < 1e-9 * real.area + 1e-9
        assert not illustrative
        assert f"outlines.{suffix}" in source


def test_the_day_may_be_given_and_must_be_where_the_file_does_not_tell(session, ids, tmp_path):
    kept = files.write(tmp_path, "gpkg", [({"ma": "90004", "ten": "Cẩm Lý"}, square(3))])
    with pytest.raises(BadParameter, match="give a day") as caught:
        load(session, kept)
    assert caught.value.parameter == "on"
    assert slugs(load(session, kept, on=OLD_DAY).matched) == {"x-cam-ly"}
    assert slugs(load(session, kept, on=REFORM).matched) == {"x-cam-ly-2025"}


def test_a_code_used_again_means_the_unit_of_the_day(session, ids, tmp_path):
    report = load(session, files.write(tmp_path, "gpkg", [({"ma": 90002, "ten": "Xã An Hòa"}, square(0))]))
    assert (slugs(report.matched), report.day) == ({"x-an-hoa-2025"}, REFORM)


def test_a_code_whose_name_is_another_is_not_taken(session, ids, tmp_path):
    features = [({"ma": "90002", "ten": "Xã An Hòa"}, square(0)), ({"ma": None, "ten": "Cẩm Lý"}, square(3))]
    report = load(session, files.write(tmp_path, "gpkg", features), on=OLD_DAY)
    assert reasons(report) == {1: "The code 90002 is xã Bình Sơn on that day."}
    assert slugs(report.matched) == {"x-cam-ly"}


@pytest.mark.parametrize("name", ["An Hòa", "An Hoà", "P. AN HÒA", "phuong an hoa", "Phường  An-Hoà"])
def test_names_are_matched_however_they_are_spelt(session, ids, tmp_path, name):
    report = load(session, files.write(tmp_path, "geojson", [({"Tên": name}, square(0))]), on=OLD_DAY)
    assert slugs(report.matched) == {"p-an-hoa"}


@pytest.mark.parametrize("name", ["Xã An Hòa", "An Hòe", "", None])
def test_other_names_are_not(session, ids, tmp_path, name):
    report = load(session, files.write(tmp_path, "geojson", [({"ten_xa": name}, square(0))]), on=OLD_DAY)
    assert (report.matched, len(report.unmatched), report.derived) == ([], 1, 0)
    assert outline(session, "p-an-hoa")[1:] == (True, "drawn")


def test_a_name_of_two_units_needs_the_district(session, ids, tmp_path):
    path = files.write(tmp_path, "gpkg", [({"ten_xa": "Xã Bình Sơn"}, square(2))])
    assert reasons(load(session, path, on=OLD_DAY)) == {1: "It may be any of x-binh-son-h-hai, x-binh-son-h-mot."}
    path.unlink()
    path = files.write(tmp_path, "gpkg", [({"ten_xa": "Xã Bình Sơn", "ten_huyen": "Hai"}, square(2))])
    assert slugs(load(session, path, on=OLD_DAY).matched) == {"x-binh-son-h-hai"}


def test_accents_decide_between_names_of_the_same_letters():
    assert UnitName.of("xã Vân Thủy").plain == UnitName.of("Xã Vạn Thuỷ").plain
    assert UnitName.of("xã Vân Thủy").accented != UnitName.of("Xã Vạn Thuỷ").accented
    assert UnitName.of("xã Vân Thủy") == UnitName.of("X\u00c3 V\u00e2n Thu\u1ef7")
    assert UnitName.of("TT. Đồng Mỏ") == UnitName.of("thị trấn Đồng Mỏ")
    assert UnitName.of("Y Tịch").kind is None


def test_parts_of_a_unit_are_joined_and_two_versions_refused(session, ids, tmp_path):
    values = {"ma_xa": "90001", "ten_xa": "An Hòa"}
    parts = load(
        session, files.write_gdal(tmp_path / "a.gpkg", [(values, square(0)), (values, square(5))], "EPSG:4756")
    )
    assert len(parts.matched) == 1
    assert len(shapely.get_parts(outline(session, "p-an-hoa")[0])) == 2
    twice = load(
        session, files.write_gdal(tmp_path / "b.gpkg", [(values, square(7)), (values, square(7))], "EPSG:4756")
    )
    assert (twice.matched, len(twice.unmatched)) == ([], 2)
    assert not outline(session, "p-an-hoa")[0].intersects(square(7))


def test_an_outline_that_crosses_itself_is_repaired_and_named(session, ids, tmp_path):
    bowtie = shapely.Polygon([(106.70, 21.80), (106.72, 21.82), (106.72, 21.80), (106.70, 21.82)])
    report = load(session, files.write(tmp_path, "geojson", [({"ma": "90001"}, bowtie)]))
    assert slugs(report.repaired) == {"p-an-hoa"}
    assert outline(session, "p-an-hoa")[0].is_valid


def test_parcels_move_to_the_commune_that_really_holds_them_but_for_an_officers_choice(session, ids, tmp_path):
    spot = shapely.Point(106.705, 21.805).buffer(0.0005)
    parcels = [Parcel(numbered_in_unit_id=ids["p-an-hoa"], sheet="1", number=str(n), geom=wkb(spot)) for n in range(2)]
    session.add_all(parcels)
    session.flush()
    session.add(
        ParcelCommune(parcel_id=parcels[1].id, unit_id=ids["x-binh-son-h-mot"], valid=OLD, chosen_by_officer=True)
    )
    session.flush()
    load(session, files.write(tmp_path, "gpkg", FOUR))
    found = session.execute(
        select(ParcelCommune.parcel_id, AdminUnit.slug).join(AdminUnit).order_by(AdminUnit.slug)
    ).all()
    assert set(found) == {
        (parcels[0].id, "p-an-hoa"), (parcels[1].id, "x-binh-son-h-mot"),
        (parcels[0].id, "x-an-hoa-2025"), (parcels[1].id, "x-an-hoa-2025"),
    }  # fmt: skip


def test_units_without_outline_and_drawn_ones_are_named(session, ids, tmp_path):
    report = load(session, files.write(tmp_path, "gpkg", FOUR[:1]))
    assert slugs(report.still_drawn) == {"x-binh-son-h-mot", "x-an-hoa-2025"}
    assert slugs(report.without_outline) == {"x-binh-son-h-hai", "x-cam-ly", "x-cam-ly-2025"}
    printed = str(report)
    assert "1 units matched (1 commune)" in printed
    assert "x-cam-ly-2025 xã Cẩm Lý" in printed


def test_the_same_file_twice_changes_nothing(session, ids, tmp_path):
    path = files.write(tmp_path, "zip", FOUR)
    first = load(session, path)
    before = outline(session, "x-an-hoa-2025")
    assert load(session, path) == first
    assert outline(session, "x-an-hoa-2025") == before


# What is told before anything is kept.


def say(report, part):
    return [each for each in report.checked.findings if part in each]


def test_a_rehearsal_tells_all_and_changes_nothing(session, ids, tmp_path):
    before = {slug: outline(session, slug) for slug in ("p-an-hoa", "x-binh-son-h-mot", "x-an-hoa-2025")}
    report = rehearse(session, files.write(tmp_path, "gpkg", FOUR))
    assert len(report.matched) == 4 and report.kept_as is None
    assert any("phường An Hòa" in each and "→" in each for each in report.checked.changes)
    assert {slug: outline(session, slug) for slug in before} == before
    assert session.scalar(select(func.count()).select_from(FormerOutline)) == 0
    assert load(session, files.write(tmp_path, "geojson", FOUR)).kept_as == 1


def test_overlaps_are_named_with_their_area(session, ids, tmp_path):
    wide = shapely.box(106.70, 21.80, 106.7105, 21.81)
    features = [(FOUR[0][0], wide), *FOUR[1:]]
    [said] = say(rehearse(session, files.write(tmp_path, "gpkg", features)), "overlap")
    assert "phường An Hòa and xã Bình Sơn overlap by 57," in said
    assert say(rehearse(session, files.write(tmp_path, "geojson", FOUR)), "overlap") == []


def test_gaps_inside_the_unit_above_are_measured(session, ids, tmp_path):
    district = {"MA_XA": "901", "TEN_XA": "Huyện Một", "TEN_HUYEN": ""}
    path = files.write(tmp_path, "gpkg", [*FOUR, (district, shapely.box(106.70, 21.80, 106.73, 21.81))])
    [said] = say(rehearse(session, path), "without a commune")
    assert said.startswith("huyện Một: its communes leave 1,14")


def test_an_area_is_compared_with_the_one_published(session, ids, tmp_path):
    session.get(AdminUnit, ids["p-an-hoa"]).published_area_km2 = Decimal("0.38")
    session.get(AdminUnit, ids["x-cam-ly"]).published_area_km2 = Decimal("1.14")
    session.flush()
    [said] = say(rehearse(session, files.write(tmp_path, "gpkg", FOUR)), "published")
    assert "phường An Hòa measures 1.14 km², published are 0.38 km²: 3.01 times" in said


def test_units_that_were_exchanged_or_lie_elsewhere_are_told(session, ids, tmp_path):
    load(session, files.write(tmp_path, "gpkg", FOUR))
    swapped = [(FOUR[0][0], square(1)), (FOUR[1][0], square(0)), FOUR[2], (FOUR[3][0], square(30))]
    report = rehearse(session, files.write(tmp_path, "geojson", swapped))
    assert say(report, "exchanged") == [
        "phường An Hòa and xã Bình Sơn seem to be exchanged: each lies where the other is expected."
    ]
    assert ["xã Cẩm Lý" in each for each in say(report, "from where it is expected")] == [True]
    assert say(report, "without a commune") == [] and report.missing == []


def test_units_that_all_lie_away_by_the_same_way_are_told_once_with_the_cure(session, ids, tmp_path):
    load(session, files.write_geojson(tmp_path / "a.geojson", FOUR), on=OLD_DAY)
    away = [(values, shapely.affinity.translate(shape, 0.25)) for values, shape in FOUR]
    report = rehearse(session, files.write_geojson(tmp_path / "b.geojson", away), on=OLD_DAY)
    assert any(
        "All units lie some 25" in str(each) and "--system 9215" in str(each) for each in report.checked.findings
    )


def test_a_report_names_the_first_and_counts_the_rest_and_small_numbers_keep_their_digits():
    problem = GisError("No unit of that day has the code %(code)s.", code="1")
    report = BoundaryReport("a.gpkg", OLD_DAY, unmatched=[Unmatched("a", n, "", problem) for n in range(5_000)])
    said = str(report)
    assert "Not taken: 5000" in said and "4900 more as: a 100" in said and said.count("\n") < 120
    assert [boundary_checks._said(value) for value in (0.0213, 0.000123, 1234.5, 3)] == [
        "0.021", "0.00012", "1,234.50", "3.00",
    ]  # fmt: skip


def test_parcels_that_change_their_commune_are_counted_against_the_resolution(session, ids, tmp_path):
    """A parcel of An Hòa would lie in the new Cẩm Lý, which no resolution made of An Hòa."""
    load(session, files.write(tmp_path, "gpkg", FOUR))
    spot = shapely.Point(106.705, 21.805).buffer(0.0005)
    session.add(Parcel(numbered_in_unit_id=ids["p-an-hoa"], sheet="1", number="1", geom=wkb(spot)))
    session.flush()
    derive_communes(session)
    new = [
        ({"ma": "90002", "ten": "xã An Hòa"}, square(1)),
        ({"ma": "90004", "ten": "xã Cẩm Lý"}, shapely.union_all([square(0), square(2), square(3)])),
    ]
    report = rehearse(session, files.write(tmp_path, "geojson", new), on=REFORM)
    assert "1 parcels change their commune." in report.checked.remarks
    [said] = say(report, "no successor")
    assert said.startswith("1 parcels come to") and "phường An Hòa → xã Cẩm Lý 1" in said
    away = [(new[0][0], square(1)), (new[1][0], shapely.union_all([square(2), square(3)]))]
    assert say(
        rehearse(
            session, files.write_geojson(tmp_path / "b.geojson", [(v, files.in_wgs84(s)) for v, s in away]), on=REFORM
        ),
        "have none any more",
    )


def test_a_load_is_undone(session, ids, tmp_path):
    before = {slug: outline(session, slug) for slug in ("p-an-hoa", "x-binh-son-h-mot", "x-cam-ly", "x-an-hoa-2025")}
    assert undo(session) is None
    load(session, files.write(tmp_path, "gpkg", FOUR[:2]))
    load(session, files.write(tmp_path, "geojson", FOUR))
    assert undo(session)[0] == "outlines.geojson"
    assert outline(session, "x-cam-ly")[0] is None and not outline(session, "p-an-hoa")[1]
    file, found = undo(session)
    assert file == "outlines.gpkg" and {"p-an-hoa", "x-binh-son-h-mot"} <= slugs(found)
    assert {slug: outline(session, slug) for slug in before} == before
    assert undo(session) is None


def test_a_file_without_code_and_name_or_system_is_refused(session, ids, tmp_path):
    with pytest.raises(BadParameter, match="ma_xa or ten_xa"):
        load(session, files.write(tmp_path, "gpkg", [({"stt": 1}, square(0))]))
    with pytest.raises(MissingCrs):
        load(session, files.write_geojson(tmp_path / "a.geojson", [({"ma": "1"}, files.in_zone(square(0)))]))


@pytest.fixture
def lang_son(session):
    def day(text_):
        return date.fromisoformat(text_) if text_ else None

    with (DATA / "units.csv").open(encoding="utf-8") as lines:
        rows = [
            (r["slug"], r["code"], r["name"], r["kind"], r["level"], r["parent_slug"],
             Range(day(r["valid_from"]), day(r["valid_to"])))
            for r in csv.DictReader(lines)
        ]  # fmt: skip
    with (DATA / "unit_changes.csv").open(encoding="utf-8") as lines:
        changes = [(r["old_slug"], r["new_slug"], r["whole"] == "yes") for r in csv.DictReader(lines)]
    return add_units(session, rows, changes)


@pytest.mark.skipif(not REAL.is_file(), reason="../shared/data/boundaries_before2025 is not here")
def test_all_194_communes_of_the_province_load(session, lang_son):
    report = load(session, REAL)
    assert len([unit for unit in report.matched if unit.level == "commune"]) == 194
    assert len(report.matched) == 194 + 11 + 1
    assert (report.unmatched, report.repaired, report.still_drawn) == ([], [], [])
    assert slugs(report.without_outline) == {"x-chau-son-2025", "x-dinh-lap-2025", "x-kien-moc-2025"}
    areas = text(
        "select level, upper_inf(valid), sum(st_area(st_transform(geom, 9215))) / 1e6 from admin_unit group by 1, 2"
    )
    by_level = {(level, stands): km2 for level, stands, km2 in session.execute(areas)}
    assert by_level["commune", False] == pytest.approx(8332.8, rel=1e-4)
    assert by_level["district", False] == pytest.approx(by_level["commune", False], rel=1e-6)


@pytest.mark.skipif(not REAL.is_file(), reason="../shared/data/boundaries_before2025 is not here")
def test_one_layer_alone_may_be_loaded(session, lang_son):
    assert len(load(session, REAL, layer="huyen").matched) == 11
