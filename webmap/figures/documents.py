"""Figures read from a report: a file or pasted text gives proposals, each with its quote; a person confirms them.

Nothing is kept before that. Until then the text travels with the page, signed, so that what is quoted is what was
read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from hashlib import sha256
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, redirect, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from itsdangerous import BadData, URLSafeSerializer

from gis import guard, letters, reported, unread
from gis.access import Access
from gis.errors import BadParameter, BadRows, GisError
from gis.intake.given import REPORTS, GivenFile
from gis.new_figures import VALUES, GivenText
from gis.reading import KnownProject, Proposal
from gis.reported import MOST_LETTERS
from webmap import desk, entry, kept_forms, parameters, uploads
from webmap.auth import access
from webmap.errors import user_message
from webmap.figures import cells
from webmap.figures.cells import CELLS, Places
from webmap.session import session, writing

if TYPE_CHECKING:
    from gis.reportfile import ReportText

MIB = 1024 * 1024
MOST_FILE_MIB = 20
AROUND = 160
"""Letters shown around a quote."""
AROUND_NUMBER = 50
"""Letters shown around a number that was not understood."""
FIELDS = ("report", "unit", "from_on", "to_on", "pasted")
"""What is said of the text as a whole."""
EDITED = tuple(name for name in CELLS if name not in ("mark", "quote", "unit", "report"))
"""Cells of a proposal that can be changed: the quote stays as it stands in the text."""

bp = Blueprint("figure_documents", __name__, url_prefix="/figures/read")


@dataclass
class Proposed:
    """A proposal on the page: how it was understood, what it is by now, and what speaks against taking it."""

    number: int
    proposal: Proposal
    understood: dict[str, str]
    """Its cells as they were proposed."""
    row: cells.Row
    doubts: list[str]
    before: str
    after: str
    known: tuple[str, ...] = ()
    """Figures that state the same already."""
    against: list[str] = field(default_factory=list)
    """What it would contradict."""
    taken: bool = False

    @property
    def changed(self) -> dict[str, str]:
        """What was proposed otherwise, by cell."""
        return {name: self.understood.get(name, "") for name in EDITED
                if self.understood.get(name, "") != self.row.typed[name]}  # fmt: skip


@bp.url_value_preprocessor
def take_large_forms(_endpoint, _values) -> None:
    """Let a file and hundreds of proposals through; before anything reads the form."""
    request.max_content_length = request.max_form_memory_size = (MOST_FILE_MIB + 1) * MIB
    request.max_form_parts = 50_000


@bp.get("")
@access(Access.DESK)
def show():
    parameters.only()
    places = cells.keeping()
    return _page(places, {"unit": places.usual})


@bp.post("")
@access(Access.DESK)
def take():
    """Read a text and show what it states; enter what was ticked once that is confirmed."""
    places = cells.keeping()
    about = {name: request.form.get(name, "").strip() for name in FIELDS}
    text, found, counted, left = None, [], None, []
    try:
        text, left = _text()
        found, counted = _proposed(text, about, places)
        if "confirm" not in request.form:
            return _page(places, about, text, found, counted, left=left)
        taken = [each for each in found if each.taken]
        if not taken:
            raise BadParameter("Tick the figures that are to be entered.", parameter="take")
        if any(each.row.problems for each in taken):
            return _page(places, about, text, found, counted, left=left)
        with writing() as s:
            done = reported.enter(
                s, [each.row.figure for each in taken], way="document", by=desk.by(), key=desk.submission_key(),
                text=text,
            )  # fmt: skip
    except BadRows as error:
        cells.check([each.row for each in taken], error.problems, places)
        return _page(places, about, text, found, counted, left=left)
    except GisError as error:
        return _page(places, about, text, found, counted, error, left)
    flash(ngettext("%(num)s figure is entered.", "%(num)s figures are entered.", len(done.result["figures"])))
    return redirect(url_for("figures.show", source=about["report"] or None, sort="-entered"))


def report_of(file: GivenFile) -> "ReportText":
    """Give the text of a file, and what was left out of it. The libraries load with the first one."""
    from gis import reportfile

    return file.read(reportfile.read, file.name)


LEFT_OUT_KINDS = {
    "struck": lazy_gettext("struck text"),
    "hidden": lazy_gettext("hidden text"),
    "deleted": lazy_gettext("deleted under tracked changes"),
    "comment": lazy_gettext("comment"),
    "margin": lazy_gettext("head or foot of pages"),
}


def stated_in(text: str, **about) -> tuple[list[Proposal], unread.Unread]:
    """Read the figures a text states, and account for its numbers: a text, too, can be made to take without end."""
    return guard.read(partial(unread.read, **about), text, parameter="pasted")


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="figures.read")


def _text() -> tuple[GivenText, Sequence[tuple[str, str]]]:
    """Give the text that was sent: as a file, pasted, or (signed) as it was read before; and what was left out of it.

    What was left out comes by kind and text.
    """
    left: Sequence[tuple[str, str]] = ()
    if read_before := request.form.get("read"):
        try:
            kept = _signer().loads(read_before)
            left = kept.pop("left_out", ())
            return GivenText(**kept), left
        except (BadData, TypeError, AttributeError):
            raise BadParameter("The text was changed on the way: read it again.", parameter="pasted") from None
    sent, pasted = uploads.sent(REPORTS), request.form.get("pasted", "").replace("\r\n", "\n").strip()
    if sent:
        report = report_of(sent)
        left = [(each.kind, each.text) for each in report.left_out]
        text = GivenText(report.text, sha256(sent.content).hexdigest(), sent.name)
    elif pasted and len(pasted) <= MOST_LETTERS:
        looked = letters.decoded(pasted.encode("utf-8", "replace"))
        if looked.was:
            flash(gettext("The text was in %(was)s and was converted to Unicode.", was=looked.was))
        text = GivenText.pasted(looked.text)
    elif pasted:
        text = GivenText.pasted(pasted)
    else:
        raise BadParameter("Choose a file, or paste the text.", parameter="pasted")
    if "\0" in text.body:
        raise BadParameter("“%(name)s” holds a character that cannot be read.", parameter="pasted", name="text")
    if len(text.body) > MOST_LETTERS:
        raise BadParameter("The text is longer than %(most)s letters: send it in parts.", parameter="pasted",
                           most=MOST_LETTERS)  # fmt: skip
    return text, left


def _proposed(text: GivenText, about: dict[str, str], places: Places) -> tuple[list[Proposed], unread.Unread]:
    """Read the proposals of a text, with what was typed into their cells and what speaks against each."""
    for name in ("report", "unit"):
        if not about[name]:
            raise BadParameter("“%(name)s” must be given.", parameter=name, name=cells.label(name))
    unit = places.unit(about["unit"])
    since, upto = (entry.day(name, about[name]) for name in ("from_on", "to_on"))
    proposals, counted = stated_in(
        text.body, projects=[KnownProject(each.code, each.name) for each in places.projects.values()],
        unit=places.units[unit].name if unit in places.units else None, from_on=since, to_on=upto,
    )  # fmt: skip
    again = "read" in request.form and "confirm" in request.form
    found = [_one(number, each, about, text, places, again) for number, each in enumerate(proposals, 1)]
    _known(found)
    rows = [each.row for each in found if each.taken] if again else [each.row for each in found]
    cells.check_all(rows, places, text)
    _against(found)
    if not again:
        for each in found:
            each.taken = not (each.doubts or each.known or each.against or each.row.problems)
    return found, counted


def _one(number: int, proposal: Proposal, about, text: GivenText, places: Places, again: bool) -> Proposed:
    understood = _understood(number, proposal, about)
    typed = dict(understood)
    if again:
        typed |= {name: request.form.get(f"{name}-{number}", "").strip() for name in EDITED}
    row = cells.read(typed, places)
    made = Proposed(
        number, proposal, understood, row, [gettext(doubt.message) % doubt.params for doubt in proposal.doubts],
        *_around(text.body, proposal),
        taken=again and str(number) in request.form.getlist("take"),
    )  # fmt: skip
    row.figure = replace(row.figure, quote=proposal.quote, start=proposal.start, proposed=made.changed)
    return made


def _around(body: str, proposal: Proposal) -> tuple[str, str]:
    """Give the words before and after a quote, with dots where more stands there."""
    since, upto = max(0, proposal.start - AROUND), proposal.end + AROUND
    before, after = body[since : proposal.start], body[proposal.end : upto]
    return f"…{before}" if since else before, f"{after}…" if upto < len(body) else after


def _shown(body: str, start: int, end: int) -> tuple[str, str, str]:
    """Give a number with a few words before and after it, on one line."""
    before, after = body[max(0, start - AROUND_NUMBER) : start], body[end : end + AROUND_NUMBER]
    return before.rpartition("\n")[2], body[start:end], after.partition("\n")[0]


def _understood(number: int, proposal: Proposal, about: dict[str, str]) -> dict[str, str]:
    """Write a proposal into cells. A line with the report's own id, such as R1:133, names report and place."""
    report, colon, line = (proposal.line or "").partition(":")
    made: dict[str, str | int | date | None] = {
        "mark": str(number), "report": report if colon else about["report"], "line": line if colon else proposal.line,
        "unit": about["unit"], "project": proposal.project, "indicator": proposal.indicator, "basis": proposal.basis,
        "from_on": proposal.from_on, "to_on": proposal.to_on, "period_basis": proposal.period_basis,
        "holder": proposal.holder, "part_of": None if proposal.part_of is None else str(proposal.part_of + 1),
        "quote": proposal.quote, **proposal.values,
    }  # fmt: skip
    return {name: cells.cell(made[name]) if made.get(name) is not None else "" for name in CELLS}


def _known(found: Sequence[Proposed]) -> None:
    """Say which are there already; parts of a figure that is there are parts of that one."""
    readable = [each for each in found if not each.row.problems]
    for each, names in zip(readable, reported.known(session(), [one.row.figure for one in readable]), strict=True):
        each.known = names
    there = {str(each.number): each.known[0] for each in found if each.known and not each.taken}
    for each in found:
        figure = each.row.figure
        if figure.part_of in there:
            each.row.figure = replace(figure, part_of=there[figure.part_of])


def _against(found: Sequence[Proposed]) -> None:
    """Say what each would contradict, were all entered that are not there yet."""
    new = [each for each in found if not each.row.problems and not each.known]
    figures = [each.row.figure for each in new]
    names = {f"+{n}": gettext("proposal %(number)s", number=each.number) for n, each in enumerate(new, 1)}
    for each, conflicts in zip(new, reported.conflicts(session(), figures), strict=True):
        each.against = [cells.told(one, names) for one in conflicts]
    for each in new[reported.MOST_COMPARED :][:1]:
        each.against.append(user_message(reported.NOT_COMPARED))


def _page(
    places: Places, about: dict, text: GivenText | None = None, found: Sequence[Proposed] = (),
    counted: unread.Unread | None = None, error: GisError | None = None, left: Sequence[tuple[str, str]] = (),
) -> Response:  # fmt: skip
    signed = None
    if text and found:
        signed = _signer().dumps({"body": text.body, "sha256": text.sha256, "file_name": text.file_name,
                                  "left_out": list(left)})  # fmt: skip
        kept_forms.holds(read=signed)
    wrong = [each for each in found if each.taken and each.row.problems]
    response = desk.page(
        "figures/read.html", None, error, about=about, text=text, found=found, signed=signed, edited=EDITED,
        counted=counted, left_out=left, left_out_kinds=LEFT_OUT_KINDS,
        not_understood=[_shown(text.body, *place) for place in counted.left] if counted else [],
        values=VALUES, choices=cells.choices(places), projects=places.projects, said_of=user_message, wrong=wrong,
        key=request.form.get("key") or token_urlsafe(),
    )  # fmt: skip
    if wrong and response.status_code == 200 and "confirm" in request.form:
        response.status_code = 422
    return response
