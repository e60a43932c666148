"""The log is append-only and chained: whoever meddles with it, its owner too, is found out."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from gis import audit, record, registers
from gis.errors import NotFound
from gis.model import AuditEntry
from gis.progress import today
from gis.record import Act, NewDocument, Share
from tests import factories as make

DAY = date(2024, 11, 20)


@pytest.fixture
def log(session):
    """A log of nine entries: two acts, a correction, a change of a document, all of one project."""
    project = make.project(session, code="duong-moi")
    cases = [make.case(session, project, code=f"HS-{n}") for n in range(3)]
    for case in cases:
        make.affected(session, project, case=case)
    paper = NewDocument("minutes", '12/BB-"BGMB"\n\tĐợt 1 \\ 𝄞', DAY)
    codes = [case.code for case in cases]
    made = record.record(session, Act("duong-moi", "handover", DAY, paper), codes, by="lan", key="1")
    record.record(session, Act("duong-moi", "progress_bonus", DAY), [Share(codes[0], amount_vnd=5)], by="lan", key="2")
    record.void(session, made.event_ids[0], reason="nhầm", by="minh", key="3")
    registers.amend(session, "document", made.document_id, {"title": "Biên bản"}, expected_version=1, by="minh")
    session.flush()
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 10
    return made


def tamper(session, *statements: str) -> None:
    """Do as the owner of the table can: switch the guard off, write, switch it on again."""
    session.execute(text("alter table audit_entry disable trigger user; alter table event disable trigger user"))
    for statement in statements:
        session.execute(text(statement))
    session.execute(text("alter table audit_entry enable trigger user; alter table event enable trigger user"))


def test_a_log_that_nobody_meddled_with_is_in_order(session, log):
    calls = []
    found = audit.verify(session, progress=lambda done, total: calls.append((done, total)))
    assert (found.entries, found.broken) == (10, None)
    assert calls[-1] == (10, 10)
    assert found.last_hash == session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1))
    assert [e.id for e in audit.show(session)] == list(range(1, 11))


def test_nor_does_the_time_zone_of_the_reader_matter(session, log):
    session.execute(text("set local time zone 'America/New_York'"))
    assert audit.verify(session).broken is None


@pytest.mark.parametrize("table", ["audit_entry", "submission"])
@pytest.mark.parametrize("change", ["update {} set id = 1", "delete from {}", "truncate {}"])
def test_the_log_is_append_only_for_its_owner_too(session, log, table, change):
    with pytest.raises(DBAPIError, match=f"Table {table} is append-only"), session.begin_nested():
        session.execute(text(change.format(table)))


MEDDLING = {
    "who": ("update audit_entry set who = 'ai đó' where id = 4", "Entry 4: its content is not"),
    "at": ("update audit_entry set at = at + interval '1 microsecond' where id = 4", "Entry 4: its content is not"),
    "act": ("update audit_entry set act = 'void' where id = 4", "Entry 4: its content is not"),
    "entity": ("update audit_entry set entity_id = entity_id + 1 where id = 4", "Entry 4: its content is not"),
    "project": ("update audit_entry set project_id = null where id = 4", "Entry 4: its content is not"),
    "before": ("update audit_entry set before = '{}' where id = 4", "Entry 4: its content is not"),
    "after": (
        "update audit_entry set after = jsonb_set(after, '{area_m2}', '1') where id = 4",
        "Entry 4: its content is not",
    ),
    "precision": ("update audit_entry set after = after - 'note' where id = 4", "Entry 4: its content is not"),
    "hash": ("update audit_entry set hash = repeat('a', 64) where id = 4", "Entry 4: its content is not"),
    "link": ("update audit_entry set previous_hash = repeat('a', 64) where id = 4", "Entry 4: it does not follow"),
    "taken out": ("delete from audit_entry where id = 4", "Entry 5: entry 4 should stand here"),
    "taken out and renumbered": (
        "delete from audit_entry where id = 4; update audit_entry set id = id - 1 where id > 4",
        "Entry 4: it does not follow",
    ),
    "first taken out": ("delete from audit_entry where id = 1", "Entry 2: entry 1 should stand here"),
    "swapped": (
        "update audit_entry set id = case id when 4 then -5 else -4 end where id in (4, 5); "
        "update audit_entry set id = -id where id < 0",
        "Entry 4: it does not follow",
    ),
    "swapped contents": (
        "update audit_entry a set act = b.act, entity_id = b.entity_id, after = b.after from audit_entry b "
        "where (a.id, b.id) in ((2, 9), (9, 2))",
        "Entry 2: its content is not",
    ),
    "end cut off": ("delete from audit_entry where id > 8", "Act .* has no entry: the end of the log was cut off"),
    "event changed": ("update event set area_m2 = 1 where kind = 'handover'", "Entry 2: event .* was changed since"),
    "event filled in": (
        "update event set note = 'x' where kind = 'progress_bonus'",
        "Entry 6: event .* was changed since",
    ),
    "event moved in time": (
        "update event set recorded_at = recorded_at - interval '1 day' where kind = 'progress_bonus'",
        "Entry 6: event .* was changed since",
    ),
    "event taken out": ("delete from event where kind = 'correction'", "Entry 8: event .* is gone"),
}


@pytest.mark.parametrize("how", MEDDLING)
def test_meddling_by_the_owner_is_found_and_the_first_entry_named(session, log, how):
    statement, said = MEDDLING[how]
    tamper(session, statement)
    found = audit.verify(session).broken
    assert found
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(found)


def test_a_log_written_anew_from_some_entry_on_is_found_by_the_hash_noted(session, log):
    noted = audit.verify(session).last_hash
    assert audit.verify(session, noted=noted).broken is None
    tamper(session, "create temporary table kept on commit drop as select * from audit_entry where id > 5",
           "delete from audit_entry where id > 5")  # fmt: skip
    columns = [AuditEntry.who, AuditEntry.act, AuditEntry.entity, AuditEntry.entity_id, AuditEntry.after]
    names = ", ".join(column.key for column in columns)
    session.execute(text(f"insert into audit_entry ({names}) select {names} from kept order by kept.id"))  # noqa: S608
    assert audit.verify(session).broken is None, "each hash is right again, for other moments"
    assert audit.verify(session, noted=noted).broken == f"The hash noted, {noted}, is no longer in the log."


def test_nobody_chooses_number_moment_or_hash_of_an_entry(session, log):
    chosen = {"id": 99, "at": DAY, "previous_hash": "p", "hash": "h"}
    session.execute(insert(AuditEntry).values(who="x", act="y", entity="event", entity_id=1, **chosen))
    newest = audit.show(session)[-1]
    assert (newest.id, newest.at.date() >= today() - timedelta(days=1)) == (11, True)
    assert audit.verify(session).broken is None


def test_the_log_of_a_project_and_from_a_day(session, log):
    other = make.project(session, code="khac")
    stranger = make.case(session, other)
    record.record(session, Act("khac", "persuasion", DAY), [stranger.code], by="hoa", key="1")
    own = audit.show(session, project="duong-moi")
    assert [(e.entity, e.act) for e in own] == [
        ("document", "record"), *[("event", "record")] * 4, ("event", "void"), ("document", "amend")
    ]  # fmt: skip
    assert [e.who for e in audit.show(session, project="khac")] == ["hoa"]
    assert len(audit.show(session, since=today() - timedelta(days=1))) == 12
    assert audit.show(session, since=today() + timedelta(days=1)) == []
    with pytest.raises(NotFound):
        audit.show(session, project="nowhere")


def test_entries_hold_what_the_record_holds_and_nobodys_name(session, log):
    event = next(e for e in audit.show(session) if e.entity == "event")
    assert set(event.after) == set(session.execute(text("select * from event limit 1")).keys())
    assert event.after["area_m2"] == float(Decimal(400))
    assert event.before is None
