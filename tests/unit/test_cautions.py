"""Refusals, other fields, what remains and cited days: none of it is ever ticked. Sentences of ours, from no report."""

from datetime import date
from itertools import product

import pytest

from gis import reading
from gis.statements import AGAINST_IT, CITED_DAY, NO_CLEARANCE, NOT_DONE_YET, OTHER_FIELD

PROJECTS = [
    reading.KnownProject("ho-phai-loan", "Hồ Phai Loạn"),
    reading.KnownProject("ba-trieu", "Mở rộng đường Bà Triệu"),
]
PERIOD = {"from_on": date(2022, 1, 1), "to_on": date(2022, 10, 24)}


def read(text, **period):
    return reading.read(text, projects=PROJECTS, unit="Thành phố Lạng Sơn", **(period or PERIOD))


def sure(text, **period):
    return [one for one in read(text, **period) if not one.doubts]


REFUSED = """
Còn 09 hộ không chấp hành bàn giao mặt bằng.
Có 07 hộ từ chối nhận tiền bồi thường.
12 hộ chưa đến nhận tiền bồi thường.
Chậm chi trả cho 18 hộ.
Có 16 hộ khiếu nại việc chi trả tiền bồi thường.
Vận động 13 hộ nhận tiền nhưng không thành.
11 hộ chưa đồng ý với phương án đã phê duyệt.
Hiện 05 hộ phản đối việc bàn giao mặt bằng.
Có 04 hộ chưa nhất trí phương án bồi thường đã được phê duyệt.
Việc chi trả cho 21 hộ bị chậm so với kế hoạch.
06 hộ không hợp tác khi bàn giao mặt bằng dự án Hồ Phai Loạn.
Đã chi trả nhưng 03 hộ trả lại tiền, yêu cầu tăng giá.
Tạm dừng chi trả 2,5 tỷ đồng cho 14 hộ do có đơn khiếu kiện.
08 hộ vắng mặt, không nhận tiền bồi thường.
Quá hạn bàn giao mặt bằng đối với 10 hộ.
Bàn giao mặt bằng 15 hộ gặp vướng mắc.
Đối thoại với 22 hộ về việc bàn giao mặt bằng.
Phê duyệt phương án cho 17 hộ nhưng các hộ không ký.
Sắp chi trả cho 30 hộ với số tiền 4,2 tỷ đồng.
Đề nghị tạm ứng 3 tỷ đồng để chi trả cho 12 hộ.
Một số hộ (09 hộ) dự án Hồ Phai Loạn cản trở việc nhận mặt bằng.
""".strip().splitlines()


@pytest.mark.parametrize("sentence", REFUSED)
def test_a_refusal_is_no_achievement(sentence):
    for text in (sentence, f"Công tác GPMB dự án Hồ Phai Loạn: {sentence[0].lower()}{sentence[1:]}", sentence.upper()):
        ticked = [one for one in sure(text) if one.indicator not in ("not_handed_over", "not_inventoried", "affected")]
        assert ticked == [], text


OTHER = """
Chi trả trợ cấp cho 120 người có công và 45 hộ, số tiền 350 triệu đồng.
Đã chi trả tiền bảo trợ xã hội cho 210 hộ, tổng kinh phí 1,2 tỷ đồng.
Cưỡng chế 02 hộ xây dựng trái phép, phạt tiền 15 triệu đồng.
Ban hành 05 quyết định cưỡng chế vi phạm trật tự xây dựng.
Chi trả mai táng phí cho 18 hộ.
Chi trả tiền hỗ trợ thiên tai cho 60 hộ, 480 triệu đồng.
Bàn giao nhà cho 12 hộ nghèo.
Chi trả quà Tết cho 300 hộ cận nghèo.
Nộp ngân sách 2,4 tỷ đồng tiền phạt vi phạm hành chính.
Tạm ứng 500 triệu đồng tiền lương cho 20 hộ.
""".strip().splitlines()


@pytest.mark.parametrize("sentence", OTHER)
def test_other_fields_are_not_of_clearance(sentence):
    assert sure(sentence) == []


def test_words_of_no_field_are_doubted_for_want_of_clearance():
    (found,) = [one for one in read("Trong kỳ đã chi trả cho 25 hộ với 300 triệu đồng.") if one.indicator == "payment"]
    assert [doubt.message for doubt in found.doubts] == [NO_CLEARANCE]


@pytest.mark.parametrize(
    ("sentence", "indicator"),
    [
        ("Đã chi trả tiền bồi thường cho 18 hộ, số tiền 2,5 tỷ đồng dự án Hồ Phai Loạn.", "payment"),
        ("Bàn giao mặt bằng được 22 hộ dự án Hồ Phai Loạn.", "handover"),
        ("Ban hành 36 thông báo thu hồi đất đối với 33 hộ.", "recovery_notice"),
        ("Phê duyệt 12 phương án bồi thường cho 12 hộ, kinh phí 1,5 tỷ đồng.", "plan_approval"),
        ("Tạm ứng tiền bồi thường cho 10 hộ dự án Mở rộng đường Bà Triệu, số tiền 3,1 tỷ đồng.", "advance_payment"),
    ],
)
def test_what_is_plainly_done_stays_sure(sentence, indicator):
    assert [one.indicator for one in sure(sentence)] == [indicator]


def test_the_words_that_speak_against_it_are_named():
    (found,) = read("Có 07 hộ từ chối nhận tiền bồi thường.")
    (doubt,) = [one for one in found.doubts if one.message == AGAINST_IT]
    assert doubt.params["words"] == "từ chối"
    (other,) = [one for one in read("Cưỡng chế 02 hộ xây dựng trái phép.") if one.indicator == "recovery_enforcement"]
    assert {one.message for one in other.doubts} >= {OTHER_FIELD}


@pytest.mark.parametrize(
    "said",
    [
        "Còn 12 hộ chưa bàn giao mặt bằng.",
        "12 hộ với 1.500,5 m2 chưa bàn giao mặt bằng.",
        "Còn lại 12 hộ chưa nhận tiền.",
    ],
)
@pytest.mark.parametrize(
    "head", ["II. Nhiệm vụ trọng tâm", "III. Phương hướng, nhiệm vụ quý IV", "2. Kế hoạch thời gian tới"]
)
def test_what_remains_is_no_target_under_any_heading(head, said):
    found = read(f"{head}\n- Dự án Hồ Phai Loạn: {said}\n")
    assert [one for one in found if one.indicator == "target_handover"] == []
    assert [one for one in found if one.indicator in ("handover", "payment") and not one.doubts] == []


CITED = (
    "Thực hiện Công văn số 1234/UBND-KT ngày 20/10/2022 của UBND thành phố",
    "Căn cứ Quyết định số 56/QĐ-UBND ngày 20/10/2022 về báo cáo tiến độ đến",
    "Theo Kế hoạch số 7/KH-UBND ngày 20/10/2022, báo cáo số liệu",
)
OWN = ("Tính đến ngày 24/10/2022, kết quả như sau:", "Báo cáo tiến độ đến ngày 24/10/2022 như sau:")


@pytest.mark.parametrize(("cited", "own"), [*product(CITED, OWN)])
def test_the_day_of_a_cited_letter_is_not_the_reports(cited, own):
    found = read(f"{cited}.\n{own}\n- Bàn giao mặt bằng 22 hộ dự án Hồ Phai Loạn.\n", from_on=None, to_on=None)
    assert {one.to_on for one in found} == {date(2022, 10, 24)}


@pytest.mark.parametrize("cited", CITED)
def test_where_only_cited_days_stand_none_is_taken(cited):
    (found,) = read(f"{cited}.\n- Bàn giao mặt bằng 22 hộ dự án Hồ Phai Loạn.\n", from_on=None, to_on=None)
    assert found.to_on is None
    assert CITED_DAY in {one.message for one in found.doubts} or found.doubts


def test_not_yet_is_doubted_with_its_own_words():
    for said in ("Đang bàn giao mặt bằng 9 hộ dự án Hồ Phai Loạn.", "Không chi trả cho 9 hộ dự án Hồ Phai Loạn."):
        for found in read(said):
            assert {one.message for one in found.doubts} & {NOT_DONE_YET, AGAINST_IT}, said
