"""How many acts many officers record at once, and that nothing gets lost: on a database of its own, dropped at the end.

    python -m benchmarks.recording [--officers 30] [--seconds 60] [--cases 400]

Each officer, as the web role, records handovers and payments of three cases each, voids her own entries and changes
one record that all change. Afterwards the figures must equal the sum of what was accepted, and the log must verify.
"""

import argparse
import os
from statistics import median, quantiles
from time import perf_counter

from gis import audit, db, schema
from gis.record import Act, NewDocument, record
from script.scratch_database import Server, with_database
from script.settings import read_settings
from tests import recorders


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--officers", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--cases", type=int, default=400)
    options = parser.parse_args()
    base = os.environ.get("DATABASE_URL") or read_settings()["DATABASE_URL"]
    server, name = Server(base), f"gpmb_recording_{os.getpid()}"
    server.run("CREATE DATABASE {}", name)
    try:
        measure(with_database(base, name), options)
    finally:
        server.drop([name])


def measure(url: str, options: argparse.Namespace) -> None:
    """Let the officers work and print what came of it."""
    owner = db.make_engine(url)
    web = db.make_engine(url, role=db.WEB_ROLE, connections=max(options.officers, 5))
    try:
        with owner.connect() as connection:
            schema.upgrade(connection)
        ground = recorders.prepare(owner, cases=options.cases)
        began = perf_counter()
        until = began + options.seconds
        officers = recorders.all_at_once(web, ground, options.officers, lambda _: perf_counter() < until)
        took = perf_counter() - began
        recorders.hold_to_account(owner, ground, officers)
        report(owner, officers, took)
        at_once(owner)
    finally:
        web.dispose()
        owner.dispose()


def at_once(owner, cases: int = 2000) -> None:
    """Print how long one act upon very many cases takes."""
    ground = recorders.prepare(owner, cases=cases)
    began = perf_counter()
    with db.transaction(owner) as session:
        act = Act(ground.project, "handover", recorders.DAY, NewDocument("minutes", "12/BB-BGMB"))
        record(session, act, ground.codes, by="one officer", key="all")
    print(f"| one act upon {cases} cases | {perf_counter() - began:.1f} s |")


def report(owner, officers: list[recorders.Officer], took: float) -> None:
    """Print the figures as a Markdown table."""
    told = sum((officer.told for officer in officers), start=type(officers[0].told)())
    times = [ms for officer in officers for ms in officer.taken_ms]
    with db.reading_session(owner) as session:
        began = perf_counter()
        entries = audit.verify(session).entries
        verified = perf_counter() - began
    accepted = sum(told[name] for name in ("hand_over", "pay", "void", "raise_number"))
    rows = {
        "officers at once": len(officers),
        "seconds": f"{took:.1f}",
        "acts accepted": f"{accepted} ({accepted / took:.0f}/s)",
        "refused: nothing remained": told["BadParameter"],
        "refused: another version": told["Conflict"],
        "an act, p50 / p99 ms": f"{median(times):.0f} / {quantiles(times, n=100)[98]:.0f}",
        "entries of the log": f"{entries}, verified in {verified:.1f} s",
    }
    print("| | |\n| --- | --- |")
    for name, value in rows.items():
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
