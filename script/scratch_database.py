"""A database for one run of the tests, beside the served one; dropped with every database named after it."""

import argparse
import os
import sys
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from script.check_database import check, plain_url
from script.processes import command_line
from script.settings import read_settings

DROP_TRIES = 6
"""Of up to five seconds each: a busy machine may need some of them to end an autovacuum worker."""


def with_database(url: str, name: str) -> str:
    """Return `url` pointing at database `name`."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name)}"))


def scratch_name(url: str, pid: int | str) -> str:
    """Name the database of the test run with process id `pid`; '' for the start every such name has."""
    return f"{unquote(urlsplit(url).path.lstrip('/')) or 'gpmb'}_test_{pid}"


def is_test_run(pid: int) -> bool:
    """Say whether process `pid` is a running script/test."""
    return any(word.endswith("script/test") for word in command_line(pid)[:3])


def orphans(names: list[str], start: str) -> list[str]:
    """Pick from `names` the databases left by test runs that are no longer alive."""
    pids = {name: name.removeprefix(start).split("_", 1)[0] for name in names if name.startswith(start)}
    return [name for name, pid in pids.items() if pid.isdigit() and not is_test_run(int(pid))]


class Server:
    """The server that `url` points at."""

    def __init__(self, url: str) -> None:
        self.connection = psycopg2.connect(plain_url(url), connect_timeout=10)
        self.connection.autocommit = True

    def run(self, statement: str, *names: str) -> None:
        """Run `statement` with `names` put into its {} as identifiers."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def databases(self, start: str) -> list[str]:
        """Return the databases whose name starts with `start`."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (start,))
            return [name for (name,) in cursor]

    def drop(self, names: list[str]) -> None:
        """Drop the databases `names`, whoever is connected to them."""
        for name in names:
            try:
                self.run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
            except psycopg2.errors.InsufficientPrivilege:
                self._drop_slowly(name)

    def _drop_slowly(self, name: str) -> None:
        """Drop a database in which an autovacuum worker is at work: only a superuser may end that one by force.

        A plain drop sends such workers away, and waits five seconds for all others: those are ended here.
        """
        for tries_left in range(DROP_TRIES - 1, -1, -1):
            with self.connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = %s AND usename IS NOT NULL AND pg_has_role(usename, 'MEMBER')",
                    (name,),
                )
            try:
                self.run("DROP DATABASE IF EXISTS {}", name)
                return
            except psycopg2.errors.ObjectInUse:
                if not tries_left:
                    raise


def create(url: str, pid: int, private: bool) -> str:
    """Create the database and return its address; end with a message where the server does not allow it."""
    server, name = Server(url), scratch_name(url, pid)
    if private:  # on a shared server the pid may be of another machine
        server.drop(orphans(server.databases(scratch_name(url, "")), scratch_name(url, "")))
    server.drop(_of_run(server, name))
    try:
        server.run("CREATE DATABASE {}", name)
    except psycopg2.errors.InsufficientPrivilege:
        role = server.connection.info.user
        sys.exit(
            f"Vai trò {role} không được tạo cơ sở dữ liệu để chạy kiểm thử; quản trị viên cần chạy:\n"
            f"The role {role} may not create a database for the tests; an administrator must run:\n"
            f'    ALTER ROLE "{role}" CREATEDB;'
        )
    server.run("ALTER DATABASE {} SET synchronous_commit = off", name)  # nothing in it outlives the run
    # New databases are copies of template1: that is where an administrator's statements help.
    message = check(with_database(url, name), where="template1")
    if message:
        server.drop([name])
        sys.exit(message)
    return with_database(url, name)


def _of_run(server: Server, name: str) -> list[str]:
    return [found for found in server.databases(name) if found == name or found.startswith(f"{name}_")]


def main() -> None:
    """Create (printing the settings the tests read) or drop the database of one run."""
    parser = argparse.ArgumentParser(description="The database of one test run.")
    parser.add_argument("action", choices=["create", "drop"])
    parser.add_argument("pid", type=int, help="process id of the run")
    options = parser.parse_args()
    given = os.environ.get("DATABASE_URL")
    settings = dict(os.environ) if given else read_settings()
    url, web_url = settings["DATABASE_URL"], settings.get("GPMB_WEB_DATABASE_URL")
    if options.action == "drop":
        server = Server(url)
        server.drop(_of_run(server, scratch_name(url, options.pid)))
        return
    print(f"TEST_DATABASE_URL={create(url, options.pid, private=not given)}")
    if web_url:
        print(f"TEST_WEB_DATABASE_URL={with_database(web_url, scratch_name(url, options.pid))}")


if __name__ == "__main__":
    main()
