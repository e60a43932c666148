"""Reported figures as they come in: entered by people, corrected by other figures, withdrawn; none is overwritten.

A figure is what an official paper states, whether or not it is right: nothing here compares it with records.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, aliased

from gis import audit, catalogue, contradictions, papers
from gis.contradictions import Contradiction
from gis.errors import BadParameter, BadRows, Conflict, NotFound, Unseen
from gis.model import AdminUnit, FigureClosure, FigureEntry, KeptText, Project, ReportedFigure
from gis.new_figures import VALUES, WHOLE, GivenText, NewFigure, derivable, oddities, problems
from gis.registration import Problem
from gis.submission import Once, once
from gis.texts import clean_text

WAYS = ("form", "xlsx", "document", "program")
STATES = ("current", "corrected", "withdrawn")
MOST_FIGURES = 500
"""At once: a yearly report states about a hundred."""
MOST_COMPARED = 40
"""Figures that are compared with the records before they are entered; the register compares all of them."""
NOT_COMPARED = BadParameter(
    "From here on nothing is compared with the records yet; once entered, the register of contradictions does."
)
"""What is told of the figure after those."""
MOST_LETTERS = 300_000
"""Of a text that is kept."""


@dataclass(frozen=True)
class Kept:
    """A reported figure with how it came in and what became of it."""

    figure: ReportedFigure
    unit: str
    unit_name: str
    project: str | None
    project_name: str | None
    entry: FigureEntry | None
    closure: FigureClosure | None
    replaced_by: str | None
    """The figure that corrects it."""
    corrects: str | None
    """The figure that it corrects."""
    quote_withheld: bool = False
    """Whether its words are kept from the reader: a sum of the same report is, and they may repeat it."""

    @property
    def state(self) -> str:
        """One of `STATES`."""
        if self.closure is None:
            return "current"
        return "corrected" if self.closure.replaced_by_id else "withdrawn"

    @property
    def quote(self) -> str | None:
        """The words it was read from, as far as the reader may have them."""
        return None if self.entry is None or self.quote_withheld else self.entry.quote

    @property
    def way(self) -> str:
        """How it came in: one of `WAYS`, or ``sample``."""
        return self.entry.way if self.entry else "sample"


# What there is.


def listed(
    session: Session,
    *,
    unit: str | None = None,
    project: str | None = None,
    indicator: str | None = None,
    source: str | None = None,
    way: str | None = None,
    state: str | None = None,
    since: date | None = None,
    upto: date | None = None,
) -> list[Kept]:
    """List reported figures in the order they came in, those too that stand no more; none of a cancelled project.

    Parameters
    ----------
    session : Session
    unit, project, indicator : str, optional
        Slug, code, key: only these.
    source : str, optional
        Part of the report and place.
    way : str, optional
        One of `WAYS`, or ``sample``.
    state : str, optional
        One of `STATES`; all when left out.
    since, upto : date, optional
        Only figures whose time ends between these days, both in.
    """
    query = _kept().where(Project.cancelled_at.is_(None)).order_by(ReportedFigure.id)
    for column, value in ((AdminUnit.slug, unit), (Project.code, project), (ReportedFigure.indicator, indicator)):
        if value:
            query = query.where(column == value)
    if source:
        query = query.where(ReportedFigure.source_line.icontains(source, autoescape=True))
    if since:
        query = query.where(ReportedFigure.to_on >= since)
    if upto:
        query = query.where(ReportedFigure.to_on <= upto)
    found = (Kept(*row) for row in session.execute(query))
    return [kept for kept in found if way in (None, kept.way) and state in (None, kept.state)]


def get(session: Session, name: str) -> Kept:
    """Give one figure.

    Raises
    ------
    NotFound
    """
    # PostgreSQL takes no NUL, and no figure is called so
    row = None if "\0" in name else session.execute(_kept().where(ReportedFigure.figure == name)).one_or_none()
    if row is None:
        raise NotFound("There is no reported figure “%(figure)s”.", parameter="figure", figure=name)
    return Kept(*row)


def _kept():
    newer, older, corrected = aliased(ReportedFigure), aliased(ReportedFigure), aliased(FigureClosure)
    return (
        select(
            ReportedFigure, AdminUnit.slug, AdminUnit.name, Project.code, Project.name, FigureEntry, FigureClosure,
            newer.figure, older.figure,
            func.split_part(ReportedFigure.source_line, ":", 1).in_(select(func.reports_with_withheld_figures())),
        )
        .join(AdminUnit, AdminUnit.id == ReportedFigure.unit_id)
        .outerjoin(Project, Project.id == ReportedFigure.project_id)
        .outerjoin(FigureEntry, FigureEntry.figure_id == ReportedFigure.id)
        .outerjoin(FigureClosure, FigureClosure.figure_id == ReportedFigure.id)
        .outerjoin(newer, newer.id == FigureClosure.replaced_by_id)
        .outerjoin(corrected, corrected.replaced_by_id == ReportedFigure.id)
        .outerjoin(older, older.id == corrected.figure_id)
    )  # fmt: skip


def history(session: Session, kept: Kept) -> list[Kept]:
    """Give a figure with all that it corrects and all that corrects it, the oldest first."""
    chain = [kept]
    # One that is withheld from the reader has no name here: the chain ends before it.
    while chain[0].corrects:
        chain.insert(0, get(session, chain[0].corrects))
    while chain[-1].replaced_by:
        chain.append(get(session, chain[-1].replaced_by))
    return chain


@dataclass(frozen=True)
class Surroundings:
    """The words around a quote, in the text it was read from; dots where more stands there."""

    before: str
    after: str
    text: KeptText


def surroundings(session: Session, kept: Kept, *, letters: int = 600) -> Surroundings | None:
    """Give the words around the quote of a figure; None where no text was kept with it."""
    entry = kept.entry
    if entry is None or entry.text_id is None or kept.quote_withheld:
        return None
    text, end = session.get_one(KeptText, entry.text_id), entry.quote_start + len(entry.quote)
    since, upto = max(0, entry.quote_start - letters), end + letters
    before, after = text.body[since : entry.quote_start], text.body[end:upto]
    return Surroundings(f"…{before}" if since else before, f"{after}…" if upto < len(text.body) else after, text)


# Before they are entered; `gis.new_figures` says what stands against them.


def known(session: Session, figures: Sequence[NewFigure]) -> list[tuple[str, ...]]:
    """Give, for each figure, the names of those that are it already.

    They answer the same question in the same report by the same values; in the same place of it, whatever holders they
    are said to count and whatever one of them states besides: that is how one sentence was understood twice.
    """
    there: dict[tuple, list[ReportedFigure]] = {}
    for entry in catalogue.list_reported(session):
        there.setdefault(_question(entry.figure, entry.unit, entry.project), []).append(entry.figure)
    rows = [(_row(figure, None), figure) for figure in figures]
    return [
        tuple(old.figure for old in there.get(_question(row, new.unit, new.project), ()) if _same(old, row))
        for row, new in rows
    ]


def to_see(session: Session, figures: Sequence[NewFigure], *, corrects: str | None = None) -> list[Problem]:
    """Give what whoever enters figures is to see first: which are there already, what in them cannot be right, and what
    they would contradict, among figures and records. The figure that one `corrects` is not looked at."""
    there = [[name for name in names if name != corrects] for names in known(session, figures)]
    found = [
        Problem(row, "values", BadParameter("This is there already: %(figures)s.", figures=", ".join(names)))
        for row, names in enumerate(there, 1)
        if names
    ]
    odd = [(row, name, error) for row, figure in enumerate(figures, 1) for name, error in oddities(figure)]
    found += [Problem(row, name, error) for row, name, error in odd]
    cells = {(row, name) for row, name, _ in odd}
    sources = {entry.figure.figure: entry.figure.source_line for entry in catalogue.list_reported(session)}
    for row, against in enumerate(conflicts(session, figures, corrects=corrects), 1):
        for one in against:
            others = [
                f"{name} ({sources[name]})" if name in sources else name for name in one.figures if name != f"+{row}"
            ]
            found += [
                Problem(row, each.measure, _contradicts(one, each, others))
                for each in one.differences
                if others or (row, each.measure) not in cells
            ]
    if len(figures) > MOST_COMPARED:
        found.append(Problem(MOST_COMPARED + 1, "values", NOT_COMPARED))
    return found


def _contradicts(one: Contradiction, each: contradictions.Difference, others: Sequence[str]) -> BadParameter:
    values = {"stated": round(each.stated, 2), "counted": round(each.other, 2)}
    if one.rule == "records":
        return BadParameter("%(stated)s is stated, the records give %(counted)s.", **values)
    if not others:
        return BadParameter("The percentage says %(stated)s, the numbers give %(counted)s.", **values)
    return BadParameter(
        "It would contradict %(figures)s: %(stated)s against %(counted)s.", figures=", ".join(others[:6]), **values
    )


def _question(figure: ReportedFigure, unit: str, project: str | None) -> tuple:
    report = figure.source_line.partition(":")[0]
    return papers.known_by(report), unit, project, figure.indicator, figure.basis, figure.from_on, figure.to_on


def _same(old: ReportedFigure, new: ReportedFigure) -> bool:
    pairs = [(getattr(old, name), getattr(new, name)) for name in VALUES]
    both = [(one, other) for one, other in pairs if None not in (one, other)]
    if any(one != other for one, other in both):
        return False
    if old.source_line.partition(":")[2] == new.source_line.partition(":")[2]:  # of one report: that is asked before
        return bool(both)
    alike = (old.holder, old.restriction) == (new.holder, new.restriction)
    return alike and all((one is None) == (other is None) for one, other in pairs)


def conflicts(
    session: Session, figures: Sequence[NewFigure], *, corrects: str | None = None
) -> list[tuple[Contradiction, ...]]:
    """Give, for each figure, the contradictions it would make with reported figures and with the records.

    Figures that are not there yet are named ``+1``, ``+2`` … by their rows; the one that they correct counts no more.
    """
    names = {figure.mark: f"+{row}" for row, figure in enumerate(figures, 1) if figure.mark}
    entries = [entry for entry in catalogue.list_reported(session) if entry.figure.figure != corrects]
    totals = {entry.figure.figure: (entry.figure, entry.project) for entry in entries}
    totals |= {figure.mark: (figure, figure.project) for figure in figures if figure.mark}
    new = []
    for row, figure in enumerate(figures, 1):
        made = _row(figure, None)
        made.figure = f"+{row}"
        made.derivable = derivable(figure, *totals.get(figure.part_of, (None, None)))
        part_of = names.get(figure.part_of, figure.part_of) if figure.part_of else None
        made.part_of = part_of
        new.append(catalogue.ReportedEntry(made, figure.unit, figure.project, part_of))
    found = contradictions.within_reports([*entries, *new])
    found += contradictions.against_records(session, new[:MOST_COMPARED])
    return [
        tuple(one for one in found if f"+{row}" in one.figures) for row in range(1, len(figures) + 1)
    ]  # fmt: skip


# Writing.


def enter(
    session: Session, figures: Sequence[NewFigure], *, way: str, by: str, key: str, text: GivenText | None = None,
    seen: bool = True,
) -> Once:  # fmt: skip
    """Enter figures: all or none.

    Parameters
    ----------
    session : Session
    figures : sequence of NewFigure
        Whether whoever enters them may is asked before (docs/rights.md).
    way : str
        One of `WAYS`.
    by, key : str
        As for `gis.submission.once`.
    text : GivenText, optional
        What they were read from; it is kept with them.
    seen : bool
        Whether whoever enters them has seen what `to_see` gives.

    Returns
    -------
    Once
        The result has the names of the new figures, in order: ``figures``.

    Raises
    ------
    BadRows
        With what stands against which row and cell.
    Unseen
        With what is to be seen first.
    """
    request = {"enter_figures": [asdict(figure) for figure in figures], "way": way, "text": text and text.sha256}

    def work() -> dict:
        _show_first(session, figures, seen, text)
        return {"figures": _enter(session, figures, way, by, text)}

    return once(session, request, work, by=by, key=key)


def _show_first(
    session: Session, figures: Sequence[NewFigure], seen: bool, text: GivenText | None = None, **about: str
) -> None:
    if seen or problems(session, figures, text):
        return
    if found := to_see(session, figures, **about):
        raise Unseen("Nothing was entered yet.", problems=found)


def correct(
    session: Session, name: str, figure: NewFigure, *, reason: str, by: str, key: str, way: str = "form",
    seen: bool = True,
) -> Once:  # fmt: skip
    """Enter a figure in place of another, which stays readable and counts no more.

    Parameters
    ----------
    session : Session
    name : str
        The figure that is corrected.
    figure : NewFigure
    reason : str
    by, key, way, seen
        As for `enter`.

    Raises
    ------
    NotFound
    Conflict
        For a figure that stands no more.
    BadRows
    BadParameter
        Without a reason.
    """
    reason = clean_text(reason, "reason", 2000)
    request = {"correct_figure": name, "by": asdict(figure), "reason": reason}

    def work() -> dict:
        old = _open(session, name)
        if figure.part_of == name:
            error = BadParameter("A figure cannot be a part of the one it corrects.")
            raise BadRows("Nothing was entered.", problems=[Problem(1, "part_of", error)])
        _show_first(session, [figure], seen, corrects=name)
        (made,) = _enter(session, [figure], way, by, None)
        new_id = session.scalar(select(ReportedFigure.id).where(ReportedFigure.figure == made))
        _close(session, old, by, reason, new_id)
        return {"figure": made, "corrects": name}

    return once(session, request, work, by=by, key=key)


def withdraw(session: Session, name: str, *, reason: str, by: str, key: str) -> Once:
    """Take a figure back that should never have been entered. It stays readable and counts no more.

    Raises
    ------
    NotFound
    Conflict
        For a figure that stands no more.
    BadParameter
        Without a reason.
    """
    reason = clean_text(reason, "reason", 2000)

    def work() -> dict:
        _close(session, _open(session, name), by, reason, None)
        return {"figure": name}

    return once(session, {"withdraw_figure": name, "reason": reason}, work, by=by, key=key)


def as_new(session: Session, kept: Kept) -> NewFigure:
    """Give a figure as it would be entered again: what a correction begins with."""
    figure = kept.figure
    report, _, line = figure.source_line.partition(":")
    part_of = figure.part_of
    while part_of and (total := get(session, part_of)).state != "current":
        part_of = total.replaced_by
    return NewFigure(
        kept.unit, report, figure.indicator, figure.basis, figure.to_on,
        {name: value for name in VALUES if (value := getattr(figure, name)) is not None},
        line or None, figure.from_on, figure.period_basis, kept.project, figure.holder, figure.restriction,
        part_of=part_of, note=figure.note, quote=kept.entry and kept.entry.quote,
    )  # fmt: skip


def _open(session: Session, name: str) -> Kept:
    kept = get(session, name)
    if kept.state != "current":
        raise Conflict("The figure “%(figure)s” was corrected or withdrawn meanwhile.", figure=name)
    return kept


def _close(session: Session, kept: Kept, by: str, reason: str, replaced_by_id: int | None) -> None:
    figure = kept.figure
    session.execute(
        insert(FigureClosure).values(
            figure_id=figure.id, replaced_by_id=replaced_by_id, reason=reason, closed_by=by
        )
    )  # fmt: skip
    act = "correct_figure" if replaced_by_id else "withdraw_figure"
    audit.log_change(
        session, "reported_figure", figure.id, who=by, act=act, project_id=figure.project_id,
        after={"figure": figure.figure, "reason": reason, "replaced_by_id": replaced_by_id},
    )  # fmt: skip


def _enter(session: Session, figures: Sequence[NewFigure], way: str, by: str, text: GivenText | None) -> list[str]:
    if not figures:
        raise BadParameter("Choose at least one figure.", parameter="figures")
    if len(figures) > MOST_FIGURES:
        raise BadParameter("At most %(most)s figures at once: send them in parts.", parameter="figures",
                           most=MOST_FIGURES)  # fmt: skip
    if text is not None and len(text.body) > MOST_LETTERS:
        raise BadParameter("The text is longer than %(most)s letters: send it in parts.", parameter="text",
                           most=MOST_LETTERS)  # fmt: skip
    if wrong := problems(session, figures, text):
        raise BadRows("Nothing was entered.", problems=wrong)
    text_id = _keep(session, text, by) if text else None
    units = dict(session.execute(select(AdminUnit.slug, AdminUnit.id)).all())
    projects = dict(session.execute(select(Project.code, Project.id)).all())
    names: dict[int, str] = {}
    by_mark = {figure.mark: row for row, figure in enumerate(figures) if figure.mark}

    def write(row: int) -> str:
        """Write a figure after the one it is a part of."""
        if row in names:
            return names[row]
        figure, total, total_project = figures[row], None, None
        if figure.part_of in by_mark:
            above = by_mark[figure.part_of]
            total, total_project = figures[above], figures[above].project
            figure = replace(figure, part_of=write(above))
        elif figure.part_of:
            kept = get(session, figure.part_of)
            total, total_project = kept.figure, kept.project
        made = _row(figure, projects.get(figure.project))
        made.unit_id, made.derivable = units[figure.unit], derivable(figure, total, total_project)
        names[row] = _insert(session, made, figure, way, by, text_id)
        return names[row]

    return [write(row) for row in range(len(figures))]


def _insert(session, made: ReportedFigure, figure: NewFigure, way: str, by: str, text_id: int | None) -> str:
    columns = [column.key for column in ReportedFigure.__table__.columns if column.key not in ("id", "figure")]
    values = {name: getattr(made, name) for name in columns}
    figure_id, name = session.execute(
        insert(ReportedFigure).values(**values).returning(ReportedFigure.id, ReportedFigure.figure)
    ).one()
    in_text = text_id is not None and figure.start is not None
    session.execute(
        insert(FigureEntry).values(
            figure_id=figure_id, way=way, quote=figure.quote or None, text_id=text_id if in_text else None,
            quote_start=figure.start if in_text else None, proposed=dict(figure.proposed) or None, entered_by=by,
        )
    )  # fmt: skip
    told = {"figure": name, "source": figure.source_line, "way": way, "quote": figure.quote}
    told |= {name: value if isinstance(value, int | str | bool) else str(value)
             for name, value in values.items() if value is not None and name != "contradicted_cells"}  # fmt: skip
    audit.log_change(
        session, "reported_figure", figure_id, who=by, act="enter_figure", project_id=values["project_id"],
        before={"proposed": dict(figure.proposed)} if figure.proposed else None, after=told,
    )  # fmt: skip
    return name


def _row(figure: NewFigure, project_id: int | None) -> ReportedFigure:
    """Make the row of a figure, without what only the database knows."""

    def clean(value: str | None) -> str | None:
        return (value or "").strip() or None

    return ReportedFigure(
        source_line=figure.source_line, project_id=project_id, indicator=figure.indicator, basis=figure.basis,
        from_on=figure.from_on, to_on=figure.to_on,
        period_basis=figure.period_basis or (None if figure.basis == "cumulative" else "stated"),
        holder=figure.holder, part_of=figure.part_of, contradicted_cells=[], note=clean(figure.note),
        restriction=clean(figure.restriction),
        **{name: None if (value := figure.values.get(name)) is None else Decimal(value) if name not in WHOLE
           else int(value) for name in VALUES},
    )  # fmt: skip


def _keep(session: Session, text: GivenText, by: str) -> int:
    """Keep a text; one that was kept already is not kept twice."""
    found = session.scalar(
        select(KeptText.id).where(KeptText.sha256 == text.sha256, KeptText.body == text.body).order_by(KeptText.id)
    )
    if found is not None:
        return found
    return session.scalar(
        insert(KeptText)
        .values(sha256=text.sha256, file_name=text.file_name, body=text.body, kept_by=by)
        .returning(KeptText.id)
    )
