"""How long tiles take: the bare statement, and through the application fresh, from its cache, and as 304.

    python -m benchmarks.tiles [--each 40] [--layers parcels plots]

It reads the database of the settings (as the application does) and writes nothing. Every way runs over the same
tiles in the same run, interleaved, so that a busy machine slows all alike: read the ratios, not the milliseconds.
"""

import argparse
import random
from collections.abc import Callable
from statistics import median, quantiles
from time import perf_counter

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

import layers
from gis import db, tiles
from gis.tiles import Tile
from layers.spec import Layer
from webmap import create_app
from webmap.tiles import TileCache

WORLD_M = 2 * 20037508.342789244
SEED = 1


def tiles_with_features(session: Session, layer: Layer, zoom: int, most: int) -> list[Tile]:
    """Pick at most so many tiles of a zoom that hold the middle of a feature, the same ones each time."""
    f = layer.features().subquery()
    size = WORLD_M / 2**zoom
    middle = func.ST_Centroid(f.c.geom)
    column = func.floor((func.ST_X(middle) + WORLD_M / 2) / size)
    row = func.floor((WORLD_M / 2 - func.ST_Y(middle)) / size)
    found = sorted((int(x), int(y)) for x, y in session.execute(select(column, row).distinct()) if x is not None)
    return [Tile(zoom, x, y) for x, y in random.Random(SEED).sample(found, min(most, len(found)))]


def bare(engine: Engine) -> Callable[[Layer, Tile], int]:
    """Give a way that runs the statement on the driver's own cursor."""
    connection = engine.raw_connection()
    cursor = connection.cursor()

    def fetch(layer: Layer, tile: Tile) -> int:
        place = {"z": tile.z, "x": tile.x, "y": tile.y}
        made = tiles.statement(layer.features(), layer.name).params(**place)
        statement = str(made.compile(engine, compile_kwargs={"literal_binds": True}))
        started = perf_counter()
        cursor.execute(statement)
        body = cursor.fetchone()[1]
        fetch.took = perf_counter() - started
        connection.rollback()
        return len(body or b"")

    return fetch


def served(app, *, cached: bool, tagged: bool = False) -> Callable[[Layer, Tile], int]:
    """Give a way through the application: with or without its cache, with or without the tag of a good copy."""
    client, kept, tags = app.test_client(), TileCache(512 * 1024 * 1024), {}

    def fetch(layer: Layer, tile: Tile) -> int:
        app.extensions["tile_cache"] = kept if cached else TileCache(0)
        path = f"/tiles/{layer.name}/{tile.z}/{tile.x}/{tile.y}.mvt"
        headers = {"Accept-Encoding": "gzip"}
        if cached or tagged:  # the first asking fills the cache and gives the tag, and does not count
            tags.setdefault(path, client.get(path, headers=headers).headers["ETag"])
        if tagged:
            headers["If-None-Match"] = tags[path]
        started = perf_counter()
        answer = client.get(path, headers=headers)
        fetch.took = perf_counter() - started
        assert answer.status_code == (304 if tagged else 200), answer.text
        return len(answer.data)

    return fetch


def line(cells: list) -> str:
    """Write a row of a Markdown table."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, default=40, help="tiles per layer and zoom at most")
    parser.add_argument("--layers", nargs="*", help="names of layers; all when left out")
    options = parser.parse_args()
    app = create_app()
    engine = app.extensions["engine"]
    ways = {
        "bare statement": bare(engine),
        "HTTP, made anew": served(app, cached=False),
        "HTTP, from the cache": served(app, cached=True),
        "HTTP, 304": served(app, cached=True, tagged=True),
    }
    print(line(["layer", "tiles", "way", "p50 ms", "p99 ms", "tiles/s", "of bare p50", "mean kB", "max kB"]))
    print(line(["---"] * 9))
    for layer in layers.every():
        if options.layers and layer.name not in options.layers:
            continue
        with db.reading_session(engine) as session:
            wanted = [
                tile
                for zoom in range(layer.min_zoom, layer.max_zoom + 1)
                for tile in tiles_with_features(session, layer, zoom, options.each)
            ]
        report(layer, wanted, ways)


def report(layer: Layer, wanted: list[Tile], ways: dict[str, Callable]) -> None:
    """Run every way over the tiles, taking turns, and print a row each."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    sizes: dict[str, list[int]] = {name: [] for name in ways}
    for tile in wanted:
        for name, fetch in ways.items():
            sizes[name].append(fetch(layer, tile))
            took[name].append(fetch.took * 1000)
    if len(wanted) < 2:
        print(line([layer.name, len(wanted), "too few tiles hold features", *[""] * 6]))
        return
    base = median(took["bare statement"])
    for name, times in took.items():
        p99 = quantiles(times, n=100, method="inclusive")[98]
        rate = 1000 * len(times) / sum(times)
        kb = [size / 1000 for size in sizes[name]]
        print(
            line([layer.name, len(wanted), name, f"{median(times):.2f}", f"{p99:.1f}", f"{rate:.0f}",
                  f"{median(times) / base:.2f}", f"{sum(kb) / len(kb):.1f}", f"{max(kb):.0f}"])
        )  # fmt: skip


if __name__ == "__main__":
    main()
