"""What came from outside reaches a library that parses it through `gis.guard` alone: followed from call to call."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PARSERS = (
    "openpyxl.load_workbook", "openpyxl.reader", "zipfile.ZipFile", "tarfile.", "gzip.decompress", "gzip.open", "bz2.",
    "lzma.", "docx.Document", "docx.oxml.parse_xml", "pypdf.", "pyogrio.", "PIL.Image.open", "lxml.etree.fromstring",
    "lxml.etree.parse", "lxml.etree.iterparse", "lxml.etree.XML", "lxml.html.", "xml.dom.", "xml.etree.", "xlrd.",
    "ezdxf.", "fiona.", "geopandas.", "pandas.",
)  # fmt: skip
"""Calls that take bytes apart, by how their full names begin."""
OWN = {
    ("webmap.reports.files", "docx.oxml.parse_xml"): "markup that stands in the code",
    ("webmap.tiles", "gzip.decompress"): "what was packed here",
    ("webmap.panels", "gzip.decompress"): "what was packed here",
    ("webmap.basemap", "gzip.decompress"): "tiles of the base map, which the administrator set up",
}
"""Calls of parsers on what nobody sent, and why."""
DOORS = ("get", "post", "put", "patch", "delete", "route", "command")
"""Decorators of functions that people reach."""


def sources() -> dict[str, str]:
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path.read_text()
        for folder in ("gis", "layers", "webmap") for path in (ROOT / folder).rglob("*.py")
    }  # fmt: skip


class Module:
    """What a module defines, what its names mean, and what each of its functions calls."""

    def __init__(self, name: str, source: str):
        self.name, self.calls, self.doors = name, {}, set()
        tree = ast.parse(source)
        self.means = {f"{part}": f"{name}.{part}" for part in self._defined(tree)} | dict(self._imports(tree))
        for node in tree.body:
            self._take(node, node.name if hasattr(node, "name") else "<module>", "")

    @staticmethod
    def _defined(tree: ast.Module) -> Iterator[str]:
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield node.name

    @staticmethod
    def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield (
                        alias.asname or alias.name.partition(".")[0],
                        alias.name if alias.asname else (alias.name.partition(".")[0]),
                    )
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    yield alias.asname or alias.name, f"{node.module}.{alias.name}"

    def _take(self, node: ast.AST, name: str, of_class: str) -> None:
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                self._take(inner, name, node.name)  # whoever makes one may call what it does
            return
        called = self.calls.setdefault(f"{self.name}.{name}", set())
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call):
                target = self._target(inner.func, of_class)
                writes = any(isinstance(a, ast.Constant) and a.value in ("w", "x", "a") for a in inner.args)
                makes = target == "docx.Document" and not inner.args
                if target and not (target == "zipfile.ZipFile" and writes) and not makes:
                    called.add(target)
        for decorator in getattr(node, "decorator_list", ()):
            shape = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(shape, ast.Attribute) and shape.attr in DOORS:
                self.doors.add(f"{self.name}.{name}")

    def _target(self, func: ast.AST, of_class: str) -> str | None:
        parts = []
        while isinstance(func, ast.Attribute):
            parts.append(func.attr)
            func = func.value
        if not isinstance(func, ast.Name):
            return None
        if func.id in ("self", "cls"):
            return f"{self.name}.{of_class}"
        known = self.means.get(func.id)
        return ".".join([known, *reversed(parts)]) if known else None


def unguarded(texts: Mapping[str, str]) -> list[str]:
    """Give the ways from doors to parsers that do not lead through the guard."""
    modules = [Module(name, source) for name, source in texts.items()]
    calls = {name: called for module in modules for name, called in module.calls.items()}
    ways: dict[str, str] = {}
    for name, called in calls.items():
        for target in called:
            if target.startswith(PARSERS) and (name.rpartition(".")[0], target) not in OWN:
                ways[name] = target
    while True:
        more = {
            name: target for name, called in calls.items() if name not in ways for target in called if target in ways
        }
        if not more:
            break
        ways |= more
    found = []
    for door in sorted(door for module in modules for door in module.doors if door in ways):
        way = [door]
        while way[-1] in ways:
            way.append(ways[way[-1]])
        found.append(" → ".join(way))
    return found


def test_no_view_and_no_command_parses_what_was_sent_but_through_the_guard():
    assert unguarded(sources()) == []


def test_a_view_that_does_would_be_found():
    reader = "from openpyxl import load_workbook\ndef rows(given):\n    return load_workbook(given)\n"
    view = (
        "import webmap.readers\nfrom webmap import readers\n@bp.post('/x')\ndef take():\n"
        "    return _page(readers.rows(request.files['file']))\ndef _page(found):\n    return found\n"
    )
    assert unguarded({"webmap.readers": reader, "webmap.view": view}) == [
        "webmap.view.take → webmap.readers.rows → openpyxl.load_workbook"
    ]
    guarded = view.replace("readers.rows(request.files['file'])", "guard.read(readers.rows, content)")
    assert unguarded({"webmap.readers": reader, "webmap.view": guarded}) == []
    straight = "import zipfile\n@group.command('load')\ndef load(path):\n    zipfile.ZipFile(path)\n"
    assert unguarded({"webmap.load": straight}) == ["webmap.load.load → zipfile.ZipFile"]
    by_class = (
        "from PIL import Image\nclass Scan:\n    def __init__(self, given):\n        self._look(given)\n"
        "    def _look(self, given):\n        Image.open(given)\n@bp.get('/y')\ndef show():\n    Scan(request.data)\n"
    )
    assert unguarded({"webmap.scan": by_class}) == ["webmap.scan.show → webmap.scan.Scan → PIL.Image.open"]


def test_files_are_taken_out_of_a_request_in_one_place():
    for name, source in sources().items():
        for node in ast.walk(ast.parse(source)):
            taken = (
                isinstance(node, ast.Attribute) and node.attr == "files" and getattr(node.value, "id", "") == "request"
            )
            assert not taken or name == "webmap.uploads", f"{name}, line {node.lineno}: use webmap.uploads.sent"
