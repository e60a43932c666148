"""Whatever text a record holds, it comes out as text: in pages, JSON, CSV, XLSX, GeoJSON, PDF and tiles."""

import csv
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import product

import pytest
from flask import Flask
from openpyxl import load_workbook

from gis import db
from gis.access import Access
from gis.register_table import REGISTERS
from tests.conftest import engine_of, serving
from tests.people import PASSWORD, Browser
from tests.xss import CASE, COMMUNE, MARK, PAYLOADS, PROJECT, fill
from webmap.auth import declared

OUTSIDE = ("javascript:", "vbscript:", "data:text")
_PLACE = r"('[\w .()-]{1,31}'!)?[A-Z]{1,2}\d+"
COUNTS = re.compile(rf"=(SUM\([A-Z]+\d+:[A-Z]+\d+\)|{_PLACE}([+*]{_PLACE})*|ROUND\({_PLACE}([+*]{_PLACE})*,(0|-3)\))")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Markup(HTMLParser):
    """Collects whatever in a page could run: our pages have none of it but scripts with a nonce and from this site."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.texts: list[str] = []
        self.script: dict | None = None

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if MARK in tag or any(MARK in name or name.startswith("on") for name in given):
            self.faults.append(self.get_starttag_text())
        for name in ("href", "src", "action", "formaction", "data", "srcdoc", "poster", "xlink:href"):
            value = "".join((given.get(name) or "").split()).lower()
            if value.startswith((*OUTSIDE, f"//{MARK}", f"http://{MARK}")) or (name == "srcdoc" and value):
                self.faults.append(self.get_starttag_text())
        if tag in ("iframe", "object", "embed", "base", "marquee", "math", "template", "audio", "video"):
            self.faults.append(self.get_starttag_text())
        self.script = given if tag == "script" else None

    def handle_endtag(self, tag):
        self.script = None

    def handle_data(self, data):
        if self.script is None:
            self.texts.append(data)
        elif "alert(1)" in data and self.script.get("type") != "application/json":
            self.faults.append(f"in a script: {data[:200]}")


def test_there_are_enough_of_them():
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 60


@pytest.fixture(scope="module")
def office(make_database):
    database = make_database("xss")
    with serving(database, GPMB_OPEN_ACCESS="none", GPMB_RETENTION_YEARS="1") as app:
        with engine_of(database.owner) as engine, db.transaction(engine) as session:
            fill(session, app)
        yield app


@pytest.fixture(scope="module")
def leader(office):
    return _signed_in(office, "leader")


@pytest.fixture(scope="module")
def administrator(office):
    return _signed_in(office, "administrator")


def _signed_in(office: Flask, role: str) -> Browser:
    browser = Browser(office)
    assert browser.send("/sign-in", email=f"{role}@gpmb.vn", password=PASSWORD).status_code == 302
    return browser


def addresses(app: Flask) -> list[str]:
    """Every address that GET takes, about what is there; texts in places and parameters are payloads."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint in ("static", "printing.map_pdf"):
            continue
        for values in filled(rule):
            with app.test_request_context():
                found.append(rule.build(values)[1])
    searched = [f"/search?q={word}" for word in ("alert", "img", "%3Cscript", "du+an")]
    asked = [f"/api/v1/tables/{name}.{form}" for name in ("parcels", "projects", "communes", "obstacles", "plots")
             for form in ("csv", "xlsx", "geojson")]  # fmt: skip
    bad = "%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E"
    echoed = [f"/?project={bad}", f"/sign-in?next={bad}", f"/people?q={bad}", f"/search?q={bad}", f"/{bad}",
              f"/api/v1/progress?unit={bad}", f"/people/reads?who={bad}", f"/desk/projects/{bad}",
              f"/desk/projects/{PROJECT}/personal-data?case={bad}"]  # fmt: skip
    person = [f"/desk/projects/{PROJECT}/personal-data/file.{form}?case={bad.replace('%22%3E', '')}"
              for form in ("json", "xlsx")]  # fmt: skip
    lists = [f"/desk/projects/{PROJECT}/annexes{page}?form={form}" for form in ("f2", "f3")
             for page in ("", "/list.xlsx", "/list.docx")]  # fmt: skip
    return list(dict.fromkeys((*found, *searched, *asked, *echoed, *person, *lists)))


def filled(rule) -> Iterator[dict]:
    """Give what can stand in the places of an address: every choice of what there is; numbers begin with 1."""
    choices = {
        "layer": ["parcels", "projects", "obstacles"], "z": ["14"], "x": ["13045"], "y": ["7182"], "code": [PROJECT],
        "slug": [COMMUNE], "name": ["chart", "parcels"], "filename": ["css/site.css"], "token": ["none"],
        "register": list(REGISTERS), "case": [CASE], "kind": ["csv"], "figure": [CASE],
    }  # fmt: skip
    names = sorted(rule.arguments - set(rule.defaults or {}))
    converters = rule._converters
    places = [sorted(getattr(converters[name], "items", ())) or choices.get(name, ["1"]) for name in names]
    for values in product(*places):
        yield dict(zip(names, values, strict=True))


def test_nothing_that_is_sent_can_run(office, leader, administrator):
    seen, met = {}, set()
    for path in addresses(office):
        for browser in (leader, administrator):
            if browser is administrator and not path.startswith(("/people", "/account")):
                continue
            answer = browser.get(path)
            kind = answer.content_type.partition(";")[0]
            assert answer.status_code < 500, path
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            assert not any(MARK in name or MARK in value for name, value in answer.headers if name != "Location"), path
            said = CHECKS.get(kind, lambda _answer: "")(answer)
            seen.setdefault(kind, []).append(path)
            if answer.status_code == 200:
                met |= {bad for bad in PAYLOADS if bad in said}
            answer.close()
    assert {"text/html", "application/json", "text/csv", "application/geo+json"} <= set(seen)
    assert len(seen["text/html"]) > 8
    one_line = {bad for bad in PAYLOADS if bad.isprintable()}
    assert one_line <= met, "stored, but told nowhere"


def html(answer) -> str:
    """Give a page's text; its policy lets no script run that is not ours."""
    read = Markup()
    read.feed(answer.text)
    read.close()
    assert read.faults == [], answer.request.path
    policy = answer.headers["Content-Security-Policy"]
    scripts = next(part for part in policy.split(";") if part.strip().startswith(("script-src", "default-src")))
    assert "unsafe-inline" not in scripts
    assert "unsafe-eval" not in scripts
    return "".join(read.texts)


def as_json(answer) -> str:
    return " ".join(strings(json.loads(answer.text)))


def strings(value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def as_csv(answer) -> str:
    cells = [cell for row in csv.reader(io.StringIO(answer.text, newline="")) for cell in row]
    running = [cell for cell in cells if cell.startswith(FORMULA) and not cell.lstrip("-").replace(".", "").isdigit()]
    assert running == [], answer.request.path
    return " ".join(cells)


def as_xlsx(answer) -> str:
    book = load_workbook(io.BytesIO(answer.data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    found = [cell.value for cell in cells if cell.data_type == "f" or cell.hyperlink]
    ours = [formula for formula in found if COUNTS.fullmatch(formula)]  # of cells, with nothing of a record in it
    assert found == ours, answer.request.path
    return " ".join(str(cell.value) for cell in cells)


CHECKS = {
    "text/html": html,
    "application/json": as_json,
    "application/problem+json": as_json,
    "application/geo+json": as_json,
    "text/csv": as_csv,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": as_xlsx,
}


def test_a_sheet_on_paper_holds_the_text_and_no_script(leader):
    answer = leader.get(f"/print/map.pdf?project={PROJECT}&title=%3Cscript%3Ealert(1)%3C/script%3E")
    assert answer.status_code == 200, answer.text
    assert not any(word in answer.data for word in (b"/JavaScript", b"/JS ", b"/Launch", b"/EmbeddedFile"))


def test_every_view_of_records_is_among_them(office):
    """Nothing is left out for want of a value for one of its places."""
    asked = addresses(office)
    for rule in office.url_map.iter_rules():
        if "GET" in rule.methods and declared(office, rule.endpoint) in (Access.DESK, Access.RECORD):
            beginning = rule.rule.partition("<")[0]
            assert any(path.startswith(beginning) for path in asked), rule
