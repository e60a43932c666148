"""What a list of land users is made of: its columns, how their headings are told apart, and what its cells mean."""

import re
from collections.abc import Sequence
from decimal import Decimal

from gis.correcting import Standing
from gis.errors import BadParameter, GisError
from gis.exchange.headings import Column, Fit, Head, assign, number_and_unit, plain
from gis.holder_names import without_number
from gis.land_use import offered
from gis.marks import is_ditto
from gis.parcel_numbers import one_number, refuse_day, several, with_zeros
from gis.registration import NewParcel
from webmap import entry

TAKEN = (
    "full_name", "family_name", "spouse", "identity_number", "phone",
    "address", "kind", "code", "part", "unit", "sheet", "number", "parcel",
    "land_use", "legal_area_m2", "area_m2", "area_by_type", "place", "index",
)  # fmt: skip
"""Fields that a column can be, in the order in which they are offered."""
ASKED = ("legal_area_m2", "land_use", "unit", "identity_number")
"""Fields that a list may lack, and that are asked about where several columns fit them alike."""
NEEDED = ("full_name", "sheet", "number", "area_m2")
_RULES = (
    ("index", r"^(stt|tt|so tt|so thu tu|no)$", 9, None),
    ("family_name", r"^ho( va)? (ten )?(dem|lot)|^ho$", 9, None),
    ("spouse", r"(ho (va )?)?ten (vo|vo chong|nguoi vo|vo hoac chong)$|^vo( chong)?$", 9, None),
    ("place", r"^(dia chi\b|vi tri|dia diem).*(thua|khu dat|dat)|address of (the )?(land|parcel)", 9, None),
    ("address", r"\bdia chi\b|noi o|thuong tru|address", 6, None),
    (
        "identity_number", r"cccd|cmnd|can cuoc|dinh danh|ma so thue|so giay to|identity|id number", 8,
        r"ngay cap|noi cap",
    ),
    ("phone", r"dien thoai|\bsdt\b|phone", 8, None),
    ("parcel", r"\bto\b.*\bthua\b|\bthua\b.*\bto\b|sheet.*parcel|parcel.*sheet|^parcels$", 8, r"\bdia chi\b|tong so"),
    ("sheet", r"\bto\b|\bsheet\b|^tbd( so)?$", 6, r"to chuc|to khai|so to giay|\btong so\b"),
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
        r"ten (xa|thon|du an|cong trinh|duong)|xu dong|vo chong|^ho (va )?ten vo|dien tich|(chu|nguoi) .*ky",
    ),
)  # fmt: skip
_AREA = r"dien tich|\bdt\b|\barea\b|\bm2\b|\bha\b"
_RECOVERED = r"thu hoi|recover|chiem dung|vinh vien|giai phong|\bgpmb\b|anh huong|giai toa"
_BARE = re.compile(
    r"\b(?:thu hoi|recover(?:ed)?|giai phong|mat bang|gpmb|anh huong|giai toa|dat|bi|phan|pham vi|cua|du an|to be|to)\b"
)
_NO_AREA = (
    r"ty le|phan tram|con lai|ngoai|\bngay\b|\bly do\b|hinh thuc|\bdon gia\b|thanh tien|kinh phi|boi thuong|remain|"
    r"\bsau (?:khi )?(?:bi )?thu hoi\b|"
    r"\bnam thu hoi\b|"
    # land for a time only, which is given back, is not recovered
    r"\btam (?:thoi|muon|thue|giao|dung|su dung|chiem|trung dung)\b|(?<!trung )\btam(?= m2\b| ha\b|$)|\btemporar|"
    r"\bmuon\b|\bthi cong\b|\btrung dung\b"
)
_PAPER = r"quyet dinh|\bqd\b|thong bao|\btb\b|van ban|\bso\b"
_LEGAL = r"thua|phap ly|\bgcn\b|giay|hien trang|do dac|thuc te|tong|nguyen thua|ban do|legal"
KINDS = {
    "ho gia dinh": "household", "ho": "household", "hgd": "household", "ho gd": "household", "gdc": "household",
    "ho gia dinh ca nhan": "household", "ho gd cn": "household", "ubnd": "organisation",
    "co so ton giao": "organisation", "to chuc ton giao": "organisation",
    "household": "household", "ca nhan": "individual",
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
    if re.search(r"\btruoc (?:khi )?(?:bi )?thu hoi\b", whole):
        return [Fit("legal_area_m2", 7 + more)]
    area, recovered = re.search(_AREA, whole), re.search(_RECOVERED, whole)
    if recovered and re.search(_PAPER, whole) and not re.search(r"dien tich|\bdt\b|\barea\b|\bm2\b|\bha\b", whole):
        return []
    if re.search(_RECOVERED, said) or (recovered and re.search(_AREA, said)):
        if area or not _BARE.sub("", said).strip():
            return [Fit("area_m2", (9 if area else 5) + more)]
        return []  # “Đợt thu hồi”, “Số thửa thu hồi” are no areas
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
    assign(head, (*NEEDED, *ASKED, "area"), chosen)
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
    if not by_type and head.of("area_m2") is None and "area_m2" not in head.asked:
        areas = [column for column in head.columns if column.place not in chosen
                 and any(fit.field == "legal_area_m2" for fit in column.fits)]  # fmt: skip
        if len(areas) > 1:  # of the certificate, and as measured: one of them may be what is recovered
            head.asked["area_m2"] = areas
            head.asked.pop("legal_area_m2", None)
    return by_type


def beside(head: Head, chosen: dict[int, str]) -> tuple[Column, Column] | None:
    """Give the first columns of two lists that stand side by side; None where there is one list."""
    places: dict[str, list[Column]] = {}
    for column in head.columns:
        if column.place not in chosen and column.fits:
            places.setdefault(column.fits[0].field, []).append(column)
    twice = [columns for name, columns in places.items() if len(columns) > 1 and name in ("index", *NEEDED, "area")]
    if len(twice) < _TWICE or max(columns[0].place for columns in twice) > min(columns[1].place for columns in twice):
        return None
    return min((c[0] for c in twice), key=lambda c: c.place), min((c[1] for c in twice), key=lambda c: c.place)


_TWICE = 3
"""Fields that two lists side by side have twice."""


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


def area_in_any_unit(text: str) -> Decimal | None:
    """Read an area whose unit is not said yet, as it stands, to be looked at alone; 0 for what is no number."""
    try:
        value = entry.decimal("area_m2", number_and_unit(text, "area")[0], 6)
    except GisError:
        return Decimal(0)
    return value and value.quantize(Decimal("0.01"))


def takes_sheet_too(head: Head, rows: Sequence[Sequence[str]]) -> None:
    """Take the column of numbers for one of sheets and numbers where its cells say both: *tờ 201, thửa 1*."""
    column = head.of("number")
    if column is None or head.of("sheet") or "sheet" in head.asked:
        return
    said = [plain(row[column.place]) for row in rows[head.bottom + 1 :] if row[column.place]]
    if any(re.search(r"\bto\b", text) and re.search(r"\bthua\b", text) for text in said):
        column.field = "parcel"


def place_of(parcel: NewParcel | Standing) -> tuple[str, str, str]:
    """Give unit, sheet and number of a parcel however a list writes them: 071/01 is 71/1."""
    sheet, number = (part.casefold().lstrip("0") for part in (parcel.sheet, parcel.number))
    return parcel.unit, sheet, number


def sheet_and_number(text: str, heading: str) -> tuple[str, str]:
    """Take a parcel in one cell apart: 71/15, tờ 71 thửa 15, in the order of the heading.

    Raises
    ------
    BadParameter
    """
    refuse_day(text, "number")
    bare = plain(text)
    on_sheet, of_number = re.search(r"\bto\D*(\d\w*)", bare), re.search(r"\bthua\D*(\d\w*)", bare)
    if on_sheet and of_number:
        return on_sheet[1], of_number[1]
    met = re.fullmatch(r"\s*([^\s/,;–-]+)\s*[/,;–-]\s*([^\s,;]+)\s*", text)
    if met is None or several(text):
        raise BadParameter("“%(value)s” is not sheet and parcel as in 71/15.", parameter="number", value=text[:40])
    words = plain(heading).split()
    turned = "thua" in words and "to" in words and words.index("thua") < words.index("to")
    first, second = (met[2], met[1]) if turned else (met[1], met[2])
    return one_number("sheet", first), one_number("number", second)


def offers(field: str, text: str, above: str = "") -> list[str]:
    """Give what a cell that was refused may have been meant as, for a person to choose; `above` is the cell over it."""
    text = text.strip()
    if is_ditto(text):
        return [above] if above else []
    if field in ("identity_number", "sheet", "number", "phone") and (digits := with_zeros(text)) != text:
        return [digits]
    if field == "phone":
        digits = re.sub(r"\D", "", text)
        return [f"0{digits}"] if re.fullmatch(r"[1-9]\d{8}", digits) else []
    if field == "full_name" and (bare := without_number(text)) and bare != text:
        return [bare]
    if field == "land_use":
        return offered(text)
    if field == "identity_number" and (one := re.findall(r"(?<!\d)(?:\d{12}|\d{9})(?!\d)", text)) and one != [text]:
        return list(dict.fromkeys(one))
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
