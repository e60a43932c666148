"""Recording against the independent plain counter on random sequences of acts; and many officers at once."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from gis import audit, cancelling, casework, correcting, dossier, model, record, steps
from gis.errors import BadParameter, BadRows, Conflict, NotFound
from gis.progress import ask, progress
from gis.record import Act, NewDocument, Share
from tests import recorders
from tests.conftest import engine_of
from tests.histories import (
    AREA_KINDS,
    FIRST,
    MONEY_KINDS,
    OLD,
    REFORM,
    Counter,
    Happening,
    History,
    Land,
    PutRight,
    histories,
    recorded,
)

LAST = FIRST + timedelta(days=730)
"""No case is registered later: most acts fall on days on which the cases are there."""
late_days = st.integers(0, 120).map(lambda n: LAST - timedelta(days=n))
days = st.integers(0, 730).map(lambda n: FIRST + timedelta(days=n))
story = settings(
    max_examples=50,
    deadline=None,
    report_multiple_bugs=False,
    phases=[__import__("hypothesis").Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Office:
    """Records through the product and, beside it, notes what should be on record by plain loops of its own."""

    def __init__(self, session, history: History):
        self.session, self.history = session, history
        session.execute(text("select set_config('gpmb.old_record', 'yes', true)"))  # paid as chance will have it
        self.acts: list[tuple[int, list[tuple[int, Happening]]]] = []
        self.moments: list[datetime] = []
        self.keys = 0
        self.lands = list(session.scalars(select(model.AffectedParcel.id).order_by(model.AffectedParcel.id)))

    def key(self) -> dict:
        self.keys += 1
        return {"by": "lan", "key": str(self.keys)}

    def step(self, draw) -> None:
        steps = ["record", "record", "again", "void", "undo", "cancel", "reinstate", "move", "area", "kind", "remove",
                 "add"]  # fmt: skip
        getattr(self, draw(st.sampled_from(steps)))(draw)
        self.moments.append(self.session.scalar(text("select clock_timestamp()")))
        for happening in self.history.events:
            happening.recorded_at = happening.recorded_at or self.moments[-1]
            if happening.voided_at is True:
                happening.voided_at = self.moments[-1]
        for each in self.history.put_right:
            each.at = each.at or self.moments[-1]
        for land in self.history.lands:
            land.recorded_at = land.recorded_at or self.moments[-1]

    def left(self, kind: str, land: int) -> Decimal:
        done = [e.area for e in self.history.events if e.kind == kind and e.land == land and not e.voided_at]
        return self.history.lands[land].area - sum(done, Decimal(0))

    def record(self, draw) -> None:
        """An act of any kind upon any cases of a project."""
        project = draw(st.sampled_from(sorted({case.project for case in self.history.cases})))
        own = [n for n, case in enumerate(self.history.cases) if case.project == project and case.stands]
        if not own:
            return
        chosen = draw(st.lists(st.sampled_from(own), min_size=1, unique=True))
        self.send(draw, draw(st.sampled_from((*AREA_KINDS, *["handover"] * 4, *MONEY_KINDS))), chosen)

    def again(self, draw) -> None:
        """The same as before, after a mistake that was perhaps taken back."""
        if self.acts:
            _, events = draw(st.sampled_from(self.acts))
            cases = list(dict.fromkeys(happening.case for _, happening in events))
            if all(self.history.cases[case].stands for case in cases):
                self.send(draw, events[0][1].kind, cases)

    def send(self, draw, kind: str, chosen: list[int]) -> None:
        project, day = self.history.cases[chosen[0]].project, draw(late_days)
        expected, shares, fits = [], [], True
        for case in chosen:
            fits = fits and self.history.cases[case].registered_on <= day
            happening = {"kind": kind, "valid_on": day, "recorded_at": None, "project": project, "case": case,
                         "document": 10 + self.keys}  # fmt: skip
            if kind in MONEY_KINDS:
                amount = draw(st.integers(1, 10**12))
                shares.append(Share(str(case), amount_vnd=amount))
                expected.append(Happening(**happening, amount=amount))
                continue
            known = enumerate(self.history.lands)
            lands = [n for n, land in known if land.case == case and land.registered_on <= day and land.stands]
            open_ = [n for n in lands if self.left(kind, n) > 0]
            if len(lands) == 1 and draw(st.booleans()):
                area = draw(st.integers(1, 60_000).map(lambda n: Decimal(n) / 100))
                shares.append(Share(str(case), area_m2=area))
                fits = fits and area <= self.left(kind, lands[0])
                expected.append(Happening(**happening, land=lands[0], area=area))
            else:
                shares.append(Share(str(case)))
                fits = fits and bool(open_)
                expected += [Happening(**happening, land=n, area=self.left(kind, n)) for n in open_]
        act = Act(f"p-{project}", kind, day, NewDocument("decision", f"{10 + self.keys}/QĐ"))
        if not fits:
            with pytest.raises(BadParameter):
                record.record(self.session, act, shares, **self.key())
            return
        key = self.key()
        made = record.record(self.session, act, shares, **key)
        assert record.record(self.session, act, shares, **key).event_ids == made.event_ids
        assert made.area_m2 == (sum(e.area for e in expected) if kind in AREA_KINDS else None)
        self.acts.append((made.act_id, list(zip(made.event_ids, expected, strict=True))))
        self.history.events += expected

    def void(self, draw) -> None:
        events = [event for _, of_act in self.acts for event in of_act]
        if events:
            event_id, happening = draw(st.sampled_from(events))
            self.taken_back([happening], lambda: record.void(self.session, event_id, reason="x", **self.key()))

    def undo(self, draw) -> None:
        if self.acts:
            act_id, events = draw(st.sampled_from(self.acts))
            taking_back = [happening for _, happening in events]
            self.taken_back(taking_back, lambda: record.undo(self.session, act_id, reason="x", **self.key()))

    def taken_back(self, happenings: list[Happening], act) -> None:
        live = [happening for happening in happenings if not happening.voided_at]
        if not live:
            with pytest.raises(Conflict):
                act()
            return
        assert len(act().event_ids) == len(live)
        for happening in live:
            happening.voided_at = True

    # What was entered wrong is put right.

    def version(self, case: int) -> int:
        return self.session.scalar(
            select(model.Case.version)
            .join(model.Project, model.Project.id == model.Case.project_id)
            .where(model.Case.code == str(case), model.Project.code == f"p-{self.history.cases[case].project}")
        )

    def given(self, case: int) -> dict:
        return {"reason": "nhầm", "expected_version": self.version(case), **self.key()}

    def was(self, of: str, index: int, field: str, now) -> None:
        row = getattr(self.history, of)[index]
        self.history.put_right.append(PutRight(of, index, field, getattr(row, field)))
        setattr(row, field, now)

    def live(self, case: int) -> list[Happening]:
        return [e for e in self.history.events if e.case == case and not e.voided_at]

    def cancel(self, draw) -> None:
        standing = [n for n, case in enumerate(self.history.cases) if case.stands]
        if not standing:
            return
        case, with_acts = draw(st.sampled_from(standing)), draw(st.booleans())
        code, live = f"p-{self.history.cases[case].project}", self.live(case)
        if live and not with_acts:
            with pytest.raises(Conflict):
                cancelling.cancel_case(self.session, code, str(case), **self.given(case))
            return
        done = cancelling.cancel_case(self.session, code, str(case), with_acts=with_acts, **self.given(case))
        assert done.voided == len(live)
        for happening in live:
            happening.voided_at = True
        self.was("cases", case, "stands", False)

    def reinstate(self, draw) -> None:
        gone = [n for n, case in enumerate(self.history.cases) if not case.stands]
        if gone:
            case = draw(st.sampled_from(gone))
            code = f"p-{self.history.cases[case].project}"
            cancelling.reinstate_case(self.session, code, str(case), **self.given(case))
            self.was("cases", case, "stands", True)

    def correct(self, case: int, error=None, **wanted) -> bool:
        code = f"p-{self.history.cases[case].project}"

        def work():
            correcting.correct_case(
                self.session, code, str(case), correcting.Wanted(**wanted), may_record=lambda _: True,
                **self.given(case),
            )  # fmt: skip

        if error:
            with pytest.raises(error):
                work()
            return False
        work()
        return True

    def some_land(self, draw) -> int | None:
        here = [n for n, land in enumerate(self.history.lands)
                if land.case is not None and land.stands and self.history.cases[land.case].stands]  # fmt: skip
        return draw(st.sampled_from(here)) if here else None

    def move(self, draw) -> None:
        """The commune that numbered a parcel was another."""
        land = self.some_land(draw)
        if land is not None:
            unit = draw(st.sampled_from(OLD))
            changed = correcting.ParcelAs(self.lands[land], unit=unit, number=f"{8001 + self.keys}")
            self.correct(self.history.lands[land].case, parcels=(changed,))
            self.was("lands", land, "commune", unit)

    def area(self, draw) -> None:
        land = self.some_land(draw)
        if land is None:
            return
        area = draw(st.integers(1, 60_000).map(lambda n: Decimal(n) / 100))
        changed = correcting.ParcelAs(self.lands[land], area_m2=area)
        handed = sum((e.area for e in self.history.events
                      if e.kind == "handover" and e.land == land and not e.voided_at), Decimal(0))  # fmt: skip
        if self.correct(self.history.lands[land].case, BadRows if area < handed else None, parcels=(changed,)):
            self.was("lands", land, "area", area)

    def kind(self, draw) -> None:
        standing = [n for n, case in enumerate(self.history.cases) if case.stands]
        if standing:
            case = draw(st.sampled_from(standing))
            kind = draw(st.sampled_from(["household", "individual", "organisation", "community"]))
            own = any(land.case == case and land.stands for land in self.history.lands)
            if self.correct(case, None if own else BadParameter, holder_kind=kind):
                self.was("cases", case, "holder", kind)

    def remove(self, draw) -> None:
        land = self.some_land(draw)
        if land is None:
            return
        case = self.history.lands[land].case
        own = [n for n, each in enumerate(self.history.lands) if each.case == case and each.stands]
        upon = [e for e in self.history.events if e.land == land and not e.voided_at]
        error = BadRows if upon else BadParameter if len(own) == 1 else None
        if self.correct(case, error, parcels=(correcting.ParcelAs(self.lands[land], remove=True),)):
            self.was("lands", land, "stands", False)

    def add(self, draw) -> None:
        """A parcel was forgotten."""
        standing = [n for n, case in enumerate(self.history.cases) if case.stands]
        if standing:
            case, unit = draw(st.sampled_from(standing)), draw(st.sampled_from(OLD))
            new = correcting.ParcelAs(
                unit=unit, sheet="9", number=f"{9001 + self.keys}", area_m2=Decimal(draw(st.integers(1, 500)))
            )
            self.correct(case, parcels=(new,))
            known = self.history.cases[case]
            self.history.lands.append(Land(case, known.project, unit, new.area_m2, known.registered_on, None))
            self.lands.append(self.session.scalar(select(func.max(model.AffectedParcel.id))))

    def look(self, day) -> None:
        """The table of cases and the panels of parcels say what the plain count says."""
        plain = Counter(self.history, since=None, upto=date.max, known=None, new_units=day >= REFORM)
        for project in range(self.history.projects):
            ids = dict(self.session.execute(select(model.Project.code, model.Project.id)).all())
            code = f"p-{project}"
            rows = casework.listing(self.session, ids[code], code, day=day, limit=None).rows
            expected = {
                str(n): (case.holder, plain.home(n), sum((plain.lands[i].area for i in own), Decimal(0)),
                         sum((plain.handed(i) for i in own), Decimal(0)), {e.kind for e in plain.events if e.case == n})
                for n, case in plain.cases.items() if case.project == project
                for own in ([i for i, land in plain.lands.items() if land.case == n],)
            }  # fmt: skip
            found = {
                row.code: (row.holder_kind, row.unit, row.area_m2, row.handed_over_m2, set(row.days))
                for row in rows if row.holder_kind != "none"
            }  # fmt: skip
            assert found == expected
        for n, land in enumerate(self.history.lands):
            if n not in plain.lands:
                with pytest.raises(NotFound):
                    dossier.parcel_facts(self.session, self.lands[n], date(2099, 1, 1))
                continue
            facts = dossier.parcel_facts(self.session, self.lands[n], date(2099, 1, 1))
            kind = None if land.case is None else self.history.cases[land.case].holder
            assert (facts.area_m2, facts.handed_over_m2, facts.holder_kind) == (land.area, plain.handed(n), kind)


@story
@given(history=histories().filter(lambda made: any(land.case is not None for land in made.lands)), data=st.data())
def test_random_acts_give_the_figures_of_the_plain_count_at_any_moment(session, history, data):
    history.events = []
    with recorded(session, history):
        office = Office(session, history)
        for _ in range(data.draw(st.integers(4, 12))):
            office.step(data.draw)
        day, since = data.draw(late_days | days), data.draw(st.none() | days)
        since = since and min(since, day)
        for known in (None, data.draw(st.sampled_from(office.moments))):
            period = {"as_of": day} if since is None else {"since": since, "upto": day}
            found = progress(session, ask(**period, known_at=known)).total.values
            plain = Counter(history, since=since, upto=day, known=known, new_units=False).count()
            for kind, measures in plain.items():
                for measure, value in measures.items():
                    assert (found[kind][measure] or 0) == (value or 0), f"{kind}.{measure} as known at {known}"
        office.look(day)
        assert steps.differences(session) == []
        assert audit.verify(session).broken is None


@pytest.fixture(scope="module")
def crowded(make_database):
    return make_database("recording")


def test_eight_officers_at_once_lose_nothing(crowded):
    """As the web role: no lost update, no deadlock, figures that are the sum of what was accepted."""
    with engine_of(crowded.owner) as owner, engine_of(crowded.owner, role="gpmb_web") as web:
        ground = recorders.prepare(owner, cases=12)
        officers = recorders.all_at_once(web, ground, 8, lambda done: done < 25)
        recorders.hold_to_account(owner, ground, officers)
        told = sum((officer.told for officer in officers), start=type(officers[0].told)())
        assert told["hand_over"], told
        assert told["BadParameter"], "some came too late for what remained"
        assert told["raise_number"], told


def test_one_submission_sent_by_eight_at_once_is_recorded_once(crowded):
    """A browser that sends again before the first answer came."""
    with engine_of(crowded.owner) as owner:
        ground = recorders.prepare(owner, cases=3)

        def send(officer, session, _rng, _key):
            act = Act(ground.project, "payment", recorders.DAY)
            made = record.record(session, act, [Share(ground.codes[0], amount_vnd=7)], by="lan", key=ground.project)
            return lambda: officer.live.update({} if made.repeated else {made.event_ids[0]: ("amount_vnd", Decimal(7))})

        class Impatient(recorders.Officer):
            hand_over = pay = void = raise_number = send

        officers = recorders.all_at_once(owner, ground, 8, lambda done: done < 2, officer=Impatient)
        recorders.hold_to_account(owner, ground, officers)
        assert sum(len(officer.live) for officer in officers) == 1
