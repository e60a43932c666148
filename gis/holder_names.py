"""Names of land users as people write them: on one line, of a person, an office, a community, or of no holder at all.

What a name tells is a reason to ask, never to decide: whoever registers says what the holder is.
"""

import re
import unicodedata

from gis.errors import BadParameter
from gis.texts import clean_text
from gis.whose import without_marks

LONGEST = 300
PERSONS = ("household", "individual")
LAND, UNKNOWN = "land", "unknown"
"""What `told` says of a name that is land of no holder, and of one that says the holder is not known."""

_TITLE = re.compile(r"^(?:(?:hộ(?: gia đình)?|ông|bà|anh|chị|cụ)[\s:/.]+)+", re.IGNORECASE)
_ORGANISATION = re.compile(
    r"(?:tổng )?(?:công ty|cty|ctcp|tập đoàn|doanh nghiệp|dntn|xí nghiệp|nhà máy|chi nhánh|ngân hàng|hợp tác xã|htx)\b|"
    r"(?:ubnd|hđnd|[uủ][yỷ] ban|ban (?:quản lý|ql|qlda|chỉ huy|chqs|quân sự|trị sự|hộ tự|"
    r"công tác|dân vận|tuyên giáo|chấp hành|thường trực|điều hành|dân tộc)|bến xe|siêu thị|cây xăng|cửa hàng|"
    r"khách sạn|nhà khách|chợ(?=\s)|bệnh viện|trung tâm|chi cục|kho bạc|công an|"
    r"bộ chỉ huy|tiểu đoàn|trung đoàn|đồn biên phòng|hạt kiểm lâm|lâm trường|nông trường|bưu điện|điện lực|"
    r"trạm (?:y tế|biến áp|xá)|trường (?:thcs|thpt|th|mn|tiểu học|mầm non|trung|cao đẳng|đại học)|"
    r"giáo (?:xứ|họ|phận|hội)|hội thánh|chùa|nhà thờ(?! (?:họ|tổ|dòng))|tu viện|thiền viện|tịnh (?:xá|thất)|thánh thất|"
    r"niệm phật đường|toà giám mục|tòa giám mục)\b",
    re.IGNORECASE,
)
_COMMUNITY = re.compile(
    r"(?:cộng đồng|tổ dân phố|(?:thôn|xóm|khối(?: phố)?|làng|tập thể)\s+\S|nhà (?:văn h(?:oá|óa|oa)|họp|sinh hoạt)|"
    r"đình (?:làng|thôn|bản|xóm)|đền\s|miếu|từ đường|nhà thờ (?:họ|tổ|dòng)|dòng họ|"
    r"sân (?:thể thao|kho|bóng|vận động|chơi|phơi|đình))",
    re.IGNORECASE,
)
_LAND = re.compile(
    r"(?:(?:phần |khu )?đất(?!\s*$)\b|đường (?:đi|giao thông|đất|bê tông|nhựa|nội|liên|làng|thôn|xóm|bản|mòn|dân sinh|"
    r"quốc lộ|tỉnh|huyện|xã|sắt|lâm nghiệp|vào|hiện trạng|cũ|mương|ql|tl|đt|đh)|(?:giao thông|thu[ỷỹ] lợi|thủy lợi)\b|"
    r"kênh\b|mương\b|rãnh\b|cống\b|đê\b|đập\b|suối\b|sông\b|khe\b|ao (?:làng|chung|tập thể)|"
    r"hồ (?:nước|chứa|phai|nà|khuổi|bó|thu[ỷỹ]|th[ủu]y)|"
    r"nghĩa (?:địa|trang)|mồ mả|mộ\b|bãi\b|ta ?luy|hành lang|lối đi|ngõ\b|vỉa hè|quốc lộ|tỉnh lộ|bờ\b|núi đá|đồi\b|"
    r"rừng\b|mặt nước|dgt$|dtl$)",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"(?:(?:chưa|không|ko|k)\s+(?:xác định|rõ|có|biết|tìm|liên (?:hệ|lạc)|kê khai|đăng ký).*|"
    r"(?:đất )?(?:đang |có )*tranh chấp.*|.*\bvô chủ|vắng (?:mặt|chủ).*|"
    r"chủ (?:sử dụng )?(?:đất )?(?:chưa|không) .*|\?+|x+|n/?a|trống|bỏ trống|nhiều chủ(?: sử dụng)?|các hộ(?: dân)?)",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"\W*(?:và\b|vợ\b|chồng\b|con\b|ông\b|bà\b|anh\b|chị\b)", re.IGNORECASE)
_FAMILIES = (
    "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý nông lương vi chu bế đàm triệu hà hứa "
    "lộc linh lâm la lành lường lưu ma mã mai mông nình ninh phùng tô tống tạ trương trịnh đinh đoàn đào đồng cao "
    "lăng liễu lục long giáp hạ thân vương chung chúc bàn đường âu quách sầm tăng thạch trình viên vy"
)
_SURNAMES = frozenset(_FAMILIES.split())
_BARE_SURNAMES = frozenset(without_marks(_FAMILIES).split())
"""As who types no marks writes them."""
_PLACE = re.compile(
    r"(?P<name>[^,;(\n]{4,}?)\s*(?:[,;(]|\s[-–])\s*(?P<place>(?:thôn|xóm|khối(?: phố)?|tổ dân phố|tổ|bản|xã|phường|"
    r"thị trấn|"
    r"số nhà|sn|đường|ngõ|trú(?: tại)?|địa chỉ|đ/c|ở|thường trú)(?!\w)[^)]*)\)?",
    re.IGNORECASE,
)
_NO_NAME = re.compile(r"[\W\d_]*(?:(?:hộ(?: gia đình)?|ông|bà|anh|chị|cụ|ông/bà)[\W\d_]*)*", re.IGNORECASE)
_LISTED = re.compile(r"^(?:\d{1,4}[.)]|[-–•])\s+")
_SIGNS = re.compile(r"[~^`=<>@#*?{}\[\]|\\_$%!]")
_LONG_NUMBER = re.compile(r"\(?\+?\d(?:[\s.\-]?\d){7,}\)?")
_NUMBER_IN_WORD = re.compile(r"[^\W\d_]\d+[^\W\d_]|[a-zà-ỹ]\d", re.IGNORECASE)


_REMARK = re.compile(
    r"^(?:con|cháu|vợ|chồng|em|mẹ|bố|cha|gia đình|người nhà)(?: của)? (?:ông|bà|anh|chị|cụ)\b|"
    r"\b(?:(?:đã )?(?:chết|mất)|(?:người )?(?:thừa kế|đại diện)|uỷ quyền|ủy quyền|tranh chấp|đã (?:bán|chuyển))\b",
    re.IGNORECASE,
)
_MARKERS = frozenset(("văn", "thị", "đức", "đình", "hữu", "viết", "bá", "doãn", "trọng", "quý", "sĩ", "sỹ"))
"""Words between family name and name."""
_OF_FAMILIES_ALONE = "nguyễn trần phạm huỳnh võ đặng bùi đỗ ngô phan trịnh nông bế đàm hứa"
_NO_GIVEN = frozenset(f"{_OF_FAMILIES_ALONE} lê hoàng vũ lý lương triệu".split())
"""Family names that stand seldom within a name."""
_ALONE = frozenset(_OF_FAMILIES_ALONE.split())
"""Family names that hardly ever stand within a name of four words."""
_CALLED = frozenset(["ông", "bà", "anh", "chị", "cụ", "hộ"])
_PICTURES = ("So", "Sk", "Co", "Cn")
"""Categories of Unicode that no letter of a name has."""


def odd_of_person(name: str) -> str | None:
    """Give what makes a name an odd one of a person: a number, a remark, or all of it where it is one word."""
    if met := re.search(r"\d+", name) or _REMARK.search(name):
        return met[0]
    return name if len(_TITLE.sub("", name).split()) == 1 else None


def as_two(name: str) -> tuple[str, str] | None:
    """Take apart a name that may be of two people without a sign between: *Lê Văn A Trần Thị B*; None for others.

    A second person begins with *ông*, *bà*, or with a family name before a word such as *văn*, *thị*, or before words
    enough for a name of its own.
    """
    if re.search(r"[;,&+/()\n]|\s[-–]\s|(?<!\w)(?:và|vợ|chồng|con|cháu)(?!\w)", name, re.IGNORECASE):
        return None
    title = _TITLE.match(name)
    words = name[title.end() if title else 0 :].split()
    low = [unicodedata.normalize("NFC", word).casefold().strip(".") for word in words]
    if len(low) < _LEAST_OF_TWO or told(name):
        return None
    for n in range(2, len(low) - 1):
        rest = len(low) - n
        if low[n - 1] in _MARKERS:  # what follows is the name itself
            continue
        called = low[n] in _CALLED and low[n + 1] in _SURNAMES
        marked = low[n] in _SURNAMES and low[n + 1] in _MARKERS and rest > _LEAST_OF_ONE
        long = low[n] in _NO_GIVEN and rest >= _LEAST_OF_ONE and len(low) > 2 * _LEAST_OF_ONE
        short = low[n] in _ALONE and rest == _LEAST_OF_ONE == n
        if called or marked or long or short:
            return f"{title[0] if title else ''}{' '.join(words[:n])}", " ".join(words[n:])
    return None


_LEAST_OF_ONE, _LEAST_OF_TWO = 2, 4
"""Words of the name of one person and of two."""


def told(name: str) -> str | None:
    """Tell what a name says of its holder: ``organisation``, ``community``, `LAND`, `UNKNOWN`; None for other names."""
    bare = _TITLE.sub("", unicodedata.normalize("NFC", " ".join(name.split())))
    if _UNKNOWN.fullmatch(bare):
        return UNKNOWN
    if _ORGANISATION.match(bare):
        return "organisation"
    if _COMMUNITY.match(bare):
        return "community"
    return LAND if _LAND.match(bare) else None


def one_line(name: str) -> tuple[str, bool]:
    """Write a name that stands on several lines on one, and tell whether there is no doubt about it.

    A line that begins a spouse or another person with a word for it comes after a semicolon; a name that a narrow
    column broke is joined by a blank. Two lines that may each be a person are no certain name.
    """
    lines = [" ".join(line.split()) for line in name.splitlines() if line.strip()]
    if not lines:
        return "", True
    made, sure = lines[0], True
    for line in lines[1:]:
        if made.endswith((";", ",", "&", "+", "-", "–")) or re.search(r"\b(?:và|vợ|chồng|ông|bà)\s*:?$", made, re.I):
            made = f"{made} {line}"
        elif _GOES_ON.match(line):
            made = f"{made}; {line}"
        else:
            sure = sure and not (may_be_person(made) and may_be_person(line))
            made = f"{made} {line}"
    return _LISTED.sub("", made).rstrip(" ,;:-–"), sure


def as_several(name: str) -> str:
    """Write a name whose lines are a person each with semicolons between."""
    return "; ".join(" ".join(line.split()).strip(";,") for line in name.splitlines() if line.strip())


def may_be_person(text: str) -> bool:
    """Tell a text that begins with a surname and has more words: it may be a person's name."""
    words = _TITLE.sub("", text).split()
    return len(words) > 1 and words[0].casefold() in _SURNAMES and told(text) is None


def is_capitalised_name(text: str) -> bool:
    """Tell a text that is a person's name and nothing else: a family name, and more words, each with a capital."""
    words = _TITLE.sub("", text).split()
    family = words[0].casefold() if words else ""
    known = family in _SURNAMES or (family.isascii() and family in _BARE_SURNAMES)
    return known and len(words) > 1 and all(word[:1].isupper() and word.isalpha() for word in words)


def clean_name(value: str | None, kind: str, *, sure: bool = False) -> str:
    """Give the name of a holder as it is kept.

    Parameters
    ----------
    value : str or None
    kind : str
        Of holder.
    sure : bool
        Whether somebody said that the name is one of that kind, as it stands.

    Raises
    ------
    BadParameter
        For what `clean_text` refuses; for two people without a sign between; and of a person for a number of an
        identity card or telephone, and, unless somebody is sure, for the name of land, of an office or a community.
    """
    joined, certain = one_line(value or "")
    if not certain:
        raise BadParameter(
            "“%(value)s” stands on several lines: write one name on one line, two people with a semicolon between.",
            parameter="full_name", value=joined[:60],
        )  # fmt: skip
    name = clean_text(joined, "full_name", LONGEST)
    if _NO_NAME.fullmatch(name):
        raise BadParameter(
            "“%(value)s” is no name: write the name of the holder in letters.", parameter="full_name", value=name[:60]
        )
    if kind in PERSONS:
        refuse_signs(name)
    if kind in PERSONS and not sure and (what := told(name)):
        raise _other_kind(name, what)
    if picture := next((letter for letter in name if unicodedata.category(letter) in _PICTURES), None):
        raise BadParameter(
            "“%(value)s” has “%(said)s” among its letters: write the name in Unicode, without such signs.",
            parameter="full_name", value=name[:60], said=picture,
        )  # fmt: skip
    if kind in PERSONS and not sure and (apart := with_place(name)):
        raise BadParameter(
            "“%(value)s” goes on with an address: write “%(place)s” in the place for addresses.",
            parameter="full_name", value=name[:80], place=apart[1][:60],
        )  # fmt: skip
    if kind in PERSONS and not sure and (two := as_two(name)):
        raise BadParameter(
            "“%(value)s” may be two people: write a semicolon between them (%(several)s), or say that the name is "
            "right as it stands.",
            parameter="full_name", value=name[:60], several="; ".join(two)[:80],
        )  # fmt: skip
    if kind in PERSONS and not sure and (odd := odd_of_person(name)):
        raise BadParameter(
            "“%(value)s” is no usual name of a person (“%(said)s”): write family name and name alone, without remarks, "
            "or say that the name is right as it stands.",
            parameter="full_name", value=name[:60], said=odd[:40],
        )  # fmt: skip
    return name


def with_place(name: str) -> tuple[str, str] | None:
    """Take a name that goes on with an address apart; None for a name alone."""
    met = _PLACE.fullmatch(name)
    return (met["name"].strip(), met["place"].strip()) if met else None


def refuse_signs(name: str) -> None:
    """Refuse the name of a person with a number of an identity card or telephone, or digits or signs among its letters.

    Raises
    ------
    BadParameter
    """
    if _LONG_NUMBER.search(name):
        raise BadParameter(
            "“%(value)s” holds a number: write the identity number and the telephone in their own places.",
            parameter="full_name", value=name[:60],
        )  # fmt: skip
    if (met := _NUMBER_IN_WORD.search(name) or _SIGNS.search(name)) and told(name) is None:
        raise BadParameter(
            "“%(value)s” has “%(said)s” among its letters: write the name in Unicode, without such signs.",
            parameter="full_name", value=name[:60], said=met[0],
        )  # fmt: skip


def without_number(name: str) -> str:
    """Give a name without the number that stands in it, for a person to choose."""
    bare = re.sub(r"(?:cccd|cmnd|cmtnd|sđt|đt|điện thoại|tel|số)\s*[:.]?\s*$", "",
                  _LONG_NUMBER.sub("\0", name).partition("\0")[0], flags=re.IGNORECASE)  # fmt: skip
    return bare.strip(" ,;:-–(.")


def _other_kind(name: str, what: str) -> BadParameter:
    if what == LAND:
        return BadParameter(
            "“%(value)s” is land, not a person: register it without a holder, or as the organisation or community that "
            "keeps it; or say that it is the holder's name as it stands.",
            parameter="full_name", value=name[:60],
        )  # fmt: skip
    if what == UNKNOWN:
        return BadParameter(
            "“%(value)s” is no name: register the land without a holder until the holder is known.",
            parameter="full_name", value=name[:60],
        )  # fmt: skip
    return BadParameter(
        "“%(value)s” is by its name no person but another kind of holder (%(kind)s): choose that kind, or say that the "
        "name is right as it stands.",
        parameter="full_name", value=name[:60], kind=what,
    )  # fmt: skip
