"""Reported figures come in, are corrected and withdrawn: nothing is overwritten, and only what stands counts."""

import csv
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import DBAPIError

from gis import catalogue, contradictions, course, db, model, new_figures, overview, reported
from gis.errors import BadParameter, BadRows, Conflict, NotFound
from gis.new_figures import GivenText, NewFigure
from gis.progress import ask, progress, today
from tests import factories as make

JANUARY = {"from_on": date(2024, 1, 1), "to_on": date(2024, 1, 31)}


@pytest.fixture
def unit(session):
    return make.unit(session, slug="h-thu", level="district")


@pytest.fixture
def project(session, unit):
    return make.project(session, code="cho-moi", name="Chợ mới")


def figure(report: str = "12/BC-UBND", line: str = "3", **given) -> NewFigure:
    values = {"unit": "h-thu", "indicator": "handover", "basis": "period", "values": {"households": 40}} | JANUARY
    return NewFigure(report=report, line=line, **values | given)


def enter(session, *figures, key="1", **given) -> list[str]:
    done = reported.enter(session, figures, way="form", by="lan@gpmb.vn", key=key, **given)
    return done.result["figures"]


def found(session) -> set[str]:
    return {one.key for one in contradictions.find(session)}


def test_a_figure_that_contradicts_is_corrected_by_one_that_names_it(session, unit):
    one, other = enter(session, figure(), figure("99/BC-UBND", values={"households": 41}))
    key = f"statements:{one}:{other}"
    assert key in found(session)
    done = reported.correct(
        session, other, figure("99/BC-UBND"), reason="gõ nhầm 41", by="minh@gpmb.vn", key="2"
    )  # fmt: skip
    newer = done.result["figure"]
    assert key not in found(session)
    assert {entry.figure.figure for entry in catalogue.list_reported(session)} == {one, newer}
    old, now = reported.history(session, reported.get(session, newer))
    assert (old.figure.figure, old.figure.households, old.state, old.replaced_by) == (other, 41, "corrected", newer)
    assert (old.closure.reason, old.closure.closed_by) == ("gõ nhầm 41", "minh@gpmb.vn")
    assert (now.corrects, now.state, now.way, now.entry.entered_by) == (other, "current", "form", "minh@gpmb.vn")
    with pytest.raises(Conflict):
        reported.correct(session, other, figure(), reason="lần nữa", by="lan@gpmb.vn", key="3")
    with pytest.raises(BadRows):
        reported.correct(session, newer, figure(part_of=newer), reason="vòng", by="lan@gpmb.vn", key="5")
    with pytest.raises(Conflict):
        reported.withdraw(session, other, reason="lần nữa", by="lan@gpmb.vn", key="4")


def test_what_is_withdrawn_is_read_by_nobody_but_its_history(session, unit, project):
    (name,) = enter(session, figure(project="cho-moi", **(JANUARY | {"to_on": date(2024, 1, 30)})))

    def stands() -> tuple:
        answer = progress(session, ask(by=("project",), as_of=date(2024, 12, 31)))
        return (
            [entry.figure.figure for entry in catalogue.list_reported(session)],
            [(row.source, [f.figure for f in answer.reported]) for row in answer.rows if row.project],
            course.course(session).reported_until,
        )

    before = stands()
    assert before[0] == [name]
    assert before[1] == [("reported", [name])]
    assert before[2] == [date(2024, 1, 30)]
    assert reported.withdraw(session, name, reason="của huyện khác", by="lan@gpmb.vn", key="2").repeated is False
    assert reported.withdraw(session, name, reason="của huyện khác", by="lan@gpmb.vn", key="2").repeated is True
    after = stands()
    assert after[0] == []
    assert after[1] == [("none", [])]
    assert after[2] == []
    (kept,) = reported.listed(session)
    assert (kept.figure.households, kept.state, kept.closure.reason) == (40, "withdrawn", "của huyện khác")
    with pytest.raises(BadParameter, match="reason"):
        reported.withdraw(session, name, reason=" ", by="lan@gpmb.vn", key="3")
    with pytest.raises(NotFound):
        reported.withdraw(session, "F0", reason="không có", by="lan@gpmb.vn", key="4")


def test_parts_stay_with_the_total_that_corrects_theirs(session, unit, project):
    names = enter(
        session,
        figure(mark="2", part_of="1", line="5", project="cho-moi", values={"households": 30}),
        figure(mark="1", line="4"),
    )
    part, total = names
    assert reported.get(session, part).figure.part_of == total, "a mark of the submission is the name it was given"
    assert f"parts:{total}:{part}" in found(session)
    done = reported.correct(session, total, figure(line="4", values={"households": 31}), reason="nhầm", by="l", key="2")
    assert f"parts:{done.result['figure']}:{part}" in found(session)
    done = reported.correct(
        session, done.result["figure"], figure(line="4", values={"households": 30}), reason="nhầm", by="l", key="3"
    )
    assert not found(session)
    kept = reported.get(session, part)
    assert reported.as_new(session, kept).part_of == done.result["figure"], "what a correction of the part begins with"
    reported.withdraw(session, done.result["figure"], reason="nhầm", by="l", key="4")
    assert reported.as_new(session, kept).part_of is None


def test_a_unit_that_has_ended_has_no_figures_of_later_days(session):
    """Records cannot be asked of it: one such figure must not take the whole register down."""
    make.unit(session, slug="h-thu", level="district", valid=Range(None, date(2024, 1, 20)))
    assert problems(session, figure()) == {(1, "unit")}
    enter(session, figure(indicator="capital_plan", basis="plan"))
    ended = session.scalar(select(model.AdminUnit.id))
    session.add(
        model.ReportedFigure(figure="R", source_line="R:1", unit_id=ended, indicator="handover", basis="period",
                             households=4, derivable=True, contradicted_cells=[], **JANUARY)
    )  # fmt: skip
    session.flush()
    assert found(session) == set()


def test_nothing_of_nothing_is_no_percentage(session, unit):
    enter(
        session,
        figure(basis="cumulative", from_on=None, values={"area_m2": 0, "percent": 0}),
        figure(indicator="not_handed_over", basis="cumulative", from_on=None, values={"area_m2": 0}),
    )
    assert found(session) == set()


def test_a_part_narrowed_in_words_stands_in_for_nothing(session, unit, project):
    whole, _ = enter(
        session,
        figure(project="cho-moi", basis="cumulative", from_on=None),
        figure(
            project="cho-moi", basis="cumulative", from_on=None, restriction="đất Cầu Phao", values={"households": 4}
        ),
    )
    stated = [entry.figure for entry in catalogue.list_reported(session)]
    assert [each.figure for each in overview.stand_ins(stated, date(2024, 2, 1))] == [whole]
    ((stand_in,),) = course.course(session).stated.values()
    assert stand_in.households == 40


def problems(session, *figures) -> set[tuple[int, str]]:
    with pytest.raises(BadRows) as refused:
        enter(session, *figures)
    return {(problem.row, problem.field) for problem in refused.value.problems}


@pytest.mark.parametrize(
    ("wrong", "cell"),
    [
        ({"indicator": "ban-giao"}, "indicator"),
        ({"indicator": "target_handover"}, "basis"),
        ({"indicator": "not_handed_over"}, "basis"),
        ({"basis": "cumulative"}, "from_on"),
        ({"from_on": None}, "from_on"),
        ({"to_on": None}, "to_on"),
        ({"to_on": date(2023, 12, 31)}, "to_on"),
        ({"to_on": today() + timedelta(days=30)}, "to_on"),
        ({"basis": "ytd", "from_on": date(2024, 1, 2)}, "from_on"),
        ({"values": {}}, "values"),
        ({"values": {"households": -1}}, "households"),
        ({"values": {"households": Decimal("1.5")}}, "households"),
        ({"values": {"area_m2": Decimal("1.234")}}, "area_m2"),
        ({"values": {"of_households": 40}}, "of_households"),
        ({"values": {"households": 4, "of_households": 0}}, "of_households"),
        ({"values": {"turns": 4}}, "turns"),
        ({"values": {"organisations": 4}, "holder": "all"}, "organisations"),
        ({"holder": "none"}, "households"),
        ({"holder": "people"}, "holder"),
        ({"unit": "h-khac"}, "unit"),
        ({"project": "du-an-khong-co"}, "project"),
        ({"part_of": "F0"}, "part_of"),
        ({"report": " "}, "report"),
        ({"report": "BC: tháng 1"}, "report"),
        ({"note": "x" * 2001}, "note"),
        ({"quote": "\x07"}, "quote"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_row_and_cell(session, unit, wrong, cell):
    assert (2, cell) in problems(session, figure(), replace(figure(), **wrong))
    assert session.scalar(select(func.count()).select_from(model.ReportedFigure)) == 0, "all or none"


def test_parts_of_each_other_and_marks_given_twice_are_refused(session, unit):
    circle = (figure(mark="1", part_of="2"), figure(mark="2", part_of="1"))
    assert {cell for _, cell in problems(session, *circle)} == {"part_of"}
    assert problems(session, figure(mark="1"), figure(mark="1")) == {(1, "mark"), (2, "mark")}


def test_a_quote_stands_in_the_text_that_is_kept_with_it(session, unit):
    words = "đã bàn giao mặt bằng của 40 hộ"
    body = f"Trong tháng, {words}.\n\nCác dự án khác đang kiểm đếm."
    start = body.index(words)
    read = GivenText.pasted(body)
    quoted = figure(quote=words, start=start, proposed={"households": "4"})
    (name,) = enter(session, quoted, text=read)
    kept = reported.get(session, name)
    around = reported.surroundings(session, kept)
    assert around.before + kept.entry.quote + around.after == body
    assert kept.entry.proposed == {"households": "4"}
    (again,) = enter(session, replace(quoted, line="9"), text=read, key="2")
    texts = [reported.get(session, each).entry.text_id for each in (name, again)]
    assert texts[0] == texts[1], "one text is kept once"
    with pytest.raises(BadRows):
        enter(session, replace(quoted, start=start + 1), text=read, key="3")
    logged = session.scalars(select(model.AuditEntry).where(model.AuditEntry.entity == "reported_figure")).all()
    assert [entry.before for entry in logged] == [{"proposed": {"households": "4"}}] * 2


def test_figures_that_are_there_already_and_conflicts_are_told_before(session, unit):
    (name,) = enter(session, figure())
    asked = [figure(), figure("99/BC-UBND", values={"households": 44}), figure("98/BC-UBND")]
    assert reported.known(session, asked) == [(name,), (), ()]
    alike = [
        figure(holder="household"), figure(values={"households": 40, "projects": 2}), figure(line="4"),
        figure(line="4", holder="household"), figure(values={"households": 41}), figure(values={"projects": 2}),
    ]  # fmt: skip
    assert [bool(there) for there in reported.known(session, alike)] == [True, True, True, False, False, False]
    told = reported.conflicts(session, asked)
    assert [{conflict.key for conflict in each} for each in told][1] >= {f"statements:{name}:+2"}
    assert all("+2" in conflict.figures for each in (told[0], told[2]) for conflict in each)


def test_more_figures_than_are_compared_are_told_so(session, unit):
    many = [figure(f"{n}/BC-UBND", values={"count": n}, indicator="citizen_reception")
            for n in range(1, reported.MOST_COMPARED + 2)]  # fmt: skip
    assert reported.to_see(session, many[:-1]) == []
    assert [(each.row, each.error) for each in reported.to_see(session, many)] == [(41, reported.NOT_COMPARED)]


def test_whether_records_can_answer_is_decided_by_rule():
    """The rule gives what was decided by hand for each figure of the five reports."""
    rows = list(csv.DictReader((files("gis.sample") / "data/figures.csv").read_text("utf-8").splitlines()))
    made = {}
    for row in rows:
        values = {name: Decimal(row[name]) for name in new_figures.VALUES if row[name]}
        made[row["fid"]] = NewFigure(
            row["unit"], "R", row["indicator"], row["basis"], None, values, project=row["project"] or None,
            holder=row["holder"] or None, restriction="đất Cầu Phao" if row["fid"] == "R1.key.park.1" else None,
        )  # fmt: skip
    for row in rows:
        total = made.get(row["part_of"])
        ruled = new_figures.derivable(made[row["fid"]], total, total and total.project)
        assert ruled == (row["derivable"] == "yes"), row["fid"]


def test_serving_enters_and_closes_but_changes_nothing(session, unit):
    session.execute(text(f"set local role {db.WEB_ROLE}"))
    db.read_as(session, projects=None, personal=frozenset(), account="lan@gpmb.vn")
    (name,) = enter(session, figure(), text=GivenText.pasted("bản giấy"))
    reported.withdraw(session, name, reason="nhầm", by="lan@gpmb.vn", key="2")
    for statement in (
        "update reported_figure set households = 1", "delete from reported_figure", "delete from figure_closure",
        "update figure_entry set quote = 'x'", "update kept_text set body = ''", "truncate figure_entry",
        "insert into reported_figure (figure, source_line, unit_id, indicator, basis, to_on, derivable, "
        "contradicted_cells) select 'R1', 'x', 1, 'handover', 'period', '2024-01-01', false, '{}'",
    ):  # fmt: skip
        with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
            session.execute(text(statement))
    session.execute(text("reset role"))
    for table in ("figure_entry", "figure_closure", "kept_text"):
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(text(f"delete from {table}"))  # noqa: S608
