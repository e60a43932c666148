"""Files sent with forms: the only place that takes them out of a request, as `gis.intake.given.GivenFile`."""

import threading

from flask import Flask, request

from gis import guard
from gis.errors import BadParameter
from gis.intake.given import MIB, Door, GivenFile

FORMS = ("/desk", "/figures", "/reports")
"""Where the forms are that files are sent with."""
READERS = (
    "gis.intake.packed", "gis.intake.scans", "gis.exchange.sheets", "gis.exchange.vertex_files", "gis.outline_files",
    "gis.reportfile", "gis.reading", "gis.templates", "webmap.desk.cost_sheets", "webmap.reports.apart",
    "webmap.reports.word_forms", "webmap.reports.excel_forms",
)  # fmt: skip


def init_app(app: Flask) -> None:
    """Have the readers loaded when somebody first opens a page with forms: the first file then waits for nothing."""
    first = threading.Lock()

    @app.before_request
    def begin_readers() -> None:
        if request.path.startswith(FORMS) and not app.testing and first.acquire(blocking=False):
            guard.begin(*READERS)


def sent(door: Door, *, most_mib: int | None = None, name: str = "file") -> GivenFile | None:
    """Give the file that a form carries; None where none was chosen.

    Raises
    ------
    UnreadableFile
    """
    file = request.files.get(name)
    if file is None or not file.filename:
        return None
    with file.stream as stream:
        content = stream.read((most_mib or door.most_mib) * MIB + 1)
    called = "".join(letter for letter in file.filename if letter.isprintable())[-200:]
    return GivenFile.taken(content, called, door, most_mib=most_mib)


def names() -> list[str]:
    """Name the files that were sent."""
    return [file.filename for file in request.files.values() if file.filename]


def needed(door: Door, *, most_mib: int | None = None, name: str = "file") -> GivenFile:
    """Give the file that a form carries.

    Raises
    ------
    BadParameter
        Where none was chosen.
    UnreadableFile
    """
    file = sent(door, most_mib=most_mib, name=name)
    if file is None:
        raise BadParameter("Choose a file.", parameter="file")
    return file
