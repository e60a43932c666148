"""What reports state of the handing over, as the chart's table holds it."""

import re


def test_every_row_tells_the_chart_what_to_draw(sample_client):
    html = sample_client.get("/panels/reported?project=kdt-nam-hoang-dong-1").text
    rows = [dict(re.findall(r'data-([a-z]+)(?:="([^"]*)")?', row)) for row in re.findall(r"<tr data-[^>]*>", html)]
    assert len(rows) == 8
    contradicted = next(row for row in rows if row["indicator"] == "not_handed_over" and row["measure"] == "households")
    assert contradicted | {"told": ""} == {
        "figure": contradicted["figure"], "source": "R1:385", "indicator": "not_handed_over", "measure": "households",
        "basis": "cumulative", "to": "2022-10-24", "reported": "126", "recorded": "106", "told": "",
    }  # fmt: skip
    assert contradicted["told"].endswith("126 hộ · hồ sơ: 106 · nhiều hơn hồ sơ 20 (các báo cáo mâu thuẫn nhau)")
    assert next(row for row in rows if row["measure"] == "area_m2")["agrees"] == ""


def test_a_period_carries_both_its_days(sample_client):
    html = sample_client.get("/panels/reported?lang=en").text
    assert 'data-from="2022-01-01" data-to="2022-10-24"' in html
    assert "01/01/2022 – 24/10/2022 · households and organisations counted together" in html


def test_nothing_reported_is_said(client, sample_client):
    assert "<table" not in sample_client.get("/panels/reported?unit=x-mai-pha").text
    assert 'data-name="Tất cả dự án"' in client.get("/panels/reported").text


def test_an_unknown_place_and_a_typo_are_refused(sample_client):
    assert sample_client.get("/panels/reported?project=nowhere").status_code == 404
    assert sample_client.get("/panels/reported?unit=nowhere").status_code == 404
    assert sample_client.get("/panels/reported?units=x-mai-pha").status_code == 400
