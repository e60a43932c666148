"""Official reports built from the records: what they state is read out of the files again."""

import io
import re
import subprocess
from datetime import date
from decimal import Decimal
from urllib.parse import quote

import pytest
from docx import Document
from openpyxl import load_workbook

from gis.indicators import INDICATORS
from gis.progress import today
from tests.web.test_golden import UNITS, derivable_rows, expected_cells
from webmap.reports import choices

PERIODS = {
    "R1": ("tp-lang-son", "2022-01-01", "2022-10-24"),
    "R2": ("tp-lang-son", "2024-12-01", "2024-12-16"),
    "R4": ("tp-lang-son", "2020-06-01", "2020-06-30"),
    "R5": ("h-chi-lang", "2024-01-01", "2024-03-31"),
}
HEADS = {
    "Văn bản": "documents", "Dự án": "projects", "Số hộ": "households", "Số đối tượng": "holders",
    "Tổ chức": "organisations",
    "Cộng đồng": "communities",
    "Diện tích (m²)": "area_m2", "Số tiền (đồng)": "amount_vnd", "Số lô": "plots",
}  # fmt: skip
WHOSE = {
    "tất cả": "", "hộ": "household", "tổ chức": "organisation", "cộng đồng": "community",
    "đất không có chủ sử dụng (đường, mương…)": "none",
}  # fmt: skip
MEASURES = {"Số đối tượng": "holders", "m²": "area_m2", "đồng": "amount_vnd"}
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
        if rows[0][:2] == ["Dự án trọng điểm", "Loại đối tượng"]:
            for project, whose, *values in rows[1:]:
                for step, measure, value in zip(header[2:], rows[0][2:], values, strict=True):
                    found.setdefault((project, step, WHOSE[whose], True), {})[MEASURES[measure]] = read(value)
        elif "Bước" in header and header[0] != "Xã, phường":
            of_project = header[0] != "Bước"
            for row in rows:
                cells = dict(zip(header, row, strict=True))
                step = cells["Bước"].removeprefix("trong đó: ")
                key = (row[0] if of_project else "", step, WHOSE[cells.get("Loại đối tượng", "tất cả")], False)
                found.setdefault(key, {}).update(  # a table wider than the sheet goes on in another one
                    (HEADS[name], read(value)) for name, value in cells.items() if name in HEADS and name != header[0]
                )
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
    assert "389 hộ gia đình, cá nhân và 01 tổ chức thuộc 22 dự án; diện tích 169.352,2\u00a0m²" in text
    import zipfile

    notes = zipfile.ZipFile(io.BytesIO(content)).read("word/footnotes.xml").decode()
    assert "Công viên bờ sông Kỳ Cùng (đoạn cầu Đông Kinh - khách sạn Đông Kinh) (79 hộ)" in notes
    assert "w:footnoteReference" in zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()


def test_what_records_cannot_give_stands_as_reported_with_its_source(built):
    (reported,) = (table for table in tables_of_docx(built("R1", "docx")) if table[0][0] == "Chỉ tiêu")
    rows = {(row[0], row[-1]): row for row in reported[1:]}
    assert rows["Kế hoạch vốn", "R1:135"][6] == "313.807.000.000"
    assert rows["Giải ngân", "R1:135"][9] == "58"


def test_key_projects_tell_what_remains_what_holds_them_up_and_which_way_out(built):
    head, *rows = next(
        table for table in tables_of_docx(built("R2", "docx")) if table[0][:2] == ["Dự án trọng điểm", "Mục tiêu"]
    )
    told = {row[0]: dict(zip(head, row, strict=True)) for row in rows}[
        "Khu tái định cư và dân cư Nam Nguyễn Đình Chiểu"
    ]
    assert told["Mục tiêu"].startswith("100 % đến ngày 31/12/2024")
    assert (told["Số hộ ảnh hưởng"], told["Đã bàn giao (hộ)"], told["Còn lại (hộ)"]) == ("118", "56", "62")
    assert "Dừng thi công phần PPP do vướng mặt bằng" in told["Vướng mắc"]
    assert told["Hướng giải quyết"].startswith("Cùng tổ công tác liên ngành rà soát")
    assert told["Đơn vị xử lý"] == "UBND tỉnh Lạng Sơn"


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
    assert "16/12/2024" in refused.text, "what was asked stays filled in"


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


def pdf_tool(name: str, *options: str, pdf: bytes) -> str:
    return subprocess.run([name, *options], input=pdf, capture_output=True, check=True).stdout.decode()


PARK = "cong-vien-bo-song-ky-cung"
MAPPED = f"unit=tp-lang-son&from=2022-01-01&to=2022-10-24&project={PARK}&map=communes&map=projects&lang=vi"


@pytest.mark.parametrize(("paper", "size"), [("a3", "841.89 x 1190.55"), ("a4", "595.276 x 841.89")])
def test_map_pages_stand_at_the_end_of_the_pdf_with_all_a_map_needs(sample_client, paper, size):
    answer = sample_client.get(f"/reports/report.pdf?{MAPPED}&paper={paper}")
    assert answer.status_code == 200, answer.text
    pages = pdf_tool("pdftotext", "-", "-", pdf=answer.data).split("\f")[:-1]
    unit, project = (" ".join(page.split()) for page in pages[-2:])
    assert f"1/{len(pages) - 2}" in pages[0].replace(" ", "")
    for page, number, title, handed in (
        (unit, "Bản đồ 1 / 2", "Giải phóng mặt bằng: thành phố Lạng Sơn", "Đã bàn giao tại thành phố Lạng Sơn"),
        (project, "Bản đồ 2 / 2", "Công viên bờ sông Kỳ Cùng", "phần thuộc thành phố Lạng Sơn"),
    ):
        for said in (
            number, title, handed, "đến 24/10/2022", "Chú giải", "Tỷ lệ 1:", "6.606,07 / 8.946,07", "84 / 89",
            "VN-2000, kinh tuyến trục 107°15′, múi chiếu 3°", "mũi tên chỉ hướng bắc lưới", "Nguồn: hồ sơ",
        ):  # fmt: skip
            assert said in page, said
        assert re.search(r"\b44\d\.\d00\b", page), "figures of the grid, Y"
        assert re.search(r"\b2\.41\d\.\d00\b", page), "figures of the grid, X"
    assert "60 – 80 % (1)" in unit
    assert "Đã bàn giao toàn bộ" in project, "parcels by step"
    facts = pdf_tool("pdfinfo", "-f", "1", "-l", str(len(pages)), "-", pdf=answer.data)
    sizes = re.findall(r"Page +\d+ size: +([\d.]+) x ([\d.]+)", facts)
    assert {" x ".join(sorted(sides, key=float)) for sides in sizes} == {size}
    assert len(pdf_tool("pdfimages", "-list", "-", pdf=answer.data).splitlines()) == 2, "pictures among the vectors"
    fonts = [line.split() for line in pdf_tool("pdffonts", "-", pdf=answer.data).splitlines()[2:]]
    assert all(font[-5] == "yes" for font in fonts)


def test_a_map_is_not_drawn_beside_text_of_another_state_of_knowledge(sample_client):
    refused = sample_client.get(f"/reports/report.pdf?{MAPPED}&known_at=2022-06-30", headers={"Accept": "text/html"})
    assert refused.status_code == 400
    assert "lập lại báo cáo hoặc bỏ bản đồ" in refused.text
    assert sample_client.get(f"/reports/report.pdf?{MAPPED}&map=roads").status_code == 400


def test_who_may_not_see_records_gets_maps_without_parcels(sample):
    from tests.conftest import serving

    with serving(sample, GPMB_OPEN_ACCESS="public") as app:
        asked = MAPPED.replace("&map=communes", "")
        page = pdf_tool("pdftotext", "-", "-", pdf=app.test_client().get(f"/reports/report.pdf?{asked}").data)
    assert "Bản đồ 1 / 1" in page
    assert "Thửa đất thu hồi theo bước" not in page


def test_programs_get_all_of_it_as_numbers(sample_client):
    asked = "unit=tp-lang-son&from=2022-01-01&to=2022-10-24&lang=vi"
    told = sample_client.get(f"/api/v1/reports?{asked}").json
    assert (told["unit"], told["from"], told["to"], told["projects"]) == ("tp-lang-son", "2022-01-01", "2022-10-24", [])
    assert (told["illustrative"], told["revision"] > 0) == (True, True)
    steps = next(table for table in told["tables"] if table["key"] == "steps")
    at = {column["title"]: n for n, column in enumerate(steps["columns"])}
    handover = next(row for row in steps["rows"] if row[0] == "Bàn giao mặt bằng")
    assert [handover[at[name]] for name in ("Dự án", "Số hộ", "Tổ chức", "Diện tích (m²)")] == [22, 389, 1, 169352.2]
    assert any("169.352,2" in sentence["text"] and "22 dự án" in sentence["text"] for sentence in told["sentences"])
    alone = sample_client.get(f"/reports/report.json?{asked}&project={PARK}").json
    again = sample_client.get(
        "/api/v1/reports", query_string=f"{asked}&project={PARK}&known_at={quote(alone['known_at'])}"
    ).json
    assert (alone["projects"], alone) == ([PARK], again)
    assert sample_client.get("/api/v1/reports?unit=tp-lang-son").status_code == 400


def test_what_is_asked_stays_in_the_form_and_the_address(sample_client):
    page = sample_client.get(f"/reports?{MAPPED}&units_of=new&known_at=2023-01-31T08:30&paper=a3&q=ky%20cung").text
    assert re.findall(r'name="project" value="([^"]+)" checked', page) == [PARK]
    listed = re.findall(r'name="project" value="([^"]+)"', page)
    assert "ke-song-ky-cung-gd3" in listed
    assert "ho-phai-loan" not in listed, "words are looked for without diacritics"
    assert re.findall(r'name="map" value="(\w+)" checked', page) == ["communes", "projects"]
    assert "31/01/2023 08:30" in page or 'value="2023-01-31T08:30"' in page
    assert '<option value="new" selected>' in page
    (pdf,) = re.findall(r'href="(/reports/report\.pdf[^"]+)"', page)
    assert {"map=communes", "map=projects", "paper=a3", f"project={PARK}"} <= set(re.split(r"[?&]|&amp;|amp;", pdf))


@pytest.mark.parametrize(
    ("name", "today", "days"),
    [("this_month", "2026-11-21", "2026-11-01 2026-11-21"), ("last_month", "2026-01-31", "2025-12-01 2025-12-31"),
     ("this_quarter", "2026-05-02", "2026-04-01 2026-05-02"), ("last_quarter", "2026-02-02", "2025-10-01 2025-12-31"),
     ("this_year", "2026-11-21", "2026-01-01 2026-11-21"), ("last_year", "2026-11-21", "2025-01-01 2025-12-31")],
)  # fmt: skip
def test_quick_periods(name, today, days):
    assert " ".join(map(str, choices.period(name, date.fromisoformat(today)))) == days


def test_a_quick_period_becomes_days_of_the_address(sample_client):
    answer = sample_client.get(f"/reports?unit=tp-lang-son&project={PARK}&from=&to=&period=last_month")
    assert answer.status_code == 302
    since, upto = choices.period("last_month", today())
    assert answer.headers["Location"].endswith(f"unit=tp-lang-son&project={PARK}&from={since}&to={upto}")
    assert sample_client.get("/reports?unit=tp-lang-son&period=soon").status_code == 400
