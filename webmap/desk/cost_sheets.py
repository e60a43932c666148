"""Cost lines as offices keep them, read: a workbook with a sheet for each household (F3), or one flat sheet.

Columns are known by their headings, groups by the rows above their lines, a household by a column, a line above the
headings or the name of its sheet. Formulas count as the values they were saved with; one of dimensions stays as the
note of how the quantity came about. What is wrong is named by sheet, row and cell.
"""

import ast
import io
import operator
import re
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, DecimalException
from itertools import islice, zip_longest

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from gis.costs import NewLine, NewSheet, Problem
from gis.errors import BadParameter, GisError, UnreadableFile
from webmap import entry, sheets
from webmap.desk.pasting import plain

FIELDS = (
    ("index", r"^(stt|tt|so tt|no)$"),
    ("case", r"ma ho so|so ho so|^ho so$|\bcase\b"),
    ("category", r"^nhom|loai chi phi|\bcategory\b|\bgroup\b"),
    ("not_compensated", r"ly do khong|khong (duoc )?boi thuong|why nothing|not compensated"),
    ("legal_basis", r"can cu|phap ly|legal|basis"),
    ("dimensions", r"kich thuoc|dien giai|cach tinh|dimension"),
    ("quantity", r"so luong|khoi luong|quantity"),
    ("unit_price_vnd", r"don gia|price"),
    ("coefficient", r"he so|noi suy|coefficient"),
    ("support_level", r"muc (ho tro|boi thuong)|ty le|level"),
    ("amount_vnd", r"thanh tien|so tien|amount"),
    ("land_use", r"loai dat|ma dat|land (use|type)"),
    ("parcel", r"\bthua\b|\bparcel\b"),
    ("unit", r"^dvt$|don vi|^unit( of measure)?$"),
    ("item", r"noi dung|hang muc|danh muc|ten tai san|\bitem\b"),
    ("note", r"ghi chu|\bnote\b"),
)
"""Headings without diacritics, the telling ones first."""
NEEDED = ("item", "quantity", "unit_price_vnd")
COMPENSATED = (
    ("land", r"^(([ivx]+|\d+) )?((boi thuong )?ve |boi thuong )?(dat|land)\b"),
    ("crops", r"cay|hoa mau|vat nuoi|trees|crops"),
    ("structures", r"tai san|vat kien truc|cong trinh|nha|assets|structures"),
    ("land", r"\bdat\b|\bland\b"),
)
SUPPORTED = (
    ("support_job", r"nghe|dao tao|viec lam|on dinh|job|training"),
    ("support_crops", r"cay|hoa mau|vat nuoi|trees|crops"),
    ("support_structures", r"tai san|vat kien truc|cong trinh|nha|assets|structures"),
    ("support_other", r""),
)
LOOKED_AT = 30
"""Rows among which the headings are looked for."""
_CASE = re.compile(r"(?:mã hồ sơ|hồ sơ|case)\s*(?:số)?\s*:?\s*([\w.-]*\w)", re.IGNORECASE)
_PARCEL = re.compile(r"thửa(?: đất)?(?: số)?\s*:?\s*(?P<number>[\w.-]*\w)", re.IGNORECASE)
_MAP = re.compile(r"tờ(?: bản đồ)?(?: số)?\s*:?\s*(?P<sheet>[\w.-]*\w)", re.IGNORECASE)
_CODE = re.compile(r"\b(?P<code>[A-ZĐ]{3}(?:\+[A-ZĐ]{2,4})*)\b")
_UNPAID = re.compile(
    r"^\s*không (?:được )?(?:bồi thường|hỗ trợ)\b[\s:,.–-]*(?P<why>.*)|^not compensated:?\s*(?P<en>.*)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Cell:
    """What stands in a cell: its value, and the formula it comes from."""

    value: object = None
    formula: str | None = None

    @property
    def text(self) -> str:
        return sheets.written(self.value).strip()


@dataclass
class Read:
    """What a workbook says, and what of it does not."""

    sheets: list[NewSheet] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    letters: dict[str, dict[str, str]] = field(default_factory=dict)
    """By sheet, the column of each field."""
    left_out: list[str] = field(default_factory=list)
    """Sheets that hold no cost lines."""

    def cell(self, problem: Problem) -> str:
        """Name the cell a problem is about, as in ``D7``."""
        return f"{self.letters.get(problem.sheet, {}).get(problem.field, '')}{problem.row}"


def of_workbook(given: bytes, codes: Collection[str]) -> Read:
    """Read an XLSX file.

    Parameters
    ----------
    given : bytes
    codes : collection of str
        Of the cases of the project.

    Raises
    ------
    UnreadableFile
    """
    try:
        with zipfile.ZipFile(io.BytesIO(given)) as packed:
            if sum(part.file_size for part in packed.infolist()) > sheets.MOST_UNPACKED:
                raise UnreadableFile("This workbook is larger than is taken: copy its cells and paste them.")
        values = load_workbook(io.BytesIO(given), read_only=True, data_only=True)
        formulas = load_workbook(io.BytesIO(given), read_only=True)
        tables = [
            (sheet.title, _rows(sheet.iter_rows(values_only=True), formulas[sheet.title].iter_rows(values_only=True)))
            for sheet in values.worksheets
        ]
    except UnreadableFile:
        raise
    except Exception as error:
        raise UnreadableFile("This workbook cannot be read. Save it as XLSX again.") from error
    return read(tables, codes)


def _rows(values, formulas) -> list[list[Cell]]:
    found = [
        [
            Cell(value, formula if isinstance(formula, str) and formula.startswith("=") else None)
            for value, formula in zip_longest(row, with_formulas)
        ]
        for row, with_formulas in islice(zip(values, formulas, strict=False), sheets.MOST_ROWS + 1)
    ]
    if len(found) > sheets.MOST_ROWS:
        raise UnreadableFile("More than %(most)s rows at once: send them in parts.", most=sheets.MOST_ROWS)
    return found


def of_text(text: str, codes: Collection[str]) -> Read:
    """Read cells pasted from a spreadsheet: one flat sheet."""
    return read([("1", [[Cell(cell or None) for cell in row] for row in sheets.of_text(text)])], codes)


def read(tables: Sequence[tuple[str, list[list[Cell]]]], codes: Collection[str]) -> Read:
    """Read sheets of cells.

    Raises
    ------
    UnreadableFile
        When no sheet has the headings of cost lines.
    """
    made, known = Read(), {code.casefold(): code for code in codes}
    for name, rows in tables:
        at, columns = _headings(rows)
        if not set(NEEDED) <= set(columns):
            made.left_out.append(name)
            continue
        made.letters[name] = {field: get_column_letter(n + 1) for field, n in columns.items()}
        _Sheet(made, name, rows, at, columns, known).read()
    if not made.letters:
        raise UnreadableFile("No row with headings was found. The first row names the columns, such as %(example)s.",
                             example="Mã hồ sơ, Nội dung, ĐVT, Số lượng, Đơn giá")  # fmt: skip
    return made


def _headings(rows: list[list[Cell]]) -> tuple[int, dict[str, int]]:
    best, columns = -1, {}
    for at, row in enumerate(rows[:LOOKED_AT]):
        found: dict[str, int] = {}
        for n, cell in enumerate(row):
            bare = plain(cell.text) if isinstance(cell.value, str) else ""
            name = next((name for name, pattern in FIELDS if bare and re.search(pattern, bare)), None)
            if name and name not in found and len(bare) < 60:
                found[name] = n
        if len(found) > len(columns):
            best, columns = at, found
    return best, columns


class _Sheet:
    """One sheet as it is read, from its headings down."""

    def __init__(self, made: Read, name: str, rows, at: int, columns: dict[str, int], known: dict[str, str]):
        self.made, self.name, self.rows, self.at, self.columns, self.known = made, name, rows, at, columns, known
        self.supported, self.category = False, "land"
        self.lines: dict[str, list[NewLine]] = {}
        self.first: dict[str, int] = {}

    def read(self) -> None:
        own = self._own_case()
        for number, row in enumerate(self.rows[self.at + 1 :], self.at + 2):
            cells = {name: row[n] if n < len(row) else Cell() for name, n in self.columns.items()}
            if not any(cell.text or cell.formula for cell in cells.values()) or _numbers_columns(row):
                continue
            if self._is_line(cells):
                self._line(number, cells, own)
            else:
                self._group(number, cells, row, own)
        for case, lines in self.lines.items():
            self.made.sheets.append(NewSheet(case, tuple(lines), self.name, self.first[case]))

    def _own_case(self) -> str | None:
        """Give the case that the whole sheet is about: by a line above the headings, else by its name."""
        for row in self.rows[: max(self.at, 0)]:
            for cell in row:
                met = _CASE.search(cell.text)
                if met and met[1].casefold() in self.known:
                    return self.known[met[1].casefold()]
        return self.known.get(re.sub(r" \(\d+\)$", "", self.name).casefold())

    @staticmethod
    def _is_line(cells: dict[str, Cell]) -> bool:
        if any(cells[name].text or cells[name].formula for name in ("quantity", "unit_price_vnd")):
            return True
        said = [name for name in ("unit", "not_compensated") if name in cells and cells[name].text]
        return bool(said or ("note" in cells and _UNPAID.match(cells["note"].text)))

    def _group(self, number: int, cells: dict[str, Cell], row, own: str | None) -> None:
        """Read a row that is no line: the beginning of a group, or a total, which must be that of the lines."""
        bare = plain(" ".join(cell.text for cell in row if isinstance(cell.value, str)))
        if re.search(r"\b(tong|cong|total)\b", bare):
            self._total(number, cells, own)
            return
        if re.search(r"^(a )?boi thuong\b|^(a )?compensation", bare):
            self.supported, self.category = False, "land"
        elif re.search(r"^(b )?(cac khoan )?(ho tro|support)$", bare) or bare.startswith("b ho tro"):
            self.supported, self.category = True, "support_other"
        elif bare:
            self.category = next(
                (name for name, pattern in (SUPPORTED if self.supported else COMPENSATED) if re.search(pattern, bare)),
                self.category,
            )

    def _total(self, number: int, cells: dict[str, Cell], own: str | None) -> None:
        stated = cells.get("amount_vnd", Cell())
        if own is None or stated.value is None:
            return
        try:
            amount = self._number("amount_vnd", stated, 0)
        except GisError:
            return
        lines = [line.amount_vnd for line in self.lines.get(own, ())]
        if amount is None or not lines or None in lines:
            return
        counted = sum(lines)
        if amount not in (counted, (counted / 1000).quantize(Decimal(1)) * 1000):
            self._against(number, "amount_vnd", BadParameter(
                "The total is %(stated)s, the lines come to %(counted)s.", parameter="amount_vnd",
                stated=sheets.written(amount), counted=sheets.written(counted)))  # fmt: skip

    def _against(self, row: int, name: str, error: GisError) -> None:
        self.made.problems.append(Problem(self.name, row, name, error))

    def _line(self, number: int, cells: dict[str, Cell], own: str | None) -> None:
        said = cells["case"].text if "case" in cells else ""
        case = self.known.get(said.casefold(), said) if said else own or ""
        if not case:
            self._against(number, "case", BadParameter(
                "It does not say whose line this is: give a column “Mã hồ sơ”, or name the sheet after the case.",
                parameter="case"))  # fmt: skip
        numbers: dict[str, Decimal | None] = {}
        for name, places in (("quantity", 6), ("unit_price_vnd", 0), ("coefficient", 6), ("support_level", 6),
                             ("amount_vnd", 0)):  # fmt: skip
            numbers[name] = None
            if name in cells:
                try:
                    numbers[name] = self._number(name, cells[name], places)
                except GisError as error:
                    self._against(number, name, error)
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
        if _of_dimensions(cells["quantity"].formula):
            texts["dimensions"] = cells["quantity"].formula[1:]
        category = self._category(cells)
        if category == "land":
            texts = {**_land_named(item), **{name: value for name, value in texts.items() if value}}
        for name in ("coefficient", "support_level"):
            numbers[name] = Decimal(1) if numbers[name] is None else numbers[name]
        self.first.setdefault(case, number)
        self.lines.setdefault(case, []).append(NewLine(category, item, row=number, **numbers, **texts))

    def _category(self, cells: dict[str, Cell]) -> str:
        said = plain(cells["category"].text) if "category" in cells else ""
        if not said:
            return self.category
        known = [name for name, _ in (*COMPENSATED, *SUPPORTED)]
        if said.replace(" ", "_") in known:
            return said.replace(" ", "_")
        groups = SUPPORTED if re.search(r"ho tro|support", said) else COMPENSATED
        return next((name for name, pattern in groups if re.search(pattern, said)), cells["category"].text)

    def _number(self, name: str, cell: Cell, places: int) -> Decimal | None:
        value = cell.value
        if value is None and cell.formula:
            value = _counted(cell.formula)
            if value is None and name == "amount_vnd":
                return None  # counted anew
            if value is None:
                raise BadParameter(
                    "The formula %(formula)s was saved without its value: open the file in a spreadsheet and save it.",
                    parameter=name, formula=cell.formula[:60],
                )  # fmt: skip
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            exact = Decimal(str(round(value, 6) if isinstance(value, float) else value))
            number = exact.quantize(Decimal(1)) if name == "amount_vnd" and cell.formula else exact
        else:
            text = str(value or "").strip()
            if not text:
                return None
            share = text.endswith("%")
            number = entry.decimal(name, text.removesuffix("%"), 6) if places else entry.whole(name, text)
            number = None if number is None else Decimal(number) / (100 if share else 1)
        if name == "support_level" and number is not None and number > 10:
            raise BadParameter(
                "“%(value)s” is not a level: write 80 %% or 0,8.", parameter=name, value=sheets.written(number)
            )
        return number


def _numbers_columns(row: list[Cell]) -> bool:
    """Tell the row that numbers the columns: 1, 2, 3 …"""
    bare = [re.sub(r"\W", "", cell.text) for cell in row if cell.text]
    return bare[:3] == ["1", "2", "3"] and all(text.isdecimal() for text in bare)


def _land_named(item: str) -> dict[str, str]:
    """Find the parcel and the land type in the wording of a land line: *Đất ONT, thửa 85, tờ bản đồ số 5*."""
    number, on_map, code = _PARCEL.search(item), _MAP.search(item), _CODE.search(item)
    found = {"parcel": f"{on_map['sheet']}/{number['number']}"} if number and on_map else {}
    return found | ({"land_use": code["code"]} if code and not item.isupper() else {})


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
