"""The coordinate systems as pyproj knows them."""

import pytest
from pyproj import CRS, Geod, Transformer
from pyproj.enums import TransformDirection

from gis import crs
from gis.errors import BadParameter

# A point of the city of Lạng Sơn, computed with another program from EPSG's definitions: WGS 84 to zone 107°15'.
WGS84_POINT = (106.7613, 21.8530)
ZONE_POINT = (449293.459, 2417472.256)
ACROSS_THE_SEAM = [(lon, lat) for lon in (104.0, 105.5, 106.7, 107.2, 108.9) for lat in (11.039, 11.041)]
WGS84_ELLIPSOID = Geod(ellps="WGS84")


def metres_apart(one, other) -> float:
    return WGS84_ELLIPSOID.inv(*one, *other)[2]


def test_a_known_point_from_wgs84_to_the_zone():
    degrees = crs.to_wgs84().transform(*WGS84_POINT, direction=TransformDirection.INVERSE)
    east, north = crs.to_zone(crs.LANG_SON_ZONE).transform(*degrees)
    assert (east, north) == pytest.approx(ZONE_POINT, abs=0.001)


def test_a_known_point_from_the_zone_to_wgs84():
    degrees = crs.to_zone(crs.LANG_SON_ZONE).transform(*ZONE_POINT, direction=TransformDirection.INVERSE)
    assert metres_apart(crs.to_wgs84().transform(*degrees), WGS84_POINT) < 0.002


def test_left_to_itself_proj_would_jump_where_ours_does_not():
    """The reason for the pinned definition. Should this fail, PROJ has changed: look at decision 0001 anew."""
    chosen = Transformer.from_crs(crs.VN2000, crs.WGS84, always_xy=True)
    south, north = (106.0, 11.0399), (106.0, 11.0401)

    def shifts(transformer):
        return [metres_apart(transformer.transform(*point), point) for point in (south, north)]

    free, ours = shifts(chosen), shifts(crs.to_wgs84())
    assert abs(ours[0] - ours[1]) < 0.001
    assert abs(free[0] - free[1]) > 0.1


@pytest.mark.parametrize("point", [p for p in ACROSS_THE_SEAM if p[1] > 11.04 or not 104.24 < p[0] < 107.11])
def test_the_pinned_shift_is_epsg_6959(point):
    """Outside the box where PROJ chooses another operation it chooses EPSG:6959, and ours gives the same."""
    chosen = Transformer.from_crs(crs.VN2000, crs.WGS84, always_xy=True).transform(*point)
    assert metres_apart(crs.to_wgs84().transform(*point), chosen) < 0.001


@pytest.mark.parametrize("zone", crs.ZONES.values(), ids=lambda zone: str(zone.srid))
def test_zones_are_those_of_epsg(zone):
    epsg = CRS.from_epsg(zone.srid)
    parameters = {p.name: p.value for p in epsg.coordinate_operation.params}
    assert parameters["Longitude of natural origin"] == zone.central_meridian
    assert parameters["Scale factor at natural origin"] == zone.scale == (0.9996 if zone.width == 6 else 0.9999)
    assert parameters["False easting"] == 500_000
    assert epsg.geodetic_crs.to_epsg() == crs.VN2000
    east, north = crs.to_zone(zone.srid).transform(zone.central_meridian + 0.4, 15.0)
    by_epsg = Transformer.from_crs(crs.VN2000, zone.srid, always_xy=True).transform(zone.central_meridian + 0.4, 15.0)
    assert (east, north) == pytest.approx(by_epsg, abs=0.001)


def test_a_zone_is_never_guessed():
    assert crs.zone_of("t-lang-son").srid == crs.LANG_SON_ZONE
    with pytest.raises(BadParameter, match="t-nowhere"):
        crs.zone_of("t-nowhere")
