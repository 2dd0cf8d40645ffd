"""Audit view: what staff did lately, for whoever runs the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.audit import AuditEntry
from clinic.staff import StaffMember

STAFF = "staff:"


@dataclass(frozen=True)
class AuditRow:
    """One act, with the name of who did it."""

    id: int
    at: datetime
    actor: str
    """A name, or bot, cli, unknown."""
    action: str
    subject: str


def latest_acts(db: Session, *, limit: int, before_id: int | None = None) -> tuple[AuditRow, ...]:
    """The last acts, newest first."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    names = {f"{STAFF}{staff_id}": name for staff_id, name in db.execute(select(StaffMember.id, StaffMember.name))}
    return tuple(
        AuditRow(row.id, row.at, names.get(row.actor, row.actor), row.action, row.subject) for row in db.scalars(query)
    )
