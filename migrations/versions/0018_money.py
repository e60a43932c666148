"""Single amounts of households are fenced: who may not have them gets sums of three households (decision 0005).

The column `event.amount_vnd` is withdrawn from the web role. The view `event_amount` gives back what the reader may
have; `amount_batch` holds the sums of three that everybody may have, kept up by whoever writes. An amount comes into at
most one batch, ever: any two answers differ by whole batches.
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    op.execute(
        """
        -- Each amount of a household or individual, with the batch it went into (null: it waits for two others).
        create table amount_batch (
            id bigint constraint pk_amount_batch primary key
                constraint fk_amount_batch_id references event,
            project_id bigint not null,
            kind text not null,
            case_id bigint not null,
            valid_on date not null,
            recorded_at timestamptz not null,
            voided_at timestamptz,
            amount_vnd numeric(20, 0) not null,
            constraint fk_amount_batch_project_id_case_id
                foreign key (project_id, case_id) references "case" (project_id, id)
        );
        create table personal_amount (
            event_id bigint constraint pk_personal_amount primary key
                constraint fk_personal_amount_event_id references event,
            project_id bigint not null,
            kind text not null,
            case_id bigint not null,
            homes bigint[] not null,
            batch_id bigint constraint fk_personal_amount_batch_id references amount_batch,
            constraint fk_personal_amount_project_id_case_id
                foreign key (project_id, case_id) references "case" (project_id, id)
        );
        create index ix_personal_amount_batch_id on personal_amount (batch_id);
        create index ix_personal_amount_waiting on personal_amount (project_id, kind) where batch_id is null;
        create index ix_amount_batch_project_id on amount_batch (project_id);

        -- The commune that holds most of a case's area, in each generation of units (docs/decisions/0002-counting.md).
        create function homes_of_case(wanted bigint) returns bigint[]
        language sql stable set search_path = public, pg_temp as $$
            with lies as (
                select p.unit_id, p.valid, a.area_m2,
                       coalesce(lower(p.valid), upper(p.valid) - 1, '2000-01-01') as day
                from affected_parcel a join parcel_commune p on p.parcel_id = a.parcel_id
                where a.case_id = wanted
            ),
            parts as (
                select d.day, l.unit_id, sum(l.area_m2) as area_m2
                from (select distinct day from lies) d join lies l on l.valid @> d.day
                group by 1, 2
            ),
            home as (
                select distinct on (day) day, unit_id from parts order by day, area_m2 desc, unit_id
            )
            select coalesce(array_agg(distinct unit_id order by unit_id), '{}') from home
        $$;

        -- The one place that makes batches: of the amounts of some new events together with those that wait. The n-th
        -- amounts that wait of each case (so that a batch has three households) stand in the order of recording, and
        -- every three of them make a batch. It is named after its first event and counts where that event's case is at
        -- home, on its latest day, known since its latest entry.
        create function write_amount_batches(event_ids bigint[]) returns void
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
            insert into personal_amount (event_id, project_id, kind, case_id, homes)
            select e.id, e.project_id, e.kind, c.id, homes_of_case(c.id)
            from event e
            left join affected_parcel a on a.id = e.affected_parcel_id
            join "case" c on c.id = coalesce(e.case_id, a.case_id)
            join holder h on h.id = c.holder_id
            where e.id = any (event_ids) and e.amount_vnd is not null and e.kind <> 'correction'
                and h.kind in ('household', 'individual')
                and not exists (select from event correction where correction.voids_id = e.id)
            on conflict do nothing;

            with nth as (
                select p.*, row_number() over (partition by project_id, kind, homes, case_id order by event_id) as nth
                from personal_amount p
                where batch_id is null and (project_id, kind) in (
                    select project_id, kind from event where id = any (event_ids) and amount_vnd is not null)
            ),
            standing as (
                select nth.*, (row_number() over same - 1) / 3 as place
                from nth window same as (partition by project_id, kind, homes, nth order by event_id)
            ),
            full_batch as (
                select min(event_id) as id, array_agg(event_id) as event_ids
                from standing group by project_id, kind, homes, nth, place having count(*) = 3
            ),
            made as (
                insert into amount_batch (id, project_id, kind, case_id, valid_on, recorded_at, amount_vnd)
                select b.id, s.project_id, s.kind, s.case_id, m.valid_on, m.recorded_at, m.amount_vnd
                from full_batch b
                join standing s on s.event_id = b.id
                cross join lateral (
                    select max(e.valid_on) as valid_on, max(e.recorded_at) as recorded_at,
                           sum(e.amount_vnd) as amount_vnd
                    from event e where e.id = any (b.event_ids)
                ) m
            )
            update personal_amount p set batch_id = b.id from full_batch b where p.event_id = any (b.event_ids);
        end $$;

        create function batch_amounts() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare
            with_amount bigint[];
        begin
            -- A batch goes as a whole with the first of its entries that is voided; what it held is told no more.
            if exists (select from written where voids_id is not null) then
                update amount_batch b set voided_at = least(b.voided_at, w.at)
                from (
                    select p.batch_id, min(written.recorded_at) as at
                    from written join personal_amount p on p.event_id = written.voids_id
                    where p.batch_id is not null group by 1
                ) w where w.batch_id = b.id;
                delete from personal_amount p using written where written.voids_id = p.event_id and p.batch_id is null;
            end if;
            with_amount := array(select id from written where amount_vnd is not null and kind <> 'correction');
            if with_amount <> '{}' then
                perform write_amount_batches(with_amount);
            end if;
            return null;
        end $$;
        create trigger amount_batches after insert on event referencing new table as written
            for each statement execute function batch_amounts();
        revoke execute on function write_amount_batches(bigint[]) from public;

        -- Whoever may read the column itself (its owner: commands on the server) has every amount.
        create function reads_money_of(project_id bigint) returns boolean
        language sql stable as $$
            select reads_personal_data_of(project_id)
                or has_column_privilege('public.event', 'amount_vnd', 'select')
        $$;

        -- The owner's view: base tables are read as their owner, so what the policies would hide from a limited reader
        -- is hidden here. `batch_id` tells where a withheld amount went.
        create view event_amount with (security_barrier) as
        select e.id as event_id, e.project_id, e.kind, case when not m.withheld then e.amount_vnd end as amount_vnd,
               m.withheld, p.batch_id
        from event e
        left join affected_parcel a on a.id = e.affected_parcel_id
        left join "case" c on c.id = coalesce(e.case_id, a.case_id)
        left join holder h on h.id = c.holder_id
        left join personal_amount p on p.event_id = e.id
        cross join lateral (
            select (p.event_id is not null or coalesce(h.kind in ('household', 'individual'), false))
                and not reads_money_of(e.project_id) as withheld
        ) m
        where e.amount_vnd is not null and e.kind <> 'correction'
            and (current_user <> 'gpmb_limited' or e.project_id = any ((select read_projects())::bigint[]));

        -- The entry of an event repeats its row, its amount too: written for the web role, which cannot read it.
        create function log_events(event_ids bigint[], who text, act text) returns void
        language sql security definer set search_path = public, pg_temp as $$
            insert into audit_entry (who, act, entity, entity_id, project_id, after)
            select who, act, 'event', e.id, e.project_id, to_jsonb(e) - 'recorded_at' || jsonb_build_object(
                'recorded_at', to_char(e.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
            from event e where e.id = any (event_ids) order by e.id
        $$;
        revoke execute on function log_events(bigint[], text, text) from public;
        grant execute on function log_events(bigint[], text, text) to gpmb_web;

        select write_amount_batches(array(select id from event where amount_vnd is not null));

        grant select on amount_batch, personal_amount, event_amount to gpmb_web, gpmb_limited;
        """
    )
    for table in ("amount_batch", "personal_amount"):
        op.execute(
            f"""
            create trigger data_revision before insert or update or delete or truncate on {table}
                for each statement execute function bump_data_revision();
            alter table {table} enable row level security;
            create policy served on {table} to gpmb_web using (true);
            create policy given on {table} for select to gpmb_limited
                using (project_id = any ((select read_projects())::bigint[]));
            """
        )
    # Column by column: a right on the whole table would cover the amount.
    op.execute(
        """
        do $$ declare reader text; columns text; begin
            select string_agg(quote_ident(attname), ', ' order by attnum) into columns from pg_attribute
            where attrelid = 'event'::regclass and attnum > 0 and not attisdropped and attname <> 'amount_vnd';
            foreach reader in array array['gpmb_web', 'gpmb_limited'] loop
                if has_table_privilege(reader, 'event', 'select') then
                    execute format('revoke select on event from %I', reader);
                    execute format('grant select (%s) on event to %I', columns, reader);
                end if;
            end loop;
        end $$
        """
    )


def downgrade():
    op.execute(
        """
        do $$ declare reader text; columns text; begin
            select string_agg(quote_ident(attname), ', ' order by attnum) into columns from pg_attribute
            where attrelid = 'event'::regclass and attnum > 0 and not attisdropped and attname <> 'amount_vnd';
            foreach reader in array array['gpmb_web', 'gpmb_limited'] loop
                if has_column_privilege(reader, 'event', 'id', 'select') then
                    execute format('revoke select (%s) on event from %I', columns, reader);
                    execute format('grant select on event to %I', reader);
                end if;
            end loop;
        end $$;
        drop view event_amount;
        drop function log_events(bigint[], text, text), reads_money_of(bigint);
        drop trigger amount_batches on event;
        drop function batch_amounts(), write_amount_batches(bigint[]), homes_of_case(bigint);
        drop table personal_amount, amount_batch;
        """
    )
