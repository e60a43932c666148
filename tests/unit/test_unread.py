"""Every number of a report is accounted for: read, a day or a paper's number, or named as not understood."""

import random
import re
from pathlib import Path

import pytest

from gis import reading, unread

PROJECTS = [reading.KnownProject("ho-phai-loan", "Hồ Phai Loạn")]


def counted(text):
    return unread.read(text, projects=PROJECTS, unit="Thành phố Lạng Sơn")[1]


def left(text):
    return [text[start:end] for start, end in counted(text).left]


def test_what_was_not_understood_is_named():
    text = "Đã bàn giao mặt bằng 22 hộ dự án Hồ Phai Loạn. Thu hồi được 13,1 ha; đền bù xong 7 sào, 5 thửa."
    assert "22" not in left(text)
    assert {"13,1", "7", "5"} <= set(left(text))


@pytest.mark.parametrize(
    "mark",
    [
        "ngày 24/10/2022", "tháng 10 năm 2022", "Công văn số 1234/UBND-KT", "Quyết định 56/QĐ-UBND", "Điều 87",
        "Quốc lộ 1", "khối 3", "thửa 12", "quý 4", "ngày 5 tháng 3 năm 2024",
    ],
)  # fmt: skip
def test_days_and_papers_state_no_quantity(mark):
    found = counted(f"Theo {mark}, việc bàn giao được nhắc lại.")
    assert (found.read, found.left) == (0, ())
    assert found.marks >= 1


@pytest.mark.parametrize("text", ["", "Không có số nào.", "\n\n", "²"])
def test_no_number_is_no_number(text):
    assert counted(text).total == len(re.findall(r"\d", text)) or text == "²"


def test_all_numbers_add_up_in_texts_put_together_at_random():
    chance = random.Random(7)
    pieces = [piece for file in Path(__file__).parents[1].glob("reading/*.txt")
              for piece in re.split(r"(?<=[.;\n])\s", file.read_text()) if piece.strip()]  # fmt: skip
    for _ in range(25):
        text = "\n".join(chance.sample(pieces, 12))
        found = counted(text)
        assert found.total == found.read + found.marks + len(found.left)
        assert all(re.search(r"\d", text[start:end]) for start, end in found.left)
        assert len(set(found.left)) == len(found.left)
        bare = re.sub(r"<sup>.*?</sup>|\[\^\d+\]", "", text)
        assert found.total <= len(re.findall(r"\d+", bare)) + len(re.findall(r"<sup>|\[\^", text))
