"""The letters of printed sheets: their font files, how wide a text is, where it breaks, where on a map it has room."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from fontTools.ttLib import TTFont

from gis.errors import NotReady
from layers.paper import tag

FACES = {
    "regular": "Roboto-Regular.ttf",
    "bold": "Roboto-Bold.ttf",
    "narrow": "RobotoCondensed-Regular.ttf",
}
"""Files by what they are for; texts on the map are narrow. Roboto has every Vietnamese letter, two marks on one too."""

PACKAGE = "fonts-roboto-unhinted"
_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/texmf/fonts")


@cache
def font_file(face: str) -> Path:
    """Find the file of a face among the system's fonts.

    Parameters
    ----------
    face : str
        One of `FACES`.

    Raises
    ------
    NotReady
        If it is not installed. No other font is taken instead: it might lack letters, and be wider than was measured.
    """
    for folder in _FOLDERS:
        for found in sorted(Path(folder).rglob(FACES[face])):
            return found
    raise NotReady(
        "The font %(name)s is missing on the server: have its administrator install %(package)s.",
        name=FACES[face], package=PACKAGE,
    )  # fmt: skip


def text_width(text: str, size: float, face: str = "narrow") -> float:
    """Give how wide a line is, in the unit of its size; kerning, which narrows it by a percent or two, is left out."""
    advances, missing = _advances(face)
    return size * sum(advances.get(ord(letter), missing) for letter in text)


def lines(text: str, size: float, widest: float, face: str = "narrow") -> list[str]:
    """Break a text between words into lines of about one length.

    Parameters
    ----------
    text : str
        A line break in it stays one.
    size, widest : float
        In the same unit. A single word may be wider.
    face : str, optional

    Returns
    -------
    list of str
        Empty lines are left out.
    """
    return [line for part in text.split("\n") for line in _wrapped(part, size, widest, face) if line]


def _wrapped(text: str, size: float, widest: float, face: str) -> list[str]:
    parts = -(-text_width(text, size, face) // widest)
    if parts <= 1:
        return [text.strip()]
    found = [""]
    even = text_width(text, size, face) / parts
    for word in text.split():
        longer = f"{found[-1]} {word}".strip()
        grown, so_far = text_width(longer, size, face), text_width(found[-1], size, face)
        # Whichever comes nearer to lines of one length, as long as none is too long.
        if found[-1] and (grown > widest or grown - even > even - so_far):
            found.append(word)
        else:
            found[-1] = longer
    return found


@cache
def _advances(face: str) -> tuple[dict[int, float], float]:
    """Give the advance of each letter, and of the box that stands for a missing one, at size 1."""
    with TTFont(font_file(face)) as font:
        glyphs, unit = font["hmtx"].metrics, font["head"].unitsPerEm
        return {letter: glyphs[name][0] / unit for letter, name in font.getBestCmap().items()}, glyphs[".notdef"][
            0
        ] / unit


Box = tuple[float, float, float, float]
"""Left, top, right, bottom in millimetres."""


@dataclass(frozen=True)
class Label:
    """A text to be placed: its lines with their sizes, its point, and where around it it may stand (all in mm)."""

    lines: list[tuple[str, float]]
    point: tuple[float, float]
    anchors: list[str]
    """Which part of the text lies at the point, in the order they are tried: ``center``, ``top``, ``bottom-left``…"""
    offset: tuple[float, float]
    radial: float
    leading: float
    padding: float
    colour: str
    halo: tuple[str, float]
    overlaps: bool

    def box(self, anchor: str, width: float, height: float) -> Box | None:
        """Give the box of the text, moved into a frame of this width and height; None where it is too large for it."""
        wide = max(text_width(text, size) for text, size in self.lines)
        high = sum(size * self.leading for _, size in self.lines)
        if wide > width - 1 or high > height - 1:
            return None
        x, y = self.point[0] + self.offset[0], self.point[1] + self.offset[1]
        left = x + self.radial if "left" in anchor else x - wide - self.radial if "right" in anchor else x - wide / 2
        top = y + self.radial if "top" in anchor else y - high - self.radial if "bottom" in anchor else y - high / 2
        left = min(max(left, 0.5), width - wide - 0.5)
        top = min(max(top, 0.5), height - high - 0.5)
        return left, top, left + wide, top + high

    def written(self, box: Box) -> str:
        """Write the text into a box: a halo beneath it, so that it can be read on any colour."""
        left, y, right, _ = box
        rows = []
        for text, size in self.lines:
            baseline = y + size * (self.leading / 2 + 0.36)
            rows.append(tag("text", escape(text), x=(left + right) / 2, y=baseline, font_size=size))
            y += size * self.leading
        colour, thick = self.halo
        halo = tag("g", "".join(rows), fill=colour, stroke=colour, stroke_width=2 * thick, stroke_linejoin="round")
        return (halo if thick else "") + tag("g", "".join(rows), fill=self.colour)


def place(labels: Sequence[Label], discs: Sequence[Box], width: float, height: float) -> str:
    """Place texts in a frame; what finds no room is left out.

    Parameters
    ----------
    labels : sequence of Label
        The most important first: none covers one before it.
    discs : sequence of Box
        What texts keep off where one of their anchors lets them.
    width, height : float
        The frame's.

    Returns
    -------
    str
        Elements of a drawing.
    """
    taken, drawn = np.empty((len(labels), 4)), np.array(discs, float).reshape(-1, 4)
    made: list[str] = []
    for label in labels:
        boxes = [box for anchor in label.anchors if label.lines and (box := label.box(anchor, width, height))]
        free = [box for box in boxes if label.overlaps or not _meets(box, taken[: len(made)], label.padding)]
        if free:
            taken[len(made)] = next((box for box in free if not _meets(box, drawn, 0)), free[0])
            made.append(label.written(tuple(taken[len(made)])))
    return "".join(made)


def _meets(box: Box, others: np.ndarray, padding: float) -> bool:
    left, top, right, bottom = box
    return bool(
        (
            (others[:, 0] < right + padding) & (others[:, 2] > left - padding)
            & (others[:, 1] < bottom + padding) & (others[:, 3] > top - padding)
        ).any()
    )  # fmt: skip
