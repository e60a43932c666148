"""Whether the service lives and its database answers; and the headers every answer carries."""

from flask import Blueprint, Flask, Response, request

from gis import progress
from gis.access import Access
from gis.errors import NotFound
from webmap.auth import access
from webmap.session import session

bp = Blueprint("health", __name__)

# No inline script or style, nothing from outside. MapLibre's CSP build runs its worker from a file of ours;
# Leaflet and MapLibre set styles through the CSSOM, which a policy does not restrict.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "worker-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


# What a page may ask the browser for: where its reader stands, when the reader asks; nothing else.
ABILITIES = "geolocation=(self), clipboard-write=(self), fullscreen=(self), " + ", ".join(
    f"{name}=()"
    for name in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "gamepad",
        "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi", "payment",
        "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
    )
)  # fmt: skip


def page_policy(nonce: str, images_from: str = "") -> str:
    """Give the policy of a page with one inline script of ours, and images of one other origin where one is set."""
    policy = POLICY.replace("script-src 'self'", f"script-src 'self' 'nonce-{nonce}'")
    return policy.replace("img-src 'self'", f"img-src 'self' {images_from}") if images_from else policy


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)

    @app.before_request
    def refuse_unwritable_paths():
        """PostgreSQL cannot take a NUL: nothing can have a name with one."""
        if "\0" in request.path:
            raise NotFound("There is no such page.")

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        if app.config["GPMB_HTTPS"] == "yes":
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = ABILITIES
        if request.path.startswith("/static/vendor/"):  # the version is part of the path
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response


@bp.get("/healthz")
@access(Access.STATUS)
def healthz():
    """Answer once the database does; the revision says which data is served."""
    return {"status": "ok", "revision": progress.revision(session()).revision}
