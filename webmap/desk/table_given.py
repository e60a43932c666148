"""A table that was sent: a file, what was pasted, or a file that an earlier page carries on.

A file is read once. The page carries what it holds (sheets, hidden rows, cells without a value), so that a second look
and the confirmation are about the same table; what is typed anew in the box counts before it.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from gis import guard
from gis.errors import BadParameter
from gis.exchange import sheets
from gis.exchange.sheets import Book
from gis.intake.given import TABLES
from webmap import kept_forms, uploads

ASIDE = ("hidden-rows", "struck-rows")
"""Questions about rows that a file shows to nobody, or struck through: to be taken, or left out."""


def book(form: dict[str, str]) -> Book:
    """Read the table of a form, and write into the form what its page carries on: ``table``, ``rows``, ``rows_of``.

    Raises
    ------
    BadParameter
        Where nothing was sent, or what was carried is broken.
    UnreadableFile
    """
    sent = uploads.sent(TABLES)
    carried = form.pop("table", "")
    if sent:
        made = sent.read(sheets.of_file, sent.name)
        form["table"] = json.dumps(sheets.carried(made), ensure_ascii=False, separators=(",", ":"))
        form["rows"] = sheets.as_text([row for sheet in made.visible for row in sheet.rows])
        form["rows_of"] = mark(form["rows"])
        kept_forms.holds(rows=form["rows"], rows_of=form["rows_of"], table=form["table"])
        return made
    if carried and mark(form.get("rows", "")) == form.get("rows_of"):
        form["table"] = carried
        try:
            return sheets.of_carried(json.loads(carried))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError):
            raise BadParameter("The page is too old: open it again.", parameter="file") from None
    if form.get("rows", "").strip():
        return guard.read(sheets.of_text, form["rows"], parameter="rows")
    raise BadParameter("Paste a list or choose a file.", parameter="rows")


def mark(text: str) -> str:
    """Tell one text of the page from another: what is typed anew counts before the file."""
    return sha256("\n".join(text.split()).encode()).hexdigest()[:16]


def aside(answers: Mapping[str, str], name: str) -> str:
    """Give what was answered about hidden or struck-through rows: ``take``, ``leave``, or nothing yet."""
    answer = answers.get(name, "")
    return answer if answer in ("take", "leave") else ""


def left_aside(name: str) -> BadParameter:
    """Say why a row is left out that was said to be."""
    return BadParameter("hidden in the file") if name == "hidden-rows" else BadParameter("struck through")


def open_aside(name: str) -> BadParameter:
    """Say what stands against a row of which nothing was said yet."""
    if name == "hidden-rows":
        return BadParameter("This row is hidden in the file: say above whether it is taken.", parameter="row")
    return BadParameter("This row is struck through: say above whether it is taken.", parameter="row")


def asked_aside(books: Sequence, answers: Mapping[str, str]) -> list[tuple[str, int, str]]:
    """Name the questions that a table asks, with the number of rows and what was answered."""
    counted = {
        "hidden-rows": sum(len(sheet.hidden_rows) for sheet in books),
        "struck-rows": sum(len(sheet.struck_rows - sheet.hidden_rows) for sheet in books),
    }
    return [(name, rows, aside(answers, name)) for name, rows in counted.items() if rows]
