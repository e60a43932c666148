"""Whatever the history and the scope: what a report's tables state, sums to what its text states."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis import report
from gis.progress import ask, progress
from tests.histories import FIRST, OLD, REFORM, histories, recorded

ADDITIVE = ("households", "organisations", "communities", "holders", "area_m2", "amount_vnd", "plots", "events")
DISTINCT = ("documents", "projects")
story = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
days = st.integers(0, (REFORM - FIRST).days - 1).map(lambda n: FIRST + timedelta(days=n))  # the old units stand
scopes = st.sampled_from([*OLD, "h-1", "h-2", "t-x"])
choices = st.sampled_from([(), ("p-0",), ("p-1",), ("p-0", "p-1")])


def summed(lines, kind: str, measure: str) -> int | Decimal:
    return sum((line.values[kind][measure] or 0 for line in lines), Decimal(0))


@story
@given(history=histories(), period=st.tuples(days, days), unit=scopes, projects=choices)
def test_tables_sum_to_the_text_and_what_is_counted_once_states_its_own(session, history, period, unit, projects):
    since, upto = min(period), max(period)
    with recorded(session, history):
        built = report.build(session, unit=unit, since=since, upto=upto, projects=projects, units_of="old")
        asked = ask(unit=unit, since=since, upto=upto, projects=projects, units_of="old", kinds=report.PERIOD_KINDS)
        assert built.total == progress(session, asked).total.values, "the text states what map and API state"
        for kind in report.PERIOD_KINDS:
            stated = built.total[kind]
            for lines in (built.projects, built.communes):
                for measure in ADDITIVE:
                    assert summed(lines, kind, measure) == (stated[measure] or 0), f"{kind}.{measure}"
                for measure in DISTINCT:
                    largest = max((line.values[kind][measure] or 0 for line in lines), default=0)
                    assert largest <= (stated[measure] or 0) <= summed(lines, kind, measure), f"{kind}.{measure}"
            by_holder = [line for lines in built.apart.values() for line in lines]
            for measure in ("holders", "area_m2", "amount_vnd"):
                assert summed(by_holder, kind, measure) == (stated[measure] or 0), f"{kind}.{measure} by holder"
        assert not projects or {line.key for line in built.projects} <= set(projects)
