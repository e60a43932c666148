"""Every setting stands in docs/settings.md, as webmap/config.py has it."""

from pathlib import Path

from webmap.config import SETTINGS

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def rows() -> list[str]:
    """The lines of the table, for the page."""
    made = []
    for setting in SETTINGS:
        default = "must be given" if setting.default is None else f"`{setting.default}`" if setting.default else "empty"
        choices = f" One of {', '.join(f'`{choice}`' for choice in setting.choices)}." if setting.choices else ""
        made.append(f"| `{setting.name}` | {default} | {setting.help}{choices} |")
    return made


def test_the_page_lists_every_setting_and_no_other():
    listed = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert listed == rows(), "docs/settings.md should hold:\n" + "\n".join(rows())
