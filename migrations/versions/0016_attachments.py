"""Files of documents, and acts upon a project as a whole."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("select 1")


def downgrade():
    op.execute("select 1")
