"""Classes of the choropleth: whatever the values, classes ascend, none is empty, and each value falls into one."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.course import Course, Track
from gis.overview import Figures
from gis.units import REFORM
from layers import themes

areas = st.decimals(0, 10**7, places=2)
amounts = st.integers(0, 10**13)


@given(st.lists(areas, max_size=60) | st.lists(amounts, max_size=60) | st.lists(st.sampled_from([0, 1, 2, 5])))
def test_classes_ascend_and_none_is_empty(found):
    lower = themes.natural_breaks(found)
    assert lower == sorted(set(lower))
    assert len(lower) < max(1, min(5, len(set(found))))
    assert {themes.class_of(value, lower) for value in found} == (set(range(len(lower) + 1)) if found else set())


@given(st.lists(amounts, min_size=1, max_size=60))
def test_lower_bounds_have_two_digits(found):
    for begins in themes.natural_breaks(found):
        assert len(Decimal(begins).normalize().as_tuple().digits) <= 2


@pytest.mark.parametrize(
    ("found", "lower"),
    [
        ([], []),
        ([7], []),
        ([7, 7, 7], []),
        ([0, 7], [7]),
        ([0, Decimal("251234.25")], [250_000]),
        ([1, 2, 3, 4, 5], [2, 3, 4, 5]),
        ([0, 1, 4, 130, 131, 212, 215, 350, 351, 480, 485], [130, 210, 350, 480]),
        ([100, Decimal("100.4")], []),
    ],
    ids=["none", "one", "equal", "two", "rounded", "five", "groups", "too close to be told apart by two digits"],
)
def test_breaks_lie_where_values_part(found, lower):
    assert themes.natural_breaks(found) == lower


def test_many_values_are_thinned_to_the_same_classes():
    groups = [group + n for group in (0, 10_000, 400_000, 2_000_000, 9_000_000) for n in range(3_000)]
    assert themes.natural_breaks(groups) == [10_000, 400_000, 2_000_000, 9_000_000]


def figures(affected: int, done: int, paid: int | None = 0) -> Figures:
    left = affected - done
    areas_m2 = Decimal(done * 100), Decimal(affected * 100), Decimal(left * 100)
    return Figures(done, affected, left, 0, 0, *areas_m2, Decimal(0), None if paid is None else Decimal(paid),
                   communities=0, affected_communities=0)  # fmt: skip


def course_of(*communes: Track) -> Course:
    return Course([], list(communes), Track(""), [], [], {})


OLD = Track(
    "x-old", [date(2022, 1, 1), date(2022, 6, 1), REFORM], [figures(10, 0), figures(10, 4, 900), None]
)  # fmt: skip
LATE = Track("x-late", [date(2022, 3, 1), REFORM], [figures(40, 0, None), None])
NEW = Track("x-new", [REFORM], [figures(50, 4, 900)], Track("", [date(2022, 6, 1), REFORM], [figures(50, 4), None]))
NOWHERE = Track("", [date(2022, 1, 1)], [figures(10, 10, 10**9)])


def test_values_are_those_of_the_day_and_only_where_there_are_some():
    course = course_of(OLD, LATE, NEW, NOWHERE)
    may, june = date(2022, 5, 31), date(2022, 6, 1)
    assert themes.values(course, "share_area", june) == {"x-old": Decimal("0.4"), "x-late": 0}
    assert themes.values(course, "share_households", june) == {"x-old": Decimal("0.4"), "x-late": 0}
    assert themes.values(course, "left_area", may) == {"x-old": 1000, "x-late": 4000}
    assert themes.values(course, "left_households", REFORM) == {"x-new": 46}
    assert themes.values(course, "paid_vnd", june) == {"x-old": 900}, "paid, nobody wrote how much: no colour"
    assert themes.values(course, "left_area", date(2021, 12, 31)) == {}


def test_between_two_days_is_what_was_added_across_the_reform_too():
    course = course_of(OLD, LATE, NEW)
    june = date(2022, 6, 1)
    assert themes.values(course, "between_area", june, date(2022, 5, 31)) == {"x-old": 400, "x-late": 0}
    assert themes.values(course, "between_area", REFORM, date(2022, 5, 31)) == {"x-new": 400}
    assert themes.values(course, "between_area", REFORM, june) == {"x-new": 0}
    assert themes.values(course, "between_area", june) == {"x-old": 400, "x-late": 0}


def test_each_generation_of_communes_has_its_own_classes():
    found = themes.breaks(course_of(OLD, LATE, NEW))
    assert found.keys() == themes.THEMES.keys()
    assert found["share_area"] == dict.fromkeys(("old", "new"), themes.SHARE_BREAKS)
    assert found["left_households"] == {"old": [10, 40], "new": []}


def test_without_records_there_are_no_classes_but_those_of_shares():
    found = themes.breaks(course_of())
    assert found["paid_vnd"] == {"old": [], "new": []}
    assert found["share_households"]["new"] == themes.SHARE_BREAKS


def test_every_theme_has_five_colours_and_a_title_in_both_languages():
    for language in ("vi", "en"):
        described = themes.describe(language)
        assert len({theme["title"] for theme in described}) == len(described) == len(themes.THEMES)
        assert {len(theme["colours"]) for theme in described} == {5}
