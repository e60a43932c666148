"""Every route says what it shows; before each request the policy of `gis/access.py` decides."""

from collections.abc import Callable

from flask import Flask, current_app, request
from flask_login import current_user

from gis.access import Access, allows, opened_to
from gis.errors import NotAllowed


def access(shows: Access) -> Callable:
    """Declare what a view shows. A view without it is refused, and fails the tests."""

    def declare(view: Callable) -> Callable:
        view.shows = shows
        return view

    return declare


def opened() -> str:
    """Give what is open to this reader: by the setting, and by the role of who is signed in."""
    role = current_user.account.role if current_user and current_user.is_authenticated else None
    return opened_to(current_app.config["GPMB_OPEN_ACCESS"], role)


def may_see(wanted: Access) -> bool:
    """Tell whether this reader may have something."""
    return allows(opened(), wanted)


def require(wanted: Access) -> None:
    """Refuse the request unless this reader may have something."""
    if not may_see(wanted):
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
