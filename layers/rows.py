"""The table twin of a map layer: its features as rows, filtered and sorted by the database, read a window at a time.

What is in the table on a day is what the map shows on it: both go by `Layer.filter`. Whatever the number of features,
a window reads its own rows alone; number and sums of all rows that were found come from one statement beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Label,
    Numeric,
    Text,
    and_,
    case,
    cast,
    collate,
    func,
    join,
    select,
    true,
)
from sqlalchemy.orm import Session

from gis.access import Access
from gis.catalogue import rounded
from gis.crs import WEB_MERCATOR, WGS84
from gis.model import Project
from gis.search import parcel_asked
from layers.expressions import Surroundings, to_sql
from layers.spec import FIGURES, VALIDITY, Field, Kind, Layer, Wording, in_language

Bounds = tuple[float, float, float, float]
Value = str | int | float | Decimal | bool | date | None

PANELS = {"projects": ("project", "code"), "communes": ("commune", "slug"), "parcels": ("parcel", "id")}
"""Which panel tells more of a feature, and the field that names the feature to it, by the layer of its tiles."""

PROJECT_CODE, PROJECT_NAME = "project", "project_name"
"""Features that carry the code of their project are read with its name."""

SUMMED_UNITS = {"m²", "₫"}
DECIMALS = 7
"""Of degrees in GeoJSON: 1 cm, as RFC 7946 (section 11.2) advises against more than there is."""

NATURAL_ORDER = "vi-x-icu"
CHUNK = 1000
"""Rows an export holds in memory at a time."""


@dataclass(frozen=True)
class Column:
    """A column of a table. A value that `words` names is given in the reader's language."""

    name: str
    title: Wording
    kind: Kind
    unit: str = ""
    words: Mapping[str, Wording] | None = None
    summed: bool = False
    """Whether it has a value in the line of sums."""
    opening: bool = True
    """Whether it is shown when nobody has chosen columns."""
    group: Wording | None = None
    """What it belongs to, in tables of many columns."""


@dataclass(frozen=True)
class Narrowing:
    """A condition on one column; every part that is given must hold."""

    contains: str = ""
    """Words within a text, whatever their case and diacritics."""
    least: Decimal | date | None = None
    most: Decimal | date | None = None
    given: bool | None = None
    """True: only rows that have a value here; False: only those that have none."""
    holds: bool | None = None
    """What a yes-or-no column must be."""


@dataclass(frozen=True)
class Question:
    """What is asked of a table. Names of columns must be those of the table."""

    day: date
    since: date | None = None
    """The earlier of two days compared; for layers and roll-ups that compare."""
    project: str = ""
    """Code of the one project wanted; empty: all."""
    words: str = ""
    """As in the search: all stand in the row's texts, the last perhaps unfinished; ``25/143`` is sheet and parcel."""
    bounds: Bounds | None = None
    """West, south, east, north in WGS 84: only rows whose outline reaches into it."""
    narrowed: Mapping[str, Narrowing] = default(default_factory=dict)
    columns: tuple[str, ...] = ()
    sort: str | None = None
    descending: bool = False
    language: str = "vi"


@dataclass(frozen=True)
class Row:
    """A row: its values in the order of the columns asked for."""

    key: str
    """What names it to its panel, and by which it is looked for."""
    values: tuple[Value, ...]
    bounds: Bounds | None = None
    """West, south, east, north in WGS 84; None without an outline."""
    geometry: str | None = None
    """GeoJSON of the outline in WGS 84, where it was asked for."""


@dataclass(frozen=True)
class Totals:
    """What is found in all."""

    found: int
    drawn: int
    """Rows found that have an outline."""
    sums: Mapping[str, Decimal | int | None]
    """By column; None where nothing is known, which is not zero."""


@dataclass(frozen=True)
class Answer:
    """Some rows, and what was asked for beside them."""

    rows: list[Row]
    totals: Totals | None = None
    position: int | None = None
    """How many rows come before the first with the key looked for; None where there is none."""


class LayerTable:
    """The rows of one layer."""

    def __init__(self, layer: Layer, source: Layer):
        self.layer, self.source = layer, source
        self.name: str = layer.name
        self.title = Wording(layer.vi, layer.en)
        self.access: Access = layer.access
        self.panel, self._key = PANELS.get(source.name, (None, "id"))
        self.names_project = PROJECT_CODE in {f.name for f in layer.fields}
        named = (
            (Column(PROJECT_NAME, Wording("Tên dự án", "Name of the project"), "text"),) if self.names_project else ()
        )
        self.columns = named + tuple(_column(f) for f in layer.fields)

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """The columns by name."""
        return {column.name: column for column in self.columns}

    def read(
        self, session: Session, question: Question, offset: int, limit: int, *,
        totals: bool = True, find: str | None = None,
    ) -> Answer:  # fmt: skip
        """Read some rows; one statement for them, one for the totals, one for the place of a key.

        Parameters
        ----------
        session : Session
        question : Question
        offset, limit : int
            Rows left out before the first, and rows wanted.
        totals : bool
            Whether all rows found are counted and summed: whoever reads on needs that only once.
        find : str, optional
            A key to be looked for among all rows found.

        Returns
        -------
        Answer
            Its rows have their bounds. Rows without a value in the column sorted by come last; equal ones go by
            their id. Sums are of decimals, exact to 0.01.
        """
        found = _Found(self, question)
        return Answer(
            self._window(session, found, offset, limit),
            self._totals(session, found) if totals else None,
            None if find is None else self._position(session, found, find),
        )

    def _totals(self, session: Session, found: "_Found") -> Totals:
        summed = [column.name for column in self.columns if column.summed]
        sums = (func.sum(cast(found.values[name], Numeric)) for name in summed)
        counted, drawn, *values = session.execute(
            select(func.count(), func.count(found.geom), *sums).select_from(found.rows).where(found.condition)
        ).one()
        return Totals(counted, drawn, dict(zip(summed, values, strict=True)))

    def _window(self, session: Session, found: "_Found", offset: int, limit: int) -> list[Row]:
        # Which rows is found out with what the conditions and the order need; the rest is read for those rows alone.
        order = found.order()
        ordered = [value.label(f"o{n}") for n, (value, _) in enumerate(order)]
        picked = (
            select(found.id.label("id"), *ordered)
            .select_from(found.rows)
            .where(found.condition)
            .order_by(*_directed(order))
            .offset(offset)
            .limit(limit)
            .subquery("picked")
        )
        whole = _Found(self, found.question)
        # A box keeps its corners between Web Mercator and WGS 84.
        box = func.ST_Transform(func.ST_Envelope(whole.geom), WGS84)
        sides = (func.ST_XMin(box), func.ST_YMin(box), func.ST_XMax(box), func.ST_YMax(box))
        again = _directed([(picked.c[label.key], falling) for label, (_, falling) in zip(ordered, order, strict=True)])
        query = (
            select(*self._chosen(whole), *sides)
            .select_from(join(picked, whole.rows, picked.c.id == whole.id))
            .where(whole.condition)  # an id may stand for several states of a feature: one of them is found on the day
            .order_by(*again)
        )
        return [self._row(row, found.question, bounds=row[-4:]) for row in session.execute(query)]

    def _position(self, session: Session, found: "_Found", key: str) -> int | None:
        place = func.row_number().over(order_by=_directed(found.order())).label("place")
        rows = select(place, found.key.label("key")).select_from(found.rows).where(found.condition).subquery("p")
        first = session.scalar(select(func.min(rows.c.place)).where(rows.c.key == key))
        return None if first is None else first - 1

    def stream(self, session: Session, question: Question, *, geometry: bool = False) -> Iterator[Row]:
        """Read all rows that are found through a cursor of the server, a thousand at a time.

        Parameters
        ----------
        session : Session
            Stays in use until the last row is read.
        question : Question
        geometry : bool
            Whether the rows bring their outlines.
        """
        found = _Found(self, question)
        query = select(*self._chosen(found)).select_from(found.rows)
        query = query.where(found.condition).order_by(*_directed(found.order()))
        if geometry:
            # counter-clockwise outside: RFC 7946 section 3.1.6
            shape = func.ST_ForcePolygonCCW(func.ST_Transform(found.geom, WGS84))
            query = query.add_columns(func.ST_AsGeoJSON(shape, DECIMALS).label("shape"))
        for row in session.execute(query.execution_options(yield_per=CHUNK)):
            yield self._row(row, question, geometry=row.shape if geometry else None)

    def _chosen(self, found: "_Found") -> list[Label]:
        values = [found.values[name].label(f"v{n}") for n, name in enumerate(found.question.columns)]
        return [found.key.label("key"), *values]

    def _row(self, row: Any, question: Question, bounds: Sequence | None = None, geometry: str | None = None) -> Row:
        kinds = [self.by_name[name].kind for name in question.columns]
        values = tuple(_value(value, kind) for value, kind in zip(row[1 : 1 + len(kinds)], kinds, strict=True))
        return Row(row.key, values, rounded(bounds) if bounds else None, geometry)


class _Found:
    """The features of a layer that a question finds, as SQL."""

    def __init__(self, table: LayerTable, question: Question):
        self.table, self.question = table, question
        features = table.source.features().subquery()
        columns = {column.key: column for column in features.c}
        self.rows: FromClause = features
        if table.names_project:
            self.rows = features.outerjoin(Project, Project.code == columns[PROJECT_CODE])
        self.around = Surroundings(columns, {
            "day": _number(question.day),
            "since": _number(question.since) if question.since else 0,
            "project": question.project,
        })  # fmt: skip
        self.id, self.geom = columns["id"], columns["geom"]
        self.key = cast(columns[table._key], Text)

    @cached_property
    def values(self) -> dict[str, ColumnElement]:
        """The columns as readers see them on the day."""
        named = {PROJECT_NAME: Project.name} if self.table.names_project else {}
        return named | {f.name: self._of(f) for f in self.table.layer.fields}

    def _of(self, field: Field) -> ColumnElement:
        language = self.question.language
        expression = ["get", field.name] if field.expression is None else in_language(field.expression, language)
        value = to_sql(expression, self.around)
        if field.words:
            value = case(*((value == key, getattr(words, language)) for key, words in field.words.items()), else_=value)
        if field.kind == "day" and field not in VALIDITY:
            # On the day shown nobody knows yet what happens after it; when an outline ends is known beforehand.
            value = case((value <= self.around.globals["day"], value))
        return value

    @cached_property
    def condition(self) -> ColumnElement[bool]:
        question, shown = self.question, self.table.layer.filter
        asked = [to_sql(shown, self.around) if shown else true()]
        if question.words:
            asked.append(self._holds_words(question.words))
        if question.bounds:
            envelope = func.ST_MakeEnvelope(*question.bounds, WGS84, type_=None)
            asked.append(func.ST_Intersects(self.geom, func.ST_Transform(envelope, WEB_MERCATOR)))
        asked += [self._narrowed(self.table.by_name[name], by) for name, by in question.narrowed.items()]
        return and_(*asked)

    def _holds_words(self, words: str) -> ColumnElement[bool]:
        texts = [self.values[column.name] for column in self.table.columns if column.kind == "text"]
        every_word = func.search_words(func.concat_ws(" ", *texts)).op("@@")(func.search_query(words))
        columns, parcel = self.around.columns, parcel_asked(words)
        if not parcel or not {"sheet", "number"} <= columns.keys():
            return every_word
        sheet, number, rest = parcel
        named = [
            func.folded(columns["sheet"]) == func.folded(sheet),
            func.folded(columns["number"]) == func.folded(number),
        ]
        if rest:
            named.append(func.search_words(func.concat_ws(" ", *texts)).op("@@")(func.search_query(rest)))
        return and_(*named)

    def _narrowed(self, column: Column, by: Narrowing) -> ColumnElement[bool]:
        value = self.values[column.name]
        said = []
        if by.contains:
            asked = func.folded(by.contains)
            said += [asked != "", func.strpos(func.folded(cast(value, Text)), asked) > 0]
        if by.least is not None:
            said.append(value >= _comparable(by.least))
        if by.most is not None:
            said.append(value <= _comparable(by.most))
        if by.given is not None:
            said.append(value.is_not(None) if by.given else value.is_(None))
        if by.holds is not None:
            said.append(value.is_(by.holds))
        return and_(true(), *said)

    def order(self) -> "Order":
        """Give what the rows go by: the column asked for, texts that begin with a number by it; then the id."""
        question, falling = self.question, self.question.descending
        if not question.sort:
            return [(self.id, falling)]
        value = self.values[question.sort]
        if self.table.by_name[question.sort].kind != "text":
            return [(value, falling), (self.id, False)]
        begins = cast(func.substring(value, r"^\d{1,18}"), BigInteger)
        return [(begins, falling), (collate(value, NATURAL_ORDER), falling), (self.id, False)]


Order = Sequence[tuple[ColumnElement, bool]]
"""Values, and whether each falls."""


def _directed(order: Order) -> list[ColumnElement]:
    return [(value.desc() if falling else value.asc()).nulls_last() for value, falling in order]


def _column(field: Field) -> Column:
    summed = field.kind == "number" and field.unit in SUMMED_UNITS
    opening = field.name != PROJECT_CODE
    return Column(field.name, Wording(field.vi, field.en), field.kind, field.unit, field.words, summed, opening)


def tables_of(layers: Sequence[Layer]) -> list[LayerTable]:
    """Give the table of every layer that has rows of its own: those drawn from figures have roll-ups instead.

    Parameters
    ----------
    layers : sequence of Layer
        Those a reader may see; a layer that draws from the tiles of another needs that one among them.
    """
    by_name = {layer.name: layer for layer in layers}
    pairs = [(layer, by_name.get(layer.source or layer.name)) for layer in layers if layer.source != FIGURES]
    return [LayerTable(layer, source) for layer, source in pairs if source and source.features]


def _number(day: date) -> int:
    return day.year * 10000 + day.month * 100 + day.day


def _comparable(value: Decimal | date) -> int | Decimal:
    return _number(value) if isinstance(value, date) else value


def _value(value: Any, kind: Kind) -> Value:
    if value is None:
        return None
    if kind == "day":
        return date(value // 10000, value // 100 % 100, value % 100)
    if kind == "text":
        return str(value)
    return bool(value) if kind == "boolean" else value
