"""Coordinate systems of files by their parameters, whatever they are called.

Programs write VN-2000 under any name: “unnamed” on an unknown datum, or a transverse Mercator on WGS 84 with the
meridian and scale of a Vietnamese zone. What the parameters say counts. Where they speak of VN-2000 and the name of
WGS 84, both readings are given: they lie 224 m apart, and somebody has to choose.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from gis import crs
from gis.crs import VN2000, VN2000_PINNED_PROJ4, WGS84, ZONES

_VN2000_NAMES = ("vn2000", "vn 2000", "vietnam 2000", "viet nam 2000", "vietnam2000")
_WGS84_NAMES = ("world geodetic system 1984", "wgs 84", "wgs84", "wgs 1984")
_PINNED = tuple(
    float(number)
    for part in VN2000_PINNED_PROJ4.split()
    if part.startswith("+towgs84=")
    for number in part.removeprefix("+towgs84=").split(",")
)
_SHIFT_TOLERANCE_M = 1.0
_VN2000_SCALES = (0.9999, 0.9996)


@dataclass(frozen=True)
class Way:
    """One way to understand the numbers of a file: how they come to VN-2000."""

    title: str
    """The system, in words of no language."""
    srid: int | None = None
    """A zone, or of `gis.crs.DEGREES`; None for a system that only the file defines."""
    definition: str | None = None
    same_datum: bool = False
    """Whether `definition` is VN-2000 in a plane of its own: then nothing is shifted."""
    swapped: bool = False
    """Whether north stands before east."""

    def into_vn2000(self) -> Callable[[np.ndarray], np.ndarray]:
        """Give the function from points in the file's numbers to VN-2000 degrees (longitude, latitude)."""
        if self.srid is not None:
            way = crs.into_vn2000(self.srid)
        elif self.same_datum:
            plane = CRS.from_user_input(self.definition)  # back to its own degrees: whatever datum it names, none moves
            way = Transformer.from_crs(plane, plane.geodetic_crs, always_xy=True).transform
        else:
            there = Transformer.from_crs(CRS.from_user_input(self.definition), CRS.from_epsg(WGS84), always_xy=True)
            back = crs.into_vn2000(WGS84)

            def way(x, y):
                return back(*there.transform(x, y))

        columns = (1, 0) if self.swapped else (0, 1)
        return lambda points: np.column_stack(way(*(points[:, i] for i in columns)))


def ways_of(definition: str | None) -> tuple[Way, ...]:
    """Give the ways to understand a definition (a code, WKT, PROJ): one where it is sure, none where it says nothing.

    Parameters
    ----------
    definition : str or None

    Returns
    -------
    tuple of Way
        With two, the first is VN-2000.
    """
    if not definition:
        return ()
    try:
        system = CRS.from_user_input(definition)
    except CRSError:
        return ()
    if not (system.is_projected or system.is_geographic or system.is_bound):
        return ()  # a system of an engine or of heights: it says no place
    base = system.source_crs if system.is_bound else system
    shift = system.coordinate_operation.towgs84 if system.is_bound else []
    datum = base.geodetic_crs
    if datum is None:
        return ()
    said = Way(f"{datum.datum.name if datum.datum else datum.name} · {base.name}"[:120], None, system.to_wkt())
    names = [_plain(each) for each in (datum.name, datum.datum.name if datum.datum else "")]
    vietnamese = any(name in each for name in _VN2000_NAMES for each in names) or _is_pinned(shift)
    world = any(name in each for name in _WGS84_NAMES for each in names) and "unknown" not in " ".join(names)
    if base.is_geographic:
        return _of_degrees(said, vietnamese, world and not any(shift), datum, shift)
    zone, plane = _zone(base), Way(f"VN-2000 · {_with_scale(base)}"[:120], None, base.to_wkt(), same_datum=True)
    if vietnamese:
        own = _in(zone) if zone else plane
        # VN-2000 on another ellipsoid contradicts itself: its name or its parameters are wrong
        return (own,) if _on_wgs84_ellipsoid(datum) else (own, said)
    if not _on_wgs84_ellipsoid(datum) or any(shift) or not (zone or _looks_vietnamese(base)):
        return (said,)
    if world and zone and ZONES[zone].width == 6:
        return (said,)  # UTM on WGS 84 is a system of its own, EPSG:32648
    if not world and not shift:
        return (_in(zone),) if zone else (plane, said)
    return (_in(zone) if zone else plane, said)


def utm_of_wgs84(ways: tuple[Way, ...]) -> int | None:
    """Give the zone of VN-2000 that has the parameters of a UTM zone of WGS 84: the two are often taken for another."""
    if len(ways) != 1 or ways[0].srid is not None or ways[0].same_datum:
        return None
    base = CRS.from_user_input(ways[0].definition)
    base = base.source_crs if base.is_bound else base
    return _zone(base) if base.is_projected and _on_wgs84_ellipsoid(base.geodetic_crs) else None


def _in(srid: int) -> Way:
    return Way(crs.name_of(srid), srid)


def _of_degrees(said: Way, vietnamese: bool, world: bool, datum, shift) -> tuple[Way, ...]:
    if vietnamese:
        return (_in(VN2000),) if _on_wgs84_ellipsoid(datum) else (_in(VN2000), said)
    if world:
        return (_in(WGS84),)
    if _on_wgs84_ellipsoid(datum) and not any(shift):
        return (_in(VN2000), _in(WGS84))
    return (said,)


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").replace("-", " ").split())


def _is_pinned(shift: list[float]) -> bool:
    """Tell whether a datum shift is that of VN-2000, whichever sign the rotations have."""
    if len(shift) < 3 or any(abs(a - b) > _SHIFT_TOLERANCE_M for a, b in zip(shift[:3], _PINNED, strict=False)):
        return False
    return len(shift) < 7 or all(abs(abs(a) - abs(b)) < 1e-3 for a, b in zip(shift[3:6], _PINNED[3:6], strict=True))


def _on_wgs84_ellipsoid(datum: CRS) -> bool:
    ellipsoid = datum.ellipsoid
    return abs(ellipsoid.semi_major_metre - 6_378_137) < 0.5 and abs(ellipsoid.inverse_flattening - 298.2572) < 0.001


def _parameters(base: CRS) -> dict[str, float] | None:
    """Give the parameters of a transverse Mercator in metres; None for any other projection."""
    operation = base.coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        return None
    if any(abs(axis.unit_conversion_factor - 1) > 1e-9 for axis in base.axis_info):
        return None
    return {
        parameter.name: parameter.value * (parameter.unit_conversion_factor * 57.29577951308232)
        if "atitude" in parameter.name or "ongitude" in parameter.name
        else parameter.value
        for parameter in operation.params
    }


def _looks_vietnamese(base: CRS) -> bool:
    found = _parameters(base)
    return (
        found is not None
        and abs(found["False easting"] - 500_000) < 0.001
        and abs(found["False northing"]) < 0.001
        and abs(found["Latitude of natural origin"]) < 1e-9
        and any(abs(found["Scale factor at natural origin"] - scale) < 1e-8 for scale in _VN2000_SCALES)
        and crs.VIETNAM_BOX[0] <= found["Longitude of natural origin"] <= crs.VIETNAM_BOX[2]
    )


def _with_scale(base: CRS) -> str:
    """Name a projection that is no zone by what it has otherwise than the zones: its meridian and scale."""
    found = _parameters(base) or {}
    meridian, scale = found.get("Longitude of natural origin"), found.get("Scale factor at natural origin")
    if meridian is None or scale is None:
        return base.name
    return f"{base.name} · {meridian:g}°, k = {scale:g}".replace(".", ",")


def _zone(base: CRS) -> int | None:
    """Find the zone of VN-2000 that has these parameters."""
    if not _looks_vietnamese(base):
        return None
    found = _parameters(base)
    for zone in ZONES.values():
        meridian = abs(found["Longitude of natural origin"] - zone.central_meridian)
        if meridian < 1e-6 and abs(found["Scale factor at natural origin"] - zone.scale) < 1e-8:
            return zone.srid
    return None
