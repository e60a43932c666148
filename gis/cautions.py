"""What in a report's words speaks against taking a figure without a look: refusals, other fields, what remains.

A refusal told near an act ("không chấp hành bàn giao") is the opposite of the act, and stands in the same words. No
list of verbs decides what was meant; so whatever of this kind stands in the clause leaves the decision to a person. A
caution only ever takes a tick away.
"""

import re
from bisect import bisect_right

from gis import cues as words
from gis.statements import (
    AGAINST_IT,
    NO_CLEARANCE,
    NOT_DONE_YET,
    OTHER_FIELD,
    REMAINS,
    Statement,
)  # fmt: skip
from gis.vietnamese import AREA, HOLDERS, MONEY, Source

_REFUSAL = re.compile(
    r"\b(?:tu choi|khuoc tu|phan doi|chong doi|can tro|bat hop tac|khieu (?:nai|kien|to)|to cao|kien nghi|tranh chap|"
    r"don thu|vang mat|bo tri tien nhung|khong thanh|bat thanh|that bai|tra lai tien|rut don|doi (?:tang|them)|"
    r"yeu cau (?:tang|xem xet|boi thuong them)|van dong|thuyet phuc|doi thoai|"
    r"(?:khong|chua)(?: \w+){0,3}? (?:chap hanh|chap thuan|chap nhan|dong y|dong thuan|nhat tri|thong nhat|hop tac|"
    r"phoi hop|den|nhan|ky|ban giao|thanh))\b"
)
_DELAY = re.compile(
    r"\b(?:cham(?! (?:nhat|dut|lo|soc))|tre (?:han|tien do)|qua han|tam dung|dung lai|hoan lai|lui thoi han|"
    r"vuong mac|kho khan|ton dong|ach tac|keo dai|no dong)\b"
)
_NOT_YET = re.compile(r"\b(?:chua|khong|chang|dang|se|sap|du kien|de nghi|de xuat|con(?: lai)?(?= \d))\b")
_DONE_TOO = re.compile(
    r"\bkhong (?:co chu|duoc boi thuong|boi thuong|phai|thuoc|ke|bao gom|gom|tinh)\b|\bse\b(?= chia)|\bdang ky\b"
)
_OTHER_FIELD = re.compile(
    r"\b(?:nguoi co cong|thuong binh|liet si|bao tro xa hoi|tro cap (?!on dinh|di chuyen)|mai tang|tang le|hoa tang|"
    r"trai phep|trat tu (?:xay dung|do thi)|khong phep|sai phep|xu phat|phat tien|tien phat|vi pham hanh chinh|"
    r"bao hiem|bhyt|bhxh|(?:ho|can) ngheo|hoc bong|hoc sinh|luong huu|tien luong|qua tet|tang qua|qua tang|nha tam|"
    r"dot nat|thien tai|bao lu|lu lut|dich (?:benh|ta|covid)|gia suc|khuyen nong|cap nuoc|tien dien|vay von|"
    r"tin dung|hien mau|an toan thuc pham|giao thong duong bo|nong do con|thue (?:mon bai|thu nhap)|"
    r"dan so|viec lam cho|lao dong|tuyen quan|nghia vu quan su)\b"
)
_CLEARANCE = re.compile(
    r"\b(?:boi thuong|den bu|bt|bthtdc|gpmb|bgmb|giai phong|mat bang|thu hoi dat|thu hoi|phuong an|tai dinh cu|tdc|"
    r"kiem dem|kiem ke|do dac|du an|cong trinh|nhan tien|dat o|dien tich)\b"
)
_OF_RESISTANCE = ("recovery_enforcement", "mandatory_inventory", "not_handed_over", "not_inventoried", "affected")
"""What is done because of a refusal, or tells of what is not done: refusals belong to it."""
_HELD_UP = re.compile(r"\b(?:khong thanh|tam dung|hoan lai|se|du kien|sap|dang (?:lap|chuan bi|trinh))\b")
_NEEDS_CLEARANCE = ("payment", "advance_payment", "payment_received", "deduction", "handover",
                    "recovery_enforcement", "plan_approval")  # fmt: skip
_STOP = re.compile(r"[;|\n]|[.!?](?=\s|$)")
_PARTS = re.compile(r"\b(?:trong do|trong so (?:nay|do))\b")
_COMMA = re.compile(r",(?=\s)|\s-\s|\b(?:nhung|tuy nhien|trong khi)\b")


class Cautions:
    """Marks the statements of one text.

    Parameters
    ----------
    source : Source
    """

    def __init__(self, source: Source):
        self.fold = source.fold
        self._stops = [found.start() for found in _STOP.finditer(self.fold)]
        self._paragraphs = [one.start for one in source.paragraphs]
        self._source = source

    def mark(self, statement: Statement) -> None:
        """Doubt what the words around a statement speak against."""
        low, high = self._sentence(statement.start, max(statement.start, statement.end - 1))
        said = self.fold[low:high]
        if statement.indicator == "target_handover":
            if words.REMAINS.search(said):
                statement.doubt(REMAINS)
            return
        if set(statement.values) & {*HOLDERS, AREA, MONEY}:
            self._doubt_refused(statement, low, high)
        if statement.indicator in _NEEDS_CLEARANCE:
            if other := _OTHER_FIELD.search(said):
                statement.doubt(OTHER_FIELD, words=self._as_written(other[0], low, high))
            elif not (statement.project_words or _CLEARANCE.search(self._paragraph(statement.start))):
                statement.doubt(NO_CLEARANCE)

    def _doubt_refused(self, statement: Statement, low: int, high: int) -> None:
        clause = self._clause(statement, low, high)
        if statement.indicator in _OF_RESISTANCE:
            if _HELD_UP.search(clause):
                statement.doubt(NOT_DONE_YET)
        elif against := _REFUSAL.search(clause) or _DELAY.search(clause):
            statement.doubt(AGAINST_IT, words=self._as_written(against[0], low, high))
        elif _NOT_YET.search(_DONE_TOO.sub("", clause)):
            statement.doubt(NOT_DONE_YET)

    def _sentence(self, start: int, last: int) -> tuple[int, int]:
        before = bisect_right(self._stops, start - 1)
        after = bisect_right(self._stops, last)
        low = self._stops[before - 1] + 1 if before else 0
        high = self._stops[after] if after < len(self._stops) else len(self.fold)
        return low, high

    def _clause(self, statement: Statement, low: int, high: int) -> str:
        """Give the statement's words, from the comma before it to the one behind; its parts speak for themselves."""
        begins = [found.end() for found in _COMMA.finditer(self.fold, low, statement.start)]
        start = begins[-1] if begins else low
        behind = _COMMA.search(self.fold, max(statement.start, statement.end - 1), high)
        end = max(statement.end, behind.start() if behind else high)
        parts = _PARTS.search(self.fold, statement.start, end)
        return self.fold[start : parts.start() if parts else end]

    def _paragraph(self, place: int) -> str:
        at = bisect_right(self._paragraphs, place) - 1
        one = self._source.paragraphs[max(at, 0)]
        return self.fold[one.start : one.end]

    def _as_written(self, folded: str, low: int, high: int) -> str:
        at = self.fold.find(folded, low, high)
        return self._source.plain[at : at + len(folded)].strip()
