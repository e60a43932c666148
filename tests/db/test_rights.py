"""What the database hides by itself: a query that forgot its filter gives nobody rows that are not theirs."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError

import layers
from gis import accounts, audit, db, model, record, tiles
from gis.access import OPENED, reader
from tests import factories as make
from tests.db.test_migrations import refused

WITHOUT_ROWS_OF_PROJECTS = {
    "admin_unit", "former_outline", "admin_change", "data_revision", "sample_load", "report_template",
    # who may sign in, and who read what: asked before it is known who reads, and on the administrator's pages
    "account", "account_grant", "account_link", "account_session", "sign_in_attempt", "api_token", "read_entry",
}  # fmt: skip
"""Tables that serving reads and that no policy guards. A new one with rows of projects does not belong here: give it
policies as docs/rights.md says."""
REFORM = date(2025, 7, 1)


def test_every_table_that_serving_reads_is_guarded(session):
    open_to_all = session.scalars(
        text(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') "
            "and not relrowsecurity and relname not in ('spatial_ref_sys', 'alembic_version') "
            "and (has_any_column_privilege('gpmb_web', oid, 'select') "
            "or has_any_column_privilege('gpmb_limited', oid, 'select'))"
        )
    )
    assert set(open_to_all) <= WITHOUT_ROWS_OF_PROJECTS


def test_no_policy_opens_the_log_or_identities_to_everybody(session):
    """Policies of one table are or-ed: one that says `true` undoes the others."""
    wide = session.scalars(
        text(
            "select tablename || '.' || policyname from pg_policies where permissive = 'PERMISSIVE' and qual = 'true' "
            "and tablename in ('holder_identity', 'petition', 'attachment', 'submission', 'audit_entry', 'cost_sheet', "
            "'cost_line')"
        )
    ).all()
    assert wide == []


class Two:
    """Two projects alike, each with a row in every table that holds rows of projects."""

    def __init__(self, session):
        self.session = session
        self.unit = make.unit(session, shape=make.square(side_m=900))
        self.mine, self.other = self._filled("mine"), self._filled("other")
        session.flush()

    def _filled(self, name: str) -> model.Project:
        session = self.session
        project = make.project(session, code=f"{name}-{id(self)}")
        part = model.ProjectPart(project_id=project.id, code="1", name="1")
        case = make.case(session, project)
        land = make.affected(session, project, case=case)
        papers = [make.document(session) for _ in range(3)]
        plot = make.plot(session)
        make.boundary(session, project)
        make.obstacle(session, project, known_since=date(2024, 1, 1))
        make.event(session, project, "handover", date(2024, 2, 1), affected_parcel_id=land.id, area_m2=Decimal(10),
                   document_id=papers[0].id)  # fmt: skip
        make.event(session, project, "resettlement_allocation", date(2024, 2, 1), case_id=case.id, plot_id=plot.id)
        session.add_all(
            [
                part,
                model.ProjectCommune(project_id=project.id, unit_id=self.unit.id, valid=make.ALWAYS, main=True),
                model.ParcelCommune(parcel_id=land.parcel_id, unit_id=self.unit.id, valid=make.ALWAYS),
                model.KeyDesignation(project_id=project.id, year=2024, body="tỉnh"),
                model.ProjectTarget(project_id=project.id, measure="area_m2", percent=50, due_on=date(2024, 12, 31),
                                    document_id=papers[1].id),
                model.FundingLine(project_id=project.id, year=2024, kind="disbursement", amount_vnd=10**6,
                                  document_id=papers[2].id),
                model.ReportedFigure(figure=f"{project.code}", source_line="1", unit_id=self.unit.id,
                                     project_id=project.id, indicator="handover", basis="cumulative",
                                     to_on=date(2024, 12, 31), derivable=False, contradicted_cells=[]),
                model.HolderIdentity(holder_id=case.holder_id, full_name=f"Hộ của {name}"),
                model.Petition(project_id=project.id, kind="petition", received_on=date(2024, 3, 1), subject="đơn"),
            ]
        )  # fmt: skip
        sheet = model.CostSheet(project_id=project.id, case_id=case.id, version=1, recorded_by="lan")
        session.add(sheet)
        session.flush()
        session.add(
            model.CostLine(project_id=project.id, sheet_id=sheet.id, position=1, category="land", item="Đất ở",
                           quantity=Decimal(10), unit_price_vnd=Decimal(1000), amount_vnd=Decimal(10_000))
        )  # fmt: skip
        session.flush()
        figure = session.scalar(select(model.ReportedFigure.id).where(model.ReportedFigure.figure == project.code))
        session.add(model.FigureClosure(figure_id=figure, reason="nhầm", closed_by="lan"))
        return project

    def read(self, *, projects=None, personal=frozenset(), account=None):
        self.session.execute(text(f"set local role {db.WEB_ROLE}"))
        db.read_as(self.session, projects=projects, personal=personal, account=account)

    def be_owner(self):
        self.session.execute(text("reset role"))
        self.session.execute(
            text(
                "select set_config('gpmb.' || name, '', true) "
                "from unnest('{projects,personal,account}'::text[]) as name"
            )
        )


@pytest.fixture
def two(session):
    return Two(session)


GUARDED = {
    "project": "id", "project_part": "project_id", "project_boundary": "project_id", "project_commune": "project_id",
    "key_designation": "project_id", "project_target": "project_id", "case": "project_id",
    "affected_parcel": "project_id", "event": "project_id", "obstacle": "project_id", "funding_line": "project_id",
    "reported_figure": "project_id",
    "figure_closure": "(select f.project_id from reported_figure f where f.id = t.figure_id)",
    "parcel": "(select a.project_id from affected_parcel a where a.parcel_id = t.id)",
    "parcel_commune": "(select a.project_id from affected_parcel a where a.parcel_id = t.parcel_id)",
    "parcel_step": "(select a.project_id from affected_parcel a where a.id = t.affected_parcel_id)",
    "holder": '(select c.project_id from "case" c where c.holder_id = t.id)',
    "resettlement_plot": "(select e.project_id from event e where e.plot_id = t.id)",
    "resettlement_site": "(select e.project_id from event e join resettlement_plot p on p.id = e.plot_id "
                         "where p.site_id = t.id)",
    "document": "coalesce((select e.project_id from event e where e.document_id = t.id), "
                "(select g.project_id from project_target g where g.document_id = t.id), "
                "(select f.project_id from funding_line f where f.document_id = t.id))",
}  # fmt: skip
"""Each table with rows of projects, and how to tell whose a row is."""


@pytest.mark.parametrize("table", GUARDED)
def test_a_forgotten_filter_leaks_nothing(two, table):
    """The plainest statement there is, as an investor: rows of the given project come, and no other."""
    key = ", ".join(f"t.{column.name}" for column in db.Base.metadata.tables[table].primary_key)
    whose = text(f'select {key}, {GUARDED[table]} as project_id from "{table}" t')  # noqa: S608
    owned = two.session.execute(whose).all()
    assert {row.project_id for row in owned} >= {two.mine.id, two.other.id}, "the test has something to hide"
    two.read(projects=frozenset({two.mine.id}))
    plain = text(f'select {key} from "{table}" t')  # noqa: S608
    seen = {tuple(row) for row in two.session.execute(plain)}
    assert seen == {tuple(row[:-1]) for row in owned if row.project_id == two.mine.id}


@pytest.mark.parametrize("table", GUARDED)
def test_an_investor_of_nothing_has_nothing(two, table):
    two.read(projects=frozenset())
    assert two.session.scalar(text(f'select count(*) from "{table}"')) == 0  # noqa: S608


@pytest.mark.parametrize("table", sorted(db.Base.metadata.tables))
def test_an_investor_reads_what_is_listed_here_and_nothing_else(two, table):
    """A table granted later must be put into `GUARDED`, where its rows are looked at."""
    granted = two.session.scalar(
        text("select has_any_column_privilege('gpmb_limited', to_regclass(:name), 'select')"), {"name": f'"{table}"'}
    )
    policies = two.session.scalar(
        text("select count(*) from pg_policies where tablename = :name and 'gpmb_limited' = any (roles)"),
        {"name": table},
    )
    if table in ("admin_unit", "admin_change", "data_revision", "sample_load"):
        assert granted
    else:
        assert bool(granted) == bool(policies)


@pytest.mark.parametrize(
    "table",
    [
        "holder_identity",
        "petition",
        "attachment",
        "audit_entry",
        "submission",
        "account",
        "cost_sheet",
        "cost_line",
        "kept_form",
    ],
)
def test_an_investor_cannot_even_ask_for_what_names_people(two, table):
    two.read(projects=frozenset({two.mine.id}))
    with refused(DBAPIError, "permission denied", two.session):
        two.session.execute(text(f"select count(*) from {table}"))  # noqa: S608


def test_an_investor_changes_nothing(two):
    two.read(projects=frozenset({two.mine.id}))
    for statement in (
        update(model.Obstacle).values(owner="x"),
        delete(model.Obstacle),
        insert(model.Document).values(kind="decision", number="1"),
        insert(model.Event).values(kind="persuasion", valid_on=date(2024, 1, 1), project_id=two.mine.id),
    ):
        with refused(DBAPIError, "permission denied", two.session):
            two.session.execute(statement)


@pytest.mark.parametrize(
    ("personal", "seen"),
    [(frozenset(), 0), ("mine", 1), (None, 2)],
    ids=["untold", "officer of one project", "leader"],
)
@pytest.mark.parametrize("table", ["holder_identity", "petition", "cost_sheet", "cost_line"])
def test_who_people_are_shows_for_the_projects_named_alone(two, table, personal, seen):
    two.read(personal=frozenset({two.mine.id}) if personal == "mine" else personal)
    assert two.session.scalar(text(f"select count(*) from {table}")) == seen  # noqa: S608


def test_a_transaction_that_says_nothing_sees_no_name(two):
    two.session.execute(text(f"set local role {db.WEB_ROLE}"))
    assert two.session.scalars(select(model.HolderIdentity)).all() == []
    assert len(two.session.scalars(select(model.Project)).all()) >= 2


def test_rights_end_with_the_transaction(two, engine):
    """A pooled connection must not carry one reader's rights over to the next."""
    with engine.connect() as connection:
        for _ in range(2):
            with db.Session(connection) as reading:
                assert reading.scalar(text("select current_setting('gpmb.personal', true)")) in (None, "")
                assert reading.scalar(text("select current_user")) != db.LIMITED_ROLE
                reading.execute(text(f"set local role {db.WEB_ROLE}"))
                db.read_as(reading, projects=frozenset({1}), personal=None, account="lan")
                assert reading.scalar(text("select current_user")) == db.LIMITED_ROLE
                reading.rollback()


@pytest.fixture
def recorded(two):
    """An act of Lan upon each project, an entry of no project, and a document changed."""
    for project, by in ((two.mine, "lan"), (two.other, "hoa")):
        case = two.session.scalars(select(model.Case.code).where(model.Case.project_id == project.id)).one()
        act = record.Act(project.code, "payment", date(2024, 5, 1), record.NewDocument("minutes", f"{by}/BB"))
        share = record.Share(case, amount_vnd=1_000_000)
        made = record.record(two.session, act, [share], by=by, key="1", imported=True)
        audit.log_change(two.session, "document", made.document_id, who=by, act="amend", after={"title": by})
    audit.log_change(two.session, "unit", 1, who="hoa", act="change")
    two.be_owner()
    return two


def log(session):
    return {(entry.who, entry.entity) for entry in session.scalars(select(model.AuditEntry))}


def test_an_officer_sees_no_log_of_other_projects(recorded):
    session = recorded.session
    theirs = [{(who, entity) for entity in ("document", "event", "submission")} for who in ("lan", "hoa")]
    recorded.read(personal=frozenset({recorded.mine.id}), account="an officer of the same project")
    assert log(session) == theirs[0]
    assert [row.account for row in session.scalars(select(model.Submission))] == ["lan"]
    recorded.read(personal=None, account="the leader")
    assert log(session) >= theirs[0] | theirs[1]


def test_who_has_no_personal_data_sees_no_log(recorded):
    recorded.read()
    assert log(recorded.session) == set()
    assert recorded.session.scalars(select(model.Submission)).all() == []


def test_an_officer_records_and_undoes_in_her_own_project(recorded):
    """Also what a colleague recorded; the log goes on for who cannot read its last entry."""
    session, mine = recorded.session, frozenset({recorded.mine.id})
    act_id = session.scalar(select(model.Submission.id).where(model.Submission.account == "lan"))
    foreign = session.scalar(select(model.Submission.id).where(model.Submission.account == "hoa"))
    recorded.read(personal=mine, account="mai")
    record.undo(session, act_id, reason="nhầm", by="mai", key="2")
    with pytest.raises(Exception, match="There is no act"):
        record.undo(session, foreign, reason="nhầm", by="mai", key="3")
    recorded.be_owner()
    assert audit.verify(session).broken is None


# -- the price of it


def plan(session, layer: str, role: str) -> str:
    shown = layers.find(layer, "office")
    made = tiles.statement(shown.features(), shown.name).params(z=17, x=104362, y=57457)
    statement = str(made.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
    session.execute(text(f"set local role {role}"))
    session.execute(text("set local enable_seqscan = off"))
    return "\n".join(
        session.connection().exec_driver_sql("explain (costs off) " + statement.replace("%", "%%")).scalars()
    )


@pytest.mark.parametrize("layer", [layer.name for layer in layers.visible_to("office") if layer.features])
def test_policies_cost_the_web_role_no_index(two, layer):
    """They say true, and the planner drops them: the same plan as the owner's, who has none."""
    owner = plan(two.session, layer, two.session.scalar(text("select session_user")))
    assert plan(two.session, layer, db.WEB_ROLE) == owner
    assert "read_projects" not in owner


def test_tiles_hold_nothing_of_a_table_of_people():
    """What depends on whose personal data a reader may have would have to be drawn for each reader anew."""
    for layer in layers.visible_to("desk"):
        if layer.features is not None:
            assert "holder_identity" not in str(layer.features())


# -- a unit given stands for the projects in it


class Reform:
    """An old city of two wards; the reform joins the first with half of the second, and sets the other half apart."""

    def __init__(self, session):
        until, since = Range(None, REFORM), Range(REFORM, None)
        self.session = session
        self.province = make.unit(session, level="province", kind="province")
        self.city = make.unit(session, level="district", kind="city", parent_id=self.province.id, valid=until)
        self.first, self.second = (make.unit(session, parent_id=self.city.id, valid=until) for _ in range(2))
        self.merged, self.apart = (make.unit(session, parent_id=self.province.id, valid=since) for _ in range(2))
        for old, new in ((self.first, self.merged), (self.second, self.merged), (self.second, self.apart)):
            session.add(
                model.AdminChange(old_unit_id=old.id, new_unit_id=new.id, kind="merge", effective_on=REFORM,
                                  legal_document="NQ", whole=old is self.first)
            )  # fmt: skip

    def project(self, *units, **given):
        made = make.project(self.session, **given)
        for unit in units:
            lies = model.ProjectCommune(project_id=made.id, unit_id=unit.id, valid=unit.valid, main=False)
            self.session.add(lies)
        self.session.flush()
        return made

    def given(self, *units, projects=()):
        account = accounts.invite(
            self.session, email=f"o{id(units)}-{len(units)}@gpmb.vn", full_name="Lan", role="officer",
            units=[unit.slug for unit in units], projects=[project.code for project in projects],
        )  # fmt: skip
        found = accounts.given_projects(self.session, account)
        self.session.execute(delete(model.Account).where(model.Account.id == account.id))
        return found


@pytest.fixture
def reform(session):
    return Reform(session)


def test_a_unit_given_is_every_project_in_it(reform):
    inside, apart = reform.project(reform.first, reform.merged), reform.project(reform.apart)
    assert reform.given(reform.city) == {inside.id, apart.id}
    assert reform.given(reform.first) == reform.given(reform.merged) == {inside.id}
    assert reform.given(reform.province) == {inside.id, apart.id}
    assert reform.given(reform.first, projects=[apart]) == {inside.id, apart.id}
    assert reform.given() == set()


def test_a_unit_of_before_the_reform_reaches_projects_begun_after_it(reform):
    new = reform.project(reform.merged)
    assert reform.given(reform.first) == reform.given(reform.second) == reform.given(reform.city) == {new.id}
    assert reform.given(reform.apart) == set()


def test_a_unit_of_after_the_reform_reaches_projects_recorded_before_it(reform):
    old = reform.project(reform.first)
    assert reform.given(reform.merged) == {old.id}
    assert reform.given(reform.apart) == set()


def test_where_a_ward_was_split_the_communes_on_record_decide(reform):
    project = reform.project(reform.second, reform.apart)
    assert reform.given(reform.apart) == reform.given(reform.second) == {project.id}
    assert reform.given(reform.merged) == set(), "it lies in the other half"


def test_a_project_lies_where_it_reports_too(reform):
    project = reform.project(reporting_unit_id=reform.apart.id)
    assert reform.given(reform.apart) == {project.id}
    assert reform.given(reform.merged) == set()


def test_units_make_an_investor_and_an_officer_readers_of_their_projects(reform):
    project = reform.project(reform.merged)
    given = reform.given(reform.merged)
    investor, officer = (reader("none", "x@gpmb.vn", role, given) for role in ("investor", "officer"))
    assert investor.project_ids == officer.record_ids == officer.personal_ids == {project.id}
    assert officer.project_ids is None
    assert not investor.record_ids
    assert not investor.personal_ids
    assert {investor.opened, officer.opened} <= set(OPENED)
    assert len({who.scope for who in (investor, officer, reader("none"), reader("none", "y", "leader"))}) == 4
    assert reader("none").scope == reader("none", "a@gpmb.vn", "administrator").scope == ""
