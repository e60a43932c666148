"""Number the drawn parcels as a land registry would: commune, map sheet, parcel number and land use."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

import shapely

from gis.sample.facts import OUTLINES
from gis.sample.records import Piece

PARCELS_A_SHEET = 250

LAND_USES = {
    "none": (("DGT", 60), ("DTL", 40)),
    "organisation": (("TSC", 30), ("SKC", 25), ("DGD", 20), ("TMD", 25)),
    "community": (("RSX", 100),),
    "homestead": (("O", 62), ("CLN", 22), ("HNK", 16)),
    "field": (("LUC", 34), ("LUK", 14), ("HNK", 24), ("CLN", 20), ("NTS", 8)),
    "hillside": (("RSX", 45), ("CLN", 20), ("HNK", 20), ("LUC", 15)),
}
"""Codes of the land-use map with their shares in a hundred; O becomes ODT in towns and ONT in the country."""

HOMESTEAD_CENTS, FIELD_CENTS = 220_00, 1500_00


@dataclass(frozen=True)
class Entry:
    """What the registry says of a parcel; `commune` is the slug of the unit that numbered it."""

    commune: str
    sheet: str
    number: str
    land_use: str


@cache
def outlines() -> dict[str, shapely.Geometry]:
    """Read the schematic outlines of the old communes, by slug, EPSG:4756."""
    collection = json.loads(OUTLINES.read_text("utf-8"))
    return {
        feature["properties"]["slug"]: shapely.geometry.shape(feature["geometry"]) for feature in collection["features"]
    }


def register(parcels: Mapping[Piece, shapely.Geometry], seed: int) -> dict[Piece, Entry]:
    """Give every parcel its place in the registry; a (commune, sheet, number) is given once.

    Parameters
    ----------
    parcels : mapping of Piece to geometry
        Whole parcels, EPSG:4756, in the order in which they are numbered.
    seed : int
        The same seed gives the same numbers.

    Raises
    ------
    ValueError
        If a parcel lies in no commune.
    """
    rng = Random(f"{seed} cadastre")
    communes = outlines()
    tree = shapely.STRtree(list(communes.values()))
    slugs = list(communes)
    points = shapely.point_on_surface(list(parcels.values()))
    inside = dict(zip(*tree.query(points, predicate="within"), strict=True))
    if len(inside) < len(points):
        raise ValueError("A parcel of the sample lies outside the outlines of its communes")
    sheets: dict[str, int] = {}
    on_sheet: dict[tuple[str, str], list[int]] = defaultdict(list)
    entries = {}
    for i, piece in enumerate(parcels):
        commune = slugs[inside[i]]
        sheet = on_sheet[commune, piece.case.project]
        if not sheet or sheet[1] >= sheet[2]:
            sheets[commune] = sheets.get(commune, rng.randint(4, 30)) + rng.randint(1, 3)
            first = rng.randint(1, 160)
            sheet[:] = [sheets[commune], first, first + PARCELS_A_SHEET]
        entries[piece] = Entry(commune, str(sheet[0]), str(sheet[1]), _land_use(piece, commune, rng))
        sheet[1] += 1
    return entries


def _land_use(piece: Piece, commune: str, rng: Random) -> str:
    group = piece.case.holder
    if group in ("household", "individual"):
        area = piece.area_cents
        group = "homestead" if area < HOMESTEAD_CENTS else "field" if area < FIELD_CENTS else "hillside"
    codes, shares = zip(*LAND_USES[group], strict=True)
    code = rng.choices(codes, shares)[0]
    return ("ONT" if commune.startswith("x-") else "ODT") if code == "O" else code
