"""Words of the pages: times in the health centre's zone and masked addresses, as templates need them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from flask import Flask
from markupsafe import Markup, escape

from bot.channels.refusals import rule_for
from bot.channels.segments import Segments, count_segments
from bot.services import current_services
from clinic.identity import mask

MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")

BOLD = re.compile(r"(?<!\w)\*(\S(?:[^*\n]*\S)?)\*(?!\w)")


def teach(app: Flask) -> None:
    """Give the templates our filters and the values that every page shows."""
    app.add_template_filter(clock_time)
    app.add_template_filter(when)
    app.add_template_filter(long_day)
    app.add_template_filter(hours_left)
    app.add_template_filter(mask, "masked")
    app.add_template_filter(_segments, "segments")
    app.add_template_filter(own_path)
    app.add_template_filter(refusal_reason)
    app.add_template_filter(whatsapp_bold)
    app.context_processor(_always)


def clock_time(moment: datetime) -> str:
    """The time of day in the centre's zone: "09.41"."""
    return moment.astimezone(current_services().facility.zone).strftime("%H.%M")


def when(moment: datetime) -> str:
    """The time, with the day in front when it is not today: "21 Nov 09.41"."""
    services = current_services()
    local = moment.astimezone(services.facility.zone)
    today = services.facility.today(services.clock())
    if local.date() == today:
        return clock_time(moment)
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.day} {MONTHS[local.month - 1]}{year} {clock_time(moment)}"


def long_day(day: date) -> str:
    """A day with its name: "Senin 23 Nov 2026"."""
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def hours_left(moment: datetime) -> float:
    """Hours until then; negative when it is past."""
    return (moment - current_services().clock()) / timedelta(hours=1)


def own_path(address: str) -> str | None:
    """The path of an address of ours, so that a page shows it from where it was loaded itself; None for others."""
    base = current_services().settings.public_url
    return address[len(base) :] if address.startswith(f"{base}/") else None


def refusal_reason(code: str | None) -> str:
    """Why a message did not arrive and what to do, in a sentence for staff."""
    return rule_for(code).reason


def whatsapp_bold(text: str) -> Markup:
    """The text as WhatsApp shows it: *this* is bold; everything else is plain text, whatever it looks like."""
    return Markup(BOLD.sub(r"<strong>\1</strong>", str(escape(text))))  # noqa: S704 - escaped just before


def _segments(text: str) -> Segments:
    return count_segments(text)


def _always() -> dict[str, object]:
    services = current_services()
    return {"facility": services.facility, "is_demo": services.settings.is_demo, "now": services.clock()}
