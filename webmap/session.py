"""The database during a request: opened at first use, read in one snapshot as who asks, closed at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, current_app, g

from gis import db
from gis.progress import KEPT
from webmap import kept_forms
from webmap.auth import reader


def init_app(app: Flask) -> None:
    web_url = app.config["GPMB_WEB_DATABASE_URL"]
    app.extensions["engine"] = db.make_engine(
        web_url or app.config["DATABASE_URL"],
        role=None if web_url else db.WEB_ROLE,
        statement_seconds=app.config["GPMB_STATEMENT_SECONDS"],
        parallel=False,
    )
    app.teardown_appcontext(_close)


def session() -> db.Session:
    """Give this request's session. It reads one snapshot: figures on one page cannot come from two moments."""
    if "session" not in g:
        who = reader()
        g.session = db.reading_session(current_app.extensions["engine"])
        db.read_as(g.session, projects=who.project_ids, personal=who.personal_ids, account=who.account)
        if who.project_ids is None:  # the mark of those who see given projects alone costs as much as their figures
            g.session.info[KEPT] = current_app.extensions["counts"]
    return g.session


@contextmanager
def writing() -> Iterator[db.Session]:
    """Open a transaction that writes, as who asks: committed at the end, rolled back when anything raises.

    Raises
    ------
    GisError
        Where a kept form is shown again: that records nothing.
    """
    kept_forms.refuse_to_record()
    who = reader()
    with db.transaction(current_app.extensions["engine"]) as found:
        db.read_as(found, projects=who.project_ids, personal=who.personal_ids, account=who.account)
        yield found
    kept_forms.recorded()


@contextmanager
def looking() -> Iterator[db.Session]:
    """Open a transaction as `writing` does that is rolled back in any case: what a change would do, before it is made.

    Nothing is recorded by it, so the page that answers can be shown again by GET.
    """
    who = reader()
    with db.undone(current_app.extensions["engine"]) as found:
        db.read_as(found, projects=who.project_ids, personal=who.personal_ids, account=who.account)
        yield found


def hold_until_sent(response: Response) -> Response:
    """Keep this request's session open for a response that reads from it while it is sent."""
    response.call_on_close(g.pop("session").close)
    return response


def _close(_error) -> None:
    if "session" in g:
        g.pop("session").close()
