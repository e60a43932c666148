"""What in a report's words speaks against taking a figure without a look: refusals, other fields, what remains.

A refusal told near an act ("không chấp hành bàn giao") is the opposite of the act, and stands in the same words. No
list of verbs decides what was meant; so whatever of this kind stands in the clause leaves the decision to a person, and
where people are the subject ("12 hộ … nhận tiền"), whatever stands between them and the act that is not known to leave
it as it is. A caution only ever takes a tick away.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from gis import cues as words
from gis.cues import OF_UNIT
from gis.mentions import Mentions
from gis.statements import (
    AGAINST_IT,
    NO_CLEARANCE,
    NO_PAYEE,
    NOT_DONE_YET,
    OTHER_FIELD,
    PAID_ELSE,
    REMAINS,
    STRANGE_BEHIND,
    STRANGE_WORDS,
    UNDER_HEADING,
    Statement,
)  # fmt: skip
from gis.vietnamese import AREA, DOCUMENTS, HOLDERS, MONEY, PLOTS, Source, fold, quantities

_REFUSAL = re.compile(
    r"\b(?:tu choi|khuoc tu|phan doi|chong doi|can tro|bat hop tac|khieu (?:nai|kien|to)|to cao|kien nghi|tranh chap|"
    r"don thu|phan anh|thac mac|buc xuc|vu kien|khoi kien|toa an|thanh tra|kiem toan|dieu tra|ket luan|vang mat|"
    r"tai chiem|lan chiem|tron tranh|ne tranh|lanh mat|giu dat|thu hoi lai|hoan tra|huy bo|bi huy|"
    r"sai (?:doi tuong|quy dinh|pham|phep)|"
    r"chi (?:sai|nham|trung|thua|vuot)|tra (?:sai|nham|trung|thua|vuot)|"
    r"bo tri tien nhung|khong thanh|bat thanh|that bai|tra lai tien|rut don|doi (?:tang|them)|"
    r"yeu cau (?:tang|xem xet|boi thuong them)|(?<!san )van dong|thuyet phuc|doi thoai|"
    r"(?:khong|chua)(?: \w+){0,3}? (?:chap hanh|chap thuan|chap nhan|dong y|dong thuan|nhat tri|thong nhat|hop tac|"
    r"phoi hop|den|nhan|ky|ban giao|thanh))\b"
)
_DELAY = re.compile(
    r"\b(?:hoan(?! (?:thanh|tat|thien|chinh))|cham(?! (?:nhat|dut|lo|soc))|tre (?:han|tien do)|qua han|tam dung|"
    r"dung lai|hoan lai|lui thoi han|vuong mac|kho khan|ton dong|ach tac|keo dai|no dong|"
    r"kho (?:co the |ma )?(?:hoan thanh|ban giao|chi tra|thuc hien|dat))\b"
)
_NOT_YET = re.compile(
    r"\b(?:le ra|dang (?:le|ra)|gia su|neu(?! (?:tren|o|tai|trong))|"
    r"chua|khong|chang|dang|se|sap|du kien|de nghi|de xuat|con(?: lai)?(?= \d))\b"
)
_DONE_TOO = re.compile(
    r"\bkhong (?:co chu|duoc boi thuong|boi thuong|phai|thuoc|ke|bao gom|gom|tinh)\b|\bse\b(?= chia)|\bdang ky\b"
)
_LEADING_TO = re.compile(
    r"\b(?:viec|ve|lien quan(?: den| toi)?|khi|truoc khi|sau khi|de|nham|phuc vu|phai|doi|muon|moi|hen|hua|"
    r"xin|nho|tranh|thay vi|neu|se|can|chua|chang|khoi)\s*$"
)
"""Right before an act: it is spoken of, wanted or waited for, not told as done."""
_PLANNED = re.compile(r"\b(?:du toan|uoc|nhu cau|ke hoach|chi tieu|han|hen)\b")
_WAITED_FOR = re.compile(r"\b(?:chờ|đợi)\b", re.IGNORECASE)
"""With its marks: without them the one is *for*."""
_CARRIED_OUT = re.compile(r"\b(?:da|hoan thanh|thuc hien|trien khai|to chuc|xong|ket qua|ket thuc)(?: \w+)?\s*$")
_NEAR = 300
"""Letters before an act in which it is led up to."""
_LABEL = re.compile(r"[^\d:.;]{0,30}:")
_DONE = re.compile(r"\b(?:da|hoan thanh|xong|ket qua|luy ke|ban hanh)\b|[,:;(]|\s-\s")
"""After the last of these, what leads up to an act must leave it done; before, subjects and circumstances are told."""
_BETWEEN = """
    da, duoc, co, cac, cua, voi, va, tu nguyen, trong do, tai, thuoc, o, tren dia ban, ho gia dinh, ho dan, ho,
    gia dinh, ca nhan, nhan khau, to chuc, cong dong dan cu, cong dong, nguoi dan, nguoi, dien tich, dat o, dat, m2,
    ha, m, so tien, kinh phi, tong cong ca, tong so, tong, tien boi thuong, tien, boi thuong, ho tro, tai dinh cu,
    du an, cong trinh, xa, phuong, thon, khoi, thi tran, thanh pho, huyen, tinh, trong, thang, ky, quy, nam, nay,
    tuan, hoan thanh, xong, ban giao mat bang, ban giao, mat bang, giai phong mat bang, gpmb, thuc hien,
    bi anh huong, toan bo, deu, cung, lan, den het, den nay, den ngay, ngay, luy ke, mot phan, phan, trieu, ty,
    nghin, dong, la, gom, ten, phap ly, tt, chap hanh, them
"""
"""What may stand between people and an act and leaves it an act that was done."""
_BEFORE = f"""{_BETWEEN},
    ban hanh, cong tac, trien khai, viec, tap trung, phoi hop, ngoai ra, rieng, theo do, theo, hien nay, hien, dot,
    dau, cuoi, dieu chinh, cho, ubnd, chu dau tu, hoi dong, trung tam, phat trien quy dat, nhom, so, quyet dinh,
    lap, tham dinh, nop, chi tra, nhan, con lai, con, tat ca, qd
"""
"""What may lead up to it."""
_BEHIND = f"""{_BETWEEN},
    cho, doi voi, theo, nam truoc,
    de, boi, do, cac, nhung, so, thuoc, quan ly, phuc vu, theo quy dinh, anh huong boi, anh huong,
    ban hanh, thu hoi dat, dien tich thu hoi, dien tich giao, tien thu hoi,
    su dung dat, su dung, gia tri, giao thong, thuy loi,
    khong boi thuong, khong duoc boi thuong, ve dat, vat kien truc, cay coi, hoa mau, cay trong, cay hang nam,
    cay lau nam, lua, nong nghiep, tuong ung, ty le, bang, chiem, kinh phi phe duyet, duoc phe duyet, tien phe duyet,
    ke hoach, so voi, tang, giam, truong hop, thong bao, quyet dinh, qd, tb, phuong an, lo, suat, nen, bo tri,
    bao gom, chu dau tu, ubnd, hoi dong, trung tam, phat trien quy dat, ban quan ly, thi cong, khu, xa hoi,
    trinh tham dinh phe duyet, tong cong, tat ca, ca, mot so, truc tiep, gui kho bac, chuyen khoan, thuc linh,
    ngan sach, nha nuoc, thue, nghia vu tai chinh, tien mat, dot, nhom, xom, thi xa, to dan pho, thoi diem,
    cung ky, dau, cuoi, trd, tr, d, bt, ht, s,
    len(?= [\\d·]), den(?= [\\d·]), khoang(?= [\\d·]), tu(?= [\\d·]), hon(?= [\\d·]), gan(?= [\\d·]), tren(?= [\\d·])
"""
"""What may stand behind a figure and its act: whose, where, which share, how much, of which paper."""


def _phrases(listed: str) -> re.Pattern:
    longest_first = sorted(map(str.strip, listed.split(",")), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(longest_first)})\b")


_KNOWN_BETWEEN, _KNOWN_BEFORE, _KNOWN_BEHIND = _phrases(_BETWEEN), _phrases(_BEFORE), _phrases(_BEHIND)
_SUBJECT_DOES = ("payment", "advance_payment", "payment_received", "handover", "handover_consent", "plan_approval",
                 "plan_review", "inventory", "resettlement_allocation", "progress_bonus", "recovery_notice",
                 "recovery_decision")  # fmt: skip
_OTHER_FIELD = re.compile(
    r"\b(?:nguoi co cong|thuong binh|liet si|bao tro xa hoi|tro cap (?!on dinh|di chuyen)|mai tang|tang le|hoa tang|"
    r"trai phep|trat tu (?:xay dung|do thi)|khong phep|sai phep|xu phat|phat tien|tien phat|vi pham hanh chinh|"
    r"bao hiem|bhyt|bhxh|(?:ho|can) ngheo|hoc bong|hoc sinh|luong huu|tien luong|qua tet|tang qua|qua tang|nha tam|"
    r"dot nat|thien tai|thiet hai do|bao (?:lu|so \d)|lu lut|lu quet|sat lo dat do|han han|hoa hoan|"
    r"dai doan ket|nha van hoa|dich (?:benh|ta|covid)|tai nan|thi hanh an|can cuoc|"
    r"(?:bao ve|moi truong|trong|khoan) rung|giam ngheo|trong lua|nguoi lao dong|cong nhan|bau cu|luoi dien|"
    r"con giong|giong (?:lua|cay|vat nuoi)|"
    r"nong thon moi|nha o xa hoi|hoc phi|trung thuong|chung khoan|co tuc|tro giup|cuu tro|nha thau|"
    r"ki ?ot|tieu thuong|cho tam|"
    r"gia suc|khuyen nong|cap nuoc|tien dien|vay von|"
    r"tin dung|hien mau|an toan thuc pham|giao thong duong bo|nong do con|thue (?:mon bai|thu nhap)|"
    r"dan so|viec lam cho|lao dong|tuyen quan|nghia vu quan su|"
    # another place; land that is handed over to people, not by them
    r"(?:huyen|xa|phuong|tinh) (?:lan can|giap ranh|lang gieng|ban(?! \w))|"
    r"ban giao (?:mat bang |dat |nen )?cho (?:\d+|cac) ho)\b"
)
_CLEARANCE = re.compile(
    r"\b(?:boi thuong|den bu|bt|bthtdc|gpmb|bgmb|giai phong|mat bang|thu hoi dat|thu hoi|phuong an|tai dinh cu|tdc|"
    r"kiem dem|kiem ke|do dac|du an|nhan tien|dat o|dien tich)\b"
)
_HEAD = 160
"""Letters of a paragraph that may be a heading."""
_RANKS = {"roman": 0, "hash": 0, "number": 1, "letter": 2, None: 3, "sign": 4}
_AGAINST_HEAD = re.compile(
    r"\b(?:kho khan|vuong mac|ton tai|han che|kien nghi|de xuat|giai phap|nhiem vu|phuong huong|thoi gian toi|"
    r"trong tam|du kien|chua|khong|cham|ton dong|khieu nai|to cao|don thu|vi pham|yeu cau|muc tieu|ke hoach|"
    r"de nghi|xin (?:y kien|chu truong)|chi tieu|chuong trinh cong tac|lich (?:lam viec|cong tac|trinh|hop|thuc hien)|"
    r"(?:nhung |mot so |cac )?(?:cong )?viec (?:can|phai|se|tiep theo|tuan|thang|quy|trong)|"
    r"can (?:lam|dat|trien khai|thuc hien)|"
    r"(?:tuan|thang|quy|nam|ky) (?:toi|sau|tiep theo|den|ke tiep)|sap toi|tiep theo)\b"
)
_RESULTS_HEAD = re.compile(
    r"\b(?:ket qua|da|tinh hinh|tien do|dat duoc|so lieu|luy ke|thuc hien (?:ke hoach|nhiem vu|chi tieu)|cong tac|"
    r"danh muc|ke hoach so)\b"
)
_RESULTS_TOLD = re.compile(
    r"\b(?:ket qua|da|tinh hinh|dat duoc|so lieu|luy ke|thuc hien (?:ke hoach|nhiem vu|chi tieu)|danh muc|"
    r"ke hoach so)\b"
)
"""Of these words those that make a heading of tasks one of what came of them; *công tác* alone does not."""
_OF_RESISTANCE = ("recovery_enforcement", "mandatory_inventory", "not_handed_over", "not_inventoried", "affected")
"""What is done because of a refusal, or tells of what is not done: refusals belong to it."""
_TAKES_BACK = re.compile(
    r"\W*(?:nhung|song|tuy|sau (?:do|nay)|ket qua|thuc (?:chat|te)|nay|hien|den nay|roi|(?:da )?bi|phai|toan bo)\b"
)
"""Behind a semicolon: what goes on with the words before it."""
_OPENS = re.compile(r"[(:–-]\s*$")
_NAMED_ON = re.compile(r"\W*[^\W\d_a-zà-ỹ]|\W*\d")
_MADE_WRONG = re.compile(r"\b(?:nham|sai|trung)\b")
"""Why a notice is taken back or changed: it says nothing against that."""
_PAID = ("payment", "advance_payment", "payment_received", "progress_bonus")
_NO_PAYEE = re.compile(
    r"\b(?:hoi dong|trung tam|to cong tac|to|ban|can bo|cong tac|du toan)(?: thuc hien)? "
    r"(?:boi thuong|ho tro|tai dinh cu|gpmb|giai phong mat bang)(?:,? (?:va )?(?:ho tro|tai dinh cu|gpmb))*"
)
"""Names and tasks with words of compensation, whose money is none."""
_PAYEE = re.compile(
    r"\b(?:ho|ho gia dinh|ho dan|ca nhan|(?:cac|cho|\d) to chuc|cong dong dan cu|(?:cac|cho) cong dong|nguoi dan|"
    r"nguoi (?:co dat|su dung dat|bi thu hoi)|nhan dan|ba con|boi thuong|den bu|bt|ho tro|tai dinh cu|tdc|bthtdc|"
    r"thuc linh|thuong)\b"
)
_PAID_ELSE = re.compile(
    r"\b(?:nha thau|don vi|tu van|tien luong|luong|tien cong|nhan cong|thu lao|"
    r"ca may|may (?:xuc|ui|moc)|phi (?:do|tham dinh|dich vu|quan ly|tu van|cong chung)|chi phi|le phi|hop dong|"
    r"tien (?:dien|nuoc|xang|an)|dien,? nuoc|tru so|van phong|cong ty (?:tu van|xay dung|do dac)|cong tac phi|"
    r"can bo|bao ve|xang|in an|hoi nghi|lai vay|no goc|vat tu|khoi luong)\b"
)
"""Who and what is paid beside the holders of land: contractors, wages, fees."""
_RENT = re.compile(r"\bthuê\b(?! đất)", re.IGNORECASE)
"""With its marks: without them it is a tax too."""
_PART_BEGINS = 20
"""Letters of a part in which "of which" may stand."""
_TOLD_ANYWAY = ("not_handed_over", "not_inventoried", "affected")
"""What is told of what is not done, or of no act."""
_HELD_UP = re.compile(
    r"\b(?:xay dung phuong an|ke hoach|khong thanh|tam dung|hoan lai|se|du kien|sap|dang (?:lap|chuan bi|trinh))\b"
)
_PUT_OFF = re.compile(
    r"\b(?:dung|tam hoan|hoan(?! (?:thanh|tat|thien|chinh))|hut|lui|dinh (?:chi|lai)|huy|rut|chua|khong)\b"
)
"""Of what is done by force alone: what is not done is told by the others themselves."""
_FORCED = ("recovery_enforcement", "mandatory_inventory")
_PROMISED = re.compile(r"\b(?:hua|hen|cam ket|xin)\b")
"""By people: no target that an office set."""
_MISSED = re.compile(r"\b(?:khong|chua|kho|nhung)\b")
"""Of a target: that it was not met, or will not be."""
_OPENS_AHEAD = re.compile(
    r"^\W*(?:(?:neu )?theo (?:du toan|du kien|ke hoach|nhu cau|de xuat|to trinh|uoc tinh|tinh toan|hop dong)|"
    r"(?:trong )?thoi gian toi|(?:sang |trong )?(?:dot|tuan|thang|quy|nam) (?:toi|sau|den|tiep theo)|sap toi|"
    r"dang ky|tap trung|khan truong|day nhanh|tiep tuc|quyet tam|don doc|nhiem vu|ke hoach (?:thang|tuan|quy|nam))\b"
    r"(?!.*\bda\b)"
)
"""At the beginning of a sentence, or of a row of a table: what follows is reckoned or to be done, not told as done."""
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
    named : Mentions
        The projects in it.
    quiet : str
        Its folded form, the names of known projects blotted out: their words tell nothing of what was done.
    """

    def __init__(self, source: Source, named: Mentions, quiet: str):
        self.fold, self.named, self._quiet = source.fold, named, quiet
        self._stops = [found.start() for found in _STOP.finditer(self.fold)]
        self._paragraphs = [one.start for one in source.paragraphs]
        self._source = source
        self._heads = list(self._headings())
        """For each paragraph, where the heading stands that speaks against what is below it."""

    def _headings(self) -> Iterator[tuple[int, int] | None]:
        """Tell of each paragraph under which heading of difficulties, requests or tasks it stands, if any."""
        above: dict[int, tuple[int, int] | None] = {}
        for one in self._source.paragraphs:
            rank, said = _RANKS.get(one.bullet, 3), self.fold[one.start : one.end]
            yield None if one.note else next((above[each] for each in sorted(above, reverse=True) if above[each]), None)
            short = len(said) < _HEAD and one.bullet != "sign" and not one.note and "|" not in said
            if not short or quantities(self.fold, one.start, one.end):
                continue
            against, results = _AGAINST_HEAD.search(said), _RESULTS_HEAD.search(said)
            if rank == 3:  # a heading without a number stands as high as any, where its words tell what follows
                if not (against or results or said.rstrip().endswith(":")):
                    continue
                rank = 0 if against or results else 3
            above = {each: kept for each, kept in above.items() if each < rank}
            above[rank] = (one.start, one.end) if against and not _RESULTS_TOLD.search(said) else None

    def mark(self, statement: Statement) -> None:
        """Doubt what the words around a statement speak against."""
        low, high = self._sentence(statement.start, max(statement.start, statement.end - 1))
        said = self.fold[low:high]
        if statement.indicator == "target_handover":
            self._doubt_place(statement)
            if not words.AIMED.search(said):
                statement.doubt(UNDER_HEADING, words=self._task_named(statement.start))
            if words.REMAINS.search(said):
                statement.doubt(REMAINS)
            elif _MISSED.search(said):
                statement.doubt(NOT_DONE_YET)
            elif promised := _PROMISED.search(said):
                statement.doubt(AGAINST_IT, words=self._as_written(promised[0], low, high))
            return
        if set(statement.values) & {*HOLDERS, AREA, MONEY}:
            self._doubt_refused(statement, low, high)
            self._doubt_place(statement)
        if statement.indicator in _SUBJECT_DOES:
            self._doubt_subject(statement)
        self._doubt_behind(statement, high)
        self._doubt_paid(statement)
        if statement.indicator in _NEEDS_CLEARANCE:
            if other := _OTHER_FIELD.search(self._quiet, low, high):
                statement.doubt(OTHER_FIELD, words=self._as_written(other[0], low, high))
            elif not (statement.project_words or _CLEARANCE.search(self._paragraph(statement.start))):
                statement.doubt(NO_CLEARANCE)

    def _doubt_refused(self, statement: Statement, low: int, high: int) -> None:
        clause = self._clause(statement, low, high)
        if statement.indicator in _OF_RESISTANCE:
            put_off = statement.indicator in _FORCED and _PUT_OFF.search(clause)
            if _HELD_UP.search(clause) or put_off:
                statement.doubt(NOT_DONE_YET)
        elif against := _REFUSAL.search(clause) or _DELAY.search(clause):
            statement.doubt(AGAINST_IT, words=self._as_written(against[0], low, high))
        elif _NOT_YET.search(_DONE_TOO.sub("", clause)) or self._opens_ahead(statement, low, high):
            statement.doubt(NOT_DONE_YET)

    def _opens_ahead(self, statement: Statement, low: int, high: int) -> bool:
        if statement.indicator in OF_UNIT:
            return False
        row = self._paragraph(statement.start)
        return bool(_OPENS_AHEAD.search(self.fold[low:high]) or ("|" in row and _OPENS_AHEAD.search(row)))

    def _doubt_place(self, statement: Statement) -> None:
        if statement.indicator in OF_UNIT or statement.indicator in _TOLD_ANYWAY:
            return
        if head := self._heads[self._at(statement.start)]:
            statement.doubt(UNDER_HEADING, words=self._source.plain[slice(*head)].strip(" :#*"))

    def _task_named(self, place: int) -> str:
        """Give the nearest words before a place that say what is to be done: a target's only ground."""
        last = None
        for one in self._source.paragraphs[: self._at(place) + 1]:
            if words.AHEAD_SECTION.search(self.fold, one.start, min(one.end, one.start + _HEAD)):
                last = one
        return self._source.plain[last.start : min(last.end, last.start + 60)].strip(" :#*") if last else "–"

    def _doubt_subject(self, statement: Statement) -> None:
        """Doubt an act that is only spoken of, and people of whom it is not plainly told."""
        start = statement.start
        acts = (cue for cue in words.cues(self.fold, start, statement.end) if cue.indicator == statement.indicator)
        acts = list(acts)
        if not acts:
            return
        headed = [bool(_LABEL.match(self.fold, one.end)) for one in acts]  # "Về kiểm đếm: …" names what follows
        act = next((one for one, label in zip(acts, headed, strict=True) if not label), acts[0])
        low, _ = self._sentence(start, start)
        counted = [one for one in quantities(self.fold, start, act.start) if one.kind in (*HOLDERS, MONEY, AREA)]
        first = counted[0].start if counted else act.start
        near = max(low, self.fold.rfind(" ", 0, max(low, first - _NEAR)))
        told = [found.end() for found in _DONE.finditer(self.fold, near, first)]
        before = told[-1] if told else near
        spoken = (
            None
            if all(headed)
            else (
                _PLANNED.search(self.fold, before, act.start)
                or _WAITED_FOR.search(self._source.plain, before, act.start)
            )
        )
        if not (spoken or all(headed) or _CARRIED_OUT.search(self.fold, max(low, act.start - 60), act.start)):
            spoken = _LEADING_TO.search(self.fold, max(low, act.start - 40), act.start)
        if spoken:
            strange = self._source.plain[slice(*spoken.span())].strip()
        else:
            strange = self._strange(statement, before, first, _KNOWN_BEFORE) or (
                counted and self._strange(statement, counted[0].end, act.start, _KNOWN_BETWEEN)
            )
        if strange:
            statement.doubt(STRANGE_WORDS, words=strange)

    def _doubt_behind(self, statement: Statement, high: int) -> None:
        """Doubt a figure behind which more is told than whose it is, where, how much: perhaps that it was undone."""
        unheard = {*HOLDERS, AREA, MONEY, DOCUMENTS, PLOTS}.isdisjoint(statement.values)
        if unheard or statement.indicator in (*OF_UNIT, *_TOLD_ANYWAY) or statement.basis == words.PLAN:
            return
        high = min(high, statement.end + _NEAR)  # text without full stops takes no time by its square
        acts = [cue for cue in words.cues(self.fold, statement.start, high) if cue.indicator]
        own = [cue for cue in acts if cue.start < statement.end]
        counted = self.named.quantities(statement.start, statement.end)
        if not (own or counted):
            return
        begin = own[0].end if own else counted[0].end
        stop = statement.end
        if own and len(own) == len(acts):  # no other act takes what stands behind
            parts = _PARTS.search(self.fold, begin, high)
            stop = parts.start() if parts else self._told_on(high)
        if strange := self._strange(statement, begin, stop, _KNOWN_BEHIND, self._masked(statement, begin, stop)):
            statement.doubt(STRANGE_BEHIND, words=strange)

    def _doubt_paid(self, statement: Statement) -> None:
        """Doubt money of which it is not told that holders of land got it, or that it compensates them."""
        if statement.indicator not in _PAID or MONEY not in statement.values:
            return
        low, _ = self._sentence(statement.start, statement.start)
        low = max(low, statement.start - 2 * _NEAR)
        part = _PARTS.search(self.fold, low, min(statement.start + _PART_BEGINS, statement.end))
        said = self.fold[(begin := low if part else statement.start) : statement.end]
        for _, _, start, end in self.named.mentions(begin, statement.end):  # "Hồ Phai Loạn" is no household
            said = said[: start - begin] + "·" * (end - start) + said[end - begin :]
        said = _NO_PAYEE.sub(" ", said)
        other = _PAID_ELSE.search(said) or _RENT.search(self._source.plain, statement.start, statement.end)
        label = self.fold[self._source.paragraphs[self._at(statement.start)].start : statement.start]
        told = _PAYEE.search(said) or not {*HOLDERS}.isdisjoint(statement.values)
        told = told or (label.rstrip().endswith((":", "|")) and _PAYEE.search(_NO_PAYEE.sub(" ", label)))
        if other:
            statement.doubt(PAID_ELSE, words=self._as_written(fold(other[0]), low, statement.end))
        elif not told:
            statement.doubt(NO_PAYEE)

    def _told_on(self, high: int) -> int:
        """Give where the words end that go on with a sentence behind its semicolon, without an act or a number."""
        if self.fold[high : high + 1] != ";":
            return high
        _, end = self._sentence(high + 1, high + 1)
        more = next(words.cues(self.fold, high + 1, end), None) or quantities(self.fold, high + 1, end)
        return end if _TAKES_BACK.match(self.fold, high + 1) and not more else high

    def _masked(self, statement: Statement, start: int, end: int) -> list[tuple[int, int]]:
        """Find numbers with their units, projects, and the statement's own act told again."""
        found = [(one.start, one.end) for one in self.named.quantities(start, end)]
        found += [one[2:] for one in self.named.mentions(start, end)]
        found += [(one.start, one.end) for one in statement.parts if one.project_words]
        found += [
            (cue.start, cue.end) for cue in words.cues(self.fold, start, end) if cue.indicator == statement.indicator
        ]
        if statement.indicator.startswith("recovery_notice_"):
            found += [one.span() for one in _MADE_WRONG.finditer(self.fold, start, end)]
        return found

    def _strange(
        self, statement: Statement, start: int, end: int, known: re.Pattern, masked: Sequence[tuple[int, int]] = ()
    ) -> str | None:
        """Give what stands between two places beside names, numbers and words that leave an act as it is."""
        said = self._source.plain[start:end]
        blank = self._quiet[start:end]
        said = "".join("·" if hidden == "·" else letter for letter, hidden in zip(said, blank, strict=True))
        for low, high in masked:
            low, high = max(low - start, 0), min(high - start, len(said))
            if low < high:
                said = said[:low] + "·" * (high - low) + said[high:]
        if statement.project_words:
            place = fold(said).find(fold(statement.project_words))
            if place >= 0:
                behind_it = place + len(statement.project_words)
                said = said[:place] + "·" * len(statement.project_words) + said[behind_it:]
        shouted, behind = said.isupper(), known is _KNOWN_BEHIND
        begins = self._source.plain[self._sentence(start, start)[0] : start].strip(" -–+*#.)") == ""
        plain = known.sub(lambda found: "·" * len(found[0]), fold(said))
        left = []
        for n, found in enumerate(re.finditer(r"[^\W\d_]+", said)):
            word = found[0]
            name = word[0].isupper() and not shouted and (word.isupper() or n or not begins)
            if name and behind and _OPENS.search(said, 0, found.start()):  # "(Hủy)" is no name, "(Cầu Vàm)" is
                name = bool(_NAMED_ON.match(said, found.end()))
            if not name and plain[found.start()] != "·":
                left.append(found.span())
        return self._source.plain[start + left[0][0] : start + left[-1][1]][:80].strip() if left else None

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
        return self._quiet[start : parts.start() if parts else end]

    def _paragraph(self, place: int) -> str:
        one = self._source.paragraphs[self._at(place)]
        return self.fold[one.start : one.end]

    def _at(self, place: int) -> int:
        return max(bisect_right(self._paragraphs, place) - 1, 0)

    def _as_written(self, folded: str, low: int, high: int) -> str:
        at = self.fold.find(folded, low, high)
        return self._source.plain[at : at + len(folded)].strip()
