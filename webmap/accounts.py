"""Signing in, one's own account, and the administrator's list of people: pages over `gis/accounts.py`.

Flask-Security keeps who is signed in, hashes passwords (argon2) and checks the codes of the second factor; its own
pages are not used, because throttling, one-time links without e-mail and both languages have to hold on each of them.
"""

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import wraps

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    session,
    url_for,
)  # fmt: skip
from flask_babel import gettext, lazy_gettext, ngettext
from flask_login import current_user
from flask_security import RoleMixin, Security, UserMixin, hash_password, verify_password
from flask_security.datastore import UserDatastore
from flask_security.totp import Totp
from flask_security.utils import login_user
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from passlib.exc import UsedTokenError
from werkzeug.middleware.proxy_fix import ProxyFix

from gis import accounts, db
from gis import unit_choices as units_to_choose
from gis.access import Access
from gis.accounts import Account
from gis.errors import BadParameter, GisError, NotAllowed, NotFound, NotSignedIn, TooManyAttempts
from gis.progress import today
from gis.tokens import Token, listed
from webmap import config, kept_forms, known_devices, parameters, tokens, unit_choices
from webmap.auth import access, session_limits
from webmap.errors import STATUS, answer, answer_domain, user_message, wants_page
from webmap.i18n import LANGUAGES, here_again, within_site
from webmap.links import public

SECONDS_FOR_CODE = 300
"""How long after the password the code may be given."""
SECONDS_PER_CODE = 30
ROLES = {
    "administrator": lazy_gettext("administrator"),
    "officer": lazy_gettext("officer"),
    "leader": lazy_gettext("leader"),
    "investor": lazy_gettext("investor"),
}

bp = Blueprint("accounts", __name__)


class SignedIn(UserMixin):
    """Whom Flask-Security knows to be signed in."""

    fs_uniquifier = ""
    roles = ()

    def __init__(self, account: Account):
        self.account = account
        self.active = account.active
        self.fs_uniquifier = account.fs_uniquifier


class Accounts(UserDatastore):
    """Where Flask-Security finds who is signed in: by the session's secret, so that one signed out stays out."""

    def find_user(self, *, fs_uniquifier: str, **_) -> SignedIn | None:
        token = session.get("signed_in")
        if not token:
            return None
        g.account_unknown = True  # until it is found: a page about an error must not ask again
        with _writing() as found:
            idle, longest = session_limits(current_app)
            account = accounts.of_session(found, token, idle=idle, longest=longest)
        g.account_unknown = False
        return SignedIn(account) if account and account.fs_uniquifier == fs_uniquifier else None


class Codes(Totp):
    """Codes of the second factor, each taken once."""

    def get_last_counter(self, user: Account) -> int | None:
        return user.totp_counter

    def set_last_counter(self, user: Account, tmatch) -> None:
        with _writing() as found:
            if not accounts.use_code(found, user.id, tmatch.counter):
                raise UsedTokenError


def init_app(app: Flask) -> None:
    https = app.config["GPMB_HTTPS"] == "yes"
    if app.config["GPMB_BEHIND_PROXY"] == "yes":
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)
    app.config.update(
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_NAME="__Host-session" if https else "session",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],  # no pepper: passwords outlive a change of the secret key
        SECURITY_TWO_FACTOR=True,
        SECURITY_TWO_FACTOR_ENABLED_METHODS=["authenticator"],
        SECURITY_TOTP_SECRETS={"1": app.config["GPMB_SECRET_KEY"]},
        SECURITY_TOTP_ISSUER="Mặt Bằng",
        WTF_CSRF_CHECK_DEFAULT=False,  # checked below: a program that brings a token stands on no form
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
    )
    json = app.json
    csrf = CSRFProtect(app)
    app.before_request(lambda: (_needs_token() and csrf.protect()) or None)
    app.before_request(_set_up_first)
    security = Security(app, Accounts(SignedIn, RoleMixin), register_blueprint=False, totp_cls=Codes)
    security.principal.skip_static = True  # scripts and styles are nobody's
    # Who asks is known by the session, or by the token that webmap/tokens.py reads. Flask-Security would look for one
    # of its own in every body of JSON and address, and a body that is refused then broke the page that says so.
    app.login_manager.request_loader(lambda _request: None)
    app.json = json
    app.register_blueprint(bp)
    app.register_error_handler(CSRFError, _not_our_form)
    app.register_error_handler(NotSignedIn, _to_sign_in)
    app.jinja_env.globals.update(
        current_account=_account_for_page, role_name=lambda role: ROLES[role], session_ends=session_ends
    )


def current_account() -> Account | None:
    """Give who is signed in, with role and grants; None for everybody else."""
    if not has_request_context() or "_user_id" not in session:
        return None
    return current_user.account if current_user.is_authenticated else None


def _account_for_page() -> Account | None:
    return None if g.get("account_unknown") else current_account()


def administrator_only(view: Callable) -> Callable:
    """Refuse a view to everybody but administrators."""

    @wraps(view)
    def guarded(*words, **named):
        if _signed_in().role != "administrator":
            raise NotAllowed("You may not see this.")
        return view(*words, **named)

    return guarded


def _signed_in() -> Account:
    account = current_account()
    if account is None:
        raise NotSignedIn("Sign in to see this.")
    return account


def _writing() -> AbstractContextManager[db.Session]:
    return db.transaction(current_app.extensions["engine"])


def _needs_token() -> bool:
    """Tell whether a form's token is asked for: not of programs, nor of what this server kept itself."""
    return bool(request.endpoint) and tokens.secret_of(request) is None and kept_forms.again() is None


@bp.before_request
def _only_people() -> None:
    if tokens.secret_of(request) is not None:
        raise NotAllowed("A token does not open the pages of accounts.")


def _must_set_up(account: Account | None) -> bool:
    """Tell whether this account's role needs a second factor, and it has none yet."""
    needing = config.listed(current_app.config["GPMB_SECOND_FACTOR_ROLES"])
    elsewhere = "factor_elsewhere" in session  # signed in at the office's provider: its matter
    return account is not None and not elsewhere and account.totp_secret is None and account.role in needing


OPEN_BEFORE_FACTOR = ("accounts.confirm_second_factor", "accounts.sign_out", "i18n.choose", "health.healthz")


def _set_up_first() -> Response | None:
    """Lead who must set up a second factor to where that is done, whatever was asked for."""
    endpoint = request.endpoint or "static"
    if endpoint.endswith("static") or endpoint in OPEN_BEFORE_FACTOR or not _must_set_up(current_account()):
        return None
    if "new_factor" not in session:  # signed in before it was needed: the password comes first
        _close()
        flash(gettext("Your role needs a second factor. Sign in again to set it up."))
        return _to_sign_in(NotSignedIn("Sign in to see this."))
    if request.method == "GET" and wants_page():
        return redirect(url_for("accounts.confirm_second_factor"))
    return answer_domain(NotAllowed("Your role needs a second factor: set it up first."))


@bp.after_request
def _keep_nowhere(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


# -- refusals -----------------------------------------------------------------------------------------


def _to_sign_in(error: NotSignedIn) -> Response:
    """Bring a person who follows a link to the page to sign in; tell everything else 401."""
    by_token = tokens.secret_of(request) is not None
    page = wants_page() and "text/html" in request.headers.get("Accept", "")
    if request.method == "GET" and page and not by_token:
        return redirect(url_for("accounts.sign_in", next=kept_forms.sought() or request.full_path.rstrip("?")))
    if page and not by_token and (typist := kept_forms.typist()):
        return kept_forms.late(typist, "expired")
    response = answer_domain(error)
    wrong = ', error="invalid_token"' if by_token else ""
    response.headers["WWW-Authenticate"] = f'Bearer realm="mat-bang"{wrong}'
    return response


def _not_our_form(_error: CSRFError) -> Response:
    """Tell that a form is of another session; what was typed on a page of ours goes back to who typed it."""
    mine = current_account()
    if wants_page() and (typist := kept_forms.typist()):
        led = kept_forms.late(typist, "stale")
        if mine is None or mine.email == typist:
            return led
        said = gettext(
            "This form was opened under another account, and is kept for it. Nothing was recorded. Sign out, and sign "
            "in with that account to have it back."
        )
        return answer(400, "csrf", said)
    said = gettext("This form is out of date or does not come from this site. Load its page anew and send it again.")
    return answer(400, "csrf", said)


def _page(template: str, error: GisError | None = None, **shown) -> Response:
    """Show a page; with an error, beside what was filled in, and with the error's status."""
    problem = user_message(error) if error else None
    page = render_template(
        template, problem=problem, at_fault=error.parameter if error else None, here=here_again(), **shown
    )
    response = Response(page, STATUS[type(error)] if error else 200)
    if isinstance(error, TooManyAttempts):
        response.headers["Retry-After"] = str(60 * error.values["minutes"])
    return response


def _form(name: str, most: int = 400) -> str:
    value = request.form.get(name, "")
    if len(value) > most or "\0" in value:
        raise BadParameter("“%(name)s” holds a character that cannot be read.", parameter=name, name=name)
    return value


# -- signing in and out -------------------------------------------------------------------------------


NOBODYS_HASH = "$argon2id$v=19$m=65536,t=3,p=4$3huDECIkhPBey5mzViplDA$m7yeojoyybhqQh5GiMY+3Ssl9e/g3w9s8+e/CeUdIks"
"""What a password is compared with where there is no account: as much work, and never right."""


def prove(email: str, password: str) -> tuple[Account, int]:
    """Give the account whose password this is, and the number of the attempt.

    Raises
    ------
    TooManyAttempts
    NotSignedIn
        The same for a wrong password, an unknown address and a closed account.
    """
    with _writing() as writing:
        attempt = accounts.admit(writing, email, request.remote_addr or "", known_devices.of(email))
        account = accounts.find(writing, email)
    may = account is not None and account.active and account.password_hash
    right = verify_password(accounts.same_letters(password), account.password_hash if may else NOBODYS_HASH)
    if not (may and right):
        raise NotSignedIn("E-mail address or password is wrong.", parameter="password")
    return account, attempt


def _open(account: Account) -> None:
    """Sign in, in a session made anew: nothing of what the browser had before counts any more."""
    language = account.language or session.get("language")
    session.clear()
    g.pop("csrf_token", None)
    with _writing() as writing:
        accounts.forgive(writing, account.email, known_devices.of(account.email))
        session["signed_in"] = accounts.sign_in(writing, account.id, longest=session_limits(current_app)[1])
    session["begun"] = int(time.time())
    kept_forms.begin_token(account.id)
    known_devices.remember(account.email)
    login_user(SignedIn(account), remember=False)
    if _must_set_up(account):
        session["new_factor"] = current_app.extensions["security"]._totp_factory.generate_totp_secret()
    if language:
        session["language"] = language


def _close() -> None:
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language


@bp.route("/sign-in", methods=["GET", "POST"])
@access(Access.STATUS)
def sign_in():
    back = within_site(request.values.get("next", ""))
    if current_account():
        return redirect(back)
    error = None
    if request.method == "POST":
        try:
            account, attempt = prove(_form("email"), _form("password"))
        except (BadParameter, NotSignedIn, TooManyAttempts) as refused:
            error = refused
        else:
            if account.totp_secret is None:
                _open(account)
                return redirect(back)
            with _writing() as writing:
                accounts.withdraw(writing, attempt)
            session["asked_code"] = {"account": account.id, "until": time.time() + SECONDS_FOR_CODE, "next": back}
            return redirect(url_for("accounts.second_factor"))
    return _page(
        "accounts/sign_in.html", error, email=request.form.get("email", ""), back=back, kept=kept_forms.asked_in(back)
    )


@bp.route("/sign-in/code", methods=["GET", "POST"])
@access(Access.STATUS)
def second_factor():
    asked = session.get("asked_code")
    if not asked or asked["until"] < time.time():
        session.pop("asked_code", None)
        return redirect(url_for("accounts.sign_in"))
    error = None
    if request.method == "POST":
        try:
            with _writing() as writing:
                account = accounts.get(writing, asked["account"])
                accounts.admit(writing, account.email, request.remote_addr or "")
            if not account.active or account.totp_secret is None or not _right_code(account, account.totp_secret):
                raise NotSignedIn("This code is wrong or was used before. Wait for the next one.", parameter="code")
        except (BadParameter, NotSignedIn, TooManyAttempts) as refused:
            error = refused
        else:
            _open(account)
            return redirect(within_site(asked["next"]))
    return _page("accounts/code.html", error)


def _right_code(account: Account, secret: str) -> bool:
    codes = current_app.extensions["security"]._totp_factory
    code = "".join(_form("code", 20).split())
    return codes.verify_totp(token=code, totp_secret=secret, user=account, window=SECONDS_PER_CODE)


@bp.get("/session")
@access(Access.STATUS)
def stay():
    """Tell that somebody is signed in; asking counts as use, as any page does."""
    _signed_in()
    return {"signed_in": True}


def session_ends() -> dict[str, int] | None:
    """Tell who is signed in, after how many seconds without use that ends, and at which second of the clock at all (0:
    not known). Nothing in it changes from page to page: what is asked twice must answer the same, to the byte."""
    account = _account_for_page()
    if account is None:
        return None
    idle, longest = (int(limit.total_seconds()) for limit in session_limits(current_app))
    begun = session.get("begun")
    # How long it was not used is known to the minute alone: what is told must not come too late.
    unused = max(idle - int(accounts.SEEN_EVERY.total_seconds()), 1)
    return {"account": account.id, "idle": unused, "ends": begun + longest if begun else 0}


@bp.post("/sign-out")
@access(Access.STATUS)
def sign_out():
    if token := session.get("signed_in"):
        with _writing() as writing:
            accounts.sign_out(writing, token)
            kept_forms.forget(writing)
    _close()
    return redirect(url_for("accounts.sign_in"))


@bp.route("/set-password/<token>", methods=["GET", "POST"])
@access(Access.STATUS)
def set_password(token: str):
    """Set a password with a one-time link. Looking at it does not use it up: programs that check links look too."""
    if "\0" in token:
        raise NotFound("There is no such page.")
    with _writing() as writing:
        account = accounts.of_link(writing, token)
    error = None
    if request.method == "POST":
        try:
            chosen = hash_password(_new_password(account))
        except BadParameter as refused:
            error = refused
        else:
            with _writing() as writing:
                accounts.redeem(writing, token, chosen)
            _close()
            flash(gettext("The password is set. Sign in with it."))
            return redirect(url_for("accounts.sign_in"))
    return _page("accounts/set_password.html", error, account=account, least=accounts.SHORTEST_PASSWORD)


def _new_password(account: Account) -> str:
    password = accounts.check_password(_form("password"), (account.email, account.full_name))
    if accounts.same_letters(_form("again")) != password:
        raise BadParameter("The two passwords are not the same.", parameter="again")
    return password


# -- one's own account --------------------------------------------------------------------------------


@bp.get("/account")
@access(Access.STATUS)
def own():
    return _own_page()


def _own_page(error: GisError | None = None, part: str = "") -> Response:
    return _page(
        "accounts/own.html", error, part=part, account=_signed_in(), least=accounts.SHORTEST_PASSWORD,
        given=given_names([_signed_in()]), tokens=own_tokens(), filled=request.form,
    )  # fmt: skip


def own_tokens() -> list[Token]:
    """List the tokens of who is signed in."""
    with _writing() as found:
        return listed(found, account_id=_signed_in().id)


def _changing_own(part: str, said: str, work: Callable[[Account], Response | None]) -> Response:
    """Do work for who is signed in; go back to the page of the account, with what was done or what is wrong."""
    account = _signed_in()
    try:
        response = work(account)
    except (BadParameter, NotSignedIn, TooManyAttempts) as error:
        return _own_page(error, part)
    flash(said)
    return response or redirect(url_for("accounts.own"))


def _prove_again(account: Account) -> None:
    """Ask for the password once more: who finds a browser signed in must not be able to keep the account."""
    _, attempt = prove(account.email, _form("current"))
    with _writing() as writing:
        accounts.withdraw(writing, attempt)


@bp.post("/account")
@access(Access.STATUS)
def change_own():
    def work(account):
        with _writing() as writing:
            accounts.change(writing, account.id, full_name=_form("full_name"), language=_form("language"))
        session["language"] = _form("language")

    return _changing_own("name", gettext("Saved."), work)


@bp.post("/account/password")
@access(Access.STATUS)
def change_password():
    def work(account):
        _prove_again(account)
        chosen = hash_password(_new_password(account))
        with _writing() as writing:
            accounts.set_password(writing, account.id, chosen)
            renewed = accounts.get(writing, account.id)
            live = sum(token.state == "live" for token in listed(writing, account_id=account.id))
        _open(renewed)
        if live:
            flash(
                ngettext(
                    "%(num)s token of a program goes on working with your rights. Revoke it below if the password was "
                    "known to somebody else.",
                    "%(num)s tokens of programs go on working with your rights. Revoke them below if the password was "
                    "known to somebody else.",
                    live,
                )
            )

    return _changing_own(
        "password", gettext("The password is changed. Other browsers you were signed in with are signed out."), work
    )


@bp.post("/account/sign-out-everywhere")
@access(Access.STATUS)
def sign_out_everywhere():
    with _writing() as writing:
        accounts.sign_out_everywhere(writing, _signed_in().id)
    _close()
    flash(gettext("You are signed out everywhere."))
    return redirect(url_for("accounts.sign_in"))


@bp.post("/account/second-factor")
@access(Access.STATUS)
def begin_second_factor():
    account = _signed_in()
    try:
        _prove_again(account)
    except (BadParameter, NotSignedIn, TooManyAttempts) as error:
        return _own_page(error, "factor")
    session["new_factor"] = current_app.extensions["security"]._totp_factory.generate_totp_secret()
    return redirect(url_for("accounts.confirm_second_factor"))


@bp.route("/account/second-factor/confirm", methods=["GET", "POST"])
@access(Access.STATUS)
def confirm_second_factor():
    """Show the secret as a picture and as letters; it counts once a code made from it was given."""
    account, secret = _signed_in(), session.get("new_factor")
    if secret is None:
        return redirect(url_for("accounts.own"))
    error = None
    if request.method == "POST":
        try:
            if not _right_code(account, secret):
                raise BadParameter(
                    "This code is wrong. Check the clock of the phone and try the next one.", parameter="code"
                )
        except BadParameter as refused:
            error = refused
        else:
            with _writing() as writing:
                accounts.set_second_factor(writing, account.id, secret)
            session.pop("new_factor")
            flash(gettext("From now on signing in asks for a code of the app too."))
            return redirect(url_for("accounts.own"))
    codes = current_app.extensions["security"]._totp_factory
    return _page(
        "accounts/second_factor.html", error,
        picture=codes.generate_qrcode(account.email, secret), letters=codes.get_totp_pretty_key(secret),
        needed=_must_set_up(account),
    )  # fmt: skip


@bp.post("/account/second-factor/remove")
@access(Access.STATUS)
def remove_second_factor():
    def work(account):
        _prove_again(account)
        with _writing() as writing:
            accounts.set_second_factor(writing, account.id, None)

    return _changing_own("factor", gettext("Signing in asks for the password only."), work)


# -- the administrator's pages ------------------------------------------------------------------------


def given_names(listed: Iterable[Account]) -> dict[int, list[str]]:
    """Give, by account, the names of the projects and units given to it."""
    listed = list(listed)
    given = {project_id for account in listed for project_id in account.project_ids}
    with _writing() as found:
        projects = {thing.id: thing.name for thing in accounts.grantable_projects(found, given)}
        units = {choice.id: unit_choices.label(choice) for choice in units_to_choose.choices(found, today())}
    return {
        account.id: sorted(units[n] for n in account.unit_ids) + sorted(projects[n] for n in account.project_ids)
        for account in listed
    }


@bp.get("/people")
@access(Access.STATUS)
@administrator_only
def people():
    parameters.only("q", "role", "active", "sort")
    words, role, state = (request.args.get(name, "") for name in ("q", "role", "active"))
    if state not in ("", "yes", "no"):
        raise BadParameter("“%(value)s” is none of %(choices)s.", parameter="active", value=state, choices="yes, no")
    sort = request.args.get("sort") or "name"
    with _writing() as found:
        listed = accounts.people(
            found, words=words, role=role or None, active={"yes": True, "no": False}.get(state), sort=sort
        )
    shown = {"q": words, "role": role, "active": state, "sort": sort}
    return _page("accounts/people.html", listed=listed, shown=shown, roles=ROLES, given=given_names(listed))


@bp.route("/people/invite", methods=["GET", "POST"])
@access(Access.STATUS)
@administrator_only
def invite():
    error = None
    if request.method == "POST":
        try:
            with _writing() as writing:
                account = accounts.invite(
                    writing, email=_form("email"), full_name=_form("full_name"), role=_form("role"),
                    projects=request.form.getlist("project"), units=request.form.getlist("unit"),
                    language=_form("language"),
                )  # fmt: skip
                token = accounts.make_link(writing, account.id)
            kept_forms.recorded()
            return _handed_over(account, token)
        except BadParameter as refused:
            error = refused
    return _person_page(error, None)


def _person_page(error: GisError | None, account: Account | None) -> Response:
    with _writing() as found:
        projects = accounts.grantable_projects(found, account.project_ids if account else ())
        units = units_to_choose.choices(found, today())
        became = units_to_choose.successions(found, account.unit_ids, today()) if account else []
    chosen = {
        "projects": {thing.key for thing in projects if account and thing.id in account.project_ids},
        "units": {choice.slug for choice in units if account and choice.id in account.unit_ids},
    }
    filled = {name: getattr(account, name, "") or "" for name in ("email", "full_name", "role", "language")}
    filled["active"] = account is None or account.active
    if error:  # what was written stays on the page
        filled |= {name: request.form.get(name, filled[name]) for name in ("email", "full_name", "role", "language")}
        filled["active"] = account is None or "active" in request.form
        chosen = {"projects": set(request.form.getlist("project")), "units": set(request.form.getlist("unit"))}
    projects.sort(key=lambda thing: thing.key not in chosen["projects"])  # what is given stands first
    units.sort(key=lambda choice: choice.slug not in chosen["units"])
    return _page(
        "accounts/person.html", error, account=account, filled=filled, chosen=chosen, roles=ROLES, names=LANGUAGES,
        projects=[(thing.key, thing.name) for thing in projects], became=became,
        units=[(choice.slug, unit_choices.label(choice)) for choice in units],
    )  # fmt: skip


def _handed_over(account: Account, token: str) -> Response:
    """Show a link once: it is to be handed over, and nobody can read it again."""
    address = public("accounts.set_password", token=token)
    return _page("accounts/link.html", account=account, address=address, days=accounts.LINK_LIFE.days)


@bp.route("/people/<int:number>", methods=["GET", "POST"])
@access(Access.STATUS)
@administrator_only
def person(number: int):
    with _writing() as found:
        account = _account_of(found, number)
    error = None
    if request.method == "POST":
        try:
            with _writing() as writing:
                accounts.change(
                    writing, number, full_name=_form("full_name"), role=_form("role"), active="active" in request.form
                )
                accounts.give(
                    writing, number, projects=request.form.getlist("project"), units=request.form.getlist("unit")
                )
            kept_forms.recorded()
            flash(gettext("Saved."))
            return redirect(url_for("accounts.people"))
        except (BadParameter, NotAllowed) as refused:
            error = refused
    return _person_page(error, account)


@bp.post("/people/<int:number>/link")
@access(Access.STATUS)
@administrator_only
def new_link(number: int):
    with _writing() as writing:
        account = _account_of(writing, number)
        token = accounts.make_link(writing, number)
    return _handed_over(account, token)


@bp.post("/people/<int:number>/second-factor/remove")
@access(Access.STATUS)
@administrator_only
def remove_second_factor_of(number: int):
    """Let somebody whose phone is lost in with the password alone; they can set up another one."""
    with _writing() as writing:
        account = _account_of(writing, number)
        accounts.set_second_factor(writing, number, None)
        accounts.sign_out_everywhere(writing, number)
    flash(gettext("Signing in asks %(name)s for the password only.", name=account.full_name))
    return redirect(url_for("accounts.person", number=number))


def _account_of(found: db.Session, number: int) -> Account:
    if number > 2**63 - 1:
        abort(404)
    return accounts.get(found, number)
