"""What a GeoPackage says of itself that GDAL passes over: definitions, kinds of shapes, tables without shapes.

GDAL goes by the code of a system alone, gives arcs as edges and drops measures; the file is looked into for these.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from gis.errors import GisError

_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_CURVES = range(8, 15)
"""Codes of well-known binary, ISO 13249-3: arcs and what is made of them."""
_CURVED = ("CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE", "CURVE", "SURFACE")
_OWN = ("gpkg_", "rtree_", "sqlite_", "ogr_", "idx_")
MOST_NAMED = 8


@dataclass(frozen=True)
class Said:
    """What the file says of a layer."""

    definitions: tuple[str, ...] = ()
    """Of its system: that of the layer first, then others that its features name."""
    arcs: bool = False
    measures: bool = False


def look(path: Path, layer: str) -> Said:
    """Look into a layer."""
    try:
        with closing(_opened(path)) as database:
            row = database.execute(
                "select column_name, srs_id, geometry_type_name from gpkg_geometry_columns where table_name = ?",
                (layer,),
            ).fetchone()
            if not row:
                return Said()
            column, own, declared = row
            systems, kinds = [own], set()
            starts = f"select substr({_quoted(column)}, 1, 80) from {_quoted(layer)}"  # noqa: S608 - names are quoted
            for (start,) in database.execute(starts):
                system, kind = _header(start)
                if system not in (None, 0, -1) and system not in systems:
                    systems.append(system)
                kinds.add(kind)
            known = dict(database.execute("select srs_id, definition from gpkg_spatial_ref_sys"))
    except (sqlite3.Error, IndexError, TypeError, ValueError):
        return Said()
    found = [known.get(system, f"EPSG:{system}") for system in systems]
    definitions = [each for each in found if isinstance(each, str) and each.lower() != "undefined"]
    kinds.discard(None)
    arcs = str(declared).upper() in _CURVED or any(kind % 1000 in _CURVES for kind in kinds)
    return Said(tuple(definitions), arcs, any(kind // 1000 in (2, 3) for kind in kinds))


def _header(start: bytes | None) -> tuple[int | None, int | None]:
    """Give the system that a shape names and its kind, as ISO writes it."""
    if not isinstance(start, bytes) or start[:2] != b"GP":
        return None, None
    flags = start[3]
    system = int.from_bytes(start[4:8], "little" if flags & 1 else "big", signed=True)
    at = 8 + _ENVELOPE_BYTES[(flags >> 1) & 7]
    kind = int.from_bytes(start[at + 1 : at + 5], "little" if start[at] else "big")
    extra = (1000 if kind & 0x8000_0000 else 0) + (2000 if kind & 0x4000_0000 else 0)
    return system, (kind & 0x0FFF_FFFF) + extra


def left_out(path: Path) -> list[GisError]:
    """Tell of tables in which something stands and that are no layers: attributes, and shapes that no list names."""
    try:
        with closing(_opened(path)) as database:
            layers = {
                name
                for (name,) in database.execute(
                    "select table_name from gpkg_geometry_columns join gpkg_contents using (table_name)"
                )
            }
            tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
            others = [name for name in tables if name not in layers and not name.lower().startswith(_OWN)]
            filled = [each for each in others if _any_row(database, each)]
    except sqlite3.Error:
        return []
    if not filled:
        return []
    names = ", ".join(filled[:MOST_NAMED]) + (" …" if len(filled) > MOST_NAMED else "")
    return [GisError("Tables of the file that are no layers were left out: %(names)s.", names=names)]


def _any_row(database: sqlite3.Connection, table: str) -> bool:
    return bool(database.execute(f"select 1 from {_quoted(table)} limit 1").fetchone())  # noqa: S608 - quoted


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _quoted(name: str) -> str:
    return '"' + str(name).replace('"', '""') + '"'
