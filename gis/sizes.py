"""Sizes that are hardly meant: a slip of a unit or of a point that nothing else would tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from gis.errors import Doubt

MOST_OF_A_PERSON, MOST_OF_OTHERS = Decimal(500_000), Decimal(10_000_000)
"""m² up to which a parcel of a household is usual, and one of an organisation, a community or of no holder."""


def out_of_scale(values: Sequence[Decimal | int | None]) -> list[int]:
    """Give the places of values that are some thousand times less or more than most: typed in another unit."""
    given = [value for value in values if value]
    if len(given) < 3:
        return []
    usual = Decimal(median(given))
    return [
        place for place, value in enumerate(values)
        if value and (Decimal(value) * 500 <= usual or Decimal(value) >= usual * 500)
    ]  # fmt: skip


@dataclass(frozen=True)
class Size:
    """The area to recover of a parcel about to be registered."""

    row: int
    parcel: str
    area_m2: Decimal
    of_person: bool


def doubted(sizes: Sequence[Size]) -> Iterator[tuple[int, Doubt]]:
    """Give the rows of areas to ask about: larger than parcels are, or some thousand times off from the others."""
    off = set(out_of_scale([one.area_m2 for one in sizes]))
    for n, one in enumerate(sizes):
        values = {"parcel": one.parcel, "area": one.area_m2}
        if one.area_m2 > (MOST_OF_A_PERSON if one.of_person else MOST_OF_OTHERS):
            yield one.row, Doubt(
                "Parcel %(parcel)s: %(area)s m² is more than a parcel has: is the unit or a point in the number wrong?",
                parameter="area_m2", **values,
            )  # fmt: skip
        elif n in off:
            yield one.row, Doubt(
                "Parcel %(parcel)s: %(area)s m² is some thousand times less or more than most here: is its unit "
                "another?",
                parameter="area_m2", **values,
            )  # fmt: skip
