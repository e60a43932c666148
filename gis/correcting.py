"""Putting right what a case is counted by: the kind of its holder, its part, its parcels and their areas.

A correction acts through what was known when, never through the day: as known from now on the case always was so, asked
as known before it is as it was entered. What changes from a day on is a change of scope (`gis.scope`), no correction.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from gis import audit, cancelling, catalogue, costs, parcels, whose
from gis.errors import BadParameter, BadRows, Conflict, GisError, NotAllowed, NotFound
from gis.model import AdminUnit, AffectedArea, AffectedParcel, Case, Event, Holder, HolderIdentity, Parcel, ProjectPart
from gis.registration import (
    HOLDER_KINDS,
    NewParcel,
    Problem,
    clean_identity_number,
    clean_parcel,
)
from gis.standing import Case as StandingCase
from gis.standing import Land
from gis.submission import once
from gis.texts import clean_text


@dataclass(frozen=True)
class ParcelAs:
    """A parcel of a case as it should be. What is None stays as it is."""

    land_id: int | None = None
    """Number of the affected parcel; None for one that was forgotten."""
    unit: str | None = None
    """Slug of the commune that numbered it."""
    sheet: str | None = None
    number: str | None = None
    land_use: str | None = None
    legal_area_m2: Decimal | None = None
    area_m2: Decimal | None = None
    """To recover."""
    area_from: date | None = None
    """Which of its areas is wrong: the one on record from this day on. None for the newest."""
    remove: bool = False
    """Whether it was entered wrongly and does not belong here."""
    row: int = 1
    sure: bool = False
    """Whether somebody said that a number that may be several is one, as it stands."""


@dataclass(frozen=True)
class Wanted:
    """What of a case is to be put right; what is None stays as it is."""

    holder_kind: str | None = None
    part: str | None = None
    """Code of a part of the project; empty for none."""
    parcels: tuple[ParcelAs, ...] = ()


@dataclass(frozen=True)
class Change:
    """One thing put right."""

    field: str
    """``holder_kind``, ``part``, ``parcel``, ``added``, ``removed``, ``area_m2``, ``legal_area_m2``, ``land_use``."""
    where: str
    """The parcel, as ``unit sheet/number``; empty for the case itself."""
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Corrected:
    """What became of a correction."""

    act_id: int
    changes: tuple[Change, ...]
    repeated: bool


@dataclass(frozen=True)
class Standing:
    """A parcel of a case as it stands, to be put right."""

    id: int
    unit: str
    unit_name: str
    sheet: str
    number: str
    land_use: str | None
    legal_area_m2: Decimal | None
    area_m2: Decimal
    handed_over_m2: Decimal
    acts: int
    """Events that stand upon it."""

    @property
    def key(self) -> str:
        """Its name in the log."""
        return f"{self.unit} {self.sheet}/{self.number}"


def parcels_of(session: Session, project_id: int, case_id: int | None, land_id: int | None = None) -> list[Standing]:
    """List the parcels of a case, or one of land of no holder, as they stand."""
    correction = aliased(Event)
    live = (
        select(
            func.count().label("acts"),
            func.coalesce(func.sum(Event.area_m2).filter(Event.kind == "handover"), 0).label("handed"),
        )
        .where(
            Event.affected_parcel_id == Land.id,
            Event.kind != "correction",
            ~exists(correction.id).where(correction.voids_id == Event.id),
        )
        .correlate(Land)
        .lateral("live")
    )
    query = (
        select(Land.id, AdminUnit.slug, AdminUnit.name, Parcel.sheet, Parcel.number, Parcel.land_use,
               Parcel.legal_area_m2, Land.area_m2, live.c.handed, live.c.acts)
        .join(Parcel, Parcel.id == Land.parcel_id)
        .join(AdminUnit, AdminUnit.id == Parcel.numbered_in_unit_id)
        .join(live, Land.id.is_not(None))
        .where(Land.project_id == project_id, Land.case_id.is_not_distinct_from(case_id))
        .order_by(Land.id)
    )  # fmt: skip
    if land_id is not None:
        query = query.where(Land.id == land_id)
    return [Standing(*row) for row in session.execute(query)]


def correct_case(
    session: Session, project: str, case: str, wanted: Wanted, *, reason: str, expected_version: int,
    may_record: Callable[[int], bool], by: str, key: str,
) -> Corrected:  # fmt: skip
    """Put right what a case is counted by.

    Parameters
    ----------
    session : Session
        In a transaction of isolation level READ COMMITTED, which the caller ends, of a reader who may have personal
        data of the project.
    project, case : str
        Codes.
    wanted : Wanted
    reason : str
        Why what is on record is wrong.
    expected_version : int
        The version of the case it rests on.
    may_record : callable
        Tells whether a project (its id) is given to whoever corrects: the kind of a holder and the legal area of a
        parcel show in every project that has them.
    by, key : str
        As for `gis.submission.once`.

    Raises
    ------
    NotFound
    BadParameter, BadRows
        Without a reason, and for what does not fit: less than is handed over, more than the parcel has.
    NotAllowed
        Where another project has the same holder or parcel, which is not given to whoever corrects.
    Conflict
        Where the case was changed meanwhile or is cancelled.
    """
    reason = clean_text(reason, "reason", 2000)

    def work() -> dict:
        project_id = catalogue.project_id(session, project)
        stored = session.execute(
            select(StandingCase.id, StandingCase.project_id, StandingCase.version, StandingCase.registered_on,
                   StandingCase.holder_id, StandingCase.part_id)
            .where(
                StandingCase.project_id == project_id, StandingCase.code == whose.code_meant(session, project_id, case)
            )
        ).one_or_none()  # fmt: skip
        if stored is None:
            raise NotFound("This project has no case %(cases)s.", parameter="cases", cases=case)
        if stored.version != expected_version:
            raise Conflict(
                "Somebody changed this record meanwhile: you looked at version %(yours)s, it is now version %(now)s.",
                parameter="version", yours=expected_version, now=stored.version,
            )  # fmt: skip
        changes = [
            *_kind(session, stored.holder_id, wanted.holder_kind, may_record),
            *_part(session, Case, stored, wanted.part),
            *_Ground(session, stored, case, reason, by, may_record).put_right(wanted.parcels),
        ]
        if changes:  # raises the version, whatever was changed
            session.execute(
                update(Case).where(Case.id == stored.id).values(code=Case.code)
                .execution_options(synchronize_session=False)
            )  # fmt: skip
        return _log(session, "case", stored, case, changes, reason, by)

    request = {"correct_case": f"{project}/{case}", "wanted": asdict(wanted), "reason": reason}
    return _done(session, request, work, by, key)


def correct_land(
    session: Session, project: str, land_id: int, wanted: Wanted, *, reason: str, expected_version: int,
    may_record: Callable[[int], bool], by: str, key: str,
) -> Corrected:  # fmt: skip
    """Put right land of no holder: its part, parcel, areas. Parameters and errors as for `correct_case`."""
    reason = clean_text(reason, "reason", 2000)

    def work() -> dict:
        stored = session.execute(
            select(Land.id, Land.project_id, Land.version, Land.registered_on, Land.part_id)
            .where(Land.project_id == catalogue.project_id(session, project), Land.id == land_id,
                   Land.case_id.is_(None))
        ).one_or_none()  # fmt: skip
        if stored is None:
            raise NotFound("This project has no such land of no holder.", parameter="land")
        if stored.version != expected_version:
            raise Conflict(
                "Somebody changed this record meanwhile: you looked at version %(yours)s, it is now version %(now)s.",
                parameter="version", yours=expected_version, now=stored.version,
            )  # fmt: skip
        lands = tuple(replace(each, land_id=land_id) for each in wanted.parcels)
        if wanted.holder_kind or len(lands) > 1 or any(each.remove for each in lands):
            raise BadParameter("Of land of no holder its part, parcel and areas are put right.", parameter="parcels")
        changes = [
            *_part(session, AffectedParcel, stored, wanted.part),
            *_Ground(session, stored, None, reason, by, may_record).put_right(lands),
        ]
        return _log(session, "affected_parcel", stored, None, changes, reason, by)

    request = {"correct_land": land_id, "wanted": asdict(wanted), "reason": reason}
    return _done(session, request, work, by, key)


def _done(session: Session, request: dict, work: Callable[[], dict], by: str, key: str) -> Corrected:
    done = once(session, request, work, by=by, key=key)
    return Corrected(done.act_id, tuple(Change(*each) for each in done.result["changes"]), done.repeated)


def _log(session, entity: str, stored, code: str | None, changes: Sequence[Change], reason: str, by: str) -> dict:
    if changes:
        sides = [{"code": code}, {"code": code, "reason": reason}]
        for change in changes:
            for side, value in zip(sides, (change.before, change.after), strict=True):
                if change.where and value is not None:
                    side.setdefault(_LOGGED[change.field], {})[change.where] = value
                elif not change.where:
                    side[change.field] = value
        audit.log_change(
            session, entity, stored.id, who=by, act="correct", project_id=stored.project_id, before=sides[0],
            after=sides[1],
        )  # fmt: skip
    return {"changes": [[each.field, each.where, each.before, each.after] for each in changes]}


_LOGGED = {"added": "parcels", "removed": "parcels", "area_m2": "parcels", "parcel": "parcel_names",
           "legal_area_m2": "legal_areas", "land_use": "land_uses"}  # fmt: skip
"""Where a change of a parcel stands in the entry of the log."""


def _kind(session: Session, holder_id: int, kind: str | None, may_record) -> list[Change]:
    if kind is None:
        return []
    if kind not in HOLDER_KINDS:
        raise BadParameter(
            "“%(value)s” is not a kind of holder: give one of %(choices)s.",
            parameter="holder_kind", value=kind, choices=", ".join(HOLDER_KINDS),
        )  # fmt: skip
    holder = session.execute(
        select(Holder.kind, HolderIdentity.identity_number)
        .outerjoin(HolderIdentity, HolderIdentity.holder_id == Holder.id)
        .where(Holder.id == holder_id)
    ).one()
    if holder.kind == kind:
        return []
    projects = session.scalars(select(StandingCase.project_id).where(StandingCase.holder_id == holder_id))
    if not all(map(may_record, projects)):
        raise NotAllowed(
            "The holder has cases in other projects too: only who keeps all of them may change the kind of holder.",
            parameter="holder_kind",
        )
    clean_identity_number(holder.identity_number, kind)
    session.execute(
        update(Holder).where(Holder.id == holder_id).values(kind=kind).execution_options(synchronize_session=False)
    )
    return [Change("holder_kind", "", holder.kind, kind)]


def _part(session: Session, model, stored, part: str | None) -> list[Change]:
    if part is None:
        return []
    was = session.scalar(select(ProjectPart.code).where(ProjectPart.id == stored.part_id))
    if (part or None) == was:
        return []
    found = session.scalar(
        select(ProjectPart.id).where(
            ProjectPart.project_id == stored.project_id, ProjectPart.code == part, ProjectPart.cancelled_at.is_(None)
        )
    )
    if part and found is None:
        raise BadParameter("This project has no part “%(value)s”.", parameter="part", value=part)
    session.execute(
        update(model).where(model.id == stored.id).values(part_id=found).execution_options(synchronize_session=False)
    )
    return [Change("part", "", was, part or None)]


class _Ground:
    """The land of a case (or one parcel of no holder) while it is put right."""

    def __init__(self, session: Session, stored, case: str | None, reason: str, by: str, may_record):
        self.session, self.stored, self.reason, self.by, self.may_record = session, stored, reason, by, may_record
        self.case_id = stored.id if case is not None else None
        land_id = None if case is not None else stored.id
        self.parcels = {each.id: each for each in parcels_of(session, stored.project_id, self.case_id, land_id)}
        self.changes: list[Change] = []

    def put_right(self, wanted: Sequence[ParcelAs]) -> list[Change]:
        problems = []
        for each in sorted(wanted, key=lambda each: not each.remove):  # what goes makes room for what comes
            try:
                with self.session.begin_nested():
                    self._one(each)
            except GisError as error:
                problems.append(Problem(each.row, error.parameter or "parcels", error))
        if problems:
            raise BadRows("Nothing was put right: %(count)s parcels do not fit.", problems=problems,
                          count=len(problems))  # fmt: skip
        if not self.parcels:
            raise BadParameter("The case would have no parcel: cancel the case instead.", parameter="parcels")
        return self.changes

    def _one(self, wanted: ParcelAs) -> None:
        if wanted.land_id is None:
            return self._add(wanted)
        land = self.parcels.get(wanted.land_id)
        if land is None:
            raise NotFound("The case has no such parcel.", parameter="parcels")
        if wanted.remove:
            return self._remove(land)
        given = clean_parcel(
            NewParcel(
                wanted.unit or land.unit, wanted.sheet or land.sheet, wanted.number or land.number,
                land.area_m2 if wanted.area_m2 is None else wanted.area_m2, wanted.land_use, wanted.legal_area_m2,
                wanted.row,
            ),
            # What is on record so stays so.
            sure=wanted.sure or (wanted.number in (None, "", land.number) and wanted.sheet in (None, "", land.sheet)),
        )  # fmt: skip
        parcel_id = self.session.scalar(select(Land.parcel_id).where(Land.id == land.id))
        if (given.unit, given.sheet, given.number) != (land.unit, land.sheet, land.number):
            parcel_id = self._move(land, given)
            given = self._carried(land, parcel_id, given)
        self._of_parcel(parcel_id, given)
        area_wrong = wanted.area_m2 is not None and (wanted.area_from or given.area_m2 != land.area_m2)
        if area_wrong:
            self._area(land, given, wanted.area_from)
        self._require_room(parcel_id, given)
        return None

    def _key(self, given: NewParcel) -> str:
        return f"{given.unit} {given.sheet}/{given.number}"

    def _add(self, wanted: ParcelAs) -> None:
        if self.case_id is None:
            raise NotFound("This project has no such land of no holder.", parameter="land")
        given = clean_parcel(
            NewParcel(wanted.unit or "", wanted.sheet or "", wanted.number or "", wanted.area_m2, wanted.land_use,
                      wanted.legal_area_m2, wanted.row),
            sure=wanted.sure,
        )  # fmt: skip
        parcel_id = parcels.find_or_make(self.session, given.unit, given.sheet, given.number)
        self._require_new(parcel_id, given)
        self._of_parcel(parcel_id, given)
        new = parcels.Affected(self.case_id, parcel_id, given.area_m2)
        (made,) = parcels.affect(self.session, self.stored.project_id, self.stored.registered_on, [new])
        self._require_room(parcel_id, given)
        self.changes.append(Change("added", self._key(given), None, str(given.area_m2)))
        self.parcels[made] = Standing(made, given.unit, "", given.sheet, given.number, None, None, given.area_m2,
                                     Decimal(0), 0)  # fmt: skip

    def _remove(self, land: Standing) -> None:
        if land.acts:
            raise Conflict(
                "Parcel %(parcel)s: %(count)s entries of acts stand upon it; void them first.",
                parameter="remove", parcel=f"{land.sheet}/{land.number}", count=land.acts,
            )  # fmt: skip
        if self.case_id is not None:
            paid_for = [
                line for sheet in costs.sheets(self.session, self.stored.project_id, case_ids=[self.case_id])
                for line in sheet.lines if line.affected_parcel_id == land.id
            ]  # fmt: skip
            if paid_for:
                raise Conflict(
                    "Parcel %(parcel)s: %(count)s cost lines of the plan are about it; enter the sheet anew without "
                    "them first.",
                    parameter="remove", parcel=f"{land.sheet}/{land.number}", count=len(paid_for),
                )  # fmt: skip
        self._set(land.id, **cancelling.marks(self.reason, self.by))
        self.changes.append(Change("removed", land.key, str(land.area_m2), None))
        del self.parcels[land.id]

    def _move(self, land: Standing, given: NewParcel) -> int:
        parcel_id = parcels.find_or_make(self.session, given.unit, given.sheet, given.number)
        self._require_new(parcel_id, given)
        parcels.point_to(self.session, self.stored.project_id, self.stored.registered_on, land.id, parcel_id)
        self.changes.append(Change("parcel", land.key, land.key, self._key(given)))
        return parcel_id

    def _carried(self, land: Standing, parcel_id: int, given: NewParcel) -> NewParcel:
        """Give what stays as it was to ground under its right number, where nothing is on record of that yet."""
        there = self.session.execute(select(Parcel.land_use, Parcel.legal_area_m2).where(Parcel.id == parcel_id)).one()
        kept = {
            name: getattr(land, name) for name in ("land_use", "legal_area_m2")
            if getattr(given, name) is None and getattr(there, name) is None
        }  # fmt: skip
        return replace(given, **kept)

    def _require_new(self, parcel_id: int, given: NewParcel) -> None:
        there = self.session.scalar(
            select(Land.id).where(
                Land.project_id == self.stored.project_id, Land.parcel_id == parcel_id,
                Land.case_id.is_not_distinct_from(self.case_id),
            )
        )  # fmt: skip
        if there:
            raise Conflict(
                "Parcel %(parcel)s stands here already.", parameter="number", parcel=f"{given.sheet}/{given.number}"
            )

    def _of_parcel(self, parcel_id: int, given: NewParcel) -> None:
        """Put right what is said of the parcel itself, in whatever project it lies."""
        parcel = self.session.execute(select(Parcel.land_use, Parcel.legal_area_m2).where(Parcel.id == parcel_id)).one()
        for name in ("legal_area_m2", "land_use"):
            was, now = getattr(parcel, name), getattr(given, name)
            if now is None or now == was:
                continue
            projects = self.session.scalars(select(Land.project_id).where(Land.parcel_id == parcel_id).distinct())
            others = set(projects) - {self.stored.project_id}
            if was is not None and not all(map(self.may_record, others)):
                raise NotAllowed(
                    "Another project recovers land of parcel %(parcel)s too: only who keeps both may change what is on "
                    "record of the parcel.",
                    parameter=name, parcel=f"{given.sheet}/{given.number}",
                )  # fmt: skip
            if name == "legal_area_m2":
                for project_id in {*others, self.stored.project_id}:
                    self._require_legal(project_id, parcel_id, given, now)
            self.session.execute(
                update(Parcel).where(Parcel.id == parcel_id).values({name: now})
                .execution_options(synchronize_session=False)
            )  # fmt: skip
            change = Change(name, self._key(given), None if was is None else str(was), str(now))
            self.changes.append(change)
            for project_id in others:
                audit.log_change(
                    self.session, "parcel", parcel_id, who=self.by, act="correct", project_id=project_id,
                    before={_LOGGED[name]: {change.where: change.before}},
                    after={_LOGGED[name]: {change.where: change.after}, "reason": self.reason},
                )  # fmt: skip

    def _require_legal(self, project_id: int, parcel_id: int, given: NewParcel, legal: Decimal) -> None:
        if project_id == self.stored.project_id:
            return  # looked at when all of the parcel is put right
        taken = parcels.taken_m2(self.session, project_id, parcel_id)
        if taken > legal:
            self._too_small(given, legal, taken)

    def _require_room(self, parcel_id: int, given: NewParcel) -> None:
        legal = self.session.scalar(select(Parcel.legal_area_m2).where(Parcel.id == parcel_id))
        taken = parcels.taken_m2(self.session, self.stored.project_id, parcel_id)
        if legal is not None and taken > legal:
            self._too_small(given, legal, taken)

    @staticmethod
    def _too_small(given: NewParcel, legal: Decimal, taken: Decimal) -> None:
        raise BadParameter(
            "Parcel %(parcel)s has %(legal)s m², %(area)s m² of it would be recovered.",
            parameter="area_m2", parcel=f"{given.sheet}/{given.number}", legal=str(legal), area=str(taken),
        )  # fmt: skip

    def _area(self, land: Standing, given: NewParcel, since: date | None) -> None:
        days = self.session.scalars(
            select(AffectedArea.valid_on).where(AffectedArea.affected_parcel_id == land.id)
        ).all()
        days = sorted({*days, self.session.scalar(select(Land.registered_on).where(Land.id == land.id))})
        day = since or days[-1]
        if day not in days:
            raise BadParameter(
                "No area of parcel %(parcel)s begins on %(day)s.", parameter="area_from",
                parcel=f"{land.sheet}/{land.number}", day=day.isoformat(),
            )  # fmt: skip
        handed = self._handed(land.id, next((each for each in days if each > day), None))
        if given.area_m2 < handed:
            raise Conflict(
                "Parcel %(parcel)s: %(handed)s m² are handed over, more than the %(area)s m² that it would have.",
                parameter="area_m2", parcel=f"{land.sheet}/{land.number}", handed=str(handed), area=str(given.area_m2),
            )  # fmt: skip
        before = self.session.scalar(
            insert(AffectedArea)
            .values(
                project_id=self.stored.project_id, affected_parcel_id=land.id, valid_on=day, area_m2=given.area_m2,
                recorded_by=self.by, reason=self.reason,
            )
            .returning(AffectedArea.before_m2)
        )  # fmt: skip
        self.changes.append(Change("area_m2", self._key(given), str(before), str(given.area_m2)))

    def _handed(self, land_id: int, until: date | None) -> Decimal:
        correction = aliased(Event)
        handed = select(func.coalesce(func.sum(Event.area_m2), 0)).where(
            Event.affected_parcel_id == land_id,
            Event.kind == "handover",
            ~exists(correction.id).where(correction.voids_id == Event.id),
        )
        return self.session.scalar(handed if until is None else handed.where(Event.valid_on < until))

    def _set(self, land_id: int, **values) -> None:
        self.session.execute(
            update(AffectedParcel).where(AffectedParcel.id == land_id).values(values)
            .execution_options(synchronize_session=False)
        )  # fmt: skip
