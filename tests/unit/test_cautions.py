"""Refusals, other fields, what remains and cited days: none of it is ever ticked. Sentences of ours, from no report."""

from datetime import date
from itertools import product

import pytest

from gis import reading
from gis.statements import (
    AGAINST_IT,
    CITED_DAY,
    NO_CLEARANCE,
    NO_PAYEE,
    NOT_DONE_YET,
    OTHER_FIELD,
    PAID_ELSE,
    STRANGE_BEHIND,
)

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
Lẽ ra đã bàn giao mặt bằng 31 hộ.
Nếu đủ vốn thì đã chi trả cho 31 hộ.
Cưỡng chế hụt 03 hộ do thời tiết.
Hoãn cưỡng chế thu hồi đất đối với 04 hộ.
Còn vướng 23 hộ mới chỉ hứa bàn giao mặt bằng trước ngày 30/11/2022.
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


MORE = """
Dự án Hồ Phai Loạn: 06 hộ dứt khoát không giao mặt bằng cho chủ đầu tư.
Tại dự án Hồ Phai Loạn có 03 hộ nhất quyết giữ đất, cản không cho bàn giao mặt bằng 1.250 m2.
08 hộ dự án Hồ Phai Loạn bất hợp tác trong việc nhận tiền bồi thường.
Có 05 hộ né tránh, lánh mặt khi chi trả tiền bồi thường dự án Hồ Phai Loạn.
04 hộ chưa thống nhất nhận 2,1 tỷ đồng tiền bồi thường dự án Hồ Phai Loạn.
Còn 09/45 hộ không đồng tình với việc chi trả bồi thường GPMB dự án Hồ Phai Loạn.
11 hộ yêu cầu nâng giá bồi thường mới bàn giao mặt bằng dự án Hồ Phai Loạn.
Hộ dân dự án Hồ Phai Loạn đòi bố trí tái định cư trước rồi mới bàn giao mặt bằng (12 hộ).
07 hộ dự án Hồ Phai Loạn không ký biên bản bàn giao mặt bằng.
15 hộ dự án Hồ Phai Loạn phản ánh chưa được chi trả 3,2 tỷ đồng.
Có 13 hộ gửi đơn đề nghị xem xét lại việc chi trả tiền bồi thường dự án Hồ Phai Loạn.
02 tổ chức từ chối bàn giao mặt bằng 5.600 m2 thuộc dự án Hồ Phai Loạn.
Dự án Hồ Phai Loạn không có hộ nào trong 12 hộ bàn giao mặt bằng.
Trong kỳ dự án Hồ Phai Loạn chưa thể chi trả cho 20 hộ.
Không thể bàn giao mặt bằng 14 hộ dự án Hồ Phai Loạn trong quý II.
Dự án Hồ Phai Loạn: việc bàn giao mặt bằng 3.400 m2 chưa thực hiện được.
Dự án Hồ Phai Loạn chi trả tiền bồi thường cho 22 hộ chưa xong.
Chưa phê duyệt được phương án bồi thường của 31 hộ dự án Hồ Phai Loạn.
Dự án Hồ Phai Loạn phê duyệt phương án cho 10 hộ bị hủy bỏ.
Đã thu hồi lại 450 triệu đồng chi trả sai đối tượng cho 03 hộ dự án Hồ Phai Loạn.
Chẳng hộ nào trong số 17 hộ dự án Hồ Phai Loạn nhận tiền bồi thường.
Dự án Hồ Phai Loạn mới chỉ thống nhất chủ trương chi trả cho 40 hộ.
Dự án Hồ Phai Loạn đang hoàn thiện thủ tục chi trả cho 27 hộ, số tiền 5,6 tỷ đồng.
Việc chi trả cho 18 hộ dự án Hồ Phai Loạn phải lùi sang quý III.
Bàn giao mặt bằng 9 hộ dự án Hồ Phai Loạn còn vướng do chưa có giá đất.
Dự án Hồ Phai Loạn chờ bố trí vốn để chi trả cho 33 hộ, 12,5 tỷ đồng.
Dự án Hồ Phai Loạn bàn giao mặt bằng 21 hộ không đúng tiến độ.
Trễ hẹn bàn giao mặt bằng 2.300 m2 dự án Hồ Phai Loạn.
Dự án Hồ Phai Loạn nợ tiền bồi thường chi trả cho 16 hộ là 4,4 tỷ đồng.
Cần chi trả cho 25 hộ dự án Hồ Phai Loạn 6,1 tỷ đồng.
Dự án Hồ Phai Loạn phải bàn giao mặt bằng 35 hộ.
Dự án Hồ Phai Loạn chuẩn bị phê duyệt phương án cho 44 hộ.
Thanh tra kết luận việc chi trả cho 05 hộ dự án Hồ Phai Loạn không đúng quy định.
Tòa án thụ lý vụ kiện của 02 hộ về việc chi trả bồi thường dự án Hồ Phai Loạn.
Tiếp 19 lượt công dân, 08 hộ thắc mắc về chi trả tiền bồi thường dự án Hồ Phai Loạn.
Giải quyết tố cáo liên quan việc bàn giao mặt bằng 06 hộ dự án Hồ Phai Loạn.
Qua rà soát còn sót 14 hộ dự án Hồ Phai Loạn bàn giao mặt bằng rồi tái lấn chiếm.
Có 10 hộ dự án Hồ Phai Loạn nhận tiền bồi thường nhưng vẫn ở lại, không di dời.
Tỷ lệ hộ ủng hộ bàn giao mặt bằng dự án Hồ Phai Loạn thấp, chỉ 12 hộ.
Người dân 25 hộ mong muốn sớm được chi trả tiền bồi thường dự án Hồ Phai Loạn.
UBND phường mời 30 hộ lên làm việc về bàn giao mặt bằng dự án Hồ Phai Loạn.
Đoàn công tác gặp gỡ 16 hộ để thuyết phục bàn giao mặt bằng dự án Hồ Phai Loạn.
Nhà thầu xin gia hạn do 05 hộ giữ mặt bằng dự án Hồ Phai Loạn chưa giao.
Chi trả tiền bồi thường 12 hộ dự án Hồ Phai Loạn bị ách lại ở Kho bạc.
Tiền bồi thường của 08 hộ dự án Hồ Phai Loạn chi trả thiếu 320 triệu đồng.
Lên kế hoạch chi trả cho 45 hộ dự án Hồ Phai Loạn, 8,9 tỷ đồng.
Xây dựng phương án bảo vệ thi công, cưỡng chế 02 hộ dự án Hồ Phai Loạn.
Đã có tờ trình phê duyệt phương án bồi thường 20 hộ dự án Hồ Phai Loạn, 6 tỷ đồng.
Hồ sơ phê duyệt phương án 17 hộ dự án Hồ Phai Loạn bị trả về.
Phương án của 09 hộ dự án Hồ Phai Loạn trình phê duyệt lần 2 chưa đạt.
Hạn cuối bàn giao mặt bằng 40 hộ dự án Hồ Phai Loạn là 30/6/2024.
Thời hạn chi trả cho 12 hộ dự án Hồ Phai Loạn đã qua 3 tháng.
Đôn đốc 18 hộ dự án Hồ Phai Loạn nhận tiền bồi thường.
Thông báo cho 22 hộ đến nhận tiền bồi thường dự án Hồ Phai Loạn.
Rà soát 33 hộ đủ điều kiện được chi trả bồi thường dự án Hồ Phai Loạn.
Giao Trung tâm chi trả cho 15 hộ dự án Hồ Phai Loạn trước 15/7.
Chủ tịch UBND yêu cầu bàn giao mặt bằng 50 hộ dự án Hồ Phai Loạn.
Chủ đầu tư đề nghị được bàn giao mặt bằng 12.000 m2 dự án Hồ Phai Loạn.
Tổng số phải chi trả: 60 hộ dự án Hồ Phai Loạn, 21 tỷ đồng.
Nhu cầu vốn chi trả bồi thường dự án Hồ Phai Loạn là 35 tỷ đồng cho 70 hộ.
Dự toán chi trả 28 hộ dự án Hồ Phai Loạn là 9,2 tỷ đồng.
Nếu chi trả cho 11 hộ dự án Hồ Phai Loạn thì cần 3,3 tỷ đồng.
Ước chi trả 14 hộ dự án Hồ Phai Loạn với 4 tỷ đồng.
Vướng 06 hộ nên bàn giao mặt bằng dự án Hồ Phai Loạn bị dừng.
Mới vận động được 03/20 hộ bàn giao mặt bằng dự án Hồ Phai Loạn.
Có tin 12 hộ dự án Hồ Phai Loạn đã nhận tiền, cần kiểm tra lại.
Báo chí nêu 05 hộ dự án Hồ Phai Loạn bị chi trả thấp hơn quy định.
Kiểm toán phát hiện 04 hộ được chi trả bồi thường dự án Hồ Phai Loạn sai diện tích.
Bà con 19 hộ kéo đến trụ sở đòi chi trả bồi thường dự án Hồ Phai Loạn.
Hội đồng họp bàn việc chi trả cho 23 hộ dự án Hồ Phai Loạn.
Lãnh đạo huyện đối thoại, 12 hộ vẫn không đồng ý bàn giao mặt bằng dự án Hồ Phai Loạn.
Do mưa lũ, 10 hộ dự án Hồ Phai Loạn hoãn bàn giao mặt bằng.
Chi trả cho 16 hộ dự án Hồ Phai Loạn: chưa thực hiện.
Bàn giao mặt bằng (0/14 hộ) dự án Hồ Phai Loạn.
Việc phê duyệt phương án của 21 hộ dự án Hồ Phai Loạn kéo dài từ năm 2022.
Ngân hàng giải ngân cho 45 hộ vay, dự án Hồ Phai Loạn.
Số hộ đủ điều kiện nhận tiền dự án Hồ Phai Loạn: 31 hộ.
Còn thiếu 2,3 tỷ đồng để chi trả cho 7 hộ dự án Hồ Phai Loạn.
Dự án Hồ Phai Loạn cam kết chi trả cho 30 hộ trong tháng 7.
Thống nhất lịch chi trả cho 24 hộ dự án Hồ Phai Loạn.
Niêm yết danh sách 35 hộ được chi trả dự án Hồ Phai Loạn.
Kiến nghị của 18 hộ về bàn giao mặt bằng dự án Hồ Phai Loạn đã được trả lời.
Bàn giao mặt bằng 12 hộ dự án Hồ Phai Loạn theo chỉ đạo phải xong trước Tết.
Bàn giao hồ sơ 40 hộ dự án Hồ Phai Loạn cho Trung tâm.
Đã lên lịch chi trả cho 32 hộ dự án Hồ Phai Loạn.
Đã yêu cầu 15 hộ dự án Hồ Phai Loạn bàn giao mặt bằng.
Đã mời 20 hộ dự án Hồ Phai Loạn nhận tiền bồi thường.
Đã có văn bản đôn đốc bàn giao mặt bằng 9 hộ dự án Hồ Phai Loạn.
Đã giao Trung tâm chi trả cho 11 hộ dự án Hồ Phai Loạn.
Đã bố trí 6 tỷ đồng để chi trả cho 17 hộ dự án Hồ Phai Loạn.
Đã báo cáo UBND tỉnh về chi trả 13 hộ dự án Hồ Phai Loạn.
Một số hộ (8 hộ) dự án Hồ Phai Loạn lấn chiếm lại đất đã bàn giao.
Sau khi chi trả cho 5 hộ dự án Hồ Phai Loạn, các hộ vẫn xây dựng trái phép.
Hộ ông A khiếu nại; 9 hộ khác chi trả bị treo, dự án Hồ Phai Loạn.
Giá đền bù thấp nên 26 hộ dự án Hồ Phai Loạn nhận tiền rất ít.
Tạm ứng lần 1 cho 12 hộ dự án Hồ Phai Loạn bị từ chối.
UBND huyện chưa ban hành quyết định thu hồi đất 14 hộ dự án Hồ Phai Loạn.
Quyết định thu hồi đất 6 hộ dự án Hồ Phai Loạn bị tòa tuyên hủy.
Ban hành nhầm 02 thông báo thu hồi đất cho 02 hộ dự án Hồ Phai Loạn.
""".strip().splitlines()


@pytest.mark.parametrize("sentence", MORE)
def test_what_is_refused_waited_for_or_spoken_of_is_never_ticked(sentence):
    left = ("not_handed_over", "not_inventoried", "affected", "target_handover")
    assert [one for one in sure(sentence) if one.indicator not in left] == []


MORE_OTHER = """
Chi trả chế độ mai táng, thờ cúng liệt sỹ cho 30 hộ, 600 triệu đồng.
Chi trả tiền hỗ trợ nhà ở cho 45 hộ nghèo bằng nguồn vốn chương trình giảm nghèo, 1,8 tỷ đồng.
Chi trả dịch vụ môi trường rừng cho 210 hộ với số tiền 950 triệu đồng.
Chi trả tiền bồi thường tai nạn lao động cho 04 hộ, 320 triệu đồng.
Bồi thường thiệt hại do bão số 3, đã chi trả cho 150 hộ 2,7 tỷ đồng.
Bàn giao 12 công trình nhà văn hóa, 05 nhà đại đoàn kết cho 05 hộ.
Chi trả tiền bảo vệ rừng khoán cho 85 hộ, diện tích 320 ha, 410 triệu đồng.
Cưỡng chế thi hành án dân sự đối với 03 hộ, thu 240 triệu đồng.
Bàn giao căn cước công dân cho 500 hộ.
Chi trả hỗ trợ hạn hán cho 64 hộ dân, kinh phí 210 triệu đồng.
Nộp ngân sách tiền sử dụng đất của 38 hộ là 7,5 tỷ đồng.
Tạm ứng vốn cho nhà thầu thi công 12 tỷ đồng.
Chi trả tiền điện, tiền nước cho 9 hộ tại khu tái định cư 15 triệu đồng.
Bàn giao đất trồng rừng cho 22 hộ, 54 ha theo chương trình trồng rừng thay thế.
Chi trả lương hưu và trợ cấp BHXH cho 420 người, 45 hộ, 2,3 tỷ đồng.
Chi trả tiền thuê nhà trọ cho công nhân 80 hộ, 160 triệu đồng.
Bàn giao bò giống cho 35 hộ nghèo, trị giá 525 triệu đồng.
Bàn giao lưới điện hạ áp nông thôn cho ngành điện quản lý, phục vụ 230 hộ.
Chi trả hỗ trợ người trồng lúa 1.250 hộ, 640 triệu đồng.
Cưỡng chế thuế 06 doanh nghiệp, thu nộp ngân sách 3,8 tỷ đồng.
Chi trả kinh phí bầu cử cho 12 thôn, 96 triệu đồng.
Tạm ứng tiền hàng cứu trợ 300 triệu đồng cho 65 hộ.
Chi trả tiền công đo đạc 35 triệu đồng cho đơn vị tư vấn dự án Hồ Phai Loạn.
Chi trả phụ cấp cho 12 cán bộ, 3 hộ phục vụ, 24 triệu đồng.
Nộp ngân sách phí đo đạc 12 triệu đồng.
Bàn giao mặt bằng chợ tạm cho 40 hộ kinh doanh.
Bàn giao ki ốt cho 25 hộ tiểu thương.
Thu nộp ngân sách tiền thuê đất 4,1 tỷ đồng của 15 tổ chức.
Chi trả chi phí kiểm dịch 60 hộ chăn nuôi, 90 triệu đồng.
Cưỡng chế thu tiền nợ thuê đất 2 tổ chức.
""".strip().splitlines()


@pytest.mark.parametrize("sentence", MORE_OTHER)
def test_other_fields_are_told_by_their_words_too(sentence):
    assert sure(sentence) == []


AGAINST = (
    "Khó khăn, vướng mắc", "3. Tồn tại, hạn chế:", "IV. Đề xuất, kiến nghị", "Nhiệm vụ trọng tâm thời gian tới:",
    "Danh sách các hộ chưa bàn giao mặt bằng:", "II. Phương hướng 6 tháng cuối năm\n1. Dự án Hồ Phai Loạn",
)  # fmt: skip
ACTS = ("bàn giao mặt bằng 12 hộ", "chi trả tiền bồi thường cho 14 hộ", "phê duyệt phương án bồi thường cho 26 hộ")


@pytest.mark.parametrize("head", AGAINST)
def test_under_a_heading_of_difficulties_or_tasks_nothing_is_ticked_as_done(head):
    for act in ACTS:
        assert sure(f"{head}\n- Dự án Hồ Phai Loạn: {act}.\n") == []
    after = f"{head}\n- Có nhiều việc.\nI. Kết quả thực hiện\n- Dự án Hồ Phai Loạn: {ACTS[0]}.\n"
    assert [one.indicator for one in sure(after)] == ["handover"], "the next heading of its rank ends it"


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
        ("Đến nay 45 hộ dân thuộc dự án Hồ Phai Loạn đã nhận tiền bồi thường, số tiền 12 tỷ đồng.", "payment"),
        ("UBND phường đã phê duyệt phương án bồi thường cho 20 hộ dự án Hồ Phai Loạn.", "plan_approval"),
        ("Hoàn thành việc chi trả cho 30 hộ dự án Hồ Phai Loạn.", "payment"),
        ("Tổ chức bàn giao mặt bằng cho chủ đầu tư 1,2 ha, 14 hộ dự án Hồ Phai Loạn.", "handover"),
        ("Về bàn giao mặt bằng: 47 hộ dự án Hồ Phai Loạn đã bàn giao mặt bằng.", "handover"),
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


def test_the_year_of_a_day_counts_no_projects():
    for text in ("Đến ngày 20/10/2022 dự án Hồ Phai Loạn đã bàn giao mặt bằng 12 hộ.",
                 "Trong năm 2022 dự án Hồ Phai Loạn đã bàn giao mặt bằng 12 hộ."):  # fmt: skip
        assert [one.project for one in read(text)] == ["ho-phai-loan"], text
    assert [one.project for one in read("Đến nay 12 dự án đã bàn giao mặt bằng 40 hộ.")] == [None]


TASKS = """
II. NHIỆM VỤ THÁNG 11⏎- Bàn giao 2,5 ha dự án Hồ Phai Loạn.
III. NHIỆM VỤ CÔNG TÁC THÁNG 11⏎- Bàn giao mặt bằng 12 hộ dự án Hồ Phai Loạn.
Nhiệm vụ tháng 11: Bàn giao mặt bằng 12 hộ dự án Hồ Phai Loạn.
Một số việc cần làm trong tháng 11/2022⏎- Bàn giao mặt bằng 20 hộ dự án Hồ Phai Loạn.
Công việc tuần sau:⏎- Kiểm đếm 15 hộ dự án Hồ Phai Loạn.
Lịch làm việc tuần tới⏎- Bàn giao mặt bằng 04 hộ.
Chỉ tiêu giao năm 2023⏎- Bàn giao 15 ha dự án Hồ Phai Loạn.
Đề nghị UBND tỉnh⏎- Chi trả 12 tỷ đồng cho 40 hộ dự án Hồ Phai Loạn.
Nội dung xin ý kiến⏎- Cưỡng chế thu hồi đất 03 hộ.
Các mốc tiến độ cần đạt⏎- Bàn giao mặt bằng 9 hộ dự án Hồ Phai Loạn.
| Nhiệm vụ | Bàn giao mặt bằng 9 hộ dự án Hồ Phai Loạn |
Thời gian tới, bàn giao mặt bằng 9 hộ dự án Hồ Phai Loạn.
Tập trung bàn giao mặt bằng 9 hộ dự án Hồ Phai Loạn.
Đăng ký thi đua: bàn giao mặt bằng 9 hộ dự án Hồ Phai Loạn.
Theo dự toán, chi trả 15 tỷ đồng cho 42 hộ dự án Hồ Phai Loạn.
05 hộ dân bàn giao mặt bằng rồi lại tái chiếm.
Dừng thực hiện quyết định cưỡng chế thu hồi đất đối với 2 hộ.
Khó hoàn thành bàn giao mặt bằng 13 hộ trong năm.
Phấn đấu bàn giao mặt bằng 13 hộ trong năm nhưng không đạt.
Mục tiêu bàn giao mặt bằng 13 hộ không hoàn thành.
Ở tỉnh Bắc Giang, đã bàn giao mặt bằng 45 ha cho 300 hộ.
Tại dự án cao tốc của tỉnh Cao Bằng, chi trả 120 tỷ đồng cho 500 hộ.
"""


@pytest.mark.parametrize("said", TASKS.strip().splitlines())
def test_tasks_plans_and_what_is_of_others_wait_for_a_person(said):
    assert not sure(said.replace("⏎", "\n"))


def test_money_of_another_country_is_no_number_of_dong():
    (one,) = read("Chi trả bồi thường 1,2 triệu USD cho 12 hộ dự án Hồ Phai Loạn.")
    assert "amount_vnd" not in one.values


def test_results_of_tasks_and_targets_in_words_stay_sure():
    assert sure("Kết quả thực hiện nhiệm vụ tháng 10:\n- Bàn giao mặt bằng 12 hộ dự án Hồ Phai Loạn.")
    assert sure("Phấn đấu đến 31/12/2022 bàn giao 100% diện tích dự án Hồ Phai Loạn.")


UNDONE = """
Thực hiện cưỡng chế thu hồi đất đối với 2 hộ nhưng bất thành do trời mưa lớn.|bất thành do trời mưa lớn
Đã ban hành quyết định thu hồi đất của 5 hộ, sau đó bãi bỏ cả 5 quyết định.|bãi bỏ
Đã kiểm đếm 14 hộ, kết quả bị UBND tỉnh tuyên vô hiệu.|tuyên vô hiệu
Đã phê duyệt phương án bồi thường 13 hộ, phải làm lại toàn bộ do áp sai đơn giá.|phải làm lại
Bàn giao mặt bằng 10 hộ (thực chất mới ký biên bản, nhà cửa vẫn nguyên).|thực chất mới ký biên bản
Đã chi trả tiền bồi thường cho 12 hộ, song 4 hộ mang tiền đến nộp lại.|song 4 hộ mang tiền đến nộp lại
Đã chi trả tiền bồi thường cho 12 hộ; sau đó các hộ nộp trả toàn bộ.|nộp trả
Đã phê duyệt phương án bồi thường cho 20 hộ (phương án này đã hết hiệu lực).|hết hiệu lực
Đã ban hành 12 thông báo thu hồi đất, thu hồi cả 12 thông báo.|thu hồi
Kiểm đếm được 9 hộ rồi bỏ dở.|rồi bỏ
Bàn giao mặt bằng 10 hộ (Hủy).|Hủy
""".strip().splitlines()


@pytest.mark.parametrize("line", UNDONE)
def test_what_stands_behind_a_figure_and_is_not_known_as_harmless_leaves_it_to_a_person(line):
    text, words = line.split("|")
    assert sure(text) == []
    told = [doubt.params["words"] for one in read(text) for doubt in one.doubts if doubt.message == STRANGE_BEHIND]
    assert any(words in each for each in told), told


@pytest.mark.parametrize(
    "said",
    [
        "Đã chi trả 5 tỷ đồng tiền bồi thường cho 32 hộ, trong đó phường Đông Kinh 12 hộ, xã Mai Pha 20 hộ.",
        "Đã bàn giao mặt bằng 12 hộ, diện tích 3.400,5 m2 cho chủ đầu tư để thi công dự án Hồ Phai Loạn.",
        "Phê duyệt phương án bồi thường cho 23 hộ (đạt 92% kế hoạch, tăng 4 hộ so với cùng kỳ năm trước).",
        "Chi trả tiền bồi thường, hỗ trợ cho các hộ dân với số tiền 4,1 tỷ đồng theo Quyết định số 14/QĐ-UBND.",
    ],
)
def test_receivers_places_shares_and_papers_behind_a_figure_leave_it_sure(said):
    assert all(not one.doubts for one in read(said)) and read(said)


@pytest.mark.parametrize(
    "said",
    [
        "Đã chi trả 350 triệu đồng cho đơn vị tư vấn đo đạc.",
        "Chi trả 25 triệu đồng tiền điện, nước trụ sở Hội đồng bồi thường.",
        "Đã chi trả 180 triệu đồng thuê máy xúc phá dỡ nhà trên đất dự án.",
        "Đã chi trả 80 triệu đồng cho dự án Hồ Phai Loạn.",
        "Đã chi trả 80 triệu đồng cho Hội đồng bồi thường, hỗ trợ và tái định cư.",
        "Tạm ứng 2 tỷ đồng cho nhà thầu thi công mặt bằng.",
    ],
)
def test_money_is_paid_for_land_only_where_holders_or_compensation_are_named(said):
    assert sure(said) == []
    assert {NO_PAYEE, PAID_ELSE} & {doubt.message for one in read(said) for doubt in one.doubts}


@pytest.mark.parametrize(
    ("said", "first", "last", "surely"),
    [
        ("Ngày 12/10/2022, 5 hộ đã nhận tiền bồi thường 640 triệu đồng.", (2022, 10, 12), (2022, 10, 12), True),
        ("Sáng 14 tháng 10, 7 hộ đã bàn giao mặt bằng.", (2022, 10, 14), (2022, 10, 14), True),
        ("Từ ngày 05/10/2022 đến ngày 15/10/2022, 7 hộ đã bàn giao mặt bằng.", (2022, 10, 5), (2022, 10, 15), True),
        ("Hôm 12/8/2021, 5 hộ đã nhận tiền bồi thường 640 triệu đồng.", (2021, 8, 12), (2021, 8, 12), False),
        ("Phê duyệt phương án bồi thường 12 hộ tại Quyết định số 12/QĐ-UBND ngày 12/8/2021.",
         (2022, 1, 1), (2022, 10, 24), True),
    ],
)  # fmt: skip
def test_the_day_in_a_sentence_is_that_of_its_figure_unless_it_is_a_papers(said, first, last, surely):
    (one,) = read(said)
    assert (one.basis, one.from_on, one.to_on) == ("period", date(*first), date(*last))
    assert bool(one.doubts) is not surely


def test_a_day_behind_a_running_total_makes_no_total_of_what_was_done_on_it():
    whole, day = read("Từ khi triển khai đến nay, 55 hộ đã bàn giao mặt bằng; ngày 05/09/2022 có 2 hộ bàn giao.")
    assert (whole.basis, day.basis, day.from_on, day.to_on) == ("cumulative", "period", *[date(2022, 9, 5)] * 2)


def test_what_remains_is_no_target_behind_its_number_either():
    assert sure("Phấn đấu trong tháng 11/2022 bàn giao xong 18 hộ còn lại và chi trả 6,5 tỷ đồng.") == []
