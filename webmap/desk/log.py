"""The log of a project: who changed what, when, before and after, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from flask import Blueprint, Flask, current_app, url_for
from flask_babel import get_locale, gettext, lazy_gettext

from gis import logbook, recording
from gis.access import Access
from gis.db import Session
from gis.errors import NotFound
from gis.model import AuditEntry
from gis.register_table import REGISTERS, Field, Kind
from webmap import desk, parameters, reads
from webmap.api import csv_answer
from webmap.auth import access
from webmap.desk import sent
from webmap.i18n import area, count, day, money
from webmap.session import session
from webmap.words import HOLDERS, choice_name, document_kind_name, step_name

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
    "amend_holder": lazy_gettext("holder put right"),
    "costs": lazy_gettext("cost lines entered"),
    "erase": lazy_gettext("personal data erased"),
    "permit": lazy_gettext("payment beyond the plan permitted"),
    "correct": lazy_gettext("put right"),
    "reinstate": lazy_gettext("reinstated"),
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
    "parcel": lazy_gettext("parcel"),
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
    "permitted_vnd": lazy_gettext("May be paid up to, in all"),
    "replaces": lazy_gettext("Replaces the plan before"),
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
    "part": lazy_gettext("Part of the project"),
    "holder_kind": lazy_gettext("Kind of holder"),
    "identity": lazy_gettext("Identity"),
    "identity_changed": lazy_gettext("Put right of the holder"),
    "full_name": lazy_gettext("Full name"),
    "identity_number": lazy_gettext("Identity number"),
    "phone": lazy_gettext("Phone"),
    "address": lazy_gettext("Address"),
    "parcels": lazy_gettext("Parcels"),
    "land_of_no_holder": lazy_gettext("Land of no holder"),
    "legal_areas": lazy_gettext("Legal area (m²)"),
    "parcel_names": lazy_gettext("Commune, sheet, number"),
    "land_uses": lazy_gettext("Land use"),
    "cost_lines": lazy_gettext("Cost lines"),
    "boundary_id": lazy_gettext("Outline"),
    "affected_area_id": lazy_gettext("Change of area"),
    "parcel_id": lazy_gettext("Parcel"),
    "erased": lazy_gettext("Erased"),
    "order": lazy_gettext("Ordered by"),
    "figure": lazy_gettext("Figure"),
    "source_line": lazy_gettext("Where it stands"),
    "way": lazy_gettext("How it came in"),
    "quote": lazy_gettext("Quote"),
    "proposed": lazy_gettext("Proposed by the reader"),
    "replaced_by_id": lazy_gettext("Replaced by"),
    "indicator": lazy_gettext("Indicator"),
    "basis": lazy_gettext("Counted how"),
    "from_on": lazy_gettext("From day"),
    "to_on": lazy_gettext("To day"),
    "period_basis": lazy_gettext("Period as stated"),
    "holder": lazy_gettext("Kind of holder"),
    "documents": lazy_gettext("Documents"),
    "projects": lazy_gettext("Projects"),
    "households": lazy_gettext("Households"),
    "organisations": lazy_gettext("Organisations"),
    "communities": lazy_gettext("Communities"),
    "of_households": lazy_gettext("Of households"),
    "of_area_m2": lazy_gettext("Of m²"),
    "count": lazy_gettext("Number"),
    "percent": lazy_gettext("Percent"),
    "part_of": lazy_gettext("Part of"),
    "derivable": lazy_gettext("Can be derived from records"),
    "restriction": lazy_gettext("Restricted to"),
}
_WORDS = {
    "holder_kind": HOLDERS,
    "holder": HOLDERS,
    "identity": {"entered": lazy_gettext("entered"), "known before": lazy_gettext("known before")},
    "erased": {"identity": lazy_gettext("Identity")},
    "identity_changed": FIELDS,
    "way": {
        "form": lazy_gettext("by form"),
        "sheet": lazy_gettext("from a sheet"),
        "api": lazy_gettext("by program"),
        "read": lazy_gettext("read from a report"),
    },
}
"""Values of fields that are words of ours."""
_PARCELS = ("parcels", "land_of_no_holder", "legal_areas", "parcel_names", "land_uses")
"""Fields that hold parcels, `unit sheet/number`, each with its area."""
NOT_TOLD = {"id", "project_id", "recorded_by", "recorded_at", "version", "case_version"}
"""Told beside the change already: of which project, by whom, when; and how often something was changed before."""


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
    names, cases, codes = logbook.names(s, entries), logbook.cases_of(s, entries), logbook.codes(s, entries)
    of = {"event": cases, "case": codes}
    made = []
    for one in entries:
        record, link = _record(one, names, of.get(one.entity, {}).get(one.entity_id), code)
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
        kind = values.get("kind")
        name = step_name(str(kind or "")) if kind != "correction" else gettext("correction")
        if case:
            return f"{name} · {case}", _to("case.show", code=code, case=case)
        return name, _to("course.show", code=code)
    if one.entity == "case" and case:
        return case, _to("case.show", code=code, case=case)
    if one.entity == "document":
        number = _text(values, "number") or names.get(("document_id", one.entity_id), f"{one.entity_id}")
        return number, _to("documents.show", code=code, number=one.entity_id)
    if one.entity == "attachment":
        paper = values.get("document_id")
        return _text(values, "file_name"), _to(
            "documents.show", code=code, number=paper if type(paper) is int else None
        )
    known = ("code", "name", "number", "description", "subject", "title")
    name = next((_text(values, field) for field in known if _text(values, field)), f"{one.entity_id}")[:80]
    return name, _to_record(one, name, code)


def _text(values: dict, field: str) -> str:
    """Give a text that an entry holds; nothing where it is none."""
    return values[field] if isinstance(values.get(field), str) else ""


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
        if (before.get(name) is not None or after.get(name) is not None)
        and not (one.before and one.after and before.get(name) == after.get(name))
    ]  # fmt: skip


def _field(entity: str, name: str) -> str:
    """Give the name of a field: of its register, or as such; an unknown one stays as it is."""
    of_register = _of_register(entity, name)
    return gettext(of_register.label) if of_register else str(FIELDS.get(name, name))


def _of_register(entity: str, name: str) -> Field | None:
    """Give the field of the register whose entries are of this kind; documents are told of by their own words."""
    register = next((one for one in REGISTERS.values() if one.entity == entity != "document"), None)
    return register.by_name.get(name) if register else None


def _value(entity: str, name: str, value: object, names: dict) -> str:
    """Write a value the reader's way, whatever JSON it is: a list as its parts, an object as names with values."""
    if value is None or value == "":
        return ""
    if isinstance(value, dict):
        inner = [(_key(entity, name, key, names), _value(entity, _inner(name, key), held, names))
                 for key, held in value.items()]  # fmt: skip
        return "; ".join(f"{key}: {held}" for key, held in inner)
    field = _of_register(entity, name)
    if isinstance(value, list):
        if field and field.kind == Kind.POINT and len(value) == 2:
            return "; ".join(f"{axis} {_plain_value('_m2', part)}" for axis, part in zip("XY", value, strict=True))
        return ", ".join(_value(entity, name, held, names) for held in value)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if (name, value) in names:
        return names[name, value]
    if field and field.kind == Kind.CHOICE and value in field.choices:
        return choice_name(field_register(entity), value)
    if name == "parcel_names" and isinstance(value, str):
        return _key(entity, name, value, names)
    if name == "note" and isinstance(value, str):
        return _note(value)
    if name in _WORDS and value in _WORDS[name]:
        return str(_WORDS[name][value])
    if name == "size_bytes" and isinstance(value, int):
        return count(value)
    if name in ("kind", "suspended_step", "step", "indicator"):
        return document_kind_name(str(value)) if entity == "document" else step_name(str(value))
    if field and field.kind in (Kind.AREA, Kind.NUMBER, Kind.PERCENT):
        return _plain_value("_m2", value)
    return _plain_value(name, value)


def _note(note: str) -> str:
    """Write a note as its page does: what was confirmed against a rule with the source of that rule, not its key."""
    plain, confirmed = recording.confirmations(note)
    language = str(get_locale())
    said = [f"{gettext('confirmed against a rule')} ({rule.source(language)}): {reason}" for rule, reason in confirmed]
    return "; ".join([plain, *said] if plain else said)


def field_register(entity: str) -> str:
    """Give the name of the register whose entries are of this kind."""
    return next(kept for kept, found in REGISTERS.items() if found.entity == entity)


def _inner(name: str, key: str) -> str:
    """Tell what a value within an object is written as: most lists of parcels hold areas."""
    if name == "parcel_names":
        return name
    return "area_m2" if name in ("parcels", "land_of_no_holder", "legal_areas") else key


def _key(entity: str, name: str, key: str, names: dict) -> str:
    """Name what stands within an object: a parcel by the commune that numbered it, anything else as a field."""
    if name not in _PARCELS:
        return _field(entity, key)
    unit, _, label = key.partition(" ")
    return f"{label} ({names.get(('unit', unit), unit)})" if label else key


def _plain_value(name: str, value: object) -> str:
    """Write a day, an area, an amount as such by the ending of the field's name; what is none of them as it is."""
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
