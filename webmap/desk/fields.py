"""Fields of registers on pages, in files and in JSON: how they are read, and how their values are written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from flask import request
from flask_babel import format_decimal, gettext

from gis.errors import BadParameter
from gis.register_table import Field, Kind, Register, Value, no_year
from gis.registers import Entry
from webmap import entry as written
from webmap import exact_json, i18n, words
from webmap.errors import json_value, user_message

_READERS: dict[Kind, Callable[[str, str], Value]] = {
    Kind.DAY: written.day,
    Kind.WHOLE: written.whole,
    Kind.MONEY: written.amount_vnd,
    Kind.AREA: written.area_m2,
    Kind.NUMBER: written.decimal,
    Kind.PERCENT: written.percent,
}
AXES = ("x", "y")
"""Endings of the two inputs of a place: X is North, Y East."""


@dataclass
class Filled:
    """A form as it was sent: what it says, what was typed, and what cannot be read, by field."""

    values: dict[str, Value] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def inputs(one: Field) -> list[str]:
    """Give the names of a field's inputs on a form."""
    return [f"{one.name}_{axis}" for axis in AXES] if one.kind == Kind.POINT else [one.name]


def of_form(register: Register, *, changing: bool) -> list[Field]:
    """Give the fields of a form, in order."""
    return [one for one in register.fields if not one.computed and not (changing and one.fixed)]


def read_form(register: Register, *, changing: bool = False) -> Filled:
    """Read a form; with `changing`, only what differs from what it showed (`was.…`) and is not given up (`take.…`)."""
    found = Filled()
    for one in of_form(register, changing=changing):
        texts = {name: request.form.get(name, "").strip().replace("\r\n", "\n") for name in inputs(one)}
        found.texts |= texts
        if changing and (
            request.form.get(f"take.{one.name}") == "theirs"
            or all(text == request.form.get(f"was.{name}", "").replace("\r\n", "\n") for name, text in texts.items())
        ):
            continue
        try:
            found.values[one.name] = _read(one, list(texts.values()))
        except BadParameter as error:
            found.problems[one.name] = user_message(error)
        if one.needed and not any(texts.values()):
            found.problems[one.name] = gettext("This must be filled in.")
    return found


def _read(one: Field, texts: list[str]) -> Value:
    if one.kind == Kind.POINT:
        if not any(texts):
            return None
        return tuple(written.coordinate(one.name, text) for text in texts)
    text = texts[0]
    if one.name == "year" and text and not (text.isascii() and text.isdecimal()):
        raise no_year(text)
    return _READERS[one.kind](one.name, text) if one.kind in _READERS else text or None


def as_typed(register: Register, values: Mapping[str, Value]) -> dict[str, str]:
    """Give values as a form's inputs hold them."""
    typed = {}
    for one in register.fields:
        value = values.get(one.name)
        if one.kind == Kind.POINT:
            typed |= dict(zip(inputs(one), map(_number, value or (None, None)), strict=True))
        elif isinstance(value, date):
            typed[one.name] = i18n.day(value)
        else:
            typed[one.name] = _number(value) if isinstance(value, Decimal | int) and one.kind in _READERS else value
            typed[one.name] = "" if value is None else str(typed[one.name])
    return typed


def _number(value: Decimal | int | None) -> str:
    """Write a number so that it can only be read one way."""
    if value is None:
        return ""
    return f"{value:f}".replace(".", ",") if isinstance(value, Decimal) else str(value)


def show(register: Register, one: Field, value: Value, names: Mapping[str, str] | None = None) -> str:
    """Write a value for people; nothing for one that is not given."""
    if value is None:
        return ""
    if names and one.name in names:
        return names[one.name]
    if one.kind == Kind.POINT:
        north, east = (format_decimal(part, format="#,##0.00") for part in value)
        return f"X {north} · Y {east}"
    if one.kind == Kind.CHOICE:
        return words.choice_name(register.name, value)
    if one.kind == Kind.DAY:
        return i18n.day(value)
    if one.name == "year":
        return str(value)
    return i18n.area(value) if one.kind in _READERS else str(value)


def read_json(register: Register) -> dict[str, Value]:
    """Read the fields of a JSON body: days in ISO 8601, numbers as numbers or decimal strings."""
    given = {name: value for name, value in body_of_json().items() if name not in ("key", "version")}
    return of_json(register, given)


def of_json(register: Register, given: Mapping) -> dict[str, Value]:
    """Give JSON values as a register takes them; names it does not know stay, for it to refuse."""
    known = register.by_name
    return {name: _of_json(known[name], value) if name in known else value for name, value in given.items()}


def body_of_json() -> dict:
    """Give the JSON object that was sent, its numbers exact.

    Raises
    ------
    BadParameter
    """
    try:
        body = exact_json.loads(request.get_data() or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise BadParameter("Send a JSON object.", parameter="body")
    return body


def _of_json(one: Field, value):
    """Turn strings into what they stand for; what cannot be turned is left for the register to refuse."""
    if one.kind == Kind.POINT and isinstance(value, list):
        return tuple(_coordinate_of_json(part) for part in value)
    try:
        if value and isinstance(value, str) and one.kind == Kind.DAY:
            return date.fromisoformat(value)
        if value and isinstance(value, str) and one.kind in _READERS:
            exact_json.refuse_two_ways(value, one.name)
            return exact_json.decimal(value)
    except ValueError:
        pass
    return value


def _coordinate_of_json(value):
    """Read a coordinate of JSON: 106.754 as a text is a degree, not a hundred thousand of metres."""
    try:
        return exact_json.decimal(value) if value and isinstance(value, str) else value
    except ValueError:
        return value


def as_json(register: Register, entry: Entry) -> dict:
    """Give an entry as JSON values, references by their keys."""
    values = {one.name: json_value(entry.values[one.name]) for one in register.fields}
    cancelled = entry.cancelled_at and {
        "at": entry.cancelled_at.isoformat(), "by": entry.cancelled_by, "reason": entry.cancel_reason
    }  # fmt: skip
    return {"id": entry.id, "version": entry.version, **values, "cancelled": cancelled}
