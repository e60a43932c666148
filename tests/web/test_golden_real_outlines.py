"""Every derivable figure once more, after real outlines took the place of the drawn ones."""

from pathlib import Path

import pytest
from sqlalchemy import text

from gis import boundaries, db
from tests.conftest import engine_of
from tests.web import test_golden as golden

REAL = Path(__file__).parents[3] / "shared" / "data" / "boundaries_before2025" / "langson_ranh_gioi_truoc_2025-07.gpkg"
pytestmark = pytest.mark.skipif(not REAL.is_file(), reason="../shared/data/boundaries_before2025 is not here")

DISTRICTS_OF_PARCELS = text(
    """
    select p.parcel_id, above.slug, p.valid::text
    from parcel_commune p join admin_unit unit on unit.id = p.unit_id join admin_unit above on above.id = unit.parent_id
    order by 1, 3
    """
)
COMMUNES_OF_WHOLE_PROJECTS = text(
    """
    select project.code, unit.slug
    from parcel_commune p join admin_unit unit on unit.id = p.unit_id
    join affected_parcel a using (parcel_id) join project on project.id = a.project_id
    where upper(p.valid) = '2025-07-01'
    group by 1, 2 order by 1, 2
    """
)


@pytest.fixture(scope="module")
def moved(make_database):
    """The sample on real outlines, and where its parcels and projects lay before and after."""
    database = make_database("real_outlines", sample=True)
    places = []
    with engine_of(database.owner) as engine:
        for work in (lambda session: None, lambda session: boundaries.load(session, REAL)):
            with db.transaction(engine) as session:
                work(session)
            with db.reading_session(engine) as session:
                places.append(
                    [session.execute(each).all() for each in (DISTRICTS_OF_PARCELS, COMMUNES_OF_WHOLE_PROJECTS)]
                )
    return database, *places


@pytest.fixture(scope="module")
def moved_reader(moved):
    with golden.leaders_program(moved[0]) as program:
        yield program


@pytest.mark.parametrize("row", golden.derivable_rows(), ids=lambda row: row["fid"])
def test_records_still_reproduce_the_figure(moved_reader, row):
    golden.test_records_reproduce_the_figure(moved_reader, row)


def test_every_parcel_stays_in_its_district(moved):
    _, before, after = moved
    assert after[0] == before[0]


def test_every_project_stays_in_its_communes(moved):
    _, before, after = moved
    assert after[1] == before[1]
