"""Registering cases: who holds which land that a project recovers. Many at once, all or none.

What a case is counted by (kind of holder, day, areas) is entered once; who the holder is and what the case is called
may be put right later. Personal data goes into its own table and never into the log, which says only that it was
entered or changed.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import exists, func, insert, select, text, update
from sqlalchemy.orm import Session

from gis import audit, catalogue, on_record, parcels
from gis.errors import BadParameter, BadRows, Conflict, GisError
from gis.holder_names import PERSONS, clean_name
from gis.land_use import clean_land_use
from gis.model import AdminUnit, Case, Holder, HolderIdentity, Parcel, ProjectCommune, ProjectPart
from gis.parcel_numbers import clean_number, letter_o, with_zeros
from gis.sizes import Size, doubted
from gis.standing import Case as Standing
from gis.submission import clean_past, once
from gis.texts import clean_text
from gis.whose import same_name

HOLDER_KINDS = ("household", "individual", "organisation", "community")
MOST = 5_000
"""Parcels registered in one go."""
LARGEST_M2 = Decimal(10) ** 10
_CODE = re.compile(r"\w[\w.-]*")
_OUR_CODE = re.compile(r"HS-(\d{1,9})")
LENGTHS = {"full_name": 300, "identity_number": 30, "phone": 50, "address": 500}


@dataclass(frozen=True)
class NewHolder:
    """Whoever holds the land, by what stands in the list of land users."""

    kind: str
    """One of `HOLDER_KINDS`."""
    full_name: str
    identity_number: str | None = None
    """A holder known by it already, where whoever registers may see that, is the same holder."""
    phone: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class NewParcel:
    """A parcel and how much of it is recovered. The parcel (unit, sheet, number) is found, or made."""

    unit: str
    """Slug of the commune that numbered it."""
    sheet: str
    number: str
    area_m2: Decimal
    """To recover: no more than the legal area."""
    land_use: str | None = None
    legal_area_m2: Decimal | None = None
    row: int = 1
    """Where it stands in what was sent, for messages."""


@dataclass(frozen=True)
class NewCase:
    """A case to register; without a holder its parcels are land of no holder, which makes no case."""

    holder: NewHolder | None
    parcels: tuple[NewParcel, ...]
    code: str | None = None
    """None: the next free number."""
    part: str | None = None
    """Code of a part of the project."""
    row: int = 1
    sure: bool = False
    """Whether somebody said that what looks odd is right as it stands: the name of an office on a household, a number
    such as 3-4, a name or a parcel that is on record already (`doubts`)."""


@dataclass(frozen=True)
class Commune:
    """A commune that parcels may be numbered in."""

    slug: str
    name: str
    stands: bool
    """Whether it stands on the day asked."""
    of_project: bool
    """Whether the project lies in it."""


@dataclass(frozen=True)
class Problem:
    """What stands against one row."""

    row: int
    field: str
    error: GisError


@dataclass(frozen=True)
class Registered:
    """What was written."""

    act_id: int
    codes: tuple[str, ...]
    """Of the new cases, in the order sent."""
    parcels: int
    area_m2: Decimal
    repeated: bool = False


@dataclass(frozen=True)
class _Land:
    """A parcel of the list against what is on record."""

    given: NewParcel
    unit_id: int
    key: tuple[int, str, str]
    parcel_id: int | None
    fills: bool
    """Whether the record lacks a land use or a legal area that is given now."""
    land_use_on_record: str | None = None


@dataclass(frozen=True)
class _Checked:
    """A case against what is on record."""

    given: NewCase
    part_id: int | None
    holder_id: int | None
    land: tuple[_Land, ...]


def communes(session: Session, project_id: int, day: date) -> list[Commune]:
    """List every commune there is or was, those of the project first, then those that stand on the day."""
    lies_in = exists().where(ProjectCommune.project_id == project_id, ProjectCommune.unit_id == AdminUnit.id)
    stands = AdminUnit.valid.contains(day)
    query = (
        select(AdminUnit.slug, AdminUnit.name, stands, lies_in)
        .where(AdminUnit.level == "commune")
        .order_by(lies_in.desc(), stands.desc(), AdminUnit.name, AdminUnit.slug)
    )
    return [Commune(*row) for row in session.execute(query)]


def problems(session: Session, project_id: int, cases: Sequence[NewCase]) -> list[Problem]:
    """Say what stands against registering cases, without writing anything.

    Parameters
    ----------
    session : Session
    project_id : int
    cases : sequence of NewCase

    Returns
    -------
    list of Problem
        By row; empty when all could be registered.
    """
    return _examined(session, project_id, cases)[1]


def doubts(session: Session, project_id: int, cases: Sequence[NewCase]) -> list[Problem]:
    """Say what of cases is on record, stands twice among them or is out of scale, whether anybody is sure or not.

    Parameters
    ----------
    session : Session
    project_id : int
    cases : sequence of NewCase

    Returns
    -------
    list of Problem
        By row, each with a `Doubt`: the same name, the same parcel by either generation of the commune, another land
        use than the one on record.
    """
    checked, _ = _check(session, project_id, [_clean(case, []) for case in cases])
    return _doubted(session, project_id, checked)


def register_cases(
    session: Session, project: str, cases: Sequence[NewCase], *, registered_on: date, by: str, key: str
) -> Registered:
    """Register cases of a project with their holders and parcels, all or none.

    Parameters
    ----------
    session : Session
        In a transaction of isolation level READ COMMITTED, which the caller ends, of a reader who may have personal
        data of the project.
    project : str
        Code of the project.
    cases : sequence of NewCase
    registered_on : date
        Since when they are affected: from this day on they are in the denominators.
    by : str
        Account of whoever registers.
    key : str
        Of this submission: sent again with the same key, nothing is registered again.

    Raises
    ------
    BadRows
        Where anything stands against any of them: its `problems` hold all of it.
    NotFound
        For an unknown project.
    BadParameter
        For a day in the future, no case, or too many parcels at once.
    """
    clean_past(registered_on, "registered_on")
    if not cases:
        raise BadParameter("Name at least one case.", parameter="cases")
    if sum(len(case.parcels) for case in cases) > MOST:
        raise BadParameter("More than %(most)s parcels at once: send them in parts.", parameter="cases", most=MOST)

    def work() -> dict:
        project_id = catalogue.project_id(session, project)
        checked, found = _examined(session, project_id, cases)
        if found:
            raise BadRows(
                "%(count)s rows cannot be taken as they are.", problems=found,
                count=len({problem.row for problem in found}),
            )  # fmt: skip
        return _write(session, project_id, checked, registered_on, by)

    request = {"register": project, "on": registered_on.isoformat(), "cases": [asdict(case) for case in cases]}
    done = once(session, request, work, by=by, key=key)
    result = done.result
    return Registered(
        done.act_id, tuple(result["codes"]), result["parcels"], Decimal(result["area_m2"]), done.repeated
    )  # fmt: skip


# What a row says, by itself.


def _examined(session: Session, project_id: int, cases: Sequence[NewCase]) -> tuple[list[_Checked], list[Problem]]:
    own: list[Problem] = []
    checked, more = _check(session, project_id, [_clean(case, own) for case in cases])
    unsure = {row for each in checked if not each.given.sure for row in _rows(each)}
    open_ones = [each for each in _doubted(session, project_id, checked) if each.row in unsure] if unsure else []
    told = {(each.row, each.field) for each in (*own, *more)}
    open_ones = [each for each in open_ones if (each.row, each.field) not in told]
    return checked, sorted((*own, *more, *open_ones), key=lambda problem: problem.row)


def _rows(each: _Checked) -> set[int]:
    return {each.given.row, *(land.given.row for land in each.land)}


def _doubted(session: Session, project_id: int, checked: Sequence[_Checked]) -> list[Problem]:
    wanted = [
        on_record.Wanted(
            each.given.row, each.given.holder and each.given.holder.full_name,
            tuple(
                on_record.Place(land.given.row, land.unit_id, land.key[1], land.key[2], land.given.land_use,
                                land.land_use_on_record)
                for land in each.land
            ),
            each.holder_id is not None,
        )
        for each in checked
    ]  # fmt: skip
    sizes = [
        Size(land.given.row, f"{land.key[1]}/{land.key[2]}", land.given.area_m2,
             each.given.holder is not None and each.given.holder.kind in PERSONS)
        for each in checked for land in each.land
        if isinstance(land.given.area_m2, Decimal) and land.given.area_m2.is_finite()
    ]  # fmt: skip
    found = [Problem(met.row, met.field, met.doubt) for met in on_record.met(session, project_id, wanted)]
    found += [Problem(row, "area_m2", doubt) for row, doubt in doubted(sizes)]
    return sorted(found, key=lambda one: one.row)


def _clean(case: NewCase, found: list[Problem]) -> NewCase:
    """Give a case without blanks around its texts; what does not fit goes into `found` and is left as it is."""

    def tried(row: int, field: str, value, work):
        try:
            return work(value)
        except GisError as error:
            found.append(Problem(row, field, error))
            return value

    holder = case.holder
    if holder:
        if holder.kind not in HOLDER_KINDS:
            found.append(Problem(case.row, "kind", BadParameter(
                "“%(value)s” is not a kind of holder: give one of %(choices)s.",
                parameter="kind", value=holder.kind, choices=", ".join(HOLDER_KINDS),
            )))  # fmt: skip
        texts = {
            name: tried(
                case.row, name, getattr(holder, name),
                lambda value, name=name: clean_of_holder(name, value, holder.kind, sure=case.sure),
            )
            for name in LENGTHS
        }  # fmt: skip
        texts["identity_number"] = tried(
            case.row,
            "identity_number",
            texts["identity_number"],
            lambda value: clean_identity_number(value, holder.kind),
        )
        holder = replace(holder, **texts)
    elif case.code:
        found.append(Problem(case.row, "code", BadParameter(
            "Land of no holder makes no case: it is known by its map sheet and number, and has no code.",
            parameter="code",
        )))  # fmt: skip
    if not case.parcels:
        found.append(Problem(case.row, "parcels", BadParameter("Name at least one parcel.", parameter="parcels")))
    parcels = tuple(_clean_parcel(parcel, tried, case.sure) for parcel in case.parcels)
    return replace(case, holder=holder, parcels=parcels, code=tried(case.row, "code", case.code, clean_code))


def clean_code(value: str | None) -> str | None:
    """Check a code of a case, which is part of addresses."""
    value = clean_text(value, "code", 40, needed=False)
    if value and not _CODE.fullmatch(value):
        raise BadParameter(
            "“%(value)s” cannot be a code: write letters, digits, point and hyphen only.", parameter="code", value=value
        )
    return value


def clean_of_holder(name: str, value: str | None, kind: str, *, sure: bool = False) -> str | None:
    """Give a text of a holder, one of `LENGTHS`, as it is kept; `sure` as in `NewCase`.

    Raises
    ------
    BadParameter
    """
    if name == "full_name":
        return clean_name(value, kind, sure=sure)
    if name == "phone":
        return clean_phone(value)
    return clean_text(value, name, LENGTHS[name], needed=False)


_PHONE = re.compile(r"(?:\+?84|0)\d{8,10}|1[89]00\d{4,6}")


def clean_phone(value: str | None) -> str | None:
    """Check a telephone number, or several with a comma, semicolon or slash between.

    Raises
    ------
    BadParameter
    """
    text = clean_text(value, "phone", LENGTHS["phone"], needed=False)
    for each in re.split(r"[,;/]|\s[-–]\s", text or ""):
        number = re.sub(r"[\s.()\-–]", "", each)
        if text and not _PHONE.fullmatch(number):
            raise BadParameter(
                "“%(value)s” is not a telephone number, such as 0912 345 678: its zero at the beginning is lost, or "
                "something else is written. Leave it empty if there is none.",
                parameter="phone", value=text,
            )  # fmt: skip
    return text


_AROUND_IDENTITY = re.compile(
    r"^(?:['’‘]|(?:số\s*)?(?:cccd|cmnd|cmtnd|cc|đdcn|mst|mã số thuế)(?!\w)\s*(?:số)?\s*:?)\s*", re.IGNORECASE
)


def bare_identity_number(text: str) -> str:
    """Take what is around an identity number off it: blanks and points, the word for it, an apostrophe; of
    82001000003.0, a number to spreadsheets, the decimal too."""
    bare = _AROUND_IDENTITY.sub("", text.strip())
    if re.fullmatch(r"[\d\s.,]+", bare):
        bare = re.sub(r"(?<=\d)[.,]0+$", "", bare)
    return re.sub(r"[\s.]", "", bare) if not re.search(r"[^\W\d_]{3}", bare) else bare


_OF_CARD, _PROVINCES = 12, 96
"""Digits of an identity card (Circular 59/2021/TT-BCA), and the highest code of a province they begin with."""


def clean_identity_number(value: str | None, kind: str) -> str | None:
    """Take what is around it off an identity number; of people it has 9 or 12 digits (Law 26/2023/QH15).

    Raises
    ------
    BadParameter
    """
    value = bare_identity_number(value or "").strip("-–—") or None
    if value is None:
        return None
    if (digits := with_zeros(value)) != value and digits.isdecimal():
        raise letter_o("identity_number", value, digits)
    of_person = kind in PERSONS
    if of_person and value.isdecimal() and len(value) not in (9, 12):
        raise BadParameter(
            "An identity number of a person has 9 or 12 digits, this one %(count)s. Spreadsheets drop zeros at its "
            "beginning: make the column text.",
            parameter="identity_number", count=len(value),
        )  # fmt: skip
    if of_person and not re.fullmatch(r"\d{9}|\d{12}", value, re.ASCII):
        raise BadParameter(
            "“%(value)s” is not one identity number: write its 9 or 12 digits alone, and leave it empty if it is not "
            "known.",
            parameter="identity_number", value=value[:40],
        )  # fmt: skip
    if of_person and (len(set(value)) == 1 or (len(value) == _OF_CARD and not 1 <= int(value[:3]) <= _PROVINCES)):
        raise BadParameter(
            "“%(value)s” is no identity number: the first three digits of twelve are the code of a province, 001 to "
            "096. Leave it empty if it is not known.",
            parameter="identity_number", value=value,
        )  # fmt: skip
    if not of_person and not re.search(r"\d{3}", value):
        raise BadParameter(
            "“%(value)s” is no number of a tax code or a decision: leave it empty if it is not known.",
            parameter="identity_number", value=value[:40],
        )  # fmt: skip
    return value


def _clean_parcel(parcel: NewParcel, tried, sure: bool) -> NewParcel:
    def area(value):
        fits = isinstance(value, Decimal) and value.is_finite() and 0 < value < LARGEST_M2
        if not fits or value != value.quantize(Decimal("0.01")):
            raise BadParameter(
                "An area is above 0 m², with at most two decimals, not “%(value)s”.", parameter="area_m2",
                value="" if value is None else value if fits or isinstance(value, Decimal) else str(value),
            )  # fmt: skip
        return value

    row = parcel.row
    return replace(
        parcel,
        sheet=tried(row, "sheet", parcel.sheet, lambda value: clean_number(value, "sheet", sure=sure)),
        number=tried(row, "number", parcel.number, lambda value: clean_number(value, "number", sure=sure)),
        area_m2=tried(row, "area_m2", parcel.area_m2, area),
        land_use=tried(row, "land_use", parcel.land_use, clean_land_use),
        legal_area_m2=parcel.legal_area_m2
        if parcel.legal_area_m2 is None
        else tried(row, "legal_area_m2", parcel.legal_area_m2, area),
    )


# What a row says, against what is on record and against the other rows.

_PARCELS = text(
    """
    select w.n, w.unit_id, folded(w.sheet) as sheet, folded(w.number) as number, p.id, p.land_use, p.legal_area_m2,
           count(p.id) over (partition by w.n) as alike,
           (select coalesce(sum(a.area_m2), 0) from standing_land a
            where a.parcel_id = p.id and a.project_id = :project) as taken_m2,
           exists (select from standing_land a
                   where a.parcel_id = p.id and a.project_id = :project and a.case_id is null) as held_by_nobody
    from unnest(cast(:ns as bigint[]), cast(:units as bigint[]), cast(:sheets as text[]), cast(:numbers as text[]))
         as w (n, unit_id, sheet, number)
    left join parcel p on p.numbered_in_unit_id = w.unit_id and folded(p.sheet) = folded(w.sheet)
                      and folded(p.number) = folded(w.number)
    order by w.n, p.id
    """
)


def _check(session: Session, project_id: int, cases: Sequence[NewCase]) -> tuple[list[_Checked], list[Problem]]:
    found: list[Problem] = []

    def against(row: int, error: GisError) -> None:
        found.append(Problem(row, error.parameter, error))

    parts = dict(
        session.execute(select(ProjectPart.code, ProjectPart.id).where(ProjectPart.project_id == project_id)).all()
    )
    holders = _holders(session, project_id, cases, against)
    _codes_free(session, project_id, cases, against)
    land = _land(session, project_id, cases, against)
    checked = []
    for n, case in enumerate(cases):
        if case.part and case.part not in parts:
            against(case.row, BadParameter("This project has no part “%(value)s”.", parameter="part", value=case.part))
        checked.append(_Checked(case, parts.get(case.part), holders.get(n), land[n]))
    return checked, found


def _holders(session, project_id: int, cases: Sequence[NewCase], against) -> dict[int, int]:
    """Find the holders that are known by their identity number, by place in the list."""
    numbers = {c.holder.identity_number for c in cases if c.holder and c.holder.identity_number}
    known = {
        row.identity_number: row
        for row in session.execute(
            select(HolderIdentity.identity_number, HolderIdentity.full_name, Holder.id, Holder.kind, Standing.code)
            .join(Holder, Holder.id == HolderIdentity.holder_id)
            .outerjoin(Standing, (Standing.holder_id == Holder.id) & (Standing.project_id == project_id))
            .where(HolderIdentity.identity_number.in_(numbers))
        )
    }  # fmt: skip
    first: dict[str, int] = {}
    found = {}
    for n, case in enumerate(cases):
        number = case.holder and case.holder.identity_number
        if not number:
            continue
        if first.setdefault(number, case.row) != case.row:
            against(
                case.row,
                BadParameter(
                    "Row %(row)s has the same identity number: one holder has one case.",
                    parameter="identity_number",
                    row=first[number],
                ),
            )
        same = known.get(number)
        if same is None:
            continue
        found[n] = same.id
        if same.code:
            against(
                case.row,
                Conflict(
                    "This holder has case %(case)s of this project already.",
                    parameter="identity_number",
                    case=same.code,
                ),
            )
        if _folded(same.full_name) != _folded(case.holder.full_name):
            against(
                case.row,
                BadParameter(
                    "This identity number is on record with the name “%(name)s”.",
                    parameter="full_name",
                    name=same.full_name,
                ),
            )
        if same.kind != case.holder.kind:
            against(
                case.row,
                BadParameter(
                    "This identity number is on record as another kind of holder: %(kind)s.",
                    parameter="kind",
                    kind=same.kind,
                ),
            )
    return found


def _folded(name: str) -> str:
    return same_name(name or "")


def _codes_free(session, project_id: int, cases: Sequence[NewCase], against) -> None:
    wanted = {case.code for case in cases if case.code}
    taken = set(
        session.scalars(
            select(func.lower(Case.code)).where(
                Case.project_id == project_id, func.lower(Case.code).in_({code.lower() for code in wanted})
            )
        )
    )
    first: dict[str, int] = {}
    for case in cases:
        if case.code and case.code.lower() in taken:
            against(case.row, Conflict("There is a case %(case)s already.", parameter="code", case=case.code))
        elif case.code and first.setdefault(case.code.lower(), case.row) != case.row:
            against(
                case.row, BadParameter("Row %(row)s has the same code.", parameter="code", row=first[case.code.lower()])
            )


def _land(session, project_id: int, cases: Sequence[NewCase], against) -> list[tuple[_Land, ...]]:
    """Find the parcels, and see that no more of any is recovered than there is."""
    slugs = {parcel.unit for case in cases for parcel in case.parcels}
    units = dict(
        session.execute(
            select(AdminUnit.slug, AdminUnit.id).where(AdminUnit.slug.in_(slugs), AdminUnit.level == "commune")
        ).all()
    )
    rows = [(n, parcel) for n, case in enumerate(cases) for parcel in case.parcels]
    asked = [(i, units[p.unit], p.sheet or "", p.number or "") for i, (_, p) in enumerate(rows) if p.unit in units]
    ns, unit_ids, sheets, numbers = (list(part) for part in zip(*asked, strict=True)) if asked else ([], [], [], [])
    known = {
        row.n: row
        for row in session.execute(
            _PARCELS,
            {"project": project_id, "ns": ns, "units": unit_ids, "sheets": sheets, "numbers": numbers},
        )
    }
    taken: dict[tuple, Decimal] = {}
    legal: dict[tuple, Decimal] = {}
    seen: dict[tuple, int] = {}
    found: list[list[_Land]] = [[] for _ in cases]
    nobody = -1  # all land of no holder is of one kind, however many times it is sent
    for i, (n, parcel) in enumerate(rows):
        row = known.get(i)
        if row is None:
            against(
                parcel.row, BadParameter("There is no commune “%(value)s”.", parameter="unit", value=parcel.unit or "")
            )
            continue
        if row.alike > 1:
            against(
                parcel.row,
                BadParameter(
                    "There are %(count)s parcels %(parcel)s on record: they must be told apart first.",
                    parameter="number",
                    count=row.alike,
                    parcel=f"{parcel.sheet}/{parcel.number}",
                ),
            )
        key = (row.unit_id, row.sheet, row.number)
        owner = nobody if cases[n].holder is None else n
        if (owner, *key) in seen:
            against(parcel.row, _named_twice(parcel, seen[owner, *key], of_no_holder=owner == nobody))
        seen.setdefault((owner, *key), parcel.row)
        if owner == nobody and row.held_by_nobody:
            against(
                parcel.row,
                Conflict(
                    "Parcel %(parcel)s is on record in this project as land of no holder already: leave it out here. "
                    "Its area is put right on its own page.",
                    parameter="number",
                    parcel=f"{parcel.sheet}/{parcel.number}",
                ),
            )
        stated = row.legal_area_m2
        if stated and parcel.legal_area_m2 and stated != parcel.legal_area_m2:
            against(
                parcel.row,
                BadParameter(
                    "Parcel %(parcel)s is on record with a legal area of %(area)s m².",
                    parameter="legal_area_m2",
                    parcel=f"{parcel.sheet}/{parcel.number}",
                    area=str(stated),
                ),
            )
        if stated or parcel.legal_area_m2:
            legal.setdefault(key, stated or parcel.legal_area_m2)
        if isinstance(parcel.area_m2, Decimal) and parcel.area_m2.is_finite():
            taken[key] = taken.get(key, row.taken_m2 if row.id else Decimal(0)) + parcel.area_m2
            if key in legal and taken[key] > legal[key]:
                against(
                    parcel.row,
                    BadParameter(
                        "Parcel %(parcel)s has %(legal)s m², %(area)s m² of it would be recovered.",
                        parameter="area_m2",
                        parcel=f"{parcel.sheet}/{parcel.number}",
                        legal=str(legal[key]),
                        area=str(taken[key]),
                    ),
                )
        fills = bool(row.id) and bool(
            (parcel.land_use and not row.land_use) or (parcel.legal_area_m2 and not row.legal_area_m2)
        )
        found[n].append(_Land(parcel, row.unit_id, key, row.id, fills, row.land_use))
    return [tuple(each) for each in found]


def _named_twice(parcel: NewParcel, row: int, *, of_no_holder: bool) -> BadParameter:
    label = f"{parcel.sheet}/{parcel.number}"
    if row == parcel.row:
        return BadParameter(
            "Parcel %(parcel)s stands here twice: write it once, with all of its area to recover.",
            parameter="number", parcel=label,
        )  # fmt: skip
    if of_no_holder:
        return BadParameter(
            "Row %(row)s names the same land of no holder, %(parcel)s: write it once.",
            parameter="number", row=row, parcel=label,
        )  # fmt: skip
    return BadParameter(
        "Row %(row)s names the same parcel of the same case: a parcel of two land types is one row, with the sum of "
        "the areas and both codes, as ODT+CLN.", parameter="number", row=row,
    )  # fmt: skip


# Writing.


def _write(session: Session, project_id: int, checked: Sequence[_Checked], registered_on: date, by: str) -> dict:
    held = [each for each in checked if each.given.holder]
    made = [each for each in held if each.holder_id is None]
    made_ids = iter(parcels.inserted(session, Holder, [{"kind": each.given.holder.kind} for each in made]))
    holder_ids = [each.holder_id or next(made_ids) for each in held]
    codes = _codes(session, project_id, [each.given.code for each in held])
    case_ids = parcels.inserted(
        session, Case,
        [
            {"project_id": project_id, "holder_id": holder_id, "part_id": each.part_id, "code": code,
             "registered_on": registered_on}
            for each, holder_id, code in zip(held, holder_ids, codes, strict=True)
        ],
    )  # fmt: skip
    # After the cases: whoever may write of a holder is seen by the project of the holder's case.
    identities = [
        {"holder_id": holder_id} | {name: getattr(each.given.holder, name) for name in LENGTHS}
        for each, holder_id in zip(held, holder_ids, strict=True)
        if each.holder_id is None
    ]
    if identities:
        session.execute(insert(HolderIdentity.__table__), identities)
    parcel_ids = _parcels(session, checked)
    ids = dict(zip(map(id, held), case_ids, strict=True))
    rows = [
        parcels.Affected(
            ids.get(id(each)), parcel_ids[land.key], land.given.area_m2, None if each.given.holder else each.part_id
        )
        for each in checked
        for land in each.land
    ]
    parcels.affect(session, project_id, registered_on, rows)
    log = [
        {"entity": "case", "entity_id": case_id, "project_id": project_id, "after": {
            "code": code, "registered_on": registered_on.isoformat(), "part": each.given.part,
            "holder_kind": each.given.holder.kind, "identity": "known before" if each.holder_id else "entered",
            "parcels": _labels(each)}}
        for each, case_id, code in zip(held, case_ids, codes, strict=True)
    ] + [
        {"entity": "project", "entity_id": project_id, "project_id": project_id, "after": {
            "registered_on": registered_on.isoformat(), "land_of_no_holder": _labels(each)}}
        for each in checked if each.given.holder is None
    ]  # fmt: skip
    audit.log_changes(session, log, who=by, act="register")
    return {"codes": codes, "parcels": len(rows), "area_m2": str(sum(row.area_m2 for row in rows))}


def clean_parcel(parcel: NewParcel, *, sure: bool = False) -> NewParcel:
    """Give a parcel as it is kept; `sure` as in `NewCase`.

    Raises
    ------
    BadParameter
        For the first value that does not fit.
    """
    return _clean_parcel(parcel, lambda _row, _field, value, work: work(value), sure)


def _labels(each: _Checked) -> dict[str, str]:
    return {
        f"{land.given.unit} {land.given.sheet}/{land.given.number}": str(land.given.area_m2) for land in each.land
    }  # fmt: skip


def _codes(session: Session, project_id: int, wanted: Sequence[str | None]) -> list[str]:
    """Give each case its code: the one wanted, else the next number after the highest."""
    if all(wanted):
        return list(wanted)
    taken = [*session.scalars(select(Case.code).where(Case.project_id == project_id)), *filter(None, wanted)]
    numbers = [found[1] for code in taken if (found := _OUR_CODE.fullmatch(code))]
    last, digits = max(map(int, numbers), default=0), max(map(len, numbers), default=4)
    codes = []
    for code in wanted:
        last += not code
        codes.append(code or f"HS-{last:0{digits}d}")
    return codes


def _parcels(session: Session, checked: Sequence[_Checked]) -> dict[tuple, int]:
    """Give the id of every parcel: made where there is none, filled in where the record lacks what is given now."""
    land = [each for case in checked for each in case.land]
    ids = {each.key: each.parcel_id for each in land if each.parcel_id}
    new: dict[tuple, dict] = {}
    for each in land:
        values = {"land_use": each.given.land_use, "legal_area_m2": each.given.legal_area_m2}
        if each.fills:
            session.execute(
                update(Parcel)
                .where(Parcel.id == each.parcel_id)
                .values({name: func.coalesce(getattr(Parcel, name), value) for name, value in values.items() if value})
                .execution_options(synchronize_session=False)
            )
        if each.parcel_id:
            continue
        fresh = {"numbered_in_unit_id": each.unit_id, "sheet": each.given.sheet, "number": each.given.number} | values
        kept = new.setdefault(each.key, fresh)
        for name, value in values.items():
            kept[name] = kept[name] or value
    if new:
        made = parcels.inserted(session, Parcel, list(new.values()))
        parcels.lay_in_communes(session, made)
        ids |= dict(zip(new, made, strict=True))
    return ids
