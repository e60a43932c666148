"""How wide the columns of a table in Word are: numbers are never broken, words at blanks alone, and what is wider than
the sheet goes on in further tables under the same first columns."""

from collections.abc import Sequence
from dataclasses import replace

from webmap.reports.content import TEXT, Table

LETTER_MM = 1.75
"""Of a letter or digit of 9 points, heads in bold included."""
_MARGINS_MM = 4.0
"""Of a cell, left and right together, as Word sets them."""
_LONGEST_LINE = 30
"""Letters of a text that stand on one line where there is room."""


def widths_mm(columns: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]], whole_mm: float) -> list[float]:
    """Share the width of a sheet among columns.

    Parameters
    ----------
    columns : sequence of (str, bool)
        Each column's title, and whether texts stand in it: they may be broken at blanks, numbers may not.
    rows : sequence of sequence of str
        What stands in the cells, as written.
    whole_mm : float

    Returns
    -------
    list of float
        Summing up to `whole_mm` where that is possible without breaking a number or a word, else to more.
    """
    least, wanted = [], []
    for n, (title, breaks) in enumerate(columns):
        cells = [row[n] for row in rows]
        words = (word for text in (title, *(cells if breaks else ())) for word in text.split())
        longest = max(map(len, cells), default=0)
        word = max(map(len, words), default=0)
        least.append(_mm(max(word, 0 if breaks else longest, 3)))
        wanted.append(max(least[-1], _mm(min(longest, _LONGEST_LINE) if breaks else longest)))
    room = whole_mm - sum(least)
    if room <= 0:
        return least
    more = [most - few for most, few in zip(wanted, least, strict=True)]
    if sum(more) >= room:
        return [few + room * each / sum(more) for few, each in zip(least, more, strict=True)]
    return [most * whole_mm / sum(wanted) for most in wanted]


def _mm(letters: int) -> float:
    return letters * LETTER_MM + _MARGINS_MM


def fitting(table: Table, rows: Sequence[Sequence[str]], whole_mm: float) -> list[Table]:
    """Split a table that is wider than the sheet: each part has the first columns of texts, and groups whole.

    Parameters
    ----------
    table : Table
    rows : sequence of sequence of str
        Its cells as written.
    whole_mm : float

    Returns
    -------
    list of Table
        The table itself where it fits, or cannot be split further.
    """
    heads = next((n for n, (_, kind) in enumerate(table.columns) if kind != TEXT), len(table.columns))
    least = widths_mm([(title, kind == TEXT) for title, kind in table.columns], rows, 0)
    if sum(least) <= whole_mm or heads == len(table.columns):
        return [table]
    room, parts, taken = whole_mm - sum(least[:heads]), [], 0.0
    for start, end in _blocks(table, heads):
        width = sum(least[start:end])
        if not parts or taken + width > room:
            parts.append([])
            taken = 0.0
        parts[-1].append((start, end))
        taken += width
    return [_part(table, heads, blocks, n, len(parts)) for n, blocks in enumerate(parts, 1)]


def _blocks(table: Table, heads: int) -> list[tuple[int, int]]:
    """Give the stretches of columns that stay together."""
    if not table.groups:
        return [(n, n + 1) for n in range(heads, len(table.columns))]
    found, at = [], 0
    for _, span in table.groups:
        if at + span > heads:
            found.append((max(at, heads), at + span))
        at += span
    return found


def _part(table: Table, heads: int, blocks: list[tuple[int, int]], number: int, count: int) -> Table:
    kept = [*range(heads), *(n for start, end in blocks for n in range(start, end))]
    starts = dict(_begins(table))
    groups = (("", heads), *((starts.get(start, ""), end - start) for start, end in blocks)) if table.groups else ()
    rows = tuple(tuple(row[n] for n in kept) for row in table.rows)
    return replace(
        table, title=f"{table.title} ({number}/{count})", columns=tuple(table.columns[n] for n in kept), rows=rows,
        groups=groups, note=table.note if number == count else None,
    )  # fmt: skip


def _begins(table: Table):
    at = 0
    for title, span in table.groups:
        yield at, title
        at += span
