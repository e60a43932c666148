"""Whose case a line of a list means: by code, identity number, parcel or name. Nothing is guessed.

Lists of officers name people and parcels, seldom codes. Names are there to be found for who may have personal data of
the project alone (`gis.db.read_as`).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gis.errors import BadParameter, NotFound
from gis.model import AffectedParcel, Case, HolderIdentity, Parcel

_TITLES = re.compile(
    r"^(?:(?:hộ(?: gia đình)?|ông bà|ông|bà|anh|chị|cụ|cô|các ông bà)(?:\s*[:/.]\s*|\s+))+", re.IGNORECASE
)
_REMARKS = re.compile(
    r"\([^()]*\)|\[[^\[\]]*\]|"
    r"\s[-–:,]?\s*(?:(?:người )?đại diện|(?:người )?thừa kế|đã (?:chết|mất)|ủy quyền|uỷ quyền)\b.*$",
    re.IGNORECASE,
)
_AND = re.compile(
    r"[;,&+/\n]|\s[-–]\s|(?:^|\s)(?:và|cùng(?: với)?(?= (?:vợ|chồng|ông|bà|con|em)\b)|"
    r"vợ chồng|vợ(?: là)?|chồng(?: là)?)(?:\s*:)?\s",
    re.IGNORECASE,
)
_TONES = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
MOST_NAMED = 6
"""Cases that a question names."""


@dataclass(frozen=True)
class Known:
    """A case, by all that lists know it by."""

    code: str
    name: str | None
    identity_number: str | None
    parcels: tuple[str, ...]

    @property
    def told(self) -> str:
        """Name it for a person who is asked which one is meant."""
        return f"{self.code} ({', '.join(filter(None, (self.name, *self.parcels[:3])))})"


@dataclass
class Cases:
    """The cases of a project, to be found."""

    all: dict[str, Known]
    _by: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))

    def __post_init__(self):
        for one in self.all.values():
            self._by["code"][one.code.casefold()].add(one.code)
            if one.name:
                self._by["name"][same_name(one.name)].add(one.code)
                self._by["bare name"][without_marks(same_name(one.name))].add(one.code)
            if one.identity_number:
                self._by["identity"][self._key("identity", one.identity_number)].add(one.code)
            for label in one.parcels:
                self._by["parcel"][label].add(one.code)

    def holds(self, kind: str, text: str) -> bool:
        """Tell whether a text is a ``code``, ``identity``, ``parcel`` or ``name`` of some case."""
        return bool(self.codes(kind, text))

    def codes(self, kind: str, text: str) -> set[str]:
        """Give the codes of the cases that a text means; a name that a bank wrote without marks means all it fits."""
        key = self._key(kind, text)
        found = self._by[kind].get(key, set())
        return self._by["bare name"].get(key, set()) if kind == "name" and not found and key.isascii() else found

    def _key(self, kind: str, text: str) -> str:
        if kind == "name":
            return same_name(text)
        if kind == "parcel":
            return _parcel_key(text)
        if kind == "identity":
            digits = re.sub(r"[\s.]", "", text)
            return (
                digits.zfill(12 if len(digits) > 9 else 9) if digits.isdecimal() else digits
            )  # spreadsheets drop zeros
        return text.strip().casefold()

    def meant(self, line: int, **given: str | None) -> Known:
        """Find the one case that all of what a line gives fits.

        Parameters
        ----------
        line : int
            Its number, for messages.
        **given
            ``code``, ``identity``, ``parcel`` (sheet/number), ``name``; None or empty where the line has none.

        Raises
        ------
        NotFound
            Where no case fits: what was looked for is named.
        BadParameter
            Where several cases fit: they are named. Where one thing means this case and another thing that one.
        """
        if not any(text and text.strip() for text in given.values()):
            raise BadParameter("Line %(line)s names no case.", parameter="paste", line=line)
        asked = {kind: text.strip() for kind, text in given.items() if text and text.strip()}
        found = {kind: self.codes(kind, text) for kind, text in asked.items()}
        said = ", ".join(asked.values())
        missing = [kind for kind, codes in found.items() if not codes]
        if missing:
            raise NotFound(
                "Line %(line)s: this project has no case of “%(said)s”.",
                parameter="paste", line=line, said=asked[missing[0]],
            )  # fmt: skip
        fitting = set.intersection(*found.values()) if found else set()
        if len(fitting) == 1:
            return self.all[fitting.pop()]
        named = sorted(fitting or set.union(*found.values()))
        choices = "; ".join(self.all[code].told for code in named[:MOST_NAMED])
        if fitting:
            raise BadParameter(
                "Line %(line)s, “%(said)s”: several cases fit: %(choices)s. Write the code, or sheet/parcel.",
                parameter="paste", line=line, said=said, choices=choices,
            )  # fmt: skip
        raise BadParameter(
            "Line %(line)s, “%(said)s”: this names different cases: %(choices)s. Put it right.",
            parameter="paste", line=line, said=said, choices=choices,
        )  # fmt: skip


def without_marks(text: str) -> str:
    """Write a text as banks do, without the marks of Vietnamese letters."""
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _parcel_key(text: str) -> str:
    return "/".join(part.strip().lstrip("0") or "0" for part in text.split("/"))


def same_parcel(one: str, other: str) -> bool:
    """Tell whether two labels, sheet/number, are of one parcel: 31/104 and 031 / 104."""
    return _parcel_key(one) == _parcel_key(other)


def same_name(name: str) -> str:
    """Write a name as it is compared: letters composed, case, blanks and titles (ông, bà, hộ) taken off."""
    bare = " ".join(unicodedata.normalize("NFC", name).casefold().split())
    return _TITLES.sub("", bare).strip()


def people(name: str) -> frozenset[str]:
    """Write the people of a name as they are compared: each without titles, capitals, remarks (đã mất) and however the
    marks of tones are set (hóa, hoá)."""
    bare = _REMARKS.sub(" ", unicodedata.normalize("NFC", name))
    made = set()
    for part in _AND.split(bare):
        words = [tone_last(word) for word in same_name(part).strip(" .:;-–").split()]
        if words:
            made.add(" ".join(words))
    whole = {one for one in made if " " in one}
    return frozenset(whole or made)


def tone_last(word: str) -> str:
    """Write a word with its tone behind its letters, so that hóa and hoá are one."""
    apart = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", _TONES.sub("", apart) + "".join(_TONES.findall(apart)))


def codes_meant(session: Session, project_id: int, typed: Iterable[str]) -> dict[str, str]:
    """Give the codes of a project's cases that typed ones mean, in capitals or not: hs-0003 is HS-0003.

    Returns
    -------
    dict of str to str
        By what was typed; what means none is not in it. Where two codes differ by capitals alone only the exact one
        is meant.
    """
    wanted = {each: each.strip() for each in typed}
    rows = session.scalars(
        select(Case.code).where(
            Case.project_id == project_id,
            func.lower(Case.code).in_({each.lower() for each in wanted.values()}),
        )
    ).all()  # fmt: skip
    alike: dict[str, list[str]] = {}
    for code in rows:
        alike.setdefault(code.lower(), []).append(code)
    found = {}
    for each, bare in wanted.items():
        codes = alike.get(bare.lower(), [])
        if bare in codes or len(codes) == 1:
            found[each] = bare if bare in codes else codes[0]
    return found


def code_meant(session: Session, project_id: int, typed: str) -> str:
    """Give the code that a typed one means, or what was typed where it means none."""
    return codes_meant(session, project_id, [typed]).get(typed, typed)


def cases(session: Session, project_id: int, codes: Sequence[str] = ()) -> Cases:
    """Read the cases of a project, as far as the reader may have who they are; of some codes where given."""
    label = func.concat(func.ltrim(Parcel.sheet, "0"), "/", func.ltrim(Parcel.number, "0"))
    wanted = (
        select(Case.code, HolderIdentity.full_name, HolderIdentity.identity_number, func.array_agg(label))
        .outerjoin(HolderIdentity, HolderIdentity.holder_id == Case.holder_id)
        .outerjoin(AffectedParcel, AffectedParcel.case_id == Case.id)
        .outerjoin(Parcel, Parcel.id == AffectedParcel.parcel_id)
        .where(Case.project_id == project_id)
        .group_by(Case.id, Case.code, HolderIdentity.full_name, HolderIdentity.identity_number)
    )
    if codes:
        wanted = wanted.where(Case.code.in_(codes))
    found = session.execute(wanted)
    return Cases({
        code: Known(code, name, number, tuple(sorted(set(labels) - {"/"}))) for code, name, number, labels in found
    })  # fmt: skip
