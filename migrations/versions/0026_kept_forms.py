"""Forms that were sent and not recorded: they come back as they were typed, to who typed them and to nobody else."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        """
        create table kept_form (
            id text not null,
            account text not null,
            address text not null,
            fields jsonb not null,
            files jsonb not null,
            why text not null,
            said jsonb,
            kept_at timestamptz not null default clock_timestamp(),
            constraint pk_kept_form primary key (id),
            constraint ck_kept_form_why check (why in ('shown', 'expired', 'stale'))
        );
        create index ix_kept_form_account on kept_form (account);
        create index ix_kept_form_kept_at on kept_form (kept_at);

        -- What was typed may name people: its row is there for its account alone.
        alter table kept_form enable row level security;
        create policy own on kept_form to gpmb_web
            using (account = reading_account()) with check (account = reading_account());
        grant select, delete, insert (id, account, address, fields, files, why, said) on kept_form to gpmb_web;

        -- Old ones go whoever typed them, and nobody reads them to know.
        create function forget_old_forms(older_than interval) returns bigint
            language sql security definer set search_path = public, pg_temp as $$
            with gone as (
                delete from kept_form where kept_at < now() - greatest(older_than, interval '1 day') returning 1)
            select count(*) from gone
        $$;
        revoke execute on function forget_old_forms(interval) from public;
        grant execute on function forget_old_forms(interval) to gpmb_web;
        """
    )


def downgrade():
    op.execute("drop function forget_old_forms(interval); drop table kept_form")
