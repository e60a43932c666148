"""How well the reader of reports reads: python -m benchmarks.reading [--show]

Three tables. The passages of public reports (where ../shared/reports is there; another folder in GPMB_REPORTS), which
the reader was built on, and made-up texts of tests/reading in other words. A row counts as found when a proposal from
the same line or its footnote has its project, indicator, basis, days, holder and every filled cell; cells that the row
leaves blank are not compared, and counted apart, but where it names no project none may be read. A proposal is *wrong*
when it contradicts the row nearest to it, *incomplete* when it only lacks cells, *extra* when no row is about what it
says.
"""

import argparse
import csv
import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from gis import unread
from gis.reading import KnownProject, Proposal, read
from gis.vietnamese import Source
from script.settings import ROOT

CELLS = (
    "documents", "projects", "households", "organisations", "communities", "of_households", "area_m2", "of_area_m2",
    "amount_vnd", "plots", "count", "percent",
)  # fmt: skip
OWN = Path(__file__).parent.parent / "tests/reading"
PERIODS = {
    "R1": ("2022-01-01", "2022-10-24"), "R2": ("2024-12-01", "2024-12-16"), "R3": ("2024-01-01", "2024-03-15"),
    "R4": ("2020-06-01", "2020-06-30"), "R5": ("2024-01-01", "2024-03-31"),
    "xa-tan-binh-2026": ("2026-01-01", "2026-06-15"), "ban-qlda-thang-9": ("2025-09-01", "2025-09-30"),
    "trung-tam-quy-dat-quy-3": ("2025-07-01", "2025-09-30"),
    "so-tnmt-nam-2024": ("2024-01-01", "2024-12-31"), "phu-luc-quyet-dinh": ("2026-02-01", "2026-02-27"),
}  # fmt: skip
"""What a person who sends a report says of it. The other texts have to say it themselves."""


@dataclass
class Expected:
    """A row to be found."""

    name: str
    row: dict[str, str]
    places: tuple[tuple[int, int], ...]
    """Where in the text it may be read."""
    part_of: str | None


@dataclass
class Reading:
    """A text, what it states and what was read."""

    name: str
    text: str
    expected: list[Expected]
    proposals: list[Proposal]


@dataclass
class Score:
    """What came of a reading."""

    found: list[tuple[Expected, Proposal]]
    wrong: list[tuple[Expected, Proposal, list[str]]]
    incomplete: list[tuple[Expected, Proposal, list[str]]]
    missed: list[Expected]
    extra: list[Proposal]
    linked: int = 0
    """Parts that hang on their whole."""


def shared_folder() -> Path:
    """Give the folder of the public reports, which may not be there."""
    return Path(os.environ.get("GPMB_REPORTS", ROOT.parent / "shared" / "reports"))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shared() -> Iterator[Reading]:
    """Read the five public reports."""
    folder = shared_folder()
    known = [KnownProject(row["slug"], row["name_vi"]) for row in _rows(folder / "projects.csv")]
    rows = _rows(folder / "figures.csv")
    parts = re.split(r"^## (R\d) .*$", (folder / "passages.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        mine = [row for row in rows if row["source"].startswith(f"{name}:")]
        since, until = (date.fromisoformat(day) for day in PERIODS[name])
        proposals = read(text, projects=known, unit=mine[0]["unit"], from_on=since, to_on=until)
        lines = _lines(text)
        expected = [
            Expected(row["fid"], row, tuple(_of_line(row["source"], lines)), row["part_of"] or None) for row in mine
        ]
        yield Reading(name, text, expected, proposals)


def _lines(text: str) -> dict[int, tuple[int, int, set[str], str | None]]:
    """Give each line id its place, the marks of footnotes that hang in it and the footnote it is."""
    source = Source(text)
    found = {}
    for index, (place, name) in enumerate(source.lines):
        end = source.lines[index + 1][0] if index + 1 < len(source.lines) else len(source.plain)
        marks = {mark for at, mark in source.marks if place <= at < end}
        note = next((p.note for p in source.paragraphs if p.start <= place < p.end), None)
        if ":" in name:
            found[int(name.split(":")[1])] = (source.at[place], source.at[end], marks, note)
    return found


def _of_line(name: str, lines: dict) -> Iterator[tuple[int, int]]:
    low, _, high = name.split(":")[1].partition("-")
    asked = [number for number in lines if int(low) <= number <= int(high or low)]
    notes = {lines[number][3] for number in asked}
    for number, (start, end, marks, _) in lines.items():
        if (
            number in asked
            or marks & notes
            or any(marks_of & {lines[number][3]} for marks_of in (lines[n][2] for n in asked))
        ):
            yield start, end


def own() -> Iterator[Reading]:
    """Read the made-up texts."""
    projects, rows = _rows(OWN / "projects.csv"), _rows(OWN / "figures.csv")
    for path in sorted(OWN.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        known = [KnownProject(row["code"], row["name"]) for row in projects if row["text"] == path.stem]
        since, until = (date.fromisoformat(day) if day else None for day in PERIODS.get(path.stem, (None, None)))
        proposals = read(text, projects=known, from_on=since, to_on=until)
        expected, whole = [], None
        for row in (row for row in rows if row["text"] == path.stem):
            at = text.index(row["at"])
            whole = whole if row["part"] else row["at"]
            expected.append(Expected(row["at"], row, ((at, at + len(row["at"])),), whole if row["part"] else None))
        yield Reading(path.stem, text, expected, proposals)


def _differs(row: dict[str, str], proposal: Proposal) -> tuple[list[str], list[str]]:
    """Name the cells that contradict and those that are lacking."""
    wrong, lacking = [], []
    told = {
        "indicator": proposal.indicator, "basis": proposal.basis, "from": _iso(proposal.from_on),
        "to": _iso(proposal.to_on), "project": proposal.project, "holder": proposal.holder,
    }  # fmt: skip
    for cell, value in told.items():
        blank = not row[cell] and cell != "project"  # a figure of all projects is no figure of one
        if not blank and row[cell] != (value or ""):
            (wrong if value else lacking).append(cell)
    for cell in CELLS:
        if row[cell]:
            value = proposal.values.get(cell)
            if value is None:
                lacking.append(cell)
            elif Decimal(row[cell]) != value:
                wrong.append(cell)
    return wrong, lacking


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def score(reading: Reading) -> Score:
    """Compare what was read with what a text states, each proposal with at most one row."""
    pairs = []
    for row_index, expected in enumerate(reading.expected):
        for index, proposal in enumerate(reading.proposals):
            if not any(low < proposal.end and proposal.start < high for low, high in expected.places):
                continue
            wrong, lacking = _differs(expected.row, proposal)
            agrees = sum(1 for cell in CELLS if expected.row[cell] and cell not in (*wrong, *lacking))
            if expected.row["indicator"] != proposal.indicator and not agrees:
                continue
            if not agrees and (expected.row["project"] or "") != (proposal.project or ""):
                continue
            pairs.append((len(wrong) * 3 + len(lacking) - agrees * 0.1, len(wrong), row_index, index, wrong, lacking))
    result = Score([], [], [], [], [])
    used_rows: dict[int, int] = {}
    used: set[int] = set()
    for _, _, row_index, index, wrong, lacking in sorted(pairs, key=lambda pair: pair[:4]):
        if row_index in used_rows or index in used:
            continue
        used_rows[row_index] = index
        used.add(index)
        expected, proposal = reading.expected[row_index], reading.proposals[index]
        if wrong:
            result.wrong.append((expected, proposal, wrong))
        elif lacking:
            result.incomplete.append((expected, proposal, lacking))
        else:
            result.found.append((expected, proposal))
    by_name = {reading.expected[r].name: index for r, index in used_rows.items()}
    for row_index, index in used_rows.items():
        whole = reading.expected[row_index].part_of
        result.linked += bool(whole) and reading.proposals[index].part_of == by_name.get(whole, -1)
    result.missed = [expected for i, expected in enumerate(reading.expected) if i not in used_rows]
    result.extra = [proposal for i, proposal in enumerate(reading.proposals) if i not in used]
    return result


COLUMNS = (
    "rows", "found", "incomplete", "missed", "wrong", "unmarked", "extra", "doubted", "surplus", "parts", "linked",
)  # fmt: skip
"""`unmarked`: wrong without a doubt. `doubted`: found, with a doubt. `surplus`: cells of found rows that the row leaves
blank. `linked`: of the rows that are parts, those that hang on their whole."""


def counts(reading: Reading, found: Score) -> list[int]:
    """Count what came of a reading, in the order of `COLUMNS`."""
    return [
        len(reading.expected), len(found.found), len(found.incomplete), len(found.missed), len(found.wrong),
        sum(not proposal.doubts for _, proposal, _ in found.wrong), len(found.extra),
        sum(bool(proposal.doubts) for _, proposal in found.found),
        sum(bool(_surplus(expected.row, proposal)) for expected, proposal in found.found),
        sum(bool(expected.part_of) for expected in reading.expected), found.linked,
    ]  # fmt: skip


def _surplus(row: dict[str, str], proposal: Proposal) -> list[str]:
    return [cell for cell in proposal.values if not row[cell]]


def table(readings: Sequence[Reading], show: bool = False) -> str:
    """Give the table of one collection."""
    lines = [" " * 24 + "".join(f"{name:>11}" for name in (*COLUMNS, "recall", "precision"))]
    total = [0] * len(COLUMNS)
    for reading in readings:
        found = score(reading)
        mine = counts(reading, found)
        total = [a + b for a, b in zip(total, mine, strict=True)]
        lines.append(_line(reading.name, mine))
        lines += _shown(found) if show else []
    return "\n".join([*lines, _line("together", total)])


def _line(name: str, counted: Sequence[int]) -> str:
    rows, found, incomplete, _, wrong, _, extra, *_ = counted
    rates = found / max(1, rows), found / max(1, found + incomplete + wrong + extra)
    return f"{name:24}" + "".join(f"{count:11}" for count in counted) + "".join(f"{rate:11.1%}" for rate in rates)


def _shown(found: Score) -> Iterator[str]:
    for expected in found.missed:
        yield f"    missed  {expected.name}"
    for kind, group in (("lacks", found.incomplete), ("wrong", found.wrong)):
        for expected, proposal, cells in group:
            yield f"    {kind}   {expected.name}: {cells} {_told(proposal)}"
    for proposal in found.extra:
        yield f"    extra   {_told(proposal)}"
    for expected, proposal in found.found:
        if cells := _surplus(expected.row, proposal):
            yield f"    besides {expected.name}: { ({cell: str(proposal.values[cell]) for cell in cells}) }"


def _told(proposal: Proposal) -> str:
    values = {cell: str(value) for cell, value in proposal.values.items()}
    days = f"{proposal.basis} {proposal.from_on}–{proposal.to_on}"
    doubts = [doubt.message % doubt.params for doubt in proposal.doubts]
    told = f"[{proposal.line}] {proposal.indicator} {proposal.project} {proposal.holder or ''} {days} {values}"
    return f"{told} {doubts} «{proposal.quote[:90]}»"


HOSTILE = (
    "\n", "1", "bàn giao 12 hộ ", "(bàn giao 12 hộ ", "1/", "1 000 ", "| a | 12 hộ bàn giao |\n", "dự án13 ", "số 1/b-",
    "Đã chi trả 5 tỷ cho 12 hộ, ", "trong đó: 5 hộ, ", "không chấp hành, ", "“Hồ Phai Loạn ", "ngày 1/1/2022 ",
)  # fmt: skip


def growth() -> str:
    """Tell how the time grows with texts that repeat themselves: 2 is in line with the length, 4 its square."""
    lines = [f"{'repeated':<32}{'5000 letters':>14}{'10000 letters':>14}{'growth':>8}"]
    for piece in HOSTILE:
        taken = []
        for letters in (5_000, 10_000):
            text = piece * (letters // len(piece))
            began = time.process_time()
            unread.read(text, projects=[KnownProject("ho-phai-loan", "Hồ Phai Loạn")], unit="x")
            taken.append(time.process_time() - began)
        lines.append(f"{piece!r:<32}{taken[0]:>12.2f} s{taken[1]:>12.2f} s{taken[1] / max(taken[0], 0.001):>8.1f}")
    return "\n".join(lines)


def main() -> None:
    """Print both tables, and how the time grows."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--show", action="store_true", help="name what was not found, is wrong or extra")
    show = asked.parse_args().show
    if (shared_folder() / "passages.md").exists():
        print("Public reports\n" + table(list(shared()), show))
    else:
        print(f"The public reports are not in {shared_folder()}: left out.")
    print("\nMade-up texts\n" + table(list(own()), show))
    print("\nTime\n" + growth())


if __name__ == "__main__":
    main()
