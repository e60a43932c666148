"""Whole numbers in Vietnamese words, as documents write amounts out: *một triệu không trăm linh năm nghìn đồng*.

num2words was tried: it skips what stands empty inside a number (1.000.015 becomes “một triệu lẻ mười lăm”) and reads
10¹⁵ as “một trăm nghìn tỷ”.
"""

import re
import unicodedata

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_READ = {word: n for n, word in enumerate(DIGITS)} | {"mốt": 1, "tư": 4, "lăm": 5, "nhăm": 5, "bẩy": 7}
_POWERS = {"nghìn": 10**3, "ngàn": 10**3, "triệu": 10**6}
_BILLION = 10**9
_SILENT = {"linh", "lẻ", "đồng", "chẵn", "và", "việt", "nam"}


def in_words(number: int) -> str:
    """Write a whole number in words, as it is said in the North: *linh*, *mốt*, *tư*, *lăm*, *nghìn*.

    Parameters
    ----------
    number : int
        From 0 up to below 10¹⁸.

    Raises
    ------
    ValueError
        Outside that range.
    """
    if not 0 <= number < _BILLION**2:
        raise ValueError(number)
    if number == 0:
        return DIGITS[0]
    billions, rest = divmod(number, _BILLION)
    said = [*_below_billion(billions, full=False), "tỷ"] if billions else []
    return " ".join([*said, *_below_billion(rest, full=bool(billions))])


def amount_in_words(amount_vnd: int) -> str:
    """Write an amount as documents do: the first letter large, *đồng* at the end."""
    said = in_words(amount_vnd)
    return f"{said[0].upper()}{said[1:]} đồng"


def _below_billion(number: int, *, full: bool) -> list[str]:
    """Say millions, thousands and the rest; groups of zeros are left out, the first is said without leading zeros."""
    said: list[str] = []
    for power, name in ((10**6, "triệu"), (10**3, "nghìn"), (1, "")):
        group = number // power % 1000
        if group:
            said += [*_group(group, full=full or bool(said)), *([name] if name else [])]
    return said


def _group(number: int, *, full: bool) -> list[str]:
    """Say a number of up to three digits; in full, *không trăm* and *linh* hold the places of zeros."""
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    said = [DIGITS[hundreds], "trăm"] if hundreds or full else []
    if tens == 0 and ones:
        said += ["linh"] if said else []
    elif tens == 1:
        said.append("mười")
    elif tens:
        said += [DIGITS[tens], "mươi"]
    if ones:
        special = {1: "mốt", 4: "tư"} if tens > 1 else {}
        special |= {5: "lăm"} if tens else {}
        said.append(special.get(ones, DIGITS[ones]))
    return said


def number_of(words: str) -> int | None:
    """Read a number written in words, in whichever way it is said; None for words that are no number.

    Parameters
    ----------
    words : str
        *Hai mươi mốt triệu đồng chẵn*; case, punctuation and *đồng* do not matter.
    """
    tokens = re.findall(r"\w+", unicodedata.normalize("NFC", words).lower().replace("tỉ", "tỷ"))
    whole = section = group = 0
    digit: int | None = None
    met = False
    for token in tokens:
        if token in _SILENT:
            continue
        met = True
        if token in _READ:
            if digit is not None:
                return None
            digit = _READ[token]
        elif token == "mười" and digit is None:
            group += 10
        elif token in ("mươi", "trăm") and digit is not None:
            group, digit = group + digit * (10 if token == "mươi" else 100), None
        elif token in _POWERS or token == "tỷ":
            group, digit = group + (digit or 0), None
            if token == "tỷ":
                whole, section = (whole + section + group) * _BILLION, 0
            else:
                section += group * _POWERS[token]
            group = 0
        else:
            return None
    return whole + section + group + (digit or 0) if met else None
