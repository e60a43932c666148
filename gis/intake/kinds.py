"""What a file is by its first bytes, whatever it is called: one table of signatures, for every door that takes files.

Nothing is parsed here: bytes are looked for. A file that officers have and no reader takes is told by its name, with
what to do about it.
"""

from collections.abc import Collection

from gis.errors import UnreadableFile

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Compound files: Office before 2007, and what it locks with a password ([MS-CFB] 2.2, [MS-OFFCRYPTO] 1.3.3)."""
_LOOKED_AT = 4096

_BEGINNINGS = (
    (b"%PDF-", "pdf"), (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"), (b"II+\0", "bigtiff"), (b"MM\0+", "bigtiff"), (b"SQLite format 3\0", "gpkg"), (b"GIF8", "gif"),
    (b"BM", "bmp"), (b"8BPS", "psd"), (b"AT&TFORM", "djvu"), (b"Rar!\x1a\x07", "rar"), (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"MSCF", "cab"), (b"AC10", "dwg"),
    (b"\x08\x09\xfe\x02", "dgn"), (b"{\\rtf", "rtf"), (b"MZ", "program"), (b"\x7fELF", "program"),
)  # fmt: skip
_BRANDS = {b"heic": "heic", b"heix": "heic", b"heim": "heic", b"hevc": "heic", b"mif1": "heic", b"msf1": "heic",
           b"avif": "heic"}  # fmt: skip
_IN_COMPOUND = (("EncryptedPackage", "locked"), ("WordDocument", "doc"), ("Workbook", "xls"), ("Book", "xls"),
                ("PowerPoint Document", "ppt"), ("Dgn~", "dgn"))  # fmt: skip
_IN_PACKED = (
    (b"xl/workbook.bin", "xlsb"), (b"xl/workbook", "xlsx"), (b"xl/worksheets/", "xlsx"), (b"word/document", "docx"),
    (b"ppt/presentation", "pptx"), (b"application/vnd.oasis.opendocument.spreadsheet", "ods"),
    (b"application/vnd.oasis.opendocument.text", "odt"), (b"doc.kml", "kmz"), (b".shp", "zip"),
)  # fmt: skip

# What to do about what no reader takes. What is told depends on where it was sent to: `_AT_TABLES` before the others.
_ARCHIVE = UnreadableFile(
    "“%(file)s” is an archive (RAR, 7-Zip, gzip or the like). Unpack it and send the file that is inside."
)
_PICTURE = UnreadableFile("“%(file)s” is a picture of a kind that is not taken. Save it as JPEG, PNG or PDF.")
_OPEN_DOCUMENT = UnreadableFile("“%(file)s” is of LibreOffice (.ods, .odt). Save it as .xlsx or .docx and send that.")
_WORD_AT_TABLES = UnreadableFile(
    "“%(file)s” is a text of Word. Copy its table and paste it here, or put the table into a workbook (.xlsx)."
)
_CURES = {
    "locked": UnreadableFile("“%(file)s” is locked with a password. Save it without one and send that."),
    "doc": UnreadableFile("“%(file)s” is of Word before 2007 (.doc). Open it, save it as .docx and send that."),
    "xls": UnreadableFile("“%(file)s” is of Excel before 2007 (.xls). Open it, save it as .xlsx and send that."),
    "xlsb": UnreadableFile("“%(file)s” is a binary workbook (.xlsb). Open it, save it as .xlsx and send that."),
    "ppt": UnreadableFile("“%(file)s” is a presentation. Save it as PDF and send that."),
    "pptx": UnreadableFile("“%(file)s” is a presentation. Save it as PDF and send that."),
    "compound": UnreadableFile("“%(file)s” is of an older Office program. Save it in today's format and send that."),
    "ods": _OPEN_DOCUMENT,
    "odt": _OPEN_DOCUMENT,
    "rtf": UnreadableFile("“%(file)s” is Rich Text (.rtf). Open it in Word, save it as .docx and send that."),
    "webpage": UnreadableFile(
        "“%(file)s” is a web page, even if it is called .xls or .doc. Open it in Excel or Word, save it as .xlsx or "
        ".docx and send that."
    ),
    "heic": UnreadableFile(
        "“%(file)s” is a photograph in HEIC, as iPhones take them. Save it as JPEG (on the telephone: Settings, "
        "Camera, Formats, Most Compatible) and send that."
    ),
    "gif": _PICTURE,
    "bmp": _PICTURE,
    "psd": _PICTURE,
    "djvu": _PICTURE,
    "bigtiff": _PICTURE,
    "dwg": UnreadableFile(
        "“%(file)s” is a drawing of AutoCAD (.dwg). Save it as .dxf, or export the outline as KML, GeoJSON or a zipped "
        "shapefile."
    ),
    "rar": _ARCHIVE,
    "7z": _ARCHIVE,
    "gzip": _ARCHIVE,
    "bzip2": _ARCHIVE,
    "xz": _ARCHIVE,
    "cab": _ARCHIVE,
    "program": UnreadableFile("“%(file)s” is a program: it is not taken."),
    "video": UnreadableFile("“%(file)s” is a film or a recording: it is not taken. Send a picture or PDF."),
}
_AT_TABLES = {
    "doc": _WORD_AT_TABLES,
    "docx": _WORD_AT_TABLES,
    "pdf": UnreadableFile(
        "“%(file)s” is a PDF: what stands in its columns cannot be told surely. Send the workbook it was printed from."
    ),
    **dict.fromkeys(
        ("png", "jpeg", "tiff", "webp"),
        UnreadableFile("“%(file)s” is a picture. Send the workbook, or type the table."),
    ),
}


def kind_of(content: bytes) -> str:
    """Tell what a file is by its bytes.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    str
        Such as ``xlsx``, ``pdf``, ``dwg``; ``zip`` for what is packed otherwise, ``text`` for all that is not known.
    """
    if content.startswith(_OLE):
        return next((kind for name, kind in _IN_COMPOUND if name.encode("utf-16-le") in content), "compound")
    if content.startswith((b"PK\3\4", b"PK\5\6")):
        return next((kind for name, kind in _IN_PACKED if name in content), "zip")
    if content[4:8] == b"ftyp":
        return _BRANDS.get(content[8:12], "video")
    if content[:4] == b"RIFF":
        return "webp" if content[8:12] == b"WEBP" else "video"
    for beginning, kind in _BEGINNINGS:
        if content.startswith(beginning):
            return kind
    start = content[:_LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"mime-version:")) or b'progid="excel.sheet"' in start:
        return "webpage"
    return "text"


def refuse(content: bytes, name: str, takes: Collection[str]) -> str:
    """Refuse by its name what officers have and a door does not take, with what to do about it.

    Parameters
    ----------
    content : bytes
    name : str
        As it was called.
    takes : collection of str
        Kinds that the door has readers for.

    Returns
    -------
    str
        The kind, where there is nothing to say against it; what it is exactly, the reader sees.

    Raises
    ------
    UnreadableFile
    """
    kind = kind_of(content)
    if kind in takes:
        return kind
    tables = {} if "docx" in takes or "xlsx" not in takes else _AT_TABLES
    cure = tables.get(kind) or _CURES.get(kind)
    if cure:
        raise UnreadableFile(cure.message, parameter="file", file=name)
    return kind
