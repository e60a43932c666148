"""Find a project, a unit, a parcel or a document by what people type: any spelling, no diacritics needed.

Names are never guessed from: four old units were called Chi Lăng, so every hit is given with what tells it apart.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

from sqlalchemy import text
from sqlalchemy.orm import Session

from gis.crs import VN2000_PINNED, WGS84
from gis.errors import BadParameter

LONGEST = 200
"""Characters: longer words are refused, no name or number is that long."""

MOST = 20

_STATEMENT = text((files("gis") / "search.sql").read_text("utf-8"))

# A sheet may carry letters (DC5), a number has a digit. “0211/2024/QĐ” is a document's number, not a parcel's.
_SHEET, _NUMBER = r"(?P<sheet>[^\s/,;]+)", r"(?P<number>[^\s/,;]*\d[^\s/,;]*)"
_SHEET_WORD, _NUMBER_WORD = r"t[oờ](?:\s+b[aả]n\s+đ?d?[oồ])?(?:\s+s[oố])?", r"th[uử]a(?:\s+đ?d?[aấ]t)?(?:\s+s[oố])?"
_PARCEL_FORMS = tuple(
    re.compile(rf"\s*{form}(?:[\s,;]+(?P<unit>.*))?", re.IGNORECASE | re.DOTALL)
    for form in (
        rf"(?:{_SHEET_WORD}\s+)?{_SHEET}\s*/\s*(?:{_NUMBER_WORD}\s+)?{_NUMBER}",
        rf"{_SHEET_WORD}\s+{_SHEET}[\s,;]+{_NUMBER_WORD}\s+{_NUMBER}",
        rf"{_NUMBER_WORD}\s+{_NUMBER}[\s,;]+{_SHEET_WORD}\s+{_SHEET}",
    )
)


@dataclass(frozen=True)
class Hit:
    """Something found, with what tells it from others of the same name. A document has a hit per project."""

    kind: str
    """``unit``, ``project``, ``parcel`` or ``document``."""
    key: str
    """Slug, code, id of the affected parcel, id of the document."""
    name: str
    """Of a parcel ``sheet/number``, of a document its number."""
    within: str | None
    """The unit above a unit, the main commune of a project on the day, the unit that numbered a parcel."""
    project: str | None
    """Code of the project it is or concerns; None for units and for documents that concern none."""
    project_name: str | None
    unit_kind: str | None
    valid_from: date | None
    valid_to: date | None
    """The first day on which a unit no longer stands; None while it does."""
    document_kind: str | None
    issued_on: date | None
    issuer: str | None
    day: date
    """The day asked about, or the nearest one on which there is something to see."""
    bounds: tuple[float, float, float, float] | None
    """West, south, east, north in WGS 84; None without any outline."""


@dataclass(frozen=True)
class Results:
    """The best hits, and how much was found in all."""

    hits: tuple[Hit, ...]
    shown: int
    """Things shown: a document that concerns two projects is one."""
    found: int
    """Things found; more than `shown` when the list was cut."""


def search(session: Session, words: str, *, day: date, records: bool, most: int = MOST) -> Results:
    """Find what words name, best first, in one statement.

    Every word must stand in the name, the code or the number, in any order, the last one may be unfinished; neither
    diacritics nor case, punctuation or leading zeros count. “5/85” and “tờ 5 thửa 85”, with or without a commune after
    it, name parcels. Documents are found by words that hold a digit.

    Parameters
    ----------
    session : Session
    words : str
    day : date
        What stands on it comes first; each hit says on which day, as near to it as can be, it is to be seen.
    records : bool
        Whether parcels and documents are looked at too.
    most : int
        Things to show at most; `Results.found` counts those left out too.

    Returns
    -------
    Results
        Empty when nothing is found, and when the words hold neither a Latin letter nor a digit.

    Raises
    ------
    BadParameter
        If the words are empty or longer than `LONGEST`.
    """
    words = unicodedata.normalize("NFC", words.strip())
    if not words:
        raise BadParameter("Write what to look for: a name, a sheet/parcel number or a document number.", parameter="q")
    if len(words) > LONGEST:
        raise BadParameter("That is too long to look for: %(most)s characters at most.", parameter="q", most=LONGEST)
    sheet, number, unit = parcel_asked(words) or (None, None, "")
    rows = session.execute(
        _STATEMENT,
        {"words": words, "sheet": sheet, "number": number, "numbered_in": unit, "records": records, "day": day,
         "most": most, "pinned": VN2000_PINNED, "wgs84": WGS84},
    ).all()  # fmt: skip
    return Results(
        tuple(_hit(row, day) for row in rows),
        shown=len({(row.kind, row.key) for row in rows}),
        found=rows[0].found if rows else 0,
    )


def parcel_asked(words: str) -> tuple[str, str, str] | None:
    """Read words as a parcel.

    Parameters
    ----------
    words : str
        Such as ``5/85``, ``5/85 Hoàng Đồng``, ``tờ bản đồ số 5, thửa 85`` or ``thửa 85 tờ 5``; composed (NFC).

    Returns
    -------
    tuple of str or None
        Sheet, number and the words of the unit (empty when none is named); None when they name no parcel.
    """
    for form in _PARCEL_FORMS:
        read = form.fullmatch(words)
        if read:
            return read["sheet"], read["number"], (read["unit"] or "").strip()
    return None


def _hit(row, day: date) -> Hit:
    sides = (row.west, row.south, row.east, row.north)
    return Hit(
        row.kind, row.key, row.name, row.within, row.project, row.project_name, row.unit_kind,
        row.valid_from, row.valid_to, row.document_kind, row.issued_on, row.issuer,
        day=_day_to_see(row, day),
        bounds=None if row.west is None else tuple(round(side, 6) for side in sides),
    )  # fmt: skip


def _day_to_see(row, day: date) -> date:
    """Give the day itself where the thing can be seen on it, else the first or last day on which it can."""
    begins = max(begin for begin in (day, row.valid_from, row.registered_on, row.issued_on) if begin)
    return begins if row.valid_to is None else min(begins, row.valid_to - timedelta(days=1))
