"""Query parameters, or fields of a form, checked: each gives a clean value or raises `BadParameter` with the name."""

import re
from datetime import date, datetime

from flask import request
from werkzeug.datastructures import MultiDict

from gis.errors import BadParameter
from gis.progress import VIETNAM_TIME, Question, ask, end_of_day
from webmap import entry

PROGRESS = {"by", "unit", "project", "holder", "from", "to", "as_of", "known_at", "units_of"}


def day(name: str, given: MultiDict | None = None) -> date | None:
    """Read a day, ISO such as 2022-10-24 or as people type it, 24/10/2022; empty or absent is None."""
    value = (request.args if given is None else given).get(name, "").strip()
    if not request.path.startswith(("/api/", "/tiles/")):
        return entry.day(name, value)
    if not value:
        return None
    try:
        return date.fromisoformat(value) if len(value) == 10 else _not_a_day(name, value)
    except ValueError:
        return _not_a_day(name, value)


def _not_a_day(name: str, value: str):
    raise BadParameter("“%(value)s” is not a day: write it as 2022-10-24.", parameter=name, value=value)


def moment(name: str, given: MultiDict | None = None) -> datetime | None:
    """Read an instant in ISO 8601; a bare day is its end, and without a zone it is Vietnamese time."""
    typed = (request.args if given is None else given).get(name, "").strip()
    value = typed.replace(" ", "+")
    if not value:
        return None
    if as_people_do := re.fullmatch(r"(\d{1,2}[/.-]\d{1,2}[/.-]\d{4})(?:[ ,]+(\d{1,2})[:h](\d{2}))?", typed):
        on, hour, minute = as_people_do.groups()
        found = entry.day(name, on)
        if hour is None:
            return end_of_day(found)
        if int(hour) < 24 and int(minute) < 60:
            return datetime(found.year, found.month, found.day, int(hour), int(minute), tzinfo=VIETNAM_TIME)
    try:
        if len(value) == 10:
            return end_of_day(date.fromisoformat(value))
        parsed = datetime.fromisoformat(value)
    except (ValueError, OverflowError):
        raise BadParameter(
            "“%(value)s” is not a moment: write it as 24/10/2022 17:05, a program as 2022-10-24T17:00:00+07:00.",
            parameter=name, value=typed[:40],
        ) from None  # fmt: skip
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=VIETNAM_TIME)


def text(name: str, given: MultiDict | None = None) -> str | None:
    """Read a code or slug that is given once; empty or absent is None."""
    values = (request.args if given is None else given).getlist(name)
    if len(values) > 1:
        raise BadParameter("“%(name)s” is given more than once.", parameter=name, name=name)
    _readable(name, values)
    return values[0].strip() or None if values else None


def _readable(name: str, given: list[str]) -> None:
    """Refuse a NUL, which PostgreSQL cannot take."""
    if any("\0" in value for value in given):
        raise BadParameter("“%(name)s” holds a character that cannot be read.", parameter=name, name=name)


def only(*known: str, many: tuple[str, ...] = ("project",)) -> None:
    """Refuse parameters that would be ignored, and single ones given twice: a typo must not change a figure."""
    for name in request.args:
        if name not in known and name != "lang":
            raise BadParameter("There is no parameter “%(name)s” here.", parameter=name, name=name)
        if name not in many and len(request.args.getlist(name)) > 1:
            raise BadParameter("“%(name)s” is given more than once.", parameter=name, name=name)
        _readable(name, request.args.getlist(name))


def question() -> Question:
    """Read the whole question of the progress API."""
    only(*PROGRESS)
    return ask(
        by=tuple(part.strip() for part in request.args.get("by", "").split(",") if part.strip()),
        unit=request.args.get("unit") or None,
        projects=tuple(value for value in request.args.getlist("project") if value),
        holder=request.args.get("holder") or None,
        since=day("from"),
        upto=day("to"),
        as_of=day("as_of"),
        known_at=moment("known_at"),
        units_of=request.args.get("units_of") or None,
    )
