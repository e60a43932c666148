"""Mutated real files at every reader, from a seed: python -m script.fuzz --seconds 60 --seed 1 [--door outline]

Each file is made worse by a few changes (bytes, and words within packed parts), then read as at its door. What is
looked for is anything but an answer or an error in words: an exception of a library that a reader lets through. The
guard at the door turns it into words all the same; it is mended at the reader.
"""

import argparse
import io
import json
import random
import re
import sys
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gis import guard, outline_files, outlines, reading, reportfile, templates
from gis.errors import GisError
from gis.exchange import sheets, vertices
from gis.intake import kinds, packed, scans
from tests import hostile_files
from webmap.desk import cost_sheets

Reader = Callable[[bytes], object]


@dataclass(frozen=True)
class Way:
    """Files of a kind, and the reader they go to."""

    door: str
    name: str
    content: bytes
    reader: Reader


def ways() -> Iterator[Way]:
    """Give a real file for each reader."""
    rows = "".join(hostile_files._text_row(n, ("Vi Văn An", "12", str(n), "ONT", "100,5")) for n in range(2, 12))
    book = hostile_files.workbook(rows)
    yield Way("list", "xlsx", book, sheets.of_file)
    yield Way("list", "csv", "Họ và tên;Tờ bản đồ;Số thửa\nVi Văn An;12;34\n".encode() * 5, sheets.of_file)
    yield Way("cost lines", "xlsx", book, partial(_two, cost_sheets.of_workbook, ("HS-0001",)))
    square = "[[[106.7,21.8],[106.8,21.8],[106.8,21.9],[106.7,21.8]]]"
    for name, content in {
        "a.geojson": hostile_files.geojson(square), "a.zip": hostile_files.shapefile(points=5),
        "a.gpkg": hostile_files.geopackage(
            "insert into t values (1, x'4750000000000000010300000001000000040000" + "00" * 66 + "', 'a')"
        ),
        "a.kml": b'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><Polygon>'
        b"<outerBoundaryIs><LinearRing><coordinates>106.7,21.8 106.8,21.8 106.8,21.9 106.7,21.8</coordinates>"
        b"</LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>",
    }.items():  # fmt: skip
        yield Way("outline", name, content, partial(_two, outline_files.outline_from_file, name))
    yield Way("outline", "drawn", hostile_files.geojson(square), _drawn)
    table = "1\t2412345,67\t450123,45\n2\t2412445,67\t450123,45\n3\t2412345,67\t450223,45\n"
    yield Way("outline", "vertices", table.encode(), partial(_of_text, vertices.read))
    said = "Trong tháng 10/2022 đã bàn giao 12 hộ, diện tích 1.366,97 m2, chi trả 2.966.904.186 đồng."
    document = hostile_files.text_document(hostile_files._paragraph(said) * 5 + hostile_files._spanning(3, 2))
    for name, content in {
        "a.docx": document,
        "a.pdf": hostile_files.pdf(b"BT /F 9 Tf 50 700 Td (" + said.encode("ascii", "ignore") + b") Tj ET"),
        "a.txt": said.encode() * 3,
    }.items():  # fmt: skip
        yield Way("report", name, content, partial(_two, reportfile.text_of, name))
    yield Way("report", "sentences", said.encode() * 3, partial(_of_text, partial(reading.read, projects=())))
    yield Way("template", "docx", document, templates.look_at)
    yield Way("template", "xlsx", book, templates.look_at)
    for name, content in {
        "png": hostile_files.png(20, 20), "tiff": hostile_files.tiff(hostile_files._TIFF) + b"\0" * 10_000,
        "pdf": hostile_files.SCANS["PDF that is locked"](), **_pictures(),
    }.items():  # fmt: skip
        yield Way("scan", name, content, scans.media_type)


def _pictures() -> dict[str, bytes]:
    from PIL import Image

    made = {}
    for kind in ("JPEG", "WEBP"):
        file = io.BytesIO()
        Image.effect_noise((40, 30), 50).convert("RGB").save(file, kind)
        made[kind.lower()] = file.getvalue()
    return made


def _two(reader: Callable, more, content: bytes):
    return reader(content, more)


def _of_text(reader: Callable, content: bytes):
    return reader(content.decode("utf-8", "replace"))


def _drawn(content: bytes):
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):  # the request's own reading
        return None
    return outlines.outline_from_geojson(body)


# Making files worse.

_NUMBERS = (b"0", b"-1", b"1e999", b"NaN", b"99999999999999999999", b"2147483648", b"0.5", b"", b"1048577", b"\xd9\xa3")
_BYTES = (
    b"\0",
    b"\xff",
    b"<",
    b">",
    b"&",
    b'"',
    b"\xed\xa0\x80",
    "\u202e".encode(),
    b"{",
    b"[" * 50,
    b"\r\n",
    b"%",
    b"/",
)


def worse(content: bytes, chance: random.Random) -> bytes:
    """Change a file in a few places; a packed one within a part of it, mostly."""
    if content.startswith(b"PK") and chance.random() < 0.7:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as whole:
                parts = {part: whole.read(part) for part in whole.namelist()}
            name = chance.choice(list(parts))
            if chance.random() < 0.05:
                del parts[name]
            else:
                parts[name] = worse(parts[name], chance)
            return hostile_files.packed(parts)
        except (zipfile.BadZipFile, ValueError):
            return content
    made = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        _change(made, chance)
    return bytes(made)


def _change(made: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(made) + 1)
    way = chance.randrange(7)
    if way == 0:
        made[at : at + 1] = bytes([chance.randrange(256)])
    elif way == 1:
        del made[at:]
    elif way == 2:
        del made[at : at + chance.randrange(1, 40)]
    elif way == 3:
        made[at:at] = chance.choice(_BYTES)
    elif way == 4:
        since = chance.randrange(len(made) + 1)
        made[at:at] = made[since : since + chance.randrange(1, 200)] * chance.choice((1, 1, 30))
    elif way == 5 and (numbers := list(re.finditer(rb"\d+", made))):
        found = chance.choice(numbers)
        made[found.start() : found.end()] = chance.choice(_NUMBERS)
    elif names := list(re.finditer(rb"[A-Za-z]{2,}", made)):
        one, other = chance.choice(names), chance.choice(names)
        made[one.start() : one.end()] = other[0]


def tried(door: str, seed: int, seconds: float, most: int) -> tuple[int, Counter]:
    """Read files made worse, in this process: how many, and by exception and place what no reader may let through."""
    warnings.simplefilter("ignore")
    chance, until, count, found = random.Random(seed), time.monotonic() + seconds, 0, Counter()
    every = [way for way in ways() if door in way.door]
    while time.monotonic() < until and count < most:
        way = every[count % len(every)]
        content, count = worse(way.content, chance), count + 1
        try:
            kinds.refuse(content, way.name, frozenset())
            packed.looked_over(way.reader, content)
        except GisError as error:
            str(error)
        except MemoryError:
            pass
        except Exception as error:  # noqa: BLE001 - what is looked for
            found[f"{way.door} {way.name}: {_place(error)}"] += 1
    return count, found


def _place(error: Exception) -> str:
    own = [each for each in traceback.extract_tb(error.__traceback__) if Path(each.filename).parts[-2] != "script"]
    ours = [f"{Path(each.filename).name}:{each.lineno}" for each in own if "site-packages" not in each.filename]
    return f"{type(error).__name__} at {ours[-1] if ours else '?'}"


def main() -> None:
    """Do what the command line says; fail where anything was found."""
    parser = argparse.ArgumentParser(description="Mutated files at every reader.")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--door", default="", help="Only doors whose name holds this.")
    options = parser.parse_args()
    began, count, found, seed = time.monotonic(), 0, Counter(), options.seed
    while (left := options.seconds - (time.monotonic() - began)) > 0:
        try:
            more, places = guard.read(tried, options.door, seed, min(left, 20), 10**9, seconds=60)
        except GisError as error:
            more, places = 0, Counter({f"seed {seed}: {error}": 1})
        count, found, seed = count + more, found + places, seed + 1
    print(f"{count} files, seeds {options.seed}–{seed - 1}.")
    for place, times in found.most_common():
        print(f"{times:6} × {place}")
    sys.exit(bool(found))


if __name__ == "__main__":
    from script import fuzz  # under the name that a child finds it by

    fuzz.main()
