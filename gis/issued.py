"""Issued reports: content and files kept as they were, with what has changed since.

A report is issued once for a unit, a period and a choice of projects; a correction is the next version and says why.
Nothing of an issued report can be changed by anybody (migration 0021).
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256

from sqlalchemy import and_, func, insert, or_, select
from sqlalchemy.orm import Session, aliased

from gis import audit
from gis.errors import BadParameter, NotFound
from gis.model import Case, Event, IssuedFile, IssuedReport, Project
from gis.report import Report
from gis.submission import Once, once
from gis.texts import clean_text

TEMPLATE = "2"
"""Version of the shape of reports: raised with every change of their sentences or tables."""

STATED = ("sentences", "tables")
"""The parts of a content that state figures."""


def digest(content: Mapping, report: Report, template: str = TEMPLATE) -> str:
    """Give the SHA-256 that identifies what a report states: its content with what it rests on, in one spelling."""
    whole = {
        "content": content, "unit": report.unit.slug, "from": report.since.isoformat(), "to": report.upto.isoformat(),
        "known_at": report.known_at.isoformat(), "revision": report.revision, "template": template,
    }  # fmt: skip
    return sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def issue(
    session: Session,
    report: Report,
    content: Mapping,
    files: Mapping[str, bytes],
    *,
    projects: Sequence[str] = (),
    templates: Sequence[str] = (),
    reason: str | None,
    by: str,
    key: str,
) -> Once:
    """Freeze a report.

    Parameters
    ----------
    session : Session
    report : Report
        As `gis.report.build` gave it.
    content : mapping
        Its sentences and tables as JSON values.
    files : mapping of str to bytes
        By form: ``docx``, ``xlsx``, ``pdf``, and ``template.docx``, ``template.xlsx`` for offices' own templates.
    projects : sequence of str
        The choice of projects it was asked for; empty for all.
    templates : sequence of str
        Name and version of each office's own template that a file was filled from.
    reason : str or None
        Why it is issued again: needed from the second version on.
    by, key : str
        As for `gis.submission.once`.

    Returns
    -------
    Once
        Its result has ``report_id``, ``version`` and ``sha256``.

    Raises
    ------
    BadParameter
        For another version without a reason, or one that states what the last one states.
    """
    chosen = sorted(projects)
    template = "; ".join((TEMPLATE, *templates))
    hashed = digest(content, report, template)
    reason = clean_text(reason, "reason", 2000, needed=False)
    request = {
        "issue": report.unit.slug, "from": report.since, "to": report.upto, "projects": chosen,
        "known_at": report.known_at, "reason": reason, "template": template,
    }  # fmt: skip

    def work() -> dict:
        same = and_(
            IssuedReport.unit == report.unit.slug, IssuedReport.from_on == report.since,
            IssuedReport.to_on == report.upto, IssuedReport.projects == chosen,
        )  # fmt: skip
        last = session.scalar(select(IssuedReport).where(same).order_by(IssuedReport.version.desc()).limit(1))
        if last and not reason:
            raise BadParameter(
                "This report was issued already, as version %(version)s: say why it is issued again.",
                parameter="reason", version=last.version,
            )  # fmt: skip
        if last and last.template == template and all(last.content[part] == content[part] for part in STATED):
            raise BadParameter(
                "Version %(version)s states the same: there is nothing to correct.",
                parameter="reason", version=last.version,
            )  # fmt: skip
        version = last.version + 1 if last else 1
        named = [line.key for line in report.projects]
        project_ids = list(session.scalars(select(Project.id).where(Project.code.in_(named)).order_by(Project.id)))
        values = {
            "unit": report.unit.slug,
            "unit_name": report.unit.name,
            "from_on": report.since,
            "to_on": report.upto,
            "projects": chosen,
            "project_ids": project_ids,
            "version": version,
            "known_at": report.known_at,
            "revision": report.revision,
            "template": template,
            "content": content,
            "sha256": hashed,
            "reason": reason,
            "issued_by": by,
        }
        made = session.scalar(insert(IssuedReport).values(**values).returning(IssuedReport.id))
        rows = [
            {"report_id": made, "form": form, "sha256": sha256(body).hexdigest(), "body": body}
            for form, body in files.items()
        ]
        session.execute(insert(IssuedFile), rows)
        told = {"sha256": hashed, "version": version} | {row["form"]: row["sha256"] for row in rows}
        audit.log_change(session, "issued_report", made, who=by, act="issue", after=told)
        return {"report_id": made, "version": version, "sha256": hashed}

    return once(session, request, work, by=by, key=key)


def listed(session: Session, *, unit: str | None = None) -> list[IssuedReport]:
    """List issued reports, of one unit by its slug or of all, the newest first."""
    query = select(IssuedReport).order_by(IssuedReport.id.desc())
    return list(session.scalars(query.where(IssuedReport.unit == unit) if unit else query))


def get(session: Session, report_id: int) -> IssuedReport:
    """Give an issued report.

    Raises
    ------
    NotFound
    """
    found = session.get(IssuedReport, report_id)
    if found is None:
        raise NotFound("There is no issued report %(id)s.", parameter="id", id=report_id)
    return found


def forms(session: Session, report_id: int) -> list[str]:
    """List the forms that files of an issued report have."""
    query = select(IssuedFile.form).where(IssuedFile.report_id == report_id)
    return list(session.scalars(query.order_by(IssuedFile.id)))


def file(session: Session, report_id: int, form: str) -> IssuedFile:
    """Give a file of an issued report as it was then.

    Raises
    ------
    NotFound
    """
    found = session.scalar(select(IssuedFile).where(IssuedFile.report_id == report_id, IssuedFile.form == form))
    if found is None:
        raise NotFound("There is no issued report %(id)s.", parameter="id", id=report_id)
    return found


@dataclass(frozen=True)
class Changed:
    """A value of a table that is another one in a later report."""

    table: str
    row: str
    column: str
    kind: str
    """What the column holds: ``text``, or a kind of number."""
    before: str | Decimal | None
    after: str | Decimal | None


def differences(before: Mapping, after: Mapping) -> list[Changed]:
    """Compare the tables of two contents, value by value.

    Rows are recognised by their texts before the first number, those of the same texts by their order. A row that only
    one side has shows with every value it has, and None on the other side.
    """
    found = []
    tables = {table["key"]: (table, None) for table in before["tables"]}
    for table in after["tables"]:
        tables[table["key"]] = (tables.get(table["key"], (None, None))[0], table)
    for old, new in tables.values():
        shape = new or old
        names = next(n for n, (_, kind) in enumerate([*shape["columns"], ("", "")]) if kind != "text") or 1
        was, now = (_by_name(side, names) if side else {} for side in (old, new))
        for name in dict.fromkeys([*was, *now]):
            one, other = was.get(name, {}), now.get(name, {})
            found += [
                Changed(
                    shape["title"], " · ".join(filter(None, name[:-1])), *column, one.get(column), other.get(column)
                )
                for column in dict.fromkeys([*one, *other])
                if one.get(column) != other.get(column)
            ]
    return found


def _by_name(table: Mapping, names: int) -> dict[tuple, dict[tuple[str, str], str | Decimal | None]]:
    """Give the values of each row by the titles and kinds of their columns.

    By title, with the titles above it: a column in which nothing was stated was left out.
    """
    above = [title for title, span in table.get("groups", ()) for _ in range(span)]
    above += [""] * (len(table["columns"]) - len(above))
    columns = [
        (f"{group}: {title}" if group else title, kind)
        for group, (title, kind) in zip(above, table["columns"], strict=True)
    ]
    rows, seen = {}, Counter()
    for row in table["rows"]:
        name = tuple(row[:names])
        seen[name] += 1
        values = (
            value if value is None or kind == "text" else Decimal(value)
            for value, (_, kind) in zip(row[names:], columns[names:], strict=True)
        )
        rows[*name, seen[name]] = dict(zip(columns[names:], values, strict=True))
    return rows


@dataclass(frozen=True)
class LateEntry:
    """An event recorded after a report, about its period."""

    event_id: int
    kind: str
    voids: str | None
    """For a correction, the kind of the event that it voids."""
    valid_on: date
    project: str
    case: str | None
    area_m2: Decimal | None
    recorded_at: datetime
    recorded_by: str
    note: str | None


def late_entries(
    session: Session,
    projects: Sequence[str],
    since: date,
    upto: date,
    known_at: datetime,
    until: datetime | None = None,
) -> list[LateEntry]:
    """List what was recorded after a moment about a period, corrections too, the oldest first.

    Parameters
    ----------
    session : Session
    projects : sequence of str
        Codes of the projects looked at.
    since, upto : date
    known_at : datetime
    until : datetime, optional
        Only what was recorded by then.
    """
    voided = aliased(Event)
    about = func.coalesce(voided.valid_on, Event.valid_on)
    query = (
        select(
            Event.id, Event.kind, voided.kind, about, Project.name, Case.code,
            func.coalesce(voided.area_m2, Event.area_m2), Event.recorded_at, Event.recorded_by, Event.note,
        )
        .join(Project, Project.id == Event.project_id)
        .outerjoin(voided, voided.id == Event.voids_id)
        .outerjoin(Case, or_(Case.id == Event.case_id, Case.id == voided.case_id))
        .where(Project.code.in_(projects), Event.recorded_at > known_at, about.between(since, upto))
        .order_by(Event.id)
    )  # fmt: skip
    if until:
        query = query.where(Event.recorded_at <= until)
    return [LateEntry(*row) for row in session.execute(query)]
