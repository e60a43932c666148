"""An official report as sentences with footnotes and tables: the same for DOCX, XLSX, PDF and HTML."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from flask_babel import format_decimal, get_locale, gettext

from gis.indicators import INDICATORS
from gis.model import ReportedFigure
from gis.progress import plain
from gis.report import PERIOD_KINDS, KeyProject, Line, Report, Values, happened
from layers.verdicts import told
from webmap.i18n import area, day
from webmap.words import obstacle_name, step_name

TEXT, COUNT, AREA, MONEY, PERCENT = "text", "count", "area", "money", "percent"
MEASURES = ("documents", "projects", "households", "organisations", "communities", "area_m2", "amount_vnd", "plots")
WHOLE, OF_WHICH = "payment", "deduction"
OF_LINE = MEASURES[2:]
"""What a line of one project or commune tells."""
KINDS = {"area_m2": AREA, "amount_vnd": MONEY}


@dataclass(frozen=True)
class Sentence:
    """A sentence of the text; its footnote names what it is made of."""

    text: str
    footnote: str | None = None
    head: str = ""
    """What stands before the text; the mark of the footnote stands between them, clear of numbers and units."""


@dataclass(frozen=True)
class Table:
    """A table: titles with the kind of what stands below them, rows of values."""

    key: str
    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple, ...]
    note: str | None = None
    groups: tuple[tuple[str, int], ...] = ()
    """Titles above those of the columns, each with how many columns it spans; "" where a column has none above it."""


@dataclass(frozen=True)
class Laid:
    """A report, laid out."""

    title: str
    period: str
    sentences: tuple[Sentence, ...]
    tables: tuple[Table, ...]
    source: str
    illustrative: bool


def lay_out(report: Report) -> Laid:
    """Write a report's sentences and tables in the language of the request."""
    names = {"unit": report.unit.name, "since": day(report.since), "upto": day(report.upto)}
    return Laid(
        gettext("Results of land clearance of %(unit)s", **names),
        gettext("from %(since)s to %(upto)s", **names),
        tuple(_sentences(report)),
        tuple(table for table in _tables(report) if table.rows),
        _reservation(report)
        + gettext(
            "Counted from the records as known on %(moment)s (data revision %(revision)s).",
            moment=report.known_at.strftime("%d/%m/%Y %H:%M"), revision=report.revision,
        ),
        report.illustrative,
    )  # fmt: skip


def as_json(laid: Laid) -> dict:
    """Give a report as JSON values; numbers as texts, so that none loses a digit."""
    return {
        "title": laid.title, "period": laid.period, "source": laid.source, "illustrative": laid.illustrative,
        "sentences": [[s.head, s.text, s.footnote] for s in laid.sentences],
        "tables": [
            {
                "key": table.key, "title": table.title, "note": table.note,
                "groups": [list(group) for group in table.groups],
                "columns": [list(column) for column in table.columns],
                "rows": [[None if value is None else str(value) for value in row] for row in table.rows],
            }
            for table in laid.tables
        ],
    }  # fmt: skip


def as_data(laid: Laid) -> dict:
    """Give a report for programs: as `as_json`, but with names for the parts of a sentence and numbers as numbers."""
    told = as_json(laid)
    told["sentences"] = [{"head": s.head, "text": s.text, "footnote": s.footnote} for s in laid.sentences]
    for table, made in zip(laid.tables, told["tables"], strict=True):
        made["columns"] = [{"title": title, "kind": kind} for title, kind in table.columns]
        made["groups"] = [{"title": title, "columns": span} for title, span in table.groups]
        made["rows"] = [[plain(value) for value in row] for row in table.rows]
    return told


def from_json(content: Mapping) -> Laid:
    """Give the report that `as_json` wrote."""
    tables = []
    for table in content["tables"]:
        kinds = [kind for _, kind in table["columns"]]
        rows = tuple(
            tuple(
                value if value is None or kind == TEXT else Decimal(value)
                for value, kind in zip(row, kinds, strict=True)
            )
            for row in table["rows"]
        )
        columns = tuple((title, kind) for title, kind in table["columns"])
        groups = tuple((title, span) for title, span in table.get("groups", ()))
        tables.append(Table(table["key"], table["title"], columns, rows, table["note"], groups))
    sentences = tuple(Sentence(text, footnote, head) for head, text, footnote in content["sentences"])
    return Laid(
        content["title"], content["period"], sentences, tuple(tables), content["source"], content["illustrative"]
    )


def _reservation(report: Report) -> str:
    """Say what is left out of the amounts for a reader without personal data."""
    if not report.withheld:
        return ""
    steps = ", ".join(step_name(kind) for kind in PERIOD_KINDS if kind in report.withheld)
    return gettext("Without amounts withheld of fewer than three households: %(steps)s.", steps=steps) + " "


# The text.


def _sentences(report: Report) -> Iterator[Sentence]:
    kinds = report.kinds()
    if not kinds:
        yield Sentence(gettext("Nothing is on record for the period."))
    for kind in kinds:
        if kind == OF_WHICH and WHOLE in kinds:
            continue  # told with the payments that it is a part of
        lines = report.of_kind(kind)
        figures = _told(report.total[kind], withheld=kind in report.withheld)
        if kind == WHOLE and OF_WHICH in kinds:
            part = _told(report.total[OF_WHICH], withheld=OF_WHICH in report.withheld)
            figures = gettext(
                "%(figures)s, of which %(step)s: %(part)s",
                figures=figures, step=step_name(OF_WHICH).lower(), part=part,
            )  # fmt: skip
        told = gettext(": %(figures)s.", figures=figures)
        yield Sentence(told, _named(kind, lines) if lines else None, step_name(kind))
    for entry in report.suspended:
        since = gettext("since %(day)s", day=day(entry.suspended_since))
        yield Sentence(gettext("Standing still: %(name)s, %(since)s.", name=entry.name, since=since))


def _step(kind: str, kinds: Sequence[str]) -> str:
    """Name a step in a table; a deduction is *of which*, below the payments it was taken from (API.md, rule 5)."""
    return (
        gettext("of which: %(step)s", step=step_name(kind)) if kind == OF_WHICH and WHOLE in kinds else step_name(kind)
    )


def _in_order(kinds: Sequence[str]) -> list[str]:
    """Put a deduction right below the payments."""
    if not {WHOLE, OF_WHICH} <= set(kinds):
        return list(kinds)
    ordered = [kind for kind in kinds if kind != OF_WHICH]
    ordered.insert(ordered.index(WHOLE) + 1, OF_WHICH)
    return ordered


def _told(values: Values, *, withheld: bool = False) -> str:
    """Write what a kind came to: `390 văn bản; 381 hộ gia đình, cá nhân và 09 tổ chức thuộc 21 dự án; 280.400 m²`.

    An amount that leaves out what the reader may not have says so beside it: to another reader it is a larger one.
    """
    parts = []
    if values["documents"]:
        parts.append(gettext("%(n)s documents", n=_whole(values["documents"])))
    holders = _holders(values)
    if holders and values["projects"]:
        holders = gettext("%(holders)s of %(n)s projects", holders=holders, n=_whole(values["projects"]))
    elif values["projects"]:
        holders = gettext("%(n)s projects", n=_whole(values["projects"]))
    parts.append(holders)
    if values["area_m2"]:
        parts.append(gettext("area %(area)s m²", area=area(values["area_m2"])))
    amount = values["amount_vnd"] and area(values["amount_vnd"])
    if amount and withheld:
        parts.append(
            gettext(
                "amount at least %(amount)s đồng (without households whose amounts are not published)", amount=amount
            )
        )
    elif amount:
        parts.append(gettext("amount %(amount)s đồng", amount=amount))
    elif withheld:
        parts.append(gettext("amount not published: fewer than three households"))
    if values["plots"]:
        parts.append(gettext("%(n)s resettlement plots", n=_whole(values["plots"])))
    return "; ".join(part for part in parts if part)


def _holders(values: Values, *, short: bool = False) -> str:
    """Count holders by their kind, each in its own word; households and individuals are one word where it is short."""
    households = gettext("%(n)s households") if short else gettext("%(n)s households and individuals")
    parts = [
        said
        for count, said in (
            (values["households"], households % {"n": _whole(values["households"])}),
            (values["organisations"], gettext("%(n)s organisations", n=_whole(values["organisations"]))),
            (values["communities"], gettext("%(n)s communities", n=_whole(values["communities"]))),
        )
        if count
    ]
    if len(parts) < 2:
        return "".join(parts)
    return gettext("%(first)s and %(last)s", first=", ".join(parts[:-1]), last=parts[-1])


def _whole(number: int | None) -> str:
    """Write a count as reports do here: one digit with a zero before it in Vietnamese."""
    if not number:
        return "0"
    return f"0{number}" if number < 10 and str(get_locale()) == "vi" else format_decimal(number, format="#,##0")


def _named(kind: str, lines: list[Line]) -> str:
    """Name the projects a figure is made of, with how many holders of each, else its area.

    A change of scope may have neither.
    """
    named = []
    for line in lines:
        values = line.values[kind]
        figure = _holders(values, short=True) or (values["area_m2"] and f"{area(values['area_m2'])} m²")
        named.append(f"{line.name} ({figure})" if figure else line.name)
    return "; ".join(named) + "."


# The tables.


def _tables(report: Report) -> Iterator[Table]:
    step = (gettext("Step"), TEXT)
    left_out = _reservation(report).strip() or None
    kinds = _in_order(report.kinds())
    rows = ((_step(kind, kinds), *(report.total[kind][measure] for measure in MEASURES)) for kind in kinds)
    yield Table("steps", gettext("By step"), (step, *_heads(MEASURES)), tuple(rows), left_out)
    columns = ((gettext("Project"), TEXT), step, *_heads(OF_LINE))
    yield Table("projects", gettext("By project"), columns, tuple(_rows(report, report.projects)), left_out)
    columns = ((gettext("Commune"), TEXT), step, *_heads(OF_LINE))
    note = gettext("A holder is counted in one commune, the land where it lies.")
    note = " ".join(filter(None, (note, left_out)))
    yield Table("communes", gettext("By commune"), columns, tuple(_rows(report, report.communes)), note)
    yield _by_holder(report)
    yield _key_projects(report)
    yield from _standing(report)
    yield _unrecorded(report)
    yield _as_reported(report)


def _rows(report: Report, lines: Iterable[Line]) -> Iterator[tuple]:
    for line in lines:
        name = line.name or gettext("outside the communes known")
        kinds = _in_order([kind for kind in report.kinds() if happened(line.values[kind])])
        for kind in kinds:
            yield (name, _step(kind, kinds), *(line.values[kind][measure] for measure in OF_LINE))


def _by_holder(report: Report) -> Table:
    """The steps of projects that concerned more than one kind of holder."""
    of = {(line.key, holder): line for holder, lines in report.apart.items() for line in lines}
    rows = []
    for line in report.projects:
        for kind in report.kinds():
            own = {
                holder: of[line.key, holder].values[kind]
                for holder in report.apart
                if (line.key, holder) in of and happened(of[line.key, holder].values[kind])
            }
            if len(own) > 1:
                rows += [
                    (
                        line.name,
                        step_name(kind),
                        _whose(holder),
                        values["holders"],
                        values["area_m2"],
                        values["amount_vnd"],
                    )
                    for holder, values in own.items()
                ]
    columns = (
        (gettext("Project"), TEXT), (gettext("Step"), TEXT), (gettext("Whose"), TEXT), (gettext("Holders"), COUNT),
        *_heads(("area_m2", "amount_vnd")),
    )  # fmt: skip
    return Table("holders", gettext("By holder"), columns, tuple(rows), _reservation(report).strip() or None)


def _whose(holder: str | None) -> str:
    names = {
        None: gettext("all"), "household": gettext("households"), "organisation": gettext("organisations"),
        "community": gettext("communities"), "none": gettext("land of no holder"),
    }  # fmt: skip
    return names[holder]


def _heads(measures: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    names = {
        "documents": gettext("Documents"),
        "projects": gettext("Projects"),
        "households": gettext("Households"),
        "organisations": gettext("Organisations"),
        "communities": gettext("Communities"),
        "area_m2": gettext("Area (m²)"),
        "amount_vnd": gettext("Amount (đồng)"),
        "plots": gettext("Plots"),
    }
    return tuple((names[measure], KINDS.get(measure, COUNT)) for measure in measures)


def _key_projects(report: Report) -> Table:
    columns = (
        (gettext("Key project"), TEXT), (gettext("Target"), TEXT), (gettext("Affected households"), COUNT),
        (gettext("Handed over, households"), COUNT), (gettext("Affected m²"), AREA), (gettext("Handed over, m²"), AREA),
        (gettext("Percent of m²"), PERCENT), (gettext("Remaining, households"), COUNT),
        (gettext("Remaining, m²"), AREA), (gettext("Obstacle"), TEXT), (gettext("How it is to be settled"), TEXT),
        (gettext("Who has to act"), TEXT), (gettext("Source"), TEXT),
    )  # fmt: skip
    rows = []
    for project in report.key_projects:
        affected, handed, left = _how_far(project)
        rows.append(
            (
                project.entry.name, _target(project), affected["households"], handed["households"],
                affected["area_m2"], handed["area_m2"], _share(handed["area_m2"], affected["area_m2"]),
                left["households"], left["area_m2"],
                # what is written of one household's case is not stated: its kind alone is
                _joined(o["description"] or obstacle_name(o["kind"]) for o in project.entry.obstacles),
                _joined(o["direction"] for o in project.entry.obstacles),
                _joined(o["owner"] for o in project.entry.obstacles), _source_of(project),
            )
        )  # fmt: skip
    return Table("key_projects", gettext("Key projects"), columns, tuple(rows))


def _how_far(project: KeyProject) -> tuple[Mapping[str, int | Decimal | None], ...]:
    """Give what is affected, handed over and left of a project: from records, or of the reports that stand in."""
    kinds = ("affected", "handover", "not_handed_over")
    if project.recorded and None in project.standing:
        return tuple(project.standing[None][kind] for kind in kinds)
    nothing = {"households": None, "area_m2": None}
    told = {figure.indicator: figure for figure in reversed(_stood_in(project))}
    done, left = told.get("handover"), told.get("not_handed_over")
    return (
        {"households": done.of_households, "area_m2": done.of_area_m2} if done else nothing,
        *({name: getattr(told, name) for name in nothing} if told else nothing for told in (done, left)),
    )


def _stood_in(project: KeyProject) -> list[ReportedFigure]:
    """Give the figures that tell how far a project without records is: cumulative ones, of all its holders."""
    return [f for f in project.reported if f.basis == "cumulative" and f.holder in (None, "all", "household")]


def _source_of(project: KeyProject) -> str:
    if project.recorded:
        return gettext("records")
    told = [f for f in _stood_in(project) if f.indicator in ("handover", "not_handed_over")]
    if not told:
        return gettext("no figures yet")
    lines = dict.fromkeys(f"{figure.source_line}, {day(figure.to_on)}" for figure in told)
    return gettext("reports, no records: %(sources)s", sources="; ".join(lines))


def _unrecorded(report: Report) -> Table:
    """Projects without records: what reports state of them stands in, marked; else that there is nothing."""
    rows = []
    for project in report.unrecorded:
        for figure in project.reported:
            rows.append(
                (
                    project.name, step_name(figure.indicator), _period(figure), figure.households,
                    figure.of_households, figure.organisations, figure.area_m2, figure.of_area_m2, figure.amount_vnd,
                    gettext("report %(line)s", line=figure.source_line),
                )
            )  # fmt: skip
        if not project.reported:
            rows.append((project.name, gettext("no figures yet"), *[None] * 8))
    columns = (
        (gettext("Project"), TEXT), (gettext("Figure"), TEXT), (gettext("For"), TEXT), (gettext("Households"), COUNT),
        (gettext("out of households"), COUNT), (gettext("Organisations"), COUNT), (gettext("Area (m²)"), AREA),
        (gettext("out of m²"), AREA), (gettext("Amount (đồng)"), MONEY), (gettext("Source"), TEXT),
    )  # fmt: skip
    title = gettext("Projects without records on %(day)s", day=day(report.upto))
    note = gettext("Their figures stand as they were reported; no total holds them.")
    return _narrowed(Table("unrecorded", title, columns, tuple(rows), note))


def _period(figure: ReportedFigure) -> str:
    since = figure.from_on if figure.basis != "cumulative" else None
    return f"{day(since)} – {day(figure.to_on)}" if since else gettext("to %(day)s", day=day(figure.to_on))


def _joined(texts: Iterable[str | None]) -> str | None:
    return "; ".join(dict.fromkeys(text for text in texts if text)) or None


def _target(project: KeyProject) -> str | None:
    if project.target is None:
        return None
    target = project.target.target
    wanted = (
        f"{area(target.value)} {'m²' if target.measure == 'area_m2' else gettext('households')}" if target.value else ""
    )
    percent = f"{area(target.percent)} %" if target.percent is not None else ""
    said = gettext("%(what)s by %(day)s", what=wanted or percent, day=day(target.due_on))
    within = f", {target.unit}" if target.unit else ""
    state = told(project.target, str(get_locale()))
    if project.missed and project.missed is not project.target:
        late = project.missed.target
        state += "; " + gettext("behind the target of %(day)s", day=day(late.due_on))
    return f"{said} ({state}{within})"


def _share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return None if part is None or not whole else round(part * 100 / whole, 1)


STANDING = {
    "standing": ("affected", "inventory", "not_inventoried", "plan_review", "plan_approval", "recovery_decision"),
    "standing_payments": ("payment", "advance_payment", "progress_bonus"),
    "standing_handover": ("affected", "handover_consent", "handover", "not_handed_over"),
}
"""The steps of key projects, by the table they stand in: all in one row would be wider than a sheet."""
OF_STANDING = ("holders", "area_m2", "amount_vnd")


def _standing(report: Report) -> Iterator[Table]:
    """How far key projects stand: a row for all holders of a project and, where they are of several kinds, for each."""
    titles = {
        "standing": gettext("Inventory and plans of key projects on %(day)s", day=day(report.upto)),
        "standing_payments": gettext("Payments of key projects on %(day)s", day=day(report.upto)),
        "standing_handover": gettext("Handover of key projects on %(day)s", day=day(report.upto)),
    }
    heads = (gettext("Key project"), TEXT), (gettext("Whose"), TEXT)
    names = {"holders": gettext("Holders"), "area_m2": "m²", "amount_vnd": "đồng"}
    for key, kinds in STANDING.items():
        rows = []
        for project in report.key_projects:
            for holder, of in _told_apart(project):
                values = [_measured(of, kind, measure, holder) for kind in kinds for measure in OF_STANDING]
                if any(values):
                    rows.append((project.entry.name, _whose(holder), *values))
        columns = (*heads, *((names[m], KINDS.get(m, COUNT)) for _ in kinds for m in OF_STANDING))
        groups = (("", len(heads)), *((step_name(kind), len(OF_STANDING)) for kind in kinds))
        yield _narrowed(Table(key, titles[key], columns, tuple(rows), groups=groups))


def _told_apart(project: KeyProject) -> list[tuple[str | None, Mapping[str, Values]]]:
    """Give the rows of a project: all its holders, and each kind of them where there is more than one."""
    if None not in project.standing:
        return []
    own = [
        (holder, of)
        for holder, of in project.standing.items()
        if holder and (of["affected"]["holders"] or of["affected"]["area_m2"])
    ]
    return [(None, project.standing[None]), *(own if len(own) > 1 else ())]


def _measured(of: Mapping[str, Values], kind: str, measure: str, holder: str | None) -> int | Decimal | None:
    """Give a measure of a step: m² and money only of a step that carries them, holders only where there can be any."""
    carried = holder != "none" if measure == "holders" else measure in INDICATORS[kind].sums
    return of[kind][measure] if carried else None


def _narrowed(table: Table) -> Table:
    """Leave out the columns of numbers in which no row states anything: on paper every column counts."""
    kept = [
        n
        for n, (_, kind) in enumerate(table.columns)
        if kind == TEXT or any(row[n] not in (None, 0) for row in table.rows)
    ]
    groups, first = [], 0
    for title, span in table.groups:
        if left := sum(first <= n < first + span for n in kept):
            groups.append((title, left))
        first += span
    return replace(
        table,
        columns=tuple(table.columns[n] for n in kept),
        rows=tuple(tuple(row[n] for n in kept) for row in table.rows),
        groups=tuple(groups),
    )


def _stated_of(figure: ReportedFigure) -> str:
    """Name an indicator with its denominators and what narrows it: they are a part of it."""
    told = [figure.restriction] if figure.restriction else []
    if figure.of_households is not None:
        told.append(gettext("of %(n)s households", n=area(figure.of_households)))
    if figure.of_area_m2 is not None:
        told.append(gettext("of %(n)s m²", n=area(figure.of_area_m2)))
    name = step_name(figure.indicator)
    return f"{name} ({'; '.join(told)})" if told else name


def _as_reported(report: Report) -> Table:
    names: Mapping[str, str] = {entry.code: entry.name for entry in report.entries}
    rows = []
    for entry in report.stated:
        figure = entry.figure
        until = f"{day(figure.from_on)} – {day(figure.to_on)}" if figure.from_on else day(figure.to_on)
        rows.append(
            (
                _stated_of(figure), names.get(entry.project, entry.project), until, figure.projects,
                figure.households, figure.area_m2, figure.amount_vnd, figure.plots, figure.count, figure.percent,
                figure.source_line,
            )
        )  # fmt: skip
    columns = (
        (gettext("Figure"), TEXT), (gettext("Project"), TEXT), (gettext("For"), TEXT), (gettext("Projects"), COUNT),
        (gettext("Households"), COUNT), (gettext("Area (m²)"), AREA), (gettext("Amount (đồng)"), MONEY),
        (gettext("Plots"), COUNT), (gettext("Count"), COUNT), ("%", PERCENT), (gettext("Source"), TEXT),
    )  # fmt: skip
    note = gettext("Records cannot give these: they stand as they were reported.")
    return Table("reported", gettext("As reported"), columns, tuple(rows), note=note)
