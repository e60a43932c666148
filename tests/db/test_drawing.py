"""What is on a sheet is what the map shows: the same features, colours and texts, where they lie."""

import re
from collections import Counter
from datetime import date

import numpy as np
import pytest
from geoalchemy2.shape import to_shape
from shapely import Polygon, from_wkb
from sqlalchemy import func, select

from gis import crs
from gis.errors import BadParameter
from gis.model import AdminUnit, AffectedParcel, ParcelStep, Project
from layers import drawing, every
from layers.drawing import draw
from layers.lettering import text_width
from layers.palette import NO_DATA, STEP
from layers.paper import Frame
from layers.parcels import REACHED

ZONE = crs.ZONES[crs.LANG_SON_ZONE]
CITY = (106.74, 21.83, 106.79, 21.88)
SAMPLE = (106.43, 21.57, 106.79, 21.91)
DAY = 20221024
ALL = [layer.name for layer in every()]
FIGURES = [
    {"of": "communes", "key": "a", "name": "phường Đông Kinh", "lon": 106.765, "lat": 21.845, "rank": -2.0,
     "text": "1.234 m² · 56 hộ", "target": "", "projects": None, "area_m2": 1.0, "affected_m2": 2.0},
    {"of": "projects", "key": "b", "name": "Hồ Phai Loạn", "lon": 106.755, "lat": 21.855, "rank": -1.0,
     "text": "12 m² · 3 hộ", "target": "mục tiêu", "projects": 1.0, "area_m2": 120000.0, "affected_m2": 300000.0},
    {"of": "projects", "key": "c", "name": "Ngay bên cạnh", "lon": 106.7551, "lat": 21.8551, "rank": -1.0,
     "text": "1 m² · 1 hộ", "target": "", "projects": 1.0, "area_m2": 10.0, "affected_m2": 30.0},
]  # fmt: skip


def sheet(session, names, bounds=CITY, scale=None, size=(250, 180), **given):
    frame = Frame.around(bounds, ZONE, *size, scale)
    return frame, draw(session, frame, every(), names, **{"day": DAY} | given)


def in_zone(session) -> dict[int, np.ndarray]:
    """The corners of all affected parcels in the zone's plane, from the stored geometry."""
    rows = session.execute(select(AffectedParcel.id, func.ST_AsBinary(AffectedParcel.geom)))
    plane = crs.to_zone(ZONE.srid)
    return {
        number: np.column_stack(plane.transform(*np.array(from_wkb(bytes(wkb)).geoms[0].exterior.coords).T))
        for number, wkb in rows
    }


def corners(svg: str) -> np.ndarray:
    """The first corner of each outline of a drawing, in mm."""
    return np.array([[float(x), float(y)] for x, y in re.findall(r"M ?(-?[\d.]+) (-?[\d.]+)", svg)])


def test_parcels_lie_where_vn_2000_says_to_a_tenth_of_a_millimetre(sample_session):
    frame, drawn = sheet(sample_session, ["parcels"], scale=1_000, bounds=(106.7628, 21.8525, 106.7634, 21.8535))
    found = corners("".join(re.findall(r'<path fill="#[0-9a-f]{6}"[^>]* d="([^"]*)"', drawn.svg)))
    found = found[((found > 5) & (found < [245, 175])).all(axis=1)]
    assert len(found) > 20
    on_paper = np.concatenate(list(in_zone(sample_session).values())) - [frame.west_m, frame.north_m]
    on_paper = on_paper * [1, -1] * 1000 / frame.scale
    for corner in found:
        assert np.hypot(*(on_paper - corner).T).min() < 0.1


def test_every_parcel_has_the_colour_of_its_last_step(sample_session):
    """Counted a second time, parcel by parcel, from the days kept for each step."""
    day = date(2022, 10, 24)
    rows = sample_session.execute(
        select(AffectedParcel, ParcelStep).outerjoin(ParcelStep, ParcelStep.affected_parcel_id == AffectedParcel.id)
    )
    expected = Counter()
    for parcel, step in rows:
        if parcel.geom is not None and parcel.registered_on <= day:
            reached = [name for name in REACHED if step and (on := getattr(step, f"{name}_on")) and on <= day]
            expected[STEP[reached[-1] if reached else "not_started"]] += 1
    _, drawn = sheet(sample_session, ["parcels"], SAMPLE, 10_000, size=(4000, 4000))
    assert drawn.counts["parcels"] == expected
    assert sum(expected.values()) > 3000
    for colour in expected:
        assert f'fill="{colour}"' in drawn.svg
    said = {(line.label, line.colour) for part in drawn.legend for line in part.lines}
    shown = {item.colour for item in next(layer for layer in every() if layer.name == "parcels").legend}
    assert {colour for _, colour in said} == set(expected) & shown


@pytest.mark.parametrize("scale", [500, 5_000, 40_000, 300_000, 1_000_000])
@pytest.mark.parametrize("since", [0, 20211231])
def test_every_layer_can_be_printed_at_every_scale(sample_session, scale, since):
    _, drawn = sheet(sample_session, ALL, SAMPLE if scale > 100_000 else CITY, scale, figures=FIGURES, since=since)
    assert drawn.legend


def test_a_layer_not_asked_for_is_not_drawn_and_a_project_alone_is_alone(sample_session):
    _, everything = sheet(sample_session, ["parcels"], SAMPLE, 10_000, size=(4000, 4000))
    _, communes = sheet(sample_session, ["communes"])
    assert set(communes.counts) == {"communes"}
    _, remaining = sheet(sample_session, ["remaining"], scale=10_000)
    assert set(remaining.counts) <= {"remaining"}
    code, parcels = sample_session.execute(
        select(Project.code, func.count(AffectedParcel.id))
        .join(AffectedParcel, AffectedParcel.project_id == Project.id)
        .where(AffectedParcel.geom.is_not(None), AffectedParcel.registered_on <= "2022-10-24")
        .group_by(Project.code).order_by(func.count(AffectedParcel.id).desc()).limit(1)
    ).one()  # fmt: skip
    _, alone = sheet(sample_session, ["parcels"], SAMPLE, 10_000, size=(4000, 4000), project=code)
    assert alone.counts["parcels"].total() == parcels < everything.counts["parcels"].total()


def test_communes_bear_the_colour_given_and_the_others_no_data(sample_session):
    colours = {"communes": {"p-dong-kinh": "#123456"}}
    _, drawn = sheet(sample_session, ["communes"], colours=colours)
    assert drawn.counts["communes"]["#123456"] == 1
    assert drawn.counts["communes"][NO_DATA] > 3
    assert "url(#no-data)" in drawn.svg
    assert drawn.opacities["communes"]["#123456"] < 1
    _, later = sheet(sample_session, ["communes"], colours=colours, day=20250701)
    assert later.counts["communes"]["#123456"] == 0  # the ward ended on 30/06/2025


def test_only_what_touches_the_frame_is_named_and_counted(sample_session):
    """Shapes are cut off beyond the frame: what lies only there is not on the sheet."""
    frame, drawn = sheet(sample_session, ["communes"], bounds=(106.760, 21.845, 106.762, 21.847), scale=1_000)
    corners = [(frame.west_m, frame.south_m), (frame.east_m, frame.south_m), (frame.east_m, frame.north_m),
               (frame.west_m, frame.north_m)]  # fmt: skip
    plane = crs.to_zone(ZONE.srid)
    ground = Polygon([plane.transform(*corner, direction="INVERSE") for corner in corners])
    communes = sample_session.scalars(
        select(AdminUnit).where(AdminUnit.level == "commune", AdminUnit.valid.contains(date(2022, 10, 24)),
                                AdminUnit.geom.is_not(None))
    )  # fmt: skip
    expected = sorted(unit.name for unit in communes if to_shape(unit.geom).intersects(ground))
    assert drawn.names["communes"] == expected
    assert drawn.counts["communes"][NO_DATA] == len(expected)


def test_figures_are_texts_of_the_page_and_near_discs_join(sample_session):
    _, near = sheet(sample_session, ["communes", "projects"], scale=15_000, figures=FIGURES)
    texts = re.findall(r">([^<]+)</text>", near.svg)
    assert "Hồ Phai Loạn" in texts
    assert "12 m² · 3 hộ" in texts
    _, far = sheet(sample_session, ALL, SAMPLE, 300_000, figures=FIGURES)
    texts = re.findall(r">([^<]+)</text>", far.svg)
    assert "2" in texts
    assert "phường Đông Kinh" in texts


def test_a_project_without_figures_is_a_name_and_no_disc(sample_session):
    """Of all sizes unknown is none: on paper as on the page nothing is drawn of it, and no legend tells of discs."""
    silent = [FIGURES[1] | {"key": "x", "name": "Chưa đo", "text": "chưa có số liệu", "projects": None, "area_m2": None,
                            "affected_m2": None, "rank": 1.0}]  # fmt: skip
    for scale in (400_000, 300_000, 200_000):
        _, drawn = sheet(sample_session, ["discs"], SAMPLE, scale, figures=silent)
        assert "<circle" not in drawn.svg
        assert drawn.legend == []
        _, joined = sheet(sample_session, ["discs"], SAMPLE, scale, figures=[*FIGURES[1:2], *silent])
        assert joined.svg.count("<circle") == 2, "the one with figures, not joined with the one without"
        assert joined.counts["discs"].total() == 2
    _, near = sheet(sample_session, ["projects"], scale=15_000, figures=silent)
    assert "chưa có số liệu" in re.findall(r">([^<]+)</text>", near.svg)


def test_no_two_texts_cover_each_other(sample_session):
    _, drawn = sheet(sample_session, ["parcels"], bounds=(106.7600, 21.8510, 106.7626, 21.8550), scale=2_000)
    inner = re.sub(r"<g [^>]*stroke=.*?</g>", "", drawn.svg[drawn.svg.index("</clipPath>") :])
    boxes = []
    for x, y, size, text in re.findall(r'<text x="([\d.]+)" y="([\d.]+)" font-size="([\d.]+)">([^<]+)<', inner):
        wide = text_width(text, float(size)) / 2
        boxes.append((float(x) - wide, float(y) - 0.7 * float(size), float(x) + wide, float(y)))
    assert len(boxes) > 10
    for n, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[n + 1 :]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


def test_too_much_for_a_sheet_says_what_to_do(sample_session, monkeypatch):
    monkeypatch.setattr(drawing, "MOST_FEATURES", 50)
    with pytest.raises(BadParameter, match="larger scale"):
        sheet(sample_session, ["parcels"], CITY, 20_000)


def test_a_style_that_paper_cannot_show_is_refused_by_name():
    with pytest.raises(ValueError, match="line-gradient"):
        list(drawing._properties({"id": "x", "type": "line", "paint": {"line-gradient": 1}}, 14))
