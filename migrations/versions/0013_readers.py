"""Who reads: rows of projects behind policies, a role for readers of given projects only, personal data apart.

The web role sees every row of what is counted and drawn: its policies say `true`, which the planner drops, so that
tiles keep their spatial index. `gpmb_limited`, which the web role takes on for an investor, may read fewer tables, and
of those what belongs to the projects that the transaction names. Personal data, and the log, which repeats single
amounts, show to nobody unless the transaction names the project. docs/rights.md says how a new table gets its policy.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OF_NO_PROJECT = ("admin_unit", "admin_change", "data_revision", "sample_load")
OF_A_PROJECT = (
    "project_part", "project_boundary", "project_commune", "key_designation", "project_target", "case",
    "affected_parcel", "event", "obstacle", "funding_line", "reported_figure",
)  # fmt: skip
# Asked once for a statement, not once for a row: a subquery of no row is.
_GIVEN = "{} = any ((select read_projects())::bigint[])"
# The tables asked within a policy have their own: what is not seen there is not there.
LIMITED = {
    "project": _GIVEN.format("id"),
    **{table: _GIVEN.format("project_id") for table in OF_A_PROJECT},
    "parcel": "exists (select from affected_parcel a where a.parcel_id = parcel.id)",
    "parcel_commune": "exists (select from affected_parcel a where a.parcel_id = parcel_commune.parcel_id)",
    "parcel_step": "exists (select from affected_parcel a where a.id = parcel_step.affected_parcel_id)",
    "holder": 'exists (select from "case" c where c.holder_id = holder.id)',
    "resettlement_plot": "id = any ((select read_plots())::bigint[])",
    "resettlement_site": f"""
        {_GIVEN.format("project_id")}
        or exists (select from resettlement_plot p where p.site_id = resettlement_site.id)
    """,
    "document": """
        exists (select from event e where e.document_id = document.id)
        or exists (select from project_target t where t.document_id = document.id)
        or exists (select from funding_line f where f.document_id = document.id)
    """,
}
"""What an investor may read, and which rows of it."""


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
        -- A site may serve many projects: of one that is not a given project's own, the plots allotted to those.
        -- As definer, so that no policy asks itself.
        create function read_plots() returns bigint[]
        language sql stable security definer set search_path = public, pg_temp as $$
            select array(
                select p.id from resettlement_plot p join resettlement_site s on s.id = p.site_id
                where s.project_id = any (read_projects())
                union
                select e.plot_id from event e
                where e.plot_id is not null and e.project_id = any (read_projects())
                    and not exists (select from event correction where correction.voids_id = e.id))
        $$;
        create function reads_personal_data_of(project_id bigint) returns boolean
        language sql stable as $$
            select case coalesce(current_setting('gpmb.personal', true), '')
                when '' then false
                when '*' then true
                else project_id = any(current_setting('gpmb.personal', true)::bigint[])
            end
        $$;
        create function reading_account() returns text
        language sql stable as $$ select nullif(current_setting('gpmb.account', true), '') $$;

        alter table holder_identity enable row level security;
        create policy personal on holder_identity to gpmb_web
            using (exists (
                select from "case" where "case".holder_id = holder_identity.holder_id
                    and reads_personal_data_of("case".project_id)));
        grant select on holder_identity to gpmb_web;

        -- One's own acts, and those upon projects whose personal data one may have: to undo them.
        alter table submission enable row level security;
        create policy personal on submission for select to gpmb_web
            using (account = reading_account() or exists (
                select from event e
                where e.id in (select jsonb_array_elements_text(result -> 'event_ids')::bigint)
                    and reads_personal_data_of(e.project_id)));
        create policy written on submission for insert to gpmb_web with check (true);

        -- Entries repeat what was recorded of single households. Those of no project follow the act or the document
        -- they tell of.
        alter table audit_entry enable row level security;
        create policy personal on audit_entry for select to gpmb_web
            using (case
                when project_id is not null then reads_personal_data_of(project_id)
                when entity = 'submission' then exists (select from submission s where s.id = entity_id)
                when entity = 'document' then exists (
                    select from event e where e.document_id = entity_id and reads_personal_data_of(e.project_id))
                else who = reading_account() end);
        create policy written on audit_entry for insert to gpmb_web with check (true);
        """
    )
    for table in LIMITED:
        op.execute(
            f"""
            alter table "{table}" enable row level security;
            create policy served on "{table}" to gpmb_web using (true);
            """
        )
    for table, rows in LIMITED.items():
        op.execute(f'create policy given on "{table}" for select to gpmb_limited using ({rows})')
    for table in (*OF_NO_PROJECT, *LIMITED):
        op.execute(f'grant select on "{table}" to gpmb_limited')


def downgrade():
    for table in (*OF_NO_PROJECT, *LIMITED):
        op.execute(f'revoke select on "{table}" from gpmb_limited')
    for table in LIMITED:
        op.execute(f'drop policy given on "{table}"')
    for table in LIMITED:
        op.execute(f'drop policy served on "{table}"; alter table "{table}" disable row level security')
    op.execute(
        """
        drop policy written on audit_entry;
        drop policy personal on audit_entry;
        alter table audit_entry disable row level security;
        drop policy written on submission;
        drop policy personal on submission;
        alter table submission disable row level security;
        revoke select on holder_identity from gpmb_web;
        drop policy personal on holder_identity;
        alter table holder_identity disable row level security;
        drop function reading_account(), reads_personal_data_of(bigint), read_plots(), read_projects();
        alter table account drop constraint ck_account_role;
        delete from account where role = 'investor';
        alter table account add constraint ck_account_role check (role in ('administrator', 'officer', 'leader'));
        revoke usage on schema public from gpmb_limited;
        """
    )
