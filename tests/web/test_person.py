"""Duties towards the people the records are about: the log of reads, their data for themselves, and erasing it."""

import io
import json
from datetime import date

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from gis import audit, db, model, person, reads
from gis.errors import Conflict, NotAllowed
from tests import factories as make
from tests import people
from tests.conftest import engine_of, serving

NAME = "Hoàng Thị Mẫu"


@pytest.fixture(scope="module")
def place(make_database):
    return make_database("person")


@pytest.fixture(scope="module")
def office(place):
    """Two projects: a household has a case in both, another one in the second alone."""
    with serving(place, GPMB_OPEN_ACCESS="none", GPMB_RETENTION_YEARS="10") as app:
        with engine_of(place.owner) as engine, db.transaction(engine) as session:
            old = make.project(session, code="du-an-cu")
            new = make.project(session, code="du-an-moi")
            case = make.case(session, old, code="HS-1", registered_on=date(2005, 1, 1))
            again = make.case(session, new, code="HS-7")
            again.holder_id = case.holder_id
            other = make.case(session, old, code="HS-2", registered_on=date(2005, 1, 1))
            for holder_id, name in ((case.holder_id, NAME), (other.holder_id, "=cmd|'/c calc'!A1")):
                session.add(model.HolderIdentity(holder_id=holder_id, full_name=name, phone="0900000000"))
            land = make.affected(session, old, case=case)
            paper = make.document(session, number="12/QĐ-UBND")
            wrong = make.event(session, old, "payment", date(2005, 5, 1), case_id=case.id, amount_vnd=7)
            make.void(session, wrong)
            make.event(session, old, "payment", date(2005, 5, 2), case_id=case.id, amount_vnd=70, document_id=paper.id)
            make.event(
                session, old, "handover", date(2005, 6, 1), affected_parcel_id=land.id, area_m2=land.area_m2
            )  # fmt: skip
            make.event(session, new, "recovery_notice", date(2024, 1, 1), case_id=again.id)
            session.add(
                model.Petition(project_id=old.id, case_id=case.id, kind="petition", received_on=date(2005, 2, 1),
                               subject=f"Đơn của {NAME}")
            )  # fmt: skip
            given = {"projects": ["du-an-cu"]}
            roles = {"leader": {}, "administrator": {}, "officer": given, "investor": given}
            people.invite(session, {role: (role, given) for role, given in roles.items()})
        yield app


@pytest.fixture
def signed_in(office):
    return lambda role: people.signed_in(office, role)


@pytest.fixture
def kept(place):
    """Do work in the database as its owner, and take it back."""
    with engine_of(place.owner) as engine, engine.connect() as connection:
        outer = connection.begin()
        with db.Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()


FILES = "/desk/projects/du-an-cu/personal-data/file"


def logged(place) -> list[tuple]:
    with engine_of(place.owner) as engine, db.transaction(engine) as session:
        return [(e.who, e.what, code, e.case_codes) for e, code in reads.entries(session)]


def test_a_person_gets_what_is_kept_in_every_project_and_the_log_says_who_took_it(place, signed_in):
    leader = signed_in("leader")
    answer = leader.get(f"{FILES}.json?case=HS-1")
    assert answer.status_code == 200, answer.text
    found = json.loads(answer.text)
    assert found["identity"]["full_name"] == NAME
    assert [one["case"] for one in found["cases"]] == ["du-an-cu/HS-1", "du-an-moi/HS-7"]
    assert len(found["parcels"]) == 1
    assert [event["kind"] for event in found["events"]] == [
        "payment", "correction", "payment", "handover", "recovery_notice"
    ]  # fmt: skip
    assert {event["amount_vnd"] for event in found["events"]} >= {7, 70}
    assert [document["number"] for document in found["documents"]] == ["12/QĐ-UBND"]
    assert [one["subject"] for one in found["petitions"]] == [f"Đơn của {NAME}"]
    assert logged(place)[:2] == [
        ("leader@gpmb.vn", "person.json", "du-an-moi", ["HS-7"]),
        ("leader@gpmb.vn", "person.json", "du-an-cu", ["HS-1"]),
    ]
    whole = load_workbook(io.BytesIO(leader.get(f"{FILES}.xlsx?case=HS-1").data))
    assert len(whole.sheetnames) == len(found) - 1, "a sheet for each part; only the day of writing has none"
    book = load_workbook(io.BytesIO(leader.get(f"{FILES}.xlsx?case=HS-2").data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == "=cmd|'/c calc'!A1" for cell in cells)
    assert not any(cell.data_type == "f" for cell in cells)


def test_only_who_may_see_all_of_a_person_takes_it(place, signed_in):
    before = len(logged(place))
    officer = signed_in("officer")
    refused = officer.get(f"{FILES}.json?case=HS-1")
    assert refused.status_code == 403, "one of the cases lies in a project that is not hers"
    assert officer.get(f"{FILES}.json?case=HS-2").status_code == 200
    assert officer.get(f"{FILES}.json?case=HS-99").status_code == 404
    assert officer.get("/desk/projects/du-an-moi/personal-data/file.json?case=HS-7").status_code == 403
    for role in ("administrator", "investor"):
        assert signed_in(role).get(f"{FILES}.json?case=HS-2").status_code == 403, role
    assert len(logged(place)) == before + 1
    page = officer.get("/desk/projects/du-an-cu/personal-data?case=HS-2")
    assert page.status_code == 200
    assert "file.xlsx?case=HS-2" in page.text
    assert "HS-2" in page.text.split("<h2")[1], "due: nothing has happened for ten years"


def test_files_of_records_are_logged_before_they_are_sent(place, office, signed_in):
    leader = signed_in("leader")
    leader.get("/api/v1/tables/parcels.xlsx").close()
    leader.get("/api/v1/overdue.csv")
    assert {what for who, what, *_ in logged(place) if who == "leader@gpmb.vn"} >= {
        "tables/parcels.xlsx", "overdue.csv"
    }  # fmt: skip
    with engine_of(place.owner) as engine, db.transaction(engine) as session:
        session.execute(text("revoke insert (what) on read_entry from gpmb_web"))
    try:
        for path in ("/api/v1/tables/parcels.csv", f"{FILES}.json?case=HS-2"):
            assert leader.get(path).status_code == 500, "a read that cannot be logged is not answered"
    finally:
        with engine_of(place.owner) as engine, db.transaction(engine) as session:
            session.execute(text("grant insert (what) on read_entry to gpmb_web"))


def test_the_log_of_reads_is_listed_filtered_and_kept(place, office, signed_in, kept):
    signed_in("leader").get(f"{FILES}.json?case=HS-2")
    for role, status in (("administrator", 200), ("leader", 200), ("officer", 403), ("investor", 403)):
        assert signed_in(role).get("/people/reads").status_code == status, role
        assert signed_in(role).get("/people/reads.csv").status_code == status, role
    reader = signed_in("administrator")
    assert "HS-2" in reader.get("/people/reads?project=du-an-cu&case=HS-2&who=leader").text
    assert "<td>HS-2" not in reader.get("/people/reads?case=HS-99").text
    assert "<td>HS-2" not in reader.get("/people/reads?until=2020-01-01").text
    assert reader.get("/people/reads?project=nope").status_code == 404
    assert reader.get("/people/reads?since=gestern").status_code == 400
    lines = reader.get("/people/reads.csv?case=HS-2").text.splitlines()
    assert lines[0] == "at,who,token,what,project,cases,rows"
    assert all(",HS-2," in line for line in lines[1:])
    told = office.test_cli_runner().invoke(args=["audit", "reads", "--case", "HS-2", "--user", "leader"]).output
    assert "person.json\tdu-an-cu\tHS-2" in told
    for statement in ("update read_entry set who = 'x'", "delete from read_entry", "truncate read_entry"):
        with pytest.raises(DBAPIError, match="append-only"), kept.begin_nested():
            kept.execute(text(statement))


def test_erasing_takes_the_person_and_leaves_what_was_counted(kept):
    def erase(case, **given):
        return person.erase(
            kept, "du-an-cu", case, reason="hết thời hạn", by="bich@gpmb.vn", years=10, day=date(2026, 1, 1), **given
        )

    with pytest.raises(NotAllowed):
        erase("HS-1")  # the other project is young
    made = erase("HS-1", order="5/QĐ-STP")
    assert made.cases == ["du-an-cu/HS-1", "du-an-moi/HS-7"]
    assert (made.petitions, made.attachments) == (1, 0)
    erase("HS-2")
    gone = kept.scalars(select(model.HolderIdentity).order_by(model.HolderIdentity.holder_id)).all()
    assert all((one.full_name, one.phone) == (person.ERASED, None) and one.erased_at for one in gone)
    assert kept.scalar(text("select sum(amount_vnd) from event")) == 77, "money stays for the accounts"
    said = [entry for entry in audit.show(kept, project="du-an-cu") if entry.act == "erase"]
    assert all(entry.who == "bich@gpmb.vn" and NAME not in str(entry.after) for entry in said)
    assert said[0].after["order"] == "5/QĐ-STP"
    assert audit.verify(kept).broken is None
    assert erase("HS-1", order="5/QĐ-STP").once.repeated
    with pytest.raises(Conflict):
        erase("HS-1", order="6/QĐ-STP")
    assert person.due(kept, 10, date(2026, 1, 1)) == []


def test_without_a_decided_time_only_an_order_erases(kept):
    with pytest.raises(NotAllowed, match="GPMB_RETENTION_YEARS"):
        person.erase(kept, "du-an-cu", "HS-2", reason="x", by="b", years=None)
    assert person.erase(kept, "du-an-cu", "HS-2", reason="x", by="b", years=None, order="5/QĐ").cases


def test_by_command(office, tmp_path, place):
    run = office.test_cli_runner().invoke
    out = tmp_path / "hs.json"
    assert run(args=["person", "export", "--case", "du-an-cu/HS-1", "--out", str(out), "--by", "bich"]).exit_code == 0
    assert json.loads(out.read_text("utf-8"))["identity"]["full_name"] == NAME
    assert out.stat().st_mode & 0o777 == 0o600
    assert logged(place)[0][:2] == ("bich", "person.json")
    assert "du-an-cu/HS-2" in run(args=["person", "due"]).output
    assert "PROJECT/CODE" in run(args=["person", "erase", "--case", "HS-1", "--reason", "x"]).output
    early = run(args=["person", "erase", "--case", "du-an-cu/HS-1", "--reason", "x", "--by", "bich"])
    assert early.exit_code == 1
    done = run(args=["person", "erase", "--case", "du-an-cu/HS-2", "--reason", "hết hạn", "--by", "bich"])
    assert "du-an-cu/HS-2" in done.output, done.output
