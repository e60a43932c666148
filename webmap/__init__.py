"""The web part: HTTP and pages over `layers` and `gis`."""

from flask import Flask
from flask_compress import Compress

from webmap import (
    accounts,
    api,
    assets,
    auth,
    basemap,
    bodies,
    case_commands,
    cli,
    commands,
    config,
    contradictions,
    desk,
    errors,
    exact_json,
    figures,
    freshness,
    health,
    i18n,
    kept_forms,
    logs,
    map,
    oidc,
    panels,
    printing,
    ration,
    read_pages,  # noqa: F401 - one page more of accounts
    register_commands,
    reports,
    search,
    session,
    tables,
    tiles,
    token_pages,  # noqa: F401 - one section more of the pages of accounts
    tokens,
    unit_choices,
    uploads,
    words,
)  # fmt: skip


def create_app(settings: dict[str, str] | None = None) -> Flask:
    """Make the application: settings, database, language, access, errors, pages, commands."""
    app = Flask(__name__)
    app.config.update(config.load(settings))
    app.config.update(
        SECRET_KEY=app.config["GPMB_SECRET_KEY"],
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        MAX_CONTENT_LENGTH=1024 * 1024,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br"],
    )
    Compress(app)
    for part in (
        exact_json, logs, tokens, session, i18n, accounts, oidc, kept_forms, auth, ration, errors, health, assets,
        basemap, tiles, api, tables, map, panels, freshness, printing, search, words, contradictions, reports, figures,
        desk, cli, commands, register_commands, case_commands, unit_choices, uploads, bodies,
    ):  # fmt: skip
        part.init_app(app)
    return app
