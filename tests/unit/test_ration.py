"""Places for requests: no reader and no crowd of strangers takes them all."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gis.errors import Busy
from webmap.ration import Ration


def made(**changes) -> Ration:
    return Ration(**{"places": 4, "of_strangers": 2, "of_one": 2, "waits": 0, "seconds": 0.05} | changes)


def test_one_reader_has_no_more_than_his_share():
    ration = made()
    ration.take("a@gpmb.vn", False)
    ration.take("a@gpmb.vn", False)
    with pytest.raises(Busy):
        ration.take("a@gpmb.vn", False)
    ration.take("b@gpmb.vn", False)
    ration.give_back("a@gpmb.vn", False)
    ration.take("a@gpmb.vn", False)


def test_eight_strangers_leave_places_to_who_has_signed_in():
    ration = made()
    taken = 0
    for number in range(8):
        try:
            ration.take(f"203.0.113.{number}", True)
            taken += 1
        except Busy:
            pass
    assert taken == 2
    ration.take("a@gpmb.vn", False)
    ration.take("a@gpmb.vn", False)
    with pytest.raises(Busy):  # four in all
        ration.take("b@gpmb.vn", False)


def test_who_waits_gets_the_place_that_is_given_back():
    ration = made(places=1, waits=1, seconds=10)
    ration.take("a", False)
    got = threading.Event()

    def wait():
        ration.take("b", False)
        got.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not got.wait(0.1)
    with pytest.raises(Busy) as refused:  # one waits already: told at once
        ration.take("c", False)
    assert refused.value.values["seconds"] == 10
    ration.give_back("a", False)
    assert got.wait(5)
    waiting.join()


def test_places_are_all_given_back_whatever_happens():
    ration = made(places=3, of_strangers=3, of_one=3, waits=50, seconds=10)
    most, at_work, lock = [0], [0], threading.Lock()

    def work(number):
        who = f"reader {number % 5}"
        ration.take(who, True)
        with lock:
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
        with lock:
            at_work[0] -= 1
        ration.give_back(who, True)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(work, range(400)))
    assert 1 <= most[0] <= 3
    assert not ration._taken
