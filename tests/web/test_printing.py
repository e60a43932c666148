"""A sheet of the map, opened again: all that a reader of the paper alone must be told, in type that is in the file."""

import re
import subprocess

import pytest
from weasyprint.urls import FatalURLFetchingError

from gis.errors import NotReady
from layers import lettering
from tests.conftest import serving
from tests.web.test_bad_input import AWKWARD
from webmap import printing

CITY = "106.755,21.845,106.775,21.86"
SIZES = {
    ("a4", "landscape"): (297, 210), ("a4", "portrait"): (210, 297),
    ("a3", "landscape"): (420, 297), ("a3", "portrait"): (297, 420),
}  # fmt: skip
POINTS_PER_MM = 72 / 25.4


def tool(name: str, *options: str, pdf: bytes) -> str:
    return subprocess.run([name, *options], input=pdf, capture_output=True, check=True).stdout.decode()


def words(pdf: bytes) -> str:
    return tool("pdftotext", "-layout", "-", "-", pdf=pdf)


def sheet(client, **asked) -> bytes:
    answer = client.get("/print/map.pdf", query_string=asked)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.mimetype == "application/pdf"
    return answer.data


@pytest.mark.parametrize(("paper", "orientation"), SIZES)
def test_every_paper_is_one_page_of_its_size_in_vectors_with_its_fonts(sample_client, paper, orientation):
    pdf = sheet(sample_client, day="2022-10-24", paper=paper, orientation=orientation)
    facts = tool("pdfinfo", "-", pdf=pdf)
    assert re.search(r"Pages:\s+1\n", facts)
    size = re.search(r"Page size:\s+([\d.]+) x ([\d.]+) pts", facts).groups()
    assert [float(side) / POINTS_PER_MM for side in size] == pytest.approx(SIZES[paper, orientation], abs=0.01)
    fonts = [line.split() for line in tool("pdffonts", "-", pdf=pdf).splitlines()[2:]]
    assert len(fonts) == len(lettering.FACES)
    assert all(font[-5:-2] == ["yes", "yes", "yes"] for font in fonts), "embedded, subset, readable"
    assert len(tool("pdfimages", "-list", "-", pdf=pdf).splitlines()) == 2, "pictures among the vectors"
    assert len(pdf) < 1_000_000
    said = words(pdf)
    for text in (
        "Giải phóng mặt bằng: tỉnh Lạng Sơn",
        "đến 24/10/2022",
        "VN-2000, kinh tuyến trục 107°15′, múi chiếu 3°",
    ):
        assert text in " ".join(said.split()), text


def test_a_sheet_says_what_it_shows_from_where_and_as_of_when(sample_client):
    pdf = sheet(sample_client, day="2022-10-24", bounds=CITY, scale=5000, paper="a3", lang="vi")
    said = " ".join(words(pdf).split())
    figures = sample_client.get("/api/v1/progress?as_of=2022-10-24").json["total"]["values"]
    households = f"{figures['handover']['households']:,} / {figures['affected']['households']:,}".replace(",", ".")
    for text in (
        "Tỷ lệ 1:5.000", "Tỷ lệ m² đã bàn giao · đến 24/10/2022", households, "Minh họa.", "hồ sơ minh họa",
        "Chú giải", "Thửa đất thu hồi theo bước đã thực hiện", "Quyết định thu hồi đất", "Đã bàn giao toàn bộ",
        "Phiên bản dữ liệu", "Lập lúc", "thửa đất thu hồi có ranh giới", "2.417.000", "449.800", "100 200 m",
    ):  # fmt: skip
        assert text in said, text
    assert re.search(r"20 – 40 % \(\d+\)", said)
    assert "80 – 100 %" not in said, "a class that no commune on the sheet is in"


def test_two_days_compared_in_english(sample_client):
    said = " ".join(
        words(sheet(sample_client, since="2021-12-31", day="2022-10-24", indicator="between_area", lang="en")).split()
    )
    assert "m² handed over between two days" in said
    assert "after 31/12/2021, up to 24/10/2022" in said
    assert "between the two days: +" in said
    assert "Scale 1:" in said


def test_a_project_alone_names_the_sheet_and_the_file(sample_client):
    answer = sample_client.get("/print/map.pdf?project=ho-phai-loan&day=2022-10-24")
    assert answer.headers["Content-Disposition"] == 'inline; filename="mat-bang_ho-phai-loan_2022-10-24.pdf"'
    said = " ".join(words(answer.data).split())
    assert "Phai Loạn" in said
    assert "trong toàn dự án" in said


def test_a_title_of_ones_own_is_text(sample_client):
    said = words(sheet(sample_client, title="Kế <b>hoạch</b> & tiến độ quý IV/2022", layers=""))
    assert "Kế <b>hoạch</b> & tiến độ quý IV/2022" in said
    assert "Trong phạm vi và ở tỷ lệ này" in said


WRONG = [
    ({"layers": "parcels,nothing"}, 404, "layer"),
    ({"project": "khong-co", "bounds": CITY}, 404, "project"),
    ({"indicator": "beauty"}, 400, "indicator"),
    ({"paper": "a0"}, 400, "paper"),
    ({"orientation": "up"}, 400, "orientation"),
    ({"scale": "1:5000"}, 400, "scale"),
    ({"scale": "7"}, 400, "scale"),
    ({"bounds": "106,21,107"}, 400, "bounds"),
    ({"bounds": "107,21,106,22"}, 400, "bounds"),
    ({"bounds": "2,48,3,49"}, 400, "bounds"),
    ({"bounds": "nan,21,107,22"}, 400, "bounds"),
    ({"bounds": "102.5,8.5,109,23"}, 400, "bounds"),
    ({"title": "a" * 121}, 400, "title"),
    ({"title": "a\u202eb"}, 400, "title"),
    ({"day": "2022-10-24", "since": "2022-10-24"}, 400, "since"),
    ({"colour": "red"}, 400, "colour"),
]


@pytest.mark.parametrize(("asked", "status", "parameter"), WRONG, ids=lambda value: str(value)[:40])
def test_what_cannot_be_printed_is_said_with_its_parameter(sample_client, asked, status, parameter):
    answer = sample_client.get("/print/map.pdf", query_string=asked, headers={"Accept": "application/problem+json"})
    assert answer.status_code == status
    assert answer.json["parameter"] == parameter
    assert answer.json["detail"]


def test_whoever_may_not_see_parcels_gets_no_sheet_of_them(sample):
    with serving(sample, GPMB_OPEN_ACCESS="public") as app:
        client = app.test_client()
        assert client.get("/print/map.pdf?layers=parcels").status_code == 404
        assert "Thửa đất" not in words(sheet(client, bounds=CITY, layers="communes,projects")).split("Nguồn")[0]
        found = words(sheet(client, bounds=CITY))
        assert "Quyết định thu hồi đất" not in found
    with serving(sample, GPMB_OPEN_ACCESS="none") as app:
        assert app.test_client().get("/print/map.pdf").status_code == 401


def test_awkward_questions_get_an_answer(sample_client, monkeypatch):
    monkeypatch.setattr(printing, "render", lambda sheet: b"%PDF")
    monkeypatch.setattr(printing, "compose", lambda *_, **_named: None)
    monkeypatch.setattr(printing, "file_name", lambda _: "sheet.pdf")
    for name in printing.PARAMETERS:
        for value in AWKWARD:
            answer = sample_client.get("/print/map.pdf", query_string={"bounds": CITY} | {name: value})
            assert answer.status_code in (200, 400, 404), f"{name}={value!r}"


def test_a_sheet_fetches_nothing_but_its_fonts():
    for url in ("file:///etc/passwd", "https://example.org/", "font:../../etc/passwd", "data:text/plain,x"):
        with pytest.raises(FatalURLFetchingError):
            printing._font(url)
    assert printing._font("font:bold").read()[:4] == b"\0\1\0\0"


def test_without_fonts_the_reader_is_told_who_can_help(sample_client, monkeypatch):
    def missing(_face):
        raise NotReady(
            "The font %(name)s is missing on the server: have its administrator install %(package)s.",
            name="Roboto", package=lettering.PACKAGE,
        )  # fmt: skip

    monkeypatch.setattr(lettering, "font_file", missing)
    lettering._advances.cache_clear()
    answer = sample_client.get(
        "/print/map.pdf", query_string={"bounds": CITY}, headers={"Accept": "*/*;q=.1, application/json"}
    )
    lettering._advances.cache_clear()
    assert answer.status_code == 503
    assert "fonts-roboto-unhinted" in answer.get_data(as_text=True)


def test_a_sheet_by_command(sample_app, tmp_path):
    run, file = sample_app.test_cli_runner(), tmp_path / "sheet.pdf"
    done = run.invoke(
        args=["map", "print", "--day", "2022-10-24", "--bounds", CITY, "--title", "Bàn giao", "--out", str(file)]
    )
    assert done.exit_code == 0, done.output
    assert "Bàn giao" in words(file.read_bytes())
    wrong = run.invoke(args=["map", "print", "--layers", "nothing", "--out", str(file)])
    assert wrong.exit_code == 1
    assert "nothing" in wrong.output
