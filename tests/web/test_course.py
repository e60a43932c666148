"""The course of time as it is sent: the figures of every day in one small answer, revalidated by the data revision."""

import gzip
from datetime import date, timedelta
from itertools import accumulate

import pytest

from tests.conftest import serving
from webmap.panels import MOST_SCOPES

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
    least = {f"{name}_least": before in where for name, where in track.get("least", {}).items()}
    values = least | {
        name: list(accumulate(steps))[before]
        for name, steps in track.items()
        if name not in ("key", "days", "nothing", "least", "before", *UNKNOWN)
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
            "approved_vnd_least": "plan_approval.amount_vnd" in row["withheld"],
            "paid_vnd_least": "payment.amount_vnd" in row["withheld"],
        }
        for name, row in rows.items()
        if row["coverage"]["source"] == "records"
    }
    tracks = {track["key"]: track for track in sent.json[f"{by}s"]} | {None: sent.json["total"]}
    told = {name: at(track, date.fromisoformat(day)) for name, track in tracks.items()}
    told = {
        name: {k: v for k, v in f.items() if "organisations" not in k and "communities" not in k}
        for name, f in told.items()
        if f
    }
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


def test_one_project_alone(sample_client, sent):
    alone = sample_client.get("/panels/course?project=cong-vien-bo-song-ky-cung").json
    (track,) = alone["projects"]
    assert track in sent.json["projects"]
    assert at(alone["total"], date(2022, 10, 24))["area_m2"] == at(track, date(2022, 10, 24))["area_m2"] == 660607
    assert {commune["key"] for commune in alone["communes"]} == {"p-dong-kinh", "p-dong-kinh-2025"}
    assert list(alone["targets"]) == ["cong-vien-bo-song-ky-cung"]


def test_what_lay_within_a_commune_before_it_stood(sent):
    reform = (date(2025, 7, 1) - EPOCH).days
    for commune in sent.json["communes"]:
        begins = next(iter(commune["days"]))
        assert ("before" in commune) == (begins == reform), commune["key"]
    joined = [commune["before"] for commune in sent.json["communes"] if "before" in commune]
    day = date(2022, 10, 24)
    parts = [at(track | {"unapproved": [], "unpaid": []}, day) for track in joined]
    total = at(sent.json["total"], day)
    for measure in ("households", "area_m2"):
        assert sum(part[measure] for part in parts if part) == total[measure]


def test_targets_come_with_what_they_are_compared_with(sent):
    staged = sent.json["targets"]["cao-toc-huu-nghi-chi-lang"]
    days = [(date(2022, 12, 31) - EPOCH).days, (date(2024, 6, 30) - EPOCH).days, (date(2024, 12, 31) - EPOCH).days]
    assert [(due, measure, percent) for due, measure, percent, *_ in staged] == [
        (day, "area_m2", percent) for day, percent in zip(days, (50, 70, 100), strict=True)
    ]
    about = {code: [tuple(target[-2:]) for target in planned] for code, planned in sent.json["targets"].items()}
    assert about["cong-vien-bo-song-ky-cung"] == [(False, None)]
    assert about["nam-nguyen-dinh-chieu"] == [(True, None)], "a target of one part"
    ((_, city),) = set(about["cao-toc-huu-nghi-chi-lang"])
    assert list(sent.json["inside"]) == [f"cao-toc-huu-nghi-chi-lang {city}"], "what of it lies within the city"


def test_classes_are_numbers_that_ascend(sent):
    for key, generations in sent.json["breaks"].items():
        assert generations.keys() == {"old", "new"}
        for lower in generations.values():
            assert lower == sorted(set(lower)), key
            assert 1 <= len(lower) <= 4
    assert sent.json["breaks"]["share_area"]["old"] == [0.2, 0.4, 0.6, 0.8]


def test_few_scopes_are_kept(sample_app, sample_client, sent):
    codes = [track["key"] for track in sent.json["projects"]][: MOST_SCOPES + 3]
    for code in codes:
        sample_client.get(f"/panels/course?project={code}")
    kept = [project for _, project in sample_app.extensions["courses"]]
    assert kept == codes[-MOST_SCOPES:], "the longest unused dropped first"


@pytest.mark.parametrize(
    ("asked", "status"),
    [("day=2022-10-24", 400), ("project=a&project=b", 400), ("project=no-such-project", 404), ("project=", 200)],
)
def test_refuses_what_it_does_not_know(sample_client, asked, status):
    assert sample_client.get(f"/panels/course?{asked}").status_code == status


def test_is_closed_with_the_figures(sample):
    with serving(sample, GPMB_OPEN_ACCESS="none") as app:
        assert app.test_client().get("/panels/course").status_code == 401
