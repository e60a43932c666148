"""Registers: what a project has beside its cases, each a table of entries with versions.

`gis.register_table` says what each register holds; here all are read and written alike. Nothing is deleted: an entry
made by mistake is cancelled with a reason, stays readable, and whoever counts or draws leaves it out.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from geoalchemy2 import WKTElement
from sqlalchemy import ColumnElement, Select, Text, case, cast, exists, func, insert, null, select, union, update
from sqlalchemy.orm import Session, aliased

from gis import audit, people_named, units, whose
from gis.collation import vietnamese_order
from gis.crs import LANG_SON_ZONE, VN2000, to_zone
from gis.errors import BadParameter, Conflict, NotFound
from gis.marks import is_nothing
from gis.model import (
    AdminUnit,
    Document,
    Event,
    FundingLine,
    Petition,
    Project,
    ProjectPart,
    ProjectTarget,
    ResettlementPlot,
    ResettlementSite,
)
from gis.progress import VIETNAM_TIME
from gis.register_table import (
    REFERENCES,
    RESERVED,
    Draft,
    Field,
    Kind,
    Reference,
    Register,
    Value,
    Values,
    live,
    live_allotment,
    named,
    no_year,
    not_replaced,
)
from gis.submission import clean_past, once
from gis.texts import as_sent, clean_text


@dataclass(frozen=True)
class Entry:
    """An entry as it stands."""

    id: int
    version: int
    project_id: int | None
    values: dict[str, Value]
    names: dict[str, str]
    """What references are called, by field."""
    cancelled_at: datetime | None = None
    cancelled_by: str | None = None
    cancel_reason: str | None = None


@dataclass(frozen=True)
class Written:
    """What became of an entry that was sent in."""

    id: int
    version: int
    act_id: int
    repeated: bool


@dataclass(frozen=True)
class Supply:
    """Resettlement plots of a project against what its approved plans need."""

    plots: int
    """In its own sites."""
    allotted: int
    """Of these."""
    given: int
    """Allotted to its cases, wherever the plots lie."""
    needed: int
    """Approved in plans."""

    @property
    def free(self) -> int:
        """Plots of its own sites that nobody has."""
        return self.plots - self.allotted

    @property
    def short(self) -> int:
        """Plots still to be given for which its own sites have none."""
        return max(self.needed - self.given - self.free, 0)


# -- reading ------------------------------------------------------------------------------------------


def entries(
    session: Session,
    register: str,
    project_id: int | None,
    *,
    words: str | None = None,
    choices: Mapping[str, str] | None = None,
    sort: str | None = None,
    cancelled: bool = False,
    personal: bool = True,
) -> list[Entry]:
    """List the entries of a register.

    Parameters
    ----------
    session : Session
    register : str
    project_id : int or None
        Of the project; None lists those of no project, and of the register of projects all.
    words : str, optional
        Only entries that hold these words in a text or in the name of what they point to.
    choices : mapping, optional
        Only entries whose fields of kind choice have these values.
    sort : str, optional
        Name of a field, with a minus for the other way round.
    cancelled : bool
        Whether cancelled ones are listed too.
    personal : bool
        Whether what is written of single households is shown.

    Raises
    ------
    BadParameter
        For a field or a choice that is not known.
    """
    found = named(register)
    query, shown = _query(found, personal)
    if found.model is not Project:
        query = query.where(found.project_column.is_not_distinct_from(project_id))
    if found.cancellable and not cancelled:
        query = query.where(found.model.cancelled_at.is_(None))
    for name, value in (choices or {}).items():
        field = found.by_name.get(name)
        if field is None or field.kind != Kind.CHOICE:
            raise BadParameter("There is no parameter “%(name)s” here.", parameter=name, name=name)
        query = query.where(getattr(found.model, name) == _clean(field, value))
    if words:
        texts = [shown[f.name] for f in found.fields if f.kind == Kind.TEXT or f.kind in REFERENCES]
        folded = func.folded(func.concat_ws(" ", *texts))
        for word in words.split():
            query = query.where(func.strpos(folded, func.folded(word)) > 0)
    sort = sort or found.sort
    by = shown.get(sort.removeprefix("-"))
    if by is None:
        raise BadParameter(
            "Cannot sort by “%(name)s”: give one of %(choices)s.",
            parameter="sort", name=sort, choices=", ".join(shown),
        )  # fmt: skip
    query = query.order_by((by.desc() if sort.startswith("-") else by.asc()).nulls_last(), found.model.id)
    return [_entry(found, row) for row in session.execute(query).mappings()]


def entry(session: Session, register: str, entry_id: int, *, personal: bool = True) -> Entry:
    """Give one entry, cancelled ones too; without `personal`, not what is written of a single household.

    Raises
    ------
    NotFound
        For one that is not there, or that its reader may not see.
    """
    found = named(register)
    query, _shown = _query(found, personal)
    row = session.execute(query.where(found.model.id == entry_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such record: %(entity)s %(id)s.", parameter="id", entity=found.name, id=entry_id)
    return _entry(found, row)


def options(session: Session, register: str, project_id: int | None) -> dict[str, list[tuple[str, str, str]]]:
    """Give what the references of a register can point to: key, name, and what tells those of one name apart.

    Cases are left out: there may be thousands, and people know their codes.
    """
    found: dict[str, list[tuple[str, str, str]]] = {}
    for field in named(register).fields:
        if field.kind in REFERENCES and field.kind != Kind.CASE:
            rows = session.execute(_options(field.kind, project_id)).all()
            if field.kind not in (Kind.DOCUMENT, Kind.UNIT):
                rows = sorted(rows, key=lambda row: vietnamese_order(row[1]))
            found[field.name] = [(str(key), name, apart or "") for key, name, apart in rows]
    return found


def _options(kind: Kind, project_id: int | None) -> Select:
    if kind == Kind.UNIT:
        first, last = func.lower(AdminUnit.valid), func.upper(AdminUnit.valid) - 1
        days = func.concat(
            func.coalesce(func.to_char(first, "DD/MM/YYYY"), "…"), " – ",
            func.coalesce(func.to_char(last, "DD/MM/YYYY"), "…"),
        )  # fmt: skip
        apart = func.nullif(days, "… – …")
        return select(AdminUnit.slug, AdminUnit.name, apart).order_by(
            func.upper(AdminUnit.valid).is_not(None), AdminUnit.name, AdminUnit.slug
        )
    if kind == Kind.DOCUMENT:
        resting = (Event, ProjectTarget, FundingLine, Petition)
        of = [select(model.document_id).where(model.project_id == project_id) for model in resting]
        return (
            select(Document.id, Document.number, func.to_char(Document.issued_on, "DD/MM/YYYY"))
            .where((Document.project_id == project_id) | Document.id.in_(union(*of)))
            .order_by(Document.issued_on.desc().nulls_last(), Document.number)
        )
    to = REFERENCES[kind]
    query = select(getattr(to.model, to.key), getattr(to.model, to.name), cast(null(), Text)).order_by(to.model.name)
    return query.where(_within(to, to.model, project_id))


def _within(to: Reference, model, project_id: int | None) -> ColumnElement[bool]:
    """Say that what is referred to belongs to the project, where it must, and stands."""
    where = model.project_id.is_not_distinct_from(project_id) if to.of_project else model.id.is_not(None)
    return where & model.cancelled_at.is_(None) if hasattr(to.model, "cancelled_at") else where


def supply(session: Session, project_id: int) -> Supply:
    """Count the resettlement plots of a project's own sites, and what its approved plans need."""
    own = exists().where(ResettlementSite.id == ResettlementPlot.site_id, ResettlementSite.project_id == project_id)
    allotted = select(Event.id).where(Event.plot_id == ResettlementPlot.id, live_allotment()).exists()
    of_project = (Event.project_id == project_id) & live()
    plots = select(func.count(), func.count().filter(allotted)).select_from(ResettlementPlot)
    row = session.execute(plots.where(own, ResettlementPlot.cancelled_at.is_(None))).one()
    given, needed = session.execute(
        select(
            func.count().filter(Event.kind == "resettlement_allocation"),
            func.coalesce(func.sum(Event.plots).filter(Event.kind == "plan_approval", not_replaced()), 0),
        ).where(of_project)
    ).one()
    return Supply(*row, given, needed)


def _query(register: Register, personal: bool) -> tuple[Select, dict[str, ColumnElement]]:
    """Give the statement of all entries, and what each field is shown and sorted by."""
    model = register.model
    columns = [model.id, model.version, register.project_column.label("project_id")]
    if register.cancellable:
        columns += [model.cancelled_at, model.cancelled_by, model.cancel_reason]
    shown = {}
    for field in register.fields:
        if field.computed:
            shown[field.name] = field.computed()
        elif field.kind == Kind.POINT:
            columns.append(func.ST_X(model.geom).label(f"{field.name}_lon"))
            columns.append(func.ST_Y(model.geom).label(f"{field.name}_lat"))
            continue
        elif field.kind in REFERENCES:
            to = REFERENCES[field.kind]
            there = aliased(to.model)
            pointed = there.id == getattr(model, field.column)
            columns.append(select(getattr(there, to.key)).where(pointed).scalar_subquery().label(field.name))
            shown[field.name] = select(getattr(there, to.name)).where(pointed).scalar_subquery()
            columns.append(shown[field.name].label(f"{field.name}_name"))
            continue
        elif not personal and field.name in register.told_of_case:
            shown[field.name] = case((model.case_id.is_(None), getattr(model, field.name)))
        else:
            shown[field.name] = getattr(model, field.name)
        columns.append(shown[field.name].label(field.name))
    return select(*columns), shown


def _entry(register: Register, row: Mapping) -> Entry:
    values, names = {}, {}
    for field in register.fields:
        if field.kind == Kind.POINT:
            values[field.name] = _metres(row[f"{field.name}_lon"], row[f"{field.name}_lat"])
            continue
        value = row[field.name]
        values[field.name] = int(value) if field.kind == Kind.MONEY and value is not None else value
        if field.kind in REFERENCES and value is not None:
            names[field.name] = str(row[f"{field.name}_name"])
    state = {name: row.get(name) for name in ("cancelled_at", "cancelled_by", "cancel_reason")}
    return Entry(row["id"], row["version"], row["project_id"], values, names, **state)


# -- writing ------------------------------------------------------------------------------------------


def enter(
    session: Session, register: str, project_id: int | None, values: Values, *, by: str, key: str
) -> Written:  # fmt: skip
    """Enter something in a register.

    Parameters
    ----------
    session : Session
        In a transaction of isolation level READ COMMITTED, which the caller ends.
    register : str
    project_id : int or None
        Of the project it is of; None for a new project, and for funding of a unit.
    values : mapping
        By field; what is left out is not given.
    by : str
        Account of whoever enters it.
    key : str
        Of this submission: sent again with the same key, it is not entered again.

    Raises
    ------
    BadParameter, OutsideVietnam
        For a value that does not fit, with the field's name.
    NotFound
        For a project that is not there.
    Conflict
        For a key used for another act.
    """
    found = named(register)
    if not found.entered:
        raise BadParameter("Nothing is entered in the register “%(value)s”.", parameter="register", value=register)
    given = _cleaned(found, values)
    given = {field.name: given.get(field.name) for field in found.fields if not field.computed}
    if found.model is Project:
        project_id = None
    elif project_id is None and found.name != "funding":
        raise NotFound("There is no project “%(code)s”.", parameter="project", code="")

    def work() -> dict:
        _require_project(session, project_id)
        draft = dict(given)
        if found.model in (Project, ProjectPart, ResettlementSite) and not draft["code"] and draft["name"]:
            draft["code"] = propose_code(session, draft["name"], found.model)
        for field in found.fields:
            if field.needed and draft.get(field.name) is None and not field.computed:
                raise BadParameter("“%(name)s” must be given.", parameter=field.name, name=field.name)
        stored = _checked(session, found, Draft(draft, project_id))
        if hasattr(found.model, "project_id"):
            stored["project_id"] = project_id
        entry_id, version = session.execute(
            insert(found.model).values(**stored).returning(found.model.id, found.model.version)
        ).one()
        audit.log_change(
            session, found.entity, entry_id, who=by, act="enter",
            project_id=entry_id if found.model is Project else project_id,
            after={name: _plain(value) for name, value in draft.items() if value is not None},
        )  # fmt: skip
        return {"id": entry_id, "version": version}

    sent = {name: _plain(value) for name, value in given.items() if value is not None}
    done = once(session, {"enter": found.name, "project": project_id, "values": sent}, work, by=by, key=key)
    return Written(done.result["id"], done.result["version"], done.act_id, done.repeated)


def amend(
    session: Session, register: str, entry_id: int, changes: Values, *, expected_version: int, by: str
) -> int:  # fmt: skip
    """Change fields of an entry, unless somebody changed it since it was read.

    Parameters
    ----------
    session : Session
        As for `enter`. No key is needed: sent again, the same changes find nothing left to change.
    register : str
    entry_id : int
    changes : mapping
        New values of the fields that change.
    expected_version : int
        The version the changes rest on.
    by : str
        Account of whoever changes it.

    Returns
    -------
    int
        The version it has now; unchanged where nothing differed.

    Raises
    ------
    BadParameter, OutsideVietnam
        For a field that is not open to change, or a value that does not fit.
    NotFound
        For a record that is not there.
    Conflict
        Where the record has another version: its `versions` hold both, field by field. Where it is cancelled.
    """
    found = named(register)
    by = clean_text(by, "by", 200)
    wanted = _cleaned(found, changes, changing=True)
    session.execute(select(func.take_turn()))
    now = entry(session, register, entry_id)
    changed = {name: value for name, value in wanted.items() if value != now.values[name]}
    # The same change sent again by the same hand is done already; what another one wrote is a conflict, equal or not.
    again = expected_version == now.version or audit.last_writer(session, found.entity, entry_id) == by
    if not changed and again:
        return now.version
    _require_standing(session, found, now, expected_version, wanted)
    _require_project(session, now.project_id)
    draft = Draft(now.values | wanted, now.project_id, entry_id)
    for name in changed:
        if found.by_name[name].needed and changed[name] is None:
            raise BadParameter("“%(name)s” must be given.", parameter=name, name=name)
    stored = _checked(session, found, draft)
    columns = {found.by_name[name].column for name in changed}
    version = _update(session, found, entry_id, {name: stored[name] for name in columns})
    audit.log_change(
        session, found.entity, entry_id, who=by, act="amend", project_id=now.project_id,
        before={name: _plain(now.values[name]) for name in changed} | {"version": now.version},
        after={name: _plain(value) for name, value in changed.items()} | {"version": version},
    )  # fmt: skip
    return version


def cancel(
    session: Session, register: str, entry_id: int, *, reason: str, expected_version: int, by: str, key: str
) -> Written:  # fmt: skip
    """Cancel an entry made by mistake. It stays readable, with the reason; nothing counts or draws it any more.

    Raises
    ------
    BadParameter
        Without a reason, and for a register whose entries stay.
    NotFound
        For a record that is not there.
    Conflict
        Where it has another version, is cancelled already, or something rests on it.
    """
    found = named(register)
    reason = clean_text(reason, "reason", 2000)
    if not found.cancellable:
        raise BadParameter("Entries of “%(value)s” are not cancelled.", parameter="register", value=register)

    def work() -> dict:
        now = entry(session, register, entry_id)
        _require_standing(session, found, now, expected_version, {})
        _require_project(session, now.project_id)
        if found.in_use and session.scalar(select(found.in_use(entry_id))):
            raise Conflict("Other records rest on this one: cancel those first.")
        marked = {"cancelled_at": func.clock_timestamp(), "cancelled_by": by, "cancel_reason": reason}
        version = _update(session, found, entry_id, marked)
        audit.log_change(
            session, found.entity, entry_id, who=by, act="cancel", project_id=now.project_id,
            before={"version": now.version}, after={"reason": reason, "version": version},
        )  # fmt: skip
        return {"id": entry_id, "version": version}

    request = {"cancel": found.name, "id": entry_id, "reason": reason}
    done = once(session, request, work, by=by, key=key)
    return Written(done.result["id"], done.result["version"], done.act_id, done.repeated)


def propose_code(session: Session, name: str, of: type = Project) -> str:
    """Make a code for a project, a part or a site from its name: small letters without accents, unlike any other."""
    plain = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    words = re.findall(r"[a-z0-9]+", "".join(letter for letter in plain if not unicodedata.combining(letter)))
    code = "-".join(words)[: 60 if of is Project else 36].strip("-") or "du-an"
    taken = set(session.scalars(select(of.code).where(of.code.startswith(code)))) | RESERVED
    return next(made for n in range(1, len(taken) + 2) if (made := code if n == 1 else f"{code}-{n}") not in taken)


def _require_project(session: Session, project_id: int | None) -> None:
    """Refuse to change what is of a cancelled project."""
    cancelled = select(Project.code, Project.cancel_reason).where(
        Project.id == project_id, Project.cancelled_at.is_not(None)
    )
    if found := session.execute(cancelled).one_or_none():
        raise Conflict(
            "The project “%(code)s” is cancelled: %(reason)s", parameter="project", code=found.code,
            reason=found.cancel_reason,
        )  # fmt: skip


def _require_standing(session: Session, register: Register, now: Entry, expected: int, wanted: Values) -> None:
    if now.cancelled_at:
        raise Conflict(
            "This record was cancelled on %(day)s by %(by)s: %(reason)s",
            day=now.cancelled_at.astimezone(VIETNAM_TIME).date().isoformat(), by=now.cancelled_by,
            reason=now.cancel_reason,
        )  # fmt: skip
    if now.version != expected:
        raise Conflict(
            "Somebody changed this record meanwhile (%(by)s): your changes rest on version %(yours)s, it is now "
            "version %(now)s.",
            versions={
                name: (value, wanted.get(name, value))
                for name, value in now.values.items()
                if not register.by_name[name].computed
            },
            by=audit.last_writer(session, register.entity, now.id) or "?", yours=expected, now=now.version,
        )  # fmt: skip


def _update(session: Session, register: Register, entry_id: int, values: dict) -> int:
    statement = update(register.model).where(register.model.id == entry_id).values(**values)
    return session.scalar(
        statement.returning(register.model.version).execution_options(synchronize_session=False)
    )  # fmt: skip


# -- values -------------------------------------------------------------------------------------------


def _cleaned(register: Register, values: Values, *, changing: bool = False) -> dict[str, Value]:
    fields = {f.name: f for f in register.fields if not f.computed and not (changing and f.fixed)}
    for name in values:
        if name not in fields:
            raise BadParameter(
                "“%(name)s” cannot be changed: give one of %(choices)s.",
                parameter=name, name=name, choices=", ".join(fields),
            )  # fmt: skip
    return {name: _clean(fields[name], value) for name, value in values.items()}


def _clean(field: Field, value: Value) -> Value:
    """Check one value by itself; empty texts are None."""
    if value is None or value == "":
        if field.needed:
            raise BadParameter("“%(name)s” must be given.", parameter=field.name, name=field.name)
        return None
    if field.kind == Kind.DAY:
        if not isinstance(value, date) or isinstance(value, datetime):
            raise BadParameter("“%(name)s” must be a day.", parameter=field.name, name=field.name)
        return clean_past(value, field.name) if field.past else value
    if field.kind == Kind.POINT:
        if not (isinstance(value, tuple | list) and len(value) == 2):
            raise BadParameter("Give both X (North) and Y (East), or neither.", parameter=field.name)
        return tuple(_number(replace(field, kind=Kind.NUMBER), part) for part in value)
    if field.kind in _NUMBERS:
        return _number(field, value)
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise BadParameter("“%(name)s” must be a text.", parameter=field.name, name=field.name)
    if field.kind == Kind.DOCUMENT:
        return _number(replace(field, kind=Kind.WHOLE, below=2**63), int(value) if str(value).isdecimal() else value)
    if not isinstance(value, str):
        raise BadParameter("“%(name)s” must be a text.", parameter=field.name, name=field.name)
    text = clean_text(None if is_nothing(value) else value, field.name, field.most, needed=field.needed)
    if field.kind == Kind.CHOICE and text not in (*field.choices, None):
        raise BadParameter(
            "“%(name)s” cannot be “%(value)s”: give one of %(choices)s.",
            parameter=field.name, name=field.name, value=text, choices=", ".join(field.choices),
        )  # fmt: skip
    return text


_NUMBERS = {
    Kind.WHOLE: Decimal(1),
    Kind.MONEY: Decimal(1),
    Kind.AREA: Decimal("0.01"),
    Kind.NUMBER: Decimal("0.01"),
    Kind.PERCENT: Decimal("0.01"),
}
"""What each is a multiple of."""


def _number(field: Field, value: Value) -> Decimal | int:
    step = _NUMBERS[field.kind]
    try:
        exact = Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else Decimal("nan")
        fits = exact.is_finite() and field.least <= exact < field.below and exact == exact.quantize(step)
    except ArithmeticError:
        fits = False
    if not fits:
        if field.name == "year" and isinstance(value, str):
            raise no_year(value)
        shown = value if isinstance(value, Decimal | int) and not isinstance(value, bool) else as_sent(value)
        if step == 1:
            raise BadParameter(
                "“%(given)s” cannot be used here: give a whole number from %(least)s to %(most)s.",
                parameter=field.name, given=shown, least=_bound(field.least), most=_bound(field.below - 1),
            )  # fmt: skip
        raise BadParameter(
            "“%(given)s” cannot be used here: give a number from %(least)s to below %(below)s, with at most two "
            "decimals.",
            parameter=field.name, given=shown, least=_bound(field.least), below=_bound(field.below),
        )  # fmt: skip
    return int(exact) if step == 1 else exact.quantize(step)


_YEARS_END = 10_000


def _bound(number: int) -> Decimal | int:
    """Give a bound as people write it: with points between its thousands, unless it may be a year."""
    return number if number < _YEARS_END else Decimal(number)


def _checked(session: Session, register: Register, draft: Draft) -> dict:
    """Check a whole entry against the records and give its columns."""
    stored = {}
    for field in register.fields:
        value = draft.values.get(field.name)
        if field.computed:
            continue
        if value is not None and field.kind in REFERENCES:
            value = _pointed(session, field, value, draft.project_id)
        elif value is not None and field.kind == Kind.POINT:
            value = _degrees(session, register, field, draft)
        stored[field.column] = value
    if register.check:
        register.check(session, draft)
    _refuse_people(session, register, draft)
    if register.unique:
        _require_unique(session, register, draft, stored)
    elif draft.entry_id is None and register.cancellable:
        _require_another(session, register, draft, stored)
    return stored


def _refuse_people(session: Session, register: Register, draft: Draft) -> None:
    """Refuse texts that name a person where others may read them: those of a case are kept from them."""
    if register.personal:
        return
    of_project = draft.entry_id if register.model is Project else draft.project_id
    for field in register.fields:
        of_case = field.name in register.told_of_case
        if field.kind == Kind.TEXT and not field.fixed and not (of_case and draft.values.get("case")):
            people_named.refuse(session, of_project, draft.values.get(field.name), field.name, has_case=of_case)


def _require_another(session: Session, register: Register, draft: Draft, stored: dict) -> None:
    """Refuse an entry that says all that another says already: it would be counted twice."""
    model = register.model
    same = [
        getattr(model, column).is_not_distinct_from(value) for column, value in stored.items()
        if not isinstance(value, WKTElement)
    ]  # fmt: skip
    if hasattr(model, "project_id"):
        same.append(model.project_id.is_not_distinct_from(draft.project_id))
    number = session.scalar(select(model.id).where(*same, model.cancelled_at.is_(None)).limit(1))
    if number is not None:
        raise BadParameter(
            "The same entry is on record already, as number %(id)s: it would be counted twice. If it is another one, "
            "say what tells them apart.",
            parameter=next(field.name for field in register.fields if field.needed), id=number,
        )  # fmt: skip


def _require_unique(session: Session, register: Register, draft: Draft, stored: dict) -> None:
    model = register.model
    columns = [register.by_name[name].column for name in register.unique]
    same = [  # 01 and 1 on a site are one plot, however it is written
        func.folded(getattr(model, column)) == func.folded(stored[column])
        if column in ("number", "body") and stored[column]
        else getattr(model, column) == stored[column]
        for column in columns
    ]
    if hasattr(model, "project_id") and model is not ResettlementSite:  # the code of a site names it everywhere
        same.append(model.project_id == draft.project_id)
    if register.cancellable and model is not ResettlementSite:
        same.append(model.cancelled_at.is_(None))
    if draft.entry_id:
        same.append(model.id != draft.entry_id)
    if session.scalar(select(model.id).where(*same).limit(1)):
        name = register.unique[-1]
        raise BadParameter(
            "“%(value)s” is there already: give another.", parameter=name, value=str(draft.values[name])
        )  # fmt: skip


def _pointed(session: Session, field: Field, key: Value, project_id: int | None) -> int:
    """Give the id of what a reference points to."""
    to = REFERENCES[field.kind]
    stands = getattr(to.model, to.key)
    if field.kind == Kind.CASE and project_id is not None:
        key = whose.code_meant(session, project_id, str(key))
    where = [stands == key, _within(to, to.model, project_id)]
    found = session.scalar(select(to.model.id).where(*where))
    if found is None:
        raise BadParameter(
            "There is no “%(value)s” here: choose one that is there.", parameter=field.name, value=str(key)
        )
    return found


def _degrees(session: Session, register: Register, field: Field, draft: Draft) -> WKTElement:
    """Give the place of a draft; one that stands is not asked about again when something else is changed."""
    north, east = map(float, draft.values[field.name])
    lon, lat = to_zone(LANG_SON_ZONE).transform(east, north, direction="INVERSE")
    point = WKTElement(f"POINT({lon!r} {lat!r})", srid=VN2000)
    column = getattr(register.model, field.column)
    same = select(register.model.id).where(register.model.id == draft.entry_id, func.st_dwithin(column, point, 1e-6))
    if draft.entry_id is None or session.scalar(same) is None:
        units.point_of(session, north, east, field.name)
    return point


def _metres(lon: float | None, lat: float | None) -> tuple[Decimal, Decimal] | None:
    if lon is None:
        return None
    east, north = to_zone(LANG_SON_ZONE).transform(lon, lat)
    return tuple(Decimal(value).quantize(Decimal("0.01")) for value in (north, east))


def _plain(value: Value):
    """Give a value as the log and a request's fingerprint take it."""
    if isinstance(value, tuple):
        return [str(part) for part in value]
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value


def from_log(field: Field, value) -> Value:
    """Give a value as it was, from what the log holds of it."""
    if value is None:
        return None
    if field.kind == Kind.POINT:
        return tuple(Decimal(part) for part in value)
    if field.kind == Kind.DAY:
        return date.fromisoformat(value)
    return Decimal(value) if field.kind in (Kind.AREA, Kind.NUMBER, Kind.PERCENT) else value
