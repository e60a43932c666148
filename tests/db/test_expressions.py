"""Style expressions as SQL choose the features that MapLibre would."""

from datetime import date

import pytest
from sqlalchemy import and_, cast, column, func, null, select, true, values
from sqlalchemy.types import Double, Integer, Text

import layers
from layers import every
from layers.expressions import Surroundings, at_zoom, to_sql
from layers.spec import CLUSTERS, FIGURES, RECORDED, happened, is_recorded, stands

ROWS = values(
    column("id", Integer), column("from_day", Integer), column("to_day", Integer), column("name", Text), name="r"
)
GIVEN = [
    (1, None, None, "always"), (2, 20220101, None, None), (3, None, 20220101, "until"), (4, 20210101, 20230101, ""),
]  # fmt: skip


def chosen(session, expression, **known) -> list[int]:
    rows = ROWS.data(GIVEN)
    around = Surroundings(dict(rows.c), {"day": 20220101, "since": 0, "project": ""} | known)
    return list(session.scalars(select(rows.c.id).where(to_sql(expression, around)).order_by(rows.c.id)))


def test_validity_is_half_open_and_an_unknown_end_is_open(session):
    assert chosen(session, stands()) == [1, 2, 4]
    assert chosen(session, stands(), day=20211231) == [1, 3, 4]
    assert chosen(session, stands(), day=20230101) == [1, 2]


def test_a_day_that_is_not_known_never_happened_and_not_happening_is_not_null(session):
    assert chosen(session, happened("to_day")) == [3]
    assert chosen(session, ["!", happened("to_day")]) == [1, 2, 4]


def test_equality_knows_missing_from_empty(session):
    assert chosen(session, ["==", ["get", "name"], ""]) == [4]
    assert chosen(session, ["!=", ["get", "name"], ""]) == [1, 2, 3]


def test_case_and_match_take_the_first_that_fits(session):
    rows = ROWS.data(GIVEN)
    around = Surroundings(dict(rows.c), {"day": 20220101})
    age = ["case", ["has", "to_day"], "ended", ["has", "from_day"], "begun", "open"]
    names = ["match", ["get", "name"], ["always", "until"], "said", "else"]
    found = session.execute(select(to_sql(age, around), to_sql(names, around)).order_by(rows.c.id)).all()
    assert [tuple(row) for row in found] == [("open", "said"), ("begun", "else"), ("ended", "said"), ("ended", "else")]


def test_the_least_and_the_greatest_of_what_is_not_known_are_not_known(session):
    for operator in ("min", "max"):
        assert (
            session.scalar(
                select(to_sql([operator, 1, ["sqrt", ["get", "n"]]], Surroundings({"n": cast(null(), Double)}, {})))
            )
            is None
        )
    assert session.scalar(select(to_sql(["max", 5, ["min", 40, 12.5]], Surroundings({}, {})))) == 12.5


STYLE = layers.style("vi")
POINT = {
    "of": Text, "key": Text, "name": Text, "text": Text, "target": Text, "rank": Double, "area_m2": Double,
    "affected_m2": Double, "projects": Double, "cluster": Double, "point_count": Double,
}  # fmt: skip
"""Properties of a point of figures or of a disc of several."""
LOOKS = ("-color", "-opacity", "-width", "-radius", "-size", "fill-pattern", "-sort-key")


@pytest.mark.parametrize("part", STYLE["layers"], ids=lambda part: part["id"])
@pytest.mark.parametrize("zoom", [7, 12, 15])
def test_nothing_not_known_becomes_a_size_or_a_colour(session, part, zoom):
    """A feature of which every field is null is left out by the filters of its source and its layer, or looks as the
    style says it then does: no size, colour or strength is worked out from null, which the map would draw in some
    usual way and paper in another (a project without figures was the largest disc of a sheet)."""
    source = STYLE["sources"][part["source"]]
    if part["source"] in (FIGURES, CLUSTERS):
        unknown = {name: cast(null(), kind) for name, kind in POINT.items()}
    else:
        tiled = next(layer for layer in every() if layer.name == part["source"])
        texts = {field.name for field in tiled.fields if field.kind == "text"}
        names = [c.key for c in tiled.features().subquery().c if c.key != "geom"]
        unknown = {name: cast(null(), Text if name in texts else Integer) for name in names}
    around = Surroundings(unknown, {"day": 20221024, "since": 20220101, "project": ""}, zoom=zoom)
    drawn = and_(true(), *(to_sql(each["filter"], around) for each in (source, part) if "filter" in each))
    looks = {
        name: value
        for name, value in {**part.get("layout", {}), **part.get("paint", {})}.items()
        if name.endswith(LOOKS) and isinstance(value, list) and isinstance(value[0], str)
    }
    for name, value in looks.items():
        row = session.execute(select(drawn, to_sql(value, around))).one()
        assert not row[0] or row[1] is not None, name


@pytest.mark.parametrize(("point", "has"), [({"affected_m2": 0.0}, True), ({"affected_m2": None}, False), ({}, False)])
def test_page_and_paper_leave_out_the_same_points(session, point, has):
    assert STYLE["sources"][CLUSTERS]["filter"] == RECORDED
    known = Surroundings({"affected_m2": cast(point.get("affected_m2"), Double)}, {})
    assert session.scalar(select(to_sql(RECORDED, known))) is has is is_recorded(point)


def test_zoom_is_settled_before_translation():
    assert at_zoom(["interpolate", ["linear"], ["zoom"], 12, 0.8, 14, 0.4], 13) == pytest.approx(0.6)
    assert at_zoom(["interpolate", ["linear"], ["zoom"], 12, 0.8, 14, 0.4], 20) == pytest.approx(0.4)
    assert at_zoom(["step", ["zoom"], "far", 14, "near"], 13.9) == "far"
    assert at_zoom(["step", ["zoom"], "far", 14, "near"], 14) == "near"


def test_what_is_not_translated_is_refused_by_name(session):
    with pytest.raises(ValueError, match="within"):
        chosen(session, ["within", {}])
    with pytest.raises(ValueError, match="no_such"):
        chosen(session, ["has", "no_such"])


@pytest.mark.parametrize(
    "layer", [layer for layer in every() if layer.source not in (FIGURES, CLUSTERS)], ids=lambda layer: layer.name
)
def test_every_layer_of_the_map_translates_its_filters_and_colours(sample_session, layer):
    tiled = next(each for each in every() if each.name == (layer.source or layer.name))
    f = tiled.features().subquery()
    around = Surroundings(dict(f.c), {"day": 20221024, "since": 20220101, "project": ""}, zoom=15)
    parts = [
        value
        for part in layer.styles
        for value in (part.get("filter"), *part.get("paint", {}).values())
        if isinstance(value, list) and isinstance(value[0], str)
        if part.get("source") is None
    ]
    conditions = [layer.filter] if layer.filter else []
    query = select(func.count(), *(func.count(to_sql(part, around)) for part in parts))
    assert sample_session.execute(query.where(*(to_sql(c, around) for c in conditions))).one()[0] > 0


def test_the_day_narrows_parcels_as_their_registration_says(sample_session):
    layer = next(layer for layer in every() if layer.name == "parcels")
    f = layer.features().subquery()

    def on(day: int) -> int:
        around = Surroundings(dict(f.c), {"day": day, "since": 0, "project": ""})
        return sample_session.scalar(select(func.count()).select_from(f).where(to_sql(layer.filter, around)))

    registered = sample_session.scalar(select(func.count()).select_from(f).where(f.c.registered_day <= 20201231))
    assert 0 < on(20201231) == registered < on(int(date.max.strftime("%Y%m%d")))
