"""Vendored scripts and styles, as `script/vendor.py` compressed them once: smaller than at each request, at no cost."""

from mimetypes import guess_type
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.security import safe_join

COMPRESSED = (("br", ".br"), ("gzip", ".gz"))
"""Content codings, the best first, and what the files are called."""


def init_app(app: Flask) -> None:
    def static(filename: str) -> Response:
        for coding, suffix in COMPRESSED:
            path = filename.startswith("vendor/") and safe_join(app.static_folder, filename + suffix)
            if path and request.accept_encodings.quality(coding) > 0 and Path(path).is_file():
                response = app.send_static_file(filename + suffix)
                response.content_type = guess_type(filename)[0] or "application/octet-stream"
                response.content_encoding = coding
                response.vary.add("Accept-Encoding")
                return response
        response = app.send_static_file(filename)
        if not filename.startswith("vendor/"):
            response.direct_passthrough = False  # streams are sent to readers of gzip as they are; our files are small
            response.get_data()
        return response

    app.view_functions["static"] = static
