"""Tells which known project the words of a text name: names come shortened, turned round and with slips of scanning."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from rapidfuzz import fuzz, process

from gis.vietnamese import fold

SURE, LIKELY = 80, 62
"""Of 100: from here a name is taken, from here it is proposed to be looked at. Measured on the names of two
districts' reports: names that are one another's beginnings stand 8 and more apart."""
_MARGIN = 6
_FEWEST = 3
"""Words that suffice to recognise a longer name, where they stand in no other one."""
_ABBREVIATIONS = (
    (r"\btdc\b", "tai dinh cu"), (r"\bkdt\b", "khu do thi"), (r"\bkdc\b", "khu dan cu"), (r"\bgpmb\b", ""),
    (r"\bql ?(\d)", r"quoc lo \1"), (r"\btl ?(\d)", r"tinh lo \1"), (r"\bkm ?(\d)", r"km\1"),
    (r"(\d) (kv|m)\b", r"\1\2"),
    (r"\bkhcn\b", "khoa hoc cong nghe"), (r"\bccn\b", "cum cong nghiep"), (r"\bkcn\b", "khu cong nghiep"),
    (r"\bgd ?(?=[ivx\d])", "giai doan "), (r"\bqltt\b", "quan ly thi truong"), (r"\btruong th\b", "truong tieu hoc"),
    (r"\biii\b", "3"), (r"\bii\b", "2"), (r"\biv\b", "4"), (r"\bi\b", "1"), (r"\bvi\b", "6"), (r"\bv\b", "5"),
)  # fmt: skip
_SHORT = tuple((re.compile(pattern), full) for pattern, full in _ABBREVIATIONS)
_IDLE = frozenset(
    {"du", "an", "cong", "trinh", "hang", "muc", "tu", "den", "doan", "va", "cua", "thuoc", "tren", "dia", "ban"}
    | {"theo", "hinh", "thuc", "cac", "dau", "lam", "viec", "so", "thanh", "pho", "tinh"}
)
"""Words that tell no project from another."""


@dataclass(frozen=True)
class Match:
    """The project that words name, as far as one does."""

    code: str | None
    sure: bool
    score: float


class Names:
    """The names of known projects, to be found again in texts.

    Parameters
    ----------
    projects : sequence of (code, name)
    unit : str, optional
        Name of the unit whose report it is; its words are left out of the comparison.
    """

    def __init__(self, projects: Sequence[tuple[str, str]], unit: str | None = None):
        self._idle = _IDLE | set(re.findall(r"\w+", fold(unit or "")))
        self._words = {code: Counter(self._tokens(name)) for code, name in projects}
        self._with: dict[str, list[str]] = {}
        for code, name in self._words.items():
            for word in name:
                self._with.setdefault(word, []).append(code)
        self._rarity = {word: log(1 + len(projects) / len(codes)) for word, codes in self._with.items()}
        self._usual = log(1 + len(projects)) if projects else 1.0
        self._weight = {code: self._weigh(name) for code, name in self._words.items()}
        self._long = [word for word in self._with if len(word) > 3]
        self._near: dict[str, str | None] = {}
        self._found: dict[str, Match] = {}

    def find(self, words: str) -> Match:
        """Find the project that words name.

        The score is the share of the words, weighed by how rare they are in names, that the text and the name have
        in common; numbers (giai đoạn III, số 2) must be the same to be sure.
        """
        if words not in self._found:
            self._found[words] = self._find(words)
        return self._found[words]

    def _find(self, words: str) -> Match:
        whole = self._best(words)
        if whole.sure:
            return whole
        parts = [words.partition("(")[0], *re.findall(r"\(([^()]+)\)", words)]
        found = [whole, *(self._best(part) for part in parts if part.strip() and part != words)]
        best = max(found, key=lambda match: (match.code is not None, match.score))
        return best if best is whole else Match(best.code, False, best.score)

    def _best(self, words: str) -> Match:
        given = Counter(self._tokens(words))
        if not given:
            return Match(None, False, 0)
        scores = sorted(self._scores(given), reverse=True)[:2]
        best, code = scores[0] if scores else (0.0, None)
        if best < LIKELY:
            within = [
                code for code in self._with.get(next(iter(given)), ()) if given.keys() <= self._words[code].keys()
            ]
            short = given.total() >= _FEWEST and len(within) == 1
            return Match(within[0] if short else None, False, LIKELY if short else best)
        apart = best - scores[1][0] if len(scores) > 1 else 100.0
        sure = best >= SURE and apart >= _MARGIN and _numbers(given) == _numbers(self._words[code])
        return Match(code if sure or apart >= 1 else None, sure, best)

    def _tokens(self, words: str) -> list[str]:
        folded = fold(words)
        for pattern, full in _SHORT:
            folded = pattern.sub(full, folded)
        return [word for word in re.findall(r"km\d+(?:\+\d+)?|\w+", folded) if word not in self._idle]

    def _weigh(self, name: Counter) -> float:
        return sum(self._rarity.get(word, self._usual) * times for word, times in name.items())

    def _scores(self, given: Counter) -> Iterator[tuple[float, str]]:
        """Score the projects that have a word in common with what is given."""
        common: Counter = Counter()
        for word, times in given.items():
            known = word if word in self._with else self._nearest(word)
            if known:
                weight = self._rarity[known] * (1 if known == word else 0.9)
                for code in self._with[known]:
                    common[code] += weight * min(times, self._words[code][known])
        total = self._weigh(given)
        for code, weight in common.items():
            yield 200 * weight / (total + self._weight[code]), code

    def _nearest(self, word: str) -> str | None:
        """Find the word of a name that one with a slip of scanning or typing stands for."""
        if len(word) <= 3 or word.isdigit():
            return None
        if word not in self._near:
            near = process.extractOne(word, self._long, scorer=fuzz.ratio, score_cutoff=80)
            self._near[word] = near[0] if near else None
        return self._near[word]


def _numbers(words: Counter) -> set[str]:
    return {word for word in words if word.isdigit()}
