"""How much the web server takes on at once: read by who starts it, and by who shares it out among readers."""

THREADS = 16
"""Requests that each process works on at once (script/web_server.py); webmap/ration.py says whose they may be."""
