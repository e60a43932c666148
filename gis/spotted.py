"""Finds known projects in a text wherever their names, long parts of them or their codes stand, whatever the grammar.

The grammar of `gis.mentions` decides of which project a figure is; what is spotted here only speaks against it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from gis.vietnamese import Source, fold

_FULL = {
    "kdt": "khu do thi", "kdtm": "khu do thi moi", "tdc": "tai dinh cu", "kdc": "khu dan cu",
    "ccn": "cum cong nghiep", "kcn": "khu cong nghiep", "gd": "giai doan", "noxh": "nha o xa hoi",
    "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6",
}  # fmt: skip
_IDLE = frozenset(re.findall(r"\w+", "du an cong trinh hang muc tu den doan va cua thuoc tren dia ban thanh pho tinh"))
_OF_OTHERS = frozenset(
    re.findall(
        r"\w+",
        "xa phuong huyen tinh thi thanh thon khoi to ban cong trung phat trien khach ubnd uy cau so truong cac va",
    )
)
"""First words of units, offices and places: named as a part of a project's name, they do not name the project."""
_USUAL = frozenset(re.findall(r"\w+", "khu tai dinh cu dan ha tang ky thuat do thi moi duong cai tao nang cap mo rong"))
"""Words of half the projects of a town: alone they name none."""
_FEWEST = 3
_SHARE = 0.6
"""Of a name, weighed by how rare its words are: from here a part of it names the project."""
_CODE = re.compile(r"(?=[\w.-]*\d|[\w.-]*-)[\w.-]{4,}")


@dataclass(frozen=True)
class Spot:
    """Where known projects are named; several where the words do not tell which of them."""

    codes: frozenset[str]
    start: int
    end: int


def _tokens(folded: str, start: int = 0) -> Iterator[tuple[str, int, int]]:
    for found in re.finditer(r"[^\W_]+", folded):
        for word in _FULL.get(found[0], found[0]).split():
            yield word, start + found.start(), start + found.end()


class Spotted:
    """The places of a text that name known projects, in order.

    Parameters
    ----------
    source : Source
    projects : sequence of (code, name)
    unit : str, optional
        Name of the unit whose report it is: its words tell no project from another.
    """

    def __init__(self, source: Source, projects: Sequence[tuple[str, str]], unit: str | None = None):
        self._fold = source.fold
        self._idle = _IDLE | set(re.findall(r"\w+", fold(unit or "")))
        self._names = [(code, [word for word, *_ in _tokens(fold(name))]) for code, name in projects]
        held: dict[str, set[int]] = {}
        self._begins: dict[tuple[str, ...], list[tuple[int, int]]] = {}
        for at, (_, name) in enumerate(self._names):
            for place, word in enumerate(name):
                held.setdefault(word, set()).add(at)
                if place + 2 <= len(name):
                    self._begins.setdefault(tuple(name[place : place + 2]), []).append((at, place))
        self._rarity = {word: log(1 + len(projects) / len(those)) for word, those in held.items()}
        self._whole = [self._weigh(name) for _, name in self._names]
        codes = {fold(code): code for code, _ in projects if _CODE.fullmatch(code)}
        self.spots = sorted(
            [*self._by_name(), *self._by_code(codes)], key=lambda spot: (spot.start, -spot.end)
        )  # fmt: skip
        self._starts = [spot.start for spot in self.spots]
        quiet = list(self._fold)
        for spot in self.spots:
            quiet[spot.start : spot.end] = "·" * (spot.end - spot.start)
        self.quiet = "".join(quiet)
        """The folded text, the names in it blotted out: their words tell nothing of what was done."""

    def between(self, start: int, end: int) -> list[Spot]:
        """Give those that begin between two places."""
        return self.spots[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def _weigh(self, words: Sequence[str]) -> float:
        return sum(self._rarity[word] for word in words if word not in self._idle)

    def _by_code(self, codes: dict[str, str]) -> Iterator[Spot]:
        for found in re.finditer(r"[\w.-]{4,80}", self._fold) if codes else ():
            said = found[0].rstrip(".-")
            if said in codes:
                yield Spot(frozenset({codes[said]}), found.start(), found.start() + len(said))

    def _by_name(self) -> Iterator[Spot]:
        told = list(_tokens(self._fold))
        at = 0
        while at + 1 < len(told):
            going = self._begins.get((told[at][0], told[at + 1][0]), [])
            length = 2
            while going and at + length < len(told):
                following = told[at + length][0]
                on = [(one, place) for one, place in going if self._next(one, place + length) == following]
                if not on:
                    break
                going, length = on, length + 1
            if going and (codes := self._named(going, [word for word, *_ in told[at : at + length]])):
                yield Spot(codes, told[at][1], told[at + length - 1][2])
                at += length
            else:
                at += length - 1 if told[at][0] in _OF_OTHERS else 1

    def _next(self, one: int, place: int) -> str | None:
        name = self._names[one][1]
        return name[place] if place < len(name) else None

    def _suffices(self, one: int, words: int) -> bool:
        return words >= min(_FEWEST, len(self._names[one][1]))

    def _named(self, going: list[tuple[int, int]], said: list[str]) -> frozenset[str]:
        """Tell which projects a stretch of a name names: the whole, most of it, or what no other name has."""
        weight = self._weigh(said)
        telling = [word for word in said if word not in self._idle]
        mine = {one for one, place in going if place == 0 or said[0] not in _OF_OTHERS}
        named = {one for one in mine if self._suffices(one, len(said)) and weight >= _SHARE * self._whole[one]}
        if not named and len(mine) == 1 and len(telling) >= _FEWEST and not _USUAL.issuperset(telling):
            named = mine
        return frozenset(self._names[one][0] for one in named)
