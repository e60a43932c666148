"""Requests as nobody sends them by mistake: made from a seed, for every route, in query, form, JSON, headers and path.

The suite sends some with a fixed seed; tests/web/test_hostile_requests.py says how to send more with others.
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

VALUES = (
    "",
    " ",
    "0",
    "-1",
    "1",
    "1e9",
    "1e999999999",
    "-1e-999999999",
    "NaN",
    "Infinity",
    "9" * 400,
    "0x10",
    "1_000",
    "null",
    "true",
    "[]",
    "{}",
    "x" * 5000,
    "%",
    "%s",
    "%(name)s",
    "{0}",
    "${7*7}",
    "{{7*7}}",
    "'",
    "' or 1=1 --",
    '"',
    "\\",
    "a\0b",
    "\ud7ff",
    "Hòa",
    "Hoà",
    "１２",
    "①",
    "\u202egpj",
    "\u200b",
    "İ",
    "ß",
    "𝔘",
    "🏠" * 40,
    "\r\nX: y",
    "../../etc/passwd",
    "2022-02-30",
    "0000-00-00",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "2022-10-24",
    "2022-10-24T25:00:00Z",
    "24/10/2022",
    "31/02/2022",
    "1.234",
    "1,234",
    "1.234,5",
    "..",
    "500..100",
    "1e5..",
    "ho-phai-loan",
    "tp-lang-son",
    "p-dong-kinh-2025",
    "HS-0001",
    "handover",
    "m2",
    "vi",
    "pdf",
    "a3",
    "2",
    "*",
    "(",
    "[a-z",
    "(?i)",
    "<b>",
)
NAMES = (
    "day",
    "since",
    "lang",
    "next",
    "by",
    "unit",
    "project",
    "holder",
    "from",
    "to",
    "as_of",
    "known_at",
    "units_of",
    "on",
    "level",
    "indicator",
    "q",
    "sort",
    "find",
    "page",
    "limit",
    "columns",
    "filter.area_m2",
    "filter.code",
    "map",
    "paper",
    "at",
    "theme",
    "layers",
    "kind",
    "case",
    "parcel",
    "document",
    "amount_vnd",
    "area_m2",
    "reason",
    "confirm",
    "key",
    "version",
    "name",
    "full_name",
    "email",
    "password",
    "current",
    "rows",
    "pasted",
    "text",
    "vertices",
    "zone",
    "geojson",
    "valid_on",
    "number",
    "issuer",
    "values",
    "cases",
    "shares",
    "template",
    "figures",
    "nonsense",
)
ROUTES_OF_SECONDS = re.compile(r"pdf|docx")
"""Tried more rarely: each draws maps or sets a document."""


@dataclass
class Hostile:
    """One request: how, where, with what."""

    method: str
    path: str
    query: list[tuple[str, str]] = field(default_factory=list)
    form: list[tuple[str, str]] | None = None
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes | MultiDict:
        """What is sent: the body, else the form."""
        return MultiDict(self.form or []) if self.body is None else self.body.encode("utf-8", "surrogatepass")

    def __str__(self) -> str:
        return f"{self.method} {self.path!r} {self.query} {self.form} {(self.body or '')[:200]!r} {self.headers}"


def requests(app, seed: int) -> Iterator[Hostile]:
    """Make requests without end, every route in turn."""
    chance = random.Random(seed)
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    while True:
        for rule in chance.sample(rules, len(rules)):
            if ROUTES_OF_SECONDS.search(rule.rule) and chance.random() > 0.03:
                continue
            yield _request(rule, chance)


def _request(rule, chance: random.Random) -> Hostile:
    method = chance.choice(sorted(rule.methods - {"OPTIONS", "HEAD"}))
    made = Hostile(method, _path(rule, chance))
    made.query = [(chance.choice(NAMES), chance.choice(VALUES)) for _ in range(chance.randint(0, 4))]
    made.headers = {"Accept": chance.choice(["text/html", "application/json", "*/*", "text/csv", ""])}
    if chance.random() < 0.1:
        made.headers["Accept-Language"] = chance.choice(["vi", "en", "x" * 200, "*;q=9", ";;"])
    if method == "POST":
        if chance.random() < 0.5 or rule.rule.startswith("/api/"):
            made.body = _json(chance)
            made.headers["Content-Type"] = "application/json"
        else:
            made.form = [(chance.choice(NAMES), chance.choice(VALUES)) for _ in range(chance.randint(0, 8))]
    return made


RIGHT = {
    "layer": "parcels",
    "z": "14",
    "x": "13045",
    "y": "7182",
    "code": "ho-phai-loan",
    "slug": "p-dong-kinh",
    "name": "projects",
    "token": "none",
    "filename": "css/site.css",
    "register": "obstacle",
    "form": "csv",
    "case": "HS-0001",
    "kind": "case",
    "number": "1",
    "figure": "R1.handover",
}
"""What stands rightly in each place of a route's path; 1 in those that are not named."""


def _path(rule, chance: random.Random) -> str:
    """Give the route's path, most of its places right."""

    def place(found: re.Match) -> str:
        if chance.random() < 0.7:
            return RIGHT.get(found[2], "1")
        return chance.choice(VALUES).replace("/", "").replace("?", "").replace("#", "") or "x"

    chosen = re.sub(r"<any\(([^)]*)\):\w+>", lambda found: chance.choice(found[1].split(",")).strip(), rule.rule)
    return re.sub(r"<(?:([^<>:]+):)?(\w+)>", place, chosen)


def _json(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.1:
        return chance.choice(["", "{", "[" * 60_000, '{"a":' * 60_000, "NaN", "[1e999999999]", '"\\ud800"', "\0", "﻿{}"])
    text = json.dumps(_value(chance, 0))
    for plain, hostile in (
        ('"%(name)s"', '"\\ud800"'),
        ('"1e9"', "1e999999999"),
        ('"NaN"', "NaN"),
        ('"%"', '"a\\u0000b"'),
    ):
        text = text.replace(plain, hostile)
    return text


def _value(chance: random.Random, depth: int) -> object:
    if depth == 0 or (depth < 4 and chance.random() < 0.4):
        if depth and chance.random() < 0.4:
            return [_value(chance, depth + 1) for _ in range(chance.randint(0, 3))]
        return {chance.choice(NAMES): _value(chance, depth + 1) for _ in range(chance.randint(0, 6))}
    return chance.choice([chance.choice(VALUES), chance.randint(-(10**20), 10**20), chance.random(), None, True])
