"""Figures by XLSX: a template to fill in, and a filled one read, shown with what is wrong by cell, and confirmed."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from secrets import token_urlsafe

from flask import Blueprint, Response, flash, redirect, request, send_file, url_for
from flask_babel import force_locale, gettext, ngettext
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from gis import new_figures, reported
from gis.access import Access
from gis.errors import BadParameter, BadRows, GisError, UnreadableFile
from gis.exchange import headings, sheets, sums
from gis.exchange.headings import Unit
from gis.exchange.remarks import denies
from gis.exchange.sheets import Book
from gis.new_figures import VALUES, NewFigure
from webmap import desk, entry, parameters
from webmap.auth import access, reader
from webmap.desk import aside, table_given
from webmap.errors import user_message
from webmap.exports import BOLD, HEAD
from webmap.figures import cells
from webmap.figures.cells import CELLS, CHOICES, NEEDED, Places
from webmap.session import session, writing

MOST_BYTES = 8 * 1024 * 1024
LOOKED_AT = 20
"""Rows among which the headings are looked for."""
WIDTHS = {"report": 24, "unit": 24, "project": 36, "indicator": 34, "basis": 24, "holder": 24, "quote": 50, "note": 30}
ROWS_OFFERED = 500
LISTS = "Danh mục"
AMONG = cells.AMONG_VALUES
SUMMED = tuple(name for name in VALUES if name != "percent" and not name.startswith("of_"))
"""Of the values of figures, what the row of a total may add up."""
_GROUP_MARK = re.compile(r"(?:[IVX]{1,5}|[A-HĐ]|\d{1,2})[.)]?")
_GROUP_BEGINS = re.compile(r"(?:[IVX]{1,5}|[A-HĐ]|\d{1,2})[.)]\s*[^\W\d]|(?:[IVX]{2,5})\s+[^\W\d]")
"""What stands before the name of a group: a letter, a number or a Roman one."""
_OURS = Unit("", Decimal(1))
UNITS = {"area_m2": "area", "of_area_m2": "area", "amount_vnd": "money"}

bp = Blueprint("figure_sheet", __name__, url_prefix="/figures/sheet")


@dataclass
class Sheet:
    """A filled sheet as it was read."""

    rows: list[cells.Row]
    numbers: list[str]
    """Of each row, its number in the file, with its sheet where several are read."""
    left_out: list[tuple[str, GisError]] = field(default_factory=list)
    """Rows, columns and sheets that are not taken, and why."""
    converted: list = field(default_factory=list)
    """Cells that were in old letters."""
    notes: list[tuple[str, GisError]] = field(default_factory=list)
    """What to look at that does not stand in the way, with its row."""
    others: list[tuple[str, GisError]] = field(default_factory=list)
    """Rows that are refused as a whole: those of another table."""
    present: int = 0
    """Rows in which anything stands, of the sheets that are read."""
    asked: list[tuple[str, int, str]] = field(default_factory=list)
    """Questions about hidden and struck-through rows: name, rows, answer."""

    @property
    def figures(self) -> list[NewFigure]:
        return [row.figure for row in self.rows]

    @property
    def refused(self) -> int:
        """How many rows have something against them."""
        return sum(bool(row.problems) for row in self.rows) + len(self.others)

    @property
    def taken(self) -> int:
        """How many rows have nothing against them."""
        return sum(not row.problems for row in self.rows)

    @property
    def wrong(self) -> list[tuple[str, str, str]]:
        """What has to be put right: row of the sheet, name of the cell, what is wrong."""
        return [
            (number, cells.label(name), user_message(error))
            for number, row in zip(self.numbers, self.rows, strict=True)
            for name, error in row.problems.items()
        ] + [(number, "", user_message(error)) for number, error in self.others]


def both(name: str) -> str:
    """Give the heading of a column in both languages."""
    said = []
    for language in ("vi", "en"):
        with force_locale(language):
            said.append(cells.label(name))
    return " / ".join(said)


def template(places: Places) -> io.BytesIO:
    """Make the workbook to fill in: headings in both languages, lists to choose from."""
    book = Workbook()
    sheet, lists = book.active, book.create_sheet(LISTS)
    sheet.title = "Số liệu báo cáo"
    offered = {name: [cells.offered(cells.choice_name(name, key), key) for key in keys]
               for name, keys in CHOICES.items()}  # fmt: skip
    hers = [each for each in places.projects.values() if reader().may_record(each.id)]
    offered["project"] = [cells.offered(each.name, each.code) for each in hers]
    units = sorted(places.units.values(), key=lambda unit: (unit.slug not in places.hers, unit.level == "commune"))
    offered["unit"] = [cells.offered(unit.name, unit.slug) for unit in units]
    for n, name in enumerate(CELLS, 1):
        letter = get_column_letter(n)
        head = sheet.cell(1, n, both(name))
        head.font, head.fill = BOLD if name not in NEEDED else Font(bold=True, color="FF9C0006"), HEAD
        head.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[letter].width = WIDTHS.get(name, 15)
        if name in ("from_on", "to_on", "line", "mark", "part_of"):
            for row in range(2, ROWS_OFFERED + 2):  # so that 24/10/2022 and 3-5 stay what was typed
                sheet.cell(row, n).number_format = "@" if name not in ("from_on", "to_on") else "dd/mm/yyyy"
        if name in offered:
            _offer(sheet, lists, letter, offered[name], list(offered).index(name) + 1)
    sheet.cell(1, 1).comment = Comment(
        "Cột chữ đỏ phải có. / Columns in red are needed. Dòng thành phần ghi số thứ tự của dòng tổng. / A part names "
        "the row of its total.", "Mặt Bằng",
    )  # fmt: skip
    sheet.row_dimensions[1].height = 62
    sheet.freeze_panes = "B2"
    lists.sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def _offer(sheet, lists, letter: str, choices: Sequence[str], column: int) -> None:
    """Offer a list in a column. What is written outside it is told when the sheet is read, not by the spreadsheet."""
    for row, choice in enumerate(choices, 1):
        lists.cell(row, column, choice).data_type = "s"
    of = get_column_letter(column)
    rule = DataValidation("list", f"'{LISTS}'!${of}$1:${of}${max(len(choices), 1)}", allow_blank=True)
    rule.showErrorMessage = False
    rule.add(f"{letter}2:{letter}{ROWS_OFFERED + 1}")
    sheet.add_data_validation(rule)


def read(book: Book, places: Places, answers: Mapping[str, str] | None = None) -> Sheet:
    """Read the figures of all sheets that have their headings: columns by their headings, in either language.

    Hidden and struck-through rows are refused until `answers` say to take them or to leave them out.

    Raises
    ------
    UnreadableFile
        Where no row has the headings that are needed.
    """
    met = [(sheet, *_headings(sheet.rows)) for sheet in book.visible]
    whole = [one for one in met if not _missing(one[2])]
    if not whole:
        sheets.refuse_blanks(book)
        fewest = min((_missing(columns) for _, _, columns, _ in met), key=len, default=[*NEEDED])
        raise UnreadableFile("These columns are missing: %(columns)s.", parameter="rows",
                             columns=", ".join(cells.label(name) for name in fewest))  # fmt: skip
    answers = answers or {}
    filled = Sheet([], [], asked=aside.asked([one[0] for one in whole], answers))
    for sheet in [*book.passed_over, *(one[0] for one in met if one not in whole)]:
        filled.left_out.append(("", BadParameter(
            "Sheet “%(sheet)s” (%(rows)s rows) is not taken.", sheet=sheet.name, rows=len(sheet.rows))))  # fmt: skip
    for sheet, at, columns, units in whole:
        _fill(filled, sheet, at, columns, units, places, answers, several=len(whole) > 1)
    if not filled.rows:
        raise UnreadableFile("There is no figure below the headings.", parameter="rows")
    _tell_of_repeated(filled)
    return filled


def _tell_of_repeated(filled: Sheet) -> None:
    """Refuse rows that state one figure twice, and name what is stated in two places or cannot be right."""
    for row, first in new_figures.repeated(filled.figures).items():
        filled.rows[row].problems.setdefault("line", BadParameter(
            "Row %(row)s states the same figure in the same place: leave one of them out, or write where in the report "
            "each stands.", row=filled.numbers[first]))  # fmt: skip
    for row, first in new_figures.repeated(filled.figures, anywhere=True).items():
        filled.notes.append((filled.numbers[row], BadParameter(
            "Row %(row)s states the same in another place of the report.", row=filled.numbers[first])))  # fmt: skip
    for row, first in new_figures.rivals(filled.figures).items():
        filled.notes.append((filled.numbers[row], BadParameter(
            "Row %(row)s answers the same question in the same place of the report with other numbers.",
            row=filled.numbers[first])))  # fmt: skip
    for number, row in zip(filled.numbers, filled.rows, strict=True):
        filled.notes += [(number, error) for _, error in new_figures.oddities(row.figure)]
        if (note := row.typed.get("note", "")) and denies(note):
            filled.notes.append((number, BadParameter("“%(heading)s” says “%(value)s”: does the figure stand?",
                                                      heading=cells.label("note"), value=note[:120])))  # fmt: skip


def _fill(
    filled: Sheet, sheet, at: int, columns: dict[int, str], units, places: Places, answers: Mapping[str, str], *,
    several: bool,
) -> None:  # fmt: skip
    def name(place: int) -> str:
        return f"{sheet.name}!{sheet.numbers[place]}" if several else str(sheet.numbers[place])

    filled.converted += sheet.converted
    filled.present += len(sheet.rows)
    second = None
    summed = {n: sums.Down() for n, field in columns.items() if field in SUMMED}
    for column in sorted(set(range(len(sheet.rows[at]))) - set(columns)):
        if any(row[column] for row in sheet.rows[at:]):
            _refuse_second(sheet, at, columns, column)
            filled.left_out.append(("", BadParameter(
                "Column %(letter)s “%(heading)s” is not taken.", letter=sheets.column_letter(column),
                heading=sheet.rows[at][column][:80])))  # fmt: skip
    beside = aside.places(sheet)
    for place, row in enumerate(sheet.rows):
        typed = {field: row[n] for n, field in columns.items()}
        anew = _columns_named(row) if place > at else {}
        repeated = len(anew) > 1 and all(columns.get(n) == field for n, field in anew.items())
        if place <= at or repeated:
            why = BadParameter("heading") if place >= at else BadParameter("above the headings")
            filled.left_out.append((name(place), why))
            continue
        if second is None and len(anew) >= 3:
            second = sheet.numbers[place]
        if second is not None:
            filled.others.append((name(place), headings.another_table(second, "row")))
            continue
        own = {field: value for field, value in typed.items() if value and field != "mark"}
        total = headings.total_of(row)
        if not own or (total and not any(own.get(field, total) != total for field in NEEDED)):
            why = BadParameter("total") if own else BadParameter("nothing but a number")
            if not own and any(letter.isalpha() for letter in typed.get("mark") or ""):
                why = BadParameter("a remark: “%(text)s”", text=typed["mark"][:120])
            filled.left_out.append((name(place), why))
            for n, down in summed.items():
                if own and (stated := _stated(columns[n], row[n], units.get(n, _OURS), sheet.rows[at][n])) is not None:
                    down.state(place, stated)
            continue
        if _begins_group(row, own):
            filled.left_out.append((name(place), BadParameter("heading of a group")))
            continue
        answer = aside.answer(answers, beside.get(place, ""))
        if answer == "leave":
            filled.left_out.append((name(place), aside.left_out(beside[place])))
            continue
        wrong: dict[str, GisError] = {}
        for n, unit in units.items():
            try:
                typed[columns[n]] = _in_base(columns[n], typed[columns[n]], unit, sheet.rows[at][n])
            except GisError as error:
                wrong[columns[n]] = error
        made = cells.read(typed, places)
        made.problems |= wrong
        for (r, c), error in sheet.faults.items():
            if r == place and (c in columns or error.parameter == "row"):
                made.problems[columns.get(c, AMONG)] = error
        if place in beside and not answer:
            made.problems.setdefault(AMONG, aside.open_row(beside[place]))
        filled.rows.append(made)
        filled.numbers.append(name(place))
        for n, down in summed.items():
            down.add(made.figure.values.get(columns[n]))
    for n, down in summed.items():
        filled.notes += [
            (name(one.row), BadParameter(
                "“%(heading)s”: the total says %(stated)s, the rows come to %(counted)s.",
                heading=cells.label(columns[n]), stated=entry.shown(one.stated), counted=entry.shown(one.counted)))
            for one in down.differing()
        ]  # fmt: skip


def _begins_group(row: Sequence[str], own: Mapping[str, str]) -> bool:
    """Tell a row that heads those below: one text, “I. Các dự án trọng điểm”, and neither a number nor an indicator.

    Without its mark, a text alone may be a report whose other cells were forgotten: that is refused as a row.
    """
    said = [cell.strip() for cell in row if cell.strip()]
    texts = [cell for cell in said if not _GROUP_MARK.fullmatch(cell)]
    marked = len(texts) < len(said) or _GROUP_BEGINS.match(said[0])
    return len(texts) == 1 and bool(marked) and len(own) <= 2 and not any(name in own for name in SUMMED)


def _refuse_second(sheet, at: int, columns: Mapping[int, str], column: int) -> None:
    """Refuse a sheet in which two columns of one heading say different things: which of them is meant is not known."""
    name = next(iter(_columns_named([sheet.rows[at][column]]).values()), None)
    first = next((n for n, field in columns.items() if field == name), None)
    if first is not None and any(row[first].strip() != row[column].strip() for row in sheet.rows[at + 1 :]):
        raise UnreadableFile(
            "Columns %(first)s and %(second)s are both “%(heading)s” and differ: leave one of them out.",
            parameter="rows", first=sheets.column_letter(first), second=sheets.column_letter(column),
            heading=cells.label(name),
        )  # fmt: skip


def _stated(name: str, text: str, unit: Unit | None, heading: str) -> Decimal | None:
    """Read what a total states in a column; None where that is nothing that can be read."""
    try:
        if unit != _OURS:
            text = _in_base(name, text, unit, heading)
        return entry.decimal(name, text) if name in cells.AREAS else entry.whole(name, text)
    except GisError:
        return None


def _in_base(name: str, text: str, unit: Unit | None, heading: str) -> str:
    """Give a number of a column in ha or nghìn đồng in m² or đồng.

    Raises
    ------
    BadParameter
        For what can be read in two ways, and where the unit of the column cannot be told (None).
    """
    if not text.strip():
        return ""
    if unit is None or unit.factor is None:
        raise BadParameter(
            "“%(heading)s”: write in the heading m² or ha, đồng or nghìn đồng.", parameter=name, heading=heading[:80]
        )
    return sheets.written((entry.decimal(name, text, 6) or Decimal(0)) * unit.factor)


def _headings(rows: sheets.Rows) -> tuple[int, dict[int, str], dict[int, Unit | None]]:
    """Find the row of headings, the cell that each column is of, and units that are not ours (None: several)."""
    best: tuple[int, dict[int, str], dict[int, Unit | None]] = (0, {}, {})
    for at, row in enumerate(rows[:LOOKED_AT]):
        columns, units = _columns_named(row), {}
        for n, name in columns.items():
            text = row[n]
            if name in UNITS and len(columns) > 2:
                around = headings.stated_around(rows, at, at, UNITS[name])
                unit, several = headings.meant(text.partition(" / ")[0], around, UNITS[name])
                if several or (unit and unit.factor != 1):
                    units[n] = unit
        if len(columns) > len(best[1]):
            best = (at, columns, units)
    return best


ALSO = {"số báo cáo": "report", "số hiệu báo cáo": "report", "đơn vị": "unit", "tên dự án": "project"}
"""What people also write."""


@cache
def _known_headings() -> tuple[dict[str, str], dict[str, str]]:
    """Give the cell of each heading in either language, and of each without its brackets: unit or what is meant."""
    known = {}
    for name in CELLS:
        known |= dict.fromkeys((name, _plain(both(name)), *(_plain(part) for part in both(name).split(" / "))), name)
    return known, {_bare(said): name for said, name in known.items()} | ALSO


def _columns_named(row: Sequence[str]) -> dict[int, str]:
    """Give the cells that a row of headings names, by column; of two alike the first."""
    known, bare = _known_headings()
    columns: dict[int, str] = {}
    for n, text in enumerate(row):
        name = known.get(_plain(text)) or bare.get(_bare(_plain(text))) if text else None
        if name and name not in columns.values():
            columns[n] = name
    return columns


def _missing(columns: dict[int, str]) -> list[str]:
    return [name for name in NEEDED if name not in columns.values()]


def _bare(text: str) -> str:
    """Take what stands in brackets off a heading."""
    return " ".join(re.sub(r"\([^()]*\)", "", text).split())


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


# Pages.


@bp.url_value_preprocessor
def take_large_forms(_endpoint, _values) -> None:
    """Let five hundred rows with their quotes through; before anything reads the form."""
    request.max_content_length = request.max_form_memory_size = MOST_BYTES


@bp.get("")
@access(Access.DESK)
def show():
    parameters.only()
    return _page(cells.keeping(), {})


@bp.get("/template.xlsx")
@access(Access.DESK)
def give_template():
    parameters.only()
    file = template(cells.keeping())
    response = send_file(
        file, mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", max_age=0,
        as_attachment=True, download_name="so-lieu-bao-cao.xlsx",
    )  # fmt: skip
    response.cache_control.no_store = True
    return response


@bp.post("")
@access(Access.DESK)
def take():
    """Read a sheet and show what would be entered; enter it once that is confirmed."""
    places = cells.keeping()
    form = request.form.to_dict()
    before = form.get("rows_of", "")
    try:
        book = table_given.book(form)
        filled = read(book, places, form)
        cells.check_all(filled.rows, places)
        if "confirm" not in form or filled.wrong or form.get("rows_of", before) != before:
            return _page(places, form, filled)
        with writing() as s:
            made = reported.enter(s, filled.figures, way="xlsx", by=desk.by(), key=desk.submission_key())
    except BadRows as error:
        cells.check(filled.rows, error.problems, places)
        return _page(places, form, filled)
    except GisError as error:
        return _page(places, form, error=error)
    names = made.result["figures"]
    flash(ngettext("%(num)s figure is entered.", "%(num)s figures are entered.", len(names)))
    return redirect(url_for("figures.show", sort="-entered"))


def _page(
    places: Places, form: dict[str, str], filled: Sheet | None = None, error: GisError | None = None
) -> Response:  # fmt: skip
    known, against = [], []
    if filled:
        readable = [row.figure for row in filled.rows if not row.problems]
        if len(readable) == len(filled.rows):
            known = reported.known(session(), readable)
            names = {f"+{n}": gettext("row %(row)s", row=row) for n, row in enumerate(filled.numbers, 1)}
            against = [[cells.told(one, names) for one in found] for found in reported.conflicts(session(), readable)]
            for not_compared in against[reported.MOST_COMPARED :][:1]:
                not_compared.append(user_message(reported.NOT_COMPARED))
    response = desk.page(
        "figures/sheet.html", None, error, form=form, filled=filled, known=known, against=against, values=VALUES,
        rows_of=table_given.mark(form.get("rows", "")),
        wrong=filled.wrong if filled else [], error_text=user_message, key=request.form.get("key") or token_urlsafe(),
    )  # fmt: skip
    if filled and filled.wrong:
        response.status_code = 422
    return response
