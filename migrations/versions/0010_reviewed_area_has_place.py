"""The m² of a plan review name their parcel too: 0005 left that kind out, and its area could have lain nowhere."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BEFORE = (
    "recovery_notice", "recovery_notice_adjustment", "recovery_notice_cancellation", "inventory",
    "mandatory_inventory", "plan_approval", "recovery_decision", "recovery_enforcement", "handover_consent",
    "handover", "land_use_conversion",
)  # fmt: skip


def _require_parcel(kinds):
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute(
        f"""
        alter table event drop constraint ck_event_area_has_place;
        alter table event add constraint ck_event_area_has_place check (
            area_m2 is null or affected_parcel_id is not null or kind not in ({listed}));
        """
    )


def upgrade():
    _require_parcel((*BEFORE, "plan_review"))


def downgrade():
    _require_parcel(BEFORE)
