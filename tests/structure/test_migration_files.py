"""Migrations are numbered in one line and stand on nothing of the application: they must run the same for ever."""

import ast
import re
from pathlib import Path

import pytest

VERSIONS = sorted((Path(__file__).parents[2] / "migrations" / "versions").glob("*.py"))
OURS = {"gis", "layers", "webmap", "script", "tests"}


def assigned(tree: ast.Module, name: str):
    for node in tree.body:
        if isinstance(node, ast.Assign) and node.targets[0].id == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f"{name} is not given")


def test_they_are_numbered_without_gaps_in_one_line_to_one_head():
    assert VERSIONS
    before = None
    for number, path in enumerate(VERSIONS, start=1):
        tree = ast.parse(path.read_text("utf-8"))
        assert re.fullmatch(r"\d{4}_[a-z0-9_]+", path.stem), path.name
        assert path.stem[:4] == f"{number:04d}" == assigned(tree, "revision")
        assert assigned(tree, "down_revision") == before
        before = f"{number:04d}"


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_each_stands_by_itself_and_says_what_it_does(path):
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        names = {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
        names |= {node.module or "."} if isinstance(node, ast.ImportFrom) else set()
        assert not {name.split(".")[0] for name in names} & OURS
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert {"upgrade", "downgrade"} <= functions
