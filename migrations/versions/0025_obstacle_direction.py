"""Which way an obstacle is to be settled: the last column of the table of key projects (hướng giải quyết)."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        """
        alter table obstacle add direction text;
        grant insert (direction), update (direction) on obstacle to gpmb_web;
        """
    )


def downgrade():
    op.execute("alter table obstacle drop direction")
