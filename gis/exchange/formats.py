"""Vector files that can be read: one table, `FORMATS`, from suffix to reader.

Whatever the format, what comes out is the same: layers with their shapes as the file has them, the ways to understand
its numbers (`gis.exchange.systems`), their attributes, and what is to be told. `read` goes on to polygons in VN-2000
geographic (EPSG:4756, longitude then latitude, no Z), with a list of what was left out. A coordinate system is never
guessed: where the file does not say it, or says two things, it is given by whoever sends it.
"""

import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from gis import crs, letters
from gis.errors import GisError, MissingCrs, OutsideVietnam, UnreadableFile
from gis.exchange import drawings, geojson, geopackage, systems
from gis.exchange.archives import DEGREES_OF_MAPS, Source, kml_source, unzipped_kml, unzipped_shapefiles
from gis.exchange.systems import Way, inside_vietnam

SHEET_FIELDS = ("Layer", "Level")
"""Of drawings (DXF, DGN): one file layer holds all, and these attributes tell its sheets."""
POLYGONS = ("Polygon", "MultiPolygon")


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
    """The system its numbers stood in."""
    fields: tuple[str, ...]
    features: list[Feature]
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[GisError] = field(default_factory=list)
    """What was understood in a way that somebody should know: texts converted, a part of a file made anew."""


@dataclass(frozen=True)
class Found:
    """One layer as the file has it: nothing is moved, nothing left out."""

    name: str
    ways: tuple[Way, ...]
    """The ways to understand its numbers: one where the file says it, several where it says two things, none where it
    says nothing."""
    said: str
    """The system, as the file names it; empty where it does not."""
    shapes: list[shapely.Geometry | None]
    values: list[dict[str, object]]
    fields: tuple[str, ...] = ()
    notes: tuple[GisError, ...] = ()
    unit_m: float | None = None
    """What one of its numbers is in metres, where a drawing says it."""
    state: GisError | None = None
    """What a drawing says of the layer that speaks against its being meant: frozen, off, not printed."""


@dataclass(frozen=True)
class Format:
    """A format: its name, how its first bytes look, and how to get at the files GDAL shall open."""

    title: str
    begins: tuple[bytes, ...]
    unpack: Callable[[Path, Path], list[Source]]


def read(path: Path | str, layer: str | None = None, system: int | None = None) -> list[Layer]:
    """Read the polygon layers of a vector file, with their attributes.

    Parameters
    ----------
    path : path
        A file whose suffix stands in `FORMATS`; its content must be of that format too.
    layer : str, optional
        Name of the one layer to read; all of them by default.
    system : int, optional
        The system of its numbers, where the file does not say it or says two things: a zone of `gis.crs.ZONES`, or of
        `gis.crs.DEGREES`.

    Returns
    -------
    list of Layer
        Polygons in EPSG:4756 degrees. Features without polygons are listed as skipped, not dropped in
        silence; invalid polygons are returned as they are.

    Raises
    ------
    UnreadableFile
        If the file is missing, broken, empty, of another kind or has no such layer.
    MissingCrs
        If it does not say in which coordinate system its numbers stand, says two things, or the numbers belie it.
    InvalidGeometry
        If a GeoJSON holds what is no shape.
    OutsideVietnam
        If the coordinates do not lie in Vietnam, as with swapped axes.
    """
    path = Path(path)
    found = contents(path, layer=layer)
    layers = [_moved(each, system) for each in found]
    if not any(each.features or each.skipped for each in layers):
        raise UnreadableFile("The file “%(file)s” is empty: it has no features.", file=path.name)
    return layers


def of_bytes(content: bytes, name: str, layer: str | None = None, system: int | None = None) -> list[Layer]:
    """Read the polygon layers of a file that is at hand as bytes: `read` for `gis.guard`."""
    with tempfile.TemporaryDirectory(prefix="mat-bang-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return read(path, layer, system)


def contents(path: Path, *, layer: str | None = None, texts: bool = True) -> list[Found]:
    """Give all layers of a vector file as they are.

    Parameters
    ----------
    path : path
    layer : str, optional
        The one to read.
    texts : bool
        Whether attributes are wanted: an outline needs none.

    Raises
    ------
    UnreadableFile, InvalidGeometry
        As `read`.
    """
    suffix = path.suffix.lower()
    with _opened(path) as (form, sources):
        if form is FORMATS[".geojson"]:
            found = [_of_geojson(path)]
        else:
            named = [(source, name) for source in sources for name in _layer_names(source.path)]
            if not named:
                raise UnreadableFile("The file “%(file)s” is empty: it has no features.", file=path.name)
            wanted = [(source, name) for source, name in named if layer in (None, name)]
            if not wanted:
                raise UnreadableFile(
                    "The file has no layer “%(layer)s”; it has %(names)s.", layer=layer,
                    names=", ".join(name for _, name in named),
                )  # fmt: skip
            found = [_read_layer(source, name, texts or suffix in DRAWINGS) for source, name in wanted]
            if form is FORMATS[".gpkg"]:
                tables = geopackage.left_out(path)
                found = [replace(each, notes=(*each.notes, *tables)) for each in found]
        if suffix not in DRAWINGS:
            return found
        parted = [sheet for each in found for sheet in _sheets(each)]
        return parted if suffix == ".dgn" else _as_drawn(parted, drawings.look(path))


def _as_drawn(sheets: list[Found], said: drawings.Said) -> list[Found]:
    """Add to the sheets of a drawing what it says of its unit and of its layers."""
    return [
        replace(
            each, unit_m=said.unit_m, state=said.states.get(each.name),
            notes=(*each.notes, *said.notes, *(() if each.name not in said.arcs else (said.arcs[each.name],))),
        )
        for each in sheets
    ]  # fmt: skip


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Format, list[Source]]]:
    suffix = path.suffix.lower()
    form = FORMATS.get(suffix)
    if form is None:
        told = TOLD.get(suffix)
        if told:
            raise UnreadableFile(told.message, file=path.name)
        raise UnreadableFile(
            "Files ending in “%(suffix)s” cannot be read; these can: %(known)s.", suffix=path.suffix,
            known=", ".join(FORMATS),
        )  # fmt: skip
    try:
        with path.open("rb") as file:
            start = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError as error:
        raise UnreadableFile("The file “%(file)s” cannot be opened.", file=path.name) from error
    if suffix == ".kml" and start.startswith(b"PK\3\4"):
        form = FORMATS[".kmz"]  # met in the wild
    if suffix == ".dgn" and start.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(
            "The file “%(file)s” is a drawing of MicroStation V8, which cannot be read: save it as V7 or as DXF.",
            file=path.name,
        )
    # GDAL opens by content, whatever the suffix; some of its formats point at other files or addresses.
    if not start.startswith(form.begins):
        raise UnreadableFile("The file “%(file)s” is not a %(title)s.", file=path.name, title=form.title)
    with tempfile.TemporaryDirectory(prefix="mat-bang-") as folder:
        yield form, form.unpack(path, Path(folder))


def _as_it_is(path: Path, _folder: Path) -> list[Source]:
    return [Source(path)]


def _kml(path: Path, folder: Path) -> list[Source]:
    return [kml_source(path.read_bytes(), folder / path.name)]


FORMATS = {
    ".gpkg": Format("GeoPackage", (b"SQLite format 3\0",), _as_it_is),
    ".geojson": Format("GeoJSON", (b"{",), _as_it_is),
    ".kml": Format("KML", (b"<?xml", b"<kml"), _kml),
    ".kmz": Format("KMZ", (b"PK\3\4",), unzipped_kml),
    ".zip": Format("zipped shapefile", (b"PK\3\4", b"PK\5\6"), unzipped_shapefiles),
    ".dxf": Format("DXF", (b"0\n", b"0\r", b"999", b"AutoCAD Binary DXF"), _as_it_is),
    ".dgn": Format("DGN (V7)", (b"\x08\x09\xfe", b"\xc8\x09\xfe", b"\x08\x05\x17", b"\x48\x09\xfe"), _as_it_is),
}
FORMATS[".json"] = FORMATS[".geojson"]
DRAWINGS = (".dxf", ".dgn")
TOLD = {
    ".shp": UnreadableFile(
        "“%(file)s” is one part of a shapefile: pack .shp, .shx, .dbf and .prj into one zip and send that.",
        file="",
    ),
    ".tab": UnreadableFile(
        "“%(file)s” is a table of MapInfo: save it as GeoPackage or as a shapefile (zipped) and send that.",
        file="",
    ),
    ".mif": UnreadableFile(
        "“%(file)s” is a table of MapInfo: save it as GeoPackage or as a shapefile (zipped) and send that.",
        file="",
    ),
    ".gdb": UnreadableFile(
        "“%(file)s” is a geodatabase: save its layer as GeoPackage or as a shapefile (zipped) and send that.",
        file="",
    ),
}
"""Parts and folders that are told by name, with what helps; kinds that bytes tell are told by `gis.intake.kinds`."""


def _layer_names(source: Path) -> list[str]:
    pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES", "OGR_ARC_STEPSIZE": str(drawings.ARC_STEP_DEGREES)})
    try:
        return [str(name) for name, kind in pyogrio.list_layers(source) if kind is not None]
    except DataSourceError as error:
        raise UnreadableFile("The file “%(file)s” is broken.", file=source.name) from error


def _of_geojson(path: Path) -> Found:
    found = geojson.of_bytes(path.read_bytes(), path.name)
    said = DEGREES_OF_MAPS if found.crs is None else found.crs
    values = [dict(each.values) for each in found.features]
    notes = _flattened(path.stem, heights=any(each.has_z for each in found.features))
    _tell_letters(values, False, path.stem, notes)
    fields = tuple(dict.fromkeys(name for each in values for name in each))
    return Found(
        path.stem, systems.ways_of(said), said, [each.shape for each in found.features], values, fields, tuple(notes)
    )


def _flattened(layer: str, *, heights: bool = False, measures: bool = False) -> list[GisError]:
    """Tell of numbers of vertices beside their place."""
    notes = []
    if heights:
        notes.append(GisError("Heights (Z) of “%(layer)s” were left out.", layer=layer))
    if measures:
        notes.append(GisError("Measures (M) of “%(layer)s” were left out.", layer=layer))
    return notes


def _read_layer(source: Source, name: str, texts: bool) -> Found:
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            meta, _, wkb, columns = pyogrio.raw.read(
                source.path, layer=name, columns=None if texts else [],
                encoding="ISO-8859-1" if source.texts_are_bytes else None,
            )  # fmt: skip
    except (DataSourceError, DataLayerError, UnicodeDecodeError) as error:
        raise UnreadableFile("The layer “%(layer)s” cannot be read: the file is broken.", layer=name) from error
    fields = tuple(str(each) for each in meta["fields"])
    rows = [dict(zip(fields, row, strict=True)) for row in zip(*columns, strict=True)] if fields else [{} for _ in wkb]
    notes = list(source.notes)
    if texts:
        _tell_letters(rows, source.texts_are_bytes, name, notes)
    try:
        shapes = list(shapely.from_wkb(wkb))
    except shapely.errors.ShapelyError as error:
        if "closed" in str(error):
            raise UnreadableFile(
                "A polygon of “%(layer)s” is not closed: its last vertex must be its first one again, and degrees are "
                "written with a point (106.7361,21.8561).", layer=name,
            ) from error  # fmt: skip
        raise UnreadableFile("The layer “%(layer)s” cannot be read: the file is broken.", layer=name) from error
    said = source.definition if source.defined_beside or source.definition else meta["crs"]
    ways = systems.ways_of(said)
    measures = any("Measured" in str(each.message) for each in warned)
    if source.path.suffix == ".gpkg":
        inside = geopackage.look(source.path, name)
        for definition in inside.definitions:
            ways = _both(ways, systems.ways_of(definition))
        measures = measures or inside.measures
        if inside.arcs:
            notes.append(GisError("“%(layer)s” holds arcs: they were turned into short straight edges.", layer=name))
    notes += _flattened(name, heights=bool(shapely.has_z(shapes).any()), measures=measures)
    notes += _deleted(source.path, name, len(wkb))
    return Found(name, ways, said or "", list(shapely.force_2d(shapes)), rows, fields, tuple(notes))


def _deleted(path: Path, layer: str, read: int) -> list[GisError]:
    """Tell of features whose row in the .dbf is marked as deleted: GDAL passes over them."""
    index = path.with_suffix(".shx")
    if path.suffix != ".shp" or not index.exists():
        return []
    gone = (index.stat().st_size - 100) // 8 - read
    if gone <= 0:
        return []
    return [GisError("%(count)s features of “%(layer)s” are marked as deleted in its .dbf and were left out.",
                     count=gone, layer=layer)]  # fmt: skip


def _both(by_code: tuple[Way, ...], by_definition: tuple[Way, ...]) -> tuple[Way, ...]:
    """Put the ways of a code and of a definition together: where they differ, somebody has to choose."""
    known = {way.srid for way in by_code}
    if not by_code or not by_definition or len(by_definition) > 1:
        return by_code or by_definition
    other = by_definition[0]
    if other.srid in known or (other.srid is None and None in known):
        return by_code
    return (other, *by_code)


def _tell_letters(rows: list[dict], are_bytes: bool, layer: str, notes: list[GisError]) -> None:
    """Bring texts to Unicode by their letters, and tell of what was converted."""
    converted: dict[str, tuple[str, str]] = {}
    for row in rows:
        for name, value in row.items():
            if not isinstance(value, str) or value.isascii():
                continue
            if are_bytes:
                found = letters.decoded(_whole_letters(value.encode("latin-1")), name=layer)
            else:
                found = letters.looked_at(value)
            row[name] = found.text
            if found.was:
                converted.setdefault(found.was, (value, found.text))
    for was, (before, now) in converted.items():
        notes.append(
            GisError("Texts of “%(layer)s” were converted from %(was)s: “%(before)s” to “%(now)s”.", layer=layer,
                     was=was, before=before[:40], now=now[:40])
        )  # fmt: skip


def _whole_letters(raw: bytes) -> bytes:
    """Take off a letter of UTF-8 that the width of a field cut in two."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return raw[: error.start] if error.reason == "unexpected end of data" and error.start else raw
    return raw


def _sheets(found: Found) -> Iterator[Found]:
    """Part a drawing, which holds all in one layer, by the sheets its attributes name."""
    name = next((each for each in SHEET_FIELDS if each in found.fields), None)
    if name is None:
        yield found
        return
    places: dict[str, list[int]] = {}
    on_paper = sum(values.get("PaperSpace") in (1, "1") for values in found.values)
    notes = found.notes
    if on_paper:
        notes += (GisError("Of the drawing, %(count)s objects of the paper layout were left out.", count=on_paper),)
    for i, values in enumerate(found.values):
        if values.get("PaperSpace") in (1, "1"):
            continue
        places.setdefault(str(values.get(name) or "0"), []).append(i)
    for sheet, rows in places.items():
        yield Found(
            sheet, found.ways, found.said, [found.shapes[i] for i in rows], [found.values[i] for i in rows],
            found.fields, notes, found.unit_m,
        )  # fmt: skip


# Polygons in VN-2000.


def _moved(found: Found, system: int | None) -> Layer:
    features, skipped = [], []
    for row, (values, shape) in enumerate(zip(found.values, found.shapes, strict=True), start=1):
        polygons, problem = polygons_of(shape)
        if polygons is not None:
            features.append(Feature(row, values, polygons))
        if problem:
            skipped.append(Skipped(row, problem))
    moved = _into_vn2000(features, _one_way(found, system), found.name) if features else []
    return Layer(found.name, found.said, found.fields, moved, skipped, list(found.notes))


def polygons_of(shape: shapely.Geometry | None) -> tuple[shapely.Geometry | None, GisError | None]:
    """Give the polygons of a shape, and why not all of it was taken."""
    if shape is None or shape.is_empty:
        return None, GisError("It has no geometry.")
    if shape.geom_type in POLYGONS:
        return shape, None
    inside = [part for part in shapely.get_parts(shape) if part.geom_type in POLYGONS]
    if shape.geom_type == "GeometryCollection" and inside:
        whole = shapely.multipolygons(shapely.get_parts(inside))
        return whole, GisError("Of a collection of shapes only the polygons were taken.")
    return None, GisError("It is a %(kind)s, not a polygon.", kind=shape.geom_type)


def _one_way(found: Found, system: int | None) -> Way:
    if system is not None:
        return Way(crs.name_of(system), system)
    if not found.ways and found.said:
        raise MissingCrs("The coordinate system of “%(layer)s” is not understood.", layer=found.name)
    if not found.ways:
        raise MissingCrs("The layer “%(layer)s” does not say its coordinate system.", layer=found.name)
    if len(found.ways) > 1:
        raise MissingCrs(
            "The coordinate system of “%(layer)s” may be any of %(systems)s; the places lie apart. Say which it is.",
            layer=found.name, systems=[way.title for way in found.ways],
        )  # fmt: skip
    return found.ways[0]


def _into_vn2000(features: list[Feature], way: Way, layer: str) -> list[Feature]:
    """Bring features into EPSG:4756, after a look at whether their numbers can be what the file says."""
    shapes = [feature.geometry for feature in features]
    moved = shapely.transform(shapes, way.into_vn2000())
    if not np.isfinite(shapely.total_bounds(moved)).all() or not inside_vietnam(shapely.total_bounds(moved)):
        raise lies_nowhere(layer, way, shapely.box(*shapely.total_bounds(shapes)))
    return [Feature(f.row, f.values, shape) for f, shape in zip(features, moved, strict=True)]


def lies_nowhere(layer: str, way: Way, numbers: shapely.Geometry) -> GisError:
    """Say that numbers lie abroad by the system that is said, and by which they would lie in the country."""
    fits = systems.fitting(numbers)
    west, south, _, _ = numbers.bounds
    said = {
        "layer": layer, "system": way.title, "x": Decimal(f"{west:.7g}"), "y": Decimal(f"{south:.7g}"),
    }  # fmt: skip
    if not fits:
        return OutsideVietnam(
            "The coordinates of “%(layer)s” do not lie in Vietnam: not by %(system)s, and by no zone of VN-2000, nor "
            "with the axes exchanged or in another unit. They begin at %(x)s · %(y)s. Are they counted from a corner "
            "of the drawing? Bring it to its place (VN-2000) and send it again.", **said,
        )  # fmt: skip
    said["fits"] = [each.title for each in fits]
    if fits[0].swapped:
        said["fits"] = [each.title.values["system"] for each in fits]
        return OutsideVietnam(
            "In “%(layer)s” north (latitude) stands before east (longitude): swap the axes where the file was made "
            "(QGIS: Swap X and Y coordinates). By %(system)s it lies outside Vietnam; swapped, it would lie in it by: "
            "%(fits)s.", **said,
        )  # fmt: skip
    if way.srid in crs.DEGREES and not systems.are_degrees(numbers.bounds):
        return MissingCrs(
            "The numbers of “%(layer)s” are metres, but the file says degrees: its real coordinate system is unknown. "
            "They would lie in Vietnam by: %(fits)s. Say which it is.", **said,
        )  # fmt: skip
    return OutsideVietnam(
        "The coordinates of “%(layer)s” do not lie in Vietnam by %(system)s; they would by: %(fits)s. Say which it is, "
        "or put the file's own word right.", **said,
    )  # fmt: skip
