"""What a report is asked for: unit, period and projects, as pages and forms send them."""

from datetime import date

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from gis import catalogue, report
from gis.errors import BadParameter
from gis.progress import today
from webmap import parameters
from webmap.session import session

NAMES = ("unit", "from", "to", "units_of", "known_at", "project")


def build(given: MultiDict) -> report.Report:
    """Build the report that is asked for.

    Raises
    ------
    BadParameter, NotFound
    """
    since, upto = parameters.day("from", given), parameters.day("to", given)
    unit = parameters.text("unit", given)
    for name, value in (("unit", unit), ("from", since), ("to", upto)):
        if value is None:
            raise BadParameter("“%(name)s” must be given.", parameter=name, name=name)
    return report.build(
        session(), unit=unit, since=since, upto=upto, projects=projects(given),
        units_of=parameters.text("units_of", given), known_at=parameters.moment("known_at", given),
    )  # fmt: skip


def projects(given: MultiDict) -> tuple[str, ...]:
    """Give the codes of the projects that are chosen; none for all."""
    return tuple(code for code in given.getlist("project") if code)


def filled_in(given: MultiDict) -> dict[str, str]:
    """Give what a form of unit and period begins with: this year, where nothing else is asked."""
    day = today()
    return {"unit": "", "from": date(day.year, 1, 1).isoformat(), "to": day.isoformat()} | given.to_dict()


def units() -> list[tuple[str, str]]:
    """List the units that report, by slug and name."""
    listed = catalogue.list_units(session())
    return [(entry.unit.slug, _named(entry)) for entry in listed if entry.unit.level != "commune"]


def _named(entry: catalogue.UnitEntry) -> str:
    ended = entry.unit.valid_to
    return gettext("%(name)s (until %(year)s)", name=entry.unit.name, year=ended.year) if ended else entry.unit.name
