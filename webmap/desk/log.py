"""The log of a project: who changed what, when, before and after, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from flask import Blueprint, Flask, current_app, url_for
from flask_babel import gettext, lazy_gettext

from gis import logbook
from gis.access import Access
from gis.db import Session
from gis.errors import NotFound
from gis.model import AuditEntry
from gis.register_table import REGISTERS
from webmap import desk, parameters, reads
from webmap.api import csv_answer
from webmap.auth import access
from webmap.desk import sent
from webmap.i18n import area, day, money
from webmap.session import session
from webmap.words import document_kind_name, step_name

bp = Blueprint("log", __name__)
TAB = desk.Tab("log.show", lazy_gettext("Log"))
PAGE = 50
MOST_ROWS = 100_000

ACTS = {
    "record": lazy_gettext("recorded"),
    "enter": lazy_gettext("entered"),
    "amend": lazy_gettext("changed"),
    "void": lazy_gettext("voided"),
    "undo": lazy_gettext("voided with its whole act"),
    "cancel": lazy_gettext("cancelled"),
    "attach": lazy_gettext("file attached"),
    "withdraw": lazy_gettext("file withdrawn"),
    "register": lazy_gettext("registered"),
    "adopt_boundary": lazy_gettext("boundary put on record"),
    "enter_figure": lazy_gettext("figure entered"),
    "correct_figure": lazy_gettext("figure corrected"),
    "withdraw_figure": lazy_gettext("figure taken back"),
}
ENTITIES = {
    "event": lazy_gettext("what happened"),
    "document": lazy_gettext("official document"),
    "attachment": lazy_gettext("file"),
    "case": lazy_gettext("case"),
    "holder": lazy_gettext("holder"),
    "affected_parcel": lazy_gettext("affected parcel"),
    "boundary": lazy_gettext("boundary"),
    "obstacle": lazy_gettext("obstacle"),
    "petition": lazy_gettext("petition"),
    "project": lazy_gettext("project"),
    "project_part": lazy_gettext("part"),
    "project_target": lazy_gettext("target"),
    "key_designation": lazy_gettext("key project"),
    "funding_line": lazy_gettext("funding"),
    "reported_figure": lazy_gettext("reported figure"),
    "resettlement_site": lazy_gettext("resettlement site"),
    "resettlement_plot": lazy_gettext("resettlement plot"),
}
FIELDS = {
    "kind": lazy_gettext("Kind"),
    "valid_on": lazy_gettext("Day"),
    "part_id": lazy_gettext("Part"),
    "case_id": lazy_gettext("Case"),
    "affected_parcel_id": lazy_gettext("Parcel"),
    "document_id": lazy_gettext("Document"),
    "unit_id": lazy_gettext("Unit"),
    "area_m2": lazy_gettext("m²"),
    "amount_vnd": lazy_gettext("Amount"),
    "plots": lazy_gettext("Plots"),
    "plot_id": lazy_gettext("Plot"),
    "suspended_step": lazy_gettext("Step suspended"),
    "note": lazy_gettext("Note"),
    "voids_id": lazy_gettext("Voids event"),
    "number": lazy_gettext("Number"),
    "issued_on": lazy_gettext("Day issued"),
    "issuer": lazy_gettext("Issuer"),
    "title": lazy_gettext("What it is about"),
    "version": lazy_gettext("Version"),
    "file_name": lazy_gettext("File"),
    "media_type": lazy_gettext("Type of file"),
    "size_bytes": lazy_gettext("Size in bytes"),
    "sha256": lazy_gettext("SHA-256"),
    "reason": lazy_gettext("Reason"),
    "cancel_reason": lazy_gettext("Reason"),
    "code": lazy_gettext("Code"),
    "registered_on": lazy_gettext("Registered on"),
    "description": lazy_gettext("Description"),
    "owner": lazy_gettext("Owner"),
    "resolved_on": lazy_gettext("Resolved on"),
    "valid_from": lazy_gettext("From day"),
    "source": lazy_gettext("Source"),
}
NOT_TOLD = {"id", "project_id", "recorded_by", "recorded_at"}
"""Told beside the change already: of which project, by whom, when."""


@dataclass(frozen=True)
class Told:
    """An entry in words."""

    number: int
    at: object
    who: str
    act: str
    entity: str
    record: str
    """By what people know the record."""
    link: str | None
    changes: list[tuple[str, str, str]]
    """Name of the field, before, after."""


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.get("/desk/projects/<code>/log")
@access(Access.DESK)
def show(code: str):
    """Show the log, newest first, to whoever may have personal data of the project: entries tell of single cases."""
    project = desk.here(code)
    asked = _asked()
    if not project.may_see_personal:
        return desk.page("desk/log.html", project, listed=None)
    s = session()
    found = logbook.entries(s, project.id, **asked, before=sent.in_address("before", most=2**63 - 1), most=PAGE + 1)
    reads.log_personal(project.id, sorted(set(logbook.cases_of(s, found[:PAGE]).values())), "log")
    return desk.page(
        "desk/log.html", project, listed=told(s, found[:PAGE], project.code), asked=asked,
        entities={key: entity_name(key) for key in logbook.entities(s, project.id)},
        older=found[PAGE - 1].id if len(found) > PAGE else None,
        filters={name: value for name, value in _filters().items() if value},
    )  # fmt: skip


@bp.get("/desk/projects/<code>/log.csv")
@access(Access.DESK)
def show_csv(code: str):
    project = desk.here(code)
    asked = _asked()
    if not project.may_see_personal:
        raise NotFound("There is no such page.")
    s = session()
    found = told(s, logbook.entries(s, project.id, **asked, most=MOST_ROWS), project.code)
    header = ["number", "at", "who", "act", "record", "name", "field", "before", "after"]
    rows = [
        [one.number, one.at.isoformat(timespec="seconds"), one.who, one.act, one.entity, one.record, *change]
        for one in found
        for change in one.changes or [("", "", "")]
    ]
    reads.log_export("log.csv", project.id, len(found))
    return csv_answer(header, rows, f"{code}-log.csv")


def _filters() -> dict[str, str]:
    parameters.only("who", "entity", "since", "upto", "before")
    return {name: parameters.text(name) or "" for name in ("who", "entity", "since", "upto")}


def _asked() -> dict:
    given = _filters()
    return {
        "who": given["who"] or None, "entity": given["entity"] or None,
        "since": parameters.day("since"), "upto": parameters.day("upto"),
    }  # fmt: skip


def told(s: Session, entries: Sequence[AuditEntry], code: str | None = None) -> list[Told]:
    """Tell entries of the log in the reader's words, with links where the project's code is given."""
    names, cases = logbook.names(s, entries), logbook.cases_of(s, entries)
    made = []
    for one in entries:
        record, link = _record(one, names, cases.get(one.entity_id) if one.entity == "event" else None, code)
        made.append(
            Told(one.id, one.at, one.who, str(ACTS.get(one.act, one.act)), entity_name(one.entity), record, link,
                 _changes(one, names))
        )  # fmt: skip
    return made


def entity_name(entity: str) -> str:
    """Give the name of a kind of record; an unknown one stays as it is."""
    return str(ENTITIES.get(entity, entity))


def _record(one: AuditEntry, names: dict, case: str | None, code: str | None) -> tuple[str, str | None]:
    """Give what a record is known by, and where it is shown."""
    values = (one.before or {}) | (one.after or {})
    if one.entity == "event":
        name = step_name(values["kind"]) if values.get("kind") != "correction" else gettext("correction")
        if case:
            return f"{name} · {case}", _to("case.show", code=code, case=case)
        return name, _to("course.show", code=code)
    if one.entity == "document":
        return values.get("number") or names.get(("document_id", one.entity_id), f"{one.entity_id}"), _to(
            "documents.show", code=code, number=one.entity_id
        )
    if one.entity == "attachment":
        return values.get("file_name", ""), _to("documents.show", code=code, number=values.get("document_id"))
    known = ("code", "name", "number", "description", "subject", "title")
    name = next((values[field] for field in known if isinstance(values.get(field), str)), f"{one.entity_id}")[:80]
    return name, _to_record(one, name, code)


def _to_record(one: AuditEntry, name: str, code: str | None) -> str | None:
    """Give the page of a case, of an outline, or of what stands in a register."""
    if one.entity == "case":
        return _to("case.show", code=code, case=name)
    if one.entity == "boundary":
        return _to("boundary.show", code=code)
    register = next((kept for kept, found in REGISTERS.items() if found.entity == one.entity), None)
    if register in (None, "project"):
        return None
    return _to("desk_registers.one", code=code, register=register, number=one.entity_id)


def _to(endpoint: str, **values) -> str | None:
    there = endpoint in current_app.view_functions and None not in values.values()
    return url_for(endpoint, **values) if there else None


def _changes(one: AuditEntry, names: dict) -> list[tuple[str, str, str]]:
    before, after = one.before or {}, one.after or {}
    fields = [name for name in {**before, **after} if name not in NOT_TOLD]
    return [
        (_field(one.entity, name), _value(one.entity, name, before.get(name), names),
         _value(one.entity, name, after.get(name), names))
        for name in fields
        if before.get(name) is not None or after.get(name) is not None
    ]  # fmt: skip


def _field(entity: str, name: str) -> str:
    """Give the name of a field: of its register, or as such; an unknown one stays as it is."""
    register = next((one for one in REGISTERS.values() if one.entity == entity), None)
    if entity != "document" and register and name in register.by_name:
        return gettext(register.by_name[name].label)
    return str(FIELDS.get(name, name))


def _value(entity: str, name: str, value: object, names: dict) -> str:
    """Write a value the reader's way."""
    if value is None:
        return ""
    if name in ("kind", "suspended_step", "step"):
        return document_kind_name(value) if entity == "document" else step_name(str(value))
    if (name, value) in names:
        return names[name, value]
    try:
        if name.endswith("_on") or name in ("valid_from", "due_on"):
            return day(date.fromisoformat(str(value)))
        if name.endswith("_m2"):
            return area(Decimal(str(value)))
        if name.endswith("_vnd"):
            return money(Decimal(str(value)))
    except (ValueError, InvalidOperation):
        pass
    return str(value)
