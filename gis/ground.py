"""The land an outline takes: which parcels it cuts, how much of each is to be recovered, and what remains."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import shapely
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gis.crs import LANG_SON_ZONE, VN2000, VN2000_PINNED, WGS84
from gis.model import ProjectBoundary

LEAST_SLIVER_M2 = Decimal("0.5")
"""Cuts and remainders below this come from the width of lines on maps: they are counted, not proposed."""
SAME_SHARE = Decimal("0.01")
"""An area on record is measured on the ground: it counts as unchanged within this share of it, or 1 m²."""
LAND_OF_NO_HOLDER = ("DGT", "DTL", "SON", "MNC", "DNL", "DBV", "DTT")
"""Land-use codes of roads, canals, rivers, water, power, post and sports grounds (Circular 08/2024/TT-BTNMT): such land
seldom has a holder. A hint for the eye; the officer decides."""


@dataclass(frozen=True)
class Cut:
    """A parcel that an outline takes, wholly or in part; or one on record that it does not take."""

    parcel_id: int
    label: str
    """Sheet and number, as in ``7/120``."""
    commune: str | None
    land_use: str | None
    legal_area_m2: Decimal | None
    area_m2: Decimal
    """Of the whole parcel: the legal area where it is known, else measured on the plane of the zone."""
    inside_m2: Decimal
    """To recover: the parcel's area by the share of its drawing that lies inside."""
    status: str
    """``new``, ``same``, ``changed`` against what is on record, or ``gone``: on record and outside."""
    recorded_m2: Decimal | None
    """What is on record as recovered, of all cases."""
    cases: int
    """How many affected parcels on record share it."""
    affected_id: int | None
    """The affected parcel on record, where there is exactly one."""
    remainder_small: bool
    inside: shapely.MultiPolygon | None = field(repr=False, compare=False)
    """The part inside, in EPSG:4756."""
    shape_json: str | None = field(default=None, repr=False, compare=False)
    """Both parts for maps, GeoJSON in WGS 84: the part inside, and what remains."""
    rest_json: str | None = field(default=None, repr=False, compare=False)
    numbered_in: str | None = None
    """Name of the unit whose cadastral map numbers it: often a former commune."""
    former: bool = False
    """Whether that unit has ended by the day of the comparison."""

    @property
    def remainder_m2(self) -> Decimal:
        """What remains of the parcel."""
        return self.area_m2 - self.inside_m2

    @property
    def share(self) -> Decimal:
        """How much of the parcel lies inside, from 0 to 1."""
        return self.inside_m2 / self.area_m2

    @property
    def whole(self) -> bool:
        """Whether nothing remains."""
        return self.remainder_m2 == 0

    @property
    def no_holder_likely(self) -> bool:
        """Whether its land use seldom has a holder."""
        return self.land_use in LAND_OF_NO_HOLDER


@dataclass(frozen=True)
class Proposal:
    """What an outline takes."""

    area_m2: Decimal
    """Of the outline."""
    cuts: list[Cut]
    """By commune, sheet and number."""
    slivers: int
    """Parcels of which less than the tolerance lies inside: left out."""
    sliver_m2: Decimal
    no_parcel_m2: Decimal
    """Of the outline, covered by no parcel."""
    undrawn: int
    """Affected parcels on record that have no drawing: nothing can be said of them."""
    least_remainder_m2: Decimal

    def of(self, status: str) -> list[Cut]:
        """Give the cuts of one status."""
        return [cut for cut in self.cuts if cut.status == status]

    @property
    def taken(self) -> list[Cut]:
        """Give the parcels that lie inside, wholly or in part."""
        return [cut for cut in self.cuts if cut.status != "gone"]

    @property
    def inside_m2(self) -> Decimal:
        """Sum of what is to recover."""
        return sum((cut.inside_m2 for cut in self.taken), Decimal(0))

    @property
    def flagged(self) -> list[Cut]:
        """Give the parcels of which too little would remain."""
        return [cut for cut in self.cuts if cut.remainder_small]


# The plane of the zone and degrees share the datum: ST_Transform has no shift to choose. Parcels wholly inside need no
# intersection. `drawn` is measured on the plane; areas on paper are shared out by the share of it that lies inside.
_CUTS = text(
    """
    with outline as materialized (
        select st_transform(shape, :zone) as plane, shape
        from (select st_geomfromwkb(:outline, :vn2000) as shape) given
    ), hit as materialized (
        select p.id, p.sheet, p.number, p.land_use, p.legal_area_m2,
               st_transform(case when st_isvalid(p.geom) then p.geom else st_makevalid(p.geom) end, :zone) as plane,
               st_covers(o.shape, p.geom) as whole
        from outline o join parcel p on st_intersects(p.geom, o.shape)
    ), cut as materialized (
        select h.*, st_area(h.plane) as drawn,
               case when whole then h.plane
                    else st_collectionextract(st_intersection(h.plane, o.plane), 3) end as inside
        from hit h cross join outline o
    ), on_record as (
        select parcel_id, sum(area_m2) as area_m2, count(*) as cases, min(id) as id
        from standing_land where project_id = :project and registered_on <= :day group by 1
    )
    select p.id, p.sheet, p.number, p.land_use, p.legal_area_m2, c.drawn,
           coalesce(st_area(c.inside), 0) as inside_drawn, u.name as commune,
           n.name as numbered_in, not n.valid @> cast(:day as date) as former,
           r.area_m2 as recorded_m2, coalesce(r.cases, 0) as cases, r.id as affected_id,
           st_asbinary(st_multi(st_transform(c.inside, :vn2000))) as inside, p.geom is null as undrawn,
           case when :shapes then st_asgeojson(st_transform(st_setsrid(
               st_transform(c.inside, :vn2000), :pinned), :wgs84), 7) end as inside_json,
           case when :shapes and not c.whole then st_asgeojson(st_transform(st_setsrid(st_transform(
               st_collectionextract(st_difference(c.plane, o.plane), 3), :vn2000), :pinned), :wgs84), 7)
           end as rest_json
    from cut c full join on_record r on r.parcel_id = c.id
    join parcel p on p.id = coalesce(c.id, r.parcel_id)
    cross join outline o
    left join parcel_commune pc on pc.parcel_id = p.id and pc.valid @> cast(:day as date)
    left join admin_unit u on u.id = pc.unit_id
    join admin_unit n on n.id = p.numbered_in_unit_id
    order by u.name nulls last, p.sheet, lpad(p.number, 9, '0'), p.id
    """
)
_FREE = text(
    """
    with outline as materialized (
        select st_transform(shape, :zone) as plane, shape
        from (select st_geomfromwkb(:outline, :vn2000) as shape) given
    ), land as (
        select st_union(st_transform(
                   case when st_isvalid(p.geom) then p.geom else st_makevalid(p.geom) end, :zone)) as plane
        from outline o join parcel p on st_intersects(p.geom, o.shape)
    )
    select st_area(o.plane) as area,
           case when l.plane is null then st_area(o.plane) else st_area(st_difference(o.plane, l.plane)) end as free
    from outline o cross join land l
    """
)


def propose(
    session: Session,
    project_id: int,
    outline: shapely.MultiPolygon,
    day: date,
    *,
    least_remainder_m2: Decimal,
    sliver_m2: Decimal = LEAST_SLIVER_M2,
    shapes: bool = False,
) -> Proposal:
    """Cut the parcels that an outline crosses, and compare with what is on record.

    Areas are measured on the plane of the province's zone (EPSG:9215). Where the legal area of a parcel is known, it is
    shared out between the part inside and the remainder as the drawing is, because decisions recover legal areas;
    where it is not, the drawing's own area is. Both parts together are always the parcel, to 0.01 m².

    Parameters
    ----------
    session : Session
    project_id : int
    outline : shapely.MultiPolygon
        In EPSG:4756.
    day : date
        The day of the comparison: what was registered later is not on record, and communes are those of the day.
    least_remainder_m2 : Decimal
        A remainder below it is flagged: too small to be used, it is for the province to recover it too (Land Law 2024
        art. 91, 220: each province sets its areas).
    sliver_m2 : Decimal
        Less than this inside is no cut, and less than this outside no remainder.
    shapes : bool
        Whether maps want the parts.

    Returns
    -------
    Proposal
    """
    given = {
        "outline": outline.wkb, "project": project_id, "day": day, "zone": LANG_SON_ZONE, "shapes": shapes,
        "pinned": VN2000_PINNED, "vn2000": VN2000, "wgs84": WGS84,
    }  # fmt: skip
    cuts, slivers, thin, undrawn = [], 0, Decimal(0), 0
    for row in session.execute(_CUTS, given):
        if row.undrawn:
            undrawn += row.cases
            continue
        cut = _cut(row, least_remainder_m2, sliver_m2)
        if cut:
            cuts.append(cut)
        elif row.inside_drawn > 0:
            slivers, thin = slivers + 1, thin + Decimal(row.inside_drawn)
    whole = session.execute(_FREE, given).one()
    return Proposal(
        cents(whole.area), cuts, slivers, cents(thin), cents(whole.free), undrawn, least_remainder_m2
    )  # fmt: skip


def _cut(row, least_remainder_m2: Decimal, sliver_m2: Decimal) -> Cut | None:
    """Make a cut of a row; None for one that is neither inside nor on record."""
    area, inside = row.legal_area_m2, Decimal(0)
    if row.drawn:
        area = area or cents(row.drawn)
        share = Decimal(row.inside_drawn) / Decimal(row.drawn)
        inside = min(cents(area * share), area)
        if Decimal(row.inside_drawn) < sliver_m2:
            inside = Decimal(0)
        elif Decimal(row.drawn) - Decimal(row.inside_drawn) < sliver_m2:
            inside = area
    if not inside and not row.cases:
        return None
    area = area or row.recorded_m2
    status = "gone" if not inside else "new" if not row.cases else _against(row.recorded_m2, inside)
    return Cut(
        row.id, f"{row.sheet}/{row.number}", row.commune, row.land_use, row.legal_area_m2, area, inside, status,
        row.recorded_m2, row.cases, row.affected_id if row.cases == 1 else None,
        inside > 0 and 0 < area - inside < least_remainder_m2,
        shapely.from_wkb(bytes(row.inside)) if inside and row.inside else None, row.inside_json, row.rest_json,
        row.numbered_in, row.former,
    )  # fmt: skip


def _against(recorded: Decimal, inside: Decimal) -> str:
    return "same" if abs(recorded - inside) <= max(Decimal(1), recorded * SAME_SHARE) else "changed"


def cents(value: float | Decimal) -> Decimal:
    """Round m² as they are stored."""
    return Decimal(value).quantize(Decimal("0.01"))


def proposed_parcels(session: Session, project_id: int, day: date, *, least_remainder_m2: Decimal) -> list[Cut]:
    """List the parcels inside the boundary that stands on a day and that are not registered yet, with what to recover.

    Empty where the project has no boundary on that day.
    """
    outline = standing(session, project_id, day)
    if outline is None:
        return []
    return propose(session, project_id, outline, day, least_remainder_m2=least_remainder_m2).of("new")


def standing(session: Session, project_id: int, day: date) -> shapely.MultiPolygon | None:
    """Give the outline that stands on a day, in EPSG:4756; None where there is none."""
    found = session.scalar(
        select(func.ST_AsBinary(ProjectBoundary.geom)).where(
            ProjectBoundary.project_id == project_id, ProjectBoundary.valid.contains(day)
        )
    )
    return found and shapely.from_wkb(bytes(found))


_AROUND = text(
    """
    with sight as (
        select st_setsrid(st_transform(st_makeenvelope(:west, :south, :east, :north, :wgs84), :pinned), :vn2000) as box
    )
    select st_asgeojson(st_transform(st_setsrid(p.geom, :pinned), :wgs84), 7) as shape,
           p.sheet || '/' || p.number as label
    from sight join parcel p on p.geom && sight.box
    order by p.id limit :most
    """
)
MOST_AROUND = 6000
"""More parcels than this are too small on a screen to be told apart."""


def parcels_around(session: Session, bounds: tuple[float, float, float, float]) -> list[tuple[str, str]] | None:
    """Give the parcels of a window, as GeoJSON in WGS 84 with sheet and number; None where there are too many to show.

    Parameters
    ----------
    session : Session
    bounds : tuple of float
        West, south, east, north in degrees WGS 84.
    """
    west, south, east, north = bounds
    given = {"west": west, "south": south, "east": east, "north": north, "pinned": VN2000_PINNED, "wgs84": WGS84}
    rows = session.execute(_AROUND, given | {"vn2000": VN2000, "most": MOST_AROUND + 1}).all()
    return None if len(rows) > MOST_AROUND else [(row.shape, row.label) for row in rows]


def communes_of_day(session: Session, day: date) -> list[tuple[str, str, str]]:
    """Give the outlines of the communes of a day, to find one's way by: GeoJSON in WGS 84, name and slug."""
    rows = session.execute(
        text(
            "select st_asgeojson(st_transform(st_setsrid(st_simplifypreservetopology(geom, 0.0005), :pinned), "
            ":wgs84), 5) as shape, name, slug from admin_unit where level = 'commune' and geom is not null "
            "and valid @> cast(:day as date) order by id"
        ),
        {"day": day, "pinned": VN2000_PINNED, "wgs84": WGS84},
    )
    return [tuple(row) for row in rows]
