"""Where numbers can lie: every system is tried, and what the numbers do not tell is asked with the places."""

import json

import numpy as np
import pytest
import shapely

from gis import crs, outline_files, outlines, siting
from gis.errors import BadParameter, OutsideVietnam, Question
from gis.exchange import vertices
from tests import factories as make

FIVE = [(106.7361, 21.8561), (106.7388, 21.8566), (106.7393, 21.8540), (106.7379, 21.8526), (106.7358, 21.8533)]


def numbers(srid, away_lon=0.0):
    """The same outline, in WGS 84, as a table of any system, perhaps some degrees farther east."""
    shape = shapely.Polygon([(lon + away_lon, lat) for lon, lat in FIVE])
    moved = shapely.transform(shape, lambda c: np.column_stack(crs.to_wgs84().transform(*c.T, direction="INVERSE")))
    return outlines.vertex_table(shapely.MultiPolygon([moved]), srid)


@pytest.fixture
def project(session):
    """A project in a province from 106.05° to 107.4° E, of two communes."""
    for slug, west, east in (("x-tay", 106.05, 106.6), ("x-dong", 106.6, 107.4)):
        make.unit(session, slug=slug, name=f"xã {slug[2:].title()}", shape=shapely.box(west, 21.3, east, 22.3))
    return make.project(session)


def settled(session, project, text, asked=None):
    return siting.settle_table(session, project.id, vertices.read(text), asked)


def right(place):
    found = shapely.geometry.shape(outlines.as_geojson(place.reading.outline))
    return found.hausdorff_distance(shapely.Polygon(FIVE)) * 111_000 < 0.01


def test_numbers_of_the_province_s_zone_are_taken_in_it(session, project):
    place = settled(session, project, numbers(9215))
    assert place.srid == 9215 and right(place) and place.communes == ("xã Dong",)
    assert settled(session, project, numbers(9215), 9215).srid == 9215


def test_numbers_of_utm_48n_are_told_from_the_zone_of_3_degrees_on_the_same_meridian(session, project):
    place = settled(session, project, numbers(3405))
    assert place.srid == 3405 and right(place)
    assert "Neither you nor the table says the zone" in str(place.reading.notes[0])
    assert settled(session, project, numbers(3405), 3405).reading.notes == ()
    for wrong in (9215, 5897):
        with pytest.raises(Question) as asked:
            settled(session, project, numbers(3405), wrong)
        assert [each.srid for each in asked.value.choices] == [3405]
        assert "UTM 48N" in str(asked.value) and "5897" not in str(asked.value)
    with pytest.raises(BadParameter, match="are metres"):
        settled(session, project, numbers(3405), 4326)


def test_where_two_zones_fall_into_the_province_it_is_asked_with_both_places(session, project):
    west = numbers(3405, -0.45)  # 106.29° E: within 1.5° of 105°, so that a zone of 3° may be meant too
    for asked in (None, 3405, 5897):
        with pytest.raises(Question, match=r"UTM 48N .*xã Tay.*; 105°00′ \(3°\): xã Tay") as question:
            settled(session, project, west, asked)
        assert [each.srid for each in question.value.choices] == [3405, 5897]
        one, other = question.value.choices
        assert 600 < one.plane.centroid.distance(other.plane.centroid) < 900
    told = f"Hệ tọa độ VN-2000, UTM, múi 6°, kinh tuyến trục 105°\n{west}"
    assert settled(session, project, told).srid == 3405, "the table says it"
    with pytest.raises(Question, match="The table says"):
        settled(session, project, told, 5897)


def test_degrees_are_asked_for_their_datum_unless_it_is_said(session, project):
    text = numbers(4326)
    for asked in (None, 9215):
        with pytest.raises(Question, match=r"WGS 84 .* or of VN-2000 .* lie 22\d m apart") as question:
            settled(session, project, text, asked)
        assert {each.srid for each in question.value.choices} == {4326, 4756}
    assert right(settled(session, project, text, 4326))
    assert right(settled(session, project, numbers(4756), 4756))
    assert right(settled(session, project, f"Tọa độ WGS-84\n{text}"))
    with pytest.raises(Question, match="The table says"):
        settled(session, project, f"Tọa độ WGS-84\n{text}", 4756)


def test_what_is_on_record_tells_one_zone_from_another(session, project):
    make.boundary(session, project, shape=make.in_degrees(shapely.box(422_000, 2_417_000, 424_000, 2_418_500)))
    there = numbers(9214, -0.25)
    with pytest.raises(Question, match=r"lies \d+ m from what is on record .* 107°00′ \(3°\)") as question:
        settled(session, project, there, 9215)
    assert question.value.choices[0].srid == 9214 and question.value.choices[0].known_m < 2_000
    assert settled(session, project, there, 9214).srid == 9214


def test_a_table_with_old_and_new_columns_is_asked_about_by_the_pair(session, project):
    rows = [line.split("\t") for line in numbers(9215).splitlines()]
    moved = [(n, x, y, f"{float(x) + 40:.3f}", y) for n, x, y in rows]
    text = "STT\tX cũ\tY cũ\tX mới\tY mới\n" + "\n".join("\t".join(each) for each in moved)
    with pytest.raises(Question, match="several times, in several pairs of columns") as asked:
        settled(session, project, text)
    old, new = asked.value.choices
    assert right(old) and "X cũ, Y cũ" in str(old.variant) and "X mới, Y mới" in str(new.title)
    assert new.plane.centroid.y - old.plane.centroid.y == pytest.approx(40, abs=0.01)
    with pytest.raises(BadParameter, match="send the columns of one pair"):
        outlines.outline_from_vertices(text, 9215)


def file_in(numbers_of, said, name="ranh.geojson"):
    """A GeoJSON with numbers of one zone that says another."""
    shape = shapely.transform(
        shapely.Polygon(FIVE),
        lambda c: np.column_stack(crs.to_zone(numbers_of).transform(*crs.into_vn2000(4326)(*c.T))),
    )
    given = shapely.geometry.mapping(shape) | {"crs": {"type": "name", "properties": {"name": said}}}
    return outline_files.read_file(json.dumps(given).encode(), name)


def test_a_file_that_says_another_system_than_its_numbers_are_in_is_asked_about_as_a_table_is(session, project):
    for said in ("EPSG:3405", "EPSG:9212"):  # far south-west of the province, and west of it
        with pytest.raises(Question, match=r"Read as .* no commune of the province; .*107°15′") as asked:
            siting.settle_file(session, project.id, file_in(9215, said))
        assert right(next(each for each in asked.value.choices if each.srid == 9215))
    make.boundary(session, project, shape=shapely.box(106.735, 21.852, 106.74, 21.857))
    with pytest.raises(Question, match=r"lies 25[. ]?\d+ m from what is on record") as asked:
        siting.settle_file(session, project.id, file_in(9215, "EPSG:9216"))
    assert asked.value.choices[0].srid == 9215
    assert right(siting.settle_file(session, project.id, file_in(9215, "EPSG:9215")))


def test_what_lies_nowhere_in_the_province_is_refused(session, project):
    with pytest.raises(OutsideVietnam, match="touches no commune"):
        settled(session, project, numbers(9215).replace("\t2417", "\t2017").replace("\t2418", "\t2018"))
    with pytest.raises(OutsideVietnam, match="touches no commune"):
        siting.settle_outline(
            session, project.id, outlines.Reading(shapely.MultiPolygon([shapely.box(105, 20, 105.1, 20.1)]))
        )


def test_without_outlines_of_units_only_the_zone_of_the_province_is_sure(session):
    lone = make.project(session)
    assert settled(session, lone, numbers(9215), 9215).srid == 9215
    assert settled(session, lone, numbers(9215)).srid == 9215


def test_the_facts_of_an_outline_name_its_place_and_what_differs(session, project):
    outline = shapely.MultiPolygon([make.square(0, 0, 100), make.square(300, 0, 100)])
    facts = siting.look(session, project.id, outline)
    assert (facts.polygons, round(facts.area_m2), facts.record_m2, facts.from_record_m) == (2, 20_000, None, None)
    assert facts.communes[0][0] == "xã Dong" and facts.outside_m2 == pytest.approx(0, abs=1)
    assert (round(facts.east_m - make.EAST), round(facts.north_m - make.NORTH)) == (200, 50)
    make.boundary(session, project, shape=make.square(1000, 0, 500))
    facts = siting.look(session, project.id, outline)
    assert facts.apart and facts.very_different and facts.from_record_m == pytest.approx(600, abs=1)
