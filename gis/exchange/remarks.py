"""Which rows of coordinates are rows of the table: a remark may hold coordinates too, of a control point or the middle.

A row belongs where it is named as its neighbours are. What is named in other words is left out and told; where its
number fits between those of its neighbours, or it is named but a little otherwise, it is asked.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from gis.errors import Doubt, GisError
from gis.exchange.coordinates import Row, folded

_POINT_WORDS = frozenset(
    (
        "diem", "moc", "dinh", "coc", "so", "stt", "ten", "ranh", "gioi", "goc", "point", "pt", "id",
        "khu", "vung", "thua", "lo", "manh", "vong", "phan", "ring",
    )
)  # fmt: skip
"""Words that name a vertex of an outline, or its ring, and say no more."""
_CONTROL = re.compile(r"khong che|dia chinh|trung tam|tham khao|\bgps\b|\bgnss\b|luoi|diem goc|moc goc|khep")
"""Words of points that others are measured from."""
_AGAINST = re.compile(
    r"\b(?:khống chế|địa chính|trung tâm|tham khảo|điểm gốc|mốc gốc|gps|gnss|lưới|khong che|diem goc|moc goc"
    r"|hủy|huỷ|bỏ|xóa|xoá|sai|không (?:dùng|sử dụng|tính|còn)|da huy|huy bo|xoa bo|deleted|cancelled|void"
    r"|cũ|trước đây|trước khi điều chỉnh|(?:đã |bị |được )+thay thế|hết hiệu lực|chưa (?:được )?(?:phê )?duyệt"
    r"|dự kiến|đề xuất|(?:ranh|ranh gioi|phuong an) cu|old|replaced|superseded|proposed)\b"
)
"""Words by which points or outlines are said to be others than those that count."""
_DENIES = re.compile(
    r"(?<!\w)(?:không (?:còn|thu hồi|bị|thuộc|nằm|phải|có trong|đưa vào|tính|lấy|đúng|dùng|ảnh hưởng"
    r"|liên quan|đạt|hợp lệ"
    r"|chính (?:xác|chủ))"
    r"|ko (?:thu hồi|thuộc|còn|tính)|thôi thu hồi|rút (?:khỏi|ra|tên|hồ sơ|đơn)|đã rút|đưa ra (?:khỏi|ngoài)"
    r"|loại (?:ra|khỏi|trừ|bỏ)|gạch (?:bỏ|tên)|trừ ra|bỏ (?:ra|khỏi|qua|đi|hộ|thửa|dòng|tên|không)"
    r"|(?:ra )?ngoài (?:ranh|phạm vi|chỉ giới|mốc|dự án|diện)"
    r"|hủy|huỷ|bãi bỏ|thu hồi lại quyết định|xóa|xoá|trùng|lặp|nhầm|sai|tạm (?:dừng|ngừng|đình chỉ|hoãn)|dừng|hoãn"
    r"|chưa (?:được )?(?:phê )?duyệt|chưa (?:thu hồi|chốt|thống nhất|xác (?:định|minh)|đo|kiểm|có quyết định)"
    r"|chờ|xem (?:xét|lại)|rà soát|kiểm tra lại|đo lại|đề nghị (?:bỏ|rút|loại|xem)|dự kiến|đề xuất|hết hiệu lực"
    r"|(?:được |đã )?thay thế|điều chỉnh (?:giảm|bỏ|ra)"
    r"|đã (?:bán|chuyển nhượng|chuyển sang|thu hồi|hiến|lập hồ sơ|nhập)"
    r"|(?:chuyển|để) (?:sang|về|lại)"
    r"|đã (?:nhận|chi|được chi|bồi thường|bàn giao|giải phóng|làm xong|tính)"
    r"|dự thảo|nháp"
    r"|(?:tính |gộp )chung|gộp|cùng (?:hộ|thửa|stt)|thu hồi (?:đợt|giai đoạn) (?:sau|2|hai|3|ba)"
    r"|tạm thời|mượn|cancell?ed|withdrawn|duplicate|void|deleted)(?!\w)"
    r"|^\W*bỏ\W*$"
)
"""Words by which a remark beside a row of a list says that the row does not count, or not as it stands."""
_OTHER_LAND = re.compile(
    r"\b(?:hành lang|mượn|tạm thời|thuê tạm|ngoài (?:ranh|phạm vi|dự án|khu)|còn lại|(?:không|chưa) (?:bị )?thu hồi"
    r"|bãi thải|bãi đổ|hanh lang|muon tam|con lai|ngoai ranh)\b"
)
"""Words by which a ring or a shape is said to be of other land than what is recovered for good."""
FEWEST_OF_A_RING = 3
_MOST_LETTERS_OF_A_NAME = 4
_MOST_SHOWN = 80
_PUT_IN = re.compile(r"(\d+) ?[^\W\d_]?'?$")


def name_of(each: Row, ring: int | None = None) -> str:
    """Give the words before the coordinates of a row, without its numbers and without the name of its ring."""
    before = [cell for i, cell in enumerate(each.cells[: each.pairs[0].first]) if i != ring]
    return " ".join(re.findall(r"[a-z]+", folded(" ".join(before))))


def is_wordy(name: str) -> bool:
    """Tell whether a name says more than which point it is."""
    words = [word for word in name.split() if word not in _POINT_WORDS]
    return len(words) > 1 or any(len(word) > _MOST_LETTERS_OF_A_NAME for word in words)


def says_against(text: str) -> bool:
    """Tell whether words say of a vertex, or of the ring below them, that it does not count."""
    return bool(_AGAINST.search(unicodedata.normalize("NFC", text).lower()))


def denies(text: str) -> bool:
    """Tell whether a remark beside a row of a list says that the row does not count, or not as it stands."""
    return bool(_DENIES.search(unicodedata.normalize("NFC", " ".join(text.split())).lower()))


def says_other_land(text: str) -> bool:
    """Tell whether words say of a ring or a shape that it does not count, or is of land not recovered for good."""
    return says_against(text) or bool(_OTHER_LAND.search(unicodedata.normalize("NFC", text).lower()))


def without_remarks(
    rows: Sequence[Row], ring: int | None, order_of: Callable[[Row], int | None], notes: list, doubts: list
) -> list[Row]:
    """Take the coordinates out of rows that are no vertices of the table.

    Parameters
    ----------
    rows : sequence of Row
    ring : int, optional
        The column that names rings.
    order_of : callable
        Gives the number in the name of a row's vertex.
    notes, doubts : list
        What is left out, and what is asked, is added to them.
    """
    held = [each for each in rows if each.pairs]
    names = {each.number: name_of(each, ring) for each in held}
    wordy = sum(map(is_wordy, names.values()))
    main, times = Counter(names.values()).most_common(1)[0] if held else ("", 0)
    alike = main if times >= FEWEST_OF_A_RING and 2 * times >= len(held) else None
    plain = alike is None and 2 * wordy < len(held) and len(held) - wordy >= FEWEST_OF_A_RING
    if alike is None and not plain:
        return list(rows)
    dropped = set()
    _ask_for_numbers(held, alike, names, order_of, doubts)
    first_at: dict[tuple[float, float], int] = {}
    for i, each in enumerate(held):
        first_at.setdefault(_at(each), i)
    runs = [list(run) for _, run in groupby(range(len(held)), key=lambda i: names[held[i].number])]
    for run in runs:
        name = names[held[run[0]].number]
        strange = name != alike if alike is not None else is_wordy(name)
        if not strange:
            continue
        if len(run) >= FEWEST_OF_A_RING and not is_wordy(name):
            dropped |= _left_of_a_ring(rows, [held[i] for i in run], name, notes, doubts)
            continue
        for i in run:
            if not _taken(held, i, name, first_at, order_of, notes, doubts):
                dropped.add(held[i].number)
    return [replace(each, pairs=(), beside=()) if each.number in dropped else each for each in rows]


def _left_of_a_ring(rows: Sequence[Row], run: list[Row], name: str, notes: list, doubts: list) -> set[int]:
    """Give the rows of points that are named otherwise than most, enough for a ring, if they are control points."""
    if _is_plain(name):
        return set()
    first, last = run[0].number, run[-1].number
    said = {"first": first, "last": last, "text": run[0].text.replace("\t", " ")[:_MOST_SHOWN]}
    above = next((each for each in reversed(rows[: first - 1]) if not each.blank), None)
    if above is not None and not above.pairs and _CONTROL.search(folded(above.text)):
        notes.append(GisError("Rows %(first)s to %(last)s, “%(text)s” …, are points to measure from and no vertices: "
                              "they were left out.", **said))  # fmt: skip
        return {each.number for each in run}
    doubts.append(
        Doubt("Rows %(first)s to %(last)s, “%(text)s” …, are named otherwise than the others and were taken as a ring: "
              "are they no points to measure from?", **said)
    )  # fmt: skip
    return set()


def _is_plain(name: str) -> bool:
    """Tell whether a name is one of a vertex whatever its neighbours are called: a letter, “mốc”."""
    return all(word in _POINT_WORDS or len(word) == 1 for word in name.split())


def _ask_for_numbers(held: list[Row], alike: str | None, names: dict, order_of: Callable, doubts: list) -> None:
    """Ask of a row that bears no number where its neighbours do."""
    mine = [each for each in held if names[each.number] == alike]
    bare = [each for each in mine if order_of(each) is None]
    if not 0 < len(bare) < FEWEST_OF_A_RING or len(bare) * 2 >= len(mine):
        return
    places = {_at(each) for each in mine if each not in bare}
    for each in bare:
        if _at(each) not in places:  # else it closes its ring
            doubts.append(
                Doubt("Row %(row)s, “%(text)s”, bears no number, as its neighbours do; it was taken as a vertex: is "
                      "it one?", row=each.number, text=each.text.replace("\t", " ")[:_MOST_SHOWN])
            )  # fmt: skip


def _taken(held: list[Row], i: int, name: str, first_at: dict, order_of: Callable, notes: list, doubts: list) -> bool:
    """Tell whether a row that is named otherwise than most is a vertex all the same, and say what was done."""
    each = held[i]
    said = {"row": each.number, "text": each.text.replace("\t", " ")[:_MOST_SHOWN]}
    order, before = order_of(each), order_of(held[i - 1]) if i else None
    behind = order_of(held[i + 1]) if i + 1 < len(held) else None
    closes = first_at[_at(each)] < i
    fits = order is not None and (before == order - 1 or behind == order + 1)
    letter, control = _is_plain(name), bool(_CONTROL.search(name))
    first = next((cell for cell in each.cells if cell), "")
    described = fits and first.strip(".)").isdecimal() and not control  # number, then words in between
    put_in = _PUT_IN.search(" ".join(each.cells[: each.pairs[0].first]))  # 3a behind 3
    if closes or described or (letter and (fits or (put_in and before == int(put_in[1])))):
        return True
    if (fits and not control) or (letter and (order is not None or put_in)):
        doubts.append(
            Doubt("Row %(row)s, “%(text)s”, is named otherwise than its neighbours and was taken as a vertex: is it "
                  "one?", **said)
        )  # fmt: skip
        return True
    if is_wordy(name) and not fits and "khep" not in name.split():
        notes.append(GisError("Row %(row)s, “%(text)s”, is a remark and no vertex: it was left out.", **said))
    else:
        doubts.append(
            Doubt("Row %(row)s, “%(text)s”, is named otherwise than its neighbours and was left out: is it no vertex "
                  "of the outline? If it is one, number it as they are.", **said)
        )  # fmt: skip
    return False


def _at(each: Row) -> tuple[float, float]:
    return each.pairs[0].north, each.pairs[0].east
