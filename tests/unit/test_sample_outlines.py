"""The sample's outlines (true areas, one clean coverage, all communes) and the table of units they follow."""

import csv
import json
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from gis.crs import LANG_SON_ZONE, to_zone

SAMPLE = Path(__file__).parents[2] / "gis" / "sample"


def table(name):
    with (SAMPLE / "data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def metres(degrees):
    return np.column_stack(to_zone(LANG_SON_ZONE).transform(degrees[:, 0], degrees[:, 1]))


@pytest.fixture(scope="module")
def outlines():
    drawn = json.loads((SAMPLE / "outlines" / "communes.geojson").read_text(encoding="utf-8"))
    assert drawn["crs"]["properties"]["name"].endswith("EPSG::4756")
    return {feature["properties"]["slug"]: shape(feature["geometry"]) for feature in drawn["features"]}


@pytest.fixture(scope="module")
def units():
    return {row["slug"]: row for row in table("units.csv")}


def test_every_old_commune_of_the_sample_is_drawn(outlines, units):
    old = [row for row in units.values() if row["level"] == "commune" and row["valid_to"]]
    districts = Counter(units[slug]["parent_slug"] for slug in outlines)
    assert districts == {"tp-lang-son": 8, "h-chi-lang": 20, "h-cao-loc": 5}
    for district in ("tp-lang-son", "h-chi-lang"):
        assert {row["slug"] for row in old if row["parent_slug"] == district} <= outlines.keys()


def test_new_communes_of_the_sample_are_made_of_drawn_ones_alone(outlines):
    parts = defaultdict(set)
    for change in table("unit_changes.csv"):
        parts[change["new_slug"]].add(change["old_slug"])
    touched = {new: old for new, old in parts.items() if old & outlines.keys()}
    assert len(touched) == 10
    assert set.union(*touched.values()) == outlines.keys()


def test_drawn_area_is_the_stated_area(outlines, units):
    for slug, outline in outlines.items():
        area_km2 = shapely.transform(outline, metres).area / 1e6
        assert area_km2 == pytest.approx(float(units[slug]["area_km2"]), rel=0.001), slug


def test_outlines_are_one_coverage_without_gap_or_overlap(outlines):
    drawn = list(outlines.values())
    assert all(outline.geom_type == "Polygon" and outline.is_valid for outline in drawn)
    assert shapely.coverage_is_valid(drawn)
    ground = shapely.union_all(drawn)
    assert ground.geom_type == "Polygon"
    assert not ground.interiors


def test_rough_middles_lie_in_their_outlines(outlines, units):
    inside = [
        outline.contains(shapely.Point(float(units[slug]["lon"]), float(units[slug]["lat"])))
        for slug, outline in outlines.items()
    ]
    assert sum(inside) >= len(inside) - 1


def test_units_are_the_whole_province_before_and_after(units):
    communes = [row for row in units.values() if row["level"] == "commune"]
    assert sum(row["valid_to"] == "2025-07-01" for row in communes) == 194
    assert sum(row["valid_from"] == "2025-07-01" for row in communes) == 65
    assert sum(row["level"] == "district" for row in units.values()) == 11
    for period in ("valid_to", "valid_from"):
        codes = Counter(row["code"] for row in communes if row[period])
        assert max(codes.values()) == 1
    for row in units.values():
        if row["parent_slug"]:
            parent = units[row["parent_slug"]]
            assert parent["valid_to"] in ("", row["valid_to"]), row["slug"]


def test_every_old_commune_becomes_something(units):
    changes = table("unit_changes.csv")
    old = {row["slug"] for row in units.values() if row["level"] == "commune" and row["valid_to"]}
    new = {row["slug"] for row in units.values() if row["level"] == "commune" and row["valid_from"]}
    assert {change["old_slug"] for change in changes} == old
    assert {change["new_slug"] for change in changes} == new
    split = Counter(change["old_slug"] for change in changes if change["whole"] == "no")
    assert split == {"x-binh-xa": 2, "x-kien-moc": 2}
    assert all(change["legal_document"].startswith("Nghị quyết 1672/NQ-UBTVQH15") for change in changes)


@pytest.mark.parametrize(
    "slug", ["p-dong-kinh", "x-mai-pha", "tt-dong-mo", "x-chi-lang-h-chi-lang", "p-dong-kinh-2025"]
)
def test_slugs_follow_the_published_rule(units, slug):
    assert slug in units
