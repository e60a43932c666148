"""Errors as answers: one table from kind to status, one shape for programs, one page for people."""

import logging
import threading
import time
from datetime import date
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, has_request_context, json, render_template, request
from flask_babel import get_locale, gettext, lazy_gettext
from werkzeug.exceptions import HTTPException

from gis import db, errors
from gis.progress import plain
from webmap import words
from webmap.logs import told

STATUS = {
    errors.NotFound: 404,
    errors.NotAllowed: 403,
    errors.BadParameter: 400,
    errors.BadRows: 422,
    errors.Unseen: 409,
    errors.InvalidGeometry: 422,
    errors.MissingCrs: 422,
    errors.OutsideVietnam: 422,
    errors.UnreadableFile: 422,
    errors.Question: 422,
    errors.Doubt: 422,
    errors.NotReady: 503,
    errors.Conflict: 409,
    errors.AgainstRules: 422,
    errors.Unconfirmed: 409,
    errors.NotRecorded: 200,
    errors.NotSignedIn: 401,
    errors.TooManyAttempts: 429,
    errors.Busy: 503,
    errors.Unavailable: 503,
}
SECONDS_TO_RETRY = 5
LOGGED_EVERY_S = 60
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    app.register_error_handler(errors.GisError, answer_domain)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def wants_page() -> bool:
    """Tell whether whoever asks can show a page; programs get JSON."""
    program = request.path.startswith(("/api/", "/tiles/")) or request.path.endswith(".json")
    return request.accept_mimetypes.accept_html and not program


def user_message(error: errors.GisError) -> str:
    """Give the message in the reader's language."""
    text = gettext(error.message.replace("%%", "%%"))
    if not error.values:
        return text
    return text % words.worded(error.values, programs=has_request_context() and not wants_page())


def answer_domain(error: errors.GisError) -> Response:
    response = answer(STATUS[type(error)], error.code, user_message(error), error.parameter, _more(error))
    if response.status_code == 503:
        response.headers["Retry-After"] = str(error.values.get("seconds", SECONDS_TO_RETRY))
        response.headers["Cache-Control"] = "no-store"
    return response


def _more(error: errors.GisError) -> dict:
    """Give what programs get besides the message."""
    if isinstance(error, errors.Conflict) and error.versions:
        pairs = {
            name: {"stored": json_value(stored), "yours": json_value(yours)}
            for name, (stored, yours) in error.versions.items()
        }
        return {"versions": pairs}
    if isinstance(error, errors.Question):
        return {"choices": [choice for choice in error.choices if isinstance(choice, dict)]}
    if isinstance(error, errors.BadRows):
        told = ({"row": each.row, "field": each.field, "detail": user_message(each.error)} for each in error.problems)
        return {"problems": list(told)}
    if isinstance(error, errors.AgainstRules):
        return {"breaches": [finding_as_json(finding) for finding in error.findings]}
    return {}


def json_value(value):
    """Give a value of a record as JSON has it."""
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else plain(value)


def finding_as_json(finding) -> dict:
    """Tell of a broken rule of law (`gis.recording.Finding`) in the reader's language."""
    language = str(get_locale())
    return {
        "rule": finding.rule.key, "severity": finding.severity, "cases": list(finding.cases),
        "text": finding.text(language), "source": finding.rule.source(language),
    }  # fmt: skip


_HTTP_TEXTS = {
    404: lazy_gettext("There is no such page."),
    405: lazy_gettext("This address does not take that kind of request."),
    403: lazy_gettext("You may not see this."),
    413: lazy_gettext("What was sent is too large."),
}
WHAT_TO_DO = {
    401: lazy_gettext("Sign in, and you come back here."),
    403: lazy_gettext(
        "It belongs to others, or needs a right that you were not given. If it is your work, ask an administrator for "
        "the project or the unit."
    ),
    404: lazy_gettext("The address may be old or mistyped, or what stood here was taken away."),
    405: lazy_gettext("Go back to the page and use its buttons."),
    413: lazy_gettext(
        "Nothing was recorded. Go back: what you typed is still there. Take a smaller file (scanned in black and "
        "white, or in parts), or a shorter list."
    ),
    500: lazy_gettext("Nothing was recorded by it. Go back and try again; if it happens again, tell an administrator."),
    503: lazy_gettext("Wait a little and load the page again. What you typed is still on the page before."),
}
"""What somebody does who meets an error, by status."""
_OTHER = lazy_gettext("The request cannot be answered.")


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()
    detail = str(_HTTP_TEXTS.get(error.code, _OTHER))
    if error.code == 413 and request.max_content_length:
        most = request.max_content_length // (1024 * 1024)
        detail = gettext("What was sent is too large: %(most)s MiB at most are taken here.", most=most)
    return answer(error.code, "http", detail)


class _Outage:
    """One line of the log a minute while the database is away, not a trace for every request."""

    def __init__(self):
        self._lock, self._told_at, self._untold = threading.Lock(), float("-inf"), 0

    def tell(self, error: Exception) -> None:
        with self._lock:
            self._untold += 1
            if time.monotonic() - self._told_at < LOGGED_EVERY_S:
                return
            count, self._untold, self._told_at = self._untold, 0, time.monotonic()
        original = getattr(error, "orig", None)
        reached = getattr(original, "pgcode", None) or original is None
        reason = told(error) if reached else str(original).strip().partition("\n")[0]  # which server, which port
        log.error("The database is not available, %s request(s) answered 503: %s", count, reason[:200])


_outage = _Outage()


def _unexpected(error: Exception) -> Response:
    if away := db.unavailable(error):
        _outage.tell(error)
        return answer_domain(away)
    # The rule, not the address: that may be anything somebody typed.
    log.exception("%s %s failed", request.method, request.url_rule or "?", exc_info=error)
    return answer(500, "internal", gettext("Something went wrong on our side. It has been written down."))


def _page(status: int, detail: str) -> str:
    try:
        return render_template(
            "error.html", status=status, detail=detail, todo=WHAT_TO_DO.get(status), before=_page_before(),
            at_desk=request.path.startswith(("/desk", "/figures", "/reports", "/contradictions")),
        )  # fmt: skip
    except db.UNAVAILABLE:  # the page names who is signed in: that is not known now
        bare = current_app.jinja_env.get_template("unavailable.html")
        return bare.render(status=status, detail=detail, language=str(get_locale()))


def _page_before() -> str | None:
    """Give the page of this site that led here."""
    before = urlsplit(request.referrer or "")
    if before.netloc != request.host or before.path in ("", request.path if request.method == "GET" else None):
        return None
    return before.path + (f"?{before.query}" if before.query else "")


def answer(
    status: int, code: str, detail: str, parameter: str | None = None, more: dict | None = None
) -> Response:  # fmt: skip
    if wants_page():
        return Response(_page(status, detail), status)
    problem = {"type": "about:blank", "status": status, "title": detail, "detail": detail, "code": code}
    if parameter:
        problem["parameter"] = parameter
    problem |= more or {}
    return Response(json.dumps(problem, ensure_ascii=False), status, content_type="application/problem+json")
