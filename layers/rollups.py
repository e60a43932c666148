"""Roll-ups as tables: the figures of a day, or of the days after another, by project and by commune.

They are the answers of `gis.progress` laid out as rows; nothing is counted here. There are at most some hundred rows,
so that finding, sorting and cutting windows is done in memory.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Literal

from sqlalchemy.orm import Session

from gis import catalogue, progress
from gis.access import Access
from gis.indicators import AMOUNT, AREA, INDICATORS, MEASURES, PLOTS, SUMS, Indicator
from gis.model import ReportedFigure
from gis.overview import judged, stand_ins
from gis.targets import Verdict, gone_by, missed
from layers.rows import PANELS, Answer, Bounds, Column, LayerTable, Narrowing, Question, Row, Totals, Value
from layers.spec import Wording
from layers.verdicts import told as outcome

ONE_DAY = timedelta(days=1)
MEASURE_WORDS = {
    "documents": Wording("văn bản", "documents"),
    "projects": Wording("dự án", "projects"),
    "households": Wording("hộ", "households"),
    "organisations": Wording("tổ chức", "organisations"),
    "communities": Wording("cộng đồng dân cư", "communities"),
    "holders": Wording("người sử dụng đất", "holders"),
    AREA: Wording("m²", "m²"),
    AMOUNT: Wording("số tiền", "money"),
    PLOTS: Wording("lô", "plots"),
    "events": Wording("lượt ghi", "entries"),
}
UNITS = {AREA: "m²", AMOUNT: "₫"}
NOT_ADDITIVE = {"documents", "projects"}
"""One document may concern two projects: each row and the total state their own distinct number (decision 0002)."""

SOURCES = {
    "records": Wording("hồ sơ", "records"),
    "reported": Wording("báo cáo (chưa có hồ sơ)", "reports (no records yet)"),
    "none": Wording("chưa có số liệu", "no figures yet"),
}
OPENING = {
    "affected.households", "affected.area_m2", "handover.households", "handover.area_m2",
    "not_handed_over.households", "not_handed_over.area_m2", "plan_approval.amount_vnd", "payment.amount_vnd",
}  # fmt: skip
REPORTED = Column("reported", Wording("Số liệu báo cáo (chưa có hồ sơ)", "Reported figures (no records yet)"), "text")
"""What official reports state of a project without records, with its day and its source line: it is in no sum."""
TARGET = Column("target", Wording("Mục tiêu và kết quả", "Target and what comes of it"), "text")
"""The target a project goes by on the day, and whether it is reached, missed or cannot be judged."""
OUT_OF = Wording("trong tổng", "out of")
UNKNOWN_COMMUNE = Wording("Chưa xác định được xã", "Commune not determined")


class RollUp:
    """The figures of every project, or of every commune that stands on the day."""

    def __init__(self, by: Literal["project", "commune"], title: Wording, layer: LayerTable):
        self.by, self.title, self.layer = by, title, layer
        self.name = f"by-{by}"
        self.access = Access.AGGREGATE
        self.panel, self._key = PANELS[layer.source.name]
        named = {
            "project": (
                Column("name", Wording("Dự án", "Project"), "text"),
                Column("code", Wording("Định danh dự án", "Project code"), "text", opening=False),
            ),
            "commune": (
                Column("name", Wording("Xã, phường, thị trấn", "Ward or commune"), "text"),
                Column("code", Wording("Mã đơn vị hành chính", "Administrative code"), "text", opening=False),
                Column("slug", Wording("Định danh", "Slug"), "text", opening=False),
            ),
        }
        self.columns = (
            *named[by],
            *(column for indicator in _in_order() for column in _measured(indicator)),
            Column("parcels", Wording("Số thửa", "Parcels"), "integer", summed=True, opening=False),
            Column("drawn", Wording("Số thửa có trên bản đồ", "Parcels drawn"), "integer", summed=True, opening=False),
            Column(
                "withheld",
                Wording("Số tiền không công bố: dưới 3 hộ", "Money withheld: fewer than three households"),
                "text",
            ),
            Column("source", Wording("Nguồn số liệu", "Source of the figures"), "text", words=SOURCES),
            *((REPORTED, TARGET) if by == "project" else ()),
        )

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """The columns by name."""
        return {column.name: column for column in self.columns}

    def read(
        self, session: Session, question: Question, offset: int, limit: int, *,
        totals: bool = True, find: str | None = None,
    ) -> Answer:  # fmt: skip
        """Read some rows, as `LayerTable.read`.

        Returns
        -------
        Answer
            Of all rows the totals are those `gis.progress` states. Where some are left out they are sums of the rows
            found, and numbers of documents and projects, which cannot be summed, are None.
        """
        answer, rows = self._rows(session, question)
        found = self._ordered(rows, question)
        keys = [row.key for row in found]
        return Answer(
            [row.told(question) for row in found[offset : offset + limit]],
            self._totals(answer, rows, found, question) if totals else None,
            keys.index(find) if find in keys else None,
        )

    def _totals(self, answer: progress.Progress, rows: list, found: list, question: Question) -> Totals:
        drawn = sum(row.bounds is not None for row in found)
        names = [name for name in question.columns if self.by_name[name].summed]
        if len(found) == len(rows):
            whole = self._values(answer.total, None, question)
            return Totals(len(found), drawn, {name: whole[name] for name in names})
        return Totals(len(found), drawn, {name: _sum(name, [row.by_name[name] for row in found]) for name in names})

    def stream(self, session: Session, question: Question, *, geometry: bool = False) -> Iterator[Row]:
        """Give all rows that are found; with their outlines where these are asked for."""
        outlines = self._outlines(session, question) if geometry else {}
        for row in self._ordered(self._rows(session, question)[1], question):
            yield replace(row.told(question), geometry=outlines.get(row.key))

    def _outlines(self, session: Session, question: Question) -> dict[str, str | None]:
        day = Question(question.day, columns=(self._key,))
        return {row.key: row.geometry for row in self.layer.stream(session, day, geometry=True)}

    def _ordered(self, rows: list["_Counted"], question: Question) -> list["_Counted"]:
        found = [row for row in rows if _found(row, self, question)]
        return _sorted(found, question.sort or "name", question.descending)

    def _rows(self, session: Session, question: Question) -> tuple[progress.Progress, list["_Counted"]]:
        asked = {*question.columns, *question.narrowed, question.sort or ""}
        kinds = {name.partition(".")[0] for name in asked}
        days = {"since": question.since + ONE_DAY, "upto": question.day} if question.since else {"as_of": question.day}
        answer = progress.progress(
            session,
            progress.ask(
                by=(self.by,),
                projects=(question.project,) if question.project else (),
                kinds=tuple(key for key in INDICATORS if key in kinds) or ("affected",),
                **days,
            ),
        )
        places = self._places(session, question.day)
        verdicts = judged(session, question.day) if self.by == "project" else {}
        rows = []
        for row in answer.rows:
            told = row.project if self.by == "project" else row.commune
            values = self._values(row, told, question)
            if self.by == "project":
                stated = stand_ins((f for f in answer.reported if f.project_id == told.id), question.day)
                values["reported"] = "; ".join(_stated(each, question.language) for each in stated) or None
                values["target"] = _judged(verdicts.get(told.code, ()), question) if told else None
            key = values[self._key] or ""
            rows.append(_Counted(key, values, places.get(key)))
        return answer, rows

    def _places(self, session: Session, day: date) -> dict[str, Bounds | None]:
        if self.by == "project":
            return {entry.code: entry.bounds for entry in catalogue.list_projects(session, day=day)}
        return {e.unit.slug: e.bounds for e in catalogue.list_units(session, day=day, level="commune")}

    def _values(self, row: progress.Row, told, question: Question) -> dict[str, Value]:
        words = {"name": told.name if told else getattr(UNKNOWN_COMMUNE, question.language), "code": told and told.code}
        if self.by == "commune":
            words["slug"] = told and told.slug
        counted = {f"{kind}.{measure}": value for kind, of in row.values.items() for measure, value in of.items()}
        recorded = row.source == "records"
        return {
            **words,
            **counted,
            "parcels": row.parcels if recorded else None,
            "drawn": row.parcels_with_geometry if recorded else None,
            "withheld": "; ".join(
                getattr(INDICATORS[key], question.language) for key in INDICATORS if key in row.withheld
            )
            or None,
            "source": getattr(SOURCES[row.source], question.language),
        }


class _Counted:
    """A row before columns are chosen."""

    def __init__(self, key: str, by_name: dict[str, Value], bounds: Bounds | None):
        self.key, self.by_name, self.bounds = key, by_name, bounds

    def told(self, question: Question) -> Row:
        return Row(self.key, tuple(self.by_name[name] for name in question.columns), self.bounds)


def roll_ups(tables: list[LayerTable]) -> list[RollUp]:
    """Give the roll-ups, with the outlines of the layers of projects and communes.

    Parameters
    ----------
    tables : list of LayerTable
        Those a reader may see; without the layer of the outlines there is no roll-up by them.
    """
    by_name = {table.name: table for table in tables}
    titles = (
        ("project", "projects", Wording("Tổng hợp theo dự án", "Figures by project")),
        ("commune", "communes", Wording("Tổng hợp theo xã, phường, thị trấn", "Figures by ward and commune")),
    )
    return [RollUp(by, title, by_name[layer]) for by, layer, title in titles if layer in by_name]


def _number(value: Decimal | int, language: str) -> str:
    """Write a number grouped by points and with a comma in Vietnamese, the other way round in English."""
    written = f"{Decimal(value).normalize():,f}"
    return written.translate(str.maketrans(",.", ".,")) if language == "vi" else written


def _stated(figure: ReportedFigure, language: str) -> str:
    """Write a reported figure: “Bàn giao mặt bằng: 40 hộ trong tổng 60 hộ, 1.200,5 m² (24/10/2022, R1:385)”."""

    def number(value: Decimal | int) -> str:
        return _number(value, language)

    parts = []
    for measure in ("documents", "households", "organisations", "communities", AREA, AMOUNT, PLOTS):
        value, whole = getattr(figure, measure), getattr(figure, f"of_{measure}", None)
        name = "holders" if measure == "households" and figure.holder == "all" else measure
        unit = UNITS.get(measure) or getattr(MEASURE_WORDS[name], language)
        if value is not None:
            said = f"{number(value)} {unit}"
            parts.append(said if whole is None else f"{said} {getattr(OUT_OF, language)} {number(whole)} {unit}")
    since = f"{figure.from_on:%d/%m/%Y} – " if figure.from_on and figure.basis != "cumulative" else ""
    told = getattr(INDICATORS[figure.indicator], language)
    return f"{told}: {', '.join(parts)} ({since}{figure.to_on:%d/%m/%Y}, {figure.source_line})"


def _judged(own: Sequence[Verdict], question: Question) -> str | None:
    """Write what comes of the target a project goes by, and of one that was due before and is missed."""
    told = [verdict for verdict in (gone_by(own, question.day), missed(own)) if verdict]
    return "; ".join(dict.fromkeys(_aimed(verdict, question.language) for verdict in told)) or None


def _aimed(verdict: Verdict, language: str) -> str:
    target = verdict.target
    unit = UNITS.get(target.measure) or getattr(MEASURE_WORDS[target.measure], language)
    part = target.percent if target.value is None else target.value
    wanted = f"{_number(part, language)} {'% ' if target.value is None else ''}{unit}"
    by = {"vi": "đến", "en": "by"}[language]
    where = f", {target.part or target.unit}" if target.part or target.unit else ""
    return f"{wanted} {by} {target.due_on:%d/%m/%Y}{where}: {outcome(verdict, language)}"


def _in_order() -> list[Indicator]:
    """Put what is affected, handed over and left first: what readers compare stands together."""
    first = ("affected", "handover", "not_handed_over", "plan_approval", "payment")
    return [INDICATORS[key] for key in first] + [each for key, each in INDICATORS.items() if key not in first]


def _measured(indicator: Indicator) -> list[Column]:
    """Give a column for every measure the indicator can have."""
    silent = {m for m in SUMS if m not in indicator.sums} | ({"documents", "events"} if indicator.derived else set())
    group = Wording(indicator.vi, indicator.en)
    return [
        Column(
            (name := f"{indicator.key}.{measure}"),
            Wording(*(f"{said}: {of}" for said, of in zip(group, MEASURE_WORDS[measure], strict=True))),
            "number" if measure == AREA else "integer",
            UNITS.get(measure, ""),
            summed=True,
            opening=name in OPENING,
            group=group,
        )
        for measure in MEASURES
        if measure not in silent
    ]


def _sum(name: str, values: list[Value]) -> Decimal | int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and name.rpartition(".")[2] not in NOT_ADDITIVE else None


def _found(row: _Counted, table: RollUp, question: Question) -> bool:
    texts = f" {folded(' '.join(str(row.by_name[c.name] or '') for c in table.columns if c.kind == 'text'))} "
    if question.words:
        *whole, last = folded(question.words).split() or [None]
        if last is None or f" {last}" not in texts or any(f" {word} " not in texts for word in whole):
            return False
    if question.bounds and not _meet(row.bounds, question.bounds):
        return False
    return all(_holds(row.by_name[name], by) for name, by in question.narrowed.items())


def _meet(one: Bounds | None, other: Bounds) -> bool:
    return one is not None and (one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3])


def _holds(value: Value, by: Narrowing) -> bool:
    if by.given is not None and (value is not None) != by.given:
        return False
    if by.contains and not (folded(by.contains) and folded(by.contains) in folded(str(value or ""))):
        return False
    if value is None:
        return by.least is None and by.most is None
    return (by.least is None or value >= by.least) and (by.most is None or value <= by.most)


def _sorted(rows: list[_Counted], name: str, descending: bool) -> list[_Counted]:
    """Sort by a column, then by name; rows without a value last."""
    by_name = sorted(rows, key=lambda row: (folded(str(row.by_name["name"])), row.key))
    known = [row for row in by_name if row.by_name[name] is not None]
    return sorted(known, key=lambda row: _comparable(row.by_name[name]), reverse=descending) + [
        row for row in by_name if row.by_name[name] is None
    ]


def _comparable(value: Value):
    return folded(value) if isinstance(value, str) else value


def folded(text: str) -> str:
    """Fold a text as the database's function of this name does (migration 0009): a test compares them."""
    text = unicodedata.normalize("NFKD", text).translate(str.maketrans("đĐðÐ", "dddd")).lower()
    text = re.sub("[\u0300-\u036f]+", "", text)
    text = re.sub("[^a-z0-9]+", " ", text)
    return re.sub(r"\b0+(?=\d)", "", text).strip()
