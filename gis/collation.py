"""The order of Vietnamese dictionaries: by letters (a ă â b c d đ e ê …), and of words alike in them by their tones."""

import unicodedata

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"
"""Grave, hook, tilde, acute, dot below: the order in which dictionaries put them, after no tone."""
_RANK = {letter: number for number, letter in enumerate(_LETTERS, 100)}


def vietnamese_order(text: str) -> tuple:
    """Give what a list of Vietnamese names is sorted by.

    >>> sorted(["Công viên", "Đường", "Cải tạo", "Dự án"], key=vietnamese_order)
    ['Cải tạo', 'Công viên', 'Dự án', 'Đường']
    """
    letters, tones = [], []
    for letter in unicodedata.normalize("NFC", text).casefold():
        parts = unicodedata.normalize("NFD", letter)
        tone = next((mark for mark in parts if mark in _TONES), "")
        bare = unicodedata.normalize("NFC", parts.replace(tone, "")) if tone else letter
        letters.append(_RANK.get(bare, 99 if bare.isspace() else ord(bare[0]) if ord(bare[0]) < 97 else 1000))
        tones.append(_TONES.find(tone) + 1 if tone else 0)
    return tuple(letters), tuple(tones), text
