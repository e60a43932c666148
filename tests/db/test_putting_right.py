"""Cancelled, reinstated, corrected: what was entered wrong leaves every count, and is still there as known before."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from gis import annexes, audit, cancelling, casework, correcting, course, dossier, histories, model, record, registers
from gis import search as looking
from gis.correcting import ParcelAs, Wanted
from gis.errors import BadParameter, BadRows, Conflict, NotAllowed, NotFound
from gis.overview import overview
from gis.progress import ask, progress
from gis.record import Act, Share
from gis.registration import NewCase, NewHolder, NewParcel, register_cases
from layers import parcels as drawn
from tests import factories as make
from tests.db.test_migrations import refused

SINCE, DAY = date(2024, 1, 1), date(2024, 6, 1)
_keys = iter(f"right-{n}" for n in range(10_000))


def key() -> dict:
    return {"by": "lan@gpmb.vn", "key": next(_keys)}


def parcel(number, area="100", **given) -> NewParcel:
    return NewParcel("x-thu", "5", number, Decimal(area), "ODT", Decimal(400), **given)


@pytest.fixture
def project(session):
    for slug in ("x-thu", "x-khac"):
        make.unit(session, slug=slug, name=f"xã {slug}")
    made = make.project(session, code="duong-moi", name="Đường mới")
    register_cases(
        session, "duong-moi",
        [
            NewCase(NewHolder("household", "Vi Văn Chín", "020099000001"), (parcel("85"), parcel("86", "50")), "HS-1"),
            NewCase(NewHolder("household", "Nhầm Tên Hộ", "020099000002"), (parcel("87"),), "HS-2"),
            NewCase(None, (parcel("99", "30"),)),
        ],
        registered_on=SINCE, **key(),
    )  # fmt: skip
    return made


def moment(session):
    return session.scalar(text("select clock_timestamp()"))


def version(session, code):
    return session.scalar(select(model.Case.version).where(model.Case.code == code))


def cancel(session, code="HS-2", **given):
    asked = {"reason": "lập nhầm", "expected_version": version(session, code)} | key() | given
    return cancelling.cancel_case(session, "duong-moi", code, **asked)


def correct(session, code="HS-1", *parcels, may=True, **wanted):
    return correcting.correct_case(
        session, "duong-moi", code, Wanted(parcels=parcels, **wanted), reason="gõ nhầm",
        expected_version=version(session, code), may_record=lambda _: may, **key(),
    )  # fmt: skip


def affected(session, known_at=None, day=DAY, **asked):
    values = progress(session, ask(as_of=day, known_at=known_at, **asked)).total.values["affected"]
    return values["households"], values["organisations"], values["area_m2"]


def land_of(session, code, number=None):
    query = (
        select(model.AffectedParcel.id)
        .join(model.Case, model.Case.id == model.AffectedParcel.case_id)
        .join(model.Parcel, model.Parcel.id == model.AffectedParcel.parcel_id)
        .where(model.Case.code == code)
    )
    return session.scalar(query.where(model.Parcel.number == number) if number else query)


def test_a_case_cancelled_leaves_every_count_and_is_there_as_known_before(session, project):
    land = land_of(session, "HS-2")
    before = moment(session)
    assert affected(session) == (2, 0, Decimal(280))
    cancel(session)
    assert affected(session) == (1, 0, Decimal(180))
    assert affected(session, known_at=before) == (2, 0, Decimal(280))
    assert [row.code for row in casework.listing(session, project.id, "duong-moi", day=DAY).rows
            if row.holder_kind != "none"] == ["HS-1"]  # fmt: skip
    assert [line.figures.affected_households for line in overview(session, DAY).projects] == [1]
    assert course.course(session).total.at(DAY).affected_households == 1
    assert [person.code for person in annexes.records(session, "duong-moi", DAY).people.values()] == ["HS-1"]
    with pytest.raises(NotFound):
        dossier.parcel_facts(session, land, DAY)
    assert land not in set(session.scalars(drawn.features().with_only_columns(drawn.Land.id)))
    assert not looking.search(session, "5/87", records=True, day=DAY).found
    assert {key.code for key in histories.histories_of(session, projects=["duong-moi"])} == {"HS-1"}
    assert {key.code for key in histories.histories_of(session, projects=["duong-moi"], known_at=before)} == {
        "HS-1", "HS-2"
    }  # fmt: skip
    told = audit.history(session, "case", session.scalar(select(model.Case.id).where(model.Case.code == "HS-2")))
    assert [(entry.act, (entry.after or {}).get("reason")) for entry in told][-1] == ("cancel", "lập nhầm")
    with pytest.raises(Conflict, match="HS-2"):
        record.record(session, Act("duong-moi", "payment", DAY), [Share("HS-2", amount_vnd=1)], **key())
    with refused(DBAPIError, "Nothing is recorded upon what is cancelled", session):
        make.event(session, project, "inventory", DAY, affected_parcel_id=land)


def test_a_code_is_not_given_again_but_holder_and_parcel_are_free(session, project):
    cancel(session)
    again = NewCase(NewHolder("household", "Nhầm Tên Hộ", "020099000002"), (parcel("87", "400"),))
    done = register_cases(session, "duong-moi", [again], registered_on=SINCE, **key())
    assert done.codes == ("HS-3",)
    with pytest.raises(Conflict, match="HS-3"):
        cancelling.reinstate_case(session, "duong-moi", "HS-2", reason="x", expected_version=2, **key())
    cancel(session, "HS-3")
    cancelling.reinstate_case(session, "duong-moi", "HS-2", reason="không nhầm", expected_version=2, **key())
    assert affected(session) == (2, 0, Decimal(280))


def test_what_stands_upon_a_case_is_named_or_goes_with_it(session, project):
    done = record.record(session, Act("duong-moi", "handover", DAY), [Share("HS-2")], **key())
    made = registers.enter(session, "obstacle", project.id, {
        "kind": "land_price_missing", "description": "x", "known_since": DAY, "case": "HS-2"}, **key())  # fmt: skip
    with pytest.raises(Conflict, match=str(done.event_ids[0])):
        cancel(session)
    assert affected(session)[0] == 2
    before = moment(session)
    assert cancel(session, with_acts=True).voided == 1
    assert registers.entry(session, "obstacle", made.id).cancelled_at
    handed = [progress(session, ask(as_of=DAY, known_at=at)).total.values["handover"]["area_m2"]
              for at in (None, before)]  # fmt: skip
    assert handed == [0, Decimal(100)]
    assert audit.verify(session).broken is None


def test_a_plan_and_its_payment_go_with_the_case_together(session, project):
    """Nothing is left that is paid without a plan, not even on the way."""
    for kind in ("plan_approval", "payment"):
        record.record(session, Act("duong-moi", kind, DAY), [Share("HS-2", amount_vnd=5)], **key())
    assert cancel(session, with_acts=True).voided == 2


def test_the_database_refuses_to_cancel_below_acts_whoever_asks(session, project):
    record.record(session, Act("duong-moi", "inventory", DAY), [Share("HS-2")], **key())
    for table in ('"case"', "affected_parcel"):
        with refused(DBAPIError, "acts stand upon it", session):
            session.execute(text(
                f"update {table} set cancelled_at = now(), cancelled_by = 'x', cancel_reason = 'x' "  # noqa: S608
                + ("where code = 'HS-2'" if "case" in table else f"where id = {land_of(session, 'HS-2')}")
            ))  # fmt: skip


def test_somebody_was_faster_and_no_reason(session, project):
    with pytest.raises(Conflict):
        cancel(session, expected_version=7)
    with pytest.raises(BadParameter):
        cancel(session, reason=" ")
    cancel(session)
    with pytest.raises(Conflict, match="lập nhầm"):
        cancel(session)


def test_a_correction_counts_on_all_days_and_not_as_known_before(session, project):
    before = moment(session)
    correct(session, "HS-1", ParcelAs(land_of(session, "HS-1", "85"), area_m2=Decimal("70.5")))
    assert affected(session, day=SINCE) == (2, 0, Decimal("250.5"))
    assert affected(session, known_at=before) == (2, 0, Decimal(280))
    correct(session, "HS-1", holder_kind="organisation")
    assert affected(session, day=SINCE) == (1, 1, Decimal("250.5"))
    assert affected(session, known_at=before)[:2] == (2, 0)
    correct(session, "HS-1", ParcelAs(land_of(session, "HS-1", "85"), unit="x-khac"),
            ParcelAs(land_of(session, "HS-1", "86"), unit="x-khac", number="860"))  # fmt: skip
    assert affected(session, unit="x-khac") == (0, 1, Decimal("120.5"))
    assert affected(session, unit="x-khac", known_at=before) == (None, None, None), "no records there"
    assert affected(session, unit="x-thu", known_at=before) == (2, 0, Decimal(280))
    listed = casework.listing(session, project.id, "duong-moi", day=DAY)
    assert {row.code: row.unit for row in listed.rows if row.code == "HS-1"} == {"HS-1": "x-khac"}


def test_no_less_than_is_handed_over_and_no_more_than_there_is(session, project):
    land = land_of(session, "HS-1", "85")
    record.record(session, Act("duong-moi", "handover", DAY), [Share("HS-1", parcel="5/85", area_m2=Decimal(60))],
                  **key())  # fmt: skip
    for wanted, field in (
        (ParcelAs(land, area_m2=Decimal(59)), "area_m2"), (ParcelAs(land, area_m2=Decimal(401)), "area_m2"),
        (ParcelAs(land, legal_area_m2=Decimal(99)), "area_m2"), (ParcelAs(land, remove=True), "remove"),
        (ParcelAs(land, number="86"), "number"), (ParcelAs(unit="x-la", sheet="1", number="1"), "area_m2"),
        (ParcelAs(unit="x-la", sheet="1", number="1", area_m2=Decimal(1)), "unit"),
    ):  # fmt: skip
        with pytest.raises(BadRows) as refusal:
            correct(session, "HS-1", wanted)
        assert [problem.field for problem in refusal.value.problems] == [field]
    correct(session, "HS-1", ParcelAs(land, area_m2=Decimal(60)))
    assert progress(session, ask(as_of=DAY)).total.values["not_handed_over"]["area_m2"] == 180
    correct(session, "HS-1", ParcelAs(land, legal_area_m2=Decimal(60)))
    entry = audit.history(session, "case", session.scalar(select(model.Case.id).where(model.Case.code == "HS-1")))[-1]
    assert (entry.before["legal_areas"], entry.after["legal_areas"]) == (
        {"x-thu 5/85": "400.00"}, {"x-thu 5/85": "60"}
    )  # fmt: skip
    assert entry.after["reason"] == "gõ nhầm"


def test_a_parcel_forgotten_comes_and_one_entered_wrongly_goes(session, project):
    before = moment(session)
    correct(session, "HS-1", ParcelAs(land_of(session, "HS-1", "86"), remove=True),
            ParcelAs(unit="x-thu", sheet="5", number="88", area_m2=Decimal(7), land_use="CLN"))  # fmt: skip
    assert affected(session, day=SINCE) == (2, 0, Decimal(237))
    assert affected(session, known_at=before) == (2, 0, Decimal(280))
    with pytest.raises(BadParameter, match="cancel the case"):
        correct(session, "HS-2", ParcelAs(land_of(session, "HS-2"), remove=True))


def test_the_area_before_a_change_of_scope_is_corrected_by_its_day(session, project):
    land = land_of(session, "HS-2")
    session.add(model.AffectedArea(project_id=project.id, affected_parcel_id=land, valid_on=DAY,
                                   area_m2=Decimal(200), recorded_by="lan"))  # fmt: skip
    session.flush()
    before = moment(session)
    correct(session, "HS-2", ParcelAs(land, area_m2=Decimal(90), area_from=SINCE))
    assert [affected(session, day=day)[2] for day in (SINCE, DAY)] == [270, 380]
    assert [affected(session, day=day, known_at=before)[2] for day in (SINCE, DAY)] == [280, 380]
    told = course.course(session).total
    assert [told.at(day).affected_m2 for day in (SINCE, DAY)] == [270, 380]
    with pytest.raises(BadRows):
        correct(session, "HS-2", ParcelAs(land, area_m2=Decimal(90), area_from=date(2024, 2, 2)))


def test_what_other_projects_share_is_changed_by_who_keeps_them_all(session, project):
    make.project(session, code="cau-moi")
    same = NewCase(NewHolder("household", "Vi Văn Chín", "020099000001"), (parcel("85"),))
    register_cases(session, "cau-moi", [same], registered_on=SINCE, **key())
    for wanted in ({"holder_kind": "organisation"},):
        with pytest.raises(NotAllowed):
            correct(session, "HS-1", may=False, **wanted)
    with pytest.raises(BadRows):
        correct(session, "HS-1", ParcelAs(land_of(session, "HS-1", "85"), legal_area_m2=Decimal(500)), may=False)
    correct(session, "HS-1", ParcelAs(land_of(session, "HS-1", "85"), legal_area_m2=Decimal(500)),
            holder_kind="individual")  # fmt: skip
    told = session.scalars(select(model.AuditEntry.project_id).where(model.AuditEntry.entity == "parcel")).all()
    assert len(told) == 1, "the other project's log says it too"


def test_ground_under_its_right_number_keeps_what_is_known_of_it(session, project):
    correct(session, "HS-2", ParcelAs(land_of(session, "HS-2"), number="88"))
    of = select(model.Parcel.legal_area_m2, model.Parcel.land_use).where(model.Parcel.number == "88")
    assert session.execute(of).one() == (400, "ODT")
    with pytest.raises(BadRows):
        correct(session, "HS-2", ParcelAs(land_of(session, "HS-2"), area_m2=Decimal(401)))


def test_land_of_no_holder_is_put_right_and_cancelled_too(session, project):
    session.add(model.ProjectPart(project_id=project.id, code="bt", name="BT"))
    land = session.scalar(select(model.AffectedParcel.id).where(model.AffectedParcel.case_id.is_(None)))

    def now():
        return session.scalar(select(model.AffectedParcel.version).where(model.AffectedParcel.id == land))

    wanted = Wanted(part="bt", parcels=(ParcelAs(area_m2=Decimal(20)),))
    done = correcting.correct_land(session, "duong-moi", land, wanted, reason="x", expected_version=now(),
                                   may_record=lambda _: True, **key())  # fmt: skip
    assert [(change.field, change.after) for change in done.changes] == [("part", "bt"), ("area_m2", "20")]
    assert affected(session)[2] == 270
    cancelling.cancel_land(session, "duong-moi", land, reason="x", expected_version=now(), **key())
    assert affected(session)[2] == 250
    cancelling.reinstate_land(session, "duong-moi", land, reason="x", expected_version=now(), **key())
    assert affected(session)[2] == 270


def test_a_project_is_cancelled_when_nothing_stands_in_it(session, project):
    empty = make.project(session, code="nham", name="Dự án lập nhầm")
    make.boundary(session, empty)

    def listed(known_at=None):
        return {row.project.code for row in progress(session, ask(by=("project",), as_of=DAY, known_at=known_at)).rows}

    below = make.project(session, code="duoi", name="Dự án dưới", parent_id=empty.id)
    with pytest.raises(Conflict, match="1 projects below"):
        cancelling.cancel_project(session, "nham", reason="x", expected_version=empty.version, **key())
    cancelling.cancel_project(session, "duoi", reason="x", expected_version=below.version, **key())
    before = moment(session)
    target = registers.enter(
        session, "target", empty.id, {"due_on": DAY, "measure": "area_m2", "percent": 50}, **key()
    ).id  # fmt: skip
    with pytest.raises(Conflict, match="2 cases"):
        cancelling.cancel_project(session, "duong-moi", reason="x", expected_version=1, **key())
    with refused(DBAPIError, "cases or acts stand in it", session):
        session.execute(text("update project set cancelled_at = now(), cancelled_by = 'x', cancel_reason = 'x' "
                             "where code = 'duong-moi'"))  # fmt: skip
    cancelling.cancel_project(session, "nham", reason="x", expected_version=empty.version, **key())
    assert listed() == {"duong-moi"}
    with pytest.raises(NotFound):
        progress(session, ask(projects=("nham",), as_of=DAY))
    assert progress(session, ask(projects=("nham",), as_of=DAY, known_at=before))
    for asked in (
        lambda: dossier.project_facts(session, "nham", DAY),
        lambda: dossier.reported_handover(session, project="nham"),
        lambda: course.course(session, "nham"),
        lambda: histories.overdue(session, "nham", DAY),
    ):
        with pytest.raises(NotFound):
            asked()
    for change in (
        lambda: registers.enter(
            session, "target", empty.id, {"due_on": DAY, "measure": "area_m2", "percent": 50}, **key()
        ),
        lambda: registers.amend(
            session, "target", target, {"percent": Decimal(60)}, expected_version=1, by="lan@gpmb.vn"
        ),
        lambda: registers.cancel(session, "target", target, reason="x", expected_version=1, **key()),
        lambda: record.record(session, Act("nham", "inventory", DAY), ["HS-1"], **key()),
    ):
        with pytest.raises(Conflict, match="is cancelled: x"):
            change()
    assert listed(before) == {"duong-moi", "nham"}
    assert [line.key for line in overview(session, DAY).projects] == ["duong-moi"]
    assert not looking.search(session, "lập nhầm", records=True, day=DAY).found
    with refused(DBAPIError, "is cancelled", session):
        make.case(session, empty)
    cancelling.reinstate_project(session, "nham", reason="đúng ra có", expected_version=2, **key())
    assert listed() == {"duong-moi", "nham"}


def test_amounts_of_who_turns_out_to_be_a_household_are_fenced(session, project):
    correct(session, "HS-1", holder_kind="organisation")
    record.record(session, Act("duong-moi", "plan_approval", DAY), [Share("HS-1", amount_vnd=5)], **key())

    def fenced():
        return session.scalars(text("select count(*) from personal_amount")).one()

    assert fenced() == 0
    correct(session, "HS-1", holder_kind="household")
    assert fenced() == 1
