"""What the communes can be coloured by: themes, the value of each commune, and the classes these fall into.

The classes of a theme hold on every day, so that days can be compared while time moves, and apart for the communes
before and after the reform: those after it are three times as large.
"""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import jenkspy

from gis.course import Course
from gis.overview import Figures
from gis.units import REFORM
from layers.palette import GREENS, OR_RD, PURPLES, SHARE_CLASSES, YL_GN_BU

Value = Decimal | int
Breaks = dict[str, list[Value]]

SHARE_BREAKS = [Decimal(str(begins)) for begins, _ in SHARE_CLASSES[1:]]
MOST_VALUES = 2_000
"""So many values are enough to find natural breaks by; the time grows with their square."""


@dataclass(frozen=True)
class Theme:
    """One thing to colour communes by: its name, its colours from the lowest class up, and its value in figures.

    ``share`` is 0 to 1, ``households`` a number of them, ``area`` m², ``money`` VND.
    """

    key: str
    vi: str
    en: str
    kind: Literal["share", "households", "area", "money"]
    colours: tuple[str, ...]
    value: Callable[[Figures], Value | None]
    withheld: Callable[[Figures], bool] | None = None
    """Of money: whether that of some households, fewer than three, is left out."""


THEMES = {
    theme.key: theme
    for theme in (
        Theme("share_area", "Tỷ lệ m² đã bàn giao", "Share of m² handed over", "share", YL_GN_BU, lambda f: f.share),
        Theme("share_households", "Tỷ lệ hộ đã bàn giao", "Share of households handed over", "share", YL_GN_BU,
              lambda f: f.share_households),
        Theme("left_area", "m² còn phải bàn giao", "m² left to hand over", "area", OR_RD, lambda f: f.left_m2),
        Theme("left_households", "Số hộ còn phải bàn giao", "Households left to hand over", "households", OR_RD,
              lambda f: f.left_households),
        Theme("approved_vnd", "Kinh phí đã phê duyệt", "Money approved", "money", PURPLES, lambda f: f.approved_vnd,
              lambda f: f.approved_withheld),
        Theme("paid_vnd", "Kinh phí đã chi trả", "Money paid", "money", PURPLES, lambda f: f.paid_vnd,
              lambda f: f.paid_withheld),
        Theme("between_area", "m² bàn giao giữa hai ngày", "m² handed over between two days", "area", GREENS,
              lambda f: f.area_m2),
    )
}  # fmt: skip
"""By key, in the order of the choice. The value of ``between_area`` is taken on both days."""


def describe(language: str) -> list[dict]:
    """Give the themes as the page needs them: key, title, kind and colours of each.

    Parameters
    ----------
    language : str
        ``vi`` or ``en``.
    """
    return [
        {"key": theme.key, "title": getattr(theme, language), "kind": theme.kind, "colours": list(theme.colours)}
        for theme in THEMES.values()
    ]


def values(course: Course, key: str, day: date, since: date | None = None) -> dict[str, Value]:
    """Give the value of every commune that has one on a day, by its slug.

    Parameters
    ----------
    course : Course
    key : str
        One of `THEMES`.
    day : date
    since : date, optional
        The earlier day, for ``between_area`` alone; without it everything handed over by `day` counts.

    Returns
    -------
    dict
        Without communes that have no figures, or none that this theme can be told from: they have no colour.
    """
    theme = THEMES[key]
    compared = key == "between_area" and since is not None
    told = {
        track.key: theme.value(figures)
        for track in course.communes
        if track.key and (figures := track.between(since, day) if compared else track.at(day))
    }
    return {slug: value for slug, value in told.items() if value is not None}


def breaks(course: Course) -> dict[str, Breaks]:
    """Give the classes of every theme, for the communes before (``old``) and after the reform (``new``).

    Parameters
    ----------
    course : Course

    Returns
    -------
    dict
        By theme and generation the lower bounds of the second class, the third and so on, ascending; a value falls
        into class `class_of`. Shares have five equal classes. The others have natural breaks (Fisher 1958, Jenks
        1967) of the values of all communes on every end of a month in the course, rounded down to two significant
        digits: at most five classes, each with a value in it; fewer where few values differ, one where none do.
    """
    days = _sampled(course)
    found: dict[str, Breaks] = {}
    for key, theme in THEMES.items():
        if theme.kind == "share":
            found[key] = dict.fromkeys(days, SHARE_BREAKS)
        else:
            found[key] = {
                generation: natural_breaks([v for day in sampled for v in values(course, key, day).values()])
                for generation, sampled in days.items()
            }
    return found


def class_of(value: Value, lower_bounds: Sequence[Value]) -> int:
    """Tell which class a value falls into, from 0."""
    return bisect_right(lower_bounds, value)


def natural_breaks(found: Sequence[Value], classes: int = 5) -> list[Value]:
    """Find natural breaks (Fisher and Jenks): the lower bounds of all classes but the first, two digits each.

    Parameters
    ----------
    found : sequence of Decimal or int
        In any order; an empty one has no breaks.
    classes : int
        At most so many.
    """
    ordered = sorted(found)
    ordered = ordered[:: -(-len(ordered) // MOST_VALUES)] + ordered[-1:] if ordered else []
    lower_bounds: list[Value] = []
    for begins in _class_beginnings(ordered, classes):
        begins = _readable(begins)
        if begins > (lower_bounds[-1] if lower_bounds else ordered[0]):
            lower_bounds.append(begins)
    return lower_bounds


def _class_beginnings(ordered: list[Value], classes: int) -> list[Value]:
    """Give the least value of each class but the first."""
    distinct = sorted(set(ordered))
    if len(distinct) <= classes:
        return distinct[1:]
    ends = jenkspy.jenks_breaks([float(value) for value in ordered], n_classes=classes)[1:-1]
    return [ordered[bisect_right(ordered, end, key=float)] for end in ends if end < float(ordered[-1])]


def _readable(value: Value) -> Value:
    """Round down to two significant digits: 251234.2 to 250000."""
    value = Decimal(value)
    unit = Decimal(1).scaleb(value.adjusted() - 1)
    return value // unit * unit


def _sampled(course: Course) -> dict[str, list[date]]:
    """Give the ends of months in the course, and its last day, before and from the reform on."""
    changes = {day for track in course.communes for day in track.days}
    if not changes:
        return {"old": [], "new": []}
    last = max(changes)
    ends = {*_month_ends(min(changes), last), last}
    old = {day for day in ends if day < REFORM}
    # The ends of both generations count, whether or not a month ends there.
    if min(changes) < REFORM <= last:
        old.add(REFORM - timedelta(days=1))
    return {"old": sorted(old), "new": sorted(ends - old)}


def _month_ends(first: date, last: date) -> list[date]:
    months = ((year, month) for year in range(first.year, last.year + 1) for month in range(1, 13))
    ends = (date(year, month, monthrange(year, month)[1]) for year, month in months)
    return [day for day in ends if first <= day <= last]
