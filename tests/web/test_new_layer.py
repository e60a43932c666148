"""One new file in layers/ is all that a new layer takes: map, legend, tiles and table have it."""

import gzip
import json
import re
import sys
from textwrap import dedent

import mapbox_vector_tile
import pytest

import layers
from benchmarks.tiles import tiles_with_features

NEW = '''
"""Plots of less than 100 m²."""

from functools import cache

from sqlalchemy import Double, Select, cast, select

from gis.access import Access
from gis.model import ResettlementPlot
from layers.spec import Field, Layer, LegendItem


@cache
def features() -> Select:
    plot = ResettlementPlot
    area_m2 = cast(plot.area_m2, Double).label("area_m2")
    return select(plot.id, plot.tile_geom.label("geom"), plot.number, area_m2).where(plot.area_m2 < 100)


LAYER = Layer(
    name="small_plots",
    vi="Lô đất nhỏ",
    en="Small plots",
    order=45,
    group="records",
    access=Access.RECORD,
    min_zoom=14,
    max_zoom=15,
    features=features,
    fields=(
        Field("number", "Số lô", "Plot number", "text"),
        Field("area_m2", "Diện tích", "Area", "number", "m²"),
    ),
    styles=({"id": "fill", "type": "fill", "paint": {"fill-color": "#123456", "fill-pattern": "allotted"}},),
    legend=(LegendItem("Lô dưới 100 m²", "Plot under 100 m²", "#123456", "allotted"),),
)
'''


@pytest.fixture
def new_layer(tmp_path, monkeypatch):
    """A file with a `LAYER` beside the others."""
    (tmp_path / "small_plots.py").write_text(dedent(NEW))
    monkeypatch.setattr(layers, "__path__", [*layers.__path__, str(tmp_path)])
    layers.every.cache_clear()
    yield next(layer for layer in layers.every() if layer.name == "small_plots")
    layers.every.cache_clear()
    sys.modules.pop("layers.small_plots")
    del layers.small_plots


def test_a_new_file_is_on_map_legend_tile_and_table(sample_client, sample_session, new_layer):
    page = sample_client.get("/?day=2024-12-16&lang=vi").text
    settings = json.loads(re.search(r'id="page-settings">(.*?)</script>', page, re.S)[1])
    (told,) = (layer for layer in settings["layers"] if layer["name"] == "small_plots")
    assert told["style_layers"] == ["small_plots-fill"]
    assert [field["label"] for field in told["fields"]] == ["Số lô", "Diện tích"]
    assert '"id": "small_plots-fill"' in page, "in the style that MapLibre gets"
    assert "/tiles/small_plots/{z}/{x}/{y}.mvt" in page
    legend = page[page.index('fieldset data-layer="small_plots"') :].partition("</fieldset>")[0]
    assert "Lô đất nhỏ" in legend
    assert "Lô dưới 100 m²" in legend
    assert "url(#pattern-allotted)" in legend
    assert "Plot under 100 m²" in sample_client.get("/?day=2024-12-16&lang=en").text

    found = sample_session.execute(new_layer.features()).all()
    (tile,) = tiles_with_features(sample_session, new_layer, new_layer.min_zoom, 1)
    address = f"/tiles/small_plots/{tile.z}/{tile.x}/{tile.y}.mvt"
    body = gzip.decompress(sample_client.get(address, headers={"Accept-Encoding": "gzip"}).data)
    drawn = mapbox_vector_tile.decode(body)["small_plots"]["features"]
    assert {feature["id"] for feature in drawn} <= {row.id for row in found}
    assert drawn[0]["properties"].keys() == {"number", "area_m2"}

    table = sample_client.get("/api/v1/tables/small_plots?day=2024-12-16").json
    assert table["found"] == len(found) > 0


@pytest.mark.parametrize("name", [layer.name for layer in layers.every() if not layer.features])
def test_a_layer_without_tiles_of_its_own_says_so(sample_client, name):
    answer = sample_client.get(f"/tiles/{name}/14/1/1.mvt?lang=en", headers={"Accept": "application/problem+json"})
    assert answer.status_code == 404
    assert "no tiles of its own" in answer.json["detail"]
