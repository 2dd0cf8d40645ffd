"""Lost statuses: what a provider took and never told us about is asked for, so that a failure is still followed up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.channels import Channel, SendFailed, SendUnknown, StatusUpdate
from bot.undelivered import FollowUp
from clinic.database import Database
from clinic.facility import Facility
from clinic.sent import note_asked, untold

log = logging.getLogger(__name__)

MOST_AT_ONCE = 50


@runtime_checkable
class AsksForStatus(Protocol):
    """A channel whose provider can be asked about one message."""

    def ask_status(self, provider_id: str) -> StatusUpdate | None:
        """What became of it; None when the provider does not know it; raises SendFailed or SendUnknown."""
        ...


@dataclass(frozen=True)
class LostStatuses:
    """Asks a bounded number each time, the longest silent first, and no message more often than once an hour."""

    database: Database
    facility: Facility
    channels: Mapping[str, Channel]
    clock: Callable[[], datetime]

    def ask(self) -> int:
        """How many messages moved."""
        askable = {route: channel for route, channel in self.channels.items() if isinstance(channel, AsksForStatus)}
        with self.database.reading() as db:
            waiting = untold(db, routes=tuple(askable), now=self.clock(), limit=MOST_AT_ONCE)
        moved = 0
        for message in waiting:
            try:
                update = askable[message.route].ask_status(message.provider_id)
            except (SendFailed, SendUnknown) as failure:
                log.info("cannot ask for a status outbox=%s: %s", message.id, failure)
                break  # the provider cannot be asked now: the next look goes on here
            moved += self._take(message.id, update)
        if moved:
            log.info("statuses asked for messages=%s moved=%s", len(waiting), moved)
        return moved

    def _take(self, outbox_id: int, update: StatusUpdate | None) -> bool:
        follow_up = FollowUp(self.facility, has_sms=any(each.channel == "sms" for each in self.channels.values()))
        now = self.clock()
        with self.database.transaction() as db:
            note_asked(db, outbox_id, now=now)
            return update is not None and update.status != "sent" and follow_up.take_status(db, update, now=now)
