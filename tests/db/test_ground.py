"""What outlines take of the land, and outlines on record: with the figures of every day, before and after a change."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError

from gis import course, ground, model, outlines, progress, scope
from gis.errors import BadParameter, Conflict, NotFound, OutsideVietnam
from gis.record import NewDocument
from tests import factories as make

DAY = date(2024, 6, 1)
PAPER = NewDocument("decision", "12/QĐ-UBND", date(2024, 5, 20), "UBND tỉnh")


def outline(east=0, north=0, side=100):
    return shapely.MultiPolygon([make.square(east, north, side)])


def parcel(session, east, north, side=20, **given):
    shape = make.square(east, north, side) if side else None
    values = {"sheet": "7", "number": f"{east}-{north}", "land_use": "ODT"} | given
    row = model.Parcel(numbered_in_unit_id=make.unit(session).id, geom=make.stored(shape), **values)
    session.add(row)
    session.flush()
    return row


def propose(session, project, shape, **given):
    return ground.propose(session, project.id, shape, DAY, **{"least_remainder_m2": Decimal(30)} | given)


def adopt(session, project, shape, day, **given):
    given = {"document": PAPER, "source": "bảng tọa độ", "by": "officer@gpmb.vn", "key": f"{day}"} | given
    return scope.adopt(session, project.id, shape, day, given.pop("document"), **given)


def test_parcels_are_cut_where_the_outline_crosses_them(session):
    project = make.project(session)
    within, halved = parcel(session, 10, 10), parcel(session, 90, 10)
    small = parcel(session, 80.5, 60, legal_area_m2=Decimal("800.00"))
    grazed, outside = parcel(session, 99.99, 40, number="9"), parcel(session, 200, 10)
    found = propose(session, project, outline())
    cuts = {cut.parcel_id: cut for cut in found.cuts}
    assert set(cuts) == {within.id, halved.id, small.id}, "neither what is grazed nor what lies outside"
    assert (cuts[within.id].inside_m2, cuts[within.id].whole) == (Decimal("400.00"), True)
    assert (cuts[halved.id].inside_m2, cuts[halved.id].remainder_m2) == (Decimal("200.00"), Decimal("200.00"))
    assert cuts[halved.id].share == Decimal("0.5")
    # 20 × 0.5 m outside of 400 m² drawn: a fortieth, of the 800 m² that are the parcel's by law.
    assert (cuts[small.id].inside_m2, cuts[small.id].remainder_m2) == (Decimal("780.00"), Decimal("20.00"))
    assert [cut.parcel_id for cut in found.flagged] == [small.id]
    assert (found.slivers, found.sliver_m2) == (1, Decimal("0.20"))
    assert found.area_m2 == Decimal("10000.00")
    assert found.no_parcel_m2 == Decimal("10000.00") - 400 - 200 - 390 - Decimal("0.20")
    assert {cut.status for cut in found.cuts} == {"new"}
    assert not propose(session, project, outline(), least_remainder_m2=Decimal(20)).flagged
    assert outside.id not in cuts and grazed.id not in cuts


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.floats(-30, 130), st.floats(-30, 130), st.floats(1, 150),
    st.one_of(st.none(), st.decimals("100", "99999", places=2)),
)  # fmt: skip
def test_what_is_taken_and_what_remains_are_the_parcel(session, east, north, side, legal):
    with session.begin_nested() as undone:
        project = make.project(session)
        land = parcel(session, 0, 0, 100, legal_area_m2=legal)
        found = propose(session, project, outline(east, north, side), shapes=True)
        for cut in found.cuts:
            assert cut.parcel_id == land.id
            assert cut.inside_m2 + cut.remainder_m2 == cut.area_m2 == (legal or Decimal("10000.00"))
            assert min(cut.remainder_m2, cut.inside_m2) >= 0
            drawn = outlines.area_m2(cut.inside, 9215)
            assert abs(float(cut.inside_m2) - drawn * float(cut.area_m2) / 10_000) < 0.02 or cut.whole
        taken = sum(outlines.area_m2(cut.inside, 9215) for cut in found.cuts)
        assert abs(float(found.no_parcel_m2) + taken - side**2) < 1, "what lies in no parcel is the rest of the outline"
        undone.rollback()


def test_a_proposal_is_compared_with_what_is_on_record(session):
    project, other = make.project(session), make.project(session)
    family = make.case(session, project)
    same = make.affected(session, project, case=family, shape=make.square(10, 10))
    smaller = make.affected(session, project, case=family, shape=make.square(90, 10))
    gone = make.affected(session, project, case=family, shape=make.square(300, 10))
    shared = make.affected(session, project, case=family, shape=make.square(90, 50), area_m2=Decimal("250.00"))
    session.add(
        model.AffectedParcel(project_id=project.id, case_id=make.case(session, project).id, parcel_id=shared.parcel_id,
                             area_m2=Decimal("150.00"), registered_on=date(2024, 1, 1))
    )  # fmt: skip
    elsewhere = make.affected(session, other, shape=make.square(40, 40))
    later = make.affected(session, project, shape=make.square(60, 60), registered_on=date(2024, 7, 1))
    undrawn = parcel(session, 0, 0, side=None)
    session.add(
        model.AffectedParcel(project_id=project.id, parcel_id=undrawn.id, area_m2=Decimal(5), registered_on=DAY)
    )
    session.flush()
    found = propose(session, project, outline())
    status = {cut.parcel_id: (cut.status, cut.affected_id) for cut in found.cuts}
    assert status == {
        same.parcel_id: ("same", same.id),
        smaller.parcel_id: ("changed", smaller.id),
        gone.parcel_id: ("gone", gone.id),
        shared.parcel_id: ("changed", None),
        elsewhere.parcel_id: ("new", None),
        later.parcel_id: ("new", None),
    }
    assert found.undrawn == 1
    assert found.inside_m2 == 400 + 200 + 200 + 400 + 400


def test_an_outline_is_looked_for_in_the_province(session):
    project = make.project(session)
    make.unit(session, shape=make.square(-500, -500, 2000))
    keep = {"by": "officer@gpmb.vn", "key": "1"}
    made = scope.keep_draft(session, project.id, outline(), "vẽ", **keep)
    assert scope.keep_draft(session, project.id, outline(), "vẽ", **keep) == made, "sent twice, kept once"
    assert scope.draft(session, project.id, made).outline.equals_exact(outline(), 1e-9)
    with pytest.raises(NotFound):
        scope.draft(session, make.project(session).id, made)
    with pytest.raises(OutsideVietnam, match="touches no commune"):
        scope.keep_draft(session, project.id, outline(5000), "vẽ", by="a@gpmb.vn", key="3")


def test_a_first_outline_then_a_change_of_scope(session):
    project = make.project(session)
    west, east = (
        make.unit(session, shape=make.square(-500, -500, 600)),
        make.unit(session, shape=make.square(100, -500, 600)),
    )
    first = adopt(session, project, outline(), date(2023, 1, 10))
    assert (first.former_id, first.event_id) == (None, None)
    second = adopt(session, project, outline(50, 0, 200), DAY, note="mở rộng 4 làn lên 6 làn")
    again = adopt(session, project, outline(50, 0, 200), DAY, note="mở rộng 4 làn lên 6 làn")
    assert again.repeated and again.boundary_id == second.boundary_id
    held = scope.history(session, project.id)
    assert [(each.valid_from, each.valid_to, each.area_m2) for each in held] == [
        (DAY, None, Decimal("40000.00")),
        (date(2023, 1, 10), date(2024, 5, 31), Decimal("10000.00")),
    ]
    assert {each.document for each in held} == {"12/QĐ-UBND"} and not any(each.illustrative for each in held)
    told = session.get(model.Event, second.event_id)
    assert (told.kind, told.valid_on, told.note) == ("scope_change", DAY, "mở rộng 4 làn lên 6 làn")
    assert ground.standing(session, project.id, date(2024, 5, 31)).equals_exact(outline(), 1e-9)
    # Before its first outline the project lies where that one is.
    main = {
        day: session.scalar(
            select(model.ProjectCommune.unit_id).where(
                model.ProjectCommune.project_id == project.id, model.ProjectCommune.main,
                model.ProjectCommune.valid.contains(day),
            )
        )
        for day in (date(2020, 1, 1), date(2024, 5, 31), DAY, date(2030, 1, 1))
    }  # fmt: skip
    assert list(main.values()) == [west.id, west.id, east.id, east.id]
    with pytest.raises(BadParameter, match="stands from 2024-06-01 on"):
        adopt(session, project, outline(), date(2024, 5, 1), key="earlier")
    with pytest.raises(BadParameter, match="future"):
        adopt(session, project, outline(), date(2999, 1, 1))
    with pytest.raises(BadParameter):
        adopt(session, project, outline(), date(2024, 7, 1), document=NewDocument("decision", ""))
    acts = session.scalars(select(model.AuditEntry.entity).where(model.AuditEntry.project_id == project.id)).all()
    assert acts.count("boundary") == 2 and "document" in acts and "event" in acts


def test_a_wrong_outline_is_corrected_from_the_same_day_and_stays_in_the_log(session):
    project = make.project(session)
    first = adopt(session, project, outline(), DAY)
    with pytest.raises(BadParameter, match="why it is wrong"):
        adopt(session, project, outline(side=120), DAY, key="without a reason")
    again = adopt(session, project, outline(side=120), DAY, key="right", note="nhập nhầm tờ bản đồ")
    assert again.boundary_id == first.boundary_id and again.event_id is None, "no change of scope"
    [one] = scope.history(session, project.id)
    assert (one.valid_from, one.area_m2) == (DAY, Decimal("14400.00"))
    logged = session.scalars(
        select(model.AuditEntry).where(model.AuditEntry.entity == "boundary").order_by(model.AuditEntry.id)
    ).all()[-1]
    wrong = shapely.from_geojson(logged.before["outline"])
    assert wrong.equals_exact(outline(), 1e-8) and logged.after["note"] == "nhập nhầm tờ bản đồ"


@pytest.fixture
def widened(session):
    """A road: a family's parcel half inside, a road of nobody beside; then the outline grows over both."""
    project = make.project(session)
    place = make.unit(session, shape=make.square(-500, -500, 2000))
    family = make.case(session, project, registered_on=date(2023, 2, 1))
    land = make.affected(
        session, project, case=family, shape=make.square(90, 10), area_m2=Decimal("200.00"),
        registered_on=date(2023, 2, 1),
    )  # fmt: skip
    road = parcel(session, 130, 10, land_use="DGT", legal_area_m2=Decimal("410.00"))
    for each in (land.parcel_id, road.id):
        session.add(model.ParcelCommune(parcel_id=each, unit_id=place.id, valid=make.ALWAYS))
        session.flush()
    adopt(session, project, outline(), date(2023, 1, 10))
    make.event(
        session, project, "handover", date(2023, 5, 1), affected_parcel_id=land.id, case_id=family.id,
        area_m2=Decimal("200.00"),
    )  # fmt: skip
    before = session.scalar(select(text("clock_timestamp()")))
    adopt(session, project, outline(side=200), DAY, changed=[land.parcel_id], no_holder=[road.id])
    return project, land, road, before


def figures(session, project, **asked):
    total = progress.progress(session, progress.ask(projects=(project.code,), **asked)).total
    return tuple(
        total.values[kind][measure]
        for kind, measure in (
            ("affected", "area_m2"), ("affected", "households"), ("handover", "area_m2"), ("handover", "households"),
            ("not_handed_over", "area_m2"),
        )
    )  # fmt: skip


def test_denominators_are_those_of_the_day(session, widened):
    project, land, _, before = widened
    then = (Decimal("200.00"), 1, Decimal("200.00"), 1, Decimal("0.00"))
    now = (Decimal("810.00"), 1, Decimal("200.00"), None, Decimal("610.00"))
    assert figures(session, project, as_of=date(2024, 5, 31)) == then
    found = figures(session, project, as_of=DAY)
    assert (found[0], found[2], found[3] or 0, found[4]) == (now[0], now[2], 0, now[4])
    assert figures(session, project, as_of=DAY, known_at=before) == then, "asked as known before, nothing has changed"
    session.refresh(land)
    assert land.area_m2 == 400
    full = session.scalar(
        select(model.ParcelStep.handover_full_on).where(model.ParcelStep.affected_parcel_id == land.id)
    )
    assert full is None, "the map shows it as handed over in part again"


def test_the_course_of_days_agrees_with_the_figures(session, widened):
    project, land, _, _ = widened
    make.event(
        session, project, "handover", date(2024, 8, 1), affected_parcel_id=land.id, case_id=land.case_id,
        area_m2=Decimal("200.00"),
    )  # fmt: skip
    for day in (date(2023, 4, 30), date(2023, 5, 1), date(2024, 5, 31), DAY, date(2024, 7, 31), date(2024, 8, 1)):
        found = figures(session, project, as_of=day)
        counted = _course_on(session, project, day)
        assert counted == tuple((value or 0) for value in found[:4]), day


def _course_on(session, project, day):
    found = course.course(session, project.code).total.at(day)
    return found.affected_m2, found.affected_households, found.area_m2 or 0, found.households


def test_a_period_counts_a_household_again_when_its_land_grew(session, widened):
    project, land, _, _ = widened
    make.event(
        session, project, "handover", date(2024, 8, 1), affected_parcel_id=land.id, case_id=land.case_id,
        area_m2=Decimal("200.00"),
    )  # fmt: skip
    whole = figures(session, project, as_of=date(2024, 12, 31))
    assert whole[:4] == (Decimal("810.00"), 1, Decimal("400.00"), 1)
    later = progress.ask(projects=(project.code,), since=date(2024, 7, 1), upto=date(2024, 12, 31))
    total = progress.progress(session, later).total.values["handover"]
    assert total["area_m2"] == Decimal("200.00")


def test_what_stands_against_a_choice_is_said(session, widened):
    project, land, road, _ = widened
    day = date(2024, 9, 1)
    with pytest.raises(BadParameter, match="on record already"):
        adopt(session, project, outline(side=200), day, no_holder=[road.id], key="a")
    with pytest.raises(BadParameter, match="cannot be changed: it is not on record"):
        adopt(session, project, outline(side=200), day, changed=[10**9], key="b")
    make.event(
        session, project, "handover", date(2024, 8, 1), affected_parcel_id=land.id, case_id=land.case_id,
        area_m2=Decimal("200.00"),
    )  # fmt: skip
    with pytest.raises(Conflict, match=r"handed over, more than the 200\.00 m²"):
        adopt(session, project, outline(side=100), day, changed=[land.parcel_id], key="c")
    assert len(scope.history(session, project.id)) == 2, "nothing of what was refused is on record"
    with pytest.raises(BadParameter, match="on record from 2024-06-01 on"):
        scope._change(
            session, project.id, propose(session, project, outline(side=200)).of("same")[0], date(2024, 5, 1), 1, "x"
        )


def test_the_database_itself_keeps_areas_with_their_history(session, widened):
    project, land, _, _ = widened
    for values, says in (
        ({"valid_on": date(2024, 5, 1), "area_m2": Decimal(500)}, "on record from 2024-06-01"),
        ({"valid_on": date(2024, 8, 1), "area_m2": Decimal(100)}, "are handed over"),
    ):
        with pytest.raises(IntegrityError, match=says), session.begin_nested():
            session.add(
                model.AffectedArea(project_id=project.id, affected_parcel_id=land.id, recorded_by="x", **values)
            )
            session.flush()


def test_parcels_not_registered_yet_are_offered_to_who_enters_cases(session):
    project = make.project(session)
    registered = make.affected(session, project, shape=make.square(10, 10))
    free = parcel(session, 50, 50)
    assert ground.proposed_parcels(session, project.id, DAY, least_remainder_m2=Decimal(30)) == []
    make.boundary(session, project, shape=make.square(0, 0, 100), valid=Range(date(2024, 1, 1), None))
    found = ground.proposed_parcels(session, project.id, DAY, least_remainder_m2=Decimal(30))
    assert [(cut.parcel_id, cut.inside_m2) for cut in found] == [(free.id, Decimal("400.00"))]
    assert registered.parcel_id not in {cut.parcel_id for cut in found}


def test_broken_drawings_of_parcels_do_not_stop_a_proposal(session):
    project = make.project(session)
    bow = shapely.Polygon([(0, 0), (40, 40), (40, 0), (0, 40)])
    shape = make.in_degrees(shapely.affinity.translate(bow, make.EAST + 10, make.NORTH + 10))
    session.add(model.Parcel(numbered_in_unit_id=make.unit(session).id, sheet="1", number="1", geom=make.stored(shape)))
    session.flush()
    [cut] = propose(session, project, outline()).cuts
    assert cut.area_m2 == cut.inside_m2 == Decimal("800.00")


def test_the_moment_of_records_is_the_clocks(session):
    """A draft and an outline carry when they were made."""
    project = make.project(session)
    adopt(session, project, outline(), date(2023, 1, 10))
    [one] = scope.history(session, project.id)
    assert abs((datetime.now(UTC) - one.recorded_at).total_seconds()) < 60
    assert one.recorded_by == "officer@gpmb.vn"
