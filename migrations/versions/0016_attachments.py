"""Files of documents, and acts upon a project as a whole.

A scan names people: its row shows only where the transaction may read personal data of the project that it was attached
for. Another project that rests on the same document attaches its own; the file is kept once.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

AREA_NEEDS_PARCEL = (
    "recovery_notice", "recovery_notice_adjustment", "recovery_notice_cancellation", "inventory",
    "mandatory_inventory", "plan_review", "plan_approval", "recovery_decision", "recovery_enforcement",
    "handover_consent", "handover", "land_use_conversion",
)  # fmt: skip
WRITTEN_BY_WEB = (
    "insert (project_id) on document",
    "insert (document_id, project_id, sha256, file_name, media_type, size_bytes, recorded_by) on attachment",
    "update (cancelled_at, cancelled_by, cancel_reason) on attachment",
)


def _area_has_place(or_else: str = "") -> None:
    listed = ", ".join(f"'{kind}'" for kind in AREA_NEEDS_PARCEL)
    op.execute(
        f"""
        alter table event drop constraint ck_event_area_has_place;
        alter table event add constraint ck_event_area_has_place check (
            area_m2 is null or affected_parcel_id is not null or kind not in ({listed}){or_else});
        """
    )


def _entries_of_documents(or_else: str = "") -> None:
    """Show changes of a document to whoever may have personal data of a project that rests on it."""
    op.execute(
        f"""
        alter policy personal on audit_entry using (case
            when project_id is not null then reads_personal_data_of(project_id)
            when entity = 'submission' then exists (select from submission s where s.id = entity_id)
            when entity = 'document' then exists (
                select from event e where e.document_id = entity_id and reads_personal_data_of(e.project_id)){or_else}
            else who = reading_account() end);
        """
    )


def upgrade():
    # An approval to convert land of a whole project names the commune, not each parcel.
    _area_has_place(" or (kind = 'land_use_conversion' and case_id is null and unit_id is not null)")
    op.execute(
        """
        alter table document add project_id bigint constraint fk_document_project_id references project;
        create index ix_document_project_id on document (project_id);

        alter table attachment
            add project_id bigint not null constraint fk_attachment_project_id references project,
            add recorded_at timestamptz not null default clock_timestamp(),
            add recorded_by text not null,
            add version integer not null default 1,
            add cancelled_at timestamptz, add cancelled_by text, add cancel_reason text,
            add constraint ck_attachment_cancelled
                check (num_nulls(cancelled_at, cancelled_by, cancel_reason) in (0, 3)),
            drop constraint uq_attachment_document_id_sha256;
        create unique index uq_attachment_project_id_document_id_sha256
            on attachment (project_id, document_id, sha256) where cancelled_at is null;
        create index ix_attachment_document_id on attachment (document_id);
        create trigger raise_version before update on attachment for each row execute function raise_version();

        alter table attachment enable row level security;
        create policy personal on attachment to gpmb_web
            using (reads_personal_data_of(project_id)) with check (reads_personal_data_of(project_id));
        """
    )
    _entries_of_documents(
        " or exists (select from document d where d.id = entity_id and reads_personal_data_of(d.project_id))"
    )
    for grant in WRITTEN_BY_WEB:
        op.execute(f"grant {grant} to gpmb_web")


def downgrade():
    for grant in WRITTEN_BY_WEB:
        op.execute(f"revoke {grant} from gpmb_web")
    _entries_of_documents()
    op.execute(
        """
        drop policy personal on attachment;
        alter table attachment disable row level security;
        drop trigger raise_version on attachment;
        drop index uq_attachment_project_id_document_id_sha256, ix_attachment_document_id;
        alter table attachment
            drop project_id, drop recorded_at, drop recorded_by, drop version,
            drop cancelled_at, drop cancelled_by, drop cancel_reason,
            add constraint uq_attachment_document_id_sha256 unique (document_id, sha256);
        alter table document drop project_id;
        """
    )
    _area_has_place()
