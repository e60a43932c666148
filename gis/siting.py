"""Where numbers can lie: an outline is tested in every system, and what cannot be told from the numbers is asked.

The zones of 3° and of 6° give places some hundred metres apart for the same numbers, degrees of WGS 84 and of VN-2000
are 224 m apart: neither shows on a map. So whoever sends numbers is shown the places, measured, and chooses.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NoReturn

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gis import crs
from gis.crs import LANG_SON_ZONE, VN2000, ZONES, to_zone
from gis.errors import BadParameter, GisError, OutsideVietnam, Question
from gis.exchange.coordinates import DEGREES
from gis.exchange.vertices import Table
from gis.outline_files import Choice, FileReading, otherwise
from gis.outlines import Reading, outline_of_table

NEAR_M = 3_000
"""Two places of the same numbers that lie nearer to each other than this are not told apart by the eye."""
KNOWN_NEAR_M = 2_000
"""An outline farther than this from what is on record of its project is somewhere else."""
MOST_NAMED = 3


@dataclass(frozen=True)
class Place:
    """A way to understand what was sent: the system, and where it puts the outline."""

    reading: Reading
    communes: tuple[str, ...] = ()
    """Communes it touches, the largest part first."""
    known_m: float | None = None
    """Metres from what is on record of the project; None where nothing is."""
    srid: int | None = None
    title: str | GisError = ""
    """What tells it from the other places: the system, the layer."""
    choice: Choice | None = None
    """Of a file: what was taken of it."""
    variant: GisError | None = None
    """What tells it from another way to take the same numbers, in words."""

    @property
    def area_m2(self) -> float:
        """On the plane of the province."""
        return self.plane.area

    @property
    def plane(self) -> shapely.Geometry:
        """The outline in metres of the province's zone."""
        return shapely.transform(self.reading.outline, to_zone(LANG_SON_ZONE).transform, interleaved=False)

    def said(self) -> str | GisError:
        """Name the place for a message."""
        if not self.communes:
            return self.title
        return GisError("%(system)s: %(communes)s", system=self.title, communes=", ".join(self.communes[:MOST_NAMED]))


_LOOK = text(
    """
    with outline as (select st_geomfromwkb(:outline, :vn2000) as shape),
    known as (
        select coalesce(
            (select geom from project_boundary where project_id = :project order by valid desc limit 1),
            (select st_setsrid(st_extent(p.geom)::geometry, :vn2000)
             from affected_parcel a join parcel p on p.id = a.parcel_id where a.project_id = :project)
        ) as shape
    ),
    communes as (
        select u.name, st_area(st_intersection(u.geom, o.shape)) as part
        from admin_unit u, outline o
        where u.level = 'commune' and u.valid @> current_date and u.geom && o.shape and st_intersects(u.geom, o.shape)
    )
    select (select array_agg(name order by part desc) from communes) as communes,
           exists (select from admin_unit u, outline o where u.geom && o.shape and st_intersects(u.geom, o.shape))
               as touches,
           (select st_distance(st_transform(k.shape, :zone), st_transform(o.shape, :zone)) from known k, outline o)
               as known_m
    """
)


def place_of(
    session: Session, project_id: int | None, reading: Reading, srid: int | None, title: str | GisError
) -> Place | None:
    """Give the place of an outline; None where it touches no unit of the province.

    Where the database holds no outlines of units, every place is one.
    """
    given = {
        "outline": reading.outline.wkb, "vn2000": VN2000, "zone": LANG_SON_ZONE, "project": project_id,
    }  # fmt: skip
    row = session.execute(_LOOK, given).one()
    if not row.touches and session.scalar(text("select exists (select from admin_unit where geom is not null)")):
        return None
    return Place(reading, tuple(row.communes or ()), row.known_m, srid, title)


def settle_table(session: Session, project_id: int, table: Table, asked: int | None) -> Place:
    """Find the one system in which a table of vertices stands.

    Parameters
    ----------
    session : Session
    project_id : int
        Whose outline it is to be: what is on record of it tells one place from another.
    table : Table
    asked : int, optional
        The system chosen by whoever sends it. Without one, the table's own words count, then the province's zone.

    Returns
    -------
    Place

    Raises
    ------
    Question
        Where several systems give places that the eye does not tell apart, where the one chosen does not fit and
        another does, where the table's own words contradict the choice, and for degrees whose datum is not said:
        with the places.
    OutsideVietnam
        Where no system puts it into the province.
    BadParameter, InvalidGeometry
        As `gis.outlines.outline_of_table`.
    """
    if asked is not None and asked not in ZONES and asked not in crs.DEGREES:
        raise BadParameter("There is no VN-2000 zone EPSG:%(srid)s.", parameter="zone", srid=asked)
    if table.pairs:
        _ask_for_the_pair(session, project_id, table, asked)
    systems = tuple(crs.DEGREES) if table.kind == DEGREES else tuple(ZONES)
    elsewhere = OutsideVietnam("The outline touches no commune of the province.", parameter="vertices")
    refused: list[GisError] = []
    places = []
    for srid in sorted(systems, key=lambda each: each != asked):
        try:
            reading = outline_of_table(table, srid)
        except OutsideVietnam as error:
            refused.append(error)
            continue
        if srid in ZONES and not _within_zone(reading.outline, srid):
            continue
        place = place_of(session, project_id, reading, srid, crs.name_of(srid))
        if place:
            places.append(place)
    if not places:
        raise refused[0] if len(refused) == len(systems) else elsewhere
    place = _settled(_likely(ranked(places), asked, table.systems), table, asked)
    if asked is None and place.srid in ZONES and place.srid != LANG_SON_ZONE and place.srid not in table.systems:
        told = GisError(
            "Neither you nor the table says the zone. The numbers lie in the province in %(zone)s, not in its own "
            "%(own)s: they were read so.", zone=place.title, own=ZONES[LANG_SON_ZONE].name,
        )  # fmt: skip
        place = replace(place, reading=replace(place.reading, notes=(told, *place.reading.notes)))
    return _holes_asked(session, project_id, table, place)


def _ask_for_the_pair(session: Session, project_id: int, table: Table, asked: int | None) -> NoReturn:
    """Ask which pair of columns counts, of a table whose rows hold their vertex several times."""
    places, problems = [], []
    for title, alone in table.pairs:
        one = replace(alone, notes=[*table.notes, *alone.notes])
        try:
            found = [settle_table(session, project_id, one, asked if one.kind != DEGREES else None)]
        except Question as question:
            found = question.choices
        except GisError as error:
            problems.append(error)
            continue
        columns = GisError("columns “%(columns)s”", columns=title)
        for place in found:
            variant = columns if place.variant is None else GisError("%(system)s, %(columns)s", system=columns,
                                                                     columns=place.variant)  # fmt: skip
            named = GisError("%(system)s, %(columns)s", system=place.title, columns=columns)
            places.append(replace(place, variant=variant, title=named))
    if not places:
        raise problems[0]
    raise Question(
        "Each row holds its vertex several times, in several pairs of columns, old and new or in two systems perhaps: "
        "%(places)s. Which pair is meant? If they are vertices of their own, put them below one another.",
        **_between(places) | {"parameter": "vertices"},
    )  # fmt: skip


_AS_HOLES = GisError("rings inside are holes")
_AS_LAND = GisError("rings inside are land of the outline")


def _holes_asked(session: Session, project_id: int, table: Table, place: Place) -> Place:
    """Give the place, unless rings lie inside others and the table does not say what they are."""
    holes = place.reading.unsaid_holes
    if not holes:
        return place
    filled = place_of(session, project_id, outline_of_table(table, place.srid, filled=True), place.srid, place.title)
    rows = ", ".join(str(each.values["row"]) for each in holes[:MOST_NAMED]) + (" …" if len(holes) > MOST_NAMED else "")
    without, within = (Decimal(f"{each.area_m2:.2f}") for each in (place, filled))
    raise Question(
        "Rings lie inside others (those that begin in rows %(rows)s), and the table does not say what they are. As "
        "holes they are taken out, and %(without)s m² remain; as land of the outline they change nothing, and it is "
        "%(within)s m². Which is meant? A line “Ranh trong” above a ring says that it is a hole.",
        choices=(
            replace(place, variant=_AS_HOLES),
            replace(filled, variant=_AS_LAND),
        ),
        parameter="vertices", rows=rows, without=without, within=within,
    )  # fmt: skip


def _likely(places: list[Place], asked: int | None, stated: Sequence[int]) -> list[Place]:
    """Leave out zones of other provinces, where the province's own or UTM fits and nothing speaks for the others."""
    own = [
        place
        for place in places
        if place.srid == LANG_SON_ZONE or ZONES.get(place.srid, ZONES[LANG_SON_ZONE]).width == 6
    ]
    if not own or own[0].srid not in ZONES:
        return places
    centres = [place.plane.centroid for place in own]
    return [
        place
        for place in places
        if place in own
        or place.srid == asked
        or place.srid in stated
        or (place.known_m is not None and place.known_m <= KNOWN_NEAR_M)
        or min(place.plane.centroid.distance(centre) for centre in centres) < NEAR_M
    ]


def _within_zone(outline: shapely.Geometry, srid: int) -> bool:
    west, _, east, _ = outline.bounds
    return ZONES[srid].reaches(west, east)


def ranked(places: Iterable[Place]) -> list[Place]:
    """Order places by what speaks for them: near what is on record, the province's own zone, UTM, then the others."""

    def rank(place: Place) -> tuple:
        elsewhere = place.known_m is not None and place.known_m > KNOWN_NEAR_M
        zone = ZONES.get(place.srid)
        return elsewhere, place.srid != LANG_SON_ZONE, zone is not None and zone.width != 6, place.srid or 0

    return sorted(places, key=rank)


def _settled(places: list[Place], table: Table, asked: int | None) -> Place:
    named = {place.srid: place for place in places}
    stated = [srid for srid in table.systems if srid in named]
    if table.kind == DEGREES and asked not in crs.DEGREES:
        if len(stated) == 1:
            return named[stated[0]]
        raise Question(
            "These are degrees. Are they degrees of WGS 84 (GPS, Google Earth) or of VN-2000 (B, L)? The two places "
            "lie %(metres)s m apart. %(places)s.", **_between(places),
        )  # fmt: skip
    if asked in crs.DEGREES and table.kind != DEGREES:
        raise BadParameter("The numbers are metres, and degrees are chosen.", parameter="zone")
    if asked is not None and asked not in named:
        raise Question(
            "In %(zone)s the outline does not lie in the province; the same numbers do in: %(places)s. Choose which is "
            "meant.", **_between(places), zone=crs.name_of(asked),
        )  # fmt: skip
    if table.systems and asked is not None and asked not in table.systems:
        raise Question(
            "The table says %(stated)s, and %(zone)s is chosen. %(places)s.",
            **_between([named[asked], *(named[srid] for srid in stated if srid != asked)]),
            stated=", ".join(map(crs.name_of, table.systems)), zone=crs.name_of(asked),
        )  # fmt: skip
    if asked is None and table.systems and not stated:
        raise Question(
            "The table says %(stated)s, but there its numbers do not lie in the province; they do in: %(places)s.",
            **_between(places), stated=", ".join(map(crs.name_of, table.systems)),
        )  # fmt: skip
    wanted = asked if asked is not None else stated[0] if len(stated) == 1 else None
    if wanted is None:
        wanted = LANG_SON_ZONE if LANG_SON_ZONE in named and not stated else None
    if wanted is None and len(places) == 1:
        wanted = places[0].srid
    if wanted is None:
        raise Question(
            "The numbers lie in the province in several systems: %(places)s. Which is meant?", **_between(places)
        )
    chosen = named[wanted]
    return chosen if wanted in table.systems else _unrivalled(chosen, places)


def _unrivalled(chosen: Place, places: list[Place]) -> Place:
    """Give the place, unless the eye cannot tell it from another, or another lies where the project is on record."""
    rivals = [place for place in places if place is not chosen]
    near = [place for place in rivals if chosen.plane.centroid.distance(place.plane.centroid) < NEAR_M]
    if chosen.srid in ZONES and near:
        raise Question(
            "The numbers lie in the province in several systems, up to %(metres)s m apart: %(places)s. Which is meant?",
            **_between(ranked([chosen, *near])),
        )  # fmt: skip
    nearer = [place for place in rivals if (place.known_m or 0) <= KNOWN_NEAR_M]
    if chosen.known_m is not None and chosen.known_m > KNOWN_NEAR_M and nearer:
        raise Question(
            "In %(zone)s the outline lies %(away)s m from what is on record of the project; in others it lies there: "
            "%(places)s. Which is meant?", **_between([*nearer, chosen]), zone=chosen.title,
            away=Decimal(round(chosen.known_m)),
        )  # fmt: skip
    return chosen


def _between(places: Sequence[Place]) -> dict:
    """Give what a question says of the places to choose from."""
    apart = max((a.plane.centroid.distance(b.plane.centroid) for a in places for b in places), default=0)
    said = [place.said() for place in places]
    return {"choices": places, "parameter": "zone", "places": said, "metres": Decimal(round(apart))}


def settle_outline(session: Session, project_id: int | None, reading: Reading, parameter: str = "vertices") -> Place:
    """Give the place of an outline whose system is known.

    Raises
    ------
    OutsideVietnam
        Where it touches no unit of the province.
    """
    place = place_of(session, project_id, reading, None, "")
    if place is None:
        raise OutsideVietnam("The outline touches no commune of the province.", parameter=parameter)
    return place


def settle_file(session: Session, project_id: int, found: FileReading) -> Place:
    """Find the one outline that a file means, and its place.

    Raises
    ------
    Question
        Where several layers hold polygons, its system is not sure, or what it says of it puts the outline outside the
        province or away from what is on record while another would not: with the places.
    OutsideVietnam
        Where none of them touches a unit of the province.
    """
    places = _places_of(session, project_id, found.choices, named=bool(found.reason))
    if not places or (not found.reason and _elsewhere(places[0])):
        others = [each for choice in found.choices for each in otherwise(choice)]
        instead = _likely(ranked(_places_of(session, project_id, others, named=True)), None, ())
        known = [place for place in instead if place.known_m is not None and not _elsewhere(place)]
        if places and known:
            raise Question(
                "By the file's own word (%(system)s) the outline lies %(away)s m from what is on record of the "
                "project; by other systems its numbers lie there: %(places)s. Which is meant?", system=_said_by(found),
                away=Decimal(round(places[0].known_m)), **_between([*known, *places]) | {"parameter": "file"},
            )  # fmt: skip
        if instead and not places:
            raise Question(
                "Read as %(system)s, the outline of the file touches no commune of the province; its numbers lie in it "
                "by: %(places)s. Which is meant?", system=_said_by(found), **_between(instead) | {"parameter": "file"},
            )  # fmt: skip
    if not places:
        middle = found.choices[0].reading.outline.centroid
        raise OutsideVietnam(
            "The outline touches no commune of the province: read as %(system)s, its middle lies at %(north)s° north, "
            "%(east)s° east, and by no other system do its numbers lie in the province. Is it the file of this "
            "project?", parameter="file", system=_said_by(found), north=Decimal(f"{middle.y:.4f}"),
            east=Decimal(f"{middle.x:.4f}"),
        )  # fmt: skip
    if not found.reason:
        return places[0]
    sure = [place for place in places if place.choice.sure]
    places = [*sure, *_likely(ranked(place for place in places if not place.choice.sure), None, ())]
    places.sort(key=lambda place: place.choice.state is not None)  # what is frozen or off stands last
    said = _between(places) | {"parameter": "file"}
    if found.reason == "elsewhere":
        raise Question(
            "By what the file says of its coordinate system, its numbers lie abroad. In the province they lie by: "
            "%(places)s. Which is meant?", **said,
        )  # fmt: skip
    if found.reason == "layers":
        raise Question("The file has several layers that can be the outline: %(places)s. Which is it?", **said)
    if found.reason == "features":
        raise Question(
            "The file has features of which one lies in another or that are of different kinds, a project and a parcel "
            "perhaps: %(places)s. Which is the outline?", **said,
        )  # fmt: skip
    if found.reason == "swapped":
        raise Question("In the file north stands before east. Are its axes to be swapped? %(places)s.", **said)
    if found.reason == "two_systems":
        raise Question(
            "The file gives its coordinate system in words that fit several: the places lie up to %(metres)s m apart. "
            "%(places)s. Which is meant?", **said,
        )  # fmt: skip
    if found.reason == "metres":
        raise Question(
            "The numbers of the file are metres, but it says degrees: its real coordinate system is unknown. In the "
            "province they lie by: %(places)s. Which is meant?", **said,
        )  # fmt: skip
    raise Question(
        "The file does not say its coordinate system (a shapefile without .prj, a drawing). In the province its "
        "numbers lie by: %(places)s. Which is meant?", **said,
    )  # fmt: skip


def _places_of(session: Session, project_id: int, choices: Sequence[Choice], *, named: bool) -> list[Place]:
    """Give the places of choices that touch the province; `named` where they have to be told from one another."""
    places = []
    for choice in choices:
        if not choice.sure and choice.srid in ZONES and not _within_zone(choice.reading.outline, choice.srid):
            continue
        place = place_of(session, project_id, choice.reading, choice.srid, _titled(choice) if named else "")
        if place:
            places.append(replace(place, choice=choice))
    return places


def _titled(choice: Choice) -> GisError:
    if choice.state is None:
        return GisError("%(layer)s · %(system)s", layer=choice.layer, system=choice.system)
    return GisError("%(layer)s (%(state)s) · %(system)s", layer=choice.layer, system=choice.system, state=choice.state)


def _elsewhere(place: Place) -> bool:
    return place.known_m is not None and place.known_m > KNOWN_NEAR_M


def _said_by(found: FileReading) -> list[str | GisError]:
    """Give the systems by which a file was read."""
    return list({str(choice.system): choice.system for choice in found.choices}.values())


@dataclass(frozen=True)
class Facts:
    """What an outline is and where it lies, for whoever looks at it before it goes on record."""

    polygons: int
    holes: int
    vertices: int
    north_m: float
    """The centroid in the province's zone."""
    east_m: float
    communes: tuple[tuple[str, float], ...]
    """Those it touches today, with the m² of it that lie in each, the largest first."""
    outside_m2: float
    """Of it, in no commune."""
    record_m2: float | None
    """The area of the outline on record; None where there is none."""
    from_record_m: float | None
    """Its distance from the outline on record: 0 where they touch."""
    area_m2: float

    @property
    def apart(self) -> bool:
        """Whether it does not touch the outline on record."""
        return bool(self.from_record_m)

    @property
    def very_different(self) -> bool:
        """Whether its area is far from that on record: by more than half of it, up or down."""
        return bool(self.record_m2) and not 2 / 3 <= self.area_m2 / self.record_m2 <= 1.5


_FACTS = text(
    """
    with outline as (select st_transform(st_geomfromwkb(:outline, :vn2000), :zone) as plane,
                            st_geomfromwkb(:outline, :vn2000) as shape),
    record as (
        select st_transform(geom, :zone) as plane from project_boundary where project_id = :project
        order by valid desc limit 1
    ),
    communes as (
        select u.name, st_area(st_intersection(st_transform(u.geom, :zone), o.plane)) as part
        from admin_unit u, outline o
        where u.level = 'commune' and u.valid @> current_date and u.geom && o.shape and st_intersects(u.geom, o.shape)
    )
    select (select json_agg(json_build_array(name, part) order by part desc) from communes) as communes,
           (select st_area(plane) from record) as record_m2,
           (select st_distance(r.plane, o.plane) from record r, outline o) as from_record_m
    """
)


def look(session: Session, project_id: int, outline: shapely.MultiPolygon) -> Facts:
    """Say what an outline is and where it lies: its parts, its middle, its communes, how far from that on record."""
    given = {"outline": outline.wkb, "vn2000": VN2000, "zone": LANG_SON_ZONE, "project": project_id}
    row = session.execute(_FACTS, given).one()
    plane = shapely.transform(outline, to_zone(LANG_SON_ZONE).transform, interleaved=False)
    communes = tuple((name, part) for name, part in row.communes or () if part > 0)
    return Facts(
        len(plane.geoms), sum(len(part.interiors) for part in plane.geoms), shapely.get_num_coordinates(plane),
        plane.centroid.y, plane.centroid.x, communes, max(0.0, plane.area - sum(part for _, part in communes)),
        row.record_m2, row.from_record_m, plane.area,
    )  # fmt: skip
