"""No request that anybody can make up ends in an error of ours.

With other seeds, and longer: ``HOSTILE_SEED=7 HOSTILE_REQUESTS=5000 script/test tests/web/test_hostile_requests.py``.
"""

import os
from itertools import islice

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests import hostile_requests
from tests.conftest import engine_of, serving

SEED = int(os.environ.get("HOSTILE_SEED", "20261130"))
EACH = int(os.environ.get("HOSTILE_REQUESTS", "120"))


@pytest.fixture(scope="module")
def place(make_database):
    return make_database("hostile", sample=True)


@pytest.fixture(scope="module")
def served(place):
    with serving(place) as app:
        yield app


def client_of(app, place, role):
    """A reader: nobody in particular, or a program with an account's rights."""
    from gis import accounts, db

    client = app.test_client()
    if role:
        email = f"thu-{role}@gpmb.vn"
        with engine_of(place.owner) as engine, db.transaction(engine) as session:
            if accounts.find(session, email) is None:
                given = {"projects": ["ho-phai-loan"], "units": ["tp-lang-son"]} if role == "officer" else {}
                accounts.invite(session, email=email, full_name="Thử", role=role, **given)
        scope = "record" if role == "officer" else "read"
        made = app.test_cli_runner().invoke(args=["token", "create", "--user", email, "--scope", scope])
        assert made.exit_code == 0, made.output
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {made.output.strip()}"
    return client


@pytest.mark.parametrize("role", [None, "officer", "leader"])
def test_no_request_ends_in_an_error_of_ours(served, place, role):
    client = client_of(served, place, role)
    statuses = set()
    for request in islice(hostile_requests.requests(served, SEED + len(role or "")), EACH):
        answer = client.open(
            request.path, method=request.method, query_string=request.query, headers=request.headers, data=request.data
        )
        text = answer.get_data(as_text=False)
        assert answer.status_code < 500, f"{answer.status_code}: {request}"
        assert b"Traceback" not in text, str(request)
        statuses.add(answer.status_code)
        answer.close()
    assert {200, 400, 404} <= statuses


@pytest.mark.parametrize("path", ["/sign-in", "/figures/new", "/tiles/parcels/1/0/0.mvt", "/no-such-page"])
def test_what_was_sent_is_read_to_its_end_whatever_the_answer(served, path):
    """Half a form left on a connection that nginx keeps was a 503 for whoever was next upon it."""
    sent = EnvironBuilder(path, method="POST", data=b"email=" + b"x" * 3_000_000,
                          content_type="application/x-www-form-urlencoded")  # fmt: skip
    environ = sent.get_environ() | {"wsgi.input_terminated": True}  # as gunicorn says
    _, status, _ = run_wsgi_app(served.wsgi_app, environ)
    assert int(status[:3]) in (401, 403, 404, 405, 413)
    assert environ["wsgi.input"].read() == b""
