"""Whether a PostgreSQL server of the user's own will do, and what its administrator must run if not.

What the role of DATABASE_URL may do itself (create the extensions and the roles) is done at once; for
all the rest there is one message, in Vietnamese and English, with the statements to run.
"""

import argparse
import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from script.settings import secret_key, update_settings

OLDEST_SERVER = 150000
EXTENSIONS = ("postgis", "btree_gist")
WEB_GROUP = "gpmb_web"
LIMITED = "gpmb_limited"
"""What the web role takes on for readers of given projects only (docs/rights.md)."""
REFERENCE_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Facts:
    """What was found on the server, after the role has done what it may."""

    role: str
    database: str
    server_version: int
    extensions_available: frozenset[str] = frozenset(EXTENSIONS)
    extensions_present: frozenset[str] = frozenset(EXTENSIONS)
    reference_rights: frozenset[str] = frozenset(REFERENCE_RIGHTS)
    web_role_exists: bool = True
    web_role_granted: bool = True
    limited_role_exists: bool = True
    limited_role_granted: bool = True
    """To the web role, so that whoever serves can take it on."""
    may_create_tables: bool = True


@dataclass(frozen=True)
class Problem:
    """One thing that is in the way: in both languages, and the statements that put it right."""

    vi: str
    en: str
    statements: tuple[str, ...] = field(default=())


def problems(facts: Facts) -> list[Problem]:
    """Say what an administrator must change before the server described by `facts` will do."""
    if facts.server_version < OLDEST_SERVER:
        found = f"{facts.server_version // 10000}"
        return [
            Problem(
                f"Máy chủ là PostgreSQL {found}; cần PostgreSQL 15 trở lên.",
                f"The server is PostgreSQL {found}; PostgreSQL 15 or newer is needed.",
            )
        ]
    role = quoted(facts.role)
    found = [problem for name in EXTENSIONS if (problem := _extension_problem(facts, name))]
    if "postgis" in facts.extensions_available and facts.reference_rights < set(REFERENCE_RIGHTS):
        found.append(
            Problem(
                f"Vai trò {facts.role} không được thêm hệ tọa độ vào bảng spatial_ref_sys.",
                f"The role {facts.role} may not add coordinate systems to the table spatial_ref_sys.",
                (f"GRANT {', '.join(REFERENCE_RIGHTS)} ON spatial_ref_sys TO {role};",),
            )
        )
    if not facts.web_role_granted:
        create = () if facts.web_role_exists else (f"CREATE ROLE {WEB_GROUP} NOLOGIN;",)
        found.append(
            Problem(
                f"Vai trò {facts.role} không tạo được hoặc không thuộc vai trò {WEB_GROUP}.",
                f"The role {facts.role} may not create the role {WEB_GROUP}, or does not belong to it.",
                (*create, f"GRANT {WEB_GROUP} TO {role};"),
            )
        )
    if not facts.limited_role_granted:
        create = () if facts.limited_role_exists else (f"CREATE ROLE {LIMITED} NOLOGIN;",)
        found.append(
            Problem(
                f"Vai trò {facts.role} không tạo được hoặc không cấp được vai trò {LIMITED} cho {WEB_GROUP}.",
                f"The role {facts.role} may not create the role {LIMITED}, or not grant it to {WEB_GROUP}.",
                (*create, f"GRANT {LIMITED} TO {WEB_GROUP};"),
            )
        )
    if not facts.may_create_tables:
        found.append(
            Problem(
                f"Vai trò {facts.role} không được tạo bảng trong lược đồ public.",
                f"The role {facts.role} may not create tables in the schema public.",
                (f"GRANT CREATE, USAGE ON SCHEMA public TO {role};",),
            )
        )
    return found


def _extension_problem(facts: Facts, name: str) -> Problem | None:
    if name in facts.extensions_present:
        return None
    if name not in facts.extensions_available:
        package = f"postgresql-{facts.server_version // 10000}" + ("-postgis-3" if name == "postgis" else "")
        return Problem(
            f"Phần mở rộng {name} chưa được cài trên máy chủ (gói Debian: {package}).",
            f"The extension {name} is not installed on the server (Debian package: {package}).",
            (f"CREATE EXTENSION {name};",),
        )
    return Problem(
        f"Vai trò {facts.role} không được tạo phần mở rộng {name}.",
        f"The role {facts.role} may not create the extension {name}.",
        (f"CREATE EXTENSION {name};",),
    )


def report(found: list[Problem], database: str) -> str:
    """Write the one message: what is wrong, then everything the administrator must run."""
    statements = [statement for problem in found for statement in problem.statements]
    lines = [
        "Cơ sở dữ liệu của DATABASE_URL chưa dùng được:",
        *(f"  - {problem.vi}" for problem in found),
        "The database of DATABASE_URL cannot be used yet:",
        *(f"  - {problem.en}" for problem in found),
    ]
    if statements:
        lines += [
            "Quản trị viên cần chạy (psql) / An administrator must run (psql):",
            f"    \\connect {quoted(database)}",
            *(f"    {statement}" for statement in statements),
        ]
    return "\n".join(lines)


def quoted(name: str) -> str:
    """Quote an identifier where SQL needs it."""
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'


def plain_url(url: str) -> str:
    """Return `url` as libpq reads it: without the driver SQLAlchemy's form may name."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)


def prepare(connection: Connection) -> Facts:
    """Do what the role may do itself, then find out how things stand."""
    connection.autocommit = True
    with connection.cursor() as cursor:

        def ask(query: str, *values: object) -> tuple:
            cursor.execute(query, values)
            return cursor.fetchone()

        def attempt(statement: sql.Composable) -> None:
            with suppress(psycopg2.Error):  # how things stand afterwards is what counts
                cursor.execute(statement)

        version = connection.server_version
        role, database = ask("SELECT current_user, current_database()")
        if version < OLDEST_SERVER:
            return Facts(role, database, version)
        for name in EXTENSIONS:
            attempt(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))
        group, limited = sql.Identifier(WEB_GROUP), sql.Identifier(LIMITED)

        def made(role: str) -> bool:
            exists = "SELECT count(*) FROM pg_roles WHERE rolname = %s"
            if not ask(exists, role)[0]:
                attempt(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
            return bool(ask(exists, role)[0])

        web_role_exists, limited_role_exists = made(WEB_GROUP), made(LIMITED)
        member = "SELECT pg_has_role(current_user, %s, 'MEMBER')"
        if web_role_exists and not ask(member, WEB_GROUP)[0]:
            attempt(sql.SQL("GRANT {} TO CURRENT_USER").format(group))
        both = web_role_exists and limited_role_exists
        of_web = "SELECT pg_has_role(%s, %s, 'MEMBER')"
        if both and not ask(of_web, WEB_GROUP, LIMITED)[0]:
            attempt(sql.SQL("GRANT {} TO {}").format(limited, group))
        return Facts(
            role,
            database,
            version,
            extensions_available=_names(ask, "pg_available_extensions", "name"),
            extensions_present=_names(ask, "pg_extension", "extname"),
            reference_rights=_reference_rights(ask),
            web_role_exists=web_role_exists,
            web_role_granted=web_role_exists and ask(member, WEB_GROUP)[0],
            limited_role_exists=limited_role_exists,
            limited_role_granted=both and ask(of_web, WEB_GROUP, LIMITED)[0],
            may_create_tables=ask("SELECT has_schema_privilege('public', 'CREATE')")[0],
        )


def _names(ask, table: str, column: str) -> frozenset[str]:
    query = f"SELECT coalesce(array_agg({column}::text), '{{}}') FROM {table}"  # noqa: S608 (our own names)
    return frozenset(ask(query)[0]) & set(EXTENSIONS)


def _reference_rights(ask) -> frozenset[str]:
    if ask("SELECT to_regclass('spatial_ref_sys')")[0] is None:
        return frozenset()
    return frozenset(
        right for right in REFERENCE_RIGHTS if ask("SELECT has_table_privilege('spatial_ref_sys', %s)", right)[0]
    )


def check(url: str, where: str | None = None) -> str | None:
    """Return None when the database at `url` will do, else the message.

    `where` names the database the statements belong in, when it is not that one.
    """
    connection = connect(url)
    if isinstance(connection, str):
        return connection
    try:
        facts = prepare(connection)
    finally:
        connection.close()
    found = problems(facts)
    return report(found, where or facts.database) if found else None


def check_web_login(url: str) -> str | None:
    """Return None when the login of GPMB_WEB_DATABASE_URL connects and belongs to the web role, else the message."""
    connection = connect(url, "GPMB_WEB_DATABASE_URL")
    if isinstance(connection, str):
        return connection
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, pg_has_role(current_user, %s, 'MEMBER')", (WEB_GROUP,))
            login, belongs = cursor.fetchone()
    finally:
        connection.close()
    problem = Problem(
        f"Vai trò {login} của GPMB_WEB_DATABASE_URL không thuộc vai trò {WEB_GROUP}.",
        f"The role {login} of GPMB_WEB_DATABASE_URL does not belong to the role {WEB_GROUP}.",
        (f"GRANT {WEB_GROUP} TO {quoted(login)};",),
    )
    return None if belongs else report([problem], connection.info.dbname)


def connect(url: str, setting: str = "DATABASE_URL") -> Connection | str:
    """Connect to `url`; return the message when that fails."""
    try:
        return psycopg2.connect(plain_url(url), connect_timeout=10)
    except psycopg2.Error as error:
        return (
            f"Không kết nối được cơ sở dữ liệu của {setting}:\n"
            f"The database of {setting} cannot be reached:\n    {str(error).strip()}"
        )


def main() -> None:
    """Check the server of DATABASE_URL; end with the message when it will not do."""
    argparse.ArgumentParser(description="Check the PostgreSQL server of DATABASE_URL.").parse_args()
    message = check(os.environ["DATABASE_URL"])
    if not message and os.environ.get("GPMB_WEB_DATABASE_URL"):
        message = check_web_login(os.environ["GPMB_WEB_DATABASE_URL"])
    if message:
        sys.exit(message)
    update_settings({"GPMB_SECRET_KEY": secret_key()})


if __name__ == "__main__":
    main()
