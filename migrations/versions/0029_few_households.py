"""Sums of official papers and of records are kept apart: together they tell of no fewer than three households either
(decision 0005, "Official papers").

`personal_amount.figures` names the official sums that an amount is a part of. Amounts that are parts of the same ones
are a cell: of each cell three households at least stay out of the sums of three (`amount_batch.withdrawn`); an official
sum that would make a cell of one or two is not told to who may not have their personal data (`withheld_figure`).
`lone_case` names households that have fewer than two neighbours in their project and communes, or had once: counting
their payments would tell the day. `paper_day_withheld` says of which documents the day is not told.
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

WRITE_BATCHES = """
    create or replace function write_amount_batches(event_ids bigint[]) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
    {declare}
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
        {loop}
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
        {end_loop}
    end $$;
    """
# With a batch the later amounts of a case move up, and may make another: else that would wait for the next entry.
LOOPING = {
    "declare": "declare batched integer;",
    "loop": "loop",
    "end_loop": "get diagnostics batched = row_count; exit when batched = 0; end loop;",
}
ONCE = dict.fromkeys(LOOPING, "")

BATCH_AMOUNTS = """
    create or replace function batch_amounts() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
    declare
        with_amount bigint[];
        {declare}
    begin
        -- A batch goes as a whole with the first of its entries that is voided; what it held is told no more.
        if exists (select from written where voids_id is not null) then
            update amount_batch b set voided_at = least(b.voided_at, w.at)
            from (
                select p.batch_id, min(written.recorded_at) as at
                from written join personal_amount p on p.event_id = written.voids_id
                where p.batch_id is not null group by 1
            ) w where w.batch_id = b.id;
            {after_voids}
            delete from personal_amount p using written where written.voids_id = p.event_id and p.batch_id is null;
        end if;
        with_amount := array(select id from written where amount_vnd is not null and kind <> 'correction');
        if with_amount <> '{{}}' then
            perform write_amount_batches(with_amount);
            {after_amounts}
        end if;
        {after_all}
        return null;
    end $$;
    """
FENCED = {
    "declare": "touched text[] := '{}';",
    "after_voids": """
            touched := array(
                select distinct p.kind from written join personal_amount p on p.event_id = written.voids_id
                where p.figures <> '{}');""",
    "after_amounts": """
            perform put_into_figures(with_amount, null);
            touched := touched || array(
                select distinct e.kind from event e where e.id = any (with_amount)
                    and exists (select from personal_amount p where p.kind = e.kind and p.figures <> '{}'));""",
    "after_all": """
        if touched <> '{}' then
            perform fence_amounts(touched);
        end if;
        perform write_lone_cases(array(select id from written));""",
}
BARE = dict.fromkeys(FENCED, "")


def upgrade():
    op.execute(
        """
        alter table amount_batch add withdrawn boolean not null default false;
        alter table personal_amount add figures bigint[] not null default '{}';
        create index ix_personal_amount_figures on personal_amount (kind) where figures <> '{}';
        create table withheld_figure (
            figure_id bigint constraint pk_withheld_figure primary key
                constraint fk_withheld_figure_figure_id references reported_figure
        );
        create table lone_case (
            case_id bigint constraint pk_lone_case primary key constraint fk_lone_case_case_id references "case",
            project_id bigint not null constraint fk_lone_case_project_id references project
        );
        create index ix_lone_case_project_id on lone_case (project_id);

        -- Note of amounts which official sums they are a part of, whether or not the paper is right: those of their
        -- kind, project and time, of a unit that one of their communes lies in. Null for all amounts, or all figures.
        create function put_into_figures(event_ids bigint[], figure_ids bigint[]) returns void
        language sql security definer set search_path = public, pg_temp as $$
            with recursive above (home, unit_id) as (
                select id, id from admin_unit where level = 'commune'
                union
                select above.home, u.parent_id from above join admin_unit u on u.id = above.unit_id
                where u.parent_id is not null
            ),
            stated as (
                select id, indicator, project_id, unit_id, to_on, case basis when 'period' then from_on end as from_on
                from reported_figure
                where amount_vnd is not null and derivable and basis in ('period', 'cumulative')
                    and coalesce(holder, 'all') in ('all', 'household')
                    and (figure_ids is null or id = any (figure_ids))
            ),
            held as (
                select p.event_id, array_agg(f.id order by f.id) as ids
                from personal_amount p
                join event e on e.id = p.event_id
                join stated f on f.indicator = p.kind and (f.project_id is null or f.project_id = p.project_id)
                    and e.valid_on <= f.to_on and (f.from_on is null or e.valid_on >= f.from_on)
                where (event_ids is null or p.event_id = any (event_ids))
                    and exists (select from above a where a.home = any (p.homes) and a.unit_id = f.unit_id)
                    and not exists (select from event v where v.voids_id = p.event_id)
                group by 1
            )
            update personal_amount p
            set figures = (select array(select distinct x from unnest(p.figures || held.ids) x order by x))
            from held where held.event_id = p.event_id
        $$;

        -- Whether what a paper says of how many households its sum is of makes it a sum of one or two, or what is left
        -- of another sum without it: the total it is a part of less its other parts, or the same one up to another day.
        create function states_few(asked bigint) returns boolean
        language sql stable security definer set search_path = public, pg_temp as $$
            select coalesce(f.households between 1 and 2 and coalesce(f.holder, 'all') in ('all', 'household'), false)
                or exists (
                    select from reported_figure total
                    where total.figure = f.part_of and total.amount_vnd is not null
                        and total.households - f.households - (
                            select coalesce(sum(part.households), 0) from reported_figure part
                            where part.part_of = f.part_of and part.id < f.id and part.amount_vnd is not null
                                and part.id not in (select figure_id from withheld_figure)
                        ) between 1 and 2)
                or exists (
                    select from reported_figure other
                    where other.id < f.id and other.basis = 'cumulative' and f.basis = 'cumulative'
                        and other.indicator = f.indicator and other.unit_id = f.unit_id and other.to_on <> f.to_on
                        and (other.project_id, coalesce(other.holder, 'all'), other.restriction)
                            is not distinct from (f.project_id, coalesce(f.holder, 'all'), f.restriction)
                        and other.amount_vnd <> f.amount_vnd and abs(other.households - f.households) between 1 and 2
                        and other.id not in (select figure_id from withheld_figure))
            from reported_figure f where f.id = asked
        $$;

        -- The one place that decides which official sums are told beside which sums of records. Amounts that are parts
        -- of the same told official sums are a cell. A sum that would leave a cell of one or two households is
        -- withheld; then sums of three are withdrawn, the newest first, until of every cell three households are in
        -- none. Whatever is then added to and taken off from told sums holds every such household of a cell or none:
        -- three or more (docs/decisions/0005-few-households.md).
        create function fence_amounts(kinds text[]) returns void
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare
            one_kind text;
            one bigint;
            told bigint[];
            batch bigint;
        begin
            foreach one_kind in array array(select distinct unnest(kinds)) loop
                told := '{}';
                for one in
                    select id from reported_figure where indicator = one_kind and amount_vnd is not null order by id
                loop
                    if states_few(one) or exists (
                        select from personal_amount p
                        where p.kind = one_kind and p.figures && (told || one)
                            and not exists (select from event v where v.voids_id = p.event_id)
                        group by array(select x from unnest(p.figures) x where x = any (told || one) order by x)
                        having count(distinct p.case_id) < 3
                    ) then
                        insert into withheld_figure values (one) on conflict do nothing;
                    else
                        told := told || one;
                        delete from withheld_figure where figure_id = one;
                    end if;
                end loop;
                loop
                    select max(newest) into batch from (
                        select max(p.batch_id) filter (where not b.withdrawn) as newest
                        from personal_amount p left join amount_batch b on b.id = p.batch_id
                        where p.kind = one_kind and p.figures && told
                            and not exists (select from event v where v.voids_id = p.event_id)
                        group by array(select x from unnest(p.figures) x where x = any (told) order by x)
                        having count(distinct p.case_id) filter (where b.id is null or b.withdrawn) < 3
                    ) cell;
                    exit when batch is null;
                    update amount_batch set withdrawn = true where id = batch;
                end loop;
            end loop;
        end $$;

        create function fence_figures() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare
            ids bigint[] := array(select id from written where amount_vnd is not null);
        begin
            if ids <> '{}' then
                perform put_into_figures(null, ids);
                perform fence_amounts(array(select distinct indicator from written where amount_vnd is not null));
            end if;
            return null;
        end $$;
        create trigger fence_figures after insert on reported_figure referencing new table as written
            for each statement execute function fence_figures();

        -- Households of projects that pay which had fewer than two neighbours for some time: households of the same
        -- project, at home in the same communes of every generation. Whether they were paid does not matter: that a
        -- count leaves somebody out must not tell when it began to.
        create function write_lone_cases(event_ids bigint[]) returns void
        language sql security definer set search_path = public, pg_temp as $$
            with paid as (
                select distinct e.project_id
                from event e
                left join affected_parcel a on a.id = e.affected_parcel_id
                join "case" c on c.id = coalesce(e.case_id, a.case_id)
                join holder h on h.id = c.holder_id
                where e.id = any (event_ids) and h.kind in ('household', 'individual')
                    and e.kind in ('payment', 'advance_payment', 'progress_bonus', 'deduction')
            ),
            lies as materialized (
                select a.case_id, p.unit_id, p.valid, a.area_m2,
                       coalesce(lower(p.valid), upper(p.valid) - 1, '2000-01-01') as day
                from affected_parcel a join parcel_commune p on p.parcel_id = a.parcel_id
                where a.case_id is not null and a.project_id in (select project_id from paid)
            ),
            home as (  -- as homes_of_case gives them, of all cases at once
                select distinct on (case_id, day) case_id, unit_id from (
                    select d.case_id, d.day, l.unit_id, sum(l.area_m2) as area_m2
                    from (select distinct case_id, day from lies) d
                    join lies l on l.case_id = d.case_id and l.valid @> d.day group by 1, 2, 3
                ) part order by case_id, day, area_m2 desc, unit_id
            ),
            homes as (
                select case_id, array_agg(distinct unit_id order by unit_id) as homes from home group by 1
            ),
            person as materialized (
                select c.id, c.project_id, c.registered_on, coalesce(homes.homes, '{}') as homes
                from "case" c join holder h on h.id = c.holder_id left join homes on homes.case_id = c.id
                where c.project_id in (select project_id from paid) and h.kind in ('household', 'individual')
            ),
            -- of each project and its communes, the day from which three are registered
            three as (
                select project_id, homes, (array_agg(registered_on order by registered_on))[3] as since
                from person group by 1, 2
            )
            insert into lone_case (case_id, project_id)
            select p.id, p.project_id
            from person p join three t on t.project_id = p.project_id and t.homes = p.homes
            where t.since is null or t.since > p.registered_on
            on conflict do nothing
        $$;

        -- The day of a document on which nothing rests but payments to one or two households of a project is the day
        -- of those payments.
        create function paper_day_withheld(paper bigint) returns boolean
        language sql stable set search_path = public, pg_temp as $$
            with rests as (
                select e.project_id, coalesce(e.case_id, a.case_id) as case_id,
                    e.kind in ('payment', 'advance_payment', 'progress_bonus', 'deduction')
                        and coalesce(h.kind in ('household', 'individual'), false) as paid
                from event e
                left join affected_parcel a on a.id = e.affected_parcel_id
                left join "case" c on c.id = coalesce(e.case_id, a.case_id)
                left join holder h on h.id = c.holder_id
                where e.document_id = paper and e.kind <> 'correction'
            )
            select not exists (select from rests where not paid)
                and not exists (select from project_target where document_id = paper)
                and not exists (select from funding_line where document_id = paper)
                and exists (
                    select from rests group by project_id
                    having count(distinct case_id) < 3 and not reads_money_of(project_id))
        $$;

        -- Reports of which a sum is withheld from the reader: their words may repeat it.
        create function reports_with_withheld_figures() returns setof text
        language sql stable security definer set search_path = public, pg_temp as $$
            select distinct split_part(f.source_line, ':', 1)
            from withheld_figure w join reported_figure f on f.id = w.figure_id
            where not coalesce(reads_personal_data_of(f.project_id), false)
                and coalesce(current_setting('gpmb.personal', true), '') <> '*'
        $$;
        -- Totals of which a part is withheld from the reader: what is seen of them need not come to the total.
        create function totals_with_withheld_parts() returns setof text
        language sql stable security definer set search_path = public, pg_temp as $$
            select distinct f.part_of
            from withheld_figure w join reported_figure f on f.id = w.figure_id
            where f.part_of is not null and not coalesce(reads_personal_data_of(f.project_id), false)
                and coalesce(current_setting('gpmb.personal', true), '') <> '*'
        $$;

        revoke execute on function put_into_figures(bigint[], bigint[]), states_few(bigint), fence_amounts(text[]),
            write_lone_cases(bigint[]) from public;
        grant select on withheld_figure, lone_case to gpmb_web, gpmb_limited;
        """
    )
    op.execute(WRITE_BATCHES.format(**LOOPING))
    op.execute(BATCH_AMOUNTS.format(**FENCED))
    for table in ("withheld_figure", "lone_case"):
        op.execute(
            f"""
            create trigger data_revision before insert or update or delete or truncate on {table}
                for each statement execute function bump_data_revision();
            alter table {table} enable row level security;
            """
        )
    op.execute(
        """
        create policy served on withheld_figure to gpmb_web using (true);
        create policy given on withheld_figure for select to gpmb_limited using (true);
        create policy served on lone_case to gpmb_web using (true);
        create policy given on lone_case for select to gpmb_limited
            using (project_id = any ((select read_projects())::bigint[]));

        alter policy served on amount_batch using (not withdrawn);
        alter policy given on amount_batch
            using (project_id = any ((select read_projects())::bigint[]) and not withdrawn);
        alter policy served on reported_figure
            using (id not in (select figure_id from withheld_figure) or reads_personal_data_of(project_id)
                or coalesce(current_setting('gpmb.personal', true), '') = '*'
                or exists (select from figure_entry e
                           where e.figure_id = reported_figure.id and e.entered_by = reading_account()))
            with check (true);
        alter policy given on reported_figure
            using (project_id = any ((select read_projects())::bigint[])
                and id not in (select figure_id from withheld_figure));
        -- The text of a report of which a sum is withheld.
        alter policy served on kept_text
            using (not exists (
                select from figure_entry e join reported_figure f on f.id = e.figure_id
                where e.text_id = kept_text.id
                    and split_part(f.source_line, ':', 1) in (select reports_with_withheld_figures())))
            with check (true);

        select put_into_figures(null, null);
        select fence_amounts(array(select distinct indicator from reported_figure where amount_vnd is not null));
        select write_lone_cases(array(select id from event));
        """
    )


def downgrade():
    op.execute(
        """
        alter policy served on kept_text using (true) with check (true);
        alter policy given on reported_figure using (project_id = any ((select read_projects())::bigint[]));
        alter policy served on reported_figure using (true) with check (true);
        alter policy given on amount_batch using (project_id = any ((select read_projects())::bigint[]));
        alter policy served on amount_batch using (true);
        drop trigger fence_figures on reported_figure;
        """
    )
    op.execute(BATCH_AMOUNTS.format(**BARE))
    op.execute(WRITE_BATCHES.format(**ONCE))
    op.execute(
        """
        drop function fence_figures(), fence_amounts(text[]), states_few(bigint), put_into_figures(bigint[], bigint[]),
            write_lone_cases(bigint[]), paper_day_withheld(bigint), reports_with_withheld_figures(),
            totals_with_withheld_parts();
        drop table lone_case, withheld_figure;
        alter table personal_amount drop figures;
        alter table amount_batch drop withdrawn;
        """
    )
