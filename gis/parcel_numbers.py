"""Numbers of map sheets, parcels and plots as people write them: one in a cell, whatever door it comes through."""

import re

from gis.errors import BadParameter
from gis.texts import clean_text

_SEVERAL = re.compile(r"\d\s*(?:[,;+&\n_~→>]|\.{2,}|…|\bvà\b|\bva\b|\bđến\b|\bden\b|–|—)\s*\d|\d\s+\d", re.IGNORECASE)
_YEAR = r"(?:19|20)\d{2}"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?|(?:thg|th(?:á|a)ng|th)\s?\.?(?P<number>\d{1,2})"
_DAYS = (
    re.compile(rf"(?P<day>\d{{1,2}})[/.-](?P<month>\d{{1,2}})[/.-]{_YEAR}(?:[\sT].*)?"),
    re.compile(rf"{_YEAR}[/.-](?P<month>\d{{1,2}})[/.-](?P<day>\d{{1,2}})(?:[\sT].*)?"),
    re.compile(r"(?P<day>\d{2})[/-](?P<month>0\d|1[0-2])[/-]\d{2}"),
    re.compile(rf"(?P<day>\d{{1,2}})[\s/.-](?P<name>{_MONTH})(?:[\s/.-](?:\d{{2}}|{_YEAR}))?", re.IGNORECASE),
    re.compile(rf"(?P<name>{_MONTH})[\s/.-](?P<day>\d{{2}}|{_YEAR})", re.IGNORECASE),
)
"""As spreadsheets write a day that they made of a number: 12/05/2026, 2026-05-12, 12/05/26, 12-May, 12-Thg5, May-26."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MORE = r"(?!(?:khu|dãy|khối|block|tờ)\b)(?:(?:lô|ô|thửa|nền|số)\s*)?[^\W\d_]{0,4}[ .-]?\d"
_SEVERAL_NAMES = re.compile(
    rf"\d[^\W\d_]?\s*(?:[;,+&\n_~→÷]|\.{{2,}}|…|–|—)\s*{_MORE}|\s(?:và|đến|tới)\s|\d[^\W\d_]?\s+[^\W\d_]*\d|"
    r"^\s*(?:từ\s|\d+\s*(?:lô|ô|thửa|nền)(?!\w)|[^\W\d_]{1,2}(?:\s*[,;]\s*[^\W\d_]{1,2})+\s*$)",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"(?P<letters>(?:[^\W_]+[-.])?[^\W\d_]*[ .]?)(?P<first>\d+)\s*-\s*(?P=letters)(?P<last>\d+)", re.IGNORECASE
)
_LABELLED = re.compile(r"^['’]|^(?:tờ(?: bản đồ)?|thửa(?: đất)?|số)(?!\w)(?: số)?\s*:?\s*|[\s.,;:]+$", re.IGNORECASE)
_ONE = re.compile(r"[A-ZĐ]{0,5}[-.]?\d{1,6}[A-ZĐ]{0,2}(?:[/(]\d{1,5}[A-ZĐ]?\)?)?", re.IGNORECASE)
_PARTED = re.compile(r"(\d{1,6})[.-](\d{1,5})[A-ZĐ]?", re.IGNORECASE)
_LETTER_O = re.compile(r"(?<=\d)[OoОо]|[OoОо](?=\d)")
LONGEST = 20


def one_number(name: str, text: str) -> str:
    """Take the number of a sheet or a parcel: one, as 15/2, not several in a cell, and no day made of it.

    Raises
    ------
    BadParameter
    """
    text = text.strip()
    while (bare := _LABELLED.sub("", text)) != text:
        text = bare
    refuse_day(text, name)
    if several(text):
        raise BadParameter(
            "“%(value)s” is more than one in a cell: give each parcel a row of its own, with its own area.",
            parameter=name, value=text[:40],
        )  # fmt: skip
    if (digits := with_zeros(text)) != text:
        raise letter_o(name, text, digits)
    return re.sub(r"(?<=\d)[.,]0+$", "", re.sub(r"\s*([/(-])\s*|(?<=\d)\s+(?=[A-ZĐa-zđ]$)", r"\1", text))


def refuse_day(text: str, name: str) -> None:
    """Refuse a day that a spreadsheet made of the number of a parcel, or of a sheet and a parcel: 15/2.

    Raises
    ------
    BadParameter
    """
    met = next((met for pattern in _DAYS if (met := pattern.fullmatch(text.strip()))), None)
    if met is None:
        return
    parts = met.groupdict()
    said = (parts.get("name") or "").casefold()
    month = int(parts.get("month") or parts.get("number") or (_MONTHS.index(said[:3]) + 1))
    day = int(parts["day"])
    if month not in range(1, 13) or (day > 31 and not said):
        return
    raise BadParameter(
        "“%(value)s” is a day: the spreadsheet made it of a number such as %(number)s. Write the number as text.",
        parameter=name, value=text.strip()[:40],
        number=f"{day}/{month}" if met.re is not _DAYS[-1] else f"{month}/{day % 100}",
    )  # fmt: skip


def refuse_several_names(text: str, name: str) -> None:
    """Refuse several things of a kind that are named in one field: LK11, LK12; LK01-LK10; ô 1 đến ô 5.

    LK1-05 is one: the fifth of a block.

    Raises
    ------
    BadParameter
    """
    met = _RANGE.fullmatch(text.strip())
    if _SEVERAL_NAMES.search(text) or (met and int(met["first"]) < int(met["last"])):
        raise BadParameter(
            "“%(value)s” is more than one: give each an entry of its own, with its own area. If it is the name of one, "
            "write it with a point: %(dotted)s.",
            parameter=name, value=text.strip()[:40],
            dotted=re.sub(r"\W+", ".", text.strip())[:40] if met and not met["letters"] else "1.10",
        )  # fmt: skip


def several(text: str) -> bool:
    """Tell several numbers in one text: 1, 2; 3 và 4; 12+13; 79 80."""
    return bool(_SEVERAL.search(text))


def with_zeros(text: str) -> str:
    """Write zeros where a letter O stands among digits."""
    while (made := _LETTER_O.sub("0", text)) != text:
        text = made
    return text


def letter_o(name: str, text: str, digits: str) -> BadParameter:
    """Say that a letter O stands where a zero is meant."""
    return BadParameter(
        "“%(value)s” has a letter O among its digits: is the digit zero meant, %(digits)s?",
        parameter=name, value=text[:40], digits=digits[:40],
    )  # fmt: skip


def is_plain_number(text: str) -> bool:
    """Tell the number of a sheet or parcel that is one for certain: 15, 15/2, 15a; 75-78 may be several."""
    if not re.search(r"[1-9]", text) or text.startswith("-"):
        return False  # 0 stands for a number that is not known
    parted = _PARTED.fullmatch(text)
    return int(parted[2]) <= int(parted[1]) if parted else bool(_ONE.fullmatch(text))


def clean_number(value: str | None, name: str, *, sure: bool = False) -> str:
    """Give the number of a sheet or parcel as it is kept.

    Parameters
    ----------
    value : str or None
    name : str
        ``sheet`` or ``number``.
    sure : bool
        Whether somebody said that it is one number, as it stands.

    Raises
    ------
    BadParameter
        For none, for several in one, and, unless somebody is sure, for what may be several.
    """
    number = one_number(name, clean_text(value, name, LONGEST))
    if not number:
        raise BadParameter("“%(name)s” must be given.", parameter=name, name=name)
    if not sure and not is_plain_number(number):
        raise BadParameter(
            "“%(value)s” may be several numbers, or none: give each parcel by itself, with its own area, or say that "
            "it is one number as it stands.",
            parameter=name, value=number[:40],
        )  # fmt: skip
    return number
