"""The commands give the figures of the API, and say plainly what is wrong."""

import csv
import io
from datetime import date

import pytest
import shapely

from gis import accounts, db, sample
from gis.model import ParcelStep
from tests import factories as make
from tests.conftest import engine_of, serving
from tests.vector_files import write_gdal


@pytest.fixture
def run(sample_app):
    runner = sample_app.test_cli_runner()
    return lambda *words: runner.invoke(args=[str(word) for word in words])


def test_progress_prints_the_total_of_the_api(run, sample_client):
    asked = run(
        "progress", "--unit", "tp-lang-son", "--from", "2022-01-01", "--to", "2022-10-24", "--csv", "--by", "project"
    )
    assert asked.exit_code == 0, asked.output
    lines = list(csv.DictReader(io.StringIO(asked.output)))
    answer = sample_client.get(
        "/api/v1/progress",
        query_string={"unit": "tp-lang-son", "from": "2022-01-01", "to": "2022-10-24", "by": "project"},
    ).json
    assert len(lines) == len(answer["rows"]) + 1
    total = answer["total"]
    for kind in ("handover", "payment", "not_handed_over"):
        for measure, value in total["values"][kind].items():
            said = lines[-1][f"{kind}.{measure}"]
            if f"{kind}.{measure}" in total["withheld"] or (kind, measure) == ("payment", "holders"):
                assert value is None, "who reads the command may have it, who reads the map not"
            else:
                assert (float(said) if said else None) == value, f"{kind}.{measure}"


def test_progress_as_a_readable_table(run):
    asked = run("progress", "--unit", "tp-lang-son", "--from", "2022-01-01", "--to", "2022-10-24", "--kind", "handover")
    assert asked.exit_code == 0, asked.output
    assert "Bàn giao mặt bằng" in asked.output
    assert "holders 390" in asked.output
    assert "area_m2 169.352,2" in asked.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "1/1/2022"], "2022-10-24"),
        (["--unit", "nowhere"], "nowhere"),
        (["--unit", "tp-lang-son", "--as-of", "2026-01-01"], "units_of=old"),
        (["--by", "village"], "village"),
        (["--as-of", "2022-01-01", "--to", "2022-01-01"], "as_of"),
        (["--holder", "robot"], "robot"),
    ],
)
def test_bad_questions_are_refused_with_the_way_out(run, words, said):
    asked = run("progress", *words)
    assert asked.exit_code != 0
    assert said in asked.output
    assert "Traceback" not in asked.output


def test_the_sample_is_not_loaded_over_records(run):
    assert "nothing loaded" in run("sample", "load", "--if-empty").output
    refused = run("sample", "load")
    assert refused.exit_code == 1
    assert "Error" in refused.output


def test_a_file_that_is_no_outline_is_refused_and_changes_nothing(run, tmp_path, sample_client):
    before = sample_client.get("/healthz").json["revision"]
    broken = tmp_path / "broken.geojson"
    broken.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    refused = run("boundaries", "load", broken)
    assert refused.exit_code == 1
    assert "Error" in refused.output
    assert sample_client.get("/healthz").json["revision"] == before


def test_outlines_of_units_are_told_of_before_they_are_loaded(run, tmp_path, sample_client):
    before = sample_client.get("/healthz").json["revision"]
    wide, other = shapely.box(106.6, 21.7, 106.9, 22.0), shapely.box(106.72, 21.82, 106.78, 21.85)
    units = [
        ({"ma_xa": "05986", "ten_xa": "Phường Tam Thanh"}, wide),
        ({"ma_xa": "05977", "ten_xa": "Đông Kinh"}, other),
    ]
    path = write_gdal(tmp_path / "hai.gpkg", units, "EPSG:4756")
    for more in (["--dry-run"], ["--yes"], []):
        told = run("boundaries", "load", path, "--on", "2025-07-01", *more)
        assert told.exit_code == 3, told.output
        assert "times as much" in told.output and "overlap by" in told.output and "no successor" in told.output
        assert "othing was changed" in told.output
    assert run("boundaries", "undo", "--yes").exit_code == 1
    assert sample_client.get("/healthz").json["revision"] == before


def test_kept_days_are_verified_and_repaired(make_database):
    database = make_database("verify")
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        land = make.affected(session, make.project(session))
        session.get_one(ParcelStep, land.id).payment_on = date(2024, 1, 2)
    with serving(database) as app:
        verify = app.test_cli_runner()
        wrong = verify.invoke(args=["db", "verify"])
        assert wrong.exit_code == 1
        assert f"Affected parcel {land.id}, payment_on: 2024-01-02 is kept" in wrong.output
        assert "--repair" in wrong.output
        assert "Repaired." in verify.invoke(args=["db", "verify", "--repair"]).output
        right = verify.invoke(args=["db", "verify"])
        assert (right.exit_code, right.output) == (0, "The days kept are those of the events.\n")


@pytest.fixture
def user(make_database, tmp_path):
    """The commands of people, on a database of their own: `user("invite", …)`."""
    with serving(make_database("cli_people"), GPMB_PUBLIC_ADDRESS="https://gpmb.example") as app:
        runner = app.test_cli_runner()
        yield lambda *words: runner.invoke(args=["user", *map(str, words)])


def test_people_by_command(user):
    invited = user("invite", "a@gpmb.vn", "--name", "Nông Bích", "--role", "administrator", "--site", "https://mb.vn/")
    assert invited.output.startswith("https://mb.vn/set-password/")
    assert user("invite", "A@gpmb.vn", "--name", "X", "--role", "leader").exit_code == 1
    assert "nowhere" in user("invite", "b@gpmb.vn", "--name", "X", "--role", "officer", "--unit", "nowhere").output
    assert user("list").output.split("\t")[:4] == ["a@gpmb.vn", "administrator", "Nông Bích", "invited"]
    assert "last administrator" in user("deactivate", "a@gpmb.vn").output
    user("invite", "c@gpmb.vn", "--name", "C", "--role", "leader")
    assert user("deactivate", "c@gpmb.vn").exit_code == 0
    assert user("link", "c@gpmb.vn").exit_code == 1, "closed accounts get no link"
    way_in = user("link", "c@gpmb.vn", "--reactivate", "--role", "administrator", "--without-second-factor")
    assert "/set-password/" in way_in.output
    assert "c@gpmb.vn\tadministrator" in user("list").output
    assert user("link", "nobody@gpmb.vn").exit_code == 1
    assert user("sample").output == "", "no log-ins where the sample is not loaded"


def test_log_ins_of_the_sample_are_made_once_and_outlive_a_replacement(make_database, tmp_path):
    kept = tmp_path / "logins.txt"
    database = make_database("cli_sample_people")
    with engine_of(database.owner) as engine:

        def reload(**options):
            with db.transaction(engine) as session:
                sample.load(session, **options)

        reload()
        with serving(database) as app:
            run = app.test_cli_runner().invoke
            first = run(args=["user", "sample", "--file", str(kept)])
            assert [line.split()[2] for line in first.output.splitlines()] == list(accounts.ROLES)
            assert kept.stat().st_mode & 0o777 == 0o600
            with db.reading_session(engine) as session:
                hashes = [one.password_hash for one in accounts.people(session)]
                officer = accounts.find(session, "officer@mau.example")
            assert (len(officer.project_ids), len(officer.unit_ids)) == (2, 1)
            assert run(args=["user", "sample", "--file", str(kept)]).output == first.output
            reload(replace=True)
            with db.reading_session(engine) as session:
                assert [one.password_hash for one in accounts.people(session)] == hashes
                assert accounts.find(session, "officer@mau.example").project_ids == officer.project_ids
                assert len(accounts.find(session, "officer@mau.example").unit_ids) == 1


@pytest.fixture(scope="module")
def office(make_database):
    """A project of three households with 400 m² each, and its commands."""
    database = make_database("commands")
    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        project = make.project(session, code="duong-moi")
        for number in (1, 2, 3):
            make.affected(session, project, case=make.case(session, project, code=f"HS-{number}"))
        make.affected(session, make.project(session, code="muong-moi"))
    with serving(database) as app:
        runner = app.test_cli_runner()
        yield lambda *words: runner.invoke(args=[str(word) for word in words])


def test_from_a_handover_to_its_undoing_by_command(office, tmp_path):
    handover = ["record", "--project", "duong-moi", "--kind", "handover", "--on", "2024-11-20", "--by", "lan",
                "--document", "12/BB-BGMB", "--language", "en"]  # fmt: skip
    cases = tmp_path / "cases.csv"
    cases.write_text("case,area_m2\nHS-1,\nHS-2,150.25\n", encoding="utf-8")
    handed = ["progress", "--project", "duong-moi", "--as-of", "2024-11-20", "--kind", "handover"]

    tried = office(*handover, "--cases", cases, "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert "Nothing was recorded yet" in tried.output
    assert "warning: Land is handed over before the recovery decision" in tried.output
    assert "area_m2" not in office(*handed).output

    warned = office(*handover, "--cases", cases)
    assert warned.exit_code == 1
    assert "handover_needs_decision.2024: Land Law 31/2024/QH15, art. 85(4), 87(5)(g)" in warned.output
    assert "    HS-1, HS-2" in warned.output
    assert "area_m2" not in office(*handed).output

    handover += ["--confirm", "tự nguyện bàn giao"]
    made = office(*handover, "--cases", cases)
    assert made.exit_code == 0, made.output
    assert "cases   2" in made.output
    assert "m²      550,25" in made.output
    act = made.output.split("act ")[1].split(".")[0]
    assert "holders 1" in office(*handed).output

    again = office(*handover, "--cases", cases)
    assert f"recorded before, as act {act}" in again.output
    assert "area_m2 550,25" in office(*handed).output

    log = office("audit", "show", "--project", "duong-moi")
    assert "12/BB-BGMB" in log.output
    assert log.output.count("\tevent\t") == 2
    verified = office("audit", "verify")
    assert verified.exit_code == 0, verified.output
    assert "4 entries are in order" in verified.output

    undone = office("undo", act, "--reason", "nhầm dự án", "--by", "lan")
    assert "2 events of 2 cases" in undone.output
    assert "area_m2" not in office(*handed).output
    assert office("db", "verify").exit_code == 0
    noted = verified.output.split()[-1]
    assert office("audit", "verify", "--noted", noted).exit_code == 0
    unknown = office("audit", "verify", "--noted", "0" * 64)
    assert unknown.exit_code == 1
    assert "no longer in the log" in unknown.output


def test_land_of_no_holder_by_command(office):
    handover = ["record", "--project", "muong-moi", "--kind", "handover", "--on", "2024-11-20", "--by", "lan"]
    handed = ["progress", "--project", "muong-moi", "--as-of", "2024-11-20", "--kind", "handover"]
    number = next(n for n in range(1, 20) if "no such land" not in office(*handover, "--land", n, "--dry-run").output)
    assert "area_m2" not in office(*handed).output, "nothing was recorded by looking"
    assert office(*handover, "--land", number, "--cases", "HS-1").exit_code == 2
    assert office(*handover).exit_code == 2
    assert "1234.5" in office(*handover, "--land", number, "--area", "30,5").output
    made = office(*handover, "--land", number, "--area", "30.5")
    assert (made.exit_code, "m²      30,5" in made.output) == (0, True), made.output
    assert "recorded before" in office(*handover, "--land", number, "--area", "30.5").output
    assert "area_m2 30,5" in office(*handed).output


def test_money_by_command(office, tmp_path):
    cases = tmp_path / "cases.csv"
    cases.write_text("\ufeffcase,amount_vnd\nHS-1,1250000\nHS-3,750000\n", encoding="utf-8")
    pay = ["record", "--project", "duong-moi", "--kind", "payment", "--on", "2024-11-20", "--cases", cases]
    refused = office(*pay, "--confirm", "đã trả", "--language", "vi")
    assert refused.exit_code == 1
    assert "error: Chi trả bồi thường, hỗ trợ khi phương án chưa được phê duyệt." in refused.output
    paid = office(*pay, "--confirm", "đã trả", "--imported")
    assert paid.exit_code == 0, paid.output
    assert "VND     2.000.000" in paid.output


@pytest.mark.parametrize(
    ("words", "lines", "said"),
    [
        (["--kind", "handover"], "case,area_m2\nHS-1,400.01\n", "400.01 m² is more than the 400.00 m²"),
        (["--kind", "handover"], 'case,area_m2\nHS-1,"1,5"\n', "line 2: area_m2 is “1,5”; write numbers as 1234.5"),
        (["--kind", "handover"], "case,name\nHS-1,x\n", "unknown: name"),
        (["--kind", "handover"], "area_m2\n1\n", "the columns are case (always)"),
        (["--kind", "handover"], "case\nHS-9\n", "no case HS-9"),
        (["--kind", "flight"], "case\nHS-1\n", "flight"),
        (["--kind", "handover", "--on", "20/11/2024"], "case\nHS-1\n", "2022-10-24"),
        (["--kind", "handover", "--project", "nowhere"], "case\nHS-1\n", "nowhere"),
    ],
)
def test_acts_that_cannot_be_are_refused_with_the_way_out(office, tmp_path, words, lines, said):
    cases = tmp_path / "cases.csv"
    cases.write_text(lines, encoding="utf-8")
    refused = office(
        "record", "--project", "duong-moi", "--on", "2024-11-20", "--key", said, "--cases", cases,
        "--confirm", "tự nguyện", *words
    )  # fmt: skip
    assert refused.exit_code != 0
    assert said in refused.output
    assert "Traceback" not in refused.output
