"""The coordinate systems as PostGIS knows them, against pyproj."""

import pytest
from pyproj.enums import TransformDirection
from sqlalchemy import func, select, text

from gis import crs, model
from tests import factories as make
from tests.unit.test_crs import ACROSS_THE_SEAM, WGS84_POINT, ZONE_POINT, metres_apart


def transformed(session, point, from_srid: int, to_srid: int) -> tuple[float, float]:
    made = func.ST_Transform(func.ST_SetSRID(func.ST_MakePoint(*point), from_srid), to_srid, type_=None)
    return tuple(session.execute(select(func.ST_X(made), func.ST_Y(made))).one())


@pytest.mark.parametrize("point", [*ACROSS_THE_SEAM, (106.7613, 21.853), (105.8, 9.2), (114.2, 9.0)])
def test_postgis_and_pyproj_agree_to_a_millimetre(session, point):
    ours = crs.to_wgs84().transform(*point)
    assert metres_apart(transformed(session, point, crs.VN2000_PINNED, crs.WGS84), ours) < 0.001
    back = transformed(session, ours, crs.WGS84, crs.VN2000_PINNED)
    assert metres_apart(back, crs.to_wgs84().transform(*ours, direction=TransformDirection.INVERSE)) < 0.001


def test_no_step_at_the_seam(session):
    """A line across 11.04° N stays straight."""
    points = [(106.0, 11.04 + n / 10_000) for n in (-2, -1, 1, 2)]
    moved = [transformed(session, point, crs.VN2000_PINNED, crs.WGS84) for point in points]
    shifts = [metres_apart(a, b) for a, b in zip(points, moved, strict=True)]
    assert max(shifts) - min(shifts) < 0.001


def test_a_known_point_there_and_back(session):
    degrees = transformed(session, WGS84_POINT, crs.WGS84, crs.VN2000_PINNED)
    assert transformed(session, degrees, crs.VN2000, crs.LANG_SON_ZONE) == pytest.approx(ZONE_POINT, abs=0.001)
    degrees = transformed(session, ZONE_POINT, crs.LANG_SON_ZONE, crs.VN2000)
    back = transformed(session, degrees, crs.VN2000_PINNED, crs.WGS84)
    assert metres_apart(back, WGS84_POINT) < 0.002


@pytest.mark.parametrize("zone", crs.ZONES.values(), ids=lambda zone: str(zone.srid))
def test_zones_agree_with_pyproj(session, zone):
    point = (zone.central_meridian + 0.7, 16.5)
    ours = crs.to_zone(zone.srid).transform(*point)
    assert transformed(session, point, crs.VN2000, zone.srid) == pytest.approx(ours, abs=0.001)


def test_the_rows_are_those_of_the_one_place(session):
    found = session.execute(text("select srid, proj4text, auth_name from spatial_ref_sys")).all()
    rows = {row.srid: row.proj4text for row in found}
    labels = {row.srid: row.auth_name for row in found}
    for srid in crs.SEEDED_ZONES:
        assert rows[srid].split() == crs.ZONES[srid].proj4.split()
    assert rows[crs.VN2000_PINNED].split() == crs.VN2000_PINNED_PROJ4.split()
    assert {labels[srid] for srid in crs.SEEDED_ZONES} == {"EPSG"}
    assert labels[crs.VN2000_PINNED] != "EPSG", "labelled EPSG, PROJ would choose by location again"


def test_the_copy_for_tiles_goes_through_the_pinned_row(session):
    parcel = make.affected(session, make.project(session))
    pinned = func.ST_Transform(func.ST_SetSRID(model.AffectedParcel.geom, crs.VN2000_PINNED), crs.WEB_MERCATOR)
    away = func.ST_HausdorffDistance(pinned, model.AffectedParcel.tile_geom)
    assert session.scalar(select(away).where(model.AffectedParcel.id == parcel.id)) == 0
    parcel.geom = make.stored(make.square(500, 500))
    session.flush()
    assert session.scalar(select(away).where(model.AffectedParcel.id == parcel.id)) == 0


def test_a_square_keeps_its_area(session):
    """1 000 m² drawn in the zone are 1 000 m² after storing; in Web Mercator they would be 15 % more."""
    unit = make.unit(session, shape=make.square(side_m=1000**0.5))
    in_zone = func.ST_Area(func.ST_Transform(model.AdminUnit.geom, crs.LANG_SON_ZONE))
    area_m2 = session.scalar(select(in_zone).where(model.AdminUnit.id == unit.id))
    assert area_m2 == pytest.approx(1000, abs=0.01)
    drawn = session.scalar(select(func.ST_Area(model.AdminUnit.tile_geom)).where(model.AdminUnit.id == unit.id))
    assert drawn > 1100
