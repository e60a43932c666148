"""Numbers of map sheets and parcels as people write them: one in a cell, whatever door it comes through."""

import re

from gis.errors import BadParameter
from gis.texts import clean_text

_SEVERAL = re.compile(r"\d\s*(?:[,;+&\n_~→>]|\.{2,}|…|\bvà\b|\bva\b|\bđến\b|\bden\b|–|—)\s*\d|\d\s+\d", re.IGNORECASE)
_DAY = re.compile(r"\d{2}/\d{2}/\d{4}")
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
    if several(text):
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
    if (digits := with_zeros(text)) != text:
        raise letter_o(name, text, digits)
    return re.sub(r"(?<=\d)[.,]0+$", "", re.sub(r"\s*([/(-])\s*|(?<=\d)\s+(?=[A-ZĐa-zđ]$)", r"\1", text))


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
