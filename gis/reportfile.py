"""The text of a report's file, in the form that `gis.reading` reads: DOCX, PDF with text, plain text in old encodings.

Footnotes are marked ``<sup>13</sup>`` where they hang and at the beginning of their notes, which stand at the end of a
DOCX, where the page has them in a PDF. A row of a table is a line with ``|`` between its cells.
"""

import io
import logging
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import docx
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml.etree import XMLSyntaxError
from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError

from gis import letters
from gis.docx_styles import Styles
from gis.errors import UnreadableFile

MOST_MIB = 20
MIB = 1024 * 1024
MOST_UNPACKED_BYTES = 100 * MIB
"""A DOCX that unpacks to more is refused: a few kilobytes can hold gigabytes of zeros."""
MOST_PARTS = 5000
MOST_PAGES = 500
MOST_LETTERS = 400_000
"""Some 150 pages, read in five seconds."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Begins what Word kept before 2007, and what it locks with a password ([MS-CFB] 2.2, [MS-OFFCRYPTO] 1.3.3)."""
_FEWEST_LETTERS = 20
MOST_QUOTED = 200
"""Letters of a passage that was left out."""
_OLD_FONTS = (letters.TCVN3, letters.VNI)


@dataclass(frozen=True)
class LeftOut:
    """A passage of a file that its reader would not take for said, and why."""

    kind: str
    """``struck``, ``hidden``, ``deleted`` (a tracked change), ``comment`` or ``margin`` (head or foot of pages)."""
    text: str


@dataclass(frozen=True)
class ReportText:
    """The text of a report, and what was left out of it."""

    text: str
    left_out: tuple[LeftOut, ...] = ()


def text_of(file: bytes | Path, filename: str | None = None, *, most_mib: int = MOST_MIB) -> str:
    """Give the text of `read` alone."""
    return read(file, filename, most_mib=most_mib).text


def read(file: bytes | Path, filename: str | None = None, *, most_mib: int = MOST_MIB) -> ReportText:
    """Give the text of a report, and the passages of it that were left out.

    Parameters
    ----------
    file : bytes or Path
    filename : str, optional
        As it was called, to name it in errors; what it is shows by its content.
    most_mib : int
        Largest size.

    Returns
    -------
    ReportText
        NFC, lines ended by ``\\n``.

    Raises
    ------
    UnreadableFile
        For a file that is empty, too large, broken, locked, without text or none of these kinds.
    """
    name = filename or (file.name if isinstance(file, Path) else "")
    size = file.stat().st_size if isinstance(file, Path) else len(file)
    if size > most_mib * MIB:
        raise UnreadableFile("The file is larger than %(most)s MiB.", parameter="file", most=most_mib)
    left_out: tuple[LeftOut, ...] = ()
    content = file.read_bytes() if isinstance(file, Path) else file
    if not content.strip():
        raise UnreadableFile("The file is empty.", parameter="file")
    if content.startswith(b"PK"):
        text, left_out = _of_docx(content, name)
    elif b"%PDF-" in content[:1024]:
        text = _of_pdf(content, name)
    elif content.startswith(_OLE):
        raise _locked(name) if "EncryptedPackage".encode("utf-16-le") in content else UnreadableFile(
            "“%(file)s” is of Word before 2007 (.doc). Open it, save it as .docx and send that.",
            parameter="file", file=name,
        )  # fmt: skip
    else:
        text = _of_bytes(content, name)
    text, was = (text.text, text.was) if isinstance(text, letters.Letters) else (text, None)
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MOST_LETTERS:
        raise UnreadableFile(
            "The text is longer than %(most)s letters: send a part.", parameter="file", most=MOST_LETTERS
        )
    _, changed, doubts = letters.of_table([[line] for line in text.split("\n")])
    if was in _OLD_FONTS or changed or doubts:
        line = text.split("\n")[(changed or doubts)[0].row] if changed or doubts else text.strip().split("\n")[0]
        raise UnreadableFile(
            "The letters of “%(file)s” are not Unicode: it was written with old fonts (TCVN3, VNI). "
            "Convert it to Unicode first, for example with Unikey. It begins with: “%(line)s”.",
            parameter="file", file=name, line=" ".join(line.split())[:80],
        )  # fmt: skip
    return ReportText(text, left_out)


def _locked(name: str) -> UnreadableFile:
    return UnreadableFile(
        "“%(file)s” is locked with a password. Save it without one and send that.", parameter="file", file=name
    )


def _of_bytes(content: bytes, name: str) -> letters.Letters:
    """Decode plain text in any of its encodings."""
    if not content.startswith((b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        with suppress(UnreadableFile):
            return letters.decoded(content, name=name, by_line=False)
    raise UnreadableFile(
        "“%(file)s” is no report that can be read: send DOCX, PDF with text, or plain text (UTF-8).",
        parameter="file", file=name,
    )  # fmt: skip


# DOCX (ECMA-376): paragraphs and tables in the order of the body, notes in parts of their own.


def _of_docx(content: bytes, name: str) -> tuple[str, tuple[LeftOut, ...]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
                raise UnreadableFile("“%(file)s” unpacks to too much.", parameter="file", file=name)
            if any(part.flag_bits & 1 for part in parts):
                raise _locked(name)
            if "word/document.xml" not in packed.namelist():
                raise UnreadableFile(
                    "“%(file)s” is packed like a DOCX but is none: send the report as DOCX, PDF or text.",
                    parameter="file", file=name,
                )  # fmt: skip
        document = docx.Document(io.BytesIO(content))
        reader = _Docx(document)
        text = "\n\n".join(reader.lines())
        return text, tuple(reader.left_out())
    except UnreadableFile:
        raise
    except (
        zipfile.BadZipFile, zlib.error, XMLSyntaxError, KeyError, ValueError, TypeError, AttributeError, IndexError,
        OSError, EOFError, NotImplementedError,
    ) as error:  # fmt: skip
        raise UnreadableFile(
            "“%(file)s” is broken or cut short. Send it again.", parameter="file", file=name
        ) from error


class _Docx:
    def __init__(self, document: Document):
        self._document = document
        self._numbers: dict[tuple[str, str], int] = {}
        """Numbers of notes in the order in which they are called, as Word shows them."""
        self._taken_back: list[LeftOut] = []
        self._styles = Styles(document.styles.element)

    def left_out(self) -> Iterator[LeftOut]:
        """Give what `lines` passed over, and what stands beside the body: comments, heads and feet of pages."""
        yield from self._taken_back
        seen = set()
        for relation in self._document.part.rels.values():
            kind = _BESIDE.get(relation.reltype.rpartition("/")[2])
            if kind is None or relation.is_external:
                continue
            for line in parse_xml(relation.target_part.blob).iter(qn("w:p")):
                text = " ".join("".join(node.text or "" for node in line.iter(qn("w:t"))).split())
                if any(letter.isalpha() for letter in text) and (kind, text) not in seen:
                    seen.add((kind, text))
                    yield LeftOut(kind, text[:MOST_QUOTED])

    def lines(self) -> Iterator[str]:
        for block in self._document.iter_inner_content():
            yield from self._block(block)
        notes = {kind: self._notes(kind) for kind in ("footnote", "endnote")}
        for (kind, number), shown in sorted(self._numbers.items(), key=lambda item: item[1]):
            if said := notes[kind].get(number):
                yield f"<sup>{shown}</sup> {said}"

    def _block(self, block: Paragraph | Table) -> Iterator[str]:
        if isinstance(block, Paragraph):
            text = self._text(block._p)
            listed = block._p.pPr is not None and block._p.pPr.numPr is not None
            if text:
                yield f"- {text}" if listed and not re.match(r"[-+•\d]", text) else text
            return
        for row in block.rows:
            cells, seen = [], set()
            for cell in row.cells:
                if cell._tc in seen:  # a merged cell comes once for every column it covers
                    continue
                seen.add(cell._tc)
                cells.append(" ".join(line for inner in cell.iter_inner_content() for line in self._block(inner)))
            if any(cells):
                yield " | ".join(cells)

    def _text(self, element: object) -> str:
        said, back = [], []
        # What a newer program shows stands twice: once more for older ones.
        twice = {id(node) for other in element.iter(_FALLBACK) for node in other.iter()}
        for node in element.iter():
            if id(node) in twice:
                continue
            if node.tag in (qn("w:t"), qn("w:delText")):
                run = node.getparent()
                kind = self._kind(run) if node.tag == qn("w:t") else "deleted"
                if kind:
                    back.append((kind, node.text or ""))
                    continue
                raised = run.find(f"{qn('w:rPr')}/{qn('w:vertAlign')}")
                high = raised is not None and raised.get(qn("w:val")) == "superscript"
                said.append(
                    f"<sup>{node.text.strip()}</sup>"
                    if high and (node.text or "").strip().isdigit()
                    else node.text or ""
                )
            elif node.tag in (qn("w:tab"), qn("w:br"), qn("w:cr")) and node.getparent().tag == qn("w:r"):
                said.append(" ")
            elif node.tag == qn("w:noBreakHyphen"):
                said.append("-")
            elif node.tag in (qn("w:footnoteReference"), qn("w:endnoteReference")):
                kind = "footnote" if node.tag == qn("w:footnoteReference") else "endnote"
                number = self._numbers.setdefault((kind, node.get(qn("w:id"))), len(self._numbers) + 1)
                said.append(f"<sup>{number}</sup>")
        for kind, pieces in groupby(back, key=lambda piece: piece[0]):
            if text := " ".join("".join(piece for _, piece in pieces).split()):
                self._taken_back.append(LeftOut(kind, text[:MOST_QUOTED]))
        return re.sub(r"[ \t\xa0]+", " ", "".join(said)).strip()

    def _kind(self, run: object) -> str | None:
        """Tell how the text of a run was taken back; what was moved away stands where it was moved to."""
        if any(each.tag in (qn("w:moveFrom"), qn("w:del")) for each in run.iterancestors()):
            return "deleted"
        return self._styles.taken_back(run)

    def _notes(self, kind: str) -> dict[str, str]:
        part = next(
            (rel.target_part for rel in self._document.part.rels.values() if rel.reltype.endswith(f"/{kind}s")), None
        )
        if part is None:
            return {}
        root = parse_xml(part.blob)
        return {
            note.get(qn("w:id")): " ".join(filter(None, (self._text(line) for line in note.iter(qn("w:p")))))
            for note in root.iter(qn(f"w:{kind}"))
        }


# PDF (ISO 32000-1). Word processors write its text in the order of reading.


def _of_pdf(content: bytes, name: str) -> str:
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it tells of every small breach of the standard
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise _locked(name)
        if len(reader.pages) > MOST_PAGES:
            raise UnreadableFile(
                "“%(file)s” has more than %(most)s pages: send the part on land clearance.",
                parameter="file", file=name, most=MOST_PAGES,
            )  # fmt: skip
        pages = [_page(page) for page in reader.pages]
    except UnreadableFile:
        raise
    except (
        PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, ArithmeticError,
        RecursionError, NotImplementedError,
    ) as error:  # fmt: skip
        raise UnreadableFile(
            "“%(file)s” is broken or cut short. Send it again.", parameter="file", file=name
        ) from error
    if sum(letter.isalpha() for page in pages for letter in page) < _FEWEST_LETTERS:
        raise UnreadableFile(
            "“%(file)s” holds pictures of pages and no text: it was scanned. Run text recognition (OCR) over it first, "
            "send the DOCX it was printed from, or paste the text.",
            parameter="file", file=name,
        )  # fmt: skip
    return "\n".join(pages)


def _page(page: PageObject) -> str:
    """Give a page's text, small raised digits as marks of footnotes; lines of a page's number alone are left out."""
    pieces: list[tuple[str, float, float]] = []

    def keep(text: str, page_matrix: list[float], matrix: list[float], _font: object, size: float) -> None:
        scale = abs(page_matrix[3]) or 1
        pieces.append((text, abs(size * (matrix[3] or 1)) * scale, page_matrix[3] * matrix[5] + page_matrix[5]))

    page.extract_text(visitor_text=keep)
    pieces = [piece for piece in pieces if piece[0]]
    said = []
    for index, (text, size, base) in enumerate(pieces):
        digits = text.strip()
        if digits.isdigit() and len(digits) <= 3:
            after_break = not index or pieces[index - 1][0].endswith("\n")
            beside = pieces[index + 1 if after_break else index - 1] if index + after_break < len(pieces) else None
            if beside and size < 0.95 * beside[1] and 0.15 * beside[1] < base - beside[2] < beside[1]:
                text = text.replace(digits, f"<sup>{digits}</sup>")
        said.append(text)
    lines = "".join(said).splitlines()
    return "\n".join(line.rstrip() for line in lines if not re.fullmatch(r"\s*(?:-\s*)?\d{1,3}(?:\s*-)?\s*", line))


_BESIDE = {"comments": "comment", "header": "margin", "footer": "margin"}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
