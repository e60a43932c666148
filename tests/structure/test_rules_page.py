"""docs/rules.md lists every rule of law as gis/rules.py has it, in both languages."""

from pathlib import Path

import pytest

from gis.rules import table

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def as_markdown(language: str) -> str:
    header, *lines = table(language)
    rows = [header, ["---"] * len(header), *([f"`{line[0]}`", *line[1:]] for line in lines)]
    return "\n".join(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows)


@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_page_lists_every_rule_and_no_other(language):
    wanted = as_markdown(language)
    assert f"\n\n{wanted}\n" in PAGE.read_text("utf-8"), f"docs/rules.md should hold:\n{wanted}"


def test_the_page_has_no_other_lines_of_rules():
    listed = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert len(listed) == sum(len(table(language)) - 1 for language in ("en", "vi"))
