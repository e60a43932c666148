"""Templates of Word: fields in the text, tables, headers, footers, notes and text boxes of a DOCX."""

import io
from collections.abc import Iterator, Mapping
from copy import deepcopy

from docx import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from flask_babel import gettext
from lxml import etree
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from gis.errors import UnreadableFile
from webmap.reports.fields import TEXT_BLOCK, Fields
from webmap.reports.files import add_footnotes, footnotes
from webmap.reports.fill import ALONE, Place, Problem, Told, in_one_row, places, unknown

P, R, T, TR, TC, TBL = (qn(f"w:{name}") for name in ("p", "r", "t", "tr", "tc", "tbl"))
TEXT_BOX, FIELD, INSTRUCTION = qn("w:txbxContent"), qn("w:fldChar"), qn("w:instrText")
BREAKS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}


class WordForm:
    """A DOCX with fields."""

    def __init__(self, content: bytes):
        try:
            self.document = Document(io.BytesIO(content))
            self.roots = list(self._roots())
        except Exception as error:  # whatever a broken file makes of the library
            raise UnreadableFile("This DOCX cannot be read. Save it again.", parameter="file") from error
        self.nested: list[tuple[str, etree._Element]] = []
        self._count: dict[etree._Element, int] = {}
        """The number of each paragraph outside tables and of each table, in its part."""
        for root, _ in self.roots:
            numbers = {P: 0, TBL: 0}
            for element in root.iter(P, TBL):
                if element.tag == P:
                    self._unfold(element)
                if next(element.iterancestors(TBL, TEXT_BOX), None) is None:
                    numbers[element.tag] += 1
                    self._count[element] = numbers[element.tag]

    def _roots(self) -> Iterator[tuple[etree._Element, object]]:
        """Give what is in each part that holds text; with the part where it has to be written back."""
        part = self.document.part
        yield part.element.body, None
        for link in part.rels.values():
            kind = link.reltype.rpartition("/")[2]
            if kind in ("header", "footer", "footnotes", "endnotes") and not link.is_external:
                target = link.target_part
                known = getattr(target, "element", None)
                yield (known, None) if known is not None else (parse_xml(target.blob), target)

    # Merge fields.

    def _unfold(self, paragraph: etree._Element) -> None:
        """Turn merge fields, which Word keeps in several pieces, into names in braces."""
        for simple in list(paragraph.iter(qn("w:fldSimple"))):
            if name := _merged(simple.get(qn("w:instr"), "")):
                run = OxmlElement("w:r")
                _style(run, simple.find(R))
                _write(run, f"{{{{{name}}}}}")
                simple.getparent().replace(simple, run)
        opened: list[tuple[list, list[str]]] = []
        for run in list(_runs(paragraph)):
            for piece in list(run):
                kind = piece.get(qn("w:fldCharType")) if piece.tag == FIELD else None
                if kind == "begin":
                    opened.append(([], []))
                for runs, _ in opened:
                    if run not in runs:
                        runs.append(run)
                if piece.tag == INSTRUCTION and opened:
                    opened[-1][1].append(piece.text or "")
                if kind == "end" and opened:
                    runs, said = opened.pop()
                    if (name := _merged("".join(said))) and opened:
                        self.nested.append((name, paragraph))
                    elif name:
                        _join(runs, name)

    # Checking.

    def _found(self) -> Iterator[tuple[etree._Element, str, list[Place], list[Problem]]]:
        for root, _ in self.roots:
            for paragraph in root.iter(P):
                text = _text(paragraph)
                if "{" in text or "}" in text:
                    where = self._where(root, paragraph, text)
                    yield paragraph, where, *places(text, where)

    def _where(self, root: etree._Element, paragraph: etree._Element, text: str) -> str:
        """Say where a paragraph stands, as somebody would count who looks at the page."""
        part = {
            "hdr": gettext("header"), "ftr": gettext("footer"), "footnotes": gettext("footnotes"),
            "endnotes": gettext("endnotes"),
        }.get(etree.QName(root).localname, "")  # fmt: skip
        cell = next(paragraph.iterancestors(TC), None)
        if next(paragraph.iterancestors(TEXT_BOX), None) is not None:
            place = gettext("text box")
        elif cell is not None:
            row = next(cell.iterancestors(TR))
            outermost = list(paragraph.iterancestors(TBL))[-1]
            place = gettext(
                "table %(table)s, row %(row)s, column %(column)s", table=self._count.get(outermost, 1),
                row=sum(1 for _ in row.itersiblings(TR, preceding=True)) + 1,
                column=sum(1 for _ in cell.itersiblings(TC, preceding=True)) + 1,
            )  # fmt: skip
        else:
            place = gettext("paragraph %(n)s", n=self._count.get(paragraph, 1))
        place = f"{part}, {place}" if part else place
        return f"{place}: “{text.strip()[:50]}”"

    def used(self) -> list[str]:
        """Give the fields in it, each once, in order."""
        return list(dict.fromkeys(place.key for _, _, found, _ in self._found() for place in found))

    def problems(self, fields: Fields) -> list[Problem]:
        """Tell all that is wrong with it."""
        problems = [
            Problem(name, _text(paragraph)[:40], gettext("A merge field inside another field (IF, =) is not filled."))
            for name, paragraph in self.nested
        ]
        rows: dict[etree._Element, tuple[str, list[str]]] = {}
        for paragraph, where, found, broken in self._found():
            problems += broken
            for place in found:
                row = next(paragraph.iterancestors(TR), None)
                if wrong := unknown(place.key, where, fields):
                    problems.append(wrong)
                elif place.key == TEXT_BLOCK and not self._stands_alone(paragraph):
                    said = gettext("The text takes a paragraph of its own, in the body of the document.")
                    problems.append(Problem(place.key, where, said))
                elif fields.in_list(place.key):
                    if row is None:
                        said = gettext("A field of a list stands in a row of a table, which repeats.")
                        problems.append(Problem(place.key, where, said))
                    else:
                        rows.setdefault(row, (where, []))[1].append(place.key)
        for row, (where, keys) in rows.items():
            problems += in_one_row(keys, where, fields)[1]
            if any(outer in rows for outer in row.iterancestors(TR)):
                said = gettext("A list inside a row of another list is not filled.")
                problems.append(Problem(keys[0], where, said))
        return problems

    def _stands_alone(self, paragraph: etree._Element) -> bool:
        return paragraph.getparent() is self.document.element.body and bool(ALONE.fullmatch(_text(paragraph)))

    # Filling.

    def fill(self, fields: Fields, told: Told) -> bytes:
        """Write it with its fields filled."""
        rows: dict[etree._Element, list[str]] = {}
        for paragraph, _, found, _ in self._found():
            row = next(paragraph.iterancestors(TR), None)
            if row is not None:
                rows.setdefault(row, []).extend(place.key for place in found)
        repeated = {row: name for row, keys in rows.items() if (name := in_one_row(keys, "", fields)[0])}
        blocks = []
        for paragraph, _, found, _ in list(self._found()):
            if [place.key for place in found] == [TEXT_BLOCK]:
                blocks.append(paragraph)
            elif not any(row in repeated for row in paragraph.iterancestors(TR)):
                _fill(paragraph, found, told)
        for row, name in repeated.items():
            lines = told.rows(name)
            for values in lines:
                made = deepcopy(row)
                row.addprevious(made)
                _fill_row(made, told, values)
            if lines:
                row.getparent().remove(row)
            else:
                _say_nothing(row, told.nothing())
        for root, part in self.roots:
            if part is not None:
                part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        for paragraph in blocks:  # after the parts are written back: their footnotes go into one of them
            self._write_sentences(paragraph, told)
        if told.values.laid.illustrative:
            self._mark_as_sample(told)
        file = io.BytesIO()
        self.document.save(file)
        return file.getvalue()

    def _write_sentences(self, paragraph: etree._Element, told: Told) -> None:
        """Put a paragraph in the place of the field for each sentence, with true footnotes."""
        _, root = footnotes(self.document)
        last = max((int(note.get(qn("w:id"), 0)) for note in root), default=0)
        styled, notes = paragraph.find(R), []
        for sentence in told.values.laid.sentences:
            made = OxmlElement("w:p")
            if paragraph.pPr is not None:
                made.append(deepcopy(paragraph.pPr))
            runs = (
                [f"- {sentence.head}", None, sentence.text]
                if sentence.footnote
                else [f"- {sentence.head}{sentence.text}"]
            )
            for text in runs:
                run = OxmlElement("w:r")
                _style(run, styled)
                if text is None:
                    notes.append(sentence.footnote)
                    raised = OxmlElement("w:vertAlign")
                    raised.set(qn("w:val"), "superscript")
                    run.get_or_add_rPr().append(raised)
                    reference = OxmlElement("w:footnoteReference")
                    reference.set(qn("w:id"), str(last + len(notes)))
                    run.append(reference)
                else:
                    _write(run, text)
                made.append(run)
            paragraph.addprevious(made)
        paragraph.getparent().remove(paragraph)
        if notes:
            add_footnotes(self.document, notes, last=last)

    def _mark_as_sample(self, told: Told) -> None:
        """Say on top that the figures are illustrative, whatever the template says."""
        paragraph, run = OxmlElement("w:p"), OxmlElement("w:r")
        _write(run, str(told.values.single("minh_hoa")))
        paragraph.append(run)
        self.document.element.body.insert(0, paragraph)


def _merged(instruction: str) -> str | None:
    """Give the name of a merge field, such as ``MERGEFIELD "ban_giao.ho" \\* MERGEFORMAT``."""
    words = instruction.split()
    return words[1].strip('"«»“”') if len(words) > 1 and words[0].upper() == "MERGEFIELD" else None


def _runs(paragraph: etree._Element) -> Iterator[etree._Element]:
    return (run for run in paragraph.iter(R) if next(run.iterancestors(P)) is paragraph)


def _join(runs: list, name: str) -> None:
    """Put a name in braces where a field began, in the style of what it showed."""
    shown = next((run for run in runs if run.find(T) is not None), runs[0])
    kept = OxmlElement("w:r")
    _style(kept, shown)
    _write(kept, f"{{{{{name}}}}}")
    runs[0].addprevious(kept)
    for run in runs:
        run.getparent().remove(run)


def _style(run, like) -> None:
    if like is not None and like.find(qn("w:rPr")) is not None:
        run.append(deepcopy(like.find(qn("w:rPr"))))


def _write(run, text: str) -> None:
    piece = OxmlElement("w:t")
    piece.text = ILLEGAL_CHARACTERS_RE.sub("", text)
    piece.set(qn("xml:space"), "preserve")
    run.append(piece)


def _pieces(paragraph: etree._Element) -> list[tuple[etree._Element, str]]:
    """Give what a paragraph's text is made of, without that of text boxes in it."""
    return [
        (piece, (piece.text or "") if piece.tag == T else BREAKS[piece.tag])
        for piece in paragraph.iter(T, *BREAKS)
        if piece.getparent().tag == R and next(piece.iterancestors(P)) is paragraph
    ]


def _text(paragraph: etree._Element) -> str:
    return "".join(text for _, text in _pieces(paragraph))


def _fill(paragraph: etree._Element, found: list[Place], told: Told, row: Mapping | None = None) -> None:
    """Put values in the place of fields, each in the style of its first letter."""
    aligned = next(paragraph.iterancestors(TC), None) is not None
    said = [(place, ILLEGAL_CHARACTERS_RE.sub("", told.text(place.key, row, aligned=aligned))) for place in found]
    for place, text in reversed(said):
        position = 0
        for piece, had in _pieces(paragraph):
            start, end = max(place.start - position, 0), min(place.end - position, len(had))
            if piece.tag == T and start < end:
                first = position <= place.start
                piece.text = had[:start] + (text if first else "") + had[end:]
                piece.set(qn("xml:space"), "preserve")
            position += len(had)


def _fill_row(row: etree._Element, told: Told, values: Mapping) -> None:
    for paragraph in row.iter(P):
        found, _ = places(_text(paragraph), "")
        if found:
            _fill(paragraph, found, told, values)


def _say_nothing(row: etree._Element, said: str) -> None:
    """Keep the row of a list that has none, with the words for it in the first field's place."""
    for paragraph in row.iter(P):
        found, _ = places(_text(paragraph), "")
        for piece, had in _pieces(paragraph) if found else ():
            if piece.tag == T and had:
                piece.text, said = said, ""
