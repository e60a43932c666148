"""Files that are built to harm, made by code: by the door that takes their kind.

Each is small to send and costly, deep, false or treacherous to read. `HEAVY` names those that take a reader seconds: a
command tries them (`python -m benchmarks.hostile`), the suite does not.
"""

import io
import json
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

Maker = Callable[[], bytes]
ENTITIES = '<!DOCTYPE x [<!ENTITY a "' + "lol" * 100 + '">' + "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
) + "]>"  # fmt: skip
OUTSIDE = '<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;]>'
HEADINGS = ("Họ và tên", "Tờ bản đồ", "Số thửa", "Loại đất", "Diện tích thu hồi")


def packed(parts: dict[str, bytes | str], *, stored: bool = False) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return file.getvalue()


# Workbooks.

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>{}</Types>'
)
_RELS = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def workbook(
    rows: str = "", *, before: str = "", after: str = "", doctype: str = "", strings: bytes | None = None,
    styles: str | None = None, more: dict[str, bytes | str] | None = None, encoding: str = "utf-8",
) -> bytes:  # fmt: skip
    """Make an XLSX whose parts are as given; its first row holds headings of a list of land users."""
    heads = "".join(
        f'<c r="{chr(65 + n)}1" t="inlineStr"><is><t>{head}</t></is></c>' for n, head in enumerate(HEADINGS)
    )  # fmt: skip
    kinds = [("workbook", "sheet.main"), ("worksheets/sheet1", "worksheet")]
    kinds += [("sharedStrings", "sharedStrings")] if strings is not None else []
    kinds += [("styles", "styles")] if styles is not None else []
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/{kind.rpartition("/")[2]}" Target="{target}.xml"/>'
        for n, (target, kind) in enumerate(
            [(target, {"sheet.main": "workbook"}.get(kind, kind)) for target, kind in kinds[1:]], 1
        )
    )  # fmt: skip
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": _TYPES.format("".join(
            f'<Override PartName="/xl/{target}.xml" ContentType="{_SPREADSHEET}.{kind}+xml"/>' for target, kind in kinds
        )),
        "_rels/.rels": _RELS.format(f'<Relationship Id="r" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'),
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets><sheet name="S" sheetId="1" '
        'r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _RELS.format(links),
        "xl/worksheets/sheet1.xml": (
            f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<worksheet xmlns="{_SHEET}">{before}<sheetData>'
            f'<row r="1">{heads}</row>{rows}</sheetData>{after}</worksheet>'
        ).encode(encoding),
    }  # fmt: skip
    if strings is not None:
        parts["xl/sharedStrings.xml"] = strings
    if styles is not None:
        parts["xl/styles.xml"] = styles
    return packed(parts | (more or {}))


def _text_row(number: int, values: tuple[str, ...]) -> str:
    return (
        f'<row r="{number}">' + "".join(f'<c t="inlineStr"><is><t>{value}</t></is></c>' for value in values) + "</row>"
    )


_ONE = _text_row(2, ("Vi Văn An", "12", "34", "ONT", "100,5"))


def false_directory() -> bytes:
    whole = bytearray(workbook(_ONE))
    at = whole.rfind(b"PK\5\6")
    whole[at + 16 : at + 20] = struct.pack("<I", 7)
    return bytes(whole)


def encrypted() -> bytes:
    whole = bytearray(workbook(_ONE))
    for sign, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = -1
        while (at := whole.find(sign, at + 1)) >= 0:
            whole[at + offset] |= 1
    return bytes(whole)


def lying_size() -> bytes:
    """A part that says it unpacks to ten bytes and unpacks to megabytes."""
    whole = bytearray(workbook(_ONE, more={"xl/media/image1.png": b"\0" * (64 << 20)}))
    for sign, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = whole.rfind(sign)
        whole[at + offset : at + offset + 4] = struct.pack("<I", 10)
    return bytes(whole)


def nested_zip(levels: int = 5) -> bytes:
    inner = packed({"0.bin": b"\0" * (50 << 20)})
    for level in range(levels):
        inner = packed({f"{level}-{n}.zip": inner for n in range(16)})
    return inner


def same_part_many_times(times: int = 4000) -> bytes:
    """A directory whose entries all lead to one packed part: each unpacks to a hundred megabytes."""
    data = zlib.compress(b"\0" * (100 << 20), 9)[2:-4]
    crc = zlib.crc32(b"\0" * (100 << 20))
    name = b"xl/a.xml"
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(data), 100 << 20, len(name), 0) + name + data
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(data), 100 << 20, len(name), 0, 0, 0, 0,
                        0, 0) + name  # fmt: skip
    directory = entry * times
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, times, times, len(directory), len(local), 0)
    return local + directory + end


def merging(*areas: str) -> bytes:
    merged = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
    return workbook(_ONE, after=f"<mergeCells>{merged}</mergeCells>")


TABLES: dict[str, Maker] = {
    "merged over a million cells": lambda: merging("A3:Z40000"),
    "merged over a whole sheet": lambda: merging("A3:XFD1048576"),
    "merged by other words": lambda: merging("A3:&#88;FD1048576"),
    "merged a hundred thousand times": lambda: merging(*(f"A{n}:B{n}" for n in range(3, 100_000))),
    "says it is as wide as can be": lambda: workbook(
        "".join(_text_row(n, ("Vi Văn An", str(n), "34", "ONT", "100")) for n in range(2, 302)),
        before='<dimension ref="A1:XFD1048576"/>',
    ),
    "a cell in the last corner": lambda: workbook(
        _ONE + '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    ),
    "five million shared texts": lambda: workbook(
        _ONE, strings=f'<sst xmlns="{_SHEET}">'.encode() + b"<si/>" * 5_200_000 + b"</sst>"
    ),
    "a text of fifty megabytes": lambda: workbook(_text_row(2, ("A" * (50 << 20), "1", "2", "ONT", "3"))),
    "columns without end": lambda: workbook(
        _ONE, before="<cols>" + '<col min="1" max="16384" width="9"/>' * 200_000 + "</cols>"
    ),
    "a million styles": lambda: workbook(
        _ONE, styles=f'<styleSheet xmlns="{_SHEET}"><fonts>{"<font><b/></font>" * 300_000}</fonts><cellXfs>'
        + "<xf/>" * 1_000_000 + "</cellXfs></styleSheet>"
    ),
    "entities that unfold": lambda: workbook("<row><c t='str'><v>&i;</v></c></row>", doctype=ENTITIES),
    "entities from elsewhere": lambda: workbook("<row><c t='str'><v>&i;</v></c></row>", doctype=OUTSIDE),
    "elements in elements": lambda: workbook("<a>" * 200_000 + "</a>" * 200_000),
    "sheet in UTF-16": lambda: workbook(_ONE, encoding="utf-16"),
    "unpacks to gigabytes": lambda: workbook(_ONE, more={f"xl/media/{n}.bin": b"\0" * (60 << 20) for n in range(8)}),
    "one part many times": same_part_many_times,
    "packed in packed": lambda: nested_zip(2),
    "thousands of parts": lambda: workbook(_ONE, more={f"xl/a{n}.xml": "<a/>" for n in range(6_000)}),
    "paths that climb out": lambda: workbook(
        _ONE, more={"../../../tmp/mat-bang-climbed": "x", "/tmp/mat-bang-climbed": "x"}
    ),
    "locked with a password": encrypted,
    "cut short": lambda: workbook(_ONE)[:-200],
    "a directory that is false": false_directory,
    "sizes that are false": lying_size,
    "begins like a packed file": lambda: b"PK\3\4" + bytes(range(256)) * 40,
    "links to other workbooks": lambda: workbook(
        '<row r="2"><c r="A2"><f>[1]S!A1</f><v>1</v></c></row>',
        more={"xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{_SHEET}"/>'},
    ),
    "binary workbook": lambda: packed({"[Content_Types].xml": _TYPES.format(""), "xl/workbook.bin": b"\x83\1\0"}),
    "with macros": lambda: workbook(_ONE, more={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" * 100}),
    "strict workbook": lambda: workbook(_ONE).replace(b"schemas.openxmlformats.org", b"purl.oclc.org/ooxml/strict"),
    "old workbook": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "Workbook".encode("utf-16-le"),
    "table with a line of megabytes": lambda: "Họ và tên,Tờ bản đồ\n".encode() + b"a" * (7 << 20),
    "table of a million commas": lambda: b"," * 4_000_000,
    "table of a million quotes": lambda: b'"' * 3_000_001,
    "table with NUL": lambda: "Họ và tên;Tờ bản đồ;Số thửa\nVi\0An;1;2\n".encode(),
    "table with half a letter": lambda: "Họ và tên;Tờ bản đồ\n".encode() + b"\xed\xa0\x80;1\n",
    "table with letters that turn round": lambda: "Họ và tên;Tờ\u202e bản đồ;Số thửa\n\u202eVi An\u2066;1;2\n".encode(),
    "table in UTF-16 that is not whole": lambda: b"\xff\xfe" + "Họ và tên;Tờ".encode("utf-16-le") + b"\xd8",
    "table of lines": lambda: b"\n" * 6_000_000,
}  # fmt: skip

# Outlines.


def shapefile(*, points: int = 4, bytes_said: int | None = None, box: tuple = (106.7, 21.8, 106.8, 21.9)) -> bytes:
    """Make a zipped shapefile of one square whose header says what is asked."""
    west, south, east, north = box
    ring = [(west, south), (west, north), (east, north), (east, south), (west, south)]
    content = struct.pack("<i4d2i", 5, *box, 1, points) + struct.pack("<i", 0)
    content += b"".join(struct.pack("<2d", *each) for each in ring)
    length = (100 + 8 + len(content)) // 2
    head = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, bytes_said or length) + struct.pack(
        "<2i8d", 1000, 5, *box, 0, 0, 0, 0
    )
    shp = head + struct.pack(">2i", 1, len(content) // 2) + content
    shx = head + struct.pack(">2i", 50, len(content) // 2)
    dbf = struct.pack("<4BIHH20x", 3, 26, 1, 1, 1 if bytes_said is None else 2**31 - 1, 65, 11)
    dbf += (
        b"TEN".ljust(11, b"\0")
        + b"C"
        + b"\0" * 4
        + bytes([10, 0])
        + b"\0" * 14
        + b"\r"
        + b" "
        + b"A".ljust(10)
        + b"\x1a"
    )
    wgs84 = (
        'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
        'UNIT["degree",0.0174532925199433]]'
    )
    return packed({"a.shp": shp, "a.shx": shx, "a.dbf": dbf, "a.prj": wgs84, "a.cpg": "UTF-8"})


def geopackage(*statements: str) -> bytes:
    """Make a GeoPackage of one empty layer and what is asked."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        base = sqlite3.connect(path)
        base.executescript(
            "pragma application_id=1196444487; pragma user_version=10300;"
            "create table gpkg_spatial_ref_sys (srs_name text, srs_id integer primary key, organization text,"
            " organization_coordsys_id integer, definition text, description text);"
            "insert into gpkg_spatial_ref_sys values ('WGS 84', 4326, 'EPSG', 4326, 'undefined', '');"
            "create table gpkg_contents (table_name text primary key, data_type text, identifier text,"
            " description text, last_change text, min_x real, min_y real, max_x real, max_y real, srs_id integer);"
            "create table gpkg_geometry_columns (table_name text, column_name text, geometry_type_name text,"
            " srs_id integer, z integer, m integer);"
            "create table t (fid integer primary key, geom blob, name text);"
            "insert into gpkg_contents values ('t', 'features', 't', '', '2026-01-01', 0, 0, 1, 1, 4326);"
            "insert into gpkg_geometry_columns values ('t', 'geom', 'POLYGON', 4326, 0, 0);"
        )
        base.executescript(";".join(statements))
        base.commit()
        base.close()
        return path.read_bytes()


_ENDLESS = (
    "with recursive n(x) as (select 1 union all select x + 1 from n) select x as fid, zeroblob(1000) as geom, "
    "hex(zeroblob(1000)) as name from n"
)


def geojson(coordinates: str, kind: str = "Polygon") -> bytes:
    feature = f'{{"type":"Feature","properties":{{}},"geometry":{{"type":"{kind}","coordinates":{coordinates}}}}}'
    return f'{{"type":"FeatureCollection","features":[{feature}]}}'.encode()


OUTLINES: dict[str, tuple[str, Maker]] = {
    "nested a hundred thousand deep": ("a.geojson", lambda: geojson("[" * 100_000 + "]" * 100_000)),
    "properties nested deep": (
        "a.geojson", lambda: b'{"type":"Feature","properties":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000
        + b',"geometry":null}'
    ),
    "not a number": ("a.geojson", lambda: geojson("[[[NaN,21.8],[106.8,21.8],[106.8,21.9],[NaN,21.8]]]")),
    "numbers without end": ("a.geojson", lambda: geojson("[[[1e999,21.8],[106.8,21.8],[106.8,21.9],[1e999,21.8]]]")),
    "infinity": ("a.geojson", lambda: geojson("[[[Infinity,21.8],[106.8,21.8],[106.8,21.9],[106.7,21.8]]]")),
    "numbers of a million digits": ("a.geojson", lambda: geojson(f"[[[{'1' * 1_000_000},21.8],[1,2],[3,4],[1,2]]]")),
    "rings that do not close": ("a.geojson", lambda: geojson("[[[106.7,21.8],[106.8,21.8],[106.8,21.9]]]")),
    "rings of two points": ("a.geojson", lambda: geojson("[[[106.7,21.8],[106.8,21.8]]]")),
    "points of one number": ("a.geojson", lambda: geojson("[[[106.7],[106.8],[106.9],[106.7]]]")),
    "coordinates that are texts": ("a.geojson", lambda: geojson('[[["a","b"],["c","d"],["e","f"],["a","b"]]]')),
    "features that are none": ("a.geojson", lambda: b'{"type":"FeatureCollection","features":[null,1,"a",[],{}]}'),
    "features that are an object": ("a.geojson", lambda: b'{"type":"FeatureCollection","features":{"a":{}}}'),
    "type that is a list": ("a.geojson", lambda: b'{"type":["Feature"],"geometry":null}'),
    "half of a letter": ("a.geojson", lambda: b'{"type":"Feature","properties":{"a":"\\ud800"},"geometry":null}'),
    "a star of a million points": (
        "a.geojson", lambda: geojson(json.dumps([[[106.7 + (n * 7919 % 1000) / 1e4, 21.8 + (n * 104729 % 1000) / 1e4]
                                                  for n in range(300_000)] + [[106.7, 21.8]]]))
    ),
    "a hundred thousand features": (
        "a.geojson", lambda: b'{"type":"FeatureCollection","features":['
        + b",".join([b'{"type":"Feature","properties":{},"geometry":null}'] * 250_000) + b"]}"
    ),
    "KML with entities that unfold": (
        "a.kml", lambda: f'<?xml version="1.0"?>{ENTITIES}<kml><Document><name>&i;</name></Document></kml>'.encode()
    ),
    "KML with entities from elsewhere": (
        "a.kml", lambda: f'<?xml version="1.0"?>{OUTSIDE}<kml><Document><name>&i;</name></Document></kml>'.encode()
    ),
    "KML that links elsewhere": (
        "a.kml", lambda: b'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink><Link><href>'
        b"http://127.0.0.1:9/a.kml</href></Link></NetworkLink></kml>"
    ),
    "KML nested deep": (
        "a.kml", lambda: b'<?xml version="1.0"?><kml>' + b"<Folder>" * 300_000 + b"</Folder>" * 300_000 + b"</kml>"
    ),
    "another format in the name of KML": (
        "a.kml", lambda: b'<?xml version="1.0"?><OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd'
        b"</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    ),
    "shapefile with false lengths": ("a.zip", lambda: shapefile(bytes_said=2**31 - 1)),
    "shapefile with a million points said": ("a.zip", lambda: shapefile(points=200_000_000)),
    "shapefile with points below none": ("a.zip", lambda: shapefile(points=-5)),
    "shapefile of no numbers": ("a.zip", lambda: shapefile(box=(float("nan"),) * 4)),
    "shapefile of gigabytes": (
        "a.zip", lambda: packed({f"a.{part}": b"\0" * (300 << 20) for part in ("shp", "shx", "dbf")}
                                | {"a.prj": "x", "a.cpg": "UTF-8"})
    ),
    "shapefile that climbs out": ("a.zip", lambda: packed({"../../x.shp": b"", "/x.shp": b"", "..\\x.shp": b""})),
    "zip in zip": ("a.zip", lambda: nested_zip(2)),
    "GeoPackage with an endless view": (
        "a.gpkg", lambda: geopackage("drop table t", f"create view t as {_ENDLESS}")
    ),
    "GeoPackage with triggers": (
        "a.gpkg", lambda: geopackage("create trigger x after insert on t begin delete from gpkg_contents; end")
    ),
    "GeoPackage with a huge blob": ("a.gpkg", lambda: geopackage("insert into t values (1, zeroblob(15000000), 'a')")),
    "GeoPackage with false geometry": (
        "a.gpkg", lambda: geopackage("insert into t values (1, x'47500001E6100000010300000001000000FFFFFF7F', 'a')")
    ),
    "GeoPackage cut short": ("a.gpkg", lambda: geopackage()[:5000]),
    "GeoPackage without tables": ("a.gpkg", lambda: b"SQLite format 3\0" + b"\0" * 5000),
}  # fmt: skip

# Reports.

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def text_document(body: str, *, doctype: str = "", more: dict[str, bytes | str] | None = None) -> bytes:
    """Make a DOCX whose body is as given."""
    return packed({
        "[Content_Types].xml": _TYPES.format(f'<Override PartName="/word/document.xml" ContentType="{_DOCX_TYPE}"/>'),
        "_rels/.rels": _RELS.format(
            f'<Relationship Id="r" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
        ),
        "word/document.xml": f'<?xml version="1.0"?>{doctype}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body>'
        "</w:document>",
    } | (more or {}))  # fmt: skip


def _paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def _spanning(columns: int, rows: int = 1) -> str:
    cell = f'<w:tc><w:tcPr><w:gridSpan w:val="{columns}"/></w:tcPr>{_paragraph("a")}</w:tc>'
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{f'<w:tr>{cell}</w:tr>' * rows}</w:tbl>"


def pdf(
    content: bytes, *, page: bytes = b"", kids: bytes = b"[3 0 R]", trailer: bytes = b"", stream: bytes = b""
) -> bytes:
    """Make a PDF of one page with that content."""
    data = zlib.compress(content, 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids" + kids + b"/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>" + page + b">>",
        b"<</Filter/FlateDecode/Length %d" % len(data) + stream + b">>stream\n" + data + b"\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]  # fmt: skip
    made, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    at = len(made)
    made += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return made + b"trailer\n<</Size 6/Root 1 0 R" + trailer + b">>\nstartxref\n%d\n%%%%EOF\n" % at


REPORTS: dict[str, Maker] = {
    "a cell over thirty million columns": lambda: text_document(_spanning(30_000_000)),
    "cells over many columns": lambda: text_document(_spanning(190, 20_000)),
    "nine hundred thousand paragraphs": lambda: text_document("<w:p/>" * 900_000),
    "tables in tables": lambda: text_document(
        "<w:tbl><w:tr><w:tc>" * 2_000 + _paragraph("a") + "</w:tc></w:tr></w:tbl>" * 2_000
    ),
    "elements in elements": lambda: text_document("<w:a>" * 200_000 + "</w:a>" * 200_000),
    "entities that unfold": lambda: text_document(_paragraph("&i;"), doctype=ENTITIES),
    "entities from elsewhere": lambda: text_document(_paragraph("&i;"), doctype=OUTSIDE),
    "a paragraph of fifty megabytes": lambda: text_document(_paragraph("bàn giao " * 4_000_000)),
    "no body": lambda: packed({"[Content_Types].xml": _TYPES.format(""), "word/document.xml": "<x/>"}),
    "a DOCX and a PDF at once": lambda: text_document(_paragraph("a")) + pdf(b"BT ET"),
    "fifty thousand texts": lambda: pdf(b"BT /F 9 Tf " + b"(a) Tj " * 50_000 + b"ET"),
    "fifty thousand states": lambda: pdf(b"q " * 500_000 + b"BT /F 9 Tf (a) Tj ET"),
    "content of gigabytes": lambda: pdf(b" " * (300 << 20)),
    "pages that hold themselves": lambda: pdf(b"BT ET", kids=b"[2 0 R 2 0 R]"),
    "a million pages said": lambda: pdf(b"BT ET", kids=b"[" + b"3 0 R " * 100_000 + b"]"),
    "locked with false keys": lambda: pdf(
        b"BT ET", trailer=b"/Encrypt<</Filter/Standard/V 5/R 6/O(a)/U(b)/P 0>>/ID[(a)(b)]"
    ),
    "locked by a filter unknown": lambda: pdf(b"BT ET", trailer=b"/Encrypt<</Filter/Own/V 99>>/ID[(a)(b)]"),
    "filters upon filters": lambda: pdf(b"BT ET").replace(
        b"/Filter/FlateDecode", b"/Filter[" + b"/FlateDecode" * 500 + b"]"
    ),
    "a PDF without anything": lambda: b"%PDF-1.7\n%%EOF",
    "a PDF cut short": lambda: pdf(b"BT /F 9 Tf (a) Tj ET")[:300],
    "a picture of a pattern unknown": lambda: pdf(b"BT ET").replace(b"/FlateDecode", b"/JBIG2Decode"),
    "arrays in arrays": lambda: pdf(b"BT ET", page=b"/A" + b"[" * 50_000 + b"]" * 50_000),
    "old Word": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "WordDocument".encode("utf-16-le"),
    "NUL in a text": lambda: "bàn giao 12 hộ\0".encode() * 100,
}  # fmt: skip

TEXTS: dict[str, Callable[[], str]] = {
    "twenty thousand lines": lambda: "\n" * 20_000,
    "eighty thousand digits": lambda: "1" * 80_000,
    "one sentence again and again": lambda: "bàn giao 12 hộ " * 1_400,
    "one sentence to the limit": lambda: "bàn giao 12 hộ " * 26_000,
    "numbers and points": lambda: "1.234.567,89 " * 20_000,
    "brackets": lambda: "(" * 100_000,
    "days": lambda: "ngày 24 tháng 10 năm 2022, " * 10_000,
    "letters that turn round": lambda: "\u202ebàn giao 12 hộ\u2066 " * 2_000,
    "marks upon marks": lambda: "a" + "\u0301" * 100_000,
}
"""Pasted where reports are read."""

# Templates.

TEMPLATES: dict[str, Maker] = {
    name: TABLES[name] for name in (
        "merged over a million cells", "merged over a whole sheet", "merged by other words",
        "merged a hundred thousand times", "says it is as wide as can be", "a cell in the last corner",
        "five million shared texts", "a million styles", "entities that unfold", "entities from elsewhere",
        "elements in elements", "unpacks to gigabytes", "one part many times", "thousands of parts",
        "paths that climb out", "locked with a password", "cut short", "a directory that is false", "with macros",
        "links to other workbooks",
    )
} | {
    name: REPORTS[name] for name in (
        "a cell over thirty million columns", "nine hundred thousand paragraphs", "tables in tables", "no body",
        "a DOCX and a PDF at once", "old Word",
    )
} | {
    "braces without end": lambda: text_document(_paragraph("{{" * 100_000)),
    "a field in a million pieces": lambda: text_document(
        "<w:p>" + '<w:r><w:fldChar w:fldCharType="begin"/></w:r>' * 20_000 + "</w:p>"
    ),
}  # fmt: skip

# Scans.


def png(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * (4 << 20), 9))
        + chunk(b"IEND", b"")
    )


def tiff(entries: list[tuple[int, int, int, int]], following: int = 0) -> bytes:
    table = b"".join(struct.pack("<2H2I", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + table + struct.pack("<I", following)


_TIFF = [(256, 4, 1, 100), (257, 4, 1, 100), (258, 3, 1, 8), (262, 3, 1, 1), (273, 4, 1, 8), (279, 4, 1, 10_000)]

SCANS: dict[str, Maker] = {
    "PNG of four milliard points": lambda: png(65_535, 65_535),
    "PNG of more than can be": lambda: png(2**31 - 1, 2**31 - 1),
    "PNG with texts that unfold": lambda: png(10, 10)[:33]
    + struct.pack(">I", len(data := b"a\0\0" + zlib.compress(b"a" * (100 << 20), 9))) + b"zTXt" + data
    + struct.pack(">I", zlib.crc32(b"zTXt" + data)) + png(10, 10)[33:],
    "PNG cut short": lambda: png(10, 10)[:60],
    "TIFF whose pages go round": lambda: tiff(_TIFF, following=8),
    "TIFF of milliards": lambda: tiff([(256, 4, 1, 2**31), (257, 4, 1, 2**31), *_TIFF[2:]]),
    "TIFF with a table without end": lambda: tiff([(n, 4, 2**30, 8) for n in range(256, 300)]),
    "WebP that says more than it has": lambda: (
        b"RIFF\xff\xff\xff\x7fWEBPVP8X\x0a\0\0\0\x10\0\0\0\xff\xff\xff\xff\xff\xff"
    ),
    "JPEG of marks": lambda: b"\xff\xd8" + b"\xff\xfe\0\2" * 1_000_000 + b"\xff\xd9",
    "JPEG of milliards": lambda: b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\3\1\x11\0\2\x11\0\3\x11\0\xff\xd9",
    "PDF and program at once": lambda: b"MZ" + pdf(b"BT ET"),
    "PDF that is locked": lambda: pdf(b"BT ET", trailer=b"/Encrypt<</Filter/Standard/V 1/R 2/O("
                                      + b"a" * 32 + b")/U(" + b"b" * 32 + b")/P 0>>/ID[(a)(b)]"),
    "PDF cut short": lambda: pdf(b"BT ET")[:-30],
    "photograph of a telephone": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 200,
    "drawing": lambda: b"AC1032" + b"\0" * 200,
    "archive": lambda: b"Rar!\x1a\x07\1\0" + b"\0" * 200,
    "picture with a script": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "workbook": lambda: workbook(_ONE),
    "nothing but blanks": lambda: b" \n" * 1000,
}  # fmt: skip

HEAVY = {
    "five million shared texts", "a text of fifty megabytes", "packed in packed", "zip in zip", "unpacks to gigabytes",
    "shapefile of gigabytes", "content of gigabytes", "merged by other words", "fifty thousand texts",
    "GeoPackage with an endless view", "a paragraph of fifty megabytes", "a star of a million points",
    "one sentence to the limit", "one sentence again and again", "eighty thousand digits", "twenty thousand lines",
    "fifty thousand states", "a million styles", "columns without end", "one part many times", "a million pages said",
    "says it is as wide as can be", "numbers and points", "days", "cells over many columns",
    "a hundred thousand features", "sizes that are false", "PNG with texts that unfold", "marks upon marks",
    "elements in elements", "JPEG of marks", "letters that turn round", "a field in a million pieces",
    "braces without end", "KML nested deep",
}  # fmt: skip
"""What takes seconds, to make or to refuse."""
