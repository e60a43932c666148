"""An administrator invites an officer, who sets a password by the link, then a second factor, and comes and goes."""

import os
import re
import time

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe

from gis import accounts, db
from tests import factories as make
from tests.browser.conftest import PHONE, WIDE, served
from tests.browser.test_accessibility import RULES
from tests.conftest import engine_of
from tests.people import PASSWORD

SHOTS = os.environ.get("GPMB_TEST_SHOTS")


@pytest.fixture(scope="module")
def place(make_database):
    return make_database("accounts_site")


@pytest.fixture(scope="module")
def site(place):
    with served(place) as address:
        yield address


@pytest.fixture
def write(place):
    with engine_of(place.owner) as engine:

        def done(work):
            with db.transaction(engine) as session:
                return work(session)

        yield done


def looked_at(visit, name: str) -> None:
    """Nothing wrong by axe, nothing wider than the screen, once its style is there."""
    visit.page.wait_for_load_state("load")
    found = Axe().run(visit.page, options=RULES).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], name
    wider = visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{name} is {wider} px too wide"
    if SHOTS:
        visit.page.screenshot(path=f"{SHOTS}/{name}-{visit.page.viewport_size['width']}.png", full_page=True)


def sign_in(visit, email: str) -> None:
    visit.page.goto(f"{visit.site}/sign-in?next=/account")
    visit.page.get_by_label("Địa chỉ thư điện tử").fill(email)
    visit.page.get_by_label("Mật khẩu").fill(PASSWORD)
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url(lambda address: "next=" not in address)


@pytest.mark.parametrize(("screen", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
def test_an_officer_is_invited_and_signs_in_with_a_second_factor(visiting, write, screen, scheme):
    size = screen["width"]

    def before(session):
        chief = accounts.invite(
            session, email=f"quan-tri-{size}@gpmb.vn", full_name="Vi Thị Quản Trị", role="administrator"
        )
        make.project(session, name="Khu tái định cư Nam Nguyễn Đình Chiểu")
        make.unit(session, name="Phường Đông Kinh", level="commune")
        return chief.email, accounts.make_link(session, chief.id)

    chief, link = write(before)
    with visiting(viewport=screen, drawn=False, color_scheme=scheme) as visit:
        page = visit.page
        page.goto(f"{visit.site}/set-password/{link}")
        looked_at(visit, "set-password")
        page.get_by_label("Mật khẩu mới").fill(PASSWORD)
        page.get_by_label("Nhập lại mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Đặt mật khẩu").click()
        page.wait_for_url("**/sign-in")
        looked_at(visit, "sign-in")
        sign_in(visit, chief)
        page.locator(".me summary").press("Enter")
        looked_at(visit, "menu")
        page.get_by_role("link", name="Người dùng").press("Enter")
        page.wait_for_url("**/people")
        looked_at(visit, "people")
        page.get_by_role("link", name="Mời người dùng").click()
        page.wait_for_url("**/people/invite")
        email = f"bich-{size}@gpmb.vn"
        page.get_by_label("Địa chỉ thư điện tử").fill(email)
        page.get_by_label("Họ và tên").fill("Nông Thị Bích")
        page.get_by_role("radio", name="cán bộ").check()
        page.get_by_role("checkbox", name="Phường Đông Kinh").first.check()
        looked_at(visit, "invite")
        page.get_by_role("button", name="Mời và tạo đường dẫn").click()
        handed_over = page.get_by_label("Đường dẫn").input_value()
        looked_at(visit, "link")

    with visiting(viewport=screen, drawn=False, color_scheme=scheme) as visit:
        page = visit.page
        page.goto(handed_over)
        page.get_by_label("Mật khẩu mới").fill(PASSWORD)
        page.get_by_label("Nhập lại mật khẩu").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/sign-in")
        sign_in(visit, email)
        assert page.get_by_text("Phường Đông Kinh").is_visible()
        looked_at(visit, "own")
        page.locator("form[action$='/second-factor']").get_by_label("Mật khẩu hiện tại").fill(PASSWORD)
        page.get_by_role("button", name="Thiết lập xác thực lớp thứ hai").click()
        page.wait_for_url("**/confirm")
        assert page.locator(".qr").evaluate("picture => picture.naturalWidth") > 0, "the picture is drawn"
        phone = pyotp.TOTP(page.locator("code").inner_text().replace("-", ""))
        looked_at(visit, "second-factor")
        page.get_by_label("Mã của ứng dụng").fill(phone.now())
        page.keyboard.press("Enter")
        page.get_by_role("status").wait_for()
        page.locator(".me summary").click()
        page.get_by_role("button", name="Đăng xuất", exact=True).click()
        page.get_by_role("heading", name="Đăng nhập").wait_for()
        page.go_back()
        assert page.get_by_label("Họ và tên").count() == 0, "what was seen is not kept in the browser"
        sign_in(visit, email)
        page.get_by_label("Mã của ứng dụng").fill("000000")
        looked_at(visit, "code")
        page.get_by_label("Mã của ứng dụng").fill(phone.at(time.time() + phone.interval))  # the next: one counts once
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Tài khoản của bạn").wait_for()
        assert re.search("Nông Thị Bích", page.locator(".me summary").inner_text())
