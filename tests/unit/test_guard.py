"""Readers in a child process: what they give and raise comes back; what they take without end is ended."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
import shapely

from gis import guard
from gis.costs import Problem
from gis.errors import BadRows, Busy, UnreadableFile
from gis.new_figures import GivenText

# Readers, as they come out of modules by name.


def given_back(*values):
    return values


def refusing(row: int):
    raise BadRows("%(count)s cells cannot be taken as they are.", parameter="file", count=2,
                  problems=[Problem("1", row, "area", UnreadableFile("Empty: %(name)s", name="Tờ"))])  # fmt: skip


def of_own_error():
    return {}["nothing is there"]


def filling_memory():
    kept = []
    while True:
        kept.append(bytearray(1 << 20))


def filling_memory_quietly():
    """As a library would that takes every error for a broken file."""
    try:
        filling_memory()
    except MemoryError as error:
        raise UnreadableFile("This workbook cannot be read.") from error


def without_end():
    while True:
        pass


def sleeping():
    time.sleep(60)


def crashing():
    ctypes.string_at(0)


def too_deep():
    def within(value):
        return [within(value)]

    return within(1)


def answering_too_much():
    return b" " * ((guard.MEBIBYTES // 3) << 20)


def doing(what: str, *arguments):
    """Try what a reader may not, and tell of what became of it."""
    tried = {
        "socket": lambda: socket.socket().connect(("127.0.0.1", 1)),
        "program": lambda: subprocess.run(["/bin/true"], check=True),
        "system": lambda: os.system("true"),
        "write": lambda path: Path(path).write_text("x"),
        "remove": lambda path: Path(path).unlink(),
        "through C": lambda path: ctypes.CDLL(None).fopen(path.encode(), b"w") or 1 / 0,
    }
    try:
        tried[what](*arguments)
    except (OSError, ZeroDivisionError) as error:
        return type(error).__name__
    return "done"


def its_surroundings():
    links = (f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd"))
    return dict(os.environ), tempfile.gettempdir(), [os.readlink(link) for link in links if os.path.exists(link)]


@dataclass
class Sly:
    """Pickled, it would run something where it is taken in."""

    def __reduce__(self):
        return os.system, ("touch /tmp/mat-bang-sly",)


def sly():
    return Sly()


# Stories.


def test_what_a_reader_gives_comes_back():
    given = (b"\0\xff", "Tờ bản đồ", Decimal("1366.97"), {"a": [1, None]}, shapely.box(0, 0, 1, 1),
             GivenText("body", "0" * 64, "name"))  # fmt: skip
    assert guard.read(given_back, *given) == given


def test_what_a_reader_raises_is_raised_with_all_that_belongs_to_it():
    with pytest.raises(BadRows) as caught:
        guard.read(refusing, 7)
    assert caught.value.parameter == "file"
    assert caught.value.values == {"count": 2}
    (problem,) = caught.value.problems
    assert (problem.row, problem.field, problem.error.values) == (7, "area", {"name": "Tờ"})


def test_what_is_no_error_of_this_application_is_a_broken_file_and_is_written_down_without_its_content(caplog):
    with pytest.raises(UnreadableFile, match="broken") as caught:
        guard.read(of_own_error, parameter="pasted")
    assert caught.value.parameter == "pasted"
    assert "KeyError at test_guard.py" in caplog.text
    assert "nothing is there" not in caplog.text


@pytest.mark.parametrize("reader", [filling_memory, crashing, too_deep, answering_too_much])
def test_too_much_is_too_much(reader):
    began = time.monotonic()
    with pytest.raises(UnreadableFile, match="too large or too deeply built"):
        guard.read(reader)
    assert time.monotonic() - began < 10


def test_a_library_that_hides_lack_of_memory_has_said_so_in_its_own_words():
    with pytest.raises(UnreadableFile, match="This workbook cannot be read"):
        guard.read(filling_memory_quietly)


@pytest.mark.parametrize(("reader", "most"), [(without_end, 2.5), (sleeping, 4.5)])
def test_time_is_measured_by_the_clock_and_who_hardly_works_has_longer(reader, most):
    began = time.monotonic()
    with pytest.raises(UnreadableFile, match="too large or too deeply built"):
        guard.read(reader, seconds=0.5)
    assert time.monotonic() - began < most


def test_a_reader_reaches_nothing_but_its_own_folder(tmp_path):
    there = tmp_path / "there"
    there.write_text("kept")
    assert guard.read(doing, "socket") == "PermissionError"
    assert guard.read(doing, "program") == "PermissionError"
    assert guard.read(doing, "system") == "PermissionError"
    assert guard.read(doing, "write", str(tmp_path / "new")) == "PermissionError"
    assert guard.read(doing, "remove", str(there)) == "PermissionError"
    assert there.read_text() == "kept"
    assert guard.read(doing, "write", "own") == "PermissionError"  # the folder it stands in is not its own


@pytest.mark.skipif(ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1) < 1, reason="Linux without Landlock")
def test_neither_does_a_library_written_in_c(tmp_path):
    guard.read(doing, "through C", str(tmp_path / "new"))
    assert not (tmp_path / "new").exists()


def test_a_reader_knows_nothing_of_the_server_and_its_folder_goes_with_it(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    surroundings, folder, files = guard.read(its_surroundings)
    assert not {name for name in surroundings if name.startswith(("GPMB", "DATABASE", "PG"))}
    assert "mat-bang-read-" in folder
    assert sum(file.startswith("socket:") for file in files) == 1, "the line to who asked, and no other"
    deadline = time.monotonic() + 2
    while Path(folder).exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(folder).exists()


def test_an_answer_is_values_and_runs_nothing():
    with pytest.raises(UnreadableFile):
        guard.read(sly)
    assert not Path("/tmp/mat-bang-sly").exists()


def test_it_can_be_begun_before_the_first_file():
    guard._end()
    guard.begin("gis.reportfile", "gis.no_such_module")
    deadline = time.monotonic() + 60
    while guard._nursery is None and time.monotonic() < deadline:
        time.sleep(0.02)
    begun = guard._nursery.process.pid
    assert guard.read(given_back, 1) == (1,)
    assert guard._nursery.process.pid == begun


def test_as_many_at_once_as_there_are_places_and_others_are_told(monkeypatch):
    monkeypatch.setattr(guard, "SECONDS_FOR_A_PLACE", 0.1)
    said = []

    def one():
        try:
            guard.read(sleeping, seconds=0.5)
        except (UnreadableFile, Busy) as error:
            said.append(type(error))

    threads = [threading.Thread(target=one) for _ in range(guard.MOST_AT_ONCE + 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said, key=str) == [Busy] * 2 + [UnreadableFile] * guard.MOST_AT_ONCE
    assert guard.read(given_back, 1) == (1,)


def test_a_nursery_that_was_ended_is_begun_anew():
    guard.read(given_back)
    os.kill(guard._nursery.process.pid, signal.SIGKILL)
    guard._nursery.process.wait()
    assert guard.read(given_back, 1) == (1,)


def test_nothing_is_left_when_who_asked_has_gone():
    program = (
        "import os, signal, threading, time; from gis import guard; from tests.unit import test_guard as readers\n"
        "guard.read(readers.given_back)\n"
        "threading.Thread(target=lambda: guard.read(readers.sleeping), daemon=True).start(); time.sleep(0.5)\n"
        "print(guard._nursery.process.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    nursery = int(done.stdout)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and (alive := _processes_of(nursery)):
        time.sleep(0.05)
    assert not alive


def _processes_of(session: int) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of_session = place.read_text().rpartition(")")[2].split()[:4]
        except (OSError, ValueError):
            continue
        if int(of_session) == session and state != "Z":
            found.append(int(place.parent.name))
    return found


def test_a_process_forked_from_this_one_begins_its_own():
    guard.read(given_back)
    ours = guard._nursery.process.pid
    number = os.fork()
    if number == 0:
        try:
            own = guard.read(given_back, 1) == (1,) and guard._nursery.process.pid != ours
            guard._end()
        finally:
            os._exit(0 if own else 1)
    assert os.waitpid(number, 0)[1] == 0
    assert guard._nursery.process.pid == ours
    assert guard.read(given_back, 2) == (2,)
