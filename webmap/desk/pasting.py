"""Lists of land users as officers have them, read as cases: columns by their headings, in either language.

One row is one parcel. Rows under each other with the same name, or with no name, are parcels of one holder, as in the
lists attached to recovery notices. What is not taken is said; what cannot be read is named by row and column.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gis.errors import BadParameter, GisError, UnreadableFile
from gis.registration import Commune, NewCase, NewHolder, NewParcel, Problem
from webmap import entry
from webmap.sheets import Rows

FIELDS = (
    ("index", r"^(stt|tt|so tt|so thu tu|no)$"),
    ("place", r"^dia chi.*(thua|khu dat|dat)|address of (the )?(land|parcel)"),
    ("address", r"dia chi|noi o|thuong tru|address"),
    ("identity_number", r"cccd|cmnd|can cuoc|dinh danh|ma so thue|so giay to|identity|id number"),
    ("phone", r"dien thoai|sdt|phone"),
    ("area_m2", r"thu hoi|recover"),
    ("legal_area_m2", r"(dien tich|dt) .*(thua|phap ly|gcn|giay|hien trang|tong)|tong dien tich|legal area"),
    ("area", r"^(dien tich|dt|area)( m2)?( dat)?( m2)?$"),
    ("sheet", r"\bto\b|\bsheet\b"),
    ("number", r"\bthua\b|\bparcel\b"),
    ("land_use", r"loai dat|muc dich|ma dat|ky hieu|land (use|type)\b"),
    ("kind", r"loai (chu|ho|doi tuong)|doi tuong|\bkind\b"),
    ("code", r"ma ho so|so ho so|^ho so$|^ma( so)?$|\bcode\b|^case$"),
    ("part", r"hang muc|hop phan|\bpart\b"),
    ("unit", r"^(xa|phuong|thi tran)\b|don vi hanh chinh|commune"),
    (
        "full_name",
        r"ho (va )?ten|\bten\b|chu (su dung|ho|dat)|nguoi (su dung|co dat)|ho gia dinh|land user|holder|name",
    ),
)
"""Headings without diacritics, the telling ones first."""
TAKEN = tuple(name for name, _ in FIELDS if name not in ("index", "place", "area"))
NEEDED = ("full_name", "sheet", "number", "area_m2")
KINDS = {
    "ho gia dinh": "household", "ho": "household", "household": "household", "ca nhan": "individual",
    "individual": "individual", "to chuc": "organisation", "doanh nghiep": "organisation", "co quan": "organisation",
    "organisation": "organisation", "cong dong": "community", "cong dong dan cu": "community",
    "community": "community", "khong co chu": "none", "khong chu": "none", "dat khong co chu": "none", "none": "none",
}  # fmt: skip
LOOKED_AT = 25
"""Rows among which the headings are looked for."""


@dataclass
class Pasted:
    """What a list says, and what of it does not."""

    headings: list[tuple[str, str | None]] = field(default_factory=list)
    """Each column's heading, with the field it is taken for; None where it is not taken."""
    cases: list[NewCase] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    """Rows that are not parcels: titles, the row that numbers the columns, totals."""
    alike: list[tuple[int, int]] = field(default_factory=list)
    """Rows with the name of an earlier row that is not next to them: taken as another holder."""

    @property
    def parcels(self) -> int:
        return sum(len(case.parcels) for case in self.cases)

    @property
    def area_m2(self):
        return sum(parcel.area_m2 or 0 for case in self.cases for parcel in case.parcels)


def plain(text: str) -> str:
    """Take off marks, case and punctuation."""
    bare = unicodedata.normalize("NFKD", text.lower().replace("đ", "d"))
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", bare))


def field_of(heading: str) -> str | None:
    """Say which field a heading means; None when it means none that is known."""
    bare = plain(heading)
    return next((name for name, pattern in FIELDS if bare and re.search(pattern, bare)), None)


def read(rows: Rows, communes: Sequence[Commune], *, kind: str = "household", unit: str = "") -> Pasted:
    """Read rows as cases.

    Parameters
    ----------
    rows : list of list of str
    communes : sequence of Commune
        Those that names may mean, the likeliest first.
    kind : str
        The kind of holder where no column says it.
    unit : str
        Slug of the commune where no column says it.

    Raises
    ------
    UnreadableFile
        When no row has headings.
    MissingColumns
    """
    at, columns = _headings(rows)
    pasted = Pasted([(heading, columns.get(n)) for n, heading in enumerate(rows[at])], left_out=list(range(1, at + 1)))
    lines = []
    for number, row in enumerate(rows[at + 1 :], at + 2):
        cells = {name: row[n] for n, name in columns.items()}
        if not any(row):
            continue
        if _is_no_parcel(row, cells):
            pasted.left_out.append(number)
        else:
            lines.append((number, cells))
    _gather(pasted, lines, communes, kind, unit)
    return pasted


def _headings(rows: Rows) -> tuple[int, dict[int, str]]:
    """Find the row of headings, and the field of each column that is taken."""
    best, columns = -1, {}
    for at, row in enumerate(rows[:LOOKED_AT]):
        found: dict[int, str] = {}
        for n, heading in enumerate(row):
            name = field_of(heading)
            if name in (*TAKEN, "area", "place") and name not in found.values():
                found[n] = name
        if len(found) > len(columns):
            best, columns = at, found
    if len(columns) < 2:
        raise UnreadableFile("No row with headings was found. The first row names the columns, such as %(example)s.",
                             example="Họ tên, Tờ, Thửa, Diện tích thu hồi")  # fmt: skip
    # A list of a notice has one column of areas: the area to recover. With both, the plain one is the whole parcel's.
    meant = "legal_area_m2" if "area_m2" in columns.values() else "area_m2"
    columns = {n: meant if name == "area" else name for n, name in columns.items() if name != "area" or meant}
    missing = [name for name in NEEDED if name not in columns.values()]
    if missing:
        raise MissingColumns(missing)
    return best, columns


class MissingColumns(Exception):
    """A list that lacks columns that are needed."""

    def __init__(self, missing: Sequence[str]):
        super().__init__(*missing)
        self.missing = tuple(missing)


def _is_no_parcel(row: Sequence[str], cells: dict[str, str]) -> bool:
    """Tell the row that numbers the columns (1, 2, 3 …), totals and remarks below the list from parcels."""
    if not any(cells.values()):
        return True
    bare = [re.sub(r"\W", "", cell) for cell in row]
    if [cell for cell in bare if cell][:3] == ["1", "2", "3"] and all(cell.isdecimal() for cell in bare if cell):
        return True
    words = " ".join(plain(cell) for cell in row)
    return not cells["number"] and bool(re.search(r"\b(tong|cong|total)\b", words))


def _gather(pasted: Pasted, lines, communes: Sequence[Commune], kind: str, unit: str) -> None:
    """Put rows of one holder together."""
    named: dict[str, int] = {}
    at: int | None = None
    for number, cells in lines:
        get = {name: cells.get(name, "") for name in TAKEN}
        lies_in = _commune_named(cells.get("place", ""), communes) or unit
        parcel = _parcel(pasted, number, get, communes, lies_in)
        own_kind = _kind(pasted, number, get["kind"], kind)
        if at is None or not _continues(pasted.cases[at], get, own_kind):
            at = _met_before(pasted, get)
        if at is not None:
            pasted.cases[at] = _with(pasted.cases[at], parcel, get)
            continue
        holder = None
        if own_kind != "none":
            name = plain(get["full_name"])
            if not name:
                pasted.problems.append(Problem(number, "full_name", BadParameter(
                    "The name of the holder is missing.", parameter="full_name")))  # fmt: skip
            elif name in named and not get["identity_number"]:
                pasted.alike.append((number, named[name]))
            named.setdefault(name, number)
            holder = NewHolder(
                own_kind, _one_line(get["full_name"]) or "–", get["identity_number"] or None,
                get["phone"] or None, get["address"] or None,
            )  # fmt: skip
        at = len(pasted.cases)
        pasted.cases.append(NewCase(holder, (parcel,), get["code"] or None, get["part"] or None, number))


def _one_line(name: str) -> str:
    """Husband and wife stand on two lines of one cell."""
    return re.sub(r"\s*[\r\n]+\s*", "; ", name)


def _with(case: NewCase, parcel: NewParcel, get: dict[str, str]) -> NewCase:
    """Give a case another parcel, and what its first row did not say of the holder."""
    holder = case.holder
    if holder:
        more = {name: get[name] for name in ("identity_number", "phone", "address") if not getattr(holder, name)}
        holder = replace(holder, **{name: value for name, value in more.items() if value})
    return replace(case, parcels=(*case.parcels, parcel), holder=holder)


def _continues(last: NewCase, get: dict[str, str], kind: str) -> bool:
    """Tell whether a row is another parcel of the holder above it."""
    if last.holder is None:
        return kind == "none"
    if get["code"] and get["code"] != last.code:
        return False
    if get["identity_number"] and last.holder.identity_number not in (None, get["identity_number"]):
        return False
    if kind == "none":
        return False
    name = plain(get["full_name"])
    return not name or name == plain(last.holder.full_name)


def _met_before(pasted: Pasted, get: dict[str, str]) -> int | None:
    """Find the case that a row belongs to by its code or the holder's identity number."""
    for n, case in enumerate(pasted.cases):
        number = case.holder and case.holder.identity_number
        if (get["code"] and case.code == get["code"]) or (get["identity_number"] and number == get["identity_number"]):
            return n
    return None


def _kind(pasted: Pasted, number: int, text: str, otherwise: str) -> str:
    if not text:
        return otherwise
    found = KINDS.get(plain(text))
    if found is None:
        pasted.problems.append(Problem(number, "kind", BadParameter(
            "“%(value)s” is not a kind of holder: write hộ gia đình, cá nhân, tổ chức, cộng đồng or không có chủ.",
            parameter="kind", value=text[:40])))  # fmt: skip
    return found or otherwise


def _parcel(pasted: Pasted, number: int, get: dict[str, str], communes: Sequence[Commune], unit: str) -> NewParcel:
    def tried(name: str, work):
        try:
            return work()
        except GisError as error:
            pasted.problems.append(Problem(number, name, error))
            return None

    area = tried("area_m2", lambda: entry.area_m2("area_m2", get["area_m2"]))
    if area is None and not get["area_m2"]:
        pasted.problems.append(Problem(number, "area_m2", BadParameter(
            "The area to recover is missing.", parameter="area_m2")))  # fmt: skip
    return NewParcel(
        tried("unit", lambda: commune(get["unit"], communes) if get["unit"] else unit) or "",
        get["sheet"], get["number"], area, get["land_use"] or None,
        tried("legal_area_m2", lambda: entry.area_m2("legal_area_m2", get["legal_area_m2"])), number,
    )  # fmt: skip


def _commune_named(place: str, communes: Sequence[Commune]) -> str:
    """Give the slug of the commune at the end of an address of land; '' where it names none, or several."""
    try:
        return commune(place.rpartition(",")[2], communes) if place.strip() else ""
    except BadParameter:
        return ""


def commune(name: str, communes: Sequence[Commune]) -> str:
    """Give the slug of the commune that a name means.

    Raises
    ------
    BadParameter
        For a name of none, and of several that cannot be told apart.
    """
    given = name.strip()
    if any(given == each.slug for each in communes):
        return given
    bare = plain(given)
    found = [each for each in communes if bare in (plain(each.name), re.sub(_PREFIX, "", plain(each.name)))]
    for narrower in (lambda each: each.stands, lambda each: each.of_project):
        found = [each for each in found if narrower(each)] or found
    if not found:
        raise BadParameter("There is no commune “%(value)s”.", parameter="unit", value=given[:80])
    if len(found) > 1:
        raise BadParameter(
            "“%(value)s” is the name of several communes: write one of %(choices)s.",
            parameter="unit", value=given[:80], choices=", ".join(each.slug for each in found),
        )  # fmt: skip
    return found[0].slug


_PREFIX = r"^(xa|phuong|thi tran) "
