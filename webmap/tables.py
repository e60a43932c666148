"""The tables beside the map: the rows of any layer or roll-up, by the window for the page and whole as files."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import chain
from math import isfinite

from flask import Blueprint, Flask, Response, request, send_file
from flask_babel import get_locale, gettext

from gis.access import Access
from gis.errors import BadParameter
from gis.overview import is_sample
from gis.progress import plain, revision, today
from gis.search import LONGEST
from layers.rows import Bounds, Column, Narrowing, Question, Row, Value
from layers.tables import Table, table, tables
from webmap import exact_json, parameters
from webmap.auth import access, opened
from webmap.exports import MOST_SHEET_ROWS, as_csv, as_geojson, as_xlsx
from webmap.i18n import area, count
from webmap.i18n import day as written
from webmap.ration import costly
from webmap.reads import log_export
from webmap.session import hold_until_sent, session

bp = Blueprint("tables", __name__, url_prefix="/api/v1/tables")

WINDOW, WIDEST_WINDOW = 100, 500
DEEPEST = 10**9
SHOWN = ("day", "since", "project", "q", "bounds", "columns", "sort")
FILTER = "filter."
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.get("")
@access(Access.AGGREGATE)
def show_tables():
    parameters.only()
    found = tables(opened())
    return {"tables": [{**_named(each), "columns": [_column(column) for column in each.columns]} for each in found]}


@bp.get("/<name>")
@access(Access.AGGREGATE)
def show_rows(name: str):
    found = _table(name)
    question = _question(found, "offset", "limit", "totals", "find")
    offset, limit = _whole("offset", 0, 0, DEEPEST), _whole("limit", WINDOW, 1, WIDEST_WINDOW)
    key = parameters.text("find")
    answer = found.read(session(), question, offset, limit, totals=_yes("totals", True), find=key)
    told = {
        **_named(found),
        "day": question.day.isoformat(),
        "since": question.since and question.since.isoformat(),
        "columns": [_column(found.by_name[name]) for name in question.columns],
        "offset": offset,
        "rows": [
            {"key": row.key, "bounds": row.bounds, "values": [_json(value) for value in row.values]}
            for row in answer.rows
        ],
        "source": _source(),
    }
    if answer.totals:
        told["found"], told["drawn"] = answer.totals.found, answer.totals.drawn
        told["sums"] = {name: plain(value) for name, value in answer.totals.sums.items()}
    if key:
        told["position"] = answer.position
    return told


@bp.get("/<name>.csv", defaults={"form": "csv"})
@bp.get("/<name>.geojson", defaults={"form": "geojson"})
@bp.get("/<name>.xlsx", defaults={"form": "xlsx"})
@access(Access.AGGREGATE)
@costly
def export(name: str, form: str):
    """Give every row that is found, as a file, in the order and with the columns asked for."""
    found = _table(name)
    question = _question(found)
    columns = [found.by_name[name] for name in question.columns]
    log_export(f"tables/{name}.{form}")
    if form == "xlsx":
        response = send_file(_workbook(found, question, columns), mimetype=TYPES[form])
    else:
        rows = _begun(found.stream(session(), question, geometry=form == "geojson"))
        about = {"name": found.name, "day": question.day.isoformat(), "source": _source()}
        parts = as_csv(columns, rows) if form == "csv" else as_geojson(columns, rows, about)
        response = hold_until_sent(Response(parts, content_type=TYPES[form]))
    response.headers["Content-Disposition"] = f'attachment; filename="{found.name}-{question.day.isoformat()}.{form}"'
    response.cache_control.no_store = True
    return response


def _begun(rows: Iterator[Row]) -> Iterator[Row]:
    """Ask for the first row at once: what the database refuses must be an answer of its own, not half a file."""
    first = next(rows, None)
    return rows if first is None else chain([first], rows)


def _table(name: str) -> Table:
    return table(name, opened())


def _named(found: Table) -> dict:
    return {"name": found.name, "title": getattr(found.title, str(get_locale())), "panel": found.panel}


def _column(column: Column) -> dict:
    language = str(get_locale())
    return {
        "name": column.name,
        "title": getattr(column.title, language),
        "kind": column.kind,
        "unit": column.unit,
        "summed": column.summed,
        "opening": column.opening,
        "group": column.group and getattr(column.group, language),
        "words": [getattr(said, language) for said in column.words.values()] if column.words else None,
    }


def _json(value: Value):
    return value.isoformat() if isinstance(value, date) else plain(value)


def _source() -> dict:
    last = revision(session())
    return {
        "kind": "records",
        "illustrative": is_sample(session()),
        "revision": last.revision,
        "changed_at": last.changed_at.isoformat(),
    }


def _question(found: Table, *more: str) -> Question:
    filters = [f"{FILTER}{column.name}" for column in found.columns]
    parameters.only(*SHOWN, *more, *filters)
    words = request.args.get("q", "").strip()
    if len(words) > LONGEST:
        raise BadParameter("That is too long to look for: %(most)s characters at most.", parameter="q", most=LONGEST)
    day, since = parameters.day("day") or today(), parameters.day("since")
    if since and since >= day:
        raise BadParameter(
            "%(since)s does not lie before %(day)s: give an earlier day to compare with.",
            parameter="since", since=since.isoformat(), day=day.isoformat(),
        )  # fmt: skip
    named = [name.strip() for name in request.args.get("columns", "").split(",") if name.strip()]
    sort = request.args.get("sort", "").strip()
    falling, sort = sort.startswith("-"), sort.removeprefix("-")
    for parameter, name in (*(("columns", name) for name in named), *([("sort", sort)] if sort else [])):
        _known(found, parameter, name)
    if not sort and "name" in found.by_name:
        sort = "name"
    return Question(
        day, since, parameters.text("project") or "", words, _bounds(),
        {
            name.removeprefix(FILTER): _narrowing(name, found.by_name[name.removeprefix(FILTER)], value.strip())
            for name, value in request.args.items()
            if name.startswith(FILTER) and value.strip()
        },
        tuple(dict.fromkeys(named)) or tuple(column.name for column in found.columns if column.opening),
        sort or None, falling, str(get_locale()),
    )  # fmt: skip


def _known(found: Table, parameter: str, name: str) -> None:
    if name not in found.by_name:
        raise BadParameter(
            "The table “%(table)s” has no column “%(column)s”.", parameter=parameter, table=found.name, column=name
        )


def _bounds() -> Bounds | None:
    given = request.args.get("bounds", "").strip()
    if not given:
        return None
    try:
        west, south, east, north = sides = tuple(float(side) for side in given.split(","))
    except ValueError:
        sides = ()
    inside = sides and all(map(isfinite, sides)) and -180 <= west < east <= 180 and -85 <= south < north <= 85
    if not inside:
        raise BadParameter(
            "“%(value)s” is no frame: give west, south, east and north in degrees, such as 106.7,21.8,106.8,21.9.",
            parameter="bounds", value=given,
        )  # fmt: skip
    return sides


def _narrowing(parameter: str, column: Column, given: str) -> Narrowing:
    if given in ("-", "*"):
        return Narrowing(given=given == "*")
    if column.kind == "text":
        return Narrowing(contains=given)
    if column.kind == "boolean":
        return Narrowing(holds=_yes(parameter, True))
    least, dots, most = (part.strip() for part in given.partition(".."))
    if not dots:
        least = most = given
    read = _day_in if column.kind == "day" else _number_in
    return Narrowing(least=read(parameter, least), most=read(parameter, most))


def _number_in(parameter: str, given: str) -> Decimal | None:
    if not given:
        return None
    try:
        return exact_json.decimal(given)
    except ValueError:
        raise BadParameter(
            "“%(value)s” is no number: write it as 1234.5, and a range as 100..500.",
            parameter=parameter, value=given[:40],
        ) from None  # fmt: skip


def _day_in(parameter: str, given: str) -> date | None:
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise BadParameter(
            "“%(value)s” is not a day: write it as 2022-10-24, and a range as 2022-01-01..2022-10-24.",
            parameter=parameter, value=given,
        ) from None  # fmt: skip


def _whole(name: str, otherwise: int, least: int, most: int) -> int:
    given = request.args.get(name, "").strip()
    if not given:
        return otherwise
    value = int(given) if given.isascii() and given.isdecimal() and len(given) < 12 else -1
    if not least <= value <= most:
        raise BadParameter(
            "“%(value)s” cannot be used here: give a whole number from %(least)s to %(most)s.",
            parameter=name, value=given, least=least, most=most,
        )  # fmt: skip
    return value


def _yes(name: str, otherwise: bool) -> bool:
    given = request.args.get(name, "").strip()
    if given not in ("", "yes", "no"):
        raise BadParameter("“%(value)s” cannot be used here: give yes or no.", parameter=name, value=given)
    return given == "yes" if given else otherwise


def _workbook(found: Table, question: Question, columns: list[Column]):
    language = str(get_locale())
    totals = found.read(session(), question, 0, 1).totals
    if totals.found > MOST_SHEET_ROWS:
        raise BadParameter(
            "%(found)s rows are more than a sheet holds (%(most)s): narrow the table, or take CSV.",
            parameter="q", found=totals.found, most=MOST_SHEET_ROWS,
        )  # fmt: skip
    words = {"about": gettext("About"), "total": gettext("Total"), "yes": gettext("yes"), "no": gettext("no")}
    return as_xlsx(
        columns, found.stream(session(), question), language=language, title=getattr(found.title, language),
        found=totals.found, sums=totals.sums, about=_about(found, question, totals), words=words,
    )  # fmt: skip


def _about(found: Table, question: Question, totals) -> list[tuple[str, str]]:
    """Say what a workbook holds: whoever is sent it alone must be able to tell."""
    language, source = str(get_locale()), _source()
    first = question.since and gettext(
        "after %(since)s, up to %(day)s", since=written(question.since), day=written(question.day)
    )
    sorted_by = question.sort and getattr(found.by_name[question.sort].title, language)
    narrowed = "; ".join(
        f"{getattr(found.by_name[name.removeprefix(FILTER)].title, language)}: {value}"
        for name, value in request.args.items()
        if name.startswith(FILTER) and value.strip()
    )
    drawn = gettext("%(drawn)s of %(found)s", drawn=count(totals.drawn), found=count(totals.found))
    said = [
        (gettext("Table"), getattr(found.title, language)),
        (gettext("Day"), written(question.day)),
        (gettext("Days compared"), first),
        (gettext("Project"), question.project),
        (gettext("Words looked for"), question.words),
        (gettext("Narrowed to"), narrowed),
        (gettext("Only within"), question.bounds and ", ".join(f"{side:.6f}" for side in question.bounds)),
        (gettext("Sorted by"), sorted_by and f"{sorted_by} {'↓' if question.descending else '↑'}"),
        (gettext("Rows"), count(totals.found)),
        (gettext("Rows with an outline on the map"), drawn),
        *(
            (f"{gettext('Total')}: {getattr(column.title, language)}", area(totals.sums[column.name]))
            for column in found.columns
            if totals.sums.get(column.name) is not None
        ),
        (gettext("Source"), gettext("records")),
        (gettext("Remark"), gettext("illustrative records") if source["illustrative"] else ""),
        (gettext("State of the data"), f"{source['revision']} ({source['changed_at']})"),
        (gettext("Written on"), written(today())),
    ]
    return [(name, value) for name, value in said if value]
