"""The page as it leaves the server: what it loads, what its policy allows, whose figures it writes, how heavy it is."""

import gzip
import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import brotli
import folium
import pytest
from sqlalchemy import select

from gis import db
from gis.model import AffectedParcel, HolderIdentity
from gis.progress import today
from layers import every
from layers.spec import CLUSTERS, FIGURES
from tests import factories as make
from tests.conftest import engine_of, serving
from webmap.map import SCRIPTS, STYLES, WORKER

STATIC = Path(__file__).parents[2] / "webmap/static"
HEAVIEST_KB = 475
OWN = [f"js/{path.name}" for path in sorted((STATIC / "js").glob("*.js"))] + [
    "css/site.css", "css/search.css", "img/icon.svg", "img/tools.svg",
]  # fmt: skip


class Elements(HTMLParser):
    """All elements of a page: name and attributes."""

    def __init__(self, html: str):
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


@pytest.fixture
def page(sample_client):
    return sample_client.get("/")


def settings_of(html: str) -> dict:
    return json.loads(re.search(r'id="page-settings">(.*?)</script>', html, re.DOTALL).group(1))


def style_of(html: str) -> dict:
    return json.loads(re.search(r"L\.maplibreGL\((\{.*?\})\)\s*\.addTo", html, re.DOTALL).group(1))["style"]


def test_opens_on_the_last_day_a_report_covers(page):
    assert page.status_code == 200
    assert settings_of(page.text)["day"] == "2024-12-16"
    assert "16/12/2024" in page.text


def test_without_the_sample_it_opens_today_and_says_nothing_of_illustration(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert settings_of(answer.text)["day"] == today().isoformat()
    assert 'class="notice"' not in answer.text
    assert "chưa có số liệu" in answer.text


def test_says_what_is_illustrative(page):
    assert "chỉ các số liệu ghi “theo báo cáo” là thật" in page.text


def test_names_no_other_host(page):
    for tag, attributes in Elements(page.text).found:
        for name, value in attributes.items():
            assert not re.match(r"(https?:)?//", value or ""), f"<{tag} {name}={value}>"
    assert not re.search(r"https?://(?!www\.w3\.org)", page.text)


def test_policy_allows_this_page_and_nothing_inline_else(page):
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    nonce = re.search(r"script-src 'self' 'nonce-([^']+)'", policy).group(1)
    for tag, attributes in Elements(page.text).found:
        assert tag != "style"
        assert not {name for name in attributes if name == "style" or name.startswith("on")}, f"<{tag}>"
        if tag == "script" and "src" not in attributes and attributes.get("type") != "application/json":
            assert attributes["nonce"] == nonce


def test_every_page_has_a_nonce_of_its_own(sample_client):
    assert len({sample_client.get("/").headers["Content-Security-Policy"] for _ in range(3)}) == 3


def test_folium_keeps_its_lists_for_others(page):
    assert not any("/static/" in url for _, url in (*folium.Map.default_js, *folium.Map.default_css))


def test_scripts_and_styles_are_there(page):
    loaded = [a.get("src") or a.get("href") for tag, a in Elements(page.text).found if tag in ("script", "link")]
    assert "/panels/course" in loaded, "the figures of all days are asked for with the page"
    for path in (path for path in loaded if path and path.startswith("/static/")):
        assert (STATIC / path.removeprefix("/static/")).is_file(), path
    assert (STATIC / WORKER).is_file()


def test_holds_every_layer_once_and_no_feature(page):
    style = style_of(page.text)
    assert set(style["sources"]) == {layer.name for layer in every() if layer.features} | {FIGURES, CLUSTERS}
    ids = [part["id"] for part in style["layers"]]
    assert len(set(ids)) == len(ids)
    assert {part["source"] for part in style["layers"]} == set(style["sources"])
    assert all(style["sources"][name]["data"]["features"] == [] for name in (FIGURES, CLUSTERS))


def test_who_may_not_see_records_is_not_told_of_their_layers(sample):
    with serving(sample, GPMB_OPEN_ACCESS="public") as app:
        client = app.test_client()
        page = client.get("/").text
        assert set(style_of(page)["sources"]) == {"communes", "projects", "sites", FIGURES, CLUSTERS}
        assert 'data-layer="parcels"' not in page
        assert client.get("/panels/parcel/1").status_code == 401
        assert client.get("/panels/project/nam-nguyen-dinh-chieu").status_code == 200


def test_weight(sample_client):
    """What a browser that takes gzip is sent until the map is drawn; tools load when they are opened."""
    files = [path for _, path in (*SCRIPTS, *STYLES)] + [WORKER, *OWN]
    parts = {
        path: len(sent(sample_client, path, "gzip").data) for path in (*(f"/static/{path}" for path in files), "/")
    }
    assert sum(parts.values()) <= HEAVIEST_KB * 1000, parts


def sent(client, path: str, coding: str):
    """Fetch a whole file, so that the server closes it."""
    answer = client.get(path, headers={"Accept-Encoding": coding}, buffered=True)
    answer.close()
    return answer


@pytest.mark.parametrize(("taken", "coding"), [("br, gzip", "br"), ("gzip", "gzip"), ("identity", None)])
def test_vendored_files_are_sent_as_compressed_once(sample_client, taken, coding):
    path = f"/static/{WORKER}"
    answer = sent(sample_client, path, taken)
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.mimetype == "text/javascript"
    assert "Accept-Encoding" in answer.headers.get("Vary", "")
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[coding]
    assert unpack(answer.data) == (STATIC / WORKER).read_bytes()
    assert sent(sample_client, "/static/vendor/../../config.py", taken).status_code == 404


def test_asks_as_many_statements_for_many_projects_as_for_few(sample_client, client, statements):
    with statements() as few:
        client.get("/")
    with statements() as many:
        sample_client.get("/")
    # Targets of a unit that their project goes beyond are counted within it: one question more for each generation of
    # units, of six statements, however many projects have such targets (gis/targets.py).
    assert len(many) <= len(few) + 2 * 6, "more rows ask more statements"


@pytest.mark.parametrize("day", ["2022-10-24", "2024-12-16", "2025-07-01", "1990-01-01"])
def test_totals_of_both_tables_are_those_of_the_api(sample_client, day):
    total = sample_client.get(f"/api/v1/progress?as_of={day}").json["total"]
    html = sample_client.get(f"/panels/figures?day={day}&lang=en").text
    feet = [re.sub(r"<[^>]+>|\s+", " ", foot) for foot in re.findall(r"<tfoot>(.*?)</tfoot>", html, re.DOTALL)]
    assert len(feet) == 2
    for foot in feet:
        if total["coverage"]["source"] == "records":
            for measure, pattern in (("households", "{:,}"), ("area_m2", "{:,}")):
                assert pattern.format(total["values"]["handover"][measure]) in foot
        else:
            assert "no figures yet" in foot


def test_reported_figures_stand_in_where_there_are_no_records(sample_client):
    """Before its first record a project shows "no figures", never a zero."""
    html = sample_client.get("/panels/figures?day=1990-01-01").text
    assert "chưa có số liệu" in html
    assert not re.search(r"<b>0</b>", html)


@pytest.mark.parametrize(
    "path",
    [
        "/?day=31/02/2022", "/?day=2022-02-30", "/?day=nonsense", "/panels/figures?day=2022-13-01",
        "/panels/figures?days=2022-10-24", "/panels/project/nam-nguyen-dinh-chieu?day=0",
        "/panels/commune/x-mai-pha?day=2025-07-01",
    ],
)  # fmt: skip
def test_bad_input_is_told_in_the_readers_language(sample_client, path):
    for headers in ({}, {"Accept": "application/problem+json"}):
        answer = sample_client.get(path, headers=headers)
        assert answer.status_code == 400, path
        assert re.search(r"không phải là ngày|không có tham số|không còn \(hoặc chưa có\) vào ngày", answer.text)
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/panels/project/none", "/panels/commune/none", "/panels/parcel/999999999", "/panels/parcel/1e3",
        "/panels/parcel/99999999999999999999", "/panels/nothing", "/nowhere",
    ],
)  # fmt: skip
def test_what_is_not_there_is_404(sample_client, path):
    answer = sample_client.get(path)
    assert answer.status_code == 404
    assert "Không có" in answer.text


def test_extreme_days_are_answered(sample_client):
    for day in ("0001-01-01", "9999-12-31"):
        assert sample_client.get(f"/?day={day}").status_code == 200


def test_project_panel(sample_client):
    html = sample_client.get("/panels/project/cong-vien-bo-song-ky-cung?day=2022-10-24").text
    text = re.sub(r"<[^>]+>|\s+", " ", html)
    text = re.sub(r" +", " ", text)
    assert "Theo hồ sơ, đến 24/10/2022" in text
    assert "6.257,67 m² ✓ khớp hồ sơ" in text
    assert "trọng điểm 2022" in text


def test_parcel_panel_names_nobody(sample_client, sample_session):
    number = sample_session.scalar(
        select(AffectedParcel.id).where(AffectedParcel.case_id.is_not(None)).order_by(AffectedParcel.id).limit(1)
    )
    html = sample_client.get(f"/panels/parcel/{number}").text
    names = sample_session.scalars(select(HolderIdentity.full_name)).all()
    assert names
    assert not [name for name in names if name in html]
    assert "₫" not in html


def test_names_cannot_carry_script(make_database):
    database = make_database("script")
    nasty = "<script>alert(1)</script>'\"&"
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        commune = make.unit(session, name=nasty, slug="x-nasty", shape=make.square(side_m=900))
        project = make.project(session, name=nasty, code="nasty", investor=nasty)
        make.boundary(session, project)
        land = make.affected(session, project, case=make.case(session, project))
        make.event(session, project, "suspension", date(2024, 2, 1), note=nasty)
        number, slug = land.id, commune.slug
    with serving(database) as app:
        client = app.test_client()
        for path in ("/", "/panels/project/nasty", f"/panels/commune/{slug}", f"/panels/parcel/{number}"):
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert "alert(1)" in answer.text, path
            assert "<script>alert" not in answer.text, path
