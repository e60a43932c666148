"""Numbers of documents as people write them: `82/CT`, ` 82 /ct`, `082-CT`, `Số 82/CT` are one."""

import re
import unicodedata
from datetime import date

_PART = re.compile(r"\d+|[^\W\d_]+")


def spelled(number: str) -> tuple[str, ...]:
    """Give what a number consists of: its figures without zeros before them, its letters without marks.

    >>> spelled("Số 082 / QĐ-UBND")
    ('82', 'qd', 'ubnd')
    """
    plain = unicodedata.normalize("NFKD", number).casefold().replace("đ", "d")
    plain = "".join(letter for letter in plain if unicodedata.category(letter) not in ("Mn", "Cf"))
    parts = tuple(part.lstrip("0") or "0" if part.isdigit() else part for part in _PART.findall(plain))
    return parts[1:] if parts[:1] == ("so",) and len(parts) > 1 else parts


def same(number: str, issued_on: date | None, other: str, other_issued_on: date | None) -> bool:
    """Tell whether two numbers are of one document: two days of issue that differ tell two documents apart."""
    return (spelled(number) or number) == (spelled(other) or other) and (
        issued_on is None or other_issued_on is None or issued_on == other_issued_on
    )
