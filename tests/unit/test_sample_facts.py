"""The sample's tables against each other: what the reports say is loaded as they say it."""

from itertools import pairwise

import pytest

from gis.indicators import INDICATORS
from gis.sample import facts

PROJECTS = {row["slug"] for row in facts.table("projects")}


def test_there_are_54_projects_and_127_figures():
    assert len(PROJECTS) == 54
    assert len(facts.table("figures")) == 127


def test_every_table_speaks_of_known_projects():
    sites = {row["code"] for row in facts.table("sites")}
    said = facts.statements()
    named = {row["project"] for row in facts.table("obstacles")} | {c.project for c in facts.cohorts()}
    named |= {ground.code for ground in facts.grounds()} - sites
    named |= {act["project"] for act in said["act"]} | set(said["parents"]) | set(said["parents"].values())
    named |= set(said["notes"]) | {part["project"] for part in said["part"]}
    named |= {project for row in facts.table("sites") for project in row["serves"].split()}
    assert named <= PROJECTS


def test_every_project_has_a_ground():
    assert {ground.code for ground in facts.grounds()} >= PROJECTS


def test_some_projects_have_no_records():
    without = PROJECTS - {cohort.project for cohort in facts.cohorts()}
    assert without >= {"khu-lien-hop-the-thao", "den-ta-phu"}
    drawn = {ground.code for ground in facts.grounds() if ground.area_m2}
    assert drawn == without


def test_every_grounds_communes_are_those_that_the_report_states():
    units = {row["slug"]: row["name"] for row in facts.table("units")}
    for row in facts.table("projects"):
        if row["commune_basis"] == "not stated":
            continue
        stated = set(row["commune"].split("; "))
        drawn = {units[slug] for g in facts.grounds() if g.code == row["slug"] for slug in g.communes}
        assert drawn == stated, row["slug"]


def test_cohorts_stay_in_the_projects_unit():
    unit = {row["slug"]: facts.UNIT_SLUGS[row["unit"]] for row in facts.table("projects")}
    elsewhere = {c.project for c in facts.cohorts() if c.district != unit[c.project]}
    assert elsewhere == {"cao-toc-huu-nghi-chi-lang"}


def test_phases_leave_no_day_to_chance():
    phases = list(facts.phases().values())
    for earlier, later in pairwise(phases):
        assert earlier.last_day < later.first_day
    assert {phase.name for phase in phases if phase.reported} == {"2020-06", "2022", "2024-Q1", "2024-12"}


def test_every_step_is_a_known_indicator():
    assert set(facts.PROCEDURE) - set(INDICATORS) == {"registered", "part_handover"}


def test_key_years_are_those_of_the_table():
    stated = {
        (row["slug"], int(year)) for row in facts.table("projects") for year in row["key_project"].split(";") if year
    }
    named = facts.key_designations()
    assert {(project, year) for project, year, _, _ in named} == stated
    assert len(named) == len(stated) + 1  # the expressway is named by both units in 2024
    assert all(source for *_, source in named)


@pytest.mark.parametrize(
    ("project", "part", "step"),
    [
        ("kdt-moi-mai-pha", None, None),
        ("nam-nguyen-dinh-chieu", "bt", "plan_approval"),
        ("nam-nguyen-dinh-chieu", "bt", "recovery_enforcement"),
        ("cao-toc-huu-nghi-chi-lang", None, None),
    ],
)
def test_suspensions_are_there(project, part, step):
    acts = [act for act in facts.statements()["act"] if act["kind"] == "suspension"]
    assert len(acts) == 4
    assert (project, part, step) in [(act["project"], act.get("part"), act.get("step")) for act in acts]


def test_obstacles_of_the_status_column_are_there():
    words = ("clearance", "blocked")
    stated = {row["slug"] for row in facts.table("projects") if any(word in row["status"] for word in words)}
    stated -= {"cao-toc-huu-nghi-chi-lang"}  # its status tells of the suspension
    stopped = {row["project"] for row in facts.table("obstacles")}
    assert stopped >= stated - {"nha-o-xa-hoi-2", "tam-giac-bac-cau-ky-cung"}
    resolved = {row["project"] for row in facts.table("obstacles") if row["resolved_on"]}
    assert resolved == {"tdc-my-son", "duong-doi-ngoai-noxh-2", "ha-tang-tran-quang-khai"}
