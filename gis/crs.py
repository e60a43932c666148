"""Every coordinate system and datum parameter of the project: the only place with SRIDs.

Decision 0001 (docs/decisions) gives the reasons. In short: everything is stored in VN-2000 geographic
(EPSG:4756), measured in the province's 3° zone, and crosses to WGS 84 by one pinned definition. PROJ left to
itself picks one of two datum shifts by location, so that geometry jumps 0.8 m at 11.04° N.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from pyproj import CRS, Transformer

from gis.errors import BadParameter

VN2000 = 4756
"""VN-2000, geographic 2D, degrees: the storage system of every geometry column."""

WGS84 = 4326
WEB_MERCATOR = 3857

VN2000_PINNED = 914756
"""Our own row of `spatial_ref_sys`: VN-2000 with the datum shift written out. A geometry is relabelled with it
(`ST_SetSRID`) just before `ST_Transform`, so that no choice is left to PROJ. PostGIS keeps 910000-998999 for users."""

VN2000_PINNED_PROJ4 = (
    "+proj=longlat +ellps=WGS84 "
    "+towgs84=-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278 +no_defs"
)
"""EPSG:6959's parameters. EPSG lists the rotations with the other sign (coordinate frame): unflipped they
cost 0.77 m."""

VIETNAM_BOX = (102.0, 6.0, 118.0, 24.0)
"""West, south, east, north in degrees VN-2000: mainland, continental shelf, Hoàng Sa and Trường Sa. Every stored
geometry must lie in it, which catches metres in a degree column and swapped axes."""


DEGREES = {WGS84: "WGS 84", VN2000: "VN-2000"}
"""The systems in which tables of degrees stand, by name: GPS and Google Earth give the first. They lie 224 m apart."""


@dataclass(frozen=True)
class Zone:
    """A zone of VN-2000 (transverse Mercator, false easting 500 000 m): of 3° (k 0.9999) or of 6° (UTM, k 0.9996)."""

    srid: int
    central_meridian: float
    """Degrees east."""
    scale: float = 0.9999
    """On the central meridian."""
    width: int = 3
    """Degrees: the zone is used up to half of it away from its meridian."""

    @property
    def proj4(self) -> str:
        """The definition without any datum shift: zone and VN-2000 geographic share the datum."""
        return (
            f"+proj=tmerc +lat_0=0 +lon_0={self.central_meridian:g} +k={self.scale:g} +x_0=500000 +y_0=0 "
            "+ellps=WGS84 +units=m +no_defs"
        )

    @property
    def pinned_proj4(self) -> str:
        """The definition with the pinned datum shift written out, for programs that go to WGS 84 in one step."""
        shift = next(part for part in VN2000_PINNED_PROJ4.split() if part.startswith("+towgs84="))
        return self.proj4.replace("+no_defs", f"{shift} +no_defs")

    @property
    def meridian(self) -> str:
        """The central meridian as documents write it, such as 107°15′."""
        degrees, minutes = divmod(round(self.central_meridian * 60), 60)
        return f"{degrees}°{minutes:02}′"

    @property
    def name(self) -> str:
        """What the zone is called where both widths are offered: two zones may share a meridian."""
        if self.width == 6:
            return f"UTM {round((self.central_meridian + 183) / 6)}N ({self.meridian}, 6°)"
        return f"{self.meridian} (3°)"

    def reaches(self, west: float, east: float) -> bool:
        """Tell whether it is used for what lies between two longitudes."""
        return max(abs(west - self.central_meridian), abs(east - self.central_meridian)) <= self.width / 2 + ZONE_MARGIN


ZONE_MARGIN = 0.1
"""Degrees that a zone is used beyond its half width."""
ZONES = {
    zone.srid: zone
    for zone in (
        Zone(5896, 102.0), Zone(5897, 105.0), Zone(5898, 108.0), Zone(5899, 107.75),
        Zone(9205, 103.0), Zone(9206, 104.0), Zone(9207, 104.5), Zone(9208, 104.75), Zone(9209, 105.5),
        Zone(9210, 105.75), Zone(9211, 106.0), Zone(9212, 106.25), Zone(9213, 106.5), Zone(9214, 107.0),
        Zone(9215, 107.25), Zone(9216, 107.5), Zone(9217, 108.25), Zone(9218, 108.5),
        Zone(3405, 105.0, 0.9996, 6), Zone(3406, 111.0, 0.9996, 6),
    )
}  # fmt: skip
"""EPSG's zones of VN-2000. PostGIS 3.3 knows 3405, 3406 and 5896-5899; 9205-9218 are seeded by migration 0001."""

SEEDED_ZONES = tuple(srid for srid in ZONES if srid >= 9205)

LANG_SON_ZONE = 9215
"""107°15': the zone of Lạng Sơn (Circular 26/2024/TT-BTNMT)."""

PROVINCE_ZONES = {"t-lang-son": LANG_SON_ZONE}
"""Province slug to the zone its land is measured in. A new province is one line here."""


def name_of(srid: int) -> str:
    """Name a system: a zone with its meridian and width, or degrees by their datum."""
    return ZONES[srid].name if srid in ZONES else DEGREES[srid]


def zone_of(province_slug: str) -> Zone:
    """Give the 3° zone in which a province measures its land.

    Parameters
    ----------
    province_slug : str
        Slug of the province, such as ``t-lang-son``.

    Returns
    -------
    Zone

    Raises
    ------
    BadParameter
        If no zone is known for the province: a zone is never guessed (the next one lies 26 km off).
    """
    if province_slug not in PROVINCE_ZONES:
        raise BadParameter("No VN-2000 zone is known for province %(slug)s.", slug=province_slug)
    return ZONES[PROVINCE_ZONES[province_slug]]


@cache
def to_zone(srid: int) -> Transformer:
    """Give the transformer from VN-2000 geographic (EPSG:4756, lon/lat) to a zone (E, N in metres).

    No datum shift is involved; the way back is ``transform(..., direction="INVERSE")``.
    """
    return Transformer.from_crs(CRS.from_epsg(VN2000), CRS.from_proj4(ZONES[srid].proj4), always_xy=True)


def into_vn2000(srid: int) -> Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Give the function from numbers of a zone (E, N) or of `DEGREES` (lon, lat) to VN-2000 degrees (lon, lat)."""
    if srid == VN2000:
        return lambda lon, lat: (lon, lat)
    way = to_wgs84() if srid == WGS84 else to_zone(srid)
    return lambda x, y: way.transform(x, y, direction="INVERSE")


@cache
def to_wgs84() -> Transformer:
    """Give the one pinned transformer from VN-2000 geographic to WGS 84, both lon/lat in degrees.

    It is the same definition as the database's row `VN2000_PINNED`, so that PostGIS and pyproj agree
    everywhere in the country.
    """
    steps = VN2000_PINNED_PROJ4.replace("+no_defs", "").replace("+proj=longlat +ellps=WGS84 +towgs84=", "")
    x, y, z, rx, ry, rz, s = steps.strip().split(",")
    return Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        "+step +proj=push +v_3 +step +proj=cart +ellps=WGS84 "
        f"+step +proj=helmert +x={x} +y={y} +z={z} +rx={rx} +ry={ry} +rz={rz} +s={s} +convention=position_vector "
        "+step +inv +proj=cart +ellps=WGS84 +step +proj=pop +v_3 "
        "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
