"""The drawing: parcels tile their ground, at the areas on record, where their communes are."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.crs import LANG_SON_ZONE, to_zone
from gis.sample import allocation, cadastre, facts, ground
from gis.sample.ground import Box

SEED = 2024


@pytest.fixture(scope="module")
def records():
    return allocation.generate(SEED)


@pytest.fixture(scope="module")
def drawing(records):
    return ground.draw(records.pieces, records.plots, SEED)


@pytest.fixture(scope="module")
def entries(drawing):
    return cadastre.register(drawing.parcels, SEED)


def metres(shapes) -> np.ndarray:
    zone = to_zone(LANG_SON_ZONE)
    return shapely.transform(list(shapes), lambda xy: np.column_stack(zone.transform(xy[:, 0], xy[:, 1])))


def test_drawn_areas_are_the_recorded_ones(records, drawing):
    for shapes, recorded in (
        (drawing.recovered, [piece.area_cents for piece in drawing.recovered]),
        (drawing.parcels, [drawing.legal_cents[piece] for piece in drawing.parcels]),
        (drawing.plots, [plot.area_cents for plot in drawing.plots]),
    ):
        drawn = shapely.area(metres(shapes.values()))
        assert np.max(np.abs(drawn * 100 / np.array(recorded) - 1)) < 0.001
    assert list(drawing.recovered) and set(drawing.recovered) == set(records.pieces) == set(drawing.parcels)
    assert set(drawing.plots) == set(records.plots)


def test_recovered_parts_tile_each_project_without_gaps_or_overlaps(drawing):
    of_project = defaultdict(list)
    for piece, shape in drawing.recovered.items():
        of_project[piece.case.project].append(shape)
    assert len(of_project) == 49
    for project, shapes in of_project.items():
        shapes = metres(shapes)
        outline = metres([drawing.outlines[project]])[0]
        assert shapely.area(shapes).sum() == pytest.approx(outline.area, rel=1e-9), project
        assert shapely.area(shapely.union_all(shapes)) == pytest.approx(outline.area, rel=1e-9), project
        assert sum(len(polygon.interiors) for polygon in outline.geoms) == 0, project
        assert len(outline.geoms) == sum(g.code == project for g in facts.grounds()), project


def test_nothing_overlaps_anything_else(drawing):
    whole = [*drawing.parcels.values(), *drawing.plots.values()]
    whole += [drawing.outlines[g.code] for g in facts.grounds() if g.area_m2]
    shapes = metres(whole)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = left < right
    overlaps = shapely.area(shapely.intersection(shapes[left[pairs]], shapes[right[pairs]]))
    assert overlaps.max() < 0.01  # m²


def test_neighbours_share_their_corners(drawing):
    """Along every shared edge both have the same vertices: a gap could not even open by rounding."""
    shapes = [shape for piece, shape in drawing.recovered.items() if piece.case.project == "kdt-moi-mai-pha"]
    edges = defaultdict(int)
    for shape in shapes:
        corners = [tuple(corner) for corner in shapely.get_coordinates(shape)]
        for edge in pairwise(corners):
            edges[frozenset(edge)] += 1
    outer = shapely.length(metres([drawing.outlines["kdt-moi-mai-pha"]]))[0]
    once = shapely.length(metres([shapely.LineString(list(edge)) for edge, times in edges.items() if times == 1]))
    assert set(edges.values()) == {1, 2}
    assert once.sum() == pytest.approx(outer, rel=1e-6)


def test_shapes_are_valid_polygons_of_believable_form(drawing):
    shapes = metres([*drawing.recovered.values(), *drawing.parcels.values(), *drawing.plots.values()])
    assert shapely.is_valid(shapes).all()
    assert (shapely.get_num_geometries(shapes) == 1).all()
    held = metres([s for piece, s in drawing.recovered.items() if piece.case.holder != "none"])
    stretch = shapely.length(held) ** 2 / 16 / shapely.area(held)  # 1 for a square, 1.8 for 5 : 1
    assert np.mean(stretch < 1.5) > 0.97


def test_some_parcels_are_recovered_only_in_part(drawing):
    cut = [piece for piece, cents in drawing.legal_cents.items() if cents > piece.area_cents]
    assert len(cut) >= 300
    for piece in cut:
        assert shapely.covers(drawing.parcels[piece], drawing.recovered[piece])


def test_parcels_lie_in_the_communes_of_their_ground(drawing):
    communes = cadastre.outlines()
    allowed = {}
    for code in {g.code for g in facts.grounds()}:
        slugs = {slug for g in facts.grounds() if g.code == code for slug in g.communes}
        allowed[code] = shapely.union_all([communes[slug] for slug in slugs])
    for piece, shape in drawing.parcels.items():
        assert shapely.difference(shape, allowed[piece.case.project]).area < 1e-12
    for code, outline in drawing.outlines.items():
        assert shapely.difference(outline, allowed[code]).area < 1e-12


def test_a_widening_adds_land_along_the_strip(drawing):
    assert list(drawing.first_outlines) == ["cao-toc-huu-nghi-chi-lang"]
    (first,) = metres(drawing.first_outlines.values())
    (last,) = metres([drawing.outlines["cao-toc-huu-nghi-chi-lang"]])
    assert last.area - first.area == pytest.approx(21_000 + 13_000, rel=1e-4)
    assert shapely.difference(first, last).area < 0.01
    assert len(first.geoms) == len(last.geoms)


def test_some_parcels_lie_in_two_communes(drawing):
    communes = list(cadastre.outlines().values())
    parcels = np.array(list(drawing.parcels.values()))
    commune, parcel = shapely.STRtree(parcels).query(communes, predicate="intersects")
    inside = shapely.intersection(np.array(communes)[commune], parcels[parcel])
    share = shapely.area(inside) / shapely.area(parcels[parcel])
    touched = np.bincount(parcel[share > 0.01])
    assert (touched == 2).sum() >= 20


def test_a_parcel_number_is_given_once(entries):
    places = [(entry.commune, entry.sheet, entry.number) for entry in entries.values()]
    assert len(set(places)) == len(places) == len(entries)


def test_numbers_run_on_within_a_sheet(entries):
    sheets = defaultdict(list)
    for entry in entries.values():
        sheets[entry.commune, entry.sheet].append(int(entry.number))
    assert all(sorted(n) == list(range(min(n), min(n) + len(n))) for n in sheets.values())
    assert max(map(len, sheets.values())) <= cadastre.PARCELS_A_SHEET


def test_land_use_fits_the_place_and_the_holder(entries):
    for piece, entry in entries.items():
        assert entry.land_use not in (("ODT",) if entry.commune.startswith("x-") else ("ONT",))
        assert (entry.land_use in ("DGT", "DTL")) == (piece.case.holder == "none")
    assert {"LUC", "LUK", "HNK", "CLN", "RSX", "NTS", "ONT", "ODT"} <= {e.land_use for e in entries.values()}


def test_a_parcel_outside_every_commune_is_refused(drawing):
    piece = next(iter(drawing.parcels))
    with pytest.raises(ValueError, match="outside the outlines"):
        cadastre.register({piece: shapely.box(105, 20, 105.001, 20.001)}, SEED)


def test_the_same_seed_gives_the_same_drawing(records, drawing):
    again = ground.draw(records.pieces, records.plots, SEED)
    assert all(again.parcels[piece].wkb == shape.wkb for piece, shape in drawing.parcels.items())


@dataclass(frozen=True)
class Item:
    name: int
    area_cents: int


@given(st.lists(st.integers(10_00, 20_000_00), min_size=1, max_size=80))
def test_tile_gives_everyone_the_area_asked_for(areas):
    items = [Item(n, area) for n, area in enumerate(areas)]
    whole = sum(areas) / 100
    boxes = ground.tile(Box(0, 0, whole / 50, 50), items)
    assert set(boxes) == set(items)
    for item, box in boxes.items():
        assert (box.east - box.west) * (box.north - box.south) == pytest.approx(item.area_cents / 100, rel=1e-6)
    shapes = [shapely.box(b.west, b.south, b.east, b.north) for b in boxes.values()]
    assert shapely.union_all(shapes).area == pytest.approx(whole, rel=1e-6)


def test_nothing_is_tiled_to_nothing():
    assert ground.tile(Box(0, 0, 1, 1), []) == {}
