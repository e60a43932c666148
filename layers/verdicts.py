"""What is said of a target and of what comes of it: the same words in panel, table, map, print, files and API."""

from gis.targets import Verdict
from layers.spec import Wording

OUTCOMES = {
    "reached": Wording("đạt mục tiêu", "target reached"),
    "behind": Wording("chậm so với mục tiêu", "behind the target"),
    "open": Wording("chưa đến hạn, chưa đạt", "not due yet, not reached"),
    "unjudged": Wording("chưa đánh giá được", "cannot be judged"),
}
SHORT = {
    "reached": Wording("đạt", "reached"),
    "behind": Wording("chậm", "behind"),
    "open": Wording("chưa đến hạn", "not due yet"),
    "unjudged": OUTCOMES["unjudged"],
}
"""Where there is room for a word: on the map."""
WHY = {
    "part": Wording("vì mục tiêu chỉ nói về một phần của dự án", "because it is about a part of the project"),
    "records": Wording("vì chưa có hồ sơ", "because there are no records"),
    "measure": Wording("vì hồ sơ chưa ghi số đã bàn giao", "because the records do not say how much is handed over"),
    "whole": Wording("vì chưa biết tổng phải bàn giao", "because the whole is not known"),
    "unit": Wording("vì chưa biết phần đất nằm trong địa bàn của mục tiêu",
                    "because no land is known to lie in the target's unit"),
}  # fmt: skip


def told(verdict: Verdict, language: str) -> str:
    """Say what comes of a target, and why nothing can be said: “chưa đánh giá được vì chưa có hồ sơ”.

    Parameters
    ----------
    verdict : Verdict
    language : str
        ``vi`` or ``en``.
    """
    outcome = getattr(OUTCOMES[verdict.outcome], language)
    return f"{outcome} {getattr(WHY[verdict.why], language)}" if verdict.why else outcome
