"""Cells of reported figures as people write them, on a form or in a sheet: their names, and what they mean."""

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from flask_babel import force_locale, gettext, lazy_gettext

from gis import catalogue, new_figures
from gis.contradictions import Contradiction
from gis.db import Session
from gis.errors import BadParameter, GisError, NotAllowed
from gis.exchange import headings
from gis.exchange.sheets import written
from gis.indicators import INDICATORS, REPORT_ONLY
from gis.new_figures import VALUES, WHOLE, GivenText, NewFigure
from gis.registration import Problem
from gis.units import Unit
from webmap import entry, unit_choices
from webmap.auth import reader
from webmap.contradictions import RULES
from webmap.desk import beginning
from webmap.i18n import day as written_day
from webmap.session import session
from webmap.words import step_name

BASES = {
    "period": lazy_gettext("within the period"),
    "cumulative": lazy_gettext("cumulative to the last day"),
    "ytd": lazy_gettext("since the beginning of the year"),
    "target": lazy_gettext("target"),
    "plan": lazy_gettext("plan"),
}
HOLDERS = {
    "all": lazy_gettext("households and organisations counted together"),
    "household": lazy_gettext("households alone"),
    "organisation": lazy_gettext("organisations alone"),
    "community": lazy_gettext("communities alone"),
    "none": lazy_gettext("land of no holder"),
}
PERIOD_BASES = {"stated": lazy_gettext("stated"), "assumed": lazy_gettext("assumed")}
LABELS = {
    "mark": lazy_gettext("No."),
    "report": lazy_gettext("Report (number or title)"),
    "line": lazy_gettext("Place in the report (line, paragraph, page)"),
    "unit": lazy_gettext("Unit that reports"),
    "project": lazy_gettext("Project"),
    "indicator": lazy_gettext("Indicator"),
    "basis": lazy_gettext("Stated as"),
    "from_on": lazy_gettext("First day"),
    "to_on": lazy_gettext("Last day"),
    "period_basis": lazy_gettext("The days are"),
    "holder": lazy_gettext("Holders counted"),
    "households": lazy_gettext("Households"),
    "of_households": lazy_gettext("of households in all"),
    "organisations": lazy_gettext("Organisations"),
    "communities": lazy_gettext("Communities"),
    "area_m2": lazy_gettext("Area (m²)"),
    "of_area_m2": lazy_gettext("of m² in all"),
    "amount_vnd": lazy_gettext("Amount (đồng)"),
    "documents": lazy_gettext("Documents"),
    "projects": lazy_gettext("Number of projects"),
    "plots": lazy_gettext("Resettlement plots"),
    "count": lazy_gettext("Turns (of households, receptions)"),
    "percent": lazy_gettext("Per cent"),
    "part_of": lazy_gettext("Part of (No. or figure)"),
    "restriction": lazy_gettext("Only of (what narrows it)"),
    "note": lazy_gettext("Note"),
    "quote": lazy_gettext("Quote from the report"),
}
"""What a figure is made of, in the order of forms and sheets."""
CELLS = tuple(LABELS)
NEEDED = ("report", "unit", "indicator", "basis", "to_on")
CHOICES = {"indicator": (*INDICATORS, *REPORT_ONLY), "basis": BASES, "holder": HOLDERS, "period_basis": PERIOD_BASES}
"""Cells that hold one of some keys."""
SHORT_BASES = {
    "lũy kế": "cumulative", "luỹ kế": "cumulative", "cộng dồn": "cumulative", "từ đầu năm": "ytd",
    "lũy kế từ đầu năm": "ytd", "trong kỳ": "period", "chỉ tiêu": "target",
}  # fmt: skip
"""How people write the names of `BASES` short."""
MOST_OFFERED = 6
AREAS = ("area_m2", "of_area_m2")
AMONG_VALUES = "households"
"""Where it is said that a figure states no value at all."""

Typed = Mapping[str, str]


def choice_name(cell: str, key: str) -> str:
    """Give the name of a choice in the reader's language."""
    return step_name(key) if cell == "indicator" else str(CHOICES[cell][key])


def label(cell: str) -> str:
    """Give the name of a cell in the reader's language."""
    return str(LABELS.get(cell, LABELS[AMONG_VALUES] if cell == "values" else cell))


@cache
def _keys(cell: str) -> dict[str, str]:
    """Give the keys of a cell by all that people may write for them: the key, and its names in both languages."""
    found = {key: key for key in CHOICES[cell]}
    for language in ("vi", "en"):
        with force_locale(language):
            for key in CHOICES[cell]:
                found.setdefault(_plain(choice_name(cell, key)), key)
    return found | (SHORT_BASES if cell == "basis" else {})


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _alone(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give keys by name, without names that several have: units of before and after a reform."""
    found: dict[str, list[str]] = {}
    for name, key in named:
        found.setdefault(_plain(name), []).append(key)
    return {name: keys[0] for name, keys in found.items() if len(keys) == 1}


def _meant(text: str, keys: Container[str], by_name: Mapping[str, str]) -> str:
    """Give the key that a text means: the key itself, a name, or a name with the key in brackets, as lists offer it."""
    bracketed = text.rpartition("(")[2].removesuffix(")")
    if text in keys or (bracketed != text and bracketed in keys):
        return text if text in keys else bracketed
    return by_name.get(_plain(text), text)


_KIND = re.compile(r"^(?:phuong|xa|thi tran|thi xa|thanh pho|quan|huyen|tinh|tp|tx|tt|p|x|h) ")


def _without_kind(text: str) -> str:
    return _KIND.sub("", f"{headings.plain(text)} ", count=1).strip() if text else ""


def _days_of(unit: Unit) -> str:
    """Say until or from when a unit stands, where that is not always."""
    if unit.valid_to:
        return f" ({gettext('until %(day)s', day=written_day(unit.valid_to - timedelta(days=1)))})"
    return f" ({gettext('from %(day)s', day=written_day(unit.valid_from))})" if unit.valid_from else ""


def offered(name: str, key: str) -> str:
    """Write a choice as lists offer it, so that it is read back as this key."""
    return f"{name} ({key})"


@dataclass
class Row:
    """One figure as it was typed, with what it means and what stands against it."""

    typed: dict[str, str]
    figure: NewFigure
    problems: dict[str, GisError] = field(default_factory=dict)


class Places:
    """The units and projects that cells can name, and what of them this reader may enter figures of."""

    def __init__(self, of: Session, hers: frozenset[str] = frozenset()):
        self.units = {each.unit.slug: each.unit for each in catalogue.list_units(of)}
        self.projects = {each.code: each for each in catalogue.projects_by_name(of)}
        self.hers = hers
        self._units = _alone((unit.name, slug) for slug, unit in self.units.items())
        self._projects = _alone((each.name, code) for code, each in self.projects.items())

    @classmethod
    def here(cls) -> "Places":
        """Give those of this request's reader."""
        return cls(session(), beginning.units())

    @property
    def usual(self) -> str:
        """The unit that a new figure is of unless another is chosen: the reader's own, where there is one."""
        offered = units()
        return offered.usual if offered.usual in self.hers else ""

    def unit(self, text: str) -> str:
        """Give the slug of a unit by its slug or name; what is neither stays as it was written."""
        return _meant(text, self.units, self._units)

    def alike(self, text: str) -> list[str]:
        """Give the units whose name, but for their kind, a text says: as lists offer them, with their days."""
        said = _without_kind(text)
        return [
            f"“{offered(unit.name, slug)}”{_days_of(unit)}"
            for slug, unit in self.units.items() if said and _without_kind(unit.name) == said
        ]  # fmt: skip

    def project(self, text: str) -> str:
        """Give the code of a project by its code or name; what is neither stays as it was written."""
        return _meant(text, self.projects, self._projects)

    def projects_alike(self, text: str) -> list[str]:
        """Give the projects whose name holds a text of at least two words, as lists offer them."""
        said = headings.plain(text)
        found = [each for each in self.projects.values() if f" {said} " in f" {headings.plain(each.name)} "]
        return [f"“{offered(each.name, each.code)}”" for each in found] if " " in said else []

    def may_enter(self, unit: str, project: str | None) -> bool:
        """Tell whether this reader may enter a figure: of a project, who keeps its records; of a unit as a whole, who
        keeps the records of the unit."""
        if project is None:
            return unit in self.hers
        return project in self.projects and reader().may_record(self.projects[project].id)

    def refusal(self, figure: NewFigure) -> tuple[str, GisError] | None:
        """Give the cell and the error that refuse a figure to this reader."""
        if self.may_enter(figure.unit, figure.project):
            return None
        if figure.project is not None:
            return "project", NotAllowed("This project is not given to you: its figures are entered by who keeps it.")
        return "unit", NotAllowed(
            "Figures of a whole unit are entered by officers to whom the unit is given. Name a project, or ask an "
            "administrator for the unit."
        )  # fmt: skip

    def any_hers(self) -> bool:
        """Tell whether this reader may enter any figure at all."""
        return bool(self.hers or reader().record_ids)


def read(typed: Typed, places: Places) -> Row:
    """Read one figure from its cells; what cannot be read is told by cell."""
    given = {name: (typed.get(name) or "").strip() for name in CELLS}
    problems: dict[str, GisError] = {}

    def value(name: str, how: Callable, *more):
        try:
            return how(name, given[name], *more)
        except GisError as error:
            problems[name] = error
            return None

    for name in NEEDED:
        if not given[name]:
            problems[name] = BadParameter("“%(name)s” must be given.", name=label(name))
    if given["unit"] and places.unit(given["unit"]) not in places.units and (alike := places.alike(given["unit"])):
        problems["unit"] = BadParameter(
            "“%(value)s” is not the whole name of one unit. Write the one that is meant, with its code: %(choices)s.",
            value=given["unit"][:80], choices="; ".join(alike),
        )  # fmt: skip
    if (
        given["project"]
        and places.project(given["project"]) not in places.projects
        and (alike := places.projects_alike(given["project"]))
    ):
        problems["project"] = BadParameter(
            "“%(value)s” is not the whole name of one project. Write the one that is meant, with its code: "
            "%(choices)s.",
            value=given["project"][:80], choices="; ".join(alike[:MOST_OFFERED]),
        )  # fmt: skip
    chosen = {name: _meant(given[name], CHOICES[name], _keys(name)) for name in CHOICES}
    for name in CHOICES:
        if name != "indicator" and given[name] and chosen[name] not in CHOICES[name]:
            problems[name] = BadParameter(
                "“%(value)s” is none of these: %(choices)s.", value=given[name][:80],
                choices="; ".join(choice_name(name, key) for key in CHOICES[name]),
            )  # fmt: skip
    values: dict[str, int | Decimal] = {}
    for name in VALUES:
        how = {"area_m2": entry.area_m2, "of_area_m2": entry.area_m2, "percent": entry.percent}.get(name, entry.decimal)
        found = value(name, entry.whole if name in (*WHOLE, "amount_vnd") else how)
        if found is not None:
            values[name] = found
    figure = NewFigure(
        unit=places.unit(given["unit"]), report=given["report"], indicator=chosen["indicator"], basis=chosen["basis"],
        to_on=value("to_on", entry.day), values=values, line=given["line"] or None,
        from_on=value("from_on", entry.day), period_basis=chosen["period_basis"] or None,
        project=places.project(given["project"]) if given["project"] else None, holder=chosen["holder"] or None,
        restriction=given["restriction"] or None, mark=given["mark"] or None, part_of=given["part_of"] or None,
        note=given["note"] or None, quote=given["quote"] or None,
    )  # fmt: skip
    return Row(given, figure, problems)


def check(rows: Sequence[Row], found: Sequence[Problem], places: Places) -> None:
    """Put beside the cells of each row what stands against it: what cannot be read comes first."""
    unread = [{name for name in row.problems if name in VALUES} for row in rows]
    for problem in found:
        mine = rows[problem.row - 1].problems
        if unread[problem.row - 1] and (problem.field == "values" or problem.field in new_figures.WHOLES):
            continue  # what it lacks is given, and cannot be read yet
        error = problem.error
        if error.values.get("name") in LABELS:  # a person knows the cell by what stands over it
            error = BadParameter(
                error.message, parameter=error.parameter, **error.values | {"name": label(error.values["name"])}
            )  # fmt: skip
        mine.setdefault(AMONG_VALUES if problem.field == "values" else problem.field, error)
    for row in rows:
        refused = places.refusal(row.figure)
        if refused and refused[0] not in row.problems:
            row.problems[refused[0]] = refused[1]


def as_typed(figure: NewFigure) -> dict[str, str]:
    """Write a figure into cells as `read` reads it."""
    made = {name: getattr(figure, name) for name in CELLS if name not in VALUES} | dict(figure.values)
    return {name: cell(value) for name, value in made.items() if value not in (None, "")}


def cell(value: str | int | Decimal | date) -> str:
    """Write a value so that it reads back as the same value."""
    return value.strip() if isinstance(value, str) else written(value)


# What pages share.


def keeping() -> Places:
    """Give where this reader may enter figures.

    Raises
    ------
    NotAllowed
        For who keeps no records at all.
    """
    places = Places.here()
    if not places.any_hers():
        raise NotAllowed("Figures are entered by officers who keep the records of a project or a unit.")
    return places


def check_all(rows: Sequence[Row], places: Places, text: GivenText | None = None) -> None:
    """Put beside the cells of each row what stands against it."""
    check(rows, new_figures.problems(session(), [row.figure for row in rows], text), places)


def choices(places: Places) -> dict[str, list[tuple[str, str]]]:
    """Give what cells offer: of projects, those this reader keeps."""
    made = {name: [(key, choice_name(name, key)) for key in keys] for name, keys in CHOICES.items()}
    hers = [(code, each.name) for code, each in places.projects.items() if reader().may_record(each.id)]
    return made | {"unit": units(), "project": hers}


def units() -> unit_choices.Offered:
    """Offer the units that report, the reader's own first."""
    return unit_choices.of_reader()


def told(found: Contradiction, names: dict[str, str]) -> str:
    """Say in words what a figure that is not there yet would contradict."""
    sides = " ↔ ".join(names.get(name, name) for name in found.figures[:6])
    apart = "; ".join(
        f"{label(each.measure)} {entry.shown(round(each.stated, 2))} ↔ {entry.shown(round(each.other, 2))}"
        for each in found.differences
    )
    return f"{RULES[found.rule]}: {sides} ({apart})"
