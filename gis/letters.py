"""Letters as they come in, made Unicode: the one place where old Vietnamese encodings are told and converted.

Files and cells come in UTF-8 and UTF-16, in the code page of Vietnamese Windows, in the fonts' own encodings of the
nineties (TCVN3 of .VnTime, VNI of VNI-Times), and as UTF-8 that some program took for Windows-1252. Each is told by its
words: a reading counts where it makes Vietnamese syllables of what is none. What is Unicode already stays, French and
English words too; what can be read in two ways, or in none, is refused, never stored as garbage.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from gis import encodings
from gis.errors import BadParameter, UnreadableFile

TCVN3, VNI, VNI_FONT, TCVN3_FONT = "TCVN3", "VNI", "vni-", ".vn"
VIQR = "VIQR"
UTF8_AS_1252 = "UTF-8 → Windows-1252"
WINDOWS_1258, WINDOWS_1252 = "Windows-1258", "Windows-1252"
_SHOWN = 60


@dataclass(frozen=True)
class Letters:
    """A text in Unicode (NFC)."""

    text: str
    was: str | None = None
    """The encoding it was converted from; None where nothing was converted."""


@dataclass(frozen=True)
class Conversion:
    """A cell that was converted, to be shown before anything is recorded."""

    row: int
    column: int
    before: str
    now: str
    was: str


@dataclass(frozen=True)
class Doubt:
    """A cell whose letters cannot be told; counted from 0."""

    row: int
    column: int
    error: BadParameter


def decoded(content: bytes, *, name: str = "", by_line: bool = True) -> Letters:
    """Decode a text file.

    Parameters
    ----------
    content : bytes
    name : str
        Of the file, for the error.
    by_line : bool
        Whether the lines of a file in Unicode are looked at as well; without it cells are looked at later.

    Returns
    -------
    Letters
        NFC.

    Raises
    ------
    UnreadableFile
        For bytes that are no text in any of the encodings.
    BadParameter
        For a line that cannot be told.
    """
    text = _unicode_of(content)
    if text is None:
        return _of_code_page(content, name)
    if not by_line:
        return Letters(unicodedata.normalize("NFC", text))
    lines = re.split(r"(\r\n|\r|\n)", text)
    looked, changed, doubts = of_table([[line] for line in lines])
    if doubts:
        raise doubts[0].error
    met = Counter(each.was for each in changed)
    return Letters("".join(line for (line,) in looked), met.most_common(1)[0][0] if met else None)


def looked_at(text: str) -> Letters:
    """Look at a text that is said to be Unicode: a cell, a line, a field of a form.

    Raises
    ------
    BadParameter
        For letters that can be read in two ways, or in none.
    """
    found = _readings(_seen(text))
    if len(found) == 1 or "" in found:
        was = "" if "" in found else next(iter(found))
        return Letters(_with_plain_blanks(found[was]), was or None)
    raise _doubt(text, found)


def typed(text: str, parameter: str) -> str:
    """Look at what was typed or sent by a program, line by line. Nobody looks at it again before it is recorded:
    what would have to be converted is refused, and what it would be is told.

    Raises
    ------
    BadParameter
        For old letters, and for letters that cannot be told.
    """
    if text.isascii() and "?" not in text and encodings.of_viqr(text) == text:
        return text
    made = []
    for line in text.split("\n"):
        try:
            found = looked_at(line)
        except BadParameter as error:
            error.parameter = parameter
            raise
        if found.was:
            raise BadParameter(
                "“%(value)s” is in old letters (%(was)s). In Unicode it is “%(now)s”: write it so.",
                parameter=parameter, value=" ".join(line.split())[:_SHOWN], was=found.was,
                now=" ".join(found.text.split())[:_SHOWN],
            )  # fmt: skip
        made.append(found.text)
    return "\n".join(made)


def of_table(
    rows: Sequence[Sequence[str]], fonts: Callable[[int, int], str] | None = None
) -> tuple[list[list[str]], list[Conversion], list[Doubt]]:
    """Look at the cells of a table, each by itself; one that fits two readings is read as its row and column are.

    Parameters
    ----------
    rows : sequence of sequence of str
    fonts : callable, optional
        Gives the name of the font of a cell by row and column.

    Returns
    -------
    tuple
        The rows in Unicode, what was converted, and what cannot be told.
    """
    made = [list(row) for row in rows]
    open_cells: list[tuple[int, int, str, dict[str, str]]] = []
    votes: dict[tuple[str, int], Counter] = {}
    sure: list[tuple[int, int, str, str, str]] = []
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if text.isascii() and "?" not in text and encodings.of_viqr(text) == text:
                continue
            normal = _seen(text)
            found = _readings(normal, fonts(r, c) if fonts else "")
            made[r][c] = _with_plain_blanks(normal)
            if len(found) == 1:
                was = next(iter(found))
                sure.append((r, c, text, found[was], was))
                if was or _beyond_latin(normal):
                    for place in (("row", r), ("column", c), ("table", 0)):
                        votes.setdefault(place, Counter())[was] += 1
            else:
                open_cells.append((r, c, text, found))
    doubts = []
    for r, c, text, found in open_cells:
        told = _by_neighbours(found, [votes.get(place, {}) for place in (("row", r), ("column", c), ("table", 0))])
        if told is None:
            doubts.append(Doubt(r, c, _doubt(text, found)))
        else:
            sure.append((r, c, text, found[told], told))
    for r, c, _, now, _ in sure:
        made[r][c] = _with_plain_blanks(now)
    changed = [Conversion(r, c, text, now, was) for r, c, text, now, was in sorted(sure) if was]
    return made, changed, doubts


_PLAINLY = 5
"""How many times more cells must be in one encoding than in another, for a cell that could be in either."""


def _by_neighbours(found: dict[str, str], votes: Sequence[Counter]) -> str | None:
    """Choose among readings as the row, else the column, else the table is read; None where that is not one."""
    if not found:
        return None
    for counted in votes:
        fit = sorted((was for was in counted if was in found), key=counted.get, reverse=True)
        if fit and (len(fit) == 1 or counted[fit[0]] >= _PLAINLY * counted[fit[1]]):
            return fit[0]
        if fit:
            return None
    return "" if "" in found else None


def _doubt(text: str, found: dict[str, str]) -> BadParameter:
    shown = " ".join(text.split())[:_SHOWN]
    if found:
        ways = ", ".join(f"“{now[:_SHOWN]}” ({was or 'Unicode'})" for was, now in found.items())
        return BadParameter(
            "The letters of “%(value)s” can be read in several ways: %(ways)s. Write it in Unicode.",
            parameter="letters", value=shown, ways=ways,
        )  # fmt: skip
    return BadParameter(
        "The letters of “%(value)s” are not Unicode and cannot be told: it was written with old fonts (TCVN3, VNI) or "
        "lost its letters on the way. Convert it to Unicode first, for example with Unikey.",
        parameter="letters", value=shown,
    )  # fmt: skip


_UNSEEN = dict.fromkeys((*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF))
_BLANKS = dict.fromkeys((0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")


def _seen(text: str) -> str:
    """Compose letters, and drop what nobody sees: with it, one name is two and a number is none."""
    return unicodedata.normalize("NFC", text.translate(_UNSEEN))


def _with_plain_blanks(text: str) -> str:
    """Write the blanks of word processors as blanks; after reading, for old encodings have letters in their places."""
    return text.translate(_BLANKS)


# Bytes.


def _unicode_of(content: bytes) -> str | None:
    """Decode UTF-8 and UTF-16, with a byte order mark or without; None for bytes that are neither."""
    marked = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
    ways = [encoding for mark, encoding in marked.items() if content.startswith(mark)]
    if not ways:
        odd, even = content[1::2].count(0), content[::2].count(0)
        if max(odd, even) > len(content) / 8 and min(odd, even) <= max(odd, even) / 20:
            ways = ["utf-16-le" if odd > even else "utf-16-be"]
        elif b"\0" not in content:
            ways = ["utf-8"]
    for encoding in ways:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _of_code_page(content: bytes, name: str) -> Letters:
    """Decode a file in one byte a letter, by which reading makes most words of it Vietnamese."""
    refusal = UnreadableFile(
        "The letters of “%(file)s” cannot be told: save it in UTF-8, or as XLSX or DOCX.", parameter="file", file=name
    )
    if re.search(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]", content):
        raise refusal
    latin = content.decode("latin-1")
    typographic = "".join(encodings.FROM_BYTE.get(ord(sign), sign) for sign in latin)
    scored = []
    for was, text in (
        (WINDOWS_1258, unicodedata.normalize("NFC", content.decode("cp1258", "replace"))),
        (TCVN3, encodings.of_tcvn3(latin)),
        (VNI, encodings.of_vni(typographic)),
    ):
        words = [word for word in encodings.WORD.findall(text) if not word.isascii()]
        good = sum(encodings.is_syllable(word) for word in words)
        scored.append((good / max(len(words), 1), good, was, text))
    best = max(scored, key=lambda one: (one[0], one[1]))
    second = max(one[0] for one in scored if one[3] != best[3]) if len({one[3] for one in scored}) > 1 else 0
    if best[0] >= _MOST_WORDS and best[0] > second:
        return Letters(unicodedata.normalize("NFC", best[3]), best[2])
    if all(_is_foreign_word(word) for word in encodings.WORD.findall(typographic) if not word.isascii()):
        return Letters(typographic, WINDOWS_1252)
    raise refusal


_MOST_WORDS = 0.8
"""Share of the words with marks that must be Vietnamese: the rest are abbreviations and foreign names."""


# Texts.


def _readings(text: str, font: str = "") -> dict[str, str]:
    """Give every reading that makes sense of a text, by the encoding it was in ('' for Unicode as it is)."""
    if text.isascii():
        if (typed := encodings.of_viqr(text)) != text:
            return {VIQR: typed}
        return {} if _lost_letters(text) else {"": text}
    if "Ð" in text:  # the Icelandic letter looks like Đ, and stands for it where the word is Vietnamese
        text = encodings.WORD.sub(
            lambda met: now if encodings.is_syllable(now := met[0].replace("Ð", "Đ")) else met[0], text
        )
    unmixed = encodings.of_misread_utf8(text)
    if unmixed != text:
        words = [word for word in encodings.WORD.findall(unmixed) if not word.isascii()]
        if all(encodings.is_syllable(word) or _is_foreign_word(word) or _is_short_name(word) for word in words):
            return {UTF8_AS_1252: unicodedata.normalize("NFC", unmixed)}
    every = [_without_note(word) for word in encodings.WORD.findall(_QUOTED.sub(r" \1 ", text))]
    words = [word for word in every if not word.isascii() and word not in _UNITS and not _SIGNS_ALONE.fullmatch(word)]
    ours = [word for word in words if _beyond_latin(word)]
    rest = [word for word in words if not _beyond_latin(word) and not (ours and not _odd(word))]
    broken = _lost_letters(text) or any(map(_is_broken, rest))
    as_it_is = not broken and not any(map(_odd, rest))
    if not rest or (ours and as_it_is):
        return {} if broken else {"": text}
    # What a font of its own encoding draws is in it, unless Unicode letters prove otherwise.
    told = next((was for begin, was in ((TCVN3_FONT, TCVN3), (VNI_FONT, VNI)) if font.casefold().startswith(begin)), "")
    if as_it_is and not told and all(map(_is_foreign_word, rest)) and _is_western(every, rest):
        return {"": text}
    found: dict[str, str] = {}
    foreign: dict[str, int] = {}
    for was, read in _ENCODINGS.items():
        made = [read(word) for word in rest]
        kept = [after is None and _is_foreign_word(before) for after, before in zip(made, rest, strict=True)]
        good = sum(after is not None and (encodings.is_syllable(after) or _is_short_name(after)) for after in made)
        real = sum(after is not None and encodings.is_syllable(after) for after in made)
        if (real or (broken and good)) and good >= _MOST_WORDS * (len(rest) - sum(kept)):
            found[was] = (
                encodings.in_capitals(text, _replaced(text, read), font) if was == TCVN3 else _replaced(text, read)
            )
            foreign[was] = sum(kept)
    found = {was: now for was, now in found.items() if now != text}
    least = min((foreign[was] for was in found), default=0)
    found = {was: now for was, now in found.items() if foreign[was] == least}
    if told in found and not ours:
        return {told: found[told]}
    if as_it_is and (
        all(map(encodings.is_syllable, rest)) or (found and least)
    ):  # it fits both ways: its neighbours tell
        found = {"": text} | found
    elif not found and (as_it_is or (ours and not broken)):
        return {"": text}
    if "" not in found and len(set(found.values())) == 1:
        return dict([next(iter(found.items()))])
    return {was: now for was, now in found.items() if not was or now != text}


def _without_note(word: str) -> str:
    """Take the mark of a footnote off the end of a word: án¹, GPMB¹⁶. In TCVN3 the sign is ạ, and makes a syllable."""
    bare = word.removesuffix("¹")
    if bare == word or encodings.is_syllable(f"{encodings.of_tcvn3(bare)}ạ"):
        return word
    return bare if encodings.is_syllable(bare) or (len(bare) > 1 and _is_short_name(bare)) else word


def _lost_letters(text: str) -> bool:
    """Tell letters that a program without them put ``?`` for: Nguy?n; an address of the web has its own."""
    return bool(_LOST.search(text)) and any(
        _LOST.search(token) for token in text.split() if len(token) > 3 and not re.search("[/=&]", token)
    )


def _replaced(text: str, read: Callable[[str], str | None]) -> str:
    """Convert the words of a text that are in an old encoding; those in Unicode and foreign ones stay."""

    def one(met: re.Match) -> str:
        word = met[0]
        if word.isascii() or _beyond_latin(word) or word in _UNITS or (word != "®" and _SIGNS_ALONE.fullmatch(word)):
            return word
        return read(word) or word

    return encodings.WORD.sub(one, text)


def _beyond_latin(text: str) -> bool:
    """Tell a text with letters of Vietnamese that no one-byte encoding read as Western could give."""
    return any(letter in _OURS for letter in text)


@lru_cache(1 << 16)
def _odd(word: str) -> bool:
    return _is_broken(word) or not (encodings.is_syllable(word) or _is_foreign_word(word))


def _is_western(every: Sequence[str], marked: Sequence[str]) -> bool:
    """Tell a text whose words without marks are mostly not Vietnamese, and a word too short to tell anything."""
    plain = [word for word in every if word.isascii() and len(word) > 1]
    own = sum(encodings.is_syllable(word) for word in plain)
    return len(plain) > 2 * own or (
        not plain and sum(map(len, marked)) <= 2 and not any(map(encodings.is_syllable, marked))
    )


def _is_broken(word: str) -> bool:
    """Tell a word with signs between its letters, or controls: no language is written so."""
    return bool(_SIGN_IN_WORD.search(word))


def _is_foreign_word(word: str) -> bool:
    """Tell what may be a word of a western language: Café, Hôtel, François, Müller."""
    bare = word.strip("«»·°")
    return not bare or bool(_WESTERN.fullmatch(bare))


def _is_short_name(word: str) -> bool:
    """Tell an abbreviation in capitals without tones: QĐ, GPMB, ƯBMT."""
    return (
        len(word) <= 5 and word == word.upper() and not re.search(encodings.TONES, unicodedata.normalize("NFD", word))
    )


_OURS = frozenset(
    "ăđĩũơưĂĐĨŨƠƯ" + "".join(chr(code) for code in range(0x1EA0, 0x1EFA))
)  # letters of Vietnamese outside Latin-1
_SIGN_IN_WORD = re.compile(
    r"[\x80-\x9f\ufffd]|[A-Za-zÀ-ÿ][¡¢£¤¥¦§¨©ª«¬\xad®¯µ¶·¸¹º»¼½¾¿×÷](?=[A-Za-zÀ-ÿ]|$)|^[¡¢£¤¥¦§¨©ª¬\xad®¯¶¸×÷](?=[A-Za-zÀ-ÿ])"
)
_LOST = re.compile(r"[A-Za-zÀ-ỹ]\?[a-zà-ỹ]|\ufffd")
_WESTERN = re.compile(r"(?:[A-Za-zÀÂÄÇÈÉÊËÎÏÔÖÙÛÜàâäçèéêëîïñóíôöùûüáåøæúßÉÁÓÍÑ]|(?<=[A-Za-zéèêë])')+")
_QUOTED = re.compile(r"(?<!\S)«([^«»]*)»(?![^\W\d_])")
_SIGNS_ALONE = re.compile(r"[¡-¯µ¶·¸¹º»¼½¾¿×÷]+")
_UNITS = frozenset(("µm", "µg", "µs", "µ"))


@lru_cache(1 << 16)
def _word_of(was: str, read: Callable[[str], str], word: str) -> str | None:
    """Convert a word; None where the encoding has not all of its letters, or makes no Vietnamese of them."""
    if was == TCVN3:
        fits = all(sign.isascii() or ord(sign) in encodings.TCVN3_LETTERS for sign in word)
    else:
        fits = was != VNI or encodings.VNI_PIECE.sub("", word).isascii()
    made = read(word) if fits else word
    return made if fits and (encodings.is_syllable(made) or _is_short_name(made)) else None


_ENCODINGS: dict[str, Callable[[str], str | None]] = {
    was: partial(_word_of, was, read)
    for was, read in ((TCVN3, encodings.of_tcvn3), (VNI, encodings.of_vni), (WINDOWS_1258, encodings.of_1258))
}
