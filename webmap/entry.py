"""What people write on forms, read the Vietnamese way: `6.257,67` m², `20.000` đồng, `24/10/2022`.

Each reader gives a value, or None for an empty field, and raises `BadParameter` with the field's name. What could be
read in two ways is asked about, never guessed. Programs do not write so: they send JSON values.
"""

import re
from datetime import date
from decimal import Decimal

from gis.errors import BadParameter, Written
from gis.exchange import headings

_MOST_DIGITS = 18
_UNIT = re.compile(r"(?:m²|m2|đồng|đ|₫|vnđ|vnd)$", re.IGNORECASE)
_DAY = re.compile(r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})")
_SHORT_DAY = re.compile(r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{2})")
_ISO_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")  # what a browser's date field sends


def day(name: str, text: str | None) -> date | None:
    """Read a day, such as 24/10/2022, or 2022-10-24 as date fields of browsers send it."""
    written = (text or "").strip()
    if not written:
        return None
    if short := _SHORT_DAY.fullmatch(written):
        begins = f"{int(short['day']):02}/{int(short['month']):02}/"
        raise BadParameter(
            "“%(value)s”: write the year with four digits, %(this)s or %(before)s.",
            parameter=name, value=written, this=f"{begins}20{short['year']}", before=f"{begins}19{short['year']}",
        )  # fmt: skip
    found = _DAY.fullmatch(written) or _ISO_DAY.fullmatch(written)
    try:
        return date(*(int(found[part]) for part in ("year", "month", "day")))
    except (TypeError, ValueError):
        raise BadParameter(
            "“%(value)s” is not a day: write it as 24/10/2022.", parameter=name, value=written[:40]
        ) from None  # fmt: skip


def as_typed(text: str | None) -> str:
    """Write a day as people do, 24/10/2022, where it is one; anything else stays as it was typed."""
    try:
        found = day("day", text)
    except BadParameter:
        return text or ""
    return found.strftime("%d/%m/%Y") if found else ""


def area_m2(name: str, text: str | None) -> Decimal | None:
    """Read an area in m², to 0.01: 6.257,67, or one that says its unit: 0,05 ha."""
    bare, unit = headings.number_and_unit(text or "", "area")
    if unit is None or unit.factor == 1:
        return decimal(name, text)
    if unit.factor is None:
        raise BadParameter(
            "“%(value)s”: %(unit)s is not the same everywhere: write m².",
            parameter=name, value=_as_typed(text), unit=unit.name,
        )  # fmt: skip
    made = (decimal(name, bare, 6) or Decimal(0)) * unit.factor
    if made != made.quantize(Decimal("0.01")):
        raise BadParameter(
            "“%(value)s” comes to parts of 0,01 m²: round it.", parameter=name, value=_as_typed(text)
        )  # fmt: skip
    return made.quantize(Decimal("0.01"))


def decimal(name: str, text: str | None, places: int = 2) -> Decimal | None:
    """Read a number with decimals, at most so many.

    A point groups thousands and a comma begins the decimals. `6.257` alone may be either and is asked about;
    `6257.67` and `1.234.567` can only be one thing.
    """
    written = _bare(text)
    if not written:
        return None
    if re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", written):
        whole, rest = re.split(r"[.,]", written)
        rounded = Decimal(f"{whole}.{rest}").quantize(Decimal(1).scaleb(-places)) if places < 3 else f"{whole}.{rest}0"
        raise BadParameter(
            "“%(value)s” can be read in two ways: write %(thousands)s if thousands are meant, %(decimals)s if not.",
            parameter=name, value=written, thousands=f"{whole}{rest}", decimals=f"{rounded}".replace(".", ","),
        )  # fmt: skip
    _refuse_known(name, written, text, places=places)
    whole, comma, rest = written.partition(",")
    if not comma and re.fullmatch(rf"\d+\.\d{{1,{places}}}", written):
        whole, comma, rest = written.partition(".")
    if not (_grouped(whole) and re.fullmatch(rf"\d{{1,{places}}}" if comma else "", rest)):
        raise BadParameter(
            "“%(value)s” is not such a number: write it as 6.257,67, with at most %(places)s decimals.",
            parameter=name, value=_as_typed(text), places=places,
        )  # fmt: skip
    return Decimal(f"{whole.replace('.', '')}.{rest or '0'}").quantize(Decimal(1).scaleb(-places))


def coordinate(name: str, text: str | None) -> Decimal | None:
    """Read a plane coordinate in metres, as tables of vertices have it: 450.330, 450330,12 or 2 418 755.123.

    No coordinate here has fewer than six digits before its decimals, so that 450.330 can only be 450 330.
    """
    written = _bare(text)
    for groups, decimals in ((".", ","), (",", ".")):
        if re.fullmatch(rf"\d{{1,3}}(?:\{groups}\d{{3}})+(?:\{decimals}\d+)?", written):
            return Decimal(written.replace(groups, "").replace(decimals, ".")).quantize(Decimal("0.01"))
    if re.fullmatch(r"\d{5,8}[.,]\d{1,6}", written):
        return Decimal(written.replace(",", ".")).quantize(Decimal("0.01"))
    return decimal(name, text)


def percent(name: str, text: str | None) -> Decimal | None:
    """Read a share in per cent, with its sign or without. Anywhere else a sign of per cent is no unit: “70%” of an area
    is not 70 m²."""
    return decimal(name, (text or "").strip().removesuffix("%"))


def amount_vnd(name: str, text: str | None) -> int | None:
    """Read an amount of one case in whole đồng: 20.000 is twenty thousand, for there is nothing smaller than a đồng.

    One that says its unit is taken by it: 60 triệu. Twelve digits and more without points are refused: numbers of
    accounts and of identity cards look so.
    """
    bare, unit = headings.number_and_unit(text or "", "money")
    if unit and unit.factor != 1:
        return amount_in(name, bare, unit.factor)
    text = bare if unit else text
    _refuse_telephone(name, text)
    if re.fullmatch(r"\d{12,}", written := _bare(text)):
        raise BadParameter(
            "“%(value)s” looks like the number of an account or of a person, not like an amount. If it is one, write "
            "points between thousands: %(amount)s.",
            parameter=name, value=written[:40], amount=shown(Decimal(written[:_MOST_DIGITS])),
        )  # fmt: skip
    return whole(name, text)


def amount_in(name: str, text: str | None, factor: Decimal) -> int | None:
    """Read an amount that is written in a unit, such as nghìn đồng, in whole đồng.

    A point groups thousands of nghìn đồng as it does of đồng; `1.250` tỷ or triệu may be either and is asked about.
    """
    _refuse_telephone(name, text)
    if factor == 1:
        return whole(name, text)
    written = _bare(text)
    value = whole(name, written) if factor == 1000 and _grouped(written) else decimal(name, written, 6)
    if value is None:
        return None
    made = Decimal(value) * factor
    if made != made.to_integral_value():
        raise BadParameter("“%(value)s” is not a whole number of đồng.", parameter=name, value=written[:40])
    return int(made)


def whole(name: str, text: str | None) -> int | None:
    """Read a whole number, with or without points between thousands."""
    written = _bare(text)
    if not written:
        return None
    if not _grouped(written):
        _refuse_known(name, written, text, places=0)
        raise BadParameter(
            "“%(value)s” is not a whole number: write it as 1.500.000 or 1500000.",
            parameter=name, value=_as_typed(text),
        )  # fmt: skip
    return int(written.replace(".", ""))


def _refuse_telephone(name: str, text: str | None) -> None:
    """Refuse an amount that begins with 0: numbers of telephones and accounts do."""
    written = re.sub(r"\s", "", _bare(text))
    if re.fullmatch(r"0\d{3,}", written):
        raise BadParameter(
            "“%(value)s” begins with 0, as numbers of telephones, accounts and people do. If it is an amount, write "
            "it without: %(amount)s.",
            parameter=name, value=_as_typed(text), amount=shown(Decimal(written[:_MOST_DIGITS])),
        )  # fmt: skip


_ENGLISH = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+\.\d+|[1-9]\d{0,2}(?:,\d{3}){2,}")


def _refuse_known(name: str, written: str, text: str | None, *, places: int) -> None:
    """Refuse what is known to be meant otherwise than it can be taken, with the cure: a sign, commas of thousands.

    Raises
    ------
    BadParameter
    """
    value = _as_typed(text)
    if re.fullmatch(r"[-–—−]+", written):
        raise BadParameter("“%(value)s” is no number: leave it empty if there is none.", parameter=name, value=value)
    if re.fullmatch(r"[-–—−]\d[\d.,]*|\([-–—−]?\d[\d.,]*\)", written):
        raise BadParameter(
            "“%(value)s” is below zero: it is written without a sign or brackets. If it takes something back, void or "
            "correct the entry that was wrong.", parameter=name, value=value,
        )  # fmt: skip
    english = bool(_ENGLISH.fullmatch(written))
    if english or re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+,\d+", written):
        marks = ",." if english else ".,"
        meant = Decimal(written.replace(marks[0], "").replace(marks[1], "."))
        if meant == meant.quantize(Decimal(1).scaleb(-places)) and (english or not places):
            raise BadParameter(
                "“%(value)s”: points part thousands here. Write %(meant)s if that is meant.",
                parameter=name, value=value, meant=shown(meant),
            )  # fmt: skip


def _as_typed(text: str | None) -> str:
    return " ".join((text or "").split())[:40]


def _bare(text: str | None) -> str:
    """Take off the unit, and blanks between groups of three: 1 234 567. In “50 30 20” they part three numbers."""
    written = _UNIT.sub("", (text or "").strip()).strip()
    parts_numbers = re.search(r"\d\s+\d", written) and not re.fullmatch(
        r"\d{1,3}(?:[^\S\r\n\t]\d{3})+(?:[.,]\d*)?", written
    )
    return written if parts_numbers else re.sub(r"\s+", "", written)


def _grouped(written: str) -> bool:
    fits = re.fullmatch(r"[1-9]\d*|0{1,3}[1-9]\d{0,4}|0{1,4}|[1-9]\d{0,2}(\.\d{3})+", written, re.ASCII)
    return bool(fits) and len(written.replace(".", "")) <= _MOST_DIGITS


def shown(value: Decimal) -> str:
    """Write a number the Vietnamese way, with points between thousands: 1.234.567,8."""
    whole, _, rest = f"{value:f}".partition(".")
    grouped = re.sub(r"(?<=\d)(?=(\d{3})+$)", ".", whole)
    return Written(f"{grouped},{rest.rstrip('0')}" if rest.rstrip("0") else grouped)
