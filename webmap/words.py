"""Names of what records hold as keys, in the reader's language, for templates."""

from flask import Flask
from flask_babel import get_locale, lazy_gettext

from gis.indicators import INDICATORS
from layers.obstacles import KINDS as OBSTACLES

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


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        obstacle_name=obstacle_name,
        holder_name=lambda kind: HOLDERS[kind],
        level_name=lambda level: LEVELS[level],
        step_name=step_name,
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
    named = {"project": LEVELS, "target": MEASURES, "funding": FUNDING, "petition": PETITIONS}
    return obstacle_name(key) if register == "obstacle" else str(named[register][key])


def unit_kind_name(kind: str) -> str:
    """Give the name of a kind of unit, such as ward."""
    return str(UNITS[kind])


def document_kind_name(kind: str) -> str:
    """Give the name of a kind of document; an unknown one stays as it is."""
    return str(DOCUMENTS.get(kind, kind))
