"""Which state of the data a piece of the page shows, and what it costs to ask whether that is still the newest."""

import pytest

from gis import db
from tests import factories as make
from tests.conftest import engine_of, serving
from webmap.freshness import HEADER, PIECES

ASKED = "/panels/revision"


@pytest.fixture(scope="module")
def place(make_database):
    database = make_database("freshness")
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        project = make.project(session, code="duong-moi", name="Đường mới")
        case = make.case(session, project, code="HS-1")
        make.affected(session, project, case=case, shape=make.square(30))
    return database


@pytest.fixture(scope="module")
def reading(place):
    with serving(place) as app:
        yield app.test_client()


def test_every_piece_says_which_state_it_shows(sample_client, sample_app):
    now = sample_client.get(ASKED)
    assert now.status_code == 200
    for address in (
        "/panels/figures?day=2022-10-24", "/panels/project/ho-phai-loan?day=2022-10-24",
        "/panels/commune/p-dong-kinh?day=2022-10-24", "/panels/reported", "/panels/course",
    ):  # fmt: skip
        answer = sample_client.get(address)
        assert answer.headers[HEADER] == now.text, address
    assert now.text in sample_client.get("/").text, "and so does the page"
    rules = {rule.endpoint for rule in sample_app.url_map.iter_rules()}
    data = {endpoint for endpoint in rules if endpoint.startswith("panels.")} - {"panels.tool"}
    assert data == PIECES, "a new piece of figures says it too"


def test_a_record_makes_another_state_and_a_copy_still_good_is_told_so(place, reading, statements):
    before = reading.get(ASKED)
    with statements() as asked:
        again = reading.get(ASKED, headers={"If-None-Match": before.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    assert len([statement for statement in asked if "set_config" not in statement]) == 1, "one question, of one row"
    with engine_of(place.owner) as engine, db.transaction(engine) as session:
        make.project(session, code="duong-khac", name="Đường khác")
    after = reading.get(ASKED, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.text != before.text
    assert reading.get("/panels/figures").headers[HEADER] == after.text


def test_other_rights_are_another_state(sample, sample_client, leader):
    theirs, mine = leader.get(ASKED), sample_client.get(ASKED)
    assert theirs.text != mine.text
    assert leader.get(ASKED, headers={"If-None-Match": mine.headers["ETag"]}).status_code == 200
    with serving(sample, GPMB_OPEN_ACCESS="none") as app:
        assert app.test_client().get(ASKED).status_code == 401


def test_what_was_counted_is_given_again_until_something_is_recorded(place, reading, statements):
    def counted(page: str) -> tuple[int, bytes]:
        with statements() as asked:
            answer = reading.get(page)
        assert answer.status_code == 200
        return sum("grouping sets" in statement for statement in asked), answer.data

    page = "/api/v1/progress?by=project&as_of=2024-05-05"
    counted(page)
    assert counted(page)[0] == 0
    assert counted(page + "&holder=household")[0] == 1, "another question"
    before = counted(page)[1]
    with engine_of(place.owner) as engine, db.transaction(engine) as session:
        make.project(session, code="duong-thu-ba", name="Đường thứ ba")
    times, after = counted(page)
    assert times == 1
    assert b"duong-thu-ba" in after
    assert b"duong-thu-ba" not in before


def test_who_has_other_rights_is_counted_for_anew(sample, statements, leader):
    page = "/api/v1/progress?by=commune&as_of=2024-12-16"
    with serving(sample) as app:
        anybody = app.test_client()
        anybody.get(page)
        told = anybody.get(page).json
    with statements() as asked:
        theirs = leader.get(page).json
    assert sum("grouping sets" in statement for statement in asked) == 1, "of another reader nothing is given again"
    assert theirs["total"] != told["total"] or theirs["rows"] != told["rows"], "money that only a leader has"
