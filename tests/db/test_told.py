"""What is told before an act is recorded: suspensions that hold it up, plots beyond the plan, plots by their number."""

from datetime import date, timedelta

import pytest

from gis import model, plots, recording
from gis.errors import BadParameter, Conflict, NotFound
from gis.record import Act, Share
from tests import factories as make

DAY = date(2026, 9, 10)


class Office:
    """A project with a case in a part of its own, and one beside it."""

    def __init__(self, session):
        self.session = session
        self.project = make.project(session)
        self.part = model.ProjectPart(project_id=self.project.id, code="bt", name="BT")
        session.add(self.part)
        session.flush()
        self.commune = make.unit(session)
        self.inside = make.case(session, self.project, part_id=self.part.id)
        self.beside = make.case(session, self.project)
        for case in (self.inside, self.beside):
            make.affected(session, self.project, case=case)
        land = make.affected(session, self.project, case=self.beside)
        session.add(model.ParcelCommune(parcel_id=land.parcel_id, unit_id=self.commune.id, valid=make.ALWAYS))
        session.flush()

    def suspend(self, day=date(2026, 9, 1), kind="suspension", **what):
        paper = make.document(self.session, number="15/QĐ")
        return make.event(self.session, self.project, kind, day, document_id=paper.id, **what)

    def held(self, kind="handover", day=DAY) -> tuple[str, ...]:
        codes = [self.inside.code, self.beside.code]
        cases = codes if kind != "payment" else [Share(code, amount_vnd=1) for code in codes]
        seen = recording.preview(self.session, Act(self.project.code, kind, day), cases)
        found = [one for one in seen.findings if one.rule.key == "within_suspension"]
        assert all("15/QĐ" in one.text("vi") and one.severity == "warning" for one in found)
        return tuple(sorted({code for one in found for code in one.cases}))


@pytest.fixture
def office(session) -> Office:
    return Office(session)


def test_an_act_within_a_suspension_is_told_from_its_day_until_it_goes_on(office):
    assert office.held() == ()
    office.suspend()
    both = tuple(sorted((office.inside.code, office.beside.code)))
    assert office.held() == both
    assert office.held(day=date(2026, 8, 31)) == ()
    office.suspend(date(2026, 9, 20), "resumption")
    assert office.held() == both
    assert office.held(day=date(2026, 9, 20)) == ()


def test_a_suspension_of_a_part_a_step_or_a_unit_holds_up_that_alone(office):
    wrong = office.suspend(part_id=office.part.id)
    assert office.held() == (office.inside.code,)
    make.void(office.session, wrong)
    wrong = office.suspend(suspended_step="handover")
    assert len(office.held()) == 2
    assert office.held("payment") == ()
    make.void(office.session, wrong)
    office.suspend(unit_id=office.commune.id)
    assert office.held() == (office.beside.code,)


def site(session, project, code):
    made = model.ResettlementSite(code=code, name=f"Khu {code}", project_id=project.id, geom=make.stored(make.square()))
    session.add(made)
    session.flush()
    return made


def plot(session, of, number):
    made = model.ResettlementPlot(site_id=of.id, number=number, area_m2=100, geom=make.stored(make.square()))
    session.add(made)
    session.flush()
    return made


def test_a_plot_is_named_by_its_number_where_one_free_plot_bears_it(office):
    s, project = office.session, office.project
    mai_pha, other = site(s, project, "mai-pha"), site(s, project, "khac")
    two, ten = plot(s, mai_pha, "2"), plot(s, mai_pha, "10")
    assert [one.label for one in plots.free(s, project.id)] == ["mai-pha/2", "mai-pha/10"]
    assert plots.named(s, project.id, "2", "HS-1").id == two.id
    assert plots.named(s, project.id, "mai-pha/10", "HS-1").id == ten.id
    twin = plot(s, other, "2")
    with pytest.raises(BadParameter, match="khac/2 / mai-pha/2"):
        plots.named(s, project.id, "2", "HS-1")
    given = {"plot_id": two.id, "plots": 1, "case_id": office.inside.id}
    make.event(s, project, "resettlement_allocation", DAY, document_id=make.document(s, number="57/QĐ").id, **given)
    assert plots.named(s, project.id, "2", "HS-1").id == twin.id
    assert two.id not in {one.id for one in plots.free(s, project.id)}
    with pytest.raises(Conflict, match="57/QĐ"):
        plots.named(s, project.id, "mai-pha/2", "HS-1")
    with pytest.raises(NotFound):
        plots.named(s, project.id, "99", "HS-1")


def test_a_plot_beyond_what_the_plan_grants_is_told_within_one_act_too(office):
    s, project, case = office.session, office.project, office.inside
    mine = site(s, project, "mai-pha")
    for number in ("1", "2", "3"):
        plot(s, mine, number)
    make.event(s, project, "plan_approval", DAY - timedelta(9), case_id=case.id, plots=1, amount_vnd=1)

    def told(*numbers):
        act = Act(project.code, "resettlement_allocation", DAY)
        seen = recording.preview(s, act, [Share(case.code, plot=number) for number in numbers])
        return [one.text("vi") for one in seen.findings if one.rule.key == "plot_beyond_plan"]

    assert told("1") == []
    assert told("1", "2") == ["Phương án duyệt 1 lô tái định cư, đã giao 1 lô: lô này vượt số được duyệt."]
    make.event(s, project, "plan_approval", DAY - timedelta(5), case_id=case.id, plots=2, amount_vnd=1, replaces=True)
    assert told("1", "2") == []
    assert len(told("1", "2", "3")) == 1
