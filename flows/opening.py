"""When the health centre opens: now, again, or first after a given day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from clinic.facility import Facility


def is_open_now(facility: Facility, now: datetime) -> bool:
    """Whether the doors are open at this moment."""
    local = now.astimezone(facility.zone)
    hours = facility.hours_on(local.date())
    return hours is not None and hours.opens <= local.time() < hours.closes


def next_opening(facility: Facility, now: datetime) -> datetime | None:
    """The next moment the doors open, later today included; None when no open day is in sight."""
    local = now.astimezone(facility.zone)
    hours = facility.hours_on(local.date())
    if hours is not None and local.time() < hours.opens:
        return datetime.combine(local.date(), hours.opens, tzinfo=facility.zone)
    day = facility.next_open_day(local.date())
    hours = facility.hours_on(day) if day is not None else None
    if day is None or hours is None:
        return None
    return datetime.combine(day, hours.opens, tzinfo=facility.zone)


def open_day_from(facility: Facility, day: date) -> date:
    """That day, or the first open day after it: nobody answers on a closed day."""
    return facility.next_open_day(day - timedelta(days=1)) or day
