"""Lists of a project as people sign them: titles, headings, rows and sums in words; the same for page and files."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import format_decimal, get_locale, gettext, lazy_gettext

from gis import annex_checks
from gis.annex_checks import CHECKS, FIELDS, Finding
from gis.annexes import LAND, NOT_ELIGIBLE, Annex, Paper, Row
from gis.inwords import amount_in_words
from webmap.i18n import area, count, day
from webmap.reports.content import AREA, COUNT, MONEY, TEXT
from webmap.words import document_kind_name, step_name

NUMBER = "number"
"""A quantity or a factor, with up to six decimals."""

TITLES = {
    "f1": lazy_gettext("List of land users whose land is to be recovered"),
    "f2": lazy_gettext("Summary of costs of compensation, support and resettlement"),
    "f3": lazy_gettext("Costs of compensation and support of a household"),
    "f4": lazy_gettext("Recovered area by land type"),
    "handover": lazy_gettext("List of land handed over"),
    "plots": lazy_gettext("List of resettlement plots allotted"),
    "payments": lazy_gettext("List of payments"),
}
SHORT = {
    "f1": lazy_gettext("F1 Land users"),
    "f2": lazy_gettext("F2 Costs"),
    "f3": lazy_gettext("F3 Households' lines"),
    "f4": lazy_gettext("F4 Recovered area"),
    "handover": lazy_gettext("Handovers"),
    "plots": lazy_gettext("Resettlement plots"),
    "payments": lazy_gettext("Payments"),
}
CATEGORIES = {
    "compensation": lazy_gettext("Compensation"),
    "support": lazy_gettext("Support"),
    "land": lazy_gettext("Land"),
    "structures": lazy_gettext("Assets and structures"),
    "crops": lazy_gettext("Trees and crops"),
    "support_job": lazy_gettext("Training and change of job"),
    "support_structures": lazy_gettext("Support: assets and structures"),
    "support_crops": lazy_gettext("Support: trees and crops"),
    "support_other": lazy_gettext("Other support"),
}
HEADS = {
    "no": (lazy_gettext("No."), COUNT),
    "name": (lazy_gettext("Land user"), TEXT),
    "address": (lazy_gettext("Address"), TEXT),
    "place": (lazy_gettext("Address of the land"), TEXT),
    "area_m2": (lazy_gettext("Area (m²)"), AREA),
    "sheet": (lazy_gettext("Map sheet"), TEXT),
    "number": (lazy_gettext("Parcel number"), TEXT),
    "land_use": (lazy_gettext("Present land type"), TEXT),
    "note": (lazy_gettext("Note"), TEXT),
    NOT_ELIGIBLE: (lazy_gettext("Not eligible"), AREA),
    "compensation_vnd": (lazy_gettext("Compensation"), MONEY),
    "support_vnd": (lazy_gettext("Support"), MONEY),
    "land_vnd": (lazy_gettext("Land"), MONEY),
    "structures_vnd": (lazy_gettext("Assets and structures"), MONEY),
    "crops_vnd": (lazy_gettext("Trees and crops"), MONEY),
    "support_job_vnd": (lazy_gettext("Training and change of job"), MONEY),
    "support_structures_vnd": (lazy_gettext("Assets and structures"), MONEY),
    "support_crops_vnd": (lazy_gettext("Trees and crops"), MONEY),
    "support_other_vnd": (lazy_gettext("Other support"), MONEY),
    "total_vnd": (lazy_gettext("Total, to 1,000 đồng"), MONEY),
    "item": (lazy_gettext("Item"), TEXT),
    "unit": (lazy_gettext("Unit of measure"), TEXT),
    "quantity": (lazy_gettext("Quantity"), NUMBER),
    "unit_price_vnd": (lazy_gettext("Unit price (đồng)"), MONEY),
    "coefficient": (lazy_gettext("Interpolation coefficient"), NUMBER),
    "support_level": (lazy_gettext("Support level"), NUMBER),
    "amount_vnd": (lazy_gettext("Amount (đồng)"), MONEY),
    "legal_basis": (lazy_gettext("Legal basis"), TEXT),
    "handed_m2": (lazy_gettext("Handed over (m²)"), AREA),
    "left_m2": (lazy_gettext("Remaining (m²)"), AREA),
    "day": (lazy_gettext("Day"), TEXT),
    "paper": (lazy_gettext("Document"), TEXT),
    "site": (lazy_gettext("Resettlement site"), TEXT),
    "plot": (lazy_gettext("Plot"), TEXT),
    "step": (lazy_gettext("What is paid for"), TEXT),
    "deducted_vnd": (lazy_gettext("Deducted for the budget (đồng)"), MONEY),
    "owed_vnd": (lazy_gettext("Left to pay (đồng)"), MONEY),
}
_OF_COMPENSATION = ("land_vnd", "structures_vnd", "crops_vnd")


@dataclass(frozen=True)
class Column:
    """A column: its name, title, what stands above the title, and the kind of its values."""

    name: str
    title: str
    group: str
    kind: str


@dataclass(frozen=True)
class Line:
    """A row, its values in the order of the columns."""

    values: tuple
    case: str | None = None
    heading: str | None = None
    """Key of the group that a heading row begins."""


@dataclass(frozen=True)
class Listed:
    """A list, laid out."""

    annex: Annex
    title: str
    about: tuple[str, ...]
    """Lines below the title: what it is attached to, the project, the household."""
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    totals: tuple | None
    """The row of sums, where there is one."""
    words: str | None
    """The total amount in words."""
    notes: tuple[str, ...]

    @property
    def groups(self) -> list[tuple[str, int]]:
        """Titles above those of the columns, with how many columns each spans; empty where there are none."""
        spans: list[tuple[str, int]] = []
        for column in self.columns:
            if column.group and spans and spans[-1][0] == column.group:
                spans[-1] = (column.group, spans[-1][1] + 1)
            else:
                spans.append((column.group, 1))
        return spans if any(title for title, _ in spans) else []


def lay_out(annex: Annex) -> Listed:
    """Write a list in the language of the request."""
    columns = tuple(_column(annex.form, name) for name in annex.columns)
    return Listed(
        annex, str(TITLES[annex.form]), tuple(_about(annex)), columns,
        tuple(_line(row, columns) for row in annex.rows),
        _totals(annex, columns), _words(annex), tuple(_notes(annex)),
    )  # fmt: skip


def _column(form: str, name: str) -> Column:
    of_land = gettext("Of it by land type (m²)")
    if name.startswith(LAND):
        return Column(name, name.removeprefix(LAND) or gettext("type not on record"), of_land, AREA)
    title, kind = HEADS[name]
    group = ""
    if name == NOT_ELIGIBLE:
        group = of_land
    elif form == "f2" and name in (*_OF_COMPENSATION, "compensation_vnd"):
        group, title = gettext("Compensation (đồng)"), gettext("Sum") if name == "compensation_vnd" else title
    elif form == "f2" and name.startswith("support_"):
        group, title = gettext("Support (đồng)"), gettext("Sum") if name == "support_vnd" else title
    return Column(name, str(title), group, kind)


def named(paper: Paper) -> str:
    """Write a document as texts cite it."""
    said = gettext("%(kind)s no. %(number)s", kind=document_kind_name(paper.kind), number=paper.number)
    if paper.issued_on:
        said = gettext("%(document)s of %(day)s", document=said, day=day(paper.issued_on))
    return gettext("%(document)s by %(issuer)s", document=said, issuer=paper.issuer) if paper.issuer else said


def _about(annex: Annex):
    if annex.document:
        yield gettext("(Attached to %(document)s)", document=named(annex.document))
    yield gettext("Project: %(name)s", name=annex.project.name)
    if annex.case:
        yield gettext("Case: %(code)s", code=annex.case.code)
        yield gettext("Land user: %(name)s", name=annex.case.name or "–")
        if annex.case.address:
            yield gettext("Address: %(address)s", address=annex.case.address)
    if not annex.document:
        yield gettext("Records up to %(day)s", day=day(annex.upto))


def _line(row: Row, columns: tuple[Column, ...]) -> Line:
    cells = dict(row.cells)
    if row.heading:
        cells["item"] = str(CATEGORIES[row.heading])
        cells["no"] = None
    if cells.get("not_compensated"):
        cells["note"] = gettext("Not compensated: %(why)s", why=cells["not_compensated"])
    return Line(tuple(_value(column, cells.get(column.name)) for column in columns), row.case, row.heading)


def _value(column: Column, value):
    if value is None:
        return None
    if column.name == "day":
        return day(value)
    if column.name == "step":
        return step_name(value)
    if column.name == "name":
        return str(value).replace("; ", "\n")  # husband and wife stand on two lines
    return value


def _totals(annex: Annex, columns: tuple[Column, ...]) -> tuple | None:
    if not annex.rows or not annex.totals:
        return None
    label = next(column.name for column in columns if column.kind == TEXT)
    return tuple(gettext("Total") if column.name == label else annex.totals.get(column.name) for column in columns)


def _words(annex: Annex) -> str | None:
    total = annex.totals.get("total_vnd", annex.totals.get("amount_vnd"))
    if total is None or str(get_locale()) != "vi":
        return None
    return f"Bằng chữ: {amount_in_words(int(total))}."


def _notes(annex: Annex):
    if annex.unheld[0]:
        yield gettext(
            "Not listed: land of no holder, %(n)s parcels, %(area)s m².",
            n=count(annex.unheld[0]), area=area(annex.unheld[1]),
        )  # fmt: skip
    if annex.form == "f2" and annex.rows:
        yield gettext("The total of each household is rounded to 1,000 đồng; the sum is that of the rounded totals.")
    if annex.cited and not annex.document:
        cited = "; ".join(named(paper) for paper in annex.cited[:30])
        yield gettext("Documents: %(documents)s.", documents=cited + (" …" if len(annex.cited) > 30 else ""))


def written(value, kind: str) -> str:
    """Write a value the reader's way; nothing where none is."""
    if value is None:
        return ""
    if kind == TEXT:
        return str(value)
    if kind == COUNT:
        return count(value)
    return format_decimal(value, format="#,##0.######") if kind == NUMBER else area(value)


# Findings.


def told(finding: Finding, papers: Mapping[int, Paper]) -> str:
    """Write what a check found, in the language of the request."""
    check = CHECKS[finding.check]
    vietnamese = str(get_locale()) == "vi"
    values = {}
    for name, value in finding.values.items():
        if name == "step":
            values |= {"step_vi": step_name(value), "step_en": step_name(value)}
        elif name == "fields":
            for n, suffix in enumerate(("vi", "en")):
                values[f"fields_{suffix}"] = ", ".join(FIELDS[each][n] for each in value)
        else:
            values[name] = area(value) if isinstance(value, Decimal) else day(value) if name == "day" else value
    values.setdefault("stated_m2", "–")
    said = (check.says_vi if vietnamese else check.says_en) % values
    paper = papers.get(finding.document) if finding.case else None
    return f"{said} ({paper.number})" if paper and paper.number not in said else said


def check_name(key: str) -> str:
    """Name a check in the language of the request."""
    check = CHECKS[key]
    return check.vi if str(get_locale()) == "vi" else check.en


def checked(form: str) -> tuple[str, ...]:
    """Give the keys of what is looked at for a list."""
    return annex_checks.OF_FORM[form]
