"""Browsers from which an account has signed in before: a cookie that lets its owner try, whoever else tries.

Attempts at a password are limited for each account and each address, so that nobody can guess on. By itself that lets a
stranger lock an officer out, and one bad guesser a whole office, for both share an address. A browser that has
signed in is told apart by a signed secret: what is tried from it is counted for it alone (OWASP calls this device
cookies). It opens nothing: the password is asked all the same.
"""

import secrets

from flask import after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from gis.accounts import clean_email, hash_secret

MOST_ACCOUNTS = 12
"""Of one browser: a computer of an office is shared."""
DAYS = 400


def of(email: str) -> str | None:
    """Give the secret of this browser for an address; None where it has not signed in with it."""
    return _kept().get(_name(email))


def remember(email: str) -> None:
    """Keep in this browser that it has signed in with an address."""
    kept = _kept()
    name = _name(email)
    kept = {name: kept.pop(name, None) or secrets.token_urlsafe(24), **kept}
    value = _signer().dumps(dict(list(kept.items())[:MOST_ACCOUNTS]))
    secure = current_app.config["SESSION_COOKIE_SECURE"]

    @after_this_request
    def keep(response):
        response.set_cookie(
            _cookie(), value, max_age=DAYS * 86400, secure=secure, httponly=True, samesite="Lax", path="/"
        )
        return response


def _kept() -> dict[str, str]:
    try:
        kept = _signer().loads(request.cookies.get(_cookie(), ""))
    except BadSignature:
        return {}
    return kept if isinstance(kept, dict) else {}


def _cookie() -> str:
    return "__Host-known" if current_app.config["SESSION_COOKIE_SECURE"] else "known"


def _name(email: str) -> str:
    """The address itself is not written into the cookie of a shared computer."""
    return hash_secret(clean_email(email).lower())[:24]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="known devices")
