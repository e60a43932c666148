"""Run by Alembic: one transaction a migration, with time limits, one migrating process at a time."""

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import text

from gis import dues, model, money  # noqa: F401  (register the tables)
from gis.db import Base

MIGRATION_LOCK = 20250701  # any number that nothing else uses for an advisory lock


def include_object(obj, name, type_, reflected, compare_to):
    """Leave PostGIS's own tables out of the comparison; everything else is ours."""
    if type_ == "table" and reflected and compare_to is None and name in ("spatial_ref_sys",):
        return False
    return alembic_helpers.include_object(obj, name, type_, reflected, compare_to)


def run(connection):
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    connection.execute(text("set lock_timeout = '10s'"))
    connection.execute(text("set statement_timeout = '10min'"))
    connection.execute(text("select pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
    connection.commit()
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        if connection.in_transaction():
            connection.rollback()
        connection.execute(text("select pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()


run(context.config.attributes["connection"])
