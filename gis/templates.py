"""Offices' own templates of reports: DOCX and XLSX with named fields, kept in versions and looked at before they are.

A template comes from outside and goes out again with official figures in it, opened in Word and Excel. What runs
programs, fetches something or carries another file inside itself is refused, in words: the file is not cleaned.
What fields there are, and filling them, is the business of `webmap/reports`.
"""

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from hashlib import sha256

from lxml import etree
from sqlalchemy import func, insert, select, tuple_
from sqlalchemy.orm import Session

from gis import audit, guard
from gis.errors import BadParameter, NotFound, UnreadableFile
from gis.model import ReportTemplate
from gis.submission import Once, once
from gis.texts import clean_text

KINDS = ("docx", "xlsx")
MOST_MIB = 5
MIB = 1024 * 1024
_MOST_UNPACKED = 20 * MIB
_MOST_CELLS = 20_000
_MOST_PARTS = 1000
_LONGEST_NAME = 80
_MAIN = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": "xlsx",
}
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"

# What names of parts, their content types and the types of relationships tell (ECMA-376 parts 1 and 2, MS-OFFMACRO).
_HOLDS = (
    (
        r"macro|vba|activex|ctrlprop|/control|customui|keymapcustom|attachedtoolbars|dialogsheet|webextension",
        UnreadableFile("The file holds macros or controls (%(part)s). Save it without them, as .docx or .xlsx."),
    ),
    (
        r"oleobject|embeddings?/|/package$|afchunk|subdocument|/frame$",
        UnreadableFile(
            "The file holds another file inside itself (%(part)s). Take it out, or put a picture in its place."
        ),
    ),
    (
        r"attachedtemplate",
        UnreadableFile(
            "The file hangs on a template of its own (%(part)s). In Word: Developer, Document Template, back to Normal."
        ),
    ),
    (
        r"mailmerge|recipientdata",
        UnreadableFile(
            "The file is tied to a list of recipients. In Word: Mailings, Start Mail Merge, Normal Word Document. Its "
            "merge fields stay."
        ),
    ),
    (
        r"externallink|connections|querytable|datamodel|pivot|slicer|timelines?/",
        UnreadableFile(
            "The workbook takes figures from elsewhere (%(part)s): other workbooks, connections or pivot tables. Take "
            "them out."
        ),
    ),
    (
        r"xl/(charts|chartsheets|diagrams)/",
        UnreadableFile("The workbook holds a chart (%(part)s): charts are not kept when it is filled. Take it out."),
    ),
)
_WORD_FIELDS = frozenset(
    {
        "=", "AUTHOR", "AUTONUM", "AUTONUMLGL", "COMMENTS", "CREATEDATE", "DATE", "DOCPROPERTY", "EQ", "FILENAME",
        "FORMCHECKBOX", "FORMDROPDOWN", "FORMTEXT", "HYPERLINK", "INDEX", "KEYWORDS", "LASTSAVEDBY", "LISTNUM",
        "MERGEFIELD", "NOTEREF", "NUMPAGES", "NUMWORDS", "PAGE", "PAGEREF", "PRINTDATE", "QUOTE", "REF", "SAVEDATE",
        "SECTION", "SECTIONPAGES", "SEQ", "STYLEREF", "SUBJECT", "SYMBOL", "TC", "TIME", "TITLE", "TOC", "XE",
    }
)  # fmt: skip
"""Fields of Word that neither take in other files nor run anything (ECMA-376 part 1, 17.16.5)."""
_LINK = re.compile(r"(https?://|mailto:)", re.I)
_REACHES_OUT = re.compile(
    r"(?<!\w)\[\d+\][^\[\]!]*!|\[[^\[\]]*\.xl\w+\]|\||\b(WEBSERVICE|RTD|CALL|REGISTER|REGISTER\.ID|EXEC|SQL\.REQUEST|IMAGE|HYPERLINK|FILTERXML"
    r"|STOCKHISTORY|CUBE\w+)\s*\(",
    re.I,
)
"""In a formula: another workbook, DDE, functions that fetch or run."""


def look_at(content: bytes) -> str:
    """Tell what a template is, having looked at all that is in it.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    str
        ``docx`` or ``xlsx``.

    Raises
    ------
    UnreadableFile
        For anything else, what is larger than is taken (unpacked too), and what runs, fetches or embeds something.
    """
    if not content:
        raise UnreadableFile("The file is empty.", parameter="file")
    if len(content) > MOST_MIB * MIB:
        raise UnreadableFile("The file is larger than %(most)s MiB.", parameter="file", most=MOST_MIB)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return _look_inside(packed)
    except (
        zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
    ) as error:  # fmt: skip
        raise UnreadableFile(
            "This is neither a DOCX nor an XLSX file that can be read. Save it again, without a password.",
            parameter="file",
        ) from error


def _look_inside(packed: zipfile.ZipFile) -> str:
    parts = packed.infolist()
    names = [part.filename for part in parts]
    if sum(part.file_size for part in parts) > _MOST_UNPACKED or len(parts) > _MOST_PARTS:
        raise UnreadableFile("The file unpacks to more than is taken.", parameter="file")
    if len({name.lower() for name in names}) < len(names) or any("\\" in n or ".." in n or n[0] == "/" for n in names):
        raise UnreadableFile("The file is not packed as DOCX and XLSX are: save it again.", parameter="file")
    for name in names:
        _refuse(name, name)
    if "[Content_Types].xml" not in names:
        raise UnreadableFile("This is neither a DOCX nor an XLSX file.", parameter="file")
    types = _parsed("[Content_Types].xml", packed.read("[Content_Types].xml"))
    kind, markup = None, {".xml", ".rels", ".vml"}
    for entry in types.iter(f"{_TYPES}Override", f"{_TYPES}Default"):
        said = entry.get("ContentType", "")
        _refuse(said, entry.get("PartName") or said)
        kind = kind or _MAIN.get(said)
        if "xml" in said.lower():  # what a part is, its type says, not the ending of its name
            markup.add((entry.get("PartName", "").lstrip("/") or f".{entry.get('Extension')}").lower())
    if kind is None:
        raise UnreadableFile(
            "By its content this is neither DOCX nor XLSX, whatever it is called. Save a .dotx or .xltx as .docx or "
            ".xlsx.",
            parameter="file",
        )
    for part in parts:
        if part.filename.lower().endswith(tuple(markup)):
            _look_at_part(part.filename, _parsed(part.filename, packed.read(part)))
    return kind


def _refuse(said: str, part: str) -> None:
    for pattern, why in _HOLDS:
        if re.search(pattern, said, re.IGNORECASE):
            raise UnreadableFile(why.message, parameter="file", part=part)


def _parsed(name: str, content: bytes) -> etree._Element:
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except etree.XMLSyntaxError as error:
        raise UnreadableFile("A part of the file is broken: %(part)s.", parameter="file", part=name) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableFile("A part of the file defines entities: %(part)s.", parameter="file", part=name)
    return root


def _look_at_part(name: str, root: etree._Element) -> None:
    for link in root.iter(_RELATIONSHIP):
        kind, target = link.get("Type", ""), link.get("Target", "")
        _refuse(kind, f"{name}: {target}")
        outside = link.get("TargetMode", "").lower() == "external" or "://" in target or target.startswith("\\\\")
        if outside and not (kind.endswith("/hyperlink") and _LINK.match(target)):
            raise UnreadableFile(
                "The file reaches outside itself: %(target)s (%(part)s). Put in what is meant; links to web pages and "
                "e-mail addresses may stay.",
                parameter="file", target=target, part=name,
            )  # fmt: skip
    if next(root.iter(f"{_W}mailMerge"), None) is not None:
        _refuse("mailMerge", name)
    for said in instructions(root):
        first = "=" if said.startswith("=") else said.split(maxsplit=1)[0].upper() if said else "="
        rest = said[len(first) :].strip().strip('"')
        if first not in _WORD_FIELDS or (first == "HYPERLINK" and not rest.startswith("\\l") and not _LINK.match(rest)):
            raise UnreadableFile(
                "The field { %(field)s } is not taken: it could take in other files or run something.",
                parameter="file", field=said[:60],
            )  # fmt: skip
    if name.lower().startswith("xl/"):
        _look_at_sheet(name, root)


def instructions(root: etree._Element) -> Iterator[str]:
    """Give the instruction of every field of a part of a DOCX, also of one told in pieces."""
    for simple in root.iter(f"{_W}fldSimple"):
        yield simple.get(f"{_W}instr", "").strip()
    open_fields: list[list[str]] = []
    for element in root.iter(f"{_W}fldChar", f"{_W}instrText", f"{_W}delInstrText"):
        if element.tag != f"{_W}fldChar":
            (open_fields[-1] if open_fields else []).append(element.text or "")
            if not open_fields:
                yield (element.text or "").strip()
        elif element.get(f"{_W}fldCharType") == "begin":
            open_fields.append([])
        elif element.get(f"{_W}fldCharType") == "end" and open_fields:
            yield "".join(open_fields.pop()).strip()
    for left in open_fields:
        yield "".join(left).strip()


def _look_at_sheet(name: str, root: etree._Element) -> None:
    if any(next(root.iter(f"{_DRAWING}{shape}"), None) is not None for shape in ("sp", "grpSp", "cxnSp")):
        raise UnreadableFile(
            "The workbook holds shapes or text boxes (%(part)s): they are not kept when it is filled. Use cells.",
            parameter="file", part=name,
        )  # fmt: skip
    if sum(1 for _ in root.iter("{*}c")) > _MOST_CELLS:
        raise UnreadableFile("A sheet has more than %(most)s cells.", parameter="file", most=_MOST_CELLS)
    for element in root.iter("{*}f", "{*}formula", "{*}formula1", "{*}formula2", "{*}definedName", "{*}ddeLink"):
        formula = re.sub(r'"[^"]*"', "", element.text or "")
        if _REACHES_OUT.search(formula) or etree.QName(element).localname == "ddeLink":
            raise UnreadableFile(
                "The formula “%(formula)s” (%(part)s) reaches outside the workbook. Take it out.",
                parameter="file", formula=(element.text or "")[:80], part=name,
            )  # fmt: skip


# Keeping.


def keep(
    session: Session, content: bytes, *, name: str, unit: str | None, file_name: str | None, by: str, key: str
) -> Once:
    """Keep a template as the next version of its name.

    Parameters
    ----------
    session : Session
        In a transaction of isolation level READ COMMITTED, which the caller ends.
    content : bytes
    name : str
        What the office calls it; a DOCX and an XLSX may be called the same.
    unit : str or None
        Slug of the unit whose it is; None for every unit.
    file_name : str, optional
        As it was called.
    by, key : str
        As for `gis.submission.once`.

    Returns
    -------
    Once
        Its result has ``template_id``, ``kind`` and ``version``.

    Raises
    ------
    UnreadableFile
        As `look_at`.
    BadParameter
        For a name that cannot be one, and a file that is the last version already.
    """
    name = clean_name(name)
    kind = guard.read(look_at, content)
    digest = sha256(content).hexdigest()
    offered = f"{_letters(file_name or name).rpartition('.')[0] or _letters(name)}.{kind}"

    def work() -> dict:
        last = latest(session, name, kind)
        if last and last.sha256 == digest and last.unit == unit:
            raise BadParameter(
                "This file is kept already, as version %(version)s.", parameter="file", version=last.version
            )
        values = {
            "name": name, "kind": kind, "version": last.version + 1 if last else 1, "unit": unit,
            "file_name": offered, "sha256": digest,
        }  # fmt: skip
        return _add(session, values, "keep", by, body=content)

    request = {"template": name, "kind": kind, "unit": unit, "sha256": digest}
    return once(session, request, work, by=by, key=key)


def withdraw(session: Session, template_id: int, *, reason: str | None, by: str, key: str) -> Once:
    """Take a template out of use. Its versions stay, and with them the issued reports that name one.

    Raises
    ------
    NotFound
    BadParameter
        Without a reason, and where it is withdrawn already.
    """
    reason = clean_text(reason, "reason", 2000)
    of = get(session, template_id)

    def work() -> dict:
        last = latest(session, of.name, of.kind)
        if last.sha256 is None:
            raise BadParameter("This template is withdrawn already.", parameter="reason")
        values = {
            "name": of.name, "kind": of.kind, "version": last.version + 1, "unit": last.unit, "reason": reason
        }  # fmt: skip
        return _add(session, values, "withdraw", by)

    return once(session, {"withdraw_template": template_id, "reason": reason}, work, by=by, key=key)


def _add(session: Session, values: dict, act: str, by: str, **more) -> dict:
    made = session.scalar(insert(ReportTemplate).values(**values, **more, recorded_by=by).returning(ReportTemplate.id))
    audit.log_change(session, "report_template", made, who=by, act=act, after=values)
    return {"template_id": made, "kind": values["kind"], "version": values["version"]}


def clean_name(name: str | None) -> str:
    """Give the name of a template on one line.

    Raises
    ------
    BadParameter
    """
    return clean_text(_letters(name or ""), "name", _LONGEST_NAME)


def _letters(name: str) -> str:
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in last)
    return re.sub(" +", " ", plain).strip(" .")[:150]


# Reading.


def listed(session: Session, *, unit: str | None = None, withdrawn: bool = False) -> list[ReportTemplate]:
    """List the last version of each template by name.

    Parameters
    ----------
    session : Session
    unit : str, optional
        Slug: only those of this unit and those for every unit.
    withdrawn : bool
        Whether those out of use come too.
    """
    of = ReportTemplate.name, ReportTemplate.kind
    last = select(*of, func.max(ReportTemplate.version)).group_by(*of)
    query = select(ReportTemplate).where(tuple_(*of, ReportTemplate.version).in_(last)).order_by(*of)
    if unit:
        query = query.where(ReportTemplate.unit.is_(None) | (ReportTemplate.unit == unit))
    return list(session.scalars(query if withdrawn else query.where(ReportTemplate.sha256.is_not(None))))


def versions(session: Session, name: str, kind: str) -> Sequence[ReportTemplate]:
    """List every version of a template, the newest first."""
    query = select(ReportTemplate).where(ReportTemplate.name == name, ReportTemplate.kind == kind)
    return session.scalars(query.order_by(ReportTemplate.version.desc())).all()


def latest(session: Session, name: str, kind: str) -> ReportTemplate | None:
    """Give the newest version of a template, also one that withdraws it."""
    return next(iter(versions(session, name, kind)), None)


def get(session: Session, template_id: int) -> ReportTemplate:
    """Give a version of a template.

    Raises
    ------
    NotFound
    """
    found = session.get(ReportTemplate, template_id)
    if found is None:
        raise NotFound("There is no template %(id)s.", parameter="template", id=template_id)
    return found


def in_use(session: Session, name: str, kind: str) -> ReportTemplate:
    """Give the version of a template that is filled now.

    Raises
    ------
    NotFound
        For an unknown one and one that was withdrawn.
    """
    found = latest(session, unicodedata.normalize("NFC", name), kind)
    if found is None or found.sha256 is None:
        raise NotFound("There is no %(kind)s template “%(name)s”.", parameter="template", kind=kind, name=name)
    return found
