"""Quiet hours: when a message that nobody asked for may go out, in the health centre's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinic.facility import Facility

FRIDAY = 4
FRIDAY_PRAYER = (time(11, 30), time(13, 0))


@dataclass(frozen=True)
class SendingHours:
    """From when until when we may send on a day; on Fridays not during prayer."""

    zone: ZoneInfo
    opens: time
    closes: time

    def at(self, day: date, clock: time) -> datetime:
        """That time of that day at the health centre."""
        return datetime.combine(day, clock, tzinfo=self.zone)

    def end_of(self, day: date) -> datetime:
        """When sending ends on that day."""
        return self.at(day, self.closes)

    def allow(self, moment: datetime) -> bool:
        """Whether a message may go out then."""
        return self.next_allowed(moment) == moment

    def next_allowed(self, moment: datetime) -> datetime:
        """This moment, or the first one after it at which a message may go out."""
        local = moment.astimezone(self.zone)
        clock = local.timetz().replace(tzinfo=None)
        if clock < self.opens:
            return self.next_allowed(self.at(local.date(), self.opens))
        if clock >= self.closes:
            return self.next_allowed(self.at(local.date() + timedelta(days=1), self.opens))
        if local.weekday() == FRIDAY and FRIDAY_PRAYER[0] <= clock < FRIDAY_PRAYER[1]:
            return self.next_allowed(self.at(local.date(), FRIDAY_PRAYER[1]))
        return local


def sending_hours(facility: Facility) -> SendingHours:
    """The hours that this health centre's file sets."""
    limits = facility.limits
    return SendingHours(zone=facility.zone, opens=limits.quiet_from, closes=limits.quiet_until)
