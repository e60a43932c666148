"""Names of what records hold as keys, in the reader's language, for templates."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal

from flask import Flask
from flask_babel import format_decimal, get_locale, gettext, lazy_gettext, ngettext

from gis import rules
from gis.errors import GisError, Written
from gis.indicators import INDICATORS
from gis.register_table import REGISTERS
from layers.obstacles import KINDS as OBSTACLES
from layers.verdicts import told
from webmap import i18n

HOLDERS = {
    "household": lazy_gettext("household"),
    "individual": lazy_gettext("individual"),
    "organisation": lazy_gettext("organisation"),
    "community": lazy_gettext("community"),
    None: lazy_gettext("land of no holder"),
}
LEVELS = {
    "province": lazy_gettext("province"),
    "city": lazy_gettext("city"),
    "district": lazy_gettext("district"),
    "commune": lazy_gettext("commune"),
}
UNITS = LEVELS | {
    "ward": lazy_gettext("ward"),
    "commune": lazy_gettext("rural commune"),
    "township": lazy_gettext("township"),
}
DOCUMENTS = {
    "decision": lazy_gettext("decision"),
    "notice": lazy_gettext("notice"),
    "minutes": lazy_gettext("minutes"),
    "payment_order": lazy_gettext("payment order"),
    "plan": lazy_gettext("plan"),
    "report": lazy_gettext("report"),
    "official_letter": lazy_gettext("official letter"),
}
REPORTED = {
    "target_handover": lazy_gettext("Target of handing over"),
    "disbursement": lazy_gettext("Disbursement"),
    "disbursement_plan": lazy_gettext("Plan of disbursement"),
    "disbursement_forecast": lazy_gettext("Forecast of disbursement"),
    "resettlement_entitlement": lazy_gettext("Entitled to resettlement"),
    "work_value": lazy_gettext("Value of work done"),
    "clearance_funding": lazy_gettext("Funding of clearance"),
    "stopped_by_clearance": lazy_gettext("Stopped by clearance"),
    "payment_received": lazy_gettext("Payment received"),
    "citizen_reception": lazy_gettext("Reception of citizens"),
    "capital_plan": lazy_gettext("Plan of capital"),
    "project_status": lazy_gettext("Standing of projects"),
}
"""Indicators that only reports use; those of the records carry their names in `gis.indicators`."""

MEASURES = {
    "area_m2": lazy_gettext("area handed over (m²)"),
    "households": lazy_gettext("households that handed over"),
    "amount_vnd": lazy_gettext("amount (đồng)"),
}
FUNDING = {
    "capital_plan": lazy_gettext("plan of capital"),
    "clearance_funding": lazy_gettext("funding of clearance"),
    "work_value": lazy_gettext("value of work done"),
    "disbursement": lazy_gettext("disbursement"),
}
PETITIONS = {
    "petition": lazy_gettext("petition"),
    "dialogue": lazy_gettext("dialogue"),
    "reception": lazy_gettext("reception of citizens"),
}


GENERATIONS = {"old": lazy_gettext("before 01/07/2025"), "new": lazy_gettext("from 01/07/2025")}
"""Of units, by the name that programs use."""
REGISTER_NAMES = {name: lazy_gettext(register.title) for name, register in REGISTERS.items()}
FIELDS = {
    "valid_on": lazy_gettext("Day it happened"),
    "issued_on": lazy_gettext("Day of the document"),
    "valid_from": lazy_gettext("Valid from"),
    "registered_on": lazy_gettext("Registered on"),
    "document": lazy_gettext("Document"),
    "document_kind": lazy_gettext("Kind of document"),
    "number": lazy_gettext("Number"),
    "issuer": lazy_gettext("Issued by"),
    "title": lazy_gettext("About"),
    "note": lazy_gettext("Note"),
    "reason": lazy_gettext("Reason"),
    "area_m2": lazy_gettext("Area (m²)"),
    "legal_area_m2": lazy_gettext("Legal area (m²)"),
    "amount_vnd": lazy_gettext("Amount (đồng)"),
    "plots": lazy_gettext("Plots granted"),
    "plot": lazy_gettext("Plot"),
    "unit": lazy_gettext("Unit"),
    "from": lazy_gettext("From"),
    "to": lazy_gettext("To"),
    "from_on": lazy_gettext("First day"),
    "to_on": lazy_gettext("Last day"),
    "day": lazy_gettext("Day"),
    "full_name": lazy_gettext("Full name"),
    "identity_number": lazy_gettext("Identity number"),
    "phone": lazy_gettext("Phone"),
    "address": lazy_gettext("Address"),
    "kind": lazy_gettext("Kind"),
    "code": lazy_gettext("Code"),
    "part": lazy_gettext("Part of the project"),
    "step": lazy_gettext("Step"),
    "sheet": lazy_gettext("Map sheet"),
    "land_use": lazy_gettext("Land use"),
    "name": lazy_gettext("Name"),
    "file": lazy_gettext("File"),
    "report": lazy_gettext("Report"),
    "page": lazy_gettext("Page"),
    "replied_on": lazy_gettext("Replied on"),
    "received_on": lazy_gettext("Received on"),
    "due_on": lazy_gettext("By the day"),
    "known_since": lazy_gettext("Known since"),
    "resolved_on": lazy_gettext("Resolved on"),
    "case": lazy_gettext("Case"),
    "category": lazy_gettext("Group"),
    "item": lazy_gettext("Item"),
    "quantity": lazy_gettext("Quantity"),
    "unit_price_vnd": lazy_gettext("Unit price (đồng)"),
    "coefficient": lazy_gettext("Interpolation coefficient"),
    "support_level": lazy_gettext("Support level"),
    "dimensions": lazy_gettext("Dimensions"),
    "legal_basis": lazy_gettext("Legal basis"),
    "not_compensated": lazy_gettext("Why it is not compensated"),
}
"""Fields by the names that programs use, where a message names one."""

_DECIMAL = re.compile(r"-?\d+\.\d+")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TYPED = frozenset({"value", "text", "said", "version"})
"""Values that repeat what somebody typed: they stand as they were."""
_NAMING = frozenset({"name", "field", "other"})


def worded(values: Mapping[str, object], *, programs: bool = False) -> dict[str, object]:
    """Write the values of a message as its reader does: 1.366,97 and 24/10/2022, and no name that programs use.

    Parameters
    ----------
    values : mapping
        Of a `GisError`.
    programs : bool
        Whether a program reads it: names of fields stay as it has to send them.
    """
    return {name: _worded(name, value, programs) for name, value in values.items()}


def beyond(listed: Sequence, most: int) -> str:
    """Say how many of a list are not shown where the first of it are; nothing where all are."""
    left = len(listed) - most
    return ngettext("… and %(num)s more", "… and %(num)s more", left) if left > 0 else ""


def written(value: Decimal | float) -> object:
    """Write a number with decimals the reader's way, with as many as it has."""
    exact = Decimal(str(value))
    if not exact.is_finite():
        return value
    places = max(0, -exact.as_tuple().exponent)
    return format_decimal(exact, format="#,##0." + "0" * places if places else "#,##0")


def _worded(name: str, value: object, programs: bool) -> object:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, GisError):  # a reason within a message
        return gettext(value.message) % worded(value.values, programs=programs)
    if isinstance(value, list):
        return "; ".join(str(_worded("", each, programs)) for each in value)
    if isinstance(value, rules.Both | rules.Earlier):
        return value.text(str(get_locale()))
    if isinstance(value, date):
        return i18n.day(value)
    if isinstance(value, Decimal | float):
        return written(value)
    if not isinstance(value, str) or isinstance(value, Written) or name in _TYPED:
        return value
    if _DECIMAL.fullmatch(value):
        return written(Decimal(value))
    if _ISO_DAY.fullmatch(value):
        with suppress(ValueError):  # 2022-02-30 is no day: it stands as somebody wrote it
            return i18n.day(value)
    if name == "choices":
        return value if programs else ", ".join(_of_code("kind", each.strip()) for each in value.split(","))
    if name in _NAMING:
        return value if programs else str(FIELDS.get(value, value))
    return _of_code(name, value)


def _of_code(name: str, value: str) -> str:
    """Give the name of what a code stands for; anything else stays."""
    if name == "generation":
        return str(GENERATIONS.get(value, value))
    if name == "entity":
        return str(REGISTER_NAMES.get(value, value))
    for named in (HOLDERS, DOCUMENTS, UNITS, MEASURES, FUNDING, PETITIONS):
        if value in named:
            return str(named[value])
    return obstacle_name(step_name(value))


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        obstacle_name=obstacle_name,
        holder_name=lambda kind: HOLDERS[kind],
        level_name=lambda level: LEVELS[level],
        step_name=step_name,
        beyond=beyond,
        verdict_name=lambda verdict: told(verdict, str(get_locale())),
    )


def step_name(key: str) -> str:
    """Give the name of a step or of an indicator that only reports use; an unknown one stays as it is."""
    if key in INDICATORS:
        return getattr(INDICATORS[key], str(get_locale()))
    return str(REPORTED.get(key, key))


def obstacle_name(kind: str) -> str:
    """Give the name of a kind of obstacle; an unknown one stays as it is."""
    return getattr(OBSTACLES[kind], str(get_locale())) if kind in OBSTACLES else kind


def choice_name(register: str, key: str) -> str:
    """Give the name of a choice of a register."""
    named = {"project": LEVELS, "target": MEASURES, "funding": FUNDING, "petition": PETITIONS, "document": DOCUMENTS}
    return obstacle_name(key) if register == "obstacle" else str(named[register][key])


def unit_kind_name(kind: str) -> str:
    """Give the name of a kind of unit, such as ward."""
    return str(UNITS[kind])


def document_kind_name(kind: str) -> str:
    """Give the name of a kind of document; an unknown one stays as it is."""
    return str(DOCUMENTS.get(kind, kind))
