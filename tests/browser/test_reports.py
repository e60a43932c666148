"""A report is asked for on a phone by keyboard alone: what is chosen is built, kept in the address, printed."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.browser.conftest import PHONE


def test_a_report_is_asked_for_on_a_phone_by_keyboard(chromium, site):
    page = chromium.new_page(viewport=PHONE, locale="vi")
    complaints: list[str] = []
    page.on("console", lambda said: said.type in ("error", "warning") and complaints.append(said.text))
    page.goto(f"{site}/reports")
    page.locator("#unit").select_option("tp-lang-son")
    page.fill("#from", "2022-01-01")
    page.fill("#to", "2022-10-24")
    page.locator("details summary", has_text="Dự án, xã phường").press("Enter")
    page.fill("#q", "ho phai loan")
    page.locator("#q").press("Enter")
    page.get_by_label("Cải tạo, chỉnh trang khuôn viên hồ Phai Loạn").press("Space")
    page.get_by_label("mỗi dự án đã chọn một tờ").press("Space")
    page.get_by_role("button", name="Lập báo cáo").press("Enter")

    asked = parse_qs(urlsplit(page.url).query)
    assert (asked["project"], asked["map"]) == (["ho-phai-loan"], ["projects"])
    expect(page.get_by_label("Cải tạo, chỉnh trang khuôn viên hồ Phai Loạn")).to_be_checked()
    expect(page.locator("article")).to_contain_text("2.600")
    expect(page.locator("#table-standing_handover caption")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], "nothing sticks out"
    small = page.evaluate(
        """[...document.querySelectorAll('main .asked :is(button, input, select, summary), main .files a')]
            .map((one) => (one.closest('label') ?? one).getBoundingClientRect())
            .filter(({width, height}) => width && (width < 24 || height < 24)).length"""
    )
    assert small == 0
    pdf = page.request.get(site + page.get_by_role("link", name="PDF A4 kèm bản đồ").get_attribute("href"))
    assert (pdf.status, pdf.body()[:5]) == (200, b"%PDF-")
    assert complaints == []
    page.get_by_role("button", name="tháng trước").press("Enter")
    asked = parse_qs(urlsplit(page.url).query)
    assert "period" not in asked
    assert asked["project"] == ["ho-phai-loan"]
    expect(page.get_by_role("alert")).to_contain_text("thành phố Lạng Sơn")  # it ended in 2025
    expect(page.locator("#unit")).to_have_attribute("aria-invalid", "true")
    page.close()
