"""Official reports built from the records: what they state is read out of the files again."""

import io
import subprocess
from datetime import date
from decimal import Decimal

import pytest
from docx import Document
from openpyxl import load_workbook

from gis.indicators import INDICATORS
from tests.web.test_golden import UNITS, derivable_rows, expected_cells

PERIODS = {
    "R1": ("tp-lang-son", "2022-01-01", "2022-10-24"),
    "R2": ("tp-lang-son", "2024-12-01", "2024-12-16"),
    "R4": ("tp-lang-son", "2020-06-01", "2020-06-30"),
    "R5": ("h-chi-lang", "2024-01-01", "2024-03-31"),
}
HEADS = {
    "Văn bản": "documents", "Dự án": "projects", "Số hộ": "households", "Đối tượng": "holders",
    "Tổ chức": "organisations",
    "Cộng đồng": "communities",
    "Diện tích (m²)": "area_m2", "Số tiền (đồng)": "amount_vnd", "Số lô": "plots",
}  # fmt: skip
WHOSE = {
    "tất cả": "", "hộ": "household", "tổ chức": "organisation", "cộng đồng": "community",
    "đất không có chủ sử dụng (đường, mương…)": "none",
}  # fmt: skip
MEASURES = {"Đối tượng": "holders", "m²": "area_m2", "đồng": "amount_vnd"}
OF_HOLDER = {"households": "household", "organisations": "organisation", "communities": "community"}


@pytest.fixture(scope="module")
def built(sample_app, tmp_path_factory):
    """Give a report's file as the command writes it, with every amount; each written once."""
    kept = {}

    def build(report: str, form: str) -> bytes:
        if (report, form) not in kept:
            unit, since, upto = PERIODS[report]
            file = tmp_path_factory.mktemp("reports") / f"{report}.{form}"
            asked = ["--unit", unit, "--from", since, "--to", upto, "--format", form, "--out", str(file)]
            done = sample_app.test_cli_runner().invoke(args=["report", *asked])
            assert done.exit_code == 0, done.output
            kept[report, form] = file.read_bytes()
        return kept[report, form]

    return build


def number(text: str) -> Decimal | None:
    return Decimal(text.replace(".", "").replace(",", ".")) if text else None


def tables_of_docx(content: bytes) -> list[list[list[str]]]:
    document = Document(io.BytesIO(content))
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


def tables_of_xlsx(content: bytes) -> list[list[list]]:
    """Give every sheet as a table in DOCX is: a title above several columns repeated in each."""
    found = []
    for sheet in load_workbook(io.BytesIO(content)).worksheets[1:]:
        above, *rows = [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]
        for merged in sheet.merged_cells.ranges:
            above[merged.min_col : merged.max_col] = [above[merged.min_col - 1]] * (merged.max_col - merged.min_col)
        found.append([above, *rows] if any(above) else rows)
    return found


def figures(tables: list, read) -> dict:
    """Everything the tables state: by (project, step, whose, period or standing) the measures of its row."""
    found = {}
    for header, *rows in tables:
        if rows[0][:2] == ["Dự án trọng điểm", "Của"]:
            for project, whose, *values in rows[1:]:
                for step, measure, value in zip(header[2:], rows[0][2:], values, strict=True):
                    found.setdefault((project, step, WHOSE[whose], True), {})[MEASURES[measure]] = read(value)
        elif "Bước" in header and header[0] != "Xã, phường":
            of_project = header[0] != "Bước"
            for row in rows:
                cells = dict(zip(header, row, strict=True))
                key = (row[0] if of_project else "", cells["Bước"], WHOSE[cells.get("Của", "tất cả")], False)
                found[key] = {
                    HEADS[name]: read(value) for name, value in cells.items() if name in HEADS and name != header[0]
                }
    return found


def names(app) -> dict[str, str]:
    entries = app.test_client().get("/api/v1/projects").json["projects"]
    return {"": ""} | {entry["code"]: entry["name"] for entry in entries}


@pytest.mark.parametrize("form", ["docx", "xlsx"])
@pytest.mark.parametrize("report", PERIODS)
def test_a_report_states_every_figure_that_the_records_can_give(sample_app, built, report, form):
    content = built(report, form)
    if form == "docx":
        stated = figures(tables_of_docx(content), number)
    else:
        stated = figures(tables_of_xlsx(content), lambda value: None if value is None else Decimal(str(value)))
    called, compared = names(sample_app), 0
    for row in derivable_rows():
        unit, _, upto = PERIODS[report]
        if not row["fid"].startswith(report) or UNITS[row["unit"]] != unit or row["to"] != upto:
            continue
        holder = "" if row["holder"] == "all" else row["holder"]
        key = called[row["project"]], INDICATORS[row["indicator"]].vi, holder, row["basis"] == "cumulative"
        for cell, value in expected_cells(row).items():
            if cell in ("projects", "documents") and row["project"]:
                continue  # a project's own row counts neither
            asked = key
            if cell.startswith("of_"):
                asked, cell = (key[0], INDICATORS["affected"].vi, "", True), cell.removeprefix("of_")
            # The row of all holders of a key project counts them together; each kind has its own where there are two.
            apart = (*asked[:2], OF_HOLDER.get(cell), True)
            if asked[2:] == ("", True) and row["holder"] != "all" and apart in stated:
                asked = apart
            about = stated[asked]
            if cell == "households" and row["holder"] == "all" and "holders" not in about:
                found = sum(about.get(kind) or 0 for kind in OF_HOLDER)
            elif "holders" in about and cell in OF_HOLDER:
                found = about["holders"]
            else:
                found = about[cell]
            assert found == Decimal(value), f"{row['fid']} {cell}"
            compared += 1
    assert compared > {"R1": 60, "R2": 15, "R4": 15, "R5": 4}[report]


def test_the_text_says_the_handover_with_its_projects_in_a_footnote(built):
    content = built("R1", "docx")
    text = "\n".join(p.text for p in Document(io.BytesIO(content)).paragraphs)
    assert "389 hộ gia đình, cá nhân và 01 tổ chức thuộc 22 dự án; diện tích 169.352,2 m²" in text
    import zipfile

    notes = zipfile.ZipFile(io.BytesIO(content)).read("word/footnotes.xml").decode()
    assert "Công viên bờ sông Kỳ Cùng (đoạn cầu Đông Kinh - khách sạn Đông Kinh) (79 hộ)" in notes
    assert "w:footnoteReference" in zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()


def test_what_records_cannot_give_stands_as_reported_with_its_source(built):
    (reported,) = (table for table in tables_of_docx(built("R1", "docx")) if table[0][0] == "Chỉ tiêu")
    rows = {(row[0], row[-1]): row for row in reported[1:]}
    assert rows["Kế hoạch vốn", "R1:135"][6] == "313.807.000.000"
    assert rows["Giải ngân", "R1:135"][9] == "58"


def test_the_pdf_has_numbered_pages_repeated_titles_and_embedded_fonts(built, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(built("R2", "pdf"))
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    pages = text.split("\f")[:-1]
    assert f"1/{len(pages)}" in pages[0].replace(" ", "")
    assert "72.284,3" in text
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts
    assert all(line.split()[-5] == "yes" for line in fonts), fonts


@pytest.mark.parametrize(
    ("query", "status"),
    [("unit=tp-lang-son&from=2022-01-01", 400), ("unit=tp-lang-son&from=2022-02-01&to=2022-01-01", 400),
     ("unit=khong-co&from=2022-01-01&to=2022-10-24", 404), ("unit=tp-lang-son&from=2026-01-01&to=2026-10-24", 400),
     ("unit=tp-lang-son&from=2022-01-01&to=2022-10-24&paper=a5", 400)],
)  # fmt: skip
def test_a_report_that_cannot_be_meant_is_refused(sample_client, query, status):
    assert sample_client.get(f"/reports/report.docx?{query}").status_code == status


def test_the_page_shows_the_form_and_the_report(sample_client):
    assert "Đơn vị báo cáo" in sample_client.get("/reports?lang=vi").text
    page = sample_client.get("/reports?unit=tp-lang-son&from=2024-12-01&to=2024-12-16&lang=vi").text
    assert "72.284,3" in page
    refused = sample_client.get("/reports?unit=tp-lang-son&from=2024-12-16&to=2024-12-01&lang=vi")
    assert refused.status_code == 400
    assert "2024-12-16" in refused.text, "what was asked stays filled in"


def test_a_report_asked_as_known_then_is_the_report_of_then(sample_app, sample_session):
    from gis import report

    known = date(2022, 6, 30)
    early = report.build(
        sample_session, unit="tp-lang-son", since=date(2022, 1, 1), upto=date(2022, 10, 24), known_at=_noon(known)
    )
    late = report.build(sample_session, unit="tp-lang-son", since=date(2022, 1, 1), upto=date(2022, 10, 24))
    assert early.total["handover"]["area_m2"] < late.total["handover"]["area_m2"]


def _noon(day: date):
    from datetime import datetime, time

    from gis.progress import VIETNAM_TIME

    return datetime.combine(day, time(12), VIETNAM_TIME)
