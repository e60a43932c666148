"""Which number of a sentence goes into which cell of a figure, and which goes into none."""

import re
from collections.abc import Sequence
from dataclasses import replace

from gis import cues as words
from gis.cues import ACTS, Cue
from gis.statements import (
    CASES_NOT_HOUSEHOLDS,
    NOT_EXACT,
    NOT_OF_ACT,
    OTHER_NUMBER,
    PERCENT_OF_OTHER,
    SUM_NOT_STATED,
    TURNS_NOT_HOUSEHOLDS,
    TWO_READINGS,
    Statement,
)  # fmt: skip
from gis.vietnamese import (
    AREA,
    DOCUMENTS,
    HOLDERS,
    HOUSEHOLDS,
    MONEY,
    PERCENT,
    PLOTS,
    PROJECTS,
    TURNS,
    Quantity,
    Source,
)


class Cells:
    """Fills the cells of the figures of one text."""

    def __init__(self, source: Source):
        self.source, self.fold = source, source.fold

    def pairs(self, statement: Statement, core: list[Quantity]) -> list[Quantity]:
        """Take apart ``84 hộ với diện tích 6.257,67 m² và 01 tổ chức, diện tích 348,4 m²``: each holder's own area."""
        shape = [q for q in core if q.kind in (*HOLDERS, AREA)]
        kinds = [q.kind for q in shape]
        if kinds[1::2] != [AREA, AREA] or len(set(kinds)) != 3:
            return core
        one_act = any(q.kind in (DOCUMENTS, PROJECTS) for q in core)
        for holder, area in (shape[:2], shape[2:]):
            kind = holder.kind[:-1] if holder.kind != "communities" else "community"
            part = Statement(
                statement.indicator, holder.start, area.end, {holder.kind: holder.value, AREA: area.value}, kind
            )
            (statement.parts if one_act else statement.beside).append(part)
        if one_act:
            statement.values[AREA] = shape[1].value + shape[3].value
            statement.doubt(SUM_NOT_STATED)
            return [q for q in core if q.kind != AREA]
        first = statement.beside.pop(0)
        statement.holder = first.holder
        return [q for q in core if q not in shape[2:]]

    def fill(self, statement: Statement, core: Sequence[Quantity], cue: Cue | None) -> None:
        """Put numbers into cells; a second one of a kind is doubted, one that cannot belong here is left out."""
        act, values = ACTS[statement.indicator], statement.values
        for index, one in enumerate(core):
            if self.compared(one, statement.start, statement.end):
                continue
            kind = HOUSEHOLDS if one.kind in ("all", "cases") else one.kind
            if kind == PERCENT:
                self.fill_percent(statement, one)
                continue
            if kind == "turns_of_households":
                statement.doubt(TURNS_NOT_HOUSEHOLDS)
                kind, act = TURNS, replace(act, cells=act.cells | {TURNS})
            if kind == DOCUMENTS and (cue is None or one.start > cue.end or DOCUMENTS not in act.cells):
                continue
            if self._entitled(statement, core, index):
                continue
            if kind not in act.cells:
                if kind in (MONEY, AREA) and self._near(cue, one):
                    statement.doubt(NOT_OF_ACT, other=self.source.quote(one.start, one.end)[0])
                continue
            if kind in values:
                if values[kind] != one.value and kind not in (PROJECTS, DOCUMENTS):
                    statement.doubt(OTHER_NUMBER, other=self.source.quote(one.start, one.end)[0])
                continue
            values[kind] = one.value
            if one.kind == "all":
                statement.holder = "all"
            elif one.kind == "cases":
                statement.doubt(CASES_NOT_HOUSEHOLDS)
            if one.of is not None and kind in (HOUSEHOLDS, AREA):
                values[f"of_{kind}"] = one.of
            if one.unsure:
                statement.doubt(TWO_READINGS, number=one.unsure)
            if words.ROUGHLY.search(self.fold, max(0, one.start - 20), one.start):
                statement.doubt(NOT_EXACT, number=self.source.quote(one.start, one.end)[0])

    def _near(self, cue: Cue | None, one: Quantity) -> bool:
        return cue is not None and one.start - cue.end < 120

    def fill_percent(self, statement: Statement, one: Quantity) -> None:
        """Take a percentage, if it is of the plan or the whole and not of another period."""
        after = self.fold[one.end : one.end + 40]
        if PERCENT in statement.values or words.COMPARED_AFTER.match(after):
            return
        if re.match(r"\s*(?:gia tri )?khoi luong", after):
            statement.doubt(PERCENT_OF_OTHER)
            return
        statement.values[PERCENT] = one.value

    def _entitled(self, statement: Statement, core: Sequence[Quantity], index: int) -> bool:
        """Read ``140 ô tái định cư/134 hộ`` of a plan: the households that the plots are for."""
        if statement.indicator != "plan_approval" or not index or core[index].kind != HOUSEHOLDS:
            return False
        plots, holders = core[index - 1], core[index]
        if plots.kind != PLOTS or not re.fullmatch(r"[^\d,;]{0,6}/\s*", self.fold[plots.end : holders.start]):
            return False
        values = {PLOTS: plots.value, HOUSEHOLDS: holders.value}
        statement.beside.append(Statement("resettlement_entitlement", plots.start, holders.end, values))
        return True

    def compared(self, quantity: Quantity, low: int, high: int) -> bool:
        """Tell whether a number is of another period, or a difference to one."""
        before = re.split(r"[,;(](?=\s|\w)(?!\d)", self.fold[low : quantity.start])[-1]
        return bool(words.COMPARED_BEFORE.search(before) or words.COMPARED_AFTER.match(self.fold, quantity.end, high))
