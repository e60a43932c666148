"""Vietnamese first, English second: which language a reader gets, and how numbers and days are written."""

from datetime import date, datetime
from decimal import Decimal

from flask import Blueprint, Flask, current_app, redirect, request, session, url_for
from flask_babel import Babel, format_decimal, get_locale

from gis.access import Access
from gis.errors import NotFound
from gis.progress import VIETNAM_TIME
from webmap.auth import access

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
bp = Blueprint("i18n", __name__)


def init_app(app: Flask) -> None:
    Babel(app, locale_selector=_language, default_timezone="Asia/Ho_Chi_Minh", default_locale="vi")
    app.register_blueprint(bp)
    app.jinja_env.filters.update(
        typed_day=typed_day, area=area, count=count, day=day, percent=percent, money=money, gain=gain, moment=moment
    )
    app.context_processor(lambda: {"languages": LANGUAGES, "language": str(get_locale())})


def _language() -> str:
    asked = request.args.get("lang") if request else None
    if asked in LANGUAGES:
        return asked
    kept = session.get("language") if request else None
    if kept in LANGUAGES:
        return kept
    if request and (request.path.startswith("/api/") or request.path.startswith("/tiles/")):
        return request.accept_languages.best_match(LANGUAGES) or current_app.config["GPMB_LANGUAGE"]
    return current_app.config["GPMB_LANGUAGE"]


@bp.get("/language/<code>")
@access(Access.STATUS)
def choose(code: str):
    """Keep a language and go back to the page one came from (only ever within this site)."""
    if code not in LANGUAGES:
        raise NotFound("There is no such page.")
    session["language"] = code
    return redirect(within_site(request.args.get("next", "")))


def within_site(address: str) -> str:
    """Give an address to go back to if it lies within this site, else the map's."""
    inside = address.startswith("/") and address.isprintable() and not address.replace("\\", "/").startswith("//")
    return address if inside else url_for("map.show")


def here_again() -> str:
    """Where the choice of language comes back to: a page that takes GET."""
    from webmap import kept_forms  # which stands on this module

    if shown := kept_forms.sought():
        return shown
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


MISSING = "–"


def area(value: Decimal | None) -> str:
    """Write m² to 0.01 the reader's way (`6.257,67`), without empty decimals; a dash where nothing is known."""
    return MISSING if value is None else format_decimal(value, format="#,##0.##")


def count(value: int | None) -> str:
    """Write a whole number the reader's way."""
    return MISSING if value is None else format_decimal(value, format="#,##0")


def gain(value: Decimal | int | None) -> str:
    """Write what was added, such as `+6.257,67`; what was taken away keeps its minus."""
    return MISSING if value is None else format_decimal(value, format="+#,##0.##;-#,##0.##") if value else "0"


def money(value: Decimal | None) -> str:
    """Write whole VND."""
    return MISSING if value is None else format_decimal(value, format="#,##0") + " ₫"


def percent(part: Decimal | None, whole: Decimal | None) -> str:
    """Write a share, rounded once, from the two sums; a dash where there is no whole."""
    if part is None or not whole:
        return MISSING
    return format_decimal(Decimal(part) * 100 / Decimal(whole), format="#,##0.0") + " %"


def day(value: date | str | None) -> str:
    """Write a day (an ISO day too) as `24/10/2022`, the way both languages' readers here expect it."""
    if isinstance(value, str):
        value = date.fromisoformat(value)
    return MISSING if value is None else value.strftime("%d/%m/%Y")


def typed_day(value: date | str | None) -> str:
    """Write a day into an input as people type it, `24/10/2022`; what is no day stays as it was typed."""
    from webmap import entry  # which reads what is typed

    return day(value) if isinstance(value, date) else entry.as_typed(value)


def moment(value: datetime) -> str:
    """Write a moment as `24/10/2022 17:05`, in Vietnamese time."""
    return value.astimezone(VIETNAM_TIME).strftime("%d/%m/%Y %H:%M")
