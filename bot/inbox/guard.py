"""The inbox's door: every page behind it needs a login unless it is named here."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.inbox.session import end, find_staff
from bot.services import current_services

pages = Blueprint("inbox", __name__, url_prefix="/inbox")

OPEN_PAGES = frozenset({"inbox.login"})
LIVE_PAGES = frozenset(
    {"inbox.live_list", "inbox.live_conversation", "inbox.live_queue", "inbox.live_room", "inbox.count_letters"}
)
"""Parts that the browser asks for by itself: asking for them is not being there."""


@pages.before_request
def _require_login() -> AnyResponse | None:
    g.staff = find_staff(current_services().clock(), is_live=request.endpoint in LIVE_PAGES)
    if g.staff is not None or request.endpoint in OPEN_PAGES:
        return None
    was_in = "staff" in session
    end()
    address = url_for("inbox.login", next=_way_back(), ended=1 if was_in else None)
    if "HX-Request" in request.headers:
        return Response(status=401, headers={"HX-Redirect": address})
    return redirect(address)


def _way_back() -> str | None:
    """Where to go after the login: a page, never a form that was sent or a part of a page."""
    if request.method != "GET" or request.endpoint in LIVE_PAGES:
        return None
    return request.full_path.rstrip("?")
