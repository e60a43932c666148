"""The first day of each step of every parcel, kept up by whoever writes, so that tiles need not look for it."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STEPS = ("recovery_notice", "inventory", "plan_approval", "recovery_decision", "payment", "handover")
COLUMNS = tuple(f"{step}_on" for step in (*STEPS, "handover_full"))


def upgrade():
    first_days = ", ".join(f"min(valid_on) filter (where kind = '{step}')" for step in STEPS)
    kinds = ", ".join(f"'{step}'" for step in STEPS)
    op.execute(
        f"""
        create table parcel_step (
            affected_parcel_id bigint constraint pk_parcel_step primary key
                constraint fk_parcel_step_affected_parcel_id references affected_parcel on delete cascade,
            {", ".join(f"{column} date" for column in COLUMNS)}
        );
        create trigger data_revision before insert or update or delete or truncate on parcel_step
            for each statement execute function bump_data_revision();
        grant select on parcel_step to gpmb_web;

        -- The one place that says which events make a parcel's steps; null = all parcels. An event counts for the
        -- parcel it names, or, naming none, for all parcels of its case; voided events do not count. The list of
        -- parcels is computed, so that the planner, not knowing how long it is, looks up parcel by parcel: the time
        -- grows with the parcels asked for, whatever statistics there are yet.
        create function derive_parcel_steps(affected_parcel_ids bigint[]) returns setof parcel_step
        language sql stable security definer set search_path = public, pg_temp as $$
            select a.id, steps.*
            from affected_parcel a,
            lateral (
                select {first_days}, min(valid_on) filter (where kind = 'handover' and handed_m2 >= a.area_m2)
                from (
                    select e.kind, e.valid_on,
                           sum(e.area_m2) filter (where e.kind = 'handover') over (order by e.valid_on) as handed_m2
                    from event e
                    where e.kind in ({kinds})
                        and (e.affected_parcel_id = a.id or e.affected_parcel_id is null and e.case_id = a.case_id)
                        and not exists (select from event correction where correction.voids_id = e.id)
                ) live
            ) steps
            where a.id = any (coalesce(affected_parcel_ids, array(select id from affected_parcel)))
        $$;

        create function write_parcel_steps(affected_parcel_ids bigint[]) returns void
        language sql security definer set search_path = public, pg_temp as $$
            insert into parcel_step as kept select * from derive_parcel_steps(affected_parcel_ids)
            on conflict (affected_parcel_id) do update
            set ({", ".join(COLUMNS)}) = row({", ".join(f"excluded.{column}" for column in COLUMNS)})
            where kept is distinct from excluded
        $$;

        create function write_steps_of_events() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
            perform write_parcel_steps(array(
                with told as (
                    select affected_parcel_id, case_id from written where kind <> 'correction'
                    union
                    select voided.affected_parcel_id, voided.case_id
                    from written join event voided on voided.id = written.voids_id
                )
                select affected_parcel_id from told where affected_parcel_id is not null
                union
                select a.id from told join affected_parcel a on a.case_id = told.case_id
                where told.affected_parcel_id is null
            ));
            return null;
        end $$;
        create trigger parcel_steps after insert on event referencing new table as written
            for each statement execute function write_steps_of_events();

        create function write_steps_of_new_parcels() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
            perform write_parcel_steps(array(select id from written));
            return null;
        end $$;
        create trigger parcel_steps_of_new after insert on affected_parcel referencing new table as written
            for each statement execute function write_steps_of_new_parcels();

        create function write_steps_of_changed_parcels() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
            perform write_parcel_steps(array(
                select id from written join was using (id)
                where (written.area_m2, written.case_id) is distinct from (was.area_m2, was.case_id)
            ));
            return null;
        end $$;
        create trigger parcel_steps_of_changed after update on affected_parcel
            referencing old table as was new table as written
            for each statement execute function write_steps_of_changed_parcels();

        -- The triggers need no right to call them, and nobody else should write by them.
        revoke execute on function derive_parcel_steps(bigint[]), write_parcel_steps(bigint[]) from public;

        select write_parcel_steps(null);
        """
    )


def downgrade():
    op.execute(
        """
        drop trigger parcel_steps on event;
        drop trigger parcel_steps_of_new on affected_parcel;
        drop trigger parcel_steps_of_changed on affected_parcel;
        drop function write_steps_of_events(), write_steps_of_new_parcels(), write_steps_of_changed_parcels(),
            write_parcel_steps(bigint[]), derive_parcel_steps(bigint[]);
        drop table parcel_step;
        """
    )
