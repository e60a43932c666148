"""Files of documents: told by their content, kept once, refused when they are not what was stored."""

import io
import os
import zipfile
from hashlib import sha256

import pytest
from PIL import Image
from sqlalchemy import select, text

from gis import attachments, audit, db, documents
from gis.errors import BadParameter, Conflict, NotFound, NotReady, UnreadableFile
from gis.model import Attachment
from gis.record import NewDocument
from tests import factories as make


def pdf(size: int = 0) -> bytes:
    """A PDF of one page; of a size, where it shall be large."""
    made, places = b"%PDF-1.7\n", []
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"]  # fmt: skip
    if size:
        objects.append(b"<</Length %d>>stream\n" % (size - 500) + b" " * (size - 500) + b"\nendstream")
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, body)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n"
    made += end % (count, rows, count, len(made))
    return made + b"%" * max(0, size - len(made))


PDF = pdf()


def picture(form: str, side: int = 8, more: bytes = b"") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (side, side), "red").save(made, form)
    return made.getvalue() + more


def zip_bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "0" * 20_000_000)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PDF, "application/pdf"), (picture("PNG"), "image/png"), (picture("JPEG"), "image/jpeg"),
     (picture("WEBP"), "image/webp"), (picture("TIFF"), "image/tiff")],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_scan_is_known_by_its_content(content, kind):
    assert attachments.media_type(content) == kind


@pytest.mark.parametrize(
    "content",
    {
        "html": b"<html><script>alert(1)</script>",
        "html after blanks": b"  \n<!doctype html>%PDF-1.7 %%EOF",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "gif and script": b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)//",
        "a real gif": picture("GIF"),
        "workbook that swells": zip_bomb(),
        "program": b"MZ" + b"\0" * 100,
        "png cut short": picture("PNG", 200)[:60],
        "pdf cut short": PDF[:30],
        "pdf without pages": b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\nstartxref\n9\n%%EOF\n",
        "pdf whose pages are themselves": PDF.replace(b"Kids[3 0 R]", b"Kids[2 0 R]"),
        "jpeg cut short": picture("JPEG", 200)[:-200],
        "tiff cut short": picture("TIFF", 200)[:2000] + picture("TIFF", 200)[-400:],
        "the first letters of a png": b"\x89PNG\r\n\x1a\n<script>",
        "nothing known": os.urandom(500),
    }.items(),
    ids=lambda value: value[0],
)
def test_anything_else_is_refused_whatever_it_is_called(content):
    with pytest.raises(UnreadableFile):
        attachments.media_type(content[1])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\scans\\Quyết định 15.PDF", "Quyết định 15.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "a Set-Cookie_ x=1.pdf"),
        ("..", "file.pdf"),
        ("", "file.pdf"),
        (None, "file.pdf"),
        ("bill.exe", "bill.exe.pdf"),
        ("x" * 500 + ".pdf", "x" * 150 + ".pdf"),
        ("\u202efdp.exe", "fdp.exe.pdf"),
        ('a"b;c.pdf', "a_b;c.pdf"),
    ],
)
def test_a_name_has_no_folder_and_the_suffix_of_its_content(given, kept):
    assert attachments.clean_name(given, "application/pdf") == kept


class Office:
    """Two projects, a document of the first, and a folder."""

    def __init__(self, session, folder):
        self.session, self.folder = session, folder
        self.project, self.other = make.project(session), make.project(session)
        paper = NewDocument("decision", "15/QĐ-UBND")
        self.paper = documents.enter(session, self.project.code, paper, by="lan", key="d").result["document_id"]
        self.keys = iter(f"key {n}" for n in range(1000))

    def attach(self, content=PDF, name="a.pdf", *, key=None, project=None, paper=None, most_mib=1):
        return attachments.attach(
            self.session, self.folder, (project or self.project).code, paper or self.paper, content, name,
            most_mib=most_mib, by="lan", key=key or next(self.keys),
        )  # fmt: skip

    def files(self) -> list:
        return [path for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture
def office(session, tmp_path) -> Office:
    return Office(session, tmp_path / "files")


def test_a_file_is_kept_once_under_its_hash_and_told_in_the_log(office):
    made = office.attach(key="k")
    digest = sha256(PDF).hexdigest()
    assert [str(path.relative_to(office.folder)) for path in office.files()] == [f"{digest[:2]}/{digest[2:4]}/{digest}"]
    assert office.attach(key="k").id == made.id, "sent twice"
    again = office.attach(name="b.pdf")
    assert (again.id, again.repeated) == (made.id, True), "the same file on the same document"
    row = attachments.get(office.session, made.id)
    assert attachments.read(office.folder, row) == PDF
    told = audit.history(office.session, "document", office.paper)
    assert [entry.act for entry in told] == ["record", "attach"]
    assert told[-1].after["sha256"] == digest
    assert audit.verify(office.session).broken is None


def test_the_same_file_of_another_project_is_another_row_and_one_file(office):
    paper = documents.enter(office.session, office.other.code, NewDocument("plan", "1"), by="lan", key="o")
    first = office.attach()
    second = office.attach(project=office.other, paper=paper.result["document_id"])
    assert first.id != second.id
    assert len(office.files()) == 1
    with pytest.raises(NotFound):
        office.attach(project=office.other)  # a document of the first project alone


def test_a_byte_above_the_limit_is_refused_and_nothing_is_written(office):
    full = PDF[:-6] + b" " * (1024 * 1024 - len(PDF)) + PDF[-6:]
    assert len(full) == 1024 * 1024
    office.attach(full)
    with pytest.raises(UnreadableFile, match="larger than 1 MiB"):
        office.attach(full + b"\n")
    with pytest.raises(UnreadableFile, match="empty"):
        office.attach(b"")
    assert len(office.files()) == 1


def test_a_file_changed_on_the_disk_is_refused_and_found(office, caplog):
    good, gone = office.attach(), office.attach(picture("PNG"), "b.png")
    place = next(path for path in office.files() if path.read_bytes() == PDF)
    place.write_bytes(PDF.replace(b"1.7", b"1.6"))
    next(path for path in office.files() if path != place).unlink()
    for made in (good, gone):
        with pytest.raises(NotReady, match="restore it from a backup"):
            attachments.read(office.folder, attachments.get(office.session, made.id))
    assert "is not what was stored" in caplog.text
    (place.parent / "left").write_bytes(b"x")
    steps = []
    found = attachments.verify(office.session, office.folder, lambda done, total: steps.append((done, total)))
    assert found.files == 0
    assert sorted(line.split(" (")[0].split(" ", 1)[1] for line in found.broken) == ["is gone", "was changed"]
    assert (found.unnamed, steps) == (1, [(1, 2), (2, 2)])
    assert office.attach(name="c.pdf").repeated
    assert place.read_bytes() == PDF, "attached once more it is mended"


def test_a_file_attached_wrongly_is_withdrawn_and_stays_in_the_log(office):
    made = office.attach()
    with pytest.raises(BadParameter):
        attachments.withdraw(office.session, office.project.id, made.id, reason=" ", by="lan", key="w0")
    with pytest.raises(NotFound):
        attachments.withdraw(office.session, office.other.id, made.id, reason="x", by="lan", key="w1")
    attachments.withdraw(office.session, office.project.id, made.id, reason="nhầm hộ", by="lan", key="w2")
    with pytest.raises(NotFound):
        attachments.get(office.session, made.id)
    with pytest.raises(Conflict):
        attachments.withdraw(office.session, office.project.id, made.id, reason="nhầm hộ", by="lan", key="w3")
    row = attachments.listed(office.session, office.project.id, office.paper)[0]
    office.session.refresh(row)
    assert (row.cancel_reason, row.cancelled_by) == ("nhầm hộ", "lan")
    assert not office.attach().repeated, "it can be attached anew"


def test_a_row_shows_to_who_may_have_personal_data_of_its_project_alone(office):
    made = office.attach()
    office.session.flush()
    office.session.execute(text(f"set local role {db.WEB_ROLE}"))
    asked = select(Attachment.id)

    def seen(personal):
        office.session.execute(text("select set_config('gpmb.personal', :ids, true)"), {"ids": personal})
        return office.session.scalars(asked).all()

    assert seen("") == []
    assert seen(f"{{{office.other.id}}}") == []
    assert seen(f"{{{office.project.id}}}") == [made.id]
    assert seen("*") == [made.id]
