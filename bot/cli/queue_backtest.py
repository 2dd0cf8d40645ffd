"""`sapa queue backtest`: how often the estimated range held what came true, replayed from the recorded days."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from bot.cli.opening import json_option, now_option, open_services, print_rows
from clinic.facility import Facility
from clinic.queue_replay import guesses_on, recorded_days
from clinic.queue_scores import Score, scores_of

FEW = 30


@click.command()
@click.option(
    "--days", type=click.IntRange(1, 366), default=28, show_default=True, help="How many days back from today."
)
@now_option
@json_option
def backtest(days: int, now: datetime | None, as_json: bool) -> None:
    """Make the estimates of recorded days again, from what was known then, and compare with the calls that followed.

    `inside` should be near 80 percent. Changes nothing and shows nobody's name.
    """
    services = open_services(now=now)
    facility = services.facility
    today = facility.today(services.clock())
    with services.database.reading() as db:
        recorded = recorded_days(db, facility, until=today, days=days)
        guesses = [guess for each in recorded for guess in guesses_on(each, facility)]
    print_rows([_as_row(score, facility, as_json=as_json) for score in scores_of(guesses)], as_json=as_json)
    if not guesses and not as_json:
        click.echo("No recorded day: nobody was called in that time.")


def _as_row(score: Score, facility: Facility, *, as_json: bool) -> dict[str, Any]:
    poli = facility.poli(score.poli)
    share = (
        round(score.inside, 3) if as_json else f"{100 * score.inside:.0f} %" + (" (few)" if score.count < FEW else "")
    )
    return {
        "poli": score.poli if as_json or poli is None else poli.name,
        "moment": score.moment,
        "count": score.count,
        "inside": share,
        "earlier": round(score.earlier, 3) if as_json else f"{100 * score.earlier:.0f} %",
        "width_minutes": round(score.width, 1) if as_json else f"{score.width:.0f}",
        "median_error_minutes": round(score.error, 1) if as_json else f"{score.error:.0f}",
    }
