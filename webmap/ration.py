"""How many requests are worked on at once, and whose: no reader, and no crowd of strangers, can take every thread.

Files that are made (printed maps, reports, lists) take seconds of processor time each: few at once, one a reader. All
else that counts is many at once, and always leaves threads to who has signed in. Whoever finds no place waits a little
when few wait already, else is told at once when to come again: a thread that waits is a thread taken.

Counts are each process's own. Tiles, scripts and health are free of it: they are quick, and a map asks for dozens. So
is what an open page asks every few seconds.
"""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, current_app, g, request

from gis.access import Access
from gis.errors import Busy
from script.capacity import THREADS
from webmap.auth import declared, reader


@dataclass
class Ration:
    """Places for one kind of request.

    Attributes
    ----------
    places, of_strangers, of_one : int
        Worked on at once: in all, for all who have not signed in, for one reader.
    waits : int
        So many may wait for a place.
    seconds : float
        So long each.
    """

    places: int
    of_strangers: int
    of_one: int
    waits: int
    seconds: float
    _taken: Counter = field(default_factory=Counter)
    _waiting: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self, who: str, stranger: bool) -> None:
        """Take a place, waiting a little for one.

        Raises
        ------
        Busy
        """
        with self._changed:
            if not self._free(who, stranger):
                if self._waiting >= self.waits:
                    raise _busy(self.seconds)
                self._waiting += 1
                try:
                    if not self._changed.wait_for(lambda: self._free(who, stranger), self.seconds):
                        raise _busy(self.seconds)
                finally:
                    self._waiting -= 1
            self._taken.update((who, stranger))

    def give_back(self, who: str, stranger: bool) -> None:
        """Give a place back."""
        with self._changed:
            self._taken.subtract((who, stranger))
            self._taken += Counter()  # who has none is forgotten
            self._changed.notify_all()

    def _free(self, who: str, stranger: bool) -> bool:
        taken = self._taken
        in_all = taken[True] + taken[False]
        return (
            in_all < self.places and taken[who] < self.of_one
            and not (stranger and taken[True] >= self.of_strangers)
        )  # fmt: skip


def _busy(seconds: float) -> Busy:
    return Busy(
        "The server is busy with other readers' requests. Try again in %(seconds)s seconds.",
        seconds=max(5, int(seconds)),
    )


def costly(view: Callable) -> Callable:
    """Declare that a view makes a file: seconds of work, few at once."""
    view.costly = True
    return view


def init_app(app: Flask) -> None:
    # Of a process's threads, strangers' places and waits are 11 at most.
    rations = {
        True: Ration(places=2, of_strangers=1, of_one=1, waits=3, seconds=15),
        False: Ration(places=THREADS - 3, of_strangers=6, of_one=6, waits=2, seconds=4),
    }
    app.extensions["rations"] = rations

    @app.before_request
    def take_a_place():
        if request.endpoint is None or _is_free(request.endpoint):
            return
        asking = reader()
        stranger = asking.account is None
        place = ((request.remote_addr or "") if stranger else asking.account, stranger)
        ration = rations[getattr(current_app.view_functions[request.endpoint], "costly", False)]
        ration.take(*place)
        g.place = ration, place

    @app.teardown_request
    def give_it_back(_error):
        if "place" in g:
            ration, place = g.pop("place")
            ration.give_back(*place)


def _is_free(endpoint: str) -> bool:
    quick = endpoint.partition(".")[0] in ("tiles", "basemap", "freshness")
    return quick or declared(current_app, endpoint) == Access.STATUS
