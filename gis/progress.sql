-- How far clearance has come: every measure of every step, by project and/or commune, parts and total from one
-- snapshot. Called by gis/progress.py; the rules are those of docs/decisions/0002-counting.md.
--
-- :since, :upto    the period, both days in (:since null = from the beginning)
-- :known           only entries recorded by this moment (null = all)
-- :unit, :scope_on the unit asked for (null = all) and the day whose communes decide what lies in it
-- :rows_on         the day whose communes make the rows
-- :projects, :holder, :by_project, :by_commune
-- :kinds           the steps that are wanted (null = all)
--
-- A fact is one row that adds to the counts of one kind. Cases count where their home is, m² where the parcel is.
with recursive subtree (id) as (
    select id from admin_unit where id = :unit
    union
    select child.id from admin_unit child join subtree on child.parent_id = subtree.id
    where child.valid @> cast(:scope_on as date)
),
-- What a change of scope made larger or smaller: the area of the day, as known then; before all changes, the first one.
area_then as materialized (
    select affected_parcel_id as id,
           coalesce((array_agg(area_m2 order by valid_on desc, id desc)
                     filter (where valid_on <= :upto
                             and (cast(:known as timestamptz) is null or recorded_at <= :known)))[1],
                    (array_agg(before_m2 order by id))[1]) as area_m2,
           coalesce((array_agg(area_m2 order by valid_on desc, id desc)
                     filter (where valid_on < :since
                             and (cast(:known as timestamptz) is null or recorded_at <= :known)))[1],
                    (array_agg(before_m2 order by id))[1]) as before_m2
    from affected_area
    where cast(:projects as bigint[]) is null or project_id = any(:projects)
    group by 1
),
-- Affected parcels that stood as known then, registered by the day, with the commune of each for rows and for scope.
land as materialized (
    select a.id, a.project_id, a.case_id, coalesce(t.area_m2, a.area_m2) as area_m2,
           coalesce(t.before_m2, a.area_m2) as before_m2, a.registered_on, p.geom is not null as drawn, r.unit_id as row_unit, s.unit_id as scope_unit
    from land_known(cast(:known as timestamptz)) a
    join parcel p on p.id = a.parcel_id
    left join area_then t on t.id = a.id
    left join parcel_commune r on r.parcel_id = a.parcel_id and r.valid @> cast(:rows_on as date)
    left join parcel_commune s on s.parcel_id = a.parcel_id and s.valid @> cast(:scope_on as date)
    where a.registered_on <= :upto
      and (cast(:projects as bigint[]) is null or a.project_id = any(:projects))
),
-- The home of a case: the commune that holds most of its area to recover (the lower id when two hold the same).
row_home as (
    select distinct on (case_id) case_id, row_unit from (
        select case_id, row_unit, sum(area_m2) as area_m2 from land where case_id is not null group by 1, 2
    ) part order by case_id, area_m2 desc, row_unit
),
scope_home as (
    select distinct on (case_id) case_id, scope_unit from (
        select case_id, scope_unit, sum(area_m2) as area_m2 from land where case_id is not null group by 1, 2
    ) part order by case_id, area_m2 desc, scope_unit
),
cases as materialized (
    select c.id, c.project_id, c.holder_kind as holder, r.row_unit, s.scope_unit
    from cases_known(cast(:known as timestamptz)) c
    left join row_home r on r.case_id = c.id
    left join scope_home s on s.case_id = c.id
    where c.registered_on <= :upto
      and (cast(:projects as bigint[]) is null or c.project_id = any(:projects))
),
main_commune as (
    select p.id as project_id,
           (select unit_id from project_commune c where c.project_id = p.id and c.main
            and c.valid @> cast(:rows_on as date)) as row_unit,
           (select unit_id from project_commune c where c.project_id = p.id and c.main
            and c.valid @> cast(:scope_on as date)) as scope_unit
    from projects_known(cast(:known as timestamptz)) p
    where cast(:projects as bigint[]) is null or p.id = any(:projects)
),
-- What the reader may have of each amount (docs/decisions/0005-few-households.md): itself, or the batch it went into.
amount as materialized (
    select event_id, amount_vnd, withheld, batch_id from event_amount
    where (cast(:kinds as text[]) is null or kind = any(:kinds))
      and (cast(:projects as bigint[]) is null or project_id = any(:projects))
),
batch as materialized (
    select b.id, b.kind, b.project_id, b.case_id, b.amount_vnd,
           b.valid_on >= coalesce(:since, b.valid_on) as in_period
    from amount_batch b
    where b.valid_on <= :upto and (cast(:kinds as text[]) is null or b.kind = any(:kinds))
      and (cast(:projects as bigint[]) is null or b.project_id = any(:projects))
      and case when cast(:known as timestamptz) is null then b.voided_at is null
               else b.recorded_at <= :known and (b.voided_at is null or b.voided_at > :known) end
      and b.project_id in (select id from project where not reads_money_of(id))
),
lone as materialized (
    select case_id from lone_case where project_id in (select id from project where not reads_money_of(id))
),
live as materialized (
    select e.id, e.kind, e.valid_on, e.project_id, coalesce(e.case_id, a.case_id) as case_id,
           e.affected_parcel_id, e.document_id, e.unit_id, e.area_m2, v.amount_vnd, v.withheld, v.batch_id, e.plots,
           e.valid_on >= coalesce(:since, e.valid_on) as in_period,
           -- a payment that would tell its day if it were counted
           e.kind = any(array['payment', 'advance_payment', 'progress_bonus', 'deduction'])
               and lone.case_id is not null as uncounted
    from event e
    left join affected_parcel a on a.id = e.affected_parcel_id
    left join amount v on v.event_id = e.id
    left join lone on lone.case_id = coalesce(e.case_id, a.case_id)
    where e.kind <> 'correction' and e.valid_on <= :upto
      and (cast(:known as timestamptz) is null or e.recorded_at <= :known)
      and (cast(:projects as bigint[]) is null or e.project_id = any(:projects))
      and not exists (
          select from event correction where correction.voids_id = e.id
          and (cast(:known as timestamptz) is null or correction.recorded_at <= :known))
),
handed as (
    select affected_parcel_id, sum(area_m2) as by_end, sum(area_m2) filter (where valid_on < :since) as before
    from live where kind = 'handover' group by 1
),
-- A case is completed when every one of its parcels is handed over in full; in the period when it was not so before.
completion as materialized (
    select land.case_id,
           bool_and(coalesce(handed.by_end, 0) >= land.area_m2) as by_end,
           coalesce(bool_and(coalesce(handed.before, 0) >= land.before_m2)
                    filter (where land.registered_on < :since), false) as before
    from land left join handed on handed.affected_parcel_id = land.id
    where land.case_id is not null group by 1
),
-- What has been inventoried: a parcel by an event that names it, a case by any; an event that names only the case
-- covers all its parcels.
inventoried_land as (
    select distinct affected_parcel_id as id from live where kind = 'inventory' and affected_parcel_id is not null
),
inventoried_case as (
    select case_id as id, bool_or(affected_parcel_id is null) as whole from live
    where kind = 'inventory' and case_id is not null group by 1
),
facts (kind, project_id, row_unit, scope_unit, case_id, holder, document_id, event_id,
       area_m2, amount_vnd, plots, parcels, drawn, withheld) as (
    -- what an event says of its case (or, without a case or a parcel, of its project)
    select l.kind, l.project_id,
           case when c.id is not null then c.row_unit
                when stated.valid @> cast(:rows_on as date) then case stated.level when 'commune' then stated.id end
                else m.row_unit end,
           case when c.id is not null then c.scope_unit
                when stated.valid @> cast(:scope_on as date) then stated.id else m.scope_unit end,
           case when l.kind <> 'handover' then c.id end, c.holder, l.document_id,
           case when l.affected_parcel_id is null then l.id end,
           case when l.affected_parcel_id is null then l.area_m2 end, l.amount_vnd, l.plots, null::int, null::int, 0
    from live l
    left join cases c on c.id = l.case_id
    left join admin_unit stated on stated.id = l.unit_id
    left join main_commune m on m.project_id = l.project_id
    where l.in_period and not l.uncounted and (l.case_id is not null or l.affected_parcel_id is null)
      and (cast(:kinds as text[]) is null or l.kind = any(:kinds))
    union all
    -- what it says of a parcel
    select l.kind, l.project_id, land.row_unit, land.scope_unit, null, c.holder, l.document_id, l.id,
           l.area_m2, case when l.case_id is null then l.amount_vnd end, case when l.case_id is null then l.plots end,
           null, null, 0
    from live l
    join land on land.id = l.affected_parcel_id
    left join cases c on c.id = l.case_id
    where l.in_period and not l.uncounted and (cast(:kinds as text[]) is null or l.kind = any(:kinds))
    union all
    -- households whose payments are not counted, paid or not: as a kind of their own, and as a sum that leaves them out
    select mark.kind, c.project_id, c.row_unit, c.scope_unit,
           null, c.holder, null, null, null, null, null, null, null, mark.withheld
    from cases c join lone on lone.case_id = c.id
    cross join unnest(array['payment', 'advance_payment', 'progress_bonus', 'deduction']) paid (kind)
    cross join lateral (values ('_uncounted:' || paid.kind, 0), (paid.kind, 1)) mark (kind, withheld)
    where cast(:kinds as text[]) is null or paid.kind = any(:kinds)
    union all
    -- sums of three households, where their first case is at home
    select b.kind, b.project_id, case when c.id is not null then c.row_unit else m.row_unit end,
           case when c.id is not null then c.scope_unit else m.scope_unit end,
           null, c.holder, null, null, null, b.amount_vnd, null, null, null, 0
    from batch b
    left join cases c on c.id = b.case_id
    left join main_commune m on m.project_id = b.project_id
    where b.in_period
    union all
    -- amounts that are in no such sum, or in one of another period
    select l.kind, l.project_id, case when c.id is not null then c.row_unit else m.row_unit end,
           case when c.id is not null then c.scope_unit else m.scope_unit end,
           null, c.holder, null, null, null, null, null, null, null, 1
    from live l
    left join batch b on b.id = l.batch_id
    left join cases c on c.id = l.case_id
    left join main_commune m on m.project_id = l.project_id
    where l.withheld and not l.uncounted and l.in_period <> coalesce(b.in_period, false)
    union all
    select 'handover', c.project_id, c.row_unit, c.scope_unit, c.id, c.holder, null, null, null, null, null, null, null,
           0
    from cases c join completion on completion.case_id = c.id
    where completion.by_end and not completion.before
    union all
    select 'affected', project_id, row_unit, scope_unit, id, holder, null, null, null, null, null, null, null, 0
    from cases
    union all
    select 'affected', land.project_id, land.row_unit, land.scope_unit, null, c.holder, null, null,
           land.area_m2, null, null, 1, land.drawn::int, 0
    from land left join cases c on c.id = land.case_id
    union all
    select 'not_handed_over', c.project_id, c.row_unit, c.scope_unit, c.id, c.holder,
           null, null, null, null, null, null, null, 0
    from cases c left join completion on completion.case_id = c.id
    where not coalesce(completion.by_end, false)
    union all
    select 'not_handed_over', land.project_id, land.row_unit, land.scope_unit, null, c.holder, null, null,
           land.area_m2 - coalesce(handed.by_end, 0), null, null, null, null, 0
    from land left join handed on handed.affected_parcel_id = land.id left join cases c on c.id = land.case_id
    union all
    select 'not_inventoried', c.project_id, c.row_unit, c.scope_unit, c.id, c.holder,
           null, null, null, null, null, null, null, 0
    from cases c left join inventoried_case i on i.id = c.id where i.id is null
    union all
    select 'not_inventoried', land.project_id, land.row_unit, land.scope_unit, null, c.holder, null, null,
           land.area_m2, null, null, null, null, 0
    from land
    left join cases c on c.id = land.case_id
    left join inventoried_land i on i.id = land.id
    left join inventoried_case w on w.id = land.case_id
    where i.id is null and not coalesce(w.whole, false)
    union all
    -- that there are records at all, whenever they happened
    select distinct '_records', l.project_id, coalesce(land.row_unit, c.row_unit, m.row_unit),
           coalesce(land.scope_unit, c.scope_unit, m.scope_unit), null::bigint, c.holder,
           null::bigint, null::bigint, null::numeric, null::numeric, null::int, null::int, null::int, 0
    from live l left join land on land.id = l.affected_parcel_id left join cases c on c.id = l.case_id
    left join main_commune m on m.project_id = l.project_id
    where not l.uncounted
    union all
    -- a row for every project in scope, also without records
    select '_project', p.project_id, p.unit_row, p.unit_scope, null, null, null, null, null, null, null, null, null, 0
    from (
        select m.project_id, m.row_unit as unit_row, m.scope_unit as unit_scope from main_commune m
        union
        select c.project_id, m.row_unit, c.unit_id from project_commune c
        join main_commune m on m.project_id = c.project_id where c.valid @> cast(:scope_on as date)
    ) p
    union all
    -- a row for every commune in scope
    select '_commune', null, u.id, u.id, null, null, null, null, null, null, null, null, null, 0
    from admin_unit u
    where :by_commune and not :by_project and cast(:projects as bigint[]) is null
      and u.level = 'commune' and u.valid @> cast(:rows_on as date) and u.valid @> cast(:scope_on as date)
),
counted as (
    select f.*, case when :by_project then f.project_id end as project_row,
           case when :by_commune then f.row_unit end as commune_row
    from facts f
    where (cast(:unit as bigint) is null or f.scope_unit in (select id from subtree))
      and (cast(:holder as text) is null or f.kind in ('_project', '_commune')
           or case f.holder when 'individual' then 'household' else coalesce(f.holder, 'none') end = :holder)
)
select grouping(project_row) + grouping(commune_row) = 2 as is_total, project_row, commune_row, kind,
       count(distinct document_id) as documents,
       count(distinct project_id) filter (where withheld = 0) as projects,
       count(distinct case_id) filter (where holder in ('household', 'individual')) as households,
       count(distinct case_id) filter (where holder = 'organisation') as organisations,
       count(distinct case_id) filter (where holder = 'community') as communities,
       sum(area_m2) as area_m2, sum(amount_vnd) as amount_vnd, sum(plots) as plots,
       count(event_id) as events, sum(parcels) as parcels, sum(drawn) as drawn,
       sum(withheld) as withheld
from counted
group by grouping sets ((kind, project_row, commune_row), (kind))
