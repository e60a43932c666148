"""Who the tests are: people with a password, a browser without scripts, and the way in for one with scripts."""

import re
from collections.abc import Mapping

from argon2 import PasswordHasher

from gis import accounts

PASSWORD = "sông Kỳ Cùng chảy ngược"

Given = tuple[str, Mapping[str, list[str]]]
"""A role, and the ``projects`` and ``units`` given to who has it."""


def hashed(password: str = PASSWORD) -> str:
    """Hash a password as the application does, but for the work: hundreds of sign-ins of tests took a third of a second
    of processor each. That the application's own hashes are dear is a test of its own (tests/web/test_accounts.py)."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(accounts.same_letters(password))


def invite(session, people: Mapping[str, Given]) -> None:
    """Make people who have a password: `lan` is lan@gpmb.vn."""
    kept = hashed()
    for name, (role, given) in people.items():
        made = accounts.invite(session, email=f"{name}@gpmb.vn", full_name=name, role=role, **given)
        accounts.set_password(session, made.id, kept)


class Browser:
    """A browser without scripts: keeps cookies, sends forms with the token of the page they stand on."""

    def __init__(self, app, address="127.0.0.1"):
        self.client = app.test_client()
        self.address = {"REMOTE_ADDR": address}

    def get(self, path, **options):
        return self.client.get(path, headers={"Accept": "text/html"}, environ_base=self.address, **options)

    def send(self, path, *, page=None, **fields):
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page or path).text)
        return self.client.post(
            path, data={"csrf_token": found[1] if found else ""} | fields, headers={"Accept": "text/html"},
            environ_base=self.address,
        )  # fmt: skip

    def sign_in(self, account, password=PASSWORD, **fields):
        return self.send("/sign-in", email=account.email, password=password, **fields)

    @property
    def is_in(self) -> bool:
        return self.get("/account").status_code == 200


def signed_in(app, name: str) -> Browser:
    """Give the browser of somebody who signed in."""
    browser = Browser(app)
    assert browser.send("/sign-in", email=f"{name}@gpmb.vn", password=PASSWORD).status_code == 302
    return browser


def enter(visit, name: str, page: str = "/account"):
    """Sign in with a real browser and come to a page."""
    visit.page.goto(f"{visit.site}/sign-in?next={page}")
    visit.page.get_by_label("Địa chỉ thư điện tử").fill(f"{name}@gpmb.vn")
    visit.page.get_by_label("Mật khẩu").fill(PASSWORD)
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url(f"{visit.site}{page}")  # the way in names the page too
    return visit.page
