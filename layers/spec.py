"""What a map layer says about itself. Everything is data: map, legend, tile route and tests read the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from sqlalchemy import Select

from gis.access import Access

DAY = ["global-state", "day"]
"""The day shown, as a number yyyymmdd, in style expressions: the page sets it with `setGlobalStateProperty`, so
that another day is another filter over the same tiles."""

SINCE = ["global-state", "since"]
"""The earlier of two dates compared, as a number yyyymmdd: what happened after it, up to `DAY`, stands out. 0 when
one date alone is shown."""

PROJECT = ["global-state", "project"]
"""Code of the one project the map is narrowed to, or empty text."""

FIGURES = "figures"
"""Source of layers that are drawn from figures and not from tiles: points of projects and communes with the figures
of the day (properties `of`, `key`, `name`, `text`, `area_m2`, `affected_m2`…), made by the page from the course."""

CLUSTERS = "clusters"
"""The projects of `FIGURES` that have figures (`RECORDED`) once more; those that would lie on one another are joined,
their figures added."""

Kind = Literal["text", "integer", "number", "boolean", "day"]
Expression = list[Any]

_MEASURED = "affected_m2"
RECORDED: Expression = ["==", ["typeof", ["get", _MEASURED]], "number"]
"""Holds of a point of `FIGURES` that has figures. Without them it has a name and no size: nothing is drawn of it, on
the page (which filters the source by this) and on paper (which asks `is_recorded`)."""


def is_recorded(point: Mapping[str, Any]) -> bool:
    """Tell of a point of `FIGURES` what `RECORDED` does."""
    return point.get(_MEASURED) is not None


class Wording(NamedTuple):
    """A text in both languages. In a style it stands where the text does; `in_language` puts the right one there."""

    vi: str
    en: str


@dataclass(frozen=True)
class Field:
    """One attribute of the features in a tile. A day travels as a whole number yyyymmdd, absent when unknown.

    A field with an `expression` does not travel: tables, panels and prints compute it from the others for the day
    they show. `words` names its values for readers.
    """

    name: str
    vi: str
    en: str
    kind: Kind
    unit: str = ""
    expression: Expression | None = None
    words: Mapping[str, Wording] | None = None

    def in_words(self) -> Expression:
        """Give the style expression that names the field's value for readers; one without words comes as it is."""
        value = ["get", self.name]
        return ["match", value, *(part for pair in (self.words or {}).items() for part in pair), value]


@dataclass(frozen=True)
class LegendItem:
    """One line of the legend: a colour, and the pattern or line that tells it apart without colour.

    With `size_px` it is a disc of that diameter. `inner_px` is the diameter of a disc inside it, in `inner_colour`;
    `mark` is a short text in its middle, in `mark_colour`.
    """

    vi: str
    en: str
    colour: str
    pattern: str | None = None
    line: bool = False
    size_px: float | None = None
    inner_px: float = 0
    inner_colour: str = ""
    mark: str = ""
    mark_colour: str = ""


@dataclass(frozen=True, eq=False)
class Layer:
    """One map layer. A module of this package with a `LAYER` is on the map; nothing else has to be told.

    `features()` gives a Select with exactly one `geom` (Web Mercator, the bare indexed column), an integer `id` and
    the fields, in any order; it is left out where the layer draws from the tiles of another layer, which `source`
    names, or from `FIGURES`. `min_zoom` and `max_zoom` are zooms of the tiles (Leaflet's are one higher); beyond
    `max_zoom` the map enlarges the last tiles. `styles` are MapLibre style layers; their `id` is completed with the
    name of the layer, and a part may name `FIGURES` or `CLUSTERS` as its own source.
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
    fields: tuple[Field, ...]
    styles: tuple[Mapping[str, Any], ...]
    legend: tuple[LegendItem, ...]
    features: Callable[[], Select] | None = None
    source: str | None = None
    shown: Expression | None = None
    """When a feature is there on the day shown; None: always. It narrows every style, the table and the print."""
    project_field: str | None = None
    """The field that names the feature's project, by which the layer is narrowed to one project."""
    opening: bool = True
    """Whether it is switched on when the map opens."""
    compares: bool = False
    """Whether it shows what lies between two dates, and nothing while one alone is shown."""

    def drawn_at(self, zoom: int) -> bool:
        """Tell whether tiles of a zoom hold anything of this layer."""
        return self.min_zoom <= zoom <= self.max_zoom

    @property
    def until_zoom(self) -> float | None:
        """Give the zoom of the tiles from which nothing is drawn any more; None when it never ends."""
        ends = [part.get("maxzoom") for part in self.styles]
        return None if None in ends else max(ends, default=None)

    @property
    def filter(self) -> Expression | None:
        """Give the expression by which a feature is shown: there on the day, and of the one project asked for."""
        own = ["==", ["get", self.project_field], PROJECT]
        narrowed = ["any", ["==", PROJECT, ""], own] if self.project_field else None
        return both(self.shown, narrowed)


def both(*conditions: Expression | None) -> Expression | None:
    """Join conditions by "all"; those that are None say nothing."""
    said = [condition for condition in conditions if condition is not None]
    return ["all", *said] if len(said) > 1 else said[0] if said else None


def happened(field: str) -> Expression:
    """Give the style expression "this day is known and lies on or before the day shown"."""
    return ["all", ["has", field], ["<=", ["get", field], DAY]]


def between(field: str) -> Expression:
    """Give the style expression "this day lies between the two dates compared", the earlier one excluded."""
    return ["all", [">", SINCE, 0], happened(field), [">", ["get", field], SINCE]]


def written_day(field: str) -> Expression:
    """Give the style expression that writes a day the way documents here do: 24/10/2022."""
    digits = ["to-string", ["get", field]]
    return ["concat", ["slice", digits, 6, 8], "/", ["slice", digits, 4, 6], "/", ["slice", digits, 0, 4]]


def in_language(value: Any, language: str) -> Any:
    """Give a style, or a part of one, with every `Wording` in it in one language (``vi`` or ``en``)."""
    if isinstance(value, Wording):
        return getattr(value, language)
    if isinstance(value, Mapping):
        return {name: in_language(part, language) for name, part in value.items()}
    return [in_language(part, language) for part in value] if isinstance(value, list | tuple) else value


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
