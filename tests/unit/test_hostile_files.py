"""Files that are built to harm are refused in words, or read, at every door that takes their kind."""

import socket
import time
from pathlib import Path

import pytest

from benchmarks import hostile
from gis.errors import Busy, GisError
from tests import hostile_files

TRIES = {
    f"{door}: {name}": make for door, name, make in hostile.tries() if name not in hostile_files.HEAVY
}  # fmt: skip


@pytest.mark.parametrize("named", list(TRIES))
def test_it_is_refused_in_words_or_read(named, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", None)
    call = TRIES[named]()
    began = time.process_time()
    try:
        call()
    except Busy:
        raise
    except GisError as error:
        assert str(error)
    assert time.process_time() - began < 2, "the server itself has little to do"


def test_nothing_climbed_out():
    assert not Path("/tmp/mat-bang-climbed").exists()


def test_twenty_kinds_more_than_were_found():
    assert len({name for _, name, _ in hostile.tries()}) > 100
