"""The map as a vector drawing for paper, in the plane of a VN-2000 zone, so that its grid is straight.

What is drawn are the style layers that the page gives MapLibre (`layers.style`): filters, colours, widths, patterns
and texts are worked out by PostgreSQL through `layers.expressions`. A layer needs nothing more to be printed.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Double, Text, case, cast, column, func, null, or_, select, true, values
from sqlalchemy.orm import Session

import layers
from gis.crs import VN2000, VN2000_PINNED, WEB_MERCATOR
from gis.errors import BadParameter
from layers import lettering
from layers.expressions import Surroundings, at_zoom, to_sql
from layers.lettering import Box, Label
from layers.palette import PATTERNS
from layers.paper import INK, Frame, LegendLine, framed, millimetres, tag
from layers.spec import CLUSTERS, FIGURES, Layer, is_recorded

MOST_FEATURES = 30_000
"""More on one sheet nobody can read, and drawing them would take longer than the ten seconds that these take."""

Look = Mapping[str, Any]
"""What a style layer makes of one feature: its properties, the outline's `path` and a point inside it (`x`, `y`)."""

_DETAIL_MM = 0.04  # what is smaller no printer shows
_BLEED_MM = 4.0  # shapes are cut off so far beyond the frame, so that no outline runs along it


@dataclass(frozen=True)
class LegendPart:
    """What of one layer is on the sheet."""

    layer: str
    title: str
    lines: list[LegendLine]


@dataclass
class Drawing:
    """A finished drawing and what is on it."""

    svg: str
    """With the frame's upper left corner at (`MARGIN_MM`, `MARGIN_MM`), in millimetres."""
    legend: list[LegendPart]
    counts: dict[str, Counter[str]]
    """By layer: how many features bear each colour."""
    opacities: dict[str, dict[str, float]]
    """By layer: how strongly they bear it."""
    names: dict[str, list[str]]
    """By layer: the names of the features on the sheet, in order, where they have one."""


@dataclass
class _Drawn:
    """What the style layers of one map layer have come to."""

    colours: Counter[str] = field(default_factory=Counter)
    """Of areas and discs."""
    marks: set[tuple[str, str]] = field(default_factory=set)
    """Colours of what is no area: "line", "dashed", "circle"."""
    patterns: set[str] = field(default_factory=set)
    opacities: dict[str, float] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


def draw(
    session: Session,
    frame: Frame,
    visible: Sequence[Layer],
    wanted: Sequence[str],
    *,
    day: int,
    since: int = 0,
    project: str = "",
    language: str = "vi",
    colours: Mapping[str, Mapping[str, str]] | None = None,
    figures: Sequence[Mapping[str, Any]] = (),
    only: Mapping[str, tuple[str, Collection[str]]] | None = None,
    number: Callable[[int], str] = str,
) -> Drawing:
    """Draw layers as the map shows them at the frame's scale.

    Parameters
    ----------
    session : Session
    frame : Frame
    visible : sequence of Layer
        All that the reader may see: a wanted layer may draw from another one's tiles.
    wanted : sequence of str
        Names of the layers to draw.
    day, since : int
        Numbers yyyymmdd; ``since`` is 0 where one date alone is shown.
    project : str
        Code of the one project shown, or empty.
    language : str
        ``vi`` or ``en``, for the legend.
    colours : mapping, optional
        Feature states: by layer, the colour of each feature by its slug.
    figures : sequence of mapping, optional
        The points of `layers.spec.FIGURES`: ``lon`` and ``lat`` (WGS 84), and the properties.
    only : mapping, optional
        By layer, the name of a field and its values: other features of the layer are left out. For what is drawn of
        `figures`, whoever calls leaves points out.
    number : callable
        How the figures of the grid are written.

    Returns
    -------
    Drawing
        Shapes of one look are one path. A text that would cover a more important one is shifted, else left out.

    Raises
    ------
    BadParameter
        If more than `MOST_FEATURES` would have to be drawn.
    ValueError
        If a style asks for something that is not drawn on paper (an error in a layer's file, caught by its tests).
    """
    style = layers.style(language, visible)
    names = {layer.name: layer for layer in visible}
    owners = {part: entry for entry in style["catalogue"] for part in entry["style_layers"]}
    zoom = frame.zoom
    parts = [
        part
        for part in style["layers"]
        if owners[part["id"]]["name"] in wanted
        and part.get("minzoom", 0) <= zoom < part.get("maxzoom", 99)
        and zoom >= style["sources"][part["source"]].get("minzoom", 0)
    ]
    globals_ = {"day": day, "since": since, "project": project}
    found: dict[str, list[dict]] = {}
    total = 0
    for source in dict.fromkeys(part["source"] for part in parts):
        own = [part for part in parts if part["source"] == source]
        if source in (FIGURES, CLUSTERS):
            rows = _point_rows(
                frame, figures if source == FIGURES else _clustered(frame, figures, style["sources"][source])
            )
        else:
            rows = _feature_rows(frame, names[source])
        if rows is not None:
            kept = _kept(rows[1], (only or {}).get(source))
            total += _evaluate(session, rows, own, globals_, (colours or {}).get(source, {}), zoom, found, total, kept)
    drawn: dict[str, _Drawn] = {}
    shapes: list[str] = []
    discs: list[Box] = []
    texts: list[list[Label]] = []
    for part in parts:
        seen = drawn.setdefault(owners[part["id"]]["name"], _Drawn())
        looks = found.get(part["id"], [])
        if part["type"] == "symbol":
            texts.append([_label(look) for look in sorted(looks, key=_rank) if _is_written(look, frame)])
        else:
            seen.names.update(look["name"] for look in looks if look["name"])
            shapes += _DRAWN_AS[part["type"]](looks, seen)
            discs += [_disc(look) for look in looks if part["type"] == "circle"]
    # The map lets the uppermost layer place its texts first.
    labels = [label for of_part in reversed(texts) for label in of_part]
    placed = lettering.place(labels, discs, frame.width_mm, frame.height_mm)
    svg = framed(frame, "".join(shapes), placed, number)
    legend = [_legend(entry, drawn[entry["name"]]) for entry in style["catalogue"] if entry["name"] in drawn]
    return Drawing(
        svg,
        [part for part in legend if part],
        {name: seen.colours for name, seen in drawn.items()},
        {name: seen.opacities for name, seen in drawn.items()},
        {name: sorted(seen.names) for name, seen in drawn.items()},
    )


# -- features and what the styles make of them ----------------------------------------------------------


def _feature_rows(frame: Frame, layer: Layer):
    """Select what of a layer's features touches the frame: its outline as SVG path data in mm, a point, the fields."""
    f = layer.features().subquery("f")
    per_m = 1000 / frame.scale
    west, south, east, north = frame.west_m, frame.south_m, frame.east_m, frame.north_m
    ground = func.ST_Segmentize(
        func.ST_MakeEnvelope(west, south, east, north, frame.zone.srid), max(east - west, north - south) / 16
    )
    ground = func.ST_Transform(func.ST_SetSRID(func.ST_Transform(ground, VN2000), VN2000_PINNED), WEB_MERCATOR)
    plane = func.ST_Transform(func.ST_SetSRID(func.ST_Transform(f.c.geom, VN2000_PINNED), VN2000), frame.zone.srid)
    paper = func.ST_TransScale(plane, -west, -north, per_m, per_m)

    def box(bleed: float):
        """The frame as it lies on the paper, y growing upwards, and so much around it."""
        return func.ST_MakeEnvelope(
            -bleed, -frame.height_mm - bleed, frame.width_mm + bleed, bleed, frame.zone.srid
        )  # fmt: skip

    fields = [column for column in f.c if column.key not in ("geom", "id")]
    # Each step is fenced off (offset 0): PostgreSQL would work the same out once for every use.
    cut = (
        select(f.c.id, func.ST_ClipByBox2D(paper, func.Box2D(box(_BLEED_MM))).label("shape"), *fields)
        .where(f.c.geom.op("&&")(ground))
        .offset(0)
        .subquery("cut")
    )
    inside = [cut.c[column.key] for column in fields]
    middle = func.ST_Centroid(cut.c.shape)
    point = case((func.ST_Contains(cut.c.shape, middle), middle), else_=func.ST_PointOnSurface(cut.c.shape))
    fine = func.ST_SnapToGrid(func.ST_Simplify(cut.c.shape, _DETAIL_MM), 0.01)
    placed = (
        select(
            cut.c.id,
            func.ST_AsSVG(func.ST_ForcePolygonCW(fine), 1, 2).label("path_"),
            point.label("point_"),
            *inside,
        )
        .where(func.ST_Intersects(cut.c.shape, box(0)))
        .offset(0)
        .subquery("placed")
    )
    x, y = func.ST_X(placed.c.point_), -func.ST_Y(placed.c.point_)
    return (placed.c.path_, x, y, placed.c.id), {column.key: placed.c[column.key] for column in fields}


def _point_rows(frame: Frame, points: Sequence[Mapping[str, Any]]):
    """Select from points as if they were features of a table; None where there are none in the frame."""
    inside = []
    for point in points:
        x, y = frame.on_paper(point["lon"], point["lat"])
        if 0 <= x <= frame.width_mm and 0 <= y <= frame.height_mm:
            inside.append((x, y, {**point, "lon": None, "lat": None}))
    if not inside:
        return None
    names = list(dict.fromkeys(name for _, _, point in inside for name in point))
    texts = {name: any(isinstance(point.get(name), str) for _, _, point in inside) for name in names}
    table = values(column("x_", Double), column("y_", Double), *(column(name) for name in names), name="points")
    table = table.data([(x, y, *(point.get(name) for name in names)) for x, y, point in inside])
    fields = {name: cast(table.c[name], Text if texts[name] else Double) for name in names}
    return (cast(null(), Text), table.c.x_, table.c.y_, table.c.x_), fields


def _kept(fields: Mapping[str, Any], only: tuple[str, Collection[str]] | None):
    """Give the condition under which a feature is drawn at all."""
    return true() if only is None else fields[only[0]].in_(sorted(only[1]))


def _evaluate(session, rows, parts, globals_, states, zoom, found, before, kept) -> int:
    """Work out the looks of all features for the style layers that draw them; return how many features there are."""
    (path, x, y, order), fields = rows
    known = {"colour": cast(case(dict(states), value=fields["slug"]), Text)} if states else {}
    around = Surroundings(fields, globals_, known, zoom)
    columns, shown = [path, x, y, fields.get("name", null())], []
    plans = []
    for part in parts:
        looks = {}
        for name, expression in _properties(part, zoom):
            if name in _LISTS or not isinstance(expression, list):
                looks[name] = expression
            else:
                looks[name] = _Column(len(columns) + len(parts))
                columns.append(cast(to_sql(expression, around), Text if _is_text(name) else Double))
        plans.append(looks)
        shown.append(to_sql(part["filter"], around) if "filter" in part else true())
    columns[4:4] = shown
    statement = (
        select(*(each.label(f"column_{n}") for n, each in enumerate(columns)))
        .where(kept, or_(*shown))
        .order_by(order)
        .limit(MOST_FEATURES + 1 - before)
    )
    answer = session.execute(statement).all()
    if before + len(answer) > MOST_FEATURES:
        raise BadParameter(
            "More than %(most)s parcels and outlines would stand on this sheet. Choose a larger scale, a smaller "
            "extent or fewer layers.",
            parameter="layers", most=MOST_FEATURES,
        )  # fmt: skip
    for n, (part, looks) in enumerate(zip(parts, plans, strict=True)):
        found[part["id"]] = [
            {name: row[value.index] if isinstance(value, _Column) else value for name, value in looks.items()}
            | {"path": row[0], "x": row[1], "y": row[2], "name": row[3]}
            for row in answer
            if row[4 + n]
        ]
    return len(answer)


@dataclass(frozen=True)
class _Column:
    """Where in the answer of the database a value stands."""

    index: int


_KNOWN = {
    "fill": {"fill-color", "fill-opacity", "fill-pattern", "fill-outline-color"},
    "line": {"line-color", "line-width", "line-opacity", "line-dasharray"},
    "circle": {
        "circle-radius", "circle-color", "circle-opacity", "circle-stroke-width", "circle-stroke-color",
        "circle-stroke-opacity",
    },
    "symbol": {
        "text-field", "text-size", "text-color", "text-halo-color", "text-halo-width", "text-max-width", "text-opacity",
        "text-line-height", "text-padding", "text-anchor", "text-variable-anchor", "text-offset", "text-radial-offset",
        "text-allow-overlap", "symbol-sort-key",
    },
}  # fmt: skip
_SAYS_NOTHING_ON_PAPER = {
    "visibility", "line-cap", "line-join", "text-font", "text-optional", "text-justify", "text-ignore-placement",
    "text-halo-blur", "symbol-z-order", "circle-pitch-alignment", "circle-sort-key", "fill-sort-key", "line-sort-key",
}  # fmt: skip
_LISTS = {"text-variable-anchor", "text-offset", "line-dasharray"}


def _properties(part: Mapping[str, Any], zoom: float) -> Iterator[tuple[str, Any]]:
    """Give what a style layer says of its looks, settled for the zoom; a text comes in sections."""
    for name, given in {**part.get("layout", {}), **part.get("paint", {})}.items():
        if name in _SAYS_NOTHING_ON_PAPER:
            continue
        if name not in _KNOWN[part["type"]]:
            raise ValueError(f"The style layer “{part['id']}” asks for “{name}”, which is not drawn on paper.")
        if name == "text-field":
            for n, (section, scale) in enumerate(_sections(at_zoom(given, zoom))):
                yield f"text-{n}", section
                yield f"scale-{n}", scale
        elif name in _LISTS:
            yield name, given[1] if given[0] == "literal" else given
        else:
            yield name, at_zoom(given, zoom)


def _sections(text: Any) -> list[tuple[Any, float]]:
    """Take a formatted text apart into its sections, each with the scale of its letters."""
    if not (isinstance(text, list) and text[0] == "format"):
        return [(text, 1)]
    found: list[tuple[Any, float]] = []
    for section in text[1:]:
        if isinstance(section, dict):
            found[-1] = (found[-1][0], section.get("font-scale", 1))
        else:
            found.append((section, 1))
    return found


def _is_text(name: str) -> bool:
    return name.endswith(("-color", "-pattern", "text-anchor")) or name.removeprefix("text-").isdigit()


def _clustered(frame: Frame, figures: Sequence[Mapping[str, Any]], source: Mapping[str, Any]) -> list[dict]:
    """Join points that would lie on one another, their figures added, as the page's source of clusters does."""
    points = [dict(point) for point in figures if point["of"] == "projects" and is_recorded(point)]
    if frame.zoom >= source["clusterMaxZoom"] + 1:
        return points
    reach, sums = millimetres(source["clusterRadius"]), source["clusterProperties"]
    left = [(point, *frame.on_paper(point["lon"], point["lat"])) for point in points]
    found = []
    while left:
        _, x, y = left[0]
        near = [point for point, its_x, its_y in left if (its_x - x) ** 2 + (its_y - y) ** 2 <= reach**2]
        left = [each for each in left if (each[1] - x) ** 2 + (each[2] - y) ** 2 > reach**2]
        if len(near) == 1:
            found += near
            continue
        place = {side: sum(point[side] for point in near) / len(near) for side in ("lon", "lat")}
        added = {name: sum(float(point[name]) for point in near) for name in sums}
        found.append({**place, **added, "cluster": True, "point_count": len(near)})
    return found


# -- shapes -----------------------------------------------------------------------------------------------


def _fills(looks: Sequence[Look], seen: _Drawn) -> list[str]:
    made = []
    for look, path in _grouped(looks, ("fill-color", "fill-opacity", "fill-pattern", "fill-outline-color")):
        pattern, colour, opacity = look["fill-pattern"], look["fill-color"], _or(look["fill-opacity"], 1)
        if pattern:
            seen.patterns.add(pattern)
        elif colour:
            seen.colours[colour] += look["count"]
            seen.opacities[colour] = opacity
        stroke = look["fill-outline-color"]
        made.append(
            tag("path", fill=f"url(#{pattern})" if pattern else colour or "none", fill_opacity=_unless_full(opacity),
                stroke=stroke, stroke_width=millimetres(1) if stroke else None, d=path)
        )  # fmt: skip
    return made


def _lines(looks: Sequence[Look], seen: _Drawn) -> list[str]:
    made = []
    for look, path in _grouped(looks, ("line-color", "line-width", "line-opacity", "line-dasharray")):
        width, colour, dashes = _or(look["line-width"], 1), look["line-color"] or "#000000", look["line-dasharray"]
        if not width:
            continue
        seen.marks.add((colour, "dashed" if dashes else "line"))
        made.append(
            tag("path", fill="none", stroke=colour, stroke_width=millimetres(width), stroke_linejoin="round",
                stroke_dasharray=" ".join(f"{millimetres(part * width):.3g}" for part in dashes) if dashes else None,
                stroke_opacity=_unless_full(look["line-opacity"]), d=path)
        )  # fmt: skip
    return made


def _circles(looks: Sequence[Look], seen: _Drawn) -> list[str]:
    made = []
    for look in looks:
        radius, colour, ring = _radius(look), look.get("circle-color") or "#000000", look.get("circle-stroke-width")
        if not radius or look.get("circle-opacity") == 0:
            continue
        seen.colours[colour] += 1
        seen.marks.add((colour, "circle"))
        made.append(
            tag("circle", cx=look["x"], cy=look["y"], r=radius, fill=colour,
                fill_opacity=_unless_full(look.get("circle-opacity")),
                stroke=(look.get("circle-stroke-color") or "#000000") if ring else None,
                stroke_width=millimetres(ring) if ring else None,
                stroke_opacity=_unless_full(look.get("circle-stroke-opacity")))
        )  # fmt: skip
    return made


def _radius(look: Look) -> float:
    """Give a disc's radius; one worked out from what is not known is none, and not the usual one."""
    return millimetres(look.get("circle-radius", 5) or 0)


def _disc(look: Look) -> Box:
    radius = _radius(look)
    return look["x"] - radius, look["y"] - radius, look["x"] + radius, look["y"] + radius


_DRAWN_AS = {"fill": _fills, "line": _lines, "circle": _circles}


def _grouped(looks: Sequence[Look], names: tuple[str, ...]) -> Iterator[tuple[Look, str]]:
    """Join the outlines of one look to one path, so that a sheet of thousands of parcels stays small."""
    groups: dict[tuple, list[str]] = {}
    opacity = names[0].replace("color", "opacity")
    for look in looks:
        if look["path"] and look.get(opacity) != 0:
            key = tuple(tuple(v) if isinstance(v, list) else v for v in (look.get(name) for name in names))
            groups.setdefault(key, []).append(look["path"])
    for key, paths in groups.items():
        yield {**dict(zip(names, key, strict=True)), "count": len(paths)}, "".join(paths)


def _or(given: float | None, otherwise: float) -> float:
    return otherwise if given is None else given


def _unless_full(opacity: float | None) -> float | None:
    return None if opacity is None or opacity >= 1 else opacity


# -- texts --------------------------------------------------------------------------------------------------


def _rank(look: Look) -> float:
    return look.get("symbol-sort-key") or 0


def _is_written(look: Look, frame: Frame) -> bool:
    inside = 0 <= look["x"] <= frame.width_mm and 0 <= look["y"] <= frame.height_mm
    return inside and look.get("text-opacity") != 0


def _label(look: Look) -> Label:
    size = millimetres(_or(look.get("text-size"), 16))
    widest = look.get("text-max-width", 10) * size
    paragraphs: list[tuple[str, float]] = [("", 1)]
    n = 0
    while f"text-{n}" in look:
        first, *others = (look[f"text-{n}"] or "").split("\n")
        if first:
            paragraphs[-1] = (paragraphs[-1][0] + first, look[f"scale-{n}"])
        paragraphs += [(text, look[f"scale-{n}"]) for text in others]
        n += 1
    lines = [
        (line, size * scale)
        for text, scale in paragraphs
        for line in lettering.lines(text, size * scale, widest)
        if text
    ]
    around = look.get("text-variable-anchor")
    right, down = look.get("text-offset") or (0, 0)
    radial = look.get("text-radial-offset") or (max(abs(right), abs(down)) if around else 0)
    return Label(
        lines, (look["x"], look["y"]), around or [look.get("text-anchor") or "center"],
        (0, 0) if around else (right * size, down * size), radial * size,
        look.get("text-line-height", 1.2), millimetres(look.get("text-padding", 2)),
        look.get("text-color") or INK,
        (look.get("text-halo-color") or "#ffffff", millimetres(look.get("text-halo-width") or 0)),
        bool(look.get("text-allow-overlap")),
    )  # fmt: skip


def _legend(entry: Mapping[str, Any], seen: _Drawn) -> LegendPart | None:
    """Keep the lines of a layer's legend that say something on this sheet; None where nothing of the layer is on it."""
    if not (seen.colours or seen.marks or seen.patterns):
        return None
    told = {item["colour"] for item in entry["legend"] if item["line"] and item["pattern"] == "dashed"}
    # Dashes in a colour whose line the legend gives without them: it tells of both, the colour and the dashes.
    both = {colour for colour, mark in seen.marks if mark == "dashed" and colour not in told}
    lines = [
        LegendLine(**item, opacity=seen.opacities.get(item["colour"], 1))
        for item in entry["legend"]
        if _is_seen(item, seen, both)
    ]
    return LegendPart(entry["name"], entry["title"], lines)


def _is_seen(item: Mapping[str, Any], seen: _Drawn, both: set[str]) -> bool:
    if item["line"]:
        dashed = item["pattern"] == "dashed"
        own = (item["colour"], "dashed" if dashed else "line") in seen.marks
        return own or item["colour"] in both or (dashed and bool(both))
    if item["size_px"]:
        return (item["colour"], "circle") in seen.marks
    if item["pattern"] in PATTERNS:
        # A layer of patterns alone lies over the colours of others.
        return item["pattern"] in seen.patterns and (seen.colours[item["colour"]] > 0 or not seen.colours)
    return seen.colours[item["colour"]] > 0
