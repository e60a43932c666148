"""Cost lines on record: counted to the đồng, whole or not at all, in versions, and read by nobody who may not."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from gis import audit, costs, db, model, person
from gis.costs import NewLine, NewSheet, amount_of
from gis.errors import BadParameter, BadRows, NotFound, Unseen
from tests import factories as make
from tests.db.test_migrations import refused

DAY = date(2026, 3, 2)
HOUSE = NewLine("structures", "Nhà cấp 4", "m²", Decimal("17.5"), Decimal(3_000_001), support_level=Decimal("0.8"))


@pytest.fixture
def project(session):
    return make.project(session)


@pytest.fixture
def case(session, project):
    return make.case(session, project, code="HS-0001")


def enter(session, project, *sheets, key="1", **given):
    return costs.enter(session, project.code, sheets, by="lan", key=key, **{"confirmed": True} | given)


def test_an_amount_is_its_factors_half_up(session, project, case):
    tree = NewLine("crops", "Bưởi", "cây", Decimal("2.5"), Decimal(333), support_level=Decimal("0.6"))
    unpaid = NewLine("structures", "Lều", "m²", Decimal(12), not_compensated="dựng sau thông báo")
    done = enter(session, project, NewSheet("HS-0001", (HOUSE, tree, unpaid)))
    assert done.result == {"cases": ["HS-0001"], "lines": 3, "amount_vnd": "42000514", "document_id": None}
    (sheet,) = costs.sheets(session, project.id)
    assert [line.amount_vnd for line in sheet.lines] == [42_000_014, 500, 0]
    assert (sheet.total_vnd, sheet.of("crops"), sheet.version) == (42_000_514, 500, 1)
    assert sheet.lines[2].not_compensated == "dựng sau thông báo"


factors = st.decimals(0, 10**5, places=4)


@given(quantity=factors, price=st.integers(0, 10**7), coefficient=st.decimals(0, 9, places=6), level=factors)
def test_the_database_counts_as_we_do(engine, quantity, price, coefficient, level):
    """Its CHECK rounds for itself: the two may never differ by a đồng."""
    line = NewLine("land", "Đất", None, quantity, Decimal(price), coefficient, level / 1000)
    with engine.connect() as connection:
        counted = connection.scalar(
            text("select round(cast(:q as numeric) * :p * cast(:c as numeric) * cast(:l as numeric))"),
            {"q": quantity, "p": price, "c": coefficient, "l": level / 1000},
        )
    assert counted == amount_of(line)


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"amount_vnd": Decimal(42_000_000)}, "amount_vnd", "comes to 42.000.014"),
        ({"quantity": None}, "quantity", "missing"),
        ({"unit_price_vnd": Decimal("1.5")}, "unit_price_vnd", "cannot be used"),
        ({"quantity": Decimal(-1)}, "quantity", "cannot be used"),
        ({"quantity": Decimal("NaN")}, "quantity", "cannot be used"),
        ({"support_level": Decimal(10) ** 12}, "support_level", "cannot be used"),
        ({"support_level": Decimal(80)}, "support_level", "80 % or 0,8"),
        ({"support_level": Decimal("1.01")}, "support_level", "“1,01” is not a level"),
        ({"coefficient": Decimal(150)}, "coefficient", "not a coefficient"),
        ({"item": "Trừ nghĩa vụ tài chính"}, "item", "act of a deduction"),
        ({"item": " "}, "item", "must be given"),
        ({"category": "houses"}, "category", "not a group"),
        ({"parcel": "9/9"}, "parcel", "has no parcel 9/9"),
        ({"land_use": "đất ở"}, "land_use", "not a code"),
        ({"not_compensated": "lấn chiếm", "amount_vnd": Decimal(5)}, "amount_vnd", "has an amount"),
        ({"legal_basis": "\x00"}, "legal_basis", "control"),
    ],
)
def test_what_is_wrong_with_a_line_is_told_by_field_and_nothing_is_written(session, project, case, change, field, said):
    wrong = replace(HOUSE, row=7, **change)
    with pytest.raises(BadRows) as raised:
        enter(session, project, NewSheet("HS-0001", (HOUSE, wrong), "Hộ 1"))
    (problem,) = raised.value.problems
    assert (problem.sheet, problem.row, problem.field) == ("Hộ 1", 7, field)
    assert said in str(problem.error)
    assert costs.sheets(session, project.id) == []


def test_a_case_that_is_not_there_and_one_named_twice_are_told(session, project, case):
    given = (NewSheet("HS-0001", (HOUSE,)), NewSheet("HS-0001", (HOUSE,)), NewSheet("HS-9", (HOUSE,)))
    found = costs.problems(session, project.id, given)
    assert [str(problem.error) for problem in found] == [
        "Case HS-0001 has two sheets here.", "This project has no case HS-9."
    ]  # fmt: skip
    with pytest.raises(NotFound):
        enter(session, project, given[0], document=10**9)
    with pytest.raises(BadParameter, match="at least one"):
        enter(session, project)


def test_a_sheet_is_never_changed_it_has_versions(session, project, case):
    plan = make.document(session, project_id=project.id)
    first = NewSheet("HS-0001", (HOUSE,))
    enter(session, project, first, document=plan.id, source="phuong-an.xlsx")
    assert enter(session, project, first, document=plan.id, source="phuong-an.xlsx").repeated
    assert enter(session, project, first, document=plan.id, key="2").result["cases"] == [], "it says nothing new"
    enter(session, project, NewSheet("HS-0001", (replace(HOUSE, quantity=Decimal(20)),)), document=plan.id, key="3")
    enter(session, project, NewSheet("HS-0001", (HOUSE,)), key="4")
    standing = {(s.document_id, s.version): s.total_vnd for s in costs.sheets(session, project.id)}
    assert standing == {(plan.id, 2): 48_000_016, (None, 1): 42_000_014}
    enter(session, project, NewSheet("HS-0001", ()), document=plan.id, key="5")
    assert [s.document_id for s in costs.sheets(session, project.id)] == [None]
    assert [s.version for s in costs.history(session, project.id, case.id) if s.document_id] == [3, 2, 1]
    told = audit.history(session, "case", case.id)
    assert [entry.act for entry in told] == ["costs"] * 4
    assert told[1].before == {"cost_lines": 1, "amount_vnd": 42_000_014}
    with refused(DBAPIError, "append-only", session):
        session.execute(text("update cost_line set item = 'x'"))


def test_a_sheet_that_replaces_another_is_seen_first_with_what_changes(session, project, case):
    enter(session, project, NewSheet("HS-0001", (HOUSE, replace(HOUSE, item="Bếp"))))
    assert costs.cautions(session, project.id, [NewSheet("HS-0001", (HOUSE, replace(HOUSE, item="Bếp")))]) == []
    changed = NewSheet("HS-0001", (replace(HOUSE, quantity=Decimal(20)), replace(HOUSE, item="Sân")))
    for sheet, said in (
        (changed, ("2 → 2 lines", "84.000.028 → 90.000.030", "New: Sân", "Gone: Bếp", "Other amounts: Nhà cấp 4")),
        (NewSheet("HS-0001", ()), ("2 lines, 84.000.028 đồng) is emptied",)),
    ):
        with pytest.raises(Unseen) as raised:
            enter(session, project, sheet, key="2", confirmed=False)
        (problem,) = raised.value.problems
        assert all(part in str(problem.error) for part in ("version 1", *said)), str(problem.error)
    assert [s.version for s in costs.history(session, project.id, case.id)] == [1]
    enter(session, project, changed, key="3")
    assert [s.version for s in costs.history(session, project.id, case.id)] == [2, 1]


def test_lines_go_to_a_plan_that_approves_their_case_and_are_held_against_it(session, project, case):
    other = make.case(session, project, code="HS-0002")
    make.affected(session, project, case=case, area_m2=Decimal(250))
    own, another = (make.document(session, project_id=project.id, number=number) for number in ("15/QĐ", "20/QĐ"))
    sheet = NewSheet("HS-0001", (HOUSE,))
    assert costs.problems(session, project.id, [sheet], another.id) == [], "what it approves is not recorded yet"
    make.event(session, project, "plan_approval", DAY, case_id=other.id, document_id=another.id, amount_vnd=5)
    (problem,) = costs.problems(session, project.id, [sheet], another.id)
    assert "no plan of this case is approved" in str(problem.error)
    make.event(session, project, "plan_approval", DAY, case_id=case.id, document_id=own.id, amount_vnd=42_000_014)
    with pytest.raises(BadRows) as raised:
        enter(session, project, sheet, document=another.id)
    assert "20/QĐ approves the plan of other cases, not of HS-0001: that is approved by 15/QĐ" in str(
        raised.value.problems[0].error
    )
    assert costs.cautions(session, project.id, [sheet], own.id) == []
    land = NewLine("land", "Đất ở", "m2", Decimal(900), Decimal(400_000))
    found = costs.cautions(session, project.id, [NewSheet("HS-0001", (land,))], own.id)
    told = " ".join(str(one.error) for one in found)
    assert "come to 360.000.000 đồng, and the plan approves 42.000.014 đồng" in told
    assert "come to 900 m², and 250" in told


def test_a_land_line_finds_its_parcel(session, project, case):
    land = make.affected(session, project, case=case)
    number = session.get_one(model.Parcel, land.parcel_id).number
    line = NewLine("land", "Đất ở", "m²", Decimal(400), Decimal(1), parcel=f"7/ {number}", land_use="odt")
    enter(session, project, NewSheet("HS-0001", (line,)))
    ((kept,),) = (sheet.lines for sheet in costs.sheets(session, project.id))
    assert (kept.affected_parcel_id, kept.parcel, kept.land_use) == (land.id, f"7/{number}", "ODT")


def test_the_database_refuses_an_amount_that_is_not_its_factors(session, project, case):
    sheet = model.CostSheet(project_id=project.id, case_id=case.id, version=1, recorded_by="lan")
    session.add(sheet)
    session.flush()
    row = {"project_id": project.id, "sheet_id": sheet.id, "position": 1, "category": "land", "item": "Đất",
           "quantity": 2, "unit_price_vnd": 100}  # fmt: skip
    with refused(IntegrityError, "ck_cost_line_amount", session):
        session.execute(insert(model.CostLine).values(**row, amount_vnd=201))
    with refused(IntegrityError, "ck_cost_line_amount", session):
        session.execute(insert(model.CostLine).values(**row, amount_vnd=200, not_compensated="lấn chiếm"))


def test_the_lines_of_other_projects_are_nobodys_business(session, project, case):
    """An officer with personal data of this project enters and reads here, and finds nothing elsewhere."""
    other = make.project(session)
    make.case(session, other, code="HS-0001")
    enter(session, other, NewSheet("HS-0001", (HOUSE,)))
    session.execute(text(f"set local role {db.WEB_ROLE}"))
    db.read_as(session, projects=None, personal=frozenset({project.id}), account="lan")
    enter(session, project, NewSheet("HS-0001", (HOUSE,)), key="2")
    assert len(costs.sheets(session, project.id)) == 1
    assert costs.sheets(session, other.id) == []
    with refused(DBAPIError, "row-level security", session):
        session.execute(
            insert(model.CostSheet).values(project_id=other.id, case_id=case.id, version=9, recorded_by="lan")
        )
    session.execute(text("select set_config('gpmb.personal', '', true)"))
    assert costs.sheets(session, project.id) == []


def test_a_person_is_given_every_version_of_what_a_plan_pays_them(session, project, case):
    enter(session, project, NewSheet("HS-0001", (HOUSE,)))
    enter(session, project, NewSheet("HS-0001", (replace(HOUSE, quantity=Decimal(20)),)), key="2")
    told = person.gather(session, case)["costs"]
    assert [(line["version"], line["amount_vnd"], line["unit_of_measure"]) for line in told] == [
        (1, 42_000_014, "m²"), (2, 48_000_016, "m²")
    ]  # fmt: skip
