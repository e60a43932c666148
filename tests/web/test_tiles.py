"""Tiles over HTTP: compressed, revalidated by the data revision, and clear about what there is not."""

import gzip
from contextlib import ExitStack
from datetime import date
from decimal import Decimal

import mapbox_vector_tile
import pytest
from sqlalchemy.orm import Session

from gis import db
from tests import factories as make
from tests.conftest import engine_of, migrate, serving
from webmap.tiles import OVERHEAD_BYTES, Kept, TileCache

Z, X, Y = 14, 13050, 7172  # holds the place that tests/factories.py builds on


def address(layer: str, z=Z, x=X, y=Y) -> str:
    return f"/tiles/{layer}/{z}/{x}/{y}.mvt"


@pytest.fixture(scope="module")
def town(make_database):
    """A database of its own, because these tests commit: one commune, one project, one parcel."""
    database = make_database("tiles")
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        make.unit(session, name="Đông Kinh", shape=make.square(side_m=1000))
        project = make.project(session)
        make.boundary(session, project)
        land = make.affected(session, project)
        ids = project.id, land.id
    return database, ids


@pytest.fixture
def app(town):
    with serving(town[0]) as app:
        yield app


def write(town, valid_on: date) -> None:
    database, (project_id, land_id) = town
    with engine_of(database.owner) as engine, Session(engine) as session, session.begin():
        project = session.get_one(make.model.Project, project_id)
        make.event(session, project, "handover", valid_on, affected_parcel_id=land_id, area_m2=Decimal(1))


def features(answer, layer: str) -> list[dict]:
    return mapbox_vector_tile.decode(gzip.decompress(answer.data))[layer]["features"]


def get(client, path: str, **headers: str):
    return client.get(path, headers={"Accept-Encoding": "gzip", **headers})


def test_a_tile_is_served_compressed(client):
    answer = get(client, address("communes"))
    assert answer.status_code == 200
    assert answer.mimetype == "application/vnd.mapbox-vector-tile"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert features(answer, "communes")[0]["properties"]["name"] == "Đông Kinh"
    assert "Set-Cookie" not in answer.headers


def test_who_cannot_read_gzip_gets_the_same_tile_plain(client):
    plain = client.get(address("communes"))
    assert "Content-Encoding" not in plain.headers
    assert plain.data == gzip.decompress(get(client, address("communes")).data)


def test_a_good_copy_is_not_sent_again(client, statements):
    first = get(client, address("parcels"))
    with statements() as found:
        again = get(client, address("parcels"), **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert len(found) == 1


def test_a_good_copy_is_recognised_without_the_cache(town, client):
    """Another worker, with an empty cache, knows from the revision alone."""
    tag = get(client, address("parcels")).headers["ETag"]
    with serving(town[0]) as other:
        answer = get(other.test_client(), address("parcels"), **{"If-None-Match": tag})
        assert answer.status_code == 304
        assert other.extensions["tile_cache"].bytes == 0
        assert features(get(other.test_client(), address("parcels")), "parcels")


def test_a_kept_tile_is_checked_by_one_statement_and_not_made_anew(client, statements, monkeypatch):
    first = get(client, address("parcels"))
    monkeypatch.setattr("webmap.tiles.gzip.compress", None)  # making one would call it
    with statements() as found:
        assert get(client, address("parcels")).data == first.data
    assert len(found) == 1


def test_a_write_changes_tag_and_tile(town, client):
    before = get(client, address("parcels"))
    write(town, date(2024, 5, 3))
    after = get(client, address("parcels"), **{"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.headers["ETag"] != before.headers["ETag"]
    assert features(after, "parcels")[0]["properties"]["handover_day"] == 20240503


@pytest.mark.parametrize("tag", ['"nonsense"', 'W/"00000000.1-1"', "*x", 'W/"', '"' + "a" * 5000 + '"'])
def test_a_foreign_tag_gets_the_tile(client, tag):
    assert get(client, address("communes"), **{"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("zoom", [0, 5, 18, 22])
def test_beyond_the_zooms_of_a_layer_tiles_are_empty_without_asking_the_database(client, statements, zoom):
    with statements() as found:
        answer = get(client, address("parcels", zoom, 0, 0))
    assert (answer.status_code, gzip.decompress(answer.data)) == (200, b"")
    assert found == []
    assert get(client, address("parcels", zoom, 0, 0), **{"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_where_nothing_lies_a_tile_is_empty(client):
    answer = get(client, address("communes", 14, 0, 0))
    assert (answer.status_code, gzip.decompress(answer.data)) == (200, b"")


@pytest.mark.parametrize(
    "place",
    ["15/-1/0", "15/0/32768", "23/0/0", "-1/0/0", "a/0/0", "15/1.5/0", "15/0/1e3", "15/٣/0", "0/0/1",
     "9" * 5000 + "/0/0", "15/ 1/0", "15/0x1/0"],
)  # fmt: skip
def test_a_place_that_is_no_tile_is_refused_clearly(client, place):
    answer = get(client, f"/tiles/communes/{place}.mvt", **{"Accept-Language": "en"})
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert answer.json["detail"].startswith("There is no tile ")
    assert answer.json["parameter"] == "tile"


@pytest.mark.parametrize(
    "path", ["/tiles/communes/15/1.mvt", "/tiles/communes/15/1/1", "/tiles/", "/tiles/a/b/c/d/e.mvt"]
)
def test_other_addresses_below_tiles_are_not_found(client, path):
    answer = get(client, path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_only_reading_is_possible(client):
    answer = client.post(address("communes"))
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")


def test_a_hidden_layer_answers_like_one_that_does_not_exist(town):
    with serving(town[0], GPMB_OPEN_ACCESS="public") as app:
        client = app.test_client()
        hidden, missing = get(client, address("parcels")), get(client, address("nothing"))
        assert hidden.status_code == missing.status_code == 404
        assert hidden.data.replace(b"parcels", b"nothing") == missing.data
        assert get(client, address("communes")).status_code == 200
    with serving(town[0], GPMB_OPEN_ACCESS="none") as app:
        assert get(app.test_client(), address("communes")).status_code == 401


def test_two_databases_at_one_revision_have_different_tags(make_database):
    tags = set()
    with ExitStack() as open_apps:
        for name in ("one", "two"):
            database = make_database(f"tiles_{name}", migrated=False)
            migrate(database)  # a copy of a migrated one would be the same database
            app = open_apps.enter_context(serving(database))
            tags.add(get(app.test_client(), address("communes")).headers["ETag"])
    assert len(tags) == 2


def test_the_cache_keeps_within_its_size_and_drops_the_longest_unused():
    cache = TileCache(3 * (OVERHEAD_BYTES + 100))
    for key in "abc":
        cache.put((key,), Kept("1", b"x" * 100))
    cache.get(("a",))
    cache.put(("d",), Kept("1", b"x" * 100))
    assert cache.get(("b",)) is None
    assert all(cache.get((key,)) for key in "acd")
    assert cache.bytes == 3 * (OVERHEAD_BYTES + 100)


def test_the_cache_keeps_one_revision_an_address_and_nothing_too_large():
    cache = TileCache(10_000)
    cache.put(("a",), Kept("1", b"x" * 100))
    cache.put(("a",), Kept("2", b"y" * 200))
    assert cache.get(("a",)).revision == "2"
    assert cache.bytes == OVERHEAD_BYTES + 200
    cache.put(("b",), Kept("1", b"x" * 20_000))
    assert cache.get(("b",)) is None
    assert cache.bytes <= 10_000


def test_a_statement_that_serves_takes_one_process(app):
    with app.extensions["engine"].connect() as connection:
        assert connection.exec_driver_sql("show max_parallel_workers_per_gather").scalar() == "0"
