"""Login: coming in, going out, on one device or on all, and changing one's own password."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response as AnyResponse

from bot.inbox.guard import pages
from bot.inbox.session import begin, end, logged_in
from bot.security import limiter
from bot.services import current_services
from clinic.audit import record
from clinic.staff import StaffView, change_password, end_sessions, verify_login

PER_ADDRESS = "20 per 15 minutes"
PER_NAME = "8 per 15 minutes"
MIN_PASSWORD = 10
MAX_PASSWORD = 200


def _user_name() -> str:
    return "name:" + request.form.get("username", "").strip().casefold()[:60]


def _own_id() -> str:
    return f"staff:{logged_in().id}"


def _failed(response: Response) -> bool:
    return response.status_code == 401


@pages.route("/login", methods=["GET", "POST"])
@limiter.limit(PER_ADDRESS, key_func=get_remote_address, methods=["POST"], deduct_when=_failed)
@limiter.limit(PER_NAME, key_func=_user_name, methods=["POST"], deduct_when=_failed)
def login() -> AnyResponse | str | tuple[str, int]:
    """Ask for user name and password; a wrong one of either reads the same."""
    if g.staff is not None:
        return redirect(url_for("inbox.list_cases"))
    if request.method == "GET":
        return render_template("inbox/login.html", failed=False, ended="ended" in request.args)
    staff = _check_password()
    if staff is None:
        return render_template("inbox/login.html", failed=True, ended=False), 401
    begin(staff, current_services().clock())
    return redirect(_safe_target(request.form.get("next", "")))


@pages.post("/logout")
def logout() -> AnyResponse:
    """Leave on this device, or everywhere when the form says so."""
    services, staff = current_services(), logged_in()
    everywhere = "everywhere" in request.form
    with services.database.transaction() as db:
        if everywhere:
            end_sessions(db, staff.id)
        action = "logout_everywhere" if everywhere else "logout"
        record(db, actor=f"staff:{staff.id}", action=action, subject=f"staff:{staff.id}", now=services.clock())
    end()
    flash("logged_out")
    return redirect(url_for("inbox.login"))


@pages.get("/account")
def account() -> str:
    """One's own page: change the password, leave everywhere."""
    return render_template("inbox/account.html", problem=None, min_password=MIN_PASSWORD)


@pages.post("/account/password")
@limiter.limit(PER_NAME, key_func=_own_id, deduct_when=_failed)
def set_password() -> AnyResponse | tuple[str, int]:
    """Change the own password; every other session of this person ends."""
    services, staff = current_services(), logged_in()
    old, new = request.form.get("old", ""), request.form.get("new", "")
    problem = _password_problem(new, again=request.form.get("again", ""))
    if problem is not None:
        return _account_page(problem), 400
    now = services.clock()
    with services.database.transaction() as db:
        changed = change_password(db, staff.id, old=old, new=new)
        action = "password_changed" if changed else "password_refused"
        record(db, actor=f"staff:{staff.id}", action=action, subject=f"staff:{staff.id}", now=now)
    if changed is None:
        return _account_page("wrong"), 401
    begin(changed, now)
    flash("password_changed")
    return redirect(url_for("inbox.account"))


def _account_page(problem: str) -> str:
    return render_template("inbox/account.html", problem=problem, min_password=MIN_PASSWORD)


def _check_password() -> StaffView | None:
    services = current_services()
    name = request.form.get("username", "").strip()[:60]
    password = request.form.get("password", "")[:MAX_PASSWORD]
    now = services.clock()
    with services.database.transaction() as db:
        staff = verify_login(db, username=name, password=password, now=now)
        actor = f"staff:{staff.id}" if staff else "unknown"
        action = "login" if staff else "login_failed"
        record(db, actor=actor, action=action, subject=actor, now=now)
    return staff


def _password_problem(new: str, *, again: str) -> str | None:
    if len(new) < MIN_PASSWORD:
        return "short"
    if len(new) > MAX_PASSWORD:
        return "long"
    return None if new == again else "differs"


def _safe_target(target: str) -> str:
    """Where the login leads: a page of the inbox, whatever the form says."""
    parts = urlsplit(target)
    is_ours = not parts.scheme and not parts.netloc and target.startswith("/inbox") and "\\" not in target
    return target if is_ours else url_for("inbox.list_cases")
