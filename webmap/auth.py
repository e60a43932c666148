"""Every route says what it shows; before each request the policy of `gis/access.py` decides."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from flask import Flask, current_app, g, request
from flask_login import current_user

from gis import accounts, db
from gis.access import ROLES, Access, Reader
from gis.access import reader as policy
from gis.accounts import Account
from gis.errors import GisError, NotAllowed, NotSignedIn
from gis.tokens import Token
from webmap import tokens


def access(shows: Access) -> Callable:
    """Declare what a view shows. A view without it is refused, and fails the tests."""

    def declare(view: Callable) -> Callable:
        view.shows = shows
        return view

    return declare


def reader() -> Reader:
    """Give who asks, with what is open to them."""
    if "reader" not in g:
        account, token = _asking()
        given = frozenset()
        if account and ROLES[account.role].uses_given:
            with db.transaction(current_app.extensions["engine"]) as found:
                given = accounts.given_projects(found, account)
        setting = current_app.config["GPMB_OPEN_ACCESS"]
        g.reader = policy(setting, account and account.email, account and account.role, given)
        if token:
            may_record = g.reader.record_ids if token.scope == "record" else frozenset()
            permits = g.reader.permits and token.scope == "record"
            g.reader = replace(g.reader, token=token.name, record_ids=may_record, permits=permits)
    return g.reader


def _asking() -> tuple[Account | None, Token | None]:
    """Give as whom this request asks: by a program's token, else by who is signed in."""
    try:
        if found := tokens.asking():
            return found
    except GisError:
        g.reader = policy("none")  # the page or answer about it is for nobody
        raise
    return (current_user.account if current_user and current_user.is_authenticated else None), None


def session_limits(app: Flask) -> tuple[timedelta, timedelta]:
    """Give how long a session lasts without use, and how long at all."""
    idle, longest = app.config["GPMB_SESSION_IDLE_MINUTES"], app.config["GPMB_SESSION_HOURS"]
    return timedelta(minutes=idle), timedelta(hours=longest)


def opened() -> str:
    """Give what is open to this reader, as a key of `gis.access.OPENED`."""
    return reader().opened


def may_see(wanted: Access) -> bool:
    """Tell whether this reader may have something."""
    return reader().may_see(wanted)


def require(wanted: Access) -> None:
    """Refuse the request unless this reader may have something; who has not signed in is asked to."""
    if may_see(wanted):
        return
    if reader().account is None:
        raise NotSignedIn("Sign in to see this.")
    raise NotAllowed("You may not see this.")


def declared(app: Flask, endpoint: str) -> Access | None:
    """Give what an endpoint declares; static files are open, anything silent is None."""
    if endpoint.rpartition(".")[2] == "static":
        return Access.STATUS
    return getattr(app.view_functions[endpoint], "shows", None)


def init_app(app: Flask) -> None:
    @app.before_request
    def decide():
        if request.endpoint is None:
            return
        wanted = declared(current_app, request.endpoint)
        if wanted is None:
            raise NotAllowed("You may not see this.")
        require(wanted)
