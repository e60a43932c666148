"""Every route that makes a document or a sheet is rationed: one that is forgotten is a way to stop the site."""

import re

from tests.conftest import Database, serving

MADE = re.compile(r"\b(pdf|docx|xlsx)\b")
QUICK = {
    "reports.issued_file", "report_templates.starter", "figure_sheet.give_template", "desk_costs.give_template",
}  # fmt: skip
"""What is kept and only handed out, and small files of fixed content."""


def test_whoever_makes_files_takes_a_place_for_it():
    with serving(Database("postgresql://nobody@127.0.0.1:1/nothing", "")) as app:
        makes = {
            rule.endpoint for rule in app.url_map.iter_rules()
            if MADE.search(rule.rule) or MADE.search(str(rule.defaults))
        }  # fmt: skip
        rationed = {name for name, view in app.view_functions.items() if getattr(view, "costly", False)}
    assert len(makes) > 8
    assert makes - rationed - QUICK == set()
    assert rationed >= {"reports.file_json", "report_templates.filled"} or rationed > makes - QUICK
