"""Typed work is never lost: what a form held stays on the server until it is recorded, and comes back by GET.

A form that only asks to be shown something (a look before recording, a list that was read) and one whose session had
ended are kept for the account that typed them, and the browser is led to the same address with ``?kept=…``. There
the page answers as it answered the form, but records nothing: it can be loaded anew, gone back to, and sent again.
No view knows of this: to a view, a form that came back is the form that was sent, and `webmap.session.writing`
refuses.
"""

from collections.abc import Iterable, Mapping
from secrets import token_urlsafe
from urllib.parse import parse_qsl, urlencode

import flask
from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import ImmutableMultiDict

from gis import accounts, db, errors
from gis import kept_forms as store
from gis.access import Access
from gis.errors import GisError, NotFound, NotRecorded, NotSignedIn
from webmap import auth, uploads
from webmap.i18n import moment

NAME = "kept"
"""Of the query parameter."""
_FORM, _SOUGHT = "gpmb.kept_form", "gpmb.kept_sought"
"""In the environment of a request, where no header can put anything: the form, and that one was asked for."""
_SECRETS = ("csrf_token", "draft")
_NEVER = ("accounts",)
"""Blueprints whose forms hold passwords and codes: they are never kept."""
_ASIDE = (errors.AgainstRules, errors.BadRows)
"""Errors that are told row by row: their page answers the form itself."""
STATUS_SHOWN = (200, 400, 409, 422)


class Request(flask.Request):
    """A request whose form may be one that was kept."""

    def _load_form_data(self) -> None:
        if (form := self.environ.get(_FORM)) is None:
            return super()._load_form_data()
        self.__dict__["form"] = ImmutableMultiDict(form.fields)
        self.__dict__["files"] = ImmutableMultiDict()
        return None


def init_app(app: Flask) -> None:
    app.request_class = Request
    app.wsgi_app = _Again(app, app.wsgi_app)
    app.before_request(_is_there)
    app.after_request(_by_get)
    app.jinja_env.globals.update(kept_note=note, recorded_draft=lambda: session.pop("recorded", ""))


class _Again:
    """Turns GET of a kept form into the form again. Whose it is, the cookie says; views find a POST."""

    def __init__(self, app: Flask, inner):
        self.app, self.inner = app, inner

    def __call__(self, environ: dict, start_response):
        query = environ.get("QUERY_STRING", "")
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") and f"{NAME}=" in query:
            environ = environ | self._changed(environ, query)
        return self.inner(environ, start_response)

    def _changed(self, environ: dict, query: str) -> dict:
        asked = parse_qsl(query, keep_blank_values=True)
        key = dict(asked).get(NAME, "")
        rest = {"QUERY_STRING": urlencode([pair for pair in asked if pair[0] != NAME])}
        sought = {_SOUGHT: f"{environ.get('PATH_INFO', '')}?{query}"}
        form = self._found(environ, key) if key and "\0" not in key else None
        if form is None or form.address.partition("?")[0] != Request(environ).path:
            return rest | sought
        return rest | sought | {_FORM: form, "REQUEST_METHOD": "POST", "CONTENT_LENGTH": "0"}

    def _found(self, environ: dict, key: str) -> store.KeptForm | None:
        cookie = self.app.session_interface.open_session(self.app, Request(environ))
        token = cookie and cookie.get("signed_in")
        if not token:
            return None
        idle, longest = auth.session_limits(self.app)
        with db.transaction(self.app.extensions["engine"]) as found:
            account = accounts.of_session(found, token, idle=idle, longest=longest)
            return account and store.find(found, account.email, key)


def again() -> store.KeptForm | None:
    """Give the kept form that this request shows; None where a form is sent, or a page asked for."""
    return request.environ.get(_FORM)


def sought() -> str | None:
    """Give the address of the kept form that this request asked for, whether it is there or not."""
    return request.environ.get(_SOUGHT)


def asked_in(address: str) -> bool:
    """Tell whether an address leads to a kept form."""
    return NAME in dict(parse_qsl(address.partition("?")[2]))


def refuse_to_record() -> None:
    """Refuse where a kept form is shown: what was wrong with it is said again, else that it was not recorded.

    Raises
    ------
    GisError
    """
    g.has_written = True
    form = again()
    if form is None:
        return
    if form.said:
        kind = getattr(errors, form.said["kind"])
        raise kind("%(said)s", parameter=form.said["parameter"], said=form.said["text"])
    if form.why == "shown":
        raise NotRecorded("Nothing was recorded yet: look at it and send it.")
    raise NotRecorded(
        "Nothing was recorded: signing in had run out. All that was typed stands here again; look at it and send it "
        "once more."
    )


def recorded() -> None:
    """Note that what this request sent is recorded: the browser's draft of it goes."""
    if draft := request.form.get("draft"):
        session["recorded"] = draft[:60]


def note() -> str | None:
    """Say, of a form that came back because its session had ended, from when it is and which files it lacks."""
    form = again()
    if form is None or form.why == "shown":
        return None
    sent = moment(form.kept_at)
    said = gettext("This is what you had typed and sent on %(moment)s. It is not recorded.", moment=sent)
    if form.files:
        said += " " + gettext("Choose these files again: %(files)s.", files=", ".join(form.files))
    return said


def by_get() -> Response | None:
    """Keep the form that was sent, and lead to the page that shows it by GET; None where that is not to be done.

    A view calls it before work that is only worth doing once; without it the same happens after the page is made.
    """
    if again() or not _browses():
        return None
    return redirect(_keep(auth.reader().account, "shown"), 303)


def by_get_as(error: GisError, **changed: str) -> Response | None:
    """Lead to the page that answers this form as if some fields were others, by GET, and says what is wrong.

    None where that is not to be done: the view answers the form itself.
    """
    if again() or not _browses():
        return None
    said = {"kind": errors.BadParameter.__name__, "parameter": error.parameter, "text": _text(error)}
    return redirect(_keep(auth.reader().account, "shown", changed, said), 303)


def was_said() -> errors.BadParameter | None:
    """Give what was wrong with the form that is shown again."""
    said = (form := again()) and form.said
    return errors.BadParameter("%(said)s", parameter=said["parameter"], said=said["text"]) if said else None


def _browses() -> bool:
    """Tell whether a browser moves from page to page: whoever sends a form otherwise gets the page as the answer."""
    return request.headers.get("Sec-Fetch-Mode") == "navigate"


def holds(**fields: str) -> None:
    """Say what a file that was sent holds, as a field of the form: with it the page can be shown again by GET."""
    g.kept_fields = fields


def told(error: GisError | None) -> None:
    """Note what is wrong on the page that this request makes: shown by GET, it says the same."""
    g.page_error = error


def _is_there() -> Response | None:
    """Answer for a kept form that is not there, or not for who asks."""
    if _SOUGHT not in request.environ or again() is not None:
        return
    if auth.reader().account is None:
        raise NotSignedIn("Sign in to see this.")
    raise NotFound(
        "What was typed here is kept no longer: it was put away after %(days)s days or on signing out, or another "
        "account typed it.",
        days=store.KEPT_FOR.days,
    )  # fmt: skip


def _by_get(response: Response) -> Response:
    """Lead a browser from the answer to a form to a page it can load anew and go back to."""
    if not _is_shown(response):
        return response
    error = g.get("page_error")
    said = error and {
        "kind": type(error).__name__, "parameter": error.parameter, "text": _text(error)
    }  # fmt: skip
    led = redirect(_keep(auth.reader().account, "shown", g.get("kept_fields"), said if g.get("has_written") else None))
    led.status_code = 303
    led.headers["Cache-Control"] = "no-store"
    return led


def _is_shown(response: Response) -> bool:
    """Tell whether this answers a form of somebody's with a page, and showing it again by GET would say the same."""
    if request.method != "POST" or again() or response.mimetype != "text/html":
        return False
    if not _browses() or not _may_be_kept():
        return False
    if response.status_code not in STATUS_SHOWN or auth.reader().account is None:
        return False
    chosen = bool(uploads.names())
    error = g.get("page_error")
    if g.get("has_written") and (error is None or isinstance(error, _ASIDE) or getattr(error, "versions", None)):
        return False
    return not chosen or "kept_fields" in g


def _text(error: GisError) -> str:
    from webmap.errors import user_message  # its pages stand on this module

    return user_message(error)


def _may_be_kept() -> bool:
    """Tell whether this request is a form of the desk: no password, no call of a program."""
    if request.endpoint is None or request.blueprint in _NEVER or request.path.startswith("/api/"):
        return False
    return auth.declared(current_app, request.endpoint) in (Access.DESK, Access.AGGREGATE)


def _keep(account: str, why: str, changed: Mapping[str, str] | None = None, said: dict | None = None) -> str:
    """Keep the form of this request, and give the address at which it is shown."""
    asked = [pair for pair in request.args.items(multi=True) if pair[0] != NAME]
    here = f"{request.path}?{urlencode(asked)}" if asked else request.path
    changed = changed or {}
    fields = [(name, value) for name, value in _fields() if name not in changed]
    if not request.form.get("key"):  # shown twice, it must still be one submission
        fields.append(("key", token_urlsafe(16)))
    files = [] if changed else uploads.names()
    with db.transaction(current_app.extensions["engine"]) as found:
        key = store.keep(
            found, account, here, [*fields, *changed.items()], files=files, why=why, said=said
        )  # fmt: skip
    return f"{here}{'&' if '?' in here else '?'}{NAME}={key}"


def _fields() -> Iterable[tuple[str, str]]:
    for name, value in request.form.items(multi=True):
        if name not in _SECRETS:
            yield name, value.replace("\0", "")  # the database has no place for one


# A form whose session had ended. Whose it is stands in the token of its page, which this server signed.


def begin_token(account_id: int) -> None:
    """Begin the token of the forms of a session: it tells whose they are, also when the session is over."""
    generate_csrf()
    session["csrf_token"] = f"{account_id}.{session['csrf_token']}"
    g.pop("csrf_token", None)


def typist() -> str | None:
    """Give the account on whose page this form was typed; None where nothing of it may be kept."""
    if request.method != "POST" or not _may_be_kept():
        return None
    try:
        value = URLSafeTimedSerializer(current_app.secret_key, salt="wtf-csrf-token").loads(
            request.form.get("csrf_token", "")
        )
    except BadData:
        return None
    with db.transaction(current_app.extensions["engine"]) as found:
        return _owner(found, value)


def _owner(found: db.Session, value: object) -> str | None:
    """Give the account that a form's token names."""
    number, dot, _ = str(value).partition(".")
    if not dot or not number.isdecimal():
        return None
    try:
        return accounts.get(found, int(number)).email
    except NotFound:
        return None


def forget(found: db.Session) -> None:
    """Forget all that is kept of who signs out, also where the session is over."""
    if account := _owner(found, session.get("csrf_token")):
        store.forget(found, account)


def late(account: str, why: str) -> Response:
    """Keep a form of a session that is over, and lead its typist back to it: through signing in, where needed."""
    back = _keep(account, why)
    if auth.reader().account is None:
        return redirect(url_for("accounts.sign_in", next=back), 303)
    return redirect(back, 303)
