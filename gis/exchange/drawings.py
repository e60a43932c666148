"""What a drawing (DXF) says of itself that GDAL passes over: its unit of length, the state of its layers, its arcs.

GDAL takes the numbers as they stand, gives layers that are frozen or off like any other, and arcs as short edges. The
text of the file is looked through for these: pairs of lines, a code and its value.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from gis.errors import GisError

ARC_STEP_DEGREES = 1
"""Arcs are turned into edges of so many degrees."""
MOST_LETTERS = 8_000_000
"""Of a drawing that is looked through as a whole: that takes two seconds."""
_UNITS = {
    1: 0.0254, 2: 0.3048, 3: 1609.344, 4: 0.001, 5: 0.01, 6: 1.0, 7: 1000.0, 10: 0.9144, 14: 0.1, 21: 1200 / 3937,
}  # fmt: skip
"""Of $INSUNITS; other codes name no unit in which land is drawn."""
_INVISIBLE = GisError("with invisible objects")
_FROZEN, _OFF, _NOT_PRINTED = GisError("frozen"), GisError("switched off"), GisError("not printed")
_CURVED = ("ARC", "CIRCLE", "ELLIPSE", "SPLINE")


@dataclass(frozen=True)
class Said:
    """What a drawing says."""

    unit_m: float | None = None
    """Metres of one of its numbers; None where it does not say."""
    states: dict[str, GisError] = field(default_factory=dict)
    """Of layers that are frozen, off or not printed."""
    arcs: dict[str, GisError] = field(default_factory=dict)
    """Of layers with arcs: how many, and how far from them the edges lie at most."""
    notes: tuple[GisError, ...] = ()
    """What was not looked for."""


def look(path: Path) -> Said:
    """Look through a drawing; one that is not written as text says nothing."""
    unit, states, ring = None, {}, []
    counts, farthest = Counter(), Counter()
    text, notes = _text(path.read_bytes()), ()
    if len(text) > MOST_LETTERS:
        begun = re.search(r"^\s*2\s*\n\s*(?:BLOCKS|ENTITIES)\s*$", text, re.MULTILINE)
        text = text[: begun.start()] if begun else ""
        notes = (GisError("The drawing is so large that arcs and invisible objects were not looked for in it."),)
    for section, kind, values in _things(text):
        layer, arcs = "", ()
        if section == "ENTITIES" and _first(values, "60", "0") == "1":
            states.setdefault(_first(values, "8", "0"), _INVISIBLE)
        if section == "HEADER":
            unit = _unit(values) or unit
        elif section == "TABLES" and kind == "LAYER":
            if state := _state(values):
                states[_first(values, "2", "")] = state
        elif section in ("ENTITIES", "BLOCKS"):
            layer = _first(values, "8", "0")
            if kind in ("POLYLINE", "VERTEX"):
                ring = [pair for pair in values if pair[0] in ("8", "70")] if kind == "POLYLINE" else ring + _at(values)
            elif kind == "SEQEND":
                layer, arcs = _first(ring, "8", "0"), _bulges(ring)
            elif kind == "LWPOLYLINE":
                arcs = _bulges(values)
            elif kind in _CURVED:
                arcs = [(_number(_first(values, "40", "0")) if kind in ("ARC", "CIRCLE") else 0.0, 360.0)]
        for radius, swept in arcs:
            counts[layer] += 1
            away = radius * (1 - math.cos(math.radians(min(ARC_STEP_DEGREES, swept) / 2)))
            farthest[layer] = max(farthest[layer], away)
    arcs = {
        layer: GisError(
            "“%(layer)s” holds arcs (%(count)s): they were turned into short straight edges, which lie %(metres)s of "
            "its units from them at most.", layer=layer, count=count, metres=Decimal(f"{farthest[layer]:.4f}"),
        )
        for layer, count in counts.items()
    }  # fmt: skip
    return Said(unit, states, arcs, notes)


def _text(content: bytes) -> str:
    if content.startswith(b"AutoCAD Binary DXF"):
        return ""
    try:
        return content.decode()
    except UnicodeDecodeError:
        page = re.search(rb"ANSI_(125\d)", content[:20_000])
        return content.decode(f"cp{page[1].decode()}" if page else "cp1252", "replace")


def _things(text: str) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Give the section, kind and pairs of each thing of a drawing."""
    lines = text.splitlines()
    section, kind, values = "", "", []
    for code, value in zip(map(str.strip, lines[::2]), map(str.strip, lines[1::2]), strict=False):
        if code != "0":
            values.append((code, value))
            continue
        if kind == "SECTION":
            section = _first(values, "2", "").upper()
            if section == "HEADER":
                yield section, kind, values
        elif kind:
            yield section, kind, values
        kind, values = value.upper(), []


def _first(values: list[tuple[str, str]], code: str, otherwise: str) -> str:
    return next((value for each, value in values if each == code), otherwise)


def _number(text: str) -> float:
    return float(text) if re.fullmatch(r"[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?|[-+]?\d+\.", text) else 0.0


def _unit(values: list[tuple[str, str]]) -> float | None:
    for (code, name), (_, value) in pairwise(values):
        if code == "9" and name == "$INSUNITS":
            return _UNITS.get(int(_number(value)))
    return None


def _state(values: list[tuple[str, str]]) -> GisError | None:
    if int(_number(_first(values, "70", "0"))) & 1:
        return _FROZEN
    if _number(_first(values, "62", "7")) < 0:
        return _OFF
    return _NOT_PRINTED if _first(values, "290", "1") == "0" else None


def _at(values: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Give the place and the bulge of a vertex of an old polyline."""
    return [pair for pair in values if pair[0] in ("10", "20", "42")]


def _bulges(values: list[tuple[str, str]]) -> list[tuple[float, float]]:
    """Give radius and degrees of the arcs of a polyline."""
    corners: list[list[float]] = []
    for code, value in values:
        if code == "10":
            corners.append([_number(value), 0.0, 0.0])
        elif corners and code in ("20", "42"):
            corners[-1][1 if code == "20" else 2] = _number(value)
    closed = int(_number(_first(values, "70", "0"))) & 1
    found = []
    for i, (x, y, bulge) in enumerate(corners):
        if bulge and (i + 1 < len(corners) or closed):
            to = corners[(i + 1) % len(corners)]
            chord = math.hypot(to[0] - x, to[1] - y)
            found.append((chord * (1 + bulge * bulge) / (4 * abs(bulge)), math.degrees(4 * math.atan(abs(bulge)))))
    return found
