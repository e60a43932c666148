"""What a list of land users is made of: its columns, how their headings are told apart, and what its cells mean."""

import re
from collections.abc import Sequence
from decimal import Decimal

from gis.correcting import Standing
from gis.errors import BadParameter
from gis.exchange.headings import Column, Fit, Head, assign, number_and_unit, plain
from gis.registration import Commune, NewParcel
from webmap import entry

TAKEN = (
    "full_name", "identity_number", "phone", "address", "kind", "code", "part", "unit", "sheet", "number", "parcel",
    "land_use", "legal_area_m2", "area_m2", "area_by_type", "place", "index",
)  # fmt: skip
"""Fields that a column can be, in the order in which they are offered."""
NEEDED = ("full_name", "sheet", "number", "area_m2")
_RULES = (
    ("index", r"^(stt|tt|so tt|so thu tu|no)$", 9, None),
    ("place", r"^(dia chi\b|vi tri|dia diem).*(thua|khu dat|dat)|address of (the )?(land|parcel)", 9, None),
    ("address", r"\bdia chi\b|noi o|thuong tru|address", 6, None),
    (
        "identity_number", r"cccd|cmnd|can cuoc|dinh danh|ma so thue|so giay to|identity|id number", 8,
        r"ngay cap|noi cap",
    ),
    ("phone", r"dien thoai|\bsdt\b|phone", 8, None),
    ("parcel", r"\bto\b.*\bthua\b|\bthua\b.*\bto\b|sheet.*parcel|parcel.*sheet|^parcels$", 8, r"\bdia chi\b|tong so"),
    ("sheet", r"\bto\b|\bsheet\b", 6, r"to chuc|to khai|so to giay|\btong so\b"),
    ("number", r"\bthua\b|\bparcel\b", 5, r"dien tich|\bdt\b|\bdia chi\b|\btong so\b|area|address"),
    ("land_use", r"loai dat|muc dich|ma dat|ma loai|ky hieu|land (use|type)\b|^loai$|^mdsd$", 7, r"dien tich|\bdt\b"),
    ("kind", r"loai (chu|ho|doi tuong)|doi tuong|\bkind\b", 7, None),
    ("code", r"ma ho so|so ho so|^ho so$|^ma( so)?$|\bcode\b|^case$", 8, r"ma so thue"),
    ("part", r"hang muc|hop phan|\bpart\b", 6, None),
    ("unit", r"^(xa|phuong|thi tran)\b|don vi hanh chinh|commune", 6, None),
    (
        "full_name",
        r"ho (va )?ten|\bten\b|chu (su dung|ho|dat)|nguoi (su dung|co dat|bi thu hoi)|ho gia dinh|"
        r"land user|holder|name",
        6,
        r"ten (xa|thon|du an|cong trinh|duong)|xu dong|vo chong|^ho (va )?ten (vo|chong)|dien tich|(chu|nguoi) .*ky",
    ),
)  # fmt: skip
_AREA = r"dien tich|\bdt\b|\barea\b|\bm2\b|\bha\b"
_RECOVERED = r"thu hoi|recover|giai phong|\bgpmb\b|anh huong|giai toa"
_NO_AREA = (
    r"con lai|ngoai|\bngay\b|\bly do\b|hinh thuc|\bdon gia\b|thanh tien|kinh phi|boi thuong|remain|\bsau thu hoi\b|"
    r"\bnam thu hoi\b"
)
_PAPER = r"quyet dinh|\bqd\b|thong bao|\btb\b|van ban|\bso\b"
_LEGAL = r"thua|phap ly|\bgcn\b|giay|hien trang|tong|nguyen thua|ban do|legal"
KINDS = {
    "ho gia dinh": "household", "ho": "household", "household": "household", "ca nhan": "individual",
    "individual": "individual", "to chuc": "organisation", "doanh nghiep": "organisation", "co quan": "organisation",
    "organisation": "organisation", "cong dong": "community", "cong dong dan cu": "community",
    "community": "community", "khong co chu": "none", "khong chu": "none", "dat khong co chu": "none", "none": "none",
}  # fmt: skip


def fits(lowest: str, whole: str) -> list[Fit]:
    """Say which fields a heading may mean: by its lowest cell, else by all of it."""
    for said, more in ((lowest, 2), (whole, 0)):
        found = [
            Fit(name, points + more)
            for name, pattern, points, unless in _RULES
            if said and re.search(pattern, said) and not (unless and re.search(unless, whole))
        ]
        found += _areas(said, whole, more)
        if found:
            best = max(fit.score for fit in found)
            return [fit for fit in found if fit.score >= best - 1]
    return []


def _areas(said: str, whole: str, more: int) -> list[Fit]:
    """Say whether a heading is of an area, and of which: to recover, of the whole parcel, or just of an area."""
    if not said or re.search(_NO_AREA, whole):
        return []
    area, recovered = re.search(_AREA, whole), re.search(_RECOVERED, whole)
    if recovered and re.search(_PAPER, whole) and not re.search(r"dien tich|\bdt\b|\barea\b|\bm2\b|\bha\b", whole):
        return []
    if re.search(_RECOVERED, said) or (recovered and re.search(_AREA, said)):
        return [Fit("area_m2", (9 if area else 5) + more)]
    if re.search(r"dien tich|\bdt\b|\barea\b", said):
        bare = re.sub(r"\b(dien tich|dt|area|dat|m2|ha|tong so|don vi|km2)\b", "", said).split()
        if not bare and not recovered:
            return [Fit("area", 6 + more), *([Fit("legal_area_m2", 6 + more)] if "tong" in said else [])]
        if re.search(_LEGAL, said):
            return [Fit("legal_area_m2", 7 + more)]
    return []


def settle(head: Head, chosen: dict[int, str]) -> list[Column]:
    """Give each column its field; of areas, the plain one is what is recovered where no other says so.

    Returns
    -------
    list of Column
        Those that hold areas by land type.
    """
    assign(head, (*NEEDED, "area"), chosen)
    by_type = [column for column in head.columns if column.field == "area_by_type"]
    if not by_type and not any(name == "area_by_type" for name in chosen.values()):
        by_type = [column for column in head.columns if column.place not in chosen and _of_type(column)]
        alone = len(by_type) == 1 and " / " not in by_type[0].heading
        by_type = [] if alone else by_type
    for column in by_type:
        column.field = "area_by_type"
    if by_type:
        head.asked.pop("area_m2", None)
        head.asked.pop("area", None)
    area, plain_one = head.of("area_m2"), head.of("area")
    if area is None and not by_type and "area_m2" not in head.asked and "area" in head.asked:
        head.asked["area_m2"] = head.asked["area"]
    head.asked.pop("area", None)
    if plain_one is not None:
        meant = "legal_area_m2" if (area or by_type) else "area_m2"
        plain_one.field = meant if head.of(meant) is None and meant not in head.asked else None
    if "area_m2" in head.asked and "area_m2" in chosen.values():
        del head.asked["area_m2"]
    if head.of("parcel"):
        for name in ("sheet", "number"):
            head.asked.pop(name, None)
    return by_type


def _of_type(column: Column) -> bool:
    over = plain(column.heading.rpartition(" / ")[0])
    return bool(column.land_type) and not re.search(_NO_AREA, over) and (not over or bool(re.search(_AREA, over)))


def missing(head: Head) -> list[str]:
    """Name the needed fields that no column has, and that are not asked about."""
    have = {column.field for column in head.columns} | set(head.asked)
    if "parcel" in have:
        have |= {"sheet", "number"}
    if "area_by_type" in have:
        have.add("area_m2")
    return [name for name in NEEDED if name not in have]


# Cells.


def area_m2(name: str, text: str, factor: Decimal | None, numbers: str | None = None) -> Decimal | None:
    """Read an area in m²: its own unit counts before that of the column.

    Raises
    ------
    BadParameter
    """
    bare, unit = number_and_unit(text, "area")
    if unit and unit.factor is None:
        raise BadParameter("“%(value)s”: write the area in m² or ha.", parameter=name, value=text[:40])
    by = unit.factor if unit else (factor or Decimal(1))
    if numbers and re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", bare.strip()):
        whole, rest = re.split("[.,]", bare.strip())
        bare = f"{whole}{rest}" if numbers == "thousands" else f"{whole},{rest}0"
    if by == 1 and numbers != "decimals":
        return entry.area_m2(name, bare)
    value = entry.decimal(name, bare, 6)
    if value is None:
        return None
    made = value * by
    if made != made.quantize(Decimal("0.01")):
        raise BadParameter(
            "“%(value)s” has more than two decimals in m²: round it to 0,01 m².", parameter=name, value=text[:40]
        )
    return made.quantize(Decimal("0.01"))


_SEVERAL = re.compile(r"\d\s*(?:[,;+&\n_~→>]|\.{2,}|…|\bvà\b|\bva\b|\bđến\b|\bden\b|–|—)\s*\d|\d\s+\d", re.IGNORECASE)
_DAY = re.compile(r"\d{2}/\d{2}/\d{4}")
_LABELLED = re.compile(r"^['’]|^(?:tờ(?: bản đồ)?|thửa(?: đất)?|số)(?!\w)(?: số)?\s*:?\s*|[\s.,;:]+$", re.IGNORECASE)
_ONE = re.compile(r"[A-ZĐ]{0,5}[-.]?\d{1,6}[A-ZĐ]{0,2}(?:[/(]\d{1,5}[A-ZĐ]?\)?)?", re.IGNORECASE)
_PARTED = re.compile(r"(\d{1,6})[.-](\d{1,5})[A-ZĐ]?", re.IGNORECASE)


def one_number(name: str, text: str) -> str:
    """Take the number of a sheet or a parcel: one, as 15/2, not several in a cell, and no day made of it.

    Raises
    ------
    BadParameter
    """
    text = text.strip()
    while (bare := _LABELLED.sub("", text)) != text:
        text = bare
    if _SEVERAL.search(text):
        raise BadParameter(
            "“%(value)s” is more than one in a cell: give each parcel a row of its own, with its own area.",
            parameter=name, value=text[:40],
        )  # fmt: skip
    if _DAY.fullmatch(text):
        day, month, _ = text.split("/")
        raise BadParameter(
            "“%(value)s” is a day: the spreadsheet made it of a number such as %(number)s. Write the number as text.",
            parameter=name, value=text, number=f"{int(day)}/{int(month)}",
        )  # fmt: skip
    return re.sub(r"(?<=\d)[.,]0+$", "", re.sub(r"\s*([/(-])\s*|(?<=\d)\s+(?=[A-ZĐa-zđ]$)", r"\1", text))


def place_of(parcel: NewParcel | Standing) -> tuple[str, str, str]:
    """Give unit, sheet and number of a parcel however a list writes them: 071/01 is 71/1."""
    sheet, number = (part.casefold().lstrip("0") for part in (parcel.sheet, parcel.number))
    return parcel.unit, sheet, number


def is_plain_number(text: str) -> bool:
    """Tell the number of a sheet or parcel that is one for certain: 15, 15/2, 15a; 75-78 may be several."""
    parted = _PARTED.fullmatch(text)
    return int(parted[2]) <= int(parted[1]) if parted else bool(_ONE.fullmatch(text))


def sheet_and_number(text: str, heading: str) -> tuple[str, str]:
    """Take a parcel in one cell apart: 71/15, tờ 71 thửa 15, in the order of the heading.

    Raises
    ------
    BadParameter
    """
    bare = plain(text)
    on_sheet, of_number = re.search(r"\bto\D*(\d\w*)", bare), re.search(r"\bthua\D*(\d\w*)", bare)
    if on_sheet and of_number:
        return on_sheet[1], of_number[1]
    met = re.fullmatch(r"\s*([^\s/,;–-]+)\s*[/,;–-]\s*([^\s,;]+)\s*", text)
    if met is None or _SEVERAL.search(text):
        raise BadParameter("“%(value)s” is not sheet and parcel as in 71/15.", parameter="number", value=text[:40])
    words = plain(heading).split()
    turned = "thua" in words and "to" in words and words.index("thua") < words.index("to")
    return (met[2], met[1]) if turned else (met[1], met[2])


def one_line(name: str) -> str:
    """Husband and wife stand on two lines of one cell."""
    return re.sub(r"\s*[\r\n]+\s*", "; ", name.strip())


def offers(field: str, text: str) -> list[str]:
    """Give what a cell that was refused may have been meant as, for a person to choose."""
    text = text.strip()
    if field == "identity_number" and re.fullmatch(r"\d{11}|\d{10}|\d{8}|\d{7}", digits := re.sub(r"[\s.]", "", text)):
        return [digits.zfill(12 if len(digits) > 9 else 9)]
    bare, unit = number_and_unit(text, "area")
    if field in ("area_m2", "legal_area_m2") and re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", bare.strip()):
        whole, rest = re.split("[.,]", bare.strip())
        tail = f" {unit.name}" if unit else ""
        return [
            f"{whole}{rest}{tail}",
            f"{whole},{rest}0{tail}" if unit else f"{Decimal(f'{whole}.{rest}'):.2f}".replace(".", ","),
        ]
    if field in ("area_m2", "legal_area_m2") and (met := re.fullmatch(r"(\d[\d.]*),(\d{3,})", bare.strip())):
        return [f"{Decimal(met[1].replace('.', '') + '.' + met[2]):.2f}".replace(".", ",")]
    return []


_ORGANISATION = re.compile(
    r"(?:tổng )?(?:công ty|cty|ctcp|tập đoàn|doanh nghiệp|dntn|xí nghiệp|nhà máy|chi nhánh|ngân hàng|hợp tác xã|htx)\b|"
    r"(?:ubnd|[uủ][yỷ] ban|ban (?:quản lý|qlda|chỉ huy)|bệnh viện|trung tâm|nhà văn ho[áa]|chi cục|kho bạc|công an|"
    r"cộng đồng|tổ dân phố|trạm (?:y tế|biến áp)|trường (?:thcs|thpt|th|mn|tiểu học|mầm non|trung|cao đẳng|đại học))\b",
    re.IGNORECASE,
)


def kind_told(name: str) -> str | None:
    """Tell the kind of a holder whose name is an office's, a company's or a community's; None for other names."""
    bare = re.sub(r"^(?:hộ|ông|bà)\s+", "", name.strip(), flags=re.IGNORECASE)
    if not _ORGANISATION.match(bare):
        return None
    return "community" if re.match(r"cộng đồng|tổ dân phố", bare, re.IGNORECASE) else "organisation"


# Communes.

_PREFIX = r"^(xa|phuong|thi tran) "


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
    ended = re.search(r"\(\s*(?:cũ|former)\s*\)$", given, re.IGNORECASE)
    bare = plain(given[: ended.start()] if ended else given)
    communes = [each for each in communes if not (ended and each.stands)]
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


def commune_named(place: str, communes: Sequence[Commune]) -> str:
    """Give the slug of the commune at the end of an address of land; '' where it names none, or several."""
    try:
        return commune(place.rpartition(",")[2], communes) if place.strip() else ""
    except BadParameter:
        return ""
