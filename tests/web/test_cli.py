"""The commands give the figures of the API, and say plainly what is wrong."""

import csv
import io
from datetime import date

import pytest

from gis import db
from gis.model import ParcelStep
from tests import factories as make
from tests.conftest import engine_of, serving


@pytest.fixture
def run(sample_app):
    runner = sample_app.test_cli_runner()
    return lambda *words: runner.invoke(args=[str(word) for word in words])


def test_progress_prints_the_total_of_the_api(run, sample_client):
    asked = run(
        "progress", "--unit", "tp-lang-son", "--from", "2022-01-01", "--to", "2022-10-24", "--csv", "--by", "project"
    )
    assert asked.exit_code == 0, asked.output
    lines = list(csv.DictReader(io.StringIO(asked.output)))
    answer = sample_client.get(
        "/api/v1/progress",
        query_string={"unit": "tp-lang-son", "from": "2022-01-01", "to": "2022-10-24", "by": "project"},
    ).json
    assert len(lines) == len(answer["rows"]) + 1
    for kind in ("handover", "payment", "not_handed_over"):
        for measure, value in answer["total"]["values"][kind].items():
            said = lines[-1][f"{kind}.{measure}"]
            assert (float(said) if said else None) == value, f"{kind}.{measure}"


def test_progress_as_a_readable_table(run):
    asked = run("progress", "--unit", "tp-lang-son", "--from", "2022-01-01", "--to", "2022-10-24", "--kind", "handover")
    assert asked.exit_code == 0, asked.output
    assert "Bàn giao mặt bằng" in asked.output
    assert "holders 390" in asked.output
    assert "area_m2 169.352,2" in asked.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "1/1/2022"], "2022-10-24"),
        (["--unit", "nowhere"], "nowhere"),
        (["--unit", "tp-lang-son", "--as-of", "2026-01-01"], "units_of=old"),
        (["--by", "village"], "village"),
        (["--as-of", "2022-01-01", "--to", "2022-01-01"], "as_of"),
        (["--holder", "robot"], "robot"),
    ],
)
def test_bad_questions_are_refused_with_the_way_out(run, words, said):
    asked = run("progress", *words)
    assert asked.exit_code != 0
    assert said in asked.output
    assert "Traceback" not in asked.output


def test_the_sample_is_not_loaded_over_records(run):
    assert "nothing loaded" in run("sample", "load", "--if-empty").output
    refused = run("sample", "load")
    assert refused.exit_code == 1
    assert "Error" in refused.output


def test_a_file_that_is_no_outline_is_refused_and_changes_nothing(run, tmp_path, sample_client):
    before = sample_client.get("/healthz").json["revision"]
    broken = tmp_path / "broken.geojson"
    broken.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    refused = run("boundaries", "load", broken)
    assert refused.exit_code == 1
    assert "Error" in refused.output
    assert sample_client.get("/healthz").json["revision"] == before


def test_kept_days_are_verified_and_repaired(make_database):
    database = make_database("verify")
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        land = make.affected(session, make.project(session))
        session.get_one(ParcelStep, land.id).payment_on = date(2024, 1, 2)
    with serving(database) as app:
        verify = app.test_cli_runner()
        wrong = verify.invoke(args=["db", "verify"])
        assert wrong.exit_code == 1
        assert f"Affected parcel {land.id}, payment_on: 2024-01-02 is kept" in wrong.output
        assert "--repair" in wrong.output
        assert "Repaired." in verify.invoke(args=["db", "verify", "--repair"]).output
        right = verify.invoke(args=["db", "verify"])
        assert (right.exit_code, right.output) == (0, "The days kept are those of the events.\n")
