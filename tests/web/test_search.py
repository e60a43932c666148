"""Search over HTTP: the API of the box, the page for readers without scripts, and who may see what."""

import pytest

from tests.conftest import serving

PATH = "/api/v1/search"


def find(client, words, **more):
    return client.get(PATH, query_string={"q": words, "on": "2024-12-16", "lang": "vi"} | more)


def test_a_hit_says_what_it_is_and_where_to_go(sample_client):
    answer = find(sample_client, "mai pha").json
    assert set(answer) == {"found", "shown", "hits"}
    assert answer["shown"] == answer["found"] == len(answer["hits"])
    hit = answer["hits"][0]
    assert set(hit) == {"kind", "key", "name", "label", "details", "project", "day", "bounds", "panel", "address"}
    assert (hit["kind"], hit["key"], hit["name"], hit["label"]) == ("unit", "x-mai-pha", "xã Mai Pha", "xã")
    assert hit["details"] == ["thành phố Lạng Sơn", "đến hết 30/06/2025"]
    assert hit["panel"] == {"kind": "commune", "key": "x-mai-pha"}
    assert hit["address"] == "/?day=2024-12-16#commune=x-mai-pha"
    west, south, east, north = hit["bounds"]
    assert west < 106.77 < east
    assert south < 21.84 < north


def test_every_hit_opens_a_panel_on_its_day(sample_client):
    tried, pages = 0, set()
    for words in ("chi lang", "mai pha", "lang son", "25/143", "0211/2024/QĐ"):
        for hit in find(sample_client, words).json["hits"]:
            address = f"/panels/{hit['panel']['kind']}/{hit['panel']['key']}?day={hit['day']}"
            assert sample_client.get(address).status_code == 200, address
            pages.add(hit["address"].partition("#")[0])  # the rest of it is the script's
            tried += 1
    assert tried > 20
    assert {sample_client.get(page).status_code for page in pages} == {200}


def test_records_need_the_right_to_see_records(sample, sample_client):
    asked = ("25/143", "0211/2024/QĐ-MẪU")
    kinds = [{hit["kind"] for hit in find(sample_client, words).json["hits"]} for words in asked]
    assert kinds == [{"parcel"}, {"document"}]
    with serving(sample, GPMB_OPEN_ACCESS="public") as app:
        client = app.test_client()
        assert [find(client, words).json["found"] for words in asked] == [0, 0]
        assert find(client, "mai pha").json["found"] == 5
        assert "25/143</a>" not in client.get("/search?q=25/143").text
    with serving(sample, GPMB_OPEN_ACCESS="none") as app:
        assert find(app.test_client(), "mai pha").status_code == 401


@pytest.mark.parametrize("words", ["", "  ", "x" * 201])
def test_nothing_and_too_much_are_refused_with_a_reason(sample_client, words):
    answer = find(sample_client, words)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.json["parameter"] == "q"
    assert answer.json["detail"].startswith("Nhập nội dung cần tìm" if not words.strip() else "Nội dung tìm quá dài")


@pytest.mark.parametrize("query", [{"kind": "parcel"}, {"on": "16/12/2024"}, {"q": ["a", "b"]}, {"limit": "5"}])
def test_what_is_not_understood_is_refused(sample_client, query):
    assert find(sample_client, "mai pha", **query).status_code == 400


def test_the_list_says_when_it_is_cut(sample_client):
    answer = find(sample_client, "hoa").json
    assert answer["shown"] == len(answer["hits"]) == 20
    assert answer["found"] > 20


def test_the_page_lists_links_and_escapes(sample_client):
    page = sample_client.get("/search?q=chi+lang&on=2024-12-16&lang=vi").text
    assert page.count('href="/?day=2024-12-16#commune=') == 5
    assert page.count('href="/?day=2025-07-01#commune=x-chi-lang-2025"') == 1
    asked = sample_client.get("/search", query_string={"q": "<script>alert(1)</script>"})
    assert asked.status_code == 200
    assert "<script>alert(1)" not in asked.text
    assert sample_client.get("/search").status_code == 200
    assert "200 trong " in sample_client.get("/search?q=2024&lang=vi").text


def test_the_map_page_has_the_box(sample_client):
    page = sample_client.get("/?day=2022-10-24").text
    assert 'action="/search"' in page
    assert 'name="on" value="2022-10-24"' in page
