"""What counts as known now: cases, land and projects that are not cancelled.

Migration 0030 says it once, in views; statements of SQL read those, statements made in Python the entities below. As
known at an earlier moment it is said by the functions `cases_known`, `land_known` and `projects_known` beside them.
"""

from sqlalchemy import column, table
from sqlalchemy.orm import aliased

from gis import model


def _standing(entity: type[model.Base], view: str):
    columns = (column(each.name, each.type) for each in entity.__table__.columns)
    return aliased(entity, table(view, *columns), adapt_on_names=True)


Case = _standing(model.Case, "standing_case")
"""Cases that stand."""
Land = _standing(model.AffectedParcel, "standing_land")
"""Parcels to recover that stand, of cases and of no holder."""
Project = _standing(model.Project, "standing_project")
"""Projects that stand."""
