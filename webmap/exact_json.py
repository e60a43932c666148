"""JSON as it is taken from outside: no value that no database, file or answer can hold.

Every body, file and field of JSON comes through here. What Python's own reader lets pass, and what then ends in an
error far from its cause, is refused at once: NaN, halves of letters (lone surrogates), NUL, numbers of a
million digits, depth.
"""

import json
from decimal import Decimal, InvalidOperation

from flask import Flask
from flask.json.provider import DefaultJSONProvider

MOST_EXPONENT = 40
"""Nothing that is counted here has more digits: a province has 10^10 m², the state's budget 10^16 đồng."""


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
        For what is no JSON, and for what is but cannot be kept.
    """
    try:
        given = json.loads(text, parse_float=decimal if decimals else _float, parse_constant=_no_number)
        _require_letters(given)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return given


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
    if not found.is_finite() or abs(found.adjusted()) > MOST_EXPONENT or len(found.as_tuple().digits) > MOST_EXPONENT:
        raise ValueError("a number of too many digits")
    return found


def _float(text: str) -> float:
    return float(decimal(text))


def _no_number(_text: str):
    raise ValueError("no number")


def _require_letters(given: object) -> None:
    """Refuse texts, keys included, with halves of letters or NUL: nothing downstream can write them."""
    waiting = [given]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if "\0" in one:
                raise ValueError("a character that cannot be kept")
            one.encode()  # UnicodeEncodeError is a ValueError
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one


class Provider(DefaultJSONProvider):
    """What `request.get_json` reads with."""

    ensure_ascii = False

    def loads(self, s, **_options):
        """Read JSON, floats as floats."""
        return loads(s, decimals=False)


def init_app(app: Flask) -> None:
    app.json = Provider(app)
