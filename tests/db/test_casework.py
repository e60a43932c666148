"""The cases of a project, listed and registered: golden on the sample, statements counted, what is refused."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import Range

from gis import casework, db, model, registration
from gis.casework import PROCEDURE, SORTED_BY, Narrowed
from gis.errors import BadParameter, BadRows, Conflict, NotFound
from gis.histories import overdue
from gis.progress import ask, progress
from gis.registration import NewCase, NewHolder, NewParcel
from tests import factories as make
from tests.conftest import engine_of

DAY = date(2024, 12, 31)
PARK = "cong-vien-bo-song-ky-cung"
ROAD = "cao-toc-huu-nghi-chi-lang"


def project_of(session, code):
    return session.scalar(select(model.Project.id).where(model.Project.code == code))


@pytest.fixture
def list_(sample_session):
    def listed(project=ROAD, **given):
        narrowed = Narrowed(**{name: given.pop(name) for name in list(given) if name in Narrowed.__dataclass_fields__})
        return casework.listing(
            sample_session,
            project_of(sample_session, project),
            project,
            day=DAY,
            narrowed=narrowed,
            limit=None,
            **given,
        )

    return listed


@pytest.mark.parametrize("project", [PARK, ROAD, "mo-rong-nam-hoang-dong-1"])
def test_what_is_listed_adds_up_to_what_is_counted(sample_session, list_, project):
    """Independent of progress.sql: the same cases, m² and steps must come out."""
    found = list_(project, amounts=True)
    counted = progress(sample_session, ask(projects=(project,), as_of=date.max)).total.values
    assert found.found - found.no_holder == counted["affected"]["holders"]
    assert found.found == len(found.rows)
    no_holder = sample_session.scalar(
        select(func.coalesce(func.sum(model.AffectedParcel.area_m2), 0)).where(
            model.AffectedParcel.project_id == project_of(sample_session, project),
            model.AffectedParcel.case_id.is_(None),
        )
    )
    assert found.area_m2 == counted["affected"]["area_m2"]
    assert sum(row.area_m2 for row in list_(project, holder_kind="none").rows) == no_holder
    found = replace(found, rows=tuple(row for row in found.rows if row.land_id is None))
    for step in PROCEDURE:
        if step != "handover":
            assert sum(step in row.days for row in found.rows) == counted[step]["holders"], step
    complete = sum(row.left_m2 == 0 for row in found.rows)
    assert complete == counted["handover"]["holders"]
    assert sum(row.plan_vnd or 0 for row in found.rows) == counted["plan_approval"]["amount_vnd"]
    assert sum(row.paid_vnd or 0 for row in found.rows) == counted["payment"]["amount_vnd"]
    late = {one.case.code for one in overdue(sample_session, project, DAY)}
    assert {row.code for row in found.rows if row.days_late} == late
    assert {row.code for row in list_(project, overdue="any", amounts=True).rows} == late


def test_filters_leave_what_they_name(list_):
    everything = {row.code: row for row in list_().rows}

    def codes(**given):
        return {row.code for row in list_(**given).rows}

    assert codes(reached="plan_approval") == {c for c, row in everything.items() if "plan_approval" in row.days}
    assert codes(without="plan_approval") == everything.keys() - codes(reached="plan_approval")
    assert codes(holder_kind="none") == {c for c, row in everything.items() if row.land_id}
    units = {row.unit for row in everything.values()}
    assert set().union(*(codes(unit=unit) for unit in units if unit)) == {c for c, r in everything.items() if r.unit}
    assert codes(words="hs-0001") == {"HS-0001"}
    row = everything["HS-0001"]
    assert "HS-0001" in codes(words=row.holder.upper()) & codes(words=row.parcels)
    assert codes(holder_kind="organisation") == {c for c, r in everything.items() if r.holder_kind == "organisation"}
    assert codes(words="không ai tên như thế") == set()
    assert codes(codes=("HS-0001", "HS-0003", "HS-?")) == {"HS-0001", "HS-0003"}


@pytest.mark.parametrize("sort", SORTED_BY)
def test_every_column_sorts_both_ways_and_windows_make_up_the_whole(sample_session, list_, sort):
    up, down = (list_(sort=sort, descending=falling, amounts=True) for falling in (False, True))
    assert {row.code for row in up.rows} == {row.code for row in down.rows}
    if sort in ("code", "area_m2", "registered_on"):
        values = [getattr(row, sort) for row in up.rows]
        assert values == sorted(values)
    project_id = project_of(sample_session, ROAD)
    window = casework.listing(
        sample_session, project_id, ROAD, day=DAY, sort=sort, offset=30, limit=20, amounts=True
    )  # fmt: skip
    assert [row.code for row in window.rows] == [row.code for row in up.rows[30:50]]
    assert (window.found, window.area_m2) == (up.found, up.area_m2)


def test_a_window_takes_few_statements_however_many_cases(sample_session, statements):
    project_id = project_of(sample_session, ROAD)
    for asked, most in (({}, 3), ({"briefs": True}, 2), ({"sort": "days_late"}, 3), ({"limit": None}, 2)):
        with statements() as found:
            casework.listing(sample_session, project_id, ROAD, day=DAY, **asked)
        assert len(found) <= most, asked


def test_whoever_may_not_read_names_neither_sees_nor_finds_them_nor_days_of_payment(sample):
    with engine_of(sample.owner, role=db.WEB_ROLE) as engine, db.reading_session(engine) as session:
        db.read_as(session, projects=None, personal=frozenset())
        found = casework.listing(session, project_of(session, ROAD), ROAD, day=DAY, limit=None, amounts=True)
        assert {row.holder for row in found.rows} == {None}
        assert {row.plan_vnd for row in found.rows if row.holder_kind == "household"} == {None}
        households = [row for row in found.rows if row.holder_kind == "household"]
        assert not any("payment" in row.days or row.step == "payment" for row in households), (
            "not even that it was paid"
        )
        other = casework.listing(session, project_of(session, ROAD), ROAD, day=DAY, narrowed=Narrowed(words="hộ mẫu"))
        assert other.found == 0


def test_what_is_asked_wrongly_is_refused(sample_session):
    for given in ({"sort": "x"}, {"narrowed": Narrowed(reached="x")}, {"narrowed": Narrowed(words="x" * 300)}):
        with pytest.raises(BadParameter):
            casework.listing(sample_session, 1, ROAD, day=DAY, **given)


class Office:
    """A project with an outline, an old commune and what it became, and one parcel on record."""

    def __init__(self, session):
        reform = date(2025, 7, 1)
        self.session = session
        self.old = make.unit(session, slug="x-cu", valid=Range(None, reform))
        self.new = make.unit(session, slug="x-moi-2025", valid=Range(reform, None))
        session.add(
            model.AdminChange(old_unit_id=self.old.id, new_unit_id=self.new.id, kind="merge", effective_on=reform,
                              legal_document="NQ", whole=True)
        )  # fmt: skip
        self.project = make.project(session, code="duong-moi")
        make.boundary(session, self.project, shape=make.square(side_m=10))
        self.known = model.Parcel(
            numbered_in_unit_id=self.old.id, sheet="05", number="85", legal_area_m2=Decimal(400),
            geom=make.stored(make.square(side_m=20)),
        )  # fmt: skip
        session.add(self.known)
        session.flush()
        self.n = 0

    def register(self, *cases, on=date(2024, 2, 1), key=None):
        self.n += 1
        return registration.register_cases(
            self.session, "duong-moi", cases, registered_on=on, by="lan@gpmb.vn", key=key or f"k{self.n}"
        )


@pytest.fixture
def office(session):
    return Office(session)


def parcel(number="86", area="10", **given):
    return NewParcel(**{"unit": "x-cu", "sheet": "5", "number": number, "area_m2": Decimal(area)} | given)


def household(name="Vi Văn A", *parcels, row=1, code=None, sure=False, **given):
    name = f"Vi Văn {name}" if len(name) == 1 else name
    return NewCase(NewHolder("household", name, **given), parcels or (parcel(),), code, row=row, sure=sure)


def fields_of(refusal):
    return {(problem.row, problem.field) for problem in refusal.value.problems}


def test_a_parcel_on_record_is_found_and_drawn_as_far_as_the_outline_goes(office):
    office.register(household("A", parcel("85", "100", land_use="ODT")))
    land = office.session.scalars(select(model.AffectedParcel)).one()
    assert land.parcel_id == office.known.id
    drawn = office.session.scalar(select(func.ST_Area(func.ST_Transform(model.AffectedParcel.geom, 9215))))
    assert drawn == pytest.approx(100, rel=0.01)
    office.session.refresh(office.known)
    assert office.known.land_use == "ODT"


def test_a_new_parcel_lies_in_its_commune_and_in_what_that_became(office):
    office.register(household())
    for day, unit in ((date(2024, 6, 1), "x-cu"), (date(2025, 8, 1), "x-moi-2025")):
        answer = progress(office.session, ask(projects=("duong-moi",), by=("commune",), as_of=day))
        assert [(row.commune.slug, row.values["affected"]["households"]) for row in answer.rows] == [(unit, 1)]
    before = progress(office.session, ask(projects=("duong-moi",), as_of=date(2024, 1, 31)))
    assert not before.total.values["affected"]["holders"]


def test_land_of_no_holder_makes_no_case(office):
    done = office.register(NewCase(None, (parcel(),)), household("A", parcel("87")))
    assert done.codes == ("HS-0001",)
    assert office.session.scalar(select(func.count()).select_from(model.AffectedParcel)) == 2
    with pytest.raises(BadRows) as refusal:
        office.register(NewCase(None, (parcel("88"),), code="X"))
    assert fields_of(refusal) == {(1, "code")}


def test_land_that_stands_already_is_refused_in_words_by_row(office):
    """However it is sent: twice in one case, twice as land of no holder, again another day."""
    for twice in (
        [household("Vi Văn A", parcel("97"), parcel("097"))],
        [NewCase(None, (parcel("98", row=1),), row=1), NewCase(None, (parcel("98", row=2),), row=2)],
        [NewCase(None, (parcel("98"), parcel("98")))],
    ):
        with pytest.raises(BadRows) as refusal:
            office.register(*twice)
        assert {problem.field for problem in refusal.value.problems} == {"number"}
    office.register(NewCase(None, (parcel("99"),)))
    with pytest.raises(BadRows) as refusal:
        office.register(NewCase(None, (parcel("97"),)), NewCase(None, (parcel("099", row=2),), row=2))
    assert fields_of(refusal) == {(2, "number")}
    assert "no holder already" in str(refusal.value.problems[0].error)


def test_no_more_is_recovered_than_there_is_and_the_row_is_named(office):
    with pytest.raises(BadRows) as refusal:
        office.register(
            household("A", parcel("85", "300", row=2)), household("B", parcel("85", "100.01", row=3), row=3),
            household("C", parcel("1", "5", legal_area_m2=Decimal(4), row=4), row=4),
        )  # fmt: skip
    assert fields_of(refusal) == {(3, "area_m2"), (3, "number"), (4, "area_m2")}
    office.register(
        household("A", parcel("85", "300"), sure=True), household("B", parcel("85", "100"), sure=True)
    )  # fmt: skip
    with pytest.raises(BadRows):
        office.register(household("C", parcel("85", "0.01")))


def test_who_is_on_record_already_is_asked_about_whatever_is_written_around_the_name(office):
    """The same list twice doubled a project: names and parcels are held against the record, and against each other."""
    office.register(household("Vy Văn Hòa", parcel("3", land_use="ODT")))

    def asked(*cases):
        found = registration.doubts(office.session, office.project.id, cases)
        return {(problem.row, problem.field) for problem in found}

    for name in ("Hộ ông Vy Văn Hoà", "VY VĂN HÒA", "Vy Văn Hòa (đã mất)", "Lý Thị B; chồng: Vy Văn Hòa"):
        assert asked(household(name, parcel("3"))) == {(1, "full_name")}, name
        assert asked(household(name, parcel("4"))) == {(1, "full_name")}, name
    assert asked(household("Vy Văn Hoa", parcel("4"))) == set()
    assert asked(household("Lý Thị B", parcel("03", land_use="CLN"))) == {(1, "number"), (1, "land_use")}
    assert asked(household("Lý Thị B", parcel("3", unit="x-moi-2025"))) == {(1, "number")}, "the commune of today"
    assert asked(NewCase(None, (parcel("3"),))) == {(1, "number")}
    twice = household("Lý Thị B", parcel("7", row=1)), household("Bà LÝ THỊ B", parcel("7", row=2), row=2)
    assert asked(*twice) == {(2, "full_name"), (2, "number")}
    with pytest.raises(BadRows) as refusal:
        office.register(household("Ông Vy Văn Hòa", parcel("3")))
    assert "HS-0001" in str(refusal.value.problems[0].error)
    assert office.register(household("Ông Vy Văn Hòa", parcel("8"), sure=True)).codes == ("HS-0002",)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (household(""), "full_name"),
        (household("A" * 301), "full_name"),
        (household("A", identity_number="1234567890"), "identity_number"),
        (household("A", code="a/b"), "code"),
        (NewCase(NewHolder("king", "A"), (parcel(),)), "kind"),
        (NewCase(NewHolder("household", "A"), ()), "parcels"),
        (household("A", parcel(unit="x-khac")), "unit"),
        (household("A", parcel(area="0")), "area_m2"),
        (household("A", parcel(area="1.234")), "area_m2"),
        (household("A", parcel(area="NaN")), "area_m2"),
        (household("A", parcel(land_use="đất ở")), "land_use"),
        (household("A", parcel(sheet=" ")), "sheet"),
        (household("A", parcel("85", legal_area_m2=Decimal(399))), "legal_area_m2"),
        (household("A", parcel(), parcel("086", row=2)), "number"),
        (NewCase(NewHolder("household", "A"), (parcel(),), part="BT"), "part"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_written(office, given, field):
    with pytest.raises(BadRows) as refusal:
        office.register(given)
    assert field in {found for _, found in fields_of(refusal)}
    assert office.session.scalar(select(func.count()).select_from(model.Holder)) == 0


def test_a_holder_known_by_identity_number_is_the_same_holder_in_another_project(office):
    make.project(office.session, code="cau-moi")
    office.register(household("Nông Thị B", identity_number="020 099 000 001"))
    registration.register_cases(
        office.session, "cau-moi", [household("nông thị b", parcel("99"), identity_number="020099000001")],
        registered_on=date(2024, 2, 1), by="x", key="other",
    )  # fmt: skip
    assert office.session.scalar(select(func.count()).select_from(model.Holder)) == 1
    for again, field in (
        (household("Nông Thị B", parcel("3"), identity_number="020099000001"), "identity_number"),
        (household("Người Khác", parcel("3"), identity_number="020099000001"), "full_name"),
    ):
        with pytest.raises(BadRows) as refusal:
            office.register(again)
        assert field in {found for _, found in fields_of(refusal)}


def test_sent_again_nothing_is_registered_again(office):
    first, second = office.register(household(), key="same"), office.register(household(), key="same")
    assert (first.codes, second.repeated) == (second.codes, True)
    with pytest.raises(Conflict):
        office.register(household("B"), key="same")
    with pytest.raises(BadParameter):
        office.register(household(), on=date(2999, 1, 1))
    with pytest.raises(NotFound):
        registration.register_cases(office.session, "x", [household()], registered_on=DAY, by="x", key="k")


def test_hundreds_of_cases_are_registered_in_a_few_statements(office, statements):
    letters = "ABCDEGHIKLMNOPQSTUVX"
    many = [
        household(f"Vi Văn {letters[n % 20]}{letters[n // 20].lower()}", parcel(str(1000 + n)), row=n)
        for n in range(200)
    ]  # fmt: skip
    with statements() as found:
        office.register(*many)
    assert len(found) < 40
    assert office.session.scalar(text("select count(*) from audit_entry where entity = 'case'")) == 200
