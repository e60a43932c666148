"""Real outlines of administrative units come in: read, matched by code, name and date, put in place.

A code alone names no place: 37 of Lạng Sơn's 65 new units carry the code of another, older unit. So a feature is
matched among the units of one day, its code and its name must agree, and whatever is open stays open and is
reported.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import shapely
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session, aliased

from gis import boundary_checks, guard, units
from gis.boundary_checks import Checked
from gis.crs import VN2000
from gis.errors import BadParameter, GisError
from gis.exchange import formats
from gis.model import AdminUnit, FormerOutline
from gis.units import Unit

CODE_FIELDS = ("maxa", "maphuongxa", "madvhc", "mahuyen", "matinh", "magso", "ma", "code")
NAME_FIELDS = ("tenxa", "tenphuongxa", "tendvhc", "tenhuyen", "tentinh", "ten", "name")
DISTRICT_FIELDS = ("tenhuyen", "huyen", "district")
"""Names of attributes that are understood, without case, accents and underscores; the first present counts."""

KIND_WORDS = {
    "thanh pho": "city", "tp": "city", "tinh": "province", "huyen": "district", "phuong": "ward", "p": "ward",
    "thi tran": "township", "tt": "township", "xa": "commune",
}  # fmt: skip
CODE_DIGITS = 5
MOST_NAMED = 20
"""Units that a report names of a list; the others it counts."""
MOST_LINES = 100
"""Other lines of a list, such as features that were not taken."""
SECONDS, MEBIBYTES = 300, 3072
"""For reading a file in the child: the communes of a country are some hundred megabytes."""
SAME_GROUND = 0.999
"""Features of one unit are its parts if together they cover at least this share of their summed area."""


@dataclass(frozen=True)
class Unmatched:
    """A feature that was not taken: layer, place in it (from 1), what it calls itself, and why not."""

    layer: str
    row: int
    label: str
    problem: GisError

    def __str__(self) -> str:
        return f"{self.layer} {self.row} {self.label}: {self.problem}"


@dataclass
class BoundaryReport:
    """What a load did."""

    file: str
    day: date
    """The day whose units the features were matched with."""
    features: int = 0
    matched: list[Unit] = field(default_factory=list)
    repaired: list[Unit] = field(default_factory=list)
    """Matched units whose outline crossed itself and was made valid."""
    unmatched: list[Unmatched] = field(default_factory=list)
    united: int = 0
    """New units that got the union of the old ones they were made of."""
    derived: int = 0
    """Parcel-commune rows derived anew."""
    without_outline: list[Unit] = field(default_factory=list)
    """Communes of either generation that still have none."""
    still_drawn: list[Unit] = field(default_factory=list)
    """Communes whose outline is still an illustrative drawing, which need not fit its real neighbours."""
    notes: list[GisError] = field(default_factory=list)
    """What was understood of the file in a way that somebody should know."""
    missing: list[Unit] = field(default_factory=list)
    """Units of that day, of the levels in the file, that the file does not hold: they keep their outline."""
    checked: Checked = field(default_factory=Checked, compare=False)
    """What the new outlines contradict, and each unit before and after."""
    kept_as: int | None = field(default=None, compare=False)
    """The number under which the outlines that were replaced are kept; None where none was."""

    @property
    def doubtful(self) -> bool:
        """Whether something is to be looked at before this is kept."""
        return bool(self.checked.findings or self.unmatched or self.repaired)

    def __str__(self) -> str:
        levels = ", ".join(f"{n} {level}" for level, n in Counter(unit.level for unit in self.matched).items())
        lines = [
            f"{self.file}: {len(self.matched)} units matched ({levels or 'none'}) by {self.features} features, "
            f"among the units of {self.day:%d/%m/%Y}.",
            f"{self.united} new units are the union of old ones; {self.derived} places of parcels derived anew.",
        ]
        lists = [
            ("Look at this first", self.checked.findings),
            ("Told of the file", self.notes),
            ("Not in the file, kept as they are", self.missing),
            ("What follows", self.checked.remarks),
            ("Before and after", self.checked.changes),
            ("Repaired outlines", self.repaired),
            ("Not taken", self.unmatched),
            ("Still without outline", self.without_outline),
            ("Still drawn for illustration", self.still_drawn),
        ]
        for title, found in lists:
            if found:
                lines.append(f"{title}: {len(found)}")
                named = found[: MOST_NAMED if isinstance(found[0], Unit) else MOST_LINES]
                lines += [f"  {each.slug} {each.name}" if isinstance(each, Unit) else f"  {each}" for each in named]
                lines += _rest(found[len(named) :])
        return "\n".join(lines)


def _rest(found: list) -> list[str]:
    """Count what is not named: features that were not taken by the reason."""
    if not found or not isinstance(found[0], Unmatched):
        return [f"  … and {len(found)} more"] if found else []
    kinds = Counter(each.problem.message for each in found)
    examples = {each.problem.message: each for each in reversed(found)}
    return [f"  … and {count} more as: {examples[message]}" for message, count in kinds.items()]


def rehearse(session: Session, path: Path | str, **given) -> BoundaryReport:
    """Say what `load` would do, and leave everything as it is."""
    with session.begin_nested() as rehearsal:
        report = load(session, path, **given)
        rehearsal.rollback()
    session.expire_all()
    return replace(report, kept_as=None)


def load(
    session: Session,
    path: Path | str,
    layer: str | None = None,
    on: date | None = None,
    system: int | None = None,
) -> BoundaryReport:
    """Put the outlines of a file in place of those at hand, and derive anew what follows from them.

    Parameters
    ----------
    session : Session
    path : path
        GeoPackage, GeoJSON or zipped shapefile, in any known coordinate system (see `gis.exchange.formats`).
    layer : str, optional
        The one layer to take; all polygon layers by default.
    on : date, optional
        A day on which the file's units stood. Without it the file itself must tell: features that exist in one
        generation of units alone, and none that exist in the other alone.

    system : int, optional
        The coordinate system, where the file leaves it open (`gis.exchange.formats.read`).

    Returns
    -------
    BoundaryReport
        Nothing is changed for features that did not match. The outlines that were replaced are kept (`undo`).

    Raises
    ------
    BadParameter
        If the day is needed, or no attribute holds a code or name.
    GisError
        If the file cannot be read (`gis.exchange.formats.read`).
    """
    path = Path(path)
    layers = guard.read(
        formats.of_bytes, path.read_bytes(), path.name, layer, system, seconds=SECONDS, mebibytes=MEBIBYTES
    )  # fmt: skip
    claims = [claim for each in layers for claim in _claims(each)]
    known = _known_units(session)
    report = BoundaryReport(path.name, on or _day_of(claims, known), features=len(claims))
    report.unmatched = [Unmatched(each.name, skip.row, "", skip.problem) for each in layers for skip in each.skipped]
    report.notes = list({str(note): note for each in layers for note in each.notes}.values())
    standing = [each for each in known if each.unit.stands_on(report.day)]
    outlines = _take(claims, standing, report)
    levels = {unit.level for unit in report.matched}
    report.missing = [each.unit for each in standing if each.unit.level in levels and each.unit not in outlines]
    if outlines:
        boundary_checks.remember(session)
        _write(session, outlines, report.file)
        report.united = units.unite_successors(session)
        report.derived = units.derive_communes(session)
        report.checked = boundary_checks.check(session, [unit.id for unit in outlines], report.day)
        report.kept_as = boundary_checks.keep_former(session, report.file)
    _look_around(session, report)
    return report


def undo(session: Session) -> tuple[str, list[Unit]] | None:
    """Put back the outlines that the last load replaced, and derive anew what follows from them.

    Returns
    -------
    tuple of str and list of Unit, or None
        The file that had been loaded and the units that have their former outline again; None where no load is kept.
    """
    last = select(func.max(FormerOutline.load)).scalar_subquery()
    kept = session.execute(
        select(FormerOutline.file, AdminUnit)
        .join(AdminUnit, AdminUnit.id == FormerOutline.unit_id)
        .where(FormerOutline.load == last)
        .order_by(AdminUnit.slug)
    ).all()
    if not kept:
        return None
    session.execute(
        update(AdminUnit.__table__)
        .where(AdminUnit.id == FormerOutline.unit_id, FormerOutline.load == last)
        .values(
            geom=FormerOutline.geom,
            outline_source=FormerOutline.outline_source,
            illustrative=FormerOutline.illustrative,
        )
    )
    session.execute(delete(FormerOutline.__table__).where(FormerOutline.load == last))
    session.expire_all()
    units.derive_communes(session)
    return kept[0].file, [units.as_unit(row.AdminUnit) for row in kept]


@dataclass(frozen=True)
class UnitName:
    """A unit's name as it can be compared: its kind, and its letters with and without their accents."""

    kind: str | None
    accented: str
    """Accents stand sorted behind each word, so that Hòa and Hoà, the two places of a tone mark, are one."""
    plain: str

    @classmethod
    def of(cls, text: str) -> "UnitName":
        """Take a name apart; the word for its kind may be missing or short (“P.”, “TT”)."""
        words = [
            unicodedata.normalize("NFD", word).replace("đ", "d\u0335")
            for word in re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).lower())
        ]
        plain = ["".join(c for c in word if not unicodedata.combining(c)) for word in words]
        kind, length = None, 0
        for length in (2, 1, 0):
            kind = KIND_WORDS.get(" ".join(plain[:length]))
            if kind and len(plain) > length:
                break
        accents = ["".join(sorted(c for c in word if unicodedata.combining(c))) for word in words]
        accented = [letters + marks for letters, marks in zip(plain, accents, strict=True)]
        return cls(kind, " ".join(accented[length:]), " ".join(plain[length:]))

    def agrees(self, other: "UnitName") -> bool:
        """Tell whether two names may mean one unit: same letters, and no two kinds that differ."""
        return self.plain == other.plain and (None in (self.kind, other.kind) or self.kind == other.kind)


@dataclass(frozen=True)
class _Claim:
    """What a feature says it is."""

    layer: str
    feature: formats.Feature
    code: str
    name: str
    district: str

    def refused(self, problem: GisError) -> Unmatched:
        return Unmatched(self.layer, self.feature.row, f"{self.code} {self.name}".strip(), problem)


def _claims(layer: formats.Layer) -> list[_Claim]:
    attributes = {re.sub(r"[\W_]", "", UnitName.of(each).plain): each for each in reversed(layer.fields)}
    code, name = (_first(attributes, wanted) for wanted in (CODE_FIELDS, NAME_FIELDS))
    district = _first(attributes, DISTRICT_FIELDS)
    if not code and not name and layer.features:
        raise BadParameter(
            "No attribute of “%(layer)s” holds a code or a name of units. It has: %(fields)s. "
            "Name one of them ma_xa or ten_xa.",
            layer=layer.name, fields=", ".join(layer.fields),
        )  # fmt: skip
    return [
        _Claim(
            layer.name,
            feature,
            _text(feature.values.get(code)),
            _text(feature.values.get(name)),
            _text(feature.values.get(district)) if district != name else "",
        )
        for feature in layer.features
    ]


def _first(attributes: dict[str, str], wanted: tuple[str, ...]) -> str | None:
    return next((attributes[each] for each in wanted if each in attributes), None)


def _text(value: object) -> str:
    """Write an attribute as text; a code that a file keeps as a number comes as 6463 or 6463.0."""
    if value is None or value != value:  # NaN is how a missing number is read
        return ""
    return " ".join(str(value).removesuffix(".0").split())


@dataclass(frozen=True)
class _Known:
    unit: Unit
    name: UnitName
    district: UnitName | None


def _known_units(session: Session) -> list[_Known]:
    parent = aliased(AdminUnit)
    query = select(AdminUnit, parent.name, parent.level).outerjoin(parent, AdminUnit.parent_id == parent.id)
    return [
        _Known(units.as_unit(row), UnitName.of(row.name), UnitName.of(above) if level == "district" else None)
        for row, above, level in session.execute(query)
    ]


def _match(claim: _Claim, standing: list[_Known]) -> Unit | GisError:
    """Find the one unit a feature means among those of a day, or say why there is none."""
    name = UnitName.of(claim.name) if claim.name else None
    if claim.code:
        codes = {claim.code, claim.code.zfill(CODE_DIGITS)}
        found = [known for known in standing if known.unit.code in codes]
        if not found:
            return GisError("No unit of that day has the code %(code)s.", code=claim.code)
        agreeing = [known for known in found if name is None or name.agrees(known.name)]
        if not agreeing:
            return GisError("The code %(code)s is %(name)s on that day.", code=claim.code, name=found[0].unit.name)
        return _only(agreeing)
    if name is None or not name.plain:
        return GisError("It has neither code nor name.")
    found = [known for known in standing if name.agrees(known.name)]
    if claim.district:
        district = UnitName.of(claim.district)
        found = [known for known in found if known.district is None or district.agrees(known.district)]
    # With accents when that leaves any: Vân Thủy and Vạn Thủy are two communes.
    found = [known for known in found if known.name.accented == name.accented] or found
    return _only(found) if found else GisError("No unit of that day has this name.")


def _only(found: list[_Known]) -> Unit | GisError:
    if len(found) == 1:
        return found[0].unit
    return GisError("It may be any of %(units)s.", units=", ".join(sorted(known.unit.slug for known in found)))


def _day_of(claims: list[_Claim], known: list[_Known]) -> date:
    """Find the generation of units a file shows, by the features that exist in one generation alone."""
    alone = Counter()
    for claim in claims:
        fits = [
            day
            for day in units.GENERATIONS.values()
            if isinstance(_match(claim, [k for k in known if k.unit.stands_on(day)]), Unit)
        ]
        if len(fits) == 1:
            alone[fits[0]] += 1
    if len(alone) != 1:
        raise BadParameter(
            "The file does not tell of which day its units are: give a day, such as 2025-06-30 (before the merger) "
            "or 2025-07-01 (after it).",
            parameter="on",
        )
    return next(iter(alone))


def _take(claims: list[_Claim], standing: list[_Known], report: BoundaryReport) -> dict[Unit, shapely.MultiPolygon]:
    """Match every feature; give the outline of each matched unit, and put the others into the report."""
    of_unit: dict[Unit, list[_Claim]] = defaultdict(list)
    for claim in claims:
        found = _match(claim, standing)
        if isinstance(found, Unit):
            of_unit[found].append(claim)
        else:
            report.unmatched.append(claim.refused(found))
    outlines = {}
    for unit, parts in of_unit.items():
        outline = _outline([part.feature.geometry for part in parts])
        if isinstance(outline, GisError):
            report.unmatched += [part.refused(outline) for part in parts]
            continue
        outlines[unit] = outline
        report.matched.append(unit)
        if not all(part.feature.geometry.is_valid for part in parts):
            report.repaired.append(unit)
    return outlines


def _outline(shapes: list[shapely.Geometry]) -> shapely.MultiPolygon | GisError:
    """Make one valid outline of a unit's features: its parts, but not two versions of it."""
    valid = [shapely.make_valid(shape, method="structure", keep_collapsed=False) for shape in shapes]
    whole = shapely.union_all(valid) if len(valid) > 1 else valid[0]
    if whole.is_empty or whole.area == 0:
        return GisError("It encloses no area.")
    if whole.area < SAME_GROUND * sum(shape.area for shape in valid):
        return GisError("Several features that overlap claim to be this unit.")
    return shapely.multipolygons(shapely.get_parts(whole))


def _write(session: Session, outlines: dict[Unit, shapely.MultiPolygon], source: str) -> None:
    statement = (
        update(AdminUnit.__table__)
        .where(AdminUnit.__table__.c.id == bindparam("unit_id"))
        .values(geom=func.ST_GeomFromWKB(bindparam("wkb"), VN2000), outline_source=source, illustrative=False)
    )
    rows = [{"unit_id": unit.id, "wkb": outline.wkb} for unit, outline in outlines.items()]
    session.connection().execute(statement, rows)
    session.expire_all()


def _look_around(session: Session, report: BoundaryReport) -> None:
    communes = select(AdminUnit).where(AdminUnit.level == "commune").order_by(AdminUnit.slug)
    report.without_outline = [units.as_unit(row) for row in session.scalars(communes.where(AdminUnit.geom.is_(None)))]
    report.still_drawn = [units.as_unit(row) for row in session.scalars(communes.where(AdminUnit.illustrative))]
