"""Gammu states: what gammu-smsd did with our SMS moves their messages forward; what came too late is taken back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.channels import StatusUpdate
from bot.channels.gammu import GammuChannel, provider_id_of
from bot.undelivered import FollowUp
from clinic import gammu
from clinic.database import DATABASE_ERRORS, Database
from clinic.facility import Facility
from clinic.gammu import SmsState
from clinic.gammu_tables import GammuUncertain, GammuUnreachable
from clinic.gammu_waiting import useless_among
from clinic.outbox import message_by_provider_id

log = logging.getLogger(__name__)

OVERLAP = timedelta(seconds=60)
"""A state may be written before our own commit of the id that it speaks of: it is looked at again for so long."""
PLACE_EVERY = timedelta(hours=1)
"""So often it is looked from which row on something may be new."""
TOO_LATE = "sms_late"


@dataclass
class GammuStates:
    """One per worker; several read the same and change nothing twice, as a message only moves forward."""

    database: Database
    facility: Facility
    channel: GammuChannel
    clock: Callable[[], datetime]
    from_id: int = 0
    placed_at: datetime | None = None
    read_until: datetime | None = None
    told: dict[str, SmsState] = field(default_factory=dict)
    is_away: bool = False

    def take_states(self) -> int:
        """What is new since the last look; the count of messages of ours that know their state. Never raises."""
        try:
            self._take_back_useless()
            left_over = gammu.forget_sent(self.channel.store)
            told = self._take_states()
        except (GammuUnreachable, GammuUncertain, *DATABASE_ERRORS) as error:
            if not self.is_away:
                log.warning("gammu states wait: %s", type(error).__name__)
            self.is_away = True
            return 0
        self.is_away = False
        if left_over:
            log.warning("gammu kept what it had sent count=%s", left_over)
        return told

    def _take_states(self) -> int:
        self._find_place()
        since = None if self.read_until is None else self.read_until - OVERLAP
        states, at = gammu.states_since(self.channel.store, since, from_id=self.from_id)
        self.told = {state.creator: state for state in states if self._is_told(state)}
        self.read_until = at
        return len(self.told)

    def _find_place(self) -> None:
        now = self.clock()
        if self.placed_at is None or now - self.placed_at >= PLACE_EVERY:
            self.from_id, self.placed_at = gammu.first_id_since(self.channel.store), now

    def _is_told(self, state: SmsState) -> bool:
        """True when our message knows of this state; False when it is none of ours, or not yet."""
        return self.told.get(state.creator) == state or self._apply(self.channel.status_of(state))

    def _apply(self, update: StatusUpdate) -> bool:
        with self.database.reading() as db:
            if message_by_provider_id(db, update.provider_id) is None:
                return False
        with self.database.transaction() as db:
            return FollowUp(self.facility, has_sms=True).take_status(db, update, now=self.clock())

    def _take_back_useless(self) -> None:
        """gammu knows times of the day and no dates: what waited too long is taken out of its outbox again."""
        waiting = {provider_id_of(creator): creator for creator in gammu.waiting_creators(self.channel.store)}
        if not waiting:
            return
        with self.database.reading() as db:
            late = useless_among(db, waiting, now=self.clock())
        taken_back = [each for each in late if gammu.take_back(self.channel.store, waiting[each])]
        for provider_id in taken_back:
            self._apply(StatusUpdate(provider_id, "failed", TOO_LATE))
        if taken_back:
            log.warning("taken back from the modem, too late: messages=%s", len(taken_back))
