"""JSON as it is taken from outside: no value that no database, file or answer can hold.

Every body, file and field of JSON comes through here. What Python's own reader lets pass, and what then ends in an
error far from its cause, is refused at once: NaN, halves of letters (lone surrogates), NUL, numbers of a
million digits, depth.
"""

import json
import re
from decimal import Decimal, InvalidOperation

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from gis.errors import BadParameter
from gis.exchange.geojson import said_twice

MOST_EXPONENT = 40
"""Nothing that is counted here has more digits: a province has 10^10 m², the state's budget 10^16 đồng."""


_NO_NUMBER = Decimal("nan")


def loads(text: str | bytes, *, decimals: bool = True) -> object:
    """Read JSON.

    Parameters
    ----------
    text : str or bytes
    decimals : bool
        Whether numbers with a point are Decimals, to their last digit, or floats.

    Raises
    ------
    ValueError
        For what is no JSON.
    BadParameter
        For what is, but holds a value that cannot be kept: with the name it stands under.
    """
    try:
        given = json.loads(
            text, parse_float=Decimal, parse_constant=lambda _text: _NO_NUMBER, object_pairs_hook=_each_once
        )
        return _kept(given, None, decimals)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _each_once(pairs: list[tuple[str, object]]) -> dict:
    """Give an object; of a name that stands twice neither value is the one that was meant."""
    if (twice := said_twice(pairs)) is not None:
        raise BadParameter("“%(name)s” is given twice.", parameter=_letters(twice, None), name=_letters(twice, None))
    return dict(pairs)


def decimal(text: str) -> Decimal:
    """Read a number as programs write it, in JSON or in an address.

    Raises
    ------
    ValueError
        For what is no number, NaN and the infinite among it, and for one of too many digits: `1e999999999` is a line of
        ten letters and a number of a gigabyte.
    """
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise ValueError("no number") from None
    if not _is_short(found):
        raise ValueError("a number of too many digits")
    return found


_TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2}(?:[.,]\d{3})+")


def number(value: object, name: str) -> Decimal | None:
    """Read a number of JSON or of a program's file: a JSON number, or a text that is one without doubt.

    Raises
    ------
    BadParameter
        For what is none, and for a text such as “5.000” or “5,000”: as Vietnamese write it is five thousand.
    """
    if value is None:
        return None
    refuse_two_ways(value, name)
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
            raise ValueError
        return decimal(str(value))
    except ValueError:
        raise BadParameter("“%(name)s” must be a number.", parameter=name, name=name) from None


def refuse_two_ways(value: object, name: str) -> None:
    """Refuse a text that may be a number in thousands or one with decimals.

    Raises
    ------
    BadParameter
    """
    if isinstance(value, str) and _TWO_WAYS.fullmatch(value.strip()):
        raise BadParameter(
            "“%(name)s”: the text “%(value)s” can be read in two ways. Send a number without quotation marks and "
            "without points between thousands: 5000, or 5.5.",
            parameter=name, name=name, value=value.strip()[:40],
        )  # fmt: skip


def _is_short(number: Decimal) -> bool:
    in_all = len(number.as_tuple().digits)
    return number.is_finite() and abs(number.adjusted()) <= MOST_EXPONENT and in_all <= MOST_EXPONENT


def _kept(given: object, name: str | None, decimals: bool) -> object:
    """Give a value as it is kept; refuse texts, keys included, that no database can hold, and endless numbers."""
    if isinstance(given, str):
        return _letters(given, name)
    if isinstance(given, Decimal):
        if not _is_short(given):
            raise BadParameter("“%(name)s” must be a number.", parameter=name, name=name or "JSON")
        return given if decimals else float(given)
    if isinstance(given, dict):
        return {_letters(key, name): _kept(value, key, decimals) for key, value in given.items()}
    if isinstance(given, list):
        return [_kept(value, name, decimals) for value in given]
    return given


def _letters(text: str, name: str | None) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        unkept = True
    else:
        unkept = "\0" in text
    if unkept:
        raise BadParameter(
            "“%(name)s” holds a character that cannot be read.", parameter=name, name=name or "JSON"
        )  # fmt: skip
    return text


class Provider(DefaultJSONProvider):
    """What `request.get_json` reads with."""

    ensure_ascii = False

    def loads(self, s, **_options):
        """Read JSON, floats as floats."""
        return loads(s, decimals=False)


def init_app(app: Flask) -> None:
    app.json = Provider(app)
