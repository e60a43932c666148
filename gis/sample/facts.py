"""The sample's input: what public reports say, and how the generated records are to be spread over it.

`figures.csv` and `projects.csv` are the reports' own facts. `cohorts.csv` is ours: every row is a group of like
cases of a project with the phase in which each step was taken, chosen so that the sums hit the reported figures.
Everything is read as text and turned into dataclasses here; areas are whole hundredths of a m² from here on.
"""

import csv
import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent
DATA = PACKAGE / "data"
OUTLINES = PACKAGE / "outlines" / "communes.geojson"

UNIT_SLUGS = {"TP. Lạng Sơn": "tp-lang-son", "H. Chi Lăng": "h-chi-lang"}
"""Units as the reports name them."""

MEASURED = (
    "documents", "projects", "households", "organisations", "communities", "of_households", "area_m2", "of_area_m2",
    "amount_vnd", "plots", "count", "percent",
)  # fmt: skip
"""Columns of `figures.csv` that hold numbers."""

FIGURE_COLUMNS = " ".join((
    "figure", "source_line", "unit_id", "project_id", "indicator", "basis", "from_on", "to_on", "period_basis",
    "holder", *MEASURED, "part_of", "derivable", "contradicted_cells", "note",
))  # fmt: skip
"""The same columns as table `reported_figure` names them."""

PROCEDURE = (
    "registered", "recovery_notice", "recovery_notice_adjustment", "recovery_notice_cancellation",
    "mandatory_inventory", "inventory", "plan_review", "handover_consent", "advance_payment", "plan_approval",
    "recovery_decision", "payment", "progress_bonus", "recovery_enforcement", "resettlement_allocation",
    "part_handover", "handover",
)  # fmt: skip
"""The columns of `cohorts.csv`, in the order in which a case goes through them. `registered` and `part_handover`
(a first part, in m²) are no kinds of event of their own."""


@dataclass(frozen=True)
class Phase:
    """A span of days in which steps are dated; `reported` when a report's period lies on it."""

    name: str
    first_day: date
    last_day: date
    reported: bool


@dataclass(frozen=True)
class Cohort:
    """A group of like cases of a project (or, with holder ``none``, parcels of land without holder).

    `steps` gives for each step the phases it was taken in and by how many of the cases, the first cases first.
    `documents` gives the number of documents of a step where it is not one a case.
    """

    number: int
    project: str
    district: str
    part: str
    holder: str
    cases: int
    area_cents: int
    steps: dict[str, list[tuple[str, int]]]
    part_cents: int
    granted: int
    plots: int
    documents: dict[str, int]


@dataclass(frozen=True)
class Ground:
    """Where a project (or a resettlement site) is drawn: middle, direction and shape; areas come from its cases."""

    code: str
    district: str
    communes: tuple[str, ...]
    share: float
    lon: float
    lat: float
    bearing_deg: float
    strip_width_m: float | None
    """Width of a road or river bank; None for a compact shape."""
    length_to_width: float | None
    bend_m: float
    area_m2: float | None
    """Only for projects without records."""


def cents(text: str) -> int:
    """Read an area in m² as whole hundredths; '' is 0."""
    return int(Decimal(text or 0) * 100)


@cache
def table(name: str) -> list[dict[str, str]]:
    """Read one of the CSV tables of the sample as it stands."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def statements() -> dict:
    """Read what the reports say beside their figures: parts, suspensions, key years' sources."""
    return tomllib.loads((DATA / "facts.toml").read_text("utf-8"))


@cache
def widenings() -> dict[str, date]:
    """Give the projects whose scope was changed, and the day on which that was known."""
    return {act["project"]: act["valid_on"] for act in statements()["act"] if act["kind"] == "scope_change"}


@cache
def phases() -> dict[str, Phase]:
    """Read the phases, in the order of time."""
    return {
        row["phase"]: Phase(
            row["phase"],
            date.fromisoformat(row["first_day"]),
            date.fromisoformat(row["last_day"]),
            row["reported"] == "yes",
        )
        for row in table("phases")
    }


@cache
def cohorts() -> list[Cohort]:
    """Read the cohorts."""
    return [_cohort(number, row) for number, row in enumerate(table("cohorts"))]


def _cohort(number: int, row: dict[str, str]) -> Cohort:
    cases = int(row["cases"])
    documents = (entry.split(":") for entry in row["documents"].split())
    return Cohort(
        number, row["project"], row["district"], row["part"], row["holder"], cases, cents(row["area_m2"]),
        {step: _taken(row[step], cases) for step in PROCEDURE if row[step]},
        cents(row["part_m2"]), int(row["granted"] or 0), int(row["plots"] or 0),
        {step: int(count) for step, count in documents},
    )  # fmt: skip


def _taken(cell: str, cases: int) -> list[tuple[str, int]]:
    """Read ``2022:8 2023``: the first 8 cases in 2022, all others in 2023."""
    taken = []
    for entry in cell.split():
        phase, _, count = entry.partition(":")
        taken.append((phase, int(count) if count else cases))
        cases -= taken[-1][1]
    return taken


@cache
def grounds() -> list[Ground]:
    """Read the grounds."""
    return [
        Ground(
            row["code"], row["district"], tuple(filter(None, (row["commune"], row["other_commune"]))),
            float(row["share_percent"]), float(row["lon"]), float(row["lat"]), float(row["bearing_deg"]),
            _number(row["strip_width_m"]), _number(row["length_to_width"]), float(row["bend_m"]),
            _number(row["area_m2"]),
        )
        for row in table("grounds")
    ]  # fmt: skip


def _number(text: str) -> float | None:
    return float(text) if text else None


@dataclass(frozen=True)
class Money:
    """An amount that a report states for a step, and where its events are."""

    figure: str
    step: str
    unit: str
    project: str
    since: date
    upto: date
    amount_vnd: int


@cache
def money() -> list[Money]:
    """Give the reported amounts that the generated records add up to, to the đồng."""
    return [
        Money(
            row["fid"], row["indicator"], UNIT_SLUGS[row["unit"]], row["project"],
            date.fromisoformat(row["from"] or "1900-01-01"), date.fromisoformat(row["to"]), int(row["amount_vnd"]),
        )
        for row in table("figures")
        if row["derivable"] == "yes" and row["amount_vnd"]
        and "amount_vnd" not in row["contradicted_cells"].split(";")
    ]  # fmt: skip


def reported_area_cents(figure: str) -> int:
    """Give the area of one reported figure in hundredths of a m²."""
    return next(cents(row["area_m2"]) for row in table("figures") if row["fid"] == figure)


def key_designations() -> list[tuple[str, int, str, str]]:
    """Give project, year, body and source of every year in which a project was named a key project."""
    said = statements()
    with_target = {(row["project"], row["to"][:4]) for row in table("figures") if row["basis"] == "target"}
    named = [
        (row["slug"], year, row["unit"]) for row in table("projects") for year in row["key_project"].split(";") if year
    ]
    named += [(also["project"], str(also["year"]), also["body"]) for also in said["also_key"]]
    return [
        (project, int(year), body, said["key_sources"][f"{body} {year}"][(project, year) in with_target])
        for project, year, body in named
    ]


def fingerprint() -> str:
    """Give the SHA-256 over the input files and the program: it names exactly what was loaded."""
    digest = hashlib.sha256()
    for path in sorted([*PACKAGE.glob("*.py"), *DATA.glob("*.csv"), *DATA.glob("*.toml"), OUTLINES]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
