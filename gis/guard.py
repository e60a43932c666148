"""Files that fight back: whatever was sent in is read in a child process with limits, never in the server itself.

A few kilobytes can unpack to gigabytes, name a million merged cells or crash a library written in C. So readers, plain
functions from bytes or text to plain values, are run by `read` in a child: it has so much memory, so many seconds, no
network, no program to start, nothing to write but in a folder of its own that goes with it, and none of the server's
settings or connections. What becomes of it becomes an error in words: the server goes on.

Children are forked by one nursery a process (`gis.nursery`), which has the libraries loaded, so that a file costs
milliseconds more. A server has as many children at once as `MOST_AT_ONCE`; who comes later waits, and is told to try
again where that takes long. Nothing waits but on sockets and sleeps, which threads and greenlets share.
"""

import atexit
import fcntl
import io
import logging
import os
import pickle
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from gis.errors import Busy, GisError, UnreadableFile

SECONDS = 7.0
"""For a child, of the processor; and by the clock, unless the machine is so busy that the child hardly came to work."""
PATIENCE = 4
"""So many times its seconds a child may take where it did not come to work."""
MEBIBYTES = 480
"""For a child in all, the libraries it shares with the others among them."""
_SHARE_OF_ANSWER = 4
"""Of the memory of a child, its answer may have this part."""
MOST_AT_ONCE = max(2, os.cpu_count() or 1)
SECONDS_FOR_A_PLACE = 6.0
_SECONDS_TO_START = 60.0
_GRACE = 3.0
"""After its own seconds a child is ended by its own clock, then by the nursery; then it is not waited for any more."""
MIB = 1024 * 1024
_ROOT = Path(__file__).resolve().parent.parent
_HANDED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "GDAL_DATA", "PROJ_DATA", "PROJ_LIB", "LD_LIBRARY_PATH")
"""All of the environment that the nursery gets: no address of the database, no key."""
log = logging.getLogger(__name__)


def read(
    reader: Callable, *arguments, seconds: float = SECONDS, mebibytes: int = MEBIBYTES, parameter: str | None = "file"
):
    """Run a reader in a child process with limits.

    Parameters
    ----------
    reader : callable
        A function of a module, found there by its name; or a `functools.partial` of one.
    *arguments
        What it is called with: plain values that can be pickled, and such functions.
    seconds : float
        How long it may work, and take. Where the machine lets it hardly work, it may take `PATIENCE` times as long.
    mebibytes : int
        How much memory the child may have in all.
    parameter : str, optional
        The field of the form that is at fault where the child does not come back.

    Returns
    -------
    object
        What the reader gave: plain values, and classes of this application.

    Raises
    ------
    GisError
        As the reader raised it, with its parameter and values.
    UnreadableFile
        Where it took too much memory, time or depth, gave too much, crashed, or raised anything that is no `GisError`.
    Busy
        Where others are being read all the time.
    """
    functions = [getattr(each, "func", each) for each in (reader, *arguments) if callable(each)]
    name = " ".join(f"{each.__module__}.{each.__qualname__}" for each in functions)
    call = pickle.dumps((reader, arguments), protocol=pickle.HIGHEST_PROTOCOL)
    with _place():
        answer = _answered([each.__module__ for each in functions], call, seconds, mebibytes)
    if not answer:
        log.warning("%s of %s bytes ended without an answer", name, len(call))
        raise _too_much(parameter)
    state, value = _unpickled(answer)
    if state == "gave":
        return value
    if state == "refused":
        raise value
    if state == "took too much":
        log.warning("%s took too much: %s", name, value)
        raise _too_much(parameter)
    log.error("%s failed: %s", name, value)
    raise UnreadableFile(
        "The file cannot be read: it is broken, or built in an unusual way. Save it anew and send that.",
        parameter=parameter,
    )


def _too_much(parameter: str | None) -> UnreadableFile:
    return UnreadableFile(
        "The file is too large or too deeply built to be read. Save it anew, or send it in parts.", parameter=parameter
    )


@contextmanager
def _place() -> Iterator[None]:
    """Hold one of the places that all processes of this application share; the system frees it if this one dies."""
    folder = Path(tempfile.gettempdir()) / f"mat-bang-{os.getuid()}-{sha256(bytes(_ROOT)).hexdigest()[:12]}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise Busy("The server's temporary folder is not its own: an administrator has to look at %(folder)s.",
                   folder=str(folder))  # fmt: skip
    until = time.monotonic() + SECONDS_FOR_A_PLACE
    while True:
        for number in range(MOST_AT_ONCE):
            held = os.open(folder / f"place-{number}", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(held)
                continue
            except BaseException:
                os.close(held)
                raise
            try:
                yield
            finally:
                os.close(held)
            return
        if time.monotonic() > until:
            raise Busy("Many files are being read just now. Try again in a minute; what you typed stays.")
        time.sleep(0.02)


class _Nursery:
    """The process that children are forked from, as this process knows it."""

    def __init__(self):
        self.ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        kept = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
        paths = [os.path.abspath(path) for path in (str(_ROOT), *sys.path)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gis.nursery", str(theirs.fileno())], cwd=_ROOT, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, pass_fds=(theirs.fileno(),), start_new_session=True,
            env=kept | {
                "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "PYTHONDONTWRITEBYTECODE": "1",
                "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
            },
        )  # fmt: skip
        theirs.close()
        self.ours.settimeout(_SECONDS_TO_START)
        if self.ours.recv(16) != b"ready":
            raise OSError("the nursery of readers does not start")
        self.ours.settimeout(None)

    def end(self) -> None:
        """End it and its children: it goes when nobody holds the other end of its socket."""
        self.ours.close()
        self.process.wait(10)


_starting = threading.Lock()
_nursery: _Nursery | None = None


def _there() -> _Nursery:
    global _nursery
    with _starting:
        if _nursery is not None and _nursery.process.poll() is not None:
            _nursery.ours.close()
            _nursery = None
        if _nursery is None:
            _nursery = _Nursery()
        return _nursery


@atexit.register
def _end() -> None:
    global _nursery
    if _nursery is not None:
        _nursery.end()
        _nursery = None


def _forget() -> None:
    """In a process forked from this one: the nursery is the parent's."""
    global _nursery, _starting
    _starting = threading.Lock()
    if _nursery is not None:
        _nursery.process.returncode = 0  # it is not ours to wait for
        _nursery.ours.close()
        _nursery = None


os.register_at_fork(after_in_child=_forget)


def begin(*modules: str) -> None:
    """Begin the nursery and have it load modules of readers, in the background, so that no file waits for it.

    Parameters
    ----------
    *modules : str
        Names of modules.
    """

    def work() -> None:
        with suppress(OSError):  # whoever sends the first file is told
            _there().ours.send(pickle.dumps((modules, 0.0, 0, 0, 0)))

    threading.Thread(target=work, name="nursery of readers", daemon=True).start()


def _answered(modules: list[str], call: bytes, seconds: float, mebibytes: int) -> bytes:
    """Have a child do what is asked, and give its answer; nothing where it came to an end before."""
    wanted = pickle.dumps((modules, seconds, PATIENCE, mebibytes, mebibytes * MIB // _SHARE_OF_ANSWER))
    for attempt in (1, 2):
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                try:
                    socket.send_fds(_there().ours, [wanted], [theirs.fileno()])
                except OSError:  # it was ended from outside: the next one does it
                    if attempt == 2:
                        raise
                    continue
            ours.settimeout(seconds * PATIENCE + _GRACE)
            with suppress(OSError):
                ours.sendall(len(call).to_bytes(8, "big"))
                ours.sendall(call)
                return _received(ours, seconds, mebibytes * MIB)
            return b""
    return b""


def _received(ours: socket.socket, seconds: float, most: int) -> bytes:
    until = time.monotonic() + seconds * PATIENCE + _GRACE
    said = bytearray()
    wanted = 8
    while len(said) < wanted:
        ours.settimeout(max(0.01, until - time.monotonic()))
        piece = ours.recv(min(1 << 20, wanted - len(said)))
        if not piece:
            return b""
        said += piece
        if wanted == 8 and len(said) == 8:
            wanted += min(int.from_bytes(said, "big"), most)
    return bytes(said[8:])


class _Plain(pickle.Unpickler):
    """Takes in plain values and classes of this application: what was read may have got the better of a library."""

    _LIBRARIES = frozenset({
        ("builtins", "set"), ("builtins", "frozenset"), ("builtins", "bytearray"), ("builtins", "complex"),
        ("builtins", "range"), ("builtins", "slice"), ("collections", "OrderedDict"), ("collections", "defaultdict"),
        ("collections", "Counter"), ("decimal", "Decimal"), ("fractions", "Fraction"), ("datetime", "date"),
        ("datetime", "datetime"), ("datetime", "time"), ("datetime", "timedelta"), ("datetime", "timezone"),
        ("pathlib", "PurePosixPath"), ("pathlib", "PosixPath"), ("uuid", "UUID"), ("shapely.io", "from_wkb"),
        ("shapely.lib", "Geometry"), ("numpy", "dtype"), ("numpy", "ndarray"),
        ("numpy._core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "scalar"),
        ("numpy._core.numeric", "_frombuffer"), ("copyreg", "_reconstructor"), ("builtins", "object"),
    })  # fmt: skip

    def find_class(self, module: str, name: str):
        if (module, name) in self._LIBRARIES or module.startswith("shapely.geometry."):
            return super().find_class(module, name)
        found = super().find_class(module, name) if module.partition(".")[0] in ("gis", "layers", "webmap") else None
        if not isinstance(found, type):
            raise pickle.UnpicklingError(f"{module}.{name} is no plain value")
        return found


def _unpickled(answer: bytes) -> tuple[str, object]:
    try:
        state, value = _Plain(io.BytesIO(answer)).load()
    except (pickle.UnpicklingError, AttributeError, ImportError, EOFError, TypeError, ValueError, IndexError) as error:
        return "failed", f"an answer that is none: {type(error).__name__} {error}"
    a_refusal = isinstance(value, GisError)
    return (state, value) if (state == "refused") == a_refusal else ("failed", "an answer that is none")
