"""The private PostgreSQL cluster of this checkout: created, started, stopped, removed.

It listens on a free port of 127.0.0.1 alone and has no socket, so it meets no other server.  An
ordinary user's lies in ``var/cluster``.  PostgreSQL refuses to run as root and may not enter root's
home, so root's lies in a system folder, belongs to the user ``postgres``, and ``var/cluster.path``
names it.
"""

import argparse
import hashlib
import json
import os
import pwd
import secrets
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg2
from psycopg2 import sql

from script.processes import free_port, pid_in, pids_working_in, port_is_free, wait_until
from script.settings import ROOT, VAR, read_settings, secret_key, update_settings, write_private

BINARIES = Path("/usr/lib/postgresql")
OLDEST_VERSION = 15
SYSTEM_FOLDER = Path("/var/lib/mat-bang")
SYSTEM_USER = "postgres"
FOLDER_NAME = VAR / "cluster.path"
DATABASE = "gpmb"
OWNER, WEB_GROUP, WEB_LOGIN = "gpmb_owner", "gpmb_web", "gpmb_site"
LIMITED = "gpmb_limited"
"""What the web role takes on for readers of given projects only. Clusters made before it was needed get it at start."""

CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
port = {port}
timezone = 'Asia/Ho_Chi_Minh'
log_timezone = 'Asia/Ho_Chi_Minh'
jit = off
shared_buffers = 256MB
max_connections = 100
# Of a statement that failed neither its text nor the row it was about: they hold people's data. What failed stands
# in the web server's log, by code and constraint (webmap/logs.py).
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
"""


class ClusterError(Exception):
    """The cluster cannot be made or started; the message says why."""


@dataclass
class Keys:
    """What is known of the cluster beside its data: who made it, its port, its passwords."""

    checkout: str
    port: int
    superuser: str
    owner: str
    web: str


class Cluster:
    """One private cluster in `folder`: data, log and keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "postgresql.log"
        self.keys_file = folder / "keys.json"

    # -- what is there ---------------------------------------------------------------------------

    @property
    def exists(self) -> bool:
        """Whether the cluster was created to the end (its keys are written last)."""
        return self.keys_file.exists()

    @property
    def keys(self) -> Keys:
        """The port and the passwords."""
        return Keys(**json.loads(self.keys_file.read_text()))

    @property
    def binaries(self) -> Path:
        """The programs of the PostgreSQL version the data is of."""
        version = (self.data / "PG_VERSION").read_text().strip()
        folder = BINARIES / version / "bin"
        if not (folder / "postgres").exists():
            raise ClusterError(
                f"This checkout's data is of PostgreSQL {version}, which is no longer installed: install "
                f"postgresql-{version} and postgresql-{version}-postgis-3, or start afresh with script/reset."
            )
        return folder

    @property
    def running(self) -> bool:
        """Whether its postmaster is alive: every process of PostgreSQL works in its data folder."""
        return pid_in(self.data / "postmaster.pid") in pids_working_in(self.data)

    def url(self, login: str, password: str, database: str = DATABASE) -> str:
        """Return the address of `database` for `login`."""
        return f"postgresql://{login}:{password}@127.0.0.1:{self.keys.port}/{database}"

    # -- its life --------------------------------------------------------------------------------

    def create(self) -> None:
        """Make the cluster with its roles and the served database; leave it running."""
        if self.folder.exists():  # a creation that was cut short
            self.remove()
        make_folder(self.folder)
        keys = Keys(str(ROOT), free_port(), *(secrets.token_hex(24) for _ in range(3)))
        password_file = self.folder / "password"
        self._write(password_file, keys.superuser)
        self._run(
            newest_binaries() / "initdb", "--pgdata", self.data, "--username", SYSTEM_USER, "--no-sync",
            "--encoding", "UTF8", "--locale", "C.UTF-8", "--auth", "scram-sha-256", "--pwfile", password_file,
        )  # fmt: skip
        password_file.unlink()
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.write("include 'mat-bang.conf'\n")
        self._start(keys)
        self._fill(keys)
        self._write(self.keys_file, json.dumps(asdict(keys), indent=1))

    def start(self) -> None:
        """Start the cluster unless it runs; take another port when its own is taken."""
        keys = self.keys
        if not self.running:
            self._start(keys)
        if keys != self.keys:
            self._write(self.keys_file, json.dumps(asdict(keys), indent=1))
        self._add_later_roles(keys)

    def _add_later_roles(self, keys: Keys) -> None:
        create = sql.SQL(
            "DO $$ BEGIN CREATE ROLE {} NOLOGIN ROLE {}; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        names = sql.Identifier(LIMITED), sql.Identifier(WEB_GROUP)
        run_statements(self._address(keys, "postgres"), [create.format(*names)])

    @property
    def has_later_roles(self) -> bool:
        """Whether the running cluster has the roles that were not needed yet when it may have been made."""
        connection = psycopg2.connect(self._address(self.keys, "postgres"), connect_timeout=10)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", (LIMITED,))
                return bool(cursor.fetchone()[0])
        finally:
            connection.close()

    def _start(self, keys: Keys) -> None:
        self._clear_stale_pid_file()
        for _ in range(5):
            if not port_is_free(keys.port):
                keys.port = free_port()
            self._write(self.data / "mat-bang.conf", CONFIGURATION.format(port=keys.port))
            self._keep_log_of_last_run()
            try:
                self._run(self.binaries / "pg_ctl", "start", "-w", "-t", "120", "-s",
                          "-D", self.data, "-l", self.log)  # fmt: skip
            except ClusterError:
                if "could not bind" not in self.log.read_text():  # the port was taken in between
                    raise
            else:
                return
        raise ClusterError("No free port was found for the private database.")

    def _keep_log_of_last_run(self) -> None:
        if self.log.exists():
            self.log.replace(self.log.with_name("postgresql.last.log"))

    def _clear_stale_pid_file(self) -> None:
        """Remove a postmaster.pid left by a power cut: its pid may be another process of this user by now.

        Only once no process works in the data any more: backends outlive a killed postmaster by moments,
        and the file is what keeps PostgreSQL from starting beside them.
        """
        if not wait_until(lambda: not pids_working_in(self.data), 30):
            raise ClusterError(f"A process of an earlier run still works in {self.data}; end it first.")
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """Stop the cluster; open connections are cut, nothing committed is lost."""
        if self.exists and self.running:
            self._run(self.binaries / "pg_ctl", "stop", "-w", "-m", "fast", "-s", "-D", self.data)

    def remove(self) -> None:
        """Stop the cluster and delete its folder."""
        if (self.data / "PG_VERSION").exists() and self.running:
            self._run(self.binaries / "pg_ctl", "stop", "-w", "-m", "immediate", "-s", "-D", self.data)
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- its content -----------------------------------------------------------------------------

    def _fill(self, keys: Keys) -> None:
        """Create the roles and the served database.

        PostGIS goes into template1, made by the superuser: so the owner stays an ordinary role and every
        database it creates has the extension and the right to add coordinate systems.
        """
        statements = [
            sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(sql.Identifier(OWNER), sql.Literal(keys.owner)),
            sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(WEB_GROUP)),
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE {}").format(
                sql.Identifier(WEB_LOGIN), sql.Literal(keys.web), sql.Identifier(WEB_GROUP)
            ),
            sql.SQL("GRANT {} TO {}").format(sql.Identifier(WEB_GROUP), sql.Identifier(OWNER)),
            sql.SQL("CREATE ROLE {} NOLOGIN ROLE {}").format(sql.Identifier(LIMITED), sql.Identifier(WEB_GROUP)),
            sql.SQL("CREATE EXTENSION postgis"),
            sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON spatial_ref_sys TO {}").format(sql.Identifier(OWNER)),
        ]
        run_statements(self._address(keys, "template1"), statements)
        create = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
        run_statements(self._address(keys, "postgres"), [create])

    @staticmethod
    def _address(keys: Keys, database: str) -> str:
        return f"postgresql://{SYSTEM_USER}:{keys.superuser}@127.0.0.1:{keys.port}/{database}"

    # -- files and programs, as the cluster's user -------------------------------------------------

    def _write(self, path: Path, text: str) -> None:
        write_private(path, text)
        if os.geteuid() == 0:
            shutil.chown(path, SYSTEM_USER, SYSTEM_USER)

    def _run(self, *command: str | Path) -> None:
        user = {"user": SYSTEM_USER, "group": SYSTEM_USER, "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run(
            [str(word) for word in command], cwd=self.folder, stdin=subprocess.DEVNULL, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=program_environment(), **user,
        )  # fmt: skip
        if done.returncode:
            log = self.log.read_text() if self.log.exists() else ""
            raise ClusterError(f"{Path(command[0]).name} failed:\n{done.stdout}{log[-2000:]}")


def program_environment() -> dict[str, str]:
    """Return the environment for PostgreSQL's programs, without the user's own PG* settings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return kept | {"LC_ALL": "C.UTF-8"}


def newest_binaries() -> Path:
    """Return the newest installed PostgreSQL that has PostGIS."""
    fit = [
        int(folder.name)
        for folder in BINARIES.glob("[0-9]*")
        if folder.name.isdigit()
        and int(folder.name) >= OLDEST_VERSION
        and (folder / "bin/initdb").exists()
        and Path(f"/usr/share/postgresql/{folder.name}/extension/postgis.control").exists()
    ]
    if not fit:
        raise ClusterError(f"PostgreSQL {OLDEST_VERSION} or newer with PostGIS is not installed.")
    return BINARIES / str(max(fit)) / "bin"


def run_statements(address: str, statements: list[sql.Composable]) -> None:
    """Run `statements` one by one, each for itself (CREATE DATABASE stands in no transaction)."""
    connection = psycopg2.connect(address, connect_timeout=10)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


def make_folder(folder: Path) -> None:
    """Create the cluster's folder, closed to everyone but its user."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        account = pwd.getpwnam(SYSTEM_USER)
        os.chown(folder, account.pw_uid, account.pw_gid)


def cluster_of_this_checkout() -> Cluster:
    """Return the cluster of this checkout, made or not."""
    if os.geteuid() != 0:
        return Cluster(VAR / "cluster")
    if FOLDER_NAME.exists():
        named = Cluster(Path(FOLDER_NAME.read_text().strip()))
        # A checkout that was moved keeps its cluster; one that was copied must not share it.
        if named.exists and (named.keys.checkout == str(ROOT) or not Path(named.keys.checkout).exists()):
            return named
    folder = SYSTEM_FOLDER / hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    write_private(FOLDER_NAME, f"{folder}\n")
    return Cluster(folder)


def bring_up(cluster: Cluster) -> None:
    """Make the cluster run, creating it where missing, and write how to reach it into the settings."""
    if cluster.exists:
        cluster.start()
    else:
        cluster.create()
    update_settings(settings_for(cluster))


def settings_for(cluster: Cluster) -> dict[str, str]:
    """Return what the application must be told to be served from `cluster`."""
    return {
        "DATABASE_URL": cluster.url(OWNER, cluster.keys.owner),
        "GPMB_WEB_DATABASE_URL": cluster.url(WEB_LOGIN, cluster.keys.web),
        "GPMB_SECRET_KEY": secret_key(),
        # Everyone may look: this server hears only this machine and holds only the sample.
        "GPMB_OPEN_ACCESS": read_settings().get("GPMB_OPEN_ACCESS", "office"),
    }


def is_up(cluster: Cluster) -> bool:
    """Say whether there is nothing for `bring_up` to do."""
    if not (cluster.exists and cluster.running and cluster.has_later_roles):
        return False
    return settings_for(cluster).items() <= read_settings().items()


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description="The private PostgreSQL cluster of this checkout.")
    parser.add_argument("action", choices=["start", "stop", "remove", "is-up"])
    action = parser.parse_args().action
    cluster = cluster_of_this_checkout()
    try:
        if action == "start":
            bring_up(cluster)
        elif action == "stop":
            cluster.stop()
        elif action == "remove":
            cluster.remove()
        elif not is_up(cluster):
            sys.exit(1)
    except (ClusterError, psycopg2.Error) as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
