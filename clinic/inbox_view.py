"""Inbox view: what the staff pages show, read in few queries and changing nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from clinic.cases import Case
from clinic.contacts import Address, Contact, PersonLink
from clinic.conversations import Conversation
from clinic.inbound import InboundMessage
from clinic.outbox import OutboxMessage
from clinic.people import Person
from clinic.staff import StaffMember

FREE_TEXT_HOURS = 24
"""WhatsApp takes free text only so long after the last inbound message."""
PREVIEW_LETTERS = 160
Direction = Literal["in", "out"]


@dataclass(frozen=True)
class CaseRow:
    """One case with the names that a list shows."""

    id: int
    code: str
    kind: str
    topic: str | None
    state: str
    urgent: bool
    contact_id: int | None
    contact_name: str | None
    opened_at: datetime
    due_at: datetime
    taken_by: int | None
    taken_by_name: str | None
    closed_at: datetime | None
    outcome: str | None
    text: str
    has_new: bool = False
    """The contact wrote after the last words of staff."""

    @property
    def preview(self) -> str:
        return " ".join(self.text[: 2 * PREVIEW_LETTERS].split())[:PREVIEW_LETTERS]


@dataclass(frozen=True)
class Line:
    """One message of a conversation, in either direction."""

    direction: Direction
    id: int
    at: datetime
    channel: str
    text: str
    media: tuple[Mapping[str, Any], ...]
    extra: Mapping[str, Any]
    state: str
    error_code: str | None
    staff_name: str | None
    is_template: bool


@dataclass(frozen=True)
class AddressView:
    """One way to reach the contact."""

    id: int
    channel: str
    address: str
    last_inbound_at: datetime | None
    is_blocked: bool

    def takes_free_text(self, now: datetime) -> bool:
        """False on WhatsApp once 24 hours have passed since the contact last wrote from there."""
        if self.channel != "whatsapp":
            return True
        last = self.last_inbound_at
        return last is not None and now - last < timedelta(hours=FREE_TEXT_HOURS)


@dataclass(frozen=True)
class PersonTie:
    """Somebody this contact may speak for."""

    person_id: int
    name: str
    role: str
    proof: str


@dataclass(frozen=True)
class ContactCard:
    """Who writes: name, addresses (the last used first), people, and who holds the conversation."""

    id: int
    name: str | None
    addresses: tuple[AddressView, ...]
    people: tuple[PersonTie, ...]
    opted_out_at: datetime | None
    handled_by: str
    handled_until: datetime | None


def case_rows(db: Session, *, state: str, code: str, limit: int, offset: int) -> tuple[CaseRow, ...]:
    """Cases in a state ("all" for any), urgent first, then due; closed ones by when they were closed."""
    query = _case_query()
    if state != "all":
        query = query.where(Case.state == state)
    if code:
        query = query.where(Case.code.startswith(code.upper(), autoescape=True))
    if state == "closed":
        query = query.order_by(Case.closed_at.desc(), Case.id.desc())
    else:
        query = query.order_by(Case.state == "closed", Case.urgent.desc(), Case.due_at, Case.id)
    return _with_news(db, db.execute(query.limit(limit).offset(offset)).all())


def case_row(db: Session, code: str) -> CaseRow | None:
    """The case with this code."""
    rows = _with_news(db, db.execute(_case_query().where(Case.code == code.upper())).all())
    return rows[0] if rows else None


def count_cases(db: Session) -> Mapping[str, int]:
    """How many cases wait and how many are in somebody's hands."""
    query = select(Case.state, func.count()).where(Case.state.in_(("open", "taken"))).group_by(Case.state)
    counts = {state: count for state, count in db.execute(query).all()}
    return {"open": counts.get("open", 0), "taken": counts.get("taken", 0)}


def conversation(db: Session, contact_id: int, *, limit: int, before: datetime | None = None) -> tuple[Line, ...]:
    """The last messages of a contact in both directions, oldest first."""
    inbound = select(InboundMessage).where(InboundMessage.contact_id == contact_id)
    outbox = (
        select(OutboxMessage, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == OutboxMessage.staff_id)
        .where(OutboxMessage.contact_id == contact_id)
    )
    if before is not None:
        inbound = inbound.where(InboundMessage.received_at < before)
        outbox = outbox.where(OutboxMessage.created_at < before)
    came = db.scalars(inbound.order_by(InboundMessage.id.desc()).limit(limit)).all()
    went = db.execute(outbox.order_by(OutboxMessage.id.desc()).limit(limit)).all()
    lines = [_line_in(message) for message in came] + [_line_out(message, name) for message, name in went]
    return tuple(sorted(lines, key=lambda line: (line.at, line.direction, line.id))[-limit:])


def contact_card(db: Session, contact_id: int) -> ContactCard | None:
    """All that a case page says about a contact."""
    contact = db.get(Contact, contact_id)
    if contact is None:
        return None
    held = db.get(Conversation, contact_id)
    people = _people(db, contact_id)
    own_name = next((tie.name for tie in people if tie.role == "self"), None)
    return ContactCard(
        id=contact.id,
        name=own_name or contact.profile_name,
        addresses=_addresses(db, contact_id),
        people=people,
        opted_out_at=contact.opted_out_at,
        handled_by=held.handled_by if held else "bot",
        handled_until=held.handled_until if held else None,
    )


def _case_query() -> Select[Case, Any, Any]:
    return (
        select(Case, Contact.profile_name, StaffMember.name)
        .outerjoin(Contact, Contact.id == Case.contact_id)
        .outerjoin(StaffMember, StaffMember.id == Case.taken_by)
    )


def _with_news(db: Session, rows: Iterable[Any]) -> tuple[CaseRow, ...]:
    found = [(case, contact_name, staff_name) for case, contact_name, staff_name in rows]
    contacts = {case.contact_id for case, _, _ in found if case.contact_id is not None}
    wrote = _latest(db, InboundMessage.contact_id, InboundMessage.received_at, contacts)
    told = _latest(db, OutboxMessage.contact_id, OutboxMessage.created_at, contacts, by_staff=True)
    return tuple(
        _case_row(case, contact_name, staff_name, has_new=_is_newer(case, wrote, told))
        for case, contact_name, staff_name in found
    )


def _latest(
    db: Session, contact: Any, moment: Any, contacts: set[int], *, by_staff: bool = False
) -> dict[int, datetime]:
    query = select(contact, func.max(moment)).where(contact.in_(contacts)).group_by(contact)
    if by_staff:
        query = query.where(OutboxMessage.staff_id.is_not(None))
    return {contact_id: at for contact_id, at in db.execute(query).all()}


def _is_newer(case: Case, wrote: Mapping[int, datetime], told: Mapping[int, datetime]) -> bool:
    if case.state != "taken" or case.contact_id is None or case.taken_at is None:
        return False
    if case.contact_id not in wrote:
        return False
    return wrote[case.contact_id] > max(told.get(case.contact_id, case.taken_at), case.taken_at)


def _case_row(case: Case, contact_name: str | None, staff_name: str | None, *, has_new: bool) -> CaseRow:
    return CaseRow(
        id=case.id,
        code=case.code,
        kind=case.kind,
        topic=case.topic,
        state=case.state,
        urgent=case.urgent,
        contact_id=case.contact_id,
        contact_name=contact_name,
        opened_at=case.opened_at,
        due_at=case.due_at,
        taken_by=case.taken_by,
        taken_by_name=staff_name,
        closed_at=case.closed_at,
        outcome=case.outcome,
        text=case.text,
        has_new=has_new,
    )


def _line_in(message: InboundMessage) -> Line:
    return Line(
        direction="in",
        id=message.id,
        at=message.received_at,
        channel=message.channel,
        text=message.text,
        media=tuple(message.media),
        extra=message.extra,
        state=message.state,
        error_code=None,
        staff_name=None,
        is_template=False,
    )


def _line_out(message: OutboxMessage, staff_name: str | None) -> Line:
    return Line(
        direction="out",
        id=message.id,
        at=message.created_at,
        channel=message.channel,
        text=message.text,
        media=(),
        extra={},
        state=message.state,
        error_code=message.error_code,
        staff_name=staff_name,
        is_template=message.template is not None,
    )


def _addresses(db: Session, contact_id: int) -> tuple[AddressView, ...]:
    rows = db.scalars(select(Address).where(Address.contact_id == contact_id)).all()
    views = [
        AddressView(row.id, row.channel, row.address, row.last_inbound_at, row.blocked_at is not None) for row in rows
    ]
    return tuple(sorted(views, key=lambda view: (view.last_inbound_at is None, _age(view), view.id)))


def _age(view: AddressView) -> float:
    return -view.last_inbound_at.timestamp() if view.last_inbound_at else 0.0


def _people(db: Session, contact_id: int) -> tuple[PersonTie, ...]:
    query = (
        select(PersonLink, Person.name)
        .join(Person, Person.id == PersonLink.person_id)
        .where(PersonLink.contact_id == contact_id, PersonLink.unlinked_at.is_(None))
        .order_by(PersonLink.linked_at)
    )
    return tuple(PersonTie(link.person_id, name, link.role, link.proof) for link, name in db.execute(query).all())
