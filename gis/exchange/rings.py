"""Where one ring of a table of vertices ends and the next begins.

The numbers of the points decide, the first vertex repeated, and a column or a line that names rings. Where they
contradict each other the table is refused with the rows; without numbers, an empty line parts rings, and a heading or a
page mark is refused: nobody can know whether the ring goes on behind it.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from gis.errors import BadParameter, Doubt, GisError
from gis.exchange.coordinates import Row, folded
from gis.exchange.remarks import denies, says_other_land

_RING_WORDS = re.compile(
    r"(vong|vung|khu|phan|thua|lo|manh|o dat|ring)( dat| vuc| so)? ([a-z]|\d+|i{1,3}|iv)|(ranh|vong|vien) (gioi )?ngoai"
)
_PROJECT = re.compile(r"(?:ten )?(?:du an|cong trinh) (?!so\b|nhom\b)[a-z0-9]")
_INNER = re.compile(
    r"\b(?:ranh|vòng|viền|đường bao|vong|vien) (?:giới |gioi )?(?:phía |bên |phia |ben )?trong\b"
    r"|\b(?:loại |loai )?trừ\b|\bloai tru\b|\b(?:dat|phan|lo|thua|khu|vung|vong|ranh) tru\b"
    r"|\blỗ\b|\bkhông (?:thu hồi|thuộc)\b|\bhole\b|\binner\b|^\W*trong\W*$"
)
"""What says of a ring that its land is taken out of the outline."""
INNER_RING = "Ranh trong"
"""Heads a ring that is a hole, in tables written here."""
_BARE = frozenset(
    (
        "khu", "vuc", "vung", "dat", "lo", "o", "vong", "vien", "ranh", "gioi", "thua", "manh", "phan", "ring", "area",
        "moc", "diem", "dinh", "goc", "toa", "do", "bang", "ke", "liet", "cac", "danh", "sach", "so", "hieu", "stt",
        "thu", "hoi", "du", "an", "cong", "trinh", "thuoc", "tai", "cua", "va", "dia", "ban", "phia", "huong", "bac",
        "nam", "dong", "tay", "tiep", "theo", "to", "vn", "he", "kinh", "tuyen", "truc", "mui", "chieu", "cao",
        "dien", "tich", "dt", "khoang", "m", "ha", "moi", "tong",
    )
)  # fmt: skip
"""Words of a line above a ring that name an area or what the table is of, and say nothing else of the ring."""
_PLACES = re.compile(
    r"(?:xã|phường|thị trấn|tt|huyện|quận|thị xã|thành phố|tp|tỉnh|thôn|bản|xóm|khối|khối phố|tổ dân phố|tdp)\.?",
    re.IGNORECASE,
)
_CODE = re.compile(r"[A-ZĐ]{1,4}[-.]?\d+[a-zA-Z]?")
"""A lot as plans name them: “CX-02”, “LK1”."""
_OUTER = re.compile(r"\b(ranh|vong|vien)( gioi)?( phia| ben)? ngoai$")
_SUMMED = re.compile(r"^(?:tong |cong )*(?:chu vi|chieu dai|tong so|so (?:diem|moc|dinh))\b")
_LONGEST_HEADING = 100
"""Letters of a line that heads a ring; longer ones tell of more than one."""
_UNIT = r"(?P<unit>m2|m²|m 2|ha|h[eé]c[ -]?ta|km2|km²)"
_AREA = re.compile(rf"(?P<digits>\d[\d.,\s]*)\s*{_UNIT}(?![^\W_])", re.IGNORECASE)
_AREA_BEHIND = re.compile(rf"{_UNIT}\)?\s*[:=]?\s*(?P<digits>\d[\d.,\s]*)(?![^\W_])", re.IGNORECASE)
_AREA_BARE = re.compile(r"(?:diện tích|area)[^\d:=]{0,40}[:=\s]\s*(?P<digits>\d[\d.,\s]*)(?P<unit>)$", re.IGNORECASE)
_AREA_WORDS = re.compile(r"dien tich|(?:^|\s)dt(?:\s|$)|(?:^|\s)s(?:\s|$)|area")
_HEADING = re.compile(
    r"\bx\b.*\by\b|\by\b.*\bx\b|\bb\b.*\bl\b|toa do|vi do|kinh do|so hieu|\bs?tt\b|north|east|latitude"
)
_PAGE = re.compile(r"(?:trang|page|tr)? ?\d{1,3}(?: \d{1,3})?")


@dataclass(frozen=True)
class Vertex:
    """A vertex as a table has it: its row from 1, its name there, and its place, in metres or degrees."""

    row: int
    label: str
    north_m: float
    """Or its latitude."""
    east_m: float
    """Or its longitude."""

    @property
    def at(self) -> tuple[float, float]:
        """East and north, as geometry has them."""
        return self.east_m, self.north_m

    @property
    def order(self) -> int | None:
        """The number in its name: 12 of “M12”, and of the edge “12-13”."""
        found = re.fullmatch(r"\D{0,40}?(\d{1,6})(?:\s*[-–→]\s*\D{0,4}\d{1,6})?[\s.:)(]*", self.label)
        return int(found[1]) if found else None


@dataclass(frozen=True)
class Found:
    """A vertex, where its pair stood, and the ring its row names."""

    vertex: Vertex
    block: int
    ring_name: str | None


class Rings:
    """Tells where a ring ends."""

    def __init__(self, rows: list[Row], found: list[Found], notes: list[GisError], doubts: list[GisError]):
        self.rows, self.found, self.notes, self.doubts = rows, found, notes, doubts
        orders = [one.vertex.order for one in found]
        steps = [b - a for a, b in pairwise(orders) if a is not None and b is not None]
        self.numbered = len(steps) >= len(found) / 2 and sum(abs(step) == 1 for step in steps) >= len(steps) / 2
        """Whether the names of the vertices count them."""
        first = found[0].vertex.row
        self.projects: list[str] = []
        """Names of projects above rings, in their order."""
        self.titles = {folded(each.text) for each in rows if each.number < first and not each.pairs and not each.blank}
        self.ring: list[Vertex] = []
        self.done: list[list[Vertex]] = []
        self.closings: dict[int, int] = {}
        self.inner: dict[int, str] = {}
        """What says of a ring, by its place, that it is a hole."""
        self.headed: dict[int, tuple[int, str]] = {}
        """The row and the words above a ring, by its place, by which it may be other land than the outline's."""
        falls = sum(step == -1 for step in steps)
        self.falls = falls > len(steps) / 2
        """Whether the vertices are counted down."""
        self.closed = False
        self.name: str | None = None

    def rings(self) -> list[list[Vertex]]:
        """Give the rings, each without its closing vertex repeated."""
        last = None
        for one in self.found:
            vertex = one.vertex
            named = one.ring_name or self.name  # an empty cell below a merged one names the same ring
            if self.ring and not self.closed and (named != self.name or self._begins(last, one)):
                self._end()
            self.name = named
            if self.closed:
                self._end()
            if not self.ring:
                if words := self._inner_words(last, one):
                    self.inner[len(self.done)] = words
                self._ask_for_heading(last, one)
            if len(self.ring) > 1 and vertex.at == self.ring[0].at:
                self.closed = True
                self.closings[len(self.done)] = vertex.row
            elif self.ring and vertex.at == self.ring[-1].at:
                self.notes.append(
                    GisError("Row %(row)s repeats the vertex of row %(other)s and was left out.",
                             row=vertex.row, other=self.ring[-1].row)
                )  # fmt: skip
            else:
                self.ring.append(vertex)
            last = one
        self._end()
        self._refuse_a_ring_twice()
        return self.done

    def _inner_words(self, last: Found | None, one: Found) -> str | None:
        """Give the words by which a ring that begins is said to be a hole."""
        lines = self._between(last.vertex.row, one.vertex.row) if last and one.block == last.block else []
        said = [each.text for each in lines if not each.pairs] + [one.ring_name or ""]
        return next((text.strip()[:60] for text in said if _says_inner(text)), None)

    def _ask_for_heading(self, last: Found | None, one: Found) -> None:
        """Keep the heading of a ring that is to be asked of, because it says more than the name of an area.

        Words that take land out of an outline are without number; so above each ring behind the first everything is
        asked that is not known to be harmless. Above the first stand the titles of the whole table: there known words
        alone are looked for.
        """
        if one.ring_name and self.done and (says_other_land(one.ring_name) or says_more(one.ring_name)):
            self.headed[len(self.done)] = (one.vertex.row, one.ring_name.strip())
            return
        for number, text in reversed(self._lines_above(last, one)):
            if self._is_doubtful(text, last is not None):
                self.headed.setdefault(len(self.done), (number, text.replace("\t", " ").strip()))

    def _lines_above(self, last: Found | None, one: Found) -> list[tuple[int, str]]:
        """Give the lines above a ring; of a table beside another, what stands above its own columns."""
        if last and one.block != last.block:
            pairs = self.rows[one.vertex.row - 1].pairs
            at = max((i for i, pair in enumerate(pairs) if pair.north == one.vertex.north_m), default=0)
            since = pairs[at - 1].last + 1 if at else 0
            above = self.rows[: one.vertex.row - 1]
            said = [(each, " ".join(filter(None, each.cells[since : pairs[at].last + 1]))) for each in above]
        else:
            said = [(each, each.text) for each in self._between(last.vertex.row if last else 0, one.vertex.row)]
        # a point that was left out says so of itself alone
        return [(each.number, text) for each, text in said if not each.pairs and not re.search(r"\d{6}", text)]

    def _is_doubtful(self, text: str, behind_another: bool) -> bool:
        name = folded(text)
        other_project = self._of_another_project(name)
        if not behind_another:
            of_a_ring = _RING_WORDS.match(name) and denies(text)
            return len(text) <= _LONGEST_HEADING and bool(says_other_land(text) or of_a_ring or other_project)
        if says_other_land(text) or other_project:
            return True
        known = name in self.titles or _HEADING.search(name) or _PAGE.fullmatch(name) or _SUMMED.match(name)
        return not known and not _says_inner(text) and says_more(text)

    def _of_another_project(self, name: str) -> bool:
        """Tell whether a line names another project than one above did."""
        if not _PROJECT.match(name):
            return False
        self.projects.append(name)
        return name != self.projects[0]

    def _refuse_a_ring_twice(self) -> None:
        through: dict[tuple[float, float], list[int]] = {}
        places = [{vertex.at for vertex in ring} for ring in self.done]
        for place, ring in enumerate(self.done):
            for before in through.get(ring[0].at, ()):
                if places[place] <= places[before]:
                    raise BadParameter(
                        "The vertices of the ring that begins in row %(row)s are those of the ring that begins in row "
                        "%(other)s: the table stands twice. Take one of the two out.",
                        parameter="vertices", row=ring[0].row, other=self.done[before][0].row,
                    )  # fmt: skip
            for at in places[place]:
                through.setdefault(at, []).append(place)

    def _end(self) -> None:
        if len(self.ring) == 1 and self.done and self.ring[0].at == self.done[-1][0].at:
            self.notes.append(
                GisError("Row %(row)s repeats the vertex of row %(other)s and was left out.",
                         row=self.ring[0].row, other=self.done[-1][0].row)
            )  # fmt: skip
            self.ring, self.closed = [], False
            return
        if len(self.ring) == 1 and self.done and self.numbered and self.ring[0].label == self.done[-1][0].label:
            one, first = self.ring[0], self.done[-1][0]
            raise BadParameter(
                "Row %(row)s bears the name %(label)s of row %(first)s, the first of its ring, but not its place: "
                "either the ring closes here and one of the two is wrong, or vertices of a new ring are missing.",
                parameter="vertices", row=one.row, label=one.label, first=first.row,
            )  # fmt: skip
        if self.ring:
            self.done.append(self.ring)
        self.ring, self.closed = [], False

    def _begins(self, last: Found, one: Found) -> bool:
        """Tell whether a vertex begins a new ring."""
        between = self._between(last.vertex.row, one.vertex.row) if one.block == last.block else []
        if len(self.ring) > 1 and one.vertex.at == self.ring[0].at:
            return False
        named = next((each for each in between if self._names_a_ring(each)), None)
        if not self.numbered:
            return self._begins_unnumbered(one, between, named)
        now, before = one.vertex.order, last.vertex.order
        if now is None or before is None:
            if named is None and between and now is None:
                self._refuse(between[0], one)
            return named is not None
        if now == before + 1 and named is not None and _says_inner(named.text):
            return True
        if now == before + 1 or now == before:
            if named is not None:
                raise BadParameter(
                    "Row %(row)s, “%(text)s”, seems to begin a new ring, but the numbers go on from %(before)s to "
                    "%(now)s: repeat the first vertex where a ring ends, or number each ring from 1.",
                    parameter="vertices", row=named.number, text=named.text[:60], before=last.vertex.label,
                    now=one.vertex.label,
                )  # fmt: skip
            if now == before and one.vertex.at != last.vertex.at:
                self.doubts.append(
                    Doubt("Rows %(row)s and %(other)s bear the same number %(number)s.", row=last.vertex.row,
                          other=one.vertex.row, number=one.vertex.label)
                )  # fmt: skip
            return False
        if now == before - 1 and self.falls:
            return False
        if now == 1 or one.vertex.label == self.ring[0].label:
            self.notes.append(GisError("Row %(row)s: the numbers begin again, so a new ring does.", row=one.vertex.row))
            return True
        if named is not None:
            return True
        return self._leap(last.vertex, one.vertex, between)

    def _leap(self, last: Vertex, one: Vertex, between: list[Row]) -> bool:
        if one.order > last.order:
            missing = range(last.order + 1, one.order)
            listed = ", ".join(map(str, missing[:5])) + (" …" if len(missing) > 5 else "")
            self.doubts.append(
                Doubt("Between rows %(row)s and %(other)s the numbers leap from %(before)s to %(now)s: %(missing)s is "
                      "missing.", row=last.row, other=one.row, before=last.label, now=one.label, missing=listed)
            )  # fmt: skip
            return False
        if any(not each.pairs for each in between):
            raise BadParameter(
                "Row %(row)s: after %(before)s comes %(now)s. Does a new ring begin here, or is it the same? Repeat "
                "the first vertex where a ring ends, or number each ring from 1.",
                parameter="vertices", row=one.row, before=last.label, now=one.label,
            )  # fmt: skip
        self.doubts.append(
            Doubt("Row %(row)s: after %(before)s comes %(now)s; the vertices may be out of order.", row=one.row,
                  before=last.label, now=one.label)
        )  # fmt: skip
        return False

    def _begins_unnumbered(self, one: Found, between: list[Row], named: Row | None) -> bool:
        if named is not None:
            return True
        doubtful = next(
            (each for each in between if each.worded or (not each.blank and self._is_of_a_page(each))), None
        )
        if doubtful is not None:
            self._refuse(doubtful, one)
        blank = next((each for each in between if each.blank), None)
        if blank is not None:
            self.notes.append(
                GisError("Row %(row)s parts two rings: the vertices bear no numbers, so what follows is a ring of its "
                         "own.", row=blank.number)
            )  # fmt: skip
        return blank is not None

    def _refuse(self, between: Row, one: Found) -> None:
        raise BadParameter(
            "Row %(row)s, “%(text)s”, stands between vertices that bear no numbers: it is not known whether the ring "
            "goes on in row %(next)s. Number the vertices, repeat the first one where a ring ends, or take the row "
            "out.",
            parameter="vertices", row=between.number, text=between.text[:60], next=one.vertex.row,
        )  # fmt: skip

    def _between(self, first: int, last: int) -> list[Row]:
        return self.rows[first : last - 1]

    def _names_a_ring(self, each: Row) -> bool:
        text = folded(each.text)
        says = _RING_WORDS.match(text) or _says_inner(each.text)
        return bool(says) and text not in self.titles and not area_text(each.text)

    def _is_of_a_page(self, each: Row) -> bool:
        text = folded(each.text)
        return text in self.titles or bool(is_page_mark(each)) or is_heading(each)


def says_more(text: str) -> bool:
    """Tell whether a line above a ring says more than the name of an area: its letter, its place, what it measures.

    >>> says_more("Khu B (xã Yên Bình), diện tích 2,3 ha"), says_more("Khu B - làm sau")
    (False, True)
    """
    text = unicodedata.normalize("NFC", text)
    if found := area_text(text):
        text = text[: found.start()] + " " + text[found.end() :]
    kept, of_a_place, shouted = [], False, text.isupper()
    for word in re.findall(r"[^\s,;:()]+", text):
        if not shouted and of_a_place and (word[0].isupper() or word.isdecimal()):
            continue
        if _PLACES.fullmatch(word) or word.lower() in ("thị", "trấn", "thành", "dân", "phố") or _CODE.fullmatch(word):
            of_a_place = True
            continue
        of_a_place = False
        kept.append(word)
    name = _OUTER.sub("", folded(" ".join(kept)))
    return any(word not in _BARE and not re.fullmatch(r"[a-z]|\d+|[ivx]{1,4}", word) for word in name.split())


def _says_inner(text: str) -> bool:
    return bool(_INNER.search(unicodedata.normalize("NFC", text).lower()))


def is_heading(each: Row) -> bool:
    """Tell whether a row heads a table of vertices."""
    return bool(_HEADING.search(folded(each.text)))


def is_page_mark(each: Row) -> bool:
    """Tell whether a row is the number of a page: “Trang 2/5”, “- 2 -”."""
    return bool(_PAGE.fullmatch(folded(each.text)))


def any_area(text: str) -> re.Match | None:
    """Find an area with its unit anywhere in a line of words: “khu đất 5,0 ha tại …”."""
    return _AREA.search(text)


def area_text(text: str) -> re.Match | None:
    """Find the area that a row states: its `digits`, and the `unit` behind or before them; empty where none is."""
    text = text.strip()
    if _AREA_WORDS.search(folded(text)):
        return _AREA.search(text) or _AREA_BEHIND.search(text) or _AREA_BARE.search(text)
    return _AREA.fullmatch(text)
