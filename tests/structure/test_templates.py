"""What holds of every template, whoever writes the next one."""

import re

import pytest

from tests.structure.test_house import ROOT

TEMPLATES = sorted((ROOT / "webmap/templates").rglob("*.html"))
OF_THE_MAP = ROOT / "webmap/templates/time.html"
"""Its field of the day is covered by the day as it is written here: no browser's own way of writing shows."""


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_days_are_typed_as_people_write_them(path):
    """A browser writes its own dates by its own language: 10/24/2022. `form_macros.html` has the one field of a day."""
    native = re.findall(r'type="(date|datetime-local|month|week)"', path.read_text("utf-8"))
    assert not native or (path == OF_THE_MAP and path.read_text("utf-8").count("day-written") == len(native))
