"""What the form of an act holds: its fields as they were typed, its rows, and what they mean."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import uuid4

from flask_babel import format_decimal, gettext
from werkzeug.datastructures import MultiDict

from gis import catalogue, dues, histories, plots, record, recording, sizes, whose
from gis.db import Session
from gis.dues import Dues
from gis.errors import BadParameter, GisError
from gis.indicators import AMOUNT, INDICATORS, PLOTS
from gis.plots import Plot
from gis.progress import today
from gis.record import ALLOTMENT, CASE_KINDS, LAND_KINDS, Act, Share
from gis.rules import PLAN
from webmap import entry
from webmap.desk import act_paste, papers
from webmap.desk.act_paste import Pasted
from webmap.errors import user_message

READERS = {"area_m2": entry.area_m2, "amount_vnd": entry.amount_vnd, "plots": entry.whole, "plot": None}
FIELDS = ("valid_on", "document", "document_kind", "issued_on", "issuer", "step", "replaces", "note")
MOST_ROWS = 10_000
MOST_OUT_OF_SCALE = 12
"""Amounts that are told at once."""
_ALONE = "-"
"""In the place of a parcel: a case as it comes from a list of cases, of which nothing was filled in yet."""


def columns(kind: str) -> tuple[str, ...]:
    """Name what a row of an act of this kind may carry."""
    sums = INDICATORS[kind].sums
    if kind in LAND_KINDS:
        return ("area_m2",)
    if kind == ALLOTMENT:
        return ("plot",)
    return tuple(name for name in (AMOUNT, PLOTS) if name in sums)


@dataclass
class Row:
    """A case on the form, or for kinds on land one of its parcels."""

    case: str
    parcel: int | None = None
    label: str | None = None
    area_m2: Decimal | None = None
    """Of the parcel, all that is to be recovered."""
    left_m2: Decimal | None = None
    typed: dict[str, str] = field(default_factory=dict)
    out: bool = False
    """Left out of the act."""
    holder: str | None = None
    """Whose the case is; None where the reader may not know."""
    money: Dues | None = None
    """Of an act of money: how the case stands."""

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by in the form."""
        return self.case, str(self.parcel or "")


@dataclass
class Sheet:
    """A form of an act, filled in so far."""

    project: str
    kind: str | None
    fields: dict[str, str]
    key: str
    imported: bool
    rows: list[Row]
    paste: str
    reasons: dict[str, str]
    confirmed: frozenset[str]
    done: tuple[str, ...] = ()
    """Cases of which nothing remains for this kind."""
    lost: tuple[recording.FormRow, ...] = ()
    """Rows that the form held with a value and that fit no parcel of now: somebody else was first."""
    by_paste: set[tuple[str, str]] = field(default_factory=set)
    """Keys of the rows whose values were pasted: a second paste leaves them."""
    empty: list[str] = field(default_factory=list)
    """Cases that got no value by what was just pasted."""
    told: list[str] = field(default_factory=list)
    """What became of what was pasted, in words."""
    cautions: list[str] = field(default_factory=list)
    """What is to be looked at in its values, in words."""
    free_plots: Sequence[Plot] = ()
    """Of an allotment: those to choose among."""
    paste_error: GisError | None = None
    """Why nothing of what was pasted was taken; it stays to be put right."""
    paste_columns: Sequence[tuple[int, str]] = ()
    """Columns of what was pasted among which the one of the values is to be chosen."""
    small: tuple[str, ...] = ()
    """Cases whose amounts were pasted without a unit and are small for đồng: in which they are is asked."""

    @property
    def columns(self) -> tuple[str, ...]:
        """What its rows carry."""
        return columns(self.kind)

    @property
    def codes(self) -> list[str]:
        """The cases on it, each once."""
        return list(dict.fromkeys(row.case for row in self.rows))

    @property
    def by_paste_lines(self) -> str:
        """Write the keys of the pasted rows as lines, for the form to carry."""
        return "\n".join(sorted("\t".join(key) for key in self.by_paste))

    @property
    def day(self) -> date:
        """The day of the act; today while none is given."""
        return entry.day("valid_on", self.fields["valid_on"]) or today()

    def act(self) -> Act:
        """Read what the act is.

        Raises
        ------
        BadParameter
            Naming the field.
        """
        if self.small:
            raise BadParameter(
                "Say in which unit the amounts are that were pasted: they are small for đồng.", parameter="pasted_unit"
            )
        given = self.fields
        valid_on = entry.day("valid_on", given["valid_on"])
        if valid_on is None:
            raise BadParameter("Say on which day it happened.", parameter="valid_on")
        document = papers.given(given)
        note = given["note"]
        if self.kind == recording.NOT_APPLICABLE:
            note = histories.not_applicable_note(given["step"], note) if given["step"] and note.strip() else ""
        replaces = {"yes": True, "no": False}.get(given["replaces"]) if self.kind == PLAN else None
        return Act(self.project, self.kind, valid_on, document, note, replaces)

    def value_of(self, number: int, name: str):
        """Read one value of a row that is not left out; None where it is empty or cannot be read."""
        row = self.rows[number]
        try:
            return None if row.out else self._value(number, row, name)
        except GisError:
            return None

    def shares(self) -> list[Share]:
        """Read what falls to each case.

        Raises
        ------
        BadParameter
            Naming the case, and as parameter the field with the number of its row.
        """
        return [share for number, row in enumerate(self.rows) if not row.out for share in self._share(number, row)]

    def _share(self, number: int, row: Row) -> Iterable[Share]:
        values = {name: self._value(number, row, name) for name in self.columns}
        if row.parcel is None or values["area_m2"] is not None:
            yield Share(row.case, row.parcel, **values)

    def _value(self, number: int, row: Row, name: str):
        typed = row.typed.get(name, "").strip()
        if READERS[name] is None:
            return typed or None
        try:
            return READERS[name](name, typed)
        except GisError as error:
            raise BadParameter(
                "Case %(case)s, %(name)s: %(said)s",
                parameter=f"{name}-{number}", case=row.case, name=name, said=user_message(error),
            ) from None  # fmt: skip

    def compact(self) -> str:
        """Write the rows as lines, a tab between fields: what a page carries that does not show them as fields."""
        return "\n".join(
            "\t".join([row.case, str(row.parcel or ""), *(row.typed.get(name, "") for name in self.columns)])
            for row in self.rows
            if not row.out
        )


def read(project: str, given: MultiDict, session: Session) -> Sheet:
    """Read a form; rows are laid out anew from what is on record, and carry what was typed.

    Raises
    ------
    BadParameter
        For a kind that is not recorded upon cases, too many rows, and pasted lines that say nothing or several things.
    NotFound
        For a case that is not there.
    """
    kind = given.get("kind") or None
    if kind and kind not in CASE_KINDS:
        raise BadParameter("There is no such kind of act.", parameter="kind")
    fields = {name: given.get(name, "")[:4000] for name in FIELDS}
    if kind and not fields["document_kind"]:
        fields["document_kind"] = recording.DOCUMENT_OF.get(kind, "decision")
    sheet = Sheet(
        project, kind, fields, given.get("key") or uuid4().hex, "imported" in given, [], given.get("paste", ""),
        {name.partition(".")[2]: value for name, value in given.items() if name.startswith("reason.")},
        frozenset(given.getlist("confirm")), told=[line for line in given.get("told", "").splitlines() if line],
    )  # fmt: skip
    typed = _typed(kind, given)
    _put(kind, given, typed)
    project_id = catalogue.project_id(session, project)
    meant = whose.codes_meant(session, project_id, {case for case, _ in typed})
    typed = {(meant.get(case, case), parcel): row for (case, parcel), row in typed.items()}
    pasted = None
    if sheet.paste.strip():
        known = whose.cases(session, project_id)
        pasted = Pasted()
        try:
            act_paste.read(
                sheet.paste, columns(kind) if kind else (), known, has_rows=bool(typed),
                column=given.get("paste_column", ""), made=pasted,
            )  # fmt: skip
        except GisError as error:
            sheet.paste_error, sheet.paste_columns, pasted = error, pasted.choices, None
    named = [line.code for line in pasted.lines] if pasted else []
    codes = list(dict.fromkeys([*(case for case, _ in typed), *named]))
    if len(codes) > MOST_ROWS:
        raise BadParameter("An act is recorded upon at most %(most)s cases.", parameter="cases", most=MOST_ROWS)
    if not codes:
        return sheet
    if not kind:
        record.case_ids(session, project, codes)
        sheet.rows = [Row(code) for code in codes]
        return sheet
    sheet.rows, sheet.done = _laid_out(session, sheet, codes)
    here = {row.key for row in sheet.rows}
    sheet.lost = tuple(
        recording.FormRow(code, parcel, " ".join(filter(None, map(str.strip, values.values()))))
        for (code, parcel), (values, out) in typed.items()
        if parcel != _ALONE and not out and (code, parcel) not in here and any(map(str.strip, values.values()))
    )
    sheet.by_paste = {tuple(line.split("\t")) for line in given.get("by_paste", "").splitlines()} & here
    _know(session, project_id, sheet)
    on_form = {case for case, parcel in typed if parcel != _ALONE}
    for row in sheet.rows:
        if row.key in typed:
            row.typed, row.out = typed[row.key]
        elif row.parcel and row.case not in on_form:  # else its reader had left this parcel out
            row.typed = {"area_m2": plain(row.left_m2)}
    _say_units(sheet, given)
    if pasted:
        try:
            act_paste.refuse_contradictions(pasted, _days_of(sheet), sheet.fields["document"].strip(), kind)
            filled = _filled(sheet, pasted)
        except GisError as error:
            sheet.paste_error = error
            on_it_before = {case for case, _ in typed}  # others came with what is refused, and go with it
            sheet.rows = [row for row in sheet.rows if row.case in on_it_before]
            sheet.done = tuple(code for code in sheet.done if code in on_it_before)
            return sheet
        kept_out = _parcels_not_named(sheet, pasted, filled)
        for row, values in filled:
            row.typed |= values
            sheet.by_paste.add(row.key)
        if pasted.unit_open:
            sheet.small = tuple(row.case for row, values in filled if values.get(AMOUNT))
        sheet.told = _account(sheet, pasted) + kept_out
        name = sheet.columns[0] if sheet.columns else None
        sheet.empty = [row.case for row in sheet.rows if name and not row.out and not row.typed.get(name, "").strip()]
        sheet.paste = ""
    sheet.cautions = _out_of_scale(sheet)
    return sheet


def _days_of(sheet: Sheet) -> list[date]:
    """Give the days that the form says, of the act and of its document; none before that of the act is given."""
    found = []
    for name in ("valid_on", "issued_on"):
        try:
            found.append(entry.day(name, sheet.fields[name]))
        except GisError:  # is told when the act is read
            found.append(None)
    return [day for day in found if day] if found[0] else []


def _know(session: Session, project_id: int, sheet: Sheet) -> None:
    """Tell of each row whose it is and, where the act is of money, how its money stands."""
    known = whose.cases(session, project_id, sheet.codes).all
    money = {}
    if "amount_vnd" in sheet.columns:
        ids = record.case_ids(session, sheet.project, sheet.codes)
        found = dues.of_cases(session, project_id, ids.values())
        money = {code: found[case_id] for code, case_id in ids.items()}
    for row in sheet.rows:
        row.holder, row.money = known[row.case].name, money.get(row.case)
    if sheet.kind == ALLOTMENT:
        sheet.free_plots = plots.free(session, project_id)


def plain(value: Decimal) -> str:
    """Write an area as it is read from a form in either language: 6257,67."""
    return f"{value:f}".replace(".", ",")


def _typed(kind: str | None, given: MultiDict) -> dict[tuple[str, str], tuple[dict[str, str], bool]]:
    """Gather the rows of a form: lists of fields side by side, or lines of one field."""
    names = columns(kind) if kind else ()
    if "rows" in given:
        lines = [line.split("\t") for line in given["rows"].splitlines() if line.strip()]
        lines = [line + [""] * (2 + len(names) - len(line)) for line in lines]
        return {(line[0], line[1]): (dict(zip(names, line[2:], strict=False)), False) for line in lines}
    cases, parcels, out = given.getlist("case"), given.getlist("parcel"), set(given.getlist("out"))
    lists = {name: given.getlist(name) for name in names}
    found = {}
    for number, case in enumerate(cases):
        if not case.strip():
            continue
        parcel = parcels[number] if number < len(parcels) else ""
        values = {name: listed[number] for name, listed in lists.items() if number < len(listed)}
        if values or not names or parcel:
            found[case.strip(), parcel] = (values, str(number) in out)
        else:
            found[case.strip(), _ALONE] = ({}, False)
    return found


def _put(kind: str | None, given: MultiDict, typed: dict[tuple[str, str], tuple[dict[str, str], bool]]) -> None:
    """Write the reading of a number that was chosen on the form: 1.367 as 1367 or 1,37."""
    place, _, value = given.get("put", "").partition("=")
    name, _, number = place.rpartition("-")
    rows = list(typed.values())
    if kind and name in columns(kind) and number.isdecimal() and int(number) < len(rows):
        rows[int(number)][0][name] = value


def _laid_out(session: Session, sheet: Sheet, codes: Sequence[str]) -> tuple[list[Row], tuple[str, ...]]:
    """Make the rows of cases: of kinds on land a row for each parcel of which something remains."""
    if sheet.kind not in LAND_KINDS:
        record.case_ids(session, sheet.project, codes)
        return [Row(code) for code in codes], ()
    by_case: dict[str, list[Row]] = {code: [] for code in codes}
    # Whatever the day: that a case was not there yet is told when the act is read, and nothing typed goes.
    for part in record.remaining(session, sheet.project, sheet.kind, codes, date.max):
        if part.left_m2 > 0:
            row = Row(part.case, part.affected_parcel_id, part.label, part.area_m2, part.left_m2)
            by_case[part.case].append(row)
    rows = [row for rows in by_case.values() for row in rows]
    return rows, tuple(code for code, rows in by_case.items() if not rows)


UNITS_OF_PASTED = {"1": 1, "1000": 1000, "1000000": 1_000_000}


def _say_units(sheet: Sheet, given: MultiDict) -> None:
    """Write in đồng what was pasted in the unit that was chosen now; what is not chosen stays open."""
    cases = [case for case in given.get("small", "").split("\n") if case]
    factor = UNITS_OF_PASTED.get(given.get("pasted_unit", ""))
    rows = [row for row in sheet.rows if row.case in cases and AMOUNT in row.typed]
    if factor is None:
        sheet.small = tuple(row.case for row in rows)
        return
    unsaid = []
    for row in rows:
        try:
            value = entry.amount_in(AMOUNT, row.typed[AMOUNT], Decimal(factor))
        except GisError as error:
            if factor > 1:  # as đồng it could be read
                unsaid.append(row.case)
                sheet.told.append(f"{row.case}: {user_message(error)}")
            continue
        if value is not None and factor > 1:
            row.typed[AMOUNT] = entry.shown(Decimal(value))
    sheet.small = tuple(unsaid)


def _filled(sheet: Sheet, pasted: Pasted) -> list[tuple[Row, dict[str, str]]]:
    """Find the rows of pasted values: by the case (and parcel) that a line names, else by place.

    Raises
    ------
    BadParameter
        For a line that fits no single row.
    """
    made: list[tuple[Row, dict[str, str]]] = []
    if not sheet.columns:
        return made
    free = [row for row in sheet.rows if not row.out]
    for place, value in enumerate(pasted.in_order or ()):
        if place < len(free):
            made.append((free[place], {sheet.columns[0]: value}))
        elif value:
            raise _fits_no_row(place + 1, value)
    taken = set()
    for line in pasted.lines:
        own = [row for row in sheet.rows if row.case == line.code]
        if sheet.kind in LAND_KINDS and line.parcel:
            own = [row for row in own if whose.same_parcel(row.label, line.parcel)]
        if not line.values:
            continue
        if len(own) == 1 and own[0].key in taken:
            raise BadParameter(
                "Line %(line)s of what was pasted, “%(text)s”, is the second for its case: give each case, or each of "
                "its parcels, one line, or add the amounts up.",
                parameter="paste", line=line.number, text=f"{line.code} {' '.join(line.values.values())}"[:80],
            )  # fmt: skip
        if not own and sheet.kind in LAND_KINDS:  # the case has the parcel: `gis.whose` looked
            raise BadParameter(
                "Line %(line)s of what was pasted, “%(text)s”: nothing remains of it for this step, it is on record "
                "already. Look at the case; if the line is right all the same, undo the earlier act first.",
                parameter="paste", line=line.number,
                text=" ".join(filter(None, (line.code, line.parcel, *line.values.values())))[:80],
            )  # fmt: skip
        if len(own) != 1:
            raise _fits_no_row(line.number, f"{line.code} {line.parcel or ''} {' '.join(line.values.values())}")
        taken.add(own[0].key)
        values = dict(line.values)
        if act_paste.is_whole(values.get("area_m2", "")):
            values["area_m2"] = plain(own[0].left_m2)
        made.append((own[0], values))
    return made


def _parcels_not_named(sheet: Sheet, pasted: Pasted, filled: Sequence[tuple[Row, dict[str, str]]]) -> list[str]:
    """Empty the parcels of cases of which what was pasted names others, or names them without an area.

    A parcel that nobody touched stands on the form with all that remains of it. Where a list says which parcels take
    part, that would be an area which nobody gave. What was typed or pasted before stays; both are told.
    """
    if sheet.kind not in LAND_KINDS or pasted.in_order is not None:
        return []
    named = [(line.code, line.parcel) for line in pasted.lines] + pasted.without_value
    meant = {row.key for row, _ in filled}
    if not pasted.has_values:  # a list of parcels alone: each with all that remains of it
        meant |= {row.key for row in sheet.rows if any(_is_of(row, code, parcel) for code, parcel in named)}
    told = [
        gettext("Case %(case)s, parcel %(parcel)s: nothing remains of it for this step; it takes no part in this act.",
                case=line.code, parcel=line.parcel)
        for line in pasted.lines
        if line.parcel and not line.values and not any(_is_of(row, line.code, line.parcel) for row in sheet.rows)
    ]  # fmt: skip
    for row in sheet.rows:
        typed = row.typed.get("area_m2", "").strip()
        of_case = [parcel for code, parcel in named if code == row.case]
        if row.key in meant or row.out or not of_case:
            continue
        where = {"case": row.case, "parcel": row.label, "area": typed}
        if typed and (typed != plain(row.left_m2) or row.key in sheet.by_paste):
            told.append(gettext(
                "Case %(case)s, parcel %(parcel)s: not filled by what was pasted; the %(area)s m² that the form held "
                "stay.", **where,
            ))  # fmt: skip
            continue
        row.typed["area_m2"] = ""
        told.append(gettext(
            "Case %(case)s, parcel %(parcel)s: what was pasted gives no area for it, so it takes no part in this act.",
            **where,
        ))  # fmt: skip
    return told


def _is_of(row: Row, code: str, parcel: str | None) -> bool:
    """Tell a row of a case, or where its parcel is named of that parcel."""
    return row.case == code and (not parcel or whose.same_parcel(row.label, parcel))


def _fits_no_row(number: int, said: str) -> BadParameter:
    return BadParameter(
        "Line %(line)s of what was pasted, “%(text)s”, fits no single row: name the case, and of a case with several "
        "parcels the parcel.",
        parameter="paste", line=number, text=" ".join(said.split())[:80],
    )  # fmt: skip


def _account(sheet: Sheet, pasted: Pasted) -> list[str]:
    """Account for what was pasted: what was taken, what was left out, totals that differ."""
    taken = len(pasted.lines) if pasted.in_order is None else sum(map(bool, pasted.in_order))
    told = [
        gettext(
            "Pasted: %(present)s lines, of which %(taken)s taken and %(out)s left out.",
            present=taken + len(pasted.left_out), taken=taken, out=len(pasted.left_out),
        )
    ]  # fmt: skip
    told += [gettext("Left out, line %(line)s: %(said)s", line=n, said=said[:120]) for n, said in pasted.left_out]
    told += [gettext("Column “%(heading)s” is not taken.", heading=heading) for heading in pasted.columns_left_out]
    told += [
        gettext("Line %(line)s: “%(heading)s” says “%(said)s”.", line=n, heading=heading, said=said[:120])
        for n, heading, said in pasted.beside if re.search(r"[^\W\d_]{2}|\d/\d", said)
    ][:MOST_OUT_OF_SCALE]  # fmt: skip
    told += [f"{one.before} → {one.now} ({one.was})" for one in pasted.converted[:12]]
    if AMOUNT in pasted.units:
        told.append(gettext("Amounts are given in %(unit)s and were written in đồng.", unit=pasted.units[AMOUNT]))
    if "area_m2" in pasted.units:
        told.append(gettext("Areas are given in %(unit)s and were written in m².", unit=pasted.units["area_m2"]))
    for line, heading, stated, counted in pasted.differing:
        values = {"line": line, "stated": format_decimal(stated), "counted": format_decimal(counted)}
        if heading:
            said = gettext(
                "Line %(line)s: “%(heading)s” says %(stated)s, its parts beside it come to %(counted)s.",
                heading=heading, **values,
            )  # fmt: skip
        else:
            said = gettext("The total of line %(line)s says %(stated)s, the rows come to %(counted)s.", **values)
        told.append(said)
    told += [
        gettext("Line %(line)s: in words it is “%(words)s”, in figures %(figures)s.", line=line, words=words[:120],
                figures=format_decimal(figures))
        for line, words, figures in pasted.in_words[:MOST_OUT_OF_SCALE]
    ]  # fmt: skip
    return told


def _out_of_scale(sheet: Sheet) -> list[str]:
    """Tell of amounts a thousand times apart: a row that was typed in another unit than the others."""
    if AMOUNT not in sheet.columns or sheet.small:
        return []
    values = [sheet.value_of(n, AMOUNT) for n in range(len(sheet.rows))]
    return [
        gettext(
            "Case %(case)s: %(amount)s đồng is some thousand times less or more than most here: see its unit.",
            case=sheet.rows[n].case, amount=format_decimal(values[n]),
        )
        for n in sizes.out_of_scale(values)[:MOST_OUT_OF_SCALE]
    ]  # fmt: skip
