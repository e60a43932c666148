"""Engine, session factory, declarative base and the geometry column type."""

from collections.abc import Iterator
from contextlib import contextmanager

from geoalchemy2 import Geometry
from sqlalchemy import Engine, MetaData, create_engine, event, exc, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session

from gis.crs import VN2000, WEB_MERCATOR
from gis.errors import Unavailable

WEB_ROLE = "gpmb_web"
"""The group role of everything that serves requests. It owns nothing; migration 0001 makes it."""
LIMITED_ROLE = "gpmb_limited"
"""What the web role takes on for who may see given projects only: policies narrow every table (migration 0013)."""


class Base(DeclarativeBase):
    """Base of every table. Names of constraints follow one convention so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )


def vn2000_geometry(kind: str) -> Geometry:
    """Give the column type of a stored geometry: VN-2000 geographic degrees, with its GiST index."""
    return Geometry(kind, srid=VN2000, spatial_index=True)


def tile_geometry(kind: str) -> Geometry:
    """Give the type of the copy in Web Mercator that tiles are cut from (kept up by trigger, never measured)."""
    return Geometry(kind, srid=WEB_MERCATOR, spatial_index=True)


def make_engine(
    url: str,
    *,
    role: str | None = None,
    application: str = "mat-bang",
    statement_seconds: int | None = None,
    parallel: bool = True,
    connections: int = 20,
) -> Engine:
    """Make an engine.

    Parameters
    ----------
    url : str
        ``postgresql://…`` as users write it. SQLAlchemy 2.1 would read that as psycopg 3; psycopg2 is meant.
    role : str, optional
        Role to take on every connection, for a login that may do more than it should here.
    application : str
        Name shown in ``pg_stat_activity``.
    statement_seconds : int, optional
        After this many seconds a statement is given up.
    parallel : bool
        Whether one statement may take several processes. For serving many short questions it should not: the planner
        overrates the gain, and a tile takes longer.
    connections : int
        At most so many at once; more wait for one. Five of them are kept open.
    """
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg2")
    # Compiling the counting statement takes PostgreSQL 25 times longer than running it: no JIT.
    given = {"jit": "off"}
    if statement_seconds:
        given["statement_timeout"] = f"{statement_seconds}s"
    if not parallel:
        given["max_parallel_workers_per_gather"] = "0"
    options = " ".join(f"-c {name}={value}" for name, value in given.items())
    engine = create_engine(
        parsed,
        pool_pre_ping=True,
        hide_parameters=True,  # an error's text goes into logs, what was to be written does not
        max_overflow=connections - 5,
        connect_args={"application_name": application, "connect_timeout": 10, "options": options},
    )
    if role:

        @event.listens_for(engine, "connect")
        def take_role(connection, _record):
            with connection.cursor() as cursor:
                cursor.execute(f'set role "{role}"')
            connection.commit()

    return engine


UNAVAILABLE = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""What SQLAlchemy raises where it is not the question that is wrong."""

_SLOW, _FULL = ("57014",), ("53100", "53200")
_OTHERS = ("40001", "40P01", "55P03")
"""Codes of PostgreSQL (its manual, appendix A): a statement given up, no room on the disk or in memory, and another
transaction that was in the way."""


def unavailable(error: BaseException) -> Unavailable | None:
    """Say what an error of the database means for who asked; None where the question itself was wrong.

    Parameters
    ----------
    error : BaseException

    Returns
    -------
    Unavailable or None
        With a message of its own for a statement that took too long, a full disk, another transaction in the way, and
        a database that is away.
    """
    if not isinstance(error, UNAVAILABLE):
        return None
    code = getattr(getattr(error, "orig", None), "pgcode", None)
    if code in _SLOW:
        return Unavailable("This took longer than is waited for. Ask for less: a project, a commune, a shorter time.")
    if code in _FULL:
        return Unavailable("The server has no room left. Nothing was recorded; its administrator has to make room.")
    if code in _OTHERS:
        return Unavailable("Somebody else recorded the same at this moment. Nothing was recorded; try again.")
    return Unavailable("The database does not answer at present. Nothing was recorded; try again in a moment.")


def reading_session(engine: Engine) -> Session:
    """Open a session that reads one snapshot and cannot write."""
    return Session(engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True))


def read_as(
    session: Session, *, projects: frozenset[int] | None, personal: frozenset[int] | None, account: str | None = None
) -> None:
    """Tell the database who reads, until the end of this transaction: its policies hide the rest.

    Parameters
    ----------
    session : Session
        Of the web role. Untold, a transaction sees every project and no personal data.
    projects : frozenset of int or None
        Ids of the only projects that exist for the reader; None for all.
    personal : frozenset of int or None
        Ids of the projects whose personal data may be read; None for all.
    account : str, optional
        Whose own entries of the log may be read.
    """
    settings = {"gpmb.account": account} if account else {}
    if personal is None or personal:
        settings["gpmb.personal"] = "*" if personal is None else _array(personal)
    if projects is not None:
        settings |= {"gpmb.projects": _array(projects), "role": LIMITED_ROLE}
    if settings:
        session.execute(select(*(func.set_config(name, value, True) for name, value in settings.items())))


def _array(ids: frozenset[int]) -> str:
    return "{" + ",".join(map(str, sorted(ids))) + "}"


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Open a session whose work is committed at the end, or rolled back when anything raises."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def undone(engine: Engine) -> Iterator[Session]:
    """Open a session whose work is rolled back at the end: to see what a change would do."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
