"""`sapa costs`: what a month's messages cost, by route, kind and template, and what the budget does about it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import click

from bot.cli.opening import json_option, now_option, open_services, print_json, print_rows
from bot.prices import HUNDREDTHS, rupiah
from clinic.costs import Amount
from clinic.month_costs import Groups, MonthCosts, read_month

NOT_KNOWN = "not known"
UNKNOWN = "unknown"
"""The route of messages that left before routes were kept."""


@click.command()
@click.option("--month", type=click.DateTime(["%Y-%m"]), help="Such as 2026-11; else this month.")
@now_option
@json_option
def costs(month: datetime | None, now: datetime | None, as_json: bool) -> None:
    """What was spent in a month, what is still to come, and what one kept visit cost."""
    services = open_services(now=now)
    now = services.clock()
    day = month.date() if month is not None else services.facility.today(now)
    with services.database.reading() as db:
        seen = read_month(db, services.facility, day, now=now)
    if as_json:
        print_json(_as_json(seen))
        return
    _print_table(_summary(seen))
    for title, groups in (("route", seen.by_route), ("kind", seen.by_kind), ("template", seen.by_template)):
        if groups:
            click.echo()
            print_rows([_as_row(title, name, amount) for name, amount in groups], as_json=False)


def _print_table(lines: Iterable[tuple[str, str]]) -> None:
    for name, said in lines:
        click.echo(f"{name:<18}{said}")


def _summary(seen: MonthCosts) -> Iterable[tuple[str, str]]:
    yield "month", f"{seen.first:%Y-%m}"
    yield (
        "spent",
        f"{rupiah(seen.amount.cost)} for {seen.amount.messages} messages ({seen.amount.segments} SMS segments)",
    )
    if seen.amount.unpriced:
        by_route = ", ".join(f"{amount.unpriced} by {name or UNKNOWN}" for name, amount in seen.unpriced)
        yield "price not known", f"{by_route}: counted as nothing"
    if seen.rest is not None and not seen.rest.days:
        yield "forecast", f"{NOT_KNOWN} yet: no whole day of messages"
    elif seen.rest is not None:
        low, expected, high = (
            rupiah(seen.amount.cost + rest) for rest in (seen.rest.low, seen.rest.expected, seen.rest.high)
        )
        doubt = f"; uncertain, from {seen.rest.days} days only" if seen.rest.is_uncertain else ""
        yield "forecast", f"{expected} at the end of the month ({low} to {high}{doubt})"
    yield "budget", _budget_in_words(seen)
    yield "given up now", ", ".join(seen.given_up) or "nothing"
    if seen.dropped:
        yield "not sent", ", ".join(f"{count} {kind}" for kind, count in sorted(seen.dropped.items()))
    kept = seen.kept
    yield "kept visits", f"{kept.in_all}: {kept.by_queue} by number, {kept.after_reminder} after a reminder"
    yield "per kept visit", rupiah(seen.per_visit) if seen.per_visit is not None else NOT_KNOWN


def _budget_in_words(seen: MonthCosts) -> str:
    if seen.monthly is None or seen.left is None:
        return "none: without limit"
    return f"{rupiah(seen.monthly)}, {seen.percent}% spent, {rupiah(seen.left)} left"


def _as_row(title: str, name: str, amount: Amount) -> dict[str, Any]:
    return {
        title: name or UNKNOWN,
        "messages": amount.messages,
        "segments": amount.segments,
        "cost": rupiah(amount.cost),
        "unpriced": amount.unpriced,
    }


def _as_json(seen: MonthCosts) -> dict[str, Any]:
    """Money in rupiah."""
    rest = seen.rest
    return {
        "month": f"{seen.first:%Y-%m}",
        **_amount(seen.amount),
        "forecast": None
        if rest is None
        else {
            "expected": _money(seen.amount.cost + rest.expected),
            "low": _money(seen.amount.cost + rest.low),
            "high": _money(seen.amount.cost + rest.high),
            "days": rest.days,
            "is_uncertain": rest.is_uncertain,
        },
        "budget": _money(seen.monthly),
        "left": _money(seen.left),
        "percent": seen.percent,
        "given_up": list(seen.given_up),
        "not_sent": dict(seen.dropped),
        "by_route": _groups(seen.by_route),
        "by_kind": _groups(seen.by_kind),
        "by_template": _groups(seen.by_template),
        "by_day": {day.day.isoformat(): _amount(day.amount) for day in seen.days},
        "kept_visits": {
            "in_all": seen.kept.in_all,
            "by_queue": seen.kept.by_queue,
            "after_reminder": seen.kept.after_reminder,
        },
        "per_kept_visit": _money(seen.per_visit),
    }


def _groups(groups: Groups) -> dict[str, dict[str, Any]]:
    return {name or UNKNOWN: _amount(amount) for name, amount in groups}


def _amount(amount: Amount) -> dict[str, Any]:
    return {
        "messages": amount.messages,
        "segments": amount.segments,
        "cost": _money(amount.cost),
        "price_not_known": amount.unpriced,
    }


def _money(hundredths: int | None) -> float | None:
    return None if hundredths is None else hundredths / HUNDREDTHS
