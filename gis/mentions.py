"""The words of a report that name projects: in a sentence, at the head of a paragraph, in lists of a footnote."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from gis import cues as words
from gis.naming import Names
from gis.vietnamese import YEARS, Paragraph, Quantity, Source, quantities

Item = tuple[str, Sequence[Quantity], int, int]
"""Name, numbers and place of a project in a list."""
Place = tuple[str | None, bool, int, int]
"""Code, whether it is sure, and place of a project in a sentence."""
_LONGEST_NAME = 300
_MENTION = re.compile(
    r"(?<!\w)(?:cac |mot so )?(?:du an|cong trinh|hang muc)(?: cong trinh)?(?: du an)?\b\s*:?\s*[“\"(]?\s*"
)
_NAME_ENDS = re.compile(
    r"[;|\n]|[.:](?=\s|$)|”(?=\s*(?:tren|,))|,? (?=\d[\d.,]* ?(?:ho|m2|ha|ty|trieu)\b)|"
    r",? (?:voi|tong|dien tich|so tien|tong so|doi voi|trinh|tu ngay|gia tri|dat \d|de thuc hien|ban giao|giai phong|"
    r"duoc|tuan (?:qua|nay)|trong (?:nam|thang|quy)|truoc ngay|"
    r"(?:da|chua) (?:ban giao|hoan thanh|chi tra|phe duyet|co|kiem|nhan)|"
    r"va \d)\b"
)
_YEAR = re.compile(rf"(?:{YEARS.pattern}|\d{{1,2}} ?[/.-] ?\d{{4}})\s*$")
"""Before "dự án" it counts no projects: "đến ngày 20/10/2022 dự án …"."""
_NO_NAME = re.compile(
    r"(?:tren|trong|do|cua|theo|nay|da|duoc|bi|co|thuoc|su dung|dau tu cong|bt|va|de|ve|chuyen tiep|khoi cong|"
    r"hoan thanh|\d)\b|[,.;)]"
)
_SUCH_AS = re.compile(r"\b(?:tap trung|chu yeu|nhat la|dac biet|dien hinh|nhu)\b[^.;]{0,50}$")
"""Before examples: the sentence is not of them alone."""
_HEAD = re.compile(r"\s*[“\"]?(?P<name>[^:|;]{6,200}?)\s*:(?!\d)")
_HEAD_WORDS = re.compile(r"(?:(?:tieu )?du an|cong trinh|hang muc|da(?= [^a-z]))\s*:?\s*")
_ITEM = re.compile(r"\((?=\s*\d[\d.,/]*\s*(?:ho|to chuc|ha|m2)\b)(?P<inside>[^()]*)\)")
_BULLET_TEXT = re.compile(r"\s*[*_]{0,3}(?:[-+•–●]\s|\d{1,2}[.)]\s|[IVX]+\.\s|[a-zđ][.)]\s|#+\s)?\s*(?:[“\"])?")


@dataclass(frozen=True)
class Heading:
    """The project of a paragraph or of a row of a table."""

    project: str | None
    words: str
    sure: bool
    end: int
    """Where it ends."""


class Mentions:
    """Projects named in one text.

    Parameters
    ----------
    source : Source
    names : Names
    """

    def __init__(self, source: Source, names: Names):
        self.source, self.names = source, names
        self.plain, self.fold = source.plain, source.fold
        self._headings: dict[int, Heading | None] = {}
        self._comma_style = bool(re.search(r"\d,\d{1,2}(?!\d)", self.plain))

    def quantities(self, start: int, end: int) -> list[Quantity]:
        """Find the numbers with their units between two places."""
        return quantities(self.fold, start, end, comma_style=self._comma_style)

    def name_end(self, low: int, high: int) -> int:
        """Tell where a name that begins at a place ends."""
        high = min(high, low + _LONGEST_NAME)
        for match in _NAME_ENDS.finditer(self.fold, low, high):
            said = self.plain[low : match.start()]
            if said.count("(") <= said.count(")"):
                return match.start()
        return high

    def heading(self, paragraph: Paragraph) -> Heading | None:
        """Read the project that a paragraph begins with, before a colon."""
        if paragraph.start not in self._headings:
            self._headings[paragraph.start] = self._heading(paragraph)
        return self._headings[paragraph.start]

    def _heading(self, paragraph: Paragraph) -> Heading | None:
        head = _HEAD.match(self.plain, paragraph.start, paragraph.end)
        if head is None:
            return self._title(paragraph)
        start = paragraph.start + len(_BULLET_TEXT.match(self.plain[paragraph.start : paragraph.end])[0])
        if head.end("name") <= start or next(words.cues(self.fold, start, head.end("name")), None):
            return None
        said = _HEAD_WORDS.match(self.fold, start, head.end("name")) or re.match(r"DA\s+", self.plain[start:])
        if said:
            start += said.end() - (start if said.re is _HEAD_WORDS else 0)
        inside = [] if said else self.mentions(start, head.end("name"))
        if len(inside) == 1 and inside[0][0]:
            code, sure, low, high = inside[0]
            return Heading(code, self.plain[low:high].strip(), sure, head.end())
        name = self.plain[start : head.end("name")]
        match = self.names.find(name)
        if match.code is None and not (said and name[:1].isalnum()):
            return None
        return Heading(match.code, name.strip(), match.sure, head.end())

    def _title(self, paragraph: Paragraph) -> Heading | None:
        """Read the project that a numbered title names, without a colon."""
        start, end = paragraph.start, paragraph.end
        if paragraph.bullet not in ("number", "letter", "roman", "hash") or end - start > _LONGEST_NAME:
            return None
        if next(words.cues(self.fold, start, end), None) or self.quantities(start, end):
            return None
        named = self.mentions(start, end)
        if not named:  # "1. Khu đô thị …": no word says that it is a project
            low = start + len(_BULLET_TEXT.match(self.plain[start:end])[0])
            match = self.names.find(self.plain[low:end].strip(" .:"))
            named = [(match.code, True, low, end)] if match.sure else []
        if len(named) != 1:
            return None
        code, sure, low, high = named[0]
        return Heading(code, self.plain[low:high].strip(), sure, end)

    def row(self, paragraph: Paragraph) -> Heading | None:
        """Read the project that the first cell of a row names, for the others."""
        end = self.plain.find("|", paragraph.start + 2, paragraph.end)
        end = paragraph.end if end < 0 else end
        mention = self.mentions(paragraph.start, end)
        if len(mention) == 1:
            ((code, sure, start, stop),) = mention
            return Heading(code, self.plain[start:stop].strip(), sure, end)
        cell = self.plain[paragraph.start : end].strip(" |-+")
        match = self.names.find(cell) if len(cell) <= _LONGEST_NAME else None
        return Heading(match.code, cell, match.sure, end) if match and match.code else None

    def mentions(self, low: int, high: int) -> list[Place]:
        """Find the projects that are named after "project" or "works": code, sure, place."""
        found: list[Place] = []
        for match in _MENTION.finditer(self.fold, low, high):
            before = self.fold[max(low, match.start() - 24) : match.start()]
            counted = re.search(r"\d\s*$", before) and not _YEAR.search(before)
            if counted or (found and match.start() < found[-1][3]):
                continue
            if _SUCH_AS.search(self.fold, max(low, match.start() - 60), match.start()):
                continue
            if _NO_NAME.match(self.fold, match.end(), high) or match.end() >= high:
                continue
            many = bool(re.match(r"cac|mot so", match[0]))
            found += self.names_in(match.end(), self.name_end(match.end(), high), many=many)
        return found

    def subject(self, low: int, high: int) -> Place | None:
        """Find the known project that a sentence begins with, surely, though no word says that it is one."""
        begun = [*self.quantities(low, high)[:1], *islice(words.cues(self.fold, low, high), 1)]
        end = min([one.start for one in begun] + [high, low + _LONGEST_NAME])
        low += (re.search(r"^.*:\s", self.plain[low:end], re.DOTALL) or re.match("", "")).end()
        gap = re.match(r"[\s,;“\"+-]*", self.plain[low:end])
        tail = re.search(r"(?:\s+(?:hien|con|da|co|duoc|lai|moi|thi))*[\s:,-]*$", self.fold[low:end])
        start, end = low + gap.end(), low + tail.start()
        if re.match(r"(?:tai|o|ve)\b", self.fold[start:end]):  # where, not of what
            return None
        match = self.names.find(self.plain[start:end]) if end - start > 5 else None
        return (match.code, True, start, end) if match and match.sure else None

    def names_in(self, low: int, high: int, *, many: bool = False) -> list[Place]:
        """Take a stretch apart into names: commas and "and" stand between names and within them.

        After the first, names that no known project bears are taken where the words say that there are many: else
        they begin what follows.
        """
        found = []
        while low < high:
            cuts = [low + m.start() for m in re.finditer(r"[,;](?=\s)|\sva\s|\s-\s|\(|”", self.fold[low:high])][:8]
            cuts.append(high)
            tried = [(self.names.find(self.plain[low:cut]), cut) for cut in cuts if cut > low]
            if not tried:
                break
            match, cut = max(tried, key=lambda one: (one[0].sure, one[0].code is not None, one[0].score, one[1]))
            if match.code is None:
                if found and not many:
                    break
                cut = next((one for _, one in tried if self.plain[one : one + 1] in ",;"), high)
                if not self.plain[low:cut].strip(' “"')[:1].isupper():
                    break
            found.append((match.code, match.sure, low, cut))
            rest = re.match(r"\s*\([^)]*\)", self.plain[cut:high])
            cut += rest.end() if rest else 0
            gap = re.match(r"[\s,;”]*(?:và\s+)?", self.plain[cut:high])
            low = cut + gap.end()
            if not gap[0].strip(" ”") or not self.plain[low : low + 1].isupper():
                break
        return found

    def groups(self, start: int, end: int, *, note: bool = False) -> list[list[Item]]:
        """Find ``Project A (44 hộ); Project B (36 hộ)``: groups of name, numbers and place."""
        groups: list[list[Item]] = []
        last = start
        for match in _ITEM.finditer(self.fold, start, end):
            low = max(last, match.start() - 2 * _LONGEST_NAME)
            said = self.fold[low : match.start()]
            colon = [m.end() for m in re.finditer(r":(?=\s)", said)]
            goes_on = bool(groups) and groups[-1][-1][3] == low and not re.search(r"\.\s", said)
            if not goes_on:
                if not colon and not (note and low == start):
                    continue
                low += colon[-1] if colon else 0
            low += re.match(r"[\s;,.+-]*(?:va )?(?:\(\d+\)\s*)?(?:du an:? )?", self.fold[low : match.start()]).end()
            if next(words.cues(self.fold, low, match.start()), None) or match.start() - low < 4:
                continue
            item = (
                self.plain[low : match.start()].strip(" :"),
                self.quantities(*match.span("inside")),
                low,
                match.end(),
            )
            if goes_on:
                groups[-1].append(item)
            else:
                groups.append([item])
            last = match.end()
        return [group for group in groups if len(group) > 1 or note]

    def is_list(self, note: Paragraph) -> bool:
        """Tell whether a footnote is a list of projects and no more."""
        groups = self.groups(note.start, note.end, note=True)
        return bool(groups) and groups[0][0][2] - note.start < 20 and note.end - groups[-1][-1][3] < 20
