"""Zips of vector files: shapefiles and KML, taken out under names of our own, so that no entry can climb out."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from xml.parsers import expat

from gis.errors import GisError, UnreadableFile

MAX_UNPACKED_BYTES = 1024**3
"""A zip that unpacks to more is refused: a few kilobytes can hold terabytes of zeros."""

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
OTHERS = (".gpkg", ".geojson", ".json", ".kml", ".kmz", ".dxf", ".dgn", ".dwg", ".tab", ".mif", ".xlsx", ".pdf", ".zip")
"""What a zip without a shapefile may hold instead: it is told."""
SIDECARS = (
    ".sbn", ".sbx", ".qix", ".xml", ".qmd", ".qpj", ".cst", ".fbn", ".fbx", ".ain", ".aih", ".atx", ".ixs", ".mxs",
    ".lyr", ".qml", ".sld",
)  # fmt: skip
"""Indexes, descriptions and styles that programs lay beside a shapefile: nobody sent them."""
MOST_NAMED = 8
DEGREES_OF_MAPS = "OGC:CRS84"
"""GeoJSON and KML are in degrees of WGS 84, longitude first, unless they say otherwise."""


@dataclass(frozen=True)
class Source:
    """A file that GDAL shall open, and what is known of it from beside it."""

    path: Path
    definition: str | None = None
    """Of its coordinate system, where a file beside it has it."""
    defined_beside: bool = False
    texts_are_bytes: bool = False
    """Whether its texts are in an encoding that is told by their letters."""
    notes: tuple[GisError, ...] = ()


def unzipped_kml(path: Path, folder: Path) -> list[Source]:
    """Unpack the KML of a KMZ, under names of our own."""
    with _archive(path) as archive:
        inside = [info for info in archive.infolist() if info.filename.lower().endswith(".kml")]
        if not inside:
            raise UnreadableFile("The file “%(file)s” is not a %(title)s.", file=path.name, title="KMZ")
        if sum(info.file_size for info in inside) > MAX_UNPACKED_BYTES:
            raise UnreadableFile("The zip “%(file)s” holds too much.", file=path.name)
        sources = []
        for number, info in enumerate(inside):
            inside_folder = folder / str(number)
            inside_folder.mkdir()
            sources.append(kml_source(archive.read(info), inside_folder / PurePosixPath(info.filename).name))
        return sources


def kml_source(content: bytes, target: Path) -> Source:
    """Write a KML for GDAL to open: without pictures laid over the map, which it takes for polygons."""
    cuts, links = _looked_through(content)
    kept, at = [], 0
    for first, last in cuts:
        kept.append(content[at:first])
        at = last
    target.write_bytes(b"".join([*kept, content[at:]]))
    notes = []
    if cuts:
        notes.append(GisError("Pictures laid over the map (%(count)s) are no outline and were left out.",
                              count=len(cuts)))  # fmt: skip
    if links:
        notes.append(GisError("The file links to %(count)s others: they were not followed.", count=links))
    return Source(target, DEGREES_OF_MAPS, notes=tuple(notes))


def _looked_through(content: bytes) -> tuple[list[tuple[int, int]], int]:
    """Find the pictures of a KML, by their first byte and the one behind their last, and count its links to others."""
    cuts, links, begun = [], 0, []
    parser = expat.ParserCreate()

    def start(name: str, _attributes: dict) -> None:
        nonlocal links
        name = name.rpartition(":")[2]
        links += name == "NetworkLink"
        if name == "GroundOverlay":
            begun.append(parser.CurrentByteIndex)

    def end(name: str) -> None:
        if name.rpartition(":")[2] == "GroundOverlay":
            first, here = begun.pop(), parser.CurrentByteIndex
            if not begun:
                cuts.append((first, content.index(b">", here) + 1))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError):
        return [], 0  # GDAL refuses it in its own words
    return cuts, links


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise UnreadableFile("The zip “%(file)s” is broken, cut short or locked.", file=path.name) from error


def unzipped_shapefiles(path: Path, folder: Path) -> list[Source]:
    """Unpack the shapefiles of a zip, each part under a name of our own, so that no entry can climb out."""
    with _archive(path) as archive:
        parts, others = _shapefile_parts(archive)
        size = sum(info.file_size for members in parts.values() for info in members.values())
        if size > MAX_UNPACKED_BYTES:
            raise UnreadableFile("The zip “%(file)s” holds too much.", file=path.name)
        whole = {stem: members for stem, members in parts.items() if ".shp" in members}
        others += [info.filename for stem in parts.keys() - whole for info in parts[stem].values()]
        plain = [PurePosixPath(stem).name.lower() for stem in whole]
        sources = []
        for stem, members in whole.items():
            place = PurePosixPath(stem)
            alone = plain.count(place.name.lower()) == 1
            name = place.name if alone else "_".join(part for part in place.parts[-2:])
            sources.append(_unpack_one(archive, name, members, folder))
        if others:
            names = ", ".join(others[:MOST_NAMED]) + (" …" if len(others) > MOST_NAMED else "")
            note = GisError("Left out of the zip: %(names)s.", names=names)
            sources = [replace(source, notes=(*source.notes, note)) for source in sources]
        return sources


def _shapefile_parts(archive: zipfile.ZipFile) -> tuple[dict[str, dict[str, zipfile.ZipInfo]], list[str]]:
    """Give the parts of shapefiles by their name and suffix, and the names of what else is in the zip."""
    parts: dict[str, dict[str, zipfile.ZipInfo]] = {}
    others = []
    for info in archive.infolist():
        inside = PurePosixPath(info.filename.replace("\\", "/"))
        safe = not inside.is_absolute() and ".." not in inside.parts and "__MACOSX" not in inside.parts
        if safe and inside.suffix.lower() in SHAPEFILE_PARTS:
            members = parts.setdefault(str(inside.with_suffix("")), {})
            if inside.suffix.lower() in members:
                raise UnreadableFile("The zip holds “%(name)s” twice: pack it anew.", name=str(inside)[-80:])
            members[inside.suffix.lower()] = info
        elif not info.is_dir() and inside.suffix.lower() not in SIDECARS and "__MACOSX" not in inside.parts:
            others.append(inside.name)
    if not any(".shp" in members for members in parts.values()):
        instead = [name for name in others if PurePosixPath(name).suffix.lower() in OTHERS]
        if instead:
            raise UnreadableFile(
                "The zip holds no shapefile, but %(names)s: send that by itself.", names=", ".join(instead[:5])
            )
        raise UnreadableFile("The zip holds no shapefile.")
    return parts, others


def _unpack_one(archive: zipfile.ZipFile, name: str, parts: dict[str, zipfile.ZipInfo], folder: Path) -> Source:
    target = folder / str(len(list(folder.iterdir()))) / name
    target.parent.mkdir()
    for suffix, info in parts.items():
        if suffix in (".shp", ".shx", ".dbf"):
            target.with_name(name + suffix).write_bytes(archive.read(info))
    notes = []
    if ".shx" not in parts:
        notes.append(GisError("The shapefile “%(name)s” lacks its .shx file, which was made anew.", name=name))
    prj = archive.read(parts[".prj"]).decode("utf-8", "replace").strip("\ufeff\0 \r\n") if ".prj" in parts else None
    return Source(target.with_name(name + ".shp"), prj, True, True, tuple(notes))
