"""What messages say: numbers and days as people write them, and no name that only programs use."""

import re
from datetime import date
from decimal import Decimal

import pytest
from flask_babel import force_locale

from gis import errors
from gis.indicators import INDICATORS
from script.translations import collect, vietnamese
from webmap import create_app, words
from webmap.errors import user_message

CODES = re.compile(r"\b(handover|payment|plan_approval|recovery_\w+|inventory|household|\w+_(?:m2|vnd|on|order))\b")
OF = {
    "kind": "handover", "step": "payment", "choices": "handover, payment, decision", "name": "area_m2",
    "field": "valid_on", "entity": "obstacle", "generation": "old", "holder": "household",
}  # fmt: skip
"""A code for each name under which messages carry one."""
DAYS = ("day", "since", "upto", "to", "from", "begun", "received", "replied", "before", "this")


def _of_the_domain(message) -> bool:
    text = isinstance(message.id, str) and "%(" in message.id
    return text and any(place.startswith("gis/") for place, _ in message.locations)


MESSAGES = sorted({message.id for message in collect() if _of_the_domain(message)})
"""Templates of the domain's errors."""


@pytest.fixture(scope="module")
def app():
    return create_app({"DATABASE_URL": "postgresql://nobody@localhost/none", "GPMB_SECRET_KEY": "x" * 40})


def rendered(app, template: str, values: dict) -> str:
    with app.test_request_context(headers={"Accept": "text/html"}), force_locale("vi"):
        return user_message(errors.GisError(template, **values))


def test_messages_of_the_domain_hold_no_codes_and_no_english_decimals(app):
    assert len(MESSAGES) > 100
    wrong = {}
    for template in MESSAGES:
        names = re.findall(r"%\((\w+)\)s", template)
        values = {name: OF.get(name) or (date(2022, 10, 24) if name in DAYS else Decimal("1366.97")) for name in names}
        text = rendered(app, template, values)
        if CODES.search(text) or "1366.97" in text or "2022-10-24" in text:
            wrong[template] = text
    assert wrong == {}


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("left", Decimal("1366.97"), "1.366,97"),
        ("left", "1366.97", "1.366,97"),
        ("day", date(2022, 10, 24), "24/10/2022"),
        ("day", "2022-10-24", "24/10/2022"),
        ("kind", "handover", INDICATORS["handover"].vi),
        ("value", "1366.97", "1366.97"),  # what somebody typed stays as it was
        ("case", "HS-0001", "HS-0001"),
    ],
)
def test_values_are_written_as_their_reader_does(app, name, value, shown):
    with app.test_request_context(headers={"Accept": "text/html"}), force_locale("vi"):
        assert str(words.worded({name: value})[name]) == shown


def test_programs_are_told_the_names_they_have_to_send(app):
    with app.test_request_context("/api/v1/x"), force_locale("vi"):
        assert "valid_on" in user_message(errors.BadParameter("“%(name)s” must be given.", name="valid_on"))


def test_one_thing_has_one_word():
    texts = {message.id: message.string for message in vietnamese() if isinstance(message.id, str)}
    assert texts["Part of the project"] == texts["Part"] == "Hạng mục"
