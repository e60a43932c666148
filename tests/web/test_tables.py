"""Tables over HTTP: windows, files opened again by other programs, access and bad input."""

import csv
import io
import json
from datetime import date, datetime

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from gis.indicators import INDICATORS
from gis.model import Project
from tests.conftest import engine_of, serving
from webmap.tables import TYPES

PATH = "/api/v1/tables"
DAY = "2022-10-24"
COLUMNS = "project_name,sheet,number,area_m2,handover_day"


def ask(client, name, **asked):
    return client.get(f"{PATH}/{name}", query_string={"day": DAY, "lang": "vi"} | asked)


def test_the_list_names_every_table_and_its_columns(sample_client):
    found = {each["name"]: each for each in sample_client.get(PATH).json["tables"]}
    assert list(found)[:2] == ["by-project", "by-commune"]
    assert {"communes", "projects", "parcels", "plots"} <= found.keys()
    area = next(column for column in found["parcels"]["columns"] if column["name"] == "area_m2")
    assert (area["kind"], area["unit"], area["summed"]) == ("number", "m²", True)
    groups = {column["group"] for column in found["by-project"]["columns"]} - {None}
    assert len(groups) == len(INDICATORS)
    assert found["by-project"]["panel"] == "project"
    assert found["plots"]["panel"] is None


def test_a_window_says_what_it_is_part_of(sample_client):
    answer = ask(sample_client, "parcels", sort="-area_m2", columns=COLUMNS, limit=3, offset=1, find="1").json
    assert set(answer) == {
        "name", "title", "panel", "day", "since", "columns", "offset", "rows", "source", "found", "drawn", "sums",
        "position",
    }  # fmt: skip
    assert [column["name"] for column in answer["columns"]] == COLUMNS.split(",")
    areas = [row["values"][3] for row in answer["rows"]]
    assert areas == sorted(areas, reverse=True)
    assert answer["found"] > 2000
    assert answer["source"]["illustrative"] is True
    assert answer["position"] > 0
    west, south, east, north = answer["rows"][0]["bounds"]
    assert 106 < west < east < 108
    assert 21 < south < north < 23
    assert "found" not in ask(sample_client, "parcels", totals="no").json


def test_figures_of_the_table_are_those_of_the_api(sample_client):
    total = sample_client.get("/api/v1/progress", query_string={"as_of": DAY}).json["total"]["values"]
    sums = ask(
        sample_client, "by-commune", columns="name,affected.area_m2,handover.documents,handover.households"
    ).json["sums"]
    assert sums == {
        "affected.area_m2": total["affected"]["area_m2"],
        "handover.documents": total["handover"]["documents"],
        "handover.households": total["handover"]["households"],
    }
    assert ask(sample_client, "parcels").json["sums"]["area_m2"] == total["affected"]["area_m2"]


def shown_by(client, name, form, **asked):
    with ask(client, f"{name}.{form}", **asked) as answer:  # closed as a server closes what it has sent
        assert answer.status_code == 200, answer.text
        assert answer.content_type == TYPES[form]
        assert f'filename="{name}-{DAY}.{form}"' in answer.headers["Content-Disposition"]
        return answer.data


@pytest.mark.parametrize("name", ["parcels", "by-commune"])
def test_files_hold_every_row_in_the_order_and_columns_shown(sample_client, name):
    columns = COLUMNS if name == "parcels" else "name,handover.area_m2,source"
    asked = {"columns": columns, "sort": "-" + columns.split(",")[-2], "q": "hoang" if name == "parcels" else ""}
    window = ask(sample_client, name, limit=500, **asked).json
    shown = [row["values"] for row in window["rows"]]
    assert len(shown) == min(window["found"], 500)

    header, *lines = csv.reader(io.StringIO(shown_by(sample_client, name, "csv", **asked).decode("utf-8")))
    assert header == columns.split(",")
    assert len(lines) == window["found"]
    assert lines[:500] == [["" if value is None else str(value) for value in row] for row in shown]

    collection = json.loads(shown_by(sample_client, name, "geojson", **asked))
    assert collection["type"] == "FeatureCollection"
    assert "crs" not in collection
    assert [list(feature["properties"].values()) for feature in collection["features"]][:500] == shown
    drawn = [feature["geometry"] for feature in collection["features"] if feature["geometry"]]
    assert len(drawn) == window["drawn"]
    longitude, latitude = drawn[0]["coordinates"][0][0][0]
    assert 106 < longitude < 108
    assert 21 < latitude < 23

    book = load_workbook(io.BytesIO(shown_by(sample_client, name, "xlsx", **asked)))
    sheet, about = book.worksheets
    read = [[as_json(cell.value) for cell in row] for row in sheet.iter_rows(min_row=2, max_row=window["found"] + 1)]
    assert read[:500] == shown
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref.endswith(str(window["found"] + 1))
    told = dict(about.iter_rows(values_only=True))
    assert told["Ngày"] == "24/10/2022"
    assert told["Ghi chú"] == "hồ sơ minh họa"


def as_json(value):
    return value.date().isoformat() if isinstance(value, datetime) else value


def test_a_workbook_holds_real_numbers_and_days_and_the_line_of_sums(sample_client):
    data = shown_by(sample_client, "parcels", "xlsx", columns=COLUMNS, sort="-handover_day")
    book = load_workbook(io.BytesIO(data))
    sheet = book.worksheets[0]
    area, day = sheet["D2"], sheet["E2"]
    assert (area.data_type, area.number_format) == ("n", "#,##0.00")
    assert (day.data_type, day.number_format) == ("d", "dd/mm/yyyy")
    assert day.value.date() <= date(2022, 10, 24)
    assert sheet["D1"].value == "Diện tích thu hồi (m²)"
    *_, last = sheet.iter_rows(values_only=True)
    assert (last[0], last[3]) == ("Tổng", ask(sample_client, "parcels").json["sums"]["area_m2"])


@pytest.fixture
def hostile(make_database):
    """A database with a project that a spreadsheet would run."""
    database = make_database("tables")
    with engine_of(database.owner) as engine, Session(engine) as session:
        session.add(Project(code="formula", name='=HYPERLINK("x")', managing_level=None))
        session.add(Project(code="line", name="@SUM\nA1"))
        session.commit()
    with serving(database) as app:
        yield app.test_client()


def test_text_is_never_run_as_a_formula(hostile):
    asked = {"columns": "name,handover.area_m2"}
    lines = list(csv.reader(io.StringIO(shown_by(hostile, "by-project", "csv", **asked).decode())))
    assert {name for name, _ in lines[1:]} == {'\'=HYPERLINK("x")', "'@SUM\nA1"}
    sheet = load_workbook(io.BytesIO(shown_by(hostile, "by-project", "xlsx", **asked))).worksheets[0]
    cells = [sheet["A2"], sheet["A3"]]
    assert {cell.value for cell in cells} == {'=HYPERLINK("x")', "@SUM\nA1"}
    assert {cell.data_type for cell in cells} == {"s"}


def test_records_need_the_right_to_see_records(sample):
    with serving(sample, GPMB_OPEN_ACCESS="public") as app:
        client = app.test_client()
        assert "parcels" not in {each["name"] for each in client.get(PATH).json["tables"]}
        assert ask(client, "by-project").status_code == 200
        for hidden in ("parcels", "parcels.csv", "parcels.xlsx", "parcels.geojson"):
            refused, missing = ask(client, hidden), ask(client, hidden.replace("parcels", "nothing"))
            assert (refused.status_code, refused.mimetype) == (404, "application/problem+json")
            assert refused.text.replace("parcels", "nothing") == missing.text
    with serving(sample, GPMB_OPEN_ACCESS="none") as app:
        assert ask(app.test_client(), "by-project").status_code == 401


BAD = [
    ({"day": "24/10/2022"}, "day"),
    ({"since": DAY}, "since"),
    ({"bounds": "106,21"}, "bounds"),
    ({"bounds": "107,21,106,22"}, "bounds"),
    ({"bounds": "nan,21,106,22"}, "bounds"),
    ({"columns": "area_m2,nothing"}, "columns"),
    ({"sort": "-nothing"}, "sort"),
    ({"limit": "0"}, "limit"),
    ({"limit": "501"}, "limit"),
    ({"offset": "-1"}, "offset"),
    ({"totals": "maybe"}, "totals"),
    ({"q": "x" * 201}, "q"),
    ({"filter.area_m2": "much"}, "filter.area_m2"),
    ({"filter.area_m2": "1.000,5..2"}, "filter.area_m2"),
    ({"filter.handover_day": "24/10/2022"}, "filter.handover_day"),
    ({"filter.nothing": "1"}, "filter.nothing"),
    ({"page": "2"}, "page"),
    ({"q": "a\0b"}, "q"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "parameter"), BAD)
def test_bad_input_is_named_in_the_readers_language(sample_client, query, parameter):
    answers = [ask(sample_client, "parcels", **query, lang=language) for language in ("vi", "en")]
    for answer in answers:
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), answer.text
        assert answer.json["parameter"] == parameter
        assert "%(" not in answer.json["detail"]
    assert answers[0].json["detail"] != answers[1].json["detail"]


@pytest.mark.parametrize(
    ("narrowed", "fits"),
    [
        ({"filter.area_m2": "100..200"}, lambda row: 100 <= row["area_m2"] <= 200),
        ({"filter.area_m2": "1000.."}, lambda row: row["area_m2"] >= 1000),
        ({"filter.handover_day": "-"}, lambda row: row["handover_day"] is None),
        ({"filter.handover_day": "*"}, lambda row: row["handover_day"] is not None),
        ({"filter.handover_day": "2021-01-01..2021-12-31"}, lambda row: row["handover_day"][:4] == "2021"),
        ({"filter.sheet": "27", "filter.area_m2": "..500"}, lambda row: "27" in row["sheet"] and row["area_m2"] <= 500),
    ],
)  # fmt: skip
def test_rows_are_narrowed_by_column(sample_client, narrowed, fits):
    answer = ask(sample_client, "parcels", columns=COLUMNS, limit=500, **narrowed).json
    rows = [dict(zip(COLUMNS.split(","), row["values"], strict=True)) for row in answer["rows"]]
    assert rows
    assert all(fits(row) for row in rows)
    assert answer["found"] < ask(sample_client, "parcels").json["found"]


def test_a_file_of_any_length_takes_one_cursor(sample_client, statements):
    with statements() as asked:
        shown_by(sample_client, "parcels", "csv")
    assert len([statement for statement in asked if "affected_parcel" in statement]) == 1


def test_the_session_of_a_file_is_given_back_when_it_is_sent(sample):
    with serving(sample) as app:
        client, pool = app.test_client(), app.extensions["engine"].pool
        for form in TYPES:
            shown_by(client, "parcels", form)
            assert pool.checkedout() == 0
        answer = client.get(f"{PATH}/parcels.csv", query_string={"day": DAY}, buffered=False)
        next(answer.iter_encoded())
        assert pool.checkedout() == 1
        answer.close()  # the reader goes away half-way
        assert pool.checkedout() == 0


def test_the_tool_is_written_in_both_languages(sample_client):
    told = {language: sample_client.get(f"/panels/tools/table?lang={language}").text for language in ("vi", "en")}
    assert 'id="tool-table"' in told["vi"]
    assert "Cột và bộ lọc" in told["vi"]
    assert "Columns and filters" in told["en"]
