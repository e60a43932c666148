"""The map page in a real browser: what is drawn, what a click tells, and how a day moves all of it together."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from layers.palette import SHARE_CLASSES
from tests.browser.conftest import PHONE

OPENING_DAY, EARLIER = "2024-12-16", "2022-10-24"
BACKGROUND, OPACITY = (0xF1, 0xF1, 0xEC), 0.75
ENOUGH_PIXELS = 400


def drawn_colour(colour: str) -> tuple[int, ...]:
    """Give a class's colour as it comes out, laid half transparent over the background."""
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return tuple(round(part * OPACITY + under * (1 - OPACITY)) for part, under in zip(parts, BACKGROUND, strict=True))


def pixels_near(colours: dict, wanted: tuple[int, ...]) -> int:
    return sum(n for found, n in colours.items() if all(abs(a - b) <= 3 for a, b in zip(found, wanted, strict=True)))


def class_of(share: float) -> str:
    return [colour for begins, colour in SHARE_CLASSES if share >= begins][-1]


def shares(answer: dict) -> dict[str, float]:
    found = {}
    for row in answer["rows"]:
        done, whole = (row["values"][kind]["area_m2"] for kind in ("handover", "affected"))
        if row["commune"] and whole:
            found[row["commune"]["slug"]] = done / whole
    return found


def written(number, language="vi") -> str:
    """Write a number of the API the reader's way, from its digits alone."""
    text = f"{Decimal(str(number)).normalize():,f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "vi" else text


def test_draws_the_classes_of_the_day_and_another_days_without_fetching_again(visit):
    colours = {}
    for day in (OPENING_DAY, EARLIER):
        if day != OPENING_DAY:
            visit.asked.clear()
            visit.show_day(day)
        colours[day] = visit.colours()
        expected = {class_of(share) for share in shares(visit.api(f"progress?by=commune&as_of={day}")).values()}
        for _, colour in SHARE_CLASSES:
            found = pixels_near(colours[day], drawn_colour(colour))
            # small wards of a class may hide below outlines and labels; a class nobody has must not show
            assert found < ENOUGH_PIXELS or colour in expected, f"{day}: {colour} is drawn, and no commune has it"
        assert any(pixels_near(colours[day], drawn_colour(colour)) > 10 * ENOUGH_PIXELS for colour in expected)
    assert visit.tiles_asked() == [], "another day fetched geometry again"
    pale, dark = drawn_colour(SHARE_CLASSES[0][1]), drawn_colour(SHARE_CLASSES[3][1])
    assert pixels_near(colours[EARLIER], pale) != pixels_near(colours[OPENING_DAY], pale)
    assert pixels_near(colours[EARLIER], dark) != pixels_near(colours[OPENING_DAY], dark)


def test_missing_figures_look_different_from_none_handed_over(visit):
    answer = shares(visit.api(f"progress?by=commune&as_of={OPENING_DAY}"))
    assert 0 in answer.values()
    colours = visit.colours()
    assert pixels_near(colours, drawn_colour(SHARE_CLASSES[0][1])) > ENOUGH_PIXELS
    assert pixels_near(colours, (0xDF, 0xDF, 0xDE)) > ENOUGH_PIXELS  # "no data" under its hatching


def test_both_tables_say_what_the_api_says(visit):
    for day in (OPENING_DAY, EARLIER, "2025-07-01", "2001-01-01"):
        if day != OPENING_DAY:
            visit.show_day(day)
        both_tables_say_it(visit, day)


def both_tables_say_it(visit, day: str) -> None:
    for by in ("project", "commune"):
        answer = visit.api(f"progress?by={by}&as_of={day}")
        name = "code" if by == "project" else "slug"
        told = {row[by][name] if row[by] else "": row for row in answer["rows"]}
        rows = visit.page.evaluate(
            f"""() => [...document.querySelectorAll("tr[data-kind={by}]")].map(row =>
                [row.dataset.key, ...[...row.cells].map(cell => cell.textContent.replace(/\\s+/g, " ").trim())])"""
        )
        assert len(rows) == len({row[0] for row in rows})
        assert set(told) - {row[0] for row in rows} == {
            key for key, row in told.items()
            if row["coverage"]["source"] == "none" and key not in {row[0] for row in rows}
        }  # fmt: skip
        for key, _name, *cells in rows:
            _compare(cells, told[key])
        total = visit.page.locator(f"table[data-table={by}] tfoot td").all_text_contents()
        _compare([re.sub(r"\s+", " ", cell).strip() for cell in total], answer["total"])


def others_of(values: dict) -> str:
    """Give the organisations and communities that stand beside the households of a cell, where there are any."""
    return "".join(
        f" + {written(values['handover'][kind])} / {written(values['affected'][kind])} {word}"
        for kind, word in (("organisations", "tổ chức"), ("communities", "cộng đồng"))
        if values["affected"][kind]
    )


def _compare(cells: list[str], row: dict) -> None:
    if row["coverage"]["source"] != "records":
        assert len(cells) == 1
        assert "chưa có số liệu" in cells[0] or "theo báo cáo" in cells[0]
        return
    values = row["values"]
    for cell, measure in zip(cells, ("households", "area_m2"), strict=False):
        others = others_of(values) if measure == "households" else ""
        assert cell == f"{written(values['handover'][measure])} / {written(values['affected'][measure])}{others}"
    left = values["not_handed_over"]
    assert cells[3] == f"{written(left['area_m2'])} {written(left['households'])} hộ"


def test_click_on_a_commune_opens_its_figures(visit):
    slug = "x-y-tich"
    (unit,) = (u for u in visit.api("units")["units"] if u["slug"] == slug)
    # beside the label point: a project may lie on it
    x, y = visit.point_of(*unit["label_point"])
    visit.page.mouse.click(x - 25, y + 14)
    panel = visit.page.locator("#panel")
    expect(panel.locator("h2")).to_have_text(unit["name"])
    values = visit.api(f"progress?unit={slug}&as_of={OPENING_DAY}")["total"]["values"]
    for measure in ("households", "area_m2"):
        expect(panel.locator(".measures")).to_contain_text(
            f"{written(values['handover'][measure])} / {written(values['affected'][measure])}"
        )
        expect(panel.locator(".measures")).to_contain_text(written(values["not_handed_over"][measure]))
    expect(panel).to_contain_text("đến 16/12/2024")
    assert f"#commune={slug}" in visit.page.url


def test_the_open_panel_follows_the_day(visit):
    visit.page.click("a[href='#project=nam-nguyen-dinh-chieu']")
    panel = visit.page.locator("#panel")
    for day, shown in ((OPENING_DAY, "16/12/2024"), (EARLIER, "24/10/2022")):
        if day != OPENING_DAY:
            visit.show_day(day)
        expect(panel.locator(".asof")).to_contain_text(shown)
        values = visit.api(f"progress?project=nam-nguyen-dinh-chieu&as_of={day}")["total"]["values"]
        done, whole = (written(values[kind]["area_m2"]) for kind in ("handover", "affected"))
        expect(panel.locator(".measures").first).to_contain_text(f"{done} / {whole}")
    assert "day=2022-10-24" in visit.page.url
    assert visit.page.url.endswith("#project=nam-nguyen-dinh-chieu")


def test_parcels_show_further_in_and_open_their_story(visit):
    visit.page.click("a[href='#project=nam-nguyen-dinh-chieu']")
    visit.wait("groundMap.leaflet.getZoom() >= 14", "A zoom that shows parcels")
    visit.wait_drawn()
    place = visit.page.evaluate("""() => {
        const map = groundMap, legend = document.getElementById("legend").getBoundingClientRect();
        const box = map.leaflet.getContainer().getBoundingClientRect();
        for (let y = 120; y < box.height - 60; y += 7) for (let x = legend.right + 20; x < box.width - 80; x += 7) {
            const feature = map.featureAt(map.leaflet.containerPointToLatLng([x, y]));
            if (feature?.source === "parcels" && feature.properties.handover_full_day <= 20241216)
                return {x: x + box.x, y: y + box.y, sheet: feature.properties.sheet, number: feature.properties.number};
        }
        return null;
    }""")
    assert place, "no parcel is drawn"
    visit.page.mouse.click(place["x"], place["y"])
    panel = visit.page.locator("#panel")
    expect(panel.locator("h2")).to_have_text(f"Thửa {place['number']}, tờ bản đồ {place['sheet']}")
    expect(panel.locator(".timeline")).to_contain_text("Bàn giao mặt bằng")
    assert "Hộ mẫu" not in panel.inner_text()


def test_days_passed_over_quickly_are_not_asked_for(visit):
    visit.asked.clear()
    visit.page.evaluate("() => { for (let n = 0; n < 5; n += 1) document.getElementById('day-before').click(); }")
    visit.wait("document.querySelector('#day-figures').dataset.day === '2024-12-11'", "The fifth day before")
    assert len([url for url in visit.asked if "/panels/figures" in url]) == 1
    assert visit.page.input_value("#day") == "2024-12-11"


def test_the_reform_changes_map_and_rows(visit):
    visit.asked.clear()
    visit.show_day("2025-07-01")
    keys = visit.page.eval_on_selector_all("tr[data-kind=commune]", "rows => rows.map(row => row.dataset.key)")
    assert keys
    assert all(key.endswith("-2025") for key in keys if key)
    shown = visit.page.evaluate(
        "[...new Set(groundMap.gl.queryRenderedFeatures({layers: ['communes-theme']}).map(f => f.id))]"
    )
    assert set(shown) <= set(keys)
    assert shown
    assert visit.tiles_asked() == []


def test_a_refused_day_leaves_the_figures_and_says_why(visiting):
    with visiting() as visit:
        before = visit.page.inner_text("#day-figures .measures")
        visit.cut_off("**/panels/figures**")
        visit.page.click("#day-before")
        expect(visit.page.locator("#figures-problem")).to_have_text(
            re.compile("Không kết nối được máy chủ"), timeout=20_000
        )
        assert visit.page.inner_text("#day-figures .measures") == before
        visit.wait(
            "document.getElementById('day').value === document.getElementById('day-figures').dataset.day", "One day"
        )
        assert visit.page.get_attribute("#figures", "aria-busy") == "false"
        visit.page.unroute("**/panels/figures**")
        visit.page.click("#day-before")
        expect(visit.page.locator("#figures-problem")).to_be_hidden()


def test_language_switch_keeps_day_and_panel(visit):
    visit.show_day(EARLIER)
    visit.page.click("a[href='#project=nam-nguyen-dinh-chieu']")
    expect(visit.page.locator("#panel h2")).to_be_visible()
    visit.page.click(".languages a")
    visit.wait_drawn()
    assert visit.page.get_attribute("html", "lang") == "en"
    expect(visit.page.locator("#panel .asof")).to_contain_text("From the records, to 24/10/2022")
    total = visit.api(f"progress?as_of={EARLIER}")["total"]["values"]["handover"]["area_m2"]
    expect(visit.page.locator("#day-figures .measures").first).to_contain_text(written(total, "en"))


def test_sorting_and_filtering(visit):
    page = visit.page

    def shown() -> list[dict]:
        return page.eval_on_selector_all(
            "tr[data-kind=project]", "rows => rows.filter(row => !row.hidden).map(row => ({...row.dataset}))"
        )

    page.click("table[data-table=project] [data-sort=area]")
    areas = [float(row["area"]) for row in shown() if "area" in row]
    assert areas == sorted(areas, reverse=True)
    assert ["area" in row for row in shown()] == sorted(("area" in row for row in shown()), reverse=True)
    page.fill("#filter", "nguyen dinh chieu")
    assert "nam-nguyen-dinh-chieu" in [row["key"] for row in shown()]
    assert len(shown()) < 5
    visit.show_day(EARLIER)
    assert len(shown()) < 5, "another day forgot the filter"
    page.fill("#filter", "không có tên này")
    expect(page.locator("#by-project .nothing")).to_be_visible()


def test_keyboard_alone(visit):
    page = visit.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.focus("#tab-project")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#tab-commune", "aria-selected") == "true"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('tr[data-kind=commune] a')"):
            break
    opener = page.evaluate("document.activeElement.getAttribute('href')")
    assert opener and opener.startswith("#commune=")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none", "focus cannot be seen"
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "panel"
    page.evaluate("document.querySelector('#figures tr[data-kind=commune]').dataset.old = ''")
    page.evaluate("document.getElementById('day-before').click()")
    visit.wait("!document.querySelector('#figures [data-old]')", "The tables of the day before")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    assert page.evaluate("document.activeElement.getAttribute('href')") == opener, "renewed tables keep the place"


def test_layers_can_be_switched_off(visit):
    pale = drawn_colour(SHARE_CLASSES[0][1])
    assert pixels_near(visit.colours(), pale) > ENOUGH_PIXELS
    visit.page.uncheck("input[data-layer=communes]")
    visit.wait_drawn()
    assert pixels_near(visit.colours(), pale) < ENOUGH_PIXELS


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_holds_it_all(visiting, scheme):
    with visiting(viewport=PHONE, color_scheme=scheme) as visit:
        page = visit.page
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert not page.evaluate("document.getElementById('legend').open")
        page.click("#legend summary")
        expect(page.locator("#legend fieldset").first).to_be_visible()
        page.click("#legend summary")
        page.click("a[href='#project=nam-nguyen-dinh-chieu']")
        expect(page.locator("#panel h2")).to_be_in_viewport()
        page.click("#panel .close")
        expect(page.locator("#panel")).to_be_hidden()


def test_a_click_on_a_plot_tells_its_fields(visit):
    lon, lat = visit.page.evaluate("""async () => {
        const map = groundMap;
        map.leaflet.setView([21.85, 106.76], 15, {animate: false});
        await new Promise(done => map.gl.once("idle", done));
        const [plot] = map.gl.querySourceFeatures("plots", {sourceLayer: "plots"});
        const ring = plot.geometry.type === "Polygon" ? plot.geometry.coordinates[0] : plot.geometry.coordinates[0][0];
        const corners = ring.slice(0, -1);
        return [0, 1].map(i => corners.reduce((sum, corner) => sum + corner[i], 0) / corners.length);
    }""")
    visit.page.evaluate("([lon, lat]) => groundMap.leaflet.setView([lat, lon], 19, {animate: false})", [lon, lat])
    visit.wait_drawn()
    visit.page.mouse.click(*visit.point_of(lon, lat))
    panel = visit.page.locator("#panel")
    expect(panel.locator("h2")).to_have_text("Lô tái định cư")
    expect(panel).to_contain_text("Số lô")
    visit.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_without_webgl_the_tables_and_panels_work(visiting):
    with visiting(drawn=False) as visit:
        visit.provoked += ["WebGL", "webgl"]  # the library says so too
        visit.page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
        visit.page.goto(visit.site)
        expect(visit.page.locator("#map-problem")).to_contain_text("WebGL")
        visit.page.click("a[href='#project=nam-nguyen-dinh-chieu']")
        expect(visit.page.locator("#panel h2")).to_be_visible()
        visit.page.fill("#day", EARLIER)
        expect(visit.page.locator("#panel .asof")).to_contain_text("24/10/2022")


def test_without_scripts_the_tables_stand(visiting):
    with visiting(drawn=False, java_script_enabled=False) as visit:
        visit.page.goto(f"{visit.site}/?day={EARLIER}")
        expect(visit.page.locator("table[data-table=project] tbody tr").first).to_be_visible()
        expect(visit.page.locator("table[data-table=commune] tfoot")).to_contain_text("Tổng")
