"""What a map on paper has besides its features: frame, scale, VN-2000 grid, scale bar, signs of the legend."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, cos, floor, log2, pi, radians
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from pyproj.enums import TransformDirection

from gis.crs import Zone, to_wgs84, to_zone
from gis.errors import BadParameter
from layers.palette import LINES, PATTERNS

SCALES = (
    500, 1_000, 1_500, 2_000, 2_500, 3_000, 4_000, 5_000, 7_500, 10_000, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000,
    75_000, 100_000, 150_000, 200_000, 250_000, 300_000, 400_000, 500_000, 750_000, 1_000_000,
)  # fmt: skip
"""Scales a sheet may have, as what stands behind ``1:``."""

PIXEL_MM = 0.2
"""What a pixel of the styles is on paper: finer than the 0.26 mm of a screen, because paper resolves more."""

MARGIN_MM = 5.0
"""Around the frame, for the figures of the grid; the drawing is larger by it on each side."""

INK, GRID = "#1a1a1a", "#2c5f8a"
_FINER = 0.7  # patterns are closer on paper, so that small parcels show theirs
_GRID_MM = 36  # lines of the grid stand at least so far apart
_CORNER_MM = 8  # no figures of the grid so near to a corner: those of two sides would meet
_EARTH_M = 2 * pi * 6378137


@dataclass(frozen=True)
class Frame:
    """A rectangle of paper and the ground it shows: from metres of the zone to millimetres it is the scale alone."""

    zone: Zone
    scale: int
    width_mm: float
    height_mm: float
    west_m: float
    """East (Y) of its left side."""
    north_m: float
    """North (X) of its upper side."""

    @classmethod
    def around(
        cls,
        bounds: tuple[float, float, float, float],
        zone: Zone,
        width_mm: float,
        height_mm: float,
        scale: int | None = None,
    ) -> "Frame":
        """Lay a frame around an extent, in the middle of the paper.

        Parameters
        ----------
        bounds : tuple of float
            West, south, east, north in degrees WGS 84.
        zone : Zone
        width_mm, height_mm : float
        scale : int, optional
            When left out, the largest of `SCALES` at which the whole extent fits. One that is given is kept, whether it
            holds the extent or not.

        Raises
        ------
        BadParameter
            If the extent is too large for any scale.
        """
        west, south, east, north = bounds
        share = np.linspace(0, 1, 9)
        lon = np.concatenate([west + share * (east - west)] * 2 + [np.full(9, west), np.full(9, east)])
        lat = np.concatenate([np.full(9, south), np.full(9, north), *[south + share * (north - south)] * 2])
        x, y = to_zone(zone.srid).transform(*to_wgs84().transform(lon, lat, direction=TransformDirection.INVERSE))
        needed = max(np.ptp(x) / width_mm, np.ptp(y) / height_mm) * 1000
        if scale is None:
            scale = next((each for each in SCALES if each >= needed), None)
        if scale is None:
            raise BadParameter(
                "The extent is too large for the sheet even at 1:%(scale)s. Zoom in, or take larger paper.",
                parameter="bounds", scale=SCALES[-1],
            )  # fmt: skip
        middle_x, middle_y = (x.min() + x.max()) / 2, (y.min() + y.max()) / 2
        return cls(
            zone, scale, width_mm, height_mm,
            float(middle_x - width_mm * scale / 2000), float(middle_y + height_mm * scale / 2000),
        )  # fmt: skip

    @property
    def east_m(self) -> float:
        """East (Y) of its right side."""
        return self.west_m + self.width_mm * self.scale / 1000

    @property
    def south_m(self) -> float:
        """North (X) of its lower side."""
        return self.north_m - self.height_mm * self.scale / 1000

    @property
    def zoom(self) -> float:
        """The zoom of MapLibre at which the map has this scale."""
        _, latitude = to_zone(self.zone.srid).transform(
            self.west_m, (self.north_m + self.south_m) / 2, direction=TransformDirection.INVERSE
        )
        return log2(_EARTH_M * cos(radians(latitude)) / (512 * PIXEL_MM / 1000 * self.scale))

    def on_paper(self, lon: float, lat: float) -> tuple[float, float]:
        """Give where a point (degrees WGS 84) lies on the paper: millimetres from the left and from the top."""
        degrees = to_wgs84().transform(lon, lat, direction=TransformDirection.INVERSE)
        east, north = to_zone(self.zone.srid).transform(*degrees)
        return (east - self.west_m) * 1000 / self.scale, (self.north_m - north) * 1000 / self.scale


@dataclass(frozen=True)
class LegendLine:
    """One line of a sheet's legend, as in `layers.spec.LegendItem`."""

    label: str
    colour: str
    pattern: str | None = None
    line: bool = False
    size_px: float | None = None
    inner_px: float = 0
    inner_colour: str = ""
    mark: str = ""
    mark_colour: str = ""
    opacity: float = 1
    """How strongly the sheet bears the colour: a legend in full colours would name others than the map has."""
    count: int | None = None
    """How many features it stands for, if that is said."""


def tag(name: str, inner: str = "", **given: str | float | None) -> str:
    """Write an element: attributes with `-` for `_`, numbers to 0.001, those that are None left out."""
    said = "".join(f" {key.replace('_', '-')}={_said(value)}" for key, value in given.items() if value is not None)
    return f"<{name}{said}>{inner}</{name}>" if inner else f"<{name}{said}/>"


def _said(value: str | float) -> str:
    return quoteattr(value) if isinstance(value, str) else f'"{round(value, 3):g}"'


def millimetres(pixels: float) -> float:
    """Give what pixels of a style are on paper."""
    return pixels * PIXEL_MM


def drawing(inner: str, width: float, height: float, left: float = 0, top: float = 0) -> str:
    """Put elements on a drawing of so many millimetres whose upper left corner is (`left`, `top`)."""
    return tag(
        "svg", inner, xmlns="http://www.w3.org/2000/svg", width=f"{width:.3f}mm", height=f"{height:.3f}mm",
        viewBox=f"{left:.3f} {top:.3f} {width:.3f} {height:.3f}", font_family="narrow", text_anchor="middle", fill=INK,
    )  # fmt: skip


def framed(frame: Frame, shapes: str, texts: str, number: Callable[[int], str]) -> str:
    """Put shapes, the grid over them, and texts into a frame with the grid's figures around it.

    Parameters
    ----------
    frame : Frame
    shapes, texts : str
        Elements, in millimetres from the frame's upper left corner; shapes are cut off at the frame.
    number : callable
        How the figures of the grid are written.
    """
    box = {"width": frame.width_mm, "height": frame.height_mm}
    lines, figures = _grid(frame, number)
    patterns = "".join(_pattern(name, **given) for name, given in PATTERNS.items())
    inner = (
        tag("defs", patterns + tag("clipPath", tag("rect", **box), id="frame"))
        + tag("rect", **box, fill="#ffffff")
        + tag("g", shapes + tag("path", d=lines, fill="none", stroke=GRID, stroke_width=0.1, stroke_opacity=0.6),
              clip_path="url(#frame)")
        + texts
        + tag("rect", **box, fill="none", stroke=INK, stroke_width=0.35)
        + tag("g", figures, fill=GRID, font_size=2.3)
    )  # fmt: skip
    return drawing(
        inner, frame.width_mm + 2 * MARGIN_MM, frame.height_mm + 2 * MARGIN_MM, left=-MARGIN_MM, top=-MARGIN_MM
    )


def grid_step_m(frame: Frame) -> int:
    """Give how far apart the lines of a frame's grid stand: a round number of metres."""
    least = _GRID_MM * frame.scale / 1000
    return next(step * 10**power for power in range(7) for step in (1, 2, 5) if step * 10**power >= least)


def _grid(frame: Frame, number: Callable[[int], str]) -> tuple[str, str]:
    """Give the lines of the grid, and their figures: X (north) at the sides, Y (east) above and below."""
    step, width, height = grid_step_m(frame), frame.width_mm, frame.height_mm
    lines, figures = [], []
    for east in range(ceil(frame.west_m / step) * step, floor(frame.east_m) + 1, step):
        x = (east - frame.west_m) * 1000 / frame.scale
        lines.append(f"M{x:.3f} 0V{height:.3f}")
        if _CORNER_MM < x < width - _CORNER_MM:
            figures += [tag("text", escape(number(east)), x=x, y=y) for y in (-1.4, height + 3.2)]
    for north in range(ceil(frame.south_m / step) * step, floor(frame.north_m) + 1, step):
        y = (frame.north_m - north) * 1000 / frame.scale
        lines.append(f"M0 {y:.3f}H{width:.3f}")
        if _CORNER_MM < y < height - _CORNER_MM:
            figures += [
                tag("text", escape(number(north)), transform=f"translate({x:.3f} {y:.3f}) rotate(-90)")
                for x in (-1.4, width + 3.2)
            ]
    return "".join(lines), "".join(figures)


def scale_bar(frame: Frame, number: Callable[[int], str], widest_mm: float = 60) -> str:
    """Draw a scale bar of four parts, as wide as a round length allows.

    Parameters
    ----------
    frame : Frame
    number : callable
        How its figures are written.
    widest_mm : float, optional
    """
    longest = widest_mm * frame.scale / 1000
    length = max(s * 10**p for p in range(7) for s in (1, 2, 4) if s * 10**p <= max(longest, 1))
    width, height = length * 1000 / frame.scale, 1.4
    unit, metres = ("km", 1000) if length >= 4000 else ("m", 1)
    boxes = [
        tag("rect", x=n * width / 4, width=width / 4, height=height, fill=INK if n % 2 == 0 else "#ffffff")
        for n in range(4)
    ]
    marked = (0, length // 2, length) if length // 2 % metres == 0 else (0, length)
    marks = [
        tag("text", escape(number(m // metres) + (f" {unit}" if m == length else "")), x=m * width / length, y=4.2)
        for m in marked
    ]
    outline = tag("rect", width=width, height=height, fill="none", stroke=INK, stroke_width=0.15)
    return drawing(tag("g", "".join([*boxes, outline, *marks]), font_size=2.6), width + 14, 5.4, left=-5, top=-0.6)


def swatch(line: LegendLine) -> str:
    """Draw the sign of a line of the legend, 6 mm wide, or as wide as its disc."""
    width = max(6.0, millimetres(line.size_px or 0) + 0.3)
    height = max(3.0, millimetres(line.size_px or 0) + 0.3)
    if line.line:
        made = tag(
            "path", d="M0.2 1.5H5.8", stroke=line.colour, stroke_width=0.8 if line.pattern == "thick" else 0.5,
            stroke_dasharray="1 1" if line.pattern == "dashed" else None,
        )  # fmt: skip
    elif line.size_px:
        made = _disc(line, {"cx": width / 2, "cy": height / 2})
    else:
        box = {"x": 0.1, "y": 0.1, "width": 5.8, "height": 2.8}
        made = tag("rect", **box, fill=line.colour, fill_opacity=line.opacity, stroke="#666666", stroke_width=0.12)
        if line.pattern in PATTERNS:
            anchor = f"sign-{line.pattern}"
            made = tag("defs", _pattern(anchor, **PATTERNS[line.pattern])) + made
            made += tag("rect", **box, fill=f"url(#{anchor})")
    return drawing(made, width, height)


def _disc(line: LegendLine, middle: dict[str, float]) -> str:
    made = tag("circle", **middle, r=millimetres(line.size_px) / 2, fill=line.colour, stroke=INK, stroke_width=0.2)
    if line.inner_px:
        made += tag("circle", **middle, r=millimetres(line.inner_px) / 2, fill=line.inner_colour)
    if line.mark:
        made += tag(
            "text", escape(line.mark), x=middle["cx"], y=middle["cy"] + 0.8, font_size=2.2, font_family="bold",
            fill=line.mark_colour,
        )  # fmt: skip
    return made


def _pattern(anchor: str, kind: str, colour: str, spacing: float, width: float) -> str:
    side = millimetres(spacing) * _FINER
    lines = tag(
        "path", d=LINES[kind], fill="none", stroke=colour, stroke_width=width * 8 / spacing, stroke_linecap="round"
    )
    return tag("pattern", lines, id=anchor, width=side, height=side, viewBox="0 0 8 8", patternUnits="userSpaceOnUse")
