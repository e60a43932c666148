"""The sample: Lạng Sơn 2018-2024, made-up records that add up to what five public reports state.

Real are the reported figures and the list of projects and units; cases, parcels, holders, documents, events and
outlines are generated or drawn for illustration, from a fixed seed. `load` puts it into an empty database.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from sqlalchemy import exists, or_, select, table, text
from sqlalchemy.orm import Session

from gis import accounts, units
from gis.errors import NotAllowed
from gis.sample import allocation, cadastre, facts, ground
from gis.sample.write import RECORDED_BY, Writer

SEED = 2024

TABLES = (
    "admin_unit", "former_outline", "admin_change", "document", "attachment", "project", "project_part",
    "project_boundary", "boundary_draft", "project_commune", "key_designation", "project_target", "parcel",
    "parcel_commune", "holder", "holder_identity", "case", "case_before", "payment_permit", "affected_parcel",
    "affected_parcel_before", "affected_area", "parcel_step", "resettlement_site", "resettlement_plot", "event",
    "personal_amount", "amount_batch", "lone_case", "cost_sheet", "cost_line", "obstacle", "withheld_figure",
    "funding_line", "petition", "reported_figure", "figure_entry", "figure_closure", "sample_load",
)  # fmt: skip
"""Every table that the sample fills or that hangs on one it fills."""

APPEND_ONLY = ("event", "payment_permit", "cost_sheet", "cost_line", "figure_entry", "figure_closure")

_NAMES = ", ".join(f'"{table}"' for table in TABLES)

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and a label of what comes next."""


@dataclass(frozen=True)
class SampleReport:
    """What was loaded: the seed, the fingerprint of input and program, rows by table."""

    seed: int
    fingerprint: str
    rows: dict[str, int]
    seconds: float

    def __str__(self) -> str:
        rows = self.rows
        return (
            f"Sample loaded in {self.seconds:.1f} s: {rows['project']} projects, {rows['case']} cases, "
            f"{rows['parcel']} parcels, {rows['event']} events, {rows['reported_figure']} reported figures "
            f"(seed {self.seed}, {self.fingerprint[:12]})."
        )


def is_empty(session: Session) -> bool:
    """Tell whether the database holds neither units nor projects nor records: then the sample can be loaded."""
    return not session.scalar(select(or_(*(exists().select_from(table(name)) for name in TABLES))))


def is_loaded(session: Session) -> bool:
    """Tell whether the database holds the sample."""
    return session.scalar(text("select exists (select from sample_load)"))


def load(
    session: Session, *, replace: bool = False, seed: int = SEED, progress: Progress | None = None
) -> SampleReport:
    """Load the sample. The caller commits.

    Parameters
    ----------
    session : Session
        Of the role that owns the tables.
    replace : bool
        Take out a sample that is there and load it anew. What was added to it goes with it, outlines too;
        accounts stay, with what was granted to them.
    seed : int
        The same seed gives the same rows.
    progress : callable, optional
        Called with the share done and what comes next before each step, and once at the end.

    Returns
    -------
    SampleReport

    Raises
    ------
    NotAllowed
        If the database is not empty, unless `replace` is given and every event in it was recorded by the sample.
    """
    started = perf_counter()
    granted = []
    if not is_empty(session):
        if not replace:
            raise NotAllowed(
                "The database already holds records. Load the sample into an empty database, or replace a sample."
            )
        granted = accounts.grants_by_name(session)
        _refuse_replacing(session)
    _clear(session)
    rows = _fill(session, seed, progress or (lambda *_: None))
    accounts.restore_grants(session, granted)
    return SampleReport(seed, facts.fingerprint(), rows, perf_counter() - started)


def _refuse_replacing(session: Session) -> None:
    """Let only the sample's own, illustrative events go: real ones are append-only."""
    if not is_loaded(session):
        raise NotAllowed("The records in this database are not the sample: they are not replaced.")
    foreign = session.scalar(text("select count(*) from event where recorded_by <> :me"), {"me": RECORDED_BY})
    if foreign:
        raise NotAllowed(
            "%(count)s events in this database were not recorded by the sample: it is not replaced.", count=foreign
        )
    said = session.scalar(text("select (select count(*) from figure_entry) + (select count(*) from figure_closure)"))
    if said:
        raise NotAllowed("%(count)s reported figures were entered, corrected or withdrawn: the sample is not replaced.",
                         count=said)  # fmt: skip


def _clear(session: Session) -> None:
    """Empty all tables of the sample, empty ones too.

    What an interrupted load left there is gone, but statistics may have been taken of it: pages without rows, for
    which PostgreSQL then plans the triggers of 19,000 events. That took over 20 minutes instead of a second.
    """
    for name in APPEND_ONLY:
        session.execute(text(f"alter table {name} disable trigger append_only"))
    # Accounts stay; what was granted is named by code and slug meanwhile.
    session.execute(text(f"truncate {_NAMES}, account_grant restart identity"))
    for name in APPEND_ONLY:
        session.execute(text(f"alter table {name} enable trigger append_only"))


def _fill(session: Session, seed: int, progress: Progress) -> dict[str, int]:
    writer = Writer(session)
    made = {}

    def draw():
        records = made["records"]
        made["drawing"] = ground.draw(records.pieces, records.plots, seed)
        made["entries"] = cadastre.register(made["drawing"].parcels, seed)

    steps = (
        ("Administrative units", lambda: (writer.units(), units.unite_successors(session))),
        ("Cases and events", lambda: made.update(records=allocation.generate(seed))),
        ("Parcels and plots", draw),
        ("Projects", lambda: writer.projects(made["drawing"])),
        ("Reported figures", lambda: writer.reported(made["drawing"])),
        ("Land", lambda: writer.land(made["records"], made["drawing"], made["entries"])),
        ("Communes of parcels", lambda: units.derive_communes(session)),
        # Batches of amounts are made as events come in, by where their cases are at home.
        ("Events", lambda: writer.events(made["records"])),
        ("Cost lines", lambda: writer.costs(made["records"], made["entries"], seed)),
        ("Statistics", lambda: (writer.mark(seed, facts.fingerprint()), session.execute(text(f"analyze {_NAMES}")))),
    )
    for number, (label, step) in enumerate(steps):
        progress(number / len(steps), label)
        step()
    progress(1.0, "Sample")
    return writer.rows
