"""A look over packed files before a library walks through them: what they unpack to, and what they declare.

Run in the child of `gis.guard`, so that this look itself has limits. It refuses at once, in words of its own, what
would else take the child's time; what gets past it is ended there.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable

from gis.errors import UnreadableFile

MIB = 1024 * 1024
MOST_PARTS = 5_000
MOST_UNPACKED_MIB = 200
MOST_MARKS = 4_000_000
"""Signs “<” in a part: a sheet of 6,000 rows and 60 columns has some 1.5 million."""
MOST_MERGED_CELLS = 200_000
MOST_MERGED_AREAS = 20_000
MOST_PARAGRAPHS = 100_000
MOST_COLUMNS_OF_WORD = 200
"""Columns that a cell of a Word table covers; Word itself makes 63."""
_CHUNK = 1 * MIB
_OVERLAP = 512

_CELL = rb"\$?([A-Za-z]{1,3})\$?(\d{1,7})"
_MERGED = re.compile(rb"<(?:[\w.-]+:)?mergeCell\s[^>]*?ref\s*=\s*[\"']" + _CELL + b":" + _CELL)
_SPAN = re.compile(rb"<(?:[\w.-]+:)?gridSpan\s[^>]*?val\s*=\s*[\"']\s*(\d+)")
_PARAGRAPH = re.compile(rb"<w:p[\s/>]")


def looked_over(reader: Callable, content: bytes, *more):
    """Look over a file, then have it read.

    Parameters
    ----------
    reader : callable
        A function of a module, of the content and `more`.
    content : bytes
    *more
        What else the reader takes.

    Raises
    ------
    UnreadableFile
        For a packed file with more in it than is taken; and what the reader raises.
    """
    if content.startswith((b"PK\3\4", b"PK\5\6")):
        look_over(content)
    return reader(content, *more)


def look_over(content: bytes) -> None:
    """Refuse a packed file that has too many parts, unpacks to too much, or declares what no sheet or text has.

    One that cannot be unpacked at all is left to its reader.

    Raises
    ------
    UnreadableFile
    """
    if content.count(b"PK\1\2") > MOST_PARTS:
        raise UnreadableFile("The file is packed of more than %(most)s parts.", parameter="file", most=MOST_PARTS)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if any(part.flag_bits & 1 for part in parts):
                raise UnreadableFile(
                    "The file is packed with a password. Pack it without one and send that.", parameter="file"
                )
            if sum(part.file_size for part in parts) > MOST_UNPACKED_MIB * MIB:
                raise UnreadableFile(
                    "The file unpacks to more than %(most)s MiB. Save it anew, or send it in parts.",
                    parameter="file", most=MOST_UNPACKED_MIB,
                )  # fmt: skip
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _look_over_part(packed, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error):
        return


def _look_over_part(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Count what a part declares, as it is unpacked: it is never in memory as a whole."""
    marks = areas = merged = paragraphs = 0
    kept = b""
    with packed.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            marks += chunk.count(b"<")
            text = kept + chunk
            whole = text[: text.rfind(b">") + 1] or text
            kept = text[len(whole) :][-_OVERLAP:]
            if b"mergeCell" in whole:
                for found in _MERGED.finditer(whole):
                    areas += 1
                    merged += _cells(*found.groups())
            if b"gridSpan" in whole and any(int(found[1]) > MOST_COLUMNS_OF_WORD for found in _SPAN.finditer(whole)):
                raise UnreadableFile(
                    "A cell of a table reaches over more than %(most)s columns. Save the file anew.",
                    parameter="file", most=MOST_COLUMNS_OF_WORD,
                )  # fmt: skip
            paragraphs += len(_PARAGRAPH.findall(whole))
            if merged > MOST_MERGED_CELLS or areas > MOST_MERGED_AREAS:
                raise UnreadableFile(
                    "The workbook merges more than %(most)s cells. Undo what is merged below the table and save it "
                    "anew.",
                    parameter="file", most=MOST_MERGED_CELLS,
                )  # fmt: skip
            if paragraphs > MOST_PARAGRAPHS:
                raise UnreadableFile(
                    "The text has more than %(most)s paragraphs: send a part.", parameter="file", most=MOST_PARAGRAPHS
                )
            if marks > MOST_MARKS:
                raise UnreadableFile(
                    "A part of the file is built of too many pieces (%(part)s). Save it anew, or send it in parts.",
                    parameter="file", part=part.filename[:100],
                )  # fmt: skip


def _cells(left: bytes, top: bytes, right: bytes, bottom: bytes) -> int:
    return (abs(_column(right) - _column(left)) + 1) * (abs(int(bottom) - int(top)) + 1)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
