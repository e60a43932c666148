"""What the words of a table of vertices say: its headings, and the system its numbers stand in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gis.crs import VN2000, WGS84, ZONES
from gis.errors import Doubt, GisError
from gis.exchange.coordinates import DEGREES, Row, folded

_NORTH = frozenset(("n", "bac", "north", "northing"))
_EAST = frozenset(("e", "dong", "east", "easting"))
_LATITUDE = frozenset(("b", "lat", "latitude", "vi"))
_LONGITUDE = frozenset(("l", "lon", "long", "lng", "longitude", "kinh"))
_LABELS = (
    "so hieu",
    "diem",
    "ten diem",
    "moc",
    "ten moc",
    "so hieu diem",
    "so hieu moc",
    "dinh",
    "ky hieu",
    "tu",
    "tu diem",
    "tu moc",
)
_ORDERS = ("thu tu noi", "thu tu noi diem", "tt noi", "stt noi", "thu tu diem noi", "order")
"""Columns by which the vertices are joined, whatever they are called."""
_RINGS = ("vong", "vung", "ring", "khu", "phan", "khu vuc", "thua", "lo", "manh", "o dat", "khu dat")
_EDGES = ("chieu dai", "canh", "khoang cach", "cu ly", "length", "distance", "s m", "d m", "kc")
_AREAS = ("dien tich", "dt m", "dt ha", "area")
_UNITS = re.compile(r"\s*\b(m|met|do|vn 2000|wgs 84|\d+)\b")
_MERIDIAN = re.compile(
    r"(?:kinh tuyen(?: truc| trung uong| goc)?|k ?t ?t|central meridian)[a-z ]{0,12}"
    r"(1[01]\d)(?: (?:do|d|o))?(?: (\d{1,2})\b)?"
)
_OTHER_DATUM = re.compile(
    r"\b(?:hn|ha ?noi|hanoi)(?: 19)? ?72\b|\bindian\b|\bnad ?(?:27|83)\b|\bpulkovo\b|\bkrasov\w*"
    r"|\b(?:toa do|he)(?: toa do)? (?:gia dinh|tu do|doc lap)\b"
)
_WGS84 = re.compile(r"\bwgs ?(?:19)?84\b")
_VN2000 = re.compile(r"\bvn ?2000\b")


@dataclass
class Heads:
    """What the headings of a table name, by the place of the cell."""

    turned: bool = False
    """Whether east stands before north."""
    ring: int | None = None
    label: int | None = None
    edge: int | None = None
    area: int | None = None
    area_unit: str = "m2"
    latitude_row: int | None = None
    """The row that heads columns of latitude and longitude."""
    latitude_first: bool = True

    def look_at(self, each: Row, heads: bool) -> None:
        """Take in a row that is no vertex; only one that heads a table names more than the axes."""
        words = [_UNITS.sub("", folded(cell)).strip() for cell in each.cells]
        axes = [_axis(word) for word in words]
        if "north" in axes and "east" in axes:
            self.turned = axes.index("east") < axes.index("north")
        if "latitude" in axes and "longitude" in axes:
            self.latitude_row = each.number
            self.latitude_first = axes.index("latitude") < axes.index("longitude")
        if not heads:
            return
        self.ring = _place(words, _RINGS, self.ring)
        self.label = _place(words, _ORDERS, _place(words, _LABELS, self.label))
        self.edge = _beginning(words, _EDGES, self.edge)
        area = _beginning([folded(cell) for cell in each.cells], _AREAS, None)
        if area is not None:
            self.area, self.area_unit = area, "ha" if re.search(r"\bha\b", folded(each.cells[area])) else "m2"


def _axis(word: str) -> str | None:
    """Tell which way a heading names: “Tọa độ X”, “X (Bắc)”, “Vĩ độ B”. What it calls north is north, X or not."""
    tokens = word.removeprefix("toa do ").removeprefix("truc ").split()
    if not tokens or len(tokens) > 3:
        return None
    found = set(tokens)
    if tokens[0] in _LATITUDE and found <= _LATITUDE | {"do", "bac", "n"}:
        return "latitude"
    if tokens[0] in _LONGITUDE and found <= _LONGITUDE | {"do", "dong", "e"}:
        return "longitude"
    if not found <= _NORTH | _EAST | {"x", "y", "toa", "do", "huong", "truc"}:
        return None
    for way, names in (("north", _NORTH), ("east", _EAST)):
        if found & names:
            return way
    return "north" if found & {"x"} else "east" if found & {"y"} else None


def _place(words: list[str], names: tuple[str, ...], known: int | None) -> int | None:
    return next((i for i, word in enumerate(words) if word in names), known)


def _beginning(words: list[str], names: tuple[str, ...], known: int | None) -> int | None:
    return next((i for i, word in enumerate(words) if word.startswith(names)), known)


def order_told(heads: Heads, rows: Iterable[Row]) -> list[GisError]:
    """Tell where the headings call the columns of degrees the other way round than their numbers are."""
    if heads.latitude_row is None:
        return []
    for each in rows:
        for pair in each.pairs:
            if pair.kind == DEGREES and pair.north_first != heads.latitude_first:
                return [
                    GisError(
                        "The headings of row %(head)s stand the wrong way round: row %(row)s has its latitude under "
                        "the longitude. The numbers were followed.", head=heads.latitude_row, row=each.number,
                    )
                ]  # fmt: skip
    return []


def stated_systems(rows: Iterable[Row], kind: str, prefixes: set[int]) -> tuple[tuple[int, ...], list[GisError]]:
    """Give the systems that the words of a table allow, and doubts about what they say.

    Returns
    -------
    tuple
        Systems, empty where the words say nothing, and doubts: of another datum, of a meridian that no zone has.
    """
    rows = list(rows)
    said = " · ".join(folded(each.text) for each in rows)
    doubts = [
        Doubt(
            "Row %(row)s, “%(text)s”, says another system than VN-2000: there the same numbers may lie some hundred "
            "metres away. Have them converted to VN-2000.", row=each.number, text=each.text[:60],
        )
        for each in rows
        if _OTHER_DATUM.search(folded(each.text))
        or (kind != DEGREES and _WGS84.search(folded(each.text)) and not _VN2000.search(said))
    ]  # fmt: skip
    if kind == DEGREES:
        named = {WGS84: re.search(r"wgs ?84|\bgps\b|google", said), VN2000: _VN2000.search(said)}
        found = tuple(srid for srid, hit in named.items() if hit)
        return (found if len(found) == 1 else ()), doubts
    meridians = {each.number: _meridians(each.text) for each in rows}
    width = re.search(r"mui(?: chieu)?(?: do)? ?(3|6)\b", said)
    wide = bool(re.search(r"\butm\b", said)) or bool(prefixes) or bool(width and width[1] == "6")
    narrow = bool(width and width[1] == "3")
    found = set(ZONES)
    stated = set().union(*meridians.values())
    if stated:
        found = {srid for srid in found if ZONES[srid].central_meridian in stated}
    if wide != narrow:
        found = {srid for srid in found if ZONES[srid].width == (6 if wide else 3)}
    if prefixes:
        found = {srid for srid in found if (ZONES[srid].central_meridian + 183) / 6 in prefixes}
    if not found:
        row = next((each for each in rows if meridians[each.number]), rows[0] if rows else None)
        if row is not None:
            doubts.append(
                Doubt("What the table says of its system (row %(row)s, “%(text)s”) is no zone of VN-2000.",
                      row=row.number, text=row.text[:60])
            )  # fmt: skip
    return (tuple(sorted(found)) if stated or wide != narrow or prefixes else ()), doubts


def _meridians(text: str) -> set[float]:
    """Give the central meridians that a line may mean: 107,25 is degrees with decimals, 107.15 also 107°15′."""
    found: set[float] = set()
    for met in _MERIDIAN.finditer(folded(text)):
        minutes = int(met[2] or 0)
        readings = {int(met[1]) + minutes / 60} if minutes < 60 else set()
        if met[2] and re.search(rf"{met[1]}\s*[.,]\s*{met[2]}(?!\d)", text):
            readings.add(float(f"{met[1]}.{met[2]}"))
        zones = {zone.central_meridian for zone in ZONES.values()}
        found |= (readings & zones) or readings
    return found
