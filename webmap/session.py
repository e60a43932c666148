"""The database during a request: opened at first use, read in one snapshot, closed at the end."""

from flask import Flask, Response, current_app, g

from gis import db


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
        g.session = db.reading_session(current_app.extensions["engine"])
    return g.session


def hold_until_sent(response: Response) -> Response:
    """Keep this request's session open for a response that reads from it while it is sent."""
    response.call_on_close(g.pop("session").close)
    return response


def _close(_error) -> None:
    if "session" in g:
        g.pop("session").close()
