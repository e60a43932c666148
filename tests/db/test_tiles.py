"""Cutting tiles: addresses, edges, seams, and what may not be left out in silence."""

import math
from datetime import date
from decimal import Decimal

import mapbox_vector_tile
import pytest
from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import Integer, cast, func, literal, select, true
from sqlalchemy.exc import DBAPIError

from gis import crs, model, tiles
from gis.errors import NotFound
from gis.tiles import Tile
from tests import factories as make
from tests.gallery import EXHIBITS

EARTH_M = 6378137.0
UNITS = select(model.AdminUnit.id, model.AdminUnit.tile_geom.label("geom"), model.AdminUnit.name)


def grid_place(east_m: float, north_m: float, zoom: int) -> tuple[float, float]:
    """Where a point (metres beside the middle of the city) lies, in columns and rows of a zoom, by pyproj alone."""
    lon, lat = crs.to_wgs84().transform(*make.in_degrees(Point(make.EAST + east_m, make.NORTH + north_m)).coords[0])
    x = EARTH_M * math.radians(lon)
    y = EARTH_M * math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    size = 2 * math.pi * EARTH_M / 2**zoom
    return x / size + 2**zoom / 2, 2**zoom / 2 - y / size


def tile_at(east_m: float, north_m: float, zoom: int) -> Tile:
    column, row = grid_place(east_m, north_m, zoom)
    return Tile(zoom, int(column), int(row))


def decoded(session, features, tile: Tile) -> list[dict]:
    made = tiles.render(session, features, "layer", tile).mvt
    if not made:
        return []
    options = {"y_coord_down": True}
    return mapbox_vector_tile.decode(made, default_options=options)["layer"]["features"]


@pytest.mark.parametrize("address", [(0, 0, 0), (1, 1, 1), (22, 2**22 - 1, 2**22 - 1)])
def test_there_are_tiles_up_to_the_corners(address):
    assert Tile.parse(*map(str, address)) == Tile(*address)


@pytest.mark.parametrize("address", [(-1, 0, 0), (23, 0, 0), (0, 1, 0), (0, 0, 1), (3, 8, 0), (3, 0, 8), (3, -1, 0)])
def test_there_are_none_beyond(address):
    with pytest.raises(NotFound, match="There is no tile"):
        Tile(*address)


@pytest.mark.parametrize("part", ["", " 1", "1 ", "+1", "1.0", "1e0", "0x1", "٣", "³", "1_0", "9" * 5000, "null"])
def test_a_part_of_an_address_is_plain_digits(part):
    for address in ((part, "0", "0"), ("3", part, "0"), ("3", "0", part)):
        with pytest.raises(NotFound):
            Tile.parse(*address)


def test_a_feature_lies_where_pyproj_puts_it(session):
    make.unit(session, shape=make.square(side_m=300))
    tile = tile_at(150, 150, 14)
    (feature,) = decoded(session, UNITS, tile)
    (corners,) = feature["geometry"]["coordinates"]
    for east, north in ((0, 0), (300, 0), (300, 300), (0, 300)):
        column, row = grid_place(east, north, 14)
        expected = (column - tile.x) * tiles.EXTENT, (row - tile.y) * tiles.EXTENT
        assert min(math.dist(expected, corner) for corner in corners) < 1.5


def test_a_feature_just_beyond_the_edge_is_in_the_tile_and_one_further_off_is_not(session):
    size_m = 2 * math.pi * EARTH_M / 2**16 * math.cos(math.radians(21.85))
    tile = tile_at(0, 0, 16)
    edge_m = (tile.x + 1 - grid_place(0, 0, 16)[0]) * size_m  # metres from the middle to the tile's eastern edge
    margin_m = size_m * tiles.BUFFER / tiles.EXTENT
    near = make.unit(session, shape=make.square(edge_m + margin_m * 0.3, 0, 1))
    far = make.unit(session, shape=make.square(edge_m + margin_m * 1.5, 0, 1))
    found = {feature["id"] for feature in decoded(session, UNITS, tile)}
    assert near.id in found
    assert far.id not in found


def test_nothing_there_gives_an_empty_tile(session):
    made = tiles.render(session, UNITS, "layer", Tile(14, 0, 0))
    assert made.mvt == b""
    assert made.revision


def test_a_feature_without_shape_is_left_out(session):
    make.unit(session)
    shown = make.unit(session, shape=make.square())
    assert [feature["id"] for feature in decoded(session, UNITS, tile_at(10, 10, 14))] == [shown.id]


def test_no_number_of_features_is_too_many(session):
    """A silent limit would show a map with holes: here 12 000 in one tile."""
    unit = make.unit(session, shape=make.square())
    copies = func.generate_series(1, 12_000).table_valued("n").render_derived()
    many = select(copies.c.n.label("id"), model.AdminUnit.tile_geom.label("geom")).join(copies, true())
    many = many.where(model.AdminUnit.id == unit.id)
    found = decoded(session, many, tile_at(10, 10, 14))
    assert {feature["id"] for feature in found} == set(range(1, 12_001))


def test_a_known_revision_is_answered_without_touching_the_features(session):
    make.project(session, name="not a number")
    make.unit(session, shape=make.square())
    failing = select(cast(model.Project.name, Integer).label("id"), model.AdminUnit.tile_geom.label("geom")).join(
        model.AdminUnit, true()
    )
    tile = tile_at(10, 10, 14)
    revision = tiles.render(session, UNITS, "layer", tile).revision
    made = tiles.render(session, failing, "layer", tile, known=["1-1", revision])
    assert (made.revision, made.mvt) == (revision, None)
    with pytest.raises(DBAPIError), session.begin_nested():
        tiles.render(session, failing, "layer", tile, known=["1-1"])


def test_a_revision_gone_by_costs_one_small_statement_more(session, statements):
    for known, expected in (([], 1), (["1-1"], 2), ([tiles.render(session, UNITS, "a", Tile(0, 0, 0)).revision], 1)):
        with statements() as found:
            tiles.render(session, UNITS, "a", Tile(0, 0, 0), known=known)
        assert len(found) == expected


def test_every_write_makes_a_new_revision(session):
    project = make.project(session)
    seen = [tiles.render(session, UNITS, "layer", Tile(0, 0, 0)).revision]
    event = make.event(session, project, "persuasion", date(2024, 1, 1))
    seen.append(tiles.render(session, UNITS, "layer", Tile(0, 0, 0)).revision)
    make.void(session, event)
    seen.append(tiles.render(session, UNITS, "layer", Tile(0, 0, 0)).revision)
    assert len(set(seen)) == 3


def test_the_version_of_a_layer_follows_its_query_name_and_values():
    more = UNITS.add_columns(model.AdminUnit.code)
    other = UNITS.where(model.AdminUnit.level == "commune")
    another = UNITS.where(model.AdminUnit.level == "district")
    made = [tiles.version(f, n) for f, n in ((UNITS, "a"), (UNITS, "b"), (more, "a"), (other, "a"), (another, "a"))]
    assert len(set(made)) == len(made)
    assert tiles.version(UNITS, "a") == made[0]


def test_days_travel_as_numbers(session):
    days = [literal(date(2024, 2, 29)), literal(date(999, 1, 1)), cast(None, literal(date(1, 1, 1)).type)]
    found = session.execute(select(*(tiles.day_number(day).label(f"d{n}") for n, day in enumerate(days)))).one()
    assert tuple(found) == (20240229, 9990101, None)


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda exhibit: exhibit.name)
def test_awkward_shapes_are_drawn_or_refused_but_never_break_a_tile(session, exhibit):
    beside = make.unit(session, shape=make.square(150, 150))
    row = model.AdminUnit(
        slug="x-awkward", code="1", name="Xã", kind="commune", level="commune", valid=make.ALWAYS,
        geom=from_shape(exhibit.shape, srid=crs.VN2000),
    )  # fmt: skip
    if not exhibit.accepted:
        with pytest.raises(DBAPIError), session.begin_nested():
            session.add(row)
            session.flush()
        return
    session.add(row)
    session.flush()
    for zoom in (0, 10, 16, 22):
        decoded(session, UNITS, tile_at(10, 10, zoom))
    found = {feature["id"] for feature in decoded(session, UNITS, tile_at(10, 10, 16))}
    assert beside.id in found
    assert (row.id in found) == exhibit.drawn


def test_areas_of_a_tile_are_numbers_of_its_kind(session):
    """numeric would arrive as text: layers cast to double precision."""
    unit = make.unit(session, shape=make.square(), published_area_km2=Decimal("1.5"))
    as_text = select(model.AdminUnit.id, model.AdminUnit.tile_geom.label("geom"), model.AdminUnit.published_area_km2)
    (feature,) = decoded(session, as_text.where(model.AdminUnit.id == unit.id), tile_at(10, 10, 14))
    assert isinstance(feature["properties"]["published_area_km2"], str)
