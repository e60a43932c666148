"""The sample in the database: every reported cell from the counting statement, land as recorded, loaded once."""

import csv
import hashlib
from datetime import date
from functools import cache

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from gis import db, sample
from gis.errors import NotAllowed
from gis.model import Event, Project
from gis.progress import ask, progress
from gis.sample import facts
from tests.conftest import engine_of

CELLS = ("documents", "projects", "households", "organisations", "communities", "area_m2", "amount_vnd", "plots")
OF_CELLS = {"of_households": "households", "of_area_m2": "area_m2"}


def derivable():
    with (facts.DATA / "figures.csv").open(encoding="utf-8") as lines:
        return [row for row in csv.DictReader(lines) if row["derivable"] == "yes"]


def expected(row):
    contradicted = row["contradicted_cells"].split(";")
    return {cell: float(row[cell]) for cell in (*CELLS, *OF_CELLS) if row[cell] and cell not in contradicted}


def question(row):
    asked = {"unit": facts.UNIT_SLUGS[row["unit"]], "projects": (row["project"],) if row["project"] else ()}
    if row["holder"] not in ("", "all"):
        asked["holder"] = row["holder"]
    upto = date.fromisoformat(row["to"])
    if row["basis"] == "period":
        return ask(**asked, since=date.fromisoformat(row["from"]), upto=upto)
    return ask(**asked, as_of=upto)


def test_records_reproduce_all_84_rows_and_167_cells(sample_session):
    values = cache(lambda asked: progress(sample_session, asked).total.values)
    wrong, compared = [], 0
    for row in derivable():
        found = values(question(row))
        for cell, stated in expected(row).items():
            compared += 1
            if cell in OF_CELLS:
                got = found["affected"][OF_CELLS[cell]]
            else:
                all_together = cell == "households" and row["holder"] == "all"
                got = found[row["indicator"]]["holders" if all_together else cell]
            if got is None or float(got) != stated:
                wrong.append((row["fid"], cell, stated, got))
    assert not wrong
    assert (len(derivable()), compared) == (84, 167)


@pytest.mark.parametrize(
    ("table", "area"),
    [("parcel", "legal_area_m2"), ("affected_parcel", "area_m2"), ("resettlement_plot", "area_m2")],
)
def test_drawn_area_is_the_recorded_area(sample_session, table, area):
    off = f"max(abs(st_area(st_transform(geom, 9215)) / {area} - 1))"
    valid, worst = sample_session.execute(
        text(f"select bool_and(st_isvalid(geom)), {off} from {table}")  # noqa: S608
    ).one()
    assert valid
    assert worst < 0.001


def test_parcels_lie_in_one_commune_of_each_generation(sample_session):
    communes = "(select count(*) from parcel_commune c where c.parcel_id = p.id)"
    counts = sample_session.scalars(text(f"select distinct {communes} from parcel p")).all()  # noqa: S608
    assert counts == [2]


def test_parcels_are_numbered_by_the_commune_that_holds_their_middle(sample_session):
    elsewhere = sample_session.scalar(
        text(
            "select count(*) from parcel p join admin_unit u on u.id = p.numbered_in_unit_id "
            "where not st_intersects(u.geom, p.geom) or upper(u.valid) is distinct from '2025-07-01'"
        )
    )
    assert elsewhere == 0


def test_a_change_of_scope_begins_a_new_outline(sample_session):
    outlines = sample_session.execute(
        text(
            "select p.code, lower(b.valid), st_area(b.geom) from project_boundary b "
            "join project p on p.id = b.project_id order by 1, 2 nulls first"
        )
    ).all()
    changed = [row for row in outlines if row.code == "cao-toc-huu-nghi-chi-lang"]
    assert [row.lower for row in changed] == [None, date(2024, 3, 31)]
    assert changed[0].st_area < changed[1].st_area
    assert len(outlines) == 55


def test_projects_without_records_say_so(sample_session):
    rows = progress(sample_session, ask(by=("project",), as_of=date(2024, 12, 31))).rows
    source = {row.project.code: row.source for row in rows}
    assert len(source) == 54
    assert source["khu-lien-hop-the-thao"] == "reported"
    assert source["den-ta-phu"] == "none"
    assert sum(kind == "records" for kind in source.values()) == 49


def test_corrections_act_through_known_at(sample_session):
    """What was known at the end of 2022 differs from what is known now, and only by the corrected entries."""
    correction = sample_session.scalars(
        select(Event).where(Event.kind == "correction", Event.recorded_at < "2022-12-31", Event.valid_on > "2022-01-01")
    ).first()
    code = sample_session.get_one(Project, correction.project_id).code
    day = correction.valid_on
    asked = {"projects": (code,), "as_of": day}
    before = progress(sample_session, ask(**asked, known_at=correction.recorded_at.replace(hour=0))).total
    after = progress(sample_session, ask(**asked)).total
    assert before.values["handover"]["area_m2"] < after.values["handover"]["area_m2"]


def test_names_of_holders_are_obviously_made_up(sample_session):
    real = sample_session.scalar(
        text(
            "select count(*) from holder_identity where full_name !~ '^(Hộ|Cá nhân|Tổ chức|Cộng đồng) mẫu [0-9]+$' "
            "or num_nonnulls(identity_number, phone, address) > 0"
        )
    )
    assert real == 0


def test_everything_drawn_is_marked_as_illustrative(sample_session):
    for table in ("admin_unit", "project_boundary", "resettlement_site"):
        plain = sample_session.scalar(
            text(f"select count(*) from {table} where geom is not null and not illustrative")  # noqa: S608
        )
        assert plain == 0, table
    assert sample_session.scalar(text("select fingerprint from sample_load")) == facts.fingerprint()


# --- loading -----------------------------------------------------------------------------------------------------


class Interrupted(Exception):
    """Raised to break off a load."""


@pytest.fixture(scope="module")
def again(make_database):
    """A second database with the sample, which may be changed.

    The first load was broken off, and statistics were taken of what it left: pages without rows. Loading for which
    PostgreSQL plans by them took over 20 minutes.
    """

    def break_off(_done, label):
        if label == "Cost lines":
            raise Interrupted

    with engine_of(make_database("sample_again").owner) as engine:
        with pytest.raises(Interrupted), db.transaction(engine) as session:
            sample.load(session, progress=break_off)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("analyze"))
        with db.transaction(engine) as session:
            assert sample.is_empty(session)
            session.execute(text("set local statement_timeout = '2min'"))
            sample.load(session)
        yield engine


def contents(engine) -> dict[str, str]:
    """A hash of every table's rows, but for the moment of loading."""
    hashes = {}
    with db.reading_session(engine) as session:
        for table in sample.TABLES:
            columns = "id, seed, fingerprint" if table == "sample_load" else "*"
            rows = session.scalars(
                text(f'select row::text from (select {columns} from "{table}") row order by 1')  # noqa: S608
            )
            hashes[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return hashes


def test_two_loads_give_the_same_rows_also_after_a_replacement(sample_engine, again):
    first = contents(sample_engine)
    assert contents(again) == first
    with db.transaction(again) as session:
        sample.load(session, replace=True)
    assert contents(again) == first


def test_another_seed_gives_other_rows_and_the_same_figures(again):
    with again.connect() as connection, db.Session(connection) as session:
        sample.load(session, replace=True, seed=7)
        found = progress(session, ask(unit="tp-lang-son", since=date(2022, 1, 1), upto=date(2022, 10, 24))).total
        assert float(found.values["handover"]["area_m2"]) == 169352.2
        assert found.values["handover"]["holders"] == 390
        assert found.values["plan_approval"]["amount_vnd"] == 170902584302
        session.rollback()


def test_progress_of_loading_is_told(again):
    told = []
    with again.connect() as connection, db.Session(connection) as session:
        report = sample.load(session, replace=True, progress=lambda done, label: told.append((done, label)))
        session.rollback()
    assert told[0][0] == 0 and told[-1][0] == 1
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert report.rows["project"] == 54 and report.rows["reported_figure"] == 127
    assert "54 projects" in str(report)


def test_load_refuses_a_database_with_records(again):
    with again.connect() as connection, db.Session(connection) as session:
        assert not sample.is_empty(session)
        with pytest.raises(NotAllowed, match="already holds records"):
            sample.load(session)


def test_events_of_others_are_never_replaced(again):
    with again.connect() as connection, db.Session(connection) as session:
        project = session.scalars(select(Project)).first()
        session.add(Event(kind="handover", valid_on=date(2025, 1, 2), project_id=project.id, recorded_by="officer"))
        session.flush()
        with pytest.raises(NotAllowed, match=r"1 events .* were not recorded by the sample"):
            sample.load(session, replace=True)
        session.rollback()


def test_records_that_are_no_sample_are_never_replaced(session):
    session.add(Project(code="duong-vanh-dai", name="Đường vành đai"))
    session.flush()
    with pytest.raises(NotAllowed, match="are not the sample"):
        sample.load(session, replace=True)


def test_events_are_append_only_again_after_a_replacement(again):
    with db.transaction(again) as session:
        sample.load(session, replace=True)
    for change in ("update event set note = null", "delete from event", "truncate event cascade"):
        with again.connect() as connection, pytest.raises(IntegrityError, match="append-only"):
            connection.execute(text(change))


def test_new_rows_get_ids_behind_the_sample(again):
    with again.connect() as connection, db.Session(connection) as session:
        last = session.scalar(select(func.max(Event.id)))
        project = session.scalars(select(Project)).first()
        event = Event(kind="persuasion", valid_on=date(2025, 1, 2), project_id=project.id)
        session.add(event)
        session.flush()
        assert event.id > last
        session.rollback()
