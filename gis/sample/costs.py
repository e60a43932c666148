"""Cost lines of two of the sample's projects: made up, so that they come to the amounts their plans approve."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from random import Random

from gis.costs import NewLine, amount_of
from gis.sample.cadastre import Entry
from gis.sample.records import Event, Piece, Records

PROJECTS = ("ha-tang-tran-quang-khai", "kdt-phu-loc-1")
"""Of 24 and 26 plans: enough to show, little to load."""
PRICES = {"ODT": 4_200_000, "ONT": 1_500_000, "LUC": 75_000, "LUK": 70_000, "CLN": 68_000, "HNK": 66_000, "NTS": 60_000}
OTHER_PRICE = 12_000
LAW = "Luật Đất đai 2013, điều 74 (minh họa)"


def sheets(records: Records, entries: Mapping[Piece, Entry], seed: int) -> Iterator[tuple[Event, list[tuple]]]:
    """Give the plans of `PROJECTS` with their lines, each with the piece of land it is about or None."""
    voided = {id(event.voids) for event in records.events if event.voids}
    approvals = [
        event for event in records.events
        if event.kind == "plan_approval" and event.project in PROJECTS and event.amount_vnd and event.case
        and event.document and id(event) not in voided
    ]  # fmt: skip
    for event in sorted(approvals, key=lambda event: (event.case.id, event.document.id)):
        rng = Random(f"{seed} costs {event.case.project} {event.case.code} {event.document.number}")
        yield event, list(_lines(int(event.amount_vnd), event.case.pieces, entries, rng))


def _lines(total: int, pieces: Sequence[Piece], entries: Mapping[Piece, Entry], rng: Random) -> Iterable[tuple]:
    """Spread an amount: land by parcel as far as seven tenths go, a house, trees, support; the last line ends even."""
    left = total
    land = sum(_price(entries[piece]) * piece.area_cents // 100 for piece in pieces)
    # Listed prices where the amount carries them, else lower ones: the amounts are the reports' own.
    factor = min(Decimal(1), (Decimal(total) * 7 / 10 / land).quantize(Decimal("0.0001")))
    made = []
    for piece in pieces:
        entry = entries[piece]
        made.append((
            NewLine("land", f"Đất {entry.land_use}, thửa {entry.number}, tờ bản đồ {entry.sheet}", "m²",
                    Decimal(piece.area_cents).scaleb(-2), Decimal(_price(entry)), coefficient=factor, legal_basis=LAW,
                    land_use=entry.land_use), piece,
        ))  # fmt: skip
        left -= int(amount_of(made[-1][0]))
    wide, long = rng.randint(3, 6), rng.randint(4, 9)
    level = Decimal("0.8")
    price = max(left // 4 // (wide * long), 1)
    made.append((NewLine("structures", "Nhà tạm, mái tôn", "m²", Decimal(wide * long), Decimal(price),
                         support_level=level, dimensions=f"{wide}*{long}", legal_basis=LAW), None))  # fmt: skip
    left -= int(amount_of(made[-1][0]))
    trees = rng.randint(3, 30)
    made.append((NewLine("crops", "Cây ăn quả", "cây", Decimal(trees), Decimal(max(left // 4 // trees, 1)),
                         legal_basis=LAW), None))  # fmt: skip
    left -= int(amount_of(made[-1][0]))
    made.append((NewLine("structures", "Lều tạm dựng sau thông báo thu hồi đất", "m²", Decimal(12),
                         not_compensated="tạo lập sau thông báo thu hồi đất"), None))  # fmt: skip
    made.append((NewLine("support_job", "Hỗ trợ đào tạo, chuyển đổi nghề", "hộ", Decimal(1), Decimal(left // 2),
                         legal_basis=LAW), None))  # fmt: skip
    left -= int(amount_of(made[-1][0]))
    made.append((NewLine("support_other", "Hỗ trợ khác", "hộ", Decimal(1), Decimal(left), legal_basis=LAW), None))
    return made


def _price(entry: Entry) -> int:
    return PRICES.get(entry.land_use.split("+")[0], OTHER_PRICE)
