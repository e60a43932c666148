"""Files of documents: scans and PDF, known by their content, kept by their hash, given only as they were stored.

A file lies in the folder of the setting `GPMB_FILES` under its SHA-256 (``ab/cd/abcd…``), once however often it is
attached. Its row says for which project and document; a scan names people, so that the row shows to those alone who may
have personal data of the project (migration 0016).
"""

import logging
import os
import re
import tempfile
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from gis import audit, catalogue, documents, guard
from gis.errors import Conflict, NotFound, NotReady, UnreadableFile
from gis.intake.scans import PDF, media_type
from gis.model import Attachment
from gis.submission import once
from gis.texts import clean_text

SUFFIXES = {
    PDF: (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/webp": (".webp",),
    "image/tiff": (".tif", ".tiff"),
}
"""What may be attached, and how such files are called. A paper is scanned to PDF or an image (Decree 30/2020/NĐ-CP art.
25 and annex I). Spreadsheets and texts are left out: nobody signs them, and they can hold programs."""
MIB = 1024 * 1024
LONGEST_NAME = 150
Progress = Callable[[int, int], None]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attached:
    """What became of an upload."""

    id: int
    media_type: str
    repeated: bool
    """True where the same file hung on the document already, or the same was sent before."""


def clean_name(name: str | None, kind: str) -> str:
    """Give the name a file is offered under: without folders and control characters, with the suffix of its content."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name or ""))[-1]
    last = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in last)
    last = re.sub(r'[<>:"|?*]+', "_", re.sub(" +", " ", last)).strip(" .")
    stem, dot, suffix = last.rpartition(".")
    if not dot or f".{suffix.lower()}" not in SUFFIXES[kind]:
        stem, suffix = last, SUFFIXES[kind][0][1:]
    return f"{stem[:LONGEST_NAME].strip(' .') or 'file'}.{suffix.lower()}"


def attach(
    session: Session,
    folder: Path,
    project: str,
    document_id: int,
    content: bytes,
    file_name: str | None,
    *,
    most_mib: int,
    by: str,
    key: str,
) -> Attached:
    """Keep a file of a document.

    Parameters
    ----------
    session : Session
        In a transaction of isolation level READ COMMITTED, which the caller ends.
    folder : Path
        Where files lie. Written before the row: a transaction that fails leaves a file that nothing names.
    project : str
        Code of the project that it is attached for.
    document_id : int
    content : bytes
    file_name : str, optional
        As it was called.
    most_mib : int
        Largest size.
    by, key : str
        As for `gis.submission.once`.

    Raises
    ------
    UnreadableFile
        For a file that is not what may be attached, is empty or too large.
    NotFound
        For a project or document that is not there, or not of each other.
    """
    if not content:
        raise UnreadableFile("The file is empty.", parameter="file")
    if len(content) > most_mib * MIB:
        raise UnreadableFile("The file is larger than %(most)s MiB.", parameter="file", most=most_mib)
    kind = guard.read(media_type, content)
    name, digest = clean_name(file_name, kind), sha256(content).hexdigest()
    was_there = []

    def work() -> dict:
        project_id = catalogue.project_id(session, project)
        documents.get(session, project_id, document_id)
        _keep(folder, digest, content)  # also where it was attached already: a damaged file is mended so
        same = session.scalar(
            select(Attachment.id).where(
                Attachment.project_id == project_id, Attachment.document_id == document_id,
                Attachment.sha256 == digest, Attachment.cancelled_at.is_(None),
            )
        )  # fmt: skip
        if same:
            was_there.append(same)
            return {"attachment_id": same}
        values = {
            "document_id": document_id, "project_id": project_id, "sha256": digest, "file_name": name,
            "media_type": kind, "size_bytes": len(content),
        }  # fmt: skip
        made = session.scalar(insert(Attachment).values(**values, recorded_by=by).returning(Attachment.id))
        audit.log_change(session, "attachment", made, who=by, act="attach", project_id=project_id, after=values)
        return {"attachment_id": made}

    request = {"attach": document_id, "project": project, "sha256": digest, "file_name": name}
    done = once(session, request, work, by=by, key=key)
    return Attached(done.result["attachment_id"], kind, bool(done.repeated or was_there))


def listed(session: Session, project_id: int, document_id: int) -> Sequence[Attachment]:
    """List the files of a document that were attached for a project, withdrawn ones too, oldest first."""
    theirs = Attachment.project_id == project_id, Attachment.document_id == document_id
    return session.scalars(select(Attachment).where(*theirs).order_by(Attachment.id)).all()


def get(session: Session, attachment_id: int) -> Attachment:
    """Give the row of a file that was not withdrawn.

    Raises
    ------
    NotFound
        For one that is not there, was withdrawn, or is of a project whose personal data the reader may not have.
    """
    wanted = Attachment.id == min(attachment_id, 2**63 - 1), Attachment.cancelled_at.is_(None)
    found = session.scalar(select(Attachment).where(*wanted))
    if found is None:
        raise NotFound("There is no file %(id)s.", parameter="attachment", id=attachment_id)
    return found


def read(folder: Path, row: Attachment) -> bytes:
    """Give a file's content, if it is still what was stored.

    Raises
    ------
    NotReady
        Where it is gone or was changed on the disk.
    """
    content = _content(folder, row.sha256)
    if content is None:
        log.error("File %s of attachment %s is gone or is not what was stored", row.sha256, row.id)
        raise NotReady(
            "The file “%(name)s” is not there as it was stored: an administrator has to restore it from a backup.",
            name=row.file_name,
        )
    return content


def withdraw(
    session: Session, project_id: int, attachment_id: int, *, reason: str, by: str, key: str
) -> int:  # fmt: skip
    """Take back a file that was attached wrongly: its row stays with the reason, and nobody gets the file any more.

    Parameters
    ----------
    session : Session
    project_id, attachment_id : int
    reason : str
    by, key : str
        As for `gis.submission.once`.

    Returns
    -------
    int
        The document.

    Raises
    ------
    BadParameter
        Without a reason.
    NotFound
    Conflict
        Where it was withdrawn already.
    """
    reason = clean_text(reason, "reason", 2000)

    def work() -> dict:
        wanted = Attachment.id == min(attachment_id, 2**63 - 1), Attachment.project_id == project_id
        row = session.scalar(select(Attachment).where(*wanted))
        if row is None:
            raise NotFound("There is no file %(id)s.", parameter="attachment", id=attachment_id)
        if row.cancelled_at:
            raise Conflict("The file was withdrawn already.", parameter="attachment")
        session.execute(
            update(Attachment)
            .where(Attachment.id == row.id)
            .values(cancelled_at=func.clock_timestamp(), cancelled_by=by, cancel_reason=reason)
            .execution_options(synchronize_session=False)
        )
        audit.log_change(
            session, "attachment", row.id, who=by, act="withdraw", project_id=project_id,
            before={"file_name": row.file_name, "document_id": row.document_id}, after={"cancel_reason": reason},
        )  # fmt: skip
        return {"document_id": row.document_id}

    request = {"withdraw": attachment_id, "project": project_id, "reason": reason}
    return once(session, request, work, by=by, key=key).result["document_id"]


@dataclass(frozen=True)
class Verdict:
    """What `verify` found."""

    files: int
    """Files that are as they were stored."""
    broken: tuple[str, ...]
    """What is wrong, a line each."""
    unnamed: int
    """Files that no row names: left by a transaction that failed, or newer than the database's backup."""


def verify(session: Session, folder: Path, progress: Progress | None = None) -> Verdict:
    """Compute the hash of every file anew.

    Parameters
    ----------
    session : Session
        Of the owner, who sees every row.
    folder : Path
    progress : callable, optional
        Called with files done and files in all.
    """
    rows = session.execute(
        select(Attachment.sha256, func.min(Attachment.id), func.min(Attachment.file_name))
        .group_by(Attachment.sha256)
        .order_by(Attachment.sha256)
    ).all()
    broken = []
    for done, (digest, number, name) in enumerate(rows, 1):
        if _content(folder, digest) is None:
            fate = "was changed" if _place(folder, digest).exists() else "is gone"
            broken.append(f"{digest} {fate} (attachment {number}, {name})")
        if progress:
            progress(done, len(rows))
    named = {digest for digest, _, _ in rows}
    unnamed = sum(path.name not in named for path in folder.glob("??/??/*"))
    return Verdict(len(rows) - len(broken), tuple(broken), unnamed)


def _place(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest[2:4] / digest


def _content(folder: Path, digest: str) -> bytes | None:
    """Give what lies under a hash; None where nothing does, or something else."""
    try:
        content = _place(folder, digest).read_bytes()
    except FileNotFoundError:
        return None
    return content if sha256(content).hexdigest() == digest else None


def _keep(folder: Path, digest: str, content: bytes) -> None:
    """Write a file whole or not at all: readers and a power cut find the old state or the new one."""
    if _content(folder, digest) is not None:
        return
    place = _place(folder, digest)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix="new-", delete=False) as file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                os.replace(file.name, place)
            except OSError:
                os.unlink(file.name)
                raise
    except OSError as error:
        log.error("File %s could not be written: %s", digest, error)
        raise NotReady("The file could not be stored: the server's disk refuses it.") from error
