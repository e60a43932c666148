"""Registers: what a project has beside its cases, each with versions, and cancelled rather than deleted.

A cancelled row stays, with the reason, the moment and who; what must be unique is so among those that stand. A
petition names people: its rows show only where the transaction may read personal data of their project.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CANCELLED = (
    "project_part", "project_target", "key_designation", "funding_line", "petition", "obstacle", "resettlement_site",
    "resettlement_plot",
)  # fmt: skip
VERSIONED = ("project", *(table for table in CANCELLED if table != "obstacle"))
"""Those without versions so far."""
UNIQUE = {
    "project_part": "project_id, code",
    "key_designation": "project_id, year, body",
    "resettlement_plot": "site_id, number",
}
CHANGED_BY_WEB = {
    "project": ("name", "investor", "managing_level", "reporting_unit_id", "parent_id", "note"),
    "project_part": ("name",),
    "project_target": ("part_id", "unit_id", "measure", "value", "of_value", "percent", "due_on", "document_id"),
    "key_designation": ("year", "body", "source"),
    "funding_line": ("unit_id", "year", "kind", "milestone_on", "amount_vnd", "document_id"),
    "petition": (
        "case_id", "unit_id", "kind", "received_on", "subject", "replied_on", "reply", "document_id",
    ),
    "obstacle": ("part_id", "case_id", "unit_id", "kind", "known_since", "geom"),
    "resettlement_site": ("name",),
    "resettlement_plot": ("number", "area_m2"),
}  # fmt: skip
FIXED = {
    "project": ("code",),
    "project_part": ("project_id", "code"),
    "project_target": ("project_id",),
    "key_designation": ("project_id",),
    "funding_line": ("project_id",),
    "petition": ("project_id",),
    "obstacle": ("project_id", "description", "owner", "resolved_on"),
    "resettlement_site": ("project_id", "code"),
    "resettlement_plot": ("site_id",),
}
"""Filled in once. What can change of an obstacle was granted in part by migration 0012."""


def _grants():
    for table, columns in CHANGED_BY_WEB.items():
        yield f"insert ({', '.join((*FIXED[table], *columns))}) on {table}"
        cancelling = ("cancelled_at", "cancelled_by", "cancel_reason") if table in CANCELLED else ()
        yield f"update ({', '.join((*columns, *cancelling))}) on {table}"


def _unique_name(table):
    return f"uq_{table}_{UNIQUE[table].replace(', ', '_')}"


def upgrade():
    for table in VERSIONED:
        op.execute(
            f"""
            alter table {table} add version integer not null default 1;
            create trigger raise_version before update on {table} for each row execute function raise_version();
            """
        )
    for table in CANCELLED:
        op.execute(
            f"""
            alter table {table} add cancelled_at timestamptz, add cancelled_by text, add cancel_reason text,
                add constraint ck_{table}_cancelled
                    check (num_nulls(cancelled_at, cancelled_by, cancel_reason) in (0, 3));
            """
        )
    for table, columns in UNIQUE.items():
        name = _unique_name(table)
        op.execute(
            f"""
            alter table {table} drop constraint {name};
            create unique index {name} on {table} ({columns}) where cancelled_at is null;
            """
        )
    for grant in _grants():
        op.execute(f"grant {grant} to gpmb_web")
    op.execute(
        """
        alter table petition enable row level security;
        create policy personal on petition to gpmb_web using (reads_personal_data_of(project_id));
        grant select on petition to gpmb_web;
        """
    )


def downgrade():
    op.execute(
        """
        revoke select on petition from gpmb_web;
        drop policy personal on petition;
        alter table petition disable row level security;
        """
    )
    for grant in _grants():
        op.execute(f"revoke {grant} from gpmb_web")
    for table, columns in UNIQUE.items():
        name = _unique_name(table)
        op.execute(f"drop index {name}; alter table {table} add constraint {name} unique ({columns})")
    for table in CANCELLED:
        op.execute(f"alter table {table} drop cancelled_at, drop cancelled_by, drop cancel_reason")
    for table in VERSIONED:
        op.execute(f"drop trigger raise_version on {table}; alter table {table} drop column version")
