-- What words name, best first. Folding, words and indexes: migration 0009. One statement: the found things are
-- ranked and counted, then only those shown are described.
-- :words  what was typed; :sheet, :number, :numbered_in  the same read as a parcel (null where it cannot be one)
-- :records  whether parcels and documents are looked at; :day  what stands on it comes first; :most  how many to show
with found as (
    select 'unit' as kind, 1 as place, u.id, u.name, not u.valid @> cast(:day as date) as past,
           case when ' ' || folded(u.name) like '% ' || folded(:words) then 0
                when ' ' || folded(u.name) like '% ' || folded(:words) || ' %' then 1
                when ' ' || folded(u.name) like '% ' || folded(:words) || '%' then 2 else 3 end as rank
    from admin_unit u
    where search_words(u.name) @@ search_query(:words)
    union all
    select 'project', 2, p.id, p.name, false,
           case when folded(:words) in (folded(p.name), folded(p.code)) then 0
                when ' ' || folded(p.name) || ' ' like '% ' || folded(:words) || ' %' then 1
                when ' ' || folded(p.name) like '% ' || folded(:words) || '%' then 2 else 3 end
    from standing_project p
    where search_words(p.name) @@ search_query(:words) or search_words(p.code) @@ search_query(:words)
    union all
    select 'parcel', 3, a.id, n.sheet || '/' || n.number || n.numbered_in, false, 0
    from (
        select n.id, n.sheet, n.number, u.name as numbered_in
        from parcel n join admin_unit u on u.id = n.numbered_in_unit_id
        where :records and folded(n.sheet) = folded(:sheet) and folded(n.number) = folded(:number)
          and (:numbered_in = '' or search_words(u.name) @@ search_query(:numbered_in) or exists (
                select from parcel_commune c join admin_unit lies_in on lies_in.id = c.unit_id
                where c.parcel_id = n.id and search_words(lies_in.name) @@ search_query(:numbered_in)))
    ) n
    join standing_land a on a.parcel_id = n.id
    union all
    select 'document', 4, d.id, d.number, false,
           case when folded(d.number) = folded(:words) then 0
                when folded(d.number) like folded(:words) || ' %' then 1 else 2 end
    from document d
    -- every number has digits: letters alone (QĐ) would find every decision there is
    where :records and folded(:words) ~ '[0-9]' and search_words(d.number) @@ search_query(:words)
), shown as (
    select *, count(*) over () as found from found order by rank, place, past, name, id limit :most
)
select s.found, s.kind, coalesce(u.slug, cast(a.id as text), cast(d.id as text), p.code) as key,
       coalesce(u.name, n.sheet || '/' || n.number, d.number, p.name) as name,
       u.kind as unit_kind, lower(u.valid) as valid_from, upper(u.valid) as valid_to,
       case when s.kind = 'project' then mainly_in.name else belongs_to.name end as within,
       p.code as project, p.name as project_name, a.registered_on,
       d.kind as document_kind, case when not paper_day_withheld(d.id) then d.issued_on end as issued_on, d.issuer,
       st_xmin(box.box) as west, st_ymin(box.box) as south, st_xmax(box.box) as east, st_ymax(box.box) as north
from shown s
left join admin_unit u on s.kind = 'unit' and u.id = s.id
left join affected_parcel a on s.kind = 'parcel' and a.id = s.id
left join parcel n on n.id = a.parcel_id
left join document d on s.kind = 'document' and d.id = s.id
left join lateral (
    select s.id as project_id where s.kind = 'project'
    union select a.project_id where s.kind = 'parcel'
    union select e.project_id from event e
        where e.document_id = d.id and not exists (select from event c where c.voids_id = e.id)
    union select t.project_id from project_target t where t.document_id = d.id
) concerned on true
left join standing_project p on p.id = concerned.project_id
left join admin_unit belongs_to on belongs_to.id = coalesce(u.parent_id, n.numbered_in_unit_id)
left join lateral (
    select c_unit.name from project_commune c join admin_unit c_unit on c_unit.id = c.unit_id
    where c.project_id = p.id and c.main and c.valid @> cast(:day as date)
) mainly_in on true
left join lateral (
    select st_transform(st_setsrid(cast(st_extent(part.geom) as geometry), :pinned), :wgs84) as box
    from (
        select a.geom where s.kind = 'parcel'
        union all
        -- the outline of the day; before the first and after the last one, the nearest
        (select b.geom from project_boundary b where s.kind in ('project', 'document') and b.project_id = p.id
         order by b.valid @> cast(:day as date) desc, b.valid desc limit 1)
        union all
        -- districts and the province have no outline of their own here: that of the communes below them
        select below.geom from admin_unit below left join admin_unit above on above.id = below.parent_id
        where s.kind = 'unit' and (below.id = u.id or below.parent_id = u.id or above.parent_id = u.id)
    ) part
) box on true
order by s.rank, s.place, s.past, s.name, s.id, p.name
