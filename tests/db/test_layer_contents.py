"""What single layers show on a day, against plain questions of the records."""

from datetime import date, timedelta
from itertools import combinations, pairwise

import pytest
from sqlalchemy import Double, cast, func, select, text

import layers
from gis import model
from gis.catalogue import list_projects
from layers import discs, obstacles, parcels
from layers.expressions import Surroundings, to_sql
from layers.palette import LINES, OBSTACLE, PATTERNS, STEP, STEP_PATTERN
from layers.spec import Layer, in_language
from tests import factories as make

DAYS = [
    date.fromisoformat(day)
    for day in ("2019-02-28", "2020-06-30", "2022-10-24", "2024-03-31", "2024-12-16", "2026-01-01")
]
KEPT = model.ParcelStep


def number(day: date | None) -> int:
    return int(day.strftime("%Y%m%d")) if day else 0


def layer_named(name: str) -> Layer:
    return next(layer for layer in layers.every() if layer.name == name)


def shown(session, name: str, day: date, since: date | None = None, part: str | None = None) -> list:
    """The rows a layer, or one part of its style, shows on a day, with its computed fields."""
    layer = layer_named(name)
    source = layer_named(layer.source) if layer.source else layer
    f = source.features().subquery()
    states = {"day": number(day), "since": number(since), "project": ""}
    around = Surroundings({column.key: column for column in f.c}, states)
    condition = to_sql(layer.filter, around)
    if part:
        (style,) = (style for style in layer.styles if style["id"] == part)
        condition = condition & to_sql(style["filter"], around)
    computed = [to_sql(field.expression, around).label(field.name) for field in layer.fields if field.expression]
    columns = [column for column in f.c if column.key != "geom"]
    return session.execute(select(*columns, *computed).where(condition)).all()


def count(session, day: date, *conditions) -> int:
    on_record = select(func.count()).select_from(model.AffectedParcel).join(KEPT)
    return session.scalar(on_record.where(model.AffectedParcel.registered_on <= day, *conditions))


# -- projects --------------------------------------------------------------------------------------------


def states_of(session, day: date) -> dict[str, tuple]:
    return {row.code: (row.suspended_scope, row.suspended_day) for row in shown(session, "projects", day)}


def test_every_suspension_shows_on_its_days(session):
    project = make.project(session)
    make.boundary(session, project)
    part = model.ProjectPart(project_id=project.id, code="bt", name="BT")
    session.add(part)
    session.flush()
    for kind, day, of in (
        ("suspension", date(2018, 1, 1), None),
        ("resumption", date(2018, 6, 1), None),
        ("suspension", date(2019, 3, 1), part.id),
        ("suspension", date(2019, 5, 1), None),
        ("resumption", date(2019, 6, 1), part.id),
        ("resumption", date(2019, 8, 1), None),
        ("suspension", date(2020, 1, 1), part.id),
        ("resumption", date(2020, 2, 1), None),
    ):
        make.event(session, project, kind, day, part_id=of)
    found = {}
    day = date(2017, 12, 1)
    while day < date(2020, 6, 1):
        found[day] = states_of(session, day)[project.code]
        day = (day + timedelta(32)).replace(day=1)
    changes = [(day, state) for day, state in found.items() if found.get((day - timedelta(1)).replace(day=1)) != state]
    assert changes == [
        (date(2017, 12, 1), (None, None)),
        (date(2018, 1, 1), ("project", 20180101)),
        (date(2018, 6, 1), (None, None)),
        (date(2019, 3, 1), ("part", 20190301)),
        (date(2019, 5, 1), ("project", 20190501)),
        (date(2019, 8, 1), (None, None)),
        (date(2020, 1, 1), ("part", 20200101)),
        (date(2020, 2, 1), (None, None)),
    ], "the widest counts, and what ends all ends the part"


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_map_knows_the_suspensions_that_the_panel_tells(sample_session, day):
    told = {entry.code: entry for entry in list_projects(sample_session, day=day)}
    drawn = states_of(sample_session, day)
    assert drawn
    for code, (scope, since) in drawn.items():
        widths = {"part" if s["part"] else "step" if s["step"] else "project" for s in told[code].suspensions}
        assert scope == next((width for width in ("project", "part", "step") if width in widths), None), code
        assert (since is None) == (not widths)


def test_an_outline_is_shown_once_on_any_day(sample_session):
    for day in DAYS:
        codes = [row.code for row in shown(sample_session, "projects", day)]
        assert len(codes) == len(set(codes))
    total = sample_session.scalar(
        text("select count(distinct project_id) from project_boundary where valid @> cast(:day as date)"),
        {"day": DAYS[-1]},
    )
    assert len(shown(sample_session, "projects", DAYS[-1])) == total > 0


# -- parcels and what draws from their tiles ---------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS[2:], ids=str)
def test_what_is_left_is_what_is_not_handed_over_in_full(sample_session, day):
    left = func.coalesce(KEPT.handover_full_on > day, True)
    in_part = KEPT.handover_on <= day
    assert len(shown(sample_session, "remaining", day)) == count(sample_session, day, left) > 0
    assert len(shown(sample_session, "remaining", day, part="part")) == count(sample_session, day, left, in_part)


def test_land_of_no_holder_is_that_without_a_case(sample_session):
    day, nobody = DAYS[-1], model.AffectedParcel.case_id.is_(None)
    assert len(shown(sample_session, "no_holder", day)) == count(sample_session, day, nobody) > 0


@pytest.mark.parametrize(("since", "day"), list(combinations(DAYS[2:], 2)), ids=lambda day: str(day))
def test_what_lies_between_two_dates_stands_out(sample_session, since, day):
    full = (KEPT.handover_full_on > since) & (KEPT.handover_full_on <= day)
    first = (KEPT.handover_on > since) & (KEPT.handover_on <= day)
    found = shown(sample_session, "handed_between", day, since)
    assert len(found) == count(sample_session, day, full | first)
    whole = shown(sample_session, "handed_between", day, since, part="full")
    assert len(whole) == count(sample_session, day, full)
    assert len(shown(sample_session, "handed_between", day, since, part="part")) == len(found) - len(whole)


def test_one_date_alone_compares_nothing(sample_session):
    assert not shown(sample_session, "handed_between", DAYS[4])
    assert shown(sample_session, "handed_between", DAYS[4], DAYS[2])


def test_the_last_step_is_in_words(sample_session):
    day = DAYS[4]
    field = next(field for field in parcels.FIELDS if field.name == "step")
    found = {row.id: row.step for row in shown(sample_session, "parcels", day)}
    assert set(found.values()) <= set(field.words)
    assert len(set(found.values())) > 4
    for kept in sample_session.scalars(select(KEPT).limit(400)):
        reached = [name for name in parcels.REACHED if (getattr(kept, f"{name}_on") or date.max) <= day]
        if kept.affected_parcel_id in found:
            assert found[kept.affected_parcel_id] == (reached[-1] if reached else "not_started")


def test_each_step_has_one_pattern_where_it_is_the_last(sample_session):
    day = DAYS[4]
    steps = [row.step for row in shown(sample_session, "parcels", day)]
    for step, pattern in STEP_PATTERN.items():
        assert len(shown(sample_session, "parcels", day, part=pattern)) == steps.count(step)


# -- obstacles -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_obstacles_show_from_known_to_resolved_with_their_age(sample_session, day):
    wanted = sample_session.execute(
        text(
            """
            select id, extract(year from age(:day, known_since)) * 12 + extract(month from age(:day, known_since)),
                case when known_since + interval '1 year' <= :day then 'old'
                     when known_since + interval '3 months' <= :day then 'stale' else 'new' end
            from obstacle where known_since <= :day and coalesce(resolved_on > :day, true)
            """
        ),
        {"day": day},
    ).all()
    found = {(row.id, row.age_months, row.age) for row in shown(sample_session, "obstacles", day)}
    assert found == set(map(tuple, wanted))


def test_whole_months_are_counted_by_the_day_of_the_month(session):
    project = make.project(session)
    make.obstacle(session, project, known_since=date(2024, 1, 31))
    ages = {day: shown(session, "obstacles", day)[0].age_months for day in (date(2024, 2, 29), date(2024, 3, 31))}
    assert ages == {date(2024, 2, 29): 0, date(2024, 3, 31): 2}


def test_every_kind_of_obstacle_in_the_sample_has_words(sample_session):
    assert set(sample_session.scalars(select(model.Obstacle.kind))) <= set(obstacles.KINDS)


def test_what_is_written_of_one_household_stays_out_of_the_tile(session):
    project = make.project(session)
    of_case = make.case(session, project)
    make.obstacle(session, project, known_since=date(2024, 1, 1), case_id=of_case.id, description="Hộ ông A khiếu nại")
    make.obstacle(session, project, known_since=date(2024, 1, 1), description="Chưa có giá đất")
    described = [row.description for row in shown(session, "obstacles", date(2024, 2, 1))]
    assert sorted(described, key=str) == ["Chưa có giá đất", None]


def test_the_label_of_an_obstacle_names_its_kind_and_day(session):
    project = make.project(session)
    make.obstacle(session, project, known_since=date(2022, 10, 24))
    f = layer_named("obstacles").features().subquery()
    (label,) = (style for style in layer_named("obstacles").styles if style["id"] == "label")
    around = Surroundings({column.key: column for column in f.c}, {"day": 20240101, "since": 0, "project": ""})
    texts = [
        session.scalar(select(to_sql(in_language(label["layout"]["text-field"], language), around)))
        for language in ("vi", "en")
    ]
    assert texts == ["Giải phóng mặt bằng chậm\ntừ 24/10/2022", "Clearance is slow\nsince 24/10/2022"]


# -- looks -----------------------------------------------------------------------------------------------


def outputs(expression) -> set[str]:
    """The colours an expression can come to."""
    if isinstance(expression, str):
        return {expression} if expression.startswith("#") else set()
    return set().union(*(outputs(part) for part in expression)) if isinstance(expression, list | tuple) else set()


@pytest.mark.parametrize("layer", layers.every(), ids=lambda layer: layer.name)
def test_the_legend_has_every_colour_and_pattern_that_is_drawn(layer):
    told = {item.colour for item in layer.legend} | {item.inner_colour for item in layer.legend}
    for style in layer.styles:
        paint = style.get("paint", {})
        for name in ("fill-color", "circle-color"):
            assert outputs(paint.get(name, [])) <= told
        pattern = paint.get("fill-pattern")
        assert pattern is None or pattern in {item.pattern for item in layer.legend}


def test_patterns_are_lines_that_can_be_drawn():
    assert {pattern["kind"] for pattern in PATTERNS.values()} <= set(LINES)


def linear(colour: str) -> list[float]:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def lightness(rgb: list[float]) -> float:
    """CIE L* of linear sRGB."""
    y = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


# Viénot, Brettel and Mollon 1999: how linear RGB looks to those without red, or without green receptors.
SEEN_BY = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopes": ((0.11238, 0.88762, 0), (0.11238, 0.88762, 0), (0.00401, -0.00401, 1)),
    "deuteranopes": ((0.29275, 0.70725, 0), (0.29275, 0.70725, 0), (-0.02234, 0.02234, 1)),
}


def as_seen(colour: str, who: str) -> list[float]:
    return [max(0, sum(m * part for m, part in zip(row, linear(colour), strict=True))) for row in SEEN_BY[who]]


NEAR = 12
"""Two greys this near in L* cannot be told from each other across a map."""


@pytest.mark.parametrize("who", SEEN_BY)
def test_two_states_of_a_parcel_are_told_apart_without_their_colours(who):
    kind = {name: PATTERNS[pattern]["kind"] for name, pattern in STEP_PATTERN.items()}
    for one, other in combinations(STEP, 2):
        greys = [lightness(as_seen(STEP[name], who)) for name in (one, other)]
        assert kind.get(one) != kind.get(other) or abs(greys[0] - greys[1]) > NEAR, (one, other)


def test_lines_of_a_pattern_are_seen_on_their_colour():
    for name, pattern in STEP_PATTERN.items():
        between = lightness(linear(STEP[name])) - lightness(linear(PATTERNS[pattern]["colour"]))
        assert abs(between) > 20, name


def test_the_age_of_an_obstacle_is_told_in_grey_by_size_and_by_mark():
    greys = [lightness(linear(OBSTACLE[age])) for age in obstacles.AGES]
    assert all(one - other > NEAR for one, other in pairwise(greys))
    assert sorted(obstacles.SIZE_PX, key=obstacles.SIZE_PX.get) == list(obstacles.AGES) == list(obstacles.MARK)


def test_the_filled_share_of_a_disc_is_the_share_handed_over(session):
    for affected, done in ((600_000, 150_000), (50_000, 50_000), (400, 100), (5_000_000, 2_500_000)):
        outer, inner = (
            session.scalar(select(to_sql(part["paint"]["circle-radius"], figures(affected, done))))
            for part in discs.LAYER.styles[:2]
        )
        assert float(inner) ** 2 / float(outer) ** 2 == pytest.approx(done / affected)
        assert float(outer) == pytest.approx(discs.radius_px(affected))


def figures(affected: float, done: float) -> Surroundings:
    given = {"affected_m2": affected, "area_m2": done, "projects": 1}
    return Surroundings({name: cast(value, Double) for name, value in given.items()}, {})
