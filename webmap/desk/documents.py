"""Documents of a project: list, entering and amending them, what rests on them, and their files."""

import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from io import BytesIO
from pathlib import Path
from secrets import token_urlsafe

import click
from flask import Blueprint, Flask, Response, current_app, flash, redirect, request, send_file, url_for
from flask.cli import AppGroup
from flask_babel import gettext, lazy_gettext
from tqdm import tqdm

from gis import attachments, audit, db, documents, registers
from gis.access import Access
from gis.documents import Listed
from gis.errors import BadParameter, Conflict, GisError, NotAllowed, NotFound
from gis.intake.given import SCANS
from gis.record import DOCUMENT_KINDS, NewDocument
from webmap import desk, entry, parameters, reads, uploads
from webmap.api import csv_answer
from webmap.auth import access, reader
from webmap.config import ROOT
from webmap.desk import papers, sent
from webmap.desk.log import told
from webmap.session import session, writing
from webmap.words import document_kind_name, step_name

bp = Blueprint("documents", __name__)
TAB = desk.Tab("documents.listing", lazy_gettext("Documents"))
PAGE = 100
SORTS = {
    "-issued_on": lazy_gettext("newest first"),
    "issued_on": lazy_gettext("oldest first"),
    "number": lazy_gettext("number"),
    "kind": lazy_gettext("kind"),
    "issuer": lazy_gettext("issuer"),
}
REGISTERS = {
    "project_target": lazy_gettext("Targets"),
    "funding_line": lazy_gettext("Funding"),
    "petition": lazy_gettext("Petitions"),
}
FIELDS = {
    "kind": lazy_gettext("Kind of document"),
    "number": lazy_gettext("Number"),
    "issued_on": lazy_gettext("Day issued"),
    "issuer": lazy_gettext("Issuer"),
    "title": lazy_gettext("What it is about"),
}
MIB = 1024 * 1024
UPLOADS = ("documents.upload", "documents.send_file_in")


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(rests_on=rests_on, document_kind_name=document_kind_name)
    papers.init_app(app)
    app.register_blueprint(bp)
    app.cli.add_command(files)


files = AppGroup("files", help="Files of documents.")


@files.command("verify")
def verify_files():
    """Compute the hash of every file anew; fail when one is gone or is not what was stored."""
    engine = db.make_engine(current_app.config["DATABASE_URL"], application="mat-bang command")
    with db.reading_session(engine) as s, tqdm(unit=" files", desc="Files", file=sys.stderr) as bar:

        def shown(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        found = attachments.verify(s, _folder(), shown)
    engine.dispose()
    for line in found.broken:
        click.echo(line)
    if found.unnamed:
        click.echo(f"{found.unnamed} files that no document names.")
    if found.broken:
        raise click.ClickException(f"{len(found.broken)} files are broken: restore them from a backup.")
    click.echo(f"{found.files} files are as they were stored.")


@bp.url_value_preprocessor
def let_files_in(endpoint: str, _values: dict | None) -> None:
    """Let a form with a file be larger than others. Before all else: looking for its token reads the whole form."""
    if endpoint in UPLOADS:
        request.max_content_length = (_most_mib() + 1) * MIB  # with what stands around the file


def _most_mib() -> int:
    return current_app.config["GPMB_ATTACHMENT_MIB"]


def _folder() -> Path:
    return ROOT / current_app.config["GPMB_FILES"]


def rests_on(rests: dict[str, int]) -> list[str]:
    """Say what rests on a document: 12 × Bàn giao mặt bằng."""
    named = [(REGISTERS.get(what) or step_name(what), number) for what, number in sorted(rests.items())]
    return [f"{number} × {name}" for name, number in named]


# Pages.


@bp.get("/desk/projects/<code>/documents")
@access(Access.DESK)
def listing(code: str):
    parameters.only("q", "kind", "sort", "page")
    return _list(desk.here(code), {})


@bp.post("/desk/projects/<code>/documents")
@access(Access.DESK)
def new(code: str):
    project = desk.recording(code)
    given = request.form
    try:
        paper = papers.given(given.to_dict() | {"document": given.get("number", "")})
        if paper is None:
            raise BadParameter("“%(name)s” must be given.", parameter="number", name="number")
        paper = replace(paper, title=given.get("title"))
        with writing() as s:
            done = documents.enter(s, code, paper, by=desk.by(), key=desk.submission_key())
    except GisError as error:
        return _list(project, given, error)
    if done.result.get("known"):
        flash(gettext("This document is on record already: here it is. It was not entered a second time; what differs "
                      "from what you typed is put right here."))  # fmt: skip
    return redirect(url_for("documents.show", code=code, number=done.result["document_id"]))


@bp.get("/desk/projects/<code>/documents.csv")
@access(Access.DESK)
def listing_csv(code: str):
    parameters.only("q", "kind", "sort")
    project = desk.here(code)
    found = _filtered(project)
    header = ["id", "kind", "number", "issued_on", "issuer", "title", "rests_on", "attachments"]
    rows = [
        [d.id, d.kind, d.number, d.issued_on and d.issued_on.isoformat(), d.issuer, d.title,
         "; ".join(f"{what}={number}" for what, number in sorted(d.rests.items())), d.attachments]
        for d in found
    ]  # fmt: skip
    reads.log_export("documents.csv", project.id, len(rows))
    return csv_answer(header, rows, f"{code}-documents.csv")


@bp.get("/desk/projects/<code>/documents/<int:number>")
@access(Access.DESK)
def show(code: str, number: int):
    parameters.only()
    return _show(desk.here(code), number)


@bp.post("/desk/projects/<code>/documents/<int:number>")
@access(Access.DESK)
def amend(code: str, number: int):
    project = desk.recording(code)
    given = request.form
    try:
        changes = {
            "number": given.get("number"), "issued_on": entry.day("issued_on", given.get("issued_on")),
            "issuer": given.get("issuer"), "title": given.get("title"),
        }  # fmt: skip
        if given.get("document_kind"):
            changes["kind"] = given["document_kind"]
        version = entry.whole("version", given.get("version")) or 0
        with writing() as s:
            documents.get(s, project.id, number)
            _require_all(s, project, number)
            registers.amend(s, "document", number, changes, expected_version=version, by=desk.by())
    except (BadParameter, Conflict, NotAllowed) as error:
        return _show(project, number, given, error)
    flash(gettext("Saved."))
    return redirect(url_for("documents.show", code=code, number=number))


@bp.post("/desk/projects/<code>/documents/<int:number>/attachments")
@access(Access.DESK)
def upload(code: str, number: int):
    project = desk.recording(code)
    try:
        done = _attach(project, number)
    except GisError as error:
        if isinstance(error, NotFound):
            raise
        return _show(project, number, {}, error)
    flash(gettext("This file was attached already.") if done.repeated else gettext("The file is attached."))
    return redirect(url_for("documents.show", code=code, number=number))


@bp.post("/desk/projects/<code>/attachments/<int:number>/withdraw")
@access(Access.DESK)
def withdraw(code: str, number: int):
    project = desk.recording(code)
    with writing() as s:
        row = attachments.get(s, number)
        document_id = row.document_id
        try:
            attachments.withdraw(
                s, project.id, number, reason=request.form.get("reason", ""), by=desk.by(), key=desk.submission_key()
            )
        except BadParameter as error:
            return _show(project, document_id, {}, error)
    flash(gettext("The file is withdrawn: nobody gets it any more."))
    return redirect(url_for("documents.show", code=code, number=document_id))


@bp.get("/api/v1/attachments/<int:number>")
@bp.get("/desk/attachments/<int:number>")
@access(Access.DESK)
def download(number: int):
    """Give a file, to keep and never to show: whatever it is, it runs nothing here."""
    row = attachments.get(session(), number)
    if not reader().may_see_personal(row.project_id):
        raise NotFound("There is no file %(id)s.", parameter="attachment", id=number)
    content = attachments.read(_folder(), row)
    reads.log_export(f"attachment {row.id}", row.project_id, 1)
    answer = send_file(BytesIO(content), row.media_type, as_attachment=True, download_name=row.file_name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _attach(project: desk.Here, number: int) -> attachments.Attached:
    file = uploads.needed(SCANS, most_mib=_most_mib())
    with writing() as s:
        return attachments.attach(
            s, _folder(), project.code, number, file.content, file.name, most_mib=_most_mib(), by=desk.by(),
            key=desk.submission_key(),
        )  # fmt: skip


def _require_all(s, project: desk.Here, number: int) -> None:
    """Refuse to change a document that other projects rest on too, unless all of them are the reader's to change."""
    if not all(map(reader().may_record, documents.others(s, project.id, number))):
        raise NotAllowed("Other projects rest on this document too: only who keeps all of them may change it.")


def _filtered(project: desk.Here) -> list[Listed]:
    """List the documents asked for. Subjects may name people: they are for who may have personal data."""
    q, kind = (request.args.get("q") or "").strip().lower(), request.args.get("kind")
    sort = request.args.get("sort") or "-issued_on"
    if sort not in SORTS:
        raise BadParameter(
            "Cannot sort by “%(name)s”: give one of %(choices)s.",
            parameter="sort", name=sort, choices=", ".join(SORTS),
        )  # fmt: skip
    found = [_readable(project, one) for one in documents.listed(session(), project.id)]
    if kind:
        found = [one for one in found if one.kind == kind]
    if q:
        found = [one for one in found if q in " ".join(filter(None, (one.number, one.issuer, one.title))).lower()]
    if sort != "-issued_on":  # that is how they come
        found.sort(key=lambda one: (getattr(one, sort) is None, getattr(one, sort) or ""))
    return found


def _readable(project: desk.Here, one: Listed) -> Listed:
    return one if project.may_see_personal else replace(one, title=None)


def _list(project: desk.Here, given: dict, error: GisError | None = None) -> Response:
    found = _filtered(project)
    page = sent.in_address("page", most=10**6) or 1
    return desk.page(
        "desk/documents/list.html", project, error, found=len(found), listed=found[(page - 1) * PAGE : page * PAGE],
        page=page, pages=max(1, -(-len(found) // PAGE)), kinds=_kinds(), sorts=SORTS, given=given,
        key=token_urlsafe(12),
        asked={name: request.args.get(name, "") for name in ("q", "kind", "sort")},
    )  # fmt: skip


def _kinds() -> dict[str, str]:
    return {kind: document_kind_name(kind) for kind in DOCUMENT_KINDS}


def _show(project: desk.Here, number: int, given: dict | None = None, error: GisError | None = None) -> Response:
    found = _readable(project, documents.get(session(), project.id, number))
    files: Sequence = attachments.listed(session(), project.id, number) if project.may_see_personal else ()
    history = audit.history(session(), "document", number) if project.may_see_personal else ()
    shown = {name: getattr(found, name) for name in FIELDS} | {"version": found.version}
    return desk.page(
        "desk/documents/document.html", project, error, document=found, files=files, fields=FIELDS,
        events=documents.events(session(), project.id, number), history_told=told(session(), history),
        versions=getattr(error, "versions", None), given=given or shown, key=token_urlsafe(12), most_mib=_most_mib(),
        suffixes=",".join(s for names in attachments.SUFFIXES.values() for s in names),
    )  # fmt: skip


# For programs.


@bp.get("/api/v1/projects/<code>/documents")
@access(Access.DESK)
def api_listing(code: str):
    parameters.only("q", "kind", "sort")
    return {"documents": [_json(one) for one in _filtered(desk.here(code))]}


@bp.post("/api/v1/projects/<code>/documents")
@access(Access.DESK)
def api_new(code: str):
    desk.recording(code)
    given = sent.body("kind", "number", "issued_on", "issuer", "title", "key")
    texts = {name: sent.text(given, name) for name in ("kind", "number", "issuer", "title")}
    paper = NewDocument(texts["kind"] or "", texts["number"] or "", sent.day(given, "issued_on"),
                        texts["issuer"], texts["title"])  # fmt: skip
    with writing() as s:
        done = documents.enter(s, code, paper, by=desk.by(), key=desk.submission_key())
    return {"document": done.result["document_id"], "act": done.act_id, "repeated": done.repeated}, 201


@bp.get("/api/v1/projects/<code>/documents/<int:number>/attachments")
@access(Access.DESK)
def files_of(code: str, number: int):
    project = desk.here(code)
    documents.get(session(), project.id, number)
    if not project.may_see_personal:
        return {"attachments": []}
    return {"attachments": [_file_json(row) for row in attachments.listed(session(), project.id, number)]}


@bp.post("/api/v1/projects/<code>/documents/<int:number>/attachments")
@access(Access.DESK)
def send_file_in(code: str, number: int):
    done = _attach(desk.recording(code), number)
    return {"attachment": done.id, "media_type": done.media_type, "repeated": done.repeated}, 201


def _json(one: Listed) -> dict:
    return asdict(one) | {"issued_on": one.issued_on and one.issued_on.isoformat()}


def _file_json(row) -> dict:
    made = {name: getattr(row, name) for name in ("id", "sha256", "file_name", "media_type", "size_bytes")}
    return made | {"recorded_by": row.recorded_by, "recorded_at": row.recorded_at.isoformat(),
                   "withdrawn": row.cancel_reason}  # fmt: skip
