"""Every layer, tested by what it says of itself: a new file in layers/ is tested without a word here."""

import json
import re
from datetime import date
from decimal import Decimal
from itertools import product

import mapbox_vector_tile
import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.dialects.postgresql import Range

import layers
from gis import model, tiles
from gis.progress import ask, progress
from gis.tiles import Tile
from layers.palette import PATTERNS
from layers.spec import CLUSTERS, FIGURES, Layer
from tests import factories as make

TYPES = {"text": str, "integer": int, "number": float, "boolean": bool, "day": int}
PERSONAL = ("full_name", "identity_number", "phone", "address", "holder_id", "case_id", "amount_vnd", "holder_identity")
EDGE = 2 * 20037508.342789244
JOINS = ("hashjoin", "mergejoin", "nestloop")

each = pytest.mark.parametrize("layer", layers.every(), ids=lambda layer: layer.name)
with_tiles = pytest.mark.parametrize(
    "layer", [layer for layer in layers.every() if layer.features], ids=lambda layer: layer.name
)


@pytest.fixture
def village(session):
    """Some of everything that layers show, over a few tiles."""
    for step, name in enumerate(("Đông Kinh", "Tam Thanh", "Mai Pha")):
        make.unit(session, name=name, shape=make.square(step * 900, 0, 900), valid=Range(None, date(2025, 7, 1)))
    make.unit(session, name="Mới", shape=make.square(0, 0, 2700), valid=Range(date(2025, 7, 1), None))
    project = make.project(session)
    make.boundary(session, project, shape=make.square(0, 0, 1500))
    session.add(model.KeyDesignation(project_id=project.id, year=2022, body="UBND tỉnh"))
    make.event(session, project, "suspension", date(2019, 3, 1))
    for n in range(30):
        of_case = make.case(session, project) if n % 3 else None
        land = make.affected(session, project, case=of_case, shape=make.square(n * 50, n * 40))
        make.event(session, project, "handover", date(2024, 5, 1), affected_parcel_id=land.id, area_m2=Decimal(200))
        make.plot(session, shape=make.square(n * 50, 700 + n * 5))
        make.obstacle(session, project, known_since=date(2024, 3, 1), east_m=n * 60)
    return session


def tiles_of(session, layer: Layer, zoom: int) -> list[Tile]:
    """The tiles of a zoom that the features of a layer touch."""
    f = layer.features().subquery()
    box = func.ST_Extent(f.c.geom)
    west, south, east, north = session.execute(
        select(func.ST_XMin(box), func.ST_YMin(box), func.ST_XMax(box), func.ST_YMax(box))
    ).one()
    size = EDGE / 2**zoom
    columns = range(int((west + EDGE / 2) / size), int((east + EDGE / 2) / size) + 1)
    rows = range(int((EDGE / 2 - north) / size), int((EDGE / 2 - south) / size) + 1)
    return [Tile(zoom, x, y) for x in columns for y in rows]


def decoded(session, layer: Layer, tile: Tile) -> list[dict]:
    made = tiles.render(session, layer.features(), layer.name, tile)
    found = mapbox_vector_tile.decode(made.mvt) if made.mvt else {}
    assert set(found) <= {layer.name}, "one layer a tile"
    return found.get(layer.name, {"features": []})["features"]


def features_of(session, name: str) -> dict[int, dict]:
    """The properties of all features of a layer, by id, from its deepest tiles."""
    layer = next(layer for layer in layers.every() if layer.name == name)
    return {
        feature["id"]: feature["properties"]
        for tile in tiles_of(session, layer, layer.max_zoom)
        for feature in decoded(session, layer, tile)
    }


def check_complete(session, layer: Layer, *zooms: int) -> None:
    f = layer.features().subquery()
    expected = set(session.scalars(select(f.c.id).where(f.c.geom.is_not(None))))
    assert expected, "nothing to compare"
    for zoom in zooms:
        found = {feature["id"] for tile in tiles_of(session, layer, zoom) for feature in decoded(session, layer, tile)}
        assert found == expected, f"zoom {zoom}"


@with_tiles
def test_tiles_hold_every_feature_at_the_first_and_the_last_zoom(village, layer):
    check_complete(village, layer, layer.min_zoom, layer.max_zoom)


@with_tiles
def test_tiles_hold_every_feature_of_the_sample(sample_session, layer):
    f = layer.features().subquery()
    expected = set(sample_session.scalars(select(f.c.id).where(f.c.geom.is_not(None))))
    assert expected
    zoom = max(layer.min_zoom, 12)
    found = {
        feature["id"]
        for tile in tiles_of(sample_session, layer, zoom)
        for feature in decoded(sample_session, layer, tile)
    }
    assert found == expected


@with_tiles
def test_fields_are_those_of_the_spec_and_of_its_kind(village, layer):
    kinds = {field.name: field.kind for field in layer.fields if field.expression is None}
    selected = {column.key for column in layer.features().selected_columns}
    assert selected == {"id", "geom", *kinds}, "the query and the spec name the same fields"
    seen = set()
    for tile in tiles_of(village, layer, layer.max_zoom):
        for feature in decoded(village, layer, tile):
            for name, value in feature["properties"].items():
                seen.add(name)
                assert type(value) is TYPES[kinds[name]] or (kinds[name] == "number" and type(value) is int), name
                assert kinds[name] != "day" or date.fromisoformat(str(value))
    assert seen <= set(kinds)
    assert len(seen) > 2


@with_tiles
def test_one_statement_makes_a_tile(village, layer, statements):
    layer.features()
    tile = tiles_of(village, layer, layer.max_zoom)[0]
    with statements() as found:
        tiles.render(village, layer.features(), layer.name, tile)
    assert len(found) == 1


RIVALS = text("""
    select format(case when c.conname is null then 'drop index %2$I' else 'alter table %1$I drop constraint %2$I' end,
                  t.relname, x.relname)
    from pg_index i join pg_class x on x.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
    left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('x', 'u', 'p')
    where x.relname !~ '_tile_geom$' and (c.conname is null or c.contype = 'x') and t.oid in (
        select i.indrelid from pg_index i join pg_class x on x.oid = i.indexrelid where x.relname ~ '_tile_geom$')
""")


@with_tiles
def test_the_index_can_be_used(village, layer, engine: Engine):
    """By the planner, where no other index answers another condition: of a few rows all cost the same."""
    village.execute(text("set constraints all immediate"))
    for statement in village.scalars(RIVALS).all():
        village.execute(text(statement))
    tile = tiles_of(village, layer, layer.max_zoom)[0]
    compiled = (
        tiles.statement(layer.features(), layer.name)
        .params(z=tile.z, x=tile.x, y=tile.y)
        .compile(engine, compile_kwargs={"literal_binds": True})
    )
    # Whatever the statistics of these few rows, and whatever else makes a part of the layer's own query dear: among the
    # plans of some ways of reading and joining alone is one by the index. A bitmap is made only of an index that a
    # condition asks.
    ways = ("seqscan", "indexscan", "indexonlyscan", "bitmapscan", *JOINS)
    tried = []
    for reading, *joining in product(({"bitmapscan"}, {"indexscan"}), *[(set(), {way}) for way in JOINS]):
        for way in ways:
            allowed = way in reading.union(*joining)
            village.execute(text(f"set local enable_{way} = {'on' if allowed else 'off'}"))
        rows = village.connection().exec_driver_sql(f"explain {compiled}".replace("%", "%%"))
        tried.append("\n".join(row[0] for row in rows))
        if re.search(r"(Bitmap Index Scan on|Index Scan using) \w+_tile_geom ", tried[-1]):
            assert "tile_geom &&" in tried[-1]
            return
    pytest.fail("\n\n".join(tried))


@with_tiles
def test_nothing_personal_is_selected(layer, engine: Engine):
    selected = str(layer.features().compile(engine)).lower()
    for name in PERSONAL:
        assert not any(column.key == name for column in layer.features().selected_columns)
    assert "holder_identity" not in selected
    assert "amount" not in selected


@each
def test_every_text_is_there_in_both_languages(layer):
    described = [layer, *layer.fields, *layer.legend]
    assert all(thing.vi and thing.en for thing in described)
    assert 0 <= layer.min_zoom <= layer.max_zoom <= tiles.DEEPEST_ZOOM
    assert len({style["id"] for style in layer.styles}) == len(layer.styles)


@each
def test_styles_read_only_fields_of_the_tile_and_patterns_of_the_palette(layer):
    names = {field.name for field in layer.fields if field.expression is None}

    def walk(expression):
        if isinstance(expression, list | tuple):
            if len(expression) == 2 and expression[0] in ("get", "has") and isinstance(expression[1], str):
                assert expression[1] in names
            for part in expression:
                walk(part)

    walk(layer.filter)
    for field in layer.fields:
        walk(field.expression)
    for style in layer.styles:
        if style.get("source", layer.source) in (FIGURES, CLUSTERS):
            continue  # made by the page; its stories see them drawn
        walk(style.get("filter", []))
        for values in (style.get("paint", {}), style.get("layout", {})):
            for value in values.values():
                walk(value)
        pattern = style.get("paint", {}).get("fill-pattern")
        assert pattern is None or pattern in PATTERNS
    fills = {item.pattern for item in layer.legend if item.pattern and not item.line}
    assert fills <= set(PATTERNS)


def test_names_are_unique_and_in_order():
    found = layers.every()
    assert len({layer.name for layer in found}) == len(found)
    assert [layer.order for layer in found] == sorted(layer.order for layer in found)


def test_the_style_is_plain_data_in_the_language_asked():
    vi, en = (json.loads(json.dumps(layers.style(language))) for language in ("vi", "en"))
    for style in (vi, en):
        for part in style["layers"]:
            part.get("layout", {}).pop("text-field", None)
    assert vi["layers"] == en["layers"], "but for texts"
    assert vi["catalogue"][0]["title"] != en["catalogue"][0]["title"]
    ids = [layer["id"] for layer in vi["layers"]]
    assert len(set(ids)) == len(ids)
    assert {layer["source"] for layer in vi["layers"]} <= set(vi["sources"])


def test_a_reader_of_aggregates_sees_no_single_record():
    assert {layer.name for layer in layers.visible_to("public")} == {"communes", "sites", "projects", "discs"}
    assert layers.visible_to("none") == ()
    assert len(layers.visible_to("office")) == len(layers.every())


def test_a_parcel_shows_the_first_day_of_each_step(session):
    project = make.project(session)
    of_case = make.case(session, project)
    land = make.affected(session, project, case=of_case)
    other = make.affected(session, project, case=of_case, shape=make.square(100))
    for day in (date(2024, 2, 9), date(2024, 2, 3)):
        make.event(session, project, "recovery_notice", day, case_id=of_case.id, affected_parcel_id=land.id,
                   area_m2=Decimal(400))  # fmt: skip
    make.event(session, project, "plan_approval", date(2024, 3, 1), case_id=of_case.id, amount_vnd=10)
    make.event(session, project, "payment", date(2024, 4, 1), case_id=of_case.id, amount_vnd=10)
    found = features_of(session, "parcels")
    assert found[land.id]["recovery_notice_day"] == 20240203
    assert "recovery_notice_day" not in found[other.id], "an event of one parcel is not one of its neighbour"
    for parcel in (land, other):
        assert found[parcel.id]["plan_approval_day"] == 20240301, "an event of the case counts for all its parcels"
        assert found[parcel.id]["payment_day"] == 20240401
        assert "inventory_day" not in found[parcel.id]
    assert found[land.id]["holder"] == "household"
    assert found[land.id]["registered_day"] == 20240101


def test_a_parcel_is_handed_over_in_full_when_its_parts_are(session):
    project = make.project(session)
    land = make.affected(session, project)
    part = make.affected(session, project, shape=make.square(100))
    for parcel, area, day in ((land, 100, 3), (land, 250, 5), (land, 50, 5), (land, 10, 9), (part, 399, 3)):
        make.event(
            session, project, "handover", date(2024, 5, day), affected_parcel_id=parcel.id, area_m2=Decimal(area)
        )
    found = features_of(session, "parcels")
    assert (found[land.id]["handover_day"], found[land.id]["handover_full_day"]) == (20240503, 20240505)
    assert found[part.id]["handover_day"] == 20240503
    assert "handover_full_day" not in found[part.id]
    assert found[land.id]["holder"] == "none"


def test_a_voided_event_does_not_show(session):
    project = make.project(session)
    make.boundary(session, project)
    land = make.affected(session, project)
    free = make.plot(session)
    wrong = [
        make.event(session, project, "inventory", date(2024, 2, 1), affected_parcel_id=land.id, area_m2=Decimal(400)),
        make.event(session, project, "handover", date(2024, 3, 1), affected_parcel_id=land.id, area_m2=Decimal(400)),
        make.event(session, project, "resettlement_allocation", date(2024, 2, 1), plot_id=free.id, plots=1),
        make.event(session, project, "suspension", date(2024, 2, 1)),
    ]
    assert features_of(session, "parcels")[land.id]["inventory_day"] == 20240201
    assert features_of(session, "plots")[free.id]["allotted_day"] == 20240201
    for event in wrong:
        make.void(session, event)
    assert not {"inventory_day", "handover_day", "handover_full_day"} & set(features_of(session, "parcels")[land.id])
    assert "allotted_day" not in features_of(session, "plots")[free.id]
    assert all("suspended_day" not in shown for shown in features_of(session, "projects").values())


def test_key_years_stand_once_each(session):
    project = make.project(session)
    outline = make.boundary(session, project)
    for year, body in ((2024, "A"), (2022, "A"), (2022, "B")):
        session.add(model.KeyDesignation(project_id=project.id, year=year, body=body))
    session.flush()
    assert features_of(session, "projects")[outline.id]["key_years"] == "2022;2024"


def test_both_generations_of_communes_are_in_the_tile(session):
    old = make.unit(session, shape=make.square(), valid=Range(None, date(2025, 7, 1)))
    new = make.unit(session, shape=make.square(), valid=Range(date(2025, 7, 1), None))
    district = make.unit(session, shape=make.square(), kind="district", level="district")
    found = features_of(session, "communes")
    assert found[old.id]["to_day"] == found[new.id]["from_day"] == 20250701
    assert "from_day" not in found[old.id]
    assert district.id not in found


@pytest.mark.parametrize("day", [date(2021, 12, 31), date(2022, 10, 24), date(2024, 12, 16)], ids=str)
def test_the_map_counts_what_the_figures_count(sample_session, day):
    """Households completed by a day: those all of whose parcels the map shows as handed over in full."""
    shown = next(layer for layer in layers.every() if layer.name == "parcels").features().subquery()
    number = int(day.strftime("%Y%m%d"))
    completed = (
        select(model.AffectedParcel.case_id)
        .join(shown, shown.c.id == model.AffectedParcel.id)
        .where(shown.c.holder == "household", shown.c.registered_day <= number)
        .group_by(model.AffectedParcel.case_id)
        .having(func.bool_and(func.coalesce(shown.c.handover_full_day, 99991231) <= number))
    )
    figures = progress(sample_session, ask(as_of=day)).total.values["handover"]
    assert len(sample_session.scalars(completed).all()) == figures["households"] > 0
