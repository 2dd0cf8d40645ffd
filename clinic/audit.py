"""Audit: who did what, when, in words that name no patient."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from clinic.database import Base


class AuditEntry(Base):
    """One act of a staff member, the bot or the command line."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(80))
    """staff:<id>, bot or cli."""
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    """case:12, queue_entry:5, contact:9: ids only."""
    detail: Mapped[str] = mapped_column(String(400), default="")


def record(db: Session, *, actor: str, action: str, subject: str, now: datetime, detail: str = "") -> None:
    """Write one line of the audit, in the transaction of the act itself."""
    db.add(AuditEntry(at=now, actor=actor, action=action, subject=subject, detail=detail[:400]))
    db.flush()
