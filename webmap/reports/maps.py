"""The map pages at the end of a report's PDF: the sheets of `webmap.printing`, counted for the unit that reports."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext

from gis import catalogue
from gis.catalogue import Bounds
from gis.errors import BadParameter
from gis.progress import ask, progress
from gis.report import Report
from webmap import printing
from webmap.printing import Scope, Sheet

MAPS = ("communes", "projects")
MOST_SHEETS = 30
"""A sheet takes a second or more; a unit has some twenty key projects in a year."""


@dataclass(frozen=True)
class Maps:
    """The sheets of a report, and the names of the projects that have no outline to be drawn."""

    sheets: tuple[Sheet, ...] = ()
    undrawn: tuple[str, ...] = ()


NO_MAPS = Maps()


def draw_maps(
    session, report: Report, wanted: Sequence[str], opened: str, *, narrowed: bool = False, paper: str = "a4"
) -> Maps:
    """Draw the sheets of a report as of its last day.

    Parameters
    ----------
    session : Session
        The one the report was built with, so that both are of one snapshot.
    report : Report
    wanted : sequence of str
        Of `MAPS`: ``communes`` for the unit's communes, coloured by the share of m² handed over; ``projects`` for
        a sheet of each project chosen or, where none is, of each key project.
    opened : str
        What the reader may see, see `gis.access.OPEN_ACCESS`.
    narrowed : bool
        Whether the session reads some projects only: communes of the others are told apart from those without figures.
    paper : {"a4", "a3"}

    Raises
    ------
    BadParameter
        For more than `MOST_SHEETS`, a unit without an outline, and a report of an earlier state of the records: a map
        shows what is known now, and would contradict its text.
    """
    if not wanted:
        return NO_MAPS
    if _known(session, report, report.known_at) != _known(session, report, None):
        raise BadParameter(
            "Records of this report have changed since. A map shows what is known now: build the report again, or "
            "leave out the map.",
            parameter="map",
        )
    scope = Scope(report.unit.slug, report.unit.name, report.chosen)
    shared = {"day": report.upto, "size": paper}
    asked, undrawn, whole = [], [], _bounds(session, report)
    if "communes" in wanted:
        title = gettext("Land clearance: %(place)s", place=report.unit.name)
        if whole is None:
            raise BadParameter(
                "%(unit)s has no outline on %(day)s to draw a map of.",
                parameter="map", unit=report.unit.name, day=report.upto.isoformat(),
            )  # fmt: skip
        asked.append({"layer_names": ("communes", "projects"), "bounds": whole, "title": title})
    if "projects" in wanted:
        for entry in report.entries:
            if entry.code in report.chosen if report.chosen else report.upto.year in entry.key_years:
                if entry.bounds:
                    asked.append({"project": entry.code, "bounds": _within(entry.bounds, whole)})
                else:
                    undrawn.append(entry.name)
    if len(asked) > MOST_SHEETS:
        raise BadParameter(
            "%(count)s maps are more than a report takes (%(most)s): choose fewer projects.",
            parameter="map", count=len(asked), most=MOST_SHEETS,
        )  # fmt: skip
    sheets = []
    for each in asked:
        held = printing.orientation_for(each["bounds"], paper)
        wanted_sheet = printing.want(session, opened, scope=scope, orientation=held, **shared, **each)
        sheets.append(printing.compose(session, wanted_sheet, opened, narrowed=narrowed))
    return Maps(tuple(sheets), tuple(undrawn))


def _known(session, report: Report, moment) -> list:
    asked = {"unit": report.unit.slug, "projects": report.chosen, "as_of": report.upto, "known_at": moment}
    answer = progress(session, ask(by=("project", "commune"), kinds=("affected", "handover"), **asked))
    return [
        (row.project and row.project.id, row.commune and row.commune.slug, row.values)
        for row in (*answer.rows, answer.total)
    ]


def _within(bounds: Bounds, whole: Bounds | None) -> Bounds:
    """Give the part of a project's extent that lies in the unit's; all of it where they do not meet."""
    if whole is None:
        return bounds
    west, south = (max(one, other) for one, other in zip(bounds[:2], whole[:2], strict=True))
    east, north = (min(one, other) for one, other in zip(bounds[2:], whole[2:], strict=True))
    return (west, south, east, north) if west < east and south < north else bounds


def _bounds(session, report: Report) -> Bounds | None:
    """Give what holds the outlines of all communes of the unit; None where none has one."""
    listed = catalogue.list_units(session, day=report.upto, level="commune", within=report.unit.slug)
    boxes = [entry.bounds for entry in listed if entry.bounds]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)
