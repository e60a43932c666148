"""What a request carries is read to its end before it is answered, also where the answer did not need it.

nginx keeps its connections to gunicorn for the next reader. One on which half a form was left unread is closed by
gunicorn, and whoever is next upon it, a stranger, got 503 (12 of 60 after thirty forms that were too large).
"""

from flask import Flask

_PIECE = 64 * 1024
_MOST = 64 * 1024 * 1024
"""What nginx lets through (`script/front.py`): more is sent by nobody but past it."""


def init_app(app: Flask) -> None:
    app.wsgi_app = _ReadToTheEnd(app.wsgi_app)


class _ReadToTheEnd:
    """The application, after which nothing of a request is left unread."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        answer = self.application(environ, start_response)
        if environ.get("wsgi.input_terminated"):  # else it has no end to read to
            body, left = environ["wsgi.input"], _MOST
            while left > 0 and (piece := body.read(_PIECE)):
                left -= len(piece)
        return answer
