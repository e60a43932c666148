-- The cases of one project as they stand on a day: whose, where, how much land, how far they have come. Parcels of no
-- holder make no case: each is a row of its own, by its sheet and number; its id here is that of the land, below zero.
-- Called by gis/casework.py, which filters, sorts and cuts what this gives.
--
-- :project    id of the project
-- :day        whose communes are named, and whose obstacles stand
-- :procedure  the steps in the order of the procedure: the last of them that a case has reached is its step
-- :paid       the kinds of event that pay
-- :cancelled  whether what was cancelled is asked for, instead of what stands
-- :late       days that cases are late, by code, as JSON (null = not asked)
--
-- Names come from a table behind a policy: of who may not be read, nothing is there to join.
with live as materialized (
    select e.kind, e.valid_on, coalesce(e.case_id, a.case_id, -a.id) as case_id, e.area_m2, e.plots, e.plot_id,
           -- plots of a plan that a later one replaced are granted no more (gis/rules.py, Acts.plots_granted)
           e.kind = 'plan_approval' and exists (
               select from event r
               where r.case_id = e.case_id and r.replaces and (r.valid_on, r.id) > (e.valid_on, e.id)
                 and not exists (select from event c where c.voids_id = r.id)) as replaced
    from event e
    left join affected_parcel a on a.id = e.affected_parcel_id
    where e.project_id = :project and e.kind <> 'correction'
      and not exists (select from event correction where correction.voids_id = e.id)
),
land as materialized (
    select coalesce(a.case_id, -a.id) as case_id, a.id, a.area_m2, p.land_use, concat(p.sheet, '/', p.number) as label,
           c.unit_id, a.case_id is null as unheld, a.part_id, a.registered_on, a.version, a.cancelled_at, a.cancel_reason
    from affected_parcel a
    join parcel p on p.id = a.parcel_id
    left join parcel_commune c on c.parcel_id = a.parcel_id and c.valid @> cast(:day as date)
    where a.project_id = :project
      and (a.id in (select id from standing_land where project_id = :project)) <> :cancelled
),
ground as (
    select case_id, sum(area_m2) as area_m2, string_agg(label, ', ' order by id) as parcels,
           string_agg(distinct land_use, ', ') as land_use
    from land group by 1
),
-- The home of a case: the commune that holds most of its area to recover, as in progress.sql.
home as (
    select distinct on (case_id) case_id, unit_id from (
        select case_id, unit_id, sum(area_m2) as area_m2 from land group by 1, 2
    ) part order by case_id, area_m2 desc, unit_id
),
-- When a household was paid is told to whoever may have its money alone (migration 0018), and so is whether it was:
-- how many households of a commune were paid by which day is told to everybody, and who they are would tell whose day
-- it was.
first_day as materialized (
    select l.case_id, l.kind, min(l.valid_on) as day
    from live l
    left join "case" c on c.id = l.case_id
    left join holder h on h.id = c.holder_id
    cross join (select reads_money_of(cast(:project as bigint)) as may) m
    where m.may or not (l.kind = any(cast(:paid as text[])) and h.kind in ('household', 'individual'))
    group by 1, 2
),
days as (
    select case_id, jsonb_object_agg(kind, day) as days from first_day group by 1
),
reached as (
    select distinct on (case_id) case_id, kind, day, array_position(cast(:procedure as text[]), kind) as place
    from first_day where kind = any(cast(:procedure as text[])) order by case_id, place desc
),
done as (
    select case_id, sum(area_m2) filter (where kind = 'handover') as handed_over_m2,
           sum(plots) filter (where kind = 'plan_approval' and not replaced) as plots_granted,
           count(*) filter (where kind = 'resettlement_allocation' and plot_id is not null) as plots_allotted
    from live group by 1
),
standing as (
    select case_id, array_agg(distinct kind) as obstacles from obstacle
    where project_id = :project and case_id is not null and cancelled_at is null
      and known_since <= :day and (resolved_on is null or resolved_on > :day)
    group by 1
),
subject as (
    select c.id, c.code, i.full_name as holder, h.kind as holder_kind, i.identity_number, c.part_id, c.registered_on,
           c.version, cast(null as bigint) as land_id, c.cancelled_at, c.cancel_reason
    from "case" c
    join holder h on h.id = c.holder_id
    left join holder_identity i on i.holder_id = c.holder_id
    where c.project_id = :project
      and (c.id in (select id from standing_case where project_id = :project)) <> :cancelled
    union all
    select case_id, label, null, 'none', null, part_id, registered_on, version, id, cancelled_at, cancel_reason
    from land where unheld
)
select c.id, c.code, c.holder, c.holder_kind, u.slug as unit, u.name as commune,
       ground.parcels, ground.land_use, coalesce(ground.area_m2, 0) as area_m2,
       coalesce(done.handed_over_m2, 0) as handed_over_m2,
       greatest(coalesce(ground.area_m2, 0) - coalesce(done.handed_over_m2, 0), 0) as left_m2,
       reached.kind as step, reached.day as step_on, coalesce(reached.place, 0) as step_place,
       coalesce(days.days, '{}') as days, cast(cast(:late as jsonb) ->> c.code as integer) as days_late,
       coalesce(standing.obstacles, '{}') as obstacles, coalesce(done.plots_granted, 0) as plots_granted,
       coalesce(done.plots_allotted, 0) as plots_allotted, part.code as part, c.registered_on, c.version,
       c.land_id, c.cancelled_at, c.cancel_reason, concat_ws(' ', c.holder, c.identity_number, u.name) as words
from subject c
left join project_part part on part.id = c.part_id
left join ground on ground.case_id = c.id
left join home on home.case_id = c.id
left join admin_unit u on u.id = home.unit_id
left join days on days.case_id = c.id
left join reached on reached.case_id = c.id
left join done on done.case_id = c.id
left join standing on standing.case_id = c.id
