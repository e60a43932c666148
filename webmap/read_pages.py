"""The log of reads, for administrators and leaders: a page with filters, and the same as CSV."""

from flask import Response, request

from gis import reads
from gis.access import Access
from gis.errors import BadParameter, GisError, NotAllowed, NotFound
from webmap import parameters
from webmap.accounts import _page, _signed_in, _writing, bp
from webmap.api import csv_answer
from webmap.auth import access

FILTERS = ("project", "case", "who", "since", "until")
READERS = ("administrator", "leader")


def _found(most: int | None):
    if _signed_in().role not in READERS:
        raise NotAllowed("You may not see this.")
    parameters.only(*FILTERS)
    asked = {name: parameters.text(name) for name in ("project", "case", "who")}
    with _writing() as found:
        return reads.entries(found, **asked, since=parameters.day("since"), upto=parameters.day("until"), most=most)


@bp.get("/people/reads")
@access(Access.STATUS)
def show_reads() -> Response:
    error: GisError | None = None
    try:
        found = _found(reads.MOST_LISTED + 1)
    except (BadParameter, NotFound) as refused:
        error, found = refused, []
    shown = {name: request.args.get(name, "") for name in FILTERS}
    return _page(
        "accounts/reads.html", error, entries=found[: reads.MOST_LISTED], more=len(found) > reads.MOST_LISTED,
        shown=shown, most=reads.MOST_LISTED,
    )  # fmt: skip


@bp.get("/people/reads.csv")
@access(Access.STATUS)
def reads_csv() -> Response:
    header = ["at", "who", "token", "what", "project", "cases", "rows"]
    lines = (
        [entry.at.isoformat(timespec="seconds"), entry.who, entry.token, entry.what, code,
         " ".join(entry.case_codes or ()), entry.rows]
        for entry, code in _found(None)
    )  # fmt: skip
    return csv_answer(header, lines, "reads.csv")
