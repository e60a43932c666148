"""Whether the text of a DOCX is struck through or hidden: by its run, or by the styles it stands in.

ISO 29500-1, 17.7: what a run says itself counts; else its styles do, each with what it is based on, and a mark that
the style of the letters and that of the paragraph both set is off again (17.7.3).
"""

from collections.abc import Iterator

from docx.oxml.ns import qn

TAKEN_BACK = {"w:strike": "struck", "w:dstrike": "struck", "w:vanish": "hidden"}
"""Struck through or hidden: the writer took it back, as text deleted under tracked changes. “~~12~~15 ha” is 15 ha."""
_DEEPEST = 20
"""Styles that one is based on; more is a ring."""


class Styles:
    """The styles of a document, as far as they take text back.

    Parameters
    ----------
    root : element, optional
        ``w:styles``; None where the document has none.
    """

    def __init__(self, root: object | None):
        self._marks: dict[str, dict[str, bool]] = {}
        self._based_on: dict[str, str] = {}
        self._plain = ""
        self._of_all: dict[str, bool] = {}
        for each in () if root is None else root.iter(qn("w:style")):
            name = each.get(qn("w:styleId"), "")
            self._marks[name] = _marks_of(each.find(qn("w:rPr")))
            parent = each.find(qn("w:basedOn"))
            if parent is not None:
                self._based_on[name] = parent.get(qn("w:val"), "")
            if each.get(qn("w:type")) == "paragraph" and each.get(qn("w:default")) in ("1", "true", "on"):
                self._plain = name
        if root is not None:
            self._of_all = _marks_of(root.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}"))

    def taken_back(self, run: object) -> str | None:
        """Tell how the text of a run is taken back: ``struck``, ``hidden`` or not."""
        own = _marks_of(run.find(qn("w:rPr")))
        if not own and not any(self._marks.values()) and not self._of_all:
            return None
        named = list(self._named(run))
        for mark, kind in TAKEN_BACK.items():
            if own.get(mark, self._by_styles(named, mark)):
                return kind
        return None

    def _named(self, run: object) -> Iterator[str]:
        """Give the styles of the letters, the paragraph and the table of a run."""
        letters = run.find(f"{qn('w:rPr')}/{qn('w:rStyle')}")
        if letters is not None:
            yield letters.get(qn("w:val"), "")
        paragraph = next(run.iterancestors(qn("w:p")), None)
        style = None if paragraph is None else paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        yield self._plain if style is None else style.get(qn("w:val"), "")
        table = next(run.iterancestors(qn("w:tbl")), None)
        style = None if table is None else table.find(f"{qn('w:tblPr')}/{qn('w:tblStyle')}")
        if style is not None:
            yield style.get(qn("w:val"), "")

    def _by_styles(self, named: list[str], mark: str) -> bool:
        said = [found for name in named if (found := self._of_style(name, mark)) is not None]
        return sum(said) % 2 == 1 if said else self._of_all.get(mark, False)

    def _of_style(self, name: str, mark: str) -> bool | None:
        for _ in range(_DEEPEST):
            if mark in self._marks.get(name, {}):
                return self._marks[name][mark]
            if name not in self._based_on:
                return None
            name = self._based_on[name]
        return None


def _marks_of(properties: object | None) -> dict[str, bool]:
    if properties is None:
        return {}
    found = {mark: properties.find(qn(mark)) for mark in TAKEN_BACK}
    return {mark: _is_on(each) for mark, each in found.items() if each is not None}


def _is_on(mark: object) -> bool:
    return mark.get(qn("w:val")) not in ("0", "false", "off")
