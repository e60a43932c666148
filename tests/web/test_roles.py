"""What a role opens: every route, as everybody, in every format, by every method. A new route is in it at once."""

import re
from datetime import date
from decimal import Decimal
from math import asinh, pi, radians, tan

import pytest
from sqlalchemy import select, text
from werkzeug.routing import AnyConverter

from gis import accounts, db, model
from gis.access import OPENED, ROLES, Access, allows, opened_to
from tests import factories as make
from tests.conftest import engine_of, serving
from tests.people import PASSWORD, Browser, hashed
from webmap.auth import declared

FORMATS = ("text/html", "application/json", "text/csv")
PLACES = {
    "layer": "parcels", "z": "14", "x": "13045", "y": "7182", "slug": "x-thu", "filename": "css/site.css",
    "token": "none", "register": "obstacle", "figure": "du-an-mot",
}  # fmt: skip
"""What stands in addresses; `code` is given by the test, and whatever else there is, is 1."""
ASKED = {
    "search.find": "q=hai", "search.show": "q=hai", "api.show_overdue": "project={code}",
    "api.overdue_csv": "project={code}", "printing.map_pdf": "scale=1",
}  # fmt: skip
"""What routes that need a question are asked. A sheet to print takes a second: of this scale there is none."""
NAMES = {"tables.show_rows": ("projects", "parcels", "communes", "plots"), "tables.export": ("projects", "parcels"),
         "panels.tool": ("chart",)}  # fmt: skip
WRITING = ("POST", "PUT", "PATCH", "DELETE")
OWN, FOREIGN, MISSING = "du-an-mot", "du-an-hai", "du-an-ba"
SECRET = "Nguyễn Thị Giấu"
"""The holder in both projects."""
EVERYBODY = {
    "nobody": None, "administrator": "administrator", "leader": "leader", "officer": "officer",
    "officer of another": "officer", "investor": "investor", "investor of another": "investor",
}  # fmt: skip
"""Readers and their roles. The project `OWN` is given to all, `FOREIGN` to those of another."""


def fill(session, code: str, name: str, *, east_m: int = 0) -> None:
    """Make a project with a parcel handed over by a household, a plot allotted to it, and an obstacle."""
    project = make.project(session, code=code, name=name)
    shape = make.square(east_m, side_m=20)
    make.boundary(session, project, shape=make.square(east_m, side_m=300))
    case = make.case(session, project)
    session.add(model.HolderIdentity(holder_id=case.holder_id, full_name=SECRET))
    unit = session.scalar(select(model.AdminUnit.id).where(model.AdminUnit.slug == "x-thu"))
    ground = model.Parcel(numbered_in_unit_id=unit, sheet="7", number=f"{east_m}", geom=make.stored(shape))
    session.add(ground)
    session.flush()
    land = model.AffectedParcel(project_id=project.id, case_id=case.id, parcel_id=ground.id, area_m2=Decimal(400),
                                geom=make.stored(shape), registered_on=date(2024, 1, 1))  # fmt: skip
    session.add_all(
        [
            land,
            model.ParcelCommune(parcel_id=ground.id, unit_id=unit, valid=make.ALWAYS),
            model.ProjectCommune(project_id=project.id, unit_id=unit, valid=make.ALWAYS, main=True),
            model.ProjectTarget(project_id=project.id, measure="area_m2", percent=50, due_on=date(2024, 12, 31)),
            model.ReportedFigure(figure=code, source_line="1", unit_id=unit, project_id=project.id, derivable=True,
                                 indicator="handover", basis="cumulative", to_on=date(2024, 12, 31),
                                 contradicted_cells=[]),
        ]
    )  # fmt: skip
    paper = make.document(session, number=f"{len(name)}7/BB hai")
    session.flush()
    make.event(session, project, "handover", date(2024, 2, 1), affected_parcel_id=land.id, area_m2=land.area_m2,
               document_id=paper.id)  # fmt: skip
    make.event(session, project, "payment", date(2024, 2, 2), case_id=case.id, amount_vnd=Decimal(71_717_171))
    make.event(session, project, "resettlement_allocation", date(2024, 2, 3), case_id=case.id, plots=1,
               plot_id=make.plot(session, shape=shape).id)  # fmt: skip
    make.obstacle(session, project, known_since=date(2024, 1, 1), east_m=east_m)


def _place(rule, part: str) -> str:
    converter = rule._converters[part]  # a rule tells its choices nowhere else
    return min(converter.items) if isinstance(converter, AnyConverter) else PLACES.get(part, "1")


class Office:
    """An application on a database of its own, nothing open to who has not signed in, and a browser of everybody."""

    def __init__(self, app, engine):
        self.app, self.engine = app, engine
        password = hashed()
        with db.transaction(engine) as session:
            province = make.unit(session, slug="t-lang-son", name="Tỉnh Lạng Sơn", kind="province", level="province")
            make.unit(session, slug="x-thu", name="Xã Thử", parent_id=province.id, shape=make.square(side_m=9000))
            fill(session, OWN, "Dự án một")
            self.invite(session, password, EVERYBODY, OWN)
        self.clients, self.tokens = {}, {}

    def invite(self, session, password, names, code):
        for name in names:
            if role := EVERYBODY[name]:
                account = accounts.invite(session, email=self.email(name), full_name=name, role=role,
                                          projects=[] if "another" in name else [code])  # fmt: skip
                accounts.set_password(session, account.id, password)

    @staticmethod
    def email(name: str) -> str:
        return f"{name.replace(' ', '.')}@gpmb.vn"

    def add_the_other(self):
        with db.transaction(self.engine) as session:
            fill(session, FOREIGN, "Dự án hai", east_m=100)
            for name in EVERYBODY:
                if "another" in name:
                    account = accounts.find(session, self.email(name))
                    accounts.give(session, account.id, projects=[FOREIGN], units=[])

    def client(self, name: str):
        if name not in self.clients:
            browser = Browser(self.app)
            if EVERYBODY[name]:
                answer = browser.send("/sign-in", email=self.email(name), password=PASSWORD)
                assert answer.status_code == 302, name
            self.clients[name] = browser.client
        return self.clients[name]

    def get(self, name: str, path: str, accepted: str = "text/html", *, fails: bool = False, **headers):
        answer = self.client(name).get(path, headers={"Accept": accepted, **headers})
        assert fails or answer.status_code < 500, f"{name} {path} {accepted}: {answer.data[:300]}"
        assert answer.data is not None  # read to its end, while it can be
        answer.close()
        return answer

    def addresses(self, method: str = "GET", *, code: str = OWN):
        """Give each rule that takes a method, what it shows, and addresses of it."""
        for rule in self.app.url_map.iter_rules():
            if method not in rule.methods or rule.endpoint.rpartition(".")[2] == "static":
                continue
            wanted = rule.arguments - set(rule.defaults or {})
            for name in NAMES.get(rule.endpoint, ("1",)):
                values = {part: _place(rule, part) for part in wanted}
                values |= {part: given for part, given in (("code", code), ("name", name)) if part in wanted}
                with self.app.test_request_context():
                    path = rule.build(values)[1]
                asked = ASKED.get(rule.endpoint, "").format(code=code) if method == "GET" else ""
                yield rule, declared(self.app, rule.endpoint), f"{path}?{asked}" if asked else path

    def state(self) -> tuple:
        """Say how far records and accounts have come: any statement that writes moves it."""
        with db.transaction(self.engine) as session:
            accounts_now = session.execute(
                text("select md5(string_agg(a::text, ',' order by id)) from (select id, email, full_name, role, "
                     "active, password_hash, language, totp_secret from account) a")
            ).one()  # fmt: skip
            counts = [session.scalar(text(f"select count(*) from {table}"))  # noqa: S608
                      for table in ("account_link", "account_grant", "api_token")]  # fmt: skip
            return session.scalar(select(model.DataRevision.revision)), *accounts_now, *counts


@pytest.fixture(scope="module")
def alone(make_database):
    """Only the given project is there so far."""
    database = make_database("roles")
    with serving(database, GPMB_OPEN_ACCESS="none") as app, engine_of(database.owner) as engine:
        yield Office(app, engine)


@pytest.fixture(scope="module")
def before(alone):
    """What the investor is told of everything while there is no other project."""
    return told(alone)


@pytest.fixture(scope="module")
def office(alone, before):
    """Both projects are there."""
    alone.add_the_other()
    return alone


def refused(answer) -> bool:
    return answer.status_code in (401, 403) or "/sign-in" in answer.headers.get("Location", "")


def test_every_route_answers_each_reader_as_the_policy_says(office):
    asked = 0
    for rule, wanted, path in office.addresses():
        if wanted in (None, Access.STATUS):
            continue
        for name, role in EVERYBODY.items():
            if "another" in name:
                continue
            may = allows(opened_to("none", role), wanted)
            for accepted in FORMATS:
                answer = office.get(name, path, accepted)
                # At the desk some pages are for nothing but personal data or recording: open to the officer alone.
                if not may or wanted != Access.DESK or (name == "officer" and "code" in rule.arguments):
                    assert refused(answer) != may, f"{name} {path} {accepted}: {answer.status_code}"
                if not may and accepted != "text/html":
                    assert answer.status_code == (403 if role else 401), f"{name} {path} {accepted}"
                asked += 1
    assert asked > 500


def test_who_the_holders_are_is_told_to_nobody_but_who_may_know(office):
    for name in ("administrator", "investor", "officer of another"):
        for _rule, _wanted, path in office.addresses():
            if OWN in path:
                for accepted in FORMATS if name == "officer of another" else FORMATS[:1]:
                    assert SECRET.encode() not in office.get(name, path, accepted).data, f"{name} {path} {accepted}"


# -- writing


def send(office, name: str, method: str, path: str):
    """Send as somebody's own browser would: with the token against forged forms, else that alone would refuse it."""
    client = office.client(name)
    if name not in office.tokens:
        page = client.get("/account" if EVERYBODY[name] else "/sign-in", headers={"Accept": "text/html"}).text
        office.tokens[name] = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    token = office.tokens[name]
    of_program = path.startswith("/api/")
    return client.open(
        path, method=method, headers={"X-CSRFToken": token, "Idempotency-Key": "1",
                                      "Accept": "application/json" if of_program else "text/html"},
        **({"json": {}} if of_program else {"data": {"csrf_token": token}}),
    )  # fmt: skip


def test_nobody_writes_but_who_keeps_the_records(office):
    """Whoever may not is refused before what was sent is looked at, and nothing is written."""
    asked, then = 0, office.state()
    for method in WRITING:
        for rule, wanted, path in office.addresses(method):
            if wanted in (None, Access.STATUS):
                continue
            for name in EVERYBODY:
                if name == "officer" or (name == "officer of another" and "code" not in rule.arguments):
                    continue
                answer = send(office, name, method, path)
                assert refused(answer) or answer.status_code == 404, f"{name} {method} {path}: {answer.status_code}"
                assert office.state() == then, f"{name} {method} {path}"
                asked += 1
    assert asked or not any(office.addresses("POST"))


def test_an_empty_form_of_who_keeps_the_records_is_told_what_it_lacks(office):
    for method in WRITING:
        for rule, wanted, path in office.addresses(method):
            if wanted not in (None, Access.STATUS):
                # A permit to pay a case beyond its plan is a leader's, whoever keeps the records.
                answer = send(office, "leader" if rule.endpoint == "case.permit" else "officer", method, path)
                assert answer.status_code < 500, f"{method} {path}: {answer.text[:300]}"
                if "code" in rule.arguments:
                    assert not refused(answer), f"{method} {path}: {answer.status_code}"


def test_accounts_are_the_administrators(office):
    then = office.state()
    for method in ("GET", *WRITING):
        for rule, _wanted, path in office.addresses(method):
            if path.startswith("/people"):
                theirs = ("administrator", "leader") if path.startswith("/people/reads") else ("administrator",)
                for name, role in EVERYBODY.items():
                    if role not in theirs:
                        answer = office.get(name, path) if method == "GET" else send(office, name, method, path)
                        assert refused(answer), f"{name} {method} {rule}"
            elif path.startswith("/account"):
                answer = office.get("nobody", path) if method == "GET" else send(office, "nobody", method, path)
                assert refused(answer), f"{method} {rule}"
    assert office.state() == then


# -- projects that are not one's own


CHANGING = re.compile(
    rb'csrf_token" (value|content)="[^"]*"|csrf-token" content="[^"]*"|nonce(="[^"]*"|-[\w-]+)'
    rb'|[0-9a-f]{32}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*([+-]\d\d:\d\d|Z)?|"revision": ?\d+'
)
"""What differs between two answers to the same question: tokens, ids made up for the page, and how far the data of all
projects has come."""


def body(answer, code: str = "") -> bytes:
    """Give an answer without what differs each time, and without the code that was asked for."""
    plain = CHANGING.sub(b"", answer.data)
    return plain.replace(code.encode(), b"CODE") if code else plain


def told(office) -> dict:
    """Ask everything as the investor: each answer in each format."""
    answers = {}
    for rule, wanted, path in office.addresses():
        if wanted in (Access.AGGREGATE, Access.RECORD) and rule.endpoint != "printing.map_pdf" and ".xlsx" not in path:
            for accepted in FORMATS:
                answer = office.get("investor", path, accepted, fails=True)  # a fault shows in one test, not in all
                answers[path, accepted] = answer.status_code, body(answer)
    return answers


def test_to_an_investor_other_projects_are_as_if_they_were_not(office, before):
    """Every answer, to the byte, is what it was before another project was made: figures, boxes, lists, tiles."""
    after = told(office)
    assert before.keys() == after.keys()
    for asked, answer in before.items():
        assert after[asked] == answer, asked
    assert len(before) > 60
    assert sum(status == 200 for status, _ in before.values()) > 40


def test_that_test_can_fail(office, before):
    """What a leader is told has changed: the other project does show in these answers."""
    paths = ("/panels/figures", "/api/v1/projects", "/api/v1/progress", "/api/v1/tables/parcels", "/panels/course",
             "/api/v1/search?q=hai", "/", "/panels/commune/x-thu", "/api/v1/reported-figures")  # fmt: skip
    for path in paths:
        accepted = "text/html" if path == "/" or "panels" in path else "application/json"
        assert (200, body(office.get("leader", path, accepted))) != before[path, accepted], path


def addresses_with_a_project(office):
    for rule, wanted, path in office.addresses(code="CODE"):
        if wanted in (None, Access.STATUS):
            continue
        if "CODE" in path:
            yield path
        elif rule.endpoint.partition(".")[0] in ("panels", "tables", "api", "printing", "map"):
            yield f"{path.partition('?')[0]}?project=CODE"


def test_a_foreign_project_answers_as_a_missing_one(office):
    """To the byte, but for the code that was asked for; in every format and by every method."""
    asked = found = 0
    for path in addresses_with_a_project(office):
        for accepted in FORMATS:
            foreign, missing = (
                office.get("investor", path.replace("CODE", code), accepted) for code in (FOREIGN, MISSING)
            )
            assert foreign.status_code == missing.status_code, path
            if not foreign.data.startswith(b"PK"):  # a workbook names the code it was asked for, compressed
                assert body(foreign, FOREIGN) == body(missing, MISSING), path
            kept = {"Content-Length", "Set-Cookie", "Content-Security-Policy", "Date", "ETag", "Location"}
            assert {k: v for k, v in foreign.headers if k not in kept} == {
                k: v for k, v in missing.headers if k not in kept
            }, path
            asked += 1
        found += foreign.status_code == 404 and office.get("investor", path.replace("CODE", OWN)).status_code == 200
    for method in WRITING:
        for _rule, wanted, path in office.addresses(method, code="CODE"):
            if "CODE" in path and wanted != Access.STATUS:
                answers = [send(office, "investor", method, path.replace("CODE", code)) for code in (FOREIGN, MISSING)]
                assert len({answer.status_code for answer in answers}) == 1, path
    assert asked > 20
    assert found > 5


def test_the_desk_says_of_a_missing_project_that_there_is_none(office):
    for _rule, wanted, path in office.addresses(code="CODE"):
        if wanted == Access.DESK and "/projects/CODE" in path:
            assert office.get("officer", path.replace("CODE", MISSING)).status_code == 404, path


# -- what is kept between requests


def kept_addresses(office):
    """Tiles that hold something of both projects, and the course."""
    found = ["/panels/course"]
    for layer, zoom in (("parcels", 14), ("projects", 12)):
        x, y = _tile(zoom)
        found.append(f"/tiles/{layer}/{zoom}/{x}/{y}.mvt")
    return found


def _tile(zoom: int) -> tuple[int, int]:
    """The tile of the middle of the two projects."""
    middle = make.square(50, side_m=20).centroid
    n = 2**zoom
    return int((middle.x + 180) / 360 * n), int((1 - asinh(tan(radians(middle.y))) / pi) / 2 * n)


def test_nobody_gets_the_copy_of_a_reader_of_other_rows(office):
    """Each asks in turn and again; with the tag of another's copy comes no 304, with one's own it does."""
    for path in kept_addresses(office):
        for _ in range(2):
            answers = {name: office.get(name, path) for name in ("leader", "investor", "investor of another")}
            bodies = {name: answer.data for name, answer in answers.items()}
            assert len(set(bodies.values())) == 3, path
        tags = {name: answer.headers["ETag"] for name, answer in answers.items()}
        assert len(set(tags.values())) == 3, path
        for name in tags:
            for of, tag in tags.items():
                again = office.get(name, path, **{"If-None-Match": tag})
                assert again.status_code == (304 if of == name else 200), f"{name} with the tag of {of}: {path}"
                if of != name:
                    assert again.data == bodies[name]


# -- the policy itself


def test_who_signs_out_is_nobody_again(office):
    browser = Browser(office.app)
    browser.send("/sign-in", email=office.email("officer"), password=PASSWORD)
    tile = "/tiles/parcels/17/104360/57456.mvt"
    assert browser.client.get(tile).status_code == 200
    assert browser.send("/sign-out", page="/account").status_code == 302
    assert browser.client.get(tile).status_code == 401
    assert "/sign-in" in browser.get("/").headers["Location"]


@pytest.mark.parametrize("setting", ["none", "public", "office"])
def test_who_has_not_signed_in_is_led_to_sign_in_for_what_is_not_open(office, setting):
    """Whatever is open to everybody: the desk is not, and says where to go."""
    office.app.config["GPMB_OPEN_ACCESS"] = setting
    try:
        page = office.get("nobody", "/desk")
        assert (page.status_code, page.headers["Location"]) == (302, "/sign-in?next=/desk")
        assert office.get("nobody", "/desk", "application/json").status_code == 401
        assert office.get("nobody", f"/api/v1/overdue?project={OWN}").status_code == (
            200 if setting == "office" else 401
        )
        assert office.get("investor", "/desk").status_code == 403
    finally:
        office.app.config["GPMB_OPEN_ACCESS"] = "none"


@pytest.mark.parametrize("setting", ["none", "public", "office"])
def test_a_role_never_narrows_what_is_open_to_everybody(setting):
    for role in (None, *ROLES):
        assert OPENED[opened_to(setting, role)] >= OPENED[setting]
    assert opened_to(setting, "a role that is not known") == setting


def test_the_policy_knows_every_role_an_account_can_have():
    assert set(ROLES) == set(accounts.ROLES) == set(EVERYBODY.values()) - {None}
