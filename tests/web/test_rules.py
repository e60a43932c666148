"""Overdue steps in API, CSV and panel; the rules and their breaches on the command line."""

import csv
import io

import pytest

from gis.rules import RULES
from tests.conftest import serving

ASKED = {"project": "kdt-moi-mai-pha", "day": "2024-12-16"}


@pytest.fixture
def run(sample_app):
    runner = sample_app.test_cli_runner()
    return lambda *words: runner.invoke(args=[*words])


def test_overdue_steps_name_case_step_day_and_rule(leader):
    rows = leader.get("/api/v1/overdue", query_string=ASKED | {"lang": "en"}).json["overdue"]
    assert rows[0] == {
        "project": "kdt-moi-mai-pha", "case": "HS-0032", "step": "payment", "rule": "payment_due.2013",
        "counted_from": "2022-04-28", "due_on": "2022-05-28", "days_late": 933,
        "source": "Land Law 45/2013/QH13, art. 93(1), 93(2); Land Law 31/2024/QH15, art. 254(1), 254(2)",
    }  # fmt: skip
    assert leader.get("/api/v1/overdue", query_string=ASKED).json["overdue"][0]["source"].startswith("khoản 1")
    every = leader.get("/api/v1/overdue?day=2024-12-16").json["overdue"]
    assert [row for row in every if row["project"] == ASKED["project"]] == leader.get(
        "/api/v1/overdue", query_string=ASKED
    ).json["overdue"]


def test_overdue_as_csv_keeps_its_columns_when_nothing_is_overdue(leader):
    def lines(**given):
        answer = leader.get("/api/v1/overdue.csv", query_string=ASKED | given)
        assert answer.mimetype == "text/csv"
        return list(csv.reader(io.StringIO(answer.text)))

    header, *rows = lines()
    assert len(rows) == len(leader.get("/api/v1/overdue", query_string=ASKED).json["overdue"])
    assert lines(day="2018-01-01") == [header]
    assert header == ["project", "case", "step", "rule", "counted_from", "due_on", "days_late", "source"]


def test_overdue_as_it_was_known_then(leader):
    def cases(**given):
        rows = leader.get("/api/v1/overdue", query_string={"day": ASKED["day"]} | given).json["overdue"]
        return {(row["project"], row["case"]) for row in rows}

    assert cases(known_at="2022-05-01") - cases(), "what was paid for later was not known to be"
    assert cases(known_at="2018-01-01") == set()


def test_that_a_household_waits_for_its_money_is_listed_for_who_may_have_personal_data(sample_client, leader):
    rows, every = (client.get("/api/v1/overdue?day=2024-12-16").json["overdue"] for client in (sample_client, leader))
    households = [row for row in every if row["step"] == "payment" and row["case"].startswith("HS-0032")]
    assert households
    assert not [row for row in rows if row in households]
    assert rows == [row for row in every if row in rows]


@pytest.mark.parametrize(
    ("query", "parameter", "status"),
    [
        ({"project": "khong-co"}, "project", 404),
        ({"day": "16/12/2024"}, "day", 400),
        ({"project": ["a", "b"]}, "project", 400),
        ({"as_of": "2024-12-16"}, "as_of", 400),
    ],
)
def test_bad_questions_are_named(sample_client, query, parameter, status):
    answer = sample_client.get("/api/v1/overdue", query_string=query)
    assert (answer.status_code, answer.json["parameter"]) == (status, parameter)


def test_single_cases_are_for_readers_of_records_and_counts_for_all(sample):
    with serving(sample, GPMB_OPEN_ACCESS="public") as app:
        client = app.test_client()
        for form in ("", ".csv"):
            assert client.get(f"/api/v1/overdue{form}", query_string=ASKED).status_code == 401
        panel = client.get("/panels/project/kdt-moi-mai-pha?day=2024-12-16&lang=en").text
    assert "Overdue steps" in panel
    assert "HS-0" not in panel


def test_the_panel_counts_overdue_steps_and_tells_the_oldest(sample_client, leader):
    shown = "/panels/project/kdt-moi-mai-pha?day=2024-12-16"
    owed = leader.get("/api/v1/overdue", query_string=ASKED).json["overdue"]
    panel = leader.get(shown).text
    assert "Quá hạn" in panel
    assert f"{len(owed)} hồ sơ" in panel
    assert "28/05/2022" in panel
    assert "933 ngày" in panel
    assert "khoản 1, khoản 2 Điều 93" in panel
    assert "Quá hạn" not in leader.get("/panels/project/kdt-moi-mai-pha?day=2020-01-01").text
    others = sample_client.get(shown).text
    assert f"{len(owed)} hồ sơ" in others
    assert "28/05/2022" not in others, "the day from which somebody waits for money"


@pytest.mark.parametrize(("language", "said"), [("vi", "hiệu lực: từ 01/08/2024"), ("en", "in force: from 01/08/2024")])
def test_the_command_lists_every_rule_in_either_language(run, language, said):
    listed = run("rules", "--language", language)
    assert listed.exit_code == 0, listed.output
    assert said in listed.output
    for rule in RULES:
        assert f"{rule.key}\n" in listed.output
        assert rule.source(language) in listed.output


def test_the_command_counts_the_breaches_of_a_project_and_names_its_cases(run):
    found = run("rules", "check", "--project", "kdt-moi-mai-pha", "--day", "2024-12-16")
    assert found.exit_code == 0, found.output
    assert "mandatory_inventory_needs_persuasion.2013: 20\n" in found.output
    assert "HS-0107, HS-0108" in found.output
    before = run("rules", "check", "--project", "kdt-moi-mai-pha", "--day", "2000-01-01", "--language", "en")
    assert before.output == "The records break no rule.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--project", "nowhere"], "nowhere"), ([], "--project"), (["--project", "a", "--day", "1/1"], "1/1")],
)
def test_a_bad_question_is_refused_with_the_way_out(run, words, said):
    asked = run("rules", "check", *words)
    assert asked.exit_code != 0
    assert said in asked.output
    assert "Traceback" not in asked.output
