"""Vector files that can be read: one table, `FORMATS`, from suffix to reader.

Whatever the format, what comes out is the same: polygons in VN-2000 geographic (EPSG:4756, longitude then
latitude, no Z) with their attributes, and a list of what was left out. Coordinate system and encoding are
known or the file is refused; neither is ever guessed.
"""

import json
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from shapely.errors import GEOSException

from gis.crs import VIETNAM_BOX, VN2000, WGS84, to_wgs84
from gis.errors import GisError, MissingCrs, OutsideVietnam, UnreadableFile

MAX_UNPACKED_BYTES = 1024**3
"""A zip that unpacks to more is refused: a few kilobytes can hold terabytes of zeros."""

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
VN2000_DATUMS = ("vietnam 2000", "vn 2000", "d vietnam 2000", "d vn 2000")
CHECKED_VALUES = 1000

Unpacked = list[Path]


@dataclass(frozen=True)
class Skipped:
    """A feature that was left out: its place in the layer, from 1, and why."""

    row: int
    problem: GisError


@dataclass(frozen=True)
class Feature:
    """One feature: its place in the layer, from 1, its attributes, and its polygons in EPSG:4756."""

    row: int
    values: dict[str, object]
    geometry: shapely.Polygon | shapely.MultiPolygon


@dataclass(frozen=True)
class Layer:
    """One layer of a file."""

    name: str
    crs: str
    """The system its numbers stood in, as the file names it."""
    fields: tuple[str, ...]
    features: list[Feature]
    skipped: list[Skipped] = field(default_factory=list)


@dataclass(frozen=True)
class Format:
    """A format: its name, how its first bytes look, and how to get at the files GDAL shall open."""

    title: str
    begins: tuple[bytes, ...]
    unpack: Callable[[Path, Path], Unpacked]


def read(path: Path | str, layer: str | None = None) -> list[Layer]:
    """Read the polygon layers of a vector file.

    Parameters
    ----------
    path : path
        A file whose suffix stands in `FORMATS`; its content must be of that format too.
    layer : str, optional
        Name of the one layer to read; all of them by default.

    Returns
    -------
    list of Layer
        Polygons in EPSG:4756 degrees. Features without polygons are listed as skipped, not dropped in
        silence; invalid polygons are returned as they are.

    Raises
    ------
    UnreadableFile
        If the file is missing, broken, empty, of another kind, has no such layer, or hides its encoding.
    MissingCrs
        If it does not say in which coordinate system its numbers stand, or the numbers belie what it says.
    OutsideVietnam
        If the coordinates do not lie in Vietnam, as with swapped axes.
    """
    path = Path(path)
    with _opened(path) as sources:
        found = [(source, name) for source in sources for name in _layer_names(source)]
        wanted = [(source, name) for source, name in found if layer in (None, name)]
        if not wanted:
            names = ", ".join(name for _, name in found)
            raise UnreadableFile("The file has no layer “%(layer)s”; it has %(names)s.", layer=layer, names=names)
        layers = [_read_layer(source, name) for source, name in wanted]
    if not any(each.features or each.skipped for each in layers):
        raise UnreadableFile("The file “%(file)s” is empty: it has no features.", file=path.name)
    return layers


@contextmanager
def _opened(path: Path) -> Iterator[Unpacked]:
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise UnreadableFile(
            "Files ending in “%(suffix)s” cannot be read; these can: %(known)s.",
            suffix=path.suffix, known=", ".join(FORMATS),
        )  # fmt: skip
    try:
        with path.open("rb") as file:
            start = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError as error:
        raise UnreadableFile("The file “%(file)s” cannot be opened.", file=path.name) from error
    # GDAL opens by content, whatever the suffix; some of its formats point at other files or addresses.
    if not start.startswith(form.begins):
        raise UnreadableFile("The file “%(file)s” is not a %(title)s.", file=path.name, title=form.title)
    with tempfile.TemporaryDirectory(prefix="mat-bang-") as folder:
        yield form.unpack(path, Path(folder))


def _as_it_is(path: Path, _folder: Path) -> Unpacked:
    return [path]


def _checked_geojson(path: Path, _folder: Path) -> Unpacked:
    try:
        kind = json.loads(path.read_text(encoding="utf-8-sig")).get("type")
    except UnicodeDecodeError as error:
        raise UnreadableFile("The file “%(file)s” is not written in UTF-8.", file=path.name) from error
    except (ValueError, AttributeError) as error:
        raise UnreadableFile("The file “%(file)s” is broken: it is not whole JSON.", file=path.name) from error
    if kind not in ("FeatureCollection", "Feature"):
        raise UnreadableFile("The file “%(file)s” is not a %(title)s.", file=path.name, title="GeoJSON")
    return [path]


def _unzipped_shapefiles(path: Path, folder: Path) -> Unpacked:
    """Unpack the shapefiles of a zip, each part under a name of our own, so that no entry can climb out."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = _shapefile_parts(archive)
            size = sum(info.file_size for members in parts.values() for info in members.values())
            if size > MAX_UNPACKED_BYTES:
                raise UnreadableFile("The zip “%(file)s” holds too much.", file=path.name)
            whole = {stem: members for stem, members in parts.items() if ".shp" in members}
            return [_unpack_one(archive, stem, members, folder) for stem, members in whole.items()]
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise UnreadableFile("The zip “%(file)s” is broken, cut short or locked.", file=path.name) from error


def _shapefile_parts(archive: zipfile.ZipFile) -> dict[str, dict[str, zipfile.ZipInfo]]:
    parts: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for info in archive.infolist():
        inside = PurePosixPath(info.filename.replace("\\", "/"))
        safe = not inside.is_absolute() and ".." not in inside.parts and "__MACOSX" not in inside.parts
        if safe and inside.suffix.lower() in SHAPEFILE_PARTS:
            parts.setdefault(str(inside.with_suffix("")), {})[inside.suffix.lower()] = info
    if not any(".shp" in members for members in parts.values()):
        raise UnreadableFile("The zip holds no shapefile.")
    return parts


def _unpack_one(archive: zipfile.ZipFile, stem: str, parts: dict[str, zipfile.ZipInfo], folder: Path) -> Path:
    name = PurePosixPath(stem).name
    for needed in (".shx", ".dbf"):
        if needed not in parts:
            raise UnreadableFile("The shapefile “%(name)s” lacks its %(part)s file.", name=name, part=needed)
    if ".prj" not in parts:
        raise MissingCrs("The shapefile “%(name)s” has no .prj file: its coordinate system is unknown.", name=name)
    if ".cpg" not in parts:
        raise UnreadableFile(
            "The shapefile “%(name)s” has no .cpg file: the encoding of its texts is unknown.", name=name
        )
    target = folder / str(len(list(folder.iterdir()))) / name
    target.parent.mkdir()
    for suffix, info in parts.items():
        target.with_name(name + suffix).write_bytes(archive.read(info))
    return target.with_name(name + ".shp")


FORMATS = {
    ".gpkg": Format("GeoPackage", (b"SQLite format 3\0",), _as_it_is),
    ".geojson": Format("GeoJSON", (b"{",), _checked_geojson),
    ".json": Format("GeoJSON", (b"{",), _checked_geojson),
    ".kml": Format("KML", (b"<?xml", b"<kml"), _as_it_is),
    ".zip": Format("zipped shapefile", (b"PK\3\4", b"PK\5\6"), _unzipped_shapefiles),
}


def _layer_names(source: Path) -> list[str]:
    try:
        return [str(name) for name, kind in pyogrio.list_layers(source) if kind is not None]
    except DataSourceError as error:
        raise UnreadableFile("The file “%(file)s” is broken.", file=source.name) from error


def _read_layer(source: Path, name: str) -> Layer:
    try:
        meta, _, wkb, columns = pyogrio.raw.read(source, layer=name, force_2d=True)
        shapes = shapely.from_wkb(wkb)
    except (DataSourceError, DataLayerError, UnicodeDecodeError, GEOSException) as error:
        raise UnreadableFile("The layer “%(layer)s” cannot be read: the file is broken.", layer=name) from error
    fields = tuple(str(each) for each in meta["fields"])
    values = zip(*columns, strict=True) if fields else [()] * len(wkb)
    rows = [dict(zip(fields, row, strict=True)) for row in values]
    _refuse_mojibake(rows, name)
    features, skipped = [], []
    for row, (values, shape) in enumerate(zip(rows, shapes, strict=True), start=1):
        polygons, problem = _polygons(shape)
        if polygons is not None:
            features.append(Feature(row, values, polygons))
        if problem:
            skipped.append(Skipped(row, problem))
    return Layer(name, meta["crs"] or "", fields, _into_vn2000(features, meta["crs"], name), skipped)


def _polygons(shape: shapely.Geometry | None) -> tuple[shapely.Geometry | None, GisError | None]:
    if shape is None or shape.is_empty:
        return None, GisError("It has no geometry.")
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape, None
    inside = [part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")]
    if shape.geom_type == "GeometryCollection" and inside:
        whole = shapely.multipolygons(shapely.get_parts(inside))
        return whole, GisError("Of a collection of shapes only the polygons were taken.")
    return None, GisError("It is a %(kind)s, not a polygon.", kind=shape.geom_type)


def _refuse_mojibake(rows: list[dict], layer: str) -> None:
    """Refuse texts written in UTF-8 and declared as Latin-1: “Trần” would be kept as “Tráº§n”."""
    for row in rows[:CHECKED_VALUES]:
        for value in row.values():
            if isinstance(value, str) and not value.isascii() and _is_mojibake(value):
                raise UnreadableFile(
                    "The texts of “%(layer)s” are in UTF-8, but the file declares another encoding: “%(text)s”.",
                    layer=layer,
                    text=value,
                )


def _is_mojibake(value: str) -> bool:
    for declared in ("latin-1", "cp1252"):
        try:
            return value.encode(declared).decode("utf-8") != value
        except UnicodeError:
            continue
    return False


def _into_vn2000(features: list[Feature], crs: str | None, layer: str) -> list[Feature]:
    """Bring features into EPSG:4756, after a look at whether their numbers can be what the file says."""
    if not features:
        return []
    if not crs:
        raise MissingCrs("The layer “%(layer)s” does not say its coordinate system.", layer=layer)
    try:
        system = CRS.from_user_input(crs)
    except CRSError as error:
        raise MissingCrs("The coordinate system of “%(layer)s” is not understood.", layer=layer) from error
    shapes = [feature.geometry for feature in features]
    if system.is_geographic:
        _check_degrees(shapely.total_bounds(shapes), layer)
    moved = shapely.transform(shapes, _shift(system))
    if not _inside_vietnam(shapely.total_bounds(moved)):
        raise OutsideVietnam("The coordinates of “%(layer)s” do not lie in Vietnam.", layer=layer)
    return [Feature(f.row, f.values, shape) for f, shape in zip(features, moved, strict=True)]


def _check_degrees(bounds: np.ndarray, layer: str) -> None:
    west, south, east, north = bounds
    if _inside_vietnam((south, west, north, east)):
        raise OutsideVietnam("In “%(layer)s” latitude stands before longitude: swap the axes.", layer=layer)
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        raise MissingCrs(
            "The numbers of “%(layer)s” are metres, but the file says degrees: its real coordinate system is unknown.",
            layer=layer,
        )


def _inside_vietnam(bounds: tuple) -> bool:
    west, south, east, north = VIETNAM_BOX
    return bool(bounds[0] >= west and bounds[1] >= south and bounds[2] <= east and bounds[3] <= north)


def _shift(system: CRS) -> Callable[[np.ndarray], np.ndarray]:
    """Give the function from a system's numbers to VN-2000 degrees.

    Within VN-2000 (geographic, UTM or a 3° zone) there is no datum shift; everything else goes through WGS 84
    and back by the pinned definition, so that PROJ has no choice to make.
    """
    if _is_vn2000(system):
        plain = Transformer.from_crs(_without_shift(system), CRS.from_epsg(VN2000), always_xy=True)
        return lambda points: np.column_stack(plain.transform(points[:, 0], points[:, 1]))
    to_degrees = Transformer.from_crs(system, CRS.from_epsg(WGS84), always_xy=True)

    def shift(points: np.ndarray) -> np.ndarray:
        lon, lat = to_degrees.transform(points[:, 0], points[:, 1])
        return np.column_stack(to_wgs84().transform(lon, lat, direction="INVERSE"))

    return shift


def _without_shift(system: CRS) -> CRS:
    return system.source_crs if system.is_bound else system


def _is_vn2000(system: CRS) -> bool:
    datum = _without_shift(system).geodetic_crs
    names = [datum.name, datum.datum.name if datum.datum else ""] if datum else []
    return any(name.lower().replace("_", " ").replace("-", " ") in VN2000_DATUMS for name in names)
