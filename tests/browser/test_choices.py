"""What a reader chooses on the map: what it is coloured by, how strongly, two days compared, one project; all of it
stands in the address, so that it can be shared and gone back to."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from layers.themes import THEMES
from tests.browser.conftest import PHONE, WIDE

PROJECT = "cong-vien-bo-song-ky-cung"
HANDED_BETWEEN = "groundMap.layers.get('handed_between').style_layers"
COLOURS = """() => Object.fromEntries(groundMap.rows.communes.map(({key}) =>
    [key, groundMap.gl.getFeatureState({source: "communes", sourceLayer: "communes", id: key}).colour ?? null]))"""


def asked(visit) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(visit.page.url).query).items()}


def rested(visit, day: str) -> None:
    visit.wait(f"document.querySelector('#day-figures').dataset.day === '{day}'", f"The figures of {day}")
    visit.wait("document.getElementById('figures').getAttribute('aria-busy') === 'false'", "Rest")
    visit.wait_drawn()


def classes(visit) -> list[tuple[str, int]]:
    return [
        (re.sub(r"\s+", " ", text).strip(), int(count))
        for text, count in visit.page.eval_on_selector_all(
            "#classes li", "items => items.map(item => [item.childNodes[1].textContent, item.lastChild.textContent])"
        )
    ]


def test_every_theme_colours_the_communes_and_the_legend_counts_them(visit):
    visit.wait("document.querySelectorAll('#classes li').length > 0", "The legend")
    for key, theme in THEMES.items():
        if key == "between_area":
            assert visit.page.locator("#theme option[value=between_area]").evaluate("option => option.disabled")
            continue
        visit.page.select_option("#theme", key)
        visit.wait(f"new URLSearchParams(location.search).get('theme') === '{key}'", "The address")
        visit.wait_drawn()
        drawn = visit.page.evaluate(COLOURS)
        counted = classes(visit)
        none = int(visit.page.inner_text("#legend [data-more=none]"))
        assert set(drawn.values()) - {None} <= set(theme.colours)
        assert none == sum(colour is None for colour in drawn.values())
        for colour, (_, count) in zip(theme.colours, counted, strict=False):
            assert count == sum(found == colour for found in drawn.values()), f"{key} {colour}"
        assert sum(count for _, count in counted) + none == len(drawn)
    assert "tỷ ₫" in classes(visit)[-1][0] or "triệu ₫" in classes(visit)[-1][0]


def test_themes_agree_with_the_api(visit):
    visit.page.select_option("#theme", "left_households")
    visit.wait_drawn()
    told = {
        row["commune"]["slug"]: row["values"]["not_handed_over"]["households"]
        for row in visit.api("progress?by=commune&as_of=2024-12-16")["rows"]
        if row["commune"] and row["coverage"]["source"] == "records"
    }
    labels = visit.page.evaluate("JSON.parse(groundMap.figures).map(({properties}) => properties)")
    texts = {label["key"]: label["text"] for label in labels if label["of"] == "communes"}
    assert told
    for slug, households in told.items():
        assert texts[slug].endswith(f" {households:,} hộ".replace(",", ".")), slug
        assert texts[slug].startswith("còn ")


def test_two_days_compared_stand_out_and_sum_to_the_same_across_the_reform(visiting):
    with visiting("/?day=2024-12-16") as visit:
        page = visit.page
        page.click("#compare summary")
        page.fill("#since", "2022-10-24")
        page.locator("#since").dispatch_event("change")
        visit.wait("document.querySelector('#day-figures').dataset.since === '2022-10-24'", "The comparison")
        visit.wait_drawn()
        assert asked(visit)["since"] == "2022-10-24"
        assert page.input_value("#theme") == "between_area"
        wanted = visit.api("progress?from=2022-10-25&to=2024-12-16")["total"]["values"]["handover"]
        shown = page.locator("#day-figures > .measures")
        expect(shown).to_contain_text(f"+{wanted['households']:,}".replace(",", "."))
        areas = {}
        for day in ("2025-06-30", "2025-07-01"):
            visit.show_day(day)
            expect(page.locator("table[data-table=commune] tfoot .between b")).not_to_be_empty()
            areas[day] = page.locator("table[data-table=commune] tfoot .between b").text_content()
        assert areas["2025-06-30"] == areas["2025-07-01"] != ""
        page.click("#compare-end")
        visit.wait("!document.querySelector('#day-figures').dataset.since", "The end of the comparison")
        assert "since" not in asked(visit)
        assert page.input_value("#theme") == "share_area"


def test_what_was_handed_over_between_two_days_is_drawn(visiting):
    with visiting("/?day=2024-12-16&since=2022-10-24&at=21.8530,106.7610,15") as visit:
        drawn = f"groundMap.gl.queryRenderedFeatures({{layers: {HANDED_BETWEEN}}})"
        visit.wait(f"{drawn}.length > 0", "Parcels handed over between the days")
        for parcel in visit.page.evaluate(f"{drawn}.map(feature => feature.properties)"):
            days = [parcel.get("handover_day", 0), parcel.get("handover_full_day", 0)]
            assert any(20221024 < day <= 20241216 for day in days)
        visit.page.click("#compare-end")
        visit.wait(f"{drawn}.length === 0", "One day alone")


def test_one_project_alone(visit):
    page = visit.page
    page.click(f"a[href='#project={PROJECT}']")
    page.click("[data-scope]")
    visit.wait(f"document.querySelector('#day-figures').dataset.project === '{PROJECT}'", "The project's figures")
    visit.wait_drawn()
    assert asked(visit)["project"] == PROJECT
    values = visit.api(f"progress?project={PROJECT}&as_of=2024-12-16")["total"]["values"]
    done, whole = (f"{values[kind]['households']:,}".replace(",", ".") for kind in ("handover", "affected"))
    expect(page.locator("#day-figures > .measures [data-shown=households]")).to_have_text(f"{done} / {whole}")
    parcels = "groundMap.gl.queryRenderedFeatures({layers: ['parcels-step']})"
    visit.wait(f"{parcels}.length > 0", "The project's parcels")
    assert visit.page.evaluate(f"[...new Set({parcels}.map(f => f.properties.project))]") == [PROJECT]
    page.click("#panel .close")
    expect(page.locator("#scope-name")).to_contain_text("Công viên bờ sông")
    page.click("#scope-end")
    visit.wait("!document.querySelector('#day-figures').dataset.project", "All projects")
    expect(page.locator("#scope")).to_be_hidden()


def test_an_address_shared_shows_the_same(visiting):
    with visiting("/?day=2022-10-24") as visit:
        page = visit.page
        page.select_option("#theme", "left_area")
        page.uncheck("input[type=checkbox][data-layer=plots]")
        page.check("input[type=checkbox][data-layer=remaining]")
        page.click(f"a[href='#project={PROJECT}']")
        expect(page.locator("#panel h2")).to_be_visible()
        visit.wait("location.search.includes('at=')", "The place in the address")
        visit.wait_drawn()
        visit.wait(
            f"""(([lat, lng, zoom]) => new URLSearchParams(location.search).get("at")
            === [lat.toFixed(5), lng.toFixed(5), Number(zoom.toFixed(2))].join())({PLACE})""",
            "The place as it is",
        )
        address, place = page.url.removeprefix(visit.site), page.evaluate(PLACE)
    with visiting(address) as visit:
        page = visit.page
        expect(page.locator("#panel h2")).to_contain_text("Công viên bờ sông")
        assert page.evaluate(PLACE) == pytest.approx(place, abs=0.02)
        assert page.input_value("#theme") == "left_area"
        assert page.input_value("#day") == "2022-10-24"
        assert not page.is_checked("input[type=checkbox][data-layer=plots]")
        assert page.is_checked("input[type=checkbox][data-layer=remaining]")
        assert page.evaluate("groundMap.gl.getLayoutProperty('plots-fill', 'visibility')") == "none"


PLACE = "[groundMap.leaflet.getCenter().lat, groundMap.leaflet.getCenter().lng, groundMap.leaflet.getZoom()]"


def test_back_and_forward(visit):
    page = visit.page
    page.select_option("#theme", "left_area")
    page.uncheck("input[type=checkbox][data-layer=projects]")
    page.fill("#day", "2022-10-24")
    rested(visit, "2022-10-24")
    visit.wait("new URLSearchParams(location.search).get('day') === '2022-10-24'", "The day in the address")
    page.go_back()
    rested(visit, "2024-12-16")
    assert page.input_value("#day") == "2024-12-16"
    assert not page.is_checked("input[type=checkbox][data-layer=projects]")
    page.go_back()
    visit.wait("document.querySelector('input[type=checkbox][data-layer=projects]').checked", "The layer again")
    assert page.input_value("#theme") == "left_area"
    page.go_back()
    visit.wait("document.getElementById('theme').value === 'share_area'", "The usual theme again")
    for _ in range(3):
        page.go_forward()
    rested(visit, "2022-10-24")
    assert page.input_value("#theme") == "left_area"
    assert not page.is_checked("input[type=checkbox][data-layer=projects]")


def test_a_layer_can_be_drawn_more_weakly(visit):
    slider = visit.page.locator("input[type=range][data-layer=communes]")
    slider.focus()
    for _ in range(5):
        visit.page.keyboard.press("ArrowLeft")
    visit.wait_drawn()
    opacity = visit.page.evaluate("groundMap.gl.getPaintProperty('communes-theme', 'fill-opacity')")
    assert opacity == ["interpolate", ["linear"], ["zoom"], 12, pytest.approx(0.375), 14, pytest.approx(0.15)]


def test_the_pointer_is_told_name_and_headline_figure(visit):
    (unit,) = (u for u in visit.api("units")["units"] if u["slug"] == "x-y-tich")
    x, y = visit.point_of(*unit["label_point"])
    visit.page.mouse.move(x - 25, y + 14)
    tip = visit.page.locator(".feature-name")
    expect(tip).to_contain_text(unit["name"])
    values = visit.api("progress?unit=x-y-tich&as_of=2024-12-16")["total"]["values"]["handover"]
    expect(tip).to_contain_text(f"{round(values['area_m2']):,} m² · {values['households']} hộ".replace(",", "."))


def test_nothing_sticks_out_while_comparing(visiting):
    with visiting("/?since=2022-10-24") as visit:
        page = visit.page
        for viewport in (WIDE, PHONE):
            page.set_viewport_size(viewport)
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
            expect(page.locator("#since")).to_be_visible()
            expect(page.locator("#compare-end")).to_be_in_viewport()


@pytest.mark.parametrize(
    "path", ["/?since=2024-12-17", "/?since=x", "/?project=none", "/?layers=nothing&theme=nothing&at=a,b,c#project=%"]
)
def test_an_address_that_says_nonsense(visiting, path):
    with visiting(drawn=False) as visit:
        visit.provoked += ["status of 400", "status of 404"]
        visit.page.goto(visit.site + path)
        wrong = "layers" not in path
        if wrong:
            expect(visit.page.locator("main")).to_contain_text(re.compile("không|Không"))
        else:
            visit.wait_drawn()
            assert visit.page.input_value("#theme") == "share_area"
