"""The old encodings of Vietnamese as tables of letters, and the syllables by which a reading is told to be right.

Facts alone: which encoding a text is in is told by `gis.letters`.
"""

import re
import unicodedata
from functools import lru_cache

TONE_SIGNS = "\u0300\u0301\u0303\u0309\u0323"
TONES = f"[{TONE_SIGNS}]"
WORD = re.compile(r"[A-Za-z¡-¯µ-ÿ\x80-\x9fĀ-ɏ\u0300-\u0323Ạ-ỹ\ufffd]+")
"""Letters, and the signs that stand for letters in the old encodings (the soft hyphen is TCVN3's ư)."""

# Vietnamese syllables: what a word must be to count.

_ONSETS = "ngh|ng|nh|gh|gi|kh|ph|th|tr|ch|qu|[bcdđghklmnpqrstvx]"
_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ă ăc ăm ăn ăng ăp ăt ăk âc âm ân âng âp ât âu ây e ec em en eng eo
ep et ê êch êm ên ênh êng êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach
oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot ô
ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uc ui um un ung up ut uân uâng uât uây uê uêch uên uênh uôc uôi
uôm uôn uông uôt uy uya uych uyên uyêt uyn uynh uyp uyt uyu uơ ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ươp ươt
ương ươu ưt ưu y yêm yên yêng yêt yêu yt ynh uai uan uang uanh uao uat uau uay uăc uăm uăn uăng uăp uăt uâc
uâng ue uen ueo uet uê uên uêt uit uôc uơi uơn
"""
_RIMES = frozenset(_RHYMES.split())
_SYLLABLE = re.compile(rf"(?P<onset>{_ONSETS})?(?P<rime>[aăâeêioôơuưy]+(?:ch|nh|ng|[cmnptk])?)")


@lru_cache(1 << 16)
def is_syllable(word: str) -> bool:
    """Tell a Vietnamese syllable, with at most one tone and capitals only at its beginning or all through."""
    if not (word[1:] == word[1:].lower() or word == word.upper()):
        return False
    loose = unicodedata.normalize("NFD", word.lower())
    tones = re.findall(TONES, loose)
    if len(tones) > 1:
        return False
    bare = unicodedata.normalize("NFC", re.sub(TONES, "", loose))
    met = _SYLLABLE.fullmatch(bare)
    if bare == "gi":
        return True
    if not met:
        return False
    onset, rime = met["onset"] or "", met["rime"]
    if rime == "y" and onset not in ("", "h", "k", "l", "m", "qu", "s", "t", "v"):
        return False
    fits = rime in _RIMES or (onset == "gi" and (f"i{rime}" in _RIMES or rime == "")) or (onset == "qu" and rime == "y")
    if not fits:
        return False
    if rime.endswith(("c", "p", "t", "ch", "k")) and tones and tones[0] not in "\u0301\u0323":
        return False
    if onset in ("c", "ng") and rime[0] in "iêey":
        return False
    return not (onset in ("gh", "ngh") and rime[0] not in "iêe")


# TCVN3 (TCVN 5712:1993, third part), as Western code pages show it.

TCVN3_LETTERS = str.maketrans(
    "¡¢£¤¥¦§¨©ª«¬\xad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
    "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
)


def of_tcvn3(text: str) -> str:
    """Convert what Western code pages show of TCVN3.

    A word whose plain letters are all capitals is one in capitals, for which TCVN3 has no codes with tones.
    """
    return WORD.sub(
        lambda met: (
            met[0].translate(TCVN3_LETTERS).upper()
            if len(re.findall("[A-Z]", met[0])) > 1 and not re.search("[a-z]", met[0])
            else met[0].translate(TCVN3_LETTERS)
        ),
        text,
    )


def in_capitals(before: str, after: str, font: str = "") -> str:
    """Raise letters that the font of capitals drew: TCVN3 has no code for a capital with a tone."""
    if font.casefold().startswith(".vn") and font.casefold().rstrip(" 0123456789").endswith("h"):
        return after.upper()
    if re.search("[a-z]", before) or len(re.findall("[A-Z]", before)) < 2 or not re.search("[A-Z¡-§]{2}", before):
        return after
    return after.upper()


# VNI for Windows: a letter, then its mark as a letter of its own.

_VNI_MARKS = {
    "a": "øàùáûảõãïạââêăáấàầåẩãẫäậéắèằúẳüẵëặ", "e": "øèùéûẻõẽïẹâêáếàềåểãễäệ", "o": "øòùóûỏõõïọâôáốàồåổãỗäộ",
    "u": "øùùúûủõũïụ", "y": "øỳùýûỷõỹ", "ô": "øờùớûởõỡïợ", "ö": "øừùứûửõữïự",
}  # fmt: skip
_VNI_ALONE = dict(zip("ìíæóòñôöî", "ìíỉĩịđơưỵ", strict=True))


def _vni_table() -> dict[str, str]:
    made = dict(_VNI_ALONE) | {low.upper(): now.upper() for low, now in _VNI_ALONE.items()}
    for base, marks in _VNI_MARKS.items():
        for mark, now in zip(marks[::2], marks[1::2], strict=True):
            for sign in (mark, mark.upper()):
                made[base + sign], made[base.upper() + sign] = now, now.upper()
    return made


_VNI = _vni_table()
VNI_PIECE = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))


def of_vni(text: str) -> str:
    """Convert what Western code pages show of VNI."""
    return VNI_PIECE.sub(lambda met: _VNI[met[0]], text)


# VIQR: plain letters with the signs of a typewriter after them, as in Nguye^~n Va(n.

_VIQR_BASES = {"a^": "â", "a(": "ă", "e^": "ê", "o^": "ô", "o+": "ơ", "u+": "ư", "dd": "đ"}
_VIQR_TONES = {"'": "\u0301", "`": "\u0300", "?": "\u0309", "~": "\u0303", ".": "\u0323"}
_VIQR_SIGN = re.compile(r"[aeo]\^|a\((?!\S*\))|[ou]\+", re.IGNORECASE)
_VIQR_TOKEN = re.compile(r"[A-Za-z][A-Za-z^(+'`?~.]*")


def of_viqr(text: str) -> str:
    """Convert the words of a text in VIQR; it stays as it is unless every word with such a sign makes a syllable."""
    if not _VIQR_SIGN.search(text):
        return text
    failed = False

    def one(met: re.Match) -> str:
        nonlocal failed
        word = met[0]
        made = re.sub(
            r"[aeo]\^|a\(|[ou]\+|dd",
            lambda sign: _cased(_VIQR_BASES[sign[0].lower()], sign[0]),
            word,
            flags=re.IGNORECASE,
        )
        made = re.sub(r"(?<=[aăâeêioôơuưy])['`?~.]", lambda tone: _VIQR_TONES[tone[0]], made, flags=re.IGNORECASE)
        made = unicodedata.normalize("NFC", made)
        if not made.isascii() and is_syllable(made):
            return made
        failed = failed or bool(_VIQR_SIGN.search(word))
        return word

    made = _VIQR_TOKEN.sub(one, text)
    return text if failed else made


def _cased(letter: str, like: str) -> str:
    return letter.upper() if like[0].isupper() else letter


# Code pages taken for each other.

FROM_BYTE = {byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0xA0)}
FROM_BYTE = {byte: sign for byte, sign in FROM_BYTE.items() if sign != "\ufffd"}
_TO_BYTE = {sign: byte for byte, sign in FROM_BYTE.items()} | {chr(code): code for code in range(0x80, 0x100)}
_MISREAD = "".join(map(re.escape, sorted(_TO_BYTE)))
_MISREAD_PIECE = re.compile(f"[{_MISREAD}]+(?: (?=[a-zà-ỹ\\s]|$))?")
_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def of_misread_utf8(text: str) -> str:
    """Undo UTF-8 taken for Windows-1252 or Latin-1, as often as it was."""
    for _ in range(3):
        made = _MISREAD_PIECE.sub(_as_utf8, text)
        if made == text:
            break
        text = made
    return text


def _as_utf8(met: re.Match) -> str:
    """Decode a run; a no-break space that became a space, or was cut off at the end, is put back (à is C3 A0)."""
    given = met[0]
    blank = given.endswith(" ")
    run = given.rstrip(" ")
    before = met.string[: met.start()] + run[:-1]
    if run.endswith("Ã") and before[-1:].islower() and (blank or met.end() == len(met.string)):
        run, blank = run + "\xa0", False
    raw = bytes(_TO_BYTE[sign] for sign in run)
    pieces, at = [], 0
    for piece in _UTF8.finditer(raw):
        try:
            letter = piece[0].decode()
        except UnicodeDecodeError:
            continue
        if piece.start() > at:
            pieces.append(run[at : piece.start()])
        pieces.append(letter)
        at = piece.end()
    if not pieces:
        return given
    return "".join([*pieces, run[at:], " " if blank else ""])


def of_1258(text: str) -> str:
    """Undo the Vietnamese code page taken for the Western one."""
    raw = bytearray()
    for sign in text:
        code = _TO_BYTE.get(sign, ord(sign))
        if code > 255:
            return text
        raw.append(code)
    return unicodedata.normalize("NFC", bytes(raw).decode("cp1258", "replace"))
