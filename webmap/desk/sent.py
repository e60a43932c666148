"""What is sent to the desk besides forms: JSON of programs, and the number of a page in an address."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from flask import request

from gis.errors import BadParameter
from webmap import exact_json

Body = Mapping[str, object]


def body(*known: str) -> Body:
    """Give the JSON object that was sent; names that would be ignored are refused."""
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise BadParameter("Send a JSON object.")
    only_known(given, known)
    return given


def only_known(given: Body, known: Sequence[str]) -> None:
    """Refuse a name that would be ignored: it may be another one, mistyped."""
    for name in given:
        if name not in known:
            raise BadParameter("There is no parameter “%(name)s” here.", parameter=name, name=name)


def text(given: Body, name: str) -> str | None:
    """Read a text."""
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise BadParameter("“%(name)s” must be a text.", parameter=name, name=name)
    return value


def day(given: Body, name: str) -> date | None:
    """Read an ISO day."""
    value = text(given, name)
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise BadParameter(
            "“%(value)s” is not a day: write it as 2022-10-24.", parameter=name, value=value[:40]
        ) from None  # fmt: skip


def decimal(given: Body, name: str) -> Decimal | None:
    """Read a number, written as a JSON number or, to keep every digit, as a text."""
    return exact_json.number(given.get(name), name)


def in_address(name: str, *, most: int = 10**9) -> int | None:
    """Read a whole number above 0 of the query; empty or absent is None."""
    value = request.args.get(name, "").strip()
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and 0 < int(value[:20]) <= most):
        raise BadParameter("“%(name)s” must be a whole number above 0.", parameter=name, name=name)
    return int(value)
