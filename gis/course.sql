-- How the figures of a handover and its money change from day to day: what each day adds to and takes from each measure
-- of each project in each commune. Called by gis/course.py; the rules are those of gis/progress.sql with nothing left out,
-- asked on every day at once. A fact here adds a value to a measure from a day until another (null = for good) in one
-- commune: when a unit ends, when the home of a case moves with land registered later, or when a case that was complete
-- gets more land, the old fact ends and a new one begins. Entries count as they are known now.
--
-- :project         the one project that is counted (null = all)
-- :rows_on         the day whose communes are taken for every day (null = each day has its own)
with parcel_lies as materialized (
    select parcel_id, unit_id, case when cast(:rows_on as date) is null then valid else '(,)' end as valid
    from parcel_commune where cast(:rows_on as date) is null or valid @> cast(:rows_on as date)
),
main_commune as (
    select project_id, unit_id, case when cast(:rows_on as date) is null then valid else '(,)' end as valid
    from project_commune where main and (cast(:rows_on as date) is null or valid @> cast(:rows_on as date))
),
unit_stands as (
    select id, level, case when cast(:rows_on as date) is null then valid else '(,)' end as valid
    from admin_unit where cast(:rows_on as date) is null or valid @> cast(:rows_on as date)
),
land as materialized (
    select * from standing_land where cast(:project as bigint) is null or project_id = :project
),
-- What the reader may have of each amount (docs/decisions/0005-few-households.md): itself, or the batch it went into.
amount as materialized (
    select event_id, amount_vnd, withheld, batch_id from event_amount
    where kind in ('plan_approval', 'payment') and (cast(:project as bigint) is null or project_id = :project)
),
batch as materialized (
    select b.id, b.kind, b.project_id, b.case_id, b.valid_on, b.amount_vnd
    from amount_batch b
    where b.voided_at is null and b.kind in ('plan_approval', 'payment')
      and (cast(:project as bigint) is null or b.project_id = :project)
      and b.project_id in (select id from project where not reads_money_of(id))
),
lone as materialized (
    select l.case_id, l.project_id from lone_case l
    where l.project_id in (select id from project where not reads_money_of(id))
      and (cast(:project as bigint) is null or l.project_id = :project)
),
live as materialized (
    select e.id, e.kind, e.valid_on, e.project_id, coalesce(e.case_id, a.case_id) as case_id,
           e.affected_parcel_id, e.unit_id, e.area_m2, v.amount_vnd, v.withheld, b.id as batch_id, b.valid_on as batch_on
    from event e left join land a on a.id = e.affected_parcel_id
    left join amount v on v.event_id = e.id
    left join batch b on b.id = v.batch_id and v.withheld
    left join lone on lone.case_id = coalesce(e.case_id, a.case_id)
    -- payments that would tell their day if they were counted, as in progress.sql
    where not (lone.case_id is not null
               and e.kind = any(array['payment', 'advance_payment', 'progress_bonus', 'deduction']))
      and e.kind <> 'correction' and (cast(:project as bigint) is null or e.project_id = :project)
      and not exists (select from event correction where correction.voids_id = e.id)
),
-- The areas of land that a change of scope made larger or smaller, from when until when.
area_span as materialized (
    select id, daterange(day, lead(day) over (partition by id order by day nulls first)) as span, area_m2
    from (
        select distinct on (h.affected_parcel_id, h.valid_on) h.affected_parcel_id as id, h.valid_on as day, h.area_m2
        from affected_area h join land a on a.id = h.affected_parcel_id
        order by h.affected_parcel_id, h.valid_on, h.id desc
    ) changed
    union all
    select * from (
        select distinct on (h.affected_parcel_id) h.affected_parcel_id,
               daterange(null, min(h.valid_on) over (partition by h.affected_parcel_id)), h.before_m2
        from affected_area h join land a on a.id = h.affected_parcel_id
        order by h.affected_parcel_id, h.id
    ) first
),
land_day as (
    select id, registered_on as day from land
    union
    select a.id, lower(s.span) from land a join area_span s on s.id = a.id and lower(s.span) > a.registered_on
    union
    select a.id, bound.day
    from land a join parcel_lies c on c.parcel_id = a.parcel_id
    cross join lateral (values (lower(c.valid)), (upper(c.valid))) bound (day)
    where bound.day > a.registered_on
),
-- Where each affected parcel lies, from when until when (unit_id null: in no commune known).
place as materialized (
    select a.id, a.project_id, a.case_id, coalesce(s.area_m2, a.area_m2) as area_m2, c.unit_id, d.day as since,
           lead(d.day) over (partition by a.id order by d.day) as until
    from land_day d
    join land a on a.id = d.id
    left join area_span s on s.id = a.id and s.span @> d.day
    left join parcel_lies c on c.parcel_id = a.parcel_id and c.valid @> d.day
),
handed as materialized (
    select l.affected_parcel_id as id, greatest(l.valid_on, a.registered_on) as day, l.area_m2, a.case_id,
           a.area_m2 as newest_m2, sum(l.area_m2) over (partition by a.id order by l.valid_on) as so_far_m2
    from live l join land a on a.id = l.affected_parcel_id
    where l.kind = 'handover'
),
-- When land is handed over in full, from when until when: until a change of scope makes it larger.
complete as materialized (
    select h.id, h.case_id, greatest(min(h.day), lower(s.span)) as day, upper(s.span) as until
    from handed h left join area_span s on s.id = h.id
    where h.so_far_m2 >= coalesce(s.area_m2, h.newest_m2)
    group by h.id, h.case_id, s.span
    having upper(s.span) is null or min(h.day) < upper(s.span)
),
case_day as (
    select id, registered_on as day from standing_case where cast(:project as bigint) is null or project_id = :project
    union select case_id, since from place where case_id is not null
    union select case_id, day from complete where case_id is not null
),
-- The home of each case and whether it is handed over, on every day on which either can change.
part as (
    select d.id, d.day, p.unit_id, sum(p.area_m2) as area_m2,
           bool_and(f.id is not null) as done
    from case_day d
    left join place p on p.case_id = d.id and p.since <= d.day and (p.until is null or p.until > d.day)
    left join complete f on f.id = p.id and f.day <= d.day and (f.until is null or f.until > d.day)
    group by 1, 2, 3
),
state as materialized (
    select s.id, c.project_id, h.kind in ('household', 'individual') as household, h.kind = 'organisation' as organisation,
           h.kind = 'community' as community,
           s.unit_id, s.done, s.day as since, lead(s.day) over (partition by s.id order by s.day) as until
    from (
        select distinct on (id, day) id, day, unit_id, bool_and(done) over (partition by id, day) as done
        from part order by id, day, area_m2 desc, unit_id
    ) s
    join standing_case c on c.id = s.id
    join holder h on h.id = c.holder_id
    where s.day >= c.registered_on
),
land_known as (
    select id, range_agg(daterange(since, until)) as spans from place where unit_id is not null group by 1
),
case_known as (
    select id, range_agg(daterange(since, until)) filter (where unit_id is not null) as in_commune,
           range_agg(daterange(since, until)) as spans
    from state group by 1
),
-- What is said of a case or a project and not of land: that something was handed over whose area is not known, because a
-- handover that names no parcel carries none; and what was approved and paid. An approval or payment is counted on the
-- land it names, its sum with the case (on the land where there is no case).
said as materialized (
    select e.project_id, e.case_id, e.unit_id as stated_id, m.land_id, e.valid_on as day, m.measure,
           sum(m.value) as value
    from live e
    cross join lateral (select case when e.case_id is null then e.affected_parcel_id end as id) own_land
    cross join lateral (values
        ('handover', 'handovers', null::bigint, (e.affected_parcel_id is null)::int::numeric),
        ('plan_approval', 'approvals', e.affected_parcel_id, 1),
        ('plan_approval', 'approvals_with_sum', own_land.id, (e.amount_vnd is not null)::int),
        ('plan_approval', 'approved_vnd', own_land.id, e.amount_vnd),
        ('payment', 'payments', e.affected_parcel_id, 1),
        ('payment', 'payments_with_sum', own_land.id, (e.amount_vnd is not null)::int),
        ('payment', 'paid_vnd', own_land.id, e.amount_vnd)
    ) m (kind, measure, land_id, value)
    where m.kind = e.kind and m.value <> 0
    group by 1, 2, 3, 4, 5, 6
    union all
    -- sums of three households, where their first case is at home
    select b.project_id, b.case_id, null, null, b.valid_on, m.measure, m.value
    from batch b
    cross join lateral (values
        ('plan_approval', 'approvals_with_sum', 1), ('plan_approval', 'approved_vnd', b.amount_vnd),
        ('payment', 'payments_with_sum', 1), ('payment', 'paid_vnd', b.amount_vnd)
    ) m (kind, measure, value)
    where m.kind = b.kind and m.value <> 0
    union all
    -- amounts that are in no such sum, or not yet
    select l.project_id, l.case_id, null, null, told.day,
           case l.kind when 'payment' then 'payments_withheld' else 'approvals_withheld' end, told.value
    from live l
    cross join lateral (values (l.valid_on, 1), (l.batch_on, -1)) told (day, value)
    where l.withheld and told.day is not null
    union all
    -- households whose payments are not counted, paid or not
    select c.project_id, c.id, null, null, c.registered_on, m.measure, 1
    from "case" c join lone on lone.case_id = c.id
    cross join (values ('payments'), ('payments_withheld')) m (measure)
),
-- What neither a parcel nor a case puts into a commune lies in the unit stated, else in the main commune of its project.
loose as (
    select r.project_id, null::bigint as stated_id, 'records' as measure, 1.0 as value,
           datemultirange(daterange(r.since, null)) - coalesce(l.spans, '{}') - coalesce(c.in_commune, '{}') as spans
    from (
        select project_id, case_id, affected_parcel_id, min(valid_on) as since from live group by 1, 2, 3
    ) r
    left join land_known l on l.id = r.affected_parcel_id
    left join case_known c on c.id = r.case_id
    union all
    select s.project_id, s.stated_id, s.measure, s.value,
           datemultirange(daterange(s.day, null)) - coalesce(c.spans, '{}')
    from said s left join case_known c on c.id = s.case_id
    where s.land_id is null
),
unstated as (
    select l.project_id, l.measure, l.value, l.spans - coalesce(datemultirange(u.valid), '{}') as spans
    from loose l left join unit_stands u on u.id = l.stated_id
    where l.spans <> '{}'
),
main as (
    select project_id, range_agg(valid) as spans from main_commune group by 1
),
facts (project_id, unit_id, since, until, measure, value) as (
    select s.project_id, s.unit_id, s.since, s.until, m.measure, m.value
    from state s cross join lateral (values
        ('records', 1.0), ('affected_households', s.household::int), ('households', (s.household and s.done)::int),
        ('affected_organisations', s.organisation::int), ('organisations', (s.organisation and s.done)::int),
        ('affected_communities', s.community::int), ('communities', (s.community and s.done)::int)
    ) m (measure, value)
    where m.value <> 0
    union all
    select p.project_id, p.unit_id, p.since, p.until, m.measure, m.value
    from place p cross join lateral (values ('records', 1.0), ('affected_m2', p.area_m2)) m (measure, value)
    union all
    select p.project_id, p.unit_id, greatest(p.since, h.day), p.until, m.measure, m.value
    from handed h join place p on p.id = h.id and (p.until is null or p.until > h.day)
    cross join lateral (values
        ('handovers', 1.0), ('measured', (h.area_m2 is not null)::int), ('area_m2', h.area_m2)
    ) m (measure, value)
    where m.value <> 0
    union all
    select p.project_id, p.unit_id, greatest(p.since, s.day), p.until, s.measure, s.value
    from said s join place p on p.id = s.land_id and (p.until is null or p.until > s.day)
    union all
    select c.project_id, c.unit_id, greatest(c.since, s.day), c.until, s.measure, s.value
    from said s join state c on c.id = s.case_id and (c.until is null or c.until > s.day)
    where s.land_id is null
    union all
    select l.project_id, case u.level when 'commune' then u.id end, lower(span), upper(span), l.measure, l.value
    from loose l join unit_stands u on u.id = l.stated_id
    cross join lateral unnest(l.spans * datemultirange(u.valid)) span
    union all
    select l.project_id, c.unit_id, lower(span), upper(span), l.measure, l.value
    from unstated l join main_commune c on c.project_id = l.project_id
    cross join lateral unnest(l.spans * datemultirange(c.valid)) span
    union all
    select l.project_id, null, lower(span), upper(span), l.measure, l.value
    from unstated l left join main m on m.project_id = l.project_id
    cross join lateral unnest(l.spans - coalesce(m.spans, '{}')) span
),
changes (day, project_id, unit_id, measure, value) as (
    select since, project_id, unit_id, measure, value from facts
    union all
    select until, project_id, unit_id, measure, -value from facts where until is not null
)
select day, project_id, unit_id, measure, sum(value) as value
from changes
group by day, project_id, unit_id, measure
order by day
