"""Templates of Excel: fields in cells, defined names, headers and footers of an XLSX. Formulas stay formulas."""

import io
import re
from collections.abc import Iterator
from copy import copy
from datetime import date
from decimal import Decimal

from flask_babel import gettext
from openpyxl import load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token
from openpyxl.formula.translate import Translator
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.dimensions import RowDimension
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from gis.errors import UnreadableFile
from webmap.reports.content import COUNT, MONEY, TEXT
from webmap.reports.fields import DAY, Fields, plain
from webmap.reports.files import FORMATS
from webmap.reports.fill import ALONE, Problem, Told, in_one_row, places, unknown

_REFERENCE = re.compile(
    r"(?:(?P<sheet>'(?:[^']|'')+'|[^!'\[\]]+)!)?(?P<col>\$?[A-Z]{1,3})?(?P<row>\$?\d+)"
    r"(?::(?P<col2>\$?[A-Z]{1,3})?(?P<row2>\$?\d+))?"
)
_BUILT_IN = "_xlnm."
LONGEST_TEXT = 32_767
MOST_LISTS = 20
"""Rows that repeat in a workbook: for each, every formula is looked through."""


class ExcelForm:
    """An XLSX with fields."""

    def __init__(self, content: bytes):
        try:
            self.book = load_workbook(io.BytesIO(content))
        except Exception as error:  # whatever a broken file makes of the library
            raise UnreadableFile("This workbook cannot be read. Save it as XLSX again.", parameter="file") from error
        self.names: list[tuple[str, str, Cell | None]] = list(self._names())
        self._unfolded = False

    def _names(self) -> Iterator[tuple[str, str, Cell | None]]:
        """Give each defined name, what it refers to, and the one cell, where it is one."""
        scopes = [(self.book, None), *((sheet, sheet) for sheet in self.book.worksheets)]
        for holder, _ in scopes:
            for name, defined in holder.defined_names.items():
                if defined.hidden or name.startswith(_BUILT_IN):
                    continue
                cell = None
                found = list(defined.destinations) if defined.type == "RANGE" else []
                if len(found) == 1 and found[0][0] in self.book.sheetnames:
                    sheet, area = self.book[found[0][0]], found[0][1].replace("$", "")
                    first = area.partition(":")[0]
                    if re.fullmatch(r"[A-Z]+\d+", first) and (
                        ":" not in area or area in {str(merged) for merged in sheet.merged_cells.ranges}
                    ):
                        cell = sheet[first]
                yield name, defined.attr_text or "", cell

    def _unfold(self, fields: Fields) -> None:
        """Write the names of cells that are fields into the cells, in braces."""
        for name, _, cell in self.names if not self._unfolded else ():
            key = name.lower()
            if cell is not None and cell.data_type != "f" and (fields.find(key) or fields.in_list(key)):
                cell.value = f"{{{{{key}}}}}"
        self._unfolded = True

    # Checking.

    def _cells(self) -> Iterator[tuple[Worksheet, Cell, str]]:
        """Give the cells with braces in them. What is there is asked, not the whole rectangle: it may be vast."""
        for sheet in self.book.worksheets:
            for cell in sorted(sheet._cells.values(), key=lambda cell: (cell.row, cell.column)):
                value = cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
                if isinstance(value, str) and ("{{" in value or (cell.data_type != "f" and "}}" in value)):
                    yield sheet, cell, value

    def _margins(self) -> Iterator[tuple[Worksheet, object, str]]:
        """Give the parts of headers and footers with braces in them."""
        for sheet in self.book.worksheets:
            for margin in (sheet.oddHeader, sheet.oddFooter, sheet.evenHeader, sheet.evenFooter, sheet.firstHeader,
                           sheet.firstFooter):  # fmt: skip
                for part in (margin.left, margin.center, margin.right):
                    if part.text and ("{{" in part.text or "}}" in part.text):
                        yield sheet, part, part.text

    def used(self) -> list[str]:
        """Give the fields in it, each once, in order."""
        texts = [*(text for _, _, text in self._cells()), *(text for _, _, text in self._margins())]
        return list(dict.fromkeys(place.key for text in texts for place in places(text, "")[0]))

    def problems(self, fields: Fields) -> list[Problem]:
        """Tell all that is wrong with it."""
        problems = list(self._wrong_names(fields))
        self._unfold(fields)
        rows: dict[tuple[Worksheet, int], list[str]] = {}
        for sheet, cell, text in self._cells():
            where = gettext("sheet “%(sheet)s”, cell %(cell)s", sheet=sheet.title, cell=cell.coordinate)
            found, broken = places(text, where)
            if cell.data_type == "f":
                said = gettext("A field inside a formula is not filled: give it a cell of its own, and refer to that.")
                problems += [Problem(place.key or text[:40], where, said) for place in found]
                continue
            problems += broken
            problems += [wrong for place in found if (wrong := unknown(place.key, where, fields))]
            rows.setdefault((sheet, cell.row), []).extend(place.key for place in found)
        lists = 0
        for (sheet, row), keys in rows.items():
            where = gettext("sheet “%(sheet)s”, row %(row)s", sheet=sheet.title, row=row)
            name, wrong = in_one_row(keys, where, fields)
            problems += wrong
            lists += name is not None
            if lists > MOST_LISTS:
                said = gettext("More than %(most)s rows that repeat: part the workbook.", most=MOST_LISTS)
                return [*problems, Problem(f"{name}.…", where, said)]
            if name and any(r.min_row <= row <= r.max_row and r.min_row < r.max_row for r in sheet.merged_cells.ranges):
                said = gettext("A merged cell reaches over the row that repeats: merge within the row only.")
                problems.append(Problem(f"{name}.…", where, said))
        for sheet, _, text in self._margins():
            where = gettext("sheet “%(sheet)s”, header or footer", sheet=sheet.title)
            found, broken = places(text, where)
            problems += broken
            for place in found:
                if wrong := unknown(place.key, where, fields):
                    problems.append(wrong)
                elif fields.in_list(place.key):
                    said = gettext("A field of a list stands in a row of a table, which repeats.")
                    problems.append(Problem(place.key, where, said))
        return problems

    def _wrong_names(self, fields: Fields) -> Iterator[Problem]:
        """Tell of names that were meant as fields; others are the office's own."""
        heads = {key.partition(".")[0] for key in (*fields.single, *fields.in_lists()) if "." in key}
        for name, refers_to, cell in self.names:
            key, where = name.lower(), gettext("defined name, %(cell)s", cell=refers_to)
            if fields.find(key) or fields.in_list(key):
                if cell is None:
                    yield Problem(name, where, gettext("A field is one cell: the name refers to something else."))
                elif cell.data_type == "f":
                    yield Problem(name, where, gettext("The cell holds a formula, which would be lost."))
            elif "." in name and plain(name).partition(".")[0] in heads:
                yield unknown(name, where, fields)

    # Filling.

    def fill(self, fields: Fields, told: Told) -> bytes:
        """Write it with its fields filled."""
        self._unfold(fields)
        rows: dict[tuple[Worksheet, int], list[str]] = {}
        for sheet, cell, text in self._cells():
            rows.setdefault((sheet, cell.row), []).extend(place.key for place in places(text, "")[0])
        lists = {where: name for where, keys in rows.items() if (name := in_one_row(keys, "", fields)[0])}
        others = [(cell, text) for sheet, cell, text in self._cells() if (sheet, cell.row) not in lists]
        for (sheet, row), name in sorted(lists.items(), key=lambda entry: -entry[0][1]):
            self._fill_list(sheet, row, told.rows(name), told)
        for cell, text in others:
            _set(cell, text, told, None)
        for _, part, text in self._margins():
            for place in reversed(places(text, "")[0]):
                said = told.text(place.key).replace("&", "&&")  # one stands before a code there
                text = text[: place.start] + said + text[place.end :]
            part.text = text
        if told.values.laid.illustrative:
            for sheet in self.book.worksheets:
                margin = sheet.oddHeader.left
                margin.text = f"{told.values.single('minh_hoa')} {margin.text or ''}".strip()
        self.book.calculation.fullCalcOnLoad = True  # what formulas come to is counted when it is opened
        file = io.BytesIO()
        self.book.save(file)
        return file.getvalue()

    def _fill_list(self, sheet: Worksheet, row: int, lines: list, told: Told) -> None:
        """Repeat a row for each line of a list; what stands below moves down, and formulas with it."""
        if len(lines) > 1:
            self._make_room(sheet, row, len(lines) - 1)
        cells = [cell for cell in sheet[row] if not isinstance(cell, MergedCell)]
        merged = [CellRange(str(area)) for area in sheet.merged_cells.ranges if area.min_row == row == area.max_row]
        for n, line in reversed(list(enumerate(lines))):
            for cell in cells:
                made = sheet.cell(row + n, cell.column)
                if n:
                    made._style = copy(cell._style)
                    made.value = cell.value
                    if cell.data_type == "f" and isinstance(cell.value, str):
                        made.value = Translator(cell.value, cell.coordinate).translate_formula(made.coordinate)
                if cell.data_type != "f" and isinstance(cell.value, str) and "{{" in cell.value:
                    _set(made, cell.value, told, line)
            if n:
                for area in merged:
                    sheet.merge_cells(start_row=row + n, end_row=row + n, start_column=area.min_col,
                                      end_column=area.max_col)  # fmt: skip
                if row in sheet.row_dimensions:
                    sheet.row_dimensions[row + n].height = sheet.row_dimensions[row].height
        if not lines:
            said = told.nothing()
            for cell in cells:
                if cell.data_type != "f" and isinstance(cell.value, str) and "{{" in cell.value:
                    cell.value, said = said or None, ""

    def _make_room(self, sheet: Worksheet, row: int, more: int) -> None:
        """Insert rows under a row, and move all that refers to what lies below: the library moves cells alone."""

        def moved(area: str) -> str:
            parts = (part if ":" in part else f"{part}:{part}" for part in area.split())
            return " ".join(_moved_reference(part, sheet.title, sheet.title, row, more) for part in parts)

        merged = [str(area) for area in sheet.merged_cells.ranges if area.min_row > row]
        for area in merged:
            sheet.merged_cells.remove(CellRange(area))
        sheet.insert_rows(row + 1, more)
        for area in merged:
            sheet.merged_cells.add(CellRange(moved(area)))
        dimensions = {n: sheet.row_dimensions.pop(n) for n in [n for n in sheet.row_dimensions if n > row]}
        for n, old in dimensions.items():
            made = RowDimension(sheet, index=n + more, ht=old.ht, hidden=old.hidden, outlineLevel=old.outlineLevel)
            made._style = copy(old._style)
            sheet.row_dimensions[n + more] = made
        rules = sheet.conditional_formatting
        sheet.conditional_formatting = ConditionalFormattingList()
        for area in rules:
            for rule in area.rules:
                rule.formula = [self._moved(f"={f}", sheet, sheet, row, more)[1:] for f in rule.formula]
                sheet.conditional_formatting.add(moved(str(area.sqref)), rule)
        for rule in sheet.data_validations.dataValidation:
            rule.sqref = MultiCellRange(moved(str(rule.sqref)))
        for table in sheet.tables.values():
            table.ref = moved(table.ref)
            if table.autoFilter is not None:
                table.autoFilter.ref = moved(table.autoFilter.ref)
        if sheet.auto_filter.ref:
            sheet.auto_filter.ref = moved(sheet.auto_filter.ref)
        if sheet.print_area:
            sheet.print_area = [moved(area.rpartition("!")[2]) for area in sheet.print_area.split(",")]
        for stop in sheet.row_breaks.brk:
            stop.id += more if stop.id > row else 0
        self._move_formulas(sheet, row, more)

    def _move_formulas(self, sheet: Worksheet, row: int, more: int) -> None:
        for other in self.book.worksheets:
            for cell in other._cells.values():
                if isinstance(cell.value, ArrayFormula):
                    cell.value.text = self._moved(cell.value.text, sheet, other, row, more)
                    if other is sheet:
                        cell.value.ref = _moved_reference(cell.value.ref, sheet.title, sheet.title, row, more)
                elif cell.data_type == "f" and isinstance(cell.value, str):
                    cell.value = self._moved(cell.value, sheet, other, row, more)
                if not isinstance(cell, MergedCell) and cell.hyperlink is not None:
                    cell.hyperlink.ref = cell.coordinate
            for rule in other.data_validations.dataValidation:
                for name in ("formula1", "formula2"):
                    if formula := getattr(rule, name):
                        setattr(rule, name, self._moved(f"={formula}", sheet, other, row, more)[1:])
            for defined in other.defined_names.values():
                defined.attr_text = self._moved(f"={defined.attr_text}", sheet, other, row, more)[1:]
        for defined in self.book.defined_names.values():
            defined.attr_text = self._moved(f"={defined.attr_text}", sheet, None, row, more)[1:]

    @staticmethod
    def _moved(formula: str, sheet: Worksheet, other: Worksheet | None, row: int, more: int) -> str:
        read = Tokenizer(formula)
        own = other.title if other is not None else ""
        return "=" + "".join(
            _moved_reference(token.value, sheet.title, own, row, more)
            if token.type == Token.OPERAND and token.subtype == Token.RANGE
            else token.value
            for token in read.items
        )


def _moved_reference(reference: str, sheet: str, own: str, row: int, more: int) -> str:
    """Give a reference as it is after rows were inserted under a row of a sheet.

    An area that ends on that row grows, so that a sum over the one row becomes a sum over all.
    """
    found = _REFERENCE.fullmatch(reference)
    if found is None or (found["sheet"] or own).strip("'").replace("''", "'") != sheet:
        return reference
    if found["row2"] is None and found["col"] is None:
        return reference  # a number
    upto = found["row2"] or ""

    def later(number: str, *, last: bool) -> str:
        n = int(number.strip("$"))
        return "$" * number.startswith("$") + str(n + more if n > row or (last and n == row) else n)

    start = f"{found['sheet']}!" if found["sheet"] else ""
    moved = f"{start}{found['col'] or ''}{later(found['row'], last=False)}"
    return f"{moved}:{found['col2'] or ''}{later(upto, last=True)}" if upto else moved


def _set(cell: Cell, text: str, told: Told, line) -> None:
    """Fill a cell: a field alone gives its value as what it is, fields among words give text. Never a formula."""
    alone = ALONE.fullmatch(text)
    if alone:
        value, kind = told.value(alone[1], line)
        if value is not None and (kind != TEXT or isinstance(value, int | Decimal)):
            own = cell.number_format
            cell.value = _number(value, kind)  # a day brings a format of the library's with it
            plain_format = "dd/mm/yyyy" if kind == DAY else FORMATS[kind]
            cell.number_format = plain_format if own in ("General", "@") else own
            return
    for place in reversed(places(text, "")[0]):
        text = text[: place.start] + told.text(place.key, line, aligned=bool(alone)) + text[place.end :]
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST_TEXT]
    cell.data_type = "s"


def _number(value: int | Decimal | date, kind: str) -> int | float | date:
    if isinstance(value, date):
        return value
    return int(value) if kind in (COUNT, MONEY) else float(Decimal(value))
