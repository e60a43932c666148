"""The API: shapes, CSV, errors in the reader's language, and never a 500 for bad input."""

import csv
import io

import pytest

from gis.indicators import INDICATORS, MEASURES

CITY = {"unit": "tp-lang-son", "from": "2022-01-01", "to": "2022-10-24"}


def test_a_period_has_rows_a_total_and_its_sources(sample_client):
    answer = sample_client.get("/api/v1/progress", query_string=CITY | {"by": "project,commune"}).json
    assert set(answer) == {"as_of", "from", "to", "known_at", "units_of", "rows", "total", "sources"}
    assert (answer["as_of"], answer["from"], answer["to"]) == (None, "2022-01-01", "2022-10-24")
    assert answer["units_of"] == "2022-10-24"
    row = answer["rows"][0]
    assert set(row) == {"project", "commune", "values", "coverage", "withheld"}
    assert set(row["project"]) == {"code", "name"}
    assert set(row["values"]) == set(INDICATORS)
    assert all(set(measures) == set(MEASURES) for measures in row["values"].values())
    assert answer["total"]["values"]["handover"]["area_m2"] == 169352.2
    assert isinstance(answer["total"]["values"]["plan_approval"]["amount_vnd"], int)
    assert answer["sources"][0]["illustrative"] is True


def test_every_project_in_scope_has_a_row_also_without_records(sample_client):
    answer = sample_client.get("/api/v1/progress", query_string={"by": "project", "as_of": "2024-12-16"}).json
    sources = {row["project"]["code"]: row["coverage"]["source"] for row in answer["rows"]}
    assert len(sources) == 54
    assert sources["khu-lien-hop-the-thao"] == "reported"
    assert sources["cong-vien-bo-song-ky-cung"] == "records"
    assert {"figure": "R3.sport", "kind": "reported", "source": "R3:19-21"} in answer["sources"]
    without = next(row for row in answer["rows"] if row["project"]["code"] == "khu-lien-hop-the-thao")
    assert without["values"]["handover"]["area_m2"] is None, "missing is not zero"


def test_csv_ends_in_the_total_of_the_json(sample_client):
    question = CITY | {"by": "commune"}
    as_json = sample_client.get("/api/v1/progress", query_string=question).json
    for answer in (
        sample_client.get("/api/v1/progress.csv", query_string=question),
        sample_client.get("/api/v1/progress", query_string=question, headers={"Accept": "text/csv"}),
    ):
        assert answer.mimetype == "text/csv"
        rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
        assert len(rows) == len(as_json["rows"]) + 1
        assert rows[-1]["project"] == "total"
        assert float(rows[-1]["handover.area_m2"]) == as_json["total"]["values"]["handover"]["area_m2"]
        assert rows[-1]["handover.amount_vnd"] == "", "null is empty, not zero"


def test_known_at_gives_yesterdays_answer(sample_client):
    """Events of the sample are recorded the day after they happened."""
    late = sample_client.get("/api/v1/progress", query_string={"as_of": "2024-12-16", "known_at": "2020-01-01"}).json
    now = sample_client.get("/api/v1/progress", query_string={"as_of": "2024-12-16"}).json
    assert late["total"]["values"]["handover"]["area_m2"] < now["total"]["values"]["handover"]["area_m2"]
    again = sample_client.get(
        "/api/v1/progress", query_string={"as_of": "2024-12-16", "known_at": now["known_at"]}
    ).json
    assert again["total"] == now["total"]


def test_old_and_new_communes_sum_alike(sample_client):
    both = [
        sample_client.get("/api/v1/progress", query_string={"by": "commune", "as_of": day}).json
        for day in ("2025-06-30", "2025-07-01")
    ]
    assert both[0]["total"]["values"] == both[1]["total"]["values"]
    assert {row["commune"]["slug"].endswith("-2025") for row in both[1]["rows"] if row["commune"]} == {True}
    sums = [sum(row["values"]["handover"]["area_m2"] or 0 for row in answer["rows"]) for answer in both]
    assert round(sums[0], 2) == round(sums[1], 2) == both[0]["total"]["values"]["handover"]["area_m2"]


BAD = [
    ({"from": "24/10/2022"}, "from", 400),
    ({"to": "2022-02-30"}, "to", 400),
    ({"as_of": "9999-99-99"}, "as_of", 400),
    ({"as_of": "0000-01-01"}, "as_of", 400),
    ({"from": "2022-10-24", "to": "2022-01-01"}, "to", 400),
    ({"as_of": "2022-01-01", "from": "2022-01-01"}, "as_of", 400),
    ({"by": "district"}, "by", 400),
    ({"holder": "robot"}, "holder", 400),
    ({"unit": "x-khong-co"}, "unit", 404),
    ({"unit": "tp-lang-son", "as_of": "2026-01-01"}, "unit", 400),
    ({"unit": "p-dong-kinh-2025", "as_of": "2022-01-01"}, "unit", 400),
    ({"project": "khong-co"}, "project", 404),
    ({"known_at": "yesterday"}, "known_at", 400),
    ({"known_at": "9999-12-31"}, "known_at", 400),
    ({"units_of": "middle"}, "units_of", 400),
    ({"asof": "2022-01-01"}, "asof", 400),
    ({"as_of": ["2022-01-01", "2023-01-01"]}, "as_of", 400),
    ({"unit": "a\0b"}, "unit", 400),
]


@pytest.mark.parametrize(("query", "parameter", "status"), BAD)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_bad_input_is_named_in_the_readers_language(sample_client, query, parameter, status, language):
    answer = sample_client.get(
        "/api/v1/progress", query_string=query, headers={"Accept-Language": language, "Accept": "application/json"}
    )
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["parameter"] == parameter
    other = sample_client.get("/api/v1/progress", query_string=query | {"lang": "en" if language == "vi" else "vi"})
    assert answer.json["detail"] != other.json["detail"], "both languages have a text of their own"
    assert "%(" not in answer.json["detail"]


@pytest.mark.parametrize("path", ["/api/v1/units", "/api/v1/projects", "/api/v1/reported-figures"])
def test_lists_refuse_bad_input_and_come_as_csv_too(sample_client, path):
    assert sample_client.get(path, query_string={"unit": "x-khong-co"}).status_code == 404
    assert sample_client.get(path, query_string={"nonsense": "1"}).status_code == 400
    rows = next(iter(sample_client.get(path).json.values()))
    lines = list(csv.reader(io.StringIO(sample_client.get(f"{path}.csv").get_data(as_text=True))))
    assert len(rows) > 0
    assert len(lines) == len(rows) + 1


def test_units_carry_their_generation_and_a_label_point(sample_client):
    units = sample_client.get("/api/v1/units", query_string={"on": "2025-07-01", "unit": "t-lang-son"}).json["units"]
    by_slug = {unit["slug"]: unit for unit in units}
    assert by_slug["p-dong-kinh-2025"]["outline"] == "illustrative"
    longitude, latitude = by_slug["p-dong-kinh-2025"]["label_point"]
    assert 106 < longitude < 108
    assert 21 < latitude < 23
    assert "p-dong-kinh" not in by_slug
    assert len([unit for unit in units if unit["level"] == "commune"]) == 65


def test_reported_figures_stand_as_reported(sample_client):
    figures = sample_client.get("/api/v1/reported-figures").json["figures"]
    assert len(figures) == 127
    left = next(figure for figure in figures if figure["figure"] == "R1.key.nhd1.left")
    assert left["households"] == 126
    assert left["contradicted_cells"] == ["households"]
    assert left["source_line"] == "R1:385"


def test_one_statement_answers_a_question(sample_client, statements):
    """Besides names and the revision: doubling the rows does not add statements."""
    sample_client.application.extensions["counts"].clear()  # what other tests asked before
    with statements() as few:
        sample_client.get("/api/v1/progress", query_string=CITY)
    with statements() as many:
        sample_client.get("/api/v1/progress", query_string=CITY | {"by": "project,commune"})
    counting = [s for s in many if "grouping sets" in s]
    assert len(counting) == 1
    assert len(many) <= len(few) + 3, many


def test_aggregates_only_for_the_public_and_nothing_when_closed(sample_app):
    for opened, status in (("public", 200), ("none", 401)):
        sample_app.config["GPMB_OPEN_ACCESS"], before = opened, sample_app.config["GPMB_OPEN_ACCESS"]
        try:
            assert sample_app.test_client().get("/api/v1/progress").status_code == status
            assert sample_app.test_client().get("/healthz").status_code == 200
        finally:
            sample_app.config["GPMB_OPEN_ACCESS"] = before
