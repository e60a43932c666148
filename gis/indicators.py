"""What is counted: the steps of clearance, the keys derived from them, and the measures of each.

An indicator is one entry here; the progress function, the API, the pages and the reports read this list.
The rules of counting stand in docs/decisions/0002-counting.md.
"""

from dataclasses import dataclass

AREA, AMOUNT, PLOTS = "area_m2", "amount_vnd", "plots"
SUMS = (AREA, AMOUNT, PLOTS)
HOLDERS = ("households", "organisations", "communities")
MEASURES = ("documents", "projects", *HOLDERS, "holders", *SUMS, "events")
"""Every measure, in the order of the API. `holders` is the three before it together."""


@dataclass(frozen=True)
class Indicator:
    """One thing that is counted.

    `sums` names the measures that its events carry: a sum it does not carry is null, never zero.
    """

    key: str
    vi: str
    en: str
    sums: frozenset[str] = frozenset()
    derived: bool = False


def _step(key: str, vi: str, en: str, *sums: str) -> Indicator:
    return Indicator(key, vi, en, frozenset(sums))


STEPS = (
    _step("recovery_notice", "Thông báo thu hồi đất", "Recovery notice", AREA),
    _step("recovery_notice_adjustment", "Điều chỉnh thông báo thu hồi đất", "Notice adjusted", AREA),
    _step("recovery_notice_cancellation", "Hủy thông báo thu hồi đất", "Notice cancelled", AREA),
    _step("inventory", "Đo đạc, kiểm đếm", "Survey and inventory", AREA),
    _step("mandatory_inventory", "Kiểm đếm bắt buộc", "Mandatory inventory", AREA),
    _step("plan_review", "Họp thông qua phương án", "Plan reviewed", AREA),
    _step("plan_approval", "Phê duyệt phương án", "Plan approved", AREA, AMOUNT, PLOTS),
    _step("recovery_decision", "Quyết định thu hồi đất", "Recovery decision", AREA),
    _step("recovery_enforcement", "Cưỡng chế thu hồi đất", "Recovery enforced", AREA),
    _step("payment", "Chi trả bồi thường, hỗ trợ", "Payment", AMOUNT),
    _step("advance_payment", "Tạm ứng bồi thường", "Advance payment", AMOUNT),
    _step("progress_bonus", "Thưởng tiến độ", "Progress bonus", AMOUNT),
    _step("deduction", "Khấu trừ nộp ngân sách", "Deduction to the budget", AMOUNT),
    _step("resettlement_allocation", "Giao đất tái định cư", "Resettlement plot allotted", AREA, PLOTS),
    _step("handover_consent", "Cam kết bàn giao mặt bằng", "Consent to hand over", AREA),
    _step("handover", "Bàn giao mặt bằng", "Handed over", AREA),
    _step("suspension", "Tạm dừng", "Suspension"),
    _step("resumption", "Tiếp tục", "Resumption"),
    _step("specific_land_price", "Giá đất cụ thể", "Specific land price"),
    _step("land_use_conversion", "Chuyển mục đích sử dụng đất", "Land-use conversion", AREA),
    _step("scope_change", "Thay đổi phạm vi", "Change of scope", AREA),
    _step("persuasion", "Vận động, thuyết phục", "Persuasion"),
    _step("enforcement_board", "Thành lập ban cưỡng chế", "Enforcement board"),
    _step("not_applicable", "Không áp dụng", "Not applicable"),
)
"""The kinds of event that are counted, in the order of the procedure (Land Law 2024 art. 85-94; before
01/08/2024 Land Law 2013 art. 66-71, 79, 93)."""

DERIVED = (
    Indicator("affected", "Bị ảnh hưởng", "Affected", frozenset({AREA}), derived=True),
    Indicator("not_inventoried", "Chưa kiểm đếm", "Not inventoried", frozenset({AREA}), derived=True),
    Indicator("not_handed_over", "Chưa bàn giao", "Not handed over", frozenset({AREA}), derived=True),
)

INDICATORS = {indicator.key: indicator for indicator in (*STEPS, *DERIVED)}

CORRECTION = "correction"
"""The kind of an event that voids a wrong entry: it is not counted, it acts through `known_at`."""

EVENT_KINDS = (*(step.key for step in STEPS), CORRECTION)

PARCEL_STEPS = ("recovery_notice", "inventory", "plan_approval", "recovery_decision", "payment", "handover")
"""The steps a parcel is coloured by, first to last."""

AREA_NEEDS_PARCEL = tuple(
    step.key for step in STEPS if AREA in step.sums and step.key not in ("resettlement_allocation", "scope_change")
)
"""Kinds whose m² must name the affected parcel they lie on: an area without a place could not be counted by
commune. A resettlement allocation's area is its plot's."""

DONE = ("period", "cumulative", "ytd")
"""The bases of a figure that says what was done."""
REPORT_ONLY = {
    "target_handover": ("target",),
    "capital_plan": ("plan",),
    "disbursement_plan": ("plan",),
    "disbursement_forecast": ("plan",),
    "clearance_funding": ("plan", *DONE),
    "work_value": DONE,
    "disbursement": DONE,
    "payment_received": DONE,
    "resettlement_entitlement": DONE,
    "citizen_reception": DONE,
    "project_status": ("cumulative",),
    "stopped_by_clearance": ("cumulative",),
}
"""Indicators that only reports state, with the bases each can have: records count nothing of them."""


def bases(key: str) -> tuple[str, ...]:
    """Give the bases that a figure of an indicator can have; none for an unknown one."""
    if key in REPORT_ONLY:
        return REPORT_ONLY[key]
    if key not in INDICATORS:
        return ()
    return ("cumulative",) if INDICATORS[key].derived else (*DONE, "plan", "target")
