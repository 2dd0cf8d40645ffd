"""Numbers that were taken by phone, for the tests of what their holders are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from bot.services import Services
from clinic.contacts import Address, link_person
from clinic.database import Database
from clinic.facility import Facility
from clinic.identity import IdentityKeeper
from clinic.outbox import OutboxMessage
from clinic.queue import Ticket, take_number
from tests.clinic.hands import a_contact, a_person
from tests.transcripts.unasked import services_on

NOON = datetime.fromisoformat("2026-11-23T12:00+08:00")
TOMORROW = date(2026, 11, 24)


@dataclass
class Phones:
    """A health centre at which numbers for tomorrow are taken at noon."""

    database: Database
    facility: Facility
    now: datetime = NOON

    @property
    def services(self) -> Services:
        return services_on(self.database, self.facility, IdentityKeeper("tests need a key as well"), self.now)

    def at(self, clock: str, *, day: date = TOMORROW) -> datetime:
        self.now = datetime.fromisoformat(f"{day.isoformat()}T{clock}+08:00")
        return self.now

    def take(
        self,
        phone: int | None,
        *,
        name: str = "Siti Contoh",
        poli: str = "gigi",
        session: str = "pagi",
        channel: str = "sms",
        hours_ago: float = 1,
    ) -> Ticket:
        """The phone's next number for one more person; None: at the counter, by somebody without a phone."""
        with self.database.transaction() as db:
            person = a_person(db, self.now, name=name)
            contact_id = None
            if phone is not None:
                contact_id, address_id = a_contact(db, self.now, address=f"+62812000{phone:04}", channel=channel)
                link_person(db, contact_id=contact_id, person_id=person, role="other", proof="claimed", now=self.now)
                wrote = update(Address).where(Address.id == address_id)
                db.execute(wrote.values(last_inbound_at=self.now - timedelta(hours=hours_ago)))
            return take_number(
                db, facility=self.facility, poli=poli, day=TOMORROW, session=session, person_id=person,
                contact_id=contact_id, via=channel if phone is not None else "counter", now=self.now,
            )  # fmt: skip

    def sent(self) -> list[OutboxMessage]:
        """Everything in the outbox, in the order it was written."""
        with self.database.reading() as db:
            return list(db.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def texts(messages: list[OutboxMessage]) -> list[str]:
    return [message.text for message in messages]


def variables(message: OutboxMessage) -> Mapping[str, str]:
    assert message.template is not None
    return dict(message.template["variables"])
