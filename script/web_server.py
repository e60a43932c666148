"""The web server of this checkout: nginx on 127.0.0.1 before gunicorn, kept running, found again, stopped.

A keeper in the background starts both and starts again what ends, whatever ended it. No pid file: our server is
whatever runs under our name in this checkout's folder.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from script import front
from script.capacity import THREADS
from script.processes import command_line, end, free_port, pids_working_in, port_is_free, wait_until
from script.settings import ROOT, VAR, read_settings, update_settings

LOG = VAR / "log/server.log"
NAME = "--name=mat-bang"
PORT = "--port="
BIND = "--bind=127.0.0.1:"
OPTIONS = (
    NAME, "--preload", "--workers=2", f"--threads={THREADS}", "--timeout=60", "--graceful-timeout=20",
    "--no-control-socket",
    "--keep-alive=75",  # longer than nginx keeps a connection idle, so that it never sends into a closing one
)  # fmt: skip
SECONDS_TO_START = 60
SECONDS_TO_STOP = 25
SOON_S, LONGEST_PAUSE_S = 1.0, 30.0
"""What ends again and again is started after ever longer pauses."""
SECONDS_FOR_ORPHANS = 3
MOST_LOG_BYTES = 20 * 1024 * 1024


def server_pids() -> list[int]:
    """Return the processes of this checkout's server: keeper, nginx and gunicorn with their workers."""
    return [
        pid for pid in pids_working_in(ROOT) if NAME in (words := command_line(pid)) or front.is_front(words)
    ]  # fmt: skip


def served_port() -> int | None:
    """Return the port this checkout's server listens on, None when none runs."""
    lines = [command_line(pid) for pid in server_pids()]
    words = [word for line in lines if NAME in line for word in line if word.startswith(PORT)]
    return int(words[0].removeprefix(PORT)) if words else None


def require_port(port: int) -> None:
    """End with a message when `port` is taken by something that is not our server."""
    if served_port() != port and not port_is_free(port):
        sys.exit(
            f"Port {port} of 127.0.0.1 is taken by another program. Choose another one: script/server --port {port + 1}"
        )


def start(port: int) -> None:
    """Start the server on `port`, in place of the one that runs; return once it answers."""
    stop()
    known = read_settings().get("GPMB_PUBLIC_ADDRESS", "")
    if not known or known.startswith("http://127.0.0.1:"):  # else an administrator has set where readers come
        update_settings({"GPMB_PUBLIC_ADDRESS": f"http://127.0.0.1:{port}"})
    LOG.parent.mkdir(parents=True, exist_ok=True)
    if LOG.exists() and LOG.stat().st_size > MOST_LOG_BYTES:
        LOG.replace(LOG.with_name("server.last.log"))
    with LOG.open("a") as log:
        before = log.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "script.web_server", "keep", NAME, f"{PORT}{port}"],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    wait_until(lambda: process.poll() is not None or answers(port), SECONDS_TO_START)
    if process.poll() is not None or not answers(port):
        stop()
        # The application's own error comes first, then many lines of gunicorn's about it.
        said = LOG.read_bytes()[before:].decode(errors="replace").splitlines()[:60]
        sys.exit("\n".join([*said, "", f"The web server does not answer; what {LOG} says stands above."]))


def keep(port: int) -> None:
    """Run nginx and gunicorn until told to end; start again what ends before that.

    Each is waited for in a thread of its own: one that fails does not hold up the other. One that ends before it ever
    listened ends the keeper: whoever starts the server must see why.
    """
    inner = free_port()
    outer_proxy = {**read_settings(), **os.environ}.get("GPMB_BEHIND_PROXY") == "yes"
    front.write(port, inner, behind_proxy=outer_proxy)
    environment = {**os.environ, "GPMB_BEHIND_PROXY": "yes"}
    gunicorn = [sys.executable, "-m", "gunicorn", *OPTIONS, f"{BIND}{inner}", "app:app"]
    ending = threading.Event()
    for request in (signal.SIGTERM, signal.SIGINT):
        signal.signal(request, lambda *_: ending.set())
    kept = (
        (gunicorn, inner, lambda words: f"{BIND}{inner}" in words),
        (front.command(), port, front.is_front),
    )  # fmt: skip
    keepers = [threading.Thread(target=_keep_one, args=(*each, environment, ending)) for each in kept]
    for keeper in keepers:
        keeper.start()
    for keeper in keepers:
        keeper.join()


def _keep_one(
    command: list[str], port: int, is_its: Callable[[list[str]], bool], environment: dict[str, str],
    ending: threading.Event,
) -> None:  # fmt: skip
    """Run one program; `is_its` tells the command lines of its workers, which may outlive it and hold its port."""
    pause, came_up = SOON_S, False
    while not ending.is_set():
        began = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
        while process.poll() is None and not ending.wait(0.2):
            came_up = came_up or _listens(port)
        if process.poll() is None:
            end(lambda process=process: [process.pid] if process.poll() is None else [], SECONDS_TO_STOP - 3)
            return
        if not came_up:
            ending.set()
            return
        end(lambda: [pid for pid in pids_working_in(ROOT) if is_its(command_line(pid))], SECONDS_FOR_ORPHANS)
        pause = SOON_S if time.monotonic() - began > LONGEST_PAUSE_S else min(2 * pause, LONGEST_PAUSE_S)
        print(f"{Path(command[0]).name} ended; it starts again in {pause:.0f} s.", flush=True)
        ending.wait(pause)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


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
    parser.add_argument("action", choices=["start", "keep", "stop", "require-port"])
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(NAME.partition("=")[0], help="marks the keeper among the processes of this folder")
    options = parser.parse_args()
    if options.action == "stop":
        stop()
    elif options.action == "require-port":
        require_port(options.port)
    elif options.action == "keep":
        keep(options.port)
    else:
        start(options.port)


if __name__ == "__main__":
    main()
