"""The search of the header in a real browser: typed, heard, chosen by keyboard and by pointer."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE

BOX, OPTIONS = "#search-words", "#search-list [role=option]"
PARCEL = "25/143"


def type_words(visit, words: str, *, hits: int | None = None):
    """Type, and wait for the list that belongs to the words."""
    visit.page.fill(BOX, "")
    with visit.page.expect_response(lambda response: "/api/v1/search?q=" in response.url) as answer:
        visit.page.locator(BOX).press_sequentially(words, delay=5)
    found = answer.value.json()
    expect(visit.page.locator(OPTIONS)).to_have_count(len(found["hits"]))
    return found


def view(visit) -> tuple[float, float, float, float]:
    return visit.page.evaluate("""() => {
        const b = groundMap.leaflet.getBounds();
        return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()];
    }""")


def assert_in_view(visit, bounds):
    visit.wait_drawn()
    west, south, east, north = view(visit)
    assert west <= bounds[0] <= bounds[2] <= east
    assert south <= bounds[1] <= bounds[3] <= north


def test_a_name_without_diacritics_leads_to_its_place_and_panel(visit):
    page = visit.page
    page.keyboard.press("/")
    expect(page.locator(BOX)).to_be_focused()
    found = type_words(visit, "mai pha")
    expect(page.locator(BOX)).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#search-status")).to_have_text(f"Tìm thấy: {found['found']}")
    page.keyboard.press("ArrowDown")
    first = page.locator(OPTIONS).first
    expect(first).to_have_attribute("aria-selected", "true")
    expect(page.locator(BOX)).to_have_attribute("aria-activedescendant", first.get_attribute("id"))
    expect(first).to_contain_text("xã Mai Pha")
    expect(first).to_contain_text("thành phố Lạng Sơn")
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_have_text("xã Mai Pha")
    expect(page.locator("#search-found")).to_be_hidden()
    assert_in_view(visit, found["hits"][0]["bounds"])


def test_an_ambiguous_name_asks(visit):
    page = visit.page
    page.keyboard.press("Control+k")
    type_words(visit, "chi lang")
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator("#search-status")).to_have_text("Có nhiều kết quả cùng tên: hãy chọn một.")
    texts = page.locator(OPTIONS).all_inner_texts()
    assert sum("xã Chi Lăng" in text and "dự án" not in text for text in texts) == 3
    assert len(set(texts)) == len(texts), "each says what tells it from the others"
    place = next(n for n, text in enumerate(texts) if "từ 01/07/2025" in text)
    for _ in range(place):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    visit.wait("document.querySelector('#day-figures').dataset.day === '2025-07-01'", "The day on which it stands")
    expect(page.locator("#day")).to_have_value("2025-07-01")
    expect(page.locator("#panel h2")).to_have_text("xã Chi Lăng")
    expect(page.locator("#panel")).to_contain_text("01/07/2025")


def test_a_parcel_is_brought_close(visit):
    page = visit.page
    page.keyboard.press("/")
    page.keyboard.type(PARCEL)
    page.keyboard.press("Enter")  # the only one: nothing to ask
    expect(page.locator("#panel h2")).to_have_text("Thửa 143, tờ bản đồ 25")
    (hit,) = visit.api(f"search?q={PARCEL}")["hits"]
    assert_in_view(visit, hit["bounds"])
    assert page.evaluate("groundMap.leaflet.getZoom()") >= 17


def test_a_document_leads_to_its_project(visit):
    found = type_words(visit, "0211/2024/qd")
    visit.page.click(OPTIONS)
    assert found["hits"][0]["project"]
    expect(visit.page.locator("#panel h2")).to_have_text("Khu đô thị mới Bến Bắc")


def test_escape_goes_step_by_step(visit):
    page = visit.page
    page.click("a[href='#project=nam-nguyen-dinh-chieu']")
    expect(page.locator("#panel h2")).to_be_visible()
    page.keyboard.press("/")
    type_words(visit, "mai pha")
    page.keyboard.press("Escape")
    expect(page.locator("#search-found")).to_be_hidden()
    expect(page.locator(BOX)).to_have_value("mai pha")
    page.keyboard.press("Escape")
    expect(page.locator(BOX)).to_have_value("")
    expect(page.locator("#panel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()


def test_arrows_go_round_and_the_slash_can_be_written(visit):
    page = visit.page
    page.keyboard.press("/")
    found = type_words(visit, "mai pha")
    page.keyboard.press("ArrowUp")
    expect(page.locator(OPTIONS).nth(len(found["hits"]) - 1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"{OPTIONS}[aria-selected=true]")).to_have_count(0)
    page.keyboard.press("/")
    expect(page.locator(BOX)).to_have_value("mai pha/")


def test_a_cut_list_and_an_empty_one_say_so(visit):
    page = visit.page
    found = type_words(visit, "2024")
    expect(page.locator("#search-told")).to_have_text(f"Hiện 20 trong {found['found']} kết quả. Nhập thêm để thu hẹp.")
    type_words(visit, "khongcogi")
    expect(page.locator("#search-told")).to_have_text("Không tìm thấy.")
    expect(page.locator("#search-status")).to_have_text("Không tìm thấy.")
    expect(page.locator(BOX)).to_have_attribute("aria-expanded", "false")


def test_words_typed_in_a_go_are_one_question(visit):
    visit.asked.clear()
    visit.page.locator(BOX).focus()
    visit.page.evaluate(
        """(box) => {
        for (const words of ["c", "ch", "chi", "chi l", "chi lang"]) {
            document.querySelector(box).value = words;
            document.querySelector(box).dispatchEvent(new Event("input"));
        }
    }""",
        BOX,
    )
    expect(visit.page.locator(OPTIONS).first).to_contain_text("Chi Lăng")
    asked = [url for url in visit.asked if "/api/v1/search" in url]
    assert len(asked) == 1, "one question for words typed in a go"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_phone_holds_the_list(visiting, language):
    with visiting(f"/?lang={language}", viewport=PHONE) as visit:
        page = visit.page
        type_words(visit, "chi lang")
        box = page.locator("#search-found").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        page.locator(OPTIONS).nth(1).click()
        expect(page.locator("#panel h2")).to_have_text("phường Chi Lăng")
        expect(page.locator("#map-box")).to_be_in_viewport()


def test_without_scripts_the_search_is_a_page(visiting):
    with visiting(drawn=False, java_script_enabled=False) as visit:
        page = visit.page
        page.goto(f"{visit.site}/?day=2022-10-24")
        page.fill(BOX, "chi lang")
        page.keyboard.press("Enter")
        expect(page.locator("main li")).to_have_count(10)
        page.click("main a:has-text('Trụ sở công an xã Chi Lăng')")
        assert page.url.endswith("/?day=2022-10-24#project=tru-so-cong-an-xa-chi-lang")
