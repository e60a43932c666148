"""Draw the sample's commune outlines: schematic, at their true area, touching their true neighbours.

Run by hand after a change of `data/units.csv`; the result `communes.geojson` is committed and the application
never imports this module (it needs scipy, a development dependency)::

    python -m gis.sample.outlines.draw

What goes in is public fact only: the rough middle (to about 100 m) and the area of each old commune. No real
outline is read. Three steps:

1. The ground: a disc of each commune's area around its middle, all joined, smoothed and scaled until it holds
   exactly the sum of the areas.
2. The cells: a power diagram of the ground (F. Aurenhammer, F. Hoffmann, B. Aronov, "Minkowski-type theorems
   and least-squares clustering", Algorithmica 20, 1998): weights are solved for so that every cell gets its
   area, seeds are moved until the cells' centroids come to lie as near the middles as they can.
3. The look: every line between two cells is bent into a shallow S, which takes from either side as much as it
   gives, and is shared vertex by vertex, so that areas stay and no gap can open.

The file holds VN-2000 longitude and latitude (EPSG:4756) to 8 decimals, about 1 mm, like the database: two
neighbours repeat the very same numbers along their common line.
"""

import csv
import json
import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from scipy.optimize import brentq, least_squares
from scipy.spatial import cKDTree
from shapely import affinity
from shapely.geometry import Point, Polygon, mapping

from gis.crs import LANG_SON_ZONE, VN2000, to_zone

HERE = Path(__file__).parent
UNITS = HERE.parent / "data" / "units.csv"
RESULT = HERE / "communes.geojson"

CITY = "tp-lang-son"
WHOLE_DISTRICTS = (CITY, "h-chi-lang")
JOINED_TO_THE_CITY = ("tt-cao-loc", "x-hop-thanh", "x-tan-lien", "x-gia-cat", "x-yen-trach")
"""Units of Cao Lộc district that became parts of the city's wards on 01/07/2025."""

SMOOTHING_M = 2500
"""How wide a dent or gap between the discs is filled, and a bump taken off."""
STAY = 0.2
"""How strongly a seed is held near its commune's middle: the stronger, the rounder the cells."""
CORNER_M = 1.0
BEND = 0.06
"""Height of the bends of a line between two cells, as a share of its length."""
POINTS = 15
SEED = 20250701

CRS_MEMBER = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{VN2000}"}}
NOTE = "Schematic and illustrative: true areas and rough positions, no real boundary. VN-2000 lon, lat."

Corner = tuple[float, float]

log = logging.getLogger(__name__)


@dataclass
class Commune:
    """What is known of a commune: slug, middle (E, N in metres, EPSG:9215) and area (m²)."""

    slug: str
    middle: np.ndarray
    area_m2: float


def read_communes(path: Path = UNITS) -> list[Commune]:
    """Read the old communes that the sample draws from the table of units."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["level"] == "commune" and row["valid_to"]]
    wanted = [r for r in rows if r["parent_slug"] in WHOLE_DISTRICTS or r["slug"] in JOINED_TO_THE_CITY]
    to_metres = to_zone(LANG_SON_ZONE)
    return [
        Commune(
            row["slug"],
            np.array(to_metres.transform(float(row["lon"]), float(row["lat"]))),
            float(row["area_km2"]) * 1e6,
        )
        for row in wanted
    ]


def draw_ground(communes: Iterable[Commune]) -> Polygon:
    """Join a disc around every middle into one smooth region whose area is the sum of the communes' areas."""
    communes = list(communes)
    total = sum(commune.area_m2 for commune in communes)

    def joined(scale: float) -> Polygon:
        discs = [Point(c.middle).buffer(scale * np.sqrt(c.area_m2 / np.pi), 24) for c in communes]
        filled = shapely.union_all(discs).buffer(SMOOTHING_M, 12).buffer(-SMOOTHING_M, 12)
        return filled.buffer(-SMOOTHING_M, 12).buffer(SMOOTHING_M, 12)

    scale = brentq(lambda value: joined(value).area - total, 0.8, 1.6, xtol=1e-4)
    ground = joined(scale).simplify(15)
    return affinity.scale(ground, *[np.sqrt(total / ground.area)] * 2)


def power_cells(ground: Polygon, seeds: np.ndarray, weights: np.ndarray) -> list[Polygon]:
    """Cut the ground into power cells: a point goes to the seed with the least |x − seed|² − weight."""
    return [ground.intersection(_convex_cell(i, seeds, weights, ground.bounds)) for i in range(len(seeds))]


def _convex_cell(i: int, seeds: np.ndarray, weights: np.ndarray, bounds: tuple) -> Polygon:
    west, south, east, north = bounds
    ring = np.array([(west - 1, south - 1), (east + 1, south - 1), (east + 1, north + 1), (west - 1, north + 1)])
    nearest_first = np.argsort(((seeds - seeds[i]) ** 2).sum(axis=1))[1:]
    for j in nearest_first:
        normal = 2 * (seeds[j] - seeds[i])
        limit = (seeds[j] @ seeds[j] - weights[j]) - (seeds[i] @ seeds[i] - weights[i])
        ring = _clip(ring, ring @ normal - limit)
        if len(ring) < 3:
            return Polygon()
    return Polygon(ring)


def _clip(ring: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Keep the part of a convex ring where `side` is not positive (Sutherland-Hodgman, one half-plane)."""
    if (side <= 0).all():
        return ring
    kept = []
    for k in range(len(ring)):
        here, there = side[k - 1], side[k]
        if (here <= 0) != (there <= 0):
            kept.append(ring[k - 1] + (ring[k] - ring[k - 1]) * here / (here - there))
        if there <= 0:
            kept.append(ring[k])
    return np.array(kept)


def fit_weights(
    ground: Polygon, seeds: np.ndarray, weights: np.ndarray, areas: np.ndarray, steps: int = 60
) -> tuple[np.ndarray, list[Polygon]]:
    """Solve for the weights that give every cell its area, by damped Newton steps.

    The areas are the gradient of a concave function of the weights, so the solution is unique up to a
    constant (J. Kitagawa, Q. Mérigot, B. Thibert, "Convergence of a Newton algorithm for semi-discrete
    optimal transport", 2019); a step is halved until no cell vanishes and the error falls.
    """
    cells = power_cells(ground, seeds, weights)
    if any(cell.is_empty for cell in cells):
        weights = np.zeros(len(seeds))
        cells = power_cells(ground, seeds, weights)
    error = np.array([cell.area for cell in cells]) - areas
    for _ in range(steps):
        if np.abs(error / areas).max() < 1e-7:
            break
        slope = _area_slopes(cells, seeds)
        step = np.concatenate([[0.0], np.linalg.solve(slope[1:, 1:], -error[1:])])
        size = 1.0
        while size > 1e-4:
            tried = power_cells(ground, seeds, weights + size * step)
            found = np.array([cell.area for cell in tried])
            better = np.abs(found - areas).sum() < np.abs(error).sum()
            if better and (found > 0).all():
                break
            size /= 2
        weights, cells, error = weights + size * step, tried, found - areas
    return weights, cells


def _area_slopes(cells: list[Polygon], seeds: np.ndarray) -> np.ndarray:
    """How each cell's area answers to each weight: the common line over twice the distance of the seeds."""
    slope = np.zeros((len(cells), len(cells)))
    grown = [cell.buffer(1) for cell in cells]
    tree = shapely.STRtree(cells)
    for i, cell in enumerate(cells):
        for j in tree.query(grown[i]):
            if j > i:
                length = cell.boundary.intersection(cells[j].buffer(0.5)).length
                slope[i, j] = slope[j, i] = -length / (2 * np.linalg.norm(seeds[i] - seeds[j]))
    slope[np.diag_indices(len(cells))] = -slope.sum(axis=1) + 1e-9
    return slope


def fit_cells(ground: Polygon, communes: list[Commune], rounds: int = 30) -> list[Polygon]:
    """Find the cells: true areas, centroids as near the true middles as power cells can bring them."""
    middles = np.array([commune.middle for commune in communes])
    areas = np.array([commune.area_m2 for commune in communes])
    radii = np.sqrt(areas / np.pi)[:, None]
    latest = {"weights": np.zeros(len(areas))}

    def misses(moves: np.ndarray) -> np.ndarray:
        moves = moves.reshape(-1, 2)
        latest["weights"], cells = fit_weights(ground, middles + moves * radii, latest["weights"], areas)
        latest["cells"] = cells
        centroids = np.array([cell.centroid.coords[0] for cell in cells])
        apart = np.array([len(shapely.get_parts(cell)) - 1.0 for cell in cells])
        return np.concatenate([((centroids - middles) / radii).ravel(), STAY * moves.ravel(), apart])

    # A step of 0.3 % of a radius: smaller ones drown in the tolerance of the weights.
    found = least_squares(misses, np.zeros(2 * len(areas)), diff_step=3e-3, max_nfev=rounds, x_scale=0.3)
    misses(found.x)
    return latest["cells"]


def join_corners(cells: list[Polygon]) -> list[list[Corner]]:
    """Give each cell's ring as corners, those nearer than a metre being one and the same for all cells."""
    rings = [shapely.get_coordinates(cell.exterior)[:-1] for cell in cells]
    points = np.vstack(rings)
    first_near = [min(near) for near in cKDTree(points).query_ball_point(points, CORNER_M)]
    corners = iter([tuple(np.round(points[first], 3)) for first in first_near])
    joined = [[next(corners) for _ in ring] for ring in rings]
    return [[corner for k, corner in enumerate(ring) if corner != ring[k - 1]] for ring in joined]


def bend_lines(rings: list[list[Corner]]) -> list[Polygon]:
    """Bend every line between two cells so that both sides keep their area and share each vertex.

    The bend is a sum of sines that are odd about the middle of the line, and flat at its ends: what it takes
    from one side in the first half it gives back in the second. Lines on the outer edge of the ground stay.
    """
    uses = Counter(_key(ring, k) for ring in rings for k in range(len(ring)))
    chance = np.random.default_rng(SEED)
    bent = {key: _bent(*key, chance) for key in sorted(uses) if uses[key] == 2}
    polygons = []
    for ring in rings:
        vertices = []
        for k, corner in enumerate(ring):
            key = _key(ring, k)
            line = bent.get(key, key)
            vertices += (line if key[1] == corner else line[::-1])[1:]
        polygons.append(Polygon(vertices))
    return polygons


def _key(ring: list[Corner], k: int) -> tuple[Corner, Corner]:
    return min(ring[k - 1], ring[k]), max(ring[k - 1], ring[k])


def _bent(start: Corner, end: Corner, chance: np.random.Generator) -> tuple[Corner, ...]:
    along = np.subtract(end, start)
    across = np.array([-along[1], along[0]])
    share = np.linspace(0, 1, POINTS)[:, None]
    sines = sum(chance.normal() / k * np.sin(2 * np.pi * k * share) for k in (1, 2, 3))
    offset = BEND * sines * np.sin(np.pi * share) ** 2
    line = np.round(np.array(start) + along * share + across * offset, 3)
    return start, *map(tuple, line[1:-1]), end


def write(communes: list[Commune], polygons: list[Polygon], path: Path = RESULT) -> None:
    """Write the outlines as GeoJSON in VN-2000 geographic, one feature a line."""
    to_metres = to_zone(LANG_SON_ZONE)

    def degrees(metres: np.ndarray) -> np.ndarray:
        lon, lat = to_metres.transform(metres[:, 0], metres[:, 1], direction="INVERSE")
        return np.round(np.column_stack([lon, lat]), 8)

    features = [
        {
            "type": "Feature",
            "properties": {"slug": commune.slug},
            "geometry": mapping(shapely.transform(polygon.normalize(), degrees)),
        }
        for commune, polygon in zip(communes, polygons, strict=True)
    ]
    head = json.dumps({"type": "FeatureCollection", "name": "communes", "crs": CRS_MEMBER, "note": NOTE})
    lines = ",\n".join(json.dumps(feature) for feature in features)
    path.write_text(f'{head[:-1]}, "features": [\n{lines}\n]}}\n', encoding="utf-8")


def main() -> None:
    """Draw the outlines from the table of units and write them beside this module."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    communes = read_communes()
    cells = fit_cells(draw_ground(communes), communes)
    polygons = bend_lines(join_corners(cells))
    off = max(abs(p.area / c.area_m2 - 1) for p, c in zip(polygons, communes, strict=True))
    log.info("largest error of an area: %.5f %%", 100 * off)
    if not shapely.coverage_is_valid(polygons):
        raise RuntimeError("the drawn outlines overlap or leave gaps: lower BEND")
    write(communes, polygons)


if __name__ == "__main__":
    main()
