"""Acts upon a project as a whole: what is held up and goes on, where, and what shows of it at once."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from gis import audit, catalogue, project_acts, record, units
from gis.errors import BadParameter, Conflict, NotFound
from gis.model import Event, ProjectPart
from gis.progress import ask, progress
from gis.project_acts import ProjectAct
from gis.record import NewDocument
from layers import projects
from tests import factories as make

LETTER = NewDocument("official_letter", "12/UBND-KT", date(2024, 3, 1), "UBND tỉnh")
MARCH, JUNE = date(2024, 3, 1), date(2024, 6, 1)


class Office:
    """A project of two communes and a part, with an outline."""

    def __init__(self, session):
        self.session = session
        self.project = make.project(session)
        self.unit = make.unit(session, shape=make.square(side_m=500))
        make.boundary(session, self.project, shape=make.square(side_m=400))
        session.add(ProjectPart(project_id=self.project.id, code="bt", name="Phần BT"))
        session.flush()
        self.keys = iter(f"key {n}" for n in range(1000))

    def act(self, kind, day=MARCH, *, document=LETTER, key=None, **more):
        act = ProjectAct(self.project.code, kind, day, document, **more)
        return project_acts.record_act(self.session, act, by="lan", key=key or next(self.keys))

    def told(self, day) -> list[dict]:
        return catalogue.list_projects(self.session, day=day, code=self.project.code)[0].suspensions

    def drawn(self, day) -> set:
        """What the map's layer says is suspended on a day."""
        number = day.year * 10000 + day.month * 100 + day.day
        rows = self.session.execute(select(projects.features().subquery())).mappings()
        return {
            row["suspended_scope"]
            for row in rows
            if row["code"] == self.project.code and (row["from_day"] or 0) <= number < (row["to_day"] or 10**8)
        }


@pytest.fixture
def office(session) -> Office:
    return Office(session)


def test_a_suspended_project_shows_so_everywhere_until_it_goes_on(office):
    made = office.act("suspension", note="chờ chủ trương")
    assert [one["since"] for one in office.told(MARCH)] == ["2024-03-01"]
    assert office.drawn(MARCH) == {"project"}
    entry = catalogue.list_projects(office.session, day=JUNE, code=office.project.code)[0]
    assert entry.suspended_since == MARCH
    assert {one.id for one in project_acts.standing(office.session, office.project.id)} == set(made.event_ids)
    office.act("resumption", JUNE)
    assert office.told(JUNE) == []
    assert office.told(date(2024, 5, 31)) != []
    assert office.drawn(JUNE) == {None}
    assert project_acts.standing(office.session, office.project.id) == []
    assert [one.kind for one in project_acts.timeline(office.session, office.project.id)] == [
        "resumption", "suspension"
    ]  # fmt: skip
    assert audit.verify(office.session).broken is None


def test_a_unit_a_part_and_a_step_are_held_up_by_themselves(office):
    office.act("suspension", unit=office.unit.slug)
    office.act("suspension", part="bt", step="recovery_enforcement")
    assert {(one["unit"], one["part"], one["step"]) for one in office.told(JUNE)} == {
        (office.unit.name, None, None), (None, "Phần BT", "recovery_enforcement")
    }  # fmt: skip
    entry = catalogue.list_projects(office.session, day=JUNE, code=office.project.code)[0]
    assert entry.suspended_since is None, "not the whole project"
    assert office.drawn(JUNE) == {"part"}
    with pytest.raises(Conflict, match="Nothing that is suspended would go on"):
        office.act("resumption", JUNE, step="inventory")
    office.act("resumption", JUNE, unit=office.unit.slug)
    assert [one["part"] for one in office.told(JUNE)] == ["Phần BT"]
    office.act("resumption", JUNE)
    assert office.told(JUNE) == []


def test_a_resumption_ends_something_and_a_suspension_is_not_entered_twice(office):
    with pytest.raises(Conflict, match="Nothing of this project is suspended"):
        office.act("resumption")
    office.act("suspension", JUNE)
    with pytest.raises(Conflict, match="suspended already, since 2024-06-01"):
        office.act("suspension", MARCH)
    with pytest.raises(Conflict, match="would go on"):
        office.act("resumption", MARCH)  # before it began
    office.act("resumption", date(2024, 7, 1))
    with pytest.raises(Conflict, match="went on again on 2024-07-01 itself"):
        office.act("suspension", date(2024, 7, 1))
    office.act("suspension", date(2024, 7, 2))


def test_a_voided_resumption_lets_the_suspension_stand_again(office):
    office.act("suspension")
    wrong = office.act("resumption", JUNE).event_ids[0]
    project_acts.void(office.session, office.project.id, wrong, reason="nhầm dự án", by="lan", key="v")
    assert office.told(JUNE) != []
    told = project_acts.timeline(office.session, office.project.id)[0]
    assert (told.void_reason, told.voided_by) == ("nhầm dự án", "lan")
    office.act("resumption", JUNE)


def test_an_event_of_another_project_or_of_a_case_is_not_there_to_be_voided(office):
    case = make.case(office.session, office.project)
    of_case = make.event(office.session, office.project, "persuasion", MARCH, case_id=case.id)
    made = office.act("suspension").event_ids[0]
    for project, event in ((make.project(office.session).id, made), (office.project.id, of_case.id)):
        with pytest.raises(NotFound):
            project_acts.void(office.session, project, event, reason="x", by="lan", key=f"{event}")
    scope = make.event(office.session, office.project, "scope_change", MARCH)
    with pytest.raises(BadParameter, match="with its outline"):
        project_acts.void(office.session, office.project.id, scope.id, reason="x", by="lan", key="s")


def test_the_m2_of_an_approval_are_counted_in_their_commune(office):
    make.affected(office.session, office.project, case=make.case(office.session, office.project))
    units.derive_communes(office.session)
    with pytest.raises(BadParameter, match="Name the commune"):
        office.act("land_use_conversion", area_m2=Decimal("12345.5"))
    office.act("land_use_conversion", area_m2=Decimal("12345.5"), unit=office.unit.slug)
    answer = progress(office.session, ask(as_of=JUNE, projects=(office.project.code,), by=("commune",)))
    rows = {row.commune and row.commune.slug: row.values["land_use_conversion"] for row in answer.rows}
    assert rows[office.unit.slug]["area_m2"] == Decimal("12345.50")
    assert rows[office.unit.slug]["documents"] == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "handover"}, "not recorded upon projects"),
        ({"kind": "scope_change"}, "not recorded upon projects"),
        ({"kind": "suspension", "document": None}, "Name the document"),
        ({"kind": "suspension", "day": date(2100, 1, 1)}, "future"),
        ({"kind": "suspension", "step": "affected"}, "cannot be suspended by itself"),
        ({"kind": "persuasion", "step": "inventory"}, "only with a suspension"),
        ({"kind": "suspension", "area_m2": Decimal(1)}, "only with a land-use conversion"),
        ({"kind": "land_use_conversion", "unit": "x", "area_m2": Decimal("0.001")}, "above 0"),
        ({"kind": "land_use_conversion", "unit": "x", "area_m2": Decimal("NaN")}, "above 0"),
    ],
)
def test_what_cannot_be_is_refused_by_name(office, given, said):
    with pytest.raises(BadParameter, match=said):
        office.act(**given)


def test_what_is_not_there_is_said(office):
    others = make.document(office.session)
    make.event(office.session, make.project(office.session), "inventory", MARCH, document_id=others.id)
    for given in ({"part": "ppp"}, {"unit": "x-khong-co"}, {"document": others.id}, {"document": 10**17}):
        with pytest.raises(NotFound):
            office.act("suspension", **given)
    reform = make.unit(office.session, name="Xã cũ")
    office.session.execute(text("update admin_unit set valid = '(,2020-01-01)' where id = :id"), {"id": reform.id})
    with pytest.raises(BadParameter, match="Xã cũ did not stand on 2024-03-01"):
        office.act("suspension", unit=reform.slug)


def test_sent_twice_it_is_recorded_once(office):
    first, second = office.act("suspension", key="k"), office.act("suspension", key="k")
    assert (second.repeated, second.event_ids) == (True, first.event_ids)
    with pytest.raises(Conflict, match="used for another act"):
        office.act("resumption", JUNE, key="k")
    assert office.session.scalars(select(Event.kind)).all() == ["suspension"]


def test_a_project_act_is_not_taken_back_as_an_act_of_another(office):
    made = office.act("enforcement_board")
    undone = record.undo(office.session, made.act_id, reason="nhầm", by="lan", key="u")
    assert len(undone.event_ids) == 1
