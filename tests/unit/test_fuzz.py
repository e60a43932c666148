"""Files made worse at random, from a fixed seed: no reader lets an exception of a library through."""

import random

import pytest

from gis import guard
from gis.errors import Busy, GisError, UnreadableFile
from gis.intake.given import Door, GivenFile
from script import fuzz

ANY = Door(20, frozenset())


def test_no_reader_lets_an_exception_of_a_library_through():
    count, found = guard.read(fuzz.tried, "", 20261130, 60, 300, seconds=60)
    assert not found
    assert count == 300


def test_and_through_the_door_there_are_answers_and_errors_in_words_alone():
    chance = random.Random(7)
    for way in fuzz.ways():
        try:
            GivenFile.taken(fuzz.worse(way.content, chance), way.name, ANY).read(way.reader)
        except Busy:
            raise
        except GisError as error:
            assert str(error)


def test_what_a_file_is_made_worse_by_can_be_made_again():
    (way, *_) = fuzz.ways()
    assert fuzz.worse(way.content, random.Random(3)) == fuzz.worse(way.content, random.Random(3))
    assert fuzz.worse(way.content, random.Random(3)) != fuzz.worse(way.content, random.Random(4))


def test_a_reader_that_lets_one_through_is_found(monkeypatch):
    monkeypatch.setattr(fuzz, "ways", lambda: [fuzz.Way("list", "a", b"a" * 100, _careless)])
    count, found = fuzz.tried("", 1, 5, 20)
    assert count == 20
    assert found == {"list a: KeyError at test_fuzz.py:%d" % (_careless.__code__.co_firstlineno + 2): 20}  # noqa: UP031


def _careless(content: bytes):
    if content is not None:
        raise KeyError("no error in words")
    raise UnreadableFile("never")


@pytest.mark.parametrize("content", [b"", b" \n", b"\0" * 100])
def test_nothing_is_not_read(content):
    try:
        GivenFile.taken(content, "a.csv", ANY).read(len)
    except UnreadableFile as error:
        assert error.parameter == "file"
