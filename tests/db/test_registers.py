"""Registers: what is entered, changed by two, cancelled; what fits and what does not; who may read petitions."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import ProgrammingError

from gis import audit, cancelling, catalogue, db, model, record, registers, reported, targets
from gis.errors import BadParameter, Conflict, NotFound, OutsideVietnam
from gis.progress import today
from gis.register_table import REGISTERS, Kind
from layers.obstacles import KINDS
from layers.obstacles import features as obstacles_drawn
from layers.plots import features as plots_drawn
from layers.sites import features as sites_drawn
from tests import factories as make


class Office:
    """A project and whoever keeps its registers."""

    def __init__(self, session):
        self.session = session
        self.unit = make.unit(session, slug="p-luong-van-tri", name="Phường Lương Văn Tri")
        self.project = make.project(session, reporting_unit_id=self.unit.id)
        self.sent = 0

    def enter(self, register, *, key=None, by="lan", project=None, **values):
        self.sent += 1
        of = project or self.project
        return registers.enter(self.session, register, of.id, values, by=by, key=key or f"key {self.sent}")

    def amend(self, register, entry, version, by="lan", **changes):
        return registers.amend(self.session, register, entry, changes, expected_version=version, by=by)

    def cancel(self, register, entry, version=1, reason="nhập nhầm", key=None):
        self.sent += 1
        given = {"reason": reason, "expected_version": version, "by": "lan", "key": key or f"key {self.sent}"}
        return registers.cancel(self.session, register, entry, **given)

    def listed(self, register, **asked):
        return registers.entries(self.session, register, self.project.id, **asked)


@pytest.fixture
def office(session):
    return Office(session)


OBSTACLE = {"kind": "land_price_missing", "description": "Chưa có giá đất cụ thể", "known_since": date(2024, 1, 5)}


def test_an_obstacle_from_its_entry_to_its_end(office):
    made = office.enter(
        "obstacle",
        **OBSTACLE,
        owner="Sở Tài chính",
        unit=office.unit.slug,
        place=(Decimal("2417500.25"), Decimal("449300.5")),
    )
    entry = registers.entry(office.session, "obstacle", made.id)
    assert entry.values["place"] == (Decimal("2417500.25"), Decimal("449300.50"))
    assert (entry.values["unit"], entry.names["unit"]) == ("p-luong-van-tri", "Phường Lương Văn Tri")
    assert entry.values["age_days"] == (today() - date(2024, 1, 5)).days
    assert office.amend("obstacle", made.id, 1, resolved_on=date(2024, 2, 4)) == 2
    assert registers.entry(office.session, "obstacle", made.id).values["age_days"] == 30
    told = audit.history(office.session, "obstacle", made.id)
    assert [(e.act, e.who, e.project_id) for e in told] == [
        ("enter", "lan", office.project.id),
        ("amend", "lan", office.project.id),
    ]
    assert told[0].after["place"] == ["2417500.25", "449300.50"]
    assert (told[1].before, told[1].after) == (
        {"resolved_on": None, "version": 1},
        {"resolved_on": "2024-02-04", "version": 2},
    )
    assert audit.verify(office.session).broken is None


def test_sent_twice_it_is_entered_once(office):
    first = office.enter("obstacle", **OBSTACLE, key="đã gửi")
    again = office.enter("obstacle", **OBSTACLE, key="đã gửi")
    assert (again.id, again.repeated) == (first.id, True)
    assert len(office.listed("obstacle")) == 1
    with pytest.raises(Conflict, match="used for another act"):
        office.enter("obstacle", **OBSTACLE | {"description": "khác"}, key="đã gửi")
    cancelled = office.cancel("obstacle", first.id, key="bỏ")
    assert office.cancel("obstacle", first.id, key="bỏ") == registers.Written(first.id, 2, cancelled.act_id, True)


def test_the_second_of_two_gets_both_versions(office):
    made = office.enter("obstacle", **OBSTACLE, owner="UBND phường")
    office.amend("obstacle", made.id, 1, owner="Sở Tài chính", by="minh")
    with pytest.raises(Conflict, match="minh") as refusal:
        office.amend("obstacle", made.id, 1, owner="Trung tâm PTQĐ", description="Chưa có giá")
    versions = refusal.value.versions
    assert versions["owner"] == ("Sở Tài chính", "Trung tâm PTQĐ")
    assert versions["description"] == ("Chưa có giá đất cụ thể", "Chưa có giá")
    assert versions["kind"] == ("land_price_missing", "land_price_missing")
    assert "age_days" not in versions
    assert office.amend("obstacle", made.id, 1, owner="Sở Tài chính", by="minh") == 2, "sent again by the same hand"
    with pytest.raises(Conflict, match="minh"):
        office.amend("obstacle", made.id, 1, owner="Sở Tài chính")
    with pytest.raises(Conflict, match="minh"):
        office.cancel("obstacle", made.id, version=1)


def test_a_cancelled_entry_stays_and_nothing_counts_it(office, session):
    place = (Decimal("2417500"), Decimal("449300"))
    obstacle = office.enter("obstacle", **OBSTACLE, place=place)
    target = office.enter("target", measure="area_m2", percent=Decimal(50), due_on=date(2026, 12, 31))
    key = office.enter("key_designation", year=2026, body="UBND tỉnh")
    site = office.enter("site", code="tdc-a", name="Khu A")
    plot = office.enter("plot", site="tdc-a", number="L1", area_m2=Decimal("100.00"))

    def counted():
        standing = catalogue.list_projects(session, day=today(), code=office.project.code)[0]
        drawn = [
            session.scalar(select(func.count()).select_from(f().subquery())) for f in (obstacles_drawn, plots_drawn)
        ]
        told = len(standing.obstacles), len(standing.targets), standing.key_years
        return *told, len(targets.targets(session)), *drawn, registers.supply(session, office.project.id).plots

    assert counted() == (1, 1, [2026], 1, 1, 1, 1)
    with pytest.raises(Conflict, match="rest on this one"):
        office.cancel("site", site.id)
    for register, made in (
        ("obstacle", obstacle),
        ("target", target),
        ("key_designation", key),
        ("plot", plot),
        ("site", site),
    ):
        office.cancel(register, made.id)
        assert office.listed(register) == []
        (kept,) = office.listed(register, cancelled=True)
        assert (kept.cancelled_by, kept.cancel_reason) == ("lan", "nhập nhầm")
        with pytest.raises(Conflict, match="was cancelled"):
            office.cancel(register, made.id, version=2)
        assert [e.act for e in audit.history(session, REGISTERS[register].entity, made.id)] == ["enter", "cancel"]
    assert counted() == (0, 0, [], 0, 0, 0, 0)
    office.enter("key_designation", year=2026, body="UBND tỉnh")
    with pytest.raises(Conflict, match="was cancelled"):
        office.amend("obstacle", obstacle.id, 2, owner="x")


def test_what_belongs_to_a_cancelled_project_leaves_every_count_and_list(office, session):
    place = (Decimal("2417500"), Decimal("449300"))
    office.enter("obstacle", **OBSTACLE, place=place)
    office.enter("target", measure="area_m2", percent=Decimal(50), due_on=date(2026, 12, 31))
    office.enter("site", code="tdc-a", name="Khu A")
    office.enter("plot", site="tdc-a", number="L1", area_m2=Decimal("100.00"))
    session.add(
        model.ReportedFigure(
            figure="R.1", source_line="R:1", unit_id=office.unit.id, project_id=office.project.id, indicator="handover",
            basis="cumulative", to_on=date(2024, 1, 31), households=40, derivable=True,
            contradicted_cells=[],
        )
    )  # fmt: skip
    session.flush()
    drawn = obstacles_drawn, plots_drawn, sites_drawn

    def counted():
        return (
            *(session.scalar(select(func.count()).select_from(f().subquery())) for f in drawn),
            len(targets.targets(session)), len(catalogue.list_reported(session)), len(reported.listed(session)),
        )  # fmt: skip

    assert set(counted()) == {1}
    version = session.scalar(select(model.Project.version).where(model.Project.id == office.project.id))
    given = {"reason": "nhập nhầm", "by": "lan"}
    cancelling.cancel_project(session, office.project.code, expected_version=version, key="hủy", **given)
    assert set(counted()) == {0}
    cancelling.reinstate_project(session, office.project.code, expected_version=version + 1, key="lại", **given)
    assert set(counted()) == {1}


def test_plots_of_a_plan_that_was_replaced_are_needed_no_more(office, session):
    case = make.case(session, office.project)
    for day, plots, replaces in ((1, 4, None), (2, 3, True), (3, 1, False)):
        make.event(
            session, office.project, "plan_approval", date(2024, 2, day), case_id=case.id, plots=plots,
            replaces=replaces, amount_vnd=5,
        )  # fmt: skip
    assert registers.supply(session, office.project.id).needed == 4, "3 of the plan that replaced the first, 1 added"


def test_a_plot_that_somebody_has_is_not_cancelled(office, session):
    office.enter("site", code="tdc-b", name="Khu B")
    first = office.enter("plot", site="tdc-b", number="L1", area_m2=Decimal(90))
    office.enter("plot", site="tdc-b", number="L2", area_m2=Decimal(90))
    case = make.case(session, office.project)
    make.event(session, office.project, "plan_approval", date(2024, 2, 1), case_id=case.id, plots=4)
    given = make.event(
        session, office.project, "resettlement_allocation", date(2024, 3, 1), case_id=case.id, plot_id=first.id, plots=1
    )
    assert registers.supply(session, office.project.id) == registers.Supply(plots=2, allotted=1, given=1, needed=4)
    assert registers.supply(session, office.project.id).short == 2
    assert [p.values["allotted_on"] for p in office.listed("plot")] == [date(2024, 3, 1), None]
    with pytest.raises(Conflict, match="rest on this one"):
        office.cancel("plot", first.id)
    make.void(session, given)
    office.cancel("plot", first.id)


@pytest.mark.parametrize(
    ("register", "values", "at_fault", "said"),
    [
        ("obstacle", {"kind": "no such"}, "kind", "give one of"),
        ("obstacle", {"description": "  "}, "description", "must be given"),
        ("obstacle", {"description": None}, "description", "must be given"),
        ("obstacle", {"known_since": "2024-01-05"}, "known_since", "must be a day"),
        ("obstacle", {"known_since": today() + timedelta(days=30)}, "known_since", "in the future"),
        ("obstacle", {"resolved_on": date(2024, 1, 4)}, "resolved_on", "cannot have been resolved"),
        ("obstacle", {"owner": "x" * 501}, "owner", "longer than 500"),
        ("obstacle", {"owner": 5}, "owner", "must be a text"),
        ("obstacle", {"part": "bt"}, "part", "There is no “bt” here"),
        ("obstacle", {"case": "HS-1"}, "case", "There is no “HS-1” here"),
        ("obstacle", {"unit": "no such"}, "unit", "There is no “no such” here"),
        ("obstacle", {"place": (Decimal(1), None)}, "place", "cannot be used here"),
        ("obstacle", {"age_days": 5}, "age_days", "cannot be changed"),
        ("obstacle", {"project_id": 5}, "project_id", "cannot be changed"),
        ("target", {"percent": None}, "value", "a value, a percent"),
        ("target", {"percent": Decimal(101)}, "percent", "cannot be used here"),
        ("target", {"percent": 50.0}, "percent", "cannot be used here"),
        ("target", {"value": Decimal("0.005")}, "value", "cannot be used here"),
        ("target", {"value": Decimal(9), "of_value": Decimal(8)}, "value", "more than the whole"),
        ("target", {"measure": "households", "value": Decimal("1.5")}, "value", "whole numbers"),
        ("target", {"document": 10**9}, "document", "There is no"),
        ("target", {"document": "x"}, "document", "cannot be used here"),
        ("funding", {"amount_vnd": Decimal("1.5")}, "amount_vnd", "cannot be used here"),
        ("funding", {"amount_vnd": -1}, "amount_vnd", "cannot be used here"),
        ("funding", {"year": True}, "year", "cannot be used here"),
        ("target", {"value": 10, "of_value": 40, "percent": 80}, "percent", "is 25.0 %"),
        ("obstacle", {"known_since": date(1890, 1, 1)}, "known_since", "before 1990"),
        ("funding", {"year": 20262}, "year", "cannot be used here"),
        ("petition", {"replied_on": date(2024, 1, 1)}, "replied_on", "cannot have been replied"),
        ("petition", {"reply": "Đã trả lời"}, "replied_on", "on which day"),
        ("target", {"due_on": date(1924, 12, 31)}, "due_on", "see the year"),
        ("target", {"percent": Decimal("100.5")}, "percent", "More than 100"),
        ("funding", {"milestone_on": date(2023, 6, 30)}, "milestone_on", "does not lie in"),
        ("funding", {"year": 2099, "kind": "disbursement"}, "year", "has not come"),
        ("obstacle", {"description": "-"}, "description", "must be given"),
        ("part", {"code": "BT 1"}, "code", "small letters"),
        ("plot", {"site": "tdc-none"}, "site", "There is no"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_field(office, register, values, at_fault, said):
    fits = {
        "obstacle": OBSTACLE,
        "target": {"measure": "area_m2", "percent": Decimal(50), "due_on": date(2026, 12, 31)},
        "funding": {"year": 2026, "kind": "capital_plan", "amount_vnd": 5_000_000_000},
        "petition": {"kind": "dialogue", "received_on": date(2024, 2, 1), "subject": "Giá đất"},
        "part": {"code": "bt", "name": "Phần BT"},
        "plot": {"number": "L1", "area_m2": Decimal(100), "site": None},
    }
    with pytest.raises(BadParameter, match=said) as refusal:
        office.enter(register, **fits[register] | values)
    assert refusal.value.parameter == at_fault
    assert office.listed(register) == []


def test_coordinates_the_wrong_way_round_are_noticed(office):
    with pytest.raises(OutsideVietnam, match="X is the way north") as refusal:
        office.enter("obstacle", **OBSTACLE, place=(Decimal(449300), Decimal(2417500)))
    assert refusal.value.parameter == "place"


def test_what_is_there_already_is_not_entered_again(office, session):
    office.enter("key_designation", year=2026, body="UBND tỉnh")
    with pytest.raises(BadParameter, match="there already"):
        office.enter("key_designation", year=2026, body="UBND tỉnh")
    office.enter("site", code="tdc-c", name="Khu C")
    with pytest.raises(BadParameter, match="there already"):
        office.enter("site", project=make.project(session), code="tdc-c", name="Khu C")
    made = office.enter("key_designation", year=2025, body="UBND tỉnh")
    with pytest.raises(BadParameter, match="there already"):
        office.amend("key_designation", made.id, 1, year=2026)


def test_the_same_entry_twice_is_not_counted_twice(office):
    target = {"measure": "households", "value": 2, "due_on": date(2026, 12, 31)}
    for register, values in (("obstacle", OBSTACLE), ("target", target)):
        made = office.enter(register, **values)
        with pytest.raises(BadParameter, match=f"number {made.id}: it would be counted twice"):
            office.enter(register, **values)
        office.cancel(register, made.id)
        office.enter(register, **values)


def test_a_key_project_is_named_for_no_year_far_ahead(office):
    office.enter("key_designation", year=today().year + 1, body="UBND tỉnh")
    with pytest.raises(BadParameter) as refusal:
        office.enter("key_designation", year=today().year + 2, body="UBND tỉnh")
    assert refusal.value.parameter == "year"


def test_no_project_begins_to_report_to_a_unit_that_is_no_more(office, session):
    gone = make.unit(session, slug="tp-cu", name="Thành phố cũ", valid=Range(None, date(2025, 7, 1)))
    values = {"name": "Đường", "reporting_unit": gone.slug}
    with pytest.raises(BadParameter, match="is no unit any more") as refusal:
        registers.enter(session, "project", None, values, by="lan", key="gone")
    assert refusal.value.parameter == "reporting_unit"
    with pytest.raises(BadParameter):
        office.amend("project", office.project.id, 1, reporting_unit=gone.slug)
    old = make.project(session, code="cu", reporting_unit_id=gone.id)
    office.amend("project", old.id, 1, note="còn theo dõi")


def test_a_new_project_gets_a_code_of_its_own(office, session):
    def begin(name, **given):
        values = {"name": name, "reporting_unit": office.unit.slug} | given
        made = registers.enter(session, "project", None, values, by="lan", key=f"{name} {given}")
        return registers.entry(session, "project", made.id)

    first, second = begin("Đường tránh Lạng Sơn (giai đoạn 2)"), begin("Đường tránh Lạng Sơn giai đoạn 2")
    assert [e.values["code"] for e in (first, second)] == [
        "duong-tranh-lang-son-giai-doan-2",
        "duong-tranh-lang-son-giai-doan-2-2",
    ]
    with pytest.raises(BadParameter, match="there already") as twice:
        begin("đường tránh Lạng Sơn giai đoạn 2", investor="Ban QLDA")
    assert twice.value.parameter == "name"
    assert begin("New").values["code"] == "new-2", "desk/projects/new is a page"
    below = begin("Nhánh", code="nhanh", parent=first.values["code"], managing_level="province")
    assert below.names["parent"] == "Đường tránh Lạng Sơn (giai đoạn 2)"
    for code in ("nhanh", "new", "Nhánh", "a--b"):
        with pytest.raises(BadParameter) as refusal:
            begin("Khác", code=code)
        assert refusal.value.parameter == "code"
    with pytest.raises(BadParameter, match="part of itself"):
        registers.amend(session, "project", first.id, {"parent": "nhanh"}, expected_version=1, by="lan")
    with pytest.raises(BadParameter, match="“code” cannot be changed"):
        registers.amend(session, "project", first.id, {"code": "x"}, expected_version=1, by="lan")
    with pytest.raises(BadParameter, match="not cancelled"):
        office.cancel("project", first.id)
    assert audit.history(session, "project", first.id)[0].project_id == first.id


def test_entries_are_searched_narrowed_and_sorted(office):
    for kind, description, since in (
        ("land_price_missing", "Chưa phê duyệt giá đất", date(2024, 3, 1)),
        ("dossier_missing", "Thiếu hồ sơ 100%", date(2024, 1, 1)),
        ("dossier_missing", "Thiếu sổ mục kê", date(2024, 2, 1)),
    ):
        office.enter("obstacle", kind=kind, description=description, known_since=since, unit=office.unit.slug)

    def found(**asked):
        return [e.values["known_since"].month for e in office.listed("obstacle", **asked)]

    assert found() == [1, 2, 3]
    assert found(sort="-known_since") == [3, 2, 1]
    assert found(words="gia dat") == [3]
    assert found(words="LƯƠNG văn thieu") == [1, 2]
    assert found(words="100%") == [1]
    assert found(words="không có") == []
    assert found(choices={"kind": "dossier_missing"}, sort="-known_since") == [2, 1]
    for wrong in ({"choices": {"kind": "x"}}, {"choices": {"owner": "x"}}, {"sort": "geom"}):
        with pytest.raises(BadParameter):
            office.listed("obstacle", **wrong)
    with pytest.raises(NotFound):
        office.listed("secrets")


def test_references_offer_what_belongs_to_the_project(office, session):
    other = make.project(session)
    office.enter("part", code="bt", name="Phần BT")
    office.enter("part", project=other, code="ppp", name="Phần PPP")
    paper = make.document(session, number="12/QĐ-UBND", issued_on=date(2026, 1, 2))
    make.event(session, office.project, "suspension", date(2026, 1, 3), document_id=paper.id, note="x")
    make.unit(session, slug="x-cu", name="Xã cũ", valid=Range(None, date(2025, 7, 1)))
    offered = registers.options(session, "target", office.project.id)
    assert offered["part"] == [("bt", "Phần BT", "")]
    assert offered["document"] == [(str(paper.id), "12/QĐ-UBND", "02/01/2026")]
    assert [key for key, *_ in offered["unit"]][-1] == "x-cu", "units that ended come last"
    made = office.enter(
        "target", measure="households", value=Decimal(12), due_on=date(2026, 6, 30), part="bt", document=paper.id
    )
    assert registers.entry(session, "target", made.id).names == {"part": "Phần BT", "document": "12/QĐ-UBND"}
    with pytest.raises(BadParameter, match="There is no “ppp” here"):
        office.amend("target", made.id, 1, part="ppp")
    with pytest.raises(Conflict, match="rest on this one"):
        office.cancel("part", office.listed("part")[0].id)


def test_funding_of_a_unit_is_of_no_project(office, session):
    values = {"year": 2026, "kind": "disbursement", "amount_vnd": 20_000_000}
    with pytest.raises(BadParameter, match="must be of a unit"):
        registers.enter(session, "funding", None, values, by="lan", key="1")
    registers.enter(session, "funding", None, values | {"unit": office.unit.slug}, by="lan", key="2")
    assert [e.values["amount_vnd"] for e in registers.entries(session, "funding", None)] == [20_000_000]
    assert office.listed("funding") == []
    plan = {"year": 2026, "kind": "capital_plan", "amount_vnd": 5_000_000_000, "unit": office.unit.slug}
    registers.enter(session, "funding", None, plan, by="lan", key="3")
    for wrong, said in (
        (plan, "counted twice"),
        (plan | {"amount_vnd": 5_000}, "too little"),
        (plan | {"kind": "disbursement", "amount_vnd": 9_000_000_000_000}, "more than 100 times"),
    ):
        with pytest.raises(BadParameter, match=said):
            registers.enter(session, "funding", None, wrong, by="lan", key=said)
    with pytest.raises(NotFound):
        registers.enter(session, "target", None, {}, by="lan", key="3")


def test_every_register_can_be_written_by_the_web_role_as_whoever_keeps_the_project(office, session):
    case = make.case(session, office.project)
    session.execute(text(f"set local role {db.WEB_ROLE}"))
    db.read_as(session, projects=None, personal=frozenset({office.project.id}))
    values = {
        "project": {"name": "Dự án mới", "reporting_unit": office.unit.slug},
        "part": {"code": "bt", "name": "Phần BT"},
        "target": {"measure": "area_m2", "value": Decimal(9), "due_on": date(2026, 12, 31), "part": "bt"},
        "key_designation": {"year": 2026, "body": "UBND tỉnh"},
        "funding": {"year": 2026, "kind": "capital_plan", "amount_vnd": 5_000_000, "milestone_on": date(2026, 6, 30)},
        "obstacle": OBSTACLE | {"case": case.code, "place": (Decimal(2417500), Decimal(449300))},
        "petition": {"kind": "petition", "received_on": date(2024, 2, 1), "subject": "Giá", "case": case.code},
        "site": {"code": "tdc-d", "name": "Khu D"},
        "plot": {"site": "tdc-d", "number": "L1", "area_m2": Decimal(100)},
    }
    changes = {
        "project": {"name": "Tên mới"},
        "part": {"name": "BT"},
        "target": {"percent": Decimal(5)},
        "key_designation": {"body": "Tỉnh ủy"},
        "funding": {"amount_vnd": 6_000_000},
        "obstacle": {"part": "bt"},
        "petition": {"reply": "Đã trả lời", "replied_on": date(2024, 2, 2)},
        "site": {"name": "D"},
        "plot": {"number": "L2"},
    }
    assert set(values) == {name for name, register in REGISTERS.items() if register.entered}
    made = {name: office.enter(name, **given).id for name, given in values.items()}
    for name, given in changes.items():
        assert office.amend(name, made[name], 1, **given) == 2
    for name in ("obstacle", "target", "part", "key_designation", "funding", "petition", "plot", "site"):
        office.cancel(name, made[name], version=2)


def test_petitions_are_for_readers_of_personal_data(office, session):
    made = office.enter("petition", kind="petition", received_on=date(2024, 2, 1), subject="Bà Hoa hỏi giá đất")
    session.execute(text(f"set local role {db.WEB_ROLE}"))
    with pytest.raises(NotFound):
        registers.entry(session, "petition", made.id)
    assert office.listed("petition") == []
    assert session.scalars(select(model.Petition.subject)).all() == [], "a query that forgot to ask who reads"
    with pytest.raises(ProgrammingError, match="row-level security"), session.begin_nested():
        office.enter("petition", kind="petition", received_on=date(2024, 2, 1), subject="x")
    db.read_as(session, projects=None, personal=frozenset({office.project.id + 1}))
    assert office.listed("petition") == []
    db.read_as(session, projects=None, personal=frozenset({office.project.id}))
    assert [e.id for e in office.listed("petition")] == [made.id]


def test_the_kinds_of_obstacles_have_names_on_the_map():
    assert set(REGISTERS["obstacle"].by_name["kind"].choices) == set(KINDS)


def test_the_table_of_registers_is_sound():
    for register in REGISTERS.values():
        assert register.entity in audit.ENTITIES
        assert register.sort.removeprefix("-") in register.by_name
        columns = register.model.__table__.columns
        for field in register.fields:
            assert field.computed or field.column in columns, field.name
            assert (field.kind == Kind.CHOICE) == bool(field.choices)


@pytest.mark.parametrize(
    "said",
    [
        "Hộ bà Vi Thị Noọng không đồng ý kết quả đo",
        "hộ gia đình ông Lý Văn Tá chưa nhận tiền",
        "Chủ đất (CCCD 020168000102) khiếu nại",
        "Liên hệ 0912 345 678",
        "CMND 082123456",
        "Gia đình Hoàng Thị Hoá chưa di dời",
    ],
)
def test_what_others_may_read_names_no_person(office, said):
    case = make.case(office.session, office.project, code="HS-1")
    office.session.add(model.HolderIdentity(holder_id=case.holder_id, full_name="Hoàng Thị Hóa"))
    office.session.flush()
    for name in ("description", "direction", "owner"):
        with pytest.raises(BadParameter) as refused:
            office.enter("obstacle", **OBSTACLE | {name: said})
        assert refused.value.parameter == name
    made = office.enter("obstacle", **OBSTACLE | {"description": said, "owner": said, "case": case.code})
    with pytest.raises(BadParameter):
        office.amend("obstacle", made.id, 1, case=None)
    with pytest.raises(BadParameter):
        office.enter("key_designation", year=2026, body="UBND tỉnh", source=said)
    paper = record.NewDocument("decision", "12/QĐ-UBND", date(2024, 1, 5), "UBND tỉnh", f"Về việc {said}")
    with pytest.raises(BadParameter):
        record.keep_document(office.session, office.project.id, paper, "lan")


def test_what_names_nobody_is_taken(office):
    for said in ("12 hộ dân xóm Bắc chưa nhận 1.234.567.890 đồng", "Hộ nghèo chưa có đất", "Chi 123456789 đồng",
                 "Theo Quyết định 1234/QĐ-UBND"):  # fmt: skip
        office.enter("obstacle", **OBSTACLE | {"description": said})


def test_years_and_plots_are_one_in_each_entry(office):
    with pytest.raises(BadParameter, match="is not one year"):
        office.enter("funding", year="2026-2027", kind="capital_plan", amount_vnd=5_000_000)
    office.enter("site", code="tdc-1", name="Khu 1")
    with pytest.raises(BadParameter, match="is more than one"):
        office.enter("plot", site="tdc-1", number="LK01-LK10", area_m2=Decimal(100))
    office.enter("plot", site="tdc-1", number="LK1-05", area_m2=Decimal(100))
