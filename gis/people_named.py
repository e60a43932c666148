"""Texts that anybody may read name no person: no identity number, no telephone, no household.

What is written of one household belongs to its case, where those alone who may have personal data read it.
"""

import re
import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from gis.errors import BadParameter
from gis.holder_names import PERSONS
from gis.model import Case, Holder, HolderIdentity
from gis.whose import people, tone_last

_NUMBER = re.compile(
    r"(?<![\d.,/])(?:\d{12}|\d{3} \d{3} \d{3} \d{3}|\d{9}(?!\s*(?:đồng|đ\b|vnđ|vnd|m2|m²))|"
    r"(?:\+84[ .-]?|0)\d{2,3}[ .-]?\d{3}[ .-]?\d{3,4})(?![\d/]|[.,]\d)",
    re.IGNORECASE,
)
_CAPITAL = r"[A-ZÀ-ỸĐ][^\W\d_]*"
_HOUSEHOLD = re.compile(
    rf"\b[Hh](?:ộ|Ộ)(?:\s+gia\s+đình)?\s+(?:(?:(?:các\s+)?(?:ông|bà|anh|chị|cụ|cô|Ông|Bà|ÔNG|BÀ)[\s,/]+)+{_CAPITAL}|"
    rf"{_CAPITAL}\s+{_CAPITAL})(?:\s+{_CAPITAL})*"
)
_LEAST = 2
"""Words of a name that is looked for: one alone is a word of many texts."""


def refuse_numbers(text: str | None, name: str) -> None:
    """Refuse the number of an identity card or a telephone in a text that anybody may read.

    Raises
    ------
    BadParameter
    """
    if met := _NUMBER.search(text or ""):
        raise BadParameter(
            "“%(value)s” looks like the number of a person or a telephone, and others may read this text: take it "
            "out. Such numbers belong to the holder of a case.",
            parameter=name, value=met[0],
        )  # fmt: skip


def refuse(session: Session, project_id: int | None, text: str | None, name: str, *, has_case: bool = False) -> None:
    """Refuse a text that anybody may read and that names a person: ask of which case it is.

    Parameters
    ----------
    session : Session
        Names of holders are looked for as far as its reader may have them.
    project_id : int or None
    text : str or None
    name : str
        Of the field.
    has_case : bool
        Whether the entry can be given a case, which keeps its text from others.

    Raises
    ------
    BadParameter
    """
    if not text:
        return
    refuse_numbers(text, name)
    met = _HOUSEHOLD.search(text)
    found = met[0] if met else _holder_in(session, project_id, text)
    if found and has_case:
        raise BadParameter(
            "“%(value)s” names a person, and others may read this text: of which case is it? Give the code of the "
            "case, then only those who may have its personal data read it; or write it without the name.",
            parameter=name, value=found[:80],
        )  # fmt: skip
    if found:
        raise BadParameter(
            "“%(value)s” names a person, and others may read this text: write it without the name, by the code of "
            "the case.",
            parameter=name, value=found[:80],
        )  # fmt: skip


def _holder_in(session: Session, project_id: int | None, text: str) -> str | None:
    """Find the name of a holder of the project in a text."""
    if project_id is None:
        return None
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).casefold())
    said = f" {' '.join(map(tone_last, words))} "
    names = session.scalars(
        select(HolderIdentity.full_name)
        .join(Holder, Holder.id == HolderIdentity.holder_id)
        .join(Case, Case.holder_id == Holder.id)
        .where(Case.project_id == project_id, Holder.kind.in_(PERSONS), HolderIdentity.full_name.is_not(None))
    )
    for full_name in names:
        for one in people(full_name):
            if len(one.split()) >= _LEAST and f" {one} " in said:
                return full_name
    return None
