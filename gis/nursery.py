"""The process that readers are forked from, and what a child may do. Started by `gis.guard`, which see.

It has the libraries loaded, holds no connection and no setting, has no network, and ends when the process that started
it does; its children end with it.
"""

import contextlib
import ctypes
import importlib
import os
import pickle
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path

from gis.errors import GisError

_LOADED = ("decimal", "openpyxl", "docx", "pypdf", "pyogrio.raw", "shapely", "pyproj", "lxml.etree", "PIL.Image")
_LARGEST_FILE = 256 * 1024 * 1024
_MOST_OPEN = 128
_ENOUGH = 0.15
"""Part of its seconds that a child must have worked to be ended by the clock."""
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
# Landlock (linux/landlock.h, from Linux 5.13): system calls, and the rights to change what is in folders. To cut a file
# short is a right of its own from the third version on.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_WRITE_RIGHTS, _TRUNCATE_RIGHT = 1 << 1 | sum(1 << n for n in range(4, 13)), 1 << 14
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class _Child:
    until: float
    enough: float
    """Seconds of the processor: who had them by then, and is not done, is ended."""
    folder: str


def main(control: socket.socket) -> None:
    """Fork a child for each call that comes, until nobody is left to call."""
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a process with threads is not forked
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started it
    _leave_network()
    for library in _LOADED:
        importlib.import_module(library)
    control.send(b"ready")
    children: dict[int, _Child] = {}
    while True:
        due = select.select([control], [], [], 0.05 if children else None)[0]
        _reap(children)
        if not due:
            continue
        told, held, _, _ = socket.recv_fds(control, 4096, 1)
        if not told:  # the last who could call has gone
            for number in children:
                os.kill(number, signal.SIGKILL)
            _reap(children, wait=True)
            return
        modules, seconds, patience, mebibytes, most_answer = pickle.loads(told)
        for module in modules:
            with contextlib.suppress(ImportError):  # the child says so
                importlib.import_module(module)
        if not held:  # a call that is yet to come
            continue
        folder = tempfile.mkdtemp(prefix="mat-bang-read-")
        number = os.fork()
        if number == 0:
            control.close()
            signal.setitimer(signal.ITIMER_REAL, seconds * patience)
            _live(socket.socket(fileno=held[0]), folder, seconds, mebibytes, most_answer)
        os.close(held[0])
        children[number] = _Child(time.monotonic() + seconds, seconds * _ENOUGH, folder)


def _reap(children: dict[int, _Child], *, wait: bool = False) -> None:
    for number, child in list(children.items()):
        if time.monotonic() > child.until and _worked(number) >= child.enough:
            os.kill(number, signal.SIGKILL)
        if os.waitpid(number, 0 if wait else os.WNOHANG)[0]:
            del children[number]
            shutil.rmtree(child.folder, ignore_errors=True)


def _worked(number: int) -> float:
    """Give the seconds of the processor that a child has had."""
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _leave_network() -> None:
    """Go where there is no network, where the system lets one; sockets are refused in any case."""
    if _libc.unshare(_CLONE_NEWNET) != 0:
        _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


# In the child.


def _live(line: socket.socket, folder: str, seconds: float, mebibytes: int, most_answer: int) -> None:
    """Do one call and end, whatever happens."""
    try:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        given = _received(line)
        _limit(folder, seconds, mebibytes)
        answer = _answer(given, most_answer)
        line.sendall(len(answer).to_bytes(8, "big"))
        line.sendall(answer)
    finally:
        os._exit(0)


def _received(line: socket.socket) -> bytes:
    with line.makefile("rb") as came:
        return came.read(int.from_bytes(came.read(8), "big"))


def _limit(folder: str, seconds: float, mebibytes: int) -> None:
    pages = Path("/proc/self/statm").read_text().split()
    total, resident = (int(count) * resource.getpagesize() for count in pages[:2])
    most = {
        resource.RLIMIT_AS: total + max(mebibytes * 1024 * 1024 - resident, 0),
        resource.RLIMIT_CPU: max(1, round(seconds)),
        resource.RLIMIT_FSIZE: _LARGEST_FILE,
        resource.RLIMIT_NOFILE: _MOST_OPEN,
        resource.RLIMIT_CORE: 0,
    }
    for name, value in most.items():
        resource.setrlimit(name, (value, value))
    os.nice(5)  # pages come first
    tempfile.tempdir = os.environ["TMPDIR"] = os.environ["CPL_TMPDIR"] = folder
    sys.dont_write_bytecode = True
    warnings.simplefilter("ignore")  # libraries tell of every breach of a standard
    _write_only_in(folder)
    sys.addaudithook(_Refusal(folder))


def _write_only_in(folder: str) -> None:
    """Have the system refuse to write, make or remove anything elsewhere, where it can (Landlock)."""
    version = _libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return
    rights = _WRITE_RIGHTS | (_TRUNCATE_RIGHT if version >= 3 else 0)
    handled = ctypes.c_uint64(rights)
    rules = _libc.syscall(_CREATE_RULESET, ctypes.byref(handled), ctypes.c_size_t(ctypes.sizeof(handled)), 0)
    held = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    beneath = rights.to_bytes(8, sys.byteorder) + held.to_bytes(4, sys.byteorder)
    _libc.syscall(_ADD_RULE, rules, 1, beneath, 0)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _libc.syscall(_RESTRICT_SELF, rules, 0)
    os.close(held)
    os.close(rules)


class _Refusal:
    """What Python itself refuses a reader: sockets, programs, and changes outside its folder."""

    _NEVER = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "pty.",
              "os.kill", "os.chown", "urllib.", "ftplib.", "smtplib.", "http.", "winreg.")  # fmt: skip
    _CHANGES = frozenset({"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.link", "os.symlink",
                          "os.truncate", "os.utime", "shutil.rmtree", "shutil.move"})  # fmt: skip

    def __init__(self, folder: str):
        self._folder = os.path.realpath(folder)

    def __call__(self, event: str, arguments: tuple) -> None:
        if event == "open":
            path, mode, flags = arguments
            changes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
            if isinstance(path, int) or not changes or (mode in ("r", "rb") and not flags & os.O_CREAT):
                return
            self._within(path)
        elif event in self._CHANGES:
            self._within(arguments[0])
        elif event.startswith(self._NEVER):
            raise PermissionError(f"{event} is not for a reader of files")

    def _within(self, path) -> None:
        where = os.path.realpath(os.fsdecode(path))
        if where != self._folder and not where.startswith(self._folder + os.sep):
            raise PermissionError(f"nothing is written outside {self._folder}")


def _answer(given: bytes, most: int) -> bytes:
    try:
        reader, arguments = pickle.loads(given)
        said = "gave", reader(*arguments)
    except GisError as error:
        said = "refused", error
    except (MemoryError, RecursionError) as error:
        return pickle.dumps(("took too much", type(error).__name__))
    except BaseException as error:  # noqa: BLE001 - whatever it is, who called is told
        return pickle.dumps(("failed", _where(error)))
    try:
        answer = pickle.dumps(said, protocol=pickle.HIGHEST_PROTOCOL)
    except (MemoryError, RecursionError) as error:
        return pickle.dumps(("took too much", type(error).__name__))
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        if said[0] == "refused":
            return pickle.dumps(("refused", _plain(said[1])))
        return pickle.dumps(("failed", _where(error)))
    return answer if len(answer) <= most else pickle.dumps(("took too much", f"{len(answer)} bytes of answer"))


def _plain(error: GisError) -> GisError:
    """Give an error with its values as texts."""
    values = {name: str(value) for name, value in error.values.items()}
    return type(error)(error.message, parameter=error.parameter, **values)


def _where(error: BaseException) -> str:
    """Tell of an error by its kind and place: its text could hold what stands in the file."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    places = (f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__name__} at {' < '.join(reversed(list(places)))}"


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
