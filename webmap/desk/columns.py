"""The columns of the case table: the same on the page, in its windows and in files."""

from datetime import date
from decimal import Decimal
from functools import cache

from flask_babel import format_decimal

from gis.casework import MONEY, PROCEDURE
from gis.casework import Row as CaseRow
from gis.indicators import INDICATORS
from gis.progress import plain
from layers.obstacles import KINDS as OBSTACLES
from layers.rows import Column, Row
from layers.spec import Wording
from webmap.i18n import day as written

PERSONAL = ("holder", *MONEY)
"""Shown to who may have personal data of the project alone."""
KINDS_OF_HOLDER = {
    "household": Wording("hộ gia đình", "household"),
    "individual": Wording("cá nhân", "individual"),
    "organisation": Wording("tổ chức", "organisation"),
    "community": Wording("cộng đồng", "community"),
    "none": Wording("không có chủ", "no holder"),
}
_ALL = (
    Column("code", Wording("Mã hồ sơ", "Case"), "text"),
    Column("holder", Wording("Chủ sử dụng đất", "Holder"), "text"),
    Column("holder_kind", Wording("Loại chủ", "Kind of holder"), "text"),
    Column("commune", Wording("Xã, phường", "Commune"), "text"),
    Column("parcels", Wording("Tờ/thửa", "Sheet/parcel"), "text"),
    Column("land_use", Wording("Loại đất", "Land use"), "text"),
    Column("area_m2", Wording("Diện tích thu hồi", "To recover"), "number", "m²", summed=True),
    Column("handed_over_m2", Wording("Đã bàn giao", "Handed over"), "number", "m²", summed=True),
    Column("left_m2", Wording("Còn lại", "Left"), "number", "m²", summed=True),
    Column("step", Wording("Bước đã đạt", "Last step"), "text"),
    Column("step_on", Wording("Ngày đạt", "Since"), "day"),
    Column("days_late", Wording("Quá hạn (ngày)", "Days late"), "integer"),
    Column("overdue", Wording("Bước quá hạn", "Step overdue"), "text"),
    Column("obstacles", Wording("Vướng mắc", "Obstacles"), "text"),
    Column("plan_vnd", Wording("Phương án được duyệt", "Plan approved"), "integer", "đồng"),
    Column("paid_vnd", Wording("Đã chi trả", "Paid"), "integer", "đồng"),
    Column("advanced_vnd", Wording("Đã tạm ứng", "Advanced"), "integer", "đồng"),
    Column("owed_vnd", Wording("Còn phải trả", "Left to pay"), "integer", "đồng"),
    Column("plots_granted", Wording("Suất TĐC được duyệt", "Plots granted"), "integer"),
    Column("plots_allotted", Wording("Lô TĐC đã giao", "Plots allotted"), "integer"),
    *(Column(kind, Wording(INDICATORS[kind].vi, INDICATORS[kind].en), "day") for kind in PROCEDURE),
    Column("part", Wording("Hạng mục", "Part"), "text"),
    Column("registered_on", Wording("Ngày lập hồ sơ", "Registered"), "day"),
)
UNSORTED = ("overdue",)


@cache
def of(personal: bool) -> tuple[Column, ...]:
    """Give the columns that a reader has."""
    return tuple(column for column in _ALL if personal or column.name not in PERSONAL)


def value(case: CaseRow, name: str, language: str):
    """Give the value of a column: words in the reader's language."""
    if name in PROCEDURE:
        return case.days.get(name)
    found = getattr(case, name)
    if name == "holder_kind":
        return getattr(KINDS_OF_HOLDER[found], language)
    if name in ("step", "overdue"):
        return found and getattr(INDICATORS[found], language)
    if name == "obstacles":
        return ", ".join(getattr(OBSTACLES[kind], language) if kind in OBSTACLES else kind for kind in found) or None
    if name in ("plots_granted", "plots_allotted"):
        return found or None
    return found


def row(shown: tuple[Column, ...], case: CaseRow, language: str, *, table_words: bool) -> Row:
    """Give a case as a row of a file: keys for programs (CSV), words for people (XLSX)."""

    def told(name: str):
        if not table_words and name in ("holder_kind", "step", "overdue"):
            return getattr(case, name)
        if not table_words and name == "obstacles":
            return " ".join(case.obstacles)
        return value(case, name, language)

    return Row(case.code, tuple(told(column.name) for column in shown))


def texts(shown: tuple[Column, ...], case: CaseRow, language: str) -> list[str]:
    """Write a case as the page shows it."""
    return [_text(case, column, value(case, column.name, language)) for column in shown]


def _text(case: CaseRow, column: Column, found) -> str:
    if found is None:
        return "✓" if column.name in case.days else ""  # reached, on a day that is not told
    if isinstance(found, date):
        return written(found)
    return number(found) if isinstance(found, Decimal | int) else str(found)


def number(found: Decimal | int) -> str:
    """Write a number the reader's way, with no more decimals than it has."""
    return format_decimal(plain(found), format="#,##0.##")
