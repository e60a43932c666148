"""What stands in the way of projects: points that tell how long they have been there on the day shown.

A style compares days, it does not reckon with them: the days on which an obstacle passes into the next class of age
travel in the tile.
"""

from functools import cache

from sqlalchemy import Date, Select, case, cast, null, select, text

from gis.access import Access
from gis.model import Obstacle, ProjectPart
from gis.standing import Project
from gis.tiles import day_number
from layers.palette import HALO, OBSTACLE
from layers.spec import DAY, Expression, Field, Layer, LegendItem, Wording, happened, written_day

STALE_AFTER, OLD_AFTER = "3 months", "1 year"
KINDS = {
    "slow_clearance": Wording("Giải phóng mặt bằng chậm", "Clearance is slow"),
    "stopped_by_clearance": Wording("Dừng thi công do vướng mặt bằng", "Works stopped for lack of land"),
    "behind_plan": Wording("Chưa đạt kế hoạch", "Behind the plan"),
    "procedure_disputed": Wording("Trình tự, thủ tục phải rà soát", "Procedure under review"),
    "land_use_conversion_missing": Wording(
        "Chưa được chấp thuận chuyển mục đích sử dụng đất", "Land-use conversion not approved"
    ),
    "land_price_missing": Wording("Chưa có giá đất cụ thể", "No specific land price"),
    "land_price_outdated": Wording("Giá đất cụ thể phải xác định lại", "Specific land price out of date"),
    "scope_widened": Wording("Mở rộng phạm vi thu hồi", "Scope widened"),
    "resettlement_unfinished": Wording("Khu tái định cư chưa hoàn thành", "Resettlement site not finished"),
    "cadastre_wrong": Wording("Hồ sơ địa chính sai lệch", "Cadastral records are wrong"),
    "dossier_missing": Wording("Thiếu hồ sơ, tài liệu", "Papers are missing"),
}
"""The kinds that records have; another one shows as it is written."""

AGES = {
    "new": Wording("Vướng mắc dưới 3 tháng", "Obstacle of less than 3 months"),
    "stale": Wording("Vướng mắc từ 3 tháng đến dưới 1 năm", "Obstacle of 3 months to a year"),
    "old": Wording("Vướng mắc từ 1 năm trở lên", "Obstacle of a year or more"),
}
SIZE_PX = {"new": 14, "stale": 19, "old": 24}
NEAR_ZOOM, FAR_SIZE = 13, 0.5
"""Beyond this zoom, where parcels are not drawn either, marks are half as large and without their text."""

MARK = {"new": "!", "stale": "!!", "old": "!!!"}
MARK_COLOUR = {"new": "#000000", "stale": "#000000", "old": "#ffffff"}


@cache
def features() -> Select:
    """Give every obstacle with a place; `id` is the obstacle's.

    What is written of an obstacle to one household's case may tell of the household: it is left out.
    """

    def reaches(age: str):
        return day_number(cast(Obstacle.known_since + text(f"interval '{age}'"), Date))

    return (
        select(
            Obstacle.id,
            Obstacle.tile_geom.label("geom"),
            Project.code.label("project"),
            ProjectPart.name.label("part"),
            Obstacle.kind,
            case((Obstacle.case_id.is_(None), Obstacle.description), else_=null()).label("description"),
            case((Obstacle.case_id.is_(None), Obstacle.owner), else_=null()).label("owner"),
            day_number(Obstacle.known_since).label("since_day"),
            reaches(STALE_AFTER).label("stale_day"),
            reaches(OLD_AFTER).label("old_day"),
            day_number(Obstacle.resolved_on).label("resolved_day"),
        )
        .join(Project, Project.id == Obstacle.project_id)
        .outerjoin(ProjectPart, ProjectPart.id == Obstacle.part_id)
        .where(Obstacle.cancelled_at.is_(None))
    )


def _by_age(values) -> Expression:
    return ["case", happened("old_day"), values["old"], happened("stale_day"), values["stale"], values["new"]]


def _radius(of_size: float) -> Expression:
    return _by_age({age: of_size * size / 2 for age, size in SIZE_PX.items()})


def _months_since(field: str) -> Expression:
    """Give the whole months from a day to the day shown."""

    def month(day: Expression) -> Expression:
        return ["+", ["*", 12, ["floor", ["/", day, 10000]]], _two_digits(["floor", ["/", day, 100]])]

    since = ["get", field]
    unfinished = ["case", ["<", _two_digits(DAY), _two_digits(since)], 1, 0]
    return ["-", ["-", month(DAY), month(since)], unfinished]


def _two_digits(number: Expression) -> Expression:
    return ["-", number, ["*", 100, ["floor", ["/", number, 100]]]]


KIND = Field("kind", "Loại vướng mắc", "Kind", "text", words=KINDS)
LAYER = Layer(
    name="obstacles",
    vi="Vướng mắc theo thời gian tồn tại",
    en="Obstacles, by age",
    order=50,
    group="records",
    access=Access.RECORD,
    min_zoom=10,
    max_zoom=15,
    features=features,
    shown=["all", happened("since_day"), ["!", happened("resolved_day")]],
    project_field="project",
    fields=(
        Field("project", "Dự án", "Project", "text"),
        Field("part", "Phần dự án", "Part of the project", "text"),
        KIND,
        Field("description", "Nội dung", "Description", "text"),
        Field("owner", "Cơ quan, đơn vị tháo gỡ", "To be removed by", "text"),
        Field("stale_day", "Đủ 3 tháng ngày", "Three months old on", "day"),
        Field("old_day", "Đủ 1 năm ngày", "A year old on", "day"),
        Field("resolved_day", "Đã tháo gỡ ngày", "Resolved on", "day"),
        Field("since_day", "Phát sinh từ ngày", "Since", "day"),
        Field("age_months", "Số tháng tồn tại", "Age in months", "integer", expression=_months_since("since_day")),
        Field("age", "Mức tồn tại", "Class of age", "text", expression=_by_age({age: age for age in AGES}),
              words=AGES),
    ),
    styles=(
        {
            "id": "mark",
            "type": "circle",
            # Of several at one place the oldest lies on top.
            "layout": {"circle-sort-key": ["-", 0, ["get", "since_day"]]},
            "paint": {
                "circle-radius": ["step", ["zoom"], _radius(FAR_SIZE), NEAR_ZOOM, _radius(1)],
                "circle-color": _by_age(OBSTACLE),
                "circle-stroke-width": 1.5,
                "circle-stroke-color": "#1f1f1f",
            },
        },
        {
            "id": "label",
            "type": "symbol",
            "minzoom": 14,
            "layout": {
                "text-field": ["format", KIND.in_words(), {}, "\n", {},
                               ["concat", Wording("từ ", "since "), written_day("since_day")], {"font-scale": 0.9}],
                "text-size": 12,
                "text-max-width": 12,
                "text-variable-anchor": ["left", "right", "top", "bottom"],
                "text-radial-offset": 1.2,
                "symbol-sort-key": ["get", "since_day"],
            },
            "paint": HALO,
        },
        {
            "id": "age",
            "type": "symbol",
            "minzoom": NEAR_ZOOM,
            "layout": {
                "text-font": ["Open Sans Bold"],
                "text-field": _by_age(MARK),
                "text-size": 11,
                "text-padding": 0,
                "symbol-sort-key": ["get", "since_day"],
            },
            "paint": {"text-color": _by_age(MARK_COLOUR)},
        },
    ),
    legend=tuple(
        LegendItem(*AGES[age], OBSTACLE[age], size_px=SIZE_PX[age], mark=MARK[age], mark_colour=MARK_COLOUR[age])
        for age in AGES
    ),
)  # fmt: skip
