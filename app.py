"""The WSGI entry point; `flask` and gunicorn find the application here."""

from webmap import create_app

app = create_app()
