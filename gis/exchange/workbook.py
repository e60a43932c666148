"""Reading XLSX (ECMA-376 transitional and strict) as what stands in its cells: nothing dropped, everything marked.

Cells count, not `<dimension>`. A number is what was typed, a date a date, an error an error; a formula keeps its text
beside the value it was saved with. Hidden sheets, rows and columns, struck-through cells and fonts are told.
"""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, DecimalException
from itertools import count
from posixpath import dirname, join, normpath
from xml.etree import ElementTree

from gis.errors import UnreadableFile

MOST_UNPACKED = 100 * 1024 * 1024
MOST_CELLS = 400_000
_DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|_.|\*.')
_FOREIGN = re.compile(r'\[\$([$€£¥₩฿]|USD|US\$|EUR)[^\]]*\]|"\s*([$€£¥₩฿]|USD|US\$|EUR)\s*"|\\([$€£¥])')
"""Money of another country, as the format of a cell shows it; the locale alone (``[$-409]``) is none."""
_UNIT = re.compile(r"\s*(ha|m2|m²|sào|%|đ|đồng|₫|(?:nghìn|ngàn|triệu|tỷ)(?: đồng)?|tr\.?đ?)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class RawCell:
    """What stands in a cell."""

    value: str | Decimal | date | bool | None = None
    formula: str | None = None
    error: str | None = None
    """``#REF!`` and the like; `value` is None then."""
    unit: str = ""
    """That the format of the number shows: ``%``, ``ha``."""
    struck: bool = False
    font: str = ""
    shortened: bool = False
    """Whether its format shows it without its thousands: 35.000.000 as 35.000."""
    struck_part: str = ""
    """What of its text is struck through, where only a part is."""
    comment: str = ""


@dataclass
class RawSheet:
    """A sheet: its cells by row and column, both from 1."""

    name: str
    state: str = "visible"
    cells: dict[int, dict[int, RawCell]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Top, left, bottom, right."""


@dataclass(frozen=True)
class _Style:
    date: bool = False
    unit: str = ""
    struck: bool = False
    font: str = ""
    shortened: bool = False


def sheets_of(content: bytes) -> list[RawSheet]:
    """Read every sheet of a workbook.

    Raises
    ------
    UnreadableFile
        For what is broken, locked, too large or no workbook.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise UnreadableFile("This workbook is larger than is taken: copy its cells and paste them.")
            return _Book(packed).sheets()
    except UnreadableFile:
        raise
    except (
        zlib.error, zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError, TypeError, IndexError,
        AttributeError, OSError, EOFError, OverflowError, RuntimeError, NotImplementedError, DecimalException,
        zipfile.LargeZipFile,
    ) as error:  # fmt: skip
        raise UnreadableFile("This workbook cannot be read. Save it as XLSX again.") from error


def _local(element) -> str:
    """Give the name of an element without its namespace: strict and transitional files differ in that alone."""
    return element.tag.rpartition("}")[2]


def _attribute(element, name: str) -> str | None:
    """Give an attribute whatever its namespace (r:id)."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)


def _children(element, name: str) -> list:
    return [] if element is None else [child for child in element if _local(child) == name]


def _child(element, name: str):
    return next(iter(_children(element, name)), None)


class _Book:
    def __init__(self, packed: zipfile.ZipFile):
        self.packed = packed
        self.names = {name.lstrip("/").casefold(): name for name in packed.namelist()}
        main = self._related("", "officeDocument")
        if not main:
            raise UnreadableFile("This workbook cannot be read. Save it as XLSX again.")
        self.path = next(iter(main.values()))
        self.targets = self._related(self.path, None)
        self.root = self._parsed(self.path)
        self.from_1904 = any(each.get("date1904") in ("1", "true") for each in _children(self.root, "workbookPr"))
        self.styles = self._styles()
        self.shared = self._shared()

    def _read(self, path: str) -> bytes:
        return self.packed.read(self.names[path.lstrip("/").casefold()])

    def _parsed(self, path: str):
        raw = self._read(path)
        if b"<!DOCTYPE" in raw[:4096] or b"<!ENTITY" in raw[:4096]:
            raise UnreadableFile("This workbook cannot be read. Save it as XLSX again.")
        return ElementTree.fromstring(raw)

    def _related(self, path: str, kind: str | None) -> dict[str, str]:
        """Give the parts that a part refers to, by id; of one kind where asked."""
        name = path.rpartition("/")[2]
        try:
            root = self._parsed(join(dirname(path), "_rels", f"{name}.rels"))
        except KeyError:
            return {}
        return {
            each.get("Id"): normpath(join(dirname(path), each.get("Target"))).lstrip("/")
            if not each.get("Target").startswith("/") else each.get("Target").lstrip("/")
            for each in root
            if each.get("TargetMode") != "External" and (kind is None or each.get("Type", "").endswith(f"/{kind}"))
        }  # fmt: skip

    def _part(self, kind: str):
        found = next(iter(self._related(self.path, kind).values()), None)
        return self._parsed(found) if found and found.casefold() in self.names else None

    def _styles(self) -> list[_Style]:
        root = self._part("styles")
        if root is None:
            return []
        codes = {
            int(each.get("numFmtId")): each.get("formatCode") or ""
            for group in _children(root, "numFmts") for each in group
        }  # fmt: skip
        fonts = [
            (
                next((_on(each) for each in _children(one, "strike")), False),
                next((each.get("val") or "" for each in _children(one, "name")), ""),
            )
            for one in _child(root, "fonts") or ()
        ]
        made = []
        for one in _child(root, "cellXfs") or ():
            number, own = int(one.get("numFmtId") or 0), int(one.get("fontId") or 0)
            struck, font = fonts[own] if own < len(fonts) else (False, "")
            code = codes.get(number, "0%" if number in (9, 10) else "")
            made.append(_Style(_is_date(number, code), _unit_of(code), struck, font, _shortens(code)))
        return made

    def _shared(self) -> list[tuple[str, bool, str]]:
        root = self._part("sharedStrings")
        return [] if root is None else [_text_of(each) for each in root if _local(each) == "si"]

    def sheets(self) -> list[RawSheet]:
        made, cells = [], count()
        for each in _child(self.root, "sheets") or ():
            path = self.targets.get(_attribute(each, "id"))
            sheet = RawSheet(each.get("name") or "?", each.get("state") or "visible")
            if path and "worksheet" in path and path.casefold() in self.names:
                self._fill(sheet, path, cells)
            made.append(sheet)
        return made

    def _fill(self, sheet: RawSheet, path: str, cells) -> None:
        row = 0
        raw = self._read(path)
        if b"<!DOCTYPE" in raw[:4096]:
            raise UnreadableFile("This workbook cannot be read. Save it as XLSX again.")
        remarks = self._comments(path)
        for _, element in ElementTree.iterparse(io.BytesIO(raw), events=("end",)):
            name = _local(element)
            if name == "row":
                row = int(element.get("r") or row + 1)
                if element.get("hidden") in ("1", "true"):
                    sheet.hidden_rows.add(row)
                column, found = 0, {}
                for cell in element:
                    if _local(cell) != "c":
                        continue
                    column = _column(cell.get("r")) or column + 1
                    made = self._cell(cell)
                    if made is not None:
                        found[column] = made
                        if next(cells) > MOST_CELLS:
                            raise UnreadableFile(
                                "This workbook is larger than is taken: copy its cells and paste them."
                            )
                if found:
                    for at in found.keys() & remarks.get(row, {}).keys():
                        found[at] = replace(found[at], comment=remarks[row][at])
                    sheet.cells[row] = found
                element.clear()
            elif name == "col" and element.get("hidden") in ("1", "true"):
                first, last = int(element.get("min")), min(int(element.get("max")), 16_384)
                sheet.hidden_columns.update(range(first, last + 1))
            elif name == "mergeCell" and len(sheet.merged) < 100_000:
                corners = [_place(corner) for corner in (element.get("ref") or "").split(":")]
                if len(corners) == 2 and all(corners):
                    sheet.merged.append((*corners[0], *corners[1]))

    def _comments(self, path: str) -> dict[int, dict[int, str]]:
        """Give the comments of a sheet's cells, by row and column."""
        found: dict[int, dict[int, str]] = {}
        for part in self._related(path, "comments").values():
            if part.casefold() not in self.names:
                continue
            for one in (each for each in self._parsed(part).iter() if _local(each) == "comment"):
                at = _place(one.get("ref") or "")
                text = " ".join(" ".join(each.text or "" for each in one.iter() if _local(each) == "t").split())
                if at and text:
                    found.setdefault(at[0], {})[at[1]] = text
        return found

    def _cell(self, cell) -> RawCell | None:
        kind, at = cell.get("t") or "n", int(cell.get("s") or 0)
        style = self.styles[at] if at < len(self.styles) else _Style()
        formula = _child(cell, "f")
        said = None if formula is None else "=" + (formula.text or "")
        value = _child(cell, "v")
        text = value.text if value is not None and value.text is not None else None
        struck, part = style.struck, ""
        if kind == "inlineStr":
            inline = _child(cell, "is")
            text, marked, part = _text_of(inline) if inline is not None else ("", False, "")
            struck = struck or marked
        elif kind == "s" and text is not None:
            text, marked, part = self.shared[int(text)]
            struck = struck or marked
        if text is None and said is None:
            return None
        made = {"formula": said, "struck": struck, "font": style.font, "struck_part": part}
        if text is None:
            return RawCell(None, **made)
        if kind == "e":
            return RawCell(None, error=text, **made)
        if kind == "b":
            return RawCell(text == "1", **made)
        if kind == "d":
            return RawCell(datetime.fromisoformat(text).date(), **made)
        if kind in ("s", "str", "inlineStr"):
            return RawCell(text, **made) if text.strip() or said else None
        number = _number(text)
        if style.date and 0 < number < 2_958_466:
            return RawCell(self._day(number), **made)
        return RawCell(number, unit=style.unit, shortened=style.shortened and abs(number) >= 1000, **made)

    def _day(self, number: Decimal) -> date:
        if self.from_1904:
            return date(1904, 1, 1) + timedelta(days=int(number))
        return date(1899, 12, 30 if number >= 60 else 31) + timedelta(days=int(number))


def _on(element) -> bool:
    return element.get("val") not in ("0", "false")


def _is_date(number: int, code: str) -> bool:
    bare = _LITERAL.sub("", code.partition(";")[0]).casefold()
    return number in _DATE_FORMATS or bool(code and re.search("[dmy]", bare) and not re.search("[0#?]", bare))


def _shortens(code: str) -> bool:
    return bool(re.search("[0#?],+(?![0#?])", _LITERAL.sub("", code.partition(";")[0])))


def _unit_of(code: str) -> str:
    first = code.partition(";")[0]
    if foreign := _FOREIGN.search(first):
        return next(filter(None, foreign.groups()))
    if "%" in _LITERAL.sub("", first):
        return "%"
    said = "".join(one or other for one, other in re.findall(r'"([^"]*)"|\\(.)', first))
    return said.strip() if _UNIT.fullmatch(said) else ""


def _text_of(item) -> tuple[str, bool, str]:
    """Give the text of a string, its runs joined, without readings for pronunciation; whether all of it is struck
    through; and what is, where it is not all."""
    own = "".join(each.text or "" for each in _children(item, "t"))
    runs = [
        ("".join(each.text or "" for each in _children(run, "t")),
         any(_on(mark) for group in _children(run, "rPr") for mark in _children(group, "strike")))
        for run in _children(item, "r")
    ]  # fmt: skip
    written = [struck for text, struck in runs if text.strip()]
    text = own + "".join(text for text, _ in runs)
    whole = bool(written) and all(written) and not own.strip()
    part = "" if whole else "".join(text for text, struck in runs if struck).strip()
    return re.sub(r"_x000[dD]_", "", text), whole, part


def _number(text: str) -> Decimal:
    """Give a number as it was typed: programs save 15 digits and more of 0.1 + 0.2."""
    exact = Decimal(text.strip())
    if not exact.is_finite():
        raise ValueError(text)
    digits = len(exact.as_tuple().digits)
    return exact if digits <= 15 else Decimal(f"{exact:.15g}")


def _column(place: str | None) -> int:
    letters = re.match("[A-Z]{1,3}", place or "")
    made = 0
    for letter in letters[0] if letters else "":
        made = made * 26 + ord(letter) - 64
    return made


def _place(place: str) -> tuple[int, int] | None:
    met = re.fullmatch(r"\$?([A-Z]{1,3})\$?(\d{1,7})", place)
    return (int(met[2]), _column(met[1])) if met else None
