"""The tables of a day as the page gets them: two dates compared, one project alone, targets, and what is refused."""

import csv
import io
import re
from html import unescape

import pytest

PARK = "cong-vien-bo-song-ky-cung"


def told(page: str) -> str:
    """What a reader reads, without the marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def row_of(page: str, key: str) -> str:
    return re.search(rf'<tr [^>]*data-key="{key}".*?</tr>', page, re.S)[0]


def test_two_dates_say_both_days_and_what_was_added(sample_client):
    page = sample_client.get("/panels/figures?day=2024-12-16&since=2022-10-24&lang=vi").text
    assert 'data-since="2022-10-24"' in page
    text = told(page)
    assert "bàn giao từ 25/10/2022 đến 16/12/2024" in text
    assert "Đã bàn giao theo dự án, đến 16/12/2024 và từ 25/10/2022 đến 16/12/2024" in text
    assert "giữa hai ngày: +371" in text
    assert "giữa hai ngày: +255.083,1 m²" in text
    assert "+815,7 +2 hộ" in told(row_of(page, PARK))
    assert 'data-between="815.70" data-between-households="2"' in row_of(page, PARK)


def test_one_date_says_nothing_of_another(sample_client):
    page = sample_client.get("/panels/figures?day=2024-12-16&lang=vi").text
    assert "data-between" not in page
    assert "giữa hai ngày" not in page


def test_a_row_has_as_many_cells_as_the_head(sample_client):
    for asked in ("day=2024-12-16", "day=2024-12-16&since=2022-10-24"):
        page = sample_client.get(f"/panels/figures?{asked}").text
        table = re.search(r"<table.*?</table>", page, re.S)[0]
        widths = {
            sum(int(span or 1) for span in re.findall(r'<t[hd](?: colspan="(\d+)")?[ >]', row))
            for row in re.findall(r"<tr.*?</tr>", table, re.S)
        }
        assert len(widths) == 1, widths


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2022-10-24", "mục tiêu: 100 % m² đến 31/12/2022; thực hiện: 73,8 %"),
        ("2024-12-16", "mục tiêu: 100 % m² đến 31/12/2022; thực hiện: 83,0 % chậm so với mục tiêu"),
    ],
)
def test_a_project_says_its_target_and_whether_it_is_behind(sample_client, day, said):
    row = told(row_of(sample_client.get(f"/panels/figures?day={day}&lang=vi").text, PARK))
    assert said in row
    assert ("chậm" in row) == ("chậm" in said)


def test_one_project_alone(sample_client):
    page = sample_client.get(f"/panels/figures?day=2025-07-01&project={PARK}&lang=vi").text
    assert f'data-project="{PARK}"' in page
    assert re.findall(r'data-kind="(\w+)" data-key="([^"]*)"', page) == [
        ("project", PARK), ("commune", "p-dong-kinh-2025"),
    ]  # fmt: skip
    assert told(page).count("7.421,77 / 8.946,07") == 5, "headline, both tables and their totals"


def test_the_table_to_take_along_holds_the_same_days_and_project(sample_client):
    page = sample_client.get(f"/panels/figures?day=2024-12-16&since=2022-10-24&project={PARK}").text
    address = unescape(re.search(r'<a href="([^"]+\.csv[^"]*)"', page)[1])
    *_, total = csv.DictReader(io.StringIO(sample_client.get(address).text.removeprefix("\ufeff")))
    assert (total["handover.area_m2"], total["handover.households"]) == ("815.7", "2")


@pytest.mark.parametrize(
    ("asked", "status", "parameter"),
    [
        ("day=2022-10-24&since=2022-10-24", 400, "since"),
        ("day=2022-10-24&since=2023-01-01", 400, "since"),
        ("day=2022-10-24&since=24/13/2021", 400, "since"),
        ("day=2022-10-24&project=no-such-project", 404, "project"),
        (f"day=2022-10-24&project={PARK}&project={PARK}", 400, "project"),
        ("day=2022-10-24&until=2022-10-25", 400, "until"),
    ],
)
def test_refuses_what_cannot_be_read(sample_client, asked, status, parameter):
    answer = sample_client.get(f"/panels/figures?{asked}", headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert parameter in answer.text or "no-such-project" in answer.text
