"""Hostile files at every door: what each is answered, in what time and memory: python -m benchmarks.hostile [words]

Prints a table in Markdown; exits with an error where one took more than ten seconds or 512 MiB, or what it was answered
is no error in words and no table, outline or text.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from gis import attachments, guard, outline_files, outlines, reading, reportfile, templates
from gis.errors import GisError, UnreadableFile
from gis.exchange import sheets
from gis.intake import given
from tests import hostile_files
from webmap.desk import cost_sheets
from webmap.reports import apart

MOST_SECONDS, MOST_MIB = 10, 512


def tries() -> Iterator[tuple[str, str, Callable]]:
    """Give door, name and what to call, for every hostile file at every door that takes its kind."""
    for name, make in hostile_files.TABLES.items():
        yield "list", name, partial(sent, make, "a.xlsx", given.TABLES, sheets.of_file)
        yield "cost lines", name, partial(sent, make, "a.xlsx", given.TABLES, cost_sheets.of_workbook, ("HS-1",))
    for name, (called, make) in hostile_files.OUTLINES.items():
        yield "outline", name, partial(sent, make, called, given.OUTLINES, outline_files.outline_from_file, called)
    for name, make in hostile_files.REPORTS.items():
        yield "report", name, partial(sent, make, "a.docx", given.REPORTS, reportfile.text_of, "a.docx")
    for name, text in hostile_files.TEXTS.items():
        yield "text of a report", name, partial(pasted, text)
    for name, make in hostile_files.TEMPLATES.items():
        yield "template", name, partial(template, make)
    for name, make in hostile_files.SCANS.items():
        yield "scan", name, partial(sent, make, "a.pdf", given.SCANS, attachments.media_type)


def sent(make: Callable, name: str, door: given.Door, reader: Callable, *more) -> Callable:
    content = make()
    return lambda: given.GivenFile.taken(content, name, door).read(reader, *more)


def pasted(make: Callable) -> Callable:
    text = make()
    return lambda: guard.read(partial(reading.read, projects=()), text, parameter="pasted")


def template(make: Callable) -> Callable:
    content = make()

    def whole():
        file = given.GivenFile.taken(content, "a.xlsx", given.TEMPLATES)
        try:
            kind = file.read(templates.look_at)
        except UnreadableFile:
            if content.startswith(b"PK"):  # as if it had been kept before there was a look at it
                given.GivenFile(content, "").read(apart._check, "xlsx", frozenset(), "vi")
            raise
        return file.read(apart._check, kind, frozenset(), "vi")

    return whole


class Peak:
    """The most memory that a child of the nursery had, looked at every few milliseconds."""

    def __init__(self):
        self.mebibytes, self._on = 0, True
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while self._on:
            if guard._nursery is not None:
                number = guard._nursery.process.pid
                for child in Path(f"/proc/{number}/task/{number}/children").read_text().split():
                    try:
                        said = Path(f"/proc/{child}/status").read_text()
                    except OSError:
                        continue
                    for line in said.splitlines():
                        if line.startswith("VmHWM"):
                            self.mebibytes = max(self.mebibytes, int(line.split()[1]) // 1024)
            time.sleep(0.01)

    def end(self) -> int:
        self._on = False
        self._thread.join()
        return self.mebibytes


def main(words: str = "", *, heavy: bool = True) -> None:
    """Try them all, or those whose door or name holds the words."""
    guard.read(outlines.outline_from_vertices, "1\t2400000\t450000\n2\t2400100\t450000\n3\t2400000\t450100", 9215)
    worst, beyond = (0.0, 0), []
    print("| Door | File | KB | Seconds | MiB | Answer |\n| --- | --- | ---: | ---: | ---: | --- |")
    for door, name, make in tries():
        if words not in f"{door} {name}" or (name in hostile_files.HEAVY and not heavy):
            continue
        call, peak = make(), Peak()
        size = len(next((c.cell_contents for c in call.__closure__ if isinstance(c.cell_contents, bytes | str)), b""))
        began = time.monotonic()
        try:
            answer = f"read: {type(call()).__name__}"
        except GisError as error:
            answer = str(error)
        took, most = time.monotonic() - began, peak.end()
        if took > MOST_SECONDS or most > MOST_MIB:
            beyond.append(name)
        worst = max(worst[0], took), max(worst[1], most)
        print(f"| {door} | {name} | {-(-size // 1024)} | {took:.1f} | {most} | {answer[:110]} |", flush=True)
    print(f"\nLongest {worst[0]:.1f} s, most {worst[1]} MiB.")
    if beyond:
        sys.exit(f"Beyond the limits: {', '.join(beyond)}")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
