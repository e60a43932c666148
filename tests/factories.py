"""Rows for tests, each with what its tests do not care about filled in. Geometry is given in metres of the zone."""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from itertools import count

from geoalchemy2.shape import from_shape
from pyproj.enums import TransformDirection
from shapely import MultiPolygon, Polygon, box, transform
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range

from gis import crs, model

EAST, NORTH = 449_300.0, 2_417_500.0
"""A place in the city of Lạng Sơn, EPSG:9215."""
ALWAYS = Range(None, None)
_number = count(1)


def in_degrees(shape):
    """Turn a shape in metres of Lạng Sơn's zone into VN-2000 degrees."""
    inverse = TransformDirection.INVERSE
    return transform(
        shape, lambda x, y: crs.to_zone(crs.LANG_SON_ZONE).transform(x, y, direction=inverse), interleaved=False
    )


def square(east_m: float = 0, north_m: float = 0, side_m: float = 20) -> Polygon:
    """A square in VN-2000 degrees, its corner so many metres from the middle of the city."""
    return in_degrees(box(EAST + east_m, NORTH + north_m, EAST + east_m + side_m, NORTH + north_m + side_m))


def stored(shape):
    """Give a shape as a column takes it."""
    if shape is None:
        return None
    return from_shape(MultiPolygon([shape]) if shape.geom_type == "Polygon" else shape, srid=crs.VN2000)


def _saved(session, row):
    session.add(row)
    session.flush()
    return row


def unit(session, *, valid=ALWAYS, shape=None, **given) -> model.AdminUnit:
    n = next(_number)
    values = {"slug": f"x-{n}", "code": f"{n:05d}", "name": f"Xã {n}", "kind": "commune", "level": "commune"} | given
    return _saved(session, model.AdminUnit(valid=valid, geom=stored(shape), **values))


def project(session, **given) -> model.Project:
    n = next(_number)
    return _saved(session, model.Project(**{"code": f"du-an-{n}", "name": f"Dự án {n}"} | given))


def boundary(session, of: model.Project, *, valid=ALWAYS, shape=None, **given) -> model.ProjectBoundary:
    return _saved(
        session, model.ProjectBoundary(project_id=of.id, valid=valid, geom=stored(shape or square(side_m=500)), **given)
    )


def case(session, of: model.Project, *, holder: str = "household", **given) -> model.Case:
    who = _saved(session, model.Holder(kind=holder))
    values = {"code": f"HS-{next(_number)}", "registered_on": date(2024, 1, 1)} | given
    return _saved(session, model.Case(project_id=of.id, holder_id=who.id, **values))


def affected(
    session, of: model.Project, *, case: model.Case | None = None, shape=None, **given
) -> model.AffectedParcel:
    shape = shape or square()
    numbered_in = unit(session)
    parcel = _saved(
        session,
        model.Parcel(numbered_in_unit_id=numbered_in.id, sheet="7", number=str(next(_number)), land_use="ODT",
                     geom=stored(shape)),
    )  # fmt: skip
    values = {"area_m2": Decimal("400.00"), "registered_on": date(2024, 1, 1), "geom": stored(shape)} | given
    return _saved(
        session,
        model.AffectedParcel(project_id=of.id, case_id=case and case.id, parcel_id=parcel.id, **values),
    )


def document(session, **given) -> model.Document:
    return _saved(session, model.Document(**{"kind": "decision", "number": f"{next(_number)}/QĐ-UBND"} | given))


@contextmanager
def old_records(session):
    """Let the guard of money by: a test lays out what is on record as an import does."""
    session.flush()
    session.execute(text("select set_config('gpmb.old_record', 'yes', true)"))
    yield
    session.flush()
    session.execute(text("select set_config('gpmb.old_record', 'no', true)"))


def event(session, of: model.Project, kind: str, valid_on: date, **given) -> model.Event:
    with old_records(session):
        return _saved(session, model.Event(project_id=of.id, kind=kind, valid_on=valid_on, **given))


def void(session, wrong: model.Event, **given) -> model.Event:
    """Record that an event was entered wrongly."""
    values = {"valid_on": wrong.valid_on, "note": "nhập sai"} | given
    with old_records(session):
        return _saved(session, model.Event(project_id=wrong.project_id, kind="correction", voids_id=wrong.id, **values))


def obstacle(session, of: model.Project, *, known_since: date, east_m: float = 0, **given) -> model.Obstacle:
    point = from_shape(square(east_m).centroid, srid=crs.VN2000)
    values = {"kind": "slow_clearance", "description": "Giải phóng mặt bằng chậm"} | given
    return _saved(session, model.Obstacle(project_id=of.id, known_since=known_since, geom=point, **values))


def plot(session, *, shape=None, **given) -> model.ResettlementPlot:
    n = next(_number)
    site = _saved(
        session,
        model.ResettlementSite(code=f"tdc-{n}", name=f"Khu tái định cư {n}", geom=stored(shape or square())),
    )
    values = {"number": f"L{n}", "area_m2": Decimal("100.00")} | given
    return _saved(session, model.ResettlementPlot(site_id=site.id, geom=stored(shape or square()), **values))
