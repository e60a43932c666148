"""Addresses that leave the site (invitations, tokens' examples, the office's sign-in): made of what is set, never of
what a request claims. Who sends ``Host: evil.example`` must not get it into a link that somebody else opens."""

from urllib.parse import urljoin, urlsplit

from flask import current_app, request, url_for

from gis.errors import NotReady

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def public(endpoint: str, **values) -> str:
    """Give the whole address of a page, as readers reach it.

    Raises
    ------
    NotReady
        Where no address is set and the request came by another name than this machine's own.
    """
    path = url_for(endpoint, **values)
    if known := current_app.config["GPMB_PUBLIC_ADDRESS"]:
        return known.rstrip("/") + path
    if urlsplit(request.host_url).hostname in _THIS_MACHINE:
        return urljoin(request.host_url, path)
    raise NotReady("The address of this site is not set: its administrator sets GPMB_PUBLIC_ADDRESS.")
