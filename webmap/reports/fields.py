"""The named fields that offices' own templates are filled with: what each is called, and what it holds.

Names are Vietnamese without marks and never change: they stand in offices' files. `<step>.<measure>` is the figure of
the unit in the period; what begins with `cac_` is a list, a row of a table for each.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher, get_close_matches
from functools import cache, cached_property

from flask_babel import gettext, lazy_gettext

from gis.indicators import INDICATORS, SUMS
from gis.report import PERIOD_KINDS, STANDING_KINDS, KeyProject, Report
from webmap.i18n import day, moment
from webmap.reports.content import COUNT, KINDS, TEXT, Laid
from webmap.words import step_name

DAY = "day"
TEXT_BLOCK = "van_ban"
"""The sentences of the report with their footnotes: a paragraph of its own."""
STEPS = {
    "recovery_notice": "thong_bao", "recovery_notice_adjustment": "dieu_chinh_thong_bao",
    "recovery_notice_cancellation": "huy_thong_bao", "inventory": "kiem_dem",
    "mandatory_inventory": "kiem_dem_bat_buoc", "plan_review": "hop_phuong_an",
    "plan_approval": "phe_duyet_phuong_an", "recovery_decision": "quyet_dinh_thu_hoi",
    "recovery_enforcement": "cuong_che_thu_hoi", "payment": "chi_tra", "advance_payment": "tam_ung",
    "progress_bonus": "thuong_tien_do", "deduction": "khau_tru", "resettlement_allocation": "giao_dat_tai_dinh_cu",
    "handover_consent": "cam_ket_ban_giao", "handover": "ban_giao", "specific_land_price": "gia_dat_cu_the",
    "land_use_conversion": "chuyen_muc_dich", "scope_change": "thay_doi_pham_vi", "persuasion": "van_dong",
    "enforcement_board": "ban_cuong_che", "affected": "anh_huong", "not_inventoried": "chua_kiem_dem",
    "not_handed_over": "chua_ban_giao",
}  # fmt: skip
MEASURES = {
    "documents": ("so_van_ban", lazy_gettext("Documents")),
    "projects": ("so_du_an", lazy_gettext("Projects")),
    "households": ("ho", lazy_gettext("Households")),
    "organisations": ("to_chuc", lazy_gettext("Organisations")),
    "communities": ("cong_dong", lazy_gettext("Communities")),
    "holders": ("doi_tuong", lazy_gettext("Holders")),
    "area_m2": ("dien_tich_m2", lazy_gettext("Area (m²)")),
    "amount_vnd": ("so_tien_dong", lazy_gettext("Amount (đồng)")),
    "plots": ("so_lo", lazy_gettext("Plots")),
}
ONE_PROJECT, ONE_KEY_PROJECT = "du_an", "trong_diem"
"""`du_an.<code>.<step>.<measure>`: one project; `trong_diem.<code>.…`: how far a key project stands."""
SENTENCES, PROJECTS, COMMUNES, BY_STEP, KEY_PROJECTS = "cac_cau", "cac_du_an", "cac_xa", "cac_buoc", "cac_trong_diem"
_NUMBER, _NAME, _CODE = "stt", "ten", "ma"
_OF_KEY_PROJECT = {
    "muc_tieu": "Target", "ty_le_m2": "Percent of m²", "vuong_mac": "Obstacle",
    "huong_giai_quyet": "How it is to be settled", "trach_nhiem": "Who has to act",
    "nguon": "Source",
}  # fmt: skip
"""Columns of the report's own table of key projects, by their titles."""
_OF_TABLES = {
    "cac_chu_su_dung": ("holders", {
        "du_an": "Project", "buoc": "Step", "cua": "Whose", "doi_tuong": "Holders", "dien_tich_m2": "Area (m²)",
        "so_tien_dong": "Amount (đồng)",
    }),
    "cac_so_bao_cao": ("reported", {
        "chi_tieu": "Figure", "du_an": "Project", "thoi_gian": "For", "so_du_an": "Projects", "ho": "Households",
        "dien_tich_m2": "Area (m²)", "so_tien_dong": "Amount (đồng)", "so_lo": "Plots", "so": "Count",
        "phan_tram": "%", "nguon": "Source",
    }),
}  # fmt: skip
"""Lists that are tables of the report as they stand, by key of the table."""
Value = str | int | Decimal | date | None
"""None: nothing is on record."""


@dataclass(frozen=True)
class Field:
    """What a field is, for whoever puts it into a template."""

    label: str
    kind: str


@cache
def _measures(kinds: tuple[str, ...], *, whole: bool) -> dict[str, tuple[str, str]]:
    """Give the (step, measure) of each field of these kinds; a single project has neither projects nor documents."""
    return {
        f"{STEPS[kind]}.{name}": (kind, measure)
        for kind in kinds
        for measure, (name, _) in MEASURES.items()
        if (measure not in SUMS or measure in INDICATORS[kind].sums)
        and (whole or measure not in ("projects", "documents"))
    }


class Fields:
    """Every field there is, for readers of a language.

    Parameters
    ----------
    codes : collection of str
        Codes of the projects that templates may name.
    """

    def __init__(self, codes: Collection[str] = ()):
        self.codes = frozenset(codes)

    @cached_property
    def single(self) -> Mapping[str, Field]:
        """Fields that hold one value, but those of single projects."""
        return {
            "don_vi": Field(gettext("Unit that reports"), TEXT),
            "tieu_de": Field(gettext("Title"), TEXT),
            "ky_bao_cao": Field(gettext("Period in words"), TEXT),
            "tu_ngay": Field(gettext("First day of the period"), DAY),
            "den_ngay": Field(gettext("Last day of the period"), DAY),
            "nam": Field(gettext("Year of the last day"), TEXT),
            "so_lieu_den": Field(gettext("Moment the records were known"), TEXT),
            "phien_ban_so_lieu": Field(gettext("Number of the data revision"), COUNT),
            "nguon": Field(gettext("What the figures were counted from"), TEXT),
            "minh_hoa": Field(gettext("Notice of illustrative figures; empty for real ones"), TEXT),
            "tam_dung": Field(gettext("Projects that stand still on the last day"), TEXT),
            TEXT_BLOCK: Field(gettext("The text with its footnotes: in a paragraph of its own"), TEXT),
            **self._steps(PERIOD_KINDS, whole=True),
        }

    @cached_property
    def of_project(self) -> Mapping[str, Field]:
        """What stands behind `du_an.<code>.`."""
        return {_NAME: Field(gettext("What it is called"), TEXT), **self._steps(PERIOD_KINDS, whole=False)}

    @cached_property
    def of_key_project(self) -> Mapping[str, Field]:
        """What stands behind `trong_diem.<code>.`."""
        told = {
            name: Field(gettext(title), "percent" if name == "ty_le_m2" else TEXT)
            for name, title in _OF_KEY_PROJECT.items()
        }
        return {_NAME: Field(gettext("What it is called"), TEXT), **told, **self._steps(STANDING_KINDS, whole=False)}

    @cached_property
    def lists(self) -> Mapping[str, Mapping[str, Field]]:
        """Fields of lists, by list and what stands behind its point."""
        number, name = Field(gettext("No."), COUNT), Field(gettext("What it is called"), TEXT)
        code = Field(gettext("Code of the project"), TEXT)
        measures = {short: Field(str(label), KINDS.get(key, COUNT)) for key, (short, label) in MEASURES.items()}
        sentence = {
            "dau": Field(gettext("What the sentence is about"), TEXT),
            "noi_dung": Field(gettext("What the sentence says"), TEXT),
            "chu_thich": Field(gettext("Its footnote"), TEXT),
        }
        return {
            PROJECTS: {_NUMBER: number, _CODE: code, **self.of_project},
            COMMUNES: {_NUMBER: number, **self.of_project},
            BY_STEP: {_NUMBER: number, _NAME: name, **measures},
            KEY_PROJECTS: {_NUMBER: number, _CODE: code, **self.of_key_project},
            SENTENCES: {_NUMBER: number, **sentence},
            **{
                key: {_NUMBER: number} | {short: Field(gettext(title), TEXT) for short, title in columns.items()}
                for key, (_, columns) in _OF_TABLES.items()
            },
        }

    @staticmethod
    def list_titles() -> Mapping[str, str]:
        """Say of what each list has a row."""
        return {
            PROJECTS: gettext("Projects with anything in the period"), COMMUNES: gettext("By commune"),
            BY_STEP: gettext("By step"), KEY_PROJECTS: gettext("Key projects"), SENTENCES: gettext("Text"),
            "cac_chu_su_dung": gettext("By holder"), "cac_so_bao_cao": gettext("As reported"),
        }  # fmt: skip

    @staticmethod
    def _steps(kinds: tuple[str, ...], *, whole: bool) -> dict[str, Field]:
        return {
            key: Field(f"{step_name(kind)}: {MEASURES[measure][1]}", KINDS.get(measure, COUNT))
            for key, (kind, measure) in _measures(kinds, whole=whole).items()
        }

    def find(self, key: str) -> Field | None:
        """Give a field that holds one value."""
        head, code, rest = [*key.split(".", 2), "", ""][:3]
        behind = {ONE_PROJECT: self.of_project, ONE_KEY_PROJECT: self.of_key_project}.get(head)
        return behind.get(rest) if behind and code in self.codes else self.single.get(key)

    def in_list(self, key: str) -> tuple[str, str] | None:
        """Give the list of a field and what it takes of it; None for a field that is of no list."""
        head, _, rest = key.partition(".")
        return (head, rest) if rest in self.lists.get(head, ()) else None

    def nearest(self, key: str) -> str | None:
        """Give the field that was probably meant."""
        key = plain(key)
        head, code, rest = [*key.split(".", 2), "", ""][:3]
        behind = {ONE_PROJECT: self.of_project, ONE_KEY_PROJECT: self.of_key_project}.get(head)
        if behind and code:
            code = code if code in self.codes else _closest(code, self.codes)
            rest = rest if rest in behind else _closest(rest, behind)
            return f"{head}.{code}.{rest}" if code and rest else None
        return _closest(key, [*self.single, *self.in_lists()])

    def in_lists(self) -> Iterator[str]:
        """Give the whole names of all fields of lists."""
        return (f"{key}.{short}" for key, columns in self.lists.items() for short in columns)


def plain(key: str) -> str:
    """Write a name as fields are: small letters without marks, words joined by a low line."""
    key = unicodedata.normalize("NFD", key.lower().replace("đ", "d"))
    return re.sub(r"[^a-z0-9.\-]+", "_", "".join(c for c in key if not unicodedata.combining(c)).strip())


def _closest(word: str, among: Collection[str]) -> str | None:
    """Give the nearest by spelling; of the same beginning before others, so that `ban_giao.so_ho` is `ban_giao.ho`."""
    head, _, last = word.rpartition(".")
    siblings = [other for other in among if head and other.startswith(f"{head}.")]
    if siblings:

        def likeness(other: str) -> float:
            of = other.rpartition(".")[2]
            return SequenceMatcher(None, last, of).ratio() + len({*last.split("_")} & {*of.split("_")}) / 20

        return max(siblings, key=likeness)
    return next(iter(get_close_matches(word, list(among), 1, 0.6)), None)


class Values:
    """What the fields hold for a report. The report must be laid out in the language of the template."""

    def __init__(self, report: Report, laid: Laid):
        self.report, self.laid = report, laid
        self._tables = {table.key: table for table in laid.tables}
        self._projects = {line.key: line for line in (*report.projects, *report.quiet)}
        self._counted: dict[str, list[dict[str, Value]]] = {}
        self._key_projects = {project.entry.code: project for project in report.key_projects}

    @cached_property
    def _told(self) -> Mapping[str, Value]:
        report, laid = self.report, self.laid
        return {
            "don_vi": report.unit.name, "tieu_de": laid.title, "ky_bao_cao": laid.period, "tu_ngay": report.since,
            "den_ngay": report.upto, "nam": str(report.upto.year), "so_lieu_den": moment(report.known_at),
            "phien_ban_so_lieu": report.revision, "nguon": laid.source,
            "minh_hoa": gettext("Illustrative sample, not official figures.") if laid.illustrative else "",
            "tam_dung": "; ".join(f"{entry.name} ({day(entry.suspended_since)})" for entry in report.suspended),
            TEXT_BLOCK: "\n".join(
                f"- {s.head}{s.text}" + (f" [{s.footnote}]" if s.footnote else "") for s in laid.sentences
            ),
        }  # fmt: skip

    def single(self, key: str) -> Value:
        """Give what a field holds that is of no list; None where nothing is on record."""
        if key in self._told:
            return self._told[key]
        head, code, rest = [*key.split(".", 2), "", ""][:3]
        if head == ONE_PROJECT and code in self._projects:
            return self._of_line(self._projects[code], rest)
        if head == ONE_KEY_PROJECT and code in self._key_projects:
            return self._of_key_project(self._key_projects[code], rest)
        found = _measures(PERIOD_KINDS, whole=True).get(key)
        return self.report.total[found[0]][found[1]] if found else None

    def rows(self, name: str) -> list[dict[str, Value]]:
        """Give the rows of a list."""
        if name not in self._counted:
            self._counted[name] = [{_NUMBER: n, **row} for n, row in enumerate(self._rows(name), 1)]
        return self._counted[name]

    def _rows(self, name: str) -> Iterator[dict[str, Value]]:
        report = self.report
        if name in (PROJECTS, COMMUNES):
            for line in report.projects if name == PROJECTS else report.communes:
                named = line.name or gettext("outside the communes known")
                of_line = {key: self._of_line(line, key) for key in _measures(PERIOD_KINDS, whole=False)}
                yield {_CODE: line.key, _NAME: named, **of_line}
        elif name == BY_STEP:
            for kind in report.kinds():
                yield {_NAME: step_name(kind)} | {s: report.total[kind][key] for key, (s, _) in MEASURES.items()}
        elif name == KEY_PROJECTS:
            keys = (_NAME, *_OF_KEY_PROJECT, *_measures(STANDING_KINDS, whole=False))
            for code, project in self._key_projects.items():
                yield {_CODE: code, **{key: self._of_key_project(project, key) for key in keys}}
        elif name == SENTENCES:
            for said in self.laid.sentences:
                yield {"dau": said.head, "noi_dung": said.text.lstrip(": "), "chu_thich": said.footnote or ""}
        else:
            table, columns = _OF_TABLES[name]
            for row in self._tables[table].rows if table in self._tables else ():
                yield {short: self._cell(table, row, title) for short, title in columns.items()}

    @staticmethod
    def _of_line(line, key: str) -> Value:
        kind, measure = _measures(PERIOD_KINDS, whole=False).get(key, (None, None))
        return line.values[kind][measure] if kind else line.name

    def _of_key_project(self, project: KeyProject, key: str) -> Value:
        if key in _OF_KEY_PROJECT:
            named = project.entry.name
            rows = [row for row in self._tables["key_projects"].rows if row[0] == named]
            return self._cell("key_projects", rows[0], _OF_KEY_PROJECT[key]) if rows else None
        kind, measure = _measures(STANDING_KINDS, whole=False).get(key, (None, None))
        whole = project.standing.get(None)
        return project.entry.name if kind is None else whole[kind][measure] if whole else None

    def _cell(self, table: str, row: tuple, title: str) -> Value:
        titles = [each for each, _ in self._tables[table].columns]
        return row[titles.index(gettext(title))]

    def kind_of(self, fields: Fields, name: str, short: str) -> str:
        """Give the kind of a field of a list; tables of the report know their own."""
        if name in _OF_TABLES and short != _NUMBER:
            table, columns = _OF_TABLES[name]
            kinds = dict(self._tables[table].columns) if table in self._tables else {}
            return kinds.get(gettext(columns[short]), TEXT)
        return fields.lists[name][short].kind
