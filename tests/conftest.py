"""What all tests share: real databases, an application on each, and a counter of statements.

`script/test` names an empty database in TEST_DATABASE_URL. Run by itself, pytest makes one beside the database of
`var/local.env`. Further databases carry its name and a suffix; all are dropped at the end.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import sleep
from urllib.parse import urlsplit

import pytest
from hypothesis import settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from psycopg2 import errors
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from gis import db, schema
from script.scratch_database import Server, with_database
from script.settings import LOCAL_ENV, read_settings

# The same examples each time, and no limit on the time of one: a busy machine is no fault. Others are tried by
# `script/test --hypothesis-profile=fresh`.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("fresh", deadline=None)
settings.load_profile("fixed")


@dataclass(frozen=True)
class Database:
    """Addresses of one database: its owner's, and the web login's where the server has one ('' where not)."""

    owner: str
    web: str

    def named(self, name: str) -> "Database":
        return Database(with_database(self.owner, name), self.web and with_database(self.web, name))

    @property
    def name(self) -> str:
        return urlsplit(self.owner).path.lstrip("/")

    @property
    def settings(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.owner,
            "GPMB_WEB_DATABASE_URL": self.web,
            "GPMB_SECRET_KEY": "for-tests-only-for-tests-only-for-tests",
            "GPMB_OPEN_ACCESS": "office",
        }


@pytest.fixture(scope="session")
def server_database() -> Iterator[Database]:
    """The empty database of this process of the run; without one the run ends with what to do."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    given = os.environ.get("TEST_DATABASE_URL")
    if given and not worker:
        yield Database(given, os.environ.get("TEST_WEB_DATABASE_URL", ""))
        return
    local = read_settings() if not given else {}
    owner = given or local.get("DATABASE_URL")
    if not owner:
        pytest.exit(
            "No database to test on: run script/test, which makes one, or set TEST_DATABASE_URL "
            f"({LOCAL_ENV} names none either).",
            returncode=2,
        )
    base = Database(owner, os.environ.get("TEST_WEB_DATABASE_URL", "") or local.get("GPMB_WEB_DATABASE_URL", ""))
    made = base.named(f"{base.name}_{worker}" if given else f"{base.name}_pytest_{os.getpid()}")
    create(Server(base.owner), made.name)
    yield made
    drop(Server(base.owner), made.name)


def create(server: Server, name: str, like: str = "template1") -> None:
    """Make an empty database, or a copy of one. Nothing in it outlives the run: no commit waits for the disk."""
    server.drop([name])  # what an interrupted run left
    server.run("CREATE DATABASE {} TEMPLATE {}", name, like)
    server.run("ALTER DATABASE {} SET synchronous_commit = off", name)


@pytest.fixture(scope="session")
def migrated_template(server_database) -> Iterator[str]:
    """A migrated database to copy, which takes a tenth of migrating another. Nothing stays connected to it."""
    yield from _template(server_database, "migrated", "template1", migrate)


@pytest.fixture(scope="session")
def sample_template(server_database, migrated_template) -> Iterator[str]:
    """A database with the whole sample in it to copy, as `migrated_template`."""
    yield from _template(server_database, "with_sample", migrated_template, _load_sample)


def _template(beside: Database, suffix: str, like: str, fill: Callable[[Database], None]) -> Iterator[str]:
    database = beside.named(f"{beside.name}_{suffix}")
    create(Server(beside.owner), database.name, like)
    fill(database)
    yield database.name
    drop(Server(beside.owner), database.name)


def _load_sample(database: Database) -> None:
    from gis.sample import load

    with engine_of(database.owner) as engine, db.transaction(engine) as session:
        load(session)


@pytest.fixture(scope="session")
def make_database(server_database, request) -> Iterator[Callable[..., Database]]:
    """Make further databases: `make_database("name")` is migrated, `migrated=False` leaves it empty.

    With `sample=True` the whole sample is in it.
    """
    server, made = Server(server_database.owner), []

    def make(suffix: str, *, migrated: bool = True, sample: bool = False) -> Database:
        database = server_database.named(f"{server_database.name}_{suffix}")
        _hang_up(server_database.web, [database.name])
        like = "sample_template" if sample else "migrated_template" if migrated else None
        create(server, database.name, request.getfixturevalue(like) if like else "template1")
        made.append(database.name)
        return database

    yield make
    _hang_up(server_database.web, made)
    drop(server, *made)


def _hang_up(web: str, names: list[str]) -> None:
    """End what the web login left open (an answer never read to its end): the owner may not, the login itself may."""
    if not web:
        return
    server = Server(web)
    with server.connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND datname = any(%s)",
            (names,),
        )
    server.connection.close()


def drop(server: Server, *names: str) -> None:
    """Drop databases. The owner may not end the web login's connections: just closed, they may take a moment to go."""
    for name in names:
        for patience_seconds in (0.1, 0.2, 0.5, 1, 2, 5, None):
            try:
                server.drop([name])
                break
            except (errors.InsufficientPrivilege, errors.ObjectInUse):
                if patience_seconds is None:
                    raise
                sleep(patience_seconds)
    server.connection.close()


def migrate(database: Database) -> None:
    """Bring a database to the newest schema, as `flask db upgrade` does."""
    with engine_of(database.owner) as engine, engine.connect() as connection:
        schema.upgrade(connection)


@contextmanager
def engine_of(url: str, **options) -> Iterator[Engine]:
    engine = db.make_engine(url, application="mat-bang tests", **options)
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def database(server_database) -> Database:
    """The migrated database of this run, without rows."""
    migrate(server_database)
    return server_database


@pytest.fixture(scope="session")
def engine(database) -> Iterator[Engine]:
    with engine_of(database.owner) as engine:
        yield engine


@pytest.fixture
def session(engine) -> Iterator[Session]:
    """A session of the owner in the empty database; what a test does in it, commits too, is undone."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        outer.rollback()


@pytest.fixture(scope="session")
def sample(make_database) -> Database:
    """A database with the whole sample in it. Tests only read it."""
    return make_database("sample", sample=True)


@pytest.fixture(scope="session")
def sample_engine(sample) -> Iterator[Engine]:
    with engine_of(sample.owner) as engine:
        yield engine


@pytest.fixture
def sample_session(sample_engine) -> Iterator[Session]:
    """A session on the sample that cannot write."""
    with db.reading_session(sample_engine) as session:
        yield session


class CompiledOnce(BytecodeCache):
    """Templates as one application compiled them, for the next: it took each a second or two of processor."""

    def __init__(self):
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = CompiledOnce()


@contextmanager
def serving(database: Database, **settings: str):
    """An application on a database; its connections are closed at the end."""
    from webmap import create_app

    app = create_app(database.settings | settings)
    app.testing = True
    app.jinja_env.bytecode_cache = TEMPLATES
    app.config["PROPAGATE_EXCEPTIONS"] = False  # an error must come out as the page or JSON that readers would get
    try:
        yield app
    finally:
        app.extensions["engine"].dispose()


@pytest.fixture(scope="session")
def app(database):
    """The application on the database without rows."""
    with serving(database) as app:
        yield app


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture(scope="session")
def sample_app(sample):
    """The application on the sample."""
    with serving(sample) as app:
        yield app


@pytest.fixture
def sample_client(sample_app):
    return sample_app.test_client()


@pytest.fixture
def statements() -> Callable:
    """Collect the statements of a block: `with statements() as found:`."""

    @contextmanager
    def collecting() -> Iterator[list[str]]:
        found: list[str] = []

        def note(_connection, _cursor, statement, *_):
            found.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield found
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return collecting
