"""Which processes and ports are ours: what a pid file alone cannot tell.

A pid file outlives its process after a power cut or ``kill -9``, and the number in it may by then
belong to somebody else's process.  So a process counts as ours by the folder it works in.
"""

import os
import random
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
# Below the range Linux takes outgoing connections from, so that a port stays free between two starts.
PORT_RANGE = range(20000, 32000)


def pid_in(pid_file: Path) -> int | None:
    """Return the pid on the first line of `pid_file`; None without the file or a number in it."""
    try:
        return int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def command_line(pid: int) -> list[str]:
    """Return the words process `pid` was started with; none when it has ended."""
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def pids_working_in(folder: Path) -> list[int]:
    """Return the live processes whose working directory is `folder`."""
    found = []
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # By inode: the same path inside a container is another folder.
            if (entry / "cwd").samefile(folder):
                found.append(int(entry.name))
        except OSError:  # ended meanwhile, or another user's
            continue
    return found


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait up to `seconds` for `condition`; return whether it came true."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def end(pids: Callable[[], list[int]], seconds: float) -> None:
    """Ask the processes that `pids` names to end, and make them after `seconds`.

    `pids` is asked again before every step, so that a reused pid is never hit.
    """
    for request in (signal.SIGTERM, signal.SIGKILL):
        for pid in pids():
            with suppress(ProcessLookupError):
                os.kill(pid, request)
        if wait_until(lambda: not pids(), seconds):
            return


def port_is_free(port: int) -> bool:
    """Say whether a server could listen on 127.0.0.1:`port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port of 127.0.0.1 nobody listens on."""
    return next(port for port in random.sample(PORT_RANGE, 200) if port_is_free(port))
