"""What stands already of those about to be registered: on record in the project, and twice in what is sent.

None of it decides anything: parcels are shared, people bear one name. It is a reason to ask whoever registers, at every
door alike, before the same household is counted twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gis.errors import Doubt
from gis.model import HolderIdentity
from gis.standing import Case
from gis.whose import people


@dataclass(frozen=True)
class Place:
    """A parcel about to be registered."""

    row: int
    unit_id: int
    sheet: str
    number: str
    land_use: str | None = None
    land_use_on_record: str | None = None

    @property
    def label(self) -> str:
        """Name it as people do: 5/85."""
        return f"{self.sheet}/{self.number}"


@dataclass(frozen=True)
class Wanted:
    """A case about to be registered, or land of no holder (without a name)."""

    row: int
    name: str | None
    place: tuple[Place, ...]
    known: bool = False
    """Whether the holder is known by the identity number: then the name tells nothing more."""


@dataclass(frozen=True)
class Met:
    """Something to ask about."""

    row: int
    field: str
    doubt: Doubt


@dataclass(frozen=True)
class _Standing:
    """Land on record that is, or may be, a parcel about to be registered."""

    case: str | None
    commune: str | None
    """Named where another generation of the commune numbered it."""


_SAME_PARCELS = text(
    """
    select w.n, c.code, case when u.id <> w.unit_id then u.name end as commune
    from unnest(cast(:ns as bigint[]), cast(:units as bigint[]), cast(:sheets as text[]), cast(:numbers as text[]))
         as w (n, unit_id, sheet, number)
    join lateral (
        select w.unit_id as id
        union select old_unit_id from admin_change where new_unit_id = w.unit_id
        union select new_unit_id from admin_change where old_unit_id = w.unit_id
    ) as generation on true
    join admin_unit u on u.id = generation.id
    join parcel p on p.numbered_in_unit_id = u.id and folded(p.sheet) = folded(w.sheet)
                 and folded(p.number) = folded(w.number)
    join standing_land a on a.parcel_id = p.id and a.project_id = :project
    left join standing_case c on c.id = a.case_id
    order by w.n, c.code
    """
)


def met(session: Session, project_id: int, wanted: Sequence[Wanted]) -> list[Met]:
    """Tell what stands already of cases about to be registered.

    Parameters
    ----------
    session : Session
        Of a reader who may have personal data of the project.
    project_id : int
    wanted : sequence of Wanted

    Returns
    -------
    list of Met
        By row: names and parcels that are on record in the project, by either generation of the commune; the same
        within what is sent; land uses that differ from those on record.
    """
    standing = _standing(session, project_id, wanted)
    named = named_in(session, project_id) if any(one.name for one in wanted) else {}
    found = [*_on_record(wanted, standing, named), *_twice(wanted)]
    return sorted(found, key=lambda one: one.row)


def _standing(session: Session, project_id: int, wanted: Sequence[Wanted]) -> dict[tuple[int, str], list[_Standing]]:
    places = [place for one in wanted for place in one.place]
    rows = session.execute(
        _SAME_PARCELS,
        {"project": project_id, "ns": list(range(len(places))), "units": [one.unit_id for one in places],
         "sheets": [one.sheet or "" for one in places], "numbers": [one.number or "" for one in places]},
    )  # fmt: skip
    found: dict[tuple[int, str], list[_Standing]] = {}
    for n, case, commune in rows:
        found.setdefault((places[n].row, places[n].label), []).append(_Standing(case, commune))
    return found


def named_in(session: Session, project_id: int) -> dict[str, list[str]]:
    """Give the cases of the project by the people who hold them."""
    rows = session.execute(
        select(Case.code, HolderIdentity.full_name)
        .join(HolderIdentity, HolderIdentity.holder_id == Case.holder_id)
        .where(Case.project_id == project_id, HolderIdentity.erased_at.is_(None))
        .order_by(Case.code)
    )
    found: dict[str, list[str]] = {}
    for code, name in rows:
        for person in people(name):
            found.setdefault(person, []).append(code)
    return found


def _on_record(wanted: Sequence[Wanted], standing, named: dict[str, list[str]]) -> Iterator[Met]:
    for one in wanted:
        codes = [] if one.known else [code for person in people(one.name or "") for code in named.get(person, ())]
        told: set[str] = set()
        for place in one.place:
            for there in standing.get((place.row, place.label), ()):
                if there.case in codes:
                    told.add(there.case)
                    yield Met(one.row, "full_name", Doubt(
                        "“%(name)s” is on record with parcel %(parcel)s already: case %(case)s. Is it registered a "
                        "second time?",
                        parameter="full_name", name=(one.name or "")[:60], parcel=place.label, case=there.case,
                    ))  # fmt: skip
                elif there.case or one.name:
                    yield Met(place.row, "number", _held(place, there))
            if place.land_use and place.land_use_on_record and place.land_use != place.land_use_on_record:
                yield Met(place.row, "land_use", Doubt(
                    "Parcel %(parcel)s is on record with land use %(stated)s, here it is %(given)s; what is on record "
                    "stays.",
                    parameter="land_use", parcel=place.label, stated=place.land_use_on_record, given=place.land_use,
                ))  # fmt: skip
        for code in dict.fromkeys(codes):
            if code not in told:
                yield Met(one.row, "full_name", Doubt(
                    "“%(name)s” has case %(case)s of this project already: one holder has one case. Is this another "
                    "person of the name?",
                    parameter="full_name", name=(one.name or "")[:60], case=code,
                ))  # fmt: skip


def _held(place: Place, there: _Standing) -> Doubt:
    if there.commune:
        return Doubt(
            "A parcel %(parcel)s that %(commune)s numbered is on record: %(case)s. Is it the same parcel?",
            parameter="number", parcel=place.label, commune=there.commune, case=there.case or "–",
        )  # fmt: skip
    if there.case is None:
        return Doubt(
            "Parcel %(parcel)s is on record as land of no holder: is part of it somebody's?",
            parameter="number", parcel=place.label,
        )  # fmt: skip
    return Doubt(
        "Parcel %(parcel)s is on record in case %(case)s: do both hold it?",
        parameter="number", parcel=place.label, case=there.case,
    )  # fmt: skip


def _twice(wanted: Sequence[Wanted]) -> Iterator[Met]:
    """Tell what stands in two cases of what is sent."""
    first_named: dict[str, int] = {}
    first_placed: dict[tuple[int, str], tuple[int, int]] = {}
    for n, one in enumerate(wanted):
        for person in () if one.known else people(one.name or ""):
            if person in first_named:
                yield Met(one.row, "full_name", Doubt(
                    "Row %(row)s has “%(name)s” too: one holder has one case. Is this another person of the name?",
                    parameter="full_name", row=first_named[person], name=(one.name or "")[:60],
                ))  # fmt: skip
            first_named.setdefault(person, one.row)
        for place in one.place:
            key = (place.unit_id, place.label)
            if key in first_placed and first_placed[key][0] != n:
                yield Met(place.row, "number", Doubt(
                    "Row %(row)s has parcel %(parcel)s too: do both hold it?",
                    parameter="number", row=first_placed[key][1], parcel=place.label,
                ))  # fmt: skip
            first_placed.setdefault(key, (n, place.row))
