"""Offices' own templates checked and filled: what stands in double braces, and what fields there are.

Nothing of a template is run. A field is a name in double braces, `{{ban_giao.ho}}`, or in a DOCX a merge field of that
name; an error is told with the field and its place, and a template with an error is not filled at all.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from flask_babel import gettext

from gis.errors import BadRows
from webmap.i18n import MISSING, count, day
from webmap.reports.content import COUNT
from webmap.reports.fields import DAY, Fields, Value, Values
from webmap.reports.files import written

_SIGNS = re.compile(r"\{\{|\}\}|\{%|\{#")
ALONE = re.compile(r"\s*\{\{\s*([^{}]*?)\s*\}\}\s*")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a field of a template."""

    field: str
    where: str
    said: str


@dataclass(frozen=True)
class Place:
    """A field as it stands in a text."""

    key: str
    start: int
    end: int


@dataclass(frozen=True)
class Filled:
    """A filled template."""

    body: bytes
    missing: tuple[str, ...]
    """Fields that nothing is on record for."""


class Form(Protocol):
    """A template that is opened: of Word or of Excel."""

    def problems(self, fields: Fields) -> list[Problem]:
        """Tell all that is wrong with it."""

    def used(self) -> list[str]:
        """Give the fields in it, each once, in order."""

    def fill(self, fields: Fields, told: "Told") -> bytes:
        """Write it with its fields filled."""


def opened(content: bytes, kind: str) -> Form:
    """Open a template that `gis.templates.look_at` has passed. The libraries load with the first one."""
    if kind == "docx":
        from webmap.reports.word_forms import WordForm

        return WordForm(content)
    from webmap.reports.excel_forms import ExcelForm

    return ExcelForm(content)


def check(content: bytes, kind: str, fields: Fields) -> list[str]:
    """Check a template and give the fields in it.

    Raises
    ------
    BadRows
        With every `Problem`.
    """
    form = opened(content, kind)
    problems = form.problems(fields)
    used = form.used()
    if problems:
        raise BadRows("%(n)s fields of the template cannot be filled.", problems=problems, n=len(problems))
    if not used:
        raise BadRows("There is no field in the template: write one as {{don_vi}}.")
    return used


def fill(content: bytes, kind: str, fields: Fields, values: Values) -> Filled:
    """Fill a template for a report.

    Raises
    ------
    BadRows
        For a template that has an error by now: a project may be gone that it names.
    """
    check(content, kind, fields)
    told = Told(fields, values)
    body = opened(content, kind).fill(fields, told)
    return Filled(body, tuple(told.missing()))


def places(text: str, where: str) -> tuple[list[Place], list[Problem]]:
    """Find the fields of a text, and braces that make none."""
    found, problems, position = [], [], 0
    while sign := _SIGNS.search(text, position):
        position = sign.end()
        near = text[sign.start() : sign.start() + 40].strip()
        if sign[0] == "{{":
            end, again = text.find("}}", position), text.find("{{", position)
            if end < 0 or 0 <= again < end:
                name = re.match(r"\{\{\s*\S*", text[sign.start() :])[0][:40]
                problems.append(Problem(name, where, gettext("It is not closed: a field ends with two braces, }}.")))
            else:
                found.append(Place(text[position:end].strip(), sign.start(), end + 2))
                position = end + 2
        elif sign[0] == "}}":
            near = text[: sign.end()].split()[-1][-40:]
            problems.append(Problem(near, where, gettext("It is not opened: a field begins with two braces, {{.")))
        else:
            said = gettext(
                "Instructions of other programs are not carried out: there are only fields in double braces."
            )
            problems.append(Problem(near, where, said))
    return found, problems


def unknown(key: str, where: str, fields: Fields) -> Problem | None:
    """Tell of a field that there is none of, with the one that was probably meant."""
    if fields.find(key) or fields.in_list(key):
        return None
    if not key:
        return Problem("{{ }}", where, gettext("There is no name between the braces."))
    meant = fields.nearest(key)
    if meant:
        said = gettext("There is no such field. Was “%(meant)s” meant?", meant=meant)
    else:
        said = gettext("There is no such field: see the list of fields.")
    return Problem(key[:60], where, said)


def in_one_row(keys: list[str], where: str, fields: Fields) -> tuple[str | None, list[Problem]]:
    """Give the list that a row of a table repeats for; a problem where there are two."""
    lists = dict.fromkeys(found[0] for key in keys if (found := fields.in_list(key)))
    if len(lists) < 2:
        return next(iter(lists), None), []
    said = gettext("A row repeats for one list, and here are two: %(lists)s.", lists=", ".join(lists))
    other = next(key for key in keys if (found := fields.in_list(key)) and found[0] == list(lists)[1])
    return None, [Problem(other, where, said)]


class Told:
    """What fields hold, written as an office writes; it remembers what nothing was on record for."""

    def __init__(self, fields: Fields, values: Values):
        self.fields, self.values = fields, values
        self._missing: dict[str, list[int]] = {}

    def rows(self, name: str) -> list[Mapping[str, Value]]:
        """Give the rows of a list. Where there is none, one row says so."""
        found = self.values.rows(name)
        if not found:
            self._note(f"{name}.*", missing=True)
        return found

    def value(self, key: str, row: Mapping[str, Value] | None = None) -> tuple[Value, str]:
        """Give what a field holds, of a row of its list where it is of one, and its kind."""
        listed = self.fields.in_list(key) if row is not None else None
        if listed:
            value, kind = row[listed[1]], self.values.kind_of(self.fields, *listed)
        else:
            value, kind = self.values.single(key), self.fields.find(key).kind
        self._note(key, missing=value is None)
        return value, kind

    def text(self, key: str, row: Mapping[str, Value] | None = None, *, aligned: bool = False) -> str:
        """Write what a field holds. In running text a count has two digits at least, as reports here write."""
        value, kind = self.value(key, row)
        if value is None:
            return MISSING if row is not None and self.fields.in_list(key) else self.nothing()
        if kind == DAY:
            return day(value)
        if kind == COUNT and not aligned and 0 < value < 10:
            return f"0{count(value)}"
        return written(value, kind)

    @staticmethod
    def nothing() -> str:
        """Say that nothing is on record: not that it is zero."""
        return gettext("no figures yet")

    def _note(self, key: str, *, missing: bool) -> None:
        seen = self._missing.setdefault(key, [0, 0])
        seen[0] += missing
        seen[1] += 1

    def missing(self) -> Iterator[str]:
        """Name the fields that nothing is on record for; of a list, in how many of its rows."""
        for key, (lacking, of) in self._missing.items():
            if lacking:
                yield gettext("%(field)s (%(n)s of %(of)s rows)", field=key, n=lacking, of=of) if of > 1 else key
