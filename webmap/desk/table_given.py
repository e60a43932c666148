"""A table that was sent: a file, what was pasted, or a file that an earlier page carries on.

A file is read once. The page carries what it holds (sheets, hidden rows, cells without a value), so that a second look
and the confirmation are about the same table; what is typed anew in the box counts before it.
"""

import json
from hashlib import sha256

from gis import guard
from gis.errors import BadParameter
from gis.exchange import sheets
from gis.exchange.sheets import Book
from gis.intake.given import TABLES
from webmap import kept_forms, uploads


def book(form: dict[str, str]) -> Book:
    """Read the table of a form, and write into the form what its page carries on: ``table``, ``rows``, ``rows_of``,
    and ``source``, the name of the file.

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
        form["rows_of"], form["source"] = mark(form["rows"]), sent.name
        kept_forms.holds(**{name: form[name] for name in ("rows", "rows_of", "table", "source")})
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
