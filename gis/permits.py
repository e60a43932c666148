"""What a leader lets be paid of a case beyond its plan: up to how much in all, and why. The newest counts."""

from decimal import Decimal

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from gis import audit, catalogue, dues, whose
from gis.dues import PaymentPermit
from gis.errors import BadParameter, Conflict, NotFound
from gis.standing import Case
from gis.submission import Once, once
from gis.texts import clean_text


def permit(
    session: Session, project: str, case: str, ceiling_vnd: int, *, reason: str, by: str, key: str
) -> Once:  # fmt: skip
    """Let a case be paid up to an amount in all, payments and advances together, whatever its plan approves.

    Parameters
    ----------
    session : Session
    project, case : str
        Codes.
    ceiling_vnd : int
        0 takes back what was permitted before.
    reason : str
        Why; kept with the permit and in the log.
    by, key : str
        As for `gis.submission.once`. That this account may permit it, whoever calls has looked (`Reader.may_permit`).

    Raises
    ------
    NotFound
        For a project or case that is not there.
    BadParameter
        Without a reason, and for an amount that is no whole number from 0.
    Conflict
        Below what is paid already, where that is beyond what is approved.
    """
    reason = clean_text(reason, "reason", 2000)
    if not 0 <= ceiling_vnd < 10**18:
        raise BadParameter("The amount must be a whole number of đồng, 0 or more.", parameter="ceiling_vnd")

    def work() -> dict:
        project_id = catalogue.project_id(session, project)
        case_id = session.scalar(
            select(Case.id).where(
                Case.project_id == project_id, Case.code == whose.code_meant(session, project_id, case)
            )
        )  # fmt: skip
        if case_id is None:
            raise NotFound("This project has no case %(cases)s.", parameter="cases", cases=case)
        money = dues.of_cases(session, project_id, [case_id])[case_id]
        if money.settled_vnd > money.limit_vnd(Decimal(ceiling_vnd)):
            raise Conflict(
                "Case %(case)s: %(settled)s đồng are paid and advanced already: what is permitted cannot be below it.",
                parameter="ceiling_vnd", case=case, settled=money.settled_vnd,
            )  # fmt: skip
        values = {"project_id": project_id, "case_id": case_id, "ceiling_vnd": ceiling_vnd, "reason": reason}
        made = session.scalar(insert(PaymentPermit).values(**values, given_by=by).returning(PaymentPermit.id))
        told = {"code": case, "permitted_vnd": ceiling_vnd, "reason": reason}
        audit.log_change(session, "case", case_id, who=by, act="permit", project_id=project_id, after=told)
        return {"permit_id": made, "case": case}

    sent = {"permit": {"project": project, "case": case, "ceiling_vnd": ceiling_vnd, "reason": reason}}
    return once(session, sent, work, by=by, key=key)
