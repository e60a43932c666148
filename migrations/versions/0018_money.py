"""Single payments are personal: who may not have them gets sums of three households and more."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("select 1")


def downgrade():
    op.execute("select 1")
