"""Putting right who a holder is and what a case is called. Both carry a version: nobody overwrites another's change.

What a case is counted by does not change here: areas change by a dated change of scope (`gis.outlines`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gis import audit
from gis.errors import BadParameter, Conflict, NotFound
from gis.model import Case, Holder, HolderIdentity, Project, ProjectPart
from gis.registration import LENGTHS, clean_code, clean_identity_number, clean_of_holder
from gis.submission import once


def amend_holder(
    session: Session,
    project: str,
    case: str,
    changes: Mapping[str, str | None],
    *,
    expected_version: int,
    by: str,
    key: str,
    sure: bool = False,
) -> int:
    """Put right who a holder is, unless somebody changed it since it was read.

    Parameters
    ----------
    session : Session
        Of a reader who may have personal data of the project.
    project, case : str
        Codes.
    changes : mapping
        New values of ``full_name``, ``identity_number``, ``phone``, ``address``.
    expected_version : int
        The version the changes rest on.
    by, key : str
        As for `register_cases`.
    sure : bool
        Whether somebody said that a name that looks like another kind of holder is right as it stands.

    Returns
    -------
    int
        The version it has now.

    Raises
    ------
    NotFound
        For a case that is not there, or whose holder may not be read.
    BadParameter
        For a value that does not fit.
    Conflict
        Where it has another version (its `versions` hold both, field by field), or where the identity number is
        another holder's.
    """

    def work() -> dict:
        stored = session.execute(
            select(Case.id, Case.project_id, Holder.id.label("holder_id"), Holder.kind, HolderIdentity)
            .join(Project, Project.id == Case.project_id)
            .join(Holder, Holder.id == Case.holder_id)
            .join(HolderIdentity, HolderIdentity.holder_id == Holder.id)
            .where(Project.code == project, Case.code == case)
        ).one_or_none()
        if stored is None:
            raise NotFound("This project has no case %(cases)s.", parameter="cases", cases=case)
        was = stored.HolderIdentity
        if was.erased_at:
            raise BadParameter("What was known of this holder was erased: it is not entered again.", parameter="case")
        for name in changes:
            _require_known(name)
        wanted = {
            name: value
            if name in ("full_name", "phone") and value == getattr(was, name)  # as it was registered
            else clean_of_holder(name, value, stored.kind, sure=sure)
            for name, value in changes.items()
        }
        if "identity_number" in wanted and wanted["identity_number"] != was.identity_number:
            wanted["identity_number"] = clean_identity_number(wanted["identity_number"], stored.kind)
        _same_version(
            session,
            stored.id,
            was,
            was.version,
            expected_version,
            {n: wanted.get(n, getattr(was, n)) for n in LENGTHS},
        )
        changed = {name: value for name, value in wanted.items() if value != getattr(was, name)}
        if not changed:
            return {"version": was.version}
        if changed.get("identity_number") and session.scalar(
            select(HolderIdentity.holder_id).where(
                HolderIdentity.identity_number == changed["identity_number"],
                HolderIdentity.holder_id != stored.holder_id,
            )
        ):
            raise Conflict("Another holder has this identity number.", parameter="identity_number")
        table = HolderIdentity.__table__
        session.execute(update(table).where(table.c.holder_id == stored.holder_id).values(**changed))
        version = was.version + 1
        audit.log_change(
            session, "case", stored.id, who=by, act="amend_holder", project_id=stored.project_id,
            after={"identity_changed": sorted(changed), "version": version},
        )  # fmt: skip
        return {"version": version}

    request = {"amend_holder": case, "project": project, "changes": dict(changes), "version": expected_version}
    return once(session, request, work, by=by, key=key).result["version"]


def _require_known(name: str) -> None:
    if name not in LENGTHS:
        raise BadParameter(
            "“%(name)s” cannot be changed: give one of %(choices)s.",
            parameter=name, name=name, choices=", ".join(LENGTHS),
        )  # fmt: skip


def _same_version(session, case_id: int, was, now: int, expected: int, wanted: Mapping[str, object]) -> None:
    if now != expected:
        raise Conflict(
            "Somebody changed this record meanwhile (%(by)s): your changes rest on version %(yours)s, it is now "
            "version %(now)s.",
            versions={name: (getattr(was, name), value) for name, value in wanted.items()},
            by=audit.last_writer(session, "case", case_id) or "?", yours=expected, now=now,
        )  # fmt: skip


def amend_case(
    session: Session,
    project: str,
    case: str,
    *,
    code: str,
    part: str | None,
    expected_version: int,
    by: str,
    key: str,
) -> int:
    """Put right what a case is called, or which part of the project it belongs to.

    Parameters
    ----------
    session : Session
    project, case : str
        Codes, as they are.
    code, part : str
        As they should be; `part` may be None.
    expected_version : int
    by, key : str

    Returns
    -------
    int
        The version it has now.

    Raises
    ------
    NotFound, BadParameter, Conflict
        As for `amend_holder`; a code that is taken is a conflict.
    """

    def work() -> dict:
        stored = session.execute(
            select(Case.id, Case.project_id, Case.code, Case.version, ProjectPart.code.label("part"))
            .join(Project, Project.id == Case.project_id)
            .outerjoin(ProjectPart, ProjectPart.id == Case.part_id)
            .where(Project.code == project, Case.code == case)
        ).one_or_none()
        if stored is None:
            raise NotFound("This project has no case %(cases)s.", parameter="cases", cases=case)
        wanted = {"code": clean_code(code) or stored.code, "part": part or None}
        _same_version(session, stored.id, stored, stored.version, expected_version, wanted)
        changed = {name: value for name, value in wanted.items() if value != getattr(stored, name)}
        if not changed:
            return {"version": stored.version}
        values = {}
        if "part" in changed:
            found = session.scalar(
                select(ProjectPart.id).where(ProjectPart.project_id == stored.project_id, ProjectPart.code == part)
            )
            if part and found is None:
                raise BadParameter("This project has no part “%(value)s”.", parameter="part", value=part)
            values["part_id"] = found
        if "code" in changed:
            if session.scalar(
                select(Case.id).where(Case.project_id == stored.project_id, Case.code == changed["code"])
            ):
                raise Conflict("There is a case %(case)s already.", parameter="code", case=changed["code"])
            values["code"] = changed["code"]
        table = Case.__table__
        session.execute(update(table).where(table.c.id == stored.id).values(**values))
        version = stored.version + 1
        audit.log_change(
            session, "case", stored.id, who=by, act="amend", project_id=stored.project_id,
            before={name: getattr(stored, name) for name in (*changed, "version")},
            after=changed | {"version": version},
        )  # fmt: skip
        return {"version": version}

    request = {"amend_case": case, "project": project, "code": code, "part": part, "version": expected_version}
    return once(session, request, work, by=by, key=key).result["version"]


@dataclass(frozen=True)
class Identity:
    """What a case is called, and who its holder is, to be put right."""

    code: str
    part: str | None
    case_version: int
    kind: str
    full_name: str | None
    identity_number: str | None
    phone: str | None
    address: str | None
    version: int
    erased: bool


def identity(session: Session, project_id: int, case: str) -> Identity:
    """Read what of a case may be put right.

    Raises
    ------
    NotFound
        For a case that is not there, or whose holder may not be read.
    """
    row = session.execute(
        select(
            Case.code, ProjectPart.code.label("part"), Case.version.label("case_version"), Holder.kind,
            HolderIdentity.full_name, HolderIdentity.identity_number, HolderIdentity.phone, HolderIdentity.address,
            HolderIdentity.version, HolderIdentity.erased_at.is_not(None).label("erased"),
        )
        .join(Holder, Holder.id == Case.holder_id)
        .join(HolderIdentity, HolderIdentity.holder_id == Holder.id)
        .outerjoin(ProjectPart, ProjectPart.id == Case.part_id)
        .where(Case.project_id == project_id, Case.code == case)
    ).one_or_none()  # fmt: skip
    if row is None:
        raise NotFound("This project has no case %(cases)s.", parameter="cases", cases=case)
    return Identity(**{field.name: getattr(row, field.name) for field in fields(Identity)})
