"""One's own tokens, on the page of the account: made with the password, shown once, revoked at any time."""

from flask import Response, flash, redirect, url_for
from flask_babel import gettext

from gis import tokens
from gis.access import Access
from gis.errors import BadParameter, NotAllowed, NotSignedIn, TooManyAttempts
from webmap.accounts import (
    _form,
    _own_page,
    _page,
    _prove_again,
    _signed_in,
    _writing,
    bp,
)  # fmt: skip
from webmap.auth import access
from webmap.links import public


@bp.post("/account/tokens")
@access(Access.STATUS)
def make_token() -> Response:
    account = _signed_in()
    try:
        _prove_again(account)
        days = _form("days", 4)
        asked = {"name": _form("name"), "scope": _form("scope", 20), "days": int(days) if days.isdecimal() else 0}
        with _writing() as writing:
            secret = tokens.make(writing, account, **asked)
    except (BadParameter, NotAllowed, NotSignedIn, TooManyAttempts) as error:
        return _own_page(error, "tokens")
    return _page("accounts/token.html", secret=secret, name=asked["name"], example=public("api.show_progress"))


@bp.post("/account/tokens/<int:number>/revoke")
@access(Access.STATUS)
def revoke_token(number: int) -> Response:
    account = _signed_in()
    with _writing() as writing:
        tokens.revoke(writing, number, account_id=account.id)
    flash(gettext("The token is revoked: programs that use it get no answer any more."))
    return redirect(url_for("accounts.own"))
