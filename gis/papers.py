"""Numbers of documents as people write them: `82/CT`, ` 82 /ct`, `082-CT`, `Số 82/CT` are one."""

import re
import unicodedata
from datetime import date

from gis.errors import BadParameter
from gis.texts import clean_text

_PART = re.compile(r"\d+|[^\W\d_]+")


_LONGEST = 200
_SEVERAL = re.compile(
    r"\d\s*[/\\]\s*[^\W\d_].*?[\s;,&+].*?\d\s*[/\\]\s*[^\W\d_]|\d\s*(?:[;,&+]|\bvà\b)\s*\d+\s*[/\\]", re.IGNORECASE
)
_DAY = re.compile(r"\bngày\s*\d|(?<!\d)\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*(?:19|20)\d{2}(?!\d)", re.IGNORECASE)


def clean_number(number: str) -> str:
    """Give the number of a document as it is kept.

    Raises
    ------
    BadParameter
        For none, several documents in one, and a day beside the number: the same document would be two.
    """
    text = clean_text(number, "document", _LONGEST)
    if _SEVERAL.search(text):
        raise BadParameter(
            "“%(number)s” is more than one document: give the one it rests on, and record the others with what rests "
            "on them.", parameter="document", number=text[:80],
        )  # fmt: skip
    if _DAY.search(text):
        raise BadParameter(
            "“%(number)s” holds a day: write the number alone, and the day in its own field.", parameter="document",
            number=text[:80],
        )  # fmt: skip
    return text


def spelled(number: str) -> tuple[str, ...]:
    """Give what a number consists of: its figures without zeros before them, its letters without marks.

    >>> spelled("Số 082 / QĐ-UBND")
    ('82', 'qd', 'ubnd')
    """
    plain = unicodedata.normalize("NFKD", number).casefold().replace("đ", "d")
    plain = "".join(letter for letter in plain if unicodedata.category(letter) not in ("Mn", "Cf"))
    parts = tuple(part.lstrip("0") or "0" if part.isdigit() else part for part in _PART.findall(plain))
    return parts[1:] if parts[:1] == ("so",) and len(parts) > 1 else parts


def known_by(number: str) -> tuple[str, ...]:
    """Give what numbers are compared by: what one consists of, or itself where it has neither figures nor letters."""
    return spelled(number) or (number,)


def same(number: str, issued_on: date | None, other: str, other_issued_on: date | None) -> bool:
    """Tell whether two numbers are of one document: two days of issue that differ tell two documents apart."""
    return known_by(number) == known_by(other) and (
        issued_on is None or other_issued_on is None or issued_on == other_issued_on
    )


def issuers_differ(issuer: str | None, other: str | None) -> bool:
    """Tell whether two issuers are two: both are said, and in other words than capitals, blanks and marks."""
    return None not in (issuer, other) and known_by(issuer) != known_by(other)
