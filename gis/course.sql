-- How the figures of a handover change from day to day: what each day adds to and takes from each project in each
-- commune. Called by gis/course.py; the rules are those of gis/progress.sql with nothing left out, asked on every day at
-- once. A fact here holds from a day until another (null = for good) in one commune: when a unit ends, when the home of a
-- case moves with land registered later, or when a case that was complete gets more land, the old fact ends and a
-- new one begins. Entries count as they are known now.
with live as materialized (
    select e.id, e.kind, e.valid_on, e.project_id, coalesce(e.case_id, a.case_id) as case_id,
           e.affected_parcel_id, e.unit_id, e.area_m2
    from event e left join affected_parcel a on a.id = e.affected_parcel_id
    where e.kind <> 'correction' and not exists (select from event correction where correction.voids_id = e.id)
),
land_day as (
    select id, registered_on as day from affected_parcel
    union
    select a.id, bound.day
    from affected_parcel a join parcel_commune c on c.parcel_id = a.parcel_id
    cross join lateral (values (lower(c.valid)), (upper(c.valid))) bound (day)
    where bound.day > a.registered_on
),
-- Where each affected parcel lies, from when until when (unit_id null: in no commune known).
place as materialized (
    select a.id, a.project_id, a.case_id, a.area_m2, c.unit_id, d.day as since,
           lead(d.day) over (partition by a.id order by d.day) as until
    from land_day d
    join affected_parcel a on a.id = d.id
    left join parcel_commune c on c.parcel_id = a.parcel_id and c.valid @> d.day
),
handed as materialized (
    select l.affected_parcel_id as id, greatest(l.valid_on, a.registered_on) as day, l.area_m2, a.case_id,
           sum(l.area_m2) over (partition by a.id order by l.valid_on) >= a.area_m2 as in_full
    from live l join affected_parcel a on a.id = l.affected_parcel_id
    where l.kind = 'handover'
),
complete as materialized (
    select id, case_id, min(day) as day from handed where in_full group by 1, 2
),
case_day as (
    select id, registered_on as day from "case"
    union select case_id, since from place where case_id is not null
    union select case_id, day from complete where case_id is not null
),
-- The home of each case and whether it is handed over, on every day on which either can change.
part as (
    select d.id, d.day, p.unit_id, sum(p.area_m2) as area_m2,
           bool_and(coalesce(f.day <= d.day, false)) as done
    from case_day d
    left join place p on p.case_id = d.id and p.since <= d.day and (p.until is null or p.until > d.day)
    left join complete f on f.id = p.id
    group by 1, 2, 3
),
state as materialized (
    select s.id, c.project_id, h.kind in ('household', 'individual') as household, h.kind = 'organisation' as organisation,
           s.unit_id, s.done, s.day as since, lead(s.day) over (partition by s.id order by s.day) as until
    from (
        select distinct on (id, day) id, day, unit_id, bool_and(done) over (partition by id, day) as done
        from part order by id, day, area_m2 desc, unit_id
    ) s
    join "case" c on c.id = s.id
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
-- Events that neither their parcel nor their case puts into a commune lie in the main commune of their project. A
-- handover that names no parcel carries no area: it tells only that the area of what was handed over is not known.
loose as (
    select r.project_id, null::bigint as stated_id, 0 as handovers,
           datemultirange(daterange(r.since, null)) - coalesce(l.spans, '{}') - coalesce(c.in_commune, '{}') as spans
    from (
        select project_id, case_id, affected_parcel_id, min(valid_on) as since from live group by 1, 2, 3
    ) r
    left join land_known l on l.id = r.affected_parcel_id
    left join case_known c on c.id = r.case_id
    union all
    select e.project_id, e.unit_id, 1, datemultirange(daterange(e.valid_on, null)) - coalesce(c.spans, '{}')
    from live e left join case_known c on c.id = e.case_id
    where e.kind = 'handover' and e.affected_parcel_id is null
),
unstated as (
    select l.project_id, l.handovers, l.spans - coalesce(datemultirange(u.valid), '{}') as spans
    from loose l left join admin_unit u on u.id = l.stated_id
),
main as (
    select project_id, range_agg(valid) as spans from project_commune where main group by 1
),
facts (project_id, unit_id, since, until, households, affected_households, organisations, affected_organisations,
       area_m2, affected_m2, handovers, measured, records) as (
    select project_id, unit_id, since, until, (household and done)::int, household::int,
           (organisation and done)::int, organisation::int, 0.0, 0.0, 0, 0, 1
    from state
    union all
    select project_id, unit_id, since, until, 0, 0, 0, 0, 0, area_m2, 0, 0, 1 from place
    union all
    select p.project_id, p.unit_id, greatest(p.since, h.day), p.until, 0, 0, 0, 0, coalesce(h.area_m2, 0), 0,
           1, (h.area_m2 is not null)::int, 0
    from handed h join place p on p.id = h.id and (p.until is null or p.until > h.day)
    union all
    select s.project_id, s.unit_id, greatest(s.since, e.valid_on), s.until, 0, 0, 0, 0, 0, 0, 1, 0, 0
    from live e join state s on s.id = e.case_id and (s.until is null or s.until > e.valid_on)
    where e.kind = 'handover' and e.affected_parcel_id is null
    union all
    select l.project_id, case u.level when 'commune' then u.id end, lower(span), upper(span),
           0, 0, 0, 0, 0, 0, 1, 0, 0
    from loose l join admin_unit u on u.id = l.stated_id
    cross join lateral unnest(l.spans * datemultirange(u.valid)) span
    union all
    select l.project_id, c.unit_id, lower(span), upper(span), 0, 0, 0, 0, 0, 0, l.handovers, 0, 1 - l.handovers
    from unstated l join project_commune c on c.project_id = l.project_id and c.main
    cross join lateral unnest(l.spans * datemultirange(c.valid)) span
    union all
    select l.project_id, null, lower(span), upper(span), 0, 0, 0, 0, 0, 0, l.handovers, 0, 1 - l.handovers
    from unstated l left join main m on m.project_id = l.project_id
    cross join lateral unnest(l.spans - coalesce(m.spans, '{}')) span
),
changes as (
    select since as day, 1 as sign, * from facts
    union all
    select until, -1, * from facts where until is not null
)
select day, project_id, unit_id,
       sum(sign * households)::int as households, sum(sign * affected_households)::int as affected_households,
       sum(sign * organisations)::int as organisations,
       sum(sign * affected_organisations)::int as affected_organisations,
       sum(sign * area_m2) as area_m2, sum(sign * affected_m2) as affected_m2,
       sum(sign * handovers)::int as handovers, sum(sign * measured)::int as measured, sum(sign * records)::int as records
from changes
group by day, project_id, unit_id
order by day
