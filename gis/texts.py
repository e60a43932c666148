"""Texts as they are kept, whatever door they came through."""

import json
import re
import unicodedata
from urllib.parse import unquote_to_bytes

from gis import letters
from gis.errors import BadParameter
from gis.marks import is_nothing, refuse_marks

WORD_BREAK = "\x0b"
"""How Word writes a line that breaks within a paragraph."""
TURNED = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Letters that turn the direction of others: what is shown is not what stands there."""
_UNDECODED = re.compile(r"(?:%[0-9A-F]{2}){2,}")
"""Bytes of a form that are no letters stay so."""
ONE_LINE = 500
"""Letters up to which a text is a line: a name, an address, a number. Longer ones are reasons and notes."""


def clean_text(value: str | None, name: str, most: int, *, needed: bool = True) -> str | None:
    """Give a text as it is kept, whatever door it came through; None for an empty one that is not needed.

    It is in Unicode (NFC), without what nobody sees and without blanks around it; a line (`ONE_LINE`) has one blank
    between its words, and a dash that stands for nothing is nothing.

    Raises
    ------
    BadParameter
        For an empty text that is needed, one longer than `most` letters, control characters, old letters, and a mark
        for *as above* in place of a value.
    """
    text = bare(value, name, most)
    if most <= ONE_LINE:
        text = " ".join(letters.typed(text, name).split())
        refuse_marks(text, name)
        text = "" if is_nothing(text) else text
    else:
        text = letters.typed(text, name)
    if needed and not text:
        raise BadParameter("“%(name)s” must be given.", parameter=name, name=name)
    return text or None


def as_sent(value: object) -> str:
    """Write a value of another kind than is needed as who sent it has it, for messages: true, not True."""
    return json.dumps(value) if isinstance(value, bool | list | dict) else str(value)[:40]


def bare(value: str | None, name: str, most: int) -> str:
    """Give a text in NFC without blanks around it, short enough and without control characters.

    Raises
    ------
    BadParameter
    """
    for ended in ("\r\n", "\r", WORD_BREAK):
        value = (value or "").replace(ended, "\n")
    value = unicodedata.normalize("NFC", value.strip())
    if len(value) > most:
        raise BadParameter("“%(name)s” is longer than %(most)s letters.", parameter=name, name=name, most=most)
    if any(
        (ord(letter) < 32 and letter not in "\n\t") or "\x7f" <= letter < "\xa0" or "\ud800" <= letter < "\ue000"
        or letter in TURNED for letter in value
    ) or any(_is_broken(unquote_to_bytes(met[0])) for met in _UNDECODED.finditer(value)):  # fmt: skip
        raise BadParameter("“%(name)s” holds control characters.", parameter=name, name=name)
    return value


def _is_broken(sent: bytes) -> bool:
    """Tell bytes that are no text in UTF-8, such as half of a letter."""
    try:
        sent.decode()
    except UnicodeDecodeError:
        return True
    return False
