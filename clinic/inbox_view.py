"""Inbox view: the list of cases as the staff pages show it, read in few queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from clinic.cases import Case
from clinic.contacts import Address, Contact
from clinic.inbound_table import InboundMessage
from clinic.outbox import OutboxMessage
from clinic.staff import StaffMember

PREVIEW_LETTERS = 160


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
    contact_address: str | None
    """The one the contact last wrote from."""
    opened_at: datetime
    due_at: datetime
    taken_by: int | None
    taken_by_name: str | None
    closed_at: datetime | None
    outcome: str | None
    text: str
    has_new: bool
    """The contact wrote after the last words of staff."""

    @property
    def preview(self) -> str:
        return " ".join(self.text[: 2 * PREVIEW_LETTERS].split())[:PREVIEW_LETTERS]


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
    addresses = _last_addresses(db, contacts)
    return tuple(
        _case_row(
            case,
            contact_name,
            staff_name,
            address=addresses.get(case.contact_id),
            has_new=_is_newer(case, wrote, told),
        )
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


def _last_addresses(db: Session, contacts: set[int]) -> Mapping[int | None, str]:
    query = select(Address.contact_id, Address.address).where(Address.contact_id.in_(contacts))
    oldest_first = query.order_by(Address.last_inbound_at.is_not(None), Address.last_inbound_at, Address.id.desc())
    return {contact_id: address for contact_id, address in db.execute(oldest_first).all()}


def _case_row(
    case: Case, contact_name: str | None, staff_name: str | None, *, address: str | None, has_new: bool
) -> CaseRow:
    return CaseRow(
        id=case.id,
        code=case.code,
        kind=case.kind,
        topic=case.topic,
        state=case.state,
        urgent=case.urgent,
        contact_id=case.contact_id,
        contact_name=contact_name,
        contact_address=address,
        opened_at=case.opened_at,
        due_at=case.due_at,
        taken_by=case.taken_by,
        taken_by_name=staff_name,
        closed_at=case.closed_at,
        outcome=case.outcome,
        text=case.text,
        has_new=has_new,
    )
