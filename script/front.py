"""nginx before the web server: it takes what slow readers send and read, so that no thread of ours waits for them.

Eight half-sent requests held all eight threads of gunicorn (measured, docs/performance.md). nginx reads a request whole
before it passes it on, and takes an answer whole before it hands it out; a thread is held only while it works.
"""

import os
from pathlib import Path

from script.settings import VAR

NGINX = Path("/usr/sbin/nginx")
FOLDER = VAR / "nginx"
CONFIGURATION = FOLDER / "nginx.conf"
SECONDS_OF_AN_ANSWER = 180
LARGEST_REQUEST_MIB = 64
"""Above every limit of the application, which says in its own words what is too large."""

_AWAY = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="10"><title>Mặt Bằng</title></head>
<body><h1>Máy chủ chưa trả lời được</h1>
<p>Trang này tự thử lại sau 10 giây. Những gì bạn đã nhập ở trang trước vẫn còn.</p>
<p lang="en">The server does not answer at present.
This page tries again in 10 seconds; what you typed on the page before is kept.</p>
</body></html>
"""

_TEMPLATE = """
daemon off;
{user}
worker_processes 1;
worker_rlimit_nofile 8192;
pid {folder}/nginx.pid;
# What is less grave repeats the address asked and the page before it: what was searched for, names of people.
error_log {log} alert;
events {{ worker_connections 4096; }}
http {{
    access_log off;  # addresses of pages name what was searched for
    server_tokens off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/other;
    uwsgi_temp_path {folder}/other;
    scgi_temp_path {folder}/other;

    # Who sends or reads nothing for so long has gone. One address is a whole office: many connections, not all.
    client_header_timeout 15s;
    client_body_timeout 20s;
    send_timeout 30s;
    keepalive_timeout 30s;
    reset_timedout_connection on;
    limit_conn_zone $binary_remote_addr zone=address:2m;
    limit_conn address 1000;
    limit_conn_status 503;
    large_client_header_buffers 4 16k;
    client_max_body_size {largest}m;

    upstream application {{ server 127.0.0.1:{inner}; keepalive 16; }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{
            proxy_pass http://application;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For {client};
            proxy_set_header X-Forwarded-Proto {scheme};
            proxy_set_header X-Forwarded-Host {host};
            proxy_connect_timeout 5s;
            proxy_read_timeout {seconds}s;
            proxy_next_upstream off;  # what records is never sent twice
            proxy_buffers 32 16k;
            proxy_buffer_size 16k;
        }}
        error_page 502 503 504 = @away;
        location @away {{
            default_type text/html;
            charset utf-8;
            add_header Retry-After 10 always;
            add_header Cache-Control no-store always;
            return 503 '{away}';  # a file would be given to who reads, not to who sends a form
        }}
    }}
}}
"""


def write(port: int, inner: int, *, behind_proxy: bool) -> None:
    """Write the configuration for readers at `port` and the application at `inner`, both of 127.0.0.1.

    With `behind_proxy` another proxy stands before this one, and what it says of the reader is handed on.
    """
    for name in ("body", "proxy", "other"):
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
    CONFIGURATION.write_text(
        _TEMPLATE.format(
            # Root's files are root's alone: nobody's nginx could not keep a long request in var/.
            user="user root;" if os.geteuid() == 0 else "",
            folder=FOLDER, log=VAR / "log/nginx.log", largest=LARGEST_REQUEST_MIB, seconds=SECONDS_OF_AN_ANSWER,
            port=port, inner=inner, away=_AWAY.replace("\n", " ").strip(),
            client="$http_x_forwarded_for" if behind_proxy else "$remote_addr",
            scheme="$http_x_forwarded_proto" if behind_proxy else "$scheme",
            host="$http_x_forwarded_host" if behind_proxy else "$http_host",
        )
    )  # fmt: skip


def command() -> list[str]:
    """Give the command that runs nginx in the foreground."""
    return [str(NGINX), "-p", str(FOLDER), "-c", str(CONFIGURATION), "-e", str(VAR / "log/nginx.log")]


def is_front(words: list[str]) -> bool:
    """Tell nginx's own command line: it writes what it is into the first word."""
    return bool(words) and (words[0].startswith("nginx: ") or words[0] == str(NGINX))
