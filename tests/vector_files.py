"""Small vector files for tests, written the way offices send them."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pyogrio
import shapely
from pyproj import Transformer
from shapely.geometry import box, mapping

from gis.crs import to_wgs84

SUFFIXES = ("gpkg", "geojson", "zip")


def square(column: int, row: int = 0, side: float = 0.01) -> shapely.Polygon:
    """A square of about a km² in VN-2000 degrees; those of neighbouring columns and rows touch."""
    west, south = 106.70 + column * side, 21.80 + row * side
    return box(west, south, west + side, south + side)


def in_wgs84(shape):
    return shapely.transform(shape, lambda c: np.column_stack(to_wgs84().transform(c[:, 0], c[:, 1])))


def in_zone(shape, srid: int = 9215):
    zone = Transformer.from_crs(4756, srid, always_xy=True)
    return shapely.transform(shape, lambda c: np.column_stack(zone.transform(c[:, 0], c[:, 1])))


def write_geojson(path: Path, features: list[tuple], **more) -> Path:
    collection = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": values, "geometry": None if shape is None else mapping(shape)}
            for values, shape in features
        ],
    }
    path.write_text(json.dumps(collection | more, ensure_ascii=False), encoding="utf-8")
    return path


def write_gdal(path: Path, features: list[tuple], crs: str | None, *, encoding: str = "UTF-8", layer=None) -> Path:
    names = list(features[0][0])
    columns = [np.array([values[name] for values, _ in features], dtype=object) for name in names]
    shapes = [shape for _, shape in features]
    pyogrio.raw.write(
        path,
        np.array([shape.wkb for shape in shapes], dtype=object),
        columns,
        names,
        layer=layer,
        driver={".gpkg": "GPKG", ".shp": "ESRI Shapefile"}[path.suffix],
        geometry_type="Polygon Z" if shapes[0].has_z else "Polygon",
        crs=crs,
        encoding=encoding,
        append=path.exists(),
    )
    return path


def write_zipped_shapefile(path: Path, features: list[tuple], crs: str | None, *, without=(), encoding="UTF-8") -> Path:
    folder = path.with_suffix("")
    folder.mkdir()
    write_gdal(folder / "xa.shp", features, crs, encoding=encoding)
    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted(folder.iterdir()):
            if part.suffix not in without:
                archive.write(part, f"ranh giới/{part.name}")
    return path


def write(folder: Path, suffix: str, features: list[tuple]) -> Path:
    """Write features given in VN-2000 degrees in a format, each in another coordinate system."""
    path = folder / f"outlines.{suffix}"
    if suffix == "zip":
        return write_zipped_shapefile(path, [(v, in_zone(s)) for v, s in features], "EPSG:9215")
    if suffix == "geojson":
        return write_geojson(path, [(v, in_wgs84(s)) for v, s in features])
    return write_gdal(path, features, "EPSG:4756")
