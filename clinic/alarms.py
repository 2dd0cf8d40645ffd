"""Alarms: what the duty phone was told about messages that did not go out, kept as messages of the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.contacts import Address, find_or_create_contact, mark_greeted
from clinic.database import wait_for_turn
from clinic.outbox import NOT_DELIVERED, PRIORITIES, OutboxMessage, mark_dropped, queue_message

ALARM_LOCK = 0x5A9A_A1A2
"""Any number that nothing else locks."""
REMEMBERED = timedelta(days=7)
OVER = "over"
"""Why an alarm that did not leave before everything worked again is dropped."""
WELL = "well"
UNSENT = ("queued", "sending", "unknown")
LEFT = ("sent", "delivered", "read")


@dataclass(frozen=True)
class AlarmView:
    """One message to the duty phone."""

    id: int
    incident: str
    name: str
    """001, 002 ... or well."""
    channel: str
    state: str
    error_code: str | None
    created_at: datetime

    @property
    def has_left(self) -> bool:
        """The provider took it and has not said that it did not arrive."""
        return self.state in LEFT

    @property
    def has_failed(self) -> bool:
        return self.state in NOT_DELIVERED or self.state == "dropped"

    @property
    def ends_it(self) -> bool:
        """With this one its incident is over."""
        return self.name == WELL or self.error_code == OVER


def hold_alarms(db: Session) -> None:
    """Until the caller commits nobody else raises an alarm: two workers tell the same thing once."""
    wait_for_turn(db, ALARM_LOCK)


def open_incident(db: Session, phone: str, *, now: datetime) -> tuple[AlarmView, ...]:
    """The alarms of the incident that is not over yet, newest first; none when there is no such incident."""
    contacts = select(Address.contact_id).where(Address.address == phone, Address.channel.in_(("sms", "whatsapp")))
    rows = db.scalars(
        select(OutboxMessage)
        .where(
            OutboxMessage.contact_id.in_(contacts.scalar_subquery()),
            OutboxMessage.created_at >= now - REMEMBERED,
            OutboxMessage.priority == PRIORITIES["alarm"],
        )
        .order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc())
        .execution_options(populate_existing=True)
    )
    alarms = [_view(row) for row in rows]
    if not alarms or alarms[0].ends_it:
        return ()
    return tuple(alarm for alarm in alarms if alarm.incident == alarms[0].incident)


def queue_alarm(
    db: Session,
    *,
    phone: str,
    channel: str,
    incident: str,
    name: str,
    text: str,
    template: Mapping[str, Any] | None,
    useful_for: timedelta,
    now: datetime,
) -> int | None:
    """Write the message; its contact is nobody who has to be told who we are. None when it was written before."""
    contact, address = find_or_create_contact(db, channel=channel, address=phone, profile_name=None, now=now)
    if contact.created_at == now:
        mark_greeted(db, contact.id, now=now)
    return queue_message(
        db,
        key=f"alarm:{incident}:{name}",
        contact_id=contact.id,
        address_id=address.id,
        channel=channel,
        text=text,
        now=now,
        priority="alarm",
        useless_after=now + useful_for,
        template=template if channel == "whatsapp" else None,
    )


def last_inbound_from(db: Session, phone: str, *, channel: str) -> datetime | None:
    """When that phone last wrote to us on this channel."""
    return db.scalar(select(Address.last_inbound_at).where(Address.channel == channel, Address.address == phone))


def drop_unsent(db: Session, alarms: tuple[AlarmView, ...], *, now: datetime) -> None:
    """What has not left need not be said any more."""
    for alarm in alarms:
        if alarm.state == "queued":
            mark_dropped(db, alarm.id, now=now, reason=OVER)


def _view(row: OutboxMessage) -> AlarmView:
    _, incident, name = (*row.key.split(":"), "", "")[:3]
    return AlarmView(row.id, incident, name, row.channel, row.state, row.error_code, row.created_at)
