"""Who reads: a role for readers of given projects only, and personal data behind policies.

The web role sees every row of what is counted and drawn: its policies say `true`, which the planner drops, so that
tiles keep their spatial index. `gpmb_limited`, which the web role takes on for an investor, sees what belongs to the
projects that the transaction names. Personal data shows to nobody unless the transaction names the project.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        """
        do $$ begin
            if not exists (select from pg_roles where rolname = 'gpmb_limited') then
                create role gpmb_limited nologin;
            end if;
            if not pg_has_role('gpmb_web', 'gpmb_limited', 'MEMBER') then
                grant gpmb_limited to gpmb_web;
            end if;
        exception when duplicate_object or unique_violation then null;  -- another database of the cluster was faster
        end $$;
        grant usage on schema public to gpmb_limited;

        alter table account drop constraint ck_account_role;
        alter table account add constraint ck_account_role
            check (role in ('administrator', 'officer', 'leader', 'investor'));

        -- On a pooled connection a setting of an earlier transaction is left as '', not null.
        create function read_projects() returns bigint[]
        language sql stable as $$
            select coalesce(nullif(current_setting('gpmb.projects', true), ''), '{}')::bigint[]
        $$;
        create function reads_personal_data_of(project_id bigint) returns boolean
        language sql stable as $$
            select case coalesce(current_setting('gpmb.personal', true), '')
                when '' then false
                when '*' then true
                else project_id = any(current_setting('gpmb.personal', true)::bigint[])
            end
        $$;

        alter table holder_identity enable row level security;
        create policy personal on holder_identity to gpmb_web
            using (exists (
                select from "case" where "case".holder_id = holder_identity.holder_id
                    and reads_personal_data_of("case".project_id)));
        grant select on holder_identity to gpmb_web;
        """
    )


def downgrade():
    op.execute(
        """
        revoke select on holder_identity from gpmb_web;
        drop policy personal on holder_identity;
        alter table holder_identity disable row level security;
        drop function reads_personal_data_of(bigint), read_projects();
        alter table account drop constraint ck_account_role;
        delete from account where role = 'investor';
        alter table account add constraint ck_account_role check (role in ('administrator', 'officer', 'leader'));
        revoke usage on schema public from gpmb_limited;
        """
    )
