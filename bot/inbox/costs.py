"""Costs: what the month's messages cost, what is still to come, and what is given up, for everybody on the staff."""

from __future__ import annotations

from datetime import date

from flask import abort, render_template, request

from bot.inbox.guard import pages
from bot.prices import rupiah
from bot.services import current_services
from clinic.costs import ONE_DAY, first_of_month, last_of_month
from clinic.kept_visits import DAYS_AFTER_REMINDER
from clinic.month_costs import MonthCosts, read_month


@pages.get("/costs")
def show_costs() -> str:
    """This month, or another one: ?month=2026-10."""
    services = current_services()
    now = services.clock()
    today = services.facility.today(now)
    month = _month(request.args.get("month")) or first_of_month(today)
    with services.database.reading() as db:
        seen = read_month(db, services.facility, month, now=now)
    following = last_of_month(month) + ONE_DAY
    return render_template(
        "inbox/costs.html",
        seen=seen,
        today=today,
        dearest=_dearest(seen),
        before=first_of_month(month - ONE_DAY),
        after=following if following <= today else None,
        days_after=DAYS_AFTER_REMINDER,
        rupiah=rupiah,
    )


def _month(asked: str | None) -> date | None:
    """The first day of a month written as 2026-11; whatever else was asked for is not there."""
    if asked is None:
        return None
    try:
        month = date.fromisoformat(f"{asked}-01")
    except ValueError:
        abort(404)
    return month if 2000 <= month.year < 2200 else abort(404)


def _dearest(seen: MonthCosts) -> int:
    """What the longest bar stands for; 1 where nothing was spent, as a bar needs some length."""
    return max((day.amount.cost for day in seen.days), default=0) or 1
