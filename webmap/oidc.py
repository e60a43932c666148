"""Signing in with the account of an office's own provider (OpenID Connect), where the settings name one.

Authorization code with PKCE, state and nonce, by Authlib. The provider says who somebody is; whether they may come in
is decided here: by the verified address of an account that an administrator has made. Nobody is registered.
"""

import logging

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.wrappers import Response
from joserfc.errors import JoseError
from requests import RequestException

from gis import accounts
from gis.access import Access
from gis.errors import BadParameter, GisError, NotSignedIn
from webmap.accounts import _open, _page, _writing, bp
from webmap.auth import access
from webmap.i18n import within_site
from webmap.links import public

SECONDS_TO_ANSWER = 10
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    issuer = app.config["GPMB_OIDC_ISSUER"]
    app.jinja_env.globals["office_sign_in"] = bool(issuer)
    if issuer:
        OAuth(app).register(
            "office",
            client_id=app.config["GPMB_OIDC_CLIENT_ID"],
            client_secret=app.config["GPMB_OIDC_CLIENT_SECRET"],
            server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email", "code_challenge_method": "S256", "default_timeout": SECONDS_TO_ANSWER
            },
        )  # fmt: skip


def _provider():
    registry = current_app.extensions.get("authlib.integrations.flask_client")
    return registry.office if registry else abort(404)


@bp.get("/sign-in/office")
@access(Access.STATUS)
def office_sign_in() -> Response:
    """Lead to the provider, which asks who it is."""
    provider = _provider()
    back = within_site(request.args.get("next", ""))
    try:
        away = provider.authorize_redirect(public("accounts.office_signed_in"))
    except (AuthlibBaseError, RequestException) as error:
        return _refused(error)
    session["office_next"] = back
    return away


@bp.get("/sign-in/office/back")
@access(Access.STATUS)
def office_signed_in() -> Response:
    """Take what the provider says: signature, issuer, audience, state and nonce are checked by Authlib."""
    provider = _provider()
    back = within_site(session.pop("office_next", ""))
    try:
        said = provider.authorize_access_token().get("userinfo") or {}
        if said.get("iss") != current_app.config["GPMB_OIDC_ISSUER"]:
            raise NotSignedIn("Signing in with the office's account did not work. Try again.")
        email = said.get("email") if said.get("email_verified") is True else None
        if not isinstance(email, str):
            raise NotSignedIn("The office's account has no verified e-mail address.")
        with _writing() as found:
            account = accounts.find(found, email)
        if account is None or not account.active:
            raise NotSignedIn("No account of this site has the address of the office's account. Ask an administrator.")
    except (AuthlibBaseError, BadParameter, JoseError, NotSignedIn, RequestException) as error:
        return _refused(error)
    _open(account)
    session["factor_elsewhere"] = True
    g.pop("reader", None)
    return redirect(back)


def _refused(error: Exception) -> Response:
    """Show the page to sign in, with what is wrong; the provider's own words go to the log of the server alone."""
    if not isinstance(error, GisError):
        log.warning("Signing in with the office's account: %s: %s", type(error).__name__, error)
        error = NotSignedIn("Signing in with the office's account did not work. Try again.")
    return _page("accounts/sign_in.html", error, email="", back=url_for("map.show"))
