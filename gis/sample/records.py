"""The records that the sample generates, before they are written: plain objects that point at each other."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(eq=False)
class Case:
    """One holder in one project; with `holder` ``none`` a piece of land without holder, which is no case at all."""

    project: str
    district: str
    part: str
    holder: str
    pieces: list["Piece"] = field(default_factory=list)
    first_day: date | None = None
    compensation_vnd: int | None = None
    id: int = 0
    holder_id: int = 0
    code: str = ""

    @property
    def area_cents(self) -> int:
        """Area to recover, in hundredths of a m²."""
        return sum(piece.area_cents for piece in self.pieces)

    def seen(self, day: date) -> None:
        """Note a day on which the case was dealt with: the first one registers it."""
        self.first_day = min(day, self.first_day or day)


@dataclass(eq=False)
class Piece:
    """The part of a parcel that is recovered: area in hundredths of a m², how much of it is handed over."""

    case: Case
    area_cents: int
    handed_cents: int = 0
    id: int = 0


@dataclass(eq=False)
class Document:
    """A made-up document: its kind of step, day and project; numbered when all are known."""

    step: str
    day: date
    project: str
    district: str
    recorded_at: datetime | None = None
    number: str = ""
    id: int = 0


@dataclass(eq=False)
class Plot:
    """A resettlement plot; area in hundredths of a m²."""

    site: str
    area_cents: int
    number: str = ""
    id: int = 0


@dataclass(eq=False)
class Event:
    """An event; `area_cents` in hundredths of a m². `source` names a report's document instead of a made-up one."""

    kind: str
    day: date
    project: str
    district: str = ""
    case: Case | None = None
    piece: Piece | None = None
    document: Document | None = None
    area_cents: int | None = None
    amount_vnd: int | None = None
    plots: int | None = None
    plot: Plot | None = None
    part: str = ""
    suspended_step: str = ""
    source: str = ""
    note: str = ""
    voids: "Event | None" = None
    recorded_at: datetime | None = None
    id: int = 0


@dataclass
class Records:
    """Everything generated, in the order of its ids (1, 2, 3 …)."""

    cases: list[Case]
    unheld: list[Case]
    holders: list[str]
    pieces: list[Piece]
    documents: list[Document]
    plots: list[Plot]
    events: list[Event]
