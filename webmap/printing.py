"""Sheets for paper: the map of a day as PDF, with everything a reader of the paper alone must be told.

Used by `/print/map.pdf` and `flask map print`; a report takes `compose` and sets its own pages.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from math import cos, radians
from threading import Lock

from flask import Blueprint, Flask, Response, render_template, request
from flask_babel import get_locale, gettext

import layers
from gis import catalogue
from gis.access import Access
from gis.course import Course, course
from gis.crs import VIETNAM_BOX, zone_of
from gis.errors import BadParameter, NotReady
from gis.model import ReportedFigure
from gis.overview import Bounds, Figures, is_sample, opening_day, overview
from gis.progress import VIETNAM_TIME, revision
from gis.units import REFORM
from layers import drawing, lettering, paper, themes
from layers.palette import OUTSIDE
from webmap import parameters
from webmap.auth import access, opened, reader
from webmap.i18n import count
from webmap.ration import costly
from webmap.reads import log_export
from webmap.session import session
from webmap.sheet_figures import counted_for, label_points, with_classes

bp = Blueprint("printing", __name__, url_prefix="/print")

PAPERS = {"a4": (210.0, 297.0), "a3": (297.0, 420.0)}
"""Width and height in mm, upright."""
ORIENTATIONS = ("landscape", "portrait")
SCALES = (100, 2_000_000)
"""The largest and the smallest scale that may be asked for, as what stands behind ``1:``."""
LONGEST_TITLE = 120
PANELS = ((8.5, True), (7.8, True), (7.8, False), (7.1, False), (6.4, False), (5.7, False))
"""How what stands beside the map is tried: size of letters on A4, and whether the lines of a layer keep together."""
PARAMETERS = (
    "day", "since", "project", "layers", "indicator", "bounds", "paper", "orientation", "title", "scale",
)  # fmt: skip
_one_at_a_time = Lock()  # a sheet takes seconds of a core, and memory
PATIENCE_SECONDS = 30


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.jinja_env.globals["print_choices"] = choices


def choices() -> dict:
    """Give what the form offers, and how many mm of map each paper holds."""
    frames = {f"{size}-{way}": Layout.of(size, way).frame for size in PAPERS for way in ORIENTATIONS}
    return {"frames": frames, "scales": paper.SCALES, "longest_title": LONGEST_TITLE}


@dataclass(frozen=True)
class Scope:
    """What a report counts and its sheets show, where that is less than all."""

    unit: str
    """Slug: only land and cases in its communes."""
    unit_name: str
    projects: tuple[str, ...] = ()
    """Codes; empty for all."""


@dataclass(frozen=True)
class Wanted:
    """What a sheet is to show, checked. Make it with `want`."""

    day: date
    since: date | None
    project: str | None
    layers: tuple[str, ...]
    indicator: str
    bounds: Bounds
    size: str = "a4"
    """One of `PAPERS`."""
    orientation: str = "landscape"
    title: str | None = None
    scale: int | None = None
    scope: Scope | None = None


@dataclass(frozen=True)
class Layout:
    """Where on the paper things stand, in mm: the map at the left or above, the panel beside or below it."""

    width: float
    height: float
    margin: float
    head: float
    strip: float
    panel: float
    landscape: bool
    grown: float
    """How much larger letters are than on A4."""

    @classmethod
    def of(cls, size: str, orientation: str) -> "Layout":
        """Lay out a sheet of paper."""
        landscape = orientation == "landscape"
        width, height = PAPERS[size][::-1] if landscape else PAPERS[size]
        grown = 1 if size == "a4" else 1.25
        return cls(width, height, 8 * grown, 14 * grown, 13, (60 if landscape else 64) * grown, landscape, grown)

    @property
    def frame(self) -> tuple[float, float]:
        """Width and height of the map within its frame."""
        beside = self.panel + 3
        width = self.width - 2 * self.margin - (beside if self.landscape else 0)
        height = self.height - 2 * self.margin - self.head - self.strip - (0 if self.landscape else beside)
        return width - 2 * paper.MARGIN_MM, height - 2 * paper.MARGIN_MM

    @property
    def page_margins(self) -> tuple[float, float, float, float]:
        """What the page leaves free around the panel, which alone flows: above, right, below, left."""
        if self.landscape:
            return self.margin + self.head, self.margin, self.margin, self.width - self.margin - self.panel
        return self.height - self.margin - self.panel, self.margin, self.margin, self.margin


@dataclass(frozen=True)
class Sheet:
    """A composed sheet: the drawing of the map and what stands around it."""

    wanted: Wanted
    title: str
    place: str
    theme: str | None
    frame: paper.Frame
    drawn: drawing.Drawing
    legend: list[drawing.LegendPart]
    figures: Figures | None
    reported: tuple[ReportedFigure, ...]
    """What stands in for the figures of one project without records."""
    between: object | None
    illustrative: bool
    coverage: tuple[int, int]
    """How many parcels have an outline, of how many."""
    revision: int
    changed_at: datetime
    layout: Layout = field(compare=False)


def want(
    session,
    opened: str,
    *,
    day: date | None = None,
    since: date | None = None,
    project: str | None = None,
    layer_names: Sequence[str] | None = None,
    indicator: str | None = None,
    bounds: Bounds | None = None,
    size: str | None = None,
    orientation: str | None = None,
    title: str | None = None,
    scale: int | None = None,
    scope: Scope | None = None,
) -> Wanted:
    """Check what is asked for and fill in what is left out: as the map opens, on A4 landscape.

    Parameters
    ----------
    session : Session
    opened : str
        What the reader may see, see `gis.access.OPEN_ACCESS`.
    **given
        As in `Wanted`; layers by name.

    Raises
    ------
    NotFound
        For a layer that does not exist or may not be seen, and for an unknown project.
    BadParameter
        For anything else that is no choice.
    """
    if layer_names is None:
        chosen = tuple(layer.name for layer in layers.visible_to(opened) if layer.opening)
    else:
        chosen = tuple(layers.find(name, opened).name for name in layer_names)
    indicator = indicator or next(iter(themes.THEMES))
    _one_of("indicator", indicator, themes.THEMES)
    _one_of("paper", size := size or "a4", PAPERS)
    _one_of("orientation", orientation := orientation or "landscape", ORIENTATIONS)
    if scale is not None and not SCALES[0] <= scale <= SCALES[1]:
        raise BadParameter(
            "The scale 1:%(scale)s cannot be printed: give a number from %(largest)s to %(smallest)s.",
            parameter="scale", scale=scale, largest=SCALES[0], smallest=SCALES[1],
        )  # fmt: skip
    title = " ".join((title or "").split())
    if len(title) > LONGEST_TITLE or not title.isprintable():
        raise BadParameter(
            "The title is too long or holds what cannot be printed: at most %(most)s letters.",
            parameter="title", most=LONGEST_TITLE,
        )  # fmt: skip
    day = day or opening_day(session)
    if bounds is None:
        found = overview(session, day, project=project)
        own = [line.bounds for line in found.projects if line.key == project and line.bounds]
        bounds = own[0] if own else found.extent or VIETNAM_BOX
    if since is not None and since >= day:
        raise BadParameter(
            "%(since)s does not lie before %(day)s: give an earlier day to compare with.",
            parameter="since", since=since.isoformat(), day=day.isoformat(),
        )  # fmt: skip
    shape = (_checked(bounds), size, orientation, title or None, scale, scope)
    return Wanted(day, since, project, chosen, indicator, *shape)


def orientation_for(bounds: Bounds, size: str) -> str:
    """Give the way to hold the paper at which an extent is drawn larger."""
    west, south, east, north = bounds
    wide, high = (east - west) * cos(radians((north + south) / 2)), north - south

    def needed(orientation: str) -> float:
        width, height = Layout.of(size, orientation).frame
        return max(wide / width, high / height)

    return min(ORIENTATIONS, key=needed)


def _one_of(parameter: str, value: str, choices) -> None:
    if value not in choices:
        raise BadParameter(
            "“%(value)s” is not a choice here: give one of %(choices)s.",
            parameter=parameter, value=value, choices=", ".join(choices),
        )  # fmt: skip


def _checked(bounds: Bounds) -> Bounds:
    west, south, east, north = bounds
    low_x, low_y, high_x, high_y = VIETNAM_BOX
    if not (low_x <= west < east <= high_x and low_y <= south < north <= high_y):
        raise BadParameter(
            "The extent must be west,south,east,north in degrees and lie in Vietnam.", parameter="bounds"
        )
    return bounds


@bp.get("/map.pdf")
@access(Access.AGGREGATE)
@costly
def map_pdf():
    """Give a sheet as PDF."""
    parameters.only(*PARAMETERS)
    names = parameters.text("layers") if request.args.get("layers") else request.args.get("layers")
    wanted = want(
        session(),
        opened(),
        day=parameters.day("day"),
        since=parameters.day("since"),
        project=parameters.text("project"),
        layer_names=None if names is None else [name for name in names.split(",") if name],
        indicator=parameters.text("indicator"),
        bounds=bounds_of(request.args.get("bounds", "")),
        size=parameters.text("paper"),
        orientation=parameters.text("orientation"),
        title=parameters.text("title"),
        scale=_scale(request.args.get("scale", "")),
    )
    sheet = compose(session(), wanted, opened(), narrowed=reader().project_ids is not None)
    log_export("print/map.pdf")
    answer = Response(render(sheet), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{file_name(sheet)}"'
    answer.cache_control.private = True
    answer.cache_control.no_cache = True
    return answer


def bounds_of(given: str) -> Bounds | None:
    """Read an extent, written as west,south,east,north; empty text is None."""
    if not given:
        return None
    try:
        west, south, east, north = (float(side) for side in given.split(","))
    except ValueError:
        raise BadParameter(
            "The extent must be west,south,east,north in degrees and lie in Vietnam.", parameter="bounds"
        ) from None
    return west, south, east, north


def _scale(given: str) -> int | None:
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 9):
        raise BadParameter("“%(value)s” is not a scale: write 1:5000 as 5000.", parameter="scale", value=given[:20])
    return int(given)


def compose(session, wanted: Wanted, opened: str, *, narrowed: bool = False) -> Sheet:
    """Draw the map of a sheet and gather what stands around it, all from one snapshot.

    Parameters
    ----------
    session : Session
    wanted : Wanted
    opened : str
        What the reader may see.
    narrowed : bool
        Whether the reader has some projects only.

    Raises
    ------
    NotFound
        For an unknown project.
    BadParameter
        If the extent fits no scale, or more would be drawn than anybody could read.
    NotReady
        If the database holds no province, or the server lacks the font.
    """
    found = course(session, wanted.project, narrowed=narrowed)
    province = _province(session)
    layout = Layout.of(wanted.size, wanted.orientation)
    frame = paper.Frame.around(wanted.bounds, zone_of(province.slug), *layout.frame, scale=wanted.scale)
    theme = themes.THEMES[wanted.indicator]
    counted = counted_for(session, found, wanted)
    values = counted.values(theme) if wanted.scope else themes.values(found, theme.key, wanted.day, wanted.since)
    breaks = themes.breaks(found)[theme.key]["old" if wanted.day < REFORM else "new"]
    colours = {slug: theme.colours[themes.class_of(value, breaks)] for slug, value in values.items()}
    named = {label.key for label in found.labels if label.layer == "communes"}
    colours |= {slug: OUTSIDE for slug in named - colours.keys() if found.lies_outside(slug)}
    drawn = drawing.draw(
        session, frame, layers.visible_to(opened), wanted.layers,
        day=_number(wanted.day), since=_number(wanted.since) if wanted.since else 0, project=wanted.project or "",
        language=str(get_locale()), colours={"communes": colours}, figures=label_points(found, theme, counted, wanted),
        only=counted.only, number=count,
    )  # fmt: skip
    last = revision(session)
    themed = "communes" in wanted.layers
    return Sheet(
        wanted,
        title=wanted.title or _default_title(found, wanted, province.name),
        place=wanted.project or province.slug,
        theme=getattr(theme, str(get_locale())) if themed else None,
        frame=frame,
        drawn=drawn,
        legend=[with_classes(part, theme, breaks, values, drawn) for part in drawn.legend],
        figures=counted.total,
        reported=counted.reported,
        between=found.total.between(wanted.since, wanted.day) if wanted.since else None,
        illustrative=is_sample(session),
        coverage=counted.coverage,
        revision=last.revision,
        changed_at=last.changed_at.astimezone(VIETNAM_TIME),
        layout=layout,
    )


def render(sheet: Sheet) -> bytes:
    """Write a sheet as PDF: shapes as vectors, texts as texts, fonts embedded, nothing fetched from anywhere."""
    with _alone():
        return _fitted(sheet).write_pdf()


def pdf(template: str, sheets: Sequence[Sheet] = (), **said) -> bytes:
    """Write a template as PDF, one at a time like the sheets, with the fonts of `layers.lettering`.

    Sheets follow it in the same file, numbered, each on paper of its own size.
    """
    with _alone():
        text = _laid_out(template, fonts=lettering.FACES, **said)
        numbered = [_fitted(sheet, number, len(sheets)) for number, sheet in enumerate(sheets, 1)]
        return text.copy([page for document in (text, *numbered) for page in document.pages]).write_pdf()


@contextmanager
def _alone() -> Iterator[None]:
    if not _one_at_a_time.acquire(timeout=PATIENCE_SECONDS):
        raise NotReady("Other sheets are being drawn. Try again in a minute.")
    try:
        yield
    finally:
        _one_at_a_time.release()


def _fitted(sheet: Sheet, nth: int | None = None, of: int | None = None):
    """Lay a sheet out.

    What stands beside the map is written smaller until it fits on one page; where even the smallest letters do not
    suffice, the legend goes on on a second page.
    """
    said = {
        "sheet": sheet,
        "nth": nth,
        "of_sheets": of,
        "paper": paper,
        "fonts": lettering.FACES,
        "number": count,
        "made_at": datetime.now(VIETNAM_TIME),
    }
    for points, together in PANELS:
        said |= {"points": points * sheet.layout.grown, "together": together}
        if len(_laid_out(**said, with_map=False).pages) == 1:
            break
    return _laid_out(**said)


def _laid_out(template: str = "print/sheet.html", with_map: bool = True, **said):
    """Lay pages out. WeasyPrint loads with the first sheet: without its libraries a server still serves all else."""
    try:
        from weasyprint import HTML
    except OSError as error:
        raise NotReady(
            "The server lacks a library for printing (%(name)s): have its administrator install Pango.", name=str(error)
        ) from error
    return HTML(string=render_template(template, with_map=with_map, **said), url_fetcher=_font).render()


def _font(url: str, *_args, **_kwargs):
    """Answer for the fonts of `layers.lettering` and refuse everything else that a page might ask for."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcherResponse

    scheme, _, face = url.partition(":")
    if scheme != "font" or face not in lettering.FACES:
        raise FatalURLFetchingError(f"A sheet may not fetch {url[:80]}")
    return URLFetcherResponse(url, lettering.font_file(face).read_bytes(), {"Content-Type": "font/ttf"})


def file_name(sheet: Sheet) -> str:
    """Name the file by place and day, such as ``mat-bang_t-lang-son_2022-10-24.pdf``."""
    place = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in sheet.place)
    return f"mat-bang_{place}_{sheet.wanted.day.isoformat()}.pdf"


def _province(session):
    for entry in catalogue.list_units(session, level="province"):
        return entry.unit
    raise NotReady("The database holds no province: load units first, with the sample or with boundaries.")


def _default_title(found: Course, wanted: Wanted, province: str) -> str:
    names = {label.key: label.name for label in found.labels if label.layer == "projects"}
    return gettext("Land clearance: %(place)s", place=names.get(wanted.project, wanted.project or province))


def _number(day: date) -> int:
    return int(day.strftime("%Y%m%d"))
