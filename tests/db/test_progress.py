"""The progress function against an independent plain-Python count, on random histories."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.progress import ask, progress
from tests.histories import NEW, OLD, Case, Counter, History, Land, days, histories, recorded

ADDITIVE = ("households", "organisations", "communities", "holders", "area_m2", "amount_vnd", "plots", "events")
story = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
periods = st.tuples(st.none() | days, days).map(lambda p: (p[0], max(p[1], p[0] or p[1])))
moments = st.none() | days.map(lambda d: datetime(d.year, d.month, d.day, 12, tzinfo=UTC))
holders = st.none() | st.sampled_from(["household", "organisation", "community", "none"])


def asked(since, upto, known, **more):
    day = {"as_of": upto} if since is None else {"since": since, "upto": upto}
    return ask(**day, known_at=known, **more)


def same(found: dict, expected: dict, where: str) -> None:
    for kind, measures in expected.items():
        for measure, value in measures.items():
            got = found[kind][measure]
            assert (got or 0) == (value or 0), f"{where}: {kind}.{measure} is {got}, plain count says {value}"


@settings(story, max_examples=1000)
@given(history=histories(), period=periods, known=moments, holder=holders, units_of=st.sampled_from(["old", "new"]))
def test_every_count_equals_the_plain_one(session, history, period, known, holder, units_of):
    with recorded(session, history):
        plain = Counter(history, since=period[0], upto=period[1], known=known, new_units=units_of == "new")
        answer = progress(session, asked(*period, known, holder=holder, units_of=units_of, by=("project", "commune")))
        same(answer.total.values, plain.count(holder=holder), "total")
        for row in answer.rows:
            where = {"project": int(row.project.code[2:]), "commune": row.commune.slug if row.commune else "?"}
            if row.commune:
                same(row.values, plain.count(**where, holder=holder), f"row {where}")


@story
@given(history=histories(), period=periods, known=moments)
def test_parts_sum_to_the_total_and_old_units_to_new(session, history, period, known):
    with recorded(session, history):
        totals = []
        for by in (("project",), ("commune",), ("project", "commune")):
            for units_of in ("old", "new"):
                answer = progress(session, asked(*period, known, by=by, units_of=units_of))
                totals.append(answer.total.values)
                for kind, measures in answer.total.values.items():
                    for measure in ADDITIVE:
                        parts = sum(row.values[kind][measure] or 0 for row in answer.rows)
                        assert parts == (measures[measure] or 0), f"{by} {units_of} {kind}.{measure}"
        assert all(total == totals[0] for total in totals)


@story
@given(history=histories(), day=days, known=days)
def test_what_is_recorded_later_does_not_change_an_answer(session, history, day, known):
    moment = datetime(known.year, known.month, known.day, 12, tzinfo=UTC)
    with recorded(session, history):
        everything = progress(session, asked(None, day, moment, by=("project", "commune"), units_of="old"))
        late = [e for e in history.events if e.recorded_at > moment]
        history.events = [e for e in history.events if e.recorded_at <= moment]
        for event in history.events:
            if event.voided_at and event.voided_at > moment:
                event.voided_at = None
    with recorded(session, history):
        only_known = progress(session, asked(None, day, moment, by=("project", "commune"), units_of="old"))
        assert everything.total.values == only_known.total.values, f"{len(late)} late entries showed"


@story
@given(history=histories(), day=days, slug=st.sampled_from([*OLD, *sorted(set(NEW.values())), "h-1", "h-2", "t-x"]))
def test_a_unit_holds_what_lies_in_it(session, history, day, slug):
    with recorded(session, history):
        new = slug.endswith("-2025")
        answer = progress(session, ask(as_of=day, unit=slug, units_of="new" if new else "old"))
        plain = Counter(history, since=None, upto=day, known=None, new_units=new)
        inside = {"h-1": ("x-a", "x-b"), "h-2": ("x-c",), "t-x": OLD}.get(slug, (slug,))
        if slug == "t-x":  # cases without any land lie nowhere, so not in the province either
            inside = OLD
        for kind in ("handover", "affected", "payment", "not_handed_over"):
            for measure in ("holders", "area_m2", "amount_vnd"):
                expected = sum((plain.count(commune=c)[kind].get(measure) or 0 for c in inside), Decimal(0))
                assert (answer.total.values[kind][measure] or 0) == expected, f"{slug} {kind}.{measure}"


def test_missing_is_not_zero(session):
    """A project without records says null in every measure; one with records and no handover says 0."""
    moment = datetime(2024, 1, 2, tzinfo=UTC)
    day = moment.date()
    with recorded(
        session, History([Case(0, "household", day, moment)], [Land(0, 0, "x-a", Decimal("10.5"), day, moment)])
    ):
        answer = progress(session, ask(as_of=day + timedelta(days=1), by=("project",)))
        with_records, without = answer.rows
        assert with_records.source == "records"
        assert with_records.values["handover"]["area_m2"] == 0
        assert with_records.values["handover"]["households"] == 0
        assert with_records.values["handover"]["amount_vnd"] is None, "a handover carries no money"
        assert with_records.values["not_handed_over"]["area_m2"] == Decimal("10.5")
        assert without.source == "none"
        assert {value for kind in without.values.values() for value in kind.values()} == {None}
