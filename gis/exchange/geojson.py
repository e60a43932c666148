"""GeoJSON looked through before any library has it: what is no shape is refused with its place in the file.

Rings that are not closed, NaN, numbers that are none, endless nesting: libraries crash on them, or worse, take them.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass

import shapely
from shapely.errors import ShapelyError

from gis.errors import BadParameter, InvalidGeometry, UnreadableFile

_DEPTH = {
    "Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3,
}  # fmt: skip
MOST_NESTED = 8
MOST_FEATURES = 200_000


@dataclass(frozen=True)
class Read:
    """A feature: its place from 1, its properties, its shape (None where it has none) and whether that has heights."""

    row: int
    values: dict[str, object]
    shape: shapely.Geometry | None
    has_z: bool


@dataclass(frozen=True)
class Collection:
    """What a GeoJSON holds: its features, and the system that an old “crs” member names: `UNKNOWN` where it says one
    that is not understood, or that there is none; None where there is no such member."""

    features: list[Read]
    crs: str | None


def of_bytes(content: bytes, name: str) -> Collection:
    """Read a GeoJSON file.

    Raises
    ------
    UnreadableFile
        For what is no JSON in UTF-8, or no GeoJSON.
    InvalidGeometry
        For a shape that is none: with the feature and what is wrong.
    """
    try:
        given = json.loads(
            content.decode("utf-8-sig"), parse_constant=_no_number, object_pairs_hook=_of_different_names
        )
    except UnicodeDecodeError as error:
        raise UnreadableFile("The file “%(file)s” is not written in UTF-8.", file=name) from error
    except RecursionError as error:
        raise UnreadableFile("The GeoJSON is too deeply nested.") from error
    except ValueError as error:
        raise UnreadableFile("The file “%(file)s” is broken: it is not whole JSON.", file=name) from error
    if not isinstance(given, dict) or given.get("type") not in ("FeatureCollection", "Feature", *_DEPTH, _COLLECTION):
        raise UnreadableFile("The file “%(file)s” is not a %(title)s.", file=name, title="GeoJSON")
    return of_object(given)


def _no_number(_constant: str) -> float:
    raise InvalidGeometry("The GeoJSON holds NaN or Infinity where a number must stand.", parameter="geojson")


def said_twice(pairs: list[tuple[str, object]]) -> str | None:
    """Give the first name that an object of JSON says more than once; None where each is said once."""
    if len({name for name, _ in pairs}) == len(pairs):
        return None
    names = [name for name, _ in pairs]
    return next(name for name in names if names.count(name) > 1)


def _of_different_names(pairs: list[tuple[str, object]]) -> dict:
    """Make an object; one that says a thing twice is refused, for programs take one or the other."""
    if (twice := said_twice(pairs)) is not None:
        raise InvalidGeometry("An object of the GeoJSON says “%(name)s” twice: nobody can know which counts.",
                              parameter="geojson", name=twice[:40])  # fmt: skip
    return dict(pairs)


_COLLECTION = "GeometryCollection"
UNKNOWN = "?"
"""The system of a GeoJSON whose “crs” is not understood: no program reads it as one."""


def of_object(given: object) -> Collection:
    """Read a GeoJSON object: a collection of features, a feature or a geometry.

    Raises
    ------
    BadParameter
        For what is no object.
    UnreadableFile, InvalidGeometry
        As `of_bytes`.
    """
    if not isinstance(given, dict):
        raise BadParameter("The GeoJSON of the outline cannot be read.", parameter="geojson")
    features = [
        Read(row, values, *_shape(geometry, row)) for row, (values, geometry) in enumerate(_features(given), start=1)
    ]
    return Collection(features, _crs(given))


def _members(given: dict, depth: int = 0) -> Iterator[object]:
    """Give every “crs” member: of the collection, its features and their geometries."""
    if "crs" in given:
        yield given["crs"]
    inside = [given.get("geometry"), *(given.get("features") or ()), *(given.get("geometries") or ())]
    for each in inside if depth < MOST_NESTED else ():
        if isinstance(each, dict):
            yield from _members(each, depth + 1)


def _features(given: dict) -> Iterator[tuple[dict, object]]:
    kind = given.get("type")
    if kind == "FeatureCollection":
        listed = given.get("features")
        if not isinstance(listed, list) or len(listed) > MOST_FEATURES:
            raise UnreadableFile("The GeoJSON of the outline cannot be read.", parameter="geojson")
        for each in listed:
            if not isinstance(each, dict) or each.get("type") != "Feature":
                raise UnreadableFile("The GeoJSON of the outline cannot be read.", parameter="geojson")
            yield from _features(each)
    elif kind == "Feature":
        values = given.get("properties")
        yield (values if isinstance(values, dict) else {}), given.get("geometry")
    else:
        yield {}, given


def _crs(given: dict) -> str | None:
    names = {_name_of(member) for member in _members(given)}
    if len(names) > 1:
        raise InvalidGeometry(
            "The GeoJSON names several coordinate systems: %(names)s. Give it one.", parameter="geojson",
            names=", ".join(sorted(names))[:200],
        )  # fmt: skip
    return next(iter(names), None)


def _name_of(member: object) -> str:
    """Give the name or code of a “crs” member; links to definitions are not followed."""
    properties = member.get("properties") if isinstance(member, dict) else None
    if isinstance(properties, dict) and member.get("type") == "EPSG" and isinstance(properties.get("code"), int):
        return f"EPSG:{properties['code']}"
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) and name else UNKNOWN


def _shape(geometry: object, row: int, depth: int = 0) -> tuple[shapely.Geometry | None, bool]:
    if geometry is None:
        return None, False
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind == _COLLECTION and isinstance(geometry.get("geometries"), list):
        if depth > MOST_NESTED:
            raise UnreadableFile("The GeoJSON is too deeply nested.", parameter="geojson")
        parts = [_shape(each, row, depth + 1) for each in geometry["geometries"]]
        whole = [shape for shape, _ in parts if shape is not None]
        return shapely.GeometryCollection(whole), any(has_z for _, has_z in parts)
    if kind not in _DEPTH:
        raise InvalidGeometry("Feature %(row)s has no shape that GeoJSON knows.", parameter="geojson", row=row)
    coordinates = geometry.get("coordinates")
    has_z = _checked(coordinates, _DEPTH[kind], row, 1)
    if kind in ("Polygon", "MultiPolygon"):
        for polygon in [coordinates] if kind == "Polygon" else coordinates:
            for ring in polygon:
                _check_ring(ring, row)
    try:
        shape = shapely.geometry.shape({"type": kind, "coordinates": coordinates})
    except (ShapelyError, TypeError, ValueError, AttributeError, IndexError, KeyError) as error:
        raise InvalidGeometry("Feature %(row)s cannot be read as a %(kind)s.", parameter="geojson", row=row,
                              kind=kind) from error  # fmt: skip
    return shapely.force_2d(shape), has_z


def _checked(value: object, depth: int, row: int, place: int) -> bool:
    """Check that positions lie as deep as they must, of finite numbers; tell whether they have heights."""
    if not isinstance(value, list | tuple):
        raise InvalidGeometry("Feature %(row)s: where coordinates must stand, there are none.", parameter="geojson",
                              row=row)  # fmt: skip
    if depth:
        heights = [_checked(each, depth - 1, row, n) for n, each in enumerate(value, start=1)]  # every one is checked
        return any(heights)
    numbers = [each for each in value if isinstance(each, int | float) and not isinstance(each, bool)]
    if len(numbers) != len(value) or len(value) < 2 or not all(_finite(each) for each in numbers):
        raise InvalidGeometry(
            "Feature %(row)s: position %(place)s is not made of numbers.", parameter="geojson", row=row, place=place
        )
    return len(value) > 2


def _finite(number: float) -> bool:
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False


def _check_ring(ring: list, row: int) -> None:
    if ring and ring[0][:2] != ring[-1][:2]:
        raise InvalidGeometry(
            "Feature %(row)s: a ring is not closed. It begins at %(first)s and ends at %(last)s; the two must be the "
            "same.",
            parameter="geojson", row=row, first=_at(ring[0]), last=_at(ring[-1]),
        )  # fmt: skip
    if len(ring) < 4:
        raise InvalidGeometry("Feature %(row)s: a ring has fewer than four positions.", parameter="geojson", row=row)


def _at(position: list) -> str:
    return ", ".join(f"{float(each):.7g}" for each in position[:2])
