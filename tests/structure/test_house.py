"""The rules of the house that no other tool checks: what may stand where, and that importing does nothing."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gis import crs

ROOT = Path(__file__).parents[2]
PACKAGES = ("gis", "layers", "webmap")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
OTHER_TEXT = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*")
    if path.suffix in (".sql", ".js", ".html", ".css") and "vendor" not in path.parts
)
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "lib"}
SRIDS = {crs.VN2000, crs.WGS84, crs.WEB_MERCATOR, crs.VN2000_PINNED, *crs.SEEDED_ZONES}
SRID_IN_TEXT = re.compile(rf"(?<![\w.])({'|'.join(map(str, sorted(SRIDS)))})(?![\w.])")

every_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imported(tree: ast.Module) -> set[str]:
    """Top-level names of what a module imports, wherever in it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def constants(tree: ast.Module) -> Iterator[ast.Constant]:
    """The constants of a module, texts that only describe left out."""
    described = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in described)


@every_source
def test_coordinate_systems_are_named_in_one_place_only(path):
    if path == ROOT / "gis" / "crs.py":
        return
    for node in constants(parsed(path)):
        literal = node.value in SRIDS if isinstance(node.value, int) else SRID_IN_TEXT.search(str(node.value))
        assert not literal, f"line {node.lineno}: take {node.value!r} from gis/crs.py"


@pytest.mark.parametrize("path", OTHER_TEXT, ids=lambda path: str(path.relative_to(ROOT)))
def test_nor_do_other_files_name_one(path):
    if path.suffix == ".css":
        return  # colours are numbers too
    found = SRID_IN_TEXT.search(path.read_text("utf-8"))
    assert not found, f"{found and found.group()} belongs in gis/crs.py"


@every_source
def test_names_say_what_is_inside(path):
    assert path.stem not in VAGUE
    assert path.parent.name not in VAGUE


@every_source
def test_only_the_map_page_knows_folium(path):
    assert "folium" not in imported(parsed(path)) or path == ROOT / "webmap" / "map.py"


ENVIRONMENTS = ROOT / "gis" / "guard.py", ROOT / "gis" / "nursery.py"
"""They make the environment of another process, and read no setting."""


@every_source
def test_only_the_settings_read_the_environment(path):
    if path in (ROOT / "webmap" / "config.py", *ENVIRONMENTS):
        return
    for node in ast.walk(parsed(path)):
        read = isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
        read = read and ast.unparse(node.value) not in ("request", "self")  # what a request brings is no setting
        assert not read, f"line {node.lineno}: a setting is a row in webmap/config.py"


@pytest.mark.parametrize(
    "path",
    [p for p in SOURCES if p.parts[len(ROOT.parts)] in ("gis", "layers")],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_the_domain_never_commits(path):
    if path == ROOT / "gis" / "db.py":
        return
    for node in ast.walk(parsed(path)):
        commits = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
        assert not commits, f"line {node.lineno}: whoever opened the transaction ends it"


ALERT = """
import importlib, pkgutil, sys
sys.dont_write_bytecode = True

def forbid(event, values):
    writes = event == "open" and isinstance(values[1], str) and set(values[1]) & set("wax+")
    if writes or event in ("socket.connect", "socket.bind", "subprocess.Popen", "os.mkdir", "os.remove", "os.rename"):
        raise RuntimeError(f"work at import: {event} {values}")

sys.addaudithook(forbid)
for package in sys.argv[1:]:
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        importlib.import_module(module.name)
        print(module.name)
"""


def test_importing_does_no_work_and_needs_no_setting(tmp_path):
    """In a fresh interpreter, an empty environment and an empty folder: no connection, no file written, no setting."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}){ALERT}", *PACKAGES],
        capture_output=True, text=True, env={}, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) > 20
    assert list(tmp_path.iterdir()) == []
