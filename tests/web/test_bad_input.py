"""Whatever is typed into any address, the answer is never a 500, and is in the reader's language."""

import re

import pytest

from tests.hostile_requests import RIGHT
from webmap.auth import declared

AWKWARD = [
    "",
    " ",
    "0",
    "-1",
    "1e9",
    "999999999999999999999",
    "NaN",
    "null",
    "x" * 5000,
    "%",
    "%s",
    "%(name)s",
    "${7*7}",
    "'",
    "' or 1=1 --",
    '"',
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "a\0b",
    "\ud7ff",
    "Hòa",
    "１２",
    "2022-02-30",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "2022-10-24T00:00:00",
    "24/10/2022",
    "[]",
]
SHEET = "/print/map.pdf"
"""Takes a second each: tests/web/test_printing.py asks it all this without drawing."""
OF_THE_MAP = [("day",), ("since",), ("project",), ("lang", "at")]
"""What the page of the map reads, or leaves to its scripts; for any other name it is drawn whole, again and again."""
TELLS_LANGUAGE = "/api/v1/units"
"""The language is read in one place for all pages, and a wrong one changes nothing: one of them is asked."""
QUERIES = [
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
    "nonsense",
]


def addresses(app, value: str) -> list[str]:
    """Every route with a value in each of its places, the others being right."""
    found = []
    for rule in app.url_map.iter_rules():
        for place in rule.arguments - set(rule.defaults or {}):
            parts = {name: RIGHT.get(name, "1") for name in rule.arguments} | {place: value}
            found.append(re.sub(r"<(?:[^<>:]+:)?(\w+)>", lambda name, parts=parts: parts[name[1]], rule.rule))
    return found


@pytest.mark.parametrize("value", AWKWARD, ids=lambda value: repr(value[:20]))
def test_no_path_breaks_the_service(sample_app, sample_client, value):
    tried = addresses(sample_app, value)
    assert len(tried) >= 8
    for path in tried:
        answer = sample_client.get(path)
        assert answer.status_code < 500, f"{path!r}: {answer.status_code}"
        assert "Traceback" not in answer.text
        assert "<script>alert(1)" not in answer.text


@pytest.fixture(scope="module")
def queried(sample_app) -> dict[str, list[tuple[str, ...]]]:
    """Which names each page is asked, together or one by one.

    A page that refuses a name it does not know says so at once, and tells of one wrong name alone. One that reads no
    query is counted whole for any name: it is asked all names together.
    """
    client = sample_app.test_client()
    paths = [
        rule.rule for rule in sample_app.url_map.iter_rules()
        if not rule.arguments - set(rule.defaults or {}) and declared(sample_app, rule.endpoint) != "status"
        and rule.rule != SHEET
    ] + ["/language/en", "/panels/project/ho-phai-loan", "/panels/commune/p-dong-kinh"]  # fmt: skip
    assert len(paths) >= 10
    found = {}
    for path in paths:
        reads = path == "/" or client.get(path, query_string={"nonsense": "1"}).status_code == 400
        names = [name for name in QUERIES if name != "lang" or path == TELLS_LANGUAGE]
        found[path] = OF_THE_MAP if path == "/" else [(name,) for name in names] if reads else [tuple(names)]
    return found


@pytest.mark.parametrize("value", AWKWARD, ids=lambda value: repr(value[:20]))
def test_no_query_breaks_the_service(sample_client, queried, value):
    for path, names in queried.items():
        # What is left blank is not asked for: the whole answer is counted, and once is enough.
        for asked in names if value.strip() else [sum(names, ())]:
            answer = sample_client.get(path, query_string=dict.fromkeys(asked, value))
            assert answer.status_code < 500, f"{path}?{asked}={value!r}: {answer.status_code}"
            assert answer.mimetype != "text/html" or "<script>alert(1)" not in answer.text


def test_other_methods_are_refused(sample_app, sample_client):
    taken: dict[str, set[str]] = {}
    for rule in sample_app.url_map.iter_rules():
        taken.setdefault(rule.rule, set()).update(rule.methods)
    for path in (path for path in taken if "<" not in path):
        for method in {"POST", "PUT", "DELETE", "PATCH"} - taken[path]:
            assert sample_client.open(path, method=method).status_code == 405, f"{method} {path}"


def test_a_language_never_leads_away(sample_client):
    for away in ("https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)", "/\t/example.org"):
        answer = sample_client.get("/language/en", query_string={"next": away})
        assert answer.status_code == 302
        assert answer.headers["Location"] in ("/", "http://localhost/"), away


@pytest.mark.parametrize(("language", "said"), [("vi", "Không có"), ("en", "There is no")])
def test_a_page_that_is_not_there_says_so_in_the_readers_language(sample_client, language, said):
    answer = sample_client.get(
        "/panels/project/khong-co", query_string={"lang": language}, headers={"Accept": "text/html"}
    )
    assert answer.status_code == 404
    assert said in answer.text
