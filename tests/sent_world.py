"""A health centre's database with one patient and messages on their way, for the tests of sending."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from clinic.cases import Case
from clinic.contacts import find_or_create_contact
from clinic.database import Database
from clinic.facility import Facility
from clinic.outbox import OutboxMessage, mark_sent, queue_message
from clinic.outbox_claim import claim_due

PATIENT = "+6281200000001"


@dataclass
class Clock:
    """Stands still until it is told to go on."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass(frozen=True)
class SentWorld:
    """The database and short ways to put messages into it."""

    database: Database
    facility: Facility
    clock: Clock

    def queue(
        self,
        text: str = "Antrian Gigi: B12.",
        *,
        to: str = PATIENT,
        channel: str = "whatsapp",
        key: str | None = None,
        priority: str = "reply",
        useful_hours: float = 24,
    ) -> int:
        """A message that is due at once."""
        with self.database.transaction() as db:
            contact, address = find_or_create_contact(
                db, channel=channel, address=to, profile_name=None, now=self.clock()
            )
            address.last_inbound_at = address.last_inbound_at or self.clock()
            made = queue_message(
                db,
                key=key or f"inbound:{to}:{text}:{channel}",
                contact_id=contact.id,
                address_id=address.id,
                channel=channel,
                text=text,
                now=self.clock(),
                priority=priority,
                useless_after=self.clock() + timedelta(hours=useful_hours),
            )
        assert made is not None
        return made

    def sending_message(self, **fields: str) -> int:
        """A message whose memo is written and whose answer has not come."""
        message_id = self.queue(**fields)  # type: ignore[arg-type]  # texts only
        with self.database.transaction() as db:
            claim_due(db, worker="w", now=self.clock(), limit=1, lease_seconds=60)
        return message_id

    def sent_message(self, *, provider_id: str, **fields: str) -> int:
        message_id = self.sending_message(**fields)
        self.mark_sent(message_id, provider_id=provider_id)
        return message_id

    def mark_sent(self, message_id: int, *, provider_id: str) -> None:
        with self.database.transaction() as db:
            mark_sent(db, message_id, provider_id=provider_id, now=self.clock())

    def pretend_sent(self, message_id: int, *, provider_id: str) -> None:
        """As if it had become due and had been sent."""
        with self.database.transaction() as db:
            db.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id == message_id)
                .values(state="sent", provider_id=provider_id)
            )

    def row(self, message_id: int) -> OutboxMessage:
        with self.database.reading() as db:
            return db.scalars(select(OutboxMessage).where(OutboxMessage.id == message_id)).one()

    def row_by_key(self, key: str) -> OutboxMessage:
        with self.database.reading() as db:
            return db.scalars(select(OutboxMessage).where(OutboxMessage.key == key)).one()

    def states(self) -> list[str]:
        with self.database.reading() as db:
            return list(db.scalars(select(OutboxMessage.state).order_by(OutboxMessage.id)))

    def cases(self) -> list[Case]:
        with self.database.reading() as db:
            return list(db.scalars(select(Case).order_by(Case.id)))
