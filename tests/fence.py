"""What can be worked out from answers: a small history whose amounts and days are known again wherever they turn up.

Each amount is a power of two times a prime, so that a number in any answer that the prime divides tells which amounts
it is the sum of. What a reader can work out is whatever sums of these, taken times anything, come to: `solved` looks
for one that is about one or two households alone.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from random import Random

import mapbox_vector_tile
from pypdf import PdfReader
from sqlalchemy import insert, select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gis import model, reported
from gis.new_figures import NewFigure
from gis.progress import ask, progress
from tests import factories as make

MARK = 1_000_003
"""A prime: a number it does not divide is no sum of amounts."""
FIRST, LAST, REFORM = date(2023, 1, 1), date(2023, 12, 31), date(2025, 7, 1)
PAYING = ("payment", "advance_payment")
FIELD = 2**61 - 1
"""Ranks are counted modulo this prime."""


class World:
    """Two projects in two communes that become one; households, organisations, paid on days that nothing else has."""

    def __init__(self, session: Session, seed: int):
        self.random = Random(seed)
        before, after = Range(None, REFORM), Range(REFORM, None)
        top = make.unit(session, slug="tinh", kind="province", level="province")
        self.communes = [
            make.unit(session, slug=f"xa-{n}", valid=valid, parent_id=top.id, shape=make.square(500 * n, side_m=400))
            for n, valid in enumerate((before, before, after))
        ]
        self.projects = [make.project(session, code=f"du-an-{n}") for n in range(2)]
        self.households: list[model.Case] = []
        self.of: list[tuple[int, str]] = []
        """Of each amount, in the order of recording: the case and the kind of its holder."""
        self.project_of: list[str] = []
        self.days: dict[date, set[int]] = {}
        self.moments: list[str] = []
        sizes = [self.random.choice((1, 2, 3, 5)) for _ in range(4)]
        for place, size in enumerate(sizes):
            for _ in range(size):
                self._case(session, place % 2, place // 2, "household")
        self._case(session, 0, 0, "organisation")
        for project in self.projects:
            for unit in self.communes:
                session.add(model.ProjectCommune(project_id=project.id, unit_id=unit.id, valid=unit.valid, main=False))
        session.flush()

    def _case(self, session, project: int, commune: int, holder: str) -> None:
        number = len(self.households)
        case = make.case(session, self.projects[project], code=f"HS-{number:03d}", holder=holder, registered_on=FIRST)
        land = make.affected(session, self.projects[project], case=case, registered_on=FIRST)
        for unit in (self.communes[commune], self.communes[2]):
            session.execute(
                insert(model.ParcelCommune).values(parcel_id=land.parcel_id, unit_id=unit.id, valid=unit.valid)
            )
        self.households.append(case)
        if holder == "household":
            make.event(session, self.projects[project], "plan_review", FIRST, case_id=case.id)

    def live_on(self, session: Session, rounds: int = 3) -> None:
        """Record payments, void some, and enter what official papers say of them."""
        for _ in range(rounds):
            for case in self.random.sample(self.households, k=min(len(self.households), 5)):
                if len(self.of) < 30:
                    self._pay(session, case)
            if self.random.random() < 0.5:
                self._void(session)
            for _ in range(2):
                self._report(session)
            self.moments.append(session.scalar(text("select clock_timestamp()")).isoformat())

    def _pay(self, session, case: model.Case) -> None:
        project = next(p for p in self.projects if p.id == case.project_id)
        kind, day = self.random.choice(PAYING), FIRST + timedelta(days=self.random.randrange(360))
        while day in self.days:
            day += timedelta(days=1)
        holder = session.scalar(select(model.Holder.kind).where(model.Holder.id == case.holder_id))
        paper = make.document(session, number=f"{len(self.of)}/UNC", issued_on=day)
        make.event(session, project, kind, day, case_id=case.id, document_id=paper.id,
                   amount_vnd=Decimal(2 ** len(self.of) * MARK))  # fmt: skip
        self.of.append((case.id, holder))
        self.project_of.append(project.code)
        self.days[day] = {case.id} if holder == "household" else set()

    def _void(self, session) -> None:
        voided = select(model.Event.voids_id).where(model.Event.voids_id.is_not(None))
        standing = session.scalars(
            select(model.Event).where(model.Event.kind.in_(PAYING), model.Event.id.not_in(voided))
        ).all()
        if standing:
            make.void(session, self.random.choice(standing))

    def _report(self, session) -> None:
        """Enter an official figure as offices do, of what the records of a cell come to."""
        unit = self.random.choice(("tinh", "tinh", "xa-0", "xa-1"))
        project = self.random.choice((None, "du-an-0", "du-an-1"))
        kind, upto = self.random.choice(PAYING), FIRST + timedelta(days=self.random.randrange(60, 364))
        since = upto - timedelta(days=self.random.randrange(30, 300)) if self.random.random() < 0.4 else None
        asked = {"as_of": upto} if since is None else {"since": since, "upto": upto}
        cell = ask(unit=unit, projects=(project,) if project else (), kinds=(kind, "affected"), **asked)
        found = progress(session, cell).total.values[kind]
        if not found["amount_vnd"]:
            return
        values = {"amount_vnd": found["amount_vnd"]}
        if self.random.random() < 0.7:
            values["households"] = found["holders"]
        number = session.scalar(text("select count(*) from reported_figure"))
        figure = NewFigure(
            unit, f"{number}/BC-UBND", kind, "cumulative" if since is None else "period", upto, values,
            from_on=since, project=project, holder="all", line=str(number),
        )  # fmt: skip
        reported.enter(session, [figure], way="form", by="lan", key=f"key-of-figure-{number}")

    def questions(self, how_many: int) -> Iterator[dict]:
        """Ask how far it has come, in every way there is."""
        for _ in range(how_many):
            day = FIRST + timedelta(days=self.random.randrange(-5, 400))
            asked = {"as_of": day}
            if self.random.random() < 0.4:
                asked = {"from": day - timedelta(days=self.random.randrange(200)), "to": day}
            more = {
                "by": self.random.choice(("", "project", "commune", "project,commune")),
                "project": self.random.choice(("", "du-an-0", "du-an-1")),
                "unit": self.random.choice(("", "tinh", "xa-0", "xa-1")),
                "holder": self.random.choice(("", "", "household", "organisation")),
                "units_of": self.random.choice(("", "old")),
                "known_at": self.random.choice(("", "", *self.moments)),
            }
            yield {name: value for name, value in (asked | more).items() if value}


# Reading answers.


def texts_in(body: bytes, kind: str) -> Iterator[str]:
    """Give all texts of an answer, whatever it is packed in."""
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            for name in packed.namelist():
                if name.endswith(".xml"):
                    yield re.sub(r"<[^>]+>", " ", packed.read(name).decode("utf-8", "replace"))
    elif body[:5] == b"%PDF-":
        for page in PdfReader(io.BytesIO(body)).pages:
            yield page.extract_text()
    elif "mapbox-vector-tile" in kind or "protobuf" in kind:
        for layer in mapbox_vector_tile.decode(body).values() if body else ():
            for feature in layer["features"]:
                yield json.dumps(feature["properties"], ensure_ascii=False)
    else:
        yield body.decode("utf-8", "replace")


def numbers_in(body: bytes, kind: str) -> set[int]:
    """Give all whole numbers an answer writes, grouped or not, and what numbers in a row come to."""
    found = set()
    for told in texts_in(body, kind):
        for written in re.findall(r"\d[\d.,\u00a0\u202f\u2009]*", told):
            found.update(int(digits) for digits in _readings(written))
        found.update(_running(told) if told[:1] in "[{" else ())
    return found


def _readings(written: str) -> Iterator[str]:
    whole = re.sub(r"[.,][0]{1,2}$", "", written.rstrip(".,\u00a0\u202f\u2009"))
    yield re.sub(r"\D", "", whole)
    yield from (part for part in re.split(r"\D+", written) if part)


def _running(told: str) -> Iterator[int]:
    """Give what lists of differences come to: the course of time is sent so."""
    try:
        stack = [json.loads(told)]
    except ValueError:
        return
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, list):
            so_far = 0
            for part in value:
                if isinstance(part, int):
                    so_far += part
                    yield so_far
                else:
                    stack.append(part)


def days_in(body: bytes, kind: str, days: Iterable[date]) -> set[date]:
    """Give those of some days that an answer writes, in any of the ways days are written here."""
    told = "\n".join(texts_in(body, kind))
    numbers = numbers_in(body, kind) if told[:1] in "[{" else set()
    epoch = date(1970, 1, 1).toordinal()
    return {
        day
        for day in days
        if day.isoformat() in told
        or re.search(rf"(?<!\d)0?{day.day}[/.]0?{day.month}[/.]{day.year}", told)
        or f"{day:%Y%m%d}" in told
        or day.toordinal() - epoch in numbers
    }


# Working out.


def sums_in(numbers: Iterable[int], amounts: int) -> set[int]:
    """Give the sums of amounts among numbers, as bits of the amounts."""
    return {number // MARK for number in numbers if number and number % MARK == 0 and number // MARK < 2**amounts}


def solved(sums: Iterable[int], of: list[tuple[int, str]], known: Iterable[int] = ()) -> tuple[int, ...] | None:
    """Give one or two households whose money some sums, added to and taken from each other, tell; None where there are
    none.

    Parameters
    ----------
    sums : iterable of int
        Bits of the amounts in each.
    of : list of (int, str)
        The case of each amount and the kind of its holder; what organisations get is known.
    known : iterable of int
        Numbers of amounts that the reader may have.
    """
    unknown = [n for n, (_, holder) in enumerate(of) if holder == "household" and n not in set(known)]
    rows = [[bits >> n & 1 for n in unknown] for bits in sums]
    cases = sorted({of[n][0] for n in unknown})
    whole = _rank(rows)
    for few in (*((case,) for case in cases), *combinations(cases, 2)):
        others = [place for place, n in enumerate(unknown) if of[n][0] not in few]
        if _rank([[row[place] for place in others] for row in rows]) < whole:
            return few
    return None


def _rank(rows: list[list[int]]) -> int:
    basis: dict[int, list[int]] = {}
    for row in rows:
        left = list(row)
        for place in range(len(left)):
            if not left[place]:
                continue
            if place not in basis:
                inverse = pow(left[place], -1, FIELD)
                basis[place] = [value * inverse % FIELD for value in left]
                break
            factor, by = left[place], basis[place]
            left = [(value - factor * other) % FIELD for value, other in zip(left, by, strict=True)]
    return len(basis)
