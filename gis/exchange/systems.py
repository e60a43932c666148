"""Coordinate systems of files by their parameters, whatever they are called.

Programs write VN-2000 under any name: “unnamed” on an unknown datum, or a transverse Mercator on WGS 84 with the
meridian and scale of a Vietnamese zone. What the parameters say counts. Where they speak of VN-2000 and the name of
WGS 84, both readings are given: they lie 224 m apart, and somebody has to choose. Where a file's own word puts its
numbers nowhere, `fitting` says by which systems they would lie in the country: every door of files asks it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from gis import crs
from gis.crs import VIETNAM_BOX, VN2000, VN2000_PINNED_PROJ4, WGS84, ZONES
from gis.errors import GisError

_VN2000_NAMES = ("vn2000", "vn 2000", "vietnam 2000", "viet nam 2000", "vietnam2000")
_WGS84_NAMES = ("world geodetic system 1984", "wgs 84", "wgs84", "wgs 1984")
_PINNED = tuple(
    float(number)
    for part in VN2000_PINNED_PROJ4.split()
    if part.startswith("+towgs84=")
    for number in part.removeprefix("+towgs84=").split(",")
)
_SHIFT_TOLERANCE_M = 1.0
UNITS = {
    0.001: GisError("millimetres"),
    0.01: GisError("centimetres"),
    0.1: GisError("decimetres"),
    1000.0: GisError("kilometres"),
    0.0254: GisError("inches"),
    0.3048: GisError("feet"),
    1200 / 3937: GisError("US survey feet"),
    0.9144: GisError("yards"),
    1609.344: GisError("miles"),
}
"""Units of length in which numbers come, by what they are in metres."""
_TRIED = (0.001, 0.01, 1000.0, 0.3048, 0.0254)
"""Units that are tried where nothing is said of one and metres do not fit."""


@dataclass(frozen=True)
class Way:
    """One way to understand the numbers of a file: how they come to VN-2000."""

    title: str | GisError
    """The system: its name, or words."""
    srid: int | None = None
    """A zone, or of `gis.crs.DEGREES`; None for a system that only the file defines."""
    definition: str | None = None
    same_datum: bool = False
    """Whether `definition` is VN-2000 in a plane of its own: then nothing is shifted."""
    swapped: bool = False
    """Whether north stands before east."""
    unit_m: float = 1.0
    """What one of the numbers is in the unit of the system."""

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
        return lambda points: np.column_stack(way(*(points[:, i] * self.unit_m for i in columns)))

    def lies(self, numbers: shapely.Geometry) -> bool:
        """Tell whether numbers lie in the country by it."""
        there = self._bounds(numbers)
        return bool(np.isfinite(there).all()) and inside_vietnam(there)

    def fits(self, numbers: shapely.Geometry) -> bool:
        """Tell whether numbers lie in the country by it, and where its zone is used."""
        west, _, east, _ = self._bounds(numbers)
        return self.lies(numbers) and (self.srid not in ZONES or ZONES[self.srid].reaches(west, east))

    def _bounds(self, numbers: shapely.Geometry) -> tuple[float, float, float, float]:
        return shapely.transform(shapely.box(*numbers.bounds), self.into_vn2000()).bounds

    def exchanged(self) -> "Way":
        """Give the way with north before east."""
        return replace(self, swapped=True, title=GisError("%(system)s, north before east", system=self.title))

    def in_unit(self, unit_m: float) -> "Way":
        """Give the way for numbers in another unit of length."""
        if unit_m == 1:
            return self
        title = GisError("%(system)s, in %(unit)s", system=self.title, unit=UNITS[unit_m])
        return replace(self, unit_m=unit_m, title=title)


def are_degrees(bounds: Sequence[float]) -> bool:
    """Tell whether numbers can be degrees at all, in whatever order."""
    return max(map(abs, bounds)) <= 180


def inside_vietnam(bounds: Sequence[float]) -> bool:
    """Tell whether bounds in degrees lie in the country."""
    west, south, east, north = VIETNAM_BOX
    return bool(bounds[0] >= west and bounds[1] >= south and bounds[2] <= east and bounds[3] <= north)


def fitting(numbers: shapely.Geometry, unit_m: float | None = None) -> list[Way]:
    """Give the ways by which numbers would lie in the country, whatever is said of them.

    Parameters
    ----------
    numbers : shapely.Geometry
    unit_m : float, optional
        The unit that they are said to be in, in metres.

    Returns
    -------
    list of Way
        As they stand where that fits; else with their axes exchanged, else in other units of length.
    """
    if are_degrees(numbers.bounds):
        tries = [[_in(srid) for srid in crs.DEGREES]]
    else:
        zones = [_in(srid) for srid in ZONES]
        said = [1.0] if unit_m in (None, 1.0) or unit_m not in UNITS else [1.0, unit_m]
        tries = [[zone.in_unit(unit) for unit in units for zone in zones] for units in (said, _TRIED)]
    for ways in tries:
        for each in (ways, [way.exchanged() for way in ways]):
            if found := [way for way in each if way.fits(numbers)]:
                return found
    return []


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
    said = Way(_title(base, datum), None, system.to_wkt())
    names = [_plain(each) for each in (datum.name, datum.datum.name if datum.datum else "")]
    vietnamese = any(name in each for name in _VN2000_NAMES for each in names) or _is_pinned(shift)
    world = any(name in each for name in _WGS84_NAMES for each in names) and "unknown" not in " ".join(names)
    if base.is_geographic:
        return _of_degrees(said, vietnamese, world and not any(shift), datum, shift)
    zone = _zone(base)
    plane = Way(_in_unit_of(base, f"VN-2000 · {_with_scale(base)}"[:120]), None, base.to_wkt(), same_datum=True)
    own = (_in(zone),) if zone else (plane, *_of_its_meridian(base))
    if vietnamese:
        # VN-2000 on another ellipsoid contradicts itself: its name or its parameters are wrong
        return own if _on_wgs84_ellipsoid(datum) else (*own, said)
    if not _on_wgs84_ellipsoid(datum) or any(shift):
        return (said,)
    if not _looks_vietnamese(base) and not any("unknown" in name for name in names):
        return (said,)
    if world and zone and ZONES[zone].width == 6:
        return (said,)  # UTM on WGS 84 is a system of its own, EPSG:32648
    if not world and not shift and zone:
        return own
    return (*own, said)


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


def _of_its_meridian(base: CRS) -> tuple[Way, ...]:
    """Give the 3° zone of a projection that has its meridian but another scale: one of the two is a slip."""
    found = _parameters(base)
    meridian = found and found.get("Longitude of natural origin")
    return tuple(
        _in(zone.srid) for zone in ZONES.values()
        if found and zone.width == 3 and abs(meridian - zone.central_meridian) < 1e-6
        and abs(found["Scale factor at natural origin"] - zone.scale) > 1e-8
    )  # fmt: skip


def _title(base: CRS, datum: CRS) -> str | GisError:
    """Name a system by its datum, projection and unit; what programs write for nothing is said in words."""
    name = base.name if _plain(base.name) not in _NAMELESS else _with_scale(base)
    of = datum.datum.name if datum.datum else datum.name
    if "unknown" in _plain(of) or _plain(of) in _NAMELESS:
        return _in_unit_of(base, GisError("unknown datum · %(name)s", name=name[:80]))
    return _in_unit_of(base, f"{of.removesuffix(' ensemble')} · {name}"[:120])


_NAMELESS = ("unknown", "unnamed", "undefined", "")


def _in_unit_of(base: CRS, title: str | GisError) -> str | GisError:
    """Add the unit of length of a projection to its title, where it is not the metre."""
    factor = base.axis_info[0].unit_conversion_factor if base.is_projected and base.axis_info else 1.0
    unit = next((name for metres, name in UNITS.items() if abs(metres / factor - 1) < 1e-7), None)
    if abs(factor - 1) < 1e-9:
        return title
    return GisError("%(system)s, in %(unit)s", system=title, unit=unit or f"{factor:g} m")


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
    """Give the parameters of a transverse Mercator, lengths in metres; None for any other projection."""
    operation = base.coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        return None
    return {
        parameter.name: parameter.value * parameter.unit_conversion_factor
        * (57.29577951308232 if "atitude" in parameter.name or "ongitude" in parameter.name else 1)
        for parameter in operation.params
    }  # fmt: skip


def _in_metres(base: CRS) -> bool:
    return all(abs(axis.unit_conversion_factor - 1) < 1e-9 for axis in base.axis_info)


def _looks_vietnamese(base: CRS) -> bool:
    found = _parameters(base)
    return (
        found is not None
        and abs(found["False easting"] - 500_000) < 0.01
        and abs(found["False northing"]) < 0.001
        and abs(found["Latitude of natural origin"]) < 1e-9
        and crs.VIETNAM_BOX[0] <= found["Longitude of natural origin"] <= crs.VIETNAM_BOX[2]
    )


def _with_scale(base: CRS) -> str:
    """Name a projection that is no zone by what it has otherwise than the zones: its meridian and scale."""
    found = _parameters(base) or {}
    meridian, scale = found.get("Longitude of natural origin"), found.get("Scale factor at natural origin")
    name = "" if _plain(base.name) in _NAMELESS else base.name
    if meridian is None or scale is None:
        return name or "?"
    return " · ".join(filter(None, (name, f"{meridian:g}°, k = {scale:g}".replace(".", ","))))


def _zone(base: CRS) -> int | None:
    """Find the zone of VN-2000 that has these parameters."""
    if not _looks_vietnamese(base) or not _in_metres(base):
        return None
    found = _parameters(base)
    for zone in ZONES.values():
        meridian = abs(found["Longitude of natural origin"] - zone.central_meridian)
        if meridian < 1e-6 and abs(found["Scale factor at natural origin"] - zone.scale) < 1e-8:
            return zone.srid
    return None
