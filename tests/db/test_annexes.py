"""Lists out of the records: sums by hand, checks that fire and checks that do not, and totals of any history."""

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given, settings

from gis import annex_checks, annexes, costs, model
from gis.annex_checks import CHECKS, OF_FORM, amounts_with_words, area_in, findings
from gis.annexes import FORMS, build, records
from gis.costs import NewLine, NewSheet
from gis.errors import BadParameter, NotFound
from tests import factories as make
from tests.db.test_progress import story
from tests.histories import histories, recorded

DAY = date(2026, 6, 30)


def ground(item, quantity, price, parcel, land_use, **given):
    """A line of land."""
    return NewLine("land", item, "m²", D(quantity), price and D(price), parcel=parcel, land_use=land_use, **given)


class Village:
    """Two households of one project, from notice to handover, with nothing wrong in any list."""

    def __init__(self, session):
        self.session = session
        self.commune = make.unit(session, name="Xã Thử")
        self.project = make.project(session, code="duong-moi", name="Đường mới")
        self.first = self.case("HS-1", "Nguyễn Văn Mẫu; Trần Thị Mẫu", "012345678901")
        self.second = self.case("HS-2", "Lê Thị Mẫu", "012345678902")
        self.land = {
            "85": self.parcel(self.first, "85", "ODT", "100"), "86": self.parcel(self.first, "86", "CLN", "50.5"),
            "90": self.parcel(self.second, "90", "LUC", "200"), "99": self.parcel(None, "99", "DGT", "30"),
        }  # fmt: skip
        self.notice = self.paper("notice", "1/TB-UBND", date(2026, 1, 5), "Thu hồi đất, diện tích 350,5 m²")
        words = "Một trăm linh hai triệu năm trăm hai mươi sáu nghìn sáu trăm sáu mươi lăm đồng"
        title = f"Phê duyệt phương án, số tiền 102.526.665 đồng (Bằng chữ: {words})"
        self.plan = self.paper("decision", "7/QĐ-UBND", date(2026, 3, 2), title)
        self.decision = self.paper("decision", "9/QĐ-UBND", date(2026, 3, 9), "Thu hồi 350,5 m² đất")
        for number, land in self.land.items():
            if number != "99":
                self.act("recovery_notice", date(2026, 1, 5), self.notice, land=land)
                self.act("recovery_decision", date(2026, 3, 9), self.decision, land=land)
        self.act("plan_approval", date(2026, 3, 2), self.plan, case=self.first, amount_vnd=72_526_665)
        self.act("plan_approval", date(2026, 3, 2), self.plan, case=self.second, amount_vnd=30_000_000)
        self.order = self.paper("payment_order", "3/CT", date(2026, 4, 1), "Chi trả")
        self.act("payment", date(2026, 4, 1), self.order, case=self.first, amount_vnd=70_000_000)
        self.act("deduction", date(2026, 4, 1), self.order, case=self.first, amount_vnd=2_526_665)
        self.minutes = self.paper("minutes", "4/BB", date(2026, 5, 4), "Bàn giao")
        self.act("handover", date(2026, 5, 4), self.minutes, land=self.land["85"], area_m2=D(60))
        self.act("handover", date(2026, 5, 5), self.minutes, land=self.land["85"], area_m2=D(15))
        self.enter("HS-1", (
            ground("Đất ở", 60, 1_000_000, "5/85", "ODT"), ground("Đất vườn", 40, 60_000, "5/85", "CLN"),
            ground("Đất vườn", 40, 60_000, "5/86", "CLN"),
            ground("Đất lấn chiếm", "10.5", None, "5/86", "CLN", not_compensated="lấn chiếm"),
            NewLine("structures", "Nhà", "m²", D(10), D(333_333), support_level=D("0.5"), dimensions="2*5"),
            NewLine("support_job", "Đào tạo nghề", "m²", D("50.5"), D(120_000)),
        ))  # fmt: skip
        self.enter("HS-2", (
            ground("Đất lúa", 200, 75_000, "5/90", "LUC"),
            NewLine("support_other", "Hỗ trợ khác", "m²", D(200), D(75_000)),
        ))  # fmt: skip

    def case(self, code, name, number=None, address="thôn Một"):
        made = make.case(self.session, self.project, code=code, registered_on=date(2026, 1, 2))
        self.session.add(
            model.HolderIdentity(holder_id=made.holder_id, full_name=name, identity_number=number, address=address)
        )
        return made

    def parcel(self, case, number, land_use, area, *, of=None):
        land = make.affected(self.session, self.project, case=case, area_m2=D(area), registered_on=date(2026, 1, 2))
        parcel = self.session.get_one(model.Parcel, land.parcel_id)
        parcel.sheet, parcel.number, parcel.land_use, parcel.numbered_in_unit_id = (
            "5",
            number,
            land_use,
            self.commune.id,
        )
        parcel.legal_area_m2 = D(area)
        if of is not None:
            land.parcel_id = of.parcel_id
        self.session.add(
            model.ParcelCommune(parcel_id=parcel.id, unit_id=self.commune.id, valid=make.ALWAYS)
        )  # fmt: skip
        self.session.flush()
        return land

    def paper(self, kind, number, issued_on, title, issuer="UBND xã Thử"):
        return make.document(self.session, kind=kind, number=number, issued_on=issued_on, title=title, issuer=issuer,
                             project_id=self.project.id)  # fmt: skip

    def act(self, kind, day, paper, *, case=None, land=None, **given):
        if land is not None:
            given = {"affected_parcel_id": land.id, "area_m2": land.area_m2} | given
        return make.event(self.session, self.project, kind, day, case_id=case and case.id,
                          document_id=paper and paper.id, **given)  # fmt: skip

    def enter(self, case, lines, key=None):
        costs.enter(self.session, "duong-moi", [NewSheet(case, lines)], document=self.plan.id, by="lan",
                    key=key or case, confirmed=True)  # fmt: skip

    def read(self, upto=DAY):
        self.session.flush()
        return records(self.session, "duong-moi", upto)

    def list(self, form, **given):
        (made,) = build(self.read(), form, **given)
        return made

    def found(self, form, **given):
        return findings(self.read(), form, **given)


@pytest.fixture
def village(session):
    return Village(session)


def cells(annex, *names):
    return [tuple(row.cells.get(name) for name in names) for row in annex.rows]


# -- sums by hand


def test_land_users_a_row_for_each_parcel(village):
    listed = village.list("f1")
    assert cells(listed, "no", "name", "place", "area_m2", "sheet", "number", "land_use") == [
        (1, "Nguyễn Văn Mẫu; Trần Thị Mẫu", "Xã Thử", D(100), "5", "85", "ODT"),
        (2, "Nguyễn Văn Mẫu; Trần Thị Mẫu", "Xã Thử", D("50.5"), "5", "86", "CLN"),
        (3, "Lê Thị Mẫu", "Xã Thử", D(200), "5", "90", "LUC"),
    ]
    assert listed.totals == {"area_m2": D("350.5")}
    assert listed.unheld == (1, 30)
    assert [paper.number for paper in listed.cited] == ["1/TB-UBND"]
    assert listed.cases == ["HS-1", "HS-2"]


def test_costs_a_row_for_each_household_a_column_for_each_land_type(village):
    listed = village.list("f2", document=village.plan.id)
    assert listed.columns[3:8] == ("area_m2", "land:CLN", "land:LUC", "land:ODT", "not_eligible_m2")
    names = ("area_m2", "land:CLN", "land:LUC", "land:ODT", "not_eligible_m2", "land_vnd", "structures_vnd",
             "compensation_vnd", "support_job_vnd", "support_vnd", "total_vnd")  # fmt: skip
    assert cells(listed, *names) == [
        (D("150.5"), 80, None, 60, D("10.5"), 64_800_000, 1_666_665, 66_466_665, 6_060_000, 6_060_000, 72_527_000),
        (200, None, 200, None, None, 15_000_000, 0, 15_000_000, 0, 15_000_000, 30_000_000),
    ]
    assert listed.totals["total_vnd"] == 102_527_000
    assert listed.totals["compensation_vnd"] == 81_466_665
    assert (listed.totals["area_m2"], listed.totals["land:CLN"]) == (D("350.5"), 80)
    assert listed.document.number == "7/QĐ-UBND"


def test_a_household_without_lines_stands_with_what_was_approved(village):
    third = village.case("HS-3", "Hộ ba")
    village.parcel(third, "91", None, "12")
    village.act("plan_approval", date(2026, 3, 3), village.plan, case=third, amount_vnd=1_499_500)
    assert cells(village.list("f2"), "owed_vnd")[0] == (2_526_665,), "approved less what is paid and advanced"
    *_, last = cells(village.list("f2"), "name", "land:", "compensation_vnd", "total_vnd")
    assert last == ("Hộ ba", 12, None, 1_500_000), "not zero: nothing is on record of it"
    assert [finding.case for finding in village.found("f2") if finding.check == "no_lines"] == ["HS-3"]


def test_the_lines_of_a_household_by_group_with_what_is_not_paid(village):
    sheet, other = build(village.read(), "f3")
    assert [row.heading for row in sheet.rows if row.heading] == [
        "compensation", "land", "structures", "support", "support_job"
    ]  # fmt: skip
    assert [row.cells["amount_vnd"] for row in sheet.rows if row.heading] == [
        66_466_665, 64_800_000, 1_666_665, 6_060_000, 6_060_000
    ]  # fmt: skip
    (unpaid,) = [row for row in sheet.rows if row.cells.get("not_compensated")]
    assert (unpaid.cells["amount_vnd"], unpaid.cells["quantity"]) == (0, D("10.5"))
    assert sheet.totals == {"amount_vnd": 72_526_665}
    assert (sheet.case.code, other.case.code) == ("HS-1", "HS-2")
    assert [annex.case.code for annex in build(village.read(), "f3", cases=["HS-2"])] == ["HS-2"]


def test_recovered_area_is_split_as_the_land_lines_say(village):
    listed = village.list("f4")
    assert cells(listed, "number", "area_m2", "land:ODT", "land:CLN", "land:LUC") == [
        ("85", 100, 60, 40, None), ("86", D("50.5"), None, D("50.5"), None), ("90", 200, None, None, 200),
    ]  # fmt: skip
    assert listed.totals == {"area_m2": D("350.5"), "land:ODT": 60, "land:CLN": D("90.5"), "land:LUC": 200}


def test_handovers_plots_and_payments(village):
    plot = make.plot(village.session, number="L7", area_m2=D("90"))
    village.act("resettlement_allocation", date(2026, 5, 6), village.decision, case=village.first, plot_id=plot.id,
                plots=1)  # fmt: skip
    assert cells(village.list("handover"), "number", "area_m2", "handed_m2", "left_m2", "day", "paper") == [
        ("85", 100, 75, 25, date(2026, 5, 5), "4/BB")
    ]
    assert cells(village.list("plots"), "name", "plot", "area_m2") == [("Nguyễn Văn Mẫu; Trần Thị Mẫu", "L7", 90)]
    paid = village.list("payments")
    assert cells(paid, "step", "amount_vnd", "deducted_vnd") == [
        ("payment", 70_000_000, None), ("deduction", None, 2_526_665)
    ]  # fmt: skip
    assert cells(paid, "owed_vnd") == [(None,), (2_526_665,)], "once a case; what is deducted is part of what is paid"
    assert paid.totals == {"amount_vnd": 70_000_000, "deducted_vnd": 2_526_665, "owed_vnd": 2_526_665}


def test_what_happened_later_or_was_voided_is_not_in_a_list(village):
    early = records(village.session, "duong-moi", date(2026, 5, 4))
    (handed,) = build(early, "handover")
    assert handed.totals["handed_m2"] == 60
    wrong = village.act("payment", date(2026, 4, 2), village.order, case=village.second, amount_vnd=5)
    assert village.list("payments").totals["amount_vnd"] == 70_000_005
    make.void(village.session, wrong)
    assert village.list("payments").totals["amount_vnd"] == 70_000_000


def test_a_list_asked_for_wrongly_says_so(village):
    found = village.read()
    with pytest.raises(NotFound):
        records(village.session, "khong-co", DAY)
    with pytest.raises(BadParameter):
        build(found, "f9")
    with pytest.raises(NotFound):
        build(found, "f1", document=village.plan.id)
    with pytest.raises(NotFound):
        build(found, "f3", cases=["HS-9"])


# -- checks


@pytest.mark.parametrize("form", FORMS)
def test_where_nothing_is_wrong_nothing_is_found(village, form):
    assert village.found(form) == []


def old_issuer(village):
    village.notice.issuer = "UBND thành phố Lạng Sơn"
    return "f1", None, village.notice


def words(village):
    village.plan.title = "Tổng số tiền 102.526.000 đồng (Bằng chữ: Một trăm hai triệu đồng chẵn)"
    return "f2", None, village.plan


def title_area(village):
    village.notice.title = "Thông báo thu hồi đất, diện tích: 355 m² tại xã Thử"
    return "f1", None, village.notice


def undated(village):
    village.minutes.issued_on = None
    return "handover", None, village.minutes


def uncited(village):
    village.act("payment", date(2026, 4, 5), None, case=village.second, amount_vnd=1)
    return "payments", "HS-2", None


def plan_amount(village):
    village.act("plan_approval", date(2026, 3, 2), village.plan, case=village.second, amount_vnd=1000)
    return "f2", "HS-2", village.plan


def no_lines(village):
    other = village.paper("decision", "8/QĐ", date(2026, 3, 3), "Bổ sung")
    village.act("plan_approval", date(2026, 3, 3), other, case=village.second, amount_vnd=1000)
    return "f2", "HS-2", other


def line_land(village):
    village.land["90"].area_m2 = D(210)
    return "f3", "HS-2", None


def same_line(village):
    tree = NewLine("crops", "Bưởi", "cây", D(1), D(100))
    village.enter("HS-2", (tree, tree), "again")
    return "f2", "HS-2", village.plan


def decided_area(village):
    village.act("recovery_decision", date(2026, 3, 9), village.decision, land=village.land["90"], area_m2=D(5))
    return "f4", "HS-2", None


def no_plan(village):
    early = village.paper("decision", "2/QĐ", date(2026, 2, 1), "Thu hồi")
    village.act("recovery_decision", date(2026, 2, 1), early, land=village.land["90"])
    return "f4", "HS-2", early


def same_parcel(village):
    village.parcel(village.second, "85", "ODT", "1", of=village.land["85"])
    return "f1", "HS-2", None


def same_person(village):
    village.case("HS-3", "Người trùng", "012345678902")
    village.parcel(village.session.query(model.Case).filter_by(code="HS-3").one(), "92", "ODT", "5")
    return "f1", "HS-3", None


def missing(village):
    case = village.case("HS-4", "Hộ bốn", address=None)
    village.parcel(case, "93", None, "5")
    return "f1", "HS-4", None


def overpaid(village):
    order = village.paper("payment_order", "5/CT", date(2026, 4, 2), "Chi trả")
    village.act("advance_payment", date(2026, 4, 2), order, case=village.first, amount_vnd=2_526_666)
    return "payments", "HS-1", None


def overdeducted(village):
    case = village.case("HS-6", "Hộ sáu", "012345678906")
    village.act("payment", date(2026, 4, 2), village.order, case=case, amount_vnd=5)
    village.act("deduction", date(2026, 4, 2), village.order, case=case, amount_vnd=6)
    return "payments", "HS-6", None


def paid_twice(village):
    village.act("payment", date(2026, 4, 3), village.order, case=village.first, amount_vnd=5)
    return "payments", "HS-1", village.order


def paid_unplanned(village):
    case = village.case("HS-5", "Hộ năm", "012345678905")
    village.act("advance_payment", date(2026, 4, 2), village.order, case=case, amount_vnd=5)
    return "payments", "HS-5", None


SPOILED = (overpaid, overdeducted, paid_twice, paid_unplanned, old_issuer, words, title_area, undated, uncited,
           plan_amount, no_lines, line_land, same_line, decided_area,
           no_plan, same_parcel, same_person, missing)  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda spoil: spoil.__name__)
def test_each_check_finds_what_it_is_for(village, spoil):
    form, case, paper = spoil(village)
    found = [finding for finding in village.found(form) if finding.check == spoil.__name__]
    assert [(finding.case, finding.document) for finding in found] == [(case, paper and paper.id)]
    said = CHECKS[spoil.__name__]
    for template in (said.says_vi, said.says_en):
        values = dict.fromkeys(("step_vi", "step_en", "fields_vi", "fields_en"), "x") | dict(found[0].values)
        assert "%" not in template % values


def test_every_check_is_looked_at_somewhere_and_told_here():
    assert {spoil.__name__ for spoil in SPOILED} == set(CHECKS) == {key for keys in OF_FORM.values() for key in keys}
    assert set(OF_FORM) == set(FORMS)


def test_a_check_of_one_document_leaves_the_others_alone(village):
    other = village.paper("notice", "2/TB", date(2026, 1, 9), "Thu hồi đất, diện tích 1 m²")
    village.act("recovery_notice_adjustment", date(2026, 1, 9), other, land=village.land["90"])
    assert [finding.document for finding in village.found("f1", document=other.id)] == [other.id]
    assert [finding.document for finding in village.found("f1", document=village.notice.id)] == []


@pytest.mark.parametrize(
    ("name", "day", "fires"),
    [
        ("UBND thành phố Lạng Sơn", date(2025, 7, 1), True),
        ("Ủy ban nhân dân huyện Chi Lăng", date(2026, 1, 1), True),
        ("UBND TP. Lạng Sơn", date(2026, 1, 1), True),
        ("UBND thành phố Lạng Sơn", date(2025, 6, 30), False),
        ("UBND thành phố Hà Nội", date(2026, 1, 1), False),
        ("UBND TP. Hồ Chí Minh", date(2026, 1, 1), False),
        ("UBND phường Kỳ Lừa", date(2026, 1, 1), False),
        ("Trung tâm Phát triển quỹ đất", date(2026, 1, 1), False),
    ],
)
def test_bodies_abolished_by_the_reform(village, name, day, fires):
    village.notice.issuer, village.notice.issued_on = name, day
    assert [finding.check for finding in village.found("f1")] == ["old_issuer"] * fires


def test_plans_rounded_to_a_thousand_are_right(village):
    assert annexes.rounded(D(72_526_500)) == 72_527_000
    for event in village.session.query(model.Event).filter_by(kind="plan_approval", amount_vnd=72_526_665):
        make.void(village.session, event)
    village.act("plan_approval", date(2026, 3, 2), village.plan, case=village.first, amount_vnd=72_527_000)
    assert village.found("f2") == []


def test_amounts_and_areas_are_found_in_titles():
    text = "kinh phí 1.234.000 đồng (Một triệu hai trăm ba mươi tư nghìn đồng) và 5 đồng (bằng chữ: năm đồng)"
    assert amounts_with_words(text) == [
        (1_234_000, "Một triệu hai trăm ba mươi tư nghìn đồng"), (5, "năm đồng")
    ]  # fmt: skip
    assert amounts_with_words("số tiền 5.000 đồng (năm 2026)") == []
    assert area_in("với tổng diện tích đất thu hồi là 6.257,67 m2 của 12 hộ") == D("6257.67")
    assert area_in("diện tích 5 m², diện tích 6 m²") is None
    assert area_in("không nói") is None


# -- any history


@settings(story, max_examples=25)
@given(history=histories())
def test_totals_are_sums_of_rows_and_of_the_history(session, history):
    """Of whatever was recorded: each total is the sum of its column, and what it sums is the history's own."""
    with recorded(session, history):
        upto = date(2026, 12, 31)
        for number in range(history.projects):
            found = records(session, f"p-{number}", upto)
            for form in FORMS:
                for annex in build(found, form):
                    for name, total in annex.totals.items():
                        if form != "f3":
                            assert total == sum(row.cells.get(name) or 0 for row in annex.rows), (form, name)
                annex_checks.findings(found, form)
            mine = [land for land in history.lands if land.project == number and land.case is not None]
            (users,) = build(found, "f1")
            assert users.totals.get("area_m2", 0) == sum(land.area for land in mine)
            live = [e for e in history.events if e.project == number and not e.voided_at]
            (handed,) = build(found, "handover")
            of_cases = [e for e in live if e.land is not None and history.lands[e.land].case is not None]
            assert handed.totals.get("handed_m2", 0) == sum(e.area for e in of_cases if e.kind == "handover")
            (paid,) = build(found, "payments")
            held = [e for e in live if e.kind == "payment" and (e.case is not None or e in of_cases)]
            assert paid.totals.get("amount_vnd", 0) == sum(e.amount or 0 for e in held)
