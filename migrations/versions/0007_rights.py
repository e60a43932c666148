"""The data revision follows every table; the web role reads, and only what is not personal."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = (
    "admin_unit", "admin_change", "document", "attachment", "parcel", "parcel_commune", "project", "project_part",
    "project_boundary", "project_commune", "key_designation", "project_target", "holder", "case",
    "affected_parcel", "resettlement_site", "resettlement_plot", "event", "obstacle", "funding_line",
    "reported_figure", "sample_load",
)  # fmt: skip
PERSONAL = ("holder_identity", "petition")


def upgrade():
    for table in (*TABLES, *PERSONAL):
        op.execute(
            f'create trigger data_revision before insert or update or delete or truncate on "{table}" '
            "for each statement execute function bump_data_revision()"
        )
    for table in (*TABLES, "data_revision"):
        op.execute(f'grant select on "{table}" to gpmb_web')


def downgrade():
    for table in (*TABLES, "data_revision"):
        op.execute(f'revoke select on "{table}" from gpmb_web')
    for table in (*TABLES, *PERSONAL):
        op.execute(f'drop trigger data_revision on "{table}"')
