"""Records: what the product itself has written down, read from its database without asking its own rules."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from clinic.cases import Case
from clinic.contacts import Address, Contact
from clinic.database import Database
from clinic.inbound import InboundMessage
from clinic.outbox import OutboxMessage
from clinic.programmes import Reminder

RANKS = {"sent": 2, "undelivered": 3, "failed": 3, "delivered": 4, "read": 5}
"""How far a message is by the provider's word; written here anew, so that a mistake there shows here."""
LOOK_EVERY_SECONDS = 2.0
LATER = timedelta(seconds=45)


@dataclass(frozen=True)
class InboundRow:
    id: int
    provider_id: str
    state: str
    is_joined: bool
    """Read and answered together with one that came after it."""


@dataclass(frozen=True)
class OutboxRow:
    id: int
    key: str
    number: str
    channel: str
    state: str
    tries: int
    provider_id: str | None
    error_code: str | None
    next_try_at: datetime
    text: str


@dataclass(frozen=True)
class Records:
    """Everything that the comparison wants to know of the database."""

    inbound: tuple[InboundRow, ...]
    outbox: tuple[OutboxRow, ...]
    stopped: frozenset[str]
    """Numbers whose contact has opted out."""
    blocked: frozenset[str]
    told: frozenset[tuple[str, str]]
    """(number, topic) of cases for staff."""


def read_records(database: Database) -> Records:
    with database.reading() as db:
        inbound = db.execute(
            select(InboundMessage.id, InboundMessage.provider_id, InboundMessage.state, InboundMessage.reading)
        )
        outbox = db.execute(
            select(
                OutboxMessage.id,
                OutboxMessage.key,
                Address.address.label("number"),
                OutboxMessage.channel,
                OutboxMessage.state,
                OutboxMessage.tries,
                OutboxMessage.provider_id,
                OutboxMessage.error_code,
                OutboxMessage.next_try_at,
                OutboxMessage.text,
            ).join(Address, Address.id == OutboxMessage.address_id)
        )
        stopped = select(Address.address).join(Contact).where(Contact.opted_out_at.is_not(None))
        blocked = select(Address.address).where(Address.blocked_at.is_not(None))
        told = select(Address.address, Case.topic).join(Case, Case.contact_id == Address.contact_id)
        return Records(
            inbound=tuple(
                InboundRow(row.id, row.provider_id, row.state, "joined_to" in row.reading) for row in inbound
            ),
            outbox=tuple(OutboxRow(**row._mapping) for row in outbox),
            stopped=frozenset(db.scalars(stopped)),
            blocked=frozenset(db.scalars(blocked)),
            told=frozenset((number, topic or "") for number, topic in db.execute(told)),
        )


def reminders_made(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(Reminder)) or 0


def what_moves(database: Database) -> dict[str, int]:
    """What is not settled yet, apart from what waits for a later time by the rules."""
    soon = datetime.now(UTC) + LATER
    with database.reading() as db:
        unanswered = db.scalar(
            select(func.count()).select_from(InboundMessage).where(InboundMessage.state == "received")
        )
        rows = db.execute(
            select(OutboxMessage.state, func.count())
            .where(
                OutboxMessage.state.in_(("sending", "unknown"))
                | ((OutboxMessage.state == "queued") & (OutboxMessage.next_try_at <= soon))
            )
            .group_by(OutboxMessage.state)
        )
        counts = {"unanswered": unanswered or 0} | {state: count for state, count in rows}
    return {name: count for name, count in counts.items() if count}


def waits_for_retry(database: Database) -> int:
    """Messages that met a fault and will be tried again, however late."""
    with database.reading() as db:
        waiting = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state == "queued")
        return db.scalar(waiting.where(OutboxMessage.error_code.is_not(None))) or 0


@dataclass
class StatusWatch:
    """Looks at all messages every other second and notes each that has moved back."""

    database: Database
    backwards: list[tuple[int, str, str]] = field(default_factory=list)
    """(message, from, to)"""
    looks: int = 0

    def __post_init__(self) -> None:
        self._seen: dict[int, str] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="status-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def compare(self, states: Mapping[int, str]) -> None:
        """One look."""
        self.looks += 1
        for message, state in states.items():
            before = self._seen.get(message)
            if before is not None and RANKS.get(state, 0) < RANKS.get(before, 0):
                self.backwards.append((message, before, state))
        self._seen |= states

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_SECONDS):
            with self.database.reading() as db:
                states = {row.id: row.state for row in db.execute(select(OutboxMessage.id, OutboxMessage.state))}
            self.compare(states)
