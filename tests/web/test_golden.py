"""Every derivable figure of the five public reports, asked of the API the way docs/api.md says, with a token."""

import csv
import re
from contextlib import contextmanager
from pathlib import Path

import pytest

from gis import accounts, db
from tests.conftest import engine_of, serving

FIGURES = Path(__file__).parents[2] / "gis" / "sample" / "data" / "figures.csv"
UNITS = {"TP. Lạng Sơn": "tp-lang-son", "H. Chi Lăng": "h-chi-lang"}
CELLS = ("documents", "projects", "households", "organisations", "communities", "area_m2", "amount_vnd", "plots")
OF_CELLS = {"of_households": "households", "of_area_m2": "area_m2"}
DERIVABLE_ROWS, COMPARED_CELLS = 84, 167


def derivable_rows() -> list[dict]:
    with FIGURES.open(encoding="utf-8") as lines:
        return [row for row in csv.DictReader(lines) if row["derivable"] == "yes"]


def expected_cells(row: dict) -> dict[str, str]:
    """The filled count, m² and VND cells of a row but the contradicted ones."""
    contradicted = row["contradicted_cells"].split(";")
    return {c: row[c] for c in (*CELLS, *OF_CELLS) if row[c] and c not in contradicted}


def question(row: dict) -> dict:
    asked = {"unit": UNITS[row["unit"]], "project": row["project"]}
    if row["holder"] != "all":
        asked["holder"] = row["holder"]
    if row["basis"] == "period":
        asked |= {"from": row["from"], "to": row["to"]}
    else:
        asked["as_of"] = row["to"]
    return {name: value for name, value in asked.items() if value}


@contextmanager
def leaders_program(database):
    """Give a program of a leader's, to whom alone anything is open; its token is made by the command."""
    email = "golden@gpmb.vn"
    with serving(database, GPMB_OPEN_ACCESS="none") as app:
        with engine_of(database.owner) as engine, db.transaction(engine) as session:
            if accounts.find(session, email) is None:
                accounts.invite(session, email=email, full_name="Người đọc", role="leader")
        made = app.test_cli_runner().invoke(args=["token", "create", "--user", email, "--scope", "read"])
        assert made.exit_code == 0, made.output
        program = app.test_client()
        program.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {made.output.strip()}"
        yield program


@pytest.fixture(scope="module")
def reader(sample):
    with leaders_program(sample) as program:
        yield program


def test_without_the_token_nothing_is_told(reader):
    assert reader.application.test_client().get("/api/v1/progress").status_code == 401


def test_the_golden_rows_are_all_there():
    rows = derivable_rows()
    assert len(rows) == DERIVABLE_ROWS
    assert sum(len(expected_cells(row)) for row in rows) == COMPARED_CELLS


@pytest.mark.parametrize("row", derivable_rows(), ids=lambda row: row["fid"])
def test_records_reproduce_the_figure(reader, row):
    answer = reader.get("/api/v1/progress", query_string=question(row))
    assert answer.status_code == 200, answer.text
    values = answer.json["total"]["values"]
    for cell, stated in expected_cells(row).items():
        if cell in OF_CELLS:
            found = values["affected"][OF_CELLS[cell]]
        else:
            found = values[row["indicator"]]["holders" if cell == "households" and row["holder"] == "all" else cell]
        assert found == float(stated), f"{row['fid']} {cell}: report {stated}, records {found}"


def test_two_dates_compared_reproduce_the_report_between_them(reader):
    """The page's tables, from the last day of 2021 to the day of the report: all 22 projects and the whole."""
    page = reader.get("/panels/figures?since=2021-12-31&day=2022-10-24").text
    row = r'data-kind="project" data-key="([^"]+)"[^>]* data-between="([^"]+)" data-between-households="(\d+)"'
    handed_over = {key: (float(area), int(households)) for key, area, households in re.findall(row, page)}
    rows = {
        row["project"]: row
        for row in derivable_rows()
        if row["indicator"] == "handover" and (row["from"], row["to"]) == ("2022-01-01", "2022-10-24")
    }
    whole = rows.pop("")
    assert sum(area > 0 for area, _ in handed_over.values()) == len(rows) == int(whole["projects"])
    assert round(sum(area for area, _ in handed_over.values()), 2) == float(whole["area_m2"])
    differing = {code for code, row in rows.items() if handed_over[code][1] != int(row["households"])}
    assert differing == {"kdt-moi-mai-pha"}, "among its 36 holders in the report is an organisation"
    assert sum(households for _, households in handed_over.values()) == int(whole["households"]) - 1
