"""What the form of a report offers besides the unit: quick periods, projects, maps; and the issued ones, narrowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict

from gis import catalogue, issued, units
from gis.errors import BadParameter, GisError
from gis.model import IssuedReport
from gis.progress import VIETNAM_TIME, today
from layers.rollups import folded
from webmap import entry, i18n, parameters
from webmap.session import session

PERIODS = {
    "this_month": lazy_gettext("this month"),
    "last_month": lazy_gettext("last month"),
    "this_quarter": lazy_gettext("this quarter"),
    "last_quarter": lazy_gettext("last quarter"),
    "this_year": lazy_gettext("year to date"),
    "last_year": lazy_gettext("last year"),
}
MAP_NAMES = {
    "communes": lazy_gettext("the unit's communes, by the share of m² handed over"),
    "projects": lazy_gettext("a sheet of each project chosen; else of each key project"),
}
GENERATION_NAMES = {
    "": lazy_gettext("those of the last day"),
    "old": lazy_gettext("before 01/07/2025"),
    "new": lazy_gettext("from 01/07/2025"),
}
MOST_LISTED = 20
"""So many issued reports are listed before a unit or a year is chosen."""


def period(name: str, day: date) -> tuple[date, date]:
    """Give first and last day of a quick period as of a day; of one that is under way, up to the day."""
    which, _, what = name.partition("_")
    months = {"month": 1, "quarter": 3, "year": 12}[what]
    begins = date(day.year, (day.month - 1) // months * months + 1, 1)
    if which == "this":
        return begins, day
    ended = begins - timedelta(days=1)
    return date(ended.year, ended.month - months + 1, 1), ended


def in_the_address(given: MultiDict) -> MultiDict | None:
    """Give the parameters with the quick period that is chosen written as days; None where none is chosen."""
    name = parameters.text("period", given)
    if not name:
        return None
    if name not in PERIODS:
        raise BadParameter(
            "“%(value)s” is none of %(choices)s.", parameter="period", value=name, choices=", ".join(PERIODS)
        )  # fmt: skip
    since, upto = period(name, today())
    kept = [(key, value) for key, value in given.items(multi=True) if value and key not in ("period", "from", "to")]
    return MultiDict([*kept, ("from", since.isoformat()), ("to", upto.isoformat())])


@dataclass(frozen=True)
class Offered:
    """What the form shows."""

    projects: tuple[catalogue.ProjectName, ...]
    """Those that are chosen, then those whose name holds the words looked for; all without any."""
    chosen: frozenset[str]
    maps: frozenset[str]
    known_at: str
    """As a field of a form writes it, in Vietnamese time; empty for now."""
    opened: bool
    """Whether anything but unit and period is chosen."""


def offered(given: MultiDict) -> Offered:
    """Gather what the form offers, with what is chosen."""
    chosen, maps = frozenset(filter(None, given.getlist("project"))), frozenset(filter(None, given.getlist("map")))
    words = folded(given.get("q", ""))
    every = catalogue.projects_by_name(session())
    listed = [each for each in every if each.code in chosen]
    listed += [each for each in every if each.code not in chosen and words in folded(f"{each.name} {each.code}")]
    try:
        moment = parameters.moment("known_at", given)
    except BadParameter:
        moment = None  # whoever builds the report is told
    known_at = moment.astimezone(VIETNAM_TIME).strftime("%d/%m/%Y %H:%M") if moment else ""
    other = any(given.get(name) for name in ("units_of", "known_at", "q", "paper"))
    return Offered(tuple(listed), chosen, maps, known_at, bool(chosen or maps or other))


def cures(given: MultiDict, error: GisError | None) -> list[tuple[str, dict[str, list[str]]]]:
    """Give ways out of a unit that is not there on the last day, as what to do and the parameters that do it.

    Each of them builds a report: the same period by the communes of the unit's time, or the part of the period in
    which it stands.
    """
    generation = error and error.values.get("generation")
    if not generation or not given.get("unit"):
        return []
    unit = units.by_slug(session(), given["unit"])
    kept = {name: given.getlist(name) for name in given if name not in ("units_of", "period", "csrf_token", "key")}
    made = [
        (
            gettext("The whole period, by the communes %(when)s", when=GENERATION_NAMES[generation]),
            kept | {"units_of": [generation]},
        )
    ]
    since = entry.day("from", given.get("from"))
    if generation == "old" and unit.valid_to and since and since < unit.valid_to:
        last = i18n.day(unit.valid_to - timedelta(days=1))
        made.append((gettext("To its last day, %(day)s", day=last), kept | {"to": [last]}))
    return made


@dataclass(frozen=True)
class Issued:
    """The issued reports that are listed, and what they can be narrowed by."""

    reports: Sequence[IssuedReport]
    found: int
    units: dict[str, str]
    years: list[int]


def issued_reports(given: MultiDict) -> Issued:
    """List issued reports, the newest first, of the unit and the year that are chosen."""
    every = issued.listed(session())
    unit, year = given.get("of_unit") or None, given.get("of_year") or None
    found = [each for each in every if unit in (None, each.unit) and year in (None, str(each.to_on.year))]
    reporting = dict(sorted(((each.unit, each.unit_name) for each in every), key=lambda named: named[1]))
    years = sorted({each.to_on.year for each in every}, reverse=True)
    return Issued(found if unit or year else found[:MOST_LISTED], len(found), reporting, years)
