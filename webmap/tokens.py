"""Programs that ask with a token, `Authorization: Bearer mb_…`: as the account it was made for, and without cookies."""

from flask import Flask, current_app, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.wrappers import Request, Response

from gis import accounts, db, tokens
from gis.accounts import Account
from gis.errors import NotSignedIn
from gis.tokens import Token


class BrowserSessions(SecureCookieSessionInterface):
    """Sessions of browsers. A request with a token has none: no cookie adds to what it may, and none is given back."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin:
        return self.session_class() if secret_of(request) is not None else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if secret_of(request) is None:
            super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    app.session_interface = BrowserSessions()


def secret_of(request: Request) -> str | None:
    """Give the token a request brings; None for one that brings none, as browsers do."""
    scheme, _, secret = request.headers.get("Authorization", "").strip().partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def asking() -> tuple[Account, Token] | None:
    """Give as whom this request asks with a token; None when it brings none.

    Raises
    ------
    NotSignedIn
        The same for a wrong, an expired and a revoked one, and for one of a closed account.
    TooManyAttempts
        When too many came from this address, or this one was tried too often.
    """
    secret = secret_of(request)
    if secret is None:
        return None
    if "asking" not in g:
        engine = current_app.extensions["engine"]
        with db.transaction(engine) as found:
            g.asking = tokens.of_secret(found, secret)
        if g.asking is None:
            # Counted apart from people: a forgotten program must not keep a whole office from signing in.
            with db.transaction(engine) as writing:
                accounts.admit(writing, secret, f"token {request.remote_addr or ''}")
    if g.asking is None:
        raise NotSignedIn(
            "This token is wrong, has run out or was revoked. Make a new one on the page of your account."
        )
    return g.asking
