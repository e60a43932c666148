"""What a report is asked for: unit, period and projects, as pages and forms send them."""

from datetime import date

from werkzeug.datastructures import MultiDict

from gis import report
from gis.errors import BadParameter
from gis.progress import today
from webmap import entry, i18n, parameters, unit_choices
from webmap.session import session

NAMES = ("unit", "from", "to", "units_of", "known_at", "project")


def build(given: MultiDict) -> report.Report:
    """Build the report that is asked for.

    Raises
    ------
    BadParameter, NotFound
    """
    since, upto = entry.day("from", given.get("from")), entry.day("to", given.get("to"))
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
    """Give what a form of unit and period begins with: the reader's own unit and this year, where nothing else is
    asked."""
    this = today()
    filled = {"from": i18n.day(date(this.year, 1, 1)), "to": i18n.day(this)} | given.to_dict()
    for name in ("from", "to"):
        filled[name] = entry.as_typed(filled[name])
    return filled if filled.get("unit") else filled | {"unit": units().usual}


def units() -> unit_choices.Offered:
    """Offer the units that report: since 01/07/2025 communes and wards do, with the province."""
    return unit_choices.of_reader()
