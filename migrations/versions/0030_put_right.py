"""What was entered wrong is put right, with its history: cases, parcels and projects cancelled and reinstated, the kind
of a holder, the parcel of a case and its area corrected.

A cancelled row stays, with the reason; from then on it counts nowhere. `standing_case`, `standing_land` and
`standing_project` are what counts as known now, `cases_known`, `land_known` and `projects_known` what counted as known
at a moment: the one place that says so. How a row was before it was put right stands in `case_before` and
`affected_parcel_before`, written by triggers.
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

CANCELLED = ('"case"', "affected_parcel", "project")
BEFORE = ("case_before", "affected_parcel_before")
VIEWS = ("standing_case", "standing_land", "standing_project")
WRITTEN_BY_WEB = {
    "insert": {"affected_area": ("reason",), "affected_parcel": ("part_id",)},
    "update": {
        '"case"': ("cancelled_at", "cancelled_by", "cancel_reason"),
        "affected_parcel": ("parcel_id", "geom", "part_id", "cancelled_at", "cancelled_by", "cancel_reason"),
        "project": ("cancelled_at", "cancelled_by", "cancel_reason"),
        "holder": ("kind",),
    },
}


def _grants():
    return [
        f"{right} ({', '.join(columns)}) on {table}"
        for right, tables in WRITTEN_BY_WEB.items()
        for table, columns in tables.items()
    ]


PLOT_TAKEN = """
            elsif new.kind = 'resettlement_allocation' and new.plot_id is not null then
                select coalesce(d.number, '?') into taken_by
                from event e left join document d on d.id = e.document_id
                where e.plot_id = new.plot_id and e.kind = 'resettlement_allocation'
                    and not exists (select from event c where c.voids_id = e.id)
                limit 1;
                if found then
                    raise exception 'Plot % is already allotted by document %', new.plot_id, taken_by
                        using errcode = 'unique_violation';
                end if;
            end if;
"""
STANDS = """
            if new.kind <> 'correction' and (
                exists (select from project where id = new.project_id and cancelled_at is not null)
                or exists (select from "case" where id = new.case_id and cancelled_at is not null)
                or exists (select from affected_parcel where id = new.affected_parcel_id and cancelled_at is not null)
            ) then
                raise exception 'Nothing is recorded upon what is cancelled (project %, case %, affected parcel %)',
                    new.project_id, new.case_id, new.affected_parcel_id using errcode = 'check_violation';
            end if;
"""


def _check_event(stands: str) -> str:
    return f"""
        create or replace function check_event() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare
            voided event;
            taken_by text;
        begin
            if new.kind = 'correction' then
                select * into voided from event where id = new.voids_id;
                if voided.kind = 'correction' then
                    raise exception 'A correction cannot be voided: record the right event anew'
                        using errcode = 'check_violation';
                elsif voided.project_id <> new.project_id then
                    raise exception 'A correction belongs to the project of the event it voids'
                        using errcode = 'check_violation';
                end if;
            {PLOT_TAKEN.strip()}
            {stands.strip()}
            return new;
        end $$;
    """


def _homes_of_case(land: str) -> str:
    return f"""
        create or replace function homes_of_case(wanted bigint) returns bigint[]
        language sql stable set search_path = public, pg_temp as $$
            with lies as (
                select p.unit_id, p.valid, a.area_m2,
                       coalesce(lower(p.valid), upper(p.valid) - 1, '2000-01-01') as day
                from {land} a join parcel_commune p on p.parcel_id = a.parcel_id
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
            select coalesce(array_agg(distinct unit_id order by unit_id), '{{}}') from home
        $$;
    """


CHANGE_AREA = """
        create or replace function change_affected_area() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare
            handed_m2 numeric;
            newest date;
        begin
            select a.area_m2, greatest(a.registered_on, (select max(h.valid_on) from affected_area h
                                                         where h.affected_parcel_id = a.id))
            into new.before_m2, newest
            from affected_parcel a where a.id = new.affected_parcel_id and a.project_id = new.project_id for update;
            if new.valid_on < newest then
                raise exception 'Affected parcel %: its area is on record from % on', new.affected_parcel_id, newest
                    using errcode = 'check_violation';
            end if;
            select coalesce(sum(e.area_m2), 0) into handed_m2 from event e
            where e.affected_parcel_id = new.affected_parcel_id and e.kind = 'handover'
                and not exists (select from event correction where correction.voids_id = e.id);
            if new.area_m2 < handed_m2 then
                raise exception 'Affected parcel %: % m² are handed over', new.affected_parcel_id, handed_m2
                    using errcode = 'check_violation';
            end if;
            update affected_parcel set area_m2 = new.area_m2, geom = coalesce(new.geom, geom)
            where id = new.affected_parcel_id;
            return new;
        end $$;
"""
CHANGE_OR_CORRECT_AREA = """
        -- A change of scope begins on the day of the newest area or later. A correction (with its reason) takes the
        -- place of the area that is on record from exactly that day on, until the next change; entered later, it is
        -- what counts, and asked as known before it the wrong area is still there.
        create or replace function change_affected_area() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare
            handed_m2 numeric;
            newest date;
            begun date;
            until date;
        begin
            select a.area_m2, a.registered_on, greatest(a.registered_on, (
                       select max(h.valid_on) from affected_area h where h.affected_parcel_id = a.id)),
                   (select min(h.valid_on) from affected_area h
                    where h.affected_parcel_id = a.id and h.valid_on > new.valid_on)
            into new.before_m2, begun, newest, until
            from affected_parcel a where a.id = new.affected_parcel_id and a.project_id = new.project_id for update;
            if new.reason is null and new.valid_on < newest then
                raise exception 'Affected parcel %: its area is on record from % on', new.affected_parcel_id, newest
                    using errcode = 'check_violation';
            elsif new.reason is not null and new.valid_on <> begun and not exists (
                select from affected_area h
                where h.affected_parcel_id = new.affected_parcel_id and h.valid_on = new.valid_on
            ) then
                raise exception 'Affected parcel %: no area begins on %', new.affected_parcel_id, new.valid_on
                    using errcode = 'check_violation';
            end if;
            select coalesce(sum(e.area_m2), 0) into handed_m2 from event e
            where e.affected_parcel_id = new.affected_parcel_id and e.kind = 'handover'
                and (until is null or e.valid_on < until)
                and not exists (select from event correction where correction.voids_id = e.id);
            if new.area_m2 < handed_m2 then
                raise exception 'Affected parcel %: % m² are handed over', new.affected_parcel_id, handed_m2
                    using errcode = 'check_violation';
            end if;
            -- Whoever is about to put the case right looked at another area: its version says so.
            update "case" set code = code
            where id = (select case_id from affected_parcel where id = new.affected_parcel_id);
            if until is null then
                update affected_parcel set area_m2 = new.area_m2, geom = coalesce(new.geom, geom)
                where id = new.affected_parcel_id;
            end if;
            return new;
        end $$;
"""


def upgrade():
    for table in CANCELLED:
        name = table.strip('"')
        op.execute(
            f"""
            alter table {table} add cancelled_at timestamptz, add cancelled_by text, add cancel_reason text,
                add constraint ck_{name}_cancelled
                    check (num_nulls(cancelled_at, cancelled_by, cancel_reason) in (0, 3));
            """
        )
    op.execute(
        """
        -- Among those that stand: a holder entered by mistake can be entered again, and so can a parcel.
        alter table "case" drop constraint uq_case_project_id_holder_id;
        create unique index uq_case_project_id_holder_id on "case" (project_id, holder_id) where cancelled_at is null;
        alter table affected_parcel drop constraint uq_affected_parcel_project_id_parcel_id_case_id;
        create unique index uq_affected_parcel_project_id_parcel_id_case_id
            on affected_parcel (project_id, parcel_id, case_id) nulls not distinct where cancelled_at is null;

        -- Land of no holder makes no case: the part of the project it belongs to stands here.
        alter table affected_parcel add part_id bigint, add version integer not null default 1,
            add constraint fk_affected_parcel_project_id_part_id
                foreign key (project_id, part_id) references project_part (project_id, id),
            add constraint ck_affected_parcel_part check (part_id is null or case_id is null);
        create trigger raise_version before update on affected_parcel for each row execute function raise_version();

        alter table affected_area add reason text;

        -- How a row was until it was put right: the state at a moment is the first of these that ended later.
        create table case_before (
            id bigint generated by default as identity constraint pk_case_before primary key,
            project_id bigint not null,
            case_id bigint not null,
            until timestamptz not null default clock_timestamp(),
            stood boolean not null,
            holder_kind text not null,
            constraint fk_case_before_project_id_case_id
                foreign key (project_id, case_id) references "case" (project_id, id)
        );
        create index ix_case_before_case_id on case_before (case_id, until);
        create table affected_parcel_before (
            id bigint generated by default as identity constraint pk_affected_parcel_before primary key,
            project_id bigint not null,
            affected_parcel_id bigint not null,
            until timestamptz not null default clock_timestamp(),
            stood boolean not null,
            parcel_id bigint not null constraint fk_affected_parcel_before_parcel_id references parcel,
            constraint fk_affected_parcel_before_project_id_affected_parcel_id
                foreign key (project_id, affected_parcel_id) references affected_parcel (project_id, id)
        );
        create index ix_affected_parcel_before_affected_parcel_id
            on affected_parcel_before (affected_parcel_id, until);
        create index ix_affected_parcel_before_parcel_id on affected_parcel_before (parcel_id);

        create view standing_case with (security_invoker) as select * from "case" where cancelled_at is null;
        create view standing_land with (security_invoker) as select * from affected_parcel where cancelled_at is null;
        create view standing_project with (security_invoker) as select * from project where cancelled_at is null;

        -- A household among fewer than three is told by those that stand: cancelled cases are no neighbours (0029).
        do $lone$ begin
            execute replace(
                pg_get_functiondef('write_lone_cases(bigint[])'::regprocedure),
                'from "case" c join holder h on h.id = c.holder_id left join homes',
                'from standing_case c join holder h on h.id = c.holder_id left join homes'
            );
        end $lone$;

        -- Asked without a moment they are what stands now. Written so that the planner takes them as if their text
        -- stood in the statement that asks.
        create function cases_known(known timestamptz) returns table (
            id bigint, project_id bigint, holder_id bigint, holder_kind text, part_id bigint, registered_on date)
        language sql stable as $$
            select c.id, c.project_id, c.holder_id, coalesce(b.holder_kind, h.kind), c.part_id, c.registered_on
            from "case" c
            join holder h on h.id = c.holder_id
            left join lateral (
                select o.stood, o.holder_kind from case_before o
                where o.case_id = c.id and o.until > known order by o.until, o.id limit 1
            ) b on true
            where coalesce(b.stood, c.cancelled_at is null) and (known is null or c.recorded_at <= known)
        $$;
        create function land_known(known timestamptz) returns table (
            id bigint, project_id bigint, case_id bigint, parcel_id bigint, area_m2 numeric, registered_on date)
        language sql stable as $$
            select a.id, a.project_id, a.case_id, coalesce(b.parcel_id, a.parcel_id), a.area_m2, a.registered_on
            from affected_parcel a
            left join lateral (
                select o.stood, o.parcel_id from affected_parcel_before o
                where o.affected_parcel_id = a.id and o.until > known order by o.until, o.id limit 1
            ) b on true
            where coalesce(b.stood, a.cancelled_at is null) and (known is null or a.recorded_at <= known)
        $$;
        create function projects_known(known timestamptz) returns setof project
        language sql stable as $$
            select * from project p where p.cancelled_at is null or p.cancelled_at > known
        $$;

        create function live_events_on(wanted_case bigint, wanted_land bigint[]) returns boolean
        language sql stable security definer set search_path = public, pg_temp as $$
            select exists (
                select from event e
                where (e.case_id = wanted_case or e.affected_parcel_id = any (wanted_land)) and e.kind <> 'correction'
                    and not exists (select from event correction where correction.voids_id = e.id))
        $$;
        revoke execute on function live_events_on(bigint, bigint[]) from public;

        -- Its land goes and comes back with a case. What stands upon it must be gone first.
        create function cancel_case() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
            if (old.cancelled_at is null) = (new.cancelled_at is null) then
                return new;
            end if;
            insert into case_before (project_id, case_id, stood, holder_kind)
            select old.project_id, old.id, old.cancelled_at is null, kind from holder where id = old.holder_id;
            if new.cancelled_at is not null then
                if live_events_on(old.id, array(select id from affected_parcel where case_id = old.id)) then
                    raise exception 'Case %: acts stand upon it', old.code using errcode = 'check_violation';
                end if;
                update affected_parcel set cancelled_at = new.cancelled_at, cancelled_by = new.cancelled_by,
                    cancel_reason = new.cancel_reason
                where case_id = old.id and cancelled_at is null;
            else
                update affected_parcel set cancelled_at = null, cancelled_by = null, cancel_reason = null
                where case_id = old.id and cancelled_at = old.cancelled_at;
            end if;
            return new;
        end $$;
        create trigger cancel_case before update on "case" for each row execute function cancel_case();

        create function keep_land_before() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
            if (old.cancelled_at is null, old.parcel_id) is distinct from (new.cancelled_at is null, new.parcel_id) then
                insert into affected_parcel_before (project_id, affected_parcel_id, stood, parcel_id)
                values (old.project_id, old.id, old.cancelled_at is null, old.parcel_id);
                if old.cancelled_at is null and new.cancelled_at is not null
                    and live_events_on(null, array[old.id])
                then
                    raise exception 'Affected parcel %: acts stand upon it', old.id using errcode = 'check_violation';
                end if;
            end if;
            return new;
        end $$;
        create trigger keep_land_before before update on affected_parcel
            for each row execute function keep_land_before();

        -- The kind of a holder is that of all its cases. Amounts of who turns out to be a household are fenced from
        -- then on, as those of any household (migration 0018).
        create function keep_kind_before() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
            insert into case_before (project_id, case_id, stood, holder_kind)
            select project_id, id, cancelled_at is null, old.kind from "case" where holder_id = old.id;
            return new;
        end $$;
        create trigger keep_kind_before before update on holder
            for each row when (old.kind is distinct from new.kind) execute function keep_kind_before();
        create function fence_amounts_of_holder() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare event_ids bigint[];
        begin
            event_ids := array(
                select e.id from event e left join affected_parcel a on a.id = e.affected_parcel_id
                join "case" c on c.id = coalesce(e.case_id, a.case_id)
                where c.holder_id = new.id and e.amount_vnd is not null and e.kind <> 'correction');
            perform write_amount_batches(event_ids);
            perform write_lone_cases(event_ids);
            return null;
        end $$;
        create trigger fence_amounts_of_holder after update on holder
            for each row when (old.kind is distinct from new.kind) execute function fence_amounts_of_holder();

        -- A project is cancelled when nothing stands in it, and nothing begins in one that is.
        create function cancel_project() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
            if old.cancelled_at is null and new.cancelled_at is not null and (
                exists (select from standing_case where project_id = old.id)
                or exists (select from standing_land where project_id = old.id)
                or exists (select from event e where e.project_id = old.id and e.kind <> 'correction'
                           and not exists (select from event correction where correction.voids_id = e.id))
            ) then
                raise exception 'Project %: cases or acts stand in it', old.code using errcode = 'check_violation';
            end if;
            return new;
        end $$;
        create trigger cancel_project before update on project for each row execute function cancel_project();
        create function refuse_in_cancelled_project() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
            if exists (select from project where id = new.project_id and cancelled_at is not null) then
                raise exception 'Project % is cancelled', new.project_id using errcode = 'check_violation';
            end if;
            return new;
        end $$;
        create trigger refuse_in_cancelled_project before insert on "case"
            for each row execute function refuse_in_cancelled_project();
        create trigger refuse_in_cancelled_project before insert on affected_parcel
            for each row execute function refuse_in_cancelled_project();
        """
    )
    op.execute(_check_event(STANDS))
    op.execute(_homes_of_case("standing_land"))
    op.execute(CHANGE_OR_CORRECT_AREA)
    for table in BEFORE:
        op.execute(
            f"""
            create trigger data_revision before insert or update or delete or truncate on {table}
                for each statement execute function bump_data_revision();
            create trigger append_only before update or delete on {table}
                for each statement execute function refuse_change_of_log();
            alter table {table} enable row level security;
            create policy served on {table} to gpmb_web using (true);
            create policy given on {table} for select to gpmb_limited
                using (project_id = any ((select read_projects())::bigint[]));
            grant select on {table} to gpmb_web, gpmb_limited;
            """
        )
    op.execute(f"grant select on {', '.join(VIEWS)} to gpmb_web, gpmb_limited")
    for grant in _grants():
        op.execute(f"grant {grant} to gpmb_web")


def downgrade():
    for grant in _grants():
        op.execute(f"revoke {grant} from gpmb_web")
    op.execute(CHANGE_AREA)
    op.execute(_homes_of_case("affected_parcel"))
    op.execute(_check_event(""))
    op.execute(
        """
        drop trigger refuse_in_cancelled_project on affected_parcel;
        drop trigger refuse_in_cancelled_project on "case";
        drop trigger cancel_project on project;
        drop trigger fence_amounts_of_holder on holder;
        drop trigger keep_kind_before on holder;
        drop trigger keep_land_before on affected_parcel;
        drop trigger cancel_case on "case";
        drop function refuse_in_cancelled_project(), cancel_project(), fence_amounts_of_holder(), keep_kind_before(),
            keep_land_before(), cancel_case(), live_events_on(bigint, bigint[]);
        drop function cases_known(timestamptz), land_known(timestamptz), projects_known(timestamptz);
        do $lone$ begin
            execute replace(
                pg_get_functiondef('write_lone_cases(bigint[])'::regprocedure),
                'from standing_case c join holder h on h.id = c.holder_id left join homes',
                'from "case" c join holder h on h.id = c.holder_id left join homes'
            );
        end $lone$;
        drop view standing_case, standing_land, standing_project;
        drop table case_before, affected_parcel_before;
        alter table affected_area drop column reason;
        drop trigger raise_version on affected_parcel;
        alter table affected_parcel drop column part_id, drop column version;
        drop index uq_case_project_id_holder_id, uq_affected_parcel_project_id_parcel_id_case_id;
        alter table "case" add constraint uq_case_project_id_holder_id unique (project_id, holder_id);
        alter table affected_parcel add constraint uq_affected_parcel_project_id_parcel_id_case_id
            unique nulls not distinct (project_id, parcel_id, case_id);
        """
    )
    for table in CANCELLED:
        op.execute(f"alter table {table} drop cancelled_at, drop cancelled_by, drop cancel_reason")
