"""Which commune a cell, an address or the heading of a group means, of today's and the former ones.

On 01/07/2025 communes were merged, and new ones took names of those that ended. Parcels are mostly numbered on maps of
the former ones. A name that both have is asked about, unless a word beside it says which is meant.
"""

import re
from collections.abc import Sequence

from gis.exchange.headings import plain
from gis.registration import Commune

_FORMER = r"\b(?:cu|former(?:ly)?|truoc (?:day|khi (?:sap xep|sap nhap)|sap xep|sap nhap|(?:ngay )?0?1 0?7 2025))\b"
_TODAY = (
    r"\b(?:moi|hien (?:nay|tai)|nay|today|new|sau (?:khi )?(?:sap xep|sap nhap)|(?:tu|sau) (?:ngay )?0?1 0?7 2025)\b"
)
_PREFIX = r"^(xa|phuong|thi tran) "
_SHORT = ((r"^(?:p|ph) ", "phuong "), (r"^x ", "xa "), (r"^(?:tt|ttr) ", "thi tran "))
_OTHER_NAME = r"^(?:truoc (?:la|thuoc)|von la|nguyen la|doi ten tu|tach tu|nhap tu|sap nhap tu|thuoc|gom|tuc)\s+"
"""Before another name that the same cell says: *Đông Kinh (trước là Vĩnh Trại)*; which of them is meant is asked."""
_ABOVE = r"(?:tp|thanh pho|huyen|h|tinh|thi xa|tx|quan|viet nam|vn|tpls|lang son)\b"
_APART = re.compile(r"\s[-–—]\s|[,;:()/]|(?<=\D)[-–—](?=\D)")
_DISTRICT = re.compile(r"(?:tp|thanh pho|huyen|h|thi xa|tx) (?P<name>.+)|tpls")
"""Districts ended with the communes of old: one beside a name says that the former commune is meant."""
_LABEL = r"^(?:xa|phuong|thi tran|phuong xa|xa phuong|xa phuong thi tran|don vi hanh chinh|dia ban|ten xa)$"


def meant(name: str, communes: Sequence[Commune], heading: str = "") -> list[Commune]:
    """Give the communes that a name may mean: none, the one, or those to choose among, today's first.

    Parameters
    ----------
    name : str
    communes : sequence of Commune
    heading : str
        Of its column: a word there counts for a name that has none.
    """
    given = name.strip()
    if by_slug := [each for each in communes if given == each.slug]:
        return by_slug
    parts = [
        part for part in map(plain, re.split(r"\s[-–—]\s|[,;:()/]|(?<=\D)[-–—](?=\D)", _whole_days(given))) if part
    ]
    stands = _generation(plain(given))
    if stands is None:
        stands = _generation(plain(heading))
    districts = [met for part in parts if (met := _DISTRICT.fullmatch(part))]
    if stands is None and districts and len(parts) > 1:
        stands = False
    named: list[Commune] = []
    for part in parts:
        bare = re.sub(_OTHER_NAME, "", _bare(part))
        if not bare or re.match(_LABEL, bare):
            continue
        found = [
            each for each in communes
            if bare in (plain(each.name), re.sub(_PREFIX, "", plain(each.name))) and stands in (None, each.stands)
        ]  # fmt: skip
        if found and not (len(parts) > 1 and re.match(_ABOVE, bare)):
            nearest = _nearest(_of_districts(found, districts))
            if stands is not None:
                return nearest  # what is written first is meant
            named += [each for each in nearest if each not in named]
    return named


def _of_districts(found: list[Commune], districts: list[re.Match]) -> list[Commune]:
    """Of communes of one name keep those of a district that stands beside it."""
    ends = [f"-{(met['name'] or 'lang son').replace(' ', '-')}" for met in districts]
    return [each for each in found if any(each.slug.endswith(end) for end in ends)] or found


def at_end_of(place: str, communes: Sequence[Commune], heading: str = "") -> list[Commune]:
    """Give the communes that the end of an address may mean; a district or province after it is passed over."""
    parts = [part for part in re.split(r"\s[-–—]\s|[,;]", place) if plain(part)]
    above = []
    while parts and (re.match(_ABOVE, plain(parts[-1])) and not meant(parts[-1], communes, heading)):
        above.append(parts.pop())
    return meant(", ".join((parts[-1], *above)), communes, heading) if parts else []


def _generation(said: str) -> bool | None:
    """Tell what a text says: today's (True), a former one (False), or neither."""
    # “Tam Thanh (cũ), nay là phường Kỳ Lừa”: what is written first is meant.
    former, today = re.search(_FORMER, said), re.search(_TODAY, said)
    if former and today:
        return today.start() < former.start()
    return False if former else True if today else None


def _whole_days(text: str) -> str:
    return re.sub(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", r"\1 \2 \3", text)


def _bare(part: str) -> str:
    for pattern in (_FORMER, _TODAY):
        part = " ".join(re.sub(pattern, " ", part).split())
    for pattern, whole in _SHORT:
        part = re.sub(pattern, whole, part)
    return part


def _nearest(found: list[Commune]) -> list[Commune]:
    """Of each generation keep those the project lies in, if there are any."""
    kept = []
    for stands in (True, False):
        alike = [each for each in found if each.stands is stands]
        kept += [each for each in alike if each.of_project] or alike
    return kept
