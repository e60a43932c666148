"""What the server writes down about itself holds nothing of what people typed or what is on record."""

import io
import logging
import os
import re
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from gis import db
from script.settings import ROOT
from webmap import logs

NAME, NUMBER, PHONE, ADDRESS = "Hoàng Thị Chim Yến", "012345678901", "0987654321", "12 ngõ Hoàng Anh"
CANARIES = (NAME, "Chim Yến", "Chim%20Y", "Chim+Y", NUMBER, PHONE, ADDRESS, "ngõ")


@pytest.fixture
def written():
    """Everything any logger writes, as a plain handler writes it."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(asctime)s [%(levelname)s] %(name)s %(message)s"))
    root.addHandler(handler)
    yield stream.getvalue
    root.removeHandler(handler)


def assert_silent(said: str) -> None:
    told = [canary for canary in CANARIES if canary in said]
    assert not told, said


def failing(monkeypatch, fail):
    """Let the search fail as `fail` does, with the words it was asked for."""
    monkeypatch.setattr("webmap.search.search", lambda session, words, **_asked: fail(session, words))


def bad_text(session, words):
    session.execute(text("select cast(:words as date)"), {"words": words})


def unwritable(session, words):
    session.execute(text("insert into holder_identity (holder_id, full_name, identity_number, phone, address) "
                         "values (1, :name, :number, :phone, :address)"),
                    {"name": words, "number": NUMBER, "phone": PHONE, "address": ADDRESS})  # fmt: skip


def too_slow(session, words):
    session.execute(text("set local statement_timeout = '20ms'"))
    session.execute(text("select pg_sleep(1), cast(:words as text)"), {"words": words})


def in_code(session, words):
    local = {"name": words, "number": NUMBER}
    raise ValueError(f"{words} {NUMBER}: {local}")


def chained(session, words):
    try:
        int(words)
    except ValueError as error:
        raise KeyError(words) from error


@pytest.mark.parametrize("fail", [bad_text, unwritable, too_slow, in_code, chained])
def test_an_error_is_written_with_its_place_and_without_what_was_asked(client, written, monkeypatch, fail):
    failing(monkeypatch, fail)
    answer = client.get("/api/v1/search", query_string={"q": NAME})
    assert answer.status_code >= 500
    said = written()
    assert_silent(said + answer.text)
    if fail is too_slow:  # the database was not available in time: 503, and one line of its kind
        assert answer.status_code == 503
        assert "SQLSTATE 57014" in said
    else:
        assert fail.__name__ in said, "where it came from"
        assert "test_logs.py" in said


def test_of_what_the_database_refused_the_constraint_is_told_not_the_row(engine, written):
    with engine.connect() as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(text("create temp table person (number text constraint one_each unique, name text)"))
        for _ in range(2):
            connection.execute(text("insert into person values (:number, :name)"), {"number": NUMBER, "name": NAME})
    assert NUMBER in str(refused.value), "PostgreSQL repeats the row: that is why its text is not written"
    logging.getLogger("webmap").error("no", exc_info=refused.value)
    logging.getLogger("webmap").error("failed: %s", refused.value)
    logging.getLogger("webmap").error(refused.value)
    said = written()
    assert_silent(said)
    assert said.count("23505") >= 3
    assert "one_each" in said


def test_no_engine_tells_parameters():
    """Whoever makes an engine makes it with `gis.db.make_engine`, which hides them."""
    assert db.make_engine("postgresql://nobody@127.0.0.1:1/x").hide_parameters
    shows = create_engine("postgresql+psycopg2://nobody@127.0.0.1:1/x")
    assert not shows.hide_parameters, "it would by itself"
    found = [
        str(path.relative_to(ROOT))
        for part in ("gis", "layers", "webmap", "script", "migrations", "benchmarks")
        for path in (ROOT / part).rglob("*.py")
        if re.search(r"(?<!make_)create_engine\(|engine_from_config\(", path.read_text("utf-8"))
    ]
    assert found == ["gis/db.py"]


def test_addresses_are_written_without_what_was_asked(written):
    """As gunicorn writes them: the access log's atoms, an error while a request is handled, a line it cannot read."""
    asked = "/search?q=Ho%C3%A0ng%20Chim%20Y%E1%BA%BFn"
    atoms = {"r": f"GET {asked} HTTP/1.1", "U": "/search", "q": f"q={NAME}", "f": f"https://here{asked}", "s": 200}
    logging.getLogger("gunicorn.access").warning("%(r)s %(q)s %(f)s %(s)s", atoms)
    logging.getLogger("gunicorn.error").error("Error handling request %s %s", "GET", asked)
    logging.getLogger("gunicorn.error").warning(f"Invalid request from ip=127.0.0.1: Invalid header: {NAME!r}")
    logging.getLogger("gunicorn.error").error("no such %s", f"/cases/{NUMBER}/x")
    said = written()
    assert_silent(said)
    assert "GET /search?... HTTP" in said


def test_what_people_type_wrong_is_not_written_down(client, written):
    for path in (f"/search?q={NAME}", f"/api/v1/search?q={NUMBER}", f"/api/v1/progress?holder={NAME}",
                 f"/api/v1/projects/{NAME}/cases/{NUMBER}", f"/nowhere/{NAME}?phone={PHONE}"):  # fmt: skip
        client.get(path)
    client.post("/sign-in", data={"email": NAME, "password": NUMBER})
    client.post("/api/v1/reported-figures", json={"note": NAME, "x": [PHONE]})
    assert_silent(written())


def test_a_command_that_fails_tells_kinds_and_places(database):
    code = f"raise ValueError({NAME!r}, {NUMBER!r})"
    script = f"from webmap import logs; logs.init_app(); exec(compile({code!r}, 'command.py', 'exec'))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False,
                          env=os.environ | {"PYTHONIOENCODING": "utf-8"})  # fmt: skip
    assert done.returncode == 1
    assert_silent(done.stderr)
    assert "ValueError" in done.stderr
    assert "command.py" in done.stderr


def test_the_guard_is_put_on_once():
    logs.init_app()
    factory = logging.getLogRecordFactory()
    logs.init_app()
    assert logging.getLogRecordFactory() is factory
