"""Resettlement plots to allot: which are free, and which one a few words name."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from gis.errors import BadParameter, Conflict, NotFound
from gis.model import Document, Event, ResettlementPlot, ResettlementSite

ALLOTMENT = "resettlement_allocation"


@dataclass(frozen=True)
class Plot:
    """A plot of a resettlement site."""

    id: int
    label: str
    """Site and number, as in ``tdc-1/L05``."""
    site: str
    """Name of the site."""
    number: str
    area_m2: Decimal


def _plots():
    label = func.concat(ResettlementSite.code, "/", ResettlementPlot.number)
    columns = (ResettlementPlot.id, label.label("label"), ResettlementSite.name, ResettlementPlot.number)
    return (
        select(*columns, ResettlementPlot.area_m2).join(ResettlementSite).where(ResettlementPlot.cancelled_at.is_(None))
    ), label


def _allotted():
    correction = aliased(Event)
    return (
        select(Event.plot_id)
        .where(
            Event.plot_id == ResettlementPlot.id, Event.kind == ALLOTMENT,
            ~select(correction.id).where(correction.voids_id == Event.id).exists(),
        )
    )  # fmt: skip


def free(session: Session, project_id: int) -> list[Plot]:
    """List the plots of a project's own sites that nobody has, by site and number."""
    query, _ = _plots()
    query = query.where(ResettlementSite.project_id == project_id, ~_allotted().exists())
    number = func.lpad(ResettlementPlot.number, 20, "0")
    return [Plot(*row) for row in session.execute(query.order_by(ResettlementSite.code, number))]


def named(session: Session, project_id: int, wanted: int | str, case: str) -> Plot:
    """Find the free plot that a case is to be given.

    Parameters
    ----------
    session : Session
    project_id : int
    wanted : int or str
        Its id; site and number as in ``tdc-1/L05``; or its number alone, where one free plot of the project's own sites
        bears it.
    case : str
        Code of the case, for messages.

    Raises
    ------
    NotFound
        For a plot that is not there.
    BadParameter
        For a number that free plots of several sites bear.
    Conflict
        For a plot that is taken: the document that took it is named.
    """
    query, label = _plots()
    found = session.execute(query.where(ResettlementPlot.id == wanted if isinstance(wanted, int) else label == wanted))
    plots = [Plot(*row) for row in found]
    if not plots and isinstance(wanted, str):
        alike = query.where(ResettlementSite.project_id == project_id, ResettlementPlot.number == wanted.strip())
        bearing = [Plot(*row) for row in session.execute(alike.order_by(label))]
        plots = [plot for plot in bearing if not _taken_by(session, plot)] or bearing[:1]
    if not plots:
        raise NotFound("Case %(case)s: there is no plot %(plot)s.", parameter="plot", case=case, plot=wanted)
    if len(plots) > 1:
        raise BadParameter(
            "Case %(case)s: several sites have a free plot %(plot)s: write %(choices)s.",
            parameter="plot", case=case, plot=wanted, choices=_or(plots),
        )  # fmt: skip
    taken = _taken_by(session, plots[0])
    if taken:
        raise Conflict(
            "Case %(case)s: plot %(plot)s is already allotted by document %(document)s.",
            parameter="plot", case=case, plot=plots[0].label, document=taken,
        )  # fmt: skip
    return plots[0]


def _or(plots: Sequence[Plot]) -> str:
    return " / ".join(plot.label for plot in plots)


def _taken_by(session: Session, plot: Plot) -> str | None:
    correction = aliased(Event)
    found = session.execute(
        select(Document.number)
        .select_from(Event)
        .outerjoin(Document, Document.id == Event.document_id)
        .where(
            Event.plot_id == plot.id,
            Event.kind == ALLOTMENT,
            ~select(correction.id).where(correction.voids_id == Event.id).exists(),
        )
    ).first()
    return (found.number or "?") if found else None
