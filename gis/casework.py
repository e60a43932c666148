"""The cases of a project as officers work through them: found, sorted, cut into windows, with how far each has come."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    DateTime,
    Integer,
    Numeric,
    Subquery,
    Text,
    cast,
    func,
    null,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from gis import dues
from gis.errors import BadParameter
from gis.histories import histories_of
from gis.indicators import INDICATORS
from gis.money import PAID_KINDS
from gis.rules import deadlines
from gis.search import LONGEST
from gis.standing import Case

PROCEDURE = (
    "recovery_notice", "inventory", "plan_review", "plan_approval", "recovery_decision", "payment",
    "resettlement_allocation", "handover_consent", "handover",
)  # fmt: skip
"""The steps that every case goes through, in the order of the law; a case stands at the last it has reached."""
MONEY = ("plan_vnd", "paid_vnd", "advanced_vnd", "owed_vnd")
"""The columns of money: approved, paid, advanced, left to pay (`gis/dues.py`)."""
OWED = ("yes", "settled", "over")
"""What is left to pay: something, nothing, or less than nothing."""
SORTED_BY = (
    "code", "holder", "holder_kind", "commune", "parcels", "land_use", "area_m2", "handed_over_m2", "left_m2", "step",
    "step_on", "days_late", "obstacles", "plots_granted", "plots_allotted", "part", "registered_on", *MONEY, *PROCEDURE,
)  # fmt: skip
SHORTEST, MOST = 100, 500
"""Cases in a window: unless asked otherwise, and at most."""

_COLUMNS = {
    "id": BigInteger, "code": Text, "holder": Text, "holder_kind": Text, "unit": Text, "commune": Text,
    "parcels": Text, "land_use": Text, "area_m2": Numeric, "handed_over_m2": Numeric, "left_m2": Numeric, "step": Text,
    "step_on": Date, "step_place": Integer, "days": JSONB, "days_late": Integer, "obstacles": ARRAY(Text),
    "plots_granted": Integer, "plots_allotted": Integer, "part": Text, "registered_on": Date, "version": Integer,
    "land_id": BigInteger, "cancelled_at": DateTime(timezone=True), "cancel_reason": Text, "words": Text,
}  # fmt: skip
_STATEMENT = (files("gis") / "casework.sql").read_text("utf-8")


@dataclass(frozen=True)
class Narrowed:
    """Which cases are wanted: those that fit all that is given."""

    words: str = ""
    """In the code, in the commune (with name and identity number where they may be read), or a parcel as in ``5/85``;
    no diacritics needed, the last word may be unfinished."""
    reached: str | None = None
    """A step that the case has reached."""
    without: str | None = None
    """A step that it has not reached."""
    unit: str | None = None
    """Slug of the home commune."""
    holder_kind: str | None = None
    """A kind of holder; ``none`` for land of no holder."""
    obstacle: str | None = None
    """A kind of obstacle that stands in its way; ``any`` for one of whatever kind."""
    overdue: str | None = None
    """A step that is overdue; ``any`` for whatever step."""
    part: str | None = None
    """Code of a part of the project."""
    codes: tuple[str, ...] = ()
    """Codes of cases; empty for all."""
    owed: str | None = None
    """One of `OWED`: only where single amounts may be read."""
    cancelled: bool = False
    """What was cancelled, instead of what stands."""


@dataclass(frozen=True)
class Row:
    """One case as it stands, or one parcel of no holder, which makes no case."""

    id: int
    code: str
    """Of a parcel of no holder its ``sheet/number``."""
    holder: str | None
    """Name of the holder; None where it may not be read."""
    holder_kind: str
    """``none`` for land of no holder."""
    unit: str | None
    """Slug of the home commune on the day; None where it is not determined."""
    commune: str | None
    parcels: str | None
    """``sheet/number``, with commas."""
    land_use: str | None
    area_m2: Decimal
    """To recover."""
    handed_over_m2: Decimal
    left_m2: Decimal
    step: str | None
    """The last step of `PROCEDURE` it has reached, and since when."""
    step_on: date | None
    days: dict[str, date | None]
    """First day of each kind of event recorded of it; None where the reader may not have the day."""
    overdue: str | None
    """The step that is overdue the longest."""
    days_late: int | None
    obstacles: tuple[str, ...]
    """Kinds of those that stand in its way."""
    plots_granted: int
    plots_allotted: int
    part: str | None
    registered_on: date
    version: int
    land_id: int | None = None
    """Of land of no holder: number of the affected parcel."""
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    plan_vnd: Decimal | None = None
    """Approved, paid, advanced and left to pay; None where nothing is recorded, and where single amounts may not be
    read."""
    paid_vnd: Decimal | None = None
    advanced_vnd: Decimal | None = None
    owed_vnd: Decimal | None = None


@dataclass(frozen=True)
class Brief:
    """What sums of a selection are made of, for every case that is found."""

    code: str
    area_m2: Decimal
    handed_over_m2: Decimal


@dataclass(frozen=True)
class Listing:
    """A window of the cases found."""

    rows: tuple[Row, ...]
    found: int
    no_holder: int
    """How many of those found are parcels of no holder, and no cases."""
    area_m2: Decimal
    """Of all found."""
    handed_over_m2: Decimal
    left_m2: Decimal
    briefs: tuple[Brief, ...]
    """All cases found, in order; empty unless asked for."""


def listing(
    session: Session,
    project_id: int,
    project: str,
    *,
    day: date,
    narrowed: Narrowed = Narrowed(),
    sort: str = "code",
    descending: bool = False,
    offset: int = 0,
    limit: int | None = SHORTEST,
    briefs: bool = False,
    amounts: bool = False,
) -> Listing:
    """List cases of a project, in two statements whatever their number.

    Parameters
    ----------
    session : Session
        Told who reads (`gis.db.read_as`): names that may not be read are not there, to show, to find or to sort by.
    project_id : int
    project : str
        Its code.
    day : date
        Today: whose communes are named, which obstacles stand, what is overdue. Events of all days are shown.
    narrowed : Narrowed
    sort : str
        One of `SORTED_BY`; cases without a value come last, equal ones by code.
    descending : bool
    offset, limit : int
        The window; a limit of None for all.
    briefs : bool
        Whether to tell the code and areas of every case found, in order.
    amounts : bool
        Whether amounts of single cases are read: only for who may have personal data of the project.

    Raises
    ------
    BadParameter
        For an unknown column or step, and words that are too long.
    """
    _known("sort", sort, SORTED_BY)
    for name in ("reached", "without"):
        if getattr(narrowed, name):
            _known(name, getattr(narrowed, name), INDICATORS)
    if len(narrowed.words) > LONGEST:
        raise BadParameter("That is too long to look for: %(most)s characters at most.", parameter="q", most=LONGEST)
    late = _late(session, project, day, money_too=amounts) if narrowed.overdue or sort == "days_late" else None
    found = _cases(project_id, day, late, narrowed.cancelled)
    money = _amounts(project_id) if amounts else None
    if narrowed.owed:
        _known("owed", narrowed.owed, OWED if amounts else ())
    query = select(found)
    if money is not None:
        query = query.outerjoin(money, money.c.case_id == found.c.id)
        query = query.add_columns(*(money.c[name] for name in MONEY))
    else:
        query = query.add_columns(*(null().label(name) for name in MONEY))
    conditions = _conditions(found, narrowed, late, money)
    query = query.where(*conditions)
    query = query.order_by(*_order(found, money, sort, descending))
    totals = select(
        func.count().label("found"), func.count(found.c.land_id).label("no_holder"),
        func.coalesce(func.sum(found.c.area_m2), 0).label("area_m2"),
        func.coalesce(func.sum(found.c.handed_over_m2), 0).label("handed_over_m2"),
        func.coalesce(func.sum(found.c.left_m2), 0).label("left_m2"),
    )  # fmt: skip
    if money is not None and narrowed.owed:
        totals = totals.select_from(found.outerjoin(money, money.c.case_id == found.c.id))
    totals = totals.where(*conditions)
    if briefs or limit is None:
        everything = session.execute(query).all()
        rows = everything[offset:] if limit is None else everything[offset : offset + limit]
        sums = _Sums(everything)
    else:
        everything, rows = (), session.execute(query.offset(offset).limit(limit)).all()
        sums = session.execute(totals).one()
    if late is None:
        cases = [row.id for row in rows if row.land_id is None]
        late = _late(session, project, day, cases, money_too=amounts) if cases and not narrowed.cancelled else {}
    return Listing(
        tuple(_row(row, late.get(row.code)) for row in rows),
        sums.found, sums.no_holder, sums.area_m2, sums.handed_over_m2, sums.left_m2,
        tuple(Brief(row.code, row.area_m2, row.handed_over_m2) for row in everything) if briefs else (),
    )  # fmt: skip


class _Sums:
    """The totals of rows that are all here."""

    def __init__(self, rows: Sequence):
        self.found = len(rows)
        self.no_holder = sum(row.land_id is not None for row in rows)
        for name in ("area_m2", "handed_over_m2", "left_m2"):
            setattr(self, name, sum((getattr(row, name) for row in rows), Decimal(0)))


def _cases(project_id: int, day: date, late: dict[str, tuple[int, str]] | None, cancelled: bool) -> Subquery:
    said = None if late is None else json.dumps({code: days for code, (days, _) in late.items()})
    return (
        text(_STATEMENT)
        .bindparams(
            cancelled=cancelled,
            project=project_id,
            day=day,
            procedure=list(PROCEDURE),
            paid=list(PAID_KINDS),
            late=said,
        )
        .columns(**_COLUMNS)
        .subquery("found")
    )


def _amounts(project_id: int) -> Subquery:
    """Give the money of each case, as far as the reader may have single amounts."""
    money = dues.of_project(project_id).c
    named = (money.approved_vnd, money.paid_vnd, money.advanced_vnd, money.left_vnd)
    columns = (column.label(name) for name, column in zip(MONEY, named, strict=True))
    return select(money.case_id, *columns).subquery("money")


def _conditions(found: Subquery, narrowed: Narrowed, late: dict | None, money: Subquery | None = None) -> list:
    c, wanted = found.c, []
    if narrowed.words:
        # Not all in one: HS-7 would find whatever has a sheet 7, and HS-007 is not HS-070.
        asked = func.search_query(narrowed.words)
        parcel = ", " + "/".join(part.strip() for part in narrowed.words.split("/"))
        wanted.append(
            or_(
                func.strpos(func.lower(c.code), narrowed.words.lower()) > 0,
                func.search_words(c.words).bool_op("@@")(asked),
                func.strpos(func.concat(", ", c.parcels), parcel) > 0,
            )
        )
    if narrowed.reached:
        wanted.append(c.days.has_key(narrowed.reached))
    if narrowed.without:
        wanted.append(~c.days.has_key(narrowed.without))
    for column, value in ((c.unit, narrowed.unit), (c.holder_kind, narrowed.holder_kind), (c.part, narrowed.part)):
        if value:
            wanted.append(column == value)
    if narrowed.obstacle == "any":
        wanted.append(func.cardinality(c.obstacles) > 0)
    elif narrowed.obstacle:
        wanted.append(c.obstacles.any(narrowed.obstacle))
    if narrowed.overdue:
        codes = [code for code, (_, step) in late.items() if narrowed.overdue in ("any", step)]
        wanted.append(c.code.in_(codes))
    if narrowed.owed and money is not None:
        owed = func.coalesce(
            money.c.owed_vnd, -func.coalesce(money.c.paid_vnd, 0) - func.coalesce(money.c.advanced_vnd, 0)
        )
        wanted.append({"yes": owed > 0, "over": owed < 0, "settled": money.c.owed_vnd == 0}[narrowed.owed])
    if narrowed.codes:
        wanted.append(c.code.in_(narrowed.codes))
    return wanted


def _order(found: Subquery, money: Subquery | None, sort: str, descending: bool) -> list:
    by_code = _by_code(found.c.code)
    if sort == "code":
        return [key.desc() if descending else key for key in by_code]
    if sort in MONEY and money is None:
        return list(by_code)
    key = money.c[sort] if sort in MONEY else _sort_key(found, sort)
    return [(key.desc() if descending else key.asc()).nulls_last(), *by_code]


def _sort_key(found: Subquery, sort: str):
    c = found.c
    if sort in PROCEDURE:
        return c.days[sort].astext
    if sort == "step":
        return func.nullif(c.step_place, 0)
    if sort == "obstacles":
        return func.nullif(func.cardinality(c.obstacles), 0)
    if sort in ("holder", "commune", "part", "parcels"):
        return func.folded(c[sort])
    return c[sort]


def _by_code(code) -> tuple:
    """Order codes as people count: HS-9 before HS-10."""
    number = func.substring(code, r"(\d{1,18})\D*$")
    return func.regexp_replace(code, r"\d{1,18}\D*$", ""), cast(number, Numeric), code


def _late(
    session: Session, project: str, day: date, ids: Sequence[int] = (), *, money_too: bool
) -> dict[str, tuple[int, str]]:
    """Give by case how many days its most overdue step is late, and which step it is.

    Terms of payment tell whether and when a household was paid: they are left out where that may not be read.
    """
    found = {}
    for key, acts in histories_of(session, projects=[project], cases=ids, as_of=day).items():
        owed = [
            (one.days_late, one.step)
            for one in deadlines(acts, day)
            if one.overdue and (money_too or not {one.step, one.rule.term.counted_from} & set(PAID_KINDS))
        ]
        if owed:
            found[key.code] = max(owed)
    return found


def _row(row, late: tuple[int, str] | None) -> Row:
    given = {name: getattr(row, name) for name in Row.__dataclass_fields__ if name not in ("overdue", "days_late")}
    given["days"] = {kind: day and date.fromisoformat(day) for kind, day in row.days.items()}
    given["obstacles"] = tuple(row.obstacles)
    days_late, step = late or (None, None)
    return Row(**given, overdue=step, days_late=days_late)


def _known(parameter: str, value: str, choices) -> None:
    if value not in choices:
        raise BadParameter(
            "“%(value)s” cannot be used here: give one of %(choices)s.",
            parameter=parameter, value=value, choices=", ".join(choices),
        )  # fmt: skip


def codes(session: Session, project_id: int) -> list[str]:
    """Give the codes of a project's cases that stand."""
    return list(session.scalars(select(Case.code).where(Case.project_id == project_id).order_by(Case.code)))
