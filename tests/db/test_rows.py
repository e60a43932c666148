"""The rows of layers and roll-ups, held against plain SQL and against what the map's own expressions say."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text

import layers
from gis.model import AdminUnit, Project
from gis.progress import ask, progress
from layers.rollups import folded
from layers.rows import LayerTable, Narrowing, Question
from layers.tables import table, tables

DAY = date(2022, 10, 24)
LATE = date(2024, 12, 16)
EVERYTHING = 100_000


def rows_of(session, name, *columns, totals=False, find=None, **asked):
    found = table(name, "office")
    columns = columns or tuple(column.name for column in found.columns)
    question = Question(**{"day": DAY, "columns": columns} | asked)
    return found.read(session, question, 0, EVERYTHING, totals=totals, find=find)


def values_of(session, name, *columns, **asked):
    return [row.values for row in rows_of(session, name, *columns, **asked).rows]


def test_number_and_sums_are_those_of_plain_sql(sample_session):
    plain = sample_session.execute(
        text("select count(*), sum(area_m2), count(geom) from affected_parcel where registered_on <= :day"),
        {"day": DAY},
    ).one()
    totals = rows_of(sample_session, "parcels", totals=True).totals
    assert (totals.found, totals.sums["area_m2"], totals.drawn) == tuple(plain)
    assert 0 < totals.found < rows_of(sample_session, "parcels", day=LATE, totals=True).totals.found


def test_handed_over_by_the_day_is_what_the_records_say(sample_session):
    """On a day nobody knows yet what happens after it: what is not filled in is what is left to do."""
    plain = sample_session.scalars(
        text(
            "select a.id from affected_parcel a left join parcel_step s on s.affected_parcel_id = a.id "
            "where a.registered_on <= :day and (s.handover_on is null or s.handover_on > :day)"
        ),
        {"day": DAY},
    ).all()
    left = rows_of(sample_session, "parcels", narrowed={"handover_day": Narrowing(given=False)})
    assert {int(row.key) for row in left.rows} == set(plain)
    days = [value for values in values_of(sample_session, "parcels", "handover_day", day=DAY) for value in values]
    assert max(day for day in days if day) <= DAY


@pytest.mark.parametrize("found", tables("office"), ids=lambda found: found.name)
def test_every_table_can_be_sorted_by_every_column_both_ways_and_reads_alike_in_windows(sample_session, found):
    columns = tuple(column.name for column in found.columns if column.opening)
    asked = Question(LATE, date(2024, 1, 1), columns=columns)
    whole = found.read(sample_session, asked, 0, EVERYTHING)
    assert whole.totals.found == len(whole.rows) > 0
    for name in columns:
        for descending in (False, True):
            question = replace(asked, sort=name, descending=descending)
            rows = [row.values[columns.index(name)] for row in found.read(sample_session, question, 0, 500).rows]
            known = [value for value in rows if value is not None]
            assert rows == known + [None] * (len(rows) - len(known)), "what is missing comes last"
            if known and not isinstance(known[0], str):
                assert known == sorted(known, reverse=descending)
    question = replace(asked, sort=columns[0])
    windows = [row for at in range(0, 300, 100) for row in found.read(sample_session, question, at, 100).rows]
    assert windows == found.read(sample_session, question, 0, 300).rows
    assert [row.values for row in found.stream(sample_session, question)][:300] == [row.values for row in windows]


def test_texts_that_begin_with_a_number_go_by_it(sample_session):
    numbers = [number for (number,) in values_of(sample_session, "parcels", "number", sort="number")]
    begins = [int(number) for number in numbers if number.isdecimal()]
    assert begins == sorted(begins)
    names = [name for (name,) in values_of(sample_session, "communes", "name", sort="name")]
    assert names.index("xã Đồng Tân") < names.index("xã Hòa Bình") < names.index("xã Mai Pha"), "Đ before H"


def test_words_are_found_in_any_spelling(sample_session):
    for words, sure in (("ky cung", "Kỳ Cùng"), ("KỲ-CÙNG", "Kỳ Cùng"), ("ky cun", "Kỳ Cùng")):
        names = values_of(sample_session, "parcels", "project_name", words=words)
        assert names
        assert all(sure in name for (name,) in names)
    parcels = values_of(sample_session, "parcels", "sheet", "number", words="25/143", day=LATE)
    assert parcels == [("25", "143")]
    assert not values_of(sample_session, "parcels", words="25/143 Hữu Lũng nào đó", day=LATE)
    assert not values_of(sample_session, "parcels", words="漢字"), "words that fold to nothing find nothing"
    by_words = values_of(sample_session, "by-project", "name", words="ky cung")
    assert by_words
    assert all("Kỳ Cùng" in name for (name,) in by_words)


def test_columns_are_narrowed(sample_session):
    areas = values_of(
        sample_session, "parcels", "area_m2", narrowed={"area_m2": Narrowing(least=Decimal(100), most=Decimal(200))}
    )
    assert areas
    assert all(100 <= area <= 200 for (area,) in areas)
    days = values_of(
        sample_session, "parcels", "inventory_day",
        narrowed={"inventory_day": Narrowing(least=date(2021, 1, 1), most=date(2021, 12, 31))},
    )  # fmt: skip
    assert {day.year for (day,) in days} == {2021}
    assert values_of(sample_session, "parcels", "holder", narrowed={"holder": Narrowing(contains="khong co chu")})
    assert not values_of(sample_session, "projects", narrowed={"illustrative": Narrowing(holds=False)})


def test_only_what_the_map_shows(sample_session):
    bounds = (106.74, 21.87, 106.75, 21.88)
    rows = rows_of(sample_session, "parcels", bounds=bounds).rows
    plain = sample_session.scalar(
        text(
            "select count(*) from affected_parcel where registered_on <= :day and st_intersects("
            "st_transform(st_setsrid(geom, 914756), 4326), st_makeenvelope(:w, :s, :e, :n, 4326))"
        ),
        {"day": DAY} | dict(zip("wsen", bounds, strict=True)),
    )
    assert len(rows) == plain > 0
    for west, south, east, north in (row.bounds for row in rows):
        assert west <= bounds[2]
        assert bounds[0] <= east
        assert south <= bounds[3]
        assert bounds[1] <= north


def test_outlines_cross_to_wgs84_by_the_pinned_definition(sample_session):
    """From the copy tiles are cut of: to the seventh decimal the same as from the stored outline."""
    found = table("parcels", "office")
    row = next(found.stream(sample_session, Question(DAY, columns=("area_m2",)), geometry=True))
    plain = sample_session.scalar(
        text(
            "select st_asgeojson(st_forcepolygonccw(st_transform(st_setsrid(geom, 914756), 4326)), 7) "
            "from affected_parcel where id = :id"
        ),
        {"id": int(row.key)},
    )
    assert row.geometry == plain


def test_a_key_is_found_at_its_place_in_any_order(sample_session):
    for name, asked in (("parcels", {"sort": "area_m2", "descending": True}), ("by-commune", {"sort": "name"})):
        rows = rows_of(sample_session, name, **asked).rows
        for place in (0, 7, len(rows) - 1):
            assert rows_of(sample_session, name, find=rows[place].key, **asked).position == place
        assert rows_of(sample_session, name, find="no-such-key", **asked).position is None


def test_roll_ups_are_the_answers_of_progress(sample_session):
    for by, name in (("project", "by-project"), ("commune", "by-commune")):
        for asked, question in (
            ({"day": LATE}, ask(by=(by,), as_of=LATE)),
            ({"day": LATE, "since": DAY}, ask(by=(by,), since=date(2022, 10, 25), upto=LATE)),
        ):
            answer = progress(sample_session, question)
            told = rows_of(
                sample_session, name, "name", "handover.households", "handover.area_m2", "handover.documents", "source",
                totals=True, **asked,
            )  # fmt: skip
            wanted = {(row.values["handover"]["households"], row.values["handover"]["area_m2"]) for row in answer.rows}
            assert {row.values[1:3] for row in told.rows} == wanted
            assert told.totals.sums["handover.documents"] == answer.total.values["handover"]["documents"]
            assert told.totals.sums["handover.area_m2"] == answer.total.values["handover"]["area_m2"]


def test_a_part_of_a_roll_up_sums_what_can_be_summed(sample_session):
    columns = ("name", "handover.area_m2", "handover.households", "handover.documents")
    told = rows_of(sample_session, "by-project", *columns, day=LATE, words="hoang dong", totals=True)
    whole = rows_of(sample_session, "by-project", *columns, day=LATE, totals=True)
    assert 1 < told.totals.found < whole.totals.found
    assert told.totals.sums["handover.area_m2"] == sum(row.values[1] for row in told.rows if row.values[1] is not None)
    assert told.totals.sums["handover.documents"] is None, "one document may concern two projects"
    missing = [row.values for row in whole.rows if row.values[1] is None]
    assert missing, "missing is not zero"


def test_texts_fold_in_memory_as_in_the_database(sample_session):
    names = [
        *sample_session.scalars(select(Project.name)), *sample_session.scalars(select(AdminUnit.name)),
        "0211/2024/QĐ-UBND", "Hoà  BÌNH 007", "Ðà Nẵng", "km3+700", "", "漢字",
    ]  # fmt: skip
    for name, expected in sample_session.execute(
        select(func.unnest(names).label("name")).add_columns(func.folded(func.unnest(names)))
    ):
        assert folded(name) == expected


def test_a_window_takes_the_same_statements_whatever_its_size(sample_session, statements):
    found = table("parcels", "office")
    question = Question(DAY, columns=("area_m2",), sort="area_m2")
    counts = []
    for limit in (10, 500):
        with statements() as asked:
            found.read(sample_session, question, 0, limit, find="1")
        counts.append(len(asked))
    assert counts == [3, 3], "rows, totals, place"


def test_what_a_reader_may_not_see_has_no_table():
    assert {found.name for found in tables("public")} < {found.name for found in tables("office")}
    assert "parcels" not in {found.name for found in tables("public")}
    assert tables("none") == []
    named = {found.name for found in tables("office") if isinstance(found, LayerTable)}
    assert named == {layer.name for layer in layers.every() if layer.source not in ("figures", "clusters")}
