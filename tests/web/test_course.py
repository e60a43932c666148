"""The course of time as it is sent: the figures of every day in one small answer, revalidated by the data revision."""

import gzip
from datetime import date, timedelta
from itertools import accumulate

import pytest

from tests.conftest import serving

HEAVIEST_KB = 60
EPOCH = date(1970, 1, 1)
UNKNOWN = {"unmeasured": "area_m2", "unapproved": "approved_vnd", "unpaid": "paid_vnd"}


@pytest.fixture
def sent(sample_client):
    return sample_client.get("/panels/course")


def at(track: dict, day: date) -> dict | None:
    """Read a track the way the page's script does."""
    wanted = (day - EPOCH).days
    before = sum(each <= wanted for each in accumulate(track["days"])) - 1
    if before < 0 or before in track["nothing"]:
        return None
    values = {
        name: list(accumulate(steps))[before]
        for name, steps in track.items()
        if name not in ("key", "days", "nothing", "before", *UNKNOWN)
    }
    return values | {name: None for where, name in UNKNOWN.items() if before in track[where]}


@pytest.mark.parametrize("day", ["2018-03-01", "2022-10-24", "2024-12-16", "2025-06-30", "2025-07-01", "1990-01-01"])
@pytest.mark.parametrize(("by", "key"), [("project", "code"), ("commune", "slug")])
def test_says_what_the_api_says(sample_client, sent, day, by, key):
    answer = sample_client.get(f"/api/v1/progress?by={by}&as_of={day}").json
    rows = {row[by][key] if row[by] else "": row for row in answer["rows"]} | {None: answer["total"]}
    expected = {
        name: {
            "households": row["values"]["handover"]["households"],
            "affected_households": row["values"]["affected"]["households"],
            "area_m2": round(row["values"]["handover"]["area_m2"] * 100),
            "affected_m2": round(row["values"]["affected"]["area_m2"] * 100),
            "approved_vnd": row["values"]["plan_approval"]["amount_vnd"],
            "paid_vnd": row["values"]["payment"]["amount_vnd"],
        }
        for name, row in rows.items()
        if row["coverage"]["source"] == "records"
    }
    tracks = {track["key"]: track for track in sent.json[f"{by}s"]} | {None: sent.json["total"]}
    told = {name: at(track, date.fromisoformat(day)) for name, track in tracks.items()}
    told = {name: {k: v for k, v in f.items() if "organisations" not in k} for name, f in told.items() if f}
    assert told == expected


def test_knows_the_ends_of_reported_periods_and_both_generations(sent):
    ends = [EPOCH + timedelta(days=number) for number in sent.json["reported"]]
    assert ends == [date(2020, 6, 30), date(2022, 10, 24), date(2024, 3, 31), date(2024, 12, 16)]
    reform = (date(2025, 7, 1) - EPOCH).days
    communes = [label for label in sent.json["labels"] if label[0] == "communes"]
    assert {label[5] for label in communes} == {None, reform}


def test_weight(sample_client):
    answer = sample_client.get("/panels/course", headers={"Accept-Encoding": "gzip"})
    assert answer.content_encoding == "gzip"
    assert len(answer.data) <= HEAVIEST_KB * 1024
    assert gzip.decompress(answer.data) == sample_client.get("/panels/course").data


def test_a_copy_still_good_is_not_counted_anew(sample_client, statements):
    tag = sample_client.get("/panels/course").headers["ETag"]
    with statements() as asked:
        again = sample_client.get("/panels/course", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.headers["ETag"] == tag
    assert len([statement for statement in asked if "data_revision" not in statement]) == 0


def test_without_records(client):
    answer = client.get("/panels/course").json
    assert answer["projects"] == answer["communes"] == answer["total"]["days"] == []


def test_takes_no_parameters(sample_client):
    assert sample_client.get("/panels/course?day=2022-10-24").status_code == 400


def test_is_closed_with_the_figures(sample):
    with serving(sample, GPMB_OPEN_ACCESS="none") as app:
        assert app.test_client().get("/panels/course").status_code in (401, 403)
