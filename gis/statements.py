"""What a sentence of a report states while it is being read, and what makes a reading doubtful."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from gis.cues import PERIOD
from gis.vietnamese import AREA, HOLDERS, HOUSEHOLDS, MONEY, PERCENT, PROJECTS


@dataclass(frozen=True)
class Doubt:
    """What a person must look at before confirming: a message as of `GisError`, with the values of its places."""

    message: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Statement:
    """A figure while it is being read. Places are those of `Source.plain`."""

    indicator: str
    start: int
    end: int
    values: dict[str, int | Decimal] = field(default_factory=dict)
    holder: str | None = None
    project: str | None = None
    project_words: str | None = None
    basis: str = PERIOD
    from_on: date | None = None
    to_on: date | None = None
    period_basis: str | None = None
    doubts: list[Doubt] = field(default_factory=list)
    parts: list["Statement"] = field(default_factory=list)
    beside: list["Statement"] = field(default_factory=list)
    """What the same words state besides: not a part that adds up."""

    def doubt(self, message: str, **params: object) -> None:
        """Mark it, once for each reason."""
        if all(one.message != message for one in self.doubts):
            self.doubts.append(Doubt(message, params))


@dataclass(frozen=True)
class Context:
    """What stands above a sentence and holds for it."""

    project: str | None = None
    project_words: str | None = None
    sure: bool = True
    bullet: str | None = None
    """Bullet of the paragraph that names the project."""
    aimed: bool = False
    """Whether what is to be done is told."""
    period: tuple[date, date] | None = None
    state: bool = False
    """Whether figures are of a project from its beginning on."""


def _(text: str) -> str:
    """Mark a text that is translated where it is shown."""
    return text


OTHER_NUMBER = _("The words state another number of the same kind: %(other)s. Only the first was taken.")
TWO_READINGS = _("“%(number)s” can be read in two ways.")
UNSURE_PROJECT = _("The words “%(words)s” name no project exactly: this is the likeliest.")
UNKNOWN_PROJECT = _("No known project is called “%(words)s”.")
SEVERAL_PROJECTS = _("Several projects are named; that there are %(count)s was counted from the words.")
SHARED = _("The words state these numbers once for several acts.")
SUM_NOT_STATED = _("The total is not in the text: it was added up from its parts.")
PARTS_DIFFER = _("The parts add up to %(sum)s, not to %(total)s.")
LIST_DIFFERS = _("%(count)s projects are listed, not %(total)s.")
PERCENT_DIFFERS = _("%(percent)s %% is no quotient of the numbers beside it (%(quotient)s %%).")
BEYOND_WHOLE = _("More than the whole that is stated: %(value)s of %(whole)s.")
UNLIKELY = _("The size is unlikely: %(value)s.")
TURNS_NOT_HOUSEHOLDS = _("Household-turns are counted, not households.")
OF_PART_OF_UNIT = _("“%(words)s” is named: perhaps this is of it alone, not of the whole unit of the report.")
NOT_EXACT = _("The number is given as not exact, or as the end of a range: %(number)s.")
SHARE_OF_WHOLE = _("A share of a whole is stated without a day: perhaps it counts from the project's beginning on.")
CASES_NOT_HOUSEHOLDS = _("“Cases” are counted; they were taken for households.")
AFTER_REPORT = _("This lies after the report's last day: perhaps it is planned, not done.")
BEFORE_REPORT = _("The words are of %(first)s, before the report's first day.")
PERHAPS_OF = _("No project is named here, but “%(words)s” is before it: perhaps it is of that project alone.")
NO_PERIOD = _("The text does not say which day or period this is of.")
NOT_OF_ACT = _("The words also state %(other)s, which this kind of figure does not have.")
PERCENT_OF_OTHER = _("What the percentage is of is not clear.")
AGAINST_IT = _("“%(words)s” stands in the same words: perhaps it was refused, delayed or complained of, not done.")
STRANGE_WORDS = _("Between the number and the act stands “%(words)s”: see whether that was done.")
STRANGE_BEHIND = _("Behind the number stands “%(words)s”: see whether it was done, and stood.")
UNDER_HEADING = _("It stands under “%(words)s”: perhaps it is not done.")
NOT_DONE_YET = _("The words around it say that something is not done, or not yet: see what it is of.")
OTHER_FIELD = _("“%(words)s” is of another field than land clearance.")
NO_CLEARANCE = _("Nothing near it says that this is of land clearance.")
NO_PAYEE = _("Who was paid is not told, nor that it is compensation or support.")
PAID_ELSE = _("“%(words)s” is no holder of land: perhaps a contractor, a rent, a wage or a fee was paid.")
REMAINS = _("The sentence says what remains: perhaps it states no target.")
CITED_DAY = _("The only days in the head are those of other papers that are cited: the report's own day is not told.")
RAISED = _("“%(words)s” tells a total that was reached: see from when on it counts.")
OTHER_PROJECT = _("“%(words)s” is named beside it: perhaps it is of that project.")
UNDER_NAME = _("It stands under “%(words)s”: perhaps it is of that alone.")
OTHER_PERIOD = _("“%(words)s” is told beside it, but the period taken is another one.")
QUALIFIED = _("The sentence restricts this: see what follows.")


_MOST_HOUSEHOLDS = 100_000
"""More stand in no project of a province."""
_LEAST_VND = 100_000
_HOLDER_M2 = (1, 2_000_000)
"""What one holder gives: from a strip of a yard to a forest."""


def check(statement: Statement, whole_vnd: int | None = None) -> None:
    """Mark what cannot be right as it was read: sums, quotients, sizes.

    Parameters
    ----------
    statement : Statement
    whole_vnd : int, optional
        What an amount's percentage may be of: the plan of capital stated before it.
    """
    values = statement.values
    for part, whole in ((HOUSEHOLDS, "of_households"), (AREA, "of_area_m2")):
        if part in values and whole in values and values[part] > values[whole]:
            statement.doubt(BEYOND_WHOLE, value=values[part], whole=values[whole])
    held = sum(values.get(kind, 0) for kind in HOLDERS)
    if held > _MOST_HOUSEHOLDS:
        statement.doubt(UNLIKELY, value=held)
    if 0 < values.get(MONEY, _LEAST_VND) < _LEAST_VND:
        statement.doubt(UNLIKELY, value=values[MONEY])
    if AREA in values and held and not _HOLDER_M2[0] <= values[AREA] / held <= _HOLDER_M2[1]:
        statement.doubt(UNLIKELY, value=values[AREA])
    _check_percent(statement, whole_vnd)
    _check_parts(statement)


def _check_percent(statement: Statement, whole_vnd: int | None) -> None:
    values = statement.values
    percent = values.get(PERCENT)
    pairs = [(HOUSEHOLDS, "of_households"), (AREA, "of_area_m2")]
    quotients = [Decimal(100 * values[a]) / values[b] for a, b in pairs if values.get(b) and a in values]
    if whole_vnd and MONEY in values and not quotients:
        quotients.append(Decimal(100 * values[MONEY]) / whole_vnd)
    if percent is None or not quotients:
        return
    step = Decimal(1).scaleb(percent.as_tuple().exponent) if isinstance(percent, Decimal) else Decimal(1)
    nearest = min(quotients, key=lambda quotient: abs(quotient - percent))
    if abs(nearest - percent) > step * Decimal("0.51"):
        statement.doubt(PERCENT_DIFFERS, percent=percent, quotient=nearest.quantize(Decimal("0.01")))


def _check_parts(statement: Statement) -> None:
    if not statement.parts:
        return
    for kind in (*HOLDERS, AREA, MONEY):
        given = [part.values[kind] for part in statement.parts if kind in part.values]
        if kind in statement.values and len(given) == len(statement.parts) and sum(given) != statement.values[kind]:
            statement.doubt(PARTS_DIFFER, sum=sum(given), total=statement.values[kind])
    listed = {part.project_words for part in statement.parts if part.project_words}
    if PROJECTS in statement.values and len(listed) > 1 and len(listed) != statement.values[PROJECTS]:
        statement.doubt(LIST_DIFFERS, count=len(listed), total=statement.values[PROJECTS])
