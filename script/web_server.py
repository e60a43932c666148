"""The web server of this checkout: gunicorn on 127.0.0.1, started in the background, found again, stopped.

No pid file: our server is whatever runs gunicorn under our name in this checkout's folder.
"""

import argparse
import subprocess
import sys
import urllib.request

from script.processes import command_line, end, pids_working_in, port_is_free, wait_until
from script.settings import ROOT, VAR

LOG = VAR / "log/server.log"
NAME = "--name=mat-bang"
BIND = "--bind=127.0.0.1:"
OPTIONS = (
    NAME, "--preload", "--workers=2", "--threads=4", "--timeout=60", "--graceful-timeout=20", "--no-control-socket",
)  # fmt: skip
SECONDS_TO_START = 60
SECONDS_TO_STOP = 25


def server_pids() -> list[int]:
    """Return the processes of this checkout's server, workers included."""
    return [pid for pid in pids_working_in(ROOT) if NAME in command_line(pid)]


def served_port() -> int | None:
    """Return the port this checkout's server listens on, None when none runs."""
    words = [word for pid in server_pids() for word in command_line(pid) if word.startswith(BIND)]
    return int(words[0].removeprefix(BIND)) if words else None


def require_port(port: int) -> None:
    """End with a message when `port` is taken by something that is not our server."""
    if served_port() != port and not port_is_free(port):
        sys.exit(
            f"Port {port} of 127.0.0.1 is taken by another program. Choose another one: script/server --port {port + 1}"
        )


def start(port: int) -> None:
    """Start the server on `port`, in place of the one that runs; return once it answers."""
    stop()
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("a") as log:
        before = log.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *OPTIONS, f"{BIND}{port}", "app:app"],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    wait_until(lambda: process.poll() is not None or answers(port), SECONDS_TO_START)
    if process.poll() is not None or not answers(port):
        stop()
        # The application's own error comes first, then many lines of gunicorn's about it.
        said = LOG.read_bytes()[before:].decode(errors="replace").splitlines()[:60]
        sys.exit("\n".join([*said, "", f"The web server does not answer; what {LOG} says stands above."]))


def answers(port: int) -> bool:
    """Say whether the application answers and reaches its database."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy of the user's
    try:
        with direct.open(f"http://127.0.0.1:{port}/healthz", timeout=10) as response:
            return response.status == 200
    except OSError:  # urllib's errors are OSErrors
        return False


def stop() -> None:
    """Stop this checkout's server; requests under way are finished first."""
    end(server_pids, SECONDS_TO_STOP)


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description="The web server of this checkout.")
    parser.add_argument("action", choices=["start", "stop", "require-port"])
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    if options.action == "stop":
        stop()
    elif options.action == "require-port":
        require_port(options.port)
    else:
        start(options.port)


if __name__ == "__main__":
    main()
