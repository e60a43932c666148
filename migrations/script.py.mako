"""${message}

Rules: number the file after its predecessor; never import application code (this file must still run in ten
years); write SQL; give every geometry column its SRID, its GiST index (idx_<table>_<column>) and its envelope
check; take no long lock on a big table; `downgrade` undoes everything, so that up, down and up again give the
same schema.
"""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
