"""Tables whose rows hold the same vertex several times: old and new, or in two systems, pair beside pair.

Which pair counts cannot be told from the numbers; the table is parted into one table a pair, and it is asked.
"""

import re
from collections import Counter
from collections.abc import Sequence

from gis.exchange.coordinates import Row, folded
from gis.exchange.sheets import column_letter

_SHARE = 0.8
"""Of the rows with coordinates; others may lack one of the pairs."""
_VERSIONS = re.compile(
    r"\b(?:cu|moi|truoc|sau|ban dau|dieu chinh|thiet ke|thuc te|old|new|before|after|wgs|utm|vn ?2000|hn ?72|kttw"
    r"|ktt|mui|he|kinh tuyen)\b|\b[xynebl] ?[12]\b"
)  # fmt: skip
"""Words of headings by which columns are versions of one another, and not another ring beside."""


def parted(lines: Sequence[str], rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Part a table whose rows hold several pairs of the same vertex.

    Parameters
    ----------
    lines : sequence of str
        The table as it was given.
    rows : sequence of Row

    Returns
    -------
    list of tuple
        What heads each pair, and the table with that pair alone; empty where rows hold one pair, or other vertices.
    """
    held = [each for each in rows if each.pairs]
    if not held:
        return []
    most, times = Counter(len(each.pairs) for each in held).most_common(1)[0]
    if most < 2 or times < _SHARE * len(held) or len(held) < 3:
        return []
    full = [each for each in held if len(each.pairs) == most]
    heads = [each for each in rows[: full[0].number - 1] if not each.pairs and sum(map(bool, each.cells)) > 1]
    places = [(pair.first, pair.last) for pair in full[0].pairs]
    firsts = [_named(each, 0) for each in full]
    for block in range(1, most):
        names = [_named(each, block) for each in full]
        bare = sum(not name for name in names) > len(full) / 2
        same = names == firsts and any(_VERSIONS.search(folded(" ".join(each.cells))) for each in heads)
        if not (bare or same):
            return []
    return [(_title(heads, places, block), _alone(lines, rows, places, block)) for block in range(most)]


def _named(each: Row, block: int) -> str:
    """Give the name that stands before a pair, behind the pair before it."""
    start = each.pairs[block - 1].last + 1 if block else 0
    return next((cell for cell in each.cells[start : each.pairs[block].first] if re.search(r"\d", cell)), "")


def _title(heads: Sequence[Row], places: list[tuple[int, int]], block: int) -> str:
    """Say what stands above a pair of columns, its title too, which may begin above the numbers, and their letters."""
    first, last = places[block]
    since = places[block - 1][1] + 1 if block else 0
    said = []
    for each in heads:
        own = [cell for cell in each.cells[first : last + 1] if cell]
        said += own or [cell for cell in each.cells[since:first] if cell][-1:]
    letters = f"{column_letter(first)}–{column_letter(last)}"
    return f"{', '.join(dict.fromkeys(said))[:80]} ({letters})" if said else letters


def _alone(lines: Sequence[str], rows: Sequence[Row], places: list[tuple[int, int]], block: int) -> str:
    dropped = {i for k, (first, last) in enumerate(places) if k != block for i in range(first, last + 1)}
    made = []
    for each in rows:
        as_given = lines[each.number - 1].split("\t")
        cells = as_given if len(as_given) == len(each.cells) else list(each.cells)
        if len(cells) > max(dropped):
            cells = [cell for i, cell in enumerate(cells) if i not in dropped]
        made.append("\t".join(cells))
    return "\n".join(made)
