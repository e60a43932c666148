"""The words by which reports say what was done: for each indicator, its verbs and nouns without diacritics.

A cue opens a statement; the quantities around it are its cells. Cues without an indicator are acts that are not
reported here (land-use certificates, sales): their numbers must not be taken for others'.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gis.vietnamese import AREA, DOCUMENTS, HOLDERS, MONEY, NUMBER, PLOTS, PROJECTS, TURNS

PERIOD, CUMULATIVE, YTD, PLAN, TARGET = "period", "cumulative", "ytd", "plan", "target"
CLEARANCE = r"(?:gpmb|giai phong mat bang)"
_PLAN_WORDS = r"(?:phuong an|pa|pabt)\b"
_PLOT = r"(?:o|lo|suat|nen)"
_DECISION = r"(?:quyet dinh|qd)"
_NOTICE = r"(?:thong bao|tb)"


@dataclass(frozen=True)
class Act:
    """What an indicator's statements may state."""

    cells: frozenset[str]
    basis: str = PERIOD
    needs: frozenset[str] | None = None
    """One of these must be stated; None for any."""


def _act(*cells: str, basis: str = PERIOD, needs: tuple[str, ...] | None = None) -> Act:
    return Act(frozenset({*HOLDERS, PROJECTS, *cells}), basis, frozenset(needs) if needs else None)


def _sum(*cells: str, basis: str) -> Act:
    return Act(frozenset({MONEY, *cells}), basis, frozenset({MONEY}))


_PAPER = _act(DOCUMENTS, AREA)
ACTS = {
    "recovery_notice": _PAPER,
    "recovery_notice_adjustment": _PAPER,
    "recovery_notice_cancellation": _PAPER,
    "inventory": _act(AREA, needs=(*HOLDERS, AREA)),
    "not_inventoried": _act(AREA, basis=CUMULATIVE, needs=(*HOLDERS, AREA)),
    "mandatory_inventory": _PAPER,
    "plan_review": _act(AREA),
    "plan_approval": _act(DOCUMENTS, AREA, MONEY, PLOTS),
    "recovery_decision": _PAPER,
    "recovery_enforcement": _PAPER,
    "payment": _act(MONEY, needs=(*HOLDERS, MONEY)),
    "payment_received": _sum(*HOLDERS, basis=PERIOD),
    "advance_payment": _act(MONEY, needs=(*HOLDERS, MONEY)),
    "progress_bonus": _act(MONEY, needs=(*HOLDERS, MONEY)),
    "deduction": _sum(*HOLDERS, basis=PERIOD),
    "resettlement_allocation": _act(DOCUMENTS, AREA, PLOTS),
    "resettlement_entitlement": _act(PLOTS),
    "handover_consent": _act(AREA, needs=(*HOLDERS, AREA)),
    "handover": _act(AREA, needs=(*HOLDERS, AREA)),
    "not_handed_over": _act(AREA, basis=CUMULATIVE, needs=(*HOLDERS, AREA)),
    "affected": _act(AREA, basis=CUMULATIVE, needs=(*HOLDERS, AREA)),
    "specific_land_price": _act(DOCUMENTS, needs=(DOCUMENTS, PROJECTS)),
    "stopped_by_clearance": Act(frozenset({PROJECTS}), CUMULATIVE),
    "project_status": Act(frozenset({PROJECTS}), CUMULATIVE, frozenset({PROJECTS})),
    "citizen_reception": Act(frozenset({TURNS}), PERIOD, frozenset({TURNS})),
    "capital_plan": _sum(PROJECTS, basis=PLAN),
    "work_value": _sum(basis=YTD),
    "disbursement": _sum(basis=YTD),
    "disbursement_forecast": _sum(basis=PLAN),
    "disbursement_plan": _sum(basis=PLAN),
    "clearance_funding": _sum(PROJECTS, basis=PLAN),
    "target_handover": _act(AREA, basis=TARGET),
}
"""Indicators of `gis.indicators` and of figures of capital and targets, with what may be stated of them."""

_CUES: tuple[tuple[str | None, str], ...] = (
    # Acts that are counted elsewhere.
    (None, r"giay chung nhan|\bgcn\b|giao dat co thu tien|cho thue dat|dau gia|thanh toan (?:khoi luong|von)"),
    (None, r"nghiem thu|quyet toan|chuyen muc dich|\bban giao (?:ho so|moc|cong trinh|nha)|kinh phi do dac"),
    (None, rf"(?:tham dinh|lap|cong khai|niem yet|lay y kien)(?: \w+){{0,2}} {_PLAN_WORDS}"),
    # A longer phrase comes before the shorter one that it contains.
    (
        "recovery_notice_cancellation",
        rf"{_NOTICE}(?: ve viec)? (?:huy|thu hoi)(?: bo)?(?: \d+)? {_NOTICE}(?: thu hoi dat)?|"
        rf"(?:huy|thu hoi)(?: bo)?(?: \d+)? {_NOTICE} thu hoi dat",
    ),
    (
        "recovery_notice_adjustment",
        rf"{_NOTICE}(?: ve viec)? dieu chinh(?: {_NOTICE})?(?: thu hoi dat)?|dieu chinh(?: \d+)? {_NOTICE} thu hoi dat",
    ),
    ("recovery_notice", rf"{_NOTICE}(?: ve viec)? thu hoi dat|\btbthd\b"),
    ("mandatory_inventory", rf"(?:{_DECISION} )?(?:cuong che )?(?:thuc hien )?(?:kiem dem bat buoc|\bkdbb\b)"),
    ("recovery_enforcement", rf"(?:{_DECISION} )?(?:ve viec )?cuong che(?: thuc hien {_DECISION})?(?: thu hoi dat)?"),
    ("recovery_decision", rf"{_DECISION}(?: ve viec)? thu hoi(?: {NUMBER} ?(?:m2|ha))?(?: dat)?"),
    ("not_inventoried", r"chua (?:duoc |thuc hien )?(?:do dac|kiem dem|kiem ke)(?:,? (?:do dac|kiem dem))*"),
    (
        "inventory",
        r"(?:do dac|kiem dem)(?:(?:,| va)? (?:do dac|kiem dem|thong ke))*"
        r"(?! (?:chinh ly|dia chinh|ban do)|, (?:chinh ly|cap giay))",
    ),
    (
        "plan_review",
        rf"(?:hop |xet duyet )*thong qua (?:du thao |\d+ )?{_PLAN_WORDS}|xet duyet (?:\d+ )?{_PLAN_WORDS}",
    ),
    ("plan_approval", rf"(?:phe duyet|\bpd\b)(?: [\w.]+){{0,3}}? {_PLAN_WORDS}|duoc phe duyet(?= (?:cho )?\d+ ho)"),
    (
        "resettlement_allocation",
        rf"giao (?:dat (?:o )?(?:tai dinh cu|tdc)|(?:\d+ )?{_PLOT}(?: dat)?(?: o)? (?:tai dinh cu|tdc))|"
        r"cap dat tai dinh cu|\bgiao \d+ (?:lo|nen|suat)\b",
    ),
    ("progress_bonus", r"(?:chi tra |chi )?(?:so )?(?:tien )?thuong (?:tien do|ban giao)(?: ban giao(?: mat bang)?)?"),
    ("advance_payment", r"(?:chi (?:tra )?)?(?<!trung )tam ung"),
    ("deduction", r"nop (?:vao |tra )?ngan sach|khau tru"),
    ("payment_received", r"chi tra thuc linh|thuc linh|thuc nhan"),
    ("payment", r"chi tra|chi tien (?:boi thuong|bt)|tra tien (?:boi thuong|bt)|nhan tien"),
    (
        "handover_consent",
        r"(?:cam ket|don chap hanh|don tu nguyen|dong y|dong thuan|don xin)(?: \w+){0,2}? "
        r"(?:ban giao|bgmb|giao mat bang)(?: mat bang)?",
    ),
    ("not_handed_over", rf"(?:chua|con phai)(?: \w+){{0,2}}? (?:ban giao|bgmb|{CLEARANCE})(?: het)?(?: mat bang)?"),
    (
        "handover",
        r"(?<!van )ban giao(?: duoc| them| xong| mat bang)*|\bbgmb(?: duoc| them)?|nhan mat bang|"
        rf"(?:da|duoc|xong|(?<!co ban )hoan thanh(?: cong tac)?) {CLEARANCE}",
    ),
    ("stopped_by_clearance", rf"dung thi cong[^.;:]{{0,40}}{CLEARANCE}"),
    ("project_status", r"trong \d+ (?:du an|cong trinh)[^.;:]{0,60}:(?= *(?:da )?hoan thanh)"),
    ("citizen_reception", rf"{CLEARANCE}[^.;,\d]{{0,25}}(?=\d+ luot)"),
    ("affected", r"tong so ho(?: gia dinh| dan)?(?: bi| phai| trong dien)* (?:anh huong|thu hoi)(?: dat)?"),
    ("specific_land_price", r"gia dat cu the"),
    ("disbursement_plan", r"dang ky(?: \w+){0,3}? (?:giai ngan|kinh phi)|ke hoach giai ngan"),
    (
        "disbursement",
        r"(?:uoc |luy ke |gia tri |da |so )*giai ngan(?:,? thanh toan)?"
        r"(?: (?:ke hoach )?von(?: dau tu cong| dau tu| dtc)?)?",
    ),
    ("work_value", r"khoi luong thuc hien"),
    ("clearance_funding", rf"(?:ho tro|doi ung)(?: kinh phi)? {CLEARANCE}"),
    (
        "capital_plan",
        r"(?:tong|tong so|chi tieu|phan bo) (?:ke hoach|kh) von(?: dau tu(?: cong)?| dtc)?|"
        r"(?:ke hoach|kh) von(?: dau tu(?: cong)?| dtc)?(?= (?:nam|duoc giao|giao nam))",
    ),
)
_PATTERN = re.compile("|".join(f"(?P<c{index}>{pattern})" for index, (_, pattern) in enumerate(_CUES)))
_REFERENCE = re.compile(r"(?:%(?: \w+){0,2}|\bty le|so voi(?: \w+){0,2}|\btren|\btheo)\s*$")
"""Before words that name what a percentage is of, not what is stated."""
_PAPERS = frozenset({"recovery_decision", "recovery_enforcement", "plan_approval", "mandatory_inventory"})
_NOT_DONE = re.compile(
    r"\b(?:chua|khong)(?: duoc| co| the| thuc hien)?\s*$|\b(?:de nghi|de xuat|kien nghi|can|chuan bi|se)\s*$"
)
_UNDONE = re.compile(r"\b(?:huy(?: bo)?|dieu chinh|thay the|dinh chinh|thu hoi)(?: \d+)?(?: (?:quyet dinh|qd))?\s*$")
"""Before papers that are taken back or changed: those acts are counted for notices alone."""
_SUBMITTED = re.compile(r"\btrinh(?: \w+){0,4}\s*$")


@dataclass(frozen=True)
class Cue:
    """Where a text says what was done."""

    indicator: str | None
    start: int
    end: int


def cues(folded: str, start: int, end: int) -> Iterator[Cue]:
    """Find the cues between two places of a folded text, in order."""
    for match in _PATTERN.finditer(folded, start, end):
        indicator = _CUES[int(match.lastgroup[1:])][0]
        before = folded[max(start, match.start() - 40) : match.start()]
        if indicator in ("capital_plan", "work_value", "disbursement") and _REFERENCE.search(before):
            continue
        if indicator and not indicator.startswith("not_") and _NOT_DONE.search(before):
            indicator = None
        if indicator in _PAPERS and _UNDONE.search(before):
            indicator = None
        if indicator == "plan_approval" and _SUBMITTED.search(before):  # to be approved is not approved
            indicator = None
        if indicator == "disbursement" and re.search(r"\buoc\b", match[0]) and _AHEAD.match(folded, match.end(), end):
            indicator = "disbursement_forecast"
        yield Cue(indicator, match.start(), match.end())


_AHEAD = re.compile(r"[^.;]{0,60}?\bden (?:het |cuoi )(?:nam|thang|ngay)")
AIMED = re.compile(
    r"\bphan dau\b|\bmuc tieu\b|(?<!chia )\bse\b|(?<!phuong an )\bdu kien\b(?! ve)|\btruoc ngay \d|"
    r"^\W*(?:[a-z]\) )?(?:yeu cau|de nghi|giao (?:cho )?(?:trung tam|phong|ubnd|so|ban|hoi dong))\b"
)
"""Words of sentences that say what is to be done."""
AIMED_HEAD = re.compile(r"\W*(?:nhiem vu|phuong huong|ke hoach (?:thang|quy|nam))\b[^:.]{0,60}:")
AHEAD_SECTION = re.compile(r"\b(?:ke hoach|nhiem vu|phuong huong|giai phap)\b")
"""Words of headings under which stands what is to be done."""
TO_DATE = re.compile(
    r"\bluy ke\b|\bden nay\b|\btinh den\b|\bden (?:het )?ngay\b|\bden het (?:tuan|thang|quy|ky)\b|"
    r"\bden thoi diem\b|\bcon(?: lai)? \d|\btong so ho\b|\b(?:nang|dua)\b[^,;.]{0,60}\blen\b"
)
"""Words of figures counted from the project's beginning."""
RAISED = re.compile(r"\b(?:nang|dua)\b[^,;.]{0,60}\blen\b|\b(?:den nay|luy ke)(?: la| thanh| dat)\b")
"""Words of the total that was reached by what is told before."""
REMAINS = re.compile(
    rf"\b(?:chua|khong)(?: \w+){{0,3}}? (?:ban giao|bgmb|{CLEARANCE}|giai phong|nhan|chi tra|thu hoi|dong y)|"
    r"\bcon(?: lai)? \d|\bcon lai\b"
)
"""Words of what is still to be done: of no target, whatever its heading, and of nothing done."""
RATE_ALONE = re.compile(r"^\W*(?:tuong ung |voi )*(?:ty le|dat|bang)\b")
"""Beginning of a stretch that only says what share the figure before it is."""
MONEY_ALONE = re.compile(r"^\W*(?:voi |tong )*(?:so tien|kinh phi|dien tich|gia tri)\b")
"""Beginning of a stretch that only adds a number to the figure before it."""
IN_PERIOD = re.compile(r"\btrong (?:thang|ky|quy|tuan|nam|dot)\b|\b\d+ thang dau nam\b")
SINCE_JANUARY = re.compile(r"\bluy ke\b[^;.]{0,40}(?:\d+ thang dau nam|tu dau nam)")
OTHER_TIME = re.compile(r"^\W*(?:nam ngoai|nam truoc|cung ky|thang truoc|cung thoi diem)\b")
ROUGHLY = re.compile(r"\b(?:khoang|gan|hon|tren|xap xi|chung)\s*$|\d\s*(?:den|-|–)\s*$")
"""Before numbers that are not exact, or the end of a range."""
COMPARED_BEFORE = re.compile(
    r"binh quan|trung binh|moi ho|cung ky|nam truoc|nam ngoai|thang truoc|quy truoc|chua bao gom|"
    r"(?:\btang|\bgiam)(?: them)?\s*$|ke hoach (?:nam )?\(?\s*$"
)
COMPARED_AFTER = re.compile(
    r"\s*(?:/ ?(?:ho|du an|nguoi|thang)\b|moi ho)|"
    r"\s*(?:\w+ )?so voi (?!(?:tong )?(?:so )?(?:ke hoach|kh|du toan|chi tieu|dien tich))"
)
WHOLE_ASIDE = re.compile(r"^\W*(?:cung ky|nam truoc|nam ngoai|chua bao gom|ke hoach|khong bao gom)\b")
"""Beginning of parentheses whose numbers are not of the figure."""
OF_UNIT = frozenset({"capital_plan", "work_value", "disbursement", "disbursement_forecast", "citizen_reception"})
"""What is stated of a unit rather than of a project."""
PART_INDICATORS = frozenset({"payment_received", "deduction"})
"""What a payment is made up of: parts of it under their own names."""
