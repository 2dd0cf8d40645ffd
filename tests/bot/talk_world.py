"""Conversations on a real database: messages come in, workers answer, and what was said and done is looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Self, cast

from sqlalchemy import select

from bot.answering import MOST_TRIES, PAUSE_SECONDS, Answering
from bot.channels import Inbound
from bot.receiving import keep
from bot.turn import Talk
from clinic.cases import Case
from clinic.conversations import load_state
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.inbound_table import InboundMessage
from clinic.outbox import OutboxMessage
from flows.catalogue import FLOWS, REPLIES
from nlu.client import ModelReading
from nlu.understand import Understander
from nlu.understanding import Understanding

PHONE = "+6281200000031"


@dataclass
class Clock:
    """Stands still until it is told to go on."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class NotedParser:
    """Understands nothing, and keeps what it was asked to read."""

    texts: list[str] = field(default_factory=list)

    def parse(self, text: str) -> ModelReading | None:
        self.texts.append(text)
        return None


class StandInUnderstander:
    """What every stand-in for the understander shares: it hears no danger, and is the same for every message."""

    def for_one_message(self) -> Self:
        return self

    def danger_in(self, text: str, *, today: date) -> Understanding | None:
        return None


@dataclass
class BrokenUnderstander(StandInUnderstander):
    """Raises the first so many times, then understands as always."""

    failures: int

    def understand(self, text: str, *, today: date) -> Understanding:
        if self.failures > 0:
            self.failures -= 1
            raise RuntimeError("broken on purpose")
        return Understander().understand(text, today=today)


class TalkWorld:
    """One health centre and the phones that write to it."""

    def __init__(self, database: Database, facility: Facility, keeper: IdentityKeeper, now: datetime) -> None:
        self.clock = Clock(now)
        self.parser = NotedParser()
        self.talk = Talk(
            database=database,
            facility=facility,
            keeper=keeper,
            understander=Understander(parser=self.parser),
            flows=FLOWS,
            replies=REPLIES,
            clock=self.clock,
        )
        self.count = 0

    @property
    def database(self) -> Database:
        return self.talk.database

    def hears(
        self,
        text: str,
        *,
        phone: str = PHONE,
        channel: str = "sms",
        media: Iterable[Mapping[str, Any]] = (),
        profile_name: str | None = None,
        extra: Mapping[str, Any] | None = None,
        pauses: bool = False,
    ) -> int:
        """A message comes in; nobody answers it yet. With `pauses` words wait for more, as they do in earnest."""
        self.count += 1
        said = Inbound(
            f"SM{self.count:032d}", channel, phone, text, tuple(dict(part) for part in media), profile_name, extra or {}
        )
        limits = self.talk.facility.limits
        limits = limits if pauses else limits.model_copy(update={"burst_seconds": 0})
        with self.database.transaction() as db:
            return keep(db, said, limits=limits, now=self.clock()).inbound_id

    def says(self, text: str, **message: Any) -> str | None:
        """The answer to one message, None for silence; a failed turn gets its later tries."""
        self.clock.forward(seconds=5)
        inbound_id = self.hears(text, **message)
        for tries in range(1, MOST_TRIES + 1):
            Answering(self.talk, worker="w").answer_all("w")
            if inbound_id in self.answers():
                break
            self.clock.forward(seconds=PAUSE_SECONDS * tries)
        return self.answers().get(inbound_id)

    def understands_with(self, understander: object) -> None:
        self.talk = replace(self.talk, understander=cast(Understander, understander))

    def with_facility(self, **limits: int) -> None:
        facility = self.talk.facility
        changed = facility.model_copy(update={"limits": facility.limits.model_copy(update=limits)})
        self.talk = replace(self.talk, facility=changed)

    def answers(self) -> dict[int, str]:
        """Message id -> what was said to it."""
        with self.database.reading() as db:
            rows = db.execute(select(OutboxMessage.key, OutboxMessage.text))
            return {int(key.split(":")[1]): text for key, text in rows}

    def joined(self) -> set[int]:
        """Messages that were answered together with a later one."""
        return {message.id for message in self.inbound() if "joined_to" in message.reading}

    def outbox(self) -> list[OutboxMessage]:
        with self.database.reading() as db:
            return list(db.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))

    def inbound(self) -> list[InboundMessage]:
        with self.database.reading() as db:
            return list(db.scalars(select(InboundMessage).order_by(InboundMessage.id)))

    def cases(self) -> list[Case]:
        with self.database.reading() as db:
            return list(db.scalars(select(Case).order_by(Case.id)))

    def state(self) -> dict[str, Any]:
        """What is kept of the first contact's conversation."""
        with self.database.reading() as db:
            return load_state(db, 1)
