"""The rows of a list of land users, one after the other: parcels, holders, spouses, groups, totals, remarks."""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from gis.errors import BadParameter, GisError
from gis.exchange import headings
from gis.exchange.headings import Head, plain
from gis.exchange.remarks import denies
from gis.exchange.sheets import Sheet, column_letter
from gis.holder_names import (
    LAND,
    PERSONS,
    UNKNOWN,
    as_several,
    as_two,
    may_be_person,
    odd_of_person,
    one_line,
    refuse_signs,
    told,
    with_place,
)
from gis.marks import is_ditto, refuse_marks
from gis.parcel_numbers import is_plain_number, one_number
from gis.registration import Commune, NewCase, NewHolder, NewParcel, Problem, bare_identity_number
from gis.whose import people, same_name
from webmap.desk import communes_named, landlist
from webmap.desk.landlist import KINDS
from webmap.desk.pasted import SHEET, Asked, LeftOut, Note, Pasted

_FOOTER = re.compile(
    r"^(người lập|lập (biểu|bảng)|ghi chú|xác nhận|tm\.|kt\.|ubnd|ủy ban|chủ tịch|thủ trưởng|kế toán|đại diện|cán bộ|"
    r"ngày \d|.{0,40}, ngày|\(?ký|bằng chữ|ban quản lý|trưởng|giám đốc|đơn vị tính|nguồn)",
    re.IGNORECASE,
)
_SPOUSE = re.compile(r"^\W*(và\b|vợ\b|chồng\b)|\b(vợ|chồng)\b\W*$|^\W*(vợ|chồng)\s*:", re.IGNORECASE)
_GROUP_MARK = re.compile(r"[IVXLivxl]{1,6}[.)]?|[A-ZĐa-zđ][.)]?|[IVX]+\.\d+")


_COMMUNE = re.compile(r"(?:[IVX\d]{1,5}[.)]\s*)?(?:xã|phường|thị trấn)\s+\S", re.IGNORECASE)
_ON_GROUND = re.compile(r"(?:địa bàn|địa phận|tại|thuộc)\s+((?:xã|phường|thị trấn)\s+[^,;()–-]+)|^(?:xã|phường)\s+.+$",
                        re.IGNORECASE)  # fmt: skip
_VILLAGE = re.compile(
    r"(?:[IVX\d]{1,5}[.)]\s*)?(?:thôn|xóm|khối|tổ|bản|khu)\b[^,;–-]*[,;–-]\s*(?:xã|phường|thị trấn)\s+\S", re.IGNORECASE
)
COMMUNE = "commune~"
"""Begins the question which commune a name means; its choices follow."""
_OF_HOLDER = ("full_name", "identity_number", "phone", "address", "kind", "code", "index")
_SAID = 3
"""Cells of a column that is not taken that are shown."""
_REMARKS = 40
"""Such cells of a column of remarks."""
_OF_REMARKS = re.compile(r"ghi chu|tinh trang|trang thai|ly do|y kien|remark|note|status")
_COUNTED = re.compile(r"\d+\s*(?:thửa|lô|hộ)\b.*", re.IGNORECASE)
"""What a total says in the column of numbers."""
_QUOTED = 8
"""Odd names that a question quotes."""
LAND_IS = ("none", "organisation", "community")


def _whole_name(cells: dict[str, str]) -> str:
    """Put a name together whose parts stand in columns of their own."""
    name = " ".join(filter(None, (cells["family_name"], cells["full_name"]))) if cells["full_name"] else ""
    spouse = cells["spouse"]
    return "\n".join(filter(None, (name, spouse and (spouse if _SPOUSE.search(spouse) else f"vợ, chồng: {spouse}"))))


def _is_nothing(name: str, text: str) -> bool:
    """Tell a dash in a cell that may be empty."""
    return name not in ("full_name", "sheet", "number") and bool(re.fullmatch(r"[-–—\s]+", text))


class OfSheet:
    """One sheet of a list as it is read, from its headings down."""

    def __init__(self, reading, n: int, sheet: Sheet, head: Head):
        self.reading, self.made, self.sheet, self.head, self.n = reading, reading.made, sheet, head, n
        self.by_type = [column for column in head.columns if column.field == "area_by_type"]
        self.at: int | None = None
        self.group_unit: tuple[str, list[Commune]] | None = None
        """The commune that the heading of a group names, with those it may be."""
        self.group_mark = ""
        self.ended = False
        """Whether a total stands above: below it the list goes on, or those who sign it follow."""
        self.more_names: list[int] = []
        """Rows with a name alone under a holder."""
        """What kind of mark that heading has: a group within it keeps its commune."""
        self.same: list[int] = []
        self.nameless: list[int] = []
        self.sums: list[tuple[int, str, Decimal]] = []
        self.groups: list[tuple[int, Decimal]] = []
        self.last_index = 0
        self.gaps: list[int] = []
        self.odd: list[int] = []
        self.second: int | None = None
        """Number of the row where another table begins."""
        self.no_persons: list[int] = []
        self.land: list[int] = []
        """Rows whose name is of land, or says that the holder is not known."""
        self.broken: list[int] = []
        """Rows whose name stands on two lines that may each be a person."""
        self.odd_names: list[int] = []
        """Rows whose name is of one word, or holds a number or a remark."""
        self.placed: list[int] = []
        """Rows whose name goes on with an address."""
        self.unit_open = False
        """Whether it is asked in which unit the areas are: then what they come to is not known yet."""
        self.left_above: dict[str, str] = {}
        """What a row that is left out says of its holder, while the rows below it may be parcels of the same one."""
        self.two_names: list[int] = []
        """Rows whose name may be of two people without a sign between."""
        self.communes: dict[tuple[str, ...], tuple[str, list[int]]] = {}
        """Of each choice of communes, the name as it is written, and the rows."""

    def row_id(self, place: int) -> int:
        return self.n * SHEET + self.sheet.numbers[place]

    def leave(self, place: int, reason: str) -> None:
        text = " · ".join(cell for cell in self.sheet.rows[place] if cell)
        self.made.left_out.append(LeftOut(self.row_id(place), reason, " ".join(text.split())[:120]))

    def problem(self, row: int, name: str, error: GisError) -> None:
        self.made.problems.append(Problem(row, name, error))

    def read(self) -> None:
        sheet, head = self.sheet, self.head
        self.made.present += len(sheet.rows)
        for name, columns in head.asked.items():
            places = tuple(str(head.first + column.place) for column in columns)
            of = f"~{head.first}" if head.first else ""
            self.made.questions.append(Asked(f"column-{name}{of}", (), places, about=f"{name}{of}"))
        self.factors = {name: self._unit(name) for name in ("area_m2", "legal_area_m2")}
        hidden = self._aside("hidden-rows", sheet.hidden_rows)
        struck = self._aside("struck-rows", sheet.struck_rows - sheet.hidden_rows)
        columns = {c for c in sheet.hidden_columns if c < len(head.columns) and head.columns[c].field}
        if columns and self.reading.ask(
            "hidden-columns", ("take", "leave"), about=", ".join(head.columns[c].heading for c in sorted(columns))
        ) == "leave":  # fmt: skip
            for c in columns:
                head.columns[c].field = None
        if self.n == 0 and sheet.converted:
            self.made.notes.append(Note("converted", values={"cells": sheet.converted}))
        if self.reading.book.was and self.n == 0:
            self.made.notes.append(Note("encoding", values={"was": self.reading.book.was}))
        partly = sorted({self.row_id(p) for p, _ in sheet.struck if p not in sheet.struck_rows and p > head.bottom})
        if partly:
            self.made.notes.append(Note("struck", tuple(partly)))
        self._commune_of_sheet()
        self.uses_index = (one := head.of("index")) is not None and any(
            sheet.rows[p][one.place] for p in range(head.bottom + 1, len(sheet.rows))
        )
        nameless, self.longer = headings.beyond(sheet, head)
        for column in () if sheet.delimiter else nameless:
            said = [row[column.place] for row in sheet.rows[head.bottom + 1 :] if row[column.place]]
            self.made.notes.append(Note("no_heading", values={
                "column": column_letter(column.place), "count": len(said), "said": "; ".join(said[:3])[:80],
            }))  # fmt: skip
        self._tell_columns_left()
        denied = self._denied(hidden | struck)
        aside = dict.fromkeys(denied, "denied") | dict.fromkeys(struck, "struck") | dict.fromkeys(hidden, "hidden")
        for place in range(len(sheet.rows)):
            if place <= head.bottom:
                self.leave(place, "title" if place < head.top else "heading")
            elif place in aside:
                self.leave(place, aside[place])
                cells = self._cells(place)
                if cells["full_name"]:
                    self.left_above = {name: cells[name] for name in _OF_HOLDER}
            else:
                self._row(place)
        self._finish()

    def _tell_columns_left(self) -> None:
        """Name the columns with a heading that are not taken and hold anything."""
        left = []
        for column in self.head.columns:
            said = [row[column.place] for row in self.sheet.rows[self.head.bottom + 1 :] if row[column.place]]
            if column.heading and not column.field and said:
                said = list(dict.fromkeys(said))
                most = _REMARKS if _OF_REMARKS.search(plain(column.heading)) else _SAID
                more = " …" if len(said) > most else ""
                some = "; ".join(text[:60] for text in said[:most])
                left.append(f"{column_letter(column.place)} “{column.heading}” ({some}{more})")
        if left:
            self.made.notes.append(Note("columns_left", values={"columns": "; ".join(left)}))

    def _denied(self, aside: set[int]) -> set[int]:
        """Ask about rows that do not count, as a column beside them that is not taken says, or a heading over them."""
        columns = [column.place for column in self.head.columns if not column.field]
        titles = [cell for row in self.sheet.rows[: self.head.top] for cell in row]
        title = next(filter(denies, titles), "")
        said, group = {}, ""
        for place in range(self.head.bottom + 1, len(self.sheet.rows)):
            row, own = self.sheet.rows[place], self._cells(place)
            parcel = own["number"] or own["parcel"] or own["area_m2"]
            if not parcel and not _goes_on_below(self, place):  # the heading of a group, a remark between the rows
                group = next(filter(denies, row), "")
            elif place not in aside and (own["number"] or own["parcel"] or own["full_name"]):
                against = next((row[c] for c in columns if c < len(row) and denies(row[c])), "") or group or title
                if against:
                    said[place] = against
        about = "; ".join(f"{self.sheet.numbers[place]}: “{text[:60]}”" for place, text in list(said.items())[:_QUOTED])
        return self._aside("denied-rows", set(said), about)

    def _aside(self, name: str, places: set[int], about: str = "") -> set[int]:
        """Ask what to do with rows that are hidden, struck through or denied; unanswered they count as taken, for the
        look."""
        places = {place for place in places if place > self.head.bottom}
        if not places:
            return set()
        rows = [self.row_id(place) for place in sorted(places)]
        self._once(name, ("take", "leave"), rows, about)
        return places if self.reading.answers.get(name) == "leave" else set()

    def _unit(self, name: str) -> Decimal | None:
        columns = self.by_type if name == "area_m2" and self.by_type else [self.head.of(name)]
        columns = [column for column in columns if column]
        if not columns:
            return None
        around = headings.stated_around(self.sheet.rows, self.head.top, self.head.bottom, "area")
        unit, differing = headings.meant(columns[0].heading, around, "area")
        if (unit and unit.factor is None) or differing:
            answer = self.reading.ask(
                "unit-area", tuple(headings.UNITS["area"]), about=columns[0].heading + "".join(
                    f"; {one.name}" for one in differing)
            )  # fmt: skip
            self.unit_open = self.unit_open or not answer
            return headings.UNITS["area"].get(answer)
        if unit and unit.factor != 1:
            self.made.notes.append(
                Note("unit", values={"heading": columns[0].heading, "unit": unit.name, "name": name})
            )
        return unit.factor if unit else None

    # Rows.

    def _cells(self, place: int) -> dict[str, str]:
        """Give what a row says by field; a name in several columns is put together."""
        row = self.sheet.rows[place]
        get = {name: row[c] for c, name in self.head.fields.items() if name != "area_by_type"}
        cells = {name: "" if _is_nothing(name, get.get(name, "")) else get.get(name, "") for name in landlist.TAKEN}
        cells["full_name"] = _whole_name(cells)
        cells["identity_number"] = bare_identity_number(cells["identity_number"])
        return cells

    def _row(self, place: int) -> None:
        row, head, cells = self.sheet.rows[place], self.head, self._cells(place)
        if self.left_above and (cells["number"] or cells["parcel"]) and not cells["full_name"]:
            cells |= {name: text for name, text in self.left_above.items() if not cells[name]}
        self.left_above = {}
        types = [(column, row[column.place]) for column in self.by_type if row[column.place]]
        if headings.repeats(row, head, self.sheet.rows) or (
            headings.numbers_columns(row) and self.made.left_out and self.made.left_out[-1].reason == "heading"
        ):
            self.leave(place, "heading")
            return
        if self.second is None and headings.begins_anew(row, head, landlist.fits):
            self.second = self.sheet.numbers[place]
        if self.second is not None:
            self._of_another_table(place)
            return
        own = _COUNTED.sub("", cells["number"] or cells["parcel"]) if headings.total_of(row) else (
            cells["number"] or cells["parcel"])  # fmt: skip
        counted = cells["area_m2"] or types
        if not own and not cells["index"].strip(" .").isdecimal() and self._is_total(row, place):
            self._stated(place, cells, types, "total")
            self.leave(place, "total")
            self.ended = True
            return
        if not own and not cells["sheet"] and self._is_group(place, cells):
            self._stated(place, cells, types, "group")
            self.leave(place, "group")
            return
        if not own and not counted and not cells["sheet"]:
            self._no_parcel(place, cells)
            return
        if self.ended and not counted and not re.search(r"\d", own):
            self.leave(place, "remark")  # who signs the list
            return
        self.ended = False
        self._line(place, cells, types)

    def _of_another_table(self, place: int) -> None:
        row = self.row_id(place)
        self.made.lines[row] = (self.sheet, place)
        self.problem(row, "row", headings.another_table(self.n * SHEET + self.second, "row"))

    def _is_total(self, row: Sequence[str], place: int) -> bool:
        return headings.total_of(row) is not None and not _goes_on_below(self, place)

    def _is_group(self, place: int, cells: dict[str, str]) -> bool:
        """Tell the row that begins a group: a letter or a Roman numeral, and a text that is no person with parcels."""
        row = self.sheet.rows[place]
        index = cells["index"] or next((cell for cell in row if cell), "")
        said = [cell for cell in row if cell]
        texts = [cell for cell in said if not re.fullmatch(r"[\d.,\s]+", cell)]
        if len(said) == 1 and self.at is not None and said[0] in (cells["address"], cells["place"]):
            return False  # the rest of the address above, broken over two rows
        numbered = cells["index"].strip(" .").isdecimal()
        if len(texts) == 1 and (
            _COMMUNE.match(texts[0]) or (not numbered and _VILLAGE.match(texts[0]))
            or (not numbered and not _goes_on_below(self, place)
                and communes_named.meant(texts[0], self.reading.communes))
        ):  # fmt: skip
            return True
        marked = bool(_GROUP_MARK.fullmatch(index)) or bool(re.match(r"(?:[IVX]{1,5}|[A-HĐ])[.)]\s+\D", said[0]))
        if not marked or len(texts) > 2:
            return False
        return not _goes_on_below(self, place) or not cells["full_name"] or bool(_GROUP_MARK.fullmatch(index))

    def _no_parcel(self, place: int, cells: dict[str, str]) -> None:
        """Read a row without a parcel: a holder whose parcels follow, a spouse, or a remark."""
        row = self.row_id(place)
        name = cells["full_name"]
        alone = not cells["index"] or not self.uses_index
        if name and self.at is not None and not cells["index"] and _SPOUSE.search(one_line(name)[0]):
            self._spouse(place, name)
            return
        if name and (_goes_on_below(self, place) or not alone or any(
            cells[one] for one in ("identity_number", "code", "phone")
        )) and not _FOOTER.match(name):  # fmt: skip
            self.made.lines[row] = (self.sheet, place)
            self._faults(place, row)
            self._holder(place, row, cells, None)
            if not _goes_on_below(self, place):
                self.problem(row, "number", BadParameter("The parcel is missing.", parameter="number"))
            return
        texts = [cell for cell in self.sheet.rows[place] if cell]
        if name and not _FOOTER.match(name) and not self.uses_index and len(texts) > 1:
            self.made.lines[row] = (self.sheet, place)
            self._faults(place, row)
            self._holder(place, row, cells, None)
            self.problem(row, "number", BadParameter("The parcel is missing.", parameter="number"))
            return
        if name and self.at is not None and not self.ended and may_be_person(name) and not _FOOTER.match(name):
            self.more_names.append(row)
            if self.reading.answers.get("more-names") == "join":
                self._spouse(place, name)
                return
        self.leave(place, "remark")

    def _spouse(self, place: int, name: str) -> None:
        case = self.made.cases[self.at]
        self.made.lines[self.row_id(place)] = (self.sheet, place)
        if case.holder:
            more = replace(case.holder, full_name=f"{case.holder.full_name}; {one_line(name)[0]}")
            self.made.cases[self.at] = replace(case, holder=more)
            self.made.notes.append(Note("spouse", (self.row_id(place),), {"name": more.full_name}))

    def _line(self, place: int, cells: dict[str, str], types) -> None:
        row = self.row_id(place)
        self.made.lines[row] = (self.sheet, place)
        self._faults(place, row)
        parcel = self._parcel(row, cells, types)
        self._holder(place, row, cells, parcel)

    def _faults(self, place: int, row: int) -> None:
        """Refuse what has no value or whose letters cannot be told, where its column is taken."""
        for column in dict.fromkeys((0, *self.head.fields)):
            error = self.sheet.faults.get((place, column))
            if error and (column in self.head.fields or error.parameter == "row"):
                self.problem(row, "row" if error.parameter == "row" else self.head.fields[column], error)
        for column, name in self.head.fields.items():
            if name != "index" and is_ditto(text := self.sheet.rows[place][column]):
                try:
                    refuse_marks(text, name)
                except GisError as error:
                    self.problem(row, name, error)
        if place in self.longer and (place, 0) not in self.sheet.faults:
            self.problem(row, "row", self.longer[place])

    def _parcel(self, row: int, get: dict[str, str], types) -> NewParcel:
        def tried(name: str, work):
            try:
                return work()
            except GisError as error:
                self.problem(row, name, error)
                return None

        faulty = {problem.field for problem in self.made.problems if problem.row == row}
        get = {name: "" if name in faulty and is_ditto(text) else text for name, text in get.items()}
        numbers = self.reading.answers.get("numbers")
        sheet, number = get["sheet"], get["number"]
        if get["parcel"] and not (sheet and number):
            pair = tried("number", lambda: landlist.sheet_and_number(get["parcel"], self.head.of("parcel").heading))
            sheet, number = pair or ("–", "–")
        else:
            sheet = (sheet and tried("sheet", lambda: one_number("sheet", sheet))) or ""
            number = (number and tried("number", lambda: one_number("number", number))) or ""
        if not all(is_plain_number(each) for each in (sheet, number) if each and each != "–"):
            self.odd.append(row)
        factor = self.factors["area_m2"]

        def area_of(name: str, text: str, by):
            if name in faulty:
                return None
            if self.unit_open:  # for the look: what is no number is told once the unit is
                return landlist.area_in_any_unit(text)
            return landlist.area_m2(name, text, by, numbers)

        area = tried("area_m2", lambda: area_of("area_m2", get["area_m2"], factor))
        land_use = get["land_use"]
        if self.by_type:
            parts = [
                (column.land_type or column.lowest, tried("area_m2", lambda t=text: area_of("area_m2", t, factor)))
                for column, text in types
            ]
            parts = [(code, value) for code, value in parts if value]
            summed = sum((value for _, value in parts), Decimal(0))
            self.made.by_type[row] = parts
            if area is not None and parts and area != summed:
                self.made.notes.append(Note("types_differ", (row,), {"stated": area, "counted": summed}))
            area = area if area is not None and not parts else summed or None
            land_use = land_use or "+".join(code for code, _ in parts)
        if area is None and not any(p.row == row and p.field == "area_m2" for p in self.made.problems):
            self.problem(row, "area_m2", BadParameter("The area to recover is missing.", parameter="area_m2"))
        legal = tried("legal_area_m2", lambda: area_of(
            "legal_area_m2", get["legal_area_m2"], self.factors["legal_area_m2"]))  # fmt: skip
        unit = self._unit_of(row, get)
        return NewParcel(unit or "", sheet, number, area, land_use or None, legal, row)

    def _unit_of(self, row: int, get: dict[str, str]) -> str:
        """Give the commune that numbers a parcel: by its own column, the address of the land, the group, the form."""
        if get["unit"]:
            found = communes_named.meant(get["unit"], self.reading.communes, self.head.of("unit").heading)
            if not found:
                self.problem(row, "unit", BadParameter(
                    "There is no commune “%(value)s”.", parameter="unit", value=get["unit"][:80]))  # fmt: skip
            return self._chosen(row, get["unit"], found)
        if get["place"] and (
            found := communes_named.at_end_of(get["place"], self.reading.communes, self.head.of("place").heading)
        ):
            return self._chosen(row, get["place"].rpartition(",")[2], found)
        if self.group_unit:
            name, found = self.group_unit
            if not found:
                self.problem(row, "unit", BadParameter(
                    "There is no commune “%(value)s”.", parameter="unit", value=name[:80]))  # fmt: skip
            return self._chosen(row, name, found)
        return self.reading.unit

    def _chosen(self, row: int, name: str, found: list[Commune]) -> str:
        """Give the commune, and where a name is of several, the one that was chosen: it is asked once for the name."""
        if len(found) < 2:
            return found[0].slug if found else ""
        slugs = tuple(each.slug for each in found)
        self.communes.setdefault(slugs, (" ".join(name.split()), []))[1].append(row)
        answer = self.reading.answers.get(COMMUNE + "+".join(slugs), "")
        return answer if answer in slugs else ""

    # Holders.

    def _holder(self, place: int, row: int, get: dict[str, str], parcel: NewParcel | None) -> None:
        marked = is_ditto(get["full_name"])
        if any(is_ditto(text) for text in get.values()):
            get = {name: "" if is_ditto(text) else text for name, text in get.items()}
        name = self._name(row, get["full_name"])
        kind = self._kind_meant(row, self._kind(row, get["kind"]), name)
        made = self.made
        if self.at is not None and name and not get["index"] and self.uses_index and _SPOUSE.search(name):
            self._spouse(place, name)
            name, get = "", {**get, "full_name": ""}
        if kind in PERSONS and row not in (*self.broken, *self.odd_names) and (two := as_two(name)):
            self.two_names.append(row)
            name = "; ".join(two) if self.reading.answers.get("two-names") == "several" else name
        if kind in PERSONS and (apart := with_place(name)):
            self.placed.append(row)
            if self.reading.answers.get("name-places") == "cut":
                name, get = apart[0], {**get, "address": get["address"] or apart[1]}
        at = None
        if not marked:  # whose row it is, is said when the mark is put right
            at = self.at if self.at is not None and self._continues(self.at, row, get, kind, place) else None
            at = _met_before(made, get) if at is None else at
        if at is not None:
            self.at = at
            self._agrees(at, row, name, get)
            made.cases[at] = _with(made.cases[at], parcel, get)
            self._check_index(row, get, new=False)
            return
        holder = None
        if kind != "none":
            who = people(name)
            before = [self.reading.named[one] for one in who if one in self.reading.named]
            if not plain(name):
                self.problem(
                    row, "full_name", BadParameter("The name of the holder is missing.", parameter="full_name")
                )
            elif before and not get["identity_number"]:
                made.notes.append(Note("alike", (row, before[0])))
            for one in who:
                self.reading.named.setdefault(one, row)
            holder = NewHolder(
                kind, name or "–", get["identity_number"] or None, get["phone"] or None, get["address"] or None
            )
        self.at = len(made.cases)
        self.reading.facts[self.at] = get
        self._check_index(row, get, new=True)
        made.cases.append(
            NewCase(holder, (parcel,) if parcel else (), get["code"] or None, get["part"] or None, row, sure=True)
        )

    def _name(self, row: int, text: str) -> str:
        """Give a name on one line; one that may be two people is asked about."""
        name, certain = one_line(text)
        if not certain:
            self.broken.append(row)
            name = as_several(text) if self.reading.answers.get("broken-names") == "several" else name
        return name

    def _kind_meant(self, row: int, kind: str, name: str) -> str:
        """Hold the kind of a holder against its name: of land, of an office, of a community it is asked what it is."""
        if kind not in PERSONS or not name:
            return kind
        try:
            refuse_signs(name)
        except GisError as error:
            self.problem(row, "full_name", error)
        what = told(name)
        if what in (LAND, UNKNOWN):
            self.land.append(row)
            answer = self.reading.answers.get("land", "")
            return kind if answer == "chosen" else answer if answer in LAND_IS else "none"
        if what:
            self.no_persons.append(row)
            return kind if self.reading.answers.get("no-persons") == "chosen" else what
        if odd_of_person((with_place(name) or (name,))[0]):
            self.odd_names.append(row)
        return kind

    def _agrees(self, at: int, row: int, name: str, get: dict[str, str]) -> None:
        """Hold a further row of a case against its first: another name stands against it, what else differs is told."""
        case, facts = self.made.cases[at], self.reading.facts.get(at, {})
        if case.holder is None:
            return
        known = [same_name(part) for part in (case.holder.full_name, facts.get("full_name", ""))]
        if name and same_name(name) not in known:
            by = "identity_number" if get["identity_number"] else "code"
            self.problem(row, by, BadParameter(
                "“%(name)s” has the number of “%(other)s” (row %(row)s): write the same name, or put the number right.",
                parameter=by, name=name[:60], other=case.holder.full_name[:60], row=case.row))  # fmt: skip
        differing = [
            one for one in ("address", "phone", "part", "kind")
            if get[one] and facts.get(one) and plain(get[one]) != plain(facts[one])
        ]  # fmt: skip
        if differing:
            self.made.notes.append(Note("differs", (row, case.row), {"fields": differing}))

    def _continues(self, at: int, row: int, get: dict[str, str], kind: str, place: int) -> bool:
        """Tell whether a row is another parcel of the holder above it; where nothing tells, it is asked."""
        last, facts = self.made.cases[at], self.reading.facts.get(at, {})
        if last.holder is None:
            return kind == "none" or not (get["full_name"] or get["index"].strip(" ."))
        if kind == "none" or (get["code"] and get["code"] != last.code):
            return False
        if get["identity_number"] and last.holder.identity_number not in (None, get["identity_number"]):
            return False
        index, before = get["index"].strip(" ."), facts.get("index", "").strip(" .")
        own_index = bool(index) and index != before and not index.startswith(f"{before}.")
        name = plain(get["full_name"])
        if not name:
            if own_index and before and not self._merged_with_above(place, "full_name"):
                self.nameless.append(row)
                return self.reading.answers.get("nameless") != "missing"
            return True
        exact = name in (plain(last.holder.full_name), plain(facts.get("full_name", "")))
        if not exact and people(get["full_name"]) != people(last.holder.full_name):
            return False
        if get["identity_number"] and get["identity_number"] == last.holder.identity_number:
            return True
        address, other = plain(get["address"]), plain(facts.get("address", ""))
        differs = bool(address and other and address != other)
        if own_index and before and differs:
            return False
        if (index and index == before) or (not index and before and not differs):
            return True
        if not index and not before and address and address == other:
            return True
        told = ("identity_number", "address", "phone")
        if not index and any(facts.get(one) for one in told) and not any(get[one] for one in told):
            return True  # what is known of a holder stands in the first row alone
        self.same.append(row)
        return self.reading.answers.get("same") == "one"

    def _merged_with_above(self, place: int, name: str) -> bool:
        column = self.head.of(name)
        return column is not None and any(
            top < place <= bottom and left <= column.place <= right for top, left, bottom, right in self.sheet.merged
        )

    def _kind(self, row: int, text: str) -> str:
        if not text:
            return self.reading.kind
        found = KINDS.get(plain(text))
        if found is None:
            self.problem(row, "kind", BadParameter(
                "“%(value)s” is not a kind of holder: write hộ gia đình, cá nhân, tổ chức, cộng đồng or không có chủ.",
                parameter="kind", value=text[:40]))  # fmt: skip
        return found or self.reading.kind

    # What the list says twice is checked.

    def _check_index(self, row: int, get: dict[str, str], *, new: bool) -> None:
        index = get["index"].strip(" .")
        if not (index.isascii() and index.isdecimal()) or len(index) > 6:
            return
        number = int(index)
        if new and number not in (self.last_index + 1, 1):
            self.gaps.append(row)
        self.last_index = number

    def _stated(self, place: int, cells: dict[str, str], types, what: str) -> None:
        row = self.row_id(place)
        try:
            stated = landlist.area_m2("area_m2", cells["area_m2"], self.factors["area_m2"], "thousands")
            if stated is None and types:
                parts = [landlist.area_m2("area_m2", t, self.factors["area_m2"], "thousands") or 0 for _, t in types]
                stated = sum(parts, Decimal(0))
        except GisError:
            stated = None
        if what == "group":
            self._group(place, cells)
        self.sums.append((row, what, stated if stated is not None else Decimal(-1)))

    def _commune_of_sheet(self) -> None:
        """Take the commune that the name of the sheet or a line above the table says, where the form says none."""
        above = [cell for row in self.sheet.rows[: self.head.top] for cell in row if cell]
        said = [met[1] or met[0] for cell in above if (met := _ON_GROUND.search(cell))]
        for name in (self.sheet.name, *said):
            found = communes_named.at_end_of(name, self.reading.communes) if _COMMUNE.match(name) else []
            if found and not self.reading.unit:
                self.group_unit = (name, found)
                return
            if found and self.reading.unit not in [each.slug for each in found]:
                self.made.notes.append(Note("other_commune", values={"name": name}))
                return

    def _group(self, place: int, cells: dict[str, str]) -> None:
        """Take the commune that the heading of a group names: a village's leaves it, one of its rank ends it."""
        label = next((c for c in self.sheet.rows[place] if len(c) > 3 and not re.fullmatch(r"[\d.,\s]+", c)), "")
        first = next((cell for cell in self.sheet.rows[place] if cell), "")
        mark = re.match(r"(?:(?P<roman>[IVX]{1,5})|(?P<letter>[A-Za-zĐđ]))(?:[.)]|$)", cells["index"] or first)
        rank = mark.lastgroup if mark else ""
        named = re.sub(r"^(?:[IVX]{1,5}|[A-HĐ])[.)]\s+", "", label)
        found = communes_named.at_end_of(named, self.reading.communes)
        if found or _COMMUNE.match(named):
            self.group_unit, self.group_mark = (named, found), rank
        elif rank == self.group_mark:
            self.group_unit = None

    def _finish(self) -> None:
        made = self.made
        if self.same:
            self._once("same", ("one", "each"), self.same)
        if self.nameless:
            self._once("nameless", ("above", "missing"), self.nameless)
        if self.odd:
            self._once("odd", ("one",), self.odd)
        if self.gaps:
            made.notes.append(Note("index", tuple(self.gaps)))
        if self.no_persons:
            self._once("no-persons", ("names", "chosen"), self.no_persons)
        if self.land:
            self._once("land", (*LAND_IS, "chosen"), self.land)
        if self.odd_names:
            said = "; ".join(dict.fromkeys(self._named_in(row) for row in self.odd_names[:_QUOTED]))
            self._once("odd-names", ("names",), self.odd_names, said)
        if self.broken:
            self._once("broken-names", ("one", "several"), self.broken)
        if self.two_names:
            said = "; ".join(dict.fromkeys(self._named_in(row) for row in self.two_names[:_QUOTED]))
            self._once("two-names", ("one", "several"), self.two_names, said)
        if self.more_names:
            self._once("more-names", ("join", "leave"), self.more_names)
        if self.placed:
            self._once("name-places", ("cut", "keep"), self.placed)
        for slugs, (name, rows) in self.communes.items():
            self._once(COMMUNE + "+".join(slugs), slugs, rows, name)
        own = sorted(
            (parcel.row, parcel.area_m2 or Decimal(0))
            for case in made.cases for parcel in case.parcels if parcel.row // SHEET == self.n
        )  # fmt: skip
        marks = sorted(self.sums)
        for n, (row, what, stated) in enumerate(marks):
            if stated < 0:
                continue
            before = max([r for r, _, _ in marks[:n]], default=0)
            after = min([r for r, w, _ in marks[n + 1 :] if w in ("group", "total")], default=10**9)
            whole = sum((area for r, area in own if r < row), Decimal(0))
            part = sum((area for r, area in own if before < r < row), Decimal(0))
            below = sum((area for r, area in own if row < r < after), Decimal(0))
            every = sum((area for _, area in own), Decimal(0))
            fitting = (below, every) if what == "group" else (whole, part, every)
            if stated not in fitting:
                counted = below if what == "group" else whole
                made.notes.append(Note("total", (row,), {"stated": stated, "counted": counted}))

    def _named_in(self, row: int) -> str:
        column = self.head.of("full_name")
        sheet, place = self.made.lines[row]
        return " ".join(sheet.rows[place][column.place].split())[:60] if column else ""

    def _once(self, name: str, choices: tuple[str, ...], rows: list[int], about: str = "") -> None:
        met = next((each for each in self.made.questions if each.name == name), None)
        if met:
            self.made.questions[self.made.questions.index(met)] = replace(met, rows=(*met.rows, *rows))
        else:
            self.reading.ask(name, choices, rows, about)


def _goes_on_below(of: OfSheet, place: int) -> bool:
    """Tell whether the next row is a parcel without a name: then this row names its holder."""
    if place + 1 >= len(of.sheet.rows):
        return False
    fields = of.head.fields
    below = {name: of.sheet.rows[place + 1][c] for c, name in fields.items()}
    if below.get("full_name"):
        spouse = _SPOUSE.search(one_line(below["full_name"])[0]) and not below.get("index")
        return bool(spouse) and place + 2 < len(of.sheet.rows) and _goes_on_below(of, place + 1)
    first = next((cell for cell in of.sheet.rows[place + 1] if cell), "")
    return bool(below.get("number") or below.get("parcel")) and not headings.begins_total(first)


def _with(case: NewCase, parcel: NewParcel | None, get: dict[str, str]) -> NewCase:
    """Give a case another parcel, and what its first row did not say of the holder."""
    holder = case.holder
    if holder:
        more = {name: get[name] for name in ("identity_number", "phone", "address") if not getattr(holder, name)}
        holder = replace(holder, **{name: value for name, value in more.items() if value})
    return replace(case, parcels=(*case.parcels, parcel) if parcel else case.parcels, holder=holder)


def _met_before(pasted: Pasted, get: dict[str, str]) -> int | None:
    """Find the case that a row belongs to by its code or the holder's identity number."""
    for n, case in enumerate(pasted.cases):
        number = case.holder and case.holder.identity_number
        if (get["code"] and case.code == get["code"]) or (get["identity_number"] and number == get["identity_number"]):
            return n
    return None
