"""Templates checked and filled in a child process with limits: a workbook of five kilobytes can name a million cells.

What belongs to the request, the language and the report, goes with the call; texts are written there as here.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask_babel import Babel, force_locale, get_locale

from gis.intake.given import GivenFile
from gis.report import Report
from webmap.config import ROOT
from webmap.reports import fill
from webmap.reports.content import Laid
from webmap.reports.fields import Fields, Values


def check(content: bytes, kind: str, codes: frozenset[str]) -> list[str]:
    """Check a template as `fill.check`, and give the fields in it.

    Raises
    ------
    BadRows
        With every `fill.Problem`, in the language of the request.
    UnreadableFile
    """
    return GivenFile(content, kind).read(_check, kind, codes, str(get_locale()))


def filled(content: bytes, kind: str, codes: frozenset[str], built: Report, laid: Laid) -> fill.Filled:
    """Fill a template as `fill.fill` for a report, in the language of the request.

    Raises
    ------
    BadRows, UnreadableFile
    """
    return GivenFile(content, kind).read(_fill, kind, codes, built, laid, str(get_locale()))


def _check(content: bytes, kind: str, codes: frozenset[str], language: str) -> list[str]:
    with _speaking(language):
        return fill.check(content, kind, Fields(codes))


def _fill(
    content: bytes, kind: str, codes: frozenset[str], built: Report, laid: Laid, language: str
) -> fill.Filled:  # fmt: skip
    with _speaking(language):
        return fill.fill(content, kind, Fields(codes), Values(built, laid))


@contextmanager
def _speaking(language: str) -> Iterator[None]:
    app = Flask("webmap", root_path=str(ROOT / "webmap"))
    Babel(app, default_timezone="Asia/Ho_Chi_Minh", default_locale=language)
    with app.app_context(), force_locale(language):
        yield
