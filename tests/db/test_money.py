"""Money of households as who may not have their personal data gets it: never of fewer than three."""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import ProgrammingError

from gis import audit, casefile, catalogue, contradictions, db, documents, model, money, reported
from gis.course import course
from gis.dossier import compare, parcel_facts
from gis.histories import overdue, overdue_steps
from gis.new_figures import NewFigure
from gis.progress import ask, progress
from gis.search import search
from gis.timeline import timeline
from layers import parcels
from tests import factories as make

REFORM = date(2025, 7, 1)
FIRST = date(2025, 1, 1)
LAST = FIRST + timedelta(days=365)
NOBODY = frozenset()


@contextmanager
def reading(session, *, personal=NOBODY, projects=None):
    """Read as the web role does for a reader; what was set is undone."""
    session.flush()
    nested = session.begin_nested()
    session.execute(text(f"set local role {db.WEB_ROLE}"))
    session.execute(text("select set_config('gpmb.account', '', true)"))  # whoever recorded what is read was another
    db.read_as(session, projects=projects, personal=personal)
    try:
        yield session
    finally:
        nested.rollback()


@dataclass
class Place:
    """Two projects, each in two communes that become one with the reform."""

    projects: list[model.Project]
    communes: list[model.AdminUnit]

    def case(self, session, project: int, commune: int, holder: str = "household") -> model.Case:
        case = make.case(session, self.projects[project], holder=holder, registered_on=FIRST)
        land = make.affected(session, self.projects[project], case=case, registered_on=FIRST)
        for unit in (self.communes[commune], self.communes[2]):
            session.execute(
                insert(model.ParcelCommune).values(parcel_id=land.parcel_id, unit_id=unit.id, valid=unit.valid)
            )
        return case


@pytest.fixture
def place(session) -> Place:
    return a_place(session)


def a_place(session) -> Place:
    before, after = Range(None, REFORM), Range(REFORM, None)
    communes = [make.unit(session, valid=valid) for valid in (before, before, after)]
    return Place([make.project(session) for _ in range(2)], communes)


def paid(session, case: model.Case, amount: int, day: date = date(2025, 3, 1), kind: str = "payment") -> model.Event:
    project = session.get_one(model.Project, case.project_id)
    return make.event(session, project, kind, day, case_id=case.id, amount_vnd=amount)


def total(session, kind: str = "payment", **asked):
    answer = progress(session, ask(**({"as_of": LAST} | asked), kinds=(kind, "affected")))
    return answer.total.values[kind]["amount_vnd"], kind in answer.total.withheld


# Of three households, not of two.


def test_of_two_households_nothing_is_told_of_three_the_sum(session, place):
    cases = [place.case(session, 0, 0) for _ in range(3)]
    for n, case in enumerate(cases[:2]):
        paid(session, case, 10 + n)
    with reading(session):
        assert total(session) == (None, True), "withheld, which is neither nothing nor unknown"
        assert progress(session, ask(as_of=LAST, kinds=("payment",))).total.values["payment"]["households"] == 2
    paid(session, cases[2], 100, date(2025, 3, 9))
    with reading(session):
        assert total(session) == (121, False)
        assert total(session, as_of=date(2025, 3, 8)) == (None, True), "a batch counts whole, on its latest day"
    with reading(session, personal=None):
        assert total(session, as_of=date(2025, 3, 8)) == (21, False)


def test_one_household_paid_three_times_is_one_household(session, place):
    case = place.case(session, 0, 0)
    for n in range(3):
        paid(session, case, 5 + n)
    with reading(session):
        assert total(session) == (None, True)


def test_organisations_and_land_of_no_holder_are_exact(session, place):
    paid(session, place.case(session, 0, 0, "organisation"), 7)
    paid(session, place.case(session, 0, 0, "community"), 20)
    paid(session, place.case(session, 0, 0), 1000)
    land = make.affected(session, place.projects[0])
    make.event(session, place.projects[0], "plan_approval", FIRST, affected_parcel_id=land.id, amount_vnd=3)
    with reading(session):
        assert total(session) == (27, True), "at least this, the household's beside it"
        assert total(session, "plan_approval") == (3, False)


def test_a_batch_with_a_voided_entry_goes_whole_and_its_others_come_into_none_again(session, place):
    cases = [place.case(session, 0, 0) for _ in range(4)]
    entries = [paid(session, case, 10**n) for n, case in enumerate(cases[:3])]
    known = session.scalar(text("select clock_timestamp()"))
    make.void(session, entries[0])
    paid(session, cases[0], 5)
    paid(session, cases[3], 7000)
    with reading(session):
        assert total(session) == (None, True), "two others with the new ones would tell the old ones apart"
        assert total(session, known_at=known) == (111, False), "as known then, it is told as it was then"


# Any two answers, and all of them together.


@st.composite
def questions(draw) -> dict:
    upto = draw(st.integers(-10, 375))
    asked = {"as_of": FIRST + timedelta(days=upto)}
    if draw(st.booleans()):
        asked = {"upto": asked["as_of"], "since": asked["as_of"] - timedelta(days=draw(st.integers(0, 200)))}
    by = draw(st.sampled_from([(), ("project",), ("commune",), ("project", "commune")]))
    known = draw(st.none() | st.integers(0, 5))
    return asked | {
        "by": by, "known": known, "project": draw(st.sampled_from([None, 0, 1])),
        "unit": draw(st.sampled_from([None, 0, 1, 2])), "units_of": draw(st.sampled_from([None, "old", "new"])),
        "holder": draw(st.sampled_from([None, None, "household", "organisation"])),
    }  # fmt: skip


entries = st.lists(
    st.tuples(st.integers(0, 13), st.sampled_from(["payment", "plan_approval"]), st.integers(0, 364)),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(
    max_examples=6, deadline=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(
    acts=st.lists(st.tuples(entries, st.booleans(), st.integers(0, 40)), min_size=2, max_size=4),
    asked=st.lists(questions(), min_size=25, max_size=25),
    holders=st.lists(
        st.sampled_from(["household", "household", "individual", "organisation"]), min_size=14, max_size=14
    ),
)
def test_whatever_is_asked_no_fewer_than_three_households_can_be_told_apart(session, acts, asked, holders):
    """Each amount is a power of two, so that a sum tells which amounts are in it. What no answer tells apart is an
    atom: whatever is added to and taken from each other of the answers consists of atoms."""
    with session.begin_nested() as nested:
        place = a_place(session)
        cases = [place.case(session, n % 2, n // 2 % 2, holder) for n, holder in enumerate(holders)]
        written: list[model.Event] = []
        moments: list[datetime] = []
        for told, voids, which in acts:
            for case, kind, day in told:
                written.append(paid(session, cases[case], 2 ** len(written), FIRST + timedelta(days=day), kind))
            if voids:
                wrong = written[which % len(written)]
                if not session.scalar(select(model.Event.id).where(model.Event.voids_id == wrong.id)):
                    make.void(session, wrong)
            moments.append(session.scalar(text("select clock_timestamp()")))
        of = {case.id: (case.id, holder) for case, holder in zip(cases, holders, strict=True)}
        who = [of[event.case_id] for event in written]
        with reading(session):
            sums = [value for question in asked for value in answers(session, place, question, moments)]
            sums += tracks(session)
            happened = timeline(session, place.projects[0].code, LAST)
        with reading(session, personal=None):
            whole = answers(session, place, {"by": (), "as_of": LAST}, moments)
        live = [n for n, event in enumerate(written) if not voided(session, event)]
        assert sum(whole) == sum(2**n for n in live), "who may have personal data gets everything"
        atoms: dict[tuple, set] = {}
        for n, (case, holder) in enumerate(who):
            if holder != "organisation":
                atoms.setdefault(tuple(value >> n & 1 for value in sums), set()).add(case)
        for seen, households in atoms.items():
            assert not any(seen) or len(households) >= money.FEW
        for entry in (entry for entry in happened if entry.indicator.key == "payment"):
            organisations = {
                event.case_id for event, (_, holder) in zip(written, who, strict=True)
                if holder == "organisation" and event.kind == "payment" and event.valid_on == entry.day
            }  # fmt: skip
            assert entry.holders <= len(organisations) or entry.holders >= money.FEW
        nested.rollback()


def voided(session, event: model.Event) -> bool:
    return session.scalar(select(model.Event.id).where(model.Event.voids_id == event.id)) is not None


def answers(session, place: Place, question: dict, moments: list[datetime]) -> list[int]:
    """Every amount in an answer, of rows and total."""
    given = {
        name: question[name] for name in ("by", "as_of", "since", "upto", "holder", "units_of") if name in question
    }
    if question.get("known") is not None:
        given["known_at"] = moments[question["known"] % len(moments)]
    if question.get("project") is not None:
        given["projects"] = (place.projects[question["project"]].code,)
    if question.get("unit") is not None:
        given["unit"] = place.communes[question["unit"]].slug
        given["units_of"] = "new" if question["unit"] == 2 else "old"
    answer = progress(session, ask(**given, kinds=("payment", "plan_approval", "affected")))
    rows = [answer.total, *answer.rows]
    return [int(row.values[kind]["amount_vnd"] or 0) for row in rows for kind in ("payment", "plan_approval")]


def tracks(session) -> list[int]:
    found = course(session)
    all_of = [found.total, *found.projects, *found.communes]
    told = [figures for track in all_of for figures in track.figures if figures]
    return [int(value or 0) for figures in told for value in (figures.approved_vnd, figures.paid_vnd)]


# The fence in the database.


def test_a_forgotten_filter_gives_no_single_amount(session, place):
    """What a query of the web role gets that asks for amounts as it pleases."""
    for n in range(2):
        paid(session, place.case(session, 0, 0), 77_000_001 + n)
    audit.log_events(session, [event.id for event in session.scalars(select(model.Event))], who="lan", act="record")
    everything = ("event_amount", "amount_batch", "personal_amount", "audit_entry", "submission", '"case"', "holder")
    with reading(session):
        for statement in ("select amount_vnd from event", "select * from event", "select to_jsonb(e) from event e",
                          "select max(amount_vnd) from event", "select id from event where amount_vnd > 5",
                          "select id from event order by amount_vnd"):  # fmt: skip
            with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
                session.execute(text(statement))
        for table in everything:
            found = session.execute(text(f"select to_jsonb(t)::text from {table} t")).scalars()  # noqa: S608
            assert not any("7700000" in row for row in found), table
        assert session.scalars(select(model.Event)).all(), "events themselves are read as ever"
    with reading(session, personal=frozenset({place.projects[0].id})):
        assert set(session.scalars(select(money.EVENT_AMOUNT.c.amount_vnd))) == {77_000_001, 77_000_002}


def test_an_officer_has_her_projects_exactly_and_others_by_threes(session, place):
    for project in (0, 1):
        for n in range(4):
            paid(session, place.case(session, project, 0), 10 ** (n + 4 * project))
    mine, other = place.projects
    with reading(session, personal=frozenset({mine.id})):
        answer = progress(session, ask(by=("project",), as_of=LAST, kinds=("payment",)))
        rows = {row.project.code: row for row in answer.rows}
        assert rows[mine.code].values["payment"]["amount_vnd"] == 1111
        assert not rows[mine.code].withheld
        assert rows[other.code].values["payment"]["amount_vnd"] == 1_110_000
        assert rows[other.code].withheld == {"payment"}
        assert answer.total.values["payment"]["amount_vnd"] == 1_111_111


def test_an_investor_has_sums_of_the_given_project_alone(session, place):
    for project in (0, 1):
        for n, case in enumerate([place.case(session, project, 0) for _ in range(3)]):
            paid(session, case, 10 ** (n + 3 * project))
    with reading(session, projects=frozenset({place.projects[0].id})):
        assert total(session) == (111, False)
        assert session.scalars(select(money.AmountBatch.amount_vnd)).all() == [111]
        assert len(session.execute(select(money.EVENT_AMOUNT)).all()) == 3


# Days.


def test_the_day_of_a_payment_is_told_to_who_may_have_personal_data(session, place):
    cases = [place.case(session, 0, 0) for _ in range(3)]
    project = place.projects[0]
    land = session.scalars(select(model.AffectedParcel).where(model.AffectedParcel.case_id == cases[0].id)).one()
    make.event(session, project, "recovery_decision", date(2025, 2, 1), case_id=cases[0].id)
    paid(session, cases[0], 5, date(2025, 3, 1))
    paid(session, cases[1], 6, date(2025, 3, 2))

    def seen():
        shown = parcels.features().subquery()
        day = session.execute(
            select(shown.c.payment_day, shown.c.recovery_decision_day).where(shown.c.id == land.id)
        ).one()
        facts = parcel_facts(session, land.id, LAST)
        days = [entry.day for entry in timeline(session, project.code, LAST) if entry.indicator.key == "payment"]
        return tuple(day), [event.indicator.key for event in facts.events], facts.withheld, days

    with reading(session):
        assert seen() == ((None, 20250201), ["recovery_decision"], True, [])
    with reading(session, personal=frozenset({project.id})):
        assert seen() == (
            (20250301, 20250201), ["recovery_decision", "payment"], False, [date(2025, 3, 2), date(2025, 3, 1)]
        )  # fmt: skip
    paid(session, cases[2], 7, date(2025, 3, 5))
    with reading(session):
        assert seen()[-1] == [date(2025, 3, 5)], "the three together, on the latest day"
        (entry,) = [each for each in timeline(session, project.code, LAST) if each.indicator.key == "payment"]
        assert entry.holders == 3


def test_that_three_households_wait_for_their_money_is_counted_of_fewer_it_is_not(session, place):
    day, code = date(2025, 6, 1), place.projects[0].code
    for waiting in (1, 2, 3):
        case = place.case(session, 0, 0)
        make.event(session, place.projects[0], "plan_approval", date(2025, 2, 1), case_id=case.id)
        with reading(session):
            found = [late for late in overdue(session, code, day) if late.step == "payment"]
            assert [late.withheld for late in found] == [True] * waiting
            counted = [(late.cases, late.oldest) for late in overdue_steps(found)]
            assert counted == ([(3, None)] if waiting == 3 else []), "the day on which one waits no more is its day"
    with reading(session, personal=None):
        assert [late.withheld for late in overdue(session, code, day) if late.step == "payment"] == [False] * 3


# Beside official papers.


def stated(session, place: Place, amount: int, upto: date, **given) -> str:
    """Enter what an official paper says was paid of the first project by a day, in all communes."""
    unit = session.get_one(model.AdminUnit, place.communes[0 if upto < REFORM else 2].id)
    values = {"amount_vnd": amount} | given.pop("values", {})
    number = session.scalar(select(func.count()).select_from(model.ReportedFigure))
    figure = NewFigure(unit.slug, f"{number}/BC", "payment", "cumulative", upto, values, line=str(number),
                       project=place.projects[0].code, holder="household", **given)  # fmt: skip
    return reported.enter(session, [figure], way="form", by="lan", key=f"stated-{number}").result["figures"][0]


def told(session) -> set[str]:
    return set(session.scalars(select(model.ReportedFigure.figure)))


def test_an_exact_official_sum_beside_the_batches_does_not_tell_who_is_in_none(session, place):
    """Ten households were paid, nine of them make three batches; the paper says what all ten got."""
    for n in range(10):
        paid(session, place.case(session, 0, 0), 10**n)
    with reading(session):
        assert total(session) == (111_111_111, True)
    figure = stated(session, place, 1_111_111_111, LAST)
    with reading(session):
        assert total(session) == (111_111, True), "the newest batch is told no more: the difference is four households'"
        assert figure in told(session)
        (entry,) = catalogue.list_reported(session)
        (cell,) = [cell for cell in compare(session, entry).cells if cell.measure == "amount_vnd"]
        assert cell.withheld
        assert cell.recorded is None
    with reading(session, personal=None):
        assert total(session) == (1_111_111_111, False)


def test_records_that_come_after_the_paper_are_told_beside_it_in_the_same_way(session, place):
    figure = stated(session, place, 1111, LAST)
    for n in range(4):
        paid(session, place.case(session, 0, 0), 10**n)
    with reading(session):
        assert total(session) == (None, True)
        assert figure in told(session)


def test_an_official_sum_that_leaves_one_or_two_households_of_another_is_withheld(session, place):
    for n in range(5):
        paid(session, place.case(session, 0, 0), 10**n, FIRST + timedelta(days=10 * n))
    whole = stated(session, place, 11_111, LAST)
    without_one = stated(session, place, 1111, FIRST + timedelta(days=35))
    without_three = stated(session, place, 11, FIRST + timedelta(days=15))
    of_two = stated(session, place, 123, LAST, values={"households": 2})
    with reading(session):
        assert told(session) == {whole}
    with reading(session, personal=frozenset({place.projects[0].id})):
        assert told(session) == {whole, without_one, without_three, of_two}
    with reading(session, projects=frozenset({place.projects[0].id})):
        assert told(session) == {whole}, "an investor"


def test_a_total_with_a_part_that_is_withheld_contradicts_nothing(session, place):
    whole = stated(session, place, 1000, LAST, values={"households": 12})
    stated(session, place, 700, LAST, values={"households": 10}, part_of=whole, restriction="đợt 1")
    stated(session, place, 290, LAST, values={"households": 2}, part_of=whole, restriction="đợt 2")
    with reading(session, personal=None):
        assert [found.rule for found in contradictions.within_reports(catalogue.list_reported(session))] == ["parts"]
    with reading(session):
        assert told(session) == {whole}, "ten of twelve would leave the two"
        assert contradictions.within_reports(catalogue.list_reported(session)) == []


def test_payments_to_a_household_without_neighbours_are_not_counted_and_it_is_said_whether_or_not_it_was_paid(
    session, place
):  # fmt: skip
    alone = place.case(session, 0, 1)
    others = [place.case(session, 0, 0) for _ in range(3)]
    for n, case in enumerate(others):
        paid(session, case, 10**n)
    commune = place.communes[1].slug

    def counted(**asked):
        answer = progress(session, ask(as_of=LAST, kinds=("payment", "affected"), **asked)).total
        return answer.values["payment"]["households"], answer.withheld_measures

    with reading(session):
        before = counted(unit=commune, units_of="old")
    paid(session, alone, 5000)
    with reading(session):
        assert counted(unit=commune, units_of="old") == before == (None, counted(unit=commune, units_of="old")[1])
        assert "payment.households" in before[1]
        assert counted()[0] == 3
    with reading(session, personal=None):
        assert counted() == (4, ())


def test_a_document_that_pays_one_household_tells_neither_whom_nor_its_day(session, place):
    project, day = place.projects[0], date(2025, 3, 1)
    cases = [place.case(session, 0, 0) for _ in range(3)]
    papers = [make.document(session, issued_on=day, project_id=project.id) for _ in range(2)]
    paper_of_one, paper_of_three = papers
    for case, paper in ((cases[0], paper_of_one), *((case, paper_of_three) for case in cases)):
        make.event(session, project, "payment", day, case_id=case.id, document_id=paper.id, amount_vnd=7)

    def seen(paper):
        found = documents.get(session, project.id, paper.id)
        return found.issued_on, found.rests, [one.case for one in documents.events(session, project.id, paper.id)]

    file = "case_file", project.id, cases[0].code
    with reading(session):
        assert seen(paper_of_one) == (None, {}, [])
        assert seen(paper_of_three) == (day, {"payment": 3}, [])
        assert [e.kind for e in casefile.case_file(session, *file[1:], personal=False).entries] == []
        hits = search(session, paper_of_one.number, day=LAST, records=True).hits
        assert {hit.issued_on for hit in hits if hit.kind == "document"} == {None}
    with reading(session, personal=frozenset({project.id})):
        assert seen(paper_of_one) == (day, {"payment": 1}, [cases[0].code])
        assert len(casefile.case_file(session, *file[1:], personal=True).entries) == 2
