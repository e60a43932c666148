"""A database full of hostile texts, looked at in a real browser: none of them runs, on any page."""

import pytest

from gis import db
from tests.browser.conftest import WIDE, Visit, served
from tests.conftest import engine_of, serving
from tests.people import PASSWORD
from tests.xss import COMMUNE, MARK, PROJECT, fill

WATCH = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => ran.push(name);
document.addEventListener("securitypolicyviolation", ({violatedDirective, blockedURI}) =>
    ran.push(`${violatedDirective}: ${blockedURI}`));
"""
FOREIGN = f"""[...document.querySelectorAll("*")].filter((one) =>
    one.localName.includes("{MARK}")
    || [...one.attributes].some(({{name}}) => name.startsWith("on") || name.includes("{MARK}"))
    || [one.href?.baseVal, one.href, one.src, one.action, one.formAction].some((address) =>
        typeof address === "string" && /^(javascript|vbscript|data:text)/i.test(address))
    || /^(IFRAME|OBJECT|EMBED|BASE|MARQUEE|MATH|AUDIO|VIDEO)$/.test(one.tagName)
).map((one) => one.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def site(make_database):
    database = make_database("xss_site")
    with serving(database) as app, engine_of(database.owner) as engine, db.transaction(engine) as session:
        fill(session, app)
    with served(database) as address:
        yield address


@pytest.fixture
def visit(chromium, site):
    context = chromium.new_context(viewport=WIDE, reduced_motion="reduce")
    context.add_init_script(WATCH)
    visit = Visit(context.new_page(), site)
    visit.dialogs = []
    visit.page.on("dialog", lambda dialog: (visit.dialogs.append(dialog.message), dialog.dismiss()))
    yield visit
    context.close()


def sign_in(visit, role: str) -> None:
    page = visit.page
    page.goto(f"{visit.site}/sign-in?next=/account")
    page.fill("#email", f"{role}@gpmb.vn")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{visit.site}/account")


def nothing_ran(visit, where: str) -> None:
    assert visit.dialogs == [], where
    assert visit.page.evaluate("ran") == [], where
    assert visit.page.evaluate(FOREIGN) == [], where


def test_what_would_run_is_seen(visit):
    visit.page.goto(f"{visit.site}/sign-in")
    visit.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    visit.wait("ran.length > 0", "The refusal")
    assert "inline" in visit.page.evaluate("ran")[0], "the policy stops it"
    assert len(visit.page.evaluate(FOREIGN)) == 1


def test_on_the_map(visit):
    """The page, the panels of every kind, the search, the table, what the pointer is told."""
    sign_in(visit, "leader")
    visit.go(f"/?project={PROJECT}&day=2024-06-01#project={PROJECT}")
    page = visit.page
    page.locator("#panel").wait_for(state="visible")
    nothing_ran(visit, "panel of the project")
    parcel = visit.api("tables/parcels")["rows"][0]["key"]
    for kind, key in (("commune", COMMUNE), ("parcel", parcel)):
        page.goto(f"{visit.site}/?day=2024-06-01#{kind}={key}")
        visit.wait_drawn()
        page.locator("#panel").wait_for(state="visible")
        nothing_ran(visit, f"panel of a {kind}")
    page.keyboard.press("Escape")
    for layer in ("obstacles", "plots", "sites"):
        page.evaluate(f"document.querySelector('#layer-{layer}, [name={layer}], [value={layer}]')?.click()")
    visit.wait_drawn()
    box = page.locator("section.map").bounding_box()
    for n in range(12):  # over whatever lies there: names are told beside the pointer, and a click opens a panel
        page.mouse.move(box["x"] + box["width"] * (0.2 + n / 20), box["y"] + box["height"] * 0.5)
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    nothing_ran(visit, "the pointer on the map")
    search = page.locator("input[type=search]").first
    for words in ("img", "alert", "script"):
        search.fill(words)
        page.wait_for_timeout(250)
        nothing_ran(visit, f"search for {words}")


def test_on_the_pages(visit, site):
    """Desk, search, accounts, people, the logs: each page that a browser can be led to from another."""
    for role, starts in (("leader", ["/desk", "/account", "/people/reads", "/search?q=img", "/search?q=alert"]),
                         ("administrator", ["/people", "/people/reads"])):  # fmt: skip
        visit.page.context.clear_cookies()
        sign_in(visit, role)
        waiting, seen = [*starts], set()
        while waiting and len(seen) < 30:
            path = waiting.pop(0)
            shape = path.partition("?")[0].rstrip("0123456789")
            if shape in seen:
                continue
            seen.add(shape)
            if visit.page.goto(site + path).status >= 400:
                continue
            nothing_ran(visit, path)
            waiting += visit.page.evaluate(
                f"""[...document.querySelectorAll("a[href]:not([download])")]
                    .map((one) => one.getAttribute("href"))
                    .filter((one) => /^[/](desk[/]projects[/]{PROJECT}|people|account|search)/.test(one)
                        && !/[.](json|csv|xlsx|geojson|pdf)/.test(one) && !/file|download/.test(one))"""
            )
        assert len(seen) >= len(starts)
