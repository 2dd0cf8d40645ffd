"""Waiting in words: an estimate as a range that is honest to say, and how many come first."""

from __future__ import annotations

from datetime import datetime, timedelta

from clinic.facility import Facility
from clinic.queue_estimate import Estimate
from flows.words import say_span, say_time

STEP = timedelta(minutes=5)
NARROWEST = timedelta(minutes=10)
UNTIL_CLOSED = "mungkin sampai tutup"


def say_estimate(estimate: Estimate, *, facility: Facility, now: datetime) -> str:
    """ "kira-kira jam 9.40-10.10"; never narrower than ten minutes, and never past the end of the centre's day."""
    local = now.astimezone(facility.zone)
    earliest = _down(estimate.earliest.astimezone(facility.zone))
    latest = max(_up(estimate.latest.astimezone(facility.zone)), earliest + NARROWEST)
    closes = _closing_time(facility, local)
    if earliest >= closes:
        return UNTIL_CLOSED
    if latest > closes:
        is_soon = earliest <= local
        return UNTIL_CLOSED if is_soon else f"kira-kira {say_time(earliest.time())} sampai tutup"
    if earliest <= local:
        latest = max(latest, _up(local + NARROWEST))
        return f"kira-kira sebelum {say_time(latest.time())}"
    return f"kira-kira {say_span(earliest.time(), latest.time())}"


def _closing_time(facility: Facility, at: datetime) -> datetime:
    """When the centre closes today; on a day without hours, at once."""
    hours = facility.hours_on(at.date())
    return at if hours is None else datetime.combine(at.date(), hours.closes, facility.zone)


def _down(at: datetime) -> datetime:
    past = timedelta(minutes=at.minute, seconds=at.second, microseconds=at.microsecond) % STEP
    return at - past


def _up(at: datetime) -> datetime:
    return -((-(at - datetime.min.replace(tzinfo=at.tzinfo))) // STEP) * STEP + datetime.min.replace(tzinfo=at.tzinfo)
