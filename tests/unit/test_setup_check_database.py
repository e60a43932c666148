"""What an administrator is told about a server that will not do."""

import pytest

from script.check_database import EXTENSIONS, Facts, check, plain_url, problems, quoted, report

FIT = {"role": "land", "database": "gpmb", "server_version": 150018}


def statements(**facts):
    return [statement for problem in problems(Facts(**FIT | facts)) for statement in problem.statements]


def test_a_fit_server_has_no_problem():
    assert problems(Facts(**FIT)) == []


def test_an_old_server_is_the_only_thing_said():
    (problem,) = problems(Facts(**FIT | {"server_version": 140012}, web_role_granted=False))
    assert "PostgreSQL 14" in problem.en
    assert "PostgreSQL 14" in problem.vi
    assert problem.statements == ()


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"extensions_present": frozenset({"btree_gist"})}, ["CREATE EXTENSION postgis;"]),
        ({"extensions_present": frozenset({"postgis"})}, ["CREATE EXTENSION btree_gist;"]),
        (
            {"reference_rights": frozenset({"SELECT"})},
            ["GRANT SELECT, INSERT, UPDATE, DELETE ON spatial_ref_sys TO land;"],
        ),
        (
            {"web_role_exists": False, "web_role_granted": False},
            ["CREATE ROLE gpmb_web NOLOGIN;", "GRANT gpmb_web TO land;"],
        ),
        ({"web_role_granted": False}, ["GRANT gpmb_web TO land;"]),
        (
            {"limited_role_exists": False, "limited_role_granted": False},
            ["CREATE ROLE gpmb_limited NOLOGIN;", "GRANT gpmb_limited TO gpmb_web;"],
        ),
        ({"limited_role_granted": False}, ["GRANT gpmb_limited TO gpmb_web;"]),
        ({"may_create_tables": False}, ["GRANT CREATE, USAGE ON SCHEMA public TO land;"]),
    ],
)
def test_every_lack_has_its_statement(facts, expected):
    assert statements(**facts) == expected


def test_a_missing_package_is_named():
    found = problems(Facts(**FIT, extensions_available=frozenset({"btree_gist"}), extensions_present=frozenset()))
    assert "postgresql-15-postgis-3" in found[0].en


def test_the_report_is_one_message_in_both_languages():
    facts = Facts(**FIT, extensions_present=frozenset(), reference_rights=frozenset())
    text = report(problems(facts), "Đất đai")
    assert text.count("An administrator must run") == 1
    assert '\\connect "Đất đai"' in text
    assert "không được tạo phần mở rộng postgis" in text
    assert "may not create the extension postgis" in text
    for name in EXTENSIONS:
        assert f"    CREATE EXTENSION {name};" in text


def test_an_unreachable_server_is_a_message_without_the_password():
    message = check("postgresql://land:hunter2@127.0.0.1:1/gpmb")
    assert "cannot be reached" in message
    assert "hunter2" not in message


@pytest.mark.parametrize("start", ["postgres://", "postgresql://", "postgresql+psycopg2://", "postgresql+psycopg://"])
def test_addresses_are_read_whatever_driver_they_name(start):
    assert plain_url(f"{start}a:b@host/db") == "postgresql://a:b@host/db"


def test_names_are_quoted_where_needed():
    assert quoted("gpmb_owner") == "gpmb_owner"
    assert quoted('My "role"') == '"My ""role"""'
