"""A project without records: what a report states of it stands in everywhere figures show, marked as such.

Beside it one with records, and one of which nobody stated anything.
"""

import csv
import io
import re
import subprocess
from datetime import date
from html import unescape

import pytest
from docx import Document

from gis import db, model
from tests import factories as make
from tests.conftest import engine_of, serving

DAY = "2024-06-30"
STATED = "40 / 60 hộ, 1.200,5 / 3.000 m²"


@pytest.fixture(scope="module")
def client(make_database):
    database = make_database("sources")
    with serving(database) as app:
        with engine_of(database.owner) as engine, db.transaction(engine) as session:
            province = make.unit(session, slug="t-lang-son", level="province", kind="province", name="tỉnh Lạng Sơn")
            district = make.unit(
                session, slug="h-thu", level="district", kind="district", name="huyện Thử", parent_id=province.id
            )
            shape = make.square(side_m=900)
            commune = make.unit(session, slug="x-thu", name="xã Thử", parent_id=district.id, shape=shape)
            for east_m, (code, name) in enumerate(
                [("co-ho-so", "Có hồ sơ"), ("theo-bao-cao", "Chỉ có báo cáo"), ("chua-co", "Chưa có gì")]
            ):
                project = make.project(session, code=code, name=name)
                make.boundary(session, project, shape=make.square(200 * east_m, side_m=90))
                session.add_all(
                    [
                        model.ProjectCommune(project_id=project.id, unit_id=commune.id, valid=make.ALWAYS, main=True),
                        model.KeyDesignation(project_id=project.id, year=2024, body="UBND tỉnh"),
                    ]
                )
                if code == "co-ho-so":
                    land = make.affected(session, project, case=make.case(session, project))
                    session.add(model.ParcelCommune(parcel_id=land.parcel_id, unit_id=commune.id, valid=make.ALWAYS))
                elif code == "theo-bao-cao":
                    told = {"unit_id": district.id, "project_id": project.id, "derivable": False}
                    session.add_all(
                        model.ReportedFigure(**told, contradicted_cells=[], source_line="R9:1", **of)
                        for of in (
                            {"figure": "R9.ban-giao", "indicator": "handover", "basis": "cumulative",
                             "to_on": date(2024, 5, 31), "households": 40, "of_households": 60, "area_m2": 1200.5,
                             "of_area_m2": 3000},
                            {"figure": "R9.sau", "indicator": "handover", "basis": "cumulative",
                             "to_on": date(2024, 7, 31), "households": 50},
                            {"figure": "R9.muc-tieu", "indicator": "target_handover", "basis": "target",
                             "from_on": date(2024, 1, 1), "to_on": date(2024, 12, 31), "percent": 100},
                        )
                    )  # fmt: skip
        yield app.test_client()


def said(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def of_row(page: str, key: str) -> str:
    return said(re.search(rf'<tr data-kind="project" data-key="{key}".*?</tr>', page, re.S)[0])


def test_the_tables_beside_the_map_say_which_kind_of_figure_each_is(client):
    page = client.get(f"/panels/figures?day={DAY}&lang=vi").text
    stated = of_row(page, "theo-bao-cao")
    assert f"theo báo cáo: {STATED} (đến 31/05/2024, R9:1)" in stated
    assert "nguồn: báo cáo" in stated
    assert "nguồn: hồ sơ" in of_row(page, "co-ho-so")
    silent = of_row(page, "chua-co")
    assert "chưa có số liệu" in silent
    assert "nguồn" not in silent
    assert "Không cộng vào tổng: dự án chỉ có số liệu báo cáo: 1; dự án chưa có số liệu: 1." in said(page)
    before = of_row(client.get("/panels/figures?day=2024-05-30&lang=vi").text, "theo-bao-cao")
    assert "chưa có số liệu" in before, "what a report states of a later day stands in for no earlier one"


def test_panels_show_the_stand_in(client):
    panel = said(client.get(f"/panels/project/theo-bao-cao?day={DAY}&lang=vi").text)
    assert "Chưa có hồ sơ đến 30/06/2024; ghi số liệu theo báo cáo" in panel
    assert f"theo báo cáo: Bàn giao mặt bằng {STATED} (đến 31/05/2024, R9:1)" in panel
    commune = said(client.get(f"/panels/commune/x-thu?day={DAY}&lang=vi").text)
    assert f"theo báo cáo, của cả dự án: Bàn giao mặt bằng {STATED}" in commune
    assert "chưa có số liệu" in commune


def test_labels_of_the_map_have_it_with_its_day_and_line(client):
    stated = client.get("/panels/course").json["stated"]
    epoch = date(1970, 1, 1).toordinal()
    ends = [date(2024, 5, 31), date(2024, 7, 31)]
    may, july = (end.toordinal() - epoch for end in ends)
    assert stated == {"theo-bao-cao": [[may, 1200.5, 3000, 40, 60, "R9:1"], [july, None, None, 50, None, "R9:1"]]}


def test_the_table_tool_and_its_files_name_the_source(client):
    asked = f"day={DAY}&columns=name,source,reported,handover.households&lang=vi"
    rows = {row["key"]: row["values"] for row in client.get(f"/api/v1/tables/by-project?{asked}").json["rows"]}
    assert rows["theo-bao-cao"] == [
        "Chỉ có báo cáo", "báo cáo (chưa có hồ sơ)",
        "Bàn giao mặt bằng: 40 hộ trong tổng 60 hộ, 1.200,5 m² trong tổng 3.000 m² (31/05/2024, R9:1)", None,
    ]  # fmt: skip
    assert rows["chua-co"][1:] == ["chưa có số liệu", None, None]
    file = client.get(f"/api/v1/tables/by-project.csv?{asked}").get_data(as_text=True)
    assert "trong tổng 60 hộ" in file
    lines = csv.DictReader(io.StringIO(client.get(f"/api/v1/progress.csv?by=project&as_of={DAY}").text))
    assert {line["project"]: line["source"] for line in lines} == {
        "co-ho-so": "records", "theo-bao-cao": "reported", "chua-co": "none", "total": "records",
    }  # fmt: skip


def test_a_printed_sheet_states_it(client):
    answer = client.get(f"/print/map.pdf?project=theo-bao-cao&day={DAY}&layers=projects&scale=5000&lang=vi")
    text = subprocess.run(["pdftotext", "-", "-"], input=answer.data, capture_output=True, check=True).stdout.decode()
    text = " ".join(text.split())
    assert f"theo báo cáo: Bàn giao mặt bằng {STATED} (đến 31/05/2024, R9:1)" in text
    assert "theo báo cáo: 1.200 / 3.000 m² · 40 / 60 hộ (31/05/2024, R9:1)" in text, "the label"


def test_a_report_states_it_marked_and_in_no_total(client):
    asked = f"unit=h-thu&from=2024-01-01&to={DAY}&lang=vi"
    document = Document(io.BytesIO(client.get(f"/reports/report.docx?{asked}").data))
    read = [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]
    tables = {table[0][0]: table for table in read}
    head, *rows = tables["Dự án trọng điểm"]
    key = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    stated = key["Chỉ có báo cáo"]
    assert [stated[name] for name in ("Số hộ ảnh hưởng", "Đã bàn giao (hộ)")] == ["60", "40"]
    assert stated["Nguồn"] == "báo cáo, chưa có hồ sơ: R9:1, 31/05/2024"
    assert key["Có hồ sơ"]["Nguồn"] == "hồ sơ"
    assert key["Chưa có gì"]["Nguồn"] == "chưa có số liệu"
    told = client.get(f"/api/v1/reports?{asked}").json
    (unrecorded,) = (table for table in told["tables"] if table["key"] == "unrecorded")
    titles = [column["title"] for column in unrecorded["columns"]]
    assert titles == [
        "Dự án", "Chỉ tiêu", "Thời gian", "Số hộ", "trong tổng số hộ", "Diện tích (m²)", "trong tổng m²", "Nguồn",
    ]  # fmt: skip
    assert unrecorded["rows"] == [
        ["Chưa có gì", "chưa có số liệu", None, None, None, None, None, None],
        ["Chỉ có báo cáo", "Bàn giao mặt bằng", "đến 31/05/2024", 40, 60, 1200.5, 3000, "báo cáo R9:1"],
    ]
    steps = [row for table in told["tables"] if table["key"] in ("steps", "projects") for row in table["rows"]]
    assert not [row for row in steps if "Chỉ có báo cáo" in row]
