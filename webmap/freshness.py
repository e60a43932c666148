"""How a page left open keeps up with the data: every piece says which state of it it shows, and one cheap question
tells whether that is still the state."""

from collections import OrderedDict
from collections.abc import Callable

from flask import Blueprint, Flask, Response, g, request

from gis.access import Access
from gis.revision import mark
from webmap.auth import access, reader
from webmap.session import session

bp = Blueprint("freshness", __name__, url_prefix="/panels")
HEADER = "GPMB-Revision"
PIECES = {
    "panels.figures", "panels.project", "panels.commune", "panels.parcel", "panels.reported", "panels.course_of_time",
}  # fmt: skip
"""The endpoints whose answers are put into a page of one state of the data."""

MOST_COUNTS = 64
MOST_ROWS = 4000
"""So many counts of late are kept by a process, none of more rows: some ten megabytes at most."""


class Kept(OrderedDict):
    """Some answers of late by key, the latest asked for last: the oldest go where there are more."""

    def __init__(self, most: int):
        super().__init__()
        self.most = most

    def given(self, key, make: Callable, worth: Callable[[object], bool] = lambda _found: True):
        """Give what is kept by a key, else what is made, and keep it where it is worth it."""
        found = self.pop(key, None)
        if found is None:
            found = make()
        if worth(found):
            self[key] = found
        while len(self) > self.most:
            self.popitem(last=False)
        return found


class Counts(Kept):
    """What `gis.progress` counted of late, by what was asked, for the state of the data and the rights of who asked."""

    def __call__(self, asked: dict, count: Callable[[], list]) -> list:
        key = (current(), *(tuple(value) if isinstance(value, list) else value for value in asked.values()))
        return self.given(key, count, lambda found: len(found) <= MOST_ROWS)


def init_app(app: Flask) -> None:
    app.extensions["counts"] = Counts(MOST_COUNTS)
    app.register_blueprint(bp)

    @app.after_request
    def say_which(response: Response) -> Response:
        if request.endpoint in PIECES and response.status_code in (200, 304):
            response.headers[HEADER] = current()
        return response


def current() -> str:
    """Give the state of the data this request reads, for this reader: whose rights, a point, and which records.

    Who is given other rights sees other figures of the same records, and other layers: a page must not mix them either.
    """
    if "state" not in g:
        who = reader()
        g.state = f"{who.opened}{who.scope}.{mark(session(), limited=who.project_ids is not None)}"
    return g.state


@bp.get("/revision")
@access(Access.AGGREGATE)
def revision():
    """Tell which state of the data is the newest: a page asks every few seconds, and mostly nothing is sent."""
    now = current()
    response = Response(now, content_type="text/plain")
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.set_etag(now, weak=True)
    return response.make_conditional(request)
