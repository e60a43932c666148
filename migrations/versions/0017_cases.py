"""Cases, holders and parcels that officers enter.

What is counted (the kind of holder, the day of registration, areas to recover) is entered once: a change would alter
figures of the past. Who a holder is, and what a case is called, may be put right; both carry a version.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

VERSIONED = ("holder_identity", '"case"')
WRITTEN_BY_WEB = {
    "insert": {
        "holder": ("kind",),
        "holder_identity": ("holder_id", "full_name", "identity_number", "phone", "address"),
        '"case"': ("project_id", "holder_id", "part_id", "code", "registered_on"),
        "parcel": ("numbered_in_unit_id", "sheet", "number", "land_use", "legal_area_m2"),
        "parcel_commune": ("parcel_id", "unit_id", "valid", "chosen_by_officer"),
        "affected_parcel": ("case_id",),  # the other columns are open since migration 0015
    },
    "update": {
        "holder_identity": ("full_name", "identity_number", "phone", "address"),
        '"case"': ("code", "part_id"),
        "parcel": ("land_use", "legal_area_m2"),
    },
}  # fmt: skip


def _grants():
    return [
        f"{right} ({', '.join(columns)}) on {table}"
        for right, tables in WRITTEN_BY_WEB.items()
        for table, columns in tables.items()
    ]


def upgrade():
    for table in VERSIONED:
        op.execute(
            f"""
            alter table {table} add version integer not null default 1;
            create trigger raise_version before update on {table} for each row execute function raise_version();
            """
        )
    for grant in _grants():
        op.execute(f"grant {grant} to gpmb_web")


def downgrade():
    for grant in _grants():
        op.execute(f"revoke {grant} from gpmb_web")
    for table in VERSIONED:
        op.execute(f"drop trigger raise_version on {table}; alter table {table} drop column version")
