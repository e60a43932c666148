"""Frames, grids, scale bars and letters of printed sheets: true to scale, round, and with every Vietnamese letter."""

import re
import unicodedata

import numpy as np
import pytest
from fontTools.ttLib import TTFont

from gis import crs
from gis.errors import BadParameter, NotReady
from layers import lettering, paper
from layers.lettering import Label, text_width
from layers.paper import Frame

ZONE = crs.ZONES[crs.LANG_SON_ZONE]
CITY = (106.74, 21.83, 106.79, 21.88)
MARKS = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
LETTERS = [unicodedata.normalize("NFC", letter + mark) for letter in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY" for mark in MARKS]


def in_degrees(east: float, north: float) -> tuple[float, float]:
    """WGS 84 of a point of the zone's plane."""
    return crs.to_wgs84().transform(*crs.to_zone(ZONE.srid).transform(east, north, direction="INVERSE"))


@pytest.mark.parametrize("scale", [500, 2_000, 25_000, 300_000])
def test_a_distance_on_paper_is_that_on_the_ground_by_the_scale(scale):
    frame = Frame.around(CITY, ZONE, 200, 150, scale)
    east, north = frame.west_m + 40 * scale / 1000, frame.south_m + 30 * scale / 1000
    ends = (east, north), (east + 0.1 * scale, north + 0.05 * scale)
    (x0, y0), (x1, y1) = (frame.on_paper(*in_degrees(*end)) for end in ends)
    assert (x0, y0) == pytest.approx((40, 120), abs=0.01)
    assert np.hypot(x1 - x0, y1 - y0) == pytest.approx(np.hypot(100, 50), abs=0.01)


def test_the_scale_is_the_largest_round_one_that_holds_the_extent():
    frame = Frame.around(CITY, ZONE, 200, 150)
    for lon, lat in ((CITY[0], CITY[1]), (CITY[2], CITY[1]), (CITY[0], CITY[3]), (CITY[2], CITY[3])):
        x, y = frame.on_paper(lon, lat)
        assert 0 <= x <= 200
        assert 0 <= y <= 150
    larger = paper.SCALES[paper.SCALES.index(frame.scale) - 1]
    tight = Frame.around(CITY, ZONE, 200, 150, larger)
    x, y = tight.on_paper(CITY[0], CITY[1])
    assert x < 0 or y > 150
    assert tight.on_paper((CITY[0] + CITY[2]) / 2, (CITY[1] + CITY[3]) / 2) == pytest.approx((100, 75), abs=0.5)


def test_an_extent_too_large_for_the_paper_says_so():
    with pytest.raises(BadParameter, match=r"1:1000000"):
        Frame.around(crs.VIETNAM_BOX, ZONE, 200, 150)


@pytest.mark.parametrize("scale", paper.SCALES)
def test_grid_and_scale_bar_are_round_and_true(scale):
    frame = Frame.around(CITY, ZONE, 200, 150, scale)
    step = paper.grid_step_m(frame)
    assert str(step).rstrip("0") in ("1", "2", "5")
    assert 36 <= step * 1000 / scale < 100
    figures = [int(f) for f in re.findall(r">(\d+)</text>", paper.framed(frame, "", "", str))]
    assert figures
    assert all(figure % step == 0 for figure in figures)
    north = [f for f in figures if f > 1_000_000]
    assert all(frame.south_m < figure < frame.north_m for figure in north)

    bar = paper.scale_bar(frame, str)
    number, unit = re.search(r">(\d+) (k?m)</text>", bar).groups()
    metres = int(number) * (1000 if unit == "km" else 1)
    width = float(re.search(r'<rect width="([\d.]+)"[^>]*fill="none"', bar)[1])
    assert width == pytest.approx(metres * 1000 / scale, abs=0.01)
    assert 20 < width <= 60


def test_zoom_follows_from_the_scale():
    assert Frame.around(CITY, ZONE, 200, 150, 2_000).zoom == pytest.approx(17.47, abs=0.01)
    assert Frame.around(CITY, ZONE, 200, 150, 4_000).zoom == pytest.approx(16.47, abs=0.01)


@pytest.mark.parametrize("face", lettering.FACES)
def test_every_vietnamese_letter_is_in_the_font(face):
    letters = TTFont(lettering.font_file(face)).getBestCmap()
    missing = [letter for letter in [*LETTERS, *"đĐ₫²°′–…·“”×≥<%"] if ord(letter) not in letters]
    assert not missing


def test_without_its_font_nothing_is_printed(monkeypatch):
    monkeypatch.setattr(lettering, "FACES", {"lost": "Nowhere-Regular.ttf"})
    with pytest.raises(NotReady, match=r"Nowhere-Regular\.ttf.*fonts-roboto"):
        lettering.font_file("lost")


def test_long_names_break_into_lines_of_about_one_length():
    found = lettering.lines("Hạ tầng kỹ thuật khu tái định cư và dân cư Mỹ Sơn", 2.4, 28)
    widths = [text_width(line, 2.4) for line in found]
    assert " ".join(found) == "Hạ tầng kỹ thuật khu tái định cư và dân cư Mỹ Sơn"
    assert len(found) == 2
    assert max(widths) <= 28
    assert min(widths) > 0.7 * max(widths)
    assert lettering.lines("một\n\nhai", 2, 50) == ["một", "hai"]
    assert lettering.lines("khôngcóchỗngắt", 2, 3) == ["khôngcóchỗngắt"]


def label(text: str, x: float, y: float, anchors=("center",), **given) -> Label:
    return Label([(text, 2.4)], (x, y), list(anchors), (0, 0), 2, 1.2, 0.2, "#000000", ("#ffffff", 0.3),
                 **{"overlaps": False} | given)  # fmt: skip


def texts_at(svg: str) -> dict[str, tuple[float, float]]:
    found = re.findall(r'<text x="([\d.-]+)" y="([\d.-]+)" font-size="2.4">([^<]*)</text>', svg)
    return {text: (float(x), float(y)) for x, y, text in found}


def test_a_text_that_would_cover_a_more_important_one_is_shifted_else_left_out():
    placed = texts_at(
        lettering.place(
            [
                label("quan trọng", 50, 50),
                label("dời chỗ", 50, 50, ("center", "top")),
                label("bỏ", 50, 50),
                label("được đè", 50, 50, overlaps=True),
            ],
            [], 100, 100,
        )
    )  # fmt: skip
    assert set(placed) == {"quan trọng", "dời chỗ", "được đè"}
    assert placed["dời chỗ"][1] > placed["quan trọng"][1] + 2


def test_texts_keep_off_discs_and_inside_the_frame():
    disc = (48, 48, 52, 52)
    placed = texts_at(
        lettering.place([label("tên", 50, 50, ("center", "left")), label("ở mép", 0, 100)], [disc], 100, 100)
    )
    assert placed["tên"][0] > 52
    x, y = placed["ở mép"]
    assert x - text_width("ở mép", 2.4) / 2 >= 0.4
    assert y <= 100


def test_text_of_features_stays_text():
    svg = lettering.place([label('<b>&"', 50, 50)], [], 100, 100)
    assert "&lt;b&gt;&amp;" in svg
    assert "<b>" not in svg
