"""Reads the figures that a report's sentences state, and proposes them with the words they were read from.

A proposal is never a figure yet: a person confirms it. What cannot be read surely carries a doubt that says why.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class KnownProject:
    """A project that the words of a text may name."""

    code: str
    name: str


@dataclass(frozen=True)
class Doubt:
    """What a person must look at before confirming: a message as of `GisError`, with the values of its places."""

    message: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Proposal:
    """A figure a text states, as it was understood. Cells are named as those of `model.ReportedFigure`."""

    indicator: str
    basis: str | None
    """``period``, ``cumulative``, ``ytd``, ``target`` or ``plan``."""
    from_on: date | None
    to_on: date | None
    period_basis: str | None
    """``assumed`` where the text states not both days; else ``stated``; None where the basis needs no first day."""
    project: str | None
    """Code, when the words name exactly one known project."""
    project_words: str | None
    """The words of the text that name it."""
    holder: str | None
    """``all`` where households count organisations too, ``household``, ``organisation``, ``community``, ``none``."""
    values: Mapping[str, int | Decimal]
    """Of documents, projects, households, organisations, communities, of_households, area_m2, of_area_m2, amount_vnd,
    plots, count, percent. A project count may be counted from the names, and 100 % read from “finish”."""
    part_of: int | None
    """Index in the list of the proposal it is a part of: with its siblings it adds up to that one."""
    quote: str
    """The words it was read from, exactly as in the text."""
    start: int
    end: int
    line: str | None
    """Id of the source line where the text has such (``R1:133``), else the number of the paragraph, from 1."""
    doubts: tuple[Doubt, ...] = ()
    """Empty only when sure."""


_NUMBER = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?"
_HANDOVER = re.compile(
    rf"bàn giao mặt bằng\s+tổng diện tích\s+(?P<area>{_NUMBER})\s*m²\s+của\s+(?P<households>\d+)\s+hộ gia đình"
    r"(?:\s+ảnh hưởng bởi\s+(?P<projects>\d+)\s+dự án)?",
    re.IGNORECASE,
)


def read(
    text: str,
    *,
    projects: Sequence[KnownProject],
    unit: str | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
) -> list[Proposal]:
    """Propose the figures that a text states.

    Parameters
    ----------
    text : str
        Of a report or a part of it, as `gis.reportfile.text_of` gives it: paragraphs by line, footnote marks as
        ``<sup>13</sup>`` or ¹³ where they hang and at the beginning of their notes.
    projects : sequence of KnownProject
        Those that may be named.
    unit : str, optional
        Name of the unit whose report it is: its words tell no project from another.
    from_on, to_on : date, optional
        Period of the report, both days in. A text may state another one for a figure.

    Returns
    -------
    list of Proposal
        In the order of the text; the parts of a figure after it. Empty for a text that states none.
    """
    found = []
    for match in _HANDOVER.finditer(text):
        values = {
            "area_m2": Decimal(match["area"].replace(".", "").replace(",", ".")),
            **{name: int(match[name]) for name in ("households", "projects") if match[name]},
        }
        line = str(len(re.findall(r"\n\s*\n", text[: match.start()])) + 1)
        found.append(
            Proposal(
                "handover", "period", from_on, to_on, "assumed", None, None, None, values, None,
                match[0], match.start(), match.end(), line,
            )
        )  # fmt: skip
    return found
