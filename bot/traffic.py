"""Traffic: which route a message takes now, by pace, breaker, what last worked at its address, and preference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.channels import Capabilities, Channel
from clinic.database import Session
from clinic.facility import Facility
from clinic.outbox import OutboxView
from clinic.routes import RouteView, lock_routes, room_at, take_room

UNPACED = 1000.0
"""Messages a second on the console, which has no operator to spare."""


class _Ranked(Protocol):
    @property
    def capabilities(self) -> Capabilities: ...


def preferred(facility: Facility, channels: Mapping[str, _Ranked]) -> tuple[str, ...]:
    """Routes in the order in which the health centre wants them; what it does not name comes after, by rank."""
    named = [route for route in facility.routes.order if route in channels]
    others = sorted(set(channels) - set(named), key=lambda route: (channels[route].capabilities.rank, route))
    return (*named, *others)


def pace_of(facility: Facility, route: str) -> float:
    """Messages a second by this route."""
    return float(facility.routes.per_second.model_dump().get(route, UNPACED))


@dataclass
class Traffic:
    """The routes at one moment, locked until the caller commits: what may leave, and what was let through."""

    facility: Facility
    order: tuple[str, ...]
    leads_to: Mapping[str, str]
    """Route -> channel."""
    views: Mapping[str, RouteView]
    room: dict[str, int]
    now: datetime
    taken: dict[str, int] = field(default_factory=dict)

    @classmethod
    def look(
        cls, db: Session, facility: Facility, channels: Mapping[str, Channel], *, now: datetime, most: int
    ) -> Traffic:
        """How the routes are now; `most` is how many messages the caller could carry in all."""
        views = lock_routes(db, channels)
        room = {
            route: room_at(view, now=now, per_second=pace_of(facility, route), most=most)
            for route, view in views.items()
        }
        leads_to = {route: channel.channel for route, channel in channels.items()}
        return cls(facility, preferred(facility, channels), leads_to, views, room, now)

    def open_channels(self) -> tuple[str, ...]:
        """Channels to which some route has room, and those without any route, whose messages have to be told of."""
        served = set(self.leads_to.values())
        missing = {"whatsapp", "sms", "console"} - served
        return tuple(sorted({self.leads_to[route] for route, room in self.room.items() if room > 0} | missing))

    def room_in_all(self) -> int:
        """How many messages may leave now, over all routes; at least one, for messages that no route can carry."""
        return max(1, sum(self.room.values()))

    def choose(self, message: OutboxView, last: str | None) -> str | None:
        """The route for this message, which is counted as taken; None: every route to it is busy or rests."""
        ways = [route for route in self.order if self.leads_to[route] == message.channel]
        if not ways:
            return message.channel
        free = [route for route in ways if self.room[route] > 0]
        if not free:
            return None
        chosen = min(free, key=lambda route: (not self.views[route].is_well(self.now), route != last))
        self.room[chosen] -= 1
        self.taken[chosen] = self.taken.get(chosen, 0) + 1
        return chosen

    def note_taken(self, db: Session) -> None:
        """Write down what was let through, for the pace of everybody."""
        for route, count in self.taken.items():
            pace = pace_of(self.facility, route)
            take_room(db, self.views[route], count=count, now=self.now, per_second=pace)
