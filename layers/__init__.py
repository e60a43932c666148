"""What can be seen on the map: one module a layer. A new layer is one new file here with a `LAYER` in it."""

import pkgutil
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib import import_module
from typing import Any

from gis.access import allows
from gis.errors import NotFound
from layers.spec import CLUSTERS, FIGURES, RECORDED, Layer, LegendItem, Wording, both, in_language


@cache
def every() -> tuple[Layer, ...]:
    """Give all layers in drawing order.

    Raises
    ------
    ValueError
        If two modules use one name: addresses and styles are made of it.
    """
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    found = sorted((m.LAYER for m in modules if hasattr(m, "LAYER")), key=lambda layer: (layer.order, layer.name))
    names = [layer.name for layer in found]
    if len(set(names)) < len(names):
        raise ValueError(f"Two layers have one name: {', '.join(names)}")
    return tuple(found)


def visible_to(opened: str) -> tuple[Layer, ...]:
    """Give the layers a reader under setting `opened` (see `gis.access.OPEN_ACCESS`) may see, in drawing order."""
    return tuple(layer for layer in every() if allows(opened, layer.access))


def find(name: str, opened: str) -> Layer:
    """Find a layer by name.

    Raises
    ------
    NotFound
        If there is none, or the reader may not see it: both look the same.
    """
    for layer in visible_to(opened):
        if layer.name == name:
            return layer
    raise NotFound("There is no map layer “%(name)s”.", parameter="layer", name=name)


def style(language: str, shown: Sequence[Layer] | None = None) -> dict[str, Any]:
    """Give what the page needs to draw layers with MapLibre: plain data, ready for JSON.

    Parameters
    ----------
    language : str
        ``vi`` or ``en``, for titles, fields and legend.
    shown : sequence of Layer, optional
        Such as `visible_to` gives; all when left out.

    Returns
    -------
    dict
        ``sources`` and ``layers`` as in a MapLibre style (tile addresses are paths from the root of the site; filters
        read the global states ``day``, ``since`` and ``project``, and patterns are named as in `layers.palette`), and
        ``catalogue``: name, title, group, style layer ids, fields and legend of each layer. A layer switched off
        when the map opens has its style layers hidden.
    """
    shown = every() if shown is None else shown
    names = {layer.name for layer in shown}
    drawn = [layer for layer in shown if layer.source in (None, *_FROM_FIGURES, *names)]
    return {
        "sources": {layer.name: _source(layer) for layer in drawn if layer.features} | _FROM_FIGURES,
        "layers": [part for layer in drawn for part in _drawn(layer, language)],
        "catalogue": [_described(layer, language) for layer in drawn],
    }


_NOTHING = {"type": "FeatureCollection", "features": []}
_JOINED_PX = 46
_CLUSTERS_TO_ZOOM = 12
_FROM_FIGURES = {
    FIGURES: {"type": "geojson", "data": _NOTHING},
    CLUSTERS: {
        "type": "geojson",
        "data": _NOTHING,
        "filter": RECORDED,
        "cluster": True,
        "clusterRadius": _JOINED_PX,
        "clusterMaxZoom": _CLUSTERS_TO_ZOOM,
        "clusterProperties": {name: ["+", ["get", name]] for name in ("projects", "area_m2", "affected_m2")},
    },
}


def _source(layer: Layer) -> dict[str, Any]:
    return {
        "type": "vector",
        "tiles": [f"/tiles/{layer.name}/{{z}}/{{x}}/{{y}}.mvt"],
        "minzoom": layer.min_zoom,
        "maxzoom": layer.max_zoom,
    }


def _drawn(layer: Layer, language: str) -> list[dict[str, Any]]:
    made = []
    for part in layer.styles:
        source = part.get("source", layer.source or layer.name)
        from_figures = source in _FROM_FIGURES
        found = {**in_language(part, language), "id": f"{layer.name}-{part['id']}", "source": source}
        if not from_figures:
            found["source-layer"] = source
            if condition := both(layer.filter, part.get("filter")):
                found["filter"] = condition
        if not layer.opening:
            found["layout"] = {**part.get("layout", {}), "visibility": "none"}
        made.append(found)
    return made


def _described(layer: Layer, language: str) -> dict[str, Any]:
    return {
        "name": layer.name,
        "title": getattr(layer, language),
        "group": layer.group,
        "min_zoom": layer.min_zoom,
        "source": layer.source or layer.name,
        "opening": layer.opening,
        "compares": layer.compares,
        "until_zoom": layer.until_zoom,
        "style_layers": [f"{layer.name}-{part['id']}" for part in layer.styles],
        "fields": [
            {"name": f.name, "label": getattr(f, language), "kind": f.kind, "unit": f.unit}
            | ({"words": in_language(f.words, language)} if f.words else {})
            for f in layer.fields
            if f.expression is None
        ],
        "legend": [_legend_line(item, language) for item in layer.legend],
    }


def _legend_line(item: LegendItem, language: str) -> dict[str, Any]:
    said = asdict(item)
    texts = Wording(said.pop("vi"), said.pop("en"))
    return {"label": in_language(texts, language), **said}
