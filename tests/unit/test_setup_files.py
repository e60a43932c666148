"""The settings file, the databases of test runs, and the lists of what is downloaded."""

import json
import re
import stat

from script.scratch_database import orphans, scratch_name, with_database
from script.settings import ROOT, read_settings, update_settings
from script.vendor import FILES, differences, recorded_hashes


def test_settings_are_private_and_keep_what_others_wrote(tmp_path):
    path = tmp_path / "var/local.env"
    update_settings({"DATABASE_URL": "postgresql://a"}, path)
    path.write_text(path.read_text() + "# mine\nGPMB_LANGUAGE=en\n")
    update_settings({"DATABASE_URL": "postgresql://b", "GPMB_SECRET_KEY": "k"}, path)
    assert read_settings(path) == {"DATABASE_URL": "postgresql://b", "GPMB_LANGUAGE": "en", "GPMB_SECRET_KEY": "k"}
    assert "# mine" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [child.name for child in path.parent.iterdir()] == ["local.env"]


def test_no_settings_file_is_no_settings(tmp_path):
    assert read_settings(tmp_path / "local.env") == {}


def test_scratch_databases_are_named_after_the_served_one_and_the_run():
    url = "postgresql://a:b@127.0.0.1:5/gpmb?sslmode=require"
    assert scratch_name(url, 42) == "gpmb_test_42"
    assert scratch_name("postgresql://a:b@host/%C4%91%E1%BA%A5t", 1) == "đất_test_1"
    assert with_database("postgresql://host/x", "S s") == "postgresql://host/S%20s"
    assert with_database(url, "gpmb_test_42") == "postgresql://a:b@127.0.0.1:5/gpmb_test_42?sslmode=require"


def test_only_databases_of_dead_runs_are_orphans(monkeypatch):
    lines = {7: ["/bin/bash", "script/test", "-k", "x"], 8: ["vi", "notes"]}
    monkeypatch.setattr("script.scratch_database.command_line", lambda pid: lines.get(pid, []))
    names = ["gpmb", "gpmb_test_7", "gpmb_test_7_restored", "gpmb_test_8", "gpmb_test_9_restored", "gpmb_test_mine"]
    assert orphans(names, "gpmb_test_") == ["gpmb_test_8", "gpmb_test_9_restored"]


def test_differences_name_missing_altered_and_extra_files():
    assert differences({"a": "1", "b": "2"}, {"b": "3", "c": "4"}) == [
        "a: missing",
        "b: altered",
        "c: not in the list",
    ]


def test_the_hash_list_the_lock_file_and_the_versions_agree():
    versions = json.loads((ROOT / "package.json").read_text())["dependencies"]
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert versions.keys() == FILES.keys()
    for package, version in versions.items():
        assert locked[f"node_modules/{package}"]["version"] == version
    folders = {f"{package.split('/')[-1]}/{version}" for package, version in versions.items()}
    assert {"/".join(name.split("/")[:2]) for name in recorded_hashes()} == folders


def test_every_download_is_pinned_by_hash_and_names_no_host():
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert all(entry.get("integrity") for name, entry in locked.items() if name)
    assert not any("resolved" in entry for entry in locked.values())
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert not re.search(r"https?://|--index|--find-links", text)
        blocks = re.split(r"\n(?=[a-z])", text.strip(), flags=re.IGNORECASE)
        assert all("==" in block and "--hash=sha256:" in block for block in blocks)
