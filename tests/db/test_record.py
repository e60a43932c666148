"""Recording as officers do it: one act for many households, mistakes taken back, two officers on one record."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text

from gis import audit, db, record, registers, steps
from gis.errors import BadParameter, Conflict, NotFound
from gis.model import AuditEntry, Document, Event, Obstacle, Parcel, Submission
from gis.progress import ask, progress, revision, today
from gis.record import Act, NewDocument, Share
from tests import factories as make

DAY = date(2024, 11, 20)
PAPER = NewDocument("minutes", "12/BB-BGMB", DAY, "Trung tâm Phát triển quỹ đất")


class Office:
    """A project of 37 households with 400 m² each, two of which have a second parcel; and who records there."""

    def __init__(self, session):
        self.session = session
        self.project = make.project(session)
        self.cases = [make.case(session, self.project) for _ in range(37)]
        self.codes = [case.code for case in self.cases]
        self.lands = [make.affected(session, self.project, case=case) for case in self.cases]
        self.second = [make.affected(session, self.project, case=c, area_m2=Decimal("50.5")) for c in self.cases[:2]]
        self.keys = iter(f"key {n}" for n in range(10_000))

    def act(self, kind="handover", document=PAPER, day=DAY, **more) -> Act:
        return Act(self.project.code, kind, day, document, **more)

    def record(self, cases, *, key=None, by="lan", check=None, **act):
        made = record.record(self.session, self.act(**act), cases, by=by, key=key or next(self.keys), check=check)
        assert steps.differences(self.session) == []
        return made

    def void(self, event_id, reason="nhập nhầm hộ"):
        return record.void(self.session, event_id, reason=reason, by="lan", key=next(self.keys))

    def handed(self, known_at=None) -> tuple:
        values = progress(self.session, ask(as_of=DAY, projects=(self.project.code,), known_at=known_at)).total.values
        done = values["handover"]
        return done["households"], done["area_m2"], done["documents"]

    def written(self) -> tuple[int, ...]:
        """How many rows there are of all that recording writes."""
        tables = (Event, Document, Submission, AuditEntry)
        return tuple(self.session.scalar(select(func.count()).select_from(table)) for table in tables)

    def refused(self, error, message, cases, **act):
        """An act that is refused, and leaves nothing even where the error is caught and the work goes on."""
        before = self.written()
        with pytest.raises(error, match=message):
            self.record(cases, **act)
        assert self.written() == before


@pytest.fixture
def office(session) -> Office:
    return Office(session)


def test_a_handover_of_37_households_is_one_document_and_completes_them(office):
    made = office.record(office.codes)
    assert (made.cases, len(made.event_ids), made.area_m2) == (37, 39, Decimal("14901.00"))
    assert office.handed() == (37, Decimal("14901.00"), 1)
    kept = office.session.get_one(Document, made.document_id)
    assert (kept.kind, kept.number, kept.issuer) == ("minutes", "12/BB-BGMB", "Trung tâm Phát triển quỹ đất")
    assert office.session.scalars(select(Event.recorded_by).distinct()).all() == ["lan"]


def test_a_part_counts_in_square_metres_and_the_rest_completes_the_household(office):
    code = office.codes[5]
    office.record([Share(code, area_m2=Decimal("150.25"))])
    assert office.handed() == (0, Decimal("150.25"), 1)
    rest = office.record([code])
    assert rest.area_m2 == Decimal("249.75")
    assert office.handed() == (1, Decimal("400.00"), 1), "the minutes are the same document"
    said = (
        f"Case {code}: nothing remains for “Handed over”, it is on record already: on 20/11/2024, document 12/BB-BGMB"
    )
    office.refused(BadParameter, f"{said}, act [0-9]+, lan recorded it on", [code])


def test_an_area_above_what_remains_is_refused_with_where_it_lies(office):
    code = office.codes[5]
    number = office.session.get_one(Parcel, office.lands[5].parcel_id).number
    office.record([Share(code, area_m2=Decimal("150.25"))])
    said = f"Case {code}, parcel 7/{number}: 250.00 m² is more than the 249.75 m² that remain"
    office.refused(BadParameter, said, [office.codes[6], Share(code, area_m2=Decimal(250))])


def test_a_code_means_its_case_in_capitals_or_not(office):
    code = office.codes[5]
    assert office.record([code.lower()]).cases == 1
    office.refused(BadParameter, f"Named twice: {office.codes[6]}", [office.codes[6], office.codes[6].lower()])


def test_with_two_parcels_an_area_must_name_one(office):
    code = office.codes[0]
    office.refused(BadParameter, "has 2 parcels: say on which", [Share(code, area_m2=Decimal(10))])
    office.record([Share(code, parcel=office.second[0].id, area_m2=Decimal("50.50"))])
    assert office.handed() == (0, Decimal("50.50"), 1)
    office.refused(NotFound, "no single parcel 9/9", [Share(code, parcel="9/9")])


@pytest.mark.parametrize(
    ("act", "share", "error", "said"),
    [
        ({"kind": "flight"}, {}, BadParameter, "“flight” is not recorded upon cases"),
        ({"kind": "suspension"}, {}, BadParameter, "is not recorded upon cases"),
        ({"kind": "correction"}, {}, BadParameter, "is not recorded upon cases"),
        ({"day": today() + timedelta(days=30)}, {}, BadParameter, "lies in the future"),
        ({"document": 10**9}, {}, NotFound, "no document 1000000000"),
        ({"document": NewDocument("poem", "1")}, {}, BadParameter, "“poem” is not a kind of document"),
        ({"document": NewDocument("minutes", "  ")}, {}, BadParameter, "“document” must be given"),
        ({"document": NewDocument("minutes", "1\x00")}, {}, BadParameter, "control characters"),
        ({"kind": "not_applicable"}, {}, BadParameter, "“note” must be given"),
        ({}, {"area_m2": Decimal(0)}, BadParameter, "area_m2 is 0; it must be above 0"),
        ({}, {"area_m2": Decimal("-1")}, BadParameter, "above 0"),
        ({}, {"area_m2": Decimal("1.005")}, BadParameter, "at most two decimals"),
        ({}, {"area_m2": Decimal("nan")}, BadParameter, "above 0"),
        ({}, {"area_m2": "many"}, BadParameter, "area_m2 is many"),
        ({}, {"amount_vnd": 5}, BadParameter, "“Handed over” carries no amount_vnd"),
        ({"kind": "payment"}, {}, BadParameter, "“amount_vnd” must be given"),
        ({"kind": "payment"}, {"amount_vnd": 0}, BadParameter, "above 0"),
        ({"kind": "payment"}, {"amount_vnd": Decimal("1.5")}, BadParameter, "a whole number"),
        ({"kind": "payment"}, {"amount_vnd": 10**18}, BadParameter, "above 0"),
        ({"kind": "payment"}, {"amount_vnd": 1, "area_m2": Decimal(1)}, BadParameter, "carries no area_m2"),
        ({"kind": "resettlement_allocation"}, {}, BadParameter, "“plot” must be given"),
        ({"kind": "resettlement_allocation"}, {"plot": "x/1"}, NotFound, "there is no plot x/1"),
    ],
)
def test_what_does_not_fit_is_refused_and_leaves_nothing(office, act, share, error, said):
    office.refused(error, said, [Share(office.codes[3], **share)], **act)


def test_cases_of_nobody_and_of_another_project_are_refused_alike(office):
    foreign = make.case(office.session, make.project(office.session))
    office.refused(NotFound, f"no case {foreign.code}", [office.codes[0], foreign.code])
    office.refused(NotFound, "no case HS-x, HS-y", ["HS-y", "HS-x"])
    office.refused(BadParameter, f"Named twice: {office.codes[0]}", [office.codes[0], office.codes[0]])
    office.refused(BadParameter, "at least one case", [])
    with pytest.raises(NotFound, match="no project “nowhere”"):
        record.record(office.session, Act("nowhere", "handover", DAY), ["x"], by="lan", key="k")


def test_nothing_is_recorded_for_a_day_before_the_case_or_its_parcel_was_there(office):
    said = f"Case {office.codes[0]} is registered since 2024-01-01"
    office.refused(BadParameter, said, [office.codes[0]], day=date(2023, 12, 31))
    late = make.affected(office.session, office.project, case=office.cases[5], registered_on=DAY + timedelta(days=1))
    assert office.record([office.codes[5]]).area_m2 == Decimal(400)
    assert office.handed() == (1, Decimal(400), 1)
    rest = office.record([office.codes[5]], day=late.registered_on)
    assert rest.area_m2 == late.area_m2


def test_a_plot_has_one_holder_and_the_second_hears_which_document_took_it(office):
    plot, other = make.plot(office.session, number="L5"), make.plot(office.session)
    site = office.session.scalar(text("select code from resettlement_site where id = :id"), {"id": plot.site_id})
    decision = NewDocument("decision", "57/QĐ-UBND", DAY)
    kind = {"kind": "resettlement_allocation"}
    first = office.record([Share(office.codes[0], plot=f"{site}/L5")], document=decision, **kind)
    assert first.area_m2 == Decimal(100)
    office.refused(Conflict, "L5 is already allotted by document 57/QĐ-UBND",
                   [Share(office.codes[1], plot=other.id), Share(office.codes[2], plot=plot.id)], **kind)  # fmt: skip
    both = [Share(office.codes[1], plot=other.id), Share(office.codes[2], plot=other.id)]
    office.refused(BadParameter, "is named twice", both, **kind)
    office.void(first.event_ids[0])
    office.record([Share(office.codes[2], plot=plot.id)], **kind)


def test_money_is_whole_and_each_household_has_its_own(office):
    for case in office.cases[:2]:
        make.event(office.session, office.project, "plan_approval", DAY, case_id=case.id, amount_vnd=2_000_000)
    made = office.record(
        [Share(office.codes[0], amount_vnd=1_250_000), Share(office.codes[1], amount_vnd=2)], kind="payment"
    )
    assert made.amount_vnd == 1_250_002
    total = progress(office.session, ask(as_of=DAY, projects=(office.project.code,))).total.values["payment"]
    assert (total["amount_vnd"], total["households"]) == (1_250_002, 2)


def test_a_notice_that_was_cancelled_can_be_given_anew(office):
    code = office.codes[4]
    office.record([code], kind="recovery_notice")
    office.refused(BadParameter, "nothing remains", [code], kind="recovery_notice")
    office.record([code], kind="recovery_notice_cancellation")
    assert office.record([code], kind="recovery_notice").area_m2 == Decimal(400)


def test_rules_of_others_have_the_last_word_before_anything_is_written(office):
    seen = []

    def check(session, act, entries):
        seen.extend(entries)
        raise BadParameter("Not before the decision.", parameter="valid_on")

    office.refused(BadParameter, "Not before the decision", office.codes[:2], check=check)
    assert (seen[0].case, seen[0].area_m2) == (office.codes[0], Decimal(400))
    assert len(seen) == 4


def test_a_repeated_submit_records_once(office):
    first = office.record(office.codes[:3], key="a")
    after = office.written()
    again = office.record(office.codes[:3], key="a")
    assert again.repeated
    assert not first.repeated
    assert (again.act_id, again.event_ids, again.area_m2) == (first.act_id, first.event_ids, first.area_m2)
    assert office.written() == after
    office.refused(Conflict, "“a” was used for another act", office.codes[3:5], key="a")
    assert not office.record(office.codes[3:5], key="a", by="minh").repeated, "keys are of one account each"


def test_a_wrong_event_is_voided_once_with_a_reason(office):
    made = office.record(office.codes[2:4])
    office.void(made.event_ids[0])
    assert steps.differences(office.session) == []
    assert office.handed() == (1, Decimal(400), 1)
    with pytest.raises(Conflict, match=f"Event {made.event_ids[0]} was voided already, on .* by lan"):
        office.void(made.event_ids[0])
    with pytest.raises(BadParameter, match="“reason” must be given"):
        office.void(made.event_ids[1], reason=" ")
    with pytest.raises(NotFound, match="no event 1000000000"):
        office.void(10**9)
    correction = office.session.scalar(select(Event.id).where(Event.voids_id == made.event_ids[0]))
    with pytest.raises(BadParameter, match="A correction cannot be voided"):
        office.void(correction)
    office.record([office.codes[2]])
    assert office.handed() == (2, Decimal(800), 1)


def test_a_whole_act_is_undone(office):
    made = office.record(office.codes)
    office.void(made.event_ids[7])
    taken_back = record.undo(office.session, made.act_id, reason="sai dự án", by="lan", key="undo")
    assert len(taken_back.event_ids) == 38
    assert office.handed() == (0, 0, 0)
    assert steps.differences(office.session) == []
    assert record.undo(office.session, made.act_id, reason="sai dự án", by="lan", key="undo").repeated
    with pytest.raises(Conflict, match=f"All events of act {made.act_id} are voided already"):
        record.undo(office.session, made.act_id, reason="sai dự án", by="lan", key="undo again")
    with pytest.raises(BadParameter, match="A correction cannot be voided"):
        record.undo(office.session, taken_back.act_id, reason="x", by="lan", key="undo of undo")
    with pytest.raises(NotFound, match="no act"):
        record.undo(office.session, 10**9, reason="x", by="lan", key="k")


def test_yesterdays_question_gives_yesterdays_answer_after_todays_late_entry(office):
    office.record(office.codes[:10])
    wrong = office.record([office.codes[20]])
    yesterday = office.session.scalar(text("select clock_timestamp()"))
    told = office.handed()
    assert told == (11, Decimal("4501.00"), 1)
    office.record(office.codes[10:20], day=date(2024, 11, 1), document=NewDocument("minutes", "11/BB-BGMB"))
    office.void(wrong.event_ids[0])
    assert office.handed() == (20, Decimal("8101.00"), 2)
    assert office.handed(yesterday) == told
    assert revision(office.session).changed_at > yesterday


def test_two_officers_on_one_document_the_second_gets_both_versions(office):
    made = office.record(office.codes[:1])
    change = {"register": "document", "entry_id": made.document_id, "expected_version": 1}
    assert registers.amend(office.session, **change, changes={"number": "13/BB-BGMB", "title": " "}, by="lan") == 2
    with pytest.raises(Conflict, match="meanwhile \\(lan\\): your changes rest on version 1, it is now version 2") as e:
        registers.amend(office.session, **change, changes={"number": "14/BB-BGMB"}, by="minh")
    assert e.value.versions == {
        "kind": ("minutes", "minutes"),
        "number": ("13/BB-BGMB", "14/BB-BGMB"),
        "issued_on": (DAY, DAY),
        "issuer": (PAPER.issuer, PAPER.issuer),
        "title": (None, None),
    }
    change["expected_version"] = 2
    assert registers.amend(office.session, **change, changes={"number": "14/BB-BGMB"}, by="minh") == 3
    change["expected_version"] = 3
    assert registers.amend(office.session, **change, changes={"title": None}, by="minh") == 3, "nothing differs"
    told = audit.history(office.session, "document", made.document_id)
    assert [(e.act, e.who, e.before, e.after.get("number")) for e in told] == [
        ("record", "lan", None, "12/BB-BGMB"),
        ("amend", "lan", {"number": "12/BB-BGMB", "version": 1}, "13/BB-BGMB"),
        ("amend", "minh", {"number": "13/BB-BGMB", "version": 2}, "14/BB-BGMB"),
    ]


def test_an_obstacle_is_changed_and_resolved(office):
    obstacle = make.obstacle(office.session, office.project, known_since=date(2024, 1, 5))
    change = {"register": "obstacle", "entry_id": obstacle.id, "by": "lan"}

    def amend(version, **changes):
        return registers.amend(office.session, **change, changes=changes, expected_version=version)

    assert amend(1, owner="UBND phường Lương Văn Tri") == 2
    for changes, said in (
        ({"resolved_on": date(2024, 1, 4)}, "known since 2024-01-05 cannot have been resolved on 2024-01-04"),
        ({"resolved_on": today() + timedelta(days=30)}, "lies in the future"),
        ({"resolved_on": "2024-02-01"}, "must be a day"),
        ({"description": ""}, "must be given"),
        ({"owner": 5}, "must be a text"),
        ({"kind": "x"}, "“kind” cannot be “x”"),
    ):
        with pytest.raises(BadParameter, match=said):
            amend(2, **changes)
    assert amend(2, resolved_on=date(2024, 2, 1)) == 3
    told = audit.history(office.session, "obstacle", obstacle.id)
    assert told[-1].before == {"resolved_on": None, "version": 2}
    assert told[-1].after == {"resolved_on": "2024-02-01", "version": 3}
    with pytest.raises(NotFound, match="obstacle 1000000000"):
        registers.amend(office.session, "obstacle", 10**9, {}, expected_version=1, by="lan")
    with pytest.raises(NotFound, match="no register “holder”"):
        registers.amend(office.session, "holder", 1, {}, expected_version=1, by="lan")


def test_whatever_writes_raises_the_version(office):
    obstacle = make.obstacle(office.session, office.project, known_since=date(2024, 1, 5))
    office.session.execute(text("update obstacle set owner = 'x', version = 1 where id = :id"), {"id": obstacle.id})
    assert office.session.scalar(select(Obstacle.version).where(Obstacle.id == obstacle.id)) == 2


def test_the_history_of_an_event_and_of_a_case_tell_of_its_correction(office):
    made = office.record(office.codes[:2])
    office.void(made.event_ids[0], reason="nhầm thửa")
    told = audit.history(office.session, "event", made.event_ids[0])
    assert [(e.act, e.who, e.after["kind"], e.after["note"]) for e in told] == [
        ("record", "lan", "handover", None),
        ("void", "lan", "correction", "nhầm thửa"),
    ]
    of_case = audit.history(office.session, "case", office.cases[0].id)
    assert [e.act for e in of_case] == ["record", "record", "void"]
    with pytest.raises(BadParameter, match="“holder_identity” has no history"):
        audit.history(office.session, "holder_identity", 1)


def test_the_web_role_may_record_and_correct_but_neither_choose_the_moment_nor_delete(office):
    office.session.flush()
    obstacle = make.obstacle(office.session, office.project, known_since=date(2024, 1, 5))
    office.session.execute(text(f"set local role {db.WEB_ROLE}"))
    made = record.record(office.session, office.act(), office.codes[:2], by="lan", key="web")
    record.void(office.session, made.event_ids[0], reason="x", by="lan", key="web void")
    registers.amend(office.session, "obstacle", obstacle.id, {"owner": "B"}, expected_version=1, by="lan")
    registers.amend(office.session, "document", made.document_id, {"title": "B"}, expected_version=1, by="lan")
    office.session.execute(text("reset role"))  # the whole log is read by its owner alone
    assert audit.verify(office.session).broken is None
