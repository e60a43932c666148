"""What holds of every template, whoever writes the next one."""

import re

import pytest
from jinja2 import Environment

from tests.structure.test_house import ROOT

TEMPLATES = sorted((ROOT / "webmap/templates").rglob("*.html"))
OF_THE_MAP = ROOT / "webmap/templates/time.html"
"""Its field of the day is covered by the day as it is written here: no browser's own way of writing shows."""


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_days_are_typed_as_people_write_them(path):
    """A browser writes its own dates by its own language: 10/24/2022. `form_macros.html` has the one field of a day."""
    native = re.findall(r'type="(date|datetime-local|month|week)"', path.read_text("utf-8"))
    assert not native or (path == OF_THE_MAP and path.read_text("utf-8").count("day-written") == len(native))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_tag_is_whole_and_every_form_can_be_sent(path):
    """Half a tag is shown as text, and takes with it what it stood for: a button, say."""
    text = path.read_text("utf-8")
    shown = "".join(part for _, kind, part in Environment().lex(text) if kind == "data")
    assert re.findall(r"\{\{|\}\}|\{%|%\}|\{#|#\}", shown) == []
    for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL):
        named = re.search(r'<form[^>]*\bid="([^"]+)"', form)
        always = re.sub(r"\{% if \w+ %\}[^%]*<button[^%]*\{% endif %\}", "", form)
        assert "<button" in always or (named and f'form="{named[1]}"' in text), form[:200]
