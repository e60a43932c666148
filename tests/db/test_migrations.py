"""The schema: migrations up, down and up again; what the database refuses; that a dump restores."""

import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from geoalchemy2.shape import from_shape
from shapely import MultiPolygon, box
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from gis import crs, db, model, schema
from gis.indicators import AREA_NEEDS_PARCEL, EVENT_KINDS
from script.check_database import plain_url
from script.cluster import newest_binaries
from tests import factories as make
from tests.conftest import engine_of

REFORM = date(2025, 7, 1)
OURS = sorted(db.Base.metadata.tables)
PEOPLE = {
    "account", "account_grant", "account_link", "account_session", "sign_in_attempt", "api_token", "read_entry",
    "kept_form",
}  # fmt: skip
"""Who may sign in, who read what, and what they typed: no records of land, and serving writes to them."""


def program(name: str) -> str:
    """The newest PostgreSQL program at hand: it must be no older than the server."""
    installed = newest_binaries() / name
    return str(installed) if installed.exists() else shutil.which(name)


def run(*command: str, given: str | None = None) -> str:
    environment = os.environ | {"PGOPTIONS": ""}
    done = subprocess.run(command, input=given, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def schema_dump(database) -> str:
    """The schema as SQL, without comments and without the key that newer versions of pg_dump make up anew each time."""
    found = run(program("pg_dump"), "--schema-only", "--no-owner", plain_url(database.owner))
    return "\n".join(line for line in found.splitlines() if line and not re.match(r"--|\\(un)?restrict", line))


def tables(engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(text("select tablename from pg_tables where schemaname = 'public'")))


@contextmanager
def refused(kind: type[DBAPIError], message: str, session):
    """Expect a statement to be refused with a message; the session can go on afterwards."""
    with pytest.raises(kind, match=message), session.begin_nested():
        yield


def test_up_down_and_up_again_give_the_same_schema(make_database):
    database = make_database("migrations", migrated=False)
    with engine_of(database.owner) as engine:
        before = tables(engine)
        with engine.connect() as connection:
            schema.upgrade(connection)
        first = schema_dump(database)
        assert set(OURS) <= tables(engine)
        with engine.connect() as connection:
            schema.downgrade(connection)
        assert tables(engine) - before == {"alembic_version"}, "nothing of ours is left"
        with engine.connect() as connection:
            seeded = text("select count(*) from spatial_ref_sys where srid = any(:ours)")
            ours = [*crs.SEEDED_ZONES, crs.VN2000_PINNED]
            assert connection.scalar(seeded, {"ours": ours}) == 0
            connection.rollback()
            schema.upgrade(connection)
            assert connection.scalar(seeded, {"ours": ours}) == len(ours)
        assert schema_dump(database) == first


def test_models_and_migrations_agree(engine):
    with engine.connect() as connection:
        schema.check(connection)


def test_the_kinds_of_events_are_those_of_the_indicators(session):
    """A migration is frozen and imports nothing, so the list stands there again."""

    def named(constraint: str) -> set[str]:
        rule = session.scalar(
            text("select pg_get_constraintdef(oid) from pg_constraint where conname = :name"), {"name": constraint}
        )
        return set(re.findall(r"'(\w+)'::text", rule))

    assert named("ck_event_kind") == set(EVENT_KINDS)
    assert named("ck_event_area_has_place") == set(AREA_NEEDS_PARCEL)


def test_every_geometry_column_is_guarded_and_indexed(session):
    columns = session.execute(
        text(
            "select f_table_name, f_geometry_column, srid from geometry_columns where f_table_schema = 'public' "
            "and f_table_name in (select tablename from pg_tables)"
        )  # a view's are its table's
    ).all()
    assert columns
    checks = " ".join(session.scalars(text("select pg_get_constraintdef(oid) from pg_constraint where contype = 'c'")))
    indexes = " ".join(session.scalars(text("select indexdef from pg_indexes where schemaname = 'public'")))
    for table, column, srid in columns:
        assert srid == (crs.VN2000 if column == "geom" else crs.WEB_MERCATOR)
        assert f"ON public.{table} USING gist ({column})" in indexes
        if column == "geom":
            guarded = session.scalar(
                text(
                    "select count(*) from pg_constraint where contype = 'c' and conrelid = to_regclass(:name) "
                    "and pg_get_constraintdef(oid) like '%in_vietnam(geom)%'"
                ),
                {"name": table},
            )
            assert guarded == 1, table
    assert "in_vietnam" in checks


def test_money_and_areas_are_exact(session):
    """No float holds money or areas."""
    kinds = session.execute(
        text(
            "select table_name, column_name, data_type from information_schema.columns where table_schema = 'public' "
            "and (column_name like '%\\_m2' or column_name like '%\\_vnd' or data_type in ('real', 'double precision'))"
        )
    ).all()
    assert kinds
    assert {kind for _, _, kind in kinds} == {"numeric"}


@pytest.fixture
def happened(session) -> model.Event:
    project = make.project(session)
    return make.event(session, project, "recovery_notice", date(2024, 1, 2))


@pytest.mark.parametrize("change", ["update", "delete", "truncate"])
def test_events_are_append_only_for_their_owner_too(session, happened, change):
    statement = {
        "update": update(model.Event).values(note="anders"),
        "delete": delete(model.Event).where(model.Event.id == happened.id),
        "truncate": text("truncate event cascade"),
    }[change]
    with refused(DBAPIError, f"Events are append-only: {change} refused", session):
        session.execute(statement)
    assert session.scalar(select(func.count()).select_from(model.Event)) == 1


def test_not_even_an_update_of_no_row_passes(session):
    with refused(DBAPIError, "append-only", session):
        session.execute(update(model.Event).where(model.Event.id == -1).values(note="x"))


def test_a_correction_voids_once_and_only_in_its_project(session, happened):
    with refused(DBAPIError, "belongs to the project", session):
        make.event(session, make.project(session), "correction", date(2024, 1, 3), voids_id=happened.id, note="x")
    correction = make.void(session, happened)
    with refused(IntegrityError, "uq_event_voids_id", session):
        make.void(session, happened)
    with refused(DBAPIError, "A correction cannot be voided", session):
        make.void(session, correction)


def test_an_area_must_say_where_it_lies(session, happened):
    project = session.get_one(model.Project, happened.project_id)
    with refused(IntegrityError, "ck_event_area_has_place", session):
        make.event(session, project, "handover", date(2024, 1, 2), area_m2=Decimal(10))


def test_a_plot_is_allotted_once_and_the_refusal_names_the_document(session):
    project, plot = make.project(session), make.plot(session)
    paper = make.document(session, number="57/QĐ-UBND")
    given = {"plot_id": plot.id, "plots": 1}
    first = make.event(
        session, project, "resettlement_allocation", date(2024, 1, 2), document_id=paper.id, **given
    )  # fmt: skip
    with refused(IntegrityError, "already allotted by document 57/QĐ-UBND", session):
        make.event(session, project, "resettlement_allocation", date(2024, 2, 2), **given)
    make.void(session, first)
    make.event(session, project, "resettlement_allocation", date(2024, 2, 2), **given)


@pytest.mark.parametrize(
    "shape",
    [box(449_000, 2_417_000, 449_100, 2_417_100), box(21.85, 106.76, 21.86, 106.77), box(-1, -1, 1, 1)],
    ids=["metres", "swapped axes", "gulf of Guinea"],
)
def test_a_shape_outside_vietnam_is_refused(session, shape):
    with refused(IntegrityError, "ck_admin_unit_geom", session):
        make.unit(session, shape=shape)


def test_a_shape_in_another_system_is_refused(session):
    wrong = from_shape(MultiPolygon([make.square()]), srid=crs.WGS84)
    with refused(DBAPIError, "SRID", session):
        session.execute(insert(model.Parcel).values(numbered_in_unit_id=1, sheet="1", number="1", geom=wrong))


def test_a_code_means_one_place_at_a_time(session):
    make.unit(session, code="06463", valid=Range(None, REFORM))
    make.unit(session, code="06463", valid=Range(REFORM, None))
    with refused(IntegrityError, "ex_admin_unit_code_once", session):
        make.unit(session, code="06463", valid=Range(date(2025, 6, 30), date(2025, 7, 1)))


def test_validities_may_not_overlap(session):
    unit, other = make.unit(session), make.unit(session)
    project = make.project(session)
    parcel_id = make.affected(session, project).parcel_id
    make.boundary(session, project, valid=Range(None, REFORM))
    make.boundary(session, project, valid=Range(REFORM, None))
    with refused(IntegrityError, "ex_project_boundary_one_at_a_time", session):
        make.boundary(session, project, valid=Range(date(2020, 1, 1), date(2020, 1, 2)))
    lies_in = insert(model.ParcelCommune)
    session.execute(lies_in.values(parcel_id=parcel_id, unit_id=unit.id, valid=Range(None, REFORM)))
    with refused(IntegrityError, "ex_parcel_commune_one_at_a_time", session):
        session.execute(lies_in.values(parcel_id=parcel_id, unit_id=other.id, valid=Range(None, None)))
    main = insert(model.ProjectCommune).values(project_id=project.id, main=True)
    session.execute(main.values(unit_id=unit.id, valid=Range(None, REFORM)))
    with refused(IntegrityError, "ex_project_commune_one_main", session):
        session.execute(main.values(unit_id=other.id, valid=Range(date(2020, 1, 1), None)))
    with refused(IntegrityError, "ck_admin_unit_valid", session):
        make.unit(session, valid=Range(REFORM, REFORM))


@pytest.fixture
def as_web(session):
    session.execute(text(f"set local role {db.WEB_ROLE}"))
    return session


CANCELLED = {"cancelled_at", "cancelled_by", "cancel_reason"}
PROJECT = {"name", "investor", "managing_level", "reporting_unit_id", "parent_id", "note"}
TARGET = {"part_id", "unit_id", "measure", "value", "of_value", "percent", "due_on", "document_id"}
FUNDING = {"unit_id", "year", "kind", "milestone_on", "amount_vnd", "document_id"}
FIGURE = {
    "indicator", "basis", "from_on", "to_on", "period_basis", "holder", "documents", "projects", "households",
    "organisations", "communities", "of_households", "area_m2", "of_area_m2", "amount_vnd", "plots", "count", "percent",
    "note", "restriction",
}  # fmt: skip
PETITION = {"case_id", "unit_id", "kind", "received_on", "subject", "replied_on", "reply", "document_id"}
OBSTACLE = {
    "part_id", "case_id", "unit_id", "kind", "description", "known_since", "resolved_on", "owner", "direction", "geom",
}  # fmt: skip
IDENTITY = {"full_name", "identity_number", "phone", "address"}
WRITTEN_BY_WEB = {
    "attachment": {"insert": {"document_id", "project_id", "sha256", "file_name", "media_type", "size_bytes",
                              "recorded_by"}, "update": CANCELLED},
    "document": {"insert": {"kind", "number", "issued_on", "issuer", "title", "project_id"},
                 "update": {"number", "issued_on", "issuer", "title"}},
    "event": {"insert": {"kind", "valid_on", "recorded_by", "project_id", "part_id", "case_id", "affected_parcel_id",
                         "document_id", "unit_id", "area_m2", "amount_vnd", "plots", "plot_id", "suspended_step",
                         "note", "voids_id", "replaces"}},
    "payment_permit": {"insert": {"project_id", "case_id", "ceiling_vnd", "reason", "given_by"}},
    "project": {"insert": {"code", *PROJECT}, "update": {*PROJECT, *CANCELLED}},
    "project_part": {"insert": {"project_id", "code", "name"}, "update": {"name", *CANCELLED}},
    "project_target": {"insert": {"project_id", *TARGET}, "update": {*TARGET, *CANCELLED}},
    "key_designation": {"insert": {"project_id", "year", "body", "source"},
                        "update": {"year", "body", "source", *CANCELLED}},
    "funding_line": {"insert": {"project_id", *FUNDING}, "update": {*FUNDING, *CANCELLED}},
    "petition": {"insert": {"project_id", *PETITION}, "update": {*PETITION, *CANCELLED}},
    "obstacle": {"insert": {"project_id", *OBSTACLE}, "update": {*OBSTACLE, *CANCELLED}},
    "resettlement_site": {"insert": {"project_id", "code", "name"}, "update": {"name", *CANCELLED}},
    "resettlement_plot": {"insert": {"site_id", "number", "area_m2"}, "update": {"number", "area_m2", *CANCELLED}},
    "boundary_draft": {"insert": {"project_id", "geom", "source", "made_by", "reading"}},
    "project_boundary": {"insert": {"project_id", "valid", "geom", "source", "document_id", "recorded_by"},
                         "update": {"valid", "geom", "source", "illustrative", "document_id", "recorded_by"}},
    "affected_parcel": {"insert": {"project_id", "case_id", "parcel_id", "part_id", "area_m2", "geom", "registered_on"},
                        "update": {"parcel_id", "part_id", "geom", *CANCELLED}},
    "affected_area": {"insert": {"project_id", "affected_parcel_id", "valid_on", "area_m2", "geom", "document_id",
                                 "recorded_by", "reason"}},
    "holder": {"insert": {"kind"}, "update": {"kind"}},
    "holder_identity": {"insert": {"holder_id", *IDENTITY}, "update": IDENTITY},
    "case": {"insert": {"project_id", "holder_id", "part_id", "code", "registered_on"},
             "update": {"code", "part_id", *CANCELLED}},
    "parcel": {"insert": {"numbered_in_unit_id", "sheet", "number", "land_use", "legal_area_m2"},
               "update": {"land_use", "legal_area_m2"}},
    "parcel_commune": {"insert": {"parcel_id", "unit_id", "valid", "chosen_by_officer"}},
    "cost_sheet": {"insert": {"project_id", "case_id", "document_id", "version", "source", "recorded_by"}},
    "cost_line": {"insert": {"project_id", "sheet_id", "position", "category", "item", "affected_parcel_id", "land_use",
                             "unit", "quantity", "dimensions", "unit_price_vnd", "coefficient", "support_level",
                             "amount_vnd", "legal_basis", "not_compensated"}},
    "reported_figure": {"insert": {"source_line", "unit_id", "project_id", *FIGURE, "part_of", "derivable",
                                   "contradicted_cells"}},
    "kept_text": {"insert": {"sha256", "file_name", "body", "kept_by"}},
    "figure_entry": {"insert": {"figure_id", "way", "quote", "text_id", "quote_start", "proposed", "entered_by"}},
    "figure_closure": {"insert": {"figure_id", "replaced_by_id", "reason", "closed_by"}},
    "contradiction_note": {"insert": {"contradiction", "state", "reason", "owner", "sides", "noted_by"}},
    "issued_report": {"insert": {"unit", "unit_name", "from_on", "to_on", "projects", "project_ids", "version",
                                 "known_at", "revision", "template", "content", "sha256", "reason", "issued_by"}},
    "issued_file": {"insert": {"report_id", "form", "sha256", "body"}},
    "report_template": {"insert": {"name", "kind", "version", "unit", "file_name", "sha256", "body", "reason",
                                   "recorded_by"}},
    "submission": {"insert": {"account", "key", "request_hash", "result"}},
    "audit_entry": {"insert": {"who", "act", "entity", "entity_id", "project_id", "before", "after"}},
}  # fmt: skip
"""The columns that whoever serves requests may fill in or change: numbers, moments and hashes are not among them."""


@pytest.mark.parametrize("table", sorted(set(OURS) - PEOPLE))
def test_the_web_role_cannot_write(as_web, table):
    name = db.Base.metadata.tables[table]
    column = name.columns[0]  # the key: not open to change even where other columns are
    filled_in = WRITTEN_BY_WEB.get(table, {}).get("insert", ())
    closed = [each for each in name.columns if each.name not in filled_in]
    for statement in (
        *(insert(name).from_select([each.name], select(each).where(text("false"))) for each in closed),
        update(name).values({column.name: column}),
        delete(name),
        text(f'truncate "{table}"'),
    ):
        with refused(ProgrammingError, "permission denied", as_web):
            as_web.execute(statement)


def test_the_web_role_may_use_nothing_that_it_could_write_with(session):
    writable = session.scalars(
        text(
            "select c.oid::regclass::text from pg_class c where c.relkind in ('r', 'v', 'm', 'S', 'p') "
            "and c.relnamespace = 'public'::regnamespace and case c.relkind "
            "when 'S' then has_sequence_privilege(:web, c.oid, 'usage, update') "
            "else has_table_privilege(:web, c.oid, 'insert, update, delete, truncate, trigger, references') end"
        ),
        {"web": db.WEB_ROLE},
    ).all()
    assert set(writable) == {
        "account_grant",
        "account_link",
        "account_session",
        "kept_form",
        "sign_in_attempt",
    } & set(writable)  # each has a right on the whole table or on columns; the next test says which


@pytest.mark.parametrize(
    ("statement", "may"),
    [
        ("update account set password_hash = 'x' where false", True),
        ("update account set email = 'x@y.vn' where false", False),
        ("update account set id = 1 where false", False),
        ("delete from account where false", False),
        ("update account_grant set project_id = 1 where false", False),
        ("delete from account_grant where false", True),
        ("update account_link set used_at = now() where false", True),
        ("update account_link set expires_at = now() where false", False),
        ("delete from account_link where false", False),
        ("update account_session set seen_at = now() where false", True),
        ("update account_session set account_id = 1 where false", False),
        ("update sign_in_attempt set address = '' where false", False),
        ("truncate sign_in_attempt", False),
        ("update api_token set revoked_at = now() where false", True),
        ("update api_token set used_at = now() where false", True),
        ("update api_token set expires_at = now() where false", False),
        ("update api_token set account_id = 1 where false", False),
        ("update api_token set scope = 'record' where false", False),
        ("delete from api_token where false", False),
        ("insert into read_entry (who, what) select 'x', 'x' where false", True),
        ("insert into read_entry (what, at) select 'x', now() where false", False),
        ("update read_entry set who = 'x' where false", False),
        ("delete from read_entry where false", False),
        ("truncate read_entry", False),
        ("insert into kept_form (kept_at) select now() where false", False),
        ("update kept_form set account = 'x' where false", False),
        ("delete from kept_form where false", True),
    ],
)
def test_serving_may_write_of_accounts_only_what_it_must(as_web, statement, may):
    if may:
        as_web.execute(text(statement))
    else:
        with refused(ProgrammingError, "permission denied", as_web):
            as_web.execute(text(statement))


def test_the_web_role_may_fill_in_the_columns_of_an_act_and_no_others(session):
    found = {}
    for table, right, column in session.execute(
        text(
            "select table_name, lower(privilege_type), column_name from information_schema.column_privileges "
            "where table_schema = 'public' and grantee in (:web, 'PUBLIC') and privilege_type <> 'SELECT'"
        ),
        {"web": db.WEB_ROLE},
    ):
        found.setdefault(table, {}).setdefault(right, set()).add(column)
    assert {table: rights for table, rights in found.items() if table not in PEOPLE} == WRITTEN_BY_WEB


def test_every_table_can_be_asked_by_the_web_role(as_web):
    """Which rows come is another matter (tests/db/test_rights.py): of who people are, none."""
    for table in OURS:
        as_web.execute(select(1).select_from(db.Base.metadata.tables[table]).limit(1))
    assert as_web.scalars(select(model.HolderIdentity.holder_id)).all() == []


@pytest.mark.parametrize("table", [t for t in OURS if t not in PEOPLE | {"data_revision"}])
def test_every_table_moves_the_revision(session, table):
    """A statement that changes nothing still counts: the tag may change too often, never too seldom."""
    revision = select(model.DataRevision.revision)
    before = session.scalar(revision)
    rows = db.Base.metadata.tables[table]
    nothing = select(rows.columns[0]).where(text("false"))
    if table in (
        "event",
        "submission",
        "audit_entry",
        "contradiction_note",
        "kept_text",
        "figure_entry",
        "figure_closure",
        "issued_report",
        "issued_file",
        "report_template",
        "cost_sheet",
        "cost_line",
        "payment_permit",
        "case_before",
        "affected_parcel_before",
    ):
        session.execute(insert(rows).from_select([rows.columns[0].name], nothing))
    else:
        session.execute(delete(rows).where(text("false")))
    assert session.scalar(revision) > before


def test_a_dump_restores_into_an_empty_database(make_database):
    full, empty = make_database("dumped"), make_database("restored", migrated=False)
    with engine_of(full.owner) as engine, db.transaction(engine) as session:
        project = make.project(session)
        make.unit(session, shape=make.square(side_m=900))
        make.boundary(session, project)
        of_case = make.case(session, project)
        session.add(model.HolderIdentity(holder_id=of_case.holder_id, full_name="Hộ mẫu 0001"))
        land = make.affected(session, project, case=of_case)
        wrong = make.event(
            session, project, "handover", date(2024, 1, 2), affected_parcel_id=land.id, area_m2=Decimal(10)
        )  # fmt: skip
        make.void(session, wrong)
        make.event(session, project, "resettlement_allocation", date(2024, 1, 2), plot_id=make.plot(session).id)
    dumped = run(program("pg_dump"), "--no-owner", "--no-comments", plain_url(full.owner))
    run(program("psql"), "-qX", "-v", "ON_ERROR_STOP=1", plain_url(empty.owner), given=dumped)
    assert contents(empty) == contents(full)
    assert contents(full)["event"] == 3
    with engine_of(empty.owner) as engine, db.transaction(engine) as session:
        make.affected(session, make.project(session))  # triggers and sequences are there too


def contents(database) -> dict[str, int | str]:
    """Number of rows of every table, and a sum over the copies for tiles."""
    with engine_of(database.owner) as engine, engine.connect() as connection:
        names = [*OURS, "spatial_ref_sys"]
        found = {name: connection.scalar(text(f'select count(*) from "{name}"')) for name in names}  # noqa: S608
        found["tiles"] = connection.scalar(text("select md5(string_agg(tile_geom::text, '')) from affected_parcel"))
        return found


def test_after_a_migration_the_planner_knows_the_columns_it_added(make_database):
    database = make_database("statistics", migrated=False)
    with engine_of(database.owner) as engine, engine.connect() as connection:
        schema.upgrade(connection, "0029")
        connection.execute(text("insert into project (code, name) select 'p' || n, 'x' from generate_series(1, 50) n"))
        connection.commit()
        schema.upgrade(connection)
        known = text("select null_frac from pg_stats where tablename = 'project' and attname = 'cancelled_at'")
        assert connection.scalar(known) == 1
        assert connection.scalar(text("select count(*) from project where cancelled_at is null")) == 50
