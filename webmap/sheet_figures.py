"""The figures on a sheet: of which land and cases, and what the page's scripts write on the map, written here."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from flask_babel import get_locale, gettext

from gis import catalogue
from gis.course import Course, Label, Stated, Track
from gis.model import ReportedFigure
from gis.overview import SHOWN, Between, Figures, figures, stand_ins
from gis.progress import ask, progress
from gis.targets import Target, Verdict, gone_by, missed
from layers import drawing, paper, themes
from layers.palette import NO_DATA, OUTSIDE
from layers.verdicts import SHORT
from webmap.i18n import MISSING, area, count, gain, money
from webmap.i18n import day as written_day

if TYPE_CHECKING:
    from webmap.printing import Wanted


@dataclass(frozen=True)
class Counted:
    """The figures on a sheet: of the whole course of time, or of a scope alone."""

    total: Figures | None
    of: Mapping[str, Mapping[str, Figures]]
    """By layer (``communes``, ``projects``) and key."""
    coverage: tuple[int, int]
    reported: tuple[ReportedFigure, ...] = ()
    """Of the one project shown, where it has no records."""
    only: Mapping[str, tuple[str, Collection[str]]] | None = None
    """What alone is drawn, as `layers.drawing.draw` takes it."""

    def values(self, theme: themes.Theme) -> dict:
        """Give what the communes are coloured by."""
        told = {slug: theme.value(figures) for slug, figures in self.of["communes"].items()}
        return {slug: value for slug, value in told.items() if value is not None}


def counted_for(session, found: Course, wanted: "Wanted") -> Counted:
    scope = wanted.scope
    chosen = (wanted.project,) if wanted.project else scope.projects if scope else ()
    if scope is None:
        answer = progress(session, ask(by=("project",), as_of=wanted.day, kinds=("affected",), projects=chosen))
        whole, reported = answer.total, stand_ins(answer.reported, wanted.day) if wanted.project else ()
        tracks = {"communes": found.communes, "projects": found.projects}
        of = {layer: {t.key: now for t in own if (now := t.at(wanted.day))} for layer, own in tracks.items()}
        return Counted(found.total.at(wanted.day), of, (whole.parcels_with_geometry, whole.parcels), reported)
    asked = {"unit": scope.unit, "projects": chosen, "as_of": wanted.day, "kinds": SHOWN}
    by_commune = progress(session, ask(by=("commune",), **asked))
    communes = {row.commune.slug: row for row in by_commune.rows if row.commune}
    lying = catalogue.list_units(session, day=wanted.day, level="commune", within=scope.unit)
    drawn = {entry.unit.slug for entry in lying} | communes.keys()
    by_project = progress(session, ask(by=("project",), **asked))
    projects = {row.project.code: row for row in by_project.rows if row.project}
    whole = by_commune.total
    return Counted(
        figures(whole) if whole.source == "records" else None,
        {
            layer: {key: figures(row) for key, row in rows.items() if row.source == "records"}
            for layer, rows in (("communes", communes), ("projects", projects))
        },
        (whole.parcels_with_geometry, whole.parcels),
        stand_ins(by_project.reported, wanted.day) if wanted.project else (),
        {"communes": ("slug", drawn), "projects": ("code", projects.keys())},
    )


def label_points(found: Course, theme: themes.Theme, counted: Counted, wanted: "Wanted") -> list[dict]:
    """Give the points of `layers.spec.FIGURES` for the day, with the properties that the page gives them."""
    tracks = {"communes": {t.key: t for t in found.communes}, "projects": {t.key: t for t in found.projects}}
    made = []
    for label in found.labels:
        left_out = counted.only and label.key not in counted.only[label.layer][1]
        # On a sheet of a unit the communes are what is told of; the names of projects would cover theirs.
        covering = wanted.scope and not wanted.project and label.layer == "projects"
        if left_out or covering or not _stands(label, wanted.day):
            continue
        track = tracks[label.layer].get(label.key)
        figures = counted.of[label.layer].get(label.key)
        point = {
            "of": label.layer, "key": label.key, "name": label.name, "lon": label.point[0], "lat": label.point[1],
            "rank": -float(figures.affected_m2) if figures else 1.0, "target": "",
            "text": "" if _outside(found, label) else _handed_over(figures, _gained(track, wanted)),
            "area_m2": figures and float(figures.area_m2 or 0), "affected_m2": figures and float(figures.affected_m2),
            "projects": 1.0 if figures else None,
        }  # fmt: skip
        if label.layer == "communes" and figures:
            point["text"] = _labelled(theme, figures, track, wanted)
        if label.layer == "projects" and not figures:
            point["text"] = _reported(found.stated.get(label.key, ()), wanted.day)
        if label.layer == "projects" and found.targets.get(label.key):
            point["target"] = _aim(found.verdicts(label.key, wanted.day), wanted.day)
        made.append(point)
    return made


def _stands(label: Label, day: date) -> bool:
    return (label.since is None or label.since <= day) and (label.until is None or day < label.until)


def _outside(found: Course, label: Label) -> bool:
    return label.layer == "communes" and found.lies_outside(label.key)


def _gained(track: Track | None, wanted: "Wanted") -> Between | None:
    return track.between(wanted.since, wanted.day) if track and wanted.since else None


def _handed_over(figures: Figures | None, between: Between | None = None) -> str:
    """Write both measures of what is handed over; where two days are compared, what was handed over between them."""
    if figures is None:
        return gettext("no figures yet")
    if between:
        held = gettext("%(n)s hh.", n=gain(between.households))
        added = (("organisations", gettext("%(n)s org.")), ("communities", gettext("%(n)s com.")))
        others = [said % {"n": gain(n)} for name, said in added if (n := getattr(between, name))]
        return f"{gain(between.area_m2 and round(between.area_m2))} m² · {', '.join([held, *others])}"
    kinds = (("organisations", gettext("%(n)s org.")), ("communities", gettext("%(n)s com.")))
    others = [said % {"n": count(n)} for name, said in kinds if (n := getattr(figures, name))]
    return " + ".join([_both(figures.area_m2, figures.households), *others])


def _reported(stated: Sequence[Stated], day: date) -> str:
    """Write what a report states of a project without records; it says so and names its day and line."""
    told = [each for each in stated if each.upto <= day]
    if not told:
        return gettext("no figures yet")
    last = told[-1]
    return gettext(
        "reported: %(what)s (%(day)s, %(source)s)",
        what=_both(last.area_m2, last.households, last.of_area_m2, last.of_households),
        day=written_day(last.upto), source=last.source,
    )  # fmt: skip


def _both(
    area_m2: Decimal | None, households: int | None, of_area_m2: Decimal | None = None, of_households: int | None = None
) -> str:
    area, holders = (
        f"{count(part)} / {count(whole)}" if whole is not None else count(part)
        for part, whole in ((area_m2, of_area_m2), (households, of_households))
    )
    return f"{area} m² · {gettext('%(n)s hh.', n=holders)}"


def _labelled(theme: themes.Theme, figures: Figures, track: Track | None, wanted: "Wanted") -> str:
    """Write what stands under a commune's name: what it is coloured by."""
    if theme.key in ("left_area", "left_households"):
        return gettext("left: %(what)s", what=_both(figures.left_m2, figures.left_households))
    if theme.kind == "money":
        value = theme.value(figures)
        if theme.withheld is None or not theme.withheld(figures):
            return money(value)
        # what is left out is money of fewer than three households
        return gettext("withheld: fewer than three households") if value is None else f"≥ {money(value)}"
    return _handed_over(figures, _gained(track, wanted))


def _aim(judged: Sequence[Verdict], day: date) -> str:
    """Write the target a project goes by, and in a word what comes of it, as the page does."""
    verdict = gone_by(judged, day)
    outcome = "behind" if missed(judged) else verdict.outcome
    return f"{_aimed(verdict.target)} · {getattr(SHORT[outcome], str(get_locale()))}"


def _aimed(target: Target) -> str:
    unit = gettext("households") if target.measure == "households" else "m²"
    what = f"{area(target.percent)} % {unit}" if target.value is None else f"{area(target.value)} {unit}"
    return gettext("target: %(what)s by %(day)s", what=what, day=written_day(target.due_on))


def with_classes(
    part: drawing.LegendPart, theme: themes.Theme, breaks: list, values: dict, drawn: drawing.Drawing
) -> drawing.LegendPart:
    """Put the classes of the choropleth, with how many communes on the sheet are in each, before the other lines."""
    if part.layer != "communes":
        return part
    counts = drawn.counts[part.layer]
    classes = [
        paper.LegendLine(text, colour, opacity=drawn.opacities[part.layer].get(colour, 1), count=counts[colour])
        for text, colour in zip(
            class_texts(theme, breaks, max(values.values(), default=None)), theme.colours, strict=False
        )
    ]
    unknown = (NO_DATA, OUTSIDE)
    rest = [replace(line, count=counts[line.colour]) if line.colour in unknown else line for line in part.lines]
    return drawing.LegendPart(part.layer, part.title, [line for line in classes if line.count] + rest)


def class_texts(theme: themes.Theme, breaks: list, greatest) -> list[str]:
    """Write the classes of a theme for a legend: “20 – 40 %”."""
    write: Callable = {"share": lambda v: count(v * 100), "money": money, "area": area, "households": count}[theme.kind]
    unit = {"share": "%s %%", "area": "%s m²", "money": "%s", "households": gettext("%(n)s hh.", n="%s")}[theme.kind]
    first, last = (Decimal(0), Decimal(1)) if theme.kind == "share" else (None, None)
    bounds = [first, *breaks, last]
    texts = []
    for low, high in pairwise(bounds):
        if low is None and high is None:
            texts.append(MISSING if greatest is None else unit % write(greatest))
        elif low is None:
            texts.append("< " + unit % write(high))
        elif high is None:
            texts.append("≥ " + unit % write(low))
        else:
            texts.append(unit % f"{write(low)} – {write(high)}")
    return texts
