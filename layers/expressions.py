"""MapLibre's style expressions as SQL: tables and prints choose and colour features as the map does.

The language: https://maplibre.org/maplibre-style-spec/expressions/. Translated is what the layers use; anything else
is refused, so that a print never shows less than the map in silence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Numeric, Text, and_, case, cast, func, literal, not_, or_
from sqlalchemy.types import TypeEngine

Sql = ColumnElement[Any]


@dataclass(frozen=True)
class Surroundings:
    """What an expression may ask for besides the feature itself."""

    columns: Mapping[str, Sql]
    """The fields of the features, by name."""
    globals: Mapping[str, Any]
    """``day``, ``since`` and ``project``, as in `layers.spec`."""
    states: Mapping[str, Sql] = field(default_factory=dict)
    """What the page keeps as feature state; a name left out is unset."""
    zoom: float = 14.0
    """Zoom of the tiles, for expressions that change with it."""


def to_sql(expression: Any, around: Surroundings) -> Sql:
    """Translate an expression.

    Parameters
    ----------
    expression : list or plain value
        A MapLibre expression, or a number, text or boolean that stands for itself.
    around : Surroundings

    Returns
    -------
    ColumnElement
        Conditions are never null: a comparison with a field that is absent is false.

    Raises
    ------
    ValueError
        For an operator that is not translated, or a field the features do not have.
    """
    if not isinstance(expression, list):
        return literal(expression)
    operator, *arguments = expression
    if operator in _SPECIAL:
        return _SPECIAL[operator](arguments, around)
    if operator not in _PLAIN:
        raise ValueError(f"The style expression “{operator}” has no translation to SQL.")
    return _PLAIN[operator](*(to_sql(argument, around) for argument in arguments))


def at_zoom(expression: Any, zoom: float) -> Any:
    """Give what an expression is at a zoom: the number an interpolation comes to, the branch a step takes.

    Parameters
    ----------
    expression : list or plain value
    zoom : float
        Zoom of the tiles.

    Returns
    -------
    list or plain value
        Without ``["zoom"]``; anything that does not ask for the zoom comes back as it is.
    """
    if not isinstance(expression, list) or not expression:
        return expression
    if expression[0] == "interpolate" and expression[2] == ["zoom"]:
        zooms, values = expression[3::2], [at_zoom(value, zoom) for value in expression[4::2]]
        return float(np.interp(zoom, zooms, values))
    if expression[0] == "step" and expression[1] == ["zoom"]:
        reached = [out for begins, out in zip(expression[3::2], expression[4::2], strict=True) if zoom >= begins]
        return at_zoom(reached[-1] if reached else expression[2], zoom)
    return [at_zoom(part, zoom) for part in expression]


def _column(arguments: list, around: Surroundings) -> Sql:
    (name,) = arguments
    if name not in around.columns:
        raise ValueError(f"A style expression asks for the field “{name}”, which the features do not have.")
    return around.columns[name]


def _state(arguments: list, around: Surroundings) -> Sql:
    (name,) = arguments
    return around.states.get(name, literal(None, Text))


def _case(arguments: list, around: Surroundings) -> Sql:
    *pairs, otherwise = [to_sql(argument, around) for argument in arguments]
    return case(*zip(pairs[::2], pairs[1::2], strict=True), else_=otherwise)


def _step(arguments: list, around: Surroundings) -> Sql:
    value, *rest = [to_sql(argument, around) for argument in arguments]
    first, *others = rest
    steps = list(zip(others[::2], others[1::2], strict=True))
    return case(*((value >= begins, output) for begins, output in reversed(steps)), else_=first)


def _match(arguments: list, around: Surroundings) -> Sql:
    value, *pairs, otherwise = arguments
    value = to_sql(value, around)
    whens = [
        (value.in_(labels if isinstance(labels, list) else [labels]), to_sql(output, around))
        for labels, output in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    return case(*whens, else_=to_sql(otherwise, around))


def _format(arguments: list, around: Surroundings) -> Sql:
    """Join the sections of a text; their styling is left to whoever writes it."""
    sections = [argument for argument in arguments if not isinstance(argument, dict)]
    return func.concat(*(to_sql(section, around) for section in sections))


def _zoomed(operator: str) -> Callable[[list, Surroundings], Sql]:
    return lambda arguments, around: to_sql(at_zoom([operator, *arguments], around.zoom), around)


def _typeof(arguments: list, around: Surroundings) -> Sql:
    """Tell a text or a number from what is unset; MapLibre's other types do not occur in our features."""
    value = to_sql(arguments[0], around)
    name = "string" if isinstance(value.type, Text) else "boolean" if _is_boolean(value.type) else "number"
    return case((value.is_(None), "null"), else_=name)


def _is_boolean(found: TypeEngine) -> bool:
    return found.python_type is bool


def _first(value: Sql, *_others: Sql) -> Sql:
    """Give the first argument: assertions of a type say nothing in SQL, whose columns have theirs."""
    return value


def _compare(compare: Callable[[Sql, Sql], Sql]) -> Callable[[Sql, Sql], Sql]:
    return lambda one, other: func.coalesce(compare(one, other), False)


_SPECIAL: Mapping[str, Callable[[list, Surroundings], Sql]] = {
    "get": _column,
    "has": lambda arguments, around: _column(arguments, around).is_not(None),
    "feature-state": _state,
    "global-state": lambda arguments, around: literal(around.globals[arguments[0]]),
    "literal": lambda arguments, around: literal(arguments[0]),
    "case": _case,
    "match": _match,
    "format": _format,
    "typeof": _typeof,
    "zoom": lambda arguments, around: literal(around.zoom),
    "interpolate": _zoomed("interpolate"),
    "step": lambda arguments, around: (_zoomed("step") if arguments[0] == ["zoom"] else _step)(arguments, around),
}

_PLAIN: Mapping[str, Callable[..., Sql]] = {
    "all": and_,
    "any": or_,
    "!": not_,
    "==": lambda one, other: one.is_not_distinct_from(other),
    "!=": lambda one, other: one.is_distinct_from(other),
    "<": _compare(lambda one, other: one < other),
    "<=": _compare(lambda one, other: one <= other),
    ">": _compare(lambda one, other: one > other),
    ">=": _compare(lambda one, other: one >= other),
    "in": lambda needle, text: func.strpos(text, needle) > 0,
    "coalesce": func.coalesce,
    "concat": func.concat,
    "slice": lambda text, first, after: func.substr(text, first + 1, after - first),
    "to-string": lambda value: cast(value, Text),
    "to-color": _first,
    "number": func.coalesce,
    "boolean": func.coalesce,
    "floor": lambda value: func.floor(value),
    "round": lambda value: func.round(value),
    "sqrt": lambda value: func.sqrt(value),
    "+": lambda *values: _fold(values, lambda one, other: one + other),
    "*": lambda *values: _fold(values, lambda one, other: one * other),
    "-": lambda one, other: one - other,
    "/": lambda one, other: cast(one, Numeric) / other,
    "min": lambda *values: _known(values, func.least(*values)),
    "max": lambda *values: _known(values, func.greatest(*values)),
}


def _known(values: tuple[Sql, ...], found: Sql) -> Sql:
    """Give a value only where all it comes from are known: SQL's least and greatest would pass over what is not, and
    make the largest disc of a project without figures."""
    return case((or_(*(value.is_(None) for value in values)), None), else_=found)


def _fold(values: tuple[Sql, ...], join: Callable[[Sql, Sql], Sql]) -> Sql:
    total, *rest = values
    for value in rest:
        total = join(total, value)
    return total
