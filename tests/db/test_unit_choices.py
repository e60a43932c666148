"""Which units somebody holds after the reform, and in which order units are offered."""

from datetime import date, timedelta

import pytest
from sqlalchemy.dialects.postgresql import Range

from gis import accounts, model, unit_choices
from tests import factories as make

REFORM = date(2025, 7, 1)
BEFORE, SINCE = Range(None, REFORM), Range(REFORM, None)


class Places:
    """A city of two communes and a district of two; three wards of today, one of them partly of the district."""

    def __init__(self, session):
        def unit(slug, name, level, valid, parent=None):
            row = make.unit(session, slug=slug, name=name, level=level, kind="ward", valid=valid)
            row.parent_id = parent.id if parent else None
            return row

        self.province = unit("tinh", "tỉnh Mẫu", "province", Range(None, None))
        self.city = unit("tp-cu", "thành phố Cũ", "district", BEFORE, self.province)
        self.district = unit("h-cu", "huyện Xa", "district", BEFORE, self.province)
        self.first = unit("x-hoa-binh-1", "xã Hòa Bình", "commune", BEFORE, self.city)
        self.second = unit("x-mai", "xã Mai", "commune", BEFORE, self.city)
        self.far = unit("x-hoa-binh-2", "xã Hòa Bình", "commune", BEFORE, self.district)
        self.cut = unit("x-cat", "xã Cắt", "commune", BEFORE, self.district)
        self.ward = unit("p-dong", "phường Đông", "commune", SINCE, self.province)
        self.mixed = unit("p-cau", "phường Cầu", "commune", SINCE, self.province)
        self.part = unit("x-moi", "xã Mới", "commune", SINCE, self.province)
        for old, new, whole in (
            (self.first, self.ward, True), (self.second, self.mixed, True), (self.far, self.mixed, True),
            (self.cut, self.part, False),
        ):  # fmt: skip
            session.add(
                model.AdminChange(old_unit_id=old.id, new_unit_id=new.id, kind="merge", effective_on=REFORM,
                                  legal_document="1672/NQ-UBTVQH15", whole=whole)
            )  # fmt: skip
        session.flush()


@pytest.fixture
def places(session) -> Places:
    return Places(session)


def test_who_was_given_the_city_holds_its_wards_from_the_day_of_the_reform(session, places):
    before = unit_choices.held(session, [places.city.id], REFORM - timedelta(days=1))
    assert before == {places.city.id, places.first.id, places.second.id}
    assert unit_choices.held(session, [places.city.id], REFORM) - before == {places.ward.id, places.mixed.id}


def test_what_only_a_part_of_a_unit_became_is_for_an_administrator_to_give(session, places):
    assert places.part.id not in unit_choices.held(session, [places.district.id], REFORM)
    (told,) = unit_choices.successions(session, [places.district.id], REFORM)
    assert told.name == "huyện Xa"
    assert told.ended == date(2025, 6, 30)
    assert told.passed == ("phường Cầu",)
    assert told.undecided == ("xã Mới",)


def test_nobody_gets_what_is_beside(session, places):
    assert unit_choices.held(session, [places.first.id], REFORM) == {places.first.id, places.ward.id}
    assert unit_choices.held(session, [], REFORM) == frozenset()


def test_the_projects_of_the_wards_are_the_officers_too(session, places):
    project = make.project(session, code="o-phuong", reporting_unit_id=places.ward.id)
    lan = accounts.invite(session, email="lan@gpmb.vn", full_name="Lan", role="officer", units=["tp-cu"])
    hoa = accounts.invite(session, email="hoa@gpmb.vn", full_name="Hoa", role="officer", units=["h-cu"])
    assert accounts.given_projects(session, lan) == {project.id}
    assert accounts.given_projects(session, hoa) == frozenset()
    assert {"p-dong", "p-cau", "tp-cu"} <= accounts.units_within(session, lan)


def test_units_are_offered_own_first_then_todays_then_those_that_ended(session, places):
    found = [one for one in unit_choices.choices(session, REFORM, own={"p-dong"}) if one.id >= places.province.id]
    assert [one.slug for one in found][:2] == ["p-dong", "tinh"]
    standing = [one.ended is None for one in found]
    assert standing == sorted(standing, reverse=True)
    namesakes = {(one.name, one.district, one.ended) for one in found if one.name == "xã Hòa Bình"}
    assert len(namesakes) == 2, "told apart by their district and last day"


def test_a_projects_own_units_come_first(session, places):
    project = make.project(session, code="cua-xa", reporting_unit_id=places.part.id)
    session.add(model.ProjectCommune(project_id=project.id, unit_id=places.cut.id, valid=BEFORE, main=True))
    session.flush()
    found = unit_choices.choices(session, REFORM, project_id=project.id)
    assert [one.slug for one in found if one.own] == ["x-moi", "h-cu", "x-cat"]
    assert [one.slug for one in found[:3]] == ["x-moi", "h-cu", "x-cat"]
