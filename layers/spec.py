"""What a map layer says about itself. Everything is data: map, legend, tile route and tests read the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select

from gis.access import Access

DAY = ["global-state", "day"]
"""The day shown, as a number yyyymmdd, in style expressions: the page sets it with `setGlobalStateProperty`, so
that another day is another filter over the same tiles."""

Kind = Literal["text", "integer", "number", "boolean", "day"]
Expression = list[Any]


@dataclass(frozen=True)
class Field:
    """One attribute of the features in a tile. A day travels as a whole number yyyymmdd, absent when unknown."""

    name: str
    vi: str
    en: str
    kind: Kind
    unit: str = ""


@dataclass(frozen=True)
class LegendItem:
    """One line of the legend: a colour, and the pattern or line that tells it apart without colour."""

    vi: str
    en: str
    colour: str
    pattern: str | None = None
    line: bool = False


@dataclass(frozen=True, eq=False)
class Layer:
    """One map layer. A module of this package with a `LAYER` is on the map; nothing else has to be told.

    `features()` gives a Select with exactly one `geom` (Web Mercator, the bare indexed column), an integer `id` and
    the fields, in any order. `min_zoom` and `max_zoom` are zooms of the tiles (Leaflet's are one higher); beyond
    `max_zoom` the map enlarges the last tiles. `styles` are MapLibre style layers without source; their `id` is
    completed with the name of the layer.
    """

    name: str
    vi: str
    en: str
    order: int
    """Drawing order, lowest first."""
    group: str
    access: Access
    min_zoom: int
    max_zoom: int
    features: Callable[[], Select]
    fields: tuple[Field, ...]
    styles: tuple[Mapping[str, Any], ...]
    legend: tuple[LegendItem, ...]

    def drawn_at(self, zoom: int) -> bool:
        """Tell whether tiles of a zoom hold anything of this layer."""
        return self.min_zoom <= zoom <= self.max_zoom


def happened(field: str) -> Expression:
    """Give the style expression "this day is known and lies on or before the day shown"."""
    return ["all", ["has", field], ["<=", ["get", field], DAY]]


def stands() -> Expression:
    """Give the style expression "valid on the day shown", from `from_day` and `to_day` (the first day no more)."""
    return [
        "all",
        ["any", ["!", ["has", "from_day"]], ["<=", ["get", "from_day"], DAY]],
        ["any", ["!", ["has", "to_day"]], [">", ["get", "to_day"], DAY]],
    ]


VALIDITY = (
    Field("from_day", "Có hiệu lực từ ngày", "Stands from", "day"),
    Field("to_day", "Hết hiệu lực từ ngày", "No longer stands from", "day"),
)
ILLUSTRATIVE = Field("illustrative", "Ranh giới minh họa", "Outline drawn for illustration", "boolean")
