"""Zips of vector files: shapefiles and KML, taken out under names of our own, so that no entry can climb out."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gis.errors import GisError, UnreadableFile

MAX_UNPACKED_BYTES = 1024**3
"""A zip that unpacks to more is refused: a few kilobytes can hold terabytes of zeros."""

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
OTHERS = (".gpkg", ".geojson", ".json", ".kml", ".kmz", ".dxf", ".dgn", ".dwg", ".tab", ".mif", ".xlsx", ".pdf")
"""What a zip without a shapefile may hold instead: it is told."""
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
            target = folder / f"{number}.kml"
            target.write_bytes(archive.read(info))
            sources.append(Source(target, DEGREES_OF_MAPS))
        return sources


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
        parts = _shapefile_parts(archive)
        size = sum(info.file_size for members in parts.values() for info in members.values())
        if size > MAX_UNPACKED_BYTES:
            raise UnreadableFile("The zip “%(file)s” holds too much.", file=path.name)
        whole = {stem: members for stem, members in parts.items() if ".shp" in members}
        return [_unpack_one(archive, stem, members, folder) for stem, members in whole.items()]


def _shapefile_parts(archive: zipfile.ZipFile) -> dict[str, dict[str, zipfile.ZipInfo]]:
    parts: dict[str, dict[str, zipfile.ZipInfo]] = {}
    others = []
    for info in archive.infolist():
        inside = PurePosixPath(info.filename.replace("\\", "/"))
        safe = not inside.is_absolute() and ".." not in inside.parts and "__MACOSX" not in inside.parts
        if safe and inside.suffix.lower() in SHAPEFILE_PARTS:
            parts.setdefault(str(inside.with_suffix("")), {})[inside.suffix.lower()] = info
        elif safe and inside.suffix.lower() in OTHERS:
            others.append(inside.name)
    if not any(".shp" in members for members in parts.values()):
        if others:
            raise UnreadableFile(
                "The zip holds no shapefile, but %(names)s: send that by itself.", names=", ".join(others[:5])
            )
        raise UnreadableFile("The zip holds no shapefile.")
    return parts


def _unpack_one(archive: zipfile.ZipFile, stem: str, parts: dict[str, zipfile.ZipInfo], folder: Path) -> Source:
    name = PurePosixPath(stem).name
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
