"""A reported figure as it is to be entered, and what stands against it: refused is what cannot be meant.

Whether a figure is right is not asked here: it stands in its report as it stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gis import catalogue, papers
from gis.dossier import COMPARED, PERIODS
from gis.errors import BadParameter, GisError, NotFound
from gis.indicators import INDICATORS, REPORT_ONLY, bases
from gis.model import AdminUnit, ReportedFigure
from gis.progress import today
from gis.registration import Problem
from gis.standing import Project as StandingProject
from gis.texts import clean_text

WHOLE = ("documents", "projects", "households", "of_households", "organisations", "communities", "plots", "count")
VALUES = (
    "documents", "projects", "households", "of_households", "organisations", "communities", "area_m2", "of_area_m2",
    "amount_vnd", "plots", "count", "percent",
)  # fmt: skip
"""What a figure can state. `count` is of what the sentence says and no column has, such as turns of households (lượt
hộ) or receptions: it is never compared with households."""
HOLDERS = ("all", "household", "organisation", "community", "none")
_MOST = dict.fromkeys(WHOLE, 10**9) | {
    "area_m2": 10**12, "of_area_m2": 10**12, "amount_vnd": 10**18, "percent": 10**4
}  # fmt: skip
_OF = {"of_households": "households", "of_area_m2": "area_m2"}
WHOLES = tuple(_OF)
"""Values that are the whole of another one."""


@dataclass(frozen=True)
class NewFigure:
    """A figure as it is to be entered."""

    unit: str
    """Slug of the unit whose report it is."""
    report: str
    """Number or title of the report, such as 145/BC-UBND."""
    indicator: str
    basis: str
    to_on: date | None
    values: Mapping[str, int | Decimal]
    """By the names of `VALUES`: m², VND whole, per cent."""
    line: str | None = None
    """Where it stands in the report: line, paragraph, page. Figures of one place are taken to be about different
    things."""
    from_on: date | None = None
    period_basis: str | None = None
    project: str | None = None
    holder: str | None = None
    restriction: str | None = None
    """What it is of alone, where that is less than the indicator says."""
    mark: str | None = None
    """What other figures of the same submission call it."""
    part_of: str | None = None
    """A mark of the same submission, or the name of a figure that stands."""
    note: str | None = None
    quote: str | None = None
    start: int | None = None
    """Where the quote stands in the text that is kept with it."""
    proposed: Mapping[str, object] = field(default_factory=dict)
    """What the reader proposed otherwise."""

    @property
    def source_line(self) -> str:
        """The report and the place in it, as figures are quoted."""
        return f"{self.report}:{self.line}" if self.line else self.report


@dataclass(frozen=True)
class GivenText:
    """A text that figures were read from."""

    body: str
    sha256: str
    """Of the file it was in."""
    file_name: str | None = None

    @classmethod
    def pasted(cls, body: str) -> "GivenText":
        """Give a text that was in no file."""
        return cls(body, sha256(body.encode()).hexdigest())


def problems(session: Session, figures: Sequence[NewFigure], text: GivenText | None = None) -> list[Problem]:
    """Find what stands against each of some figures, with its row (from 1) and its cell."""
    there = _There(
        dict(session.execute(select(AdminUnit.slug, AdminUnit.valid)).all()),
        frozenset(session.scalars(select(StandingProject.code))),
        {entry.figure.figure: entry.unit for entry in catalogue.list_reported(session)},
    )  # fmt: skip
    found = [
        Problem(row, name, error)
        for row, figure in enumerate(figures, 1)
        for name, error in _problems(there, figures, figure, text)
    ]
    return found or [Problem(row + 1, "line", SAID_TWICE) for row in repeated(figures)] or _circles(figures)


SAID_TWICE = BadParameter(
    "Another row states the same figure in the same place: leave one of them out, or write where in the report each "
    "stands."
)


def repeated(figures: Sequence[NewFigure], *, anywhere: bool = False) -> dict[int, int]:
    """Give the rows (from 0) that state what a row before them does, each with the first that does.

    Parameters
    ----------
    figures : sequence of NewFigure
    anywhere : bool
        Whether those are meant that stand in different places of their report, else those of one place.
    """
    first: dict[tuple, int] = {}
    again: dict[int, int] = {}
    for row, one in enumerate(figures):
        values = frozenset((name, Decimal(value)) for name, value in one.values.items() if value is not None)
        about = (
            one.unit, papers.known_by(one.report or ""), one.indicator, one.basis, one.from_on, one.to_on, one.project,
            one.holder, one.restriction, one.part_of, values, None if anywhere else one.line,
        )  # fmt: skip
        at = first.setdefault(about, row)
        if at != row and (not anywhere or figures[at].line != one.line):
            again[row] = at
    return again


def rivals(figures: Sequence[NewFigure]) -> dict[int, int]:
    """Give the rows (from 0) that answer the question of a row before them, in the same place, with other values."""
    first: dict[tuple, int] = {}
    found: dict[int, int] = {}
    for row, one in enumerate(figures):
        about = (
            one.unit, papers.known_by(one.report or ""), one.line, one.indicator, one.basis, one.from_on, one.to_on,
            one.project, one.holder, one.restriction, one.part_of,
            frozenset(name for name, value in one.values.items() if value is not None),
        )  # fmt: skip
        at = first.setdefault(about, row)
        if at != row and dict(figures[at].values) != dict(one.values):
            found[row] = at
    return found


def oddities(figure: NewFigure) -> list[tuple[str, GisError]]:
    """Give what cannot be right within a figure, by cell: a part above its whole, a share that is no quotient."""
    found: list[tuple[str, GisError]] = []
    values = {name: Decimal(value) for name, value in figure.values.items() if value is not None}
    for whole, part in _OF.items():
        if part not in values or not values.get(whole):
            continue
        if values[part] > values[whole]:
            found.append((part, BadParameter("%(value)s of %(whole)s: the part is more than the whole.",
                                             value=values[part], whole=values[whole])))  # fmt: skip
    shares = [100 * values[part] / values[whole] for whole, part in _OF.items() if part in values and values.get(whole)]
    percent = values.get("percent")
    if percent is not None and shares and all(abs(share - percent) > 1 for share in shares):
        found.append(("percent", BadParameter("The percentage says %(stated)s, the numbers give %(counted)s.",
                                              stated=percent, counted=round(shares[0], 2))))  # fmt: skip
    elif percent is not None and percent > 100 and figure.basis not in ("plan", "ytd"):
        found.append(("percent", BadParameter("A share of %(percent)s per cent is more than the whole.",
                                              percent=percent)))  # fmt: skip
    return found


@dataclass(frozen=True)
class _There:
    """What figures can name."""

    units: Mapping[str, Range]
    """With the days on which they stand."""
    projects: frozenset[str]
    figures: Mapping[str, str]
    """Those that stand, with their units."""


def _problems(there: _There, figures, figure: NewFigure, text) -> Iterable[tuple[str, GisError]]:
    for name, most, needed in (
        ("report", 200, True), ("line", 100, False), ("restriction", 500, False), ("note", 2000, False),
        ("quote", 5000, False), ("mark", 60, False), ("part_of", 200, False),
    ):  # fmt: skip
        try:
            clean_text(getattr(figure, name), name, most, needed=needed)
        except BadParameter as error:
            yield name, error
    if ":" in (figure.report or ""):
        yield "report", BadParameter("Write the report without a colon: what follows one is the place in it.")
    yield from _about(there, figure)
    yield from _period(figure)
    yield from _measures(figure)
    if figure.part_of and figure.part_of not in {other.mark for other in figures if other is not figure}:
        if figure.part_of not in there.figures:
            yield "part_of", BadParameter(
                "There is no figure “%(figure)s” that it could be a part of.", figure=figure.part_of
            )  # fmt: skip
        elif there.figures[figure.part_of] != figure.unit:
            yield "part_of", BadParameter("“%(figure)s” is a figure of another unit.", figure=figure.part_of)
    if figure.mark and sum(other.mark == figure.mark for other in figures) > 1:
        yield "mark", BadParameter("“%(mark)s” is the number of more than one row.", mark=figure.mark)
    if text is not None and figure.start is not None:
        stands = text.body[figure.start : figure.start + len(figure.quote or "")]
        if figure.start < 0 or not figure.quote or stands != figure.quote:
            yield "quote", BadParameter("These words do not stand in the text.")


def _about(there: _There, figure: NewFigure) -> Iterable[tuple[str, GisError]]:
    if figure.unit not in there.units:
        yield "unit", NotFound("There is no unit “%(slug)s”.", slug=figure.unit)
    elif figure.to_on and figure.basis in PERIODS and figure.to_on not in there.units[figure.unit]:
        yield "unit", BadParameter("This unit does not stand on the last day of the figure.")
    if figure.project and figure.project not in there.projects:
        yield "project", NotFound("There is no project “%(code)s”.", code=figure.project)
    if figure.indicator not in INDICATORS and figure.indicator not in REPORT_ONLY:
        yield "indicator", BadParameter("“%(value)s” is no indicator that is known here.", value=figure.indicator)
    elif figure.basis not in bases(figure.indicator):
        yield "basis", BadParameter(
            "This indicator is stated as: %(choices)s.", choices=", ".join(bases(figure.indicator))
        )  # fmt: skip
    if figure.holder is not None and figure.holder not in HOLDERS:
        yield "holder", BadParameter("“%(value)s” is none of %(choices)s.", value=figure.holder,
                                     choices=", ".join(HOLDERS))  # fmt: skip
    if figure.period_basis not in (None, "stated", "assumed"):
        yield "period_basis", BadParameter("“%(value)s” is none of %(choices)s.", value=figure.period_basis,
                                           choices="stated, assumed")  # fmt: skip


def _period(figure: NewFigure) -> Iterable[tuple[str, GisError]]:
    since, upto = figure.from_on, figure.to_on
    if upto is None:
        yield "to_on", BadParameter("Say until which day the figure holds.")
        return
    if figure.basis == "cumulative" and since:
        yield "from_on", BadParameter("A cumulative figure has a last day only.")
    elif figure.basis != "cumulative" and since is None:
        yield "from_on", BadParameter("Say from which day on it counts.")
    elif since and since > upto:
        yield "to_on", BadParameter("The period ends (%(to)s) before it begins (%(since)s).", to=upto.isoformat(),
                                    since=since.isoformat())  # fmt: skip
    elif figure.basis == "ytd" and since and (since.month, since.day) != (1, 1):
        yield "from_on", BadParameter("A figure since the beginning of the year begins on 1 January.")
    if figure.basis not in ("plan", "target") and upto > today():
        yield "to_on", BadParameter("%(name)s: %(day)s lies in the future.", name="to_on", day=upto.isoformat())


def _measures(figure: NewFigure) -> Iterable[tuple[str, GisError]]:
    stated = {name: value for name, value in figure.values.items() if value is not None}
    if not stated:
        yield "values", BadParameter("The figure states nothing: give at least one value.")
    for name, value in stated.items():
        if name not in VALUES:
            yield name, BadParameter("There is no such value: %(name)s.", name=name)
            continue
        exact = Decimal(value)
        places = 0 if name in WHOLE or name == "amount_vnd" else 2
        if not exact.is_finite() or exact < 0 or exact >= _MOST[name]:
            yield name, BadParameter("“%(value)s” cannot be: give a number from 0 up.", value=str(value))
        elif exact != round(exact, places):
            yield name, BadParameter("At most %(places)s decimals can be kept.", places=places)
        elif name in _OF and (exact == 0 or _OF[name] not in stated):
            yield name, BadParameter("A denominator above 0 belongs to the figure it is of: give that too.")
    counted = {"households": "household", "organisations": "organisation", "communities": "community"}
    for name, kind in counted.items():
        if name in stated and figure.holder not in (None, kind, "all" if name == "households" else kind):
            yield name, BadParameter("This does not go with the kind of holder “%(holder)s”.", holder=figure.holder)


def _circles(figures: Sequence[NewFigure]) -> list[Problem]:
    above = {figure.mark: figure.part_of for figure in figures if figure.mark}
    found = []
    for row, figure in enumerate(figures, 1):
        seen, at = set(), figure.mark
        while at in above and at not in seen:
            seen.add(at)
            at = above[at]
        if at is not None and at in seen:
            found.append(Problem(row, "part_of", BadParameter("These figures are parts of each other.")))
    return found


def derivable(figure: NewFigure, total: NewFigure | ReportedFigure | None, total_project: str | None = None) -> bool:
    """Tell whether records can answer the question that a figure answers.

    They can for what is counted, of a period or up to a day, and not for less than the indicator says: a restriction
    in words, or a part that differs from its total in no project, holder or indicator.
    """
    counted = [name for name in figure.values if figure.values[name] is not None]
    if figure.indicator not in INDICATORS or figure.basis not in PERIODS or figure.restriction:
        return False
    if total is not None and (figure.project, figure.holder, figure.indicator) == (
        total_project, total.holder, total.indicator
    ):  # fmt: skip
        return False
    return bool({*counted} & {*COMPARED, *_OF, "percent"})
