"""Cost lines as offices keep them, read: a workbook with a sheet for each household (F3), or one flat sheet.

Columns are known by their headings, groups by the rows above their lines, a household by a column, a line above the
headings or the name of its sheet. Formulas count as the values they were saved with; one of dimensions stays as the
note of how the quantity came about. What is wrong is named by sheet, row and cell.
"""

import ast
import io
import operator
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, DecimalException

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation

from gis import costs
from gis.costs import NewLine, NewSheet, Problem, amount_of
from gis.errors import BadParameter, GisError, UnreadableFile
from gis.exchange import headings, sheets, sums
from gis.exchange.headings import Fit, Head, plain
from gis.exchange.remarks import denies
from gis.exchange.sheets import Book, Sheet
from gis.land_use import CODES
from gis.whose import same_name, without_marks
from webmap import entry
from webmap.desk import aside

FIELDS = (
    ("index", r"^(stt|tt|so tt|no)$"),
    ("case", r"ma ho so|so ho so|^ho so$|\bcase\b"),
    ("holder", r"^(ho va ten|ho ten|ten )?(chu (ho|su dung)|nguoi (co dat|su dung)|ho gia dinh)|^ho (va )?ten|holder"),
    ("category", r"^nhom( (chi phi|boi thuong|ho tro|muc|hang muc))*$|loai chi phi|\bcategory\b|\bgroup\b"),
    ("not_compensated", r"ly do khong|khong (duoc )?boi thuong|why nothing|not compensated"),
    ("legal_basis", r"\bcan cu\b|phap ly|legal|basis"),
    ("dimensions", r"kich thuoc|dien giai|cach tinh|dimension"),
    ("quantity", r"so luong|khoi luong|^kl\b|^sl\b|quantity"),
    ("unit_price_vnd", r"don gia|\bgia\b|price"),
    ("coefficient", r"he so|noi suy|coefficient"),
    (
        "support_level",
        r"muc (?:(?:duoc )?(?:ho tro|boi thuong))|(?:ty le|phan tram)(?: phan tram)? (?:duoc )?(?:ho tro|boi thuong)|"
        r"\blevel\b",
    ),
    ("amount_vnd", r"thanh tien|so tien|amount"),
    ("land_use", r"loai dat|ma dat|land (use|type)"),
    ("parcel", r"\bthua\b|\bparcel\b"),
    ("unit", r"^dvt$|^don vi$|don vi tinh|^unit( of measure)?$"),
    ("item", r"noi dung|hang muc|danh muc|ten tai san|\bitem\b"),
    ("note", r"ghi chu|\bnote\b"),
)
"""Headings without diacritics, the telling ones first."""
_WEAR = re.compile(r"hao mon|khau hao|da (?:su dung|hong)|wear|depreciation")
_QUALITY = re.compile(r"chat luong|con lai|quality")
_DONE = (
    r"\bda (?:chi|tra|nhan|ung|tam ung|boi thuong|ho tro|thanh toan)|tam ung|con (?:lai|thieu)|chua|khau tru|chenh lech"
)
_MEASURE = r"dien tich|\bdt\b|\bm2\b|khoi luong|so luong|\bso tien\b|\btien\b"
_NOT = {
    "not_compensated": _MEASURE, "legal_basis": _MEASURE, "parcel": rf"{_MEASURE}|\bthua ke\b|\btong so\b|^so thua$",
    "quantity": rf"{_DONE}|hao mon|chat luong|\bho\b|nhan khau", "amount_vnd": rf"{_DONE}|ty le|phan tram",
    "unit_price_vnd": rf"\bgia (?:tri|dinh|han)\b|(?:danh|tham|tri|quoc) gia\b|ty le|phan tram|{_DONE}",
    "coefficient": rf"su dung dat|\bluong\b|{_WEAR.pattern}|{_QUALITY.pattern}",
    "support_level": _WEAR.pattern, "land_use": _MEASURE,
}  # fmt: skip
"""What says that a heading is of something else, although the word of the field stands in it."""
_RATE = re.compile(rf"ty le|phan tram|he so|\brate\b|{_WEAR.pattern}|chat luong con lai|\bquality\b")
"""A column that may lessen what is paid, and that is none of the fields: counted where its line's amount proves it."""
NONE = "-"
"""The answer that no column is the field which is asked about."""
NEEDED = ("item", "quantity", "unit_price_vnd")
COMPENSATED = (
    ("land", r"^(([ivx]+|\d+) )?((boi thuong )?ve |boi thuong )?(dat|land)\b"),
    ("crops", r"cay|hoa mau|vat nuoi|trees|crops"),
    ("structures", r"tai san|vat kien truc|cong trinh|nha|assets|structures"),
    ("land", r"\bdat\b|\bland\b"),
)
SUPPORTED = (
    ("support_other", r"on dinh (doi song|cuoc song|san xuat)|thue nha|nha tam|tam cu|di chuyen|ho ngheo"),
    ("support_job", r"nghe|dao tao|viec lam|job|training"),
    ("support_crops", r"cay|hoa mau|vat nuoi|trees|crops"),
    ("support_structures", r"tai san|vat kien truc|cong trinh|nha|assets|structures"),
    ("support_other", r""),
)
UNGROUPED = ("wording", "land")
"""What can be said of lines in no group: they count by their wording, or as land."""
_CASE = re.compile(r"(?:mã hồ sơ|hồ sơ|case)\s*(?:số)?\s*:?\s*([\w.-]*\w)", re.IGNORECASE)
_PARCEL = re.compile(r"thửa(?: đất)?(?: số)?\s*:?\s*(?P<number>[\w.-]*\w)", re.IGNORECASE)
_MAP = re.compile(r"tờ(?: bản đồ)?(?: số)?\s*:?\s*(?P<sheet>[\w.-]*\w)", re.IGNORECASE)
_CODE = re.compile(r"\b(?P<code>[A-ZĐ]{3}(?:\+[A-ZĐ]{2,4})*)\b")
_CASE_NAME = re.compile(r"(?:HS|HỒ SƠ|HSO)[\s._-]*\d[\w.-]*", re.IGNORECASE)
_UNPAID = re.compile(
    r"^\s*không (?:được )?(?:bồi thường|hỗ trợ)\b[\s:,.–-]*(?P<why>.*)|^not compensated:?\s*(?P<en>.*)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Cell:
    """What stands in a cell: its text, the formula it comes from, and why it has no value."""

    text: str = ""
    formula: str | None = None
    fault: GisError | None = None


@dataclass
class Read:
    """What a workbook says, and what of it does not."""

    sheets: list[NewSheet] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    letters: dict[str, dict[str, str]] = field(default_factory=dict)
    """By sheet, the column of each field."""
    left_out: list[str] = field(default_factory=list)
    """Sheets that hold no cost lines."""
    rows_left_out: list[tuple[str, str, str]] = field(default_factory=list)
    """Rows that are no lines: where, why (``group``, ``total``, ``heading``, ``above``), and what stands there."""
    notes: list[tuple[str, GisError]] = field(default_factory=list)
    """What to look at that does not stand in the way, with where it is."""
    converted: list = field(default_factory=list)
    refused: set[tuple[str, int]] = field(default_factory=set)
    """Rows that are neither lines nor left out: something stands against them as a whole."""
    present: int = 0
    """Rows in which anything stands, of the sheets that are read."""
    asked: list[tuple[str, int, str]] = field(default_factory=list)
    """Questions about hidden and struck-through rows: name, rows, answer."""
    asked_columns: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Fields that several columns fit, or one may: those columns, with their headings."""
    may_be_none: set[str] = field(default_factory=set)
    """Of those fields, the ones that no column may be."""
    understood: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    """By sheet, which column became which field: letter, heading, field."""
    hidden_sheets: list[str] = field(default_factory=list)
    ungrouped: list[tuple[str, str, str]] = field(default_factory=list)
    """Lines in no group that do not look like land: where, what, and the group they look like."""

    def cell(self, problem: Problem) -> str:
        """Name the cell a problem is about, as in ``D7``."""
        return f"{self.letters.get(problem.sheet, {}).get(problem.field, '')}{problem.row}"

    @property
    def open(self) -> list[str]:
        """The questions that are not answered."""
        return [name for name, _, answer in self.asked if not answer]

    @property
    def lines(self) -> int:
        """How many rows are taken as lines."""
        return sum(len(sheet.lines) for sheet in self.sheets)


def of_workbook(
    given: bytes, codes: Collection[str], name: str = "", answers: Mapping[str, str] | None = None,
    names: Mapping[str, str | None] | None = None,
) -> Read:  # fmt: skip
    """Read an XLSX file, or cells as text.

    Parameters
    ----------
    given : bytes
    codes : collection of str
        Of the cases of the project.
    name : str
        Of the file.
    answers : mapping of str to str, optional
        To what an earlier reading asked.
    names : mapping of str to str, optional
        Of the holders, by code.

    Raises
    ------
    UnreadableFile
    """
    return read(sheets.of_file(given, name), codes, answers, names)


def of_text(text: str, codes: Collection[str], names: Mapping[str, str | None] | None = None) -> Read:
    """Read cells pasted from a spreadsheet: one flat sheet."""
    return read(sheets.of_text(text), codes, names=names)


def read(
    book: Book, codes: Collection[str], answers: Mapping[str, str] | None = None,
    names: Mapping[str, str | None] | None = None,
) -> Read:  # fmt: skip
    """Read all sheets of a book that hold cost lines.

    `answers` say whether rows that are hidden (``hidden-rows``) or struck through (``struck-rows``) are to ``take`` or
    to ``leave``, which of several columns a field is (``pick-quantity``: its place), and what lines in no group are
    (``ungrouped``). A name beside a code is compared with that of its holder in `names`.

    Raises
    ------
    UnreadableFile
        When no sheet has the headings of cost lines.
    """
    made, known, answers = Read(), {code.casefold(): code for code in codes}, answers or {}
    picked = {
        int(place): name.removeprefix("pick-") for name, place in answers.items()
        if name.startswith("pick-") and place.isdecimal() and len(place) < 4
    }  # fmt: skip
    summary, taken = False, []
    for sheet in book.sheets:
        head = None if sheet.hidden or not sheet.rows else headings.find(sheet, _fits, NEEDED)
        if head is None or not set(NEEDED) <= {*head.fields.values(), *head.asked}:
            summary = summary or _is_summary(sheet)
            if sheet.rows and sheet.hidden:
                made.hidden_sheets.append(sheet.name)
            elif not sheet.hidden:
                made.left_out.append(sheet.name)
            continue
        for name, columns in head.asked.items():
            made.asked_columns.setdefault(name, [(one.place, one.heading) for one in columns])
        if picked:
            headings.assign(head, NEEDED, {place: name for place, name in picked.items() if place < len(head.columns)})
        taken.append(sheet)
        made.letters[sheet.name] = {
            column.field: sheets.column_letter(column.place) for column in head.columns if column.field
        }  # fmt: skip
        made.understood[sheet.name] = [
            (sheets.column_letter(column.place), column.heading, column.field)
            for column in head.columns if column.field
        ]  # fmt: skip
        made.converted += sheet.converted
        _Sheet(made, sheet, head, known, answers, names or {}).read()
    made.asked = aside.asked(taken, answers)
    if made.ungrouped:
        said = answers.get("ungrouped", "")
        made.asked.append(("ungrouped", len(made.ungrouped), said if said in UNGROUPED else ""))
    if not made.letters and summary:
        raise UnreadableFile(
            "This is a summary of costs by household (F2) without their lines: send the sheets of the households (F3), "
            "or fill in the empty sheet that this page offers."
        )  # fmt: skip
    if not made.letters:
        sheets.refuse_blanks(book)
        raise UnreadableFile("No row with headings was found. The first row names the columns, such as %(example)s.",
                             example="Mã hồ sơ, Nội dung, ĐVT, Số lượng, Đơn giá")  # fmt: skip
    return made


def of_sheets(given: list[NewSheet]) -> Read:
    """Give sheets that were read before, to be shown once more."""
    return Read(list(given), present=sum(len(sheet.lines) for sheet in given))


TEMPLATE = (
    ("Mã hồ sơ", 14), ("Nhóm", 20), ("Nội dung", 44), ("ĐVT", 8), ("Số lượng", 12), ("Đơn giá (đồng)", 16),
    ("Hệ số nội suy", 10), ("Mức hỗ trợ", 10), ("Thành tiền (đồng)", 18), ("Căn cứ pháp lý", 30),
    ("Lý do không bồi thường", 30),
)  # fmt: skip
GROUPS = ("Đất", "Tài sản, vật kiến trúc", "Cây trồng, vật nuôi", "Hỗ trợ đào tạo nghề", "Hỗ trợ tài sản",
          "Hỗ trợ cây trồng", "Hỗ trợ khác")  # fmt: skip


def template(codes: Collection[str]) -> io.BytesIO:
    """Make the empty sheet that is read back: a row of headings, lists of the cases and of the groups."""
    book = Workbook()
    sheet, lists = book.active, book.create_sheet("Danh mục")
    sheet.title = "Chi tiết"
    for n, (heading, width) in enumerate(TEMPLATE, 1):
        cell = sheet.cell(1, n, heading)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[cell.column_letter].width = width
    for column, listed in ((1, list(codes)), (2, GROUPS)):
        for row, text in enumerate(listed, 1):
            lists.cell(row, column, text).data_type = "s"
        letter = "AB"[column - 1]
        rule = DataValidation("list", f"'{lists.title}'!${letter}$1:${letter}${max(len(listed), 1)}", allow_blank=True)
        rule.showErrorMessage = False
        rule.add(f"{letter}2:{letter}2001")
        sheet.add_data_validation(rule)
    sheet.freeze_panes = "A2"
    lists.sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def _fits(lowest: str, whole: str) -> list[Fit]:
    for said, more in ((lowest, 20), (whole, 0)):
        found = [
            Fit(name, more + len(FIELDS) - n)
            for n, (name, pattern) in enumerate(FIELDS)
            if said and len(said) < 60 and re.search(pattern, said) and not re.search(_NOT.get(name, "$^"), whole)
        ]
        if found:
            return found[:1]
    return []


def _is_summary(sheet: Sheet) -> bool:
    """Tell the summary by household: sums of groups in columns, no quantities."""
    said = {plain(cell) for row in sheet.rows[:15] for cell in row if cell}
    groups = sum(
        any(re.search(word, text) for text in said) for word in (r"\bve dat|^dat$|tien dat", r"tai san|nha", r"cay")
    )
    return groups >= 2 and any(re.search(r"ho (va )?ten|chu (su dung|ho)", text) for text in said)


class _Sheet:
    """One sheet as it is read, from its headings down."""

    def __init__(self, made: Read, sheet: Sheet, head: Head, known: dict[str, str], answers, names):
        self.made, self.sheet, self.head, self.known, self.answers = made, sheet, head, known, answers
        self.names: Mapping[str, str | None] = names
        self.name, self.columns = sheet.name, {name: place for place, name in head.fields.items()}
        self.supported, self.category, self.grouped = False, "land", False
        self.lines: dict[str, list[NewLine]] = {}
        self.first: dict[str, int] = {}
        self.sums = sums.Down()
        self.seen: dict[tuple, int] = {}
        """Of lines, the row where they stand first."""
        self.said: dict[int, str] = {}
        """Of rows that state a sum, their words."""
        self.rates = [
            column for column in head.columns
            if not column.field and column.heading and _RATE.search(plain(column.heading))
        ]  # fmt: skip
        """Columns that may lessen what is paid."""
        for column in head.columns:  # chosen: shown chosen
            if column.field in ("coefficient", "support_level") and not column.fits:
                made.asked_columns.setdefault(column.field, []).append((column.place, column.heading))
                made.may_be_none.add(column.field)
        self.proven: dict[int, list[int]] = {}
        """Of such columns, the rows whose amount proves that it is counted."""
        self.unproven: dict[int, list[int]] = {}
        """Of such columns, the rows that have no amount to tell."""
        self.factors = {name: self._factor(name) for name in ("unit_price_vnd", "amount_vnd")}

    def _factor(self, name: str) -> Decimal | None:
        """Give what a column of money is to be multiplied by; None where its heading and the lines around it differ."""
        if name not in self.columns:
            return Decimal(1)
        heading, number = self.head.columns[self.columns[name]].heading, self.sheet.numbers[self.head.bottom]
        try:
            around = headings.stated_around(self.sheet.rows, self.head.top, self.head.bottom, "money")
            unit, differing = headings.meant(heading, around, "money")
        except BadParameter as error:
            self._against(number, name, error)
            return None
        if differing:
            self._against(number, name, BadParameter(
                "“%(heading)s” and the lines around the table name different units: %(units)s. Leave the right one.",
                parameter=name, heading=heading, units=", ".join(one.name for one in differing)))  # fmt: skip
            return None
        if unit and unit.factor != 1:
            self.made.notes.append(
                (
                    self.name,
                    BadParameter(
                        "“%(heading)s” is in %(unit)s: the amounts below are in đồng.", heading=heading, unit=unit.name
                    ),
                )
            )
        return unit.factor if unit else Decimal(1)

    def read(self) -> None:
        own, sheet = self._own_case(), self.sheet
        self.made.present += len(sheet.rows)
        for name, columns in self.head.asked.items():
            self._against(
                sheet.numbers[self.head.bottom],
                name,
                BadParameter(
                    "Several columns could be this one: %(columns)s. Choose one.",
                    parameter=name,
                    columns=", ".join(f"{sheets.column_letter(one.place)} “{one.heading}”" for one in columns),
                ),
            )
        for column in self.head.columns:
            if not column.field and column.heading and any(row[column.place] for row in sheet.rows[self.head.bottom :]):
                self.made.notes.append((f"{self.name}!{sheets.column_letter(column.place)}", BadParameter(
                    "Column “%(heading)s” is not taken.", heading=column.heading)))  # fmt: skip
            elif column.field and column.place in sheet.hidden_columns:
                self.made.notes.append((f"{self.name}!{sheets.column_letter(column.place)}", BadParameter(
                    "Column “%(heading)s” is hidden in the file and taken.", heading=column.heading)))  # fmt: skip
        nameless, longer = headings.beyond(sheet, self.head)
        for column in () if sheet.delimiter else nameless:
            self.made.notes.append((f"{self.name}!{sheets.column_letter(column.place)}", BadParameter(
                "Column “%(heading)s” is not taken.", heading="–")))  # fmt: skip
        beside, second = aside.places(sheet), None
        for place, row in enumerate(sheet.rows):
            number = sheet.numbers[place]
            if place <= self.head.bottom or headings.repeats(row, self.head, sheet.rows):
                self._leave(number, "above" if place < self.head.top else "heading", row)
                continue
            if second is None and headings.begins_anew(row, self.head, _fits):
                second = number
            if second is not None:
                self._against(number, "item", headings.another_table(second, "item"))
                self.made.refused.add((self.name, number))
                continue
            answer = aside.answer(self.answers, beside.get(place, ""))
            if answer == "leave":
                self._leave(number, "hidden" if beside[place] == "hidden-rows" else "struck", row)
                continue
            cells = dict.fromkeys(NEEDED, Cell())
            cells |= {name: self._cell(place, column) for name, column in self.columns.items()}
            if place in beside and not answer:
                self._against(number, "item", aside.open_row(beside[place]))
            self._tell_struck(place, number)
            if place in longer:
                self._against(number, "item", longer[place])
            elif (place, 0) in sheet.faults and sheet.faults[place, 0].parameter == "row":
                self._against(number, "item", sheet.faults[place, 0])
            total = self._says_total(row, cells)
            if total is None and self._is_line(cells):
                self._line(number, cells, own)
                self._tell_remarks(number, row, cells)
            elif not any(cell.text or cell.formula for cell in cells.values()):
                self._leave(number, "remark", row)
            else:
                self._group(number, cells, row, total)
        self._ask_of_rates()
        self._compare_sums()
        for case, lines in self.lines.items():
            self.made.sheets.append(NewSheet(case, tuple(lines), self.name, self.first[case]))

    def _tell_struck(self, place: int, number: int) -> None:
        """Tell of cells that are struck through in a row that is not as a whole: they are taken."""
        struck = [] if place in self.sheet.struck_rows else [
            column for column in sorted(self.columns.values()) if (place, column) in self.sheet.struck
        ]  # fmt: skip
        self.made.notes += [
            (f"{self.name}!{sheets.column_letter(column)}{number}", BadParameter(
                "“%(value)s” is struck through in the file and taken: see whether it still holds.",
                value=self.sheet.rows[place][column][:80]))
            for column in struck
        ]  # fmt: skip

    def _tell_remarks(self, number: int, row, cells: dict[str, Cell]) -> None:
        """Tell of remarks beside a line that is taken by which it does not count, or not yet: *bỏ*, *chờ xác minh*."""
        beside = [row[column.place] for column in self.head.columns if not column.field]
        note = cells["note"].text if "note" in cells else ""
        beside += [] if _UNPAID.match(note) else [note]
        self.made.notes += [
            (f"{self.name}!{number}", BadParameter(
                "The line is taken, and “%(said)s” stands beside it: see whether it counts.", said=said[:80]))
            for said in beside if denies(said)
        ]  # fmt: skip

    def _cell(self, place: int, column: int) -> Cell:
        formula, fault = self.sheet.formulas.get((place, column)), self.sheet.faults.get((place, column))
        text = "" if fault and fault.parameter == "cell" else self.sheet.rows[place][column]
        return Cell(text, formula, fault)

    def _leave(self, number: int, why: str, row) -> None:
        text = " · ".join(cell for cell in row if cell)
        self.made.rows_left_out.append((f"{self.name}!{number}", why, " ".join(text.split())[:120]))

    def _own_case(self) -> str | None:
        """Give the case that the whole sheet is about: by a line above the headings, else by its name."""
        for row in self.sheet.rows[: self.head.top]:
            for cell in row:
                met = _CASE.search(cell)
                if met and met[1].casefold() in self.known:
                    return self.known[met[1].casefold()]
        return self.known.get(re.sub(r" \(\d+\)$", "", self.name).casefold())

    @staticmethod
    def _is_line(cells: dict[str, Cell]) -> bool:
        numbers = [cells[name] for name in ("quantity", "unit_price_vnd")]
        if any(cell.text or cell.formula or cell.fault for cell in numbers):
            return True
        said = [name for name in ("unit", "not_compensated") if name in cells and cells[name].text]
        return bool(said or ("note" in cells and _UNPAID.match(cells["note"].text)))

    def _says_total(self, row, cells: dict[str, Cell]) -> str | None:
        """Give what a row of a total says; a line of a price is none, whatever its words."""
        if cells["unit_price_vnd"].text or cells["unit_price_vnd"].formula:
            return None
        beside = [cell for place, cell in enumerate(row) if place != self.columns.get("case")]
        words = next((cell for cell in self._words(row) if not _MARK.fullmatch(cell)), "")
        return headings.total_of(beside) or (words if headings.begins_total(words) else None)

    @staticmethod
    def _words(row) -> list[str]:
        return [cell for cell in row if cell and not re.fullmatch(r"[\d.,\s%=]+", cell)]

    def _group(self, number: int, cells: dict[str, Cell], row, total: str | None) -> None:
        """Read a row that is no line: the beginning of a group, or a total; what either states is compared."""
        texts = self._words(row)
        if total is None and self._names_only(number, cells, row):
            return
        said = next((cell for cell in texts if not _MARK.fullmatch(cell)), "")
        words = None if total else sums.in_words(row)
        if words is not None:
            self._leave(number, "remark", row)
            self.sums.state(number, words)
            return
        if any(costs.ROUNDING.search(cell) for cell in texts):
            self._rounding(number, cells, row, said)
            return
        amount = self._sum_stated(number, cells, row, of_total=total is not None)
        self._leave(number, "total" if total else "group", row)
        if amount is None:
            self.sums.group()
        else:
            self.said[number] = cells["item"].text or said
            self.sums.state(number, amount, of_group=total is None)
        if total:
            if (words := sums.in_words(row)) is not None:
                self.sums.state(number, words)
            return
        bare = plain(" ".join(texts))
        words = re.sub(r"^((?:[ivx]+|[a-z]|\d+(?: \d+)*) )+", "", bare)
        if re.search(r"^boi thuong\b|^compensation", words) and not _named(COMPENSATED, words):
            self.supported, self.category = False, "land"
        elif re.search(r"^(cac khoan )?(ho tro|support)$", words):
            self.supported, self.category = True, "support_other"
        elif words:
            if re.match(r"(cac khoan )?ho tro\b|support\b", words):
                self.supported = True
            elif re.match(r"boi thuong\b|compensation\b", words):
                self.supported = False
            found = _named(SUPPORTED if self.supported else COMPENSATED, words)
            if found is None:
                self.made.notes.append(
                    (
                        f"{self.name}!{number}",
                        BadParameter(
                            "“%(value)s” names no group: the lines below count with those above.", value=said[:80]
                        ),
                    )
                )
            self.category = found or self.category
            self.grouped = self.grouped or found is not None

    def _rounding(self, number: int, cells: dict[str, Cell], row, said: str) -> None:
        """Leave out the rounding of a sum, and tell what it is beside the lines: no line, or it would be paid twice."""
        self._leave(number, "rounding", row)
        stated = self._sum_stated(number, cells, row, of_total=True)
        counted, section = sum(self.sums.values, Decimal(0)), self.sums.so_far()
        said = {"value": said[:80], "stated": "–" if stated is None else entry.shown(stated)}
        if stated is not None and section != counted and abs(stated - section) * 100 <= section:
            note = BadParameter(
                "“%(value)s” says %(stated)s and is no cost line; the lines of its section come to %(section)s, all "
                "lines before it to %(counted)s. What is approved is what the act of the plan says.",
                **said, section=entry.shown(section), counted=entry.shown(counted),
            )  # fmt: skip
        else:
            note = BadParameter(
                "“%(value)s” says %(stated)s and is no cost line; the lines before it come to %(counted)s. What is "
                "approved is what the act of the plan says.", **said, counted=entry.shown(counted),
            )  # fmt: skip
        self.made.notes.append((f"{self.name}!{number}", note))

    def _names_only(self, number: int, cells: dict[str, Cell], row) -> bool:
        """Leave out a row that names a case or a holder and nothing to pay, and tell of it."""
        named = [cells[name].text for name in ("case", "holder") if name in cells and cells[name].text]
        apart = {"case", "holder", "index"}
        if not named or any(cell.text or cell.formula for name, cell in cells.items() if name not in apart):
            return False
        self._leave(number, "remark", row)
        self.sums.group()
        self.made.notes.append((f"{self.name}!{number}", BadParameter(
            "The row names %(value)s and has neither item nor amount: nothing of it is taken.",
            value=" · ".join(named)[:80])))  # fmt: skip
        return True

    def _sum_stated(self, number: int, cells: dict[str, Cell], row, *, of_total: bool) -> Decimal | None:
        cell = cells.get("amount_vnd", Cell())
        if of_total and not (cell.text or cell.formula):
            cell = Cell(sums.stated_in(row, None, "money") or "")
        try:
            return self._money("amount_vnd", cell)
        except GisError as error:
            if not of_total:
                self._against(number, "amount_vnd", error)
            return None

    def _compare_sums(self) -> None:
        """Tell totals that differ from their lines; refuse an amount that is of no lines.

        It is owed to somebody: left out as a heading it would be missing.
        """
        for one in self.sums.differing(rounded_to=1000):
            if not one.of_group:
                self.made.notes.append((f"{self.name}!{one.row}", BadParameter(
                    "The total is %(stated)s, the lines come to %(counted)s.", parameter="amount_vnd",
                    stated=entry.shown(one.stated), counted=entry.shown(one.counted))))  # fmt: skip
                continue
            self.made.refused.add((self.name, one.row))
            place = f"{self.name}!{one.row}"
            self.made.rows_left_out = [left for left in self.made.rows_left_out if left[0] != place]
            if not one.rows:
                self._against(one.row, "quantity", BadParameter(
                    "“%(value)s” has an amount, but no quantity and no unit price: write 1 and the amount, and whose "
                    "it is.",
                    parameter="quantity", value=self.said[one.row][:80]))  # fmt: skip
            else:
                self._against(one.row, "amount_vnd", BadParameter(
                    "“%(value)s” says %(stated)s, the lines below it come to %(counted)s. If it is a line of its own, "
                    "write quantity 1 and the amount as its price; if it is the sum of those lines, put it right.",
                    parameter="amount_vnd", value=self.said[one.row][:80], stated=entry.shown(one.stated),
                    counted=entry.shown(one.counted)))  # fmt: skip

    def _against(self, row: int, name: str, error: GisError) -> None:
        self.made.problems.append(Problem(self.name, row, name, error))

    def _line(self, number: int, cells: dict[str, Cell], own: str | None) -> None:
        said = cells["case"].text if "case" in cells else ""
        case = self.known.get(said.casefold(), said) if said else own or ""
        if not case and ("case" in cells or case not in self.lines):  # of a sheet without the column told once
            named = _CASE_NAME.fullmatch(self.name.strip())
            self._against(number, "case", BadParameter(
                "The sheet is named “%(sheet)s”, and this project has no such case: name it after the case that it is "
                "about.", parameter="case", sheet=self.name[:60]) if named else BadParameter(
                "The cell of the case is empty: write the code in every line. Below a merged cell it stands in the "
                "first line alone.", parameter="case") if "case" in cells else BadParameter(
                "It does not say whose line this is: give a column “Mã hồ sơ”, or name the sheet after the case.",
                parameter="case"))  # fmt: skip
        self._compare_name(number, case, cells["holder"].text if "holder" in cells else "")
        numbers = self._numbers(number, cells)
        self._count_rate(number, numbers)
        texts = {
            name: cells[name].text or None
            for name in ("unit", "legal_basis", "not_compensated", "dimensions", "parcel", "land_use")
            if name in cells
        }
        item = cells["item"].text
        note = cells["note"].text if "note" in cells else ""
        if (met := _UNPAID.match(note)) and not texts.get("not_compensated"):
            texts["not_compensated"] = (met["why"] or met["en"] or "").strip() or note.strip()
        elif note and not texts.get("dimensions"):
            texts["dimensions"] = note
        if _of_dimensions(cells["quantity"].formula if "quantity" in cells else None):
            texts["dimensions"] = cells["quantity"].formula[1:]
        category = self._category(cells)
        if not self.grouped and not ("category" in cells and cells["category"].text):
            looks_like = _by_wording(item)
            if looks_like != "land":
                self.made.ungrouped.append((f"{self.name}!{number}", item, looks_like or "land"))
                category = looks_like or "land" if self.answers.get("ungrouped") == "wording" else "land"
        if category == "land":
            texts = {**_land_named(item), **{name: value for name, value in texts.items() if value}}
        for name in ("coefficient", "support_level"):
            numbers[name] = Decimal(1) if numbers[name] is None else numbers[name]
        self.first.setdefault(case, number)
        same = (case, category, item, *(numbers[name] for name in ("quantity", "unit_price_vnd", "amount_vnd")))
        if self.seen.setdefault(same, number) != number:
            self.made.notes.append((f"{self.name}!{number}", BadParameter(
                "“%(value)s” stands in row %(row)s with the same numbers: see whether it is there twice.",
                value=item[:80], row=self.seen[same])))  # fmt: skip
        line = NewLine(category, item, row=number, **numbers, **texts)
        self.lines.setdefault(case, []).append(line)
        self.sums.add(amount_of(line) if line.amount_vnd is None else line.amount_vnd)

    def _compare_name(self, number: int, case: str, said: str) -> None:
        """Tell of a name that is not that of the case's holder."""
        name = self.names.get(case)
        if said and name and without_marks(same_name(said)) != without_marks(same_name(name)):
            self.made.notes.append((f"{self.name}!{number}", BadParameter(
                "The row says “%(value)s”, and case %(case)s is of %(name)s: see which is right.",
                value=said[:80], case=case, name=name)))  # fmt: skip

    def _category(self, cells: dict[str, Cell]) -> str:
        said = plain(cells["category"].text) if "category" in cells else ""
        if not said:
            return self.category
        known = [name for name, _ in (*COMPENSATED, *SUPPORTED)]
        if said.replace(" ", "_") in known:
            return said.replace(" ", "_")
        groups = SUPPORTED if re.search(r"ho tro|support", said) else COMPENSATED
        return next((name for name, pattern in groups if re.search(pattern, said)), cells["category"].text)

    def _numbers(self, row: int, cells: dict[str, Cell]) -> dict[str, Decimal | None]:
        """Read the numbers of a line; one that could be meant in two ways is the one that its amount comes of."""
        numbers: dict[str, Decimal | None] = {}
        unsure: dict[str, GisError] = {}
        for name in ("quantity", "coefficient", "support_level", "unit_price_vnd", "amount_vnd"):
            numbers[name] = None
            if name not in cells:
                continue
            money = name in self.factors
            try:
                numbers[name] = self._money(name, cells[name]) if money else self._number(name, cells[name])
            except GisError as error:
                if _TWO_WAYS.fullmatch(cells[name].text) and not money:
                    unsure[name] = error
                else:
                    self._against(row, name, error)
        if len(unsure) == 1:
            ((name, error),) = unsure.items()
            fitting = [value for value in _both(cells[name].text) if _comes_to({**numbers, name: value})]
            if len(fitting) == 1:
                numbers[name] = fitting[0]
                self.made.notes.append((f"{self.name}!{row}", BadParameter(
                    "“%(value)s” is read as %(number)s: so the amount says.", value=cells[name].text,
                    number=entry.shown(fitting[0]))))  # fmt: skip
                unsure = {}
        for name, error in unsure.items():
            self._against(row, name, error)
        return numbers

    def _count_rate(self, number: int, numbers: dict[str, Decimal | None]) -> None:
        """Count a rate of a column of no field, where the amount of the line comes of it and not without it."""
        for column in self.rates:
            text = self.sheet.rows[self.sheet.numbers.index(number)][column.place]
            name, share = _meant_as(column.heading), _share(text, column.heading)
            if share is None or share == 1:
                continue
            if numbers["amount_vnd"] is None:
                self.unproven.setdefault(column.place, []).append(number)
            elif not _comes_to(numbers) and _comes_to({**numbers, name: (numbers[name] or Decimal(1)) * share}):
                numbers[name] = (numbers[name] or Decimal(1)) * share
                self.proven.setdefault(column.place, []).append(number)

    def _ask_of_rates(self) -> None:
        """Tell which rates are counted, and ask about those that no amount tells of."""
        for column in self.rates:
            where = f"{self.name}!{sheets.column_letter(column.place)}"
            name = _meant_as(column.heading)
            if rows := self.proven.get(column.place):
                self.made.notes.append((where, BadParameter(
                    "“%(heading)s” lessens what is paid in %(count)s rows: so their amounts say.",
                    heading=column.heading, count=len(rows))))  # fmt: skip
            if not (rows := self.unproven.get(column.place)):
                continue
            if name not in self.columns:
                self.made.asked_columns.setdefault(name, []).append((column.place, column.heading))
                self.made.may_be_none.add(name)
            if self.answers.get(f"pick-{name}") != NONE:
                self._against(rows[0], name, BadParameter(
                    "“%(heading)s” may lessen what is paid, and the line has no amount to tell: choose below whether "
                    "it counts, or give the column “Thành tiền”.", parameter=name, heading=column.heading))  # fmt: skip

    def _money(self, name: str, cell: Cell) -> Decimal | None:
        """Read an amount in đồng: a column may be in nghìn đồng, a cell may name its unit."""
        if cell.fault:
            if name == "amount_vnd" and not cell.text and cell.formula:
                return None  # counted anew
            value = _counted(cell.formula) if cell.formula and cell.fault.parameter == "cell" else None
            if value is None:
                raise cell.fault
            text = sheets.written(value)
        else:
            text = cell.text
        bare, unit = headings.number_and_unit(text, "money")
        factor = unit.factor if unit else self.factors[name]
        if not bare.strip() or bare.strip() in "-–":
            return None
        if factor is None:
            return None
        if name == "amount_vnd" and cell.formula:  # a program counted it, to parts of a đồng
            return (entry.decimal(name, bare, 6) * factor).quantize(Decimal(1))
        made = entry.amount_in(name, bare, factor)
        return None if made is None else Decimal(made)

    def _number(self, name: str, cell: Cell) -> Decimal | None:
        text = cell.text
        if cell.fault:
            value = _counted(cell.formula) if cell.formula and cell.fault.parameter == "cell" else None
            if value is None:
                raise cell.fault
            text = sheets.written(value)
        if not text or text in "-–":
            return None
        share = text.endswith("%")
        number = entry.decimal(name, text.removesuffix("%"), 6)
        if number is None:
            return None
        heading = self.head.columns[self.columns[name]].heading
        if not share and name in ("support_level", "coefficient") and "%" in heading:
            if 0 < number <= 1:
                raise BadParameter(
                    "“%(value)s” stands below “%(heading)s”: write it with its sign, %(of_one)s %% or %(itself)s %%.",
                    parameter=name, value=text, heading=heading, of_one=_short(number * 100), itself=_short(number),
                )  # fmt: skip
            share = True
        number = number / (100 if share else 1)
        return 1 - number if name in ("coefficient", "support_level") and _WEAR.search(plain(heading)) else number


def _meant_as(heading: str) -> str:
    """Tell which field a rate may be: what is left of a thing after its wear multiplies its price."""
    said = plain(heading)
    return "coefficient" if _WEAR.search(said) or _QUALITY.search(said) or "he so" in said else "support_level"


def _share(text: str, heading: str) -> Decimal | None:
    """Read a rate as the share that is paid, of 1; None for none, and where it may be meant in two ways."""
    try:
        number = entry.decimal("coefficient", text.strip().removesuffix("%"), 6)
    except GisError:
        return None
    if number is None or not 0 <= number <= 100:
        return None
    if text.strip().endswith("%") or number > 1:
        number /= 100
    return 1 - number if _WEAR.search(plain(heading)) else number


def _short(number: Decimal) -> str:
    return entry.shown(Decimal(f"{number.normalize():f}"))


_MARK = re.compile(r"(?:[IVXivx]+|[A-ZĐa-zđ]|\d+(?:\.\d+)*)[.)]?")
_TWO_WAYS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


def _named(groups, words: str) -> str | None:
    return next((name for name, pattern in groups if re.search(pattern, words)), None)


_WORDING = (
    ("land", r"^(boi thuong )?(ve )?dat\b"),
    ("support_job", r"^ho tro(?!.*on dinh).*(nghe|viec lam)"),
    ("support_other", r"^ho tro|di chuyen|thue nha|tam cu"),
    ("crops", r"^(bui |khom )?cay\b|\b(rau|lua|ngo|sac|hoa mau|vat nuoi|chuoi|tre|ca giong)\b"),
    (
        "structures",
        r"\b(nha|san|cong|tuong|mong|be tong|mai|be|gieng|ke|mo|ma|rao|chuong|bep|ve sinh|gach|tru|cot|cong trinh|"
        r"tai san|mai che|duong be tong|ong nuoc|dien)\b(?! nghia vu)",
    ),
)


def _by_wording(item: str) -> str | None:
    """Tell what a line of a sheet without groups looks like; None for nothing known."""
    said = plain(item)
    return next((name for name, pattern in _WORDING if re.search(pattern, said)), None)


def _both(text: str) -> tuple[Decimal, Decimal]:
    whole, rest = re.split("[.,]", text)
    return Decimal(f"{whole}{rest}"), Decimal(f"{whole}.{rest}")


def _comes_to(numbers: dict[str, Decimal | None]) -> bool:
    """Tell whether the numbers of a line come to its amount, to the đồng."""
    if None in (numbers["quantity"], numbers["unit_price_vnd"], numbers["amount_vnd"]):
        return False
    given = {name: Decimal(1) if value is None else value for name, value in numbers.items()}
    counted = amount_of(replace(NewLine("land", "x"), **given | {"amount_vnd": None}))
    return abs(counted - given["amount_vnd"]) <= 1


def _land_named(item: str) -> dict[str, str]:
    """Find the parcel and the land type in the wording of a land line: *Đất ONT, thửa 85, tờ bản đồ số 5*."""
    number, on_map, code = _PARCEL.search(item), _MAP.search(item), _CODE.search(item)
    found = {"parcel": f"{on_map['sheet']}/{number['number']}"} if number and on_map else {}
    known = code and not item.isupper() and CODES.issuperset(code["code"].split("+"))
    return found | ({"land_use": code["code"]} if known else {})


# Dimensions.

_SIGNS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def _of_dimensions(formula: str | None) -> bool:
    return bool(formula and re.search(r"\d", formula) and re.search(r"[-+*/^]", formula) and len(formula) <= 300)


def _counted(formula: str) -> Decimal | None:
    """Count a formula of nothing but numbers, + - * / and brackets; None for any other."""
    if len(formula) > 300 or not re.fullmatch(r"=[\d\s.+\-*/()]+", formula):
        return None
    try:
        return _value(ast.parse(formula[1:].strip(), mode="eval").body).quantize(Decimal("0.000001"))
    except (SyntaxError, ValueError, DecimalException, RecursionError):
        return None


def _value(node) -> Decimal:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Decimal(str(node.value))
    if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        return _SIGNS[type(node.op)](_value(node.left), _value(node.right))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    raise ValueError
