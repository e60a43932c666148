"""Marks that stand in place of a value: *as above*, the errors of spreadsheets, dashes for nothing."""

import re

from gis.errors import BadParameter

_DITTO = re.compile(
    r"(?:n[./]?\s?t\.?|"
    r"(?:cũng )?(?:như|nhu|giống|giong)(?: \S+){0,2} (?:trên|tren)|trên|ditto|''|,,|//|[\"“”〃″'’`´]+)",
    re.IGNORECASE,
)
_AROUND = " \t\n-–—.()[]*"
_ERROR = re.compile(r"#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)|#{2,}", re.IGNORECASE)
_NOTHING = re.compile(r"[-–—−.…_\s]+")


def is_ditto(text: str) -> bool:
    """Tell a mark that stands for what is written above: nt, -nt-, như trên, "."""
    return bool(_DITTO.fullmatch(" ".join(text.split()).strip(_AROUND)))


def is_error(text: str) -> bool:
    """Tell what a spreadsheet shows in place of a value: #N/A, #REF!, ####."""
    return bool(_ERROR.fullmatch(text.strip()))


def is_nothing(text: str) -> bool:
    """Tell a dash or dots that stand for nothing."""
    return bool(_NOTHING.fullmatch(text))


def refuse_marks(value: str, name: str) -> None:
    """Refuse a mark in place of a value.

    Raises
    ------
    BadParameter
    """
    if is_ditto(value):
        raise BadParameter(
            "“%(value)s” says “as above”: write here what is meant, word for word.",
            parameter=name, value=" ".join(value.split())[:40],
        )  # fmt: skip
    if is_error(value):
        raise BadParameter(
            "“%(value)s” is what a spreadsheet shows in place of a value: write the value.",
            parameter=name, value=value.strip()[:40],
        )  # fmt: skip
